package api

import (
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// titles name the kinds of problem.
var titles = locale.Texts{
	"not_found":             locale.Row("Nincs ilyen rekord, vagy nem láthatja", "There is no such record, or you may not see it", "הרשומה אינה קיימת, או שאין לך הרשאה לראות אותה", "Такой записи нет, или она вам не видна", "Δεν υπάρχει τέτοια εγγραφή ή δεν μπορείτε να τη δείτε"),
	"conflict":              locale.Row("Valaki más közben módosította", "Somebody else changed it first", "מישהו אחר שינה זאת קודם", "Кто-то уже изменил запись", "Κάποιος άλλος το άλλαξε πρώτος"),
	"precondition.failed":   locale.Row("A rekord azóta megváltozott", "The record was changed since it was read", "הרשומה שונתה מאז שנקראה", "Запись изменена после чтения", "Η εγγραφή άλλαξε αφότου διαβάστηκε"),
	"precondition.required": locale.Row("Az If-Match fejléc hiányzik", "The header If-Match is missing", "הכותרת If-Match חסרה", "Отсутствует заголовок If-Match", "Λείπει η κεφαλίδα If-Match"),
	"precondition.form":     locale.Row("Az If-Match fejléc nem olvasható", "The header If-Match cannot be read", "לא ניתן לקרוא את הכותרת If-Match", "Заголовок If-Match не читается", "Η κεφαλίδα If-Match δεν διαβάζεται"),
	"forbidden":             locale.Row("Ehhez nincs joga", "You may not do this", "אין לך הרשאה לכך", "У вас нет на это права", "Δεν έχετε δικαίωμα γι’ αυτό"),
	"invalid":               locale.Row("A kérésben valami hibás", "Something in the request is wrong", "משהו בבקשה שגוי", "В запросе есть ошибка", "Κάτι στο αίτημα είναι λάθος"),
	"malformed":             locale.Row("A kérés nem olvasható", "The request cannot be read", "לא ניתן לקרוא את הבקשה", "Запрос не читается", "Το αίτημα δεν διαβάζεται"),
	"retryable":             locale.Row("Az adatbázis foglalt; próbálja újra", "The database is busy; try again", "מסד הנתונים עמוס; נסו שוב", "База данных занята; повторите попытку", "Η βάση είναι απασχολημένη· δοκιμάστε ξανά"),
	"limit":                 locale.Row("Túl sok kérés", "Too many requests", "יותר מדי בקשות", "Слишком много запросов", "Πάρα πολλά αιτήματα"),
	"unavailable":           locale.Row("Most nem érhető el; próbálja később", "Not available now; try later", "אינו זמין כעת; נסו מאוחר יותר", "Сейчас недоступно; попробуйте позже", "Δεν είναι διαθέσιμο τώρα· δοκιμάστε αργότερα"),
	"unknown":               locale.Row("Az ügyviteli rendszer nem válaszolt; ellenőrizze, mi történt", "The ERP gave no answer; look what it did", "מערכת ה־ERP לא השיבה; יש לבדוק מה בוצע", "Учётная система не ответила; проверьте, что произошло", "Το ERP δεν απάντησε· ελέγξτε τι έγινε"),
	"key.missing":           locale.Row("Hiányzik az API-kulcs", "The API key is missing", "חסר מפתח API", "Нет ключа API", "Λείπει το κλειδί API"),
	"key.invalid":           locale.Row("Az API-kulcs nem érvényes", "The API key is not valid", "מפתח ה־API אינו תקף", "Ключ API недействителен", "Το κλειδί API δεν είναι έγκυρο"),
	"key.attempts":          locale.Row("Túl sok érvénytelen API-kulcs erről a címről", "Too many wrong API keys from this address", "יותר מדי מפתחות API שגויים מכתובת זו", "Слишком много неверных ключей API с этого адреса", "Πάρα πολλά λάθος κλειδιά API από αυτή τη διεύθυνση"),
	"route.unknown":         locale.Row("Nincs ilyen cím", "There is no such address", "אין כתובת כזו", "Такого адреса нет", "Δεν υπάρχει τέτοια διεύθυνση"),
	"method":                locale.Row("Ez a cím nem így kérhető", "This address takes other methods", "הכתובת אינה מקבלת שיטה זו", "Этот адрес так не вызывается", "Αυτή η διεύθυνση δέχεται άλλες μεθόδους"),
	"internal":              locale.Row("Belső hiba", "Something failed inside", "תקלה פנימית", "Внутренняя ошибка", "Εσωτερικό σφάλμα"),
	"too_large":             locale.Row("A kérés túl nagy", "The request is too large", "הבקשה גדולה מדי", "Запрос слишком велик", "Το αίτημα είναι πολύ μεγάλο"),
	"media_type":            locale.Row("A kérés típusa nem megfelelő", "The request has the wrong type", "סוג הבקשה שגוי", "Неверный тип запроса", "Λάθος τύπος αιτήματος"),
	"timeout":               locale.Row("A kérés nem érkezett meg időben", "The request did not arrive in time", "הבקשה לא הגיעה בזמן", "Запрос не пришёл вовремя", "Το αίτημα δεν έφτασε εγκαίρως"),
	"request.running":       locale.Row("Az első kérés még folyamatban van", "The first request is still under way", "הבקשה הראשונה עדיין מתבצעת", "Первый запрос ещё выполняется", "Το πρώτο αίτημα εκτελείται ακόμη"),
	"token.reused":          locale.Row("Az Idempotency-Key egy másik kéréshez tartozik", "The Idempotency-Key belongs to another request", "ה־Idempotency-Key שייך לבקשה אחרת", "Idempotency-Key относится к другому запросу", "Το Idempotency-Key ανήκει σε άλλο αίτημα"),
}

// messages say the usual faults in the reader's language. English has the message of the fault itself,
// which is more precise; so has a fault whose code does not stand here.
var messages = locale.Texts{
	"required":         locale.Row("Hiányzik; adja meg", "Is missing; it has to be given", "חסר; יש למלא", "Не заполнено; укажите значение", "Λείπει· συμπληρώστε το"),
	"choice":           locale.Row("Nem választható érték", "Is none of the allowed values", "ערך שאינו ברשימה", "Недопустимое значение", "Μη επιτρεπτή τιμή"),
	"unknown":          locale.Row("Nincs ilyen", "There is no such thing", "לא קיים", "Такого нет", "Δεν υπάρχει"),
	"type":             locale.Row("Nem megfelelő típusú érték", "Is of the wrong type", "סוג ערך שגוי", "Значение неверного типа", "Λάθος τύπος τιμής"),
	"form":             locale.Row("Nem megfelelő alakú", "Is not of the right form", "צורה שגויה", "Неверный формат", "Λάθος μορφή"),
	"json":             locale.Row("Nem érvényes JSON", "Is no valid JSON", "JSON לא תקין", "Некорректный JSON", "Μη έγκυρο JSON"),
	"range":            locale.Row("Kívül esik a megengedett tartományon", "Is out of range", "מחוץ לטווח המותר", "Вне допустимых пределов", "Εκτός ορίων"),
	"negative":         locale.Row("Nem lehet nullánál kisebb", "Cannot be below zero", "אינו יכול להיות קטן מאפס", "Не может быть меньше нуля", "Δεν μπορεί να είναι κάτω από το μηδέν"),
	"positive":         locale.Row("Nagyobbnak kell lennie nullánál", "Has to be above zero", "חייב להיות גדול מאפס", "Должно быть больше нуля", "Πρέπει να είναι πάνω από το μηδέν"),
	"number.large":     locale.Row("Túl nagy szám", "The number is too large", "המספר גדול מדי", "Слишком большое число", "Ο αριθμός είναι πολύ μεγάλος"),
	"decimals":         locale.Row("Túl sok tizedesjegy", "Has too many decimals", "יותר מדי ספרות אחרי הנקודה", "Слишком много знаков после запятой", "Πάρα πολλά δεκαδικά ψηφία"),
	"text.length":      locale.Row("Túl hosszú; rövidítse", "Is too long; shorten it", "ארוך מדי; יש לקצר", "Слишком длинно; сократите", "Πολύ μεγάλο· συντομεύστε το"),
	"text.form":        locale.Row("Nem szöveges jeleket tartalmaz", "Holds bytes that are not text", "מכיל תווים שאינם טקסט", "Содержит недопустимые символы", "Περιέχει μη έγκυρους χαρακτήρες"),
	"count":            locale.Row("Nem megfelelő számú elem", "Has too many or too few entries", "מספר פריטים שגוי", "Недопустимое количество элементов", "Λάθος πλήθος στοιχείων"),
	"duplicate":        locale.Row("Már van ilyen", "Exists already", "כבר קיים", "Уже существует", "Υπάρχει ήδη"),
	"email.form":       locale.Row("Nem e-mail-cím; írja így: nev@example.com", "Is no e-mail address; write it as name@example.com", "לא כתובת דוא״ל; יש לכתוב name@example.com", "Не адрес эл. почты; пишите name@example.com", "Δεν είναι e-mail· γράψτε name@example.com"),
	"currency.form":    locale.Row("Nem pénznem; adjon meg kódot, pl. EUR", "Is no currency; give a code such as EUR", "לא מטבע; יש לציין קוד כגון EUR", "Не валюта; укажите код, например EUR", "Δεν είναι νόμισμα· δώστε κωδικό, π.χ. EUR"),
	"date.form":        locale.Row("Nem dátum; írja így: 2026-07-13", "Is no date; write it like 2026-07-13", "לא תאריך; יש לכתוב 2026-07-13", "Не дата; пишите 2026-07-13", "Δεν είναι ημερομηνία· γράψτε 2026-07-13"),
	"date.past":        locale.Row("Már elmúlt; adjon meg későbbit", "Is over; give a later one", "כבר עבר; יש לציין מאוחר יותר", "Уже прошло; укажите более позднее", "Έχει περάσει· δώστε μεταγενέστερη"),
	"time.form":        locale.Row("Nem időpont; írja így: 2026-07-13T10:00:00Z", "Is no time; write it like 2026-07-13T10:00:00Z", "לא מועד; יש לכתוב 2026-07-13T10:00:00Z", "Не время; пишите 2026-07-13T10:00:00Z", "Δεν είναι χρόνος· γράψτε 2026-07-13T10:00:00Z"),
	"transition":       locale.Row("Ebből az állapotból ez nem lehetséges", "Is not possible from this state", "לא אפשרי ממצב זה", "Из этого состояния невозможно", "Δεν γίνεται από αυτή την κατάσταση"),
	"state":            locale.Row("Ebben az állapotban ez nem lehetséges", "Is not possible in this state", "לא אפשרי במצב זה", "В этом состоянии невозможно", "Δεν γίνεται σε αυτή την κατάσταση"),
	"split.sum":        locale.Row("A részesedések összege nem 100 %", "The shares do not add up to 100 %", "החלקים אינם מסתכמים ל־100%", "Доли в сумме не дают 100 %", "Τα μερίδια δεν αθροίζουν στο 100 %"),
	"language.unknown": locale.Row("Ismeretlen nyelv; hu, en, he, ru vagy el", "Is no known language; choose hu, en, he, ru or el", "שפה לא מוכרת; hu, en, he, ru או el", "Неизвестный язык; hu, en, he, ru или el", "Άγνωστη γλώσσα· hu, en, he, ru ή el"),
	"conflict":         locale.Row("Azóta erre változott: %s", "Is now %s", "שונה בינתיים ל: %s", "Теперь: %s", "Τώρα είναι: %s"),
	"exceeds":          locale.Row("Több, mint amire Önnek joga van", "Is more than you have yourself", "יותר ממה שיש לך", "Больше, чем есть у вас", "Περισσότερο από όσο έχετε"),
	"token.reused":     locale.Row("Egy másik kéréshez tartozik", "Belongs to another request", "שייך לבקשה אחרת", "Относится к другому запросу", "Ανήκει σε άλλο αίτημα"),
}

func messageIn(lang locale.Language, f fault.Fault) string {
	if _, ok := messages[f.Code]; !ok || lang == locale.English {
		return f.Message
	}
	if f.Code == "conflict" {
		_, now, _ := strings.Cut(f.Message, " is now ")
		return messages.T(lang, f.Code, now)
	}
	return messages.T(lang, f.Code)
}
