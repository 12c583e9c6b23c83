package forecast

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/kpi"
)

// Test is what the forecast of a month said on its first day, and what came.
type Test struct {
	Period   kpi.Period   `json:"period"`
	Commit   money.Amount `json:"commit"`
	Best     money.Amount `json:"best"`
	Weighted money.Amount `json:"weighted"`
	// Came is what was won in the month. Known is false where there is no snapshot of its first day.
	Came  money.Amount `json:"came"`
	Known bool         `json:"known"`
	// Off is how far Weighted lay from Came, in percent of Came: 20 where a fifth too much was promised.
	Off kpi.Value `json:"off"`
}

// BackTest gives the last months that are over, the earliest first. It needs actor.OpportunityRead.
func (f *Forecasts) BackTest(ctx context.Context, months int, of kpi.Filter) ([]Test, error) {
	var faults fault.List
	if months < 1 || months > 36 {
		faults.Add("months", "range", "is out of range; ask for 1 to 36 months")
	}
	if err := faults.Err("the forecasts cannot be tested"); err != nil {
		return nil, err
	}
	return store.Read(ctx, f.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) ([]Test, error) {
		home := f.config.Locales(s.Actor.Company)
		book, err := exchange.Open(ctx, s, home.Currency)
		if err != nil {
			return nil, err
		}
		var first []day
		if err := s.Query(ctx, &first, store.From[day]("d"), "SELECT MIN(d.day) AS day FROM crm_forecast_day AS d WHERE {scope} AND d.company = ?", s.Actor.Company); err != nil {
			return nil, err
		}
		today := civil.In(s.Now, home.Location())
		var out []Test
		for i := months; i > 0; i-- {
			begin := civil.Of(time.Date(today.Year, today.Month-time.Month(i), 1, 0, 0, 0, 0, time.UTC))
			end := civil.Of(time.Date(begin.Year, begin.Month+1, 1, 0, 0, 0, 0, time.UTC)).AddDays(-1)
			t := Test{Period: kpi.Period{First: begin, Last: end}}
			t.Known = len(first) > 0 && !first[0].Day.IsZero() && !first[0].Day.After(begin)
			if err := f.said(ctx, s, book, of, &t); err != nil {
				return nil, err
			}
			out = append(out, t)
		}
		return out, nil
	})
}

func (f *Forecasts) said(ctx context.Context, s *store.Session, book *exchange.Book, of kpi.Filter, t *Test) error {
	entries, err := open(ctx, s, WaterfallQuery{Target: t.Period, Of: of}, t.Period.First)
	if err != nil {
		return err
	}
	var commit, best, weighted decimal.Decimal
	at := t.Period.First.Time(f.config.Locales(s.Actor.Company).Location())
	for _, e := range entries {
		rate, ok := book.Rate(e.Currency, at)
		if !ok {
			continue
		}
		for m, sum := range map[Measure]*decimal.Decimal{WeightedSum: &weighted, BestSum: &best, CommitSum: &commit} {
			if v, belongs := f.expected(e, m); belongs {
				*sum = sum.Add(v.Mul(rate))
			}
		}
	}
	t.Commit, t.Best, t.Weighted = book.Round(commit), book.Round(best), book.Round(weighted)
	came, err := f.kpis.In(s).Figure(ctx, kpi.Revenue, kpi.Query{Period: t.Period, Of: of})
	if err != nil {
		return err
	}
	t.Came = book.Round(came.Value.Decimal)
	if t.Known && !t.Came.IsZero() {
		t.Off = kpi.Value{Decimal: t.Weighted.Sub(t.Came).Mul(decimal.NewFromInt(100)).DivRound(t.Came.Decimal, 1), Known: true}
	}
	return nil
}
