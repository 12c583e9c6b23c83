package opportunity_test

import (
	"errors"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/testutil"
)

// The progress is noted in every state and changes none; the same step twice is one change.
func TestProgressLeavesTheStateAlone(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		o := w.create(nil)
		o, err := w.opps.CloseWon(w.anna, o.ID, opportunity.Win{})
		w.ok(err)
		version := o.Version
		for _, step := range []opportunity.Progress{opportunity.Ordered, opportunity.Ordered, opportunity.Void, opportunity.Void} {
			got, err := w.opps.Reflect(w.anna, o.ID, step)
			w.ok(err)
			if got.Progress != step || got.State != opportunity.Won {
				t.Errorf("after %s it is %s and %s", step, got.Progress, got.State)
			}
			o = got
		}
		if o.Version != version+2 {
			t.Errorf("two steps made version %d of %d", o.Version, version)
		}
		if _, err := w.opps.Reflect(w.anna, o.ID, "shipped"); !errors.Is(err, fault.Invalid) {
			t.Errorf("an unknown step was taken: %v", err)
		}
	})
}
