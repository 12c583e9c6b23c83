package web

import (
	"archive/zip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

func TestFieldsAreAddedArrangedRemovedAndPurged(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	kati.get("/settings/fields").has("Még nincs saját mező")
	kati.get("/settings/fields/new?kind=lead").ok(http.StatusOK)
	page := kati.post("/settings/fields/new", "kind", "lead", "type", "number", "label_hu", "", "min", "sok", "name", "Nem jó")
	page.ok(http.StatusUnprocessableEntity)
	if !strings.Contains(page.Body, `value="sok"`) {
		t.Error("what was typed is lost")
	}
	page = kati.post("/settings/fields/new", "kind", "lead", "type", "number", "label_hu", "", "name", "Nem jó")
	page.ok(http.StatusUnprocessableEntity)
	page.has("Kisbetű, számjegy és _ lehet")
	kati.post("/settings/fields/new", "kind", "lead", "kind", "party", "type", "number", "label_hu", "Járművek száma", "label_he", "מספר רכבים", "min", "1").ok(http.StatusOK)
	kati.post("/settings/fields/new", "kind", "lead", "type", "choice", "label_hu", "Ágazat",
		"value", "", "text_hu", "Élelmiszer", "text_en", "Food", "value", "", "text_hu", "Fém", "text_en", "").ok(http.StatusOK)
	page = kati.get("/settings/fields")
	page.has("Járművek száma", "jarmuvek_szama", "Élelmiszer, Fém", "Legalább 1")
	w.browser("kati", locale.Hebrew).get("/settings/fields").has("מספר רכבים")

	all, err := w.module.Fields.List(w.as("kati"), "lead")
	w.must(err)
	fleet, branch := "/settings/fields/"+all[0].ID.String(), "/settings/fields/"+all[1].ID.String()
	if page = kati.get(branch); !strings.Contains(page.Body, `value="Élelmiszer"`) {
		t.Error("the choices are not shown")
	}
	kati.post(branch+"/move", "to", "up").ok(http.StatusOK)
	all, err = w.module.Fields.List(w.as("kati"), "lead")
	w.must(err)
	if all[0].Name != "agazat" || all[0].Rules.Choices[0].Value != "Élelmiszer" {
		t.Errorf("first comes %+v", all[0])
	}
	version := formatVersion(all[0].Version)
	kati.post(branch, "version", version, "label_hu", "Iparág", "value", "Élelmiszer", "value", "Fém", "archived", "Fém", "text_hu", "Élelmiszer", "text_hu", "Fém", "text_en", "Food", "text_en", "").ok(http.StatusOK)
	kati.get("/settings/fields").has("Iparág")
	kati.post(fleet + "/remove").ok(http.StatusOK)
	page = kati.get("/settings/fields")
	page.has("1 eltávolított mező")
	if !regexp.MustCompile(`href="[^"]*` + fleet + `/purge"`).MatchString(page.Body) {
		t.Error("an administrator is not offered to purge it")
	}
	kati.post(fleet + "/restore").ok(http.StatusOK)
	kati.post(fleet + "/remove").ok(http.StatusOK)
	kati.get(fleet + "/purge").has("végleg törlődik")
	kati.post(fleet + "/purge").ok(http.StatusOK)
	kati.get(fleet).ok(http.StatusNotFound)
	w.browser("anna").get("/settings/fields").ok(http.StatusForbidden)
	for _, l := range locale.Languages {
		b := w.browser("kati", l)
		b.get("/settings/fields").ok(http.StatusOK)
		for _, kind := range store.CustomKinds {
			b.get("/settings/fields/new?kind=" + kind).ok(http.StatusOK)
		}
		b.get(branch).ok(http.StatusOK)
	}
}

func TestCustomFieldsAreFilledInAndShown(t *testing.T) {
	w := newScreensWorld(t)
	add := func(d custom.Draft) {
		t.Helper()
		_, err := w.module.Fields.Add(w.as("kati"), d)
		w.must(err)
	}
	least := money.MustQuantity("1")
	add(custom.Draft{Kinds: []string{"lead", "opportunity", "party"}, Name: "fleet", Label: "Járművek", Type: store.NumberField, Rules: store.FieldRules{Required: true, Min: &least}})
	add(custom.Draft{Kinds: []string{"lead"}, Name: "branch", Label: "Ágazat", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "food", Texts: map[locale.Language]string{"hu": "Élelmiszer"}}}}})
	anna := w.browser("anna")
	anna.get("/leads/new").has("Járművek", "Élelmiszer")
	page := anna.post("/leads/new", "name", "Kiss Ilona", "email", "ilona@example.hu", "custom.fleet", "", "custom.branch", "food")
	page.ok(http.StatusUnprocessableEntity)
	page.has("Hiányzik; töltse ki.")
	page = anna.post("/leads/new", "name", "Kiss Ilona", "email", "ilona@example.hu", "custom.fleet", "0", "custom.branch", "food")
	page.ok(http.StatusUnprocessableEntity)
	page.has("Túl kicsi; legalább 1 kell.")
	anna.post("/leads/new", "name", "Kiss Ilona", "email", "ilona@example.hu", "custom.fleet", "12,5", "custom.branch", "food").ok(http.StatusOK)
	list, err := w.module.Leads.List(w.as("anna"), lead.Filter{}, lead.ByArrival, store.Page{})
	w.must(err)
	id := list.Rows[0].ID
	path := w.leadPath(id)
	anna.get(path).has("Járművek", "12,5", "Élelmiszer")
	if page = anna.get(path + "/edit"); !strings.Contains(page.Body, `name="custom.fleet"`) {
		t.Error("the form of a lead has no custom field")
	}
	if page = anna.get(path + "/group/custom"); !strings.Contains(page.Body, `value="12,5"`) {
		t.Error("the group does not show what is known")
	}
	anna.post("/leads/columns", "column", "company", "column", "custom.fleet", "column", "custom.branch").ok(http.StatusOK)
	w.lead("anna", "Nagy Béla", "", "bela@example.hu")
	anna.get("/leads").has("Járművek", "12,5", "Nagy Béla")
	page = anna.get("/leads?custom.branch=food&custom.fleet.from=10")
	page.has("Kiss Ilona", "Ágazat Élelmiszer", "≥ 10")
	if strings.Contains(page.Body, "Nagy Béla") {
		t.Error("the filter lets through who has no value")
	}
	if strings.Contains(anna.get("/leads?custom.fleet.until=12").Body, "Kiss Ilona") {
		t.Error("the filter lets through who has more")
	}
	version := func() string {
		card, err := w.module.Leads.Get(w.as("anna"), id)
		w.must(err)
		return formatVersion(card.Lead.Version)
	}
	anna.post(path+"/group/custom", "version", version(), "custom.fleet", "sok", "custom.branch", "").ok(http.StatusUnprocessableEntity)
	anna.post(path+"/group/custom", "version", version(), "custom.fleet", "14", "custom.branch", "").ok(http.StatusOK)
	card, err := w.module.Leads.Get(w.as("anna"), id)
	w.must(err)
	if got := store.CustomShown(card.Sheet.Values["fleet"]); got != "14" || card.Sheet.Values["branch"] != nil {
		t.Errorf("the values are %v", card.Sheet.Values)
	}
	w.browser("kati").get(path).has("12.5") // what it was, in the changes
	contact := "/contacts/" + card.Party.ID.String()
	anna.post(contact+"/group/custom", "party_version", formatVersion(card.Party.Version), "custom.fleet", "3").ok(http.StatusOK)
	anna.get(contact).has("Járművek")

	page = anna.get("/opportunities/new?lead=" + id.String())
	if !strings.Contains(page.Body, `name="custom.fleet" type="text" value="14"`) {
		t.Error("what is known of the lead is not proposed for the opportunity")
	}
	anna.post("/opportunities/new", "lead", id.String(), "name", "Targoncák", "custom.fleet", "0").ok(http.StatusUnprocessableEntity)
	anna.post("/opportunities/new", "lead", id.String(), "name", "Targoncák", "custom.fleet", "7").ok(http.StatusOK)
	deals, err := w.module.Opportunities.List(w.as("anna"), opportunity.Filter{})
	w.must(err)
	deal := "/opportunities/" + deals.Rows[0].ID.String()
	anna.get(deal).has("Járművek", "7")
	anna.post(deal+"/facts", "version", formatVersion(deals.Rows[0].Version), "name", "Targoncák", "custom.fleet", "").ok(http.StatusUnprocessableEntity)
	anna.post(deal+"/facts", "version", formatVersion(deals.Rows[0].Version), "name", "Targoncák", "custom.fleet", "8").ok(http.StatusOK)
	got, err := w.module.Opportunities.Get(w.as("anna"), deals.Rows[0].ID)
	w.must(err)
	if store.CustomShown(got.Sheet.Values["fleet"]) != "8" {
		t.Errorf("the opportunity has %v", got.Sheet.Values)
	}
	for path, name := range map[string]string{"/opportunities?as=list": "Targoncák", "/contacts": "Kiss Ilona"} {
		list, _, _ := strings.Cut(path, "?")
		with := path + "&"
		if list == path {
			with = path + "?"
		}
		anna.get(path).has(name, "További szűrők")
		anna.post(list+"/columns", "column", "custom.fleet", "column", "custom.other").ok(http.StatusOK)
		if !strings.Contains(anna.get(path).Body, `<th class="col-own n" scope="col" title="Járművek">Járművek</th>`) {
			t.Errorf("%s does not show the chosen column", path)
		}
		anna.get(with+"custom.fleet.from=2").has(name, "≥ 2")
		if strings.Contains(anna.get(with+"custom.fleet.from=100").Body, name+"</bdi>") {
			t.Errorf("%s lets through who has fewer", path)
		}
	}
	anna.get("/figures/deals_won?custom.fleet.from=9").ok(http.StatusOK)
}

// TestForecastIsNarrowedByCustomFields: on the page, in the workbook and in the list behind each cell.
func TestForecastIsNarrowedByCustomFields(t *testing.T) {
	w := newScreensWorld(t)
	for _, d := range []custom.Draft{
		{Kinds: []string{"opportunity"}, Name: "fleet", Label: "Járművek", Type: store.NumberField},
		{Kinds: []string{"opportunity"}, Name: "branch", Label: "Ágazat", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "food", Texts: map[locale.Language]string{"hu": "Élelmiszer"}}, {Value: "metal"}}}},
	} {
		_, err := w.module.Fields.Add(w.as("kati"), d)
		w.must(err)
	}
	card, err := w.module.Leads.Get(w.as("anna"), w.lead("anna", "Kiss Ilona", "", "ilona@example.hu"))
	w.must(err)
	today, err := w.module.KPIs.Today(w.as("anna"))
	w.must(err)
	for name, own := range map[string]map[string]any{"Targoncák": {"fleet": money.MustQuantity("12"), "branch": "food"}, "Polcok": {"fleet": money.MustQuantity("3"), "branch": "metal"}} {
		worth := money.MustAmount(map[string]string{"Targoncák": "1000000", "Polcok": "70000"}[name])
		_, err = w.module.Opportunities.Create(w.as("anna"), opportunity.Draft{PartyID: card.Party.ID, Name: name, ExpectedRevenue: &worth, ExpectedClose: today, Custom: own})
		w.must(err)
	}
	anna := w.browser("anna")
	for _, asked := range []string{"custom.branch=food", "custom.fleet.from=10"} {
		page := anna.get("/forecast?show=open&since=" + today.AddDays(-3).String() + "&" + asked).ok(http.StatusOK)
		page.has("1 000 000")
		if text, _, _ := strings.Cut(page.text(), "Nyitott lehetőségek 2"); strings.Contains(text, " 70 000") || strings.Contains(text, "1 070 000") {
			t.Errorf("the forecast by %s counts the other one too: %s", asked, text)
		}
		if !strings.Contains(page.Body, "&amp;"+asked+"&amp;") {
			t.Errorf("the cells by %s do not lead to what is behind them", asked)
		}
		if name, value, _ := strings.Cut(asked, "="); !strings.Contains(page.Body, `<input type="hidden" name="`+name+`" value="`+value+`">`) {
			t.Errorf("the form that asks for the past loses %s", asked)
		}
		book := w.browser("kati").get("/reports/forecast.xlsx?by=seller&step=month&" + asked).ok(http.StatusOK).Body
		shared := unzipped(t, book)
		if !strings.Contains(shared, "Targoncák") || strings.Contains(shared, "Polcok") || !strings.Contains(shared, map[bool]string{true: "Ágazat: Élelmiszer", false: "Járművek ≥ 10"}[asked == "custom.branch=food"]) {
			t.Errorf("the workbook by %s lists what it is not made of, or does not say its filter", asked)
		}
	}
	anna.get("/forecast?custom.fleet.from=10").has("Járművek ≥ 10")
}

// unzipped is all that the parts of a workbook say.
func unzipped(t *testing.T, book string) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatalf("the workbook is none: %v", err)
	}
	var out strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&out, r); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestCustomFieldsOfQuotesAndActivities(t *testing.T) {
	w := newScreensWorld(t)
	_, err := w.module.Fields.Add(w.as("kati"), custom.Draft{Kinds: []string{"quote", "activity", "opportunity"}, Name: "site", Label: "Telephely", Type: store.TextField, Rules: store.FieldRules{MaxLength: 10}})
	w.must(err)
	anna := w.browser("anna")
	id := w.lead("anna", "Kiss Ilona", "", "ilona@example.hu")
	card, err := w.module.Leads.Get(w.as("anna"), id)
	w.must(err)
	anna.post("/activities", "party", card.Party.ID.String(), "kind", "note", "body", "Jártunk ott", "custom.site", "nagyon messze").ok(http.StatusUnprocessableEntity)
	anna.post("/activities", "party", card.Party.ID.String(), "kind", "note", "body", "Jártunk ott", "custom.site", "Győr").ok(http.StatusOK)
	past, err := w.module.Activities.Timeline(w.as("anna"), card.Party.ID, nil, store.Page{})
	w.must(err)
	act := "/activities/" + past.Items[0].ID.String()
	anna.get(act).has("Telephely", "Győr")
	if !strings.Contains(anna.get(act+"/edit").Body, `name="custom.site" type="text" value="Győr"`) {
		t.Error("the form of an activity does not hold its value")
	}
	anna.post(act+"/edit", "version", formatVersion(past.Items[0].Version), "body", "Jártunk ott", "when", "2026-07-13", "when_time", "10:30", "custom.site", "Pécs").ok(http.StatusOK)
	anna.get(act).has("Pécs")

	deal, err := w.module.Opportunities.Create(w.as("anna"), opportunity.Draft{PartyID: card.Party.ID, Name: "Raktár", Custom: map[string]any{"site": "Vác"}})
	w.must(err)
	anna.post("/quotes/new", "opportunity", deal.ID.String()).ok(http.StatusOK)
	found, err := w.module.Quotes.List(w.as("anna"), quote.Filter{})
	w.must(err)
	path := "/quotes/" + found.Rows[0].ID.String()
	if !strings.Contains(anna.get(path).Body, `name="custom.site" type="text" value="Vác"`) {
		t.Error("what is known of the opportunity is not on its quote")
	}
	form := []string{"version", formatVersion(found.Rows[0].Version), "title", "Raktár", "valid_until", found.Rows[0].ValidUntil.String(), "language", "hu"}
	anna.post(path, append(form, "custom.site", "nagyon messze")...).ok(http.StatusUnprocessableEntity)
	anna.post(path, append(form, "custom.site", "Tata")...).ok(http.StatusOK)
	anna.post("/quotes/columns", "column", "custom.site").ok(http.StatusOK)
	anna.get("/quotes?custom.site=ta").has("Raktár", "Tata")
	anna.get("/quotes?custom.site=Vác").has("Erre a szűrésre nincs találat")

	kati := w.browser("kati")
	page := kati.get("/quotes?state=draft&custom.site=ta&after=").ok(http.StatusOK)
	if !strings.Contains(page.Body, `id="list-book" href="/crm/reports/quotes.xlsx?custom.site=ta&amp;state=draft"`) {
		t.Errorf("the list does not lead to its workbook:\n%s", page.Body)
	}
	book := unzipped(t, kati.get("/reports/quotes.xlsx?state=draft&custom.site=ta&from=2026-01-01").ok(http.StatusOK).Body)
	for _, want := range []string{"Raktár", "Tata", "Telephely: ta", "Állapot: " + quote.Draft.In(locale.Hungarian), ": " + locale.Hungarian.Date(civil.Date{Year: 2026, Month: 1, Day: 1}) + " –"} {
		if !strings.Contains(book, want) {
			t.Errorf("the workbook does not say %q", want)
		}
	}
	if none := unzipped(t, kati.get("/reports/quotes.xlsx?state=issued").ok(http.StatusOK).Body); strings.Contains(none, "Raktár") {
		t.Error("the workbook lists what its filter leaves out")
	}
	if strings.Contains(anna.get("/quotes").Body, "quotes.xlsx") {
		t.Error("who takes no reports is led to the workbook")
	}
	anna.get("/reports/quotes.xlsx").ok(http.StatusForbidden)

	if page := kati.get("/contacts?find=kiss"); !strings.Contains(page.Body, `id="list-book" href="/crm/reports/contacts.xlsx?find=kiss"`) {
		t.Error("the list of contacts does not lead to its workbook")
	}
	for find, want := range map[string]bool{"kiss": true, "nagy": false} {
		book := unzipped(t, kati.get("/reports/contacts.xlsx?find="+find).ok(http.StatusOK).Body)
		if strings.Contains(book, "Kiss Ilona") != want || !strings.Contains(book, ": "+find) {
			t.Errorf("the workbook of those called %q is another, or does not say so", find)
		}
	}
}

// TestEditorsListTheFieldsOfTheCompany: beside the texts of quotes and of letters that send them stand the fields that may
// be named there; a text with another one is refused in the reader's language, says which, and keeps what was typed.
func TestEditorsListTheFieldsOfTheCompany(t *testing.T) {
	w := newScreensWorld(t)
	_, err := w.module.Fields.Add(w.as("kati"), custom.Draft{Kinds: []string{"quote", "party"}, Name: "site", Label: "Helyszín", Type: store.TextField})
	w.must(err)
	kati := w.browser("kati")
	kati.get("/settings/texts?language=hu").ok(http.StatusOK).has("{quote.custom.site}", "Helyszín (árajánlat)", "{party.custom.site}", "{reader.greeting}")
	kati.get("/settings/mails?language=hu").ok(http.StatusOK).has("{quote.custom.site}", "Helyszín (partner)", "{quote.link}")
	w.browser("kati", locale.Hebrew).get("/settings/texts?language=he").ok(http.StatusOK).has("Helyszín (הצעת מחיר)")
	page := kati.post("/settings/texts", "name", "quote.cover", "language", "hu", "version", "0", "body", "Kedves {quote.custom.roof}")
	page.ok(http.StatusUnprocessableEntity).has("{quote.custom.roof}\u2069: Nincs ilyen mező; válasszon a mezők listájából.", "Kedves {quote.custom.roof}")
	kati.post("/settings/texts", "name", "form.thanks", "language", "hu", "version", "0", "body", "Köszönjük {mosoly}").ok(http.StatusOK)
	page = kati.post("/settings/mails/templates", "purpose", "quote.sent", "language", "hu", "version", "0", "subject", "{nincs}", "body", "{quote.link")
	page.ok(http.StatusUnprocessableEntity).has("{nincs}\u2069: Nincs ilyen mező", "Lezáratlan kapcsos zárójel")
	kati.post("/settings/texts", "name", "quote.cover", "language", "hu", "version", "0", "body", "Helyszín: {quote.custom.site}").ok(http.StatusOK)

	b := w.browser("anna")
	to, values := b.get("/quotes/new?lead=" + w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu").String()).form("/quotes/new")
	values.Set("language", "hu")
	editor := b.send(to, values).ok(http.StatusOK)
	editor.has("{quote.custom.site}", "Helyszín (árajánlat)")
	to, values = editor.editor()
	if got := values.Get("cover"); got != "Helyszín: {quote.custom.site}" {
		t.Errorf("the quote begins with %q", got)
	}
	typed := rows(values, map[string]string{"name": "Oktatás", "quantity": "1", "price": "10000", "vat": "27"})
	typed.Set("custom.site", "Győr")
	if sheet := b.send(to+"/sheet", typed).ok(http.StatusOK); !strings.HasPrefix(sheet.Body, "%PDF") {
		t.Errorf("the page of what is typed is %.80q", sheet.Body)
	}
	typed.Set("cover", "{quote.custom.roof}")
	typed.Set("do", "save")
	b.send(to, typed).ok(http.StatusUnprocessableEntity).has("{quote.custom.roof}\u2069: Nincs ilyen mező")
}
