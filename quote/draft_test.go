package quote_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

func TestDraftPrices(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for _, row := range []struct {
			name                      string
			party                     party.ID
			currency                  string
			line                      quote.DraftLine
			list, unit, discount, net string
			manual                    bool
		}{
			{"the customer's own list", w.minta.ID, "", lamps("40"), "11000", "11000", "0", "440000", false},
			{"quantity discount of that list", w.minta.ID, "", lamps("100"), "11000", "11000", "5", "1045000", false},
			{"a person at the customer", w.eva.ID, "", lamps("1"), "11000", "11000", "0", "11000", false},
			{"a lead: standard list", w.kiss.ID, "", lamps("40"), "12500", "12500", "0", "500000", false},
			{"a lead in euro, half a cent up", w.kiss.ID, "EUR", quote.DraftLine{Product: "LAMP", Quantity: money.MustQuantity("0.5")}, "31.25", "31.25", "0", "15.63", false},
			{"a price by hand keeps the list price beside it", w.minta.ID, "", quote.DraftLine{Product: "LAMP", Quantity: money.MustQuantity("100"), UnitPrice: ptr(money.MustAmount("9999.99"))},
				"11000", "9999.99", "0", "999999", true},
			{"a discount by hand", w.minta.ID, "", quote.DraftLine{Product: "LAMP", Quantity: money.MustQuantity("100"), Discount: ptr(money.MustPercent("12.5"))},
				"11000", "11000", "12.5", "962500", false},
			{"free text", w.kiss.ID, "", quote.DraftLine{Name: "Kiszállás", Quantity: money.MustQuantity("1"), UnitPrice: ptr(money.MustAmount("8000")), VATRate: ptr(money.MustPercent("27"))},
				"0", "8000", "0", "8000", true},
		} {
			t.Run(row.name, func(t *testing.T) {
				drafted, err := w.quotes.Draft(w.anna, quote.DraftInput{Party: row.party, Currency: row.currency, Lines: []quote.DraftLine{row.line}})
				if err != nil {
					t.Fatal(err)
				}
				l := w.get(drafted.Quote.ID).Lines[0] // as the database kept it
				is(t, "list price", l.ListPrice.String(), row.list)
				is(t, "unit price", l.UnitPrice.String(), row.unit)
				is(t, "discount", l.Discount.String(), row.discount)
				is(t, "net", l.Net.String(), row.net)
				is(t, "by hand", l.PriceManual, row.manual)
			})
		}
		last := w.host.asked[len(w.host.asked)-1]
		is(t, "date asked for", last.Date, civil.Date{Year: 2026, Month: 7, Day: 13})
	})
}

func TestDraftDefaults(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		card := w.get(w.draft(nil).Quote.ID)
		q := card.Quote
		is(t, "currency", q.Currency, "HUF")
		is(t, "language", q.Language, locale.Hungarian)
		is(t, "valid until", q.ValidUntil.String(), "2026-08-12")
		is(t, "owner", q.OwnerUser, "kovacs.anna")
		is(t, "state", q.State, quote.Draft)
		is(t, "number", q.Number, "")
		l := card.Lines[0]
		is(t, "code", l.Code, "L-40")
		is(t, "unit", l.Unit, "db")
		is(t, "group", l.ProductGroup, "LIGHT")
		is(t, "VAT", l.VATCode+" "+l.VATRate.String(), "27 27")
		is(t, "gross", q.Gross.String(), "558800")
		is(t, "versions", len(card.Versions), 1)
		w.sameEvents(q.ID, "quote.drafted")

		system, err := w.quotes.Draft(env.System(), quote.DraftInput{Party: w.kiss.ID})
		w.ok(err)
		is(t, "owner of what the system drafts", system.Quote.OwnerUser, "kovacs.anna")
		preview, err := w.quotes.Preview(w.anna, quote.DraftInput{Party: w.minta.ID, Lines: []quote.DraftLine{lamps("2")}})
		w.ok(err)
		is(t, "preview", preview.Quote.Gross.String(), "27940")
		_, err = w.quotes.Get(w.admin, preview.Quote.ID)
		wantCode(t, err, fault.NotFound)
	})
}

func TestDraftNamesEverythingThatIsWrong(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	two := money.MustQuantity("2")
	_, err := w.quotes.Draft(w.anna, quote.DraftInput{
		Header: quote.Header{
			Contact: party.ID{1}, Title: strings.Repeat("ű", 201), Language: "tlh", ValidUntil: civil.Date{Year: 2026, Month: 2, Day: 30},
			Terms: "\x00", Owner: "nobody",
		},
		Lines: []quote.DraftLine{
			{Product: "GHOST", Quantity: two},
			{Product: "OLD", Quantity: two},
			{Product: "LAMP"},
			{Product: "LAMP", Quantity: two, UnitPrice: ptr(money.MustAmount("-1")), Discount: ptr(money.MustPercent("101"))},
			{Name: "Kiszállás", Quantity: two},
			{Kind: quote.Heading},
			{Kind: "gift", Name: "Toll"},
			{Kind: quote.Text, Name: "Megjegyzés", Quantity: two},
			{Product: "LAMP", Quantity: two, VATCode: "EU"},
			{Product: "LAMP", Quantity: money.MustQuantity("0.00000001")},
			{Product: "LAMP", Quantity: money.NewQuantity(decimal.New(1, 1_000_000_000))},
			{Product: "LAMP", Quantity: two, AlternativeGroup: "A"},
			{Product: "POLE", Quantity: two, AlternativeGroup: "A", Kind: quote.Optional},
			{Product: "POLE", Quantity: two, AlternativeGroup: "B"},
		},
	})
	wantCode(t, err, fault.Invalid)
	want := []string{
		"contact", "language", "lines[0].name", "lines[0].product", "lines[10].quantity", "lines[12].kind", "lines[13].alternative_group",
		"lines[1].product", "lines[2].quantity", "lines[3].discount", "lines[3].unit_price", "lines[4].unit_price", "lines[4].vat_rate",
		"lines[5].name", "lines[6].kind", "lines[6].kind", "lines[7].kind", "lines[8].vat_rate", "lines[9].quantity",
		"owner", "party", "terms", "title", "valid_until",
	}
	got := slices.DeleteFunc(paths(err), func(p string) bool { return p == "lines[0].name" })
	want = slices.DeleteFunc(slices.Compact(want), func(p string) bool { return p == "lines[0].name" })
	if got := slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("faults at\n%v, want\n%v", got, want)
	}
	huge := quote.DraftLine{Product: "LAMP", Quantity: money.MustQuantity("1000000000000")}
	_, err = w.quotes.Draft(w.anna, quote.DraftInput{Party: w.minta.ID, Lines: []quote.DraftLine{huge}})
	wantCode(t, err, fault.Invalid)
	is(t, "too large", strings.Join(paths(err), " "), "lines[0].net")
	var most []quote.DraftLine
	for range 9 {
		most = append(most, quote.DraftLine{Name: "Erőmű", Quantity: money.MustQuantity("1"), UnitPrice: ptr(money.MustAmount("180000000000000")), VATRate: ptr(money.MustPercent("27"))})
	}
	_, err = w.quotes.Draft(w.anna, quote.DraftInput{Party: w.minta.ID, Lines: most})
	wantCode(t, err, fault.Invalid)
	is(t, "sum too large", strings.Join(paths(err), " "), "gross")
}

func TestEditAndReprice(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		first := w.draft(func(in *quote.DraftInput) {
			in.Lines = []quote.DraftLine{
				lamps("10"),
				{Product: "POLE", Quantity: money.MustQuantity("1"), UnitPrice: ptr(money.MustAmount("90000"))},
				{Kind: quote.Text, Description: "A beépítést az árak nem tartalmazzák."},
			}
		})
		id, version := first.Quote.ID, first.Quote.Version

		edited, err := w.quotes.Edit(w.anna, id, version, quote.Header{Title: "Csarnok világítása", Terms: "30 nap", Cover: "Tisztelt Szabó Éva!\r\nKöszönjük."})
		w.ok(err)
		is(t, "title", edited.Quote.Title, "Csarnok világítása")
		is(t, "cover", edited.Quote.Cover, "Tisztelt Szabó Éva!\nKöszönjük.")
		is(t, "valid until stays", edited.Quote.ValidUntil, first.Quote.ValidUntil)
		_, err = w.quotes.Edit(w.anna, id, version, quote.Header{Title: "Udvar"})
		wantCode(t, err, fault.Conflict)
		_, err = w.quotes.SetLines(w.anna, id, version, []quote.DraftLine{lamps("1")})
		wantCode(t, err, fault.Conflict)
		is(t, "lines after a lost race", len(w.get(id).Lines), 3)

		w.host.prices["HUFnagy"]["LAMP"] = "11500"
		env.Clock.Advance(24 * time.Hour)
		repriced, err := w.quotes.Reprice(w.anna, id, edited.Quote.Version)
		w.ok(err)
		is(t, "new list price", repriced.Lines[0].UnitPrice.String(), "11500")
		is(t, "price by hand", repriced.Lines[1].UnitPrice.String(), "90000")
		is(t, "its list price", repriced.Lines[1].ListPrice.String(), "98000")
		is(t, "net", repriced.Quote.Net.String(), "205000")
		is(t, "price date", repriced.Quote.PriceDate.String(), "2026-07-14")

		replaced, err := w.quotes.SetLines(w.anna, id, repriced.Quote.Version, []quote.DraftLine{lamps("2")})
		w.ok(err)
		is(t, "lines", len(w.get(id).Lines), 1)
		again, err := w.quotes.SetLines(w.anna, id, replaced.Quote.Version, []quote.DraftLine{lamps("2")})
		w.ok(err)
		is(t, "version after equal lines", again.Quote.Version, replaced.Quote.Version+1)
		w.sameEvents(id, "quote.drafted", "quote.changed", "quote.changed", "quote.changed", "quote.changed")

		w.ok(w.quotes.Delete(w.anna, id, 0))
		_, err = w.quotes.Get(w.admin, id)
		wantCode(t, err, fault.NotFound)
	})
}
