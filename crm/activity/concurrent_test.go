package activity_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// together runs f in n goroutines at once.
func together(n int, f func()) {
	var start, end sync.WaitGroup
	start.Add(1)
	for range n {
		end.Go(func() {
			start.Wait()
			f()
		})
	}
	start.Done()
	end.Wait()
}

func TestRemindersRingOnceWithSeveralWorkers(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Horváth Éva", "anna")
		const n = 120
		var all []activity.ID
		for i := range n {
			due := w.now().Add(time.Hour)
			all = append(all, w.plan(w.anna, activity.Plan{Party: id, Due: due, Remind: due.Add(-time.Duration(i) * time.Minute / 4)}).ID)
		}
		later := w.plan(w.anna, activity.Plan{Party: id, Due: w.now().Add(90 * time.Minute), Remind: w.now().Add(61 * time.Minute)})
		gone := w.plan(w.anna, activity.Plan{Party: id, Remind: w.now()})
		if _, err := w.acts.Cancel(w.anna, gone.ID, "Elmarad"); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Hour)
		var rang atomic.Int64
		together(4, func() {
			k, err := w.acts.DueReminders(w.System())
			if err != nil {
				t.Error(err)
			}
			rang.Add(int64(k))
		})
		if rang.Load() != n {
			t.Errorf("%d reminders rang, want %d", rang.Load(), n)
		}
		for _, id := range all {
			equal(t, "events", w.events(id), []string{"planned", "reminder"})
		}
		equal(t, "a later one", w.events(later.ID), []string{"planned"})
		equal(t, "a cancelled one", w.events(gone.ID), []string{"planned", "cancelled"})
	})
}

// A clock that jumps back rings nothing twice, refuses nothing that people do, and leaves no gap.
func TestClockJumpsBack(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Лебедев Олег", "anna")
		due := w.now().Add(2 * time.Hour)
		act := w.plan(w.anna, activity.Plan{Party: id, Due: due, Remind: due.Add(-time.Hour)})
		sweep := func(want int) {
			t.Helper()
			if n, err := w.acts.DueReminders(w.System()); err != nil || n != want {
				t.Errorf("%d reminders rang, %v; want %d", n, err, want)
			}
		}
		sweep(0)
		w.Clock.Advance(90 * time.Minute)
		sweep(1)
		w.Clock.Advance(-80 * time.Minute)
		sweep(0)
		w.Clock.Advance(60 * time.Minute)
		sweep(0)
		got, err := w.acts.Get(w.anna, act.ID)
		if err != nil || got.RemindedAt.IsZero() || !got.RemindAt.IsZero() || got.Version != act.Version {
			t.Errorf("after ringing: %+v, %v; want the same version, rung", got.Activity, err)
		}
		if _, err := w.acts.Snooze(w.anna, act.ID, w.now()); !errors.Is(err, fault.Invalid) {
			t.Errorf("snoozed until now: %v", err)
		}
		if _, err := w.acts.Snooze(w.anna, act.ID, due.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(4 * time.Hour)
		sweep(1)
		equal(t, "events", w.events(act.ID), []string{"planned", "reminder", "reminder"})

		w.Clock.Advance(-24 * time.Hour)
		out, err := w.acts.Complete(w.anna, act.ID, activity.Completion{})
		if err != nil || !out.Activity.DoneAt.Equal(w.now()) {
			t.Errorf("completed by the clock as it is: %+v, %v", out.Activity, err)
		}
		if items := w.timeline(w.anna, id); len(items) != 1 || items[0].ID != act.ID {
			t.Errorf("timeline %v", subjects(items))
		}
	})
}

func TestCompletedByManyAtOnce(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Áron Balázs", "anna")
		act := w.plan(w.anna, activity.Plan{Party: id, Kind: activity.Call})
		var done, refused atomic.Int64
		together(16, func() {
			_, err := w.acts.Complete(w.anna, act.ID, activity.Completion{Outcome: "Megvan", FollowUp: &activity.Plan{Kind: activity.Task, Subject: "Szerződés", Due: w.now().Add(time.Hour)}})
			switch {
			case err == nil:
				done.Add(1)
			case errors.Is(err, fault.Invalid):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
		if done.Load() != 1 || refused.Load() != 15 {
			t.Errorf("done %d times, refused %d times; want 1 and 15", done.Load(), refused.Load())
		}
		list, err := w.acts.Upcoming(w.anna, id, store.Page{})
		if err != nil || len(list.Items) != 1 || list.Items[0].FollowsID != act.ID {
			t.Errorf("follow-ups %v, %v; want one", subjects(list.Items), err)
		}
	})
}

// What fails half way leaves nothing: the follow-up of an invisible party takes the completion back.
func TestNothingHalfWritten(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id, hidden := w.person("Bíró Kata", "anna"), w.person("Rejtett Ügyfél", "boris")
		act := w.plan(w.anna, activity.Plan{Party: id})
		_, err := w.acts.Complete(w.anna, act.ID, activity.Completion{FollowUp: &activity.Plan{Party: hidden, Kind: activity.Task, Subject: "x", Due: w.now()}})
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("a follow-up for a party anna does not see: %v", err)
		}
		cancelled, cancel := context.WithCancel(w.anna)
		cancel()
		if _, err := w.acts.Complete(cancelled, act.ID, activity.Completion{}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		got, err := w.acts.Get(w.anna, act.ID)
		if err != nil || got.State != activity.Planned || got.Version != act.Version {
			t.Errorf("the task is %s, version %d, %v", got.State, got.Version, err)
		}
		equal(t, "events", w.events(act.ID), []string{"planned"})
	})
}
