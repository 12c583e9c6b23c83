package party

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Fill completes a party by what a prepared draft knows beyond it: empty fields are filled, further
// e-mails and phones become points, and nothing that is there is replaced. It gives the names of what
// it filled, sorted; nothing is written where there is nothing.
func (p *Parties) Fill(ctx context.Context, id ID, out *Prepared) ([]string, error) {
	var filled []string
	err := p.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		filled = nil
		var was Party
		if err := s.Lock(ctx, &was, id); err != nil {
			return err
		}
		next := was
		fields, known := fillable(&next), fillable(&out.Party)
		for name, field := range fields {
			if *field == "" && *known[name] != "" {
				*field = *known[name]
				filled = append(filled, name)
			}
		}
		if next.DisplayName == "" && out.Party.DisplayName != "" {
			next.DisplayName, next.SortKey = out.Party.DisplayName, out.Party.SortKey
			next.Title, next.Given, next.Middle, next.Patronymic = out.Party.Title, out.Party.Given, out.Party.Middle, out.Party.Patronymic
			next.Particle, next.Family, next.Suffix = out.Party.Particle, out.Party.Family, out.Party.Suffix
			filled = append(filled, "name")
		}
		if next.BirthDate.IsZero() && !out.Party.BirthDate.IsZero() {
			next.BirthDate = out.Party.BirthDate
			filled = append(filled, "birth_date")
		}
		fillAddress(&next, &out.Party, &filled)
		slices.Sort(filled)
		if err := s.Save(ctx, &was, &next); err != nil {
			return err
		}
		extra, err := p.unknownPoints(ctx, s, &next, out)
		if err != nil {
			return err
		}
		for _, point := range extra {
			filled = append(filled, point.Kind+" "+point.Value)
		}
		if err := p.addPoints(ctx, s, id, extra); err != nil {
			return err
		}
		return p.rekey(ctx, s, id, out.keys)
	})
	return filled, err
}

// fillable are the fields that are filled one by one.
func fillable(p *Party) map[string]*string {
	return map[string]*string{
		"email": &p.Email, "phone": &p.Phone, "mobile": &p.Mobile, "website": &p.Website, "job_title": &p.JobTitle, "tax_id": &p.TaxID,
	}
}

// fillAddress takes an address as a whole: a street of one place beside the city of another would be
// no address.
func fillAddress(p, from *Party, filled *[]string) {
	if !p.Address().IsZero() || from.Address().IsZero() {
		return
	}
	p.Line1, p.Line2, p.PostalCode, p.City, p.Region, p.Country = from.Line1, from.Line2, from.PostalCode, from.City, from.Region, from.Country
	*filled = append(*filled, "address")
}

// unknownPoints are the e-mails and phones of a prepared draft that the party does not have.
func (p *Parties) unknownPoints(ctx context.Context, s *store.Session, have *Party, out *Prepared) ([]Point, error) {
	known, err := p.In(s).Points(ctx, have.ID)
	if err != nil {
		return nil, err
	}
	known = append(known, Point{Kind: keyEmail, Value: have.Email}, Point{Kind: keyPhone, Value: have.Phone}, Point{Kind: keyPhone, Value: have.Mobile})
	offered := append(slices.Clone(out.Points), Point{Kind: keyEmail, Value: out.Party.Email},
		Point{Kind: keyPhone, Value: out.Party.Phone}, Point{Kind: keyPhone, Value: out.Party.Mobile})
	var extra []Point
	for _, point := range offered {
		if point.Value != "" && !hasPoint(known, point) && !hasPoint(extra, point) {
			extra = append(extra, point)
		}
	}
	return extra, nil
}

// Prepared gives a party in the form that [Parties.Find] compares, with its further e-mails and phones.
func (p *Parties) Prepared(ctx context.Context, id ID) (Prepared, error) {
	var out Prepared
	known, err := p.Get(ctx, id)
	if err != nil {
		return out, err
	}
	out.Party = known
	if out.Points, err = p.Points(ctx, known.ID); err != nil {
		return out, err
	}
	out.keys = out.lookupKeys()
	return out, nil
}

// Locale is the way a company sees things.
func (p *Parties) Locale(company string) locale.Locale { return p.locales(company) }
