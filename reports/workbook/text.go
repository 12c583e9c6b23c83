package workbook

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

const (
	// cellLimit is what one cell holds, in UTF-16 units.
	cellLimit = 32_767
	// nameLimit is the longest sheet name, in UTF-16 units.
	nameLimit = 31
	// formulaTextLimit is the longest text constant in a formula.
	formulaTextLimit = 255
)

// clean makes text that a cell can hold: scrubbed, and what is too long ends in an ellipsis.
func clean(s string) string {
	s = scrub(s)
	if len(s) > cellLimit { // bytes are never fewer than UTF-16 units
		s = cut(s, cellLimit)
	}
	return s
}

// scrub makes line breaks LF, drops characters that XML 1.0 forbids, and replaces broken UTF-8 by
// U+FFFD.
func scrub(s string) string {
	if !isClean(s) {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\r':
				return '\n'
			case r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
				return -1
			}
			return r
		}, s)
	}
	return s
}

// isClean is the fast way past text without control characters, which is nearly all.
func isClean(s string) bool {
	ascii := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' {
			return false
		} else if c >= utf8.RuneSelf {
			ascii = false
		}
	}
	return ascii || utf8.ValidString(s) && !strings.ContainsAny(s, "\ufffe\uffff")
}

// cut shortens s to at most limit UTF-16 units, the last of them an ellipsis where it was longer.
// It never parts a surrogate pair.
func cut(s string, limit int) string {
	units, end := 0, 0
	for i, r := range s {
		n := 1
		if r > 0xffff {
			n = 2
		}
		if units += n; units > limit {
			return s[:end] + "…"
		}
		if units <= limit-1 {
			end = i + utf8.RuneLen(r)
		}
	}
	return s
}

// looksLikeFormula reports whether a spreadsheet could read the text as a formula or command
// (DDE): its first visible character is = + - @ or a full-width form of them, which Japanese
// settings accept, or it begins with a tab or line break, which import filters strip.
func looksLikeFormula(s string) bool {
	if s == "" {
		return false
	}
	if c := s[0]; c < utf8.RuneSelf && c > ' ' { // the usual case
		return c == '=' || c == '+' || c == '-' || c == '@'
	}
	if s[0] == '\t' || s[0] == '\r' || s[0] == '\n' {
		return true
	}
	s = strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r)
	})
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("=+-@＝＋－＠−", r)
}

// linkable reports whether an address may be opened from a cell: a scheme that does nothing but
// open a page, mail or call, and at most 255 characters. Everything else (file, javascript,
// ms-office commands) stays text.
func linkable(address string) bool {
	if len(address) > formulaTextLimit || !utf8.ValidString(address) || strings.ContainsFunc(address, unicode.IsControl) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto", "tel":
		return u.Opaque != ""
	}
	return false
}

// WholeColumn is how a formula refers to all cells of a column of a sheet; 0 is the first one. The sheet is named as in
// its SheetSpec. What goes on in "Name (2)" is not in it.
func WholeColumn(sheet string, column int) string {
	letter, err := excelize.ColumnNumberToName(column + 1)
	if err != nil {
		return ""
	}
	return "'" + strings.ReplaceAll(sheetName(sheet), "'", "''") + "'!$" + letter + ":$" + letter
}

// quoteFormula makes a text constant of a formula.
func quoteFormula(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// sheetNames gives out names that Excel takes: at most 31 characters, none of []:*?/\, no
// apostrophe (excelize leaves it unescaped in filter ranges), unique without regard to case.
// "History" is Excel's own.
type sheetNames map[string]bool

// numbered gives "name", or "name (n)" from the first n on that is free.
func (taken sheetNames) numbered(name string, n int) string {
	for ; ; n++ {
		candidate := name
		if n > 1 {
			suffix := " (" + strconv.Itoa(n) + ")"
			candidate = strings.TrimSpace(strings.TrimSuffix(cut(name, nameLimit-len(suffix)), "…")) + suffix
		}
		if key := strings.ToLower(candidate); !taken[key] && key != "history" {
			taken[key] = true
			return candidate
		}
	}
}

func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`[]:*?/\`, r):
			return '-'
		case r == '\'':
			return '’'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == 0xfffe, r == 0xffff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(cut(strings.Join(strings.Fields(s), " "), nameLimit))
}
