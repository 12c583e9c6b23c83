package erpapi

import (
	"bytes"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Fault is a way in which a request goes wrong.
type Fault string

// The faults.
const (
	// TimeoutBefore never answers and does nothing; TimeoutAfter does it and never answers; LateActing
	// does it when the client has given up.
	TimeoutBefore Fault = "timeout before"
	TimeoutAfter  Fault = "timeout after"
	LateActing    Fault = "late acting"
	// TooMany answers 429 with Retry-After, Busy 503; both do nothing.
	TooMany Fault = "429"
	Busy    Fault = "503"
	// ErrorBefore answers 500 and does nothing, ErrorAfter does it and answers 500.
	ErrorBefore Fault = "500 before"
	ErrorAfter  Fault = "500 after"
	// HalfBody does it and breaks off in the middle of the answer.
	HalfBody Fault = "half a body"
	// WrongCurrency does it and names another currency in the answer.
	WrongCurrency Fault = "wrong currency"
	// Twice does it and writes its answer twice.
	Twice Fault = "answer twice"
	// ResetBefore and ResetAfter cut the connection.
	ResetBefore Fault = "reset before"
	ResetAfter  Fault = "reset after"
)

// AllFaults are all of them but [WrongCurrency], after which the answer is whole.
var AllFaults = []Fault{TimeoutBefore, TimeoutAfter, LateActing, TooMany, Busy, ErrorBefore, ErrorAfter, HalfBody, Twice, ResetBefore, ResetAfter}

// Faults decides which requests go wrong. The zero value lets all pass.
type Faults struct {
	// Share of the requests that go wrong at random, 0 to 1, and the faults to choose from.
	Share float64
	Kinds []Fault
	// Only restricts faults to some requests; nil for all but logins.
	Only func(r *http.Request) bool

	mu   sync.Mutex
	rand *rand.Rand
	next []Fault
	made map[Fault]int
}

// NewFaults breaks a share of all requests, the same ones for the same seed.
func NewFaults(seed uint64, share float64, kinds ...Fault) *Faults {
	return &Faults{Share: share, Kinds: kinds, rand: rand.New(rand.NewPCG(seed, 1))}
}

// Next breaks the next requests, one fault each; "" lets one pass.
func (f *Faults) Next(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = append(f.next, faults...)
}

// Made counts the faults so far.
func (f *Faults) Made() map[Fault]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.made)
}

// Writes restricts faults to requests that may change something.
func Writes(r *http.Request) bool { return r.Method != http.MethodGet && !login(r) }

func login(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/token") || strings.HasSuffix(r.URL.Path, "/Login")
}

func (f *Faults) choose(r *http.Request) Fault {
	if f == nil {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	chosen := f.draw(r)
	if chosen != "" {
		if f.made == nil {
			f.made = map[Fault]int{}
		}
		f.made[chosen]++
	}
	return chosen
}

func (f *Faults) draw(r *http.Request) Fault {
	if f.Only != nil && !f.Only(r) || f.Only == nil && login(r) {
		return ""
	}
	if len(f.next) > 0 {
		first := f.next[0]
		f.next = f.next[1:]
		return first
	}
	if f.rand != nil && len(f.Kinds) > 0 && f.rand.Float64() < f.Share {
		return f.Kinds[f.rand.IntN(len(f.Kinds))]
	}
	return ""
}

// serve carries a request out with its fault.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client broke off while it was sending: nothing arrived
	}
	fault := s.faults.choose(r)
	act := func() *httptest.ResponseRecorder {
		out := httptest.NewRecorder()
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		s.handle(out, again)
		s.note(Entry{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body), Status: out.Code, Fault: fault})
		return out
	}
	switch fault {
	case TimeoutBefore:
		<-r.Context().Done()
	case TimeoutAfter:
		act()
		<-r.Context().Done()
	case LateActing:
		<-r.Context().Done()
		act()
	case TooMany, Busy:
		w.Header().Set("Retry-After", "2")
		status := http.StatusTooManyRequests
		if fault == Busy {
			status = http.StatusServiceUnavailable
		}
		s.fail(w, status, "", "Too many requests reached. Please try again later.")
	case ErrorBefore:
		s.fail(w, http.StatusInternalServerError, "Internal_ServerError", "An error occurred.")
	case ErrorAfter:
		act()
		s.fail(w, http.StatusInternalServerError, "Internal_ServerError", "An error occurred.")
	case ResetBefore:
		reset(w)
	case ResetAfter:
		act()
		reset(w)
	default:
		s.answer(w, act(), fault)
	}
}

// answer writes what was done, spoiled by the faults of answers.
func (s *Server) answer(w http.ResponseWriter, done *httptest.ResponseRecorder, fault Fault) {
	body := done.Body.Bytes()
	for k, v := range done.Header() {
		w.Header()[k] = v
	}
	switch {
	case fault == WrongCurrency:
		body = []byte(strings.NewReplacer(`"EUR"`, `"USD"`, `"HUF"`, `"RON"`).Replace(string(body)))
	case fault == Twice && len(body) > 0:
		body = append(body, body...)
	case fault == HalfBody || fault == Twice: // an answer without a body cannot be halved: it is cut off
		if len(body) == 0 {
			reset(w)
			return
		}
		w.Header().Set("Content-Length", whole(int64(len(body))).String())
		w.WriteHeader(done.Code)
		_, _ = w.Write(body[:len(body)/2])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(done.Code)
	_, _ = w.Write(body)
}

// reset cuts the connection without saying good-bye.
func reset(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := h.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
