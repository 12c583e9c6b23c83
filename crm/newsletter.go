package crm

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
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
	// Transports are the ways out by name, "" for campaigns that name none; see adapters/smtp's NewBulk.
	Transports map[string]campaign.Transport
	// Keys gives the keys that sign the mails of a campaign; nil leaves it to the server.
	Keys func(c campaign.Campaign) []message.Key
	// Lists are what segments can speak of beside what CRM+ knows: purchases of the host.
	Lists []rule.List
	// Texter sends confirmations of topics on SMS.
	Texter subscription.Texter
}

func (c NewsletterConfig) check(key []byte) []fault.Fault {
	return newsletter.Config{Secret: key, PublicURL: c.PublicURL, Sender: c.Sender}.Check()
}

func (m *Module) newsletterConfig(parties *party.Parties) newsletter.Config {
	c := m.config.Newsletter
	return newsletter.Config{
		Parties: parties, Mails: m.Mails, Locales: m.config.Locale, Secret: m.config.LinkKey, PublicURL: c.PublicURL, Sender: c.Sender,
		Transports: c.Transports, Keys: c.Keys, Lists: c.Lists, Texter: c.Texter, Log: m.config.Log,
	}
}

// sendNewsletters begins, freezes and sends what campaigns have due, for one turn of each; where more is due it
// is woken again at once.
func (m *Module) sendNewsletters(ctx context.Context) (int, error) {
	if m.Newsletters == nil {
		return 0, nil
	}
	n, err := m.eachCompany(ctx, "crm_campaign", m.Newsletters.Campaigns.Work)
	if n > 0 && err == nil {
		select {
		case m.letters <- struct{}{}:
		default:
		}
	}
	return n, err
}
