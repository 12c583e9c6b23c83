package tsql

import (
	"context"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/testutil"
)

// Company is the company of [Env]: it stands in the golden files, so it never changes.
const Company = "GOLDEN"

// Prepare brings rows or tables of a host into the empty database before the first statement that
// counts.
type Prepare func(ctx context.Context, db *sql.DB) error

// Env gives a test what it works with: a store on [Open] whose clock, ids and company are the same
// in every run. The clock stands at 2026-07-13 08:30 UTC until the test advances it.
func Env(t testing.TB, name string, prepare ...Prepare) *testutil.Env {
	t.Helper()
	clock := testutil.NewClock(time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC))
	db := mssql.Use(Open(t, name, prepare...)).WithClock(clock.Now).WithIDs(testutil.IDs())
	return &testutil.Env{DB: db, Company: Company, Clock: clock}
}

// Open gives a database for mssql.Use whose statements are recorded in testdata/NAME.tsql, compared
// with it or answered from it; see the package comment. Where there is a server, the database has the
// schema of this source tree and no rows, and is the test's alone until it ends: tests that run in
// parallel wait for one another. Do not migrate it again.
func Open(t testing.TB, name string, prepare ...Prepare) *sql.DB {
	t.Helper()
	s := &script{t: t, path: filepath.Join("testdata", filepath.FromSlash(name)+".tsql")}
	c := &connector{script: s}
	if dsn := os.Getenv(testutil.MSSQLVariable); dsn != "" {
		s.mode = comparing
		if updating() {
			s.mode = recording
		}
		connector, err := fresh(t, dsn, prepare)
		if err != nil {
			t.Fatal(err)
		}
		c.inner = connector
	} else if updating() {
		t.Logf("NOT UPDATED: %s needs a server; set %s", s.path, testutil.MSSQLVariable)
	}
	if s.mode != recording {
		if err := s.read(); err != nil {
			t.Fatalf("%v (set %s and run the test with -update to write it)", err, testutil.MSSQLVariable)
		}
	}
	db := sql.OpenDB(c)
	t.Cleanup(func() {
		s.finish()
		_ = db.Close()
	})
	return db
}

// updating reads the flag of testutil.Golden, so that one -update writes all golden files.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }
