package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// mostHostStatements is what the whole page of a customer may ask the host for: the customer, his documents, open items,
// payments, orders, and the product groups. mostOwnStatements is what it reads of ours, the frame around it included; a page
// that needs more of them says here why.
const mostHostStatements, mostOwnStatements = 6, 48

// TestCustomersPageTakesFewStatements counts what the page of a customer sends to the database, whatever there is of him:
// once for a customer whom CRM+ knows, with orders, debts, a class, suggestions, a deal and a timeline, and once for one
// whom it only has from the host.
func TestCustomersPageTakesFewStatements(t *testing.T) {
	env, sent := testutil.Counted(t)
	w := screensWorldOn(t, env)
	w.customerWithAll("C000001", "C000002")
	kati := w.browser("kati")
	kati.get("/customers/C000001").ok(http.StatusOK).submit("/customers/C000001/open").ok(http.StatusOK)
	known, err := w.module.Parties.ByRole(w.as("kati"), party.Link{Role: party.Customer, HostKey: "C000001"})
	w.must(err)
	worth := money.MustAmount("120000")
	_, err = w.module.Opportunities.Create(w.as("kati"), opportunity.Draft{PartyID: known.ID, Name: "Polcok", ExpectedRevenue: &worth})
	w.must(err)
	for range 3 {
		_, err = w.module.Activities.Record(w.as("kati"), activity.Deed{Party: known.ID, Kind: activity.Call, Direction: activity.Out, Subject: "Felhívtam", Files: []activity.File{{Name: "a.txt", Content: []byte("a")}}})
		w.must(err)
	}
	for _, c := range []struct {
		key  string
		says []string
	}{{"C000001", []string{"Polcok", "Felhívtam", "Tartozás"}}, {"C000002", []string{"Ezzel a vevővel itt még nem volt dolgunk"}}} {
		kati.get("/leads") // who the colleagues are is asked once in a while, not for each page
		sent.Forget()
		kati.get("/customers/" + c.key).ok(http.StatusOK).has(c.says...)
		host, own := sent.With("erp_"), sent.With("crm_")
		t.Logf("the page of %s took %d statements of the host and %d of its own", c.key, len(host), len(own))
		if len(host) > mostHostStatements {
			t.Errorf("the page of %s took %d statements of the host, want at most %d:\n%s", c.key, len(host), mostHostStatements, strings.Join(host, "\n"))
		}
		if len(own) > mostOwnStatements {
			t.Errorf("the page of %s took %d statements of its own, want at most %d:\n%s", c.key, len(own), mostOwnStatements, strings.Join(own, "\n"))
		}
	}
}

// customerWithAll gives customers of the host orders of half a year, an invoice that is overdue and partly paid, and what
// comes of that here: a class and suggestions.
func (w *screensWorld) customerWithAll(keys ...string) {
	w.t.Helper()
	ctx := w.as("kati")
	company, err := w.module.Company(ctx)
	w.must(err)
	codes, err := w.module.VATCodes(ctx)
	w.must(err)
	products, err := w.module.Products(ctx, "", 2)
	w.must(err)
	for _, key := range keys {
		w.must(w.books.Work(context.Background(), erp.Clerk{Company: w.Company, User: "kati"}, func(ctx context.Context, s erpbridge.Session) error {
			today := s.Today
			for i := range 4 {
				s.Token, s.Today = w.Company+" order "+key+time.Duration(i).String(), today.AddDays(30*i-200)
				d := erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: key, Date: s.Today, Due: s.Today, Currency: company.Locale.Currency}
				for _, p := range products {
					d.Lines = append(d.Lines, erpbridge.DocumentLine{Product: p.Key, Name: p.Name, Quantity: money.MustQuantity("3"), UnitPrice: money.MustAmount("1000"), VATCode: codes[0].Code})
				}
				if _, err := w.books.Host().Documents.Create(ctx, s, d); err != nil {
					return err
				}
				if i > 0 {
					continue
				}
				d.Kind, s.Token = erpbridge.Invoice, s.Token+" invoice"
				made, err := w.books.Host().Documents.Create(ctx, s, d)
				if err != nil {
					return err
				}
				if _, err := w.books.PostInvoice(ctx, s, made.Number); err != nil {
					return err
				}
				if _, err := w.books.Receive(ctx, s, erp.Receipt{Document: made.Ref, Amount: money.MustAmount("500")}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	_, err = w.module.Values.Work(actor.With(context.Background(), actor.System(w.Company, "background")))
	w.must(err)
}
