package party

import (
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// TaxID is the number by which a tax office knows a company or a person.
type TaxID struct {
	// Country is the ISO 3166-1 alpha-2 code of the tax office: "HU", "GR".
	Country string
	// Key is what is compared: the VAT prefix of the country (EL for Greece) and the number without
	// separators, reduced to what names the taxpayer. "12345676-2-41" and "HU12345676" have the
	// key "HU12345676".
	Key string
	// Text is the number as the country writes it: "12345676-2-41".
	Text string
}

// taxIDInputLimit is the longest text that is looked at, with its labels and separators.
const taxIDInputLimit = 64

// NormalizeTaxID reads a tax or VAT number with or without its country prefix, separators and
// label ("ИНН 7707083893", "ΑΦΜ 094259216"). Without a prefix it is read as one of country (ISO
// 3166-1 alpha-2).
//
// The check digits of HU (adószám, and the adóazonosító jel of persons), GR, IL, RU, DE, AT, IT,
// PL, RO, BE, HR, SI, SK, LU, PT, FI, DK and GB are verified, other numbers of the EU by their form
// (VIES); numbers of other countries need 4 to 20 letters and digits. A fault at
// "tax_id" says what is wrong.
func NormalizeTaxID(text, country string) (TaxID, error) {
	var faults fault.List
	refuse := func(code, format string, args ...any) (TaxID, error) {
		faults.Add("tax_id", code, format, args...)
		return TaxID{}, faults.Err("the tax id cannot be used")
	}
	if len(text) > taxIDInputLimit {
		return refuse("tax_id.long", "is longer than a tax id can be")
	}
	number, ok := bareTaxID(text)
	if !ok {
		return refuse("tax_id.form", "%q has characters that no tax id has; write letters, digits and hyphens", Clean(text, 40))
	}
	if number == "" {
		return refuse("required", "is missing; it has to be given")
	}
	if prefix, rest := splitPrefix(number); prefix != "" {
		if id, ok := readTaxID(prefix, rest); ok {
			return id, nil
		}
		if country == "" {
			country = prefix
		}
		if taxCountry(country) == prefix {
			number = rest
		}
	}
	country = taxCountry(country)
	if country == "" {
		return refuse("tax_id.country", "%q does not say its country; write it in front, as HU12345676", number)
	}
	if id, ok := readTaxID(country, number); ok {
		return id, nil
	}
	rule, known := taxRules[country]
	if known && rule.matches(number) {
		return refuse("tax_id.check", "%q has a mistyped digit: its check digit does not fit; compare it with the document", number)
	}
	if known {
		return refuse("tax_id.form", "%q is not a tax id of %s; write it as %s", number, country, rule.example)
	}
	return refuse("tax_id.form", "%q is not a tax id; it needs 4 to 20 letters and digits", number)
}

// taxLabels are what people write before the number.
var taxLabels = []string{"ИНН", "ΑΦΜ", "Α.Φ.Μ.", "ח.פ.", "ח\"פ", "ע\"מ", "VAT NO", "VAT", "ADÓSZÁM", "INN", "AFM", "CIF", "CUI"}

// bareTaxID takes label and separators off and raises letters; false where something else remains.
func bareTaxID(text string) (string, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, label := range taxLabels {
		if rest, ok := strings.CutPrefix(text, label); ok {
			text = rest
			break
		}
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		case strings.ContainsRune(" \t\u00a0\u202f-.:/\u2010\u2011\u2013", r):
		default:
			return "", false
		}
	}
	return b.String(), true
}

// taxCountry gives the code under which taxRules holds a country, "" for what is no code.
func taxCountry(country string) string {
	country = strings.ToUpper(country)
	switch {
	case len(country) != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' || country[1] > 'Z':
		return ""
	case country == "EL":
		return "GR"
	case country == "UK", country == "XI":
		return "GB"
	}
	return country
}

// splitPrefix takes the prefix of a known country off the number.
func splitPrefix(number string) (country, rest string) {
	if len(number) < 4 {
		return "", number
	}
	country = taxCountry(number[:2])
	if _, known := taxRules[country]; !known {
		return "", number
	}
	return country, number[2:]
}

// readTaxID reads the bare number of one country.
func readTaxID(country, number string) (TaxID, bool) {
	rule, known := taxRules[country]
	if !known {
		ok := len(number) >= 4 && len(number) <= 20
		return TaxID{Country: country, Key: country + strings.TrimPrefix(number, country), Text: number}, ok
	}
	if rule.pad > len(number) && len(number) >= rule.pad-2 {
		number = strings.Repeat("0", rule.pad-len(number)) + number
	}
	if !rule.matches(number) || rule.check != nil && !rule.check(number) {
		return TaxID{}, false
	}
	id := TaxID{Country: country, Key: country + number, Text: country + number}
	switch country {
	case "HU":
		if len(number) == 11 {
			id.Key, id.Text = "HU"+number[:8], number[:8]+"-"+number[8:9]+"-"+number[9:]
		} else if len(number) == 10 { // a person's has no EU form
			id.Text = number
		}
	case "GR":
		id.Key, id.Text = "EL"+number, "EL"+number
	case "IL", "RU":
		id.Text = number
	case "GB":
		if len(number) == 12 { // the last three digits name a branch
			id.Key = "GB" + number[:9]
		}
	}
	return id, true
}
