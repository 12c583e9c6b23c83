package process_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

type world struct {
	*testutil.Env
	t           testing.TB
	processes   *process.Processes
	acts        *activity.Activities
	events      *event.Registry
	admin, anna context.Context
	customer    party.ID
	template    process.TemplateID
}

func newWorld(t testing.TB, env *testutil.Env) *world {
	zone, err := time.LoadLocation("Europe/Budapest")
	w := &world{Env: env, t: t, admin: env.As("admin", actor.Admin, actor.All), anna: env.As("anna", actor.Seller, actor.Own), events: event.NewRegistry()}
	w.ok(err)
	at, err := time.ParseInLocation("2006-01-02 15:04", "2026-07-17 10:00", zone) // a Friday
	w.ok(err)
	env.Clock.Advance(at.Sub(env.Clock.Now()))
	locales := func(string) locale.Locale {
		return locale.Locale{Language: locale.Hungarian, Zone: zone, Currency: "HUF"}
	}
	parties := party.New(env.DB, locales)
	w.acts = activity.New(env.DB, parties)
	w.processes = process.New(env.DB, process.Config{Calendars: calendar.New(env.DB, locales), Activities: w.acts, Members: func(_ context.Context, _ *store.Session, team string) ([]string, error) {
		return map[string][]string{"raktár": {"béla", "cili"}}[team], nil
	}})
	w.processes.Register(w.events)
	w.processes.Offer(w.events)
	minta, err := parties.Add(w.anna, party.Draft{Kind: party.Company, FullName: "Minta Kft.", Owner: party.Owner{User: "anna"}})
	w.ok(err)
	w.customer = minta.ID
	d, err := w.processes.Publish(w.admin, 0, process.Plan{Templates: []process.Template{{Name: "Új vevő", On: []process.Noun{process.Party}, Steps: []process.StepPlan{
		{Name: "Üdvözlő hívás", Who: process.Owner, Days: 1},
		{Name: "Szerződés", Who: "user:doma", Days: 3},
		{Name: "Szállítási adatok", Who: "team:raktár", Days: 2, Along: true, Skippable: true},
		{Name: "Elégedettség", Who: process.Owner, Days: 10, FromStart: true},
	}}}})
	w.ok(err)
	w.template = d.Plan.Templates[0].ID
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) start() process.ID {
	w.t.Helper()
	row, err := w.processes.Start(w.anna, w.template, process.Party, process.RecordID(w.customer))
	w.ok(err)
	return row.ID
}

// run lets several workers handle what happened.
func (w *world) run() {
	w.t.Helper()
	done := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := (&event.Worker{DB: w.DB, Registry: w.events}).RunOnce(context.Background())
			done <- err
		}()
	}
	w.ok(<-done)
	w.ok(<-done)
	w.Clock.Advance(time.Minute)
	_, err := (&event.Worker{DB: w.DB, Registry: w.events}).RunOnce(context.Background())
	w.ok(err)
}

// expect holds the state of the process and of its steps, with who has them, against what they should be, and the open
// tasks of the company against the open steps.
func (w *world) expect(what string, id process.ID, want string) process.Card {
	w.t.Helper()
	card, err := w.processes.Get(w.admin, id)
	w.ok(err)
	got, open := fmt.Sprintf("%s %d/%d:", card.State, card.Over, card.Process.Steps), 0
	for _, s := range card.Line {
		got += " " + string(s.State)
		if s.State == process.Open {
			got += "(" + s.WhoUser + ")"
			open++
		}
	}
	if got != want {
		w.t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
	tasks, err := w.acts.Upcoming(w.admin, w.customer, store.Page{})
	w.ok(err)
	if len(tasks.Items) != open {
		w.t.Errorf("%s: %d tasks are open for %d steps", what, len(tasks.Items), open)
	}
	return card
}

func TestAProcessGoesByItsTasks(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		id := w.start()
		card := w.expect("begun", id, "running 0/4: open(anna) waiting waiting waiting")
		if got := card.Line[0].DueAt.Format("2006-01-02 15:04"); got != "2026-07-20 15:00" {
			t.Errorf("one working day after Friday is %s UTC", got)
		}
		_, err := w.acts.Complete(w.anna, card.Line[0].ActivityID, activity.Completion{Outcome: "Örült neki"})
		w.ok(err)
		w.run()
		w.run()
		card = w.expect("the task was completed", id, "running 1/4: done open(doma) open(béla) waiting")
		if card.Line[0].Reason != "Örült neki" || card.Line[0].EndedBy != "anna" {
			t.Errorf("the first step says %+v", card.Line[0])
		}
		if _, err := w.processes.Skip(w.admin, card.Line[1].ID, "nem kell"); !errors.Is(err, fault.Invalid) {
			t.Errorf("a step that must not be left out was: %v", err)
		}
		_, err = w.acts.Cancel(w.admin, card.Line[1].ActivityID, "tévedés")
		w.ok(err)
		w.run()
		card = w.expect("the task of a step that must be done was cancelled", id, "running 1/4: done open(doma) open(béla) waiting")
		_, err = w.processes.HandOver(w.admin, card.Line[1].ID, "cili")
		w.ok(err)
		_, err = w.processes.Skip(w.admin, card.Line[2].ID, "elviszi")
		w.ok(err)
		w.run()
		w.expect("handed over and skipped", id, "running 2/4: done open(cili) skipped waiting")
		_, err = w.processes.Complete(w.admin, card.Line[1].ID, "aláírva")
		w.ok(err)
		w.run()
		card = w.expect("the second part is over", id, "running 3/4: done done skipped open(anna)")
		_, err = w.processes.Complete(w.anna, card.Line[3].ID, "")
		w.ok(err)
		w.run()
		w.expect("all is done", id, "done 4/4: done done skipped done")
		_, err = w.acts.Reopen(w.admin, card.Line[1].ActivityID)
		w.ok(err)
		w.run()
		w.expect("reopened", id, "running 3/4: done open(cili) skipped done")
		_, err = w.processes.Cancel(w.admin, id, "nem lesz vevő")
		w.ok(err)
		w.run()
		w.expect("cancelled", id, "cancelled 3/4: done cancelled skipped done")
		if list, err := w.processes.List(env.As("xénia", actor.Seller, actor.Own), process.Filter{}); err != nil || len(list.Rows) != 0 {
			t.Errorf("a stranger sees %d processes, %v", len(list.Rows), err)
		}
		if list, err := w.processes.List(env.As("cili", actor.Seller, actor.Own), process.Filter{Party: w.customer}); err != nil || len(list.Rows) != 1 || list.Rows[0].About != "Minta Kft." {
			t.Errorf("who has a step sees %+v, %v", list.Rows, err)
		}
	})
}

func TestARuleStartsAProcessOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		step, found := w.events.Step(process.StepStart)
		if !found {
			t.Fatal("rules cannot start processes")
		}
		task := event.Task{Noun: "party", Record: w.customer, Given: map[string]string{"template": "új vevő"}}
		for range 2 {
			w.ok(env.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
				_, err := step.Do(ctx, s, task)
				return err
			}))
		}
		list, err := w.processes.List(w.admin, process.Filter{State: process.Running})
		w.ok(err)
		if len(list.Rows) != 1 || list.Rows[0].AtUser != "anna" {
			t.Errorf("%d processes: %+v", len(list.Rows), list.Rows)
		}
		w.ok(env.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
			faults, err := step.Check(ctx, s, event.Task{Noun: "lead", Given: task.Given})
			if len(faults) != 1 {
				t.Errorf("a template that is not for leads is refused with %v", faults)
			}
			return err
		}))
	})
}

func TestSaveNamesEverythingThatIsWrong(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	_, err := w.processes.Publish(w.admin, 1, process.Plan{Templates: []process.Template{{On: []process.Noun{"rain"}}, {Name: "x", Steps: []process.StepPlan{{Who: "user:", Days: -1}}}}})
	got := map[string]bool{}
	for _, f := range fault.Of(err) {
		got[f.Path] = true
	}
	for _, want := range []string{"templates[0].name", "templates[0].on", "templates[0].steps", "templates[1].steps[0].name", "templates[1].steps[0].who", "templates[1].steps[0].days"} {
		if !got[want] {
			t.Errorf("%s is not named in %v", want, got)
		}
	}
	if _, err := w.processes.Start(w.anna, w.template, process.Lead, process.RecordID(w.customer)); !errors.Is(err, fault.Invalid) {
		t.Errorf("a process for customers was started on a lead: %v", err)
	}
}
