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

// TestScopeInEachPartOfAUnion reads by statements whose parts each carry the company's predicate, and has those refused
// of which a part would go without.
func TestScopeInEachPartOfAUnion(t *testing.T) {
	const part = "SELECT f.label FROM crm_custom_field AS f WHERE {scope} AND f.name = ?"
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		addField(t, env, "colour")
		addField(t, env, "size")
		tests := []struct {
			name  string
			query string
			args  []any
			rows  int // -1 for a refusal
		}{
			{"one", part, []any{"colour"}, 1},
			{"three", part + " UNION ALL " + part + " UNION ALL " + part, []any{"colour", "size", "none"}, 2},
			{"none", "SELECT f.label FROM crm_custom_field AS f WHERE f.name = ?", []any{"colour"}, -1},
			{"twice in one part", part + " AND {scope}", []any{"colour"}, -1},
			{"a part without", part + " UNION ALL " + part + " UNION ALL SELECT f.label FROM crm_custom_field AS f", []any{"colour", "size"}, -1},
			{"too few values", part + " UNION ALL " + part, []any{"colour"}, -1},
		}
		for _, tt := range tests {
			var labels []string
			err := env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) error {
				return s.Query(ctx, &labels, store.From[store.CustomField]("f"), tt.query, tt.args...)
			})
			if (err != nil) != (tt.rows < 0) || err == nil && len(labels) != tt.rows {
				t.Errorf("%s: %d rows, want %d, %v", tt.name, len(labels), tt.rows, err)
			}
		}
		alien := actor.With(context.Background(), actor.System("somebody else", "test"))
		var labels []string
		err := env.DB.Read(alien, func(ctx context.Context, s *store.Session) error {
			return s.Query(ctx, &labels, store.From[store.CustomField]("f"), part+" UNION ALL "+part, "colour", "size")
		})
		if err != nil || len(labels) != 0 {
			t.Errorf("another company reads %q, %v", labels, err)
		}
	})
}

// TestCancelledUnitEndsBetweenStatements: a unit whose caller has gone sends no further statement.
func TestCancelledUnitEndsBetweenStatements(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		ctx, cancel := context.WithCancel(env.System())
		defer cancel()
		err := env.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
			if err := s.Audit(ctx, store.Entry{Action: "first", Kind: "test"}); err != nil {
				return err
			}
			cancel()
			var n int
			if err := s.Query(ctx, &n, store.From[store.AuditEntry]("a"), "SELECT COUNT(*) FROM crm_audit AS a WHERE {scope}"); !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled unit reads: %d, %v", n, err)
			}
			if _, err := s.Exec(ctx, store.From[store.AuditEntry](""), "DELETE FROM crm_audit WHERE {scope}"); !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled unit writes: %v", err)
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled unit ends with %v", err)
		}
	})
}
