package crm

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

// answered ends the response clock of a lead when somebody was in contact with it: a call, a meeting, a mail
// that was written down. The time is that of the contact, whenever it was written down and this handler came to run;
// the lead may have been moved on before.
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
			open := slices.DeleteFunc(slices.Clone(lead.Statuses), func(st lead.Status) bool { return !st.Open() })
			found, err := leads.List(ctx, lead.Filter{Party: n.Party, Statuses: open}, lead.ByArrival, store.Page{})
			if err != nil {
				return err
			}
			for _, row := range found.Rows {
				at := n.At
				if at.Before(row.ArrivedAt) { // what was before it came in is no answer to it; that somebody writes it down is
					at = e.At
				}
				if _, err := leads.RespondedAt(ctx, row.ID, at); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
