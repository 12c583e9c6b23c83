package quote_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

// readers are the addressees of one quote in each language.
var readers = []struct {
	language        locale.Language
	name, person    string
	address         party.Address
	title, cover    string
	printed, absent []string
}{
	{locale.Hungarian, "Minta Világítás Kft.", "Szabó Éva", party.Address{Line1: "Petőfi utca 5.", PostalCode: "6720", City: "Szeged", Country: "HU"},
		"Raktár világítása", "Tisztelt Szabó Éva!\nKöszönjük érdeklődését.", []string{"Árajánlat", "Szabó Éva részére", "6720 Szeged", "Érvényes", "Fizetés"}, []string{"TERVEZET"}},
	{locale.English, "Sample Lighting Ltd", "Jane Smith", party.Address{Line1: "12 High Street", City: "Leeds", PostalCode: "LS1 4DY", Country: "GB"},
		"Lighting of the warehouse", "Dear Ms Smith,\nthank you for your inquiry.", []string{"Quote", "Attn. Jane Smith", "LS1 4DY", "Valid until", "Payment", "Hungary"}, []string{"DRAFT"}},
	{locale.Hebrew, "תאורה לדוגמה בע\"מ", "רות כהן", party.Address{Line1: "רחוב הרצל 10", City: "תל אביב", PostalCode: "6688312", Country: "IL"},
		"תאורת המחסן", "שלום רב,\nתודה על פנייתכם.", []string{"Q-2026-00003", "LED"}, nil},
	{locale.Russian, "ООО «Свет»", "Иван Петрович Иванов", party.Address{Line1: "ул. Ленина, 5", City: "Москва", PostalCode: "101000", Country: "RU"},
		"Освещение склада", "Уважаемый Иван Петрович!\nБлагодарим за запрос.", []string{"Коммерческое предложение", "Вниманию: Иван Петрович Иванов", "Москва", "Оплата", "Венгрия"}, []string{"ЧЕРНОВИК"}},
	{locale.Greek, "Φωτισμός ΑΕ", "Δημήτρης Παπαδόπουλος", party.Address{Line1: "Ερμού 15", PostalCode: "105 63", City: "Αθήνα", Country: "GR"},
		"Φωτισμός αποθήκης", "Αγαπητέ κύριε Παπαδόπουλε,\nσας ευχαριστούμε.", []string{"Προσφορά", "Υπόψη: Δημήτρης Παπαδόπουλος", "105 63 Αθήνα", "Πληρωμή", "Ουγγαρία"}, []string{"ΠΡΟΣΧΕΔΙΟ"}},
}

func TestPDFInEachLanguage(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.config.AcceptLink = func(_ string, id quote.ID) string { return "https://fenyforras.example/q/" + id.String() }
	w.quotes = quote.New(w.DB, w.config)
	for _, r := range readers {
		t.Run(string(r.language), func(t *testing.T) {
			owner := party.Owner{User: "kovacs.anna"}
			company, err := w.parties.Add(w.anna, party.Draft{Kind: party.Company, FullName: r.name, Language: r.language, Address: r.address, Owner: owner})
			w.ok(err)
			person, err := w.parties.Add(w.anna, party.Draft{Kind: party.Person, FullName: r.person, Language: r.language, Owner: owner})
			w.ok(err)
			card, err := w.quotes.Draft(w.anna, quote.DraftInput{
				Party: company.ID, Currency: "EUR",
				Header: quote.Header{Contact: person.ID, Title: r.title, Cover: r.cover, Closing: r.title + ".", Terms: "30", DeliveryTerms: "EXW Budapest (Incoterms 2020)"},
				Lines: []quote.DraftLine{
					{Kind: quote.Heading, Name: r.title},
					lamps("40"),
					{Product: "POLE", Quantity: money.MustQuantity("12"), AlternativeGroup: "A", Discount: ptr(money.MustPercent("7.5"))},
					{Product: "POLE", Name: "Oszlop 8 m", Quantity: money.MustQuantity("9"), AlternativeGroup: "A", UnitPrice: ptr(money.MustAmount("312.5"))},
					{Product: "BOOK", Quantity: money.MustQuantity("2"), Kind: quote.Optional},
					{Product: "COURS", Quantity: money.MustQuantity("3.5")},
					{Kind: quote.Text, Description: r.cover},
				},
			})
			w.ok(err)
			draft, err := w.quotes.PDF(w.anna, card.Quote.ID)
			w.ok(err)
			issued, err := w.quotes.Issue(w.anna, card.Quote.ID)
			w.ok(err)
			file, err := w.quotes.PDF(w.anna, card.Quote.ID)
			w.ok(err)
			if bytes.Equal(draft, file) {
				t.Error("draft and quote look the same")
			}
			if dir := os.Getenv("CRMPLUS_TEST_OUT"); dir != "" {
				w.ok(os.WriteFile(filepath.Join(dir, "quote-"+string(r.language)+".pdf"), file, 0o600))
				w.ok(os.WriteFile(filepath.Join(dir, "draft-"+string(r.language)+".pdf"), draft, 0o600))
			}
			text := textOf(t, file)
			for _, want := range append(r.printed, issued.Quote.Number, r.language.Money(issued.Quote.Gross, "EUR")) {
				if r.language.RightToLeft() { // the order of extracted runs is the reader's business
					want = strings.Trim(want, "\u00a0€")
				}
				if !strings.Contains(text, plain(want)) {
					t.Errorf("%q is not printed:\n%s", want, text)
				}
			}
			for _, no := range r.absent {
				if strings.Contains(text, no) {
					t.Errorf("%q is printed on an issued quote", no)
				}
			}
			if strings.Contains(textOf(t, draft), issued.Quote.Number) {
				t.Error("the draft already has a number")
			}
		})
	}
}

// plain makes all blanks alike.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// textOf extracts the text by poppler's pdftotext.
func textOf(t *testing.T, file []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("NOT RUN: pdftotext (poppler-utils) is not installed, so the text of the PDF is not checked")
	}
	cmd := exec.Command(tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return plain(string(out))
}

func TestHostileTextIsPrintedOrRefused(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	card := w.issued(func(in *quote.DraftInput) {
		in.Title, in.Cover = "Raktár 🏭 \u202eavilág", strings.Repeat("Nagyonhosszúszó", 500)
		in.Lines = append(in.Lines, quote.DraftLine{Name: "<b>😀</b> \\) Tj", Description: "%PDF-1.4\nendobj", Quantity: money.MustQuantity("0.000001"),
			UnitPrice: ptr(money.MustAmount("0.0001")), VATRate: ptr(money.MustPercent("100"))})
	})
	file, err := w.quotes.PDF(w.anna, card.Quote.ID)
	w.ok(err)
	if !strings.Contains(textOf(t, file), "Raktár") {
		t.Error("the title is lost")
	}
	_, err = w.quotes.Draft(w.anna, quote.DraftInput{Party: w.minta.ID, Header: quote.Header{Cover: strings.Repeat("a", 20_001), Closing: "\xff"}})
	wantCode(t, err, fault.Invalid)
	is(t, "faults", strings.Join(paths(err), " "), "closing cover")
}

// TestCompanyIsAddressed: a quote for a person who works for a company goes to the company, to the
// person's attention; one for a private person to that person.
func TestCompanyIsAddressed(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	for _, c := range []struct {
		party           party.ID
		name, attention string
		lines           int
	}{
		{w.eva.ID, "Minta Világítás Kft.", "Szabó Éva", 2},
		{w.kiss.ID, "Kiss Péter", "", 0},
	} {
		a := w.issued(func(in *quote.DraftInput) { in.Party, in.Contact = c.party, party.ID{} }).Quote.Addressee
		if a.Name != c.name || a.Attention != c.attention || len(a.Lines) < c.lines {
			t.Errorf("got %+v, want %s, attention %q", a, c.name, c.attention)
		}
	}
}
