package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
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

// TestAChangeIsChosenByItsName: nobody has to know what the program calls a field whose change sets a rule off, nor the
// keys of its values; a name that is mistyped would set off nothing.
func TestAChangeIsChosenByItsName(t *testing.T) {
	w := newScreensWorld(t)
	_, err := w.module.Fields.Add(w.as("kati"), custom.Draft{Kinds: []string{"lead"}, Name: "branch", Label: "Ágazat", Type: store.ChoiceField, Rules: store.FieldRules{
		Choices: []store.FieldChoice{{Value: "metal", Texts: map[locale.Language]string{locale.Hungarian: "Fémipar"}}},
	}})
	w.must(err)
	for _, of := range []struct {
		noun, field, to, shows, says string
	}{
		{"lead", "status", "qualified", "Állapot", "Állapot → Minősített"},
		{"lead", "custom.branch", "metal", "Ágazat", "Ágazat → Fémipar"},
		{"opportunity", "state", "won", "Várható zárás", "Állapot → megnyert"},
		{"quote", "valid_until", "", "Érvényes eddig", "Érvényes eddig"},
		{"party", "city", "Pécs", "Település", "Település → Pécs"},
	} {
		kati := w.browser("kati")
		_, fields := kati.get("/rules/new?noun=" + of.noun).ok(http.StatusOK).form("/rules/new")
		fields.Set("name", "Ha változik: "+of.field)
		fields.Set("trigger.kind", "change")
		fields.Set("trigger.field", of.field)
		kati.Header = http.Header{"Hx-Request": {"true"}, "Hx-Target": {triggerTarget}}
		fields.Del("do")
		kati.send("/rules/new", fields).ok(http.StatusOK).has(of.shows).lacks("audit", "status", "owner_user")
		kati.Header = nil
		fields.Set("trigger.to", of.to)
		fields.Set("actions[0].step", activity.StepPlan)
		fields.Set("actions[0].given.subject", "x")
		fields.Set("do", "save")
		page := kati.send("/rules/new", fields).ok(http.StatusOK)
		id, err := keyOf[workflow.Tag](page.Path)
		w.must(err)
		r, err := w.module.Workflows.Get(w.as("kati"), id)
		w.must(err)
		if got := r.Plan.Trigger; got.Field != of.field || got.To != of.to || !strings.Contains(page.Body, `<option value="`+of.field+`" selected>`) {
			t.Errorf("saved and opened, %s to %q is %s to %q", of.field, of.to, got.Field, got.To)
		}
		kati.get("/rules").ok(http.StatusOK).has(of.says)
	}
	for noun, columns := range changeable {
		env, err := w.module.Workflows.Environment(w.as("kati"), noun)
		w.must(err)
		for _, column := range columns {
			if v := (&visit{s: w.screens, Visitor: Visitor{Locale: locale.Locale{Language: locale.Hungarian}}}); v.triggerField(env, noun, column) == column {
				t.Errorf("%s of a %s has no words", column, noun)
			}
		}
	}
}

// TestStoppedRunsSayWhyInWords: rules that set each other off are stopped, and the list of runs says so in the reader's
// language.
func TestStoppedRunsSayWhyInWords(t *testing.T) {
	w := newScreensWorld(t)
	for _, d := range []workflow.Drafting{
		{Name: "Ping", Noun: leadrule.Lead, Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnChange, Field: "campaign", To: "a"}, Actions: []workflow.Action{{Step: "lead.set", Given: map[string]string{"field": "campaign", "value": "b"}}},
		}},
		{Name: "Pong", Noun: leadrule.Lead, Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnChange, Field: "campaign", To: "b"}, Actions: []workflow.Action{{Step: "lead.set", Given: map[string]string{"field": "campaign", "value": "a"}}},
		}},
	} {
		r, err := w.module.Workflows.Save(w.as("kati"), d)
		w.must(err)
		_, err = w.module.Workflows.Publish(w.as("kati"), r.ID, r.Version)
		w.must(err)
	}
	of, start := w.lead("anna", "Kovács Béla", "", "bela@erdei.hu"), "a"
	card, err := w.module.Leads.Get(w.as("anna"), of)
	w.must(err)
	_, err = w.module.Leads.Edit(w.as("anna"), of, card.Lead.Version, lead.Patch{Campaign: &start})
	w.must(err)
	for range 12 {
		_, err = w.module.RunOnce(w.as("kati"))
		w.must(err)
	}
	w.browser("kati").get("/rules/runs?outcome=stopped").ok(http.StatusOK).has("5 szabály indította egymást körbe-körbe", "(Szabály)").lacks("caused one another", "(workflow)")
	w.browser("kati", locale.English).get("/rules/runs?outcome=stopped").ok(http.StatusOK).has("5 rules set each other off in a circle")
}
