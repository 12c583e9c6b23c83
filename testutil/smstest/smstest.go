// Package smstest holds a gateway of text messages against what newsletter/sms expects of it. Vendors run it
// against their own adapter:
//
//	smstest.Run(t, func(t *testing.T, m smstest.Manner) smstest.Service { ... })
package smstest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// Manner is how the service behind a gateway is to behave in a test.
type Manner string

// The manners.
const (
	// Takes: everything is taken.
	Takes Manner = "takes"
	// Later: it says that it takes the message later.
	Later Manner = "later"
	// Never: it refuses the message for good.
	Never Manner = "never"
	// Closed: it takes nothing from us: the account is empty or blocked.
	Closed Manner = "closed"
	// Gone: it cannot be reached.
	Gone Manner = "gone"
	// Mute: it takes the message, and the connection breaks before it says so.
	Mute Manner = "mute"
	// Asleep: it gets the message and never answers.
	Asleep Manner = "asleep"
)

// Service is what stands behind a gateway in a test.
type Service struct {
	Gateway sms.Gateway
	// Taken gives the messages that the service has, with ID where it is told it, To and Text.
	Taken func() []sms.Message
	// Arrived is closed when the first message came to a service that is [Asleep].
	Arrived <-chan struct{}
}

// texts are what has to come through unharmed: five scripts, what escapes break on, and more than one part.
var texts = []string{
	"Szia!", "Árvíztűrő tükörfúrógép", "שלום, מה שלומך?", "Здравствуйте, Иван!", "Καλημέρα σας", "👍🏽 \U0001F1ED\U0001F1FA",
	`"quoted" 'single' <b>&amp; %20 + {text} {to} \ / \n $1 ; = ? #`, "two\nlines", "10€ [x] {y} ^~|", strings.Repeat("hosszú ", 60),
}

// Letter is a message with a key of its own.
func Letter(n int, text string) sms.Message {
	return sms.Message{ID: fmt.Sprintf("0190a3c2-8f4e-7cc3-98c4-%012d", n), From: "Acme", To: fmt.Sprintf("+3630%07d", n), Text: text}
}

// Run holds a gateway against the port. Start gives a fresh service of a manner; it may skip those that the
// service cannot have.
func Run(t *testing.T, start func(t *testing.T, m Manner) Service) {
	t.Run("texts come through unharmed", func(t *testing.T) {
		s := start(t, Takes)
		ids := map[string]bool{}
		for i, text := range texts {
			r, err := s.Gateway.Send(t.Context(), Letter(i, text))
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if r.GatewayID != "" && ids[r.GatewayID] {
				t.Errorf("the key %q was given twice", r.GatewayID)
			}
			ids[r.GatewayID] = true
		}
		got := s.Taken()
		if len(got) != len(texts) {
			t.Fatalf("%d messages came, %d were sent", len(got), len(texts))
		}
		for i, m := range got {
			if want := Letter(i, texts[i]); m.Text != want.Text || m.To != want.To || m.ID != "" && m.ID != want.ID {
				t.Errorf("%+v came as %+v", want, m)
			}
		}
	})
	for _, c := range []struct {
		manner Manner
		want   mail.Outcome
		down   bool
		taken  int
	}{
		{Later, mail.Temporary, false, 0},
		{Never, mail.Permanent, false, 0},
		{Closed, mail.Temporary, true, 0},
		{Gone, mail.Temporary, true, 0},
		{Mute, mail.Unknown, false, 1},
	} {
		t.Run(string(c.manner), func(t *testing.T) {
			s := start(t, c.manner)
			_, err := s.Gateway.Send(t.Context(), Letter(1, "Szia!"))
			f := failure(t, err)
			if f.Outcome != c.want || f.Down != c.down || f.Reason == "" {
				t.Errorf("outcome %q, down %v (%v), want %q, %v, and a reason for people", f.Outcome, f.Down, err, c.want, c.down)
			}
			if n := len(s.Taken()); n != c.taken {
				t.Errorf("the service has %d messages, want %d", n, c.taken)
			}
		})
	}
	t.Run("what is no number or no text is refused for good, unsent", func(t *testing.T) {
		s := start(t, Takes)
		for _, m := range []sms.Message{{ID: "a", To: "06301234567", Text: "x"}, {ID: "b", To: "+3630\r\n1234567", Text: "x"}, {ID: "c", To: "+36301234567", Text: " "}, {ID: "d", To: "+36301234567", Text: "\xff"}} {
			if _, err := s.Gateway.Send(t.Context(), m); failure(t, err).Outcome != mail.Permanent {
				t.Errorf("%+v: %v", m, err)
			}
		}
		if n := len(s.Taken()); n != 0 {
			t.Errorf("%d of them came", n)
		}
	})
	t.Run("many at once", func(t *testing.T) {
		s := start(t, Takes)
		const many = 24
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() {
				if _, err := s.Gateway.Send(t.Context(), Letter(i, "Szia!")); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		seen := map[string]int{}
		for _, m := range s.Taken() {
			seen[m.To]++
		}
		for i := range many {
			if n := seen[Letter(i, "").To]; n != 1 {
				t.Errorf("reader %d got %d messages", i, n)
			}
		}
	})
	t.Run("it ends with its context", func(t *testing.T) {
		s := start(t, Asleep)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			select {
			case <-s.Arrived:
			case <-t.Context().Done():
			}
			cancel()
		}()
		_, err := s.Gateway.Send(ctx, Letter(1, "Szia!"))
		if f := failure(t, err); f.Outcome != mail.Unknown {
			t.Errorf("outcome %q (%v)", f.Outcome, err)
		}
	})
}

func failure(t *testing.T, err error) *mail.Failure {
	t.Helper()
	var f *mail.Failure
	if !errors.As(err, &f) {
		t.Fatalf("%v is no *mail.Failure", err)
	}
	return f
}
