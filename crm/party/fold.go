package party

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldLimit is the most bytes of a text that are folded, and the longest folded text. Longer names
// do not exist; longer input is an attack or a mistake.
const foldLimit = 1024

// Fold brings a text to the form in which two spellings of one name are equal: lower case, accents
// and Hebrew points removed, final sigma and ё as σ and е, ß as ss, æ as ae, punctuation and quotes
// as blanks, one blank between words. й stays й: it is a letter, not an accented и. "Kovács-Tóth
// ÁRON" gives "kovacs toth aron".
//
// The result is valid UTF-8 of at most 1024 bytes; Fold(Fold(s)) is Fold(s). It is stored in
// binary-collated columns and never shown.
func Fold(text string) string {
	if isFolded(text) {
		return text
	}
	var buf [256]byte
	return string(appendFold(buf[:0], text))
}

// isFolded reports whether Fold would leave s as it is, seen from its bytes alone.
func isFolded(s string) bool {
	if len(s) > foldLimit {
		return false
	}
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 || asciiFold[c] != c || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return len(s) == 0 || last != ' '
}

// appendFold appends the folded text to dst, which must be empty.
func appendFold(dst []byte, text string) []byte {
	text = cut(text, foldLimit)
	var table *[foldTableSize]string
	for i := 0; i < len(text); {
		if c := text[i]; c < 0x80 {
			i++
			if f := asciiFold[c]; f != ' ' {
				dst = append(dst, f)
			} else {
				dst = appendBlank(dst)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if r == breve && endsWith(dst, "и") {
			dst = append(dst[:len(dst)-len("и")], "й"...)
			continue
		}
		var folded string
		if r < foldTableSize {
			if table == nil {
				table = foldTable()
			}
			folded = table[r]
		} else {
			folded = foldRune(r)
		}
		for j := range len(folded) {
			if folded[j] == ' ' {
				dst = appendBlank(dst)
			} else {
				dst = append(dst, folded[j])
			}
		}
	}
	if len(dst) > foldLimit {
		n := foldLimit
		for !utf8.RuneStart(dst[n]) {
			n--
		}
		dst = dst[:n]
	}
	if n := len(dst); n > 0 && dst[n-1] == ' ' {
		dst = dst[:n-1]
	}
	return dst
}

// breve is the combining mark that makes й of и when a text comes decomposed.
const breve = 0x0306

func appendBlank(dst []byte) []byte {
	if n := len(dst); n > 0 && dst[n-1] != ' ' {
		return append(dst, ' ')
	}
	return dst
}

func endsWith(b []byte, suffix string) bool {
	return len(b) >= len(suffix) && string(b[len(b)-len(suffix):]) == suffix
}

// asciiFold maps each ASCII byte to its folded form, a blank where it separates words.
var asciiFold = func() (t [128]byte) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			t[c] = byte(c)
		case c >= 'A' && c <= 'Z':
			t[c] = byte(c) + 'a' - 'A'
		default:
			t[c] = ' '
		}
	}
	return t
}()

// foldTableSize covers Latin, Greek, Cyrillic and Hebrew; what lies above is folded rune by rune.
const foldTableSize = 0x600

var foldTable = sync.OnceValue(func() *[foldTableSize]string {
	var t [foldTableSize]string
	for r := range t {
		t[r] = foldRune(rune(r))
	}
	return &t
})

// foldLetters are letters whose Unicode decomposition is not what people write instead of them.
var foldLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŋ': "n",
	'ς': "σ", 'й': "й", 'ʹ': " ", 'ʼ': " ", 'ʻ': " ",
}

// foldRune folds one rune; "" removes it, " " separates words.
func foldRune(r rune) string {
	s := string(r)
	for range 4 { // a decomposition can hold capitals and letters of foldLetters again
		next := foldStep(s)
		if next == s {
			break
		}
		s = next
	}
	return s
}

func foldStep(s string) string {
	var b strings.Builder
	for _, r := range s {
		r = unicode.ToLower(r)
		if to, ok := foldLetters[r]; ok {
			b.WriteString(to)
			continue
		}
		for _, q := range norm.NFKD.String(string(r)) {
			switch {
			case unicode.In(q, unicode.Mn, unicode.Me, unicode.Cf):
			case q == utf8.RuneError:
				b.WriteByte(' ')
			case unicode.IsLetter(q), unicode.IsNumber(q), unicode.Is(unicode.Mc, q):
				b.WriteRune(unicode.ToLower(q))
			default:
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}
