package content

import "github.com/crmplus/crmplus/crm/locale"

// Texts are the words that the program puts into newsletters, and the names of the merge fields
// ("field.first_name").
var Texts = locale.Texts{
	"unsubscribe": locale.Row("Leiratkozás", "Unsubscribe", "הסרה מרשימת התפוצה", "Отписаться", "Διαγραφή"),
	"preferences": locale.Row("Beállítások", "Preferences", "העדפות", "Настройки", "Προτιμήσεις"),
	"view":        locale.Row("Megnyitás a böngészőben", "View in browser", "צפייה בדפדפן", "Открыть в браузере", "Προβολή στον περιηγητή"),
	"details":     locale.Row("Részletek", "Details", "לפרטים", "Подробнее", "Λεπτομέρειες"),

	"own.party": locale.Row("%s (partner)", "%s (contact)", "%s (איש קשר)", "%s (контакт)", "%s (επαφή)"),
	"own.lead":  locale.Row("%s (érdeklődés)", "%s (lead)", "%s (ליד)", "%s (лид)", "%s (υποψήφιος πελάτης)"),

	"field.salutation":          locale.Row("Megszólítás", "Salutation", "פנייה", "Обращение", "Προσφώνηση"),
	"field.salutation_familiar": locale.Row("Közvetlen megszólítás", "Familiar salutation", "פנייה אישית", "Личное обращение", "Οικεία προσφώνηση"),
	"field.first_name":          locale.Row("Keresztnév", "First name", "שם פרטי", "Имя", "Όνομα"),
	"field.last_name":           locale.Row("Vezetéknév", "Last name", "שם משפחה", "Фамилия", "Επώνυμο"),
	"field.full_name":           locale.Row("Teljes név", "Full name", "שם מלא", "Полное имя", "Ονοματεπώνυμο"),
	"field.email":               locale.Row("E-mail-cím", "E-mail address", "כתובת דוא\"ל", "Адрес эл. почты", "Διεύθυνση e-mail"),
	"field.company":             locale.Row("Cég", "Company", "חברה", "Компания", "Εταιρεία"),
	"field.job_title":           locale.Row("Beosztás", "Job title", "תפקיד", "Должность", "Θέση"),
	"field.city":                locale.Row("Település", "City", "עיר", "Город", "Πόλη"),
	"field.country":             locale.Row("Ország", "Country", "מדינה", "Страна", "Χώρα"),
	"field.customer_number":     locale.Row("Ügyfélszám", "Customer number", "מספר לקוח", "Номер клиента", "Αριθμός πελάτη"),
	"field.owner_name":          locale.Row("Kapcsolattartó neve", "Contact person", "שם איש הקשר", "Имя менеджера", "Υπεύθυνος επικοινωνίας"),
	"field.owner_email":         locale.Row("Kapcsolattartó e-mail-címe", "Contact person's e-mail", "דוא\"ל איש הקשר", "Эл. почта менеджера", "E-mail υπευθύνου"),
	"field.owner_phone":         locale.Row("Kapcsolattartó telefonja", "Contact person's phone", "טלפון איש הקשר", "Телефон менеджера", "Τηλέφωνο υπευθύνου"),
	"field.today":               locale.Row("A mai nap", "Today's date", "תאריך היום", "Сегодняшняя дата", "Σημερινή ημερομηνία"),
	"field.unsubscribe_url":     locale.Row("Leiratkozási hivatkozás", "Link to unsubscribe", "קישור להסרה", "Ссылка для отписки", "Σύνδεσμος διαγραφής"),
	"field.preference_url":      locale.Row("Beállítások hivatkozása", "Link to the preferences", "קישור להעדפות", "Ссылка на настройки", "Σύνδεσμος προτιμήσεων"),
	"field.view_url":            locale.Row("A hírlevél weboldala", "Link to the web version", "קישור לגרסת הדפדפן", "Ссылка на веб-версию", "Σύνδεσμος προβολής"),
}
