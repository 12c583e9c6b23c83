package forecast_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

// TestForecastsAreNarrowedByOwnFields holds the table, the way between two snapshots and the test of earlier forecasts, each
// narrowed by a company's own field, against a count of the opportunities themselves.
func TestForecastsAreNarrowedByOwnFields(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.ok(env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			if err := s.AddField(ctx, &store.CustomField{RecordKind: "opportunity", Name: "branch", Label: "Ágazat", Type: store.TextField}); err != nil {
				return err
			}
			return s.AddField(ctx, &store.CustomField{RecordKind: "opportunity", Name: "fleet", Label: "Járművek", Type: store.NumberField})
		}))
		set := func(o opportunity.Opportunity, branch, fleet string) {
			t.Helper()
			w.ok(env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
				return s.SetCustom(ctx, "opportunity", o.ID.Bytes(), map[string]any{"branch": branch, "fleet": money.MustQuantity(fleet)})
			}))
		}
		today := w.today()
		food, metal := w.deal("anna", "1000", "HUF", today), w.deal("béla", "300", "HUF", today)
		late, none := w.deal("anna", "70", "HUF", today.AddDays(400)), w.deal("anna", "9", "HUF", today)
		sold := w.deal("anna", "500", "HUF", today)
		set(food, "élelmiszer", "12")
		set(metal, "fém", "3")
		set(late, "élelmiszer", "4")
		set(sold, "élelmiszer", "40")
		_, err := w.opps.CloseWon(w.as("anna"), sold.ID, opportunity.Win{})
		w.ok(err)
		_, err = w.forecasts.Snapshot(env.System())
		w.ok(err)

		min5 := money.MustQuantity("5")
		for _, c := range []struct {
			name             string
			custom           []store.CustomFilter
			open, won, later string
			behind           []opportunity.ID
		}{
			{"by a text", []store.CustomFilter{{Field: "branch", Is: "élelm"}}, "1000", "500", "70", []opportunity.ID{food.ID, late.ID}},
			{"by bounds", []store.CustomFilter{{Field: "fleet", From: min5}}, "1000", "500", "0", []opportunity.ID{food.ID}},
			{"by two", []store.CustomFilter{{Field: "branch", Is: "fém"}, {Field: "fleet", Until: min5}}, "300", "0", "0", []opportunity.ID{metal.ID}},
			{"by none", nil, "1309", "500", "70", []opportunity.ID{food.ID, metal.ID, late.ID, none.ID}},
		} {
			of := kpi.Filter{Custom: c.custom}
			for _, by := range []kpi.Dimension{kpi.Whole, kpi.Seller, kpi.Pipeline} {
				got, err := w.forecasts.Table(w.as("anna"), forecast.Query{By: by, Of: of})
				w.ok(err)
				if cell := got.Total.Cells[0]; cell.Open.String() != c.open || cell.Won.String() != c.won || got.Total.Later.Open.String() != c.later {
					t.Errorf("%s, parts %q: %+v and later %s; want %s open, %s won, %s later", c.name, by, cell, got.Total.Later.Open, c.open, c.won, c.later)
				}
				var sum money.Amount
				for _, r := range got.Rows {
					sum = sum.Add(r.Cells[0].Open)
				}
				if by != kpi.Whole && sum.String() != c.open {
					t.Errorf("%s: the parts %q add up to %s", c.name, by, sum)
				}
			}
			var ids []opportunity.ID
			w.ok(env.DB.Read(w.as("anna"), func(ctx context.Context, s *store.Session) error {
				only, err := forecast.Behind(ctx, s, of)
				if err != nil {
					return err
				}
				return s.Query(ctx, &ids, store.From[opportunity.Opportunity]("o"), "SELECT o.id FROM crm_opportunity AS o WHERE {scope} AND o.state = 'open'"+only.SQL+" ORDER BY o.created_at, o.id", only.Args...)
			}))
			if !slices.Equal(ids, c.behind) {
				t.Errorf("%s: %d opportunities are behind it, want %d", c.name, len(ids), len(c.behind))
			}
		}
		_, err = w.forecasts.Table(w.as("anna"), forecast.Query{Of: kpi.Filter{Custom: []store.CustomFilter{{Field: "colour", Is: "piros"}}}})
		if found := fault.Of(err); !errors.Is(err, fault.Invalid) || len(found) != 1 || found[0].Path != "custom.colour" {
			t.Errorf("a field that does not exist gave %v", err)
		}

		env.Clock.Advance(40 * 24 * time.Hour) // into the month after the next, so that a whole one has a snapshot of its first day
		w.lose(food.ID)
		_, err = w.forecasts.Snapshot(env.System())
		w.ok(err)
		for _, c := range []struct {
			custom           []store.CustomFilter
			start, lost, end string
		}{
			{[]store.CustomFilter{{Field: "branch", Is: "élelm"}}, "1070", "-1000", "70"},
			{[]store.CustomFilter{{Field: "branch", Is: "fém"}}, "300", "", "300"},
			{nil, "1379", "-1000", "379"},
		} {
			fall, err := w.forecasts.Waterfall(w.as("anna"), forecast.WaterfallQuery{From: today, To: w.today(), Of: kpi.Filter{Custom: c.custom}})
			w.ok(err)
			lost := ""
			for _, b := range fall.Bars {
				if b.Reason == forecast.Lost {
					lost = b.Sum.String()
				}
			}
			if fall.Start.String() != c.start || fall.End.String() != c.end || lost != c.lost {
				t.Errorf("%v: from %s to %s, lost %q; want %+v", c.custom, fall.Start, fall.End, lost, c)
			}
		}
		tests, err := w.forecasts.BackTest(w.as("anna"), 1, kpi.Filter{Custom: []store.CustomFilter{{Field: "branch", Is: "élelm"}}})
		w.ok(err)
		if len(tests) != 1 || tests[0].Came.String() != "500" {
			t.Errorf("a month later %+v came, want 500", tests)
		}
	})
}
