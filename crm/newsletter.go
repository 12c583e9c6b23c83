package crm

import (
	"cmp"
	"context"
	"errors"

	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// NewsletterConfig says how newsletters leave, and where their readers' pages are.
type NewsletterConfig struct {
	// PublicURL is the address below which the readers' pages are reached from outside, with a slash at its end:
	// "https://erp.example.com/n/".
	PublicURL string
	// Sender is the mailbox that a company's newsletters come from.
	Sender func(company string) mail.Address
	// ReturnDomain is where the bounces of a company's campaigns go that name no domain of their own. Give what comes
	// there to Module.Newsletters.Returned; adapters/imap reads its mailbox. Where it is nil they go to the sender.
	ReturnDomain func(company string) string
	// Transports are the ways out by name, "" for campaigns that name none; see adapters/smtp's NewBulk.
	Transports map[string]campaign.Transport
	// Keys gives the keys that sign the mails of a campaign; nil leaves it to the server.
	Keys func(c campaign.Campaign) []message.Key
	// Lists are what segments can speak of beside what CRM+ knows: purchases of the host.
	Lists []rule.List
	// Texter sends confirmations of topics on SMS.
	Texter subscription.Texter
	// Texts say how campaigns on SMS leave; see adapters/sms for gateways, and Module.Newsletters.Texts for what
	// they tell.
	Texts newsletter.TextConfig
	// Limits say after how many bounces an address is closed; bounce.DefaultLimits where they are zero.
	Limits bounce.Limits
}

func (c NewsletterConfig) check(key []byte) []fault.Fault {
	return newsletter.Config{Secret: key, PublicURL: c.PublicURL, Sender: c.Sender}.Check()
}

func (m *Module) newsletterConfig(db *store.DB) newsletter.Config {
	c := m.config.Newsletter
	return newsletter.Config{
		Parties: party.New(db, m.config.Locale), Calendar: calendar.New(db, m.config.Locale), Mails: m.Mails, Locales: m.config.Locale, Secret: m.config.LinkKey, PublicURL: c.PublicURL, Sender: c.Sender, ReturnDomain: c.ReturnDomain,
		Transports: c.Transports, Keys: c.Keys, Lists: c.Lists, Texter: c.Texter, Texts: c.Texts, Log: m.config.Log,
		Limits: c.Limits, Elsewhere: m.config.Host.Place == erpbridge.Elsewhere,
		Documents: func(ctx context.Context, customers []string) (map[string][]erpbridge.Document, error) {
			return m.Convert.Histories(ctx, customers)
		},
		Colleagues: m.owners, Numbers: m.customerNumbers(),
	}
}

// owners are the colleagues of the actor's company, as letters name them.
func (m *Module) owners(ctx context.Context) (map[string]content.Owner, error) {
	list, err := m.Colleagues(ctx)
	out := make(map[string]content.Owner, len(list))
	for _, u := range list {
		out[u.ID] = content.Owner{Name: u.Name, Email: u.Email, Phone: u.Phone}
	}
	return out, err
}

// customerNumbers asks the host inside a transaction what it calls its customers; nil where it cannot be asked there.
func (m *Module) customerNumbers() func(ctx context.Context, s *store.Session, keys []string) (map[string]string, error) {
	states, ok := m.config.Host.Customers.(erpbridge.CustomerStates)
	if !ok || m.config.Host.Place == erpbridge.Elsewhere {
		return nil
	}
	return func(ctx context.Context, s *store.Session, keys []string) (map[string]string, error) {
		list, err := states.Customers(ctx, m.hostSession(s), keys)
		out := make(map[string]string, len(list))
		for _, c := range list {
			out[c.Key] = cmp.Or(c.Code, c.Key)
		}
		return out, err
	}
}

// sendNewsletters takes the steps of sequences that are due, and begins, freezes and sends what campaigns have due, for one turn of each; where more is due it
// is woken again at once.
func (m *Module) sendNewsletters(ctx context.Context) (int, error) {
	if m.Newsletters == nil {
		return 0, nil
	}
	steps, failed := m.eachCompany(ctx, "crm_sequence", m.Newsletters.Sequences.Work)
	n, err := m.eachCompany(ctx, "crm_campaign", m.Newsletters.Campaigns.Work)
	n, err = n+steps, errors.Join(failed, err)
	if n > 0 && err == nil {
		select {
		case m.letters <- struct{}{}:
		default:
		}
	}
	return n, err
}

// Inquire takes a lead in together with its visitor's wish for newsletters, in one transaction: he gets a letter by which
// he confirms it. What speaks against the wish (a topic that was closed, too many requests from his network) does not
// keep the lead out; it is logged. It needs what lead.Leads.Capture needs; the public actor may.
func (m *Module) Inquire(ctx context.Context, d lead.Draft, wish subscription.RequestInput) (lead.Result, error) {
	var out lead.Result
	err := m.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		in := m.In(s)
		var err error
		if out, err = in.Leads.Capture(ctx, d); err != nil || in.Newsletters == nil {
			return err
		}
		err = in.Newsletters.Subscriptions.Request(ctx, wish)
		switch fault.CodeOf(err) { // each is found before anything is written
		case fault.Limit, fault.Invalid, fault.Unavailable:
			m.config.Log.WarnContext(ctx, "a lead was taken in without the newsletters it asked for", "lead", out.Lead.String(), "code", string(fault.CodeOf(err)))
			return nil
		}
		return err
	})
	return out, err
}

// tidied is how many requests for subscriptions one clean-up removes at once.
const tidied = 1000

// tidySubscriptions forgets requests that nobody confirmed, when their links have expired, and where they came from
// much sooner.
func (m *Module) tidySubscriptions(ctx context.Context) error {
	if m.Newsletters == nil {
		return nil
	}
	_, err := m.eachCompany(ctx, "crm_topic", func(ctx context.Context) (total int, err error) {
		for {
			n, err := m.Newsletters.Subscriptions.Tidy(ctx, tidied)
			if total += int(n); err != nil || n < tidied || ctx.Err() != nil {
				return total, err
			}
		}
	})
	return err
}
