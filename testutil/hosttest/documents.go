package hosttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// order is the draft of an order with one line for each quantity, of the products in turn.
func (b *bench) order(t *testing.T, customer string, quantities ...string) erpbridge.Document {
	t.Helper()
	d := erpbridge.Document{
		Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: customer, Date: b.today(), Currency: b.Currency, Reference: b.fit("document.reference", "", b.unique("Q-")), Note: "hosttest",
	}
	for i, q := range quantities {
		d.Lines = append(d.Lines, erpbridge.DocumentLine{
			Product: b.Products[i%len(b.Products)], Quantity: money.MustQuantity(q), UnitPrice: money.MustAmount(fmt.Sprintf("%d.00", 1000+i*333)), VATCode: b.VATCode,
		})
	}
	return d
}

// next is the draft of a document that follows lines of another with the quantities given; an empty
// one leaves its line out.
func next(kind erpbridge.Kind, source erpbridge.Document, quantities ...string) erpbridge.Document {
	d := erpbridge.Document{Ref: erpbridge.Ref{Kind: kind}, Customer: source.Customer, Date: source.Date, Currency: source.Currency, Source: &source.Ref}
	for i, q := range quantities {
		if q == "" {
			continue
		}
		l := source.Lines[i]
		d.Lines = append(d.Lines, erpbridge.DocumentLine{
			SourceLine: l.Key, Product: l.Product, Name: l.Name, Unit: l.Unit, UnitPrice: l.UnitPrice, Discount: l.Discount, VATCode: l.VATCode, Quantity: money.MustQuantity(q),
		})
	}
	return d
}

func (b *bench) write(t *testing.T, draft erpbridge.Document) erpbridge.Document {
	t.Helper()
	return b.writeAs(t, work{}, draft)
}

func (b *bench) writeAs(t *testing.T, w work, draft erpbridge.Document) erpbridge.Document {
	t.Helper()
	var d erpbridge.Document
	b.must(t, w, func(ctx context.Context, s erpbridge.Session) (err error) {
		d, err = b.Host.Documents.Create(ctx, s, draft)
		return err
	})
	if d.Key == "" || d.Number == "" || d.Kind != draft.Kind {
		t.Fatalf("the new %s has no key, number or kind: %+v", draft.Kind, d.Ref)
	}
	b.sums(t, d)
	return d
}

// refused asserts that a draft is refused at all the paths, although the transaction is committed.
func (b *bench) refused(t *testing.T, draft erpbridge.Document, paths ...string) {
	t.Helper()
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Documents.Create(ctx, s, draft)
		at(t, err, paths...)
		return nil
	})
}

func (b *bench) reread(t *testing.T, ref erpbridge.Ref) erpbridge.Document {
	t.Helper()
	var d erpbridge.Document
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
		d, err = b.Host.Documents.Document(ctx, s, ref)
		return err
	})
	return d
}

// sums asserts that the totals of a document follow from its lines: the net is the sum of the lines,
// the VAT that of the nets by code, within the host's tolerance for each code.
func (b *bench) sums(t *testing.T, d erpbridge.Document) {
	t.Helper()
	var net, vat money.Amount
	byCode := map[string]money.Amount{}
	rates := map[string]money.Percent{}
	for _, l := range d.Lines {
		full := money.Times(l.UnitPrice, l.Quantity)
		want := money.Round(full.Sub(money.PercentOf(l.Discount, full)), d.Currency)
		b.near(t, "the net of line "+l.Key, l.Net, want)
		net = net.Add(l.Net)
		byCode[l.VATCode] = byCode[l.VATCode].Add(l.Net)
		rates[l.VATCode] = l.VATRate
	}
	for code, sum := range byCode {
		vat = vat.Add(money.Round(money.PercentOf(rates[code], sum), d.Currency))
	}
	b.near(t, "the net of "+d.Number, d.Net, net)
	b.near(t, "the VAT of "+d.Number, d.VAT, vat)
	b.near(t, "the gross of "+d.Number, d.Gross, d.Net.Add(d.VAT))
}

func (b *bench) near(t *testing.T, what string, got, want money.Amount) {
	t.Helper()
	if got.Sub(want).Abs().GreaterThan(b.Host.Tolerance.Decimal) {
		t.Errorf("%s is %s, want %s (tolerance %s)", what, got, want, b.Host.Tolerance)
	}
}

func (b *bench) orders(t *testing.T) {
	t.Run("create and read", b.orderRoundTrip)
	t.Run("all faults at once and nothing written", b.orderFaults)
	t.Run("blocked customer", func(t *testing.T) {
		if b.BlockedCustomer == "" {
			t.Skip("the host does not block customers")
		}
		b.refused(t, b.order(t, b.BlockedCustomer, "1"), "customer")
	})
	t.Run("same token, same order", func(t *testing.T) {
		token, draft := b.unique("token-"), b.order(t, b.Customer, "2", "3")
		first := b.writeAs(t, work{token: token}, draft)
		if diff := cmp.Diff(first, b.writeAs(t, b.again(token), draft)); diff != "" {
			t.Errorf("the second call with one token gave another order (-first +second):\n%s", diff)
		}
		if other := b.write(t, draft); other.Key == first.Key {
			t.Errorf("another token gave the same order %s", other.Number)
		}
	})
	t.Run("same token by eight at once", func(t *testing.T) {
		b.need(t, Rollback)
		token, draft := b.unique("token-"), b.order(t, b.Customer, "1")
		numbers := atOnce(t, func() (string, error) {
			var d erpbridge.Document
			err := b.persist(t.Context(), work{token: token}, func(ctx context.Context, s erpbridge.Session) (err error) {
				d, err = b.Host.Documents.Create(ctx, s, draft)
				return err
			})
			return d.Number, err
		})
		if slices.Sort(numbers); len(slices.Compact(numbers)) != 1 {
			t.Errorf("one token gave several orders: %v", numbers)
		}
	})
	t.Run("cancelled context leaves nothing", b.orderCancelled)
	t.Run("companies do not see each other", func(t *testing.T) {
		b.need(t, Companies)
		d := b.write(t, b.order(t, b.Customer, "1"))
		err := b.do(t.Context(), work{company: b.OtherCompany}, func(ctx context.Context, s erpbridge.Session) error {
			other, err := b.Host.Documents.Document(ctx, s, d.Ref)
			if err == nil && other.Reference == d.Reference {
				t.Errorf("company %s reads the order of %s", b.OtherCompany, b.Company)
			}
			return err
		})
		if err != nil && !errors.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
	})
	err := b.do(t.Context(), work{}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Documents.Document(ctx, s, erpbridge.Ref{Kind: erpbridge.Order, Key: "none" + b.run})
		return err
	})
	notFound(t, "an order that does not exist", err)
}

func (b *bench) orderRoundTrip(t *testing.T) {
	draft := b.order(t, b.Customer, "2", b.part("0.5", "1"), "7")
	draft.Due = draft.Date.AddDays(20)
	draft.Lines[1].Discount = money.MustPercent(b.discount("12.5", "12"))
	for _, text := range append([]string{"plain"}, hostile...) {
		if text != "plain" && slices.Contains(b.Lacks, Unicode) {
			continue
		}
		t.Run(text, func(t *testing.T) {
			draft.Note, draft.Lines[0].Name = text, b.fit("document.lines.name", text, "")
			made := b.write(t, draft)
			got := b.reread(t, made.Ref)
			if diff := cmp.Diff(made, got); diff != "" {
				t.Errorf("the order reads other than Create gave it (-created +read):\n%s", diff)
			}
			got, draft := b.keptDocument(got), b.keptDocument(draft)
			if got.State != erpbridge.Open || got.Customer != draft.Customer || got.Date != draft.Date || got.Due != draft.Due ||
				got.Currency != draft.Currency || got.Reference != draft.Reference || got.Note != draft.Note || len(got.Lines) != 3 {
				t.Fatalf("the order is other than its draft: %+v", got)
			}
			for i, l := range got.Lines {
				d := draft.Lines[i]
				if l.Key == "" || l.Product != d.Product || !l.Quantity.Equal(d.Quantity) || !l.UnitPrice.Equal(d.UnitPrice) ||
					!l.Discount.Equal(d.Discount) || l.VATCode != d.VATCode || !l.Delivered.IsZero() || !l.Invoiced.IsZero() {
					t.Errorf("line %d is %+v, its draft %+v", i, l, d)
				}
			}
			if got.Lines[0].Name != draft.Lines[0].Name {
				t.Errorf("the name of a line is %q, want %q", got.Lines[0].Name, draft.Lines[0].Name)
			}
		})
	}
}

func (b *bench) orderFaults(t *testing.T) {
	draft := b.order(t, "none "+b.run, "1", "0", "1", "1")
	draft.Lines[0].Product = "none " + b.run
	draft.Lines[2].VATCode = "??"
	paths := []string{"customer", "lines[0].product", "lines[1].quantity"}
	if !b.drops("document.lines.vat_code") {
		paths = append(paths, "lines[2].vat_code")
	}
	if !b.lacks(Discounts) {
		draft.Lines[3].Discount = money.MustPercent("101")
		paths = append(paths, "lines[3].discount")
	}
	b.refused(t, draft, paths...)

	empty := b.order(t, b.Customer)
	b.refused(t, empty, "lines")

	before := b.write(t, b.order(t, b.Customer, "1"))
	wrong := b.order(t, b.Customer, "-1")
	b.refused(t, wrong, "lines[0].quantity")
	after := b.write(t, b.order(t, b.Customer, "1"))
	if !b.lacks(Gapless) && counter(t, after.Number) != counter(t, before.Number)+1 {
		t.Errorf("a refused order took a number: %s is followed by %s", before.Number, after.Number)
	}
}

func (b *bench) orderCancelled(t *testing.T) {
	b.need(t, Rollback)
	ctx, cancel := context.WithCancel(t.Context())
	var made erpbridge.Document
	err := b.do(ctx, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
		if made, err = b.Host.Documents.Create(ctx, s, b.order(t, b.Customer, "1")); err != nil {
			return err
		}
		cancel()
		return nil
	})
	if err == nil {
		t.Fatal("the transaction of a cancelled context was committed")
	}
	err = b.persist(t.Context(), work{}, func(ctx context.Context, s erpbridge.Session) error {
		d, err := b.Host.Documents.Document(ctx, s, made.Ref)
		if err == nil {
			t.Errorf("the cancelled order was written: %+v", d)
		}
		if fault.CodeOf(err) == fault.NotFound {
			return nil
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func (b *bench) documentCheck(t *testing.T) {
	check := b.Host.Documents.(erpbridge.DocumentCheck)
	ask := func(draft erpbridge.Document) (faults []fault.Fault) {
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
			faults, err = check.CheckDocument(ctx, s, draft)
			return err
		})
		return faults
	}
	if faults := ask(b.order(t, b.Customer, "1", "2")); len(faults) > 0 {
		t.Errorf("an order that can be written has faults: %v", faults)
	}
	wrong := b.order(t, b.Customer, "0", "1")
	wrong.Lines[1].Product = "none " + b.run
	faults := ask(wrong)
	named(t, faults, "lines[0].quantity", "lines[1].product")
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Documents.Create(ctx, s, wrong)
		if diff := cmp.Diff(faults, fault.Of(err)); diff != "" {
			t.Errorf("Create names other faults than CheckDocument (-check +create):\n%s", diff)
		}
		return nil
	})
}

func (b *bench) history(t *testing.T) {
	customer := b.create(t, work{}, b.draft("Régi Vevő"))
	var want []string
	for i := range 4 {
		draft := b.order(t, customer.Key, "1")
		draft.Date = b.today().AddDays(-3 + i)
		want = append([]string{b.write(t, draft).Number}, want...)
	}
	for _, limit := range []int{10, 4, 2} {
		var got []string
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
			list, err := b.Host.Documents.(erpbridge.DocumentHistory).History(ctx, s, customer.Key, limit)
			for _, d := range list {
				got = append(got, d.Number)
			}
			return err
		})
		if diff := cmp.Diff(want[:min(limit, 4)], got); diff != "" {
			t.Errorf("the history limited to %d is not the newest first (-want +got):\n%s", limit, diff)
		}
	}
	if b.lacks(Deliveries) {
		return
	}
	// What follows an order says so: that is how the work of the host's own clerks is recognised.
	order := b.write(t, b.order(t, customer.Key, "2"))
	note := b.write(t, next(erpbridge.DeliveryNote, order, b.delivered("1", "2")))
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		list, err := b.Host.Documents.(erpbridge.DocumentHistory).History(ctx, s, customer.Key, 50)
		i := slices.IndexFunc(list, func(d erpbridge.Document) bool { return d.Kind == note.Kind && d.Key == note.Key })
		switch {
		case err != nil:
			return err
		case i < 0:
			t.Errorf("the history does not have the delivery note %s", note.Number)
		case list[i].Source == nil || list[i].Source.Kind != order.Kind || list[i].Source.Key != order.Key:
			t.Errorf("the history does not say that the delivery note %s follows the order %s: %+v", note.Number, order.Number, list[i].Source)
		}
		return nil
	})
}

func (b *bench) sales(t *testing.T) {
	customer := b.create(t, work{}, b.draft("Hűséges Vevő"))
	want := map[string]erpbridge.Document{}
	for i := range 4 {
		draft := b.order(t, customer.Key, "1", "2")
		draft.Date = b.today().AddDays(-6 + 2*i)
		o := b.write(t, draft)
		want[o.Key] = o
	}
	cancelled := b.write(t, b.order(t, customer.Key, "1"))
	b.mustCancel(t, cancelled.Ref)
	read := func(q erpbridge.SalesQuery) (list []erpbridge.Sale) {
		for range 100 {
			var page []erpbridge.Sale
			b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
				page, err = b.Host.Documents.(erpbridge.Sales).Sales(ctx, s, q)
				return err
			})
			if len(page) == 0 {
				break
			}
			if len(page) > q.Limit {
				t.Fatalf("a page of at most %d orders has %d", q.Limit, len(page))
			}
			list = append(list, page...)
			q.After = &erpbridge.Sale{Customer: list[len(list)-1].Customer, Date: list[len(list)-1].Date, Key: list[len(list)-1].Key}
		}
		return list
	}
	whole := read(erpbridge.SalesQuery{Customer: customer.Key, Limit: 500})
	if len(whole) != len(want) {
		t.Errorf("the customer has %d orders that hold, not %d", len(want), len(whole))
	}
	if !slices.IsSortedFunc(whole, func(x, y erpbridge.Sale) int { return x.Date.Compare(y.Date) }) {
		t.Errorf("the orders of a customer are not in the order of their dates: %+v", whole)
	}
	for _, sale := range whole {
		o := want[sale.Key]
		var net, sold money.Amount
		for _, l := range o.Lines {
			net = net.Add(l.Net)
		}
		for i, l := range sale.Lines {
			sold = sold.Add(l.Net)
			if l.Product != o.Lines[i].Product || !l.Quantity.Equal(o.Lines[i].Quantity) || l.Name == "" {
				t.Errorf("line %d of %s is %+v, want %+v", i, o.Number, l, o.Lines[i])
			}
		}
		if sale.Customer != customer.Key || sale.Date != o.Date || sale.Currency != o.Currency || !sold.Equal(net) {
			t.Errorf("the sale of %s is %+v", o.Number, sale)
		}
	}
	for _, limit := range []int{1, 3} {
		if diff := cmp.Diff(whole, read(erpbridge.SalesQuery{Customer: customer.Key, Limit: limit})); diff != "" {
			t.Errorf("pages of %d give other orders (-whole +pages):\n%s", limit, diff)
		}
	}
	if late := read(erpbridge.SalesQuery{Customer: customer.Key, From: b.today().AddDays(-2), Limit: 10}); len(late) != 2 {
		t.Errorf("two orders are not older than two days, the host gives %d", len(late))
	}
	all, mine := read(erpbridge.SalesQuery{From: b.today().AddDays(-7), Limit: 500}), 0
	for i, sale := range all {
		if sale.Customer == customer.Key {
			mine++
		}
		if i > 0 && sale.Customer == customer.Key && all[i-1].Customer != customer.Key && mine > 1 {
			t.Errorf("the orders of %s do not stand together", customer.Key)
		}
	}
	if mine != len(want) {
		t.Errorf("among all orders %d are of the customer, want %d", mine, len(want))
	}
}
