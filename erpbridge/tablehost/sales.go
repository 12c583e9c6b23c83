package tablehost

import (
	"context"

	"github.com/crmplus/crmplus/erpbridge"
)

// Sales implements erpbridge.Sales: one statement for the headers, one for their lines and one for the groups of
// their products.
func (p documents) Sales(ctx context.Context, s erpbridge.Session, q erpbridge.SalesQuery) ([]erpbridge.Sale, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	k := &desk{work: w}
	d := k.h.papers[erpbridge.Order]
	if d == nil || !d.head.has("customer") || !d.head.has("date") {
		return nil, nil
	}
	if err := k.currencies(ctx, d.head); err != nil {
		return nil, err
	}
	customer, date, key := d.head.fields["customer"].column, d.head.fields["date"].column, d.head.key.column
	ask := question{of: d.head, order: []order{{customer, false}, {date, false}, {key, false}}, limit: max(q.Limit, 1)}
	if q.Customer != "" {
		ask.where = append(ask.where, d.head.is("customer", q.Customer))
	}
	if !q.From.IsZero() {
		ask.where = append(ask.where, cond{column: date, op: ">=", value: q.From})
	}
	fixed := ask.where
	for after := q.After; ; {
		ask.where = fixed
		if after != nil {
			ask.where = append(fixed[:len(fixed):len(fixed)], cond{column: customer, op: ">=", value: after.Customer}, cond{or: []cond{
				{column: customer, op: ">", value: after.Customer}, {column: date, op: ">", value: after.Date},
				{and: []cond{{column: date, value: after.Date}, {column: key, op: ">", value: after.Key}}},
			}})
		}
		files, err := k.files(ctx, d, ask, reading{})
		if err != nil || len(files) == 0 {
			return nil, err
		}
		list, err := k.sales(ctx, files)
		if err != nil || len(list) > 0 || len(files) < ask.limit {
			return list, err
		}
		last := files[len(files)-1] // all of them were cancelled
		after = &erpbridge.Sale{Customer: last.Customer, Date: last.Date, Key: last.Key}
	}
}

// sales are the orders that hold, with the groups of their products.
func (k *desk) sales(ctx context.Context, files []*file) ([]erpbridge.Sale, error) {
	products := map[string]bool{}
	for _, f := range files {
		for _, l := range f.Lines {
			products[l.Product] = true
		}
	}
	goods, err := k.wares(ctx, products)
	if err != nil {
		return nil, err
	}
	list := make([]erpbridge.Sale, 0, len(files))
	for _, f := range files {
		if f.State == erpbridge.Cancelled {
			continue
		}
		one := erpbridge.Sale{Customer: f.Customer, Key: f.Key, Date: f.Date, Currency: f.Document.Currency}
		for _, l := range f.Lines {
			if l.Product == "" {
				continue
			}
			sold := erpbridge.SoldLine{Product: l.Product, Name: l.Name, Quantity: l.Quantity, Net: l.Net}
			if ware, ok := goods[l.Product]; ok {
				sold.Group = ware.text("group")
			}
			one.Lines = append(one.Lines, sold)
		}
		list = append(list, one)
	}
	return list, nil
}
