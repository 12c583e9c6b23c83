package web

import (
	"context"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// withTexts lets letters go by SMS too.
func withTexts(c crm.NewsletterConfig) crm.NewsletterConfig {
	c.Texts = newsletter.TextConfig{
		Gateways: map[string]campaign.Gateway{"": {Gateway: &phonebox{sent: map[string]sms.Message{}}, Sender: "+36201112233"}},
		Tariff: func(string) sms.Tariff {
			return sms.Tariff{Currency: "HUF", Prices: []sms.Price{{Prefix: "+36", Part: money.MustAmount("18.5")}}}
		},
	}
	return c
}

// stockLetters makes a topic with a reader, a campaign for it, one on SMS, a segment and a sequence.
func (w *walk) stockLetters(ctx context.Context, out map[string]string) {
	w.t.Helper()
	n := w.module.Newsletters
	topic, err := n.Subscriptions.AddTopic(ctx, subscription.TopicDraft{
		Channel: subscription.Email, Code: "hirek", Offer: subscription.Public, Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: hostile, Description: hostile}},
	})
	w.must(err)
	readers, err := n.Subscriptions.Enter(ctx, subscription.Entry{
		Person: subscription.Person{Name: hostile, Language: locale.Hungarian}, Topics: []subscription.TopicID{topic.ID}, Address: "olvaso@example.com",
		Ground: subscription.Ground{Basis: subscription.Consent, Source: hostile, Statement: hostile, Language: locale.Hungarian},
	})
	w.must(err)
	c, err := n.Campaigns.Create(ctx, campaign.Plan{
		Name: hostile, Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}}.String(), SenderName: hostile, SenderAddress: "hirlevel@example.com", Language: locale.Hungarian,
	})
	w.must(err)
	list, err := n.Segments.Save(ctx, segment.Draft{Name: hostile, Condition: `party.country == "HU"`})
	w.must(err)
	out["segment"] = list.ID.String()
	out["topic"], out["reader"], out["campaign"] = topic.ID.String(), readers[0].PartyID.String(), c.ID.String()
	w.stockTexts(ctx, out)
	w.stockSequence(ctx, c.ID, sequence.Who{Party: readers[0].PartyID}, out)
}

// stockTexts makes a campaign on SMS.
func (w *walk) stockTexts(ctx context.Context, out map[string]string) {
	w.t.Helper()
	n := w.module.Newsletters
	topic, err := n.Subscriptions.AddTopic(ctx, subscription.TopicDraft{
		Channel: subscription.SMS, Code: "sms", Offer: subscription.Public, Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: hostile}},
	})
	w.must(err)
	_, err = n.Subscriptions.Enter(ctx, subscription.Entry{
		Person: subscription.Person{Name: hostile, Language: locale.Hungarian}, Topics: []subscription.TopicID{topic.ID}, Address: "+36301234567",
		Ground: subscription.Ground{Basis: subscription.Consent, Source: hostile, Statement: hostile, Language: locale.Hungarian},
	})
	w.must(err)
	c, err := n.Campaigns.Create(ctx, campaign.Plan{
		Name: hostile, Channel: campaign.SMS, Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}}.String(), SenderName: hostile, Language: locale.Hungarian, Currency: "HUF",
	})
	w.must(err)
	out["texts"] = c.ID.String()
}

// stockSequence makes a sequence that leads a reader: he has a task behind him and waits. What is written of its
// next version has a step of each kind.
func (w *walk) stockSequence(ctx context.Context, letter campaign.ID, who sequence.Who, out map[string]string) {
	w.t.Helper()
	all := w.module.Newsletters.Sequences
	topic, err := store.ParseKey[subscription.TopicTag](out["topic"])
	w.must(err)
	plan := sequence.Plan{Exit: sequence.Exit{Goal: `party.city == "</script>"`}, Steps: []sequence.Step{
		{Key: "1", Kind: sequence.Task, Subject: hostile, Body: hostile}, {Key: "2", Kind: sequence.Wait, Wait: sequence.Pause{Count: 3, Unit: sequence.Days, At: "09:30"}},
	}}
	d := sequence.Drafting{Name: hostile, Topic: topic, Plan: plan}
	row, err := all.Create(ctx, d)
	w.must(err)
	row, err = all.Start(ctx, row.ID, row.Version, sequence.Finish)
	w.must(err)
	_, err = all.Enter(ctx, row.ID, []sequence.Who{who})
	w.must(err)
	_, err = all.Work(w.system())
	w.must(err)
	d.Plan.Steps = append(d.Plan.Steps,
		sequence.Step{Key: "3", Kind: sequence.Mail, Letter: letter}, sequence.Step{Key: "4", Kind: sequence.Text},
		sequence.Step{Key: "5", Kind: sequence.Condition, If: sequence.Question{Asks: sequence.ByRule, Of: hostile}, Else: "6"},
		sequence.Step{Key: "6", Kind: sequence.Condition, If: sequence.Question{Asks: sequence.AtStage, Of: hostile}})
	row, err = all.Edit(ctx, row.ID, row.Version, d)
	w.must(err)
	out["sequence"] = row.ID.String()
}
