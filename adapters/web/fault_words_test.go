package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
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

// TestOwnFieldsSayWhatIsWrongWithThem: in the preview of a file in the reader's language, and where a list is narrowed by
// what is no value: that narrows nothing, and looked as if it had.
func TestOwnFieldsSayWhatIsWrongWithThem(t *testing.T) {
	w := newScreensWorld(t)
	least, most := money.MustQuantity("1"), money.MustQuantity("120")
	_, err := w.module.Fields.Add(w.as("kati"), custom.Draft{Kinds: []string{"lead"}, Name: "term", Label: "Contract length", Type: store.NumberField, Rules: store.FieldRules{
		Min: &least, Max: &most, Labels: map[locale.Language]string{locale.Hungarian: "Szerződés hossza"},
	}})
	w.must(err)
	b := w.browser("gabor")
	page := b.get("/leads/import").upload("/leads/import", "file", "uj.csv", []byte("Név;E-mail;Szerződés hossza\nKiss Anna;anna@kiss.example;500\nNagy Éva;eva@nagy.example;0\n"))
	page.ok(http.StatusOK).has("Szerződés hossza: Túl nagy; legfeljebb 120 lehet.", "Szerződés hossza: Túl kicsi; legalább 1").lacks("give at", "Bizonytalan")

	w.lead("gabor", "Kovács Béla", "", "bela@kovacs.example")
	b.get("/leads?custom.term.from=sok").ok(http.StatusOK).has("Kovács Béla", "≥ sok – Nem szám")
	b.get("/leads?custom.term.from=10").ok(http.StatusOK).has("≥ 10").lacks("Kovács Béla", "Nem szám")
}

// TestCardsSaySourcesInWords: where a lead or an opportunity came from stands on its card as the lists have it, not as the
// program keeps it.
func TestCardsSaySourcesInWords(t *testing.T) {
	w := newScreensWorld(t)
	got, err := w.module.Leads.Capture(w.as("anna"), lead.Draft{Name: "Kiss Ilona", Emails: []string{"ilona@kiss.example"}, Origin: lead.Origin{Channel: lead.ByHand}})
	w.must(err)
	w.browser("anna").get("/leads/"+got.Lead.String()).ok(http.StatusOK).has("Forrás Kézi felvétel", "Megkeresések 1 Kézi felvétel most").lacks("hand")
	of := w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	w.browser("anna").get("/leads/"+of.String()).ok(http.StatusOK).has("Forrás Weboldal", "Kézi felvétel · Weboldal")
	card, err := w.module.Leads.Get(w.as("anna"), of)
	w.must(err)
	deal, err := w.module.Opportunities.Create(w.as("anna"), opportunity.Draft{PartyID: card.Party.ID, Name: "Polcok", Source: "suggestion"})
	w.must(err)
	w.browser("anna").get("/opportunities/" + deal.ID.String()).ok(http.StatusOK).has("Forrás Javaslat").lacks("suggestion")
}
