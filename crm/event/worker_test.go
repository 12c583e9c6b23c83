package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func worker(env *testutil.Env, r *event.Registry) *event.Worker {
	return &event.Worker{DB: env.DB, Registry: r, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// emit writes an event of the test's company; kinds carry the company's name so that tests on a shared
// server do not see each other's.
func emit(t *testing.T, env *testutil.Env, record byte, version int64, kind string) {
	t.Helper()
	err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
		id := make([]byte, 16)
		copy(id[1:], env.Company)
		id[0] = record
		return event.Emit(ctx, s, event.Fact{Kind: kind, Record: id, Version: version, Payload: map[string]any{"n": version}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

type log struct {
	mu   sync.Mutex
	rows []string
}

func (l *log) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = append(l.rows, fmt.Sprintf(format, args...))
}

// mine handles the events of the test's company only.
func (l *log) mine(env *testutil.Env, name string, kinds ...string) event.Handler {
	return event.Handler{Name: name, Kinds: kinds, Do: func(ctx context.Context, s *store.Session, e event.Event) error {
		if e.Company == env.Company {
			l.add("%s %s v%d", name, e.Kind, e.RecordVersion)
		}
		return nil
	}}
}

func TestEachHandlerGetsEachEventOnceAndInOrder(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		var got log
		r := event.NewRegistry()
		r.On(got.mine(env, "a", "thing.changed"))
		r.On(got.mine(env, "b", "thing."))
		for v := int64(1); v <= 3; v++ {
			emit(t, env, 1, v, "thing.changed")
		}
		emit(t, env, 2, 1, "other.changed")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := worker(env, r).RunOnce(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if _, err := worker(env, r).RunOnce(context.Background()); err != nil {
			t.Error(err)
		}
		want := "a thing.changed v1,b thing.changed v1,a thing.changed v2,b thing.changed v2,a thing.changed v3,b thing.changed v3"
		if s := strings.Join(got.rows, ","); s != want {
			t.Errorf("got  %s\nwant %s", s, want)
		}
	})
}

func TestFailingHandlerIsTriedAgainAndHoldsItsRecordOnly(t *testing.T) {
	env := testutil.SQLite(t)
	var got log
	fails := true
	r := event.NewRegistry()
	r.On(got.mine(env, "good", "thing.changed"))
	r.On(event.Handler{Name: "bad", Kinds: []string{"thing.changed"}, Do: func(_ context.Context, _ *store.Session, e event.Event) error {
		if fails && e.RecordID[0] == 1 {
			panic("no")
		}
		got.add("bad v%d", e.RecordVersion)
		return nil
	}})
	emit(t, env, 1, 1, "thing.changed")
	emit(t, env, 1, 2, "thing.changed")
	emit(t, env, 2, 7, "thing.changed")
	w := worker(env, r)
	if _, err := w.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got.rows) // different records are dealt with side by side
	if s := strings.Join(got.rows, ","); s != "bad v7,good thing.changed v1,good thing.changed v7" {
		t.Errorf("while failing: %s", s)
	}
	fails = false
	got.rows = nil
	env.Clock.Advance(time.Hour)
	if _, err := w.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s := strings.Join(got.rows, ","); s != "bad v1,good thing.changed v2,bad v2" {
		t.Errorf("afterwards: %s", s)
	}
}

func TestEventsOfARolledBackChangeAreGone(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		var got log
		r := event.NewRegistry()
		r.On(got.mine(env, "a", "thing."))
		tx, err := env.DB.SQL().Begin()
		if err != nil {
			t.Fatal(err)
		}
		err = env.DB.Bind(tx).Write(env.System(), func(ctx context.Context, s *store.Session) error {
			id := make([]byte, 16)
			copy(id, env.Company)
			return event.Emit(ctx, s, event.Fact{Kind: "thing.changed", Record: id, Version: 1})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if _, err := worker(env, r).RunOnce(context.Background()); err != nil || len(got.rows) != 0 {
			t.Errorf("got %v, %v", got.rows, err)
		}
	})
}

func request(t *testing.T, env *testutil.Env, key, kind, payload string) {
	t.Helper()
	// As a host in another language writes it: in its own transaction, five columns.
	query := "INSERT INTO crm_request (request_key, company, kind, payload, requested_by) VALUES (?, ?, ?, ?, 'erp')"
	if env.DB.Dialect() == store.MSSQL {
		query = "INSERT INTO crm_request (request_key, company, kind, payload, requested_by) VALUES (@p1, @p2, @p3, @p4, 'erp')"
	}
	if _, err := env.DB.SQL().Exec(query, key, env.Company, kind, payload); err != nil {
		t.Fatal(err)
	}
}

type answer struct{ state, result, failure string }

func answerOf(t *testing.T, env *testutil.Env, key string) answer {
	t.Helper()
	query := "SELECT state, result, failure FROM crm_result WHERE request_key = ?"
	if env.DB.Dialect() == store.MSSQL {
		query = strings.Replace(query, "?", "@p1", 1)
	}
	var a answer
	if err := env.DB.SQL().QueryRow(query, key).Scan(&a.state, &a.result, &a.failure); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return a
}

func TestRequestsOfTheHostAreCarriedOutOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		env.Clock.Advance(time.Since(env.Clock.Now()) + time.Minute) // the database stamps requests with its own clock
		var runs atomic.Int64
		r := event.NewRegistry()
		r.Action("double", func(ctx context.Context, s *store.Session, request json.RawMessage) (any, error) {
			runs.Add(1)
			var q struct{ N int }
			if err := json.Unmarshal(request, &q); err != nil {
				return nil, fault.New(fault.Invalid, "the request is not understood: %v", err)
			}
			if q.N < 0 {
				var faults fault.List
				faults.Add("n", "positive", "is %d; give a positive number", q.N)
				return nil, faults.Err("cannot double")
			}
			return map[string]int{"n": 2 * q.N}, nil
		})
		key := func(n int) string { return fmt.Sprintf("%s-%d", env.Company, n) }
		for i := range 5 {
			request(t, env, key(i), "double", fmt.Sprintf(`{"n": %d}`, i))
		}
		request(t, env, key(5), "double", `{"n": -1}`)
		request(t, env, key(6), "unknown", `{}`)
		request(t, env, key(7), "double", `{`)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := worker(env, r).RunOnce(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i := range 5 {
			if a := answerOf(t, env, key(i)); a.state != event.ResultDone || a.result != fmt.Sprintf(`{"n":%d}`, 2*i) {
				t.Errorf("request %d: %+v", i, a)
			}
		}
		if a := answerOf(t, env, key(5)); a.state != event.ResultFailed || !strings.Contains(a.failure, `"path":"n"`) {
			t.Errorf("a bad request: %+v", a)
		}
		if a := answerOf(t, env, key(6)); a.state != event.ResultFailed || !strings.Contains(a.failure, "double") {
			t.Errorf("an unknown action: %+v", a)
		}
		if a := answerOf(t, env, key(7)); a.state != event.ResultFailed {
			t.Errorf("damaged JSON: %+v", a)
		}
	})
}

func TestRequestThatMaySucceedLaterIsTriedAgain(t *testing.T) {
	env := testutil.SQLite(t)
	env.Clock.Advance(time.Since(env.Clock.Now()) + time.Minute)
	tries := 0
	r := event.NewRegistry()
	r.Action("flaky", func(context.Context, *store.Session, json.RawMessage) (any, error) {
		if tries++; tries < 3 {
			return nil, errors.New("the printer is out of paper")
		}
		return "ok", nil
	})
	request(t, env, "one", "flaky", "{}")
	w := worker(env, r)
	for range 3 {
		if _, err := w.RunOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Hour)
	}
	if a := answerOf(t, env, "one"); a.state != event.ResultDone || a.result != `"ok"` || tries != 3 {
		t.Errorf("after %d tries: %+v", tries, a)
	}
}

func TestDeadWorkersRowsAreTakenOver(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		emit(t, env, 1, 1, "thing.changed")
		q := store.Queue{Table: "crm_event", Key: "id", Order: "id"}
		claimed, err := env.DB.Claim(context.Background(), q, 1000, time.Minute) // and then the process dies
		if err != nil || len(claimed) == 0 {
			t.Fatal(claimed, err)
		}
		var got log
		r := event.NewRegistry()
		r.On(got.mine(env, "a", "thing."))
		if _, err := worker(env, r).RunOnce(context.Background()); err != nil || len(got.rows) != 0 {
			t.Errorf("before the lease ends: %v, %v", got.rows, err)
		}
		env.Clock.Advance(2 * time.Minute)
		if _, err := worker(env, r).RunOnce(context.Background()); err != nil || len(got.rows) != 1 {
			t.Errorf("after the lease ended: %v, %v", got.rows, err)
		}
	})
}

func TestOldEventsGo(t *testing.T) {
	env := testutil.SQLite(t)
	emit(t, env, 1, 1, "thing.changed")
	w := worker(env, event.NewRegistry())
	if _, err := w.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		if err := env.DB.SQL().QueryRow("SELECT COUNT(*) FROM crm_event").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := w.Tidy(context.Background()); err != nil || count() != 1 {
		t.Errorf("young events went: %d left, %v", count(), err)
	}
	env.Clock.Advance(91 * 24 * time.Hour)
	if err := w.Tidy(context.Background()); err != nil || count() != 0 {
		t.Errorf("old events stayed: %d left, %v", count(), err)
	}
}
