package value

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
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

const kind = "value"

// Document is a company's plan with its version.
type Document struct {
	// Version is 0 where the company has the default one; [Values.Save] wants the one that was read.
	Version int64     `json:"version"`
	Plan    Plan      `json:"plan"`
	SavedAt time.Time `json:"saved_at,omitzero"`
	SavedBy string    `json:"saved_by,omitempty"`
}

func read(ctx context.Context, s *store.Session) (policy.Document[Plan], error) {
	d, err := policy.Read[Plan](ctx, s, kind)
	if err == nil && !d.Published {
		d.Body = Default()
	}
	return d, err
}

func document(d policy.Document[Plan]) Document {
	return Document{Version: d.Version, Plan: d.Body, SavedAt: d.PublishedAt, SavedBy: d.PublishedBy}
}

// Plan reads the company's plan; whoever acts may.
func (v *Values) Plan(ctx context.Context) (Document, error) {
	var out Document
	err := v.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		d, err := read(ctx, s)
		out = document(d)
		return err
	})
	return out, err
}

// Save makes a plan hold, and has the background count anew. version is the one that was read; another one is
// fault.Conflict. It needs actor.Settings.
func (v *Values) Save(ctx context.Context, version int64, p Plan) (Document, error) {
	return store.Write(ctx, v.db, actor.Settings, func(ctx context.Context, s *store.Session) (Document, error) {
		if err := p.check().Err("the plan cannot be saved"); err != nil {
			return Document{}, err
		}
		was, err := read(ctx, s)
		if err != nil {
			return Document{}, err
		}
		if was.Version != version && (was.Version == 0 || version == 0) {
			return Document{}, fault.New(fault.Conflict, "the plan is not the one you read; look at it again")
		}
		was.Version = version
		d, err := policy.Publish(ctx, s, was, p)
		s.Wake()
		return document(d), err
	})
}
