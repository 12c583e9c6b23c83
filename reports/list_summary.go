package reports

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/workbook"
)

// summary adds up the rows of a list by what stands in some of its columns: as formulas over the sheet of the list, with the
// exact figures beside them. A nil summary adds nothing up.
type summary struct {
	// by are the keys of the columns of text that rows with equal ones stand together by, of those that are added up.
	by, of []string
	// first says in which order texts of the first column stand; others stand behind them, in that of the language.
	first []string

	columns []workbook.Column
	at      map[string]int // of a column, by its key
	groups  map[string]*sumGroup
	rows    int
}

// sumGroup is what rows with equal texts add up to.
type sumGroup struct {
	by    []string
	count int64
	sums  []decimal.Decimal
	// inexact says that a number of it stands on the sheet as text, which no formula adds up.
	inexact bool
}

// begin forgets what was added up and takes the columns of the rows to come.
func (t *summary) begin(columns []workbook.Column) {
	if t == nil {
		return
	}
	t.columns, t.at, t.groups, t.rows = columns, map[string]int{}, map[string]*sumGroup{}, 0
	for i, c := range columns {
		t.at[c.Key] = i
	}
}

func (t *summary) add(cells []workbook.Value) {
	if t == nil {
		return
	}
	var key strings.Builder
	for _, by := range t.by {
		key.WriteString(cells[t.at[by]].Text())
		key.WriteByte(0)
	}
	g := t.groups[key.String()]
	if g == nil {
		g = &sumGroup{sums: make([]decimal.Decimal, len(t.of))}
		for _, by := range t.by {
			g.by = append(g.by, cells[t.at[by]].Text())
		}
		t.groups[key.String()] = g
	}
	for i, of := range t.of {
		if cell := cells[t.at[of]]; !cell.IsEmpty() {
			n, exact := cell.Number()
			g.sums[i], g.inexact = g.sums[i].Add(n), g.inexact || !exact
		}
	}
	g.count++
	t.rows++
}

// sorted are the groups in their order.
func (t *summary) sorted(l locale.Language) []*sumGroup {
	out := make([]*sumGroup, 0, len(t.groups))
	for _, g := range t.groups {
		out = append(out, g)
	}
	rank := func(g *sumGroup) int {
		if at := slices.Index(t.first, g.by[0]); at >= 0 {
			return at
		}
		return len(t.first)
	}
	slices.SortFunc(out, func(a, b *sumGroup) int {
		c := cmp.Compare(rank(a), rank(b))
		for i := 0; c == 0 && i < len(a.by); i++ {
			c = cmp.Or(bytes.Compare(l.SortKey(a.by[i]), l.SortKey(b.by[i])), strings.Compare(a.by[i], b.by[i]))
		}
		return c
	})
	return out
}

// mostCompared bounds what the formulas of one summary look at: beyond it a program would take long to open the book.
const mostCompared = 20_000_000

// formulas says for each group whether formulas give the same as was added up: its texts can be compared, no other group is
// equal without regard to case, and all rows stand on one sheet.
func (t *summary) formulas(groups []*sumGroup) []bool {
	alike := map[string]int{}
	for _, g := range groups {
		alike[strings.ToLower(strings.Join(g.by, "\x00"))]++
	}
	out := make([]bool, len(groups))
	for i, g := range groups {
		out[i] = t.rows <= mostBehind && t.rows*len(groups) <= mostCompared && !g.inexact &&
			comparable(g.by...) && alike[strings.ToLower(strings.Join(g.by, "\x00"))] == 1
	}
	return out
}

// table is the sheet of the sums, which is written when all rows of the other one were.
func (t *summary) table(l locale.Locale, rows table) table {
	c := columns{l.Language}
	var cols []workbook.Column
	for _, by := range t.by {
		cols = append(cols, t.columns[t.at[by]])
	}
	cols = append(cols, c.count("number"))
	for _, of := range t.of {
		cols = append(cols, t.columns[t.at[of]])
	}
	all := rows.behind()
	return table{name: texts.T(l.Language, "sheet.summary"), columns: cols, aside: true, rows: func(_ context.Context, _ *store.Session, each func(...workbook.Value) error) error {
		groups := t.sorted(l.Language)
		formulas := t.formulas(groups)
		for row, g := range groups {
			var cells []workbook.Value
			var here []when
			for i, by := range t.by {
				cells = append(cells, workbook.Text(g.by[i]))
				here = append(here, when{by, "=", cellAt(i, row)})
			}
			count := workbook.Integer(g.count)
			if formulas[row] {
				count = all.count(count, here...)
			}
			cells = append(cells, count)
			for i, of := range t.of {
				sum := t.value(g, i)
				if formulas[row] {
					sum = all.sum(sum, of, here...)
				}
				cells = append(cells, sum)
			}
			if err := each(cells...); err != nil {
				return err
			}
		}
		return nil
	}}
}

// value is a sum as a cell of its column.
func (t *summary) value(g *sumGroup, i int) workbook.Value {
	c := t.columns[t.at[t.of[i]]]
	switch c.Kind {
	case workbook.KindMoney:
		currency := c.Currency
		if by := slices.Index(t.by, c.CurrencyColumn); by >= 0 {
			currency = g.by[by]
		}
		if currency == "" { // nothing was added up
			return workbook.Empty()
		}
		return workbook.Money(money.NewAmount(g.sums[i]), currency)
	case workbook.KindInteger:
		return workbook.Integer(g.sums[i].IntPart())
	default:
		return workbook.Quantity(money.NewQuantity(g.sums[i]))
	}
}
