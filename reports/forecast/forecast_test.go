package forecast_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

type world struct {
	t         *testing.T
	env       *testutil.Env
	zone      *time.Location
	opps      *opportunity.Opportunities
	forecasts *forecast.Forecasts
	parties   *party.Parties
	firm      party.ID
	stages    []opportunity.Stage
}

func newWorld(t *testing.T, env *testutil.Env) *world {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		t.Fatal(err)
	}
	locales := func(string) locale.Locale {
		return locale.Locale{Language: locale.Hungarian, Zone: zone, Currency: "HUF"}
	}
	w := &world{t: t, env: env, zone: zone, opps: opportunity.New(env.DB, opportunity.Config{Locale: locales}), forecasts: forecast.New(env.DB, forecast.Config{Locales: locales}), parties: party.New(env.DB, locales)}
	firm, err := w.parties.Add(env.System(), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	w.ok(err)
	w.firm = firm.ID
	all, err := w.opps.Pipelines().List(w.as("anna"))
	w.ok(err)
	w.stages = all[0].Stages
	w.ok(exchange.New(env.DB, locales).Note(w.as("anna"), exchange.Quote{Currency: "EUR", Day: civil.In(env.Clock.Now(), zone), Rate: money.MustRate("400")},
		exchange.Quote{Currency: "EUR", Day: w.today().AddDays(9), Rate: money.MustRate("391.37")}))
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) as(user string) context.Context {
	return w.env.As(user, actor.Admin, actor.All, "pest")
}

func (w *world) today() civil.Date { return civil.In(w.env.Clock.Now(), w.zone) }

func (w *world) deal(owner, worth, currency string, close civil.Date) opportunity.Opportunity {
	w.t.Helper()
	amount := money.MustAmount(worth)
	o, err := w.opps.Create(w.as(owner), opportunity.Draft{PartyID: w.firm, Name: "Polcok " + worth, Currency: currency, ExpectedRevenue: &amount, ExpectedClose: close})
	w.ok(err)
	return o
}

func (w *world) lose(id opportunity.ID) {
	w.t.Helper()
	_, err := w.opps.CloseLost(w.as("anna"), id, opportunity.Loss{Reason: "ár", Competitor: opportunity.NoCompetitor, Lesson: "x"})
	w.ok(err)
}

func TestChancesAreLearnt(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for i := range 10 {
			o := w.deal("anna", "100", "HUF", civil.Date{})
			env.Clock.Advance(time.Duration(i+1) * 48 * time.Hour)
			if i < 3 {
				_, err := w.opps.CloseWon(w.as("anna"), o.ID, opportunity.Win{})
				w.ok(err)
			} else {
				w.lose(o.ID)
			}
		}
		got, err := w.forecasts.Learn(w.as("anna"), forecast.LearnQuery{})
		w.ok(err)
		first := got[0]
		if first.Deals != 10 || first.Won != 3 || first.Learnt.String() != "30" || first.Low.String() != "10.78" || first.High.String() != "60.32" {
			t.Errorf("learnt %+v; 3 of 10 are 30 %% between 10.78 and 60.32", first.Odds)
		}
		if old := first.Ages[1]; old.Days != 7 || old.Deals != 7 || old.Won != 0 {
			t.Errorf("what stood there for a week: %+v, want 0 of 7", old)
		}
		if got[1].Known() || got[1].Deals != 0 {
			t.Errorf("a stage nobody came to: %+v", got[1].Odds)
		}
	})
}

func TestTableAddsUp(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		today := w.today()
		next := today.AddDays(31)
		w.deal("anna", "1000", "HUF", today)
		w.deal("béla", "10", "EUR", next)
		w.deal("béla", "7", "USD", next)
		w.deal("anna", "55", "HUF", civil.Date{})
		w.deal("anna", "66", "HUF", today.AddDays(400))
		sold := w.deal("anna", "500", "HUF", today)
		_, err := w.opps.CloseWon(w.as("anna"), sold.ID, opportunity.Win{})
		w.ok(err)
		got, err := w.forecasts.Table(w.as("anna"), forecast.Query{By: kpi.Seller})
		w.ok(err)
		if fmt.Sprint(got.Missing) != "[USD]" {
			t.Errorf("missing rates %v, want USD", got.Missing)
		}
		if c := got.Total.Cells[0]; c.Open.String() != "1000" || c.Won.String() != "500" || c.Count != 1 {
			t.Errorf("this month %+v", c)
		}
		if u, l := got.Total.Undated, got.Total.Later; u.Open.String() != "55" || l.Open.String() != "66" {
			t.Errorf("without date %+v, later %+v", u, l)
		}
		var open, weighted money.Amount
		for _, r := range got.Rows {
			open, weighted = open.Add(r.Sum.Open), weighted.Add(r.Sum.Weighted)
		}
		if !open.Equal(got.Total.Sum.Open) || open.String() != "5000" || !weighted.Equal(got.Total.Sum.Weighted) {
			t.Errorf("sellers have %s and %s, the total says %s and %s", open, weighted, got.Total.Sum.Open, got.Total.Sum.Weighted)
		}
		for _, by := range forecast.Dimensions {
			broken, err := w.forecasts.Table(w.as("anna"), forecast.Query{By: by, Step: forecast.ByQuarter})
			w.ok(err)
			var sum money.Amount
			for _, r := range broken.Rows {
				sum = sum.Add(r.Sum.Best).Add(r.Undated.Open).Add(r.Later.Open)
			}
			if want := broken.Total.Sum.Best.Add(broken.Total.Undated.Open).Add(broken.Total.Later.Open); !sum.Equal(want) {
				t.Errorf("by %s the rows make %s, the total %s", by, sum, want)
			}
		}
	})
}

// TestRegionsAreThoseOfTheCustomers: the address names one, or its country stands for it.
func TestRegionsAreThoseOfTheCustomers(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.deal("anna", "7", "HUF", w.today())
		for i, home := range []party.Address{{Region: "Pest", Country: "HU"}, {Region: "Zala", Country: "HU"}, {Country: "GR"}} {
			firm, err := w.parties.Add(env.System(), party.Draft{Kind: party.Company, FullName: fmt.Sprintf("Νέα %d ΕΠΕ", i), Address: home})
			w.ok(err)
			w.firm = firm.ID
			w.deal("anna", fmt.Sprint(100*(i+1)), "HUF", w.today())
			sold := w.deal("béla", fmt.Sprint(1000*(i+1)), "HUF", w.today())
			_, err = w.opps.CloseWon(w.as("béla"), sold.ID, opportunity.Win{})
			w.ok(err)
		}
		got, err := w.forecasts.Table(w.as("anna"), forecast.Query{By: kpi.Region})
		w.ok(err)
		parts := map[string]string{}
		for _, r := range got.Rows {
			parts[r.Key] = fmt.Sprint(r.Cells[0].Won, " ", r.Cells[0].Open, " ", r.Cells[0].Count)
			if r.Key == "" {
				continue
			}
			// the list behind a cell is of what is open in it
			list, err := w.opps.List(w.as("anna"), opportunity.Filter{States: []opportunity.State{opportunity.Open}, Region: r.Key, CloseTo: got.Periods[0].Last})
			w.ok(err)
			if len(list.Rows) != 1 || list.Rows[0].ExpectedRevenue.String() != r.Cells[0].Open.String() {
				t.Errorf("behind %s stand %+v", r.Key, list.Rows)
			}
		}
		if want := map[string]string{"": "0 7 1", "Pest": "1000 100 1", "Zala": "2000 200 1", "GR": "3000 300 1"}; !maps.Equal(parts, want) {
			t.Errorf("regions have %v, want %v", parts, want)
		}
	})
}

// TestWaterfallAddsUp plays random days and holds every waterfall against what stood open at its two ends,
// counted from the opportunities themselves on those days.
func TestWaterfallAddsUp(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		from := civil.Date{}
		dice := rand.New(rand.NewPCG(7, 11))
		pick := dice.IntN
		var deals []opportunity.Opportunity
		stood := map[civil.Date]money.Amount{}
		var days []civil.Date
		for range 12 {
			for range 4 {
				switch what := pick(8); {
				case what < 3 || len(deals) == 0:
					deals = append(deals, w.deal("anna", fmt.Sprint(100+pick(900)), []string{"HUF", "EUR"}[pick(2)], w.today().AddDays(pick(60))))
				default:
					w.touch(&deals[pick(len(deals))], what, pick)
				}
				env.Clock.Advance(time.Hour)
			}
			if n, err := w.forecasts.Snapshot(env.System()); err != nil || n == 0 && len(days) == 0 {
				t.Fatalf("the snapshot took %d, %v", n, err)
			}
			if n, err := w.forecasts.Snapshot(env.System()); err != nil || n != 0 {
				t.Fatalf("a second snapshot of a day took %d, %v", n, err)
			}
			table, err := w.forecasts.Table(w.as("anna"), forecast.Query{})
			w.ok(err)
			stood[w.today()] = table.Total.Sum.Open.Add(table.Total.Undated.Open).Add(table.Total.Later.Open)
			days = append(days, w.today())
			if from.IsZero() {
				from = w.today()
			}
			env.Clock.Advance(24 * time.Hour)
		}
		reasons := map[forecast.Reason]int{}
		for i, a := range days {
			for _, b := range days[i+1:] {
				got, err := w.forecasts.Waterfall(w.as("anna"), forecast.WaterfallQuery{From: a, To: b})
				w.ok(err)
				sum, moves := got.Start, got.Start
				for _, bar := range got.Bars {
					sum = sum.Add(bar.Sum)
					reasons[bar.Reason] += bar.Count
				}
				for _, m := range got.Moves {
					moves = moves.Add(m.After).Sub(m.Before)
				}
				if !sum.Equal(got.End) || !moves.Equal(got.End) || !near(got.Start, stood[a], len(deals)) || !near(got.End, stood[b], len(deals)) {
					t.Fatalf("%s to %s: start %s (open that day %s), bars make %s, moves %s, end %s (open that day %s)", a, b, got.Start, stood[a], sum, moves, got.End, stood[b])
				}
				for day, want := range map[civil.Date]money.Amount{a: got.Start, b: got.End} {
					stood, err := w.forecasts.Stood(w.as("anna"), forecast.StoodQuery{On: day}, store.Page{Limit: 500})
					w.ok(err)
					var sum money.Amount
					for _, d := range stood.Rows {
						sum = sum.Add(d.Part)
					}
					if !sum.Equal(want) || !stood.Sum.Equal(want) || stood.Count != len(stood.Rows) {
						t.Fatalf("on %s stood %s, the list of it makes %s and says %s", day, want, sum, stood.Sum)
					}
				}
				target := kpi.Period{First: b.AddDays(10), Last: b.AddDays(30)}
				got, err = w.forecasts.Waterfall(w.as("anna"), forecast.WaterfallQuery{From: a, To: b, Target: target, Weighted: true})
				w.ok(err)
				sum = got.Start
				for _, bar := range got.Bars {
					sum = sum.Add(bar.Sum)
					reasons[bar.Reason] += bar.Count
				}
				if !sum.Equal(got.End) {
					t.Fatalf("%s to %s in %v: %s, end %s", a, b, target, sum, got.End)
				}
			}
		}
		for _, r := range forecast.Reasons[:7] {
			if reasons[r] == 0 {
				t.Errorf("nothing was %s in the whole play", r)
			}
		}
		tests, err := w.forecasts.BackTest(w.as("anna"), 3, kpi.Filter{})
		w.ok(err)
		if len(tests) != 3 {
			t.Errorf("%d months were tested", len(tests))
		}
	})
}

// TestEarlierForecastsLeadToTheirDeals plays months, and holds each number of the test of forecasts against its list.
func TestEarlierForecastsLeadToTheirDeals(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		dice := rand.New(rand.NewPCG(5, 9))
		var deals []opportunity.Opportunity
		for month := range 3 {
			for w.today().Day != 1 {
				env.Clock.Advance(24 * time.Hour)
			}
			for range 8 {
				o := w.deal([]string{"anna", "béla"}[dice.IntN(2)], fmt.Sprintf("%d.%02d", 100+dice.IntN(900), dice.IntN(100)), []string{"HUF", "EUR", "USD"}[dice.IntN(3)], w.today().AddDays(dice.IntN(50)))
				chance := money.MustPercent(fmt.Sprint(10 * dice.IntN(11)))
				_, err := w.opps.Edit(w.as("anna"), o.ID, opportunity.Edit{Chance: &chance})
				w.ok(err)
				deals = append(deals, o)
			}
			_, err := w.forecasts.Snapshot(env.System())
			w.ok(err)
			env.Clock.Advance(48 * time.Hour)
			for i := range 4 {
				_, err := w.opps.CloseWon(w.as("anna"), deals[8*month+2*i].ID, opportunity.Win{})
				w.ok(err)
			}
			env.Clock.Advance(24 * time.Hour)
		}
		for w.today().Day != 1 {
			env.Clock.Advance(24 * time.Hour)
		}
		full, lacking := 0, map[forecast.Measure]bool{}
		for _, of := range []kpi.Filter{{}, {Seller: "béla"}} {
			tests, err := w.forecasts.BackTest(w.as("anna"), 3, of)
			w.ok(err)
			for _, one := range tests {
				for m, want := range map[forecast.Measure]money.Amount{forecast.CommitSum: one.Commit, forecast.BestSum: one.Best, forecast.WeightedSum: one.Weighted, forecast.WonSum: one.Came} {
					got, err := w.forecasts.Tested(w.as("anna"), forecast.TestedQuery{Month: one.Period.Last, Measure: m, Of: of}, store.Page{})
					w.ok(err)
					var sum money.Amount
					for _, d := range got.Rows {
						sum = sum.Add(d.Part)
					}
					if len(got.Rows) > 0 {
						full++
					}
					if slices.Equal(got.Missing, []string{"USD"}) {
						lacking[m] = true
					}
					if !one.Known || !sum.Equal(want) || !got.Sum.Equal(want) {
						t.Errorf("%s of %s for %+v is %s, its %d deals make %s", m, one.Period.First, of, want, len(got.Rows), sum)
					}
				}
			}
		}
		if full < 15 {
			t.Errorf("only %d of 24 numbers have deals behind them", full)
		}
		if len(lacking) < 3 {
			t.Errorf("that dollars have no rate is told of %v alone", lacking)
		}
	})
}

// near allows the half forint by which each of n deals is rounded.
func near(a, b money.Amount, n int) bool {
	return a.Sub(b).Abs().LessThanOrEqual(money.MustAmount("0.5").Mul(decimal.NewFromInt(int64(n))))
}

// touch changes a deal one way or another.
func (w *world) touch(o *opportunity.Opportunity, what int, pick func(int) int) {
	w.t.Helper()
	card, err := w.opps.Get(w.as("anna"), o.ID)
	w.ok(err)
	*o = card.Opportunity
	if o.State != opportunity.Open {
		_, err := w.opps.Reopen(w.as("anna"), o.ID, opportunity.Reopening{})
		w.ok(err)
		return
	}
	switch what {
	case 3:
		_, err := w.opps.CloseWon(w.as("anna"), o.ID, opportunity.Win{})
		w.ok(err)
	case 4:
		w.lose(o.ID)
	case 5, 6:
		later := o.ExpectedClose.AddDays(pick(40))
		_, err := w.opps.Edit(w.as("anna"), o.ID, opportunity.Edit{ExpectedClose: &later})
		w.ok(err)
	default:
		worth := money.MustAmount(fmt.Sprint(pick(2000)))
		_, err := w.opps.Edit(w.as("anna"), o.ID, opportunity.Edit{ExpectedRevenue: &worth})
		w.ok(err)
	}
}
