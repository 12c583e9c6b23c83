package activity

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Snooze sets the reminder of an open activity to ring at another time, which may lie after the due
// time: what is overdue is snoozed, too.
func (a *Activities) Snooze(ctx context.Context, id ID, until time.Time) (Activity, error) {
	return a.move(ctx, id, transition{verb: "snoozed", from: []State{Planned, Waiting},
		change: func(s *store.Session, act *Activity) error {
			var faults fault.List
			until := store.UTC(until)
			checkTime(&faults, "until", until)
			if !until.After(s.Now) {
				faults.Add("until", "remind.past", "is not in the future; give a later time")
			}
			act.RemindAt = until
			return faults.Err("the reminder cannot be set")
		}})
}

// sweep is how many reminders ring in one transaction, so that nobody waits long behind it.
const sweep = 50

// DueReminders rings every reminder of the company whose time has come: reminded_at is set and
// activity.reminder emitted, once per reminder however many processes sweep. It reports how many rang.
// It is for the background; a user's call rings only what he sees.
func (a *Activities) DueReminders(ctx context.Context) (int, error) {
	total := 0
	for {
		var rang, due int
		err := a.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
			rang, due, err = ring(ctx, s)
			return err
		})
		total += rang
		if err != nil || due < sweep {
			return total, err
		}
	}
}

// ring rings up to sweep reminders and says how many were due. A reminder rings by a conditional
// UPDATE that takes its time away, so the second of two processes changes nothing. The version stays:
// nobody's open form becomes stale, and since setting a reminder raises the version, one version
// rings at most once.
func ring(ctx context.Context, s *store.Session) (rang, due int, err error) {
	if err := s.Actor.Require(actor.ActivityWrite); err != nil {
		return 0, 0, err
	}
	var rows []Activity
	err = s.Query(ctx, &rows, store.From[Activity]("a"), dueReminders+s.Limit(sweep), beginning, s.Now)
	if err != nil {
		return 0, 0, fmt.Errorf("looking for reminders: %w", err)
	}
	for i := range rows {
		n, err := s.Exec(ctx, store.From[Activity](""),
			"UPDATE crm_activity SET remind_at = NULL, reminded_at = ? WHERE {scope} AND id = ? AND version = ? AND remind_at <= ?",
			s.Now, rows[i].ID, rows[i].Version, s.Now)
		if err != nil {
			return 0, 0, fmt.Errorf("ringing a reminder: %w", err)
		}
		if n == 0 {
			continue
		}
		if err := announce(ctx, s, EventReminder, &rows[i]); err != nil {
			return 0, 0, err
		}
		rang++
	}
	return rang, len(rows), nil
}

const dueReminders = "SELECT a.* FROM crm_activity AS a WHERE {scope} AND a.remind_at > ? AND a.remind_at <= ? ORDER BY a.remind_at, a.id"
