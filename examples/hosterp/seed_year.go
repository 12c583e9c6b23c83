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

// year is what was done in a year of sales that are over: calls, meetings, opportunities that were won and lost. It sets
// quotas for those who sell now.
func (sc *scene) year(ctx context.Context, leads []lead.Row) ([]deed, error) {
	system := actor.With(ctx, actor.System(sc.company, "example year"))
	if err := sc.rates(system); err != nil {
		return nil, err
	}
	if err := sc.goals(ctx); err != nil {
		return nil, err
	}
	if len(leads) == 0 {
		return nil, nil
	}
	deeds := []deed{{sc.month(longAgo), func() error { return sc.regulations(ctx) }}}
	n := 0
	var bought []lead.Row // in the order of their purchases
	sell := func(who lead.Row, ago int, again bool) {
		done, won := sc.sale(ctx, who, sc.month(ago), n, again)
		if deeds, n = append(deeds, done...), n+1; won {
			bought = append(bought, who)
		}
	}
	for ago := longAgo; ago >= 2; ago-- {
		for range monthly[sc.company] {
			if back := len(bought) - regulars; n%3 == 2 && back >= 0 {
				sell(bought[back], ago, true)
			} else {
				sell(leads[n%len(leads)], ago, false)
			}
		}
	}
	for i := range monthly[sc.company] / 2 { // last month, beside those who are new
		sell(bought[len(bought)-1-i], 1, true)
	}
	return deeds, nil
}

// regulars is after how many sales to others a customer buys again.
const regulars = 6

// longAgo is how many months ago the seeded year begins.
const longAgo = 13

// month is the morning of the first day of a month that lies some months back.
func (sc *scene) month(ago int) time.Time {
	return time.Date(sc.today.Year(), sc.today.Month()-time.Month(ago), 1, 7, 0, 0, 0, time.UTC)
}

// deed is something that was done in the seeded year. All of them are done in the order of time, so that each
// snapshot of the forecast finds the sales that were open then.
type deed struct {
	at time.Time
	do func() error
}

// story is what happened to one lead, one thing after the other, and nothing later than last.
type story struct {
	deeds []deed
	last  time.Time
}

// then adds what happened at a time, or right after what happened before where that was later.
func (st *story) then(at time.Time, do func() error) {
	if n := len(st.deeds); n > 0 && at.Before(st.deeds[n-1].at) {
		at = st.deeds[n-1].at
	}
	if at.After(st.last) {
		at = st.last
	}
	st.deeds = append(st.deeds, deed{at, do})
}

// live does all deeds in the order of time, with a snapshot of the forecast each week and each day of the last five weeks.
// In the end it notes what was sold cost, so that margins can be counted from the start.
func (sc *scene) live(ctx context.Context, deeds []deed) error {
	const recent = 35 * day
	snapshot := func() error {
		_, err := sc.module.Forecasts.Snapshot(ctx)
		return err
	}
	for ago := longAgo; ago >= 0; ago-- { // what a month was to bring is asked of its first day
		deeds = append(deeds, deed{sc.month(ago), snapshot})
	}
	for at := sc.month(longAgo).Add(7 * day); at.Before(sc.today.Add(-day)); {
		deeds = append(deeds, deed{at, snapshot})
		if at = at.Add(day); at.Before(sc.today.Add(-recent)) {
			at = at.Add(6 * day)
		}
	}
	slices.SortStableFunc(deeds, func(a, b deed) int { return a.at.Compare(b.at) })
	for _, d := range deeds {
		if d.at.After(sc.today) {
			break
		}
		sc.clock.move(d.at)
		if err := d.do(); err != nil {
			return err
		}
	}
	sc.clock.move(sc.today)
	_, err := sc.module.Costs.Work(ctx)
	return err
}

// rates are what a euro and a dollar were worth, changing a little each month.
func (sc *scene) rates(ctx context.Context) error {
	own := map[string]map[string]string{"HU01": {"EUR": "391.2", "USD": "352.4"}, "IL01": {"EUR": "4.02", "USD": "3.65"}, "GR01": {"USD": "0.91"}}[sc.company]
	var quotes []exchange.Quote
	for currency, rate := range own {
		for month := range 37 { // as far back as orders go
			day := civil.Of(time.Date(sc.today.Year(), sc.today.Month()-time.Month(month), 1, 0, 0, 0, 0, time.UTC))
			value := money.MustRate(rate).Mul(decimal.New(int64(1000+4*(month%5)), -3))
			quotes = append(quotes, exchange.Quote{Currency: currency, Day: day, Rate: money.NewRate(value.Round(4))})
		}
	}
	return sc.module.Rates.Note(ctx, quotes...)
}

// sale is one opportunity from its first call to its end, and whether that is won. Who comes again or far mostly buys.
func (sc *scene) sale(ctx context.Context, who lead.Row, month time.Time, n int, again bool) ([]deed, bool) {
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
	far := 1 + n%(len(sc.stages)-1)
	for step := 1; step <= far; step++ {
		deeds = append(deeds, deed{began.Add(length * time.Duration(step) / time.Duration(len(sc.stages)+1)), func() error {
			_, err := sc.module.Opportunities.Move(ctx, o.ID, opportunity.Step{Stage: sc.stages[step].ID})
			return err
		}})
	}
	for _, d := range sc.think(ctx, &o, draft, n) {
		deeds = append(deeds, deed{began.Add(length * 2 / 5), d})
	}
	likely := 90 * far / len(sc.stages)
	if again {
		likely = 80
	}
	won := sc.rand.IntN(100) < likely
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
	}}), won
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
	plan := planOf(sc.company, month.Year)
	year := quota.Draft{Kind: quota.Company, Measure: quota.Revenue, StartsOn: civil.Date{Year: month.Year, Month: 1, Day: 1}, Months: 12}
	for _, d := range plan {
		if d.Kind == year.Kind && d.Measure == year.Measure {
			year.Target = year.Target.Add(d.Target)
		}
	}
	drafts := []quota.Draft{year}
	for _, p := range sc.people {
		for m := time.January; m <= time.December; m++ {
			drafts = append(drafts, quota.Draft{Kind: quota.Seller, Subject: p.UserID, Team: p.Team(), Measure: quota.Revenue, StartsOn: civil.Date{Year: month.Year, Month: m, Day: 1}, Months: 1, Target: money.MustAmount(target)})
		}
		drafts = append(drafts,
			quota.Draft{Kind: quota.Seller, Subject: p.UserID, Team: p.Team(), Measure: quota.Activities, StartsOn: month, Months: 1, Target: money.MustAmount("12")})
	}
	if err := sc.module.Quotas.SetAll(ctx, append(drafts, plan...)); err != nil {
		return err
	}
	return sc.commissions(ctx)
}

// earlier are people who bought or asked before those of this year's leads.
func (sc *scene) earlier(ctx context.Context) ([]lead.Row, error) {
	found, err := sc.module.Leads.List(ctx, lead.Filter{}, lead.ByArrival, store.Page{Limit: 60})
	return found.Rows, err
}
