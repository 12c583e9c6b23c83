package crm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// newsroom is a press with a topic and two readers.
type newsroom struct {
	*world
	t       *testing.T
	env     *testutil.Env
	n       *newsletter.Newsletters
	ctx     context.Context
	topic   subscription.Topic
	readers map[string]party.ID
}

func newNewsroom(t *testing.T, env *testutil.Env) *newsroom {
	t.Helper()
	w := press(t, env, mailtest.Start(t, mailtest.Options{}))
	r := &newsroom{world: w, t: t, env: env, n: w.module.Newsletters, ctx: env.System(), readers: map[string]party.ID{}}
	var err error
	r.topic, err = r.n.Subscriptions.AddTopic(r.ctx, subscription.TopicDraft{Code: "hirek", Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Hírek"}}})
	r.must(err)
	for address, name := range map[string]string{"agnes@pelda.test": "Szűcs Ágnes", "bela@pelda.test": "Kiss Béla"} {
		got, err := r.n.Subscriptions.Enter(r.ctx, subscription.Entry{
			Person: subscription.Person{Name: name, Language: locale.Hungarian}, Topics: []subscription.TopicID{r.topic.ID}, Address: address,
			Ground: subscription.Ground{Basis: subscription.Contract, Source: "BNV 2026"},
		})
		r.must(err)
		r.readers[address] = got[0].PartyID
	}
	return r
}

func (r *newsroom) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// sent is a campaign that went to everybody.
func (r *newsroom) sent(name string) campaign.Campaign {
	r.t.Helper()
	return r.worked(r.scheduled(name, campaign.Plan{}))
}

// scheduled is a campaign that is about to leave, in the hours of a plan.
func (r *newsroom) scheduled(name string, hours campaign.Plan) campaign.Campaign {
	r.t.Helper()
	design, err := json.Marshal(content.Design{Language: locale.Hungarian, Subject: name, Blocks: []content.Block{
		{Text: &content.Text{HTML: `<p><a href="https://feherlo.test/akcio">Akció</a></p>`}}, {Footer: &content.Footer{Company: "Fehérló Kft.", Address: "1117 Budapest"}},
	}})
	r.must(err)
	row, err := r.n.Campaigns.Create(r.ctx, campaign.Plan{
		Name: name, Audience: newsletter.Choice{Topics: []subscription.TopicID{r.topic.ID}}.String(), SenderName: "Fehérló Kft.", SenderAddress: "hirlevel@feherlo.test",
		Language: locale.Hungarian, CostFixed: money.MustAmount("100"), Currency: "EUR", QuietFrom: hours.QuietFrom, QuietTo: hours.QuietTo,
	})
	r.must(err)
	row, err = r.n.Campaigns.SetContents(r.ctx, row.ID, row.Version, []campaign.Content{{Variant: "A", Language: locale.Hungarian, Subject: name, Design: string(design)}})
	r.must(err)
	row, err = r.n.Campaigns.Schedule(r.ctx, row.ID, row.Version, r.env.Clock.Now())
	r.must(err)
	return row
}

// worked is the campaign when it is done.
func (r *newsroom) worked(row campaign.Campaign) campaign.Campaign {
	r.t.Helper()
	var err error
	for range 10 {
		_, err = r.n.Campaigns.Work(r.ctx)
		r.must(err)
		r.env.Clock.Advance(time.Minute)
		if row, err = r.n.Campaigns.Get(r.ctx, row.ID); row.State == campaign.Done {
			return row
		}
	}
	r.t.Fatalf("the campaign is %s, %v", row.State, err)
	return row
}

// seq is the row of a reader.
func (r *newsroom) seq(c campaign.Campaign, address string) int {
	r.t.Helper()
	page, err := r.n.Campaigns.Recipients(r.ctx, c.ID, campaign.Choice{})
	r.must(err)
	for _, row := range page.Rows {
		if row.Address == address {
			return row.Seq
		}
	}
	r.t.Fatalf("%s did not get %s", address, c.Name)
	return 0
}

// TestUnsubscribedSinceTheFreezing: who leaves the topic of a campaign that is under way, or every topic of it, gets
// nothing of it any more, though he is in its ledger and his address is not closed.
func TestUnsubscribedSinceTheFreezing(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		r := newNewsroom(t, env)
		now := r.env.Clock.Now().UTC()
		quiet := now.Hour()*60 + now.Minute()
		row := r.scheduled("Hírek", campaign.Plan{QuietFrom: (quiet + 1430) % 1440, QuietTo: (quiet + 180) % 1440}) // whatever the company's zone
		page := campaign.Details{}
		for len(page.Rows) == 0 && row.State != campaign.Done {
			_, err := r.n.Campaigns.Work(r.ctx)
			r.must(err)
			page, err = r.n.Campaigns.Recipients(r.ctx, row.ID, campaign.Choice{State: campaign.Pending})
			r.must(err)
			row, err = r.n.Campaigns.Get(r.ctx, row.ID)
			r.must(err)
		}
		if len(page.Rows) != 2 {
			t.Fatalf("%d wait for the end of the quiet hours, want 2", len(page.Rows))
		}
		r.must(r.n.Subscriptions.Leave(r.ctx, subscription.Leaving{Party: r.readers[page.Rows[0].Address], Topic: r.topic.ID, Note: "telefonon kérte"}))
		r.env.Clock.Advance(4 * time.Hour)
		row = r.worked(row)
		progress, err := r.n.Campaigns.Progress(r.ctx, row.ID)
		r.must(err)
		if progress.All.Sent != 1 || progress.All.Failed != 1 {
			t.Errorf("%d were sent and %d withdrawn, want 1 and 1", progress.All.Sent, progress.All.Failed)
		}
	})
}

// TestBounceHook: a provider reports by webhook. An address that is full is closed after five letters in which that lay
// days apart, and not before; whoever does not know the secret closes nothing.
func TestBounceHook(t *testing.T) {
	r := newNewsroom(t, testutil.SQLite(t))
	const secret = "a titok, amit ketten tudnak"
	hook, err := r.n.BounceHook(bounce.HookConfig{Provider: "brevo", Secret: secret})
	r.must(err)
	report := func(c campaign.Campaign, event, reported, key string) int {
		id := strconv.FormatInt(c.Number, 36) + "." + strconv.FormatInt(int64(r.seq(c, "bela@pelda.test")), 36) + "@feherlo.test"
		body := fmt.Sprintf(`{"event":%q,"email":%q,"reason":"mailbox full","message-id":"<%s>"}`, event, reported, id)
		w, q := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/n/b/brevo", strings.NewReader(body))
		q.SetBasicAuth("brevo", key)
		hook.ServeHTTP(w, q)
		return w.Code
	}
	closed := func() bool {
		_, err := r.n.Subscriptions.Suppressed(r.ctx, subscription.Email, "bela@pelda.test")
		return err == nil
	}
	for i := range 5 {
		c := r.sent("Levél " + strconv.Itoa(i+1))
		if got := report(c, "hard_bounce", "bela@pelda.test", "rossz"); got != http.StatusUnauthorized || closed() {
			t.Fatalf("a stranger gets %d", got)
		}
		if got := report(c, "spam", "agnes@pelda.test", secret); got != http.StatusOK || closed() {
			t.Fatalf("another reader's address with his letter: %d", got)
		}
		for range 2 { // a second call changes nothing
			if got := report(c, "soft_bounce", "Bela@pelda.test", secret); got != http.StatusOK {
				t.Fatalf("the call gave %d", got)
			}
		}
		if p, err := r.n.Campaigns.Progress(r.ctx, c.ID); err != nil || p.All.Bounced != 1 || p.All.Sent != 1 {
			t.Fatalf("letter %d: %+v, %v", i+1, p.All, err)
		}
		if closed() != (i == 4) {
			t.Fatalf("after letter %d the address is closed: %v", i+1, closed())
		}
		r.env.Clock.Advance(24 * time.Hour)
	}
}

// TestWhatFollowedACampaign credits an opportunity to the campaign whose link was pressed before it.
func TestWhatFollowedACampaign(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		r := newNewsroom(t, env)
		first, second := r.sent("Tavasz"), r.sent("Nyár")
		recorder, err := r.n.Recorder()
		r.must(err)
		press := func(c campaign.Campaign) {
			letter := track.Token{Kind: track.Click, Campaign: c.Number, Seq: uint32(r.seq(c, "agnes@pelda.test"))}
			_, err := recorder.Click(t.Context(), r.n.Token(letter), track.Request{Agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"})
			r.must(err)
			r.must(recorder.Flush(t.Context()))
		}
		r.env.Clock.Advance(time.Hour)
		press(first)
		r.env.Clock.Advance(24 * time.Hour)
		press(second)
		r.env.Clock.Advance(24 * time.Hour)
		o, err := r.module.Opportunities.Create(r.ctx, opportunity.Draft{PartyID: r.readers["agnes@pelda.test"], Name: "40 lámpatest", ExpectedRevenue: ptr(money.MustAmount("1000")), Currency: "EUR"})
		r.must(err)
		_, err = r.module.Opportunities.CloseWon(r.ctx, o.ID, opportunity.Win{})
		r.must(err)
		for _, test := range []struct {
			name   string
			query  newsletter.FollowedQuery
			credit [2]string
		}{
			{"the last touch", newsletter.FollowedQuery{}, [2]string{"", "1000"}},
			{"the first touch", newsletter.FollowedQuery{Model: track.FirstTouch}, [2]string{"1000", ""}},
			{"all alike", newsletter.FollowedQuery{Model: track.LinearTouch}, [2]string{"500", "500"}},
			{"too long ago", newsletter.FollowedQuery{Model: track.FirstTouch, Days: 1}, [2]string{"", "1000"}},
			{"being sent", newsletter.FollowedQuery{Model: track.LinearTouch, Touch: newsletter.BySending}, [2]string{"500", "500"}},
		} {
			for i, c := range []campaign.Campaign{first, second} {
				f, err := r.n.Followed(r.ctx, c.ID, test.query)
				r.must(err)
				got := map[newsletter.OutcomeKind]string{}
				for _, s := range f.Sums {
					got[s.Kind] = s.Credit.String()
					if s.Kind == newsletter.WonDeal && (!s.Costed || s.Return.String() != map[string]string{"1000": "900", "500": "400"}[s.Credit.String()]) {
						t.Errorf("%s, %s: the return is %s", test.name, c.Name, s.Return)
					}
				}
				if got[newsletter.WonDeal] != test.credit[i] || got[newsletter.Opened] != test.credit[i] {
					t.Errorf("%s, %s: %v, want %q", test.name, c.Name, got, test.credit[i])
				}
			}
		}
		r.must(recorder.Close(t.Context()))

		r.must(r.n.Erase(r.ctx, r.readers["agnes@pelda.test"]))
		page, err := r.n.Campaigns.Recipients(r.ctx, first.ID, campaign.Choice{})
		r.must(err)
		for _, row := range page.Rows {
			if strings.Contains(row.Address+row.Name, "gnes") {
				t.Errorf("after the erasure the ledger has %+v", row)
			}
		}
		if left, err := r.n.Subscriptions.EvidenceOfAddress(r.ctx, subscription.Email, "agnes@pelda.test"); err != nil || len(left) == 0 {
			t.Errorf("the evidence that stays: %v, %v", left, err)
		}
		if f, err := r.n.Tracking.Figures(r.ctx, first.Number); err != nil || f.Of(track.Click, track.AllLinks, track.Any).Readers != 1 {
			t.Errorf("the figures that stay: %+v, %v", f, err)
		}
	})
}

// TestInquiryWithNewsletters: a visitor of a web page asks for a newsletter with his first letter; he has it when he
// confirmed it, and his inquiry counts whatever becomes of the wish. What nobody confirms is forgotten.
func TestInquiryWithNewsletters(t *testing.T) {
	r := newNewsroom(t, testutil.SQLite(t))
	public := actor.With(t.Context(), actor.Public(r.env.Company))
	wish := subscription.RequestInput{Channel: subscription.Email, Address: "dora@pelda.test", Topics: []subscription.TopicID{r.topic.ID}}
	got, err := r.module.Inquire(public, lead.Draft{Name: "Nagy Dóra", Emails: []string{"dora@pelda.test"}}, wish)
	r.must(err)
	pending := func() int {
		list, err := r.n.Subscriptions.List(r.ctx, subscription.Filter{Topic: r.topic.ID, State: subscription.Pending})
		r.must(err)
		return len(list.Rows)
	}
	if got.Lead.IsZero() || pending() != 1 {
		t.Fatalf("%+v with %d waiting", got, pending())
	}
	_, err = r.n.Subscriptions.CloseTopic(r.ctx, r.topic.ID, r.topic.Version)
	r.must(err)
	wish.Address = "emil@pelda.test"
	if got, err := r.module.Inquire(public, lead.Draft{Name: "Tóth Emil", Emails: []string{"emil@pelda.test"}}, wish); err != nil || got.Lead.IsZero() || pending() != 1 {
		t.Errorf("with a topic that was closed: %+v, %v", got, err)
	}
	if _, err := r.module.Inquire(public, lead.Draft{}, wish); err == nil || pending() != 1 {
		t.Error("an inquiry that cannot be taken leaves a wish behind")
	}
	r.env.Clock.Advance(subscription.LinkLife + 24*time.Hour)
	_, err = r.module.RunOnce(t.Context())
	r.must(err)
	if pending() != 0 {
		t.Error("a wish that nobody confirmed is kept for ever")
	}
}
