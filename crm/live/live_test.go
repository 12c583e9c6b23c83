package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/live"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

type desk struct {
	*testutil.Env
	hub *live.Hub
	// here is the database as this process writes it; Env.DB is another process.
	here *store.DB
}

func newDesk(env *testutil.Env, c live.Config) *desk {
	d := &desk{Env: env, hub: live.New(env.DB, c)}
	d.here = env.DB.WithWake(d.hub.Wake)
	return d
}

func emit(t *testing.T, db *store.DB, ctx context.Context, f event.Fact) live.RecordID {
	t.Helper()
	var id live.RecordID
	err := db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		id = store.NewKey[live.RecordTag](s)
		f.Record = id.Bytes()
		if f.Version == 0 {
			f.Version = 1
		}
		return event.Emit(ctx, s, f)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) user(id string) context.Context { return d.As(id, actor.Seller, actor.Own) }

func (d *desk) listen(t *testing.T, user string, since time.Time) *live.Subscription {
	t.Helper()
	sub, err := d.hub.Subscribe(d.user(user), since)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sub.Close)
	return sub
}

// next waits for n changes and fails where they do not come.
func next(t *testing.T, sub *live.Subscription, n int) []live.Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var all []live.Change
	for len(all) < n {
		b, err := sub.Next(ctx)
		if err != nil {
			t.Fatalf("after %d of %d changes: %v", len(all), n, err)
		}
		if b.Reload {
			t.Fatalf("after %d of %d changes: told to reload", len(all), n)
		}
		all = append(all, b.Changes...)
	}
	return all
}

func TestChangesArriveWhoeverMadeThem(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		d := newDesk(env, live.Config{Interval: 50 * time.Millisecond})
		sub := d.listen(t, "anna", time.Time{})
		for name, db := range map[string]*store.DB{"this process": d.here, "another process": env.DB} {
			id := emit(t, db, d.user("boris"), event.Fact{Kind: "opportunity.moved", Version: 7})
			got := next(t, sub, 1)
			if c := got[0]; len(got) != 1 || c.Noun != "opportunity" || c.Kind != "opportunity.moved" || c.Record != id || c.Version != 7 || c.By != "boris" || !c.At.Equal(env.Clock.Now()) {
				t.Errorf("%s: got %+v", name, got)
			}
		}
	})
}

// A transaction that began earlier commits later; both arrive, each once.
func TestLateCommitsArrive(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		d := newDesk(env, live.Config{Interval: 10 * time.Millisecond})
		sub := d.listen(t, "anna", time.Time{})
		first := emit(t, d.here, d.user("boris"), event.Fact{Kind: "lead.changed"})
		if got := next(t, sub, 1); got[0].Record != first {
			t.Fatalf("got %+v", got)
		}
		began := env.Clock.Now().Add(-40 * time.Second)
		slow := env.DB.WithClock(func() time.Time { return began })
		late := emit(t, slow, d.user("boris"), event.Fact{Kind: "lead.assigned"})
		last := emit(t, d.here, d.user("boris"), event.Fact{Kind: "lead.status"})
		var records []live.RecordID
		for _, c := range next(t, sub, 2) {
			records = append(records, c.Record)
		}
		if len(records) != 2 || !slices.Contains(records, late) || !slices.Contains(records, last) {
			t.Errorf("got %v, want %v and %v", records, late, last)
		}
	})
}

func TestReadersGetOnlyTheirs(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		d := newDesk(env, live.Config{Interval: 50 * time.Millisecond})
		anna, dana := d.listen(t, "anna", time.Time{}), d.listen(t, "dana", time.Time{})
		other := actor.With(context.Background(), actor.User{Company: env.Company + "x", ID: "anna"}.Actor())
		foreign, err := d.hub.Subscribe(other, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		defer foreign.Close()
		about := live.RecordID{9}
		emit(t, d.here, other, event.Fact{Kind: "quote.issued"})
		emit(t, d.here, d.user("boris"), event.Fact{Kind: "notice.made", Payload: map[string]string{"user": "anna"}})
		emit(t, d.here, d.user("boris"), event.Fact{Kind: "opportunity.commented", Payload: map[string]any{"id": about}})
		if got := next(t, anna, 2); got[0].Noun != "notice" || got[1].Record != about || got[1].Version != 0 {
			t.Errorf("anna got %+v", got)
		}
		if got := next(t, dana, 1); len(got) != 1 || got[0].Kind != "opportunity.commented" {
			t.Errorf("dana got %+v", got)
		}
		if got := next(t, foreign, 1); len(got) != 1 || got[0].Noun != "quote" {
			t.Errorf("the other company got %+v", got)
		}
	})
}

func TestPagesMadeBeforeAreCaughtUp(t *testing.T) {
	env := testutil.SQLite(t)
	d := newDesk(env, live.Config{Interval: 50 * time.Millisecond})
	made := env.Clock.Now()
	env.Clock.Advance(10 * time.Second)
	id := emit(t, env.DB, d.user("boris"), event.Fact{Kind: "lead.changed"})
	env.Clock.Advance(10 * time.Second)
	for name, since := range map[string]time.Time{"first listener": made, "another one": made} {
		if got := next(t, d.listen(t, "anna", since), 1); got[0].Record != id {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	env.Clock.Advance(time.Minute)
	b, err := d.listen(t, "anna", made).Next(context.Background())
	if err != nil || !b.Reload {
		t.Errorf("a page of long ago: %+v, %v", b, err)
	}
}

func TestSlowListenersReload(t *testing.T) {
	env := testutil.SQLite(t)
	d := newDesk(env, live.Config{Interval: 20 * time.Millisecond, Buffer: 10})
	slow, quick := d.listen(t, "anna", time.Time{}), d.listen(t, "dana", time.Time{})
	for range 5 {
		for range 6 {
			emit(t, d.here, d.user("boris"), event.Fact{Kind: "lead.changed"})
		}
		next(t, quick, 6)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	b, err := slow.Next(ctx)
	if err != nil || !b.Reload || len(b.Changes) > 0 {
		t.Errorf("after 30 changes with room for 10: %+v, %v", b, err)
	}
	emit(t, d.here, d.user("boris"), event.Fact{Kind: "lead.changed"})
	if got := next(t, slow, 1); len(got) != 1 {
		t.Errorf("after the reload: %+v", got)
	}
}

// Many come and go while many write; everybody who stays gets everything once, and nothing runs afterwards.
func TestManyListenersAndNoneLeft(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	env := testutil.SQLite(t)
	d := newDesk(env, live.Config{Interval: 20 * time.Millisecond})
	const writers, each = 4, 10
	stay := make([]*live.Subscription, 5)
	for i := range stay {
		stay[i] = d.listen(t, fmt.Sprint("user", i), time.Time{})
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for range each {
				emit(t, d.here, d.user(fmt.Sprint("writer", w)), event.Fact{Kind: "activity.done"})
			}
		})
		wg.Go(func() {
			for range each {
				ctx, cancel := context.WithCancel(d.user("passer"))
				sub, err := d.hub.Subscribe(ctx, time.Time{})
				if err != nil {
					t.Error(err)
				}
				cancel()         // closes it
				for err == nil { // what came before the end is still delivered
					_, err = sub.Next(context.Background())
				}
				if !errors.Is(err, fault.Unavailable) {
					t.Errorf("an ended subscription gave %v", err)
				}
			}
		})
	}
	wg.Wait()
	for i, sub := range stay {
		seen := map[live.RecordID]bool{}
		for _, c := range next(t, sub, writers*each) {
			if seen[c.Record] {
				t.Errorf("listener %d got %s twice", i, c.Record)
			}
			seen[c.Record] = true
		}
		sub.Close()
		sub.Close()
	}
	if err := env.DB.SQL().Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, leaks, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

func TestListenersAreBounded(t *testing.T) {
	env := testutil.SQLite(t)
	d := newDesk(env, live.Config{Most: 1})
	d.listen(t, "anna", time.Time{})
	if _, err := d.hub.Subscribe(d.user("dana"), time.Time{}); !errors.Is(err, fault.Limit) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := d.hub.Subscribe(actor.With(context.Background(), actor.Public(env.Company)), time.Time{}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("the public listens: %v", err)
	}
	if _, err := d.hub.Subscribe(context.Background(), time.Time{}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestLookingIsASeek(t *testing.T) {
	env, plans := testutil.Planned(t)
	d := newDesk(env, live.Config{Interval: 20 * time.Millisecond})
	sub := d.listen(t, "anna", time.Time{})
	emit(t, d.here, d.user("boris"), event.Fact{Kind: "lead.changed"})
	next(t, sub, 1)
	sub.Close()
	looked := false
	for statement, plan := range plans.Each {
		if strings.Contains(statement, "crm_event AS e") {
			looked = true
			if !strings.Contains(plan, "ix_event_company_at_id (company=? AND at>?)") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s\n%s", statement, plan)
			}
		}
	}
	if !looked {
		t.Error("the hub never looked")
	}
}
