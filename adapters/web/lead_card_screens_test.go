package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

func TestLeadCardIsEditedInGroups(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Horváth József", "Napfény Építő Kft.", "jozsef@napfeny.test")
	b := w.browser("anna")
	path := w.leadPath(id)
	b.get(path).ok(http.StatusOK).has("hiányzik", "Ami a számlázáshoz kell", "Adószám")

	b.get(path+"/group/billing").ok(http.StatusOK).submit(path+"/group/billing", "tax_id", "12345676-2-42", "line1", "Fő utca 1.", "postal_code", "7621", "city", "Pécs", "country", "Magyarország").
		ok(http.StatusOK).has("Mentve", "Fő utca 1.", "7621")
	b.get(path+"/group/billing").submit(path+"/group/billing", "tax_id", "12345678-2-42").ok(http.StatusUnprocessableEntity).has("Elgépelt adószám", "Számlázási adatok")
	b.get(path+"/group/billing").submit(path+"/group/billing", "country", "Óperencia").ok(http.StatusUnprocessableEntity).has("Ismeretlen ország")
	b.get(path+"/group/contact").submit(path+"/group/contact", "phone", "+36 30 123 4567", "job_title", "ügyvezető").ok(http.StatusOK).has("+36 30 123 4567", "ügyvezető")
	b.get(path+"/group/contact").submit(path+"/group/contact", "email", "nem cím").ok(http.StatusUnprocessableEntity).has("Nem e-mail-cím")
	b.get(path+"/group/interest").submit(path+"/group/interest", "interest", "20 íróasztal\nés székek", "expected_value", "900000").ok(http.StatusOK).has("20 íróasztal", "900")
	b.get(path+"/group/interest").submit(path+"/group/interest", "expected_value", "sok").ok(http.StatusUnprocessableEntity).has("Nem szám")
	b.get(path+"/group/origin").submit(path+"/group/origin", "source", "ajánlás", "campaign", "Tavasz").ok(http.StatusOK).has("ajánlás", "Tavasz")
	b.get(path + "/group/secret").ok(http.StatusNotFound)

	card, err := w.module.Leads.Get(w.as("anna"), id)
	w.must(err)
	if card.Employer == nil || card.Employer.TaxID != "HU12345676" || card.Party.Phone != "+36301234567" || card.Party.Email != "jozsef@napfeny.test" {
		t.Errorf("the company has the tax id %v, the person %s and %s", card.Employer, card.Party.Phone, card.Party.Email)
	}
}

func TestGroupsKeepFurtherNumbers(t *testing.T) {
	w := newScreensWorld(t)
	got, err := w.module.Leads.Capture(w.as("anna"), lead.Draft{
		Name: "Kiss Ilona", Emails: []string{"ilona@example.test", "titkarsag@example.test"}, Phones: []string{"+36301111111", "+36302222222"}, Origin: lead.Origin{Channel: lead.ByHand},
	})
	w.must(err)
	path := w.leadPath(got.Lead)
	w.browser("anna").get(path+"/group/contact").submit(path+"/group/contact", "email", "uj@example.test").ok(http.StatusOK)
	points, err := w.module.Parties.Points(w.as("anna"), got.Party)
	w.must(err)
	var all []string
	for _, p := range points {
		all = append(all, p.Value)
	}
	if text := strings.Join(all, " "); !strings.Contains(text, "titkarsag@example.test") || !strings.Contains(text, "+36302222222") {
		t.Errorf("after a change of the first address only %q is left", text)
	}
}

func TestGroupChangedByTwo(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Szabó Dóra", "", "dora@example.test")
	path := w.leadPath(id) + "/group/interest"
	mine := w.browser("anna").get(path)
	w.browser("gabor").get(path).submit(path, "interest", "15 íróasztal").ok(http.StatusOK)
	mine.submit(path, "expected_value", "600000").ok(http.StatusOK).has("15 íróasztal", "600")

	mine = w.browser("anna").get(path)
	w.browser("gabor").get(path).submit(path, "interest", "20 íróasztal").ok(http.StatusOK)
	asked := mine.submit(path, "interest", "10 íróasztal").ok(http.StatusConflict).has("Tóth Gábor", "10 íróasztal", "20 íróasztal")
	asked.submit(path, "pick.interest", "theirs").ok(http.StatusOK).has("20 íróasztal").lacks("Mezők módosítása")
	w.browser("kati").get(w.leadPath(id)).ok(http.StatusOK).has("Mezők módosítása", "Tóth Gábor", "15 íróasztal")
}

func TestMergedLeadLeadsToItsSurvivor(t *testing.T) {
	w := newScreensWorld(t)
	one, other := w.lead("anna", "Tóth Anna", "", "anna1@example.test"), w.lead("anna", "Tóth Annamária", "", "anna2@example.test")
	_, err := w.module.Leads.Merge(w.as("anna"), one, other)
	w.must(err)
	if page := w.browser("anna").get(w.leadPath(other)).ok(http.StatusOK); !strings.HasSuffix(page.Path, one.String()) {
		t.Errorf("the merged lead's card is %s", page.Path)
	}
}

func TestConvertWithoutScript(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Horváth József", "Napfény Építő Kft.", "jozsef@napfeny.test")
	also := w.lead("anna", "Lakatos István", "Napfény Építő Kft.", "istvan@napfeny.test")
	b := w.browser("anna")
	path := w.leadPath(id) + "/convert"
	dialog := b.get(path).ok(http.StatusOK).has("Ez jön létre az ERP-ben", "Ismerjük már?", "Ami a számlázáshoz kell", "Hiányzik", "Lakatos István")
	dialog.submit(path, "name", "Napfény Építő Kft.", "city", "Pécs").ok(http.StatusUnprocessableEntity).has("Hiányzik")
	typed := []string{"name", "Napfény Építő Kft.", "tax_id", "12345676-2-42", "line1", "Fő utca 1.", "postal_code", "7621", "city", "Pécs", "country", "Magyarország", "also", also.String(), "deal", "new", "deal_name", "Irodabútor", "deal_value", "450000"}
	dialog.submit(path, append([]string{"check", "1"}, typed...)...).ok(http.StatusOK).has("Minden adat megvan", "Napfény Építő Kft.")
	result := dialog.submit(path, typed...).ok(http.StatusOK).has("A vevő létrejött az ERP-ben", "Napfény Építő Kft.", "Vevőkód", "Horváth József", "Lakatos István", "Irodabútor")
	if again := dialog.submit(path, typed...).ok(http.StatusOK); again.Path != result.Path {
		t.Errorf("pressed twice the conversion is %s, then %s", result.Path, again.Path)
	}
	if page := b.get(path).ok(http.StatusOK); page.Path != result.Path {
		t.Errorf("the dialog of a converted lead shows %s, want its result", page.Path)
	}
	b.get(w.leadPath(id)).ok(http.StatusOK).has("Vevő lett")
	customer := result.follow("/customers/").ok(http.StatusOK).has("Napfény Építő Kft.", "12345676", "Horváth József", "Irodabútor", "Bizonylatok")
	customer.follow("/customers/").ok(http.StatusOK)
	b.get(strings.TrimPrefix(customer.Path, w.screens.path) + "/documents").ok(http.StatusOK)
	result.lacks("Átalakítás visszavonása") // a seller may not
	w.browser("gabor").get(strings.TrimPrefix(result.Path, w.screens.path)).ok(http.StatusOK).has("Átalakítás visszavonása").
		follow("/conversions/").ok(http.StatusOK).submit("/conversions/", "reason", "Tévedés").ok(http.StatusOK)
	w.browser("gabor").get(strings.TrimPrefix(result.Path, w.screens.path)).ok(http.StatusOK).has("visszavonták")
}

func TestConvertToCustomerThatIsThere(t *testing.T) {
	w := newScreensWorld(t)
	customers, err := w.module.Customers(w.as("anna"), "", "", 3)
	w.must(err)
	c := customers[0]
	id := w.lead("anna", "Új Ember", c.Name, "uj@example.test")
	b := w.browser("anna")
	path := w.leadPath(id) + "/convert"
	b.get(path).ok(http.StatusOK).submit(path, "find", "1", "search", c.Name).ok(http.StatusOK).has(c.Key)
	b.get(path).submit(path, "existing", c.Key, "deal", "none").ok(http.StatusOK).has("meglévő vevőjéhez", c.Name)
	b.get(w.leadPath(w.lead("anna", "Más Ember", "Egyéb Kft.", "mas@example.test"))+"/convert").submit("/leads/", "existing", "nincs-ilyen").ok(http.StatusUnprocessableEntity)
}

func TestCustomersAndContacts(t *testing.T) {
	w := newScreensWorld(t)
	w.lead("anna", "Horváth József", "Napfény Építő Kft.", "jozsef@napfeny.test")
	b := w.browser("anna")
	customers, err := w.module.Customers(w.as("anna"), "", "", 500)
	w.must(err)
	c := customers[0]
	list := b.get("/customers").ok(http.StatusOK).has(c.Name)
	if len(customers) > listPage {
		list.follow("/customers?after=").ok(http.StatusOK).has(customers[listPage].Name)
	}
	b.get("/customers?find=" + c.Key).ok(http.StatusOK).has(c.Name)
	b.get("/customers?find=nincsilyen").ok(http.StatusOK).has("Nincs ilyen vevő")
	card := b.get("/customers/"+c.Key).ok(http.StatusOK).has(c.Name, "Az ERP adatai")
	card.submit("/customers/"+c.Key+"/open").ok(http.StatusOK).submit("/activities", "kind", "note", "subject", "Bemutatkoztunk").ok(http.StatusOK).has("Bemutatkoztunk", c.Name)
	b.get("/customers/" + c.Key + "/documents").ok(http.StatusOK)
	_, err = w.module.Fields.Add(w.as("kati"), custom.Draft{Kinds: []string{"party"}, Name: "fleet", Label: "Járművek", Type: store.NumberField})
	w.must(err)
	card = b.get("/customers/" + c.Key).ok(http.StatusOK).has("Járművek")
	card.follow("/contacts/").ok(http.StatusOK).submit("/contacts/", "custom.fleet", "12").ok(http.StatusOK)
	b.get("/customers/"+c.Key).ok(http.StatusOK).has("Járművek", "12")
	b.get("/customers/nincs-ilyen").ok(http.StatusNotFound)

	contacts := b.get("/contacts").ok(http.StatusOK).has("Horváth József", "Napfény Építő Kft.")
	contacts.follow("/contacts/").ok(http.StatusOK).has("Horváth József", "jozsef@napfeny.test", "Napfény Építő Kft.", "Érdeklődők")
	b.get("/contacts?kind=company").ok(http.StatusOK).has("Napfény Építő Kft.")
	b.get("/contacts?find=Horv").ok(http.StatusOK).has("Horváth József")
	people, err := w.module.Parties.List(w.as("anna"), party.ListFilter{Kind: party.Person, Name: "Horváth"})
	w.must(err)
	path := "/contacts/" + people.Rows[0].ID.String()
	b.get(path+"/group/contact").ok(http.StatusOK).submit(path+"/group/contact", "mobile", "+36 20 555 1234").ok(http.StatusOK).has("+36 20 555 1234")
	b.get(path+"/group/billing").submit(path+"/group/billing", "country", "Óperencia").ok(http.StatusUnprocessableEntity)
	b.get("/parties/" + people.Rows[0].ID.String()).ok(http.StatusOK).has("Horváth József")

	for _, l := range languages() {
		speaks := w.browser("kati", l)
		for _, page := range []string{"/customers", "/customers/" + c.Key, "/customers/" + c.Key + "/documents", "/contacts", path, path + "/group/contact", "/files", "/activities/new"} {
			speaks.get(page).ok(http.StatusOK)
		}
	}
}

func TestLeadCardInAllLanguages(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("kati", "Horváth József", "Napfény Építő Kft.", "jozsef@napfeny.test")
	w.lead("kati", "Horváth Jozsef", "Napfény Építő Kft.", "jozsef2@napfeny.test")
	act := w.plan("kati", id, "Hívás", 3600e9)
	for _, l := range languages() {
		b := w.browser("kati", l)
		for _, page := range []string{"", "/convert", "/group/contact", "/group/billing", "/group/interest", "/group/origin", "?tab=documents"} {
			b.get(w.leadPath(id) + page).ok(http.StatusOK)
		}
		for verb := range actVerbs {
			b.get("/activities/" + act.String() + "/" + verb).ok(http.StatusOK)
		}
		b.get("/activities/" + act.String()).ok(http.StatusOK)
	}
}
