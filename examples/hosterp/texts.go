package main

import (
	"maps"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/locale"
)

// texts are all words of the pages.
var texts = func() locale.Texts {
	all := locale.Texts{}
	for _, part := range []locale.Texts{frameTexts, leadTexts, importTexts, saleTexts, hostTexts, activity.Texts} {
		maps.Copy(all, part)
	}
	return all
}()

var frameTexts = locale.Texts{
	"frame.skip":     locale.Row("Ugrás a tartalomhoz", "Skip to content", "דילוג לתוכן", "К содержанию", "Μετάβαση στο περιεχόμενο"),
	"frame.menu":     locale.Row("Menü", "Menu", "תפריט", "Меню", "Μενού"),
	"frame.language": locale.Row("Nyelv", "Language", "שפה", "Язык", "Γλώσσα"),
	"frame.switch":   locale.Row("Váltás", "Switch", "החלפה", "Сменить", "Αλλαγή"),
	"frame.logout":   locale.Row("Kilépés", "Log out", "יציאה", "Выйти", "Έξοδος"),

	"login.title": locale.Row("Kiként lép be?", "Who are you today?", "בשם מי להיכנס?", "Под кем войти?", "Με ποιον χρήστη;"),
	"login.intro": locale.Row("Bemutató rendszer, jelszó nélkül. Válasszon egy felhasználót; a jogok és a nyelv vele járnak.", "A demonstration without passwords. Choose a user; rights and language come with it.", "מערכת הדגמה ללא סיסמאות. בחרו משתמש; ההרשאות והשפה בהתאם.", "Демонстрация без паролей. Выберите пользователя: права и язык зависят от него.", "Επίδειξη χωρίς κωδικούς. Επιλέξτε χρήστη· δικαιώματα και γλώσσα τον ακολουθούν."),

	"error.title": locale.Row("Ez most nem sikerült", "This did not work", "הפעולה לא הצליחה", "Не получилось", "Αυτό δεν πέτυχε"),
	"error.ours":  locale.Row("A hiba nálunk van, és feljegyeztük. Próbálja újra később.", "The fault is ours and was noted. Try again later.", "התקלה אצלנו ונרשמה. נסו שוב מאוחר יותר.", "Ошибка на нашей стороне и записана. Повторите позже.", "Το σφάλμα είναι δικό μας και καταγράφηκε. Δοκιμάστε αργότερα."),
	"error.back":  locale.Row("Vissza az érdeklődőkhöz", "Back to the leads", "חזרה ללידים", "К списку лидов", "Πίσω στους υποψήφιους"),

	"menu.leads":         locale.Row("Érdeklődők", "Leads", "לידים", "Лиды", "Υποψήφιοι πελάτες"),
	"menu.opportunities": locale.Row("Lehetőségek", "Opportunities", "הזדמנויות", "Сделки", "Ευκαιρίες"),
	"menu.quotes":        locale.Row("Árajánlatok", "Quotes", "הצעות מחיר", "Предложения", "Προσφορές"),
	"menu.reports":       locale.Row("Kimutatások", "Reports", "דוחות", "Отчёты", "Αναφορές"),
	"menu.customers":     locale.Row("Vevők", "Customers", "לקוחות", "Клиенты", "Πελάτες"),
	"menu.products":      locale.Row("Cikkek", "Products", "מוצרים", "Товары", "Προϊόντα"),
	"menu.orders":        locale.Row("Rendelések", "Orders", "הזמנות", "Заказы", "Παραγγελίες"),
	"menu.deliveries":    locale.Row("Szállítólevelek", "Delivery notes", "תעודות משלוח", "Накладные", "Δελτία αποστολής"),
	"menu.invoices":      locale.Row("Számlák", "Invoices", "חשבוניות", "Счета", "Τιμολόγια"),

	"role.seller":  locale.Row("értékesítő", "seller", "מכירות", "продавец", "πωλητής"),
	"role.manager": locale.Row("vezető", "manager", "ניהול", "руководитель", "διευθυντής"),
	"role.admin":   locale.Row("rendszergazda", "administrator", "מנהל מערכת", "администратор", "διαχειριστής"),

	"button.save":   locale.Row("Mentés", "Save", "שמירה", "Сохранить", "Αποθήκευση"),
	"button.cancel": locale.Row("Mégse", "Cancel", "ביטול", "Отмена", "Άκυρο"),
	"button.edit":   locale.Row("Szerkesztés", "Edit", "עריכה", "Изменить", "Επεξεργασία"),
	"button.change": locale.Row("Módosítás", "Change", "שינוי", "Изменить", "Αλλαγή"),
	"pager.first":   locale.Row("Első oldal", "First page", "עמוד ראשון", "В начало", "Πρώτη σελίδα"),
	"pager.next":    locale.Row("Következő", "Next", "הבא", "Дальше", "Επόμενη"),
	"list.count":    locale.Row("%d db", "%d", "%d", "%d", "%d"),
	"list.more":     locale.Row("több mint %s", "more than %s", "יותר מ-%s", "больше %s", "περισσότερα από %s"),

	"ago.now":     locale.Row("most", "now", "עכשיו", "сейчас", "τώρα"),
	"ago.minutes": locale.Row("%d perce", "%d min ago", "לפני %d דק׳", "%d мин назад", "πριν %d λ."),
	"ago.hours":   locale.Row("%d órája", "%d h ago", "לפני %d שע׳", "%d ч назад", "πριν %d ώ."),
	"ago.days":    locale.Row("%d napja", "%d d ago", "לפני %d ימ׳", "%d дн. назад", "πριν %d ημ."),
	"ago.months":  locale.Row("%d hónapja", "%d mo ago", "לפני %d חוד׳", "%d мес. назад", "πριν %d μήν."),

	"panel.details":    locale.Row("Adatok", "Details", "פרטים", "Данные", "Στοιχεία"),
	"panel.erp":        locale.Row("Az ERP-ben", "In the ERP", "במערכת ה-ERP", "В ERP", "Στο ERP"),
	"panel.duplicates": locale.Row("Lehet, hogy ugyanő", "Possibly the same", "אולי אותו אחד", "Возможные дубли", "Πιθανά διπλότυπα"),
	"duplicate.hidden": locale.Row("Más munkatárs érdeklődője", "A colleague's lead", "ליד של עמית", "Лид коллеги", "Υποψήφιος συναδέλφου"),
	"owner.none":       locale.Row("nincs gazdája", "nobody", "ללא אחראי", "ничей", "κανείς"),

	"done.saved":     locale.Row("Elmentve.", "Saved.", "נשמר.", "Сохранено.", "Αποθηκεύτηκε."),
	"done.created":   locale.Row("Az érdeklődő felvéve.", "The lead was taken in.", "הליד נקלט.", "Лид создан.", "Ο υποψήφιος καταχωρίστηκε."),
	"done.again":     locale.Row("Már ismertük: az új adatok a meglévő érdeklődőhöz kerültek.", "Already known: what was new was added to the lead.", "כבר מוכר: הנתונים החדשים נוספו לליד.", "Уже известен: новое добавлено к лиду.", "Ήδη γνωστός: τα νέα στοιχεία προστέθηκαν."),
	"done.taken":     locale.Row("Mostantól Öné.", "It is yours now.", "מעכשיו באחריותך.", "Теперь он ваш.", "Τώρα είναι δικός σας."),
	"done.noted":     locale.Row("Feljegyezve.", "Noted.", "נרשם.", "Записано.", "Καταγράφηκε."),
	"done.converted": locale.Row("Az érdeklődő vevő lett az ERP-ben.", "The lead is a customer of the ERP now.", "הליד הפך ללקוח ב-ERP.", "Лид стал клиентом ERP.", "Ο υποψήφιος έγινε πελάτης στο ERP."),
	"done.issued":    locale.Row("Az ajánlat kiadva, száma és PDF-je végleges.", "The quote is issued; number and PDF are final.", "ההצעה הונפקה; המספר וה-PDF סופיים.", "Предложение выпущено, номер и PDF окончательные.", "Η προσφορά εκδόθηκε· αριθμός και PDF είναι οριστικά."),
	"done.accepted":  locale.Row("Az ajánlat elfogadva.", "The quote is accepted.", "ההצעה התקבלה.", "Предложение принято.", "Η προσφορά έγινε δεκτή."),
	"done.ordered":   locale.Row("A rendelés elkészült.", "The order is made.", "ההזמנה נוצרה.", "Заказ создан.", "Η παραγγελία δημιουργήθηκε."),
	"done.delivered": locale.Row("A szállítólevél elkészült.", "The delivery note is made.", "תעודת המשלוח נוצרה.", "Накладная создана.", "Το δελτίο αποστολής δημιουργήθηκε."),
	"done.invoiced":  locale.Row("A számla elkészült.", "The invoice is made.", "החשבונית נוצרה.", "Счёт создан.", "Το τιμολόγιο δημιουργήθηκε."),
	"done.posted":    locale.Row("A számla lekönyvelve.", "The invoice is posted.", "החשבונית נרשמה בספרים.", "Счёт проведён.", "Το τιμολόγιο καταχωρίστηκε."),

	"fault.required":        locale.Row("Hiányzik; töltse ki.", "Missing; fill it in.", "חסר; יש למלא.", "Не заполнено; заполните.", "Λείπει· συμπληρώστε το."),
	"fault.number":          locale.Row("Nem szám; így írja: 1 234,50", "Not a number; write it as 1,234.50", "לא מספר; יש לכתוב 1,234.50", "Не число; пишите 1 234,50", "Δεν είναι αριθμός· γράψτε 1.234,50"),
	"fault.date":            locale.Row("Nem dátum; így írja: 2026. 07. 13.", "Not a date; write it as 13/07/2026", "לא תאריך; יש לכתוב 13.7.2026", "Не дата; пишите 13.07.2026", "Δεν είναι ημερομηνία· γράψτε 13/7/2026"),
	"fault.email.form":      locale.Row("Nem e-mail-cím; így írja: nev@example.com", "Not an e-mail address; write it as name@example.com", "לא כתובת דוא״ל; יש לכתוב name@example.com", "Не адрес эл. почты; пишите name@example.com", "Δεν είναι e-mail· γράψτε name@example.com"),
	"fault.tax_id.check":    locale.Row("Elgépelt adószám: az ellenőrző szám nem egyezik.", "Mistyped: the check digit does not fit.", "מספר שגוי: ספרת הביקורת אינה מתאימה.", "Опечатка: контрольная цифра не сходится.", "Λάθος ψηφίο: ο έλεγχος δεν ταιριάζει."),
	"fault.tax_id.form":     locale.Row("Ebben az országban más alakú az adószám.", "A tax id of this country looks different.", "מספר העוסק בארץ זו נראה אחרת.", "ИНН этой страны выглядит иначе.", "Το ΑΦΜ αυτής της χώρας έχει άλλη μορφή."),
	"fault.reach":           locale.Row("Nincs elérhetőség: adjon meg e-mailt, telefont vagy címet.", "No way to reach: give an e-mail, a phone or an address.", "אין דרך ליצור קשר: מלאו דוא״ל, טלפון או כתובת.", "Нет контакта: укажите почту, телефон или адрес.", "Χωρίς στοιχεία επικοινωνίας: δώστε e-mail, τηλέφωνο ή διεύθυνση."),
	"fault.not_customer":    locale.Row("Még nem vevő az ERP-ben; előbb alakítsa vevővé.", "Not a customer of the ERP yet; convert the lead first.", "עדיין לא לקוח ב-ERP; יש להמיר תחילה את הליד.", "Ещё не клиент ERP; сначала конвертируйте лид.", "Δεν είναι ακόμη πελάτης· μετατρέψτε πρώτα τον υποψήφιο."),
	"fault.nothing_left":    locale.Row("Nem maradt mit szállítani vagy számlázni.", "Nothing remains to deliver or invoice.", "לא נותר מה לספק או לחייב.", "Нечего отгружать или выставлять.", "Δεν απομένει τίποτα."),
	"fault.remaining":       locale.Row("Több, mint ami hátravan.", "More than remains.", "יותר ממה שנותר.", "Больше остатка.", "Περισσότερα από όσα απομένουν."),
	"fault.positive":        locale.Row("Nullánál több kell.", "Must be more than zero.", "חייב להיות יותר מאפס.", "Должно быть больше нуля.", "Πρέπει να είναι πάνω από μηδέν."),
	"fault.currency.form":   locale.Row("Nem pénznem; így írja: EUR", "Not a currency; write it as EUR", "לא מטבע; יש לכתוב EUR", "Не валюта; пишите EUR", "Δεν είναι νόμισμα· γράψτε EUR"),
	"fault.country.code":    locale.Row("Ismeretlen ország.", "Unknown country.", "ארץ לא מוכרת.", "Неизвестная страна.", "Άγνωστη χώρα."),
	"fault.product.unknown": locale.Row("Nincs ilyen cikk.", "There is no such product.", "אין מוצר כזה.", "Нет такого товара.", "Δεν υπάρχει τέτοιο προϊόν."),
	"fault.lines.none":      locale.Row("Nincs tétel; vegyen fel legalább egyet.", "There is no line; add at least one.", "אין שורות; הוסיפו אחת לפחות.", "Нет строк; добавьте хотя бы одну.", "Δεν υπάρχει γραμμή· προσθέστε μία."),
}
