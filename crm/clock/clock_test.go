package clock_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
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
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

type world struct {
	*testutil.Env
	t           testing.TB
	clocks      *clock.Clocks
	leads       *lead.Leads
	opps        *opportunity.Opportunities
	acts        *activity.Activities
	mails       *mail.Mails
	events      event.Worker
	admin, anna context.Context
	// broken makes writing mails fail, as a process that dies there would.
	broken bool
	// told are the events of clocks, in their order.
	told []string
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
	parties := party.New(env.DB, hungarian)
	w.acts = activity.New(env.DB, parties)
	w.mails = mail.New(env.DB, mail.Config{})
	w.leads = lead.New(env.DB, lead.Config{Parties: parties})
	w.opps = opportunity.New(env.DB, opportunity.Config{Locale: hungarian})
	managers := map[string]string{"anna": "főnök", "béla": "főnök"}
	w.clocks = clock.New(env.DB, clock.Config{
		Calendars: calendar.New(env.DB, hungarian), Terms: leadrule.New(hungarian), Locales: hungarian, Mails: w.mails,
		Staff: func(_ context.Context, _ *store.Session, id string) (erpbridge.User, error) {
			if id == "rossz" {
				return erpbridge.User{}, errors.New("the host's row of this user is not readable")
			}
			return erpbridge.User{ID: id, Name: id, Email: strings.ReplaceAll(strings.ReplaceAll(id, "ő", "o"), "ö", "o") + "@example.hu", Manager: managers[id]}, nil
		},
		Sender: func(context.Context, *store.Session) (mail.Address, error) {
			if w.broken {
				return mail.Address{}, errors.New("the process died")
			}
			return mail.Address{Email: "crm@example.hu"}, nil
		},
	})
	registry := event.NewRegistry()
	w.clocks.Register(registry)
	var hearing sync.Mutex
	registry.On(event.Handler{Name: "test", Kinds: []string{"clock."}, Do: func(_ context.Context, _ *store.Session, e event.Event) error {
		var told clock.Told
		if err := e.Decode(&told); err != nil {
			return err
		}
		hearing.Lock() // events of different records come side by side
		defer hearing.Unlock()
		w.told = append(w.told, strings.TrimPrefix(e.Kind, "clock.")+" "+told.To+" "+told.Name)
		return nil
	}})
	w.events = event.Worker{DB: env.DB, Registry: registry}
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

// run does what the background does.
func (w *world) run() {
	w.t.Helper()
	_, err := w.events.RunOnce(context.Background())
	w.ok(err)
	_, err = w.clocks.Work(w.System())
	w.ok(err)
	_, err = w.events.RunOnce(context.Background())
	w.ok(err)
}

func (w *world) lead(name string) lead.ID {
	w.t.Helper()
	out, err := w.leads.Capture(w.anna, lead.Draft{Name: name, Emails: []string{fmt.Sprintf("x%d@example.hu", w.Clock.Now().UnixNano())}})
	w.ok(err)
	return out.Lead
}

func (w *world) clock(kind clock.Kind, id [16]byte) clock.Clock {
	w.t.Helper()
	all, err := w.clocks.Of(w.admin, kind, clock.RecordID(id))
	w.ok(err)
	return all[clock.RecordID(id)]
}

func (w *world) expect(what string, c clock.Clock, state clock.State, due string) {
	w.t.Helper()
	got := ""
	if !c.DueAt.IsZero() {
		got = c.DueAt.In(budapest).Format("2006-01-02 15:04")
	}
	if c.State != state || got != due {
		w.t.Errorf("%s: it is %s and due %s, want %s and %s", what, c.State, got, state, due)
	}
}

func (w *world) heard(what string, want ...string) {
	w.t.Helper()
	if fmt.Sprint(w.told) != fmt.Sprint(want) {
		w.t.Errorf("%s: told %q, want %q", what, w.told, want)
	}
	mails, err := w.mails.List(w.System(), mail.Filter{})
	w.ok(err)
	if len(mails.Rows) != len(want) {
		w.t.Errorf("%s: %d mails, want %d", what, len(mails.Rows), len(want))
	}
}

func (w *world) plan(p clock.Plan) {
	w.t.Helper()
	was, err := w.clocks.Plan(w.admin)
	w.ok(err)
	_, err = w.clocks.Publish(w.admin, was.Version, p)
	w.ok(err)
}

func TestAnAnswerIsDueInWorkingTimeAndMissedOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.plan(clock.Plan{Otherwise: clock.Response{Minutes: 60, Remind: 30}})
		w.until("2026-07-18 15:00") // a Saturday
		id := w.lead("Szabó Éva")
		w.run()
		w.expect("an hour from Saturday", w.clock(clock.Answer, id), clock.Running, "2026-07-20 10:00")
		w.heard("on Saturday")
		w.until("2026-07-20 09:31")
		w.run()
		w.run()
		w.heard("half an hour before", "reminded anna Szabó Éva")
		w.until("2026-07-20 10:01")
		w.broken = true
		if _, err := w.clocks.Work(w.System()); err == nil {
			t.Error("the mail that could not be written was not missed")
		}
		w.heard("the process died in between", "reminded anna Szabó Éva")
		w.broken = false
		var all sync.WaitGroup
		for range 4 { // several processes at once
			all.Go(func() {
				if _, err := w.clocks.Work(w.System()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.run()
		w.heard("over the limit", "reminded anna Szabó Éva", "escalated főnök Szabó Éva")
		w.until("2026-07-20 11:30")
		_, err := w.leads.Responded(w.anna, id)
		w.ok(err)
		w.run()
		c := w.clock(clock.Answer, id)
		w.expect("answered", c, clock.Missed, "2026-07-20 10:00")
		if c.Spent != 150*60 || c.ToldOwner != "anna" || c.ToldManager != "főnök" {
			t.Errorf("the clock says %+v", c)
		}
		results, err := w.clocks.Results(w.admin, clock.Period{Kind: clock.Answer, From: env.Clock.Now().AddDate(0, 0, -7), Until: env.Clock.Now().AddDate(0, 0, 1)})
		if want := []clock.Result{{Owner: "anna", Missed: 1, Seconds: 150 * 60}}; err != nil || fmt.Sprint(results) != fmt.Sprint(want) {
			t.Errorf("the results are %+v, %v", results, err)
		}
	})
}

func TestAClockPausesAndFollowsItsLead(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.plan(clock.Plan{
			Responses: []clock.Response{{Name: "Google", When: `lead.source == "google"`, Minutes: 30}, {Name: "Kézzel", When: `any(touches, .channel == "hand")`, Minutes: 120}},
			Manager:   "igazgató",
		})
		w.until("2026-07-20 09:00")
		id := w.lead("Кузнецов Иван")
		w.run()
		w.expect("by the channel", w.clock(clock.Answer, id), clock.Running, "2026-07-20 11:00")
		w.until("2026-07-20 10:00")
		_, err := w.leads.SetStatus(w.anna, id, 0, lead.Move{To: lead.StatusNurturing})
		w.ok(err)
		w.run()
		w.expect("nurtured", w.clock(clock.Answer, id), clock.Paused, "")
		w.until("2026-07-20 15:30")
		_, err = w.leads.SetStatus(w.anna, id, 0, lead.Move{To: lead.StatusWorking})
		w.ok(err)
		w.run()
		w.expect("worked again", w.clock(clock.Answer, id), clock.Running, "2026-07-20 16:30")
		w.until("2026-07-20 16:00")
		held, err := w.clocks.Hold(w.anna, w.clock(clock.Answer, id).ID)
		w.ok(err)
		w.expect("held", held, clock.Held, "")
		w.until("2026-07-21 09:00")
		w.run()
		w.heard("while it is held")
		_, err = w.clocks.Resume(w.anna, held.ID)
		w.ok(err)
		w.expect("half an hour was left", w.clock(clock.Answer, id), clock.Running, "2026-07-21 09:30")
		if _, err := w.clocks.Resume(env.As("xénia", actor.Seller, actor.Own), held.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("a stranger turns the clock: %v", err)
		}
		w.until("2026-07-21 09:10")
		_, err = w.leads.Assign(w.admin, id, 0, party.Owner{User: "béla"})
		w.ok(err)
		w.run()
		w.expect("béla has a clock of his own", w.clock(clock.Answer, id), clock.Running, "2026-07-21 11:10")
		w.until("2026-07-21 10:10")
		_, err = w.leads.Responded(w.admin, id)
		w.ok(err)
		w.run()
		all, err := w.clocks.History(w.admin, clock.RecordID(id))
		w.ok(err)
		if len(all) != 2 || all[0].State != clock.Kept || all[0].Spent != 3600 || all[1].State != clock.Dropped || all[1].OwnerUser != "anna" {
			t.Errorf("the history is %+v", all)
		}
		w.heard("nothing was late")
	})
}

func TestStagesHaveClocks(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.plan(clock.Plan{Stages: clock.Stages{ManagerAfter: 120, Planned: true, Reset: []clock.Reset{clock.OnContact}}})
		pipelines, err := w.opps.Pipelines().List(w.admin)
		w.ok(err)
		stages := pipelines[0].Stages
		hours := 8
		for _, st := range stages[:2] {
			_, err = w.opps.Pipelines().EditStage(w.admin, st.ID, opportunity.StageEdit{LimitHours: &hours})
			w.ok(err)
		}
		w.until("2026-07-17 12:00") // a Friday
		minta, err := party.New(env.DB, hungarian).Add(w.anna, party.Draft{Kind: party.Company, FullName: "Minta Kft.", Owner: party.Owner{User: "anna"}})
		w.ok(err)
		o, err := w.opps.Create(w.anna, opportunity.Draft{PartyID: minta.ID, Name: "40 lámpatest", Stage: stages[0].ID})
		w.ok(err)
		w.run()
		w.expect("eight hours from Friday noon", w.clock(clock.Stage, o.ID), clock.Running, "2026-07-20 12:00")
		next, err := w.acts.Plan(w.anna, activity.Plan{Party: minta.ID, Opportunity: activity.OpportunityID(o.ID), Kind: activity.Call, Subject: "Visszahívás", Due: w.at("2026-07-20 15:00")})
		w.ok(err)
		w.until("2026-07-20 12:30")
		w.run()
		w.heard("a call is planned")
		w.until("2026-07-20 15:01")
		w.run()
		w.heard("the call was not made", "reminded anna 40 lámpatest")
		w.until("2026-07-20 15:30")
		w.run()
		w.heard("the manager is told two hours after the limit", "reminded anna 40 lámpatest", "escalated főnök 40 lámpatest")
		w.until("2026-07-20 16:00")
		_, err = w.acts.Complete(w.anna, next.ID, activity.Completion{Outcome: "Megrendeli"})
		w.ok(err)
		w.run()
		c := w.clock(clock.Stage, o.ID)
		w.expect("a contact resets it", c, clock.Running, "2026-07-21 16:00")
		if c.Level != 0 {
			t.Error("nobody is told again")
		}
		w.until("2026-07-21 12:00")
		_, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[1].ID})
		w.ok(err)
		w.run()
		w.expect("the next stage", w.clock(clock.Stage, o.ID), clock.Running, "2026-07-22 12:00")
		all, err := w.clocks.History(w.admin, clock.RecordID(o.ID))
		w.ok(err)
		if len(all) != 2 || all[1].State != clock.Kept || all[1].Spent != 4*3600 {
			t.Errorf("the history is %+v", all)
		}
		_, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: "ár", Competitor: opportunity.NoCompetitor, Lesson: "korábban hívni"})
		w.ok(err)
		w.run()
		if c := w.clock(clock.Stage, o.ID); !c.State.Over() {
			t.Errorf("a lost opportunity's clock is %s", c.State)
		}
	})
}

func (w *world) at(wall string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, budapest)
	w.ok(err)
	return at
}

func TestSaveNamesEverythingThatIsWrong(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	_, err := w.clocks.Publish(w.admin, 0, clock.Plan{
		Responses: []clock.Response{{When: "lead.nothing == 1", Minutes: -1}}, Otherwise: clock.Response{Minutes: 10, Remind: 10},
		Stages: clock.Stages{ManagerAfter: -5, Reset: []clock.Reset{"rain"}},
	})
	got := map[string]bool{}
	for _, f := range fault.Of(err) {
		got[f.Path] = true
	}
	for _, want := range []string{"responses[0].name", "responses[0].when", "responses[0].minutes", "otherwise.remind", "stages.manager_after", "stages.reset[0]"} {
		if !got[want] {
			t.Errorf("%s is not named in %v", want, got)
		}
	}
}

func TestTexts(t *testing.T) {
	if missing := clock.Texts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
}

func TestAFloodOfLimitsIsAFewLetters(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.plan(clock.Plan{Otherwise: clock.Response{Minutes: 60}})
		w.until("2026-07-20 09:00")
		const leads = clock.MostLetters + 15
		for i := range leads {
			w.lead(fmt.Sprint("Érdeklődő ", i))
			w.Clock.Advance(time.Millisecond) // addresses go by the time
		}
		w.run()
		subjects := func() map[string]int {
			t.Helper()
			out := map[string]int{}
			page := store.Page{}
			for {
				got, err := w.mails.List(w.System(), mail.Filter{Page: page})
				w.ok(err)
				for _, m := range got.Rows {
					subject, _, _ := strings.Cut(m.Subject, ":")
					out[subject]++
				}
				if page.After = got.Next; page.After == "" {
					return out
				}
			}
		}
		w.until("2026-07-20 10:30")
		for range leads { // a run takes some of the events
			w.run()
		}
		if len(w.told) != leads {
			t.Errorf("%d were told, want all %d", len(w.told), leads)
		}
		want := map[string]int{"Nem kapott választ": clock.MostLetters, "Sok határidő lejárt": 1}
		if got := subjects(); !maps.Equal(got, want) {
			t.Errorf("the letters are %v, want %v", got, want)
		}
		w.until("2026-07-20 12:00") // the hour is over
		w.lead("Kiss Áron")
		w.until("2026-07-20 13:30")
		w.run()
		w.until("2026-07-20 14:30")
		w.run()
		want["Nem kapott választ"]++
		if got := subjects(); !maps.Equal(got, want) {
			t.Errorf("after the flood the letters are %v, want %v", got, want)
		}
	})
}

// TestOneClockThatFailsKeepsNobodyFromBeingTold: what cannot be told now is tried again, and the others are told.
func TestOneClockThatFailsKeepsNobodyFromBeingTold(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.plan(clock.Plan{Otherwise: clock.Response{Minutes: 60}})
		w.until("2026-07-20 09:00")
		_, err := w.leads.Capture(w.admin, lead.Draft{Name: "Gazdátlan", Emails: []string{"g@example.hu"}, Owner: party.Owner{User: "rossz"}})
		w.ok(err)
		w.run()
		w.Clock.Advance(time.Minute)
		w.lead("Szabó Éva")
		w.run()
		w.until("2026-07-20 10:30")
		for range 2 {
			if _, err := w.clocks.Work(w.System()); err == nil || !strings.Contains(err.Error(), "not readable") {
				t.Errorf("what failed is not told of: %v", err)
			}
		}
		_, err = w.events.RunOnce(context.Background())
		w.ok(err)
		w.heard("beside one that fails", "escalated főnök Szabó Éva")
	})
}

// TestAConditionThatLooksAtTooMuchFitsNothing: the lead gets the limit of the next response, as if it were not there.
func TestAConditionThatLooksAtTooMuchFitsNothing(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	heavy := `any(touches, .source in ["x"` + strings.Repeat(`,"y"`, 190) + `] or .medium in ["x"` + strings.Repeat(`,"y"`, 190) + `])`
	w.plan(clock.Plan{Responses: []clock.Response{{Name: "Nehéz", When: heavy, Minutes: 10}}, Otherwise: clock.Response{Minutes: 60}})
	w.until("2026-07-20 09:00")
	id := w.lead("Szabó Éva")
	card, err := w.leads.Get(w.admin, id)
	w.ok(err)
	w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
		for part := range 120 {
			rows := make([]lead.Touch, 50)
			for i := range rows {
				rows[i] = lead.Touch{ID: store.NewKey[lead.TouchTag](s), PartyID: card.Lead.PartyID, LeadID: id, At: s.Now.Add(-time.Duration(part*50+i) * time.Minute)}
				rows[i].Source = "máshonnan"
			}
			if err := s.InsertQuiet(ctx, &rows); err != nil {
				return err
			}
		}
		return nil
	}))
	w.run()
	w.expect("of the rest", w.clock(clock.Answer, id), clock.Running, "2026-07-20 10:00")
}
