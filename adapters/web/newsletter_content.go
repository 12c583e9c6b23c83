package web

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// contentEditor is the page on which a newsletter is written: one variant in one language.
type contentEditor struct {
	Form     *input
	Campaign campaign.Campaign
	Variant  string
	Language locale.Language
	// Kept says that this variant and language was saved already.
	Kept      bool
	Languages []contentTab
	Variants  []contentTab
	// NextVariant is the letter of one more variant, "" where there are enough.
	NextVariant string
	Blocks      []editBlock
	Kinds       []option
	Aligns      []option
	Levels      []option
	Fields      []mergeField
	Conditions  []option
	Readers     []option
	Preview     string
	Action      string
	// Direction is that of the words that are written here, whatever language the page is in.
	Direction string
	Faults    int
	// Clash names who saved since this page was opened.
	Clash string
	// Files go with the letter.
	Files []content.File
	// Outside is what is in an HTML that was made elsewhere; nil for blocks.
	Outside *outsideView
	// Trial is where a test can go.
	Trial trialView
	// Editions are what it was before, the newest first.
	Editions []editionRow
}

type contentTab struct {
	Label, Path string
	Here, Kept  bool
}

type mergeField struct{ Name, Label string }

// editBlock is one block of the editor. Its fields are named b.N.field.
type editBlock struct {
	Index       int
	Kind        string
	First, Last bool
	Faults      []string
	Found       []foundProduct
	Find        string
}

type foundProduct struct{ Key, Code, Name, Price string }

// At is the name of a field of the block.
func (b editBlock) At(name string) string { return blockField(b.Index, name) }

// place is where in a campaign's contents the editor is.
type place struct {
	Variant  string
	Language locale.Language
}

// placeOf reads it from the address or the form; nonsense is the first variant in the campaign's language.
func (f *input) placeOf(c campaign.Campaign) place {
	p := place{Variant: f.text("variant"), Language: locale.Language(f.text("language"))}
	if len(p.Variant) != 1 || p.Variant[0] < 'A' || p.Variant[0] >= 'A'+campaign.MaxVariants {
		p.Variant = "A"
	}
	if _, ok := locale.ParseLanguage(string(p.Language)); !ok {
		p.Language = c.Language
	}
	return p
}

func (p place) query() string { return "?variant=" + p.Variant + "&language=" + string(p.Language) }

func (p place) in(contents []campaign.Content) int {
	return slices.IndexFunc(contents, func(c campaign.Content) bool { return c.Variant == p.Variant && c.Language == p.Language })
}

func (s *screens) editContent(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	if c.State != campaign.Draft {
		v.toast(toast{Text: v.t("campaign.frozen"), Bad: true})
		return v.redirect(v.link("/campaigns", c.ID.String()))
	}
	if c.Channel == campaign.SMS {
		return s.editText(v, c)
	}
	contents, err := s.module.Newsletters.Campaigns.Contents(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	asked := v.asked()
	at := asked.placeOf(c)
	d, err := v.designAt(contents, at)
	if err != nil {
		return err
	}
	f := v.blank("version", strconv.FormatInt(c.Version, 10), "variant", at.Variant, "language", string(at.Language))
	designValues(f, d)
	e := contentEditor{Form: f, Campaign: c, Variant: at.Variant, Language: at.Language}
	return s.drawLetterEditor(v, e, d, contents)
}

// designAt is the design of a place: what was saved there, else what another language or variant says, else a
// beginning with what no newsletter can do without.
func (v *visit) designAt(contents []campaign.Content, at place) (content.Design, error) {
	if i := at.in(contents); i >= 0 {
		d, _ := content.Decode(contents[i].Design, contents[i].Language, contents[i].Subject) // one that is damaged is written anew
		return d, nil
	}
	for _, like := range []func(campaign.Content) bool{
		func(c campaign.Content) bool { return c.Language == at.Language },
		func(c campaign.Content) bool { return c.Variant == at.Variant },
	} {
		if i := slices.IndexFunc(contents, like); i >= 0 {
			d, _ := content.Decode(contents[i].Design, contents[i].Language, contents[i].Subject)
			d.Language = at.Language
			return d, nil
		}
	}
	company, err := v.module().Company(v.ctx())
	a := company.Address
	var lines []string
	for _, line := range []string{strings.TrimSpace(a.PostalCode + " " + a.City), a.Line1, a.Line2} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return content.Design{Language: at.Language, Blocks: []content.Block{
		{Text: &content.Text{HTML: "{{salutation}}"}},
		{Footer: &content.Footer{Company: company.Name, Address: strings.Join(lines, ", ")}},
	}}, err
}

func (s *screens) drawLetterEditor(v *visit, e contentEditor, d content.Design, contents []campaign.Content) error {
	c, at := e.Campaign, place{e.Variant, e.Language}
	e.Kept, e.Action = at.in(contents) >= 0, v.link("/campaigns", c.ID.String(), "content")
	e.Preview = v.link("/campaigns", c.ID.String(), "preview") + at.query()
	e.tabs(v, contents)
	if e.Direction = "ltr"; e.Language.RightToLeft() {
		e.Direction = "rtl"
	}
	catalogue, err := s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return err
	}
	e.Conditions = []option{{Label: v.t("block.if.none")}}
	for _, field := range catalogue {
		e.Fields = append(e.Fields, mergeField{Name: field.Name, Label: field.Label[v.Locale.Language]})
		e.Conditions = append(e.Conditions, option{Value: field.Name, Label: field.Label[v.Locale.Language]})
	}
	e.Kinds, e.Aligns, e.Levels = v.options("block.", "", blockKinds...), v.options("block.align.", "", "start", "center", "end"), v.options("block.level.", "", "1", "2", "3")
	faults := d.Check(catalogue)
	if !e.Kept { // nobody has written anything here yet
		faults = nil
	}
	e.Faults, e.Files = len(faults), d.Files
	if d.HTML != "" {
		if e.Outside, err = v.outsideView(&e, d, faults); err != nil {
			return err
		}
	} else {
		e.Blocks = v.placeFaults(e.Form, d, faults)
	}
	if err := v.findFor(&e); err != nil {
		return err
	}
	if e.Readers, err = v.previewReaders(c); err != nil {
		return err
	}
	if e.Trial, err = v.trialView(c); err != nil {
		return err
	}
	if err := e.showEditions(v); err != nil {
		return err
	}
	status := http.StatusOK
	if e.Clash != "" {
		status = http.StatusConflict
	}
	return v.show(status, "newsletter_content", head{
		Title: v.t("content.title"), Section: "campaigns", Wide: true, Crumbs: v.campaignCrumbs(crumb{c.Name, v.link("/campaigns", c.ID.String())}),
	}, e)
}

func (e *contentEditor) tabs(v *visit, contents []campaign.Content) {
	base := e.Action
	for _, l := range locale.Languages {
		p := place{e.Variant, l}
		e.Languages = append(e.Languages, contentTab{Label: l.Name(), Path: base + p.query(), Here: l == e.Language, Kept: p.in(contents) >= 0})
	}
	known := variantsIn(contents)
	if !slices.Contains(known, e.Variant) {
		known = append(known, e.Variant)
	}
	slices.Sort(known)
	for _, one := range known {
		e.Variants = append(e.Variants, contentTab{Label: v.t("content.variant", one), Path: base + place{one, e.Language}.query(), Here: one == e.Variant, Kept: true})
	}
	if next := 'A' + rune(len(known)); len(known) < campaign.MaxVariants && len(contents) > 0 {
		e.NextVariant = base + place{string(next), e.Language}.query()
	}
}

// placeFaults puts the faults of a design at the fields of the editor.
func (v *visit) placeFaults(f *input, d content.Design, faults []fault.Fault) []editBlock {
	out := make([]editBlock, len(d.Blocks))
	for i, b := range d.Blocks {
		out[i] = editBlock{Index: i, Kind: blockKindOf(b), First: i == 0, Last: i == len(d.Blocks)-1}
	}
	for _, one := range faults {
		text := v.faultText(one)
		i, name := blockPath(one.Path)
		switch {
		case i < 0 || i >= len(out):
			if !f.has(name) {
				name = ""
			}
			f.Faults[name] = append(f.Faults[name], text)
		case f.has(blockField(i, name)):
			f.Faults[blockField(i, name)] = append(f.Faults[blockField(i, name)], text)
		default:
			out[i].Faults = append(out[i].Faults, text)
		}
	}
	return out
}

// productHits is how many products a search in the editor shows.
const productHits = 8

// findFor searches the catalogue for the block that asked for it.
func (v *visit) findFor(e *contentEditor) error {
	asked := v.asked()
	if !asked.has("find") {
		return nil
	}
	i := asked.count("find")
	if i < 0 || i >= len(e.Blocks) || e.Blocks[i].Kind != "product" {
		return nil
	}
	e.Blocks[i].Find = asked.text("q")
	found, err := v.module().Products(v.ctx(), e.Blocks[i].Find, productHits)
	if err != nil {
		return err
	}
	for _, p := range found {
		price, err := productPrices{v}.Price(v.ctx(), p.Key, e.Language)
		if err != nil && fault.CodeOf(err) != fault.NotFound {
			return err
		}
		e.Blocks[i].Found = append(e.Blocks[i].Found, foundProduct{Key: p.Key, Code: p.Code, Name: p.Name, Price: price})
	}
	if len(found) == 0 {
		e.Blocks[i].Faults = append(e.Blocks[i].Faults, v.t("block.product.none"))
	}
	return nil
}

// productPrices asks the host's price list what one piece costs in the company's currency.
type productPrices struct{ v *visit }

// Price implements content.Prices.
func (p productPrices) Price(ctx context.Context, product string, lang locale.Language) (string, error) {
	currency := p.v.Locale.Currency
	price, err := p.v.module().Price(ctx, erpbridge.PriceQuestion{Product: product, Quantity: money.MustQuantity("1"), Currency: currency})
	if err != nil {
		return "", err
	}
	return lang.Money(price.Unit, currency), nil
}

// saveContent saves the design, after one more step where a button asked for it: a block more, up, down, away.
func (s *screens) saveContent(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	if c.Channel == campaign.SMS {
		return s.saveMessage(v, c)
	}
	f := v.posted()
	if edition := restoring(f); edition != "" {
		return s.restoreContent(v, c, f, edition)
	}
	at := f.placeOf(c)
	all := s.module.Newsletters.Campaigns
	contents, err := all.Contents(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	step, after := f.text("do"), ""
	d, err := v.designPosted(f, contents, at, &step)
	if err != nil {
		return err
	}
	if f.bad() {
		designValues(f, d)
		return s.drawLetterEditor(v, contentEditor{Form: f, Campaign: c, Variant: at.Variant, Language: at.Language}, d, contents)
	}
	if step == "drop" {
		if i := at.in(contents); i >= 0 {
			contents = slices.Delete(contents, i, i+1)
		}
	} else {
		if after, err = v.changeDesign(&d, f, step); err != nil {
			return err
		}
		raw, err := json.Marshal(d)
		if err != nil {
			return err
		}
		contents = at.put(contents, campaign.Content{Variant: at.Variant, Language: at.Language, Subject: d.Subject, Design: string(raw)})
	}
	_, err = all.SetContents(v.ctx(), c.ID, f.version("version"), contents)
	switch {
	case err == nil:
		if step == "save" || step == "" {
			v.done("content.saved")
		}
		if step == "leave" {
			return v.redirect(v.link("/campaigns", c.ID.String()))
		}
		return v.redirect(v.link("/campaigns", c.ID.String(), "content") + at.query() + after)
	case fault.CodeOf(err) == fault.Conflict && c.State == campaign.Draft:
		return s.drawClash(v, contentEditor{Campaign: c, Variant: at.Variant, Language: at.Language}, d, contents)
	}
	return err
}

// designPosted is the design as the form says it, with the HTML that was made elsewhere and the files that came with it.
func (v *visit) designPosted(f *input, contents []campaign.Content, at place, step *string) (content.Design, error) {
	d := designOf(f, at.Language)
	if outside := f.has("html"); outside || *step == "outside" {
		kept, err := v.designAt(contents, at)
		if err != nil {
			return d, err
		}
		if outside {
			kept.Subject, kept.Files = f.text("subject"), d.Files
		} else {
			kept = d
		}
		if d, err = v.changeOutside(f, kept, step); err != nil || f.bad() {
			return d, err
		}
	}
	return d, v.attachFiles(&d, f, *step)
}

// put writes a content over the one at its place, or behind the others.
func (at place) put(contents []campaign.Content, c campaign.Content) []campaign.Content {
	if i := at.in(contents); i >= 0 {
		contents[i] = c
		return contents
	}
	return append(contents, c)
}

// drawClash shows the editor after a colleague was faster: what was typed stays, and can be saved over his.
func (s *screens) drawClash(v *visit, e contentEditor, d content.Design, contents []campaign.Content) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	e.Form = v.blank("version", strconv.FormatInt(e.Campaign.Version, 10), "variant", e.Variant, "language", string(e.Language))
	designValues(e.Form, d)
	by := firstText(nameIn(names, e.Campaign.UpdatedBy), e.Campaign.UpdatedBy)
	e.Clash = v.t("conflict.title", by, whenText(v.Locale, e.Campaign.UpdatedAt))
	return s.drawLetterEditor(v, e, d, contents)
}

// previewReaders are some to look at the newsletter as: nobody in particular, and the topics' latest readers.
func (v *visit) previewReaders(c campaign.Campaign) ([]option, error) {
	out := []option{{Label: v.t("content.reader.nobody")}}
	choice, err := newsletter.ParseChoice(c.Audience)
	if err != nil || !v.may(subscription.Read) {
		return out, nil //nolint:nilerr // without an audience there are none
	}
	found, err := v.s.module.Newsletters.Subscriptions.List(v.ctx(), subscription.Filter{Topic: choice.Topics[0], Page: store.Page{Limit: 12}})
	if err != nil {
		return nil, err
	}
	for _, r := range found.Rows {
		out = append(out, option{Value: r.PartyID.String(), Label: firstText(r.Name, r.Address)})
	}
	return out, nil
}

// previewPolicy lets a newsletter show its pictures and its own styles, and nothing else.
const previewPolicy = "default-src 'none'; img-src https: data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

// previewContent shows what was saved as a reader gets it, for a frame that runs nothing.
func (s *screens) previewContent(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	if c.Channel == campaign.SMS {
		return s.previewText(v, c)
	}
	f := v.asked()
	contents, err := v.shownContents(c, f.text("edition"))
	if err != nil {
		return err
	}
	at := f.placeOf(c)
	d, err := v.designAt(contents, at)
	if err != nil {
		return err
	}
	reader, err := v.previewReader(f.text("reader"), at.Language)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Security-Policy", previewPolicy)
	fields, err := s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return err
	}
	programs, err := d.Compile(slices.Concat(fields, d.Own()))
	if err != nil {
		if fault.CodeOf(err) != fault.Invalid {
			return err
		}
		return v.write(http.StatusOK, bytes.NewBufferString(`<!doctype html><meta charset="utf-8"><p dir="auto">`+template.HTMLEscapeString(v.t("content.nopreview"))+`</p>`))
	}
	if f.on("map") && v.may(actor.ReportRead) && !c.StartedAt.IsZero() {
		note, err := v.clickNotes(c, contents, at)
		if err != nil {
			return err
		}
		return v.write(http.StatusOK, bytes.NewBufferString(programs.Annotated(reader, note)))
	}
	shown := programs.Preview(reader)
	if f.text("as") == "text" {
		return v.write(http.StatusOK, bytes.NewBufferString(`<!doctype html><meta charset="utf-8"><pre>`+template.HTMLEscapeString(shown.Text)+`</pre>`))
	}
	return v.write(http.StatusOK, bytes.NewBufferString(shown.HTML))
}

// previewReader is a reader by his party; nobody in particular where none is asked for or he cannot be seen.
func (v *visit) previewReader(id string, l locale.Language) (content.Reader, error) {
	r := content.Reader{Language: l, Unsubscribe: "#", Preference: "#", View: "#"}
	if id == "" {
		return r, nil
	}
	who, err := store.ParseKey[party.Tag](id)
	if err != nil {
		return r, errNoPage
	}
	known, err := v.s.module.Newsletters.Reader(v.ctx(), who, l)
	known.Unsubscribe, known.Preference, known.View = r.Unsubscribe, r.Preference, r.View
	return known, err
}
