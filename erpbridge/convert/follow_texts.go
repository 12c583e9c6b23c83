package convert

import (
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
)

// nameOf is how people call a document: "Invoice I2026-00012".
func nameOf(l locale.Language, ref erpbridge.Ref) string {
	return strings.TrimSpace(Texts.T(l, "kind."+string(ref.Kind)) + " " + firstOf(ref.Number, ref.Key))
}

// Texts are the words for kinds of documents ("kind.invoice") and their states ("state.paid"), and what
// the package writes into timelines and tasks.
var Texts = locale.Texts{
	"kind.quote":           locale.Row("Árajánlat", "Quote", "הצעת מחיר", "Коммерческое предложение", "Προσφορά"),
	"kind.order":           locale.Row("Rendelés", "Order", "הזמנה", "Заказ", "Παραγγελία"),
	"kind.delivery":        locale.Row("Szállítólevél", "Delivery note", "תעודת משלוח", "Накладная", "Δελτίο αποστολής"),
	"kind.invoice":         locale.Row("Számla", "Invoice", "חשבונית", "Счёт-фактура", "Τιμολόγιο"),
	"kind.credit":          locale.Row("Jóváíró számla", "Credit note", "חשבונית זיכוי", "Кредит-нота", "Πιστωτικό τιμολόγιο"),
	"kind.payment_request": locale.Row("Díjbekérő", "Payment request", "דרישת תשלום", "Счёт на оплату", "Προτιμολόγιο"),
	"kind.advance_invoice": locale.Row("Előlegszámla", "Advance invoice", "חשבונית מקדמה", "Счёт-фактура на аванс", "Τιμολόγιο προκαταβολής"),
	"kind.completion_act":  locale.Row("Teljesítési igazolás", "Completion act", "אישור ביצוע", "Акт выполненных работ", "Βεβαίωση ολοκλήρωσης εργασιών"),

	"state.open":      locale.Row("nyitott", "open", "פתוח", "открыт", "ανοιχτό"),
	"state.partial":   locale.Row("részben teljesült", "done in part", "בוצע חלקית", "исполнен частично", "εκτελέστηκε εν μέρει"),
	"state.completed": locale.Row("teljesült", "done", "בוצע", "исполнен", "εκτελέστηκε"),
	"state.posted":    locale.Row("könyvelve", "posted", "נרשם בהנהלת החשבונות", "проведён", "καταχωρίστηκε"),
	"state.paid":      locale.Row("kifizetve", "paid", "שולם", "оплачен", "εξοφλήθηκε"),
	"state.cancelled": locale.Row("visszavonva", "cancelled", "בוטל", "отменён", "ακυρώθηκε"),
	"state.credited":  locale.Row("jóváírva", "credited", "זוכה", "сторнирован", "πιστώθηκε"),
	"state.missing":   locale.Row("nem található az ügyviteli rendszerben", "not found at the ERP", "לא נמצא במערכת", "не найден в учётной системе", "δεν βρέθηκε στο σύστημα"),
	"state.gone":      locale.Row("elveszett az ügyviteli rendszerből", "lost by the ERP", "אבד מהמערכת", "утрачен учётной системой", "χάθηκε από το σύστημα"),

	"document.found": locale.Row("az ügyviteli rendszerben készült", "made at the ERP", "נוצר במערכת", "создан в учётной системе", "δημιουργήθηκε στο σύστημα"),
	"document.gone":  locale.Row("elveszett az ügyviteli rendszerből", "lost by the ERP", "אבד מהמערכת", "утрачен учётной системой", "χάθηκε από το σύστημα"),
	"document.paid":  locale.Row("Befizetve: %s / %s", "Paid: %s of %s", "שולם: %s מתוך %s", "Оплачено: %s из %s", "Εξοφλήθηκαν: %s από %s"),

	"customer.blocked":   locale.Row("A(z) %s vevőt az ügyviteli rendszerben letiltották", "Customer %s was blocked at the ERP", "הלקוח %s נחסם במערכת", "Клиент %s заблокирован в учётной системе", "Ο πελάτης %s μπλοκαρίστηκε στο σύστημα"),
	"customer.unblocked": locale.Row("A(z) %s vevő letiltását feloldották", "Customer %s was opened again at the ERP", "חסימת הלקוח %s בוטלה", "Клиент %s разблокирован", "Ο πελάτης %s ξεμπλοκαρίστηκε"),
	"customer.deleted":   locale.Row("A(z) %s vevőt az ügyviteli rendszerből törölték", "Customer %s was removed from the ERP", "הלקוח %s נמחק מהמערכת", "Клиент %s удалён из учётной системы", "Ο πελάτης %s διαγράφηκε από το σύστημα"),
	"contact.deleted":    locale.Row("A(z) %s kapcsolattartót az ügyviteli rendszerből törölték", "Contact %s was removed from the ERP", "איש הקשר %s נמחק מהמערכת", "Контакт %s удалён из учётной системы", "Η επαφή %s διαγράφηκε από το σύστημα"),

	"differs.order.missing": locale.Row("Nincs rendelés: az ígért %s még nincs megrendelve", "No order: the promised %s are not ordered yet", "אין הזמנה: %s שהובטחו טרם הוזמנו", "Нет заказа: обещанные %s ещё не заказаны", "Δεν υπάρχει παραγγελία: τα υποσχεθέντα %s δεν έχουν παραγγελθεί"),
	"differs.order.total":   locale.Row("A rendelés végösszege eltér az ígérttől: %s", "The order's total differs from the promise by %s", "סכום ההזמנה שונה מהמובטח ב־%s", "Сумма заказа отличается от обещанной на %s", "Το σύνολο της παραγγελίας διαφέρει κατά %s"),
	"differs.order.lines":   locale.Row("A megrendelt mennyiségek eltérnek az ígérttől (%s)", "The quantities ordered are not those promised (%s)", "הכמויות שהוזמנו שונות מהמובטח (%s)", "Заказанные количества отличаются от обещанных (%s)", "Οι ποσότητες της παραγγελίας διαφέρουν (%s)"),
	"differs.to_deliver":    locale.Row("Még szállítandó: %s", "Still to deliver: %s", "נותר לספק: %s", "Осталось отгрузить: %s", "Απομένει προς παράδοση: %s"),
	"differs.to_invoice":    locale.Row("Még számlázandó: %s", "Still to invoice: %s", "נותר לחייב: %s", "Осталось выставить: %s", "Απομένει προς τιμολόγηση: %s"),
	"differs.invoice.over":  locale.Row("%s többet számláztak a megrendeltnél", "%s more was invoiced than ordered", "חויבו %s מעבר להזמנה", "Выставлено на %s больше заказанного", "Τιμολογήθηκαν %s παραπάνω"),
	"differs.to_pay":        locale.Row("Még fizetendő: %s", "Still to pay: %s", "נותר לתשלום: %s", "Осталось оплатить: %s", "Απομένει προς πληρωμή: %s"),
	"differs.overpaid":      locale.Row("Túlfizetés: %s", "Overpaid by %s", "שולם ביתר: %s", "Переплата: %s", "Υπερπληρωμή: %s"),

	"deal.void": locale.Row("%s: minden bizonylatát visszavonták vagy jóváírták az ügyviteli rendszerben", "%s: everything that was made of it was cancelled or credited at the ERP",
		"%s: כל המסמכים בוטלו או זוכו במערכת", "%s: все документы отменены или сторнированы в учётной системе", "%s: όλα τα παραστατικά ακυρώθηκαν ή πιστώθηκαν στο σύστημα"),
	"deal.lost": locale.Row("%s: egyetlen bizonylata sincs meg az ügyviteli rendszerben", "%s: none of its documents is left at the ERP",
		"%s: לא נותר אף מסמך במערכת", "%s: в учётной системе не осталось ни одного документа", "%s: δεν απέμεινε κανένα παραστατικό στο σύστημα"),
	"task.lost": locale.Row("%s: rendelje meg újra az ügyviteli rendszerben", "%s: make the order at the ERP again",
		"%s: יש להזמין מחדש במערכת", "%s: оформите заказ в учётной системе заново", "%s: καταχωρίστε ξανά την παραγγελία στο σύστημα"),
	"task.void": locale.Row("%s: beszéljen a vevővel, majd nyissa újra vagy zárja le elveszettként", "%s: talk to the customer, then reopen it or close it as lost",
		"%s: יש לשוחח עם הלקוח ואז לפתוח מחדש או לסגור כאבודה", "%s: поговорите с клиентом, затем откройте снова или закройте как проигранную", "%s: μιλήστε με τον πελάτη και ανοίξτε την ξανά ή κλείστε την ως χαμένη"),
}
