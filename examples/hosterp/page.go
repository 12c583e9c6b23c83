package main

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
)

// pages are the ERP's own templates, once for each language that somebody reads in. "shell" is the layout
// that the screens of CRM+ stand in.
type pages struct {
	files map[string]*template.Template
	mu    sync.Mutex
	bound map[locale.Language]map[string]*template.Template
}

func newPages() (*pages, error) {
	p := &pages{files: map[string]*template.Template{}, bound: map[locale.Language]map[string]*template.Template{}}
	names, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	for _, entry := range names {
		if entry.Name() == "frame.html" {
			continue
		}
		t := template.New("frame").Funcs(words(locale.English))
		if _, err := t.ParseFS(templateFiles, "templates/frame.html", path.Join("templates", entry.Name())); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		p.files[entry.Name()] = t
	}
	return p, nil
}

// in gives a page whose words and numbers are those of a reader.
func (p *pages) in(l locale.Language, name string) (*template.Template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.bound[l][name]; t != nil {
		return t, nil
	}
	t, err := p.files[name].Clone()
	if err != nil {
		return nil, err
	}
	if p.bound[l] == nil {
		p.bound[l] = map[string]*template.Template{}
	}
	p.bound[l][name] = t.Funcs(words(l))
	return t, nil
}

// words are the functions of the templates: texts, numbers, dates as the reader writes them.
func words(lang locale.Language) template.FuncMap {
	return template.FuncMap{
		"t":        func(key string, args ...any) string { return texts.T(lang, key, args...) },
		"money":    func(a money.Amount, currency string) string { return lang.Money(a, currency) },
		"price":    func(a money.Amount, currency string) string { return lang.UnitPrice(a, currency) },
		"qty":      func(q money.Quantity) string { return lang.Quantity(q.Decimal) },
		"percent":  func(p money.Percent) string { return lang.Percent(p) },
		"date":     func(d civil.Date) string { return lang.Date(d) },
		"phone":    party.FormatPhone,
		"country":  func(code string) string { return party.CountryName(code, lang) },
		"language": func(code locale.Language) string { return languageNames[code] },
		"initials": initials,
	}
}

// languageNames are as their speakers write them.
var languageNames = map[locale.Language]string{
	locale.Hungarian: "Magyar", locale.English: "English", locale.Hebrew: "עברית", locale.Russian: "Русский", locale.Greek: "Ελληνικά",
}

// initials are one or two letters that stand for a person in a narrow column.
func initials(name string) string {
	var out []rune
	for word := range strings.FieldsSeq(name) {
		if out = append(out, []rune(word)[0]); len(out) == 2 {
			break
		}
	}
	return string(out)
}

// frame is what every page of the ERP stands in: its bar, with CRM+ as one entry of its menu.
type frame struct {
	Title     string
	Language  locale.Language
	Languages []locale.Language
	Direction string
	User      string
	Role      string
	Company   string
	CSRF      string
	Here      string
	Menu      []menuItem
	View      any
	// Head and Body are those of CRM+ where its screens are shown.
	Head, Body template.HTML
}

type menuItem struct {
	Path, Key string
	Here      bool
}

var menu = []struct{ path, key string }{
	{"/erp/customers", "menu.customers"}, {"/erp/products", "menu.products"}, {"/erp/documents/order", "menu.orders"},
	{"/erp/documents/delivery", "menu.deliveries"}, {"/erp/documents/invoice", "menu.invoices"}, {"/crm", "menu.crm"}, {"/mails", "menu.mails"},
}

// frame fills in what the bar shows. at is the address of the page.
func (v *visit) frame(title, at string) frame {
	lang := v.locale.Language
	f := frame{
		Title: title, Language: lang, Languages: locale.Languages, Direction: "ltr",
		User: v.who.Name, Company: v.s.companyName(v.login.company), CSRF: v.csrf(), Here: at,
	}
	if lang.RightToLeft() {
		f.Direction = "rtl"
	}
	if v.who.ID != "" {
		f.Role = texts.T(lang, "role."+string(v.who.Role))
		for _, m := range menu {
			f.Menu = append(f.Menu, menuItem{m.path, m.key, strings.HasPrefix(at+"/", m.path+"/")})
		}
	}
	return f
}

// show draws a page of the ERP. title is a key of the texts, or a text of its own.
func (v *visit) show(status int, name, title string, view any) error {
	f := v.frame(texts.T(v.locale.Language, title), v.here())
	f.View = view
	t, err := v.s.pages.in(v.locale.Language, name)
	if err != nil {
		return err
	}
	var out bytes.Buffer // a page that fails half-way is not sent
	if err := t.ExecuteTemplate(&out, "frame", f); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, err = out.WriteTo(v.w)
	return err
}

// shell is the ERP's layout around a page of CRM+.
func (s *server) shell(w io.Writer, r *http.Request, p web.Page) error {
	v, err := s.enter(nil, r)
	if err != nil {
		return err
	}
	f := v.frame(p.Title, p.Path)
	f.Head, f.Body = p.Head, p.Body
	t, err := s.pages.in(v.locale.Language, "crm.html")
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, "frame", f)
}

// here is the address of the page, for coming back to it.
func (v *visit) here() string {
	return (&url.URL{Path: v.r.URL.Path, RawQuery: v.r.URL.RawQuery}).String()
}

func (s *server) companyName(key string) string {
	for _, c := range s.companies {
		if c.Key == key {
			return c.Name
		}
	}
	return ""
}

// pagePath is the address of the next page, "" where there is none.
func pagePath(u *url.URL, after string) string {
	if after == "" {
		return ""
	}
	query := maps.Clone(u.Query())
	query.Set("after", after)
	return (&url.URL{Path: u.Path, RawQuery: query.Encode()}).String()
}

// localPath is a path of this server, or its first page.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/crm/today"
	}
	return path
}
