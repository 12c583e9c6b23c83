package kpi_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

// TestFiguresGoByTheFieldsOfWhatTheyAreMadeOf: a field of leads narrows figures of leads alone, one of activities those of
// activities; the records behind a figure are narrowed as it is.
func TestFiguresGoByTheFieldsOfWhatTheyAreMadeOf(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		locales := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
		parties, ctx := party.New(env.DB, locales), env.System()
		opps, acts := opportunity.New(env.DB, opportunity.Config{Locale: locales}), activity.New(env.DB, parties)
		leads := lead.New(env.DB, lead.Config{Parties: parties, Host: erpbridge.Host{}})
		for _, d := range []custom.Draft{
			{Kinds: []string{"lead"}, Name: "fair", Label: "Vásár", Type: store.TextField},
			{Kinds: []string{"activity"}, Name: "room", Label: "Terem", Type: store.TextField},
			{Kinds: []string{"lead", "opportunity"}, Name: "fleet", Label: "Járművek", Type: store.NumberField},
			{Kinds: []string{"activity"}, Name: "fleet", Label: "Flotta", Type: store.TextField},
		} {
			_, err := custom.New(env.DB).Add(ctx, d)
			ok(err)
		}
		firm, err := parties.Add(ctx, party.Draft{Kind: party.Company, FullName: "Minta Kft."})
		ok(err)
		_, err = opps.Create(ctx, opportunity.Draft{PartyID: firm.ID, Name: "Polcok", Currency: "HUF", Custom: map[string]any{"fleet": money.MustQuantity("5")}})
		ok(err)
		for i, own := range []map[string]any{{"fair": "Hannover", "fleet": money.MustQuantity("12")}, {"fair": "Brno"}, nil} {
			_, err := leads.Capture(ctx, lead.Draft{Name: "Kovács Anna", Emails: []string{string(rune('a'+i)) + "@example.com"}, Origin: lead.Origin{Channel: lead.ByHand, Source: "web"}, Custom: own})
			ok(err)
		}
		for _, own := range []map[string]any{{"room": "Kék"}, {"room": "Kék"}, {"room": "Zöld", "fleet": "12"}} {
			_, err := acts.Record(ctx, activity.Deed{Party: firm.ID, Kind: activity.Meeting, Subject: "Egyeztetés", Custom: own})
			ok(err)
		}
		kpis, today := kpi.New(env.DB, locales), civil.In(env.Clock.Now(), time.UTC)
		asked := []kpi.Code{kpi.DealsCreated, kpi.Leads, kpi.Meetings, kpi.RegulationsKept}
		for name, row := range map[string]struct {
			by   []store.CustomFilter
			want map[kpi.Code]string
		}{
			"fields of leads":         {[]store.CustomFilter{{Field: "fair", Is: "Hannover"}}, map[kpi.Code]string{kpi.Leads: "1"}},
			"fields of activities":    {[]store.CustomFilter{{Field: "room", Is: "Kék"}}, map[kpi.Code]string{kpi.Meetings: "2"}},
			"of two kinds, each own":  {[]store.CustomFilter{{Field: "fleet", From: money.MustQuantity("10")}}, map[kpi.Code]string{kpi.DealsCreated: "0", kpi.Leads: "1"}},
			"of another type":         {[]store.CustomFilter{{Field: "fleet", Is: "12"}}, map[kpi.Code]string{kpi.Meetings: "1"}},
			"of kinds that none has":  {[]store.CustomFilter{{Field: "fair", Is: "Brno"}, {Field: "room", Is: "Kék"}}, map[kpi.Code]string{}},
			"all of it, which is and": {[]store.CustomFilter{{Field: "fair", Is: "Brno"}, {Field: "fleet", From: money.MustQuantity("1")}}, map[kpi.Code]string{kpi.Leads: "0"}},
		} {
			q := kpi.Query{Period: kpi.Period{First: today, Last: today}, Of: kpi.Filter{Custom: row.by}}
			found, err := kpis.Compare(ctx, asked, q)
			ok(err)
			if len(found) != len(row.want) {
				t.Errorf("%s: %d figures go by them, not %d", name, len(found), len(row.want))
			}
			for _, one := range found {
				if one.Value.String() != row.want[one.Code] {
					t.Errorf("%s: %s is %s, not %q", name, one.Code, one.Value, row.want[one.Code])
				}
				behind, err := kpis.Behind(ctx, one.Code, q, "", store.Page{})
				ok(err)
				if int64(len(behind.Rows)) != one.Count {
					t.Errorf("%s: %d records stand behind %d of %s", name, len(behind.Rows), one.Count, one.Code)
				}
			}
			for _, code := range asked {
				_, err := kpis.Figure(ctx, code, q)
				_, fits := row.want[code]
				if fits != (err == nil) || err != nil && !errors.Is(err, fault.Invalid) {
					t.Errorf("%s: asked for alone %s says %v", name, code, err)
				}
			}
		}
		mistaken := kpi.Query{Period: kpi.Period{First: today, Last: today}, Of: kpi.Filter{Custom: []store.CustomFilter{{Field: "fair", Is: "Brno"}, {Field: "colour", Is: "red"}}}}
		if _, err := kpis.Compare(ctx, asked, mistaken); !errors.Is(err, fault.Invalid) || !slices.ContainsFunc(fault.Of(err), func(f fault.Fault) bool { return f.Path == "custom.colour" }) {
			t.Errorf("a field that nothing has narrows figures: %v", err)
		}
	})
}
