package tablehost

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// Backlog implements erpbridge.Backlog: one statement for the headers, those for their lines and what followed them, and
// one for the groups of their products. Where a column holds the state, orders that are done are not read.
func (p documents) Backlog(ctx context.Context, s erpbridge.Session, q erpbridge.BacklogQuery) ([]erpbridge.Undelivered, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	k := &desk{work: w}
	d := k.h.papers[erpbridge.Order]
	if d == nil || !d.head.has("date") || d.lines == nil || !d.lines.has("product") || !d.lines.has("quantity") || !d.lines.has("delivered") && !k.reaches(erpbridge.Order, erpbridge.DeliveryNote) {
		return nil, fault.New(fault.NotFound, "the orders of %s do not say what was delivered", k.h.mapping.Name)
	}
	if err := k.currencies(ctx, d.head); err != nil {
		return nil, err
	}
	date, key := d.head.fields["date"].column, d.head.key.column
	ask := question{of: d.head, order: []order{{date, false}, {key, false}}, limit: max(q.Limit, 1), where: d.running()}
	if !q.From.IsZero() {
		ask.where = append(ask.where, cond{column: date, op: ">=", value: q.From})
	}
	fixed := ask.where
	for after := q.After; ; {
		ask.where = fixed
		if after != nil {
			ask.where = append(fixed[:len(fixed):len(fixed)], cond{column: date, op: ">=", value: after.Date},
				cond{or: []cond{{column: date, op: ">", value: after.Date}, {column: key, op: ">", value: after.Order.Key}}})
		}
		files, err := k.files(ctx, d, ask, reading{})
		if err != nil || len(files) == 0 {
			return nil, err
		}
		list, err := k.undelivered(ctx, files)
		if err != nil || len(list) > 0 || len(files) < ask.limit {
			return list, err
		}
		last := files[len(files)-1] // nothing is left of any of them
		after = &erpbridge.Undelivered{Date: last.Date, Order: last.Ref}
	}
}

// running are the conditions for documents of which something may be left, as far as the host's column can say it.
func (d *paper) running() []cond {
	f := d.head.fields["state"]
	if f == nil || f.column == nil || f.read != nil {
		return nil
	}
	var list []cond
	for _, state := range []erpbridge.State{erpbridge.Cancelled, erpbridge.Completed} {
		host := string(state)
		if f.host != nil {
			host = f.host[host]
		}
		if host != "" {
			list = append(list, cond{or: []cond{{column: f.column, op: "null"}, {column: f.column, op: "<>", value: host}}})
		}
	}
	return list
}

// undelivered are the orders of which something is left.
func (k *desk) undelivered(ctx context.Context, files []*file) ([]erpbridge.Undelivered, error) {
	products := map[string]bool{}
	var list []erpbridge.Undelivered
	for _, f := range files {
		if f.State == erpbridge.Cancelled || f.State == erpbridge.Completed {
			continue
		}
		one := erpbridge.Undelivered{Order: f.Ref, Customer: f.Customer, Date: f.Date, Due: f.Due}
		for _, l := range f.Lines {
			if left := l.Quantity.Sub(l.Delivered); l.Product != "" && left.IsPositive() {
				one.Lines = append(one.Lines, erpbridge.UndeliveredLine{Product: l.Product, Name: l.Name, Unit: l.Unit, Left: left})
				products[l.Product] = true
			}
		}
		if len(one.Lines) > 0 {
			list = append(list, one)
		}
	}
	goods, err := k.wares(ctx, products)
	if err != nil {
		return nil, err
	}
	for i := range list {
		for n := range list[i].Lines {
			l := &list[i].Lines[n]
			if ware, ok := goods[l.Product]; ok {
				l.Group = ware.text("group")
			}
		}
	}
	return list, nil
}
