package campaign_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/testutil"
)

func TestPlanIsCheckedAtOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*campaign.Plan)
		paths  string
	}{
		{"as it should be", func(*campaign.Plan) {}, ""},
		{"everything", func(p *campaign.Plan) {
			*p = campaign.Plan{SenderAddress: "nobody", Language: "xx", Channel: "pigeon", QuietZone: "moon", UnknownPolicy: "hope", TestShare: 101, Transport: "none"}
		}, "name channel quiet_zone unknown_policy language transport test_share sender_address"},
		{"money without a currency", func(p *campaign.Plan) { p.Budget = money.MustAmount("10") }, "currency"},
		{"less than nothing", func(p *campaign.Plan) { p.CostEach = money.MustAmount("-1") }, "cost_each"},
		{"an hour that is none", func(p *campaign.Plan) { p.QuietFrom, p.QuietTo = 24*60, -1 }, "quiet_from quiet_to"},
		{"a domain that is none", func(p *campaign.Plan) { p.ReturnDomain = "bounce example" }, "return_domain"},
		{"a header in the answer's address", func(p *campaign.Plan) { p.ReplyTo = "a@b.example\r\nBcc: x@y.example" }, "reply_to"},
		{"a seed that is none", func(p *campaign.Plan) { p.Seeds = []string{"ok@example.hu", "nem jó"} }, "seeds[1]"},
		{"an audience that is no JSON", func(p *campaign.Plan) { p.Audience = "{" }, "audience"},
		{"a text message without a sender", func(p *campaign.Plan) { p.Channel, p.SenderName = campaign.SMS, "" }, "sender_name sender_address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			p := plan()
			c.change(&p)
			_, err := w.campaigns.Create(w.vera, p)
			is(t, "faults", paths(err), c.paths)
			is(t, "refused", err != nil, c.paths != "")
		})
	}
}

func TestCampaignIsScheduledWhenItIsComplete(t *testing.T) {
	for _, c := range []struct {
		name     string
		plan     func(*campaign.Plan)
		contents []campaign.Content
		paths    string
	}{
		{"complete", func(*campaign.Plan) {}, oneContent, ""},
		{"says nothing", func(*campaign.Plan) {}, nil, "contents"},
		{"for nobody", func(p *campaign.Plan) { p.Audience = "" }, oneContent, "audience"},
		{"not in its language", func(p *campaign.Plan) { p.Language = locale.Russian }, oneContent, "contents"},
		{"variants without a share", func(*campaign.Plan) {}, variants("AB"), "test_share"},
		{"a winner by clicks that nobody counts", func(p *campaign.Plan) { p.TestShare, p.DecideAfter = 20, 60 }, variants("AB"), "decide_after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			p := plan()
			c.plan(&p)
			row := w.drafted(p, c.contents)
			_, err := w.campaigns.Schedule(w.vera, row.ID, row.Version, time.Time{})
			is(t, "faults", paths(err), c.paths)
			is(t, "scheduled", w.get(row.ID).State == campaign.Scheduled, c.paths == "")
		})
	}
}

func TestContentsAreChecked(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	row, err := w.campaigns.Create(w.vera, plan())
	w.ok(err)
	_, err = w.campaigns.SetContents(w.vera, row.ID, row.Version, []campaign.Content{
		{Variant: "a", Language: "hu", Design: "{}"}, {Variant: "A", Language: "xx"}, {Language: "hu", Design: "{}"}, {Variant: "A", Language: "hu", Design: "{}"},
	})
	is(t, "faults", paths(err), "contents[0].variant contents[1].language contents[1].design contents[3]")
	_, err = w.campaigns.SetContents(w.vera, row.ID, row.Version+1, oneContent)
	wantCode(t, err, fault.Conflict)
}

func TestCampaignBeginsAtItsTime(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(3)
	row := w.drafted(plan(), oneContent)
	row, err := w.campaigns.Schedule(w.vera, row.ID, row.Version, w.Clock.Now().Add(time.Hour))
	w.ok(err)
	w.work()
	is(t, "arrived", w.sink.messages(t), 0)
	_, err = w.campaigns.Edit(w.vera, row.ID, row.Version, plan())
	wantCode(t, err, fault.Invalid)
	row, err = w.campaigns.Unschedule(w.vera, row.ID)
	w.ok(err)
	p := row.Plan()
	p.Name = "Nyári hírlevél"
	row, err = w.campaigns.Edit(w.vera, row.ID, row.Version, p)
	w.ok(err)
	_, err = w.campaigns.Schedule(w.vera, row.ID, row.Version, w.Clock.Now().Add(time.Hour))
	w.ok(err)
	w.Clock.Advance(time.Hour)
	w.work()
	is(t, "arrived", w.sink.messages(t), 3)
	is(t, "name", w.get(row.ID).Name, "Nyári hírlevél")
}

// TestTransitions tries every verb in every state.
func TestTransitions(t *testing.T) {
	verbs := []struct {
		name string
		do   func(w *world, row campaign.Campaign) error
	}{
		{"schedule", func(w *world, row campaign.Campaign) error {
			_, err := w.campaigns.Schedule(w.vera, row.ID, row.Version, time.Time{})
			return err
		}},
		{"unschedule", func(w *world, row campaign.Campaign) error {
			_, err := w.campaigns.Unschedule(w.vera, row.ID)
			return err
		}},
		{"pause", func(w *world, row campaign.Campaign) error { _, err := w.campaigns.Pause(w.vera, row.ID); return err }},
		{"resume", func(w *world, row campaign.Campaign) error { _, err := w.campaigns.Resume(w.vera, row.ID); return err }},
		{"cancel", func(w *world, row campaign.Campaign) error { _, err := w.campaigns.Cancel(w.vera, row.ID); return err }},
		{"edit", func(w *world, row campaign.Campaign) error {
			_, err := w.campaigns.Edit(w.vera, row.ID, row.Version, row.Plan())
			return err
		}},
	}
	for _, c := range []struct {
		state   campaign.State
		arrange func(w *world) campaign.Campaign
		allowed string
	}{
		{campaign.Draft, func(w *world) campaign.Campaign { return w.drafted(plan(), oneContent) }, "schedule cancel edit"},
		{campaign.Scheduled, func(w *world) campaign.Campaign { return w.scheduled(plan(), oneContent) }, "unschedule cancel"},
		{campaign.Running, func(w *world) campaign.Campaign { return w.running() }, "pause cancel"},
		{campaign.Paused, func(w *world) campaign.Campaign {
			row, err := w.campaigns.Pause(w.vera, w.running().ID)
			w.ok(err)
			return row
		}, "resume cancel"},
		{campaign.Done, func(w *world) campaign.Campaign {
			row := w.scheduled(plan(), oneContent)
			w.work()
			return w.get(row.ID)
		}, ""},
		{campaign.Cancelled, func(w *world) campaign.Campaign {
			row, err := w.campaigns.Cancel(w.vera, w.drafted(plan(), oneContent).ID)
			w.ok(err)
			return row
		}, ""},
	} {
		t.Run(string(c.state), func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			w.readers(2)
			for _, v := range verbs {
				row := c.arrange(w)
				is(t, "state", row.State, c.state)
				err := v.do(w, row)
				is(t, v.name, err == nil, strings.Contains(" "+c.allowed+" ", " "+v.name+" "))
				if err != nil {
					wantCode(t, err, fault.Invalid)
				}
			}
		})
	}
}

// running is a campaign that is being sent and waits for its transport.
func (w *world) running() campaign.Campaign {
	w.t.Helper()
	row := w.scheduled(plan(), oneContent)
	config := w.config
	config.Transports = map[string]campaign.Transport{"elsewhere": config.Transports[""]}
	elsewhere := campaign.New(w.DB, config)
	for range 2 {
		_, err := elsewhere.Work(w.system)
		w.ok(err)
	}
	return w.get(row.ID)
}

func TestPausedCampaignSendsNothingAndGoesOn(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(100)
	row := w.running()
	_, err := w.campaigns.Pause(w.vera, row.ID)
	w.ok(err)
	w.work()
	is(t, "arrived", w.sink.messages(t), 0)
	_, err = w.campaigns.Resume(w.vera, row.ID)
	w.ok(err)
	w.work()
	is(t, "arrived", w.sink.messages(t), 100)
	var kinds []string
	w.ok(w.DB.Read(w.system, func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &kinds, store.From[event.Event]("e"), "SELECT e.kind FROM crm_event AS e WHERE {scope} AND e.record_id = ? ORDER BY e.record_version", row.ID)
	}))
	is(t, "events", strings.Join(kinds, " "), "campaign.scheduled campaign.started campaign.paused campaign.resumed campaign.done")
}

func TestTextsAreComplete(t *testing.T) {
	if missing := campaign.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	for _, s := range campaign.States {
		if s.In(locale.Greek) == "" || strings.HasPrefix(s.In(locale.Greek), "state.") {
			t.Errorf("%s has no word", s)
		}
	}
	for _, s := range campaign.Standings {
		if strings.HasPrefix(s.In(locale.Hebrew), "standing.") {
			t.Errorf("%s has no word", s)
		}
	}
}
