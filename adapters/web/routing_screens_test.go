package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/routing"
)

// TestRulesAreWrittenTriedAndPublished goes the whole way without a script: a rule by lines, a look at past leads, a
// second rule as an expression, their order, a trial, the publication, an earlier version.
func TestRulesAreWrittenTriedAndPublished(t *testing.T) {
	w := newScreensWorld(t)
	w.lead("anna", "Kiss Ilona", "", "ilona@example.hu")
	w.lead("anna", "Nagy Béla", "", "bela@example.hu")
	kati := w.browser("kati")
	kati.get("/settings/routing").ok(http.StatusOK).has("Még nincs szabály")
	const editor = "/settings/routing/rules/new"
	_, fields := kati.get(editor).ok(http.StatusOK).form(editor)
	set := func(pairs ...string) url.Values {
		out := url.Values{}
		for name, values := range fields {
			out[name] = slices.Clone(values)
		}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = strings.Split(pairs[i+1], "|")
		}
		return out
	}
	kati.send(editor, set("name", "", "do", "save", "method", "turn")).ok(http.StatusUnprocessableEntity).has("Hiányzik; töltse ki.")
	page := kati.send(editor, set("name", "Dunántúl", "r.1.field", "party.city", "do", "refresh"))
	_, fields = page.ok(http.StatusOK).form(editor)
	kati.send(editor, set("r.1.op", "is", "r.1.value", "Pécs", "areas", "HU 7600-7699\nÜrge", "do", "save")).ok(http.StatusUnprocessableEntity).has("Ez nem terület: Ürge")
	rule := set("r.1.op", "is", "r.1.value", "Pécs", "method", "turn", "member", "nagy|admin-hu", "cap.nagy", "20", "do", "look")
	kati.send(editor, rule).ok(http.StatusOK).has("2 érdeklődőre illett volna az utolsó 2 közül", "Kiss Ilona")
	rule.Set("do", "save")
	kati.send(editor, rule).ok(http.StatusOK).has("Piszkozat.", "Dunántúl", "Település ez: Pécs", "Nagy Péter (havi 20)")

	kati.post(editor, "version", "1", "name", "Web", "mode", "text", "condition", `lead.sorce == "web"`, "method", "user", "user", "nagy", "do", "save").ok(http.StatusUnprocessableEntity).has("lead.source")
	kati.post(editor, "version", "1", "name", "Web", "mode", "text", "condition", `lead.source == "web"`, "method", "user", "user", "nagy", "do", "save").ok(http.StatusOK)
	doc, err := w.module.Routing.Plan(w.as("kati"))
	w.must(err)
	if doc.Published || doc.Draft == nil || len(doc.Draft.Rules) != 2 || doc.Draft.Rules[1].When != `lead.source == "web"` || doc.Draft.Rules[0].To.Members[1].Cap+doc.Draft.Rules[0].To.Members[0].Cap != 20 {
		t.Fatalf("the draft is %+v", doc)
	}
	web := doc.Draft.Rules[1].Key
	kati.post("/settings/routing", "version", "2", "do", "up:"+web).ok(http.StatusOK)
	kati.post("/settings/routing", "version", "2", "do", "down:"+web).ok(http.StatusUnprocessableEntity).has("Közben más is módosította")
	page = kati.post("/settings/routing", "version", "3", "do", "delete:"+web).ok(http.StatusOK).has("Törölve: Web")
	action, undo := page.form("/settings/routing")
	for n := range page.root.Descendants() {
		if to, _ := attribute(n, "action"); n.Data == "form" && strings.HasSuffix(to, "/settings/routing") && fieldsIn(n).Get("rule") != "" {
			action, undo = to, fieldsIn(n)
		}
	}
	kati.send(strings.TrimPrefix(action, w.screens.path), undo).ok(http.StatusOK).has("Web")
	kati.post("/settings/routing/rules/fallback", "version", "5", "method", "user", "user", "kovacs", "do", "save").ok(http.StatusOK).has("Tartalék")
	kati.get("/settings/routing?try=1").ok(http.StatusOK).has("Próba a korábbi érdeklődőkön", "Kiss Ilona", "100%")
	kati.post("/settings/routing", "version", "6", "do", "publish").ok(http.StatusOK).has("Közzétéve")
	kati.post("/settings/routing", "version", "7", "do", "off:"+web).ok(http.StatusOK).has("szünetel")
	kati.post("/settings/routing", "version", "8", "do", "publish").ok(http.StatusOK)
	kati.post("/settings/routing", "version", "9", "do", "version:7").ok(http.StatusOK).now(false, "szünetel")
	kati.post("/settings/routing", "version", "10", "do", "discard").ok(http.StatusOK).has("elvetve").now(true, "szünetel")
	kati.post("/settings/routing", "version", "11", "do", "version:999").ok(http.StatusNotFound)
	kati.get("/settings/routing/rules/nincs").ok(http.StatusNotFound)
	w.browser("anna").get("/settings/routing").ok(http.StatusForbidden)
	for _, l := range locale.Languages {
		b := w.browser("kati", l)
		b.get("/settings/routing?try=1").ok(http.StatusOK)
		b.get("/settings/routing/rules/" + web).ok(http.StatusOK)
		b.get("/settings/routing/rules/" + web + "?mode=text").ok(http.StatusOK)
		b.get("/settings/routing/rules/fallback").ok(http.StatusOK)
	}
}

func TestAbsencesAreNoted(t *testing.T) {
	w := newScreensWorld(t)
	anna := w.browser("anna")
	anna.get("/settings/absences").ok(http.StatusOK).has("Nincs bejegyzett távollét")
	anna.post("/settings/absences", "user", "kovacs", "from", "2099-03-05", "until", "2099-03-01").ok(http.StatusUnprocessableEntity)
	anna.post("/settings/absences", "user", "nagy", "from", "2099-03-01", "until", "2099-03-05").ok(http.StatusForbidden)
	anna.post("/settings/absences", "user", "kovacs", "from", "2099-03-01", "until", "2099-03-05", "deputy", "nagy").ok(http.StatusOK).has("Nagy Péter")
	found, err := w.module.Routing.Absences(w.as("anna"))
	w.must(err)
	page := anna.post("/settings/absences/"+found[0].ID.String()+"/remove").ok(http.StatusOK).has("A távollét törölve.", "Nincs bejegyzett távollét")
	for n := range page.root.Descendants() {
		if to, _ := attribute(n, "action"); n.Data == "form" && strings.HasSuffix(to, "/settings/absences") && fieldsIn(n).Get("until") == "2099-03-05" {
			anna.send("/settings/absences", fieldsIn(n)).ok(http.StatusOK).has("Nagy Péter")
		}
	}
	if found, err = w.module.Routing.Absences(w.as("anna")); err != nil || len(found) != 1 {
		t.Errorf("%d absences came back: %v", len(found), err)
	}
	for _, l := range locale.Languages {
		w.browser("kati", l).get("/settings/absences").ok(http.StatusOK)
	}
}

func TestAreasAsTyped(t *testing.T) {
	for text, want := range map[string]string{
		"hu 1000 - 1999\nAT":     "HU 1000-1999\nAT",
		"GB SW1–SW9; DE 10115":   "GB SW1-SW9\nDE 10115",
		"":                       "",
		"HU 1000-1999,\n\n RO  ": "HU 1000-1999\nRO",
	} {
		areas, bad := areasOf(text)
		for i, a := range areas {
			if a.To == "" {
				areas[i] = routing.Area{Country: a.Country, From: a.From, To: a.From} // as the plan's check settles it
			}
		}
		if got := areasText(areas); got != want || bad != "" {
			t.Errorf("%q is %q, not %q (%q)", text, got, want, bad)
		}
	}
	if _, bad := areasOf("HU\nMagyarország 1000"); bad != "Magyarország 1000" {
		t.Errorf("%q is refused", bad)
	}
}
