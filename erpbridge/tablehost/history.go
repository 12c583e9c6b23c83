package tablehost

import (
	"cmp"
	"context"
	"slices"

	"github.com/crmplus/crmplus/erpbridge"
)

// History implements erpbridge.DocumentHistory: one statement over the headers of all kinds. The lines are
// left out.
func (p documents) History(ctx context.Context, s erpbridge.Session, customer string, limit int) ([]erpbridge.Document, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	k := &desk{work: w}
	limit = max(limit, 1)
	var branches []branch
	for _, kind := range trade {
		d := k.h.papers[kind]
		if d == nil || !d.head.has("customer") || !d.head.has("date") {
			continue
		}
		if err := k.currencies(ctx, d.head); err != nil {
			return nil, err
		}
		branches = append(branches, branch{of: d, question: question{
			of: d.head, where: []cond{d.head.is("customer", customer)}, limit: limit,
			order: []order{{d.head.fields["date"].column, true}, {d.head.key.column, true}},
		}})
	}
	found, err := k.union(ctx, branches)
	if err != nil {
		return nil, err
	}
	var list []erpbridge.Document
	for _, f := range found {
		happened, err := k.happened(ctx, f.of, f.head)
		if err != nil {
			return nil, err
		}
		if happened {
			list = append(list, k.headOf(f).Document)
		}
	}
	slices.SortStableFunc(list, func(a, b erpbridge.Document) int {
		return cmp.Or(b.Date.Compare(a.Date), cmp.Compare(b.Number, a.Number))
	})
	return list[:min(len(list), limit)], nil
}

// currencies reads the company where rows do not say their currency, and where their formulas look at it.
func (w work) currencies(ctx context.Context, e *entity) error {
	if e.settled || e.fields["currency"] == nil {
		return w.settle(ctx)
	}
	return nil
}

// headOf makes a document of its header alone.
func (k *desk) headOf(f *file) *file {
	out := f.of.headerOf(f.head)
	if out.Currency == "" {
		out.Currency = k.memo.locale.Currency
	}
	return out
}

// openItemPort adds what customers owe to the documents, paymentPort what they paid.
type (
	openItemPort struct{ h *host }
	paymentPort  struct{ h *host }
)

// OpenItems implements erpbridge.OpenItems.
func (p openItemPort) OpenItems(ctx context.Context, s erpbridge.Session, customer string) ([]erpbridge.OpenItem, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	e := w.h.openItems
	if err := w.currencies(ctx, e); err != nil {
		return nil, err
	}
	rows, err := w.read(ctx, question{of: e, where: []cond{e.is("customer", customer)}})
	if err != nil {
		return nil, err
	}
	list := make([]erpbridge.OpenItem, 0, len(rows))
	for _, r := range rows {
		if item := w.openItem(r); !item.Open.IsZero() {
			list = append(list, item)
		}
	}
	slices.SortStableFunc(list, byDue)
	return list, nil
}

// refOf names the document of an open item or a payment; the zero Ref where the host does not say.
func (w work) refOf(r record) erpbridge.Ref {
	ref := erpbridge.Ref{Kind: erpbridge.Kind(r.text("kind")), Key: r.text("document"), Number: r.text("number")}
	if ref.Key == "" {
		return erpbridge.Ref{Number: ref.Number}
	}
	ref.Kind = cmp.Or(ref.Kind, erpbridge.Invoice)
	ref.Number = cmp.Or(ref.Number, ref.Key)
	return ref
}

// Payments implements erpbridge.Payments.
func (p paymentPort) Payments(ctx context.Context, s erpbridge.Session, customer string, limit int) ([]erpbridge.Payment, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	e := w.h.payments
	if err := w.currencies(ctx, e); err != nil {
		return nil, err
	}
	q := question{of: e, where: []cond{e.is("customer", customer)}}
	if e.has("date") {
		q.order, q.limit = []order{{e.fields["date"].column, true}}, max(limit, 1)
		if e.key != nil {
			q.order = append(q.order, order{e.key.column, true})
		}
	}
	rows, err := w.read(ctx, q)
	if err != nil {
		return nil, err
	}
	list := make([]erpbridge.Payment, 0, len(rows))
	for _, r := range rows {
		list = append(list, erpbridge.Payment{
			Key: r.key, Date: r.day("date"), Currency: cmp.Or(r.text("currency"), w.memo.locale.Currency), Amount: r.amount("amount"), Document: w.refOf(r),
		})
	}
	return list[:min(len(list), max(limit, 1))], nil
}
