package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// TestConditionsAreSaidInTheWordsOfTheirChoices: sources, users and channels by the words that people chose them by, not
// by their keys; what is in no list stands as it is, and is not lost when the form is saved.
func TestConditionsAreSaidInTheWordsOfTheirChoices(t *testing.T) {
	w := newScreensWorld(t)
	_, err := w.module.Clocks.Publish(w.as("kati"), 0, clock.Plan{Responses: []clock.Response{
		{Name: "Egy", When: `lead.source == "web"`, Minutes: 60},
		{Name: "Kettő", When: `lead.source in ["web", "regi"]`, Minutes: 120},
		{Name: "Három", When: `lead.owner == "kovacs"`, Minutes: 180},
		{Name: "Négy", When: `any(touches, .channel == "form")`, Minutes: 240},
		{Name: "Öt", When: `not party.customer`, Minutes: 1920},
		{Name: "Hat", When: `lead.source startsWith "utm"`, Minutes: 1500},
	}})
	w.must(err)
	kati := w.browser("kati")
	kati.get("/settings/clocks").ok(http.StatusOK).
		has("Forrás ez: Weboldal", "Forrás ezek egyike: Weboldal, regi", "Csatorna ez: Webűrlap", "Vevő: nem", "Forrás így kezdődik: utm", "4 munkanap", "25:00 óra").
		lacks("ez: web ", "ez: kovacs", "ez: form")
	w.browser("kati", locale.English).get("/settings/clocks").ok(http.StatusOK).has("Source is Website", "Channel is Web form", "4 working days")
	for i, when := range []string{`lead.source == "web"`, `lead.source in ["web", "regi"]`, `lead.owner == "kovacs"`, `any(touches, .channel == "form")`, `not party.customer`, `lead.source startsWith "utm"`} {
		editor := "/settings/clocks/answers/" + string(rune('0'+i))
		_, fields := kati.get(editor).ok(http.StatusOK).form(editor)
		fields.Set("do", "save")
		kati.send(editor, fields).ok(http.StatusOK)
		doc, err := w.module.Clocks.Plan(w.as("kati"))
		w.must(err)
		if got := doc.Plan.Responses[i].When; got != when {
			t.Errorf("opened and saved, %s became %s", when, got)
		}
	}
}

// TestWhatIsMissingIsToldAfterTheFirstTry: while a condition is written nothing is red; when it is to be saved, what it
// lacks is told.
func TestWhatIsMissingIsToldAfterTheFirstTry(t *testing.T) {
	w, _ := newLettersWorld(t)
	const missing = "Adjon meg értéket."
	for _, at := range []struct{ editor, look string }{{"/settings/clocks/answers/new", "rule-look"}, {"/settings/routing/rules/new", "rule-look"}, {"/rules/new", "rule-look"}, {"/segments/new", "segment-look"}} {
		kati := w.browser("kati")
		_, fields := kati.get(at.editor).ok(http.StatusOK).lacks(missing).form(at.editor)
		fields.Set("r.1.field", "lead.source")
		if at.look == "segment-look" {
			fields.Set("r.1.field", "party.city")
		}
		fields.Del("do")
		for _, target := range []string{"rules", at.look} {
			kati.Header = http.Header{"Hx-Request": {"true"}, "Hx-Target": {target}}
			kati.send(at.editor, fields).ok(http.StatusOK).lacks(missing, "Hiányzik")
		}
		kati.Header = nil
		fields.Set("do", "save")
		kati.send(at.editor, fields).ok(http.StatusUnprocessableEntity).has(missing)
	}
}

// TestRulesSpeakOfOwnFieldsInTheReadersLanguage: a company's own field and its choices have words in each language; a
// field that is called like one of the program's keeps its own choices.
func TestRulesSpeakOfOwnFieldsInTheReadersLanguage(t *testing.T) {
	w := newScreensWorld(t)
	for _, d := range []custom.Draft{
		{Kinds: []string{"lead"}, Name: "branch", Label: "Line of business", Type: store.ChoiceField, Rules: store.FieldRules{
			Labels:  map[locale.Language]string{locale.Hungarian: "Ágazat"},
			Choices: []store.FieldChoice{{Value: "metal", Texts: map[locale.Language]string{locale.English: "Metal industry", locale.Hungarian: "Fémipar"}}},
		}},
		{Kinds: []string{"lead"}, Name: "owner", Label: "Tulajdonos", Type: store.TextField},
	} {
		_, err := w.module.Fields.Add(w.as("kati"), d)
		w.must(err)
	}
	_, err := w.module.Clocks.Publish(w.as("kati"), 0, clock.Plan{Responses: []clock.Response{
		{Name: "Egy", When: `lead.custom.branch == "metal"`, Minutes: 60},
		{Name: "Kettő", When: `lead.custom.owner == "Kiss"`, Minutes: 60},
	}})
	w.must(err)
	kati := w.browser("kati")
	kati.get("/settings/clocks").ok(http.StatusOK).has("Ágazat ez: Fémipar").lacks("metal", "Line of business")
	kati.get("/settings/clocks/answers/0").ok(http.StatusOK).has("Fémipar", "Ágazat", "ki van töltve").lacks("Line of business", "Metal industry")
	w.browser("kati", locale.English).get("/settings/clocks").ok(http.StatusOK).has("Line of business is Metal industry")
	_, fields := kati.get("/settings/clocks/answers/1").ok(http.StatusOK).form("/settings/clocks/answers/1")
	if got := fields.Get("r.1.value"); got != "Kiss" {
		t.Errorf("the field called owner offers the users: %v", fields)
	}
}

// TestConditionsOnNoTextCanBeSavedAgain: what a program or a person wrote as an expression opens in the form and can be
// saved there as it stands.
func TestConditionsOnNoTextCanBeSavedAgain(t *testing.T) {
	w := newScreensWorld(t)
	_, err := w.module.Fields.Add(w.as("kati"), custom.Draft{Kinds: []string{"lead"}, Name: "tender", Label: "Pályázat", Type: store.TextField})
	w.must(err)
	whens := []string{`lead.organization != ""`, `lead.campaign == ""`, `lead.custom.tender != ""`}
	var p clock.Plan
	for _, when := range whens {
		p.Responses = append(p.Responses, clock.Response{Name: when, When: when, Minutes: 60})
	}
	_, err = w.module.Clocks.Publish(w.as("kati"), 0, p)
	w.must(err)
	kati := w.browser("kati")
	for i, want := range []string{`lead.organization != nil`, `lead.campaign == nil`, `lead.custom.tender != ""`} {
		editor := "/settings/clocks/answers/" + string(rune('0'+i))
		_, fields := kati.get(editor).ok(http.StatusOK).form(editor)
		fields.Set("do", "save")
		kati.send(editor, fields).ok(http.StatusOK)
		doc, err := w.module.Clocks.Plan(w.as("kati"))
		w.must(err)
		if got := doc.Plan.Responses[i].When; got != want {
			t.Errorf("opened and saved, %s became %s", whens[i], got)
		}
	}
}
