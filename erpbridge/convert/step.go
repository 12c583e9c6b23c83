package convert

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

// The steps by which rules ask the host for records.
const (
	StepCustomer = "customer.make"
	StepOrder    = "order.make"
)

// Offer puts the package's steps into the registry. The right to convert is the rule's author's; a document or customer
// that is there already is not made again.
func (c *Conversions) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepCustomer, Nouns: []string{"lead"}, Right: actor.Convert,
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			out, err := c.In(s).Lead(ctx, lead.ID(t.Record), LeadChoice{})
			if err != nil || out.Customer == nil {
				return string(out.State), err
			}
			return out.Customer.Key, nil
		},
	})
	if c.config.Host.Documents == nil {
		return
	}
	kinds := map[string]SubjectKind{"opportunity": Opportunity, "quote": Quote}
	r.Offer(event.Step{
		Name: StepOrder, Nouns: []string{"opportunity", "quote"}, Right: actor.Convert,
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			kind, known := kinds[t.Noun]
			if !known {
				return "", fault.New(fault.Invalid, "no order is made from a %s", t.Noun)
			}
			out, err := c.In(s).Order(ctx, DocumentInput{From: Subject{Kind: kind, ID: SubjectID(t.Record)}, Key: t.Key})
			if err != nil || out.Document == nil {
				return string(out.State), err
			}
			return out.Document.Number, nil
		},
	})
}
