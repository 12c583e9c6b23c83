package routing

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The nouns of ids.
type (
	Tag        struct{}
	AbsenceTag struct{}
)

// The ids.
type (
	ID        = store.Key[Tag]
	AbsenceID = store.Key[AbsenceTag]
)

// Decision is who got a lead, and why.
type Decision struct {
	bun.BaseModel `bun:"table:crm_route_decision,alias:route_decision"`

	ID      ID        `bun:"id,pk" json:"id"`
	Company string    `bun:"company,type:nvarchar(40)" json:"-"`
	LeadID  lead.ID   `bun:"lead_id" json:"lead_id"`
	At      time.Time `bun:"at" json:"at"`
	// RuleKey and RuleName are those of the rule that decided, as it was called then; empty for the fallback.
	RuleKey  string `bun:"rule_key,type:nvarchar(40)" json:"rule_key"`
	RuleName string `bun:"rule_name,type:nvarchar(120)" json:"rule_name"`
	Method   Method `bun:"method,type:nvarchar(20)" json:"method"`
	// Pool is the rule whose turn was taken, "" where none was.
	Pool string `bun:"pool,type:nvarchar(40)" json:"-"`
	// PlanVersion is the version of the plan that decided.
	PlanVersion int64 `bun:"policy_version" json:"plan_version"`
	// User and Team got the lead; both are empty where nobody did.
	User string `bun:"user_id,type:nvarchar(64)" json:"user"`
	Team string `bun:"team,type:nvarchar(64)" json:"team"`
	Why  Why    `bun:"why" json:"why"`
	// By is who had it decided, or how the lead came in.
	By string `bun:"decided_by,type:nvarchar(64)" json:"by"`
	// ReturnedAt is when the lead went to somebody else before anybody answered it.
	ReturnedAt time.Time `bun:"returned_at,nullzero" json:"returned_at,omitzero"`
}

// Owner is who got the lead.
func (d Decision) Owner() party.Owner { return party.Owner{User: d.User, Team: d.Team} }

// Outcome is what became of one rule, or one person, on the way to a decision.
type Outcome string

// The outcomes.
const (
	// Chosen: the rule gave the lead to the step's user or team.
	Chosen Outcome = "chosen"
	// Unmet: the rule's condition is not true for the lead.
	Unmet Outcome = "unmet"
	// Outside: the lead is in none of the rule's areas.
	Outside Outcome = "outside"
	// Broken: the rule's condition names what does not exist any more.
	Broken Outcome = "broken"
	// Stopped: the rule's condition looked at too much of the lead; see rule.MaxSteps.
	Stopped Outcome = "stopped"
	// Away: the step's user is absent.
	Away Outcome = "away"
	// Full: the step's user has had his leads of the month.
	Full Outcome = "full"
	// Nobody: the rule fits, but has nobody to give the lead to.
	Nobody Outcome = "nobody"
)

// Outcomes are all outcomes.
var Outcomes = []Outcome{Chosen, Unmet, Outside, Broken, Stopped, Away, Full, Nobody}

// Step is one thing that was considered.
type Step struct {
	// Rule is the name of the rule, "" for the fallback.
	Rule    string  `json:"rule,omitempty"`
	Outcome Outcome `json:"outcome"`
	User    string  `json:"user,omitempty"`
	Team    string  `json:"team,omitempty"`
	// Load is the open leads of who was chosen by load, Turn the number of the turn of who was chosen in turn.
	Load int   `json:"load,omitempty"`
	Turn int64 `json:"turn,omitempty"`
}

// Why is the way to a decision, kept as JSON.
type Why []Step

// Value writes JSON.
func (w Why) Value() (driver.Value, error) {
	text, err := json.Marshal([]Step(w))
	return string(text), err
}

// Scan reads JSON.
func (w *Why) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), w)
	case []byte:
		return json.Unmarshal(v, w)
	}
	return fmt.Errorf("routing: cannot read steps from %T", src)
}

// Absence is when a user does not work.
type Absence struct {
	bun.BaseModel `bun:"table:crm_absence,alias:absence"`

	ID AbsenceID `bun:"id,pk" json:"id"`
	store.Record
	// User is the host's key of who is away.
	User string `bun:"user_id,type:nvarchar(64)" json:"user"`
	// From and Until are the first and the last day, in the company's zone.
	From  civil.Date `bun:"from_day" json:"from"`
	Until civil.Date `bun:"until_day" json:"until"`
	// Deputy gets what rules give to the user by name, "" for nobody.
	Deputy string `bun:"deputy,type:nvarchar(64)" json:"deputy"`
}

// pool is the row that whoever takes a turn holds.
type pool struct {
	bun.BaseModel `bun:"table:crm_route_pool,alias:route_pool"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	Pool    string `bun:"pool,pk,type:nvarchar(40)"`
	Turn    int64  `bun:"turn"`
}

// seat is where a member stands in a pool.
type seat struct {
	bun.BaseModel `bun:"table:crm_route_member,alias:route_member"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	Pool    string `bun:"pool,pk,type:nvarchar(40)"`
	User    string `bun:"user_id,pk,type:nvarchar(64)"`
	// Last is the turn in which he got a lead last; Owed are the turns he lost.
	Last int64 `bun:"last_turn"`
	Owed int64 `bun:"owed"`
}
