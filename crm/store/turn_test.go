package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// TestWritersAtOnceEachHaveTheirOwnEnd lets many write at once, of whom some fail in every way there is
// after they have written, and looks whether exactly the others' rows are there.
func TestWritersAtOnceEachHaveTheirOwnEnd(t *testing.T) {
	broken := errors.New("broken")
	ends := []struct {
		name string
		do   func(ctx context.Context, cancel func(), s *store.Session) error
		kept bool
	}{
		{"done", func(context.Context, func(), *store.Session) error { return nil }, true},
		{"refused", func(context.Context, func(), *store.Session) error { return broken }, false},
		{"done too", func(context.Context, func(), *store.Session) error { return nil }, true},
		{"cancelled", func(_ context.Context, cancel func(), _ *store.Session) error { cancel(); return nil }, false},
		{"panics", func(context.Context, func(), *store.Session) error { panic("broken") }, false},
		{"takes the others along", func(_ context.Context, _ func(), s *store.Session) error {
			return errors.Join(s.Tx().Rollback(), broken)
		}, false},
		{"alone", func(context.Context, func(), *store.Session) error { return nil }, true},
	}
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		const rounds = 40
		var all sync.WaitGroup
		var signalled atomic.Int64
		begin := make(chan struct{})
		want := map[string]int{}
		for i := range rounds * len(ends) {
			end := ends[i%len(ends)]
			if end.kept {
				want[end.name]++
			}
			all.Go(func() {
				ctx, cancel := context.WithCancel(env.System())
				defer cancel()
				if end.name == "alone" {
					ctx = store.Alone(ctx)
				}
				<-begin
				err := caught(func() error {
					return env.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
						s.OnCommit(func() { signalled.Add(1) })
						if err := s.Audit(ctx, store.Entry{Action: end.name, Kind: "test"}); err != nil {
							return err
						}
						return end.do(ctx, cancel, s)
					})
				})
				if end.kept != (err == nil) {
					t.Errorf("%s: %v", end.name, err)
				}
			})
		}
		close(begin)
		all.Wait()
		total := 0
		for _, end := range ends {
			var n int
			err := env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) error {
				return s.Query(ctx, &n, store.From[store.AuditEntry]("a"), "SELECT COUNT(*) FROM crm_audit AS a WHERE {scope} AND a.action = ?", end.name)
			})
			if err != nil || n != want[end.name] {
				t.Errorf("%s: %d rows, want %d, %v", end.name, n, want[end.name], err)
			}
			total += want[end.name]
		}
		if n := signalled.Load(); n != int64(total) {
			t.Errorf("%d were signalled to be committed, want %d", n, total)
		}
	})
}

// caught turns a panic into an error.
func caught(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	return f()
}

// TestWaitingWritersShareACommit has a writer hold the turn until others wait behind it.
func TestWaitingWritersShareACommit(t *testing.T) {
	env := testutil.SQLite(t)
	const others = 8
	started, hold := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	var transactions sync.Map
	write := func(f func()) {
		err := env.DB.Write(env.System(), func(_ context.Context, s *store.Session) error {
			transactions.Store(s.Tx(), true)
			f()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	all.Go(func() { write(func() { close(started); <-hold }) })
	<-started
	for range others {
		all.Go(func() { write(func() {}) })
	}
	gone, cancel := context.WithCancel(env.System())
	all.Go(func() {
		err := env.DB.Write(gone, func(context.Context, *store.Session) error { return nil })
		if !errors.Is(err, context.Canceled) || !errors.Is(err, fault.Unavailable) {
			t.Errorf("a writer that does not wait any more: %v", err)
		}
	})
	for env.DB.Waiting() < others+1 {
		runtime.Gosched()
	}
	cancel()
	for env.DB.Waiting() > others {
		runtime.Gosched()
	}
	close(hold)
	all.Wait()
	n := 0
	transactions.Range(func(any, any) bool { n++; return true })
	if n > others { // one, or a few where the machine is so slow that a group's time is over
		t.Errorf("%d writers that waited needed %d transactions", others+1, n)
	}
}
