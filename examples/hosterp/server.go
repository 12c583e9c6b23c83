package main

import (
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/bounce"
)

//go:embed style.css
var style []byte

//go:embed templates
var templateFiles embed.FS

// server serves the ERP's pages, and the screens of CRM+ inside them.
type server struct {
	*shop
	signer signer
	pages  *pages
	// screens are those of CRM+, in the ERP's layout and with the ERP's login.
	screens http.Handler
	// quotes and forms are the pages of CRM+ for people outside.
	quotes, forms http.Handler
	// readers are the pages behind the links in newsletters, bounces takes what a mail provider reports.
	readers, bounces http.Handler
	// gateway is what the gateway of text messages calls.
	gateway http.Handler
}

func newServer(sh *shop) (*server, error) {
	p, err := newPages()
	if err != nil {
		return nil, err
	}
	s := &server{shop: sh, signer: signer{sh.key("pages")}, pages: p}
	s.screens, err = web.Handler(sh.module, web.Config{
		Visitor: s.visitor, SignIn: "/login", Key: s.signer.key, Shell: s.shell, Links: erpLink, Brand: web.Brand{Name: "CRM+"},
	})
	if err != nil {
		return nil, err
	}
	if s.quotes, err = web.QuotePages(sh.module.Quotes, web.QuotePagesConfig{Secret: s.signer.key}); err != nil {
		return nil, err
	}
	if s.readers, err = web.ReaderPages(sh.module.Newsletters.Subscriptions, web.ReaderPagesConfig{}); err != nil {
		return nil, err
	}
	if s.gateway, err = sh.newTextHook(); err != nil {
		return nil, err
	}
	if s.bounces, err = sh.module.Newsletters.BounceHook(bounce.HookConfig{Provider: "brevo", Secret: s.signer.sign("bounces", "brevo")}); err != nil {
		return nil, err
	}
	var forms []web.Form
	for _, c := range sh.companies {
		topics, err := sh.offered(c.Key)
		if err != nil {
			return nil, err
		}
		forms = append(forms, web.Form{
			Key: strings.ToLower(c.Key), Company: c.Key, Language: sh.locale(c.Key).Language, Source: "web", Brand: web.FormBrand{Name: c.Name}, Newsletter: web.FormNewsletter{Topics: topics},
		})
	}
	s.forms, err = web.NewForms(sh.module.Leads, web.FormsConfig{Forms: forms, Secret: s.signer.key, Texts: sh.module.Settings, Subscribe: sh.module.Inquire})
	return s, err
}

// erpLink is the ERP's own page of a record.
func erpLink(kind, key string) string {
	switch kind {
	case "customer":
		return "/erp/customers/" + key
	case "order", "delivery", "invoice":
		return "/erp/documents/" + kind + "/" + key
	}
	return ""
}

// page is a handler that tells how it failed instead of writing that itself.
type page func(v *visit) error

// handler routes. Everything but the login needs one; everything that changes something is a POST with
// the session's token.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /erp.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "max-age=300")
		_, _ = w.Write(style)
	})
	open := func(pattern string, p page) { mux.Handle(pattern, secure(s.serve(p, false))) }
	open("GET /login", s.showLogin)
	open("POST /login", s.doLogin)
	open("POST /language", s.doLanguage)

	closed := func(pattern string, p page) { mux.Handle(pattern, secure(s.serve(p, true))) }
	closed("POST /logout", s.doLogout)
	closed("GET /{$}", func(v *visit) error { return v.redirect("/crm/today") })
	closed("GET /mails", s.listMails)
	closed("POST /mails/answer", s.answerText)
	s.routeERP(closed)
	mux.Handle("/q/", s.quotes)
	mux.Handle("/f/", s.forms)
	s.routeLetters(mux)
	mux.Handle("/crm/", s.screens)
	return mux
}

// secure sets the headers that keep foreign scripts and frames out of the ERP's own pages.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (s *server) serve(p page, closed bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		v, err := s.enter(w, r)
		if err != nil {
			slog.ErrorContext(r.Context(), "the visitor cannot be recognised", "error", err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		if closed && v.who.ID == "" {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		if err = v.guard(); err == nil {
			err = p(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}

// guard refuses a POST that did not come from a form of this session.
func (v *visit) guard() error {
	if v.r.Method == http.MethodPost && !v.s.signer.holds("csrf", v.login.text(), v.r.PostFormValue("csrf")) {
		return fault.New(fault.Forbidden, "the page is too old; go back, reload it and try again")
	}
	return nil
}

var statuses = map[fault.Code]int{
	fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict, fault.Forbidden: http.StatusForbidden, fault.Invalid: http.StatusUnprocessableEntity,
}

// fail answers with what went wrong. What is no fault of the person's is logged and not shown.
func (v *visit) fail(err error) {
	status, known := statuses[fault.CodeOf(err)]
	message := ""
	var told *fault.Error
	if known && errors.As(err, &told) {
		message = told.Message
	} else {
		status = http.StatusInternalServerError
		slog.ErrorContext(v.r.Context(), "a page failed", "path", v.r.URL.Path, "error", err)
	}
	if err := v.show(status, "error.html", "error.title", message); err != nil {
		slog.ErrorContext(v.r.Context(), "the error page failed", "error", err)
	}
}

// redirect sends the browser to a page after a POST, so that reloading does nothing twice.
func (v *visit) redirect(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}
