package notice

import (
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
)

// Texts say what each kind of notice tells; settings show them too.
var Texts = locale.Texts{
	"comment.mentioned":       locale.Row("Megemlítették egy hozzászólásban", "You were mentioned in a comment", "הוזכרת בתגובה", "Вас упомянули в комментарии", "Σας ανέφεραν σε σχόλιο"),
	"activity.delegated":      locale.Row("Feladatot kapott", "An activity was handed to you", "הועברה אליך פעילות", "Вам поручено дело", "Σας ανατέθηκε μια δραστηριότητα"),
	"activity.accepted":       locale.Row("Elfogadták, amit kiosztott", "What you handed over was accepted", "הפעילות שהעברת התקבלה", "Ваше поручение принято", "Η ανάθεσή σας έγινε δεκτή"),
	"activity.declined":       locale.Row("Visszaadták, amit kiosztott", "What you handed over was given back", "הפעילות שהעברת הוחזרה אליך", "Ваше поручение отклонено", "Η ανάθεσή σας δεν έγινε δεκτή"),
	"activity.reminder":       locale.Row("Emlékeztető", "Reminder", "תזכורת", "Напоминание", "Υπενθύμιση"),
	"lead.assigned":           locale.Row("Érdeklődőt kapott", "A lead was assigned to you", "הוקצה לך ליד", "Вам назначен лид", "Σας ανατέθηκε υποψήφιος πελάτης"),
	"clock.reminded":          locale.Row("Lejár egy határidő", "A time limit is running out", "מגבלת זמן עומדת לפוג", "Истекает срок", "Λήγει ένα χρονικό όριο"),
	"clock.escalated":         locale.Row("Lejárt egy határidő a csapatában", "A time limit in your team has passed", "חלף מועד בצוות שלך", "В Вашей команде просрочен срок", "Έληξε χρονικό όριο στην ομάδα σας"),
	"workflow.told":           locale.Row("Értesítés egy szabálytól", "A rule tells you", "הודעה מכלל", "Сообщение правила", "Ειδοποίηση κανόνα"),
	"workflow.failed":         locale.Row("Egy szabály nem futott le", "A rule failed", "כלל נכשל", "Правило не выполнено", "Ένας κανόνας απέτυχε"),
	"workflow.stopped":        locale.Row("Egy szabályt leállítottunk", "A rule was stopped", "כלל נעצר", "Правило остановлено", "Ένας κανόνας διακόπηκε"),
	"import.finished":         locale.Row("Az importálás befejeződött", "The import is finished", "הייבוא הסתיים", "Импорт завершён", "Η εισαγωγή ολοκληρώθηκε"),
	"opportunity.handed_over": locale.Row("Lehetőséget kapott", "An opportunity was handed over to you", "הועברה אליך הזדמנות", "Вам передана сделка", "Σας μεταβιβάστηκε μια ευκαιρία"),
	"opportunity.joined":      locale.Row("Bekerült egy lehetőség csapatába", "You were added to an opportunity's team", "צורפת לצוות של הזדמנות", "Вас добавили в команду сделки", "Προστεθήκατε στην ομάδα μιας ευκαιρίας"),
	"quote.accepted":          locale.Row("Elfogadták az ajánlatát", "Your quote was accepted", "הצעת המחיר שלך התקבלה", "Ваше предложение принято", "Η προσφορά σας έγινε δεκτή"),
	"quote.declined":          locale.Row("Elutasították az ajánlatát", "Your quote was declined", "הצעת המחיר שלך נדחתה", "Ваше предложение отклонено", "Η προσφορά σας απορρίφθηκε"),
	"quote.asked":             locale.Row("Kérdés érkezett az ajánlatához", "A question about your quote has come in", "התקבלה שאלה על הצעת המחיר שלך", "Поступил вопрос по Вашему предложению", "Ήρθε ερώτηση για την προσφορά σας"),
	"mail.failed":             locale.Row("Egy levelet nem sikerült elküldeni", "A mail could not be sent", "שליחת הודעת דוא\"ל נכשלה", "Не удалось отправить письмо", "Ένα μήνυμα δεν στάλθηκε"),
	"conversion.failed":       locale.Row("Az ügyvitel elutasította az átadást", "The ERP refused the conversion", "מערכת הניהול דחתה את ההעברה", "Учётная система отклонила передачу", "Το ERP απέρριψε τη μεταφορά"),
	"conversion.waiting":      locale.Row("Egy átadás az Ön döntésére vár", "A conversion waits for your decision", "העברה ממתינה להחלטתך", "Передача ожидает Вашего решения", "Μια μεταφορά περιμένει την απόφασή σας"),
	"webhook.disabled":        locale.Row("Egy webhookot letiltottunk", "A webhook was disabled", "webhook הושבת", "Вебхук отключён", "Ένα webhook απενεργοποιήθηκε"),
	"webhook.failed":          locale.Row("Egy webhook egyik értesítése nem ért célba", "A notification of a webhook did not get through", "הודעה של webhook לא נמסרה", "Уведомление вебхука не доставлено", "Μια ειδοποίηση webhook δεν παραδόθηκε"),

	"import.counts": locale.Row("új: %d, összevonva: %d, hibás: %d", "new: %d, merged: %d, bad: %d", "חדשים: %d, מוזגו: %d, שגויים: %d", "новых: %d, объединено: %d, с ошибками: %d", "νέοι: %d, συγχωνεύθηκαν: %d, με σφάλμα: %d"),
}

// What says in a language what happened, without about what.
func (n Notice) What(l locale.Language) string { return Texts.T(l, string(n.Kind)) }

// About is what it is about, with what was said: the reason, the counts of an import.
func (n Notice) About(l locale.Language) string {
	parts := []string{n.Parameters.Subject, n.Parameters.Note}
	if c := n.Parameters.Counts; len(c) == 3 {
		parts = append(parts, Texts.T(l, "import.counts", c[0], c[1], c[2]))
	}
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, isolated(l, p))
		}
	}
	return strings.Join(said, " – ")
}

// Text is the whole notice as one line of plain text: what happened, about what, and who did it.
func Text(n Notice, l locale.Language) string {
	text := n.What(l)
	if about := n.About(l); about != "" {
		text += ": " + about
	}
	if n.ActorName != "" {
		text += " (" + isolated(l, n.ActorName) + ")"
	}
	return text
}

// isolated keeps a name in another script from turning a Hebrew line around it (Unicode Standard Annex 9,
// FSI and PDI).
func isolated(l locale.Language, text string) string {
	if !l.RightToLeft() {
		return text
	}
	return "\u2068" + text + "\u2069"
}
