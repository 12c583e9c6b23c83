package subscription

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Month is how a topic grew in one month of the company's calendar.
type Month struct {
	First civil.Date `json:"first"`
	// Asked are subscriptions that came to be, confirmed or not; Confirmed those that became active, and Ended those
	// that ended in it, each counted at the last time it did.
	Asked     int64 `json:"asked"`
	Confirmed int64 `json:"confirmed"`
	Ended     int64 `json:"ended"`
}

// mostMonths bounds how far Growth looks back.
const mostMonths = 60

// Growth gives the last months of a topic, the earliest first; 12 where months is 0. It counts whoever sees them. It needs
// [Read].
func (n *Subscriptions) Growth(ctx context.Context, id TopicID, months int) ([]Month, error) {
	months = cmp.Or(months, 12)
	if months < 1 || months > mostMonths {
		return nil, fault.List{{Path: "months", Code: "range", Message: "must be 1 to 60"}}.Err("the growth cannot be read")
	}
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) ([]Month, error) {
		if _, err := topicByID(ctx, s, id); err != nil {
			return nil, err
		}
		zone := n.config.Locales(s.Actor.Company).Location()
		today := civil.In(s.Now, zone)
		out := make([]Month, months)
		for i := range out {
			first := time.Date(today.Year, today.Month-time.Month(months-1-i), 1, 0, 0, 0, 0, zone)
			next := time.Date(today.Year, today.Month-time.Month(months-2-i), 1, 0, 0, 0, 0, zone)
			var row struct {
				Asked     int64 `bun:"asked"`
				Confirmed int64 `bun:"confirmed"`
				Ended     int64 `bun:"ended"`
			}
			within := func(column string) string {
				return "COALESCE(SUM(CASE WHEN x." + column + " >= ? AND x." + column + " < ? THEN 1 ELSE 0 END), 0)"
			}
			from, to := first.UTC(), next.UTC()
			err := s.Query(ctx, &row, store.From[sealed]("x"), "SELECT "+within("created_at")+" AS asked, "+within("confirmed_at")+" AS confirmed, "+within("ended_at")+" AS ended"+
				" FROM crm_subscription AS x WHERE {scope} AND x.topic_id = ?", from, to, from, to, from, to, id)
			if err != nil {
				return nil, err
			}
			out[i] = Month{civil.In(first, zone), row.Asked, row.Confirmed, row.Ended}
		}
		return out, nil
	})
}

// Trait is what subscriptions of a topic are told apart by.
type Trait string

// The traits.
const (
	ByBasis    Trait = "basis"
	BySource   Trait = "source"
	ByLanguage Trait = "language"
)

// Part are the subscriptions of a topic that have one value of a trait.
type Part struct {
	Value        string `json:"value"`
	Active       int64  `json:"active"`
	Pending      int64  `json:"pending"`
	Unsubscribed int64  `json:"unsubscribed"`
	Suppressed   int64  `json:"suppressed"`
}

// Parts counts the subscriptions of a topic by a trait, the largest first, whoever sees them. It needs [Read].
func (n *Subscriptions) Parts(ctx context.Context, id TopicID, by Trait) ([]Part, error) {
	if !slices.Contains([]Trait{ByBasis, BySource, ByLanguage}, by) {
		return nil, fault.List{{Path: "by", Code: "choice", Message: "is none; choose basis, source or language"}}.Err("the subscriptions cannot be counted")
	}
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) ([]Part, error) {
		if _, err := topicByID(ctx, s, id); err != nil {
			return nil, err
		}
		var rows []struct {
			Value string `bun:"v"`
			State State  `bun:"state"`
			Count int64  `bun:"n"`
		}
		column := "x." + string(by)
		err := s.Query(ctx, &rows, store.From[sealed]("x"), "SELECT "+column+" AS v, x.state AS state, COUNT(*) AS n FROM crm_subscription AS x WHERE {scope} AND x.topic_id = ?"+
			" GROUP BY "+column+", x.state ORDER BY "+column, id)
		if err != nil {
			return nil, err
		}
		var out []Part
		for _, r := range rows {
			if len(out) == 0 || out[len(out)-1].Value != r.Value {
				out = append(out, Part{Value: r.Value})
			}
			p := &out[len(out)-1]
			*map[State]*int64{Active: &p.Active, Pending: &p.Pending, Unsubscribed: &p.Unsubscribed, Suppressed: &p.Suppressed}[r.State] += r.Count
		}
		slices.SortStableFunc(out, func(a, b Part) int { return cmp.Compare(b.all(), a.all()) })
		return out, nil
	})
}

func (p Part) all() int64 { return p.Active + p.Pending + p.Unsubscribed + p.Suppressed }
