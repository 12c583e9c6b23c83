package lead_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
)

var pastes = []struct {
	name     string
	text     string
	language locale.Language
	want     lead.Draft
}{
	{"Hungarian signature", "Üdvözlettel,\n--\ndr. Kovács-Tóth Anna\nértékesítési vezető\nMinta Kereskedelmi Kft.\n1051 Budapest, Fő utca 12. II/3.\nTel.: +36 1 234 5678 | Mobil: +36 30 123 4567 | Fax: +36 1 234 5679\nE-mail: Anna.Kovacs@minta.hu\nwww.minta.hu\nAdószám: 12345676-2-41", locale.Hungarian,
		lead.Draft{Name: "dr. Kovács-Tóth Anna", JobTitle: "értékesítési vezető", Organization: "Minta Kereskedelmi Kft.", TaxID: "12345676-2-41", Website: "www.minta.hu",
			Emails: []string{"anna.kovacs@minta.hu"}, Phones: []string{"+36 1 234 5678"}, Mobile: "+36 30 123 4567", Address: party.Address{PostalCode: "1051", City: "Budapest", Line1: "Fő utca 12. II/3."}, Language: locale.Hungarian}},
	{"English card", "John A. Smith\nHead of Procurement\nAcme Widgets Ltd\n221B Baker Street, London NW1 6XE\nT: +44 20 7946 0018\njohn.smith@acme.co.uk\nhttps://acme.co.uk/", locale.English,
		lead.Draft{Name: "John A. Smith", JobTitle: "Head of Procurement", Organization: "Acme Widgets Ltd", Website: "https://acme.co.uk",
			Emails: []string{"john.smith@acme.co.uk"}, Phones: []string{"+44 20 7946 0018"}, Address: party.Address{Line1: "221B Baker Street", PostalCode: "NW1 6XE", City: "London"}, Language: locale.English}},
	{"Hebrew signature", "בברכה,\nדנה לוי\nמנהלת מכירות\nדוגמה בע\"מ\nרחוב הרצל 5, תל אביב\nנייד: 052-123-4567\nטלפון: 03-123-4567\ndana@dugma.co.il", locale.Hebrew,
		lead.Draft{Name: "דנה לוי", JobTitle: "מנהלת מכירות", Organization: "דוגמה בע\"מ", Emails: []string{"dana@dugma.co.il"}, Mobile: "052-123-4567", Phones: []string{"03-123-4567"},
			Address: party.Address{Line1: "רחוב הרצל 5", City: "תל אביב"}, Language: locale.Hebrew}},
	{"Russian signature in a Hungarian company", "С уважением,\nИван Петров\nКоммерческий директор\nООО Ромашка\nул. Ленина, 10, Москва\nТел.: +7 495 123-45-67\nМоб.: +7 916 123-45-67\nivan@romashka.ru", locale.Hungarian,
		lead.Draft{Name: "Иван Петров", JobTitle: "Коммерческий директор", Organization: "ООО Ромашка", Emails: []string{"ivan@romashka.ru"}, Phones: []string{"+7 495 123-45-67"}, Mobile: "+7 916 123-45-67",
			Address: party.Address{Line1: "ул. Ленина, 10", City: "Москва"}, Language: locale.Russian}},
	{"Greek card", "Νίκος Παπαδόπουλος\nΔιευθυντής Πωλήσεων\nΠαράδειγμα Α.Ε.\nΛεωφόρος Κηφισίας 10, 115 26 Αθήνα\nΤηλ: +30 210 123 4567\nΚιν: +30 694 123 4567\nnikos@paradeigma.gr", locale.Greek,
		lead.Draft{Name: "Νίκος Παπαδόπουλος", JobTitle: "Διευθυντής Πωλήσεων", Organization: "Παράδειγμα Α.Ε.", Emails: []string{"nikos@paradeigma.gr"}, Phones: []string{"+30 210 123 4567"}, Mobile: "+30 694 123 4567",
			Address: party.Address{Line1: "Λεωφόρος Κηφισίας 10", PostalCode: "115 26", City: "Αθήνα"}, Language: locale.Greek}},
	{"vCard", "kapott névjegy:\nBEGIN:VCARD\nVERSION:3.0\nN:Kiss;Éva;;;\nFN:Kiss Éva\nORG:Minta Kft.\nTEL;TYPE=CELL:+36301234567\nEMAIL:eva@minta.hu\nEND:VCARD", locale.Hungarian,
		lead.Draft{Name: "Kiss Éva", Given: "Éva", Family: "Kiss", Organization: "Minta Kft.", Emails: []string{"eva@minta.hu"}, Mobile: "+36301234567", Language: locale.Hungarian}},
	{"an address alone", "Nagy Béla <bela@pelda.hu>", locale.Hungarian, lead.Draft{Name: "Nagy Béla", Emails: []string{"bela@pelda.hu"}, Language: locale.Hungarian}},
	{"nothing", " \n--\n", locale.English, lead.Draft{Language: locale.English}},
}

func TestFromText(t *testing.T) {
	for _, row := range pastes {
		t.Run(row.name, func(t *testing.T) {
			row.want.Origin.Channel = lead.ByCard
			got := lead.FromText(row.text, locale.Locale{Language: row.language})
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzFromText(f *testing.F) {
	for _, row := range pastes {
		f.Add(row.text, string(row.language))
	}
	f.Add("+++++++((((((.....-----12345678", "hu")
	f.Add("a@b.c,a@b.c|1|2|3\t@@@", "he")
	now := time.Date(2026, 7, 13, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text, language string) {
		l := locale.Locale{Language: locale.Language(language)}
		d := lead.FromText(text, l)
		for _, part := range append([]string{d.Name, d.JobTitle, d.Organization, d.Interest, d.Website, d.Mobile, d.TaxID, d.Address.Line1, d.Address.City}, append(d.Emails, d.Phones...)...) {
			if !utf8.ValidString(part) || strings.ContainsRune(part, 0) {
				t.Errorf("not text: %q", part)
			}
		}
		if len(d.Emails) > 1000 || len(d.Phones) > 1000 {
			t.Errorf("%d addresses, %d phones", len(d.Emails), len(d.Phones))
		}
		lead.Prepare(d, locale.Locale{Language: locale.English, Currency: "EUR"}, now) // takes whatever it is
	})
}
