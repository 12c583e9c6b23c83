package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/track"
)

// campaignReport is what readers did with a campaign, as it was judged and, beside it, as it came.
type campaignReport struct {
	Opened, Clicked measured
	Links           []linkRow
	Hours           *lines
	// From is when the chart begins.
	From time.Time
}

type measured struct {
	Readers, Raw int64
	Share        string
}

type linkRow struct {
	URL, Share  string
	Readers     int64
	Events, Raw int64
	Part        int64
}

// reportHours is how many hours the chart has.
const reportHours = 24

func (v *visit) campaignReport(c campaign.Campaign, contents []campaign.Content) (*campaignReport, error) {
	n := v.s.module.Newsletters
	figures, err := n.Tracking.Figures(v.ctx(), c.Number)
	if err != nil {
		return nil, err
	}
	progress, err := n.Campaigns.Progress(v.ctx(), c.ID)
	if err != nil {
		return nil, err
	}
	of := func(k track.Kind) measured {
		good, raw := figures.Of(k, track.AllLinks, track.Genuine), figures.Of(k, track.AllLinks, track.Any)
		return measured{Readers: good.Readers, Raw: raw.Readers, Share: v.share(good.Readers, progress.All.Left())}
	}
	out := &campaignReport{Opened: of(track.Open), Clicked: of(track.Click), From: c.StartedAt}
	links, err := n.Links(c, contents)
	if err != nil && fault.CodeOf(err) != fault.Invalid { // a design that is damaged has no links to show
		return nil, err
	}
	var most int64
	for i, url := range links {
		good, raw := figures.Of(track.Click, i, track.Genuine), figures.Of(track.Click, i, track.Any)
		out.Links = append(out.Links, linkRow{URL: url, Readers: good.Readers, Events: good.Events, Raw: raw.Events, Share: v.share(good.Readers, out.Clicked.Readers)})
		most = max(most, good.Readers)
	}
	for i := range out.Links {
		if most > 0 {
			out.Links[i].Part = out.Links[i].Readers * 100 / most
		}
	}
	slices.SortStableFunc(out.Links, func(a, b linkRow) int { return int(b.Readers - a.Readers) })
	return out, v.campaignHours(c, out)
}

// clickNotes are how many readers pressed each link of one content, to stand beside the link.
func (v *visit) clickNotes(c campaign.Campaign, contents []campaign.Content, at place) (func(link int) content.Note, error) {
	n := v.s.module.Newsletters
	figures, err := n.Tracking.Figures(v.ctx(), c.Number)
	if err != nil {
		return nil, err
	}
	own := at.in(contents)
	if own < 0 {
		return nil, errNoPage
	}
	before, err := n.Links(c, contents[:own])
	if err != nil {
		return nil, err
	}
	links, err := n.Links(c, contents[own:own+1])
	if err != nil {
		return nil, err
	}
	readers := make([]int64, len(links))
	var most, all int64
	for i := range links {
		readers[i] = figures.Of(track.Click, len(before)+i, track.Genuine).Readers
		most, all = max(most, readers[i]), all+readers[i]
	}
	return func(link int) content.Note {
		if link >= len(readers) {
			return content.Note{}
		}
		note := content.Note{Text: countText(v.Locale.Language, readers[link])}
		if most > 0 {
			note.Heat = float64(readers[link]) / float64(most)
			note.Text += " · " + v.share(readers[link], all)
		}
		return note
	}, nil
}

// campaignHours draws the first day, hour by hour.
func (v *visit) campaignHours(c campaign.Campaign, out *campaignReport) error {
	from := c.StartedAt.Truncate(time.Hour)
	hours, err := v.s.module.Newsletters.Tracking.Hours(v.ctx(), c.Number, track.Span{From: from, Until: from.Add(reportHours * time.Hour)})
	if err != nil || len(hours) == 0 {
		return err
	}
	opens, clicks := lineData{Name: v.t("campaign.opened")}, lineData{Name: v.t("campaign.clicked")}
	labels := make([]string, reportHours)
	for i := range reportHours {
		at := from.Add(time.Duration(i) * time.Hour)
		clock := at.In(v.zone()).Format("15:04")
		if i%4 == 0 {
			labels[i] = clock
		}
		for _, one := range []struct {
			kind track.Kind
			data *lineData
		}{{track.Open, &opens}, {track.Click, &clicks}} {
			var n int64
			for _, h := range hours {
				if h.From.Equal(at) && h.Kind == one.kind && h.Verdict == track.Genuine {
					n = h.Readers
				}
			}
			one.data.Values = append(one.data.Values, decimal.NewFromInt(n))
			one.data.Texts = append(one.data.Texts, clock+" "+countText(v.Locale.Language, n))
		}
	}
	lines := []lineData{opens, clicks}
	if c.Channel == campaign.SMS { // nobody knows who read a short message
		lines = lines[1:]
	}
	chart := newLines(v.t("campaign.hours"), v.t("campaign.hours.is"), labels, lines, func(d, _ decimal.Decimal) string { return d.String() })
	out.Hours = &chart
	return nil
}

// recipientList is a page of the ledger.
type recipientList struct {
	Campaign campaign.Campaign
	States   []option
	Rows     []recipientRow
	Address  string
	First    string
	Next     string
	// Decide says that those of whom nobody knows can be decided about.
	Decide bool
}

type recipientRow struct {
	campaign.Detail
	StateText, Dot, Why string
}

const recipientPage = 50

func (s *screens) listRecipients(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	f := v.asked()
	choice := campaign.Choice{After: f.count("after"), Limit: recipientPage}
	if state := campaign.Standing(f.text("state")); slices.Contains(campaign.Standings, state) {
		choice.State = state
	}
	if choice.After < 0 {
		choice.After = 0
	}
	found, err := s.module.Newsletters.Campaigns.Recipients(v.ctx(), c.ID, choice)
	if err != nil {
		return err
	}
	l := recipientList{Campaign: c, Address: v.r.URL.Path, Decide: choice.State == campaign.Unknown && v.may(campaign.Send) && len(found.Rows) > 0}
	l.States = []option{{Label: v.t("button.all"), On: choice.State == ""}}
	for _, one := range campaign.Standings {
		l.States = append(l.States, option{Value: string(one), Label: one.In(v.Locale.Language), On: one == choice.State})
	}
	for _, d := range found.Rows {
		row := recipientRow{Detail: d, StateText: d.State.In(v.Locale.Language), Dot: standingDots[d.State], Why: d.Reason}
		if key := "recipient." + d.Code; row.Why == "" && d.Code != "" && texts[key] != nil {
			row.Why = v.t(key)
		}
		l.Rows = append(l.Rows, row)
	}
	if found.Next > 0 {
		l.Next = addressWith(v.r.URL, "after", strconv.Itoa(found.Next))
	}
	if choice.After > 0 {
		l.First = addressWith(v.r.URL, "after", "")
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "newsletter_recipients", "rows", l)
	}
	return v.show(http.StatusOK, "newsletter_recipients", head{
		Title: v.t("campaign.recipients"), Section: "campaigns", Crumbs: v.campaignCrumbs(crumb{c.Name, v.link("/campaigns", c.ID.String())}),
	}, l)
}

// resolveRecipients decides about those of whom nobody knows whether they got their letter.
func (s *screens) resolveRecipients(v *visit) error {
	id, err := key[campaign.Tag](v, "id")
	if err != nil {
		return err
	}
	if _, err := s.module.Newsletters.Campaigns.Get(v.ctx(), id); err != nil {
		return err
	}
	f := v.posted()
	var seqs []int
	for _, text := range f.Values["seq"] {
		if n, err := strconv.Atoi(text); err == nil {
			seqs = append(seqs, n)
		}
	}
	back := v.link("/campaigns", id.String(), "recipients") + "?state=unknown"
	decision := campaign.Decision(f.text("decision"))
	if len(seqs) == 0 || !slices.Contains([]campaign.Decision{campaign.Arrived, campaign.Lost, campaign.Repeat}, decision) {
		v.toast(toast{Text: v.t("recipient.none"), Bad: true})
		return v.redirect(back)
	}
	n, err := s.module.Newsletters.Campaigns.Resolve(v.ctx(), id, seqs, decision)
	if err != nil {
		return err
	}
	s.module.Wake()
	v.done("recipient.resolved", n)
	return v.redirect(back)
}
