package party

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// StepSet is the step by which rules change persons and companies. Who they are, their names, is for people to say.
const StepSet = "party.set"

// Offer puts the package's step into the registry.
func (p *Parties) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepSet, Nouns: []string{customKind}, Right: actor.LeadWrite,
		Parameters: []event.Parameter{
			{Name: "field", Kind: event.FieldChoice, Required: true, Choices: []string{
				"email", "phone", "mobile", "website", "job_title", "language", "birth_date", "tax_id", "line1", "line2", "postal_code", "city", "region", "country",
			}},
			{Name: "value", Kind: event.Value, Most: 320},
		},
		Check: func(ctx context.Context, s *store.Session, t event.Task) (fault.List, error) {
			if name, custom := strings.CutPrefix(t.Given["field"], "custom."); custom {
				_, err := t.Custom(ctx, s, customKind, name)
				return event.OnValue(err)
			}
			if t.Open() {
				return nil, nil
			}
			someone := Party{Kind: Person}
			_, err := someone.take(t.Given["field"], t.Given["value"], p.LocaleOf(s))
			return event.OnValue(err)
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			said := t.Given["field"] + " = " + t.Given["value"]
			name, custom := strings.CutPrefix(t.Given["field"], "custom.")
			if !custom {
				return said, p.In(s).take(ctx, t.Record, t.Given["field"], t.Given["value"])
			}
			v, err := t.Custom(ctx, s, customKind, name)
			if err != nil {
				return "", err
			}
			values := map[string]any{name: v}
			if same, err := s.SameCustom(ctx, customKind, t.Record[:], values); err != nil || same {
				return said, err
			}
			_, err = p.In(s).SetCustom(ctx, t.Record, 0, values)
			return said, err
		},
	})
}

// take changes one field of a party as [Parties.Change] would, and leaves the others alone.
func (p *Parties) take(ctx context.Context, id ID, field, value string) error {
	return p.write(ctx, func(ctx context.Context, s *store.Session) error {
		var was Party
		if err := s.Lock(ctx, &was, id); err != nil {
			return err
		}
		next := was
		keys, err := next.take(field, value, p.LocaleOf(s))
		if err != nil {
			return err
		}
		if err := s.Save(ctx, &was, &next); err != nil || next.Version == was.Version {
			return err
		}
		for _, k := range keys { // what is the main one now is no further one
			if _, err := s.Exec(ctx, store.From[pointRow](""), "DELETE FROM crm_party_point WHERE {scope} AND party_id = ? AND kind = ? AND value = ?", id, k.Kind, k.Value); err != nil {
				return err
			}
		}
		if err := p.rekey(ctx, s, id, keys); err != nil {
			return err
		}
		return next.tell(ctx, s, was.Version)
	})
}

// take puts a value into one field, and gives what the party is found by with it.
func (p *Party) take(field, value string, l locale.Locale) ([]partyKey, error) {
	d := Draft{Kind: p.Kind, Language: p.Language, Address: Address{Country: p.Country}}
	refused := func(message string) ([]partyKey, error) { return nil, event.Refused("form", message) }
	if p.Kind == Company && value != "" && (field == "job_title" || field == "birth_date") {
		return refused(`is for persons; have the rule ask for party.kind == "person"`)
	}
	switch field {
	case "email":
		d.Emails = []string{value}
	case "phone":
		d.Phones = []string{value}
	case "mobile":
		d.Mobile = value
	case "website":
		d.Website = value
	case "job_title":
		d.JobTitle = value
	case "birth_date":
		var err error
		if d.BirthDate, err = civil.Parse(value); err != nil && value != "" {
			return refused("does not fit the field; write a date as 1980-07-13")
		}
	case "tax_id":
		d.TaxID = value
	case "language":
		known, there := locale.ParseLanguage(value)
		if !there {
			return refused("is no language that people are written to in; write hu, en, he, ru or el")
		}
		p.Language = known
		p.rename()
		return nil, nil
	case "line1":
		d.Address.Line1 = value
	case "line2":
		d.Address.Line2 = value
	case "postal_code":
		d.Address.PostalCode = value
	case "city":
		d.Address.City = value
	case "region":
		d.Address.Region = value
	case "country":
		if d.Address.Country = value; value != "" && CountryOf(value) == "" {
			return refused("is no country; write it as HU")
		}
	default:
		return refused("names no field of a person or company")
	}
	out, faults := Prepare(d, l)
	if err := fault.List(faults).Err("the value cannot be set"); err != nil {
		return nil, err
	}
	*p.field(field) = *out.Party.field(field)
	if field == "birth_date" {
		p.BirthDate = out.Party.BirthDate
	}
	return out.keys, nil
}

// field is a text of a party by its name in the audit log.
func (p *Party) field(name string) *string {
	texts := map[string]*string{
		"email": &p.Email, "phone": &p.Phone, "mobile": &p.Mobile, "website": &p.Website, "job_title": &p.JobTitle, "tax_id": &p.TaxID,
		"line1": &p.Line1, "line2": &p.Line2, "postal_code": &p.PostalCode, "city": &p.City, "region": &p.Region, "country": &p.Country,
	}
	if texts[name] == nil {
		return new(string)
	}
	return texts[name]
}

// rename writes the whole name in the order of the party's language.
func (p *Party) rename() {
	if p.Kind != Company {
		p.DisplayName = Clean(p.Name().Display(p.Language), 240)
	}
	p.SortKey = p.Language.SortKey(p.sortName())
}
