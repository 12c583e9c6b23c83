package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	chromepage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
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
	if err := o.seedLetters(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.seedRules(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.seedWorkflows(t.Context()); err != nil {
		t.Fatal(err)
	}
	for { // what the sales told: notices, letters, what is searched for
		n, err := o.module.RunOnce(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	o.stops = map[string][]stop{}
	for company, who := range guests {
		_, seller, _ := strings.Cut(who[bySeller], "/")
		letters, s := o.newLetterSights(t, company), o.sights(t, company, seller)
		o.stops[company] = stops(company, s, letters, o.ruleSights(t, company, s))
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

// stop is one page of the tour. It is looked at by a seller, or by the manager or the administrator where only
// they may.
type stop struct{ name, path, by string }

const (
	bySeller, byManager, byAdmin = "", "manager", "admin"
)

// guests are who looks at the pages of a company.
var guests = map[string]map[string]string{
	"HU01": {bySeller: "HU01/kovacs", byManager: "HU01/manager-hu", byAdmin: "HU01/admin-hu"},
	"IL01": {bySeller: "IL01/mizrahi", byManager: "IL01/manager-il", byAdmin: "IL01/admin-il"},
}

// sights are records of a seller on whose pages there is something to see.
type sights struct {
	lead, fresh, twin, won                lead.ID
	deal, sold                            opportunity.ID
	draft, issued, accepted               quote.ID
	party                                 party.ID
	customer, activity, conversion, stage string
	file, order, product                  string
}

func (o *office) sights(t *testing.T, company, seller string) sights {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	who, err := o.user(t.Context(), company, seller)
	ok(err)
	own, ctx := actor.With(t.Context(), actorOf(company, who)), actor.With(t.Context(), actor.System(company, "tour"))
	var out sights
	all, err := o.module.Leads.List(ctx, lead.Filter{OwnerUser: seller, Statuses: []lead.Status{lead.StatusNew, lead.StatusWorking, lead.StatusNurturing}}, lead.ByArrival, store.Page{Limit: 100})
	ok(err)
	out.fresh, out.lead, out.party = all.Rows[0].ID, all.Rows[0].ID, all.Rows[0].PartyID
	for _, row := range all.Rows {
		found, err := o.module.Leads.Duplicates(own, row.ID)
		ok(err)
		if at := slices.IndexFunc(found, func(d lead.Duplicate) bool { return !d.Hidden && !d.Lead.IsZero() }); at >= 0 {
			out.fresh, out.twin = row.ID, found[at].Lead
			break
		}
	}
	for _, state := range []quote.State{quote.Draft, quote.Issued, quote.Accepted} {
		list, err := o.module.Quotes.List(ctx, quote.Filter{Owner: seller, States: []quote.State{state}, Page: store.Page{Limit: 50}})
		ok(err)
		for _, row := range list.Rows {
			card, err := o.module.Opportunities.Get(ctx, opportunity.ID(row.OpportunityID))
			ok(err)
			if _, err := o.module.Leads.Get(own, lead.ID(card.Opportunity.LeadID)); err != nil {
				continue // a colleague's
			}
			switch state {
			case quote.Draft:
				out.draft = row.ID
			case quote.Issued:
				sent, err := o.module.Quotes.Sendings(ctx, row.ID)
				ok(err)
				if out.issued.IsZero() || len(sent) > 0 {
					out.issued, out.deal, out.lead, out.party = row.ID, card.Opportunity.ID, lead.ID(card.Opportunity.LeadID), row.PartyID
				}
			case quote.Accepted:
				card, err := o.module.Leads.Get(ctx, lead.ID(card.Opportunity.LeadID))
				ok(err)
				if card.Lead.ConversionID.IsZero() {
					continue
				}
				orders, err := o.module.Convert.Links(ctx, convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(row.ID)})
				ok(err)
				made, err := o.module.Convert.Get(ctx, convert.ID(card.Lead.ConversionID))
				ok(err)
				if made.Customer == nil || !out.accepted.IsZero() && len(orders) == 0 {
					continue
				}
				_, err = o.module.Parties.ByRole(own, party.Link{Role: party.Customer, HostKey: made.Customer.Key})
				if err != nil && !out.accepted.IsZero() {
					continue
				}
				out.accepted, out.sold, out.won, out.conversion, out.customer = row.ID, opportunity.ID(row.OpportunityID), card.Lead.ID, made.ID.String(), made.Customer.Key
				if len(orders) > 0 {
					out.order = orders[0].ConversionID.String()
				}
			}
		}
	}
	calendar, err := o.module.Activities.Calendar(ctx, activity.CalendarFilter{From: time.Now().AddDate(0, 0, -3), Until: time.Now().AddDate(0, 0, 30), Owner: seller})
	ok(err)
	out.activity = calendar.Items[0].ID.String()
	files, err := o.module.Activities.Files(own, activity.FileFilter{Page: store.Page{Limit: 50}})
	ok(err)
	out.file = files.Files[0].ID.String()
	goods, err := o.module.Products(ctx, "", 5)
	ok(err)
	out.product = goods[0].Key
	pipelines, err := o.module.Opportunities.Pipelines().List(ctx)
	ok(err)
	out.stage = pipelines[0].Stages[0].ID.String()
	if out.customer == "" || out.draft.IsZero() || out.issued.IsZero() || out.twin.IsZero() {
		t.Fatalf("%s of %s has too little to show: %+v", seller, company, out)
	}
	return out
}

// tour are all pages with something on them, of one company; CRMPLUS_PAGES chooses some of them by their names,
// with commas between.
func (o *office) tour(company string) []stop {
	chosen := os.Getenv("CRMPLUS_PAGES")
	if chosen == "" {
		return o.stops[company]
	}
	return slices.DeleteFunc(slices.Clone(o.stops[company]), func(s stop) bool { return !slices.Contains(strings.Split(chosen, ","), s.name) })
}

// stops are the pages of the tour; [TestTourGoesEverywhere] says which are missing.
func stops(company string, s sights, letters letterSights, rules ruleSights) []stop {
	a, dup, deal := "/crm/leads/"+s.lead.String(), "/crm/leads/"+s.fresh.String(), "/crm/opportunities/"+s.deal.String()
	issued, accepted := "/crm/quotes/"+s.issued.String(), "/crm/quotes/"+s.accepted.String()
	all := []stop{
		{"login", "/login", bySeller}, {"today", "/crm/today", bySeller}, {"search", "/crm/search?q=an", bySeller},
		{"leads", "/crm/leads", bySeller}, {"leads-filtered", "/crm/leads?status=nurturing&owner=me", bySeller}, {"leads-none", "/crm/leads?find=qqqqqq", bySeller}, {"lead", a, bySeller}, {"lead-converted", "/crm/leads/" + s.won.String(), bySeller},
		{"lead-new", "/crm/leads/new", bySeller}, {"lead-edit", a + "/edit", bySeller}, {"lead-capture", "/crm/leads/capture", bySeller}, {"lead-status", dup + "/status?to=disqualified", bySeller},
		{"lead-duplicates", dup + "/duplicates", bySeller}, {"lead-merge", dup + "/merge/" + s.twin.String(), bySeller}, {"lead-group", a + "/group/billing", bySeller},
		{"view-new", "/crm/views/new?page=leads&query=owner%3Dme", bySeller},
		{"board", "/crm/opportunities", bySeller}, {"opportunities", "/crm/opportunities?as=list", bySeller}, {"opportunity", deal, bySeller}, {"opportunity-facts", deal + "?edit=facts", bySeller}, {"opportunity-new", "/crm/opportunities/new", bySeller}, {"opportunity-won", deal + "/won", bySeller}, {"opportunity-lost", deal + "/lost", bySeller},
		{"quotes", "/crm/quotes", bySeller}, {"quote-new", "/crm/quotes/new?lead=" + s.lead.String(), bySeller}, {"quote-draft", "/crm/quotes/" + s.draft.String(), bySeller}, {"quote-issued", issued, bySeller}, {"quote-accepted", accepted, bySeller},
		{"quote-send", issued + "/send", bySeller}, {"quote-accept", issued + "/accept", bySeller}, {"quote-make", accepted + "/make/order", bySeller},
		{"customers", "/crm/customers", bySeller}, {"contacts", "/crm/contacts", bySeller}, {"contact", "/crm/contacts/" + s.party.String(), bySeller},
		{"calendar-week", "/crm/calendar", bySeller}, {"calendar-month", "/crm/calendar?view=month", bySeller}, {"calendar-day", "/crm/calendar?view=day", bySeller}, {"activity-new", "/crm/activities/new", bySeller}, {"activity", "/crm/activities/" + s.activity, bySeller}, {"activity-complete", "/crm/activities/" + s.activity + "/complete", bySeller}, {"activity-snooze", "/crm/activities/" + s.activity + "/snooze", bySeller},
		{"files", "/crm/files", bySeller}, {"file", "/crm/files/" + s.file + "/show", bySeller}, {"settings", "/crm/settings", bySeller}, {"missing", "/crm/leads/none", bySeller}, {"notices", "/crm/notices", bySeller},
		{"erp-customers", "/erp/customers", bySeller}, {"erp-order", "/erp/documents/order", bySeller}, {"erp-mails", "/mails", bySeller}, {"form", "/f/" + strings.ToLower(company), bySeller},
		{"lead-convert", a + "/convert", byManager}, {"conversion", "/crm/conversions/" + s.conversion, byManager}, {"customer", "/crm/customers/" + s.customer, byManager}, {"customer-documents", "/crm/customers/" + s.customer + "/documents", byManager}, {"lead-import", "/crm/leads/import", byManager}, {"lead-assign", a + "/assign", byManager}, {"reports", "/crm/reports", byManager},
		{"audit", "/crm/audit", byAdmin}, {"audit-record", "/crm/audit/" + s.deal.String(), byAdmin}, {"settings-users", "/crm/settings/users", byAdmin}, {"settings-lists", "/crm/settings/lists", byAdmin}, {"settings-pipelines", "/crm/settings/pipelines", byAdmin}, {"settings-stage", "/crm/settings/stages/" + s.stage, byAdmin}, {"settings-texts", "/crm/settings/texts", byAdmin}, {"settings-mails", "/crm/settings/mails", byAdmin}, {"settings-connections", "/crm/settings/connections", byAdmin},
	}
	return slices.Concat(all, saleStops(s), letterStops(letters), figureStops(s), ruleStops(rules))
}

// visit opens every page, as whoever may look at it.
func (s *seat) visit(stops []stop, company string, m manner, look func(place stop)) {
	s.t.Helper()
	for _, place := range stops {
		if who := guests[company][place.by]; who != m.who {
			m.who = who
			s.signIn(m)
		}
		s.open(place.path)
		s.settled()
		look(place)
	}
}

// readers are in which languages the pages are looked at: each where its people work, read from both sides.
var readers = []struct{ language, company, switchTo string }{
	{"hu", "HU01", ""}, {"en", "HU01", "en"}, {"he", "IL01", ""},
}

// settled waits until a page has come whole, with what it fetches when it is there.
func (s *seat) settled() {
	s.t.Helper()
	s.until(`document.readyState === "complete" && !document.querySelector(".htmx-request")`)
	s.script(`document.fonts.ready`)
}

// TestScreenshots writes a picture of every page in three languages, light and dark, on a desk and on a phone,
// into the folder that CRMPLUS_SCREENSHOTS names; CRMPLUS_LOOKS chooses some of these looks: "hu_1440_light,he_390_dark".
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
		stops := o.tour(r.company)
		for _, m := range []manner{{}, {dark: true}, {phone: true}, {phone: true, dark: true}} {
			look := fmt.Sprintf("%s_%s_%s", r.language, map[bool]string{false: "1440", true: "390"}[m.phone], map[bool]string{false: "light", true: "dark"}[m.dark])
			if chosen := os.Getenv("CRMPLUS_LOOKS"); chosen != "" && !slices.Contains(strings.Split(chosen, ","), look) {
				continue
			}
			m.who, m.language = guests[r.company][bySeller], r.switchTo
			s := o.seat(t, browser, m)
			_, err := chromedp.Call(s.ctx, chromepage.AddScriptToEvaluateOnNewDocument, chromepage.AddScriptToEvaluateOnNewDocumentParams{Source: withoutPDF})
			s.must(err)
			s.visit(stops, r.company, m, func(place stop) {
				take := chromedp.FullScreenshot(100)
				if ask[bool](s, `document.documentElement.scrollHeight <= innerHeight`) {
					take = chromedp.CaptureScreenshot() // a whole page that is no longer than its window stands aslant when it is read from the right
				}
				picture, err := chromedp.Run(s.ctx, take)
				s.must(err)
				if err := os.WriteFile(filepath.Join(folder, place.name+"_"+look+".png"), picture, 0o644); err != nil {
					t.Fatal(err)
				}
			})
			s.faults = nil
			if err := chromedp.Cancel(s.ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// withoutPDF makes the browser one that shows no PDFs in a page: without a screen its viewer is a black box.
const withoutPDF = `Object.defineProperty(Navigator.prototype, "pdfViewerEnabled", { get: () => false })`

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
// nothing runs over the edge, the console is silent. It takes two looks that have all of these between them;
// CRMPLUS_TOUR=all takes six.
func TestBrowserTour(t *testing.T) {
	browser := startBrowser(t)
	axe := axeScript(t)
	o := openBusyOffice(t)
	type look struct {
		name, company string
		manner
	}
	looks := []look{{"Hungarian, desk, light", "HU01", manner{}}, {"Hebrew, phone, dark", "IL01", manner{phone: true, dark: true}}}
	if os.Getenv("CRMPLUS_TOUR") == "all" {
		looks = append(looks, look{"Hungarian, phone, light", "HU01", manner{phone: true}}, look{"Hungarian, phone, dark", "HU01", manner{phone: true, dark: true}},
			look{"Hebrew, desk, dark", "IL01", manner{dark: true}}, look{"Hebrew, phone, light", "IL01", manner{phone: true}})
	}
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			m := look.manner
			m.who = guests[look.company][bySeller]
			s := o.seat(t, browser, m)
			seen := map[string]bool{}
			s.visit(o.tour(look.company), look.company, m, func(place stop) { s.checkPage(place, axe, seen) })
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
	if cut := ask[string](s, cutNumbers); cut != "" {
		s.t.Errorf("%s: numbers or dates are cut: %s", place.name, cut)
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

// cutNumbers names cells of lists whose number, date or age has no room.
const cutNumbers = `[...document.querySelectorAll(".crm table.list td:is(.n, :has(> .num, > time))")].filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1).slice(0, 3).map(e => e.className + ": " + e.textContent.trim()).join(" | ")`
