package crm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// press is a world with newsletters that leave to a mail server of the test.
func press(t *testing.T, env *testutil.Env, server *mailtest.Server) *world {
	t.Helper()
	w := newWorld(t, env)
	host := w.books.Host()
	locales, err := erpbridge.Locales(t.Context(), w.db.SQL(), host, w.company)
	if err != nil {
		t.Fatal(err)
	}
	bulk, err := smtp.NewBulk(smtp.BulkConfig{Config: smtp.Config{Host: server.Host, Port: server.Port, TLS: smtp.None, Timeout: 30 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	w.module, err = crm.New(w.db, crm.Config{
		Host: host, Locale: locales, Log: quiet, Mailer: &mailtest.Box{}, LinkKey: bytes.Repeat([]byte("k"), 32),
		Newsletter: crm.NewsletterConfig{
			PublicURL: "https://erp.example.com/n/", Transports: map[string]campaign.Transport{"": {Transport: bulk}},
			Sender: func(string) mail.Address { return mail.Address{Name: "Fehérló Kft.", Email: "hirlevel@feherlo.test"} },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestNewsletterFromTheTopicToTheReport: readers are entered, a campaign is written and sent, a mailbox that is not
// there is closed, a reader presses a link and leaves by one press, and a complaint comes back.
func TestNewsletterFromTheTopicToTheReport(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		server := mailtest.Start(t, mailtest.Options{Misbehave: func(s mailtest.Step, address string) mailtest.Reply {
			if s == mailtest.AtRecipient && strings.HasPrefix(address, "nincs@") {
				return mailtest.Reply{Code: 550, Text: "5.1.1 no such user"}
			}
			return mailtest.Reply{}
		}})
		w := press(t, env, server)
		ctx, n := actor.With(t.Context(), actor.System(w.company, "test")), w.module.Newsletters
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		topic, err := n.Subscriptions.AddTopic(ctx, subscription.TopicDraft{
			Channel: subscription.Email, Code: "hirek", Offer: subscription.Public, Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Hírek"}},
		})
		ok(err)
		people := map[string]string{"agnes@pelda.test": "Szűcs Ágnes", "bela@pelda.test": "Kiss Béla", "nincs@pelda.test": "Nincs Elek", "panasz@pelda.test": "Panasz Pál"}
		people["cecil@example.com"] = "Cecil Wright" // reads English, and so is in no segment of Hungarians
		for address, name := range people {
			language := locale.Hungarian
			if strings.HasSuffix(address, ".com") {
				language = locale.English
			}
			_, err := n.Subscriptions.Enter(ctx, subscription.Entry{
				Person: subscription.Person{Name: name, Language: language}, Topics: []subscription.TopicID{topic.ID}, Address: address,
				Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV 2026, papír", Statement: "Kérem a hírlevelet.", Language: locale.Hungarian},
			})
			ok(err)
		}
		agnes, err := w.module.Parties.List(ctx, party.ListFilter{Name: "Szűcs"})
		ok(err)
		ok(w.module.Parties.Assign(ctx, agnes.Rows[0].ID, party.Owner{User: "kovacs"}))
		ok(w.module.Parties.SetRole(ctx, agnes.Rows[0].ID, party.Link{Role: party.Customer, HostKey: "C000001"}, [16]byte{}))
		hungarians, err := n.Segments.Save(ctx, segment.Draft{Name: "Magyarok", Condition: `party.language == "hu" and any(subscriptions, .topic == "hirek")`})
		ok(err)
		design, err := json.Marshal(content.Design{
			Language: locale.Hungarian, Subject: "Őszi hírek", Blocks: []content.Block{
				{Text: &content.Text{HTML: `<p>{{salutation}} ({{customer_number|új}}; {{owner_name|-}}, {{owner_email|-}})</p><p><a href="https://feherlo.test/akcio">Akció</a></p>`}},
				{Footer: &content.Footer{Company: "Fehérló Kft.", Address: "1117 Budapest, Ipar u. 1."}},
			},
		})
		ok(err)
		row, err := n.Campaigns.Create(ctx, campaign.Plan{
			Name: "Ősz", Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}, Segment: hungarians.ID}.String(), SenderName: "Fehérló Kft.", SenderAddress: "hirlevel@feherlo.test",
			ReturnDomain: "vissza.feherlo.test", Language: locale.Hungarian,
		})
		ok(err)
		row, err = n.Campaigns.SetContents(ctx, row.ID, row.Version, []campaign.Content{{Variant: "A", Language: locale.Hungarian, Subject: "Őszi hírek", Design: string(design)}})
		ok(err)
		row, err = n.Campaigns.Schedule(ctx, row.ID, row.Version, env.Clock.Now())
		ok(err)
		for range 20 {
			if done, err := w.module.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			} else if row, err = n.Campaigns.Get(ctx, row.ID); err != nil || row.State == campaign.Done || done == 0 {
				ok(err)
				break
			}
		}
		progress, err := n.Campaigns.Progress(ctx, row.ID)
		ok(err)
		if row.State != campaign.Done || progress.All.Sent != 3 || progress.All.Bounced+progress.All.Failed != 1 {
			t.Fatalf("the campaign is %s: %+v", row.State, progress.All)
		}

		letters := map[string]mailtest.Delivery{}
		for _, d := range server.Deliveries() {
			letters[d.To[0]] = d
		}
		if len(letters) != 3 || len(server.Deliveries()) != 3 {
			t.Fatalf("%d letters to %d readers, want 3 to 3", len(server.Deliveries()), len(letters))
		}
		ours, err := n.Subscriptions.Suppressed(ctx, subscription.Email, "nincs@pelda.test")
		if err != nil || ours.Reason != subscription.HardBounce {
			t.Errorf("the mailbox that is not there: %+v, %v", ours, err)
		}

		letter := unfold(string(letters["agnes@pelda.test"].Data))
		for address, want := range map[string]string{"agnes@pelda.test": "(C000001; Kov=C3=A1cs Anna, kovacs@", "bela@pelda.test": "(=C3=BAj; -, -)"} {
			if data := strings.NewReplacer("=\r\n", "", "=20", " ").Replace(string(letters[address].Data)); !strings.Contains(data, want) {
				t.Errorf("the letter to %s has no %q:\n%.2000s", address, want, data)
			}
		}
		for _, want := range []string{"List-Unsubscribe-Post: List-Unsubscribe=One-Click", "List-Id: ", "Tisztelt", "To: ", "Precedence: bulk"} {
			if !strings.Contains(letter, want) {
				t.Errorf("the letter has no %q:\n%.1500s", want, letter)
			}
		}
		pages, err := web.ReaderPages(n.Subscriptions, web.ReaderPagesConfig{})
		ok(err)
		recorder, err := n.Recorder()
		ok(err)
		tracks := web.NewTrackPages(recorder, web.TrackConfig{Letter: n.View})

		click := address(t, letter, newsletter.ClickPath)
		answer := httptest.NewRecorder()
		tracks.Click(answer, httptest.NewRequest(http.MethodGet, click, nil))
		if to := answer.Header().Get("Location"); to != "https://feherlo.test/akcio" {
			t.Errorf("the link leads to %q (%d)", to, answer.Code)
		}
		for path, want := range map[string]int{address(t, letter, newsletter.ViewPath): http.StatusOK, "/n/v/AAAA": http.StatusNotFound} {
			answer = httptest.NewRecorder()
			tracks.View(answer, httptest.NewRequest(http.MethodGet, path, nil))
			if page := answer.Body.String(); answer.Code != want || want == http.StatusOK && (!strings.Contains(page, "Tisztelt") || !strings.Contains(answer.Header().Get("Content-Security-Policy"), "sandbox")) {
				t.Errorf("the letter as a page: %d, %.300s", answer.Code, page)
			}
		}
		ok(recorder.Close(t.Context()))
		figures, err := n.Tracking.Figures(ctx, row.Number)
		ok(err)
		if got := figures.Of(track.Click, track.AllLinks, track.Any).Readers; got != 1 {
			t.Errorf("%d readers clicked, want 1", got)
		}

		leave := address(t, letter, newsletter.SubscriptionPath)
		answer = httptest.NewRecorder()
		post := httptest.NewRequest(http.MethodPost, leave, strings.NewReader("List-Unsubscribe=One-Click"))
		post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		pages.ServeHTTP(answer, post)
		left, err := n.Subscriptions.List(ctx, subscription.Filter{Topic: topic.ID, State: subscription.Unsubscribed})
		if err != nil || len(left.Rows) != 1 || left.Rows[0].Address != "agnes@pelda.test" {
			t.Errorf("after one press (%d): %+v, %v", answer.Code, left.Rows, err)
		}

		back := complaint(letters["panasz@pelda.test"])
		for range 2 { // a second report changes nothing
			if report, err := n.Returned(t.Context(), back); err != nil || report.Kind != bounce.Complaint {
				t.Fatalf("%s, %v", report.Kind, err)
			}
		}
		if progress, err = n.Campaigns.Progress(ctx, row.ID); err != nil || progress.All.Complained != 1 || progress.All.Sent != 2 {
			t.Errorf("after the complaint: %+v, %v", progress.All, err)
		}
	})
}

// unfold joins the lines of headers, and of quoted-printable.
func unfold(raw string) string {
	return strings.NewReplacer("\r\n ", " ", "=\r\n", "", "=3D", "=").Replace(raw)
}

// address finds the address of a reader's page in a letter.
func address(t *testing.T, letter, path string) string {
	t.Helper()
	found := regexp.MustCompile(`https://erp\.example\.com/n/` + path + `[A-Za-z0-9_/.~-]+`).FindString(letter)
	if found == "" {
		t.Fatalf("no address with %q in\n%s", path, letter)
	}
	return found
}

// complaint is what a provider sends when its reader presses "spam" (RFC 5965).
func complaint(d mailtest.Delivery) []byte {
	return fmt.Appendf(nil, "From: <fbl@pelda.test>\r\nTo: <%s>\r\nSubject: complaint\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"+
		"--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Test/1\r\nVersion: 1\r\nOriginal-Mail-From: <%s>\r\n\r\n"+
		"--b\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--b--\r\n", d.From, d.From, d.Data)
}
