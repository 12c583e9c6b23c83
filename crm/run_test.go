package crm_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/schedule"
	"github.com/crmplus/crmplus/testutil"
)

func TestRunIsWokenByACommitAndStopsCleanly(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	w := newWorld(t, testutil.SQLite(t))
	module, err := crm.New(w.db, crm.Config{Host: w.books.Host(), Log: quiet, Poll: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan string, 10)
	module.Events.On(event.Handler{Name: "test", Kinds: []string{"lead.captured"}, Do: func(_ context.Context, _ *store.Session, e event.Event) error {
		seen <- e.Company
		return nil
	}})
	w.module = module
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error)
	go func() { stopped <- module.Run(ctx) }()
	if _, err := w.completeLead(w.boss(), "Ébresztő"); err != nil {
		t.Fatal(err)
	}
	select {
	case company := <-seen:
		if company != w.company {
			t.Errorf("an event of %s", company)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the commit did not wake the background; it would have waited an hour")
	}
	cancel()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	w.db.SQL().Close()
}

func TestRunOnceRemindsOnce(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	ctx := w.boss()
	id, err := w.completeLead(ctx, "Emlék")
	if err != nil {
		t.Fatal(err)
	}
	card, err := w.module.Leads.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.module.Activities.Plan(ctx, activity.Plan{
		Party: card.Lead.PartyID, Kind: activity.Task, Subject: "Visszahívni", Due: env.Clock.Now().Add(2 * time.Hour), Remind: env.Clock.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{0, 1, 1} { // before the time, at the time, and again
		if i == 1 {
			env.Clock.Advance(time.Hour)
		}
		if _, err := w.module.RunOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := w.count(t, "crm_event", "kind = 'activity.reminder'"); n != want {
			t.Errorf("look %d: %d reminders, want %d", i, n, want)
		}
	}
}

// A new model concerns all leads: RunOnce counts them to the last, Run does it by and by beside its other work.
func TestNewModelIsCountedToTheLast(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	const leads = 530 // more than one look finds
	for i := range leads {
		name := strings.Repeat(string(rune('a'+i%26)), 3+i/26) // nobody is called alike
		if _, err := w.module.Leads.Capture(w.boss(), lead.Draft{Name: name, Emails: []string{name + "@example.com"}, Origin: lead.Origin{Source: "web"}}); err != nil {
			t.Fatal(err)
		}
	}
	publish := func(points int) {
		t.Helper()
		d, err := w.module.Scores.Plan(w.boss())
		if err != nil {
			t.Fatal(err)
		}
		model := scoring.Model{Rules: []scoring.Rule{{Name: "Mindenki", When: "lead.value >= 0", Points: points}}, Bands: []scoring.Band{{Name: "Új"}}}
		if _, err := w.module.Scores.Publish(w.boss(), d.Version, model); err != nil {
			t.Fatal(err)
		}
	}
	publish(5)
	if _, err := w.module.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := w.count(t, "crm_score", "score = 5"); n != leads {
		t.Fatalf("%d leads have 5 points after RunOnce, want %d", n, leads)
	}
	publish(7)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { _ = w.module.Run(ctx) }()
	for end := time.Now().Add(time.Minute); w.count(t, "crm_score", "score = 7") != leads; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d leads have 7 points after a minute of Run, want %d", w.count(t, "crm_score", "score = 7"), leads)
		}
	}
}

// A rule of assignment that asks for a lead's points sees them while the lead is being captured.
func TestAssignmentGoesByPoints(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		model := scoring.Model{Rules: []scoring.Rule{{Name: "Sokat ér", When: "lead.value >= 1000000", Points: 45}}, Bands: []scoring.Band{{Name: "Új"}}}
		if _, err := w.module.Scores.Publish(w.boss(), 0, model); err != nil {
			t.Fatal(err)
		}
		plan := routing.Plan{Rules: []routing.Rule{{Name: "Forró", When: "lead.score >= 40", To: routing.Target{Method: routing.ToUser, User: "kovacs"}}}, Fallback: routing.Target{Method: routing.ToUser, User: "nagy"}}
		if _, err := w.module.Routing.Publish(w.boss(), 0, plan); err != nil {
			t.Fatal(err)
		}
		form := actor.With(context.Background(), actor.System(w.company, "form"))
		for value, want := range map[int]string{2_500_000: "kovacs", 1000: "nagy"} {
			r, err := w.module.Leads.Capture(form, lead.Draft{Name: fmt.Sprint("Érdeklődő ", value), Emails: []string{fmt.Sprint(value, "@example.com")}, ExpectedValue: money.MustAmount(fmt.Sprint(value)), Currency: "HUF", Origin: lead.Origin{Source: "web"}})
			if err != nil {
				t.Fatal(err)
			}
			card, err := w.module.Leads.Get(w.boss(), r.Lead)
			if err != nil {
				t.Fatal(err)
			}
			if card.Lead.OwnerUser != want {
				t.Errorf("%q got the lead worth %d, want %q", card.Lead.OwnerUser, value, want)
			}
		}
		if w.db.Dialect() == store.SQLite { // the server has companies of other tests
			if _, err := w.module.RunOnce(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.count(t, "crm_score_history", "new_score = 45 AND company = '"+w.company+"'"); n != 1 {
			t.Errorf("the points are in the history %d times, want once", n)
		}
	})
}

// noRates is a source of exchange rates that does not answer.
type noRates struct{ asked int }

func (n *noRates) Rates(context.Context, string, string, civil.Date, civil.Date) ([]exchange.Quote, error) {
	n.asked++
	return nil, errors.New("the bank's page does not answer")
}

// TestWhatFailsKeepsNothingElseFromBeingDone: a bank that does not answer is told of and left alone for a while; reminders ring
// and reports go out in the same round.
func TestWhatFailsKeepsNothingElseFromBeingDone(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	bank := &noRates{}
	locales, err := erpbridge.Locales(context.Background(), env.DB.SQL(), w.books.Host(), w.company)
	if err != nil {
		t.Fatal(err)
	}
	w.module, err = crm.New(w.db, crm.Config{Host: w.books.Host(), Locale: locales, Log: quiet, Figures: crm.FigureConfig{
		Rates: bank, ScreensURL: func(string) string { return "https://erp.example.com/crm" }, Sender: func(string) mail.Address { return mail.Address{Email: "erp@feherlo.test"} },
	}})
	if err != nil {
		t.Fatal(err)
	}
	boss := w.boss()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id, err := w.completeLead(boss, "Export")
	ok(err)
	card, err := w.module.Leads.Get(boss, id)
	ok(err)
	worth := money.MustAmount("1000")
	_, err = w.module.Opportunities.Create(boss, opportunity.Draft{Name: "Export", PartyID: card.Lead.PartyID, ExpectedRevenue: &worth, Currency: "EUR"})
	ok(err)
	due := env.Clock.Now().Add(48 * time.Hour)
	_, err = w.module.Activities.Plan(boss, activity.Plan{Party: card.Lead.PartyID, Kind: activity.Task, Subject: "Emlékeztető", Due: due, Remind: due.Add(-time.Hour)})
	ok(err)
	_, err = w.module.Schedules.Add(boss, schedule.Draft{Report: schedule.KPIs, Name: "Napi", Rhythm: schedule.Daily, Minute: 480, Recipient: "boss@example.com", Language: locale.Hungarian})
	ok(err)
	_, err = w.module.RunOnce(context.Background())
	if err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Fatalf("what failed is not told of: %v", err)
	}
	if _, err = w.module.RunOnce(context.Background()); err != nil || bank.asked != 1 {
		t.Errorf("the bank was asked %d times at once, %v", bank.asked, err)
	}
	env.Clock.Advance(72 * time.Hour)
	_, err = w.module.RunOnce(context.Background())
	if err == nil || bank.asked != 2 {
		t.Errorf("the bank was asked %d times, %v", bank.asked, err)
	}
	for table, where := range map[string]string{"crm_event": "kind = 'activity.reminder'", "crm_mail": "purpose = '" + schedule.Purpose.Key + "'"} {
		if n := w.count(t, table, where); n != 1 {
			t.Errorf("%s has %d rows where %s, want 1", table, n, where)
		}
	}
}

func TestRunsOfRulesAreStoppedWhenTheConfigurationSays(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	if _, err := crm.New(w.db, crm.Config{Host: w.books.Host(), RuleLimit: -time.Second}); len(fault.Of(err)) != 1 || fault.Of(err)[0].Path != "rule_limit" {
		t.Errorf("a negative limit: %v", err)
	}
	module, err := crm.New(w.db, crm.Config{Host: w.books.Host(), Log: quiet, RuleLimit: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	module.Events.Offer(event.Step{Name: "test.hang", Do: func(ctx context.Context, _ *store.Session, _ event.Task) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}})
	boss := w.boss()
	draft, err := module.Workflows.Save(boss, workflow.Drafting{Name: "Lassú", Noun: leadrule.Lead, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{lead.EventCaptured}}, Actions: []workflow.Action{{Step: "test.hang"}},
	}})
	if err == nil {
		_, err = module.Workflows.Publish(boss, draft.ID, draft.Version)
	}
	if err == nil {
		_, err = module.Leads.Capture(boss, lead.Draft{Name: "Valaki", Emails: []string{"valaki@example.com"}})
	}
	if err == nil {
		_, err = module.RunOnce(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	runs, err := module.Workflows.Runs(boss, workflow.Filter{})
	if err != nil || len(runs.Rows) != 1 || !strings.Contains(runs.Rows[0].Failure, "longer than 20ms") {
		t.Errorf("the runs are %+v, %v", runs.Rows, err)
	}
}
