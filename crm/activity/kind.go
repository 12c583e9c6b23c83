package activity

import (
	"slices"

	"github.com/crmplus/crmplus/crm/locale"
)

// Kind says what sort of entry an activity is.
type Kind string

// The kinds that people write. Calls, meetings and tasks can be planned.
const (
	Call      Kind = "call"
	Meeting   Kind = "meeting"
	Task      Kind = "task"
	Note      Kind = "note"
	FileEntry Kind = "file"
	Mail      Kind = "mail"
	Letter    Kind = "letter"
)

// The kinds that other packages log.
const (
	Quote      Kind = "quote"
	Document   Kind = "document"
	Conversion Kind = "conversion"
	Stage      Kind = "stage"
	Merge      Kind = "merge"
	// Touch is a contact that a campaign, form or file brought.
	Touch Kind = "touch"
)

// Kinds are all kinds, those that people write first.
var Kinds = []Kind{Call, Meeting, Task, Note, FileEntry, Mail, Letter, Quote, Document, Conversion, Stage, Merge, Touch}

// Written reports whether people write entries of this kind; the others are logged.
func (k Kind) Written() bool {
	return slices.Contains(Kinds, k) && !k.Logged()
}

// Logged reports whether entries of this kind are noted by other packages and cannot be edited.
func (k Kind) Logged() bool {
	switch k {
	case Quote, Document, Conversion, Stage, Merge, Touch:
		return true
	}
	return false
}

// Plannable reports whether it can be planned for later.
func (k Kind) Plannable() bool { return k == Call || k == Meeting || k == Task }

// directed reports whether the kind goes in or out.
func (k Kind) directed() bool { return k == Call || k == Mail || k == Letter }

// Contact reports whether a done activity was a human contact with the party: a meeting, a call either
// way, a mail or letter that went out. The first one ends the response time of a lead.
func (act *Activity) Contact() bool {
	if act.State != Done {
		return false
	}
	switch act.Kind {
	case Meeting, Call:
		return true
	case Mail, Letter:
		return act.Direction == Out
	}
	return false
}

// In names the kind in a reader's language.
func (k Kind) In(l locale.Language) string { return Texts.T(l, "kind."+string(k)) }

// In names the state in a reader's language.
func (s State) In(l locale.Language) string { return Texts.T(l, "state."+string(s)) }

// In names the direction in a reader's language, "" where there is none.
func (d Direction) In(l locale.Language) string {
	if d == "" {
		return ""
	}
	return Texts.T(l, "direction."+string(d))
}

// In names the window in a reader's language.
func (w Window) In(l locale.Language) string { return Texts.T(l, "window."+string(w)) }

// Texts are the words for kinds ("kind.call"), states ("state.done"), directions ("direction.in") and
// windows ("window.today").
var Texts = locale.Texts{
	"kind.call":       locale.Row("Hívás", "Call", "שיחה", "Звонок", "Κλήση"),
	"kind.meeting":    locale.Row("Találkozó", "Meeting", "פגישה", "Встреча", "Συνάντηση"),
	"kind.task":       locale.Row("Feladat", "Task", "משימה", "Задача", "Εργασία"),
	"kind.note":       locale.Row("Jegyzet", "Note", "הערה", "Заметка", "Σημείωση"),
	"kind.file":       locale.Row("Fájl", "File", "קובץ", "Файл", "Αρχείο"),
	"kind.mail":       locale.Row("E-mail", "E-mail", "דוא״ל", "Эл. письмо", "E-mail"),
	"kind.letter":     locale.Row("Levél", "Letter", "מכתב", "Письмо", "Επιστολή"),
	"kind.quote":      locale.Row("Árajánlat", "Quote", "הצעת מחיר", "Коммерческое предложение", "Προσφορά"),
	"kind.document":   locale.Row("Bizonylat", "Document", "מסמך", "Документ", "Παραστατικό"),
	"kind.conversion": locale.Row("Átalakítás", "Conversion", "המרה", "Конвертация", "Μετατροπή"),
	"kind.stage":      locale.Row("Szakaszváltás", "Stage change", "מעבר שלב", "Смена этапа", "Αλλαγή σταδίου"),
	"kind.merge":      locale.Row("Összevonás", "Merge", "מיזוג", "Объединение", "Συγχώνευση"),
	"kind.touch":      locale.Row("Megkeresés", "Touch", "נקודת מגע", "Касание", "Επαφή"),

	"state.planned":   locale.Row("Tervezett", "Planned", "מתוכנן", "Запланировано", "Προγραμματισμένο"),
	"state.waiting":   locale.Row("Elfogadásra vár", "Waiting for acceptance", "ממתין לאישור", "Ожидает принятия", "Αναμένει αποδοχή"),
	"state.done":      locale.Row("Kész", "Done", "בוצע", "Выполнено", "Ολοκληρώθηκε"),
	"state.cancelled": locale.Row("Lemondva", "Cancelled", "בוטל", "Отменено", "Ακυρώθηκε"),

	"direction.in":  locale.Row("Bejövő", "Incoming", "נכנס", "Входящий", "Εισερχόμενη"),
	"direction.out": locale.Row("Kimenő", "Outgoing", "יוצא", "Исходящий", "Εξερχόμενη"),

	"window.overdue": locale.Row("Lejárt", "Overdue", "באיחור", "Просрочено", "Εκπρόθεσμα"),
	"window.today":   locale.Row("Ma", "Today", "היום", "Сегодня", "Σήμερα"),
	"window.week":    locale.Row("A következő 7 nap", "Next 7 days", "7 הימים הקרובים", "Ближайшие 7 дней", "Επόμενες 7 ημέρες"),
	"window.all":     locale.Row("Összes", "All", "הכול", "Все", "Όλα"),
}
