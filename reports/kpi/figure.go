package kpi

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/retention"
)

// KPIs computes the key figures of one database.
type KPIs struct {
	db      *store.DB
	locales func(company string) locale.Locale
	// shelf is nil where nothing is kept.
	shelf *shelf
	// mixed are the companies that are known to have opportunities in foreign currencies.
	mixed *sync.Map
	// untold says that the host does not tell its orders.
	untold bool
}

// New makes KPIs on a database; locales gives each company's zone and currency.
func New(db *store.DB, locales func(company string) locale.Locale) *KPIs {
	return &KPIs{db: db, locales: locales, shelf: newShelf(), mixed: new(sync.Map)}
}

// Recounting gives a view that counts each figure anew, as a first question does, and keeps nothing.
func (k *KPIs) Recounting() *KPIs {
	return &KPIs{db: k.db, locales: k.locales, mixed: k.mixed}
}

// In gives a view that works inside an open session.
func (k *KPIs) In(s *store.Session) *KPIs {
	return &KPIs{db: s.Inside(), locales: k.locales, shelf: k.shelf, mixed: k.mixed, untold: k.untold}
}

// Untold gives a view for a host that does not tell its orders: figures of them are not known there, and say why.
func (k *KPIs) Untold() *KPIs {
	view := *k
	view.untold = true
	return &view
}

// Value is a figure's value in its unit. Where nothing happened that it could be computed of (a win rate
// without closed deals) it is not Known.
type Value struct {
	decimal.Decimal
	Known bool
}

// MarshalJSON writes a number as text, and null where it is not known.
func (v Value) MarshalJSON() ([]byte, error) {
	if !v.Known {
		return []byte("null"), nil
	}
	return json.Marshal(v.Decimal.String())
}

// Row is a figure of one seller, stage, month.
type Row struct {
	// Key is the dimension's: a user, a source, the id of a pipeline or stage as UUID, a month as 2026-07.
	Key string `json:"key"`
	// Label is the name of a pipeline or stage, otherwise the key.
	Label string `json:"label"`
	Value Value  `json:"value"`
	// Count is how many records stand behind it.
	Count int64 `json:"count"`
}

// Figure is a computed key figure.
type Figure struct {
	Code Code `json:"code"`
	Unit Unit `json:"unit"`
	// Currency is the company's, for money.
	Currency string `json:"currency,omitempty"`
	Value    Value  `json:"value"`
	Count    int64  `json:"count"`
	// Rows are the parts; of months those that have begun.
	Rows []Row `json:"rows,omitempty"`
	// Missing are currencies without a rate for their day: what is in them is not in the value.
	Missing []string `json:"missing,omitempty"`
	// Why says why the value is not known, where that lies in what is told of the host's orders.
	Why Why `json:"why,omitempty"`
}

// Compared is a figure beside the same one of the period before and of the year before. Where the period still runs it
// is held against as many days of them as have passed of it, today among them; who bought again is asked there, too, of those
// who bought in the whole of the period before. Missing are the currencies without a rate in any of the three.
type Compared struct {
	Figure
	Before         Value  `json:"before"`
	LastYear       Value  `json:"last_year"`
	BeforePeriod   Period `json:"before_period"`
	LastYearPeriod Period `json:"last_year_period"`
}

// cell is what a figure or a row of it is computed from: over divided by under.
type cell struct {
	over, under decimal.Decimal
	n           int64
}

func (c *cell) add(other *cell) {
	c.over, c.under, c.n = c.over.Add(other.over), c.under.Add(other.under), c.n+other.n
}

// cells are the parts of a figure by their key.
type cells map[string]*cell

func (c cells) at(key string) *cell {
	if c[key] == nil {
		c[key] = &cell{}
	}
	return c[key]
}

// of gives the cell of a key, an empty one where there is none.
func (c cells) of(key string) *cell {
	if c[key] == nil {
		return &cell{}
	}
	return c[key]
}

// reading is one computation: a session, what is asked, and the rates.
type reading struct {
	s    *store.Session
	book *exchange.Book
	// earlier is where the period before begins, from this one; to is behind it.
	earlier, from, to time.Time
	of                Filter
	own               store.Predicate // of.Custom as SQL, by the fields of what stands behind the figure
	by                Dimension
	missing           map[string]bool
	mixed             *sync.Map
	// turn is the period in months, orders what is known of the host's orders.
	turn   retention.Turn
	orders *orders
}

// cover sets the instants of a period. The one before begins with since, where that is a day.
func (r *reading) cover(p Period, since civil.Date, zone *time.Location) {
	r.from, r.to = p.span(zone)
	if since.IsZero() {
		since = p.Before().First
	}
	r.earlier = since.Time(zone)
	r.turn = retention.Turn{Before: since, First: p.First, Behind: p.Last.AddDays(1)}
}

// Known fails with fault.NotFound where one of the codes names no figure.
func Known(codes ...Code) error {
	for _, code := range codes {
		if _, ok := Defined(code); ok {
			continue
		}
		var all []string
		for _, d := range Definitions() {
			all = append(all, string(d.Code))
		}
		return fault.New(fault.NotFound, "there is no figure %.40q; there are: %s", string(code), strings.Join(all, ", "))
	}
	return nil
}

// Figure computes one figure. It needs the figure's right.
func (k *KPIs) Figure(ctx context.Context, code Code, q Query) (Figure, error) {
	d, ok := Defined(code)
	if !ok {
		return Figure{}, Known(code)
	}
	if err := q.check(d); err != nil {
		return Figure{}, err
	}
	return store.Read(ctx, k.db, d.Right, func(ctx context.Context, s *store.Session) (Figure, error) {
		c, err := k.begin(ctx, s)
		if err != nil {
			return Figure{}, err
		}
		out, err := c.figure(ctx, d, q)
		if err != nil {
			return Figure{}, err
		}
		return out, c.end(ctx)
	})
}

// Compare computes several figures, each beside the period before and the year before, of one moment. Figures
// that the reader may not see, or that do not go by the filter, are left out; a code of none is fault.NotFound.
func (k *KPIs) Compare(ctx context.Context, codes []Code, q Query) ([]Compared, error) {
	var out []Compared
	err := k.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		out = nil
		if err := Known(codes...); err != nil {
			return err
		}
		c, err := k.begin(ctx, s)
		if err != nil {
			return err
		}
		for _, code := range codes {
			d, _ := Defined(code)
			if !s.Actor.May(d.Right) || !d.Fits(q.Of) || !d.covers(q.Period) {
				continue
			}
			asked := Query{Period: q.Period, Of: q.Of}
			if d.Breaks(q.By) {
				asked.By = q.By
			}
			if err := asked.check(d); err != nil {
				return err
			}
			if knows, err := c.knows(ctx, d, q.Of); err != nil {
				return err
			} else if !knows {
				continue
			}
			one, err := c.compared(ctx, d, asked)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return c.end(ctx)
	})
	return out, err
}

// compared computes a figure beside the period before and the year before.
func (c *counting) compared(ctx context.Context, d Definition, q Query) (one Compared, err error) {
	if one.Figure, err = c.figure(ctx, d, q); err != nil {
		return one, err
	}
	today := c.k.today(c.s)
	whole, wholeYear := q.Period.Before(), q.Period.LastYear()
	one.BeforePeriod, one.LastYearPeriod = q.Period.until(today, whole), q.Period.until(today, wholeYear)
	// What is cut short is held, as the running period is, against the whole of what was before it.
	if !d.covers(one.BeforePeriod) {
		return one, nil
	}
	before, err := c.figure(ctx, d, Query{Period: one.BeforePeriod, Of: q.Of, since: whole.Before().First})
	if err != nil {
		return one, err
	}
	one.Before, one.LastYear, one.Missing = before.Value, before.Value, union(one.Missing, before.Missing)
	if one.LastYearPeriod != one.BeforePeriod {
		f, err := c.figure(ctx, d, Query{Period: one.LastYearPeriod, Of: q.Of, since: wholeYear.Before().First})
		if err != nil {
			return one, err
		}
		one.LastYear, one.Missing = f.Value, union(one.Missing, f.Missing)
	}
	slices.Sort(one.Missing)
	return one, nil
}

func (c *counting) figure(ctx context.Context, d Definition, q Query) (Figure, error) {
	out := Figure{Code: d.Code, Unit: d.Unit}
	book := &exchange.Book{Own: c.own} // for rounding
	if d.Unit == Money {
		out.Currency = c.own
	}
	own, err := c.narrowed(ctx, d, q.Of)
	if err != nil {
		return out, err
	}
	if d.Of == CustomerKind {
		if out.Why, err = c.why(ctx, q); err != nil || out.Why == Untold || out.Why == Uncounted {
			return out, err
		}
	}
	measure := func(p Period, by Dimension) (cells, error) {
		asked := Query{Period: p, Of: q.Of}
		if p == q.Period {
			asked.since = q.since
		}
		found, err := c.over(ctx, d, asked, by, own)
		if err != nil {
			return nil, err
		}
		out.Missing = union(out.Missing, found.missing)
		return found.found, nil
	}
	total := &cell{}
	if !d.adds(q.By) {
		found, err := measure(q.Period, Whole)
		if err != nil {
			return out, err
		}
		total = found.of("")
	}
	var parts []*cell
	switch q.By {
	case Whole:
	case Month:
		out.Rows, parts, err = d.byMonth(book, q.Period, func(p Period) (cells, error) { return measure(p, Whole) })
		out.Rows = d.begun(out.Rows, c.k.today(c.s))
	default:
		var found cells
		if found, err = measure(q.Period, q.By); err == nil {
			parts = slices.Collect(maps.Values(found))
			out.Rows, err = rowsOf(ctx, c.s, d, book, q.By, found)
		}
	}
	if err != nil {
		return out, err
	}
	if d.adds(q.By) {
		for _, one := range parts {
			total.add(one)
		}
	}
	out.Value, out.Count = d.value(book, total), total.n
	slices.Sort(out.Missing)
	return out, nil
}

// byMonth measures a period month by month.
func (d Definition) byMonth(book *exchange.Book, p Period, measure func(Period) (cells, error)) (rows []Row, parts []*cell, err error) {
	for _, part := range p.split() {
		found, err := measure(part)
		if err != nil {
			return nil, nil, err
		}
		key, one := part.First.String()[:7], found.of("")
		rows, parts = append(rows, Row{Key: key, Label: key, Value: d.value(book, one), Count: one.n}), append(parts, one)
	}
	return rows, parts, nil
}

// begun leaves out the months behind today's in which nothing is.
func (d Definition) begun(months []Row, today civil.Date) []Row {
	for n := len(months); n > 0 && (months[n-1].Count == 0 || d.repeats()) && months[n-1].Key > today.String()[:7]; n-- {
		months = months[:n-1]
	}
	return months
}

// union puts what is new behind.
func union(list, more []string) []string {
	for _, one := range more {
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// value is over divided by under in the unit of the figure; a figure that is a sum has nothing under it.
func (d Definition) value(book *exchange.Book, c *cell) Value {
	if d.divides() {
		if c.under.IsZero() {
			return Value{}
		}
		switch d.Unit {
		case Percent:
			return Value{c.over.Mul(decimal.NewFromInt(100)).DivRound(c.under, 4), true}
		case Money:
			return Value{book.Round(c.over.DivRound(c.under, 8)).Decimal, true}
		case Count, Minutes, Seconds:
		}
		return Value{c.over.DivRound(c.under, 0), true}
	}
	if d.Unit == Money {
		return Value{book.Round(c.over).Decimal, true}
	}
	return Value{c.over, true}
}

// adds reports whether the parts of a breakdown make up the whole, because each record stands in one of them; then the
// database reads each record once.
func (d Definition) adds(by Dimension) bool {
	switch by {
	case Month, Team, Source, Pipeline, LostReason, Region:
		return d.Code != Funnel && !d.repeats()
	default:
		return false
	}
}

// divides reports whether the figure is a quotient.
func (d Definition) divides() bool {
	return d.Unit != Count && d.Code != Revenue && d.Code != CampaignRevenue && d.Code != Margin
}

// rowsOf puts the parts in order: stages in that of their pipelines, all else by value, the largest first.
func rowsOf(ctx context.Context, s *store.Session, d Definition, book *exchange.Book, by Dimension, found cells) ([]Row, error) {
	names, err := namesOf(ctx, s, by)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for key, c := range found {
		row := Row{Key: key, Label: key, Value: d.value(book, c), Count: c.n}
		if named, ok := names[key]; ok {
			row.Label = named.label
		}
		if by == Pipeline || by == Stage {
			id, err := uuid.FromBytes([]byte(key))
			if err != nil {
				return nil, fmt.Errorf("the id of a %s: %w", by, err)
			}
			row.Key = id.String()
			if row.Label == key {
				row.Label = row.Key
			}
		}
		rows = append(rows, row)
	}
	at := func(r Row) int {
		if by != Stage {
			return 0
		}
		id, _ := uuid.Parse(r.Key)
		return names[string(id[:])].position
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(at(a)-at(b), b.Value.Cmp(a.Value.Decimal), cmp.Compare(b.Count, a.Count), strings.Compare(a.Key, b.Key))
	})
	return rows, nil
}

// named is what a pipeline or a stage is called, and its place.
type named struct {
	label    string
	position int
}

func namesOf(ctx context.Context, s *store.Session, by Dimension) (map[string]named, error) {
	if by != Pipeline && by != Stage {
		return nil, nil
	}
	var rows []struct {
		Pipeline opportunity.PipelineID `bun:"pipeline_id"`
		Stage    opportunity.StageID    `bun:"stage_id"`
		Name     string                 `bun:"pipeline"`
		Step     string                 `bun:"stage"`
	}
	err := s.Query(ctx, &rows, store.From[opportunity.Pipeline]("p"), `SELECT p.id AS pipeline_id, p.name AS pipeline, st.id AS stage_id, st.name AS stage
FROM crm_pipeline AS p JOIN crm_stage AS st ON st.pipeline_id = p.id WHERE {scope} ORDER BY p.position, p.id, st.position, st.id`)
	if err != nil {
		return nil, err
	}
	out, pipelines := map[string]named{}, map[string]bool{}
	for _, r := range rows {
		pipelines[r.Name] = true
	}
	for i, r := range rows {
		if by == Pipeline {
			out[string(r.Pipeline[:])] = named{r.Name, i}
			continue
		}
		label := r.Step
		if len(pipelines) > 1 {
			label = r.Name + " – " + r.Step
		}
		out[string(r.Stage[:])] = named{label, i}
	}
	return out, nil
}

// Today is the company's business day.
func (k *KPIs) Today(ctx context.Context) (civil.Date, error) {
	var out civil.Date
	err := k.db.Read(ctx, func(_ context.Context, s *store.Session) error {
		out = k.today(s)
		return nil
	})
	return out, err
}

func (k *KPIs) today(s *store.Session) civil.Date {
	return civil.In(s.Now, k.locales(s.Actor.Company).Location())
}

// amount turns a sum into the company's currency and remembers where that cannot be done.
func (r *reading) amount(sum money.Amount, currency string, since time.Time) decimal.Decimal {
	v, ok := r.book.Value(sum, currency, since)
	if !ok && !sum.IsZero() {
		r.missing[currency] = true
	}
	return v
}
