package activity

import (
	"context"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Completion is how an activity ended.
type Completion struct {
	Outcome string `json:"outcome"`
	// Minutes is the time worked, 0 where nobody measured.
	Minutes int `json:"minutes"`
	// At is when it was done, zero for now.
	At time.Time `json:"at"`
	// FollowUp is planned with it; its party and opportunity default to the activity's.
	FollowUp *Plan `json:"follow_up"`
}

// Complete notes that a planned activity was done, plans what follows in the same transaction, and
// emits activity.done. Completing what waits for acceptance accepts it. A second call is fault.Invalid
// and plans nothing.
func (a *Activities) Complete(ctx context.Context, id ID, c Completion) (Result, error) {
	var out Result
	err := a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		out = Result{}
		was, err := a.lock(ctx, s, id, "completed", Planned, Waiting)
		if err != nil {
			return err
		}
		act := was
		act.State, act.Outcome, act.Minutes = Done, strings.TrimSpace(c.Outcome), c.Minutes
		if was.State == Waiting {
			act.AcceptedAt = s.Now
		}
		at := store.UTC(c.At)
		if at.IsZero() {
			at = s.Now
		}
		var faults fault.List
		checkText(&faults, "outcome", act.Outcome, MaxOutcome)
		checkMinutes(&faults, act.Minutes)
		checkHappened(&faults, at, s.Now)
		follow := followUp(s, &act, c.FollowUp, &faults)
		if err := faults.Err("the %s cannot be completed", act.Kind); err != nil {
			return err
		}
		act.settle(at)
		if err := s.Save(ctx, &was, &act); err != nil {
			return err
		}
		out = Result{Activity: act, FollowUp: follow}
		if err := announce(ctx, s, EventDone, &act); err != nil {
			return err
		}
		return a.planFollowUp(ctx, s, follow, c.FollowUp)
	})
	return out, err
}

// Cancel notes that a planned activity will not happen, and why. It emits activity.cancelled.
func (a *Activities) Cancel(ctx context.Context, id ID, reason string) (Activity, error) {
	return a.move(ctx, id, transition{verb: "cancelled", from: []State{Planned, Waiting}, event: EventCancelled,
		change: func(s *store.Session, act *Activity) error {
			if err := fault.List(checkReason("reason", reason)).Err("the %s cannot be cancelled", act.Kind); err != nil {
				return err
			}
			act.State, act.Outcome = Cancelled, strings.TrimSpace(reason)
			act.settle(s.Now)
			return nil
		}})
}

// Reopen puts a done or cancelled call, meeting or task back among the planned ones, due when it was
// due before; one that was never planned is due at the time it happened. It emits activity.planned.
func (a *Activities) Reopen(ctx context.Context, id ID) (Activity, error) {
	return a.move(ctx, id, transition{verb: "reopened", from: []State{Done, Cancelled}, event: EventPlanned,
		change: func(_ *store.Session, act *Activity) error {
			if !act.Kind.Plannable() {
				return fault.List{{Path: "kind", Code: "choice", Message: "a " + string(act.Kind) + " is never planned; edit it instead"}}.Err("the activity cannot be reopened")
			}
			if act.DueAt.IsZero() {
				act.DueAt = act.At
			}
			act.State = Planned
			act.settle(act.DueAt)
			return nil
		}})
}

// transition is a guarded change of one activity.
type transition struct {
	verb   string
	from   []State
	event  string
	change func(s *store.Session, act *Activity) error
}

// move locks the activity, changes it and says so.
func (a *Activities) move(ctx context.Context, id ID, t transition) (Activity, error) {
	var act Activity
	err := a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		was, err := a.lock(ctx, s, id, t.verb, t.from...)
		if err != nil {
			return err
		}
		act = was
		if err := t.change(s, &act); err != nil {
			return err
		}
		if err := s.Save(ctx, &was, &act); err != nil {
			return err
		}
		if t.event == "" || act.Version == was.Version {
			return nil
		}
		return announce(ctx, s, t.event, &act)
	})
	return act, err
}

// lock locks an activity that people may change and holds it against the states it must be in.
func (a *Activities) lock(ctx context.Context, s *store.Session, id ID, verb string, from ...State) (Activity, error) {
	var act Activity
	if err := s.Actor.Require(actor.ActivityWrite); err != nil {
		return act, err
	}
	if err := s.Lock(ctx, &act, id); err != nil {
		return act, err
	}
	var faults fault.List
	if act.Kind.Logged() {
		faults.Add("kind", "kind.logged", "a %s entry tells what the program did; it cannot be changed", act.Kind)
		return act, faults.Err("the entry cannot be %s", verb)
	}
	for _, state := range from {
		if act.State == state {
			return act, nil
		}
	}
	remedy := "reopen it first"
	if act.State.Open() {
		remedy = "reload it to see how it stands"
	}
	faults.Add("state", "state."+string(act.State), "it is %s since %s UTC; %s", act.State, act.UpdatedAt.Format("2006-01-02 15:04"), remedy)
	return act, faults.Err("the %s cannot be %s", act.Kind, verb)
}
