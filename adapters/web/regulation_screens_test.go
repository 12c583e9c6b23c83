package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/regulation"
)

func TestTimeBetweenStepsIsSetAndReported(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	kati.get("/settings/regulations").ok(http.StatusOK).has("Még nincs szabályozó")
	const editor = "/settings/regulations/new"
	_, fields := kati.get(editor).ok(http.StatusOK).form(editor)
	fields.Set("name", "Ajánlat egy napon belül")
	fields.Set("limit", "kettő")
	kati.send(editor, fields).ok(http.StatusUnprocessableEntity).has("Ajánlat egy napon belül")
	fields.Set("limit", "2:00")
	fields.Set("unit", "hours")
	fields.Set("to", "captured")
	kati.send(editor, fields).ok(http.StatusUnprocessableEntity)
	fields.Set("to", "answered")
	kati.send(editor, fields).ok(http.StatusOK).has("Ajánlat egy napon belül", "Érdeklődő beérkezett", "2:00 óra")
	doc, err := w.module.Regulations.Plan(w.as("kati"))
	w.must(err)
	if r := doc.Plan.Regulations[0]; r.Minutes != 120 || r.From.Step != regulation.Captured || r.To.Step != regulation.Answered {
		t.Errorf("the regulation is %+v", r)
	}
	kati.post("/settings/regulations", "version", "0", "do", "delete:0").ok(http.StatusUnprocessableEntity).has("Közben más is módosította")
	first := formatVersion(doc.Version)
	kati.post("/settings/regulations", "version", first, "do", "delete:0").ok(http.StatusOK).now(false, "2:00 óra")
	gone, err := w.module.Regulations.Plan(w.as("kati"))
	w.must(err)
	kati.post("/settings/regulations", "version", formatVersion(gone.Version), "do", "version:"+first).ok(http.StatusOK).now(true, "2:00 óra")
	kept, err := w.module.Regulations.Versions(w.as("kati"))
	w.must(err)
	if len(kept) != 3 || kept[0].SavedBy != "admin-hu" || len(kept[1].Plan.Regulations) != 0 || kept[0].Plan.Regulations[0] != kept[2].Plan.Regulations[0] {
		t.Errorf("the versions are %+v", kept)
	}
	kati.get("/settings/regulations/7").ok(http.StatusNotFound)
	w.browser("anna").get("/settings/regulations").ok(http.StatusForbidden)

	lead := w.lead("anna", "Szabó Éva", "", "eva@example.hu")
	_, err = w.module.Leads.Responded(w.as("anna"), lead)
	w.must(err)
	_, err = w.module.RunOnce(t.Context())
	w.must(err)
	w.browser("anna").get("/regulations?span=year").ok(http.StatusOK).has("Ajánlat egy napon belül", "100%")
	w.browser("anna").get("/regulations/rows?span=year&standing=kept").ok(http.StatusOK).has("Szabó Éva", "betartva")
	w.browser("anna").get("/figures/regulations_kept?span=year").ok(http.StatusOK).has("Betartott szabályozók")
	w.browser("anna").get("/figures/regulations_kept/rows?span=year").ok(http.StatusOK).has("Szabó Éva")
	for _, l := range locale.Languages {
		b := w.browser("kati", l)
		for _, at := range []string{"/settings/regulations", "/settings/regulations/0", "/regulations?span=year", "/regulations/rows?span=year"} {
			b.get(at).ok(http.StatusOK)
		}
	}
}
