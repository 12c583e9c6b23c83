package vcard_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/vcard"
)

// readAll gives the cards and the lines of the bad ones.
func readAll(t *testing.T, r io.Reader, o vcard.Options) ([]vcard.Card, []string) {
	t.Helper()
	var cards []vcard.Card
	var bad []string
	d := vcard.NewDecoder(r, o)
	for {
		card, err := d.Next()
		var fault *vcard.Error
		switch {
		case errors.Is(err, io.EOF):
			return cards, bad
		case errors.As(err, &fault):
			bad = append(bad, fmt.Sprintf("%d %s", fault.Line, fault.Code))
		case err != nil:
			t.Fatal(err)
		default:
			cards = append(cards, card)
		}
	}
}

func TestFiles(t *testing.T) {
	tests := []struct {
		file  string
		cards []vcard.Card
		bad   []string
	}{
		{
			file: "phone_21.vcf",
			cards: []vcard.Card{
				{
					Line: 1, Version: "2.1", FormattedName: "Сергей Петрович Иванов", Family: "Иванов", Given: "Сергей", Additional: "Петрович",
					Phones: []vcard.Value{{"+79161234567", []string{"cell", "pref"}}, {"+74951234567", []string{"work", "voice"}}},
					Emails: []vcard.Value{{"ivanov@example.ru", []string{"internet"}}},
				},
				{
					Line: 12, Version: "2.1", FormattedName: "Ágnes Szűcs", Family: "Szűcs", Given: "Ágnes",
					Organization: "Őszibarack Bt.", Department: "Értékesítés", Emails: []vcard.Value{{Value: "agnes@example.hu"}},
				},
				{
					Line: 18, Version: "2.1", FormattedName: "Ödön Győri", Family: "Győri", Given: "Ödön",
					Phones: []vcard.Value{{"06 1 234 5678", []string{"home"}}},
				},
			},
		},
		{
			file: "icloud_30.vcf",
			cards: []vcard.Card{{
				Line: 1, Version: "3.0", FormattedName: "Γιώργος Παπαδόπουλος", Family: "Παπαδόπουλος", Given: "Γιώργος", Prefixes: "κ.",
				Organization: "Ήλιος ΑΕ", Department: "Πωλήσεις, Βορράς", JobTitle: "Διευθυντής πωλήσεων",
				Emails:    []vcard.Value{{"g.papadopoulos@example.gr", []string{"internet", "pref"}}, {"giorgos@example.gr", []string{"home"}}},
				Phones:    []vcard.Value{{"+30 694 123 4567", []string{"cell", "voice", "pref"}}},
				URLs:      []vcard.Value{{"https://example.gr", []string{"work"}}},
				Addresses: []vcard.Address{{"Ερμού 15, 2ος όροφος", "Αθήνα", "Αττική", "10563", "Ελλάδα", []string{"work"}}},
				Note:      "Γραμμή ένα\nγραμμή δύο, με κόμμα; και ερωτηματικό που συνεχίζεται εδώ",
				Birthday:  "1980-07-13", Categories: []string{"Πελάτες", "Έκθεση 2026"},
			}},
		},
		{
			file: "rfc6350_40.vcf",
			cards: []vcard.Card{
				{
					Line: 1, Version: "4.0", UID: "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", FormattedName: "דוד כהן", Family: "כהן",
					Given: "דוד", Prefixes: `ד"ר`, Nickname: "דודי", Gender: "M", Language: "he", Birthday: "1980-07-13",
					Organization: `כהן ובניו בע"מ`, JobTitle: `מנכ"ל`,
					Emails:    []vcard.Value{{"david@cohen.co.il", []string{"work", "pref"}}},
					Phones:    []vcard.Value{{"+972-3-555-1234", []string{"voice", "work"}}},
					Addresses: []vcard.Address{{"הרצל 10, קומה 2", "תל אביב", "", "6578901", "ישראל", []string{"work"}}},
				},
				{Line: 26, Version: "4.0", FormattedName: "Anna Smith", Emails: []vcard.Value{{Value: "anna@example.com"}}},
			},
			bad: []string{"21 card.property", "23 card.open"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			f, err := os.Open(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			cards, bad := readAll(t, f, vcard.Options{Language: locale.Hungarian})
			if diff := cmp.Diff(tt.cards, cards); diff != "" {
				t.Errorf("cards (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.bad, bad); diff != "" {
				t.Errorf("bad (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOneProperty(t *testing.T) {
	tests := []struct {
		name, lines string
		got         func(vcard.Card) string
		want        string
	}{
		{"an escaped backslash before n is no line break", `NOTE:C:\\new`, func(c vcard.Card) string { return c.Note }, `C:\new`},
		{"an unknown escape stays", `NOTE:C:\temp`, func(c vcard.Card) string { return c.Note }, `C:\temp`},
		{"capital N breaks the line", `NOTE:a\Nb`, func(c vcard.Card) string { return c.Note }, "a\nb"},
		{"notes are joined", "NOTE:a\r\nNOTE:b", func(c vcard.Card) string { return c.Note }, "a\nb"},
		{"folding within a letter of several bytes", "NOTE:\xc5\r\n \x91szi", func(c vcard.Card) string { return c.Note }, "őszi"},
		{"folding by a tab", "NOTE:ab\r\n\tcd", func(c vcard.Card) string { return c.Note }, "abcd"},
		{"lower case names", "note:x", func(c vcard.Card) string { return c.Note }, "x"},
		{"several middle names", "N:García;Ana;María,José;;", func(c vcard.Card) string { return c.Additional }, "María José"},
		{"an escaped semicolon in ORG", `ORG:A\;B;Sales`, func(c vcard.Card) string { return c.Organization + "|" + c.Department }, "A;B|Sales"},
		{"title wins over role", "ROLE:r\r\nTITLE:t", func(c vcard.Card) string { return c.JobTitle }, "t"},
		{"a birthday without year", "BDAY:--0713", func(c vcard.Card) string { return c.Birthday }, "--0713"},
		{"a birthday with time", "BDAY:1980-07-13T00:00:00Z", func(c vcard.Card) string { return c.Birthday }, "1980-07-13"},
		{"a base64 text", "NOTE;ENCODING=b:xZFzeg==", func(c vcard.Card) string { return c.Note }, "ősz"},
		{"broken quoted-printable stays", "NOTE;QUOTED-PRINTABLE:50=ZZ%", func(c vcard.Card) string { return c.Note }, "50=ZZ%"},
		{"an unindented photo of a phone", "PHOTO;ENCODING=BASE64:AAAA\r\nBBBB\r\nCC==\r\nNOTE:n", func(c vcard.Card) string { return c.Note }, "n"},
		{"a card within the card", "AGENT:\r\nBEGIN:VCARD\r\nNOTE:inner\r\nEND:VCARD\r\nNOTE:outer", func(c vcard.Card) string { return c.Note }, "outer"},
		{"mailto", "EMAIL:mailto:a@b.hu", func(c vcard.Card) string { return c.Emails[0].Value }, "a@b.hu"},
		{"a colon in a quoted parameter", `EMAIL;X="a:b;c":a@b.hu`, func(c vcard.Card) string { return c.Emails[0].Value }, "a@b.hu"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\n" + tt.lines + "\r\nEND:VCARD\r\n"
			cards, bad := readAll(t, strings.NewReader(file), vcard.Options{})
			if len(cards) != 1 || bad != nil {
				t.Fatalf("got %d cards, bad %v", len(cards), bad)
			}
			if got := tt.got(cards[0]); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBadCards(t *testing.T) {
	const good = "BEGIN:VCARD\nFN:Jó Kártya\nEND:VCARD\n"
	limits := vcard.Limits{MaxCard: 1000, MaxMedia: 2000, MaxValues: 20}
	tests := []struct{ name, card, want string }{
		{"a note beyond the limit", "BEGIN:VCARD\nFN:x\nNOTE:" + strings.Repeat("a", 1500) + "\nEND:VCARD\n", "3 card.long"},
		{"folded beyond the limit", "BEGIN:VCARD\nFN:x\nNOTE:" + strings.Repeat("aaaaaaaaa\n ", 150) + "\nEND:VCARD\n", "3 card.long"},
		{"many long notes", "BEGIN:VCARD\nFN:x\n" + strings.Repeat("NOTE:"+strings.Repeat("a", 300)+"\n", 5) + "END:VCARD\n", "1 card.long"},
		{"a photo beyond the limit", "BEGIN:VCARD\nFN:x\nPHOTO;ENCODING=b:" + strings.Repeat("A", 3000) + "\nEND:VCARD\n", "3 card.media"},
		{"too many properties", "BEGIN:VCARD\nFN:x\n" + strings.Repeat("X-A:1\n", 30) + "END:VCARD\n", "1 card.values"},
		{"nothing in it", "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n", "1 card.empty"},
		{"broken base64", "BEGIN:VCARD\nFN:x\nNOTE;ENCODING=b:%%%\nEND:VCARD\n", "3 card.encoding"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cards, bad := readAll(t, strings.NewReader(tt.card+good), vcard.Options{Limits: limits})
			if diff := cmp.Diff([]string{tt.want}, bad); diff != "" {
				t.Error(diff)
			}
			if len(cards) != 1 || cards[0].FormattedName != "Jó Kártya" {
				t.Errorf("the next card was not read: %v", cards)
			}
		})
	}
}

func TestUTF16(t *testing.T) {
	var b strings.Builder
	for _, r := range "BEGIN:VCARD\r\nFN:Őry Ábel\r\nEND:VCARD\r\n" {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	for name, file := range map[string]string{"with mark": "\xff\xfe" + b.String(), "without mark": b.String()} {
		t.Run(name, func(t *testing.T) {
			cards, _ := readAll(t, strings.NewReader(file), vcard.Options{})
			if len(cards) != 1 || cards[0].FormattedName != "Őry Ábel" {
				t.Errorf("got %+v", cards)
			}
		})
	}
}

func FuzzVCard(f *testing.F) {
	files, err := filepath.Glob("testdata/*.vcf")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte("BEGIN:VCARD\nN;QUOTED-PRINTABLE:=\n=\nEND:VCARD"))
	f.Add([]byte("BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nPHOTO;BASE64:AA\nBB"))
	f.Fuzz(func(t *testing.T, content []byte) {
		d := vcard.NewDecoder(strings.NewReader(string(content)), vcard.Options{Language: locale.Greek, Limits: vcard.Limits{MaxCard: 4096}})
		last := 0
		for calls := 0; ; calls++ {
			if calls > len(content)+1 {
				t.Fatal("more results than bytes")
			}
			card, err := d.Next()
			var bad *vcard.Error
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &bad):
				if bad.Line < last || bad.Reason == "" {
					t.Fatalf("error at line %d after line %d: %q", bad.Line, last, bad.Reason)
				}
				last = bad.Line
				continue
			case err != nil:
				t.Fatal(err)
			}
			if card.Line <= last && last > 0 && card.Line != last {
				t.Fatalf("card at line %d after line %d", card.Line, last)
			}
			last = card.Line
			text := []string{card.FormattedName, card.Family, card.Given, card.Organization, card.Department, card.Note, card.Birthday, card.UID, card.Version}
			for _, v := range append(append(card.Emails, card.Phones...), card.URLs...) {
				text = append(append(text, v.Value), v.Types...)
			}
			text = append(text, card.Categories...)
			for _, s := range text {
				if !utf8.ValidString(s) {
					t.Fatalf("invalid UTF-8: %q", s)
				}
			}
		}
	})
}
