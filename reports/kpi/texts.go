package kpi

import "github.com/crmplus/crmplus/crm/locale"

var texts = locale.Texts{
	"value.points":        locale.Row("%s százalékpont", "%s points", "%s נקודות אחוז", "%s п. п.", "%s μονάδες"),
	"value.days":          locale.Row("%d nap", "%d days", "%d ימים", "%d дн.", "%d ημέρες"),
	"value.day.hours":     locale.Row("1 nap %d óra", "1 d %d h", "יום אחד %d שע׳", "1 дн. %d ч", "1 ημ. %d ώρ."),
	"value.days.hours":    locale.Row("%d nap %d óra", "%d d %d h", "%d ימים %d שע׳", "%d дн. %d ч", "%d ημ. %d ώρ."),
	"value.hours.minutes": locale.Row("%d óra %d perc", "%d h %d min", "%d שע׳ %d דק׳", "%d ч %d мин", "%d ώρ. %d λ."),
	"value.minutes":       locale.Row("%d perc", "%d min", "%d דק׳", "%d мин", "%d λ."),
	"value.days.one":      locale.Row("1 nap", "1 day", "יום אחד", "1 дн.", "1 ημέρα"),
	"unit.thousand":       locale.Row("%s e", "%sk", "%s א׳", "%s тыс.", "%s χιλ."),
	"unit.million":        locale.Row("%s M", "%sM", "%s מ׳", "%s млн", "%s εκ."),
	"unit.billion":        locale.Row("%s Mrd", "%sB", "%s מיליארד", "%s млрд", "%s δισ."),

	"dimension.":              locale.Row("Összesen", "In all", "סך הכול", "Всего", "Σύνολο"),
	"dimension.seller":        locale.Row("Értékesítő", "Seller", "איש מכירות", "Продавец", "Πωλητής"),
	"dimension.team":          locale.Row("Csapat", "Team", "צוות", "Команда", "Ομάδα"),
	"dimension.source":        locale.Row("Forrás", "Source", "מקור", "Источник", "Πηγή"),
	"dimension.pipeline":      locale.Row("Folyamat", "Pipeline", "תהליך", "Воронка", "Διαδικασία"),
	"dimension.product_group": locale.Row("Termékcsoport", "Product group", "קבוצת מוצרים", "Группа товаров", "Ομάδα προϊόντων"),
	"dimension.region":        locale.Row("Régió", "Region", "אזור", "Регион", "Περιφέρεια"),
	"dimension.month":         locale.Row("Hónap", "Month", "חודש", "Месяц", "Μήνας"),
	"dimension.stage":         locale.Row("Szakasz", "Stage", "שלב", "Этап", "Στάδιο"),
	"dimension.lost_reason":   locale.Row("Elvesztés oka", "Lost reason", "סיבת ההפסד", "Причина проигрыша", "Λόγος απώλειας"),
	"dimension.competitor":    locale.Row("Versenytárs", "Competitor", "מתחרה", "Конкурент", "Ανταγωνιστής"),
	"dimension.regulation":    locale.Row("Szabályozó", "Regulation", "תקנה", "Регламент", "Κανονισμός"),
	"dimension.custom":        locale.Row("Saját mező", "Own field", "שדה מותאם", "Своё поле", "Δικό σας πεδίο"),
	"dimension.campaign":      locale.Row("Kampány", "Campaign", "קמפיין", "Кампания", "Καμπάνια"),

	"kpi.revenue":         locale.Row("Megnyert érték", "Revenue won", "הכנסה שנסגרה", "Выигранная выручка", "Κερδισμένα έσοδα"),
	"kpi.revenue.formula": locale.Row("A megnyert lehetőségek nettó értékének összege, a lezárás napjának árfolyamán; értékesítőnként a csapat részesedése szerint", "Sum of the net value of opportunities won, at the rate of the closing day; by seller, by the team's split", "סכום הערך נטו של ההזדמנויות שנסגרו בזכייה, לפי שער יום הסגירה; לפי איש מכירות, לפי חלוקת הצוות", "Сумма чистой стоимости выигранных сделок по курсу дня закрытия; по продавцам — по долям команды", "Άθροισμα της καθαρής αξίας των κερδισμένων ευκαιριών, με την ισοτιμία της ημέρας κλεισίματος· ανά πωλητή, κατά τα μερίδια της ομάδας"),
	"kpi.revenue.meaning": locale.Row("Mennyi üzletet hoztunk, és hogyan alakul", "How much business was brought in, and how it develops", "כמה עסקים נסגרו וכיצד הם מתפתחים", "Сколько заработали и как это меняется", "Πόσες πωλήσεις έγιναν και πώς εξελίσσονται"),

	"kpi.deals_won":         locale.Row("Megnyert lehetőségek", "Opportunities won", "הזדמנויות שזכו", "Выигранные сделки", "Κερδισμένες ευκαιρίες"),
	"kpi.deals_won.formula": locale.Row("Az időszakban megnyertként lezárt lehetőségek száma", "Number of opportunities closed as won in the period", "מספר ההזדמנויות שנסגרו בזכייה בתקופה", "Число сделок, закрытых как выигранные за период", "Πλήθος ευκαιριών που έκλεισαν ως κερδισμένες στην περίοδο"),
	"kpi.deals_won.meaning": locale.Row("Hány üzlet sikerült", "How many sales succeeded", "כמה מכירות הצליחו", "Сколько продаж удалось", "Πόσες πωλήσεις πέτυχαν"),

	"kpi.deals_lost":         locale.Row("Elvesztett lehetőségek", "Opportunities lost", "הזדמנויות שהפסידו", "Проигранные сделки", "Χαμένες ευκαιρίες"),
	"kpi.deals_lost.formula": locale.Row("Az időszakban elvesztettként lezárt lehetőségek száma", "Number of opportunities closed as lost in the period", "מספר ההזדמנויות שנסגרו בהפסד בתקופה", "Число сделок, закрытых как проигранные за период", "Πλήθος ευκαιριών που έκλεισαν ως χαμένες στην περίοδο"),
	"kpi.deals_lost.meaning": locale.Row("Hány üzlet nem sikerült", "How many sales failed", "כמה מכירות נכשלו", "Сколько продаж не удалось", "Πόσες πωλήσεις απέτυχαν"),

	"kpi.deals_created":         locale.Row("Új lehetőségek", "New opportunities", "הזדמנויות חדשות", "Новые сделки", "Νέες ευκαιρίες"),
	"kpi.deals_created.formula": locale.Row("Az időszakban létrehozott lehetőségek száma", "Number of opportunities created in the period", "מספר ההזדמנויות שנוצרו בתקופה", "Число сделок, созданных за период", "Πλήθος ευκαιριών που δημιουργήθηκαν στην περίοδο"),
	"kpi.deals_created.meaning": locale.Row("Lesz-e mit eladni a következő hónapokban", "Whether there is something to sell in the coming months", "האם יהיה מה למכור בחודשים הבאים", "Будет ли что продавать в ближайшие месяцы", "Αν θα υπάρχει τι να πουληθεί τους επόμενους μήνες"),

	"kpi.win_rate":         locale.Row("Nyerési arány (darab)", "Win rate (count)", "שיעור זכייה (כמות)", "Доля побед (число)", "Ποσοστό επιτυχίας (πλήθος)"),
	"kpi.win_rate.formula": locale.Row("Megnyert ÷ (megnyert + elvesztett) lehetőségek száma", "Won ÷ (won + lost), by number of opportunities", "זכו ÷ (זכו + הפסידו), לפי מספר הזדמנויות", "Выиграно ÷ (выиграно + проиграно), по числу сделок", "Κερδισμένες ÷ (κερδισμένες + χαμένες), κατά πλήθος"),
	"kpi.win_rate.meaning": locale.Row("Minden lezárt lehetőségből hány sikerül", "How many of all closed opportunities succeed", "כמה מכלל ההזדמנויות שנסגרו מצליחות", "Сколько из закрытых сделок удаётся", "Πόσες από όσες κλείνουν πετυχαίνουν"),

	"kpi.win_rate_value":         locale.Row("Nyerési arány (érték)", "Win rate (value)", "שיעור זכייה (ערך)", "Доля побед (сумма)", "Ποσοστό επιτυχίας (αξία)"),
	"kpi.win_rate_value.formula": locale.Row("Megnyert ÷ (megnyert + elvesztett) lehetőségek értéke", "Won ÷ (won + lost), by value of opportunities", "זכו ÷ (זכו + הפסידו), לפי ערך ההזדמנויות", "Выиграно ÷ (выиграно + проиграно), по сумме сделок", "Κερδισμένες ÷ (κερδισμένες + χαμένες), κατά αξία"),
	"kpi.win_rate_value.meaning": locale.Row("A nagy üzletek sikerülnek-e úgy, mint a kicsik", "Whether large sales succeed as the small ones do", "האם עסקאות גדולות מצליחות כמו הקטנות", "Удаются ли крупные сделки так же, как мелкие", "Αν οι μεγάλες πωλήσεις πετυχαίνουν όπως οι μικρές"),

	"kpi.customer_retention":         locale.Row("Ügyfélmegtartás (lehetőségek)", "Customer retention (opportunities)", "שימור לקוחות (הזדמנויות)", "Удержание клиентов (сделки)", "Διατήρηση πελατών (ευκαιρίες)"),
	"kpi.customer_retention.formula": locale.Row("Az előző időszakban vásárolt és most is vásárló ügyfelek ÷ az előző időszakban vásárolt ügyfelek; vásárlás: megnyert lehetőség", "Customers who bought in the period before and again in this one ÷ customers who bought in the period before; to buy is to have an opportunity won", "לקוחות שקנו בתקופה הקודמת ושוב בתקופה זו ÷ לקוחות שקנו בתקופה הקודמת; קנייה היא הזדמנות שזכתה", "Клиенты, купившие в прошлом периоде и снова в этом ÷ клиенты, купившие в прошлом периоде; покупка — выигранная сделка", "Πελάτες που αγόρασαν στην προηγούμενη περίοδο και ξανά σε αυτή ÷ πελάτες που αγόρασαν στην προηγούμενη· αγορά είναι μια κερδισμένη ευκαιρία"),
	"kpi.customer_retention.meaning": locale.Row("Hányan jönnek vissza azok közül, akik vettek tőlünk", "How many of those who bought come back", "כמה מאלה שקנו חוזרים", "Сколько из купивших возвращаются", "Πόσοι από όσους αγόρασαν επιστρέφουν"),

	"kpi.customer_churn":         locale.Row("Ügyfél-lemorzsolódás (lehetőségek)", "Customer churn (opportunities)", "נטישת לקוחות (הזדמנויות)", "Отток клиентов (сделки)", "Απώλεια πελατών (ευκαιρίες)"),
	"kpi.customer_churn.formula": locale.Row("Az előző időszakban vásárolt, most nem vásárló ügyfelek ÷ az előző időszakban vásárolt ügyfelek; vásárlás: megnyert lehetőség", "Customers who bought in the period before and not in this one ÷ customers who bought in the period before; to buy is to have an opportunity won", "לקוחות שקנו בתקופה הקודמת ולא בתקופה זו ÷ לקוחות שקנו בתקופה הקודמת; קנייה היא הזדמנות שזכתה", "Клиенты, купившие в прошлом периоде, но не в этом ÷ клиенты, купившие в прошлом периоде; покупка — выигранная сделка", "Πελάτες που αγόρασαν στην προηγούμενη περίοδο και όχι σε αυτή ÷ πελάτες που αγόρασαν στην προηγούμενη· αγορά είναι μια κερδισμένη ευκαιρία"),
	"kpi.customer_churn.meaning": locale.Row("Hányan maradnak el azok közül, akik vettek tőlünk", "How many of those who bought stay away", "כמה מאלה שקנו אינם חוזרים", "Сколько из купивших уходят", "Πόσοι από όσους αγόρασαν δεν επιστρέφουν"),

	"kpi.revenue_churn":         locale.Row("Forgalomvesztés (lehetőségek)", "Revenue churn (opportunities)", "נטישת מחזור (הזדמנויות)", "Отток выручки (сделки)", "Απώλεια τζίρου (ευκαιρίες)"),
	"kpi.revenue_churn.formula": locale.Row("Amit az előző időszakban azok hoztak, akik most nem vásároltak ÷ amit az előző időszakban mindenki hozott; a megnyert lehetőségek értéke, a lezárás napjának árfolyamán", "What those brought in the period before who did not buy in this one ÷ what all brought in the period before; by value of opportunities won, at the rate of the closing day", "מה שהכניסו בתקופה הקודמת אלה שלא קנו בתקופה זו ÷ מה שהכניסו כולם בתקופה הקודמת; לפי ערך ההזדמנויות שזכו, בשער יום הסגירה", "Что принесли в прошлом периоде те, кто не купил в этом ÷ что принесли все в прошлом периоде; по сумме выигранных сделок, по курсу дня закрытия", "Όσα έφεραν στην προηγούμενη περίοδο όσοι δεν αγόρασαν σε αυτή ÷ όσα έφεραν όλοι στην προηγούμενη· κατά αξία κερδισμένων ευκαιριών, με την ισοτιμία της ημέρας κλεισίματος"),
	"kpi.revenue_churn.meaning": locale.Row("Mekkora forgalom ment el az elmaradó ügyfelekkel", "How much business went with the customers who stay away", "כמה מחזור הלך עם הלקוחות שלא חזרו", "Какой оборот ушёл с ушедшими клиентами", "Πόσος τζίρος έφυγε μαζί με τους πελάτες που δεν επέστρεψαν"),

	"kpi.order_retention":         locale.Row("Vevőmegtartás", "Customer retention", "שימור לקוחות", "Удержание клиентов", "Διατήρηση πελατών"),
	"kpi.order_retention.formula": locale.Row("Az előző időszakban és most is rendelő vevők ÷ az előző időszakban rendelő vevők; az ERP minden rendelése, egész hónapokban", "Customers who ordered in the period before and again in this one ÷ customers who ordered in the period before; all orders of the ERP, in whole months", "לקוחות שהזמינו בתקופה הקודמת ושוב בתקופה זו ÷ לקוחות שהזמינו בתקופה הקודמת; כל ההזמנות במערכת ה-ERP, בחודשים שלמים", "Клиенты, заказавшие в прошлом периоде и снова в этом ÷ клиенты, заказавшие в прошлом периоде; все заказы ERP, за целые месяцы", "Πελάτες που παρήγγειλαν στην προηγούμενη περίοδο και ξανά σε αυτή ÷ πελάτες που παρήγγειλαν στην προηγούμενη· όλες οι παραγγελίες του ERP, σε ολόκληρους μήνες"),
	"kpi.order_retention.meaning": locale.Row("Hány vevő marad velünk", "How many customers stay with us", "כמה לקוחות נשארים איתנו", "Сколько клиентов остаётся с нами", "Πόσοι πελάτες μένουν μαζί μας"),

	"kpi.order_churn":         locale.Row("Vevő-lemorzsolódás", "Customer churn", "נטישת לקוחות", "Отток клиентов", "Απώλεια πελατών"),
	"kpi.order_churn.formula": locale.Row("Az előző időszakban rendelő, most nem rendelő vevők ÷ az előző időszakban rendelő vevők; az ERP minden rendelése, egész hónapokban", "Customers who ordered in the period before and not in this one ÷ customers who ordered in the period before; all orders of the ERP, in whole months", "לקוחות שהזמינו בתקופה הקודמת ולא בתקופה זו ÷ לקוחות שהזמינו בתקופה הקודמת; כל ההזמנות במערכת ה-ERP, בחודשים שלמים", "Клиенты, заказавшие в прошлом периоде, но не в этом ÷ клиенты, заказавшие в прошлом периоде; все заказы ERP, за целые месяцы", "Πελάτες που παρήγγειλαν στην προηγούμενη περίοδο και όχι σε αυτή ÷ πελάτες που παρήγγειλαν στην προηγούμενη· όλες οι παραγγελίες του ERP, σε ολόκληρους μήνες"),
	"kpi.order_churn.meaning": locale.Row("Hány vevő ment el vagy hallgatott el", "How many customers left or fell silent", "כמה לקוחות עזבו או השתתקו", "Сколько клиентов ушло или замолчало", "Πόσοι πελάτες έφυγαν ή σιώπησαν"),

	"kpi.order_revenue_churn":         locale.Row("Forgalomvesztés", "Revenue churn", "נטישת מחזור", "Отток выручки", "Απώλεια τζίρου"),
	"kpi.order_revenue_churn.formula": locale.Row("Amit az előző időszakban azok rendeltek, akik most nem rendeltek ÷ amit az előző időszakban mindenki rendelt; nettó, a rendelés napjának árfolyamán", "What those ordered in the period before who did not order in this one ÷ what all ordered in the period before; without VAT, at the rate of the order's day", "מה שהזמינו בתקופה הקודמת אלה שלא הזמינו בתקופה זו ÷ מה שהזמינו כולם בתקופה הקודמת; ללא מע\"מ, לפי שער יום ההזמנה", "Что заказали в прошлом периоде те, кто не заказал в этом ÷ что заказали все в прошлом периоде; без НДС, по курсу дня заказа", "Όσα παρήγγειλαν στην προηγούμενη περίοδο όσοι δεν παρήγγειλαν σε αυτή ÷ όσα παρήγγειλαν όλοι στην προηγούμενη· χωρίς ΦΠΑ, με την ισοτιμία της ημέρας παραγγελίας"),
	"kpi.order_revenue_churn.meaning": locale.Row("Mekkora forgalom ment el az elmaradó vevőkkel", "How much business went with the customers who stay away", "כמה מחזור הלך עם הלקוחות שלא חזרו", "Какой оборот ушёл с ушедшими клиентами", "Πόσος τζίρος έφυγε με τους πελάτες που δεν επέστρεψαν"),

	"kpi.net_revenue_retention":         locale.Row("Nettó forgalommegtartás", "Net revenue retention", "שימור מחזור נטו", "Чистое удержание выручки", "Καθαρή διατήρηση τζίρου"),
	"kpi.net_revenue_retention.formula": locale.Row("Amit az előző időszak vevői most rendeltek ÷ amit az előző időszakban rendeltek; az elmaradók nullával, a többet és kevesebbet vevők a különbséggel számítanak, az új vevők nem", "What the customers of the period before ordered in this one ÷ what they ordered before; who stays away counts with nothing, who buys more or less with that, new customers do not count", "מה שלקוחות התקופה הקודמת הזמינו בתקופה זו ÷ מה שהזמינו קודם; מי שלא חזר נספר כאפס, מי שקונה יותר או פחות – לפי ההפרש, לקוחות חדשים אינם נספרים", "Что клиенты прошлого периода заказали в этом ÷ что они заказали тогда; ушедшие считаются нулём, купившие больше или меньше — с разницей, новые клиенты не считаются", "Όσα παρήγγειλαν σε αυτή την περίοδο οι πελάτες της προηγούμενης ÷ όσα είχαν παραγγείλει τότε· όσοι έλειψαν μετρούν μηδέν, όσοι αγόρασαν περισσότερα ή λιγότερα με τη διαφορά, οι νέοι δεν μετρούν"),
	"kpi.net_revenue_retention.meaning": locale.Row("Nő-e a forgalom a meglévő vevőkkel, újak nélkül is", "Whether business with the customers we have grows, without new ones", "האם המחזור עם הלקוחות הקיימים גדל, גם בלי חדשים", "Растёт ли оборот с имеющимися клиентами без новых", "Αν μεγαλώνει ο τζίρος με τους υπάρχοντες πελάτες, χωρίς νέους"),

	"why.untold":    locale.Row("A vállalatirányítási rendszer nem adja át a rendeléseit, ezért nem számolható.", "The ERP does not tell its orders, so that this cannot be computed.", "מערכת ה-ERP אינה מוסרת את ההזמנות, ולכן אי אפשר לחשב.", "Учётная система не передаёт заказы, поэтому посчитать нельзя.", "Το ERP δεν δίνει τις παραγγελίες του, άρα δεν υπολογίζεται."),
	"why.uncounted": locale.Row("A rendeléseket még nem számoltuk meg; naponta egyszer számoljuk.", "Orders have not been counted yet; they are counted once a day.", "ההזמנות עדיין לא נספרו; הספירה נעשית פעם ביום.", "Заказы ещё не посчитаны; их считают раз в день.", "Οι παραγγελίες δεν έχουν μετρηθεί ακόμη· μετρώνται μία φορά την ημέρα."),
	"why.unknown":   locale.Row("Az előző időszak rendeléseit nem ismerjük.", "Orders of the period before are not known.", "הזמנות התקופה הקודמת אינן ידועות.", "Заказы прошлого периода неизвестны.", "Οι παραγγελίες της προηγούμενης περιόδου δεν είναι γνωστές."),

	"kpi.margin":         locale.Row("Fedezet", "Margin", "רווח גולמי", "Маржа", "Περιθώριο"),
	"kpi.margin.formula": locale.Row("A megnyert lehetőségek tételeinek nettó értéke mínusz a termékek bekerülési ára, amennyit az ERP a megnyeréskor mondott; bekerülési ár nélküli tétel kimarad; értékesítőnként a csapat részesedése szerint", "Net value of the lines of opportunities won less what their products cost, as the ERP said when they were won; lines without a cost are left out; by seller, by the team's split", "ערך נטו של שורות ההזדמנויות שזכו פחות עלות המוצרים כפי שמסרה המערכת בעת הזכייה; שורות ללא עלות אינן נכללות; לפי איש מכירות, לפי חלוקת הצוות", "Чистая стоимость строк выигранных сделок минус себестоимость товаров по данным ERP на момент выигрыша; строки без себестоимости не учитываются; по продавцам — по долям команды", "Καθαρή αξία των γραμμών των κερδισμένων ευκαιριών μείον το κόστος των προϊόντων, όπως το έδωσε το ERP όταν κερδήθηκαν· γραμμές χωρίς κόστος παραλείπονται· ανά πωλητή, κατά τα μερίδια της ομάδας"),
	"kpi.margin.meaning": locale.Row("Mennyi marad az eladásokból", "What is left of the sales", "כמה נשאר מהמכירות", "Сколько остаётся с продаж", "Τι μένει από τις πωλήσεις"),

	"kpi.average_deal":         locale.Row("Átlagos üzletérték", "Average deal", "עסקה ממוצעת", "Средняя сделка", "Μέση αξία πώλησης"),
	"kpi.average_deal.formula": locale.Row("A megnyert lehetőségek értéke ÷ számuk", "Value of opportunities won ÷ their number", "ערך ההזדמנויות שזכו ÷ מספרן", "Сумма выигранных сделок ÷ их число", "Αξία κερδισμένων ευκαιριών ÷ πλήθος τους"),
	"kpi.average_deal.meaning": locale.Row("Mekkora egy üzletünk", "How large a sale is", "מה גודלה של מכירה", "Насколько велика одна продажа", "Πόσο μεγάλη είναι μια πώληση"),

	"kpi.average_discount":         locale.Row("Átlagos kedvezmény", "Average discount", "הנחה ממוצעת", "Средняя скидка", "Μέση έκπτωση"),
	"kpi.average_discount.formula": locale.Row("A megnyert lehetőségek tételein adott engedmény ÷ a tételek engedmény nélküli értéke", "What was given off the lines of opportunities won ÷ the lines' value without discount", "ההנחה שניתנה בשורות ההזדמנויות שזכו ÷ ערך השורות ללא הנחה", "Скидка в строках выигранных сделок ÷ стоимость строк без скидки", "Έκπτωση στις γραμμές των κερδισμένων ευκαιριών ÷ αξία των γραμμών χωρίς έκπτωση"),
	"kpi.average_discount.meaning": locale.Row("Mennyit engedünk az árból", "How much of the price is given away", "כמה מהמחיר מוותרים", "Какую часть цены отдают", "Πόσο από την τιμή χαρίζεται"),

	"kpi.sales_cycle":         locale.Row("Értékesítési ciklus", "Sales cycle", "מחזור מכירה", "Цикл продажи", "Κύκλος πώλησης"),
	"kpi.sales_cycle.formula": locale.Row("A megnyert lehetőségek létrehozásától lezárásáig eltelt idő átlaga", "Mean time from creation to closing of opportunities won", "זמן ממוצע מיצירה ועד סגירה של הזדמנויות שזכו", "Среднее время от создания до закрытия выигранных сделок", "Μέσος χρόνος από τη δημιουργία ως το κλείσιμο των κερδισμένων ευκαιριών"),
	"kpi.sales_cycle.meaning": locale.Row("Meddig tart egy eladás", "How long a sale takes", "כמה זמן אורכת מכירה", "Сколько длится продажа", "Πόσο διαρκεί μια πώληση"),

	"kpi.work_time":         locale.Row("Munkaidő eladásonként", "Work time per sale", "זמן עבודה למכירה", "Рабочее время на продажу", "Χρόνος εργασίας ανά πώληση"),
	"kpi.work_time.formula": locale.Row("A megnyert lehetőségeken végzett tevékenységek percei ÷ a megnyert lehetőségek száma", "Minutes of all that was done for opportunities won ÷ their number", "דקות העבודה על הזדמנויות שזכו ÷ מספרן", "Минуты всех дел по выигранным сделкам ÷ число сделок", "Λεπτά εργασίας για κερδισμένες ευκαιρίες ÷ πλήθος τους"),
	"kpi.work_time.meaning": locale.Row("Mennyi munkába kerül egy eladás", "How much work a sale costs", "כמה עבודה עולה מכירה", "Сколько труда стоит продажа", "Πόση εργασία κοστίζει μια πώληση"),

	"kpi.lost_reasons":         locale.Row("Elvesztési okok", "Lost reasons", "סיבות הפסד", "Причины проигрыша", "Λόγοι απώλειας"),
	"kpi.lost_reasons.formula": locale.Row("Az elvesztett lehetőségek száma okonként", "Number of opportunities lost, by reason", "מספר ההזדמנויות שהפסידו, לפי סיבה", "Число проигранных сделок по причинам", "Πλήθος χαμένων ευκαιριών ανά λόγο"),
	"kpi.lost_reasons.meaning": locale.Row("Miért nem minket választanak", "Why we are not chosen", "מדוע לא בוחרים בנו", "Почему выбирают не нас", "Γιατί δεν μας επιλέγουν"),

	"kpi.competitor_win_rate":         locale.Row("Nyerési arány versenytárs ellen", "Win rate against competitors", "שיעור זכייה מול מתחרים", "Доля побед над конкурентами", "Ποσοστό επιτυχίας έναντι ανταγωνιστών"),
	"kpi.competitor_win_rate.formula": locale.Row("Megnyert ÷ lezárt lehetőségek, amelyekért versenytárs is indult", "Won ÷ closed opportunities that a competitor wanted too", "זכו ÷ נסגרו, בהזדמנויות שגם מתחרה רצה", "Выиграно ÷ закрыто среди сделок с конкурентом", "Κερδισμένες ÷ κλειστές, όπου υπήρχε ανταγωνιστής"),
	"kpi.competitor_win_rate.meaning": locale.Row("Kivel szemben nyerünk, és kivel szemben nem", "Against whom we win and against whom we do not", "מול מי אנחנו זוכים ומול מי לא", "У кого выигрываем, а у кого нет", "Απέναντι σε ποιον κερδίζουμε και σε ποιον όχι"),

	"kpi.funnel":         locale.Row("Értékesítési tölcsér", "Funnel", "משפך מכירות", "Воронка", "Χοάνη πωλήσεων"),
	"kpi.funnel.formula": locale.Row("Hány különböző lehetőség lépett az egyes szakaszokba az időszakban", "How many different opportunities came into each stage in the period", "כמה הזדמנויות שונות נכנסו לכל שלב בתקופה", "Сколько разных сделок вошло в каждый этап за период", "Πόσες διαφορετικές ευκαιρίες μπήκαν σε κάθε στάδιο στην περίοδο"),
	"kpi.funnel.meaning": locale.Row("Hol esnek ki a lehetőségek", "Where opportunities drop out", "היכן נושרות הזדמנויות", "Где сделки отпадают", "Πού χάνονται οι ευκαιρίες"),

	"kpi.stage_time":         locale.Row("Idő a szakaszban", "Time in stage", "זמן בשלב", "Время на этапе", "Χρόνος στο στάδιο"),
	"kpi.stage_time.formula": locale.Row("Az időszakban elhagyott szakaszokban töltött idő átlaga", "Mean time spent in the stages that were left in the period", "זמן שהייה ממוצע בשלבים שנעזבו בתקופה", "Среднее время на этапах, покинутых за период", "Μέσος χρόνος στα στάδια που έκλεισαν στην περίοδο"),
	"kpi.stage_time.meaning": locale.Row("Hol akadnak el az üzletek", "Where sales get stuck", "היכן נתקעות מכירות", "Где застревают продажи", "Πού κολλούν οι πωλήσεις"),

	"kpi.campaign_revenue":         locale.Row("Kampányokból származó érték", "Revenue from campaigns", "הכנסה מקמפיינים", "Выручка от кампаний", "Έσοδα από καμπάνιες"),
	"kpi.campaign_revenue.formula": locale.Row("A kampányt megnevező megnyert lehetőségek értéke", "Value of opportunities won that name a campaign", "ערך ההזדמנויות שזכו ושויכו לקמפיין", "Сумма выигранных сделок, у которых указана кампания", "Αξία κερδισμένων ευκαιριών που αναφέρουν καμπάνια"),
	"kpi.campaign_revenue.meaning": locale.Row("Mit hozott a marketing", "What marketing brought in", "מה הביא השיווק", "Что принёс маркетинг", "Τι απέφερε το μάρκετινγκ"),

	"kpi.campaign_return":         locale.Row("Kampányok megtérülése", "Campaign return", "החזר על קמפיינים", "Отдача кампаний", "Απόδοση καμπανιών"),
	"kpi.campaign_return.formula": locale.Row("(A kampányokból származó érték − az időszakban indult kampányok költsége) ÷ a költség", "(Revenue from campaigns − cost of the campaigns begun in the period) ÷ that cost", "(הכנסה מקמפיינים − עלות הקמפיינים שהחלו בתקופה) ÷ העלות", "(Выручка от кампаний − стоимость начатых за период кампаний) ÷ эта стоимость", "(Έσοδα από καμπάνιες − κόστος των καμπανιών που άρχισαν στην περίοδο) ÷ το κόστος"),
	"kpi.campaign_return.meaning": locale.Row("Megérte-e a kampány az árát", "Whether campaigns were worth their cost", "האם הקמפיינים הצדיקו את עלותם", "Окупились ли кампании", "Αν οι καμπάνιες άξιζαν το κόστος τους"),

	"kpi.leads":         locale.Row("Beérkezett érdeklődők", "Leads arrived", "לידים שהגיעו", "Поступившие лиды", "Νέοι υποψήφιοι"),
	"kpi.leads.formula": locale.Row("Az időszakban beérkezett érdeklődők száma, összevontak nélkül", "Number of leads that arrived in the period, merged ones once", "מספר הלידים שהגיעו בתקופה; ממוזגים נספרים פעם אחת", "Число лидов, поступивших за период; объединённые — один раз", "Πλήθος υποψηφίων που ήρθαν στην περίοδο· οι συγχωνευμένοι μία φορά"),
	"kpi.leads.meaning": locale.Row("Melyik csatorna mennyi érdeklődőt hoz", "How many leads each channel brings", "כמה לידים מביא כל ערוץ", "Сколько лидов даёт каждый канал", "Πόσους υποψηφίους φέρνει κάθε κανάλι"),

	"kpi.lead_conversion":         locale.Row("Érdeklődők átalakulása", "Lead conversion", "המרת לידים", "Конверсия лидов", "Μετατροπή υποψηφίων"),
	"kpi.lead_conversion.formula": locale.Row("Ügyféllé vagy lehetőséggé vált ÷ az időszakban beérkezett érdeklődők", "Leads that became customers or opportunities ÷ leads that arrived in the period", "לידים שהפכו ללקוחות או להזדמנויות ÷ לידים שהגיעו בתקופה", "Лиды, ставшие клиентами или сделками ÷ лиды, поступившие за период", "Υποψήφιοι που έγιναν πελάτες ή ευκαιρίες ÷ όσοι ήρθαν στην περίοδο"),
	"kpi.lead_conversion.meaning": locale.Row("Melyik csatorna hoz valódi vevőt", "Which channel brings real buyers", "איזה ערוץ מביא קונים אמיתיים", "Какой канал приводит настоящих покупателей", "Ποιο κανάλι φέρνει πραγματικούς αγοραστές"),

	"kpi.response_time":         locale.Row("Válaszidő", "Response time", "זמן תגובה", "Время ответа", "Χρόνος απόκρισης"),
	"kpi.response_time.formula": locale.Row("Az érkezéstől az első személyes kapcsolatig eltelt idő átlaga, az időszakban érkezett és megválaszolt érdeklődőkön; akivel már érkezésekor beszéltek, nem számít", "Mean time from arrival to the first human contact, of the leads that arrived in the period and were answered; those who were spoken to as they arrived do not count", "זמן ממוצע מהגעה ועד הקשר האנושי הראשון, בלידים שהגיעו בתקופה ונענו; מי שדיברו איתו כבר בהגעתו אינו נספר", "Среднее время от поступления до первого живого контакта по лидам периода, получившим ответ; те, с кем говорили при поступлении, не учитываются", "Μέσος χρόνος από την άφιξη ως την πρώτη επαφή, για όσους ήρθαν στην περίοδο και απαντήθηκαν· όσοι μίλησαν με εμάς κατά την άφιξη δεν μετρούν"),
	"kpi.response_time.meaning": locale.Row("Mennyi ideig vár, aki minket keres", "How long those who ask us wait", "כמה זמן ממתין מי שפונה אלינו", "Сколько ждёт тот, кто к нам обратился", "Πόσο περιμένει όποιος μας ζητά"),

	"kpi.meetings":         locale.Row("Találkozók", "Meetings", "פגישות", "Встречи", "Συναντήσεις"),
	"kpi.meetings.formula": locale.Row("Az időszakban megtartott találkozók száma", "Number of meetings held in the period", "מספר הפגישות שהתקיימו בתקופה", "Число встреч, проведённых за период", "Πλήθος συναντήσεων που έγιναν στην περίοδο"),
	"kpi.meetings.meaning": locale.Row("Mennyit járunk ügyfeleink között", "How often customers are met", "באיזו תדירות נפגשים עם לקוחות", "Как часто встречаются с клиентами", "Πόσο συχνά συναντάμε πελάτες"),

	"kpi.calls":         locale.Row("Hívások", "Calls", "שיחות", "Звонки", "Κλήσεις"),
	"kpi.calls.formula": locale.Row("Az időszakban lebonyolított hívások száma", "Number of calls made and taken in the period", "מספר השיחות שנערכו בתקופה", "Число звонков за период", "Πλήθος κλήσεων στην περίοδο"),
	"kpi.calls.meaning": locale.Row("Mennyit beszélünk ügyfeleinkkel", "How much is spoken with customers", "כמה מדברים עם לקוחות", "Сколько разговаривают с клиентами", "Πόσο μιλάμε με πελάτες"),

	"kpi.regulations_kept":         locale.Row("Betartott szabályozók", "Regulations kept", "תקנות זמן שקוימו", "Соблюдение регламентов", "Τήρηση κανονισμών χρόνου"),
	"kpi.regulations_kept.formula": locale.Row("Betartva ÷ (betartva + megszegve), az időszakban lejáró határidők közül; ami még tart, vagy tárgytalan, nem számít", "Kept ÷ (kept + broken), of the limits that fall in the period; what still has time or is void does not count", "קוימו ÷ (קוימו + הופרו), מבין המועדים שחלים בתקופה; מה שעדיין פתוח או בטל אינו נספר", "Соблюдено ÷ (соблюдено + нарушено) по срокам, наступающим в периоде; идущие и отпавшие не учитываются", "Τηρήθηκαν ÷ (τηρήθηκαν + παραβιάστηκαν), από τις προθεσμίες της περιόδου· όσα έχουν χρόνο ή είναι άκυρα δεν μετρούν"),
	"kpi.regulations_kept.meaning": locale.Row("Megtesszük-e időben, amit két lépés között vállaltunk", "Whether what was promised between two steps is done in time", "האם מה שהובטח בין שני צעדים נעשה בזמן", "Делается ли вовремя то, что обещано между двумя шагами", "Αν όσα υποσχεθήκαμε μεταξύ δύο βημάτων γίνονται εγκαίρως"),
}

// Missing lists the texts that a language lacks.
func Missing() []string { return texts.Missing() }
