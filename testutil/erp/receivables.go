package erp

import (
	"context"
	"database/sql"
	"slices"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/erpbridge"
)

// Receivables implements erpbridge.Receivables.
func (p documents) Receivables(ctx context.Context, s erpbridge.Session, q erpbridge.ReceivablesQuery) ([]erpbridge.Receivable, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	limit := max(q.Limit, 1)
	read := func(where, customer string, limit int) (list []erpbridge.Receivable, err error) {
		tail := ""
		if limit > 0 {
			tail = w.limit(limit)
		}
		err = w.rows(ctx, func(r *sql.Rows) error {
			var item erpbridge.Receivable
			err := r.Scan(&item.Customer, &item.Document.Kind, &item.Document.Key, &item.Date, &item.Due, &item.Currency, price(&item.Amount), price(&item.Open))
			item.Document.Number = item.Document.Key
			list = append(list, item)
			return err
		}, "SELECT customer, kind, number, doc_date, due_date, currency, gross, still_open FROM erp_open_item WHERE company = ? AND "+where+" ORDER BY customer, due_date, number"+tail,
			w.Company, customer)
		return list, err
	}
	list, err := read("customer > ?", q.After, limit+1)
	if err != nil || len(list) <= limit {
		return list, err
	}
	last := list[limit].Customer
	if list[0].Customer == last {
		return read("customer = ?", last, 0)
	}
	return slices.DeleteFunc(list, func(r erpbridge.Receivable) bool { return r.Customer == last }), nil
}

// Settled implements erpbridge.Receivables.
func (p documents) Settled(ctx context.Context, s erpbridge.Session, customers []string, since civil.Date) ([]erpbridge.Settled, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	var list []erpbridge.Settled
	for chunk := range slices.Chunk(customers, matchChunk) {
		args := []any{w.Company, since}
		for _, c := range chunk {
			args = append(args, c)
		}
		err := w.rows(ctx, func(r *sql.Rows) error {
			one := erpbridge.Settled{Document: erpbridge.Ref{Kind: erpbridge.Invoice}}
			err := r.Scan(&one.Customer, &one.Document.Key, &one.Due, &one.Paid)
			one.Document.Number = one.Document.Key
			list = append(list, one)
			return err
		}, "SELECT customer, number, due_date, paid_on FROM erp_invoice WHERE company = ? AND state = 'paid' AND paid_on >= ? AND customer IN ("+marks(len(chunk))+")", args...)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
