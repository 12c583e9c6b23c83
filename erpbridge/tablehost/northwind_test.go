package tablehost_test

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/hosttest"
	"github.com/crmplus/crmplus/testutil/northwind"
)

func openNorthwind(t testing.TB, env *testutil.Env) erpbridge.Host {
	t.Helper()
	if err := northwind.Install(t.Context(), env.DB.SQL(), string(env.DB.Dialect())); err != nil {
		t.Fatal(err)
	}
	mapping := loaded(t, "northwind.yaml")
	mapping.Company.Key = env.Company
	return mapped(t, env.DB.SQL(), mapping)
}

func TestNorthwindConforms(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		host := openNorthwind(t, env)
		host.Contacts = nil // room for one contact only: TestTheContactStandsInTheCustomersRow
		desk := erpbridge.PriceQuestion{Product: strconv.Itoa(northwind.Desk), Quantity: money.MustQuantity("1"), Currency: "USD"}
		hosttest.Run(t, hosttest.Subject{
			Host:     host,
			Begin:    func(ctx context.Context) (*sql.Tx, error) { return env.DB.SQL().BeginTx(ctx, nil) },
			Company:  env.Company,
			UserID:   strconv.Itoa(northwind.Seller),
			Customer: northwind.NewBuyer,
			Products: []string{"1", "2", "3", "4"}, SameProduct: hosttest.Merged,
			VATCode: "0", Currency: "USD", Now: env.Clock.Now(),
			Prices:  []hosttest.PriceCase{{Name: "the product's own", Question: desk, Unit: money.MustAmount("219.9")}},
			Lengths: map[string]int{"name": 40, "address.city": 15, "address.postal_code": 10, "phone": 24},
			Lacks: []hosttest.Feature{
				hosttest.Companies, hosttest.Contacts, hosttest.Quotations, hosttest.Invoices, hosttest.CreditNotes, hosttest.PaymentRequests, hosttest.AdvanceInvoices,
				hosttest.CompletionActs, hosttest.OpenItems, hosttest.Receivables, hosttest.Payments, hosttest.Fractions, hosttest.FreeText, hosttest.FineDiscounts, hosttest.Gapless,
				hosttest.PartDeliveries, hosttest.KeptCancelled,
			},
			Drops: []string{
				"person", "given", "family", "tax_id", "eu_vat_id", "email", "website", "address.line2", "currency", "price_list", "payment_days", "language", "blocked",
				"document.currency", "document.reference", "document.note", "document.lines.name", "document.lines.unit", "document.lines.vat_code",
			},
		})
	})
}

func TestTheContactStandsInTheCustomersRow(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		host := openNorthwind(t, env)
		in := func(do func(ctx context.Context, s erpbridge.Session) error) error {
			tx, err := env.DB.SQL().BeginTx(t.Context(), nil)
			if err != nil {
				return err
			}
			defer tx.Rollback() // after the commit it does nothing
			if err := do(t.Context(), erpbridge.Session{Company: env.Company, Tx: tx, UserID: "1", Now: env.Clock.Now()}); err != nil {
				return err
			}
			return tx.Commit()
		}
		var customer erpbridge.Customer
		var first, second erpbridge.Contact
		list := func(ctx context.Context, s erpbridge.Session, want ...string) {
			t.Helper()
			got, err := host.Contacts.ContactsOf(ctx, s, customer.Key)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, c := range got {
				names = append(names, c.Name)
			}
			if !slices.Equal(names, want) {
				t.Errorf("the contacts are %q, want %q", names, want)
			}
		}
		err := in(func(ctx context.Context, s erpbridge.Session) (err error) {
			if customer, err = host.Customers.Create(ctx, s, erpbridge.Customer{Name: "Őrsi és Társa"}); err != nil {
				return err
			}
			list(ctx, s)
			if first, err = host.Contacts.CreateContact(ctx, s, erpbridge.Contact{Customer: customer.Key, Name: "Nagy Péter"}); err != nil {
				return err
			}
			list(ctx, s, "Nagy Péter")
			second, err = host.Contacts.CreateContact(ctx, s, erpbridge.Contact{Customer: customer.Key, Name: "Kiss Éva"})
			list(ctx, s, "Nagy Péter")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if first.Customer != customer.Key || second.Key != first.Key {
			t.Errorf("the contacts are %+v and %+v of %s", first, second, customer.Key)
		}
		err = in(func(ctx context.Context, s erpbridge.Session) error {
			filled, err := host.Contacts.FillEmptyContact(ctx, s, first.Key, erpbridge.Contact{Name: "Más", JobTitle: "beszerző"})
			if len(filled) != 1 || filled[0].To != "beszerző" {
				t.Errorf("filled %+v, want the title", filled)
			}
			if err != nil {
				return err
			}
			if err := host.Contacts.RemoveContact(ctx, s, first.Key); err != nil {
				return err
			}
			list(ctx, s)
			_, err = host.Contacts.CreateContact(ctx, s, erpbridge.Contact{Customer: customer.Key, Name: strings.Repeat("x", 31)})
			if f := fault.Of(err); len(f) != 1 || f[0].Path != "name" {
				t.Errorf("too long a name gives %v", err)
			}
			err = host.Contacts.RemoveContact(ctx, s, first.Key)
			if fault.CodeOf(err) != fault.NotFound {
				t.Errorf("removing nobody gives %v", err)
			}
			return host.Customers.(erpbridge.CustomerRemoval).Remove(ctx, s, customer.Key)
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestEachCompanyHasItsOwnSchema(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		if err := northwind.Install(t.Context(), env.DB.SQL(), string(env.DB.Dialect())); err != nil {
			t.Fatal(err)
		}
		mapping := loaded(t, "northwind.yaml")
		mapping.Company.Schemas = map[string]string{"own": map[string]string{northwind.SQLite: "main", northwind.MSSQL: "dbo"}[string(env.DB.Dialect())], "gone": "elsewhere"}
		host := mapped(t, env.DB.SQL(), mapping)
		for company, want := range map[string]string{"own": "", "gone": "elsewhere", "other": "there is no company"} {
			tx, err := env.DB.SQL().BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			c, err := host.Customers.Customer(t.Context(), erpbridge.Session{Company: company, Tx: tx}, northwind.Buyer)
			_ = tx.Rollback()
			if want == "" && (err != nil || c.Key != northwind.Buyer) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s: got %q and %v, want %q", company, c.Key, err, want)
			}
		}
	})
}

// TestEachCompanyHasItsOwnDatabase: one transaction reads and writes in the database of the session's company.
func TestEachCompanyHasItsOwnDatabase(t *testing.T) {
	other := checkDatabase(t) // NOT RUN without a server: SQLite has one database a file
	if err := northwind.Install(t.Context(), other, northwind.MSSQL); err != nil {
		t.Fatal(err)
	}
	own := checkDatabaseNamed(t, "own")
	if err := northwind.Install(t.Context(), own, northwind.MSSQL); err != nil {
		t.Fatal(err)
	}
	named := func(db *sql.DB) (name string) {
		if err := db.QueryRowContext(t.Context(), "SELECT DB_NAME()").Scan(&name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	mapping := loaded(t, "northwind.yaml")
	mapping.Company.Databases = map[string]string{"A": named(own), "B": named(other)}
	if problems, err := tablehost.Check(t.Context(), own, mapping); err != nil || slices.ContainsFunc(problems, func(p tablehost.Problem) bool { return p.Severity == tablehost.Error }) {
		t.Fatalf("%v %v", problems, err)
	}
	host := mapped(t, own, mapping)
	tx, err := own.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := erpbridge.Session{Company: "B", Tx: tx, UserID: "1", Now: clock}
	made, err := host.Customers.Create(t.Context(), s, erpbridge.Customer{Name: "Baltic Timber", Address: erpbridge.Address{City: "Gdańsk", Country: "PL"}})
	if err != nil {
		t.Fatal(err)
	}
	order, err := host.Documents.Create(t.Context(), s, erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: made.Key, Currency: "USD", Lines: []erpbridge.DocumentLine{
		{Product: strconv.Itoa(northwind.Desk), Name: "Íróasztal", Quantity: money.MustQuantity("2"), UnitPrice: money.MustAmount("219.9"), VATCode: "0"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for db, want := range map[*sql.DB]int{own: 0, other: 1} {
		customers, lines := 0, 0
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM Customers WHERE CustomerID = @p1", made.Key).Scan(&customers); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM [Order Details] AS d JOIN Orders AS o ON o.OrderID = d.OrderID WHERE o.CustomerID = @p1", made.Key).Scan(&lines); err != nil {
			t.Fatal(err)
		}
		if customers != want || lines != want {
			t.Errorf("%s holds %d customers and %d lines of order %s, want %d of each", named(db), customers, lines, order.Key, want)
		}
	}
}
