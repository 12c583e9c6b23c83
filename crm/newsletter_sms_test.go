package crm_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	adapter "github.com/crmplus/crmplus/adapters/sms"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// phones is a gateway that keeps what it is given.
type phones struct {
	mu  sync.Mutex
	got map[string]sms.Message
}

func (p *phones) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got[m.To] = m
	return sms.Receipt{GatewayID: "g-" + m.ID}, nil
}

const textHook = `{"format": "json", "check": {"by": "header", "name": "X-Key"},
	"report": {"gateway_id": "id", "status": "status", "reason": "why", "states": {"DELIVRD": "delivered", "UNKNOWN": "no_such_number"}},
	"message": {"from": "from", "text": "text"}}`

// TestTextsFromTheTopicToStop sends a campaign on SMS, hears from the gateway's hook what became of it, and that
// readers answer STOP in their languages: they are unsubscribed, that is proved, and nothing goes there any more.
func TestTextsFromTheTopicToStop(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		w := newWorld(t, env)
		host := w.books.Host()
		locales, err := erpbridge.Locales(t.Context(), w.db.SQL(), host, w.company)
		ok(err)
		box := &phones{got: map[string]sms.Message{}}
		var read []string
		letters := crm.NewsletterConfig{
			PublicURL: "https://erp.example.com/n/", Sender: func(string) mail.Address { return mail.Address{Name: "Fehérló Kft.", Email: "hirlevel@feherlo.test"} },
			Texts: newsletter.TextConfig{
				Gateways: map[string]campaign.Gateway{"": {Gateway: box, Sender: "+36201112233"}},
				Tariff: func(string) sms.Tariff {
					return sms.Tariff{Currency: "HUF", Prices: []sms.Price{{Prefix: "+36", Part: money.MustAmount("18")}}}
				},
				Received: func(_ context.Context, m sms.Inbound) error { read = append(read, m.Text); return nil },
			},
		}
		w.module, err = crm.New(w.db, crm.Config{Host: host, Locale: locales, Log: quiet, Mailer: &mailtest.Box{}, LinkKey: bytes.Repeat([]byte("k"), 32), Newsletter: letters})
		ok(err)
		env.Clock.Advance(time.Date(2026, 9, 15, 10, 0, 0, 0, time.UTC).Sub(env.Clock.Now())) // a Tuesday, at noon
		ctx, n := env.System(), w.module.Newsletters
		topic := func(ch subscription.Channel, code string) subscription.TopicID {
			topic, err := n.Subscriptions.AddTopic(ctx, subscription.TopicDraft{Channel: ch, Code: code, Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: code}}})
			ok(err)
			return topic.ID
		}
		texts, mails := topic(subscription.SMS, "sms-akcio"), topic(subscription.Email, "hirek")
		numbers := map[string]string{"+36301234501": "Szűcs Ágnes", "+36301234502": "Kiss Béla", "+36301234503": "Nincs Elek", "+36301234504": "Иван Петров"}
		for number, name := range numbers {
			_, err := n.Subscriptions.Enter(ctx, subscription.Entry{Person: subscription.Person{Name: name, Language: locale.Hungarian}, Topics: []subscription.TopicID{texts}, Address: number,
				Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV", Statement: "Kérem.", Language: locale.Hungarian}})
			ok(err)
		}
		draft := func(topics ...subscription.TopicID) campaign.Campaign {
			row, err := n.Campaigns.Create(ctx, campaign.Plan{Name: "SMS", Channel: campaign.SMS, Audience: newsletter.Choice{Topics: topics}.String(), SenderName: "Fehérló", Language: locale.Hungarian})
			ok(err)
			row, err = n.Campaigns.SetContents(ctx, row.ID, row.Version, []campaign.Content{{Language: locale.Hungarian, Design: campaign.TextDesign{Text: "Kedves {{first_name|Ön}}!"}.JSON()}})
			ok(err)
			return row
		}
		wrong := draft(mails)
		if _, err := n.Campaigns.Schedule(ctx, wrong.ID, wrong.Version, time.Time{}); err == nil || !strings.Contains(err.Error(), "channel") {
			t.Errorf("a topic of mails was taken for messages: %v", err)
		}
		row := draft(texts)
		row, err = n.Campaigns.Schedule(ctx, row.ID, row.Version, time.Time{})
		ok(err)
		for range 20 {
			if _, err = n.Campaigns.Work(ctx); err != nil {
				break
			}
			if row, err = n.Campaigns.Get(ctx, row.ID); err != nil || row.State == campaign.Done {
				break
			}
		}
		ok(err)
		if m := box.got["+36301234501"]; row.State != campaign.Done || len(box.got) != 4 || m.Text != "Fehérló: Kedves Ágnes!\nKilépés: STOP" {
			t.Fatalf("%s: %d messages, %+v", row.State, len(box.got), m)
		}
		hear(t, n.Texts(), env.Company, "wrong", `{"id": "x", "status": "DELIVRD"}`, http.StatusUnauthorized)
		hear(t, n.Texts(), env.Company, hookKey, `{"id": "g-`+box.got["+36301234501"].ID+`", "status": "DELIVRD"}`, http.StatusOK)
		for range 2 { // a gateway may tell it twice
			hear(t, n.Texts(), env.Company, hookKey, `{"id": "g-`+box.got["+36301234503"].ID+`", "status": "UNKNOWN", "why": "no subscriber"}`, http.StatusOK)
			hear(t, n.Texts(), env.Company, hookKey, `[{"from": "36301234502", "text": "Leiratkozom!"}, {"from": "+36301234504", "text": "стоп"}, {"from": "BANK", "text": "STOP"}]`, http.StatusOK)
		}
		hear(t, n.Texts(), env.Company, hookKey, `{"from": "+36301234501", "text": "Mikor nyitnak?"}`, http.StatusOK)
		if strings.Join(read, "|") != "Mikor nyitnak?" {
			t.Errorf("for people: %q", read)
		}
		for number, want := range map[string]subscription.Reason{"+36301234502": subscription.OptedOut, "+36301234504": subscription.OptedOut, "+36301234503": subscription.HardBounce} {
			if got, err := n.Subscriptions.Suppressed(ctx, subscription.SMS, number); err != nil || got.Reason != want {
				t.Errorf("%s: %+v %v", number, got, err)
			}
		}
		list, err := n.Subscriptions.List(ctx, subscription.Filter{Topic: texts, State: subscription.Unsubscribed})
		ok(err)
		if len(list.Rows) != 2 {
			t.Fatalf("%d have left", len(list.Rows))
		}
		proof, err := n.Subscriptions.EvidenceOf(ctx, list.Rows[0].PartyID)
		ok(err)
		said := 0
		for _, e := range proof {
			if e.Act == subscription.Ended && strings.HasPrefix(e.Source, "SMS: ") {
				said++
			}
		}
		if said != 1 {
			t.Errorf("the evidence is %+v", proof)
		}
		report, err := n.Campaigns.TextReport(ctx, row.ID)
		ok(err)
		progress, err := n.Campaigns.Progress(ctx, row.ID)
		ok(err)
		if report.Delivered != 1 || report.Undelivered != 1 || !report.Spent.Equal(money.MustAmount("72")) || progress.All.Bounced != 1 || progress.All.Sent != 3 {
			t.Errorf("%+v %+v", report, progress.All)
		}
	})
}

const hookKey = "0123456789abcdef0123"

// hear calls the hook as a gateway would.
func hear(t *testing.T, to sms.Receiver, company, key, body string, want int) {
	t.Helper()
	described, err := adapter.ParseHook([]byte(textHook))
	if err != nil {
		t.Fatal(err)
	}
	h, err := adapter.NewHandler(described, adapter.HandlerConfig{Company: company, Secret: hookKey, Receiver: to})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/n/g/", bytes.NewReader([]byte(body)))
	r.Header.Set("X-Key", key)
	out := httptest.NewRecorder()
	if h.ServeHTTP(out, r); out.Code != want {
		t.Errorf("%s: %d %s, want %d", body, out.Code, out.Body, want)
	}
}
