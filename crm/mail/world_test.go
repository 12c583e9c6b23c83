package mail_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// offer is a purpose of its own.
var offer = mail.Purpose{
	Key: "test.offer",
	Fields: []mail.Field{
		{Name: "reader.name"}, {Name: "total"}, {Name: "phone"}, {Name: "link", Required: true},
	},
	Defaults: map[locale.Language]mail.Words{
		locale.English:   {Subject: "Offer for {reader.name}", Body: "Dear {reader.name},\n\nThe total is {total}.\n\nRead it here:\n{link}\n\nPhone: {phone}"},
		locale.Hungarian: {Subject: "Ajánlat: {reader.name}", Body: "Tisztelt {reader.name}!\n\n{link}"},
	},
}

// world is a company with an outbox.
type world struct {
	*testutil.Env
	t     testing.TB
	box   *mailtest.Box
	mails *mail.Mails
	// anna owns what she sends and sees only that, admin sees everything.
	anna, pal, admin context.Context
}

func newWorld(t testing.TB, env *testutil.Env, change func(*mail.Config)) *world {
	w := &world{Env: env, t: t, box: &mailtest.Box{}}
	config := mail.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Mailer: w.box, Purposes: []mail.Purpose{offer}, Senders: 1}
	if change != nil {
		change(&config)
	}
	w.mails = mail.New(env.DB, config)
	w.anna = env.As("kovacs.anna", actor.Seller, actor.Own, "pest")
	w.pal = env.As("nagy.pal", actor.Seller, actor.Own, "pecs")
	w.admin = env.As("admin", actor.Admin, actor.All)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func letter() mail.Message {
	return mail.Message{
		From: mail.Address{Name: "Kovács Anna", Email: "anna@fenyforras.example"}, To: []mail.Address{{Name: "Szabó Éva", Email: "Eva@Minta.example"}},
		Subject: "Ajánlat", Text: "Tisztelt Szabó Éva!", Language: locale.Hungarian, Purpose: "test.offer", RecordKind: "quote",
	}
}

// queue puts a letter into the outbox, as the verb of another package does.
func (w *world) queue(ctx context.Context, m mail.Message) (mail.Mail, error) {
	var out mail.Mail
	err := w.DB.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
		out, err = w.mails.In(s).Queue(ctx, m)
		return err
	})
	return out, err
}

func (w *world) queued() mail.Mail {
	w.t.Helper()
	m, err := w.queue(w.anna, letter())
	w.ok(err)
	return m
}

func (w *world) send() int {
	w.t.Helper()
	n, err := w.mails.Send(w.System(), 0)
	w.ok(err)
	return n
}

func (w *world) get(id mail.ID) mail.Mail {
	w.t.Helper()
	m, err := w.mails.Get(w.anna, id)
	w.ok(err)
	return m
}

// events are the kinds of what happened to a mail, in order.
func (w *world) events(id mail.ID) string {
	w.t.Helper()
	var kinds []string
	w.ok(w.DB.Read(w.System(), func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &kinds, store.From[event.Event]("e"), "SELECT e.kind FROM crm_event AS e WHERE {scope} AND e.record_id = ? ORDER BY e.record_version", id)
	}))
	return strings.Join(kinds, " ")
}

func is(t testing.TB, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("error %v, want %s", err, code)
	}
}

func paths(err error) string {
	var out []string
	for _, f := range fault.Of(err) {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

// refuse lets the box answer with a failure.
func (w *world) refuse(o mail.Outcome, reason string) {
	w.box.Refuse = func(mail.Message) error { return mail.NewFailure(o, nil, "%s", reason) }
}

const minute = time.Minute
