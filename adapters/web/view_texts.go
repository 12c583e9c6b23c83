package web

import "github.com/crmplus/crmplus/crm/locale"

var viewTexts = locale.Texts{
	"view.new":            locale.Row("Nézet mentése", "Save view", "שמירת תצוגה", "Сохранить представление", "Αποθήκευση προβολής"),
	"view.edit":           locale.Row("Nézet módosítása", "Change view", "עריכת תצוגה", "Изменить представление", "Αλλαγή προβολής"),
	"view.name":           locale.Row("A nézet neve", "Name of the view", "שם התצוגה", "Название", "Όνομα προβολής"),
	"view.shared":         locale.Row("Ki látja", "Who sees it", "מי רואה", "Кто видит", "Ποιοι τη βλέπουν"),
	"view.shared.private": locale.Row("csak én", "only me", "רק אני", "только я", "μόνο εγώ"),
	"view.shared.team":    locale.Row("a csapatom", "my team", "הצוות שלי", "моя команда", "η ομάδα μου"),
	"view.shared.company": locale.Row("az egész cég", "the whole company", "כל החברה", "вся компания", "όλη η εταιρεία"),
	"view.what":           locale.Row("A nézet megjegyzi a szűrőket, a sorrendet és az oszlopokat.", "The view keeps the filters, the order and the columns.", "התצוגה שומרת את הסינון, המיון והעמודות.", "Представление хранит фильтры, порядок и столбцы.", "Η προβολή κρατά φίλτρα, σειρά και στήλες."),
	"view.saved":          locale.Row("A(z) „%s” nézet mentve.", "View “%s” saved.", "התצוגה \"%s\" נשמרה.", "Представление «%s» сохранено.", "Η προβολή «%s» αποθηκεύτηκε."),
	"view.deleted":        locale.Row("A(z) „%s” nézet törölve.", "View “%s” deleted.", "התצוגה \"%s\" נמחקה.", "Представление «%s» удалено.", "Η προβολή «%s» διαγράφηκε."),
}
