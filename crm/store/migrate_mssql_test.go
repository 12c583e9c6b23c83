package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// TestMigrateUpDownAndUninstallOnSQLServer goes all the way up, down, up and out again: an index that a way
// down has forgotten on a table that stays is in the way of the second way up.
func TestMigrateUpDownAndUninstallOnSQLServer(t *testing.T) {
	ctx := t.Context()
	db := emptyServerDatabase(t)
	for range 2 { // the second time changes nothing
		if err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Check(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.MigrateDown(ctx, 1); err != nil {
		t.Fatal(err)
	}
	st, err := db.Status(ctx)
	if err != nil || len(st.Applied) != 1 || len(st.Pending) != len(store.Migrations(store.MSSQL))-1 {
		t.Errorf("after going down to 1: %d applied, %d pending, %v", len(st.Applied), len(st.Pending), err)
	}
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.Uninstall(ctx); err != nil {
		t.Fatal(err)
	}
	var left int
	query := "SELECT COUNT(*) FROM sys.objects WHERE name LIKE 'crm[_]%'"
	if err := db.SQL().QueryRowContext(ctx, query).Scan(&left); err != nil || left != 0 {
		t.Errorf("after uninstalling %d objects are left, %v", left, err)
	}
}

// emptyServerDatabase makes a database beside the one that the DSN names and drops it after the test.
func emptyServerDatabase(t *testing.T) *store.DB {
	t.Helper()
	dsn := os.Getenv(testutil.MSSQLVariable)
	if dsn == "" {
		t.Skipf("NOT RUN on SQL Server: set %s=sqlserver://user:password@host?database=name", testutil.MSSQLVariable)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("%s is not a URL", testutil.MSSQLVariable)
	}
	q := u.Query()
	name := fmt.Sprintf("%s_migrate_%d", q.Get("database"), os.Getpid())
	q.Set("database", "master")
	u.RawQuery = q.Encode()
	master := openServer(t, u)
	if _, err := master.SQL().Exec("CREATE DATABASE [" + name + "]"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dropDatabase(t, master.SQL(), name) }) // after the database's own connections are closed
	q.Set("database", name)
	u.RawQuery = q.Encode()
	return openServer(t, u)
}

func openServer(t *testing.T, u *url.URL) *store.DB {
	t.Helper()
	db, err := mssql.Open(u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.SQL().Close() })
	return db
}

func dropDatabase(t *testing.T, master *sql.DB, name string) {
	if _, err := master.ExecContext(context.Background(), "DROP DATABASE ["+name+"]"); err != nil {
		t.Errorf("the database %s stays behind: %v", name, err)
	}
}
