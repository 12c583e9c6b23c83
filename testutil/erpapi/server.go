package erpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// Options say how a server behaves.
type Options struct {
	// Now is the clock by which logins expire; nil for time.Now.
	Now func() time.Time
	// File keeps everything after each change, so that a killed test finds it again; empty for memory only.
	File string
	// Faults break requests; nil for none.
	Faults *Faults
	// Page is how many records a page has at most; 100 where it is 0.
	Page int
	// Late is how long after its client's patience (see [Patient]) a request may still be carried out; one
	// that a busy machine gets to later is dropped. 0 for any time.
	Late time.Duration
}

// patience is the header in which a request says until when its client waits, in milliseconds of Unix time.
const patience = "X-Until"

// Patient is a transport whose requests say until when their client waits.
type Patient struct{ http.RoundTripper }

// RoundTrip sends a request with its deadline.
func (p Patient) RoundTrip(r *http.Request) (*http.Response, error) {
	if until, ok := r.Context().Deadline(); ok {
		r = r.Clone(r.Context())
		r.Header.Set(patience, strconv.FormatInt(until.UnixMilli(), 10))
	}
	return p.RoundTripper.RoundTrip(r)
}

// Server is an ERP behind HTTP.
type Server struct {
	*httptest.Server
	// Company and OtherCompany are two companies, UserID a user.
	Company, OtherCompany, UserID string
	// Customer may get every document, BlockedCustomer none.
	Customer, BlockedCustomer string
	// Products are items with a price, VATCode a code in force.
	Products []string
	VATCode  string
	// Currency is that of both companies.
	Currency string
	// Secret is the password or client secret of the only user.
	Secret string

	now    func() time.Time
	file   string
	faults *Faults
	page   int
	late   time.Duration
	// erp answers one request under the lock.
	erp erp

	// ended counts the connections that have ended; idle tells when one does.
	ended int
	idle  *sync.Cond

	mu      sync.Mutex
	world   *world
	journal []Entry
	logins  map[string]session
}

type session struct {
	Company string
	Until   time.Time
}

// erp is one of the two.
type erp interface {
	seed(s *Server)
	serve(s *Server, w http.ResponseWriter, r *http.Request)
	fail(w http.ResponseWriter, status int, code, message string)
	settings(s *Server) map[string]string
	// token gives the token under which a record was made, "" for none.
	token(table string, r row) string
	// pay pays an amount of an invoice; false where there is none that is open.
	pay(s *Server, invoice string, amount decimal.Decimal) bool
}

// Entry is a request that was carried out.
type Entry struct {
	Method, Path, Query, Body string
	Status                    int
	Fault                     Fault
}

// BusinessCentral starts the API v2.0 of Business Central until the test ends.
func BusinessCentral(t testing.TB, o Options) *Server { return started(t, central{}, o) }

// BusinessOne starts the Service Layer of SAP Business One until the test ends.
func BusinessOne(t testing.TB, o Options) *Server { return started(t, one{}, o) }

func started(t testing.TB, e erp, o Options) *Server {
	t.Helper()
	s, err := start(e, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// StartBusinessCentral and StartBusinessOne start a server outside of a test; Close ends it.
func StartBusinessCentral(o Options) (*Server, error) { return start(central{}, o) }

// StartBusinessOne is like [StartBusinessCentral].
func StartBusinessOne(o Options) (*Server, error) { return start(one{}, o) }

func start(e erp, o Options) (*Server, error) {
	s := &Server{erp: e, now: o.Now, file: o.File, faults: o.Faults, page: o.Page, late: o.Late, world: newWorld(), logins: map[string]session{}, idle: sync.NewCond(&sync.Mutex{}), Secret: "s3cret-of-tests", Currency: "EUR"}
	if s.now == nil {
		s.now = time.Now
	}
	if s.page == 0 {
		s.page = 100
	}
	e.seed(s)
	if s.file != "" {
		if err := s.load(); err != nil {
			return nil, err
		}
	}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	hook := s.Config.ConnState
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if hook != nil {
			hook(c, state)
		}
		s.state(c, state)
	}
	s.Start()
	return s, nil
}

// Close ends the server, with the connections that hang.
func (s *Server) Close() {
	s.CloseClientConnections()
	s.Server.Close()
}

// Settings are the values that the shipped description asks for.
func (s *Server) Settings() map[string]string { return s.erp.settings(s) }

func (s *Server) fail(w http.ResponseWriter, status int, code, message string) {
	s.erp.fail(w, status, code, message)
}

// handle carries one request out, alone.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until, err := strconv.ParseInt(r.Header.Get(patience), 10, 64); err == nil && s.late > 0 && time.Since(time.UnixMilli(until)) > s.late {
		panic(http.ErrAbortHandler)
	}
	s.erp.serve(s, w, r)
	if s.file != "" && r.Method != http.MethodGet {
		if err := s.save(); err != nil {
			s.fail(w, http.StatusInternalServerError, "", err.Error())
		}
	}
}

// Settle waits until that many connections have ended. What a client gave up may still be acted on, even
// when it has not yet arrived; a test that gives every request a connection of its own knows with their
// number when all is over.
func (s *Server) Settle(connections int) {
	s.idle.L.Lock()
	defer s.idle.L.Unlock()
	for s.ended < connections {
		s.idle.Wait()
	}
}

// state counts the connections that have ended.
func (s *Server) state(_ net.Conn, state http.ConnState) {
	if state == http.StateClosed || state == http.StateHijacked {
		s.idle.L.Lock()
		defer s.idle.L.Unlock()
		s.ended++
		s.idle.Broadcast()
	}
}

func (s *Server) note(e Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = append(s.journal, e)
}

// Journal lists what was carried out, in order.
func (s *Server) Journal() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Entry(nil), s.journal...)
}

// Made counts the records by company, table and token: "SBODEMO_HU/Orders/ABC": 1.
func (s *Server) Made() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for name, rows := range s.world.Tables {
		_, table, _ := strings.Cut(name, "/")
		for _, r := range rows {
			if t := s.erp.token(table, r); t != "" {
				out[name+"/"+t]++
			}
		}
	}
	return out
}

// Doubles lists what was made more than once under one token.
func (s *Server) Doubles() []string {
	var out []string
	for what, n := range s.Made() {
		if n > 1 {
			out = append(out, fmt.Sprintf("%s: %d times", what, n))
		}
	}
	return out
}

// Count tells how many records a table of the company has.
func (s *Server) Count(table string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.world.Tables[s.Company+"/"+table])
}

// Edit changes a record as somebody at the ERP does.
func (s *Server) Edit(table, field, value string, change func(map[string]any)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.find(s.Company+"/"+table, field, value)
	if r != nil {
		change(r)
		r["#version"] = whole(s.world.next("version"))
	}
	return r != nil
}

// Pay notes that an amount came in for an invoice, as somebody at the ERP does.
func (s *Server) Pay(invoice string, amount decimal.Decimal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.erp.pay(s, invoice, amount) {
		return fmt.Errorf("there is no open invoice %s", invoice)
	}
	return nil
}

func (s *Server) load() error {
	data, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return s.save()
	}
	if err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	kept := struct {
		World  *world
		Logins map[string]session
	}{}
	if err := d.Decode(&kept); err != nil {
		return err
	}
	s.world, s.logins = kept.World, kept.Logins
	return nil
}

// save writes to a new file and puts it in the old one's place, so that a kill leaves one of the two.
func (s *Server) save() error {
	data, err := json.Marshal(map[string]any{"World": s.world, "Logins": s.logins})
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.file+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(s.file+".new", s.file)
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if body == nil {
		w.WriteHeader(status)
		return
	}
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // rows hold nothing that JSON does not have
	}
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func readBody(r *http.Request) (row, error) {
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	out := row{}
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	return out, nil
}

// page selects, sorts and cuts rows as the query says; next is the address of the next page.
func (s *Server) pageOf(r *http.Request, rows []row, orDifferentFields bool) (out []row, next string, err error) {
	q := r.URL.Query()
	out = rows
	if text := q.Get("$filter"); text != "" {
		f, err := parseFilter(text)
		if err != nil {
			return nil, "", err
		}
		if !orDifferentFields && mixes(f) {
			return nil, "", errors.New("an OR cannot join filters on different fields")
		}
		out = nil
		for _, r := range rows {
			if f.holds(r) {
				out = append(out, r)
			}
		}
	}
	out = append([]row(nil), out...)
	order(out, q.Get("$orderby"))
	skip, _ := strconv.Atoi(q.Get("$skip"))
	out = out[min(max(skip, 0), len(out)):]
	top := len(out)
	if t := q.Get("$top"); t != "" {
		if top, err = strconv.Atoi(t); err != nil || top < 0 {
			return nil, "", fmt.Errorf("invalid $top %q", t)
		}
	}
	out = out[:min(top, len(out))]
	if size := s.pageSize(r); len(out) > size {
		out = out[:size]
		q.Set("$skip", strconv.Itoa(max(skip, 0)+size))
		if q.Has("$top") {
			q.Set("$top", strconv.Itoa(top-size))
		}
		u := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: q.Encode()}
		next = u.String()
	}
	return out, next, nil
}

// pageSize is how many records a page has: what the request prefers, and never more than the server gives.
func (s *Server) pageSize(r *http.Request) int {
	for _, want := range strings.Split(r.Header.Get("Prefer"), ",") {
		if size, ok := strings.CutPrefix(strings.TrimSpace(want), "odata.maxpagesize="); ok {
			if n, err := strconv.Atoi(size); err == nil && n > 0 {
				return min(n, s.page)
			}
		}
	}
	return s.page
}
