package erp

import (
	"context"
	"database/sql"

	"github.com/crmplus/crmplus/erpbridge"
)

// Sales implements erpbridge.Sales: one statement for the orders of the page with their lines.
func (p documents) Sales(ctx context.Context, s erpbridge.Session, q erpbridge.SalesQuery) ([]erpbridge.Sale, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	orders := "SELECT company, customer, doc_date, number, currency FROM erp_order WHERE company = ? AND state <> 'cancelled'"
	args := []any{w.Company}
	if q.Customer != "" {
		orders += " AND customer = ?"
		args = append(args, q.Customer)
	}
	if !q.From.IsZero() {
		orders += " AND doc_date >= ?"
		args = append(args, q.From)
	}
	if a := q.After; a != nil {
		orders += " AND customer >= ? AND (customer > ? OR doc_date > ? OR doc_date = ? AND number > ?)"
		args = append(args, a.Customer, a.Customer, a.Date, a.Date, a.Key)
	}
	orders += " ORDER BY customer, doc_date, number" + w.limit(max(q.Limit, 1))
	var list []erpbridge.Sale
	err = w.rows(ctx, func(r *sql.Rows) error {
		var one erpbridge.Sale
		var l erpbridge.SoldLine
		if err := r.Scan(&one.Customer, &one.Date, &one.Key, &one.Currency, &l.Product, &l.Name, units(&l.Quantity), price(&l.Net), &l.Group); err != nil {
			return err
		}
		if n := len(list); n == 0 || list[n-1].Key != one.Key {
			list = append(list, one)
		}
		if last := &list[len(list)-1]; l.Product != "" {
			last.Lines = append(last.Lines, l)
		}
		return nil
	}, `SELECT o.customer, o.doc_date, o.number, o.currency, COALESCE(l.product, ''), COALESCE(l.name, ''), l.quantity, l.net, COALESCE(p.group_code, '')
		FROM (`+orders+`) AS o
		LEFT JOIN erp_order_line AS l ON l.company = o.company AND l.number = o.number
		LEFT JOIN erp_product AS p ON p.company = o.company AND p.code = l.product
		ORDER BY o.customer, o.doc_date, o.number, l.row_no`, args...)
	return list, err
}
