package tablehost_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/northwind"
	"github.com/crmplus/crmplus/testutil/regional"
)

// unknownERPs are databases of hosts that nobody has described yet.
var unknownERPs = []struct {
	name    string
	install func(t *testing.T, db *sql.DB)
	// errors are the codes of what Check says of the first mapping before anybody decided anything.
	errors []string
}{
	{name: "northwind", install: func(t *testing.T, db *sql.DB) {
		if err := northwind.Install(t.Context(), db, northwind.SQLite); err != nil {
			t.Fatal(err)
		}
	}},
	{name: "regional", errors: []string{"column.length", "foreign_key.constant"}, install: func(t *testing.T, db *sql.DB) {
		if err := regional.Install(t.Context(), db, regional.SQLite); err != nil {
			t.Fatal(err)
		}
	}},
	{name: "english", errors: []string{"check", "foreign_key.constant"}, install: func(t *testing.T, db *sql.DB) { statements(t, db, checkTables(t, mistake{}, catalog.SQLite, "")) }},
	// As SQLite's own people declare: texts without a length, prices without places.
	{name: "plain", install: func(t *testing.T, db *sql.DB) {
		statements(t, db, []string{
			"CREATE TABLE Clients (ClientID TEXT PRIMARY KEY, ClientName TEXT, Phone TEXT, Street TEXT, City TEXT, Country TEXT)",
			"CREATE TABLE Products (ProductID INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, ProductName TEXT NOT NULL, UnitPrice NUMERIC DEFAULT 0, UnitsInStock INTEGER DEFAULT 0)",
			"CREATE TABLE Orders (OrderID INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, ClientID TEXT REFERENCES Clients (ClientID), OrderDate DATETIME, ShippedDate DATETIME, ShipCity TEXT, ShipCountry TEXT)",
			"CREATE TABLE OrderDetails (OrderID INTEGER NOT NULL REFERENCES Orders (OrderID), ProductID INTEGER NOT NULL REFERENCES Products (ProductID), UnitPrice NUMERIC NOT NULL DEFAULT 0, Quantity INTEGER NOT NULL DEFAULT 1, Discount REAL NOT NULL DEFAULT 0, PRIMARY KEY (OrderID, ProductID))",
			"INSERT INTO Products (ProductName, UnitPrice) VALUES ('Tea', 18), ('Coffee', 9.8)",
			"INSERT INTO Clients (ClientID, ClientName, Country) VALUES ('ACORN', 'Acorn Ltd', 'UK')",
			"INSERT INTO Orders (ClientID) VALUES ('ACORN')",
			"INSERT INTO OrderDetails (OrderID, ProductID, UnitPrice, Quantity, Discount) VALUES (1, 1, 17.1, 3, 0.15)",
		})
	}},
	{name: "german", install: func(t *testing.T, db *sql.DB) {
		statements(t, db, []string{
			"CREATE TABLE KUNDENSTAMM (KDNR INTEGER PRIMARY KEY, NAME1 NVARCHAR(40) NOT NULL, STRASSE NVARCHAR(40), PLZ VARCHAR(10), ORT NVARCHAR(40), LAND CHAR(2), USTIDNR VARCHAR(14), STEUERNR VARCHAR(20), TELEFON VARCHAR(30), TELEFAX VARCHAR(30), EMAIL VARCHAR(80), GESPERRT CHAR(1) NOT NULL CHECK (GESPERRT IN ('J', 'N')))",
			"CREATE TABLE MWST (MWSTKZ CHAR(2) PRIMARY KEY, SATZ DECIMAL(5,2) NOT NULL)",
			"CREATE TABLE ARTIKEL (ARTNR VARCHAR(20) PRIMARY KEY, BEZEICHNUNG NVARCHAR(80) NOT NULL, EINHEIT NVARCHAR(6) NOT NULL, PREIS DECIMAL(12,2) NOT NULL, MWSTKZ CHAR(2) NOT NULL REFERENCES MWST)",
			"CREATE TABLE AUFTRAGSKOPF (AUFNR INTEGER PRIMARY KEY, KDNR INTEGER NOT NULL REFERENCES KUNDENSTAMM, DATUM DATE NOT NULL, LIEFERDATUM DATE, NETTO DECIMAL(12,2) NOT NULL, STATUS CHAR(1) NOT NULL CHECK (STATUS IN ('O', 'E', 'S')), BEMERKUNG NVARCHAR(200), ERFASSER VARCHAR(20) NOT NULL, ERFASST DATETIME NOT NULL)",
			"CREATE TABLE AUFTRAGSPOS (AUFNR INTEGER NOT NULL REFERENCES AUFTRAGSKOPF, POSNR SMALLINT NOT NULL, ARTNR VARCHAR(20) REFERENCES ARTIKEL, BEZEICHNUNG NVARCHAR(80) NOT NULL, MENGE DECIMAL(12,3) NOT NULL, EINZELPREIS DECIMAL(12,2) NOT NULL, RABATT DECIMAL(5,2) NOT NULL, PRIMARY KEY (AUFNR, POSNR))",
		})
	}},
	{name: "polish", install: func(t *testing.T, db *sql.DB) {
		statements(t, db, []string{
			"CREATE TABLE Kontrahenci (Id INTEGER PRIMARY KEY, Nazwa NVARCHAR(60) NOT NULL, NIP VARCHAR(15), Ulica NVARCHAR(60), KodPocztowy VARCHAR(6), Miasto NVARCHAR(40), Kraj CHAR(2), Telefon VARCHAR(30), Email VARCHAR(80))",
			"CREATE TABLE Towary (Id INTEGER PRIMARY KEY, Symbol VARCHAR(20) NOT NULL UNIQUE, Nazwa NVARCHAR(80) NOT NULL, Jm NVARCHAR(6) NOT NULL, Cena TEXT NOT NULL)",
			"CREATE TABLE Zamowienia (Id INTEGER PRIMARY KEY, NumerZamowienia VARCHAR(20) NOT NULL UNIQUE, KontrahentId INTEGER NOT NULL REFERENCES Kontrahenci, Data DATE NOT NULL, Termin DATE, Waluta CHAR(3) NOT NULL, Uwagi NVARCHAR(200))",
			"CREATE TABLE ZamowieniaPozycje (Id INTEGER PRIMARY KEY, ZamowienieId INTEGER NOT NULL REFERENCES Zamowienia, Pozycja SMALLINT NOT NULL, TowarId INTEGER REFERENCES Towary, Ilosc DECIMAL(12,3) NOT NULL, Cena TEXT NOT NULL, Rabat DECIMAL(5,2) NOT NULL)",
		})
	}},
}

func statements(t *testing.T, db *sql.DB, list []string) {
	t.Helper()
	for _, s := range list {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
}

// TestScaffold holds the first mappings as golden text; each loads, and what Check says of it is known.
func TestScaffold(t *testing.T) {
	for _, host := range unknownERPs {
		t.Run(host.name, func(t *testing.T) {
			db := checkFile(t, nil)
			host.install(t, db)
			got, err := tablehost.Scaffold(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			testutil.Golden(t, "scaffold_"+host.name+".yaml", []byte(got.YAML))
			marked := strings.Count(got.YAML, "# DECIDE: ")
			if marked != len(got.Decisions) || marked == 0 {
				t.Errorf("%d decisions are marked, and %d are listed", marked, len(got.Decisions))
			}
			m, err := tablehost.Parse([]byte(got.YAML))
			if err != nil {
				t.Fatal(err)
			}
			problems, err := tablehost.Check(t.Context(), db, m)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				if p.Severity == tablehost.Error && !slices.Contains(host.errors, p.Code) {
					t.Errorf("%s: %s", p.Code, p)
				}
			}
		})
	}
}

// TestScaffoldOnSQLServer: the same tables give the same mapping, but for the letters of names.
func TestScaffoldOnSQLServer(t *testing.T) {
	db := checkDatabase(t)
	if err := northwind.Install(t.Context(), db, northwind.MSSQL); err != nil {
		t.Fatal(err)
	}
	got, err := tablehost.Scaffold(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	m, err := tablehost.Parse([]byte(got.YAML))
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"customers": {m.Customers.Table, "Customers"}, "their name": {m.Customers.Fields["name"].Column, "CompanyName"}, "products": {m.Products.Table, "Products"},
		"orders": {m.Documents[erpbridge.Order].Table, "Orders"}, "lines": {m.Documents[erpbridge.Order].Lines.Table, "Order Details"},
		"the way of a discount": {m.Documents[erpbridge.Order].Lines.Fields["discount"].As, "fraction"},
	} {
		if !strings.EqualFold(pair[0], pair[1]) {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
}

// TestFromScaffoldToAnOrder: the first mapping of Northwind takes a customer and an order with lines as it is.
func TestFromScaffoldToAnOrder(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		db := env.DB.SQL()
		dialect := string(env.DB.Dialect())
		if err := northwind.Install(t.Context(), db, dialect); err != nil {
			t.Fatal(err)
		}
		cat, err := catalog.Read(t.Context(), db, catalog.Dialect(dialect))
		if err != nil {
			t.Fatal(err)
		}
		// Other tests keep other ERPs in the same database.
		cat.Tables = slices.DeleteFunc(cat.Tables, func(c catalog.Table) bool {
			return !slices.Contains([]string{"categories", "suppliers", "shippers", "employees", "customers", "products", "orders", "order details"}, strings.ToLower(c.Name))
		})
		first, err := tablehost.ScaffoldCatalog(cat)
		if err != nil {
			t.Fatal(err)
		}
		m, err := tablehost.Parse([]byte(first.YAML))
		if err != nil {
			t.Fatal(err)
		}
		host, err := tablehost.New(t.Context(), db, m, tablehost.Options{})
		if err != nil {
			t.Fatal(err)
		}
		tx, err := db.BeginTx(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		s := erpbridge.Session{Company: env.Company, Tx: tx, Token: "scaffold-1", UserID: "1", Now: env.Clock.Now()}
		customer, err := host.Customers.Create(t.Context(), s, erpbridge.Customer{Name: "Erdőkertesi Faipari Kft.", Phone: "+36 28 555 010", Address: erpbridge.Address{City: "Veresegyház", Country: "HU"}})
		if err != nil {
			t.Fatal(err)
		}
		s.Token = "scaffold-2"
		order, err := host.Documents.Create(t.Context(), s, erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: customer.Key, Currency: "EUR", Lines: []erpbridge.DocumentLine{
			{Product: "1", Name: "Íróasztal", Quantity: money.MustQuantity("2"), UnitPrice: money.MustAmount("219.90"), VATCode: "0"},
			{Product: "2", Name: "Könyvespolc", Quantity: money.MustQuantity("3"), UnitPrice: money.MustAmount("99.95"), Discount: money.MustPercent("12.5"), VATCode: "0"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		read, err := host.Documents.Document(t.Context(), s, order.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if read.Customer != "ERDOK" || len(read.Lines) != 2 || read.Lines[1].Discount.String() != "12.5" {
			t.Errorf("the order is kept as %+v", read)
		}
	})
}

func TestScaffoldOfNothingKnown(t *testing.T) {
	db := checkFile(t, []string{"CREATE TABLE sensor (id INTEGER PRIMARY KEY, temperature REAL)"})
	if _, err := tablehost.Scaffold(t.Context(), db); !errors.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "beginning with customers") {
		t.Errorf("%v", err)
	}
}

// TestScaffoldOfAnything: whatever a database calls its tables and columns, the first mapping loads, or
// none is made.
func TestScaffoldOfAnything(t *testing.T) {
	words := []string{
		"CUST", "vevo", "Kunde", "Klient", "NAME", "nev", "KOD", "nr", "ORD", "Rendeles", "FEJ", "SOR", "Lines", "QTY", "Menge", "Preis", "VAT", "afa", "rate", "satz", "CEG", "firma", "numbers",
		"last", "utolso", "state", "x", "y", "no", "yes", "]", "\"", "'", "\n", "#", ": ", "{", "&", "*", "ő", "שלום", "Λ", "\\", "%s", "\u2028", "\x00", "item", "cikk", "terms", "days", "token", "kind", "ship", "date", "list",
	}
	types := []catalog.Type{
		{Name: "varchar", Family: catalog.Text, Length: 8}, {Name: "text", Family: catalog.Text, Length: -1, Affinity: "TEXT"}, {Name: "int", Family: catalog.Integer}, {Name: "decimal", Family: catalog.Decimal, Precision: 12, Scale: 2},
		{Name: "date", Family: catalog.Date}, {Name: "char", Family: catalog.Text, Length: 1}, {Name: "real", Family: catalog.Float}, {Name: "blob", Family: catalog.Binary}, {Name: "geography", Family: catalog.Other},
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := func(what string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 3).Draw(rt, what), rapid.SampledFrom([]string{"", "_", " "}).Draw(rt, "between"))
		}
		cat := &catalog.Catalog{Dialect: rapid.SampledFrom([]catalog.Dialect{catalog.SQLite, catalog.MSSQL}).Draw(rt, "dialect"), Database: name("database")}
		for range rapid.IntRange(1, 6).Draw(rt, "tables") {
			table := catalog.Table{Name: name("table"), CanSelect: true, CanInsert: true, CanUpdate: true}
			for i := range rapid.IntRange(1, 8).Draw(rt, "columns") {
				c := catalog.Column{Name: name("column") + strings.Repeat(" ", i), Table: table.Name, Type: rapid.SampledFrom(types).Draw(rt, "type"), Nullable: rapid.Bool().Draw(rt, "nullable")}
				table.Columns = append(table.Columns, c)
				if rapid.Bool().Draw(rt, "key") {
					table.PrimaryKey = append(table.PrimaryKey, c.Name)
				}
				if len(cat.Tables) > 0 && rapid.Bool().Draw(rt, "refers") {
					target := cat.Tables[rapid.IntRange(0, len(cat.Tables)-1).Draw(rt, "target")]
					table.ForeignKeys = append(table.ForeignKeys, catalog.ForeignKey{Table: target.Name, Columns: []string{c.Name}, Target: []string{target.Columns[0].Name}})
				}
			}
			table.Checks = []catalog.Check{{Name: "ck", Expression: table.Columns[0].Name + " IN ('N', 'Y')"}}
			cat.Tables = append(cat.Tables, table)
		}
		first, err := tablehost.ScaffoldCatalog(cat)
		if err != nil {
			if !errors.Is(err, fault.NotFound) {
				rt.Fatal(err)
			}
			return
		}
		if _, err := tablehost.Parse([]byte(first.YAML)); err != nil {
			// Names that no mapping can say are named by the loader; YAML it is all the same.
			if len(fault.Of(err)) == 0 {
				rt.Fatalf("%v in\n%s", err, first.YAML)
			}
			for _, f := range fault.Of(err) {
				if strings.HasPrefix(f.Code, "yaml") || strings.HasSuffix(f.Message, "is given twice") {
					rt.Fatalf("%v in\n%s", f, first.YAML)
				}
			}
		}
	})
}
