package erp_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/hosttest"
)

// brokenHost names the breakage in the process that runs the suite against it.
const brokenHost = "CRMPLUS_BROKEN_HOST"

type allCustomers interface {
	erpbridge.Customers
	erpbridge.CustomerRemoval
	erpbridge.CustomerCheck
	erpbridge.CustomerList
	erpbridge.CustomerLookup
	erpbridge.CustomerStates
}

type allDocuments interface {
	erpbridge.Documents
	erpbridge.DocumentCheck
	erpbridge.DocumentHistory
	erpbridge.DocumentLookup
	erpbridge.DocumentStates
	erpbridge.OpenItems
	erpbridge.Payments
	erpbridge.Sales
	erpbridge.Backlog
	erpbridge.Receivables
}

// customers breaks one promise of the port: the function that is set.
type customers struct {
	allCustomers
	create func(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer, c allCustomers) (erpbridge.Customer, error)
	read   func(c erpbridge.Customer) erpbridge.Customer
	find   func(c erpbridge.Customer, err error) (erpbridge.Customer, error)
	many   func(list []erpbridge.Customer) []erpbridge.Customer
}

func (b customers) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	if b.create != nil {
		return b.create(ctx, s, draft, b.allCustomers)
	}
	return b.allCustomers.Create(ctx, s, draft)
}

func (b customers) Customer(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Customer, error) {
	c, err := b.allCustomers.Customer(ctx, s, key)
	if b.read != nil {
		c = b.read(c)
	}
	return c, err
}

func (b customers) FindCustomer(ctx context.Context, s erpbridge.Session, token string) (erpbridge.Customer, error) {
	c, err := b.allCustomers.FindCustomer(ctx, s, token)
	if b.find != nil {
		return b.find(c, err)
	}
	return c, err
}

func (b customers) Customers(ctx context.Context, s erpbridge.Session, keys []string) ([]erpbridge.Customer, error) {
	list, err := b.allCustomers.Customers(ctx, s, keys)
	if b.many != nil {
		list = b.many(list)
	}
	return list, err
}

// documents breaks one promise of the port.
type documents struct {
	allDocuments
	draft    func(d erpbridge.Document) erpbridge.Document
	read     func(d erpbridge.Document) erpbridge.Document
	history  func(list []erpbridge.Document) []erpbridge.Document
	many     func(list []erpbridge.Document) []erpbridge.Document
	kind     erpbridge.Kind
	open     func(list []erpbridge.OpenItem) []erpbridge.OpenItem
	payments func(list []erpbridge.Payment) []erpbridge.Payment
	unlimit  bool
	token    func(token string) string
	cancel   func(d erpbridge.Document, err error) (erpbridge.Document, error)
	backlog  func(list []erpbridge.Undelivered) []erpbridge.Undelivered
	owed     func(list []erpbridge.Receivable) []erpbridge.Receivable
}

func (b documents) out(d erpbridge.Document) erpbridge.Document {
	if b.read != nil && d.Key != "" {
		return b.read(d)
	}
	return d
}

func (b documents) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	if b.draft != nil {
		draft = b.draft(draft)
	}
	if b.token != nil {
		s.Token = b.token(s.Token)
	}
	d, err := b.allDocuments.Create(ctx, s, draft)
	return b.out(d), err
}

func (b documents) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	d, err := b.allDocuments.Document(ctx, s, ref)
	return b.out(d), err
}

func (b documents) Cancel(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref, reason string) (erpbridge.Document, error) {
	d, err := b.allDocuments.Cancel(ctx, s, ref, reason)
	if b.cancel != nil {
		return b.cancel(d, err)
	}
	return b.out(d), err
}

func (b documents) History(ctx context.Context, s erpbridge.Session, customer string, limit int) ([]erpbridge.Document, error) {
	list, err := b.allDocuments.History(ctx, s, customer, limit)
	if b.history != nil {
		list = b.history(list)
	}
	return list, err
}

func (b documents) States(ctx context.Context, s erpbridge.Session, refs []erpbridge.Ref) ([]erpbridge.Document, error) {
	list, err := b.allDocuments.States(ctx, s, refs)
	if b.many != nil {
		list = b.many(list)
	}
	return list, err
}

func (b documents) FindDocument(ctx context.Context, s erpbridge.Session, kind erpbridge.Kind, token string) (erpbridge.Document, error) {
	if b.kind != "" {
		kind = b.kind
	}
	return b.allDocuments.FindDocument(ctx, s, kind, token)
}

func (b documents) OpenItems(ctx context.Context, s erpbridge.Session, customer string) ([]erpbridge.OpenItem, error) {
	list, err := b.allDocuments.OpenItems(ctx, s, customer)
	if b.open != nil {
		list = b.open(list)
	}
	return list, err
}

func (b documents) Payments(ctx context.Context, s erpbridge.Session, customer string, limit int) ([]erpbridge.Payment, error) {
	if b.unlimit {
		limit = 100
	}
	list, err := b.allDocuments.Payments(ctx, s, customer, limit)
	if b.payments != nil {
		list = b.payments(list)
	}
	return list, err
}

func (b documents) Backlog(ctx context.Context, s erpbridge.Session, q erpbridge.BacklogQuery) ([]erpbridge.Undelivered, error) {
	list, err := b.allDocuments.Backlog(ctx, s, q)
	if b.backlog != nil {
		list = b.backlog(list)
	}
	return list, err
}

func (b documents) Receivables(ctx context.Context, s erpbridge.Session, q erpbridge.ReceivablesQuery) ([]erpbridge.Receivable, error) {
	list, err := b.allDocuments.Receivables(ctx, s, q)
	if b.owed != nil {
		list = b.owed(list)
	}
	return list, err
}

func eachDocument(change func(d *erpbridge.Document)) func([]erpbridge.Document) []erpbridge.Document {
	return func(list []erpbridge.Document) []erpbridge.Document {
		for i := range list {
			change(&list[i])
		}
		return list
	}
}

func sourceless(d erpbridge.Document) erpbridge.Document {
	d.Source = nil
	return d
}

// breakage is one promise that is broken.
type breakage struct {
	name, group, says string
	customers         customers
	documents         documents
}

// breakages are promises of erpbridge that a host may break, with the group of the suite that must find
// it and what it must say.
var breakages = []breakage{
	{name: "writes a second customer for one token", group: "customers", says: "the second call with one token gave another customer", customers: customers{
		create: func(ctx context.Context, s erpbridge.Session, d erpbridge.Customer, c allCustomers) (erpbridge.Customer, error) {
			s.Token = ""
			return c.Create(ctx, s, d)
		}}},
	{name: "takes a customer of the same name for the same customer", group: "customers", says: "12 customers of one name have", customers: customers{
		create: func(ctx context.Context, s erpbridge.Session, d erpbridge.Customer, c allCustomers) (erpbridge.Customer, error) {
			if found, err := c.Search(ctx, s, d.Name, "", 1); err == nil && len(found) > 0 && found[0].Name == d.Name {
				return found[0], nil
			}
			return c.Create(ctx, s, d)
		}}},
	{name: "cuts what is too long", group: "lengths", says: "want fault.Invalid that names", customers: customers{
		create: func(ctx context.Context, s erpbridge.Session, d erpbridge.Customer, c allCustomers) (erpbridge.Customer, error) {
			if code := []rune(d.Address.PostalCode); len(code) > 20 {
				d.Address.PostalCode = string(code[:20])
			}
			return c.Create(ctx, s, d)
		}}},
	{name: "drops the language", group: "customers", says: "the customer", customers: customers{read: func(c erpbridge.Customer) erpbridge.Customer {
		c.Language = ""
		return c
	}}},
	{name: "finds a customer for every token", group: "customer lookup", says: "a token that made nothing", customers: customers{
		find: func(c erpbridge.Customer, err error) (erpbridge.Customer, error) { return c, nil }}},
	{name: "finds no customer by token", group: "customer lookup", says: "nobody", customers: customers{
		find: func(c erpbridge.Customer, err error) (erpbridge.Customer, error) {
			return c, errors.Join(err, fault.New(fault.NotFound, "nobody"))
		}}},
	{name: "leaves a customer out of many", group: "customer states", says: "many customers read other than each alone", customers: customers{
		many: func(list []erpbridge.Customer) []erpbridge.Customer { return list[:max(0, len(list)-1)] }}},
	{name: "does not tell blocked customers among many", group: "blocking", says: "among many the customer reads as", customers: customers{
		many: func(list []erpbridge.Customer) []erpbridge.Customer {
			for i := range list {
				list[i].Blocked = false
			}
			return list
		}}},
	{name: "writes a second order for one token", group: "orders", says: "the second call with one token gave another order", documents: documents{
		token: func(string) string { return "" }}},
	{name: "finds a document of another kind", group: "document lookup", says: "under the token of an order", documents: documents{kind: erpbridge.Order}},
	{name: "leaves out cancelled documents", group: "document states", says: "many documents read other than each alone", documents: documents{
		many: func(list []erpbridge.Document) []erpbridge.Document {
			return slices.DeleteFunc(list, func(d erpbridge.Document) bool { return d.State == erpbridge.Cancelled })
		}}},
	{name: "tells the old state among many", group: "document states", says: "many documents read other than each alone", documents: documents{
		many: eachDocument(func(d *erpbridge.Document) { d.State = erpbridge.Open })}},
	{name: "history without the source", group: "history", says: "does not say that the delivery note", documents: documents{
		history: eachDocument(func(d *erpbridge.Document) { d.Source = nil })}},
	{name: "loses the second line of a product", group: "lines", says: "two lines of one product became 1", documents: documents{
		draft: func(d erpbridge.Document) erpbridge.Document {
			if len(d.Lines) == 2 && d.Lines[0].Product == d.Lines[1].Product {
				d.Lines = d.Lines[:1]
			}
			return d
		}}},
	{name: "puts a product into a line of free text", group: "lines", says: "the line of free text reads", documents: documents{
		draft: func(d erpbridge.Document) erpbridge.Document {
			d.Lines = slices.Clone(d.Lines)
			for i := range d.Lines {
				if d.Lines[i].Product == "" {
					d.Lines[i].Product = "P-200"
				}
			}
			return d
		}}},
	{name: "open items in the order of writing", group: "open items", says: "the open items are others", documents: documents{
		open: func(list []erpbridge.OpenItem) []erpbridge.OpenItem {
			slices.Reverse(list)
			return list
		}}},
	{name: "open items without what was paid", group: "open items", says: "the open items are others", documents: documents{
		open: func(list []erpbridge.OpenItem) []erpbridge.OpenItem {
			for i := range list {
				list[i].Open = list[i].Amount
			}
			return list
		}}},
	{name: "does not say what was paid of an invoice", group: "open items", says: "the invoice says", documents: documents{
		read: func(d erpbridge.Document) erpbridge.Document {
			d.Paid = d.Paid.Sub(d.Paid)
			return d
		}}},
	{name: "payments without a limit", group: "payments", says: "a list limited to 2", documents: documents{unlimit: true}},
	{name: "payments with one key", group: "payments", says: "have 1 keys", documents: documents{
		payments: func(list []erpbridge.Payment) []erpbridge.Payment {
			for i := range list {
				list[i].Key = "B1"
			}
			return list
		}}},
	{name: "backlog that forgets the last line", group: "backlog", says: "of the order that is not delivered is left", documents: documents{
		backlog: func(list []erpbridge.Undelivered) []erpbridge.Undelivered {
			for i := range list {
				list[i].Lines = list[i].Lines[:1]
			}
			return list
		}}},
	{name: "cuts a customer's receivables at the end of a page", group: "receivables", says: "is other among all than alone", documents: documents{
		owed: func(list []erpbridge.Receivable) []erpbridge.Receivable { return list[:min(len(list), 1)] }}},
	{name: "does not name the credit note", group: "credit notes", says: "does not name what took it back", documents: documents{
		read: func(d erpbridge.Document) erpbridge.Document {
			d.CancelledBy = nil
			return d
		}}},
	{name: "credits a posted invoice by crossing it out", group: "credit notes", says: "by a credit note", documents: documents{
		cancel: func(d erpbridge.Document, err error) (erpbridge.Document, error) {
			if d.State == erpbridge.Credited {
				d.State = erpbridge.Cancelled
			}
			return d, err
		}}},
	{name: "payment request without its order", group: "payment requests", says: "the source is", documents: documents{read: sourceless}},
	{name: "advance invoice without its order", group: "advance invoices", says: "the source is", documents: documents{read: sourceless}},
	{name: "completion act without its order", group: "completion acts", says: "the source is", documents: documents{read: sourceless}},
	{name: "invoice due before its date", group: "invoices", says: "is due on", documents: documents{
		read: func(d erpbridge.Document) erpbridge.Document {
			d.Due = d.Date.AddDays(-1)
			return d
		}}},
}

// TestBrokenHost runs the suite against one broken host, in a process of its own: it has to fail.
func TestBrokenHost(t *testing.T) {
	broken := os.Getenv(brokenHost)
	if broken == "" {
		t.Skip("only run by TestTheSuiteFindsBrokenHosts")
	}
	env := testutil.SQLite(t)
	subject := open(t, env).subject(env)
	for _, b := range breakages {
		if b.name == broken {
			b.customers.allCustomers = subject.Host.Customers.(allCustomers)
			b.documents.allDocuments = subject.Host.Documents.(allDocuments)
			subject.Host.Customers, subject.Host.Documents = b.customers, b.documents
			hosttest.Run(t, subject)
			return
		}
	}
	t.Skip("there is no breakage " + broken)
}

// A suite that cannot fail proves nothing: each group finds the host that breaks its promise.
func TestTheSuiteFindsBrokenHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process for each breakage")
	}
	for test, list := range map[string][]breakage{"TestBrokenHost": breakages, "TestBrokenSmallHost": smallBreakages} {
		for _, b := range list {
			t.Run(b.name, func(t *testing.T) {
				child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$/^"+strings.ReplaceAll(b.group, " ", "_")+"$")
				child.Env = append(os.Environ(), brokenHost+"="+b.name)
				out, err := child.CombinedOutput()
				if err == nil {
					t.Fatalf("the suite passes a host that %s:\n%s", b.name, out)
				}
				if !strings.Contains(string(out), b.says) {
					t.Errorf("the suite does not say %q:\n%s", b.says, out)
				}
			})
		}
	}
}
