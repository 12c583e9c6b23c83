package tablehost

import (
	"cmp"
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// prices are compiled [Prices].
type prices struct {
	*entity
	lists    *entity
	standard *formula.Program
}

func (c *compiler) prices(def *Prices) *prices {
	if def == nil {
		return nil
	}
	env := c.environments()
	p := &prices{
		entity:   c.entity(entityAt{"prices", pricePart, env.read, env.common}, &def.Entity),
		lists:    c.entity(entityAt{"prices.lists", priceListPart, env.read, env.common}, def.Lists),
		standard: c.formula(spot{"prices.standard", env.common}, def.Standard, formula.Any),
	}
	if p.entity != nil {
		for _, name := range []string{"product", "unit"} {
			if !p.has(name) {
				c.problem("prices.fields."+name, "required", "the field %s has no column; a price needs one", name)
			}
		}
	}
	if p.lists != nil && p.lists.key == nil {
		c.problem("prices.lists.key", "required", "nothing tells price lists apart; name the key")
	}
	return p
}

type priceLists struct{ h *host }

// Price implements erpbridge.Prices. Of the rows that hold, the customer's own list answers before the
// standard one, then the largest minimum quantity that is reached, then the youngest.
func (p priceLists) Price(ctx context.Context, s erpbridge.Session, q erpbridge.PriceQuestion) (erpbridge.Price, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Price{}, err
	}
	if q.Date.IsZero() {
		q.Date = w.today()
	}
	if w.h.prices == nil {
		return w.productPrice(ctx, q)
	}
	own := ""
	if q.Customer != "" && w.h.customers != nil {
		c, err := w.customer(ctx, q.Customer)
		if err != nil {
			return erpbridge.Price{}, err
		}
		own = c.PriceList
	}
	lists, err := w.priceLists(ctx, own)
	if err != nil {
		return erpbridge.Price{}, err
	}
	rows, err := w.read(ctx, question{of: w.h.prices.entity, where: w.h.prices.asked(q, lists)})
	if err != nil {
		return erpbridge.Price{}, err
	}
	rows = slices.DeleteFunc(rows, func(r record) bool { return !w.holds(r, q, lists) })
	if len(rows) == 0 {
		return erpbridge.Price{}, noPrice(q)
	}
	slices.SortStableFunc(rows, func(a, b record) int {
		return cmp.Or(
			cmp.Compare(rank(lists, b), rank(lists, a)), b.number("min_quantity").Cmp(a.number("min_quantity")), b.day("from").Compare(a.day("from")),
			cmp.Compare(a.text("list"), b.text("list")),
		)
	})
	r := rows[0]
	return erpbridge.Price{Unit: r.amount("unit"), Discount: money.NewPercent(r.number("discount")), List: lists[r.text("list")].name}, nil
}

func noPrice(q erpbridge.PriceQuestion) error {
	return fault.New(fault.NotFound, "product %q has no price in %s on %s", q.Product, q.Currency, q.Date)
}

// asked narrows the rows down by what has columns.
func (p *prices) asked(q erpbridge.PriceQuestion, lists map[string]priceList) []cond {
	where := []cond{p.is("product", q.Product)}
	plain := func(name string) bool {
		return p.has(name) && p.fields[name].host == nil && p.fields[name].formula() == nil && p.fields[name].empty == nil
	}
	if plain("currency") {
		where = append(where, p.is("currency", q.Currency))
	}
	if plain("list") && lists != nil {
		in := cond{column: p.fields["list"].column, op: "in"}
		for _, key := range sorted(lists) {
			in.values = append(in.values, key)
		}
		where = append(where, in)
	}
	return where
}

// priceList is a list that may answer: the customer's own, or one that holds for everybody.
type priceList struct {
	name string
	own  bool
}

// priceLists gives the lists that may answer, by key; nil where the host has one list only.
func (w work) priceLists(ctx context.Context, own string) (map[string]priceList, error) {
	p := w.h.prices
	if p.fields["list"] == nil {
		return nil, nil
	}
	lists := map[string]priceList{}
	if own != "" {
		lists[own] = priceList{name: own, own: true}
	}
	if p.standard != nil {
		v, err := w.run(ctx, "prices.standard", p.standard, w.vars())
		if err != nil {
			return nil, err
		}
		if key := textOf(v); lists[key].name == "" {
			lists[key] = priceList{name: key}
		}
	}
	if p.lists == nil {
		if p.standard == nil {
			lists[""] = priceList{} // rows without a list hold for everybody
		}
		return lists, nil
	}
	rows, err := w.read(ctx, question{of: p.lists})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		had, asked := lists[r.key]
		if asked || r.flag("standard") {
			lists[r.key] = priceList{name: cmp.Or(r.text("name"), r.key), own: had.own}
		}
	}
	return lists, nil
}

func rank(lists map[string]priceList, r record) int {
	if lists[r.text("list")].own {
		return 1
	}
	return 0
}

// holds reports whether a row answers the question.
func (w work) holds(r record, q erpbridge.PriceQuestion, lists map[string]priceList) bool {
	if lists != nil {
		if _, asked := lists[r.text("list")]; !asked {
			return false
		}
	}
	currency := w.memo.locale.Currency
	if w.h.prices.fields["currency"] != nil {
		currency = cmp.Or(r.text("currency"), currency)
	}
	from, to := r.day("from"), r.day("to")
	return currency == q.Currency && r.number("min_quantity").LessThanOrEqual(q.Quantity.Decimal) &&
		!q.Date.Before(from) && (to.IsZero() || !q.Date.After(to))
}

// productPrice answers from the product's own row.
func (w work) productPrice(ctx context.Context, q erpbridge.PriceQuestion) (erpbridge.Price, error) {
	r, found, err := w.one(ctx, question{of: w.h.products, where: []cond{w.h.products.key.is(q.Product)}})
	if err != nil {
		return erpbridge.Price{}, err
	}
	if !found || r.value("price") == nil || q.Currency != w.memo.locale.Currency {
		return erpbridge.Price{}, noPrice(q)
	}
	return erpbridge.Price{Unit: r.amount("price")}, nil
}

// vatTable is a compiled [VAT].
type vatTable struct {
	*entity
	fixed map[string]money.Percent
}

func (c *compiler) vatTable(def *VAT) *vatTable {
	if def == nil {
		return nil
	}
	v := &vatTable{}
	if def.Table != "" || len(def.Fields) > 0 {
		env := c.environments()
		v.entity = c.entity(entityAt{"vat", vatPart, env.read, env.common}, &def.Entity)
		if v.entity != nil && v.key == nil {
			c.problem("vat.key", "required", "nothing holds the VAT code; name the key's column")
		}
	}
	for _, code := range sorted(def.Rates) {
		p, err := money.ParsePercent(def.Rates[code])
		if c.refuse("vat.rates."+code, "vat.rate", err) {
			continue
		}
		if v.fixed == nil {
			v.fixed = map[string]money.Percent{}
		}
		v.fixed[code] = p
	}
	return v
}

// rate is a VAT rate with the days on which it is in force; zero dates are open ends.
type rate = vatRate

// rates reads the VAT rates by code; a code may have several, one after the other.
func (w work) rates(ctx context.Context) (map[string][]rate, error) {
	list := map[string][]rate{}
	v := w.h.vat
	if v == nil {
		return list, nil
	}
	for code, p := range v.fixed {
		list[code] = []rate{{Rate: p}}
	}
	if v.entity == nil {
		return list, nil
	}
	rows, err := w.read(ctx, question{of: v.entity})
	for _, r := range rows {
		list[r.key] = append(list[r.key], rate{Rate: money.NewPercent(r.number("rate")), From: r.day("from"), To: r.day("to")})
	}
	return list, err
}

// rateOn gives the rate that is in force on a day; false where there is none, with the last one there was.
func rateOn(rates []rate, day civil.Date) (v rate, inForce bool) {
	for _, r := range rates {
		if r.inForce(day) {
			return r, true
		}
		if v = r; !r.To.IsZero() && r.To.Before(v.To) {
			v = r
		}
	}
	return v, false
}
