package hosttest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// lines asserts what the host does with lines that not every host takes.
func (b *bench) lines(t *testing.T) {
	t.Run("two lines of one product", b.sameProduct)
	t.Run("fraction of a quantity", func(t *testing.T) {
		if !b.lacks(Fractions) {
			t.Skip("the host takes fractions")
		}
		b.refused(t, b.order(t, b.Customer, "1.5"), "lines[0].quantity")
	})
	t.Run("discount", func(t *testing.T) {
		if !b.lacks(Discounts) {
			t.Skip("the host takes discounts")
		}
		draft := b.order(t, b.Customer, "1")
		draft.Lines[0].Discount = money.MustPercent("10")
		b.refused(t, draft, "lines[0].discount")
	})
	t.Run("free text", func(t *testing.T) {
		draft := b.order(t, b.Customer, "1", "1")
		draft.Lines[1].Product, draft.Lines[1].Name = "", b.fit("document.lines.name", "Szállítás a 3. emeletre", "")
		if b.lacks(FreeText) {
			b.refused(t, draft, "lines[1].product")
			return
		}
		got := b.reread(t, b.write(t, draft).Ref)
		if len(got.Lines) != 2 || got.Lines[1].Product != "" || got.Lines[1].Name != draft.Lines[1].Name && !b.drops("document.lines.name") {
			t.Errorf("the line of free text reads %+v", got.Lines)
		}
	})
}

func (b *bench) sameProduct(t *testing.T) {
	draft := b.order(t, b.Customer, "2", "3")
	draft.Lines[1].Product, draft.Lines[1].UnitPrice = draft.Lines[0].Product, draft.Lines[0].UnitPrice
	dearer := draft
	dearer.Lines = slices.Clone(draft.Lines)
	dearer.Lines[1].UnitPrice = money.MustAmount("1999.00")
	want := 2
	switch b.SameProduct {
	case Refused:
		b.refused(t, draft, "lines[1].product")
		return
	case Merged:
		b.refused(t, dearer, "lines[1].product")
		want = 1
	case Apart:
		b.write(t, dearer)
	}
	got := b.reread(t, b.write(t, draft).Ref)
	var all money.Quantity
	for _, l := range got.Lines {
		all = all.Add(l.Quantity)
	}
	if len(got.Lines) != want || !all.Equal(money.MustQuantity("5")) {
		t.Errorf("two lines of one product became %d with %s pieces, want %d with 5", len(got.Lines), all, want)
	}
}

// openInvoice writes an invoice that is posted where that takes a clerk.
func (b *bench) openInvoice(t *testing.T, customer string, days int) erpbridge.Document {
	t.Helper()
	draft := b.order(t, customer, "1", "2")
	draft.Kind, draft.Due = erpbridge.Invoice, b.today().AddDays(days)
	d := b.write(t, draft)
	if b.Clerk.Post != nil {
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error { return b.Clerk.Post(ctx, s, d.Ref) })
	}
	return b.reread(t, d.Ref)
}

func (b *bench) pay(t *testing.T, invoice erpbridge.Document, amount money.Amount) {
	t.Helper()
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error { return b.Clerk.Pay(ctx, s, invoice.Ref, amount) })
}

func (b *bench) openItems(t *testing.T) {
	customer := b.create(t, work{}, b.draft("Tartozó"))
	read := func(company string) (items []erpbridge.OpenItem) {
		b.must(t, work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
			items, err = b.Host.Documents.(erpbridge.OpenItems).OpenItems(ctx, s, customer.Key)
			return err
		})
		return items
	}
	if items := read(b.Company); len(items) > 0 {
		t.Errorf("a new customer owes %+v", items)
	}
	later, sooner := b.openInvoice(t, customer.Key, 30), b.openInvoice(t, customer.Key, 8)
	sees := func(want ...erpbridge.OpenItem) {
		t.Helper()
		got := read(b.Company)
		text := func(list []erpbridge.OpenItem) (out []string) {
			for _, i := range list {
				due := i.Due
				if b.drops("document.due") {
					due = i.Date
				}
				out = append(out, fmt.Sprintf("%s %s of %s due %s %s: %s of %s", i.Document.Kind, i.Document.Number, i.Date, due, i.Currency, i.Open, i.Amount))
			}
			return out
		}
		if diff := cmp.Diff(text(want), text(got)); diff != "" {
			t.Errorf("the open items are others (-want +got):\n%s", diff)
		}
	}
	item := func(d erpbridge.Document, open money.Amount) erpbridge.OpenItem {
		return erpbridge.OpenItem{Document: d.Ref, Date: d.Date, Due: d.Due, Currency: d.Currency, Amount: d.Gross, Open: open}
	}
	sees(item(sooner, sooner.Gross), item(later, later.Gross))
	if !b.lacks(Companies) {
		if items := read(b.OtherCompany); len(items) > 0 {
			t.Errorf("company %s reads the open items of %s: %+v", b.OtherCompany, b.Company, items)
		}
	}
	if b.Clerk.Pay == nil {
		return
	}
	part := money.MustAmount("100")
	b.pay(t, sooner, part)
	sees(item(sooner, sooner.Gross.Sub(part)), item(later, later.Gross))
	if d := b.reread(t, sooner.Ref); !d.Paid.Equal(part) || d.State == erpbridge.Paid {
		t.Errorf("after %s of %s the invoice says %s paid and is %s", part, d.Gross, d.Paid, d.State)
	}
	b.pay(t, sooner, sooner.Gross.Sub(part))
	sees(item(later, later.Gross))
	d := b.reread(t, sooner.Ref)
	state(t, d, erpbridge.Paid)
	if !d.Paid.Equal(d.Gross) {
		t.Errorf("the paid invoice says %s of %s", d.Paid, d.Gross)
	}
}

func (b *bench) payments(t *testing.T) {
	customer := b.create(t, work{}, b.draft("Fizető"))
	read := func(company string, limit int) (list []erpbridge.Payment) {
		b.must(t, work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
			list, err = b.Host.Documents.(erpbridge.Payments).Payments(ctx, s, customer.Key, limit)
			return err
		})
		return list
	}
	if list := read(b.Company, 10); len(list) > 0 {
		t.Errorf("a new customer paid %+v", list)
	}
	if b.Clerk.Pay == nil {
		t.Skip("the subject has no Clerk.Pay")
	}
	invoice := b.openInvoice(t, customer.Key, 8)
	amounts := []money.Amount{money.MustAmount("100"), money.MustAmount("200"), money.MustAmount("300")}
	for _, a := range amounts {
		b.pay(t, invoice, a)
	}
	list := read(b.Company, 10)
	if len(list) != 3 {
		t.Fatalf("three payments read as %+v", list)
	}
	keys := map[string]bool{}
	sum := money.Amount{}
	for i, p := range list {
		keys[p.Key], sum = true, sum.Add(p.Amount)
		if p.Currency != invoice.Currency || p.Date.IsZero() || p.Document != (erpbridge.Ref{}) && p.Document.Key != invoice.Key {
			t.Errorf("a payment of the invoice %s reads %+v", invoice.Number, p)
		}
		if i > 0 && p.Date.After(list[i-1].Date) {
			t.Errorf("the payments are not the newest first: %+v", list)
		}
	}
	if len(keys) != 3 || !sum.Equal(money.MustAmount("600")) {
		t.Errorf("payments of 100, 200 and 300 have %d keys and the sum %s", len(keys), sum)
	}
	if two := read(b.Company, 2); len(two) != 2 {
		t.Errorf("a list limited to 2 has %d payments", len(two))
	}
	if !b.lacks(Companies) {
		if list := read(b.OtherCompany, 10); len(list) > 0 {
			t.Errorf("company %s reads the payments of %s: %+v", b.OtherCompany, b.Company, list)
		}
	}
}

// creditNotes takes a posted invoice back and finds what took it back.
func (b *bench) creditNotes(t *testing.T) {
	t.Run("of a part", b.partialCredit)
	invoice := b.openInvoice(t, b.Customer, 8)
	got := b.mustCancel(t, invoice.Ref)
	if got.State != erpbridge.Credited {
		if b.Clerk.Post != nil {
			t.Errorf("the posted invoice is %s, want %s by a credit note", got.State, erpbridge.Credited)
		}
		return
	}
	if got.CancelledBy == nil {
		t.Fatalf("the credited invoice %s does not name what took it back", got.Number)
	}
	note := b.reread(t, *got.CancelledBy)
	if note.Kind != erpbridge.CreditNote || !note.Gross.Abs().Equal(invoice.Gross.Decimal.Abs()) || note.Customer != invoice.Customer {
		t.Errorf("the credit note of %s is %+v", invoice.Gross, note)
	}
	if note.Source == nil || note.Source.Key != invoice.Key {
		t.Errorf("the credit note's source is %+v, want %+v", note.Source, invoice.Ref)
	}
	again := b.mustCancel(t, invoice.Ref)
	if again.CancelledBy == nil || *again.CancelledBy != *got.CancelledBy {
		t.Errorf("cancelling again gives the credit note %+v, the first time %+v", again.CancelledBy, got.CancelledBy)
	}
}

// partialCredit credits one of two pieces, and no more than there are.
func (b *bench) partialCredit(t *testing.T) {
	b.need(t, PartialCredits)
	invoice := b.openInvoice(t, b.Customer, 8)
	b.refused(t, next(erpbridge.CreditNote, invoice, "", "3"), "lines[0].quantity")
	note := b.write(t, next(erpbridge.CreditNote, invoice, "", "1"))
	if note.Source == nil || note.Source.Key != invoice.Key {
		t.Errorf("the credit note's source is %+v, want %+v", note.Source, invoice.Ref)
	}
	if len(note.Lines) != 1 || !note.Lines[0].Quantity.Abs().Equal(money.MustQuantity("1").Decimal) || note.Gross.Abs().GreaterThanOrEqual(invoice.Gross.Decimal) {
		t.Errorf("one piece of %s was credited by %+v", invoice.Gross, note)
	}
	b.refused(t, next(erpbridge.CreditNote, invoice, "", "2"), "lines[0].quantity")
	if got := b.reread(t, invoice.Ref); got.State != invoice.State || !got.Gross.Equal(invoice.Gross) {
		t.Errorf("the invoice that was credited in part is %s over %s, it was %s over %s", got.State, got.Gross, invoice.State, invoice.Gross)
	}
}

// quotations are written, followed by an order, and cancelled.
func (b *bench) quotations(t *testing.T) {
	draft := b.order(t, b.Customer, "2", "3")
	draft.Kind = erpbridge.Quotation
	offer := b.write(t, draft)
	if diff := cmp.Diff(offer, b.reread(t, offer.Ref)); diff != "" {
		t.Errorf("the quotation reads other than Create gave it (-created +read):\n%s", diff)
	}
	order := b.write(t, next(erpbridge.Order, offer, "2", "3"))
	if order.Source == nil || order.Source.Kind != erpbridge.Quotation || order.Source.Key != offer.Key {
		t.Errorf("the order's source is %+v, want %+v", order.Source, offer.Ref)
	}
	other := b.write(t, draft)
	b.mustCancel(t, other.Ref)
}

// paper walks through a document that follows an order and counts nothing on it.
func paper(kind erpbridge.Kind) func(b *bench, t *testing.T) {
	return func(b *bench, t *testing.T) {
		order := b.write(t, b.order(t, b.Customer, "4", "2"))
		token := b.unique("token-")
		draft := next(kind, order, "4", "2")
		made := b.writeAs(t, work{token: token}, draft)
		if diff := cmp.Diff(made, b.reread(t, made.Ref)); diff != "" {
			t.Errorf("the %s reads other than Create gave it (-created +read):\n%s", kind, diff)
		}
		if diff := cmp.Diff(made, b.writeAs(t, b.again(token), draft)); diff != "" {
			t.Errorf("the second call with one token gave another %s (-first +second):\n%s", kind, diff)
		}
		if made.Source == nil || made.Source.Kind != erpbridge.Order || made.Source.Key != order.Key {
			t.Errorf("the source is %+v, want %+v", made.Source, order.Ref)
		}
		b.near(t, "the gross of all of the order", made.Gross, order.Gross)
		got := b.reread(t, order.Ref)
		quantities(t, got, 0, "0", "0")
		state(t, got, erpbridge.Open, erpbridge.Partial)
		gone := next(kind, order, "1")
		gone.Source = &erpbridge.Ref{Kind: erpbridge.Order, Key: "none" + b.run}
		b.refused(t, gone, "source")
		b.mustCancel(t, made.Ref)
	}
}
