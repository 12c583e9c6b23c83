package sms

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/crmplus/crmplus/crm/money"
)

// replaced are characters of typography, which stand for themselves elsewhere.
var replaced = map[rune]string{
	'„': `"`, '“': `"`, '”': `"`, '«': `"`, '»': `"`, '‟': `"`, '‘': "'", '’': "'", '‚': "'", '‹': "'", '›': "'", '´': "'", '`': "'",
	'–': "-", '—': "-", '‑': "-", '−': "-", '‐': "-", '…': "...", '•': "*", '·': ".", ';': ";", '\t': " ",
	'\u00a0': " ", '\u202f': " ", '\u2009': " ", '\u200b': "", '\u00ad': "", '\ufeff': "", '\u200e': "", '\u200f': "",
	'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ı': "i", 'œ': "oe", 'Œ': "OE", 'ð': "d", 'þ': "th", '©': "(c)", '®': "(R)", '™': "TM", '№': "No.",
}

// capitals are what the Greek letters become that look like Latin ones; Δ Φ Γ Λ Ω Π Ψ Σ Θ Ξ are in the alphabet.
var capitals = map[rune]rune{
	'Α': 'A', 'Β': 'B', 'Ε': 'E', 'Ζ': 'Z', 'Η': 'H', 'Ι': 'I', 'Κ': 'K', 'Μ': 'M', 'Ν': 'N', 'Ο': 'O', 'Ρ': 'P', 'Τ': 'T', 'Υ': 'Y', 'Χ': 'X',
}

// Plain writes a text with the characters of the default alphabet where that is possible for all of it: without
// the accents that it lacks, plain quotation marks and dashes, and Greek in capitals, as phones have long done.
// Where one character cannot be written so (Hebrew, Cyrillic, emoji) the text is given back as it is, since it
// would be UCS-2 anyway; the result says which.
func Plain(text string) (string, bool) {
	var b strings.Builder
	for _, r := range norm.NFC.String(text) {
		if units(r, GSM7) > 0 {
			b.WriteRune(r)
			continue
		}
		plain, ok := plainRune(r)
		if !ok {
			return text, false
		}
		b.WriteString(plain)
	}
	return b.String(), true
}

func plainRune(r rune) (string, bool) {
	if s, ok := replaced[r]; ok {
		return s, true
	}
	base, _ := firstOf(norm.NFD.String(string(r)))
	if unicode.Is(unicode.Mn, base) {
		return "", true // an accent that stands alone
	}
	if unicode.Is(unicode.Greek, base) {
		base = unicode.ToUpper(base)
		if latin, ok := capitals[base]; ok {
			base = latin
		}
	}
	return string(base), units(base, GSM7) > 0
}

func firstOf(text string) (rune, bool) {
	for _, r := range text {
		return r, true
	}
	return 0, false
}

// Choice shows what a text is as it stands, and what it would be with other letters.
type Choice struct {
	AsIs Size `json:"as_is"`
	// Plain is the text in other letters, "" where nothing is gained by them.
	Plain     string `json:"plain,omitempty"`
	PlainSize Size   `json:"plain_size,omitzero"`
	// Saves is how many parts it would be less, and SavesMoney what they cost at the price of a part.
	Saves      int          `json:"saves"`
	SavesMoney money.Amount `json:"saves_money"`
	// Beyond are the characters, each once, that make it UCS-2.
	Beyond string `json:"beyond,omitempty"`
}

// Weigh compares a text with itself in the letters of the default alphabet.
func Weigh(text string, partPrice money.Amount) Choice {
	c := Choice{AsIs: Measure(text)}
	if c.AsIs.Encoding == GSM7 {
		return c
	}
	for _, r := range text {
		if units(r, GSM7) == 0 && !strings.ContainsRune(c.Beyond, r) {
			c.Beyond += string(r)
		}
	}
	if plain, ok := Plain(text); ok {
		c.Plain, c.PlainSize = plain, Measure(plain)
		c.Saves = max(0, c.AsIs.Parts-c.PlainSize.Parts)
		c.SavesMoney = times(partPrice, c.Saves)
	}
	return c
}
