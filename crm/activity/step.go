package activity

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// StepPlan is the step by which rules plan something to be done.
const StepPlan = "task.plan"

// Offer puts the package's steps into the registry.
func (a *Activities) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepPlan, Right: actor.ActivityWrite,
		Parameters: []event.Parameter{
			{Name: "kind", Kind: event.Choice, Choices: []string{string(Task), string(Call), string(Meeting)}},
			{Name: "subject", Kind: event.Line, Required: true, Most: MaxSubject},
			{Name: "body", Kind: event.Long},
			{Name: "to", Kind: event.Colleague},
			{Name: "days", Kind: event.Whole, Most: 365},
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			who, err := t.Who(ctx, t.Given["to"])
			if err != nil || who == "" {
				return event.NobodyThere, err
			}
			days, err := event.ParseWhole(t.Given["days"])
			if err != nil {
				return "", err
			}
			p := Plan{
				Party: t.Party, Opportunity: t.Opportunity, Kind: Kind(t.Given["kind"]), Subject: shorten(party.Clean(t.Given["subject"], MaxSubject), MaxSubject),
				Body: t.Given["body"], Due: s.Now.Add(time.Duration(days) * 24 * time.Hour), Owner: who,
			}
			if p.Kind == "" {
				p.Kind = Task
			}
			if who == t.Owner {
				p.Team = t.Team
			}
			_, err = a.In(s).Plan(ctx, p)
			return who, err
		},
	})
}
