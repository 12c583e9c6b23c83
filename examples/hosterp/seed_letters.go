package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
)

// lettersCompany is the company that has newsletters, lettersBy the user who wrote them.
const (
	lettersCompany = "HU01"
	lettersBy      = "manager-hu"
	letterReaders  = 300
)

// seedLetters gives a company two topics with readers, a newsletter that was sent three days ago, a draft, and a
// sequence.
// Where there are topics it does nothing.
func (s *shop) seedLetters(ctx context.Context) error {
	c, clock := s.config, &past{at: time.Now().UTC().Add(-3*day - 2*time.Hour)}
	var sent []mail.Message
	c.Now, c.Newsletter.Transports = clock.now, map[string]campaign.Transport{"": {Connections: 1, Transport: letterbox{func(_ context.Context, m mail.Message) error {
		sent = append(sent, m)
		return nil
	}}}}
	module, err := crm.New(s.db, c)
	if err != nil {
		return err
	}
	n := module.Newsletters
	user, err := s.user(ctx, lettersCompany, lettersBy)
	if err != nil {
		return err
	}
	system := actor.With(ctx, actor.System(lettersCompany, "example letters"))
	ctx = actor.With(ctx, actorOf(lettersCompany, user))
	if there, err := n.Subscriptions.Topics(ctx); err != nil || len(there) > 0 {
		return err
	}
	topics, err := seedTopics(ctx, n)
	if err != nil {
		return err
	}
	if err := seedReaders(ctx, module, topics); err != nil {
		return err
	}
	if err := s.seedSequence(ctx, system, module, clock, topics[0]); err != nil {
		return err
	}
	first, err := s.writeLetter(ctx, n, "Őszi bútorakció", "Őszi árak {{first_name|Olvasónk}} számára", topics)
	if err != nil {
		return err
	}
	if _, err = s.writeLetter(ctx, n, "Téli készletek", "Ami télire kell az irodába", topics[:1]); err != nil {
		return err
	}
	if first, err = n.Campaigns.Schedule(ctx, first.ID, first.Version, clock.now()); err != nil {
		return err
	}
	for range 20 {
		if _, err := n.Campaigns.Work(system); err != nil {
			return err
		}
		if first, err = n.Campaigns.Get(ctx, first.ID); err != nil {
			return err
		}
		if first.State == campaign.Done {
			return readLetters(ctx, n, clock, sent)
		}
	}
	return fmt.Errorf("the example newsletter is still %s", first.State)
}

func seedTopics(ctx context.Context, n *newsletter.Newsletters) ([]subscription.TopicID, error) {
	var out []subscription.TopicID
	for i, d := range []subscription.TopicDraft{
		{Code: "akciok", Texts: map[locale.Language]subscription.TopicText{
			locale.Hungarian: {Name: "Akciók", Description: "Havonta egyszer, a hónap árai."}, locale.English: {Name: "Offers", Description: "Once a month, the prices of the month."},
			locale.Hebrew: {Name: "מבצעים"}, locale.Russian: {Name: "Акции"}, locale.Greek: {Name: "Προσφορές"},
		}},
		{Code: "ujdonsagok", Texts: map[locale.Language]subscription.TopicText{
			locale.Hungarian: {Name: "Újdonságok", Description: "Új bútorok és megoldások."}, locale.English: {Name: "What is new", Description: "New furniture."},
		}},
	} {
		d.Channel, d.Offer, d.Position = subscription.Email, subscription.Public, i+1
		t, err := n.Subscriptions.AddTopic(ctx, d)
		if err != nil {
			return nil, err
		}
		out = append(out, t.ID)
	}
	return out, nil
}

// seedReaders subscribes people whom the company knows as leads.
func seedReaders(ctx context.Context, module *crm.Module, topics []subscription.TopicID) error {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	_ = w.Write([]string{"name", "email"}) // a buffer takes everything
	page, taken := store.Page{Limit: store.MaxLimit}, 0
	for taken < letterReaders {
		found, err := module.Leads.List(ctx, lead.Filter{}, "", page)
		if err != nil {
			return err
		}
		for _, r := range found.Rows {
			if taken < letterReaders && r.Email != "" && r.Name != "" {
				_ = w.Write([]string{r.Name, r.Email})
				taken++
			}
		}
		if page.After = found.Next; page.After == "" {
			break
		}
	}
	w.Flush()
	_, err := module.Newsletters.Subscriptions.Import(ctx, subscription.ImportPlan{Topics: topics, Ground: subscription.Ground{
		Basis: subscription.Consent, Source: "BNV 2026, jelentkezési lap", Statement: "Kérem, hogy e-mailben értesítsenek akcióikról és újdonságaikról.", Language: locale.Hungarian,
	}}, bytes.NewReader(file.Bytes()))
	return err
}

func (s *shop) writeLetter(ctx context.Context, n *newsletter.Newsletters, name, subject string, topics []subscription.TopicID) (campaign.Campaign, error) {
	from := s.letters().Sender(lettersCompany)
	design := content.Design{
		Language: locale.Hungarian, Subject: subject, Preheader: "Székek, asztalok, állványok raktárról", Theme: content.Theme{Accent: "#1d4ed8"},
		Blocks: []content.Block{
			{Heading: &content.Heading{Text: name, Level: 1}},
			{Text: &content.Text{HTML: "{{salutation}}\n\nEbben a hónapban kedvezőbben rendezheti be irodáját: a forgószékek és a tárgyalóasztalok most raktárról, két napon belül.{{#if lead.custom.workplaces}} {{lead.custom.workplaces}} munkahely berendezésére külön árat adunk.{{/if}}"}},
			{Button: &content.Button{Label: "Megnézem az árakat", URL: "https://minta-butor.example/akcio"}},
			{Columns: &content.Columns{Columns: []content.Column{
				{Blocks: []content.Block{{Text: &content.Text{HTML: `<b>Székek</b><br>Ergonomikus forgószékek öt színben. <a href="https://minta-butor.example/szekek">Tovább</a>`}}}},
				{Blocks: []content.Block{{Text: &content.Text{HTML: `<b>Asztalok</b><br>Állítható magasságú íróasztalok. <a href="https://minta-butor.example/asztalok">Tovább</a>`}}}},
			}}},
			{Divider: &content.Divider{}},
			{Footer: &content.Footer{Company: from.Name, Address: "1117 Budapest, Ipar utca 1.", Reason: "Azért kapja, mert feliratkozott témáinkra."}},
		},
	}
	raw, err := json.Marshal(design)
	if err != nil {
		return campaign.Campaign{}, err
	}
	row, err := n.Campaigns.Create(ctx, campaign.Plan{
		Name: name, Audience: newsletter.Choice{Topics: topics}.String(), SenderName: from.Name, SenderAddress: from.Email, ReturnDomain: "vissza.example.com", Language: locale.Hungarian,
	})
	if err != nil {
		return row, err
	}
	return n.Campaigns.SetContents(ctx, row.ID, row.Version, []campaign.Content{{Variant: "A", Language: locale.Hungarian, Subject: subject, Design: string(raw)}})
}

var letterLink = regexp.MustCompile(`/n/([co])/([A-Za-z0-9_-]+)`)

// readLetters opens some of the letters over the hours that follow, and presses links in fewer.
func readLetters(ctx context.Context, n *newsletter.Newsletters, clock *past, sent []mail.Message) error {
	recorder, err := n.Recorder()
	if err != nil {
		return err
	}
	start := clock.now()
	for i, m := range sent {
		if i%9 > 4 {
			continue
		}
		clock.move(start.Add(time.Duration(1+i*i%(20*60)) * time.Minute))
		by := track.Request{Address: netip.AddrFrom4([4]byte{198, 51, byte(i), 7}), Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"}
		pressed := 0
		for _, link := range letterLink.FindAllStringSubmatch(m.HTML, -1) {
			switch {
			case link[1] == "o":
				err = recorder.Open(ctx, link[2], by)
			case i%4 == 0 && pressed == i%3:
				_, err = recorder.Click(ctx, link[2], by)
				pressed++
			default:
				pressed++
			}
			if err != nil {
				return fmt.Errorf("%s: %w", strings.TrimSpace(m.Subject), err)
			}
		}
	}
	return recorder.Close(ctx)
}
