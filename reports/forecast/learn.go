package forecast

import (
	"context"
	"math"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// ages are the bands of how long an opportunity has stood in its stage: from so many days on.
var ages = []int{0, 7, 14, 30, 60, 120}

// Enough is from how many closed opportunities on a learnt chance is used in sums; below the one that was set
// counts.
const Enough = 8

// Chance is what one open stage's opportunities became.
type Chance struct {
	Pipeline     opportunity.PipelineID `json:"pipeline_id"`
	PipelineName string                 `json:"pipeline"`
	Stage        opportunity.StageID    `json:"stage_id"`
	StageName    string                 `json:"stage"`
	// Set is the chance that people gave the stage.
	Set money.Percent `json:"set"`
	Odds
	// Ages are those of the opportunities that stood in the stage for at least so long.
	Ages []Age `json:"ages"`
}

// Odds is a share with the interval in which the true one lies with 95 % certainty (Wilson's score interval).
type Odds struct {
	Deals  int64         `json:"deals"`
	Won    int64         `json:"won"`
	Learnt money.Percent `json:"learnt"`
	Low    money.Percent `json:"low"`
	High   money.Percent `json:"high"`
}

// Age is the chance of what has stood in the stage for Days or longer.
type Age struct {
	Days int `json:"days"`
	Odds
}

// Known reports whether enough was closed to go by.
func (o Odds) Known() bool { return o.Deals >= Enough }

// newOdds is the share of won ones among deals.
func newOdds(won, deals int64) Odds {
	out := Odds{Deals: deals, Won: won}
	if deals == 0 {
		return out
	}
	const z = 1.959963984540054 // 95 %
	n, p := float64(deals), float64(won)/float64(deals)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	percent := func(x float64) money.Percent {
		return money.NewPercent(decimal.NewFromFloat(100 * min(1, max(0, x))).Round(2))
	}
	out.Learnt = money.NewPercent(decimal.NewFromInt(100*won).DivRound(decimal.NewFromInt(deals), 2))
	out.Low, out.High = percent(middle-half), percent(middle+half)
	return out
}

// at is the chance that an opportunity of an age band has: that of the oldest band with enough behind it, the
// stage's own, or where nothing is known the one that was set.
func (c Chance) at(band int, set money.Percent) money.Percent {
	for i := min(band, len(c.Ages)-1); i > 0; i-- {
		if c.Ages[i].Known() {
			return c.Ages[i].Learnt
		}
	}
	if c.Known() {
		return c.Learnt
	}
	return set
}

// LearnQuery says from what chances are learnt.
type LearnQuery struct {
	// First and Last are the days of closing; where they are zero the configured months up to today.
	First civil.Date `json:"first"`
	Last  civil.Date `json:"last"`
}

// stays are the closed opportunities of the company, which everybody learns from alike.
type stays struct {
	bun.BaseModel `bun:"table:crm_opportunity,alias:opportunity"`

	Company string `bun:"company"`
}

// stay counts the opportunities that were in a stage for so long and ended so.
type stay struct {
	Stage opportunity.StageID `bun:"stage_id"`
	State string              `bun:"state"`
	Age   int                 `bun:"age"`
	N     int64               `bun:"n"`
}

// Learn counts what the opportunities became that ever came into each open stage and were closed in the window.
// It counts all of the company's, whatever the actor sees of them, since chances of one man's ten deals say
// nothing; no single one is told. It needs actor.OpportunityRead.
func (f *Forecasts) Learn(ctx context.Context, q LearnQuery) ([]Chance, error) {
	return store.Read(ctx, f.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) ([]Chance, error) {
		return f.learn(ctx, s, q)
	})
}

func (f *Forecasts) learn(ctx context.Context, s *store.Session, q LearnQuery) ([]Chance, error) {
	zone := f.config.Locales(s.Actor.Company).Location()
	today := civil.In(s.Now, zone)
	if q.Last.IsZero() {
		q.Last = today
	}
	if q.First.IsZero() {
		q.First = civil.Of(time.Date(q.Last.Year, q.Last.Month-time.Month(f.config.Window), q.Last.Day, 0, 0, 0, 0, time.UTC))
	}
	var rows []struct {
		Pipeline opportunity.PipelineID `bun:"pipeline_id"`
		Name     string                 `bun:"pipeline"`
		Stage    opportunity.StageID    `bun:"stage_id"`
		Step     string                 `bun:"stage"`
		Chance   money.Percent          `bun:"chance"`
	}
	err := s.Query(ctx, &rows, store.From[opportunity.Pipeline]("p"), `SELECT p.id AS pipeline_id, p.name AS pipeline, st.id AS stage_id, st.name AS stage, st.chance
FROM crm_pipeline AS p JOIN crm_stage AS st ON st.pipeline_id = p.id
WHERE {scope} AND st.kind = 'open' AND st.archived_at IS NULL AND p.archived_at IS NULL ORDER BY p.position, p.id, st.position, st.id`)
	if err != nil {
		return nil, err
	}
	// How long it stood there in all: the steps by which it left, the one by which it was closed included.
	band := "CASE"
	var args []any
	for i := len(ages) - 1; i > 0; i-- {
		band += " WHEN x.stood >= ? THEN " + decimal.NewFromInt(int64(i)).String()
		args = append(args, ages[i]*24*3600)
	}
	band += " ELSE 0 END"
	var found []stay
	query := "SELECT y.stage_id, y.state, y.age, COUNT(*) AS n FROM (SELECT x.stage_id, x.state, " + band + ` AS age FROM (
	SELECT m.from_stage AS stage_id, o.id, o.state, SUM(m.seconds) AS stood FROM crm_opportunity AS o JOIN crm_stage_move AS m ON m.opportunity_id = o.id
	WHERE {scope} AND o.company = ? AND o.closed_at >= ? AND o.closed_at < ? AND m.from_stage IS NOT NULL GROUP BY m.from_stage, o.id, o.state) AS x) AS y GROUP BY y.stage_id, y.state, y.age`
	args = append(args, s.Actor.Company, q.First.Time(zone), q.Last.AddDays(1).Time(zone))
	if err := s.Query(ctx, &found, store.From[stays]("o"), query, args...); err != nil {
		return nil, err
	}
	out := make([]Chance, 0, len(rows))
	for _, r := range rows {
		c := Chance{Pipeline: r.Pipeline, PipelineName: r.Name, Stage: r.Stage, StageName: r.Step, Set: r.Chance, Ages: make([]Age, len(ages))}
		for i, days := range ages {
			var won, deals int64
			for _, one := range found {
				if one.Stage == r.Stage && one.Age >= i {
					deals += one.N
					if one.State == string(opportunity.Won) {
						won += one.N
					}
				}
			}
			c.Ages[i] = Age{Days: days, Odds: newOdds(won, deals)}
		}
		c.Odds = c.Ages[0].Odds
		out = append(out, c)
	}
	return out, nil
}
