package kpi_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

func TestEveryFigureIsExplained(t *testing.T) {
	for _, key := range kpi.Missing() {
		t.Errorf("no text %s", key)
	}
	for _, d := range kpi.Definitions() {
		for _, l := range locale.Languages {
			for what, text := range map[string]string{"name": d.Name(l), "formula": d.Formula(l), "meaning": d.Meaning(l)} {
				if len(text) < 3 || text[:min(4, len(text))] == "kpi." {
					t.Errorf("%s of %s in %s is %q", what, d.Code, l, text)
				}
			}
		}
		if d.Right == "" || len(d.By) == 0 {
			t.Errorf("%s needs a right and a breakdown", d.Code)
		}
	}
}

func TestPeriodsBefore(t *testing.T) {
	day := func(s string) civil.Date {
		d, err := civil.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for name, row := range map[string][6]string{
		"a month":              {"2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28", "2025-03-01", "2025-03-31"},
		"February of leapyear": {"2024-02-01", "2024-02-29", "2024-01-01", "2024-01-31", "2023-02-01", "2023-02-28"},
		"a quarter":            {"2026-01-01", "2026-03-31", "2025-10-01", "2025-12-31", "2025-01-01", "2025-03-31"},
		"a year":               {"2026-01-01", "2026-12-31", "2025-01-01", "2025-12-31", "2025-01-01", "2025-12-31"},
		"ten days":             {"2026-03-05", "2026-03-14", "2026-02-23", "2026-03-04", "2025-03-05", "2025-03-14"},
		"up to a leap day":     {"2024-02-10", "2024-02-29", "2024-01-21", "2024-02-09", "2023-02-10", "2023-02-28"},
	} {
		t.Run(name, func(t *testing.T) {
			p := kpi.Period{First: day(row[0]), Last: day(row[1])}
			b, y := p.Before(), p.LastYear()
			if got := [4]string{b.First.String(), b.Last.String(), y.First.String(), y.Last.String()}; got != [4]string(row[2:]) {
				t.Errorf("before and a year ago are %v, want %v", got, row[2:])
			}
		})
	}
}

// What still runs is held against as much of what was before, not against the whole of it.
func TestARunningPeriodIsHeldAgainstAsManyDays(t *testing.T) {
	env := testutil.SQLite(t)
	kpis := kpi.New(env.DB, func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} })
	env.Clock.Advance(time.Date(2028, 3, 30, 21, 0, 0, 0, time.UTC).Sub(env.Clock.Now()))
	for name, row := range map[string][6]string{
		"a month, whose shorter one is over": {"2028-03-01", "2028-03-31", "2028-02-01", "2028-02-29", "2027-03-01", "2027-03-30"},
		"a quarter on its ninetieth day":     {"2028-01-01", "2028-03-31", "2027-10-01", "2027-12-29", "2027-01-01", "2027-03-31"},
		"a year":                             {"2028-01-01", "2028-12-31", "2027-01-01", "2027-03-31", "2027-01-01", "2027-03-31"},
		"what ends today":                    {"2028-03-01", "2028-03-30", "2028-01-31", "2028-02-29", "2027-03-01", "2027-03-30"},
		"what is over":                       {"2028-02-01", "2028-02-29", "2028-01-01", "2028-01-31", "2027-02-01", "2027-02-28"},
		"what is to come":                    {"2028-04-01", "2028-04-30", "2028-03-01", "2028-03-31", "2027-04-01", "2027-04-30"},
	} {
		var days [6]civil.Date
		for i, text := range row {
			var err error
			if days[i], err = civil.Parse(text); err != nil {
				t.Fatal(err)
			}
		}
		got, err := kpis.Compare(env.As("anna", actor.Admin, actor.All), []kpi.Code{kpi.Revenue}, kpi.Query{Period: kpi.Period{First: days[0], Last: days[1]}})
		if err != nil {
			t.Fatal(err)
		}
		before, year := kpi.Period{First: days[2], Last: days[3]}, kpi.Period{First: days[4], Last: days[5]}
		if got[0].BeforePeriod != before || got[0].LastYearPeriod != year {
			t.Errorf("%s is held against %v and %v; want %v and %v", name, got[0].BeforePeriod, got[0].LastYearPeriod, before, year)
		}
	}
}

// TestWhatAComparisonLacksIsNamed: dollars without a rate are missing in the month before, so that this one looks like more.
func TestWhatAComparisonLacksIsNamed(t *testing.T) {
	env := testutil.SQLite(t)
	locales := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
	opps, kpis := opportunity.New(env.DB, opportunity.Config{Locale: locales}), kpi.New(env.DB, locales)
	ctx := env.As("anna", actor.Admin, actor.All)
	firm, err := party.New(env.DB, locales).Add(env.System(), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	if err != nil {
		t.Fatal(err)
	}
	for _, currency := range []string{"USD", "HUF"} {
		worth := money.MustAmount("100")
		o, err := opps.Create(ctx, opportunity.Draft{PartyID: firm.ID, Name: "Polcok", Currency: currency, ExpectedRevenue: &worth})
		if err == nil {
			_, err = opps.CloseWon(ctx, o.ID, opportunity.Win{})
		}
		if err != nil {
			t.Fatal(err)
		}
		if currency == "USD" {
			env.Clock.Advance(31 * 24 * time.Hour)
		}
	}
	today := civil.Of(env.Clock.Now())
	got, err := kpis.Compare(ctx, []kpi.Code{kpi.Revenue}, kpi.Query{Period: kpi.Months(today, 1, 1)[0]})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got[0].Missing, []string{"USD"}) || got[0].Value.String() != "100" || got[0].Before.String() != "0" {
		t.Errorf("of %s against %s missing are %v", got[0].Value, got[0].Before, got[0].Missing)
	}
}

func TestFiguresAreOfWhatTheReaderSees(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		locales := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
		opps, kpis := opportunity.New(env.DB, opportunity.Config{Locale: locales}), kpi.New(env.DB, locales)
		firm, err := party.New(env.DB, locales).Add(env.System(), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
		if err != nil {
			t.Fatal(err)
		}
		for i, owner := range []string{"anna", "béla", "csaba"} {
			worth := money.MustAmount([]string{"100", "20", "3"}[i])
			ctx := env.As(owner, actor.Admin, actor.All, []string{"pest", "pest", "vidék"}[i])
			o, err := opps.Create(ctx, opportunity.Draft{PartyID: firm.ID, Name: "Polcok", ExpectedRevenue: &worth})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := opps.CloseWon(ctx, o.ID, opportunity.Win{}); err != nil {
				t.Fatal(err)
			}
			env.Clock.Advance(time.Minute)
		}
		today := civil.Of(env.Clock.Now())
		q := kpi.Query{Period: kpi.Period{First: today.AddDays(-1), Last: today.AddDays(1)}}
		if _, err := kpis.Compare(env.As("anna", actor.Admin, actor.All), []kpi.Code{kpi.Revenue, "revenues"}, q); !errors.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "deals_won") {
			t.Errorf("a code of none among others: %v", err)
		}
		for _, row := range []struct {
			see   actor.Visibility
			want  string
			count int
		}{{actor.Own, "100", 1}, {actor.Team, "120", 2}, {actor.All, "123", 3}} {
			ctx := env.As("anna", actor.Seller, row.see, "pest")
			f, err := kpis.Figure(ctx, kpi.Revenue, q)
			if err != nil || f.Value.String() != row.want {
				t.Errorf("who sees %s reads %s, %v; want %s", row.see, f.Value, err, row.want)
			}
			behind, err := kpis.Behind(ctx, kpi.Revenue, q, "", store.Page{})
			if err != nil || len(behind.Rows) != row.count {
				t.Errorf("behind it stand %d records for %s, %v; want %d", len(behind.Rows), row.see, err, row.count)
			}
			for _, d := range kpi.Definitions() { // each list can be read in each of its parts
				if d.Of == kpi.CustomerKind { // a seller sees none of them, and nobody of parts of months
					continue
				}
				for _, by := range append([]kpi.Dimension{kpi.Whole}, d.By...) {
					one := q
					one.By = by
					f, err := kpis.Figure(ctx, d.Code, one)
					if err != nil {
						t.Fatal(err)
					}
					for _, part := range append(slices.Clone(f.Rows[:min(len(f.Rows), 1)]), kpi.Row{}) {
						if part.Key == "" && (by == kpi.Pipeline || by == kpi.Stage || len(f.Rows) > 0) {
							continue
						}
						got, err := kpis.Behind(ctx, d.Code, one, part.Key, store.Page{Limit: 2})
						if err != nil || d.Code == kpi.DealsWon && part.Count > 0 && len(got.Rows) != min(2, int(part.Count)) {
							t.Fatalf("behind %s by %s %q: %d records of %d, %v", d.Code, by, part.Key, len(got.Rows), part.Count, err)
						}
					}
				}
			}
		}
		if _, err := kpis.Figure(env.As("x", actor.Rights{}, actor.All), kpi.Revenue, q); !errors.Is(err, fault.Forbidden) {
			t.Errorf("without a right: %v", err)
		}
		bad := kpi.Query{Period: kpi.Period{First: today, Last: today.AddDays(-1)}, By: "x", Of: kpi.Filter{Seller: "anna"}}
		if _, err := kpis.Figure(env.As("anna", actor.Admin, actor.All), kpi.CampaignReturn, bad); len(fault.Of(err)) != 3 {
			t.Errorf("faults: %v", fault.Of(err))
		}
	})
}
