package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// campaignCard is the page of a campaign.
type campaignCard struct {
	campaignRow
	Topics   []string
	Segment  string
	Contents []contentRow
	Live     campaignLive
	Report   *campaignReport
	Scores   []campaign.Score
	// Texts are what a campaign on SMS has beside; nil for mails.
	Texts *textCard
	// Ready is false where no mail server is set up.
	Ready bool
	// What can be done now.
	Edit, Schedule, Unschedule, Pause, Resume, Cancel, Choose bool
	Reason                                                    string
}

// contentRow is one variant and language of what a campaign says.
type contentRow struct {
	Variant, Subject, Path, Preview string
	Language                        locale.Language
	Faults                          int
}

// campaignLive is what changes while a campaign is being sent.
type campaignLive struct {
	ID     string
	State  campaign.State
	Moving bool
	// Every is how often the figures are asked for: seldom while it only waits for its hour.
	Every           string
	Progress        campaign.Progress
	Figures         []standingFigure
	Done, Total     int64
	PerSecond, Left string
}

type standingFigure struct {
	Text, Dot, Path string
	Count           int64
}

// standingDots are the standings of recipients as dots.
var standingDots = map[campaign.Standing]string{
	campaign.Pending: "quiet", campaign.Sending: "busy", campaign.Sent: "good", campaign.Deferred: "watch", campaign.Failed: "bad", campaign.Bounced: "bad", campaign.Complained: "bad", campaign.Unknown: "watch",
}

func (s *screens) showCampaign(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	d := campaignCard{Ready: s.module.Newsletters.Campaigns.Carries(c.Channel)}
	if d.campaignRow, err = v.campaignRow(c); err != nil {
		return err
	}
	if d.Topics, d.Segment, err = v.audienceWords(c); err != nil {
		return err
	}
	contents, err := s.module.Newsletters.Campaigns.Contents(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	fields, err := s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return err
	}
	for _, p := range contents {
		d.Contents = append(d.Contents, v.contentRow(c, p, fields))
	}
	d.Live = v.campaignLive(c, d.Progress)
	if c.ReasonCode != "" {
		d.Reason = v.t("campaign.reason." + c.ReasonCode)
	}
	if err := d.measure(v, c, contents); err != nil {
		return err
	}
	write, send := v.may(campaign.Write), v.may(campaign.Send)
	d.Edit, d.Schedule, d.Unschedule = write && c.State == campaign.Draft, send && c.State == campaign.Draft, send && c.State == campaign.Scheduled
	d.Pause = send && (c.State == campaign.Running || c.State == campaign.Freezing)
	d.Resume = send && c.State == campaign.Paused
	d.Cancel = send && slices.Contains([]campaign.State{campaign.Scheduled, campaign.Freezing, campaign.Running, campaign.Paused}, c.State)
	d.Choose = send && len(d.Scores) > 1 && c.Winner == "" && c.TestShare < 100 && (c.State == campaign.Running || c.State == campaign.Paused)
	return v.show(http.StatusOK, "newsletter_card", head{Title: c.Name, Section: "campaigns", Crumbs: v.campaignCrumbs()}, d)
}

// measure reads what is known of a campaign that has begun, and what one on SMS costs.
func (d *campaignCard) measure(v *visit, c campaign.Campaign, contents []campaign.Content) (err error) {
	begun := !c.StartedAt.IsZero()
	if begun && len(variantsIn(contents)) > 1 {
		if d.Scores, err = v.s.module.Newsletters.Campaigns.Scores(v.ctx(), c.ID); err != nil {
			return err
		}
	}
	if begun && v.may(actor.ReportRead) {
		if d.Report, err = v.campaignReport(c, contents); err != nil {
			return err
		}
	}
	if c.Channel != campaign.SMS {
		return nil
	}
	if d.Report != nil && len(d.Report.Links) == 0 { // none of its links were counted
		d.Report = nil
	}
	d.Texts, err = v.textCard(c, d.Progress)
	return err
}

// audienceWords name whom a campaign is for, as far as the visitor may know.
func (v *visit) audienceWords(c campaign.Campaign) ([]string, string, error) {
	choice, err := newsletter.ParseChoice(c.Audience)
	if err != nil || !v.may(subscription.Read) {
		return nil, "", nil //nolint:nilerr // none was chosen yet
	}
	var names []string
	for _, id := range choice.Topics {
		t, err := v.s.module.Newsletters.Subscriptions.Topic(v.ctx(), id)
		if err != nil {
			return nil, "", err
		}
		text, _ := t.In(v.Locale.Language)
		names = append(names, text.Name)
	}
	if choice.Segment.IsZero() {
		return names, "", nil
	}
	g, err := v.s.module.Newsletters.Segments.Get(v.ctx(), choice.Segment)
	return names, g.Name, err
}

func (v *visit) contentRow(c campaign.Campaign, p campaign.Content, fields content.Fields) contentRow {
	if c.Channel == campaign.SMS {
		return v.textRow(c, p, fields)
	}
	if c.State != campaign.Draft { // it goes out as it was checked
		fields = slices.Concat(fields, content.Named(p.Subject+p.Design))
	}
	design, faults := readDesign(p, fields)
	query := "?variant=" + p.Variant + "&language=" + string(p.Language)
	return contentRow{
		Variant: p.Variant, Language: p.Language, Subject: design.Subject, Faults: len(faults),
		Path: v.link("/campaigns", c.ID.String(), "content") + query, Preview: v.link("/campaigns", c.ID.String(), "preview") + query,
	}
}

// readDesign gives the design of a content and everything that is wrong with it.
func readDesign(p campaign.Content, fields content.Fields) (content.Design, []fault.Fault) {
	d, err := content.Decode(p.Design, p.Language, p.Subject)
	if err != nil {
		return d, fault.Of(err)
	}
	return d, d.Check(fields)
}

func variantsIn(contents []campaign.Content) []string {
	var out []string
	for _, p := range contents {
		if !slices.Contains(out, p.Variant) {
			out = append(out, p.Variant)
		}
	}
	return out
}

// campaignLive puts figures into words.
func (v *visit) campaignLive(c campaign.Campaign, p campaign.Progress) campaignLive {
	l := campaignLive{
		ID: c.ID.String(), State: c.State, Progress: p, Total: p.Total,
		Moving: slices.Contains([]campaign.State{campaign.Scheduled, campaign.Freezing, campaign.Running}, c.State),
	}
	if l.Every = "2s"; c.State == campaign.Scheduled && c.ScheduledAt.After(v.s.now().Add(time.Minute)) {
		l.Every = "30s"
	}
	lang := v.Locale.Language
	for _, one := range campaign.Standings {
		n := p.All.Of(one)
		if n > 0 {
			l.Figures = append(l.Figures, standingFigure{Text: one.In(lang), Dot: standingDots[one], Count: n, Path: v.link("/campaigns", l.ID, "recipients") + "?state=" + string(one)})
		}
	}
	l.Done = p.Total - p.All.Pending - p.All.Sending - p.All.Deferred
	if p.PerSecond > 0 {
		l.PerSecond = v.t("campaign.per_second", countText(lang, int64(p.PerSecond+.5)))
	}
	if p.Remaining > 0 {
		l.Left = v.t("campaign.remaining", v.span(p.Remaining))
	}
	return l
}

// span is a length of time in one unit.
func (v *visit) span(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return v.t("span.seconds", int(d.Round(time.Second)/time.Second))
	case d < 2*time.Hour:
		return v.t("span.minutes", int(d.Round(time.Minute)/time.Minute))
	}
	return v.t("span.hours", int(d.Round(time.Hour)/time.Hour))
}

// campaignProgress is asked for every other second while a campaign moves; when its state is another one than
// that of the page, the page is loaded anew.
func (s *screens) campaignProgress(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	var p campaign.Progress
	if !c.StartedAt.IsZero() || c.State == campaign.Freezing {
		if p, err = s.module.Newsletters.Campaigns.Progress(v.ctx(), c.ID); err != nil {
			return err
		}
	}
	if !v.part() {
		return v.redirect(v.link("/campaigns", c.ID.String()))
	}
	if shown := v.r.URL.Query().Get("state"); shown != "" && shown != string(c.State) {
		v.w.Header().Set("Hx-Refresh", "true")
	}
	return v.fill(http.StatusOK, "newsletter_card", "progress", v.campaignLive(c, p))
}

// scheduleDialog asks when a campaign begins, and says how many get it.
type scheduleDialog struct {
	Form     *input
	Campaign campaign.Campaign
	Readers  int
	// AtMost says that the number is an upper bound: readers of several topics are counted for each.
	AtMost bool
	Ready  bool
	Faulty []contentRow
	Action string
	// Price is what a campaign on SMS costs; nil for mails.
	Price *textPrice
	// Gaps are the fields that some readers have no value for.
	Gaps *readerGaps
}

// readerGaps are fields that would leave a gap in letters.
type readerGaps struct {
	Of, Affected int
	Sampled      bool
	Fields       []readerGap
}

type readerGap struct {
	Name, Label string
	Readers     int
}

// gapsOf looks for what readers lack, where the visitor may see how many there are; nil where nothing is missing.
func (v *visit) gapsOf(c campaign.Campaign, fields content.Fields) (*readerGaps, error) {
	if _, err := newsletter.ParseChoice(c.Audience); err != nil || !v.may(subscription.Read) {
		return nil, nil //nolint:nilerr // without an audience there are no readers; it is said when it is to be scheduled
	}
	found, err := v.s.module.Newsletters.Gaps(v.ctx(), c.ID)
	if fault.CodeOf(err) == fault.Invalid || err == nil && found.Affected == 0 {
		return nil, nil
	}
	out := &readerGaps{Of: found.Readers, Affected: found.Affected, Sampled: found.Sampled}
	for _, g := range found.Fields {
		one := readerGap{Name: g.Field, Label: g.Field, Readers: g.Readers}
		if i := slices.IndexFunc(fields, func(f content.Field) bool { return f.Name == g.Field }); i >= 0 {
			one.Label = fields[i].Label[v.Locale.Language]
		}
		out.Fields = append(out.Fields, one)
	}
	return out, err
}

func (s *screens) askSchedule(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	tomorrow := v.s.now().In(v.zone()).AddDate(0, 0, 1).Format("2006-01-02")
	return s.drawSchedule(v, v.blank("when", "now", "at", tomorrow, "at_time", "09:00", "version", strconv.FormatInt(c.Version, 10)), c)
}

func (s *screens) drawSchedule(v *visit, f *input, c campaign.Campaign) error {
	d := scheduleDialog{Form: f, Campaign: c, Ready: s.module.Newsletters.Campaigns.Carries(c.Channel), Action: v.link("/campaigns", c.ID.String(), "schedule")}
	var err error
	if d.Readers, d.AtMost, err = v.readersOf(c); err != nil {
		return err
	}
	contents, err := s.module.Newsletters.Campaigns.Contents(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	fields, err := s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return err
	}
	for _, p := range contents {
		if row := v.contentRow(c, p, fields); row.Faults > 0 {
			d.Faulty = append(d.Faulty, row)
		}
	}
	if c.Channel == campaign.SMS {
		if d.Price, err = v.priceOf(c); err != nil {
			return err
		}
	}
	if d.Gaps, err = v.gapsOf(c, fields); err != nil {
		return err
	}
	return s.saleDialog(v, f.statusOf(), "newsletter_schedule", head{Title: v.t("campaign.schedule"), Section: "campaigns", Crumbs: v.campaignCrumbs(crumb{c.Name, v.link("/campaigns", c.ID.String())})}, d)
}

// readersOf counts the audience of a campaign: by a condition where there is one, else by the counts of the
// topics, which for several topics are the most there can be.
func (v *visit) readersOf(c campaign.Campaign) (n int, atMost bool, err error) {
	choice, err := newsletter.ParseChoice(c.Audience)
	if err != nil || !v.may(subscription.Read) {
		return 0, true, nil //nolint:nilerr // it is said when it is to be scheduled
	}
	counts, err := v.activeReaders()
	if err != nil {
		return 0, false, err
	}
	var has []string
	for _, id := range choice.Topics {
		t, err := v.s.module.Newsletters.Subscriptions.Topic(v.ctx(), id)
		if err != nil {
			return 0, false, err
		}
		n += int(counts[id])
		has = append(has, `.topic == `+strconv.Quote(t.Code))
	}
	if len(choice.Topics) == 1 && choice.Segment.IsZero() {
		return n, false, nil
	}
	condition := `any(subscriptions, .state == "active" and (` + strings.Join(has, " or ") + `))`
	selection := segment.Selection{Condition: condition}
	if !choice.Segment.IsZero() {
		g, err := v.s.module.Newsletters.Segments.Get(v.ctx(), choice.Segment)
		if err != nil {
			return 0, false, err
		}
		if g.Condition == "" {
			return n, true, nil // a list of people
		}
		selection.Condition, selection.Exclude = "("+g.Condition+") and "+condition, g.Exclusions()
	}
	exact, err := v.s.module.Newsletters.Segments.Count(v.ctx(), selection)
	if err != nil {
		return n, true, nil //nolint:nilerr // the bound still holds
	}
	return exact, false, nil
}

func (s *screens) scheduleCampaign(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	f := v.posted()
	var at time.Time
	if f.text("when") == "later" {
		if at = f.moment("at"); at.IsZero() && !f.bad() {
			f.wrong("at", "fault.required")
		}
		if !at.IsZero() && at.Before(s.now()) {
			f.wrong("at", "campaign.past")
		}
	}
	contents, err := s.module.Newsletters.Campaigns.Contents(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	fields, err := s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return err
	}
	for _, p := range contents {
		if n := v.contentRow(c, p, fields).Faults; n > 0 {
			f.wrong("", "campaign.faulty", p.Language.Name()+" "+p.Variant, n)
		}
	}
	if f.bad() {
		return s.drawSchedule(v, f, c)
	}
	next, err := s.module.Newsletters.Campaigns.Schedule(v.ctx(), c.ID, f.version("version"), at)
	if err != nil {
		if fault.CodeOf(err) == fault.Conflict {
			f.wrong("", "campaign.changed")
			f.Values.Set("version", strconv.FormatInt(c.Version, 10))
			return s.drawSchedule(v, f, c)
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawSchedule(v, f, c)
	}
	v.s.module.Wake()
	v.toast(toast{Text: v.t("campaign.scheduled.done", whenText(v.Locale, next.ScheduledAt)), Undo: v.link("/campaigns", c.ID.String(), "do", "unschedule")})
	return v.redirect(v.link("/campaigns", c.ID.String()))
}

// cancelDialog asks before a campaign is ended for good, which nothing takes back.
type cancelDialog struct {
	Campaign campaign.Campaign
	Waiting  int64
	Action   string
}

func (s *screens) askCancelCampaign(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	d := cancelDialog{Campaign: c, Action: v.link("/campaigns", c.ID.String(), "do", "cancel")}
	if !c.StartedAt.IsZero() {
		p, err := s.module.Newsletters.Campaigns.Progress(v.ctx(), c.ID)
		if err != nil {
			return err
		}
		d.Waiting = p.All.Pending + p.All.Sending + p.All.Deferred
	}
	return s.saleDialog(v, http.StatusOK, "newsletter_cancel", head{Title: v.t("campaign.cancel"), Section: "campaigns"}, d)
}

// moveCampaign does one of the verbs that move a campaign.
func (s *screens) moveCampaign(v *visit) error {
	id, err := key[campaign.Tag](v, "id")
	if err != nil {
		return err
	}
	all, verb, undo := s.module.Newsletters.Campaigns, v.r.PathValue("verb"), ""
	switch verb {
	case "pause":
		_, err = all.Pause(v.ctx(), id)
		undo = v.link("/campaigns", id.String(), "do", "resume")
	case "resume":
		_, err = all.Resume(v.ctx(), id)
		undo = v.link("/campaigns", id.String(), "do", "pause")
	case "cancel":
		_, err = all.Cancel(v.ctx(), id)
	case "unschedule":
		_, err = all.Unschedule(v.ctx(), id)
	case "winner":
		_, err = all.ChooseWinner(v.ctx(), id, v.posted().text("variant"))
	default:
		return errNoPage
	}
	return v.turned(err, turn{Done: "campaign." + verb + ".done", Undo: undo, Refused: "campaign.state", Back: v.link("/campaigns", id.String())})
}
