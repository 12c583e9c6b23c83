package search

import "github.com/crmplus/crmplus/crm/locale"

// Texts are what people read about a search.
var Texts = locale.Texts{
	"kind.lead":        locale.Row("Érdeklődők", "Leads", "לידים", "Лиды", "Υποψήφιοι πελάτες"),
	"kind.contact":     locale.Row("Kapcsolattartók", "Contacts", "אנשי קשר", "Контакты", "Επαφές"),
	"kind.customer":    locale.Row("Ügyfelek", "Customers", "לקוחות", "Клиенты", "Πελάτες"),
	"kind.opportunity": locale.Row("Lehetőségek", "Opportunities", "הזדמנויות", "Сделки", "Ευκαιρίες"),
	"kind.quote":       locale.Row("Ajánlatok", "Quotes", "הצעות מחיר", "Предложения", "Προσφορές"),

	"field.name":         locale.Row("név", "name", "שם", "имя", "όνομα"),
	"field.company":      locale.Row("cég", "company", "חברה", "компания", "εταιρεία"),
	"field.title":        locale.Row("megnevezés", "title", "כותרת", "название", "τίτλος"),
	"field.number":       locale.Row("szám", "number", "מספר", "номер", "αριθμός"),
	"field.email":        locale.Row("e-mail", "e-mail", "דוא״ל", "e-mail", "e-mail"),
	"field.phone":        locale.Row("telefon", "phone", "טלפון", "телефон", "τηλέφωνο"),
	"field.tax_id":       locale.Row("adószám", "tax number", "מספר עוסק", "ИНН", "ΑΦΜ"),
	"field.city":         locale.Row("település", "city", "יישוב", "город", "πόλη"),
	"field.earlier_name": locale.Row("korábbi név", "earlier name", "שם קודם", "прежнее имя", "προηγούμενο όνομα"),

	"customers.slow":      locale.Row("Az ügyfélrendszer nem válaszolt időben; lehet, hogy nem minden ügyfél látszik.", "The ERP did not answer in time; some customers may be missing.", "מערכת ה־ERP לא ענתה בזמן; ייתכן שחסרים לקוחות.", "ERP не ответила вовремя; возможно, показаны не все клиенты.", "Το ERP δεν απάντησε εγκαίρως· ίσως λείπουν πελάτες."),
	"customers.failed":    locale.Row("Az ügyfélrendszer hibát jelzett; lehet, hogy nem minden ügyfél látszik.", "The ERP reported an error; some customers may be missing.", "מערכת ה־ERP החזירה שגיאה; ייתכן שחסרים לקוחות.", "ERP сообщила об ошибке; возможно, показаны не все клиенты.", "Το ERP ανέφερε σφάλμα· ίσως λείπουν πελάτες."),
	"customers.cannot":    locale.Row("Az ügyfélrendszerben nem lehet keresni; csak azok az ügyfelek látszanak, akikkel már volt dolgunk.", "The ERP cannot be searched; only customers you have dealt with here are shown.", "לא ניתן לחפש במערכת ה־ERP; מוצגים רק לקוחות שכבר טופלו כאן.", "Поиск в ERP недоступен; показаны только клиенты, с которыми здесь уже работали.", "Δεν είναι δυνατή η αναζήτηση στο ERP· εμφανίζονται μόνο πελάτες με τους οποίους έχετε ήδη ασχοληθεί εδώ."),
	"customers.not_asked": locale.Row("Az ügyfélrendszerben most nem kerestünk; lehet, hogy nem minden ügyfél látszik.", "The ERP was not searched this time; some customers may be missing.", "הפעם לא בוצע חיפוש במערכת ה־ERP; ייתכן שחסרים לקוחות.", "На этот раз поиск в ERP не выполнялся; возможно, показаны не все клиенты.", "Αυτή τη φορά δεν έγινε αναζήτηση στο ERP· ίσως λείπουν πελάτες."),
	"building":            locale.Row("A kereső még épül; később több találat lehet.", "The search index is still being built; there may be more results later.", "אינדקס החיפוש עדיין נבנה; ייתכנו תוצאות נוספות בהמשך.", "Поисковый индекс ещё строится; позже результатов может стать больше.", "Το ευρετήριο αναζήτησης δημιουργείται ακόμη· αργότερα ίσως υπάρχουν περισσότερα αποτελέσματα."),
}

// In is the heading of a group in a language.
func (k Kind) In(l locale.Language) string { return Texts.T(l, "kind."+string(k)) }

// In is the name of a field in a language.
func (f Field) In(l locale.Language) string { return Texts.T(l, "field."+string(f)) }

// Note says in a language why hits can be missing, "" where none are.
func (r Result) Note(l locale.Language) string {
	switch {
	case r.Building:
		return Texts.T(l, "building")
	case r.CustomersMissing():
		return Texts.T(l, "customers."+string(r.Customers))
	}
	return ""
}
