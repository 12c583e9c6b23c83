package lead

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Similar looks for who may be the same as a draft that is still being typed: leads, parties and customers
// of the host, the likeliest first. Nothing is written, and what cannot be read of the draft is not
// compared. It needs the right actor.LeadRead.
func (l *Leads) Similar(ctx context.Context, d Draft) ([]Duplicate, error) {
	answer, err := l.askElsewhere(ctx, d)
	if err != nil {
		return nil, err
	}
	return store.Read(ctx, l.db, actor.LeadRead, func(ctx context.Context, s *store.Session) ([]Duplicate, error) {
		p, _ := Prepare(withDefaults(d, s.Actor), l.parties.LocaleOf(s), s.Now)
		if !p.reachable() && p.nameless() {
			return nil, nil
		}
		inside := l.In(s)
		restore := widen(s)
		defer restore()
		found, err := inside.parties.Find(ctx, *p.primary, p.employerName())
		if err != nil {
			return nil, err
		}
		if !answer.asked {
			if answer, err = inside.askHost(ctx, inside.hostSession(s), p); err != nil {
				return nil, err
			}
		}
		restore()
		draft := party.ID{0xff} // nobody's: a customer without a party is not the draft itself
		return inside.explain(ctx, s, found, answer.hits(p.primaryIdentity()), draft)
	})
}
