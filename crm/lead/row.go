package lead

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Row reads one lead as lists show it, by one statement: for readers who need no more than that. A merged
// lead is followed to the one it stands for.
func (l *Leads) Row(ctx context.Context, id ID) (Row, error) {
	return store.Read(ctx, l.db, actor.LeadRead, func(ctx context.Context, s *store.Session) (Row, error) {
		for range maxAliases {
			var rows []Row
			err := s.Query(ctx, &rows, store.From[Lead]("lead"),
				"SELECT "+rowColumns(s)+" FROM crm_lead AS lead CROSS JOIN crm_party AS p WHERE {scope} AND lead.id = ? AND p.id = lead.party_id", id)
			switch {
			case err != nil:
				return Row{}, fmt.Errorf("reading the lead: %w", err)
			case len(rows) == 0:
				return Row{}, fault.New(fault.NotFound, "there is no lead %s, or you may not see it", id)
			case rows[0].MergedInto.IsZero():
				return rows[0], nil
			}
			id = rows[0].MergedInto
		}
		return Row{}, fault.New(fault.Invalid, "the merges of lead %s go round in a circle", id)
	})
}
