package quote

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// EventProgressed says that the host has come further with a quote, or back.
const EventProgressed = "quote.progressed"

// Reflect notes how far the host has come with what was quoted. What was quoted and answered stays as
// it is. The same step again changes nothing. It needs actor.QuoteWrite.
func (q *Quotes) Reflect(ctx context.Context, id ID, p opportunity.Progress) (Quote, error) {
	return store.Write(ctx, q.db, actor.QuoteWrite, func(ctx context.Context, s *store.Session) (Quote, error) {
		var row Quote
		if err := s.Lock(ctx, &row, id); err != nil {
			return Quote{}, err
		}
		var faults fault.List
		if !slices.Contains(opportunity.Progresses, p) {
			faults.Add("progress", "choice", "%.20q is no step; choose from %q", string(p), opportunity.Progresses)
		}
		if err := faults.Err("the progress cannot be noted"); err != nil || p == row.Progress {
			return row, err
		}
		next := row
		next.Progress = p
		if err := s.Save(ctx, &row, &next); err != nil {
			return Quote{}, err
		}
		return next, emit(ctx, s, EventProgressed, next)
	})
}
