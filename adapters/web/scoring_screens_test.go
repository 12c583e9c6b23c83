package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
)

func TestAModelIsWrittenComparedAndPublished(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Kiss Ilona", "", "ilona@example.hu")
	kati := w.browser("kati")
	kati.get("/settings/scoring").ok(http.StatusOK).has("Még nincs szabály")
	frame := []string{"do", "frame", "groups[0].name", "Érdeklődés", "groups[0].cap", "30", "bands[0].name", "Forró", "bands[0].from", "40", "bands[0].action", "Hívja most"}
	kati.post("/settings/scoring", append(frame, "version", "0", "bands[1].name", "Langyos", "bands[1].from", "sok")...).ok(http.StatusUnprocessableEntity).has("Nem szám")
	kati.post("/settings/scoring", append(frame, "version", "0")...).ok(http.StatusOK).has("Piszkozat.")
	const editor = "/settings/scoring/rules/new"
	_, fields := kati.get(editor).ok(http.StatusOK).form(editor)
	fields.Set("name", "Megkeresés")
	fields.Set("about", "touches")
	fields.Set("do", "refresh")
	_, fields = kati.send(editor, fields).ok(http.StatusOK).form(editor)
	fields.Set("r.1.field", ".source")
	fields.Set("do", "refresh")
	_, fields = kati.send(editor, fields).ok(http.StatusOK).form(editor)
	fields.Set("r.1.value", "nincs ilyen")
	fields.Set("points", "20")
	fields.Set("half_life", "10")
	fields.Set("group", "g1")
	fields.Set("do", "look")
	kati.send(editor, fields).ok(http.StatusOK).has("0 érdeklődőre illett volna az utolsó 1 közül")
	_, fields = kati.send(editor, fields).form(editor)
	fields.Set("do", "mode:text")
	page := kati.send(editor, fields).ok(http.StatusOK)
	if !strings.Contains(page.Body, `.source == &#34;nincs ilyen&#34;</textarea>`) {
		t.Errorf("the condition on rows is not shown as an expression: %s", page.text())
	}
	_, fields = page.form(editor)
	fields.Set("condition", `.sorce == "web"`)
	fields.Set("do", "save")
	kati.send(editor, fields).ok(http.StatusUnprocessableEntity).has(".source")
	fields.Set("condition", `.source == "web"`)
	fields.Set("points", "0")
	kati.send(editor, fields).ok(http.StatusUnprocessableEntity)
	fields.Set("points", "20")
	kati.send(editor, fields).ok(http.StatusOK).has("Megkeresés", "minden megkeresése: Forrás ez: Weboldal", "+20", "10 nap alatt feleződik", "Érdeklődés")
	kati.post(editor, "version", "2", "was", "", "name", "Pécsi", "points", "45", "mode", "text", "condition", `party.city == "Pécs"`, "do", "save").ok(http.StatusOK).has("Település ez: Pécs")
	kati.post("/settings/scoring", "version", "3", "do", "publish").ok(http.StatusOK).has("Közzétéve")
	page = kati.post("/settings/scoring", "version", "4", "do", "delete:0").ok(http.StatusOK).has("Törölve: Megkeresés")
	for n := range page.root.Descendants() {
		if to, _ := attribute(n, "action"); n.Data == "form" && strings.HasSuffix(to, "/settings/scoring") && fieldsIn(n).Get("rule") != "" {
			kati.send("/settings/scoring", fieldsIn(n)).ok(http.StatusOK).has("Megkeresés")
		}
	}
	kati.get("/settings/scoring?try=1").ok(http.StatusOK).has("Összevetés azzal, ami lett")
	_, err := w.module.RunOnce(w.as("kati"))
	w.must(err)
	w.browser("anna").get(w.leadPath(id)).has("Hívja most", "+45")
	w.browser("anna").get("/settings/scoring").ok(http.StatusForbidden)
	kati.get("/settings/scoring/rules/7").ok(http.StatusNotFound)
	for _, l := range locale.Languages {
		b := w.browser("kati", l)
		b.get("/settings/scoring?try=1").ok(http.StatusOK)
		b.get("/settings/scoring/rules/0").ok(http.StatusOK)
	}
}
