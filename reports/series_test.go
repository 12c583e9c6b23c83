package reports_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/testutil"
)

func here(t *testing.T) func(string) locale.Locale {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		t.Fatal(err)
	}
	return func(string) locale.Locale {
		return locale.Locale{Language: locale.Hungarian, Zone: zone, Currency: "HUF"}
	}
}

// sell makes five opportunities over three months: two are won, one is lost.
func sell(t *testing.T, env *testutil.Env, locales func(string) locale.Locale) (*opportunity.Opportunities, opportunity.Pipeline) {
	t.Helper()
	ctx := env.As("anna", actor.Admin, actor.All)
	deals := opportunity.New(env.DB, opportunity.Config{Locale: locales})
	firm, err := party.New(env.DB, locales).Add(env.System(), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	if err != nil {
		t.Fatal(err)
	}
	env.Clock.Advance(time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC).Add(30 * 24 * time.Hour).Sub(env.Clock.Now())) // 31 July, 0:30 in Budapest
	var ids []opportunity.ID
	for i, currency := range []string{"HUF", "EUR", "HUF", "HUF", "HUF"} {
		worth := money.MustAmount([]string{"1000", "10", "300", "50", "7"}[i])
		o, err := deals.Create(ctx, opportunity.Draft{PartyID: firm.ID, Name: "Polcok", Currency: currency, ExpectedRevenue: &worth})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, o.ID)
		env.Clock.Advance(36 * time.Hour) // the second one on 1 August
	}
	for _, id := range ids[:2] {
		if _, err := deals.CloseWon(ctx, id, opportunity.Win{}); err != nil {
			t.Fatal(err)
		}
	}
	env.Clock.Advance(30 * 24 * time.Hour)
	if _, err := deals.CloseLost(ctx, ids[2], opportunity.Loss{Reason: "price", Competitor: opportunity.NoCompetitor, Lesson: "drága volt"}); err != nil {
		t.Fatal(err)
	}
	all, err := deals.Pipelines().List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return deals, all[0]
}

func short(sums []reports.Sum) string {
	var out []string
	for _, s := range sums {
		out = append(out, s.Currency+" "+s.Revenue.String())
		for range s.Count - 1 {
			out = append(out, "+")
		}
	}
	return strings.Join(out, " ")
}

func TestTrend(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		locales := here(t)
		sell(t, env, locales)
		r := reports.New(env.DB, locales)
		got, err := r.Trend(env.As("boss", actor.Manager, actor.All), reports.TrendQuery{Months: 3})
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, m := range got {
			lines = append(lines, strings.Join([]string{m.First.String(), short(m.Created), short(m.Won), short(m.Lost)}, "|"))
		}
		want := []string{"2026-07-01|HUF 1000||", "2026-08-01|EUR 10 HUF 357 + +|EUR 10 HUF 1000|", "2026-09-01|||HUF 300"}
		if !cmp.Equal(lines, want) {
			t.Error(cmp.Diff(want, lines))
		}
		other, err := r.Trend(env.As("boss", actor.Manager, actor.All), reports.TrendQuery{Last: civil.Date{Year: 2026, Month: 9, Day: 3}, Months: 1, Of: reports.Of{Owner: "boris"}})
		if err != nil || len(other) != 1 || len(other[0].Lost) != 0 {
			t.Errorf("another's: %+v, %v", other, err)
		}
		if _, err := r.Trend(env.System(), reports.TrendQuery{Months: 37}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("too long: %v", err)
		}
		if _, err := r.Trend(env.As("anna", actor.Seller, actor.All), reports.TrendQuery{}); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("without the right: %v", err)
		}
	})
}

func TestFunnel(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		locales := here(t)
		_, pipeline := sell(t, env, locales)
		r := reports.New(env.DB, locales)
		got, err := r.Funnel(env.As("boss", actor.Manager, actor.All), reports.FunnelQuery{Of: reports.Of{Pipeline: pipeline.ID}, Period: reports.Period{From: env.Clock.Now().AddDate(-1, 0, 0)}})
		if err != nil || len(got) != len(pipeline.Stages) {
			t.Fatalf("%d stages of %d, %v", len(got), len(pipeline.Stages), err)
		}
		for i, want := range []struct {
			kind           opportunity.State
			open           string
			count, entered int
		}{
			{opportunity.Open, "HUF 57 +", 2, 5}, {opportunity.Open, "", 0, 0}, {opportunity.Open, "", 0, 0}, {opportunity.Open, "", 0, 0},
			{opportunity.Won, "", 0, 2}, {opportunity.Lost, "", 0, 1},
		} {
			if st := got[i]; st.Kind != want.kind || short(st.Open) != want.open || st.Count != want.count || st.Entered != want.entered {
				t.Errorf("stage %d is %+v, want %+v", i, st, want)
			}
		}
		own, err := r.Funnel(env.As("dana", actor.Manager, actor.Own), reports.FunnelQuery{})
		if err != nil || own[0].Count != 0 || own[0].Entered != 0 {
			t.Errorf("one who sees none of them: %+v, %v", own, err)
		}
	})
}

func TestSeriesSeek(t *testing.T) {
	env, plans := testutil.Planned(t)
	r := reports.New(env.DB, here(t))
	for _, ctx := range []context.Context{env.As("x", actor.Manager, actor.All), env.As("x", actor.Manager, actor.Team, "north")} {
		if _, err := r.Trend(ctx, reports.TrendQuery{Months: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Funnel(ctx, reports.FunnelQuery{Period: reports.Period{From: env.Clock.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, scan := range plans.Scans() {
		t.Errorf("reads a whole table:\n%s", scan)
	}
	for statement, plan := range plans.Each {
		if strings.Contains(statement, "closed_at >=") && !strings.Contains(plan, "closed_at>?") || strings.Contains(statement, "created_at >=") && !strings.Contains(plan, "created_at>?") {
			t.Errorf("is no seek in time:\n%s\n%s", statement, plan)
		}
	}
}
