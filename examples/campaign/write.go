package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// story is what the steps hand to each other.
type story struct {
	*company

	office  *office
	w       io.Writer
	readers int

	topic subscription.Topic
	row   campaign.Campaign
}

func (s *story) tell(format string, args ...any) { fmt.Fprintf(s.w, format+"\n", args...) }

var families = []string{"Kovács", "Szabó", "Varga", "Horváth", "Παππάς", "Иванова", "Cohen", "O'Brien"}

// people is a file of subscribers as a trade fair leaves it.
func people(n int) io.Reader {
	var b strings.Builder
	b.WriteString("Név;E-mail;Nyelv\n")
	languages := []string{"hu", "hu", "hu", "en", "el"}
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "%s Éva %d;olvaso%d@posta%d.example;%s\n", families[i%len(families)], i, i, i%47, languages[i%len(languages)])
	}
	return strings.NewReader(b.String())
}

// subscribe imports the readers.
func (s *story) subscribe(ctx context.Context) (err error) {
	ctx = marketing(ctx)
	s.topic, err = s.subscriptions.AddTopic(ctx, subscription.TopicDraft{Channel: subscription.Email, Code: "hirlevel", Offer: subscription.Public,
		Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Fényforrás hírlevél"}}})
	if err != nil {
		return err
	}
	began := time.Now()
	done, err := s.subscriptions.Import(ctx, subscription.ImportPlan{
		Topics: []subscription.TopicID{s.topic.ID},
		Ground: subscription.Ground{Basis: subscription.Consent, Source: "Vásár 2026, papír", Statement: "Kérem a hírlevelet.", Language: locale.Hungarian},
	}, people(s.readers))
	if err != nil {
		return err
	}
	s.tell("Imported %d subscribers in %s.", done.Subscribed, time.Since(began).Round(time.Millisecond))
	if int(done.Subscribed) != s.readers {
		return fmt.Errorf("%d of %d rows subscribed somebody: %+v", done.Subscribed, s.readers, done)
	}
	return nil
}

// design is the newsletter in one language.
func design(l locale.Language, subject, text, button string) (campaign.Content, error) {
	d := content.Design{Language: l, Subject: subject, Blocks: []content.Block{
		{Heading: &content.Heading{Text: subject}},
		{Text: &content.Text{HTML: "{{salutation}}"}},
		{Text: &content.Text{HTML: text}},
		{Button: &content.Button{Label: button, URL: "https://fenyforras.example/tavasz"}},
		{Divider: &content.Divider{}},
		{Text: &content.Text{HTML: text}},
		{Button: &content.Button{Label: button, URL: "https://fenyforras.example/lampak"}},
		{Footer: &content.Footer{Company: "Fényforrás Kft.", Address: "1117 Budapest, Budafoki út 56."}},
	}}
	b, err := json.Marshal(d)
	return campaign.Content{Language: l, Design: string(b)}, err
}

// write drafts the campaign, and lets it begin.
func (s *story) write(ctx context.Context) error {
	ctx = marketing(ctx)
	var contents []campaign.Content
	for _, d := range []struct {
		language              locale.Language
		subject, text, button string
	}{
		{locale.Hungarian, "Tavaszi fények", "Megérkezett a tavaszi kínálat: tizennégy új lámpa, házhoz szállítva.", "Megnézem"},
		{locale.English, "Spring lights", "Our spring collection is here: fourteen new lamps, delivered to your door.", "Have a look"},
		{locale.Greek, "Ανοιξιάτικα φώτα", "Έφτασε η ανοιξιάτικη συλλογή: δεκατέσσερα νέα φωτιστικά.", "Δείτε τα"},
	} {
		p, err := design(d.language, d.subject, strings.Repeat(d.text+" ", 20), d.button)
		if err != nil {
			return err
		}
		contents = append(contents, p)
	}
	chosen, err := json.Marshal(map[string]any{"topic": s.topic.ID})
	if err != nil {
		return err
	}
	row, err := s.campaigns.Create(ctx, campaign.Plan{
		Name: "Tavaszi hírlevél", Audience: string(chosen), SenderName: "Fényforrás Kft.", SenderAddress: "hirlevel@fenyforras.example",
		ReturnDomain: "bounce.fenyforras.example", Language: locale.Hungarian, Seeds: []string{"vera@fenyforras.example"},
	})
	if err != nil {
		return err
	}
	if row, err = s.campaigns.SetContents(ctx, row.ID, row.Version, contents); err != nil {
		return err
	}
	s.row, err = s.campaigns.Schedule(ctx, row.ID, row.Version, time.Time{})
	return err
}
