package party

import (
	"github.com/crmplus/crmplus/crm/locale"
)

// addressLimit is the longest line of an address in runes.
const addressLimit = 200

// Address is where letters and goods go. Any field may be empty.
type Address struct {
	// Line1 is street and number, Line2 what helps to find the door.
	Line1, Line2 string
	PostalCode   string
	City         string
	// Region is the state, county or oblast, where the country's letters name it.
	Region string
	// Country is the ISO 3166-1 alpha-2 code: "HU".
	Country string
}

// IsZero reports whether nothing is known.
func (a Address) IsZero() bool { return a == Address{} }

// Lines gives the lines of a letter in the order of the address's country (Universal Postal Union,
// S42), with empty ones left out. The country comes last, in the reader's language, and only when
// it is not the one that the language is spoken in.
func (a Address) Lines(lang locale.Language) []string {
	for _, part := range []*string{&a.Line1, &a.Line2, &a.PostalCode, &a.City, &a.Region} {
		*part = Clean(*part, addressLimit)
	}
	country := CountryOf(a.Country)
	var lines []string
	switch country {
	case "HU":
		lines = []string{joinWords(a.PostalCode, a.City), a.Line1, a.Line2}
	case "GB", "IE":
		lines = []string{a.Line1, a.Line2, a.City, a.Region, a.PostalCode}
	case "US", "CA", "AU":
		lines = []string{a.Line1, a.Line2, joinComma(a.City, joinWords(a.Region, a.PostalCode))}
	case "RU", "UA", "KZ", "BY":
		lines = []string{a.Line1, a.Line2, a.City, a.Region, a.PostalCode}
	case "IL":
		lines = []string{a.Line1, a.Line2, joinWords(a.City, a.PostalCode)}
	case "IT", "ES":
		lines = []string{a.Line1, a.Line2, joinWords(a.PostalCode, a.City, a.Region)}
	default:
		lines = []string{a.Line1, a.Line2, joinWords(a.PostalCode, a.City), a.Region}
	}
	if country != lang.Country() {
		lines = append(lines, CountryName(a.Country, lang))
	}
	kept := lines[:0]
	for _, line := range lines {
		if line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}

func joinComma(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}
