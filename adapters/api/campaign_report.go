package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/reports"
)

// CampaignRecipient is one row of a campaign's ledger.
type CampaignRecipient struct {
	Seq      int       `json:"seq" doc:"Counts the recipients of the campaign from 1."`
	PartyID  ID        `json:"party_id,omitempty" doc:"Left out for addresses of one's own."`
	Address  string    `json:"address"`
	Name     string    `json:"name,omitempty"`
	Language string    `json:"language,omitempty"`
	Variant  string    `json:"variant,omitempty"`
	State    string    `json:"state" enum:"pending,sending,sent,deferred,failed,bounced,complained,unknown" doc:"unknown: nobody knows whether the server has taken it, as after a power cut."`
	SentAt   time.Time `json:"sent_at,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
	DueAt    time.Time `json:"due_at,omitzero" doc:"When it is tried next."`
	Code     string    `json:"code,omitempty" doc:"Why it was not simply sent."`
	Reason   string    `json:"reason,omitempty" doc:"What the server said."`
}

func recipientOf(d campaign.Detail) CampaignRecipient {
	return CampaignRecipient{
		Seq: d.Seq, PartyID: idOf(d.PartyID), Address: d.Address, Name: d.Name, Language: string(d.Language), Variant: d.Variant, State: string(d.State), SentAt: d.SentAt,
		Attempts: d.Attempts, DueAt: d.DueAt, Code: d.Code, Reason: d.Reason,
	}
}

// Resolution decides about recipients of whom nobody knows.
type Resolution struct {
	Seqs     []int  `json:"seqs" minItems:"1" maxItems:"500"`
	Decision string `json:"decision" enum:"arrived,lost,repeat" doc:"arrived: it was sent; lost: it was not, and is not to be; repeat: it is sent again."`
}

// behind reads the cursor of a list by numbers; 0 for the first page.
func behind(p Paging) (int, error) {
	if p.After == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(p.After)
	if err != nil || n < 0 {
		return 0, invalid("after", "form", "is no cursor of this list; take it from the page before")
	}
	return n, nil
}

// cursor writes what behind reads; "" on the last page.
func cursor(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (a *server) recipients() {
	r := get("list-recipients", "/campaigns/{id}/recipients", campaignTag, "List the recipients of a campaign in the order of its ledger")
	r.Rights = rights(campaign.Read)
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Fields
		Paging
		State string `query:"state" enum:"pending,sending,sent,deferred,failed,bounced,complained,unknown"`
	}) (*Listed[CampaignRecipient], error) {
		from, err := behind(in.Paging)
		if err != nil {
			return nil, err
		}
		page, err := n.Campaigns.Recipients(ctx, campaignID(in.ID), campaign.Choice{State: campaign.Standing(in.State), After: from, Limit: in.Limit})
		return listed(callOf(ctx), each(page.Rows, recipientOf), cursor(page.Next)), err
	}))
	r = post("resolve-recipients", "/campaigns/{id}/recipients/resolve", campaignTag, "Decide about recipients of whom nobody knows whether they got it; gives how many it was decided about")
	r.Rights = rights(campaign.Send)
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Body Resolution
	}) (*Out[Affected], error) {
		count, err := n.Campaigns.Resolve(ctx, campaignID(in.ID), in.Body.Seqs, campaign.Decision(in.Body.Decision))
		return &Out[Affected]{Affected{count}}, err
	}))
}

// Measured is one figure, as it was judged and as it came.
type Measured struct {
	Readers    int64 `json:"readers" doc:"People, as it was judged."`
	Events     int64 `json:"events"`
	RawReaders int64 `json:"raw_readers" doc:"With programs that fetch and follow."`
	RawEvents  int64 `json:"raw_events"`
	Proxied    int64 `json:"proxied" doc:"Of the readers, those whose provider's image server fetched."`
	Relayed    int64 `json:"relayed" doc:"Fetched ahead whether it is read or not: Apple's privacy relay."`
	Scanned    int64 `json:"scanned" doc:"Programs that check mails."`
}

// LinkFigure is what was pressed of one link.
type LinkFigure struct {
	Link int    `json:"link" doc:"Its place, from 0."`
	URL  string `json:"url,omitempty" doc:"Left out where it differs from reader to reader."`
	Measured
}

// CampaignReport is what became of a campaign.
type CampaignReport struct {
	Progress CampaignProgress `json:"progress"`
	Opens    Measured         `json:"opens"`
	Clicks   Measured         `json:"clicks"`
	Links    []LinkFigure     `json:"links"`
}

// HourFigure is what readers did in one hour.
type HourFigure struct {
	From      time.Time `json:"from"`
	Kind      string    `json:"kind" enum:"open,click"`
	Readers   int64     `json:"readers" doc:"Those whose first one came in this hour, as it was judged."`
	Events    int64     `json:"events"`
	RawEvents int64     `json:"raw_events"`
}

// ReaderFigure is what one reader did.
type ReaderFigure struct {
	Seq       int       `json:"seq"`
	Opens     int64     `json:"opens"`
	Clicks    int64     `json:"clicks"`
	RawOpens  int64     `json:"raw_opens"`
	RawClicks int64     `json:"raw_clicks"`
	OpenedAt  time.Time `json:"opened_at,omitzero"`
	ClickedAt time.Time `json:"clicked_at,omitzero"`
	LastAt    time.Time `json:"last_at,omitzero"`
	Links     []int     `json:"links" doc:"The places of those he pressed, of the first 63."`
}

// FollowedSum is what followed, by kind and currency; the kinds overlap.
type FollowedSum struct {
	Kind     string  `json:"kind" enum:"opportunity,won,invoice"`
	Currency string  `json:"currency"`
	Count    int     `json:"count"`
	Value    Decimal `json:"value" doc:"Of all of it."`
	Credit   Decimal `json:"credit" doc:"The campaign's part."`
	Return   Decimal `json:"return,omitempty" doc:"What came back of the cost in percent, less the cost; left out where there is no cost in this currency."`
}

// FollowedOutcome is one thing that followed.
type FollowedOutcome struct {
	Kind      string    `json:"kind" enum:"opportunity,won,invoice"`
	ID        string    `json:"id" doc:"Of the opportunity, or the ERP's key of the document."`
	Name      string    `json:"name"`
	PartyID   ID        `json:"party_id"`
	PartyName string    `json:"party_name"`
	At        time.Time `json:"at"`
	Value     Decimal   `json:"value"`
	Currency  string    `json:"currency"`
	Share     Decimal   `json:"share" doc:"The campaign's part in percent."`
	Credit    Decimal   `json:"credit"`
}

// FollowedReport is the opportunities and the revenue that followed a campaign.
type FollowedReport struct {
	Model    string            `json:"model" enum:"first,last,linear"`
	Touch    string            `json:"touch" enum:"click,open,sent"`
	Days     int               `json:"days"`
	Cost     Decimal           `json:"cost"`
	Currency string            `json:"currency,omitempty"`
	Sums     []FollowedSum     `json:"sums"`
	Outcomes []FollowedOutcome `json:"outcomes" doc:"In order of time."`
	Partial  bool              `json:"partial" doc:"There is more than was looked at."`
}

// Crediting says how outcomes are credited.
type Crediting struct {
	Model string `query:"model" enum:"first,last,linear" default:"last" doc:"Which touch of all campaigns is credited."`
	Touch string `query:"touch" enum:"click,open,sent" default:"click" doc:"What counts as one."`
	Days  int    `query:"days" minimum:"1" maximum:"365" default:"30" doc:"How long after it an outcome counts."`
}

func (c Crediting) query() newsletter.FollowedQuery {
	return newsletter.FollowedQuery{Model: track.Model(c.Model), Touch: newsletter.Touching(c.Touch), Days: c.Days}
}

func measuredOf(f track.Figures, k track.Kind, link int) Measured {
	good, raw := f.Of(k, link, track.Genuine), f.Of(k, link, track.Any)
	return Measured{
		good.Readers, good.Events, raw.Readers, raw.Events,
		f.Of(k, link, track.Proxy).Readers, f.Of(k, link, track.Relay).Readers, f.Of(k, link, track.Scanner).Readers,
	}
}

func (a *server) campaignReports() {
	may := rights(actor.ReportRead)
	r := get("get-campaign-report", "/campaigns/{id}/report", campaignTag, "Read what became of a campaign: where its recipients stand, what they opened and pressed, by link")
	r.Rights = may
	add(a, r, news(campaignReport))
	r = get("list-campaign-hours", "/campaigns/{id}/report/hours", campaignTag, "List what readers did, hour by hour")
	r.Rights = may
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Fields
		From  time.Time `query:"from" doc:"The campaign's beginning where it is left out."`
		Until time.Time `query:"until" doc:"A week later where it is left out; at most 92 days."`
	}) (*Listed[HourFigure], error) {
		c, err := n.Campaigns.Get(ctx, campaignID(in.ID))
		if err != nil || c.StartedAt.IsZero() {
			return listed(callOf(ctx), []HourFigure{}, ""), err
		}
		if in.From.IsZero() {
			in.From = c.StartedAt
		}
		if in.Until.IsZero() {
			in.Until = in.From.AddDate(0, 0, 7)
		}
		hours, err := n.Tracking.Hours(ctx, c.Number, track.Span{From: in.From, Until: in.Until})
		return listed(callOf(ctx), hoursOf(hours), ""), err
	}))
	r = get("list-campaign-readers", "/campaigns/{id}/report/readers", campaignTag, "List who opened or pressed anything, in the order of the ledger")
	r.Rights = may
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Fields
		Paging
		Did string `query:"did" enum:"open,click" doc:"Only those who did; everybody of whom anything is known where it is left out."`
	}) (*Listed[ReaderFigure], error) {
		c, err := n.Campaigns.Get(ctx, campaignID(in.ID))
		if err != nil {
			return nil, err
		}
		from, err := behind(in.Paging)
		if err != nil {
			return nil, err
		}
		kinds := map[string]track.Kind{"open": track.Open, "click": track.Click}
		rows, err := n.Tracking.Readers(ctx, track.ReaderPage{Campaign: c.Number, After: uint32(min(from, 1<<31)), Kind: kinds[in.Did], Limit: in.Limit})
		next := 0
		if len(rows) == in.Limit {
			next = int(rows[len(rows)-1].Seq)
		}
		return listed(callOf(ctx), each(rows, func(x track.Activity) ReaderFigure {
			return ReaderFigure{int(x.Seq), x.Opens, x.Clicks, x.AnyOpens, x.AnyClicks, x.OpenedAt, x.ClickedAt, x.LastAt, some(x.Links)}
		}), cursor(next)), err
	}))
	r = get("get-campaign-followed", "/campaigns/{id}/report/followed", campaignTag, "Read the opportunities and the revenue that followed, with cost and return")
	r.Rights = may
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Fields
		Crediting
	}) (*Out[FollowedReport], error) {
		f, err := n.Followed(ctx, campaignID(in.ID), in.query())
		return &Out[FollowedReport]{followedOf(f)}, err
	}))
	a.newsletterBooks(may)
}

func campaignReport(ctx context.Context, n *newsletter.Newsletters, in *one) (*Out[CampaignReport], error) {
	c, err := n.Campaigns.Get(ctx, campaignID(in.ID))
	if err != nil {
		return nil, err
	}
	progress, err := n.Campaigns.Progress(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	figures, err := n.Tracking.Figures(ctx, c.Number)
	if err != nil {
		return nil, err
	}
	out := CampaignReport{
		Progress: progressOf(c, progress), Opens: measuredOf(figures, track.Open, track.AllLinks), Clicks: measuredOf(figures, track.Click, track.AllLinks), Links: []LinkFigure{},
	}
	contents, err := n.Campaigns.Contents(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	links, err := n.Links(c, contents)
	if err != nil && fault.CodeOf(err) != fault.Invalid { // a design that is damaged has no links to show
		return nil, err
	}
	for i, url := range links {
		out.Links = append(out.Links, LinkFigure{i, url, measuredOf(figures, track.Click, i)})
	}
	return &Out[CampaignReport]{out}, nil
}

// hoursOf puts what was judged and what came beside each other.
func hoursOf(hours []track.Hour) []HourFigure {
	out := []HourFigure{}
	for _, h := range hours {
		if n := len(out); n == 0 || !out[n-1].From.Equal(h.From) || out[n-1].Kind != h.Kind.String() {
			out = append(out, HourFigure{From: h.From, Kind: h.Kind.String()})
		}
		f := &out[len(out)-1]
		if h.Verdict == track.Genuine {
			f.Readers, f.Events = h.Readers, h.Events
		} else {
			f.RawEvents = h.Events
		}
	}
	return out
}

func followedOf(f newsletter.Followed) FollowedReport {
	return FollowedReport{
		Model: string(f.Query.Model), Touch: string(f.Query.Touch), Days: f.Query.Days, Cost: decimalOf(f.Cost), Currency: f.Currency, Partial: f.Partial,
		Sums: each(f.Sums, func(s newsletter.OutcomeSum) FollowedSum {
			out := FollowedSum{string(s.Kind), s.Currency, s.Count, decimalOf(s.Value), decimalOf(s.Credit), ""}
			if s.Costed {
				out.Return = decimalOf(s.Return)
			}
			return out
		}),
		Outcomes: each(f.Rows, func(o newsletter.Outcome) FollowedOutcome {
			return FollowedOutcome{string(o.Kind), o.ID, o.Name, idOf(o.Party), o.PartyName, o.At, decimalOf(o.Value), o.Currency, decimalOf(o.Share), decimalOf(o.Credit)}
		}),
	}
}

// newsletterBooks adds the workbooks.
func (a *server) newsletterBooks(may []actor.Right) {
	const doc = bookDoc
	add(a, route{ID: "report-campaign", Method: http.MethodGet, Path: "/campaigns/{id}/report.xlsx", Tag: campaignTag, Rights: may, Gives: workbookType, Summary: "Every figure of a campaign, as a workbook", Doc: doc},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Crediting
		}) (*report, error) {
			if m.Newsletters == nil {
				return nil, errNoNewsletters
			}
			return spooled(workbookType, "campaign.xlsx", func(w io.Writer) error {
				return m.Reports.Campaign(ctx, m.Newsletters, w, reports.CampaignQuery{ID: campaignID(in.ID), Followed: in.query(), Language: callOf(ctx).language()})
			})
		})
	add(a, route{ID: "report-topic", Method: http.MethodGet, Path: "/topics/{id}/report.xlsx", Tag: newsletterTag, Rights: may, Gives: workbookType, Summary: "The figures of a topic, as a workbook: growth, legal grounds, sources, languages", Doc: doc},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Months int `query:"months" minimum:"1" maximum:"60" default:"24"`
		}) (*report, error) {
			if m.Newsletters == nil {
				return nil, errNoNewsletters
			}
			return spooled(workbookType, "newsletter.xlsx", func(w io.Writer) error {
				return m.Reports.Topic(ctx, m.Newsletters, w, reports.TopicQuery{ID: topicID(in.ID), Months: in.Months, Language: callOf(ctx).language()})
			})
		})
	add(a, route{ID: "report-sequence", Method: http.MethodGet, Path: "/sequences/{id}/report.xlsx", Tag: sequenceTag, Rights: may, Gives: workbookType, Summary: "Every figure of a sequence, as a workbook", Doc: doc},
		func(ctx context.Context, m *crm.Module, in *ByID) (*report, error) {
			if m.Newsletters == nil {
				return nil, errNoNewsletters
			}
			return spooled(workbookType, "sequence.xlsx", func(w io.Writer) error {
				return m.Reports.Sequence(ctx, m.Newsletters, w, reports.SequenceQuery{ID: sequenceID(in.ID), Language: callOf(ctx).language()})
			})
		})
}
