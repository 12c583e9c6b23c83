// Package quantity says which products will be needed, and when, so that they can be bought in time.
//
// [Quantities.Table] adds up the lines of open opportunities by product and month of their expected close: all of them,
// times their chance, of those that are as good as sure and of those in the best case. Where an opportunity has an issued
// quote, the lines of the newest one stand for its own, without options: that is what was offered. What is won and has no
// order at the host yet counts in full, today, for two months. Beside it stands what the host's customers ordered and have
// not received, by the month it is promised for, where the host tells (erpbridge.Backlog). [Quantities.Behind] are the
// opportunities and orders behind a product.
//
// What everybody ordered is told to actors who see everything; others are told of their opportunities alone.
package quantity

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
)

// Config says what counts as sure, and who tells what was ordered.
type Config struct {
	Host    erpbridge.Host
	Locales func(company string) locale.Locale
	// Commit is from which chance on an opportunity is as good as sure, Best from which on it belongs to the best case; 80 %
	// and 30 % where they are 0.
	Commit, Best money.Percent
}

// Quantities looks ahead at products.
type Quantities struct {
	db     *store.DB
	config Config
}

// New makes Quantities on a database.
func New(db *store.DB, c Config) *Quantities {
	c.Commit, c.Best = forecast.Bounds(c.Commit, c.Best)
	return &Quantities{db: db, config: c}
}

// In gives a view that works inside an open session. A host that is elsewhere is not asked there: what was ordered is not
// known then.
func (q *Quantities) In(s *store.Session) *Quantities { return New(s.Inside(), q.config) }

// Query asks for a table.
type Query struct {
	// Months is how many, from this one on, 6 where it is 0, at most 24.
	Months int `json:"months"`
	// Group is the host's product group, "" for all.
	Group string `json:"group,omitempty"`
}

// Cell is a product in a month.
type Cell struct {
	// Weighted is by chance, Commit what is as good as sure, Best what belongs to the best case, All everything that may be
	// ordered.
	Weighted money.Quantity `json:"weighted"`
	Commit   money.Quantity `json:"commit"`
	Best     money.Quantity `json:"best"`
	All      money.Quantity `json:"all"`
	// Deals is how many opportunities that is of.
	Deals int64 `json:"deals"`
	// Ordered is what customers ordered at the host and have not received; it is in none of the others.
	Ordered money.Quantity `json:"ordered"`
}

func (c *Cell) add(o Cell) {
	c.Weighted, c.Commit, c.Best, c.All = c.Weighted.Add(o.Weighted), c.Commit.Add(o.Commit), c.Best.Add(o.Best), c.All.Add(o.All)
	c.Deals, c.Ordered = c.Deals+o.Deals, c.Ordered.Add(o.Ordered)
}

// Row is a product.
type Row struct {
	Product string `json:"product"`
	Name    string `json:"name"`
	Group   string `json:"product_group"`
	Unit    string `json:"unit"`
	Cells   []Cell `json:"cells"`
	// Sum is of the cells; Undated is what has no date, or of opportunities one that is past, Later what comes behind the
	// last month. Both are in no sum. What should have been delivered already is due now.
	Sum     Cell `json:"sum"`
	Undated Cell `json:"undated"`
	Later   Cell `json:"later"`
}

// Table is the quantities by product and month.
type Table struct {
	Periods []kpi.Period `json:"periods"`
	// Rows have the largest need in front: what is ordered, and what is expected by chance.
	Rows []Row `json:"rows"`
	// Known says whether what was ordered is told; More that there are more orders than were read.
	Known bool `json:"ordered_known"`
	More  bool `json:"more_orders,omitempty"`
}

// sum is one product, month and chance.
type sum struct {
	Product string         `bun:"product_key"`
	Group   string         `bun:"product_group"`
	Unit    string         `bun:"unit"`
	Name    string         `bun:"name"`
	Month   string         `bun:"close_month"`
	State   string         `bun:"state"`
	Chance  money.Percent  `bun:"chance"`
	All     money.Quantity `bun:"quantity"`
	N       int64          `bun:"n"`
}

// Newest is the SQL that a quote "q" is the newest issued one of an opportunity "o".
const Newest = "q.state IN ('issued', 'accepted') AND NOT EXISTS (SELECT 1 FROM crm_quote AS later WHERE later.opportunity_id = o.id AND later.state IN ('issued', 'accepted') AND (later.created_at > q.created_at OR later.created_at = q.created_at AND later.id > q.id))"

// offered is the SQL that an opportunity "o" has an issued quote.
const offered = "EXISTS (SELECT 1 FROM crm_quote AS sent WHERE sent.opportunity_id = o.id AND sent.state IN ('issued', 'accepted'))"

// wait is how long what was won may be without an order; what is older was ordered some other way.
const wait = 60 * 24 * time.Hour

// sources are the lines that count, each by the columns that are asked of its opportunity: those of opportunities and those
// of their quotes, of what is open and of what was won lately and nobody has ordered at the host yet. Each is read by an
// index of its own; the lines of quotes are joined from the left, so that no database begins with them.
func sources() []func(columns string, now time.Time) (string, []any) {
	const item = ", li.product_key, li.product_group, li.unit, li.name, "
	own := func(columns string) string {
		return columns + item + "li.quantity FROM crm_opportunity AS o JOIN crm_opportunity_line AS li ON li.opportunity_id = o.id WHERE {scope} AND NOT " + offered
	}
	quoted := func(columns string) string {
		return columns + item + "CASE WHEN li.kind = 'item' THEN li.quantity ELSE 0 END AS quantity FROM crm_opportunity AS o JOIN crm_quote AS q ON q.opportunity_id = o.id" +
			" LEFT JOIN crm_quote_line AS li ON li.quote_id = q.id WHERE {scope} AND " + Newest
	}
	var out []func(string, time.Time) (string, []any)
	for _, lines := range []func(string) string{own, quoted} {
		out = append(out, func(columns string, _ time.Time) (string, []any) {
			return "SELECT " + lines(columns) + " AND o.state = 'open'", nil
		}, func(columns string, now time.Time) (string, []any) {
			return "SELECT " + lines(columns) + " AND o.state = 'won' AND o.progress = '' AND o.closed_at >= ?", []any{now.Add(-wait)}
		})
	}
	return out
}

func month(d store.Dialect, column string) string {
	if d == store.MSSQL {
		return "CONVERT(NVARCHAR(7), " + column + ", 126)"
	}
	return "SUBSTR(" + column + ", 1, 7)"
}

// Table makes the table of what the actor may see. It needs actor.OpportunityRead.
func (q *Quantities) Table(ctx context.Context, ask Query) (Table, error) {
	months := cmp.Or(ask.Months, 6)
	if months < 1 || months > 24 {
		var faults fault.List
		faults.Add("months", "range", "is %d; ask for 1 to 24", months)
		return Table{}, faults.Err("the quantities cannot be shown")
	}
	orders, err := q.backlog(ctx)
	if err != nil {
		return Table{}, err
	}
	return store.Read(ctx, q.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Table, error) {
		t := &tally{config: q.config, group: ask.Group, rows: map[string]*Row{}, periods: kpi.Months(q.today(s), 1, months)}
		for _, from := range sources() {
			inner, args := from("o.id, "+month(s.Dialect(), "o.expected_close")+" AS close_month, o.state, o.chance", s.Now)
			query := "SELECT x.product_key, MAX(x.product_group) AS product_group, x.unit, MAX(x.name) AS name, x.close_month, x.state, x.chance, SUM(x.quantity) AS quantity, COUNT(DISTINCT x.id) AS n FROM (" + inner + ") AS x GROUP BY x.product_key, x.unit, x.close_month, x.state, x.chance"
			var sums []sum
			if err := s.Query(ctx, &sums, store.From[opportunity.Opportunity]("o"), query, args...); err != nil {
				return Table{}, err
			}
			for _, one := range sums {
				t.expected(one)
			}
		}
		for _, o := range orders.list {
			t.ordered(o)
		}
		return Table{Periods: t.periods, Rows: t.sorted(), Known: orders.known, More: orders.more}, nil
	})
}

func (q *Quantities) today(s *store.Session) civil.Date {
	return civil.In(s.Now, q.config.Locales(s.Actor.Company).Location())
}

// tally is a table while it is added up.
type tally struct {
	config  Config
	group   string
	periods []kpi.Period
	rows    map[string]*Row
}

// row is that of a product in a unit; nil where its group is not asked for.
func (t *tally) row(product, unit, name, group string) *Row {
	// Told here and not by the database, which then goes by the opportunities and not through all lines.
	if product == "" || t.group != "" && group != t.group {
		return nil
	}
	key := product + "\x00" + unit
	r := t.rows[key]
	if r == nil {
		r = &Row{Product: product, Name: name, Group: group, Unit: unit, Cells: make([]Cell, len(t.periods))}
		t.rows[key] = r
	}
	return r
}

// cell is that of a month, as 2026-07; "" and what is over stand nowhere.
func (t *tally) cell(r *Row, month string) *Cell {
	if month > t.periods[len(t.periods)-1].First.String()[:7] {
		return &r.Later
	}
	for i, p := range t.periods {
		if p.First.String()[:7] == month {
			return &r.Cells[i]
		}
	}
	return &r.Undated
}

func (t *tally) expected(one sum) {
	r := t.row(one.Product, one.Unit, one.Name, one.Group)
	if r == nil || one.All.IsZero() {
		return
	}
	c := Cell{All: one.All, Weighted: money.NewQuantity(one.All.Mul(one.Chance.Decimal).Shift(-2)), Deals: one.N}
	won := one.State == string(opportunity.Won)
	if won {
		one.Month = t.periods[0].First.String()[:7] // it is due now
	}
	if won || one.Chance.Cmp(t.config.Commit) >= 0 {
		c.Commit = one.All
	}
	if won || one.Chance.Cmp(t.config.Best) >= 0 {
		c.Best = one.All
	}
	t.cell(r, one.Month).add(c)
}

func (t *tally) ordered(o erpbridge.Undelivered) {
	month, now := "", t.periods[0].First.String()[:7]
	if !o.Due.IsZero() {
		month = max(o.Due.String()[:7], now) // what is late is due now
	}
	for _, l := range o.Lines {
		if r := t.row(l.Product, l.Unit, l.Name, l.Group); r != nil {
			t.cell(r, month).add(Cell{Ordered: l.Left})
		}
	}
}

func (t *tally) sorted() []Row {
	out := make([]Row, 0, len(t.rows))
	for _, r := range t.rows {
		for _, c := range r.Cells {
			r.Sum.add(c)
		}
		out = append(out, *r)
	}
	need := func(r Row) money.Quantity { return r.Sum.Ordered.Add(r.Sum.Weighted) }
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(need(b).Cmp(need(a)), strings.Compare(a.Product, b.Product), strings.Compare(a.Unit, b.Unit))
	})
	return out
}

// Deal is an opportunity behind a product.
type Deal struct {
	ID            opportunity.ID    `bun:"id" json:"id"`
	Product       string            `bun:"product_key" json:"product"`
	Name          string            `bun:"name" json:"name"`
	Customer      string            `bun:"customer" json:"customer"`
	Owner         string            `bun:"owner_user" json:"owner"`
	State         opportunity.State `bun:"state" json:"state"`
	ExpectedClose civil.Date        `bun:"expected_close" json:"expected_close"`
	Chance        money.Percent     `bun:"chance" json:"chance"`
	Quantity      money.Quantity    `bun:"quantity" json:"quantity"`
	Unit          string            `bun:"unit" json:"unit"`
}

// Order is what is left of a product on an order of the host.
type Order struct {
	Document erpbridge.Ref  `json:"document"`
	Customer string         `json:"customer"`
	Date     civil.Date     `json:"date"`
	Due      civil.Date     `json:"due"`
	Left     money.Quantity `json:"left"`
	Unit     string         `json:"unit"`
}

// Behind is what stands behind a product.
type Behind struct {
	Deals  []Deal  `json:"deals"`
	Orders []Order `json:"orders"`
}

// mostBehind is how many opportunities and how many orders are listed.
const mostBehind = 500

// Behind lists the opportunities behind a product that the actor may see, the nearest close first, and the orders, the
// nearest delivery first, at most 500 of each. It needs actor.OpportunityRead.
func (q *Quantities) Behind(ctx context.Context, product string) (Behind, error) {
	orders, err := q.backlog(ctx)
	if err != nil {
		return Behind{}, err
	}
	return store.Read(ctx, q.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Behind, error) {
		var out Behind
		for _, from := range sources() {
			inner, args := from("o.id, o.name AS deal, o.party_id, o.owner_user, o.state, o.expected_close, o.chance", s.Now)
			query := "SELECT x.id, x.product_key, x.deal AS name, p.name AS customer, x.owner_user, x.state, x.expected_close, x.chance, x.unit, SUM(x.quantity) AS quantity FROM (" + inner + ") AS x JOIN crm_party AS p ON p.id = x.party_id" +
				" GROUP BY x.id, x.product_key, x.deal, p.name, x.owner_user, x.state, x.expected_close, x.chance, x.unit"
			var rows []Deal
			if err := s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), query, args...); err != nil {
				return out, err
			}
			out.Deals = append(out.Deals, slices.DeleteFunc(rows, func(d Deal) bool { return d.Product != product || d.Quantity.IsZero() })...)
		}
		slices.SortStableFunc(out.Deals, func(a, b Deal) int {
			return cmp.Or(a.ExpectedClose.Compare(b.ExpectedClose), strings.Compare(a.Name, b.Name))
		})
		out.Deals = out.Deals[:min(len(out.Deals), mostBehind)]
		for _, o := range orders.list {
			for _, l := range o.Lines {
				if l.Product == product {
					out.Orders = append(out.Orders, Order{Document: o.Order, Customer: o.Customer, Date: o.Date, Due: o.Due, Left: l.Left, Unit: l.Unit})
				}
			}
		}
		slices.SortStableFunc(out.Orders, func(a, b Order) int { return a.Due.Compare(b.Due) })
		out.Orders = out.Orders[:min(len(out.Orders), mostBehind)]
		return out, nil
	})
}
