package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// screensWorld is an ERP with CRM+ and its screens, on SQLite, and one company of it with people of several
// rights: anna and peter sell (she sees her team's, too, he his own alone, as petra, who has reports besides), gabor leads
// them, kati administers, olga only reads, and nobody may do nothing.
type screensWorld struct {
	*testutil.Env
	t       testing.TB
	books   *erp.ERP
	module  *crm.Module
	screens *screens
	handler http.Handler
	log     *bytes.Buffer
}

// clerk is who sits at a browser of the test.
type clerk struct {
	actor.User
	Language locale.Language
}

var clerks = map[string]clerk{
	"anna":   {actor.User{ID: "kovacs", Name: "Kovács Anna", Teams: []string{"budapest"}, Rights: actor.Seller, See: actor.Team}, locale.Hungarian},
	"peter":  {actor.User{ID: "nagy", Name: "Nagy Péter", Teams: []string{"videk"}, Rights: actor.Seller, See: actor.Own}, locale.Hungarian},
	"petra":  {actor.User{ID: "nagy", Name: "Nagy Petra", Teams: []string{"videk"}, Rights: append(slices.Clone(actor.Seller), actor.ReportRead), See: actor.Own}, locale.Hungarian},
	"gabor":  {actor.User{ID: "manager-hu", Name: "Tóth Gábor", Teams: []string{"budapest", "videk"}, Rights: actor.Manager, See: actor.All}, locale.Hungarian},
	"zsuzsa": {actor.User{ID: "fekete", Name: "Fekete Zsuzsanna", Teams: []string{"budapest"}, Rights: actor.Manager, See: actor.Team}, locale.Hungarian},
	"kati":   {actor.User{ID: "admin-hu", Name: "Szabó Katalin", Teams: []string{"iroda"}, Rights: actor.Admin, See: actor.All}, locale.Hungarian},
	"olga":   {actor.User{ID: "ivanova", Name: "Иванова Ольга", Teams: []string{"export"}, Rights: actor.Reader, See: actor.All}, locale.Russian},
	"nobody": {actor.User{ID: "smith", Name: "John Smith", Teams: []string{"export"}}, locale.English},
}

func newScreensWorld(t testing.TB) *screensWorld {
	t.Helper()
	return screensWorldOn(t, testutil.SQLite(t))
}

// screensWorldOn is newScreensWorld on a database of the test's own.
func screensWorldOn(t testing.TB, env *testutil.Env) *screensWorld {
	t.Helper()
	ctx := context.Background()
	w := &screensWorld{Env: env, t: t, log: &bytes.Buffer{}, books: erp.New(env.DB.SQL(), string(env.DB.Dialect())).WithClock(env.DB.Now)}
	w.must(w.books.Install(ctx))
	w.must(w.books.Seed(ctx, erp.Sample{Prefix: env.Company + "-", Companies: []string{"HU01"}, SkipHistory: true}))
	w.Company = env.Company + "-HU01"
	host := w.books.Host()
	locales, err := erpbridge.Locales(ctx, env.DB.SQL(), host, w.Company)
	w.must(err)
	w.module, err = crm.New(env.DB, crm.Config{Host: host, Locale: locales, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	w.must(err)
	w.screens, err = newScreens(w.module, Config{
		Visitor: w.visitor, SignIn: "/login", Key: bytes.Repeat([]byte("k"), 32), Brand: Brand{Name: "Minta ERP"},
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	w.must(err)
	w.handler = w.screens.handler()
	return w
}

func (w *screensWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// visitor reads the clerk of a request from a cookie, as a host reads its session.
func (w *screensWorld) visitor(r *http.Request) (Visitor, error) {
	cookie, err := r.Cookie("clerk")
	if err != nil {
		return Visitor{}, nil //nolint:nilerr // nobody
	}
	name, language, _ := strings.Cut(cookie.Value, ".")
	who, ok := clerks[name]
	if !ok {
		return Visitor{}, nil
	}
	who.Company = w.Company
	l := w.module.Parties.Locale(w.Company)
	l.Language = who.Language
	if language != "" {
		l.Language = locale.Language(language)
	}
	return Visitor{Actor: who.Actor(), Locale: l, Session: "session of " + name}, nil
}

// as is a context in which a clerk acts beside the screens.
func (w *screensWorld) as(name string) context.Context {
	who := clerks[name]
	who.Company = w.Company
	return actor.With(context.Background(), who.Actor())
}

// lead captures one for a clerk: a person, and a company where one is named.
func (w *screensWorld) lead(clerk, name, organization, email string) lead.ID {
	w.t.Helper()
	got, err := w.module.Leads.Capture(w.as(clerk), lead.Draft{
		Name: name, Organization: organization, Emails: []string{email}, Address: party.Address{City: "Pécs", Country: "HU"},
		Interest: "12 íróasztal", ExpectedValue: money.MustAmount("450000"), Currency: "HUF", Origin: lead.Origin{Channel: lead.ByHand, Source: "web"},
	})
	w.must(err)
	return got.Lead
}

// browser sits a clerk at a browser without JavaScript; language "" is his own.
func (w *screensWorld) browser(clerk string, language ...locale.Language) *plainBrowser {
	b := &plainBrowser{w: w, cookies: map[string]*http.Cookie{}}
	value := clerk
	for _, l := range language {
		value += "." + string(l)
	}
	b.cookies["clerk"] = &http.Cookie{Name: "clerk", Value: value}
	return b
}

// plainBrowser follows links and sends forms as they stand in the page.
type plainBrowser struct {
	w       *screensWorld
	cookies map[string]*http.Cookie
	// Header is added to each request: Hx-Request.
	Header http.Header
}

// shown is a page as the browser has it.
type shown struct {
	b      *plainBrowser
	Status int
	// Path is the address with its query, after redirects.
	Path   string
	Header http.Header
	Body   string
	root   *html.Node
}

// get opens a page; path begins below the mount: "/leads?status=new".
func (b *plainBrowser) get(path string) *shown {
	b.w.t.Helper()
	return b.do(httptest.NewRequest(http.MethodGet, "https://erp.example.com"+b.full(path), nil))
}

func (b *plainBrowser) full(path string) string {
	if strings.HasPrefix(path, b.w.screens.path+"/") {
		return path
	}
	return b.w.screens.path + path
}

// post sends values with the token of the session, as a form of ours does.
func (b *plainBrowser) post(path string, pairs ...string) *shown {
	b.w.t.Helper()
	name, _, _ := strings.Cut(b.cookies["clerk"].Value, ".")
	values := url.Values{"csrf": {b.w.screens.tokens.masked("csrf", "session of "+name)}}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return b.send(path, values)
}

// send posts exactly these values.
func (b *plainBrowser) send(path string, values url.Values) *shown {
	b.w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://erp.example.com"+b.full(path), strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// do sends a request, keeps cookies and follows redirects.
func (b *plainBrowser) do(r *http.Request) *shown {
	b.w.t.Helper()
	r.Header.Set("Origin", "https://erp.example.com")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, values := range b.Header {
		r.Header[name] = values
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	recorder := httptest.NewRecorder()
	b.w.handler.ServeHTTP(recorder, r)
	answer := recorder.Result()
	for _, c := range answer.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	if answer.StatusCode == http.StatusSeeOther && strings.HasPrefix(answer.Header.Get("Location"), b.w.screens.path+"/") {
		to, _, _ := strings.Cut(answer.Header.Get("Location"), "#") // no browser sends what is behind it
		return b.get(to)
	}
	page := &shown{b: b, Status: answer.StatusCode, Path: r.URL.RequestURI(), Header: answer.Header, Body: recorder.Body.String()}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		root, err := html.Parse(strings.NewReader(page.Body))
		b.w.must(err)
		page.root = root
		page.checkTexts()
	}
	return page
}

// ok fails the test unless the page came with a status.
func (p *shown) ok(status int) *shown {
	p.b.w.t.Helper()
	if p.Status != status {
		p.b.w.t.Fatalf("%s answered %d, want %d: %s\n%s", p.Path, p.Status, status, p.text(), p.b.w.log)
	}
	return p
}

// has fails the test unless all texts stand in the page.
func (p *shown) has(texts ...string) *shown {
	p.b.w.t.Helper()
	all := p.text()
	for _, text := range texts {
		if !strings.Contains(all, text) {
			p.b.w.t.Errorf("%s does not show %q: %s", p.Path, text, all)
		}
	}
	return p
}

// lacks fails the test where a text stands in the page.
func (p *shown) lacks(texts ...string) *shown {
	p.b.w.t.Helper()
	all := p.text()
	for _, text := range texts {
		if strings.Contains(all, text) {
			p.b.w.t.Errorf("%s shows %q: %s", p.Path, text, all)
		}
	}
	return p
}

var blanks = regexp.MustCompile(`[\s\x{a0}\x{202f}]+`)

// text is what a person reads, toasts among it.
func (p *shown) text() string {
	if p.root == nil {
		return p.Body
	}
	var out strings.Builder
	p.walk(func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			out.WriteString(n.Data + " ")
		}
	})
	return strings.TrimSpace(blanks.ReplaceAllString(out.String(), " "))
}

func (p *shown) walk(visit func(*html.Node)) {
	for n := range p.root.Descendants() {
		visit(n)
	}
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// link gives the first address in the page that begins with a path below the mount.
func (p *shown) link(path string) string {
	p.b.w.t.Helper()
	found := ""
	p.walk(func(n *html.Node) {
		if href, ok := attribute(n, "href"); n.Data == "a" && ok && found == "" && strings.HasPrefix(href, p.b.full(path)) {
			found = href
		}
	})
	if found == "" {
		p.b.w.t.Fatalf("%s has no link to %s", p.Path, path)
	}
	return found
}

// follow opens it.
func (p *shown) follow(path string) *shown {
	p.b.w.t.Helper()
	return p.b.get(p.link(path))
}

// form gives what a form of the page would send now, found by the beginning of its action.
func (p *shown) form(action string) (string, url.Values) {
	p.b.w.t.Helper()
	for n := range p.root.Descendants() {
		if n.Data != "form" {
			continue
		}
		to, _ := attribute(n, "action")
		if method, _ := attribute(n, "method"); strings.HasPrefix(to, p.b.full(action)) && strings.EqualFold(method, "post") {
			return to, fieldsIn(n)
		}
	}
	p.b.w.t.Fatalf("%s has no form that posts to %s", p.Path, action)
	return "", nil
}

// fieldsIn reads fields as a browser would send them, but for buttons.
func fieldsIn(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		name, ok := attribute(n, "name")
		if !ok {
			continue
		}
		value, _ := attribute(n, "value")
		switch n.Data {
		case "input":
			kind, _ := attribute(n, "type")
			_, checked := attribute(n, "checked")
			if kind == "file" || (kind == "checkbox" || kind == "radio") && !checked {
				continue
			}
			values.Add(name, value)
		case "textarea":
			if n.FirstChild != nil {
				value = n.FirstChild.Data
			}
			values.Add(name, value)
		case "select":
			values.Add(name, chosenIn(n))
		}
	}
	return values
}

func chosenIn(list *html.Node) string {
	chosen, some := "", false
	for n := range list.Descendants() {
		if n.Data != "option" {
			continue
		}
		value, _ := attribute(n, "value")
		if _, on := attribute(n, "selected"); on || !some {
			chosen, some = value, true
		}
	}
	return chosen
}

// submit sends a form of the page as a person who changed some fields; "" is sent as an emptied field.
func (p *shown) submit(action string, pairs ...string) *shown {
	p.b.w.t.Helper()
	to, values := p.form(action)
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return p.b.send(to, values)
}

// upload sends a form of the page with a file.
func (p *shown) upload(action, field, name string, content []byte) *shown {
	p.b.w.t.Helper()
	to, values := p.form(action)
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for key, all := range values {
		for _, one := range all {
			p.b.w.must(parts.WriteField(key, one))
		}
	}
	file, err := parts.CreateFormFile(field, name)
	p.b.w.must(err)
	_, err = file.Write(content)
	p.b.w.must(err)
	p.b.w.must(parts.Close())
	r := httptest.NewRequest(http.MethodPost, "https://erp.example.com"+to, &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	return p.b.do(r)
}

// textKeyForm is how a text looks that is missing in the catalogues: its key.
var textKeyForm = regexp.MustCompile(`^[a-z][a-z_-]*(\.[a-z0-9_-]+)+$`)

// checkTexts fails the test where a key stands in the place of a text.
func (p *shown) checkTexts() {
	p.b.w.t.Helper()
	check := func(where, text string) {
		text = strings.TrimSpace(text)
		first, _, _ := strings.Cut(text, ".")
		if textKeyForm.MatchString(text) && slices.Contains(keyRoots, first) {
			p.b.w.t.Errorf("%s shows the key %q (%s)", p.Path, text, where)
		}
	}
	p.walk(func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "code" { // names that people write in conditions
			check(n.Parent.Data, n.Data)
		}
		for _, name := range []string{"title", "aria-label", "placeholder", "alt"} {
			if value, ok := attribute(n, name); ok {
				check(name, value)
			}
		}
	})
}

// keyRoots are the first words of all keys.
var keyRoots = func() []string {
	var out []string
	for key := range texts {
		first, _, _ := strings.Cut(key, ".")
		if !slices.Contains(out, first) {
			out = append(out, first)
		}
	}
	return out
}()

func TestTextsAreComplete(t *testing.T) {
	if missing := texts.Missing(); len(missing) > 0 {
		t.Errorf("no text for %v", missing)
	}
}

var keyInTemplate = regexp.MustCompile(`[( {]t "([^"]+)"`)

// TestTemplatesNameTexts finds keys that no catalogue has.
func TestTemplatesNameTexts(t *testing.T) {
	files, err := pageFiles.ReadDir("pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		content, err := pageFiles.ReadFile("pages/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range keyInTemplate.FindAllStringSubmatch(string(content), -1) {
			if texts[found[1]] == nil {
				t.Errorf("%s names the text %q, which no catalogue has", f.Name(), found[1])
			}
		}
	}
}

func TestStrangersAreSentToTheSignIn(t *testing.T) {
	w := newScreensWorld(t)
	page := (&plainBrowser{w: w, cookies: map[string]*http.Cookie{}}).get("/today?x=1")
	if page.Status != http.StatusSeeOther || page.Header.Get("Location") != "/login?next="+url.QueryEscape("/crm/today?x=1") {
		t.Errorf("a stranger got %d to %q", page.Status, page.Header.Get("Location"))
	}
}

// languages are all five; under -short one for each direction of writing.
func languages() []locale.Language {
	if testing.Short() {
		return []locale.Language{locale.Hungarian, locale.Hebrew}
	}
	return locale.Languages[:]
}
