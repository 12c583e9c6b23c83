package web

import (
	"maps"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/sequence"
)

// texts are all words of the screens; each cluster of pages has its own catalogue.
var texts = func() locale.Texts {
	all := locale.Texts{}
	for _, part := range []locale.Texts{frameTexts, keyTexts, faultTexts, conflictTexts, todayTexts, noticeTexts, searchTexts, viewTexts, settingTexts, auditTexts, auditFields, reportTexts, figureTexts, planTexts, quantityTexts, receiptTexts, retentionTexts, rateTexts, commissionTexts, activity.Texts, leadWords, leadListTexts, leadManyTexts, importTexts, timelineTexts, saleTexts, dealTexts, quoteCardTexts, lineTexts, docTexts, borrowedTexts, cardTexts, calendarTexts, customerTexts, newsletterTexts, exportTexts, sequence.Texts, sequenceTexts, smsTexts, segmentTexts, workdayTexts, rhythmTexts, policyTexts, processTexts, regulationTexts, valueTexts, oneTexts, workflowTexts, customTexts} {
		maps.Copy(all, part)
	}
	return all
}()

var frameTexts = locale.Texts{
	"frame.skip":      locale.Row("Ugrás a tartalomhoz", "Skip to content", "דילוג לתוכן", "К содержанию", "Μετάβαση στο περιεχόμενο"),
	"frame.menu":      locale.Row("Menü", "Menu", "תפריט", "Меню", "Μενού"),
	"frame.language":  locale.Row("Nyelv", "Language", "שפה", "Язык", "Γλώσσα"),
	"frame.switch":    locale.Row("Váltás", "Switch", "החלפה", "Сменить", "Αλλαγή"),
	"frame.leave":     locale.Row("Kilépés", "Sign out", "יציאה", "Выйти", "Έξοδος"),
	"frame.search":    locale.Row("Keresés", "Search", "חיפוש", "Поиск", "Αναζήτηση"),
	"frame.new":       locale.Row("Új", "New", "חדש", "Создать", "Νέο"),
	"frame.shortcuts": locale.Row("Billentyűk", "Shortcuts", "קיצורי מקלדת", "Клавиши", "Συντομεύσεις"),
	"frame.theme":     locale.Row("Megjelenés", "Appearance", "מראה", "Оформление", "Εμφάνιση"),
	"frame.views":     locale.Row("Nézetek", "Views", "תצוגות", "Представления", "Προβολές"),
	"frame.shared":    locale.Row("közös", "shared", "משותף", "общий", "κοινή"),
	"frame.dock":      locale.Row("Nyitott lehetőségek", "Open opportunities", "הזדמנויות פתוחות", "Открытые сделки", "Ανοικτές ευκαιρίες"),
	"frame.dock.none": locale.Row("Önnek most nincs nyitott lehetősége.", "You have no open opportunities now.", "אין לך כרגע הזדמנויות פתוחות.", "У вас нет открытых сделок.", "Δεν έχετε ανοικτές ευκαιρίες."),
	"frame.dock.all":  locale.Row("Mind a táblán", "All on the board", "הכול בלוח", "Все на доске", "Όλες στον πίνακα"),
	"frame.dock.shut": locale.Row("Panel bezárása", "Close the panel", "סגירת החלונית", "Закрыть панель", "Κλείσιμο πίνακα"),
	"frame.dock.open": locale.Row("Nyitott lehetőségek mutatása", "Show open opportunities", "הצגת הזדמנויות פתוחות", "Показать открытые сделки", "Εμφάνιση ανοικτών ευκαιριών"),
	"frame.notices":   locale.Row("Értesítések", "Notifications", "התראות", "Уведомления", "Ειδοποιήσεις"),
	"frame.crumbs":    locale.Row("Hol vagyok", "Breadcrumb", "נתיב", "Путь", "Διαδρομή"),
	"frame.close":     locale.Row("Bezárás", "Close", "סגירה", "Закрыть", "Κλείσιμο"),
	"frame.more":      locale.Row("Továbbiak", "More", "עוד", "Ещё", "Περισσότερα"),
	"frame.undo":      locale.Row("Visszavonás", "Undo", "ביטול הפעולה", "Отменить", "Αναίρεση"),
	"frame.old":       locale.Row("az oldal elavult; töltse újra, és próbálja még egyszer", "the page is too old; reload it and try again", "הדף ישן מדי; יש לטעון אותו מחדש ולנסות שוב", "страница устарела; обновите её и повторите", "η σελίδα είναι παλιά· ανανεώστε την και ξαναδοκιμάστε"),
	"frame.large":     locale.Row("túl nagy; legfeljebb %s MB küldhető", "too large; at most %s MB can be sent", "גדול מדי; אפשר לשלוח עד %s מ״ב", "слишком большой файл; не больше %s МБ", "πολύ μεγάλο· έως %s MB"),
	"frame.unsaved":   locale.Row("El nem mentett módosítások vannak.", "There are unsaved changes.", "יש שינויים שלא נשמרו.", "Есть несохранённые изменения.", "Υπάρχουν μη αποθηκευμένες αλλαγές."),
	"frame.restored":  locale.Row("Visszahoztuk, amit itt korábban beírt.", "What you typed here before was brought back.", "שוחזר מה שהקלדת כאן קודם.", "Восстановлено то, что вы ввели раньше.", "Επαναφέρθηκε ό,τι είχατε γράψει."),
	"frame.discard":   locale.Row("Elvetés", "Discard", "ביטול הטיוטה", "Отбросить", "Απόρριψη"),
	"frame.offline":   locale.Row("A kiszolgáló nem érhető el. Amit beírt, megvan; próbálja újra.", "The server cannot be reached. What you typed is kept; try again.", "אין קשר לשרת. מה שהקלדת נשמר; נסו שוב.", "Сервер недоступен. Введённое сохранено; повторите.", "Ο διακομιστής δεν απαντά. Ό,τι γράψατε κρατήθηκε· δοκιμάστε ξανά."),
	"frame.changed":   locale.Row("%s módosította ekkor: %s", "changed by %s at %s", "שונה בידי %s בשעה %s", "изменено: %s, %s", "άλλαξε από %s στις %s"),
	"frame.reload":    locale.Row("Frissítés", "Refresh", "רענון", "Обновить", "Ανανέωση"),
	"frame.moved":     locale.Row("A lista közben változott.", "The list has changed meanwhile.", "הרשימה השתנתה בינתיים.", "Список тем временем изменился.", "Η λίστα άλλαξε εν τω μεταξύ."),

	"theme.auto":  locale.Row("rendszer szerint", "as the system", "לפי המערכת", "как в системе", "όπως το σύστημα"),
	"theme.light": locale.Row("világos", "light", "בהיר", "светлая", "φωτεινό"),
	"theme.dark":  locale.Row("sötét", "dark", "כהה", "тёмная", "σκοτεινό"),

	"error.title":          locale.Row("Ez most nem sikerült", "This did not work", "הפעולה לא הצליחה", "Не получилось", "Αυτό δεν πέτυχε"),
	"error.ours":           locale.Row("A hiba nálunk van, és feljegyeztük. Próbálja újra később.", "The fault is ours and was noted. Try again later.", "התקלה אצלנו ונרשמה. נסו שוב מאוחר יותר.", "Ошибка на нашей стороне и записана. Повторите позже.", "Το σφάλμα είναι δικό μας και καταγράφηκε. Δοκιμάστε αργότερα."),
	"error.back":           locale.Row("Vissza", "Back", "חזרה", "Назад", "Πίσω"),
	"error.not_found.do":   locale.Row("A cím hibás, vagy amire mutat, azt törölték vagy áthelyezték.", "The address is wrong, or what it led to was deleted or moved.", "הכתובת שגויה, או שהפריט נמחק או הועבר.", "Адрес неверен, или запись удалена либо перемещена.", "Η διεύθυνση είναι λάθος ή η εγγραφή διαγράφηκε ή μεταφέρθηκε."),
	"error.forbidden.do":   locale.Row("Ha szüksége van rá, kérje a rendszergazdától.", "If you need it, ask your administrator.", "אם זה נדרש לך, יש לפנות למנהל המערכת.", "Если это нужно, обратитесь к администратору.", "Αν το χρειάζεστε, ζητήστε το από τον διαχειριστή."),
	"error.conflict.do":    locale.Row("Töltse újra az oldalt, és nézze meg, mi változott.", "Reload the page and see what changed.", "יש לטעון את הדף מחדש ולבדוק מה השתנה.", "Обновите страницу и посмотрите, что изменилось.", "Ανανεώστε τη σελίδα και δείτε τι άλλαξε."),
	"error.unavailable.do": locale.Row("Próbálja újra néhány perc múlva.", "Try again in a few minutes.", "נסו שוב בעוד כמה דקות.", "Повторите через несколько минут.", "Δοκιμάστε ξανά σε λίγα λεπτά."),
	"paper.open":           locale.Row("PDF megnyitása", "Open the PDF", "פתיחת ה-PDF", "Открыть PDF", "Άνοιγμα του PDF"),
	"error.not_found":      locale.Row("Ez nem található", "This cannot be found", "לא נמצא", "Не найдено", "Δεν βρέθηκε"),
	"error.forbidden":      locale.Row("Ehhez nincs joga", "You may not do this", "אין לך הרשאה לכך", "Недостаточно прав", "Δεν έχετε δικαίωμα"),
	"error.conflict":       locale.Row("Közben valaki más módosította", "Somebody else changed it meanwhile", "מישהו אחר שינה זאת בינתיים", "Тем временем это изменил другой", "Κάποιος άλλος το άλλαξε εν τω μεταξύ"),
	"error.unavailable":    locale.Row("A kiszolgáló most nem felel", "It does not answer right now", "אין תשובה כרגע", "Сейчас нет ответа", "Δεν απαντά τώρα"),

	"menu.today":         locale.Row("Ma", "Today", "היום", "Сегодня", "Σήμερα"),
	"menu.leads":         locale.Row("Érdeklődők", "Leads", "לידים", "Лиды", "Υποψήφιοι"),
	"menu.opportunities": locale.Row("Lehetőségek", "Opportunities", "הזדמנויות", "Сделки", "Ευκαιρίες"),
	"menu.quotes":        locale.Row("Árajánlatok", "Quotes", "הצעות מחיר", "Предложения", "Προσφορές"),
	"menu.customers":     locale.Row("Vevők", "Customers", "לקוחות", "Клиенты", "Πελάτες"),
	"menu.contacts":      locale.Row("Kapcsolattartók", "Contacts", "אנשי קשר", "Контакты", "Επαφές"),
	"menu.activities":    locale.Row("Teendők, naptár", "Activities", "פעילויות", "Дела и календарь", "Ενέργειες"),
	"menu.files":         locale.Row("Fájlok", "Files", "קבצים", "Файлы", "Αρχεία"),
	"menu.reports":       locale.Row("Kimutatások", "Reports", "דוחות", "Отчёты", "Αναφορές"),
	"menu.settings":      locale.Row("Beállítások", "Settings", "הגדרות", "Настройки", "Ρυθμίσεις"),
	"menu.audit":         locale.Row("Napló", "Audit log", "יומן ביקורת", "Журнал", "Ημερολόγιο ελέγχου"),

	"button.save":   locale.Row("Mentés", "Save", "שמירה", "Сохранить", "Αποθήκευση"),
	"button.cancel": locale.Row("Mégse", "Cancel", "ביטול", "Отмена", "Άκυρο"),
	"button.edit":   locale.Row("Szerkesztés", "Edit", "עריכה", "Изменить", "Επεξεργασία"),
	"button.add":    locale.Row("Hozzáadás", "Add", "הוספה", "Добавить", "Προσθήκη"),
	"button.delete": locale.Row("Törlés", "Delete", "מחיקה", "Удалить", "Διαγραφή"),
	"button.apply":  locale.Row("Alkalmaz", "Apply", "החלה", "Применить", "Εφαρμογή"),
	"button.all":    locale.Row("Mind", "All", "הכול", "Все", "Όλα"),
	"button.show":   locale.Row("Megnyitás", "Open", "פתיחה", "Открыть", "Άνοιγμα"),

	"pager.first": locale.Row("Első oldal", "First page", "עמוד ראשון", "В начало", "Πρώτη σελίδα"),
	"pager.next":  locale.Row("Következő", "Next", "הבא", "Дальше", "Επόμενη"),
	"list.of":     locale.Row("%s / %s", "%s of %s", "%s מתוך %s", "%s из %s", "%s από %s"),
	"list.more":   locale.Row("több mint %s", "more than %s", "יותר מ-%s", "больше %s", "περισσότερα από %s"),

	"ago.now":     locale.Row("most", "now", "עכשיו", "сейчас", "τώρα"),
	"ago.minutes": locale.Row("%d perce", "%d min ago", "לפני %d דק׳", "%d мин назад", "πριν %d λ."),
	"ago.hours":   locale.Row("%d órája", "%d h ago", "לפני %d שע׳", "%d ч назад", "πριν %d ώ."),
	"ago.days":    locale.Row("%d napja", "%d d ago", "לפני %d ימ׳", "%d дн. назад", "πριν %d ημ."),
	"ago.months":  locale.Row("%d hónapja", "%d mo ago", "לפני %d חוד׳", "%d мес. назад", "πριν %d μήν."),
	"in.minutes":  locale.Row("%d perc múlva", "in %d min", "בעוד %d דק׳", "через %d мин", "σε %d λ."),
	"in.hours":    locale.Row("%d óra múlva", "in %d h", "בעוד %d שע׳", "через %d ч", "σε %d ώ."),
	"in.days":     locale.Row("%d nap múlva", "in %d d", "בעוד %d ימ׳", "через %d дн.", "σε %d ημ."),
	"in.months":   locale.Row("%d hónap múlva", "in %d mo", "בעוד %d חוד׳", "через %d мес.", "σε %d μήν."),

	"owner.none": locale.Row("nincs gazdája", "nobody", "ללא אחראי", "ничей", "κανείς"),
	"owner":      locale.Row("Felelős", "Owner", "אחראי", "Ответственный", "Υπεύθυνος"),
}

var faultTexts = locale.Texts{
	"fault.required.members":        locale.Row("Jelölje meg, kik osztoznak az érdeklődőkön.", "Tick who shares the leads.", "סמנו בין מי מתחלקים הלידים.", "Отметьте, кто делит лиды.", "Επιλέξτε ποιοι μοιράζονται τους υποψηφίους."),
	"fault.required.trigger.events": locale.Row("Jelölje meg, mi indítja a szabályt.", "Tick what sets the rule off.", "סמנו מה מפעיל את הכלל.", "Отметьте, что запускает правило.", "Επιλέξτε τι ξεκινά τον κανόνα."),
	"fault.list.length.steps":       locale.Row("Adjon meg legalább egy, legfeljebb negyven lépést.", "Give one to forty steps.", "יש להזין בין שלב אחד לארבעים.", "Укажите от одного до сорока шагов.", "Δώστε από ένα έως σαράντα βήματα."),
	"fault.range.steps":             locale.Row("Egy lépésre 0–366 munkanap adható.", "A step has 0 to 366 working days.", "לשלב אפשר לתת 0–366 ימי עבודה.", "На шаг — от 0 до 366 рабочих дней.", "Ένα βήμα έχει 0–366 εργάσιμες ημέρες."),
	"fault.range.until":             locale.Row("Az utolsó nap nem lehet az első előtt.", "The last day must not be before the first.", "היום האחרון אינו יכול להיות לפני הראשון.", "Последний день не может быть раньше первого.", "Η τελευταία ημέρα δεν μπορεί να είναι πριν από την πρώτη."),
	"fault.range.starts_on":         locale.Row("Az időszak egy hónap első napján kezdődik.", "A period begins on the first day of a month.", "התקופה מתחילה ביום הראשון של חודש.", "Период начинается в первый день месяца.", "Η περίοδος αρχίζει την πρώτη ημέρα ενός μήνα."),
	"fault.range.target":            locale.Row("Adjon meg egy nullánál nagyobb célt.", "Give a target above zero.", "הזינו יעד גדול מאפס.", "Укажите цель больше нуля.", "Δώστε στόχο μεγαλύτερο από το μηδέν."),
	"fault.choice.deputy":           locale.Row("Ő van távol; válasszon mást, vagy senkit.", "That is who is away; choose somebody else, or nobody.", "זה מי שנעדר; בחרו אחר או אף אחד.", "Это тот, кто отсутствует; выберите другого или никого.", "Είναι αυτός που απουσιάζει· επιλέξτε άλλον ή κανέναν."),
	"fault.required":                locale.Row("Hiányzik; töltse ki.", "Missing; fill it in.", "חסר; יש למלא.", "Не заполнено; заполните.", "Λείπει· συμπληρώστε το."),
	"fault.number":                  locale.Row("Nem szám; így írja: 1 234,50", "Not a number; write it as 1,234.50", "לא מספר; יש לכתוב 1,234.50", "Не число; пишите 1 234,50", "Δεν είναι αριθμός· γράψτε 1.234,50"),
	"fault.date":                    locale.Row("Nem dátum; így írja: 2026. 07. 13.", "Not a date; write it as 13/07/2026", "לא תאריך; יש לכתוב 13.7.2026", "Не дата; пишите 13.07.2026", "Δεν είναι ημερομηνία· γράψτε 13/7/2026"),
	"fault.time":                    locale.Row("Nem időpont; így írja: 14:30", "Not a time; write it as 14:30", "לא שעה; יש לכתוב 14:30", "Не время; пишите 14:30", "Δεν είναι ώρα· γράψτε 14:30"),
	"fault.email.form":              locale.Row("Nem e-mail-cím; így írja: nev@example.com", "Not an e-mail address; write it as name@example.com", "לא כתובת דוא״ל; יש לכתוב name@example.com", "Не адрес эл. почты; пишите name@example.com", "Δεν είναι e-mail· γράψτε name@example.com"),
	"fault.tax_id.check":            locale.Row("Elgépelt adószám: az ellenőrző szám nem egyezik.", "Mistyped: the check digit does not fit.", "מספר שגוי: ספרת הביקורת אינה מתאימה.", "Опечатка: контрольная цифра не сходится.", "Λάθος ψηφίο: ο έλεγχος δεν ταιριάζει."),
	"fault.tax_id.form":             locale.Row("Ebben az országban más alakú az adószám.", "A tax id of this country looks different.", "מספר העוסק בארץ זו נראה אחרת.", "ИНН этой страны выглядит иначе.", "Το ΑΦΜ αυτής της χώρας έχει άλλη μορφή."),
	"fault.reach":                   locale.Row("Nincs elérhetőség: adjon meg e-mailt, telefont vagy címet.", "No way to reach: give an e-mail, a phone or an address.", "אין דרך ליצור קשר: מלאו דוא״ל, טלפון או כתובת.", "Нет контакта: укажите почту, телефон или адрес.", "Χωρίς στοιχεία επικοινωνίας: δώστε e-mail, τηλέφωνο ή διεύθυνση."),
	"fault.not_customer":            locale.Row("Még nem vevő az ERP-ben; előbb alakítsa vevővé.", "Not a customer of the ERP yet; convert the lead first.", "עדיין לא לקוח ב-ERP; יש להמיר תחילה את הליד.", "Ещё не клиент ERP; сначала конвертируйте лид.", "Δεν είναι ακόμη πελάτης· μετατρέψτε πρώτα τον υποψήφιο."),
	"fault.nothing_left":            locale.Row("Nem maradt mit szállítani vagy számlázni.", "Nothing remains to deliver or invoice.", "לא נותר מה לספק או לחייב.", "Нечего отгружать или выставлять.", "Δεν απομένει τίποτα."),
	"fault.remaining":               locale.Row("Több, mint ami hátravan.", "More than remains.", "יותר ממה שנותר.", "Больше остатка.", "Περισσότερα από όσα απομένουν."),
	"fault.positive":                locale.Row("Nullánál több kell.", "Must be more than zero.", "חייב להיות יותר מאפס.", "Должно быть больше нуля.", "Πρέπει να είναι πάνω από μηδέν."),
	"fault.currency.form":           locale.Row("Nem pénznem; így írja: EUR", "Not a currency; write it as EUR", "לא מטבע; יש לכתוב EUR", "Не валюта; пишите EUR", "Δεν είναι νόμισμα· γράψτε EUR"),
	"fault.country.code":            locale.Row("Ismeretlen ország.", "Unknown country.", "ארץ לא מוכרת.", "Неизвестная страна.", "Άγνωστη χώρα."),
	"fault.product.unknown":         locale.Row("Nincs ilyen cikk.", "There is no such product.", "אין מוצר כזה.", "Нет такого товара.", "Δεν υπάρχει τέτοιο προϊόν."),
	"fault.lines.none":              locale.Row("Nincs tétel; vegyen fel legalább egyet.", "There is no line; add at least one.", "אין שורות; הוסיפו אחת לפחות.", "Нет строк; добавьте хотя бы одну.", "Δεν υπάρχει γραμμή· προσθέστε μία."),
}

var keyTexts = locale.Texts{
	"keys.new":     locale.Row("új, ami a lapra illik", "new, as fits the page", "חדש, לפי הדף", "создать новое", "νέο, ανάλογα με τη σελίδα"),
	"keys.capture": locale.Row("érdeklődő gyors felvétele", "quick capture of a lead", "קליטה מהירה של ליד", "быстрый ввод лида", "γρήγορη καταχώριση υποψηφίου"),
	"keys.edit":    locale.Row("a kijelölt sor szerkesztése", "edit the marked row", "עריכת השורה המסומנת", "изменить строку", "επεξεργασία γραμμής"),
	"keys.rows":    locale.Row("le és föl a sorokban", "down and up the rows", "מטה ומעלה בשורות", "вниз и вверх по строкам", "κάτω και πάνω στις γραμμές"),
	"keys.open":    locale.Row("a sor megnyitása", "open the row", "פתיחת השורה", "открыть строку", "άνοιγμα γραμμής"),
	"keys.mark":    locale.Row("a sor bejelölése", "mark the row", "סימון השורה", "отметить строку", "επιλογή γραμμής"),
	"keys.send":    locale.Row("az űrlap elküldése", "send the form", "שליחת הטופס", "отправить форму", "υποβολή φόρμας"),
	"keys.close":   locale.Row("bezárás, visszalépés", "close, give up", "סגירה, ביטול", "закрыть", "κλείσιμο"),
	"keys.list":    locale.Row("ez a lista", "this list", "רשימה זו", "этот список", "αυτή η λίστα"),
}
