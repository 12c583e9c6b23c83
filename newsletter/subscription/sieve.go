package subscription

import (
	"context"

	"github.com/crmplus/crmplus/crm/store"
)

// Sieve says which of some normalised addresses are on the suppression list, and why. A list of hashes cannot be joined to a
// column of addresses, so that whoever sends to others than subscribers asks for each piece of his work, in the session that
// claims it. It costs about a microsecond and a seek per address.
func (n *Subscriptions) Sieve(ctx context.Context, s *store.Session, ch Channel, addresses []string) (map[string]Reason, error) {
	h := n.hasherOf(s.Actor.Company)
	byHash := make(map[Hash]string, len(addresses))
	for _, a := range addresses {
		byHash[h.hash(ch, a)] = a
	}
	hashes := make([]any, 0, len(byHash))
	for hash := range byHash {
		hashes = append(hashes, hash)
	}
	out := map[string]Reason{}
	for from := 0; from < len(hashes); from += chunkRows {
		part := hashes[from:min(from+chunkRows, len(hashes))]
		args := make([]any, 1, chunkRows+1)
		args[0] = string(ch)
		for i := range chunkRows { // filled up with the last, so that every piece is the same statement
			args = append(args, part[min(i, len(part)-1)])
		}
		var rows []Suppression
		err := s.Query(ctx, &rows, store.From[Suppression]("x"),
			"SELECT x.address_hash, x.reason FROM crm_suppression AS x WHERE {scope} AND x.channel = ? AND x.address_hash IN ("+store.In(chunkRows)+")", args...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[byHash[r.AddressHash]] = r.Reason
		}
	}
	return out, nil
}

// Declined is the condition that the party in a column does not want a topic: it ended it, or is suppressed. It is for
// audiences that are not made of subscribers.
func Declined(s *store.Session, topic TopicID, party string) store.Predicate {
	return store.Exists("SELECT 1 FROM crm_subscription AS has WHERE has.company = ? AND has.topic_id = ? AND has.party_id = "+party+
		" AND has.state IN ('unsubscribed', 'suppressed')", s.Actor.Company, topic)
}
