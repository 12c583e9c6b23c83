package northwind_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/northwind"
)

func install(t *testing.T, env *testutil.Env) *sql.DB {
	t.Helper()
	for range 2 { // the second time changes nothing
		if err := northwind.Install(t.Context(), env.DB.SQL(), string(env.DB.Dialect())); err != nil {
			t.Fatal(err)
		}
	}
	return env.DB.SQL()
}

func text(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	var s sql.NullString
	if err := db.QueryRowContext(t.Context(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s.String
}

func TestRows(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		db := install(t, env)
		tests := []struct{ name, query, want string }{
			{"money is exact", "SELECT UnitPrice FROM Products WHERE ProductID = 4", "12.3456"},
			{"Hungarian", fmt.Sprintf("SELECT CompanyName FROM Customers WHERE CustomerID = '%s'", northwind.Buyer), "Minta Kereskedelmi Kft."},
			{"English with an apostrophe", "SELECT ContactName FROM Customers WHERE CustomerID = 'NORTH'", "Ann O'Brien"},
			{"Hebrew", "SELECT CompanyName FROM Customers WHERE CustomerID = 'GALIL'", `רהיטי הגליל בע"מ`},
			{"Russian", "SELECT CompanyName FROM Customers WHERE CustomerID = 'ROMAS'", "ООО «Ромашка»"},
			{"Greek", fmt.Sprintf("SELECT CompanyName FROM Customers WHERE CustomerID = '%s'", northwind.NewBuyer), "Ελληνικά Έπιπλα ΑΕ"},
			{"discontinued", fmt.Sprintf("SELECT CASE WHEN Discontinued = 1 THEN 'yes' END FROM Products WHERE ProductID = %d", northwind.Chair), "yes"},
			{"an order with employee and shipper is on an invoice", fmt.Sprintf("SELECT CAST(COUNT(*) AS varchar(9)) FROM Invoices WHERE OrderID = %d", northwind.InvoicedOrder), "2"},
			{"one without shipper is not", fmt.Sprintf("SELECT CAST(COUNT(*) AS varchar(9)) FROM Invoices WHERE OrderID = %d", northwind.UnshippedOrder), "0"},
			{"salesperson", fmt.Sprintf("SELECT MIN(Salesperson) FROM Invoices WHERE OrderID = %d", northwind.InvoicedOrder), "Anna Kovács"},
			{"extended price", "SELECT ExtendedPrice FROM [Order Details Extended] WHERE OrderID = 3 AND ProductID = 1", "1881.25"},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				if got := strings.TrimSuffix(text(t, db, test.query), "00"); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		}
	})
}

func TestRefused(t *testing.T) {
	tests := []struct{ name, statement string }{
		{"one product twice", "INSERT INTO [Order Details] (OrderID, ProductID) VALUES (1, 1)"},
		{"negative price", "INSERT INTO [Order Details] (OrderID, ProductID, UnitPrice) VALUES (2, 1, '-1')"},
		{"no quantity", "INSERT INTO [Order Details] (OrderID, ProductID, Quantity) VALUES (2, 1, 0)"},
		{"discount in percent", "INSERT INTO [Order Details] (OrderID, ProductID, Discount) VALUES (2, 1, 25)"},
		{"unknown customer", "INSERT INTO Orders (CustomerID) VALUES ('NOONE')"},
		{"customer without a name", "INSERT INTO Customers (CustomerID) VALUES ('XXXXX')"},
	}
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		db := install(t, env)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				if _, err := db.ExecContext(t.Context(), test.statement); err == nil {
					t.Error("the database let it pass")
				}
			})
		}
	})
}

func TestIdentitiesGoOn(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		db := install(t, env)
		before := text(t, db, "SELECT MAX(OrderID) FROM Orders")
		for range 2 {
			if _, err := db.ExecContext(t.Context(), "INSERT INTO Orders (CustomerID, OrderDate) VALUES ('EPIPL', '2026-07-13T00:00:00.000')"); err != nil {
				t.Fatal(err)
			}
		}
		if after := text(t, db, "SELECT MAX(OrderID) FROM Orders"); after == before {
			t.Errorf("the last order is still %s", before)
		}
		if freight := text(t, db, "SELECT MAX(Freight) FROM Orders WHERE CustomerID = 'EPIPL'"); freight != "0.0000" {
			t.Errorf("the freight of a new order is %q", freight)
		}
	})
}
