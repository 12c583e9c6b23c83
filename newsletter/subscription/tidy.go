package subscription

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/store"
)

// networkKept is how long the network that a request came from is kept with it: it only bounds how many come in an
// hour. What is evidence of a consent keeps its own.
const networkKept = 24 * time.Hour

// Tidy removes what nobody needs any more, at most limit rows of a kind at once: requests that are older than their
// links, with the addresses in them, and the subscriptions that they left unconfirmed; and the network that a request
// came from after a day. It reports the most that it removed of one kind: where that is limit there may be more. It
// needs [Write]; the background calls it now and then.
func (n *Subscriptions) Tidy(ctx context.Context, limit int) (int64, error) {
	limit = max(1, limit)
	return store.Write(ctx, n.db, Write, func(ctx context.Context, s *store.Session) (int64, error) {
		expired := s.Now.Add(-LinkLife)
		most, err := s.Exec(ctx, store.From[request](""), "DELETE FROM crm_subscription_request WHERE {scope} AND id IN (SELECT r.id FROM crm_subscription_request AS r"+
			" WHERE r.company = ? AND r.created_at < ? ORDER BY r.created_at, r.id"+s.Limit(limit)+")", s.Actor.Company, expired)
		if err != nil {
			return 0, err
		}
		n, err := s.Exec(ctx, store.From[request](""), "UPDATE crm_subscription_request SET client = '' WHERE {scope} AND id IN (SELECT r.id FROM crm_subscription_request AS r"+
			" WHERE r.company = ? AND r.client > '' AND r.created_at < ? ORDER BY r.created_at, r.id"+s.Limit(limit)+")", s.Actor.Company, s.Now.Add(-networkKept))
		if err != nil {
			return 0, err
		}
		most = max(most, n)
		var topics []TopicID
		if err := s.Query(ctx, &topics, store.From[Topic]("t"), "SELECT t.id FROM crm_topic AS t WHERE {scope}"); err != nil {
			return 0, err
		}
		for _, id := range topics {
			n, err := s.Exec(ctx, store.From[sealed](""), "DELETE FROM crm_subscription WHERE {scope} AND id IN (SELECT x.id FROM crm_subscription AS x WHERE x.company = ? AND x.topic_id = ? AND x.state = 'pending' AND x.created_at < ?"+
				" AND NOT EXISTS (SELECT 1 FROM crm_subscription_request AS r WHERE r.company = x.company AND r.address_hash = x.address_hash AND r.created_at >= ?)"+
				" ORDER BY x.created_at, x.id"+s.Limit(limit)+")", s.Actor.Company, id, expired, expired)
			if err != nil {
				return 0, err
			}
			most = max(most, n)
		}
		return most, nil
	})
}
