package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
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

var (
	numberOfForecast = regexp.MustCompile(`<a href="([^"]*/forecast/(?:deals|tested|moves)[^"]*)"[^>]*>([^<]*)<`)
	sumOfDeals       = regexp.MustCompile(`<p class="period-line"><b class="num">([^<]*)</b>`)
)

// TestEachNumberOfTheForecastLeadsToItsOpportunities: the page behind a number says the same number, and holds what it is
// made of and nothing else, whatever the table is broken down to and narrowed by.
func TestEachNumberOfTheForecastLeadsToItsOpportunities(t *testing.T) {
	w := newScreensWorld(t)
	today := civil.Of(w.Env.Clock.Now())
	for i, c := range []struct{ region, source, name string }{{"Pest", "web", "Pesti polc"}, {"Zala", "web", "Zalai polc"}, {"Zala", "fair", "Vásári polc"}, {"Zala", "web", "Őrségi polc"}} {
		firm, err := w.module.Parties.Add(w.as("kati"), party.Draft{Kind: party.Company, FullName: c.name + " Kft.", Address: party.Address{Region: c.region, Country: "HU"}})
		w.must(err)
		worth := money.MustAmount("1000")
		d := opportunity.Draft{PartyID: firm.ID, Name: c.name, Source: c.source, ExpectedRevenue: &worth, ExpectedClose: today}
		if i == 0 {
			d.ExpectedClose = civil.Date{}
		}
		o, err := w.module.Opportunities.Create(w.as("kati"), d)
		w.must(err)
		if i == 3 {
			_, err = w.module.Opportunities.CloseWon(w.as("kati"), o.ID, opportunity.Win{})
			w.must(err)
		}
	}
	kati := w.browser("kati")
	followed := map[string]string{}
	for _, show := range []string{"open", "won", "best"} {
		page := kati.get("/forecast?by=region&source=web&show="+show).ok(http.StatusOK).has("Pest", "Zala")
		_, table, _ := strings.Cut(page.Body, "<tbody>") // the cards above tell their numbers shortly
		for _, m := range numberOfForecast.FindAllStringSubmatch(table, -1) {
			path := html.UnescapeString(m[1])
			list := kati.get(path[strings.Index(path, "/forecast/"):]).ok(http.StatusOK)
			if sum := sumOfDeals.FindStringSubmatch(list.Body); m[2] != "" && (sum == nil || sum[1] != m[2]) {
				t.Errorf("%s leads to %q from %q", path, sum, m[2])
			}
			_, rows, _ := strings.Cut(list.Body, "<tbody data-rows>") // below the list stands the panel of all that is open
			rows, _, _ = strings.Cut(rows, "</tbody>")
			got := ""
			for _, name := range []string{"Pesti polc", "Zalai polc", "Vásári polc", "Őrségi polc"} {
				if strings.Contains(rows, ">"+name+"<") {
					got += string([]rune(name)[:1])
				}
			}
			asked, err := url.Parse(path)
			w.must(err)
			q := asked.Query()
			followed[q.Get("show")+" "+q.Get("by")+q.Get("row")+" "+strings.TrimSuffix(q.Get("column"), "-01")] += got
		}
	}
	month := today.String()[:7]
	for number, want := range map[string]string{
		"open  " + month: "Z", "won  " + month: "Ő", "open  undated": "P", "open  sum": "Z", "won  sum": "Ő", "open  later": "", "best  undated": "",
		"open regionZala " + month: "Z", "won regionZala " + month: "Ő", "open regionPest undated": "P", "open regionPest " + month: "", "won regionPest sum": "", "open regionZala sum": "Z",
	} {
		if got, there := followed[number]; !there || strings.Trim(got, want) != "" || want != "" && got == "" {
			t.Errorf("behind %s stand %q, want %q (%v)", number, got, want, there)
		}
	}
	kati.get("/forecast/deals?column=nonsense").ok(http.StatusUnprocessableEntity)
	kati.get("/forecast/moves?reason=hope&since=2026-01-01&until=2026-02-01").ok(http.StatusNotFound)
}

var (
	tileNumber = regexp.MustCompile(`<h2><a href="([^"]*)"[^>]*>[^<]*</a></h2></header>\s*<p class="tile-value"><b class="num">([^<]*)</b>`)
	figureOf   = regexp.MustCompile(`<b class="num">([^<]*)</b>`)
)

// TestTilesLeadToTheNumbersThatTheySay: a seller who sees only his own finds his part of what he sold with a colleague on his
// dashboard, and behind it.
func TestTilesLeadToTheNumbersThatTheySay(t *testing.T) {
	w := newScreensWorld(t)
	worth := money.MustAmount("1000000")
	firm, err := w.module.Parties.Add(w.as("peter"), party.Draft{Kind: party.Company, FullName: "Közös Kft.", Owner: party.Owner{User: "nagy", Team: "videk"}})
	w.must(err)
	o, err := w.module.Opportunities.Create(w.as("peter"), opportunity.Draft{PartyID: firm.ID, Name: "Közös polc", ExpectedRevenue: &worth, Team: opportunity.Team{Owner: "nagy", Sellers: opportunity.Even("nagy", "kovacs")}})
	w.must(err)
	_, err = w.module.Opportunities.CloseWon(w.as("peter"), o.ID, opportunity.Win{})
	w.must(err)
	peter := w.browser("peter")
	tiles := tileNumber.FindAllStringSubmatch(peter.get("/dashboard?span=month&tiles=revenue,deals_won").ok(http.StatusOK).Body, -1)
	if len(tiles) != 2 || strings.ReplaceAll(tiles[0][2], "\u00a0", " ") != "500 000 Ft" {
		t.Fatalf("the tiles say %q", tiles)
	}
	for _, tile := range tiles {
		path := html.UnescapeString(tile[1])
		page := peter.get(path[strings.Index(path, "/figures/"):]).ok(http.StatusOK)
		if said := figureOf.FindStringSubmatch(page.Body); len(said) == 0 || said[1] != tile[2] {
			t.Errorf("%s leads from %s to %q", path, tile[2], said)
		}
	}
	sent, err := schedule.New(w.DB, schedule.Config{
		Locales: w.module.Parties.Locale, Sender: func(string) mail.Address { return mail.Address{Email: "erp@example.com"} }, Link: func(string, schedule.ID) string { return "https://erp.example.com" },
	}).Add(w.as("kati"), schedule.Draft{Report: schedule.Dashboard, Name: "Műszerfal", Question: "span=month", Rhythm: schedule.Daily, Recipient: "petra@example.com"})
	w.must(err)
	book := unzipped(t, w.browser("petra").get("/reports/open/"+sent.ID.String()+"?as=workbook").ok(http.StatusOK).Body)
	if !strings.Contains(book, "<v>500000</v>") {
		t.Error("the workbook that she is sent word of says another revenue than her dashboard")
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
