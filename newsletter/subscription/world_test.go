package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// world is a company with two newsletters by e-mail and one by SMS.
type world struct {
	*testutil.Env
	t       testing.TB
	box     *mailtest.Box
	mails   *mail.Mails
	parties *party.Parties
	signer  *subscription.Signer
	n       *subscription.Subscriptions
	// system does background work, anna enters readers, out is the outside world.
	system, anna, privacy, out context.Context
	news, prices, alerts       subscription.Topic
}

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
}

func secret(b byte) []byte { return []byte(strings.Repeat(string(rune('a'+b)), 32)) }

func newWorld(t testing.TB, env *testutil.Env) *world {
	w := &world{Env: env, t: t, box: &mailtest.Box{}}
	w.mails = mail.New(env.DB, mail.Config{Mailer: w.box, Purposes: subscription.Purposes, Senders: 1, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	w.parties = party.New(env.DB, hungarian)
	w.signer = must(subscription.NewSigner(subscription.Key{ID: 7, Secret: secret(0)}))
	w.n = must(subscription.New(env.DB, w.config()))
	w.system, w.out = env.System(), actor.With(context.Background(), actor.Public(env.Company))
	w.anna = env.As("kovacs.anna", append(slices.Clone(actor.Manager), subscription.Read, subscription.Write), actor.All, "pest")
	w.privacy = env.As("dpo", append(slices.Clone(actor.Admin), subscription.Read), actor.All)
	w.news = w.topic("hirlevel", subscription.Email, subscription.Public, map[locale.Language]string{locale.Hungarian: "Fényforrás hírlevél", locale.English: "Light news", locale.Hebrew: "חדשות התאורה"})
	w.prices = w.topic("arlista", subscription.Email, subscription.Staff, map[locale.Language]string{locale.Hungarian: "Viszonteladói árlista"})
	w.alerts = w.topic("sms", subscription.SMS, subscription.Public, map[locale.Language]string{locale.English: "Delivery alerts", locale.Russian: "Доставка"})
	return w
}

func (w *world) config() subscription.Config {
	return subscription.Config{
		Parties: w.parties, Mails: w.mails, Locales: hungarian, Signer: w.signer, HashKey: secret(1), AddressRate: 2, ClientRate: 5,
		Sender: func(string) mail.Address {
			return mail.Address{Name: "Fényforrás Zrt.", Email: "hirlevel@fenyforras.example"}
		},
		PublicURL: func(string) string { return "https://erp.example.com/crm/s/" },
	}
}

func (w *world) topic(code string, ch subscription.Channel, o subscription.Offer, names map[locale.Language]string) subscription.Topic {
	w.t.Helper()
	texts := map[locale.Language]subscription.TopicText{}
	for l, name := range names {
		texts[l] = subscription.TopicText{Name: name}
	}
	t, err := w.n.AddTopic(w.system, subscription.TopicDraft{Channel: ch, Code: code, Offer: o, Texts: texts})
	w.ok(err)
	return t
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func is(t testing.TB, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
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
		out = append(out, f.Path+":"+f.Code)
	}
	return strings.Join(out, " ")
}

// visit is a reader at home.
var visit = subscription.Visit{IP: netip.MustParseAddr("203.0.113.77"), Source: "fenyforras.example/hirlevel"}

// request asks for the newsletter, as a form on a page does.
func (w *world) request(address string, topics ...subscription.TopicID) error {
	if len(topics) == 0 {
		topics = []subscription.TopicID{w.news.ID}
	}
	return w.n.Request(w.out, subscription.RequestInput{Address: address, Topics: topics, Person: subscription.Person{Name: "Szabó Éva"}, Visit: visit})
}

// letters sends what is queued, and gives it.
func (w *world) letters() []mail.Message {
	w.t.Helper()
	before := len(w.box.Messages())
	_, err := w.mails.Send(w.system, 0)
	w.ok(err)
	return w.box.Messages()[before:]
}

// token takes the token of a page out of a letter.
func token(t testing.TB, m mail.Message, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(m.Text, "https://erp.example.com/crm/s/"+page)
	if !ok {
		t.Fatalf("no link to %s in: %s", page, m.Text)
	}
	return strings.Fields(rest)[0]
}

// subscribed makes an address an active reader of the newsletter by double opt-in, and gives its party.
func (w *world) subscribed(address string) party.ID {
	w.t.Helper()
	w.ok(w.request(address))
	letters := w.letters()
	if len(letters) != 1 {
		w.t.Fatalf("%d letters went to %s", len(letters), address)
	}
	link := token(w.t, letters[0], subscription.ConfirmPage)
	_, err := w.n.Confirm(w.out, link, visit)
	w.ok(err)
	return must(w.n.LinkOf(link)).Party
}

// states are what a party's subscriptions are, by code.
func (w *world) states(id party.ID) string {
	w.t.Helper()
	rows, err := w.n.Of(w.system, id)
	w.ok(err)
	codes := map[subscription.TopicID]string{w.news.ID: "news", w.prices.ID: "prices", w.alerts.ID: "alerts"}
	var out []string
	for _, r := range rows {
		out = append(out, codes[r.TopicID]+"="+string(r.State))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// acts are what is proved of a party, in order.
func (w *world) acts(id party.ID) string {
	w.t.Helper()
	list, err := w.n.EvidenceOf(w.privacy, id)
	w.ok(err)
	var out []string
	for _, e := range list {
		out = append(out, string(e.Act))
	}
	return strings.Join(out, " ")
}

// audience reads who is in an audience, page by page of two.
func (w *world) audience(topics ...subscription.TopicID) string {
	w.t.Helper()
	var out []string
	w.ok(w.DB.Read(w.system, func(ctx context.Context, s *store.Session) error {
		text, args, err := subscription.Audience{Topics: topics}.Select(s)
		if err != nil {
			return err
		}
		for last := []byte{0}; ; {
			var rows []reached
			err := s.Query(ctx, &rows, store.From[subscription.Topic]("t"), "SELECT a.party_id, a.address, a.language, a.name FROM ("+text+
				") AS a WHERE a.party_id > ? AND EXISTS (SELECT 1 FROM crm_topic AS t WHERE {scope}) ORDER BY a.party_id"+s.Limit(2), append(slices.Clone(args), last)...)
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, r := range rows {
				out = append(out, r.Address+"/"+string(r.Language))
			}
			last = rows[len(rows)-1].PartyID.Bytes()
		}
	}))
	slices.Sort(out)
	return strings.Join(out, " ")
}

type reached struct {
	PartyID  party.ID        `bun:"party_id"`
	Address  string          `bun:"address"`
	Language locale.Language `bun:"language"`
	Name     string          `bun:"name"`
}

// events are the kinds of what happened to subscriptions, in order.
func (w *world) events() string {
	w.t.Helper()
	var kinds []string
	w.ok(w.DB.Read(w.system, func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &kinds, store.From[event.Event]("e"), "SELECT e.kind FROM crm_event AS e WHERE {scope} AND e.kind LIKE 'subscription.%' ORDER BY e.id")
	}))
	return strings.Join(kinds, " ")
}

func (w *world) count(table string) int {
	w.t.Helper()
	var n int
	text := "SELECT COUNT(*) FROM " + table + " WHERE company = '" + w.Company + "'"
	w.ok(w.DB.SQL().QueryRow(text).Scan(&n))
	return n
}

// add makes a party with an address.
func (w *world) add(name, email string) party.Party {
	w.t.Helper()
	p, err := w.parties.Add(w.anna, party.Draft{FullName: name, Emails: []string{email}})
	w.ok(err)
	return p
}

// fair is a ground that the company can prove.
var fair = subscription.Ground{Basis: subscription.Consent, Source: "BNV 2026, papír űrlap", Statement: "Kérem a hírlevelet.", Language: locale.Hungarian}

const hour = time.Hour
