package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/store"
)

// TestTheFirstMinutes moves a clock through what the example shows after its start: a lead scored, routed and answered in
// time, a stuck deal of which the seller hears and then the manager, the link to a workbook in the mail.
func TestTheFirstMinutes(t *testing.T) {
	sh, err := openShop(t.Context(), filepath.Join(t.TempDir(), "erp.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sh.close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	start := time.Date(2026, 11, 22, 22, 30, 0, 0, time.UTC) // a Sunday night
	moving := &past{at: start}
	c := sh.config
	c.Now = moving.now
	module, err := crm.New(sh.db, c)
	must(err)
	sc := &scene{module: module, clock: moving, today: start, company: "HU01", language: "hu"}
	must(sc.hire(t.Context(), sh))
	must(sc.rules(t.Context()))
	system := actor.With(t.Context(), actor.System("HU01", "test"))
	work := func(after time.Duration) {
		t.Helper()
		moving.move(start.Add(after))
		_, err := module.RunOnce(t.Context())
		must(err)
	}
	mails := func(word string) (n int) {
		for _, m := range sh.mails.sent {
			if strings.Contains(m.Subject, word) {
				n++
			}
		}
		return n
	}
	work(0)
	if n := mails(sc.rule(14)); n != 1 {
		t.Errorf("%d mails bring the workbook", n)
	}
	var id lead.ID
	moving.move(start.Add(10 * time.Second))
	id, err = sc.visitor(t.Context())
	must(err)
	work(15 * time.Second)
	why, err := module.Routing.Decisions(system, routing.Filter{Lead: id})
	must(err)
	score, err := module.Scores.Of(system, id)
	must(err)
	if len(why.Rows) != 1 || why.Rows[0].RuleName != sc.rule(2) || score.Score.Score != 55 || score.Action != sc.rule(12) {
		t.Errorf("the lead went by %+v with %+v", why.Rows, score)
	}
	moving.move(start.Add(40 * time.Second))
	if done, err := sc.answer(t.Context(), id); err != nil || !done {
		t.Fatalf("nobody answered: %v", err)
	}
	work(45 * time.Second)
	answered, err := module.Clocks.Of(system, clock.Answer, clock.RecordID(id))
	must(err)
	if got := answered[clock.RecordID(id)]; got.State != clock.Kept || got.Spent > 60 {
		t.Errorf("the answer's clock is %+v", got)
	}
	deals, err := module.Opportunities.List(system, opportunity.Filter{Page: store.Page{Limit: 10}})
	must(err)
	if len(deals.Rows) != 1 {
		t.Fatalf("there are %d deals", len(deals.Rows))
	}
	deal := clock.RecordID(deals.Rows[0].ID)
	for _, step := range []struct {
		after time.Duration
		level int
	}{{80 * time.Second, 0}, {stuckIn + time.Second, 1}, {stuckIn + 62*time.Second, 2}, {stuckIn + time.Hour, 2}} {
		work(step.after)
		got, err := module.Clocks.Of(system, clock.Stage, deal)
		must(err)
		if got[deal].Level != step.level {
			t.Errorf("%v after the start %d have been told", step.after, got[deal].Level)
		}
	}
	if n := mails("Elakadt lehetőség"); n != 1 {
		t.Errorf("the manager had %d mails", n)
	}
}
