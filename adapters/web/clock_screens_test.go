package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
)

func TestHowLongThingsMayTakeIsSet(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	page := kati.get("/settings/clocks").ok(http.StatusOK).has("Válasz az érdeklődőknek", "Munkaidőben")
	if !strings.Contains(page.Body, `value="8:00"`) {
		t.Error("eight working hours are not shown")
	}
	kati.post("/settings/clocks", "version", "0", "otherwise.minutes", "négy").ok(http.StatusUnprocessableEntity).has("Ez nem idő")
	kati.post("/settings/clocks", "version", "0", "otherwise.minutes", "4", "otherwise.remind", "5").ok(http.StatusUnprocessableEntity)
	kati.post("/settings/clocks", "version", "0", "otherwise.minutes", "4", "otherwise.remind", "0:30", "manager", "manager-hu", "stages.manager_after", "2", "reset", "contact").ok(http.StatusOK).has("Mentve")
	const editor = "/settings/clocks/answers/new"
	_, fields := kati.get(editor).ok(http.StatusOK).form(editor)
	fields.Set("name", "Forró")
	fields.Set("minutes", "1:00")
	fields.Set("r.1.field", "lead.score")
	fields.Set("do", "refresh")
	_, fields = kati.send(editor, fields).ok(http.StatusOK).form(editor)
	fields.Set("r.1.op", "ge")
	fields.Set("r.1.value", "40")
	fields.Set("do", "save")
	kati.send(editor, fields).ok(http.StatusOK).has("Forró", "Pontszám legalább 40", "1:00 óra")
	doc, err := w.module.Clocks.Plan(w.as("kati"))
	w.must(err)
	p := doc.Plan
	if p.Otherwise.Minutes != 240 || p.Otherwise.Remind != 30 || p.Manager != "manager-hu" || p.Stages.ManagerAfter != 120 || p.Stages.Planned || len(p.Stages.Reset) != 1 || len(p.Responses) != 1 || p.Responses[0].When != "lead.score >= 40" || p.Responses[0].Minutes != 60 {
		t.Errorf("the plan is %+v", p)
	}
	page = kati.post("/settings/clocks", "version", "2", "do", "delete:0").ok(http.StatusOK).now(false, "Forró")
	for n := range page.root.Descendants() {
		if n.Data == "form" && fieldsIn(n).Get("do") == "version:2" {
			kati.send("/settings/clocks", fieldsIn(n)).ok(http.StatusOK).now(true, "Forró")
		}
	}
	kati.post("/settings/clocks", "version", "1", "do", "delete:0").ok(http.StatusUnprocessableEntity).has("Közben más is módosította")
	kati.get("/settings/clocks/answers/9").ok(http.StatusNotFound)
	w.browser("anna").get("/settings/clocks").ok(http.StatusForbidden)
	for _, l := range locale.Languages {
		b := w.browser("kati", l)
		b.get("/settings/clocks").ok(http.StatusOK)
		b.get("/settings/clocks/answers/0").ok(http.StatusOK)
	}
}
