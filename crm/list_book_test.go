package crm_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/testutil"
)

// sheets are the sheets of a workbook, cell by cell as people read them, and raw.
type sheets struct {
	t    *testing.T
	file *excelize.File
}

func workbookOf(t *testing.T, write func(w io.Writer) error) sheets {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return sheets{t, file}
}

// rows are the data rows of a sheet by the headings of its columns: what stands before the first empty row.
func (s sheets) rows(name string) []map[string]string {
	s.t.Helper()
	all, err := s.file.GetRows(name, excelize.Options{RawCellValue: true})
	if err != nil || len(all) == 0 {
		s.t.Fatalf("the sheet %q of %v: %v", name, s.file.GetSheetList(), err)
	}
	var out []map[string]string
	for _, cells := range all[1:] {
		if len(cells) == 0 {
			break
		}
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		out = append(out, row)
	}
	return out
}

// column are the values under one heading.
func column(rows []map[string]string, heading string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r[heading])
	}
	return out
}

// formulas are those of a sheet.
func (s sheets) formulas(name string) []string {
	s.t.Helper()
	rows, err := s.file.GetRows(name)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for y, row := range rows {
		for x := range row {
			at, _ := excelize.CoordinatesToCellName(x+1, y+1)
			if f, err := s.file.GetCellFormula(name, at); err == nil && f != "" {
				out = append(out, f)
			}
		}
	}
	return out
}

// TestQuoteListWorkbook: the workbook holds the quotes that its reader sees on the screen, narrowed as there, with custom
// fields as typed cells, and its sums are those of the quotes.
func TestQuoteListWorkbook(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.module.Fields.Add(ctx, custom.Draft{Kinds: []string{"quote"}, Name: "rooms", Label: "Helyiségek", Type: store.NumberField})
		ok(err)
		id, err := w.completeLead(ctx, "Réka")
		ok(err)
		buyer, err := w.module.Leads.Get(ctx, id)
		ok(err)
		seller := w.as("kovacs", slices.Concat(actor.Seller, actor.Rights{actor.ReportRead}), actor.Own)
		id, err = w.completeLead(seller, "Vera")
		ok(err)
		sellers, err := w.module.Leads.Get(seller, id)
		ok(err)
		draft := func(ctx context.Context, title, currency, rooms string) quote.Card {
			who := buyer.Party.ID
			if title == "Kovácsé" {
				who = sellers.Party.ID
			}
			h := quote.Header{Title: title}
			if rooms != "" {
				h.Custom = map[string]any{"rooms": money.MustQuantity(rooms)}
			}
			price := money.MustAmount("1000.5")
			rate := money.MustPercent("27")
			card, err := w.module.Quotes.Draft(ctx, quote.DraftInput{Party: who, Currency: currency, Header: h, Lines: []quote.DraftLine{
				{Name: "Tervezés", Quantity: money.MustQuantity("2"), Unit: "db", UnitPrice: &price, VATRate: &rate},
			}})
			ok(err)
			return card
		}
		_, err = w.module.Quotes.Issue(ctx, draft(ctx, "=HYPERLINK(\"https://evil.example\")", "EUR", "12").Quote.ID)
		ok(err)
		draft(ctx, "Raktár", "EUR", "3")
		draft(ctx, "Iroda", "HUF", "")
		draft(seller, "Kovácsé", "EUR", "")

		names := reports.FigureBook{Language: "hu", Filter: "Állapot: mind"}
		book := func(ctx context.Context, f quote.Filter) sheets {
			return workbookOf(t, func(out io.Writer) error { return w.module.Reports.QuoteList(ctx, out, w.module.Quotes, f, names) })
		}
		all := book(ctx, quote.Filter{Page: store.Page{Limit: 1}})
		rows := all.rows("Árajánlatok")
		if got := column(rows, "Tárgy"); !slices.Equal(got, []string{"Kovácsé", "Iroda", "Raktár", "=HYPERLINK(\"https://evil.example\")"}) {
			t.Errorf("the quotes are %q", got)
		}
		if got := column(rows, "Helyiségek"); !slices.Equal(got, []string{"", "", "3", "12"}) {
			t.Errorf("the custom field holds %q", got)
		}
		if r := rows[2]; r["Nettó"] != "2001" || r["ÁFA"] != "540.27" || r["Bruttó"] != "2541.27" || r["Pénznem"] != "EUR" || r["Állapot"] != quote.Draft.In("hu") {
			t.Errorf("a row is %q", r)
		}
		for _, f := range all.formulas("Árajánlatok") {
			if !strings.HasPrefix(f, "SUMIF(") && !strings.HasPrefix(f, "SUBTOTAL(") {
				t.Errorf("%q is a formula that is not ours", f)
			}
		}
		if cover := all.rows("Előlap"); len(cover) != 2 || cover[0]["Érték"] != "Állapot: mind" || cover[1]["Adat"] != "Készült" || cover[1]["Érték"] == "" {
			t.Errorf("the cover says %q", cover)
		}
		sums := map[string]string{}
		for _, r := range all.rows("Összesítés") {
			sums[r["Állapot"]+" "+r["Pénznem"]] = r["Darab"] + " × " + r["Nettó"]
		}
		draftName, issued := quote.Draft.In("hu"), quote.Issued.In("hu")
		if len(sums) != 3 || sums[draftName+" EUR"] != "2 × 4002" || sums[issued+" EUR"] != "1 × 2001" || !strings.HasPrefix(sums[draftName+" HUF"], "1 × ") {
			t.Errorf("the sums are %q", sums)
		}
		at := money.MustQuantity("10")
		for _, one := range []struct {
			name string
			ctx  context.Context
			f    quote.Filter
			want []string
		}{
			{"of a state", ctx, quote.Filter{States: []quote.State{quote.Draft}}, []string{"Kovácsé", "Iroda", "Raktár"}},
			{"of an owner", ctx, quote.Filter{Owner: "kovacs"}, []string{"Kovácsé"}},
			{"by a custom field", ctx, quote.Filter{Custom: []store.CustomFilter{{Field: "rooms", Until: at}}}, []string{"Raktár"}},
			{"that a seller sees", seller, quote.Filter{}, []string{"Kovácsé"}},
		} {
			if got := column(book(one.ctx, one.f).rows("Árajánlatok"), "Tárgy"); !slices.Equal(got, one.want) {
				t.Errorf("those %s are %q, want %q", one.name, got, one.want)
			}
		}
		for _, rights := range []actor.Rights{{actor.ReportRead}, {actor.QuoteRead}} {
			if err := w.module.Reports.QuoteList(w.as("kovacs", rights, actor.All), io.Discard, w.module.Quotes, quote.Filter{}, names); !errors.Is(err, fault.Forbidden) {
				t.Errorf("somebody with %v alone gets %v", rights, err)
			}
		}
		stranger := actor.With(context.Background(), actor.User{Company: env.Company + "-GR01", ID: "x", Rights: actor.Admin, See: actor.All}.Actor())
		if got := book(stranger, quote.Filter{Party: party.ID{}}).rows("Árajánlatok"); len(got) > 1 || len(got) == 1 && got[0]["Tárgy"] != "" {
			t.Errorf("another company gets %q", got)
		}
	})
}

// TestContactListWorkbook: page follows page until all names are there, in the order of the screen, and only those that the
// reader sees.
func TestContactListWorkbook(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		const many = 503 // more than are read at a time
		err := w.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
			for i := range many {
				_, err := w.module.Parties.In(s).Add(ctx, party.Draft{Kind: party.Person, Family: fmt.Sprintf("Név%04d", i), Given: "Anna", Emails: []string{fmt.Sprintf("nev%d@example.com", i)}})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		book := func(ctx context.Context, f party.ListFilter) []map[string]string {
			return workbookOf(t, func(out io.Writer) error {
				return w.module.Reports.ContactList(ctx, out, w.module.Parties, f, reports.FigureBook{Language: "hu"})
			}).rows("Kapcsolattartók")
		}
		rows := book(ctx, party.ListFilter{Kind: party.Person, Name: "Név"})
		seen := map[string]bool{}
		for _, name := range column(rows, "E-mail") {
			seen[name] = true
		}
		if len(rows) != many || len(seen) != many || !slices.IsSorted(column(rows, "Név")) {
			t.Errorf("%d rows with %d addresses, want %d in order", len(rows), len(seen), many)
		}
		stranger := actor.With(context.Background(), actor.User{Company: env.Company + "-GR01", ID: "x", Rights: actor.Admin, See: actor.All}.Actor())
		for _, r := range book(stranger, party.ListFilter{}) {
			if strings.Contains(r["E-mail"], "@") {
				t.Errorf("another company gets %q", r)
			}
		}
		for _, rights := range []actor.Rights{{actor.ReportRead}, {actor.LeadRead}} {
			err := w.module.Reports.ContactList(w.as("kovacs", rights, actor.All), io.Discard, w.module.Parties, party.ListFilter{}, reports.FigureBook{})
			if !errors.Is(err, fault.Forbidden) {
				t.Errorf("somebody with %v alone gets %v", rights, err)
			}
		}
	})
}
