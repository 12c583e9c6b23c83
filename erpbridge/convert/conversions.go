package convert

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

// Config is what conversions need of the rest.
type Config struct {
	Host          erpbridge.Host
	Parties       *party.Parties
	Leads         *lead.Leads
	Opportunities *opportunity.Opportunities
	Activities    *activity.Activities
	Quotes        *quote.Quotes
	Locales       func(company string) locale.Locale
}

// Conversions makes host records out of ours.
type Conversions struct {
	db     *store.DB
	config Config
}

// New makes a Conversions on a database.
func New(db *store.DB, config Config) *Conversions { return &Conversions{db: db, config: config} }

// In gives a view that works inside an open session.
func (c *Conversions) In(s *store.Session) *Conversions {
	config := c.config
	config.Parties = config.Parties.In(s)
	config.Leads = config.Leads.In(s)
	config.Opportunities = config.Opportunities.In(s)
	config.Activities = config.Activities.In(s)
	config.Quotes = config.Quotes.In(s)
	return &Conversions{db: s.Inside(), config: config}
}

// write runs a unit of work in which every other package works too.
func (c *Conversions) write(ctx context.Context, unit func(ctx context.Context, s *store.Session, in *Conversions) error) error {
	return c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.Convert); err != nil {
			return err
		}
		return unit(ctx, s, c.In(s))
	})
}

// session is what the host's ports are called with.
func (c *Conversions) session(s *store.Session, token string) erpbridge.Session {
	return erpbridge.Session{
		Company: s.Actor.Company, Tx: s.Tx(), Token: token, UserID: s.Actor.UserID, Now: s.Now,
		Today: civil.In(s.Now, c.config.Locales(s.Actor.Company).Location()),
	}
}

// byParty shows rows with a party to whoever sees the party.
func byParty(a actor.Actor, alias string) store.Predicate {
	p := party.Party{}.Guard(a, "seen")
	return store.Exists("SELECT 1 FROM crm_party AS seen WHERE seen.id = "+alias+".party_id AND "+p.SQL, p.Args...)
}

// Links gives the host records that were made from one of our records.
func (c *Conversions) Links(ctx context.Context, subject Subject) ([]Link, error) {
	var links []Link
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		return s.Select(&links).Where("link.record_id = ?", subject.ID).Where("link.record_kind = ?", subject.Kind).OrderExpr("link.id").Scan(ctx)
	})
	return links, err
}

// LinksOfParty gives the host records that belong to a party and its family.
func (c *Conversions) LinksOfParty(ctx context.Context, id party.ID) ([]Link, error) {
	var links []Link
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		family, err := c.config.Parties.In(s).Family(ctx, id)
		if err != nil {
			return err
		}
		return s.Select(&links).Where("link.party_id IN (?)", list(family)).OrderExpr("link.id").Scan(ctx)
	})
	return links, err
}
