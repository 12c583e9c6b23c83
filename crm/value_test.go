package crm_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/reports/value"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// trade is a world whose customers have a history.
type trade struct {
	*testing.T
	*world
	clock *testutil.Clock
	n     int
}

func newTrade(t *testing.T, env *testutil.Env) *trade {
	tr := &trade{T: t, world: newWorld(t, env), clock: env.Clock}
	// C000001 orders monthly and much, and fell silent; C000002 monthly and little; three buy paper and pens, one paper only.
	tr.orders("C000001", 30, 100, 6, "DSK-010", "20")
	tr.orders("C000002", 30, 10, 6, "LMP-060", "1")
	return tr
}

func (tr *trade) ok(err error) {
	tr.Helper()
	if err != nil {
		tr.Fatal(err)
	}
}

func (tr *trade) today() civil.Date {
	return civil.In(tr.db.Now(), tr.module.Parties.Locale(tr.company).Location())
}

// orders writes an order each so many days, the last one some days ago.
func (tr *trade) orders(customer string, days, last, times int, product, quantity string) {
	tr.Helper()
	tr.ok(tr.books.Work(context.Background(), erp.Clerk{Company: tr.company, User: "manager-hu"}, func(ctx context.Context, s erpbridge.Session) error {
		today := tr.today()
		for i := times - 1; i >= 0; i-- {
			tr.n++
			s.Token, s.Today = fmt.Sprintf("%s history %d", tr.company, tr.n), today.AddDays(-last-i*days)
			_, err := tr.books.Host().Documents.Create(ctx, s, erpbridge.Document{
				Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: customer, Date: s.Today, Due: s.Today.AddDays(8), Currency: "HUF",
				Lines: []erpbridge.DocumentLine{{Product: product, Quantity: money.MustQuantity(quantity), UnitPrice: money.MustAmount("10000"), VATCode: "27"}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (tr *trade) system() context.Context {
	return actor.With(context.Background(), actor.System(tr.company, "background"))
}

// count is a look of the background, of several processes at once.
func (tr *trade) count(processes int) (tasks int) {
	tr.Helper()
	var wait sync.WaitGroup
	var mu sync.Mutex
	for range processes {
		wait.Go(func() {
			n, err := tr.module.Values.Work(tr.system())
			mu.Lock()
			defer mu.Unlock()
			tasks += n
			if err != nil {
				tr.Error(err)
			}
		})
	}
	wait.Wait()
	return tasks
}

// known takes a customer into CRM+ as a seller's.
func (tr *trade) known(key, owner string) party.ID {
	tr.Helper()
	c, err := tr.module.Customer(tr.boss(), key)
	tr.ok(err)
	p, err := tr.module.Parties.OfCustomer(tr.boss(), c)
	tr.ok(err)
	tr.ok(tr.module.Parties.Assign(tr.boss(), p.ID, party.Owner{User: owner, Team: "budapest"}))
	return p.ID
}

func TestCustomersAreJudgedOnceADay(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		tr := newTrade(t, env)
		tr.count(1)
		first, err := tr.module.Values.Of(tr.boss(), "C000001")
		tr.ok(err)
		if first.Class != buying.A || !first.Quiet || first.Gap != 30 || first.Silent != 100 || first.Orders != 6 || !first.Revenue.Equal(money.MustAmount("1200000")) || first.Recency != 1 || first.Money != 3 {
			t.Errorf("the silent customer is %+v", first)
		}
		all, err := tr.module.Values.List(tr.boss(), value.Filter{})
		tr.ok(err)
		if len(all.Rows) != 2 || all.Rows[0].Customer != "C000001" {
			t.Errorf("the list is %+v", all)
		}
		sum, err := tr.module.Values.Summary(tr.boss())
		tr.ok(err)
		if len(sum.Groups) != 2 || sum.Groups[0].Quiet != 1 || sum.CountedOn != tr.today() || sum.Orders != 12 {
			t.Errorf("the classes are %+v", sum)
		}
		if _, err := tr.module.Values.Of(tr.as("kovacs", actor.Admin, actor.Own, "budapest"), "C000001"); !errors.Is(err, fault.NotFound) {
			t.Errorf("a seller sees the value of a customer who is nobody's: %v", err)
		}
		if _, err := tr.module.CustomerSales(tr.as("kovacs", actor.Admin, actor.Own, "budapest"), "C000001"); !errors.Is(err, fault.NotFound) {
			t.Errorf("a seller sees what a customer ordered who is nobody's: %v", err)
		}
		tr.known("C000001", "kovacs")
		if mine, err := tr.module.Values.List(tr.as("kovacs", actor.Admin, actor.Own, "budapest"), value.Filter{}); err != nil || len(mine.Rows) != 1 || mine.Rows[0].Name == "" {
			t.Errorf("the seller's list is %+v, %v", mine, err)
		}

		tr.orders("C000002", 1, 1, 1, "DSK-010", "900") // the same day: nothing changes
		tr.count(1)
		if same, err := tr.module.Values.Of(tr.boss(), "C000002"); err != nil || same.Class != buying.C {
			t.Errorf("counted twice a day: %+v, %v", same, err)
		}
		tr.clock.Advance(24 * time.Hour)
		tr.count(1)
		grown, err := tr.module.Values.Of(tr.boss(), "C000002")
		tr.ok(err)
		if grown.Class != buying.A || grown.WasClass != buying.C || grown.ClassSince != tr.today() {
			t.Errorf("the customer who grew is %+v", grown)
		}
	})
}

func TestAContactIsPlannedOnceAPeriod(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		tr := newTrade(t, env)
		id := tr.known("C000001", "kovacs")
		plan := value.Default()
		plan.ContactA = 30
		doc, err := tr.module.Values.Publish(tr.boss(), 0, plan)
		tr.ok(err)
		if _, err := tr.module.Values.Publish(tr.boss(), 0, plan); !errors.Is(err, fault.Conflict) {
			t.Errorf("a plan over one that was not read: %v", err)
		}
		plan.ContactA = -1
		if _, err := tr.module.Values.Publish(tr.boss(), doc.Version, plan); !errors.Is(err, fault.Invalid) {
			t.Errorf("a plan with negative days: %v", err)
		}
		seller := tr.as("kovacs", actor.Admin, actor.Own, "budapest")
		open := func() []activity.Item {
			list, err := tr.module.Activities.Upcoming(seller, id, page(10))
			tr.ok(err)
			return list.Items
		}
		day := func(n int) { tr.clock.Advance(time.Duration(n) * 24 * time.Hour) }
		if n := tr.count(3); n != 1 || len(open()) != 1 || open()[0].OwnerUser != "kovacs" {
			t.Fatalf("three processes made %d tasks: %+v", n, open())
		}
		_, err = tr.module.Activities.Complete(seller, open()[0].ID, activity.Completion{})
		tr.ok(err)
		for _, step := range []struct {
			name  string
			days  int
			do    func()
			tasks int
		}{
			{"the next day", 1, nil, 0},
			{"on the last day of the period", 28, nil, 0},
			{"after the period", 1, nil, 1},
			{"while the task is open", 40, nil, 0},
			{"after a call", 1, func() {
				_, err := tr.module.Activities.Complete(seller, open()[0].ID, activity.Completion{})
				tr.ok(err)
				_, err = tr.module.Activities.Record(seller, activity.Deed{Party: id, Kind: activity.Call, Direction: activity.Out, Subject: "Visszahívás"})
				tr.ok(err)
			}, 0},
			{"29 days after the call", 28, nil, 0},
			{"30 days after the call", 1, nil, 1},
		} {
			if step.do != nil {
				step.do()
			}
			day(step.days)
			if n := tr.count(2); n != step.tasks {
				t.Errorf("%s: %d tasks, want %d", step.name, n, step.tasks)
			}
		}
	})
}

func TestASuggestionBecomesOneOpportunity(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		tr := newTrade(t, env)
		tr.count(1)
		list, err := tr.module.Suggestions.List(tr.boss(), suggest.Filter{Customer: "C000001"})
		tr.ok(err)
		if len(list.Rows) != 1 || list.Rows[0].Kind != buying.Quiet || list.Rows[0].Suggestion.Because.Since != 100 || !list.Rows[0].Worth.Equal(money.MustAmount("200000")) {
			t.Fatalf("the suggestions are %+v", list.Rows)
		}
		id := list.Rows[0].ID
		if hidden, err := tr.module.Suggestions.List(tr.as("kovacs", actor.Admin, actor.Own, "budapest"), suggest.Filter{}); err != nil || len(hidden.Rows) != 0 {
			t.Errorf("a seller sees suggestions for a customer who is nobody's: %+v, %v", hidden, err)
		}
		var made [3]opportunity.ID
		var wait sync.WaitGroup
		for i := range made {
			wait.Go(func() {
				var err error
				if made[i], err = tr.module.TakeSuggestion(tr.boss(), id); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if made[0].IsZero() || made[1] != made[0] || made[2] != made[0] {
			t.Errorf("three presses made %v", made)
		}
		card, err := tr.module.Opportunities.Get(tr.boss(), made[0])
		tr.ok(err)
		if len(card.Lines) != 1 || card.Lines[0].ProductKey != "DSK-010" || !card.Lines[0].UnitPrice.IsPositive() || !card.Lines[0].Quantity.Equal(money.MustQuantity("20")) {
			t.Errorf("the lines are %+v", card.Lines)
		}
		tr.clock.Advance(24 * time.Hour)
		tr.count(1)
		if left, err := tr.module.Suggestions.List(tr.boss(), suggest.Filter{Customer: "C000001"}); err != nil || len(left.Rows) != 0 {
			t.Errorf("what was taken is suggested again: %+v, %v", left, err)
		}
		tr.ok(tr.module.UndoSuggestion(tr.boss(), id))
		if _, err = tr.module.Opportunities.Get(tr.boss(), made[0]); !errors.Is(err, fault.NotFound) {
			t.Errorf("nobody worked on the opportunity, and it is still there: %v", err)
		}
		worked, err := tr.module.TakeSuggestion(tr.boss(), id)
		tr.ok(err)
		_, err = tr.module.Opportunities.Comment(tr.boss(), worked, "Felhívtam, jövő héten dönt.")
		tr.ok(err)
		tr.ok(tr.module.UndoSuggestion(tr.boss(), id))
		if card, err = tr.module.Opportunities.Get(tr.boss(), worked); err != nil || card.State != opportunity.Lost {
			t.Errorf("what somebody worked on is %s, %v", card.State, err)
		}
		today := civil.Of(tr.clock.Now())
		rate, err := tr.module.KPIs.Figure(tr.boss(), kpi.DealsCreated, kpi.Query{Period: kpi.Period{First: today.AddDays(-30), Last: today}})
		tr.ok(err)
		if rate.Count != 1 {
			t.Errorf("what was taken back counts: %+v", rate)
		}
		tr.ok(tr.module.Suggestions.Dismiss(tr.boss(), id))
		if _, err := tr.module.TakeSuggestion(tr.boss(), id); !errors.Is(err, fault.Invalid) {
			t.Errorf("a dismissed suggestion is taken: %v", err)
		}
		tr.ok(tr.module.UndoSuggestion(tr.boss(), id))
		tr.orders("C000001", 1, 0, 1, "DSK-010", "5") // he is back
		tr.clock.Advance(24 * time.Hour)
		tr.count(1)
		if left, err := tr.module.Suggestions.List(tr.boss(), suggest.Filter{Customer: "C000001", Kind: buying.Quiet}); err != nil || len(left.Rows) != 0 {
			t.Errorf("he ordered, and is suggested: %+v, %v", left, err)
		}
	})
}

// A host that does not tell its orders is no fault.
func TestCustomersOfASilentHost(t *testing.T) {
	tr := newTrade(t, testutil.SQLite(t))
	host := tr.books.Host()
	host.Documents = nil
	m, err := crm.New(tr.db, crm.Config{Host: host, Log: quiet})
	tr.ok(err)
	if n, err := m.Values.Work(tr.system()); n != 0 || err != nil || m.Values.Known() {
		t.Errorf("%d, %v", n, err)
	}
}
