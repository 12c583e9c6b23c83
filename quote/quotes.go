package quote

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote/pdf"
)

// Config is what the package is told by its surroundings.
type Config struct {
	// Host gives companies (needed), and where it has them customers, products, prices and users.
	// Without products and prices every line brings its own name, price and VAT rate.
	Host       erpbridge.Host
	Parties    *party.Parties
	Activities *activity.Activities
	// Locales gives language, zone and currency of a company.
	Locales func(company string) locale.Locale
	// Series gives the series of numbers of a company; nil means [DefaultSeries] for all.
	Series func(company string) Series
	// ValidityDays is how long a quote is valid when nothing else is said, 30 where it is 0.
	ValidityDays int
	// Theme gives the look of a company's PDFs; nil means the standard look.
	Theme func(company string) Theme
	// AcceptLink gives the address where the reader can answer a quote; nil prints none.
	AcceptLink func(company string, id ID) string
	// Mails is the outbox that quotes are sent through; nil sends none.
	Mails *mail.Mails
	// Sender is the mailbox that a company's quotes come from; nil, or the zero Address, takes the company's
	// own e-mail address. Answers go to the seller.
	Sender func(company string) mail.Address
	// LinkKey signs the links that readers open quotes by: at least 32 random bytes, the same in all
	// processes and after a restart. Without it, and without PublicURL, quotes are sent without a link.
	LinkKey []byte
	// PublicURL is the address below which the pages of adapters/web are reached from outside, with a slash
	// at its end: "https://erp.example.com/crm/q/".
	PublicURL func(company string) string
	// LinkDays is how long after the quote's validity a link can be opened, 180 where it is 0.
	LinkDays int
	// Advancer is the door to opportunities; nil takes their ids as they come and tells them nothing.
	Advancer Advancer
}

// Theme is the look of a company's PDFs.
type Theme struct {
	// Accent colours headings and rules; the zero value is a dark blue.
	Accent pdf.Color
}

// Advancer is what this package needs of opportunities.
type Advancer interface {
	// Reach fails with fault.NotFound where the session's actor does not see the opportunity.
	Reach(ctx context.Context, s *store.Session, id OpportunityID) error
	// Advance is told, as the system and in a transaction of its own, that a quote of an opportunity
	// was issued, accepted or declined, which its State says. It is repeated until it returns nil.
	Advance(ctx context.Context, s *store.Session, q Quote) error
}

// Quotes is the package's door. It is safe for many goroutines.
type Quotes struct {
	db     *store.DB
	config Config
}

// New makes a Quotes on a database.
func New(db *store.DB, config Config) *Quotes {
	if config.ValidityDays == 0 {
		config.ValidityDays = 30
	}
	if config.LinkDays == 0 {
		config.LinkDays = 180
	}
	if config.Series == nil {
		config.Series = func(string) Series { return DefaultSeries }
	}
	if config.Theme == nil {
		config.Theme = func(string) Theme { return Theme{} }
	}
	return &Quotes{db: db, config: config}
}

// In gives a view that works inside an open session, as part of its unit of work.
func (q *Quotes) In(s *store.Session) *Quotes { return &Quotes{db: s.Inside(), config: q.config} }

func (q *Quotes) locale(s *store.Session) locale.Locale {
	l := locale.Locale{Language: locale.English}
	if q.config.Locales != nil {
		l = q.config.Locales(s.Actor.Company)
	}
	return l
}

// today is the business date in the company's zone.
func (q *Quotes) today(s *store.Session) civil.Date { return civil.In(s.Now, q.locale(s).Location()) }

// session is what the host's ports are called with. The ports that are called only read, so that no
// token is needed.
func (q *Quotes) session(s *store.Session) erpbridge.Session {
	hs := erpbridge.Session{Company: s.Actor.Company, UserID: s.Actor.HostUser(), Now: s.Now, Today: q.today(s)}
	if q.config.Host.Place != erpbridge.Elsewhere {
		hs.Tx = s.Tx()
	}
	return hs
}
