package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// office is the ERP running, with nothing in it but what its own example brings.
type office struct {
	*shop
	web *httptest.Server
	// stops are where the tour goes, by company.
	stops map[string][]stop
}

// openOffice opens the ERP on a file of its own.
func openOffice(t *testing.T) *office {
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
	pages, err := newServer(sh)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{shop: sh, web: httptest.NewServer(pages.handler())}
	t.Cleanup(o.web.Close)
	sh.address = o.web.URL
	return o
}

// work does what waits in the background: sends mails, tells people.
func (o *office) work(t *testing.T) {
	t.Helper()
	if _, err := o.module.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// clerk works in the pages as a person without JavaScript does: opens one, reads it, fills its form, presses
// its button.
type clerk struct {
	t    *testing.T
	base string
	http *http.Client
	// at is the address of the page, root what stands on it.
	at     string
	status int
	page   string
	root   *html.Node
}

// visitor sits somebody at a browser who has not signed in.
func (o *office) visitor(t *testing.T) *clerk {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &clerk{t: t, base: o.web.URL, http: &http.Client{Jar: jar}}
}

func (o *office) clerk(t *testing.T, who string) *clerk {
	t.Helper()
	c := o.visitor(t)
	c.open("/login").submit("/login", "who", who)
	return c
}

func (c *clerk) take(r *http.Response, err error) *clerk {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.at, c.status, c.page = r.Request.URL.RequestURI(), r.StatusCode, string(body)
	if c.root, err = html.ParseWithOptions(strings.NewReader(c.page), html.ParseOptionEnableScripting(false)); err != nil {
		c.t.Fatal(err)
	}
	if c.status >= 400 && c.status != http.StatusUnprocessableEntity {
		c.t.Fatalf("%s %s answers %s: %s", r.Request.Method, c.at, r.Status, c.text())
	}
	return c
}

// open goes to an address, of the server or a whole one.
func (c *clerk) open(address string) *clerk {
	c.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = c.base + address
	}
	r, err := c.http.Get(address)
	return c.take(r, err)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// follow goes where the first link leads whose address matches.
func (c *clerk) follow(pattern string) *clerk {
	c.t.Helper()
	match := regexp.MustCompile(pattern)
	for n := range c.root.Descendants() {
		if href := attribute(n, "href"); n.Data == "a" && match.MatchString(href) {
			return c.open(href)
		}
	}
	c.t.Fatalf("%s has no link to %s: %s", c.at, pattern, c.text())
	return nil
}

// form finds one by its address, and gives what it would send now.
func (c *clerk) form(action string) (string, url.Values) {
	c.t.Helper()
	match := regexp.MustCompile(action)
	for n := range c.root.Descendants() {
		if n.Data != "form" || !strings.EqualFold(attribute(n, "method"), "post") || !match.MatchString(attribute(n, "action")) {
			continue
		}
		to, err := url.Parse(c.base + c.at)
		if err != nil {
			c.t.Fatal(err)
		}
		if to, err = to.Parse(attribute(n, "action")); err != nil {
			c.t.Fatal(err)
		}
		return to.String(), fields(n)
	}
	c.t.Fatalf("%s has no form that goes to %s: %s", c.at, action, c.text())
	return "", nil
}

// fields are those of a form as a browser sends them, but for buttons and files.
func fields(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		name := attribute(n, "name")
		if name == "" || has(n, "disabled") || inTemplate(n) {
			continue
		}
		switch n.Data {
		case "input":
			kind := attribute(n, "type")
			if kind == "file" || (kind == "radio" || kind == "checkbox") && !has(n, "checked") {
				continue
			}
			values.Add(name, attribute(n, "value"))
		case "textarea":
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			values.Add(name, text)
		case "select":
			values.Add(name, chosen(n))
		}
	}
	return values
}

func inTemplate(n *html.Node) bool {
	for p := range n.Ancestors() {
		if p.Data == "template" {
			return true
		}
	}
	return false
}

func chosen(list *html.Node) string {
	var options []string
	for n := range list.Descendants() {
		if n.Data == "option" {
			if has(n, "selected") {
				return attribute(n, "value")
			}
			options = append(options, attribute(n, "value"))
		}
	}
	if len(options) == 0 {
		return ""
	}
	return options[0]
}

// submit sends a form of the page after changing some of its fields. A name may have the number of the row
// behind it: "code:1" is the second field of that name.
func (c *clerk) submit(action string, pairs ...string) *clerk {
	c.t.Helper()
	to, values := c.form(action)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, row, _ := strings.Cut(pairs[i], ":")
		if row == "" {
			values.Set(name, pairs[i+1])
			continue
		}
		at := int(row[0] - '0')
		if at >= len(values[name]) {
			c.t.Fatalf("%s has %d fields %s", c.at, len(values[name]), name)
		}
		values[name][at] = pairs[i+1]
	}
	r, err := c.http.PostForm(to, values)
	return c.take(r, err)
}

// text is what a person reads.
func (c *clerk) text() string {
	var out strings.Builder
	for n := range c.root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			out.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.FieldsFunc(out.String(), unicode.IsSpace), " ")
}

// sees fails unless the page shows all of the texts.
func (c *clerk) sees(texts ...string) *clerk {
	c.t.Helper()
	all := c.text()
	for _, text := range texts {
		if !strings.Contains(all, text) {
			c.t.Errorf("%s does not show %q: %s", c.at, text, all)
		}
	}
	return c
}

// path is the address of the page without what follows the question mark.
func (c *clerk) path() string { return strings.SplitN(c.at, "?", 2)[0] }

// signature is what somebody pastes who got a mail.
const signature = "Jó napot kívánok, 12 munkahelyet rendeznénk be.\n\nŐri Győző\nügyvezető\nTűzliliom Építésziroda Kft.\n1117 Budapest, Bartók Béla út 42.\nTel.: +36 30 888 0001\ngyozo.ori@tuzliliom.test"

// TestClerkWithoutScriptDoesTheWholeChain goes from a pasted signature to the posted invoice by plain pages and
// forms, as a browser without JavaScript does.
func TestClerkWithoutScriptDoesTheWholeChain(t *testing.T) {
	o := openOffice(t)
	c := o.clerk(t, "HU01/kovacs")
	c.sees("Kovács Anna", "Fehérló Irodabútor Kft.")
	c.open("/crm/leads/capture").submit("/leads/capture", "text", signature).submit("/leads/capture", "email", "gyozo(kukac)tuzliliom.test")
	if c.status != http.StatusUnprocessableEntity {
		t.Fatalf("a wrong address is taken: %s", c.text())
	}
	c.submit("/leads/capture", "email", "gyozo.ori@tuzliliom.test").sees("Az érdeklődő felvéve.", "Őri Győző", "Tűzliliom Építésziroda Kft.")
	lead := c.follow(`/crm/leads/[0-9a-f-]{36}$`).sees("+36 30 888 0001").path()

	c.follow(`/quotes/new\?lead=`).submit("/quotes/new", "title", "12 munkahely bútorozása")
	quote := c.path()
	c.submit(quote+"$", "code:0", "nincs-ilyen", "quantity:0", "12", "do", "save")
	if c.status != http.StatusUnprocessableEntity {
		t.Fatalf("a product that does not exist is taken: %s", c.text())
	}
	c.submit(quote+"$", "code:0", "DSK-050", "quantity:0", "12", "code:1", "CHR-040", "quantity:1", "12", "do", "issue").sees("Íróasztal Lift 140", "Q-")
	c.follow("/send$").submit("/send$").sees("gyozo.ori@tuzliliom.test")
	o.work(t)

	reader := o.visitor(t).open(firstLink(t, c.open("/mails"), "/q/")).sees("Íróasztal Lift 140", "Fehérló Irodabútor Kft.")
	reader.submit("", "name", "Őri Győző", "reference", "MR-2026/17", "act", "accept")
	if reader.status == http.StatusUnprocessableEntity { // nobody reads so fast: the page asks once more
		reader.sees("Már csak egy lépés").submit("", "act", "accept")
	}
	reader.sees("Köszönjük")
	o.work(t)
	c.open("/crm/notices").sees("Elfogadták az ajánlatát", "Q-")
	c.open(quote).sees("Elfogadva", "MR-2026/17")

	c.open(lead+"/convert").submit("/convert$", "tax_id", "47110018-2-41", "line1", "Bartók Béla út 42.", "postal_code", "1117", "city", "Budapest", "country", "Magyarország")
	c.sees("C000071")
	c.open(quote).follow("/make/order$").submit("/make/order$").sees("O20")
	c.follow("/make/delivery$").submit("/make/delivery$", "take.1", "99")
	if c.status != http.StatusUnprocessableEntity {
		t.Fatalf("more than was ordered is delivered: %s", c.text())
	}
	c.submit("/make/delivery$", "take.1", "10", "take.2", "12")
	c.open(quote).sees("Szállítólevél").follow("/make/delivery$").submit("/make/delivery$")
	c.open(quote).follow("/make/invoice$").submit("/make/invoice$")
	c.open(quote).follow("^/erp/documents/invoice/").sees("Íróasztal Lift 140", "Tűzliliom Építésziroda Kft.").submit("/post$").sees("Könyvelve")

	c.open(lead).sees("Vevő lett")
	c.open("/crm/customers/C000071").sees("Tűzliliom Építésziroda Kft.")
}

// firstLink is the first address on a page that holds a text.
func firstLink(t *testing.T, c *clerk, part string) string {
	t.Helper()
	for n := range c.root.Descendants() {
		if href := attribute(n, "href"); n.Data == "a" && strings.Contains(href, part) {
			return href
		}
	}
	t.Fatalf("%s has no link with %s: %s", c.at, part, c.text())
	return ""
}

func TestPagesReadFromTheRightInHebrew(t *testing.T) {
	c := openOffice(t).clerk(t, "IL01/mizrahi")
	if !strings.Contains(c.page, `<html lang="he" dir="rtl">`) {
		t.Errorf("the page begins %.200s", c.page)
	}
	c.sees("דנה מזרחי")
}

func TestNobodyEntersWithoutLoginOrToken(t *testing.T) {
	o := openOffice(t)
	stranger := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/", "/erp/customers", "/mails", "/crm/leads", "/crm/settings"} {
		r, err := stranger.Get(o.web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/login") {
			t.Errorf("a stranger gets %s to %q at %s", r.Status, r.Header.Get("Location"), path)
		}
	}
	c := o.clerk(t, "HU01/kovacs")
	for _, path := range []string{"/crm/leads/new", "/language", "/logout", "/erp/invoices/1/post"} {
		r, err := c.http.PostForm(o.web.URL+path, url.Values{"name": {"Kovács"}, "email": {"a@example.com"}, "csrf": {"guessed"}})
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusForbidden {
			t.Errorf("%s takes a guessed token: %s", path, r.Status)
		}
	}
}

// TestTexts fails on a text that is missing in a language, or that a page names and nobody wrote.
func TestTexts(t *testing.T) {
	for _, missing := range texts.Missing() {
		t.Errorf("the text %s is missing", missing)
	}
	named := regexp.MustCompile(`\bt "([a-z_.-]+)"`)
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
			if texts[m[1]] == nil {
				t.Errorf("%s names the text %q, which does not exist", name.Name(), m[1])
			}
		}
	}
}
