package lead

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The steps by which rules change leads.
const (
	StepSet    = "lead.set"
	StepAssign = "lead.assign"
	StepStatus = "lead.status"
)

var nouns = []string{"lead"}

// Offer puts the package's steps into the registry.
func (l *Leads) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepSet, Nouns: nouns, Right: actor.LeadWrite,
		Parameters: []event.Parameter{
			{Name: "field", Kind: event.FieldChoice, Required: true, Choices: []string{"interest", "value", "currency", "medium", "campaign"}},
			{Name: "value", Kind: event.Value, Most: 400},
		},
		Check: func(ctx context.Context, s *store.Session, t event.Task) (fault.List, error) {
			_, err := patchOf(ctx, s, t)
			return event.OnValue(err)
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			p, err := patchOf(ctx, s, t)
			if err != nil {
				return "", err
			}
			if same, err := s.SameCustom(ctx, customKind, t.Record[:], p.Custom); err != nil || same {
				return t.Given["field"] + " = " + t.Given["value"], err
			}
			_, err = l.In(s).Edit(ctx, t.Record, anyVersion, p)
			return t.Given["field"] + " = " + t.Given["value"], err
		},
	})
	r.Offer(event.Step{
		Name: StepAssign, Nouns: nouns, Right: actor.LeadAssign,
		Parameters: []event.Parameter{{Name: "to", Kind: event.Colleague, Required: true}},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			who, err := t.Who(ctx, t.Given["to"])
			if err != nil || who == "" {
				return event.NobodyThere, err
			}
			_, err = l.In(s).Assign(ctx, t.Record, anyVersion, party.Owner{User: who, Team: t.Team})
			return who, err
		},
	})
	var statuses []string
	for _, st := range Statuses {
		if st != StatusConverted && st != StatusNew {
			statuses = append(statuses, string(st))
		}
	}
	r.Offer(event.Step{
		Name: StepStatus, Nouns: nouns, Right: actor.LeadWrite,
		Parameters: []event.Parameter{{Name: "status", Kind: event.Choice, Required: true, Choices: statuses}, {Name: "reason", Kind: event.Line}},
		Check: func(_ context.Context, _ *store.Session, t event.Task) (fault.List, error) {
			var faults fault.List
			if t.Given["status"] == string(StatusDisqualified) {
				faults.Required("reason", t.Given["reason"])
			}
			return faults, nil
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			_, err := l.In(s).SetStatus(ctx, t.Record, anyVersion, Move{To: Status(t.Given["status"]), Reason: t.Given["reason"]})
			return t.Given["status"], err
		},
	})
}

// patchOf is the change that a rule asks for. A value with places that are still to be filled in is not judged.
func patchOf(ctx context.Context, s *store.Session, t event.Task) (Patch, error) {
	field, value := t.Given["field"], t.Given["value"]
	if name, custom := strings.CutPrefix(field, "custom."); custom {
		v, err := t.Custom(ctx, s, customKind, name)
		return Patch{Custom: map[string]any{name: v}}, err
	}
	switch field {
	case "value":
		amount, err := money.ParseAmount(value)
		if err != nil && !t.Open() {
			return Patch{}, event.Refused("number.form", "is no amount; write it as 1250.50")
		}
		return Patch{ExpectedValue: &amount}, nil
	case "currency":
		return Patch{Currency: &value}, nil
	case "medium":
		return Patch{Medium: &value}, nil
	case "campaign":
		return Patch{Campaign: &value}, nil
	}
	return Patch{Interest: &value}, nil
}
