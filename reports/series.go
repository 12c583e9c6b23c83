package reports

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// Sum is a number of opportunities and what they are worth in one currency.
type Sum struct {
	Currency string `bun:"currency" json:"currency"`
	Count    int    `bun:"deals" json:"count"`
	// Revenue is the expected revenue; Weighted the same times the chance.
	Revenue  money.Amount `bun:"revenue" json:"revenue"`
	Weighted money.Amount `bun:"weighted" json:"weighted"`
}

// Of narrows a figure; zero fields do not.
type Of struct {
	Pipeline opportunity.PipelineID
	Owner    string
}

func (f Of) where() store.Predicate {
	var p store.Predicate
	if !f.Pipeline.IsZero() {
		p.SQL += " AND o.pipeline_id = ?"
		p.Args = append(p.Args, f.Pipeline)
	}
	if f.Owner != "" {
		p.SQL += " AND o.owner_user = ?"
		p.Args = append(p.Args, f.Owner)
	}
	return p
}

// Month is what happened in one month of the company's calendar.
type Month struct {
	// First is the month's first day.
	First civil.Date `json:"first"`
	// Created counts by the day of creation, Won and Lost by that of the end; by currency, in the order of codes.
	Created []Sum `json:"created"`
	Won     []Sum `json:"won"`
	Lost    []Sum `json:"lost"`
}

// MaxMonths is how long a trend may be.
const MaxMonths = 36

// TrendQuery asks for a trend.
type TrendQuery struct {
	// Last is any day of the last month; today where it is zero.
	Last civil.Date
	// Months is how many, 12 where it is 0, at most [MaxMonths].
	Months int
	Of     Of
}

// closedSum is a sum of opportunities that ended in one way.
type closedSum struct {
	State string `bun:"state"`
	Sum
}

const sums = "o.currency, COUNT(*) AS deals, SUM(o.expected_revenue) AS revenue, SUM(o.weighted) AS weighted FROM crm_opportunity AS o WHERE {scope}"

// Trend gives month by month how many opportunities were created, won and lost, and their sums, the earliest
// month first. Months are those of the company's zone. It needs actor.ReportRead.
func (r *Reports) Trend(ctx context.Context, q TrendQuery) ([]Month, error) {
	if q.Months == 0 {
		q.Months = 12
	}
	if q.Months < 0 || q.Months > MaxMonths {
		return nil, fault.List{{Path: "months", Code: "range", Message: "is out of range; ask for 1 to 36 months"}}.Err("the trend cannot be shown")
	}
	var out []Month
	err := r.read(ctx, Query{}, func(ctx context.Context, s *store.Session, l locale.Locale) error {
		out = nil
		if q.Last.IsZero() {
			q.Last = civil.In(s.Now, l.Location())
		}
		of := q.Of.where()
		from := store.From[opportunity.Opportunity]("o")
		for i := q.Months - 1; i >= 0; i-- {
			begin := time.Date(q.Last.Year, q.Last.Month-time.Month(i), 1, 0, 0, 0, 0, l.Location())
			end := time.Date(q.Last.Year, q.Last.Month-time.Month(i)+1, 1, 0, 0, 0, 0, l.Location())
			m := Month{First: civil.In(begin, l.Location())}
			args := append([]any{begin, end}, of.Args...)
			err := s.Query(ctx, &m.Created, from, "SELECT "+sums+" AND o.created_at >= ? AND o.created_at < ?"+of.SQL+" GROUP BY o.currency ORDER BY o.currency", args...)
			if err != nil {
				return err
			}
			var closed []closedSum
			err = s.Query(ctx, &closed, from, "SELECT o.state, "+sums+" AND o.closed_at >= ? AND o.closed_at < ?"+of.SQL+" GROUP BY o.state, o.currency ORDER BY o.state, o.currency", args...)
			if err != nil {
				return err
			}
			for _, c := range closed {
				switch opportunity.State(c.State) {
				case opportunity.Won:
					m.Won = append(m.Won, c.Sum)
				case opportunity.Lost:
					m.Lost = append(m.Lost, c.Sum)
				case opportunity.Open:
				}
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

// FunnelStage is one stage of a pipeline in a funnel.
type FunnelStage struct {
	PipelineID opportunity.PipelineID `bun:"pipeline_id" json:"pipeline_id"`
	Pipeline   string                 `bun:"pipeline" json:"pipeline"`
	StageID    opportunity.StageID    `bun:"stage_id" json:"stage_id"`
	Stage      string                 `bun:"stage" json:"stage"`
	Kind       opportunity.State      `bun:"kind" json:"kind"`
	// Open are the opportunities that stand in the stage now, by currency; Count is of all of them.
	Open  []Sum `bun:"-" json:"open"`
	Count int   `bun:"-" json:"count"`
	// Entered is how many different opportunities came into the stage in the period.
	Entered int `bun:"-" json:"entered"`
}

// FunnelQuery asks for a funnel.
type FunnelQuery struct {
	// Period is that of FunnelStage.Entered; what is open is of now.
	Period Period
	Of     Of
}

// stageSum is a sum of the opportunities of one stage.
type stageSum struct {
	StageID opportunity.StageID `bun:"stage_id"`
	Sum
}

// entered is how many opportunities came into one stage.
type entered struct {
	StageID opportunity.StageID `bun:"to_stage"`
	Count   int                 `bun:"deals"`
}

// Funnel gives the stages of the pipelines in their order, with what stands in each and what came into it. It
// needs actor.ReportRead.
func (r *Reports) Funnel(ctx context.Context, q FunnelQuery) ([]FunnelStage, error) {
	var out []FunnelStage
	err := r.read(ctx, Query{Period: q.Period}, func(ctx context.Context, s *store.Session, _ locale.Locale) error {
		out = nil
		of := q.Of.where()
		query := "SELECT p.id AS pipeline_id, p.name AS pipeline, st.id AS stage_id, st.name AS stage, st.kind FROM crm_pipeline AS p JOIN crm_stage AS st ON st.pipeline_id = p.id" +
			" WHERE {scope} AND p.archived_at IS NULL AND st.archived_at IS NULL"
		var args []any
		if !q.Of.Pipeline.IsZero() {
			query += " AND p.id = ?"
			args = append(args, q.Of.Pipeline)
		}
		if err := s.Query(ctx, &out, store.From[opportunity.Pipeline]("p"), query+" ORDER BY p.position, p.id, st.position, st.id", args...); err != nil {
			return err
		}
		var open []stageSum
		from := store.From[opportunity.Opportunity]("o")
		err := s.Query(ctx, &open, from, "SELECT o.stage_id, "+sums+" AND o.state = 'open'"+of.SQL+" GROUP BY o.stage_id, o.currency ORDER BY o.stage_id, o.currency", of.Args...)
		if err != nil {
			return err
		}
		within := q.Period.where("m.moved_at")
		var came []entered
		err = s.Query(ctx, &came, from, "SELECT m.to_stage, COUNT(DISTINCT m.opportunity_id) AS deals FROM crm_stage_move AS m CROSS JOIN crm_opportunity AS o WHERE {scope} AND o.id = m.opportunity_id AND m.company = o.company AND m.company = ?"+
			within.SQL+of.SQL+" GROUP BY m.to_stage", slices.Concat([]any{s.Actor.Company}, within.Args, of.Args)...)
		if err != nil {
			return err
		}
		for i := range out {
			st := &out[i]
			for _, o := range open {
				if o.StageID == st.StageID {
					st.Open = append(st.Open, o.Sum)
					st.Count += o.Count
				}
			}
			for _, c := range came {
				if c.StageID == st.StageID {
					st.Entered = c.Count
				}
			}
		}
		return nil
	})
	return out, err
}
