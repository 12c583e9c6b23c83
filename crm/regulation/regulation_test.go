package regulation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

type world struct {
	*testutil.Env
	t           testing.TB
	regulations *regulation.Regulations
	clocks      *clock.Clocks
	leads       *lead.Leads
	opps        *opportunity.Opportunities
	acts        *activity.Activities
	parties     *party.Parties
	workers     [2]event.Worker
	admin, anna context.Context
	told        []string
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
	w := &world{Env: env, t: t, admin: env.As("admin", actor.Admin, actor.All), anna: env.As("anna", actor.Seller, actor.Own)}
	w.parties = party.New(env.DB, hungarian)
	w.acts = activity.New(env.DB, w.parties)
	w.leads = lead.New(env.DB, lead.Config{Parties: w.parties})
	w.opps = opportunity.New(env.DB, opportunity.Config{Locale: hungarian})
	calendars := calendar.New(env.DB, hungarian)
	w.clocks = clock.New(env.DB, clock.Config{Calendars: calendars, Terms: leadrule.New(hungarian), Locales: hungarian})
	w.regulations = regulation.New(env.DB, regulation.Config{Calendars: calendars, Parties: w.parties})
	registry := event.NewRegistry()
	w.regulations.Register(registry)
	registry.On(event.Handler{Name: "test", Kinds: []string{"clock."}, Do: func(_ context.Context, _ *store.Session, e event.Event) error {
		var told clock.Told
		err := e.Decode(&told)
		w.told = append(w.told, strings.TrimPrefix(e.Kind, "clock.")+" "+told.To+" "+told.Name)
		return err
	}})
	for i := range w.workers {
		w.workers[i] = event.Worker{DB: env.DB, Registry: registry}
	}
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// until sets the clock on the wall in Budapest.
func (w *world) until(wall string) {
	w.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, budapest)
	w.ok(err)
	w.Clock.Advance(at.Sub(w.Clock.Now()))
}

func (w *world) run() {
	w.t.Helper()
	for range 2 {
		_, err := w.workers[0].RunOnce(context.Background())
		w.ok(err)
		_, err = w.clocks.Work(w.System())
		w.ok(err)
	}
}

func (w *world) save(all ...regulation.Regulation) []regulation.Regulation {
	w.t.Helper()
	was, err := w.regulations.Plan(w.admin)
	w.ok(err)
	d, err := w.regulations.Publish(w.admin, was.Version, regulation.Plan{Regulations: all})
	w.ok(err)
	return d.Plan.Regulations
}

// expect holds the passages against what they should be, by their limit: the name, who, how it stands and when the limit
// is or was, on the wall.
func (w *world) expect(what string, want ...string) {
	w.t.Helper()
	list, err := w.regulations.List(w.admin, regulation.Filter{})
	w.ok(err)
	var got []string
	for _, r := range list.Rows {
		got = append(got, fmt.Sprintf("%s %s %s %s", r.Name, r.OwnerUser, r.Standing(w.Clock.Now()), r.DueAt.In(budapest).Format("01-02 15:04")))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestPassagesFollowWhatIsDoneAndUndone(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.until("2026-07-17 10:00") // a Friday
		minta, err := w.parties.Add(w.anna, party.Draft{Kind: party.Company, FullName: "Minta Kft.", Owner: party.Owner{User: "anna"}})
		w.ok(err)
		w.save(
			regulation.Regulation{Name: "Hívástól nyerésig", From: regulation.Moment{Step: regulation.Spoken}, To: regulation.Moment{Step: regulation.Won}, Days: 2, Remind: 60},
			regulation.Regulation{Name: "Válasz", From: regulation.Moment{Step: regulation.Captured}, To: regulation.Moment{Step: regulation.Answered}, Minutes: 120},
		)
		o, err := w.opps.Create(w.anna, opportunity.Draft{PartyID: minta.ID, Name: "40 lámpatest"})
		w.ok(err)
		call := activity.Deed{Party: minta.ID, Opportunity: activity.OpportunityID(o.ID), Kind: activity.Call, Direction: activity.Out, Subject: "Hívás"}
		first, err := w.acts.Record(w.anna, call)
		w.ok(err)
		w.run()
		w.expect("two working days after Friday", "40 lámpatest anna open 07-21 17:00")
		w.until("2026-07-20 10:00")
		_, err = w.acts.Record(w.anna, call) // within the passage
		w.ok(err)
		w.run()
		w.until("2026-07-21 16:01")
		w.run()
		if want := []string{"reminded anna 40 lámpatest – Hívástól nyerésig"}; fmt.Sprint(w.told) != fmt.Sprint(want) {
			t.Errorf("told %q, want %q", w.told, want)
		}
		w.until("2026-07-22 09:30")
		w.run()
		w.expect("nothing came", "40 lámpatest anna late 07-21 17:00")
		_, err = w.opps.CloseWon(w.anna, o.ID, opportunity.Win{})
		w.ok(err)
		w.run()
		w.expect("won too late", "40 lámpatest anna broken 07-21 17:00")
		_, err = w.opps.Reopen(w.anna, o.ID, opportunity.Reopening{})
		w.ok(err)
		w.run()
		w.expect("the end was undone", "40 lámpatest anna late 07-21 17:00")
		_, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: "ár", Competitor: opportunity.NoCompetitor, Lesson: "korábban hívni"})
		w.ok(err)
		w.run()
		w.expect("lost", "40 lámpatest anna void 07-21 17:00")
		_, err = w.opps.Reopen(w.anna, o.ID, opportunity.Reopening{})
		w.ok(err)
		_, err = w.acts.Reopen(w.anna, first.Activity.ID) // the call did not take place
		w.ok(err)
		w.run()
		w.expect("the second call begins it now", "40 lámpatest anna open 07-22 17:00", "40 lámpatest anna void 07-21 17:00")

		w.until("2026-07-22 10:00")
		asked, err := w.leads.Capture(w.anna, lead.Draft{Name: "Szabó Éva", Emails: []string{"eva@example.hu"}})
		w.ok(err)
		w.run()
		w.until("2026-07-22 11:30")
		_, err = w.leads.Responded(w.anna, asked.Lead)
		w.ok(err)
		w.run()
		results, err := w.regulations.Results(w.admin, regulation.Filter{From: w.Clock.Now().AddDate(0, -1, 0), Until: w.Clock.Now().AddDate(0, 0, 1)})
		w.ok(err)
		if len(results) != 1 || results[0].Name != "Válasz" || results[0].Kept != 1 || results[0].Broken != 0 || results[0].Seconds != 90*60 {
			t.Errorf("the results are %+v", results)
		}
		if list, err := w.regulations.List(env.As("xénia", actor.Seller, actor.Own), regulation.Filter{}); err != nil || len(list.Rows) != 0 {
			t.Errorf("a stranger sees %d passages, %v", len(list.Rows), err)
		}
	})
}

func TestTwoWorkersBeginAPassageOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.until("2026-07-17 10:00")
		w.save(regulation.Regulation{Name: "Nyerés", From: regulation.Moment{Step: regulation.Opened}, To: regulation.Moment{Step: regulation.Won}, Days: 1})
		minta, err := w.parties.Add(w.anna, party.Draft{Kind: party.Company, FullName: "Ελένη ΕΠΕ", Owner: party.Owner{User: "anna"}})
		w.ok(err)
		for i := range 4 {
			o, err := w.opps.Create(w.anna, opportunity.Draft{PartyID: minta.ID, Name: fmt.Sprintf("%d", i)})
			w.ok(err)
			if i%2 == 0 {
				_, err = w.opps.CloseWon(w.anna, o.ID, opportunity.Win{})
				w.ok(err)
			}
		}
		done := make(chan error, len(w.workers))
		for i := range w.workers {
			go func() {
				_, err := w.workers[i].RunOnce(context.Background())
				done <- err
			}()
		}
		for range w.workers {
			w.ok(<-done)
		}
		w.Clock.Advance(time.Minute) // what had to wait for the other one
		w.run()
		standings := map[regulation.Standing]int{}
		list, err := w.regulations.List(w.admin, regulation.Filter{})
		w.ok(err)
		for _, r := range list.Rows {
			standings[r.Standing(w.Clock.Now())]++
		}
		if len(list.Rows) != 4 || standings[regulation.Kept] != 2 || standings[regulation.Open] != 2 {
			t.Errorf("%d passages: %v", len(list.Rows), standings)
		}
	})
}

func TestSaveKeepsWhatCountsTheSame(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	one := regulation.Regulation{Name: "Válasz", From: regulation.Moment{Step: regulation.Captured}, To: regulation.Moment{Step: regulation.Answered}, Days: 1}
	first := w.save(one)[0]
	w.Clock.Advance(time.Hour)
	renamed := first
	renamed.Name, renamed.Days = "Gyors válasz", 2
	if got := w.save(renamed)[0]; got.ID != first.ID || !got.Since.Equal(first.Since) {
		t.Error("a regulation that counts the same began anew")
	}
	other := first
	other.To.Step = regulation.Spoken
	if got := w.save(other)[0]; got.ID == first.ID || got.Since.Equal(first.Since) {
		t.Error("a regulation with another step goes on as if it were the same")
	}
	if got := w.save(first)[0]; got.ID != first.ID || !got.Since.Equal(first.Since) {
		t.Error("an earlier version that is taken again does not count as before")
	}
	_, err := w.regulations.Publish(w.admin, 4, regulation.Plan{Regulations: []regulation.Regulation{
		{From: regulation.Moment{Step: "rain"}, To: regulation.Moment{Step: regulation.Entered}}, {Name: "x", From: one.From, To: one.From, Minutes: 10, Remind: 10},
	}})
	got := map[string]bool{}
	for _, f := range fault.Of(err) {
		got[f.Path] = true
	}
	for _, want := range []string{"regulations[0].name", "regulations[0].from", "regulations[0].to_stage", "regulations[0].minutes", "regulations[1].to", "regulations[1].remind"} {
		if !got[want] {
			t.Errorf("%s is not named in %v", want, got)
		}
	}
	if _, err := w.regulations.Publish(w.anna, 0, regulation.Plan{}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a seller saves: %v", err)
	}
	if missing := regulation.Texts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
}
