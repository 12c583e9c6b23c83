package main

import (
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// letterSights are what there is to see among the newsletters of a company.
type letterSights struct {
	segment, sequence, reader, text, letter, topic string
	// draft is the letter whose editor is shown, entering a lead whom a sequence may take.
	draft, entering string
}

// newLetterSights makes a segment, a campaign on SMS and, where the example has none, a newsletter that nobody has
// sent and a sequence.
func (o *office) newLetterSights(t *testing.T, company string) letterSights {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, n := actor.With(t.Context(), actor.System(company, "tour")), o.module.Newsletters
	var out letterSights
	topic := func(ch subscription.Channel, code, name string) subscription.TopicID {
		made, err := n.Subscriptions.AddTopic(ctx, subscription.TopicDraft{Channel: ch, Code: code, Offer: subscription.Public, Texts: map[locale.Language]subscription.TopicText{"hu": {Name: name}, "he": {Name: name}}})
		ok(err)
		return made.ID
	}
	fresh, err := o.module.Leads.List(ctx, lead.Filter{Statuses: []lead.Status{lead.StatusNew}}, lead.ByArrival, store.Page{Limit: 1})
	ok(err)
	out.entering = fresh.Rows[0].ID.String()
	group, err := n.Segments.Save(ctx, segment.Draft{Name: company + " · 2026", Condition: `party.country == "` + company[:2] + `"`})
	ok(err)
	out.segment = group.ID.String()
	texts := topic(subscription.SMS, "tour-sms", "SMS")
	out.topic = texts.String()
	plan := campaign.Plan{Name: "SMS · " + company, Channel: campaign.SMS, Audience: newsletter.Choice{Topics: []subscription.TopicID{texts}}.String(), SenderName: "Minta", Language: locale.Hungarian, Currency: "EUR"}
	text, err := n.Campaigns.Create(ctx, plan)
	ok(err)
	out.text = text.ID.String()
	letters, err := n.Campaigns.List(ctx, campaign.Filter{State: campaign.Done})
	ok(err)
	if len(letters.Rows) > 0 {
		out.letter = letters.Rows[0].ID.String()
		drafts, err := n.Campaigns.List(ctx, campaign.Filter{State: campaign.Draft})
		ok(err)
		for _, row := range drafts.Rows {
			if row.Channel == campaign.Email && out.draft == "" {
				out.draft = row.ID.String()
			}
		}
		found, err := n.Sequences.List(ctx, sequence.Filter{})
		ok(err)
		out.sequence = found.Rows[0].ID.String()
		readers, err := n.Sequences.Readers(ctx, found.Rows[0].ID, sequence.Choice{})
		ok(err)
		out.reader = readers.Rows[0].PartyID.String()
		return out
	}
	news := topic(subscription.Email, "tour-news", "חדשות")
	letter, err := n.Campaigns.Create(ctx, campaign.Plan{Name: "מבצע סתיו", Audience: newsletter.Choice{Topics: []subscription.TopicID{news}}.String(), SenderName: "דוגמה", SenderAddress: "news@minta.test", Language: locale.Hebrew})
	ok(err)
	out.letter, out.draft = letter.ID.String(), letter.ID.String()
	leads, err := o.module.Leads.List(ctx, lead.Filter{}, "", store.Page{Limit: 20})
	ok(err)
	var who []sequence.Who
	for _, row := range leads.Rows {
		if row.Email == "" {
			continue
		}
		_, err = n.Subscriptions.Enter(ctx, subscription.Entry{Party: row.PartyID, Topics: []subscription.TopicID{news},
			Ground: subscription.Ground{Basis: subscription.Consent, Source: "תערוכה", Statement: "כן, בבקשה.", Language: locale.Hebrew}})
		ok(err)
		who = append(who, sequence.Who{Lead: row.ID})
	}
	row, err := n.Sequences.Create(ctx, sequence.Drafting{Name: "פנייה ללידים חדשים", Topic: news, Plan: sequence.Plan{Steps: []sequence.Step{
		{Key: "1", Kind: sequence.Task, Subject: "להתקשר", Days: 1}, {Key: "2", Kind: sequence.Wait, Wait: sequence.Pause{Count: 3, Unit: sequence.WorkingDays, At: "09:30"}},
		{Key: "3", Kind: sequence.Condition, If: sequence.Question{Asks: sequence.Answered}, Else: "4"}, {Key: "4", Kind: sequence.Task, Subject: "לכתוב", Days: 1},
	}}})
	ok(err)
	row, err = n.Sequences.Start(ctx, row.ID, row.Version, sequence.Finish)
	ok(err)
	_, err = n.Sequences.Enter(ctx, row.ID, who)
	ok(err)
	_, err = n.Sequences.Work(ctx)
	ok(err)
	readers, err := n.Sequences.Readers(ctx, row.ID, sequence.Choice{})
	ok(err)
	out.sequence, out.reader = row.ID.String(), readers.Rows[0].PartyID.String()
	return out
}

// letterStops are the pages of newsletters and of sequences.
func letterStops(s letterSights) []stop {
	sequences, texts, letter := "/crm/sequences/"+s.sequence, "/crm/campaigns/"+s.text, "/crm/campaigns/"+s.letter
	return []stop{
		{"campaigns", "/crm/campaigns", byManager}, {"campaign-new", "/crm/campaigns/new", byManager}, {"campaign", letter, byManager}, {"campaign-content", "/crm/campaigns/" + s.draft + "/content", byManager}, {"campaign-recipients", letter + "/recipients", byManager}, {"campaign-followed", letter + "/followed", byManager},
		{"sms-new", "/crm/campaigns/sms", byManager}, {"sms", texts, byManager}, {"sms-content", texts + "/content", byManager}, {"sms-price", texts + "/sms/price", byManager}, {"sms-schedule", texts + "/schedule", byManager},
		{"topics", "/crm/topics", byManager}, {"readers", "/crm/readers", byManager}, {"segments", "/crm/segments", byManager}, {"segment-new", "/crm/segments/new", byManager}, {"segment", "/crm/segments/" + s.segment, byManager},
		{"sequences", "/crm/sequences", byManager}, {"sequence-new", "/crm/sequences/new", byManager}, {"sequence", sequences, byManager}, {"sequence-edit", sequences + "/edit", byManager},
		{"sequence-task", sequences + "/steps/4", byManager}, {"sequence-wait", sequences + "/steps/2", byManager}, {"sequence-condition", sequences + "/steps/3", byManager}, {"sequence-mail", sequences + "/steps/new?kind=mail", byManager}, {"sequence-gap", "/crm/sequences/gap", byManager},
		{"sequence-start", sequences + "/start", byManager}, {"sequence-archive", sequences + "/archive", byManager}, {"sequence-readers", sequences + "/readers", byManager}, {"sequence-reader", sequences + "/readers/" + s.reader, byManager},
		{"campaign-edit", "/crm/campaigns/" + s.draft + "/edit", byManager}, {"campaign-schedule", "/crm/campaigns/" + s.draft + "/schedule", byManager}, {"campaign-cancel", letter + "/cancel", byManager},
		{"topic-new", "/crm/topics/new", byManager}, {"topic", "/crm/topics/" + s.topic, byManager}, {"reader-import", "/crm/readers/import", byManager}, {"reader-evidence", "/crm/readers/" + s.reader + "/evidence", byAdmin}, {"sequence-enter", "/crm/sequences/enter?lead=" + s.entering, byManager},
	}
}
