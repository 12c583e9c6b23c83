package apihost

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/time/rate"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// Options are what a description does not hold.
type Options struct {
	// Settings give values for ${NAME} that are no secrets: tenants, environments, addresses.
	Settings map[string]string
	// Secret gives the value of any other ${NAME}, often from the environment. It is asked once, by [New];
	// what it gives is never logged and taken out of every message.
	Secret func(name string) (string, error)
	// Transport carries requests; nil for one with sensible limits.
	Transport http.RoundTripper
	// PlainHTTP allows addresses without TLS: for tests, and hosts on the same machine.
	PlainHTTP bool
	// Timeout of one request where it is not the description's.
	Timeout time.Duration
	// Now is the clock; nil for time.Now.
	Now func() time.Time
}

// host is what the ports share.
type host struct {
	*program
	client *client
	now    func() time.Time

	mu    sync.Mutex
	locks map[string]*held
	// codes are the VAT codes by company, read anew after a while.
	codes map[string]vatCodes
	// groups are those of products by company.
	groups map[string]productGroups
}

type held struct {
	mu    sync.Mutex
	users int
}

type vatCodes struct {
	rates map[string]vatCode
	until time.Time
}

// New makes a host out of a description. Everything that is wrong with the description or the options is
// named at once; nothing is sent yet.
func New(d *Description, o Options) (erpbridge.Host, error) {
	p, err := compile(d)
	if err != nil {
		return erpbridge.Host{}, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &host{program: p, now: o.Now, locks: map[string]*held{}, codes: map[string]vatCodes{}, groups: map[string]productGroups{}}
	if h.client, err = connect(p, o); err != nil {
		return erpbridge.Host{}, err
	}
	out := erpbridge.Host{Name: d.Name, Place: erpbridge.Elsewhere, Tolerance: p.tolerance, Customers: h.customerPort(), Documents: h.documentPort()}
	if p.company != nil {
		out.Companies = companies{h}
	}
	if p.contacts != nil {
		out.Contacts = contacts{h}
	}
	if p.products != nil {
		out.Catalogue = catalogue{h}
	}
	if p.prices != nil {
		out.Prices = prices{h}
	}
	if p.users != nil {
		out.Users = users{h}
	}
	return out, nil
}

// connect makes the client and its login out of the description and the options.
func connect(p *program, o Options) (*client, error) {
	d := p.spec
	var faults fault.List
	c := &client{
		name: d.Name, headers: map[string]string{}, now: o.Now, timeout: time.Duration(orElse(d.Limits.Seconds, 30)) * time.Second,
		longest: orElse(d.Limits.AnswerBytes, 8<<20), most: orElse(d.Limits.Pages, 50), limiter: rate.NewLimiter(rate.Limit(orElse(d.Limits.PerSecond, 10)), orElse(d.Limits.Burst, 20)),
		items: p.items, next: p.next, etag: p.etag, message: p.message, code: p.code, line: p.line, rules: d.Errors.Rules,
	}
	if o.Timeout > 0 {
		c.timeout = o.Timeout
	}
	known := map[string]string{}
	setting := func(name string) (string, error) {
		if v, ok := o.Settings[name]; ok {
			return v, nil
		}
		if v, ok := known[name]; ok {
			return v, nil
		}
		if o.Secret == nil {
			return "", errors.New("no secret")
		}
		v, err := o.Secret(name)
		if known[name] = v; err == nil && len(v) >= 4 {
			c.secrets = append(c.secrets, v)
		}
		return v, err
	}
	base, err := url.Parse(settle(d.Base, "base", setting, &faults))
	if err != nil || base.Host == "" {
		faults.Add("base", "url", "is no address once its settings are filled in")
		base = &url.URL{}
	}
	if base.Scheme != "https" && !o.PlainHTTP {
		faults.Add("base", "tls", "has to begin with https://; only Options.PlainHTTP allows less")
	}
	c.base = base
	for k, v := range d.Headers {
		c.headers[k] = settle(v, "headers."+k, setting, &faults)
	}
	transport := o.Transport
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
		own.MaxIdleConnsPerHost, own.MaxResponseHeaderBytes, own.IdleConnTimeout = 8, 64<<10, 30*time.Second
		transport = own
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: c.redirect}
	c.login = c.signer(p, setting, o, &faults)
	return c, faults.Err("the host %s cannot be reached like this", d.Name)
}

func orElse[N int | int64 | float64](n, otherwise N) N {
	if n == 0 {
		return otherwise
	}
	return n
}

// redirect follows reads at the same address, and nothing else: a redirected write would be sent again,
// and a redirect elsewhere would carry our login there.
func (c *client) redirect(r *http.Request, via []*http.Request) error {
	if len(via) > 3 || r.Method != http.MethodGet || via[0].Method != http.MethodGet || r.URL.Host != c.base.Host || r.URL.Scheme != c.base.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

// signer makes the login.
func (c *client) signer(p *program, setting func(string) (string, error), o Options, faults *fault.List) login {
	l := p.spec.Login
	fill := func(text, at string) string { return settle(text, "login."+at, setting, faults) }
	switch l.Kind {
	case "basic":
		r := &http.Request{Header: http.Header{}}
		r.SetBasicAuth(fill(l.User, "user"), fill(l.Password, "password"))
		return fixed{"Authorization", r.Header.Get("Authorization")}
	case "header":
		return fixed{l.Header, fill(l.Key, "key")}
	case "oauth2":
		config := clientcredentials.Config{
			ClientID: fill(l.ClientID, "client_id"), ClientSecret: fill(l.ClientSecret, "client_secret"), TokenURL: fill(l.TokenURL, "token_url"),
			Scopes: l.Scopes, AuthStyle: oauth2.AuthStyleInParams,
		}
		if u, err := url.Parse(config.TokenURL); err != nil || u.Host == "" || u.Scheme != "https" && !o.PlainHTTP {
			faults.Add("login.token_url", "tls", "has to be an address that begins with https://")
		}
		return &credentials{client: c, config: config}
	case "session":
		texts := map[string]string{}
		for k, v := range l.Body {
			if s, ok := v.(string); ok && reference.MatchString(s) {
				texts[s] = fill(s, "body."+k)
			}
		}
		return &cookies{client: c, path: l.Path, body: p.login, cookie: l.Cookie, texts: texts, sessions: map[string]*cookieSession{}}
	}
	return fixed{}
}

// sessionValues are the session as formulas see it.
func sessionValues(s erpbridge.Session) map[string]any {
	return map[string]any{"company": s.Company, "user": s.UserID, "today": s.Today, "now": s.Now}
}

// scope are the variables that every formula sees.
func (h *host) scope(s erpbridge.Session) scope {
	return scope{"session": sessionValues(s), "token": h.token(s.Token)}
}

// token is what the host keeps of a token.
func (h *host) token(token string) string {
	n := h.spec.Token.Length
	if n == 0 || token == "" {
		return token
	}
	sum := sha256.Sum256([]byte(token))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])[:n]
}

// hold keeps others of this process from working under the same token; the result ends that.
func (h *host) hold(s erpbridge.Session, what string) func() {
	key := what + "\x00" + s.Company + "\x00" + s.Token
	h.mu.Lock()
	l := h.locks[key]
	if l == nil {
		l = &held{}
		h.locks[key] = l
	}
	l.users++
	h.mu.Unlock()
	l.mu.Lock()
	return func() {
		l.mu.Unlock()
		h.mu.Lock()
		defer h.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(h.locks, key)
		}
	}
}

// say is the border where failures become the errors of the contract, with what was being done.
func say(err error, doing string, args ...any) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	what := fmt.Sprintf(doing, args...)
	var e *fault.Error
	if !errors.As(f.fault(), &e) {
		return err
	}
	e.Message = what + ": " + e.Message
	return e
}

// means tells what a failure means, "" for any other error.
func means(err error) string {
	var f *failure
	if errors.As(err, &f) {
		return f.means
	}
	return ""
}

// read makes a record out of the host's answer.
func read[T any](ctx context.Context, r reader, columns []column[T], vars scope) (T, error) {
	var out T
	for _, f := range r.fields {
		v, err := f.value(ctx, vars)
		if err == nil {
			err = put(at(columns, f.name, &out), r.translated(f.name, v))
		}
		if err != nil {
			return out, &failure{means: admin, message: fmt.Sprintf("the host's answer does not fit the description: %s: %v", f.name, err)}
		}
	}
	return out, nil
}

func (f readField) value(ctx context.Context, vars scope) (any, error) {
	if f.program != nil {
		return f.program.Run(ctx, vars)
	}
	if f.path.root != "" {
		return f.path.get(vars[f.path.root]), nil
	}
	return f.path.get(vars["answer"]), nil
}

func (r reader) translated(name string, v any) any {
	table := r.translate[name]
	if table == nil {
		return v
	}
	if ours, ok := table[plain(v)]; ok {
		return ours
	}
	if other, ok := table["*"]; ok {
		return other
	}
	return v
}

func at[T any](columns []column[T], name string, record *T) any {
	for _, c := range columns {
		if c.name == name {
			return c.at(record)
		}
	}
	return new(string)
}

// has reports whether the description reads a field.
func (r reader) has(name string) bool {
	for _, f := range r.fields {
		if f.name == name {
			return true
		}
	}
	return false
}

// many reads the records of a list.
func many[T any](ctx context.Context, r reader, columns []column[T], vars scope, items []any) ([]T, error) {
	out := make([]T, 0, len(items))
	for _, item := range items {
		one, err := read(ctx, r, columns, vars.with("answer", item))
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}
