package erp

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// Create implements erpbridge.Documents. Locks are taken in the order counter, delivery note, order,
// stock by everybody.
func (p documents) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	f, known := familyOf(draft.Kind)
	if !known {
		c, err := w.check(ctx, draft)
		if err != nil {
			return erpbridge.Document{}, err
		}
		return erpbridge.Document{}, c.faults.Err("the document cannot be written")
	}
	year, err := w.fiscalYear(ctx, orDay(draft.Date, w.Today))
	if err != nil {
		return erpbridge.Document{}, err
	}
	counter := series{string(f.kind), year}
	if err := w.lock(ctx, counter); err != nil {
		return erpbridge.Document{}, err
	}
	if w.Token != "" {
		done, err := w.headers(ctx, f, "AND token = ?", w.Token)
		if err != nil {
			return erpbridge.Document{}, err
		}
		if len(done) > 0 {
			return w.document(ctx, done[0].Ref)
		}
	}
	if err := w.lockSources(ctx, draft.Source); err != nil {
		return erpbridge.Document{}, err
	}
	c, err := w.check(ctx, draft)
	if err != nil {
		return erpbridge.Document{}, err
	}
	if err := c.faults.Err("the %s cannot be written", draft.Kind); err != nil {
		return erpbridge.Document{}, err
	}
	d := c.draft
	if err := w.number(ctx, f, counter, &d); err != nil {
		return erpbridge.Document{}, err
	}
	d.State = erpbridge.Open
	is := issue{token: w.tokenOr(d.Number)}
	if d.Kind == erpbridge.CreditNote {
		d, is.storno = negated(d), d.Source.Key
	}
	if err := w.insert(ctx, f, d, is); err != nil {
		return erpbridge.Document{}, err
	}
	if d.Kind == erpbridge.CreditNote {
		return w.credit(ctx, c.source, d)
	}
	if err := w.follow(ctx, d, forward); err != nil {
		return erpbridge.Document{}, err
	}
	return w.document(ctx, d.Ref)
}

func (w work) number(ctx context.Context, f family, counter series, d *erpbridge.Document) error {
	n, err := w.take(ctx, counter)
	if err != nil {
		return err
	}
	d.Number = fmt.Sprintf("%s%d-%05d", f.letter, counter.year, n)
	d.Ref = erpbridge.Ref{Kind: f.kind, Key: d.Number, Number: d.Number}
	return nil
}

// lockSources locks the document that is followed, and the order behind a delivery note.
func (w work) lockSources(ctx context.Context, source *erpbridge.Ref) error {
	if source == nil {
		return nil
	}
	if err := w.lockDocument(ctx, *source); err != nil || source.Kind != erpbridge.DeliveryNote {
		return err
	}
	f, _ := familyOf(source.Kind)
	list, err := w.headers(ctx, f, "AND number = ?", source.Key)
	if err != nil || len(list) == 0 || list[0].Source == nil {
		return err
	}
	return w.lockDocument(ctx, *list[0].Source)
}

// issue is what a header holds beside the document itself.
type issue struct {
	token string
	// storno is the invoice that a credit note takes back.
	storno string
}

func (w work) insert(ctx context.Context, f family, d erpbridge.Document, is issue) error {
	var source erpbridge.Ref
	if d.Source != nil {
		source = *d.Source
	}
	columns := `company, number, token, customer, doc_date, due_date, currency, reference, note, source_kind, source_number, net, vat, gross,
		state, cancel_reason, created_by, created_at`
	args := []any{
		w.Company, d.Number, is.token, d.Customer, d.Date, d.Due, d.Currency, d.Reference, d.Note, string(source.Kind), source.Key, d.Net, d.VAT, d.Gross,
		string(d.State), "", w.UserID, w.localNow(),
	}
	switch f.table {
	case "erp_invoice":
		columns += ", storno_of, credited_by, paid"
		args = append(args, is.storno, "", d.Paid)
	case "erp_paper":
		columns += ", kind, paid"
		args = append(args, string(f.kind), d.Paid)
	}
	if is.storno != "" {
		columns += ", posted_at"
		args = append(args, w.localNow())
	}
	if err := w.exec(ctx, "INSERT INTO "+f.table+" ("+columns+") VALUES ("+marks(len(args))+")", args...); err != nil {
		return err
	}
	for i, l := range d.Lines {
		if err := w.insertLine(ctx, f, d.Number, i+1, l); err != nil {
			return err
		}
	}
	if f.table != "erp_invoice" {
		return nil
	}
	for _, v := range vatSummary(d.Lines, d.Currency) {
		err := w.exec(ctx, "INSERT INTO erp_invoice_vat (company, number, vat_code, rate, net, vat) VALUES (?, ?, ?, ?, ?, ?)",
			w.Company, d.Number, v.Code, v.Rate, v.Net, v.VAT)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w work) insertLine(ctx context.Context, f family, number string, row int, l erpbridge.DocumentLine) error {
	columns := "company, number, row_no, source_row, product, name, quantity, unit, unit_price, discount, vat_code, vat_rate, net"
	args := []any{
		w.Company, number, row, rowOf(l.SourceLine), l.Product, l.Name, l.Quantity, l.Unit, l.UnitPrice, l.Discount, l.VATCode, l.VATRate, l.Net,
	}
	for _, counted := range []string{f.delivered, f.invoiced} {
		if counted != "0" {
			columns += ", " + counted
			args = append(args, money.Quantity{})
		}
	}
	return w.exec(ctx, "INSERT INTO "+f.lines+" ("+columns+") VALUES ("+marks(len(args))+")", args...)
}

// rowOf turns the key of a line into its row number, 0 for none.
func rowOf(key string) int {
	n, err := strconv.Atoi(key)
	if err != nil {
		return 0
	}
	return n
}

// direction is whether a document takes effect or is taken back.
type direction int64

const (
	forward direction = 1
	back    direction = -1
)

// follow counts a document's quantities on the documents it follows, and on the stock.
func (w work) follow(ctx context.Context, d erpbridge.Document, dir direction) error {
	if d.Source == nil || d.Kind != erpbridge.DeliveryNote && d.Kind != erpbridge.Invoice {
		return nil
	}
	column := "invoiced"
	if d.Kind == erpbridge.DeliveryNote {
		column = "delivered"
	}
	order := *d.Source
	var noted map[string]string // the lines of the delivery note, to those of the order
	if d.Source.Kind == erpbridge.DeliveryNote {
		note, err := w.document(ctx, *d.Source)
		if err != nil {
			return err
		}
		order, noted = *note.Source, map[string]string{}
		for _, l := range note.Lines {
			noted[l.Key] = l.SourceLine
		}
	}
	for _, l := range d.Lines {
		q := money.NewQuantity(l.Quantity.Mul(decimalOf(dir)))
		if d.Kind == erpbridge.DeliveryNote {
			if err := w.exec(ctx, "UPDATE erp_stock SET on_hand = on_hand - ? WHERE company = ? AND product = ?", q, w.Company, l.Product); err != nil {
				return err
			}
		}
		row := l.SourceLine
		if row == "" {
			continue
		}
		if noted != nil {
			if err := w.exec(ctx, "UPDATE erp_delivery_line SET invoiced = invoiced + ? WHERE company = ? AND number = ? AND row_no = ?", q, w.Company, d.Source.Key, rowOf(row)); err != nil {
				return err
			}
			row = noted[row]
		}
		if err := w.exec(ctx, "UPDATE erp_order_line SET "+column+" = "+column+" + ? WHERE company = ? AND number = ? AND row_no = ?", q, w.Company, order.Key, rowOf(row)); err != nil {
			return err
		}
	}
	if noted != nil {
		if err := w.refresh(ctx, *d.Source); err != nil {
			return err
		}
	}
	return w.refresh(ctx, order)
}

// refresh computes how far an order or a delivery note has come.
func (w work) refresh(ctx context.Context, ref erpbridge.Ref) error {
	d, err := w.document(ctx, ref)
	if err != nil {
		return err
	}
	begun, complete := false, true
	for _, l := range d.Lines {
		begun = begun || !l.Delivered.IsZero() || !l.Invoiced.IsZero()
		complete = complete && l.Invoiced.Cmp(l.Quantity) >= 0
	}
	state := erpbridge.Open
	switch {
	case complete:
		state = erpbridge.Completed
	case begun:
		state = erpbridge.Partial
	}
	return w.setState(ctx, ref, state, "")
}

func (w work) setState(ctx context.Context, ref erpbridge.Ref, state erpbridge.State, reason string) error {
	f, _ := familyOf(ref.Kind)
	return w.exec(ctx, "UPDATE "+f.table+" SET state = ?, cancel_reason = ? WHERE company = ? AND number = ?", string(state), reason, w.Company, ref.Key)
}

// VATSummary gives the sums of an invoice by VAT code, in the order of the codes.
func (e *ERP) VATSummary(ctx context.Context, s erpbridge.Session, invoice string) ([]VATTotal, error) {
	w, err := e.work(s)
	if err != nil {
		return nil, err
	}
	var list []VATTotal
	err = w.rows(ctx, func(r *sql.Rows) error {
		var v VATTotal
		err := r.Scan(&v.Code, percent(&v.Rate), price(&v.Net), price(&v.VAT))
		list = append(list, v)
		return err
	}, "SELECT vat_code, rate, net, vat FROM erp_invoice_vat WHERE company = ? AND number = ? ORDER BY vat_code", w.Company, invoice)
	return list, err
}
