package prochost

import (
	"context"

	"github.com/crmplus/crmplus/erpbridge"
)

type historyPort struct{ h *host }

// question asks for rows about a customer; limit 0 is all.
type question struct {
	*read
	customer string
	limit    int
}

// about reads rows about a customer; one that does not fit the parameter has none.
func (h *host) about(ctx context.Context, s erpbridge.Session, q question) ([]*record, error) {
	w, err := h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	vars := map[string]any{"key": q.customer}
	if q.limit > 0 {
		vars["limit"] = int64(q.limit)
	}
	records, err := w.with(vars).records(ctx, q.read, rowsOf{})
	if q.limit > 0 {
		records = records[:min(q.limit, len(records))]
	}
	return records, unlessMisfit(err)
}

// History implements erpbridge.DocumentHistory. The lines are left out.
func (p historyPort) History(ctx context.Context, s erpbridge.Session, customer string, limit int) (list []erpbridge.Document, err error) {
	records, err := p.h.about(ctx, s, question{p.h.history, customer, max(limit, 1)})
	for _, r := range records {
		d, err := r.document(erpbridge.Kind(r.text("kind")))
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, err
}

type openItemPort struct{ h *host }

// OpenItems implements erpbridge.OpenItems.
func (p openItemPort) OpenItems(ctx context.Context, s erpbridge.Session, customer string) (list []erpbridge.OpenItem, err error) {
	records, err := p.h.about(ctx, s, question{p.h.openItems, customer, 0})
	for _, r := range records {
		item, err := r.openItem()
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, err
}

func (r *record) openItem() (erpbridge.OpenItem, error) {
	return erpbridge.OpenItem{
		Document: r.ref(), Date: r.date("date"), Due: r.date("due"), Currency: r.text("currency"), Amount: r.amount("amount"), Open: r.amount("open"),
	}, r.err
}

// ref is the document that an item or a payment is about.
func (r *record) ref() erpbridge.Ref {
	ref := erpbridge.Ref{Kind: erpbridge.Kind(r.text("kind")), Key: r.text("document"), Number: r.text("number")}
	switch {
	case ref.Key == "":
		return erpbridge.Ref{}
	case ref.Number == "":
		ref.Number = ref.Key
	}
	return ref
}

type paymentPort struct{ h *host }

// Payments implements erpbridge.Payments.
func (p paymentPort) Payments(ctx context.Context, s erpbridge.Session, customer string, limit int) (list []erpbridge.Payment, err error) {
	records, err := p.h.about(ctx, s, question{p.h.payments, customer, max(limit, 1)})
	for _, r := range records {
		list = append(list, erpbridge.Payment{Key: r.text("key"), Date: r.date("date"), Currency: r.text("currency"), Amount: r.amount("amount"), Document: r.ref()})
		if r.err != nil {
			return nil, r.err
		}
	}
	return list, err
}
