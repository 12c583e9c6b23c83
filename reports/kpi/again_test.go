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
	sell := func(owner string, firm int, worth string) {
		amount := money.MustAmount(worth)
		o, err := h.opps.Create(h.as(owner), opportunity.Draft{PartyID: firms[firm].ID, Name: "Polcok", Currency: "HUF", ExpectedRevenue: &amount})
		h.ok(err)
		_, err = h.opps.CloseWon(h.as(owner), o.ID, opportunity.Win{})
		h.ok(err)
	}
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
