package quantity

import (
	"context"
	"errors"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

const (
	// mostOrders is how many orders are read, chunk how many at a time; reach is how many days ago they may have been placed.
	mostOrders, chunk, reach = 5000, 500, 366
)

// orders are those of the host of which something is still to be delivered.
type orders struct {
	list        []erpbridge.Undelivered
	known, more bool
}

// backlog reads the orders, where the host tells them and the actor sees everything. A host in the same database answers
// inside a reading transaction; nobody waits for a network inside one: a host that is elsewhere is not asked within a session
// or a transaction that somebody else opened, which may be writing.
func (q *Quantities) backlog(ctx context.Context) (out orders, err error) {
	port, ok := q.config.Host.Documents.(erpbridge.Backlog)
	a, err := actor.From(ctx)
	elsewhere := q.config.Host.Place == erpbridge.Elsewhere
	if err != nil || !ok || a.See != actor.All || elsewhere && q.db.Bound() {
		return out, err
	}
	if err := a.Require(actor.OpportunityRead); err != nil {
		return out, err
	}
	hs := erpbridge.Session{Company: a.Company, UserID: a.HostUser()}
	err = q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		hs.Now, hs.Today = s.Now, q.today(s)
		if elsewhere {
			return nil
		}
		hs.Tx = s.Tx()
		out, err = read(ctx, port, hs)
		return err
	})
	if err == nil && elsewhere {
		out, err = read(ctx, port, hs)
	}
	return out, err
}

func read(ctx context.Context, port erpbridge.Backlog, hs erpbridge.Session) (orders, error) {
	out := orders{known: true}
	ask := erpbridge.BacklogQuery{From: hs.Today.AddDays(-reach), Limit: chunk}
	for len(out.list) < mostOrders {
		page, err := port.Backlog(ctx, hs, ask)
		if errors.Is(err, fault.NotFound) {
			return orders{}, nil
		}
		if err != nil || len(page) == 0 {
			return out, err
		}
		out.list = append(out.list, page...)
		ask.After = &page[len(page)-1]
	}
	out.more = true
	return out, nil
}
