package convert

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// historyRows is how many documents of a customer a report looks at.
const historyRows = 200

// Histories asks the host for the newest documents of some of its customers, by their keys; their lines may be left
// out. A host that does not tell gives none. Which customers the actor may know of is the caller's to say. It needs
// actor.ReportRead.
func (c *Conversions) Histories(ctx context.Context, customers []string) (map[string][]erpbridge.Document, error) {
	history, ok := c.config.Host.Documents.(erpbridge.DocumentHistory)
	if !ok || len(customers) == 0 {
		return nil, nil
	}
	out := make(map[string][]erpbridge.Document, len(customers))
	err := c.askingBy(ctx, actor.ReportRead, func(context.Context, *store.Session, *Conversions) error { return nil }, func(ctx context.Context, hs erpbridge.Session) error {
		for _, key := range customers {
			documents, err := history.History(ctx, hs, key, historyRows)
			if err != nil {
				return err
			}
			out[key] = documents
		}
		return nil
	})
	return out, err
}
