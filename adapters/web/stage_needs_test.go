package web

import (
	"net/http"
	"slices"
	"testing"

	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// TestStagesNeedOwnFields: a stage can need a field that the company has added. Its page offers and keeps that, the list
// names it beside the activities that are needed, and the dialog of a move asks for it in place.
func TestStagesNeedOwnFields(t *testing.T) {
	w := newScreensWorld(t)
	for _, d := range []custom.Draft{
		{Kinds: []string{"opportunity"}, Name: "tender", Label: "Közbeszerzési szám", Type: store.TextField, Rules: store.FieldRules{MinLength: 3}},
		{Kinds: []string{"opportunity"}, Name: "visit", Label: "Felmérés kell", Type: store.YesNoField},
	} {
		_, err := w.module.Fields.Add(w.as("kati"), d)
		w.must(err)
	}
	pipelines, err := w.module.Opportunities.Pipelines().List(w.as("kati"))
	w.must(err)
	stage := pipelines[0].Stages[1]
	kati, page := w.browser("kati"), "/settings/stages/"+stage.ID.String()
	_, fields := kati.get(page).ok(http.StatusOK).has("Közbeszerzési szám", "Felmérés kell").form(page)
	fields["required_fields"] = []string{"campaign", "custom.tender", "custom.visit"}
	kati.send(page, fields).ok(http.StatusOK).has("kampány, Közbeszerzési szám, Felmérés kell")

	// opened and saved again, nothing of it is lost
	_, fields = kati.get(page).ok(http.StatusOK).form(page)
	fields["required_activities"] = []string{"meeting"}
	kati.send(page, fields).ok(http.StatusOK).has("kampány, Közbeszerzési szám, Felmérés kell, elvégzett Találkozó")
	pipelines, err = w.module.Opportunities.Pipelines().List(w.as("kati"))
	w.must(err)
	if got := pipelines[0].Stages[1].RequiredFields; !slices.Equal(got, []string{"campaign", "custom.tender", "custom.visit"}) {
		t.Fatalf("the stage needs %v", got)
	}
	_, err = w.module.Opportunities.Pipelines().EditStage(w.as("kati"), stage.ID, opportunity.StageEdit{RequiredActivities: &[]string{}})
	w.must(err)

	anna := w.browser("anna")
	id := anna.deal(w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu"), "Polcrendszer")
	path := "/opportunities/" + id.String()
	to, values := anna.get("/opportunities").ok(http.StatusOK).form(path + "/move")
	values.Set("stage", stage.ID.String())
	to, values = anna.send(to, values).ok(http.StatusUnprocessableEntity).has("Közbeszerzési szám", "Felmérés kell", "Kampány").lacks("A lehetőség lapján kell megadni").form(path + "/move")
	values.Set("campaign", "Tavasz")
	values.Set("custom.tender", "E")
	to, values = anna.send(to, values).ok(http.StatusUnprocessableEntity).has("legalább 3 karakter").form(path + "/move")
	if values.Get("campaign") != "Tavasz" || values.Get("custom.tender") != "E" {
		t.Errorf("what was typed is lost: %v", values)
	}
	values.Set("custom.tender", "EKR-2026/118")
	to, values = anna.send(to, values).ok(http.StatusUnprocessableEntity).has("Hiányzik").form(path + "/move")
	values.Set("custom.visit", "0")
	anna.send(to, values).ok(http.StatusOK).has(stage.Name, "Visszavonás")
	card, err := w.module.Opportunities.Get(w.as("anna"), id)
	w.must(err)
	if card.StageID != stage.ID || card.Sheet.Values["tender"] != "EKR-2026/118" || card.Sheet.Values["visit"] != false || card.Campaign != "Tavasz" {
		t.Errorf("after the move: %v, %v, %q", card.StageID, card.Sheet.Values, card.Campaign)
	}
}
