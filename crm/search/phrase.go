package search

import (
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/party"
)

const (
	// maxText is how many characters of a question are read.
	maxText = 400
	// maxGroups is how many words of a question count; a ninth no longer narrows anything.
	maxGroups = 8
	// fewestDigits is how many digits make what might be a phone number, fewestRest how many are left of it without
	// what is dialled before, fewestEnd how many make the end of one.
	fewestDigits, mostDigits, fewestRest, fewestEnd = 5, 18, 3, 7
)

// way is one way in which a part of a question can be meant: words that must all begin a word of the record.
type way []string

// group is one part of a question: any of its ways will do.
type group []way

// phrase is a question: a record answers it that answers all of its groups.
type phrase []group

// parse reads what somebody typed. All of it is data: nothing in it is an operator of any engine.
func parse(text string) phrase {
	words := strings.Fields(party.Fold(party.Clean(text, maxText)))
	var p phrase
	for i := 0; i < len(words) && len(p) < maxGroups; {
		n := 0
		for i+n < len(words) && digitsOf(words[i+n]) == words[i+n] {
			n++
		}
		if n > 0 {
			p = append(p, numberGroup(words[i:i+n]))
			i += n
			continue
		}
		g := group{{cut(words[i])}}
		if t := latin(words[i]); t != "" {
			g = append(g, way{t})
		}
		p = append(p, g)
		i++
	}
	return p
}

// numberGroup reads digits that stand together: as numbers, or as the pieces of one phone number.
func numberGroup(words []string) group {
	each := make(way, 0, len(words))
	for _, w := range words[:min(len(words), maxGroups)] {
		if w = cut(w); !slices.Contains(each, w) {
			each = append(each, w)
		}
	}
	g := group{each}
	digits := strings.Join(words, "")
	if len(digits) < fewestDigits || len(digits) > mostDigits {
		return g
	}
	for _, number := range spellings(digits) {
		if len(words) > 1 || number != digits {
			g = append(g, way{number})
		}
		if len(number) >= fewestEnd {
			g = append(g, way{backwardsMark + backwards(number)})
		}
	}
	return g
}

// spellings are the digits as they were typed, and without what is dialled before a number: 00 before a country
// code, 0, in Hungary 06, in Russia 8 before an area code.
func spellings(digits string) []string {
	all := []string{digits}
	for _, trunk := range []string{"00", "06", "0"} {
		if rest, ok := strings.CutPrefix(digits, trunk); ok && len(rest) >= fewestRest {
			all = append(all, rest)
		}
	}
	if rest, ok := strings.CutPrefix(digits, "8"); ok && len(digits) == 11 {
		all = append(all, rest)
	}
	return all
}

// answers reports whether words, as line writes them, answer the question.
func (p phrase) answers(words string) bool {
	for _, g := range p {
		if !g.answers(words) {
			return false
		}
	}
	return true
}

func (g group) answers(words string) bool {
	return slices.ContainsFunc(g, func(w way) bool {
		for _, beginning := range w {
			if !strings.Contains(words, " "+beginning) {
				return false
			}
		}
		return true
	})
}

// touches reports whether words have anything of the question.
func (p phrase) touches(words string) bool {
	for _, g := range p {
		for _, w := range g {
			if slices.ContainsFunc(w, func(beginning string) bool { return strings.Contains(words, " "+beginning) }) {
				return true
			}
		}
	}
	return false
}
