package party

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/crmplus/crmplus/crm/locale"
)

// CountryName is the name of a country (ISO 3166-1 alpha-2) in a language, by the Unicode CLDR:
// "Hungary", "Magyarország", "הונגריה". What is no code is given back cleaned, so that nothing a
// person typed is lost; "" stays "".
func CountryName(code string, lang locale.Language) string {
	iso := isoCode(code)
	if iso == "" {
		return Clean(code, addressLimit)
	}
	return regionName(iso, lang)
}

// CountryOf gives the ISO 3166-1 alpha-2 code of what a person typed: a code ("hu", "UK"), or the
// name in one of the five languages or in common short forms ("Magyarország", "USA", "Англия",
// "Ελλάδα"). It gives "" for what it does not know.
func CountryOf(text string) string {
	if iso := isoCode(text); iso != "" {
		return iso
	}
	return countryNames()[Fold(cut(text, addressLimit))]
}

// isoCode gives the capital form of a code of an existing country, or "".
func isoCode(text string) string {
	text = strings.TrimSpace(cut(text, 16))
	if len(text) != 2 {
		return ""
	}
	text = strings.ToUpper(text)
	switch text {
	case "UK":
		return "GB"
	case "EL":
		return "GR"
	}
	region, err := language.ParseRegion(text)
	if err != nil || !region.IsCountry() {
		return ""
	}
	return region.Canonicalize().String()
}

var regionNamers = sync.OnceValue(func() map[locale.Language]display.Namer {
	namers := make(map[locale.Language]display.Namer, len(locale.Languages))
	for _, l := range locale.Languages {
		namers[l] = display.Regions(language.Make(string(l)))
	}
	return namers
})

func regionName(iso string, lang locale.Language) string {
	namer, ok := regionNamers()[lang]
	if !ok {
		namer = regionNamers()[locale.English]
	}
	return namer.Name(language.MustParseRegion(iso))
}

// countryNames maps folded names in the five languages to codes.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for a := byte('A'); a <= 'Z'; a++ {
		for b := byte('A'); b <= 'Z'; b++ {
			iso := string([]byte{a, b})
			if isoCode(iso) != iso {
				continue
			}
			for _, l := range locale.Languages {
				if key := Fold(regionName(iso, l)); key != "" && names[key] == "" {
					names[key] = iso
				}
			}
		}
	}
	for name, iso := range map[string]string{
		"USA": "US", "U.S.A.": "US", "US of America": "US", "United States of America": "US", "Amerika": "US", "США": "US", "ארה\"ב": "US", "ΗΠΑ": "US", "Egyesült Államok": "US",
		"England": "GB", "Scotland": "GB", "Wales": "GB", "Great Britain": "GB", "Anglia": "GB", "Nagy-Britannia": "GB",
		"Англия": "GB", "Великобритания": "GB", "אנגליה": "GB", "בריטניה": "GB", "Αγγλία": "GB", "Μεγάλη Βρετανία": "GB",
		"Deutschland": "DE", "NSZK": "DE", "Österreich": "AT", "România": "RO", "Slovensko": "SK", "Hrvatska": "HR", "Srbija": "RS", "Polska": "PL",
		"Magyar Köztársaság": "HU", "H": "HU", "Holland": "NL", "Hollandia": "NL", "Голландия": "NL", "Ολλανδία": "NL", "הולנד": "NL",
		"Csehország": "CZ", "Czech Republic": "CZ", "Чехия": "CZ", "Τσεχία": "CZ", "Россия": "RU", "РФ": "RU", "Российская Федерация": "RU", "Russian Federation": "RU",
		"Hellas": "GR", "Ελλάς": "GR", "Ελληνική Δημοκρατία": "GR", "Türkiye": "TR", "Turkey": "TR", "Белоруссия": "BY", "Молдавия": "MD", "Κύπρος": "CY",
		"Medinat Israel": "IL", "מדינת ישראל": "IL", "Italia": "IT", "España": "ES", "Suisse": "CH", "Schweiz": "CH", "Svizzera": "CH", "Egyesült Királyság": "GB",
	} {
		names[Fold(name)] = iso
	}
	return names
})
