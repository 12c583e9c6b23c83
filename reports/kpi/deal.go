package kpi

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
)

// clause is a growing SELECT over opportunities "o": what it is grouped by, what joins it, what narrows it.
type clause struct {
	key, value, share string
	joins, where      string
	joined, narrowed  []any
}

func (c *clause) join(text string, args ...any) {
	c.joins += " " + text
	c.joined = append(c.joined, args...)
}

func (c *clause) and(text string, args ...any) {
	c.where += " AND " + text
	c.narrowed = append(c.narrowed, args...)
}

// tally adds up the rows "x" of a query for each of their keys. Where all have one key nothing is sorted for it: then
// there is one row, also where there is nothing to add.
func (c *clause) tally(sums, inner string) string {
	if c.key == wholeKey {
		return "SELECT " + wholeKey + " AS k, " + sums + " FROM (" + inner + ") AS x"
	}
	return "SELECT x.k, " + sums + " FROM (" + inner + ") AS x GROUP BY x.k"
}

// number counts the different opportunities among rows "x". Each stands once, where nothing is joined of which it may
// have several.
func (c *clause) number() string {
	if c.joins == "" {
		return "COUNT(*)"
	}
	return "COUNT(DISTINCT x.id)"
}

// wholeKey is the key of all that is not broken down.
const wholeKey = "''"

// exact compares display text as bytes, so that both databases group alike.
func exact(d store.Dialect, column string) string {
	if d == store.MSSQL {
		return column + " COLLATE Latin1_General_100_BIN2"
	}
	return column
}

// over begins a clause over opportunities with the filter of the reading and its breakdown. With split, money
// belongs to the sellers by their shares; otherwise it is the owner's.
func (r *reading) over(split bool) *clause {
	c := &clause{key: wholeKey, value: "o.expected_revenue", share: fullShare}
	if r.of.ProductGroup != "" || r.by == ProductGroup {
		c.value = "l.amount"
		c.join("JOIN crm_opportunity_line AS l ON l.opportunity_id = o.id")
		if r.of.ProductGroup != "" {
			c.and("l.product_group = ?", r.of.ProductGroup)
		}
	}
	if split && (r.of.Seller != "" || r.by == Seller) {
		c.share = "sp.share"
		c.join("JOIN crm_opportunity_seller AS sp ON sp.opportunity_id = o.id")
		if r.of.Seller != "" {
			c.and("sp.user_id = ?", r.of.Seller)
		}
	} else if r.of.Seller != "" {
		c.and("o.owner_user = ?", r.of.Seller)
	}
	c.narrow(r.of, "o")
	c.own(r)
	switch r.by {
	case Seller:
		c.key = "o.owner_user"
		if split {
			c.key = "sp.user_id"
		}
	case Team:
		c.key = "o.owner_team"
	case Source:
		c.key = "o.source"
	case Pipeline:
		c.key = "o.pipeline_id"
	case ProductGroup:
		c.key = "l.product_group"
	case LostReason:
		c.key = exact(r.s.Dialect(), "o.lost_reason")
	case Region:
		c.key = opportunity.RegionSQL(r.s.Dialect(), "o")
	case Campaign:
		c.key = "o.campaign"
	case Competitor:
		c.key = exact(r.s.Dialect(), "rival.name")
		c.join("JOIN crm_competitor AS rival ON rival.opportunity_id = o.id AND NOT EXISTS (SELECT 1 FROM crm_competitor AS again WHERE again.opportunity_id = rival.opportunity_id AND " +
			exact(r.s.Dialect(), "again.name") + " = rival.name AND again.id < rival.id)")
	case Whole, Month, Stage:
	}
	return c
}

// narrow adds what filters opportunities in every figure alike.
func (c *clause) narrow(f Filter, alias string) {
	if f.Team != "" {
		c.and(alias+".owner_team = ?", f.Team)
	}
	if f.Source != "" {
		c.and(alias+".source = ?", f.Source)
	}
	if !f.Pipeline.IsZero() {
		c.and(alias+".pipeline_id = ?", f.Pipeline)
	}
}

var opportunities = store.From[opportunity.Opportunity]("o")

// sumKey is what sums of money are kept apart by.
type sumKey struct {
	Key      string        `bun:"k"`
	State    string        `bun:"state"`
	Currency string        `bun:"currency"`
	Since    time.Time     `bun:"since"`
	Share    money.Percent `bun:"share"`
	// Foreign is how many of the rows are not in the company's own currency.
	Foreign int64 `bun:"foreign_rows"`
	N       int64 `bun:"n"`
}

func (k *sumKey) apart() *sumKey { return k }

// dealSum is a sum of closed opportunities of one key, state, currency, rate and share.
type dealSum struct {
	sumKey
	Sum   money.Amount    `bun:"amount"`
	Value decimal.Decimal `bun:"-"`
}

// fullShare is a share of all of it, as the database has it.
const fullShare = "1000000"

// both are opportunities that were won and such that were lost.
const both = ""

// columns are what the sums of a clause have to be kept apart by beside money: whatever is the same for all rows is left
// out, since the database sorts by the rest.
func (c *clause) columns(state string) []string {
	var out []string
	if c.key != wholeKey {
		out = append(out, "x.k")
	}
	if state == both {
		out = append(out, "x.state")
	}
	if c.share != fullShare {
		out = append(out, "x.share")
	}
	return out
}

// sumsOf adds up values of the opportunities of a clause, or of what joins gives of them, by currency and rate. As long
// as a company is not known to sell in other currencies than its own, they are first added up without looking at
// rates, and the foreign ones counted.
func sumsOf[T any](ctx context.Context, r *reading, c *clause, state string, of sumText) ([]T, error) {
	columns := c.columns(state)
	inner := func(since string) string {
		return " FROM (SELECT o.id, " + c.key + " AS k, o.state, o.currency, " + since + c.share + " AS share, " + of.values + " FROM crm_opportunity AS o" + of.joins + c.joins +
			" WHERE {scope}" + c.where + ") AS x"
	}
	args := append([]any{r.book.Own}, append(c.joined, c.narrowed...)...)
	read := func(head, tail string, columns []string) ([]T, error) {
		list, group := "", ""
		if len(columns) > 0 {
			list, group = strings.Join(columns, ", ")+", ", " GROUP BY "+strings.Join(columns, ", ")
		}
		var rows []T
		err := r.s.Query(ctx, &rows, opportunities, "SELECT "+list+head+of.sums+tail+group, args...)
		return slices.DeleteFunc(rows, func(row T) bool { return keyOf(&row).N == 0 }), err
	}
	complete := func(rows []T) {
		for i := range rows {
			k := keyOf(&rows[i])
			if state != both {
				k.State = state
			}
			if c.share == fullShare {
				k.Share = money.MustPercent("100")
			}
		}
	}
	if _, mixed := r.mixed.Load(r.s.Actor.Company); !mixed {
		rows, err := read("SUM(CASE WHEN x.currency = ? THEN 0 ELSE 1 END) AS foreign_rows, ", inner(""), columns)
		if err != nil {
			return nil, err
		}
		mixed = slices.ContainsFunc(rows, func(row T) bool { return keyOf(&row).Foreign > 0 })
		if !mixed {
			complete(rows)
			for i := range rows {
				keyOf(&rows[i]).Currency = r.book.Own
			}
			return rows, nil
		}
		r.mixed.Store(r.s.Actor.Company, true)
	}
	rows, err := read("", inner(exchange.Since("o", "o.closed_at")+" AS since, "), append(columns, "x.currency", "x.since"))
	complete(rows)
	return rows, err
}

// sumText is what is added up of each opportunity.
type sumText struct{ sums, values, joins string }

func keyOf[T any](row *T) *sumKey { return any(row).(interface{ apart() *sumKey }).apart() }

// closed adds up the opportunities that were closed in the period, in one state or in both.
func (r *reading) closed(ctx context.Context, split bool, state string, more ...string) ([]dealSum, error) {
	c := r.over(split)
	c.closed(r, state, more...)
	rows, err := sumsOf[dealSum](ctx, r, c, state, sumText{sums: c.number() + " AS n, COALESCE(SUM(x.value), 0) AS amount", values: c.value + " AS value"})
	for i := range rows {
		d := &rows[i]
		d.Value = r.amount(d.Sum, d.Currency, d.Since).Mul(d.Share.Decimal).Shift(-2)
	}
	return rows, err
}

// closed narrows a clause to what was closed in the period.
func (c *clause) closed(r *reading, state string, more ...string) {
	c.and("o.closed_at >= ? AND o.closed_at < ?", r.from, r.to)
	if state != both {
		c.and("o.state = '" + state + "'")
	}
	for _, m := range more {
		c.and(m)
	}
}

// counted counts the opportunities that were closed in the period, by state, without what they are worth.
func (r *reading) counted(ctx context.Context, state string, more ...string) ([]dealSum, error) {
	c := r.over(false)
	c.closed(r, state, more...)
	columns := c.columns(state)
	list, group := "", ""
	if len(columns) > 0 {
		list, group = strings.Join(columns, ", ")+", ", " GROUP BY "+strings.Join(columns, ", ")
	}
	var rows []dealSum
	err := r.s.Query(ctx, &rows, opportunities, "SELECT "+list+c.number()+" AS n FROM (SELECT o.id, "+c.key+" AS k, o.state FROM crm_opportunity AS o"+c.joins+
		" WHERE {scope}"+c.where+") AS x"+group, append(c.joined, c.narrowed...)...)
	return slices.DeleteFunc(rows, func(d dealSum) bool { return d.N == 0 }), err
}

func whole(n int64) decimal.Decimal { return decimal.NewFromInt(n) }

// number counts the opportunities that were closed one way.
func number(state string) func(ctx context.Context, r *reading) (cells, error) {
	return func(ctx context.Context, r *reading) (cells, error) {
		rows, err := r.counted(ctx, state)
		out := cells{}
		for _, d := range rows {
			c := out.at(d.Key)
			c.n += d.N
			c.over = c.over.Add(whole(d.N))
		}
		return out, err
	}
}

func winRate(ctx context.Context, r *reading) (cells, error) {
	rows, err := r.counted(ctx, both)
	return rate(rows, func(d dealSum) decimal.Decimal { return whole(d.N) }), err
}

func winRateValue(ctx context.Context, r *reading) (cells, error) {
	rows, err := r.closed(ctx, false, both)
	return rate(rows, func(d dealSum) decimal.Decimal { return d.Value }), err
}

// againstCompetitors is the win rate of the opportunities that somebody else wanted too.
func againstCompetitors(ctx context.Context, r *reading) (cells, error) {
	var more []string
	if r.by != Competitor {
		more = append(more, "EXISTS (SELECT 1 FROM crm_competitor AS rival WHERE rival.opportunity_id = o.id)")
	}
	rows, err := r.counted(ctx, both, more...)
	return rate(rows, func(d dealSum) decimal.Decimal { return whole(d.N) }), err
}

// rate is what was won of what was closed.
func rate(rows []dealSum, of func(dealSum) decimal.Decimal) cells {
	out := cells{}
	for _, d := range rows {
		c := out.at(d.Key)
		c.n += d.N
		c.under = c.under.Add(of(d))
		if d.State == string(opportunity.Won) {
			c.over = c.over.Add(of(d))
		}
	}
	return out
}

func revenue(ctx context.Context, r *reading) (cells, error) { return r.sum(ctx, true) }

func campaignRevenue(ctx context.Context, r *reading) (cells, error) {
	return r.sum(ctx, true, "o.campaign <> ''")
}

func averageDeal(ctx context.Context, r *reading) (cells, error) { return r.sum(ctx, false) }

// sum is the value of the opportunities that were won in the period, over their number.
func (r *reading) sum(ctx context.Context, split bool, more ...string) (cells, error) {
	rows, err := r.closed(ctx, split, string(opportunity.Won), more...)
	out := cells{}
	for _, d := range rows {
		c := out.at(d.Key)
		c.n += d.N
		c.over = c.over.Add(d.Value)
		c.under = c.under.Add(whole(d.N))
	}
	return out, err
}

// plain is a sum that has no currency.
type plain struct {
	Key string `bun:"k"`
	N   int64  `bun:"n"`
	Sum int64  `bun:"total"`
}

func created(ctx context.Context, r *reading) (cells, error) {
	c := r.over(false)
	c.and("o.created_at >= ? AND o.created_at < ?", r.from, r.to)
	return r.plain(ctx, c, c.tally(c.number()+" AS n", "SELECT o.id, "+c.key+" AS k FROM crm_opportunity AS o"+c.joins+" WHERE {scope}"+c.where))
}

// plain counts the records of each key.
func (r *reading) plain(ctx context.Context, c *clause, query string) (cells, error) {
	return added(r.rows(ctx, c, query))
}

// added has the numbers of records.
func added(rows []plain, err error) (cells, error) {
	out := cells{}
	for _, p := range rows {
		c := out.at(p.Key)
		c.n += p.N
		c.over = c.over.Add(whole(p.N))
		c.under = c.under.Add(whole(p.N))
	}
	return out, err
}

// mean has the values of records over their number.
func (r *reading) mean(ctx context.Context, c *clause, query string) (cells, error) {
	return meant(r.rows(ctx, c, query))
}

func meant(rows []plain, err error) (cells, error) {
	out := cells{}
	for _, p := range rows {
		c := out.at(p.Key)
		c.n += p.N
		c.over = c.over.Add(whole(p.Sum))
		c.under = c.under.Add(whole(p.N))
	}
	return out, err
}

// rows runs what tally made of a clause over opportunities.
func (r *reading) rows(ctx context.Context, c *clause, query string) ([]plain, error) {
	var rows []plain
	err := r.s.Query(ctx, &rows, opportunities, query, append(c.joined, c.narrowed...)...)
	return slices.DeleteFunc(rows, func(p plain) bool { return p.N == 0 }), err
}

// total adds the values of rows "x".
const total = "COALESCE(SUM(CAST(x.value AS BIGINT)), 0) AS total"

// seconds is the SQL of the whole seconds between two instants; both databases cut the instants first.
func seconds(d store.Dialect, from, to string) string {
	if d == store.MSSQL {
		return "DATEDIFF_BIG(second, " + from + ", " + to + ")"
	}
	return "(UNIXEPOCH(" + to + ") - UNIXEPOCH(" + from + "))"
}

// cycle is the time from the creation of won opportunities to their closing.
func cycle(ctx context.Context, r *reading) (cells, error) {
	c := r.single()
	c.and("o.state = 'won' AND o.closed_at >= ? AND o.closed_at < ?", r.from, r.to)
	value := seconds(r.s.Dialect(), "o.created_at", "o.closed_at")
	distinct := ""
	if c.joins != "" {
		distinct = "DISTINCT "
	}
	return r.mean(ctx, c, c.tally("COUNT(*) AS n, "+total, "SELECT "+distinct+"o.id, "+c.key+" AS k, "+value+" AS value FROM crm_opportunity AS o"+c.joins+" WHERE {scope}"+c.where))
}

// single is a clause in which each opportunity stands once for each key, whatever lines it has.
func (r *reading) single() *clause {
	if r.by == ProductGroup {
		return r.over(false) // for SELECT DISTINCT
	}
	plain := *r
	plain.of.ProductGroup = ""
	c := plain.over(false)
	if r.of.ProductGroup != "" {
		c.and("EXISTS (SELECT 1 FROM crm_opportunity_line AS l WHERE l.opportunity_id = o.id AND l.product_group = ?)", r.of.ProductGroup)
	}
	return c
}

// workTime is the minutes of all that was done for won opportunities, over their number.
func workTime(ctx context.Context, r *reading) (cells, error) {
	out, err := r.sum(ctx, false)
	if err != nil {
		return nil, err
	}
	for _, c := range out {
		c.over = decimal.Zero
	}
	c := r.single()
	c.and("o.state = 'won' AND o.closed_at >= ? AND o.closed_at < ?", r.from, r.to)
	join := " JOIN"
	if r.s.Dialect() == store.SQLite {
		join = " CROSS JOIN" // from the opportunities to their activities, whatever the planner thinks; there are far more of those
	}
	rows, err := r.rows(ctx, c, c.tally("COUNT(*) AS n, "+total, "SELECT "+c.key+" AS k, a.minutes AS value FROM crm_opportunity AS o"+c.joins+
		join+" crm_activity AS a ON a.company = o.company AND a.opportunity_id = o.id AND a.is_open = 0 AND a.state = 'done' WHERE {scope}"+c.where))
	for _, p := range rows {
		out.at(p.Key).over = whole(p.Sum)
	}
	return out, err
}

// lineSum is quantity times a price or a cost, in parts that no 64 bits overflow, and what the lines were sold for.
type lineSum struct {
	sumKey
	Whole money.Amount `bun:"whole_units"`
	Part  money.Amount `bun:"part"`
	Rest  int64        `bun:"rest"`
	Net   money.Amount `bun:"net"`
}

// times is the quantities times the column, in its currency.
func (l lineSum) times() decimal.Decimal {
	return l.Whole.Add(l.Part).Add(money.NewAmount(decimal.New(l.Rest, -10))).Decimal
}

// lines adds up the lines "li" of the opportunities that were won. Quantity times price leaves 64 bits, so it is added
// up in three parts: whole units, the fraction's whole amounts, and their millionths.
func (r *reading) lines(ctx context.Context, split bool, column, join string) ([]lineSum, error) {
	all := *r
	group := all.of.ProductGroup
	all.of.ProductGroup = ""
	byGroup := r.by == ProductGroup
	if byGroup {
		all.by = Whole
	}
	c := all.over(split)
	if byGroup {
		c.key = "li.product_group"
	}
	if group != "" {
		c.and("li.product_group = ?", group)
	}
	c.closed(r, string(opportunity.Won))
	return sumsOf[lineSum](ctx, r, c, string(opportunity.Won), sumText{
		sums: `COUNT(DISTINCT x.id) AS n, SUM((x.quantity / 1000000) * x.unit) AS whole_units, SUM(((x.quantity % 1000000) * x.unit) / 1000000) AS part,
	SUM(((x.quantity % 1000000) * x.unit) % 1000000) AS rest, SUM(x.amount) AS net`,
		values: "li.quantity, " + column + " AS unit, li.amount", joins: " JOIN crm_opportunity_line AS li ON li.opportunity_id = o.id" + join,
	})
}

// discount is what was given off the list value of the lines of won opportunities.
func discount(ctx context.Context, r *reading) (cells, error) {
	rows, err := r.lines(ctx, false, "li.unit_price", "")
	out := cells{}
	for _, d := range rows {
		list := r.amount(money.NewAmount(d.times()), d.Currency, d.Since)
		cell := out.at(d.Key)
		cell.n += d.N
		cell.over = cell.over.Add(list).Sub(r.amount(d.Net, d.Currency, d.Since))
		cell.under = cell.under.Add(list)
	}
	return out, err
}

// margin is what is left of the lines of won opportunities above what their products cost, in the company's currency;
// lines without a known cost are left out.
func margin(ctx context.Context, r *reading) (cells, error) {
	rows, err := r.lines(ctx, true, "lc.unit_cost", " JOIN crm_line_cost AS lc ON lc.line_id = li.id AND lc.known = 1")
	out := cells{}
	for _, d := range rows {
		cell := out.at(d.Key)
		cell.n += d.N
		net, ok := r.book.Value(d.Net, d.Currency, d.Since)
		if !ok {
			r.missing[d.Currency] = true
			continue
		}
		cell.over = cell.over.Add(net.Sub(d.times()).Mul(d.Share.Decimal).Shift(-2))
	}
	return out, err
}
