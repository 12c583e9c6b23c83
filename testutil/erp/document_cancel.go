package erp

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
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
		if d.State == erpbridge.Paid {
			faults.Add("state", "document.paid", "it is paid; pay the money back first")
		}
	case erpbridge.CreditNote:
		faults.Add("kind", "document.kind", "a credit note is final; write a new invoice")
	}
	return faults
}

// storno writes the invoice with negative quantities that takes a posted one back.
func (w work) storno(ctx context.Context, invoice erpbridge.Document, counter series, reason string) error {
	f, _ := familyOf(erpbridge.CreditNote)
	d := invoice
	d.Source = &invoice.Ref
	d.Date, d.Due, d.Note, d.State = w.Today, w.Today, reason, erpbridge.Posted
	d.Net, d.VAT, d.Gross = negative(d.Net), negative(d.VAT), negative(d.Gross)
	d.Lines = make([]erpbridge.DocumentLine, len(invoice.Lines))
	for i, l := range invoice.Lines {
		l.SourceLine = l.Key
		l.Quantity, l.Net = money.NewQuantity(l.Quantity.Neg()), negative(l.Net)
		d.Lines[i] = l
	}
	if err := w.number(ctx, f, counter, &d); err != nil {
		return err
	}
	// The token of a storno is its invoice: there is never a second one.
	return w.insert(ctx, f, d, issue{token: "storno " + invoice.Number, storno: invoice.Number})
}

func negative(a money.Amount) money.Amount { return money.NewAmount(a.Neg()) }

// PostInvoice posts an invoice to the ledger: from then on it can only be taken back by a storno.
func (e *ERP) PostInvoice(ctx context.Context, s erpbridge.Session, number string) (erpbridge.Document, error) {
	return e.settle(ctx, s, number, transition{
		from: erpbridge.Open, to: erpbridge.Posted, column: "posted_at",
		value: func(w work) any { return w.localNow() },
	})
}

// PayInvoice notes that a posted invoice was paid in full on a day.
func (e *ERP) PayInvoice(ctx context.Context, s erpbridge.Session, number string, day civil.Date) (erpbridge.Document, error) {
	return e.settle(ctx, s, number, transition{
		from: erpbridge.Posted, to: erpbridge.Paid, column: "paid_on",
		value: func(work) any { return day },
	})
}

// transition is one guarded step of an invoice.
type transition struct {
	from, to erpbridge.State
	column   string
	value    func(work) any
}

func (e *ERP) settle(ctx context.Context, s erpbridge.Session, number string, t transition) (erpbridge.Document, error) {
	w, err := e.work(s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	ref := erpbridge.Ref{Kind: erpbridge.Invoice, Key: number}
	if err := w.lockDocument(ctx, ref); err != nil {
		return erpbridge.Document{}, err
	}
	d, err := w.document(ctx, ref)
	if err != nil || d.State == t.to {
		return d, err
	}
	if d.State != t.from {
		var faults fault.List
		faults.Add("state", "document.state", "is %s; it has to be %s", d.State, t.from)
		return erpbridge.Document{}, faults.Err("invoice %s cannot become %s", number, t.to)
	}
	err = w.exec(ctx, "UPDATE erp_invoice SET state = ?, "+t.column+" = ? WHERE company = ? AND number = ?", string(t.to), t.value(w), w.Company, number)
	if err != nil {
		return erpbridge.Document{}, err
	}
	return w.document(ctx, ref)
}
