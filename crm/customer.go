package crm

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

// CustomerCard is what CRM+ knows of a person or company, on one page. What the ERP knows (documents, open
// items, payments) is asked for apart, by convert.Conversions.HostCard, because it may be slow.
type CustomerCard struct {
	Party party.Party `json:"party"`
	// Links say what the party is at the host.
	Links []party.Link `json:"links"`
	// People work for the company.
	People []party.Party `json:"people"`
	// The lists hold the first [CardRows] of each, and nothing that the reader has no right to; the pages of each
	// kind show the rest.
	Leads         []lead.Row        `json:"leads"`
	Opportunities []opportunity.Row `json:"opportunities"`
	Quotes        []quote.Row       `json:"quotes"`
	// Upcoming is what is to be done, soonest first.
	Upcoming []activity.Item `json:"upcoming"`
}

// CardRows is how many rows of a kind a card shows.
const CardRows = 20

// CustomerCard reads the card of a person or company that the actor sees. A merged party gives the card of the
// one it stands for.
func (m *Module) CustomerCard(ctx context.Context, id party.ID) (CustomerCard, error) {
	var out CustomerCard
	err := m.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		out = CustomerCard{}
		in := m.In(s)
		who, err := in.Parties.Get(ctx, id)
		if err != nil {
			return err
		}
		out.Party = who
		if out.Links, err = in.Parties.Links(ctx, who.ID); err != nil {
			return err
		}
		if out.People, err = in.Parties.People(ctx, who.ID); err != nil {
			return err
		}
		return in.fill(ctx, s, &out)
	})
	return out, err
}

// fill reads the lists that the actor has a right to.
func (m *Module) fill(ctx context.Context, s *store.Session, card *CustomerCard) error {
	id, page := card.Party.ID, store.Page{Limit: CardRows}
	for _, part := range []struct {
		right actor.Right
		read  func() error
	}{
		{actor.LeadRead, func() error {
			f := lead.Filter{Party: id}
			if card.Party.Kind == party.Company {
				f = lead.Filter{Organization: id}
			}
			list, err := m.Leads.List(ctx, f, lead.ByArrival, page)
			card.Leads = list.Rows
			return err
		}},
		{actor.OpportunityRead, func() error {
			list, err := m.Opportunities.List(ctx, opportunity.Filter{Party: id, Sort: opportunity.ByCreated, Page: page})
			card.Opportunities = list.Rows
			return err
		}},
		{actor.QuoteRead, func() error {
			list, err := m.Quotes.List(ctx, quote.Filter{Party: id, Page: page})
			card.Quotes = list.Rows
			return err
		}},
		{actor.ActivityRead, func() error {
			list, err := m.Activities.Upcoming(ctx, id, page)
			card.Upcoming = list.Items
			return err
		}},
	} {
		if !s.Actor.May(part.right) {
			continue
		}
		if err := part.read(); err != nil {
			return err
		}
	}
	return nil
}
