package convert

import (
	"context"
	"log/slog"
	"time"

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
	// Outbox says how a host that is elsewhere is called.
	Outbox Outbox
	// Log gets a warning of each call to such a host that did not succeed; slog.Default where it is nil.
	Log *slog.Logger
}

// Conversions makes host records out of ours.
type Conversions struct {
	db     *store.DB
	config Config
	// rec is set on a view whose host remembers.
	rec *recorder
	// rests is shared by the calls that [Conversions.Send] makes; views send nothing.
	rests *rests
}

// New makes a Conversions on a database.
func New(db *store.DB, config Config) *Conversions {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Conversions{db: db, config: config, rests: &rests{until: map[string]time.Time{}}}
}

// In gives a view that works inside an open session.
func (c *Conversions) In(s *store.Session) *Conversions {
	config := c.config
	config.Parties = config.Parties.In(s)
	config.Leads = config.Leads.In(s)
	config.Opportunities = config.Opportunities.In(s)
	config.Activities = config.Activities.In(s)
	config.Quotes = config.Quotes.In(s)
	return &Conversions{db: s.Inside(), config: config, rec: c.rec}
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

// session is what the host's ports are called with. A host that is elsewhere gets no transaction.
func (c *Conversions) session(s *store.Session, token string) erpbridge.Session {
	hs := erpbridge.Session{
		Company: s.Actor.Company, Token: token, UserID: s.Actor.HostUser(), Now: s.Now,
		Today: civil.In(s.Now, c.config.Locales(s.Actor.Company).Location()),
	}
	if c.config.Host.Place != erpbridge.Elsewhere {
		hs.Tx = s.Tx()
	}
	return hs
}

// byParty shows rows with a party to whoever sees the party.
func byParty(a actor.Actor, alias string) store.Predicate {
	p := party.Party{}.Guard(a, "seen")
	return store.Exists("SELECT 1 FROM crm_party AS seen WHERE seen.id = "+alias+".party_id AND "+p.SQL, p.Args...)
}

// Get gives what became of a conversion.
func (c *Conversions) Get(ctx context.Context, id ID) (Result, error) {
	return store.Read(ctx, c.db, actor.Convert, func(ctx context.Context, s *store.Session) (Result, error) {
		var r row
		if err := s.Get(ctx, &r, id); err != nil {
			return Result{}, err
		}
		out, err := r.result()
		if err == nil {
			_, err = c.config.Parties.In(s).Get(ctx, out.Party)
		}
		return out, err
	})
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
