package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// deal makes an opportunity of a lead as a clerk does: the form of a new one, sent.
func (b *plainBrowser) deal(of lead.ID, name string) opportunity.ID {
	b.w.t.Helper()
	to, values := b.get("/opportunities/new?lead=" + of.String()).ok(http.StatusOK).form("/opportunities/new")
	values.Set("name", name)
	card := b.send(to, values).ok(http.StatusOK).has(name, "A lehetőség felvéve")
	id, err := keyOf[opportunity.Tag](card.Path)
	b.w.must(err)
	return id
}

// rows are the fields of lines, a value for each row; fields that are not named are empty.
func rows(values url.Values, lines ...map[string]string) url.Values {
	for _, name := range []string{"kind", "group", "code", "before", "name", "description", "quantity", "unit", "price", "discount", "vat"} {
		values.Del(name)
		for _, line := range lines {
			value := line[name]
			if name == "kind" && value == "" {
				value = "item"
			}
			values.Add(name, value)
		}
	}
	return values
}

func TestSaleFromOpportunityToInvoice(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("anna")
	of := w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	id := b.deal(of, "40 íróasztal")

	// lines: a code that fits several products is refused beside its row, and what was typed stays
	card := b.get("/opportunities/" + id.String()).ok(http.StatusOK)
	to, values := card.form("/opportunities/" + id.String() + "/lines")
	refused := b.send(to, rows(values, map[string]string{"code": "CHR", "quantity": "40"}, map[string]string{"name": "Összeszerelés", "price": "nyolc"})).ok(http.StatusUnprocessableEntity)
	refused.has("Több cikk is illik rá", "Nem szám")
	to, values = refused.form("/opportunities/" + id.String() + "/lines")
	if values["quantity"][0] != "40" || values["price"][1] != "nyolc" {
		t.Errorf("what was typed is lost: %v", values)
	}
	b.send(to, rows(values, map[string]string{"code": "chr-010", "quantity": "40", "discount": "10"})).ok(http.StatusOK).has("Mentve")

	// the quote takes them over
	to, values = b.get("/opportunities/" + id.String()).form("/quotes/new")
	editor := b.send(to, values).ok(http.StatusOK).has("40 íróasztal", "Erdei Bútor Kft.")
	to, values = editor.editor()
	if values.Get("code") != "CHR-010" || values.Get("quantity") != "40" {
		t.Fatalf("the lines did not come along: %v", values)
	}
	values.Set("terms", "8 nap")
	values.Set("do", "issue")
	issued := b.send(to, values).ok(http.StatusOK).has("kiadva", "Elfogadta")
	quotePath := strings.TrimPrefix(issued.Path, w.screens.path)

	// accepted on the phone
	to, values = issued.follow(quotePath + "/accept").ok(http.StatusOK).form(quotePath + "/accept")
	values.Set("by", "")
	b.send(to, values).ok(http.StatusUnprocessableEntity).has("Hiányzik")
	values.Set("by", "Kovács Béla")
	values.Set("how", "phone")
	values.Set("reference", "PO-77")
	accepted := b.send(to, values).ok(http.StatusOK).has("Elfogadva", "telefonon", "PO-77", "Rendelés készítése")

	// the order asks for the customer first
	ask := accepted.follow(quotePath+"/make/order").ok(http.StatusOK).has("még nem vevő", "Átalakítás vevővé")
	ask.link("/leads/" + of.String() + "/convert")
	_, err := w.module.Convert.Lead(w.as("anna"), of, convert.LeadChoice{Customer: convert.CustomerChoice{Completed: erpbridge.Customer{
		TaxID: "HU12345676", Address: erpbridge.Address{PostalCode: "7621", City: "Pécs", Line1: "Király utca 1.", Country: "HU"},
	}}})
	w.must(err)
	to, values = b.get(quotePath + "/make/order").ok(http.StatusOK).lacks("még nem vevő").form(quotePath + "/make/order")
	ordered := b.send(to, values).ok(http.StatusOK).has("Elkészült: Rendelés", "Szállítás")

	// delivered in part, then the rest, then invoiced: each one press from the card
	to, values = ordered.follow("/conversions/").ok(http.StatusOK).has("Szállítás", "Hátravan").form("/conversions/")
	for name := range values {
		if strings.HasPrefix(name, "take.") {
			values.Set(name, "41")
		}
	}
	b.send(to, values).ok(http.StatusUnprocessableEntity).has("Több, mint ami hátravan")
	for name := range values {
		if strings.HasPrefix(name, "take.") {
			values.Set(name, "15")
		}
	}
	values.Set("next", w.screens.path+quotePath)
	part := b.send(to, values).ok(http.StatusOK).has("Elkészült: Szállítólevél")
	to, values = part.follow("/conversions/").ok(http.StatusOK).has("25").form("/conversions/")
	values.Set("next", w.screens.path+quotePath)
	whole := b.send(to, values).ok(http.StatusOK).has("Elkészült: Szállítólevél", "Számlázás")
	to, values = whole.follow("/conversions/").ok(http.StatusOK).has("Számlázás").form("/conversions/")
	values.Set("next", w.screens.path+quotePath)
	b.send(to, values).ok(http.StatusOK).has("Elkészült: Számla", "Számlázva")
	b.get("/opportunities/" + id.String()).ok(http.StatusOK).has("Megnyert")
}

func TestBoardMoves(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("anna")
	id := b.deal(w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu"), "Polcrendszer")
	path := "/opportunities/" + id.String()
	page := b.get("/opportunities").ok(http.StatusOK).has("Polcrendszer", "Erdei Bútor Kft.", "Nincs következő lépés", "450 e Ft")
	to, values := page.form(path + "/move")
	pipelines, err := w.module.Opportunities.Pipelines().List(w.as("kati"))
	w.must(err)
	second := pipelines[0].Stages[1]

	// a stage that needs a field asks for it in a dialog, with what was typed before
	_, err = w.module.Opportunities.Pipelines().EditStage(w.as("kati"), second.ID, opportunity.StageEdit{RequiredFields: &[]string{"campaign", "lines"}})
	w.must(err)
	values.Set("stage", second.ID.String())
	asks := b.send(to, values).ok(http.StatusUnprocessableEntity).has("Kampány", "A lehetőség lapján kell megadni", "Tételek")
	to, values = asks.form(path + "/move")
	values.Set("campaign", "Tavaszi vásár")
	_, again := b.send(to, values).ok(http.StatusUnprocessableEntity).form(path + "/move")
	if again.Get("campaign") != "Tavaszi vásár" {
		t.Error("what was typed is lost")
	}
	_, err = w.module.Opportunities.Pipelines().EditStage(w.as("kati"), second.ID, opportunity.StageEdit{RequiredFields: &[]string{"campaign"}})
	w.must(err)
	b.send(to, values).ok(http.StatusOK).has(second.Name, "Visszavonás")
	card, err := w.module.Opportunities.Get(w.as("anna"), id)
	w.must(err)
	if card.Campaign != "Tavaszi vásár" {
		t.Errorf("the campaign is %q", card.Campaign)
	}

	// the board of htmx gets itself back
	b.Header = http.Header{"Hx-Request": {"true"}, "Hx-Target": {"board"}, "Hx-Current-Url": {"https://erp.example.com/crm/opportunities"}}
	b.post(path+"/move", "stage", pipelines[0].Stages[2].ID.String()).ok(http.StatusOK).has("Polcrendszer").lacks("Új lehetőség")
	b.Header = nil

	// lost: reason, competitor and lesson are needed; reopening takes it back
	to, values = b.get(path).follow(path + "/lost").ok(http.StatusOK).form(path + "/lost")
	b.send(to, values).ok(http.StatusUnprocessableEntity).has("Hiányzik")
	values.Set("reason", "price")
	values.Set("other", "Rivális Zrt.")
	values.Set("lesson", "Korábban kell árat adni.")
	values.Set("next", w.screens.path+path)
	lost := b.send(to, values).ok(http.StatusOK).has("elveszettként lezárva", "Rivális Zrt.")
	to, values = lost.form(path + "/reopen")
	b.send(to, values).ok(http.StatusOK).has("újra nyitott", "Rivális Zrt.")
}

func TestOpportunityPanels(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("anna")
	id := b.deal(w.lead("anna", "Kovács Béla", "", "bela@erdei.hu"), "Székek")
	path := "/opportunities/" + id.String()
	to, values := b.get(path + "?edit=facts").ok(http.StatusOK).form(path + "/facts")
	values.Set("expected_revenue", "sok")
	b.send(to, values).ok(http.StatusUnprocessableEntity).has("Nem szám")

	// two clerks: what only one touched is taken, what both did is asked
	name, source := "Székek a tárgyalóba", "vásár"
	_, err := w.module.Opportunities.Edit(w.as("gabor"), id, opportunity.Edit{Name: &name, Source: &source})
	w.must(err)
	values.Set("expected_revenue", "600000")
	values.Set("name", "Tárgyalószékek")
	asked := b.send(to, values).ok(http.StatusConflict).has("Tóth Gábor", "Székek a tárgyalóba")
	to, values = asked.form(path + "/facts")
	values.Set("pick.name", "mine")
	b.send(to, values).ok(http.StatusOK).has("Tárgyalószékek", "600 000 Ft", "vásár")

	to, values = b.get(path + "?edit=team").ok(http.StatusOK).form(path + "/team")
	values["user"][1], values["share"] = "nagy", []string{"60", "30", ""}
	b.send(to, values).ok(http.StatusUnprocessableEntity).has("100 %")
	values.Set("even", "1")
	b.send(to, values).ok(http.StatusOK).has("Nagy Péter", "300 000 Ft")

	to, values = b.get(path + "?edit=competitors").ok(http.StatusOK).form(path + "/competitors")
	values["name"][0], values["strengths"][0] = "Rivális Zrt.", "olcsó"
	b.send(to, values).ok(http.StatusOK).has("Rivális Zrt.", "olcsó")

	to, values = b.get(path).form(path + "/feed")
	b.send(to, values).ok(http.StatusUnprocessableEntity).has("Hiányzik")
	values.Set("body", "Nézd meg az árat.")
	values.Set("tell", "nagy")
	b.send(to, values).ok(http.StatusOK).has("@Nagy Péter", "Nézd meg az árat.")
}

func TestQuoteEditorSums(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("anna")
	of := w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	to, values := b.get("/quotes/new?lead=" + of.String()).ok(http.StatusOK).form("/quotes/new")
	editor := b.send(to, values).ok(http.StatusOK)
	to, values = editor.editor()
	typed := rows(values,
		map[string]string{"kind": "heading", "name": "Bútor"},
		map[string]string{"code": "CHR-010", "quantity": "2"},
		map[string]string{"code": "NINCS", "quantity": "1"},
		map[string]string{"name": "Összeszerelés", "quantity": "1", "price": "10000", "vat": "27"})
	answered := b.send(to+"/sums", typed).ok(http.StatusOK)
	var got sumsAnswer
	w.must(json.Unmarshal([]byte(answered.Body), &got))
	if len(got.Rows) != 4 || got.Rows[1].Name == "" || got.Rows[1].Price == "" || got.Rows[2].Wrong == "" || got.Rows[3].Net == "" || !strings.Contains(got.Totals, "Ft") {
		t.Errorf("the sums are %+v", got)
	}
	sheet := b.send(to+"/sheet", typed).ok(http.StatusOK)
	if !strings.HasPrefix(sheet.Body, "%PDF-") || sheet.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("the page is %q", sheet.Body[:min(40, len(sheet.Body))])
	}
	// without script: Update shows the sums, Save refuses beside the row and keeps all
	typed.Set("do", "update")
	b.send(to, typed).ok(http.StatusUnprocessableEntity).has("Nincs ilyen cikk")
	typed.Set("do", "save")
	_, kept := b.send(to, typed).ok(http.StatusUnprocessableEntity).editor()
	if kept["code"][2] != "NINCS" || kept["name"][3] != "Összeszerelés" {
		t.Errorf("what was typed is lost: %v", kept["code"])
	}
	// a button of a row works alone
	kept.Set("row", "drop:2")
	_, kept = b.send(to, kept).ok(http.StatusOK).editor()
	kept.Set("do", "save")
	b.send(to, kept).ok(http.StatusOK).has("Mentve")
	// another product in the row brings its own name
	_, kept = b.get(to).editor()
	old := kept["name"][1]
	kept["code"][1] = "CHR-020"
	_, kept = b.send(to, kept).ok(http.StatusOK).editor()
	if kept["name"][1] == old || kept["code"][1] != "CHR-020" {
		t.Errorf("the row still is %q", kept["name"][1])
	}
}

// A new quote begins with what the company usually writes, in the quote's language; a line without a product
// takes its VAT from the host's codes, also the one that says why there is none.
func TestNewQuoteWordsAndVATCodes(t *testing.T) {
	w := newScreensWorld(t)
	system := actor.With(t.Context(), actor.System(w.Company, "test"))
	_, err := w.module.Settings.SetText(system, setting.CompanyText{Name: setting.QuoteTerms, Language: locale.English, Body: "Net 14 days, in pounds"})
	w.must(err)
	b := w.browser("anna")
	to, values := b.get("/quotes/new?lead=" + w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu").String()).form("/quotes/new")
	values.Set("language", "en")
	editor := b.send(to, values).ok(http.StatusOK)
	to, values = editor.editor()
	if values.Get("terms") != "Net 14 days, in pounds" || values.Get("cover") == "" {
		t.Errorf("the quote begins with the terms %q and the cover %q", values.Get("terms"), values.Get("cover"))
	}
	if !strings.Contains(editor.Body, `<option value="27">`) || !strings.Contains(editor.Body, `<option value="AAM">`) || strings.Contains(editor.Body, "RU20") {
		t.Error("the VAT codes of today are not offered")
	}
	typed := rows(values, map[string]string{"name": "Oktatás", "quantity": "1", "price": "10000", "vat": "aam"}, map[string]string{"name": "Szállítás", "quantity": "1", "price": "5000", "vat": "5"})
	typed.Set("do", "save")
	_, kept := b.send(to, typed).ok(http.StatusOK).editor()
	if kept["vat"][0] != "AAM" || kept["vat"][1] != "5" {
		t.Errorf("the lines have the VAT %v", kept["vat"])
	}
	id, err := keyOf[quote.Tag](to)
	w.must(err)
	card, err := w.module.Quotes.Get(w.as("anna"), id)
	w.must(err)
	if card.Lines[0].VATCode != "AAM" || !card.Lines[0].VATRate.IsZero() || card.Lines[1].VATCode != "5" {
		t.Errorf("saved as %+v", card.Lines)
	}
}

func TestSalePagesGuard(t *testing.T) {
	w := newScreensWorld(t)
	mine := w.browser("anna").deal(w.lead("anna", "Kovács Béla", "", "bela@erdei.hu"), "Székek").String()
	other := "01900000-0000-7000-8000-000000000001"
	tests := []struct {
		name, clerk, method, path string
		want                      int
	}{
		{"somebody else's opportunity", "peter", "GET", "/opportunities/" + mine, 404},
		{"somebody else's move", "peter", "POST", "/opportunities/" + mine + "/won", 404},
		{"nobody's opportunity", "anna", "GET", "/opportunities/" + other, 404},
		{"nonsense", "anna", "GET", "/opportunities/x'--", 404},
		{"nobody's quote", "anna", "GET", "/quotes/" + other, 404},
		{"nobody's PDF", "anna", "GET", "/quotes/" + other + "/pdf", 404},
		{"nobody's conversion", "anna", "GET", "/conversions/" + other + "/make/invoice", 404},
		{"an unknown document", "anna", "GET", "/opportunities/" + mine + "/make/ship", 404},
		{"a reader may not move", "olga", "POST", "/opportunities/" + mine + "/won", 403},
		{"a reader may not quote", "olga", "GET", "/quotes/new", 403},
		{"a reader may not convert", "olga", "GET", "/opportunities/" + mine + "/make/order", 403},
		{"without rights no board", "nobody", "GET", "/opportunities", 403},
		{"without rights no quotes", "nobody", "GET", "/quotes", 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w.t = t
			b := w.browser(test.clerk)
			if test.method == "POST" {
				b.post(test.path).ok(test.want)
				return
			}
			b.get(test.path).ok(test.want)
		})
	}
	w.t = t
	w.browser("anna").send("/opportunities/"+mine+"/won", url.Values{}).ok(http.StatusForbidden)
}

func TestSalePagesInAllLanguages(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("gabor", locale.Hungarian)
	of := w.lead("gabor", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	deal := "/opportunities/" + b.deal(of, "Székek").String()
	to, values := b.get("/quotes/new?lead=" + of.String()).form("/quotes/new")
	draft := strings.TrimPrefix(b.send(to, values).ok(http.StatusOK).Path, w.screens.path)
	to, values = b.get("/quotes/new?lead=" + of.String()).form("/quotes/new")
	to, values = b.send(to, values).editor()
	values.Set("do", "issue")
	issued := strings.TrimPrefix(b.send(to, rows(values, map[string]string{"code": "CHR-010", "quantity": "2"}, map[string]string{"kind": "optional", "code": "CHR-020", "quantity": "2"})).ok(http.StatusOK).Path, w.screens.path)
	for _, language := range languages() {
		reader := w.browser("gabor", language)
		for _, path := range []string{
			"/opportunities", "/opportunities?as=list", "/opportunities?as=list&state=lost", "/opportunities/new", "/opportunities/new?q=Erdei", "/opportunities/new?lead=" + of.String(), deal, deal + "?edit=facts",
			deal + "?edit=team", deal + "?edit=competitors", deal + "/won", deal + "/lost", deal + "/make/order", "/quotes", "/quotes?state=declined", "/quotes/new", "/quotes/new?lead=" + of.String(), draft, draft + "/delete",
			issued, issued + "/accept", issued + "/decline", issued + "/withdraw",
		} {
			reader.get(path).ok(http.StatusOK)
		}
	}
}

// editor gives what the editor of a quote would send now.
func (p *shown) editor() (string, url.Values) {
	p.b.w.t.Helper()
	for n := range p.root.Descendants() {
		if id, _ := attribute(n, "id"); n.Data == "form" && id == "quote-form" {
			to, _ := attribute(n, "action")
			return to, fieldsIn(n)
		}
	}
	p.b.w.t.Fatalf("%s has no editor: %s", p.Path, p.text())
	return "", nil
}

// keyOf reads the id at the end of a path.
func keyOf[Noun any](path string) (store.Key[Noun], error) {
	path, _, _ = strings.Cut(path, "?")
	return store.ParseKey[Noun](path[strings.LastIndexByte(path, '/')+1:])
}
