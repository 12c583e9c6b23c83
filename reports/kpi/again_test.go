package kpi_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

// TestWhoBuysAgain: of three customers of one month one buys again in the next, under a name that is merged with his own
// afterwards; before that he counts as lost and as another one.
func TestWhoBuysAgain(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		rapid.Check(t, func(t *rapid.T) { againIn(t, env) })
	})
}

func againIn(t *rapid.T, env *testutil.Env) {
	h := begin(t, env, firstCompany+int(companies.Add(1)))
	parties := party.New(h.env.DB, func(string) locale.Locale {
		return locale.Locale{Language: locale.Hungarian, Zone: h.zone, Currency: "HUF"}
	})
	var firms []party.Party
	for i := range 4 {
		one, err := parties.Add(h.env.System(), party.Draft{Kind: party.Company, FullName: fmt.Sprintf("Vevő %d Kft.", i)})
		h.ok(err)
		firms = append(firms, one)
	}
	sell := func(owner string, firm int, worth string) { h.sell(owner, firms[firm].ID, worth) }
	today := func() civil.Date { return civil.In(h.env.Clock.Now(), h.zone) }
	for today().Day != 2 {
		h.env.Clock.Advance(12 * time.Hour)
	}
	sell("anna", 0, "600")
	sell("anna", 0, "100")
	sell("anna", 1, "250")
	sell("béla", 2, "50")
	h.env.Clock.Advance(72 * time.Hour)
	for today().Day != 2 {
		h.env.Clock.Advance(12 * time.Hour)
	}
	sell("anna", 3, "9000")
	q := kpi.Query{Period: kpi.Months(today(), 1, 1)[0]}
	read := func(user string, see actor.Visibility, q kpi.Query) string {
		out := ""
		for _, code := range []kpi.Code{kpi.CustomerRetention, kpi.CustomerChurn, kpi.RevenueChurn} {
			got, err := h.kpis.Figure(h.env.As(user, actor.Seller, see, "team-"+user), code, q)
			h.ok(err)
			list, err := h.kpis.Behind(h.env.As(user, actor.Seller, see, "team-"+user), code, q, "", store.Page{})
			h.ok(err)
			if int64(len(list.Rows)) != got.Count {
				t.Fatalf("%s is of %d sales, %d stand behind it", code, got.Count, len(list.Rows))
			}
			out += text(got.Value) + " "
		}
		return out
	}
	if got := read("anna", actor.All, q); got != "0 100 100 " {
		t.Fatalf("while the customer has two names: %s", got)
	}
	_, err := parties.Merge(h.env.System(), firms[0].ID, firms[3].ID)
	h.ok(err)
	if got := read("anna", actor.All, q); got != "33.3333 66.6667 30 " {
		t.Fatalf("of three one came again: %s", got)
	}
	if got := read("anna", actor.Own, q); got != "50 50 26.3158 " {
		t.Fatalf("of her two one came again: %s", got)
	}
	if got := read("béla", actor.Own, q); got != "0 100 100 " {
		t.Fatalf("his only one did not: %s", got)
	}
	if got := read("dóra", actor.Own, q); got != "- - - " {
		t.Fatalf("who sold nothing: %s", got)
	}
}

// sell has a deal won at once.
func (h *history) sell(owner string, to party.ID, worth string) {
	amount := money.MustAmount(worth)
	o, err := h.opps.Create(h.as(owner), opportunity.Draft{PartyID: to, Name: "Polcok", Currency: "HUF", ExpectedRevenue: &amount})
	h.ok(err)
	_, err = h.opps.CloseWon(h.as(owner), o.ID, opportunity.Win{})
	h.ok(err)
}

// TestWhoBuysAgainInARunningPeriod: as many days of an earlier month as have passed of this one are asked for those who bought
// in the whole of the month before it, as those of this month are.
func TestWhoBuysAgainInARunningPeriod(t *testing.T) {
	env := testutil.SQLite(t)
	rapid.Check(t, func(t *rapid.T) {
		h := begin(t, env, firstCompany+int(companies.Add(1)))
		today := func() civil.Date { return civil.In(h.env.Clock.Now(), h.zone) }
		turn := func(day int) { // of the next month
			month := today().Month
			for today().Month == month || today().Day != day {
				h.env.Clock.Advance(12 * time.Hour)
			}
		}
		homes := []party.ID{h.homes[""], h.homes["Pest"], h.homes["GR"]}
		turn(2) // long before the end of the month
		for _, home := range homes {
			h.sell("anna", home, "100")
		}
		turn(3)
		h.sell("anna", homes[0], "100")
		turn(5) // of the month that runs, which nobody has come back in yet
		got, err := h.kpis.Compare(h.as("anna"), []kpi.Code{kpi.CustomerRetention, kpi.CustomerChurn, kpi.RevenueChurn}, kpi.Query{Period: kpi.Months(today(), 1, 1)[0]})
		h.ok(err)
		is := ""
		for _, one := range got {
			is += text(one.Value) + " " + text(one.Before) + " " + text(one.LastYear) + "; "
		}
		if is != "0 33.3333 -; 100 66.6667 -; 100 66.6667 -; " {
			t.Fatalf("this month, the one before, the same of last year: %s", is)
		}
	})
}
