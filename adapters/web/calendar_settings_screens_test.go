package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/scoring"
)

func TestTheWorkingCalendarIsSet(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	page := kati.get("/settings/calendar")
	page.ok(http.StatusOK)
	page = kati.post("/settings/calendar/load", "country", "HU", "year", "2026")
	page.ok(http.StatusOK)
	page = kati.get("/settings/calendar?year=2026")
	page.has("Az államalapítás ünnepe", "Áthelyezett munkanap")
	page = kati.post("/settings/calendar", "version", "1", "year", "2026", "zone", "Europe/Budapest", "week[1]", "8-25", "week[2]", "8–12, 13–16")
	page.ok(http.StatusUnprocessableEntity)
	if !strings.Contains(page.Body, `value="8-25"`) || !strings.Contains(page.Body, `value="8–12, 13–16"`) {
		t.Error("what was typed is lost")
	}
	kati.post("/settings/calendar", "version", "1", "year", "2026", "zone", "Europe/Budapest", "week[1]", "8-16", "week[2]", "8–12, 13–16").ok(http.StatusOK)
	kati.post("/settings/calendar/days", "date", "2026-09-01", "name", "Leltár", "spans", "").ok(http.StatusOK)
	kati.post("/settings/calendar/days/2026-08-20/remove").ok(http.StatusOK)
	page = kati.get("/settings/calendar?year=2026")
	page.has("Leltár")
	if !strings.Contains(page.Body, `value="08:00-12:00, 13:00-16:00"`) {
		t.Error("Tuesday's hours are not shown")
	}
	if strings.Contains(page.Body, "Az államalapítás ünnepe") {
		t.Error("the removed day is still there")
	}
	kati.post("/settings/calendar/days", "date", "", "name", "").ok(http.StatusUnprocessableEntity)
	w.browser("anna").get("/settings/calendar").ok(http.StatusForbidden)
	for _, l := range locale.Languages {
		w.browser("kati", l).get("/settings/calendar?year=2026").ok(http.StatusOK)
	}
}

func TestTheCardSaysHowUrgentALeadIs(t *testing.T) {
	w := newScreensWorld(t)
	_, err := w.module.Scores.Publish(w.as("kati"), 0, scoring.Model{
		Rules: []scoring.Rule{{Name: "Weboldal", When: `lead.source == "web"`, Points: 45}}, Bands: []scoring.Band{{From: 40, Name: "Forró", Action: "Hívja most"}},
	})
	w.must(err)
	_, err = w.module.Routing.Publish(w.as("kati"), 0, routing.Plan{Rules: []routing.Rule{{Name: "Dunántúl", To: routing.Target{Method: routing.ToUser, User: "nagy"}}}})
	w.must(err)
	id := w.lead("anna", "Kiss Ilona", "", "ilona@example.hu")
	run := func() {
		_, err = w.module.RunOnce(w.as("kati"))
		w.must(err)
	}
	run()
	page := w.browser("anna").get(w.leadPath(id))
	page.has("Hívja most", "+45", "Válaszoljon eddig", "Hogyan alakult 1", "0 → 45 most Weboldal +45")

	// another model: each change with what made it
	_, err = w.module.Scores.Publish(w.as("kati"), 1, scoring.Model{
		Rules: []scoring.Rule{{Name: "Telefonja van", When: `party.phone != nil`, Points: 5}, {Name: "Van igénye", When: `lead.interest != nil`, Points: 30}},
		Bands: []scoring.Band{{From: 20, Name: "Langyos", Action: "Hívja most"}},
	})
	w.must(err)
	run()
	w.browser("anna").get(w.leadPath(id)).has("Hogyan alakult 2", "45 → 30 most Van igénye +30 Weboldal −45", "0 → 45 most Weboldal +45")
	gabor := w.browser("gabor")
	gabor.post(w.leadPath(id) + "/clock/hold").ok(http.StatusOK)
	gabor.get(w.leadPath(id)).has("Felfüggesztve")
	gabor.post(w.leadPath(id) + "/clock/resume").ok(http.StatusOK)
	gabor.post(w.leadPath(id) + "/route").ok(http.StatusOK)
	run()
	gabor.get(w.leadPath(id)).has("Dunántúl", "Nagy Péter")
	w.browser("anna").post(w.leadPath(id) + "/route").ok(http.StatusForbidden)
	card, err := w.module.Leads.Get(w.as("gabor"), id)
	w.must(err)
	if want := (party.Owner{User: "nagy", Team: card.Lead.OwnerTeam}); card.Lead.Owner() != want {
		t.Errorf("the lead belongs to %+v", card.Lead.Owner())
	}
	for _, l := range locale.Languages {
		w.browser("gabor", l).get(w.leadPath(id)).ok(http.StatusOK)
	}
}
