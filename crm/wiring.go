package crm

import (
	"context"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports/schedule"
)

// QuoteConfig says how quotes are numbered and look; the zero QuoteConfig works.
type QuoteConfig struct {
	// Series gives the series of numbers of a company; see quote.DefaultSeries.
	Series func(company string) quote.Series
	// ValidityDays is how long a quote is valid when nothing else is said, 30 where it is 0.
	ValidityDays int
	// Theme gives the look of a company's PDFs.
	Theme func(company string) quote.Theme
	// AcceptLink gives the address where the reader can answer a quote; nil prints none.
	AcceptLink func(company string, id quote.ID) string
	// Sender is the mailbox that a company's quotes are sent from; the company's own e-mail address where it
	// is nil.
	Sender func(company string) mail.Address
	// PublicURL is the address below which adapters/web's QuotePages are reached from outside, with a slash at
	// its end: "https://erp.example.com/crm/q/". It needs Config.LinkKey; nil sends quotes without a link.
	PublicURL func(company string) string
	// LinkDays is how long after a quote's validity its link can be opened, 180 where it is 0.
	LinkDays int
}

// mail is the configuration of the outbox.
func (c Config) mail() mail.Config {
	out := c.Mail
	out.Letters = c.letters
	out.Mailer, out.Purposes, out.Log = c.Mailer, append([]mail.Purpose{quote.SentPurpose, schedule.Purpose}, subscription.Purposes...), c.Log
	return out
}

// checkLinks finds what is wrong with the links in mails.
func (c Config) checkLinks(faults *fault.List) {
	switch {
	case len(c.LinkKey) > 0 && len(c.LinkKey) < quote.LinkKeyLength:
		faults.Add("link_key", "length", "has %d bytes; give at least %d random ones", len(c.LinkKey), quote.LinkKeyLength)
	case len(c.LinkKey) == 0 && c.Quotes.PublicURL != nil:
		faults.Add("link_key", "required", "is missing; links to quotes are signed by it")
	}
	if c.Quotes.LinkDays < 0 {
		faults.Add("quotes.link_days", "negative", "is %d; give how many days a link works after the quote has expired", c.Quotes.LinkDays)
	}
}

func (m *Module) quoteConfig() quote.Config {
	c := m.config.Quotes
	return quote.Config{
		Host: m.config.Host, Parties: m.Parties, Activities: m.Activities, Locales: m.config.Locale,
		Series: c.Series, ValidityDays: c.ValidityDays, Theme: c.Theme, AcceptLink: c.AcceptLink,
		Mails: m.Mails, Sender: c.Sender, LinkKey: m.config.LinkKey, PublicURL: c.PublicURL, LinkDays: c.LinkDays,
		Advancer: advancer{m.Opportunities},
	}
}

// settingConfig has the texts of quotes looked at by those who fill them.
func (m *Module) settingConfig() setting.Config {
	return setting.Config{Words: func(ctx context.Context, s *store.Session, t setting.CompanyText) ([]fault.Fault, error) {
		if t.Name == setting.QuoteCover || t.Name == setting.QuoteClosing {
			return m.Quotes.CheckWords(ctx, s, "body", t.Body)
		}
		return nil, nil
	}}
}

func (m *Module) searchConfig() search.Config {
	return search.Config{
		Host: m.config.Host, Locale: m.config.Locale,
		Failed: func(company string, err error) {
			m.config.Log.Warn("the host did not search its customers", "company", company, "error", err)
		},
	}
}

// advancer lets quotes reach opportunities. What a quote's answer does to an opportunity is for the
// company's own rules to say, so it only checks that the seller sees it.
type advancer struct{ opportunities *opportunity.Opportunities }

func (a advancer) Reach(ctx context.Context, s *store.Session, id quote.OpportunityID) error {
	var o opportunity.Opportunity
	return s.Get(ctx, &o, id)
}

func (advancer) Advance(context.Context, *store.Session, quote.Quote) error { return nil }

// doneActivities counts what was done for an opportunity, for stages that require it.
func (m *Module) doneActivities(ctx context.Context, s *store.Session, id opportunity.ID) (map[string]int, error) {
	counts, err := m.Activities.In(s).CountDone(ctx, activity.OpportunityID(id))
	out := make(map[string]int, len(counts))
	for kind, n := range counts {
		out[string(kind)] = n
	}
	return out, err
}

// knownUsers asks the host which of the ids are its users; nil where the host does not tell. It is asked
// inside transactions, in which nobody waits for a network: a host that is elsewhere is not asked.
func (m *Module) knownUsers() func(ctx context.Context, s *store.Session, ids []string) ([]string, error) {
	users := m.config.Host.Users
	if users == nil || m.config.Host.Place == erpbridge.Elsewhere {
		return nil
	}
	return func(ctx context.Context, s *store.Session, ids []string) ([]string, error) {
		hs := erpbridge.Session{
			Company: s.Actor.Company, Tx: s.Tx(), UserID: s.Actor.HostUser(), Now: s.Now,
			Today: civil.In(s.Now, m.config.Locale(s.Actor.Company).Location()),
		}
		var known []string
		for _, id := range ids {
			if slices.Contains(known, id) {
				continue
			}
			_, err := users.User(ctx, hs, id)
			if errors.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			known = append(known, id)
		}
		return known, nil
	}
}
