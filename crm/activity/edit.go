package activity

import (
	"context"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Edit says what to change; nil fields stay.
type Edit struct {
	// Version is the one that was read; where somebody changed the activity since, the edit is
	// fault.Conflict. 0 edits whatever is there.
	Version int64 `json:"version"`
	// Party moves the entry to another party, for what was noted on the wrong one.
	Party       *party.ID      `json:"party"`
	Opportunity *OpportunityID `json:"opportunity"`
	Direction   *Direction     `json:"direction"`
	Subject     *string        `json:"subject"`
	Body        *string        `json:"body"`
	Outcome     *string        `json:"outcome"`
	Minutes     *int           `json:"minutes"`
	// Due and Remind are for open activities. A new due time takes the reminder along unless Remind is
	// given; a zero Remind takes it away.
	Due    *time.Time `json:"due_at"`
	Remind *time.Time `json:"remind_at"`
	// At is for what is done: when it happened.
	At *time.Time `json:"at"`
	// Custom are values of custom fields, nil to clear one; fields that are not named stay.
	Custom map[string]any `json:"custom"`
}

// Edit changes an activity that people wrote, whatever its state.
func (a *Activities) Edit(ctx context.Context, id ID, e Edit) (Activity, error) {
	var act Activity
	err := a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		was, err := a.lock(ctx, s, id, "edited", Planned, Waiting, Done, Cancelled)
		if err != nil {
			return err
		}
		var faults fault.List
		act, faults = e.apply(was, s.Now)
		wrong, err := s.CustomFaults(ctx, customKind, e.Custom)
		if err != nil {
			return err
		}
		if faults.Merge("", wrong); len(faults) > 0 {
			return faults.Err("the %s cannot be changed", was.Kind)
		}
		if act.PartyID != was.PartyID {
			p, err := a.parties.In(s).Get(ctx, act.PartyID)
			if err != nil {
				return err
			}
			act.PartyID = p.ID
		}
		if e.Version != 0 {
			was.Version, act.Version = e.Version, e.Version
		}
		if err := s.Save(ctx, &was, &act); err != nil || len(e.Custom) == 0 {
			return err
		}
		if act.Version == was.Version {
			if err := s.Touch(ctx, &act); err != nil {
				return err
			}
		}
		return s.ChangeCustom(ctx, store.CustomRecord{Kind: customKind, ID: act.ID.Bytes(), Version: act.Version}, e.Custom)
	})
	return act, err
}

// apply gives the edited row and judges it.
func (e Edit) apply(was Activity, now time.Time) (Activity, fault.List) {
	act := was
	set(&act.PartyID, e.Party)
	set(&act.OpportunityID, e.Opportunity)
	set(&act.Direction, e.Direction)
	setText(&act.Subject, e.Subject)
	setText(&act.Body, e.Body)
	setText(&act.Outcome, e.Outcome)
	set(&act.Minutes, e.Minutes)

	var faults fault.List
	if act.PartyID.IsZero() {
		faults.Add("party", "required", "is missing; say who it is for")
	}
	checkDirection(&faults, &act)
	if act.State.Open() {
		e.reschedule(&act, &faults)
	} else {
		e.redate(&act, now, &faults)
	}
	checkWords(&faults, &act)
	return act, faults
}

func (e Edit) reschedule(act *Activity, faults *fault.List) {
	if e.At != nil {
		faults.Add("at", "state.open", "is given, but it has not happened; change due_at, or complete it")
	}
	if e.Due != nil {
		due := store.UTC(*e.Due)
		if !act.RemindAt.IsZero() && e.Remind == nil {
			act.RemindAt = act.RemindAt.Add(due.Sub(act.DueAt))
		}
		act.DueAt = due
	}
	if e.Remind != nil {
		act.RemindAt = store.UTC(*e.Remind)
	}
	if e.Due != nil || e.Remind != nil {
		checkDue(faults, act)
		act.settle(act.DueAt)
	}
}

func (e Edit) redate(act *Activity, now time.Time, faults *fault.List) {
	if e.Due != nil {
		faults.Add("due_at", "state."+string(act.State), "cannot be changed, it is %s; reopen it first", act.State)
	}
	if e.Remind != nil {
		faults.Add("remind_at", "state."+string(act.State), "cannot be changed, it is %s; reopen it first", act.State)
	}
	if e.At == nil {
		return
	}
	at := store.UTC(*e.At)
	if at.IsZero() {
		faults.Add("at", "required", "is missing; say when it happened")
	}
	checkHappened(faults, at, now)
	act.settle(at)
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func setText(field, value *string) {
	if value != nil {
		*field = strings.TrimSpace(*value)
	}
}
