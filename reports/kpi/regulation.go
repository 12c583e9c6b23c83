package kpi

import (
	"context"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/store"
)

var passages = store.From[clock.Clock]("c")

// judged begins a clause over the passages whose limit is in the period, and of which it is known whether they were kept.
func (r *reading) judged() *clause {
	c := &clause{key: wholeKey}
	c.and("c.kind = ? AND c.state IN ('kept', 'missed', 'running') AND c.due_at >= ? AND c.due_at < ? AND (c.state <> 'running' OR c.due_at < ?)", clock.Regulation, r.from, r.to, r.s.Now)
	if r.of.Seller != "" {
		c.and("c.owner_user = ?", r.of.Seller)
	}
	if r.of.Team != "" {
		c.and("c.owner_team = ?", r.of.Team)
	}
	if !r.of.Pipeline.IsZero() {
		c.and("c.record_id IN (SELECT o.id FROM crm_opportunity AS o WHERE o.company = ? AND o.pipeline_id = ?)", r.s.Actor.Company, r.of.Pipeline)
	}
	switch r.by {
	case Seller:
		c.key = "c.owner_user"
	case Team:
		c.key = "c.owner_team"
	case Regulation:
		c.key = "c.rule_name"
	default:
	}
	return c
}

// regulationsKept is which of the passages were kept.
func regulationsKept(ctx context.Context, r *reading) (cells, error) {
	c := r.judged()
	var rows []plain
	err := r.s.Query(ctx, &rows, passages, c.tally("COUNT(*) AS n, "+total, "SELECT "+c.key+" AS k, CASE WHEN c.state = 'kept' THEN 1 ELSE 0 END AS value FROM crm_clock AS c WHERE {scope}"+c.where), c.narrowed...)
	out := cells{}
	for _, p := range rows {
		if p.N > 0 {
			out[p.Key] = &cell{over: whole(p.Sum), under: whole(p.N), n: p.N}
		}
	}
	return out, err
}
