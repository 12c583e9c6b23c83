package newsletter

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// TextPath is where the addresses that gateways of text messages call may be, below Config.PublicURL; adapters/sms
// has the handler.
const TextPath = "g/"

// TextConfig says how campaigns on SMS leave. Without gateways they wait.
type TextConfig struct {
	// Gateways are the ways out by name; "" is for campaigns that name none.
	Gateways map[string]campaign.Gateway
	// Tariff is what a company's gateway asks; nil where nobody knows.
	Tariff func(company string) sms.Tariff
	// Rules are what countries ask for; sms.DefaultRules where it is nil.
	Rules func(company string) sms.Rules
	// Received hears of messages that came in and ask for nothing that is done by itself, so that somebody reads
	// them; nil drops them. An error makes the gateway tell it again.
	Received func(ctx context.Context, m sms.Inbound) error
}

// messages are what writes campaigns on SMS.
func (n *Newsletters) messages() *campaign.Messages {
	t := n.config.Texts
	return campaign.NewMessages(campaign.MessagesConfig{Readers: n.readers, Keys: n.keys, Base: n.config.PublicURL, Locales: n.config.Locales, Rules: t.Rules, Tariff: t.Tariff})
}

// Texts take what gateways of text messages tell: what became of messages, and what readers send back. Who
// answers STOP, in any of the languages, is unsubscribed from all that goes to his number by SMS, and gets
// nothing more.
func (n *Newsletters) Texts() sms.Receiver { return texts{n} }

type texts struct{ n *Newsletters }

// Reported implements sms.Receiver.
func (t texts) Reported(ctx context.Context, reports []sms.Report) error {
	_, err := t.n.Campaigns.MessagesReported(ctx, reports)
	return err
}

// Received implements sms.Receiver. What was taken before changes nothing when it is told again.
func (t texts) Received(ctx context.Context, messages []sms.Inbound) error {
	for _, m := range messages {
		if err := t.received(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (t texts) received(ctx context.Context, m sms.Inbound) error {
	if m.Answer() != sms.Stop {
		if t.n.config.Texts.Received == nil {
			return nil
		}
		return t.n.config.Texts.Received(ctx, m)
	}
	err := t.n.Subscriptions.Leave(ctx, subscription.Leaving{
		Address: m.From, Channel: subscription.SMS, Visit: subscription.Visit{Source: clip("SMS: " + strings.Join(strings.Fields(m.Text), " "))},
	})
	if fault.CodeOf(err) == fault.Invalid { // it came from something that is no number, to which nothing was sent
		t.n.config.Log.Warn("a STOP came from what is no number", "from", m.From, "gateway_id", m.GatewayID)
		return nil
	}
	return err
}

// refusedBy takes refusals of both channels: numbers that do not exist are closed as addresses are.
func (n *Newsletters) refusedBy(ctx context.Context, s *store.Session, list []campaign.Refusal) error {
	var mails []campaign.Refusal
	for _, r := range list {
		if r.Channel != campaign.SMS {
			mails = append(mails, r)
			continue
		}
		if r.Answer.Class != bounce.Hard {
			continue
		}
		err := n.Subscriptions.In(s).Suppress(ctx, subscription.Block{Channel: subscription.SMS, Address: r.Address, Reason: subscription.HardBounce, Source: clip(r.Answer.Text)})
		if err != nil {
			return err
		}
	}
	return n.refused(ctx, s, mails)
}

// sameChannel refuses topics whose readers are reached otherwise than the campaign goes.
func (n *Newsletters) sameChannel(ctx context.Context, s *store.Session, c campaign.Campaign, topics []subscription.TopicID) error {
	var faults fault.List
	for _, id := range topics {
		t, err := n.Subscriptions.In(s).Topic(ctx, id)
		if err != nil {
			return err
		}
		if string(t.Channel) != string(c.Channel) {
			faults.Add("topics", "channel", "%q goes by %s, the campaign by %s; choose topics of its channel", t.Code, t.Channel, c.Channel)
		}
	}
	return faults.Err("the campaign has no audience")
}
