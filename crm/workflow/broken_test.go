package workflow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/testutil"
)

// TestABrokenRuleDoesNotStopTheOthers: a rule whose field is gone is told of once a day, and the other rules look at their dates.
func TestABrokenRuleDoesNotStopTheOthers(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		field := store.CustomField{RecordKind: "lead", Name: "expiry", Label: "Lejárat", Type: store.DateField}
		w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error { return s.AddField(ctx, &field) }))
		daily := func(when string) workflow.Plan {
			return workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.Idle, Count: 2, Hour: 6}, When: when, Actions: []workflow.Action{note("!")}}
		}
		w.live("Eltört", leadrule.Lead, workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnDate, Field: "lead.custom.expiry", Hour: 5}, Actions: []workflow.Action{note("?")}})
		w.live("Feltétele tört el", leadrule.Lead, daily(`lead.custom.expiry == date("2026-01-01")`))
		w.live("Ép", leadrule.Lead, daily(""))
		w.capture("Elfelejtett", 1)
		w.run()
		fields := custom.New(env.DB)
		_, err := fields.Remove(w.admin, field.ID)
		w.ok(err)
		then := w
		w = newWorld(t, env) // another process, which never knew the field
		w.Clock = then.Clock
		for range 3 {
			w.Clock.Advance(24 * time.Hour)
			w.run()
			w.run()
		}
		w.wants("Elfelejtett !")
		told := map[string]int{}
		for _, one := range w.told {
			name, _, _ := strings.Cut(one, " to ")
			told[name]++
			if !strings.Contains(one, "to admin: ") || !strings.Contains(one, "change the rule") {
				t.Errorf("told %q", one)
			}
		}
		if fmt.Sprint(told) != "map[workflow.failed Eltört:3 workflow.failed Feltétele tört el:3]" {
			t.Errorf("told of %v", told)
		}
	})
}

// TestAConditionThatLooksAtTooMuchSparesTheOthers: the rule's runs fail and say why; another rule for the same event acts.
func TestAConditionThatLooksAtTooMuchSparesTheOthers(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	heavy := `any(touches, .source in ["x"` + strings.Repeat(`,"y"`, 190) + `] or .medium in ["x"` + strings.Repeat(`,"y"`, 190) + `])`
	w.live("Nehéz", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventStatus), When: heavy, Actions: []workflow.Action{note("?")}})
	w.live("Könnyű", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventStatus), Actions: []workflow.Action{note("!")}})
	got := w.capture("Sokszor", 1)
	w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
		for part := range 120 {
			rows := make([]lead.Touch, 50)
			for i := range rows {
				rows[i] = lead.Touch{ID: store.NewKey[lead.TouchTag](s), PartyID: got.Party, LeadID: got.Lead, At: s.Now.Add(-time.Duration(part*50+i) * time.Minute)}
				rows[i].Source = "máshonnan"
			}
			if err := s.InsertQuiet(ctx, &rows); err != nil {
				return err
			}
		}
		return nil
	}))
	l, err := w.leads.Get(actor.With(context.Background(), actor.System(w.Company, "x")), got.Lead)
	w.ok(err)
	_, err = w.leads.SetStatus(w.admin, got.Lead, l.Lead.Version, lead.Move{To: lead.StatusWorking})
	w.ok(err)
	w.run()
	if len(w.did) != 1 || w.did[0] != "Sokszor !" {
		t.Errorf("did %q", w.did)
	}
	if len(w.told) != 1 || !strings.Contains(w.told[0], "Nehéz") || !strings.Contains(w.told[0], "have it ask for less") {
		t.Errorf("told %q", w.told)
	}
}
