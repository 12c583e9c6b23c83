package scoring

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

// Score is what a lead has now.
type Score struct {
	bun.BaseModel `bun:"table:crm_score,alias:score"`

	LeadID  lead.ID `bun:"lead_id,pk" json:"lead_id"`
	Company string  `bun:"company,type:nvarchar(40)" json:"-"`
	Score   int     `bun:"score" json:"score"`
	// Band is the name of the band it lies in, "" below the first one.
	Band   string `bun:"band,type:nvarchar(60)" json:"band"`
	Detail Detail `bun:"detail" json:"detail"`
	// ModelVersion is the version of the model that gave it, 0 where it waits for its first count.
	ModelVersion int64 `bun:"model_version" json:"model_version"`
	Revision     int64 `bun:"revision" json:"-"`
	// ScoredAt is the instant it is true for; until NextAt time does not change it.
	ScoredAt time.Time `bun:"scored_at" json:"scored_at"`
	NextAt   time.Time `bun:"next_at,nullzero" json:"next_at,omitzero"`
}

// HistoryTag is the noun of the ids of changes.
type HistoryTag struct{}

// Change is one change of a score, with how the new one came to be.
type Change struct {
	bun.BaseModel `bun:"table:crm_score_history,alias:score_history"`

	ID           store.Key[HistoryTag] `bun:"id,pk" json:"-"`
	Company      string                `bun:"company,type:nvarchar(40)" json:"-"`
	LeadID       lead.ID               `bun:"lead_id" json:"-"`
	At           time.Time             `bun:"at" json:"at"`
	Old          int                   `bun:"old_score" json:"old"`
	New          int                   `bun:"new_score" json:"new"`
	ModelVersion int64                 `bun:"model_version" json:"model_version"`
	Detail       Detail                `bun:"detail" json:"detail"`
}

// Value writes JSON.
func (d Detail) Value() (driver.Value, error) {
	text, err := json.Marshal(d)
	return string(text), err
}

// Scan reads JSON.
func (d *Detail) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), d)
	case []byte:
		return json.Unmarshal(v, d)
	}
	return fmt.Errorf("scoring: cannot read a detail from %T", src)
}
