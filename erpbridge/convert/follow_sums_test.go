package convert

import (
	"testing"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/erpbridge"
)

// paperOf is a document of a deal: kind, state, total, paid.
func paperOf(kind erpbridge.Kind, state erpbridge.State, total, paid string) *step {
	return &step{link: tracked{
		Link: Link{HostKind: string(kind), HostState: state, Total: money.MustAmount(total), Currency: "EUR"}, Paid: money.MustAmount(paid),
	}}
}

func paidOf(total, paid string) *step {
	return paperOf(erpbridge.Invoice, erpbridge.Posted, total, paid)
}

func followsOn(s *step, parent *step) *step { s.parent = parent; return s }

// How far a deal is follows from its documents alone.
func TestProgressOfDocuments(t *testing.T) {
	order := paperOf(erpbridge.Order, erpbridge.Open, "100", "0")
	part := paperOf(erpbridge.Order, erpbridge.Partial, "100", "0")
	invoice := paperOf(erpbridge.Invoice, erpbridge.Posted, "100", "0")
	for _, c := range []struct {
		name  string
		steps []*step
		want  opportunity.Progress
	}{
		{"nothing", nil, opportunity.NotOrdered},
		{"an order", []*step{order}, opportunity.Ordered},
		{"an order done in part", []*step{part}, opportunity.Delivering},
		{"an order that the host calls done", []*step{paperOf(erpbridge.Order, erpbridge.Completed, "100", "0")}, opportunity.Delivered},
		{"a delivery note of a part", []*step{order, paperOf(erpbridge.DeliveryNote, erpbridge.Open, "40", "0")}, opportunity.Delivering},
		{"delivery notes without prices", []*step{part, paperOf(erpbridge.DeliveryNote, erpbridge.Open, "0", "0")}, opportunity.Delivering},
		{"delivery notes of everything", []*step{part, paperOf(erpbridge.DeliveryNote, erpbridge.Open, "40", "0"), paperOf(erpbridge.DeliveryNote, erpbridge.Open, "60", "0")}, opportunity.Delivered},
		{"an invoice of a part", []*step{part, paperOf(erpbridge.Invoice, erpbridge.Open, "40", "0")}, opportunity.Invoicing},
		{"an invoice of everything", []*step{part, invoice}, opportunity.Invoiced},
		{"an invoice within the tolerance", []*step{order, paperOf(erpbridge.Invoice, erpbridge.Posted, "99.99", "0")}, opportunity.Invoiced},
		{"an invoice that is cancelled", []*step{order, paperOf(erpbridge.Invoice, erpbridge.Cancelled, "100", "0")}, opportunity.Ordered},
		{"an invoice that was credited in part", []*step{part, invoice, followsOn(paperOf(erpbridge.CreditNote, erpbridge.Posted, "-30", "0"), invoice)}, opportunity.Invoiced},
		{"credited in part, and the rest paid", []*step{part, paidOf("100", "70"), followsOn(paperOf(erpbridge.CreditNote, erpbridge.Posted, "-30", "0"), invoice)}, opportunity.Paid},
		{"credited in part, and less than the rest paid", []*step{part, paidOf("100", "69"), followsOn(paperOf(erpbridge.CreditNote, erpbridge.Posted, "-30", "0"), invoice)}, opportunity.Paying},
		{"credited in part before all was invoiced", []*step{part, paperOf(erpbridge.Invoice, erpbridge.Posted, "50", "0"), followsOn(paperOf(erpbridge.CreditNote, erpbridge.Posted, "-30", "0"), invoice)}, opportunity.Invoicing},
		{"credited in part and invoiced anew", []*step{part, invoice, followsOn(paperOf(erpbridge.CreditNote, erpbridge.Posted, "-30", "0"), invoice), paidOf("30", "30")}, opportunity.Paying},
		{"money on account", []*step{order, paperOf(erpbridge.PaymentRequest, erpbridge.Paid, "100", "100")}, opportunity.Paid},
		{"paid in part", []*step{part, paperOf(erpbridge.Invoice, erpbridge.Posted, "100", "1")}, opportunity.Paying},
		{"a part invoiced and paid", []*step{part, paperOf(erpbridge.Invoice, erpbridge.Paid, "40", "40")}, opportunity.Paying},
		{"paid", []*step{part, paperOf(erpbridge.Invoice, erpbridge.Paid, "100", "100")}, opportunity.Paid},
		{"more invoiced than ordered, the order's total paid", []*step{part, paperOf(erpbridge.Invoice, erpbridge.Posted, "130", "100")}, opportunity.Paying},
		{"an invoice without an order", []*step{paperOf(erpbridge.Invoice, erpbridge.Open, "100", "0")}, opportunity.Invoiced},
		{"everything cancelled", []*step{paperOf(erpbridge.Order, erpbridge.Cancelled, "100", "0"), paperOf(erpbridge.Invoice, erpbridge.Credited, "100", "0")}, opportunity.Void},
		{"everything missing", []*step{paperOf(erpbridge.Order, Missing, "100", "0")}, opportunity.Void},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sumOf(c.steps).progress(money.MustAmount("0.01")); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
