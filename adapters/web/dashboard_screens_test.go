package web

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/reports/schedule"
)

func TestEachReportThatIsSentWordOfHasItsPageAndWorkbook(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	for _, r := range schedule.Reports {
		path := reportPages[r]
		if path == "" {
			t.Errorf("%s leads nowhere", r)
			continue
		}
		kati.get(path).ok(http.StatusOK)
		opened := kati.get("/reports/" + workbookOf(r)).ok(http.StatusOK)
		if !strings.HasPrefix(opened.Body, "PK") {
			t.Errorf("the workbook of %s is at %s: %.60q", r, opened.Path, opened.Body)
		}
	}
}

var cellOfForecast = regexp.MustCompile(`href="([^"]*close_from=[^"]*)"`)

// TestACellOfTheForecastLeadsToItsOpportunities: the list behind a cell holds what is in it and nothing else, whatever the
// table is broken down to and narrowed by.
func TestACellOfTheForecastLeadsToItsOpportunities(t *testing.T) {
	w := newScreensWorld(t)
	today := civil.Of(w.Env.Clock.Now())
	for _, c := range []struct{ region, source, name string }{{"Pest", "web", "Pesti polc"}, {"Zala", "web", "Zalai polc"}, {"Zala", "fair", "Vásári polc"}} {
		firm, err := w.module.Parties.Add(w.as("kati"), party.Draft{Kind: party.Company, FullName: c.name + " Kft.", Address: party.Address{Region: c.region, Country: "HU"}})
		w.must(err)
		worth := money.MustAmount("1000")
		_, err = w.module.Opportunities.Create(w.as("kati"), opportunity.Draft{PartyID: firm.ID, Name: c.name, Source: c.source, ExpectedRevenue: &worth, ExpectedClose: today})
		w.must(err)
	}
	kati := w.browser("kati")
	page := kati.get("/forecast?by=region&source=web").ok(http.StatusOK).has("Pest", "Zala")
	followed := map[string]bool{}
	for _, m := range cellOfForecast.FindAllStringSubmatch(page.Body, -1) {
		path := html.UnescapeString(m[1])
		if !strings.Contains(path, "close_from="+today.String()[:7]) {
			continue
		}
		list := kati.get(path[strings.Index(path, "/opportunities"):]).ok(http.StatusOK)
		_, rows, _ := strings.Cut(list.Body, "<tbody data-rows>") // below the list stands the panel of all that is open
		rows, _, _ = strings.Cut(rows, "</tbody>")
		got := ""
		for _, name := range []string{"Pesti polc", "Zalai polc", "Vásári polc"} {
			if strings.Contains(rows, name) {
				got += name[:1]
			}
		}
		part, want := "total", "PZ"
		for _, region := range []string{"Pest", "Zala"} {
			if strings.Contains(path, "region="+region) {
				part, want = region, region[:1]
				list.has("Régió: " + region)
			}
		}
		if followed[part] = true; got != want {
			t.Errorf("behind %s stand %s, want %s", path, got, want)
		}
	}
	if len(followed) != 3 {
		t.Errorf("of Pest, Zala and the total, these lead to their opportunities: %v", followed)
	}
}

func TestDashboardIsPrintedAndSentWordOf(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	kati.get("/dashboard").has("PDF")
	for _, l := range locale.Languages {
		page := w.browser("kati", l).get("/dashboard.pdf?tiles=revenue,leads,deals_won&span=year")
		page.ok(http.StatusOK)
		if !strings.HasPrefix(page.Body, "%PDF-1.4") {
			t.Errorf("%s: no PDF but %.40q", l, page.Body)
		}
	}
}
