package main

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
)

// pages are the templates, once for each language and zone that somebody reads in.
type pages struct {
	files map[string]*template.Template
	mu    sync.Mutex
	bound map[locale.Locale]map[string]*template.Template
}

// shared are the templates that pages put together.
var shared = []string{"templates/frame.html", "templates/parts.html", "templates/lines.html", "templates/timeline.html"}

func newPages() (*pages, error) {
	p := &pages{files: map[string]*template.Template{}, bound: map[locale.Locale]map[string]*template.Template{}}
	names, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	for _, entry := range names {
		file := path.Join("templates", entry.Name())
		if slices.Contains(shared, file) {
			continue
		}
		t := template.New("frame").Funcs(words(locale.Locale{}))
		if _, err := t.ParseFS(templateFiles, append(slices.Clone(shared), file)...); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		p.files[entry.Name()] = t
	}
	return p, nil
}

// in gives a page whose words and numbers are those of a reader.
func (p *pages) in(l locale.Locale, name string) (*template.Template, error) {
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
func words(l locale.Locale) template.FuncMap {
	lang := l.Language
	return template.FuncMap{
		"t":       func(key string, args ...any) string { return texts.T(lang, key, args...) },
		"money":   func(a money.Amount, currency string) string { return lang.Money(a, currency) },
		"price":   func(a money.Amount, currency string) string { return lang.UnitPrice(a, currency) },
		"qty":     func(q money.Quantity) string { return lang.Quantity(q.Decimal) },
		"percent": func(p money.Percent) string { return lang.Percent(p) },
		"date":    func(d civil.Date) string { return lang.Date(d) },
		"when": func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return l.DateTime(t)
		},
		"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"ago":      func(t, now time.Time) string { return ago(lang, now.Sub(t)) },
		"phone":    party.FormatPhone,
		"country":  func(code string) string { return party.CountryName(code, lang) },
		"field":    newField,
		"initials": initials,
		"str":      func(v any) string { return fmt.Sprint(v) },
		"lines":    func(s string) []string { return strings.Split(s, "\n") },
		"add":      func(a, b int) int { return a + b },
		"list":     func(items ...string) []string { return items },
		"dict":     dict,
	}
}

// dict hands several values to a part of a page.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes pairs, not %d values", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m, nil
}

// ago says how long ago something was, in one unit.
func ago(lang locale.Language, d time.Duration) string {
	for _, unit := range []struct {
		key  string
		size time.Duration
	}{{"ago.months", 60 * 24 * time.Hour}, {"ago.days", 24 * time.Hour}, {"ago.hours", time.Hour}, {"ago.minutes", time.Minute}} {
		if d < unit.size {
			continue
		}
		size := unit.size
		if unit.key == "ago.months" {
			size = 30 * 24 * time.Hour
		}
		return texts.T(lang, unit.key, int(d/size))
	}
	return texts.T(lang, "ago.now")
}

// initials are one or two letters that stand for a person in a narrow column.
func initials(name string) string {
	var out []rune
	for _, word := range strings.Fields(name) {
		if out = append(out, []rune(word)[0]); len(out) == 2 {
			break
		}
	}
	return string(out)
}

// frame is what every page stands in.
type frame struct {
	Title, Section string
	Language       locale.Language
	Languages      []locale.Language
	Direction      string
	User, Role     string
	Company        string
	CSRF           string
	Here           string
	Now            time.Time
	Flash          string
	Menu           []menuItem
	View           any
}

type menuItem struct {
	Path, Key, Icon string
	Here            bool
}

var menu = []struct {
	path, key, icon string
	needs           actor.Right
}{
	{"/leads", "menu.leads", "leads", actor.LeadRead},
	{"/opportunities", "menu.opportunities", "opportunities", actor.OpportunityRead},
	{"/quotes", "menu.quotes", "quotes", actor.QuoteRead},
	{"/reports", "menu.reports", "reports", actor.ReportRead},
	{"/erp/customers", "menu.customers", "customers", actor.LeadRead},
	{"/erp/products", "menu.products", "products", actor.LeadRead},
	{"/erp/documents/order", "menu.orders", "orders", actor.LeadRead},
	{"/erp/documents/delivery", "menu.deliveries", "deliveries", actor.LeadRead},
	{"/erp/documents/invoice", "menu.invoices", "invoices", actor.LeadRead},
}

// languageNames are as their speakers write them.
var languageNames = map[locale.Language]string{
	locale.Hungarian: "Magyar", locale.English: "English", locale.Hebrew: "עברית", locale.Russian: "Русский", locale.Greek: "Ελληνικά",
}

// show draws a page. title is a key of the texts, or a text of its own.
func (v *visit) show(status int, name, title string, view any) error {
	lang := v.locale.Language
	f := frame{
		Title: texts.T(lang, title), Language: lang, Languages: locale.Languages, Direction: "ltr",
		User: v.who.Name, Company: v.companyName(), CSRF: v.csrf(), Here: v.here(), Now: v.s.db.Now(), View: view,
	}
	if lang.RightToLeft() {
		f.Direction = "rtl"
	}
	if v.who.ID != "" {
		f.Role = texts.T(lang, "role."+string(v.who.Role))
		for _, m := range menu {
			if v.may(m.needs) {
				f.Menu = append(f.Menu, menuItem{m.path, m.key, m.icon, strings.HasPrefix(v.r.URL.Path+"/", m.path+"/")})
			}
		}
	}
	if done := v.r.URL.Query().Get("done"); texts["done."+done] != nil {
		f.Flash = texts.T(lang, "done."+done)
	}
	t, err := v.s.pages.in(v.locale, name)
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

// here is the address of the page, for coming back to it; after a form was refused, that of the form.
func (v *visit) here() string {
	u := url.URL{Path: v.r.URL.Path, RawQuery: v.r.URL.RawQuery}
	return u.String()
}

func (v *visit) companyName() string {
	for _, c := range v.s.companies {
		if c.Key == v.login.company {
			return c.Name
		}
	}
	return ""
}

// send answers with a file; inline ones are shown by the browser.
func (v *visit) send(name, mime, disposition string, content []byte) error {
	v.w.Header().Set("Content-Type", mime)
	v.w.Header().Set("Content-Disposition", disposition+"; filename*=UTF-8''"+url.PathEscape(name))
	v.w.WriteHeader(http.StatusOK)
	_, err := v.w.Write(content)
	return err
}
