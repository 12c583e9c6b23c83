package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
)

// page is a handler that tells how it failed instead of writing that itself.
type page func(v *visit) error

// route is one address of the screens. Whoever lacks the right gets the page of what is forbidden, and
// does not see links to it.
type route struct {
	// Pattern is that of net/http's ServeMux, with the path below the mount: "GET /leads/{id}".
	Pattern string
	// Right is needed to come here; "" for every user.
	Right actor.Right
	Do    page
	// Body is how many bytes a post may bring; 1 MB where it is 0.
	Body int64
}

// routes are all addresses; each cluster of pages has its own list.
func (s *screens) routes() []route {
	var all []route
	for _, part := range [][]route{
		s.leadRoutes(),
		s.opportunityRoutes(), s.quoteRoutes(), s.documentRoutes(), s.saleRoutes(),
		s.frameRoutes(), s.todayRoutes(), s.settingRoutes(), s.auditRoutes(), s.reportRoutes(), s.figureRoutes(), s.figureBookRoutes(), s.listBookRoutes(), s.commissionRoutes(), s.quantityRoutes(), s.receiptRoutes(), s.retentionRoutes(),
		s.timelineRoutes(), s.composeRoutes(), s.activityRoutes(), s.leadCardRoutes(),
		s.customerRoutes(), s.valueRoutes(), s.regulationRoutes(), s.processRoutes(), s.contactRoutes(), s.ownColumnRoutes(), s.calendarRoutes(), s.fileRoutes(),
		s.newsletterRoutes(), s.exportRoutes(), s.sequenceRoutes(), s.workflowRoutes(),
	} {
		all = append(all, part...)
	}
	return all
}

// handler routes. Everything that changes something is a POST with the session's token.
func (s *screens) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+s.path+"/static/", s.files)
	if s.path != "" {
		mux.Handle("GET "+s.path+"/{$}", http.RedirectHandler(s.path+"/today", http.StatusSeeOther))
		mux.Handle("GET "+s.path, http.RedirectHandler(s.path+"/today", http.StatusSeeOther))
	}
	for _, r := range s.routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		mux.Handle(method+" "+s.path+path, s.serve(r))
	}
	mux.Handle(s.path+"/", s.serve(route{Do: func(*visit) error { return fault.New(fault.NotFound, "there is no such page") }}))
	return s.secure(http.NewCrossOriginProtection().Handler(mux))
}

// secure sets the headers that keep foreign scripts, frames and caches out. The host's shell may need more;
// it sets its own policy then, before.
func (s *screens) secure(next http.Handler) http.Handler {
	ancestors := "'self'"
	if len(s.config.FrameAncestors) > 0 {
		ancestors = strings.Join(s.config.FrameAncestors, " ")
	}
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if h.Get("Content-Security-Policy") == "" {
			h.Set("Content-Security-Policy", policy)
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

const usualBody = 1 << 20

func (s *screens) serve(r route) http.Handler {
	limit := r.Body
	if limit == 0 {
		limit = usualBody
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		req.Body = http.MaxBytesReader(w, req.Body, limit)
		v, err := s.enter(w, req)
		if err != nil && req.Context().Err() != nil {
			return // nobody waits any more
		}
		if err != nil {
			s.log.ErrorContext(req.Context(), "the visitor cannot be recognised", "error", err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		if v.Actor.Kind != actor.KindUser {
			s.askIn(w, req)
			return
		}
		if err = v.guard(); err == nil && r.Right != "" {
			err = v.Actor.Require(r.Right)
		}
		if err == nil {
			err = r.Do(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}

// askIn sends a stranger to the sign-in. A part of a page cannot go there: the page as a whole does.
func (s *screens) askIn(w http.ResponseWriter, r *http.Request) {
	if s.config.SignIn == "" {
		http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
		return
	}
	next := s.path + "/today"
	if r.Method == http.MethodGet {
		next = r.URL.RequestURI()
	}
	glue := "?"
	if strings.Contains(s.config.SignIn, "?") {
		glue = "&"
	}
	to := s.config.SignIn + glue + "next=" + url.QueryEscape(next)
	if r.Header.Get("Hx-Request") != "" {
		w.Header().Set("Hx-Redirect", s.config.SignIn)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// guard refuses a POST that did not come from a form of this session.
func (v *visit) guard() error {
	if v.r.Method != http.MethodPost {
		return nil
	}
	if err := v.readForm(); err != nil {
		return err
	}
	token := v.r.Header.Get("X-Csrf-Token")
	if token == "" {
		token = v.r.PostFormValue("csrf")
	}
	if !v.s.tokens.holdsMasked("csrf", v.Session, token) {
		return fault.New(fault.Forbidden, "%s", v.t("frame.old"))
	}
	return nil
}

// readForm reads the body once, whether it brings files or not.
func (v *visit) readForm() error {
	var err error
	if strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/form-data") {
		err = v.r.ParseMultipartForm(4 << 20) //nolint:gosec // serve bounds the body
	} else {
		err = v.r.ParseForm()
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.New(fault.Limit, "%s", v.t("frame.large", fmt.Sprint(large.Limit>>20)))
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "the form cannot be read")
	}
	return nil
}

var statuses = map[fault.Code]int{
	fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict, fault.Forbidden: http.StatusForbidden,
	fault.Invalid: http.StatusUnprocessableEntity, fault.Limit: http.StatusRequestEntityTooLarge,
	fault.Retryable: http.StatusServiceUnavailable, fault.Unavailable: http.StatusServiceUnavailable, fault.Unknown: http.StatusServiceUnavailable,
}

// failure is the page for what could not be done and has no form to stand at.
type failure struct {
	Title, Message string
	Faults         []string
}

// fail answers with what went wrong: as a page, or as a toast where a part of a page was asked for. What is
// no fault of the person's is logged, and shown only where waiting helps.
func (v *visit) fail(err error) {
	if errors.Is(err, context.Canceled) && v.r.Context().Err() != nil {
		return // nobody waits any more
	}
	f := failure{Title: v.t("error.title"), Message: v.t("error.ours")}
	status, known := statuses[fault.CodeOf(err)]
	var told *fault.Error
	if known && errors.As(err, &told) {
		f.Message = v.sentence(told.Message)
		if key := "error." + string(told.Code); texts[key] != nil {
			f.Title = v.t(key)
		}
		if key := "error." + string(told.Code) + ".do"; texts[key] != nil {
			f.Message = v.t(key) // the error's own words are for programs
		}
		for _, one := range told.Faults {
			f.Faults = append(f.Faults, v.faultText(one))
		}
	} else {
		status = http.StatusInternalServerError
	}
	if status >= http.StatusInternalServerError {
		v.s.log.ErrorContext(v.r.Context(), "a page failed", "path", v.r.Pattern, "status", status, "error", err)
	}
	if v.part() {
		v.w.Header().Set("Hx-Reswap", "none")
		v.toast(toast{Text: strings.Join(append([]string{f.Message}, f.Faults...), " "), Bad: true})
		v.carryToasts()
		v.w.WriteHeader(status)
		return
	}
	if err := v.show(status, "failure", head{Title: f.Title}, f); err != nil {
		v.s.log.ErrorContext(v.r.Context(), "the page of a failure failed", "error", err)
	}
}
