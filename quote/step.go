package quote

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// StepSet is the step by which rules change drafts of quotes. A quote that was issued is frozen for rules as it is for
// people.
const StepSet = "quote.set"

// Offer puts the package's step into the registry.
func (q *Quotes) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepSet, Nouns: []string{recordKind}, Right: actor.QuoteWrite,
		Parameters: []event.Parameter{
			{Name: "field", Kind: event.FieldChoice, Required: true, Choices: []string{"title", "valid_until", "language", "cover", "closing", "terms", "delivery_terms"}},
			{Name: "value", Kind: event.Value, Most: 400},
		},
		Check: func(ctx context.Context, s *store.Session, t event.Task) (fault.List, error) {
			row := Quote{Language: locale.English}
			h, err := row.asked(ctx, s, t)
			if err != nil || t.Open() {
				return event.OnValue(err)
			}
			var faults fault.List
			if err := q.applyHeader(ctx, s, &faults, &row, h); err != nil {
				return nil, err
			}
			return event.OnValue(faults.Err("the value cannot be set"))
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			said := t.Given["field"] + " = " + t.Given["value"]
			var row Quote
			if err := s.Get(ctx, &row, ID(t.Record)); err != nil {
				return "", err
			}
			h, err := row.asked(ctx, s, t)
			if err != nil {
				return "", err
			}
			if same, err := s.SameCustom(ctx, recordKind, t.Record[:], h.Custom); err != nil || same {
				return said, err
			}
			_, err = q.In(s).Edit(ctx, row.ID, 0, h)
			return said, err
		},
	})
}

// header is what stands above and below the lines of a quote.
func (q Quote) header() Header {
	return Header{
		Contact: q.ContactID, Opportunity: q.OpportunityID, Title: q.Title, Language: q.Language, ValidUntil: q.ValidUntil,
		Cover: q.Cover, Closing: q.Closing, Terms: q.Terms, DeliveryTerms: q.DeliveryTerms,
	}
}

// asked is the quote's header as a rule wants it. A value with places that are still to be filled in is not judged.
func (q Quote) asked(ctx context.Context, s *store.Session, t event.Task) (h Header, err error) {
	h = q.header()
	field, value := t.Given["field"], t.Given["value"]
	if name, custom := strings.CutPrefix(field, "custom."); custom {
		v, err := t.Custom(ctx, s, recordKind, name)
		h.Custom = map[string]any{name: v}
		return h, err
	}
	switch field {
	case "title":
		h.Title = value
	case "valid_until":
		h.ValidUntil, err = t.Day(s.Now)
	case "language":
		h.Language = locale.Language(value)
	case "cover":
		h.Cover = value
	case "closing":
		h.Closing = value
	case "terms":
		h.Terms = value
	case "delivery_terms":
		h.DeliveryTerms = value
	}
	return h, err
}
