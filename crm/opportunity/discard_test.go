package opportunity_test

import (
	"errors"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/testutil"
)

func TestOnlyWhatNobodyWorkedOnIsDiscarded(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for _, step := range []struct {
			name string
			do   func(o opportunity.Opportunity) error
			gone bool
		}{
			{"nothing", func(opportunity.Opportunity) error { return nil }, true},
			{"a comment", func(o opportunity.Opportunity) error {
				_, err := w.opps.Comment(w.anna, o.ID, "Hívjam vissza.")
				return err
			}, false},
			{"a change", func(o opportunity.Opportunity) error {
				name := "60 lámpatest"
				_, err := w.opps.Edit(w.anna, o.ID, opportunity.Edit{Version: o.Version, Name: &name})
				return err
			}, false},
		} {
			o := w.create(func(d *opportunity.Draft) {
				d.Competitors = []opportunity.Competitor{{Name: "Fényár Zrt."}}
			})
			w.ok(step.do(o))
			gone, err := w.opps.Discard(w.anna, o.ID)
			w.ok(err)
			if _, err := w.opps.Get(w.admin, o.ID); gone != step.gone || errors.Is(err, fault.NotFound) != step.gone {
				t.Errorf("after %s it is discarded: %v; reading it gives %v", step.name, gone, err)
			}
			if events := w.events(o.ID.Bytes()); (events[len(events)-1].Kind == opportunity.EventDiscarded) != step.gone {
				t.Errorf("after %s the last event is %s", step.name, events[len(events)-1].Kind)
			}
		}
	})
}

// TestDiscardKnowsAllThatHangsOnOpportunities: what a new table keeps for an opportunity goes with it, or keeps it.
func TestDiscardKnowsAllThatHangsOnOpportunities(t *testing.T) {
	rows, err := testutil.SQLite(t).DB.SQL().Query(`SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name LIKE 'crm_%' AND c.name = 'opportunity_id' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		if !opportunity.Hangs(table) && table != "crm_suggestion" { // it says what became of it
			t.Errorf("%s is not looked at before an opportunity is discarded", table)
		}
	}
}
