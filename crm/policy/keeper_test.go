package policy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

type hours struct {
	Names []string `json:"names"`
	Made  int64    `json:"made"`
}

var hoursKind = policy.Kind[hours]{Name: "hours", Noun: "the hours", Reads: actor.LeadRead, Default: func(company string) hours { return hours{Names: []string{"default of " + company}} }}

// keeper refuses plans without names, and finds a condition wrong in those that are called "gone".
func keeper(db *store.DB) policy.Keeper[hours] {
	return policy.Keep(db, hoursKind, policy.Terms[hours]{
		Check: func(_ context.Context, _ *store.Session, h *hours) (faults fault.List, _ error) {
			if len(h.Names) == 0 {
				faults.Add("names", "required", "are missing")
			}
			if slices.Contains(h.Names, "gone") {
				faults.Add("names", "rule.unknown", "name what is gone")
			}
			return faults, nil
		},
		Publishing: func(_ context.Context, _ *store.Session, was policy.Document[hours], h *hours) error {
			if slices.Contains(h.Names, "never") {
				return fault.New(fault.Limit, "never")
			}
			h.Made = was.Version + 1
			return nil
		},
	})
}

func TestADraftLiesBesideWhatHolds(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		all, admin := keeper(env.DB), env.As("Szabó Ágnes", actor.Admin, actor.All)
		holds := func(version int64, published bool, names, draft string) {
			t.Helper()
			d, err := all.Plan(admin)
			if err != nil || d.Version != version || d.Published != published || d.Plan.Names[0] != names {
				t.Errorf("what holds is %+v, %v; want version %d, %v, %q", d, err, version, published, names)
			}
			if shown := d.Shown().Names[0]; (d.Draft != nil) != (draft != "") || draft != "" && shown != draft {
				t.Errorf("the draft is %v, want %q", d.Draft, draft)
			}
		}
		holds(0, false, "default of "+env.Company, "")
		if d, err := all.Discard(admin, 0); err != nil || d.Version != 0 {
			t.Errorf("discarding nothing: %+v, %v", d, err)
		}
		if _, err := all.SaveDraft(admin, 0, hours{}); !errors.Is(err, fault.Invalid) {
			t.Errorf("a draft without names: %v", err)
		}
		d, err := all.SaveDraft(admin, 0, hours{Names: []string{"gone"}})
		if err != nil {
			t.Fatalf("a draft whose condition names what is gone: %v", err)
		}
		holds(1, false, "default of "+env.Company, "gone")
		if _, err := all.Publish(admin, d.Version, d.Shown()); !errors.Is(err, fault.Invalid) {
			t.Errorf("published although a condition is wrong: %v", err)
		}
		if _, err := all.Publish(admin, d.Version, hours{Names: []string{"never"}}); !errors.Is(err, fault.Limit) {
			t.Errorf("published what its package refuses: %v", err)
		}
		holds(1, false, "default of "+env.Company, "gone")
		if d, err = all.Publish(admin, d.Version, hours{Names: []string{"first"}}); err != nil || d.Plan.Made != 2 {
			t.Fatalf("published %+v, %v", d, err)
		}
		holds(2, true, "first", "")
		if d, err = all.SaveDraft(admin, d.Version, hours{Names: []string{"second"}}); err != nil {
			t.Fatal(err)
		}
		holds(3, true, "first", "second")
		if d, err = all.Discard(admin, d.Version); err != nil {
			t.Fatal(err)
		}
		holds(4, true, "first", "")
		if d, err = all.Publish(admin, d.Version, hours{Names: []string{"second"}}); err != nil {
			t.Fatal(err)
		}
		states, err := all.Versions(admin)
		if err != nil || len(states) != 2 || states[0].Plan.Names[0] != "second" || states[1].Plan.Names[0] != "first" || states[0].Number != d.Version || states[0].SavedBy != "Szabó Ágnes" {
			t.Errorf("the versions are %+v, %v", states, err)
		}
	})
}

func TestWhoMayReadAndChange(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		all := keeper(env.DB)
		for name, rights := range map[string]actor.Rights{"a seller": actor.Seller, "who may nothing": nil} {
			who := env.As(name, rights, actor.All)
			if _, err := all.Plan(who); errors.Is(err, fault.Forbidden) != (rights == nil) {
				t.Errorf("%s reads: %v", name, err)
			}
			_, publish := all.Publish(who, 0, hours{Names: []string{"x"}})
			_, draft := all.SaveDraft(who, 0, hours{Names: []string{"x"}})
			_, discard := all.Discard(who, 0)
			_, versions := all.Versions(who)
			for what, err := range map[string]error{"publishes": publish, "drafts": draft, "discards": discard, "looks back": versions} {
				if !errors.Is(err, fault.Forbidden) {
					t.Errorf("%s %s: %v", name, what, err)
				}
			}
		}
	})
}

func TestOneOfManyDecidesFirst(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		all, admin := keeper(env.DB), env.As("Szabó Ágnes", actor.Admin, actor.All)
		for version := range int64(2) {
			var won atomic.Int32
			var wait sync.WaitGroup
			for i := range 8 {
				wait.Go(func() {
					_, err := all.Publish(admin, version, hours{Names: []string{fmt.Sprintf("mine %d of %d", i, version)}})
					switch {
					case err == nil:
						won.Add(1)
					case !errors.Is(err, fault.Conflict):
						t.Errorf("overtaken: %v", err)
					}
				})
			}
			if wait.Wait(); won.Load() != 1 {
				t.Errorf("on version %d %d were the first", version, won.Load())
			}
		}
	})
}
