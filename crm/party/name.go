package party

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/locale"
)

// nameLimit is the longest name in runes that is taken apart.
const nameLimit = 200

// Name is the name of a person in parts. Any part may be empty; Full alone is a name too.
type Name struct {
	// Title is what is put before a name and is no part of it: "dr.", "Mr", "κ.", "ד\"ר".
	Title string
	// Given is the first given name, Middle the further ones.
	Given, Middle string
	// Patronymic is the Russian отчество: "Иванович".
	Patronymic string
	// Particle goes with the family name: "van der", "בן".
	Particle string
	// Family is the family name, with all its parts: "Nagyné Szabó".
	Family string
	// Suffix tells namesakes apart or is a degree: "Jr.", "ifj.", "PhD".
	Suffix string
	// Full is the name as it was written, cleaned.
	Full string
}

// ParseName takes a name apart in the order of the language: family name first in Hungarian, given
// name first in the others; "Berg, John" is understood in all. In Russian the patronymic tells the
// order. What cannot be told is not guessed: the words stay in the order of the language and Full
// keeps what was written. Names longer than 200 runes are cut.
func ParseName(text string, lang locale.Language) Name {
	n := Name{Full: Clean(text, nameLimit)}
	before, after, comma := strings.Cut(n.Full, ",")
	words := n.takeTrailing(n.takeLeading(strings.Fields(before)), lang, 1)
	if comma {
		rest := n.takeLeading(strings.Fields(strings.ReplaceAll(after, ",", " ")))
		rest = n.takeTrailing(rest, lang, 0)
		if len(rest) > 0 && len(words) > 0 { // Berg, John
			n.setGiven(rest, lang)
			n.setFamily(words)
			return n
		}
		words = append(words, rest...)
	}
	switch {
	case len(words) == 0:
	case len(words) == 1:
		n.setSingle(words[0], lang)
	case lang == locale.Hungarian:
		n.splitHungarian(n.takeInner(words))
	case lang == locale.Russian:
		n.splitRussian(words)
	default:
		n.splitGivenFirst(words, lang)
	}
	return n
}

// takeLeading moves titles and the like before the words into the name and gives the rest.
func (n *Name) takeLeading(words []string) []string {
	for len(words) > 0 {
		key := titleKey(words[0])
		if namesakes[key] && strings.HasSuffix(words[0], ".") {
			n.Suffix = joinWords(n.Suffix, words[0])
		} else if titles[key] || ladies[key] || gentlemen[key] {
			n.Title = joinWords(n.Title, words[0])
		} else {
			break
		}
		words = words[1:]
	}
	return words
}

// takeTrailing moves titles and suffixes behind the words into the name, as long as at least the
// given number of words is left.
func (n *Name) takeTrailing(words []string, lang locale.Language, least int) []string {
	for len(words) > least {
		end := words[len(words)-1]
		key := titleKey(end)
		if titles[key] || lang == locale.Hungarian && addresses[key] {
			n.Title = joinWords(n.Title, end)
		} else if suffixes[key] {
			n.Suffix = joinWords(end, n.Suffix)
		} else {
			break
		}
		words = words[:len(words)-1]
	}
	return words
}

// takeInner moves a title that stands between Hungarian names into the name: Kovácsné dr. Szabó Éva.
func (n *Name) takeInner(words []string) []string {
	return slices.DeleteFunc(words, func(word string) bool {
		key := titleKey(word)
		if key != "dr" && key != "prof" {
			return false
		}
		n.Title = joinWords(n.Title, word)
		return true
	})
}

// setSingle places a name of one word. A title goes with a family name; otherwise only Hungarian,
// and Russian by its endings, say which name it is.
func (n *Name) setSingle(word string, lang locale.Language) {
	if n.Title != "" || lang == locale.Hungarian || lang == locale.Russian && isRussianFamily(word) {
		n.Family = word
	} else {
		n.Given = word
	}
}

func (n *Name) setGiven(words []string, lang locale.Language) {
	if lang == locale.Russian && len(words) > 1 && isPatronymic(words[len(words)-1]) {
		n.Patronymic = words[len(words)-1]
		words = words[:len(words)-1]
	}
	// "Berg, John van der" has its particle at the end.
	end := len(words)
	for end > 1 && isParticle(words[end-1]) {
		end--
	}
	n.Particle = joinWords(strings.Join(words[end:], " "), n.Particle)
	n.Given, n.Middle = words[0], strings.Join(words[1:end], " ")
}

func (n *Name) setFamily(words []string) {
	first := 0
	for first < len(words)-1 && isParticle(words[first]) {
		first++
	}
	n.Particle = joinWords(n.Particle, strings.Join(words[:first], " "))
	n.Family = strings.Join(words[first:], " ")
}

// splitHungarian: a married woman's -né name takes her birth name beside it when three words are
// left: Nagyné Szabó Éva, but Kovács Anna Mária.
func (n *Name) splitHungarian(words []string) {
	family := 1
	for family < len(words)-1 && isParticle(words[family-1]) {
		family++
	}
	if isMarried(words[family-1]) && len(words) > family+1 {
		family++
	}
	n.setFamily(words[:family])
	n.setGiven(words[family:], locale.Hungarian)
}

// isMarried reports a Hungarian name in -né: Nagyné, Jánosné.
func isMarried(word string) bool {
	stem, ok := strings.CutSuffix(strings.ToLower(word), "né")
	return ok && utf8.RuneCountInString(stem) >= 3
}

// splitRussian finds the order by the patronymic, and without one by the endings of family names.
func (n *Name) splitRussian(words []string) {
	last := len(words) - 1
	for i := 1; i <= last; i++ {
		if !isPatronymic(words[i]) {
			continue
		}
		switch {
		case len(words) == 2 && !agree(words[0], words[1]): // Анна Рабинович
			n.Given, n.Family = words[0], words[1]
		case i == last && len(words) > 2: // Иванов Иван Петрович
			n.setFamily(words[:i-1])
			n.Given, n.Patronymic = words[i-1], words[i]
		default: // Иван Петрович Иванов, Иван Петрович
			n.Given, n.Middle = words[0], strings.Join(words[1:i], " ")
			n.Patronymic = words[i]
			if i < last {
				n.setFamily(words[i+1:])
			}
		}
		return
	}
	if len(words) == 2 && isRussianFamily(words[0]) && !isRussianFamily(words[1]) {
		n.Given, n.Family = words[1], words[0]
		return
	}
	n.splitGivenFirst(words, locale.Russian)
}

// splitGivenFirst takes the last word, with the particles before it, as the family name.
func (n *Name) splitGivenFirst(words []string, lang locale.Language) {
	family := len(words) - 1
	if i := slices.IndexFunc(words[1:family], isParticle); i >= 0 {
		family = 1 + i
	}
	if isParticle(words[0]) && n.Title != "" { // Dr. van der Berg
		family = 0
	}
	n.setFamily(words[family:])
	if family > 0 {
		n.setGiven(words[:family], lang)
	}
}

// Display writes the name in the order of the language: "dr. Kovács Anna Mária", "Dr. John van der
// Berg Jr.", "Иван Петрович Иванов". A name without parts is given as it was written. The Hungarian
// ifj., id. and özv. stay in front, as they are only ever written there.
func (n Name) Display(lang locale.Language) string {
	front, title, back := "", "", ""
	for _, t := range strings.Fields(n.Title) {
		if lang == locale.Hungarian && addresses[titleKey(t)] {
			back = joinWords(back, t) // Kiss Péter úr
		} else {
			title = joinWords(title, t)
		}
	}
	for _, s := range strings.Fields(n.Suffix) {
		if namesakes[titleKey(s)] {
			front = joinWords(front, s)
		} else {
			back = joinWords(back, s)
		}
	}
	family := joinWords(n.Particle, n.Family)
	var name string
	if lang.FamilyFirst() {
		name = joinWords(front, title, family, n.Given, n.Middle, n.Patronymic, back)
	} else {
		name = joinWords(front, title, n.Given, n.Middle, n.Patronymic, family, back)
	}
	if name == "" {
		name = n.Full
	}
	return Clean(name, 2*nameLimit)
}

// joinWords joins what is not empty with blanks.
func joinWords(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		if w == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}
