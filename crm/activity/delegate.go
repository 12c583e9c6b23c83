package activity

import (
	"context"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Delegation says who is to do it.
type Delegation struct {
	// To is the user; delegating to oneself takes the activity over.
	To string `json:"to"`
	// Team is that user's team, "" to leave the team as it is.
	Team string `json:"team"`
}

// Delegate gives an open activity to another user, who comes to see the party. It waits until that
// user accepts or declines it, and emits activity.delegated; given by the system, or taken over by
// the actor, it waits for nobody.
func (a *Activities) Delegate(ctx context.Context, id ID, d Delegation) (Activity, error) {
	var act Activity
	err := a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		was, err := a.lock(ctx, s, id, "delegated", Planned, Waiting)
		if err != nil {
			return err
		}
		if err := d.check(was).Err("the %s cannot be delegated", was.Kind); err != nil {
			return err
		}
		act = was
		act.OwnerUser, act.DelegatedBy = strings.TrimSpace(d.To), s.Actor.UserID
		act.State, act.AcceptedAt, act.DeclineReason = Waiting, time.Time{}, ""
		if d.Team != "" {
			act.OwnerTeam = d.Team
		}
		switch {
		case act.OwnerUser == s.Actor.UserID:
			act.State, act.DelegatedBy = Planned, ""
		case s.Actor.Kind == actor.KindSystem:
			act.State = Planned
		}
		if err := s.Save(ctx, &was, &act); err != nil {
			return err
		}
		if err := a.parties.In(s).Share(ctx, act.PartyID, act.OwnerUser); err != nil {
			return err
		}
		return announce(ctx, s, EventDelegated, &act)
	})
	return act, err
}

func (d Delegation) check(act Activity) fault.List {
	var faults fault.List
	faults.Required("to", d.To)
	checkText(&faults, "to", d.To, MaxUser)
	checkText(&faults, "team", d.Team, MaxUser)
	if strings.TrimSpace(d.To) == act.OwnerUser {
		faults.Add("to", "delegate.same", "already has it; name another user")
	}
	return faults
}

// Accept is how its new owner takes on what was delegated to him. It emits activity.accepted.
func (a *Activities) Accept(ctx context.Context, id ID) (Activity, error) {
	return a.move(ctx, id, transition{verb: "accepted", from: []State{Waiting}, event: EventAccepted,
		change: func(s *store.Session, act *Activity) error {
			if err := mustOwn(s, act, "accept"); err != nil {
				return err
			}
			act.State, act.AcceptedAt = Planned, s.Now
			return nil
		}})
}

// Decline is how its new owner gives back what was delegated to him, and why: it is planned again for
// the one who delegated it. It emits activity.declined.
func (a *Activities) Decline(ctx context.Context, id ID, reason string) (Activity, error) {
	return a.move(ctx, id, transition{verb: "declined", from: []State{Waiting}, event: EventDeclined,
		change: func(s *store.Session, act *Activity) error {
			if err := mustOwn(s, act, "decline"); err != nil {
				return err
			}
			if err := fault.List(checkReason("reason", reason)).Err("the %s cannot be declined", act.Kind); err != nil {
				return err
			}
			act.State, act.DeclineReason = Planned, strings.TrimSpace(reason)
			act.OwnerUser, act.DelegatedBy = act.DelegatedBy, ""
			return nil
		}})
}

func mustOwn(s *store.Session, act *Activity, verb string) error {
	if act.OwnerUser == s.Actor.UserID {
		return nil
	}
	return fault.New(fault.Forbidden, "only %s, to whom it was delegated, may %s it", act.OwnerUser, verb)
}
