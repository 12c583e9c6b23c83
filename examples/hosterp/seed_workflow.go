package main

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/workflow"
)

// exampleRules are what the Hungarian company has done by itself.
var exampleRules = []workflow.Drafting{
	{Name: "Új érdeklődő két órája vár", Noun: leadrule.Lead, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.After, Events: []string{"lead.captured"}, Count: 2, Unit: workflow.WorkingHours, Unless: workflow.Contact},
		When:    `lead.status == "new"`,
		Actions: []workflow.Action{{Step: "task.plan", Given: map[string]string{"subject": "Hívja fel: {party.name}", "kind": "call", "to": "owner"}}},
	}},
	{Name: "Elfogadott ajánlat a vezetőnek", Noun: leadrule.Quote, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{"quote.accepted"}},
		Actions: []workflow.Action{{Step: "notice.tell", Given: map[string]string{"to": "manager", "text": "Elfogadták: {quote.number}, {quote.net} {quote.currency}"}}},
	}},
	{Name: "Öt napja nem mozdul", Noun: leadrule.Opportunity, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.Idle, Count: 5, Hour: 8},
		When:    `opportunity.chance >= 50`,
		Actions: []workflow.Action{{Step: "task.plan", Given: map[string]string{"subject": "Következő lépés: {opportunity.name}", "to": "owner", "days": "1"}}},
	}},
	{Name: "Lejár az ajánlat", Noun: leadrule.Quote, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.OnDate, Field: "quote.valid_until", Count: 3, Hour: 8},
		When:    `quote.state == "issued"`,
		Actions: []workflow.Action{{Step: "notice.tell", Given: map[string]string{"to": "owner", "text": "Három nap múlva lejár: {quote.number}"}}},
	}},
}

// seedWorkflows gives the company its rules, where it has none.
func (s *shop) seedWorkflows(ctx context.Context) error {
	by, err := s.user(ctx, "HU01", lettersBy)
	if err != nil {
		return err
	}
	acting := actorOf("HU01", by)
	acting.Rights, acting.See = actor.Admin, actor.All
	ctx = actor.With(ctx, acting)
	there, err := s.module.Workflows.List(ctx)
	if err != nil || len(there) > 0 {
		return err
	}
	for _, d := range exampleRules {
		r, err := s.module.Workflows.Save(ctx, d)
		if err == nil {
			_, err = s.module.Workflows.Publish(ctx, r.ID, r.Version)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", d.Name, err)
		}
	}
	return nil
}
