package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
	"github.com/crmplus/crmplus/testutil/northwind"
	"github.com/crmplus/crmplus/testutil/regional"
)

const (
	mappings   = "../../../erpbridge/tablehost/mappings/"
	apis       = "../../../erpbridge/apihost/descriptions/"
	procedures = "../../../erpbridge/prochost/descriptions/"
	own        = "testdata/erp.yaml"
)

var clock = time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC)

// hosts makes the databases of the fixtures in a folder: northwind.db, regional.db and example.db.
func hosts(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, install := range map[string]func(context.Context, string) error{
		"northwind.db": func(ctx context.Context, file string) error {
			db, err := sqlite.Open(file)
			if err != nil {
				return err
			}
			defer db.SQL().Close()
			return northwind.Install(ctx, db.SQL(), northwind.SQLite)
		},
		"regional.db": func(ctx context.Context, file string) error {
			db, err := sqlite.Open(file)
			if err != nil {
				return err
			}
			defer db.SQL().Close()
			if err := regional.Install(ctx, db.SQL(), regional.SQLite); err != nil {
				return err
			}
			return regional.Books{DB: db.SQL(), Dialect: regional.SQLite, Company: "01"}.Seed(ctx)
		},
		"example.db": func(ctx context.Context, file string) error {
			db, err := sqlite.Open(file)
			if err != nil {
				return err
			}
			defer db.SQL().Close()
			books := erp.New(db.SQL(), "sqlite")
			if err := books.Install(ctx); err != nil {
				return err
			}
			return books.Seed(ctx, erp.Sample{SkipHistory: true})
		},
	} {
		if err := install(t.Context(), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ran is what a command did.
type ran struct {
	code     int
	out, err string
}

func crmplus(t *testing.T, env map[string]string, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, terminal{out: &out, err: &errs, env: func(name string) string { return env[name] }, now: func() time.Time { return clock }})
	return ran{code, out.String(), errs.String()}
}

// applied is when a migration was applied, unlike the clock of the test.
var applied = regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d`)

func TestCommands(t *testing.T) {
	dir := hosts(t)
	nw, reg := filepath.Join(dir, "northwind.db"), filepath.Join(dir, "regional.db")
	broken := filepath.Join(dir, "broken.yaml")
	write(t, broken, strings.NewReplacer("table: Employees", "table: Employes", "RequiredDate", "RequiredDay", "ShipVia: 1", "ShipVia: true, OrderID: 5").
		Replace(read(t, own)))
	misspelt := filepath.Join(dir, "misspelt.yaml")
	write(t, misspelt, strings.NewReplacer("  table: Employees", "  tabel: Employees", "customers:", "custommers:").Replace(read(t, own)))

	badAPI := filepath.Join(dir, "api.yaml")
	write(t, badAPI, strings.NewReplacer("documents:", "dokuments:", "customers:", "customers: &x").Replace(read(t, apis+"business-central.yaml")))

	for _, row := range []struct {
		name string
		args []string
		code int
	}{
		{"explain", []string{"host", "explain", "-map", own}, well},
		{"check", []string{"host", "check", "-db", nw, "-map", own}, well},
		{"check broken", []string{"host", "check", "-db", nw, "-map", broken}, problems},
		{"check broken json", []string{"host", "check", "-db", nw, "-map", broken, "-json"}, problems},
		{"check misspelt", []string{"host", "check", "-db", nw, "-map", misspelt}, problems},
		{"dry-run", []string{"host", "dry-run", "-db", nw, "-map", own}, well},
		{"dry-run json", []string{"host", "dry-run", "-db", "sqlite:" + nw, "-map", own, "-json", "-customer", northwind.Buyer, "-product", "2", "-quantity", "3"}, well},
		{"dry-run refused", []string{"host", "dry-run", "-db", nw, "-map", own, "-quantity", "2.5"}, problems},
		{"dry-run of nobody", []string{"host", "dry-run", "-db", reg, "-map", mappings + "regional.yaml", "-customer", "C999999"}, problems},
		{"check api", []string{"host", "check", "-api", apis + "business-central.yaml"}, well},
		{"check api broken", []string{"host", "check", "-api", badAPI}, problems},
		{"explain api", []string{"host", "explain", "-api", apis + "sap-business-one.yaml"}, well},
		{"check procedures on SQLite", []string{"host", "check", "-db", nw, "-procedures", procedures + "regional.yaml"}, problems},
		{"no description", []string{"host", "check", "-api", filepath.Join(dir, "nothing.yaml")}, misused},
		{"migrate status", []string{"migrate", "status", "-db", nw}, problems},
		{"migrate synonyms", []string{"migrate", "synonyms", "-crm", "CrmPlus"}, well},
		{"help", []string{"help"}, well},
		{"dry-run help", []string{"host", "dry-run", "-h"}, well},
		{"nothing", nil, misused},
		{"unknown", []string{"host", "destroy"}, misused},
		{"unknown flag", []string{"host", "check", "-force"}, misused},
		{"no database", []string{"host", "check", "-map", broken}, misused},
		{"no file", []string{"host", "check", "-db", filepath.Join(dir, "nothing.db"), "-map", broken}, misused},
		{"no mapping", []string{"host", "explain", "-map", filepath.Join(dir, "nothing.yaml")}, misused},
		{"down without a yes", []string{"migrate", "down", "-db", nw}, misused},
		{"a word too much", []string{"migrate", "up", "down", "-db", nw}, misused},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := digest(t, nw) + digest(t, reg)
			got := crmplus(t, nil, row.args...)
			if got.code != row.code {
				t.Errorf("exit code %d, want %d\n%s%s", got.code, row.code, got.out, got.err)
			}
			text := got.out
			if got.err != "" {
				text += "--- on standard error\n" + got.err
			}
			testutil.Golden(t, strings.ReplaceAll(row.name, " ", "_")+".txt", []byte(strings.ReplaceAll(text, dir, "DIR")))
			if after := digest(t, nw) + digest(t, reg); after != before {
				t.Error("the command changed a database")
			}
		})
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// digest is the content of a database file and of its journal.
func digest(t *testing.T, file string) string {
	t.Helper()
	h := sha256.New()
	for _, part := range []string{file, file + "-wal"} {
		b, err := os.ReadFile(part)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		h.Write(b)
	}
	return string(h.Sum(nil))
}

// TestDryRunOfTheRegionalERP walks the whole chain with counters, triggers and audit columns.
func TestDryRunOfTheRegionalERP(t *testing.T) {
	reg := filepath.Join(hosts(t), "regional.db")
	got := crmplus(t, nil, "host", "dry-run", "-db", reg, "-map", mappings+"regional.yaml", "-json")
	var out played
	if err := json.Unmarshal([]byte(got.out), &out); err != nil || got.code != well {
		t.Fatalf("code %d, %v\n%s%s", got.code, err, got.out, got.err)
	}
	var titles []string
	for _, a := range out.Acts {
		titles = append(titles, a.Title)
		if a.Error != "" || len(a.Statements) == 0 {
			t.Errorf("%s: %q, %d statements", a.Title, a.Error, len(a.Statements))
		}
	}
	if want := "customer contact product order delivery invoice"; strings.Join(titles, " ") != want {
		t.Errorf("acts %v, want %s", titles, want)
	}
}

// TestScaffold: what is written can be used as it is, and what is left to a person is said.
func TestScaffold(t *testing.T) {
	dir := hosts(t)
	for _, name := range []string{"northwind", "regional", "example"} {
		t.Run(name, func(t *testing.T) {
			db, file := filepath.Join(dir, name+".db"), filepath.Join(dir, name+".yaml")
			before := digest(t, db)
			got := crmplus(t, nil, "host", "scaffold", "-db", db)
			if got.code != well || !strings.Contains(got.err, "left to you") {
				t.Fatalf("code %d\n%s%s", got.code, got.out, got.err)
			}
			if digest(t, db) != before {
				t.Error("the command changed the database")
			}
			write(t, file, got.out)
			if got := crmplus(t, nil, "host", "explain", "-map", file); got.code != well || !strings.Contains(got.out, "A NEW CUSTOMER") {
				t.Errorf("the mapping does not load: %s%s", got.out, got.err)
			}
			if got := crmplus(t, nil, "host", "check", "-db", db, "-map", file); !strings.Contains(got.out, "lines are still marked DECIDE, the first one here") {
				t.Errorf("check does not say that nobody has decided anything:\n%s", got.out)
			}
			got = crmplus(t, nil, "host", "scaffold", "-db", db, "-json")
			var out sketched
			if err := json.Unmarshal([]byte(got.out), &out); err != nil || !out.OK || len(out.Decisions) == 0 || out.Mapping == "" {
				t.Errorf("json: %v %s", err, got.out)
			}
		})
	}
	empty := filepath.Join(dir, "empty.db")
	write(t, empty, "")
	if got := crmplus(t, nil, "host", "scaffold", "-db", empty); got.code != problems || !strings.Contains(got.err, "looks like customers") {
		t.Errorf("an empty database: code %d\n%s%s", got.code, got.out, got.err)
	}
}

func TestMigrate(t *testing.T) {
	nw := filepath.Join(hosts(t), "northwind.db")
	for _, row := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"sql", []string{"sql"}, well, "CREATE TABLE crm_lead"},
		{"up", []string{"up"}, well, "The tables of CRM+ are those of this version."},
		{"up again", []string{"up", "-json"}, well, `"ok": true`},
		{"status", []string{"status"}, well, "0001 kernel"},
		{"down", []string{"down", "-to", "3", "-yes"}, well, "The steps above 0003 are taken back."},
		{"status below", []string{"status"}, problems, "missing"},
		{"down to nothing", []string{"down", "-to", "0", "-yes"}, well, "taken back"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := crmplus(t, map[string]string{"CRMPLUS_DB": nw}, append([]string{"migrate"}, row.args...)...)
			if got.code != row.code || !strings.Contains(got.out, row.says) {
				t.Errorf("code %d, want %d with %q:\n%s%s", got.code, row.code, row.says, applied.ReplaceAllString(got.out, "WHEN"), got.err)
			}
		})
	}
}

func TestImportLeads(t *testing.T) {
	dir := hosts(t)
	env := map[string]string{"CRMPLUS_DB": filepath.Join(dir, "example.db")}
	leads, rejects := filepath.Join(dir, "leads.csv"), filepath.Join(dir, "rejects.csv")
	write(t, leads, "Név;Cégnév;E-mail;Telefon\nKovács Anna;Kovács Kft.;anna@kovacs.example;+36 1 234 5678\nNagy Béla;Nagy Bt.;no address;\nΓιώργος Παπαδόπουλος;Ελλάς Α.Ε.;giorgos@ellas.example;+30 210 123 4567\n")
	command := []string{"import", "leads", "-map", mappings + "example.yaml", "-file", leads, "-company", "HU01", "-user", "manager-hu", "-source", "fair", "-rejects", rejects}

	if got := crmplus(t, env, command...); got.code != problems || !strings.Contains(got.err, "migrate up") {
		t.Errorf("without tables: code %d\n%s%s", got.code, got.out, got.err)
	}
	if got := crmplus(t, env, "migrate", "up"); got.code != well {
		t.Fatal(got.err)
	}
	got := crmplus(t, env, append(command, "-preview")...)
	testutil.Golden(t, "import_preview.txt", []byte(got.out+got.err))
	got = crmplus(t, env, command...)
	testutil.Golden(t, "import.txt", []byte(strings.ReplaceAll(got.out+got.err, dir, "DIR")))
	if got.code != problems {
		t.Errorf("code %d with a bad row", got.code)
	}
	if text := read(t, rejects); !strings.Contains(text, "Nagy Béla") {
		t.Errorf("rejects: %s", text)
	}
	if got := crmplus(t, env, command...); got.code != problems || !strings.Contains(got.err, "already imported") {
		t.Errorf("twice: code %d\n%s%s", got.code, got.out, got.err)
	}
}

// asked are the statements of the guide: the first conversion on either database, and on SQLite those that lead
// from the second lead to an order.
type asked struct{ onSQLite, onSQLServer, second, order string }

func guideSQL(t *testing.T) asked {
	t.Helper()
	var found []string
	for _, block := range strings.Split(read(t, "../../../erpbridge/EMBEDDING.md"), "```sql\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		found = append(found, text)
	}
	if len(found) != 4 {
		t.Fatalf("the guide has %d statements", len(found))
	}
	return asked{found[0], found[1], found[2], found[3]}
}

const guideLeads = "Name,Company,E-mail,Phone,City,Country\nMaria Keller,Alpine Outdoor GmbH,maria@alpine-outdoor.example,+49 89 1234567,München,DE\n" +
	"John Park,Harbor Supplies Inc.,john@harbor-supplies.example,+1 206 555 0134,Seattle,US\n"

// TestGuideFirstLead follows the guide from the tables of CRM+ to the first customer, and to an order with lines.
func TestGuideFirstLead(t *testing.T) {
	dir := hosts(t)
	file := filepath.Join(dir, "northwind.db")
	env := map[string]string{"CRMPLUS_DB": file}
	mapping, leads := filepath.Join(dir, "erp.yaml"), filepath.Join(dir, "leads.csv")
	write(t, leads, guideLeads)
	write(t, mapping, strings.Replace(crmplus(t, env, "host", "scaffold").out, "currency: EUR", "currency: USD", 1))
	db, err := sqlite.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.SQL().Close()
	ask := guideSQL(t)
	for _, step := range []struct {
		sql  string
		args []string
	}{
		{"", []string{"host", "check", "-map", mapping}}, {"", []string{"host", "dry-run", "-map", mapping}}, {"", []string{"migrate", "up"}},
		{"", []string{"import", "leads", "-map", mapping, "-file", leads, "-company", "1", "-user", "1"}},
		{ask.onSQLite, []string{"run", "-once", "-map", mapping}}, {ask.second, []string{"run", "-once", "-map", mapping}}, {ask.order, []string{"run", "-once", "-map", mapping}},
	} {
		if step.sql != "" {
			if _, err := db.SQL().ExecContext(t.Context(), step.sql); err != nil {
				t.Fatal(err)
			}
		}
		if got := crmplus(t, env, step.args...); got.code != well {
			t.Fatalf("%v: code %d\n%s%s", step.args, got.code, got.out, got.err)
		}
	}
	for _, key := range []string{"first", "second", "third"} {
		var state, failure string
		if err := db.SQL().QueryRowContext(t.Context(), "SELECT state, failure FROM crm_result WHERE request_key = ?", key).Scan(&state, &failure); err != nil {
			t.Fatal(err)
		}
		if state != "done" {
			t.Fatalf("%s: %s", key, failure)
		}
	}
	var customer, contact string
	if err := db.SQL().QueryRowContext(t.Context(), "SELECT CompanyName, ContactName FROM Customers WHERE CustomerID = 'ALPIN'").Scan(&customer, &contact); err != nil {
		t.Fatal(err)
	}
	if customer != "Alpine Outdoor GmbH" || contact != "Maria Keller" {
		t.Errorf("%s, %s", customer, contact)
	}
	var lines int
	var quantity, discount float64
	if err := db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*), SUM(d.Quantity), MAX(d.Discount) FROM Orders AS o JOIN "Order Details" AS d ON d.OrderID = o.OrderID WHERE o.CustomerID = 'HARBO'`).Scan(&lines, &quantity, &discount); err != nil {
		t.Fatal(err)
	}
	if lines != 2 || quantity != 5 || discount != 0.1 {
		t.Errorf("the order has %d lines, quantities of %v and a discount of %v", lines, quantity, discount)
	}
}

// TestGuideStatements: both databases understand the statements that the guide has for them. Nobody has those
// addresses here.
func TestGuideStatements(t *testing.T) {
	ask := guideSQL(t)
	words := strings.NewReplacer("||", "+", "hex(lead_id)", "CONVERT(char(32), lead_id, 2)", "json_extract", "JSON_VALUE")
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		list := []string{ask.onSQLite, ask.second, ask.order}
		if env.DB.Dialect() == store.MSSQL {
			list = []string{ask.onSQLServer, words.Replace(ask.second), words.Replace(ask.order)}
		}
		for _, statement := range list {
			if _, err := env.DB.SQL().ExecContext(t.Context(), statement); err != nil {
				t.Errorf("%v in %s", err, statement)
			}
		}
	})
}

func TestPasswordsAreNotPrinted(t *testing.T) {
	const secret = "Tit-Kos%1"
	for _, row := range []struct{ name, dsn string }{
		{"nobody answers", "sqlserver://sa:Tit-Kos%251@127.0.0.1:1?database=erp&dial+timeout=1"},
		{"a form that is not understood", "sqlserver://sa:Tit-Kos%251@127.0.0.1:x?database=erp"},
		{"not encoded", "sqlserver://sa:Tit-Kos%1@127.0.0.1:1?database=erp"},
		{"the other form", "server=127.0.0.1;port=1;user id=sa;password=Tit-Kos%1;database=erp;dial timeout=1"},
		{"no driver", "postgres://sa:Tit-Kos%251@127.0.0.1:1/erp"},
	} {
		for _, form := range [][]string{nil, {"-json"}} {
			t.Run(row.name+strings.Join(form, ""), func(t *testing.T) {
				got := crmplus(t, nil, append([]string{"host", "check", "-db", row.dsn, "-map", mappings + "northwind.yaml"}, form...)...)
				if got.code == well {
					t.Error("it went well")
				}
				if text := got.out + got.err; text == "" || strings.Contains(text, secret) || strings.Contains(text, "Tit-Kos") {
					t.Errorf("printed: %s", text)
				}
			})
		}
	}
}

func TestOnSQLServer(t *testing.T) {
	dsn := os.Getenv("CRMPLUS_TEST_MSSQL")
	if dsn == "" {
		t.Skip("CRMPLUS_TEST_MSSQL is not set: nothing runs on SQL Server")
	}
	db, err := mssql.Open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.SQL().Close() })
	if err := northwind.Install(t.Context(), db.SQL(), northwind.MSSQL); err != nil {
		t.Fatal(err)
	}
	if err := regional.Install(t.Context(), db.SQL(), regional.MSSQL); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		args []string
		says string
	}{
		{"check", []string{"host", "check", "-map", mappings + "northwind.yaml"}, "The mapping fits the database"},
		{"dry-run", []string{"host", "dry-run", "-map", mappings + "northwind.yaml"}, "was rolled back"},
		{"scaffold", []string{"host", "scaffold"}, "customers:"},
		{"check procedures", []string{"host", "check", "-procedures", procedures + "regional.yaml"}, "The description is in order."},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := crmplus(t, map[string]string{"CRMPLUS_DB": dsn}, row.args...)
			if got.code != well || !strings.Contains(got.out, row.says) {
				t.Errorf("code %d\n%s%s", got.code, got.out, got.err)
			}
		})
	}
}
