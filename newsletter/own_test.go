package newsletter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

// box is a mail server in memory.
type box struct {
	mu  sync.Mutex
	got map[string]string
}

func (b *box) Dial(context.Context) (message.Conn, error) { return b, nil }

func (b *box) Send(_ context.Context, e message.Envelope, end func(error)) error {
	b.mu.Lock()
	b.got[e.To] = string(e.Data)
	b.mu.Unlock()
	end(nil)
	return nil
}

func (b *box) Close(context.Context) error { return nil }

// letter is the subject of what an address got, its headers, and its parts.
func (b *box) letter(t *testing.T, address string) (subject string, header netmail.Header, parts []string) {
	t.Helper()
	b.mu.Lock()
	data := b.got[address]
	b.mu.Unlock()
	msg, err := netmail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v in %q", address, err, data)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	_, parameters, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(msg.Body, parameters["boundary"])
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return subject, msg.Header, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(text))
	}
}

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF", Zone: time.FixedZone("CET", 3600)}
}

// world is a company with fields of its own.
type world struct {
	*testutil.Env
	// staff are the host's users, down says that it cannot be reached; asked counts how often it was.
	staff        map[string]content.Owner
	down         error
	asked        int
	t            *testing.T
	box          *box
	n            *newsletter.Newsletters
	leads        *lead.Leads
	vera, system context.Context
	topic        subscription.Topic
}

func newWorld(t *testing.T, env *testutil.Env) *world {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	w := &world{Env: env, t: t, box: &box{got: map[string]string{}}, system: env.System()}
	w.vera = env.As("szabo.vera", append(append(actor.Rights{}, actor.Manager...), actor.NewsletterRead, actor.CampaignRead), actor.All, "pest")
	var err error
	w.n, err = newsletter.New(env.DB, newsletter.Config{
		Parties: party.New(env.DB, hungarian), Mails: mail.New(env.DB, mail.Config{Purposes: subscription.Purposes, Log: quiet}), Locales: hungarian,
		Secret: []byte(strings.Repeat("s", newsletter.SecretLength)), PublicURL: "https://erp.example.com/n/", Log: quiet,
		Sender: func(string) mail.Address {
			return mail.Address{Name: "Fényforrás Kft.", Email: "hirlevel@fenyforras.example"}
		},
		Transports: map[string]campaign.Transport{"": {Transport: w.box, Connections: 1}},
		Colleagues: func(context.Context) (map[string]content.Owner, error) {
			w.asked++
			return w.staff, w.down
		},
		Numbers: func(_ context.Context, s *store.Session, keys []string) (map[string]string, error) {
			out := map[string]string{}
			for _, key := range keys {
				if key != "gone" {
					out[key] = "V-" + key
				}
			}
			return out, nil
		},
		Texts: newsletter.TextConfig{Tariff: func(string) sms.Tariff { return sms.Tariff{} }},
	})
	w.ok(err)
	w.leads = lead.New(env.DB, lead.Config{Parties: party.New(env.DB, hungarian)})
	w.topic, err = w.n.Subscriptions.AddTopic(w.vera, subscription.TopicDraft{Channel: subscription.Email, Code: "hirlevel", Offer: subscription.Public,
		Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Hírlevél"}}})
	w.ok(err)
	choices := []store.FieldChoice{{Value: "gold", Texts: map[locale.Language]string{locale.Hungarian: "Arany", locale.English: "Gold"}}}
	for _, f := range []store.CustomField{
		{RecordKind: "party", Name: "fleet", Label: "Autók", Type: store.NumberField}, {RecordKind: "party", Name: "since", Label: "Vevő óta", Type: store.DateField},
		{RecordKind: "party", Name: "class", Label: "Osztály", Type: store.ChoiceField, Rules: store.FieldRules{Choices: choices, Labels: map[locale.Language]string{locale.English: "Class"}}},
		{RecordKind: "party", Name: "note", Label: "Megjegyzés", Type: store.TextField}, {RecordKind: "party", Name: "credit", Label: "Keret", Type: store.MoneyField, Rules: store.FieldRules{Currency: "EUR"}},
		{RecordKind: "party", Name: "site", Label: "Honlap", Type: store.LinkField}, {RecordKind: "lead", Name: "hall", Label: "Csarnok", Type: store.TextField},
	} {
		w.ok(w.DB.Write(w.system, func(ctx context.Context, s *store.Session) error { return s.AddField(ctx, &f) }))
	}
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// reader is a lead who gets the topic, with what he has in the company's own fields.
func (w *world) reader(name, address string, own, ofLead map[string]any) party.ID {
	w.t.Helper()
	r, err := w.leads.Capture(w.vera, lead.Draft{Name: name, Emails: []string{address}, Custom: ofLead, Origin: lead.Origin{Source: "web"}})
	w.ok(err)
	card, err := w.leads.Get(w.vera, r.Lead)
	w.ok(err)
	who := card.Lead.PartyID
	if own != nil {
		w.ok(w.DB.Write(w.system, func(ctx context.Context, s *store.Session) error { return s.SetCustom(ctx, "party", who.Bytes(), own) }))
	}
	_, err = w.n.Subscriptions.Enter(w.vera, subscription.Entry{Party: who, Topics: []subscription.TopicID{w.topic.ID},
		Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV 2026", Statement: "Kérem a hírlevelet.", Language: locale.Hungarian}})
	w.ok(err)
	return who
}

// campaign is a draft with one letter.
func (w *world) campaign(language locale.Language, subject, text string) campaign.Campaign {
	w.t.Helper()
	design := content.Design{Language: language, Subject: subject, Blocks: []content.Block{
		{Text: &content.Text{HTML: text}}, {If: "party.custom.class", Text: &content.Text{HTML: "<p>CLASSED</p>"}},
		{Footer: &content.Footer{Company: "Fényforrás Kft.", Address: "1117 Budapest, Fény utca 2."}},
	}}
	raw, err := json.Marshal(design)
	w.ok(err)
	c, err := w.n.Campaigns.Create(w.vera, campaign.Plan{
		Name: subject, SenderName: "Fényforrás Kft.", SenderAddress: "hirlevel@fenyforras.example", Language: language,
		Audience: newsletter.Choice{Topics: []subscription.TopicID{w.topic.ID}}.String(),
	})
	w.ok(err)
	c, err = w.n.Campaigns.SetContents(w.vera, c.ID, c.Version, []campaign.Content{{Language: language, Subject: subject, Design: string(raw)}})
	w.ok(err)
	return c
}

func (w *world) send(c campaign.Campaign) {
	w.t.Helper()
	_, err := w.n.Campaigns.Schedule(w.vera, c.ID, c.Version, time.Time{})
	w.ok(err)
	for range 50 {
		n, err := w.n.Campaigns.Work(w.system)
		w.ok(err)
		if n == 0 {
			return
		}
	}
	w.t.Fatal("the campaign never ends")
}

const ownText = `<p>{{company|cég nélkül}}: {{party.custom.fleet|?}} autó, {{party.custom.since|?}} óta, {{party.custom.class|?}}, {{party.custom.credit|?}}; {{lead.custom.hall|?}}</p>
<p>{{party.custom.note|nincs megjegyzés}}</p><p><a href="https://fenyforras.example/l?n={{party.custom.note}}">Lámpák</a></p>`

// TestOwnFieldsStandInLetters: each value as the letter's language has it, the default where there is none, and
// nothing of what strangers wrote becomes markup, a header or a link.
func TestOwnFieldsStandInLetters(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		day, err := civil.Parse("2019-03-01")
		w.ok(err)
		evil := "<script>x()</script>\r\nBcc: all\"'><img src=x>"
		w.reader("Kovács Anna", "anna@pelda.example", map[string]any{
			"fleet": money.MustQuantity("1250"), "since": day, "class": "gold", "credit": money.MustAmount("1500"), "note": evil,
		}, map[string]any{"hall": "B & C"})
		w.reader("Nagy Béla", "bela@pelda.example", map[string]any{"note": "nyerj itt: www.evil.example", "site": "https://evil.example/"}, nil)
		w.send(w.campaign(locale.Hungarian, "Ajánlat: {{party.custom.note|Önnek}}", ownText))

		subject, header, parts := w.box.letter(t, "anna@pelda.example")
		if want := `Ajánlat: <script>x()</script> Bcc: all"'><img src=x>`; subject != want || header.Get("Bcc") != "" {
			t.Errorf("the subject is %q, Bcc %q", subject, header.Get("Bcc"))
		}
		for _, part := range parts {
			for _, want := range []string{"cég nélkül: 1", "250 autó, 2019.", "Arany", "CLASSED"} {
				if !strings.Contains(part, want) {
					t.Errorf("%q is not in %s", want, part)
				}
			}
		}
		html := parts[len(parts)-1]
		if strings.Contains(html, "<script") || strings.Contains(html, "<img src=x") || !strings.Contains(html, "B &amp; C") || strings.Contains(html, `n=<`) {
			t.Errorf("what a stranger wrote is markup: %s", html)
		}
		subject, _, parts = w.box.letter(t, "bela@pelda.example")
		if all := strings.Join(parts, ""); subject != "Ajánlat: Önnek" || strings.Contains(all, "evil.example") || !strings.Contains(all, "cég nélkül: ? autó, ? óta, ?, ?; ?") || strings.Contains(all, "CLASSED") {
			t.Errorf("%q: %s", subject, all)
		}
	})
}

// TestLettersNameOwnerAndCustomer: who looks after a reader, or after the firm that he works for, and the number of either
// as a customer; the default where there is none.
func TestLettersNameOwnerAndCustomer(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.staff = map[string]content.Owner{"szabo.vera": {Name: "Szabó Vera <b>", Email: "vera@fenyforras.example", Phone: "+36 1 234 5678"}}
		people := party.New(env.DB, hungarian)
		firm, err := people.Add(w.vera, party.Draft{Kind: party.Company, FullName: "Minta Kft.", Owner: party.Owner{User: "szabo.vera"}})
		w.ok(err)
		own := func(who party.ID, owner, customer string, employer party.ID) {
			w.ok(people.Assign(w.system, who, party.Owner{User: owner}))
			if customer != "" {
				w.ok(people.SetRole(w.system, who, party.Link{Role: party.Customer, HostKey: customer}, [16]byte{}))
			}
			if !employer.IsZero() {
				w.ok(people.Employ(w.system, who, employer))
			}
		}
		own(firm.ID, "szabo.vera", "77", party.ID{})
		own(w.reader("Kovács Anna", "anna@pelda.example", nil, nil), "szabo.vera", "1042", firm.ID)
		own(w.reader("Nagy Béla", "bela@pelda.example", nil, nil), "", "", firm.ID)
		own(w.reader("Kiss Éva", "eva@pelda.example", nil, nil), "left.long.ago", "gone", party.ID{})
		own(w.reader("Papp Ida", "ida@pelda.example", nil, nil), "", "", party.ID{})
		w.send(w.campaign(locale.Hungarian, "Hírek", "<p>[{{owner_name|nincs}}; {{owner_email|nincs}}; {{owner_phone|nincs}}; {{customer_number|új}}]</p>"))
		for address, want := range map[string]string{
			"anna@pelda.example": "[Szabó Vera <b>; vera@fenyforras.example; +36 1 234 5678; V-1042]",
			"bela@pelda.example": "[Szabó Vera <b>; vera@fenyforras.example; +36 1 234 5678; V-77]",
			"eva@pelda.example":  "[nincs; nincs; nincs; gone]",
			"ida@pelda.example":  "[nincs; nincs; nincs; új]",
		} {
			_, _, parts := w.box.letter(t, address)
			if !strings.Contains(parts[0], want) || strings.Contains(parts[1], "<b>;") {
				t.Errorf("%s got %s, not %s", address, parts[0], want)
			}
		}
	})
}

// TestHostDownHoldsBackWhatNamesColleagues: a letter is not sent with gaps because the host could not be asked; others go,
// and what was known once stays known.
func TestHostDownHoldsBackWhatNamesColleagues(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.down = errors.New("the host is down")
	w.reader("Kovács Anna", "anna@pelda.example", nil, nil)
	w.send(w.campaign(locale.Hungarian, "Hírek", "<p>{{company|cég nélkül}}</p>"))
	if subject, _, _ := w.box.letter(t, "anna@pelda.example"); subject != "Hírek" {
		t.Errorf("a letter that names nobody waits for the host: %q", subject)
	}
	c := w.campaign(locale.Hungarian, "Üdvözlet", "<p>{{owner_name|nincs}}</p>")
	_, err := w.n.Campaigns.Schedule(w.vera, c.ID, c.Version, time.Time{})
	w.ok(err)
	work := func() (err error) {
		for range 10 {
			var n int
			if n, err = w.n.Campaigns.Work(w.system); err != nil || n == 0 {
				return err
			}
		}
		return nil
	}
	if err := work(); err == nil || !strings.Contains(err.Error(), "the host is down") {
		t.Errorf("nobody is told: %v", err)
	}
	if subject, _, _ := w.box.letter(t, "anna@pelda.example"); subject != "Hírek" {
		t.Errorf("it was sent with a gap: %q", subject)
	}
	w.down, w.staff = nil, map[string]content.Owner{"szabo.vera": {Name: "Szabó Vera"}}
	for began := time.Now(); work() != nil && time.Since(began) < 10*time.Second; { // a host that was waited for is left alone for a moment
		time.Sleep(10 * time.Millisecond)
	}
	w.ok(work())
	if subject, _, _ := w.box.letter(t, "anna@pelda.example"); subject != "Üdvözlet" {
		t.Errorf("it is not sent though the host is back: %q", subject)
	}
	before := w.asked
	w.ok(work())
	if w.asked != before {
		t.Errorf("the host is asked %d times within a minute", w.asked-before+1)
	}
}

// TestOwnFieldsInOtherLanguages: one reader, as letters in each language and a short message say it.
func TestOwnFieldsInOtherLanguages(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	day, err := civil.Parse("2019-03-01")
	w.ok(err)
	who := w.reader("Kovács Anna", "anna@pelda.example", map[string]any{"fleet": money.MustQuantity("1250.5"), "since": day, "class": "gold"}, nil)
	known, err := w.n.Fields(w.vera)
	w.ok(err)
	for _, f := range known {
		if f.Name == "party.custom.site" {
			t.Error("an address may be named, and would be a link by data")
		}
		if f.Name == "party.custom.class" && (f.Label[locale.English] != "Class (contact)" || f.Label[locale.Hungarian] != "Osztály (partner)") {
			t.Errorf("it is called %v", f.Label)
		}
	}
	for language, want := range map[locale.Language]string{
		locale.English:   locale.English.Quantity(money.MustQuantity("1250.5").Decimal) + "|" + locale.English.Date(day) + "|Gold",
		locale.Hungarian: locale.Hungarian.Quantity(money.MustQuantity("1250.5").Decimal) + "|" + locale.Hungarian.Date(day) + "|Arany",
	} {
		r, err := w.n.Reader(w.vera, who, language)
		w.ok(err)
		got := r.More["party.custom.fleet"] + "|" + r.More["party.custom.since"] + "|" + r.More["party.custom.class"]
		if got != want {
			t.Errorf("in %s: %q, want %q", language, got, want)
		}
		text, err := w.n.Campaigns.Messages().Preview(campaign.Campaign{SenderName: "Fényforrás", SenderAddress: "+36301112222"},
			campaign.Content{Language: language, Design: campaign.TextDesign{Text: "{{party.custom.class|-}} {{party.custom.gone|-}}"}.JSON()}, "+36301234567", r)
		if word := strings.Split(got, "|")[2]; err != nil || !strings.Contains(text.Text, ": "+word+" -") {
			t.Errorf("the message is %q, %v", text.Text, err)
		}
	}
}

// TestGapsAreFoundBeforeSending holds the counts against what each reader is known to lack.
func TestGapsAreFoundBeforeSending(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for i := range 5 {
			own := map[string]any{}
			if i < 2 {
				own["fleet"] = money.MustQuantity("3")
			}
			w.reader(fmt.Sprintf("Olvasó %d", i), fmt.Sprintf("o%d@pelda.example", i), own, nil)
		}
		c := w.campaign(locale.Hungarian, "Hírek", "<p>{{party.custom.fleet}} {{party.custom.class|?}} {{#if party.custom.since}}{{party.custom.since}}{{/if}} {{email}} <a href=\"{{view_url}}\">web</a></p>")
		got, err := w.n.Gaps(w.vera, c.ID)
		w.ok(err)
		if fmt.Sprint(got) != "{5 3 false [{party.custom.fleet 3}]}" {
			t.Errorf("the gaps are %+v", got)
		}
		if _, err := w.n.Gaps(w.As("nagy.bela", actor.Rights{campaign.Read}, actor.All), c.ID); err == nil {
			t.Error("who may not see readers counts them")
		}
	})
}

// TestRemovedFieldLeavesItsDefault: a campaign that was checked goes on, and a draft names what is gone.
func TestRemovedFieldLeavesItsDefault(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.reader("Kovács Anna", "anna@pelda.example", map[string]any{"class": "gold"}, nil)
	c := w.campaign(locale.Hungarian, "Hírek", "<p>[{{party.custom.class|vevőnk}}]</p>")
	_, err := w.n.Campaigns.Schedule(w.vera, c.ID, c.Version, time.Time{})
	w.ok(err)
	_, err = w.DB.SQL().Exec("UPDATE crm_custom_field SET removed_at = created_at WHERE name = 'class'")
	w.ok(err)
	for range 50 {
		n, err := w.n.Campaigns.Work(w.system)
		w.ok(err)
		if n == 0 {
			break
		}
	}
	if _, _, parts := w.box.letter(t, "anna@pelda.example"); !strings.Contains(parts[0], "[vevőnk]") {
		t.Errorf("the letter says %s", parts[0])
	}
	fields, err := w.n.Fields(w.vera)
	w.ok(err)
	contents, err := w.n.Campaigns.Contents(w.vera, c.ID)
	w.ok(err)
	d, err := content.Decode(contents[0].Design, locale.Hungarian, "Hírek")
	w.ok(err)
	if found := d.Check(fields); len(found) == 0 || found[0].Code != "field.unknown" {
		t.Errorf("the field that is gone is no fault of a draft: %v", found)
	}
	err = w.n.SendTest(w.vera, newsletter.Trial{Campaign: c.ID, Variant: "A", Language: locale.Hungarian, To: []string{"vera@pelda.example"}})
	if err == nil || !strings.Contains(err.Error(), "cannot be used") {
		t.Errorf("a test of it: %v", err)
	}
}
