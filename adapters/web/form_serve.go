package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strings"

	"golang.org/x/time/rate"

	"github.com/crmplus/crmplus/crm/fault"
)

// Forms serves public forms. It looks at the last parts of a path only, so that the host mounts it under
// any prefix, with or without http.StripPrefix:
//
//	mux.Handle("/crm/f/", forms)
type Forms struct {
	leads   Capturer
	config  FormsConfig
	forms   map[string]*liveForm
	clients *clientLimits
}

// liveForm is a form with all that is worked out once.
type liveForm struct {
	Form
	origins map[string]bool
	bucket  *rate.Limiter
	style   template.CSS
	policy  string
	logo    template.URL
}

var _ http.Handler = (*Forms)(nil)

// NewForms makes the handler. The error has a fault for everything that is wrong with the configuration.
func NewForms(leads Capturer, c FormsConfig) (*Forms, error) {
	c = c.withDefaults()
	faults := c.check()
	if leads == nil {
		faults.Add("leads", "required", "is missing; give the *lead.Leads of the module")
	}
	if err := faults.Err("the forms cannot be served"); err != nil {
		return nil, err
	}
	c.Secret = slices.Clone(c.Secret)
	f := &Forms{leads: leads, config: c, forms: map[string]*liveForm{}, clients: newClientLimits(c.ClientRate, clientsKept)}
	for _, form := range c.Forms {
		f.forms[form.Key] = newLiveForm(form, c.FormRate)
	}
	return f, nil
}

func newLiveForm(form Form, r FormRate) *liveForm {
	if len(form.Fields) == 0 {
		form.Fields = []FormField{{Name: FieldFullName, Required: true}, {Name: FieldEmail, Required: true}, {Name: FieldPhone}, {Name: FieldMessage}}
	}
	if form.Country == "" {
		form.Country = form.Language.Country()
	}
	live := &liveForm{Form: form, origins: map[string]bool{}, bucket: newBucket(r), style: pageStyle(form.Brand)}
	if len(form.Origins) == 0 {
		live.origins[OwnPage] = true
	}
	for _, origin := range form.Origins {
		live.origins[origin] = true
	}
	if len(form.Brand.Logo) > 0 {
		live.logo = template.URL("data:" + http.DetectContentType(form.Brand.Logo) + ";base64," + base64.StdEncoding.EncodeToString(form.Brand.Logo)) //nolint:gosec // the host's own picture, checked by its bytes
	}
	live.policy = live.contentPolicy()
	return live
}

// contentPolicy allows the page its own style, by hash, its own logo, and its own form: no script, nothing
// from elsewhere. A redirect after sending counts as a target of the form in some browsers.
func (l *liveForm) contentPolicy() string {
	sum := sha256.Sum256([]byte(l.style))
	ancestors, targets := "'none'", "'self'"
	if len(l.FrameAncestors) > 0 {
		ancestors = strings.Join(l.FrameAncestors, " ")
	}
	if l.RedirectURL != "" {
		targets += " " + originOf(l.RedirectURL)
	}
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; img-src data:; form-action %s; base-uri 'none'; frame-ancestors %s",
		base64.StdEncoding.EncodeToString(sum[:]), targets, ancestors)
}

// ServeHTTP answers GET, HEAD, POST and OPTIONS of /f/{key} and GET of /f/{key}.js.
func (f *Forms) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	folder, name := path.Split(r.URL.Path)
	key, isScript := strings.CutSuffix(name, ".js")
	form, ok := f.forms[key]
	if !ok || path.Base(folder) != "f" {
		http.NotFound(w, r)
		return
	}
	switch {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		if isScript {
			f.serveScript(w, form)
		} else {
			f.servePage(w, r, form)
		}
	case isScript:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case r.Method == http.MethodPost:
		f.servePost(w, r, form)
	case r.Method == http.MethodOptions:
		f.servePreflight(w, r, form)
	default:
		h.Set("Allow", "GET, HEAD, POST, OPTIONS")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// servePreflight answers what a browser asks before a page of another origin may post JSON.
func (f *Forms) servePreflight(w http.ResponseWriter, r *http.Request, form *liveForm) {
	h := w.Header()
	h.Add("Vary", "Origin")
	h.Set("Allow", "GET, HEAD, POST, OPTIONS")
	if r.Header.Get("Origin") != "" {
		if !f.admits(form, r) {
			f.note(r, form, "origin")
			http.Error(w, "this origin may not send the form", http.StatusForbidden)
			return
		}
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Set("Access-Control-Allow-Methods", "POST")
		h.Set("Access-Control-Allow-Headers", "Content-Type")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}

// note logs a post that made no lead.
func (f *Forms) note(r *http.Request, form *liveForm, why string) {
	f.config.Log.InfoContext(r.Context(), "form refused", "form", form.Key, "company", form.Company, "why", why)
}

// failed logs an error by its kind: its text can hold what a visitor typed.
func (f *Forms) failed(r *http.Request, form *liveForm, err error) {
	f.config.Log.ErrorContext(r.Context(), "form failed", "form", form.Key, "company", form.Company, "code", string(fault.CodeOf(err)), "kind", kindOf(err))
}

// kindOf names the type of the innermost error.
func kindOf(err error) string {
	for {
		unwrap, ok := err.(interface{ Unwrap() error })
		if !ok || unwrap.Unwrap() == nil {
			return fmt.Sprintf("%T", err)
		}
		err = unwrap.Unwrap()
	}
}
