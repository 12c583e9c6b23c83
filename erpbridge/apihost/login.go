package apihost

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// login signs requests.
type login interface {
	// sign adds what proves who asks, logging in first where that is needed, and names the login.
	sign(ctx context.Context, s erpbridge.Session, r *http.Request) (used string, err error)
	// forget drops a login that the host does not take any more; false where there is no better one.
	forget(company, used string) bool
}

// fixed is basic, an API key, or nothing.
type fixed struct{ header, value string }

func (f fixed) sign(_ context.Context, _ erpbridge.Session, r *http.Request) (string, error) {
	if f.header != "" {
		r.Header.Set(f.header, f.value)
	}
	return "", nil
}

func (fixed) forget(string, string) bool { return false }

// credentials are OAuth2 client credentials (RFC 6749, 4.4).
type credentials struct {
	client *client
	config clientcredentials.Config

	mu    sync.Mutex
	token *oauth2.Token
}

// early is how long before its end a token is replaced.
const early = time.Minute

func (l *credentials) sign(ctx context.Context, _ erpbridge.Session, r *http.Request) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token == nil || !l.token.Expiry.IsZero() && !l.client.now().Before(l.token.Expiry.Add(-early)) {
		token, err := l.config.Token(context.WithValue(ctx, oauth2.HTTPClient, l.client.http))
		if err != nil {
			return "", l.refused(ctx, err)
		}
		l.token = token
	}
	r.Header.Set("Authorization", "Bearer "+l.token.AccessToken)
	return l.token.AccessToken, nil
}

// refused shows no more of the answer than its error code: bodies of token endpoints echo what was sent.
func (l *credentials) refused(ctx context.Context, err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return l.client.broken(ctx, err, false, false)
	}
	if status := answer.Response.StatusCode; status == http.StatusTooManyRequests || status >= 500 {
		return &failure{means: later, message: "the login of " + l.client.name + " takes nothing at the moment", at: retryAfter(answer.Response.Header, l.client.now())}
	}
	return &failure{means: admin, message: l.client.name + " does not give us a token; an administrator has to look at client_id, client_secret and scopes: " + l.client.say(answer.ErrorCode)}
}

func (l *credentials) forget(_, used string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token != nil && l.token.AccessToken == used {
		l.token = nil
	}
	return true
}

// cookies is a login request whose cookies go with the requests of one company.
type cookies struct {
	client *client
	path   string
	body   node
	cookie string
	// texts gives for texts with ${NAME} those that are sent.
	texts map[string]string

	mu       sync.Mutex
	sessions map[string]*cookieSession
}

type cookieSession struct {
	mu      sync.Mutex
	cookies []*http.Cookie
	name    string
}

func (l *cookies) of(company string) *cookieSession {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sessions[company]
	if s == nil {
		s = &cookieSession{}
		l.sessions[company] = s
	}
	return s
}

func (l *cookies) sign(ctx context.Context, s erpbridge.Session, r *http.Request) (string, error) {
	session := l.of(s.Company)
	session.mu.Lock() // one login at a time: a second one would end the first at some hosts
	defer session.mu.Unlock()
	if session.name == "" {
		if err := l.enter(ctx, s, session); err != nil {
			return "", err
		}
	}
	for _, c := range session.cookies {
		r.AddCookie(c)
	}
	return session.name, nil
}

// enter sends the login request.
func (l *cookies) enter(ctx context.Context, s erpbridge.Session, session *cookieSession) error {
	tree, err := l.body.build(ctx, scope{"session": sessionValues(s), "token": ""})
	if err != nil {
		return &failure{means: admin, message: "the login's body cannot be made: " + l.client.say(err.Error())}
	}
	if m, ok := tree.(map[string]any); ok {
		for k, v := range m {
			if s, ok := v.(string); ok && l.texts[s] != "" {
				m[k] = l.texts[s]
			}
		}
	}
	data, err := json.Marshal(tree)
	if err != nil {
		return &failure{means: admin, message: "the login's body cannot be made"}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(l.client.base.String(), "/")+l.path, strings.NewReader(string(data)))
	if err != nil {
		return &failure{means: admin, message: "the login's path is none"}
	}
	request.Header.Set("Content-Type", "application/json")
	for k, v := range l.client.headers {
		request.Header.Set(k, v)
	}
	var got []*http.Cookie
	entry := *l.client.http
	entry.Jar = jar{&got}
	if _, err := l.client.exchange(ctx, &entry, request, false); err != nil {
		var f *failure
		if errors.As(err, &f) && (f.means == refused || f.means == relogin) {
			f.means = admin
			f.message = l.client.name + " refuses the login; an administrator has to look at user, password and company: " + f.message
		}
		return err
	}
	if !slices.ContainsFunc(got, func(c *http.Cookie) bool { return c.Name == l.cookie && c.Value != "" }) {
		return &failure{means: admin, message: l.client.name + " answers the login without the cookie " + l.cookie}
	}
	session.cookies = got
	for _, c := range got {
		if c.Name == l.cookie {
			session.name = c.Value
		}
	}
	return nil
}

func (l *cookies) forget(company, used string) bool {
	session := l.of(company)
	session.mu.Lock()
	defer session.mu.Unlock()
	if session.name == used {
		session.cookies, session.name = nil, ""
	}
	return true
}

// jar keeps the cookies of one answer.
type jar struct{ got *[]*http.Cookie }

func (j jar) SetCookies(_ *url.URL, cookies []*http.Cookie) { *j.got = append(*j.got, cookies...) }
func (jar) Cookies(*url.URL) []*http.Cookie                 { return nil }

// settle fills ${NAME} references; a missing one is a fault at its place.
func settle(text, at string, setting func(string) (string, error), faults *fault.List) string {
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		name := ref[2 : len(ref)-1]
		v, err := setting(name)
		if err != nil || v == "" {
			faults.Add(at, "setting", "${%s} has no value; give it by Options.Settings or Options.Secret", name)
		}
		return v
	})
}
