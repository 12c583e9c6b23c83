package crm_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

func TestFaultDiskFull(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	ctx := w.boss()
	id, err := w.completeLead(ctx, "Tele")
	if err != nil {
		t.Fatal(err)
	}
	w.db.SQL().SetMaxOpenConns(1) // the limit on pages belongs to a connection
	var pages int
	if err := w.db.SQL().QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if err := w.db.SQL().QueryRow("PRAGMA max_page_count = " + "1").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	before := w.count(t, "erp_customer", "")
	var full error
	for range 200 { // until the free space inside the file is used up
		if _, full = w.completeLead(ctx, strings.Repeat("x", 30)+time.Now().String()); full != nil {
			break
		}
	}
	if !errors.Is(full, fault.Unavailable) || !strings.Contains(full.Error(), "room") {
		t.Fatalf("a full disk gave %v", full)
	}
	if _, err := w.module.Convert.Lead(ctx, id, w.choice(nil)); err == nil {
		t.Skip("the conversion still fitted into free pages")
	}
	if n := w.count(t, "erp_customer", "") - before; n != 0 {
		t.Errorf("%d customers were half written", n)
	}
	if err := w.db.SQL().QueryRow("PRAGMA max_page_count = 1073741823").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := w.module.Convert.Lead(ctx, id, w.choice(nil)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// impatient opens the world's file with a short busy timeout.
func impatient(t *testing.T, w *world) *world {
	t.Helper()
	dsn := strings.Replace(sqlite.DSN(w.file), "busy_timeout%285000%29", "busy_timeout%2820%29", 1)
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	view := &world{db: sqlite.Use(db), company: w.company, file: w.file, books: w.books}
	if err := view.assemble(); err != nil {
		t.Fatal(err)
	}
	return view
}

func TestFaultDatabaseLocked(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	id, err := w.completeLead(w.boss(), "Zárt")
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.db.SQL().Begin() // somebody holds the write lock
	if err != nil {
		t.Fatal(err)
	}
	view := impatient(t, w)
	if _, err := view.module.Convert.Lead(w.boss(), id, w.choice(nil)); !errors.Is(err, fault.Retryable) {
		t.Errorf("a locked database gave %v", err)
	}
	if err := other.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := view.module.Convert.Lead(w.boss(), id, w.choice(nil)); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

func TestFaultContextCancelled(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		id, err := w.completeLead(w.boss(), "Mégsem")
		if err != nil {
			t.Fatal(err)
		}
		before := w.count(t, "erp_customer", "")
		ctx, cancel := context.WithCancel(w.boss())
		cancel()
		if _, err := w.module.Convert.Lead(ctx, id, w.choice(nil)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if n := w.count(t, "erp_customer", "") - before; n != 0 {
			t.Errorf("%d customers were written", n)
		}
	})
}

func TestFaultClockJumpsBack(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	id, err := w.completeLead(w.boss(), "Óra")
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.module.Convert.Lead(w.boss(), id, w.choice(nil))
	if err != nil {
		t.Fatal(err)
	}
	env.Clock.Advance(-48 * time.Hour)
	if err := w.workLead(w.boss(), id); err != nil {
		t.Fatalf("two days earlier: %v", err)
	}
	if again, err := w.module.Convert.Lead(w.boss(), id, convert.LeadChoice{}); err != nil || again.ID != r.ID {
		t.Errorf("got %+v, %v", again, err)
	}
}

// TestFaultInsideTheHostsTransaction: nothing is retried or swallowed there; the host sees the error
// and rolls back, and nothing of ours remains.
func TestFaultInsideTheHostsTransaction(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	id, err := w.completeLead(w.boss(), "Gazda")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := w.db.SQL().Begin()
	if err != nil {
		t.Fatal(err)
	}
	view := w.module.WithTx(tx)
	if _, err := view.Convert.Lead(w.boss(), id, convert.LeadChoice{}); !errors.Is(err, fault.Invalid) {
		t.Errorf("an incomplete lead: %v", err)
	}
	if _, err := view.Leads.Get(w.boss(), id); err != nil {
		t.Errorf("a refusal before any write leaves the transaction usable: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := view.Leads.Get(w.boss(), id); err == nil {
		t.Error("a view of a finished transaction still answers")
	}
	_, err = w.module.WithTx(nil).Leads.Get(w.boss(), id) // what was meant to be rolled back must not be written outside of it
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("a view of no transaction: %v", err)
	}
}

func TestConfigurationFaultsAreNamedAtOnce(t *testing.T) {
	_, err := crm.New(nil, crm.Config{Host: erpbridge.Host{Place: "moon"}, Poll: -1, Outbox: convert.Outbox{Settle: -1, Senders: -1}})
	paths := map[string]bool{}
	for _, f := range fault.Of(err) {
		paths[f.Path] = true
	}
	for _, p := range []string{"db", "host.name", "host.customers", "host.place", "poll", "outbox.settle", "outbox.senders"} {
		if !paths[p] {
			t.Errorf("%s is not named in %v", p, err)
		}
	}
}

func TestNobodyActsIsRefused(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	if _, err := w.completeLead(context.Background(), "Senki"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("got %v", err)
	}
}
