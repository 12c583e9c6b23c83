package subscription

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Erase removes the subscriptions of a person whose data are erased (article 17): every address goes onto the
// suppression list as a hash, the rows that hold addresses go, and the evidence stays, because it names nobody. It is
// called before the party's own data are emptied, and may be called twice. It needs actor.Privacy.
func (n *Subscriptions) Erase(ctx context.Context, id party.ID) error {
	_, err := store.Write(ctx, n.db, actor.Privacy, func(ctx context.Context, s *store.Session) (struct{}, error) {
		ids, err := reader(ctx, s, id)
		if err != nil {
			return struct{}{}, err
		}
		rows, err := ofReader(ctx, s, ids)
		if err != nil {
			return struct{}{}, err
		}
		addresses, err := n.addressesOf(ctx, s, ids, rows)
		if err != nil {
			return struct{}{}, err
		}
		var list []Evidence
		for _, to := range addresses {
			fresh, err := enlist(ctx, s, to.channel, to.hash, GotErased, "")
			if err != nil {
				return struct{}{}, err
			}
			if fresh {
				list = append(list, Evidence{PartyID: ids[0], Channel: to.channel, AddressHash: to.hash, Act: Erased})
			}
		}
		if err := keep(ctx, s, list...); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, forget(ctx, s, ids)
	})
	return err
}

func forget(ctx context.Context, s *store.Session, ids []party.ID) error {
	for _, id := range ids {
		if _, err := s.Exec(ctx, store.From[sealed](""), "DELETE FROM crm_subscription WHERE {scope} AND party_id = ?", id); err != nil {
			return err
		}
		if _, err := s.Exec(ctx, store.From[request](""), "DELETE FROM crm_subscription_request WHERE {scope} AND party_id = ?", id); err != nil {
			return err
		}
	}
	return nil
}

// addressesOf are all addresses that a reader is known to have, each once: those of his subscriptions and those of his
// parties.
func (n *Subscriptions) addressesOf(ctx context.Context, s *store.Session, ids []party.ID, rows []sealed) ([]destination, error) {
	var out []destination
	seen := map[Hash]bool{}
	add := func(to destination) {
		if !seen[to.hash] {
			seen[to.hash] = true
			out = append(out, to)
		}
	}
	for _, r := range rows {
		add(destination{r.Channel, r.Address, r.AddressHash})
	}
	take := func(ch Channel, address string) {
		if to, faults := n.destination(s, ch, address); len(faults) == 0 {
			add(to)
		}
	}
	parties := n.config.Parties.In(s)
	for _, id := range ids {
		p, err := partyOf(ctx, s, id)
		if err != nil {
			return nil, err
		}
		take(Email, p.Email)
		take(SMS, p.Mobile)
		take(SMS, p.Phone)
		points, err := parties.Points(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, point := range points {
			take(map[string]Channel{"email": Email, "phone": SMS}[point.Kind], point.Value)
		}
	}
	return out, nil
}
