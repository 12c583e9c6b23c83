package clock

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// Filter picks running clocks; zero fields but Kind do not narrow it.
type Filter struct {
	// Kind is needed.
	Kind  Kind
	Owner string
	// Late: those that are over their limit only.
	Late bool
	Page store.Page
}

// Listing is one page of clocks.
type Listing struct {
	Rows []Clock `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// Running lists the clocks that run and that the actor sees, those that are due first in front. It needs actor.LeadRead
// for answers, actor.OpportunityRead for stages.
func (c *Clocks) Running(ctx context.Context, f Filter) (Listing, error) {
	need := actor.LeadRead
	if f.Kind == Stage {
		need = actor.OpportunityRead
	}
	return store.Read(ctx, c.db, need, func(ctx context.Context, s *store.Session) (Listing, error) {
		var out Listing
		q := s.Select(&out.Rows).Where("clock.company = ? AND clock.kind = ? AND clock.state = ?", s.Actor.Company, f.Kind, Running)
		if f.Owner != "" {
			q = q.Where("clock.owner_user = ?", f.Owner)
		}
		if f.Late {
			q = q.Where("clock.due_at < ?", s.Now)
		}
		err := s.Paged(q, store.Order{Column: "clock.due_at", ID: "clock.id"}, f.Page).Scan(ctx)
		if n := len(out.Rows); err == nil && n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].DueAt, out.Rows[n-1].ID)
		}
		return out, err
	})
}
