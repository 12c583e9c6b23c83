package convert_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// A quote is settled step by step: what was promised, ordered, delivered, invoiced, credited, paid.
func TestSettlement(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		customer := f.customer("Anna")
		q := f.accepted(customer)
		settled := func(want ...string) convert.Settlement {
			t.Helper()
			var out convert.Settlement
			for _, subject := range []convert.Subject{
				{Kind: convert.Opportunity, ID: customer.Opportunity}, {Kind: convert.Quote, ID: convert.SubjectID(q.ID)},
			} {
				var err error
				out, err = f.module.Convert.Settlement(f.boss(), subject)
				f.ok(err)
				var codes []string
				for _, d := range out.Differences {
					codes = append(codes, d.Code)
				}
				if strings.Join(codes, " ") != strings.Join(want, " ") {
					t.Errorf("%s: the differences are %v, want %v: %+v", subject.Kind, codes, want, out)
				}
			}
			return out
		}
		settled("order.missing")
		ordered, err := f.module.Convert.Order(f.boss(), convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(q.ID)}})
		f.ok(err)
		settled("to_deliver", "to_invoice")
		part := from(ordered)
		part.Lines = []convert.LineChoice{{Line: ordered.Document.Lines[0].Key, Quantity: money.MustQuantity("12")}}
		noted, err := f.module.Convert.Deliver(f.boss(), part)
		f.ok(err)
		invoiced, err := f.module.Convert.Invoice(f.boss(), from(noted))
		f.ok(err)
		got := settled("to_deliver", "to_invoice", "to_pay")
		if len(got.Lines) != 2 || !got.Lines[0].Delivered.Equal(money.MustQuantity("12")) || !got.Lines[1].Delivered.IsZero() || !got.Lines[1].Promised.Equal(money.MustQuantity("5")) {
			t.Errorf("the lines are %+v", got.Lines)
		}
		f.clerk(func(ctx context.Context, s erpbridge.Session) error {
			if _, err := f.books.PostInvoice(ctx, s, invoiced.Document.Number); err != nil {
				return err
			}
			_, err := f.books.Receive(ctx, s, erp.Receipt{Document: invoiced.Document.Ref, Amount: money.MustAmount("1000")})
			return err
		})
		got = settled("to_deliver", "to_invoice", "to_pay")
		if !got.Paid.Equal(money.MustAmount("1000")) || !got.Open.Equal(invoiced.Document.Gross.Sub(money.MustAmount("1000"))) || got.Progress != opportunity.Paying {
			t.Errorf("settled: %+v", got)
		}
		if len(got.Documents) != 3 || got.Documents[2].Follows == nil || got.Documents[2].Follows.Key != noted.Document.Key {
			t.Errorf("the documents are %+v", got.Documents)
		}
		rest, err := f.module.Convert.Deliver(f.boss(), from(ordered))
		f.ok(err)
		last, err := f.module.Convert.Invoice(f.boss(), from(rest))
		f.ok(err)
		f.clerk(func(ctx context.Context, s erpbridge.Session) error {
			if _, err := f.books.PostInvoice(ctx, s, last.Document.Number); err != nil {
				return err
			}
			for _, number := range []string{invoiced.Document.Number, last.Document.Number} {
				if _, err := f.books.PayInvoice(ctx, s, number, s.Today); err != nil {
					return err
				}
			}
			return nil
		})
		if got := settled(); got.Progress != opportunity.Paid || !got.Open.IsZero() {
			t.Errorf("at the end: %+v", got)
		}
	})
}

// A customer card is the customer and three statements of the host.
func TestHostCardTakesThreeStatements(t *testing.T) {
	env := testutil.SQLite(t)
	seed := follow(t, env)
	customer := seed.customer("Béla")
	_, ordered := seed.order(customer)
	invoiced, err := seed.module.Convert.Invoice(seed.boss(), from(ordered))
	seed.ok(err)
	seed.clerk(func(ctx context.Context, s erpbridge.Session) error {
		if _, err := seed.books.PostInvoice(ctx, s, invoiced.Document.Number); err != nil {
			return err
		}
		_, err := seed.books.Receive(ctx, s, erp.Receipt{Document: invoiced.Document.Ref, Amount: money.MustAmount("5000")})
		return err
	})
	env.Clock.Advance(60 * 24 * time.Hour)

	f, counted := seed.counted()
	card, err := f.module.Convert.HostCard(f.boss(), customer.Party)
	f.ok(err)
	if n := counted.erp.Load(); n > 4 {
		t.Errorf("the card took %d statements of the host, want the customer and at most three", n)
	}
	if card.Customer.Key != customer.Customer.Key || len(card.Documents) != 2 || len(card.Open) != 1 || len(card.Payments) != 1 || len(card.Lacks) != 0 {
		t.Errorf("the card is %+v", card)
	}
	want := invoiced.Document.Gross.Sub(money.MustAmount("5000"))
	if !card.Owed["HUF"].Equal(want) || !card.Overdue["HUF"].Equal(want) {
		t.Errorf("owed %s, overdue %s, want %s", card.Owed["HUF"], card.Overdue["HUF"], want)
	}
	counted.erp.Store(0) // all that the customer's page asks the host
	known, err := f.module.Customer(f.boss(), card.Customer.Key)
	f.ok(err)
	_, err = f.module.Convert.HostCardOf(f.boss(), customer.Party, &known)
	f.ok(err)
	sales, err := f.module.CustomerSales(f.boss(), known.Key)
	f.ok(err)
	if n := counted.erp.Load(); n > 6 {
		t.Errorf("the page took %d statements of the host, want at most six", n)
	}
	if sales.Orders != 1 || len(sales.Groups) == 0 || !sales.Totals[2].Equal(ordered.Document.Net) || sales.Currency != "HUF" {
		t.Errorf("the customer's orders are %+v, want the sum %s", sales, ordered.Document.Net)
	}
	if _, err := f.module.Convert.HostCard(f.boss(), seedStranger(f)); !errors.Is(err, fault.NotFound) {
		t.Errorf("the card of somebody who is no customer: %v", err)
	}
}

// Looking at many links that did not change takes a few statements of the host, whatever their number.
func TestLookingIsCheap(t *testing.T) {
	env := testutil.SQLite(t)
	seed := follow(t, env)
	for i := range 12 {
		seed.order(seed.customer(fmt.Sprintf("Sok %d", i)))
	}
	seed.background()
	env.Clock.Advance(48 * time.Hour)
	f, counted := seed.counted()
	n, err := f.module.Convert.Follow(f.system(), 100)
	f.ok(err)
	if n != 24 { // customers and orders; contacts only after a week
		t.Errorf("%d links were looked at, want 24", n)
	}
	if statements := counted.erp.Load(); statements != 2 {
		t.Errorf("24 links took %d statements of the host, want one for the customers and one for the orders", statements)
	}
}

// counted is the same company, its database opened again by a driver that counts.
func (f *followed) counted() (*followed, *counter) {
	f.Helper()
	counted := &counter{}
	name := fmt.Sprintf("sqlite-counted-%d", followedLeads.Add(1))
	sql.Register(name, countingDriver{f.env.DB.SQL().Driver(), counted})
	db, err := sql.Open(name, sqlite.DSN(f.env.File))
	f.ok(err)
	f.Cleanup(func() { _ = db.Close() })
	again := &followed{T: f.T, env: &testutil.Env{DB: sqlite.Use(db).WithClock(f.env.Clock.Now), Company: f.env.Company, Clock: f.env.Clock, File: f.env.File}, company: f.company}
	again.books = erp.New(db, "sqlite").WithClock(f.env.Clock.Now)
	again.embed(again.books.Host())
	counted.erp.Store(0)
	return again, counted
}

// counter counts the statements that reach the ERP's tables.
type counter struct{ erp atomic.Int64 }

type countingDriver struct {
	driver.Driver
	counter *counter
}

func (d countingDriver) Open(name string) (driver.Conn, error) {
	c, err := d.Driver.Open(name)
	if err != nil {
		return nil, err
	}
	return countingConn{c, d.counter}, nil
}

type countingConn struct {
	driver.Conn
	counter *counter
}

func (c countingConn) count(query string) {
	if strings.Contains(query, "erp_") {
		c.counter.erp.Add(1)
	}
}

func (c countingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

func (c countingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.count(query)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c countingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.count(query)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func TestEveryTextIsTranslated(t *testing.T) {
	if missing := convert.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	for _, p := range opportunity.Progresses {
		if p != opportunity.NotOrdered && strings.Contains(p.In(locale.Hungarian), "progress.") {
			t.Errorf("%q has no name", p)
		}
	}
}
