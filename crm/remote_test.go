package crm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// remote is an ERP on the other side of a network. It knows no idempotency: what it is sent twice it does
// twice. It fails as networks and servers do, at random, in ways that rates says.
type remote struct {
	mu      sync.Mutex
	entries []entry
	late    []lateEntry
	rates   rates
	random  *rand.Rand
	now     func() time.Time
	// slow is how long it thinks, at most, before it acts and before it answers.
	slow time.Duration
	// asked counts writes, looked readings; refused are names that it refuses.
	asked, looked int
	refused       map[string]string
	kinds         map[string]int
}

// entry is something that was made.
type entry struct {
	Kind, Key, Token, Customer, Name string
	Document                         erpbridge.Document
	Gone                             bool
}

type lateEntry struct {
	at time.Time
	do func()
}

// rates are chances in percent.
type rates struct {
	// Before: the connection breaks before anything is done; After: when it is done; Late: it breaks, and
	// the request is worked off later.
	Before, After, Late int
	// Busy: 429; Broken: 500, half of them after it was done; Refuse: 422.
	Busy, Broken, Refuse int
	// Blind: a reading fails.
	Blind int
}

type remoteRequest struct {
	Kind, Token, Customer, Name, Key string
	Document                         erpbridge.Document
}

// catchUp works off what is late by now.
func (r *remote) catchUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.late = slices.DeleteFunc(r.late, func(l lateEntry) bool {
		if l.at.After(now) {
			return false
		}
		l.do()
		return true
	})
}

// made counts what is there of a kind.
func (r *remote) made(kind string) []entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []entry
	for _, e := range r.entries {
		if e.Kind == kind {
			all = append(all, e)
		}
	}
	return all
}

func (r *remote) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.think()
	if q.Method == http.MethodGet {
		r.find(w, q)
		return
	}
	var in remoteRequest
	if err := json.NewDecoder(q.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.asked++
	n, reason := r.random.IntN(100), r.refused[in.Name]
	var out entry
	act := func() { out = r.act(q.URL.Path, in) }
	chance := func(percent int) bool { n -= percent; return n < 0 && n >= -percent }
	status, cut := http.StatusOK, false
	switch {
	case reason != "":
		status = http.StatusUnprocessableEntity
	case chance(r.rates.Before):
		cut = true
	case chance(r.rates.After):
		act()
		cut = true
	case chance(r.rates.Late):
		r.late = append(r.late, lateEntry{r.now().Add(time.Duration(20+r.random.IntN(90)) * time.Second), act})
		cut = true
	case chance(r.rates.Busy):
		status = http.StatusTooManyRequests
	case chance(r.rates.Broken):
		if n%2 == 0 {
			act()
		}
		status = http.StatusInternalServerError
	case chance(r.rates.Refuse):
		status, reason = http.StatusUnprocessableEntity, "the period is closed"
	default:
		act()
	}
	r.mu.Unlock()
	r.think()
	switch {
	case cut:
		hangUp(w)
	case status == http.StatusUnprocessableEntity:
		http.Error(w, reason, status)
	case status != http.StatusOK:
		http.Error(w, "not now", status)
	default:
		_ = json.NewEncoder(w).Encode(out)
	}
}

func (r *remote) think() {
	if r.slow > 0 {
		time.Sleep(rand.N(r.slow))
	}
}

func hangUp(w http.ResponseWriter) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// act does what it is asked, as often as it is asked.
func (r *remote) act(path string, in remoteRequest) entry {
	if path == "/undo" {
		for i := range r.entries {
			if e := &r.entries[i]; e.Kind == in.Kind && e.Key == in.Key {
				e.Gone, e.Document.State = true, erpbridge.Cancelled
				return *e
			}
		}
		return entry{}
	}
	r.kinds[in.Kind]++
	e := entry{Kind: in.Kind, Key: fmt.Sprintf("%s-%05d", in.Kind, r.kinds[in.Kind]), Token: in.Token, Customer: in.Customer, Name: in.Name, Document: in.Document}
	e.Document.Key, e.Document.Number, e.Document.State = e.Key, "N"+e.Key, erpbridge.Open
	e.Document.Net = money.Amount{}
	for i := range e.Document.Lines {
		l := &e.Document.Lines[i]
		l.Key = fmt.Sprint(i + 1)
		e.Document.Net = e.Document.Net.Add(money.NewAmount(l.UnitPrice.Mul(l.Quantity.Decimal)))
	}
	r.entries = append(r.entries, e)
	return e
}

func (r *remote) find(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked++
	if r.random.IntN(100) < r.rates.Blind {
		hangUp(w)
		return
	}
	kind, key, token := q.FormValue("kind"), q.FormValue("key"), q.FormValue("token")
	for _, e := range r.entries {
		if e.Kind == kind && (key != "" && e.Key == key || token != "" && e.Token == token) {
			_ = json.NewEncoder(w).Encode(e)
			return
		}
	}
	http.Error(w, "no "+kind+" "+key, http.StatusNotFound)
}

// port reaches a remote by HTTP.
type port struct {
	url    string
	client *http.Client
}

func newPort(address string) port {
	return port{address, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}

// host is the remote as CRM+ sees it.
func (p port) host() erpbridge.Host {
	return erpbridge.Host{
		Name: "Távoli ERP", Place: erpbridge.Elsewhere,
		Customers: remoteCustomers{p}, Contacts: remoteContacts{p}, Documents: remoteDocuments{p},
	}
}

// do keeps the contract of a port that is elsewhere.
func (p port) do(ctx context.Context, q *http.Request, out any) error {
	answer, err := p.client.Do(q.WithContext(ctx))
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fault.New(fault.Unavailable, "no route to the ERP")
	}
	if err != nil {
		return fault.Wrap(err, fault.Unknown, "the ERP did not answer")
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return fault.Wrap(err, fault.Unknown, "the answer broke off")
	case answer.StatusCode == http.StatusOK:
		return json.Unmarshal(text, out)
	case answer.StatusCode == http.StatusNotFound:
		return fault.New(fault.NotFound, "%s", strings.TrimSpace(string(text)))
	case answer.StatusCode == http.StatusUnprocessableEntity:
		return fault.New(fault.Invalid, "%s", strings.TrimSpace(string(text)))
	case answer.StatusCode == http.StatusTooManyRequests:
		return fault.New(fault.Retryable, "too many requests")
	}
	return fault.New(fault.Unknown, "the ERP answered %d", answer.StatusCode)
}

func (p port) find(ctx context.Context, kind string, by url.Values) (entry, error) {
	by.Set("kind", kind)
	q, err := http.NewRequest(http.MethodGet, p.url+"/?"+by.Encode(), nil)
	if err != nil {
		return entry{}, err
	}
	var e entry
	err = p.do(ctx, q, &e)
	if errors.Is(err, fault.Unknown) { // a reading does nothing
		err = fault.New(fault.Unavailable, "%v", err)
	}
	return e, err
}

func (p port) write(ctx context.Context, s erpbridge.Session, path string, in remoteRequest) (entry, error) {
	in.Token = s.Token
	if s.Attempt > 0 {
		key := url.Values{"token": {s.Token}}
		if path == "/undo" {
			key = url.Values{"key": {in.Key}}
		}
		e, err := p.find(ctx, in.Kind, key)
		if err == nil && (path != "/undo" || e.Gone) || err != nil && !errors.Is(err, fault.NotFound) {
			return e, err
		}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return entry{}, err
	}
	q, err := http.NewRequest(http.MethodPost, p.url+path, bytes.NewReader(body))
	if err != nil {
		return entry{}, err
	}
	var e entry
	return e, p.do(ctx, q, &e)
}

type remoteCustomers struct{ port }

func (p remoteCustomers) Match(context.Context, erpbridge.Session, []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	return nil, nil
}

func (p remoteCustomers) Customer(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Customer, error) {
	mustBeOutside(s)
	e, err := p.find(ctx, "customer", url.Values{"key": {key}})
	return erpbridge.Customer{Key: e.Key, Name: e.Name}, err
}

func (p remoteCustomers) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	mustBeOutside(s)
	e, err := p.write(ctx, s, "/make", remoteRequest{Kind: "customer", Name: draft.Name})
	draft.Key = e.Key
	return draft, err
}

func (p remoteCustomers) FillEmpty(context.Context, erpbridge.Session, string, erpbridge.Customer) ([]erpbridge.FilledField, error) {
	return nil, nil
}

// Check is local.
func (p remoteCustomers) Check(_ context.Context, _ erpbridge.Session, draft erpbridge.Customer) ([]fault.Fault, error) {
	var faults fault.List
	faults.Required("tax_id", draft.TaxID)
	return faults, nil
}

func (p remoteCustomers) Remove(ctx context.Context, s erpbridge.Session, key string) error {
	mustBeOutside(s)
	_, err := p.write(ctx, s, "/undo", remoteRequest{Kind: "customer", Key: key})
	return err
}

func (p remoteCustomers) Restore(context.Context, erpbridge.Session, string, []erpbridge.FilledField) error {
	return nil
}

type remoteContacts struct{ port }

func (p remoteContacts) ContactsOf(context.Context, erpbridge.Session, string) ([]erpbridge.Contact, error) {
	return nil, nil
}

func (p remoteContacts) CreateContact(ctx context.Context, s erpbridge.Session, draft erpbridge.Contact) (erpbridge.Contact, error) {
	mustBeOutside(s)
	e, err := p.write(ctx, s, "/make", remoteRequest{Kind: "contact", Name: draft.Name, Customer: draft.Customer})
	draft.Key = e.Key
	return draft, err
}

func (p remoteContacts) FillEmptyContact(context.Context, erpbridge.Session, string, erpbridge.Contact) ([]erpbridge.FilledField, error) {
	return nil, nil
}

func (p remoteContacts) RemoveContact(ctx context.Context, s erpbridge.Session, key string) error {
	mustBeOutside(s)
	_, err := p.write(ctx, s, "/undo", remoteRequest{Kind: "contact", Key: key})
	return err
}

type remoteDocuments struct{ port }

func (p remoteDocuments) Kinds() []erpbridge.Kind {
	return []erpbridge.Kind{erpbridge.Order, erpbridge.DeliveryNote, erpbridge.Invoice}
}

func (p remoteDocuments) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	mustBeOutside(s)
	e, err := p.write(ctx, s, "/make", remoteRequest{Kind: string(draft.Kind), Customer: draft.Customer, Name: draft.Reference, Document: draft})
	return e.Document, err
}

func (p remoteDocuments) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	mustBeOutside(s)
	e, err := p.find(ctx, string(ref.Kind), url.Values{"key": {ref.Key}})
	return e.Document, err
}

func (p remoteDocuments) Cancel(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref, _ string) (erpbridge.Document, error) {
	mustBeOutside(s)
	e, err := p.write(ctx, s, "/undo", remoteRequest{Kind: string(ref.Kind), Key: ref.Key})
	return e.Document, err
}

// mustBeOutside: a host that is elsewhere is never called inside a transaction.
func mustBeOutside(s erpbridge.Session) {
	if s.Tx != nil {
		panic("a host that is elsewhere was given a transaction")
	}
}
