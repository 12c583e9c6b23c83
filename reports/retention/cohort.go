package retention

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Cohort is the customers whose first order that is known fell into one period.
type Cohort struct {
	// First is the first day of their period.
	First civil.Date `json:"first"`
	// Earlier says that orders are known from this period on: customers of before are among them.
	Earlier bool `json:"earlier"`
	// Turns are their own period and each later one, to the running one.
	Turns []CohortTurn `json:"turns"`
}

// CohortTurn is how many of a cohort ordered in a period, and for how much.
type CohortTurn struct {
	Customers int64        `json:"customers"`
	Net       money.Amount `json:"net"`
}

// Customers is how many the cohort has.
func (c Cohort) Customers() int64 { return c.Turns[0].Customers }

// CohortQuestion asks for cohorts.
type CohortQuestion struct {
	// Step is how many months a period has: 1, 3, 6 or 12; periods end with those of the calendar year.
	Step int
	// Most is how many cohorts there are at most, the latest.
	Most int
	Of   Filter
}

// Cohorts reads the cohorts until the period with the day of today, the earliest first, by the count c.
func Cohorts(ctx context.Context, s *store.Session, c Count, q CohortQuestion, today civil.Date) ([]Cohort, error) {
	number := func(d civil.Date) int { return (d.Year*12 + int(d.Month) - 1) / q.Step }
	first, last := number(c.KnownFrom), number(today)
	var rows []struct {
		Cohort    int          `bun:"cohort"`
		Turn      int          `bun:"turn"`
		Customers int64        `bun:"customers"`
		Net       money.Amount `bun:"net"`
	}
	err := steady(ctx, s, &c, func() error {
		r, err := lookAt(ctx, s, c)
		if err != nil {
			return err
		}
		join, key, args := r.one()
		where, bounds := r.live(c.KnownFrom, Months(firstOf(today), 1))
		filter, narrowed, joined := r.narrow(Question{Of: q.Of}, nil)
		joins := ""
		if joined {
			joins = owned
		}
		at := fmt.Sprintf("(CAST(SUBSTR(b.month, 1, 4) AS INTEGER) * 12 + CAST(SUBSTR(b.month, 6, 2) AS INTEGER) - 1) / %d", q.Step)
		if s.Dialect() == store.MSSQL {
			at = fmt.Sprintf("(YEAR(b.month) * 12 + MONTH(b.month) - 1) / %d", q.Step)
		}
		rows = nil
		return s.Query(ctx, &rows, store.From[buyer]("x"), "SELECT x.cohort, x.turn, COUNT(*) AS customers, SUM(x.net) AS net FROM (SELECT t.company, t.customer, t.turn, t.net, MIN(t.turn) OVER (PARTITION BY t.customer) AS cohort FROM ("+
			"SELECT b.company, "+key+" AS customer, "+at+" AS turn, SUM(b.net) AS net FROM crm_bought_month AS b"+join+where+" GROUP BY b.company, "+key+", "+at+") AS t) AS x"+joins+
			" WHERE {scope}"+filter+" GROUP BY x.cohort, x.turn", append(append(args, bounds...), narrowed...)...)
	})
	if err != nil {
		return nil, err
	}
	begin := max(first, last-q.Most+1)
	var out []Cohort
	for n := begin; n <= last; n++ {
		out = append(out, Cohort{First: Months(civil.Date{Year: 1, Month: 1, Day: 1}, n*q.Step-12), Earlier: n == first, Turns: make([]CohortTurn, last-n+1)})
	}
	for _, row := range rows {
		if row.Cohort >= begin && row.Turn <= last {
			out[row.Cohort-begin].Turns[row.Turn-row.Cohort] = CohortTurn{row.Customers, row.Net}
		}
	}
	return out, nil
}
