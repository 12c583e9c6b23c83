package tablehost

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// Trial says what a dry run writes. The zero Trial is a good one for a host with one company.
type Trial struct {
	// Company is the host's key of the company; where it is empty the one of the mapping, or the first in
	// the host's table of companies.
	Company string
	// User is the host's key of the user who acts; the first of the host's users where it is empty.
	User string
	// Customer is the key of a customer who is there already. Where it is empty a new one is made of Lead.
	Customer string
	// Lead is who becomes a customer; where its name is empty, a company that is made up.
	Lead erpbridge.Customer
	// Product is the key of what is ordered; the first product that is sold where it is empty.
	Product string
	// Quantity of it; 2 where it is zero.
	Quantity money.Quantity
	// Now is the instant of the dry run.
	Now time.Time
}

// Act is one thing that a dry run did.
type Act struct {
	// Title says what it is: "customer", "contact", "order", "delivery".
	Title string
	// Statements are what was sent for it, in order, reads among them.
	Statements []Statement
	// Result is the customer, contact or document as the host keeps it afterwards.
	Result any
	// Err is why the host refused; the dry run ends there.
	Err error
}

// DryRun carries a made-up lead through a mapping as a conversion does, customer, contact person, order, and
// what follows the order, in one transaction that is rolled back at the end. It needs no tables of CRM+. An
// error means that it could not begin; what the host refuses is the Err of the last act.
func DryRun(ctx context.Context, db *sql.DB, m Mapping, trial Trial) (acts []Act, err error) {
	dialect := catalog.DialectOf(db)
	if dialect == "" {
		return nil, fault.New(fault.Invalid, "the database's driver %T is neither SQLite's nor SQL Server's", db.Driver())
	}
	cat, err := catalog.Read(ctx, db, dialect)
	if err != nil {
		return nil, fmt.Errorf("tablehost: reading the catalogue: %w", err)
	}
	r := &rehearsal{trial: trial, m: m}
	r.host, err = Compile(cat, m, Options{Trace: func(s Statement) { r.sent = append(r.sent, s) }})
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "no transaction can be begun")
	}
	defer func() { _ = tx.Rollback() }() // that is what makes it a dry run
	if err := r.begin(ctx, tx, cat); err != nil {
		return nil, err
	}
	r.play(ctx)
	return r.acts, nil
}

// rehearsal is a dry run that goes on.
type rehearsal struct {
	trial Trial
	m     Mapping
	host  erpbridge.Host
	s     erpbridge.Session
	sent  []Statement
	acts  []Act

	company  erpbridge.Company
	customer erpbridge.Customer
	product  erpbridge.Product
	price    money.Amount
}

// begin finds company and user.
func (r *rehearsal) begin(ctx context.Context, tx *sql.Tx, cat *catalog.Catalog) error {
	now := r.trial.Now
	if now.IsZero() {
		now = time.Now()
	}
	r.s = erpbridge.Session{Company: r.trial.Company, Tx: tx, UserID: r.trial.User, Now: now.UTC(), Today: civil.Of(now)}
	if r.s.Company == "" {
		key, err := r.firstCompany(ctx, tx, cat)
		if err != nil {
			return err
		}
		r.s.Company = key
	}
	if r.host.Companies != nil {
		c, err := r.host.Companies.Company(ctx, r.s)
		if err != nil {
			return fmt.Errorf("reading the company %s: %w", r.s.Company, err)
		}
		r.company = c
		r.s.Today = civil.In(now, c.Locale.Location())
	}
	if r.s.UserID == "" && r.host.Users != nil {
		users, err := r.host.Users.ListUsers(ctx, r.s)
		if err != nil {
			return fmt.Errorf("reading the users: %w", err)
		}
		if len(users) > 0 {
			r.s.UserID = users[0].ID
		}
	}
	return nil
}

// firstCompany is the only company, or the first of the host's table.
func (r *rehearsal) firstCompany(ctx context.Context, tx *sql.Tx, cat *catalog.Catalog) (string, error) {
	scope := r.m.Company
	for _, keys := range []map[string]string{scope.Schemas, scope.Databases} {
		if len(keys) > 0 {
			return sorted(keys)[0], nil
		}
	}
	if scope.Key != "" {
		return scope.Key, nil
	}
	if scope.Column == "" {
		return "1", nil
	}
	table, key := "", ""
	if r.m.Companies != nil {
		table, key = r.m.Companies.Table, r.m.Companies.Key.Column
	}
	if table == "" || key == "" {
		return "", fault.New(fault.Invalid, "the host has several companies and no table of them; say which one is meant (-company)")
	}
	t, err := cat.Table(table)
	if err != nil {
		return "", err
	}
	c, err := t.Column(key)
	if err != nil {
		return "", err
	}
	var raw any
	if err := tx.QueryRowContext(ctx, "SELECT MIN("+c.Quoted()+") FROM "+t.Quoted()).Scan(&raw); err != nil {
		return "", fmt.Errorf("reading the companies: %w", err)
	}
	v, err := c.Value(cat.Dialect, raw, catalog.Storage{})
	if err != nil {
		return "", err
	}
	if v == nil {
		return "", fault.New(fault.Invalid, "%s has no rows; the dry run needs a company", t)
	}
	return textOf(v), nil
}

// act does one thing and notes what was sent for it; false where the host refused.
func (r *rehearsal) act(title string, do func() (any, error)) bool {
	r.sent = nil
	result, err := do()
	r.acts = append(r.acts, Act{Title: title, Statements: r.sent, Result: result, Err: err})
	return err == nil
}

func (r *rehearsal) play(ctx context.Context) {
	if !r.playCustomer(ctx) || !r.playContact(ctx) {
		return
	}
	if r.host.Documents == nil {
		return
	}
	if r.host.Catalogue != nil && !r.act("product", func() (any, error) { return r.product, r.findProduct(ctx) }) {
		return
	}
	r.acts[len(r.acts)-1].Result = r.product
	r.playDocuments(ctx)
}

func (r *rehearsal) playCustomer(ctx context.Context) bool {
	if r.trial.Customer != "" {
		return r.act("customer", func() (_ any, err error) {
			r.customer, err = r.host.Customers.Customer(ctx, r.s, r.trial.Customer)
			return r.customer, err
		})
	}
	draft := r.trial.Lead
	if draft.Name == "" {
		draft = madeUp(r.company)
	}
	return r.act("customer", func() (_ any, err error) {
		r.customer, err = r.host.Customers.Create(ctx, r.s, draft)
		return r.customer, err
	})
}

// madeUpIn is who a dry run makes up, by country: tax ids with correct check digits that belong to nobody who
// would mind (the Hungarian one is the authority's own example, the others are public bodies), a town and its
// code.
var madeUpIn = map[string]struct{ taxID, code, city, phone string }{
	"HU": {"12345676-2-41", "1011", "Budapest", "+3612345678"},
	"GR": {"094259216", "105 52", "Athens", "+302103375000"},
	"RU": {"7707083893", "101000", "Moscow", "+74951234567"},
	"IL": {"", "9100000", "Jerusalem", "+97225000000"},
	"US": {"", "10001", "New York", "+12125550100"},
}

// madeUp is a company of the country that the host's is in.
func madeUp(c erpbridge.Company) erpbridge.Customer {
	country := c.Address.Country
	if country == "" {
		country = "HU"
	}
	at, known := madeUpIn[country]
	if !known {
		at.code, at.city, at.phone = "1000", "Sample Town", "+442079460000"
	}
	return erpbridge.Customer{
		Name: "Dry Run Trading", TaxID: at.taxID, Email: "dry.run@example.com", Phone: at.phone, Website: "https://example.com",
		Address:  erpbridge.Address{Line1: "Main Street 1", PostalCode: at.code, City: at.city, Country: country},
		Currency: c.Locale.Currency, Language: c.Locale.Language,
	}
}

func (r *rehearsal) playContact(ctx context.Context) bool {
	if r.host.Contacts == nil || r.trial.Customer != "" {
		return true
	}
	return r.act("contact", func() (any, error) {
		return r.host.Contacts.CreateContact(ctx, r.s, erpbridge.Contact{
			Customer: r.customer.Key, Name: "Dana Dry", Given: "Dana", Family: "Dry", JobTitle: "Buyer", Email: "dana.dry@example.com", Phone: r.customer.Phone,
			Language: r.language(),
		})
	})
}

func (r *rehearsal) language() locale.Language {
	if r.customer.Language != "" {
		return r.customer.Language
	}
	return r.company.Locale.Language
}

// findProduct finds what is ordered and its price; a price that the host does not tell is 100.
func (r *rehearsal) findProduct(ctx context.Context) error {
	key := r.trial.Product
	if key == "" {
		list, err := r.host.Catalogue.Products(ctx, r.s, "", 50)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(p erpbridge.Product) bool { return !p.Discontinued })
		if i < 0 {
			return fault.New(fault.NotFound, "among the host's first %d products none is sold; name one (-product)", len(list))
		}
		key = list[i].Key
	}
	p, err := r.host.Catalogue.Product(ctx, r.s, key)
	if err != nil {
		return err
	}
	r.product, r.price = p, money.MustAmount("100")
	if r.host.Prices == nil {
		return nil
	}
	price, err := r.host.Prices.Price(ctx, r.s, erpbridge.PriceQuestion{
		Product: key, Customer: r.customer.Key, Quantity: r.quantity(), Currency: r.currency(), Date: r.s.Today,
	})
	if err == nil {
		r.price = price.Unit
	} else if fault.CodeOf(err) != fault.NotFound {
		return err
	}
	return nil
}

func (r *rehearsal) quantity() money.Quantity {
	if r.trial.Quantity.IsZero() {
		return money.MustQuantity("2")
	}
	return r.trial.Quantity
}

func (r *rehearsal) currency() string {
	for _, c := range []string{r.customer.Currency, r.company.Locale.Currency, r.m.Locale.Currency} {
		if c != "" {
			return c
		}
	}
	return "EUR"
}

// playDocuments writes an order, or where the host has none the first kind that needs no other, and then
// what follows it.
func (r *rehearsal) playDocuments(ctx context.Context) {
	kinds := r.host.Documents.Kinds()
	first := erpbridge.Order
	if !slices.Contains(kinds, first) {
		i := slices.IndexFunc(kinds, func(k erpbridge.Kind) bool { return k != erpbridge.CreditNote && k != erpbridge.DeliveryNote })
		if i < 0 {
			return
		}
		first = kinds[i]
	}
	made, ok := r.write(ctx, erpbridge.Document{
		Ref: erpbridge.Ref{Kind: first}, Customer: r.customer.Key, Date: r.s.Today, Currency: r.currency(), Reference: "DRY-RUN-1", Note: "dry run",
		Lines: []erpbridge.DocumentLine{{
			Product: r.product.Key, Name: r.product.Name, Unit: r.product.Unit, Quantity: r.quantity(), UnitPrice: r.price,
			VATCode: r.product.VATCode, VATRate: r.product.VATRate,
		}},
	})
	if !ok {
		return
	}
	for _, kind := range []erpbridge.Kind{erpbridge.DeliveryNote, erpbridge.Invoice} {
		if slices.Contains(kinds, kind) && kind != first && r.follows(kind, made.Kind) {
			next, ok := r.write(ctx, following(kind, made))
			if !ok {
				return
			}
			if r.follows(erpbridge.Invoice, kind) {
				made = next
			}
		}
	}
}

// follows reports whether documents of the kind can follow those of the other.
func (r *rehearsal) follows(kind, other erpbridge.Kind) bool {
	d := r.m.Documents[kind]
	return d != nil && !d.ReadOnly && (d.Of == other || d.Source != nil && slices.Contains(d.Source.From, other))
}

// following is the draft of a document that takes all of another.
func following(kind erpbridge.Kind, made erpbridge.Document) erpbridge.Document {
	source := made.Ref
	d := erpbridge.Document{
		Ref: erpbridge.Ref{Kind: kind}, Customer: made.Customer, Date: made.Date, Currency: made.Currency, Reference: made.Reference, Source: &source,
	}
	for _, l := range made.Lines {
		d.Lines = append(d.Lines, erpbridge.DocumentLine{
			SourceLine: l.Key, Product: l.Product, Name: l.Name, Unit: l.Unit, UnitPrice: l.UnitPrice, Discount: l.Discount, VATCode: l.VATCode,
			VATRate: l.VATRate, Quantity: l.Quantity,
		})
	}
	return d
}

func (r *rehearsal) write(ctx context.Context, draft erpbridge.Document) (made erpbridge.Document, ok bool) {
	ok = r.act(string(draft.Kind), func() (_ any, err error) {
		made, err = r.host.Documents.Create(ctx, r.s, draft)
		return made, err
	})
	return made, ok
}
