package main

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/store"
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
	{Name: "Első rendelés: új vevő fogadása", Noun: leadrule.Party, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{"document.made"}},
		Actions: []workflow.Action{{Step: process.StepStart, Given: map[string]string{"template": onboarding.Name, "again": "once"}}},
	}},
	{Name: "Lejár az ajánlat", Noun: leadrule.Quote, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.OnDate, Field: "quote.valid_until", Count: 3, Hour: 8},
		When:    `quote.state == "issued"`,
		Actions: []workflow.Action{{Step: "notice.tell", Given: map[string]string{"to": "owner", "text": "Három nap múlva lejár: {quote.number}"}}},
	}},
}

// onboarding is what is done for a customer who orders for the first time, tender what a tender takes.
var (
	onboarding = process.Template{Name: "Új vevő fogadása", On: []process.Noun{process.Party}, Steps: []process.StepPlan{
		{Name: "Üdvözlő hívás", Who: process.Owner, Days: 1},
		{Name: "Fizetési feltételek egyeztetése", Who: process.Owner, Days: 2},
		{Name: "Szállítási cím és kapcsolattartó felvétele", Who: process.Team + "budapest", Days: 2, Along: true, Skippable: true},
		{Name: "Első szállítás ellenőrzése", Who: process.Owner, Days: 5},
		{Name: "Elégedettségi hívás", Who: process.Owner, Days: 20, FromStart: true},
	}}
	tender = process.Template{Name: "Pályázat", On: []process.Noun{process.Lead, process.Opportunity}, Steps: []process.StepPlan{
		{Name: "Kiírás átolvasása", Who: process.Owner, Days: 1},
		{Name: "Műszaki tartalom", Who: process.Owner, Days: 3},
		{Name: "Árazás", Who: process.Owner, Days: 3, Along: true},
		{Name: "Jóváhagyás", Who: process.User + "manager-hu", Days: 1},
		{Name: "Beadás", Who: process.Owner, Days: 1},
	}}
)

// seedProcesses gives the company its processes, and starts some on its open opportunities.
func (s *shop) seedProcesses(ctx context.Context) error {
	d, err := s.module.Processes.Save(ctx, 0, process.Plan{Templates: []process.Template{onboarding, tender}})
	if err != nil {
		return err
	}
	open, err := s.module.Opportunities.List(ctx, opportunity.Filter{States: []opportunity.State{opportunity.Open}, Sort: opportunity.ByCreated, Page: store.Page{Limit: 4}})
	if err != nil {
		return err
	}
	for i, o := range open.Rows {
		row, err := s.module.Processes.Start(ctx, d.Plan.Templates[1].ID, process.Opportunity, process.RecordID(o.ID))
		if err != nil {
			return err
		}
		card, err := s.module.Processes.Get(ctx, row.ID)
		if err != nil {
			return err
		}
		if i%2 == 0 {
			if _, err := s.module.Processes.Complete(ctx, card.Line[0].ID, ""); err != nil {
				return err
			}
		}
	}
	return nil
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
	if err := s.seedProcesses(ctx); err != nil {
		return fmt.Errorf("processes: %w", err)
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
