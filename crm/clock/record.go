package clock

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The nouns of ids.
type (
	Tag       struct{}
	RecordTag struct{}
)

// The ids.
type (
	ID = store.Key[Tag]
	// RecordID is the id of what a clock watches, whatever its noun: clock.RecordID(lead.ID).
	RecordID = store.Key[RecordTag]
)

// Kind says what a clock watches.
type Kind string

// The kinds.
const (
	// Answer: a lead waits for its first answer.
	Answer Kind = "answer"
	// Stage: an opportunity is in a stage.
	Stage Kind = "stage"
	// Regulation: one step is to follow another; package regulation starts and ends these.
	Regulation Kind = "regulation"
)

// State is where a clock stands.
type State string

// The states.
const (
	Running State = "running"
	// Paused: the lead is nurtured. Held: somebody has stopped the clock for a while.
	Paused State = "paused"
	Held   State = "held"
	// Kept and Missed: it ended in time, or too late.
	Kept   State = "kept"
	Missed State = "missed"
	// Dropped: what it watched went away, or to somebody else.
	Dropped State = "dropped"
)

// States are all states.
var States = []State{Running, Paused, Held, Kept, Missed, Dropped}

// Over reports whether the clock has ended.
func (s State) Over() bool { return s == Kept || s == Missed || s == Dropped }

// Clock is one limit on one record.
type Clock struct {
	bun.BaseModel `bun:"table:crm_clock,alias:clock"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	Kind     Kind     `bun:"kind,type:nvarchar(10)" json:"kind"`
	RecordID RecordID `bun:"record_id" json:"record_id"`
	// Noun says what RecordID is: lead, opportunity, quote or party.
	Noun string `bun:"noun,type:nvarchar(20)" json:"noun"`
	// PartID is the stage of an opportunity, or the regulation.
	PartID RecordID `bun:"part_id" json:"part_id"`
	// Occasion is the moment that began it; a regulation begins one clock for each.
	Occasion RecordID `bun:"occasion" json:"-"`
	PartyID  party.ID `bun:"party_id" json:"party_id"`
	// RuleName is the response, the stage or the regulation that gave the limit, as it was called then.
	RuleName  string    `bun:"rule_name,type:nvarchar(120)" json:"rule_name"`
	State     State     `bun:"state,type:nvarchar(10)" json:"state"`
	StartedAt time.Time `bun:"started_at" json:"started_at"`
	// PausedAt is since when it is paused or held.
	PausedAt  time.Time `bun:"paused_at,nullzero" json:"paused_at,omitzero"`
	StoppedAt time.Time `bun:"stopped_at,nullzero" json:"stopped_at,omitzero"`
	// Limit is the seconds of working time allowed; Spent those that were used, as of the pause or the end.
	Limit int64 `bun:"limit_seconds" json:"limit_seconds"`
	Spent int64 `bun:"spent_seconds" json:"spent_seconds"`
	// DueAt is when the limit is, or was, reached; zero while it is paused.
	DueAt time.Time `bun:"due_at,nullzero" json:"due_at,omitzero"`
	// Level is how many have been told: nobody, the owner, the manager too.
	Level int `bun:"level" json:"level"`
	// NextAt is when the next one is told; while the clock stands still it says how much working time is left until then
	// (see pause), and is no moment of anybody's day.
	NextAt time.Time `bun:"next_at,nullzero" json:"-"`
	// OwnerUser is who is to act.
	OwnerUser string `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam string `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
	// ToldOwner and ToldManager are who was told.
	ToldOwner   string `bun:"told_owner,type:nvarchar(64)" json:"told_owner,omitempty"`
	ToldManager string `bun:"told_manager,type:nvarchar(64)" json:"told_manager,omitempty"`
}

// Guard lets a user see the clocks of his visibility.
func (Clock) Guard(a actor.Actor, alias string) store.Predicate { return store.OwnedBy(a, alias) }

// Late reports whether the limit is passed at an instant.
func (c Clock) Late(now time.Time) bool {
	switch c.State {
	case Running:
		return !c.DueAt.IsZero() && now.After(c.DueAt)
	case Missed:
		return true
	case Paused, Held, Kept, Dropped:
	}
	return false
}

// The levels.
const (
	nobodyTold = iota
	ownerTold
	managerTold
)

// nouns are what the kinds watch that this package starts itself.
var nouns = map[Kind]string{Answer: "lead", Stage: "opportunity"}
