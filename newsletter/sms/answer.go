package sms

import (
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
)

// Answer is what a reader asks by a message.
type Answer string

// The answers.
const (
	// Other is anything else, for a person to read.
	Other Answer = ""
	// Stop ends what is sent to the number.
	Stop Answer = "stop"
	// Start wants it again.
	Start Answer = "start"
	// Help asks who writes.
	Help Answer = "help"
)

// words are what readers write, in all languages at once: who gets Hungarian messages may well answer STOP.
// The first of each is the one that messages name.
var words = map[locale.Language]map[Answer][]string{
	locale.English: {
		Stop:  {"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "UNSUB", "CANCEL", "END", "QUIT", "REMOVE", "OPTOUT", "OPT OUT", "ARRET"},
		Start: {"START", "UNSTOP", "SUBSCRIBE"},
		Help:  {"HELP", "INFO"},
	},
	locale.Hungarian: {
		Stop:  {"STOP", "LEIRATKOZÁS", "LEIRATKOZOM", "LEIRATKOZNI", "LEMONDÁS", "LEMONDOM", "TÖRLÉS", "TÖRÖLJ", "TÖRÖLJENEK", "NEM KÉREM", "NE KÜLDJ", "NE KÜLDJENEK", "ELÉG"},
		Start: {"FELIRATKOZÁS", "FELIRATKOZOM", "KÉREM"},
		Help:  {"SEGÍTSÉG"},
	},
	locale.Hebrew: {
		Stop:  {"הסר", "הסרה", "להסרה", "הסירו", "הסר אותי", "הסירו אותי", "עצור", "הפסק", "הפסיקו", "ביטול", "בטל", "די", "לא מעוניין", "לא מעוניינת"},
		Start: {"הצטרף", "הצטרפות", "הרשמה"},
		Help:  {"עזרה"},
	},
	locale.Russian: {
		Stop:  {"СТОП", "ОТПИСАТЬСЯ", "ОТПИСКА", "ОТПИШИТЕ", "ОТПИСАТЬ", "ОТКАЗ", "ОТКАЗАТЬСЯ", "ОТМЕНА", "УДАЛИТЬ", "НЕ ПРИСЫЛАТЬ", "ХВАТИТ"},
		Start: {"СТАРТ", "ПОДПИСАТЬСЯ", "ПОДПИСКА"},
		Help:  {"ПОМОЩЬ"},
	},
	locale.Greek: {
		Stop:  {"ΣΤΟΠ", "ΔΙΑΓΡΑΦΗ", "ΔΙΑΚΟΠΗ", "ΤΕΛΟΣ", "ΑΚΥΡΩΣΗ", "ΑΠΕΓΓΡΑΦΗ", "ΚΑΤΑΡΓΗΣΗ", "ΜΗ ΣΤΕΛΝΕΤΕ"},
		Start: {"ΕΝΑΡΞΗ", "ΕΓΓΡΑΦΗ"},
		Help:  {"ΒΟΗΘΕΙΑ"},
	},
}

// StopWord is the word that messages in a language name for ending them.
func StopWord(l locale.Language) string {
	if w, ok := words[l]; ok {
		return w[Stop][0]
	}
	return words[locale.English][Stop][0]
}

var answers = func() map[string]Answer {
	all := map[string]Answer{}
	for _, byAnswer := range words {
		for answer, list := range byAnswer {
			for _, w := range list {
				if key := folded(w); all[key] != Stop { // what is Stop in one language is so in all
					all[key] = answer
				}
			}
		}
	}
	return all
}()

// folded is a text as words are compared: small, without accents and punctuation. Greek capitals of the GSM
// alphabet, which phones mix from Latin and Greek letters, are read as Greek where any of the text is.
func folded(text string) string { return strings.TrimSpace(party.Fold(unmixed(text))) }

var greekOf = func() map[rune]rune {
	back := map[rune]rune{}
	for greek, latin := range capitals {
		back[latin] = greek
	}
	return back
}()

func unmixed(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r >= 'Ά' && r <= 'ώ' }) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if greek, ok := greekOf[r]; ok {
			return greek
		}
		return r
	}, text)
}

// ReadAnswer finds what a reader asks. A message that is one of the words, in any of the languages, whatever
// its case, accents and punctuation, is that; so is one of two words that begins or ends with one ("STOP
// hírek", "please stop"). A sentence with such a word in it ("stop by tomorrow") is for a person.
func ReadAnswer(text string) Answer {
	const longest = 200 // letters; who writes more writes a letter
	if len([]rune(text)) > longest {
		return Other
	}
	key := folded(text)
	if a, ok := answers[key]; ok {
		return a
	}
	first, last, two := strings.Cut(key, " ")
	if !two || strings.Contains(last, " ") {
		return Other
	}
	for _, part := range []string{first, last} {
		if answers[part] == Stop {
			return Stop
		}
	}
	return Other
}
