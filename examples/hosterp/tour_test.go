package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// openBusyOffice is the ERP with the leads and sales of its example, and its background at work.
func openBusyOffice(t *testing.T) *office {
	t.Helper()
	o := openOffice(t)
	if _, err := o.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.seedSales(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.start(t)
	return o
}

// start lets the background work until the test ends.
func (o *office) start(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() {
		if err := o.module.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(working.Wait)
	t.Cleanup(stop)
}

// stop is one page of the tour.
type stop struct{ name, path string }

// tour are all pages with something on them, of one company.
func (o *office) tour(t *testing.T, company string) []stop {
	t.Helper()
	ctx := actor.With(t.Context(), actor.System(company, "tour"))
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fresh, err := o.module.Leads.List(ctx, lead.Filter{Statuses: []lead.Status{lead.StatusNew}}, lead.ByArrival, store.Page{Limit: 2})
	ok(err)
	won, err := o.module.Leads.List(ctx, lead.Filter{Statuses: []lead.Status{lead.StatusConverted}}, lead.ByArrival, store.Page{Limit: 1})
	ok(err)
	deals, err := o.module.Opportunities.List(ctx, opportunity.Filter{Page: store.Page{Limit: 50}})
	ok(err)
	quotes := map[quote.State]quote.ID{}
	for _, state := range []quote.State{quote.Draft, quote.Issued, quote.Accepted} {
		all, err := o.module.Quotes.List(ctx, quote.Filter{States: []quote.State{state}, Page: store.Page{Limit: 1}})
		ok(err)
		quotes[state] = all.Rows[0].ID
	}
	customers, err := o.module.Customers(ctx, "", "", 1)
	ok(err)
	calendar, err := o.module.Activities.Calendar(ctx, activity.CalendarFilter{From: time.Now(), Until: time.Now().AddDate(0, 0, 30), Owner: activity.Everyone})
	ok(err)
	pipelines, err := o.module.Opportunities.Pipelines().List(ctx)
	ok(err)
	a, b, deal := fresh.Rows[0].ID.String(), fresh.Rows[1].ID.String(), deals.Rows[0].ID.String()
	stops := []stop{
		{"login", "/login"}, {"today", "/crm/today"}, {"notices", "/crm/notices"}, {"search", "/crm/search?q=a"},
		{"leads", "/crm/leads"}, {"leads-filtered", "/crm/leads?status=new&owner=me"}, {"leads-none", "/crm/leads?find=qqqqqq"}, {"lead", "/crm/leads/" + a}, {"lead-converted", "/crm/leads/" + won.Rows[0].ID.String()},
		{"lead-new", "/crm/leads/new"}, {"lead-edit", "/crm/leads/" + a + "/edit"}, {"lead-capture", "/crm/leads/capture"}, {"lead-import", "/crm/leads/import"}, {"lead-status", "/crm/leads/" + a + "/status?to=disqualified"},
		{"lead-assign", "/crm/leads/" + a + "/assign"}, {"lead-duplicates", "/crm/leads/" + a + "/duplicates"}, {"lead-merge", "/crm/leads/" + a + "/merge/" + b}, {"lead-convert", "/crm/leads/" + a + "/convert"}, {"lead-group", "/crm/leads/" + a + "/group/billing"},
		{"view-new", "/crm/views/new?page=leads&query=owner%3Dme"},
		{"board", "/crm/opportunities"}, {"opportunities", "/crm/opportunities?as=list"}, {"opportunity", "/crm/opportunities/" + deal}, {"opportunity-facts", "/crm/opportunities/" + deal + "?edit=facts"}, {"opportunity-new", "/crm/opportunities/new"}, {"opportunity-won", "/crm/opportunities/" + deal + "/won"}, {"opportunity-lost", "/crm/opportunities/" + deal + "/lost"},
		{"quotes", "/crm/quotes"}, {"quote-new", "/crm/quotes/new?lead=" + a}, {"quote-draft", "/crm/quotes/" + quotes[quote.Draft].String()}, {"quote-issued", "/crm/quotes/" + quotes[quote.Issued].String()}, {"quote-accepted", "/crm/quotes/" + quotes[quote.Accepted].String()},
		{"quote-send", "/crm/quotes/" + quotes[quote.Issued].String() + "/send"}, {"quote-accept", "/crm/quotes/" + quotes[quote.Issued].String() + "/accept"}, {"quote-make", "/crm/quotes/" + quotes[quote.Accepted].String() + "/make/order"},
		{"customers", "/crm/customers"}, {"customer", "/crm/customers/" + customers[0].Key}, {"customer-documents", "/crm/customers/" + customers[0].Key + "/documents"}, {"contacts", "/crm/contacts"}, {"contact", "/crm/contacts/" + fresh.Rows[0].PartyID.String()},
		{"calendar-week", "/crm/calendar"}, {"calendar-month", "/crm/calendar?view=month"}, {"calendar-day", "/crm/calendar?view=day"}, {"activity-new", "/crm/activities/new"}, {"files", "/crm/files"}, {"reports", "/crm/reports"}, {"audit", "/crm/audit"}, {"audit-record", "/crm/audit/" + a},
		{"settings", "/crm/settings"}, {"settings-users", "/crm/settings/users"}, {"settings-lists", "/crm/settings/lists"}, {"settings-pipelines", "/crm/settings/pipelines"}, {"settings-stage", "/crm/settings/stages/" + pipelines[0].Stages[0].ID.String()}, {"settings-texts", "/crm/settings/texts"}, {"settings-mails", "/crm/settings/mails"}, {"settings-connections", "/crm/settings/connections"},
		{"missing", "/crm/leads/none"},
		{"erp-customers", "/erp/customers"}, {"erp-order", "/erp/documents/order"}, {"erp-mails", "/mails"}, {"form", "/f/" + strings.ToLower(company)},
	}
	if len(calendar.Items) > 0 {
		id := calendar.Items[0].ID.String()
		stops = append(stops, stop{"activity", "/crm/activities/" + id}, stop{"activity-complete", "/crm/activities/" + id + "/complete"}, stop{"activity-snooze", "/crm/activities/" + id + "/snooze"})
	}
	if id := won.Rows[0].ConversionID; id != [16]byte{} {
		stops = append(stops, stop{"conversion", "/crm/conversions/" + convert.ID(id).String()})
	}
	return stops
}

// readers are who looks at the pages: each language where its people work, read from both sides.
var readers = []struct{ language, company, who, switchTo string }{
	{"hu", "HU01", "HU01/admin-hu", ""}, {"en", "HU01", "HU01/admin-hu", "en"}, {"he", "IL01", "IL01/admin-il", ""},
}

// settled waits until a page has come whole, with what it fetches when it is there.
func (s *seat) settled() {
	s.t.Helper()
	s.until(`document.readyState === "complete" && !document.querySelector(".htmx-request")`)
	s.script(`document.fonts.ready`)
}

// TestScreenshots writes a picture of every page in three languages, light and dark, on a desk and on a phone,
// into the folder that CRMPLUS_SCREENSHOTS names.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("CRMPLUS_SCREENSHOTS")
	if folder == "" {
		t.Skip("NOT RUN: set CRMPLUS_SCREENSHOTS to a folder")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	browser := startBrowser(t)
	o := openBusyOffice(t)
	for _, r := range readers {
		stops := o.tour(t, r.company)
		for _, m := range []manner{{}, {dark: true}, {phone: true}, {phone: true, dark: true}} {
			m.who, m.language = r.who, r.switchTo
			s := o.seat(t, browser, m)
			for _, place := range stops {
				s.open(place.path)
				s.settled()
				picture, err := chromedp.Run(s.ctx, chromedp.FullScreenshot(100))
				s.must(err)
				name := fmt.Sprintf("%s_%s_%s_%s.png", place.name, r.language, map[bool]string{false: "1440", true: "390"}[m.phone], map[bool]string{false: "light", true: "dark"}[m.dark])
				if err := os.WriteFile(filepath.Join(folder, name), picture, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			s.faults = nil
			if err := chromedp.Cancel(s.ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// violation is what axe found.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Target  []any  `json:"target"`
		Summary string `json:"failureSummary"`
		Any     []any  `json:"-"`
	} `json:"nodes"`
}

// axeScript is axe-core, from the file that CRMPLUS_AXE names.
func axeScript(t *testing.T) string {
	t.Helper()
	path := os.Getenv("CRMPLUS_AXE")
	if path == "" {
		t.Skip("NOT RUN: set CRMPLUS_AXE to axe.min.js of npm's axe-core")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// runAxe asks for violations of WCAG 2.0 to 2.2, levels A and AA. Frames are left out: the PDF's is not ours.
const runAxe = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], iframes: false, resultTypes: ["violations"] }).then(r => JSON.stringify(r.violations))`

// wideness is by how much a page is wider than its window.
const wideness = `document.documentElement.scrollWidth - innerWidth`

// TestBrowserTour opens every page from both sides, on a desk and on a phone, light and dark: axe finds nothing,
// nothing runs over the edge, the console is silent.
func TestBrowserTour(t *testing.T) {
	browser := startBrowser(t)
	axe := axeScript(t)
	o := openBusyOffice(t)
	for _, look := range []struct {
		name, company string
		manner
	}{
		{"Hungarian, desk, light", "HU01", manner{who: "HU01/admin-hu"}},
		{"Hungarian, phone, dark", "HU01", manner{who: "HU01/admin-hu", phone: true, dark: true}},
		{"Hebrew, desk, dark", "IL01", manner{who: "IL01/admin-il", dark: true}},
		{"Hebrew, phone, light", "IL01", manner{who: "IL01/admin-il", phone: true}},
	} {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			s := o.seat(t, browser, look.manner)
			seen := map[string]bool{}
			for _, place := range o.tour(t, look.company) {
				s.open(place.path)
				s.settled()
				s.checkPage(place, axe, seen)
			}
		})
	}
}

// checkPage looks at one page. What was told of another page already is not told again.
func (s *seat) checkPage(place stop, axe string, seen map[string]bool) {
	s.t.Helper()
	if over := ask[float64](s, wideness); over > 0 {
		s.t.Errorf("%s: %v px run over the edge: %s", place.name, over, ask[string](s, widest))
	}
	if ask[bool](s, `document.documentElement.lang === "he" && (document.dir !== "rtl" || [...document.querySelectorAll(".crm .icon-chevron-right, .crm .icon-arrow-right, .crm .icon-send")].some(e => getComputedStyle(e).scale === "none" && getComputedStyle(e).transform === "none"))`) {
		s.t.Errorf("%s is not mirrored", place.name)
	}
	s.script(axe)
	var all []violation
	if err := json.Unmarshal([]byte(ask[string](s, runAxe)), &all); err != nil {
		s.t.Fatal(err)
	}
	for _, v := range all {
		for _, n := range v.Nodes {
			key := v.ID + fmt.Sprint(n.Target...)
			if seen[key] {
				continue
			}
			seen[key] = true
			s.t.Errorf("%s: %s (%s)\n\t%v\n\t%.300s\n\t%s", place.name, v.ID, v.Help, n.Target, n.HTML, strings.ReplaceAll(n.Summary, "\n", " "))
		}
	}
	s.mu.Lock()
	said := s.faults
	s.faults = nil
	s.mu.Unlock()
	for _, one := range said {
		if place.name == "missing" && strings.Contains(one, "status of 404") {
			continue
		}
		s.t.Errorf("%s: the console says %s", place.name, one)
	}
}

// widest names what stands farthest over the edge.
const widest = `(() => { const rtl = getComputedStyle(document.documentElement).direction === "rtl"; let worst = null, by = 1; for (const e of document.querySelectorAll("body *")) { const b = e.getBoundingClientRect(); const over = rtl ? -b.left : b.right - innerWidth; if (b.width && over > by) { by = over; worst = e } } return worst ? worst.outerHTML.slice(0, 200) : "?" })()`
