package convert

import (
	"context"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// The kinds of conversion that make the further documents of the trade. They are the names of the
// host's kinds.
const (
	ToPaymentRequest = Kind(erpbridge.PaymentRequest)
	ToAdvanceInvoice = Kind(erpbridge.AdvanceInvoice)
	ToCompletionAct  = Kind(erpbridge.CompletionAct)
	ToCredit         = Kind(erpbridge.CreditNote)
)

// RequestPayment makes a payment request, which is no tax document (díjbekérő, счёт на оплату,
// προτιμολόγιο): of an order, or directly of a quote or an opportunity. It takes nothing away from what
// can be invoiced.
func (c *Conversions) RequestPayment(ctx context.Context, input DocumentInput) (Result, error) {
	return c.document(ctx, ToPaymentRequest, erpbridge.PaymentRequest, input)
}

// Advance makes the invoice of a payment on account (előlegszámla, счёт-фактура на аванс), of an order, a
// quote or an opportunity. Lines say of how much; several are told apart by their keys.
func (c *Conversions) Advance(ctx context.Context, input DocumentInput) (Result, error) {
	return c.document(ctx, ToAdvanceInvoice, erpbridge.AdvanceInvoice, input)
}

// Complete makes the act that customer and supplier sign when a service is done (teljesítési igazolás,
// акт выполненных работ), of an order or a delivery note.
func (c *Conversions) Complete(ctx context.Context, input DocumentInput) (Result, error) {
	return c.document(ctx, ToCompletionAct, erpbridge.CompletionAct, input)
}

// Credit makes a credit note of a part of an invoice. A whole invoice is taken back by
// [Conversions.Undo], with a credit note where the host wants one.
func (c *Conversions) Credit(ctx context.Context, input DocumentInput) (Result, error) {
	var faults fault.List
	if input.From.Kind != Conversion {
		faults.Add("from", "choice", "is a %q; a credit note follows the conversion that made the invoice", string(input.From.Kind))
	}
	if len(input.Lines) == 0 {
		faults.Add("lines", "required", "are missing; say how much of which lines is credited, or undo the whole invoice")
	}
	if err := faults.Err("the credit note cannot be made"); err != nil {
		return Result{}, err
	}
	return c.document(ctx, ToCredit, erpbridge.CreditNote, input)
}

// registerTrade makes them available by name: payment_request.make, advance_invoice.make,
// completion_act.make and credit.make, each with a DocumentInput.
func (c *Conversions) registerTrade(r *event.Registry) {
	for name, verb := range map[string]func(*Conversions, context.Context, DocumentInput) (Result, error){
		"payment_request.make": (*Conversions).RequestPayment, "advance_invoice.make": (*Conversions).Advance,
		"completion_act.make": (*Conversions).Complete, "credit.make": (*Conversions).Credit,
	} {
		r.Action(name, action(c, func(ctx context.Context, in *Conversions, q DocumentInput) (any, error) { return verb(in, ctx, q) }))
	}
}
