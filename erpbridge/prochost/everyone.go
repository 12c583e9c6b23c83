package prochost

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// Backlog implements erpbridge.Backlog: one call for each page, whose rows are lines, one order after the other.
func (p documentPort) Backlog(ctx context.Context, s erpbridge.Session, q erpbridge.BacklogQuery) ([]erpbridge.Undelivered, error) {
	if p.h.backlog == nil {
		return nil, fault.New(fault.NotFound, "the orders of %s do not say what was delivered", p.h.name)
	}
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	vars := map[string]any{"from": q.From, "after_date": civil.Date{}, "after": "", "limit": int64(max(q.Limit, 1))}
	if q.After != nil {
		vars["after_date"], vars["after"] = q.After.Date, q.After.Order.Key
	}
	records, err := w.with(vars).records(ctx, p.h.backlog, rowsOf{})
	if err != nil {
		return nil, unlessMisfit(err)
	}
	var list []erpbridge.Undelivered
	for _, r := range records {
		one := erpbridge.Undelivered{
			Order:    erpbridge.Ref{Kind: erpbridge.Order, Key: r.text("key"), Number: r.text("number")},
			Customer: r.text("customer"), Date: r.date("date"), Due: r.date("due"),
		}
		if one.Order.Number == "" {
			one.Order.Number = one.Order.Key
		}
		line := erpbridge.UndeliveredLine{Product: r.text("product"), Name: r.text("name"), Unit: r.text("unit"), Group: r.text("group"), Left: r.quantity("left")}
		if r.err != nil {
			return nil, r.err
		}
		if line.Product == "" || !line.Left.IsPositive() {
			continue
		}
		if n := len(list); n == 0 || list[n-1].Order.Key != one.Order.Key {
			list = append(list, one)
		}
		last := &list[len(list)-1]
		last.Lines = append(last.Lines, line)
	}
	if len(list) > q.Limit {
		return nil, fault.New(fault.Unavailable, "%s: %s gives %d orders where at most %d are asked for; limit counts orders, whose lines all belong to the page", p.h.backlog.path, p.h.backlog.procedure, len(list), q.Limit)
	}
	return list, nil
}

// Receivables implements erpbridge.Receivables. One row more than the page may have is asked for, and where there is one,
// the last customer of the page is left for the next: he may have more. A customer who fills a page alone is read as in
// OpenItems.
func (p documentPort) Receivables(ctx context.Context, s erpbridge.Session, q erpbridge.ReceivablesQuery) ([]erpbridge.Receivable, error) {
	if p.h.receivables == nil {
		return nil, fault.New(fault.NotFound, "%s does not tell what all customers owe", p.h.name)
	}
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	limit := max(q.Limit, 1)
	records, err := w.with(map[string]any{"after": q.After, "limit": int64(limit + 1)}).records(ctx, p.h.receivables, rowsOf{})
	if err != nil {
		return nil, unlessMisfit(err)
	}
	list := make([]erpbridge.Receivable, 0, len(records))
	for _, r := range records[:min(len(records), limit+1)] {
		item, err := r.openItem()
		if err != nil {
			return nil, err
		}
		list = append(list, erpbridge.Receivable{Customer: r.text("customer"), OpenItem: item})
	}
	if len(list) <= limit {
		return list, nil
	}
	last := list[limit].Customer
	if list[0].Customer != last {
		return slices.DeleteFunc(list, func(r erpbridge.Receivable) bool { return r.Customer == last }), nil
	}
	items, err := openItemPort(p).OpenItems(ctx, s, last)
	list = list[:0]
	for _, one := range items {
		list = append(list, erpbridge.Receivable{Customer: last, OpenItem: one})
	}
	return list, err
}

// settledChunk is how many customers go into one call.
const settledChunk = 300

// Settled implements erpbridge.Receivables: some hundred customers by one call where the procedure takes rows.
func (p documentPort) Settled(ctx context.Context, s erpbridge.Session, customers []string, since civil.Date) (list []erpbridge.Settled, err error) {
	read := p.h.settled
	if read == nil {
		return nil, nil
	}
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	size := 1
	if read.takesRows() {
		size = settledChunk
	}
	for chunk := range slices.Chunk(customers, size) {
		each := make([]map[string]any, len(chunk))
		for i, key := range chunk {
			each[i] = map[string]any{"key": key}
		}
		records, err := w.with(map[string]any{"payer": each[0], "since": since}).records(ctx, read, rowsOf{name: "payer", each: each, lenient: true})
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			one := erpbridge.Settled{Customer: r.text("customer"), Due: r.date("due"), Paid: r.date("paid")}
			one.Document = erpbridge.Ref{Kind: erpbridge.Invoice, Key: r.text("document"), Number: r.text("number")}
			if one.Document.Number == "" {
				one.Document.Number = one.Document.Key
			}
			if r.err != nil {
				return nil, r.err
			}
			list = append(list, one)
		}
	}
	return list, nil
}

// takesRows reports whether the procedure takes many keys at once.
func (r *read) takesRows() bool {
	return r.call != nil && slices.ContainsFunc(r.params, func(p *param) bool { return len(p.rows) > 0 })
}
