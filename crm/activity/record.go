package activity

import (
	"context"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Deed is something that happened.
type Deed struct {
	Party       party.ID      `json:"party"`
	Opportunity OpportunityID `json:"opportunity"`
	// Kind is one that people write; see [Kind.Written].
	Kind Kind `json:"kind"`
	// Direction is needed for calls, mails and letters.
	Direction Direction `json:"direction"`
	Subject   string    `json:"subject"`
	Body      string    `json:"body"`
	Outcome   string    `json:"outcome"`
	// At is when it happened, zero for now; it may be long ago, not in the future.
	At time.Time `json:"at"`
	// Minutes is the time worked.
	Minutes int `json:"minutes"`
	// Owner is the user who did it, "" for the one who records; Team is that user's team.
	Owner string `json:"owner"`
	Team  string `json:"team"`
	// Files are attached; an entry of kind file needs one.
	Files []File `json:"-"`
	// Custom are values of custom fields; see store.Session.SetCustom.
	Custom map[string]any `json:"custom"`
	// FollowUp is planned with it; its party and opportunity default to the deed's.
	FollowUp *Plan `json:"follow_up"`
}

// Result is what recording or completing an activity wrote.
type Result struct {
	Activity Activity     `json:"activity"`
	Files    []Attachment `json:"files"`
	// FollowUp is nil where none was asked for.
	FollowUp *Activity `json:"follow_up"`
}

// Record writes something that happened, with its files and what follows, and emits activity.done. It
// needs actor.ActivityWrite, and the party must be visible.
func (a *Activities) Record(ctx context.Context, d Deed) (Result, error) {
	var out Result
	err := a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		out = Result{}
		if err := s.Actor.Require(actor.ActivityWrite); err != nil {
			return err
		}
		act, faults := d.activity(s)
		follow := followUp(s, &act, d.FollowUp, &faults)
		wrong, err := s.CustomFaults(ctx, customKind, d.Custom)
		if err != nil {
			return err
		}
		faults.Merge("", wrong)
		if err := faults.Err("the activity cannot be recorded"); err != nil {
			return err
		}
		if err := a.insert(ctx, s, &act, d.Custom); err != nil {
			return err
		}
		files, err := attach(ctx, s, act.ID, d.Files)
		if err != nil {
			return err
		}
		out = Result{Activity: act, Files: files, FollowUp: follow}
		if err := announce(ctx, s, EventDone, &act); err != nil {
			return err
		}
		return a.planFollowUp(ctx, s, follow, d.FollowUp)
	})
	return out, err
}

func (d Deed) activity(s *store.Session) (Activity, fault.List) {
	act := Activity{
		ID: store.NewKey[Tag](s), PartyID: d.Party, OpportunityID: d.Opportunity, Kind: d.Kind, State: Done, Direction: d.Direction,
		Subject: strings.TrimSpace(d.Subject), Body: strings.TrimSpace(d.Body), Outcome: strings.TrimSpace(d.Outcome), Minutes: d.Minutes,
		OwnerUser: strings.TrimSpace(d.Owner), OwnerTeam: d.Team,
	}
	if act.OwnerUser == "" {
		act.OwnerUser = s.Actor.UserID
	}
	if act.OwnerTeam == "" {
		act.OwnerTeam = s.Actor.Team()
	}
	var faults fault.List
	if act.PartyID.IsZero() {
		faults.Add("party", "required", "is missing; say who it was with")
	}
	if !act.Kind.Written() {
		faults.Add("kind", "choice", "%.20q cannot be recorded; choose call, meeting, task, note, file, mail or letter", string(act.Kind))
	} else {
		checkDirection(&faults, &act)
	}
	if act.Kind == FileEntry && len(d.Files) == 0 {
		faults.Add("files", "required", "are missing; attach at least one file")
	}
	if act.Kind == FileEntry && act.Subject == "" && act.Body == "" && len(d.Files) > 0 {
		act.Subject = shorten(CleanName(d.Files[0].Name), MaxSubject)
	}
	checkWords(&faults, &act)
	checkText(&faults, "owner", act.OwnerUser, MaxUser)
	checkText(&faults, "team", act.OwnerTeam, MaxUser)
	at := store.UTC(d.At)
	if at.IsZero() {
		at = s.Now
	}
	checkHappened(&faults, at, s.Now)
	faults.Merge("", checkFiles(d.Files, 0))
	act.settle(at)
	return act, faults
}

// followUp makes the activity that follows act and adds its faults.
func followUp(s *store.Session, act *Activity, p *Plan, faults *fault.List) *Activity {
	if p == nil {
		return nil
	}
	plan := *p
	if plan.Party.IsZero() {
		plan.Party = act.PartyID
	}
	if plan.Opportunity.IsZero() {
		plan.Opportunity = act.OpportunityID
	}
	next, wrong := plan.activity(s)
	if p.Party.IsZero() && act.PartyID.IsZero() { // said once, for the activity itself
		wrong = without(wrong, "party")
	}
	faults.Merge("follow_up", wrong)
	next.FollowsID = act.ID
	return &next
}

func without(faults []fault.Fault, path string) []fault.Fault {
	var rest []fault.Fault
	for _, f := range faults {
		if f.Path != path {
			rest = append(rest, f)
		}
	}
	return rest
}

// planFollowUp writes what p became.
func (a *Activities) planFollowUp(ctx context.Context, s *store.Session, next *Activity, p *Plan) error {
	if next == nil {
		return nil
	}
	return a.insertPlan(ctx, s, next, p.Custom)
}
