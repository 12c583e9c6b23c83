package quota

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/sold"
)

// soldMonth is what the host sold in a month, by a quota's measure.
type soldMonth struct {
	Month, CountedOn civil.Date
	Value            decimal.Decimal
}

// sold is what the host sold of a plan's subject in whole months; known is false where it is not counted, or, for a
// margin, where nothing sold has a cost.
func (q *Quotas) sold(ctx context.Context, one Quota, p kpi.Period) (out []soldMonth, known bool, err error) {
	if one.Measure == Activities {
		return nil, false, nil
	}
	err = q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		out = nil
		ask := sold.Period{First: p.First, Last: p.Last, Whole: one.Kind == Company, Group: one.Subject}
		rows, counted, err := sold.Of(ctx, s, ask)
		if err != nil || !counted {
			return err
		}
		known = one.Measure != Margin
		for _, m := range rows {
			value := m.Revenue.Decimal
			switch one.Measure {
			case Margin:
				value, known = m.Margin.Decimal, known || !m.Costed.IsZero()
			case Deals:
				value = decimal.NewFromInt(m.Orders)
			case Revenue, Activities:
			}
			out = append(out, soldMonth{m.Month, m.CountedOn, value})
		}
		return nil
	})
	return out, known, err
}

// PlanQuery asks for the business plan of a year.
type PlanQuery struct {
	// Year is the calendar year, this one where it is 0.
	Year    int     `json:"year"`
	Measure Measure `json:"measure"`
	// Months is how long each period is: 1, 3 or 12.
	Months int `json:"months"`
	// Groups are product groups that are shown without a plan, too.
	Groups []string `json:"groups,omitempty"`
}

// Plan is the business plan of a year: the company's figures and those of its product groups, beside the quotas of its
// sellers.
type Plan struct {
	Year     int          `json:"year"`
	Measure  Measure      `json:"measure"`
	Currency string       `json:"currency,omitempty"`
	Periods  []kpi.Period `json:"periods"`
	// Rows begin with the company; groups follow in the order of their keys.
	Rows []PlanRow `json:"rows"`
	// Sellers are the sums of the sellers' quotas that the reader sees: of each seller the one of the same period, or
	// where there is none those of shorter periods within it.
	Sellers []money.Amount `json:"sellers"`
}

// PlanRow is the company, or a product group.
type PlanRow struct {
	Kind    Kind   `json:"kind"`
	Subject string `json:"subject"`
	// Cells are the periods in order. Without a plan a cell has what was attained and no target.
	Cells []Row `json:"cells"`
	// Target and Attained are of the year; Now holds the plan against the days of it that are over, where all of its
	// periods up to today have one.
	Target   money.Amount    `json:"target"`
	Attained decimal.Decimal `json:"attained"`
	Now      Row             `json:"now"`
}

func (p *PlanQuery) check(today civil.Date) error {
	var faults fault.List
	p.Year, p.Measure, p.Months = cmp.Or(p.Year, today.Year), cmp.Or(p.Measure, Revenue), cmp.Or(p.Months, 1)
	if p.Year < 2000 || p.Year > 2200 {
		faults.Add("year", "range", "is %d; give a year from 2000 to 2200", p.Year)
	}
	if p.Measure == Activities || !slices.Contains(Measures, p.Measure) {
		faults.Add("measure", "choice", "%.20q is in no plan; choose one of %q", string(p.Measure), Measures[:3])
	}
	if !slices.Contains([]int{1, 3, 12}, p.Months) {
		faults.Add("months", "choice", "is %d; choose 1, 3 or 12", p.Months)
	}
	return faults.Err("the plan cannot be shown")
}

func (p PlanQuery) periods() []kpi.Period {
	var out []kpi.Period
	for m := 1; m <= 12; m += p.Months {
		one := Quota{StartsOn: civil.Date{Year: p.Year, Month: time.Month(m), Day: 1}, Months: p.Months}
		out = append(out, one.Period())
	}
	return out
}

// Plan gives the business plan of a year. It needs actor.ReportRead: the plan, and what the company sold, is for those who
// read its reports.
func (q *Quotas) Plan(ctx context.Context, ask PlanQuery) (Plan, error) {
	var today civil.Date
	var company string
	var quotas []Quota
	out := Plan{}
	err := q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ReportRead); err != nil {
			return err
		}
		home := q.locales(s.Actor.Company)
		company, today = s.Actor.Company, civil.In(s.Now, home.Location())
		if err := ask.check(today); err != nil {
			return err
		}
		out = Plan{Year: ask.Year, Measure: ask.Measure, Periods: ask.periods()}
		if ask.Measure.Money() {
			out.Currency = home.Currency
		}
		err := s.Select(&quotas).Where("quota.company = ? AND quota.starts_on >= ? AND quota.starts_on <= ? AND quota.measure = ? AND (quota.months = ? OR quota.months < ? AND quota.kind = ?)",
			company, out.Periods[0].First, out.Periods[len(out.Periods)-1].Last, ask.Measure, ask.Months, ask.Months, Seller).Scan(ctx)
		if err != nil || s.Actor.Kind == actor.KindSystem {
			return err
		}
		// The plan itself belongs to nobody; who reads reports sees it.
		return q.plans(ctx, s, ask, &quotas)
	})
	if err != nil {
		return out, err
	}
	whole := actor.With(ctx, actor.System(company, "quotas"))
	out.Sellers = sellersIn(quotas, out.Periods, ask.Months)
	at := func(q Quota) int {
		return slices.IndexFunc(out.Periods, func(p kpi.Period) bool { return p.First == q.StartsOn })
	}
	set := map[string]map[int]Quota{}
	subjects := slices.Clone(ask.Groups)
	for _, one := range quotas {
		i := at(one)
		if i < 0 {
			continue
		}
		switch one.Kind {
		case Company, ProductGroup:
			key := string(one.Kind) + " " + one.Subject
			if set[key] == nil {
				set[key] = map[int]Quota{}
			}
			set[key][i] = one
			if one.Kind == ProductGroup {
				subjects = append(subjects, one.Subject)
			}
		case Seller, Team:
		}
	}
	slices.Sort(subjects)
	rows := []PlanRow{{Kind: Company}}
	for _, g := range slices.Compact(subjects) {
		rows = append(rows, PlanRow{Kind: ProductGroup, Subject: g})
	}
	for _, r := range rows {
		if err := q.planRow(whole, &r, out, set[string(r.Kind)+" "+r.Subject], today); err != nil {
			return out, err
		}
		out.Rows = append(out.Rows, r)
	}
	return out, nil
}

// span is a period by its first day and its months.
type span struct {
	First  civil.Date
	Months int
}

// sellersIn adds up what sellers are to reach in each period.
func sellersIn(quotas []Quota, periods []kpi.Period, months int) []money.Amount {
	of := map[string]map[span]money.Amount{}
	for _, one := range quotas {
		if one.Kind != Seller {
			continue
		}
		if of[one.Subject] == nil {
			of[one.Subject] = map[span]money.Amount{}
		}
		of[one.Subject][span{one.StartsOn, one.Months}] = one.Target
	}
	out := make([]money.Amount, len(periods))
	for i, period := range periods {
		for _, set := range of {
			out[i] = out[i].Add(within(set, span{period.First, months}))
		}
	}
	return out
}

// within is what a seller is to reach in a period: the quota of it, or where there is none those of its parts, so that the
// year of one who has its months, too, is not counted twice.
func within(set map[span]money.Amount, p span) money.Amount {
	target, ok := set[p]
	part := map[int]int{12: 3, 3: 1}[p.Months]
	if ok || part == 0 {
		return target
	}
	for m := 0; m < p.Months; m += part {
		target = target.Add(within(set, span{civil.Date{Year: p.First.Year, Month: p.First.Month + time.Month(m), Day: 1}, part}))
	}
	return target
}

// plans adds the quotas of company and groups that the reader's visibility leaves out.
func (q *Quotas) plans(ctx context.Context, s *store.Session, ask PlanQuery, quotas *[]Quota) error {
	seen := map[ID]bool{}
	for _, one := range *quotas {
		seen[one.ID] = true
	}
	var all []planned
	err := s.Query(ctx, &all, store.From[planned]("p"), "SELECT p.* FROM crm_quota AS p WHERE {scope} AND p.company = ? AND p.starts_on >= ? AND p.starts_on <= ? AND p.kind IN ('company', 'group') AND p.measure = ? AND p.months = ?",
		s.Actor.Company, civil.Date{Year: ask.Year, Month: 1, Day: 1}, civil.Date{Year: ask.Year, Month: 12, Day: 31}, ask.Measure, ask.Months)
	for _, one := range all {
		if !seen[one.ID] {
			*quotas = append(*quotas, Quota(one))
		}
	}
	return err
}

// planned is a quota of the company or of a group, which whoever reads reports sees.
type planned Quota

func (q *Quotas) planRow(ctx context.Context, r *PlanRow, p Plan, set map[int]Quota, today civil.Date) error {
	year := Quota{Kind: r.Kind, Subject: r.Subject, Measure: p.Measure, StartsOn: p.Periods[0].First, Months: 12, Currency: p.Currency}
	months, basis, counted, err := q.byMonth(ctx, year, today)
	if err != nil {
		return err
	}
	// now is the plan up to today: whole periods that are over, and of the one that runs its part.
	r.Now.Quota, r.Now.Basis, r.Now.CountedOn = year, basis, counted
	due, complete := decimal.Zero, true
	for i, period := range p.Periods {
		cell := Row{Quota: Quota{Kind: r.Kind, Subject: r.Subject, Measure: p.Measure, StartsOn: period.First, Months: 12 / len(p.Periods), Currency: p.Currency}, Basis: basis, CountedOn: counted}
		one, there := set[i]
		if there {
			cell.Quota = one
		}
		for _, m := range months {
			if !m.Month.Before(period.First) && !m.Month.After(period.Last) {
				cell.Attained = cell.Attained.Add(m.Value)
			}
		}
		r.Attained = r.Attained.Add(cell.Attained)
		if there {
			cell.judge(today)
			r.Target = r.Target.Add(one.Target)
			due = due.Add(one.Target.Mul(cell.Elapsed.Decimal).Div(decimal.NewFromInt(100)))
		} else if !period.First.After(today) {
			complete = false
		}
		r.Cells = append(r.Cells, cell)
	}
	r.Now.Target, r.Now.Attained = r.Target, r.Attained
	if r.Target.IsPositive() {
		r.Now.judge(today)
		r.Now.Pace = money.Percent{}
		if complete && due.IsPositive() {
			r.Now.Pace = money.NewPercent(r.Attained.Mul(decimal.NewFromInt(100)).DivRound(due, 1))
		}
	}
	return nil
}

// byMonth is what was attained in each month of a year that has begun.
func (q *Quotas) byMonth(ctx context.Context, year Quota, today civil.Date) ([]soldMonth, Basis, civil.Date, error) {
	months, known, err := q.sold(ctx, year, year.Period())
	if err != nil {
		return nil, Won, civil.Date{}, err
	}
	if known {
		var counted civil.Date
		if len(months) > 0 {
			counted = months[0].CountedOn
		}
		return months, Sold, counted, nil
	}
	if year.StartsOn.After(today) {
		return nil, Won, civil.Date{}, nil
	}
	code := map[Measure]kpi.Code{Revenue: kpi.Revenue, Margin: kpi.Margin, Deals: kpi.DealsWon}[year.Measure]
	f, err := q.kpis.Figure(ctx, code, kpi.Query{Period: year.Period(), Of: kpi.Filter{ProductGroup: year.Subject}, By: kpi.Month})
	if err != nil {
		return nil, Won, civil.Date{}, err
	}
	var out []soldMonth
	for _, r := range f.Rows {
		first, err := civil.Parse(r.Key + "-01")
		if err != nil {
			return nil, Won, civil.Date{}, err
		}
		out = append(out, soldMonth{Month: first, Value: r.Value.Decimal})
	}
	return out, Won, civil.Date{}, nil
}
