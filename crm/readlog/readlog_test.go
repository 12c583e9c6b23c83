package readlog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/readlog"
	"github.com/crmplus/crmplus/testutil"
)

func lines(rows []readlog.Reading) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%s %s %x %s %d %s\n", r.Day, r.UserID, r.RecordID[0], r.RecordKind, r.Times, r.LastAt.Format("15:04:05"))
	}
	return b.String()
}

func TestWhoOpenedWhat(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		log := readlog.New(env.DB, readlog.Config{})
		anna, boris, officer := env.As("anna", actor.Seller, actor.Own), env.As("boris", actor.Seller, actor.Own), env.As("officer", actor.Rights{actor.Privacy}, actor.Own)
		one, two := readlog.RecordID{1}, readlog.RecordID{2}
		note := func(ctx context.Context, kind string, id readlog.RecordID) {
			t.Helper()
			if err := log.Note(ctx, kind, id.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
		note(anna, "lead", one)
		env.Clock.Advance(90 * time.Second)
		note(anna, "lead", one)
		note(boris, "customer", one)
		note(env.System(), "lead", one)
		if n, err := log.Flush(context.Background()); err != nil || n != 2 {
			t.Errorf("flushed %d rows, %v; want 2", n, err)
		}
		env.Clock.Advance(time.Hour)
		note(anna, "customer", one)
		env.Clock.Advance(24 * time.Hour)
		note(anna, "lead", one)
		note(anna, "lead", two)
		got, err := log.Of(officer, one.Bytes(), 0)
		want := "2026-07-14 anna 1 lead 1 09:31:00\n2026-07-13 anna 1 lead 3 09:31:00\n2026-07-13 boris 1 customer 1 08:31:00\n"
		if err != nil || lines(got) != want {
			t.Errorf("%v, got\n%swant\n%s", err, lines(got), want)
		}
		by, err := log.By(officer, "anna", 2)
		if want := "2026-07-14 anna 1 lead 1 09:31:00\n2026-07-14 anna 2 lead 1 09:31:00\n"; err != nil || lines(by) != want {
			t.Errorf("%v, got\n%swant\n%s", err, lines(by), want)
		}
		if _, err := log.Of(anna, one.Bytes(), 0); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller asks: %v", err)
		}
		if err := log.Note(anna, "lead", []byte("x")); !errors.Is(err, fault.Invalid) {
			t.Errorf("a damaged key: %v", err)
		}
		env.Clock.Advance(readlog.Keep)
		if n, err := log.Purge(env.System()); err != nil || n != 2 {
			t.Errorf("purged %d, %v; want the 2 of the first day", n, err)
		}
	})
}

// Two processes and many people note and flush at once; every reading is counted.
func TestNothingIsLost(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		logs := []*readlog.Log{readlog.New(env.DB, readlog.Config{Most: 7}), readlog.New(env.DB, readlog.Config{})}
		ctx := env.As("anna", actor.Admin, actor.All)
		const people, each = 4, 25
		var wg sync.WaitGroup
		for p := range people {
			wg.Go(func() {
				log := logs[p%2]
				for i := range each {
					id := readlog.RecordID{byte(i%5 + 1)}
					if err := log.Note(ctx, "lead", id.Bytes()); err != nil {
						t.Error(err)
					}
					if i%10 == 0 {
						if _, err := log.Flush(context.Background()); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		if _, err := logs[1].Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		rows, err := logs[0].By(ctx, "anna", 0)
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, r := range rows {
			total += r.Times
		}
		if total != people*each || len(rows) != 5 {
			t.Errorf("%d readings in %d rows, want %d in 5", total, len(rows), people*each)
		}
	})
}

func TestWhatCannotBeWrittenStays(t *testing.T) {
	env := testutil.SQLite(t)
	log := readlog.New(env.DB, readlog.Config{})
	ctx := env.As("anna", actor.Admin, actor.All)
	id := readlog.RecordID{1}
	if err := log.Note(ctx, "lead", id.Bytes()); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if n, err := log.Flush(ended); err == nil || n != 0 {
		t.Errorf("flushed %d rows by a context that has ended: %v", n, err)
	}
	if rows, err := log.Of(ctx, id.Bytes(), 0); err != nil || len(rows) != 1 || rows[0].Times != 1 {
		t.Errorf("afterwards: %v, %v", rows, err)
	}
}

func TestEveryStatementUsesAnIndex(t *testing.T) {
	env, plans := testutil.Planned(t)
	log := readlog.New(env.DB, readlog.Config{})
	ctx := env.As("anna", actor.Admin, actor.All)
	id := readlog.RecordID{1}
	for range 2 {
		err := log.Note(ctx, "lead", id.Bytes())
		_, failed := log.Of(ctx, id.Bytes(), 0)
		if err := errors.Join(err, failed); err != nil {
			t.Fatal(err)
		}
	}
	_, err := log.By(ctx, "anna", 0)
	_, failed := log.Purge(env.System())
	if err := errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	for _, scan := range plans.Scans() {
		t.Errorf("reads a whole table:\n%s", scan)
	}
}
