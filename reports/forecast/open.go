package forecast

import (
	"context"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
)

// openSum is a sum of open opportunities that are alike in all that a forecast asks of them, or what one of them is worth.
type openSum struct {
	ID       opportunity.ID      `bun:"id"`
	Key      string              `bun:"k"`
	Month    string              `bun:"close_month"`
	Stage    opportunity.StageID `bun:"stage_id"`
	Age      int                 `bun:"age"`
	Chance   money.Percent       `bun:"chance"`
	Currency string              `bun:"currency"`
	Share    money.Percent       `bun:"share"`
	N        int64               `bun:"n"`
	Value    money.Amount        `bun:"amount"`
	Weighted money.Amount        `bun:"weighted"`
}

// standing are open opportunities, or their lines or sellers, of a query by one of the dimensions.
type standing struct {
	q  Query
	by kpi.Dimension
	// row is the key of the one row that is meant, nil for all of them.
	row any
	// more narrows them further.
	more store.Predicate
}

// lines reports whether it is lines that are added up.
func (a standing) lines() bool { return a.by == kpi.ProductGroup || a.q.Of.ProductGroup != "" }

// sellers reports whether shares are added up.
func (a standing) sellers() bool { return a.by == kpi.Seller || a.q.Of.Seller != "" }

// key is the SQL of the dimension.
func (a standing) key(d store.Dialect) string {
	switch a.by {
	case kpi.Seller:
		return "sp.user_id"
	case kpi.Team:
		return "o.owner_team"
	case kpi.Pipeline:
		return "o.pipeline_id"
	case kpi.ProductGroup:
		return "l.product_group"
	case kpi.Region:
		return opportunity.RegionSQL(d, "o")
	default:
		return "''"
	}
}

// month is the SQL of the month of a date, as 2026-07.
func month(d store.Dialect, column string) string {
	if d == store.MSSQL {
		return "CONVERT(NVARCHAR(7), " + column + ", 126)"
	}
	return "SUBSTR(" + column + ", 1, 7)"
}

// alike are the columns by which open opportunities are kept apart.
const alike = "x.k, x.close_month, x.stage_id, x.age, x.chance, x.currency, x.share"

// open reads open opportunities, as sums by what columns says.
func (t *tally) open(ctx context.Context, a standing, columns string) ([]openSum, error) {
	key, value, weighted, share, joins := a.key(t.s.Dialect()), "o.expected_revenue", "o.weighted", "1000000", ""
	own, err := narrow(ctx, t.s, a.q.Of)
	if err != nil {
		return nil, err
	}
	where, args := own.SQL, own.Args
	if a.lines() {
		value, weighted = "l.amount", "0"
		joins += " JOIN crm_opportunity_line AS l ON l.opportunity_id = o.id"
	}
	if a.sellers() {
		share = "sp.share"
		joins += " JOIN crm_opportunity_seller AS sp ON sp.opportunity_id = o.id"
	}
	for _, one := range []struct{ column, value string }{{"sp.user_id", a.q.Of.Seller}, {"l.product_group", a.q.Of.ProductGroup}} {
		if one.value != "" {
			where += " AND " + one.column + " = ?"
			args = append(args, one.value)
		}
	}
	if a.row != nil {
		where += " AND " + key + " = ?"
		args = append(args, a.row)
	}
	where, args = where+a.more.SQL, append(args, a.more.Args...)
	var joined []any
	age := "CASE"
	for i := len(ages) - 1; i > 0; i-- {
		age += " WHEN o.stage_since <= ? THEN " + decimal.NewFromInt(int64(i)).String()
		joined = append(joined, t.s.Now.AddDate(0, 0, -ages[i]))
	}
	age += " ELSE 0 END"
	query := "SELECT " + columns + ", COUNT(DISTINCT x.id) AS n, SUM(x.value) AS amount, SUM(x.weighted) AS weighted FROM (SELECT o.id, " + key +
		" AS k, " + month(t.s.Dialect(), "o.expected_close") + " AS close_month, o.stage_id, " + age + " AS age, o.chance, o.currency, " + share + " AS share, " + value + " AS value, " + weighted +
		" AS weighted FROM crm_opportunity AS o" + joins + " WHERE {scope} AND o.state = 'open'" + where + ") AS x GROUP BY " + columns
	var rows []openSum
	err = t.s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), query, append(joined, args...)...)
	return rows, err
}

// worth is what a sum of open opportunities counts; false where its currency has no rate. It is exact, so that parts make
// up their whole.
func (t *tally) worth(a standing, r openSum) (sums, bool) {
	rate, ok := t.book.Rate(r.Currency, t.s.Now)
	if !ok {
		t.missing[r.Currency] = true
		return sums{}, false
	}
	factor := rate.Mul(r.Share.Decimal).Shift(-2)
	one := sums{open: r.Value.Mul(factor), weighted: r.Weighted.Mul(factor), n: r.N}
	if a.lines() {
		one.weighted = one.open.Mul(r.Chance.Decimal).Shift(-2)
	}
	one.learnt = one.open.Mul(t.learnt(r)).Shift(-2)
	if r.Chance.Cmp(t.config.Best) >= 0 {
		one.best = one.open
	}
	if r.Chance.Cmp(t.config.Commit) >= 0 {
		one.commit = one.open
	}
	return one, true
}

func (t *tally) learnt(r openSum) decimal.Decimal {
	for _, c := range t.chances {
		if c.Stage == r.Stage {
			return c.at(r.Age, r.Chance).Decimal
		}
	}
	return r.Chance.Decimal
}

// read adds open opportunities to the rows of a dimension.
func (t *tally) read(ctx context.Context, q Query, by kpi.Dimension) error {
	a := standing{q: q, by: by}
	rows, err := t.open(ctx, a, alike)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if one, known := t.worth(a, r); known {
			t.of(by, r.Key)[t.column(r.Month)].add(one, 1)
		}
	}
	return nil
}

// countRest counts the open opportunities of which no seller or line has a part that is left in the row of the rest.
func (t *tally) countRest(ctx context.Context, q Query, left []sums) error {
	own, err := narrow(ctx, t.s, q.Of)
	if err != nil {
		return err
	}
	where, args := own.SQL, own.Args
	lines := "(SELECT COALESCE(SUM(l.amount), 0) FROM crm_opportunity_line AS l WHERE l.opportunity_id = o.id AND l.product_group "
	if q.By == kpi.Seller {
		where += " AND (SELECT COALESCE(SUM(sp.share), 0) FROM crm_opportunity_seller AS sp WHERE sp.opportunity_id = o.id) <> 1000000"
		if q.Of.ProductGroup == "" {
			where += " AND o.expected_revenue <> 0"
		} else {
			where += " AND " + lines + "= ?) <> 0"
			args = append(args, q.Of.ProductGroup)
		}
	} else {
		where += " AND o.expected_revenue <> " + lines + "<> '')"
		if q.Of.Seller != "" {
			where += " AND EXISTS (SELECT 1 FROM crm_opportunity_seller AS sp WHERE sp.opportunity_id = o.id AND sp.user_id = ? AND sp.share <> 0)"
			args = append(args, q.Of.Seller)
		}
	}
	var rows []openSum
	err = t.s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), "SELECT x.close_month, x.currency, COUNT(*) AS n FROM (SELECT "+month(t.s.Dialect(), "o.expected_close")+
		" AS close_month, o.currency FROM crm_opportunity AS o WHERE {scope} AND o.state = 'open'"+where+") AS x GROUP BY x.close_month, x.currency", args...)
	for _, r := range rows {
		if _, known := t.book.Rate(r.Currency, t.s.Now); known {
			left[t.column(r.Month)].n += r.N
		}
	}
	return err
}
