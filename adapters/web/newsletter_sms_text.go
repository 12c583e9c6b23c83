package web

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// textEditor is the page on which a text message is written: one variant in one language.
type textEditor struct {
	contentEditor
	Counter textCounter
	// Count is the address at which the counter is asked for.
	Count string
	// Prices are what a part costs by country.
	Prices   []tariffRow
	Currency string
}

type tariffRow struct {
	Prefix, Country string
	Part            string
}

// textCounter says how long a message is, as one reader gets it, and what it costs.
type textCounter struct {
	Text, Direction string
	Size            sms.Size
	// Room is how many units the parts have.
	Room int
	// Beyond are the characters that make it UCS-2.
	Beyond           []string
	PlainParts       int
	Saves            string
	Cost, Country    string
	Adds             []string
	Faults           []string
	Law, UnpricedFor string
}

// mostBeyond is how many of the characters are shown that make a message UCS-2.
const mostBeyond = 14

func (s *screens) editText(v *visit, c campaign.Campaign) error {
	contents, err := s.module.Newsletters.Campaigns.Contents(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	asked := v.asked()
	at := asked.placeOf(c)
	d := textAt(contents, at)
	f := textEditorValues(v, c, at, d)
	f.Values.Set("to", asked.text("to"))
	return s.drawTextEditor(v, textEditor{contentEditor: contentEditor{Form: f, Campaign: c, Variant: at.Variant, Language: at.Language}}, d, contents)
}

func textEditorValues(v *visit, c campaign.Campaign, at place, d campaign.TextDesign) *input {
	f := v.blank("version", strconv.FormatInt(c.Version, 10), "variant", at.Variant, "language", string(at.Language), "text", d.Text, "plain", "", "counted", "", "to", "")
	if d.Counted {
		f.Values.Set("counted", "on")
	}
	if d.Plain {
		f.Values.Set("plain", "on")
	}
	return f
}

// textAt is the text of a place: what was saved there, else what another variant says in the language.
func textAt(contents []campaign.Content, at place) campaign.TextDesign {
	i := at.in(contents)
	if i < 0 {
		i = slices.IndexFunc(contents, func(c campaign.Content) bool { return c.Language == at.Language })
	}
	if i < 0 {
		return campaign.TextDesign{}
	}
	d, _ := campaign.ReadTextDesign(contents[i]) // one that is damaged is written anew
	return d
}

func (s *screens) drawTextEditor(v *visit, e textEditor, d campaign.TextDesign, contents []campaign.Content) error {
	c, at, messages := e.Campaign, place{e.Variant, e.Language}, s.module.Newsletters.Campaigns.Messages()
	e.Kept, e.Action = at.in(contents) >= 0, v.link("/campaigns", c.ID.String(), "content")
	e.Count = v.link("/campaigns", c.ID.String(), "sms", "count")
	e.tabs(v, contents)
	if e.Direction = "ltr"; e.Language.RightToLeft() {
		e.Direction = "rtl"
	}
	fields, err := s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return err
	}
	for _, field := range fields {
		e.Fields = append(e.Fields, mergeField{Name: field.Name, Label: field.Label[v.Locale.Language]})
	}
	if e.Readers, err = v.textReaders(c); err != nil {
		return err
	}
	if err := e.showEditions(v); err != nil {
		return err
	}
	t := messages.Tariff(c)
	if e.Currency = t.Currency; e.Currency == "" {
		e.Currency = v.Locale.Currency
	}
	for _, p := range t.Prices {
		e.Prices = append(e.Prices, tariffRow{Prefix: p.Prefix, Country: v.prefixName(p.Prefix), Part: v.Locale.Language.UnitPrice(p.Part, e.Currency)})
	}
	if e.Counter, err = v.textCounter(c, at, d, e.Form.text("to")); err != nil {
		return err
	}
	if d.Text != "" {
		e.Faults = len(e.Counter.Faults)
	}
	status := http.StatusOK
	if e.Clash != "" {
		status = http.StatusConflict
	}
	return v.show(status, "newsletter_sms_content", head{
		Title: v.t("sms.write"), Section: "campaigns", Wide: true, Crumbs: v.campaignCrumbs(crumb{c.Name, v.link("/campaigns", c.ID.String())}),
	}, e)
}

// prefixName names the country that numbers with a prefix belong to.
func (v *visit) prefixName(prefix string) string {
	if country := sms.Country(prefix); country != "" {
		return party.CountryName(country, v.Locale.Language)
	}
	if prefix == "+" {
		return v.t("sms.everywhere")
	}
	return prefix
}

// previewPrefixes are the countries to look at where no tariff names any: those whose languages CRM+ speaks.
var previewPrefixes = []string{"+36", "+44", "+972", "+7", "+30"}

// textReaders are some to look at a message as: nobody in particular in each country of the tariff, that of the
// company first, and the topics' latest readers.
func (v *visit) textReaders(c campaign.Campaign) ([]option, error) {
	prefixes := previewPrefixes
	if t := v.s.module.Newsletters.Campaigns.Messages().Tariff(c); len(t.Prices) > 0 {
		prefixes = nil
		for _, p := range t.Prices {
			prefixes = append(prefixes, p.Prefix)
		}
	}
	own, err := v.homeCountry()
	if err != nil {
		return nil, err
	}
	prefixes = slices.Clone(prefixes)
	slices.SortStableFunc(prefixes, func(a, b string) int {
		switch {
		case (sms.Country(a) == own) == (sms.Country(b) == own):
			return 0
		case sms.Country(a) == own:
			return -1
		}
		return 1
	})
	var out []option
	for _, p := range prefixes {
		out = append(out, option{Value: p, Label: v.t("sms.reader.country", v.prefixName(p))})
	}
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

// textReader is a reader by what was chosen, with his number; somebody in the company's country where nothing was.
func (v *visit) textReader(c campaign.Campaign, to string, l locale.Language) (number string, reader content.Reader, err error) {
	all, err := v.textReaders(c)
	if err != nil {
		return "", reader, err
	}
	if !slices.ContainsFunc(all, func(o option) bool { return o.Value == to }) {
		to = all[0].Value
	}
	if to[0] == '+' {
		return to, content.Reader{Language: l, Unsubscribe: v.textLeave()}, nil
	}
	if reader, err = v.previewReader(to, l); err != nil {
		return "", reader, err
	}
	reader.Unsubscribe = v.textLeave()
	id, err := store.ParseKey[party.Tag](to)
	if err != nil {
		return "", reader, errNoPage
	}
	who, err := v.visible(id)
	return firstText(who.Mobile, who.Phone, all[0].Value), reader, err
}

// textLeave stands for the address by which a reader leaves, as long as it will be.
func (v *visit) textLeave() string {
	return v.s.module.Newsletters.Subscriptions.Links(subscription.Letter{Company: v.Actor.Company, Channel: subscription.SMS, At: v.s.now()}).Unsubscribe
}

// textCounter measures a text as one reader gets it.
func (v *visit) textCounter(c campaign.Campaign, at place, d campaign.TextDesign, to string) (textCounter, error) {
	messages := v.s.module.Newsletters.Campaigns.Messages()
	number, reader, err := v.textReader(c, to, at.Language)
	if err != nil {
		return textCounter{}, err
	}
	out := textCounter{Direction: "ltr"}
	if at.Language.RightToLeft() {
		out.Direction = "rtl"
	}
	fields, err := v.s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return out, err
	}
	empty := strings.TrimSpace(d.Text) == ""
	for _, f := range d.Check(fields) {
		if !empty { // nobody has written anything here yet
			out.Faults = append(out.Faults, v.faultText(f))
		}
	}
	if empty || len(out.Faults) > 0 {
		out.Size = sms.Measure(d.Text)
		out.Room = roomOf(out.Size)
		return out, nil
	}
	text, err := messages.Preview(v.s.module.Newsletters.Campaigns.Sending(c), campaign.Content{Variant: at.Variant, Language: at.Language, Design: d.JSON()}, number, reader)
	if err != nil {
		if fault.CodeOf(err) != fault.Invalid {
			return out, err
		}
		out.Faults = append(out.Faults, v.sentence(err.Error()))
	}
	t := messages.Tariff(c)
	currency := firstText(t.Currency, v.Locale.Currency)
	price, _ := t.Of(number)
	weighed := sms.Weigh(text.Text, price)
	out.Text, out.Size, out.Room = text.Text, text.Size, roomOf(text.Size)
	out.PlainParts = weighed.PlainSize.Parts
	if weighed.Saves > 0 {
		out.Saves = v.Locale.Language.UnitPrice(weighed.SavesMoney, currency)
	}
	for i, r := range []rune(weighed.Beyond) {
		if i == mostBeyond {
			out.Beyond = append(out.Beyond, "…")
			break
		}
		out.Beyond = append(out.Beyond, string(r))
	}
	out.Country = party.CountryName(text.Country, v.Locale.Language)
	if text.Priced {
		out.Cost = v.Locale.Language.UnitPrice(text.Cost, currency)
	}
	rule := text.Rule
	if rule.InText {
		out.Adds = append(out.Adds, v.t("sms.adds.word", rule.Advertisement))
	}
	if rule.Sender {
		out.Adds = append(out.Adds, v.t("sms.adds.sender", c.SenderName))
	}
	switch {
	case rule.Stop && v.s.module.Newsletters.Campaigns.Sending(c).Answerable():
		out.Adds = append(out.Adds, v.t("sms.adds.stop", sms.StopWord(at.Language)))
	case rule.Stop:
		out.Adds = append(out.Adds, v.t("sms.adds.link"))
	}
	out.Law = rule.Law
	return out, nil
}

// roomOf is how many units so many parts have.
func roomOf(s sms.Size) int { return s.Units + s.Left }

// countText measures what stands in the editor now.
func (s *screens) countText(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	if c.Channel != campaign.SMS {
		return errNoPage
	}
	f := v.posted()
	counter, err := v.textCounter(c, f.placeOf(c), textOf(f), f.text("to"))
	if err != nil {
		return err
	}
	return v.fill(http.StatusOK, "newsletter_sms_content", "counter", counter)
}

// textOf reads the text back from the form. Browsers send line ends as CR LF, which would be counted twice.
func textOf(f *input) campaign.TextDesign {
	text := strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(f.Get("text"), ""))
	if runes := []rune(text); len(runes) > mostTyped {
		text = string(runes[:mostTyped])
	}
	return campaign.TextDesign{Text: strings.TrimSpace(text), Plain: f.on("plain"), Counted: f.on("counted")}
}

// mostTyped bounds what is read from the editor; far more than can be sent.
const mostTyped = 4000

// saveMessage saves the text of a place.
func (s *screens) saveMessage(v *visit, c campaign.Campaign) error {
	f := v.posted()
	if edition := restoring(f); edition != "" {
		return s.restoreContent(v, c, f, edition)
	}
	at, d := f.placeOf(c), textOf(f)
	all := s.module.Newsletters.Campaigns
	contents, err := all.Contents(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	step, i := f.text("do"), at.in(contents)
	kept := campaign.Content{Variant: at.Variant, Language: at.Language, Design: d.JSON()}
	switch {
	case step == "drop" && i >= 0:
		contents = slices.Delete(contents, i, i+1)
	case step == "drop":
	case i >= 0:
		contents[i] = kept
	default:
		contents = append(contents, kept)
	}
	_, err = all.SetContents(v.ctx(), c.ID, f.version("version"), contents)
	switch {
	case err == nil && step == "leave":
		return v.redirect(v.link("/campaigns", c.ID.String()))
	case err == nil:
		v.done("content.saved")
		return v.redirect(v.link("/campaigns", c.ID.String(), "content") + at.query() + "&to=" + url.QueryEscape(f.text("to")))
	case fault.CodeOf(err) == fault.Conflict && c.State == campaign.Draft: // what was typed stays, and can be saved over the other's
		names, err := v.names()
		if err != nil {
			return err
		}
		by := firstText(nameIn(names, c.UpdatedBy), c.UpdatedBy)
		return s.drawTextEditor(v, textEditor{contentEditor: contentEditor{
			Form: textEditorValues(v, c, at, d), Campaign: c, Variant: at.Variant, Language: at.Language, Clash: v.t("conflict.title", by, whenText(v.Locale, c.UpdatedAt)),
		}}, d, contents)
	}
	return err
}

// previewText shows a text as somebody in the company's country gets it.
func (s *screens) previewText(v *visit, c campaign.Campaign) error {
	f := v.asked()
	contents, err := v.shownContents(c, f.text("edition"))
	if err != nil {
		return err
	}
	at := f.placeOf(c)
	shown, err := v.textCounter(c, at, textAt(contents, at), "")
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Security-Policy", previewPolicy)
	return v.write(http.StatusOK, bytes.NewBufferString(`<!doctype html><meta charset="utf-8"><pre dir="auto">`+template.HTMLEscapeString(shown.Text)+`</pre>`))
}
