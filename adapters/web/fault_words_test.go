package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
)

// TestFaultsSayWhatToDo: what is wrong with a form of the company's rules is said in the reader's words, with what to do,
// and never by what the program calls the field.
func TestFaultsSayWhatToDo(t *testing.T) {
	w := newScreensWorld(t)
	for _, of := range []struct {
		page        string
		give        map[string]string
		says, lacks string
	}{
		{"/settings/routing/rules/new", map[string]string{"name": "Mind", "do": "save"}, "Jelölje meg, kik osztoznak", "members"},
		{"/rules/new", map[string]string{"name": "Mind", "do": "save"}, "Jelölje meg, mi indítja a szabályt", "trigger.events"},
		{"/settings/processes/new", map[string]string{"name": "Fogadás"}, "Adjon meg legalább egy", "steps"},
		{"/settings/processes/new", map[string]string{"name": "Fogadás", "step.1": "Hívás", "days.1": "három"}, "Hívás: a munkanapok száma egész szám, nem ez: három", "fault"},
		{"/settings/processes/new", map[string]string{"name": "Fogadás", "step.1": "Hívás", "days.1": "4000"}, "0–366 munkanap", "steps"},
		{"/settings/absences", map[string]string{"user": "kovacs", "from": "2026-11-25", "until": "2026-11-20"}, "Az utolsó nap nem lehet az első előtt", "nézze meg a számot"},
		{"/settings/absences", map[string]string{"user": "kovacs", "deputy": "kovacs", "from": "2026-11-25", "until": "2026-11-26"}, "Ő van távol", "Ilyen választás nincs"},
		{"/quotas", map[string]string{"target": "0", "starts_on": "2026-11-15"}, "Adjon meg egy nullánál nagyobb célt", "nézze meg a számot"},
		{"/quotas", map[string]string{"target": "5", "starts_on": "2026-11-15"}, "egy hónap első napján kezdődik", "nézze meg a számot"},
	} {
		kati := w.browser("kati")
		to, fields := kati.get(of.page).ok(http.StatusOK).form(of.page)
		for name, value := range of.give {
			fields.Set(name, value)
		}
		kati.send(to, fields).ok(http.StatusUnprocessableEntity).has(of.says).lacks(of.lacks)
	}
	for _, l := range locale.Languages {
		kati := w.browser("kati", l)
		to, fields := kati.get("/settings/routing/rules/new").ok(http.StatusOK).form("/settings/routing/rules/new")
		fields.Set("name", "x")
		fields.Set("do", "save")
		kati.send(to, fields).ok(http.StatusUnprocessableEntity).lacks("members")
	}
}
