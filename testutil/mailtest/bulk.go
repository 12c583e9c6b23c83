package mailtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/message"
)

// Further manners, of services for many messages.
const (
	// Closes: it ends a connection after three messages.
	Closes Manner = "closes"
	// Careless: it refuses the recipient refused@example.com, and asks for the content all the same.
	Careless Manner = "careless"
	// Latin: it takes only addresses in ASCII.
	Latin Manner = "latin"
)

// BulkService is what stands behind a message.Transport in a test.
type BulkService struct {
	Transport message.Transport
	// Taken gives the messages that the service has.
	Taken func() []Delivery
}

// Issue is a message to one reader. Its lines begin with dots where that could do harm.
func Issue(to string) message.Envelope {
	return message.Envelope{From: "b-1-1@bounce.example.com", To: to, UTF8: strings.ContainsFunc(to, func(r rune) bool { return r > '~' }),
		Data: []byte("To: <" + to + ">\r\nSubject: =?utf-8?q?H=C3=ADrek?=\r\n\r\n.\r\n..\r\n.first\r\nlast " + to + "\r\n")}
}

// Log keeps what ends said, in order.
type Log struct {
	mu   sync.Mutex
	ends []End
}

// End is what became of a message.
type End struct {
	To      string
	Failure *mail.Failure
	Err     error
}

// Of gives the end function for a message.
func (l *Log) Of(to string) func(error) {
	return func(err error) {
		end := End{To: to, Err: err}
		errors.As(err, &end.Failure)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.ends = append(l.ends, end)
	}
}

// Ends are all so far.
func (l *Log) Ends() []End {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]End(nil), l.ends...)
}

// SendAll sends a message to each over one connection, and closes it. It says how many were handed over
// before the connection was of no more use.
func SendAll(t *testing.T, transport message.Transport, to ...string) []End {
	t.Helper()
	conn, err := transport.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var log Log
	for _, a := range to {
		if err := conn.Send(t.Context(), Issue(a), log.Of(a)); err != nil {
			break
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
	ends := log.Ends()
	for i, e := range ends {
		if i >= len(to) || e.To != to[i] {
			t.Fatalf("end %d is of %s, want the order %v", i, e.To, to)
		}
		if e.Err != nil && (e.Failure == nil || e.Failure.Reason == "") {
			t.Errorf("%s: %v is no failure with a reason", e.To, e.Err)
		}
	}
	return ends
}

func readers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("reader%d@example.com", i)
	}
	return out
}

// RunTransport holds a Transport against what newsletter/message expects of it. Start gives a fresh
// service of a manner; it may skip those that the service cannot have.
func RunTransport(t *testing.T, start func(t *testing.T, m Manner) BulkService) {
	among := func(to string) []string {
		return append(append(readers(3), to, strings.ReplaceAll(to, "example.com", "example.org")), readers(5)[3:]...)
	}
	for _, c := range []struct {
		manner Manner
		to     []string
		// readers is what becomes of the readers, others of the rest.
		readers, others mail.Outcome
	}{
		{Takes, readers(20), "", ""},
		{Closes, readers(10), "", ""},
		{Later, readers(3), mail.Temporary, ""},
		{Never, readers(3), mail.Permanent, ""},
		{NotToAll, among("refused@example.com"), "", mail.Permanent},
		{Careless, among("refused@example.com"), "", mail.Permanent},
		{Latin, among("олег@example.com"), "", mail.Permanent},
		{Takes, among("олег@example.com"), "", ""},
		{Takes, among("x@example.com>\r\nRCPT TO:<y@example.com"), "", mail.Permanent},
	} {
		t.Run(fmt.Sprintf("%s, %d messages", c.manner, len(c.to)), func(t *testing.T) {
			s := start(t, c.manner)
			ends := SendAll(t, s.Transport, c.to...)
			if len(ends) != len(c.to) {
				t.Fatalf("%d ends of %d messages: %v", len(ends), len(c.to), ends)
			}
			taken := count(s)
			for _, e := range ends {
				want := c.others
				if strings.HasPrefix(e.To, "reader") {
					want = c.readers
				}
				if got := OutcomeOf(e.Err); got != want {
					t.Errorf("%s: %q, want %q (%v)", e.To, got, want, e.Err)
				}
				if e.Failure != nil && e.Failure.Down {
					t.Errorf("%s: a refusal says that there is no talking to the server", e.To)
				}
			}
			match(t, s, ends, taken)
		})
	}
	t.Run("gone", func(t *testing.T) {
		conn, err := start(t, Gone).Transport.Dial(t.Context())
		var f *mail.Failure
		if conn != nil || !errors.As(err, &f) || f.Outcome != mail.Temporary || !f.Down {
			t.Errorf("%v, %v", conn, err)
		}
	})
	t.Run("mute", func(t *testing.T) {
		s := start(t, Mute)
		ends := SendAll(t, s.Transport, readers(4)...)
		if len(ends) == 0 || OutcomeOf(ends[0].Err) != mail.Unknown {
			t.Errorf("%v", ends)
		}
		match(t, s, ends, count(s))
	})
	t.Run("asleep", func(t *testing.T) { asleep(t, start(t, Asleep)) })
	t.Run("after closing", func(t *testing.T) {
		conn, err := start(t, Takes).Transport.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var log Log
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := conn.Send(t.Context(), Issue("eva@example.com"), log.Of("eva")); err == nil || len(log.Ends()) != 1 || OutcomeOf(log.Ends()[0].Err) != mail.Temporary {
			t.Errorf("%v, %v", err, log.Ends())
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Errorf("the second time: %v", err)
		}
	})
	t.Run("no time", func(t *testing.T) {
		s := start(t, Takes)
		conn, err := s.Transport.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var log Log
		over, cancel := context.WithCancel(t.Context())
		first := conn.Send(over, Issue("first@example.com"), log.Of("first@example.com"))
		cancel()
		second := conn.Send(over, Issue("second@example.com"), log.Of("second@example.com"))
		ends := log.Ends()
		if first != nil || second == nil || len(ends) != 2 || ends[0].Err != nil || OutcomeOf(ends[1].Err) != mail.Temporary {
			t.Errorf("%v, %v, %v: what was begun is to be seen through, and nothing new to be begun", first, second, ends)
		}
		match(t, s, ends, count(s))
	})
}

// asleep sees that the end of Close's time ends everything.
func asleep(t *testing.T, s BulkService) {
	conn, err := s.Transport.Dial(t.Context())
	if err != nil {
		return // it sleeps already
	}
	var log Log
	over, cancel := context.WithCancel(t.Context())
	if err := conn.Send(t.Context(), Issue("eva@example.com"), log.Of("eva@example.com")); err != nil {
		t.Fatal(err)
	}
	cancel()
	err = conn.Close(over)
	ends := log.Ends()
	if err == nil || len(ends) != 1 || OutcomeOf(ends[0].Err) != mail.Temporary && OutcomeOf(ends[0].Err) != mail.Unknown {
		t.Errorf("%v, %v", err, ends)
	}
	match(t, s, ends, count(s))
}

func count(s BulkService) map[string]int {
	out := map[string]int{}
	for _, d := range s.Taken() {
		out[d.To[0]]++
	}
	return out
}

// match holds ends against what the service has.
func match(t *testing.T, s BulkService, ends []End, taken map[string]int) {
	t.Helper()
	for _, e := range ends {
		n := taken[e.To]
		switch o := OutcomeOf(e.Err); {
		case o == "" && n != 1, o == mail.Unknown && n > 1, o != "" && o != mail.Unknown && n != 0:
			t.Errorf("%s: the end says %q, and the service has %d messages (%v)", e.To, o, n, e.Err)
		}
	}
	for _, d := range s.Taken() {
		want := Issue(d.To[0])
		if string(d.Data) != string(want.Data) || d.From != want.From || d.UTF8 != want.UTF8 {
			t.Errorf("the service has\n%q from %s, UTF8 %v, want\n%q", d.Data, d.From, d.UTF8, want.Data)
		}
	}
}
