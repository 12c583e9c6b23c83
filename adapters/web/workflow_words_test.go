package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/workflow"
)

// TestFieldsOfRulesHaveWords: what conditions and triggers speak of is said in the reader's language, not in the
// program's.
func TestFieldsOfRulesHaveWords(t *testing.T) {
	w := newScreensWorld(t)
	for _, noun := range leadrule.Nouns {
		env, err := w.module.Workflows.Environment(w.as("kati"), noun)
		w.must(err)
		for _, r := range env.Records() {
			if texts["segment.g."+r.Name] == nil {
				t.Errorf("%s has no words", r.Name)
			}
			for _, f := range r.Fields {
				if texts["segment.f."+r.Name+"."+f.Name] == nil && texts["segment.f."+f.Name] == nil {
					t.Errorf("%s.%s (%s) has no words", r.Name, f.Name, f.Doc)
				}
			}
		}
	}
	for _, d := range []workflow.Drafting{
		{Name: "Lejáró", Noun: leadrule.Quote, Plan: workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnDate, Field: "quote.valid_until", Count: 3}}},
		{Name: "Köszöntő", Noun: leadrule.Quote, Plan: workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnDate, Field: "party.birth_date", Yearly: true}}},
		{Name: "Csúszik", Noun: leadrule.Opportunity, Plan: workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnChange, Field: "expected_close"}}},
		{Name: "Átadva", Noun: leadrule.Lead, Plan: workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnChange, Field: "owner_team"}}},
	} {
		d.Plan.Actions = []workflow.Action{{Step: activity.StepPlan, Given: map[string]string{"subject": "x"}}}
		_, err := w.module.Workflows.Save(w.as("kati"), d)
		w.must(err)
	}
	w.browser("kati").get("/rules").ok(http.StatusOK).has("Érvényes eddig − 3 nap", "Személy vagy cég – Születésnap", "Várható zárás", "Csapat").
		lacks("valid_until", "birth_date", "expected_close", "owner_team")
}
