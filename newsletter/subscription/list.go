package subscription

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Filter picks subscribers of one topic.
type Filter struct {
	Topic TopicID
	// State is [Active] where it is empty.
	State State
	Page  store.Page
}

// Subscriber is one line of a list.
type Subscriber struct {
	Subscription
	// Name is the reader's.
	Name string `bun:"reader_name" json:"name"`
}

// Listing is one page.
type Listing struct {
	Rows []Subscriber `json:"rows"`
	// Next is the store.Page.After of the next page, "" after the last one.
	Next string `json:"next,omitempty"`
}

// List gives one page of the subscribers of a topic whose parties the actor sees, those who came last first. It needs
// [Read].
func (n *Subscriptions) List(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) (Listing, error) {
		var faults fault.List
		if f.State == "" {
			f.State = Active
		}
		if !slices.Contains(States, f.State) {
			faults.Add("state", "choice", "%.20q is none; choose from %v", string(f.State), States)
		}
		if f.Topic.IsZero() {
			faults.Add("topic", "required", "is missing; choose one")
		}
		if err := faults.Err("the list cannot be shown"); err != nil {
			return Listing{}, err
		}
		tail, err := s.PagedSQL(store.Order{Column: "subscription.created_at", ID: "subscription.id", Desc: true}, f.Page)
		if err != nil {
			return Listing{}, err
		}
		var out Listing
		err = s.Query(ctx, &out.Rows, store.From[Subscription]("subscription"),
			"SELECT subscription.*, p.name AS reader_name FROM crm_subscription AS subscription INNER JOIN crm_party AS p ON p.id = subscription.party_id"+
				" WHERE subscription.topic_id = ? AND subscription.state = ? AND {scope}"+tail.SQL, append([]any{f.Topic, string(f.State)}, tail.Args...)...)
		if err != nil {
			return Listing{}, err
		}
		if k := len(out.Rows); k == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[k-1].CreatedAt, out.Rows[k-1].ID)
		}
		return out, nil
	})
}

// Count is how many subscriptions of a topic are in a state.
type Count struct {
	Topic TopicID `bun:"topic_id" json:"topic"`
	State State   `bun:"state" json:"state"`
	Count int64   `bun:"n" json:"count"`
}

// Counts counts the company's subscriptions by topic and state, whoever sees them. It needs [Read].
func (n *Subscriptions) Counts(ctx context.Context) ([]Count, error) {
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) ([]Count, error) {
		var out []Count
		err := s.Query(ctx, &out, store.From[sealed]("x"),
			"SELECT x.topic_id AS topic_id, x.state AS state, COUNT(*) AS n FROM crm_subscription AS x WHERE {scope} GROUP BY x.topic_id, x.state ORDER BY x.topic_id, x.state")
		return out, err
	})
}

// Get reads one subscription. It needs [Read], and a party that the actor sees.
func (n *Subscriptions) Get(ctx context.Context, id ID) (Subscription, error) {
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) (Subscription, error) {
		var row Subscription
		err := s.Get(ctx, &row, id)
		return row, err
	})
}

// Of gives the subscriptions of a person or company, and of those merged into it. It needs [Read], and a party that the
// actor sees.
func (n *Subscriptions) Of(ctx context.Context, id party.ID) ([]Subscription, error) {
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) ([]Subscription, error) {
		var seen party.Party
		if err := s.Get(ctx, &seen, id); err != nil {
			return nil, err
		}
		ids, err := reader(ctx, s, id)
		if err != nil {
			return nil, err
		}
		rows, err := ofReader(ctx, s, ids)
		out := make([]Subscription, len(rows))
		for i, r := range rows {
			out[i] = Subscription(r)
		}
		return out, err
	})
}
