// Package testutil is for tests and examples: databases to test on, a clock that stands still, ids
// that repeat, golden files, and (in testutil/erp) a small real ERP to embed into. Vendors find the
// conformance suite for their own hosts in testutil/hosttest.
package testutil

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// MSSQLVariable names the environment variable with the DSN of a SQL Server (or of another server
// that speaks TDS) to test on. Without it those tests are skipped, and say so.
const MSSQLVariable = "CRMPLUS_TEST_MSSQL"

// Env is what a test works with: a migrated database and a company of its own in it.
type Env struct {
	DB      *store.DB
	Company string
	Clock   *Clock
	// File is the database file, "" on SQL Server.
	File string
}

// Databases runs the test on SQLite and, where CRMPLUS_TEST_MSSQL is set, on SQL Server. Each run has
// a fresh file, or on SQL Server a company nobody else uses.
func Databases(t *testing.T, test func(t *testing.T, env *Env)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("mssql", func(t *testing.T) { test(t, MSSQL(t)) })
}

// SQLite makes a fresh database file with the whole schema.
func SQLite(t testing.TB) *Env {
	t.Helper()
	file := filepath.Join(t.TempDir(), "crm.db")
	if err := os.WriteFile(file, template(t), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.SQL().Close() })
	env := newEnv(db)
	env.File = file
	return env
}

// template is a migrated, empty database file: copying it is faster than migrating.
func template(t testing.TB) []byte {
	t.Helper()
	b, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "crmplus")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "template.db")
	db, err := sqlite.Open(file)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(context.Background()); err != nil {
		return nil, err
	}
	if _, err := db.SQL().Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return nil, err
	}
	if err := db.SQL().Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// MSSQL gives a company of its own on the shared test server, whose schema is migrated once.
func MSSQL(t testing.TB) *Env {
	t.Helper()
	if os.Getenv(MSSQLVariable) == "" {
		t.Skipf("NOT RUN on SQL Server: set %s=sqlserver://user:password@host?database=name", MSSQLVariable)
	}
	db, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return newEnv(db)
}

var shared = sync.OnceValues(func() (*store.DB, error) {
	dsn, err := schemaDatabase(os.Getenv(MSSQLVariable))
	if err != nil {
		return nil, err
	}
	db, err := mssql.Open(dsn)
	if err != nil {
		return nil, err
	}
	// A new connection costs more than most tests, so they are kept; and there are not more of them than
	// a host would give.
	db.SQL().SetMaxOpenConns(poolSize)
	db.SQL().SetMaxIdleConns(poolSize)
	return db, db.Migrate(context.Background())
})

// poolSize is how many connections to SQL Server the tests of a package share.
const poolSize = 16

// schemaDatabase makes, beside the database that the DSN names, one for the schema of this source tree
// and the package under test: trees with different migrations can be tested on one server, and the
// background work of one package, which is done for all companies, does not take that of another.
func schemaDatabase(dsn string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", fmt.Errorf("%s is not a URL", MSSQLVariable)
	}
	base, err := mssql.Open(dsn)
	if err != nil {
		return "", err
	}
	defer base.SQL().Close()
	var script bytes.Buffer
	if err := base.WriteSQL(&script, 0); err != nil {
		return "", err
	}
	tests := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), ".test")
	name := fmt.Sprintf("%s_%08x_%s", u.Query().Get("database"), crc32.ChecksumIEEE(withoutTimes.ReplaceAll(script.Bytes(), nil)), tests)
	if _, err := base.SQL().Exec("IF DB_ID(N'" + name + "') IS NULL CREATE DATABASE [" + name + "]"); err != nil && !strings.Contains(err.Error(), "exists") {
		return "", err
	}
	q := u.Query()
	q.Set("database", name)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// withoutTimes removes the instants at which the script says that it was applied.
var withoutTimes = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+`)

var companies atomic.Int64

func newEnv(db *store.DB) *Env {
	clock := NewClock(time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC))
	company := fmt.Sprintf("T%d-%d", time.Now().UnixNano(), companies.Add(1))
	return &Env{DB: db.WithClock(clock.Now), Company: company, Clock: clock}
}

// System is a context in which the system acts for the test's company.
func (e *Env) System() context.Context {
	return actor.With(context.Background(), actor.System(e.Company, "test"))
}

// As is a context in which a user of the test's company acts.
func (e *Env) As(user string, rights actor.Rights, see actor.Visibility, teams ...string) context.Context {
	u := actor.User{Company: e.Company, ID: user, Name: user, Rights: rights, See: see, Teams: teams}
	return actor.With(context.Background(), u.Actor())
}
