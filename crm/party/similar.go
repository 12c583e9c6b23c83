package party

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adrg/strutil/metrics"
)

// The limits of what is compared letter by letter: more is in no name, and costs its square.
const (
	similarWords = 8
	similarRunes = 40
)

// Similarity says how alike two names are, from 0 (nothing in common) to 1 (the same but for
// accents, case, punctuation, word order, titles and legal forms). Words are paired off by the
// Jaro-Winkler similarity of their letters in Latin transcription, long words count more, a word
// without a partner counts as a difference, and an initial fits each name it begins. It is
// symmetric. Two names of nothing are 0.
func Similarity(a, b string) float64 { return nameOf(a).similarity(nameOf(b)) }

// similarName is a name made ready to be compared.
type similarName struct {
	text string
	// words are in alphabetical order, joined in their own.
	words  []string
	joined string
}

func nameOf(text string) similarName {
	if text == "" {
		return similarName{}
	}
	words := comparedWords(text)
	joined := strings.Join(words, "")
	slices.Sort(words)
	return similarName{text, words, joined}
}

func (a similarName) similarity(b similarName) float64 {
	switch {
	case len(a.words) == 0 || len(b.words) == 0:
		return 0
	case slices.Equal(a.words, b.words):
		return 1
	case a.joined == b.joined: // "Kovácstóth" and "Kovács-Tóth"
		return 0.98
	case slices.Compare(a.words, b.words) > 0:
		return alignWords(b.words, a.words)
	}
	return alignWords(a.words, b.words)
}

// comparedWords are the distinctive words of a name in Latin letters.
func comparedWords(name string) []string {
	var buf [256]byte
	var room [32][]byte
	words := distinctive(splitWords(room[:0], appendFold(buf[:0], name)))
	if len(words) > similarWords {
		words = words[:similarWords]
	}
	list := make([]string, 0, len(words))
	text := string(bytes.Join(words, []byte(" ")))
	latin := Transliterate(text)
	if strings.TrimSpace(latin) == "" { // a hard sign alone has no sound
		latin = text
	}
	for _, w := range strings.Fields(latin) {
		list = append(list, cutRunes(w, similarRunes))
	}
	return list
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// alignWords pairs the most alike words first and weighs each pair by its letters. Words left over
// weigh half: a middle name or a trade is often left out.
func alignWords(a, b []string) float64 {
	type pair struct {
		i, j  int
		alike float64
	}
	pairs := make([]pair, 0, len(a)*len(b))
	for i, wa := range a {
		for j, wb := range b {
			pairs = append(pairs, pair{i, j, alikeWords(wa, wb)})
		}
	}
	slices.SortStableFunc(pairs, func(p, q pair) int {
		switch {
		case p.alike > q.alike:
			return -1
		case p.alike < q.alike:
			return 1
		}
		return 0
	})
	usedA, usedB := make([]bool, len(a)), make([]bool, len(b))
	var got, most float64
	for _, p := range pairs {
		if usedA[p.i] || usedB[p.j] || p.alike < leastAlike {
			continue
		}
		usedA[p.i], usedB[p.j] = true, true
		weight := float64(utf8.RuneCountInString(a[p.i]) + utf8.RuneCountInString(b[p.j]))
		got += weight * p.alike
		most += weight
	}
	for i, w := range a {
		if !usedA[i] {
			most += float64(utf8.RuneCountInString(w)) / 2
		}
	}
	for j, w := range b {
		if !usedB[j] {
			most += float64(utf8.RuneCountInString(w)) / 2
		}
	}
	if got == 0 {
		return 0
	}
	return got / most
}

// leastAlike is the Jaro-Winkler similarity below which two words have no more in common than any
// two words of a language.
const leastAlike = 0.75

var jaroWinkler = metrics.NewJaroWinkler()

func alikeWords(a, b string) float64 {
	if a == b {
		return 1
	}
	if isInitial(a) || isInitial(b) {
		if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
			return 0.9
		}
		return 0
	}
	if a > b { // the library's measure is not quite symmetric
		a, b = b, a
	}
	return min(1, jaroWinkler.Compare(a, b))
}

// isInitial reports whether a word is a single letter, which stands for any name it begins.
func isInitial(word string) bool { return utf8.RuneCountInString(word) == 1 }
