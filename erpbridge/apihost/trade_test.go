package apihost_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/testutil/erpapi"
)

// follow is the draft of a document that takes quantities of another's lines; "" leaves one out.
func follow(kind erpbridge.Kind, source erpbridge.Document, quantities ...string) erpbridge.Document {
	d := erpbridge.Document{Ref: erpbridge.Ref{Kind: kind}, Customer: source.Customer, Date: source.Date, Currency: source.Currency, Source: &source.Ref}
	for i, q := range quantities {
		if q != "" {
			l := source.Lines[i]
			d.Lines = append(d.Lines, erpbridge.DocumentLine{SourceLine: l.Key, Product: l.Product, Quantity: money.MustQuantity(q), UnitPrice: l.UnitPrice, VATCode: l.VATCode})
		}
	}
	return d
}

func (r *rig) create(t *testing.T, token string, draft erpbridge.Document) erpbridge.Document {
	t.Helper()
	d, err := r.host.Documents.Create(t.Context(), r.session(token, 0), draft)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (r *rig) read(t *testing.T, ref erpbridge.Ref) erpbridge.Document {
	t.Helper()
	d, err := r.host.Documents.Document(t.Context(), r.session("", 0), ref)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func refusedAt(t *testing.T, err error, path string) {
	t.Helper()
	if !errors.Is(err, fault.Invalid) || len(fault.Of(err)) != 1 || fault.Of(err)[0].Path != path {
		t.Errorf("got %v, want it refused at %q only", err, path)
	}
}

// TestChainOfBusinessOne: an order is delivered in parts, the delivery notes are invoiced, an invoice is
// credited; a document that others follow cannot be cancelled.
func TestChainOfBusinessOne(t *testing.T) {
	r := newRig(t, "sap-business-one", nil, slow)
	order := r.create(t, "o", r.order(2)) // 1 and 2 pieces
	note := r.create(t, "d1", follow(erpbridge.DeliveryNote, order, "1", "0.5"))
	if note.Source == nil || *note.Source != (erpbridge.Ref{Kind: erpbridge.Order, Key: order.Key}) || note.Lines[1].SourceLine != order.Lines[1].Key {
		t.Errorf("the delivery note does not name the order: %+v", note)
	}
	order = r.read(t, order.Ref)
	if order.State != erpbridge.Partial || !order.Lines[1].Delivered.Equal(money.MustQuantity("0.5")) {
		t.Errorf("after a part was delivered the order is %+v", order)
	}
	_, err := r.host.Documents.Create(t.Context(), r.session("d2", 0), follow(erpbridge.DeliveryNote, order, "", "1.6"))
	refusedAt(t, err, "lines[0].quantity")
	_, err = r.host.Documents.Cancel(t.Context(), r.session("", 0), order.Ref, "mistake")
	refusedAt(t, err, "")
	invoice := r.create(t, "i1", follow(erpbridge.Invoice, note, "1", "0.5"))
	if invoice.State != erpbridge.Posted || invoice.Source == nil || invoice.Source.Kind != erpbridge.DeliveryNote {
		t.Errorf("the invoice is %+v", invoice)
	}
	items, err := r.host.Documents.(erpbridge.OpenItems).OpenItems(t.Context(), r.session("", 0), r.erp.Customer)
	if err != nil || len(items) != 1 || !items[0].Open.Equal(invoice.Gross) || items[0].Document.Number != invoice.Number {
		t.Errorf("open items are %+v (%v)", items, err)
	}
	credit := r.create(t, "c1", follow(erpbridge.CreditNote, invoice, "1", "0.5"))
	if credit.Kind != erpbridge.CreditNote || !credit.Gross.Equal(invoice.Gross) {
		t.Errorf("the credit note is %+v", credit)
	}
	if got := r.read(t, invoice.Ref); got.State != erpbridge.Credited {
		t.Errorf("the credited invoice is %s", got.State)
	}
	r.create(t, "d3", follow(erpbridge.DeliveryNote, order, "", "1.5"))
	if got := r.read(t, order.Ref); got.State != erpbridge.Completed {
		t.Errorf("the delivered order is %s", got.State)
	}
	list, err := r.host.Documents.(erpbridge.DocumentHistory).History(t.Context(), r.session("", 0), r.erp.Customer, 3)
	if err != nil || len(list) != 3 {
		t.Errorf("the history limited to 3 has %d documents (%v)", len(list), err)
	}
	r.clean(t)
}

// TestInvoicesOfOneOrderOfBusinessCentral: shipAndInvoice answers nothing and ships whatever is set to be
// shipped; the invoice is found by its own token, and other lines stay.
func TestInvoicesOfOneOrderOfBusinessCentral(t *testing.T) {
	t.Parallel() // it waits more than it works
	r := newRig(t, "business-central", nil, patience)
	order := r.create(t, "o", r.order(3)) // 1, 2, 3 pieces
	r.faults.Only = erpapi.Writes
	for i, f := range []erpapi.Fault{"", erpapi.TimeoutAfter, erpapi.ErrorAfter} {
		draft := follow(erpbridge.Invoice, r.read(t, order.Ref), "", "0.5", "1")
		token := fmt.Sprintf("i%d", i)
		r.faults.Next("", "", "", "", f) // the order, its three lines, shipAndInvoice
		var invoice erpbridge.Document
		if _, err := r.attempts(t, func(s erpbridge.Session) (err error) {
			invoice, err = r.host.Documents.Create(t.Context(), s, draft)
			return err
		}, token); err != nil {
			t.Fatal(err)
		}
		if len(invoice.Lines) != 2 || !invoice.Lines[0].Quantity.Equal(money.MustQuantity("0.5")) || invoice.State != erpbridge.Posted || invoice.Source == nil || invoice.Source.Key != order.Key {
			t.Errorf("invoice %d is %+v", i, invoice)
		}
	}
	order = r.read(t, order.Ref)
	if !order.Lines[0].Delivered.IsZero() || !order.Lines[1].Invoiced.Equal(money.MustQuantity("1.5")) || !order.Lines[2].Invoiced.Equal(money.MustQuantity("3")) {
		t.Errorf("the order after three invoices is %+v", order.Lines)
	}
	found, err := r.host.Documents.(erpbridge.DocumentLookup).FindDocument(t.Context(), r.session("", 0), erpbridge.Order, "o")
	if err != nil || found.Key != order.Key {
		t.Errorf("the order's token finds %+v (%v)", found.Ref, err)
	}
	if n := r.erp.Count("salesInvoices"); n != 3 {
		t.Errorf("there are %d invoices, want 3", n)
	}
	r.clean(t)
}

// TestQuoteBecomesOrderOfBusinessCentral through every fault of each of its writes.
func TestQuoteBecomesOrderOfBusinessCentral(t *testing.T) {
	t.Parallel() // it waits more than it works
	for step := range 2 {
		for _, f := range erpapi.AllFaults {
			t.Run(fmt.Sprintf("%d/%s", step, f), func(t *testing.T) {
				r := newRig(t, "business-central", nil, patience)
				draft := r.order(2)
				draft.Kind = erpbridge.Quotation
				quote := r.create(t, "q", draft)
				r.faults.Only = erpapi.Writes
				for range step {
					r.faults.Next("")
				}
				r.faults.Next(f)
				var order erpbridge.Document
				if _, err := r.attempts(t, func(s erpbridge.Session) (err error) {
					order, err = r.host.Documents.Create(t.Context(), s, follow(erpbridge.Order, quote, "1", "2"))
					return err
				}, "o"); err != nil {
					t.Fatal(err)
				}
				if len(order.Lines) != 2 || !order.Gross.Equal(quote.Gross) || order.Reference != quote.Reference {
					t.Errorf("the order is other than its quote: %+v", order)
				}
				if r.erp.Count("salesOrders") != 1 || r.erp.Count("salesQuotes") != 0 {
					t.Errorf("%d orders and %d quotes are there", r.erp.Count("salesOrders"), r.erp.Count("salesQuotes"))
				}
			})
		}
	}
}

// TestHistoryKnowsWhatWasCancelled, also where only the lines tell.
func TestHistoryKnowsWhatWasCancelled(t *testing.T) {
	for name := range shipped {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, name, nil, slow)
			for _, token := range []string{"stays", "goes"} {
				order := r.create(t, token, r.order(2))
				if token == "stays" {
					continue
				}
				if _, err := r.host.Documents.Cancel(t.Context(), r.session("", 0), order.Ref, "mistake"); err != nil {
					t.Fatal(err)
				}
			}
			list, err := r.host.Documents.(erpbridge.DocumentHistory).History(t.Context(), r.session("", 0), r.erp.Customer, 10)
			if err != nil || len(list) != 2 || list[0].State != erpbridge.Cancelled || list[1].State != erpbridge.Open {
				t.Errorf("the history is %+v (%v), want a cancelled order and an open one", list, err)
			}
		})
	}
}

func TestContactsOfBusinessOne(t *testing.T) {
	r := newRig(t, "sap-business-one", nil, slow)
	people := []erpbridge.Contact{
		{Customer: r.erp.Customer, Name: "Nagy Péter", Given: "Péter", Family: "Nagy", Email: "peter@example.com", JobTitle: "beszerző"},
		{Customer: r.erp.Customer, Name: "Иван Петров", Phone: "+74950000001"},
	}
	keys := map[string]bool{}
	for attempt := range 2 {
		for _, p := range people {
			made, err := r.host.Contacts.CreateContact(t.Context(), r.session("lead", attempt), p)
			if err != nil {
				t.Fatal(err)
			}
			keys[made.Key] = true
		}
	}
	list, err := r.host.Contacts.ContactsOf(t.Context(), r.session("", 0), r.erp.Customer)
	if err != nil || len(list) != 2 || len(keys) != 2 {
		t.Fatalf("two people became %d keys and %d contacts (%v)", len(keys), len(list), err)
	}
	for i, p := range people {
		p.Key = list[i].Key
		if diff := cmp.Diff(p, list[i]); diff != "" {
			t.Errorf("the contact reads other than its draft (-draft +read):\n%s", diff)
		}
	}
	filled, err := r.host.Contacts.FillEmptyContact(t.Context(), r.session("", 0), list[0].Key, erpbridge.Contact{Email: "mas@example.com", Phone: "+3612345678", Language: locale.Hungarian})
	if diff := cmp.Diff([]erpbridge.FilledField{{Field: "phone", To: "+3612345678"}}, filled); diff != "" || err != nil {
		t.Errorf("filled other than the phone (%v):\n%s", err, diff)
	}
	_, err = r.host.Contacts.CreateContact(t.Context(), r.session("x", 0), erpbridge.Contact{Customer: r.erp.Customer, Email: "x@"})
	if !errors.Is(err, fault.Invalid) || len(fault.Of(err)) != 2 {
		t.Errorf("got %v, want name and email refused", err)
	}
}

// meddler changes a record at the host just before a PATCH arrives.
type meddler struct {
	http.RoundTripper
	meddle func()
}

func (m *meddler) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPatch && m.meddle != nil {
		m.meddle()
		m.meddle = nil
	}
	return m.RoundTripper.RoundTrip(r)
}

// TestFillNeverOverwrites what somebody at the ERP wrote between our reading and our writing.
func TestFillNeverOverwrites(t *testing.T) {
	tables := map[string][3]string{"business-central": {"customers", "phoneNumber", "id"}, "sap-business-one": {"BusinessPartners", "Phone1", "CardCode"}}
	for name, at := range tables {
		t.Run(name, func(t *testing.T) {
			erp := shipped[name](t, erpapi.Options{})
			m := &meddler{RoundTripper: &http.Transport{DisableKeepAlives: true}}
			host := open(t, name, erp, func(_ *apihost.Description, o *apihost.Options) { o.Transport = m })
			m.meddle = func() {
				if !erp.Edit(at[0], at[2], erp.Customer, func(r map[string]any) { r[at[1]] = "+3619999999" }) {
					t.Error("the customer is not there")
				}
			}
			s := erpbridge.Session{Company: erp.Company}
			filled, err := host.Customers.FillEmpty(t.Context(), s, erp.Customer, erpbridge.Customer{Phone: "+3611111111", Website: "https://example.com"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]erpbridge.FilledField{{Field: "website", To: "https://example.com"}}, filled); diff != "" {
				t.Errorf("filled (-want +got):\n%s", diff)
			}
			has, err := host.Customers.Customer(t.Context(), s, erp.Customer)
			if err != nil || has.Phone != "+3619999999" || has.Website != "https://example.com" {
				t.Errorf("the customer is %+v (%v)", has, err)
			}
		})
	}
}

// TestHostileKeys cannot leave their place in an address: they name records that are not there.
func TestHostileKeys(t *testing.T) {
	for name := range shipped {
		for _, key := range []string{"", "') or true or ('", "x'y", "../customers", "a/b", "1) or (2", "\x00", "%27", "?$top=1", "#", strings.Repeat("x", 5000), "שלום"} {
			t.Run(name+"/"+key[:min(len(key), 20)], func(t *testing.T) {
				r := newRig(t, name, nil, slow)
				_, err := r.host.Customers.Customer(t.Context(), r.session("", 0), key)
				if fault.CodeOf(err) != fault.NotFound {
					t.Errorf("customer %q: got %v", key, err)
				}
				_, err = r.host.Documents.Document(t.Context(), r.session("", 0), erpbridge.Ref{Kind: erpbridge.Order, Key: key})
				if fault.CodeOf(err) != fault.NotFound {
					t.Errorf("order %q: got %v", key, err)
				}
				if _, err := r.host.Customers.Match(t.Context(), r.session("", 0), []erpbridge.MatchKey{{Email: key, Name: key}}); err != nil {
					t.Errorf("looking for %q: %v", key, err)
				}
			})
		}
	}
}

// TestTaxNumbersAreFoundAsTheHostWritesThem: the host keeps 12345676-2-41, we ask for HU12345676.
func TestTaxNumbersAreFoundAsTheHostWritesThem(t *testing.T) {
	for name := range shipped {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, name, nil, slow)
			draft := r.customer(1)
			draft.TaxID = "12345676-2-41"
			made, err := r.host.Customers.Create(t.Context(), r.session("tax", 0), draft)
			if err != nil {
				t.Fatal(err)
			}
			hits, err := r.host.Customers.Match(t.Context(), r.session("", 0), []erpbridge.MatchKey{{TaxID: "HU12345677"}, {TaxID: "HU12345676"}})
			if err != nil || len(hits) != 1 || hits[0].Key != 1 || hits[0].Customer.Key != made.Key {
				t.Errorf("got %+v, %v", hits, err)
			}
		})
	}
}

// TestEightAtOnce under one token make one order, also in the middle of faults.
func TestEightAtOnce(t *testing.T) {
	for name := range shipped {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, name, nil, slow)
			var wg sync.WaitGroup
			keys := make([]string, 8)
			for i := range keys {
				wg.Go(func() {
					d, err := r.host.Documents.Create(t.Context(), r.session("same", 0), r.order(2))
					if err != nil {
						t.Error(err)
					}
					keys[i] = d.Key
				})
			}
			wg.Wait()
			if slices.Sort(keys); len(slices.Compact(keys)) != 1 {
				t.Errorf("the keys are %v", keys)
			}
			r.clean(t)
		})
	}
}

// stutterer sends some writes twice and gives the second answer, as when an API acts late on a request
// that was given up while it is repeated.
type stutterer struct {
	http.RoundTripper
	only string
}

func (m stutterer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, m.only) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		first := r.Clone(r.Context())
		first.Body, r.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
		a, err := m.RoundTripper.RoundTrip(first)
		if err != nil {
			return nil, err
		}
		_ = a.Body.Close()
	}
	return m.RoundTripper.RoundTrip(r)
}

// TestKeysOfTheTokenStopDoubles where the search for the token came too early.
func TestKeysOfTheTokenStopDoubles(t *testing.T) {
	for name, at := range map[string]string{"business-central": "/customers", "sap-business-one": "/BusinessPartners"} {
		t.Run(name, func(t *testing.T) {
			erp := shipped[name](t, erpapi.Options{})
			host := open(t, name, erp, func(_ *apihost.Description, o *apihost.Options) {
				o.Transport = stutterer{&http.Transport{DisableKeepAlives: true}, at}
			})
			r := &rig{erp: erp, host: host, clock: newClock()}
			made, err := host.Customers.Create(t.Context(), r.session("once", 0), r.customer(1))
			if err != nil || made.Name != r.customer(1).Name {
				t.Errorf("got %+v, %v", made, err)
			}
			r.clean(t)
		})
	}
	t.Run("lines", func(t *testing.T) {
		erp := erpapi.BusinessCentral(t, erpapi.Options{})
		host := open(t, "business-central", erp, func(_ *apihost.Description, o *apihost.Options) {
			o.Transport = stutterer{&http.Transport{DisableKeepAlives: true}, "/salesOrderLines"}
		})
		r := &rig{erp: erp, host: host, clock: newClock()}
		r.whole(t, "once")
	})
}

// TestRefusedAfterPreparing: what only prepares leaves the refusal final.
func TestRefusedAfterPreparing(t *testing.T) {
	erp := erpapi.BusinessCentral(t, erpapi.Options{})
	host := open(t, "business-central", erp, func(d *apihost.Description, _ *apihost.Options) {
		delete(d.Customers.Read, "blocked") // so that only Business Central knows
	})
	r := &rig{erp: erp, host: host, clock: newClock()}
	order := r.create(t, "o", r.order(2))
	erp.Edit("customers", "id", erp.Customer, func(c map[string]any) { c["blocked"] = "Ship" })
	_, err := host.Documents.Create(t.Context(), r.session("i", 0), follow(erpbridge.Invoice, order, "1", "1"))
	refusedAt(t, err, "customer")
	if erp.Count("salesInvoices") != 0 {
		t.Error("an invoice was made")
	}
}
