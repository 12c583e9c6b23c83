package webhook

import "github.com/crmplus/crmplus/crm/locale"

// Texts are the words for the states of webhooks ("state.active") and deliveries ("delivery.failed"), and
// what its owner is told of a webhook by its reason code ("reason.gone"; the verb is the webhook's name).
var Texts = locale.Texts{
	"state.active":   locale.Row("Aktív", "Active", "פעיל", "Активен", "Ενεργό"),
	"state.paused":   locale.Row("Szünetel", "Paused", "מושהה", "Приостановлен", "Σε παύση"),
	"state.disabled": locale.Row("Letiltva", "Disabled", "מושבת", "Отключён", "Απενεργοποιημένο"),

	"delivery.pending":   locale.Row("Várakozik", "Waiting", "ממתין", "Ожидает", "Σε αναμονή"),
	"delivery.sending":   locale.Row("Küldés alatt", "Being sent", "בשליחה", "Отправляется", "Αποστέλλεται"),
	"delivery.delivered": locale.Row("Kézbesítve", "Delivered", "נמסר", "Доставлено", "Παραδόθηκε"),
	"delivery.failed":    locale.Row("Sikertelen", "Failed", "נכשל", "Не доставлено", "Απέτυχε"),

	"reason.gone": locale.Row(
		"A(z) „%s” webhookot letiltottuk: a fogadó rendszer azt válaszolta, hogy nem kér több értesítést.",
		"The webhook “%s” was disabled: the receiving system answered that it wants no more notifications.",
		"ה-webhook „%s” הושבת: המערכת המקבלת השיבה שאינה מעוניינת בהודעות נוספות.",
		"Вебхук «%s» отключён: принимающая система ответила, что больше не ждёт уведомлений.",
		"Το webhook «%s» απενεργοποιήθηκε: το σύστημα λήψης απάντησε ότι δεν θέλει άλλες ειδοποιήσεις."),
	"reason.exhausted": locale.Row(
		"A(z) „%s” webhook fogadója három napja nem veszi át az értesítéseket. Nézze meg a kézbesítések listáját, majd folytassa.",
		"The receiver of the webhook “%s” has taken no notifications for three days. Look at its deliveries, then resume it.",
		"המערכת המקבלת של ה-webhook „%s” אינה קולטת הודעות זה שלושה ימים. יש לבדוק את רשימת המסירות ולהפעילו מחדש.",
		"Получатель вебхука «%s» три дня не принимает уведомления. Проверьте список доставок и возобновите его.",
		"Ο παραλήπτης του webhook «%s» δεν δέχεται ειδοποιήσεις εδώ και τρεις ημέρες. Ελέγξτε τις παραδόσεις και συνεχίστε το."),
	"reason.unfit": locale.Row(
		"A(z) „%s” webhook egyik értesítése már nem küldhető el, mert az esemény törlődött.",
		"A notification of the webhook “%s” cannot be sent any more, because its event was removed.",
		"הודעה של ה-webhook „%s” אינה ניתנת לשליחה עוד, כי האירוע נמחק.",
		"Одно из уведомлений вебхука «%s» больше нельзя отправить: событие удалено.",
		"Μια ειδοποίηση του webhook «%s» δεν μπορεί πλέον να σταλεί, επειδή το συμβάν διαγράφηκε."),
}
