package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// returns is a mail server with the mailbox to which bounces come.
type returns struct {
	user    *imapmemserver.User
	address string
}

func newReturns(t *testing.T) returns {
	t.Helper()
	r := returns{user: imapmemserver.NewUser("returns", "secret")}
	if err := r.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(r.user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}}, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = listener.Addr().String()
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return r
}

type literal struct{ *strings.Reader }

func (r returns) deliver(t *testing.T, text string) {
	t.Helper()
	if _, err := r.user.Append("INBOX", literal{strings.NewReader(text)}, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in a minute: not %s", what)
		}
	}
}

// TestNewsletterBesideTheERP: a campaign leaves signed by the configured server, its link is counted and leads on, and
// what comes back to the configured mailbox closes the reader's row.
func TestNewsletterBesideTheERP(t *testing.T) {
	server, box := mailtest.Start(t, mailtest.Options{}), newReturns(t)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(t.TempDir(), "ed.pem")
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, "worker: {poll: 100ms}", fmt.Sprintf(`worker: {poll: 100ms}
link_key: %s
mail: {smtp: {server: %s, port: %d, tls: none}}
newsletter:
  enabled: true
  from: {name: Fehérló Kft., email: hirlevel@feherlo.test}
  dkim: [{domain: feherlo.test, selector: ed, key_file: %s}]
  bounces: {domain: vissza.feherlo.test, imap: {address: %q, security: plain, username: returns, password: secret, every: 50ms}}
`, secret, server.Host, server.Port, keyFile, box.address))
	n, ctx, row := w.campaign(t)
	r := w.run(t)
	until(t, "the letter is there", func() bool { return len(server.Deliveries()) > 0 })
	d := server.Deliveries()[0]
	letter := strings.NewReplacer("\r\n ", " ", "=\r\n", "", "=3D", "=").Replace(string(d.Data))
	if d.To[0] != "agnes@pelda.test" || !strings.HasSuffix(d.From, "@vissza.feherlo.test") || !regexp.MustCompile(`DKIM-Signature:[^\n]*a=ed25519-sha256[^\n]*d=feherlo\.test`).MatchString(letter) {
		t.Fatalf("from %s to %s:\n%.1500s", d.From, d.To, letter)
	}

	client := browser(t)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	address := regexp.MustCompile(`http://localhost:8480(/n/c/[A-Za-z0-9_-]+)`).FindStringSubmatch(letter)
	if address == nil {
		t.Fatalf("no link that is counted in\n%s", letter)
	}
	if a := get(t, client, r.public+address[1]); a.header.Get("Location") != "https://feherlo.test/akcio" {
		t.Errorf("the link gives %d %s", a.status, a.header.Get("Location"))
	}
	leave := regexp.MustCompile(`List-Unsubscribe: <http://localhost:8480(/n/s/[^>]+)>`).FindStringSubmatch(letter)
	if leave == nil {
		t.Fatalf("no way to leave in\n%s", letter)
	}
	if a := get(t, client, r.public+leave[1]); a.status != http.StatusOK || !strings.Contains(a.body, `lang="hu"`) {
		t.Errorf("the page to leave gives %d", a.status)
	}

	box.deliver(t, "From: MAILER-DAEMON@pelda.test\r\nTo: "+d.From+`
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

No such user.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.pelda.test

Final-Recipient: rfc822; agnes@pelda.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--b--
`)
	until(t, "the row is bounced", func() bool {
		progress, err := n.Campaigns.Progress(ctx, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		return progress.All.Bounced == 1
	})
	if code := r.stop(t); code != well {
		t.Errorf("it ended with %d:\n%s", code, r.log())
	}
}

// campaign has a campaign for one reader wait in the database, as the screens would.
func (w world) campaign(t *testing.T) (*newsletter.Newsletters, context.Context, campaign.Campaign) {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v %v", err, fault.Of(err))
		}
	}
	c, err := load(w.config, environment(map[string]string{"SIGN_ON": secret}))
	ok(err)
	o, err := open(t.Context(), c, slog.New(slog.DiscardHandler))
	ok(err)
	t.Cleanup(func() { _ = o.db.SQL().Close() })
	ctx, n := actor.With(t.Context(), actor.System("HU01", "test")), o.module.Newsletters
	topic, err := n.Subscriptions.AddTopic(ctx, subscription.TopicDraft{
		Channel: subscription.Email, Code: "hirek", Offer: subscription.Public, Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Hírek"}},
	})
	ok(err)
	_, err = n.Subscriptions.Enter(ctx, subscription.Entry{
		Person: subscription.Person{Name: "Szűcs Ágnes", Language: locale.Hungarian}, Topics: []subscription.TopicID{topic.ID}, Address: "agnes@pelda.test",
		Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV 2026, papír", Statement: "Kérem a hírlevelet.", Language: locale.Hungarian},
	})
	ok(err)
	design, err := json.Marshal(content.Design{Language: locale.Hungarian, Subject: "Őszi hírek", Blocks: []content.Block{
		{Text: &content.Text{HTML: `<p>{{salutation}}</p><p><a href="https://feherlo.test/akcio">Akció</a></p>`}},
		{Footer: &content.Footer{Company: "Fehérló Kft.", Address: "1117 Budapest, Ipar u. 1."}},
	}})
	ok(err)
	row, err := n.Campaigns.Create(ctx, campaign.Plan{
		Name: "Ősz", Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}}.String(), SenderName: "Fehérló Kft.", SenderAddress: "hirlevel@feherlo.test", Language: locale.Hungarian,
	})
	ok(err)
	row, err = n.Campaigns.SetContents(ctx, row.ID, row.Version, []campaign.Content{{Variant: "A", Language: locale.Hungarian, Subject: "Őszi hírek", Design: string(design)}})
	ok(err)
	row, err = n.Campaigns.Schedule(ctx, row.ID, row.Version, time.Now())
	ok(err)
	return n, ctx, row
}

func TestFaultsOfNewslettersAreNamed(t *testing.T) {
	c := defaults()
	c.Newsletter = newsletterConfig{
		Enabled: true, URL: "http://news.example.com", From: senderConfig{Email: "news"}, Connections: 900, PerSecond: -1, SMTP: smtpConfig{Server: "a b"},
		DKIM:    []dkimConfig{{Domain: "example.com", Selector: "x", KeyFile: "none.pem"}},
		Bounces: bounceConfig{Domain: "bounces", IMAP: imapConfig{Address: "imap"}, Webhook: webhookSecret{Provider: "nobody", Secret: "short"}},
		SMS:     gatewayConfig{Description: "none.json", Hook: "none.json", HookCompany: "XX"},
	}
	var list fault.List
	c.checkNewsletter(&list)
	got := map[string]bool{}
	for _, f := range list {
		got[f.Path] = true
	}
	for _, path := range []string{
		"link_key", "newsletter.url", "newsletter.from.email", "newsletter.connections", "newsletter.per_second", "newsletter.smtp.server", "newsletter.dkim[0]",
		"newsletter.bounces.domain", "newsletter.bounces.imap.address", "newsletter.bounces.imap.username", "newsletter.bounces.webhook.provider",
		"newsletter.bounces.webhook.secret", "newsletter.sms", "newsletter.sms.hook", "newsletter.sms.hook_company",
	} {
		if !got[path] {
			t.Errorf("%s is not named: %v", path, list)
		}
	}
}
