package tablehost

import (
	"context"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
)

// customers are compiled [Customers].
type customers struct {
	*entity
	def   *Customers
	token *column
	// unique: only one row may have a token.
	unique             bool
	set, changed, keep []*setting
	// early and late are those of set and keep, for a new row.
	early, late   []*setting
	match         []match
	search        []*column
	sort          *column
	before, after []*step
}

// match is a compiled [Match].
type match struct {
	// by is email, phone, tax_id or name.
	by         string
	column     *column
	normalised bool
}

// matches are the ways in which customers are found, in the order in which they are tried.
var matches = []string{"email", "phone", "tax_id", "name"}

func (c *compiler) customers(def *Customers) *customers {
	if def == nil {
		return nil
	}
	env := c.environments()
	at := spot{"customers", env.customer}
	e := c.entity(entityAt{"customers", customerPart, env.read, env.customer}, &def.Entity)
	if e == nil {
		return nil
	}
	p := &customers{entity: e, def: def}
	if p.key == nil {
		c.problem("customers.key", "required", "nothing tells customers apart; name the key")
	}
	if p.fields["name"] == nil {
		c.problem("customers.fields.name", "required", "customers have a name; say where it stands")
	}
	if def.Token != "" {
		p.token = c.column(p.table, "customers.token", def.Token)
		p.unique = p.table.uniquely(p.token)
	}
	p.set = c.settings(p.table, at.at("set"), def.Set)
	p.changed = c.settings(p.table, at.at("changed"), def.Changed)
	p.keep = c.settings(p.table, at.at("keep"), def.Keep)
	p.early, p.late = apart(append(slices.Clone(p.set), p.keep...))
	p.before, p.after = c.steps(at.at("before"), def.Before), c.steps(at.at("after"), def.After)
	c.finders(p)
	for _, list := range []struct {
		path  string
		names []string
	}{{"required", def.Required}, {"to_invoice", def.ToInvoice}} {
		for _, name := range list.names {
			if _, known := customerPart[name]; !known {
				c.problem("customers."+list.path, "field.unknown", "customers have no field %q", name)
			}
		}
	}
	switch def.Remove {
	case "", removeDelete:
	case removeBlock:
		if !p.has("blocked") {
			c.problem("customers.remove", "customers.remove", "no column says that a customer is blocked; map the field blocked")
		}
	default:
		c.problem("customers.remove", "customers.remove", "%q is not known here; there are delete and block", def.Remove)
	}
	return p
}

// The values of Customers.Remove.
const (
	removeDelete = "delete"
	removeBlock  = "block"
)

// finders compiles how customers are matched, searched and sorted.
func (c *compiler) finders(p *customers) {
	for _, by := range sorted(p.def.Match) {
		known := false
		for _, m := range matches {
			known = known || m == by
		}
		if !known {
			c.problem("customers.match."+by, "match.unknown", "customers are not found by %q; there are %v", by, matches)
		}
	}
	for _, by := range matches {
		def, given := p.def.Match[by]
		if !given {
			continue
		}
		if col := c.column(p.table, "customers.match."+by, def.Column); col != nil {
			p.match = append(p.match, match{by: by, column: col, normalised: def.Normalised})
		}
	}
	for i, name := range p.def.Search {
		if col := c.column(p.table, "customers.search["+strconv.Itoa(i)+"]", name); col != nil {
			p.search = append(p.search, col)
		}
	}
	if len(p.def.Search) == 0 {
		p.search = own(p.named("name", "code", "email", "phone", "tax_id"))
		if p.key != nil {
			p.search = append(p.search, p.key.column)
		}
	}
	switch {
	case p.def.Sort != "":
		p.sort = c.column(p.table, "customers.sort", p.def.Sort)
	case p.has("name"):
		p.sort = p.fields["name"].column
	}
}

// own leaves the columns of the entity's own table.
func own(columns []*column) []*column {
	var list []*column
	for _, c := range columns {
		if c.alias == "t" {
			list = append(list, c)
		}
	}
	return list
}

type customerPort struct{ h *host }

// removableCustomers are customers that can be taken back.
type removableCustomers struct{ customerPort }

// Customer implements erpbridge.Customers.
func (p customerPort) Customer(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Customer, error) {
	w, err := p.h.work(s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	return w.customer(ctx, key)
}

func (w work) customer(ctx context.Context, key string) (erpbridge.Customer, error) {
	r, err := w.customerRow(ctx, key)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	return customerOf(r), nil
}

func (w work) customerRow(ctx context.Context, key string) (record, error) {
	return w.customerAs(ctx, w.h.customers.entity, key)
}

// customerAs reads as much of a customer as the entity has.
func (w work) customerAs(ctx context.Context, e *entity, key string) (record, error) {
	r, found, err := w.one(ctx, question{of: e, where: []cond{e.key.is(key)}})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "there is no customer %q", key)
	}
	return r, err
}

// Customers implements erpbridge.CustomerStates.
func (p customerPort) Customers(ctx context.Context, s erpbridge.Session, keys []string) ([]erpbridge.Customer, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	return w.customersAmong(ctx, keys)
}

func (w work) customersAmong(ctx context.Context, keys []string) ([]erpbridge.Customer, error) {
	var list []erpbridge.Customer
	if len(keys) == 0 {
		return nil, nil
	}
	for _, where := range w.h.customers.key.among(keys) {
		rows, err := w.read(ctx, question{of: w.h.customers.entity, where: []cond{where}})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			list = append(list, customerOf(r))
		}
	}
	return list, nil
}

func customerOf(r record) erpbridge.Customer {
	c := erpbridge.Customer{
		Key: r.key, Code: r.text("code"), Person: r.flag("person"), Name: r.text("name"), Given: r.text("given"), Family: r.text("family"),
		TaxID: r.text("tax_id"), EUVatID: r.text("eu_vat_id"), Email: r.text("email"), Phone: r.text("phone"), Website: r.text("website"),
		Address: addressOf(r), Currency: r.text("currency"), PriceList: r.text("price_list"), PaymentDays: int(r.number("payment_days").IntPart()),
		Language: languageOf(r.text("language")), Blocked: r.flag("blocked"),
	}
	if r.of.fields["code"] == nil {
		c.Code = c.Key
	}
	return c
}

// languageOf reads a language of the host's; one that CRM+ does not have stays as it is.
func languageOf(text string) locale.Language {
	if l, known := locale.ParseLanguage(text); known {
		return l
	}
	return locale.Language(text)
}

// customerDraft gives a customer's fields by their names in mappings.
func customerDraft(c erpbridge.Customer) map[string]any {
	a := c.Address
	return map[string]any{
		"key": c.Key, "code": c.Code, "person": c.Person, "name": c.Name, "given": c.Given, "family": c.Family, "tax_id": c.TaxID, "eu_vat_id": c.EUVatID,
		"email": c.Email, "phone": c.Phone, "website": c.Website, "line1": a.Line1, "line2": a.Line2, "postal_code": a.PostalCode, "city": a.City,
		"region": a.Region, "country": a.Country, "currency": c.Currency, "price_list": c.PriceList, "payment_days": int64(c.PaymentDays),
		"language": string(c.Language), "blocked": c.Blocked,
	}
}

// customerFrom is the inverse of customerDraft.
func customerFrom(m map[string]any) erpbridge.Customer {
	text := func(name string) string { return textOf(m[name]) }
	person, _ := m["person"].(bool)
	blocked, _ := m["blocked"].(bool)
	return erpbridge.Customer{
		Key: text("key"), Code: text("code"), Person: person, Name: text("name"), Given: text("given"), Family: text("family"), TaxID: text("tax_id"),
		EUVatID: text("eu_vat_id"), Email: text("email"), Phone: text("phone"), Website: text("website"),
		Address: erpbridge.Address{
			Line1: text("line1"), Line2: text("line2"), PostalCode: text("postal_code"), City: text("city"), Region: text("region"), Country: text("country"),
		},
		Currency: text("currency"), PriceList: text("price_list"), PaymentDays: int(numberOf(m["payment_days"]).IntPart()),
		Language: locale.Language(text("language")), Blocked: blocked,
	}
}

// FindCustomer implements erpbridge.CustomerLookup.
func (p customerPort) FindCustomer(ctx context.Context, s erpbridge.Session, token string) (erpbridge.Customer, error) {
	w, err := p.h.work(s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	r, _, err := w.madeCustomer(ctx, w.h.customers.claim(token))
	switch {
	case err != nil:
		return erpbridge.Customer{}, err
	case r.of == nil:
		return erpbridge.Customer{}, fault.New(fault.NotFound, "no customer was made under the token %q", token)
	}
	return customerOf(r), nil
}

func (p *customers) claim(token string) claim {
	return claim{kind: "customer", token: token, column: p.token, unique: p.unique}
}

// madeCustomer looks for what a token made: at the host by its own column, else by what CRM+ remembers.
// The row is of nothing where there is none; stale is the remembered key of a row that is gone.
func (w work) madeCustomer(ctx context.Context, c claim) (r record, stale string, err error) {
	p := w.h.customers
	if c.token == "" {
		return record{}, "", nil
	}
	if c.column != nil {
		r, found, err := w.one(ctx, question{of: p.entity, where: []cond{{column: c.column, value: c.token}}})
		if err != nil || found {
			return r, "", err
		}
	}
	key, err := w.remembered(ctx, c)
	if err != nil || key == "" {
		return record{}, "", err
	}
	r, found, err := w.one(ctx, question{of: p.entity, where: []cond{p.key.is(key)}})
	if !found {
		r = record{}
	}
	return r, key, err
}
