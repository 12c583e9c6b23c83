package reports

import (
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/reports/workbook"
)

// behind are the rows of another sheet of the same book that a summary is counted from: formulas refer to its columns.
type behind struct {
	sheet   string
	columns []workbook.Column
}

func (t table) behind() behind { return behind{t.name, t.columns} }

// when is a condition of a formula: a column of the rows behind, what it is compared with ("=" for equal), and the cell that
// holds the value.
type when struct{ column, is, cell string }

func (b behind) column(key string) string {
	for i, c := range b.columns {
		if c.Key == key {
			return workbook.WholeColumn(b.sheet, i)
		}
	}
	return ""
}

func (b behind) conditions(all []when) string {
	parts := make([]string, 0, 2*len(all))
	for _, w := range all {
		cell := w.cell
		if w.is != "=" {
			cell = `"` + w.is + `"&` + cell
		}
		parts = append(parts, b.column(w.column), cell)
	}
	return strings.Join(parts, ",")
}

// sum is a value that is the sum of a column.
func (b behind) sum(v workbook.Value, column string, all ...when) workbook.Value {
	return workbook.Computed(v, "SUMIFS("+b.column(column)+","+b.conditions(all)+")")
}

// count is a value that is the number of rows.
func (b behind) count(v workbook.Value, all ...when) workbook.Value {
	return workbook.Computed(v, "COUNTIFS("+b.conditions(all)+")")
}

// cellAt is a cell of a summary's own row, by the number of the row and the column from 0 on.
func cellAt(column, row int) string {
	return "$" + string(rune('A'+column)) + strconv.Itoa(row+2)
}

// mostBehind is up to how many rows stand on one sheet, to which formulas refer; more of them may go on on another one.
const mostBehind = 500_000

// comparable reports whether texts can be compared by a formula as they are: not empty, and without what a formula takes for
// a comparison or for a pattern.
func comparable(texts ...string) bool {
	for _, t := range texts {
		if t == "" || strings.ContainsAny(t, "*?~") || strings.ContainsAny(t[:1], "=<>") || len(t) > 255 {
			return false
		}
	}
	return true
}
