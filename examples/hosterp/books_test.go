package main

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// bookPaths are workbooks that the screens give.
var bookPaths = []string{
	"/reports/sales.xlsx", "/reports/leads.xlsx", "/reports/figures.xlsx?span=year", "/reports/forecast.xlsx?by=seller", "/reports/plan.xlsx", "/reports/quotas.xlsx",
	"/reports/quantities.xlsx", "/reports/receipts.xlsx", "/reports/regulations.xlsx?span=year", "/reports/values.xlsx", "/reports/suggestions.xlsx", "/reports/commission.xlsx",
}

// TestWorkbooksOfTheSeededYear downloads the workbooks as the accountant and looks at each: a cover with when it was made,
// rows in a table, numbers as numbers, names as text, and formulas that give again what stands beside them.
func TestWorkbooksOfTheSeededYear(t *testing.T) {
	o := openOffice(t)
	o.companies = slices.DeleteFunc(slices.Clone(o.companies), func(c erpbridge.Company) bool { return c.Key != "HU01" })
	if _, err := o.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.seedSales(t.Context()); err != nil {
		t.Fatal(err)
	}
	const hostile = "=1+1"
	system := actor.With(t.Context(), actor.System("HU01", "test"))
	deals, err := o.module.Opportunities.List(system, opportunity.Filter{States: []opportunity.State{opportunity.Open}, Page: store.Page{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.module.Opportunities.Edit(system, deals.Rows[0].ID, opportunity.Edit{Name: new(hostile)}); err != nil {
		t.Fatal(err)
	}
	reader := o.clerk(t, "HU01/fekete")
	for _, path := range bookPaths {
		t.Run(path, func(t *testing.T) {
			r, err := reader.http.Get(o.web.URL + "/crm" + path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			content, err := io.ReadAll(r.Body)
			if err != nil || r.StatusCode != http.StatusOK {
				t.Fatalf("%s: %v", r.Status, err)
			}
			book, err := excelize.OpenReader(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			defer book.Close()
			look := sheetReader{t, book}
			sheets := book.GetSheetList()
			if sheets[0] != "Előlap" || !look.has(sheets[0], "Készült") {
				t.Errorf("the first sheet is %q, or it does not say when it was made", sheets[0])
			}
			computed := 0
			for _, sheet := range sheets {
				computed += look.recompute(sheet)
				if tables, err := book.GetTables(sheet); err != nil || len(tables) == 0 && !look.has(sheet, "Nincs adat") {
					t.Errorf("the rows of %q are no table: %v", sheet, err)
				}
			}
			if path == "/reports/sales.xlsx" && (computed < 12 || !look.has("Nyitott lehetőségek", hostile)) {
				t.Errorf("%d cells are formulas; or a name that looks like one is lost", computed)
			}
		})
	}
}

// sheetReader reads the cells of a workbook as a spreadsheet would.
type sheetReader struct {
	t    *testing.T
	book *excelize.File
}

var rawCells = excelize.Options{RawCellValue: true}

func (r sheetReader) rows(sheet string) [][]string {
	r.t.Helper()
	rows, err := r.book.GetRows(sheet, rawCells)
	if err != nil {
		r.t.Fatal(err)
	}
	return rows
}

func (r sheetReader) has(sheet, text string) bool {
	return slices.ContainsFunc(r.rows(sheet), func(row []string) bool { return slices.Contains(row, text) })
}

// recompute compares what formulas give with what stands beside them, and gives the number of those it knows.
func (r sheetReader) recompute(sheet string) (known int) {
	r.t.Helper()
	for y, row := range r.rows(sheet) {
		for x, cached := range row {
			cell, err := excelize.CoordinatesToCellName(x+1, y+1)
			if err != nil {
				r.t.Fatal(err)
			}
			formula, err := r.book.GetCellFormula(sheet, cell)
			if err != nil || formula == "" || strings.HasPrefix(formula, "(MAX(") { // what a funnel is drawn with
				continue
			}
			got, ok := r.value(sheet, formula)
			if !ok {
				r.t.Errorf("%s!%s: nobody here reads %q", sheet, cell, formula)
				continue
			}
			known++
			if want, err := strconv.ParseFloat(cached, 64); err != nil || math.Abs(got-want) > 0.005 {
				r.t.Errorf("%s!%s: %s is %v, and %q stands beside it", sheet, cell, formula, got, cached)
			}
		}
	}
	return known
}

// value gives what a formula of the few functions that workbooks use comes to.
func (r sheetReader) value(sheet, formula string) (float64, bool) {
	name, rest, ok := strings.Cut(formula, "(")
	if !ok || !strings.HasSuffix(rest, ")") {
		return 0, false
	}
	if name == "ROUND" { // only the win rate
		return r.rate(sheet, formula)
	}
	args := splitArguments(strings.TrimSuffix(rest, ")"))
	switch name {
	case "SUBTOTAL":
		cells := r.column(sheet, args[1])
		if args[0] == "103" {
			return float64(len(slices.DeleteFunc(cells, func(c string) bool { return c == "" }))), true
		}
		return total(cells), true
	case "SUMIF":
		return r.conditional(sheet, args[2], args[:2]), true
	case "SUMIFS":
		return r.conditional(sheet, args[0], args[1:]), true
	case "COUNTIFS":
		return r.conditional(sheet, "", args), true
	}
	return 0, false
}

// rate reads ROUND(a/(a+b),4) with two counts.
func (r sheetReader) rate(sheet, formula string) (float64, bool) {
	inner := strings.TrimSuffix(strings.TrimPrefix(formula, "ROUND("), ",4)")
	won, rest, ok := strings.Cut(inner, "/(")
	if !ok {
		return 0, false
	}
	lost := strings.TrimSuffix(strings.TrimPrefix(rest, won+"+"), ")")
	a, aOK := r.value(sheet, won)
	b, bOK := r.value(sheet, lost)
	return math.Round(a/(a+b)*10000) / 10000, aOK && bOK
}

func splitArguments(text string) (out []string) {
	quoted, from := byte(0), 0
	for i := range len(text) {
		switch c := text[i]; {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '"' || c == '\'':
			quoted = c
		case c == ',':
			out, from = append(out, text[from:i]), i+1
		}
	}
	return append(out, text[from:])
}

func total(cells []string) (sum float64) {
	for _, c := range cells {
		if n, err := strconv.ParseFloat(c, 64); err == nil {
			sum += n
		}
	}
	return sum
}

// column gives the cells of a range of one column; a whole column's begin with the first row.
func (r sheetReader) column(sheet, reference string) []string {
	r.t.Helper()
	if name, cells, ok := strings.Cut(reference, "!"); ok {
		sheet, reference = strings.Trim(name, "'"), cells
	}
	first, last, _ := strings.Cut(strings.ReplaceAll(reference, "$", ""), ":")
	letters := strings.TrimRight(first, "0123456789")
	column, err := excelize.ColumnNameToNumber(letters)
	if err != nil {
		r.t.Fatal(err)
	}
	rows := r.rows(sheet)
	from, to := 1, len(rows)
	if first != letters {
		if from, err = strconv.Atoi(first[len(letters):]); err != nil {
			r.t.Fatal(err)
		}
		if to, err = strconv.Atoi(last[len(letters):]); err != nil {
			r.t.Fatal(err)
		}
	}
	out := make([]string, 0, to-from+1)
	for y := from; y <= to; y++ {
		cell := ""
		if y <= len(rows) && column <= len(rows[y-1]) {
			cell = rows[y-1][column-1]
		}
		out = append(out, cell)
	}
	return out
}

// conditional adds up the cells of a range, or counts rows where there is none, for which all conditions hold.
func (r sheetReader) conditional(sheet, sum string, conditions []string) (out float64) {
	r.t.Helper()
	var ranges [][]string
	var criteria []string
	for i := 0; i+1 < len(conditions); i += 2 {
		ranges = append(ranges, r.column(sheet, conditions[i]))
		criteria = append(criteria, r.criterion(sheet, conditions[i+1]))
	}
	var cells []string
	if sum != "" {
		cells = r.column(sheet, sum)
	}
	for y := range ranges[0] {
		fits := true
		for i := range ranges {
			fits = fits && y < len(ranges[i]) && holds(ranges[i][y], criteria[i])
		}
		switch {
		case !fits:
		case sum == "":
			out++
		default:
			out += total(cells[y : y+1])
		}
	}
	return out
}

// criterion is a text, a cell, or a comparison with a cell.
func (r sheetReader) criterion(sheet, text string) string {
	r.t.Helper()
	if before, cell, ok := strings.Cut(text, "&"); ok {
		return strings.Trim(before, `"`) + r.criterion(sheet, cell)
	}
	if strings.HasPrefix(text, `"`) {
		return strings.Trim(text, `"`)
	}
	value, err := r.book.GetCellValue(sheet, strings.ReplaceAll(text, "$", ""), rawCells)
	if err != nil {
		r.t.Fatal(err)
	}
	return value
}

func holds(cell, criterion string) bool {
	for _, is := range []string{">=", "<="} {
		if limit, ok := strings.CutPrefix(criterion, is); ok {
			a, err := strconv.ParseFloat(cell, 64)
			b, wrong := strconv.ParseFloat(limit, 64)
			return err == nil && wrong == nil && (is == ">=" && a >= b || is == "<=" && a <= b)
		}
	}
	return strings.EqualFold(cell, criterion)
}
