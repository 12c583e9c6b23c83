package kpi

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/exchange"
)

// repeats reports whether a figure is of customers who buy again.
func (d Definition) repeats() bool {
	return d.Code == CustomerRetention || d.Code == CustomerChurn || d.Code == RevenueChurn || d.Of == CustomerKind
}

// buyer is the SQL of who an opportunity was sold to, joined as "who": of customers that were merged, the one that stands
// for all of them.
const buyer = "COALESCE(who.merged_into, who.id)"

// repeated is the SQL of what was won in the period and in the one before: k, id, buyer, later (1 for what was won in the
// period) and what more says. A customer counts for each part of a breakdown by itself: who bought of one group and then
// of another did not buy the first one again.
func (r *reading) repeated(more string) (query string, c *clause) {
	c = r.over(false)
	c.join("JOIN crm_party AS who ON who.id = o.party_id")
	c.and("o.state = 'won' AND o.closed_at >= ? AND o.closed_at < ?", r.earlier, r.to)
	return "SELECT " + c.key + " AS k, o.id, " + buyer + " AS buyer, CASE WHEN o.closed_at >= ? THEN 1 ELSE 0 END AS later" + more + " FROM crm_opportunity AS o" + c.joins + " WHERE {scope}" + c.where, c
}

// before counts the different opportunities "x" that were won before.
func (r *reading) before() string {
	if r.of.ProductGroup == "" && r.by != ProductGroup {
		return "SUM(1 - x.later)"
	}
	return "COUNT(DISTINCT CASE WHEN x.later = 0 THEN x.id END)"
}

// loyal are the customers of a part who bought in the period before.
type loyal struct {
	Key string `bun:"k"`
	// AtRisk is how many they are, Again how many of them bought in the period too, N what they bought before.
	AtRisk int64 `bun:"at_risk"`
	Again  int64 `bun:"again"`
	N      int64 `bun:"n"`
}

func (r *reading) customers(ctx context.Context) ([]loyal, error) {
	inner, c := r.repeated("")
	query := "SELECT y.k, SUM(1 - y.first_turn) AS at_risk, SUM(CASE WHEN y.first_turn = 0 AND y.last_turn = 1 THEN 1 ELSE 0 END) AS again, SUM(y.deals) AS n FROM (SELECT x.k, x.buyer, MIN(x.later) AS first_turn, MAX(x.later) AS last_turn, " +
		r.before() + " AS deals FROM (" + inner + ") AS x GROUP BY x.k, x.buyer) AS y GROUP BY y.k"
	var rows []loyal
	err := r.s.Query(ctx, &rows, opportunities, query, append(append([]any{r.from}, c.joined...), c.narrowed...)...)
	return rows, err
}

// ofCustomers is a share of the customers who bought in the period before.
func (r *reading) ofCustomers(ctx context.Context, share func(loyal) int64) (cells, error) {
	rows, err := r.customers(ctx)
	out := cells{}
	for _, one := range rows {
		if one.AtRisk > 0 {
			c := out.at(one.Key)
			c.over, c.under, c.n = whole(share(one)), whole(one.AtRisk), one.N
		}
	}
	return out, err
}

func returned(ctx context.Context, r *reading) (cells, error) {
	return r.ofCustomers(ctx, func(one loyal) int64 { return one.Again })
}

func churn(ctx context.Context, r *reading) (cells, error) {
	return r.ofCustomers(ctx, func(one loyal) int64 { return one.AtRisk - one.Again })
}

// brought is what customers brought in the period before, Lost what of it those did who did not buy again.
type brought struct {
	Key      string       `bun:"k"`
	Currency string       `bun:"currency"`
	Since    time.Time    `bun:"since"`
	N        int64        `bun:"n"`
	Sum      money.Amount `bun:"amount"`
	Lost     money.Amount `bun:"lost"`
	// Foreign is how many of the rows are not in the company's own currency.
	Foreign int64 `bun:"foreign_rows"`
}

// revenueChurn is what those brought in the period before who did not buy again, over what all brought.
func revenueChurn(ctx context.Context, r *reading) (cells, error) {
	rows, err := r.brought(ctx)
	out := cells{}
	for _, one := range rows {
		if one.N == 0 {
			continue
		}
		to := out.at(one.Key)
		to.n += one.N
		to.under = to.under.Add(r.amount(one.Sum, one.Currency, one.Since))
		to.over = to.over.Add(r.amount(one.Lost, one.Currency, one.Since))
	}
	return out, err
}

// brought adds up by customer. As long as a company is not known to sell in other currencies than its own, it looks at no
// rates, as sumsOf does.
func (r *reading) brought(ctx context.Context) ([]brought, error) {
	value := "o.expected_revenue"
	if r.of.ProductGroup != "" || r.by == ProductGroup {
		value = "l.amount"
	}
	read := func(more, sums, query string) ([]brought, error) {
		inner, c := r.repeated(more + ", " + value + " AS value")
		each := "SELECT x.k, x.buyer" + sums + ", MAX(x.later) AS again, " + r.before() + " AS n, SUM(CASE WHEN x.later = 0 THEN x.value ELSE 0 END) AS amount FROM (" + inner + ") AS x GROUP BY x.k, x.buyer"
		var rows []brought
		err := r.s.Query(ctx, &rows, opportunities, strings.Replace(query, "{each}", each, 1), append(append([]any{r.from, r.book.Own}, c.joined...), c.narrowed...)...)
		return rows, err
	}
	const sums = "SUM(y.n) AS n, SUM(y.amount) AS amount, SUM(CASE WHEN y.again = 0 THEN y.amount ELSE 0 END) AS lost"
	if _, mixed := r.mixed.Load(r.s.Actor.Company); !mixed {
		rows, err := read(", CASE WHEN o.currency = ? THEN 0 ELSE 1 END AS strange", ", MAX(x.strange) AS strange", "SELECT y.k, "+sums+", SUM(y.strange) AS foreign_rows FROM ({each}) AS y GROUP BY y.k")
		if err != nil || !slices.ContainsFunc(rows, func(one brought) bool { return one.Foreign > 0 }) {
			for i := range rows {
				rows[i].Currency = r.book.Own
			}
			return rows, err
		}
		r.mixed.Store(r.s.Actor.Company, true)
	}
	return read(", o.currency, "+exchange.Since("o", "o.closed_at")+" AS since", ", x.currency, x.since",
		"SELECT y.k, y.currency, y.since, "+sums+" FROM (SELECT w.k, w.currency, w.since, w.n, w.amount, MAX(w.again) OVER (PARTITION BY w.k, w.buyer) AS again FROM ({each}, x.currency, x.since) AS w) AS y GROUP BY y.k, y.currency, y.since")
}
