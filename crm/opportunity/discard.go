package opportunity

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// hanger is a table whose rows belong to opportunities.
type hanger struct{ table, column string }

var (
	// hangers are those that an opportunity is kept for.
	hangers = []hanger{{"crm_activity", "opportunity_id"}, {"crm_quote", "opportunity_id"}, {"crm_comment", "opportunity_id"}, {"crm_conversion", "subject_id"}, {"crm_process", "opportunity_id"}, {"crm_commission", "opportunity_id"}}
	// parts go with it; a test holds both against the schema.
	parts = []hanger{
		{"crm_opportunity_line", "opportunity_id"}, {"crm_opportunity_seller", "opportunity_id"}, {"crm_competitor", "opportunity_id"}, {"crm_stage_move", "opportunity_id"},
		{"crm_clock", "record_id"}, {"crm_forecast_entry", "opportunity_id"}, {"crm_deal_reached", "opportunity_id"}, {"crm_deal_credit", "opportunity_id"},
	}
)

// hung reads what hangs on an opportunity in any table.
type hung struct {
	Company string `bun:"company"`
	N       int    `bun:"n"`
}

// Discard takes away an opportunity that was made by mistake, as if it had never been: it is in no count and no rate.
// It reports false, and leaves the opportunity as it is, where it is closed, where anybody changed it, or where anything
// was done for it. It needs actor.OpportunityWrite.
func (o *Opportunities) Discard(ctx context.Context, id ID) (bool, error) {
	return store.Write(ctx, o.db, actor.OpportunityWrite, func(ctx context.Context, s *store.Session) (bool, error) {
		var row Opportunity
		if err := s.Lock(ctx, &row, id); err != nil {
			return false, err
		}
		if row.State != Open || row.Version != 1 {
			return false, nil
		}
		for _, h := range hangers {
			var rows []hung
			err := s.Query(ctx, &rows, store.From[hung]("h"), "SELECT COUNT(*) AS n FROM "+h.table+" AS h WHERE {scope} AND h."+h.column+" = ?", id)
			if err != nil {
				return false, fmt.Errorf("looking for what hangs on the opportunity in %s: %w", h.table, err)
			}
			if len(rows) > 0 && rows[0].N > 0 {
				return false, nil
			}
		}
		if err := s.ForgetCustom(ctx, id.Bytes()); err != nil {
			return false, err
		}
		for _, p := range parts {
			if _, err := s.Exec(ctx, store.From[hung](p.table), "DELETE FROM "+p.table+" WHERE {scope} AND "+p.column+" = ?", id); err != nil {
				return false, fmt.Errorf("removing from %s: %w", p.table, err)
			}
		}
		if err := s.Delete(ctx, &row); err != nil {
			return false, err
		}
		return true, emit(ctx, s, EventDiscarded, row, row.summary())
	})
}
