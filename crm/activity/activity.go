package activity

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of activity ids.
type Tag struct{}

// ID identifies an activity.
type ID = store.Key[Tag]

// OpportunityTag is the noun of [OpportunityID].
type OpportunityTag struct{}

// OpportunityID is the id of an opportunity, whose package is above this one: convert its own id,
// activity.OpportunityID(id).
type OpportunityID = store.Key[OpportunityTag]

// RefTag is the noun of [RefID].
type RefTag struct{}

// RefID is the id of whatever record a logged entry is about: activity.RefID(quote.ID).
type RefID = store.Key[RefTag]

// State says where an activity stands.
type State string

// The states. Planned and waiting activities are open; the others are history.
const (
	// Planned: its owner is to do it.
	Planned State = "planned"
	// Waiting: it was delegated, and its new owner has neither accepted nor declined it.
	Waiting State = "waiting"
	// Done: it happened.
	Done State = "done"
	// Cancelled: it will not happen; Outcome says why.
	Cancelled State = "cancelled"
)

// customKind is the noun that custom fields of activities are kept under.
const customKind = "activity"

// Open reports whether the activity is still to be done.
func (s State) Open() bool { return s == Planned || s == Waiting }

// Direction says who reached out in a call, mail or letter.
type Direction string

// The directions, seen from the company.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Activity is one entry of a timeline.
type Activity struct {
	bun.BaseModel `bun:"table:crm_activity,alias:activity"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	PartyID       party.ID      `bun:"party_id" json:"party_id"`
	OpportunityID OpportunityID `bun:"opportunity_id" json:"opportunity_id"`
	Kind          Kind          `bun:"kind,type:nvarchar(12)" json:"kind"`
	State         State         `bun:"state,type:nvarchar(10)" json:"state"`
	// Direction is set on calls, mails and letters.
	Direction Direction `bun:"direction,type:nvarchar(3)" json:"direction"`
	Subject   string    `bun:"subject,type:nvarchar(240)" json:"subject"`
	// Body is cut to [ExcerptLength] characters in lists; [Activities.Get] gives all of it.
	Body string `bun:"body" json:"body"`
	// Outcome is what came of it, or why it was cancelled.
	Outcome string `bun:"outcome,type:nvarchar(240)" json:"outcome"`
	// At is when it happened; while it is open, when it is due.
	At time.Time `bun:"at" json:"at"`
	// DueAt is when it was to be done, zero for what was never planned.
	DueAt time.Time `bun:"due_at,nullzero" json:"due_at"`
	// Open is State.Open(), for the indexes.
	Open bool `bun:"is_open" json:"-"`
	// RemindAt is the reminder that has not rung yet; RemindedAt is when the last one rang.
	RemindAt   time.Time `bun:"remind_at,nullzero" json:"remind_at"`
	RemindedAt time.Time `bun:"reminded_at,nullzero" json:"reminded_at"`
	DoneAt     time.Time `bun:"done_at,nullzero" json:"done_at"`
	// Minutes is the time worked; while it is open, the time it is meant to take.
	Minutes int `bun:"minutes" json:"minutes"`
	// DelegatedBy is who gave it to its owner, "" for nobody.
	DelegatedBy   string    `bun:"delegated_by,type:nvarchar(64)" json:"delegated_by"`
	AcceptedAt    time.Time `bun:"accepted_at,nullzero" json:"accepted_at"`
	DeclineReason string    `bun:"decline_reason,type:nvarchar(240)" json:"decline_reason"`
	// FollowsID is the activity whose completion planned this one.
	FollowsID ID `bun:"follows_id" json:"follows_id"`
	// RefKind, RefID and RefText point to the record a logged entry is about: "quote", its id, and the
	// number people know it by.
	RefKind   string `bun:"ref_kind,type:nvarchar(20)" json:"ref_kind"`
	RefID     RefID  `bun:"ref_id" json:"ref_id"`
	RefText   string `bun:"ref_text,type:nvarchar(80)" json:"ref_text"`
	OwnerUser string `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam string `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard lets a user see what he owns, wrote or delegated, what his teams own (where he sees his teams),
// and every activity of a party he sees: the party itself, what it was merged into, or the company it
// works for (up to three such steps), because that is where its timeline shows it.
func (Activity) Guard(a actor.Actor, alias string) store.Predicate {
	own := store.Predicate{
		SQL:  alias + ".owner_user = ? OR " + alias + ".created_by = ? OR " + alias + ".delegated_by = ?",
		Args: []any{a.UserID, a.UserID, a.UserID},
	}
	seen := party.Party{}.Guard(a, "guard_seen")
	up := func(from, to string) string {
		return " JOIN crm_party AS " + to + " ON " + to + ".id IN (" + from + ".id, " + from + ".merged_into, " + from + ".employer_id)"
	}
	family := store.Exists("SELECT 1 FROM crm_party AS guard_own"+up("guard_own", "guard_up")+up("guard_up", "guard_top")+up("guard_top", "guard_seen")+
		" WHERE guard_own.id = "+alias+".party_id AND "+seen.SQL, seen.Args...)
	if a.See != actor.Team || len(a.Teams) == 0 {
		return store.Or(own, family)
	}
	team := store.Predicate{SQL: alias + ".owner_team IN (" + store.In(len(a.Teams)) + ")"}
	for _, t := range a.Teams {
		team.Args = append(team.Args, t)
	}
	return store.Or(own, team, family)
}

// companyRow is the table without the guard, for reads whose party has been checked: a timeline shows
// all entries of a party the reader sees.
type companyRow struct {
	bun.BaseModel `bun:"table:crm_activity,alias:a"`

	ID      ID     `bun:"id,pk"`
	Company string `bun:"company"`
}

// Activities plans, records and lists activities.
type Activities struct {
	db      *store.DB
	parties *party.Parties
	// trusted is set on a view inside another package's session.
	trusted bool
}

// New makes an Activities; parties says who may be seen, and in which zone a company's day begins.
func New(db *store.DB, parties *party.Parties) *Activities {
	return &Activities{db: db, parties: parties}
}

// In gives a view that works inside an open session. It trusts the package whose session it is:
// [Activities.Log], [Activities.CountDone] and the lists of an opportunity, whose visibility only that
// package knows, then leave the question who may do that to the caller.
func (a *Activities) In(s *store.Session) *Activities {
	return &Activities{db: s.Inside(), parties: a.parties.In(s), trusted: true}
}

// Guarded gives a view that works inside an open session and, other than [Activities.In], trusts nobody: it shows what the
// actor may see.
func (a *Activities) Guarded(s *store.Session) *Activities {
	return &Activities{db: s.Inside(), parties: a.parties.In(s)}
}

// source is the table that lists beside the party's read from: guarded, unless the caller is trusted.
func (a *Activities) source(alias string) store.Source {
	if a.trusted {
		return store.From[companyRow](alias)
	}
	return store.From[Activity](alias)
}

// settle puts the row where its state belongs: open rows at their due time, the others at the time
// they happened, with no reminder left to ring.
func (act *Activity) settle(at time.Time) {
	if act.State.Open() {
		act.At, act.Open, act.DoneAt = act.DueAt, true, time.Time{}
		return
	}
	act.At, act.Open, act.RemindAt = at, false, time.Time{}
	act.DoneAt = time.Time{}
	if act.State == Done {
		act.DoneAt = at
	}
}
