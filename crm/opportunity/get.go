package opportunity

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Card is an opportunity with everything that belongs to it.
type Card struct {
	Opportunity
	PartyName   string   `json:"party_name"`
	ContactName string   `json:"contact_name"`
	Pipeline    Pipeline `json:"pipeline"`
	Stage       Stage    `json:"stage"`
	// Path is how long it has been in each stage so far, all visits together, in seconds; the current
	// stage counts up to now while it is open.
	Path        map[StageID]int64 `json:"path"`
	Lines       []Line            `json:"lines"`
	Sellers     []Seller          `json:"sellers"`
	Competitors []Competitor      `json:"competitors"`
	Moves       []StageMove       `json:"moves"`
	// Feed is the first page of comments; see [Opportunities.Comments].
	Feed Feed `json:"feed"`
	// Sheet are the company's custom fields of opportunities with this one's values.
	Sheet store.CustomSheet `json:"-"`
}

// Divided is each seller's part of the expected revenue, in the order of Sellers; nil where nobody
// sells.
func (c Card) Divided() ([]money.Amount, error) {
	if len(c.Sellers) == 0 {
		return nil, nil
	}
	return Divide(c.ExpectedRevenue, c.Currency, c.Sellers)
}

// Get reads an opportunity with all its parts.
func (o *Opportunities) Get(ctx context.Context, id ID) (Card, error) {
	return store.Read(ctx, o.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Card, error) {
		var c Card
		err := s.Get(ctx, &c.Opportunity, id)
		for _, part := range []func() error{
			func() (err error) { c.Pipeline, err = pipelineOf(ctx, s, c.PipelineID); return err },
			func() (err error) { c.Lines, err = linesOf(ctx, s, id); return err },
			func() (err error) { c.Sellers, err = sellersOf(ctx, s, id); return err },
			func() (err error) { c.Competitors, err = competitorsOf(ctx, s, id); return err },
			func() (err error) { c.Moves, err = movesOf(ctx, s, id); return err },
			func() (err error) { c.Feed, err = feedOf(ctx, s, id, store.Page{}); return err },
			func() (err error) { c.Sheet, err = s.CustomSheet(ctx, recordKind, id.Bytes()); return err },
		} {
			if err == nil {
				err = part()
			}
		}
		if err != nil {
			return c, err
		}
		if i := slices.IndexFunc(c.Pipeline.Stages, func(st Stage) bool { return st.ID == c.StageID }); i >= 0 {
			c.Stage = c.Pipeline.Stages[i]
		}
		c.walk(s)
		names, err := partyNames(ctx, s, []party.ID{c.PartyID, c.ContactID})
		c.PartyName, c.ContactName = names[c.PartyID], names[c.ContactID]
		return c, err
	})
}

// walk adds up the time in each stage.
func (c *Card) walk(s *store.Session) {
	c.Path = map[StageID]int64{}
	for _, m := range c.Moves {
		if !m.From.IsZero() {
			c.Path[m.From] += m.Seconds
		}
	}
	if c.State == Open {
		c.Path[c.StageID] += max(0, int64(s.Now.Sub(c.StageSince).Seconds()))
	}
}

// named is a party's name as whoever may see the opportunity reads it, also where the party itself is
// not his to open.
type named struct {
	bun.BaseModel `bun:"table:crm_party,alias:named"`

	ID      party.ID `bun:"id,pk"`
	Company string   `bun:"company"`
	Name    string   `bun:"name"`
}

func partyNames(ctx context.Context, s *store.Session, ids []party.ID) (map[party.ID]string, error) {
	ids = slices.DeleteFunc(ids, func(id party.ID) bool { return id.IsZero() })
	names := make(map[party.ID]string, len(ids))
	for part := range slices.Chunk(ids, store.MaxLimit) {
		var rows []named
		if err := s.Select(&rows).Where("named.id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, err
		}
		for _, row := range rows {
			names[row.ID] = row.Name
		}
	}
	return names, nil
}
