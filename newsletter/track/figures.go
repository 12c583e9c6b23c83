package track

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// AllLinks stands in a [Count] for all links together, and for opens.
const AllLinks = -1

// Count is one running count of a campaign: how many events, and of how many readers.
type Count struct {
	Kind Kind
	// Link is the place in the campaign's list of links, or AllLinks.
	Link    int
	Verdict Verdict
	Events  int64
	Readers int64
}

// Figures are the running counts of a campaign.
type Figures struct {
	Counts []Count
}

// Of gives the count of a kind, link and verdict; zero where nothing was counted.
func (f Figures) Of(k Kind, link int, v Verdict) Count {
	for _, c := range f.Counts {
		if c.Kind == k && c.Link == link && c.Verdict == v {
			return c
		}
	}
	return Count{Kind: k, Link: link, Verdict: v}
}

// Hour is a running count of one hour. Readers are those whose first such event of the campaign came in it,
// so that the hours add up to the campaign's figure.
type Hour struct {
	// From is when the hour begins, UTC.
	From    time.Time
	Kind    Kind
	Verdict Verdict
	Events  int64
	Readers int64
}

// Figures gives a campaign's counts: of all links and of each, by every verdict. They are kept as running
// counts, so that this reads some dozens of rows however many readers there are. It needs actor.ReportRead.
func (t *Tracking) Figures(ctx context.Context, campaign int64) (Figures, error) {
	return store.Read(ctx, t.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (Figures, error) {
		var found []countRow
		err := s.Query(ctx, &found, store.From[countRow]("c"),
			"SELECT c.kind, c.link, c.verdict, c.events, c.readers FROM crm_track_count AS c WHERE c.campaign = ? AND {scope} ORDER BY c.kind, c.link, c.verdict", campaign)
		f := Figures{Counts: make([]Count, len(found))}
		for i, r := range found {
			f.Counts[i] = Count{Kind: Kind(r.Kind), Link: r.Link - 1, Verdict: Verdict(r.Verdict), Events: r.Events, Readers: r.Readers}
		}
		return f, err
	})
}

// Span is a piece of time: from From until before Until.
type Span struct{ From, Until time.Time }

// spanLimit bounds how many hours are read at once: a quarter of a year.
const spanLimit = 92 * 24 * time.Hour

// Hours gives a campaign's counts hour by hour, in order, for a span of up to 92 days; hours in which nothing
// happened are left out. Only Any and Genuine are given. It needs actor.ReportRead.
func (t *Tracking) Hours(ctx context.Context, campaign int64, span Span) ([]Hour, error) {
	if d := span.Until.Sub(span.From); d <= 0 || d > spanLimit {
		var faults fault.List
		faults.Add("span", "range", "must be longer than nothing and at most 92 days")
		return nil, faults.Err("the figures by hour cannot be read")
	}
	return store.Read(ctx, t.db, actor.ReportRead, func(ctx context.Context, s *store.Session) ([]Hour, error) {
		var found []hourRow
		err := s.Query(ctx, &found, store.From[hourRow]("h"),
			"SELECT h.hour, h.kind, h.verdict, h.events, h.readers FROM crm_track_hour AS h WHERE h.campaign = ? AND h.hour >= ? AND h.hour < ? AND h.verdict IN (?, ?) AND {scope} ORDER BY h.hour, h.kind, h.verdict",
			campaign, span.From.Unix()/secondsOfHour, (span.Until.Unix()+secondsOfHour-1)/secondsOfHour, int(Any), int(Genuine))
		hours := make([]Hour, len(found))
		for i, r := range found {
			hours[i] = Hour{From: time.Unix(r.Hour*secondsOfHour, 0).UTC(), Kind: Kind(r.Kind), Verdict: Verdict(r.Verdict), Events: r.Events, Readers: r.Readers}
		}
		return hours, err
	})
}

// Activity is what one reader did in one campaign.
type Activity struct {
	Seq uint32
	// Opens and Clicks are genuine, AnyOpens and AnyClicks of every verdict.
	Opens, Clicks, AnyOpens, AnyClicks int64
	// OpenedAt and ClickedAt are the first genuine ones, LastAt the last of either; zero for never.
	OpenedAt, ClickedAt, LastAt time.Time
	// Links are the places of the links he pressed, of the first 63.
	Links []int
}

func (r *readerRow) activity() Activity {
	a := Activity{
		Seq: uint32(r.Seq), Opens: r.Opens, Clicks: r.Clicks, AnyOpens: r.AnyOpens, AnyClicks: r.AnyClick,
		OpenedAt: instant(r.OpenedAt), ClickedAt: instant(r.ClickedAt), LastAt: instant(r.LastAt),
	}
	for n := range maskedLinks {
		if r.Links&(1<<n) != 0 {
			a.Links = append(a.Links, n)
		}
	}
	return a
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// ReaderPage asks for a page of readers, in order of their rows in the ledger.
type ReaderPage struct {
	Campaign int64
	// After is the last row of the page before, 0 for the first page.
	After uint32
	// Kind asks for those who opened or clicked, genuinely; 0 for all of whom anything is recorded.
	Kind Kind
	// Limit is 1 to 1,000; 100 where it is 0.
	Limit int
}

const (
	pageDefault = 100
	pageMost    = 1000
)

// Readers gives who did anything in a campaign, page by page. It needs actor.ReportRead.
func (t *Tracking) Readers(ctx context.Context, p ReaderPage) ([]Activity, error) {
	if p.Limit == 0 {
		p.Limit = pageDefault
	}
	if p.Limit < 1 || p.Limit > pageMost {
		var faults fault.List
		faults.Add("limit", "range", "is %d; it can be 1 to %d", p.Limit, pageMost)
		return nil, faults.Err("the readers cannot be listed")
	}
	did := ""
	switch p.Kind {
	case Open:
		did = " AND r.opens > 0"
	case Click:
		did = " AND r.clicks > 0"
	}
	return store.Read(ctx, t.db, actor.ReportRead, func(ctx context.Context, s *store.Session) ([]Activity, error) {
		var found []readerRow
		err := s.Query(ctx, &found, store.From[readerRow]("r"),
			"SELECT r.* FROM crm_track_reader AS r WHERE r.campaign = ? AND r.seq > ? AND {scope}"+did+" ORDER BY r.seq"+s.Limit(p.Limit), p.Campaign, int64(p.After))
		all := make([]Activity, len(found))
		for i := range found {
			all[i] = found[i].activity()
		}
		return all, err
	})
}

// History is what one reader did, and the events it is made of.
type History struct {
	Activity
	Events []Event
}

// Reader gives what one reader did in a campaign, event by event. It needs actor.ReportRead.
func (t *Tracking) Reader(ctx context.Context, campaign int64, seq uint32) (History, error) {
	return store.Read(ctx, t.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (History, error) {
		h := History{Activity: Activity{Seq: seq}}
		var found []readerRow
		err := s.Query(ctx, &found, store.From[readerRow]("r"), "SELECT r.* FROM crm_track_reader AS r WHERE r.campaign = ? AND r.seq = ? AND {scope}", campaign, int64(seq))
		if err != nil || len(found) == 0 {
			return h, err
		}
		h.Activity = found[0].activity()
		events, err := t.events(ctx, s, campaign, []uint32{seq})
		h.Events = events[seq]
		return h, err
	})
}
