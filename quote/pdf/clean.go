package pdf

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// missing is printed for a letter, a digit or a byte that cannot be shown.
const missing = '□'

// The invisible marks of direction that are kept: they order text and are not drawn.
const (
	leftToRightMark = '\u200e'
	rightToLeftMark = '\u200f'
	arabicMark      = '\u061c'
)

func isMark(r rune) bool {
	return r == leftToRightMark || r == rightToLeftMark || r == arabicMark
}

// cleaned gives a copy of the document in which every text holds only characters that can be drawn.
func cleaned(d Document) Document {
	d.Seller.AddressLines = slices.Clone(d.Seller.AddressLines)
	d.Addressee.AddressLines = slices.Clone(d.Addressee.AddressLines)
	d.Lines = slices.Clone(d.Lines)
	d.VATSummary = slices.Clone(d.VATSummary)
	d.Terms = slices.Clone(d.Terms)
	d.fields(func(f field) {
		if f.paragraphs {
			*f.text = cleanParagraphs(*f.text)
		} else {
			*f.text = cleanLine(*f.text)
		}
	})
	return d
}

// cleanLine makes one line: line breaks become blanks.
func cleanLine(s string) string {
	if plain(s) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.ReplaceAll(clean(s), "\n", " "))
}

// cleanParagraphs keeps line breaks as \n, drops blanks at line ends and empty lines at both ends.
func cleanParagraphs(s string) string {
	if !plain(s) {
		s = clean(s)
	}
	if !strings.Contains(s, "\n") {
		return strings.TrimSpace(s)
	}
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \u00a0")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// plain reports whether nothing has to be cleaned, as in most texts.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// newLines are the line breaks of all systems and of Unicode.
var newLines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// clean replaces and drops what cannot be drawn; line breaks come out as \n.
func clean(s string) string {
	s = newLines.Replace(s)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, string(missing))
	}
	s = norm.NFC.String(s)
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\n' || covered(r) || isMark(r):
			b.WriteRune(r)
		case r == '\t':
			b.WriteByte(' ')
		case unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		default:
			b.WriteString(substitute(r))
		}
	}
	return b.String()
}

// substitute is what stands for a character without a glyph: its compatible form, nothing, or □.
func substitute(r rune) string {
	form := norm.NFKD.String(string(r))
	shown := true
	for _, c := range form {
		shown = shown && covered(c)
	}
	if shown {
		return form
	}
	if unicode.IsLetter(r) || unicode.IsNumber(r) {
		return string(missing)
	}
	return ""
}
