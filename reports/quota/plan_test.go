package quota_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/sold"
	"github.com/crmplus/crmplus/testutil"
)

func home(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }

// TestThePlanIsHeldAgainstWhatWasSold counts the orders again, one line after the other, in fractions.
func TestThePlanIsHeldAgainstWhatWasSold(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, shared *testutil.Env) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			if n++; n > 5 {
				return
			}
			env := *shared
			env.Company = fmt.Sprintf("%s-%d", shared.Company, n)
			ok := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			year := env.Clock.Now().Year()
			units := map[string]string{"asztal": "1000", "szék": "99.9999"}
			var orders []erpbridge.Sale
			for i := range rapid.IntRange(1, 30).Draw(t, "orders") {
				sale := erpbridge.Sale{Key: fmt.Sprint(i), Date: civil.Date{Year: year, Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")), Day: rapid.IntRange(1, 28).Draw(t, "day")}, Currency: rapid.SampledFrom([]string{"HUF", "EUR", "USD"}).Draw(t, "currency")}
				for range rapid.IntRange(1, 3).Draw(t, "lines") {
					sale.Lines = append(sale.Lines, erpbridge.SoldLine{Product: rapid.SampledFrom([]string{"asztal", "szék", "lámpa"}).Draw(t, "product"), Group: rapid.SampledFrom([]string{"bútor", "világítás", ""}).Draw(t, "group"),
						Quantity: money.MustQuantity(rapid.SampledFrom([]string{"1", "2.5", "0.333333"}).Draw(t, "quantity")), Net: money.MustAmount(rapid.SampledFrom([]string{"5000", "123.45", "0.0001"}).Draw(t, "net"))})
				}
				orders = append(orders, sale)
			}
			rates := map[string]string{"HUF": "1", "EUR": "400"} // of dollars nobody knows
			today := civil.Of(env.Clock.Now())
			ok(env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
				tally := sold.Begin(func(net money.Amount, currency string, _ civil.Date) (money.Amount, bool) {
					rate, known := rates[currency]
					return money.NewAmount(net.Mul(money.MustAmount(max(rate, "0")).Decimal)), known
				}, func(product string) (money.Amount, bool) {
					unit, known := units[product]
					return money.MustAmount(max(unit, "0")), known
				})
				for _, o := range orders {
					tally.Add(o)
				}
				for range 2 { // counted again it is no more
					if err := tally.Write(ctx, s, civil.Date{Year: year, Month: 1, Day: 1}, today); err != nil {
						return err
					}
				}
				return nil
			}))
			quotas := quota.New(env.DB, home)
			boss := env.As("vezető", actor.Manager, actor.Own)
			q := quota.PlanQuery{Year: year, Months: rapid.SampledFrom([]int{1, 3, 12}).Draw(t, "length"), Measure: rapid.SampledFrom(quota.Measures[:3]).Draw(t, "measure"), Groups: []string{"bútor", "világítás"}}
			ok(quotas.SetAll(boss, []quota.Draft{
				{Kind: quota.Company, Measure: q.Measure, StartsOn: civil.Date{Year: year, Month: 1, Day: 1}, Months: q.Months, Target: money.MustAmount("1000")},
				{Kind: quota.ProductGroup, Subject: "bútor", Measure: q.Measure, StartsOn: civil.Date{Year: year, Month: 1, Day: 1}, Months: q.Months, Target: money.MustAmount("400")},
				{Kind: quota.Seller, Subject: "anna", Measure: q.Measure, StartsOn: civil.Date{Year: year, Month: 1, Day: 1}, Months: q.Months, Target: money.MustAmount("300")},
			}))
			plan, err := quotas.Plan(env.As("vezető", actor.Manager, actor.All), q)
			ok(err)
			if len(plan.Rows) != 3 || len(plan.Periods) != 12/q.Months || plan.Sellers[0].String() != "300" {
				t.Fatalf("the plan is %+v", plan)
			}
			for _, r := range plan.Rows {
				for i, cell := range r.Cells {
					want, costed := new(big.Rat), q.Measure != quota.Margin
					for _, o := range orders {
						counted := false
						for _, l := range o.Lines {
							rate := rates[o.Currency]
							if rate == "" || r.Kind == quota.ProductGroup && l.Group != r.Subject || (int(o.Date.Month)-1)/q.Months != i {
								continue
							}
							net := new(big.Rat).Mul(rational(l.Net.String()), rational(rate))
							switch {
							case q.Measure == quota.Deals:
								if !counted {
									want.Add(want, rational("1"))
								}
							case q.Measure == quota.Revenue:
								want.Add(want, net)
							case units[l.Product] != "":
								costed = true
								want.Add(want, net.Sub(net, new(big.Rat).Mul(rational(l.Quantity.String()), rational(units[l.Product]))))
							}
							counted = true
						}
					}
					if off := new(big.Rat).Sub(rational(cell.Attained.String()), want); costed && off.Abs(off).Cmp(rational("0.002")) > 0 && cell.Basis == quota.Sold {
						t.Fatalf("%s %q in period %d: %s, counted by hand %s", q.Measure, r.Subject, i, cell.Attained, want.FloatString(4))
					}
				}
			}
			if own, err := quotas.Plan(boss, q); err != nil || own.Rows[0].Target.String() != "1000" || !own.Sellers[0].IsZero() {
				t.Fatalf("who reads reports sees the plan, and of the quotas his own: %v, %v", own.Sellers, err)
			}
		})
	})
}

// What sellers are to reach in a quarter or a year stands beside the plan whatever lengths their quotas have, and none of it twice.
func TestPlanHasShorterQuotasOfSellers(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		quotas := quota.New(env.DB, home)
		boss := env.As("vezető", actor.Manager, actor.All)
		var drafts []quota.Draft
		add := func(seller string, month time.Month, months int, target string) {
			drafts = append(drafts, quota.Draft{Kind: quota.Seller, Subject: seller, Measure: quota.Revenue, StartsOn: civil.Date{Year: 2026, Month: month, Day: 1}, Months: months, Target: money.MustAmount(target)})
		}
		for m := time.January; m <= time.December; m++ {
			add("anna", m, 1, "10")
		}
		add("béla", time.January, 3, "100") // and its months, which are part of it
		add("béla", time.February, 1, "50")
		add("béla", time.May, 1, "7")
		add("csilla", time.January, 12, "1000") // a year is in no quarter
		if err := quotas.SetAll(boss, drafts); err != nil {
			t.Fatal(err)
		}
		for months, want := range map[int]string{1: "[10 60 10 10 17 10 10 10 10 10 10 10]", 3: "[130 37 30 30]", 12: "[1227]"} {
			plan, err := quotas.Plan(boss, quota.PlanQuery{Year: 2026, Months: months})
			if err != nil || fmt.Sprint(plan.Sellers) != want {
				t.Errorf("in periods of %d months the sellers are to reach %v, not %s: %v", months, plan.Sellers, want, err)
			}
		}
	})
}

func rational(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

func TestThePlanIsForReadersOfReports(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		quotas := quota.New(env.DB, home)
		if _, err := quotas.Plan(env.As("béla", actor.Seller, actor.All), quota.PlanQuery{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller reads the plan: %v", err)
		}
		if _, err := quotas.Plan(env.As("vezető", actor.Manager, actor.All), quota.PlanQuery{Year: 1, Months: 2, Measure: quota.Activities}); len(fault.Of(err)) != 3 {
			t.Errorf("faults: %v", fault.Of(err))
		}
		plan, err := quotas.Plan(env.As("vezető", actor.Manager, actor.All), quota.PlanQuery{})
		if err != nil || len(plan.Rows) != 1 || plan.Rows[0].Now.Basis != quota.Won {
			t.Errorf("a host that does not tell has its plan held against what was won: %+v, %v", plan, err)
		}
		bad := []quota.Draft{{Kind: quota.Company, Measure: quota.Revenue, StartsOn: civil.Date{Year: 2026, Month: 1, Day: 1}, Months: 1, Target: money.MustAmount("1")}, {Kind: quota.Company, Measure: quota.Revenue, StartsOn: civil.Date{Year: 2026, Month: 2, Day: 1}, Months: 1}}
		if err := quotas.SetAll(env.As("vezető", actor.Manager, actor.All), bad); len(fault.Of(err)) != 1 || fault.Of(err)[0].Path != "drafts[1].target" {
			t.Errorf("of several quotas one is wrong: %v", fault.Of(err))
		}
	})
}
