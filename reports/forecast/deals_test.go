package forecast_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

// sellersOf are the people of a random history and their teams.
var sellersOf = map[string]string{"anna": "pest", "béla": "pest", "dóra": "győr"}

// randomDeals plays a history: open, won, lost and reopened deals in three currencies (one without a rate), with splits,
// lines of groups and of none, revenue set by hand, customers of several regions, past, present, far and no dates.
func (w *world) randomDeals(dice *rand.Rand, n int) []opportunity.Opportunity {
	w.t.Helper()
	var homes []party.ID
	for i, home := range []party.Address{{Region: "Pest", Country: "HU"}, {Country: "GR"}, {}} {
		firm, err := w.parties.Add(w.env.System(), party.Draft{Kind: party.Company, FullName: fmt.Sprintf("Vevő %d Kft.", i), Address: home})
		w.ok(err)
		homes = append(homes, firm.ID)
	}
	people := []string{"anna", "béla", "dóra"}
	var out []opportunity.Opportunity
	for range n {
		owner := people[dice.IntN(3)]
		ctx := w.env.As(owner, actor.Admin, actor.All, sellersOf[owner])
		d := opportunity.Draft{PartyID: homes[dice.IntN(3)], Name: "Raktár", Currency: []string{"HUF", "HUF", "EUR", "USD"}[dice.IntN(4)], Source: []string{"web", "fair"}[dice.IntN(2)]}
		if dice.IntN(5) > 0 {
			d.ExpectedClose = w.today().AddDays(dice.IntN(330) - 40)
		}
		if dice.IntN(2) == 0 {
			amount := money.MustAmount(fmt.Sprintf("%d.%02d", dice.IntN(90000), dice.IntN(100)))
			d.ExpectedRevenue = &amount
		}
		for i := range dice.IntN(4) {
			d.Lines = append(d.Lines, opportunity.Line{Name: fmt.Sprint("Tétel ", i), ProductGroup: []string{"polc", "targonca", ""}[dice.IntN(3)], Quantity: money.MustQuantity(fmt.Sprint(1 + dice.IntN(9))),
				UnitPrice: money.MustAmount(fmt.Sprintf("%d.%02d", dice.IntN(900), dice.IntN(100)))})
		}
		if dice.IntN(2) == 0 {
			part := dice.IntN(100)
			d.Team.Owner = owner
			d.Team.Sellers = []opportunity.Seller{{User: owner, Share: money.MustPercent(fmt.Sprint(part))}}
			for _, other := range people {
				if other != owner {
					d.Team.Sellers = append(d.Team.Sellers, opportunity.Seller{User: other, Share: money.MustPercent(fmt.Sprint(100 - part))})
					break
				}
			}
		}
		o, err := w.opps.Create(ctx, d)
		w.ok(err)
		if dice.IntN(3) == 0 {
			o, err = w.opps.Move(ctx, o.ID, opportunity.Step{Stage: w.stages[1+dice.IntN(2)].ID})
			w.ok(err)
		}
		w.env.Clock.Advance(time.Duration(dice.IntN(50)) * time.Hour)
		switch dice.IntN(5) {
		case 0, 1:
			_, err := w.opps.CloseWon(ctx, o.ID, opportunity.Win{})
			w.ok(err)
			if dice.IntN(4) == 0 {
				_, err := w.opps.Reopen(ctx, o.ID, opportunity.Reopening{})
				w.ok(err)
			}
		case 2:
			if dice.IntN(2) == 0 {
				w.lose(o.ID)
			}
		}
		card, err := w.opps.Get(ctx, o.ID)
		w.ok(err)
		out = append(out, card.Opportunity)
	}
	return out
}

// drilled reads all pages of what a number is made of, and holds its parts against its own sum.
func (w *world) drilled(q forecast.DealQuery) forecast.Deals {
	w.t.Helper()
	var all forecast.Deals
	var sum money.Amount
	seen := map[opportunity.ID]bool{}
	for after := ""; ; {
		got, err := w.forecasts.Deals(w.as("anna"), q, store.Page{After: after, Limit: 7})
		w.ok(err)
		for _, d := range got.Rows {
			if seen[d.ID] {
				w.t.Fatalf("%+v has %s twice", q, d.ID)
			}
			seen[d.ID] = true
			sum = sum.Add(d.Part)
			all.Rows = append(all.Rows, d)
		}
		all.Sum, all.Count = got.Sum, got.Count
		if after = got.Next; after == "" {
			break
		}
	}
	if !sum.Equal(all.Sum) || len(all.Rows) != all.Count {
		w.t.Fatalf("%+v: %d rows make %s, told are %d and %s", q, len(all.Rows), sum, all.Count, all.Sum)
	}
	return all
}

// TestEveryNumberLeadsToItsDeals plays random histories, and holds each number of tables by every dimension, narrowed in
// several ways, against the list that it leads to.
func TestEveryNumberLeadsToItsDeals(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		dice := rand.New(rand.NewPCG(3, 5))
		deals := map[opportunity.ID]opportunity.Opportunity{}
		for _, o := range w.randomDeals(dice, 70) {
			deals[o.ID] = o
		}
		every := 3 // of how many numbers one is followed
		if env.DB.Dialect() == store.MSSQL {
			every = 40
		}
		numbers, full := 0, 0
		for _, step := range []forecast.Step{forecast.ByMonth, forecast.ByQuarter} {
			for _, by := range append([]kpi.Dimension{kpi.Whole}, forecast.Dimensions...) {
				for _, of := range []kpi.Filter{{}, {Seller: "béla"}, {Team: "pest", Source: "web"}, {ProductGroup: "polc"}, {Seller: "anna", ProductGroup: "targonca"}} {
					q := forecast.Query{From: w.today().AddDays(-70), Step: step, By: by, Of: of, Columns: 5}
					table, err := w.forecasts.Table(w.as("anna"), q)
					w.ok(err)
					rows := append(slices.Clone(table.Rows), table.Total)
					for i, r := range rows {
						if by == kpi.Whole && i < len(table.Rows) {
							continue
						}
						asked := forecast.DealQuery{Query: q, Row: r.Key}
						if i == len(table.Rows) {
							asked.By, asked.Row = kpi.Whole, ""
						}
						cells := map[string]forecast.Cell{forecast.SumColumn: r.Sum, forecast.UndatedColumn: r.Undated, forecast.LaterColumn: r.Later}
						for c, p := range table.Periods {
							cells[p.First.String()] = r.Cells[c]
						}
						for column, cell := range cells {
							for _, m := range forecast.Measures {
								if dice.IntN(every) > 0 {
									continue
								}
								asked.Column, asked.Measure = column, m
								got := w.drilled(asked)
								if want := cell.Of(m); !got.Sum.Equal(want) || m == forecast.OpenSum && int64(got.Count) != cell.Count {
									t.Fatalf("%s, %s of row %q by %q, %s %+v: the cell says %s of %d, its deals make %s of %d", step, m, r.Key, by, column, of, want, cell.Count, got.Sum, got.Count)
								}
								for _, d := range got.Rows {
									w.belongs(asked, d, deals[d.ID])
								}
								numbers++
								if got.Count > 0 {
									full++
								}
							}
						}
					}
				}
			}
		}
		t.Logf("%d numbers were followed, %d of them to deals", numbers, full)
		if full < 100 {
			t.Errorf("only %d of %d numbers had deals behind them", full, numbers)
		}
	})
}

// belongs holds a deal of a list against what the history knows of it.
func (w *world) belongs(q forecast.DealQuery, d forecast.Deal, o opportunity.Opportunity) {
	w.t.Helper()
	home := map[string]string{"HUF": "1", "EUR": "391.37"}[o.Currency] // by the time that it is asked
	switch {
	case home == "":
		w.t.Fatalf("%+v has a deal in %s, which has no rate", q, o.Currency)
	case d.Name == "" || d.Stage == "" || d.Party == "" || d.State != o.State || !d.Value.Equal(o.ExpectedRevenue) || d.Owner != o.OwnerUser:
		w.t.Fatalf("told is %+v, the deal is %+v", d, o)
	case o.State == opportunity.Lost, o.State == opportunity.Won && q.Measure == forecast.OpenSum, o.State == opportunity.Open && q.Measure == forecast.WonSum:
		w.t.Fatalf("a deal that is %s is in %s", o.State, q.Measure)
	case q.Of.Team != "" && o.OwnerTeam != q.Of.Team, q.Of.Source != "" && o.Source != q.Of.Source:
		w.t.Fatalf("%+v has a deal of %s from %s", q, o.OwnerTeam, o.Source)
	case o.State == opportunity.Open && d.Close != o.ExpectedClose:
		w.t.Fatalf("%s is told to close on %s, not %s", o.ID, d.Close, o.ExpectedClose)
	}
	if first, err := civil.Parse(q.Column); err == nil {
		last := kpi.Months(first, map[forecast.Step]int{forecast.ByMonth: 1, forecast.ByQuarter: 3}[q.Step], 1)[0].Last
		if d.Close.Before(first) || d.Close.After(last) {
			w.t.Fatalf("the column of %s has a deal of %s", q.Column, d.Close)
		}
	}
	if q.By == kpi.Whole && q.Of.Seller == "" && q.Of.ProductGroup == "" && q.Measure == forecast.OpenSum {
		exact := o.ExpectedRevenue.Mul(decimal.RequireFromString(home))
		if d.Part.Sub(money.NewAmount(exact)).Abs().GreaterThanOrEqual(decimal.NewFromInt(1)) {
			w.t.Fatalf("%s is worth %s, told are %s", o.ID, exact, d.Part)
		}
	}
}

func TestDealsAreAskedForProperly(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for _, c := range []struct {
			name, path string
			q          forecast.DealQuery
		}{
			{"no column", "column", forecast.DealQuery{}},
			{"a column that is none", "column", forecast.DealQuery{Column: "2026-02-31"}},
			{"a measure that is none", "measure", forecast.DealQuery{Column: forecast.SumColumn, Measure: "hope"}},
			{"a row of the total", "row", forecast.DealQuery{Column: forecast.SumColumn, Row: "anna"}},
			{"a pipeline that is none", "row", forecast.DealQuery{Query: forecast.Query{By: kpi.Pipeline}, Column: forecast.SumColumn, Row: "x"}},
			{"a dimension that is none", "by", forecast.DealQuery{Query: forecast.Query{By: "moon"}, Column: forecast.SumColumn}},
		} {
			_, err := w.forecasts.Deals(w.as("anna"), c.q, store.Page{})
			var f *fault.Error
			if !errors.As(err, &f) || len(f.Faults) != 1 || f.Faults[0].Path != c.path {
				t.Errorf("%s: %v; want a fault at %s", c.name, err, c.path)
			}
		}
		if _, err := w.forecasts.Deals(w.as("anna"), forecast.DealQuery{Column: forecast.SumColumn}, store.Page{After: "abc"}); !errors.Is(err, fault.Invalid) {
			t.Errorf("a damaged link: %v", err)
		}
		if _, err := w.forecasts.Deals(w.env.As("kata", actor.Rights{}, actor.All, "pest"), forecast.DealQuery{Column: forecast.SumColumn}, store.Page{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("without the right: %v", err)
		}
	})
}
