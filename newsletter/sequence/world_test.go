package sequence_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

// box is a mail server in memory.
type box struct {
	mu  sync.Mutex
	got map[string][]string
}

func (b *box) Dial(context.Context) (message.Conn, error) { return b, nil }

func (b *box) Send(_ context.Context, e message.Envelope, end func(error)) error {
	b.mu.Lock()
	b.got[e.To] = append(b.got[e.To], string(e.Data))
	b.mu.Unlock()
	end(nil)
	return nil
}

func (b *box) Close(context.Context) error { return nil }

// subjects are the first words of the subjects that an address got, in order.
func (b *box) count(address string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.got[address])
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// world is a company with a topic, leads who get it, and a campaign whose letter sequences send.
type world struct {
	*testutil.Env
	t            testing.TB
	box          *box
	n            *newsletter.Newsletters
	leads        *lead.Leads
	activities   *activity.Activities
	registry     *event.Registry
	vera, system context.Context
	topic        subscription.Topic
	letter       campaign.Campaign
}

func hungarian(string) locale.Locale {
	zone, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		panic(err)
	}
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF", Zone: zone}
}

// letters wires newsletters on a database, as crm does.
func letters(db *store.DB, way message.Transport) (*newsletter.Newsletters, error) {
	return newsletter.New(db, newsletter.Config{
		Parties: party.New(db, hungarian), Mails: mail.New(db, mail.Config{Purposes: subscription.Purposes, Log: quiet}), Locales: hungarian,
		Secret: []byte(strings.Repeat("s", newsletter.SecretLength)), PublicURL: "https://erp.example.com/n/", Log: quiet,
		Sender: func(string) mail.Address {
			return mail.Address{Name: "Fényforrás Kft.", Email: "hirlevel@fenyforras.example"}
		},
		Transports: map[string]campaign.Transport{"": {Transport: way, Connections: 1}},
	})
}

func newWorld(t testing.TB, env *testutil.Env) *world {
	w := &world{Env: env, t: t, box: &box{got: map[string][]string{}}, system: env.System(), registry: event.NewRegistry()}
	w.vera = env.As("szabo.vera", append(append(actor.Rights{}, actor.Manager...), actor.NewsletterRead, actor.CampaignRead), actor.All, "pest")
	var err error
	w.n, err = letters(env.DB, w.box)
	w.ok(err)
	w.n.Sequences.Register(w.registry)
	parties := party.New(env.DB, hungarian)
	w.leads, w.activities = lead.New(env.DB, lead.Config{Parties: parties}), activity.New(env.DB, parties)
	w.topic, err = w.n.Subscriptions.AddTopic(w.vera, subscription.TopicDraft{Channel: subscription.Email, Code: "hirlevel", Offer: subscription.Public,
		Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Hírlevél"}}})
	w.ok(err)
	w.letter = w.campaign("Kedves {{first_name|Olvasónk}}, bemutatkozunk")
	return w
}

// campaign is a draft with one mail.
func (w *world) campaign(subject string) campaign.Campaign {
	w.t.Helper()
	design := content.Design{Language: locale.Hungarian, Subject: subject, Blocks: []content.Block{
		{Text: &content.Text{HTML: `<p>{{salutation}}</p><p><a href="https://fenyforras.example/lampak">Lámpák</a></p>`}},
		{Footer: &content.Footer{Company: "Fényforrás Kft.", Address: "1117 Budapest, Fény utca 2."}},
	}}
	raw, err := json.Marshal(design)
	w.ok(err)
	c, err := w.n.Campaigns.Create(w.vera, campaign.Plan{Name: subject, SenderName: "Fényforrás Kft.", SenderAddress: "hirlevel@fenyforras.example", ReturnDomain: "vissza.fenyforras.example", Language: locale.Hungarian})
	w.ok(err)
	c, err = w.n.Campaigns.SetContents(w.vera, c.ID, c.Version, []campaign.Content{{Language: locale.Hungarian, Subject: subject, Design: string(raw)}})
	w.ok(err)
	return c
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
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

// lead takes somebody in, and subscribes him.
func (w *world) lead(name, address string) lead.Lead {
	w.t.Helper()
	l := w.stranger(name, address)
	w.subscribe(l.PartyID)
	return l
}

func (w *world) stranger(name, address string) lead.Lead {
	w.t.Helper()
	r, err := w.leads.Capture(w.vera, lead.Draft{Name: name, Emails: []string{address}, Origin: lead.Origin{Source: "web"}})
	w.ok(err)
	c, err := w.leads.Get(w.vera, r.Lead)
	w.ok(err)
	return c.Lead
}

func (w *world) subscribe(who party.ID) {
	w.t.Helper()
	_, err := w.n.Subscriptions.Enter(w.vera, subscription.Entry{Party: who, Topics: []subscription.TopicID{w.topic.ID},
		Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV 2026", Statement: "Kérem a hírlevelet.", Language: locale.Hungarian}})
	w.ok(err)
}

// mail, wait and the others are steps.
func (w *world) mail(key string) sequence.Step {
	return sequence.Step{Key: key, Kind: sequence.Mail, Letter: w.letter.ID}
}

func wait(key string, n int, u sequence.Unit, at string) sequence.Step {
	return sequence.Step{Key: key, Kind: sequence.Wait, Wait: sequence.Pause{Count: n, Unit: u, At: at}}
}

// started is a sequence with a plan.
func (w *world) started(name string, p sequence.Plan) sequence.Sequence {
	w.t.Helper()
	row, err := w.n.Sequences.Create(w.vera, sequence.Drafting{Name: name, Topic: w.topic.ID, Plan: p})
	w.ok(err)
	row, err = w.n.Sequences.Start(w.vera, row.ID, row.Version, sequence.Finish)
	w.ok(err)
	return row
}

// restarted is its next version.
func (w *world) restarted(row sequence.Sequence, p sequence.Plan, others sequence.Underway) sequence.Sequence {
	w.t.Helper()
	row, err := w.n.Sequences.Edit(w.vera, row.ID, row.Version, sequence.Drafting{Name: row.Name, Topic: row.TopicID, Plan: p})
	w.ok(err)
	row, err = w.n.Sequences.Start(w.vera, row.ID, row.Version, others)
	w.ok(err)
	return row
}

func (w *world) enter(row sequence.Sequence, leads ...lead.Lead) sequence.Entered {
	w.t.Helper()
	list := make([]sequence.Who, len(leads))
	for i, l := range leads {
		list[i].Lead = l.ID
	}
	out, err := w.n.Sequences.Enter(w.vera, row.ID, list)
	w.ok(err)
	return out
}

// work lets the background work until nothing is to be done now.
func (w *world) work() {
	w.t.Helper()
	for range 100 {
		n, err := w.n.Sequences.Work(w.system)
		w.ok(err)
		m, err := w.n.Campaigns.Work(w.system)
		w.ok(err)
		if n+m == 0 {
			return
		}
	}
	w.t.Fatal("the background never comes to an end")
}

// later lets time pass, and then the background work.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.Clock.Advance(d)
	w.work()
}

const day = 24 * time.Hour

// events hands over what happened.
func (w *world) events() {
	w.t.Helper()
	worker := event.Worker{DB: w.DB, Registry: w.registry, Log: quiet}
	_, err := worker.RunOnce(w.system)
	w.ok(err)
}

func (w *world) reader(row sequence.Sequence, l lead.Lead) sequence.Row {
	w.t.Helper()
	rows, err := w.n.Sequences.Of(w.vera, l.PartyID)
	w.ok(err)
	for _, r := range rows {
		if r.SequenceID == row.ID {
			return r
		}
	}
	w.t.Fatalf("%s is not in %s", l.ID, row.Name)
	return sequence.Row{}
}

// stands holds a reader's standing and why against what is wanted: "active wait", "left replied".
func (w *world) stands(row sequence.Sequence, l lead.Lead, want string) sequence.Row {
	w.t.Helper()
	r := w.reader(row, l)
	got := string(r.State) + " " + string(r.Because) + string(r.Reason)
	if strings.TrimSpace(got) != want {
		w.t.Errorf("the reader is %q, want %q", got, want)
	}
	return r
}
