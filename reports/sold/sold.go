// Package sold keeps what the host sold, by month and product group: what plans are held against.
//
// While package value goes through the host's orders once a day, each order is shown to a [Tally], which adds up net
// sums in the company's currency, the orders, and the margin of what the host tells the cost of, at today's cost; its
// rows replace those of the day before. [Of] reads a period of whole months.
package sold

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Month is what was sold in one month, of one group or in all.
type Month struct {
	bun.BaseModel `bun:"table:crm_sold_month,alias:sold_month"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	// Month is its first day.
	Month civil.Date `bun:"month,pk"`
	// Part is what it is of: everything, or a group; see [Period].
	Part string `bun:"part,pk,type:nvarchar(90)"`
	// Orders are those with a line of the group.
	Orders  int64        `bun:"orders"`
	Revenue money.Amount `bun:"revenue"`
	// Costed is the part of Revenue whose cost the host tells, Margin what is left of it.
	Costed money.Amount `bun:"costed"`
	Margin money.Amount `bun:"margin"`
	// CountedOn is the day of the count.
	CountedOn civil.Date `bun:"counted_on"`
}

// Tally adds up orders.
type Tally struct {
	worth func(net money.Amount, currency string, on civil.Date) (money.Amount, bool)
	cost  func(product string) (money.Amount, bool)
	parts map[part]*Month
}

type part struct {
	month civil.Date
	of    string
}

// all is the part of everything.
const all = "all"

// ofGroup is the part of a product group, "" for what has none.
func ofGroup(key string) string { return "group " + key }

// Begin starts a tally. worth turns a net sum into the company's currency, cost gives what one unit of a product costs;
// what they do not know is left out.
func Begin(worth func(net money.Amount, currency string, on civil.Date) (money.Amount, bool), cost func(product string) (money.Amount, bool)) *Tally {
	return &Tally{worth: worth, cost: cost, parts: map[part]*Month{}}
}

// Add counts an order.
func (t *Tally) Add(sale erpbridge.Sale) {
	first := civil.Date{Year: sale.Date.Year, Month: sale.Date.Month, Day: 1}
	counted := map[part]bool{}
	for _, l := range sale.Lines {
		net, ok := t.worth(l.Net, sale.Currency, sale.Date)
		if !ok {
			continue
		}
		unit, known := t.cost(l.Product)
		for _, at := range []part{{first, all}, {first, ofGroup(l.Group)}} {
			m := t.parts[at]
			if m == nil {
				m = &Month{Month: at.month, Part: at.of}
				t.parts[at] = m
			}
			if !counted[at] {
				m.Orders, counted[at] = m.Orders+1, true
			}
			m.Revenue = m.Revenue.Add(net)
			if known {
				m.Costed = m.Costed.Add(net)
				m.Margin = m.Margin.Add(net).Sub(money.Times(unit, l.Quantity))
			}
		}
	}
}

// Months are what was counted, in order; margins are rounded to the database's four decimals.
func (t *Tally) Months(today civil.Date) []Month {
	out := make([]Month, 0, len(t.parts))
	for _, m := range t.parts {
		row := *m
		row.CountedOn, row.Margin = today, money.NewAmount(m.Margin.Round(4))
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b Month) int {
		return cmp.Or(strings.Compare(a.Month.String(), b.Month.String()), strings.Compare(a.Part, b.Part))
	})
	return out
}

// Write replaces what was counted before from a day on.
func (t *Tally) Write(ctx context.Context, s *store.Session, from, today civil.Date) error {
	if _, err := s.Exec(ctx, store.From[Month](""), "DELETE FROM crm_sold_month WHERE {scope} AND month >= ?", civil.Date{Year: from.Year, Month: from.Month, Day: 1}); err != nil {
		return err
	}
	rows := t.Months(today)
	if len(rows) == 0 {
		return nil
	}
	return s.InsertMany(ctx, &rows)
}

// Period asks for whole months from First to Last, of one group or, where Whole is set, of all.
type Period struct {
	First, Last civil.Date
	Whole       bool
	Group       string
}

func (p Period) part() string {
	if p.Whole {
		return all
	}
	return ofGroup(p.Group)
}

// Of gives the months of a period that have something, and whether the host's sales are counted at all.
func Of(ctx context.Context, s *store.Session, p Period) ([]Month, bool, error) {
	var some []Month
	err := s.Query(ctx, &some, store.From[Month]("m"), "SELECT m.month FROM crm_sold_month AS m WHERE {scope} AND m.company = ? ORDER BY m.month"+s.Limit(1), s.Actor.Company)
	if err != nil || len(some) == 0 {
		return nil, false, err
	}
	var rows []Month
	err = s.Query(ctx, &rows, store.From[Month]("m"), "SELECT m.* FROM crm_sold_month AS m WHERE {scope} AND m.company = ? AND m.month >= ? AND m.month <= ? AND m.part = ? ORDER BY m.month",
		s.Actor.Company, p.First, p.Last, p.part())
	return rows, true, err
}
