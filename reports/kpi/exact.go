package kpi

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
)

// Sums are a revenue before it is rounded, for what is added to others first: parts that were rounded each for itself do
// not make up their whole.
type Sums struct {
	Whole decimal.Decimal
	// Rows are the parts of the breakdown that was asked for, by keys as [Row.Key]; those of pipelines are the bytes of their
	// ids.
	Rows    map[string]decimal.Decimal
	Missing []string
}

// Revenues is Figure of Revenue as it is before the end.
func (k *KPIs) Revenues(ctx context.Context, q Query) (Sums, error) {
	d, _ := Defined(Revenue)
	if err := q.check(d); err != nil {
		return Sums{}, err
	}
	return store.Read(ctx, k.db, d.Right, func(ctx context.Context, s *store.Session) (Sums, error) {
		out := Sums{Rows: map[string]decimal.Decimal{}}
		c, err := k.begin(ctx, s)
		if err != nil {
			return out, err
		}
		own, err := c.narrowed(ctx, d, q.Of)
		if err != nil {
			return out, err
		}
		if !d.adds(q.By) {
			whole, err := c.over(ctx, d, q, Whole, own)
			if err != nil {
				return out, err
			}
			out.Whole, out.Missing = whole.found.of("").over, union(nil, whole.missing)
		}
		if q.By != Whole {
			parts, err := c.over(ctx, d, q, q.By, own)
			if err != nil {
				return out, err
			}
			out.Missing = union(out.Missing, parts.missing)
			for key, one := range parts.found {
				out.Rows[key] = one.over
				if d.adds(q.By) {
					out.Whole = out.Whole.Add(one.over)
				}
			}
		}
		return out, c.end(ctx)
	})
}

// Part is what one opportunity brought to a row of Revenue, in the company's currency and not rounded.
type Part struct {
	ID opportunity.ID
	// Key is the row's, as in [Sums].
	Key   string
	Value decimal.Decimal
}

// Parts are what opportunities brought.
type Parts struct {
	Rows    []Part
	Missing []string
}

// RevenueParts are what Revenues is the sum of, opportunity by opportunity: of the whole where the breakdown is Whole, else
// of the rows named, all of them where none is.
func (k *KPIs) RevenueParts(ctx context.Context, q Query, rows ...string) (Parts, error) {
	d, _ := Defined(Revenue)
	if err := q.check(d); err != nil {
		return Parts{}, err
	}
	return store.Read(ctx, k.db, d.Right, func(ctx context.Context, s *store.Session) (Parts, error) {
		r := &reading{s: s, of: q.Of, by: q.By, missing: map[string]bool{}}
		var err error
		if r.own, err = d.owned(ctx, s, q.Of.Custom); err != nil {
			return Parts{}, err
		}
		home := k.locales(s.Actor.Company)
		if r.book, err = exchange.Open(ctx, s, home.Currency); err != nil {
			return Parts{}, err
		}
		r.from, r.to = q.Period.span(home.Location())
		return r.revenueParts(ctx, rows)
	})
}

func (r *reading) revenueParts(ctx context.Context, named []string) (Parts, error) {
	c := r.over(true)
	c.closed(r, string(opportunity.Won))
	if len(named) > 0 {
		keys := make([]any, len(named))
		for i, key := range named {
			keys[i] = key
			if r.by == Pipeline {
				keys[i] = []byte(key)
			}
		}
		c.and(c.key+" IN ("+store.In(len(keys))+")", keys...)
	}
	var found []struct {
		ID       opportunity.ID `bun:"id"`
		Key      string         `bun:"k"`
		Currency string         `bun:"currency"`
		Since    time.Time      `bun:"since"`
		Share    money.Percent  `bun:"share"`
		Sum      money.Amount   `bun:"amount"`
	}
	query := "SELECT x.id, x.k, x.currency, x.since, x.share, SUM(x.value) AS amount FROM (SELECT o.id, " + c.key + " AS k, o.currency, " + exchange.Since("o", "o.closed_at") + " AS since, " + c.share +
		" AS share, " + c.value + " AS value FROM crm_opportunity AS o" + c.joins + " WHERE {scope}" + c.where + ") AS x GROUP BY x.id, x.k, x.currency, x.since, x.share"
	if err := r.s.Query(ctx, &found, opportunities, query, append(append([]any{r.book.Own}, c.joined...), c.narrowed...)...); err != nil {
		return Parts{}, err
	}
	out := Parts{Rows: make([]Part, 0, len(found))}
	for _, one := range found {
		value := r.amount(one.Sum, one.Currency, one.Since)
		if one.Currency == r.book.Own || !one.Since.IsZero() {
			out.Rows = append(out.Rows, Part{one.ID, one.Key, value.Mul(one.Share.Decimal).Shift(-2)})
		}
	}
	for currency := range r.missing {
		out.Missing = append(out.Missing, currency)
	}
	return out, nil
}
