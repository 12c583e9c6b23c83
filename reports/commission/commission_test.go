package commission_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/cost"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/testutil"
)

func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "6") // each is a company with some forty deeds
	}
	os.Exit(m.Run())
}

func locales(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
}

var unitCosts = map[string]string{"asztal": "600", "szék": "12.3456"} // what a lámpa costs nobody knows

type catalogue struct{ erpbridge.Catalogue }

func (catalogue) Product(_ context.Context, _ erpbridge.Session, key string) (erpbridge.Product, error) {
	p := erpbridge.Product{Key: key}
	if text, known := unitCosts[key]; known {
		unit := money.MustAmount(text)
		p.Cost = &unit
	}
	return p, nil
}

// office is a company at work.
type office struct {
	t interface {
		Helper()
		Fatal(args ...any)
		Fatalf(format string, args ...any)
	}
	env         *testutil.Env
	opps        *opportunity.Opportunities
	quotas      *quota.Quotas
	commissions *commission.Commissions
	costs       *cost.Costs
	firm        party.ID
	boss        context.Context
}

func (o *office) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func newOffice(t interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}, env *testutil.Env) *office {
	o := &office{t: t, env: env, opps: opportunity.New(env.DB, opportunity.Config{Locale: locales}), quotas: quota.New(env.DB, locales), costs: cost.New(env.DB, erpbridge.Host{Catalogue: catalogue{}}, locales)}
	o.commissions = commission.New(env.DB, commission.Config{Locales: locales, Terms: leadrule.New(locales), Quotas: o.quotas})
	o.boss = env.As("vezető", actor.Admin, actor.All)
	firm, err := party.New(env.DB, locales).Add(env.System(), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	o.ok(err)
	o.firm = firm.ID
	o.ok(exchange.New(env.DB, locales).Note(o.boss, exchange.Quote{Currency: "EUR", Day: civil.Of(env.Clock.Now()).AddDays(-1), Rate: money.MustRate("391.37")}))
	return o
}

func (o *office) month() civil.Date {
	today := civil.Of(o.env.Clock.Now())
	return civil.Date{Year: today.Year, Month: today.Month, Day: 1}
}

func after(d civil.Date) civil.Date {
	return civil.Of(time.Date(d.Year, d.Month+1, 1, 0, 0, 0, 0, time.UTC))
}

// plan pays 10 % of the margin of tables without a great discount, 3.5 % of all else that is furniture up to 5,000, and
// 1 % of the rest.
func plan(starts civil.Date) commission.Plan {
	return commission.Plan{Starts: starts, Earned: commission.Won, Rules: []commission.Rule{
		{Name: "asztalok", Where: `.product == "asztal" and .discount < 10`, Base: commission.Margin, Rate: money.MustPercent("10")},
		{Name: "bútorok", When: `opportunity.currency in ["HUF", "EUR"]`, Where: `.group == "bútor"`, Base: commission.Revenue, Rate: money.MustPercent("3.5"), Cap: money.MustAmount("5000")},
		{Name: "más", Base: commission.Revenue, Rate: money.MustPercent("1")},
	}}
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

// forint rounds half away from zero.
func forint(r *big.Rat) *big.Rat { return rat(r.FloatString(0)) }

// split gives each the whole forints of his part, and those left over one after the other to the largest rests.
func split(base *big.Rat, shares []*big.Rat) []*big.Rat {
	out, rests, left := make([]*big.Rat, len(shares)), make([]*big.Rat, len(shares)), new(big.Rat).Set(base)
	for i, s := range shares {
		exact := new(big.Rat).Quo(new(big.Rat).Mul(base, s), rat("100"))
		whole := new(big.Rat).SetInt(new(big.Int).Quo(exact.Num(), exact.Denom()))
		out[i], rests[i] = whole, new(big.Rat).Sub(exact, whole)
		left.Sub(left, whole)
	}
	for left.Sign() > 0 {
		best := 0
		for i := range rests {
			if rests[i].Cmp(rests[best]) > 0 {
				best = i
			}
		}
		out[best].Add(out[best], rat("1"))
		rests[best] = rat("-1")
		left.Sub(left, rat("1"))
	}
	return out
}

// recount is what each seller should have for a won opportunity, counted by hand.
func recount(card opportunity.Card, kept *big.Rat, into map[string]*big.Rat) {
	rate := map[string]string{"HUF": "1", "EUR": "391.37"}[card.Currency]
	if card.State != opportunity.Won || rate == "" {
		return
	}
	capped := map[string]*big.Rat{}
	for _, l := range card.Lines {
		base, percent, rule := new(big.Rat).Mul(rat(l.Amount.String()), rat(rate)), "1", "más"
		switch {
		case l.ProductKey == "asztal" && rat(l.Discount.String()).Cmp(rat("10")) < 0:
			base.Sub(base, new(big.Rat).Mul(rat(l.Quantity.String()), rat(unitCosts["asztal"])))
			percent, rule = "10", "asztalok"
		case l.ProductGroup == "bútor":
			percent, rule = "3.5", "bútorok"
		}
		if kept != nil {
			base.Mul(base, kept)
		}
		if base.Sign() <= 0 {
			continue
		}
		var shares []*big.Rat
		for _, s := range card.Sellers {
			shares = append(shares, rat(s.Share.String()))
		}
		for i, part := range split(forint(base), shares) {
			user := card.Sellers[i].User
			amount := forint(new(big.Rat).Quo(new(big.Rat).Mul(part, rat(percent)), rat("100")))
			if rule == "bútorok" {
				if capped[user] == nil {
					capped[user] = rat("5000")
				}
				if amount.Cmp(capped[user]) > 0 {
					amount = capped[user]
				}
				capped[user] = new(big.Rat).Sub(capped[user], amount)
			}
			if into[user] == nil {
				into[user] = new(big.Rat)
			}
			into[user].Add(into[user], amount)
		}
	}
}

func (o *office) sell(t *rapid.T) opportunity.ID {
	var sellers []opportunity.Seller
	switch rapid.IntRange(0, 2).Draw(t, "team") {
	case 0:
		sellers = opportunity.Even("anna")
	case 1:
		sellers = opportunity.Even("anna", "béla", "csilla")
	case 2:
		sellers = []opportunity.Seller{{User: "anna", Share: money.MustPercent("12.5")}, {User: "béla", Share: money.MustPercent("87.5")}}
	}
	d := opportunity.Draft{PartyID: o.firm, Name: "Iroda", Currency: rapid.SampledFrom([]string{"HUF", "EUR", "USD"}).Draw(t, "currency"), Team: opportunity.Team{Owner: "anna", OwnerTeam: "pest", Sellers: sellers}}
	for range rapid.IntRange(1, 3).Draw(t, "lines") {
		d.Lines = append(d.Lines, opportunity.Line{
			Name: "tétel", ProductKey: rapid.SampledFrom([]string{"asztal", "szék", "lámpa"}).Draw(t, "product"), ProductGroup: rapid.SampledFrom([]string{"bútor", "világítás"}).Draw(t, "group"),
			Quantity: money.MustQuantity(rapid.SampledFrom([]string{"1", "7", "2.5"}).Draw(t, "quantity")), UnitPrice: money.MustAmount(rapid.SampledFrom([]string{"999.99", "25001", "310"}).Draw(t, "price")), Discount: money.MustPercent(rapid.SampledFrom([]string{"0", "5", "12.5"}).Draw(t, "discount")),
		})
	}
	made, err := o.opps.Create(o.boss, d)
	o.ok(err)
	return made.ID
}

// TestEachSaleIsPaidOnce holds settled months and the open one against a count by hand, whatever happens to the
// opportunities in between.
func TestEachSaleIsPaidOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, shared *testutil.Env) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			env := *shared
			env.Company = fmt.Sprintf("%s-%d", shared.Company, n)
			o := newOffice(t, &env)
			starts := o.month()
			_, err := o.commissions.Publish(o.boss, 0, plan(starts))
			o.ok(err)
			var deals []opportunity.ID
			turn := starts
			kept := map[opportunity.ID]*big.Rat{}
			for range 30 {
				env.Clock.Advance(time.Duration(rapid.IntRange(1, 9*24).Draw(t, "pause")) * time.Hour)
				if len(deals) == 0 || rapid.IntRange(0, 3).Draw(t, "new") == 0 {
					deals = append(deals, o.sell(t))
				}
				id := rapid.SampledFrom(deals).Draw(t, "deal")
				card, err := o.opps.Get(o.boss, id)
				o.ok(err)
				switch what := rapid.IntRange(0, 6).Draw(t, "what"); {
				case what == 0 && o.month().After(turn):
					_, err = o.costs.Work(env.System())
					o.ok(err)
					_, err = o.commissions.Close(o.boss, turn)
					o.ok(err)
					turn = after(turn)
				case what == 1:
					_, err = o.opps.SetTeam(o.boss, id, 0, opportunity.Team{Owner: "béla", Sellers: opportunity.Even("béla", "anna")})
				case what == 6:
					credited := rapid.SampledFrom([]string{"0", "1", "333.33", "1000"}).Draw(t, "credited")
					err = o.opps.ReflectCredit(o.boss, id, opportunity.Credit{Credited: money.MustAmount(credited), Whole: money.MustAmount("1000")})
					kept[id] = new(big.Rat).Quo(new(big.Rat).Sub(rat("1000"), rat(credited)), rat("1000"))
				case card.State == opportunity.Open:
					_, err = o.opps.CloseWon(o.boss, id, opportunity.Win{})
				case what == 2:
					_, err = o.opps.Reopen(o.boss, id, opportunity.Reopening{})
				}
				o.ok(err)
			}
			_, err = o.costs.Work(env.System())
			o.ok(err)
			want, got := map[string]*big.Rat{}, map[string]*big.Rat{}
			for _, id := range deals {
				card, err := o.opps.Get(o.boss, id)
				o.ok(err)
				recount(card, kept[id], want)
			}
			for month := starts; !month.After(o.month()); month = after(month) {
				st, err := o.commissions.Statement(o.boss, commission.Query{Month: month})
				o.ok(err)
				if closed := st.State == commission.Closed; closed != month.Before(turn) {
					t.Fatalf("%s is %s", month, st.State)
				}
				sum := new(big.Rat)
				for _, r := range st.Rows {
					if got[r.Seller] == nil {
						got[r.Seller] = new(big.Rat)
					}
					got[r.Seller].Add(got[r.Seller], rat(r.Amount.String()))
					sum.Add(sum, rat(r.Amount.String()))
				}
				if sum.Cmp(rat(st.Total.String())) != 0 {
					t.Fatalf("the rows of %s add up to %s, its total is %s", month, sum.FloatString(2), st.Total)
				}
			}
			for _, user := range []string{"anna", "béla", "csilla"} {
				is, should := got[user], want[user]
				if is == nil {
					is = new(big.Rat)
				}
				if should == nil {
					should = new(big.Rat)
				}
				if is.Cmp(should) != 0 {
					t.Fatalf("%s has %s, counted by hand %s", user, is.FloatString(2), should.FloatString(2))
				}
			}
		})
	})
}

// TestWhatIsCountedOverAllIsForThoseWhoSeeAll: how many lines of the company earned nothing is no seller's.
func TestWhatIsCountedOverAllIsForThoseWhoSeeAll(t *testing.T) {
	env := testutil.SQLite(t)
	o := newOffice(t, env)
	p := plan(o.month())
	p.Rules = []commission.Rule{{Name: "nagy", When: "opportunity.revenue > 5000", Base: commission.Revenue, Rate: money.MustPercent("2")}}
	_, err := o.commissions.Publish(o.boss, 0, p)
	o.ok(err)
	worth := money.MustAmount("1000")
	made, err := o.opps.Create(o.boss, opportunity.Draft{PartyID: o.firm, Name: "Polcok", ExpectedRevenue: &worth, Team: opportunity.Team{Owner: "anna", OwnerTeam: "pest"}})
	o.ok(err)
	_, err = o.opps.CloseWon(o.boss, made.ID, opportunity.Win{})
	o.ok(err)
	for who, row := range map[string]struct {
		as   context.Context
		want int
	}{
		"the boss":           {o.boss, 1},
		"a seller":           {env.As("béla", actor.Seller, actor.Own, "pest"), 0},
		"who sees deals":     {env.As("néző", actor.Rights{actor.OpportunityRead}, actor.All), 0},
		"the head of a team": {env.As("csapatvezető", actor.Manager, actor.Team, "pest"), 0},
	} {
		st, err := o.commissions.Statement(row.as, commission.Query{Month: o.month()})
		o.ok(err)
		if st.Unruled != row.want {
			t.Errorf("%s is told of %d lines without a rule, want %d", who, st.Unruled, row.want)
		}
	}
}

func TestStatementsAreForTheirSellersAndManagers(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := newOffice(t, env)
		starts := o.month()
		p := plan(starts)
		p.Rules = []commission.Rule{{Name: "minden", Base: commission.Revenue, Rate: money.MustPercent("2"), Steps: []commission.Step{{From: money.MustPercent("80"), Rate: money.MustPercent("3")}, {From: money.MustPercent("100"), Rate: money.MustPercent("5")}}}}
		_, err := o.commissions.Publish(o.boss, 0, p)
		o.ok(err)
		for user, target := range map[string]string{"anna": "800", "béla": "300"} { // 93.75 % and 83.3 % reached
			_, err := o.quotas.Set(o.boss, quota.Draft{Kind: quota.Seller, Subject: user, Measure: quota.Revenue, StartsOn: starts, Months: 1, Target: money.MustAmount(target)})
			o.ok(err)
		}
		worth := money.MustAmount("1000")
		made, err := o.opps.Create(o.boss, opportunity.Draft{PartyID: o.firm, Name: "Polcok", ExpectedRevenue: &worth, Team: opportunity.Team{Owner: "anna", OwnerTeam: "pest",
			Sellers: []opportunity.Seller{{User: "anna", Share: money.MustPercent("75")}, {User: "béla", Share: money.MustPercent("25")}}}})
		o.ok(err)
		_, err = o.opps.CloseWon(o.boss, made.ID, opportunity.Win{})
		o.ok(err)
		read := func(ctx context.Context) string {
			st, err := o.commissions.Statement(ctx, commission.Query{Month: starts})
			o.ok(err)
			out := string(st.State)
			for _, r := range st.Rows {
				out += fmt.Sprintf("; %s %s %s%% of %s: %s", r.Seller, r.Name, r.Rate, r.Part, r.Amount)
			}
			return out
		}
		both := "; anna Polcok 3% of 750: 23; béla Polcok 3% of 250: 8"
		own := env.As("béla", actor.Seller, actor.Own)
		if got := read(o.boss); got != "open"+both {
			t.Errorf("all: %s", got)
		}
		if got := read(own); got != "open; béla Polcok 3% of 250: 8" {
			t.Errorf("his own: %s", got)
		}
		if got := read(env.As("csapatvezető", actor.Manager, actor.Team, "pest")); got != "open"+both {
			t.Errorf("his team's: %s", got)
		}
		team := env.As("béla", actor.Seller, actor.Team, "pest")
		if got := read(team); got != "open; béla Polcok 3% of 250: 8" {
			t.Errorf("who sees the deals of his team sees what his colleagues earn: %s", got)
		}
		asked, err := o.commissions.Statement(team, commission.Query{Month: starts, Seller: "anna"})
		o.ok(err)
		if len(asked.Rows) != 0 || len(asked.Sellers) != 0 || !asked.Total.IsZero() {
			t.Errorf("he is told what anna earns when he asks for her: %+v", asked)
		}
		if got := read(env.As("könyvelő", actor.Rights{actor.OpportunityRead, actor.CommissionRead}, actor.All)); got != "open"+both {
			t.Errorf("the accountant: %s", got)
		}
		if got := read(env.As("néző", actor.Rights{actor.OpportunityRead}, actor.All)); got != "open" {
			t.Errorf("who sees all deals and may not know commissions: %s", got)
		}
		if got := read(env.As("más", actor.Manager, actor.Team, "vidék")); got != "open" {
			t.Errorf("another team's: %s", got)
		}
		if _, err := o.commissions.Close(o.boss, starts); len(fault.Of(err)) != 1 {
			t.Errorf("a month that is not over is closed: %v", err)
		}
		env.Clock.Advance(40 * 24 * time.Hour)
		if _, err := o.commissions.Close(own, starts); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller closes a month: %v", err)
		}
		if got := read(o.boss); got != "due"+both {
			t.Errorf("over: %s", got)
		}
		closed, err := o.commissions.Close(o.boss, starts)
		o.ok(err)
		if closed.Total.String() != "31" || read(own) != "closed; béla Polcok 3% of 250: 8" {
			t.Errorf("closed: %s, %s", closed.Total, read(own))
		}
		if got := read(team) + read(env.As("néző", actor.Rights{actor.OpportunityRead}, actor.All)); got != "closed; béla Polcok 3% of 250: 8closed" {
			t.Errorf("closed, to his colleague and to who may not know: %s", got)
		}
		if _, err := o.commissions.Try(env.As("admin", actor.Rights{actor.Settings}, actor.All), p, commission.Period{From: starts, To: starts}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("who may not know commissions tries a plan: %v", err)
		}
		if _, err := o.commissions.Close(o.boss, starts); len(fault.Of(err)) != 1 {
			t.Errorf("a closed month is closed again: %v", err)
		}
		// Another plan changes nothing of what is settled, and a sale that is undone is taken back by the old one.
		p.Rules[0].Rate, p.Rules[0].Steps = money.MustPercent("50"), nil
		doc, err := o.commissions.Plan(o.boss)
		o.ok(err)
		_, err = o.commissions.Publish(o.boss, doc.Version, p)
		o.ok(err)
		_, err = o.opps.SetTeam(o.boss, made.ID, 0, opportunity.Team{Owner: "anna", Sellers: opportunity.Even("anna")})
		o.ok(err)
		st, err := o.commissions.Statement(o.boss, commission.Query{})
		o.ok(err)
		if len(st.Rows) != 2 || st.Rows[0].Amount.String() != "7" || st.Rows[1].Amount.String() != "-8" || st.Rows[1].Kind != commission.Changed {
			t.Errorf("another team: %+v", st.Rows)
		}
		_, err = o.opps.Reopen(o.boss, made.ID, opportunity.Reopening{})
		o.ok(err)
		st, err = o.commissions.Statement(o.boss, commission.Query{})
		o.ok(err)
		if st.Total.String() != "-31" || st.Rows[0].Kind != commission.Back {
			t.Errorf("undone: %+v", st.Rows)
		}
		trial, err := o.commissions.Try(o.boss, p, commission.Period{From: starts, To: starts})
		o.ok(err)
		if trial.Deals != 0 || !trial.Held {
			t.Errorf("trial: %+v", trial)
		}
	})
}

func TestWhatIsPaidByTheHostsDocuments(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := newOffice(t, env)
		p := plan(o.month())
		p.Earned = commission.Paid
		_, err := o.commissions.Publish(o.boss, 0, p)
		o.ok(err)
		registry := event.NewRegistry()
		o.commissions.Register(registry)
		worth := money.MustAmount("1000")
		made, err := o.opps.Create(o.boss, opportunity.Draft{PartyID: o.firm, Name: "Polcok", ExpectedRevenue: &worth, Team: opportunity.Team{Owner: "anna"}})
		o.ok(err)
		_, err = o.opps.CloseWon(o.boss, made.ID, opportunity.Win{})
		o.ok(err)
		worker := event.Worker{DB: env.DB, Registry: registry}
		for _, row := range []struct {
			is   opportunity.Progress
			want string
		}{{opportunity.Ordered, "0"}, {opportunity.Invoiced, "0"}, {opportunity.Paid, "10"}, {opportunity.Paying, "0"}, {opportunity.Paid, "10"}, {opportunity.Void, "0"}} {
			env.Clock.Advance(time.Minute)
			_, err := o.opps.Reflect(o.boss, made.ID, row.is)
			o.ok(err)
			_, err = worker.RunOnce(context.Background())
			o.ok(err)
			st, err := o.commissions.Statement(o.boss, commission.Query{})
			o.ok(err)
			if st.Total.String() != row.want {
				t.Errorf("%s: %s, want %s", row.is, st.Total, row.want)
			}
		}
		trial, err := o.commissions.Try(o.boss, plan(o.month()), commission.Period{From: o.month(), To: o.month()})
		o.ok(err)
		if trial.Total.String() != "0" || len(trial.Rules) != 3 { // what is void counts for nobody
			t.Errorf("trial: %+v", trial)
		}
		bad := commission.Plan{Starts: civil.Date{Year: 2026, Month: 1, Day: 2}, Earned: "soha", Rules: []commission.Rule{{When: "nobody", Where: ".nothing == 1", Base: "x", Rate: money.MustPercent("101"), Cap: money.MustAmount("-1"), Steps: []commission.Step{{From: money.MustPercent("0"), Rate: money.MustPercent("3")}}}}}
		if _, err := o.commissions.Publish(o.boss, 1, bad); len(fault.Of(err)) != 9 {
			t.Errorf("faults: %d %v", len(fault.Of(err)), fault.Of(err))
		}
	})
}
