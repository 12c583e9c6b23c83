package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
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

// TestLettersOfRulesAreWordedAndChosen words a letter in two languages, has a rule send it, and sets a field of the company's own.
func TestLettersOfRulesAreWordedAndChosen(t *testing.T) {
	w, _ := newLettersWorld(t)
	b := w.browser("kati")
	_, err := w.module.Fields.Add(w.as("kati"), custom.Draft{Kinds: []string{"quote"}, Name: "site", Label: "Telephely", Type: store.TextField})
	w.must(err)
	for _, d := range []custom.Draft{
		{Name: "rooms", Label: "Szobák", Type: store.NumberField}, {Name: "vip", Label: "Kiemelt", Type: store.YesNoField},
		{Name: "size", Label: "Méret", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "big", Texts: map[locale.Language]string{locale.Hungarian: "Nagy"}}}}},
	} {
		d.Kinds = []string{"quote"}
		_, err := w.module.Fields.Add(w.as("kati"), d)
		w.must(err)
	}
	b.get("/settings/mails?language=hu").ok(http.StatusOK).has("Új levél a szabályokhoz")
	word := func(language, body string, more ...string) *shown {
		return b.post("/settings/mails/templates", append([]string{"language", language, "version", "0", "subject", "Köszönjük", "body", body}, more...)...)
	}
	fresh := []string{"letter_noun", "quote", "letter_name", "Köszönet"}
	word("hu", "{quote.colour}", fresh...).ok(http.StatusUnprocessableEntity).has("quote.colour")
	word("hu", "x", "letter_noun", "quote", "letter_name", "{}").ok(http.StatusUnprocessableEntity)
	word("hu", "{reader.greeting} {quote.net}", fresh...).ok(http.StatusOK).has("Ajánlat: Köszönet", "Nettó összeg", "Törlés ezen a nyelven")
	b.get("/settings/mails?language=he").ok(http.StatusOK).has("Ajánlat: Köszönet", "ezen a nyelven nincs megírva")
	word("he", "{quote.net}", "purpose", "rule.quote.Köszönet").ok(http.StatusOK)
	page := b.get("/rules/new?noun=quote").ok(http.StatusOK)
	page = page.pressInRules("refresh", "name", "Köszönet", "trigger.events", "quote.accepted", "actions[0].step", "mail.send").ok(http.StatusOK).has("Köszönet", "itt írt szöveg")
	page = page.pressInRules("save").ok(http.StatusUnprocessableEntity)
	page = page.pressInRules("act:add", "actions[0].given.letter", "rule.quote.Köszönet", "actions[0].given.to", "customer").ok(http.StatusOK)
	page = page.pressInRules("refresh", "actions[1].step", "quote.set").ok(http.StatusOK).has("Telephely", "érvényes eddig")
	page = page.pressInRules("save", "actions[1].given.field", "valid_until", "actions[1].given.value", "holnap").ok(http.StatusUnprocessableEntity).has("2026-07-13")
	value := func(kind string) string { return `name="actions[1].given.value" type="` + kind + `"` }
	for _, one := range []struct{ field, given, want string }{
		{"valid_until", "2026-12-24", value("date")}, {"valid_until", "", value("date")}, {"valid_until", "+30", value("text")}, {"valid_until", "{quote.valid_until}", value("text")},
		{"language", "el", `<option value="el" selected>Ελληνικά</option>`}, {"custom.rooms", "12.5", value("number")}, {"custom.rooms", "{party.city}", value("text")},
		{"custom.vip", "true", `<option value="true" selected>igen</option>`}, {"custom.size", "big", `<option value="big" selected>Nagy</option>`}, {"title", "2026-12-24", value("text")},
	} {
		drawn := page.pressInRules("refresh", "actions[1].given.field", one.field, "actions[1].given.value", one.given, "actions[1].free", "").ok(http.StatusOK)
		if !strings.Contains(drawn.Body, one.want) {
			t.Errorf("%s with %q is not given as %s", one.field, one.given, one.want)
		}
	}
	if drawn := page.pressInRules("refresh", "actions[1].given.field", "valid_until", "actions[1].given.value", "", "actions[1].free", "on").ok(http.StatusOK); !strings.Contains(drawn.Body, value("text")) {
		t.Error("who would rather write the value is given no line for it")
	}
	if kept := page.pressInRules("save", "actions[1].given.field", "valid_until", "actions[1].given.value", "2026-12-24", "actions[1].free", "").ok(http.StatusOK); !strings.Contains(kept.Body, value("date")+` value="2026-12-24"`) {
		t.Error("a day that was kept is not given as one")
	}
	page.pressInRules("save", "actions[1].given.field", "custom.site", "actions[1].given.value", "Győr").ok(http.StatusOK).has("Piszkozat mentve", "Telephely")
}
