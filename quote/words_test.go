package quote_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

// field adds a field of the company's own.
func (w *world) field(f store.CustomField) store.CustomField {
	w.t.Helper()
	w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error { return s.AddField(ctx, &f) }))
	return f
}

// frozen is the document that an issued quote was frozen into.
func (p *post) frozen(token string) quote.Document {
	p.t.Helper()
	opened, err := p.quotes.Look(p.reader, token)
	p.ok(err)
	return opened.Document
}

func (w *world) ownFields() (site store.CustomField) {
	w.t.Helper()
	site = w.field(store.CustomField{RecordKind: "quote", Name: "site", Label: "Helyszín", Type: store.TextField})
	w.field(store.CustomField{RecordKind: "quote", Name: "start", Label: "Kezdés", Type: store.DateField})
	w.field(store.CustomField{RecordKind: "quote", Name: "plan", Label: "Terv", Type: store.LinkField})
	w.field(store.CustomField{RecordKind: "party", Name: "branch", Label: "Ágazat", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{
		{Value: "food", Texts: map[locale.Language]string{"hu": "élelmiszer", "he": "מזון"}}, {Value: "metal"},
	}}})
	w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
		return s.SetCustom(ctx, "party", w.minta.ID.Bytes(), map[string]any{"branch": "food"})
	}))
	return site
}

// TestTextsNameTheCompanysOwnFields: in the document and in the letter, each in its own language and each escaped for
// where it stands.
func TestTextsNameTheCompanysOwnFields(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		p := newPost(t, env)
		p.ownFields()
		for l, words := range map[locale.Language]mail.Words{
			locale.Hungarian: {Subject: "Ajánlat: {quote.custom.site}", Body: "{reader.greeting}\n\nHelyszín: {quote.custom.site}\nÁgazat: {party.custom.branch}\nKezdés: {quote.custom.start}\n{quote.link}"},
			locale.Hebrew:    {Subject: "הצעה: {quote.custom.site}", Body: "אתר: {quote.custom.site}\nענף: {party.custom.branch}\nתחילה: {quote.custom.start}\n{quote.link}"},
		} {
			_, err := p.mails.SetTemplate(p.admin, mail.Template{Purpose: quote.SentPurpose.Key, Language: l, Subject: words.Subject, Body: words.Body})
			p.ok(err)
		}
		for _, c := range []struct {
			language             locale.Language
			site                 string
			cover, closing       string
			wantCover, wantClose string
			subject, inText      string
			inHTML               string
		}{
			{
				locale.Hungarian, `Győr <b>2.</b> & "dokk"`, "{reader.greeting}\nTelephelyük, {quote.custom.site}, {{kapcsos}", "Ágazat: {party.custom.branch}\nKezdés: {quote.custom.start}",
				"Tisztelt Szabó Éva!\nTelephelyük, Győr <b>2.</b> & \"dokk\", {kapcsos}", "Ágazat: élelmiszer\nKezdés: 2027. 03. 01.",
				`Ajánlat: Győr <b>2.</b> & "dokk"`, "Helyszín: Győr <b>2.</b> & \"dokk\"\nÁgazat: élelmiszer\nKezdés: 2027. 03. 01.",
				"Helyszín: Győr &lt;b&gt;2.&lt;/b&gt; &amp; &#34;dokk&#34;<br>Ágazat: élelmiszer",
			},
			{
				locale.Hebrew, "חיפה & {quote.link}<i>", "אתר: {quote.custom.site}", "ענף: {party.custom.branch}, {quote.custom.start}",
				"אתר: חיפה & <i>", "ענף: מזון, 01.03.2027",
				"הצעה: חיפה & <i>", "אתר: חיפה & <i>\nענף: מזון\nתחילה: 01.03.2027", "אתר: חיפה &amp; &lt;i&gt;<br>ענף: מזון",
			},
		} {
			t.Run(string(c.language), func(t *testing.T) {
				card := p.issued(func(in *quote.DraftInput) {
					in.Language, in.Cover, in.Closing = c.language, c.cover, c.closing
					in.Custom = map[string]any{"site": c.site, "start": civil.Date{Year: 2027, Month: 3, Day: 1}}
				})
				is(t, "what was typed", card.Quote.Cover, c.cover)
				_, token := p.sent(card.Quote.ID, nil)
				doc, all := p.frozen(token), p.box.Messages()
				letter := all[len(all)-1]
				space := strings.NewReplacer("\u00a0", " ")
				is(t, "cover", space.Replace(doc.Cover), c.wantCover)
				is(t, "closing", space.Replace(doc.Closing), c.wantClose)
				is(t, "subject", letter.Subject, c.subject)
				if !strings.Contains(space.Replace(letter.Text), c.inText) || strings.Count(letter.Text, pages) != 1 {
					t.Errorf("the letter says\n%s", letter.Text)
				}
				if !strings.Contains(letter.HTML, c.inHTML) {
					t.Errorf("the letter's markup is\n%s", letter.HTML)
				}
			})
		}
	})
}

// TestTextsAreCheckedWhenTheyAreWritten: an unknown field is named with what there is; what was right when it was written
// does not break a letter when the field is taken away.
func TestTextsAreCheckedWhenTheyAreWritten(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		p := newPost(t, env)
		site := p.ownFields()
		for _, text := range []string{"{quote.custom.roof}", "{quote.custom.plan}", "{lead.custom.site}", "{site}", "{quote.custom.site"} {
			_, err := p.quotes.Draft(p.anna, quote.DraftInput{Party: p.minta.ID, Header: quote.Header{Cover: text, Closing: text}, Lines: []quote.DraftLine{lamps("1")}})
			if got := strings.Join(paths(err), " "); got != "closing cover" {
				t.Errorf("%s: faults at %q", text, got)
			}
			if found := fault.Of(err); len(found) > 0 && found[0].Code == "field.unknown" && (!strings.Contains(found[0].Message, text) || !strings.Contains(found[0].Message, "{quote.custom.site}")) {
				t.Errorf("%s: %s", text, found[0].Message)
			}
		}
		_, err := p.mails.SetTemplate(p.admin, mail.Template{Purpose: quote.SentPurpose.Key, Language: locale.Hungarian, Subject: "x", Body: "{quote.custom.roof}"})
		if got := strings.Join(paths(err), " "); got != "body" || !errors.Is(err, fault.Invalid) {
			t.Errorf("a template with an unknown field gave %v", err)
		}
		purpose, err := p.mails.Purpose(p.anna, quote.SentPurpose.Key)
		p.ok(err)
		fields, err := p.quotes.TextFields(p.anna)
		p.ok(err)
		_, err = p.quotes.TextFields(env.As("gabi", actor.Rights{}, actor.All))
		wantCode(t, err, fault.Forbidden)
		for what, list := range map[string][]mail.Field{"template": purpose.Fields, "text": fields} {
			labels := map[string]string{}
			for _, f := range list {
				labels[f.Name] = f.Label[locale.Hebrew]
			}
			if labels["quote.custom.site"] != "Helyszín (הצעת מחיר)" || labels["party.custom.branch"] == "" || labels["quote.custom.plan"] != "" || labels["quote.number"] == "" {
				t.Errorf("the editor of a %s lists %v", what, labels)
			}
		}
		_, err = p.mails.SetTemplate(p.admin, mail.Template{Purpose: quote.SentPurpose.Key, Language: locale.Hungarian, Subject: "Ajánlat", Body: "Helyszín:\n{quote.custom.site}\n{quote.link}"})
		p.ok(err)
		card := p.draft(func(in *quote.DraftInput) {
			in.Cover, in.Custom = "Helyszín: {quote.custom.site}", map[string]any{"site": "Győr"}
		})
		gone := site
		gone.RemovedAt = env.Clock.Now()
		p.ok(p.DB.Write(p.System(), func(ctx context.Context, s *store.Session) error { return s.Save(ctx, &site, &gone) }))
		_, err = p.quotes.Issue(p.anna, card.Quote.ID)
		if got := strings.Join(paths(err), " "); got != "cover" {
			t.Errorf("a draft that names a field which is gone gave %v", err)
		}
		if _, err := p.quotes.PDF(p.anna, card.Quote.ID); err != nil {
			t.Errorf("its draft cannot be looked at: %v", err)
		}
		card, err = p.quotes.Edit(p.anna, card.Quote.ID, 0, quote.Header{Title: card.Quote.Title, Contact: p.eva.ID, Cover: "Kész"})
		p.ok(err)
		_, err = p.quotes.Issue(p.anna, card.Quote.ID)
		p.ok(err)
		proposal, err := p.quotes.SendPreview(p.anna, card.Quote.ID, "")
		p.ok(err)
		is(t, "the letter without the field", proposal.Text, quote.LinkField)
	})
}

// TestTextsTellOnlyWhatTheSellerSees: a field of an opportunity that is out of his sight stays empty.
func TestTextsTellOnlyWhatTheSellerSees(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.field(store.CustomField{RecordKind: "opportunity", Name: "budget", Label: "Keret", Type: store.TextField})
	deal := quote.OpportunityID{7}
	w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
		return s.SetCustom(ctx, "opportunity", deal.Bytes(), map[string]any{"budget": "nyolcmillió"})
	}))
	seen := &oneDeal{}
	w.config.Advancer = seen
	quotes := quote.New(w.DB, w.config)
	_, err := w.mails.SetTemplate(w.admin, mail.Template{Purpose: quote.SentPurpose.Key, Language: locale.Hungarian, Subject: "x", Body: "Keret: {opportunity.custom.budget}\n{quote.link}"})
	w.ok(err)
	card, err := quotes.Draft(w.anna, quote.DraftInput{Party: w.minta.ID, Header: quote.Header{Opportunity: deal}, Lines: []quote.DraftLine{lamps("1")}})
	w.ok(err)
	for hidden, want := range map[bool]string{false: "Keret: nyolcmillió\n" + quote.LinkField, true: quote.LinkField} {
		seen.hidden = hidden
		proposal, err := quotes.SendPreview(w.anna, card.Quote.ID, "")
		w.ok(err)
		is(t, "the letter", proposal.Text, want)
	}
}

type oneDeal struct{ hidden bool }

func (d *oneDeal) Reach(context.Context, *store.Session, quote.OpportunityID) error {
	if d.hidden {
		return fault.New(fault.NotFound, "there is no such opportunity")
	}
	return nil
}

func (d *oneDeal) Advance(context.Context, *store.Session, quote.Quote) error { return nil }
