package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
)

// campaignsPath is where newsletters begin; its entry of the menu is there where the module sends any.
const campaignsPath = "/campaigns"

// newsletterRoutes are there where the module sends newsletters.
func (s *screens) newsletterRoutes() []route {
	if s.module.Newsletters == nil {
		return nil
	}
	read, write, send := campaign.Read, campaign.Write, campaign.Send
	return append([]route{
		{Pattern: "GET /campaigns", Right: read, Do: s.listCampaigns},
		{Pattern: "GET /campaigns/new", Right: write, Do: s.newCampaign},
		{Pattern: "POST /campaigns/new", Right: write, Do: s.createCampaign},
		{Pattern: "GET /campaigns/{id}", Right: read, Do: s.showCampaign},
		{Pattern: "GET /campaigns/{id}/progress", Right: read, Do: s.campaignProgress},
		{Pattern: "GET /campaigns/{id}/recipients", Right: read, Do: s.listRecipients},
		{Pattern: "GET /campaigns/{id}/edit", Right: write, Do: s.editCampaign},
		{Pattern: "POST /campaigns/{id}/edit", Right: write, Do: s.saveCampaign},
		{Pattern: "GET /campaigns/{id}/content", Right: write, Do: s.editContent},
		{Pattern: "POST /campaigns/{id}/content", Right: write, Do: s.saveContent, Body: uploadBody},
		{Pattern: "GET /campaigns/{id}/preview", Right: read, Do: s.previewContent},
		{Pattern: "POST /campaigns/{id}/test", Right: write, Do: s.sendTrial},
		{Pattern: "GET /campaigns/{id}/schedule", Right: send, Do: s.askSchedule},
		{Pattern: "POST /campaigns/{id}/schedule", Right: send, Do: s.scheduleCampaign},
		{Pattern: "GET /campaigns/{id}/cancel", Right: send, Do: s.askCancelCampaign},
		{Pattern: "POST /campaigns/{id}/resolve", Right: send, Do: s.resolveRecipients},
		{Pattern: "POST /campaigns/{id}/do/{verb}", Right: send, Do: s.moveCampaign},
	}, append(s.subscriberRoutes(), append(s.segmentRoutes(), s.textRoutes()...)...)...)
}

// campaignDots are the states of campaigns as dots.
var campaignDots = map[campaign.State]string{
	campaign.Draft: "quiet", campaign.Scheduled: "busy", campaign.Freezing: "busy", campaign.Running: "busy", campaign.Paused: "watch", campaign.Done: "good", campaign.Cancelled: "quiet",
}

// campaignPage is how many campaigns a page of the list has; each costs two reads of counts.
const campaignPage = 25

// campaignList is the page of campaigns.
type campaignList struct {
	Form        *input
	Tabs        []menuItem
	States      []option
	Rows        []campaignRow
	Address     string
	First, Next string
	Filtered    bool
	// Measured says that the visitor may see what readers did.
	Measured bool
	// Every is how often the list asks how far what is being sent has come; "" where nothing is.
	Every string
}

type campaignRow struct {
	campaign.Campaign
	Owner, StateText, Dot string
	Progress              campaign.Progress
	Sent                  int64
	Opened, Clicked       string
	Live                  campaignLive
}

// newsletterTabs lead from one part of newsletters to the others.
func (v *visit) newsletterTabs(here string) []menuItem {
	var out []menuItem
	for _, tab := range []menuEntry{
		{"/campaigns", "menu.campaigns", "", campaign.Read}, {"/sequences", "sequence.list", "", campaign.Read}, {"/topics", "topic.list", "", subscription.Read}, {"/readers", "reader.list", "", subscription.Read}, {"/segments", "segment.list", "", segment.Read},
	} {
		if v.may(tab.needs) {
			out = append(out, menuItem{Path: v.link(tab.path), Key: tab.key, Here: tab.path == here})
		}
	}
	return out
}

func (v *visit) campaignCrumbs(more ...crumb) []crumb {
	return append([]crumb{{v.t("menu.campaigns"), v.link("/campaigns")}}, more...)
}

func (s *screens) listCampaigns(v *visit) error {
	f := v.asked()
	l := campaignList{Form: f, Tabs: v.newsletterTabs("/campaigns"), Address: v.r.URL.Path + "?" + v.r.URL.RawQuery, Measured: v.may(actor.ReportRead)}
	filter := campaign.Filter{Page: store.Page{After: f.text("after"), Limit: campaignPage}}
	if state := campaign.State(f.text("state")); slices.Contains(campaign.States, state) {
		filter.State, l.Filtered = state, true
	}
	found, err := s.module.Newsletters.Campaigns.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	l.States = []option{{Label: v.t("button.all"), On: filter.State == ""}}
	for _, one := range campaign.States {
		l.States = append(l.States, option{Value: string(one), Label: one.In(v.Locale.Language), On: one == filter.State})
	}
	for _, one := range found.Rows {
		row, err := v.campaignRow(one)
		if err != nil {
			return err
		}
		if row.Live = v.campaignLive(one, row.Progress); row.Live.Moving && (l.Every == "" || row.Live.Every < l.Every) {
			l.Every = row.Live.Every
		}
		l.Rows = append(l.Rows, row)
	}
	if found.Next != "" {
		l.Next = addressWith(v.r.URL, "after", found.Next)
	}
	if filter.Page.After != "" {
		l.First = addressWith(v.r.URL, "after", "")
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "newsletter_list", "rows", l)
	}
	return v.show(http.StatusOK, "newsletter_list", head{Title: v.t("menu.campaigns"), Section: "campaigns"}, l)
}

// campaignRow reads how far a campaign has come and, for those who may know, what its readers did.
func (v *visit) campaignRow(c campaign.Campaign) (campaignRow, error) {
	row := campaignRow{Campaign: c, StateText: c.State.In(v.Locale.Language), Dot: campaignDots[c.State]}
	names, err := v.names()
	if err != nil {
		return row, err
	}
	row.Owner = nameIn(names, c.OwnerUser)
	if c.StartedAt.IsZero() {
		return row, nil
	}
	if row.Progress, err = v.s.module.Newsletters.Campaigns.Progress(v.ctx(), c.ID); err != nil {
		return row, err
	}
	row.Sent = row.Progress.All.Left()
	if !v.may(actor.ReportRead) || c.Channel == campaign.SMS { // nobody learns who read a text message
		return row, nil
	}
	figures, err := v.s.module.Newsletters.Tracking.Figures(v.ctx(), c.Number)
	row.Opened = v.share(figures.Of(track.Open, track.AllLinks, track.Genuine).Readers, row.Sent)
	row.Clicked = v.share(figures.Of(track.Click, track.AllLinks, track.Genuine).Readers, row.Sent)
	return row, err
}

// share is a part of a whole in percent, "" where there is no whole.
func (v *visit) share(part, whole int64) string {
	if whole == 0 {
		return ""
	}
	p := decimal.NewFromInt(part).Mul(decimal.NewFromInt(100)).Div(decimal.NewFromInt(whole)).Round(1)
	return v.Locale.Language.Percent(money.NewPercent(p))
}

// campaignForm is the page on which a campaign is begun or changed.
type campaignForm struct {
	Form      *input
	Campaign  *campaign.Campaign
	Topics    []topicChoice
	Segments  []option
	Languages []option
	Action    string
	// Channels lead to the form of another channel.
	Channels []menuItem
}

// topicChoice is a topic with a box of its own.
type topicChoice struct {
	Name, Label, Note string
	On                bool
}

func (s *screens) newCampaign(v *visit) error {
	c, err := v.module().Company(v.ctx())
	if err != nil {
		return err
	}
	return s.drawCampaignForm(v, v.blank("name", "", "sender_name", c.Name, "sender_address", c.Email, "reply_to", "", "return_domain", "", "language", string(v.Locale.Language), "segment", "", "per_hour", "", "test_share", "", "decide_after", "", "seeds", ""), nil)
}

func (s *screens) drawCampaignForm(v *visit, f *input, c *campaign.Campaign) error {
	d := campaignForm{Form: f, Campaign: c, Languages: languageOptions(f.text("language")), Action: v.link("/campaigns/new")}
	h, err := d.complete(v, campaign.Email, v.t("campaign.new"))
	if err != nil {
		return err
	}
	return v.show(f.statusOf(), "newsletter_form", h, d)
}

// complete fills in what the forms of both channels offer, and gives the head of the page.
func (d *campaignForm) complete(v *visit, ch campaign.Channel, title string) (head, error) {
	var err error
	if d.Topics, err = v.topicChoices(d.Form, subscription.Channel(ch)); err != nil {
		return head{}, err
	}
	if d.Segments, err = v.segmentOptions("campaign.segment.none"); err != nil {
		return head{}, err
	}
	c := d.Campaign
	if c == nil {
		d.Channels = v.channelTabs(ch)
		return head{Title: title, Section: "campaigns", Crumbs: v.campaignCrumbs()}, nil
	}
	d.Action = v.link("/campaigns", c.ID.String(), "edit")
	return head{Title: v.t("campaign.edit"), Section: "campaigns", Crumbs: v.campaignCrumbs(crumb{c.Name, v.link("/campaigns", c.ID.String())})}, nil
}

// topicChoices are the open topics of a channel, and those that are chosen already.
func (v *visit) topicChoices(f *input, ch subscription.Channel) ([]topicChoice, error) {
	topics, err := v.s.module.Newsletters.Subscriptions.Topics(v.ctx())
	if err != nil {
		return nil, err
	}
	counts, err := v.activeReaders()
	if err != nil {
		return nil, err
	}
	var out []topicChoice
	for _, t := range topics {
		name := "topic." + t.ID.String()
		if on := f.on(name); t.Channel == ch && (t.Open() || on) {
			text, _ := t.In(v.Locale.Language)
			out = append(out, topicChoice{Name: name, Label: text.Name, Note: v.t("topic.readers", countText(v.Locale.Language, counts[t.ID])), On: on})
		}
	}
	return out, nil
}

// activeReaders counts them by topic.
func (v *visit) activeReaders() (map[subscription.TopicID]int64, error) {
	all, err := v.s.module.Newsletters.Subscriptions.Counts(v.ctx())
	out := map[subscription.TopicID]int64{}
	for _, c := range all {
		if c.State == subscription.Active {
			out[c.Topic] = c.Count
		}
	}
	return out, err
}

// chosenTopics are the topics whose boxes are ticked.
func (f *input) chosenTopics() []subscription.TopicID {
	var out []subscription.TopicID
	for name := range f.Values {
		if len(name) > len("topic.") && name[:len("topic.")] == "topic." && f.on(name) {
			if id, err := store.ParseKey[subscription.TopicTag](name[len("topic."):]); err == nil {
				out = append(out, id)
			}
		}
	}
	slices.SortFunc(out, func(a, b subscription.TopicID) int { return slices.Compare(a[:], b[:]) })
	return out
}

// campaignPlan is what the form says, on top of what it does not show.
func (v *visit) campaignPlan(f *input, p campaign.Plan) campaign.Plan {
	p.Name, p.SenderName, p.SenderAddress, p.ReplyTo = f.text("name"), f.text("sender_name"), f.text("sender_address"), f.text("reply_to")
	p.Language = locale.Language(f.text("language"))
	p.PerHour, p.TestShare, p.DecideAfter = f.whole("per_hour"), f.whole("test_share"), f.whole("decide_after")
	if f.has("return_domain") {
		p.ReturnDomain = f.text("return_domain")
	}
	if f.has("seeds") {
		p.Seeds = strings.FieldsFunc(f.Get("seeds"), func(r rune) bool { return strings.ContainsRune(",;\r\n\t ", r) })
	}
	choice := newsletter.Choice{Topics: f.chosenTopics()}
	if len(choice.Topics) == 0 {
		f.wrong("topics", "campaign.topics.none")
	}
	if text := f.text("segment"); text != "" {
		id, err := store.ParseKey[segment.Tag](text)
		if err != nil {
			f.wrong("segment", "fault.choice")
		}
		choice.Segment = id
	}
	p.Audience = choice.String()
	return p
}

// whole reads a number without a fraction, 0 where none was given.
func (f *input) whole(name string) int {
	text := f.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		f.wrong(name, "fault.number")
	}
	return n
}

func (s *screens) createCampaign(v *visit) error {
	f := v.posted()
	plan := v.campaignPlan(f, campaign.Plan{})
	if !f.bad() {
		c, err := s.module.Newsletters.Campaigns.Create(v.ctx(), plan)
		if err == nil {
			return v.redirect(v.link("/campaigns", c.ID.String(), "content"))
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.drawCampaignForm(v, f, nil)
}

// campaignOf reads the campaign of the address.
func (v *visit) campaignOf() (campaign.Campaign, error) {
	id, err := key[campaign.Tag](v, "id")
	if err != nil {
		return campaign.Campaign{}, err
	}
	return v.s.module.Newsletters.Campaigns.Get(v.ctx(), id)
}

func (s *screens) editCampaign(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	if c.State != campaign.Draft {
		v.toast(toast{Text: v.t("campaign.frozen"), Bad: true})
		return v.redirect(v.link("/campaigns", c.ID.String()))
	}
	if c.Channel == campaign.SMS {
		return s.editTextCampaign(v, c)
	}
	f, err := v.campaignValues(c)
	if err != nil {
		return err
	}
	return s.drawCampaignForm(v, f, &c)
}

// campaignValues is the form of a campaign as it is.
func (v *visit) campaignValues(c campaign.Campaign) (*input, error) {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	f := v.blank("name", c.Name, "sender_name", c.SenderName, "sender_address", c.SenderAddress, "reply_to", c.ReplyTo, "return_domain", c.ReturnDomain, "language", string(c.Language), "segment", "",
		"per_hour", number(c.PerHour), "test_share", number(c.TestShare), "decide_after", number(c.DecideAfter), "seeds", strings.Join(c.Seeds(), "\n"), "version", strconv.FormatInt(c.Version, 10))
	choice, _ := newsletter.ParseChoice(c.Audience) // one that cannot be read is chosen anew
	if !choice.Segment.IsZero() {
		f.Values.Set("segment", choice.Segment.String())
	}
	topics, err := v.s.module.Newsletters.Subscriptions.Topics(v.ctx())
	for _, t := range topics {
		on := ""
		if slices.Contains(choice.Topics, t.ID) {
			on = "on"
		}
		f.Values.Set("topic."+t.ID.String(), on)
	}
	return f, err
}

func (s *screens) saveCampaign(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	if c.Channel == campaign.SMS {
		return s.saveTextCampaign(v, c)
	}
	f := v.posted()
	plan := v.campaignPlan(f, c.Plan())
	if f.bad() {
		return s.drawCampaignForm(v, f, &c)
	}
	_, err = s.module.Newsletters.Campaigns.Edit(v.ctx(), c.ID, f.version("version"), plan)
	if fault.CodeOf(err) == fault.Conflict && c.State == campaign.Draft {
		now, err := v.campaignValues(c)
		if err != nil {
			return err
		}
		asks, err := v.clash(f, now, c.Record, v.campaignShared())
		if err != nil {
			return err
		}
		if asks {
			return s.drawCampaignForm(v, f, &c)
		}
		return s.againCampaign(v, f, c)
	}
	return s.endCampaign(v, f, c, err)
}

// againCampaign saves once more, when what others changed and what the visitor changed does not touch.
func (s *screens) againCampaign(v *visit, f *input, c campaign.Campaign) error {
	plan := v.campaignPlan(f, c.Plan())
	if f.bad() {
		return s.drawCampaignForm(v, f, &c)
	}
	_, err := s.module.Newsletters.Campaigns.Edit(v.ctx(), c.ID, f.version("version"), plan)
	return s.endCampaign(v, f, c, err)
}

func (s *screens) endCampaign(v *visit, f *input, c campaign.Campaign, err error) error {
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawCampaignForm(v, f, &c)
	}
	v.done("campaign.saved")
	return v.redirect(v.link("/campaigns", c.ID.String()))
}

// campaignShared are the fields that others may change too.
func (v *visit) campaignShared() []shared {
	return []shared{
		{Name: "name", Label: "campaign.name"}, {Name: "sender_name", Label: "campaign.sender_name"}, {Name: "sender_address", Label: "campaign.sender_address"},
		{Name: "reply_to", Label: "campaign.reply_to"}, {Name: "return_domain", Label: "campaign.return_domain"}, {Name: "language", Label: "campaign.language", Show: func(value string) string { return locale.Language(value).Name() }},
		{Name: "per_hour", Label: "campaign.per_hour"}, {Name: "test_share", Label: "campaign.test_share"}, {Name: "decide_after", Label: "campaign.decide_after"},
		{Name: "seeds", Label: "campaign.seeds"},
	}
}
