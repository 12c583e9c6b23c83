package party

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean makes text that a person typed or a file held fit to be stored and shown as a name: bytes
// that are no UTF-8, control characters and invisible formatting (among it the bidirectional
// overrides that can make one name look like another) are dropped, letters are composed (Unicode
// NFC), any run of blanks becomes one, and at most maxRunes runes stay.
//
// The joiners and direction marks U+200C to U+200F are kept: Persian, Hebrew and Indic names need
// them. The work done depends on maxRunes, not on the length of text.
func Clean(text string, maxRunes int) string {
	if maxRunes <= 0 {
		return ""
	}
	if isCleanASCII(text) && len(text) <= maxRunes {
		return text
	}
	// A rune of the result comes from at most a few runes of up to four bytes; what lies far
	// behind them cannot be part of a name.
	text = cut(text, 16*maxRunes+64)
	var b strings.Builder
	b.Grow(len(text))
	blank := false
	for i, r := range text {
		switch {
		case r == utf8.RuneError && isBroken(text[i:]):
			continue
		case unicode.IsSpace(r):
			blank = b.Len() > 0
			continue
		case isUnwanted(r):
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	clean := norm.NFC.String(b.String())
	n := 0
	for i := range clean {
		if n == maxRunes {
			return strings.TrimRight(clean[:i], " ")
		}
		n++
	}
	return clean
}

// isCleanASCII reports whether Clean would leave s as it is, seen from its bytes alone.
func isCleanASCII(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return len(s) == 0 || last != ' '
}

// isBroken reports whether s starts with a byte that is no UTF-8, rather than with U+FFFD itself.
func isBroken(s string) bool {
	_, size := utf8.DecodeRuneInString(s)
	return size == 1
}

// isUnwanted reports whether r has no place in a name.
func isUnwanted(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' || r == 0x7f
	case r >= 0x200c && r <= 0x200f:
		return false
	case r == utf8.RuneError:
		return true // left behind by a broken conversion, it says nothing
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// cut shortens s to at most n bytes without splitting a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
