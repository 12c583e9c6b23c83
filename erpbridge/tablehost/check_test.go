package tablehost_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
)

// mistake is one that somebody makes in a mapping, or that a database has, and how Check says it.
type mistake struct {
	name string
	// only: the mistake is one of this database.
	only catalog.Dialect
	// ddl replaces texts in the tables' definitions: old, new, old, new. Old "" adds a statement.
	ddl []string
	// spoil changes the mapping.
	spoil func(m *tablehost.Mapping)
	// severity is Error where it is not given.
	severity         tablehost.Severity
	path, code, says string
}

// toColumn gives a field another column.
func toColumn(fields map[string]tablehost.Field, name, column string) {
	f := fields[name]
	f.Column = column
	fields[name] = f
}

func orderIn(m *tablehost.Mapping) *tablehost.Document { return m.Documents[erpbridge.Order] }

func formulaOf(text string) tablehost.Value { return tablehost.Value{Formula: text} }

// checkTables are the definitions with the mistake, for a schema.
func checkTables(t testing.TB, row mistake, d catalog.Dialect, schema string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "check.sql"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i+1 < len(row.ddl); i += 2 {
		if row.ddl[i] == "" {
			text += "\nGO\n" + row.ddl[i+1]
			continue
		}
		if !strings.Contains(text, row.ddl[i]) {
			t.Fatalf("%s: the tables do not have %s", row.name, row.ddl[i])
		}
		text = strings.ReplaceAll(text, row.ddl[i], row.ddl[i+1])
	}
	identity, computed := "int IDENTITY(1,1) NOT NULL PRIMARY KEY", "AS (NET + VAT)"
	if d == catalog.SQLite {
		identity, computed = "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "decimal(15,2) GENERATED ALWAYS AS (NET + VAT)"
	}
	return strings.Split(strings.NewReplacer("IDENTITYKEY", identity, "$COMPUTED", computed, "$", schema).Replace(text), "\nGO\n")
}

func checkMapping(t testing.TB, row mistake) tablehost.Mapping {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "check.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := tablehost.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if row.spoil != nil {
		row.spoil(&m)
	}
	return m
}

// judge looks for the mistake mistake among the problems.
func judge(t *testing.T, row mistake, problems []tablehost.Problem) {
	t.Helper()
	if row.severity == "" {
		row.severity = tablehost.Error
	}
	for _, p := range problems {
		if p.Code == row.code && p.Path == row.path && p.Severity == row.severity && strings.Contains(strings.ToLower(p.Message), strings.ToLower(row.says)) {
			return
		}
	}
	list := make([]string, len(problems))
	for i, p := range problems {
		list[i] = fmt.Sprintf("%s %s %s", p.Severity, p.Code, p)
	}
	t.Errorf("%s at %s with %q is not among the problems:\n%s", row.code, row.path, row.says, strings.Join(list, "\n"))
}

// TestCheckFindsSeededMistakes plants one mistake after the other into tables and mapping.
func TestCheckFindsSeededMistakes(t *testing.T) {
	all := slices.Concat(mistakesOfNames, mistakesOfColumns, mistakesOfValues, mistakesOfKeys, mistakesOfDocuments, mistakesOfTables, mistakesOfRows)
	if len(all) < 60 {
		t.Fatalf("there are %d mistakes", len(all))
	}
	t.Run("sqlite", func(t *testing.T) {
		for _, row := range all {
			if row.only == catalog.MSSQL {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				db := checkFile(t, checkTables(t, row, catalog.SQLite, ""))
				problems, err := tablehost.Check(t.Context(), db, checkMapping(t, row))
				if err != nil {
					t.Fatal(err)
				}
				judge(t, row, problems)
			})
		}
	})
	t.Run("mssql", func(t *testing.T) {
		// Each mistake of the tables has a schema of its own, and the catalogue is read once for all of them.
		db := checkDatabase(t)
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// Babelfish takes a ROWVERSION column only then; SQL Server has no such procedure.
		_, _ = conn.ExecContext(t.Context(), "EXEC sp_babelfish_configure 'babelfishpg_tsql.escape_hatch_rowversion', 'ignore'")
		schemas := make([]string, len(all))
		made := map[string]bool{}
		for i, row := range all {
			if row.only == catalog.SQLite {
				continue
			}
			// Those that leave the tables as they are share one.
			if schemas[i] = "sound"; len(row.ddl) > 0 {
				schemas[i] = fmt.Sprintf("s%d", i)
			}
			if made[schemas[i]] {
				continue
			}
			made[schemas[i]] = true
			for _, statement := range append([]string{"CREATE SCHEMA " + schemas[i]}, checkTables(t, row, catalog.MSSQL, schemas[i]+".")...) {
				if _, err := conn.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v in %s", row.name, err, statement)
				}
			}
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		cat, err := catalog.Read(t.Context(), db, catalog.MSSQL)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range all {
			if row.only == catalog.SQLite {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				own := *cat
				own.Schema = schemas[i]
				own.Tables = slices.DeleteFunc(slices.Clone(cat.Tables), func(c catalog.Table) bool { return c.Schema != own.Schema })
				problems, err := tablehost.CheckCatalog(t.Context(), db, &own, checkMapping(t, row))
				if err != nil {
					t.Fatal(err)
				}
				judge(t, row, problems)
			})
		}
	})
}

// TestCheckFindsNothing in a mapping that has no mistake; so what the mistake ones are found by is theirs.
func TestCheckFindsNothing(t *testing.T) {
	for _, d := range []catalog.Dialect{catalog.SQLite, catalog.MSSQL} {
		t.Run(string(d), func(t *testing.T) {
			tables := checkTables(t, mistake{}, d, "")
			var db *sql.DB
			if d == catalog.SQLite {
				db = checkFile(t, tables)
			} else {
				db = checkDatabase(t)
				for _, s := range tables {
					if _, err := db.Exec(s); err != nil {
						t.Fatal(err)
					}
				}
			}
			problems, err := tablehost.Check(t.Context(), db, checkMapping(t, mistake{}))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				if p.Code != "token.table" {
					t.Errorf("%s: %s", p.Code, p)
				}
			}
		})
	}
}

// TestCheckNamesEverythingAtOnce plants three mistakes together.
func TestCheckNamesEverythingAtOnce(t *testing.T) {
	row := mistake{ddl: []string{"VATCODE char(4) NOT NULL, VATRATE", "VATCODE char(4) NOT NULL, BRANCH int NOT NULL, VATRATE"}, spoil: func(m *tablehost.Mapping) {
		toColumn(m.Customers.Fields, "name", "NAEM")
		orderIn(m).Set["WHOUSE"] = formulaOf("'W99'")
	}}
	problems, err := tablehost.Check(t.Context(), checkFile(t, checkTables(t, row, catalog.SQLite, "")), checkMapping(t, row))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`customers.fields.name: CUST has no column "NAEM"; did you mean NAME?`,
		"documents.order.lines: ORDLIN.BRANCH int NOT NULL is not mapped and has no default; give it a value in fields or set",
		"documents.order.set.WHOUSE: ORDHDR.WHOUSE varchar(4) NOT NULL: there is no W99 in WHOUSE.CODE, which WHOUSE(FIRM, WHOUSE) refers to; write a value that is there, or add the row",
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s\nis not among:\n%s", w, strings.Join(got, "\n"))
		}
	}
}

// TestCheckOfPermissions: a login that lost a right is told before a conversion stops in the middle.
func TestCheckOfPermissions(t *testing.T) {
	db := checkDatabase(t)
	for _, s := range checkTables(t, mistake{}, catalog.MSSQL, "") {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	login := fmt.Sprintf("check_%d", os.Getpid())
	grants := []string{"CREATE LOGIN " + login + " WITH PASSWORD = 'Lost-Rights-1'", "CREATE USER " + login + " FOR LOGIN " + login}
	for _, table := range []string{"TERMS", "WHOUSE", "VATS", "ITEMS", "NUMBERS", "CUST", "LOG", "ORDHDR", "ORDLIN"} {
		rights := "SELECT, INSERT, UPDATE"
		switch table {
		case "NUMBERS":
			rights = "SELECT, INSERT"
		case "ORDLIN":
			rights = "SELECT"
		case "CUST":
			rights = "INSERT, UPDATE"
		}
		grants = append(grants, "GRANT "+rights+" ON "+table+" TO "+login)
	}
	for _, s := range grants {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
	// The user goes with the database.
	t.Cleanup(func() {
		if _, err := db.Exec("DROP LOGIN " + login); err != nil {
			t.Log(err)
		}
	})
	var name string
	if err := db.QueryRow("SELECT DB_NAME()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	clerk := openServer(t, name, url.UserPassword(login, "Lost-Rights-1"))
	m := checkMapping(t, mistake{})
	m.Customers.Remove = "delete"
	problems, err := tablehost.Check(t.Context(), clerk, m)
	if err != nil {
		t.Fatal(err)
	}
	judge(t, mistake{path: "documents.order.lines", code: "permission.insert", says: "GRANT INSERT ON dbo.ORDLIN"}, problems)
	judge(t, mistake{path: "customers", code: "permission.select", says: "GRANT SELECT ON dbo.CUST"}, problems)
	judge(t, mistake{path: "customers.remove", code: "permission.delete", says: "GRANT DELETE ON dbo.CUST"}, problems)
	m.Counters["numbers"] = tablehost.Counter{Table: "NUMBERS", Where: m.Counters["numbers"].Where, Column: "LAST"}
	if problems, err = tablehost.Check(t.Context(), clerk, m); err != nil {
		t.Fatal(err)
	}
	judge(t, mistake{path: "counters.numbers", code: "permission.update", says: "GRANT UPDATE ON dbo.NUMBERS"}, problems)
}

func TestCheckOfTheSession(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		conn, err := checkFile(t, checkTables(t, mistake{}, catalog.SQLite, "")).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, row := range []struct {
			pragma string
			mistake
		}{
			{"PRAGMA foreign_keys = 0", mistake{code: "session.foreign_keys", severity: tablehost.Warning, says: "foreign_keys(1)"}},
			{"PRAGMA query_only = 1", mistake{code: "session.read_only", says: "takes no writes"}},
		} {
			if _, err := conn.ExecContext(t.Context(), row.pragma); err != nil {
				t.Fatal(err)
			}
			problems, err := tablehost.Check(t.Context(), conn, checkMapping(t, mistake{}))
			if err != nil {
				t.Fatal(err)
			}
			judge(t, row.mistake, problems)
		}
	})
	t.Run("mssql", func(t *testing.T) {
		db := checkDatabase(t)
		for _, s := range checkTables(t, mistake{}, catalog.MSSQL, "") {
			if _, err := db.Exec(s); err != nil {
				t.Fatal(err)
			}
		}
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, set := range []string{"SET NOCOUNT ON", "SET XACT_ABORT ON"} {
			if _, err := conn.ExecContext(t.Context(), set); err != nil {
				t.Fatal(err)
			}
		}
		problems, err := tablehost.Check(t.Context(), conn, checkMapping(t, mistake{}))
		if err != nil {
			t.Fatal(err)
		}
		judge(t, mistake{code: "session.nocount", severity: tablehost.Warning, says: "NOCOUNT is on"}, problems)
		judge(t, mistake{code: "session.xact_abort", severity: tablehost.Warning, says: "XACT_ABORT is on"}, problems)
	})
	// What the test server cannot be set to is told by the catalogue all the same.
	t.Run("a catalogue of another session", func(t *testing.T) {
		for _, row := range []struct {
			options catalog.SessionOptions
			mistake
		}{
			{catalog.SessionOptions{DateFormat: "dmy", Language: "Italiano"}, mistake{code: "session.dateformat", severity: tablehost.Warning, says: "DATEFORMAT is dmy (language Italiano)"}},
			{catalog.SessionOptions{ImplicitTransactions: true}, mistake{code: "session.implicit_transactions", says: "IMPLICIT_TRANSACTIONS is on"}},
			{catalog.SessionOptions{}, mistake{code: "session.ansi", path: "customers", says: "QUOTED_IDENTIFIER"}},
		} {
			db := checkFile(t, checkTables(t, mistake{ddl: []string{"", "CREATE UNIQUE INDEX UX_TAX ON $CUST (TAXNO) WHERE TAXNO IS NOT NULL"}}, catalog.SQLite, ""))
			cat, err := catalog.Read(t.Context(), db, catalog.SQLite)
			if err != nil {
				t.Fatal(err)
			}
			cat.Dialect, cat.Options = catalog.MSSQL, row.options
			for i := range cat.Tables {
				cat.Tables[i].CanSelect = false // so that no rows are asked for in the words of SQL Server
			}
			m := checkMapping(t, mistake{})
			orderIn(&m).Set = nil // no constant, so that no statement of SQL Server is sent to SQLite
			problems, err := tablehost.CheckCatalog(t.Context(), db, cat, m)
			if err != nil {
				t.Fatal(err)
			}
			judge(t, row.mistake, problems)
		}
	})
}

func checkFile(t testing.TB, statements []string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "host.db")+"?_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
	return db
}

// checkDatabase is a database of its own on the test server, dropped in the end.
func checkDatabase(t testing.TB) *sql.DB {
	t.Helper()
	return checkDatabaseNamed(t, "")
}

// checkDatabaseNamed is one of several of a test.
func checkDatabaseNamed(t testing.TB, more string) *sql.DB {
	t.Helper()
	if os.Getenv(testutil.MSSQLVariable) == "" {
		t.Skipf("NOT RUN on SQL Server: set %s", testutil.MSSQLVariable)
	}
	admin := openServer(t, "", nil)
	name := fmt.Sprintf("check_%d_%d%s", os.Getpid(), len(t.Name()), more)
	for _, s := range []string{"IF DB_ID(N'" + name + "') IS NOT NULL DROP DATABASE " + name, "CREATE DATABASE " + name} {
		if _, err := admin.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name); err != nil {
			t.Log(err)
		}
	})
	return openServer(t, name, nil)
}

func openServer(t testing.TB, name string, login *url.Userinfo) *sql.DB {
	t.Helper()
	u, err := url.Parse(os.Getenv(testutil.MSSQLVariable))
	if err != nil {
		t.Fatal(err)
	}
	if login != nil {
		u.User = login
	}
	if name != "" {
		q := u.Query()
		q.Set("database", name)
		u.RawQuery = q.Encode()
	}
	db, err := sql.Open("sqlserver", u.String())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // options of the session hold for it
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// BenchmarkCheck500 checks a mapping against a catalogue of 500 tables; catalogue is the part of it that
// reads the database.
func BenchmarkCheck500(b *testing.B) {
	for _, d := range []catalog.Dialect{catalog.SQLite, catalog.MSSQL} {
		b.Run(string(d), func(b *testing.B) {
			tables := checkTables(b, mistake{}, d, "")
			for i := len(tables); i < 500; i++ {
				tables = append(tables, fmt.Sprintf("CREATE TABLE filler%d (id int NOT NULL PRIMARY KEY, code varchar(20) NOT NULL UNIQUE, name nvarchar(40) NULL, amount decimal(18,4) NOT NULL DEFAULT 0, made datetime NULL)", i))
			}
			var db *sql.DB
			if d == catalog.MSSQL {
				db = checkDatabase(b)
				for _, s := range tables {
					if _, err := db.Exec(s); err != nil {
						b.Fatal(err)
					}
				}
			} else {
				db = checkFile(b, tables)
			}
			m := checkMapping(b, mistake{})
			b.Run("check", func(b *testing.B) {
				for b.Loop() {
					if _, err := tablehost.Check(b.Context(), db, m); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("catalogue", func(b *testing.B) {
				for b.Loop() {
					if _, err := catalog.Read(b.Context(), db, d); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
