package tablehost

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// Options are what the program that embeds CRM+ decides, and no mapping can.
type Options struct {
	// AllowUnsafeSQL lets steps send statements of their own (unsafe_sql).
	AllowUnsafeSQL bool
	// Place says where the tables of CRM+ are, seen from the host's; empty means the same database.
	Place erpbridge.Place
	// Trace is called with each statement before it is sent.
	Trace func(Statement)
}

// New makes a Host from a mapping of the database's tables. It reads the database's catalogue once, and
// names everything in the mapping that does not fit it. The host works in the transactions of its sessions
// and keeps nothing but what it compiled; it is safe for many goroutines.
func New(ctx context.Context, db *sql.DB, mapping Mapping, options Options) (erpbridge.Host, error) {
	dialect := catalog.DialectOf(db)
	if dialect == "" {
		return erpbridge.Host{}, fault.New(fault.Invalid, "the database's driver %T is neither SQLite's nor SQL Server's", db.Driver())
	}
	cat, err := catalog.Read(ctx, db, dialect)
	if err != nil {
		return erpbridge.Host{}, fmt.Errorf("tablehost: reading the catalogue: %w", err)
	}
	return Compile(cat, mapping, options)
}

// Compile makes a Host for a database whose catalogue was read before.
func Compile(cat *catalog.Catalog, mapping Mapping, options Options) (erpbridge.Host, error) {
	h, err := compile(cat, mapping, options)
	if err != nil {
		return erpbridge.Host{}, err
	}
	return h.ports(), nil
}

// compile compiles the mapping, for each company where they have tables of their own.
func compile(cat *catalog.Catalog, mapping Mapping, options Options) (*host, error) {
	first := &compiler{mapping: &mapping, catalog: cat, options: options}
	h := first.compile()
	if err := first.faults.Err("the mapping of %q does not fit the database", mapping.Name); err != nil {
		return nil, err
	}
	for _, scope := range []map[string]string{mapping.Company.Schemas, mapping.Company.Databases} {
		for _, company := range sorted(scope) {
			c := &compiler{mapping: &mapping, catalog: cat, options: options, company: company}
			own := c.compile()
			if err := c.faults.Err("the mapping of %q does not fit the tables of company %s", mapping.Name, company); err != nil {
				return nil, err
			}
			if h.companies == nil {
				h.companies = map[string]*host{}
			}
			h.companies[company] = own
		}
	}
	return h, nil
}

// host is a compiled mapping.
type host struct {
	mapping Mapping
	catalog *catalog.Catalog
	dialect catalog.Dialect
	options Options
	// companies are the hosts of companies that have tables of their own, nil where all share them.
	companies map[string]*host

	// zones are the time zones that companies named.
	zones sync.Map

	tolerance  money.Amount
	locale     locale.Locale
	fiscalYear *formula.Program

	company, users, groups, products *entity
	// letterhead is as much of the company as calls and formulas need.
	letterhead *entity
	// owner is as much of a customer as formulas need, goods as much of products as documents need.
	owner, goods        *entity
	prices              *prices
	vat                 *vatTable
	customers           *customers
	contacts            *contacts
	papers              map[erpbridge.Kind]*paper
	readsUser           bool
	openItems, payments *entity
}

func (c *compiler) compile() *host {
	m := c.mapping
	c.lookups, c.counters = map[string]*lookup{}, map[string]*counter{}
	c.stored()
	env := c.environments()
	h := &host{mapping: *m, catalog: c.catalog, dialect: c.catalog.Dialect, options: c.options}
	h.tolerance, h.locale = c.tolerance(), c.locale()
	h.fiscalYear = c.formula(spot{"fiscal_year", env.fiscal}, m.FiscalYear, formula.Whole)
	h.company = c.entity(entityAt{"companies", companyPart, env.read, env.common}, m.Companies)
	h.users = c.entity(entityAt{"users", userPart, env.read, env.common}, m.Users)
	h.groups = c.entity(entityAt{"groups", groupPart, env.read, env.common}, m.Groups)
	h.products = c.entity(entityAt{"products", productPart, env.read, env.common}, m.Products)
	h.prices = c.prices(m.Prices)
	h.vat = c.vatTable(m.VAT)
	h.customers = c.customers(m.Customers)
	h.contacts = c.contacts(m.Contacts, h.customers)
	h.papers = c.papers()
	h.openItems = c.entity(entityAt{"open_items", openItemPart, env.read, env.common}, m.OpenItems)
	h.payments = c.entity(entityAt{"payments", paymentPart, env.read, env.common}, m.Payments)
	for _, name := range sorted(m.Counters) {
		c.counter("counters."+name, name)
	}
	for _, name := range sorted(m.Lookups) {
		c.lookup(spot{path: "lookups." + name}, name)
	}
	h.readsUser = c.readsUser && h.users != nil
	h.letterhead = c.narrowed(entityAt{"companies", companyPart, env.read, env.common}, m.Companies, "company", "language", "currency", "zone", "country")
	h.goods = c.narrowed(entityAt{"products", productPart, env.read, env.common}, m.Products, "product", "code", "name", "unit", "vat_code", "vat_rate", "discontinued")
	if h.customers != nil {
		h.owner = c.narrowed(entityAt{"customers", customerPart, env.read, env.customer}, &m.Customers.Entity, "customer")
	}
	return h
}

func (c *compiler) tolerance() money.Amount {
	if c.mapping.Tolerance == "" {
		return money.Amount{}
	}
	a, err := money.ParseAmount(c.mapping.Tolerance)
	if err == nil && a.IsNegative() {
		err = errors.New("it is below zero")
	}
	c.refuse("tolerance", "tolerance", err)
	return a
}

// locale is what holds where a company's row says nothing.
func (c *compiler) locale() locale.Locale {
	def := c.mapping.Locale
	l := locale.Locale{Language: locale.English, Currency: def.Currency}
	if def.Language != "" {
		var known bool
		if l.Language, known = locale.ParseLanguage(def.Language); !known {
			c.problem("locale.language", "language.unknown", "%q is not a language of CRM+; there are %v", def.Language, locale.Languages)
		}
	}
	if def.Currency != "" && !money.ValidCurrency(def.Currency) {
		c.problem("locale.currency", "currency.form", "%q is not a currency; write its code of three letters, as EUR", def.Currency)
	}
	if def.Zone != "" {
		var err error
		l.Zone, err = time.LoadLocation(def.Zone)
		c.refuse("locale.zone", "zone", err)
	}
	return l
}

// work is one call on the transaction of a session.
type work struct {
	erpbridge.Session
	h    *host
	memo *memo
}

// memo is what a call has read already.
type memo struct {
	company map[string]any
	locale  locale.Locale
	user    map[string]any
	looked  map[string]any
	// claimed is what CRM+ remembered under the tokens that were asked for.
	claimed map[string]remembered
}

// work checks a session and begins a call.
func (h *host) work(s erpbridge.Session) (work, error) {
	if s.Tx == nil {
		return work{}, fault.New(fault.Invalid, "the session has no transaction; this host works in the caller's")
	}
	if s.Company == "" {
		return work{}, fault.New(fault.Invalid, "the session names no company")
	}
	if h.companies != nil {
		own, known := h.companies[s.Company]
		if !known {
			return work{}, fault.New(fault.NotFound, "there is no company %q; the mapping names the schema or database of each (company.schemas, company.databases)", s.Company)
		}
		h = own
	}
	if s.Now.IsZero() {
		s.Now = time.Now()
	}
	return work{s, h, &memo{looked: map[string]any{}, claimed: map[string]remembered{}}}, nil
}

// begin makes the work and reads what formulas see of the company and the user.
func (h *host) begin(ctx context.Context, s erpbridge.Session) (work, error) {
	w, err := h.work(s)
	if err != nil {
		return work{}, err
	}
	return w, w.settle(ctx)
}

// settle reads the company, once, and with it the zone and what formulas see.
func (w work) settle(ctx context.Context) error {
	if w.memo.company != nil {
		return nil
	}
	w.memo.company = map[string]any{"key": w.Company}
	c, r, err := w.companyRow(ctx, w.h.letterhead)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		c.Locale = w.h.locale
	case err != nil:
		return err
	case r.of != nil:
		w.memo.company = r.fields()
		w.memo.company["key"] = w.Company
	}
	w.memo.locale = c.Locale
	w.memo.company["language"] = string(c.Locale.Language)
	w.memo.company["currency"] = c.Locale.Currency
	w.memo.company["zone"] = c.Locale.Location().String()
	return w.readUser(ctx)
}

// readUser reads the user who acts, where formulas ask for more than his key.
func (w work) readUser(ctx context.Context) error {
	w.memo.user = map[string]any{}
	if w.h.readsUser && w.UserID != "" {
		r, found, err := w.one(ctx, question{of: w.h.users, where: []cond{w.h.users.key.is(w.UserID)}})
		if err != nil {
			return err
		}
		if found {
			w.memo.user = r.fields()
		}
	}
	w.memo.user["id"], w.memo.user["key"] = w.UserID, w.UserID
	return nil
}

// now is what a clock on the company's wall shows.
func (w work) now() civil.DateTime {
	t := civil.WallIn(w.Now, w.memo.locale.Location())
	t.Nanosecond -= t.Nanosecond % int(time.Millisecond)
	return t
}

// today is the business date.
func (w work) today() civil.Date {
	if !w.Today.IsZero() {
		return w.Today
	}
	return civil.In(w.Now, w.memo.locale.Location())
}

// vars gives the variables of formulas: those that every place has, and more.
func (w work) vars(more ...vars) vars {
	v := vars{
		"company": w.memo.company, "user": w.memo.user, "now": w.now(), "today": w.today(), "token": w.Token,
	}
	for _, m := range more {
		for name, value := range m {
			v[name] = value
		}
	}
	return v
}

// fiscal gives the fiscal year of a day.
func (w work) fiscal(ctx context.Context, day civil.Date) (int64, error) {
	if w.h.fiscalYear == nil {
		return int64(day.Year), nil
	}
	v, err := w.run(ctx, "fiscal_year", w.h.fiscalYear, w.vars(vars{"date": day}))
	if d, ok := v.(decimal.Decimal); ok {
		return d.IntPart(), err
	}
	n, _ := v.(int64)
	return n, err
}
