package erp

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// Receipt is money that came in for a document, on a day.
type Receipt struct {
	Document erpbridge.Ref
	Day      civil.Date
	// Amount is in the document's currency; zero means all that is open.
	Amount money.Amount
}

var paymentSeries = series{name: "payment"}

// PayInvoice notes that a posted invoice was paid in full on a day. Paying again changes nothing.
func (e *ERP) PayInvoice(ctx context.Context, s erpbridge.Session, number string, day civil.Date) (erpbridge.Document, error) {
	return e.Receive(ctx, s, Receipt{Document: erpbridge.Ref{Kind: erpbridge.Invoice, Key: number}, Day: day})
}

// Receive notes money for a posted invoice, a payment request or an advance invoice, which is paid when
// nothing is open any more.
func (e *ERP) Receive(ctx context.Context, s erpbridge.Session, r Receipt) (erpbridge.Document, error) {
	w, err := e.work(s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	f, known := familyOf(r.Document.Kind)
	from := erpbridge.Open
	if r.Document.Kind == erpbridge.Invoice {
		from = erpbridge.Posted
	}
	if err := w.lock(ctx, paymentSeries); err != nil {
		return erpbridge.Document{}, err
	}
	if err := w.lockDocument(ctx, r.Document); err != nil {
		return erpbridge.Document{}, err
	}
	d, err := w.document(ctx, r.Document)
	if err != nil || d.State == erpbridge.Paid {
		return d, err
	}
	open := d.Gross.Sub(d.Paid)
	if r.Amount.IsZero() {
		r.Amount = open
	}
	var faults fault.List
	if !known || f.paid == "0" || f.kind == erpbridge.CreditNote {
		faults.Add("kind", "document.kind", "documents of the kind %q are not paid", r.Document.Kind)
	}
	if d.State != from {
		faults.Add("state", "document.state", "is %s; it has to be %s", d.State, from)
	}
	if !r.Amount.IsPositive() || r.Amount.Cmp(open) > 0 {
		faults.Add("amount", "range", "%s cannot be taken; %s are open", r.Amount, open)
	}
	if err := faults.Err("%s %s cannot be paid", d.Kind, d.Number); err != nil {
		return erpbridge.Document{}, err
	}
	n, err := w.take(ctx, paymentSeries)
	if err != nil {
		return erpbridge.Document{}, err
	}
	err = w.exec(ctx, `INSERT INTO erp_payment (company, number, customer, paid_kind, paid_number, paid_on, currency, amount, created_by, created_at)
		VALUES (`+marks(10)+`)`, w.Company, fmt.Sprintf("B%06d", n), d.Customer, string(d.Kind), d.Number, orDay(r.Day, w.Today), d.Currency, r.Amount, w.UserID, w.localNow())
	if err != nil {
		return erpbridge.Document{}, err
	}
	state := d.State
	if r.Amount.Equal(open) {
		state = erpbridge.Paid
	}
	err = w.exec(ctx, "UPDATE "+f.table+" SET state = ?, paid_on = ?, paid = paid + ? WHERE company = ? AND number = ?",
		string(state), orDay(r.Day, w.Today), r.Amount, w.Company, d.Number)
	if err != nil {
		return erpbridge.Document{}, err
	}
	return w.document(ctx, d.Ref)
}

// OpenItems implements erpbridge.OpenItems: posted invoices that are not paid, and payment requests.
func (p documents) OpenItems(ctx context.Context, s erpbridge.Session, customer string) ([]erpbridge.OpenItem, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	var list []erpbridge.OpenItem
	err = w.rows(ctx, func(r *sql.Rows) error {
		var item erpbridge.OpenItem
		err := r.Scan(&item.Document.Kind, &item.Document.Key, &item.Date, &item.Due, &item.Currency, price(&item.Amount), price(&item.Open))
		item.Document.Number = item.Document.Key
		list = append(list, item)
		return err
	}, `SELECT kind, number, doc_date, due_date, currency, gross, still_open FROM erp_open_item WHERE company = ? AND customer = ? ORDER BY due_date, number`,
		w.Company, customer)
	return list, err
}

// Payments implements erpbridge.Payments.
func (p documents) Payments(ctx context.Context, s erpbridge.Session, customer string, limit int) ([]erpbridge.Payment, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	var list []erpbridge.Payment
	err = w.rows(ctx, func(r *sql.Rows) error {
		var m erpbridge.Payment
		err := r.Scan(&m.Key, &m.Date, &m.Currency, price(&m.Amount), &m.Document.Kind, &m.Document.Key)
		m.Document.Number = m.Document.Key
		list = append(list, m)
		return err
	}, "SELECT number, paid_on, currency, amount, paid_kind, paid_number FROM erp_payment WHERE company = ? AND customer = ? ORDER BY paid_on DESC, number DESC"+
		w.limit(max(limit, 1)), w.Company, customer)
	return list, err
}
