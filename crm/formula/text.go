package formula

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"github.com/crmplus/crmplus/crm/civil"
)

const momentLayout = "2006-01-02T15:04:05"

// textOf takes a text; no value is the empty text.
func textOf(v any) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case nil:
		return "", nil
	}
	return "", fmt.Errorf("%s is a %s, and a text is asked for%s", shown(v), kindOf(v), remedy(kindOf(v), Text))
}

// onText makes a function of a function on one text.
func onText(f func(string) string) func(*run, []any) (any, error) {
	return func(r *run, args []any) (any, error) {
		s, err := textOf(args[0])
		if err != nil {
			return nil, err
		}
		if err := r.spend(len(s) / 16); err != nil {
			return nil, err
		}
		return r.text(f(s))
	}
}

// keep makes a function that drops the characters for which f is false.
func keep(f func(rune) bool) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if f(r) {
				return r
			}
			return -1
		}, s)
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// joinTexts hangs one text on another; a whole number is written in its digits.
func joinTexts(r *run, args []any) (any, error) {
	a, err := spelt(args[0])
	if err != nil {
		return nil, err
	}
	b, err := spelt(args[1])
	if err != nil {
		return nil, err
	}
	if len(a)+len(b) > MaxText {
		return nil, tooLong()
	}
	return r.text(a + b)
}

func spelt(v any) (string, error) {
	if n, ok := v.(int64); ok {
		return strconv.FormatInt(n, 10), nil
	}
	return textOf(v)
}

func textSearch(operator string) func(*run, []any) (any, error) {
	found := map[string]func(s, part string) bool{
		"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
	}[operator]
	return func(r *run, args []any) (any, error) {
		s, err := textOf(args[0])
		if err != nil {
			return nil, err
		}
		part, err := textOf(args[1])
		if err != nil {
			return nil, err
		}
		return found(s, part), r.spend(len(s) / 16)
	}
}

// part cuts a text by characters, not bytes, and never fails on a text that is too short.
func part(r *run, v any, from, count int64) (any, error) {
	s, err := textOf(v)
	if err != nil {
		return nil, err
	}
	if err := r.spend(len(s) / 16); err != nil {
		return nil, err
	}
	start, i := -1, int64(0)
	for at := range s {
		if i == from {
			start = at
		}
		if start >= 0 && i-from == count {
			return s[start:at], nil
		}
		i++
	}
	if start < 0 || count <= 0 {
		return "", nil
	}
	return s[start:], nil
}

func left(r *run, args []any) (any, error) {
	n, err := wholeOf(args[1])
	if err != nil {
		return nil, err
	}
	return part(r, args[0], 0, max(n, 0))
}

func right(r *run, args []any) (any, error) {
	n, err := wholeOf(args[1])
	if err != nil {
		return nil, err
	}
	s, err := textOf(args[0])
	if err != nil {
		return nil, err
	}
	length := int64(utf8.RuneCountInString(s))
	n = min(max(n, 0), length)
	return part(r, s, length-n, n)
}

// middle counts from 1, as SUBSTRING does.
func middle(r *run, args []any) (any, error) {
	from, err := wholeOf(args[1])
	if err != nil {
		return nil, err
	}
	count := int64(MaxText)
	if len(args) > 2 {
		if count, err = wholeOf(args[2]); err != nil {
			return nil, err
		}
	}
	if from < 1 {
		return nil, errors.New("mid counts characters from 1")
	}
	return part(r, args[0], from-1, max(count, 0))
}

// pad puts zeros, or another character, before a number or text until it is long enough. A longer one
// stays as it is.
func pad(r *run, args []any) (any, error) {
	v, err := toText(r, args[:1])
	if err != nil {
		return nil, err
	}
	s, err := textOf(v)
	if err != nil {
		return nil, err
	}
	width, err := wholeOf(args[1])
	if err != nil {
		return nil, err
	}
	fill := "0"
	if len(args) > 2 {
		if fill, err = textOf(args[2]); err != nil {
			return nil, err
		}
	}
	if width > 1000 || utf8.RuneCountInString(fill) != 1 {
		return nil, errors.New("pad fills with one character, up to a length of 1000")
	}
	missing := int(width) - utf8.RuneCountInString(s)
	if missing <= 0 {
		return s, nil
	}
	sign := ""
	if fill == "0" && strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	return r.text(sign + strings.Repeat(fill, missing) + s)
}

func replace(r *run, args []any) (any, error) {
	var texts [3]string
	for i := range texts {
		s, err := textOf(args[i])
		if err != nil {
			return nil, err
		}
		texts[i] = s
	}
	s, old, with := texts[0], texts[1], texts[2]
	if old == "" {
		return s, nil
	}
	if err := r.spend(len(s) / 4); err != nil {
		return nil, err
	}
	if len(s)+strings.Count(s, old)*(len(with)-len(old)) > MaxText {
		return nil, tooLong()
	}
	return r.text(strings.ReplaceAll(s, old, with))
}

// length counts the characters of a text, or the elements of a list.
func length(r *run, args []any) (any, error) {
	if s, ok := args[0].(string); ok {
		return int64(utf8.RuneCountInString(s)), r.spend(len(s) / 16)
	}
	if args[0] == nil {
		return int64(0), nil
	}
	if kindOf(args[0]) != List {
		return nil, fmt.Errorf("len counts the characters of a text or the elements of a list, and %s is a %s", shown(args[0]), kindOf(args[0]))
	}
	n := int64(0)
	err := each(args[0], func(any) error { n++; return nil })
	return n, err
}

// toText prints a value as a database would take it; no value stays none.
func toText(r *run, args []any) (any, error) {
	switch x := args[0].(type) {
	case nil, string:
		return x, nil
	case int64:
		return strconv.FormatInt(x, 10), nil
	case decimal.Decimal:
		return r.text(x.String())
	case bool:
		return strconv.FormatBool(x), nil
	case civil.Date:
		return x.String(), nil
	case time.Time:
		return x.Format(momentLayout), nil
	case civil.DateTime:
		return x.String(), nil
	}
	return nil, fmt.Errorf("%s has no text", shown(args[0]))
}

// joinList writes the elements of a list with a separator between them, leaving out what is missing.
func joinList(r *run, args []any) (any, error) {
	separator, err := textOf(args[1])
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	err = each(args[0], func(v any) error {
		if missing(v) {
			return nil
		}
		v, err := canonical(v)
		if err != nil {
			return err
		}
		if v, err = toText(r, []any{v}); err != nil {
			return err
		}
		s, err := textOf(v)
		if err != nil {
			return err
		}
		if b.Len() > 0 {
			b.WriteString(separator)
		}
		b.WriteString(s)
		if b.Len() > MaxText {
			return tooLong()
		}
		return r.spend(1 + len(s)/16)
	})
	if err != nil {
		return nil, err
	}
	return r.text(b.String())
}

// ascii writes a text with the letters a-z only: accents off, Cyrillic (ICAO 9303), Greek (ELOT 743) and
// Hebrew (consonants) in Latin letters, anything else without a spelling left out.
func ascii(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		if to, ok := spelled(r); ok {
			b.WriteString(to)
			continue
		}
		for _, q := range norm.NFKD.String(string(r)) {
			if to, ok := spelled(q); ok {
				b.WriteString(to)
			}
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// spelled gives the Latin spelling of one letter, capitals as in Шаг: Shag.
func spelled(r rune) (string, bool) {
	if r < 0x80 {
		return string(r), true
	}
	if to, ok := spellings[r]; ok {
		return to, true
	}
	small := unicode.ToLower(r)
	to, ok := spellings[small]
	if ok && small != r && to != "" {
		to = strings.ToUpper(to[:1]) + to[1:]
	}
	return to, ok
}

var spellings = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŋ': "n",
	'–': "-", '—': "-", '‘': "'", '’': "'", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '…': "...", '€': "EUR", '№': "No",
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "i", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh",
	'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "ie", 'ы': "y", 'ь': "", 'э': "e", 'ю': "iu", 'я': "ia",
	'і': "i", 'ї': "i", 'є': "ie", 'ґ': "g", 'ђ': "d", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l",
	'μ': "m", 'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch",
	'ψ': "ps", 'ω': "o",
	'א': "", 'ב': "b", 'ג': "g", 'ד': "d", 'ה': "h", 'ו': "v", 'ז': "z", 'ח': "h", 'ט': "t", 'י': "y", 'כ': "k", 'ך': "k",
	'ל': "l", 'מ': "m", 'ם': "m", 'נ': "n", 'ן': "n", 'ס': "s", 'ע': "", 'פ': "p", 'ף': "f", 'צ': "ts", 'ץ': "ts", 'ק': "k",
	'ר': "r", 'ש': "sh", 'ת': "t",
}
