package segment

import "github.com/crmplus/crmplus/crm/rule"

// Subscriptions is the list of what parties subscribe to (newsletter/subscription), for [Config.Lists].
func Subscriptions() rule.List {
	return rule.List{
		Name: "subscriptions", Doc: "the topics that the party gets, or got", Key: "subscription.party_id", Company: "subscription.company",
		From: "crm_subscription AS subscription JOIN crm_topic AS topic ON topic.id = subscription.topic_id",
		Fields: []rule.Field{
			{Name: "topic", Kind: rule.Text, Doc: "the code of the topic", Column: "topic.code"},
			{Name: "channel", Kind: rule.Text, Doc: "the channel: email, sms", Column: "subscription.channel"},
			{Name: "state", Kind: rule.Text, Doc: "the state", Column: "subscription.state", Choices: []string{"pending", "active", "unsubscribed", "suppressed"}},
			{Name: "basis", Kind: rule.Text, Doc: "the legal ground: consent, contract, legitimate_interest", Column: "subscription.basis"},
			{Name: "source", Kind: rule.Text, Doc: "where the subscriber came from", Column: "subscription.source", Shown: true},
			{Name: "language", Kind: rule.Text, Doc: "the language", Column: "subscription.language"},
			{Name: "since", Kind: rule.Moment, Doc: "when it was entered", Column: "subscription.created_at"},
			{Name: "confirmed_at", Kind: rule.Moment, Doc: "when it became active last", Column: "subscription.confirmed_at", Optional: true},
			{Name: "ended_at", Kind: rule.Moment, Doc: "when it ended last", Column: "subscription.ended_at", Optional: true},
		},
	}
}

// Mails is the list of what campaigns sent to parties (newsletter/campaign), with what they did with it
// (newsletter/track, by genuine opens and clicks), for [Config.Lists].
func Mails() rule.List {
	did := func(column string) string { return "CASE WHEN did." + column + " > 0 THEN 1 ELSE 0 END" }
	return rule.List{
		Name: "mails", Doc: "what campaigns sent to the party", Key: "mail.party_id", Company: "mail.company", Where: "mail.party_id IS NOT NULL",
		From: "crm_campaign_recipient AS mail JOIN crm_campaign AS mailing ON mailing.id = mail.campaign_id" +
			" LEFT JOIN crm_track_reader AS did ON did.campaign = mailing.number AND did.seq = mail.seq",
		Fields: []rule.Field{
			{Name: "campaign", Kind: rule.Number, Doc: "the number of the campaign", Column: "mailing.number"},
			{Name: "name", Kind: rule.Text, Doc: "the name of the campaign", Column: "mailing.name", Shown: true},
			{Name: "channel", Kind: rule.Text, Doc: "the channel: email, sms", Column: "mailing.channel"},
			{Name: "variant", Kind: rule.Text, Doc: "the variant of its content", Column: "mail.variant"},
			{Name: "state", Kind: rule.Text, Doc: "the state: pending, sent, bounced ...", Column: "mail.state"},
			{Name: "sent_at", Kind: rule.Moment, Doc: "when it was sent", Column: "mail.sent_at", Optional: true},
			{Name: "opened", Kind: rule.YesNo, Doc: "whether it was opened", Column: did("opens")},
			{Name: "clicked", Kind: rule.YesNo, Doc: "whether a link in it was followed", Column: did("clicks")},
			{Name: "opens", Kind: rule.Number, Doc: "how often it was opened", Column: "COALESCE(did.opens, 0)"},
			{Name: "clicks", Kind: rule.Number, Doc: "how often links in it were followed", Column: "COALESCE(did.clicks, 0)"},
		},
	}
}
