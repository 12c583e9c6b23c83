package kpi

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

var steps = store.From[opportunity.StageMove]("m")

// alone reports whether the steps need not be held against their opportunities: who sees all of them and narrows
// nothing sees every step.
func (r *reading) alone() bool {
	return r.s.Actor.See == actor.All && (r.by == Whole || r.by == Stage) && len(r.of.Used()) == 0
}

// taken adds up the steps of the period, where they are looked at alone.
func (r *reading) taken(ctx context.Context, stage, sums, more string) ([]plain, error) {
	c := &clause{key: wholeKey}
	if r.by == Stage {
		c.key = stage
	}
	c.and("m.moved_at >= ? AND m.moved_at < ?"+more, r.from, r.to)
	var rows []plain
	err := r.s.Query(ctx, &rows, steps, c.tally(sums, "SELECT "+c.key+" AS k, m.opportunity_id, m.seconds AS value FROM crm_stage_move AS m WHERE {scope}"+c.where), c.narrowed...)
	return slices.DeleteFunc(rows, func(p plain) bool { return p.N == 0 }), err
}

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
	if r.alone() {
		return added(r.taken(ctx, "m.to_stage", "COUNT(DISTINCT x.opportunity_id) AS n", ""))
	}
	c := r.moves("m.to_stage")
	return r.plain(ctx, c, c.tally("COUNT(DISTINCT x.id) AS n", "SELECT o.id, "+c.key+" AS k FROM crm_opportunity AS o"+c.joins+" WHERE {scope}"+c.where))
}

// stageTime is how long opportunities had been in the stages that they left.
func stageTime(ctx context.Context, r *reading) (cells, error) {
	if r.alone() {
		return meant(r.taken(ctx, "m.from_stage", "COUNT(*) AS n, "+total, " AND m.from_stage IS NOT NULL"))
	}
	c := r.moves("m.from_stage")
	c.and("m.from_stage IS NOT NULL")
	number := "COUNT(DISTINCT x.id)"
	if strings.Count(c.joins, "JOIN") == 1 { // the moves alone: each stands once
		number = "COUNT(*)"
	}
	return r.mean(ctx, c, c.tally(number+" AS n, "+total, "SELECT m.id, "+c.key+" AS k, m.seconds AS value FROM crm_opportunity AS o"+c.joins+" WHERE {scope}"+c.where))
}
