package lead

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Assign gives a lead and its party another owner. Whoever may change leads gives away his own and
// takes those that nobody owns; other people's leads need the right actor.LeadAssign. version is the
// one that was read, 0 for whatever it is now. Giving it to whom it belongs already changes nothing.
func (l *Leads) Assign(ctx context.Context, id ID, version int64, to party.Owner) (Lead, error) {
	return l.change(ctx, id, opening{actor.LeadWrite, version}, func(ctx context.Context, s *store.Session, was Lead) (Lead, error) {
		if err := mayAssign(s.Actor, was, to); err != nil || was.Owner() == to {
			return was, err
		}
		next := was
		next.OwnerUser, next.OwnerTeam, next.AssignedAt = to.User, to.Team, s.Now
		if to == (party.Owner{}) {
			next.AssignedAt = noTime
		}
		if err := s.Save(ctx, &was, &next); err != nil {
			return Lead{}, err
		}
		restore := widen(s)
		defer restore()
		if err := l.In(s).parties.Assign(ctx, next.PartyID, to); err != nil {
			return Lead{}, err
		}
		return next, event.Emit(ctx, s, event.Fact{Kind: EventAssigned, Record: id[:], Version: next.Version, Payload: AssignedFact{
			Party: next.PartyID, From: was.OwnerUser, FromTeam: was.OwnerTeam, To: to.User, ToTeam: to.Team,
		}})
	})
}

// give has the company's rules decide who gets a lead that has just been written for nobody. A person who has an
// owner already keeps him.
func (l *Leads) give(ctx context.Context, s *store.Session, fresh *Lead) error {
	if l.route == nil || fresh.Owner() != (party.Owner{}) {
		return nil
	}
	to, err := l.route(ctx, s, *fresh)
	if err != nil || to == (party.Owner{}) {
		return err
	}
	next := *fresh
	next.OwnerUser, next.OwnerTeam, next.AssignedAt = to.User, to.Team, s.Now
	if err := s.Save(ctx, fresh, &next); err != nil {
		return err
	}
	*fresh = next
	p, err := l.parties.Get(ctx, next.PartyID)
	if err != nil || p.OwnerUser != "" {
		return err
	}
	return l.parties.Assign(ctx, next.PartyID, to)
}

func mayAssign(a actor.Actor, was Lead, to party.Owner) error {
	own := was.OwnerUser == a.UserID
	take := was.OwnerUser == "" && to.User == a.UserID
	if own || take {
		return nil
	}
	if err := a.Require(actor.LeadAssign); err != nil {
		return fault.Wrap(err, fault.Forbidden, "the lead belongs to %s", ownerName(was))
	}
	return nil
}

func ownerName(l Lead) string {
	switch {
	case l.OwnerUser != "":
		return l.OwnerUser
	case l.OwnerTeam != "":
		return "team " + l.OwnerTeam
	}
	return "nobody"
}

// Responded notes the first human contact with a lead, now: its first call puts the instant down, later
// ones change nothing. A contact before the arrival counts as at the arrival.
func (l *Leads) Responded(ctx context.Context, id ID) (Lead, error) {
	return l.RespondedAt(ctx, id, time.Time{})
}

// RespondedAt is [Leads.Responded] for a contact that was at an instant and is told of later; one that lies ahead counts
// as now, and so does the zero one.
func (l *Leads) RespondedAt(ctx context.Context, id ID, at time.Time) (Lead, error) {
	return l.change(ctx, id, opening{actor.LeadWrite, anyVersion}, func(ctx context.Context, s *store.Session, was Lead) (Lead, error) {
		if !was.FirstResponseAt.IsZero() {
			return was, nil
		}
		next := was
		if next.FirstResponseAt = store.UTC(at); at.IsZero() || at.After(s.Now) {
			next.FirstResponseAt = s.Now
		}
		if next.FirstResponseAt.Before(was.ArrivedAt) {
			next.FirstResponseAt = was.ArrivedAt
		}
		if err := s.Save(ctx, &was, &next); err != nil {
			return Lead{}, err
		}
		return next, event.Emit(ctx, s, event.Fact{Kind: EventResponded, Record: id[:], Version: next.Version, Payload: RespondedFact{
			Party: next.PartyID, ArrivedAt: next.ArrivedAt, At: next.FirstResponseAt, By: s.Actor.UserID,
		}})
	})
}
