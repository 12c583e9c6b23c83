package tablehost_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/hosttest"
	"github.com/crmplus/crmplus/testutil/regional"
)

var (
	july  = civil.Date{Year: 2026, Month: 7, Day: 13}
	clock = time.Date(2026, 7, 13, 9, 30, 0, 0, time.UTC)
)

// tokens counts what was asked for.
var tokens atomic.Int64

// firm is the regional ERP, with triggers and a number table, reached by its mapping.
type firm struct {
	regional.Books
	t       *testing.T
	catalog *catalog.Catalog
	host    erpbridge.Host
}

func openFirm(t *testing.T, env *testutil.Env) *firm {
	t.Helper()
	o := &firm{Books: regional.Books{DB: env.DB.SQL(), Dialect: string(env.DB.Dialect()), Company: env.Company}, t: t}
	o.ok(regional.Install(t.Context(), o.DB, o.Dialect))
	var err error
	o.catalog, err = catalog.Read(t.Context(), o.DB, catalog.Dialect(o.Dialect))
	o.ok(err)
	return o.handed(t, nil).seed()
}

func (o *firm) seed() *firm {
	o.t.Helper()
	o.ok(o.Seed(o.t.Context()))
	return o
}

// handed gives the firm to another test, by a mapping with a change.
func (o *firm) handed(t *testing.T, change func(*tablehost.Mapping)) *firm {
	t.Helper()
	next := *o
	next.t = t
	mapping := loaded(t, "regional.yaml")
	if change != nil {
		change(&mapping)
	}
	var err error
	next.host, err = tablehost.Compile(next.catalog, mapping, tablehost.Options{})
	next.ok(err)
	return &next
}

func (o *firm) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// in runs do in a transaction that is committed when it returns nil, under a token of its own.
func (o *firm) in(do func(ctx context.Context, s erpbridge.Session) error) error {
	tx, err := o.DB.BeginTx(o.t.Context(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after the commit it does nothing
	s := erpbridge.Session{Company: o.Company, Tx: tx, Token: fmt.Sprintf("%s %d", o.Company, tokens.Add(1)), UserID: regional.Clerk, Now: clock, Today: july}
	if err := do(o.t.Context(), s); err != nil {
		return err
	}
	return tx.Commit()
}

// try writes a document.
func (o *firm) try(draft erpbridge.Document) (d erpbridge.Document, err error) {
	err = o.in(func(ctx context.Context, s erpbridge.Session) (err error) {
		d, err = o.host.Documents.Create(ctx, s, draft)
		return err
	})
	return d, err
}

func (o *firm) write(draft erpbridge.Document) erpbridge.Document {
	o.t.Helper()
	d, err := o.try(draft)
	o.ok(err)
	return d
}

func (o *firm) read(ref erpbridge.Ref) (d erpbridge.Document) {
	o.t.Helper()
	o.ok(o.in(func(ctx context.Context, s erpbridge.Session) (err error) {
		d, err = o.host.Documents.Document(ctx, s, ref)
		return err
	}))
	return d
}

func (o *firm) cancel(ref erpbridge.Ref) (d erpbridge.Document, err error) {
	err = o.in(func(ctx context.Context, s erpbridge.Session) (err error) {
		d, err = o.host.Documents.Cancel(ctx, s, ref, "téves rendelés")
		return err
	})
	return d, err
}

// stock is what is on hand of a product.
func (o *firm) stock(product string) (q money.Quantity) {
	o.t.Helper()
	o.ok(o.in(func(ctx context.Context, s erpbridge.Session) error {
		p, err := o.host.Catalogue.Product(ctx, s, product)
		if err == nil {
			q = *p.Stock
		}
		return err
	}))
	return q
}

func (o *firm) gapless(kinds ...string) {
	o.t.Helper()
	for _, kind := range kinds {
		if err := o.Gapless(o.t.Context(), regional.Series{Kind: kind, Year: 2026}); err != nil {
			o.t.Error(err)
		}
	}
}

func furniture(kind erpbridge.Kind, customer string) erpbridge.Document {
	return erpbridge.Document{
		Ref: erpbridge.Ref{Kind: kind}, Customer: customer, Date: july, Currency: "HUF", Reference: "A-2026-17", Note: "Kérjük délelőtt hozni; שלום, Γεια, Привет",
		Lines: []erpbridge.DocumentLine{
			{Product: regional.Desk, Quantity: money.MustQuantity("10"), UnitPrice: money.MustAmount("84900.3333"), Discount: money.MustPercent("12.5")},
			{Product: regional.Shelf, Quantity: money.MustQuantity("4.5"), UnitPrice: money.MustAmount("39900.5")},
		},
	}
}

// after drafts what follows lines of a document, with a quantity for each; "" leaves a line out.
func after(kind erpbridge.Kind, source erpbridge.Document, quantities ...string) erpbridge.Document {
	d := erpbridge.Document{Ref: erpbridge.Ref{Kind: kind}, Date: source.Date, Source: &source.Ref}
	for i, q := range quantities {
		if q != "" {
			d.Lines = append(d.Lines, erpbridge.DocumentLine{SourceLine: source.Lines[i].Key, Quantity: money.MustQuantity(q)})
		}
	}
	return d
}

func (o *firm) state(d erpbridge.Document, want erpbridge.State) {
	o.t.Helper()
	if d.State != want {
		o.t.Errorf("%s %s is %s, want %s", d.Kind, d.Number, d.State, want)
	}
}

func (o *firm) counted(d erpbridge.Document, line int, delivered, invoiced string) {
	o.t.Helper()
	l := d.Lines[line]
	if !l.Delivered.Equal(money.MustQuantity(delivered)) || !l.Invoiced.Equal(money.MustQuantity(invoiced)) {
		o.t.Errorf("line %d of %s: %s delivered and %s invoiced, want %s and %s", line, d.Number, l.Delivered, l.Invoiced, delivered, invoiced)
	}
}

func TestRegionalChain(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := openFirm(t, env)
		var customer erpbridge.Customer
		o.ok(o.in(func(ctx context.Context, s erpbridge.Session) (err error) {
			customer, err = o.host.Customers.Create(ctx, s, erpbridge.Customer{
				Name: "Őrségi Faipari Zrt.", TaxID: "12345676-2-41", Email: "iroda@orsegi.example", PaymentDays: 15, Language: locale.Hungarian, Currency: "HUF",
				Address: erpbridge.Address{Line1: "Fő utca 1.", PostalCode: "9941", City: "Őriszentpéter", Country: "HU"},
			})
			return err
		}))
		stock := o.stock(regional.Desk)
		order := o.write(furniture(erpbridge.Order, customer.Key))
		if order.Number != "RE26/00001" || order.Lines[0].Key != "10" || order.Lines[1].Key != "20" || order.Currency != "HUF" {
			t.Errorf("the order is %s with the lines %s and %s", order.Number, order.Lines[0].Key, order.Lines[1].Key)
		}
		// 10 * 84900.3333 * 0.875 = 742877.92 and 4.5 * 39900.5 = 179552.25, in whole forints; the trigger adds up.
		if order.Net.String() != "922430" || order.VAT.String() != "209555" || order.Gross.String() != "1131985" {
			t.Errorf("the trigger counts %s + %s = %s", order.Net, order.VAT, order.Gross)
		}
		note := o.write(after(erpbridge.DeliveryNote, order, "4", "4.5"))
		rest := o.write(after(erpbridge.DeliveryNote, order, "6", ""))
		if left, want := o.stock(regional.Desk), stock.Sub(money.MustQuantity("10")); !left.Equal(want) {
			t.Errorf("the stock is %s, want %s", left, want)
		}
		order = o.read(order.Ref)
		o.state(order, erpbridge.Partial)
		o.counted(order, 0, "10", "0")
		o.counted(order, 1, "4.5", "0")

		invoice := o.write(after(erpbridge.Invoice, note, "4", "4.5"))
		last := o.write(after(erpbridge.Invoice, order, "6", ""))
		if invoice.Due != july.AddDays(15) || invoice.Source == nil || *invoice.Source != note.Ref {
			t.Errorf("the invoice is due on %s and follows %+v", invoice.Due, invoice.Source)
		}
		order = o.read(order.Ref)
		o.state(order, erpbridge.Completed)
		o.counted(order, 0, "10", "10")
		o.state(o.read(note.Ref), erpbridge.Completed)
		_, err := o.try(after(erpbridge.Invoice, rest, "1"))
		if got := paths(err); !slices.Equal(got, []string{"lines[0].quantity"}) {
			t.Errorf("what was invoiced from the order is invoiced again from its delivery note: %v, %v", got, err)
		}

		o.ok(o.Post(t.Context(), invoice.Number))
		o.state(o.read(invoice.Ref), erpbridge.Posted)
		taken, err := o.cancel(invoice.Ref)
		o.ok(err)
		o.state(taken, erpbridge.Credited)
		if taken.CancelledBy == nil || taken.CancelledBy.Number != "JO26/00001" {
			t.Fatalf("the invoice was taken back by %+v", taken.CancelledBy)
		}
		credit := o.read(*taken.CancelledBy)
		o.state(credit, erpbridge.Posted)
		if !credit.Gross.Equal(negated(invoice.Gross)) || !credit.Lines[0].Quantity.Equal(money.MustQuantity("-4")) || credit.Note != "téves rendelés" {
			t.Errorf("the credit note of %s is %s, its first line %s, its note %q", invoice.Gross, credit.Gross, credit.Lines[0].Quantity, credit.Note)
		}
		again, err := o.cancel(invoice.Ref)
		o.ok(err)
		if again.CancelledBy == nil || *again.CancelledBy != credit.Ref {
			t.Errorf("cancelling again gives the credit note %+v", again.CancelledBy)
		}
		order = o.read(order.Ref)
		o.state(order, erpbridge.Partial)
		o.counted(order, 0, "10", "6")
		o.write(after(erpbridge.Invoice, note, "4", "4.5")) // it can be invoiced again
		o.state(o.read(order.Ref), erpbridge.Completed)
		o.gapless(regional.Order, regional.DeliveryNote, regional.Invoice, regional.CreditNote)
		_ = last
	})
}

// negated is the amount with the other sign.
func negated(a money.Amount) money.Amount { return money.NewAmount(a.Neg()) }

// paths gives the places of an error's faults, in their order.
func paths(err error) []string {
	var list []string
	for _, f := range fault.Of(err) {
		list = append(list, f.Path)
	}
	slices.Sort(list)
	return list
}

// post and pay are what the office does with an invoice, in the transaction of the test.
func (o *firm) post(ctx context.Context, s erpbridge.Session, invoice erpbridge.Ref) error {
	return o.each(ctx, s, []string{
		`INSERT INTO NYITTETEL (CEGKOD, VEVOKOD, BIZSZAM, KELT, HATARIDO, DEVIZANEM, OSSZEG, NYITOTT)
			SELECT CEGKOD, VEVOKOD, BIZSZAM, KELT, HATARIDO, DEVIZANEM, BRUTTO, BRUTTO - FIZETVE FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?`,
		"UPDATE BIZFEJ SET ALLAPOT = 'K' WHERE CEGKOD = ? AND BIZSZAM = ?",
	}, s.Company, invoice.Key)
}

func (o *firm) pay(ctx context.Context, s erpbridge.Session, invoice erpbridge.Ref, amount money.Amount) error {
	paid := amount.StringFixed(2)
	if o.Dialect == regional.SQLite {
		paid = amount.Shift(2).String()
	}
	return o.each(ctx, s, []string{
		`INSERT INTO BEFIZETES (CEGKOD, VEVOKOD, BIZSZAM, DATUM, DEVIZANEM, OSSZEG, ROGZITO, ROGZIDO)
			SELECT CEGKOD, VEVOKOD, BIZSZAM, '2026-07-13T00:00:00.000', DEVIZANEM, ` + paid + `, ROGZITO, ROGZIDO FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?`,
		"UPDATE NYITTETEL SET NYITOTT = NYITOTT - " + paid + " WHERE CEGKOD = ? AND BIZSZAM = ?",
		"DELETE FROM NYITTETEL WHERE CEGKOD = ? AND BIZSZAM = ? AND NYITOTT = 0",
		"UPDATE BIZFEJ SET FIZETVE = FIZETVE + " + paid + ", ALLAPOT = CASE WHEN FIZETVE + " + paid + " >= BRUTTO THEN 'F' ELSE ALLAPOT END WHERE CEGKOD = ? AND BIZSZAM = ?",
	}, s.Company, invoice.Key)
}

func (o *firm) block(state string) func(ctx context.Context, s erpbridge.Session, customer string) error {
	return func(ctx context.Context, s erpbridge.Session, customer string) error {
		return o.each(ctx, s, []string{"UPDATE VEVO SET TILTOTT = '" + state + "' WHERE CEGKOD = ? AND VEVOKOD = ?"}, s.Company, customer)
	}
}

func (o *firm) each(ctx context.Context, s erpbridge.Session, statements []string, args ...any) error {
	for _, text := range statements {
		if _, err := s.Tx.ExecContext(ctx, catalog.Numbered(catalog.Dialect(o.Dialect), text), args...); err != nil {
			return err
		}
	}
	return nil
}

func TestTheRegionalERPConforms(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := openFirm(t, env)
		hosttest.Run(t, hosttest.Subject{
			Host:    o.host,
			Begin:   func(ctx context.Context) (*sql.Tx, error) { return o.DB.BeginTx(ctx, nil) },
			Company: o.Company, OtherCompany: o.Second().Company, UserID: regional.Clerk,
			Customer: regional.Buyer, BlockedCustomer: regional.Barred, Products: []string{regional.Desk, regional.Shelf}, VATCode: regional.VATCode, Currency: "HUF",
			Clerk: hosttest.Clerk{Post: o.post, Pay: o.pay, Block: o.block("I"), Unblock: o.block("N")},
			Now:   clock, Lacks: []hosttest.Feature{hosttest.Quotations},
		})
	})
}
