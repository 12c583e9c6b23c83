package clock

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// Watched is a clock with the name of what it watches.
type Watched struct {
	Clock

	Name string `json:"name" bun:"name"`
}

// MaxMine is how many clocks [Clocks.Mine] gives.
const MaxMine = 12

// Mine are the running clocks of the stages of the actor's own open opportunities, those that are due first in front, at
// most [MaxMine]. It needs actor.OpportunityRead.
func (c *Clocks) Mine(ctx context.Context) ([]Watched, error) {
	return store.Read(ctx, c.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) ([]Watched, error) {
		var rows []Watched
		err := s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), "SELECT c.id, c.kind, c.record_id, c.part_id, c.party_id, c.rule_name, c.state, c.started_at, c.limit_seconds, c.spent_seconds, c.due_at, c.level, c.owner_user, c.owner_team, c.told_owner, c.told_manager, o.name"+
			" FROM crm_opportunity AS o JOIN crm_clock AS c ON c.record_id = o.id WHERE {scope} AND o.company = ? AND o.owner_user = ? AND o.state = ? AND c.kind = ? AND c.state = ? ORDER BY c.due_at, c.id"+s.Limit(MaxMine),
			s.Actor.Company, s.Actor.HostUser(), opportunity.Open, Stage, Running)
		return rows, err
	})
}
