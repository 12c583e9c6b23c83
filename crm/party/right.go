package party

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// readers are the rights of which any one lets an actor read the parties he sees: whoever works with
// leads, deals, activities or quotes has to know whose they are.
var readers = []actor.Right{actor.LeadRead, actor.OpportunityRead, actor.ActivityRead, actor.QuoteRead}

func (p *Parties) read(ctx context.Context, unit store.Unit) error {
	return p.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if !p.trusted && !slices.ContainsFunc(readers, s.Actor.May) {
			return s.Actor.Require(actor.LeadRead)
		}
		return unit(ctx, s)
	})
}

func (p *Parties) write(ctx context.Context, unit store.Unit) error {
	return p.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if !p.trusted {
			if err := s.Actor.Require(actor.LeadWrite); err != nil {
				return err
			}
		}
		return unit(ctx, s)
	})
}

// inner guards what looks at parties whoever owns them, or writes without asking: only the system, and
// packages inside their own session ([Parties.In]), may.
func (p *Parties) inner(open func(context.Context, store.Unit) error) func(context.Context, store.Unit) error {
	return func(ctx context.Context, unit store.Unit) error {
		return open(ctx, func(ctx context.Context, s *store.Session) error {
			if !p.trusted && s.Actor.Kind != actor.KindSystem {
				return fault.New(fault.Forbidden, "only the system may do this to parties directly; capture, convert or merge leads instead")
			}
			return unit(ctx, s)
		})
	}
}

// visible fails where the actor does not see the party whose parts he asks for.
func (p *Parties) visible(ctx context.Context, s *store.Session, id ID) error {
	if p.trusted {
		return nil
	}
	var seen Party
	return s.Get(ctx, &seen, id)
}
