package activity

import (
	"context"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Plan is something to be done: a call, a meeting, a task.
type Plan struct {
	Party       party.ID      `json:"party"`
	Opportunity OpportunityID `json:"opportunity"`
	Kind        Kind          `json:"kind"`
	Subject     string        `json:"subject"`
	Body        string        `json:"body"`
	// Due is when a task is to be finished, when a call or meeting begins.
	Due time.Time `json:"due_at"`
	// Remind is when the owner is reminded, not after Due; zero for never.
	Remind time.Time `json:"remind_at"`
	// Minutes is how long it is meant to take, 0 for unknown.
	Minutes int `json:"minutes"`
	// Owner is the user who is to do it, "" for the one who plans. Planned by a person for somebody
	// else, it waits for acceptance; planned by the system, which must name an owner, it does not.
	Owner string `json:"owner"`
	// Team is the owner's team, "" for the planner's own.
	Team string `json:"team"`
	// Custom are values of custom fields; see store.Session.SetCustom.
	Custom map[string]any `json:"custom"`
}

// Plan writes an activity that is to be done, and emits activity.planned. It needs
// actor.ActivityWrite, and the party must be visible.
func (a *Activities) Plan(ctx context.Context, p Plan) (Activity, error) {
	var act Activity
	err := a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ActivityWrite); err != nil {
			return err
		}
		var faults []fault.Fault
		act, faults = p.activity(s)
		wrong, err := s.CustomFaults(ctx, customKind, p.Custom)
		if err != nil {
			return err
		}
		if faults = append(faults, wrong...); len(faults) > 0 {
			return fault.List(faults).Err("the %s cannot be planned", p.noun())
		}
		return a.insertPlan(ctx, s, &act, p.Custom)
	})
	return act, err
}

func (p Plan) noun() string {
	if p.Kind.Plannable() {
		return string(p.Kind)
	}
	return "activity"
}

// activity makes the row and judges it.
func (p Plan) activity(s *store.Session) (Activity, []fault.Fault) {
	act := Activity{
		ID: store.NewKey[Tag](s), PartyID: p.Party, OpportunityID: p.Opportunity, Kind: p.Kind, State: Planned,
		Subject: strings.TrimSpace(p.Subject), Body: strings.TrimSpace(p.Body),
		DueAt: store.UTC(p.Due), RemindAt: store.UTC(p.Remind), Minutes: p.Minutes,
		OwnerUser: strings.TrimSpace(p.Owner), OwnerTeam: p.Team,
	}
	if act.Kind == Call {
		act.Direction = Out
	}
	if act.OwnerUser == "" {
		act.OwnerUser = s.Actor.UserID
	}
	if act.OwnerTeam == "" {
		act.OwnerTeam = s.Actor.Team()
	}
	if act.OwnerUser != s.Actor.UserID && s.Actor.Kind == actor.KindUser {
		act.State, act.DelegatedBy = Waiting, s.Actor.UserID
	}
	act.settle(act.DueAt)

	var faults fault.List
	if act.PartyID.IsZero() {
		faults.Add("party", "required", "is missing; say who it is for")
	}
	if !act.Kind.Plannable() {
		faults.Add("kind", "choice", "%.20q cannot be planned; choose call, meeting or task", string(act.Kind))
	}
	if p.Owner == "" && s.Actor.Kind == actor.KindSystem {
		faults.Add("owner", "required", "is missing; name the user who is to do it")
	}
	checkWords(&faults, &act)
	checkDue(&faults, &act)
	checkText(&faults, "owner", act.OwnerUser, MaxUser)
	checkText(&faults, "team", act.OwnerTeam, MaxUser)
	return act, faults
}

// insertPlan writes a judged row; who is to do it comes to see the party.
func (a *Activities) insertPlan(ctx context.Context, s *store.Session, act *Activity, custom map[string]any) error {
	if err := a.insert(ctx, s, act, custom); err != nil {
		return err
	}
	if act.OwnerUser != s.Actor.UserID {
		if err := a.parties.In(s).Share(ctx, act.PartyID, act.OwnerUser); err != nil {
			return err
		}
	}
	return announce(ctx, s, EventPlanned, act)
}

// insert writes a judged row on the party that its id stands for.
func (a *Activities) insert(ctx context.Context, s *store.Session, act *Activity, custom map[string]any) error {
	p, err := a.parties.In(s).Get(ctx, act.PartyID)
	if err != nil {
		return err
	}
	act.PartyID = p.ID
	if err := s.Insert(ctx, act); err != nil || len(custom) == 0 {
		return err
	}
	return s.SetCustom(ctx, customKind, act.ID.Bytes(), custom)
}

// The events of activities; the payload of each is a [Notice].
const (
	EventPlanned   = "activity.planned"
	EventDone      = "activity.done"
	EventDelegated = "activity.delegated"
	EventAccepted  = "activity.accepted"
	EventDeclined  = "activity.declined"
	EventCancelled = "activity.cancelled"
	EventReminder  = "activity.reminder"
)

// Notice is the payload of every event of this package.
type Notice struct {
	ID          ID            `json:"id"`
	Party       party.ID      `json:"party"`
	Opportunity OpportunityID `json:"opportunity"`
	Kind        Kind          `json:"kind"`
	Direction   Direction     `json:"direction,omitempty"`
	Subject     string        `json:"subject"`
	// At is when it happened, or while it is open, when it is due.
	At          time.Time `json:"at"`
	Owner       string    `json:"owner"`
	DelegatedBy string    `json:"delegated_by,omitempty"`
	// Contact is set on activity.done where it was a human contact with the party: the first one ends
	// the response time of a lead.
	Contact bool `json:"contact"`
	Minutes int  `json:"minutes,omitempty"`
	// Reason is why it was declined or cancelled.
	Reason string `json:"reason,omitempty"`
}

func announce(ctx context.Context, s *store.Session, kind string, act *Activity) error {
	n := Notice{
		ID: act.ID, Party: act.PartyID, Opportunity: act.OpportunityID, Kind: act.Kind, Direction: act.Direction,
		Subject: act.Subject, At: act.At, Owner: act.OwnerUser, DelegatedBy: act.DelegatedBy, Contact: act.Contact(), Minutes: act.Minutes,
	}
	switch kind {
	case EventDeclined:
		n.Reason = act.DeclineReason
	case EventCancelled:
		n.Reason = act.Outcome
	}
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: act.ID.Bytes(), Version: act.Version, Payload: n})
}
