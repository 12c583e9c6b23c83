package hosttest

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// The ports that read all customers at once.

// most is how many pages a listing may have.
const most = 10_000

func (b *bench) undelivered(t *testing.T, company string, q erpbridge.BacklogQuery) (list []erpbridge.Undelivered) {
	t.Helper()
	for range most {
		var page []erpbridge.Undelivered
		b.must(t, work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
			page, err = b.Host.Documents.(erpbridge.Backlog).Backlog(ctx, s, q)
			return err
		})
		if len(page) == 0 {
			break
		}
		if len(page) > q.Limit {
			t.Fatalf("a page of at most %d orders has %d", q.Limit, len(page))
		}
		list = append(list, page...)
		last := page[len(page)-1]
		q.After = &erpbridge.Undelivered{Date: last.Date, Order: last.Order}
	}
	return list
}

// delivers is the kind of documents by which the host delivers: delivery notes, and invoices where it has none.
func (b *bench) delivers(t *testing.T) erpbridge.Kind {
	t.Helper()
	if b.lacks(Deliveries) {
		b.need(t, Invoices)
		return erpbridge.Invoice
	}
	b.need(t, PartDeliveries)
	return erpbridge.DeliveryNote
}

// backlog delivers orders bit by bit and looks what is left.
func (b *bench) backlog(t *testing.T) {
	by := b.delivers(t)
	first := b.order(t, b.Customer, "10", "4")
	first.Date = b.today().AddDays(-3)
	order, second := b.write(t, first), b.write(t, b.order(t, b.Customer, "1", "2"))
	cancelled, done := b.write(t, b.order(t, b.Customer, "1")), b.write(t, b.order(t, b.Customer, "2"))
	b.mustCancel(t, cancelled.Ref)
	b.write(t, next(by, order, "4", "4"))
	b.write(t, next(by, done, "2"))
	q := erpbridge.BacklogQuery{From: first.Date, Limit: 500}
	whole := b.undelivered(t, b.Company, q)
	left := map[string][]string{}
	for i, o := range whole {
		if i > 0 && o.Date.Before(whole[i-1].Date) {
			t.Errorf("the orders are not in the order of their dates: %s after %s", o.Date, whole[i-1].Date)
		}
		if o.Order.Kind != erpbridge.Order || o.Order.Number == "" || o.Customer == "" || len(o.Lines) == 0 {
			t.Errorf("an order reads %+v", o)
		}
		for _, l := range o.Lines {
			if !l.Left.IsPositive() || l.Product == "" {
				t.Errorf("of order %s is left %+v", o.Order.Number, l)
			}
			left[o.Order.Key] = append(left[o.Order.Key], l.Product+" "+money.NewQuantity(l.Left.Decimal).String())
		}
	}
	for _, c := range []struct {
		name string
		of   erpbridge.Document
		want []string
	}{
		{"partly delivered", order, []string{b.Products[0] + " 6"}},
		{"not delivered", second, []string{b.Products[0] + " 1", b.Products[1] + " 2"}},
		{"cancelled", cancelled, nil},
		{"delivered", done, nil},
	} {
		if got := left[c.of.Key]; !slices.Equal(got, c.want) {
			t.Errorf("of the order that is %s is left %q, want %q", c.name, got, c.want)
		}
	}
	if diff := cmp.Diff(whole, b.undelivered(t, b.Company, erpbridge.BacklogQuery{From: q.From, Limit: 3})); diff != "" {
		t.Errorf("pages of 3 give other orders (-whole +pages):\n%s", diff)
	}
	late := b.undelivered(t, b.Company, erpbridge.BacklogQuery{From: b.today(), Limit: 500})
	if slices.ContainsFunc(late, func(o erpbridge.Undelivered) bool { return o.Order.Key == order.Key }) || len(late) >= len(whole) {
		t.Errorf("from today on there are %d of %d orders, and the one of three days ago is among them", len(late), len(whole))
	}
	if !b.lacks(Companies) {
		for _, o := range b.undelivered(t, b.OtherCompany, q) {
			if left[o.Order.Key] != nil && o.Customer == b.Customer {
				t.Errorf("company %s reads the order %s of %s", b.OtherCompany, o.Order.Number, b.Company)
			}
		}
	}
}

func (b *bench) owed(t *testing.T, company string, limit int) (list []erpbridge.Receivable) {
	t.Helper()
	q := erpbridge.ReceivablesQuery{Limit: limit}
	seen := map[string]bool{}
	for range most {
		var page []erpbridge.Receivable
		b.must(t, work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
			page, err = b.Host.Documents.(erpbridge.Receivables).Receivables(ctx, s, q)
			return err
		})
		if len(page) == 0 {
			break
		}
		customers := map[string]bool{}
		for _, r := range page {
			customers[r.Customer] = true
			if seen[r.Customer] {
				t.Fatalf("the items of %s stand on two pages", r.Customer)
			}
		}
		if len(page) > limit && len(customers) > 1 {
			t.Fatalf("a page of at most %d items has %d of %d customers", limit, len(page), len(customers))
		}
		for c := range customers {
			seen[c] = true
		}
		list, q.After = append(list, page...), page[len(page)-1].Customer
	}
	return list
}

// receivables holds what all owe against what the host says of each customer.
func (b *bench) receivables(t *testing.T) {
	one, two := b.create(t, work{}, b.draft("Adós Első")), b.create(t, work{}, b.draft("Adós Második"))
	sooner := b.openInvoice(t, one.Key, 8)
	b.openInvoice(t, one.Key, 30)
	b.openInvoice(t, two.Key, 20)
	whole := b.owed(t, b.Company, 500)
	for _, c := range []erpbridge.Customer{one, two} {
		var want, got []erpbridge.OpenItem
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
			want, err = b.Host.Documents.(erpbridge.OpenItems).OpenItems(ctx, s, c.Key)
			return err
		})
		for _, r := range whole {
			if r.Customer == c.Key {
				got = append(got, r.OpenItem)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what %s owes is other among all than alone (-alone +among all):\n%s", c.Name, diff)
		}
	}
	for _, limit := range []int{1, 3} {
		if diff := cmp.Diff(whole, b.owed(t, b.Company, limit)); diff != "" {
			t.Errorf("pages of %d give other items (-whole +pages):\n%s", limit, diff)
		}
	}
	if !b.lacks(Companies) {
		for _, r := range b.owed(t, b.OtherCompany, 500) {
			if r.Customer == one.Key && r.Document == sooner.Ref {
				t.Errorf("company %s reads what %s is owed: %+v", b.OtherCompany, b.Company, r)
			}
		}
	}
	if b.Clerk.Pay == nil {
		return
	}
	b.pay(t, sooner, sooner.Gross)
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		list, err := b.Host.Documents.(erpbridge.Receivables).Settled(ctx, s, []string{one.Key, two.Key}, b.today().AddDays(-7))
		for _, r := range list {
			if r.Customer != one.Key || r.Document.Key != sooner.Key || r.Due != sooner.Due || r.Paid.IsZero() {
				t.Errorf("settled was only %s, not %+v", sooner.Number, r)
			}
		}
		if len(list) > 1 {
			t.Errorf("one invoice was settled, the host says %d", len(list))
		}
		return err
	})
}
