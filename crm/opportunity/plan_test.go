package opportunity_test

import (
	"context"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// planned gives a world on a database that keeps the plans of all statements.
func planned(t *testing.T) (*world, *testutil.Plans) {
	t.Helper()
	env, plans := testutil.Planned(t)
	return newWorld(t, env), plans
}

// TestNoStatementScans runs the reading operations, with all orders and for narrow and wide sight, and
// the changing ones, and reads the plan of each statement they send: no table is read from end to end,
// the totals are read from the sums that are kept, and pages come out of their index in order.
func TestNoStatementScans(t *testing.T) {
	w, p := planned(t)
	stages := w.pipeline().Stages
	o := w.create(func(d *opportunity.Draft) {
		d.Lines = []opportunity.Line{{Name: "x", Quantity: quantity("1"), UnitPrice: amount("10")}}
		d.Competitors = []opportunity.Competitor{{Name: "Fényár"}}
	})
	_, err := w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[1].ID})
	w.ok(err)
	_, err = w.opps.SetLines(w.anna, o.ID, 0, nil)
	w.ok(err)
	_, err = w.opps.SetCompetitors(w.anna, o.ID, 0, nil)
	w.ok(err)
	_, err = w.opps.Comment(w.anna, o.ID, "@szabo")
	w.ok(err)
	_, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: "ár", Competitor: "x", Lesson: "x"})
	w.ok(err)
	_, err = w.opps.Reopen(w.anna, o.ID, opportunity.Reopening{})
	w.ok(err)
	_, err = w.opps.Pipelines().AddStage(w.admin, w.pipeline().ID, opportunity.StageDraft{Name: "x", Kind: opportunity.Open})
	w.ok(err)
	_, err = w.opps.Pipelines().ArchiveStage(w.admin, stages[3].ID)
	w.ok(err)

	open := []opportunity.State{opportunity.Open}
	sights := []context.Context{w.anna, w.admin, w.As("szabo", actor.Seller, actor.Team, "pest", "buda")}
	for _, ctx := range sights {
		for _, f := range []opportunity.Filter{
			{}, {States: open}, {Sort: opportunity.ByCreated}, {Sort: opportunity.ByRevenue},
			{Sort: opportunity.ByStageSince, Stage: stages[1].ID, States: open}, {Owner: "szabo"}, {Party: w.minta.ID},
			{Stage: stages[1].ID}, {Pipeline: w.pipeline().ID}, {CloseFrom: civil.Date{Year: 2026, Month: 1, Day: 1}},
		} {
			if f.Party.IsZero() || ctx != sights[2] { // szabo may not see the party
				w.walkPages(ctx, f, 1)
			}
		}
		for _, scope := range []opportunity.Scope{{}, {Pipeline: w.pipeline().ID}, {Owner: "szabo"}, {State: opportunity.Won}} {
			_, err := w.opps.Totals(ctx, scope)
			w.ok(err)
		}
		_, err := w.opps.Board(ctx, opportunity.View{})
		w.ok(err)
	}
	_, err = w.opps.Comments(w.anna, o.ID, store.Page{After: store.Cursor(w.Clock.Now(), o.ID)})
	w.ok(err)
	_, err = w.opps.Get(w.anna, o.ID)
	w.ok(err)

	for _, scan := range p.Scans() {
		t.Errorf("a scan: %s", scan)
	}
	seen, covered := 0, 0
	for query, plan := range p.Each {
		seen++
		wide := !strings.Contains(query, "crm_opportunity_seller") && strings.Contains(query, "crm_opportunity")
		if strings.Contains(query, "crm_opportunity_total AS") {
			covered++
			if !strings.Contains(plan, "PRIMARY KEY (company=? AND state=?") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("totals that are not read from the kept sums: %s\n%s", query, plan)
			}
		}
		if strings.Contains(query, "GROUP BY") && strings.Contains(query, "FROM crm_opportunity AS") && !strings.Contains(plan, "id=?)") {
			t.Errorf("totals that read more than what the actor sells with others: %s\n%s", query, plan)
		}
		if strings.Contains(query, "ORDER BY opportunity.") && (strings.Contains(plan, "(company=?)") || strings.Contains(plan, "(company=? AND state=?)")) && strings.Contains(query, "crm_opportunity_seller") {
			t.Errorf("a page of what a user sees that reads through the company: %s\n%s", query, plan)
		}
		if wide && strings.Contains(query, "NOT NULL") && !strings.Contains(query, "owner_user =") && !strings.Contains(query, "party_id IN") && !strings.Contains(query, "stage_id =") && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("a page that is sorted instead of read in order: %s\n%s", query, plan)
		}
	}
	if seen < 60 || covered < 2 {
		t.Errorf("only %d statements and %d totals were seen", seen, covered)
	}
}
