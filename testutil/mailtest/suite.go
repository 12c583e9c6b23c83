package mailtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
)

// Manner is how the service behind a Mailer is to behave in a test.
type Manner string

// The manners.
const (
	// Takes: everything is taken.
	Takes Manner = "takes"
	// Later: it says that it takes the message later.
	Later Manner = "later"
	// Never: it refuses the message for good.
	Never Manner = "never"
	// NotToAll: it refuses the recipient refused@example.com and would take the others.
	NotToAll Manner = "not to all"
	// Gone: it cannot be reached.
	Gone Manner = "gone"
	// Mute: it takes the message, and the connection breaks before it says so.
	Mute Manner = "mute"
	// Asleep: it never answers.
	Asleep Manner = "asleep"
)

// Service is what stands behind a Mailer in a test.
type Service struct {
	Mailer mail.Mailer
	// Taken gives the recipients of each message that the service has.
	Taken func() [][]string
}

// OutcomeOf is the outcome that an error of a Mailer stands for, "" for nil.
func OutcomeOf(err error) mail.Outcome {
	var f *mail.Failure
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return f.Outcome
	}
	return mail.Unknown
}

// Letter is a message in five scripts.
func Letter(to ...string) mail.Message {
	m := mail.Message{
		MessageID: fmt.Sprintf("%d.%d@example.com", time.Now().UnixNano(), letters()), Date: time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC), Language: locale.Hungarian,
		From: mail.Address{Name: "Kovács Anna", Email: "anna@example.com"}, ReplyTo: mail.Address{Email: "anna@example.com"},
		Subject: "Árajánlat – הצעת מחיר – Предложение – Προσφορά – offer",
		Text:    "Tisztelt Szabó Éva!\n\n.A pont a sor elején marad.\nשלום – Здравствуйте – Χαίρετε\n", HTML: "<p>Tisztelt Szabó Éva!</p>",
		Attachments: []mail.Attachment{{Name: "Ajánlat – הצעה.pdf", Type: "application/pdf", Content: bytes.Repeat([]byte("%PDF-1.7\n\x00\xff"), 500)}},
	}
	for _, a := range to {
		m.To = append(m.To, mail.Address{Name: "Олег Иванов", Email: a})
	}
	return m
}

var (
	lettersMu sync.Mutex
	lettersN  int
)

func letters() int {
	lettersMu.Lock()
	defer lettersMu.Unlock()
	lettersN++
	return lettersN
}

// Run holds a Mailer against what crm/mail expects of it. Start gives a fresh service of a manner; it may
// skip those that the service cannot have.
func Run(t *testing.T, start func(t *testing.T, m Manner) Service) {
	for _, c := range []struct {
		manner Manner
		to     []string
		want   mail.Outcome
		taken  int
	}{
		{Takes, []string{"eva@example.com"}, "", 1},
		{Takes, []string{"eva@example.com", "oleg@example.com"}, "", 1},
		{Later, []string{"eva@example.com"}, mail.Temporary, 0},
		{Never, []string{"eva@example.com"}, mail.Permanent, 0},
		{NotToAll, []string{"eva@example.com", "refused@example.com"}, mail.Permanent, 0},
		{Gone, []string{"eva@example.com"}, mail.Temporary, 0},
		{Mute, []string{"eva@example.com"}, mail.Unknown, 1},
	} {
		t.Run(fmt.Sprintf("%s, %d recipients", c.manner, len(c.to)), func(t *testing.T) {
			s := start(t, c.manner)
			err := s.Mailer.Send(t.Context(), Letter(c.to...))
			if got := OutcomeOf(err); got != c.want {
				t.Errorf("outcome %q, want %q (%v)", got, c.want, err)
			}
			if got := s.Taken(); len(got) != c.taken || c.taken > 0 && len(got[0]) != len(c.to) {
				t.Errorf("the service has %v, want %d message to %v", got, c.taken, c.to)
			}
			var f *mail.Failure
			if errors.As(err, &f) && f.Reason == "" {
				t.Error("the failure has no reason for people")
			}
		})
	}
	t.Run("after a refusal", func(t *testing.T) {
		s := start(t, NotToAll)
		if err := s.Mailer.Send(t.Context(), Letter("refused@example.com")); OutcomeOf(err) != mail.Permanent {
			t.Fatal(err)
		}
		if err := s.Mailer.Send(t.Context(), Letter("eva@example.com")); err != nil {
			t.Errorf("the next message was not taken: %v", err)
		}
	})
	t.Run("many at once", func(t *testing.T) {
		s := start(t, Takes)
		var wg sync.WaitGroup
		for i := range 24 {
			wg.Go(func() {
				if err := s.Mailer.Send(t.Context(), Letter(fmt.Sprintf("reader%d@example.com", i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		seen := map[string]int{}
		for _, to := range s.Taken() {
			seen[to[0]]++
		}
		for i := range 24 {
			if n := seen[fmt.Sprintf("reader%d@example.com", i)]; n != 1 {
				t.Errorf("reader %d got %d messages", i, n)
			}
		}
	})
	t.Run("no time", func(t *testing.T) {
		s := start(t, Asleep)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		err := s.Mailer.Send(ctx, Letter("eva@example.com"))
		if got := OutcomeOf(err); got != mail.Temporary && got != mail.Unknown {
			t.Errorf("outcome %q (%v)", got, err)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("it took %s after its time was over", took)
		}
	})
}
