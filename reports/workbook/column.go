package workbook

import (
	"fmt"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// Total is what stands below a column.
type Total uint8

// The totals.
const (
	// None leaves the place below the column empty.
	None Total = iota
	// Sum adds up integers, quantities and money; money of several currencies per currency.
	Sum
	// Count counts the cells that are not empty.
	Count
)

// Column describes one column of a sheet or CSV file.
type Column struct {
	// Key names the column in faults and charts; unique in the sheet.
	Key string
	// Heading is shown in the first row, in the reader's language.
	Heading string
	Kind    Kind
	// Currency is the ISO 4217 code of a money column of one currency.
	Currency string
	// CurrencyColumn is the key of the text column that holds the code of each row, for a money
	// column of several currencies. Exactly one of Currency and CurrencyColumn is given.
	CurrencyColumn string
	// Places are the decimals shown at least, 0 to 6. A quantity or percent column shows as many as
	// its first rows need, a money column those of its currency. The cell always holds the whole number.
	Places int
	// Width is in characters, at most 255; 0 takes it from the content.
	Width float64
	// Wrap breaks long text into lines instead of letting it run into the next cell.
	Wrap  bool
	Total Total
}

// SheetSpec describes a sheet.
type SheetSpec struct {
	// Name is shown on the tab. It is cleaned of what Excel refuses, cut at 31 characters and
	// numbered where it is taken; [Sheet.Name] tells what became of it.
	Name    string
	Columns []Column
	// Charts are drawn below the totals from the first 200 rows.
	Charts []Chart
}

const (
	columnLimit = 16_384
	maxPlaces   = 6
)

// validate collects all faults of the columns.
func validate(columns []Column) fault.List {
	var faults fault.List
	if len(columns) == 0 || len(columns) > columnLimit {
		faults.Add("columns", "columns.count", "there are %d columns; give 1 to %d", len(columns), columnLimit)
	}
	kinds := make(map[string]Kind, len(columns))
	for i, c := range columns {
		path := fmt.Sprintf("columns[%d]", i)
		faults.Required(path+".key", c.Key)
		faults.Required(path+".heading", c.Heading)
		if _, twice := kinds[c.Key]; twice {
			faults.Add(path+".key", "unique", "%q is the key of an earlier column; give each its own", c.Key)
		}
		kinds[c.Key] = c.Kind
	}
	for i, c := range columns {
		faults.Merge(fmt.Sprintf("columns[%d]", i), c.validate(kinds))
	}
	return faults
}

func (c Column) validate(kinds map[string]Kind) fault.List {
	var faults fault.List
	if c.Kind == kindEmpty || int(c.Kind) >= len(kindNames) {
		faults.Add("kind", "kind", "%d is no kind of column; give one of KindText to KindLink", c.Kind)
	}
	switch {
	case c.Kind != KindMoney:
		if c.Currency != "" || c.CurrencyColumn != "" {
			faults.Add("currency", "currency.kind", "only a money column has a currency; this one holds %s", c.Kind)
		}
	case (c.Currency == "") == (c.CurrencyColumn == ""):
		faults.Add("currency", "required", "give either Currency or CurrencyColumn")
	case c.Currency != "" && !money.ValidCurrency(c.Currency):
		faults.Add("currency", "currency.form", "%q is not a currency; write the ISO 4217 code, such as HUF", c.Currency)
	case c.CurrencyColumn != "" && kinds[c.CurrencyColumn] != KindText:
		faults.Add("currency_column", "currency_column", "%q is not the key of a text column", c.CurrencyColumn)
	}
	if c.Places < 0 || c.Places > maxPlaces {
		faults.Add("places", "range", "%d decimals cannot be shown; give 0 to %d", c.Places, maxPlaces)
	}
	if c.Width < 0 || c.Width > 255 {
		faults.Add("width", "range", "%g characters is no width; give at most 255, or 0 to take it from the content", c.Width)
	}
	if c.Total > Count {
		faults.Add("total", "total", "%d is no total; give None, Sum or Count", c.Total)
	}
	if c.Total == Sum && c.Kind != KindInteger && c.Kind != KindQuantity && c.Kind != KindMoney {
		faults.Add("total", "total.kind", "%s cannot be added up; use Count or None", c.Kind)
	}
	return faults
}

// currencyIndexes gives for each column the place of its currency column, or -1.
func currencyIndexes(columns []Column) []int {
	at := make(map[string]int, len(columns))
	for i, c := range columns {
		at[c.Key] = i
	}
	indexes := make([]int, len(columns))
	for i, c := range columns {
		indexes[i] = -1
		if c.CurrencyColumn != "" {
			indexes[i] = at[c.CurrencyColumn]
		}
	}
	return indexes
}

// checker holds rows against columns.
type checker struct {
	columns  []Column
	currency []int // of the row's currency column, or -1
}

// check collects the faults of a row; number is that of the data row, from 1. A row without
// faults costs no allocation.
func (c checker) check(number int, row []Value) error {
	var faults fault.List
	if len(row) != len(c.columns) {
		faults.Add(fmt.Sprintf("rows[%d]", number), "row.length",
			"has %d values for %d columns; give one for each, Empty() where there is none", len(row), len(c.columns))
		return faults.Err("the row cannot be written")
	}
	for i, v := range row {
		column := &c.columns[i]
		switch {
		case v.kind == kindEmpty:
		case v.kind != column.Kind:
			faults.Add(fmt.Sprintf("rows[%d].%s", number, column.Key), "kind",
				"is %s, but the column holds %s", v.kind, column.Kind)
		case v.kind == KindMoney:
			c.checkCurrency(&faults, number, row, i)
		}
	}
	return faults.Err("the row cannot be written")
}

func (c checker) checkCurrency(faults *fault.List, number int, row []Value, i int) {
	column, given := &c.columns[i], row[i].text
	wanted := column.Currency
	if at := c.currency[i]; at >= 0 {
		wanted = row[at].text
		if !money.ValidCurrency(given) {
			faults.Add(fmt.Sprintf("rows[%d].%s", number, column.Key), "currency.form",
				"%q is not a currency; write the ISO 4217 code, such as HUF", given)
			return
		}
	}
	if given != wanted {
		faults.Add(fmt.Sprintf("rows[%d].%s", number, column.Key), "currency",
			"is in %q, but the row or column is in %q; currencies are never mixed", given, wanted)
	}
}
