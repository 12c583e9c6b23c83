package hosttest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// counter is the number in the last digits of a document's number.
func counter(t *testing.T, number string) int {
	t.Helper()
	digits := number[len(strings.TrimRight(number, "0123456789")):]
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatalf("the number %q does not end in a counter", number)
	}
	return n
}

// numbers asserts that rollbacks leave no hole in a series, one after the other and at once.
func (b *bench) numbers(t *testing.T) {
	first := counter(t, b.write(t, b.order(t, b.Customer, "1")).Number)
	var mu sync.Mutex
	taken := []int{first}
	one := func(i int) error {
		var number string
		err := b.persist(t.Context(), work{rollback: i%3 == 1}, func(ctx context.Context, s erpbridge.Session) error {
			d, err := b.Host.Documents.Create(ctx, s, b.order(t, b.Customer, "1"))
			number = d.Number
			return err
		})
		if err != nil || i%3 == 1 {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		taken = append(taken, counter(t, number))
		return nil
	}
	for i := range 20 {
		if err := one(i); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for worker := range 5 {
		wg.Go(func() {
			for i := range 4 {
				if err := one(worker + i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(taken)
	for i, n := range taken {
		if n != first+i {
			t.Fatalf("the numbers have a hole or a double after %d: %v", first+i-1, taken)
		}
	}
}

func quantities(t *testing.T, d erpbridge.Document, line int, delivered, invoiced string) {
	t.Helper()
	l := d.Lines[line]
	if !l.Delivered.Equal(money.MustQuantity(delivered)) || !l.Invoiced.Equal(money.MustQuantity(invoiced)) {
		t.Errorf("line %d of %s: %s delivered and %s invoiced, want %s and %s", line, d.Number, l.Delivered, l.Invoiced, delivered, invoiced)
	}
}

func state(t *testing.T, d erpbridge.Document, want ...erpbridge.State) {
	t.Helper()
	if !slices.Contains(want, d.State) {
		t.Errorf("%s %s is %s, want %v", d.Kind, d.Number, d.State, want)
	}
}

// chain walks from an order through partial deliveries and invoices to its completion.
func (b *bench) chain(t *testing.T) {
	order := b.write(t, b.order(t, b.Customer, "10", "4"))
	stock := b.stock(t)
	note := b.write(t, next(erpbridge.DeliveryNote, order, "4", "4"))
	if stock != nil {
		if left, want := *b.stock(t), stock.Sub(money.MustQuantity("4")); !left.Equal(want) {
			t.Errorf("after delivering 4 the stock is %s, want %s", left, want)
		}
	}
	if note.Source == nil || note.Source.Key != order.Key {
		t.Errorf("the delivery note's source is %+v, want %+v", note.Source, order.Ref)
	}
	order = b.reread(t, order.Ref)
	quantities(t, order, 0, "4", "0")
	quantities(t, order, 1, "4", "0")
	state(t, order, erpbridge.Partial)

	b.refused(t, next(erpbridge.DeliveryNote, order, b.part("6.5", "7"), "1"), "lines[0].quantity", "lines[1].quantity")
	if b.SameProduct == Apart {
		twice := next(erpbridge.DeliveryNote, order, "4")
		twice.Lines = append(twice.Lines, twice.Lines[0])
		b.refused(t, twice, "lines[1].quantity")
	}
	none := next(erpbridge.DeliveryNote, order, "1")
	none.Lines[0].SourceLine = "none"
	b.refused(t, none, "lines[0].source_line")
	gone := next(erpbridge.DeliveryNote, order, "1")
	gone.Source = &erpbridge.Ref{Kind: erpbridge.Order, Key: "none" + b.run}
	b.refused(t, gone, "source")

	second := b.write(t, next(erpbridge.DeliveryNote, order, "6", ""))
	b.write(t, next(erpbridge.Invoice, note, "4", "4"))
	order = b.reread(t, order.Ref)
	quantities(t, order, 0, "10", "4")
	quantities(t, order, 1, "4", "4")
	b.refused(t, next(erpbridge.Invoice, b.reread(t, note.Ref), "1", ""), "lines[0].quantity")
	b.write(t, next(erpbridge.Invoice, order, "6", ""))
	order = b.reread(t, order.Ref)
	quantities(t, order, 0, "10", "10")
	state(t, order, erpbridge.Completed)
	b.refused(t, next(erpbridge.Invoice, second, "1"), "lines[0].quantity")
}

// stock is what is on hand of the first product, nil where the host does not tell.
func (b *bench) stock(t *testing.T) (q *money.Quantity) {
	t.Helper()
	if b.Host.Catalogue == nil {
		return nil
	}
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		p, err := b.Host.Catalogue.Product(ctx, s, b.Products[0])
		q = p.Stock
		return err
	})
	return q
}

func (b *bench) invoices(t *testing.T) {
	t.Run("direct", func(t *testing.T) {
		draft := b.order(t, b.Customer, "3", "1", "2")
		draft.Kind = erpbridge.Invoice
		draft.Lines[2].Discount = money.MustPercent(b.discount("33.3333", "33"))
		d := b.write(t, draft)
		if d.Due.IsZero() || d.Due.Before(d.Date) {
			t.Errorf("the invoice of %s is due on %s", d.Date, d.Due)
		}
		if !d.VAT.IsPositive() && !d.Lines[0].VATRate.IsZero() {
			t.Errorf("the invoice has no VAT: %+v", d)
		}
	})
	t.Run("from an order", func(t *testing.T) {
		order := b.write(t, b.order(t, b.Customer, "2"))
		b.write(t, next(erpbridge.Invoice, order, b.part("1.5", "1")))
		b.refused(t, next(erpbridge.Invoice, order, b.part("1", "2")), "lines[0].quantity")
		b.write(t, next(erpbridge.Invoice, order, b.part("0.5", "1")))
	})
	t.Run("customer with missing data", func(t *testing.T) {
		check, ok := b.Host.Customers.(erpbridge.CustomerCheck)
		if !ok {
			t.Skipf("the host has no %s", CustomerCheck)
		}
		draft := b.draft("Hiányos")
		draft.Address.City, draft.Address.Line1 = "", ""
		var faults []fault.Fault
		var customer erpbridge.Customer
		err := b.persist(t.Context(), work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
			if faults, err = check.Check(ctx, s, draft); err != nil {
				return err
			}
			customer, err = b.Host.Customers.Create(ctx, s, draft)
			return err
		})
		if err != nil {
			at(t, err, "address.city") // a host that does not even open an account for it
			return
		}
		if len(faults) == 0 {
			t.Fatal("the check finds nothing missing")
		}
		invoice := b.order(t, customer.Key, "1")
		invoice.Kind = erpbridge.Invoice
		var paths []string
		for _, f := range faults {
			paths = append(paths, "customer."+f.Path)
		}
		b.refused(t, invoice, paths...)
	})
}

// cancelDocument cancels in a transaction of its own.
func (b *bench) cancelDocument(ctx context.Context, ref erpbridge.Ref) (erpbridge.Document, error) {
	var d erpbridge.Document
	err := b.persist(ctx, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
		d, err = b.Host.Documents.Cancel(ctx, s, ref, "hosttest: ordered by mistake")
		return err
	})
	return d, err
}

func (b *bench) mustCancel(t *testing.T, ref erpbridge.Ref) erpbridge.Document {
	t.Helper()
	d, err := b.cancelDocument(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	state(t, d, erpbridge.Cancelled, erpbridge.Credited)
	return d
}

// gone asserts that a document cannot be read any more.
func (b *bench) gone(t *testing.T, ref erpbridge.Ref) {
	t.Helper()
	err := b.do(t.Context(), work{}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Documents.Document(ctx, s, ref)
		return err
	})
	notFound(t, "a document that was cancelled before it had a number", err)
}

func (b *bench) cancel(t *testing.T) {
	t.Run("order", func(t *testing.T) {
		order := b.write(t, b.order(t, b.Customer, "1"))
		b.mustCancel(t, order.Ref)
		if b.lacks(KeptCancelled) {
			b.gone(t, order.Ref)
			return
		}
		b.mustCancel(t, order.Ref) // again: nothing happens
		again := b.reread(t, order.Ref)
		if again.Number != order.Number {
			t.Errorf("the cancelled order has the number %q, it had %q", again.Number, order.Number)
		}
		if !slices.Contains(b.Lacks, Deliveries) {
			b.refused(t, next(erpbridge.DeliveryNote, order, "1"), "source")
		}
	})
	t.Run("backwards through the chain", func(t *testing.T) {
		b.need(t, Deliveries)
		b.need(t, Invoices)
		stock := b.stock(t)
		order := b.write(t, b.order(t, b.Customer, "5"))
		note := b.write(t, next(erpbridge.DeliveryNote, order, "5"))
		invoice := b.write(t, next(erpbridge.Invoice, note, "5"))
		for _, ref := range []erpbridge.Ref{order.Ref, note.Ref} {
			if d, err := b.cancelDocument(t.Context(), ref); err == nil {
				t.Errorf("%s %s was cancelled although it is invoiced: %s", ref.Kind, ref.Number, d.State)
			} else {
				at(t, err)
			}
		}
		b.mustCancel(t, invoice.Ref)
		quantities(t, b.reread(t, order.Ref), 0, "5", "0")
		b.mustCancel(t, note.Ref)
		quantities(t, b.reread(t, order.Ref), 0, "0", "0")
		if stock != nil && !b.stock(t).Equal(*stock) {
			t.Errorf("the stock is %s after all was cancelled, it was %s", b.stock(t), stock)
		}
		again := b.write(t, next(erpbridge.DeliveryNote, order, "5")) // what was taken back can be delivered again
		b.mustCancel(t, again.Ref)
		b.mustCancel(t, order.Ref)
	})
	_, err := b.cancelDocument(t.Context(), erpbridge.Ref{Kind: erpbridge.Order, Key: "none" + b.run})
	notFound(t, "cancelling an order that does not exist", err)
}
