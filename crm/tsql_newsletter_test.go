package crm_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// TestNewsletterSQL is a topic with its readers, a segment among them, and a campaign up to its frozen ledger, of whose
// readers one leaves.
func TestNewsletterSQL(t *testing.T) {
	r := record(t, "newsletter", arrive)
	hungarian := locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
	module, err := crm.New(r.db, crm.Config{
		Host: r.books.Host(), Locale: func(string) locale.Locale { return hungarian }, Log: quiet, LinkKey: bytes.Repeat([]byte("k"), 32),
		Newsletter: crm.NewsletterConfig{PublicURL: "https://erp.example.com/n/"},
	})
	r.ok(err)
	n, ctx := module.Newsletters, r.boss()
	topic, err := n.Subscriptions.AddTopic(ctx, subscription.TopicDraft{Code: "hirek", Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Hírek"}}})
	r.ok(err)
	var last subscription.Subscription
	for _, who := range []struct{ name, address string }{{"Szűcs Ágnes", "agnes@pelda.test"}, {"Kiss Béla", "bela@pelda.test"}} {
		got, err := n.Subscriptions.Enter(ctx, subscription.Entry{
			Person: subscription.Person{Name: who.name, Language: locale.Hungarian}, Topics: []subscription.TopicID{topic.ID}, Address: who.address,
			Ground: subscription.Ground{Basis: subscription.Contract, Source: "BNV 2026"},
		})
		r.ok(err)
		last = got[0]
	}
	chosen, err := n.Segments.Save(ctx, segment.Draft{Name: "Magyarok", Condition: `party.language == "hu"`})
	r.ok(err)
	counted, err := n.Segments.Count(ctx, segment.Selection{Condition: chosen.Condition})
	r.ok(err)
	if counted < 2 {
		t.Errorf("the segment has %d", counted)
	}
	design, err := json.Marshal(content.Design{Language: locale.Hungarian, Subject: "Nyár", Blocks: []content.Block{
		{Text: &content.Text{HTML: `<p><a href="https://feherlo.test/akcio">Akció</a></p>`}}, {Footer: &content.Footer{Company: "Fehérló Kft.", Address: "1117 Budapest"}},
	}})
	r.ok(err)
	row, err := n.Campaigns.Create(ctx, campaign.Plan{
		Name: "Nyár", Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}, Segment: chosen.ID}.String(), SenderName: "Fehérló Kft.", SenderAddress: "hirlevel@feherlo.test",
		Language: locale.Hungarian,
	})
	r.ok(err)
	row, err = n.Campaigns.SetContents(ctx, row.ID, row.Version, []campaign.Content{{Variant: "A", Language: locale.Hungarian, Subject: "Nyár", Design: string(design)}})
	r.ok(err)
	_, err = n.Campaigns.Schedule(ctx, row.ID, row.Version, r.clock.Now())
	r.ok(err)
	_, err = n.Campaigns.Work(actor.With(t.Context(), actor.System(r.company, "campaigns")))
	r.ok(err)
	r.ok(n.Subscriptions.Leave(ctx, subscription.Leaving{Party: last.PartyID, Topic: topic.ID, Note: "telefonon kérte"}))
	progress, err := n.Campaigns.Progress(ctx, row.ID)
	r.ok(err)
	if progress.All.Pending != 2 {
		t.Errorf("%d wait in the ledger, want 2", progress.All.Pending)
	}
}
