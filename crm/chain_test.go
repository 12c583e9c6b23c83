package crm_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/testutil"
)

// TestFromLeadToInvoice is the main job: a lead becomes a customer with a contact and an opportunity,
// its quote an order, the order two delivery notes and an invoice; every call again gives the same.
func TestFromLeadToInvoice(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		id, err := w.completeLead(ctx, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.module.Convert.Lead(ctx, id, convert.LeadChoice{})
		if !errors.Is(err, fault.Invalid) || len(fault.Of(err)) == 0 || fault.Of(err)[0].Path != "customer.tax_id" {
			t.Fatalf("a lead without a tax id became a customer: %v", err)
		}
		converted, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
		if err != nil {
			t.Fatal(err)
		}
		if !converted.CreatedCustomer || converted.Customer.Key == "" || len(converted.Contacts) != 1 || converted.Opportunity.IsZero() || converted.Repeated {
			t.Fatalf("converted: %+v", converted)
		}
		again, err := w.module.Convert.Lead(ctx, id, convert.LeadChoice{})
		if err != nil || again.Customer.Key != converted.Customer.Key || !again.Repeated || again.ID != converted.ID {
			t.Fatalf("again: %+v, %v", again, err)
		}

		q, err := w.accepted(ctx, converted.Party, opportunity.ID(converted.Opportunity))
		if err != nil {
			t.Fatal(err)
		}
		ordered := mustDocument(t, ctx, w.module.Convert.Order, fromQuote(q))
		if !ordered.Document.Gross.Equal(q.Gross) || ordered.Document.Reference != q.Number {
			t.Errorf("order %+v does not match quote %+v", ordered.Document, q)
		}
		won, err := w.module.Opportunities.Get(ctx, opportunity.ID(converted.Opportunity))
		if err != nil || won.State != opportunity.Won || !won.ExpectedRevenue.Equal(q.Net) {
			t.Errorf("the opportunity is %s with %s, %v", won.State, won.ExpectedRevenue, err)
		}

		part := following(ordered)
		part.Lines = []convert.LineChoice{{Line: ordered.Document.Lines[0].Key, Quantity: money.MustQuantity("5")}}
		mustDocument(t, ctx, w.module.Convert.Deliver, part)
		rest := mustDocument(t, ctx, w.module.Convert.Deliver, following(ordered))
		if len(rest.Document.Lines) != 2 || !rest.Document.Lines[0].Quantity.Equal(money.MustQuantity("7")) {
			t.Errorf("the rest delivers %+v", rest.Document.Lines)
		}
		more := following(ordered)
		more.Lines = part.Lines
		more.Key = "one more"
		if _, err := w.module.Convert.Deliver(ctx, more); !errors.Is(err, fault.Invalid) {
			t.Errorf("more was delivered than ordered: %v", err)
		}

		invoiced := mustDocument(t, ctx, w.module.Convert.Invoice, following(ordered))
		if !invoiced.Document.Gross.Equal(q.Gross) {
			t.Errorf("the invoice says %s, the quote %s", invoiced.Document.Gross, q.Gross)
		}
		if n := w.count(t, "erp_invoice", ""); n != 1 {
			t.Errorf("the ERP has %d invoices", n)
		}
		w.checkTimeline(t, ctx, converted, 6)
	})
}

// mustDocument makes a document, and again, and expects the same one.
func mustDocument(t *testing.T, ctx context.Context, verb func(context.Context, convert.DocumentInput) (convert.Result, error), input convert.DocumentInput) convert.Result {
	t.Helper()
	made, err := verb(ctx, input)
	if err != nil {
		t.Fatal(err)
	}
	again, err := verb(ctx, input)
	if err != nil || again.Document.Number != made.Document.Number || !again.Repeated || made.Repeated {
		t.Fatalf("the second call gave %+v, %v; the first %+v", again, err, made)
	}
	return made
}

// checkTimeline expects at least n entries before and after conversion on the customer's timeline.
func (w *world) checkTimeline(t *testing.T, ctx context.Context, converted convert.Result, n int) {
	t.Helper()
	page, err := w.module.Activities.Timeline(ctx, converted.Party, nil, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[activity.Kind]int{}
	for _, e := range page.Items {
		kinds[e.Kind]++
	}
	if len(page.Items) < n || kinds[activity.Conversion] != 1 || kinds[activity.Document] != 4 || kinds[activity.Quote] == 0 {
		t.Errorf("the timeline has %v", kinds)
	}
}

func TestUndoGoesBackStepByStep(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		id, err := w.completeLead(ctx, "Béla")
		if err != nil {
			t.Fatal(err)
		}
		converted, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
		if err != nil {
			t.Fatal(err)
		}
		q, err := w.accepted(ctx, converted.Party, opportunity.ID(converted.Opportunity))
		if err != nil {
			t.Fatal(err)
		}
		ordered := mustDocument(t, ctx, w.module.Convert.Order, fromQuote(q))
		invoiced := mustDocument(t, ctx, w.module.Convert.Invoice, following(ordered))

		if err := w.module.Convert.Undo(ctx, ordered.ID, "tévedés"); !errors.Is(err, fault.Invalid) {
			t.Errorf("an order with an invoice was taken back: %v", err)
		}
		for range 2 { // the second time does nothing
			if err := w.module.Convert.Undo(ctx, invoiced.ID, "tévedés"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.module.Convert.Undo(ctx, ordered.ID, "tévedés"); err != nil {
			t.Fatal(err)
		}
		card, err := w.module.Opportunities.Get(ctx, opportunity.ID(converted.Opportunity))
		if err != nil || card.State != opportunity.Open {
			t.Errorf("after the undo the opportunity is %s, %v", card.State, err)
		}
		if n := w.count(t, "erp_order", ""); n != 1 {
			t.Errorf("%d orders: a numbered document must be cancelled, not deleted", n)
		}
		next := mustDocument(t, ctx, w.module.Convert.Order, fromQuote(q))
		if next.Document.Number == ordered.Document.Number {
			t.Errorf("the new order has the number of the cancelled one: %s", next.Document.Number)
		}
	})
}

func TestUndoneLeadCanBeConvertedAgain(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		id, err := w.completeLead(ctx, "Csilla")
		if err != nil {
			t.Fatal(err)
		}
		choice := w.choice(nil)
		choice.Opportunity = nil
		first, err := w.module.Convert.Lead(ctx, id, choice)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.module.Convert.Undo(ctx, first.ID, "rossz cég"); err != nil {
			t.Fatal(err)
		}
		card, err := w.module.Leads.Get(ctx, id)
		if err != nil || card.Lead.Status == lead.StatusConverted {
			t.Fatalf("after the undo the lead is %v, %v", card.Lead.Status, err)
		}
		if n := w.count(t, "crm_role", ""); n != 0 {
			t.Errorf("%d roles are left", n)
		}
		second, err := w.module.Convert.Lead(ctx, id, choice)
		if err != nil || second.Repeated || second.ID == first.ID {
			t.Errorf("second: %+v, %v", second, err)
		}
	})
}

func TestManyConvertOneLead(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		id, err := w.completeLead(ctx, "Dóra")
		if err != nil {
			t.Fatal(err)
		}
		before := w.count(t, "erp_customer", "")
		var wg sync.WaitGroup
		var mu sync.Mutex
		keys, first := map[string]int{}, 0
		for range 32 {
			wg.Go(func() {
				r, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
					return
				}
				keys[r.Customer.Key]++
				if !r.Repeated {
					first++
				}
			})
		}
		wg.Wait()
		if len(keys) != 1 || first != 1 {
			t.Errorf("customers %v, %d first results", keys, first)
		}
		if n := w.count(t, "erp_customer", "") - before; n != 1 {
			t.Errorf("the ERP got %d customers", n)
		}
		if n := w.count(t, "crm_opportunity", ""); n != 1 {
			t.Errorf("there are %d opportunities", n)
		}
	})
}

func TestHostsRollbackLeavesNothing(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		id, err := w.completeLead(ctx, "Emese")
		if err != nil {
			t.Fatal(err)
		}
		tables := []string{"erp_customer", "erp_contact", "crm_conversion", "crm_link", "crm_role", "crm_opportunity", "crm_event", "crm_activity", "crm_audit", "crm_stage_move"}
		before := map[string]int{}
		for _, table := range tables {
			before[table] = w.count(t, table, "")
		}
		tx, err := w.db.SQL().Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.module.WithTx(tx).Convert.Lead(ctx, id, w.choice(nil)); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			if n := w.count(t, table, ""); n != before[table] {
				t.Errorf("%s: %d rows before, %d after the rollback", table, before[table], n)
			}
		}
		tx, err = w.db.SQL().Begin()
		if err != nil {
			t.Fatal(err)
		}
		r, err := w.module.WithTx(tx).Convert.Lead(ctx, id, w.choice(nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if again, err := w.module.Convert.Lead(ctx, id, convert.LeadChoice{}); err != nil || again.ID != r.ID {
			t.Errorf("after the commit: %+v, %v", again, err)
		}
	})
}

func TestRequestRowConvertsALead(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	ctx := w.boss()
	id, err := w.completeLead(ctx, "Flóra")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.db.SQL().Exec("INSERT INTO crm_request (request_key, company, kind, payload, requested_at) VALUES ('r1', ?, 'lead.convert', ?, '2020-01-01 00:00:00.000')",
		w.company, `{"lead":"`+id.String()+`","choice":{"customer":{"completed":{"TaxID":"47110018-2-41"}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.module.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	var state, result, failure string
	if err := w.db.SQL().QueryRow("SELECT state, result, failure FROM crm_result WHERE request_key = 'r1'").Scan(&state, &result, &failure); err != nil {
		t.Fatal(err)
	}
	if state != "done" || !strings.Contains(result, `"customer"`) {
		t.Errorf("%s: %s %s", state, result, failure)
	}
}

func TestHostMergesAndRenumbersCustomers(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	ctx := w.boss()
	var made []convert.Result
	for _, n := range []string{"Gáspár", "Hajnal"} {
		id, err := w.completeLead(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		r, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, r)
	}
	if err := w.module.Convert.CustomerMerged(ctx, made[0].Customer.Key, made[1].Customer.Key); err != nil {
		t.Fatal(err)
	}
	p, err := w.module.Parties.Get(ctx, made[0].Party)
	if err != nil || p.ID != made[1].Party {
		t.Errorf("the party of the merged customer stands for %v, %v", p.ID, err)
	}
	if err := w.module.Convert.CustomerRenumbered(ctx, made[1].Customer.Key, "C999999"); err != nil {
		t.Fatal(err)
	}
	got, err := w.module.Parties.ByRole(ctx, party.Link{Role: party.Customer, HostKey: "C999999"})
	if err != nil || got.ID != made[1].Party {
		t.Errorf("the renumbered customer belongs to %v, %v", got.ID, err)
	}
	if err := w.module.Convert.CustomerBlocked(ctx, "C999999", convert.DeletedCustomer); err != nil {
		t.Fatal(err)
	}
	if links, err := w.module.Parties.Links(ctx, made[1].Party); err != nil || len(links) != 0 {
		t.Errorf("after the host deleted the customer its party has the links %v, %v", links, err)
	}
}

func TestTotalsThatDifferAreRefused(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	ctx := w.boss()
	id, err := w.completeLead(ctx, "Ilka")
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
	if err != nil {
		t.Fatal(err)
	}
	q, err := w.accepted(ctx, r.Party, opportunity.ID(r.Opportunity))
	if err != nil {
		t.Fatal(err)
	}
	// Somebody changes what the customer was promised behind our back.
	if _, err := w.db.SQL().Exec("UPDATE crm_quote_line SET vat_rate = 50000 WHERE quote_id = ?", q.ID.Bytes()); err != nil {
		t.Fatal(err)
	}
	_, err = w.module.Convert.Order(ctx, fromQuote(q))
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	if n := w.count(t, "erp_order", ""); n != 0 {
		t.Errorf("%d orders were written", n)
	}
}

func TestSalesWorkbook(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		for _, n := range []string{"Anna", "=HYPERLINK(1)", "Béla"} {
			if _, err := w.completeLead(ctx, n); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		if err := w.module.Reports.Sales(ctx, &out, reports.Query{}); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&out)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		sheets := book.GetSheetList()
		if len(sheets) < 4 {
			t.Fatalf("sheets %v", sheets)
		}
		rows, err := book.GetRows("Érdeklődők")
		if err != nil || len(rows) < 4 {
			t.Errorf("%d rows of leads, %v", len(rows), err)
		}
	})
}

func TestPreviewNamesMatchesAndWhatIsMissing(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	ctx := w.boss()
	first, err := w.completeLead(ctx, "Janka")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.module.Convert.Lead(ctx, first, w.choice(nil)); err != nil {
		t.Fatal(err)
	}
	second, err := w.module.Leads.Capture(ctx, lead.Draft{Name: "Kelemen Lőrinc", Organization: "TŰZLILIOM JANKA KFT", Emails: []string{"lorinc@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.module.Convert.PreviewLead(ctx, second.Lead, convert.CustomerChoice{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Already == nil && len(p.Matches) == 0 {
		t.Errorf("the customer was not found: %+v", p)
	}
	third, err := w.module.Leads.Capture(ctx, lead.Draft{Name: "Új Ember", Organization: "Egészen Más Zrt.", Emails: []string{"uj@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err = w.module.Convert.PreviewLead(ctx, third.Lead, convert.CustomerChoice{})
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]bool{}
	for _, f := range p.Missing {
		paths[f.Path] = true
	}
	if !paths["tax_id"] || len(p.Missing) < 3 {
		t.Errorf("missing: %v", p.Missing)
	}
}
