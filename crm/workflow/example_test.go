package workflow_test

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// A rule has steps of CRM+ done, and steps of the host's own, when something happens; each run says why it did what it did.
func ExampleWorkflows_Publish() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	module := shop.Module

	// The host offers a step before it runs the background work. It shares the transaction of the run.
	module.Events.Offer(event.Step{
		Name: "credit.check", Nouns: []string{"lead"}, Parameters: []event.Parameter{{Name: "limit", Kind: event.Whole, Required: true}},
		Do: func(_ context.Context, _ *store.Session, t event.Task) (string, error) {
			return t.Name + " up to " + t.Given["limit"], nil
		},
	})

	rule, err := module.Workflows.Save(shop.Admin, workflow.Drafting{
		Name: "Welcome", Noun: leadrule.Lead,
		Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{lead.EventCaptured}},
			When:    `party.country == "HU"`,
			Actions: []workflow.Action{
				{Step: activity.StepPlan, Given: map[string]string{"kind": "call", "subject": "Call {party.name}", "to": event.Owner, "days": "1"}},
				{Step: "credit.check", Given: map[string]string{"limit": "500"}},
			},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := module.Workflows.Publish(shop.Admin, rule.ID, rule.Version); err != nil {
		fmt.Println(err)
		return
	}

	if _, err := module.Leads.Capture(shop.Seller, lead.Draft{Name: "Szabó Éva", Emails: []string{"eva@example.com"}, Address: party.Address{Country: "HU"}}); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := module.RunOnce(context.Background()); err != nil { // Module.Run in a host that has no scheduler of its own
		fmt.Println(err)
		return
	}

	runs, err := module.Workflows.Runs(shop.Manager, workflow.Filter{Rule: rule.ID})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range runs.Rows {
		fmt.Println(r.Record.Name, r.Outcome)
		for _, because := range r.Why.Reasons {
			fmt.Println("because", because.Text)
		}
		for _, d := range r.Why.Deeds {
			fmt.Println(d.Step, d.Result)
		}
	}
	// Output:
	// Szabó Éva acted
	// because party.country == "HU"
	// task.plan kovacs
	// credit.check Szabó Éva up to 500
}
