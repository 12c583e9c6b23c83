package workflow

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/store"
)

// The nouns of ids.
type (
	Tag       struct{}
	RunTag    struct{}
	RecordTag struct{}
)

// The ids.
type (
	ID    = store.Key[Tag]
	RunID = store.Key[RunTag]
	// RecordID is the id of what a rule is about, whatever its noun: workflow.RecordID(lead.ID).
	RecordID = store.Key[RecordTag]
)

// State says whether a rule holds.
type State string

// The states.
const (
	// Draft: it was never published. Live: its published version holds. Off: nothing of it happens.
	Draft State = "draft"
	Live  State = "live"
	Off   State = "off"
)

// States are all states.
var States = []State{Draft, Live, Off}

// Rule is one rule of a company.
type Rule struct {
	bun.BaseModel `bun:"table:crm_workflow,alias:workflow"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	Name  string        `bun:"name,type:nvarchar(120)" json:"name"`
	Noun  leadrule.Noun `bun:"noun,type:nvarchar(20)" json:"noun"`
	State State         `bun:"state,type:nvarchar(10)" json:"state"`
	// Live is the number of the version that holds, or held last; 0 before the first.
	Live int64 `bun:"live" json:"live"`
	// Plan is what is being written; it holds once it is published.
	Plan   Plan      `bun:"plan_json" json:"plan"`
	LiveBy string    `bun:"live_by,type:nvarchar(64)" json:"live_by"`
	LiveAt time.Time `bun:"live_at,nullzero" json:"live_at,omitzero"`
}

// Version is what a rule said from its publication on; versions are never changed.
type Version struct {
	bun.BaseModel `bun:"table:crm_workflow_version,alias:workflow_version"`

	WorkflowID ID        `bun:"workflow_id,pk" json:"-"`
	Number     int64     `bun:"number,pk" json:"number"`
	Company    string    `bun:"company,type:nvarchar(40)" json:"-"`
	SavedAt    time.Time `bun:"saved_at" json:"saved_at"`
	SavedBy    string    `bun:"saved_by,type:nvarchar(64)" json:"saved_by"`
	Plan       Plan      `bun:"plan_json" json:"plan"`
}

// Outcome is what became of a run.
type Outcome string

// The outcomes.
const (
	// Waiting: its time has not come, or it is being tried again.
	Waiting Outcome = ""
	// Acted: everything was done.
	Acted Outcome = "acted"
	// Unmet: the condition did not hold any more when its turn came.
	Unmet Outcome = "unmet"
	// Followed: somebody did meanwhile what the rule waited for.
	Followed Outcome = "followed"
	// Cancelled: the rule was switched off, or the record is gone.
	Cancelled Outcome = "cancelled"
	// Stopped: rules caused each other in a circle, or this one ran too often for the record.
	Stopped Outcome = "stopped"
	// Failed: it was given up.
	Failed Outcome = "failed"
)

// Outcomes are all outcomes.
var Outcomes = []Outcome{Waiting, Acted, Unmet, Followed, Cancelled, Stopped, Failed}

// Run is one time that a rule was set off for a record. The row is the queue's and the log's alike.
type Run struct {
	bun.BaseModel `bun:"table:crm_workflow_run,alias:workflow_run"`

	ID         RunID  `bun:"id,pk" json:"id"`
	Company    string `bun:"company,type:nvarchar(40)" json:"-"`
	WorkflowID ID     `bun:"workflow_id" json:"workflow_id"`
	// Number is the version of the rule that set it off, and whose actions it does.
	Number int64 `bun:"number" json:"number"`
	// Occasion is what set it off; a rule runs once for each.
	Occasion []byte        `bun:"occasion" json:"-"`
	Noun     leadrule.Noun `bun:"noun,type:nvarchar(20)" json:"noun"`
	RecordID RecordID      `bun:"record_id" json:"record_id"`
	// Depth is how many rules stand behind it.
	Depth int `bun:"depth" json:"depth"`
	// Since is when that happened, PlannedAt when the run is to be.
	Since     time.Time `bun:"since" json:"since"`
	PlannedAt time.Time `bun:"planned_at" json:"planned_at"`

	DueAt      time.Time `bun:"due_at" json:"due_at"`
	State      string    `bun:"state,type:nvarchar(10)" json:"state"`
	Attempts   int       `bun:"attempts" json:"attempts"`
	LeaseUntil time.Time `bun:"lease_until,nullzero" json:"-"`
	LeaseOwner string    `bun:"lease_owner,type:nvarchar(64)" json:"-"`

	Outcome Outcome `bun:"outcome,type:nvarchar(12)" json:"outcome"`
	Why     Why     `bun:"why" json:"why"`
	// Failure is why the last attempt failed.
	Failure    string    `bun:"failure,type:nvarchar(1000)" json:"failure,omitempty"`
	FinishedAt time.Time `bun:"finished_at,nullzero" json:"finished_at,omitzero"`
	// OwnerUser and OwnerTeam are whose the record was.
	OwnerUser string `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam string `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard lets a user see the runs for records of his visibility.
func (Run) Guard(a actor.Actor, alias string) store.Predicate { return store.OwnedBy(a, alias) }

// sweep is how far a rule that looks at dates has come.
type sweep struct {
	bun.BaseModel `bun:"table:crm_workflow_sweep,alias:workflow_sweep"`

	WorkflowID ID     `bun:"workflow_id,pk"`
	Company    string `bun:"company,type:nvarchar(40)"`
	// Day is the one that is looked at, at DueAt, from AfterKey on.
	Day      civil.Date `bun:"day"`
	DueAt    time.Time  `bun:"due_at"`
	AfterKey RecordID   `bun:"after_key"`
}

// Why says why a run did what it did.
type Why struct {
	// Event is the kind of the event that set it off, By who did that.
	Event string `json:"event,omitempty"`
	By    string `json:"by,omitempty"`
	// Day is the date that was reached.
	Day string `json:"day,omitempty"`
	// Reasons are the parts of the condition with what came of them, Values what it looked at.
	Reasons []Reason `json:"reasons,omitempty"`
	Values  []Value  `json:"values,omitempty"`
	// Deeds are the actions that were done.
	Deeds []Deed `json:"deeds,omitempty"`
	// Stopped says why the run was stopped, "" where it was not; Count is of the rules behind it, or the runs before it.
	Stopped Stopping `json:"stopped,omitempty"`
	Count   int      `json:"count,omitempty"`
}

// Stopping is why a run is stopped.
type Stopping string

// The reasons: rules set each other off in a circle, or one acts on a record too often within an hour.
const (
	Circle Stopping = "circle"
	Often  Stopping = "often"
)

// Reason is a part of a condition; Held is yes, no or unknown.
type Reason struct {
	Text string `json:"text"`
	Held string `json:"held"`
}

// Value is a field that the condition looked at; a list says how many rows it has.
type Value struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Deed is one action with what came of it.
type Deed struct {
	Step   string `json:"step"`
	Result string `json:"result,omitempty"`
}

// Value stores JSON.
func (w Why) Value() (driver.Value, error) { return asJSON(w) }

// Scan reads JSON.
func (w *Why) Scan(src any) error { return fromJSON(src, w) }

// Value stores JSON.
func (p Plan) Value() (driver.Value, error) { return asJSON(p) }

// Scan reads JSON.
func (p *Plan) Scan(src any) error { return fromJSON(src, p) }

func asJSON(v any) (driver.Value, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

func fromJSON(src, into any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), into)
	case []byte:
		return json.Unmarshal(v, into)
	}
	return fmt.Errorf("workflow: cannot read %T from %T", into, src)
}
