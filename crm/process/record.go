package process

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The nouns of ids.
type (
	Tag       struct{}
	StepTag   struct{}
	RecordTag struct{}
)

// The ids.
type (
	ID     = store.Key[Tag]
	StepID = store.Key[StepTag]
	// RecordID is the id of what a process is on, whatever its noun.
	RecordID = store.Key[RecordTag]
)

// State is where a process or a step stands.
type State string

// The states. A process is running, done or cancelled.
const (
	Running State = "running"
	// Waiting: the step's turn has not come. Open: it has.
	Waiting   State = "waiting"
	Open      State = "open"
	Done      State = "done"
	Skipped   State = "skipped"
	Cancelled State = "cancelled"
)

// over reports whether a step holds up nothing any more.
func (s State) over() bool { return s == Done || s == Skipped || s == Cancelled }

// Process is one run through a template.
type Process struct {
	bun.BaseModel `bun:"table:crm_process,alias:process"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	TemplateID    TemplateID     `bun:"template_id" json:"template_id"`
	Name          string         `bun:"name,type:nvarchar(120)" json:"name"`
	Noun          Noun           `bun:"noun,type:nvarchar(20)" json:"noun"`
	RecordID      RecordID       `bun:"record_id" json:"record_id"`
	PartyID       party.ID       `bun:"party_id" json:"party_id"`
	OpportunityID opportunity.ID `bun:"opportunity_id" json:"opportunity_id"`
	State         State          `bun:"state,type:nvarchar(10)" json:"state"`
	StartedAt     time.Time      `bun:"started_at" json:"started_at"`
	EndedAt       time.Time      `bun:"ended_at,nullzero" json:"ended_at,omitzero"`
	// DueAt is by when the most urgent of the open steps is due; zero where none is open.
	DueAt time.Time `bun:"due_at,nullzero" json:"due_at,omitzero"`
	// Steps are how many there are, Over how many of them are done or skipped.
	Steps int `bun:"steps" json:"steps"`
	Over  int `bun:"steps_over" json:"over"`
	// At is the name of the first open step, AtUser who has it.
	At     string `bun:"at_name,type:nvarchar(120)" json:"at"`
	AtUser string `bun:"at_user,type:nvarchar(64)" json:"at_user"`
	// Reason is why it was cancelled.
	Reason    string `bun:"reason,type:nvarchar(240)" json:"reason,omitempty"`
	OwnerUser string `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam string `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard lets a user see the processes of his visibility, and those that wait for him.
func (Process) Guard(a actor.Actor, alias string) store.Predicate {
	return store.Or(store.OwnedBy(a, alias), store.Predicate{SQL: alias + ".id IN (SELECT mine.process_id FROM crm_process_step AS mine WHERE mine.company = ? AND mine.who_user = ?)", Args: []any{a.Company, a.UserID}})
}

// Late reports whether a step of it is overdue at an instant.
func (p Process) Late(now time.Time) bool {
	return p.State == Running && !p.DueAt.IsZero() && now.After(p.DueAt)
}

// Step is one step of a process.
type Step struct {
	bun.BaseModel `bun:"table:crm_process_step,alias:step"`

	ID StepID `bun:"id,pk" json:"id"`
	store.Record
	ProcessID ID `bun:"process_id" json:"process_id"`
	// Position is the place among the steps, Part that of the steps which open together; both from 1.
	Position int    `bun:"position" json:"position"`
	Part     int    `bun:"part" json:"part"`
	Name     string `bun:"name,type:nvarchar(120)" json:"name"`
	// Who is for whom the template has it, WhoUser who has it.
	Who       Who    `bun:"who,type:nvarchar(80)" json:"who"`
	WhoUser   string `bun:"who_user,type:nvarchar(64)" json:"who_user"`
	Days      int    `bun:"days" json:"days"`
	FromStart bool   `bun:"from_start" json:"from_start"`
	Skippable bool   `bun:"skippable" json:"skippable"`
	State     State  `bun:"state,type:nvarchar(10)" json:"state"`
	// ActivityID is its task, zero before it opens.
	ActivityID activity.ID `bun:"activity_id" json:"activity_id"`
	OpenedAt   time.Time   `bun:"opened_at,nullzero" json:"opened_at,omitzero"`
	DueAt      time.Time   `bun:"due_at,nullzero" json:"due_at,omitzero"`
	EndedAt    time.Time   `bun:"ended_at,nullzero" json:"ended_at,omitzero"`
	EndedBy    string      `bun:"ended_by,type:nvarchar(64)" json:"ended_by,omitempty"`
	// Reason is why it was skipped, or what came of it.
	Reason string `bun:"reason,type:nvarchar(240)" json:"reason,omitempty"`
}

// Late reports whether the step is overdue at an instant, or ended too late.
func (s Step) Late(now time.Time) bool {
	switch s.State {
	case Open:
		return !s.DueAt.IsZero() && now.After(s.DueAt)
	case Done:
		return !s.DueAt.IsZero() && s.EndedAt.After(s.DueAt)
	case Waiting, Skipped, Cancelled, Running:
	}
	return false
}
