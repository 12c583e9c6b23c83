package activity_test

import (
	"context"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func TestActivitiesHaveCustomFields(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		if err := w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
			return s.AddField(ctx, &store.CustomField{RecordKind: "activity", Name: "place", Label: "Helyszín", Type: store.TextField, Rules: store.FieldRules{MaxLength: 20}})
		}); err != nil {
			t.Fatal(err)
		}
		who := w.person("Kiss Ilona", "anna")
		place := func(id activity.ID) any {
			t.Helper()
			item, err := w.acts.Get(w.anna, id)
			if err != nil {
				t.Fatal(err)
			}
			return item.Sheet.Values["place"]
		}
		own := func(text any) map[string]any { return map[string]any{"place": text} }
		_, err := w.acts.Plan(w.anna, activity.Plan{Party: who, Kind: activity.Meeting, Due: w.now().Add(time.Hour), Custom: own("egy nagyon távoli telephely")})
		if f := fault.Of(err); len(f) != 2 || f[1].Path != "custom.place" {
			t.Errorf("the faults are %v, want subject and place at once", f)
		}
		planned := w.plan(w.anna, activity.Plan{Party: who, Kind: activity.Meeting, Subject: "Bejárás", Due: w.now().Add(time.Hour), Custom: own("Győr")})
		if got := place(planned.ID); got != "Győr" {
			t.Errorf("what was planned has %v", got)
		}
		edited, err := w.acts.Edit(w.anna, planned.ID, activity.Edit{Version: planned.Version, Custom: own("Pécs")})
		if err != nil || edited.Version != planned.Version+1 || place(planned.ID) != "Pécs" {
			t.Errorf("after the edit version %d has %v, %v", edited.Version, place(planned.ID), err)
		}
		if _, err := w.acts.Edit(w.anna, planned.ID, activity.Edit{Version: planned.Version, Custom: own(nil)}); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("an edit of what is past gave %v", err)
		}
		done := w.record(w.anna, activity.Deed{
			Party: who, Kind: activity.Note, Subject: "Mérések", Custom: own("Vác"),
			FollowUp: &activity.Plan{Kind: activity.Task, Subject: "Ajánlat", Due: w.now().Add(time.Hour), Custom: own("iroda")},
		})
		if place(done.Activity.ID) != "Vác" || place(done.FollowUp.ID) != "iroda" {
			t.Errorf("the deed has %v, what follows %v", place(done.Activity.ID), place(done.FollowUp.ID))
		}
	})
}
