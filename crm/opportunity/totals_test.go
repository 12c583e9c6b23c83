package opportunity_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// TestTotalsAreThoseOfTheRows changes opportunities in every way that sums know of, and compares what the
// database kept with what the same reader's list adds up to: all, his team's, his own with those he sells.
func TestTotalsAreThoseOfTheRows(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		stages, random := w.pipeline().Stages, rand.New(rand.NewPCG(1, 2))
		for i := range 8 {
			o := w.create(func(d *opportunity.Draft) {
				d.Currency, d.ExpectedRevenue = []string{"HUF", "EUR"}[i%2], ptr(amount(fmt.Sprint(100+i)))
			})
			_, err := w.opps.SetTeam(w.admin, o.ID, 0, opportunity.Team{
				Owner: staff[i%3], OwnerTeam: []string{"pest", "buda"}[i%2], Sellers: opportunity.Even(slices.Compact(slices.Sorted(slices.Values([]string{staff[i%3], staff[(i+1)%3]})))...),
			})
			w.ok(err)
			_, err = w.opps.Move(w.admin, o.ID, opportunity.Step{Stage: stages[random.IntN(3)].ID})
			w.ok(err)
			if i%3 == 0 {
				_, err = w.opps.CloseLost(w.admin, o.ID, opportunity.Loss{Reason: "ár", Competitor: "-", Lesson: "x"})
				w.ok(err)
			}
			if i%6 == 0 {
				_, err = w.opps.Reopen(w.admin, o.ID, opportunity.Reopening{})
				w.ok(err)
			}
		}
		for name, ctx := range map[string]context.Context{
			"all": w.admin, "own": env.As(staff[1], actor.Seller, actor.Own), "team": env.As(staff[2], actor.Seller, actor.Team, "pest"),
		} {
			for _, state := range []opportunity.State{opportunity.Open, opportunity.Lost} {
				got, err := w.opps.Totals(ctx, opportunity.Scope{State: state})
				w.ok(err)
				same(t, name+" "+string(state), totalTexts(got), rowTexts(ctx, t, w, state))
			}
		}
	})
}

func totalTexts(totals []opportunity.Total) []string {
	var all []string
	for _, x := range totals {
		all = append(all, fmt.Sprintf("%s %s %d %s %s", x.StageID, x.Currency, x.Count, x.Revenue, x.Weighted))
	}
	slices.Sort(all)
	return all
}

// rowTexts adds up the rows of a list that is read in pages of two.
func rowTexts(ctx context.Context, t *testing.T, w *world, state opportunity.State) []string {
	t.Helper()
	sums := map[string]*opportunity.Total{}
	f := opportunity.Filter{States: []opportunity.State{state}, Page: store.Page{Limit: 2}}
	for {
		list, err := w.opps.List(ctx, f)
		w.ok(err)
		for _, row := range list.Rows {
			sum := sums[row.StageID.String()+row.Currency]
			if sum == nil {
				sum = &opportunity.Total{StageID: row.StageID, Currency: row.Currency}
				sums[row.StageID.String()+row.Currency] = sum
			}
			sum.Count++
			sum.Revenue, sum.Weighted = sum.Revenue.Add(row.ExpectedRevenue), sum.Weighted.Add(row.Weighted)
		}
		if f.Page.After = list.Next; list.Next == "" {
			break
		}
	}
	var all []opportunity.Total
	for _, sum := range sums {
		all = append(all, *sum)
	}
	return totalTexts(all)
}
