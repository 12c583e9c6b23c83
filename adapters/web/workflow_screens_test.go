package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/workflow"
)

// stockWorkflows makes a rule, and a run of it.
func (w *walk) stockWorkflows(ctx context.Context, out map[string]string) {
	w.t.Helper()
	r, err := w.module.Workflows.Save(ctx, workflow.Drafting{Name: hostile, Noun: leadrule.Lead, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{lead.EventCaptured}}, When: `lead.status == "new"`,
		Actions: []workflow.Action{{Step: activity.StepPlan, Given: map[string]string{"subject": "Hívja fel: {party.name}"}}},
	}})
	w.must(err)
	r, err = w.module.Workflows.Publish(ctx, r.ID, r.Version)
	w.must(err)
	_, err = w.module.Leads.Capture(ctx, lead.Draft{Name: "Szabályos" + hostile, Emails: []string{"szabaly@example.com"}})
	w.must(err)
	_, err = w.module.RunOnce(ctx)
	w.must(err)
	runs, err := w.module.Workflows.Runs(ctx, workflow.Filter{Rule: r.ID})
	w.must(err)
	if len(runs.Rows) == 0 {
		w.t.Fatal("the rule did not run")
	}
	out["workflow"], out["run"] = r.ID.String(), runs.Rows[0].ID.String()
}

// TestRuleIsWrittenTriedAndPublished writes a rule without JavaScript and sees what it did.
func TestRuleIsWrittenTriedAndPublished(t *testing.T) {
	w, _ := newLettersWorld(t)
	b := w.browser("kati")
	b.get("/rules").ok(http.StatusOK).has("Még nincs szabály")
	page := b.get("/rules/new").ok(http.StatusOK).has("Történik valami", "új érdeklődő érkezett")
	page = page.pressInRules("save", "name", "Gyors hívás").ok(http.StatusUnprocessableEntity)
	page = page.pressInRules("refresh", "trigger.events", "lead.captured", "actions[0].step", "task.plan").ok(http.StatusOK).has("Határidő (nap)")
	page = page.pressInRules("refresh", "r.1.field", "lead.source").ok(http.StatusOK)
	page = page.pressInRules("act:add", "r.1.op", "is", "r.1.value", "fair", "actions[0].given.subject", "Hívja fel: {party.name}").ok(http.StatusOK).has("2. művelet")
	page = page.pressInRules("act:delete:1").ok(http.StatusOK).lacks("2. művelet")
	page = page.pressInRules("look").ok(http.StatusOK).has("0 illett volna a legutóbbi")
	page = page.pressInRules("save").ok(http.StatusOK).has("Piszkozat mentve", "Gyors hívás")
	page.submit(strings.TrimPrefix(page.Path, w.screens.path)+"/do/publish").ok(http.StatusOK).has("Életbe lépett", "Érvényben")
	_, err := w.module.Leads.Capture(w.as("kati"), lead.Draft{Name: "Vásári Ödön", Emails: []string{"odon@pelda.test"}, Origin: lead.Origin{Source: "fair"}})
	w.must(err)
	_, err = w.module.RunOnce(context.Background())
	w.must(err)
	w.Clock.Advance(time.Minute)
	b.get("/rules/runs").ok(http.StatusOK).has("Vásári Ödön", "Lefutott", "Gyors hívás", "Feladat létrehozása", `lead.source == "fair"`)
	b.get("/rules/runs?outcome=failed").ok(http.StatusOK).lacks("Vásári Ödön")
	b.get("/rules").ok(http.StatusOK).has("Gyors hívás", "Érvényben", "új érdeklődő érkezett")
}
