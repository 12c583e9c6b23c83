package erp

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

func decimalOf(d direction) decimal.Decimal { return decimal.NewFromInt(int64(d)) }

// Cancel implements erpbridge.Documents. Numbered documents stay: an order, a delivery note and an
// invoice that is not posted keep their number and become void; a posted invoice is taken back by a
// storno invoice with a number of its own. Cancelling twice changes nothing.
func (p documents) Cancel(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref, reason string) (erpbridge.Document, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	stornos := series{name: string(erpbridge.CreditNote)}
	if ref.Kind == erpbridge.Invoice {
		if stornos.year, err = w.fiscalYear(ctx, w.Today); err != nil {
			return erpbridge.Document{}, err
		}
		if err := w.lock(ctx, stornos); err != nil {
			return erpbridge.Document{}, err
		}
	}
	if err := w.lockDocument(ctx, ref); err != nil {
		return erpbridge.Document{}, err
	}
	d, err := w.document(ctx, ref)
	if err != nil {
		return erpbridge.Document{}, err
	}
	if d.State == erpbridge.Cancelled || d.State == erpbridge.Credited {
		return d, nil
	}
	if d.Source != nil {
		if err := w.lockSources(ctx, d.Source); err != nil {
			return erpbridge.Document{}, err
		}
	}
	faults := refusals(d)
	credited, err := w.credited(ctx, d.Ref)
	if err != nil {
		return erpbridge.Document{}, err
	}
	if len(credited) > 0 {
		faults.Add("state", "document.credited", "it is credited in part; credit the rest of it")
	}
	texts(&faults, map[string]bounded{"reason": {reason, 400}})
	faults.Required("reason", reason)
	if err := faults.Err("%s %s cannot be cancelled", d.Kind, d.Number); err != nil {
		return erpbridge.Document{}, err
	}
	after := erpbridge.Cancelled
	if d.State == erpbridge.Posted {
		after = erpbridge.Credited
		if err := w.storno(ctx, d, stornos, reason); err != nil {
			return erpbridge.Document{}, err
		}
	}
	if err := w.setState(ctx, d.Ref, after, reason); err != nil {
		return erpbridge.Document{}, err
	}
	if d.Kind == erpbridge.DeliveryNote || d.Kind == erpbridge.Invoice {
		if err := w.follow(ctx, d, back); err != nil {
			return erpbridge.Document{}, err
		}
	}
	return w.document(ctx, d.Ref)
}

// refusals names what stands against cancelling a document.
func refusals(d erpbridge.Document) fault.List {
	var faults fault.List
	switch d.Kind {
	case erpbridge.Order, erpbridge.DeliveryNote:
		for i, l := range d.Lines {
			path := fmt.Sprintf("lines[%d]", i)
			if !l.Delivered.IsZero() {
				faults.Add(path, "document.delivered", "%s of %s are delivered; cancel the delivery note first", l.Delivered, l.Name)
			}
			if !l.Invoiced.IsZero() {
				faults.Add(path, "document.invoiced", "%s of %s are invoiced; cancel the invoice first", l.Invoiced, l.Name)
			}
		}
	case erpbridge.Invoice:
		if d.State == erpbridge.Paid || d.Paid.IsPositive() {
			faults.Add("state", "document.paid", "%s of it are paid; pay the money back first", d.Paid)
		}
	case erpbridge.PaymentRequest, erpbridge.AdvanceInvoice:
		if d.Paid.IsPositive() {
			faults.Add("state", "document.paid", "%s of it are paid; pay the money back first", d.Paid)
		}
	case erpbridge.CreditNote:
		faults.Add("kind", "document.kind", "a credit note is final; write a new invoice")
	}
	return faults
}

// storno writes the invoice with negative quantities that takes a posted one back.
func (w work) storno(ctx context.Context, invoice erpbridge.Document, counter series, reason string) error {
	f, _ := familyOf(erpbridge.CreditNote)
	d := negated(invoice)
	d.Source = &invoice.Ref
	d.Date, d.Due, d.Note = w.Today, w.Today, reason
	d.Paid = d.Gross // it is set off against its invoice
	for i, l := range invoice.Lines {
		d.Lines[i].SourceLine = l.Key
	}
	if err := w.number(ctx, f, counter, &d); err != nil {
		return err
	}
	// The token of a storno is its invoice: there is never a second one.
	if err := w.insert(ctx, f, d, issue{token: "storno " + invoice.Number, storno: invoice.Number}); err != nil {
		return err
	}
	return w.exec(ctx, "UPDATE erp_invoice SET credited_by = ? WHERE company = ? AND number = ?", d.Number, w.Company, invoice.Number)
}

// negated is a posted document that takes quantities and amounts of another back.
func negated(d erpbridge.Document) erpbridge.Document {
	d.State = erpbridge.Posted
	d.Net, d.VAT, d.Gross = negative(d.Net), negative(d.VAT), negative(d.Gross)
	d.Lines = slices.Clone(d.Lines)
	for i, l := range d.Lines {
		d.Lines[i].Quantity, d.Lines[i].Net = money.NewQuantity(l.Quantity.Neg()), negative(l.Net)
	}
	return d
}

// credited gives how much of each line of an invoice was credited.
func (w work) credited(ctx context.Context, invoice erpbridge.Ref) (map[string]money.Quantity, error) {
	out := map[string]money.Quantity{}
	if invoice.Kind != erpbridge.Invoice {
		return out, nil
	}
	err := w.rows(ctx, func(r *sql.Rows) error {
		var row int
		var q money.Quantity
		err := r.Scan(&row, units(&q))
		key := strconv.Itoa(row)
		out[key] = out[key].Sub(q)
		return err
	}, "SELECT l.source_row, l.quantity FROM erp_invoice AS i JOIN erp_invoice_line AS l ON l.company = i.company AND l.number = i.number WHERE i.company = ? AND i.storno_of = ?",
		w.Company, invoice.Key)
	return out, err
}

// credit counts a credit note: what it takes back may be invoiced again, and an invoice of which nothing
// is left is credited.
func (w work) credit(ctx context.Context, invoice, note erpbridge.Document) (erpbridge.Document, error) {
	credited, err := w.credited(ctx, invoice.Ref)
	if err != nil {
		return erpbridge.Document{}, err
	}
	back := invoice
	back.Lines = nil
	whole := true
	for _, l := range invoice.Lines {
		whole = whole && credited[l.Key].Cmp(l.Quantity) >= 0
		for _, n := range note.Lines {
			if n.SourceLine == l.Key {
				l.Quantity = n.Quantity
				back.Lines = append(back.Lines, l)
			}
		}
	}
	if err := w.follow(ctx, back, forward); err != nil { // its quantities are negative
		return erpbridge.Document{}, err
	}
	if whole && invoice.State == erpbridge.Posted {
		if err := w.setState(ctx, invoice.Ref, erpbridge.Credited, ""); err != nil {
			return erpbridge.Document{}, err
		}
		if err := w.exec(ctx, "UPDATE erp_invoice SET credited_by = ? WHERE company = ? AND number = ?", note.Number, w.Company, invoice.Number); err != nil {
			return erpbridge.Document{}, err
		}
	}
	return w.document(ctx, note.Ref)
}

func negative(a money.Amount) money.Amount { return money.NewAmount(a.Neg()) }

// PostInvoice posts an invoice to the ledger: from then on it can only be taken back by a storno.
func (e *ERP) PostInvoice(ctx context.Context, s erpbridge.Session, number string) (erpbridge.Document, error) {
	w, err := e.work(s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	ref := erpbridge.Ref{Kind: erpbridge.Invoice, Key: number}
	if err := w.lockDocument(ctx, ref); err != nil {
		return erpbridge.Document{}, err
	}
	d, err := w.document(ctx, ref)
	if err != nil || d.State == erpbridge.Posted {
		return d, err
	}
	if d.State != erpbridge.Open {
		var faults fault.List
		faults.Add("state", "document.state", "is %s; it has to be %s", d.State, erpbridge.Open)
		return erpbridge.Document{}, faults.Err("invoice %s cannot be posted", number)
	}
	err = w.exec(ctx, "UPDATE erp_invoice SET state = ?, posted_at = ? WHERE company = ? AND number = ?", string(erpbridge.Posted), w.localNow(), w.Company, number)
	if err != nil {
		return erpbridge.Document{}, err
	}
	return w.document(ctx, ref)
}
