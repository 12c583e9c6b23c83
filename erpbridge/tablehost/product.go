package tablehost

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

type catalogue struct{ h *host }

// Product implements erpbridge.Catalogue.
func (p catalogue) Product(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Product, error) {
	w, err := p.h.work(s)
	if err != nil {
		return erpbridge.Product{}, err
	}
	e := w.h.products
	rows, err := w.read(ctx, question{of: e, where: []cond{e.key.is(key)}})
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.NotFound, "there is no product %q", key)
	}
	if err != nil {
		return erpbridge.Product{}, err
	}
	list, err := w.productsOf(ctx, rows)
	if err != nil {
		return erpbridge.Product{}, err
	}
	return list[0], nil
}

// chunk is how many keys one statement looks for.
const chunk = 500

// among gives conditions that find rows by their keys, some at a time.
func (k *key) among(keys []string) []cond {
	if len(keys) == 1 {
		return []cond{k.is(keys[0])}
	}
	var list []cond
	for len(keys) > 0 {
		n := min(len(keys), chunk)
		c := cond{column: k.column, op: "in", values: make([]any, n)}
		for i, text := range keys[:n] {
			c.values[i] = text
		}
		list, keys = append(list, c), keys[n:]
	}
	return list
}

// productOf makes a product of its row, without the rate of a VAT code that stands elsewhere.
func productOf(r record) erpbridge.Product {
	p := erpbridge.Product{
		Key: r.key, Code: r.text("code"), Name: r.text("name"), Description: r.text("description"), Group: r.text("group"), Unit: r.text("unit"),
		VATCode: r.text("vat_code"), VATRate: money.NewPercent(r.number("vat_rate")), Discontinued: r.flag("discontinued"),
	}
	if r.of.fields["code"] == nil {
		p.Code = p.Key
	}
	if v := r.value("stock"); v != nil {
		q := money.NewQuantity(r.number("stock"))
		p.Stock = &q
	}
	if v := r.value("cost"); v != nil {
		a := money.NewAmount(r.number("cost"))
		p.Cost = &a
	}
	return p
}

// productsOf makes products of rows, with the rates of their VAT codes where their rows do not say them.
func (w work) productsOf(ctx context.Context, rows []record) ([]erpbridge.Product, error) {
	list := make([]erpbridge.Product, len(rows))
	for i, r := range rows {
		list[i] = productOf(r)
	}
	if w.h.vat == nil || w.h.products.fields["vat_rate"] != nil || len(rows) == 0 {
		return list, nil
	}
	rates, err := w.rates(ctx)
	if err != nil {
		return nil, err
	}
	for i, p := range list {
		if v, ok := rateOn(rates[p.VATCode], w.today()); ok {
			list[i].VATRate = v.Rate
		}
	}
	return list, nil
}

// Products implements erpbridge.Catalogue. An empty text lists all.
func (p catalogue) Products(ctx context.Context, s erpbridge.Session, text string, limit int) ([]erpbridge.Product, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	e := w.h.products
	q := question{of: e, limit: max(limit, 1), order: []order{{column: e.key.column}}}
	if e.has("code") {
		q.order = []order{{column: e.fields["code"].column}, {column: e.key.column}}
	}
	switch folded := party.Fold(text); {
	case strings.TrimSpace(text) == "":
	case folded == "":
		return nil, nil // nothing but signs: no product is called so
	case e.has("search"):
		q.where = []cond{{column: e.fields["search"].column, op: "like", value: contains(folded)}}
	default:
		q.where = []cond{anywhere(strings.TrimSpace(text), e.named("code", "name"), e.key.column)}
	}
	rows, err := w.read(ctx, q)
	if err != nil {
		return nil, err
	}
	return w.productsOf(ctx, rows)
}

// Groups implements erpbridge.Catalogue, in the order of their keys.
func (p catalogue) Groups(ctx context.Context, s erpbridge.Session) ([]erpbridge.ProductGroup, error) {
	w, err := p.h.work(s)
	if err != nil || w.h.groups == nil {
		return nil, err
	}
	rows, err := w.read(ctx, question{of: w.h.groups, order: []order{{column: w.h.groups.key.column}}})
	list := make([]erpbridge.ProductGroup, len(rows))
	for i, r := range rows {
		list[i] = erpbridge.ProductGroup{Key: r.key, Name: r.text("name")}
	}
	return list, err
}
