package catalog_test

import (
	"context"
	"database/sql"
	"fmt"
	"hash/crc32"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/microsoft/go-mssqldb"
	_ "modernc.org/sqlite"

	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/testutil"
)

// database is a fresh one, of either dialect, with the statements of testdata/name.dialect.sql run in it.
func database(t testing.TB, d catalog.Dialect, name string) *sql.DB {
	t.Helper()
	db := sqliteFile(t)
	if d == catalog.MSSQL {
		db = tdsDatabase(t)
	}
	if got := catalog.DialectOf(db); got != d {
		t.Fatalf("the driver is taken for %q, want %q", got, d)
	}
	script, err := os.ReadFile(filepath.Join("testdata", name+"."+string(d)+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, strings.Split(string(script), "\nGO\n")...)
	return db
}

func run(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
}

func sqliteFile(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "host.db")+"?_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// tdsDatabase is a database of its own on the test server, dropped in the end.
func tdsDatabase(t testing.TB) *sql.DB {
	t.Helper()
	dsn := os.Getenv(testutil.MSSQLVariable)
	if dsn == "" {
		t.Skipf("NOT RUN on SQL Server: set %s", testutil.MSSQLVariable)
	}
	admin, err := sql.Open("sqlserver", dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("catalog_%d_%08x", os.Getpid(), crc32.ChecksumIEEE([]byte(t.Name())))
	run(t, admin, "IF DB_ID(N'"+name+"') IS NOT NULL DROP DATABASE "+name, "CREATE DATABASE "+name)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("database", name)
	u.RawQuery = q.Encode()
	db, err := sql.Open("sqlserver", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = db.Close()
		if _, err := admin.Exec("DROP DATABASE " + name); err != nil {
			t.Log(err)
		}
		_ = admin.Close()
	})
	return db
}

// both runs a test on SQLite and, where the server is set, on SQL Server.
func both(t *testing.T, fixture string, test func(t *testing.T, db *sql.DB, c *catalog.Catalog)) {
	t.Helper()
	for _, d := range []catalog.Dialect{catalog.SQLite, catalog.MSSQL} {
		t.Run(string(d), func(t *testing.T) {
			db := database(t, d, fixture)
			c, err := catalog.Read(context.Background(), db, d)
			if err != nil {
				t.Fatal(err)
			}
			test(t, db, c)
		})
	}
}
