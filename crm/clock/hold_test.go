package clock_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/testutil"
)

// days makes a calendar hold: Monday to Friday nine to five, without the days named.
func (w *world) days(version int64, holidays ...string) *calendar.Calendar {
	w.t.Helper()
	all := calendar.New(w.DB, hungarian)
	p := calendar.Default(hungarian(""))
	for _, day := range holidays {
		d, err := civil.Parse(day)
		w.ok(err)
		p.Days = append(p.Days, calendar.Day{Date: d, Name: "Ünnep"})
	}
	_, err := all.Publish(w.admin, version, p)
	w.ok(err)
	cal, err := p.Calendar()
	w.ok(err)
	return cal
}

func (w *world) hold(id lead.ID) {
	w.t.Helper()
	_, err := w.clocks.Hold(w.anna, w.clock(clock.Answer, id).ID)
	w.ok(err)
}

func (w *world) resume(id lead.ID) {
	w.t.Helper()
	_, err := w.clocks.Resume(w.anna, w.clock(clock.Answer, id).ID)
	w.ok(err)
}

func TestHoldsLoseNoReminderAndRepeatNone(t *testing.T) {
	const reminded, escalated = "reminded anna Szabó Éva", "escalated főnök Szabó Éva"
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.plan(clock.Plan{Otherwise: clock.Response{Minutes: 240, Remind: 60}})
		w.days(0, "2026-08-20")
		at := func(wall string, want ...string) {
			t.Helper()
			w.until(wall)
			w.run()
			w.run()
			w.heard(wall, want...)
		}
		w.until("2026-08-19 15:00")
		id := w.lead("Szabó Éva")
		at("2026-08-19 16:00")
		w.expect("over the holiday", w.clock(clock.Answer, id), clock.Running, "2026-08-21 11:00")
		w.hold(id)
		at("2026-08-21 09:30") // the reminder would have been at ten
		at("2026-08-21 10:30")
		w.resume(id)
		w.expect("three hours are left", w.clock(clock.Answer, id), clock.Running, "2026-08-21 13:30")
		at("2026-08-21 12:29")
		w.hold(id) // again, a minute before
		at("2026-08-22 12:00")
		w.resume(id) // on a Saturday
		w.expect("an hour and a minute is left", w.clock(clock.Answer, id), clock.Running, "2026-08-24 10:01")
		at("2026-08-24 09:00")
		at("2026-08-24 09:01", reminded)
		w.hold(id)
		w.days(1, "2026-08-20", "2026-08-25")
		at("2026-08-24 16:30", reminded)
		w.resume(id) // the next day was made a holiday meanwhile
		w.expect("an hour is left", w.clock(clock.Answer, id), clock.Running, "2026-08-26 09:30")
		at("2026-08-26 09:29", reminded)
		at("2026-08-26 09:30", reminded, escalated)
		w.until("2026-08-26 11:30")
		w.hold(id)
		at("2026-08-27 09:00", reminded, escalated)
		w.resume(id)
		w.expect("it is late by two hours as before", w.clock(clock.Answer, id), clock.Running, "2026-08-26 15:00")
		at("2026-08-27 09:00", reminded, escalated)
		_, err := w.leads.Responded(w.admin, id)
		w.ok(err)
		at("2026-08-27 09:01", reminded, escalated)
		if c := w.clock(clock.Answer, id); c.State != clock.Missed || c.Spent != 6*3600 {
			t.Errorf("it ended %s after %d seconds", c.State, c.Spent)
		}
	})
}

func TestManagerIsToldAsLongAfterTheLimitAsTheHoldLeft(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.plan(clock.Plan{Stages: clock.Stages{ManagerAfter: 120, Reset: []clock.Reset{clock.OnContact}}})
		pipelines, err := w.opps.Pipelines().List(w.admin)
		w.ok(err)
		stage, hours := pipelines[0].Stages[0], 2
		_, err = w.opps.Pipelines().EditStage(w.admin, stage.ID, opportunity.StageEdit{LimitHours: &hours})
		w.ok(err)
		w.until("2026-08-17 09:00")
		minta, err := party.New(env.DB, hungarian).Add(w.anna, party.Draft{Kind: party.Company, FullName: "Minta Kft.", Owner: party.Owner{User: "anna"}})
		w.ok(err)
		o, err := w.opps.Create(w.anna, opportunity.Draft{PartyID: minta.ID, Name: "Lámpák", Stage: stage.ID})
		w.ok(err)
		w.run()
		w.until("2026-08-17 11:00")
		w.run()
		w.heard("the limit", "reminded anna Lámpák")
		w.until("2026-08-17 12:00")
		held, err := w.clocks.Hold(w.anna, w.clock(clock.Stage, o.ID).ID)
		w.ok(err)
		w.until("2026-08-18 09:00")
		_, err = w.clocks.Resume(w.anna, held.ID)
		w.ok(err)
		w.run()
		w.heard("an hour is left", "reminded anna Lámpák")
		w.until("2026-08-18 10:00")
		w.run()
		w.heard("two hours after the limit", "reminded anna Lámpák", "escalated főnök Lámpák")
		_, err = w.clocks.Hold(w.anna, held.ID)
		w.ok(err)
		w.until("2026-08-18 11:00")
		_, err = w.acts.Record(w.anna, activity.Deed{Party: minta.ID, Opportunity: activity.OpportunityID(o.ID), Kind: activity.Call, Direction: activity.Out, Subject: "Hívás"})
		w.ok(err)
		w.run()
		w.expect("a contact resets a clock that stands", w.clock(clock.Stage, o.ID), clock.Held, "")
		w.until("2026-08-18 15:00")
		_, err = w.clocks.Resume(w.anna, held.ID)
		w.ok(err)
		w.expect("all of the limit is left", w.clock(clock.Stage, o.ID), clock.Running, "2026-08-18 17:00")
	})
}

// TestRemindersComeWhenTheTimeThatCountsIsSpent holds and resumes clocks at random, over a holiday and a weekend, and
// counts the working time that each ran by itself.
func TestRemindersComeWhenTheTimeThatCountsIsSpent(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t))
			random := rand.New(rand.NewPCG(seed, 7))
			limit := 60 * (3 + random.IntN(8))
			ahead := 30 * (1 + random.IntN(4))
			w.plan(clock.Plan{Otherwise: clock.Response{Minutes: limit, Remind: ahead}})
			cal := w.days(0, "2026-08-20")
			w.until("2026-08-19 11:00")
			id := w.lead("Szabó Éva")
			w.run()
			var ran time.Duration
			running, since := true, w.Clock.Now()
			for range 90 {
				w.Clock.Advance(time.Duration(15+15*random.IntN(8)) * time.Minute)
				now := w.Clock.Now()
				if running {
					ran += cal.Between(since, now)
				}
				since = now
				w.run()
				want := 0
				if ran >= time.Duration(limit-ahead)*time.Minute {
					want++
				}
				if ran >= time.Duration(limit)*time.Minute {
					want++
				}
				if len(w.told) != want {
					t.Fatalf("after %s of %d minutes, %d ahead: told %q", ran, limit, ahead, w.told)
				}
				if random.IntN(3) > 0 {
					continue
				}
				if running = !running; running {
					w.resume(id)
				} else {
					w.hold(id)
				}
			}
		})
	}
}
