package web

import (
	"context"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// stockLetters makes a topic with a reader, and a campaign for it.
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
	out["topic"], out["reader"], out["campaign"] = topic.ID.String(), readers[0].PartyID.String(), c.ID.String()
}
