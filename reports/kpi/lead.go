package kpi

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

var leadRows = store.From[lead.Lead]("l")

// arrived begins a clause over the leads that arrived in the period.
func (r *reading) arrived() *clause {
	c := &clause{key: wholeKey}
	c.and("l.merged_into IS NULL AND l.arrived_at >= ? AND l.arrived_at < ?", r.from, r.to)
	if r.of.Seller != "" {
		c.and("l.owner_user = ?", r.of.Seller)
	}
	if r.of.Team != "" {
		c.and("l.owner_team = ?", r.of.Team)
	}
	if r.of.Source != "" {
		c.and("l.source = ?", r.of.Source)
	}
	c.own(r)
	switch r.by {
	case Seller:
		c.key = "l.owner_user"
	case Team:
		c.key = "l.owner_team"
	case Source:
		c.key = "l.source"
	case Campaign:
		c.key = "l.campaign"
	default:
	}
	return c
}

// read gives a sum over the leads of each key beside their number.
func (r *reading) read(ctx context.Context, c *clause, value string) (cells, error) {
	var rows []plain
	err := r.s.Query(ctx, &rows, leadRows, c.tally("COUNT(*) AS n, "+total, "SELECT "+c.key+" AS k, "+value+" AS value FROM crm_lead AS l WHERE {scope}"+c.where), c.narrowed...)
	out := cells{}
	for _, p := range rows {
		if p.N > 0 {
			out[p.Key] = &cell{over: whole(p.Sum), under: whole(p.N), n: p.N}
		}
	}
	return out, err
}

func leads(ctx context.Context, r *reading) (cells, error) {
	c := r.arrived()
	var rows []plain
	err := r.s.Query(ctx, &rows, leadRows, c.tally("COUNT(*) AS n", "SELECT "+c.key+" AS k FROM crm_lead AS l WHERE {scope}"+c.where), c.narrowed...)
	return added(slices.DeleteFunc(rows, func(p plain) bool { return p.N == 0 }), err)
}

// leadConversion is which of the leads became customers or opportunities.
func leadConversion(ctx context.Context, r *reading) (cells, error) {
	return r.read(ctx, r.arrived(), "CASE WHEN l.converted_at IS NOT NULL OR EXISTS (SELECT 1 FROM crm_opportunity AS o WHERE o.lead_id = l.id AND o.company = l.company) THEN 1 ELSE 0 END")
}

// responseTime is the time from the arrival of leads to the first human contact.
func responseTime(ctx context.Context, r *reading) (cells, error) {
	c := r.arrived()
	c.and("l.first_response_at > l.arrived_at") // who called or came in was spoken to as he arrived
	return r.read(ctx, c, seconds(r.s.Dialect(), "l.arrived_at", "l.first_response_at"))
}
