package crm_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/testutil"
)

// TestNoClerkWaitsForTheBackground has a clerk write while the background carries out rules, starts clocks, counts scores
// and takes the forecast's snapshot of what thousands of events told. Nineteen of twenty of his writes take less than 100 ms,
// also where the machine does other things; with CRMPLUS_SOAK=1, among ten times as much and on a machine of its own, all do.
func TestNoClerkWaitsForTheBackground(t *testing.T) {
	const limit = 100 * time.Millisecond
	leads, share := 300, 0.95
	switch {
	case os.Getenv("CRMPLUS_SOAK") != "":
		leads, share = 3000, 1
	case testing.Short():
		leads = 150
	}
	env := testutil.SQLite(t)
	env.DB = env.DB.WithClock(time.Now)
	w := newWorld(t, env)
	boss := w.boss()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	rule, err := w.module.Workflows.Save(boss, workflow.Drafting{Name: "Feladat", Noun: leadrule.Lead, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{lead.EventCaptured}},
		Actions: []workflow.Action{{Step: activity.StepPlan, Given: map[string]string{"subject": "A szabály feladata", "kind": "task", "to": "owner"}}},
	}})
	ok(err)
	_, err = w.module.Workflows.Publish(boss, rule.ID, rule.Version)
	ok(err)
	_, err = w.module.Clocks.Publish(boss, 0, clock.Default())
	ok(err)
	_, err = w.module.Scores.Publish(boss, 0, scoring.Model{
		Groups: []scoring.Group{{Key: "who", Name: "Ki", Cap: 50}},
		Rules:  []scoring.Rule{{Name: "Cég", Group: "who", When: `lead.organization != ""`, Points: 15}},
		Bands:  []scoring.Band{{From: 0, Name: "Hideg", Action: "Várjon"}},
	})
	ok(err)
	for i := range leads {
		id, err := w.completeLead(boss, fmt.Sprint(i))
		ok(err)
		card, err := w.module.Leads.Get(boss, id)
		ok(err)
		revenue := money.MustAmount("1000")
		_, err = w.module.Opportunities.Create(boss, opportunity.Draft{PartyID: card.Lead.PartyID, LeadID: opportunity.LeadID(id), Name: fmt.Sprint("Ügylet ", i), ExpectedRevenue: &revenue, Currency: "HUF"})
		ok(err)
	}
	worked := make(chan error, 1)
	go func() {
		_, err := w.module.RunOnce(context.Background())
		worked <- err
	}()
	var waits []time.Duration
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	for working := true; working; {
		began := time.Now()
		err := w.db.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			_, err := s.NextNumber(ctx, "clerk", 2026)
			return err
		})
		waits = append(waits, time.Since(began))
		ok(err)
		select {
		case err := <-worked:
			ok(err)
			working = false
		case <-pause.C:
		}
	}
	slices.Sort(waits)
	if acted := w.count(t, "crm_workflow_run", "outcome = ?", "acted"); acted != leads || len(waits) < 20 {
		t.Fatalf("the background did %d of %d runs beside %d writes", acted, leads, len(waits))
	}
	at := waits[int(float64(len(waits)-1)*share)]
	t.Logf("%d writes beside %d leads: median %v, 95 %% %v, longest %v", len(waits), leads, waits[len(waits)/2], waits[len(waits)*95/100], waits[len(waits)-1])
	if at > limit {
		t.Errorf("a clerk waited %v", at)
	}
}
