package activity

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// nextSteps finds the due times; %s are the marks of the ids.
const nextSteps = "SELECT a.opportunity_id, MIN(a.at) AS at FROM crm_activity AS a WHERE {scope} AND a.opportunity_id IN (%s) AND a.is_open = 1 GROUP BY a.opportunity_id"

// NextSteps gives for each of the opportunities when its next planned activity is due; those that have none
// are left out. At most [store.MaxLimit] are asked for at once.
func (a *Activities) NextSteps(ctx context.Context, ids []OpportunityID) (map[OpportunityID]time.Time, error) {
	out := make(map[OpportunityID]time.Time, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := a.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ActivityRead); err != nil {
			return err
		}
		var rows []struct {
			ID OpportunityID `bun:"opportunity_id"`
			At time.Time     `bun:"at"`
		}
		args := make([]any, min(len(ids), store.MaxLimit))
		for i := range args {
			args[i] = ids[i]
		}
		if err := s.Query(ctx, &rows, a.source("a"), fmt.Sprintf(nextSteps, store.In(len(args))), args...); err != nil {
			return fmt.Errorf("reading next steps: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r.At
		}
		return nil
	})
	return out, err
}
