package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// phonebox is a gateway that keeps what it is given.
type phonebox struct {
	mu   sync.Mutex
	sent map[string]sms.Message
}

func (p *phonebox) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent[m.To] = m
	return sms.Receipt{GatewayID: "g-" + m.ID}, nil
}

// newTextsWorld is a world of screens whose company sends campaigns on SMS.
func newTextsWorld(t *testing.T) (*screensWorld, *phonebox) {
	t.Helper()
	w := newScreensWorld(t)
	host := w.books.Host()
	locales, err := erpbridge.Locales(context.Background(), w.DB.SQL(), host, w.Company)
	w.must(err)
	box := &phonebox{sent: map[string]sms.Message{}}
	rules, err := sms.ParseRules([]byte(`{"default": {"zone": "UTC", "sender": true, "stop": true}, "il": {"countries": {"IL": "Asia/Jerusalem"}, "sender": true, "stop": true, "advertisement": {"word": "פרסומת", "text": true}}}`))
	w.must(err)
	letters := lettersOf(&letterbox{sent: map[string]string{}})
	letters.Texts = newsletter.TextConfig{
		Gateways: map[string]campaign.Gateway{"": {Gateway: box, Sender: "+36201112233"}}, Rules: func(string) sms.Rules { return rules },
		Tariff: func(string) sms.Tariff {
			return sms.Tariff{Currency: "HUF", Prices: []sms.Price{{Prefix: "+972", Part: money.MustAmount("32")}, {Prefix: "+36", Part: money.MustAmount("18.5")}}}
		},
	}
	w.module, err = crm.New(w.DB, crm.Config{
		Host: host, Locale: locales, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Mailer: &mailtest.Box{}, LinkKey: bytes.Repeat([]byte("l"), 32),
		Quotes: crm.QuoteConfig{PublicURL: func(string) string { return "https://erp.example.com/q/" }}, Newsletter: letters,
	})
	w.must(err)
	w.screens, err = newScreens(w.module, Config{Visitor: w.visitor, SignIn: "/login", Key: bytes.Repeat([]byte("k"), 32), Log: slog.New(slog.NewTextHandler(w.log, nil))})
	w.must(err)
	w.handler = w.screens.handler()
	return w, box
}

// TestTextCampaignFromDraftToReport writes a campaign on SMS without JavaScript, prices it, sends it and reads the
// report, and shows each page in each language.
func TestTextCampaignFromDraftToReport(t *testing.T) {
	w, box := newTextsWorld(t)
	n := w.module.Newsletters
	topic, err := n.Subscriptions.AddTopic(w.system(), subscription.TopicDraft{
		Channel: subscription.SMS, Code: "sms", Offer: subscription.Public, Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "SMS-akciók"}},
	})
	w.must(err)
	for number, name := range map[string]string{"+36301234567": "Szűcs Ágnes", "+972501234567": "דוד לוי"} {
		_, err := n.Subscriptions.Enter(w.system(), subscription.Entry{Person: subscription.Person{Name: name, Language: locale.Hungarian}, Topics: []subscription.TopicID{topic.ID}, Address: number,
			Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV", Statement: "Kérem.", Language: locale.Hungarian}})
		w.must(err)
	}
	b := w.browser("kati")
	b.get("/campaigns/new").ok(http.StatusOK).has("SMS")
	form := b.get("/campaigns/sms").ok(http.StatusOK).has("SMS-akciók", "2 olvasó", "Keret")
	form.submit("/campaigns/sms", "name", "Őszi SMS", "sender_address", "Minta Bútor Kft", "seeds", "nem szám").ok(http.StatusUnprocessableEntity).
		has("Jelöljön be legalább egy témát", "Nem telefonszám: nem szám")
	editor := form.submit("/campaigns/sms", "name", "Őszi SMS", "sender_name", "Minta", "budget", "60", "seeds", "06 20 555 1234", "topic."+topic.ID.String(), "on").ok(http.StatusOK)
	card := strings.TrimSuffix(strings.TrimPrefix(strings.SplitN(editor.Path, "?", 2)[0], w.screens.path), "/content")
	editor.has("Díjtábla", "18,5")

	editor = editor.submit(card+"/content", "text", "Kedves {{first_name|Ön}}!\r\nŐszi {{baj}}", "do", "save").ok(http.StatusOK).has("Nincs ilyen mező")
	editor = editor.submit(card+"/content", "text", "Kedves {{first_name|Ön}}!\r\nMa minden szék húsz százalékkal olcsóbb, holnap is.", "do", "save").ok(http.StatusOK)
	editor.has("Minta: Kedves Ön!", "Kilépés: STOP", "UCS-2", "2 rész")
	part := b.post(card+"/sms/count", "text", "Szia", "language", "hu", "to", "+972").ok(http.StatusOK).has("פרסומת Minta: Szia", "32")
	if strings.Contains(part.Body, "<html") {
		t.Error("the counter is a whole page")
	}
	price := b.get(card+"/sms/price").ok(http.StatusOK).has("Magyarország", "Izrael", "Többe kerülne, mint a keret")
	price.has("138")
	b.get(card+"/schedule").ok(http.StatusOK).has("Többe kerülne, mint a keret").submit(card+"/schedule", "when", "now").ok(http.StatusUnprocessableEntity)
	b.get(card+"/edit").ok(http.StatusOK).has("+36205551234").submit(card+"/edit", "budget", "140").ok(http.StatusOK).has("Hírlevél mentve")
	for _, l := range locale.Languages {
		reader := w.browser("kati", l)
		for _, path := range []string{"/campaigns/sms", card, card + "/content?language=he", card + "/sms/price", card + "/schedule"} {
			reader.get(path).ok(http.StatusOK)
		}
	}
	b.get(card+"/schedule").submit(card+"/schedule", "when", "now").ok(http.StatusOK)
	for range 20 {
		if done, err := n.Campaigns.Work(w.system()); err != nil || done == 0 {
			w.must(err)
			break
		}
	}
	if m := box.sent["+36301234567"]; len(box.sent) != 3 || !strings.HasPrefix(m.Text, "Minta: Kedves Ágnes!\nMa") {
		t.Fatalf("sent %+v", box.sent)
	}
	w.must(n.Texts().Reported(w.system(), []sms.Report{{ID: box.sent["+36301234567"].ID, State: sms.Delivered, At: time.Now()}}))
	b.get(card).ok(http.StatusOK).has("Befejezve", "kézbesítve", "elköltve", "138", "Ár indulás előtt")
	b.get(card + "/recipients").ok(http.StatusOK).has("+36205551234")
	b.get(card + "/preview").ok(http.StatusOK).has("Minta: Kedves Ön!")
}
