package opportunity_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// walkPages reads a whole list page by page.
func (w *world) walkPages(ctx context.Context, f opportunity.Filter, limit int) []opportunity.Row {
	w.t.Helper()
	var all []opportunity.Row
	f.Page.Limit = limit
	for range 100 {
		l, err := w.opps.List(ctx, f)
		w.ok(err)
		all = append(all, l.Rows...)
		if l.Next == "" {
			return all
		}
		f.Page.After = l.Next
	}
	w.t.Fatal("the list has no end")
	return nil
}

func TestListIsWholeAndOrderedOverPages(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		stages := w.pipeline().Stages
		for i := range 23 {
			env.Clock.Advance(time.Minute)
			o := w.create(func(d *opportunity.Draft) {
				d.Name = fmt.Sprintf("ügy %02d", i)
				d.ExpectedRevenue = ptr(amount(fmt.Sprint(i % 5 * 100)))
				if i%3 != 0 {
					d.ExpectedClose = civil.Date{Year: 2026, Month: 9, Day: 1 + i*7%20}
				}
			})
			var err error
			switch i % 4 {
			case 1:
				_, err = w.opps.CloseWon(w.anna, o.ID, opportunity.Win{})
			case 2:
				_, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: "ár", Competitor: "Fényár", Lesson: "x"})
			}
			w.ok(err)
		}
		byID := func(a, b opportunity.Row) int { return slices.Compare(a.ID[:], b.ID[:]) }
		for _, row := range []struct {
			name string
			f    opportunity.Filter
			n    int
			less func(a, b opportunity.Row) int
		}{
			{"all by close", opportunity.Filter{}, 23, func(a, b opportunity.Row) int {
				switch {
				case a.ExpectedClose.IsZero() != b.ExpectedClose.IsZero():
					if a.ExpectedClose.IsZero() {
						return 1
					}
					return -1
				case a.ExpectedClose.IsZero() && a.State != b.State: // each state by itself
					return strings.Compare(string(a.State), string(b.State))
				case a.ExpectedClose == b.ExpectedClose:
					return byID(a, b)
				}
				return a.ExpectedClose.Compare(b.ExpectedClose)
			}},
			{"open by created", opportunity.Filter{Sort: opportunity.ByCreated, States: []opportunity.State{opportunity.Open}}, 11, func(a, b opportunity.Row) int { return b.CreatedAt.Compare(a.CreatedAt) }},
			{"closed by revenue", opportunity.Filter{Sort: opportunity.ByRevenue, States: []opportunity.State{opportunity.Won, opportunity.Lost, opportunity.Won}}, 12, func(a, b opportunity.Row) int {
				if c := b.ExpectedRevenue.Cmp(a.ExpectedRevenue); c != 0 {
					return c
				}
				return -byID(a, b)
			}},
			{"in a stage", opportunity.Filter{Sort: opportunity.ByStageSince, Stage: stages[0].ID}, 11, func(a, b opportunity.Row) int { return a.StageSince.Compare(b.StageSince) }},
			{"in a range of dates", opportunity.Filter{CloseFrom: civil.Date{Year: 2026, Month: 9, Day: 5}, CloseTo: civil.Date{Year: 2026, Month: 9, Day: 12}}, 5, nil},
			{"of an owner", opportunity.Filter{Owner: "kovacs.anna", Pipeline: w.pipeline().ID}, 23, nil},
			{"of another owner", opportunity.Filter{Owner: "szabo"}, 0, nil},
			{"of a party", opportunity.Filter{Party: w.minta.ID}, 23, nil},
		} {
			for _, limit := range []int{1, 4, 23, 50} {
				got := w.walkPages(w.anna, row.f, limit)
				if len(got) != row.n {
					t.Errorf("%s, pages of %d: %d rows, want %d", row.name, limit, len(got), row.n)
				}
				if row.less != nil && !slices.IsSortedFunc(got, row.less) {
					t.Errorf("%s, pages of %d: not in order", row.name, limit)
				}
				seen := map[opportunity.ID]bool{}
				for _, r := range got {
					if seen[r.ID] || r.PartyName != "Minta Világítás Kft." {
						t.Errorf("%s, pages of %d: %s twice, or without the party's name", row.name, limit, r.Name)
					}
					seen[r.ID] = true
				}
			}
		}
		_, err := w.opps.List(w.anna, opportunity.Filter{States: []opportunity.State{"maybe"}, Sort: "luck"})
		same(t, "a bad filter", codes(err), []string{"sort choice", "states[0] choice"})
		for _, link := range []string{"x", "d", "dnonsense", "uAAAA", "ő"} {
			if _, err := w.opps.List(w.anna, opportunity.Filter{Page: store.Page{After: link}}); err != nil && !errors.Is(err, fault.Invalid) {
				t.Errorf("the page link %q: %v", link, err)
			}
		}
	})
}

func TestBoardSumsByCurrency(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		stages := w.pipeline().Stages
		add := func(stage int, currency, revenue, owner string) {
			w.create(func(d *opportunity.Draft) {
				d.Stage, d.Currency, d.ExpectedRevenue, d.Team.Owner = stages[stage].ID, currency, ptr(amount(revenue)), owner
			})
			env.Clock.Advance(time.Minute)
		}
		add(0, "HUF", "1000", "kovacs.anna")
		add(0, "HUF", "500", "szabo")
		add(0, "EUR", "99.99", "kovacs.anna")
		add(2, "HUF", "3000", "kovacs.anna")
		lost := w.create(func(d *opportunity.Draft) { d.ExpectedRevenue = ptr(amount("7")) })
		_, err := w.opps.CloseLost(w.anna, lost.ID, opportunity.Loss{Reason: "ár", Competitor: "-", Lesson: "x"})
		w.ok(err)

		text := func(totals []opportunity.Total) (all []string) {
			for _, x := range totals {
				i := slices.IndexFunc(stages, func(s opportunity.Stage) bool { return s.ID == x.StageID })
				all = append(all, fmt.Sprintf("%s %s %d %s %s", stages[i].Name, x.Currency, x.Count, x.Revenue, x.Weighted))
			}
			return all
		}
		got, err := w.opps.Totals(w.admin, opportunity.Scope{})
		w.ok(err)
		same(t, "all", text(got), []string{"Minősítés EUR 1 99.99 10", "Minősítés HUF 2 1500 150", "Ajánlat HUF 1 3000 1500"})
		got, err = w.opps.Totals(w.anna, opportunity.Scope{Pipeline: w.pipeline().ID})
		w.ok(err)
		same(t, "hers", text(got), []string{"Minősítés EUR 1 99.99 10", "Minősítés HUF 1 1000 100", "Ajánlat HUF 1 3000 1500"})
		got, err = w.opps.Totals(w.admin, opportunity.Scope{State: opportunity.Lost})
		w.ok(err)
		same(t, "lost", text(got), []string{"Elveszett HUF 1 7 0"})

		b, err := w.opps.Board(w.admin, opportunity.View{Cards: 2})
		w.ok(err)
		if len(b.Columns) != 4 || len(b.Columns[0].Cards) != 2 || len(b.Columns[1].Cards) != 0 || len(b.Columns[2].Cards) != 1 {
			t.Fatalf("board %+v", b)
		}
		same(t, "first card", b.Columns[0].Cards[0].ExpectedRevenue.String(), "1000")
		more, err := w.opps.List(w.admin, opportunity.Filter{States: []opportunity.State{opportunity.Open}, Stage: stages[0].ID, Sort: opportunity.ByStageSince, Page: store.Page{After: b.Columns[0].Next}})
		w.ok(err)
		same(t, "the third card", more.Rows[0].Currency, "EUR")
		b, err = w.opps.Board(w.admin, opportunity.View{Owner: "szabo"})
		w.ok(err)
		same(t, "of an owner", text(b.Columns[0].Totals), []string{"Minősítés HUF 1 500 50"})
	})
}

func TestGroupReadsAndDoesNotWrite(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	o := w.create(nil)
	holding := actor.With(context.Background(), actor.User{Company: "HOLDING", ID: "admin", Rights: actor.Admin, See: actor.All, Group: []string{w.Company}}.Actor())
	c, err := w.opps.Get(holding, o.ID)
	w.ok(err)
	same(t, "name", c.Name, o.Name)
	if _, err := w.opps.Comment(holding, o.ID, "x"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("commenting: %v", err)
	}
	if _, err := w.opps.Edit(holding, o.ID, opportunity.Edit{Name: ptr("x")}); !errors.Is(err, fault.NotFound) {
		t.Errorf("editing: %v", err)
	}
	if _, err := w.opps.Create(holding, opportunity.Draft{PartyID: w.minta.ID, Name: "x", Pipeline: w.pipeline().ID}); !errors.Is(err, fault.Invalid) {
		t.Errorf("creating in the other company's pipeline: %v", err)
	}
}
