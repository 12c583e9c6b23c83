package kpi

import (
	"context"
	"strings"
)

// moves begins a clause over the steps "m" of opportunities in the period.
func (r *reading) moves(stage string) *clause {
	at := *r
	if r.by == Stage {
		at.by = Whole
	}
	c := at.single()
	if r.by == Stage {
		c.key = stage
	}
	c.join("JOIN crm_stage_move AS m ON m.opportunity_id = o.id AND m.company = o.company AND m.moved_at >= ? AND m.moved_at < ?", r.from, r.to)
	return c
}

// funnel counts the different opportunities that came into each stage.
func funnel(ctx context.Context, r *reading) (cells, error) {
	c := r.moves("m.to_stage")
	return r.plain(ctx, c, c.tally("COUNT(DISTINCT x.id) AS n", "SELECT o.id, "+c.key+" AS k FROM crm_opportunity AS o"+c.joins+" WHERE {scope}"+c.where))
}

// stageTime is how long opportunities had been in the stages that they left.
func stageTime(ctx context.Context, r *reading) (cells, error) {
	c := r.moves("m.from_stage")
	c.and("m.from_stage IS NOT NULL")
	number := "COUNT(DISTINCT x.id)"
	if strings.Count(c.joins, "JOIN") == 1 { // the moves alone: each stands once
		number = "COUNT(*)"
	}
	return r.mean(ctx, c, c.tally(number+" AS n, "+total, "SELECT m.id, "+c.key+" AS k, m.seconds AS value FROM crm_opportunity AS o"+c.joins+" WHERE {scope}"+c.where))
}
