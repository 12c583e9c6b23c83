package opportunity_test

import (
	"context"
	"slices"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// world is a company with users, a customer, and pipelines.
type world struct {
	*testutil.Env
	t       testing.TB
	opps    *opportunity.Opportunities
	parties *party.Parties
	// done are the finished activities that the port reports, for every opportunity.
	done map[string]int
	// anna owns what she makes and sees only that; admin sets up and sees everything.
	anna, admin context.Context
	minta       party.Party
}

var staff = []string{"kovacs.anna", "szabo", "δημήτρης", "иванов", "כהן", "admin", "outsider"}

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
}

func newWorld(t testing.TB, env *testutil.Env) *world {
	w := &world{Env: env, t: t, done: map[string]int{}}
	w.opps = opportunity.New(env.DB, opportunity.Config{
		Locale: hungarian,
		Users: func(_ context.Context, _ *store.Session, ids []string) ([]string, error) {
			return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(staff, id) }), nil
		},
		DoneActivities: func(context.Context, *store.Session, opportunity.ID) (map[string]int, error) { return w.done, nil },
	})
	w.parties = party.New(env.DB, hungarian)
	w.anna = env.As("kovacs.anna", actor.Seller, actor.Own, "pest")
	w.admin = env.As("admin", actor.Admin, actor.All)
	var err error
	w.minta, err = w.parties.Add(w.anna, party.Draft{Kind: party.Company, FullName: "Minta Világítás Kft.", Owner: party.Owner{User: "kovacs.anna"}})
	w.ok(err)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) create(change func(*opportunity.Draft)) opportunity.Opportunity {
	w.t.Helper()
	d := opportunity.Draft{PartyID: w.minta.ID, Name: "40 lámpatest a raktárba"}
	if change != nil {
		change(&d)
	}
	o, err := w.opps.Create(w.anna, d)
	w.ok(err)
	return o
}

// pipeline is the default one.
func (w *world) pipeline() opportunity.Pipeline {
	w.t.Helper()
	all, err := w.opps.Pipelines().List(w.admin)
	w.ok(err)
	return all[0]
}

func (w *world) card(id opportunity.ID) opportunity.Card {
	w.t.Helper()
	c, err := w.opps.Get(w.admin, id)
	w.ok(err)
	return c
}

// events are those of a record in their order.
func (w *world) events(record []byte) []event.Event {
	w.t.Helper()
	var all []event.Event
	w.ok(w.DB.Read(w.System(), func(ctx context.Context, s *store.Session) error {
		return s.Select(&all).Where("event.record_id = ?", record).OrderExpr("event.record_version").Scan(ctx)
	}))
	return all
}

// codes are the faults of err as "path code".
func codes(err error) []string {
	var all []string
	for _, f := range fault.Of(err) {
		all = append(all, f.Path+" "+f.Code)
	}
	slices.Sort(all)
	return all
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := diff(got, want); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func amount(s string) money.Amount     { return money.MustAmount(s) }
func percent(s string) money.Percent   { return money.MustPercent(s) }
func ptr[T any](v T) *T                { return &v }
func quantity(s string) money.Quantity { return money.MustQuantity(s) }
