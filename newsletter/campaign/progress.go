package campaign

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Figures are how many recipients stand where.
type Figures struct {
	Pending    int64 `json:"pending"`
	Sending    int64 `json:"sending"`
	Sent       int64 `json:"sent"`
	Deferred   int64 `json:"deferred"`
	Failed     int64 `json:"failed"`
	Bounced    int64 `json:"bounced"`
	Complained int64 `json:"complained"`
	Unknown    int64 `json:"unknown"`
}

func (f *Figures) add(n count) {
	f.Pending += n.Pending
	f.Sending += n.Sending
	f.Sent += n.Sent
	f.Deferred += n.Deferred
	f.Failed += n.Failed
	f.Bounced += n.Bounced
	f.Complained += n.Complained
	f.Unknown += n.Unknown
}

// Of is the figure of one standing.
func (f Figures) Of(s Standing) int64 {
	return map[Standing]int64{
		Pending: f.Pending, Sending: f.Sending, Sent: f.Sent, Deferred: f.Deferred, Failed: f.Failed, Bounced: f.Bounced, Complained: f.Complained, Unknown: f.Unknown,
	}[s]
}

// Left is how many left, which shares of readers are counted of: also those that came back, and those of which nobody
// knows.
func (f Figures) Left() int64 { return f.Sent + f.Bounced + f.Complained + f.Unknown }

// Progress is how far a campaign has come.
type Progress struct {
	State State `json:"state"`
	// Frozen says that the ledger is complete. Looked is how many rows of the audience were looked at, Total
	// how many recipients came of them, the rest being doubles and suppressed.
	Frozen bool    `json:"frozen"`
	Looked int64   `json:"looked_at"`
	Total  int64   `json:"total"`
	All    Figures `json:"all"`
	// Variants are the figures by variant; "" are those who wait for the winner.
	Variants map[string]Figures `json:"variants"`
	// PerSecond is how many were sent in a second of late, 0 where nothing is being sent.
	PerSecond float64 `json:"per_second"`
	// Remaining is how long it takes at that speed, 0 where that cannot be said.
	Remaining time.Duration `json:"remaining"`
	// Cost is what was spent by now, Expected what the campaign costs when all have got it.
	Cost     money.Amount `json:"cost"`
	Expected money.Amount `json:"expected_cost"`
}

// Progress reads how far a campaign has come, from counts that the work keeps. It needs [Read].
func (c *Campaigns) Progress(ctx context.Context, id ID) (Progress, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) (Progress, error) {
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return Progress{}, err
		}
		r, err := runOf(ctx, s, id)
		if err != nil {
			return Progress{}, err
		}
		counts, err := countsOf(ctx, s, id)
		if err != nil {
			return Progress{}, err
		}
		out := Progress{State: row.State, Frozen: r.Frozen == 1, Looked: r.Seen, Total: r.Total, Variants: map[string]Figures{}}
		for _, n := range counts {
			var one Figures
			one.add(n)
			out.Variants[n.Variant] = one
			out.All.add(n)
		}
		if err := out.price(ctx, s, row); err != nil {
			return Progress{}, err
		}
		out.speed(s.Now, r)
		return out, nil
	})
}

// speedKept is after how long without a sample nothing is being sent.
const speedKept = 30 * time.Second

func (p *Progress) speed(now time.Time, r run) {
	since, sent := r.RateAt, r.RateSent
	if since.IsZero() {
		since, sent = r.RateLastAt, r.RateLastSent
	}
	took := now.Sub(since)
	if p.State != Running || r.RateLastAt.IsZero() || now.Sub(r.RateLastAt) > speedKept || took < time.Second {
		return
	}
	p.PerSecond = float64(p.All.Sent-sent) / took.Seconds()
	if left := p.All.Pending + p.All.Sending + p.All.Deferred; p.PerSecond > 0 {
		p.Remaining = time.Duration(float64(left) / p.PerSecond * float64(time.Second))
	}
}

func countsOf(ctx context.Context, s *store.Session, id ID) (rows []count, err error) {
	err = s.Select(&rows).Where("campaign_count.campaign_id = ?", id).OrderExpr("campaign_count.variant").Scan(ctx)
	return rows, err
}

// price says what was spent, and what it will come to.
func (p *Progress) price(ctx context.Context, s *store.Session, row Campaign) (err error) {
	p.Cost = row.cost(p.All.Left())
	if row.Channel == SMS {
		bill, err := textRunOf(ctx, s, row.ID)
		if err != nil {
			return err
		}
		p.Cost = row.CostFixed.Add(bill.Spent)
	}
	p.Expected, _, err = expectedCost(ctx, s, row, p.Total)
	return err
}
