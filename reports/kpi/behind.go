package kpi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// RecordTag is the noun of ids of records of any kind; see [Record.Kind].
type RecordTag struct{}

// Record is one of those behind a figure.
type Record struct {
	Kind Kind                 `bun:"-" json:"kind"`
	ID   store.Key[RecordTag] `bun:"id" json:"id"`
	Name string               `bun:"name" json:"name"`
	// Party is the name of who it is with.
	Party string `bun:"party_name" json:"party"`
	Owner string `bun:"owner_user" json:"owner"`
	// At is when it counted: the closing of an opportunity, the arrival of a lead, the deed, the limit of a passage; for
	// the figures of stages the creation. Behind the figures of who bought again stands what was won in the period before.
	At       time.Time    `bun:"at" json:"at"`
	State    string       `bun:"state" json:"state"`
	Value    money.Amount `bun:"amount" json:"value"`
	Currency string       `bun:"currency" json:"currency"`
	// Noun and About are what a passage is about: lead, opportunity, quote or party.
	Noun  string               `bun:"noun" json:"noun,omitempty"`
	About store.Key[RecordTag] `bun:"record_id" json:"about,omitzero"`
	// Customer is the host's key of a customer; ID and Name are of his party then, where CRM+ knows him, At is the last
	// month in which he ordered, State again or gone, Value what he ordered in the period before.
	Customer string `bun:"-" json:"customer,omitempty"`
}

// Listing is one page of records, the latest first.
type Listing struct {
	Rows []Record `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// Behind lists the records that a figure counts; with By and a key those of one row of it. The conditions are
// those of the figure itself. It needs the figure's right.
func (k *KPIs) Behind(ctx context.Context, code Code, q Query, key string, page store.Page) (Listing, error) {
	d, ok := Defined(code)
	if !ok {
		return Listing{}, Known(code)
	}
	if err := q.check(d); err != nil {
		return Listing{}, err
	}
	return store.Read(ctx, k.db, d.Right, func(ctx context.Context, s *store.Session) (Listing, error) {
		if d.Of == CustomerKind {
			return k.customersBehind(ctx, s, d, q, key, page)
		}
		r := &reading{s: s, of: q.Of, by: q.By}
		var err error
		if r.own, err = d.owned(ctx, s, q.Of.Custom); err != nil {
			return Listing{}, err
		}
		if q.By == Month {
			r.by = Whole
		}
		r.cover(q.part(key), civil.Date{}, k.locales(s.Actor.Company).Location())
		query, order, from, args, err := r.behind(d, key)
		if err != nil {
			return Listing{}, err
		}
		tail, err := s.PagedSQL(order, page)
		if err != nil {
			return Listing{}, err
		}
		var out Listing
		if err := s.Query(ctx, &out.Rows, from, query+tail.SQL, append(args, tail.Args...)...); err != nil {
			return Listing{}, err
		}
		for i := range out.Rows {
			out.Rows[i].Kind = d.Of
		}
		if n := len(out.Rows); n == page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].At, out.Rows[n-1].ID)
		}
		return out, nil
	})
}

// part is the period of a row.
func (q Query) part(key string) Period {
	if q.By == Month {
		for _, part := range q.Period.split() {
			if part.First.String()[:7] == key {
				return part
			}
		}
	}
	return q.Period
}

func (r *reading) behind(d Definition, key string) (query string, order store.Order, from store.Source, args []any, err error) {
	var c *clause
	switch d.Of {
	case LeadKind:
		c, from = r.arrived(), leadRows
		order = store.Order{Column: "l.arrived_at", ID: "l.id", Desc: true}
		query = "SELECT l.id, p.name, l.organization AS party_name, l.owner_user, l.arrived_at AS at, l.status AS state, l.expected_value AS amount, l.currency FROM crm_lead AS l JOIN crm_party AS p ON p.id = l.party_id"
	case ActivityKind:
		c, from = r.acts(), deeds
		order = store.Order{Column: "a.at", ID: "a.id", Desc: true}
		query = "SELECT a.id, a.subject AS name, p.name AS party_name, a.owner_user, a.at, a.kind AS state FROM crm_activity AS a JOIN crm_party AS p ON p.id = a.party_id"
	case PassageKind:
		c, from = r.judged(), passages
		order = store.Order{Column: "c.due_at", ID: "c.id", Desc: true}
		query = "SELECT c.id, c.rule_name AS name, COALESCE(o.name, p.name) AS party_name, c.owner_user, c.due_at AS at, c.state, c.noun, c.record_id FROM crm_clock AS c JOIN crm_party AS p ON p.id = c.party_id" +
			" LEFT JOIN crm_opportunity AS o ON o.id = c.record_id AND c.noun = 'opportunity'"
	case OpportunityKind:
		c, from = r.deals(d), opportunities
		at := "o.closed_at"
		if d.Code == DealsCreated || d.Code == Funnel || d.Code == StageTime {
			at = "o.created_at"
		}
		order = store.Order{Column: at, ID: "o.id", Desc: true}
		query = "SELECT o.id, o.name, p.name AS party_name, o.owner_user, " + at + " AS at, o.state, o.expected_revenue AS amount, o.currency FROM crm_opportunity AS o JOIN crm_party AS p ON p.id = o.party_id"
	}
	if d.narrow != "" {
		c.and(d.narrow)
	}
	if r.by != Whole && d.Of != OpportunityKind {
		c.and(c.key+" = ?", key)
	}
	if r.by != Whole && d.Of == OpportunityKind {
		if err := r.pick(d, c, key); err != nil {
			return "", order, from, nil, err
		}
	}
	return query + " WHERE {scope}" + c.where, order, from, c.narrowed, nil
}

// split reports whether a figure belongs to sellers by their shares, whoever owns the opportunity.
func (d Definition) split() bool {
	return d.Code == Revenue || d.Code == CampaignRevenue || d.Code == Margin
}

// costed narrows to opportunities that have a line whose cost is known, of a group where one is given.
func (c *clause) costed(group ...string) {
	text := "EXISTS (SELECT 1 FROM crm_opportunity_line AS li JOIN crm_line_cost AS lc ON lc.line_id = li.id AND lc.known = 1 WHERE li.opportunity_id = o.id"
	var args []any
	for _, g := range group {
		text += " AND li.product_group = ?"
		args = append(args, g)
	}
	c.and(text+")", args...)
}

// deals begins the clause of the opportunities behind a figure, each of which stands once.
func (r *reading) deals(d Definition) *clause {
	plain := *r
	plain.by = Whole
	if d.split() {
		plain.of.Seller = ""
	}
	c := plain.single()
	if d.split() && r.of.Seller != "" {
		c.and("EXISTS (SELECT 1 FROM crm_opportunity_seller AS sp WHERE sp.opportunity_id = o.id AND sp.user_id = ?)", r.of.Seller)
	}
	switch d.Code {
	case DealsCreated:
		c.and("o.created_at >= ? AND o.created_at < ?", r.from, r.to)
	case CustomerRetention, CustomerChurn, RevenueChurn:
		c.and("o.closed_at >= ? AND o.closed_at < ?", r.earlier, r.from)
	case Funnel, StageTime:
		if r.by != Stage {
			left := ""
			if d.Code == StageTime { // the first step leaves no stage
				left = " AND m.from_stage IS NOT NULL"
			}
			c.and("EXISTS (SELECT 1 FROM crm_stage_move AS m WHERE m.opportunity_id = o.id AND m.moved_at >= ? AND m.moved_at < ?"+left+")", r.from, r.to)
		}
	default:
		c.and("o.closed_at >= ? AND o.closed_at < ?", r.from, r.to)
	}
	switch {
	case d.Code != Margin:
	case r.of.ProductGroup != "":
		c.costed(r.of.ProductGroup)
	default:
		c.costed()
	}
	return c
}

// pick narrows opportunities to those of one row.
func (r *reading) pick(d Definition, c *clause, key string) error {
	var id []byte
	if r.by == Pipeline || r.by == Stage {
		parsed, err := uuid.Parse(key)
		if err != nil {
			return fault.New(fault.NotFound, "there is no %s %.40q", string(r.by), key)
		}
		id = parsed[:]
	}
	switch r.by {
	case Seller:
		if d.split() {
			c.and("EXISTS (SELECT 1 FROM crm_opportunity_seller AS part WHERE part.opportunity_id = o.id AND part.user_id = ?)", key)
			return nil
		}
		c.and("o.owner_user = ?", key)
	case Team:
		c.and("o.owner_team = ?", key)
	case Source:
		c.and("o.source = ?", key)
	case Region:
		c.and(opportunity.RegionSQL(r.s.Dialect(), "o")+" = ?", key)
	case Campaign:
		c.and("o.campaign = ?", key)
	case Pipeline:
		c.and("o.pipeline_id = ?", id)
	case LostReason:
		c.and(exact(r.s.Dialect(), "o.lost_reason")+" = ?", key)
	case ProductGroup:
		if d.Code == Margin {
			c.costed(key)
			return nil
		}
		c.and("EXISTS (SELECT 1 FROM crm_opportunity_line AS part WHERE part.opportunity_id = o.id AND part.product_group = ?)", key)
	case Competitor:
		c.and("EXISTS (SELECT 1 FROM crm_competitor AS one WHERE one.opportunity_id = o.id AND "+exact(r.s.Dialect(), "one.name")+" = ?)", key)
	case Stage:
		side := "m.to_stage"
		if d.Code == StageTime {
			side = "m.from_stage"
		}
		c.and("EXISTS (SELECT 1 FROM crm_stage_move AS m WHERE m.opportunity_id = o.id AND m.moved_at >= ? AND m.moved_at < ? AND "+side+" = ?)", r.from, r.to, id)
	case Whole, Month, Regulation:
	}
	return nil
}
