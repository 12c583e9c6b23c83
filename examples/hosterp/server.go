package main

import (
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/fault"
)

//go:embed style.css
var style []byte

//go:embed templates
var templateFiles embed.FS

// server serves the pages.
type server struct {
	*shop
	signer  signer
	pages   *pages
	uploads uploads
	// screens are those of CRM+.
	screens http.Handler
}

func newServer(sh *shop) (*server, error) {
	p, err := newPages()
	if err != nil {
		return nil, err
	}
	s := &server{shop: sh, signer: newSigner(), pages: p, uploads: newUploads()}
	s.screens, err = web.Handler(sh.module, web.Config{Visitor: s.visitor, SignIn: "/login", Key: s.signer.key, Brand: web.Brand{Name: "Minta ERP"}})
	return s, err
}

// maxBody bounds what one request may bring: a file of leads or an attachment.
const maxBody = 26 << 20

// page is a handler that tells how it failed instead of writing that itself.
type page func(v *visit) error

// handler routes. Everything but the login needs one; everything that changes something is a POST with
// the session's token.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "max-age=300")
		_, _ = w.Write(style)
	})
	open := func(pattern string, p page) { mux.Handle(pattern, s.serve(p, false)) }
	open("GET /login", s.showLogin)
	open("POST /login", s.doLogin)
	open("POST /language", s.doLanguage)

	closed := func(pattern string, p page) { mux.Handle(pattern, s.serve(p, true)) }
	closed("POST /logout", s.doLogout)
	closed("GET /{$}", func(v *visit) error { return v.redirect("/leads") })
	s.routeLeads(closed)
	s.routeSales(closed)
	s.routeHost(closed)
	top := http.NewServeMux()
	top.Handle("/crm/", s.screens)
	top.Handle("/", secure(mux))
	return top
}

// secure sets the headers that keep foreign scripts and frames out.
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
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
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
	if v.r.Method != http.MethodPost {
		return nil
	}
	if err := v.readForm(); err != nil {
		return err
	}
	if !v.s.signer.holds("csrf", v.login.text(), v.r.PostFormValue("csrf")) {
		return fault.New(fault.Forbidden, "the page is too old; go back, reload it and try again")
	}
	return nil
}

// readForm reads the body once, whether it brings files or not.
func (v *visit) readForm() error {
	var err error
	if strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/form-data") {
		err = v.r.ParseMultipartForm(4 << 20)
	} else {
		err = v.r.ParseForm()
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.New(fault.Limit, "the file is larger than 25 MB; send a smaller one")
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "the form cannot be read")
	}
	return nil
}

var statuses = map[fault.Code]int{
	fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict, fault.Forbidden: http.StatusForbidden,
	fault.Invalid: http.StatusUnprocessableEntity, fault.Limit: http.StatusRequestEntityTooLarge,
	fault.Retryable: http.StatusServiceUnavailable, fault.Unavailable: http.StatusServiceUnavailable,
}

// errorView is the page for what could not be done and has no form to stand at.
type errorView struct {
	Message string
	Faults  []string
}

// fail answers with what went wrong. What is no fault of the person's is logged and not shown.
func (v *visit) fail(err error) {
	status, known := statuses[fault.CodeOf(err)]
	view := errorView{}
	var told *fault.Error
	if known && errors.As(err, &told) {
		view.Message = told.Message
		for _, f := range told.Faults {
			view.Faults = append(view.Faults, v.faultText(f))
		}
	} else {
		status = http.StatusInternalServerError
		slog.ErrorContext(v.r.Context(), "a page failed", "path", v.r.URL.Path, "error", err)
	}
	if err := v.show(status, "error.html", "error.title", view); err != nil {
		slog.ErrorContext(v.r.Context(), "the error page failed", "error", err)
	}
}

// redirect sends the browser to a page after a POST, so that reloading does nothing twice.
func (v *visit) redirect(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}
