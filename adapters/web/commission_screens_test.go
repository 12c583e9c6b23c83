package web

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/reports/commission"
)

// TestNobodySeesWhatAColleagueEarns: of a deal that a team sees, and that two sell, each of its sellers is told his own
// commission, on the page and in the workbook; who may know them, as the manager, sees both.
func TestNobodySeesWhatAColleagueEarns(t *testing.T) {
	// Two more clerks: anna's colleague, who may have workbooks, and an accountant.
	before := maps.Clone(clerks)
	t.Cleanup(func() { clerks = before })
	clerks = maps.Clone(clerks)
	clerks["bela"] = clerk{actor.User{ID: "nagy", Name: "Nagy Béla", Teams: []string{"budapest"}, Rights: append(actor.Rights{actor.ReportRead}, actor.Seller...), See: actor.Team}, locale.Hungarian}
	clerks["judit"] = clerk{actor.User{ID: "konyvelo", Name: "Könyvelő Judit", Rights: append(actor.Rights{actor.ReportRead, actor.CommissionRead}, actor.Reader...), See: actor.All}, locale.Hungarian}
	w := newScreensWorld(t)
	today := civil.Of(w.Clock.Now())
	_, err := w.module.Commissions.Publish(w.as("kati"), 0, commission.Plan{
		Starts: civil.Date{Year: today.Year, Month: today.Month, Day: 1}, Earned: commission.Won, Rules: []commission.Rule{{Name: "Minden", Base: commission.Revenue, Rate: money.MustPercent("10")}},
	})
	w.must(err)
	firm, err := w.module.Parties.Add(w.as("anna"), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	w.must(err)
	worth := money.MustAmount("1000000")
	deal, err := w.module.Opportunities.Create(w.as("anna"), opportunity.Draft{PartyID: firm.ID, Name: "Közös polcok", ExpectedRevenue: &worth, Team: opportunity.Team{Owner: "kovacs", OwnerTeam: "budapest",
		Sellers: []opportunity.Seller{{User: "kovacs", Share: money.MustPercent("77")}, {User: "nagy", Share: money.MustPercent("23")}}}})
	w.must(err)
	_, err = w.module.Opportunities.CloseWon(w.as("anna"), deal.ID, opportunity.Win{})
	w.must(err)

	// Who sets plans up and may not know what they pay is offered no trial, and the month to others to close.
	clerks["zita"] = clerk{actor.User{ID: "beallito", Name: "Beállító Zita", Rights: actor.Rights{actor.Settings, actor.OpportunityRead}, See: actor.All}, locale.Hungarian}
	for who, offered := range map[string]bool{"kati": true, "zita": false} {
		if page := w.browser(who).get("/settings/commission?try=1").ok(http.StatusOK); strings.Contains(page.Body, "?try=1") != offered || strings.Contains(page.text(), "23 000") && !offered {
			t.Errorf("%s is shown %s", who, page.text())
		}
	}

	const annas, belas = "77 000", "23 000"
	for _, c := range []struct {
		clerk       string
		annas, both bool
	}{{"anna", true, false}, {"bela", false, false}, {"gabor", true, true}, {"kati", true, true}, {"judit", true, true}} {
		want := map[string]bool{annas: c.annas, belas: c.both || !c.annas}
		b := w.browser(c.clerk)
		b.get("/opportunities/" + deal.ID.String()).ok(http.StatusOK).has("Közös polcok") // each of them sees the deal
		for _, path := range []string{"/commission", "/commission?seller=kovacs", "/commission?seller=nagy"} {
			page := strings.ReplaceAll(b.get(path).ok(http.StatusOK).text(), "\u00a0", " ")
			for sum, sees := range want {
				asked := strings.HasSuffix(path, "commission") || strings.HasSuffix(path, "kovacs") == (sum == annas)
				if got, want := strings.Contains(page, sum), sees && asked; got != want {
					t.Errorf("%s sees %s at %s: %v, want %v", c.clerk, sum, path, got, want)
				}
			}
		}
		if c.clerk == "anna" {
			b.get("/reports/commission.xlsx").ok(http.StatusForbidden)
			continue
		}
		book := unzipped(t, b.get("/reports/commission.xlsx").ok(http.StatusOK).Body)
		for sum, sees := range want {
			if cell := "<v>" + strings.ReplaceAll(sum, " ", "") + "</v>"; strings.Contains(book, cell) != sees {
				t.Errorf("%s has %s in the workbook: %v, want %v", c.clerk, sum, !sees, sees)
			}
		}
	}
}
