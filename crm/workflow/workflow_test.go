package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

type world struct {
	*testutil.Env
	t       testing.TB
	flows   *workflow.Workflows
	leads   *lead.Leads
	opps    *opportunity.Opportunities
	acts    *activity.Activities
	mails   *mail.Mails
	box     mailtest.Box
	parties *party.Parties
	events  event.Worker
	admin   context.Context
	// broken is what the step test.fail answers with, did what test.note was told, in order.
	broken   error
	captured int
	mu       sync.Mutex
	did      []string
	told     []string
	// dies is what happens to the process in the middle of a run.
	dies func()
}

var budapest = func() *time.Location {
	z, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		panic(err)
	}
	return z
}()

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Zone: budapest, Currency: "HUF"}
}

func newWorld(t testing.TB, env *testutil.Env) *world {
	w := &world{Env: env, t: t, admin: env.As("admin", actor.Admin, actor.All)}
	w.parties = party.New(env.DB, hungarian)
	w.acts = activity.New(env.DB, w.parties)
	w.mails = mail.New(env.DB, mail.Config{Mailer: &w.box, Letters: func(context.Context, *store.Session, string) ([]mail.Field, error) {
		return []mail.Field{{Name: "party.name"}, {Name: "lead.value"}, {Name: "lead.arrived_at"}}, nil
	}})
	w.leads = lead.New(env.DB, lead.Config{Parties: w.parties})
	w.opps = opportunity.New(env.DB, opportunity.Config{Locale: hungarian})
	r := event.NewRegistry()
	staff := func(_ context.Context, _ *store.Session, id string) (erpbridge.User, error) {
		return erpbridge.User{ID: id, Name: id, Email: id + "@example.hu", Manager: "nagy"}, nil
	}
	w.flows = workflow.New(env.DB, workflow.Config{
		Terms: leadrule.New(hungarian), Steps: r, Calendars: calendar.New(env.DB, hungarian), Locales: hungarian, Limit: time.Minute, Staff: staff,
		Language: func(_ context.Context, _ *store.Session, user string) (locale.Language, error) {
			return map[string]locale.Language{"nagy": locale.Hebrew}[user], nil
		},
	})
	w.acts.Offer(r)
	w.mails.Offer(r, mail.Sendings{Sender: func(context.Context, *store.Session) (mail.Address, error) {
		return mail.Address{Email: "crm@example.hu"}, nil
	}})
	w.leads.Offer(r)
	w.opps.Offer(r)
	r.Offer(event.Step{Name: "test.note", Parameters: []event.Parameter{{Name: "text", Kind: event.Line}}, Do: func(_ context.Context, s *store.Session, t event.Task) (string, error) {
		s.OnCommit(func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.did = append(w.did, t.Name+" "+t.Given["text"])
		})
		return t.Key, nil
	}})
	r.Offer(event.Step{Name: "test.fail", Do: func(ctx context.Context, _ *store.Session, _ event.Task) (string, error) {
		if w.dies != nil {
			w.dies()
		}
		return "", errors.Join(w.broken, ctx.Err())
	}})
	r.Offer(event.Step{Name: "test.hang", Do: func(ctx context.Context, _ *store.Session, _ event.Task) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}})
	w.flows.Register(r)
	r.On(event.Handler{Name: "test", Kinds: []string{"workflow."}, Do: func(_ context.Context, _ *store.Session, e event.Event) error {
		var n workflow.Notice
		if err := e.Decode(&n); err != nil {
			return err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.told = append(w.told, e.Kind+" "+n.Name+" to "+n.Owner+": "+n.Reason)
		return nil
	}})
	w.events = event.Worker{DB: env.DB, Registry: r, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run does what the background does, until nothing is left.
func (w *world) run() {
	w.t.Helper()
	for range 20 {
		_, err := w.events.RunOnce(context.Background())
		w.ok(err)
		n, err := w.flows.Work(w.System())
		w.ok(err)
		if n == 0 {
			return
		}
	}
	w.t.Fatal("rules do not come to an end")
}

func (w *world) capture(name string, value int) lead.Result {
	w.t.Helper()
	w.captured++
	amount := money.MustAmount(fmt.Sprint(value))
	out, err := w.leads.Capture(w.admin, lead.Draft{Name: name, Emails: []string{fmt.Sprintf("x%d@%s.example.hu", w.captured, strings.ToLower(w.Company))}, ExpectedValue: amount, Currency: "HUF", Origin: lead.Origin{Source: "fair"}, Owner: party.Owner{User: "anna", Team: "budapest"}})
	w.ok(err)
	return out
}

// live saves a rule and publishes it.
func (w *world) live(name string, noun leadrule.Noun, p workflow.Plan) workflow.Rule {
	w.t.Helper()
	r, err := w.flows.Save(w.admin, workflow.Drafting{Name: name, Noun: noun, Plan: p})
	w.ok(err)
	r, err = w.flows.Publish(w.admin, r.ID, r.Version)
	w.ok(err)
	return r
}

func note(text string) workflow.Action {
	return workflow.Action{Step: "test.note", Given: map[string]string{"text": text}}
}

func on(kinds ...string) workflow.Trigger {
	return workflow.Trigger{Kind: workflow.OnEvent, Events: kinds}
}

func (w *world) runs(f workflow.Filter) []workflow.RunRow {
	w.t.Helper()
	out, err := w.flows.Runs(w.admin, f)
	w.ok(err)
	return out.Rows
}

func (w *world) wants(want ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.did, want) {
		w.t.Errorf("did  %q\nwant %q", w.did, want)
	}
}

func TestRuleActsOnceForEachEventItsConditionHoldsFor(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		r := w.live("Nagy érdeklődő", leadrule.Lead, workflow.Plan{
			Trigger: on(lead.EventCaptured), When: `lead.value >= 1000000 and lead.source == "fair"`,
			Actions: []workflow.Action{
				{Step: activity.StepPlan, Given: map[string]string{"subject": "Hívja fel: {party.name}", "days": "2", "to": "owner"}},
				{Step: mail.StepSend, Given: map[string]string{"to": "manager", "subject": "{party.name}: {lead.value} {lead.currency}", "body": "Kérem, nézze meg."}},
				note("kész"),
			},
		})
		big := w.capture("Kovács Anna", 2_500_000)
		w.capture("Kis Péter", 1000)
		w.run()
		w.run()
		w.wants("Kovács Anna kész")
		tasks, err := w.acts.Upcoming(w.admin, big.Party, store.Page{})
		w.ok(err)
		if len(tasks.Items) != 1 || tasks.Items[0].Subject != "Hívja fel: Kovács Anna" || tasks.Items[0].OwnerUser != "anna" {
			t.Errorf("planned: %+v", tasks.Items)
		}
		sent, err := w.mails.List(w.admin, mail.Filter{})
		w.ok(err)
		if len(sent.Rows) != 1 || sent.Rows[0].Recipients != "nagy <nagy@example.hu>" || strings.ReplaceAll(sent.Rows[0].Subject, "\u00a0", " ") != "Kovács Anna: 2 500 000 HUF" {
			t.Errorf("written: %+v", sent.Rows)
		}
		runs := w.runs(workflow.Filter{Rule: r.ID})
		if len(runs) != 1 || runs[0].Outcome != workflow.Acted || runs[0].Record.Name != "Kovács Anna" || runs[0].Rule != "Nagy érdeklődő" || runs[0].Why.Event != lead.EventCaptured {
			t.Fatalf("listed: %+v", runs)
		}
		why := runs[0].Why
		if len(why.Reasons) != 2 || why.Reasons[0].Held != "yes" || why.Reasons[1].Text != `lead.source == "fair"` || len(why.Deeds) != 3 || why.Deeds[0].Result != "anna" || why.Deeds[1].Result != "nagy@example.hu" {
			t.Errorf("why: %+v", why)
		}
		list, err := w.flows.List(w.admin)
		w.ok(err)
		if len(list) != 1 || list[0].Counts[workflow.Acted] != 1 {
			t.Errorf("counted: %+v", list)
		}
	})
}

func TestWaitingRuleActsUnlessSomebodyWasFaster(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.live("Két óra", leadrule.Lead, workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.After, Events: []string{lead.EventCaptured}, Count: 2, Unit: workflow.Hours, Unless: workflow.Contact},
			Actions: []workflow.Action{note("vár")},
		})
		w.capture("Kovács Anna", 1)
		called := w.capture("Παπαδόπουλος Νίκος", 1)
		w.run()
		w.Clock.Advance(time.Hour)
		_, err := w.acts.Record(w.admin, activity.Deed{Party: called.Party, Kind: activity.Call, Direction: activity.Out, Subject: "Első hívás"})
		w.ok(err)
		w.run()
		w.wants()
		if open := w.runs(workflow.Filter{Open: true}); len(open) != 2 {
			t.Errorf("%d wait", len(open))
		}
		w.Clock.Advance(time.Hour)
		w.run()
		w.wants("Kovács Anna vár")
		if rows := w.runs(workflow.Filter{Outcome: workflow.Followed}); len(rows) != 1 || rows[0].Record.Name != "Παπαδόπουλος Νίκος" {
			t.Errorf("followed: %+v", rows)
		}
	})
}

func TestRuleFollowsChangesOfAField(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.live("Minősített", leadrule.Lead, workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnChange, Field: "status", To: "qualified"}, Actions: []workflow.Action{note("!")}})
	got := w.capture("Kovács Anna", 1)
	for _, to := range []lead.Status{lead.StatusWorking, lead.StatusQualified, lead.StatusWorking, lead.StatusQualified} {
		_, err := w.leads.SetStatus(w.admin, got.Lead, 0, lead.Move{To: to})
		w.ok(err)
		w.Clock.Advance(time.Minute)
	}
	w.run()
	w.wants("Kovács Anna !", "Kovács Anna !")
}

func TestRulesThatCauseEachOtherAreStopped(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	set := func(status string) []workflow.Action {
		return []workflow.Action{{Step: lead.StepStatus, Given: map[string]string{"status": status}}}
	}
	w.live("oda", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured, lead.EventStatus), When: `lead.status in ["new", "working"]`, Actions: set("qualified")})
	w.live("vissza", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventStatus), When: `lead.status == "qualified"`, Actions: set("working")})
	w.capture("Kovács Anna", 1)
	w.run()
	if acted, stopped := w.runs(workflow.Filter{Outcome: workflow.Acted}), w.runs(workflow.Filter{Outcome: workflow.Stopped}); len(acted) != workflow.MaxDepth || len(stopped) != 1 {
		t.Errorf("acted %d times, stopped %d times", len(acted), len(stopped))
	}
	if len(w.told) != 1 || !strings.HasPrefix(w.told[0], "workflow.stopped vissza to admin: ") || !strings.Contains(w.told[0], "circle") {
		t.Errorf("told %q", w.told)
	}
}

func TestRuleThatActsTooOftenOnARecordIsStopped(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.live("mindig", leadrule.Lead, workflow.Plan{Trigger: on(activity.EventDone), Actions: []workflow.Action{note("")}})
	got := w.capture("Kovács Anna", 1)
	for range workflow.MaxPerHour + 2 {
		_, err := w.acts.Record(w.admin, activity.Deed{Party: got.Party, Kind: activity.Note, Body: "x"})
		w.ok(err)
	}
	w.run()
	if len(w.did) != workflow.MaxPerHour || len(w.runs(workflow.Filter{Outcome: workflow.Stopped})) != 2 {
		t.Errorf("acted %d times", len(w.did))
	}
}

func TestFailureIsTriedAgainKeepsTheOrderAndIsShown(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.broken = errors.New("the printer is out of paper")
		r := w.live("első", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{note("első"), {Step: "test.fail"}}})
		w.live("második", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{note("második")}})
		w.capture("Kovács Anna", 1)
		w.run()
		w.wants() // nothing of the first is done, and the second waits for it
		row := w.runs(workflow.Filter{Rule: r.ID})[0]
		if row.Outcome != workflow.Waiting || row.Attempts != 1 || !strings.Contains(row.Failure, "out of paper") {
			t.Errorf("listed as %+v", row)
		}
		for range workflow.MaxAttempts {
			w.Clock.Advance(time.Hour)
			w.run()
		}
		w.wants("Kovács Anna második")
		if row = w.runs(workflow.Filter{Outcome: workflow.Failed})[0]; row.Attempts != workflow.MaxAttempts || len(w.told) != 1 {
			t.Errorf("given up as %+v; told %q", row, w.told)
		}
		w.broken = nil
		_, err := w.flows.Retry(w.admin, row.ID)
		w.ok(err)
		w.run()
		w.wants("Kovács Anna második", "Kovács Anna első")
		if _, err := w.flows.Retry(w.admin, row.ID); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("a run that acted is tried again: %v", err)
		}
	})
}

func TestKilledProcessLosesAndRepeatsNothing(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.live("emlékeztető", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{
			{Step: activity.StepPlan, Given: map[string]string{"subject": "Hívás"}}, {Step: "test.fail"}, note("kész"),
		}})
		for i := range 6 {
			w.capture(fmt.Sprintf("Érdeklődő %d", i), 1)
		}
		_, err := w.events.RunOnce(context.Background())
		w.ok(err)
		ctx, kill := context.WithCancel(w.System())
		var n atomic.Int64
		w.dies = func() {
			if n.Add(1) == 3 {
				kill()
			}
		}
		if _, err = w.flows.Work(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("the process lived on: %v", err)
		}
		w.dies = nil
		var wg sync.WaitGroup
		w.Clock.Advance(time.Hour) // its lease has run out
		for range 2 {
			wg.Go(func() {
				if _, err := w.flows.Work(w.System()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		tasks, err := w.acts.Tasks(w.admin, activity.Everyone, "", store.Page{Limit: 100})
		w.ok(err)
		if len(tasks.Items) != 6 || len(w.runs(workflow.Filter{Outcome: workflow.Acted})) != 6 {
			t.Errorf("%d tasks, %d runs acted", len(tasks.Items), len(w.runs(workflow.Filter{Outcome: workflow.Acted})))
		}
	})
}

func TestRunThatTakesTooLongIsStopped(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	quick := workflow.New(w.DB, workflow.Config{Terms: leadrule.New(hungarian), Calendars: calendar.New(w.DB, hungarian), Locales: hungarian, Steps: w.events.Registry, Limit: 5 * time.Millisecond})
	w.flows = quick
	w.live("örök", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{note("x"), {Step: "test.hang"}}})
	w.capture("Kovács Anna", 1)
	w.run()
	w.wants()
	if row := w.runs(workflow.Filter{})[0]; !strings.Contains(row.Failure, "longer than 5ms and was stopped") || row.Outcome != workflow.Waiting {
		t.Errorf("listed as %+v", row)
	}
}

func TestPlanIsRefusedWithAllThatIsWrong(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	good := workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{note("x")}}
	for _, row := range []struct {
		name   string
		as     context.Context
		change func(p *workflow.Plan)
		path   string
	}{
		{"division", w.admin, func(p *workflow.Plan) { p.When = "lead.value / 0 > 1" }, "when"},
		{"unknown field", w.admin, func(p *workflow.Plan) { p.When = "lead.colour == \"red\"" }, "when"},
		{"what the author may not see", w.As("író", actor.Rights{actor.LeadRead, actor.Settings}, actor.All), func(p *workflow.Plan) { p.When = "any(quotes, .net > 5)" }, "when"},
		{"what the author may not do", w.As("író", actor.Rights{actor.LeadRead, actor.Settings}, actor.All), func(p *workflow.Plan) {
			p.Actions = []workflow.Action{{Step: lead.StepAssign, Given: map[string]string{"to": "manager"}}}
		}, "actions[0].step"},
		{"event of another noun", w.admin, func(p *workflow.Plan) { p.Trigger = on("quote.issued") }, "trigger.events[0]"},
		{"no action", w.admin, func(p *workflow.Plan) { p.Actions = nil }, "actions"},
		{"unknown action", w.admin, func(p *workflow.Plan) { p.Actions[0].Step = "make.coffee" }, "actions[0].step"},
		{"action for another noun", w.admin, func(p *workflow.Plan) { p.Actions[0] = workflow.Action{Step: opportunity.StepMove} }, "actions[0].step"},
		{"unknown place", w.admin, func(p *workflow.Plan) { p.Actions[0] = note("{lead.colour}") }, "actions[0].given.text"},
		{"value that does not fit", w.admin, func(p *workflow.Plan) {
			p.Actions[0] = workflow.Action{Step: lead.StepSet, Given: map[string]string{"field": "value", "value": "sok"}}
		}, "actions[0].given.value"},
		{"no date", w.admin, func(p *workflow.Plan) { p.Trigger = workflow.Trigger{Kind: workflow.OnDate, Field: "lead.source"} }, "trigger.field"},
		{"forgotten reason", w.admin, func(p *workflow.Plan) {
			p.Actions[0] = workflow.Action{Step: lead.StepStatus, Given: map[string]string{"status": "disqualified"}}
		}, "actions[0].given.reason"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := good
			p.Actions = slices.Clone(good.Actions)
			row.change(&p)
			_, err := w.flows.Save(row.as, workflow.Drafting{Name: "x", Noun: leadrule.Lead, Plan: p})
			if faults := fault.Of(err); len(faults) == 0 || faults[0].Path != row.path || faults[0].Message == "" {
				t.Errorf("refused with %v", err)
			} else if row.path == "actions[0].step" && faults[0].Code == "choice" && !strings.Contains(faults[0].Message, lead.StepSet) {
				t.Errorf("it does not say which actions there are: %s", faults[0].Message)
			}
		})
	}
	narrow := w.As("szűk", actor.Admin, actor.Team)
	r, err := w.flows.Save(narrow, workflow.Drafting{Name: "x", Noun: leadrule.Lead, Plan: good})
	w.ok(err)
	if _, err := w.flows.Publish(narrow, r.ID, r.Version); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("who sees a part rules over all: %v", err)
	}
	if _, err := w.flows.Save(w.As("eladó", actor.Seller, actor.All), workflow.Drafting{Name: "x", Noun: leadrule.Lead, Plan: good}); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("a seller makes rules: %v", err)
	}
}

func TestRuleHoldsFromItsPublicationUntilItIsSwitchedOff(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	draft, err := w.flows.Save(w.admin, workflow.Drafting{Name: "szabály", Noun: leadrule.Lead, Plan: workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{note("1")}}})
	w.ok(err)
	w.capture("Első", 1)
	w.run()
	r, err := w.flows.Publish(w.admin, draft.ID, draft.Version)
	w.ok(err)
	w.capture("Második", 1)
	w.run()
	changed, err := w.flows.Save(w.admin, workflow.Drafting{ID: r.ID, Version: r.Version, Name: "szabály", Plan: workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{note("2")}}})
	w.ok(err)
	w.capture("Harmadik", 1)
	w.run() // the draft does not hold yet
	if _, err := w.flows.Publish(w.admin, r.ID, r.Version); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("an old version was published: %v", err)
	}
	r, err = w.flows.Publish(w.admin, r.ID, changed.Version)
	w.ok(err)
	w.capture("Negyedik", 1)
	w.run()
	w.capture("Ötödik", 1)
	_, err = w.events.RunOnce(context.Background())
	w.ok(err)
	_, err = w.flows.Stop(w.admin, r.ID, r.Version)
	w.ok(err)
	w.run()
	w.wants("Második 1", "Harmadik 1", "Negyedik 2")
	if rows := w.runs(workflow.Filter{Outcome: workflow.Cancelled}); len(rows) != 1 {
		t.Errorf("cancelled: %+v", rows)
	}
	versions, err := w.flows.Versions(w.admin, r.ID)
	w.ok(err)
	if len(versions) != 2 || versions[1].Plan.Actions[0].Given["text"] != "1" {
		t.Errorf("versions: %+v", versions)
	}
}

func TestTrySaysWhatARuleWouldHaveMatched(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for i := range 12 {
			w.capture(fmt.Sprintf("Érdeklődő %02d", i), i*100)
			w.Clock.Advance(time.Minute)
		}
		got, err := w.flows.Try(w.admin, leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured), When: "lead.value >= 900"})
		w.ok(err)
		if got.Looked != 12 || got.Matched != 3 || len(got.Rows) != 3 || got.Rows[0].Name != "Érdeklődő 11" {
			t.Errorf("tried: %+v", got)
		}
		if got, err = w.flows.Try(w.admin, leadrule.Lead, workflow.Plan{Trigger: on(lead.EventStatus), When: "lead.value >= 900"}); err != nil || got.Matched != 0 {
			t.Errorf("without the event: %+v, %v", got, err)
		}
		if len(w.runs(workflow.Filter{})) != 0 {
			t.Error("trying acts")
		}
	})
}

func TestDatesAreReachedOnceEach(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		born := func(name, day string) {
			d, err := civil.Parse(day)
			w.ok(err)
			_, err = w.parties.Add(w.System(), party.Draft{Given: name, BirthDate: d})
			w.ok(err)
		}
		today := civil.In(w.Clock.Now(), budapest)
		born("Ma", fmt.Sprintf("1980-%s", today.String()[5:]))
		born("Holnap", fmt.Sprintf("1990-%s", today.AddDays(1).String()[5:]))
		born("Régen", fmt.Sprintf("1970-%s", today.AddDays(-1).String()[5:]))
		w.live("Születésnap", leadrule.Party, workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnDate, Field: "party.birth_date", Yearly: true, Hour: 0}, Actions: []workflow.Action{note("boldog")},
		})
		w.run()
		w.run()
		w.wants("Ma boldog")
		w.Clock.Advance(24 * time.Hour)
		w.run()
		w.Clock.Advance(24 * time.Hour)
		w.run()
		w.wants("Ma boldog", "Holnap boldog")
	})
}

func TestLeapDayIsKeptEachYear(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	_, err := w.parties.Add(w.System(), party.Draft{Given: "Szökő", BirthDate: civil.Of(time.Date(2000, 2, 29, 0, 0, 0, 0, time.UTC))})
	w.ok(err)
	w.Clock.Advance(time.Date(2027, 2, 27, 9, 0, 0, 0, budapest).Sub(w.Clock.Now()))
	w.live("Születésnap", leadrule.Party, workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnDate, Field: "party.birth_date", Yearly: true, Hour: 8}, Actions: []workflow.Action{note("")}})
	for _, row := range []struct {
		day  time.Time
		want int
	}{{time.Date(2027, 2, 27, 9, 0, 0, 0, budapest), 0}, {time.Date(2027, 2, 28, 9, 0, 0, 0, budapest), 1}, {time.Date(2027, 3, 1, 9, 0, 0, 0, budapest), 1}} {
		w.Clock.Advance(row.day.Sub(w.Clock.Now()))
		w.run()
		if len(w.did) != row.want {
			t.Errorf("%s: %d times, want %d", row.day.Format(time.DateOnly), len(w.did), row.want)
		}
	}
}

func TestIdleRecordsAreToldOfAndAgainAfterAWhile(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		idle, busy := w.capture("Elfelejtett", 1), w.capture("Gondozott", 1)
		w.live("Öt nap", leadrule.Lead, workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.Idle, Count: 5, Hour: 7}, Actions: []workflow.Action{note("!")}})
		_, err := w.acts.Plan(w.admin, activity.Plan{Party: busy.Party, Kind: activity.Task, Subject: "Később", Due: w.Clock.Now().Add(400 * time.Hour), Owner: "anna"})
		w.ok(err)
		off, err := w.acts.Plan(w.admin, activity.Plan{Party: idle.Party, Kind: activity.Meeting, Subject: "Elmarad", Due: w.Clock.Now().Add(400 * time.Hour), Owner: "anna"})
		w.ok(err)
		_, err = w.acts.Cancel(w.admin, off.ID, "beteg") // what was called off is no follow-up
		w.ok(err)
		for range 11 {
			w.Clock.Advance(24 * time.Hour)
			w.run()
		}
		w.wants("Elfelejtett !", "Elfelejtett !")
		_, err = w.acts.Record(w.admin, activity.Deed{Party: idle.Party, Kind: activity.Call, Direction: activity.Out, Subject: "Végre"})
		w.ok(err)
		for range 4 {
			w.Clock.Advance(24 * time.Hour)
			w.run()
		}
		w.wants("Elfelejtett !", "Elfelejtett !")
	})
}
