package erp_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
	"github.com/crmplus/crmplus/testutil/hosttest"
)

// small is an old shop program behind a wire: a transaction of its own for each call, of which every
// fifth loses its answer; whole pieces, no discounts, one line for each product, short names, no tax ids,
// no notes, no delivery notes.
type small struct {
	shop
	host  erpbridge.Host
	calls *atomic.Int64
	// broken names the promise that it breaks, "" for none.
	broken string
}

var (
	smallDrops   = []string{"tax_id", "eu_vat_id", "given", "family", "website", "address.line2", "address.region", "document.note", "document.reference"}
	smallLengths = map[string]int{"name": 40, "address.line1": 30, "address.city": 15, "address.postal_code": 10}
)

// over runs one call over the wire.
func over[T any](ctx context.Context, h small, s erpbridge.Session, do func(s erpbridge.Session) (T, error)) (T, error) {
	var out, none T
	err := h.Work(ctx, erp.Clerk{Company: s.Company, User: s.UserID}, func(_ context.Context, in erpbridge.Session) (err error) {
		in.Token, in.Now, in.Today = s.Token, s.Now, s.Today
		out, err = do(in)
		return err
	})
	if err != nil {
		return none, err
	}
	return out, nil
}

// writing is over, for calls that lose their answers.
func writing[T any](ctx context.Context, h small, s erpbridge.Session, do func(s erpbridge.Session) (T, error)) (T, error) {
	if s.Attempt > 0 && h.broken == "asks again blindly" {
		s.Token = ""
	}
	out, err := over(ctx, h, s, do)
	if err == nil && s.Attempt == 0 && h.calls.Add(1)%5 == 0 {
		var none T
		return none, fault.New(fault.Unknown, "no answer came")
	}
	return out, err
}

type smallCustomers struct{ small }

func (p smallCustomers) Match(ctx context.Context, s erpbridge.Session, keys []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	return over(ctx, p.small, s, func(s erpbridge.Session) ([]erpbridge.CustomerMatch, error) {
		return p.host.Customers.Match(ctx, s, keys)
	})
}

func (p smallCustomers) Customer(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Customer, error) {
	return over(ctx, p.small, s, func(s erpbridge.Session) (erpbridge.Customer, error) { return p.host.Customers.Customer(ctx, s, key) })
}

func dropped(c erpbridge.Customer) erpbridge.Customer {
	c.TaxID, c.EUVatID, c.Given, c.Family, c.Website, c.Address.Line2, c.Address.Region = "", "", "", "", "", "", ""
	return c
}

func (p smallCustomers) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	var faults fault.List
	for path, text := range map[string]string{"name": draft.Name, "address.line1": draft.Address.Line1, "address.city": draft.Address.City, "address.postal_code": draft.Address.PostalCode} {
		if n := utf8.RuneCountInString(text); n > smallLengths[path] && p.broken != "takes any length" {
			faults.Add(path, "text.long", "has %d characters, %d fit", n, smallLengths[path])
		}
	}
	if err := faults.Err("the customer cannot be created"); err != nil {
		return erpbridge.Customer{}, err
	}
	return writing(ctx, p.small, s, func(s erpbridge.Session) (erpbridge.Customer, error) {
		return p.host.Customers.Create(ctx, s, dropped(draft))
	})
}

func (p smallCustomers) FillEmpty(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Customer) ([]erpbridge.FilledField, error) {
	return over(ctx, p.small, s, func(s erpbridge.Session) ([]erpbridge.FilledField, error) {
		return p.host.Customers.FillEmpty(ctx, s, key, dropped(draft))
	})
}

func (p smallCustomers) FindCustomer(ctx context.Context, s erpbridge.Session, token string) (erpbridge.Customer, error) {
	return over(ctx, p.small, s, func(s erpbridge.Session) (erpbridge.Customer, error) {
		return p.host.Customers.(allCustomers).FindCustomer(ctx, s, token)
	})
}

type smallDocuments struct{ small }

func (p smallDocuments) Kinds() []erpbridge.Kind {
	return []erpbridge.Kind{erpbridge.Order, erpbridge.Invoice}
}

func (p smallDocuments) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	var faults fault.List
	draft.Note, draft.Reference = "", ""
	merged := []erpbridge.DocumentLine{}
	for i, l := range draft.Lines {
		path := fmt.Sprintf("lines[%d]", i)
		if p.broken == "rounds quantities" {
			l.Quantity = money.NewQuantity(l.Quantity.Round(0))
		}
		if p.broken == "ignores discounts" {
			l.Discount = money.Percent{}
		}
		if !l.Quantity.IsInteger() {
			faults.Add(path+".quantity", "digits", "%s is no whole number of pieces", l.Quantity)
		}
		if !l.Discount.IsZero() {
			faults.Add(path+".discount", "none", "there are no discounts; lower the price")
		}
		if l.Product == "" && p.broken == "drops free text" {
			continue
		}
		if l.Product == "" {
			faults.Add(path+".product", "required", "is missing; there is no free text")
		}
		k := slices.IndexFunc(merged, func(m erpbridge.DocumentLine) bool { return m.Product == l.Product && l.Product != "" })
		switch {
		case k < 0:
			merged = append(merged, l)
		case merged[k].UnitPrice.Equal(l.UnitPrice) || p.broken == "merges prices":
			merged[k].Quantity = merged[k].Quantity.Add(l.Quantity)
		default:
			faults.Add(path+".product", "twice", "%s stands above with another price", l.Product)
		}
	}
	if err := faults.Err("the document cannot be written"); err != nil {
		return erpbridge.Document{}, err
	}
	draft.Lines = merged
	return writing(ctx, p.small, s, func(s erpbridge.Session) (erpbridge.Document, error) { return p.host.Documents.Create(ctx, s, draft) })
}

func (p smallDocuments) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	return over(ctx, p.small, s, func(s erpbridge.Session) (erpbridge.Document, error) { return p.host.Documents.Document(ctx, s, ref) })
}

func (p smallDocuments) Cancel(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref, reason string) (erpbridge.Document, error) {
	return over(ctx, p.small, s, func(s erpbridge.Session) (erpbridge.Document, error) {
		return p.host.Documents.Cancel(ctx, s, ref, reason)
	})
}

func smallSubject(t *testing.T, env *testutil.Env, broken string) hosttest.Subject {
	t.Helper()
	s := open(t, env)
	s.work(t, func(ctx context.Context, session erpbridge.Session) error {
		var failed error
		for _, code := range []string{"P-400", "P-500"} {
			failed = errors.Join(failed,
				s.AddProduct(ctx, session, erpbridge.Product{Code: code, Name: "Szék " + code, Group: "G1", Unit: "db", VATCode: "27", Stock: quantity("100")}),
				s.AddPrice(ctx, session, erp.PriceRow{List: "STD", Product: code, Currency: "HUF", Unit: money.MustAmount("100")}))
		}
		return failed
	})
	h := small{shop: s, host: s.Host(), calls: &atomic.Int64{}, broken: broken}
	return hosttest.Subject{
		Host:    erpbridge.Host{Name: "Kisbolt", Place: erpbridge.Elsewhere, Customers: smallCustomers{h}, Documents: smallDocuments{h}},
		Company: s.company, UserID: "kovacs", Customer: s.customer, BlockedCustomer: s.blocked,
		Products: []string{"P-100", "P-200", "P-400", "P-500"}, VATCode: "27", Currency: "HUF", Now: env.Clock.Now(),
		Drops: smallDrops, Lengths: smallLengths, SameProduct: hosttest.Merged,
		Lacks: []hosttest.Feature{
			hosttest.Companies, hosttest.CompanyData, hosttest.Users, hosttest.Contacts, hosttest.Catalogue, hosttest.Prices, hosttest.CustomerRemoval, hosttest.CustomerCheck,
			hosttest.CustomerList, hosttest.CustomerStates, hosttest.DocumentCheck, hosttest.DocumentHistory, hosttest.DocumentLookup, hosttest.DocumentStates, hosttest.Sales, hosttest.Backlog, hosttest.Receivables,
			hosttest.OpenItems, hosttest.Payments, hosttest.Deliveries, hosttest.Quotations, hosttest.CreditNotes, hosttest.PaymentRequests, hosttest.AdvanceInvoices,
			hosttest.CompletionActs, hosttest.Fractions, hosttest.Discounts, hosttest.FineDiscounts, hosttest.FreeText, hosttest.Rollback, hosttest.Gapless,
		},
	}
}

// TestSmallHostConforms: a host that keeps little, and answers not always, passes with what it has.
func TestSmallHostConforms(t *testing.T) {
	env := testutil.SQLite(t)
	hosttest.Run(t, smallSubject(t, env, ""))
}

// smallBreakages are promises that only such a host can break.
var smallBreakages = []breakage{
	{name: "asks again blindly", group: "customers", says: "with one token gave another customer"},
	{name: "asks again blindly", group: "orders", says: "with one token gave another order"},
	{name: "takes any length", group: "lengths", says: "want fault.Invalid that names"},
	{name: "rounds quantities", group: "lines", says: "want fault.Invalid that names [lines[0].quantity]"},
	{name: "ignores discounts", group: "lines", says: "want fault.Invalid that names [lines[0].discount]"},
	{name: "merges prices", group: "lines", says: "want fault.Invalid that names [lines[1].product]"},
	{name: "drops free text", group: "lines", says: "want fault.Invalid that names [lines[1].product]"},
}

// TestBrokenSmallHost runs the suite against one broken small host, in a process of its own.
func TestBrokenSmallHost(t *testing.T) {
	broken := os.Getenv(brokenHost)
	if broken == "" {
		t.Skip("only run by TestTheSuiteFindsBrokenHosts")
	}
	hosttest.Run(t, smallSubject(t, testutil.SQLite(t), broken))
}
