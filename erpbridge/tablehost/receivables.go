package tablehost

import (
	"cmp"
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/erpbridge"
)

// Receivables implements erpbridge.Receivables.
func (p openItemPort) Receivables(ctx context.Context, s erpbridge.Session, q erpbridge.ReceivablesQuery) ([]erpbridge.Receivable, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	e := w.h.openItems
	if err := w.currencies(ctx, e); err != nil {
		return nil, err
	}
	customer, limit := e.fields["customer"].column, max(q.Limit, 1)
	for after := q.After; ; {
		ask := question{of: e, order: []order{{customer, false}}, limit: limit + 1, where: []cond{{column: customer, op: "not null"}}}
		if after != "" {
			ask.where = []cond{{column: customer, op: ">", value: after}}
		}
		rows, err := w.read(ctx, ask)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		more, last := len(rows) > limit, rows[len(rows)-1].text("customer")
		switch {
		case more && rows[0].text("customer") == last:
			rows, err = w.read(ctx, question{of: e, where: []cond{e.is("customer", last)}})
		case more:
			rows = slices.DeleteFunc(rows, func(r record) bool { return r.text("customer") == last })
			last = rows[len(rows)-1].text("customer")
		}
		if err != nil {
			return nil, err
		}
		if list := w.receivables(rows); len(list) > 0 || !more {
			return list, nil
		}
		after = last // all of them are paid
	}
}

// receivables are the rows of which something is open, each customer's oldest due date first.
func (w work) receivables(rows []record) []erpbridge.Receivable {
	list := make([]erpbridge.Receivable, 0, len(rows))
	for _, r := range rows {
		if item := w.openItem(r); !item.Open.IsZero() {
			list = append(list, erpbridge.Receivable{Customer: r.text("customer"), OpenItem: item})
		}
	}
	// Rows of a customer stand together; their order among customers is the database's.
	for from := 0; from < len(list); {
		to := from
		for to < len(list) && list[to].Customer == list[from].Customer {
			to++
		}
		slices.SortStableFunc(list[from:to], func(a, b erpbridge.Receivable) int { return byDue(a.OpenItem, b.OpenItem) })
		from = to
	}
	return list
}

// openItem is what a row says; its currency is the company's where the row has none.
func (w work) openItem(r record) erpbridge.OpenItem {
	return erpbridge.OpenItem{
		Document: w.refOf(r), Date: r.day("date"), Due: r.day("due"), Currency: cmp.Or(r.text("currency"), w.memo.locale.Currency),
		Amount: r.amount("amount"), Open: r.amount("open"),
	}
}

func byDue(a, b erpbridge.OpenItem) int {
	return cmp.Or(a.Due.Compare(b.Due), a.Date.Compare(b.Date), cmp.Compare(a.Document.Number, b.Document.Number))
}

// Settled implements erpbridge.Receivables, for hosts that keep payments with their documents: one statement for the
// payments of some hundred customers, and one for the invoices that they paid.
func (p openItemPort) Settled(ctx context.Context, s erpbridge.Session, customers []string, since civil.Date) ([]erpbridge.Settled, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	k := &desk{work: w}
	e, d := k.h.payments, k.h.papers[erpbridge.Invoice]
	if d == nil || !d.head.has("due") || !e.has("customer") || !e.has("date") || !e.has("document") {
		return nil, nil
	}
	if err := k.currencies(ctx, d.head); err != nil {
		return nil, err
	}
	var list []erpbridge.Settled
	for chunk := range slices.Chunk(customers, mostKeys) {
		values := make([]any, len(chunk))
		for i, c := range chunk {
			values[i] = c
		}
		rows, err := k.read(ctx, question{of: e, where: []cond{{column: e.fields["customer"].column, op: "in", values: values}, {column: e.fields["date"].column, op: ">=", value: since}}})
		if err != nil {
			return nil, err
		}
		paid, keys := k.lastPaid(rows)
		files, err := k.keyed(ctx, d, keys, reading{headers: true})
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if !f.Due.IsZero() && f.Gross.IsPositive() && (f.State == erpbridge.Paid || f.Paid.Cmp(f.Gross) >= 0) {
				list = append(list, erpbridge.Settled{Customer: f.Customer, Document: f.Ref, Due: f.Due, Paid: paid[f.Key]})
			}
		}
	}
	return list, nil
}

// lastPaid is the day of the last payment of each invoice, by its key, and the keys in the order of the rows.
func (k *desk) lastPaid(rows []record) (paid map[string]civil.Date, keys []any) {
	paid = map[string]civil.Date{}
	for _, r := range rows {
		ref := k.refOf(r)
		if ref.Kind != erpbridge.Invoice || ref.Key == "" {
			continue
		}
		day, known := paid[ref.Key]
		if !known {
			keys = append(keys, ref.Key)
		}
		if on := r.day("date"); !known || on.After(day) {
			paid[ref.Key] = on
		}
	}
	return paid, keys
}
