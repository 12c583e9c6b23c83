package bounce

import "strings"

// awaySubjects begin the subjects of those who are away, in lower case. The first ones are what Exchange
// writes in its user's language.
var awaySubjects = words{
	"automatic reply:", "automatikus válasz:", "автоматический ответ:", "αυτόματη απάντηση:", "תשובה אוטומטית:", "מענה אוטומטי:", "automatische antwort:",
	"réponse automatique", "respuesta automática:", "risposta automatica:", "automatické odpoveď", "odpowiedź automatyczna", "automatická odpověď", "răspuns automat",
	"out of office", "out of the office", "out-of-office", "autoreply: out", "vacation", "on vacation", "on leave", "away from", "i am away", "i'm away", "i am out",
	"irodán kívül", "házon kívül", "szabadság", "szabadságon", "távollét", "nem vagyok elérhető", "nem vagyok az irodában",
	"нет на работе", "в отпуске", "вне офиса", "отпуск", "отсутствую", "нахожусь в отпуске", "автоответ",
	"εκτός γραφείου", "εκτοσ γραφειου", "απουσία", "απουσιάζω", "σε άδεια", "λείπω",
	"מחוץ למשרד", "לא במשרד", "בחופשה", "הודעת היעדרות", "אני בחופש", "נעדר",
	"abwesen", "urlaub", "absence", "absent du bureau", "fuera de la oficina", "fuori sede", "fuori ufficio",
}

// awayWords are what they write, beside the words of subjects.
var awayWords = words{
	"out of office", "out of the office", "on vacation", "on holiday", "on annual leave", "on leave until", "parental leave", "maternity leave", "currently away", "i am away", "i will be away",
	"limited access to", "back in the office", "i will be back", "will return on",
	"szabadságon", "szabadságomat", "nem vagyok az irodában", "irodán kívül", "házon kívül", "távol vagyok", "távollétem", "nem vagyok elérhető", "nem leszek elérhető",
	"в отпуске", "отсутствую", "вне офиса", "не в офисе", "на больничном", "в командировке", "выйду на работу", "буду отсутствовать",
	"εκτός γραφείου", "απουσιάζω", "θα απουσιάζω", "σε άδεια", "λείπω", "με άδεια", "θα επιστρέψω",
	"מחוץ למשרד", "לא במשרד", "בחופשה", "חופשת לידה", "איני זמין", "איני זמינה", "אחזור ב", "אשוב ב", "במילואים",
	"nicht im büro", "im urlaub", "nicht im haus", "absent jusqu", "en congé", "de vacaciones", "in ferie",
}

// receipts begin the subjects of other automatic answers.
var receipts = words{
	"auto:", "autoreply", "auto-reply", "auto reply", "auto response", "autoresponse", "[auto-reply]", "[auto]", "automated response", "automated reply", "thank you for your e",
	"ticket received", "request received", "we have received your", "visszaigazolás", "megkaptuk", "автоответ", "ваше обращение", "επιβεβαίωση λήψης", "אישור קבלה", "פנייתך התקבלה",
}

// bodyLook is how much of a text is searched for words.
const bodyLook = 2000

// answer tells automatic answers from letters: by what they say of themselves (RFC 3834, section 5), by the
// marks of the usual programs, and by words.
func (m *mailParts) answer() Kind {
	subject := strings.ToLower(readableHeader(m.header.get("subject")))
	automatic := m.automatic()
	body := m.words()
	body = strings.ToLower(body[:min(len(body), bodyLook)])
	switch {
	case begins(subject, awaySubjects[:firstPlain()]):
		return OutOfOffice
	case automatic && (awaySubjects.in(subject) || awayWords.in(body)):
		return OutOfOffice
	case begins(subject, awaySubjects) && awayWords.in(body):
		return OutOfOffice
	case automatic, begins(subject, receipts) && !strings.HasPrefix(subject, "thank"):
		return AutoReply
	}
	return Other
}

// firstPlain is how many of awaySubjects a program writes: they suffice by themselves.
func firstPlain() int {
	for i, s := range awaySubjects {
		if s == "out of office" {
			return i + 1
		}
	}
	return 0
}

func begins(text string, with words) bool {
	for _, w := range with {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}

// automatic reports whether a mail says that no person wrote it.
func (m *mailParts) automatic() bool {
	h := m.header
	if how, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(h.get("auto-submitted"))), ";"); how != "" && strings.TrimSpace(how) != "no" {
		return true
	}
	for _, key := range []string{"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply", "x-fc-machinegenerated", "x-vacation-message"} {
		if v := strings.ToLower(h.get(key)); v != "" && v != "no" && v != "false" {
			return true
		}
	}
	if p := strings.ToLower(h.get("precedence")); p == "auto_reply" || p == "auto-reply" {
		return true
	}
	suppress := strings.ToLower(h.get("x-auto-response-suppress"))
	return strings.Contains(suppress, "all") || strings.Contains(suppress, "oof") || strings.Contains(suppress, "autoreply") ||
		strings.Contains(strings.ToLower(h.get("x-post-messageclass")), "autoresponder")
}
