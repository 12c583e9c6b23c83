package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/locale"
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
