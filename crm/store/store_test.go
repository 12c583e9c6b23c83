package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

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
