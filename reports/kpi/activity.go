package kpi

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/store"
)

var deeds = store.From[activity.Activity]("a")

// acts begins a clause over what was done in the period.
func (r *reading) acts() *clause {
	c := &clause{key: wholeKey}
	c.and("a.is_open = 0 AND a.state = 'done' AND a.at >= ? AND a.at < ?", r.from, r.to)
	if r.of.Seller != "" {
		c.and("a.owner_user = ?", r.of.Seller)
	}
	if r.of.Team != "" {
		c.and("a.owner_team = ?", r.of.Team)
	}
	if !r.of.Pipeline.IsZero() {
		c.and("a.opportunity_id IN (SELECT o.id FROM crm_opportunity AS o WHERE o.company = ? AND o.pipeline_id = ?)", r.s.Actor.Company, r.of.Pipeline)
	}
	if r.of.Source != "" {
		c.and("a.opportunity_id IN (SELECT o.id FROM crm_opportunity AS o WHERE o.company = ? AND o.source = ?)", r.s.Actor.Company, r.of.Source)
	}
	if r.of.ProductGroup != "" {
		c.and("EXISTS (SELECT 1 FROM crm_opportunity_line AS l WHERE l.opportunity_id = a.opportunity_id AND l.product_group = ?)", r.of.ProductGroup)
	}
	c.own(r)
	switch r.by {
	case Seller:
		c.key = "a.owner_user"
	case Team:
		c.key = "a.owner_team"
	default:
	}
	return c
}

// activities counts what was done of one kind.
func activities(kind string) func(ctx context.Context, r *reading) (cells, error) {
	return func(ctx context.Context, r *reading) (cells, error) {
		c := r.acts()
		c.and("a.kind = ?", kind)
		var rows []plain
		err := r.s.Query(ctx, &rows, deeds, c.tally("COUNT(*) AS n", "SELECT "+c.key+" AS k FROM crm_activity AS a WHERE {scope}"+c.where), c.narrowed...)
		out := cells{}
		for _, p := range rows {
			if p.N > 0 {
				out[p.Key] = &cell{over: whole(p.N), n: p.N}
			}
		}
		return out, err
	}
}
