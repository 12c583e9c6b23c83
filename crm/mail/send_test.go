package mail_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func TestSend(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		m := letter()
		m.Record = mail.RecordID{15: 7}
		w.ok(w.DB.Write(w.anna, func(ctx context.Context, s *store.Session) error {
			hash, err := s.PutBlob(ctx, []byte("%PDF-1.7"))
			m.Attachments = []mail.Attachment{{Name: "Ajánlat.pdf", Type: "application/pdf", Hash: hash, Size: 8}}
			return err
		}))
		q, err := w.queue(w.anna, m)
		w.ok(err)
		is(t, "state", q.State, mail.Queued)
		is(t, "sent", w.send(), 1)
		is(t, "sent again", w.send(), 0)
		got := w.get(q.ID)
		is(t, "state", got.State, mail.Sent)
		is(t, "sent at", got.SentAt, w.Clock.Now())
		is(t, "recipients", got.Recipients, "Szabó Éva <eva@minta.example>")
		is(t, "events", w.events(q.ID), "mail.sent")
		out := w.box.Messages()
		if len(out) != 1 {
			t.Fatalf("%d messages", len(out))
		}
		is(t, "Message-ID", out[0].MessageID, q.ID.String()+"@fenyforras.example")
		is(t, "file", string(out[0].Attachments[0].Content), "%PDF-1.7")
		is(t, "record", out[0].Record, m.Record)

		list, err := w.mails.List(w.anna, mail.Filter{Record: m.Record, States: []mail.State{mail.Sent}})
		w.ok(err)
		is(t, "found by record", len(list.Rows), 1)
		list, err = w.mails.List(w.pal, mail.Filter{})
		w.ok(err)
		is(t, "seen by a colleague", len(list.Rows), 0)
	})
}

func TestNothingIsSentForWhatIsRolledBack(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	stop := errors.New("stop")
	err := w.DB.Write(w.anna, func(ctx context.Context, s *store.Session) error {
		if _, err := w.mails.In(s).Queue(ctx, letter()); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	is(t, "sent", w.send(), 0)
	_, err = w.mails.Queue(w.anna, letter())
	wantCode(t, err, fault.Forbidden)
}

func TestKeyQueuesOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		m := letter()
		m.Key = "a"
		var wg sync.WaitGroup
		ids := make([]mail.ID, 8)
		for i := range ids {
			wg.Go(func() {
				row, err := w.queue(w.anna, m)
				if err != nil {
					t.Error(err)
				}
				ids[i] = row.ID
			})
		}
		wg.Wait()
		for _, id := range ids {
			is(t, "mail", id, ids[0])
		}
		is(t, "sent", w.send(), 1)
	})
}

func TestLaterAndAtLastGivenUp(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		q := w.queued()
		w.refuse(mail.Temporary, "451 greylisted")
		is(t, "tried", w.send(), 1)
		is(t, "tried at once again", w.send(), 0)
		got := w.get(q.ID)
		is(t, "state", got.State, mail.Deferred)
		is(t, "reason", got.Reason, "451 greylisted")
		is(t, "told", w.events(q.ID), "")
		if pause := got.DueAt.Sub(w.Clock.Now()); pause < 30*time.Second || pause > minute {
			t.Errorf("the first pause is %s", pause)
		}
		tries := 1
		for w.get(q.ID).State == mail.Deferred {
			w.Clock.Advance(time.Hour)
			tries += w.send()
		}
		got = w.get(q.ID)
		is(t, "state", got.State, mail.Failed)
		is(t, "code", got.ReasonCode, "gave_up")
		is(t, "told", w.events(q.ID), "mail.failed")
		if tries < 20 || tries > 60 {
			t.Errorf("%d tries in two days", tries)
		}

		w.box.Refuse = nil
		_, err := w.mails.Resend(w.pal, q.ID)
		wantCode(t, err, fault.NotFound)
		_, err = w.mails.Resend(w.anna, q.ID)
		w.ok(err)
		is(t, "sent", w.send(), 1)
		is(t, "state", w.get(q.ID).State, mail.Sent)
		is(t, "told", w.events(q.ID), "mail.failed mail.resent mail.sent")
	})
}

func TestServerThatIsDownIsLeftAlone(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	for range 5 {
		w.queued()
	}
	tries := 0
	w.box.Refuse = func(mail.Message) error {
		tries++
		return &mail.Failure{Outcome: mail.Temporary, Down: true, Reason: "no route"}
	}
	w.send()
	w.send()
	is(t, "tries", tries, 1)
	w.box.Refuse = nil
	w.Clock.Advance(2 * minute)
	is(t, "sent", w.send(), 5)
}

func TestRefusedAndUnknown(t *testing.T) {
	for _, c := range []struct {
		name     string
		err      error
		state    mail.State
		event    string
		messages int
	}{
		{"refused", mail.NewFailure(mail.Permanent, nil, "550 no such mailbox"), mail.Failed, "mail.failed", 0},
		{"no answer", mail.NewFailure(mail.Unknown, nil, "connection reset"), mail.NoAnswer, "mail.unknown", 1},
		{"an error without a failure", errors.New("odd"), mail.NoAnswer, "mail.unknown", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
				w := newWorld(t, env, nil)
				q := w.queued()
				w.box.Refuse = func(mail.Message) error { return c.err }
				w.send()
				w.Clock.Advance(72 * time.Hour)
				is(t, "tried again", w.send(), 0)
				is(t, "state", w.get(q.ID).State, c.state)
				is(t, "told", w.events(q.ID), c.event)
				is(t, "messages", len(w.box.Messages()), c.messages)
				_, err := w.mails.Cancel(w.anna, q.ID)
				wantCode(t, err, fault.Invalid)
				for range 2 {
					_, err = w.mails.Dismiss(w.anna, q.ID)
					w.ok(err)
				}
				is(t, "told", w.events(q.ID), c.event+" mail.dismissed")
			})
		})
	}
}

func TestMailerThatPanics(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	q := w.queued()
	w.box.Refuse = func(mail.Message) error { panic("nil map") }
	w.send()
	is(t, "state", w.get(q.ID).State, mail.NoAnswer)
}

func TestProcessThatDied(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		q := w.queued()
		dying, cancel := context.WithCancel(w.System())
		defer cancel()
		w.box.Refuse = func(mail.Message) error { // the lease runs out while the server thinks
			w.Clock.Advance(time.Hour)
			n, err := w.mails.Send(w.System(), 0) // another process
			w.ok(err)
			is(t, "dealt with by the other process", n, 1)
			is(t, "state for the other process", w.get(q.ID).State, mail.NoAnswer)
			cancel()
			return nil
		}
		_, err := w.mails.Send(dying, 0)
		w.ok(err)
		is(t, "state", w.get(q.ID).State, mail.Sent) // what is known later counts
		is(t, "told", w.events(q.ID), "mail.unknown mail.sent")
		is(t, "messages", len(w.box.Messages()), 1)
	})
}

func TestCancel(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	q := w.queued()
	for range 2 {
		_, err := w.mails.Cancel(w.anna, q.ID)
		w.ok(err)
	}
	is(t, "sent", w.send(), 0)
	is(t, "told", w.events(q.ID), "mail.cancelled")
	sent := w.queued()
	w.send()
	_, err := w.mails.Cancel(w.anna, sent.ID)
	wantCode(t, err, fault.Invalid)
	_, err = w.mails.Resend(w.anna, sent.ID)
	wantCode(t, err, fault.Invalid)
}

func TestManyProcessesSendEachOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, func(c *mail.Config) { c.Senders = 3 })
		for range 30 {
			w.queued()
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := mail.New(env.DB, mail.Config{Mailer: w.box, Senders: 3}).Send(w.System(), 0); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		seen := map[string]bool{}
		for _, m := range w.box.Messages() {
			if seen[m.MessageID] {
				t.Errorf("%s was sent twice", m.MessageID)
			}
			seen[m.MessageID] = true
		}
		is(t, "messages", len(seen), 30)
	})
}

func TestWithoutMailerMailsWait(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), func(c *mail.Config) { c.Mailer = nil })
	q := w.queued()
	is(t, "ready", w.mails.Ready(), false)
	is(t, "sent", w.send(), 0)
	is(t, "state", w.get(q.ID).State, mail.Queued)
	n, err := w.mails.Waiting(w.System())
	w.ok(err)
	is(t, "waiting", n, 1)
}

func TestWhoMay(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	q := w.queued()
	_, err := w.mails.Send(w.admin, 0)
	wantCode(t, err, fault.Forbidden)
	_, err = w.mails.Waiting(w.admin)
	wantCode(t, err, fault.Forbidden)
	public := actor.With(context.Background(), actor.Public(w.Company))
	for name, call := range map[string]func() error{
		"list":   func() error { _, err := w.mails.List(public, mail.Filter{}); return err },
		"get":    func() error { _, err := w.mails.Get(public, q.ID); return err },
		"cancel": func() error { _, err := w.mails.Cancel(public, q.ID); return err },
		"of":     func() error { _, err := w.mails.Of(w.admin, []mail.ID{q.ID}); return err },
	} {
		if err := call(); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMessageFaults(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	m := mail.Message{
		From: mail.Address{Name: "Anna\r\nBcc: all@example.com", Email: "anna@example.com"}, ReplyTo: mail.Address{Email: "x"},
		To:      []mail.Address{{Email: "eva@example.com\nBcc: other@example.com"}, {Name: "ok", Email: "ok@example.com"}},
		Subject: "Hi\nX-Evil: 1", HTML: strings.Repeat("x", mail.MaxText+1),
		Attachments: []mail.Attachment{{Type: "pdf\r\nX: y", Size: mail.MaxAttached + 1}},
	}
	_, err := w.queue(w.anna, m)
	wantCode(t, err, fault.Invalid)
	is(t, "faults", paths(err), "from.name reply_to to[0] subject text html attachments[0].name attachments[0].type attachments[0].hash attachments")
}

func TestPlansSeek(t *testing.T) {
	env, plans := testutil.Planned(t)
	w := newWorld(t, env, nil)
	q := w.queued()
	w.send()
	_, err := w.mails.List(w.admin, mail.Filter{})
	w.ok(err)
	_, err = w.mails.List(w.admin, mail.Filter{Record: mail.RecordID(q.ID), States: []mail.State{mail.Failed}})
	w.ok(err)
	_, err = w.mails.Waiting(w.System())
	w.ok(err)
	if scans := plans.Scans(); len(scans) > 0 {
		t.Errorf("whole tables are read:\n%s", strings.Join(scans, "\n"))
	}
}
