package quote

import "github.com/crmplus/crmplus/crm/locale"

// Texts are the words for states ("state.issued") and kinds of lines ("kind.optional"), and what the
// package writes into timelines, tasks and documents.
var Texts = locale.Texts{
	"state.draft":      locale.Row("Tervezet", "Draft", "טיוטה", "Черновик", "Πρόχειρη"),
	"state.issued":     locale.Row("Kiadva", "Issued", "הונפקה", "Выставлено", "Εκδόθηκε"),
	"state.accepted":   locale.Row("Elfogadva", "Accepted", "אושרה", "Принято", "Αποδεκτή"),
	"state.declined":   locale.Row("Elutasítva", "Declined", "נדחתה", "Отклонено", "Απορρίφθηκε"),
	"state.expired":    locale.Row("Lejárt", "Expired", "פג תוקפה", "Срок истёк", "Έληξε"),
	"state.superseded": locale.Row("Új változat váltotta fel", "Superseded", "הוחלפה בגרסה חדשה", "Заменено новой версией", "Αντικαταστάθηκε"),
	"state.withdrawn":  locale.Row("Visszavonva", "Withdrawn", "בוטלה", "Отозвано", "Αποσύρθηκε"),

	"kind.item":     locale.Row("Tétel", "Item", "פריט", "Позиция", "Είδος"),
	"kind.optional": locale.Row("Választható tétel", "Optional item", "פריט אופציונלי", "Опция", "Προαιρετικό είδος"),
	"kind.text":     locale.Row("Megjegyzés", "Comment", "הערה", "Комментарий", "Σχόλιο"),
	"kind.heading":  locale.Row("Fejléc", "Heading", "כותרת", "Заголовок", "Επικεφαλίδα"),

	"log.issued":    locale.Row("%s árajánlat kiadva: %s", "Quote %s issued: %s", "הצעת מחיר %s הונפקה: %s", "Предложение %s выставлено: %s", "Η προσφορά %s εκδόθηκε: %s"),
	"log.accepted":  locale.Row("%s árajánlat elfogadva: %s", "Quote %s accepted: %s", "הצעת מחיר %s אושרה: %s", "Предложение %s принято: %s", "Η προσφορά %s έγινε αποδεκτή: %s"),
	"log.declined":  locale.Row("%s árajánlat elutasítva: %s", "Quote %s declined: %s", "הצעת מחיר %s נדחתה: %s", "Предложение %s отклонено: %s", "Η προσφορά %s απορρίφθηκε: %s"),
	"log.expired":   locale.Row("%s árajánlat lejárt: %s", "Quote %s expired: %s", "תוקף הצעת מחיר %s פג: %s", "Срок предложения %s истёк: %s", "Η προσφορά %s έληξε: %s"),
	"log.withdrawn": locale.Row("%s árajánlat visszavonva: %s", "Quote %s withdrawn: %s", "הצעת מחיר %s בוטלה: %s", "Предложение %s отозвано: %s", "Η προσφορά %s αποσύρθηκε: %s"),

	"task.accepted": locale.Row("%s árajánlatot elfogadták: rendelés következik", "Quote %s was accepted: make the order", "הצעת מחיר %s אושרה: יש להכין הזמנה", "Предложение %s принято: оформите заказ", "Η προσφορά %s έγινε αποδεκτή: καταχωρίστε την παραγγελία"),
	"task.declined": locale.Row("%s árajánlatot elutasították: kérdezze meg az okát", "Quote %s was declined: ask why", "הצעת מחיר %s נדחתה: יש לברר מדוע", "Предложение %s отклонено: узнайте причину", "Η προσφορά %s απορρίφθηκε: ρωτήστε τον λόγο"),

	"payment":  locale.Row("Fizetés", "Payment", "תשלום", "Оплата", "Πληρωμή"),
	"delivery": locale.Row("Szállítás", "Delivery", "אספקה", "Доставка", "Παράδοση"),
}

// In names the state in a reader's language.
func (s State) In(l locale.Language) string { return Texts.T(l, "state."+string(s)) }

// In names the kind in a reader's language.
func (k Kind) In(l locale.Language) string { return Texts.T(l, "kind."+string(k)) }
