package forecast

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/kpi"
)

// WaterfallQuery asks how a forecast moved.
type WaterfallQuery struct {
	// From and To are the days of the two snapshots; a day without one is as the last one before it.
	From civil.Date `json:"from"`
	To   civil.Date `json:"to"`
	// Target narrows to what is expected to close in it; a zero one does not.
	Target kpi.Period `json:"target"`
	// Weighted counts revenue times chance instead of revenue.
	Weighted bool `json:"weighted"`
	// Of may narrow by seller (the owner), team and pipeline, as they were on each of the days, and by the company's own
	// fields as they are now: snapshots do not keep them, and what is no more has none.
	Of kpi.Filter `json:"of"`
}

// Reason is why a forecast moves.
type Reason string

// The reasons for which a forecast moves.
const (
	Added    Reason = "new"
	Reopened Reason = "reopened"
	MovedIn  Reason = "moved_in"
	Changed  Reason = "changed"
	MovedOut Reason = "moved_out"
	Won      Reason = "won"
	Lost     Reason = "lost"
	Removed  Reason = "removed"
)

// Reasons are all of them, in the order in which they are shown.
var Reasons = []Reason{Added, Reopened, MovedIn, Changed, MovedOut, Won, Lost, Removed}

// Move is one opportunity's part of a waterfall.
type Move struct {
	ID     opportunity.ID `json:"id"`
	Name   string         `json:"name"`
	Owner  string         `json:"owner"`
	Reason Reason         `json:"reason"`
	// Before and After are what it was and is worth in the forecast.
	Before money.Amount `json:"before"`
	After  money.Amount `json:"after"`
}

// Bar is what one reason adds to the forecast, or takes from it.
type Bar struct {
	Reason Reason       `json:"reason"`
	Sum    money.Amount `json:"sum"`
	Count  int          `json:"count"`
}

// Waterfall is the way from one forecast to another: Start and the sums of the bars are End exactly. Each
// opportunity is rounded for itself, so that its moves can be added up by hand.
type Waterfall struct {
	Currency string       `json:"currency"`
	Start    money.Amount `json:"start"`
	Bars     []Bar        `json:"bars"`
	End      money.Amount `json:"end"`
	// Moves are the opportunities behind the bars, the largest first.
	Moves   []Move   `json:"moves"`
	Missing []string `json:"missing,omitempty"`
}

// Waterfall tells between two days what became of a forecast. It needs actor.OpportunityRead.
func (f *Forecasts) Waterfall(ctx context.Context, q WaterfallQuery) (Waterfall, error) {
	var faults fault.List
	if q.From.IsZero() || q.To.IsZero() || !q.From.Before(q.To) {
		faults.Add("to", "order", "must be a day after the first one; choose two days")
	}
	snapshotFilter(&faults, q.Of)
	if err := faults.Err("the way between two forecasts cannot be shown"); err != nil {
		return Waterfall{}, err
	}
	return store.Read(ctx, f.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Waterfall, error) {
		home := f.config.Locales(s.Actor.Company)
		book, err := exchange.Open(ctx, s, home.Currency)
		if err != nil {
			return Waterfall{}, err
		}
		start, err := open(ctx, s, q, q.From)
		if err != nil {
			return Waterfall{}, err
		}
		end, err := open(ctx, s, q, q.To)
		if err != nil {
			return Waterfall{}, err
		}
		w := &way{q: q, book: book, missing: map[string]bool{}, bars: map[Reason]*Bar{}, at: [2]time.Time{q.From.Time(home.Location()), q.To.Time(home.Location())}}
		if err := w.compare(ctx, s, start, end); err != nil {
			return Waterfall{}, err
		}
		return w.out(ctx, s)
	})
}

// open reads what was open, in the target and in the filter, in the snapshot of a day.
func open(ctx context.Context, s *store.Session, q WaterfallQuery, on civil.Date) (map[opportunity.ID]Entry, error) {
	query := "SELECT e.* FROM crm_forecast_entry AS e WHERE {scope} AND e.company = ? AND e.state = 'open' AND e.to_day > ? AND e.from_day <= ?"
	args := []any{s.Actor.Company, on, on}
	if !q.Target.First.IsZero() {
		query += " AND e.expected_close >= ?"
		args = append(args, q.Target.First)
	}
	if !q.Target.Last.IsZero() {
		query += " AND e.expected_close <= ?"
		args = append(args, q.Target.Last)
	}
	if q.Of.Seller != "" {
		query += " AND e.owner_user = ?"
		args = append(args, q.Of.Seller)
	}
	if q.Of.Team != "" {
		query += " AND e.owner_team = ?"
		args = append(args, q.Of.Team)
	}
	if !q.Of.Pipeline.IsZero() {
		query += " AND e.pipeline_id = ?"
		args = append(args, q.Of.Pipeline)
	}
	own, err := s.CustomHas(ctx, "opportunity", "e.opportunity_id", q.Of.Custom)
	if err != nil {
		return nil, err
	}
	var rows []Entry
	if err := s.Query(ctx, &rows, store.From[Entry]("e"), query+own.SQL, append(args, own.Args...)...); err != nil {
		return nil, err
	}
	out := make(map[opportunity.ID]Entry, len(rows))
	for _, e := range rows {
		out[e.OpportunityID] = e
	}
	return out, nil
}

// unguarded is the scope of all entries of a company: what became of an opportunity that the reader saw is told to
// him even where somebody else has it by now.
type unguarded struct {
	bun.BaseModel `bun:"table:crm_forecast_entry,alias:entry"`

	Company string `bun:"company"`
}

// states reads in what states opportunities were in the snapshot of a day.
func states(ctx context.Context, s *store.Session, ids []opportunity.ID, on civil.Date) (map[opportunity.ID]opportunity.State, error) {
	out := map[opportunity.ID]opportunity.State{}
	for part := range slices.Chunk(ids, 400) {
		args := []any{s.Actor.Company, on, on}
		for _, id := range part {
			args = append(args, id)
		}
		var rows []Entry
		err := s.Query(ctx, &rows, store.From[unguarded]("e"), "SELECT e.opportunity_id, e.state FROM crm_forecast_entry AS e WHERE {scope} AND e.company = ? AND e.to_day > ? AND e.from_day <= ? AND e.opportunity_id IN ("+store.In(len(part))+")", args...)
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			out[e.OpportunityID] = e.State
		}
	}
	return out, nil
}

// way is a waterfall while it is added up.
type way struct {
	q       WaterfallQuery
	book    *exchange.Book
	at      [2]time.Time
	start   money.Amount
	end     money.Amount
	bars    map[Reason]*Bar
	moves   []Move
	missing map[string]bool
}

// worth is what an entry counts in the forecast of one of the two days, rounded, so that all that is added up
// are whole cents.
func (w *way) worth(e Entry, which int) money.Amount {
	rate, ok := w.book.Rate(e.Currency, w.at[which])
	if !ok {
		w.missing[e.Currency] = true
		return money.Amount{}
	}
	v := e.Amount
	if w.q.Weighted {
		v = e.Weighted
	}
	return w.book.Round(v.Mul(rate))
}

func (w *way) compare(ctx context.Context, s *store.Session, start, end map[opportunity.ID]Entry) error {
	var gone, came []opportunity.ID
	for id := range start {
		if _, still := end[id]; !still {
			gone = append(gone, id)
		}
	}
	for id := range end {
		if _, already := start[id]; !already {
			came = append(came, id)
		}
	}
	now, err := states(ctx, s, gone, w.q.To)
	if err != nil {
		return err
	}
	was, err := states(ctx, s, came, w.q.From)
	if err != nil {
		return err
	}
	for id, a := range start {
		before := w.worth(a, 0)
		w.start = w.start.Add(before)
		b, still := end[id]
		if !still {
			w.note(a, left(now, id), before, money.Amount{})
			continue
		}
		w.note(b, Changed, before, w.worth(b, 1))
	}
	for id, b := range end {
		after := w.worth(b, 1)
		w.end = w.end.Add(after)
		if _, already := start[id]; !already {
			w.note(b, entered(was, id), money.Amount{}, after)
		}
	}
	return nil
}

// left is why an opportunity is not in the forecast any longer.
func left(now map[opportunity.ID]opportunity.State, id opportunity.ID) Reason {
	switch now[id] {
	case opportunity.Won:
		return Won
	case opportunity.Lost:
		return Lost
	case opportunity.Open:
		return MovedOut
	}
	return Removed
}

// entered is why an opportunity came into the forecast.
func entered(was map[opportunity.ID]opportunity.State, id opportunity.ID) Reason {
	switch was[id] {
	case opportunity.Won, opportunity.Lost:
		return Reopened
	case opportunity.Open:
		return MovedIn
	}
	return Added
}

func (w *way) note(e Entry, r Reason, before, after money.Amount) {
	if r == Changed && before.Equal(after) {
		return
	}
	if w.bars[r] == nil {
		w.bars[r] = &Bar{Reason: r}
	}
	w.bars[r].Sum = w.bars[r].Sum.Add(after.Sub(before))
	w.bars[r].Count++
	w.moves = append(w.moves, Move{ID: e.OpportunityID, Owner: e.OwnerUser, Reason: r, Before: before, After: after})
}

// out names the opportunities.
func (w *way) out(ctx context.Context, s *store.Session) (Waterfall, error) {
	out := Waterfall{Currency: w.book.Own, Start: w.start, End: w.end, Moves: w.moves}
	for _, r := range Reasons {
		if b := w.bars[r]; b != nil {
			out.Bars = append(out.Bars, *b)
		}
	}
	slices.SortFunc(out.Moves, func(a, b Move) int {
		return cmp.Or(b.After.Sub(b.Before).Abs().Cmp(a.After.Sub(a.Before).Abs()), slices.Compare(a.ID[:], b.ID[:]))
	})
	for part := range slices.Chunk(out.Moves, 400) {
		args := []any{}
		for _, m := range part {
			args = append(args, m.ID)
		}
		var rows []opportunity.Opportunity
		if err := s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), "SELECT o.id, o.name FROM crm_opportunity AS o WHERE {scope} AND o.id IN ("+store.In(len(part))+")", args...); err != nil {
			return out, err
		}
		names := map[opportunity.ID]string{}
		for _, o := range rows {
			names[o.ID] = o.Name
		}
		for i := range part {
			part[i].Name = names[part[i].ID]
		}
	}
	for m := range w.missing {
		out.Missing = append(out.Missing, m)
	}
	slices.Sort(out.Missing)
	return out, nil
}
