package party

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Fill completes a party by what a prepared draft knows beyond it: empty fields are filled, further
// e-mails and phones become points, and nothing that is there is replaced. It gives the names of what
// it filled, sorted; nothing is written where there is nothing.
func (p *Parties) Fill(ctx context.Context, id ID, out *Prepared) ([]string, error) {
	var filled []string
	err := p.inner(p.db.Write)(ctx, func(ctx context.Context, s *store.Session) error {
		filled = nil
		var was Party
		if err := s.Lock(ctx, &was, id); err != nil {
			return err
		}
		next := was
		filled = fillParty(&next, &out.Party)
		slices.Sort(filled)
		if err := s.Save(ctx, &was, &next); err != nil {
			return err
		}
		known, err := p.In(s).Points(ctx, id)
		if err != nil {
			return err
		}
		extra := newPoints(&next, known, out)
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

// fillParty fills the empty fields of next and names them.
func fillParty(next, from *Party) []string {
	var filled []string
	fields, known := fillable(next), fillable(from)
	for name, field := range fields {
		if *field == "" && *known[name] != "" {
			*field = *known[name]
			filled = append(filled, name)
		}
	}
	if next.DisplayName == "" && from.DisplayName != "" {
		next.DisplayName, next.SortKey = from.DisplayName, from.SortKey
		next.Title, next.Given, next.Middle, next.Patronymic = from.Title, from.Given, from.Middle, from.Patronymic
		next.Particle, next.Family, next.Suffix = from.Particle, from.Family, from.Suffix
		filled = append(filled, "name")
	}
	if next.BirthDate.IsZero() && !from.BirthDate.IsZero() {
		next.BirthDate = from.BirthDate
		filled = append(filled, "birth_date")
	}
	// An address is taken as a whole: a street of one place beside the city of another would be none.
	if next.Address().IsZero() && !from.Address().IsZero() {
		next.Line1, next.Line2, next.PostalCode, next.City, next.Region, next.Country = from.Line1, from.Line2, from.PostalCode, from.City, from.Region, from.Country
		filled = append(filled, "address")
	}
	return filled
}

// fillable are the fields that are filled one by one.
func fillable(p *Party) map[string]*string {
	return map[string]*string{
		"email": &p.Email, "phone": &p.Phone, "mobile": &p.Mobile, "website": &p.Website, "job_title": &p.JobTitle, "tax_id": &p.TaxID,
	}
}

// newPoints are the e-mails and phones of a prepared draft that a party with these points does not have.
func newPoints(have *Party, points []Point, out *Prepared) []Point {
	known := append(slices.Clone(points), Point{Kind: keyEmail, Value: have.Email}, Point{Kind: keyPhone, Value: have.Phone}, Point{Kind: keyPhone, Value: have.Mobile})
	offered := append(slices.Clone(out.Points), Point{Kind: keyEmail, Value: out.Party.Email},
		Point{Kind: keyPhone, Value: out.Party.Phone}, Point{Kind: keyPhone, Value: out.Party.Mobile})
	var extra []Point
	for _, point := range offered {
		if point.Value != "" && !hasPoint(known, point) && !hasPoint(extra, point) {
			extra = append(extra, point)
		}
	}
	return extra
}

// Complete is [Parties.Fill] for a party that is not written yet.
func (out *Prepared) Complete(from *Prepared) {
	fillParty(&out.Party, &from.Party)
	out.Points = append(out.Points, newPoints(&out.Party, out.Points, from)...)
	out.keys = out.lookupKeys()
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

// Customers gives the host's customers that parties are, by the parties' ids; those merged into them
// are not asked.
func (p *Parties) Customers(ctx context.Context, ids []ID) (map[ID]string, error) {
	out := make(map[ID]string, len(ids))
	err := p.inner(p.db.Read)(ctx, func(ctx context.Context, s *store.Session) error {
		for part := range chunks(ids, 500) {
			var rows []roleRow
			if err := s.Select(&rows).Where("role_row.party_id IN (?)", bun.List(part)).Where("role_row.role = ?", Customer).Scan(ctx); err != nil {
				return fmt.Errorf("reading the customers of parties: %w", err)
			}
			for _, row := range rows {
				out[row.PartyID] = row.HostKey
			}
		}
		return nil
	})
	return out, err
}
