package crm_test

import (
	"testing"

	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/testutil"
)

// A customer's first order starts what is done for new customers, and the next document does not start it again.
func TestTheFirstOrderStartsAProcess(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.module.Processes.Publish(ctx, 0, process.Plan{Templates: []process.Template{{Name: "Új vevő", On: []process.Noun{process.Party}, Steps: []process.StepPlan{{Name: "Üdvözlő hívás", Who: process.Owner, Days: 1}}}}})
		ok(err)
		r, err := w.module.Workflows.Save(ctx, workflow.Drafting{Name: "Első rendelés", Noun: leadrule.Party, Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{"document.made"}},
			Actions: []workflow.Action{{Step: process.StepStart, Given: map[string]string{"template": "Új vevő", "again": "once"}}},
		}})
		ok(err)
		_, err = w.module.Workflows.Publish(ctx, r.ID, r.Version)
		ok(err)
		id, err := w.completeLead(ctx, "Anna")
		ok(err)
		converted, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
		ok(err)
		q, err := w.accepted(ctx, converted.Party, opportunity.ID(converted.Opportunity))
		ok(err)
		ordered := mustDocument(t, ctx, w.module.Convert.Order, fromQuote(q))
		mustDocument(t, ctx, w.module.Convert.Invoice, following(ordered))
		_, err = w.module.RunOnce(ctx)
		ok(err)
		list, err := w.module.Processes.List(ctx, process.Filter{Party: converted.Party})
		ok(err)
		if len(list.Rows) != 1 || list.Rows[0].State != process.Running || list.Rows[0].At != "Üdvözlő hívás" {
			t.Errorf("the processes are %+v", list.Rows)
		}
	})
}
