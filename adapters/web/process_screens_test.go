package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/process"
)

func TestProcessesAreWrittenStartedAndWorked(t *testing.T) {
	w := newScreensWorld(t)
	kati, anna := w.browser("kati"), w.browser("anna")
	const editor = "/settings/processes/new"
	_, fields := kati.get(editor).ok(http.StatusOK).form(editor)
	fields.Set("name", "Új vevő")
	kati.send(editor, fields).ok(http.StatusUnprocessableEntity).has("Lépések")
	fields.Set("step.1", "Üdvözlő hívás")
	fields.Set("days.1", "1")
	fields.Set("skip.1", "on")
	fields.Set("step.2", "Szerződés")
	fields.Set("days.2", "3")
	kati.send(editor, fields).ok(http.StatusOK).has("Új vevő", "Üdvözlő hívás → Szerződés")
	kati.get("/settings/processes/9").ok(http.StatusNotFound)
	anna.get("/settings/processes").ok(http.StatusForbidden)

	id := w.lead("anna", "Szabó Éva", "", "eva@example.hu")
	doc, err := w.module.Processes.Plan(w.as("anna"))
	w.must(err)
	anna.get("/leads/"+id.String()).ok(http.StatusOK).has("Munkafolyamatok", "Indítás")
	anna.post("/processes", "template", doc.Plan.Templates[0].ID.String(), "noun", "lead", "record", id.String()).ok(http.StatusOK).has("Szabó Éva", "Üdvözlő hívás", "0 / 2")
	list, err := w.module.Processes.List(w.as("anna"), process.Filter{})
	w.must(err)
	card, err := w.module.Processes.Get(w.as("anna"), list.Rows[0].ID)
	w.must(err)
	at := "/processes/" + card.ID.String()
	step := at + "/steps/" + card.Line[0].ID.String()
	anna.get(at).ok(http.StatusOK).has("Üdvözlő hívás", "teendő", "várakozik")
	anna.post(step, "do", "skip").ok(http.StatusUnprocessableEntity)
	anna.post(step, "do", "complete", "reason", "Örült neki").ok(http.StatusOK).has("kész", "Örült neki", "1 / 2")
	anna.post(step, "do", "reopen").ok(http.StatusOK).has("0 / 2")
	anna.post(at+"/cancel", "reason", "mégsem").ok(http.StatusOK).has("leállítva", "mégsem")
	for _, l := range locale.Languages {
		b := w.browser("kati", l)
		for _, page := range []string{"/processes?state=all", at, "/settings/processes", "/settings/processes/0", "/leads/" + id.String()} {
			b.get(page).ok(http.StatusOK)
		}
	}
}
