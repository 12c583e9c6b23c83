package tablehost_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/northwind"
	"github.com/crmplus/crmplus/testutil/regional"
)

func shipped(t *testing.T, name string) tablehost.Mapping {
	t.Helper()
	file, err := os.Open(filepath.Join("mappings", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := tablehost.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestExplain(t *testing.T) {
	for _, name := range []string{"northwind", "example"} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := tablehost.Explain(&b, shipped(t, name)); err != nil {
				t.Fatal(err)
			}
			testutil.Golden(t, "explain_"+name+".txt", []byte(b.String()))
		})
	}
}

// TestExplainNamesEveryTable: no table that a mapping writes is left out of its explanation.
func TestExplainNamesEveryTable(t *testing.T) {
	m := tablehost.Mapping{
		Version: 1, Name: "Steps", Tolerance: "0.05",
		Company:  tablehost.CompanyScope{Schemas: map[string]string{"A": "erp_a", "B": "erp_b"}},
		Counters: map[string]tablehost.Counter{"n": {Table: "NUMBERS", Column: "LAST", Next: true, Create: true, Where: map[string]tablehost.Value{"S": {Formula: "series"}}}},
		Customers: &tablehost.Customers{
			Entity: tablehost.Entity{Table: "CUST", Key: tablehost.Key{Column: "ID", GUID: true}, Fields: map[string]tablehost.Field{"name": {Column: "NAME", Write: "upper(value)"}}},
			Before: []tablehost.Step{{Insert: "PARTY", Key: &tablehost.Key{Column: "PID", Sequence: "SEQ"}, Set: map[string]tablehost.Value{"N": {Formula: "customer.name"}}}},
			After:  []tablehost.Step{{Ensure: "TOWN", Where: map[string]tablehost.Condition{"T": {Value: "customer.city"}}, When: "customer.city != nil"}},
			Remove: "block",
		},
		Documents: map[erpbridge.Kind]*tablehost.Document{
			erpbridge.Quotation: {Entity: tablehost.Entity{Table: "QUOTES"}, ReadOnly: true},
			erpbridge.Order: {
				Entity: tablehost.Entity{Table: "ORD", Key: tablehost.Key{Column: "ID", Highest: true}},
				Before: []tablehost.Step{{Refuse: "BLOCKS", Where: map[string]tablehost.Condition{"C": {Op: "not null"}}, Message: "is blocked"}},
				After:  []tablehost.Step{{UnsafeSQL: "EXEC dbo.After :id", With: map[string]string{"id": "document.key"}}, {Update: "LOG", Each: "tax", Where: map[string]tablehost.Condition{"K": {Op: "<>", Value: "1"}}, Optional: true}},
				Cancel: []tablehost.Cancel{{From: []erpbridge.State{erpbridge.Posted}, Credit: erpbridge.CreditNote}, {Delete: true, Steps: []tablehost.Step{{Guard: "OPEN", Where: map[string]tablehost.Condition{"D": {Op: "null"}}}}}},
			},
		},
	}
	var b strings.Builder
	if err := tablehost.Explain(&b, m); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"A in erp_a, B in erp_b", `"n" is NUMBERS.LAST, the next number`, "1. insert into PARTY", "sequence SEQ", "2. insert into CUST", "random GUID", "name, written as upper(value)",
		"3. insert into TOWN, unless there is a row where T = customer.city; only when customer.city != nil", "blocks the customer", "is only read, from QUOTES",
		`1. refuse, if BLOCKS has a row where C is not null ("is blocked")`, "2. insert into ORD", "the highest there is, plus one", "3. run a statement of the mapping's own: EXEC dbo.After :id",
		"4. for each tax, update LOG where K <> 1, if there is such a row", "while posted: a document of the kind credit is written", "its rows are deleted", "1. refuse, unless OPEN has a row where D is null",
	} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("the explanation does not say %q:\n%s", part, b.String())
		}
	}
}

func TestDryRun(t *testing.T) {
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "erp.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.SQL().Close() })
	if err := northwind.Install(t.Context(), db.SQL(), northwind.SQLite); err != nil {
		t.Fatal(err)
	}
	if err := regional.Install(t.Context(), db.SQL(), regional.SQLite); err != nil {
		t.Fatal(err)
	}
	if err := (regional.Books{DB: db.SQL(), Dialect: regional.SQLite, Company: "01"}).Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name, mapping string
		trial         tablehost.Trial
		acts          string
		refused       string
	}{
		{"northwind", "northwind", tablehost.Trial{}, "customer contact product order delivery", ""},
		{"a customer who is there", "northwind", tablehost.Trial{Customer: northwind.Buyer}, "customer product order delivery", ""},
		{"a lead of one's own", "northwind", tablehost.Trial{Lead: erpbridge.Customer{Name: "Γιώργος Α.Ε."}}, "customer contact product order delivery", ""},
		{"a name that is too long", "northwind", tablehost.Trial{Lead: erpbridge.Customer{Name: strings.Repeat("Hosszú ", 8)}}, "customer", "CompanyName"},
		{"a quantity that is not kept", "northwind", tablehost.Trial{Quantity: money.MustQuantity("0.5")}, "customer contact product order", "whole numbers"},
		{"a product that is gone", "northwind", tablehost.Trial{Product: "999"}, "customer contact product", "999"},
		{"regional", "regional", tablehost.Trial{}, "customer contact product order delivery invoice", ""},
		{"another company", "regional", tablehost.Trial{Company: "01"}, "customer contact product order delivery invoice", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.trial.Now = now
			before := rows(t, db.SQL())
			acts, err := tablehost.DryRun(t.Context(), db.SQL(), shipped(t, row.mapping), row.trial)
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			refused := ""
			for _, a := range acts {
				titles = append(titles, a.Title)
				if a.Err != nil {
					refused = a.Err.Error()
				}
			}
			if got := strings.Join(titles, " "); got != row.acts {
				t.Errorf("acts %s, want %s", got, row.acts)
			}
			if row.refused == "" && refused != "" || !strings.Contains(refused, row.refused) {
				t.Errorf("refused with %q, want %q", refused, row.refused)
			}
			if after := rows(t, db.SQL()); after != before {
				t.Errorf("it left something behind: %s before, %s after", before, after)
			}
		})
	}
	if _, err := tablehost.DryRun(t.Context(), db.SQL(), shipped(t, "regional"), tablehost.Trial{Company: "77", Now: now}); err == nil {
		t.Error("a company that does not exist is taken")
	}
}

// rows counts what the tables hold.
func rows(t *testing.T, db *sql.DB) string {
	t.Helper()
	var out []string
	for _, table := range []string{"Customers", "Orders", "[Order Details]", "VEVO", "KAPCSTART", "BIZFEJ", "BIZSOR", "BIZAFA"} {
		n := 0
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out = append(out, table+" "+strconv.Itoa(n))
	}
	var last int
	if err := db.QueryRowContext(t.Context(), "SELECT SUM(UTOLSO) FROM SORSZAMOK").Scan(&last); err != nil {
		t.Fatal(err)
	}
	return strings.Join(append(out, "numbers "+strconv.Itoa(last)), ", ")
}
