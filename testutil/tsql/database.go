package tsql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/crc32"
	"net/url"
	"strings"
	"testing"

	mssqldb "github.com/microsoft/go-mssqldb"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// fresh gives a database beside the one that the DSN names, with the schema of this source tree and
// nothing else. Migrating takes many times as long as a test, so the database stays and is emptied
// for the next one.
func fresh(t testing.TB, dsn string, prepare []Prepare) (driver.Connector, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("%s is not a URL", testutil.MSSQLVariable)
	}
	name := schemaName(u.Query().Get("database"))
	if err := create(in(*u, "master"), name); err != nil {
		return nil, fmt.Errorf("creating the database %s: %w", name, err)
	}
	dsn = in(*u, name)
	db, err := mssql.Open(dsn)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = db.SQL().Close() })
	if err := reserve(t, db.SQL()); err != nil {
		return nil, fmt.Errorf("reserving the database %s: %w", name, err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		return nil, err
	}
	if err := empty(t.Context(), db.SQL()); err != nil {
		return nil, fmt.Errorf("emptying the database %s: %w", name, err)
	}
	for _, p := range prepare {
		if err := p(t.Context(), db.SQL()); err != nil {
			return nil, fmt.Errorf("preparing the database: %w", err)
		}
	}
	return mssqldb.NewConnector(dsn)
}

// schemaName changes with the schema, so that source trees with different ones share a server.
func schemaName(beside string) string {
	sum := crc32.NewIEEE()
	for _, m := range store.Migrations(store.MSSQL) {
		_, _ = sum.Write([]byte(m.Up)) // a hash takes everything
	}
	return fmt.Sprintf("%s_golden_%08x", beside, sum.Sum32())
}

func in(u url.URL, database string) string {
	q := u.Query()
	q.Set("database", database)
	u.RawQuery = q.Encode()
	return u.String()
}

func create(master, name string) error {
	db, err := mssql.Open(master)
	if err != nil {
		return err
	}
	defer db.SQL().Close()
	_, err = db.SQL().Exec("IF DB_ID(N'" + name + "') IS NULL CREATE DATABASE [" + name + "]")
	if err != nil && strings.Contains(err.Error(), "exists") {
		return nil // another process was faster
	}
	return err
}

// reserve keeps the database for this test until it ends.
func reserve(t testing.TB, db *sql.DB) error {
	conn, err := db.Conn(t.Context())
	if err != nil {
		return err
	}
	t.Cleanup(func() { _ = conn.Close() }) // before db is closed, which ends the session and so the lock
	var result int
	err = conn.QueryRowContext(t.Context(), `DECLARE @r INT;
EXEC @r = sp_getapplock @Resource = N'crmplus_golden', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 120000;
SELECT @r`).Scan(&result)
	if err == nil && result < 0 {
		return errors.New("other tests have kept it for two minutes")
	}
	return err
}

// empty removes the rows of CRM+ and whatever Prepare functions of tests before have made.
func empty(ctx context.Context, db *sql.DB) error {
	for _, kind := range []struct{ code, word string }{{"P", "PROCEDURE"}, {"V", "VIEW"}, {"FN", "FUNCTION"}, {"U", "TABLE"}} {
		if err := dropForeign(ctx, db, kind.code, kind.word); err != nil {
			return err
		}
	}
	tables, err := objects(ctx, db, "U", "LIKE")
	if err != nil {
		return err
	}
	var script strings.Builder
	for _, table := range tables {
		if table != "crm_migration" {
			script.WriteString("DELETE FROM [" + table + "];\n")
		}
	}
	_, err = db.ExecContext(ctx, script.String())
	return err
}

// dropForeign drops objects that are not of CRM+, again and again while that makes headway, because
// some hold others.
func dropForeign(ctx context.Context, db *sql.DB, code, word string) error {
	for before := -1; ; {
		names, err := objects(ctx, db, code, "NOT LIKE")
		if err != nil || len(names) == 0 {
			return err
		}
		var failed error
		for _, name := range names {
			if _, err := db.ExecContext(ctx, "DROP "+word+" ["+name+"]"); err != nil {
				failed = errors.Join(failed, err)
			}
		}
		if failed != nil && len(names) == before {
			return failed
		}
		before = len(names)
	}
}

func objects(ctx context.Context, db *sql.DB, code, like string) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT name FROM sys.objects WHERE RTRIM(type) = @p1 AND is_ms_shipped = 0 AND SCHEMA_NAME(schema_id) = 'dbo' AND name "+like+" 'crm[_]%' ORDER BY name", code)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
