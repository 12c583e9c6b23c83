package web

import "github.com/crmplus/crmplus/crm/locale"

// oneTexts are the texts that are said of one: [locale.Texts.T] takes them before those of the same keys without
// ".one".
var oneTexts = locale.Texts{
	"audit.times.one":                locale.Row("egyszer", "once", "פעם אחת", "1 раз", "μία φορά"),
	"list.rows.one":                  locale.Row("1 sor", "1 row", "שורה אחת", "Строк: 1", "1 γραμμή"),
	"commission.deals.one":           locale.Row("1 ügylet", "1 deal", "עסקה אחת", "сделок: 1", "1 συμφωνία"),
	"customer.days.one":              locale.Row("1 nap", "1 day", "יום אחד", "1 дн.", "1 ημέρα"),
	"customer.latedays.one":          locale.Row("1 nap", "1 day", "יום אחד", "1 дн.", "1 ημέρα"),
	"deal.days.one":                  locale.Row("1 nap", "1 d", "יום אחד", "1 дн.", "1 ημ."),
	"regulations.days.one":           locale.Row("1 munkanap", "1 working day", "יום עבודה אחד", "1 раб. дн.", "1 εργάσιμη"),
	"sold.chart.one":                 locale.Row("1 rendelés az utolsó három évben", "1 order in the last three years", "הזמנה אחת בשלוש השנים האחרונות", "заказов за три года: 1", "1 παραγγελία τα τελευταία τρία χρόνια"),
	"value.silent.one":               locale.Row("1 napja", "1 day", "יום אחד", "1 дн.", "1 ημέρα"),
	"convert.lacks.one":              locale.Row("Még egy adat hiányzik vagy hibás.", "One field is missing or wrong.", "שדה אחד חסר או שגוי.", "Не хватает или неверно одно поле.", "Λείπει ή είναι λάθος ένα πεδίο."),
	"sms.parts.one":                  locale.Row("1 rész", "1 part", "חלק אחד", "Частей: 1", "1 τμήμα"),
	"campaign.shown.one":             locale.Row("1 hírlevél az oldalon", "1 campaign on this page", "דיוור אחד בעמוד", "Рассылок на странице: 1", "1 καμπάνια στη σελίδα"),
	"campaign.cancel.waiting.one":    locale.Row("Még egy olvasó vár rá.", "One reader still waits for it.", "קורא אחד עדיין ממתין.", "Ещё ждёт один.", "Ένας αναγνώστης περιμένει ακόμη."),
	"recipient.shown.one":            locale.Row("1 sor az oldalon", "1 row on this page", "שורה אחת בעמוד", "Строк на странице: 1", "1 γραμμή στη σελίδα"),
	"content.faults.one":             locale.Row("1 hiba", "1 fault", "שגיאה אחת", "Ошибок: 1", "1 σφάλμα"),
	"topic.readers.one":              locale.Row("1 olvasó", "1 reader", "קורא אחד", "читателей: 1", "1 αναγνώστης"),
	"deal.age.one":                   locale.Row("egy napja ebben a szakaszban", "one day in this stage", "יום אחד בשלב זה", "1 дн. на этом этапе", "1 ημέρα σε αυτό το στάδιο"),
	"deal.count.one":                 locale.Row("1 lehetőség", "1 opportunity", "הזדמנות אחת", "сделок: 1", "1 ευκαιρία"),
	"quote.shown.one":                locale.Row("1 árajánlat az oldalon", "1 quote on this page", "הצעה אחת בעמוד", "Предложений на странице: 1", "1 προσφορά στη σελίδα"),
	"quote.lines.come.one":           locale.Row("A lehetőség egyetlen tétele átkerül.", "The opportunity's only line comes along.", "השורה היחידה של ההזדמנות תועבר.", "Перейдёт единственная строка сделки.", "Μεταφέρεται η μοναδική γραμμή της ευκαιρίας."),
	"quote.send.again.one":           locale.Row("Ezt a változatot egyszer már elküldték.", "This version was sent once already.", "גרסה זו כבר נשלחה פעם אחת.", "Эта версия уже отправлялась один раз.", "Αυτή η έκδοση έχει ήδη σταλεί μία φορά."),
	"sending.questions.one":          locale.Row("1 kérdés", "1 question", "שאלה אחת", "вопросов: 1", "1 ερώτηση"),
	"line.found.one":                 locale.Row("1 cikk található", "1 product found", "נמצא מוצר אחד", "Найдено товаров: 1", "Βρέθηκε 1 προϊόν"),
	"line.pasted.one":                locale.Row("1 sor beillesztve", "1 line pasted", "הודבקה שורה אחת", "Вставлено строк: 1", "Επικολλήθηκε 1 γραμμή"),
	"segment.shown.one":              locale.Row("1 szegmens az oldalon", "1 segment on this page", "פלח אחד בעמוד", "сегментов на странице: 1", "1 τμήμα στη σελίδα"),
	"sequence.shown.one":             locale.Row("1 sorozat az oldalon", "1 sequence on this page", "רצף אחד בעמוד", "Цепочек на странице: 1", "1 ακολουθία στη σελίδα"),
	"sequence.readers.shown.one":     locale.Row("1 olvasó az oldalon", "1 reader on this page", "קורא אחד בעמוד", "Читателей на странице: 1", "1 αναγνώστης στη σελίδα"),
	"sequence.wait.hours.one":        locale.Row("1 óra", "1 hour", "שעה אחת", "1 ч", "1 ώρα"),
	"sequence.wait.days.one":         locale.Row("1 nap", "1 day", "יום אחד", "1 дн.", "1 ημέρα"),
	"sequence.wait.working_days.one": locale.Row("1 munkanap", "1 working day", "יום עבודה אחד", "1 раб. дн.", "1 εργάσιμη"),
	"sequence.underway.one":          locale.Row("Egy olvasó van úton. Mi legyen vele?", "One reader is under way. What becomes of him?", "קורא אחד בדרך. מה יהיה איתו?", "В пути один читатель. Что с ним делать?", "Ένας αναγνώστης καθ' οδόν. Τι θα γίνει με αυτόν;"),
	"sequence.archive.about.one":     locale.Row("Egy olvasó azonnal kikerül belőle, és a sorozat nem indítható újra.", "One reader leaves at once, and the sequence cannot be started again.", "קורא אחד ייצא מיד, ואי אפשר להפעיל את הרצף שוב.", "Один читатель выйдет сразу; снова запустить цепочку нельзя.", "Ένας αναγνώστης βγαίνει αμέσως και η ακολουθία δεν ξεκινά ξανά."),
	"sequence.end.after.one":         locale.Row("egy nap múlva", "after one day", "אחרי יום אחד", "через 1 дн.", "μετά από 1 ημέρα"),
	"sequence.enter.about.one":       locale.Row("Egy érdeklődő kerül bele, az elejétől.", "One lead comes in, at the top.", "מתעניין אחד ייכנס, מההתחלה.", "Войдёт одно обращение, с начала.", "Ένας ενδιαφερόμενος μπαίνει από την αρχή."),
}
