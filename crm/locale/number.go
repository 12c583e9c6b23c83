package locale

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/money"
)

// symbols of numbers, from the Unicode CLDR. Groups are kept together by no-break spaces.
type symbols struct {
	decimal, group string
	// minGroup is the number of digits before the group separator is used: 5 writes 1234 without one.
	minGroup int
}

var numbers = map[Language]symbols{
	Hungarian: {",", "\u00a0", 5},
	English:   {".", ",", 4},
	Hebrew:    {".", ",", 4},
	Russian:   {",", "\u00a0", 4},
	Greek:     {",", ".", 4},
}

// Number writes d with exactly the given number of places, rounded half away from zero:
// 1234567.891 with 2 places is "1 234 567,89" in Hungarian. A negative number has a hyphen-minus, as one types it; in
// texts that are only read it gets its real sign from [Minus].
func (l Language) Number(d decimal.Decimal, places int32) string {
	s := d.StringFixed(places)
	return l.group(s)
}

// Quantity writes d with as many places as it has, at most 6.
func (l Language) Quantity(d decimal.Decimal) string {
	s := d.Round(6).String()
	return l.group(s)
}

func (l Language) group(s string) string {
	sym, ok := numbers[l]
	if !ok {
		sym = numbers[English]
	}
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if len(whole) >= sym.minGroup {
		var b strings.Builder
		for i, c := range whole {
			if i > 0 && (len(whole)-i)%3 == 0 {
				b.WriteString(sym.group)
			}
			b.WriteRune(c)
		}
		whole = b.String()
	}
	if fraction != "" {
		return sign + whole + sym.decimal + fraction
	}
	return sign + whole
}

// currencySigns are shown instead of the code where the sign is the usual one.
var currencySigns = map[string]string{"HUF": "Ft", "EUR": "€", "USD": "$", "GBP": "£", "ILS": "₪", "RUB": "₽"}

// CurrencySign is the usual sign of a currency ("€", "Ft"), or its code.
func CurrencySign(currency string) string {
	if s, ok := currencySigns[currency]; ok {
		return s
	}
	return currency
}

// Minus gives a negative number the minus sign of print, U+2212, which is as wide as plus and figures are: for texts
// that are read. In forms and files the hyphen-minus stays.
func Minus(number string) string {
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		return "\u2212" + rest
	}
	return number
}

// Money writes an amount with the decimals of its currency and its sign where the language puts it:
// "1 234 Ft", "€1,234.50", "1,234.50 ₪", "−1 234,50 €".
func (l Language) Money(a money.Amount, currency string) string {
	return l.money(a, currency, money.Digits(currency))
}

// WholeMoney writes an amount rounded to whole units, where hundredths are no news: on the axes of charts.
func (l Language) WholeMoney(a money.Amount, currency string) string { return l.money(a, currency, 0) }

// UnitPrice writes a price with at least the currency's decimals and as many more as it has (at most 4).
func (l Language) UnitPrice(a money.Amount, currency string) string {
	places := money.Digits(currency)
	for places < 4 && !a.Round(places).Equal(a.Round(4)) {
		places++
	}
	return l.money(a, currency, places)
}

func (l Language) money(a money.Amount, currency string, places int32) string {
	n := Minus(l.Number(a.Decimal, places))
	sign := CurrencySign(currency)
	if l == English && len([]rune(sign)) == 1 {
		if rest, negative := strings.CutPrefix(n, "\u2212"); negative {
			return "\u2212" + sign + rest
		}
		return sign + n
	}
	return n + "\u00a0" + sign
}

// Percent writes "27 %" or "27%" as the language does, with as many places as p has.
func (l Language) Percent(p money.Percent) string {
	s := Minus(l.Quantity(p.Decimal))
	if l == Russian {
		return s + "\u00a0%"
	}
	return s + "%"
}

// maxNumber is the longest text that is read as a number, in bytes.
const maxNumber = 64

// ParseNumber reads a number that a person typed in this language, or in the other habit where that
// cannot be mistaken: "1 234,56", "1.234,56", "1,234.56", "1234.56", "(12,50)", "12,5-".
// "1.234" and "1,234" are ambiguous and read by the language's own separators.
func (l Language) ParseNumber(text string) (decimal.Decimal, error) {
	digits, negative := unsigned(text)
	plain, ok := "", len(text) <= maxNumber
	if ok {
		plain, ok = ungroup(digits, l.decimalMark(digits))
	}
	d, err := decimal.NewFromString(plain)
	if !ok || err != nil {
		return decimal.Zero, fmt.Errorf("%.70q is not a number; write it as %s", text, l.Number(decimal.New(123456, -2), 2))
	}
	if negative {
		d = d.Neg()
	}
	return d, nil
}

// unsigned takes blanks, direction marks and the sign off a number; bookkeepers put minus behind it, or
// parentheses around it.
func unsigned(text string) (digits string, negative bool) {
	s := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\u2009', '\'', '’', '\u200e', '\u200f':
			return -1
		case '\u2212', '–':
			return '-'
		case '٫':
			return '.'
		}
		return r
	}, strings.TrimSpace(text))
	switch {
	case strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")"):
		return s[1 : len(s)-1], true
	case strings.HasPrefix(s, "-"):
		return s[1:], true
	case strings.HasPrefix(s, "+"):
		return s[1:], false
	case strings.HasSuffix(s, "-"):
		return s[:len(s)-1], true
	}
	return s, false
}

// decimalMark finds which of comma and point is the decimal separator in s; 0 means that s has none.
func (l Language) decimalMark(s string) byte {
	sym, ok := numbers[l]
	if !ok {
		sym = numbers[English]
	}
	comma, point := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	mark, at := byte(','), comma
	if point > comma {
		mark, at = '.', point
	}
	switch {
	case at < 0:
		return 0
	case comma >= 0 && point >= 0: // the later one is the decimal separator
		return mark
	case strings.IndexByte(s, mark) != at: // 1.234.567
		return 0
	case sym.decimal[0] == mark || sym.group[0] != mark: // the language's own, or one it does not use
		return mark
	case len(s)-at-1 == 3 && at >= 1 && at <= 3: // 1.234 in Greek, 1,234 in English
		return 0
	}
	return mark
}

// ungroup takes the group separators out and makes the decimal mark a point. Groups have three digits,
// and nothing but digits may remain.
func ungroup(s string, mark byte) (string, bool) {
	whole, fraction := s, ""
	if mark != 0 {
		at := strings.LastIndexByte(s, mark)
		whole, fraction = s[:at], s[at+1:]
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == ',' || r == '.' })
	for i, g := range groups {
		if !onlyDigits(g) || i > 0 && len(g) != 3 {
			return "", false
		}
	}
	joined := strings.Join(groups, "")
	separators := strings.Count(whole, ",") + strings.Count(whole, ".")
	if separators != max(len(groups)-1, 0) || !onlyDigits(fraction) || joined+fraction == "" {
		return "", false
	}
	return joined + "." + fraction, true
}

func onlyDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
