package apihost_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
)

// acme is the description of a small API of one's own.
const acme = `
version: 1
name: Acme
base: ${ACME_URL}/api
values: plain
settings: {ACME_URL: where it is, ACME_KEY: the key of the CRM user}
login: {kind: header, header: X-Api-Key, key: "${ACME_KEY}"}
token: {length: 0}
paging: {items: data, next: links.next}
etag: rev
limits: {answer_bytes: 4096, pages: 3, per_second: 100000, burst: 100000}
errors:
  message: problems[0].text|detail
  code: problems[0].code
  rules:
    - {code: taken, means: exists}
    - {message: mail, means: refused, field: email}
    - {status: 400, message: come back, means: later}
customers:
  read: {key: id, name: title, email: "contacts[kind=email].value", line1: address.street}
  get: {path: "/customers/{customer.key}"}
  create:
    - name: made
      method: POST
      path: /customers
      idempotency: Idempotency-Key
      body: {title: =customer.name, kind: CUSTOMER, flag: true, size: 1.5, nothing: =customer.website, quoted: '\=literal', address: {street: =customer.line1}, list: [a, =customer.email]}
  update: {method: PATCH, path: "/customers/{customer.key}", if_match: found, body: =changes}
  write: {line1: address.street, email: mail}
  values_of: {email: lower(customer.email)}
  search: [{path: /customers, query: {q: "{text}", "page[size]": "{limit}"}}]
`

// api is a server that answers by functions and keeps what it was asked.
type api struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newAPI(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, body string)) *api {
	a := &api{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a.mu.Lock()
		a.asked = append(a.asked, r.Method+" "+r.RequestURI)
		a.mu.Unlock()
		answer(w, r, string(body))
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *api) host(t *testing.T, change func(*apihost.Description, *apihost.Options)) erpbridge.Host {
	t.Helper()
	d, err := apihost.Parse([]byte(acme))
	if err != nil {
		t.Fatal(err)
	}
	o := apihost.Options{Settings: map[string]string{"ACME_URL": a.URL}, Secret: func(string) (string, error) { return "k-12345", nil }, PlainHTTP: true, Timeout: 5 * time.Second}
	if change != nil {
		change(d, &o)
	}
	h, err := apihost.New(d, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const somebody = `{"id":"7","title":"Kovács \"& Fia\" Bt.","rev":"r1","contacts":[{"kind":"phone","value":"1"},{"kind":"email","value":"k@example.com"}],"address":{"street":"Fő u. 1."}}`

func TestOwnDescription(t *testing.T) {
	var sent, key, token string
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request, body string) {
		key = r.Header.Get("X-Api-Key")
		if r.Method == http.MethodPost {
			sent, token = body, r.Header.Get("Idempotency-Key")
			w.WriteHeader(http.StatusCreated)
		}
		_, _ = io.WriteString(w, somebody)
	})
	h := a.host(t, nil)
	got, err := h.Customers.Create(t.Context(), erpbridge.Session{Token: "t-1", Attempt: 3}, erpbridge.Customer{Name: `O'Brien", "kind": "EVIL`, Email: "k@example.com", Address: erpbridge.Address{Line1: "{x} =1"}})
	if err != nil {
		t.Fatal(err)
	}
	want := erpbridge.Customer{Key: "7", Name: `Kovács "& Fia" Bt.`, Email: "k@example.com", Address: erpbridge.Address{Line1: "Fő u. 1."}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the customer (-want +got):\n%s", diff)
	}
	if key != "k-12345" || token != "t-1" {
		t.Errorf("the key was %q, the idempotency key %q", key, token)
	}
	var body, wanted any
	_ = json.Unmarshal([]byte(sent), &body)
	_ = json.Unmarshal([]byte(`{"title":"O'Brien\", \"kind\": \"EVIL","kind":"CUSTOMER","flag":true,"size":1.5,"quoted":"=literal","address":{"street":"{x} =1"},"list":["a","k@example.com"],"nothing":""}`), &wanted)
	if diff := cmp.Diff(wanted, body); diff != "" {
		t.Errorf("the body (-want +sent):\n%s", diff)
	}
	_, _ = h.Customers.Customer(t.Context(), erpbridge.Session{}, "a/b?c#d e'{")
	if last := a.asked[len(a.asked)-1]; last != "GET /api/customers/a%2Fb%3Fc%23d%20e%27%7B" {
		t.Errorf("asked %s", last)
	}
	if _, err := h.Customers.Customer(t.Context(), erpbridge.Session{}, ".."); !errors.Is(err, fault.NotFound) {
		t.Errorf("a key of two dots: %v", err)
	}
}

func TestAnswersThatAreNoSuccess(t *testing.T) {
	cases := []struct {
		name   string
		status int
		header [2]string
		body   string
		// write and read are what it means; path that of the fault.
		write, read fault.Code
		path, says  string
	}{
		{name: "refused with a message", status: 422, body: `{"problems":[{"text":"wrong mail","code":"m1"}]}`, write: fault.Invalid, read: fault.Invalid, path: "email", says: "wrong mail"},
		{name: "second place of the message", status: 400, body: `{"detail":"no such country"}`, write: fault.Invalid, read: fault.Invalid, says: "no such country"},
		{name: "refused without JSON", status: 400, body: `<html>no</html>`, write: fault.Invalid, read: fault.Invalid, says: "400 Bad Request"},
		{name: "a rule makes it later", status: 400, body: `{"detail":"please COME BACK at noon"}`, write: fault.Unavailable, read: fault.Unavailable, says: "noon"},
		{name: "not logged in", status: 401, body: `{"detail":"key k-12345 is not known"}`, write: fault.Unavailable, read: fault.Unavailable, says: "key *** is not known"},
		{name: "no right", status: 403, write: fault.Unavailable, read: fault.Unavailable, says: "administrator"},
		{name: "not there", status: 404, write: fault.Invalid, read: fault.NotFound},
		{name: "somebody was faster", status: 409, write: fault.Retryable, read: fault.Retryable},
		{name: "precondition", status: 412, write: fault.Retryable, read: fault.Retryable},
		{name: "took too long to ask", status: 408, write: fault.Unavailable, read: fault.Unavailable},
		{name: "too many, seconds", status: 429, header: [2]string{"Retry-After", "30"}, write: fault.Unavailable, read: fault.Unavailable, says: "2026-03-02T09:00:30Z"},
		{name: "busy, date", status: 503, header: [2]string{"Retry-After", "Mon, 02 Mar 2026 09:10:00 GMT"}, write: fault.Unavailable, read: fault.Unavailable, says: "2026-03-02T09:10:00Z"},
		{name: "busy, next year", status: 503, header: [2]string{"Retry-After", "99999999"}, write: fault.Unavailable, read: fault.Unavailable, says: "2026-03-02T10:00:00Z"},
		{name: "busy, nonsense", status: 503, header: [2]string{"Retry-After", "soon"}, write: fault.Unavailable, read: fault.Unavailable},
		{name: "inner error", status: 500, write: fault.Unknown, read: fault.Unavailable},
		{name: "bad gateway", status: 502, body: "<html>", write: fault.Unknown, read: fault.Unavailable},
		{name: "gateway time-out", status: 504, write: fault.Unknown, read: fault.Unavailable},
		{name: "redirect elsewhere", status: 307, header: [2]string{"Location", "https://evil.example/"}, write: fault.Unavailable, read: fault.Unavailable},
		{name: "good and no JSON", status: 200, body: "<html>welcome</html>", write: fault.Unknown, read: fault.Unavailable},
		{name: "good and twice", status: 200, body: somebody + somebody, write: fault.Unknown, read: fault.Unavailable},
		{name: "good and half", status: 200, body: somebody[:40], write: fault.Unknown, read: fault.Unavailable},
		{name: "good and too long", status: 200, body: `"` + strings.Repeat("x", 5000) + `"`, write: fault.Unknown, read: fault.Unavailable},
		{name: "good and without a key", status: 200, body: `{"title":"x"}`, write: fault.Unknown, read: fault.Unavailable},
		{name: "a number beyond all bounds", status: 200, body: `{"id":1e999999999}`, write: fault.Unknown, read: fault.Unavailable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := newAPI(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
				if c.header[0] != "" {
					w.Header().Set(c.header[0], c.header[1])
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			clock := newClock()
			h := a.host(t, func(_ *apihost.Description, o *apihost.Options) { o.Now = clock.now })
			_, err := h.Customers.Create(t.Context(), erpbridge.Session{Token: "t"}, erpbridge.Customer{Name: "x"})
			if fault.CodeOf(err) != c.write {
				t.Errorf("a write: got %v, want %s", err, c.write)
			}
			if !strings.Contains(fmt.Sprint(err), c.says) || strings.Contains(fmt.Sprint(err), "k-12345") {
				t.Errorf("a write says %v, want %q in it and no secret", err, c.says)
			}
			if f := fault.Of(err); c.write == fault.Invalid && (len(f) != 1 || f[0].Path != c.path) {
				t.Errorf("a write: the faults are %v", f)
			}
			clock.move(2 * time.Hour)
			_, err = h.Customers.Customer(t.Context(), erpbridge.Session{}, "7")
			if fault.CodeOf(err) != c.read {
				t.Errorf("a read: got %v, want %s", err, c.read)
			}
		})
	}
}

// TestAskedToWait: after Retry-After nothing at all is sent until then.
func TestAskedToWait(t *testing.T) {
	a := newAPI(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	clock := newClock()
	h := a.host(t, func(_ *apihost.Description, o *apihost.Options) { o.Now = clock.now })
	for range 5 {
		_, err := h.Customers.Customer(t.Context(), erpbridge.Session{}, "7")
		var when *apihost.Later
		if !errors.As(err, &when) || !when.RetryAt().Equal(newClock().at.Add(10*time.Second)) {
			t.Fatalf("got %v", err)
		}
	}
	if len(a.asked) != 1 {
		t.Errorf("%d requests were sent", len(a.asked))
	}
	clock.move(10 * time.Second)
	_, _ = h.Customers.Customer(t.Context(), erpbridge.Session{}, "7")
	if len(a.asked) != 2 {
		t.Errorf("%d requests were sent once the time had come", len(a.asked))
	}
}

// TestRedirects: reads follow within the host, nothing follows elsewhere, writes never follow.
func TestRedirects(t *testing.T) {
	other := newAPI(t, func(w http.ResponseWriter, _ *http.Request, _ string) { _, _ = io.WriteString(w, somebody) })
	target := ""
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if strings.HasSuffix(r.URL.Path, "/new") {
			_, _ = io.WriteString(w, somebody)
			return
		}
		http.Redirect(w, r, target, http.StatusTemporaryRedirect)
	})
	h := a.host(t, nil)
	target = a.URL + "/api/new"
	if c, err := h.Customers.Customer(t.Context(), erpbridge.Session{}, "7"); err != nil || c.Key != "7" {
		t.Errorf("a read within the host: %v", err)
	}
	if _, err := h.Customers.Create(t.Context(), erpbridge.Session{Token: "t"}, erpbridge.Customer{Name: "x"}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a write: %v", err)
	}
	target = other.URL
	if _, err := h.Customers.Customer(t.Context(), erpbridge.Session{}, "7"); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a read elsewhere: %v", err)
	}
	if len(other.asked) > 0 {
		t.Errorf("the other host was asked %v", other.asked)
	}
}

func TestPagesStayAtTheHost(t *testing.T) {
	next := ""
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		_, _ = fmt.Fprintf(w, `{"data":[{"id":%q,"title":"T"}],"links":{"next":%q}}`, r.URL.RawQuery, next)
	})
	h := a.host(t, nil)
	search := func() error {
		_, err := h.Customers.(erpbridge.CustomerList).Search(t.Context(), erpbridge.Session{}, "a b&c=d", "", 5)
		return err
	}
	if err := search(); err != nil || a.asked[0] != "GET /api/customers?page%5Bsize%5D=5&q=a%20b%26c%3Dd" {
		t.Errorf("asked %v (%v)", a.asked, err)
	}
	for _, next = range []string{"https://evil.example/api/customers", "//evil.example/x", "?page=2"} {
		if err := search(); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("next page %s: %v", next, err)
		}
	}
	if len(a.asked) != 1+1+1+2 { // the last one names itself
		t.Errorf("asked %v", a.asked)
	}
}

func TestFillSendsOnlyWhatIsEmptyWithTheTag(t *testing.T) {
	var sent, tag string
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request, body string) {
		if r.Method == http.MethodPatch {
			sent, tag = body, r.Header.Get("If-Match")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.WriteString(w, `{"id":"7","title":"X","rev":"r9","address":{"street":"Old 1"}}`)
	})
	filled, err := a.host(t, nil).Customers.FillEmpty(t.Context(), erpbridge.Session{}, "7", erpbridge.Customer{Email: "A@Example.com", Address: erpbridge.Address{Line1: "New 2"}})
	if err != nil || len(filled) != 1 || sent != `{"mail":"a@example.com"}` || tag != "r9" {
		t.Errorf("filled %v (%v), sent %s with the tag %q", filled, err, sent, tag)
	}
}

// TestNeverSentBlind: an API that can neither be searched nor told to answer once is not asked again.
func TestNeverSentBlind(t *testing.T) {
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	h := a.host(t, func(d *apihost.Description, _ *apihost.Options) {
		d.Customers.Create[0].Idempotency = ""
		if faults := apihost.Check(d); len(faults) != 1 || faults[0].Code != "token" {
			t.Errorf("the description's faults are %v", faults)
		}
		d.Token.None = true
	})
	for attempt := range 3 {
		_, err := h.Customers.Create(t.Context(), erpbridge.Session{Token: "t", Attempt: attempt}, erpbridge.Customer{Name: "x"})
		if fault.CodeOf(err) != fault.Unknown {
			t.Errorf("attempt %d: got %v", attempt, err)
		}
	}
	if len(a.asked) != 1 {
		t.Errorf("asked %v", a.asked)
	}
}

func TestLoginKinds(t *testing.T) {
	var got string
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		got = r.Header.Get("Authorization")
		_, _ = io.WriteString(w, somebody)
	})
	h := a.host(t, func(d *apihost.Description, _ *apihost.Options) {
		d.Login = apihost.Login{Kind: "basic", User: "anna", Password: "${ACME_KEY}"}
	})
	if _, err := h.Customers.Customer(t.Context(), erpbridge.Session{}, "7"); err != nil || got != "Basic YW5uYTprLTEyMzQ1" {
		t.Errorf("the login was %q (%v)", got, err)
	}
}

func TestTLSIsRequired(t *testing.T) {
	d, err := apihost.Parse([]byte(acme))
	if err != nil {
		t.Fatal(err)
	}
	_, err = apihost.New(d, apihost.Options{Settings: map[string]string{"ACME_URL": "http://erp.example"}})
	var paths []string
	for _, f := range fault.Of(err) {
		paths = append(paths, f.Path+" "+f.Code)
	}
	if diff := cmp.Diff([]string{"base tls", "login.key setting"}, paths); diff != "" {
		t.Errorf("the faults (-want +got):\n%s", diff)
	}
}

// TestRateLimit: what would have to wait longer than the time-out is not sent.
func TestRateLimit(t *testing.T) {
	a := newAPI(t, func(w http.ResponseWriter, _ *http.Request, _ string) { _, _ = io.WriteString(w, somebody) })
	h := a.host(t, func(d *apihost.Description, _ *apihost.Options) { d.Limits.PerSecond, d.Limits.Burst = 0.001, 2 })
	for i := range 3 {
		_, err := h.Customers.Customer(t.Context(), erpbridge.Session{}, "7")
		if (i < 2) != (err == nil) || i == 2 && fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if len(a.asked) != 2 {
		t.Errorf("asked %v", a.asked)
	}
}
