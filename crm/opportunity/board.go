package opportunity

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Total is the sum of the opportunities of one stage in one currency.
type Total struct {
	PipelineID PipelineID   `bun:"pipeline_id" json:"pipeline_id"`
	StageID    StageID      `bun:"stage_id" json:"stage_id"`
	Currency   string       `bun:"currency" json:"currency"`
	Count      int64        `bun:"n" json:"count"`
	Revenue    money.Amount `bun:"revenue" json:"revenue"`
	Weighted   money.Amount `bun:"weighted" json:"weighted"`
}

// Scope says what is summed up; zero fields do not narrow it.
type Scope struct {
	// Pipeline defaults to all pipelines in Totals, to the first one on the board.
	Pipeline PipelineID
	// State defaults to Open.
	State State
	Owner string
}

// Totals sums up what the actor may see, per stage and currency, in the order of the stages. It reads sums
// that the database keeps by owner, not each opportunity.
func (o *Opportunities) Totals(ctx context.Context, scope Scope) ([]Total, error) {
	return store.Read(ctx, o.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) ([]Total, error) {
		found, err := totals(ctx, s, scope)
		if err != nil {
			return nil, err
		}
		places, err := placesOf(ctx, s)
		slices.SortStableFunc(found, func(a, b Total) int {
			return cmp.Or(cmp.Compare(places[a.StageID], places[b.StageID]), cmp.Compare(a.Currency, b.Currency))
		})
		return found, err
	})
}

// sum is a row of the sums that the database keeps beside the opportunities, by owner.
type sum struct {
	bun.BaseModel `bun:"table:crm_opportunity_total,alias:total"`

	Company    string       `bun:"company,pk"`
	State      State        `bun:"state,pk"`
	PipelineID PipelineID   `bun:"pipeline_id,pk"`
	StageID    StageID      `bun:"stage_id,pk"`
	Currency   string       `bun:"currency,pk"`
	OwnerUser  string       `bun:"owner_user,pk"`
	OwnerTeam  string       `bun:"owner_team,pk"`
	Count      int64        `bun:"n"`
	Revenue    money.Amount `bun:"revenue"`
	Weighted   money.Amount `bun:"weighted"`
}

// Guard lets a user see the sums of his visibility; what he is a seller of beside is added to them.
func (sum) Guard(a actor.Actor, alias string) store.Predicate { return store.OwnedBy(a, alias) }

func totals(ctx context.Context, s *store.Session, scope Scope) ([]Total, error) {
	narrow := " AND o.state = ?"
	if scope.State == "" {
		scope.State = Open
	}
	args := []any{string(scope.State)}
	if !scope.Pipeline.IsZero() {
		narrow += " AND o.pipeline_id = ?"
		args = append(args, scope.Pipeline)
	}
	if scope.Owner != "" {
		narrow += " AND o.owner_user = ?"
		args = append(args, scope.Owner)
	}
	const group = " GROUP BY o.pipeline_id, o.stage_id, o.currency"
	var found []Total
	err := s.Query(ctx, &found, store.From[sum]("o"),
		"SELECT o.pipeline_id, o.stage_id, o.currency, SUM(o.n) AS n, SUM(o.revenue) AS revenue, SUM(o.weighted) AS weighted FROM crm_opportunity_total AS o WHERE {scope}"+narrow+group, args...)
	if err != nil || s.Actor.See == actor.All {
		return found, err
	}
	beside, owned := sold(s.Actor, "o"), store.OwnedBy(s.Actor, "o")
	var more []Total
	err = s.Query(ctx, &more, store.From[Opportunity]("o"),
		"SELECT o.pipeline_id, o.stage_id, o.currency, COUNT(*) AS n, SUM(o.expected_revenue) AS revenue, SUM(o.weighted) AS weighted FROM crm_opportunity AS o WHERE {scope} AND "+
			beside.SQL+" AND NOT "+owned.SQL+narrow+group, slices.Concat(beside.Args, owned.Args, args)...)
	return added(found, more), err
}

// added puts the sums of other opportunities to the first ones.
func added(found, more []Total) []Total {
	for _, m := range more {
		at := slices.IndexFunc(found, func(t Total) bool {
			return t.PipelineID == m.PipelineID && t.StageID == m.StageID && t.Currency == m.Currency
		})
		if at < 0 {
			found = append(found, m)
			continue
		}
		t := &found[at]
		t.Count += m.Count
		t.Revenue, t.Weighted = t.Revenue.Add(m.Revenue), t.Weighted.Add(m.Weighted)
	}
	return found
}

// placesOf numbers all stages: pipelines in their order, stages in theirs.
func placesOf(ctx context.Context, s *store.Session) (map[StageID]int, error) {
	var all []Stage
	err := s.Query(ctx, &all, store.From[Pipeline]("p"),
		"SELECT st.id, st.pipeline_id, st.position FROM crm_pipeline AS p JOIN crm_stage AS st ON st.pipeline_id = p.id WHERE {scope} ORDER BY p.position, p.id, st.position, st.id")
	places := make(map[StageID]int, len(all))
	for i, st := range all {
		places[st.ID] = i
	}
	return places, err
}

// View says what the board shows.
type View struct {
	// Pipeline defaults to the company's first one.
	Pipeline PipelineID
	Owner    string
	// Cards is the number of cards per stage: 20 where it is 0, at most 100.
	Cards int
}

// Board shows the open opportunities of one pipeline, stage by stage.
type Board struct {
	Pipeline Pipeline `json:"pipeline"`
	Columns  []Column `json:"columns"`
}

// Column is one open stage.
type Column struct {
	Stage Stage `json:"stage"`
	// Totals are by currency, over all opportunities of the stage.
	Totals []Total `json:"totals"`
	// Cards are the first ones, those longest in the stage before the others.
	Cards []Row `json:"cards"`
	// Next asks [Opportunities.List] for further ones, sorted ByStageSince; "" where there are none.
	Next string `json:"next,omitempty"`
}

// Board reads the board. An archived stage is shown as long as something open is in it.
func (o *Opportunities) Board(ctx context.Context, v View) (Board, error) {
	if v.Pipeline.IsZero() {
		all, err := o.Pipelines().List(ctx)
		if err != nil {
			return Board{}, err
		}
		v.Pipeline = all[0].ID
	}
	return store.Read(ctx, o.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Board, error) {
		p, err := pipelineOf(ctx, s, v.Pipeline)
		if err != nil {
			return Board{}, err
		}
		sums, err := totals(ctx, s, Scope{Pipeline: p.ID, Owner: v.Owner})
		if err != nil {
			return Board{}, err
		}
		b := Board{Pipeline: p}
		for _, st := range p.Stages {
			c := Column{Stage: st}
			for _, t := range sums {
				if t.StageID == st.ID {
					c.Totals = append(c.Totals, t)
				}
			}
			if st.Kind != Open || !st.ArchivedAt.IsZero() && len(c.Totals) == 0 {
				continue
			}
			if err := c.fill(ctx, s, v); err != nil {
				return b, err
			}
			b.Columns = append(b.Columns, c)
		}
		return b, nil
	})
}

const (
	defaultCards = 20
	maxCards     = 100
)

func (c *Column) fill(ctx context.Context, s *store.Session, v View) error {
	if len(c.Totals) == 0 {
		return nil
	}
	size := v.Cards
	if size <= 0 {
		size = defaultCards
	}
	f := Filter{
		States: []State{Open}, Pipeline: c.Stage.PipelineID, Stage: c.Stage.ID, Owner: v.Owner, Sort: ByStageSince,
		Page: store.Page{Limit: min(size, maxCards)},
	}
	l, err := f.list(ctx, s, nil)
	c.Cards, c.Next = l.Rows, l.Next
	return err
}
