package forecast

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/kpi"
)

// Config says what counts as sure. Zero fields are the defaults.
type Config struct {
	// Locales gives each company's zone and currency.
	Locales func(company string) locale.Locale
	// Commit is from which chance on an opportunity is as good as sure, 80 %; Best from which on it belongs to the
	// best case, 30 %.
	Commit, Best money.Percent
	// Window is how many months back chances are learnt from, 12.
	Window int
}

// Forecasts looks ahead.
type Forecasts struct {
	db     *store.DB
	config Config
	kpis   *kpi.KPIs
}

// Bounds are from which chance on an opportunity is as good as sure, and from which on it belongs to the best case, for all
// that looks ahead: 80 % and 30 % where nobody has decided.
func Bounds(commit, best money.Percent) (money.Percent, money.Percent) {
	if commit.IsZero() {
		commit = money.MustPercent("80")
	}
	if best.IsZero() {
		best = money.MustPercent("30")
	}
	return commit, best
}

// New makes Forecasts on a database.
func New(db *store.DB, c Config) *Forecasts {
	c.Commit, c.Best = Bounds(c.Commit, c.Best)
	if c.Window == 0 {
		c.Window = 12
	}
	return &Forecasts{db: db, config: c, kpis: kpi.New(db, c.Locales)}
}

// In gives a view that works inside an open session.
func (f *Forecasts) In(s *store.Session) *Forecasts { return New(s.Inside(), f.config) }

// Step is how long the columns of a table are.
type Step string

// The steps.
const (
	ByMonth   Step = "month"
	ByQuarter Step = "quarter"
)

// Query asks for a table.
type Query struct {
	// From is any day of the first month or quarter; today's where it is zero.
	From civil.Date `json:"from"`
	Step Step       `json:"step"`
	// Columns is how many months or quarters, 6 months or 4 quarters where it is 0, at most 24.
	Columns int `json:"columns"`
	// By is kpi.Seller, kpi.Team, kpi.Pipeline, kpi.ProductGroup, kpi.Region or kpi.Whole.
	By kpi.Dimension `json:"by"`
	Of kpi.Filter    `json:"of"`
}

// Dimensions are what a table can be broken down to.
var Dimensions = []kpi.Dimension{kpi.Seller, kpi.Team, kpi.Pipeline, kpi.ProductGroup, kpi.Region}

// Cell is one month or quarter of one row. Each of the sums is in the company's currency.
type Cell struct {
	// Won is what was closed as won in the period already.
	Won money.Amount `json:"won"`
	// Commit is Won and what is as good as sure; Best is Commit and what may come.
	Commit money.Amount `json:"commit"`
	Best   money.Amount `json:"best"`
	// Weighted and Learnt are Won and what is open, times the chances set or learnt.
	Weighted money.Amount `json:"weighted"`
	Learnt   money.Amount `json:"learnt"`
	// Open is all that is open, Count the opportunities it is of.
	Open  money.Amount `json:"open"`
	Count int64        `json:"count"`
}

// Row is a seller's, team's, pipeline's, group's part.
type Row struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Cells []Cell `json:"cells"`
	// Sum is of all cells. Undated is what is open without a date or with one before the first column, Later what
	// is expected behind the last one; both are in no sum.
	Sum     Cell `json:"sum"`
	Undated Cell `json:"undated"`
	Later   Cell `json:"later"`
}

// Table is a forecast.
type Table struct {
	Currency string       `json:"currency"`
	Periods  []kpi.Period `json:"periods"`
	Rows     []Row        `json:"rows"`
	Total    Row          `json:"total"`
	Chances  []Chance     `json:"chances"`
	// Missing are currencies without a rate: what is in them is in no sum.
	Missing []string `json:"missing,omitempty"`
}

func (q *Query) check(today civil.Date) error {
	var faults fault.List
	if q.Step == "" {
		q.Step = ByMonth
	}
	if q.From.IsZero() {
		q.From = today
	}
	if q.Columns == 0 {
		q.Columns = map[Step]int{ByMonth: 6, ByQuarter: 4}[q.Step]
	}
	if q.Step != ByMonth && q.Step != ByQuarter {
		faults.Add("step", "choice", "%.20q is none; choose %s or %s", string(q.Step), ByMonth, ByQuarter)
	}
	if q.Columns < 0 || q.Columns > 24 {
		faults.Add("columns", "range", "is %d; ask for 1 to 24", q.Columns)
	}
	if q.By != kpi.Whole && !slices.Contains(Dimensions, q.By) {
		faults.Add("by", "choice", "%.20q is none; choose one of %q", string(q.By), Dimensions)
	}
	return faults.Err("the forecast cannot be made")
}

// narrow is the part of a filter that needs no more of an opportunity o than itself and its custom fields.
func narrow(ctx context.Context, s *store.Session, of kpi.Filter) (store.Predicate, error) {
	out, err := s.CustomHas(ctx, "opportunity", "o.id", of.Custom)
	for _, one := range []struct{ column, value string }{{"o.owner_team", of.Team}, {"o.source", of.Source}} {
		if one.value != "" {
			out.SQL += " AND " + one.column + " = ?"
			out.Args = append(out.Args, one.value)
		}
	}
	if !of.Pipeline.IsZero() {
		out.SQL += " AND o.pipeline_id = ?"
		out.Args = append(out.Args, of.Pipeline)
	}
	return out, err
}

// Behind is a condition, behind others, on the opportunities o that a table with a filter is made of, for lists of them.
func Behind(ctx context.Context, s *store.Session, of kpi.Filter) (store.Predicate, error) {
	out, err := narrow(ctx, s, of)
	for _, one := range []struct{ table, column, value string }{
		{"crm_opportunity_seller", "user_id", of.Seller}, {"crm_opportunity_line", "product_group", of.ProductGroup},
	} {
		if one.value != "" {
			out.SQL += " AND EXISTS (SELECT 1 FROM " + one.table + " AS part WHERE part.opportunity_id = o.id AND part." + one.column + " = ?)"
			out.Args = append(out.Args, one.value)
		}
	}
	return out, err
}

// periods are the columns.
func (q Query) periods() []kpi.Period {
	if q.Step != ByQuarter {
		return kpi.Months(q.From, 1, q.Columns)
	}
	first := civil.Date{Year: q.From.Year, Month: q.From.Month - (q.From.Month-1)%3, Day: 1}
	return kpi.Months(first, 3, q.Columns)
}

// sums are a cell before it is rounded.
type sums struct {
	won, commit, best, weighted, learnt, open decimal.Decimal
	n                                         int64
}

func (s *sums) add(o sums, sign int64) {
	by := decimal.NewFromInt(sign)
	for _, one := range []struct {
		to *decimal.Decimal
		v  decimal.Decimal
	}{{&s.won, o.won}, {&s.commit, o.commit}, {&s.best, o.best}, {&s.weighted, o.weighted}, {&s.learnt, o.learnt}, {&s.open, o.open}} {
		*one.to = one.to.Add(one.v.Mul(by))
	}
	s.n += sign * o.n
}

func (s sums) cell(book *exchange.Book) Cell {
	return Cell{
		Won: book.Round(s.won), Commit: book.Round(s.won.Add(s.commit)), Best: book.Round(s.won.Add(s.best)), Weighted: book.Round(s.won.Add(s.weighted)),
		Learnt: book.Round(s.won.Add(s.learnt)), Open: book.Round(s.open), Count: s.n,
	}
}

// Table makes a forecast of what the actor may see. It needs actor.OpportunityRead.
func (f *Forecasts) Table(ctx context.Context, q Query) (Table, error) {
	return store.Read(ctx, f.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Table, error) {
		q := q
		home := f.config.Locales(s.Actor.Company)
		if err := q.check(civil.In(s.Now, home.Location())); err != nil {
			return Table{}, err
		}
		book, err := exchange.Open(ctx, s, home.Currency)
		if err != nil {
			return Table{}, err
		}
		t := &tally{s: s, book: book, config: f.config, periods: q.periods(), parts: map[string][]sums{}, missing: map[string]bool{}}
		if t.chances, err = f.learn(ctx, s, LearnQuery{}); err != nil {
			return Table{}, err
		}
		if err := t.read(ctx, q, kpi.Whole); err != nil {
			return Table{}, err
		}
		if q.By != kpi.Whole {
			if err := t.read(ctx, q, q.By); err != nil {
				return Table{}, err
			}
		}
		if err := f.won(ctx, s, q, t); err != nil {
			return Table{}, err
		}
		return t.table(ctx, q)
	})
}

// tally is a table while it is added up: for each key the columns, and two more for what is in none.
type tally struct {
	s       *store.Session
	book    *exchange.Book
	config  Config
	periods []kpi.Period
	chances []Chance
	parts   map[string][]sums
	missing map[string]bool
	whole   []sums
}

func (t *tally) of(by kpi.Dimension, key string) []sums {
	if by == kpi.Whole {
		if t.whole == nil {
			t.whole = make([]sums, len(t.periods)+2)
		}
		return t.whole
	}
	if t.parts[key] == nil {
		t.parts[key] = make([]sums, len(t.periods)+2)
	}
	return t.parts[key]
}

// column is the index of the period that a month is in. Behind the last one stands what has no date or an
// earlier one, and behind that what has a later one.
func (t *tally) column(month string) int {
	for i, p := range t.periods {
		if month <= p.Last.String()[:7] {
			if month >= p.First.String()[:7] {
				return i
			}
			return len(t.periods)
		}
	}
	return len(t.periods) + 1
}

// won adds what was won in the columns that have begun.
func (f *Forecasts) won(ctx context.Context, s *store.Session, q Query, t *tally) error {
	today := civil.In(s.Now, f.config.Locales(s.Actor.Company).Location())
	for i, p := range t.periods {
		if p.First.After(today) {
			break
		}
		sums, err := f.kpis.In(s).Revenues(ctx, kpi.Query{Period: p, Of: q.Of, By: q.By})
		if err != nil {
			return err
		}
		t.of(kpi.Whole, "")[i].won = sums.Whole
		for key, won := range sums.Rows {
			t.of(q.By, key)[i].won = won
		}
		for _, m := range sums.Missing {
			t.missing[m] = true
		}
	}
	return nil
}

func (t *tally) table(ctx context.Context, q Query) (Table, error) {
	out := Table{Currency: t.book.Own, Periods: t.periods, Chances: t.chances}
	whole := t.of(kpi.Whole, "")
	out.Total = t.row("", whole)
	names := map[string]string{}
	if q.By == kpi.Pipeline {
		for _, c := range t.chances {
			names[string(c.Pipeline[:])] = c.PipelineName
		}
	}
	if q.By == kpi.Seller || q.By == kpi.ProductGroup {
		if err := t.rest(ctx, q, whole); err != nil {
			return out, err
		}
	}
	for key, parts := range t.parts {
		row := t.row(key, parts)
		if q.By == kpi.Pipeline {
			id, err := pipelineID(key)
			if err != nil {
				return out, err
			}
			row.Key, row.Label = id.String(), names[key]
		}
		out.Rows = append(out.Rows, row)
	}
	slices.SortFunc(out.Rows, func(a, b Row) int {
		return cmp.Or(b.Sum.Best.Cmp(a.Sum.Best), b.Undated.Open.Cmp(a.Undated.Open), strings.Compare(a.Key, b.Key))
	})
	for m := range t.missing {
		out.Missing = append(out.Missing, m)
	}
	slices.Sort(out.Missing)
	return out, nil
}

func pipelineID(key string) (opportunity.PipelineID, error) {
	var id opportunity.PipelineID
	return id, id.Scan([]byte(key))
}

// rest is the part that no seller or line has: of opportunities without a team or lines, and of revenue that
// was set by hand. So the rows add up to the whole.
func (t *tally) rest(ctx context.Context, q Query, whole []sums) error {
	left := make([]sums, len(whole))
	for i := range whole {
		left[i].add(whole[i], 1)
		for key, parts := range t.parts {
			if key != "" {
				left[i].add(parts[i], -1)
			}
		}
		left[i].n = 0
	}
	delete(t.parts, "")
	if !slices.ContainsFunc(left, func(one sums) bool { return !one.open.IsZero() || !one.won.IsZero() }) {
		return nil
	}
	t.parts[""] = left
	return t.countRest(ctx, q, left)
}

func (t *tally) row(key string, parts []sums) Row {
	row := Row{Key: key, Label: key, Undated: parts[len(t.periods)].cell(t.book), Later: parts[len(t.periods)+1].cell(t.book)}
	var sum sums
	for _, p := range parts[:len(t.periods)] {
		row.Cells = append(row.Cells, p.cell(t.book))
		sum.add(p, 1)
	}
	row.Sum = sum.cell(t.book)
	return row
}
