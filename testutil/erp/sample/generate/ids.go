package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/party"
)

func weigh(digits string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return sum
}

// huTax completes seven digits of an adószám by the check digit, and by VAT code and county.
func huTax(seven, rest string) string {
	return seven + strconv.Itoa((10-weigh(seven, 9, 7, 3, 1, 9, 7, 3)%10)%10) + rest
}

func grTax(eight string) string {
	return eight + strconv.Itoa(weigh(eight, 256, 128, 64, 32, 16, 8, 4, 2)%11%10)
}

func ilTax(eight string) string {
	sum := 0
	for i := range eight {
		d := int(eight[i]-'0') * (1 + i%2)
		sum += d/10 + d%10
	}
	return eight + strconv.Itoa((10-sum%10)%10)
}

func ruTax(nine string) string {
	return nine + strconv.Itoa(weigh(nine, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10)
}

func gbTax(seven string) string {
	return fmt.Sprintf("GB%s%02d", seven, (97-weigh(seven, 8, 7, 6, 5, 4, 3, 2)%97)%97)
}

// iban puts the check digits of ISO 13616 before an account.
func iban(country, account string) string {
	digits := account
	for _, r := range country {
		digits += strconv.Itoa(int(r-'A') + 10)
	}
	rest := 0
	for _, r := range digits + "00" {
		rest = (rest*10 + int(r-'0')) % 97
	}
	return fmt.Sprintf("%s%02d%s", country, 98-rest, account)
}

func cyrillic(s string) string { return party.Transliterate(s) }

func greek(s string) string { return party.Transliterate(s) }

// hebrew writes the consonants in Latin letters, good enough for addresses of e-mail.
func hebrew(s string) string {
	return strings.NewReplacer("א", "a", "ב", "b", "ג", "g", "ד", "d", "ה", "h", "ו", "o", "ז", "z", "ח", "h", "ט", "t", "י", "i", "כ", "k", "ך", "k",
		"ל", "l", "מ", "m", "ם", "m", "נ", "n", "ן", "n", "ס", "s", "ע", "a", "פ", "p", "ף", "f", "צ", "tz", "ץ", "tz", "ק", "k", "ר", "r", "ש", "sh", "ת", "t").Replace(s)
}

// ascii makes "given.family" of small Latin letters.
func ascii(given, family string) string {
	name := party.Fold(given)
	if family != "" {
		name += "." + party.Fold(family)
	}
	return strings.Map(func(r rune) rune {
		if r == '.' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, name)
}
