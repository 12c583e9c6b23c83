package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/signon"
	"github.com/crmplus/crmplus/newsletter/track"
)

// service is everything behind the two addresses.
type service struct {
	config   config
	log      *slog.Logger
	module   *crm.Module
	locales  func(company string) locale.Locale
	sessions *sessions
	metrics  *metrics
	ready    *readiness
	trusted  []netip.Prefix
	// recorder takes what readers do with newsletters; nil where there are none.
	recorder *track.Recorder
}

func newService(c config, log *slog.Logger, o opened) (*service, error) {
	s := &service{config: c, log: log, module: o.module, locales: o.locales, metrics: newMetrics(o.db, o.module)}
	var err error
	if s.sessions, err = newSessions(c, time.Now); err != nil {
		return nil, err
	}
	if s.ready, err = newReadiness(c, o); err != nil {
		return nil, err
	}
	if o.module.Newsletters != nil {
		if s.recorder, err = o.module.Newsletters.Recorder(); err != nil {
			return nil, err
		}
	}
	s.trusted, _ = prefixes("", c.TrustedProxies) // judged with the configuration
	return s, nil
}

// public is what browsers and the ERP's server reach.
func (s *service) public() (http.Handler, error) {
	tokens, err := signon.New(s.module.DB(), s.config.tokens())
	if err != nil {
		return nil, err
	}
	l := &login{config: s.config, tokens: tokens, sessions: s.sessions, log: s.log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", l.enter)
	mux.HandleFunc("POST /login", l.enter) // comes from the ERP's page: what it may do is said by the token
	own := http.NewCrossOriginProtection()
	mux.Handle("POST /logout", own.Handler(http.HandlerFunc(l.leave)))
	mux.Handle("POST /language", own.Handler(http.HandlerFunc(l.language)))
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", s.ready.brief)
	if err := s.mount(mux); err != nil {
		return nil, err
	}
	return s.identify(s.recover(s.secure(s.observe(mux)))), nil
}

// admin is what those reach who watch over the service.
func (s *service) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", s.ready.full)
	mux.Handle("GET /metrics", s.metrics.handler())
	return mux
}

func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

type requestKey struct{}

// requestIDs are those that a proxy may have given.
var requestIDs = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// identify gives each request an id, which its answer and its lines in the log carry, and the address of who
// sent it, which a trusted proxy tells.
func (s *service) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()
		if s.trusts(r.RemoteAddr) {
			if given := r.Header.Get("X-Request-ID"); requestIDs.MatchString(given) {
				id = given
			}
			r.RemoteAddr = s.client(r)
		}
		w.Header().Set("X-Request-ID", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}

func (s *service) trusts(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	return err == nil && s.isTrusted(ap.Addr())
}

func (s *service) isTrusted(ip netip.Addr) bool {
	for _, p := range s.trusted {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// client is the last address of X-Forwarded-For that no trusted proxy has, read from its end: what stands
// before it can be anybody's invention.
func (s *service) client(r *http.Request) string {
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	last := r.RemoteAddr
	for i := len(hops) - 1; i >= 0; i-- {
		text := strings.TrimSpace(hops[i])
		ip, err := netip.ParseAddr(text)
		if ap, failed := netip.ParseAddrPort(text); err != nil && failed == nil {
			ip, err = ap.Addr(), nil
		}
		if err != nil {
			return last
		}
		last = netip.AddrPortFrom(ip.Unmap(), 0).String()
		if !s.isTrusted(ip) {
			return last
		}
	}
	return last
}

// recover turns a panic into an answer, and a line in the log with its place.
func (s *service) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.log.ErrorContext(r.Context(), "a page broke", "panic", p, "stack", string(debug.Stack()))
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}

// secure sets what holds for every answer; the screens and the API set their own besides.
func (s *service) secure(next http.Handler) http.Handler {
	ancestors := "'none'"
	if s.config.framed() {
		ancestors = strings.Join(s.config.SignOn.FrameAncestors, " ")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors "+ancestors)
		if s.config.secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// observe counts and logs each request by the pattern of its route: paths hold keys, and queries what people
// searched for.
func (s *service) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		a := &answer{ResponseWriter: w}
		s.metrics.running.Inc()
		defer func() {
			s.metrics.running.Dec()
			took := time.Since(started)
			s.metrics.note(r, a.code(), took)
			s.log.LogAttrs(r.Context(), level(a.code()), "request", slog.String("method", method(r)), slog.String("route", route(r)),
				slog.Int("status", a.code()), slog.Int64("bytes", a.bytes), slog.Float64("ms", float64(took.Microseconds())/1000))
		}()
		next.ServeHTTP(a, r)
	})
}

func level(status int) slog.Level {
	if status >= 500 {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// answer remembers what was answered.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (a *answer) Write(b []byte) (int, error) {
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach what this answer stands before: flushing, deadlines.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush sends what was written: pages that stay open ask for it.
func (a *answer) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }

// route is the pattern of the innermost route that took the request, without its method.
func route(r *http.Request) string {
	pattern := r.Pattern
	if _, after, ok := strings.Cut(pattern, " "); ok {
		pattern = after
	}
	if pattern == "" {
		return "none"
	}
	return pattern
}

func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// logger writes JSON lines with the request's id and without any secret.
func logger(c config, out interface{ Write(p []byte) (int, error) }) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(c.Log.Level)) // judged with the configuration
	hide := c.hide()
	return slog.New(stamped{slog.NewJSONHandler(out, &slog.HandlerOptions{Level: l, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(hide.Replace(v))
		case error:
			text := v.Error()
			if fault.CodeOf(v) == fault.Invalid { // what people typed stays out of the log
				text = strings.Join(append([]string{"invalid"}, faultPaths(v)...), " ")
			}
			a.Value = slog.StringValue(hide.Replace(text))
		}
		return a
	}})})
}

// hide takes the secrets out of a text.
func (c config) hide() *strings.Replacer {
	var pairs []string
	for _, s := range c.secrets() {
		if s != "" {
			pairs = append(pairs, s, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}

// stamped adds the request's id to each line.
type stamped struct{ slog.Handler }

// Handle adds the id.
func (h stamped) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(requestKey{}).(string); ok {
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the stamp.
func (h stamped) WithAttrs(a []slog.Attr) slog.Handler { return stamped{h.Handler.WithAttrs(a)} }

// WithGroup keeps the stamp.
func (h stamped) WithGroup(name string) slog.Handler { return stamped{h.Handler.WithGroup(name)} }
