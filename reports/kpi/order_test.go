package kpi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/retention"
	"github.com/crmplus/crmplus/testutil"
)

// trade counts orders given as "customer month net", customers in their order.
func trade(t *testing.T, env *testutil.Env, lines ...string) {
	t.Helper()
	today := civil.Of(env.Clock.Now())
	k, err := retention.Begin(env.System(), env.DB, retention.Pass{
		From: civil.Date{Year: 2025, Month: 7, Day: 1}, Today: today, Currency: "HUF",
		Worth: func(net money.Amount, currency string, _ civil.Date) (money.Amount, bool) {
			return net, currency == "HUF"
		},
		Own: func(context.Context, *store.Session) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		var customer, month, net string
		currency := "HUF"
		if _, err := fmt.Sscan(line, &customer, &month, &net); err != nil {
			t.Fatal(err)
		}
		if net[0] == '$' {
			currency, net = "USD", net[1:]
		}
		day, err := civil.Parse(month + "-05")
		if err == nil {
			err = k.Add(env.System(), erpbridge.Sale{Customer: customer, Key: fmt.Sprint(i), Date: day, Currency: currency, Lines: []erpbridge.SoldLine{{Net: money.MustAmount(net)}}})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := k.End(env.System(), func(string) bool { return true }); err != nil {
		t.Fatal(err)
	}
}

// TestFiguresOfOrders: of four customers of the second quarter one went, one orders less, one more, and one, whom nobody
// knows in CRM+, went too; one is new.
func TestFiguresOfOrders(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		locales := func(string) locale.Locale {
			return locale.Locale{Language: locale.Hungarian, Currency: "HUF", Zone: time.UTC}
		}
		kpis, boss := kpi.New(env.DB, locales), env.As("boss", actor.Admin, actor.All)
		third := kpi.Query{Period: kpi.Period{First: civil.Date{Year: 2026, Month: 7, Day: 1}, Last: civil.Date{Year: 2026, Month: 9, Day: 30}}}
		said := func(k *kpi.KPIs, ctx context.Context, q kpi.Query) string {
			t.Helper()
			var out []string
			for _, code := range kpi.OrderCodes {
				f, err := k.Figure(ctx, code, q)
				if err != nil {
					t.Fatal(err)
				}
				one := fmt.Sprintf("%s %d %s", text(f.Value), f.Count, f.Why)
				for _, row := range f.Rows {
					one += fmt.Sprintf(" %s=%s/%d", row.Key, text(row.Value), row.Count)
					list, err := k.Behind(ctx, code, q, row.Key, store.Page{Limit: 1})
					if n := int64(len(list.Rows)); err != nil || n != min(row.Count, 1) || (list.Next != "") != (n == 1) {
						t.Errorf("behind %s of %s stand %d, %v", code, row.Key, n, err)
					}
				}
				list, err := k.Behind(ctx, code, kpi.Query{Period: q.Period, Of: q.Of}, "", store.Page{})
				if err != nil || int64(len(list.Rows)) != f.Count {
					t.Errorf("%s is of %d customers, %d stand behind it: %v", code, f.Count, len(list.Rows), err)
				}
				out = append(out, strings.TrimSpace(one), strings.Join(f.Missing, ","))
			}
			return strings.Join(out, "|")
		}
		if got := said(kpis, boss, third); got != "- 0 uncounted||- 0 uncounted||- 0 uncounted||- 0 uncounted|" {
			t.Errorf("before anything was counted: %s", got)
		}
		if got := said(kpis.Untold(), boss, third); got != "- 0 untold||- 0 untold||- 0 untold||- 0 untold|" {
			t.Errorf("of a host that tells nothing: %s", got)
		}
		parties := party.New(env.DB, locales)
		for i, owner := range []string{"anna", "anna", "béla"} {
			one, err := parties.Add(env.System(), party.Draft{Kind: party.Company, FullName: fmt.Sprintf("Vevő %d Kft.", i), Address: party.Address{Country: "HU", Region: []string{"Pest", "", "Pest"}[i]}})
			if err == nil {
				err = parties.Assign(env.System(), one.ID, party.Owner{User: owner, Team: "t-" + owner})
			}
			if err == nil {
				err = parties.SetRole(env.System(), one.ID, party.Link{Role: party.Customer, HostKey: fmt.Sprintf("V%d", i)}, [16]byte{})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		trade(t, env, "V0 2026-04 1000", "V1 2026-05 600", "V1 2026-06 600", "V1 2026-07 300", "V2 2025-07 1", "V2 2026-06 800", "V2 2026-07 1100", "V3 2026-06 400", "V3 2026-06 $5", "V4 2026-07 70")
		for _, row := range []struct {
			who  context.Context
			q    func(*kpi.Query)
			want string
		}{
			// 3400 before; 1400 of it of those who went; 900 less, 300 more.
			{boss, func(*kpi.Query) {}, "50 4|USD|50 2|USD|41.1765 2|USD|41.1765 4|USD"},
			{boss, func(q *kpi.Query) { q.By = kpi.Seller }, "50 4  béla=100/1 anna=50/2 =0/1|USD|50 2  =100/1 anna=50/1 béla=0/0|USD|41.1765 2  =100/1 anna=45.4545/1 béla=0/0|USD|41.1765 4  béla=137.5/1 anna=13.6364/2 =0/1|USD"},
			{boss, func(q *kpi.Query) { q.By = kpi.Region }, "50 4  HU=100/1 Pest=50/2 =0/1|USD|50 2  =100/1 Pest=50/1 HU=0/0|USD|41.1765 2  =100/1 Pest=55.5556/1 HU=0/0|USD|41.1765 4  Pest=61.1111/2 HU=25/1 =0/1|USD"},
			{boss, func(q *kpi.Query) { q.Of.Seller = "anna" }, "50 2|USD|50 1|USD|45.4545 1|USD|13.6364 2|USD"},
			{env.As("béla", actor.Manager, actor.Own), func(*kpi.Query) {}, "100 1|USD|0 0|USD|0 0|USD|137.5 1|USD"},
			{boss, func(q *kpi.Query) { q.By = kpi.Month }, "50 4  2026-07=66.6667/3|USD|50 2  2026-07=33.3333/1|USD|41.1765 2  2026-07=22.2222/1|USD|41.1765 4  2026-07=77.7778/3|USD"},
		} {
			q := third
			row.q(&q)
			if got := said(kpis, row.who, q); got != row.want {
				t.Errorf("%+v:\n%s\nwant\n%s", q, got, row.want)
			}
		}
		early := kpi.Query{Period: kpi.Period{First: civil.Date{Year: 2025, Month: 7, Day: 1}, Last: civil.Date{Year: 2025, Month: 9, Day: 30}}}
		if got := said(kpis, boss, early); got != "- 0 unknown|USD|- 0 unknown|USD|- 0 unknown|USD|- 0 unknown|USD" {
			t.Errorf("of a period whose one before is not known: %s", got)
		}
		for _, q := range []kpi.Query{
			{Period: third.Period, Of: kpi.Filter{Source: "web"}}, {Period: third.Period, By: kpi.Pipeline},
			{Period: kpi.Period{First: civil.Date{Year: 2026, Month: 7, Day: 2}, Last: civil.Date{Year: 2026, Month: 7, Day: 31}}},
		} {
			if _, err := kpis.Figure(boss, kpi.OrderChurn, q); !errors.Is(err, fault.Invalid) {
				t.Errorf("%+v was not refused: %v", q, err)
			}
			if found, err := kpis.Compare(boss, []kpi.Code{kpi.OrderChurn}, kpi.Query{Period: q.Period, Of: q.Of}); q.By == kpi.Whole && (err != nil || len(found) > 0) {
				t.Errorf("%+v was not left out: %+v, %v", q, found, err)
			}
		}
		one, err := kpis.Compare(boss, []kpi.Code{kpi.OrderRetention}, third)
		if err != nil || len(one) != 1 || one[0].Before.Known { // the quarter runs, and half a quarter is not kept
			t.Errorf("beside a part of a quarter: %+v, %v", one, err)
		}
		table, err := kpis.Retention(boss, kpi.RetentionQuery{})
		if err != nil || len(table.Periods) != 8 {
			t.Fatalf("%+v, %v", table, err)
		}
		last := table.Periods[7]
		if !last.Running || !last.Known || text(last.Values[0]) != "50" || text(last.Values[3]) != "41.1765" || last.Sums.Fresh != 1 || !last.Sums.Net().Equal(money.MustAmount("1470")) || table.Periods[2].Known || table.KnownFrom.String() != "2025-07-01" {
			t.Errorf("the table is %+v", table)
		}
		for _, q := range []kpi.RetentionQuery{{Of: kpi.Filter{Source: "web"}}, {Step: 2}, {Columns: 41}} {
			if _, err := kpis.Retention(boss, q); !errors.Is(err, fault.Invalid) {
				t.Errorf("%+v was not refused: %v", q, err)
			}
			if _, err := kpis.Cohorts(boss, q); !errors.Is(err, fault.Invalid) {
				t.Errorf("cohorts of %+v were not refused: %v", q, err)
			}
		}
		gone, err := kpis.Customers(boss, kpi.CustomersQuery{Period: third.Period, Kind: retention.Gone})
		if err != nil || len(gone.Rows) != 2 || gone.Rows[0].Key != "V0" || gone.Rows[0].Name != "Vevő 0 Kft." || gone.Rows[0].Last.String() != "2026-04-01" || gone.Rows[1].Key != "V3" || !gone.Rows[1].Was.Equal(money.MustAmount("400")) {
			t.Errorf("who went: %+v, %v", gone, err)
		}
		cohorts, err := kpis.Cohorts(boss, kpi.RetentionQuery{})
		if err != nil || len(cohorts.Cohorts) != 5 || !cohorts.Cohorts[0].Earlier || cohorts.Cohorts[0].Customers() != 1 || cohorts.Cohorts[3].Customers() != 3 || cohorts.Cohorts[3].Turns[1].Customers != 1 {
			t.Errorf("the cohorts are %+v, %v", cohorts, err)
		}
		if none, err := kpis.Untold().Cohorts(boss, kpi.RetentionQuery{}); err != nil || none.Why != kpi.Untold || none.Cohorts != nil {
			t.Errorf("cohorts of a host that tells nothing: %+v, %v", none, err)
		}
		if _, err := kpis.Retention(env.As("anna", actor.Seller, actor.All), kpi.RetentionQuery{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("without the right to reports: %v", err)
		}
	})
}
