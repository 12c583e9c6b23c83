package reports

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/reports/workbook"
)

// CampaignQuery asks for the workbook of a campaign.
type CampaignQuery struct {
	ID campaign.ID
	// Followed says how opportunities and revenue are credited.
	Followed newsletter.FollowedQuery
	// Language is the reader's; the company's own where it is empty.
	Language locale.Language
}

// Campaign writes every figure of a campaign as a workbook: what it was and how it was asked for, where its recipients
// stand, what they opened and pressed, by link and by hour, its variants, and the opportunities and revenue that
// followed. It needs actor.ReportRead and campaign.Read.
func (r *Reports) Campaign(ctx context.Context, n *newsletter.Newsletters, w io.Writer, q CampaignQuery) error {
	f, err := r.campaign(ctx, n, q)
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: q.Language}, export{title: "campaign", kind: "campaign", record: q.ID.Bytes()}, func(l locale.Locale) []table {
		return slices.Concat([]table{f.cover(l), f.readers(l), f.standings(l)}, f.texts(l), []table{f.pressed(l), f.hourly(l), f.variants(l), f.returns(l)}, f.outcomes(l))
	})
}

// campaignFigures are all figures of a campaign.
type campaignFigures struct {
	row      campaign.Campaign
	progress campaign.Progress
	figures  track.Figures
	links    []string
	hours    []track.Hour
	scores   []campaign.Score
	followed newsletter.Followed
	// text is what a campaign on SMS came to.
	text    campaign.TextReport
	topics  []subscription.Topic
	segment string
	now     time.Time
}

// spanOfHours is how much of a campaign is shown hour by hour.
const spanOfHours = 91 * 24 * time.Hour

func (r *Reports) campaign(ctx context.Context, n *newsletter.Newsletters, q CampaignQuery) (f campaignFigures, err error) {
	f.now = r.db.Now()
	if f.row, err = n.Campaigns.Get(ctx, q.ID); err != nil {
		return f, err
	}
	if f.progress, err = n.Campaigns.Progress(ctx, q.ID); err != nil {
		return f, err
	}
	if f.figures, err = n.Tracking.Figures(ctx, f.row.Number); err != nil {
		return f, err
	}
	contents, err := n.Campaigns.Contents(ctx, q.ID)
	if err != nil {
		return f, err
	}
	if f.links, err = n.Links(f.row, contents); err != nil && fault.CodeOf(err) != fault.Invalid { // a damaged design has no links to show
		return f, err
	}
	if !f.row.StartedAt.IsZero() {
		from := f.row.StartedAt.Truncate(time.Hour)
		if f.hours, err = n.Tracking.Hours(ctx, f.row.Number, track.Span{From: from, Until: from.Add(spanOfHours)}); err != nil {
			return f, err
		}
	}
	if f.scores, err = n.Campaigns.Scores(ctx, q.ID); err != nil {
		return f, err
	}
	if f.followed, err = n.Followed(ctx, q.ID, q.Followed); err != nil {
		return f, err
	}
	if f.row.Channel == campaign.SMS {
		if f.text, err = n.Campaigns.TextReport(ctx, q.ID); err != nil {
			return f, err
		}
	}
	return f, f.audience(ctx, n)
}

// audience names whom it went to, as far as the actor may know.
func (f *campaignFigures) audience(ctx context.Context, n *newsletter.Newsletters) error {
	choice, err := newsletter.ParseChoice(f.row.Audience)
	if err != nil {
		return nil //nolint:nilerr // none was chosen
	}
	for _, id := range choice.Topics {
		t, err := n.Subscriptions.Topic(ctx, id)
		if fault.CodeOf(err) == fault.Forbidden {
			return nil
		}
		if err != nil {
			return err
		}
		f.topics = append(f.topics, t)
	}
	if choice.Segment.IsZero() {
		return nil
	}
	s, err := n.Segments.Get(ctx, choice.Segment)
	f.segment = s.Name
	return err
}

// sheetOf is a table of rows that are known already.
func sheetOf(l locale.Locale, name string, columns []workbook.Column, rows [][]workbook.Value) table {
	return table{name: texts.T(l.Language, "sheet."+name), columns: columns, rows: func(_ context.Context, _ *store.Session, each func(...workbook.Value) error) error {
		for _, r := range rows {
			if err := each(r...); err != nil {
				return err
			}
		}
		return nil
	}}
}

// coverOf is the first sheet: what is shown, by which filters, and when it was made.
func coverOf(l locale.Locale, lines [][2]string) table {
	c := columns{l.Language}
	rows := make([][]workbook.Value, 0, len(lines))
	for _, line := range lines {
		if line[1] != "" {
			rows = append(rows, []workbook.Value{workbook.Text(texts.T(l.Language, "cover."+line[0])), workbook.Text(line[1])})
		}
	}
	what := c.text("what")
	what.Width = 34
	value := c.text("said")
	value.Width, value.Wrap = 60, true
	out := sheetOf(l, "cover", []workbook.Column{what, value}, rows)
	out.aside = true
	return out
}

func moment(l locale.Locale, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.DateTime(t)
}

func (f campaignFigures) cover(l locale.Locale) table {
	var topics []string
	for _, t := range f.topics {
		text, _ := t.In(l.Language)
		topics = append(topics, text.Name)
	}
	q := f.followed.Query
	partial := ""
	if f.followed.Partial {
		partial = texts.T(l.Language, "cover.partial.is")
	}
	cost := ""
	if f.row.Currency != "" {
		cost = l.Language.Money(f.progress.Cost, f.row.Currency)
	}
	return coverOf(l, [][2]string{
		{"name", f.row.Name}, {"state", f.row.State.In(l.Language)}, {"topics", strings.Join(topics, ", ")}, {"segment", f.segment},
		{"sender", strings.TrimSpace(f.row.SenderName + " " + f.row.SenderAddress)}, {"started", moment(l, f.row.StartedAt)}, {"ended", moment(l, f.row.EndedAt)}, {"cost", cost},
		{"model", texts.T(l.Language, "model."+string(q.Model))}, {"touch", texts.T(l.Language, "touch."+string(q.Touch))},
		{"window", texts.T(l.Language, "cover.days", q.Days)}, {"partial", partial}, {"made", moment(l, f.now)},
	})
}

// shareOf is a part in percent, with one decimal; empty where there is no whole.
func shareOf(part, whole int64) workbook.Value {
	if whole == 0 {
		return workbook.Empty()
	}
	return workbook.Percent(money.NewPercent(decimal.NewFromInt(part).Mul(decimal.NewFromInt(100)).DivRound(decimal.NewFromInt(whole), 1)))
}

func (f campaignFigures) readers(l locale.Locale) table {
	c := columns{l.Language}
	readers, share, raw, events := c.of("readers", workbook.KindInteger), c.percent("of_sent"), c.of("raw_readers", workbook.KindInteger), c.of("raw_events", workbook.KindInteger)
	var rows [][]workbook.Value
	rows = append(rows, []workbook.Value{workbook.Text(texts.T(l.Language, "figure.sent")), workbook.Integer(f.progress.All.Left()), workbook.Empty(), workbook.Empty(), workbook.Empty()})
	for _, k := range []track.Kind{track.Open, track.Click} {
		for _, v := range []track.Verdict{track.Genuine, track.Person, track.Proxy, track.Relay, track.Scanner} {
			n := f.figures.Of(k, track.AllLinks, v)
			name := texts.T(l.Language, "figure."+k.String()) + ": " + texts.T(l.Language, "verdict."+v.String())
			raw, events := workbook.Empty(), workbook.Integer(n.Events)
			if v == track.Genuine {
				any := f.figures.Of(k, track.AllLinks, track.Any)
				raw, events = workbook.Integer(any.Readers), workbook.Integer(any.Events)
			}
			rows = append(rows, []workbook.Value{workbook.Text(name), workbook.Integer(n.Readers), shareOf(n.Readers, f.progress.All.Left()), raw, events})
		}
	}
	return sheetOf(l, "readers", []workbook.Column{c.text("figure"), readers, share, raw, events}, rows)
}

func (f campaignFigures) standings(l locale.Locale) table {
	c := columns{l.Language}
	var rows [][]workbook.Value
	for _, s := range campaign.Standings {
		n := f.progress.All.Of(s)
		rows = append(rows, []workbook.Value{workbook.Text(s.In(l.Language)), workbook.Integer(n), shareOf(n, f.progress.Total)})
	}
	t := sheetOf(l, "standings", []workbook.Column{c.text("standing"), c.count("recipients"), c.percent("of_all")}, rows)
	t.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: texts.T(l.Language, "sheet.standings"), Category: "standing", Values: []string{"recipients"}}}
	return t
}

// texts are what a campaign on SMS cost and what gateways reported.
func (f campaignFigures) texts(l locale.Locale) []table {
	if f.row.Channel != campaign.SMS {
		return nil
	}
	c, t := columns{l.Language}, f.text
	row := func(key string, n int64, share, amount workbook.Value) []workbook.Value {
		return []workbook.Value{workbook.Text(texts.T(l.Language, "figure."+key)), workbook.Integer(n), share, amount, workbook.Text(t.Currency)}
	}
	none := workbook.Empty()
	cost := c.money("cost")
	cost.Total = workbook.None
	return []table{sheetOf(l, "texts", []workbook.Column{c.text("figure"), c.of("deals", workbook.KindInteger), c.percent("of_sent"), cost, c.text("currency")}, [][]workbook.Value{
		row("priced", int64(t.Estimate.Parts), none, workbook.Money(t.Expected, t.Currency)), row("parts", t.Parts, none, workbook.Money(t.Spent, t.Currency)),
		row("delivered", t.Delivered, shareOf(t.Delivered, f.progress.All.Left()), none), row("undelivered", t.Undelivered, shareOf(t.Undelivered, f.progress.All.Left()), none), row("lost", t.Lost, shareOf(t.Lost, f.progress.All.Left()), none),
	})}
}

func (f campaignFigures) pressed(l locale.Locale) table {
	c := columns{l.Language}
	all := f.figures.Of(track.Click, track.AllLinks, track.Genuine).Readers
	var rows [][]workbook.Value
	for i, url := range f.links {
		good, raw := f.figures.Of(track.Click, i, track.Genuine), f.figures.Of(track.Click, i, track.Any)
		rows = append(rows, []workbook.Value{workbook.Integer(int64(i + 1)), workbook.Text(url), workbook.Integer(good.Readers), shareOf(good.Readers, all), workbook.Integer(good.Events), workbook.Integer(raw.Events)})
	}
	url := c.text("link")
	url.Width = 60
	t := sheetOf(l, "links", []workbook.Column{c.of("nr", workbook.KindInteger), url, c.of("readers", workbook.KindInteger), c.percent("of_clickers"), c.count("events"), c.count("raw_events")}, rows)
	if len(rows) > 0 {
		t.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: texts.T(l.Language, "sheet.links"), Category: "nr", Values: []string{"events"}}}
	}
	return t
}

func (f campaignFigures) hourly(l locale.Locale) table {
	c := columns{l.Language}
	type row struct{ opens, clicks, rawOpens, rawClicks int64 }
	of := map[time.Time]*row{}
	var order []time.Time
	for _, h := range f.hours {
		if of[h.From] == nil {
			of[h.From] = &row{}
			order = append(order, h.From)
		}
		r := of[h.From]
		switch {
		case h.Kind == track.Open && h.Verdict == track.Genuine:
			r.opens = h.Readers
		case h.Kind == track.Click && h.Verdict == track.Genuine:
			r.clicks = h.Readers
		case h.Kind == track.Open:
			r.rawOpens = h.Events
		case h.Kind == track.Click:
			r.rawClicks = h.Events
		}
	}
	var rows [][]workbook.Value
	for _, at := range order {
		r := of[at]
		rows = append(rows, []workbook.Value{workbook.Text(at.In(l.Location()).Format("2006-01-02 15:04")), workbook.Integer(r.opens), workbook.Integer(r.clicks), workbook.Integer(r.rawOpens), workbook.Integer(r.rawClicks)})
	}
	// Hours are words: programs would put times on an axis of days.
	t := sheetOf(l, "hours", []workbook.Column{c.text("hour"), c.count("opened"), c.count("clicked"), c.count("raw_opens"), c.count("raw_clicks")}, rows)
	if len(rows) > 0 {
		t.charts = []workbook.Chart{{Kind: workbook.ColumnChart, Title: texts.T(l.Language, "chart.hours"), Category: "hour", Values: []string{"opened", "clicked"}}}
	}
	return t
}

func (f campaignFigures) variants(l locale.Locale) table {
	c := columns{l.Language}
	var rows [][]workbook.Value
	for _, s := range f.scores {
		rows = append(rows, []workbook.Value{workbook.Text(s.Variant), workbook.Integer(s.Sent), workbook.Integer(s.Clicks), shareOf(s.Clicks, s.Sent), workbook.Bool(s.Variant == f.row.Winner)})
	}
	return sheetOf(l, "variants", []workbook.Column{c.text("variant"), c.count("sent"), c.count("clicked"), c.percent("of_sent"), c.of("winner", workbook.KindBool)}, rows)
}

func (f campaignFigures) returns(l locale.Locale) table {
	c := columns{l.Language}
	var rows [][]workbook.Value
	for _, s := range f.followed.Sums {
		cost, back := workbook.Empty(), workbook.Empty()
		if s.Costed {
			cost, back = workbook.Money(f.followed.Cost, f.followed.Currency), workbook.Percent(s.Return)
		}
		rows = append(rows, []workbook.Value{
			workbook.Text(texts.T(l.Language, "outcome."+string(s.Kind))), workbook.Text(s.Currency), workbook.Integer(int64(s.Count)),
			workbook.Money(s.Value, s.Currency), workbook.Money(s.Credit, s.Currency), cost, back,
		})
	}
	plain := func(key string) workbook.Column { // the kinds overlap: they are not added up
		m := c.money(key)
		m.Total = workbook.None
		return m
	}
	return sheetOf(l, "returns", []workbook.Column{
		c.text("outcome"), c.text("currency"), c.of("deals", workbook.KindInteger), plain("whole"), plain("credited"), plain("cost"), c.percent("return"),
	}, rows)
}

// outcomes are the rows behind the sums, a sheet for each kind.
func (f campaignFigures) outcomes(l locale.Locale) []table {
	c := columns{l.Language}
	var all []table
	for _, kind := range newsletter.OutcomeKinds {
		var rows [][]workbook.Value
		for _, o := range f.followed.Rows {
			if o.Kind == kind {
				rows = append(rows, []workbook.Value{
					workbook.DateTime(o.At), workbook.Text(o.Name), workbook.Text(o.PartyName), workbook.Text(o.Currency),
					workbook.Money(o.Value, o.Currency), workbook.Percent(o.Share), workbook.Money(o.Credit, o.Currency),
				})
			}
		}
		if len(rows) == 0 {
			continue
		}
		all = append(all, sheetOf(l, "outcome."+string(kind), []workbook.Column{
			c.time("when"), c.text("name"), c.text("party"), c.text("currency"), c.money("whole"), c.percent("share"), c.money("credited"),
		}, rows))
	}
	return all
}

// TopicQuery asks for the workbook of a topic.
type TopicQuery struct {
	ID subscription.TopicID
	// Months is how far back its growth is shown; 24 where it is 0.
	Months int
	// Language is the reader's; the company's own where it is empty.
	Language locale.Language
}

// monthsUsual is how far back a topic is shown.
const monthsUsual = 24

// Topic writes the figures of a topic as a workbook: its growth by month, on which legal grounds its readers get it,
// where they came from, and in which languages. It needs actor.ReportRead and subscription.Read.
func (r *Reports) Topic(ctx context.Context, n *newsletter.Newsletters, w io.Writer, q TopicQuery) error {
	if q.Months == 0 {
		q.Months = monthsUsual
	}
	topic, err := n.Subscriptions.Topic(ctx, q.ID)
	if err != nil {
		return err
	}
	growth, err := n.Subscriptions.Growth(ctx, q.ID, q.Months)
	if err != nil {
		return err
	}
	parts := map[subscription.Trait][]subscription.Part{}
	for _, by := range []subscription.Trait{subscription.ByBasis, subscription.BySource, subscription.ByLanguage} {
		if parts[by], err = n.Subscriptions.Parts(ctx, q.ID, by); err != nil {
			return err
		}
	}
	now := r.db.Now()
	return r.write(ctx, w, Query{Language: q.Language}, export{title: "topic", kind: "topic", record: q.ID.Bytes()}, func(l locale.Locale) []table {
		text, _ := topic.In(l.Language)
		cover := coverOf(l, [][2]string{
			{"topic", text.Name}, {"code", topic.Code}, {"channel", texts.T(l.Language, "channel."+string(topic.Channel))}, {"description", text.Description},
			{"consent", text.Consent}, {"version", fmt.Sprint(topic.TextVersion)}, {"months", fmt.Sprint(q.Months)}, {"made", moment(l, now)},
		})
		return []table{cover, growthOf(l, growth), partsOf(l, "basis", parts[subscription.ByBasis]), partsOf(l, "source", parts[subscription.BySource]), partsOf(l, "language", parts[subscription.ByLanguage])}
	})
}

func growthOf(l locale.Locale, months []subscription.Month) table {
	c := columns{l.Language}
	rows := make([][]workbook.Value, len(months))
	for i, m := range months {
		rows[i] = []workbook.Value{workbook.Text(m.First.String()[:len("2026-07")]), workbook.Integer(m.Asked), workbook.Integer(m.Confirmed), workbook.Integer(m.Ended), workbook.Integer(m.Confirmed - m.Ended)}
	}
	t := sheetOf(l, "growth", []workbook.Column{c.text("month"), c.count("asked"), c.count("confirmed"), c.count("ended"), c.count("net")}, rows)
	t.charts = []workbook.Chart{{Kind: workbook.ColumnChart, Title: t.name, Category: "month", Values: []string{"confirmed", "ended"}}}
	return t
}

func partsOf(l locale.Locale, by string, parts []subscription.Part) table {
	c := columns{l.Language}
	var rows [][]workbook.Value
	for _, p := range parts {
		value := p.Value
		switch {
		case by == "basis":
			value = subscription.Basis(value).In(l.Language)
		case by == "language" && locale.Language(value).Name() != "":
			value = locale.Language(value).Name()
		case value == "":
			value = texts.T(l.Language, "unknown")
		}
		rows = append(rows, []workbook.Value{workbook.Text(value), workbook.Integer(p.Active), workbook.Integer(p.Pending), workbook.Integer(p.Unsubscribed), workbook.Integer(p.Suppressed)})
	}
	t := sheetOf(l, by, []workbook.Column{c.text(by + "_is"), c.count("active"), c.count("pending"), c.count("unsubscribed"), c.count("suppressed")}, rows)
	if len(rows) > 0 {
		t.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: t.name, Category: by + "_is", Values: []string{"active"}}}
	}
	return t
}
