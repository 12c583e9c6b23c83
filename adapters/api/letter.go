package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// Letter is what a campaign says in one variant and language.
type Letter struct {
	Variant  string `json:"variant" maxLength:"10" doc:"A capital letter: A where nothing is compared." example:"A"`
	Language string `json:"language" enum:"hu,en,he,ru,el"`
	Subject  string `json:"subject" maxLength:"200"`
	Design   Object `json:"design" doc:"Of an e-mail: language, subject, preheader, theme and blocks, each with one of heading, text, image, button, columns, product, divider, html and footer, as the editor writes them."`
}

// LetterEdition is a letter as it once was.
type LetterEdition struct {
	ID       ID        `json:"id"`
	BegunAt  time.Time `json:"begun_at" doc:"When it was saved first; what one person saves within five minutes is one edition."`
	SavedAt  time.Time `json:"saved_at" doc:"When it was saved last."`
	SavedBy  string    `json:"saved_by"`
	Variant  string    `json:"variant"`
	Language string    `json:"language"`
	Subject  string    `json:"subject"`
	Design   Object    `json:"design,omitempty" doc:"Left out in lists."`
}

// LetterRestore says what is put back.
type LetterRestore struct {
	EditionID ID `json:"edition_id"`
}

func editionOf(e campaign.Edition) LetterEdition {
	return LetterEdition{ID: idOf(e.ID), BegunAt: e.BegunAt, SavedAt: e.SavedAt, SavedBy: e.SavedBy, Variant: e.Variant, Language: string(e.Language), Subject: e.Subject, Design: Object(e.Design)}
}

func editionID(id ID) campaign.EditionID { return keyOf[campaign.Edition](id) }

// Letters are all that a campaign says.
type Letters struct {
	Letters []Letter `json:"letters" minItems:"1" maxItems:"25"`
}

// DesignQuery is a design that is being written.
type DesignQuery struct {
	Design Object       `json:"design"`
	Reader *ReaderDraft `json:"reader,omitempty" doc:"Whom the preview is for; somebody of whom nothing is known where it is left out."`
}

// ReaderDraft is a reader that a preview is made for.
type ReaderDraft struct {
	Name   string `json:"name,omitempty" maxLength:"240"`
	Family string `json:"family,omitempty" maxLength:"120"`
	Given  string `json:"given,omitempty" maxLength:"80"`
	Title  string `json:"title,omitempty" maxLength:"60"`
	Gender string `json:"gender,omitempty" enum:"f,m"`
	City   string `json:"city,omitempty" maxLength:"80"`
	Email  string `json:"email,omitempty" maxLength:"254"`
	// PartyID is somebody who is known.
	PartyID ID `json:"party_id,omitempty" doc:"Somebody who is known, with all that letters can say of him; what else stands here is then not looked at."`
}

// LetterField is something that differs from reader to reader.
type LetterField struct {
	Name  string `json:"name" doc:"What stands in the braces: {{name}}, or {{name|words for readers without a value}}." example:"party.custom.fleet"`
	Label string `json:"label" doc:"In the language of Accept-Language."`
	Type  string `json:"type" enum:"words,locator" doc:"locator: a whole address, of the reader's own pages."`
}

// LetterGap is a field that readers have no value for.
type LetterGap struct {
	Field   string `json:"field"`
	Readers int    `json:"readers"`
}

// LetterGaps are what is missing before a campaign is sent.
type LetterGaps struct {
	Readers  int         `json:"readers" doc:"How many were looked at."`
	Affected int         `json:"affected" doc:"How many of them lack something."`
	Sampled  bool        `json:"sampled" doc:"There are more than were looked at."`
	Fields   []LetterGap `json:"fields" doc:"What most readers lack comes first."`
}

// LetterPreview is a letter as one reader gets it, with everything that is wrong with its design.
type LetterPreview struct {
	Subject string   `json:"subject,omitempty"`
	HTML    string   `json:"html,omitempty" doc:"To be shown in a frame that runs no scripts."`
	Text    string   `json:"text,omitempty"`
	Missing []string `json:"missing" doc:"Fields that leave a gap for this reader."`
	Links   []string `json:"links" doc:"Those that are counted."`
	Faults  []Fault  `json:"faults"`
}

// Template is an outside template: a file, or what was pasted.
type Template struct {
	HTML string `json:"html" minLength:"1" maxLength:"1000000"`
}

// CheckedTemplate is an outside template that was looked at.
type CheckedTemplate struct {
	HTML     string          `json:"html" doc:"Cleaned of what mails cannot or must not have."`
	Title    string          `json:"title,omitempty"`
	Links    []TemplateLink  `json:"links"`
	Images   []TemplateImage `json:"images"`
	Fields   []string        `json:"fields" doc:"The merge fields that it names."`
	Size     int             `json:"size" doc:"In bytes; mail programs cut what is over 102 KB."`
	Faults   []Fault         `json:"faults" doc:"They hinder its use."`
	Warnings []Fault         `json:"warnings"`
}

// TemplateLink is a link of a template.
type TemplateLink struct {
	URL     string `json:"url"`
	Words   string `json:"words,omitempty"`
	Counted bool   `json:"counted"`
}

// TemplateImage is an image of a template.
type TemplateImage struct {
	URL   string `json:"url"`
	Alt   string `json:"alt,omitempty"`
	Width string `json:"width,omitempty"`
}

func wrongOf(f fault.Fault) Fault { return Fault{f.Path, f.Code, f.Message} }

func (r ReaderDraft) reader(l locale.Language) content.Reader {
	return content.Reader{
		Language: l, Name: party.Name{Full: r.Name, Title: r.Title, Given: r.Given, Family: r.Family}, Gender: party.Gender(r.Gender), City: r.City, Email: r.Email,
	}
}

func letterOf(c campaign.Content) Letter {
	return Letter{c.Variant, string(c.Language), c.Subject, Object(c.Design)}
}

// designOf reads a design, and refuses fields that there are not.
func designOf(text Object) (content.Design, error) {
	var d content.Design
	if err := strict(text, &d); err != nil {
		return d, invalid("design", "form", "is no design: %v", err)
	}
	return d, nil
}

// checkContents finds everything that is wrong with what a campaign says by e-mail.
func checkContents(c campaign.Campaign, contents []campaign.Content, fields content.Fields) error {
	var faults fault.List
	for i, one := range contents {
		if c.Channel != campaign.Email {
			break
		}
		d, err := designOf(Object(one.Design))
		if err != nil {
			faults.Merge(at("letters", i), fault.Of(err))
			continue
		}
		d.Language, d.Subject = one.Language, one.Subject
		faults.Merge(at("letters", i)+".design", d.Check(fields))
	}
	return faults.Err("the letters of the campaign cannot be sent")
}

func (a *server) letters() {
	read, write := rights(campaign.Read), rights(campaign.Write)
	r := get("list-campaign-letters", "/campaigns/{id}/letters", campaignTag, "Read what a campaign says, in all variants and languages")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Listed[Letter], error) {
		if _, err := n.Campaigns.Get(ctx, campaignID(in.ID)); err != nil {
			return nil, err
		}
		all, err := n.Campaigns.Contents(ctx, campaignID(in.ID))
		return listed(callOf(ctx), each(all, letterOf), ""), err
	}))
	add(a, route{ID: "set-campaign-letters", Method: http.MethodPut, Path: "/campaigns/{id}/letters", Tag: campaignTag, Rights: write, Summary: "Replace what a draft says, in all variants and languages"},
		changes(campaignNoun, func(ctx context.Context, n *newsletter.Newsletters, now campaign.Campaign, b Letters) (campaign.Campaign, error) {
			return n.Campaigns.SetContents(ctx, now.ID, now.Version, each(b.Letters, func(l Letter) campaign.Content {
				return campaign.Content{Variant: l.Variant, Language: locale.Language(l.Language), Subject: l.Subject, Design: compact(l.Design)}
			}))
		}))
	r = get("list-campaign-editions", "/campaigns/{id}/editions", campaignTag, "List what a campaign's letters were before, the latest first")
	r.Rights, r.Doc = read, "Of each variant and language the last fifty, also of those that were taken out."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Listed[LetterEdition], error) {
		all, err := n.Campaigns.Editions(ctx, campaignID(in.ID))
		return listed(callOf(ctx), each(all, editionOf), ""), err
	}))
	r = get("get-campaign-edition", "/campaigns/{id}/editions/{edition}", campaignTag, "Read a letter as it was, with its design")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Edition ID `path:"edition"`
	}) (*Out[LetterEdition], error) {
		e, err := n.Campaigns.Edition(ctx, campaignID(in.ID), editionID(in.Edition))
		return &Out[LetterEdition]{editionOf(e)}, err
	}))
	add(a, route{ID: "restore-campaign-letter", Method: http.MethodPost, Path: "/campaigns/{id}/restore-letter", Tag: campaignTag, Rights: write, Summary: "Make a letter of a draft what it was before"},
		changes(campaignNoun, func(ctx context.Context, n *newsletter.Newsletters, now campaign.Campaign, b LetterRestore) (campaign.Campaign, error) {
			return n.Campaigns.Restore(ctx, now.ID, now.Version, editionID(b.EditionID))
		}))
	r = get("list-letter-fields", "/letters/fields", campaignTag, "List what letters and messages can name, with the company's own fields")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, _ *struct{ Fields }) (*Listed[LetterField], error) {
		fields, err := n.Fields(ctx)
		return listed(callOf(ctx), each(fields, func(f content.Field) LetterField {
			return LetterField{f.Name, f.Label[callOf(ctx).language()], string(f.Type)}
		}), ""), err
	}))
	r = get("get-campaign-gaps", "/campaigns/{id}/gaps", campaignTag, "Count for whom a letter would have a gap if the campaign began now")
	r.Rights, r.Doc = rights(subscription.Read), "A field that a reader has no value for, without a default and without a condition. At most 5000 readers are looked at."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Out[LetterGaps], error) {
		g, err := n.Gaps(ctx, campaignID(in.ID))
		return &Out[LetterGaps]{LetterGaps{g.Readers, g.Affected, g.Sampled, each(g.Fields, func(one newsletter.Gap) LetterGap { return LetterGap(one) })}}, err
	}))
	r = post("preview-letter", "/letters/preview", campaignTag, "Show a design as a reader gets it, with everything that is wrong with it")
	r.Rights, r.Doc = read, "Writes nothing."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body DesignQuery }) (*Out[LetterPreview], error) {
		p, err := shownOf(ctx, n, in.Body)
		return &Out[LetterPreview]{p}, err
	}))
	r = post("check-template", "/letters/check-template", campaignTag, "Check and clean an outside template")
	r.Rights, r.Doc = read, "Writes nothing. What is used of it goes into a design, as a block html."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body Template }) (*Out[CheckedTemplate], error) {
		fields, err := n.Fields(ctx)
		if err != nil {
			return nil, err
		}
		t, err := content.Import([]byte(in.Body.HTML), fields)
		return &Out[CheckedTemplate]{CheckedTemplate{
			HTML: t.HTML, Title: t.Title, Links: each(t.Links, func(l content.Link) TemplateLink { return TemplateLink(l) }), Images: each(t.Images, func(i content.Asset) TemplateImage { return TemplateImage(i) }),
			Fields: some(t.Fields), Size: t.Size, Faults: each(t.Faults, wrongOf), Warnings: each(t.Warnings, wrongOf),
		}}, err
	}))
}

// compact takes the blanks between the values of JSON away.
func compact(text Object) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil { // it came from JSON
		return string(text)
	}
	return b.String()
}

func shownOf(ctx context.Context, n *newsletter.Newsletters, q DesignQuery) (LetterPreview, error) {
	out := LetterPreview{Missing: []string{}, Links: []string{}}
	d, err := designOf(q.Design)
	if err != nil {
		return out, err
	}
	fields, err := n.Fields(ctx)
	if err != nil {
		return out, err
	}
	out.Faults = each(d.Check(fields), wrongOf)
	if len(out.Faults) > 0 {
		return out, nil
	}
	programs, err := d.Compile(fields)
	if err != nil {
		return out, err
	}
	who := ReaderDraft{}
	if q.Reader != nil {
		who = *q.Reader
	}
	reader := who.reader(d.Language)
	if who.PartyID != "" {
		if reader, err = n.Reader(ctx, partyID(who.PartyID), d.Language); err != nil {
			return out, err
		}
	}
	p := programs.Preview(reader)
	out.Subject, out.HTML, out.Text, out.Missing = p.Subject, p.HTML, p.Text, some(slices.Clone(p.Missing))
	out.Links = some(programs.Links)
	return out, nil
}
