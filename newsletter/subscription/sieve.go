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

// Left is the condition that the party in a column is in the audience no more: it had some of the topics, and ended each
// of them. Whoever keeps an audience for later, as the ledger of a campaign does, asks it before each letter.
func (a Audience) Left(s *store.Session, party string) store.Predicate {
	args := append([]any{s.Actor.Company}, a.args()...)
	had := "SELECT 1 FROM crm_subscription AS had WHERE had.company = ? AND had.topic_id IN (" + store.In(len(a.Topics)) + ") AND had.party_id = " + party + " AND had.state "
	return store.Predicate{SQL: "(EXISTS (" + had + "<> 'active') AND NOT EXISTS (" + had + "= 'active'))", Args: append(args, args...)}
}
