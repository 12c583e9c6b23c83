package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
)

const (
	textTopic   = "sms-akciok"
	textReaders = 60
)

// seedTexts gives the company with newsletters a topic on SMS with readers, a campaign that was sent yesterday
// morning, and a draft. Where the topic is there it does nothing.
func (s *shop) seedTexts(ctx context.Context) error {
	const morning = 15 * time.Hour // before this midnight: nobody wants quiet then
	clock := &past{at: time.Now().UTC().Truncate(day).Add(-morning)}
	var sent []string
	c := s.config
	c.Now = clock.now
	c.Newsletter.Texts.Gateways = map[string]campaign.Gateway{"": {Connections: 1, Gateway: phonebox{func(_ context.Context, m sms.Message) error {
		sent = append(sent, m.ID)
		return nil
	}}}}
	module, err := crm.New(s.db, c)
	if err != nil {
		return err
	}
	user, err := s.user(ctx, lettersCompany, lettersBy)
	if err != nil {
		return err
	}
	n, system := module.Newsletters, actor.With(ctx, actor.System(lettersCompany, "example texts"))
	ctx = actor.With(ctx, actorOf(lettersCompany, user))
	topics, err := n.Subscriptions.Topics(ctx)
	for _, t := range topics {
		if t.Code == textTopic {
			return err
		}
	}
	if err != nil {
		return err
	}
	topic, err := n.Subscriptions.AddTopic(ctx, subscription.TopicDraft{
		Channel: subscription.SMS, Code: textTopic, Offer: subscription.Public, Position: 3, Texts: map[locale.Language]subscription.TopicText{
			locale.Hungarian: {Name: "Akciók SMS-ben", Description: "Legfeljebb havonta kétszer."}, locale.English: {Name: "Offers by SMS", Description: "Twice a month at most."},
		},
	})
	if err != nil {
		return err
	}
	if err := seedNumbers(ctx, module, topic.ID); err != nil {
		return err
	}
	row, err := writeText(ctx, n, topic.ID, "Hétvégi SMS-akció", campaign.TextDesign{Text: "{{#if first_name}}Kedves {{first_name}}! {{/if}}Szombaton 20% kedvezmény minden forgószékre: https://minta-butor.example/szombat", Counted: true})
	if err != nil {
		return err
	}
	if _, err := writeText(ctx, n, topic.ID, "Karácsonyi nyitvatartás", campaign.TextDesign{Text: "Kedves {{first_name|Vásárlónk}}! December 23-án is várjuk, utána januárban találkozunk."}); err != nil {
		return err
	}
	if row, err = n.Campaigns.Schedule(ctx, row.ID, row.Version, clock.now()); err != nil {
		return err
	}
	for range 20 {
		if _, err := n.Campaigns.Work(system); err != nil {
			return err
		}
		if row, err = n.Campaigns.Get(ctx, row.ID); err != nil {
			return err
		}
		if row.State == campaign.Done {
			if err := reportTexts(system, n, sent); err != nil {
				return err
			}
			return followTexts(system, n, clock, sent)
		}
	}
	return fmt.Errorf("the example campaign on SMS is still %s", row.State)
}

// seedNumbers subscribes people whose mobile numbers the company knows.
func seedNumbers(ctx context.Context, module *crm.Module, topic subscription.TopicID) error {
	page, taken := store.Page{Limit: store.MaxLimit}, 0
	for taken < textReaders {
		found, err := module.Leads.List(ctx, lead.Filter{}, "", page)
		if err != nil {
			return err
		}
		for _, r := range found.Rows {
			number := r.Mobile
			if number == "" {
				number = r.Phone
			}
			if country := sms.Country(number); taken == textReaders || country != "HU" && country != "RU" {
				continue
			}
			_, err := module.Newsletters.Subscriptions.Enter(ctx, subscription.Entry{Party: r.PartyID, Topics: []subscription.TopicID{topic}, Address: number, Ground: subscription.Ground{
				Basis: subscription.Consent, Source: "BNV 2026, jelentkezési lap", Statement: "Kérem, hogy SMS-ben értesítsenek akcióikról.", Language: locale.Hungarian,
			}})
			if errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) { // a number that somebody else has too
				continue
			}
			if err != nil {
				return err
			}
			taken++
		}
		if page.After = found.Next; page.After == "" {
			break
		}
	}
	return nil
}

func writeText(ctx context.Context, n *newsletter.Newsletters, topic subscription.TopicID, name string, text campaign.TextDesign) (campaign.Campaign, error) {
	row, err := n.Campaigns.Create(ctx, campaign.Plan{
		Name: name, Channel: campaign.SMS, Audience: newsletter.Choice{Topics: []subscription.TopicID{topic}}.String(), SenderName: "Minta Bútor", Language: locale.Hungarian,
		QuietZone: campaign.ReaderClock, Budget: money.MustAmount("10000"), Currency: "HUF",
	})
	if err != nil {
		return row, err
	}
	return n.Campaigns.SetContents(ctx, row.ID, row.Version, []campaign.Content{{Language: locale.Hungarian, Design: text.JSON()}})
}

// followTexts follows the link of some messages, over the day that follows.
func followTexts(ctx context.Context, n *newsletter.Newsletters, clock *past, sent []string) error {
	recorder, err := n.Recorder()
	if err != nil {
		return err
	}
	start := clock.now()
	for i, id := range sent {
		number, seq, _ := campaign.ReadTextKey(id)
		if i%5 > 1 {
			continue
		}
		clock.move(start.Add(time.Duration(2+i*i%(9*60)) * time.Minute))
		by := track.Request{Address: netip.AddrFrom4([4]byte{198, 51, byte(i), 9}), Agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"}
		if _, err := recorder.Click(ctx, n.Token(track.Token{Kind: track.Text, Campaign: number, Seq: uint32(seq)}), by); err != nil {
			return errors.Join(err, recorder.Close(ctx))
		}
	}
	return recorder.Close(ctx)
}

// reportTexts tells what became of the messages, as the gateway would.
func reportTexts(ctx context.Context, n *newsletter.Newsletters, sent []string) error {
	var reports []sms.Report
	for i, id := range sent {
		state, reason := sms.Delivered, ""
		switch {
		case i%29 == 28:
			state, reason = sms.NoSuchNumber, "unknown subscriber"
		case i%17 == 16:
			state, reason = sms.Undelivered, "the phone was off for two days"
		}
		reports = append(reports, sms.Report{ID: id, State: state, Reason: reason})
	}
	return n.Texts().Reported(ctx, reports)
}
