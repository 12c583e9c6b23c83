package crm_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// posting is a world whose module sends mails to a box, and writes its warnings into a log.
func posting(t *testing.T, env *testutil.Env, mailer mail.Mailer) (*world, *bytes.Buffer) {
	t.Helper()
	w := newWorld(t, env)
	host := w.books.Host()
	locales, err := erpbridge.Locales(t.Context(), w.db.SQL(), host, w.company)
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	w.module, err = crm.New(w.db, crm.Config{
		Host: host, Locale: locales, Log: slog.New(slog.NewTextHandler(log, nil)), Mailer: mailer, LinkKey: bytes.Repeat([]byte("k"), 32),
		Quotes: crm.QuoteConfig{PublicURL: func(string) string { return "https://erp.example.com/q/" }},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, log
}

// send sends a quote to the lead's person, as it is proposed.
func (w *world) send(t *testing.T) quote.ID {
	t.Helper()
	ctx := w.boss()
	id, err := w.completeLead(ctx, "M")
	if err != nil {
		t.Fatal(err)
	}
	card, err := w.module.Leads.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := w.module.Quotes.Draft(ctx, quote.DraftInput{Party: card.Lead.PartyID, Lines: w.lines()})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := w.module.Quotes.Issue(ctx, draft.Quote.ID)
	if err != nil {
		t.Fatal(err)
	}
	proposal, err := w.module.Quotes.SendPreview(ctx, issued.Quote.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.module.Quotes.Send(ctx, issued.Quote.ID, proposal.SendInput); err != nil {
		t.Fatal(err)
	}
	return issued.Quote.ID
}

func TestQuoteGoesOutAndIsAnswered(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		box := &mailtest.Box{}
		w, log := posting(t, env, box)
		id := w.send(t)
		if _, err := w.module.RunOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(box.Messages()) != 1 || w.count(t, "crm_mail", "state = 'sent'") != 1 || w.count(t, "crm_activity", "kind = 'mail'") != 1 {
			t.Fatalf("%d messages, %d mails sent, %d on the timeline", len(box.Messages()), w.count(t, "crm_mail", "state = 'sent'"), w.count(t, "crm_activity", "kind = 'mail'"))
		}
		_, after, _ := strings.Cut(box.Messages()[0].Text, "https://erp.example.com/q/")
		token, _, _ := strings.Cut(after, "\n")
		company, err := w.module.Quotes.LinkCompany(token)
		if err != nil {
			t.Fatal(err)
		}
		reader := actor.With(context.Background(), actor.Public(company))
		if _, err := w.module.Quotes.AcceptByLink(reader, token, quote.LinkAnswer{By: "Őrsi Zsófia"}); err != nil {
			t.Fatal(err)
		}
		tasks := w.count(t, "crm_activity", "kind = 'task'")
		for range 2 {
			if _, err := w.module.RunOnce(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.count(t, "crm_activity", "kind = 'task'") - tasks; n != 1 {
			t.Errorf("%d tasks to make the order, want 1", n)
		}
		card, err := w.module.Quotes.Get(w.boss(), id)
		if err != nil || card.Quote.State != quote.Accepted {
			t.Errorf("%s, %v", card.Quote.State, err)
		}
		if log.Len() > 0 {
			t.Errorf("warnings: %s", log)
		}
	})
}

func TestModuleWithoutMailerSaysSo(t *testing.T) {
	w, log := posting(t, testutil.SQLite(t), nil)
	w.send(t)
	for range 3 {
		if _, err := w.module.RunOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "set Config.Mailer"); n != 1 {
		t.Errorf("it was said %d times: %s", n, log)
	}
	if w.count(t, "crm_mail", "state = 'queued'") != 1 {
		t.Error("the mail does not wait")
	}
}

func TestLinkConfiguration(t *testing.T) {
	env := testutil.SQLite(t)
	_, err := crm.New(env.DB, crm.Config{Host: newPort("http://127.0.0.1:1").host(), LinkKey: []byte("short"), Mail: mail.Config{Senders: -1}, Quotes: crm.QuoteConfig{LinkDays: -1}})
	for _, want := range []string{"link_key", "mail.senders", "quotes.link_days"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
