package store_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func addField(t *testing.T, env *testutil.Env, name string) store.CustomField {
	t.Helper()
	f := store.CustomField{RecordKind: "lead", Name: name, Label: "Szín \\\nés méret", Type: store.TextField}
	err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error { return s.AddField(ctx, &f) })
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRecordRoundTrip(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := addField(t, env, "colour")
		var got store.CustomField
		err := env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) error { return s.Get(ctx, &got, f.ID) })
		if err != nil {
			t.Fatal(err)
		}
		if got.Label != f.Label || got.ID != f.ID || !got.CreatedAt.Equal(env.Clock.Now()) || !got.RemovedAt.IsZero() || got.Version != 1 {
			t.Errorf("got %+v, want %+v", got, f)
		}
	})
}

func TestStaleSaveNamesWhoChangedWhat(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := addField(t, env, "size")
		rename := func(user, label string) error {
			ctx := env.As(user, actor.Admin, actor.All)
			return env.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
				next := f
				next.Label = label
				return s.Save(ctx, &f, &next)
			})
		}
		if err := rename("kovacs", "Méret"); err != nil {
			t.Fatal(err)
		}
		err := rename("szabo", "Hossz")
		if !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "kovacs") || !strings.Contains(err.Error(), "Méret") {
			t.Errorf("got %v, want a conflict that names kovacs and Méret", err)
		}
	})
}

func TestOtherCompanySeesNothing(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := addField(t, env, "secret")
		other := actor.With(context.Background(), actor.System(env.Company+"x", "test"))
		err := env.DB.Write(other, func(ctx context.Context, s *store.Session) error {
			var got store.CustomField
			if err := s.Lock(ctx, &got, f.ID); !errors.Is(err, fault.NotFound) {
				t.Errorf("Lock: %v", err)
			}
			return s.Get(ctx, &got, f.ID)
		})
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("Get: %v", err)
		}
	})
}

func TestNumbersHaveNoGaps(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		var got []int64
		take := func(fail bool) {
			_ = env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
				n, err := s.NextNumber(ctx, "quote", 2026)
				if err != nil {
					t.Fatal(err)
				}
				if fail {
					return fault.New(fault.Invalid, "no")
				}
				got = append(got, n)
				return nil
			})
		}
		for _, fail := range []bool{false, true, false, true, false} {
			take(fail)
		}
		if len(got) != 3 || got[0] != 1 || got[1] != 2 || got[2] != 3 {
			t.Errorf("numbers %v, want 1 2 3", got)
		}
	})
}

// TestWritersAreServedInTurn: while an import writes chunk after chunk, somebody else's write waits for
// the chunk that is being written, and perhaps for one more that came before it, never for the import.
func TestWritersAreServedInTurn(t *testing.T) {
	env := testutil.SQLite(t)
	var chunks atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
				_, err := s.NextNumber(ctx, "import", 2026)
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
			chunks.Add(1)
		}
	}()
	for range 50 {
		before := chunks.Load()
		var at int64
		err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			at = chunks.Load()
			_, err := s.NextNumber(ctx, "clerk", 2026)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if at-before > 10 { // one or two; more only where this goroutine was not run before it could queue up
			t.Errorf("%d chunks were written while the clerk waited", at-before)
		}
	}
	close(stop)
	<-stopped
}

func TestWritingInsideAWriteIsFoundOut(t *testing.T) {
	env := testutil.SQLite(t)
	ctx, cancel := context.WithTimeout(env.System(), 100*time.Millisecond)
	defer cancel()
	err := env.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
		return env.DB.Write(ctx, func(ctx context.Context, s *store.Session) error { return nil })
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestWritingInsideAReadIsRefused: such a unit would hold a snapshot while it waits for the writers' lock, and fail as
// soon as anybody else has written.
func TestWritingInsideAReadIsRefused(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		written := false
		err := env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) error {
			return s.Inside().Write(ctx, func(context.Context, *store.Session) error { written = true; return nil })
		})
		if err == nil || written {
			t.Errorf("written: %t, error: %v", written, err)
		}
		err = env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			return s.Inside().Read(ctx, func(ctx context.Context, s *store.Session) error {
				return s.Inside().Write(ctx, func(context.Context, *store.Session) error { return nil })
			})
		})
		if err != nil {
			t.Errorf("a read inside a write is part of the write: %v", err)
		}
	})
}
