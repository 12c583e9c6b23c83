package crm_test

import (
	"os"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/regional"
)

// newRegional is CRM+ over the regional ERP: with triggers and a number table, reached by its mapping.
func newRegional(t *testing.T, env *testutil.Env) (*world, regional.Books) {
	t.Helper()
	books := regional.Books{DB: env.DB.SQL(), Dialect: string(env.DB.Dialect()), Company: env.Company}
	if err := regional.Install(t.Context(), books.DB, books.Dialect); err != nil {
		t.Fatal(err)
	}
	if err := books.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open("../erpbridge/tablehost/mappings/regional.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	mapping, err := tablehost.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	host, err := tablehost.New(t.Context(), books.DB, mapping, tablehost.Options{})
	if err != nil {
		t.Fatal(err)
	}
	locales, err := erpbridge.Locales(t.Context(), books.DB, host, env.Company)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{db: env.DB, company: env.Company}
	if w.module, err = crm.New(env.DB, crm.Config{Host: host, Locale: locales, Log: quiet}); err != nil {
		t.Fatal(err)
	}
	return w, books
}

// papers counts the documents of a type, those in a state where one is given.
func (w *world) papers(t *testing.T, kind, state string) (n int) {
	t.Helper()
	query := "SELECT COUNT(*) FROM BIZFEJ WHERE CEGKOD = ? AND BIZTIPUS = ? AND (? = '' OR ALLAPOT = ?)"
	if w.db.Dialect() == store.MSSQL {
		query = "SELECT COUNT(*) FROM BIZFEJ WHERE CEGKOD = @p1 AND BIZTIPUS = @p2 AND (@p3 = '' OR ALLAPOT = @p4)"
	}
	if err := w.db.SQL().QueryRowContext(t.Context(), query, w.company, kind, state, state).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRegionalFromLeadToCredit goes the whole way over a mapping: lead, customer, quote, order, two delivery
// notes, invoice, and the credit note that takes the posted invoice back.
func TestRegionalFromLeadToCredit(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w, books := newRegional(t, env)
		ctx := w.as(regional.Clerk, actor.Admin, actor.All)
		id, err := w.completeLead(ctx, "Dél")
		if err != nil {
			t.Fatal(err)
		}
		converted, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
		if err != nil {
			t.Fatal(err)
		}
		if !converted.CreatedCustomer || converted.Customer.Key != "C000008" || len(converted.Contacts) != 1 {
			t.Fatalf("converted: %+v", converted)
		}
		card, err := w.module.Quotes.Draft(ctx, quote.DraftInput{Party: converted.Party, Header: quote.Header{Opportunity: quote.OpportunityID(converted.Opportunity)}, Lines: []quote.DraftLine{
			{Product: regional.Desk, Quantity: money.MustQuantity("12")},
			{Product: regional.Shelf, Quantity: money.MustQuantity("5"), Discount: ptr(money.MustPercent("7.5"))},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if card, err = w.module.Quotes.Issue(ctx, card.Quote.ID); err != nil {
			t.Fatal(err)
		}
		if _, err = w.module.Quotes.Accept(ctx, card.Quote.ID, quote.Answer{By: "Őrsi Zsófia"}); err != nil {
			t.Fatal(err)
		}
		ordered := mustDocument(t, ctx, w.module.Convert.Order, fromQuote(card.Quote))
		if !ordered.Document.Gross.Equal(card.Quote.Gross) || !strings.HasPrefix(ordered.Document.Number, "RE") {
			t.Errorf("the trigger counts %s for order %s, the quote says %s", ordered.Document.Gross, ordered.Document.Number, card.Quote.Gross)
		}
		part := following(ordered)
		part.Lines = []convert.LineChoice{{Line: ordered.Document.Lines[0].Key, Quantity: money.MustQuantity("5")}}
		mustDocument(t, ctx, w.module.Convert.Deliver, part)
		rest := mustDocument(t, ctx, w.module.Convert.Deliver, following(ordered))
		if len(rest.Document.Lines) != 2 || !rest.Document.Lines[0].Quantity.Equal(money.MustQuantity("7")) {
			t.Errorf("the rest delivers %+v", rest.Document.Lines)
		}
		invoiced := mustDocument(t, ctx, w.module.Convert.Invoice, following(ordered))
		if !invoiced.Document.Gross.Equal(card.Quote.Gross) {
			t.Errorf("the invoice says %s, the quote %s", invoiced.Document.Gross, card.Quote.Gross)
		}
		won, err := w.module.Opportunities.Get(ctx, opportunity.ID(converted.Opportunity))
		if err != nil || won.State != opportunity.Won {
			t.Errorf("the opportunity is %s, %v", won.State, err)
		}

		if err := books.Post(t.Context(), invoiced.Document.Number); err != nil {
			t.Fatal(err)
		}
		if err := w.module.Convert.Undo(ctx, invoiced.ID, "téves rendelés"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			kind, state string
			n           int
		}{{regional.Order, "", 1}, {regional.DeliveryNote, "", 2}, {regional.Invoice, "J", 1}, {regional.CreditNote, "K", 1}} {
			if n := w.papers(t, want.kind, want.state); n != want.n {
				t.Errorf("the ERP has %d documents %s %s, want %d", n, want.kind, want.state, want.n)
			}
			if err := books.Gapless(t.Context(), regional.Series{Kind: want.kind, Year: invoiced.Document.Date.Year}); err != nil {
				t.Error(err)
			}
		}
	})
}
