package web

import (
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// borrowedTexts are words of other packages under the prefixes of the cards.
var borrowedTexts = func() locale.Texts {
	all := locale.Texts{}
	for _, from := range []struct {
		texts        locale.Texts
		prefix, into string
	}{{quote.Texts, "state.", "card.quote."}, {convert.Texts, "kind.", "hostkind."}, {convert.Texts, "state.", "hoststate."}} {
		for key, row := range from.texts {
			if rest, ok := strings.CutPrefix(key, from.prefix); ok {
				all[from.into+rest] = row
			}
		}
	}
	return all
}()

var cardTexts = locale.Texts{
	"card.audit":          locale.Row("Ki mit tett vele, és ki nyitotta meg", "Who did what with it, and who opened it", "מי עשה מה ומי פתח", "Кто что делал и кто открывал", "Ποιος έκανε τι και ποιος το άνοιξε"),
	"card.changes":        locale.Row("Mezők módosítása (%d)", "Field changes (%d)", "שינויים בשדות (%d)", "Изменения полей (%d)", "Αλλαγές πεδίων (%d)"),
	"card.status":         locale.Row("Állapot", "Status", "מצב", "Статус", "Κατάσταση"),
	"card.expected_value": locale.Row("Várható érték", "Expected value", "שווי צפוי", "Ожидаемая сумма", "Αναμενόμενη αξία"),
	"card.owner_user":     locale.Row("Felelős", "Owner", "אחראי", "Ответственный", "Υπεύθυνος"),
	"card.details":        locale.Row("Adatok", "Details", "פרטים", "Данные", "Στοιχεία"),
	"card.map":            locale.Row("Térkép", "Map", "מפה", "Карта", "Χάρτης"),
	"card.note":           locale.Row("Jegyzet", "Note", "הערה", "Заметка", "Σημείωση"),
	"card.missing":        locale.Row("hiányzik", "missing", "חסר", "не указано", "λείπει"),
	"card.edit":           locale.Row("Szerkesztés: %s", "Edit: %s", "עריכה: %s", "Изменить: %s", "Επεξεργασία: %s"),
	"card.saved":          locale.Row("Mentve", "Saved", "נשמר", "Сохранено", "Αποθηκεύτηκε"),
	"card.taken":          locale.Row("Mostantól Ön a felelős", "You own it now", "הוא שלך מעכשיו", "Теперь он ваш", "Είναι πλέον δικός σας"),
	"card.take":           locale.Row("Átveszem", "Take it", "לקיחה לטיפולי", "Взять себе", "Τον αναλαμβάνω"),
	"card.assign":         locale.Row("Felelős módosítása", "Change the owner", "החלפת האחראי", "Сменить ответственного", "Αλλαγή υπευθύνου"),
	"card.arrived":        locale.Row("érkezett:", "arrived", "הגיע", "поступил:", "ήρθε"),
	"card.similar":        locale.Row("Lehet, hogy már ismerjük (%d):", "May be known already (%d):", "ייתכן שכבר מוכר (%d):", "Возможно, уже известен (%d):", "Ίσως είναι ήδη γνωστός (%d):"),
	"card.similar.look":   locale.Row("Összehasonlítás", "Compare", "השוואה", "Сравнить", "Σύγκριση"),
	"card.new.quote":      locale.Row("Új ajánlat", "New quote", "הצעת מחיר חדשה", "Новое предложение", "Νέα προσφορά"),
	"card.new.deal":       locale.Row("Új lehetőség", "New opportunity", "הזדמנות חדשה", "Новая сделка", "Νέα ευκαιρία"),
	"card.sequences.none": locale.Row("Egy sorozatban sincs.", "In no sequence.", "לא נמצא באף רצף.", "Ни в одной цепочке.", "Σε καμία ακολουθία."),
	"card.deals.none":     locale.Row("Még nincs lehetőség.", "No opportunity yet.", "אין עדיין הזדמנות.", "Сделок пока нет.", "Καμία ευκαιρία ακόμη."),
	"card.quotes.none":    locale.Row("Még nincs ajánlat.", "No quote yet.", "אין עדיין הצעת מחיר.", "Предложений пока нет.", "Καμία προσφορά ακόμη."),
	"card.quote.draft":    locale.Row("Piszkozat", "Draft", "טיוטה", "Черновик", "Πρόχειρη"),
	"card.deal.open":      locale.Row("nyitott", "open", "פתוחה", "открыта", "ανοικτή"),
	"card.deal.won":       locale.Row("megnyert", "won", "נסגרה בהצלחה", "выиграна", "κερδισμένη"),
	"card.deal.lost":      locale.Row("elveszett", "lost", "אבדה", "проиграна", "χαμένη"),
	"card.deal.on_hold":   locale.Row("szünetel", "on hold", "בהמתנה", "приостановлена", "σε αναμονή"),
	"card.links":          locale.Row("Az ERP-ben", "In the ERP", "ב-ERP", "В ERP", "Στο ERP"),
	"card.touches":        locale.Row("Megkeresések", "Touches", "נקודות מגע", "Касания", "Επαφές"),
	"card.name":           locale.Row("Név", "Name", "שם", "Имя", "Όνομα"),
	"card.job_title":      locale.Row("Beosztás", "Job title", "תפקיד", "Должность", "Θέση"),
	"card.organization":   locale.Row("Cég", "Company", "חברה", "Компания", "Εταιρεία"),
	"card.email":          locale.Row("E-mail", "E-mail", "דוא״ל", "Эл. почта", "E-mail"),
	"card.phone":          locale.Row("Telefon", "Phone", "טלפון", "Телефон", "Τηλέφωνο"),
	"card.mobile":         locale.Row("Mobil", "Mobile", "נייד", "Мобильный", "Κινητό"),
	"card.website":        locale.Row("Honlap", "Website", "אתר", "Сайт", "Ιστότοπος"),
	"card.language":       locale.Row("Nyelv", "Language", "שפה", "Язык", "Γλώσσα"),
	"card.tax_id":         locale.Row("Adószám", "Tax id", "מספר עוסק", "ИНН", "ΑΦΜ"),
	"card.line1":          locale.Row("Utca, házszám", "Street and number", "רחוב ומספר", "Улица, дом", "Οδός και αριθμός"),
	"card.line2":          locale.Row("Emelet, ajtó", "Floor, door", "קומה, דלת", "Этаж, офис", "Όροφος, θύρα"),
	"card.postal_code":    locale.Row("Irányítószám", "Postal code", "מיקוד", "Индекс", "Τ.Κ."),
	"card.city":           locale.Row("Település", "City", "יישוב", "Город", "Πόλη"),
	"card.country":        locale.Row("Ország", "Country", "ארץ", "Страна", "Χώρα"),
	"card.interest":       locale.Row("Mit keres", "What is wanted", "מה מבוקש", "Что нужно", "Τι ζητά"),
	"card.value":          locale.Row("Várható érték", "Expected value", "שווי צפוי", "Ожидаемая сумма", "Αναμενόμενη αξία"),
	"card.currency":       locale.Row("Pénznem", "Currency", "מטבע", "Валюта", "Νόμισμα"),
	"card.source":         locale.Row("Forrás", "Source", "מקור", "Источник", "Πηγή"),
	"card.medium":         locale.Row("Csatorna", "Medium", "אמצעי", "Канал", "Μέσο"),
	"card.campaign":       locale.Row("Kampány", "Campaign", "קמפיין", "Кампания", "Καμπάνια"),
	"card.group.contact":  locale.Row("Elérhetőség", "Contact", "פרטי קשר", "Контакты", "Επικοινωνία"),
	"card.group.billing":  locale.Row("Számlázási adatok", "Billing", "פרטים לחיוב", "Для счетов", "Στοιχεία τιμολόγησης"),
	"card.group.interest": locale.Row("Érdeklődés", "Interest", "התעניינות", "Интерес", "Ενδιαφέρον"),
	"card.group.origin":   locale.Row("Honnan jött", "Where it came from", "מאין הגיע", "Откуда пришёл", "Από πού ήρθε"),

	"hostkind.customer": locale.Row("Vevő", "Customer", "לקוח", "Клиент", "Πελάτης"),
	"hostkind.contact":  locale.Row("Kapcsolattartó", "Contact", "איש קשר", "Контакт", "Επαφή"),

	"convert.gone": locale.Row("Ilyen vevő nincs az ERP-ben; válasszon másikat.", "The ERP has no such customer; choose another.", "אין לקוח כזה ב-ERP; בחרו אחר.", "Такого клиента в ERP нет; выберите другого.", "Δεν υπάρχει τέτοιος πελάτης στο ERP· επιλέξτε άλλον."),

	"needs.title":    locale.Row("Ami a számlázáshoz kell", "What invoicing needs", "מה נדרש לחיוב", "Что нужно для счёта", "Τι χρειάζεται για τιμολόγηση"),
	"needs.known":    locale.Row("megvan", "known", "ידוע", "есть", "υπάρχει"),
	"needs.customer": locale.Row("Már vevő:", "A customer already:", "כבר לקוח:", "Уже клиент:", "Ήδη πελάτης:"),

	"channel.form":    locale.Row("Webűrlap", "Web form", "טופס באתר", "Веб-форма", "Φόρμα ιστού"),
	"channel.hand":    locale.Row("Kézi felvétel", "Typed in", "הוקלד", "Введён вручную", "Καταχωρίστηκε"),
	"channel.file":    locale.Row("Fájlból", "From a file", "מקובץ", "Из файла", "Από αρχείο"),
	"channel.card":    locale.Row("Névjegy", "Business card", "כרטיס ביקור", "Визитка", "Κάρτα"),
	"channel.email":   locale.Row("E-mail", "E-mail", "דוא״ל", "Эл. письмо", "E-mail"),
	"channel.phone":   locale.Row("Telefon", "Phone", "טלפון", "Телефон", "Τηλέφωνο"),
	"channel.ad":      locale.Row("Hirdetés", "Advertisement", "פרסומת", "Реклама", "Διαφήμιση"),
	"channel.host":    locale.Row("ERP", "ERP", "ERP", "ERP", "ERP"),
	"channel.meeting": locale.Row("Személyesen", "In person", "פנים אל פנים", "Лично", "Αυτοπροσώπως"),
	"channel.other":   locale.Row("Egyéb", "Other", "אחר", "Другое", "Άλλο"),

	"convert.title":         locale.Row("Vevővé alakítás", "Convert to customer", "המרה ללקוח", "Сделать клиентом", "Μετατροπή σε πελάτη"),
	"convert.button":        locale.Row("Vevővé alakítás", "Convert", "המרה ללקוח", "Сделать клиентом", "Μετατροπή"),
	"convert.do":            locale.Row("Vevővé alakítás", "Convert to customer", "המרה ללקוח", "Сделать клиентом", "Μετατροπή σε πελάτη"),
	"convert.check":         locale.Row("Ellenőrzés", "Check first", "בדיקה", "Проверить", "Έλεγχος"),
	"convert.made":          locale.Row("Ez jön létre az ERP-ben", "Will be created in the ERP", "ייווצר ב-ERP", "Будет создано в ERP", "Θα δημιουργηθεί στο ERP"),
	"convert.matched":       locale.Row("Ismerjük már?", "Known already?", "כבר מוכר?", "Уже известен?", "Είναι ήδη γνωστός;"),
	"convert.missing":       locale.Row("Ami a számlázáshoz kell", "What invoicing needs", "מה נדרש לחיוב", "Что нужно для счёта", "Τι χρειάζεται για τιμολόγηση"),
	"convert.lacks":         locale.Row("Még %d adat hiányzik vagy hibás.", "%d fields are missing or wrong.", "חסרים או שגויים %d שדות.", "Не хватает или неверны поля: %d.", "Λείπουν ή είναι λάθος %d πεδία."),
	"convert.complete":      locale.Row("Minden adat megvan a számlázáshoz.", "Everything that invoicing needs is here.", "כל הנתונים לחיוב קיימים.", "Для счёта всё есть.", "Υπάρχουν όλα για τιμολόγηση."),
	"convert.already":       locale.Row("Már vevő:", "A customer already:", "כבר לקוח:", "Уже клиент:", "Ήδη πελάτης:"),
	"convert.customer":      locale.Row("Vevő", "Customer", "לקוח", "Клиент", "Πελάτης"),
	"convert.contact":       locale.Row("Kapcsolattartó", "Contact person", "איש קשר", "Контактное лицо", "Υπεύθυνος επικοινωνίας"),
	"convert.number":        locale.Row("Vevőkód", "Customer number", "מספר לקוח", "Номер клиента", "Αριθμός πελάτη"),
	"convert.new":           locale.Row("Új vevő", "New customer", "לקוח חדש", "Новый клиент", "Νέος πελάτης"),
	"convert.nomatch":       locale.Row("Az ERP-ben nincs hozzá hasonló vevő.", "The ERP has no similar customer.", "אין ב-ERP לקוח דומה.", "В ERP нет похожих клиентов.", "Δεν υπάρχει παρόμοιος πελάτης στο ERP."),
	"convert.fill":          locale.Row("A meglévő vevő üres mezőinek kitöltése", "Fill empty fields of the existing customer", "מילוי שדות ריקים של הלקוח הקיים", "Заполнить пустые поля клиента", "Συμπλήρωση κενών πεδίων του πελάτη"),
	"convert.search":        locale.Row("Másik vevő keresése", "Search another customer", "חיפוש לקוח אחר", "Найти другого клиента", "Αναζήτηση άλλου πελάτη"),
	"convert.also":          locale.Row("Ugyanennek a cégnek további érdeklődői", "Other leads of this company", "לידים נוספים של החברה", "Другие лиды компании", "Άλλοι υποψήφιοι της εταιρείας"),
	"convert.deal":          locale.Row("Lehetőség", "Opportunity", "הזדמנות", "Сделка", "Ευκαιρία"),
	"convert.deal.new":      locale.Row("Új lehetőség", "New opportunity", "הזדמנות חדשה", "Новая сделка", "Νέα ευκαιρία"),
	"convert.deal.name":     locale.Row("Megnevezés", "Title", "כותרת", "Название", "Τίτλος"),
	"convert.deal.close":    locale.Row("Várható zárás", "Expected close", "סגירה צפויה", "Ожидаемое закрытие", "Αναμενόμενο κλείσιμο"),
	"convert.deal.into":     locale.Row("Ebbe:", "Into", "אל", "В сделку", "Στην"),
	"convert.deal.none":     locale.Row("Lehetőség nélkül", "No opportunity", "ללא הזדמנות", "Без сделки", "Χωρίς ευκαιρία"),
	"convert.deal.open":     locale.Row("Lehetőség megnyitása", "Open the opportunity", "פתיחת ההזדמנות", "Открыть сделку", "Άνοιγμα ευκαιρίας"),
	"convert.customer.open": locale.Row("A vevő lapja", "The customer's card", "כרטיס הלקוח", "Карточка клиента", "Καρτέλα πελάτη"),
	"convert.result":        locale.Row("Átalakítás", "Conversion", "המרה", "Конвертация", "Μετατροπή"),
	"convert.inerp":         locale.Row("Az ERP-ben", "In the ERP", "ב-ERP", "В ERP", "Στο ERP"),
	"convert.next":          locale.Row("Innen tovább", "From here", "המשך מכאן", "Дальше", "Από εδώ"),
	"convert.filled":        locale.Row("Kitöltve", "Filled", "הושלם", "Заполнено", "Συμπληρώθηκε"),
	"convert.undo":          locale.Row("Átalakítás visszavonása", "Take the conversion back", "ביטול ההמרה", "Отменить конвертацию", "Αναίρεση μετατροπής"),

	"convert.state.created":   locale.Row("A vevő létrejött az ERP-ben.", "The customer was created in the ERP.", "הלקוח נוצר ב-ERP.", "Клиент создан в ERP.", "Ο πελάτης δημιουργήθηκε στο ERP."),
	"convert.state.linked":    locale.Row("Az érdeklődő az ERP meglévő vevőjéhez kapcsolódik.", "The lead is linked to a customer that the ERP had.", "הליד קושר ללקוח קיים ב-ERP.", "Лид связан с имеющимся клиентом ERP.", "Ο υποψήφιος συνδέθηκε με υπάρχοντα πελάτη του ERP."),
	"convert.state.pending":   locale.Row("Úton van az ERP-hez; a száma az ERP válasza után jelenik meg itt.", "On its way to the ERP; its number will stand here when the ERP has answered.", "בדרך ל-ERP; המספר יופיע כאן לאחר תשובתו.", "Отправлено в ERP; номер появится здесь после ответа.", "Καθ' οδόν προς το ERP· ο αριθμός θα φανεί εδώ όταν απαντήσει."),
	"convert.state.unknown":   locale.Row("Az ERP nem válaszolt; megnézzük, mi készült el, mielőtt újra kérnénk.", "The ERP did not answer; what it did is looked up before it is asked again.", "ה-ERP לא ענה; ייבדק מה נעשה לפני פנייה נוספת.", "ERP не ответила; перед повтором проверим, что сделано.", "Το ERP δεν απάντησε· θα ελεγχθεί τι έγινε πριν ζητηθεί ξανά."),
	"convert.state.failed":    locale.Row("Az ERP elutasította:", "The ERP refused:", "ה-ERP סירב:", "ERP отклонила:", "Το ERP αρνήθηκε:"),
	"convert.state.undoing":   locale.Row("A visszavonás úton van az ERP-hez.", "Taking it back is on its way to the ERP.", "הביטול בדרך ל-ERP.", "Отмена отправлена в ERP.", "Η αναίρεση είναι καθ' οδόν προς το ERP."),
	"convert.state.undone":    locale.Row("Az átalakítást visszavonták; az érdeklődő újra nyitott.", "The conversion was taken back; the lead is open again.", "ההמרה בוטלה; הליד פתוח שוב.", "Конвертация отменена; лид снова открыт.", "Η μετατροπή αναιρέθηκε· ο υποψήφιος είναι ξανά ανοικτός."),
	"convert.state.abandoned": locale.Row("Feladták, mielőtt az ERP-ben bármi létrejött volna.", "It was given up before the ERP had anything.", "הוזנח לפני שנוצר דבר ב-ERP.", "Отказались до того, как в ERP что-то появилось.", "Εγκαταλείφθηκε πριν δημιουργηθεί κάτι στο ERP."),
}
