package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
)

// Config is what the API is told by its surroundings. The zero Config works.
type Config struct {
	// Path is where the API is mounted, "" for the root: "/crm/api". The handler takes requests with the
	// whole path; no http.StripPrefix is needed.
	Path string
	// Title stands above the document, "CRM+" where it is empty.
	Title string
	// Origins are the pages whose scripts may call the API (CORS), as scheme://host or
	// scheme://host:port, each exactly. None where it is empty, which is right for servers that call
	// servers.
	Origins []string
	// Rate is how many requests a second a key may send in the long run, Burst how many at once: 50 and
	// 200 where they are 0. A negative Rate sets no limit.
	Rate  float64
	Burst int
	// WrongKeys is how many keys that are none an address may show at once, 20 where it is 0; it may show one
	// more every 3 seconds. A negative one sets no limit. The address is http.Request.RemoteAddr: behind a
	// proxy whoever mounts the handler puts the client's there.
	WrongKeys int
	// Upload is the largest file in bytes that is taken, 26 MiB where it is 0.
	Upload int64
	// Log gets what went wrong inside, never what was sent; slog.Default where it is nil.
	Log *slog.Logger
	// Now is the clock of the rate limits; time.Now where it is nil.
	Now func() time.Time
}

// defaultUpload takes the largest attachment with its envelope.
const defaultUpload = 26 << 20

func (c Config) withDefaults() Config {
	if c.Title == "" {
		c.Title = "CRM+"
	}
	if c.Rate == 0 {
		c.Rate = 50
	}
	if c.Burst == 0 {
		c.Burst = 200
	}
	if c.WrongKeys == 0 {
		c.WrongKeys = wrongKeys
	}
	if c.Upload == 0 {
		c.Upload = defaultUpload
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Config) check() error {
	var faults fault.List
	if c.Path != "" && (!strings.HasPrefix(c.Path, "/") || strings.HasSuffix(c.Path, "/") || strings.ContainsAny(c.Path, "{}?# \t\r\n")) {
		faults.Add("path", "path.form", "%q is no path to mount at; write it like /crm/api", c.Path)
	}
	for _, o := range c.Origins {
		u, err := url.Parse(o)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Scheme+"://"+u.Host != o {
			faults.Add("origins", "origin.form", "%q is no origin; write it like https://www.example.com", o)
		}
	}
	if c.Burst < 0 {
		faults.Add("burst", "negative", "is %d; give how many requests may come at once", c.Burst)
	}
	if c.Upload < 0 {
		faults.Add("upload", "negative", "is %d; give the largest upload in bytes", c.Upload)
	}
	return faults.Err("the API cannot start with this configuration")
}

// Handler makes the API of a module. Everything that is wrong with the configuration is named at once.
func Handler(module *crm.Module, config Config) (http.Handler, error) {
	if module == nil {
		return nil, fault.New(fault.Invalid, "the API needs a module; make one with crm.New")
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	a := &server{
		module: module, config: config, mux: http.NewServeMux(), routes: map[string]*route{},
		limits: newLimits(config.Rate, config.Burst, config.Now), door: newDoor(config.WrongKeys, config.Now), origins: map[string]bool{},
	}
	for _, o := range config.Origins {
		a.origins[o] = true
	}
	a.huma = huma.NewAPI(a.humaConfig(), humago.NewAdapter(a.mux, config.Path))
	a.register()
	if err := a.document(); err != nil {
		return nil, err
	}
	return a, nil
}

// server is the handler.
type server struct {
	module *crm.Module
	config Config
	mux    *http.ServeMux
	huma   huma.API
	// routes are by the pattern of the mux: "GET /crm/api/leads/{id}".
	routes  map[string]*route
	limits  *limits
	door    *door
	origins map[string]bool
}

func (a *server) humaConfig() huma.Config {
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: a.config.Title + " API", Version: "1.0.0", Description: introduction,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: a.config.Path + "/"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"key": {Type: "http", Scheme: "bearer", BearerFormat: "crmp_…", Description: "An API key, made in the settings or by POST /keys and shown once."}, //nolint:gosec // no credential
				},
			},
			Security: []map[string][]string{{"key": {}}},
			Tags:     tags,
		},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{a.transform},
	}
	if a.config.Path == "" {
		c.Servers[0].URL = "/"
	}
	return c
}

// register adds the routes of all nouns.
func (a *server) register() {
	a.leads()
	a.manyLeads()
	a.imports()
	a.parties()
	a.contacts()
	a.opportunities()
	a.pipelines()
	a.activities()
	a.calendar()
	a.quotes()
	a.sendings()
	a.mails()
	a.conversions()
	a.host()
	a.search()
	a.reports()
	a.figures()
	a.keyFigures()
	a.forecasts()
	a.forecastDeals()
	a.quantities()
	a.receipts()
	a.retention()
	a.commissions()
	a.processes()
	a.quotas()
	a.plans()
	a.exchangeRates()
	a.customerSales()
	a.figureBooks()
	a.schedules()
	a.values()
	a.scores()
	a.routing()
	a.clocks()
	a.regulations()
	a.workdays()
	a.workflows()
	a.policies()
	a.newsletters()
	a.notices()
	a.personal()
	a.company()
	a.webhooks()
	a.audit()
	a.keys()
}

// ServeHTTP answers a request.
func (a *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{r: r, id: requestID(r), started: a.config.Now()}
	h := w.Header()
	h.Set("X-Request-ID", c.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	defer a.recovered(w, c)
	if a.cors(w, r) {
		return
	}
	_, pattern := a.mux.Handler(r)
	route := a.routes[pattern]
	switch {
	case pattern == "":
		a.unrouted(w, c)
		return
	case route == nil: // the document and its viewer, and redirects to clean paths
		a.mux.ServeHTTP(w, r)
		return
	}
	c.route = route
	if err := a.enter(w, c); err != nil {
		a.refuse(w, c, err)
		return
	}
	a.mux.ServeHTTP(w, c.r)
}

// enter lets a request in: who acts, how often, with which right, and how much he sends.
func (a *server) enter(w http.ResponseWriter, c *call) error {
	secret, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return errNoKey
	}
	secret = strings.TrimSpace(secret)
	if err := a.door.shut(w.Header(), c.r.RemoteAddr, secret); err != nil {
		return err
	}
	holder, err := a.module.Keys.Verify(c.r.Context(), secret)
	if err != nil {
		if errors.Is(err, fault.Forbidden) {
			a.door.wrong(c.r.RemoteAddr, secret)
			return errBadKey
		}
		return err
	}
	a.door.worked(secret)
	c.holder = holder
	if err := a.limits.take(w.Header(), holder.Key); err != nil {
		return err
	}
	if err := c.route.allows(holder.Actor); err != nil {
		return err
	}
	if err := c.route.takes(w, c.r); err != nil {
		return err
	}
	c.r = c.r.WithContext(withCall(c.r.Context(), c))
	return nil
}

// recovered turns a panic into a problem, so that one request cannot end the process; what it was stands
// in the log, under the id that the caller got.
func (a *server) recovered(w http.ResponseWriter, c *call) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http compares it
		panic(p)
	}
	a.config.Log.Error("the API failed", "request", c.id, "method", c.r.Method, "route", c.pattern(), "panic", p)
	a.refuse(w, c, errInside)
}

// unrouted answers where there is no such path, or not with this method.
func (a *server) unrouted(w http.ResponseWriter, c *call) {
	allow := a.methods(c.r)
	if allow == "" {
		a.refuse(w, c, errNoRoute)
		return
	}
	w.Header().Set("Allow", allow)
	if c.r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	a.refuse(w, c, errNoMethod)
}

// methods lists what a path can be asked for, "" where there is no such path.
func (a *server) methods(r *http.Request) string {
	var all []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := a.mux.Handler(probe); pattern != "" {
			all = append(all, method)
			if method == http.MethodGet {
				all = append(all, http.MethodHead)
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	return strings.Join(append(all, http.MethodOptions), ", ")
}

// cors answers the questions of browsers; it reports whether that was all.
func (a *server) cors(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || len(a.origins) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !a.origins[origin] {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotency-Replayed")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	allow := a.methods(r)
	if allow == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", allow)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Accept-Language, X-Request-Id")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}
