package quota_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/testutil"
)

func TestQuotasAreCreditedByTheSplit(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		locales := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
		opps, quotas := opportunity.New(env.DB, opportunity.Config{Locale: locales}), quota.New(env.DB, locales)
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		boss := env.As("vezető", actor.Manager, actor.All)
		firm, err := party.New(env.DB, locales).Add(env.System(), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
		ok(err)
		worth := money.MustAmount("1000")
		o, err := opps.Create(boss, opportunity.Draft{PartyID: firm.ID, Name: "Polcok", ExpectedRevenue: &worth, Team: opportunity.Team{Owner: "anna", OwnerTeam: "pest",
			Sellers: []opportunity.Seller{{User: "anna", Share: money.MustPercent("75")}, {User: "béla", Share: money.MustPercent("25")}}}})
		ok(err)
		_, err = opps.CloseWon(boss, o.ID, opportunity.Win{})
		ok(err)
		today := civil.Of(env.Clock.Now())
		first := civil.Date{Year: today.Year, Month: today.Month, Day: 1}
		for _, d := range []quota.Draft{
			{Kind: quota.Seller, Subject: "anna", Team: "pest", Measure: quota.Revenue, Target: money.MustAmount("1500")},
			{Kind: quota.Seller, Subject: "béla", Measure: quota.Deals, Target: money.MustAmount("1")},
			{Kind: quota.Team, Subject: "pest", Measure: quota.Revenue, Target: money.MustAmount("800")},
			{Kind: quota.Company, Measure: quota.Activities, Target: money.MustAmount("10")},
		} {
			d.StartsOn, d.Months = first, 1
			_, err := quotas.Set(boss, d)
			ok(err)
			d.Months = 3
			_, err = quotas.Set(boss, d)
			ok(err)
			d.Months = 1
			_, err = quotas.Set(boss, d) // again is no second one
			ok(err)
		}
		want := map[string]string{"seller anna revenue": "750 50 750", "seller béla count": "0.25 25 0.75", "team pest revenue": "1000 125 0", "company  activities": "0 0 10"}
		read := func(ctx context.Context) map[string]string {
			rows, err := quotas.Table(ctx, civil.Date{})
			ok(err)
			got := map[string]string{}
			for _, r := range rows {
				if r.Months == 1 {
					got[string(r.Kind)+" "+r.Subject+" "+string(r.Measure)] = r.Attained.String() + " " + r.Share.String() + " " + r.Gap.String()
				}
			}
			return got
		}
		got := read(boss)
		for key, is := range want {
			if got[key] != is {
				t.Errorf("%s: %q, want %q", key, got[key], is)
			}
		}
		if len(got) != len(want) {
			t.Errorf("quotas: %v", got)
		}
		own := read(env.As("béla", actor.Seller, actor.Own, "pest"))
		if len(own) != 2 || own["seller béla count"] == "" || own["team pest revenue"] != "1000 125 0" {
			t.Errorf("a seller sees %v; his own and his team's, in full", own)
		}
		if _, err := quotas.Set(env.As("béla", actor.Seller, actor.Own), quota.Draft{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller sets a quota: %v", err)
		}
		if _, err := quotas.Set(boss, quota.Draft{Kind: "x", StartsOn: first.AddDays(1)}); len(fault.Of(err)) != 6 {
			t.Errorf("faults: %v", fault.Of(err))
		}
		rows, err := quotas.Table(boss, civil.Date{})
		ok(err)
		for _, r := range rows {
			ok(quotas.Remove(boss, r.ID))
		}
		env.Clock.Advance(time.Hour)
		if len(read(boss)) != 0 {
			t.Error("removed quotas are still there")
		}
	})
}
