package party

import (
	"bytes"

	"github.com/crmplus/crmplus/crm/locale"
)

// levelEnd divides the letters of a sort key from their accents (Unicode Technical Standard 10, 7.3).
var levelEnd = []byte{0, 0, 0, 0x20}

// NameRange gives the sort keys between which the names lie that begin with a text, accents and case
// aside. In Hungarian "sz" is a letter of its own behind all that begin with "s": the range of "Més"
// therefore ends behind "Mész", so that it does not lose Mészáros while he is being typed.
func NameRange(text string, l locale.Language) (from, until []byte) {
	from = letters(text, l)
	last := from
	for _, second := range []string{"s", "z", "y", "zs"} {
		if key := letters(text+second, l); !bytes.HasPrefix(key, from) && bytes.Compare(key, last) > 0 {
			last = key
		}
	}
	return from, after(last)
}

// letters is the part of a sort key that holds the letters.
func letters(text string, l locale.Language) []byte {
	key := l.SortKey(text)
	if i := bytes.Index(key, levelEnd); i >= 0 {
		key = key[:i]
	}
	return key
}

// after gives the first key behind all that begin with prefix.
func after(prefix []byte) []byte {
	next := bytes.Clone(prefix)
	for i := len(next) - 1; i >= 0; i-- {
		if next[i] < 0xff {
			next[i]++
			return next[:i+1]
		}
	}
	return append(next, 0xff)
}

// NameRangeOf is [NameRange] of a text that was typed; both keys are nil where it says nothing.
func NameRangeOf(text string, l locale.Language) [2][]byte {
	text = Clean(text, 100)
	if text == "" {
		return [2][]byte{}
	}
	from, until := NameRange(text, l)
	return [2][]byte{from, until}
}
