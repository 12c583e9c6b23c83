package lead

import (
	"context"
	"errors"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Card is all that a person who opens a lead sees of it at once.
type Card struct {
	Lead  Lead
	Party party.Party
	// Points are further e-mails and phones.
	Points []party.Point
	// Employer is the company, nil where there is none or the actor may not see it; its name stands in
	// Lead.Organization all the same.
	Employer *party.Party
	// Touches are the latest ones first, at most [store.DefaultLimit]; First is the first of all.
	Touches []Touch
	First   Touch
	// Links are what the party already is at the host.
	Links []party.Link
	// Sheet are the company's custom fields of leads with this lead's values.
	Sheet store.CustomSheet
}

// maxAliases bounds a chain of merges.
const maxAliases = 20

// Get reads a lead with what belongs to it. A merged lead is followed to the one it stands for.
func (l *Leads) Get(ctx context.Context, id ID) (Card, error) {
	var card Card
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		card = Card{}
		if err := s.Actor.Require(actor.LeadRead); err != nil {
			return err
		}
		inside := l.In(s)
		var err error
		if card.Lead, err = inside.get(ctx, s, id); err != nil {
			return err
		}
		return inside.fill(ctx, s, &card)
	})
	return card, err
}

// get reads a lead and follows merges.
func (l *Leads) get(ctx context.Context, s *store.Session, id ID) (Lead, error) {
	for range maxAliases {
		var lead Lead
		if err := s.Get(ctx, &lead, id); err != nil || lead.MergedInto.IsZero() {
			return lead, err
		}
		id = lead.MergedInto
	}
	return Lead{}, fault.New(fault.Invalid, "the merges of lead %s go round in a circle", id)
}

func (l *Leads) fill(ctx context.Context, s *store.Session, card *Card) error {
	// The party of a lead is seen with the lead, whoever the party itself belongs to.
	restore := widen(s)
	var err error
	if card.Party, err = l.parties.Get(ctx, card.Lead.PartyID); err == nil {
		card.Points, err = l.parties.Points(ctx, card.Party.ID)
	}
	if err == nil {
		card.Links, err = l.parties.Links(ctx, card.Party.ID)
	}
	restore()
	if err != nil {
		return err
	}
	if id := card.Lead.OrganizationID; !id.IsZero() && id != card.Lead.PartyID {
		employer, err := l.parties.Get(ctx, id)
		switch {
		case err == nil:
			card.Employer = &employer
		case !errors.Is(err, fault.NotFound):
			return err
		}
	}
	if card.Touches, err = l.touches(ctx, s, card.Lead.ID, store.Order{Column: "touch.at", ID: "touch.id", Desc: true}, store.Page{}); err != nil {
		return err
	}
	first, err := l.touches(ctx, s, card.Lead.ID, store.Order{Column: "touch.at", ID: "touch.id"}, store.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(first) > 0 {
		card.First = first[0]
	}
	card.Sheet, err = s.CustomSheet(ctx, customKind, card.Lead.ID[:])
	return err
}

// Touches gives a lead's touches, those of leads merged into it among them, the latest first. The next
// page is asked for with store.Cursor(last.At, last.ID).
func (l *Leads) Touches(ctx context.Context, id ID, page store.Page) ([]Touch, error) {
	var out []Touch
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadRead); err != nil {
			return err
		}
		lead, err := l.get(ctx, s, id)
		if err != nil {
			return err
		}
		out, err = l.touches(ctx, s, lead.ID, store.Order{Column: "touch.at", ID: "touch.id", Desc: true}, page)
		return err
	})
	return out, err
}

// touches reads the touches of a lead that the actor has been shown.
func (l *Leads) touches(ctx context.Context, s *store.Session, id ID, o store.Order, page store.Page) ([]Touch, error) {
	ids, err := l.aliases(ctx, s, id)
	if err != nil {
		return nil, err
	}
	paged, err := s.PagedSQL(o, page)
	if err != nil {
		return nil, err
	}
	args := make([]any, 0, len(ids)+3)
	for _, id := range ids {
		args = append(args, id)
	}
	var out []Touch
	err = s.Query(ctx, &out, store.From[Touch]("touch"),
		"SELECT touch.* FROM crm_touch AS touch WHERE {scope} AND touch.lead_id IN ("+store.In(len(ids))+")"+paged.SQL, append(args, paged.Args...)...)
	if err != nil {
		return nil, fmt.Errorf("reading touches: %w", err)
	}
	return out, nil
}

// aliasRow reads leads below another; they are seen with it, so they have no guard of their own.
type aliasRow struct {
	ID      ID     `bun:"id,pk"`
	Company string `bun:"company"`
}

// aliases gives a lead and the leads that were merged into it.
func (l *Leads) aliases(ctx context.Context, s *store.Session, id ID) ([]ID, error) {
	all := []ID{id}
	for at := 0; at < len(all) && at < maxAliases; at++ {
		var rows []aliasRow
		err := s.Query(ctx, &rows, store.From[aliasRow]("a"), "SELECT a.id FROM crm_lead AS a WHERE {scope} AND a.merged_into = ? ORDER BY a.id", all[at])
		if err != nil {
			return nil, fmt.Errorf("reading merged leads: %w", err)
		}
		for _, row := range rows {
			all = append(all, row.ID)
		}
	}
	return all, nil
}
