package main

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/quota"
)

// monthly is how many sales a company closes in a month of the seeded year, in the order of its companies' sizes.
var monthly = map[string]int{"HU01": 6, "GR01": 2, "IL01": 3}

// year is a year of sales that are over: calls, meetings, opportunities that were won and lost, with a snapshot
// of the forecast at the beginning of each month, and quotas for those who sell now.
func (sc *scene) year(ctx context.Context, leads []lead.Row) error {
	if len(leads) == 0 {
		return nil
	}
	system := actor.With(ctx, actor.System(sc.company, "example year"))
	if err := sc.rates(system); err != nil {
		return err
	}
	var deeds []deed
	n := 0
	for month := 13; month >= 3; month-- {
		first := time.Date(sc.today.Year(), sc.today.Month()-time.Month(month), 1, 7, 0, 0, 0, time.UTC)
		if month == 13 {
			deeds = append(deeds, deed{first, func() error { return sc.regulations(ctx) }})
		}
		deeds = append(deeds, deed{first, func() error {
			_, err := sc.module.Forecasts.Snapshot(system)
			return err
		}})
		for range monthly[sc.company] {
			deeds = append(deeds, sc.sale(ctx, leads[n%len(leads)], first, n)...)
			n++
		}
	}
	slices.SortStableFunc(deeds, func(a, b deed) int { return a.at.Compare(b.at) })
	for _, d := range deeds {
		sc.clock.move(d.at)
		if err := d.do(); err != nil {
			return err
		}
	}
	return sc.goals(ctx)
}

// deed is something that was done in the seeded year. All of them are done in the order of time, so that each
// month's snapshot of the forecast finds the sales that were open then.
type deed struct {
	at time.Time
	do func() error
}

// rates are what a euro and a dollar were worth, changing a little each month.
func (sc *scene) rates(ctx context.Context) error {
	own := map[string]map[string]string{"HU01": {"EUR": "391.2", "USD": "352.4"}, "IL01": {"EUR": "4.02", "USD": "3.65"}, "GR01": {"USD": "0.91"}}[sc.company]
	var quotes []exchange.Quote
	for currency, rate := range own {
		for month := range 14 {
			day := civil.Of(time.Date(sc.today.Year(), sc.today.Month()-time.Month(month), 1, 0, 0, 0, 0, time.UTC))
			value := money.MustRate(rate).Mul(decimal.New(int64(1000+4*(month%5)), -3))
			quotes = append(quotes, exchange.Quote{Currency: currency, Day: day, Rate: money.NewRate(value.Round(4))})
		}
	}
	return sc.module.Rates.Note(ctx, quotes...)
}

// sale is one opportunity from its first call to its end.
func (sc *scene) sale(ctx context.Context, who lead.Row, month time.Time, n int) []deed {
	seller := sc.people[n%len(sc.people)]
	ctx = actor.With(ctx, seller)
	began := month.Add(time.Duration(sc.rand.IntN(20*24)) * time.Hour)
	length := time.Duration(6+sc.rand.IntN(40)) * day
	draft := opportunity.Draft{
		PartyID: who.PartyID, Name: sc.phrase(n%5) + " – " + who.Name, Source: who.Source, Lines: sc.lines(),
		ExpectedClose: civil.Of(began.Add(length + time.Duration(sc.rand.IntN(20)-10)*day)), Team: opportunity.Team{Owner: seller.UserID, OwnerTeam: seller.Team()},
	}
	if n%3 == 0 {
		draft.Campaign = "tavasz"
	}
	if n%4 == 1 && len(sc.people) > 1 {
		draft.Team.Sellers = opportunity.Even(seller.UserID, sc.people[(n+1)%len(sc.people)].UserID)
	}
	if n%2 == 0 {
		draft.Competitors = []opportunity.Competitor{{Name: []string{"Alfa & Co.", "Beta Bt.", "Gamma"}[n%3]}}
	}
	for i := range draft.Lines {
		draft.Lines[i].Discount = money.MustPercent([]string{"0", "5", "0", "10", "12.5"}[(n+i)%5])
	}
	var o opportunity.Opportunity
	deeds := []deed{{began, func() (err error) {
		if o, err = sc.module.Opportunities.Create(ctx, draft); err != nil {
			return err
		}
		return sc.talk(ctx, who, o, n)
	}}}
	for step := 1; step <= 1+n%(len(sc.stages)-1); step++ {
		deeds = append(deeds, deed{began.Add(length * time.Duration(step) / time.Duration(len(sc.stages)+1)), func() error {
			_, err := sc.module.Opportunities.Move(ctx, o.ID, opportunity.Step{Stage: sc.stages[step].ID})
			return err
		}})
	}
	won := sc.rand.IntN(100) < 45
	loss := opportunity.Loss{Reason: []string{"price", "competitor", "timing", "no_budget", "no_answer"}[sc.rand.IntN(5)], Competitor: opportunity.NoCompetitor, Lesson: sc.phrase(7)}
	if len(draft.Competitors) > 0 {
		loss.Competitor = draft.Competitors[0].Name
	}
	return append(deeds, deed{began.Add(length), func() (err error) {
		if won {
			_, err = sc.module.Opportunities.CloseWon(ctx, o.ID, opportunity.Win{})
		} else {
			_, err = sc.module.Opportunities.CloseLost(ctx, o.ID, loss)
		}
		return err
	}})
}

// talk is a call, before every other sale a meeting too.
func (sc *scene) talk(ctx context.Context, who lead.Row, o opportunity.Opportunity, n int) error {
	for i, kind := range []activity.Kind{activity.Call, activity.Meeting}[:1+n%2] {
		spoke := activity.Deed{Party: who.PartyID, Opportunity: activity.OpportunityID(o.ID), Kind: kind, Subject: sc.phrase(5 + i), Minutes: 15 + sc.rand.IntN(60)}
		if kind == activity.Call {
			spoke.Direction = activity.Out
		}
		if _, err := sc.module.Activities.Record(ctx, spoke); err != nil {
			return err
		}
	}
	return nil
}

// goals are this month's and this year's quotas.
func (sc *scene) goals(ctx context.Context) error {
	boss := sc.people[0]
	ctx = actor.With(ctx, boss)
	sc.clock.move(sc.today)
	month := civil.Date{Year: sc.today.Year(), Month: sc.today.Month(), Day: 1}
	target := map[string]string{"HU01": "2000000", "GR01": "8000", "IL01": "30000"}[sc.company]
	drafts := []quota.Draft{
		{Kind: quota.Company, Measure: quota.Revenue, StartsOn: civil.Date{Year: month.Year, Month: 1, Day: 1}, Months: 12, Target: money.NewAmount(money.MustAmount(target).Mul(money.MustAmount("12").Decimal))},
	}
	for _, p := range sc.people {
		drafts = append(drafts,
			quota.Draft{Kind: quota.Seller, Subject: p.UserID, Team: p.Team(), Measure: quota.Revenue, StartsOn: month, Months: 1, Target: money.MustAmount(target)},
			quota.Draft{Kind: quota.Seller, Subject: p.UserID, Team: p.Team(), Measure: quota.Activities, StartsOn: month, Months: 1, Target: money.MustAmount("12")})
	}
	if err := sc.module.Quotas.SetAll(ctx, append(drafts, planOf(sc.company, month.Year)...)); err != nil {
		return err
	}
	return sc.commissions(ctx)
}

// earlier are people who bought or asked before those of this year's leads.
func (sc *scene) earlier(ctx context.Context) ([]lead.Row, error) {
	found, err := sc.module.Leads.List(ctx, lead.Filter{}, lead.ByArrival, store.Page{Limit: 60})
	return found.Rows, err
}
