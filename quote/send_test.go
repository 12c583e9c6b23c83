package quote_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// post is a world whose quotes go out.
type post struct {
	*world
	registry *event.Registry
}

const pages = "https://erp.example.com/crm/q/"

func newPost(t testing.TB, env *testutil.Env) *post {
	p := &post{world: newWorld(t, env)}
	p.registry = event.NewRegistry()
	p.quotes.Register(p.registry)
	eva, err := p.parties.Get(p.anna, p.eva.ID)
	p.ok(err)
	_, err = p.parties.Change(p.anna, p.eva.ID, eva.Version, party.Draft{Kind: party.Person, FullName: "Szabó Éva", Language: locale.Hungarian, Emails: []string{"eva@minta.example"},
		Owner: party.Owner{User: "kovacs.anna", Team: "pest"}})
	p.ok(err)
	return p
}

// work does what the background does: sends mails and handles events.
func (p *post) work() {
	p.t.Helper()
	worker := event.Worker{DB: p.DB, Registry: p.registry, Log: quiet}
	for range 2 {
		_, err := p.mails.Send(p.System(), 0)
		p.ok(err)
		_, err = worker.RunOnce(context.Background())
		p.ok(err)
	}
}

// sent sends an issued quote as it is proposed, and gives the token of its link.
func (p *post) sent(id quote.ID, change func(*quote.SendInput)) (quote.Sending, string) {
	p.t.Helper()
	proposal, err := p.quotes.SendPreview(p.anna, id, "")
	p.ok(err)
	in := proposal.SendInput
	if change != nil {
		change(&in)
	}
	sending, err := p.quotes.Send(p.anna, id, in)
	p.ok(err)
	p.work()
	all := p.box.Messages()
	last := all[len(all)-1]
	_, after, ok := strings.Cut(last.Text, pages)
	if !ok {
		p.t.Fatalf("the letter has no link:\n%s", last.Text)
	}
	token, _, _ := strings.Cut(after, "\n")
	return sending, token
}

// tasks are the open tasks of a user about a quote.
func (p *post) tasks(user string) []string {
	p.t.Helper()
	var subjects []string
	p.ok(p.DB.Read(p.System(), func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &subjects, store.From[activity.Activity]("a"),
			"SELECT a.subject FROM crm_activity AS a WHERE {scope} AND a.is_open = ? AND a.kind = ? AND a.owner_user = ? ORDER BY a.created_at, a.id", true, string(activity.Task), user)
	}))
	return subjects
}

func (p *post) timeline() []activity.Item {
	p.t.Helper()
	list, err := p.activities.Timeline(p.anna, p.minta.ID, nil, store.Page{})
	p.ok(err)
	return list.Items
}

func TestSendQuote(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		p := newPost(t, env)
		card := p.issued(nil)
		id := card.Quote.ID
		proposal, err := p.quotes.SendPreview(p.anna, id, "")
		p.ok(err)
		is(t, "to", fmt.Sprint(proposal.To), "[Szabó Éva <eva@minta.example>]")
		is(t, "from", proposal.From.String(), "Kovács Anna – Fényforrás Kereskedelmi Zrt. <ertekesites@fenyforras.example>")
		is(t, "answers", proposal.ReplyTo.Email, "anna@fenyforras.example")
		is(t, "subject", proposal.Subject, "Q-2026-00001 árajánlat – Fényforrás Kereskedelmi Zrt.")
		is(t, "file", proposal.File, "Q-2026-00001.pdf")
		if !strings.Contains(proposal.Text, "\n"+quote.LinkField+"\n") || !strings.Contains(proposal.Text, "2026.\u00a008.\u00a012.") {
			t.Errorf("text:\n%s", proposal.Text)
		}
		in := proposal.SendInput
		in.Cc = []mail.Address{{Email: "Iroda@Minta.example"}}
		in.Annexes = []activity.File{{Name: "../Műszaki lap.txt", Content: []byte("IP65")}}
		in.Key = "press-1"
		sending, err := p.quotes.Send(p.anna, id, in)
		p.ok(err)
		again, err := p.quotes.Send(p.anna, id, in)
		p.ok(err)
		is(t, "the same key", again.ID, sending.ID)
		p.work()

		out := p.box.Messages()
		if len(out) != 1 {
			t.Fatalf("%d messages", len(out))
		}
		pdf, err := p.quotes.PDF(p.anna, id)
		p.ok(err)
		is(t, "recipients", strings.Join(out[0].Recipients(), " "), "eva@minta.example iroda@minta.example")
		is(t, "PDF", bytes.Equal(out[0].Attachments[0].Content, pdf), true)
		is(t, "annex", out[0].Attachments[1].Name, "Műszaki lap.txt")
		is(t, "button", strings.Contains(out[0].HTML, `">Árajánlat megnyitása</a>`), true)
		p.sameEvents(id, "quote.drafted", "quote.issued", "quote.sent")
		all, err := p.quotes.Sendings(p.anna, id)
		p.ok(err)
		is(t, "sendings", len(all), 1)
		is(t, "state", all[0].Mail.State, mail.Sent)
		var found bool
		for _, a := range p.timeline() {
			if a.Kind == activity.Mail {
				found = true
				is(t, "who sent it", a.OwnerUser, "kovacs.anna")
				if a.Direction != activity.Out || strings.Contains(a.Body, pages) {
					t.Errorf("the timeline says %+v", a)
				}
			}
		}
		is(t, "stands on the timeline", found, true)
	})
}

func TestSendFaults(t *testing.T) {
	p := newPost(t, testutil.SQLite(t))
	draft := p.draft(nil).Quote.ID
	_, err := p.quotes.Send(p.anna, draft, quote.SendInput{})
	is(t, "a draft", strings.Join(paths(err), " "), "state")
	id := p.issued(nil).Quote.ID
	_, err = p.quotes.Send(p.anna, id, quote.SendInput{
		To: []mail.Address{{Email: "eva@minta.example\nBcc: x@example.com"}}, Language: "xx", Text: " ",
		Annexes: []activity.File{{Name: "a.exe", Content: []byte("MZ")}, {Name: "empty.txt"}},
	})
	is(t, "faults", strings.Join(paths(err), " "), "annexes[0] annexes[1] language subject text to[0]")
	_, err = p.quotes.Send(p.As("pal", actor.Seller, actor.Own), id, quote.SendInput{})
	wantCode(t, err, fault.NotFound)
	p.Clock.Advance(60 * 24 * time.Hour)
	_, err = p.quotes.Send(p.anna, id, quote.SendInput{To: []mail.Address{{Email: "eva@minta.example"}}, Subject: "a", Text: "b"})
	is(t, "too late", strings.Join(paths(err), " "), "valid_until")
	is(t, "messages", len(p.box.Messages()), 0)
}

func TestMailTroubleIsTold(t *testing.T) {
	for _, c := range []struct {
		outcome mail.Outcome
		state   mail.State
		task    string
	}{
		{mail.Permanent, mail.Failed, "Q-2026-00001 árajánlat nem ment el: Szabó Éva <eva@minta.example>"},
		{mail.Unknown, mail.NoAnswer, "Q-2026-00001 árajánlat: kérdezze meg, megérkezett-e: Szabó Éva <eva@minta.example>"},
	} {
		t.Run(string(c.outcome), func(t *testing.T) {
			testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
				p := newPost(t, env)
				id := p.issued(nil).Quote.ID
				p.box.Refuse = func(mail.Message) error { return mail.NewFailure(c.outcome, nil, "550 no such mailbox") }
				proposal, err := p.quotes.SendPreview(p.anna, id, locale.Hungarian)
				p.ok(err)
				_, err = p.quotes.Send(p.anna, id, proposal.SendInput)
				p.ok(err)
				p.work()
				p.sameEvents(id, "quote.drafted", "quote.issued", "quote.not_sent")
				is(t, "tasks", strings.Join(p.tasks("kovacs.anna"), "; "), c.task)
				all, err := p.quotes.Sendings(p.anna, id)
				p.ok(err)
				is(t, "state", all[0].Mail.State, c.state)
				is(t, "reason", all[0].Mail.Reason, "550 no such mailbox")

				p.box.Refuse = nil
				_, err = p.mails.Resend(p.anna, all[0].MailID)
				p.ok(err)
				p.work()
				p.sameEvents(id, "quote.drafted", "quote.issued", "quote.not_sent", "quote.sent")
			})
		})
	}
}

func TestServerDownAndBack(t *testing.T) {
	p := newPost(t, testutil.SQLite(t))
	id := p.issued(nil).Quote.ID
	p.box.Refuse = func(mail.Message) error {
		return &mail.Failure{Outcome: mail.Temporary, Down: true, Reason: "no route"}
	}
	proposal, err := p.quotes.SendPreview(p.anna, id, "")
	p.ok(err)
	_, err = p.quotes.Send(p.anna, id, proposal.SendInput)
	p.ok(err)
	p.work()
	all, err := p.quotes.Sendings(p.anna, id)
	p.ok(err)
	is(t, "state", all[0].Mail.State, mail.Deferred)
	is(t, "tasks", len(p.tasks("kovacs.anna")), 0)
	p.box.Refuse = nil
	p.Clock.Advance(time.Hour)
	p.work()
	is(t, "messages", len(p.box.Messages()), 1)
}

func TestOpenAndAccept(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		p := newPost(t, env)
		card := p.issued(func(in *quote.DraftInput) {
			in.Lines = append(in.Lines, quote.DraftLine{Kind: quote.Optional, Product: "BOOK", Quantity: money.MustQuantity("1")})
		})
		id := card.Quote.ID
		sending, token := p.sent(id, func(in *quote.SendInput) {
			in.Language = locale.English
			in.Annexes = []activity.File{{Name: "Műszaki lap.txt", Content: []byte("IP65")}}
		})
		company, err := p.quotes.LinkCompany(token)
		p.ok(err)
		is(t, "company", company, p.Company)
		for range 3 {
			opened, err := p.quotes.Open(p.reader, token)
			p.ok(err)
			is(t, "state", opened.State, quote.Issued)
			is(t, "number", opened.Document.Number, "Q-2026-00001")
			is(t, "gross", opened.Document.Totals.Gross.Cmp(card.Quote.Gross), 0)
			is(t, "choices", opened.Document.Choices(), true)
			is(t, "language", opened.Language, locale.English)
			p.Clock.Advance(time.Hour)
		}
		pdf, err := p.quotes.PDF(p.anna, id)
		p.ok(err)
		file, err := p.quotes.LinkedFile(p.reader, token, 0)
		p.ok(err)
		is(t, "PDF", bytes.Equal(file.Content, pdf), true)
		file, err = p.quotes.LinkedFile(p.reader, token, 1)
		p.ok(err)
		is(t, "annex", string(file.Content), "IP65")
		_, err = p.quotes.LinkedFile(p.reader, token, 2)
		wantCode(t, err, fault.NotFound)

		p.ok(p.quotes.AskByLink(p.reader, token, quote.LinkAnswer{By: "Szabó Éva", Note: "Mikorra szállítják?"}))
		p.work()
		is(t, "tasks", strings.Join(p.tasks("kovacs.anna"), "; "), "Válaszoljon: kérdés a Q-2026-00001 árajánlathoz")

		_, err = p.quotes.AcceptByLink(p.reader, token, quote.LinkAnswer{Options: []int{9}, Role: strings.Repeat("x", 121)})
		is(t, "faults", strings.Join(paths(err), " "), "by evidence.options[0] evidence.role")
		answer := quote.LinkAnswer{By: "Szabó Éva", Role: "beszerző", Note: "Szeptemberre.", Options: []int{2}, Address: "192.0.2.7", UserAgent: "Firefox"}
		first, err := p.quotes.AcceptByLink(p.reader, token, answer)
		p.ok(err)
		again, err := p.quotes.AcceptByLink(p.reader, token, quote.LinkAnswer{By: "Más"})
		p.ok(err)
		is(t, "twice", again, first)
		_, err = p.quotes.DeclineByLink(p.reader, token, quote.LinkAnswer{By: "Más"})
		wantCode(t, err, fault.Conflict)
		p.work()
		p.work()
		q := p.get(id).Quote
		is(t, "evidence", fmt.Sprint(q.Evidence.Email, " ", q.Evidence.Role, " ", q.Evidence.Address, " ", q.Evidence.UserAgent, " ", q.Evidence.Sending == sending.ID, " ", q.Evidence.DocumentHash == card.Quote.DocumentHash),
			"eva@minta.example beszerző 192.0.2.7 Firefox true true")
		p.sameEvents(id, "quote.drafted", "quote.issued", "quote.sent", "quote.opened", "quote.asked", "quote.accepted")
		is(t, "tasks", strings.Join(p.tasks("kovacs.anna"), "; "), "Válaszoljon: kérdés a Q-2026-00001 árajánlathoz; Q-2026-00001 árajánlatot elfogadták: rendelés következik")
		opened, err := p.quotes.Look(p.reader, token)
		p.ok(err)
		is(t, "state", opened.State, quote.Accepted)
		is(t, "by", opened.Decision.By, "Szabó Éva")
		all, err := p.quotes.Sendings(p.anna, id)
		p.ok(err)
		is(t, "openings", all[0].Openings, 3)
	})
}

func TestAcceptAgainstDeclineByLink(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		p := newPost(t, env)
		id := p.issued(nil).Quote.ID
		_, token := p.sent(id, nil)
		states := make([]quote.State, 8)
		inParallel(len(states), func(i int) {
			verb := p.quotes.AcceptByLink
			if i%2 == 1 {
				verb = p.quotes.DeclineByLink
			}
			d, err := verb(p.reader, token, quote.LinkAnswer{By: "Szabó Éva"})
			if err != nil && !errors.Is(err, fault.Conflict) {
				t.Error(err)
			}
			states[i] = d.State
		})
		p.work()
		won := p.get(id).Quote.State
		for _, s := range states {
			if s != "" && s != won {
				t.Errorf("somebody was told %s, it is %s", s, won)
			}
		}
		is(t, "tasks", len(p.tasks("kovacs.anna")), 1)
	})
}

func TestLinkEnds(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		p := newPost(t, env)
		id := p.issued(nil).Quote.ID
		first, old := p.sent(id, nil)
		state := func(token string) quote.State {
			t.Helper()
			o, err := p.quotes.Look(p.reader, token)
			p.ok(err)
			return o.State
		}
		next, err := p.quotes.NewVersion(p.anna, id)
		p.ok(err)
		is(t, "while the next one is a draft", state(old), quote.Issued)
		next, err = p.quotes.Issue(p.anna, next.Quote.ID)
		p.ok(err)
		o, err := p.quotes.Look(p.reader, old)
		p.ok(err)
		is(t, "superseded", o.State, quote.Superseded)
		is(t, "the newer one was not sent", o.Newer, "")
		_, newer := p.sent(next.Quote.ID, func(in *quote.SendInput) { in.To = []mail.Address{{Email: "other@minta.example"}} })
		o, err = p.quotes.Look(p.reader, old)
		p.ok(err)
		is(t, "the newer one was sent to somebody else", o.Newer, "")
		p.Clock.Advance(time.Minute)
		_, newest := p.sent(next.Quote.ID, nil)
		o, err = p.quotes.Look(p.reader, old)
		p.ok(err)
		is(t, "the newer one", o.Newer, newest)
		_, err = p.quotes.AcceptByLink(p.reader, old, quote.LinkAnswer{By: "Szabó Éva"})
		wantCode(t, err, fault.Conflict)

		for range 2 {
			_, err = p.quotes.Revoke(p.anna, first.ID)
			p.ok(err)
		}
		_, err = p.quotes.Open(p.reader, old)
		wantCode(t, err, fault.NotFound)
		_, err = p.quotes.Revoke(p.As("pal", actor.Seller, actor.Own), first.ID)
		wantCode(t, err, fault.NotFound)

		p.Clock.Advance(32 * 24 * time.Hour)
		is(t, "behind its validity", state(newer), quote.Expired)
		_, err = p.quotes.AcceptByLink(p.reader, newer, quote.LinkAnswer{By: "Szabó Éva"})
		wantCode(t, err, fault.Invalid)
		p.Clock.Advance(200 * 24 * time.Hour)
		_, err = p.quotes.Open(p.reader, newer)
		wantCode(t, err, fault.NotFound)
	})
}

func TestForgedLinks(t *testing.T) {
	p := newPost(t, testutil.SQLite(t))
	id := p.issued(nil).Quote.ID
	_, token := p.sent(id, nil)
	raw, err := base64.RawURLEncoding.DecodeString(token)
	p.ok(err)
	for i := range raw {
		forged := bytes.Clone(raw)
		forged[i] ^= 1
		if _, err := p.quotes.Open(p.reader, base64.RawURLEncoding.EncodeToString(forged)); !errors.Is(err, fault.NotFound) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	other := p.config
	other.LinkKey = bytes.Repeat([]byte("x"), 32)
	for name, call := range map[string]func() error{
		"of another company": func() error {
			_, err := p.quotes.Open(actor.With(context.Background(), actor.Public("OTHER")), token)
			return err
		},
		"with another key": func() error { _, err := quote.New(p.DB, other).LinkCompany(token); return err },
		"without a key":    func() error { _, err := quote.New(p.DB, quote.Config{}).LinkCompany(token); return err },
		"cut":              func() error { _, err := p.quotes.Open(p.reader, token[:len(token)-1]); return err },
		"none":             func() error { _, err := p.quotes.Open(p.reader, ""); return err },
		"long":             func() error { _, err := p.quotes.Open(p.reader, strings.Repeat("A", 10_000)); return err },
	} {
		if err := call(); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = p.quotes.Open(p.anna, token)
	wantCode(t, err, fault.Forbidden)
}

func TestQuestionsAreBounded(t *testing.T) {
	p := newPost(t, testutil.SQLite(t))
	id := p.issued(nil).Quote.ID
	_, token := p.sent(id, nil)
	var err error
	for range 21 {
		err = p.quotes.AskByLink(p.reader, token, quote.LinkAnswer{By: "Éva", Note: "?"})
	}
	wantCode(t, err, fault.Limit)
}

func TestLettersInEveryLanguage(t *testing.T) {
	p := newPost(t, testutil.SQLite(t))
	id := p.issued(nil).Quote.ID
	for _, l := range locale.Languages {
		words := quote.SentPurpose.Defaults[l]
		if faults := quote.SentPurpose.Check(words); len(faults) > 0 {
			t.Errorf("%s: %v", l, faults)
		}
		proposal, err := p.quotes.SendPreview(p.anna, id, l)
		p.ok(err)
		testutil.Golden(t, "letter."+string(l)+".txt", []byte(proposal.Subject+"\n\n"+proposal.Text+"\n"))
	}
	for _, f := range quote.SentPurpose.Fields {
		for _, l := range locale.Languages {
			if f.Label[l] == "" {
				t.Errorf("the field %s has no name in %s", f.Name, l)
			}
		}
	}
}

func FuzzLink(f *testing.F) {
	q := quote.New(nil, quote.Config{LinkKey: bytes.Repeat([]byte("k"), 32)})
	for _, seed := range []string{"", "A", "AQ", strings.Repeat("A", 60), "AQGaAicAAAAAAAAAAAAAAAAAAUhVMDE", "=", "a b", "../../x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if company, err := q.LinkCompany(token); err == nil {
			t.Errorf("%q opens a quote of %q", token, company)
		}
	})
}
