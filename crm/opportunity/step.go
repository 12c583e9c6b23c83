package opportunity

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// The steps by which rules change opportunities.
const (
	StepSet    = "opportunity.set"
	StepAssign = "opportunity.assign"
	StepMove   = "opportunity.move"
)

var nouns = []string{"opportunity"}

// Offer puts the package's steps into the registry.
func (o *Opportunities) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepSet, Nouns: nouns, Right: actor.OpportunityWrite,
		Parameters: []event.Parameter{
			{Name: "field", Kind: event.FieldChoice, Required: true, Choices: []string{"goal", "chance", "revenue", "expected_close", "source", "campaign"}},
			{Name: "value", Kind: event.Value, Most: 400},
		},
		Check: func(ctx context.Context, s *store.Session, t event.Task) (fault.List, error) {
			_, err := editOf(ctx, s, t)
			return event.OnValue(err)
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			e, err := editOf(ctx, s, t)
			if err != nil {
				return "", err
			}
			if same, err := s.SameCustom(ctx, recordKind, t.Record[:], e.Custom); err != nil || same {
				return t.Given["field"] + " = " + t.Given["value"], err
			}
			_, err = o.In(s).Edit(ctx, t.Record, e)
			return t.Given["field"] + " = " + t.Given["value"], err
		},
	})
	r.Offer(event.Step{
		Name: StepAssign, Nouns: nouns, Right: actor.OpportunityWrite,
		Parameters: []event.Parameter{{Name: "to", Kind: event.Colleague, Required: true}},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			who, err := t.Who(ctx, t.Given["to"])
			if err != nil || who == "" || who == t.Owner {
				return who, err
			}
			_, err = o.In(s).hand(ctx, t.Record, t.Owner, who)
			return who, err
		},
	})
	r.Offer(event.Step{
		Name: StepMove, Nouns: nouns, Right: actor.OpportunityWrite,
		Parameters: []event.Parameter{{Name: "stage", Kind: event.StageChoice, Required: true}},
		Check: func(ctx context.Context, s *store.Session, t event.Task) (fault.List, error) {
			st, err := stageOf(ctx, s, t)
			var faults fault.List
			if fault.CodeOf(err) == fault.NotFound || err == nil && st.Kind != Open {
				faults.Add("stage", "choice", "is no stage that is open; choose from the list")
				err = nil
			}
			return faults, err
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			st, err := stageOf(ctx, s, t)
			if err != nil {
				return "", err
			}
			_, err = o.In(s).Move(ctx, t.Record, Step{Stage: st.ID})
			return st.Name, err
		},
	})
}

// hand gives the opportunity to another owner, with the share of the one before.
func (o *Opportunities) hand(ctx context.Context, id ID, from, to string) (Opportunity, error) {
	card, err := o.Get(ctx, id)
	if err != nil {
		return Opportunity{}, err
	}
	team := Team{Owner: to}
	in := slices.ContainsFunc(card.Sellers, func(one Seller) bool { return one.User == to })
	for _, one := range card.Sellers {
		if one.User == from && !in {
			one.User = to
		}
		team.Sellers = append(team.Sellers, one)
	}
	return o.SetTeam(ctx, id, 0, team)
}

func stageOf(ctx context.Context, s *store.Session, t event.Task) (Stage, error) {
	var st Stage
	id, err := store.ParseKey[StageTag](t.Given["stage"])
	if err != nil {
		return st, fault.Wrap(err, fault.NotFound, "there is no such stage")
	}
	return st, s.Get(ctx, &st, id)
}

// editOf is the change that a rule asks for. A value with places that are still to be filled in is not judged. An
// expected close of "+30" is thirty days from now.
func editOf(ctx context.Context, s *store.Session, t event.Task) (e Edit, err error) {
	field, value := t.Given["field"], t.Given["value"]
	if name, custom := strings.CutPrefix(field, "custom."); custom {
		v, err := t.Custom(ctx, s, recordKind, name)
		return Edit{Custom: map[string]any{name: v}}, err
	}
	remedy := ""
	switch field {
	case "goal":
		e.Goal = &value
	case "source":
		e.Source = &value
	case "campaign":
		e.Campaign = &value
	case "chance":
		e.Chance, remedy = new(money.Percent), "write percent from 0 to 100"
		*e.Chance, err = money.ParsePercent(value)
	case "revenue":
		e.ExpectedRevenue, remedy = new(money.Amount), "write it as 1250.50"
		*e.ExpectedRevenue, err = money.ParseAmount(value)
	case "expected_close":
		e.ExpectedClose = new(civil.Date)
		*e.ExpectedClose, err = t.Day(s.Now)
		return e, err
	}
	if err != nil && !t.Open() {
		return e, event.Refused("form", "does not fit the field; "+remedy)
	}
	return e, nil
}
