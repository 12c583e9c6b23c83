package forecast

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/kpi"
)

// Measure is which of the sums of a cell is meant.
type Measure string

// The measures, as [Cell] says them.
const (
	WonSum      Measure = "won"
	CommitSum   Measure = "commit"
	BestSum     Measure = "best"
	WeightedSum Measure = "weighted"
	LearntSum   Measure = "learnt"
	OpenSum     Measure = "open"
)

// Measures are all of them.
var Measures = []Measure{WeightedSum, CommitSum, BestSum, LearntSum, OpenSum, WonSum}

// Of gives one of the sums of a cell.
func (c Cell) Of(m Measure) money.Amount {
	switch m {
	case WonSum:
		return c.Won
	case CommitSum:
		return c.Commit
	case BestSum:
		return c.Best
	case LearntSum:
		return c.Learnt
	case OpenSum:
		return c.Open
	case WeightedSum:
	}
	return c.Weighted
}

// The columns of a table that are no month or quarter.
const (
	SumColumn     = "sum"
	UndatedColumn = "undated"
	LaterColumn   = "later"
)

// DealQuery asks for the opportunities that one number of a table is made of.
type DealQuery struct {
	// Query is the table's. Where By is kpi.Whole its total is meant, else the row with the key Row.
	Query
	Row string `json:"row"`
	// Column is the first day of a month or quarter, as 2026-07-01, or SumColumn, UndatedColumn or LaterColumn.
	Column  string  `json:"column"`
	Measure Measure `json:"measure"`
}

// Deal is one opportunity's part of a number. Of a day that is past the opportunity stands as it was.
type Deal struct {
	// ID is of an opportunity that the reader sees where Name is not empty; what he sees no longer is told by its part alone.
	ID    opportunity.ID    `json:"id"`
	Name  string            `json:"name"`
	Party string            `json:"party"`
	Owner string            `json:"owner"`
	State opportunity.State `json:"state"`
	Stage string            `json:"stage"`
	// Close is when it is expected to close, or was closed.
	Close    civil.Date    `json:"close"`
	Currency string        `json:"currency"`
	Value    money.Amount  `json:"value"`
	Chance   money.Percent `json:"chance"`
	// Part is what of the number it is, in the company's currency. The parts of all pages make up the number exactly: where
	// amounts are turned from other currencies or multiplied by shares and chances, what rounding leaves over of one goes
	// on to the next.
	Part money.Amount `json:"part"`
}

// Deals is one page of the opportunities that a number is made of, the largest part first.
type Deals struct {
	Currency string       `json:"currency"`
	Sum      money.Amount `json:"sum"`
	Count    int          `json:"count"`
	Rows     []Deal       `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
	// Missing are currencies without a rate: what is in them is neither in the number nor here.
	Missing []string `json:"missing,omitempty"`
}

// part is what an opportunity adds to a number, not rounded.
type part struct {
	id    opportunity.ID
	value decimal.Decimal
	// crumb is a difference of rounding that is of no opportunity; it is left out where nothing is seen of it.
	crumb bool
	// entry is what the opportunity looked like on a day that is past.
	entry *Entry
	shown money.Amount
}

// Deals lists what a number of a table is made of. It needs actor.OpportunityRead.
func (f *Forecasts) Deals(ctx context.Context, q DealQuery, page store.Page) (Deals, error) {
	return store.Read(ctx, f.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Deals, error) {
		q := q
		home := f.config.Locales(s.Actor.Company)
		if err := q.check(civil.In(s.Now, home.Location())); err != nil {
			return Deals{}, err
		}
		book, err := exchange.Open(ctx, s, home.Currency)
		if err != nil {
			return Deals{}, err
		}
		t := &tally{s: s, book: book, config: f.config, periods: q.periods(), missing: map[string]bool{}}
		if q.Measure == LearntSum {
			if t.chances, err = f.learn(ctx, s, LearnQuery{}); err != nil {
				return Deals{}, err
			}
		}
		d := &drill{tally: t, q: q, kpis: f.kpis.In(s), found: map[opportunity.ID]*dealSums{}}
		if err := d.collect(ctx); err != nil {
			return Deals{}, err
		}
		out, err := listed(ctx, s, book, d.parts(), page, home.Location())
		out.Missing = slices.Sorted(maps.Keys(t.missing))
		return out, err
	})
}

func (q *DealQuery) check(today civil.Date) error {
	if err := q.Query.check(today); err != nil {
		return err
	}
	var faults fault.List
	if q.Measure == "" {
		q.Measure = WeightedSum
	}
	if !slices.Contains(Measures, q.Measure) {
		faults.Add("measure", "choice", "%.20q is none; choose one of %q", string(q.Measure), Measures)
	}
	if q.Row != "" && q.By == kpi.Whole {
		faults.Add("row", "choice", "says a row where the table has none; say by what it is broken down")
	}
	if q.By == kpi.Pipeline {
		id, err := store.ParseKey[opportunity.PipelineTag](q.Row)
		if err != nil {
			faults.Add("row", "choice", "%.40q is no id of a pipeline; give the key of a row", q.Row)
		}
		q.Row = string(id[:])
	}
	if _, ok := q.span(); !ok {
		faults.Add("column", "choice", "%.20q is none; give the first day of a column, or %s, %s or %s", q.Column, SumColumn, UndatedColumn, LaterColumn)
	}
	return faults.Err("what the forecast is made of cannot be shown")
}

// span is the days of the column; a zero end is open.
func (q DealQuery) span() (kpi.Period, bool) {
	all := q.periods()
	first, last := all[0].First, all[len(all)-1].Last
	switch q.Column {
	case SumColumn:
		return kpi.Period{First: first, Last: last}, true
	case UndatedColumn:
		return kpi.Period{Last: first.AddDays(-1)}, true
	case LaterColumn:
		return kpi.Period{First: last.AddDays(1)}, true
	}
	for _, p := range all {
		if p.First.String() == q.Column {
			return p, true
		}
	}
	return kpi.Period{}, false
}

// within is the condition on open opportunities that the column has.
func (q DealQuery) within() store.Predicate {
	p, _ := q.span()
	switch {
	case p.First.IsZero():
		return store.Predicate{SQL: " AND (o.expected_close IS NULL OR o.expected_close <= ?)", Args: []any{p.Last}}
	case p.Last.IsZero():
		return store.Predicate{SQL: " AND o.expected_close >= ?", Args: []any{p.First}}
	}
	return store.Predicate{SQL: " AND o.expected_close >= ? AND o.expected_close <= ?", Args: []any{p.First, p.Last}}
}

// dealSums are what one opportunity adds to the sums of a cell.
type dealSums struct {
	sums

	chance money.Percent
	open   bool
}

// drill is the way from a number to the opportunities that it is made of.
type drill struct {
	*tally

	q     DealQuery
	kpis  *kpi.KPIs
	found map[opportunity.ID]*dealSums
}

// rest reports whether the row is what no other one has.
func (d *drill) rest() bool {
	return d.q.Row == "" && (d.q.By == kpi.Seller || d.q.By == kpi.ProductGroup)
}

// collect reads what the row has in the column. The row of the rest has what is in the whole and in no other row.
func (d *drill) collect(ctx context.Context) error {
	if !d.rest() {
		return d.add(ctx, d.q.By, 1)
	}
	if err := d.add(ctx, kpi.Whole, 1); err != nil {
		return err
	}
	return d.add(ctx, d.q.By, -1)
}

func (d *drill) of(id opportunity.ID) *dealSums {
	if d.found[id] == nil {
		d.found[id] = &dealSums{}
	}
	return d.found[id]
}

func (d *drill) add(ctx context.Context, by kpi.Dimension, sign int64) error {
	if d.q.Measure != WonSum {
		if err := d.addOpen(ctx, by, sign); err != nil {
			return err
		}
	}
	if d.q.Measure == OpenSum {
		return nil
	}
	return d.addWon(ctx, by, sign)
}

func (d *drill) addOpen(ctx context.Context, by kpi.Dimension, sign int64) error {
	a := standing{q: d.q.Query, by: by, more: d.q.within()}
	if by == d.q.By && by != kpi.Whole && !d.rest() {
		if a.row = d.q.Row; by == kpi.Pipeline {
			a.row = []byte(d.q.Row)
		}
	}
	rows, err := d.tally.open(ctx, a, "x.id, "+alike)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if d.rest() && by != kpi.Whole && r.Key == "" {
			continue
		}
		if one, known := d.worth(a, r); known {
			to := d.of(r.ID)
			to.add(one, sign)
			to.chance, to.open = r.Chance, true
		}
	}
	return nil
}

func (d *drill) addWon(ctx context.Context, by kpi.Dimension, sign int64) error {
	p, _ := d.q.span()
	if p.First.IsZero() || p.Last.IsZero() {
		return nil
	}
	var rows []string
	if by == d.q.By && by != kpi.Whole && !d.rest() {
		rows = []string{d.q.Row}
	}
	won, err := d.kpis.RevenueParts(ctx, kpi.Query{Period: p, Of: d.q.Of, By: by}, rows...)
	if err != nil {
		return err
	}
	for _, m := range won.Missing {
		d.missing[m] = true
	}
	for _, one := range won.Rows {
		if d.rest() && by != kpi.Whole && one.Key == "" {
			continue
		}
		d.of(one.ID).add(sums{won: one.Value}, sign)
	}
	return nil
}

// parts are the opportunities that belong to the measure. Of the rest those do not that others have as a whole.
func (d *drill) parts() []part {
	var out []part
	for id, one := range d.found {
		value := one.won
		switch d.q.Measure {
		case CommitSum:
			if one.open && one.chance.Cmp(d.config.Commit) < 0 {
				continue
			}
			value = value.Add(one.commit)
		case BestSum:
			if one.open && one.chance.Cmp(d.config.Best) < 0 {
				continue
			}
			value = value.Add(one.best)
		case WeightedSum:
			value = value.Add(one.weighted)
		case LearntSum:
			value = value.Add(one.learnt)
		case OpenSum:
			value = one.sums.open
		case WonSum:
		}
		out = append(out, part{id: id, value: value, crumb: d.rest() && one.sums.open.IsZero() && one.won.IsZero()})
	}
	return out
}

// rounded puts parts in order, the largest first, and rounds them so that they make up their sum.
func rounded(book *exchange.Book, parts []part) ([]part, money.Amount) {
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(b.value.Abs().Cmp(a.value.Abs()), slices.Compare(a.id[:], b.id[:]))
	})
	var exact decimal.Decimal
	var told money.Amount
	for i := range parts {
		exact = exact.Add(parts[i].value)
		upTo := book.Round(exact)
		parts[i].shown, told = upTo.Sub(told), upTo
	}
	return slices.DeleteFunc(parts, func(p part) bool { return p.crumb && p.shown.IsZero() }), told
}

// pageOf is the page of a list that is in memory: a part is known by all that stand before it, so that pages are told by how
// many those are.
func pageOf(parts []part, page store.Page) (rows []part, next string, err error) {
	at := 0
	if page.After != "" {
		if at, err = strconv.Atoi(page.After); err != nil || at < 0 {
			return nil, "", fault.New(fault.Invalid, "the page link is damaged; start again at the first page")
		}
	}
	at = min(at, len(parts))
	end := min(at+page.Size(), len(parts))
	if end < len(parts) {
		next = strconv.Itoa(end)
	}
	return parts[at:end], next, nil
}

// dealRow is an opportunity as lists tell it.
type dealRow struct {
	ID       opportunity.ID    `bun:"id"`
	Name     string            `bun:"name"`
	Party    string            `bun:"party_name"`
	Owner    string            `bun:"owner_user"`
	State    opportunity.State `bun:"state"`
	Stage    string            `bun:"stage_name"`
	Expected civil.Date        `bun:"expected_close"`
	Closed   time.Time         `bun:"closed_at"`
	Currency string            `bun:"currency"`
	Value    money.Amount      `bun:"expected_revenue"`
	Chance   money.Percent     `bun:"chance"`
}

// listed shows a page of parts.
func listed(ctx context.Context, s *store.Session, book *exchange.Book, parts []part, page store.Page, zone *time.Location) (Deals, error) {
	out := Deals{Currency: book.Own}
	parts, out.Sum = rounded(book, parts)
	out.Count = len(parts)
	shown, next, err := pageOf(parts, page)
	if err != nil || len(shown) == 0 {
		return out, err
	}
	out.Next = next
	args := make([]any, len(shown))
	for i, p := range shown {
		args[i] = p.id
	}
	var rows []dealRow
	err = s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), `SELECT o.id, o.name, p.name AS party_name, o.owner_user, o.state, st.name AS stage_name, o.expected_close, o.closed_at, o.currency, o.expected_revenue, o.chance
FROM crm_opportunity AS o JOIN crm_party AS p ON p.id = o.party_id JOIN crm_stage AS st ON st.id = o.stage_id WHERE {scope} AND o.id IN (`+store.In(len(args))+")", args...)
	if err != nil {
		return out, err
	}
	known := map[opportunity.ID]dealRow{}
	for _, r := range rows {
		known[r.ID] = r
	}
	for _, p := range shown {
		r := known[p.id]
		one := Deal{ID: p.id, Name: r.Name, Party: r.Party, Owner: r.Owner, State: r.State, Stage: r.Stage, Close: r.Expected, Currency: r.Currency, Value: r.Value, Chance: r.Chance, Part: p.shown}
		if r.State != opportunity.Open && !r.Closed.IsZero() {
			one.Close = civil.In(r.Closed, zone)
		}
		if e := p.entry; e != nil {
			one.Owner, one.State, one.Stage, one.Close, one.Currency, one.Value, one.Chance = e.OwnerUser, e.State, "", e.ExpectedClose, e.Currency, e.Amount, e.Chance
		}
		out.Rows = append(out.Rows, one)
	}
	return out, nil
}
