package prochost

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// background is for formulas that read nothing.
var background = context.Background()

// Options are what the program that embeds CRM+ decides, and no description can.
type Options struct {
	// Place says where the tables of CRM+ are, seen from the host's; empty means the same database.
	Place erpbridge.Place
	// Trace is called with each statement before it is sent.
	Trace func(Statement)
}

// Statement is one that was sent to the host's database, for those who watch: [Options.Trace].
type Statement struct {
	// Path is the place of the description that the statement is for.
	Path string
	// Text has the parameters as @p1, @p2 ..., Args are their values.
	Text string
	Args []any
}

// New makes a Host of a description. It reads the database's catalogue once and names everything in the
// description that does not fit it. The host works in the transactions of its sessions and keeps nothing
// but what it compiled; it is safe for many goroutines. A database that is not SQL Server is refused.
func New(ctx context.Context, db *sql.DB, d Description, o Options) (erpbridge.Host, error) {
	if dialect := catalog.DialectOf(db); dialect != catalog.MSSQL {
		return erpbridge.Host{}, fault.New(fault.Invalid, "stored procedures are for SQL Server, and the driver %T is not its; describe the tables instead (tablehost)", db.Driver())
	}
	cat, err := catalog.Read(ctx, db, catalog.MSSQL)
	if err != nil {
		return erpbridge.Host{}, fmt.Errorf("prochost: reading the catalogue: %w", err)
	}
	return Compile(cat, d, o)
}

// Compile makes a Host for a database whose catalogue was read before.
func Compile(cat *catalog.Catalog, d Description, o Options) (erpbridge.Host, error) {
	if cat.Dialect != catalog.MSSQL {
		return erpbridge.Host{}, fault.New(fault.Invalid, "stored procedures are for SQL Server, and the catalogue is of %s; describe the tables instead (tablehost)", cat.Dialect)
	}
	h, faults := compile(cat, d)
	if err := faults.Err("the description of %q does not fit the database", d.Name); err != nil {
		return erpbridge.Host{}, err
	}
	h.options = o
	return h.ports(), nil
}

// Check gives everything in a description that does not fit the database, nil where all fits.
func Check(cat *catalog.Catalog, d Description) []fault.Fault {
	_, faults := compile(cat, d)
	return faults
}

// host is a compiled description.
type host struct {
	name      string
	options   Options
	tolerance money.Amount
	// zones are the time zones of companies, by key; each is read once.
	zones sync.Map

	company, users, groups, products, prices *read
	customers                                *customerCalls
	contacts                                 *contactCalls
	documents                                map[erpbridge.Kind]*documentCalls
	history, openItems, payments             *read
	backlog, receivables, settled            *read
}

type customerCalls struct {
	read, find, match, search, check *read
	create                           *write
	fill, remove, restore            *call
	// fillable are the fields that fill reads from the record fill.
	fillable []string
}

type contactCalls struct {
	list, read, find, check *read
	create                  *write
	fill, remove            *call
	fillable                []string
}

type documentCalls struct {
	kind                     erpbridge.Kind
	read, find, lines, check *read
	create                   *write
	cancel                   *call
	// lineFields read the lines behind the header where lines is nil.
	lineFields *read
}

func compile(cat *catalog.Catalog, d Description) (*host, fault.List) {
	c := &compiler{catalog: cat}
	h := &host{name: d.Name, documents: map[erpbridge.Kind]*documentCalls{}}
	if d.Version != 1 {
		c.refuse("version", "version", "%d is not known; this is version 1 of the language", d.Version)
	}
	c.required("name", d.Name != "")
	if cat.Options.ReadOnly {
		c.refuse("", "database.read_only", "the database %s takes no writes; connect to the primary, or ALTER DATABASE ... SET READ_WRITE", cat.Database)
	}
	if d.Tolerance != "" {
		var err error
		if h.tolerance, err = money.ParseAmount(d.Tolerance); err != nil || h.tolerance.IsNegative() {
			c.refuse("tolerance", "tolerance", "%q is no amount of at least zero", d.Tolerance)
		}
	}
	c.required("companies", d.Companies != nil)
	h.company = c.read(reading{"companies", keyed, companyPart, nil}, d.Companies)
	h.users = c.read(reading{"users", keyed, userPart, nil}, d.Users)
	h.groups = c.read(reading{"groups", keyed, groupPart, nil}, d.Groups)
	h.products = c.read(reading{"products", searched, productPart, nil}, d.Products)
	h.prices = c.read(reading{"prices", questions, pricePart, nil}, d.Prices)
	h.history = c.read(reading{"history", keyed, documentPart.and(kindPart), nil}, d.History)
	h.openItems = c.read(reading{"open_items", keyed, openItemPart, nil}, d.OpenItems)
	h.payments = c.read(reading{"payments", keyed, paymentPart, nil}, d.Payments)
	h.backlog = c.read(reading{"backlog", backlogs, backlogPart, nil}, d.Backlog)
	h.receivables = c.read(reading{"receivables", debts, owedPart, nil}, d.Receivables)
	h.settled = c.read(reading{"settled", settled, settledPart, nil}, d.Settled)
	c.everyone(d)
	c.need(h.backlog, "key", "customer", "date", "product", "left")
	c.need(h.receivables, "customer", "kind", "document", "open")
	c.need(h.settled, "customer", "document", "due", "paid")
	c.need(h.company, "name", "currency")
	c.need(h.users, "key", "name")
	c.need(h.groups, "key")
	c.need(h.products, "key", "name")
	c.need(h.prices, "unit")
	c.need(h.history, "kind", "key", "date")
	c.need(h.openItems, "kind", "document", "open")
	c.need(h.payments, "key", "amount")
	c.required("customers", d.Customers != nil)
	h.customers = c.customers(d.Customers)
	h.contacts = c.contacts(d.Contacts)
	for _, kind := range slices.Sorted(maps.Keys(d.Documents)) {
		h.documents[kind] = c.document(kind, d.Documents[kind])
	}
	return h, c.faults
}

// everyone refuses what reads all customers at once without what it goes with.
func (c *compiler) everyone(d Description) {
	for _, one := range []struct {
		path, needs string
		has, there  bool
	}{
		{"backlog", "documents.order", d.Backlog != nil, d.Documents[erpbridge.Order] != nil},
		{"receivables", "open_items", d.Receivables != nil, d.OpenItems != nil},
		{"settled", "receivables", d.Settled != nil, d.Receivables != nil},
	} {
		if one.has && !one.there {
			c.refuse(one.path, "required", "needs %s beside it; describe that too", one.needs)
		}
	}
	for path, r := range map[string]*Read{"backlog": d.Backlog, "receivables": d.Receivables, "settled": d.Settled} {
		if r != nil && r.Select != nil {
			c.refuse(path+".select", "read.paged", "reads page after page, which a select does not; name a procedure")
		}
	}
}

func (c *compiler) customers(d *Customers) *customerCalls {
	if d == nil {
		return nil
	}
	at := func(name string) reading { return reading{"customers." + name, keyed, customerPart, d.Fields} }
	out := &customerCalls{read: c.read(at("read"), d.Read), find: c.read(at("find"), d.Find)}
	out.match = c.read(reading{"customers.match", matches, customerPart.and(matchField), d.Fields}, d.Match)
	out.search = c.read(reading{"customers.search", searched, customerPart, d.Fields}, d.Search)
	out.check = c.read(reading{"customers.check", customers, faultPart, nil}, d.Check)
	out.create = c.write("customers.create", d.Create, customers)
	out.fill = c.call("customers.fill", d.Fill, customers)
	out.remove, out.restore = c.call("customers.remove", d.Remove, customers), c.call("customers.restore", d.Restore, customers)
	out.fillable = filled(out.fill)
	c.required("customers.read", d.Read != nil)
	c.required("customers.find", d.Find != nil)
	c.required("customers.match", d.Match != nil)
	c.required("customers.create", d.Create != nil)
	c.required("customers.fill", d.Fill != nil)
	if (d.Remove == nil) != (d.Restore == nil) {
		c.refuse("customers.remove", "customers.undo", "remove and restore are described together, or neither")
	}
	for _, r := range []*read{out.read, out.find, out.match, out.search} {
		c.need(r, "key", "name")
	}
	c.need(out.check, "field", "message")
	return out
}

func (c *compiler) contacts(d *Contacts) *contactCalls {
	if d == nil {
		return nil
	}
	at := func(name string) reading {
		return reading{"contacts." + name, contacts, contactPart, d.Fields}
	}
	out := &contactCalls{list: c.read(at("list"), d.List), read: c.read(at("read"), d.Read), find: c.read(at("find"), d.Find)}
	out.check = c.read(reading{"contacts.check", contacts, faultPart, nil}, d.Check)
	c.need(out.check, "field", "message")
	out.create = c.write("contacts.create", d.Create, contacts)
	out.fill, out.remove = c.call("contacts.fill", d.Fill, contacts), c.call("contacts.remove", d.Remove, contacts)
	out.fillable = filled(out.fill)
	c.required("contacts.list", d.List != nil)
	c.required("contacts.read", d.Read != nil)
	c.required("contacts.find", d.Find != nil)
	c.required("contacts.create", d.Create != nil)
	c.required("contacts.fill", d.Fill != nil)
	c.required("contacts.remove", d.Remove != nil)
	for _, r := range []*read{out.list, out.read, out.find} {
		c.need(r, "key", "name", "customer")
	}
	return out
}

// kinds are the kinds of documents that there can be.
var kinds = []erpbridge.Kind{
	erpbridge.Quotation, erpbridge.Order, erpbridge.DeliveryNote, erpbridge.Invoice, erpbridge.CreditNote, erpbridge.PaymentRequest, erpbridge.AdvanceInvoice, erpbridge.CompletionAct,
}

func (c *compiler) document(kind erpbridge.Kind, d *Document) *documentCalls {
	path := "documents." + string(kind)
	if !slices.Contains(kinds, kind) {
		c.refuse(path, "document.kind", "there is no such kind of document; there are %v", kinds)
	}
	out := &documentCalls{kind: kind}
	if d == nil {
		c.refuse(path, "required", "is empty")
		return out
	}
	at := func(name string) reading { return reading{path + "." + name, documents, documentPart, d.Fields} }
	out.read, out.find = c.read(at("read"), d.Read), c.read(at("find"), d.Find)
	out.lines = c.read(reading{path + ".lines", documents, linePart, d.LineFields}, d.Lines)
	if d.Lines == nil && d.Read != nil && d.Read.Select == nil {
		out.lineFields = &read{path: path + ".line_fields", set: d.Read.Set + 1}
		out.lineFields.fields = c.fields(reading{path + ".line", documents, linePart, nil}, out.lineFields, d.LineFields)
		c.need(out.lineFields, "key", "quantity")
	}
	out.check = c.read(reading{path + ".check", documents, lineFault, nil}, d.Check)
	out.create, out.cancel = c.write(path+".create", d.Create, documents), c.call(path+".cancel", d.Cancel, documents)
	c.required(path+".read", d.Read != nil)
	c.required(path+".find", d.Find != nil || d.Create == nil)
	if d.Lines == nil && d.Read != nil && d.Read.Select != nil {
		c.refuse(path+".lines", "required", "is missing; a header that a select reads needs lines of its own")
	}
	for _, r := range []*read{out.read, out.find} {
		c.need(r, "key", "customer", "date", "state")
	}
	c.need(out.lines, "key", "quantity")
	c.need(out.check, "field", "message")
	return out
}

// filled lists what a call reads from the record fill.
func filled(c *call) (names []string) {
	if c == nil {
		return nil
	}
	for _, p := range c.params {
		if p.value != nil {
			for _, n := range p.value.Names() {
				if name, ok := strings.CutPrefix(n, "fill."); ok && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// ports puts what the description has into a Host; what it has not stays nil. An optional interface is
// implemented only by the types for hosts that have it.
func (h *host) ports() erpbridge.Host {
	out := erpbridge.Host{Name: h.name, Place: cmp.Or(h.options.Place, erpbridge.SameDatabase), Tolerance: h.tolerance, Companies: companyPort{h}, Customers: h.customerPort()}
	if h.users != nil {
		out.Users = userPort{h}
	}
	if h.products != nil && h.groups != nil {
		out.Catalogue = productPort{h}
	}
	if h.prices != nil {
		out.Prices = pricePort{h}
	}
	if h.contacts != nil {
		out.Contacts = contactPort{h}
	}
	if len(h.documents) > 0 {
		out.Documents = h.documentPort()
	}
	return out
}

func (h *host) customerPort() erpbridge.Customers {
	base := customerPort{h}
	switch removes, lists := h.customers.remove != nil, h.customers.search != nil; {
	case removes && lists:
		return struct {
			customerPort
			customerRemoval
			customerList
		}{base, customerRemoval{h}, customerList{h}}
	case removes:
		return struct {
			customerPort
			customerRemoval
		}{base, customerRemoval{h}}
	case lists:
		return struct {
			customerPort
			customerList
		}{base, customerList{h}}
	}
	return base
}

func (h *host) documentPort() erpbridge.Documents {
	base, history, items, payments := documentPort{h}, historyPort{h}, openItemPort{h}, paymentPort{h}
	switch [3]bool{h.history != nil, h.openItems != nil, h.payments != nil} {
	case [3]bool{true, true, true}:
		return struct {
			documentPort
			historyPort
			openItemPort
			paymentPort
		}{base, history, items, payments}
	case [3]bool{true, true, false}:
		return struct {
			documentPort
			historyPort
			openItemPort
		}{base, history, items}
	case [3]bool{true, false, true}:
		return struct {
			documentPort
			historyPort
			paymentPort
		}{base, history, payments}
	case [3]bool{false, true, true}:
		return struct {
			documentPort
			openItemPort
			paymentPort
		}{base, items, payments}
	case [3]bool{true, false, false}:
		return struct {
			documentPort
			historyPort
		}{base, history}
	case [3]bool{false, true, false}:
		return struct {
			documentPort
			openItemPort
		}{base, items}
	case [3]bool{false, false, true}:
		return struct {
			documentPort
			paymentPort
		}{base, payments}
	}
	return base
}
