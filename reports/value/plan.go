package value

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/buying"
)

// Plan is what a company has decided about its customers.
type Plan struct {
	buying.Terms
	// Contact is after how many days a customer of a class is to be spoken to again, 0 for never.
	ContactA int `json:"contact_a"`
	ContactB int `json:"contact_b"`
	ContactC int `json:"contact_c"`
	// PerDay is the most contacts that are planned for one user in a day, those of the best customers first.
	PerDay int `json:"per_day"`
}

// Default is the plan of a company that has said nothing: customers are judged, and no tasks are made.
func Default() Plan { return Plan{Terms: buying.Default(), PerDay: 5} }

// Contact is after how many days a customer of the class is to be spoken to again.
func (p Plan) Contact(c buying.Class) int {
	return map[buying.Class]int{buying.A: p.ContactA, buying.B: p.ContactB, buying.C: p.ContactC}[c]
}

func (p Plan) check() fault.List {
	faults := p.Terms.Check()
	for path, days := range map[string]int{"contact_a": p.ContactA, "contact_b": p.ContactB, "contact_c": p.ContactC} {
		if days < 0 || days > 1000 {
			faults.Add(path, "range", "is %d; give 1 to 1000 days, or 0 for no contacts", days)
		}
	}
	if p.PerDay < 1 || p.PerDay > 100 {
		faults.Add("per_day", "range", "is %d; give 1 to 100 tasks a day", p.PerDay)
	}
	return faults
}

// Document is a company's plan with its draft.
type Document = policy.Document[Plan]

var plans = policy.Kind[Plan]{Name: "value", Noun: "the plan", Default: func(string) Plan { return Default() }}

func check(_ context.Context, _ *store.Session, p *Plan) (fault.List, error) { return p.check(), nil }
