package crm_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/kpi"
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

// TestPartsOfAFigureHaveItsSum: below the parts of a figure in a workbook stands a sum where it is the figure, and none where
// parts overlap or were rounded.
func TestPartsOfAFigureHaveItsSum(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	ctx := w.boss()
	firm, err := w.module.Parties.Add(ctx, party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	if err != nil {
		t.Fatal(err)
	}
	line := func(group, price string) opportunity.Line {
		return opportunity.Line{Name: "Polc", ProductGroup: group, Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount(price)}
	}
	for _, lines := range [][]opportunity.Line{{line("lamps", "60"), line("desks", "41")}, {line("lamps", "1000")}} {
		o, err := w.module.Opportunities.Create(ctx, opportunity.Draft{PartyID: firm.ID, Name: "Polcok", Currency: "HUF", Lines: lines, Team: opportunity.Team{Owner: "kovacs", Sellers: opportunity.Even("kovacs", "nagy")}})
		if err == nil {
			_, err = w.module.Opportunities.CloseWon(ctx, o.ID, opportunity.Win{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	today, err := w.module.KPIs.Today(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		code kpi.Code
		by   kpi.Dimension
		sum  bool
	}{
		{kpi.DealsWon, kpi.Source, true},
		{kpi.DealsWon, kpi.ProductGroup, false}, // one of the two is in both groups
		{kpi.Revenue, kpi.ProductGroup, true},
		{kpi.Revenue, kpi.Seller, false}, // twice 551 is one more than 1101
		{kpi.AverageDeal, kpi.Source, false},
	} {
		d, _ := kpi.Defined(row.code)
		book := workbookOf(t, func(out io.Writer) error {
			return w.module.Reports.KPIs(ctx, out, []kpi.Code{row.code}, kpi.Query{Period: kpi.Months(today, 1, 1)[0], By: row.by}, reports.FigureBook{Language: "hu"})
		})
		if formulas := book.formulas(d.Name("hu")); (len(formulas) > 0) != row.sum {
			t.Errorf("below %s by %s stand %q", row.code, row.by, formulas)
		}
	}
}

// TestWorkbookOfFiguresIsOfOneMoment: what is won while a workbook is made is neither in its figures nor in the rows that its
// formulas count.
func TestWorkbookOfFiguresIsOfOneMoment(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	ctx := w.boss()
	firm, err := w.module.Parties.Add(ctx, party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	if err != nil {
		t.Fatal(err)
	}
	win := func() {
		o, err := w.module.Opportunities.Create(ctx, opportunity.Draft{PartyID: firm.ID, Name: "Polcok", Team: opportunity.Team{Owner: "kovacs"}})
		if err == nil {
			_, err = w.module.Opportunities.CloseWon(ctx, o.ID, opportunity.Win{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	win()
	today, err := w.module.KPIs.Today(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var meanwhile sync.Once
	label := func(_ kpi.Dimension, _, label string) string {
		meanwhile.Do(win)
		return label
	}
	book := workbookOf(t, func(out io.Writer) error {
		return w.module.Reports.KPIs(ctx, out, []kpi.Code{kpi.DealsWon}, kpi.Query{Period: kpi.Months(today, 1, 1)[0], By: kpi.Seller}, reports.FigureBook{Language: "hu", Label: label})
	})
	names := book.file.GetSheetList()
	if closed := book.rows(names[len(names)-1]); len(closed) != 1 {
		t.Errorf("one deal was counted, %d stand behind it: %v", len(closed), closed)
	}
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
		listBook{t, w, env, "Kapcsolattartók", "E-mail", []actor.Right{actor.ReportRead, actor.LeadRead}, func(ctx context.Context, out io.Writer) error {
			return w.module.Reports.ContactList(ctx, out, w.module.Parties, party.ListFilter{}, reports.FigureBook{Language: "hu"})
		}}.guarded("party")
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

// listBook is the workbook of a list, for what holds for all of them.
type listBook struct {
	t     *testing.T
	w     *world
	env   *testutil.Env
	sheet string
	// heading is of the column whose cells tell rows apart.
	heading string
	rights  []actor.Right
	write   func(ctx context.Context, out io.Writer) error
}

// guarded asks for what holds for the workbook of every list: both rights are needed, another company sees none of it, no
// formula came from a record, and who had it made is in the log of changes.
func (b listBook) guarded(kind string) {
	b.t.Helper()
	for i := range b.rights {
		err := b.write(b.w.as("kovacs", slices.Delete(slices.Clone(b.rights), i, i+1), actor.All), io.Discard)
		if !errors.Is(err, fault.Forbidden) {
			b.t.Errorf("somebody without %s gets %v", b.rights[i], err)
		}
	}
	stranger := actor.With(context.Background(), actor.User{Company: b.env.Company + "-GR01", ID: "x", Rights: actor.Admin, See: actor.All}.Actor())
	book := workbookOf(b.t, func(out io.Writer) error { return b.write(stranger, out) })
	if cells := column(book.rows(book.file.GetSheetList()[1]), b.heading); !slices.Contains([]string{"", "Nincs adat", "No data"}, strings.Join(cells, "")) {
		b.t.Errorf("another company gets %q", cells)
	}
	book = workbookOf(b.t, func(out io.Writer) error { return b.write(b.w.boss(), out) })
	rows := book.rows(b.sheet)
	for _, f := range book.formulas(b.sheet) {
		if !strings.HasPrefix(f, "SUMIF(") && !strings.HasPrefix(f, "SUBTOTAL(") {
			b.t.Errorf("%q is a formula that is not ours", f)
		}
	}
	log, err := b.w.module.Audit(b.w.boss(), crm.AuditQuery{Page: store.Page{Limit: 1}})
	if err != nil || len(log.Entries) != 1 || log.Entries[0].Action != "export" || log.Entries[0].RecordKind != kind || log.Entries[0].UserID != "manager-hu" ||
		!strings.Contains(log.Entries[0].Changes, fmt.Sprintf(`"rows","to":"%d"`, len(rows))) {
		b.t.Errorf("the log says %+v of %d rows, %v", log.Entries, len(rows), err)
	}
	if _, err := b.w.module.RunOnce(context.Background()); err != nil {
		b.t.Errorf("the background stumbles over it: %v", err)
	}
}

// adds asks whether the summary's formulas, by hand and as they are kept beside, are the sums of the rows under a heading.
func (s sheets) adds(sheet, heading string, by ...string) {
	s.t.Helper()
	want, count := map[string]money.Amount{}, map[string]int{}
	key := func(r map[string]string) string {
		var parts []string
		for _, one := range by {
			parts = append(parts, r[one])
		}
		return strings.Join(parts, "|")
	}
	for _, r := range s.rows(sheet) {
		count[key(r)]++
		if r[heading] != "" {
			want[key(r)] = want[key(r)].Add(money.MustAmount(r[heading]))
		}
	}
	found := s.rows("Összesítés")
	for _, r := range found {
		got := money.Amount{}
		if r[heading] != "" {
			got = money.MustAmount(r[heading])
		}
		if !got.Equal(want[key(r)]) || r["Darab"] != fmt.Sprint(count[key(r)]) {
			s.t.Errorf("%s: %s rows with %q, want %d with %s", key(r), r["Darab"], r[heading], count[key(r)], want[key(r)])
		}
	}
	if len(found) != len(count) {
		s.t.Errorf("the summary has %d lines, want %d", len(found), len(count))
	}
	formulas := s.formulas("Összesítés")
	if len(formulas) == 0 || !slices.ContainsFunc(formulas, func(f string) bool { return strings.HasPrefix(f, "SUMIFS(") }) {
		s.t.Errorf("the summary's formulas are %q", formulas)
	}
}

// summed is the sum of a column of amounts in the database, which keeps them in ten-thousandths.
func (w *world) summed(t *testing.T, table, of, where string) money.Amount {
	t.Helper()
	var n int64
	query := "SELECT COALESCE(SUM(" + of + "), 0) FROM " + table + " WHERE company = '" + w.company + "' AND " + where
	if err := w.db.SQL().QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return money.AmountFromScaled(n)
}

// total is the sum of what stands under a heading.
func total(rows []map[string]string, heading string) money.Amount {
	var out money.Amount
	for _, r := range rows {
		if r[heading] != "" {
			out = out.Add(money.MustAmount(r[heading]))
		}
	}
	return out
}

const injected = `=HYPERLINK("https://evil.example")`

// TestLeadListWorkbook: the leads of the page, narrowed and ordered as there, what they are worth by status and currency.
func TestLeadListWorkbook(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		if _, err := w.module.Fields.Add(ctx, custom.Draft{Kinds: []string{"lead"}, Name: "vip", Label: "Kiemelt", Type: store.YesNoField}); err != nil {
			t.Fatal(err)
		}
		seller := w.as("kovacs", slices.Concat(actor.Seller, actor.Rights{actor.ReportRead}), actor.Own)
		ids := map[string]lead.ID{}
		for i, one := range []struct {
			ctx                   context.Context
			name, value, currency string
			vip                   any
		}{{ctx, injected, "1000.01", "EUR", true}, {ctx, "Réka", "0.1", "EUR", false}, {ctx, "Vera", "250000", "HUF", nil}, {seller, "Kovácsé", "0.2", "EUR", nil}} {
			d := lead.Draft{Name: one.name, Emails: []string{fmt.Sprintf("lista%d@example.com", i)}, ExpectedValue: money.MustAmount(one.value), Currency: one.currency, Origin: lead.Origin{Source: "web"}}
			if one.vip != nil {
				d.Custom = map[string]any{"vip": one.vip}
			}
			r, err := w.module.Leads.Capture(one.ctx, d)
			if err != nil {
				t.Fatal(err)
			}
			ids[one.name] = r.Lead
		}
		write := func(q reports.LeadQuery) func(ctx context.Context, out io.Writer) error {
			return func(ctx context.Context, out io.Writer) error {
				return w.module.Reports.LeadList(ctx, out, w.module.Leads, q, reports.FigureBook{Language: "hu", Filter: "Állapot: nyitott"})
			}
		}
		listBook{t, w, env, "Érdeklődők", "Név", []actor.Right{actor.ReportRead, actor.LeadRead}, write(reports.LeadQuery{})}.guarded("lead")
		book := func(ctx context.Context, q reports.LeadQuery) sheets {
			return workbookOf(t, func(out io.Writer) error { return write(q)(ctx, out) })
		}
		all := book(ctx, reports.LeadQuery{})
		rows := all.rows("Érdeklődők")
		if got := column(rows, "Név"); !slices.Equal(got, []string{"Kovácsé", "Vera", "Réka", injected}) {
			t.Errorf("the leads are %q", got)
		}
		if got := column(rows, "Kiemelt"); !slices.Equal(got, []string{"", "", "Nem", "Igen"}) {
			t.Errorf("the custom field holds %q", got)
		}
		all.adds("Érdeklődők", "Várható érték", "Állapot", "Pénznem")
		if want := w.summed(t, "crm_lead", "expected_value", "merged_into IS NULL"); !total(rows, "Várható érték").Equal(want) {
			t.Errorf("the leads are worth %s, in the database %s", total(rows, "Várható érték"), want)
		}
		for _, one := range []struct {
			name string
			ctx  context.Context
			q    reports.LeadQuery
			want []string
		}{
			{"of an owner", ctx, reports.LeadQuery{Filter: lead.Filter{OwnerUser: "kovacs"}}, []string{"Kovácsé"}},
			{"by a custom field", ctx, reports.LeadQuery{Filter: lead.Filter{Custom: []store.CustomFilter{{Field: "vip", Is: true}}}}, []string{injected}},
			{"among some", ctx, reports.LeadQuery{Filter: lead.Filter{Among: []lead.ID{ids["Vera"], ids["Kovácsé"]}}, Order: lead.ByName}, []string{"Kovácsé", "Vera"}},
			{"among none", ctx, reports.LeadQuery{Filter: lead.Filter{Among: []lead.ID{}}}, nil},
			{"by the beginning of the name", ctx, reports.LeadQuery{Filter: lead.Filter{Name: "ré"}}, []string{"Réka"}},
			{"of one status", ctx, reports.LeadQuery{Filter: lead.Filter{Statuses: []lead.Status{lead.StatusConverted}}}, nil},
			{"that a seller sees", seller, reports.LeadQuery{}, []string{"Kovácsé"}},
			{"that a seller sees among all", seller, reports.LeadQuery{Filter: lead.Filter{Among: []lead.ID{ids["Vera"], ids["Kovácsé"]}}}, []string{"Kovácsé"}},
		} {
			got := column(book(one.ctx, one.q).rows("Érdeklődők"), "Név")
			if len(one.want) == 0 && strings.Join(got, "") == "Nincs adat" {
				got = nil
			}
			if !slices.Equal(got, one.want) {
				t.Errorf("those %s are %q, want %q", one.name, got, one.want)
			}
		}
	})
}

// TestOpportunityListWorkbook: the opportunities of the page, what they are worth by stage and currency, and their next steps.
func TestOpportunityListWorkbook(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		seller := w.as("kovacs", slices.Concat(actor.Seller, actor.Rights{actor.ReportRead}), actor.Own)
		made := map[string]opportunity.Opportunity{}
		for _, one := range []struct {
			ctx                     context.Context
			name, revenue, currency string
			close                   civil.Date
		}{
			{ctx, injected, "1000.01", "EUR", civil.Date{Year: 2026, Month: 7, Day: 1}}, {ctx, "Iroda", "0.1", "EUR", civil.Date{Year: 2026, Month: 8, Day: 1}},
			{ctx, "Raktár", "250000", "HUF", civil.Date{}}, {seller, "Kovácsé", "0.2", "EUR", civil.Date{Year: 2026, Month: 9, Day: 1}},
		} {
			id, err := w.completeLead(one.ctx, one.name[:3])
			if err != nil {
				t.Fatal(err)
			}
			card, err := w.module.Leads.Get(one.ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			o, err := w.module.Opportunities.Create(one.ctx, opportunity.Draft{PartyID: card.Party.ID, Name: one.name, ExpectedRevenue: ptr(money.MustAmount(one.revenue)), Currency: one.currency, ExpectedClose: one.close})
			if err != nil {
				t.Fatal(err)
			}
			made[one.name] = o
		}
		due := w.db.Now().Add(48 * time.Hour).Truncate(time.Hour)
		if _, err := w.module.Activities.Plan(ctx, activity.Plan{Party: made["Iroda"].PartyID, Opportunity: activity.OpportunityID(made["Iroda"].ID), Kind: activity.Call, Subject: "Hívás", Due: due}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.module.Opportunities.CloseWon(ctx, made["Raktár"].ID, opportunity.Win{}); err != nil {
			t.Fatal(err)
		}
		source := reports.OpportunitySource{Opportunities: w.module.Opportunities, Activities: w.module.Activities}
		write := func(f opportunity.Filter) func(ctx context.Context, out io.Writer) error {
			return func(ctx context.Context, out io.Writer) error {
				return w.module.Reports.OpportunityList(ctx, out, source, f, reports.FigureBook{Language: "hu"})
			}
		}
		listBook{t, w, env, "Lehetőségek", "Megnevezés", []actor.Right{actor.ReportRead, actor.OpportunityRead}, write(opportunity.Filter{})}.guarded("opportunity")
		book := func(ctx context.Context, f opportunity.Filter) sheets {
			return workbookOf(t, func(out io.Writer) error { return write(f)(ctx, out) })
		}
		all := book(ctx, opportunity.Filter{Page: store.Page{Limit: 1}})
		rows := all.rows("Lehetőségek")
		if got := column(rows, "Megnevezés"); !slices.Equal(got, []string{injected, "Iroda", "Kovácsé", "Raktár"}) {
			t.Errorf("the opportunities are %q", got)
		}
		if rows[1]["Következő lépés"] == "" || rows[0]["Következő lépés"] != "" || rows[3]["Állapot"] != "Megnyert" || rows[3]["Lezárva"] == "" || rows[1]["Szakasz"] == "" {
			t.Errorf("the opportunities are %q", rows)
		}
		all.adds("Lehetőségek", "Várható bevétel", "Folyamat", "Szakasz", "Pénznem")
		all.adds("Lehetőségek", "Súlyozott bevétel", "Folyamat", "Szakasz", "Pénznem")
		if want := w.summed(t, "crm_opportunity", "weighted", "1 = 1"); !total(rows, "Súlyozott bevétel").Equal(want) {
			t.Errorf("the opportunities weigh %s, in the database %s", total(rows, "Súlyozott bevétel"), want)
		}
		for _, one := range []struct {
			name string
			ctx  context.Context
			f    opportunity.Filter
			want []string
		}{
			{"of a state", ctx, opportunity.Filter{States: []opportunity.State{opportunity.Won}}, []string{"Raktár"}},
			{"of an owner", ctx, opportunity.Filter{Owner: "kovacs"}, []string{"Kovácsé"}},
			{"until a day", ctx, opportunity.Filter{CloseTo: civil.Date{Year: 2026, Month: 8, Day: 1}}, []string{injected, "Iroda"}},
			{"the largest first", ctx, opportunity.Filter{States: []opportunity.State{opportunity.Open}, Sort: opportunity.ByRevenue}, []string{injected, "Kovácsé", "Iroda"}},
			{"that a seller sees", seller, opportunity.Filter{}, []string{"Kovácsé"}},
		} {
			if got := column(book(one.ctx, one.f).rows("Lehetőségek"), "Megnevezés"); !slices.Equal(got, one.want) {
				t.Errorf("those %s are %q, want %q", one.name, got, one.want)
			}
		}
	})
}

// TestActivityListWorkbook: what is to be done and what was done, in a window or a range of time, with the minutes by owner,
// kind and state.
func TestActivityListWorkbook(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		seller := w.as("kovacs", slices.Concat(actor.Seller, actor.Rights{actor.ReportRead}), actor.Own, "szeged")
		parties := map[context.Context]party.ID{}
		for who, ctx := range map[string]context.Context{"Réka": ctx, "Vera": seller} {
			id, err := w.completeLead(ctx, who)
			if err != nil {
				t.Fatal(err)
			}
			card, err := w.module.Leads.Get(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			parties[ctx] = card.Party.ID
		}
		now := w.db.Now()
		plan := func(ctx context.Context, p activity.Plan) {
			t.Helper()
			p.Party = parties[ctx]
			if _, err := w.module.Activities.Plan(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		plan(ctx, activity.Plan{Kind: activity.Call, Subject: injected, Due: now.Add(-time.Hour), Minutes: 15})
		plan(ctx, activity.Plan{Kind: activity.Task, Subject: "Árlista", Due: now.AddDate(0, 1, 0), Team: "budapest"})
		plan(ctx, activity.Plan{Kind: activity.Task, Subject: "Másnak", Due: now.AddDate(0, 2, 0), Owner: "szabo"})
		plan(seller, activity.Plan{Kind: activity.Meeting, Subject: "Szemle", Due: now.AddDate(0, 0, 1), Minutes: 90})
		if _, err := w.module.Activities.Record(ctx, activity.Deed{Party: parties[ctx], Kind: activity.Call, Direction: activity.Out, Subject: "Megvolt", At: now.AddDate(0, 0, -1), Minutes: 25}); err != nil {
			t.Fatal(err)
		}
		write := func(f activity.ListFilter) func(ctx context.Context, out io.Writer) error {
			return func(ctx context.Context, out io.Writer) error {
				return w.module.Reports.ActivityList(ctx, out, w.module.Activities, f, reports.FigureBook{Language: "hu", Filter: "Kié: mindenkié"})
			}
		}
		people := []activity.Kind{activity.Call, activity.Meeting, activity.Task}
		everything := activity.ListFilter{Owner: activity.Everyone, Kinds: people}
		listBook{t, w, env, "Tevékenységek", "Tárgy", []actor.Right{actor.ReportRead, actor.ActivityRead}, write(everything)}.guarded("activity")
		book := func(ctx context.Context, f activity.ListFilter) sheets {
			return workbookOf(t, func(out io.Writer) error { return write(f)(ctx, out) })
		}
		all := book(ctx, everything)
		rows := all.rows("Tevékenységek")
		if got := column(rows, "Tárgy"); !slices.Equal(got, []string{"Megvolt", injected, "Szemle", "Árlista", "Másnak"}) {
			t.Errorf("the activities are %q", got)
		}
		if total := total(rows, "Perc"); !total.Equal(money.MustAmount("130")) || rows[0]["Elvégezve"] == "" || rows[0]["Irány"] != activity.Out.In("hu") || rows[4]["Állapot"] != activity.Waiting.In("hu") {
			t.Errorf("%s minutes in %q", total, rows)
		}
		all.adds("Tevékenységek", "Perc", "Felelős", "Fajta", "Állapot")
		for _, one := range []struct {
			name string
			ctx  context.Context
			f    activity.ListFilter
			want []string
		}{
			{"that are late", ctx, activity.ListFilter{Window: activity.Overdue}, []string{injected}},
			{"to be done by everybody", ctx, activity.ListFilter{Owner: activity.Everyone, Window: activity.AllOpen}, []string{injected, "Szemle", "Árlista", "Másnak"}},
			{"of a team", ctx, activity.ListFilter{Team: "szeged", Window: activity.AllOpen}, []string{"Szemle"}},
			{"given to others", ctx, activity.ListFilter{Delegated: true}, []string{"Másnak"}},
			{"that wait", w.as("szabo", slices.Concat(actor.Seller, actor.Rights{actor.ReportRead}), actor.Own), activity.ListFilter{Waiting: true}, []string{"Másnak"}},
			{"of two days", ctx, activity.ListFilter{Kinds: people, From: now.AddDate(0, 0, -2), Until: now}, []string{"Megvolt", injected}},
			{"that are done", ctx, activity.ListFilter{Kinds: people, Show: activity.ShowDone}, []string{"Megvolt"}},
			{"that are tasks", ctx, activity.ListFilter{Kinds: []activity.Kind{activity.Task}}, []string{"Árlista"}},
			{"that a seller sees", seller, everything, []string{"Szemle"}},
		} {
			if got := column(book(one.ctx, one.f).rows("Tevékenységek"), "Tárgy"); !slices.Equal(got, one.want) {
				t.Errorf("those %s are %q, want %q", one.name, got, one.want)
			}
		}
		for _, f := range []activity.ListFilter{{Window: "soon"}, {Show: "some"}, {Kinds: []activity.Kind{"dream"}}, {From: now, Until: now}} {
			if err := write(f)(ctx, io.Discard); !errors.Is(err, fault.Invalid) {
				t.Errorf("%+v gives %v", f, err)
			}
		}
	})
}

// TestCustomerListWorkbook: all customers of the host in the order of their names, or those that are looked for; of a host
// that cannot be searched those that are known and seen.
func TestCustomerListWorkbook(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		write := func(find string) func(ctx context.Context, out io.Writer) error {
			return func(ctx context.Context, out io.Writer) error {
				return w.module.Reports.CustomerList(ctx, out, w.module.CustomerPages(find), reports.FigureBook{Language: "hu"})
			}
		}
		listBook{t, w, env, "Ügyfelek", "Név", []actor.Right{actor.ReportRead, actor.LeadRead}, write("")}.guarded("customer")
		rows := workbookOf(t, func(out io.Writer) error { return write("")(ctx, out) }).rows("Ügyfelek")
		if want := w.count(t, "erp_customer", ""); len(rows) != want || want == 0 {
			t.Errorf("%d customers, the host has %d", len(rows), want)
		}
		some, err := w.module.ListCustomers(ctx, rows[0]["Név"], store.Page{Limit: 40})
		if err != nil || len(some.Rows) == 0 {
			t.Fatalf("%v of %q, %v", some, rows[0]["Név"], err)
		}
		found := workbookOf(t, func(out io.Writer) error { return write(rows[0]["Név"])(ctx, out) }).rows("Ügyfelek")
		if len(found) != len(some.Rows) || found[0]["Név"] != some.Rows[0].Name || found[0]["Vevőkód"] == "" {
			t.Errorf("the workbook has %q, the page %v", found, some.Rows)
		}
	})
}
