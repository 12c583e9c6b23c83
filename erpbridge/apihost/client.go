package apihost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/crmplus/crmplus/erpbridge"
)

// client sends requests to one host and tells what became of them.
type client struct {
	name    string
	base    *url.URL
	headers map[string]string
	http    *http.Client
	limiter *rate.Limiter
	timeout time.Duration
	longest int64
	most    int
	now     func() time.Time
	login   login
	// secrets are kept to be taken out of messages.
	secrets []string

	items, next, etag path
	message, code     path
	line              *regexp.Regexp
	rules             []ErrorRule

	mu sync.Mutex
	// closed is until when the host asked not to be asked.
	closed time.Time
}

// answer is what the host said: its body as a tree, nil for none.
type answer struct {
	status int
	body   any
}

// wire is a request before it is signed.
type wire struct {
	method  string
	url     string
	headers http.Header
	body    []byte
	writes  bool
	company string
}

// send makes a request of a compiled call and gives its answer. The error is a *failure, or that of the
// context where nothing was sent.
func (c *client) send(ctx context.Context, s erpbridge.Session, q *call, vars scope) (answer, error) {
	w, err := c.prepare(ctx, s, q, vars)
	if err != nil {
		return answer{}, err
	}
	return c.deliver(ctx, s, w)
}

// deliver sends a request, and once more after a new login where the old one ended.
func (c *client) deliver(ctx context.Context, s erpbridge.Session, w wire) (answer, error) {
	a, used, err := c.once(ctx, s, w)
	var f *failure
	if !errors.As(err, &f) || f.means != relogin || !c.login.forget(w.company, used) {
		return a, err
	}
	a, _, err = c.once(ctx, s, w)
	return a, err
}

// prepare fills the templates of a call.
func (c *client) prepare(ctx context.Context, s erpbridge.Session, q *call, vars scope) (wire, error) {
	w := wire{method: q.method, headers: http.Header{}, writes: q.writes(), company: s.Company}
	unwritable := func(err error) error {
		if ctx.Err() != nil {
			return c.broken(ctx, ctx.Err(), false, w.writes)
		}
		if errors.Is(err, errUnwritable) {
			return &failure{means: missing, message: c.say(fmt.Sprintf("%s: %v", q.at, err))}
		}
		return &failure{means: refused, message: c.say(fmt.Sprintf("%s: %v", q.at, err))}
	}
	address, err := q.path.fill(ctx, vars)
	if err != nil {
		return w, unwritable(err)
	}
	var query []string
	for _, p := range q.query {
		v, err := p.value.fill(ctx, vars)
		if err != nil {
			return w, unwritable(err)
		}
		query = append(query, strings.ReplaceAll(url.QueryEscape(p.name), "%24", "$")+"="+v)
	}
	w.url = strings.TrimSuffix(c.base.String(), "/") + address
	if len(query) > 0 {
		w.url += "?" + strings.Join(query, "&")
	}
	for _, p := range q.headers {
		v, err := p.value.fill(ctx, vars)
		if err != nil {
			return w, unwritable(err)
		}
		w.headers.Set(p.name, v)
	}
	if h := q.spec.Idempotency; h != "" {
		w.headers.Set(h, s.Token)
	}
	switch m := q.spec.IfMatch; m {
	case "":
	case "*":
		w.headers.Set("If-Match", "*")
	default:
		if tag := plain(c.etag.get(vars[m])); tag != "" {
			w.headers.Set("If-Match", tag)
		}
	}
	if q.body != nil {
		tree, err := q.body.build(ctx, vars)
		if err != nil {
			return w, unwritable(err)
		}
		if w.body, err = json.Marshal(tree); err != nil {
			return w, unwritable(err)
		}
	}
	return w, nil
}

// once sends one request. used is the login it went with.
func (c *client) once(ctx context.Context, s erpbridge.Session, w wire) (a answer, used string, err error) {
	if err := c.open(); err != nil {
		return a, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, w.method, w.url, bytes.NewReader(w.body))
	if err != nil {
		return a, "", &failure{means: admin, message: c.name + " has an address that is none; look at base and path"}
	}
	request.Header.Set("Accept", "application/json")
	if w.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.headers {
		request.Header.Set(k, v)
	}
	for k, v := range w.headers {
		request.Header[k] = v
	}
	if used, err = c.login.sign(ctx, s, request); err != nil {
		return a, used, err
	}
	a, err = c.exchange(ctx, c.http, request, w.writes)
	return a, used, err
}

// open refuses while the host asked to be left alone.
func (c *client) open() error {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if c.now().Before(closed) {
		return &failure{means: later, message: c.name + " asked to be left alone for a while", at: closed}
	}
	return nil
}

// exchange sends a signed request and reads its answer.
func (c *client) exchange(ctx context.Context, by *http.Client, request *http.Request, writes bool) (answer, error) {
	if err := c.limiter.Wait(ctx); err != nil {
		message := c.name + " is asked more often than its limit allows; nothing was sent"
		if ctx.Err() != nil {
			message = "the time ran out before " + c.name + " was asked; nothing was sent"
		}
		return answer{}, &failure{means: later, message: message, cause: ctx.Err()}
	}
	var connected atomic.Bool
	request = request.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}))
	response, err := by.Do(request)
	if err != nil {
		return answer{}, c.broken(ctx, err, writes && connected.Load(), writes)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, c.longest+1))
	good := response.StatusCode >= 200 && response.StatusCode < 300
	if err != nil && (good || byStatus(response.StatusCode) == unknown) {
		return answer{}, c.broken(ctx, err, writes, writes)
	}
	if int64(len(data)) > c.longest {
		err = fmt.Errorf("the answer is longer than %d bytes", c.longest)
	}
	body, decodeErr := decode(data)
	if good && (err != nil || decodeErr != nil) {
		return answer{}, c.broken(ctx, errors.Join(err, decodeErr), writes, writes)
	}
	if good {
		return answer{status: response.StatusCode, body: body}, nil
	}
	f := c.classify(response.StatusCode, response.Header, body)
	if f.means == unknown && !writes {
		f.means = later
	}
	if f.means == later && !f.at.IsZero() {
		c.mu.Lock()
		c.closed = f.at
		c.mu.Unlock()
	}
	return answer{status: f.status, body: body}, f
}

// broken tells what a request means that got no whole answer. The texts of net/http errors name
// addresses, which may hold keys: only the innermost error is shown.
func (c *client) broken(ctx context.Context, err error, sent, writes bool) *failure {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	reason := c.say(err.Error())
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		reason = fmt.Sprintf("there was no answer within %s", c.timeout)
	}
	f := &failure{means: later, message: fmt.Sprintf("%s cannot be reached: %s", c.name, reason)}
	if errors.Is(err, context.Canceled) {
		f.cause = context.Canceled
	}
	if sent {
		f.means, f.message = unknown, fmt.Sprintf("%s was asked to write and the answer got lost (%s): it may have done it", c.name, reason)
	} else if writes {
		f.message += "; nothing was sent"
	}
	return f
}

// decode reads a JSON answer; no bytes give nil.
func decode(data []byte) (any, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errors.New("the answer is no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the answer goes on after its JSON")
	}
	return tree(v)
}

// list reads all pages of a list, at most enough records (0: all, up to the limit of pages).
func (c *client) list(ctx context.Context, s erpbridge.Session, q *call, vars scope, enough int) ([]any, error) {
	var out []any
	err := c.pages(ctx, s, q, vars, func(body any) (bool, error) {
		out = append(out, c.items.list(body)...)
		return enough == 0 || len(out) < enough, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// pages reads a list page by page, of which no more than one is held. take gets the answer of each and says
// whether it wants the next.
func (c *client) pages(ctx context.Context, s erpbridge.Session, q *call, vars scope, take func(body any) (more bool, err error)) error {
	w, err := c.prepare(ctx, s, q, vars)
	if err != nil {
		return err
	}
	been := map[string]bool{w.url: true}
	for range c.most {
		a, err := c.deliver(ctx, s, w)
		if err != nil {
			return err
		}
		more, err := take(a.body)
		next := plain(c.next.get(a.body))
		if err != nil || !more || len(c.next.source) == 0 || next == "" {
			return err
		}
		if w.url, err = c.follow(w.url, next); err != nil {
			return err
		}
		if been[w.url] {
			return &failure{means: admin, message: fmt.Sprintf("a list of %s goes in a circle: it names a next page that was read already; look at paging.next and at %s", c.name, q.at)}
		}
		been[w.url] = true
	}
	return &failure{means: admin, message: fmt.Sprintf("a list of %s has more than %d pages; raise limits.pages, ask for larger pages, or narrow %s", c.name, c.most, q.at)}
}

// follow gives the address of the next page, which has to be at the same host.
func (c *client) follow(from, next string) (string, error) {
	u, err := url.Parse(from)
	if err == nil {
		if u, err = u.Parse(next); err == nil && u.Host == c.base.Host && u.Scheme == c.base.Scheme {
			return u.String(), nil
		}
	}
	return "", &failure{means: admin, message: c.name + " names a next page at another address; it is not followed"}
}
