package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

var (
	//go:embed form.html
	formHTML string
	//go:embed form.css
	formCSS string
	//go:embed form_page.css
	formPageCSS string

	formPage = template.Must(template.New("form").Parse(formHTML))
)

// formView is a form as it is shown: by the template, and as JSON by the snippet's script.
type formView struct {
	Key       string          `json:"key"`
	Language  locale.Language `json:"language"`
	Direction string          `json:"direction"`
	Title     string          `json:"title"`
	Intro     string          `json:"intro"`
	Button    string          `json:"button"`
	Optional  string          `json:"optional"`
	Fields    []fieldView     `json:"fields"`
	Consent   *consentView    `json:"consent,omitempty"`
	// Newsletter is the box by which newsletters are asked for.
	Newsletter *consentView `json:"newsletter,omitempty"`
	Trap       fieldView    `json:"trap"`
	Token      string       `json:"token"`

	// Only of the page.
	Style   template.CSS  `json:"-"`
	Brand   string        `json:"-"`
	Logo    template.URL  `json:"-"`
	Error   string        `json:"-"`
	Carried []fieldView   `json:"-"`
	Notice  *noticeView   `json:"-"`
	Thanks  *thanks       `json:"-"`
	Open    string        `json:"-"`
	Faults  []fault.Fault `json:"-"`
}

type fieldView struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Hint     string `json:"hint,omitempty"`
	Type     string `json:"type"`
	Complete string `json:"complete,omitempty"`
	Limit    int    `json:"limit"`
	Required bool   `json:"required"`
	// Wide fields have a row of their own.
	Wide bool `json:"wide"`
	// Code is written from left to right in every language.
	Code  bool   `json:"code"`
	Value string `json:"-"`
	Fault string `json:"-"`
	// Focus is where a reader goes on.
	Focus bool `json:"-"`
}

// Described lists the ids of what describes the field.
func (v fieldView) Described() string {
	var ids []string
	if v.Fault != "" {
		ids = append(ids, "fault-"+v.Name)
	}
	if v.Hint != "" {
		ids = append(ids, "hint-"+v.Name)
	}
	return strings.Join(ids, " ")
}

type consentView struct {
	fieldView
	Text      string `json:"text"`
	Version   string `json:"version"`
	PolicyURL string `json:"policy_url,omitempty"`
	Policy    string `json:"policy"`
	Ticked    bool   `json:"-"`
}

type noticeView struct {
	// Kind is "bad" where something is to be corrected, "watch" where one more press will do.
	Kind, Title, Text string
}

// view is the form with nothing typed.
func (l *liveForm) view() formView {
	text := func(own, key string) string {
		if own != "" {
			return own
		}
		return formTexts.T(l.Language, key)
	}
	v := formView{
		Key: l.Key, Language: l.Language, Direction: "ltr", Title: text(l.Title, "title"), Intro: text(l.Intro, "intro"),
		Button: text(l.Button, "button"), Optional: text("", "optional"), Trap: fieldView{Name: postTrap, Label: text("", "trap")},
		Style: l.style, Brand: l.Brand.Name, Logo: l.logo, Error: text("", "problem"),
	}
	if l.Language.RightToLeft() {
		v.Direction = "rtl"
	}
	for _, field := range l.Fields {
		kind := fieldKinds[field.Name]
		v.Fields = append(v.Fields, fieldView{
			Name: string(field.Name), Label: text(field.Label, string(field.Name)), Hint: field.Hint, Type: kind.Type, Complete: kind.Complete,
			Limit: kind.Limit, Required: field.Required, Wide: !kind.Half, Code: kind.Code,
		})
	}
	pair(v.Fields)
	if l.Consent.Text != "" {
		v.Consent = &consentView{
			fieldView: fieldView{Name: string(fieldConsent), Type: "checkbox", Required: l.Consent.Required},
			Text:      l.Consent.Text, Version: l.Consent.Version, PolicyURL: l.Consent.PolicyURL, Policy: text("", "policy"),
		}
	}
	if len(l.Newsletter.Topics) > 0 {
		v.Newsletter = &consentView{
			fieldView: fieldView{Name: fieldNewsletter, Type: "checkbox"}, Text: text(l.Newsletter.Text, "newsletter"), Version: newsletterOn,
		}
	}
	return v
}

// pair makes a half field wide that has no neighbour.
func pair(fields []fieldView) {
	for i := 0; i < len(fields); i++ {
		switch {
		case fields[i].Wide:
		case i+1 < len(fields) && !fields[i+1].Wide:
			i++
		default:
			fields[i].Wide = true
		}
	}
}

// fill puts what was typed and what is wrong with it into the form.
func (v *formView) fill(e entry, faults []fault.Fault) {
	v.Token, v.Faults = e[postToken], faults
	at := func(name string) string {
		if i := slices.IndexFunc(faults, func(f fault.Fault) bool { return f.Path == name }); i >= 0 {
			return faults[i].Message
		}
		return ""
	}
	for i := range v.Fields {
		field := &v.Fields[i]
		field.Value, field.Fault = e[field.Name], at(field.Name)
	}
	if c := v.Consent; c != nil {
		c.Fault, c.Ticked = at(c.Name), e[c.Name] == c.Version
	}
	if c := v.Newsletter; c != nil {
		c.Ticked = e[c.Name] == c.Version
	}
	for _, name := range slices.Concat(carried, []string{postReferrer, postPage}) {
		if value := e[name]; value != "" {
			v.Carried = append(v.Carried, fieldView{Name: name, Value: shorten(value)})
		}
	}
	if len(faults) > 0 {
		v.focus(faults[0].Path)
	}
}

func (v *formView) focus(name string) {
	for i := range v.Fields {
		v.Fields[i].Focus = v.Fields[i].Name == name
	}
	if v.Consent != nil {
		v.Consent.Focus = v.Consent.Name == name
	}
}

// shorten cuts what a link brought to what is kept of it.
func shorten(s string) string {
	if len(s) > originTextLimit {
		s = strings.ToValidUTF8(s[:originTextLimit], "")
	}
	return readable(s)
}

// servePage shows the empty form, or the thank-you after sending.
func (f *Forms) servePage(w http.ResponseWriter, r *http.Request, form *liveForm) {
	v := form.view()
	query := r.URL.Query()
	if query.Has("sent") {
		title, text := f.thankYou(r.Context(), form)
		v.Thanks = &thanks{Title: title, Text: text}
	} else {
		e := entry{postToken: f.issue(form.Key, f.config.Now())}
		for _, name := range carried {
			e[name] = query.Get(name)
		}
		if u, err := url.Parse(r.Referer()); err == nil && !strings.EqualFold(u.Host, f.hostOf(r)) {
			e[postReferrer] = r.Referer()
		}
		v.fill(e, nil)
	}
	f.render(w, http.StatusOK, form, v)
}

// showAgain shows the form with everything typed and with what is to be done.
func (p *post) showAgain(status int, code string, faults fault.List) {
	v := p.form.view()
	v.Notice = &noticeView{Kind: "bad", Title: formTexts.T(p.form.Language, headingOf(code)), Text: formTexts.T(p.form.Language, code)}
	if headingOf(code) == "again" {
		v.Notice.Kind = "watch"
	}
	if code == "faults" {
		v.Notice.Text = ""
	}
	if code == "forbidden" {
		// Nothing that a strange page sent is shown.
		if p.form.origins[OwnPage] {
			v.Open = formTexts.T(p.form.Language, "open")
		}
		v.Fields, v.Consent, v.Button = nil, nil, ""
		p.render(p.w, status, p.form, v)
		return
	}
	e := p.entry
	if e == nil {
		e = entry{}
	}
	if e[postToken] == "" {
		e[postToken] = p.issue(p.form.Key, p.now)
	}
	if p.r.Referer() != "" && e[postPage] == "" {
		e[postPage] = p.r.Referer()
	}
	v.fill(e, faults)
	p.render(p.w, status, p.form, v)
}

func (f *Forms) render(w http.ResponseWriter, status int, form *liveForm, v formView) {
	var page bytes.Buffer
	if err := formPage.Execute(&page, v); err != nil {
		f.config.Log.Error("form failed", "form", form.Key, "kind", kindOf(err))
		http.Error(w, "the form cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(form.Language))
	h.Set("Content-Security-Policy", form.policy)
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the visitor is gone where it fails
}
