package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil/erp"
)

// opened makes a host's file with the example ERP and a file of CRM+ beside it, opened together.
func opened(t *testing.T, dir string) *store.DB {
	t.Helper()
	hostFile, crmFile := filepath.Join(dir, "erp.db"), filepath.Join(dir, "crm.db")
	if _, err := os.Stat(crmFile); errors.Is(err, os.ErrNotExist) {
		own, err := sqlite.Open(crmFile)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(own.Migrate(t.Context()), own.SQL().Close()); err != nil {
			t.Fatal(err)
		}
		host, err := sqlite.Open(hostFile)
		if err != nil {
			t.Fatal(err)
		}
		books := erp.New(host.SQL(), erp.SQLite)
		err = errors.Join(books.Install(t.Context()), books.Seed(t.Context(), erp.Sample{Companies: []string{"HU01"}, SkipHistory: true}), host.SQL().Close())
		if err != nil {
			t.Fatal(err)
		}
	}
	db, err := sqlite.OpenBeside(hostFile, crmFile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.SQL().Close() })
	return db
}

func moduleBeside(t *testing.T, db *store.DB) (*crm.Module, context.Context) {
	t.Helper()
	host := erp.New(db.SQL(), erp.SQLite).Host()
	host.Place = erpbridge.SameServer
	module, err := crm.New(db, crm.Config{Host: host})
	if err != nil {
		t.Fatal(err)
	}
	return module, actor.With(t.Context(), actor.User{Company: "HU01", ID: "kovacs", Name: "Kovács Anna", Rights: actor.Seller}.Actor())
}

func count(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func capture(t *testing.T, ctx context.Context, module *crm.Module, n int) lead.ID {
	t.Helper()
	captured, err := module.Leads.Capture(ctx, lead.Draft{
		Name: fmt.Sprintf("Szikra Győző %d", n), Emails: []string{fmt.Sprintf("ory%d@szikra.test", n)},
		Address: party.Address{Line1: "Fő tér 1.", PostalCode: "9021", City: "Győr", Country: "HU"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return captured.Lead
}

func TestOneTransactionWritesBothFiles(t *testing.T) {
	db := opened(t, t.TempDir())
	module, ctx := moduleBeside(t, db)
	if err := module.Check(ctx); err != nil {
		t.Fatal(err)
	}
	if err := module.Migrate(ctx); !errors.Is(err, fault.Invalid) {
		t.Fatalf("migrating through the host's connection gave %v; it would have made the tables in the host's file", err)
	}
	if n := count(t, db.SQL(), "SELECT COUNT(*) FROM main.sqlite_master WHERE name LIKE 'crm%'"); n > 0 {
		t.Fatalf("the host's file has %d tables of CRM+", n)
	}
	id := capture(t, ctx, module, 1)
	const customers, conversions = "SELECT COUNT(*) FROM main.erp_customer WHERE name LIKE 'Szikra Győző 1'", "SELECT COUNT(*) FROM crm.crm_conversion"
	for _, end := range []struct {
		name string
		do   func(*sql.Tx) error
		want int
	}{{"rollback", (*sql.Tx).Rollback, 0}, {"commit", (*sql.Tx).Commit, 1}} {
		tx, err := db.SQL().BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := module.WithTx(tx).Convert.Lead(ctx, id, convert.LeadChoice{}); err != nil {
			t.Fatal(err)
		}
		if err := end.do(tx); err != nil {
			t.Fatal(err)
		}
		if a, b := count(t, db.SQL(), customers), count(t, db.SQL(), conversions); a != end.want || b != end.want {
			t.Errorf("after the %s there are %d customers and %d conversions, want %d of each", end.name, a, b, end.want)
		}
	}
}

// TestKilledBetweenTwoFiles kills a process at work and looks whether both files tell the same.
func TestKilledBetweenTwoFiles(t *testing.T) {
	if dir := os.Getenv("CRMPLUS_BESIDE_WORKER"); dir != "" {
		convertForEver(t, dir)
		return
	}
	if testing.Short() {
		t.Skip("kills processes")
	}
	dir := t.TempDir()
	db := opened(t, dir)
	rounds := 6
	if os.Getenv("CRMPLUS_SOAK") != "" {
		rounds = 200
	}
	for range rounds {
		worker := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledBetweenTwoFiles$")
		worker.Env = append(os.Environ(), "CRMPLUS_BESIDE_WORKER="+dir)
		if err := worker.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(300+rand.IntN(500)) * time.Millisecond) // the moment of death is the test's input, not its oracle
		_ = worker.Process.Kill()
		_ = worker.Wait()
		customers := count(t, db.SQL(), "SELECT COUNT(*) FROM main.erp_customer WHERE name LIKE 'Szikra Győző %'")
		conversions := count(t, db.SQL(), "SELECT COUNT(*) FROM crm.crm_conversion")
		if customers != conversions {
			t.Fatalf("after a kill the host's file has %d customers and that of CRM+ %d conversions", customers, conversions)
		}
	}
	if n := count(t, db.SQL(), "SELECT COUNT(*) FROM crm.crm_conversion"); n == 0 {
		t.Fatal("no worker lived long enough to convert anything")
	}
}

func convertForEver(t *testing.T, dir string) {
	module, ctx := moduleBeside(t, opened(t, dir))
	for n := 0; ; n++ {
		if _, err := module.Convert.Lead(ctx, capture(t, ctx, module, os.Getpid()*1000+n), convert.LeadChoice{}); err != nil {
			t.Fatal(err)
		}
	}
}
