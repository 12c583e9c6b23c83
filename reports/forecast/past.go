package forecast

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/kpi"
)

// StoodQuery asks for the opportunities that an end of a waterfall is made of.
type StoodQuery struct {
	// On is the day of the snapshot; a day without one is as the last one before it.
	On civil.Date `json:"on"`
	// Target, Weighted and Of are as in [WaterfallQuery].
	Target   kpi.Period `json:"target"`
	Weighted bool       `json:"weighted"`
	Of       kpi.Filter `json:"of"`
}

// Stood lists what was open on a day that is past, as it was then. It needs actor.OpportunityRead.
func (f *Forecasts) Stood(ctx context.Context, q StoodQuery, page store.Page) (Deals, error) {
	var faults fault.List
	if q.On.IsZero() {
		faults.Required("on", "")
	}
	snapshotFilter(&faults, q.Of)
	if err := faults.Err("what was open cannot be shown"); err != nil {
		return Deals{}, err
	}
	return store.Read(ctx, f.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Deals, error) {
		home := f.config.Locales(s.Actor.Company)
		book, err := exchange.Open(ctx, s, home.Currency)
		if err != nil {
			return Deals{}, err
		}
		entries, err := open(ctx, s, WaterfallQuery{Target: q.Target, Of: q.Of}, q.On)
		if err != nil {
			return Deals{}, err
		}
		var parts []part
		var missing []string
		for id, e := range entries {
			rate, known := book.Rate(e.Currency, q.On.Time(home.Location()))
			if !known {
				missing = append(missing, e.Currency)
				continue
			}
			v := e.Amount
			if q.Weighted {
				v = e.Weighted
			}
			parts = append(parts, part{id: id, value: book.Round(v.Mul(rate)).Decimal, entry: &e})
		}
		out, err := listed(ctx, s, book, parts, page, home.Location())
		out.Missing = once(missing)
		return out, err
	})
}

// TestedQuery asks for the opportunities that a number of a [Test] is made of.
type TestedQuery struct {
	// Month is any day of it.
	Month civil.Date `json:"month"`
	// Measure is CommitSum, BestSum or WeightedSum of what was said, or WonSum of what came.
	Measure Measure    `json:"measure"`
	Of      kpi.Filter `json:"of"`
}

// Tested lists what was expected of a month on its first day, as it was then, or what came. It needs actor.OpportunityRead.
func (f *Forecasts) Tested(ctx context.Context, q TestedQuery, page store.Page) (Deals, error) {
	var faults fault.List
	if q.Month.IsZero() {
		faults.Required("month", "")
	}
	if !slices.Contains([]Measure{CommitSum, BestSum, WeightedSum, WonSum}, q.Measure) {
		faults.Add("measure", "choice", "%.20q is none; choose %s, %s, %s or %s", string(q.Measure), CommitSum, BestSum, WeightedSum, WonSum)
	}
	snapshotFilter(&faults, q.Of)
	if err := faults.Err("what the forecast of a month was made of cannot be shown"); err != nil {
		return Deals{}, err
	}
	return store.Read(ctx, f.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Deals, error) {
		home := f.config.Locales(s.Actor.Company)
		book, err := exchange.Open(ctx, s, home.Currency)
		if err != nil {
			return Deals{}, err
		}
		month := kpi.Months(q.Month, 1, 1)[0]
		var parts []part
		var missing []string
		if q.Measure == WonSum {
			won, err := f.kpis.In(s).RevenueParts(ctx, kpi.Query{Period: month, Of: q.Of})
			if err != nil {
				return Deals{}, err
			}
			for _, one := range won.Rows {
				parts = append(parts, part{id: one.ID, value: one.Value})
			}
			out, err := listed(ctx, s, book, parts, page, home.Location())
			out.Missing = once(won.Missing)
			return out, err
		}
		entries, err := open(ctx, s, WaterfallQuery{Target: month, Of: q.Of}, month.First)
		if err != nil {
			return Deals{}, err
		}
		for id, e := range entries {
			rate, known := book.Rate(e.Currency, month.First.Time(home.Location()))
			switch v, belongs := f.expected(e, q.Measure); {
			case belongs && known:
				parts = append(parts, part{id: id, value: v.Mul(rate), entry: &e})
			case belongs:
				missing = append(missing, e.Currency)
			}
		}
		out, err := listed(ctx, s, book, parts, page, home.Location())
		out.Missing = once(missing)
		return out, err
	})
}

// once puts names in order, each of them once.
func once(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// expected is what an entry counts in one of the measures; false where it does not belong to it.
func (f *Forecasts) expected(e Entry, m Measure) (money.Amount, bool) {
	switch m {
	case CommitSum:
		return e.Amount, e.Chance.Cmp(f.config.Commit) >= 0
	case BestSum:
		return e.Amount, e.Chance.Cmp(f.config.Best) >= 0
	}
	return e.Weighted, true
}

// snapshotFilter refuses what snapshots do not keep.
func snapshotFilter(faults *fault.List, of kpi.Filter) {
	if of.Source != "" || of.ProductGroup != "" {
		faults.Add("of", "filter", "snapshots know seller, team and pipeline, and your own fields; leave source and product group empty")
	}
}
