package regulation

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

// customer is one company or person with its people, and what is known of its deals.
type customer struct {
	root   party.Party
	family []any
	// in is the placeholders for the family.
	in    string
	deals map[opportunity.ID]deal
	lost  map[opportunity.ID]time.Time
	// known are the moments of each step that was asked for, since is how far back they go.
	known map[Moment][]moment
	since time.Time
}

type deal struct {
	ID        opportunity.ID         `bun:"id"`
	Party     party.ID               `bun:"party_id"`
	Pipeline  opportunity.PipelineID `bun:"pipeline_id"`
	State     opportunity.State      `bun:"state"`
	Lead      opportunity.LeadID     `bun:"lead_id"`
	CreatedAt time.Time              `bun:"created_at"`
	ClosedAt  time.Time              `bun:"closed_at"`
	Owner     string                 `bun:"owner_user"`
	Team      string                 `bun:"owner_team"`
}

// link is what crm_link, which package convert keeps, tells of a document of the host.
type link struct {
	bun.BaseModel `bun:"table:crm_link,alias:k"`

	ID      clock.RecordID `bun:"id,pk"`
	Company string         `bun:"company"`
}

// customerOf reads whose a party is: the company that a person works for, and all who belong to it.
func (r *Regulations) customerOf(ctx context.Context, s *store.Session, id party.ID) (*customer, error) {
	parties := r.config.Parties.In(s)
	root, err := parties.Get(ctx, id)
	if err == nil && !root.EmployerID.IsZero() {
		root, err = parties.Get(ctx, root.EmployerID)
	}
	if err != nil {
		return nil, err
	}
	family, err := parties.Family(ctx, root.ID)
	if err != nil {
		return nil, err
	}
	c := &customer{root: root, in: "(" + store.In(len(family)) + ")", deals: map[opportunity.ID]deal{}, lost: map[opportunity.ID]time.Time{}, known: map[Moment][]moment{}}
	for _, one := range family {
		c.family = append(c.family, one)
	}
	var deals []deal
	err = s.Query(ctx, &deals, store.From[opportunity.Opportunity]("o"), "SELECT o.id, o.party_id, o.pipeline_id, o.state, o.lead_id, o.created_at, o.closed_at, o.owner_user, o.owner_team FROM crm_opportunity AS o WHERE {scope} AND o.party_id IN "+c.in+" ORDER BY o.created_at, o.id", c.family...)
	for _, d := range deals {
		c.deals[d.ID] = d
		if d.State == opportunity.Lost {
			c.lost[d.ID] = d.ClosedAt
		}
	}
	return c, err
}

// found is a moment as statements give it.
type found struct {
	ID          clock.RecordID `bun:"id"`
	At          time.Time      `bun:"at"`
	Party       party.ID       `bun:"party_id"`
	Opportunity opportunity.ID `bun:"opportunity_id"`
	Record      clock.RecordID `bun:"record_id"`
	Owner       string         `bun:"owner_user"`
	Team        string         `bun:"owner_team"`
	Status      lead.Status    `bun:"status"`
	Result      string         `bun:"result"`
}

// hostKinds are the documents of the host by the steps.
var hostKinds = map[Step]string{Ordered: "order", Delivered: "delivery", Invoiced: "invoice"}

// moments reads the times that a step was made for a customer.
func (c *customer) moments(ctx context.Context, s *store.Session, m Moment) ([]moment, error) {
	if all, ok := c.known[m]; ok {
		return append([]moment(nil), all...), nil
	}
	var rows []found
	noun, err := c.read(ctx, s, m, &rows)
	if err != nil {
		return nil, err
	}
	var out []moment
	for _, row := range rows {
		one := moment{ID: row.ID, At: row.At, Party: row.Party, Opportunity: row.Opportunity, Noun: noun, Record: row.Record, Owner: party.Owner{User: row.Owner, Team: row.Team}}
		if noun == "lead" {
			one.Void = row.Status == lead.StatusDisqualified
			one.Opportunity = c.dealOf(row.Record)
		}
		if hostKinds[m.Step] != "" {
			var made struct {
				Opportunity opportunity.ID `json:"opportunity"`
			}
			if json.Unmarshal([]byte(row.Result), &made) == nil {
				one.Opportunity = made.Opportunity
			}
		}
		if d, ok := c.deals[one.Opportunity]; ok {
			one.Noun, one.Record, one.Owner = "opportunity", clock.RecordID(d.ID), party.Owner{User: d.Owner, Team: d.Team}
		} else {
			one.Opportunity = opportunity.ID{}
		}
		if one.Record.IsZero() {
			one.Noun, one.Record = "party", clock.RecordID(c.root.ID)
		}
		if one.Owner.User == "" {
			one.Owner = party.Owner{User: c.root.OwnerUser, Team: c.root.OwnerTeam}
		}
		out = append(out, one)
	}
	c.known[m] = out
	return append([]moment(nil), out...), nil
}

// dealOf is the first opportunity that came of a lead.
func (c *customer) dealOf(id clock.RecordID) opportunity.ID {
	var first deal
	for _, d := range c.deals {
		if d.Lead == opportunity.LeadID(id) && (first.ID.IsZero() || d.CreatedAt.Before(first.CreatedAt) || d.CreatedAt.Equal(first.CreatedAt) && d.ID.String() < first.ID.String()) {
			first = d
		}
	}
	return first.ID
}

// read gives the rows of a step since the customer's since, and the noun of their records.
func (c *customer) read(ctx context.Context, s *store.Session, m Moment, rows *[]found) (noun string, err error) {
	args := append(append([]any(nil), c.family...), c.since)
	of := " IN " + c.in
	switch m.Step {
	case Captured, Answered:
		at := "l.arrived_at"
		if m.Step == Answered {
			at = "l.first_response_at"
		}
		return "lead", s.Query(ctx, rows, store.From[lead.Lead]("l"), "SELECT l.id, "+at+" AS at, l.party_id, l.id AS record_id, l.owner_user, l.owner_team, l.status FROM crm_lead AS l"+
			" WHERE {scope} AND l.party_id"+of+" AND l.merged_into IS NULL AND l.import_id IS NULL AND "+at+" >= ?", args...)
	case Spoken:
		return "", s.Query(ctx, rows, store.From[activity.Activity]("a"), "SELECT a.id, a.at, a.party_id, a.opportunity_id, a.owner_user, a.owner_team FROM crm_activity AS a"+
			" WHERE {scope} AND a.party_id"+of+" AND a.is_open = 0 AND a.at >= ? AND a.kind IN ('call', 'meeting') AND a.state = 'done'", args...)
	case Entered:
		return "opportunity", s.Query(ctx, rows, store.From[opportunity.Opportunity]("o"), "SELECT m.id, m.moved_at AS at, o.party_id, o.id AS opportunity_id, o.id AS record_id, o.owner_user, o.owner_team FROM crm_opportunity AS o"+
			" JOIN crm_stage_move AS m ON m.opportunity_id = o.id WHERE {scope} AND o.party_id"+of+" AND m.moved_at >= ? AND m.to_stage = ?", append(args, m.Stage)...)
	case Quoted, Accepted:
		at, states := "q.issued_at", "'issued', 'accepted', 'declined', 'expired', 'superseded'"
		if m.Step == Accepted {
			at, states = "q.decided_at", "'accepted'"
		}
		return "quote", s.Query(ctx, rows, store.From[quote.Quote]("q"), "SELECT q.id, "+at+" AS at, q.party_id, q.opportunity_id, q.id AS record_id, q.owner_user, q.owner_team FROM crm_quote AS q"+
			" WHERE {scope} AND q.party_id"+of+" AND "+at+" >= ? AND q.state IN ("+states+")", args...)
	case Sent:
		return "quote", s.Query(ctx, rows, store.From[quote.Quote]("q"), "SELECT sent.id, m.sent_at AS at, q.party_id, q.opportunity_id, q.id AS record_id, q.owner_user, q.owner_team FROM crm_quote AS q"+
			" JOIN crm_quote_sending AS sent ON sent.company = q.company AND sent.quote_id = q.id JOIN crm_mail AS m ON m.id = sent.mail_id WHERE {scope} AND q.party_id"+of+" AND m.sent_at >= ?", args...)
	case Ordered, Delivered, Invoiced:
		return "", s.Query(ctx, rows, store.From[link]("k"), "SELECT k.id, k.created_at AS at, k.party_id, c.result FROM crm_link AS k JOIN crm_conversion AS c ON c.id = k.conversion_id"+
			" WHERE {scope} AND k.party_id"+of+" AND k.created_at >= ? AND k.host_kind = ? AND k.host_state NOT IN ('cancelled', 'credited', 'missing', 'gone')", append(args, hostKinds[m.Step])...)
	case Opened, Won:
	}
	for _, d := range c.deals {
		at := d.CreatedAt
		if m.Step == Won {
			at = d.ClosedAt
		}
		if !at.Before(c.since) && (m.Step == Opened || d.State == opportunity.Won) {
			*rows = append(*rows, found{ID: clock.RecordID(d.ID), At: at, Party: d.Party, Opportunity: d.ID, Record: clock.RecordID(d.ID), Owner: d.Owner, Team: d.Team})
		}
	}
	return "opportunity", nil
}
