package erp

import (
	"context"
	"database/sql"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// Backlog implements erpbridge.Backlog: one statement for the orders of the page with what is left of their lines.
func (p documents) Backlog(ctx context.Context, s erpbridge.Session, q erpbridge.BacklogQuery) ([]erpbridge.Undelivered, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	const left = "l.company = o.company AND l.number = o.number AND l.product <> '' AND l.quantity > l.delivered"
	orders := `SELECT o.company, o.number, o.customer, o.doc_date, o.due_date FROM erp_order AS o
		WHERE o.company = ? AND o.state IN ('open', 'partial') AND EXISTS (SELECT 1 FROM erp_order_line AS l WHERE ` + left + ")"
	args := []any{w.Company}
	if !q.From.IsZero() {
		orders += " AND o.doc_date >= ?"
		args = append(args, q.From)
	}
	if a := q.After; a != nil {
		orders += " AND o.doc_date >= ? AND (o.doc_date > ? OR o.number > ?)"
		args = append(args, a.Date, a.Date, a.Order.Key)
	}
	orders += " ORDER BY o.doc_date, o.number" + w.limit(max(q.Limit, 1))
	var list []erpbridge.Undelivered
	err = w.rows(ctx, func(r *sql.Rows) error {
		one := erpbridge.Undelivered{Order: erpbridge.Ref{Kind: erpbridge.Order}}
		var l erpbridge.UndeliveredLine
		var delivered money.Quantity
		if err := r.Scan(&one.Order.Key, &one.Customer, &one.Date, &one.Due, &l.Product, &l.Name, &l.Unit, units(&l.Left), units(&delivered), &l.Group); err != nil {
			return err
		}
		if n := len(list); n == 0 || list[n-1].Order.Key != one.Order.Key {
			one.Order.Number = one.Order.Key
			list = append(list, one)
		}
		l.Left = l.Left.Sub(delivered)
		last := &list[len(list)-1]
		last.Lines = append(last.Lines, l)
		return nil
	}, `SELECT o.number, o.customer, o.doc_date, o.due_date, l.product, l.name, l.unit, l.quantity, l.delivered, COALESCE(p.group_code, '')
		FROM (`+orders+`) AS o
		JOIN erp_order_line AS l ON `+left+`
		LEFT JOIN erp_product AS p ON p.company = o.company AND p.code = l.product
		ORDER BY o.doc_date, o.number, l.row_no`, args...)
	return list, err
}
