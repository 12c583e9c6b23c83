package party

import (
	"slices"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
)

func TestAddressLines(t *testing.T) {
	hu, en, he, ru, el := locale.Hungarian, locale.English, locale.Hebrew, locale.Russian, locale.Greek
	for _, test := range []struct {
		name string
		in   Address
		lang locale.Language
		want []string
	}{
		{"Hungarian at home", Address{Line1: "Kossuth Lajos utca 12.", Line2: "3. em. 2.", PostalCode: "1055", City: "Budapest", Country: "HU"}, hu, []string{"1055 Budapest", "Kossuth Lajos utca 12.", "3. em. 2."}},
		{"Hungarian abroad", Address{Line1: "Fő u. 1.", PostalCode: "7621", City: "Pécs", Country: "HU"}, en, []string{"7621 Pécs", "Fő u. 1.", "Hungary"}},
		{"British", Address{Line1: "10 Downing Street", City: "London", PostalCode: "SW1A 2AA", Country: "GB"}, en, []string{"10 Downing Street", "London", "SW1A 2AA"}},
		{"American", Address{Line1: "1 Main St", City: "Springfield", Region: "IL", PostalCode: "62701", Country: "US"}, hu, []string{"1 Main St", "Springfield, IL 62701", "Egyesült Államok"}},
		{"German", Address{Line1: "Hauptstraße 1", PostalCode: "10115", City: "Berlin", Country: "DE"}, ru, []string{"Hauptstraße 1", "10115 Berlin", "Германия"}},
		{"Russian", Address{Line1: "ул. Ленина, 5", City: "Казань", Region: "Татарстан", PostalCode: "420111", Country: "RU"}, ru, []string{"ул. Ленина, 5", "Казань", "Татарстан", "420111"}},
		{"Israeli", Address{Line1: "הרצל 1", City: "חיפה", PostalCode: "3303101", Country: "IL"}, he, []string{"הרצל 1", "חיפה 3303101"}},
		{"Greek", Address{Line1: "Ερμού 1", PostalCode: "105 63", City: "Αθήνα", Country: "GR"}, el, []string{"Ερμού 1", "105 63 Αθήνα"}},
		{"city alone", Address{City: "Szeged"}, hu, []string{"Szeged"}},
		{"line breaks inside", Address{Line1: "Fő u. 1.\nBcc: x", City: "Pécs\x00", Country: "HU"}, hu, []string{"Pécs", "Fő u. 1. Bcc: x"}},
		{"nothing", Address{}, hu, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.in.Lines(test.lang); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCountryOf(t *testing.T) {
	for in, want := range map[string]string{
		"HU": "HU", "hu": "HU", "UK": "GB", "Magyarország": "HU", "MAGYARORSZAG": "HU", "Hungary": "HU", "Венгрия": "HU", "Ουγγαρία": "HU", "הונגריה": "HU",
		"USA": "US", "Egyesült Államok": "US", "Англия": "GB", "Egyesült Királyság": "GB", "Németország": "DE", "Deutschland": "DE", "Германия": "DE",
		"Ελλάδα": "GR", "Görögország": "GR", "Israel": "IL", "ישראל": "IL", "Izrael": "IL", "Россия": "RU", "Románia": "RO", "Szlovákia": "SK", "Ausztria": "AT",
		"Atlantis": "", "": "", "ZZ": "", "XX": "", "EU": "",
	} {
		if got := CountryOf(in); got != want {
			t.Errorf("CountryOf(%q) = %q, want %q", in, got, want)
		}
	}
	for _, l := range locale.Languages {
		for _, code := range []string{"HU", "GB", "DE", "GR", "IL", "RU", "US", "AT", "RO", "SK", "PL"} {
			if got := CountryOf(CountryName(code, l)); got != code {
				t.Errorf("%s in %s is %q, which reads back as %q", code, l, CountryName(code, l), got)
			}
		}
	}
}
