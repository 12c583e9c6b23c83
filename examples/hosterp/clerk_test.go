package main

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// clerk works in the pages as a person does: opens one, reads it, fills its form, presses its button.
type clerk struct {
	t    *testing.T
	web  *httptest.Server
	http *http.Client
	// at is the address of the page, page what stands on it.
	at, page string
}

// newShop opens the ERP on a file of its own, without the two thousand leads unless they are asked for.
func newShop(t *testing.T) *shop {
	t.Helper()
	sh, err := openShop(t.Context(), filepath.Join(t.TempDir(), "erp.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sh.close(); err != nil {
			t.Error(err)
		}
	})
	return sh
}

func newClerk(t *testing.T, sh *shop, who string) *clerk {
	t.Helper()
	pages, err := newServer(sh)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(pages.handler())
	t.Cleanup(web.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &clerk{t: t, web: web, http: &http.Client{Jar: jar}}
	c.open("/login")
	c.press("/login", url.Values{"who": {who}})
	return c
}

func (c *clerk) answer(r *http.Response, err error, want int) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.at, c.page = r.Request.URL.RequestURI(), string(body)
	if r.StatusCode != want {
		c.t.Fatalf("%s %s answers %s:\n%s", r.Request.Method, c.at, r.Status, c.alerts())
	}
}

// alerts is what the page complains about.
func (c *clerk) alerts() string {
	var out []string
	for _, m := range regexp.MustCompile(`(?s)class="(?:alert|fault)"[^>]*>(.*?)<`).FindAllStringSubmatch(c.page, -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	return strings.Join(out, "\n")
}

func (c *clerk) open(path string) {
	c.t.Helper()
	r, err := c.http.Get(c.web.URL + path)
	c.answer(r, err, http.StatusOK)
}

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>|<form method="post">(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input [^>]*>`)
	nameIs   = regexp.MustCompile(`\bname="([^"]*)"`)
	valueIs  = regexp.MustCompile(`\bvalue="([^"]*)"`)
	areaTag  = regexp.MustCompile(`(?s)<textarea name="([^"]*)"[^>]*>(.*?)</textarea>`)
	listTag  = regexp.MustCompile(`(?s)<select name="([^"]*)"[^>]*>(.*?)</select>`)
	chosen   = regexp.MustCompile(`<option value="([^"]*)" selected`)
)

// form reads what stands in the fields of the page's form with that address.
func (c *clerk) form(action string) url.Values {
	c.t.Helper()
	for _, m := range formTag.FindAllStringSubmatch(c.page, -1) {
		body := m[2]
		if m[3] != "" {
			m[1], body = strings.SplitN(c.at, "?", 2)[0], m[3]
		}
		if m[1] != action {
			continue
		}
		values := url.Values{}
		for _, tag := range inputTag.FindAllString(body, -1) {
			name, value := nameIs.FindStringSubmatch(tag), valueIs.FindStringSubmatch(tag)
			choice := strings.Contains(tag, `type="radio"`) || strings.Contains(tag, `type="checkbox"`)
			if name == nil || value == nil || choice && !strings.Contains(tag, " checked") {
				continue
			}
			values.Set(name[1], html.UnescapeString(value[1]))
		}
		for _, area := range areaTag.FindAllStringSubmatch(body, -1) {
			values.Set(area[1], html.UnescapeString(area[2]))
		}
		for _, list := range listTag.FindAllStringSubmatch(body, -1) {
			values.Set(list[1], "")
			if option := chosen.FindStringSubmatch(list[2]); option != nil {
				values.Set(list[1], option[1])
			}
		}
		return values
	}
	c.t.Fatalf("%s has no form that goes to %s", c.at, action)
	return nil
}

// fill is the page's form with other values in some fields.
func (c *clerk) fill(action string, typed url.Values) url.Values {
	c.t.Helper()
	values := c.form(action)
	for name, value := range typed {
		values[name] = value
	}
	return values
}

// press sends the page's form and follows to the page it leads to.
func (c *clerk) press(action string, typed url.Values) {
	c.t.Helper()
	r, err := c.http.PostForm(c.web.URL+action, c.fill(action, typed))
	c.answer(r, err, http.StatusOK)
}

// refused sends the page's form, which is shown again with what is wrong.
func (c *clerk) refused(action string, typed url.Values) {
	c.t.Helper()
	r, err := c.http.PostForm(c.web.URL+action, c.fill(action, typed))
	c.answer(r, err, http.StatusUnprocessableEntity)
}

// upload sends the page's form with a file.
func (c *clerk) upload(action string, typed url.Values, name string, content []byte) {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, values := range c.fill(action, typed) {
		if err := w.WriteField(field, values[0]); err != nil {
			c.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		c.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		c.t.Fatal(err)
	}
	r, err := c.http.Post(c.web.URL+action, w.FormDataContentType(), &body)
	c.answer(r, err, http.StatusOK)
}

// sees fails unless the page shows all of the texts.
func (c *clerk) sees(texts ...string) {
	c.t.Helper()
	page := strings.ReplaceAll(html.UnescapeString(c.page), "\u00a0", " ")
	for _, text := range texts {
		if !strings.Contains(page, text) {
			c.t.Errorf("%s does not show %q", c.at, text)
		}
	}
}

// path is the address of the page without what follows the question mark.
func (c *clerk) path() string { return strings.SplitN(c.at, "?", 2)[0] }

// TestClerkDoesTheWholeChain walks from a lead that calls to an invoice that is posted.
func TestClerkDoesTheWholeChain(t *testing.T) {
	c := newClerk(t, newShop(t), "HU01/kovacs")
	c.sees("Kovács Anna", "Fehérló Irodabútor Kft.")

	c.open("/leads/new")
	c.refused("/leads/new", url.Values{"name": {"Őri Győző"}, "email": {"gyozo(kukac)tuzliliom.test"}, "tax_id": {"12345678-2-41"}, "organization": {"Tűzliliom Építésziroda Kft."}})
	c.sees("így írja: nev@example.com", "Elgépelt adószám", `value="Őri Győző"`)
	c.press("/leads/new", url.Values{
		"name": {"Őri Győző"}, "email": {"gyozo.ori@tuzliliom.test"}, "phone": {"06 30 888 0001"}, "organization": {"Tűzliliom Építésziroda Kft."},
		"tax_id": {""}, "interest": {"12 munkahely"}, "expected_value": {"4 850 000,00"},
	})
	c.sees("Az érdeklődő felvéve.", "+36 30 888 0001", "4 850 000 Ft")
	lead := c.path()

	c.upload(lead+"/activity", url.Values{"kind": {"call-out"}, "subject": {"Felmérés"}, "minutes": {"12"}}, "alaprajz.txt", []byte("14 x 9 m\r\n"))
	c.sees("Felmérés", "12 perc", "alaprajz.txt", "Folyamatban")
	c.press(lead+"/activity", url.Values{"kind": {"task"}, "subject": {"Ajánlat küldése"}, "due": {"2030-01-15"}})
	c.sees("Ajánlat küldése", "2030. 01. 15.")

	c.open(lead + "/convert")
	c.sees("hiányzik vagy hibás", "Új vevő")
	c.refused(lead+"/convert", nil)
	c.sees("Hiányzik; töltse ki.")
	c.press(lead+"/convert", url.Values{
		"tax_id": {"47110018-2-41"}, "line1": {"Bartók Béla út 42."}, "postal_code": {"1117"}, "city": {"Budapest"}, "country": {"Magyarország"}, "deal_name": {"12 munkahely"}, "deal_value": {""},
	})
	c.sees("Az érdeklődő vevő lett az ERP-ben.", "Vevő", "C000071", "K000086")
	deal := c.path()

	c.press(deal+"/lines", url.Values{"product0": {"DSK-050"}, "quantity0": {"12"}, "name1": {"Bontás és elszállítás"}, "quantity1": {"1"}, "price1": {"45 000"}})
	c.sees("Íróasztal Lift 140", "1 761 840 Ft")
	c.press(deal+"/lines", url.Values{"product1": {"CHR-040"}, "name1": {""}, "quantity1": {"12"}, "price1": {""}})
	c.press(deal+"/quote", nil)
	quote := c.path()
	c.press(quote, url.Values{
		"title": {"12 munkahely bútorozása"}, "kind2": {"optional"}, "product2": {"STO-020"}, "quantity2": {"3"}, "kind3": {"item"}, "product3": {"SRV-010"}, "quantity3": {"7,5"},
	})
	c.sees("Zárható szekrény Safe 100", "117 000 Ft")
	c.press(quote, url.Values{"issue": {"1"}})
	c.sees("Az ajánlat kiadva", "Q-", "3 792 703 Ft")
	r, err := c.http.Get(c.web.URL + quote + "/pdf")
	c.answer(r, err, http.StatusOK)
	if !strings.HasPrefix(c.page, "%PDF-") {
		t.Errorf("the PDF begins with %.20q", c.page)
	}
	c.open(quote)
	c.press(quote+"/accept", url.Values{"by": {"Őri Győző"}})
	c.sees("Elfogadva", "Őri Győző")
	c.press(quote+"/order", nil)
	c.sees("A rendelés elkészült.", "Rendelés", "O20")
	order := c.path()

	deliver := c.action("/conversions/", "/deliver")
	c.refused(deliver, url.Values{"take:1": {"99"}})
	c.sees("Több, mint ami hátravan.")
	c.press(deliver, url.Values{"take:1": {"10"}, "take:2": {"10"}, "take:3": {"0"}})
	c.sees("A szállítólevél elkészült.", "Szállítólevél")
	c.open(order)
	c.sees("Részben teljesült")
	c.press(c.action("/conversions/", "/deliver"), nil)
	c.open(order)
	c.press(c.action("/conversions/", "/invoice"), nil)
	c.sees("A számla elkészült.", "Nyitott")
	invoice := c.path()
	c.open(order)
	c.sees("Teljesült")
	c.open(invoice)
	c.press(c.action("/erp/invoices/", "/post"), nil)
	c.sees("A számla lekönyvelve.", "Könyvelve")

	c.open("/erp/customers/C000071")
	c.sees("Tűzliliom Építésziroda Kft.", "Rendelés", "Szállítólevél", "Számla", "Felmérés", "alaprajz.txt", "Átalakítás", "47110018-2-41")
	c.open(lead)
	c.sees("Vevő lett")
}

// action is the address of the page's form that begins and ends so.
func (c *clerk) action(prefix, suffix string) string {
	c.t.Helper()
	m := regexp.MustCompile(`action="(` + regexp.QuoteMeta(prefix) + `[^"]*` + regexp.QuoteMeta(suffix) + `)"`).FindStringSubmatch(c.page)
	if m == nil {
		c.t.Fatalf("%s has no form %s...%s", c.at, prefix, suffix)
	}
	return m[1]
}

func TestManagerImportsAFile(t *testing.T) {
	c := newClerk(t, newShop(t), "HU01/manager-hu")
	content, err := os.ReadFile("../quickstart/leads.csv")
	if err != nil {
		t.Fatal(err)
	}
	c.open("/imports")
	c.upload("/imports", nil, "leads.csv", content)
	c.sees("windows-1250", "63 sor átnézve", "Várható érték", "Hibás sorok")
	c.press("/imports/run", url.Values{"source": {"partnerlista"}})
	c.sees("56", "6", "Hibás sorok letöltése")
	c.open(c.path() + "/rejects.csv")
	c.sees("CRM+ line", "tunde.szucs(kukac)rigofeszek.test")
	c.open("/leads?name=" + url.QueryEscape("Őri"))
	c.sees("Őri Győző", "Tűzliliom Építésziroda Kft.")
	c.open("/reports/sales.xlsx")
	if !strings.HasPrefix(c.page, "PK") {
		t.Errorf("the workbook begins with %.10q", c.page)
	}
}

func TestPagesReadFromTheRightInHebrew(t *testing.T) {
	c := newClerk(t, newShop(t), "IL01/mizrahi")
	c.sees(`<html lang="he" dir="rtl">`, "לידים", "דנה מזרחי")
}

func TestNobodyEntersWithoutLoginOrToken(t *testing.T) {
	c := newClerk(t, newShop(t), "HU01/kovacs")
	stranger := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := stranger.Get(c.web.URL + "/leads")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/login" {
		t.Errorf("a stranger gets %s to %q", r.Status, r.Header.Get("Location"))
	}
	r, err = c.http.PostForm(c.web.URL+"/leads/new", url.Values{"name": {"Kovács"}, "email": {"a@example.com"}, "csrf": {"guessed"}})
	c.answer(r, err, http.StatusForbidden)
	c.open("/leads?status=all")
	c.sees("Itt gyűlnek az érdeklődők")
}

// TestTexts fails on a text that is missing in a language, or that a page names and nobody wrote.
func TestTexts(t *testing.T) {
	for _, missing := range texts.Missing() {
		t.Errorf("the text %s is missing", missing)
	}
	named := regexp.MustCompile(`\(?\bt "([a-z_.-]+)"|field \$[a-zA-Z.]+ "[a-z_0-9]+" "([a-z_.]+)"|"hint=([a-z_.]+)"|"Label" "([a-z_.]+)"`)
	names, err := templateFiles.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := templateFiles.ReadFile("templates/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(content), -1) {
			for _, key := range m[1:] {
				if key != "" && texts[key] == nil {
					t.Errorf("%s names the text %q, which does not exist", name.Name(), key)
				}
			}
		}
	}
}
