package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
)

// firstMinutes is the ERP right after its start, with the rules of HU01 and a clock that the test moves.
type firstMinutes struct {
	*office
	*scene
	t      *testing.T
	start  time.Time
	system context.Context //nolint:containedctx // whoever looks without rights in the way
}

func openFirstMinutes(t *testing.T) *firstMinutes {
	t.Helper()
	sh, err := openShop(t.Context(), filepath.Join(t.TempDir(), "erp.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sh.close() })
	m := &firstMinutes{t: t, start: time.Date(2026, 11, 22, 22, 30, 0, 0, time.UTC)} // a Sunday night
	moving := &past{at: m.start}
	sh.config.Now = moving.now
	sh.module, err = crm.New(sh.db, sh.config)
	m.must(err)
	pages, err := newServer(sh)
	m.must(err)
	m.office = &office{shop: sh, web: httptest.NewServer(pages.handler())}
	t.Cleanup(m.web.Close)
	sh.address = m.web.URL
	m.scene = &scene{module: sh.module, clock: moving, today: m.start, company: "HU01", language: "hu", rand: rand.New(rand.NewPCG(1, 11))}
	m.must(m.hire(t.Context(), sh))
	m.must(m.rules(t.Context()))
	m.system = actor.With(t.Context(), actor.System("HU01", "test"))
	return m
}

func (m *firstMinutes) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// at does the work that is due some time after the start.
func (m *firstMinutes) at(after time.Duration) {
	m.t.Helper()
	m.clock.move(m.start.Add(after))
	_, err := m.shop.module.RunOnce(m.t.Context())
	m.must(err)
}

// mails are those that were sent with a word in their subject.
func (m *firstMinutes) letters(word string) (out []letter) {
	for _, sent := range m.mails.from(m.sender("HU01").Email) {
		if strings.Contains(sent.Subject, word) {
			out = append(out, letter{Message: sent, Links: linkInText.FindAllString(sent.Text, -1)})
		}
	}
	return out
}

// deal is the only opportunity there is.
func (m *firstMinutes) deal() opportunity.ID {
	m.t.Helper()
	deals, err := m.shop.module.Opportunities.List(m.system, opportunity.Filter{Page: store.Page{Limit: 10}})
	m.must(err)
	if len(deals.Rows) != 1 {
		m.t.Fatalf("there are %d deals", len(deals.Rows))
	}
	return deals.Rows[0].ID
}

// TestALeadIsScoredRoutedAndAnsweredInTime moves a clock through what the example shows of a visitor after its start.
func TestALeadIsScoredRoutedAndAnsweredInTime(t *testing.T) {
	m := openFirstMinutes(t)
	m.at(0)
	m.clock.move(m.start.Add(10 * time.Second))
	id, err := m.scene.visitor(t.Context())
	m.must(err)
	m.at(15 * time.Second)
	why, err := m.shop.module.Routing.Decisions(m.system, routing.Filter{Lead: id})
	m.must(err)
	score, err := m.shop.module.Scores.Of(m.system, id)
	m.must(err)
	if len(why.Rows) != 1 || why.Rows[0].RuleName != m.rule(2) || score.Score.Score != 55 || score.Action != m.rule(12) {
		t.Fatalf("the lead went by %+v with %+v", why.Rows, score)
	}
	got, err := m.shop.module.Clocks.Of(m.system, clock.Answer, clock.RecordID(id))
	m.must(err)
	if c := got[clock.RecordID(id)]; c.State != clock.Running || c.RuleName != m.rule(9) || c.Limit != 3600 {
		t.Errorf("who is hot has to be answered within the hour: %+v", c)
	}
	seller := why.Rows[0].User
	if told := m.letters(m.rule(19)); len(told) != 1 || told[0].To[0].Email != m.emails[seller] {
		t.Errorf("%s was told of the lead by %+v", seller, told)
	}
	m.clerk(t, "HU01/"+seller).open("/crm/leads/"+id.String()).sees(m.rule(19), "55", m.rule(12), m.rule(4))
	m.clerk(t, "HU01/manager-hu").open("/crm/leads/"+id.String()).sees(m.rule(19), "55", m.rule(12), m.rule(4), "Szabály adta", "Válaszoljon eddig")
	m.clock.move(m.start.Add(40 * time.Second))
	if done, err := m.answer(t.Context(), id); err != nil || !done {
		t.Fatalf("nobody answered: %v", err)
	}
	m.at(45 * time.Second)
	got, err = m.shop.module.Clocks.Of(m.system, clock.Answer, clock.RecordID(id))
	m.must(err)
	if c := got[clock.RecordID(id)]; c.State != clock.Kept || c.Spent > 60 {
		t.Errorf("the answer's clock is %+v", c)
	}
	today, err := m.shop.module.KPIs.Today(m.system)
	m.must(err)
	figure, err := m.shop.module.KPIs.Figure(m.system, kpi.ResponseTime, kpi.Query{Period: kpi.Period{First: today, Last: today}, Of: kpi.Filter{Seller: seller}})
	m.must(err)
	if !figure.Value.Known || figure.Value.IsNegative() || figure.Value.IntPart() > 60 {
		t.Errorf("the report says that %s answered after %+v", seller, figure.Value)
	}
}

// TestAStuckDealIsEscalatedWhileOneWatches moves a clock past the limit of a stage: the seller hears of it, then the manager,
// each of them by a notice and by a mail that leads to the deal.
func TestAStuckDealIsEscalatedWhileOneWatches(t *testing.T) {
	m := openFirstMinutes(t)
	m.at(0)
	deal := clock.RecordID(m.deal())
	owner := m.people[len(m.people)-1]
	seller, manager := m.clerk(t, "HU01/"+owner.UserID), m.clerk(t, "HU01/manager-hu")
	for _, step := range []struct {
		after        time.Duration
		level        int
		owner, chief bool
	}{
		{80 * time.Second, 0, false, false}, {stuckIn + time.Second, 1, true, false},
		{stuckIn + 62*time.Second, 2, true, true}, {stuckIn + time.Hour, 2, true, true},
	} {
		m.at(step.after)
		got, err := m.shop.module.Clocks.Of(m.system, clock.Stage, deal)
		m.must(err)
		if got[deal].Level != step.level {
			t.Errorf("%v after the start the level is %d, want %d", step.after, got[deal].Level, step.level)
		}
		for _, who := range []struct {
			*clerk
			told         bool
			mail, notice string
			// whose deal it is, which only somebody else is told.
			whose string
		}{{seller, step.owner, "Túl régóta", "A time limit is running out", ""}, {manager, step.chief, "Elakadt lehetőség", "Lejárt egy határidő a csapatában", " – " + owner.Name}} {
			if has := strings.Contains(who.open("/crm/notices").text(), who.notice+" "+m.rule(15)+who.whose); has != who.told {
				t.Errorf("%v after the start %q is a notice: %v, want %v", step.after, who.notice, has, who.told)
			}
			mails := m.letters(who.mail)
			if len(mails) != map[bool]int{true: 1}[who.told] {
				t.Errorf("%v after the start there are %d mails %q", step.after, len(mails), who.mail)
			}
			for _, l := range mails {
				if who.open(l.Links[0]).sees(m.rule(15)); who.path() != "/crm/opportunities/"+m.deal().String() {
					t.Errorf("the mail leads to %s", who.path())
				}
			}
		}
	}
}

// TestAScheduledWorkbookComesByMail follows the link of the mail as its reader, as one who may not, and as a stranger.
func TestAScheduledWorkbookComesByMail(t *testing.T) {
	m := openFirstMinutes(t)
	m.at(0)
	m.at(time.Hour)
	mails := m.letters(m.rule(14))
	if len(mails) != 1 || mails[0].To[0].Email != m.emails["manager-hu"] || len(mails[0].Links) != 2 {
		t.Fatalf("the mails with the workbook are %+v", mails)
	}
	m.clerk(t, "HU01/manager-hu").open(mails[0].Links[0]).sees("Mutatók", "Megnyert érték")
	link := mails[0].Links[1]
	get := func(c *clerk) (status int, path string, body []byte) {
		r, err := c.http.Get(link)
		m.must(err)
		defer r.Body.Close()
		body, err = io.ReadAll(r.Body)
		m.must(err)
		return r.StatusCode, r.Request.URL.Path, body
	}
	status, path, body := get(m.clerk(t, "HU01/manager-hu"))
	book, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil || status != http.StatusOK || path != "/crm/reports/figures.xlsx" {
		t.Fatalf("the link leads to %s with %d: %v", path, status, err)
	}
	defer book.Close()
	if len(book.GetSheetList()) < 3 {
		t.Errorf("the workbook has the sheets %v", book.GetSheetList())
	}
	if status, path, _ := get(m.clerk(t, "HU01/kovacs")); status != http.StatusForbidden && status != http.StatusNotFound {
		t.Errorf("who may not read reports is led to %s with %d", path, status)
	}
	if status, path, _ := get(m.clerk(t, "GR01/manager-gr")); status != http.StatusNotFound {
		t.Errorf("another company's manager is led to %s with %d", path, status)
	}
	if status, path, _ := get(m.office.visitor(t)); path != "/login" {
		t.Errorf("a stranger is led to %s with %d", path, status)
	}
}

// TestTheSeededYear looks at what a manager, a seller and an accountant find of the seeded year right after the start,
// before any work in the background.
func TestTheSeededYear(t *testing.T) {
	o := openOffice(t)
	o.companies = slices.DeleteFunc(slices.Clone(o.companies), func(c erpbridge.Company) bool { return c.Key != "HU01" })
	if _, err := o.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.seedSales(t.Context()); err != nil {
		t.Fatal(err)
	}
	system := actor.With(t.Context(), actor.System("HU01", "test"))
	today, err := o.module.KPIs.Today(system)
	if err != nil {
		t.Fatal(err)
	}
	year := kpi.Query{Period: kpi.Period{First: today.AddDays(-365), Last: today}}
	for _, code := range []kpi.Code{kpi.Revenue, kpi.Margin, kpi.WinRate, kpi.Meetings, kpi.Calls, kpi.AverageDiscount, kpi.SalesCycle} {
		f, err := o.module.KPIs.Figure(system, code, year)
		if err != nil || !f.Value.Known || !f.Value.IsPositive() {
			t.Errorf("%s of the year is %+v: %v", code, f.Value, err)
		}
	}
	tests, err := o.module.Forecasts.BackTest(system, 12, kpi.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	promised, sure, came := 0, 0, 0
	for _, month := range tests {
		if !month.Known {
			t.Errorf("there is no snapshot of %s", month.Period.First)
		}
		came += month.Came.Sign()
		promised += month.Weighted.Sign()
		sure += month.Commit.Sign()
	}
	if came < 10 || promised < 10 || sure < 2 {
		t.Errorf("in %d months something came, %d were promised something, %d something sure", came, promised, sure)
	}
	fall, err := o.module.Forecasts.Waterfall(system, forecast.WaterfallQuery{From: today.AddDays(-30), To: today.AddDays(-1), Target: kpi.Period{First: today.AddDays(-30), Last: today.AddDays(60)}})
	if err != nil {
		t.Fatal(err)
	}
	sum, seen := fall.Start, map[forecast.Reason]bool{}
	for _, b := range fall.Bars {
		sum, seen[b.Reason] = sum.Add(b.Sum), true
	}
	for _, want := range []forecast.Reason{forecast.Added, forecast.Changed, forecast.Won, forecast.Lost} {
		if !seen[want] {
			t.Errorf("no sale of the last month was %s: %+v", want, fall.Bars)
		}
	}
	if !sum.Equal(fall.End) {
		t.Errorf("the bars lead to %s, the forecast is %s", sum, fall.End)
	}
	for _, who := range []string{"HU01/manager-hu", "HU01/kovacs", "HU01/fekete"} {
		c := o.clerk(t, who).open("/crm/dashboard")
		tiles := 0
		for n := range c.root.Descendants() {
			if strings.Contains(attribute(n, "class"), "tile-value") {
				tiles++
			}
		}
		if tiles < 6 {
			t.Errorf("the dashboard of %s has %d figures", who, tiles)
		}
		c.open("/crm/forecast").sees("Hogyan változott az előrejelzés", "Mit mondott, és mi lett", "Megnyert", "Módosult")
	}
}
