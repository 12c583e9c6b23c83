package crm

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

// answered ends the response clock of a lead when somebody was in contact with it: a call, a meeting, a mail
// that was written down.
func (m *Module) answered() event.Handler {
	return event.Handler{
		Name: "lead.answered", Kinds: []string{activity.EventDone},
		Wanted: func(_ context.Context, _ *store.Session, e event.Event) (bool, error) {
			var n activity.Notice
			err := e.Decode(&n)
			return n.Contact, err
		},
		Do: func(ctx context.Context, s *store.Session, e event.Event) error {
			var n activity.Notice
			if err := e.Decode(&n); err != nil {
				return err
			}
			leads := m.Leads.In(s)
			waiting, err := leads.List(ctx, lead.Filter{Party: n.Party, Waiting: true}, lead.ByWaiting, store.Page{})
			if err != nil {
				return err
			}
			for _, row := range waiting.Rows {
				if _, err := leads.Responded(ctx, row.ID); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
