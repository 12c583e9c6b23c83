package prochost_test

import (
	"context"
	"database/sql"
	"os"
	"sync"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/prochost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/hosttest"
	"github.com/crmplus/crmplus/testutil/regional"
)

func description(t testing.TB) prochost.Description {
	t.Helper()
	data, err := os.ReadFile("descriptions/regional.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := prochost.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// office is the regional ERP on a TDS server, with two companies that the tests of this package share:
// seeding them takes longer than most tests.
type office struct {
	regional.Books
	env  *testutil.Env
	host erpbridge.Host
}

var (
	opened office
	once   sync.Once
)

func open(t *testing.T) office {
	t.Helper()
	env := testutil.MSSQL(t)
	once.Do(func() {
		books := regional.Books{DB: env.DB.SQL(), Dialect: regional.MSSQL, Company: env.Company}
		if err := regional.Install(t.Context(), books.DB, regional.MSSQL); err != nil {
			t.Fatal(err)
		}
		if err := books.Seed(t.Context()); err != nil {
			t.Fatal(err)
		}
		host, err := prochost.New(t.Context(), books.DB, description(t), prochost.Options{})
		if err != nil {
			t.Fatal(err)
		}
		opened = office{books, env, host}
	})
	if opened.DB == nil {
		t.Fatal("the office could not be opened")
	}
	return opened
}

func TestHostConforms(t *testing.T) {
	o := open(t)
	question := func(product, customer, quantity string) erpbridge.PriceQuestion {
		return erpbridge.PriceQuestion{Product: product, Customer: customer, Quantity: money.MustQuantity(quantity), Currency: "HUF", Date: civil.Of(o.env.Clock.Now())}
	}
	hosttest.Run(t, hosttest.Subject{
		Host:    o.host,
		Begin:   func(ctx context.Context) (*sql.Tx, error) { return o.DB.BeginTx(ctx, nil) },
		Company: o.Company, OtherCompany: o.Second().Company, UserID: regional.Clerk,
		Customer: regional.Buyer, BlockedCustomer: regional.Barred, Products: []string{regional.Desk, regional.Shelf}, VATCode: regional.VATCode, Currency: "HUF",
		Now:   o.env.Clock.Now(),
		Lacks: []hosttest.Feature{hosttest.Quotations, hosttest.Sales},
		Clerk: hosttest.Clerk{
			Post: func(ctx context.Context, _ erpbridge.Session, invoice erpbridge.Ref) error {
				return o.Post(ctx, invoice.Key)
			},
			Pay: func(ctx context.Context, s erpbridge.Session, invoice erpbridge.Ref, amount money.Amount) error {
				return o.Pay(ctx, regional.Payment{Document: invoice.Key, Day: s.Today, Amount: amount.Decimal})
			},
			Block:   func(ctx context.Context, _ erpbridge.Session, customer string) error { return o.Block(ctx, customer) },
			Unblock: func(ctx context.Context, _ erpbridge.Session, customer string) error { return o.Unblock(ctx, customer) },
		},
		Lengths: map[string]int{"name": 100, "given": 50, "family": 50, "address.line1": 80, "address.line2": 80, "address.city": 50, "document.reference": 40},
		Prices: []hosttest.PriceCase{
			{Name: "standard", Question: question(regional.Desk, "", "1"), Unit: money.MustAmount("84900")},
			{Name: "at the quantity break", Question: question(regional.Desk, "", "10"), Unit: money.MustAmount("84900"), Discount: money.MustPercent("5")},
			{Name: "the customer's list", Question: question(regional.Desk, regional.Buyer, "50"), Unit: money.MustAmount("84900"), Discount: money.MustPercent("12.5")},
			{Name: "not in the customer's list", Question: question(regional.Shelf, regional.Buyer, "1"), Unit: money.MustAmount("39900.5")},
		},
	})
	for _, kind := range regional.Kinds {
		if err := o.Gapless(t.Context(), regional.Series{Kind: kind, Year: 2026}); err != nil {
			t.Error(err)
		}
	}
}

var july = civil.Date{Year: 2026, Month: 7, Day: 13}

func quantity(s string) money.Quantity { return money.MustQuantity(s) }
func amount(s string) money.Amount     { return money.MustAmount(s) }
