package workbook

import (
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// CSVSpec describes a CSV file. Widths, totals and charts are not part of one.
type CSVSpec struct {
	Locale  locale.Locale
	Columns []Column
}

// CSV writes rows as RFC 4180 text for Excel in the reader's language: UTF-8 with a byte order
// mark, lines ending in CR LF, and a semicolon between fields where the language writes a decimal
// comma. Numbers have the language's decimal separator and no grouping, percentages a percent
// sign; dates are ISO 8601 ("2026-07-13", "2026-07-13 14:05:00" in the reader's zone). A money
// column of one currency names it in its heading. Text that could be taken for a formula has an
// apostrophe in front.
type CSV struct {
	locale locale.Locale
	check  checker
	out    *csv.Writer
	record []string
	count  int
	comma  bool // the decimal separator
	closed bool
}

const byteOrderMark = "\ufeff"

// NewCSV writes the header row. It does not close w.
func NewCSV(w io.Writer, spec CSVSpec) (*CSV, error) {
	language, _ := locale.ParseLanguage(string(spec.Locale.Language))
	spec.Locale.Language = language
	faults := validate(spec.Columns)
	if err := faults.Err("the CSV file cannot be written"); err != nil {
		return nil, err
	}
	columns := slices.Clone(spec.Columns)
	c := &CSV{
		locale: spec.Locale, comma: writesComma(language), out: csv.NewWriter(w),
		check:  checker{columns: columns, currency: currencyIndexes(columns)},
		record: make([]string, len(columns)),
	}
	c.out.UseCRLF = true
	if c.comma {
		c.out.Comma = ';'
	}
	for i, column := range columns {
		c.record[i] = guard(column.Heading)
		if column.Currency != "" {
			c.record[i] += " (" + column.Currency + ")"
		}
	}
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the CSV file cannot be written")
	}
	return c, c.write()
}

// writesComma reports whether the language has a decimal comma.
func writesComma(l locale.Language) bool {
	return strings.Contains(l.Number(decimal.New(5, -1), 1), ",") // 0,5
}

// Append writes one row, a value for each column. An Invalid error names all that is wrong with
// the row, which is then not written.
func (c *CSV) Append(row ...Value) error {
	if c.closed {
		return fault.New(fault.Invalid, "the CSV file is closed; begin another one")
	}
	if err := c.check.check(c.count+1, row); err != nil {
		return err
	}
	c.count++
	for i, v := range row {
		c.record[i] = c.field(&c.check.columns[i], v)
	}
	return c.write()
}

func (c *CSV) write() error {
	return fault.Wrap(c.out.Write(c.record), fault.Unavailable, "the CSV file cannot be written")
}

func (c *CSV) field(column *Column, v Value) string {
	switch v.kind {
	case KindText:
		return guard(v.text)
	case KindLink:
		if v.address != "" {
			return guard(v.address)
		}
		return guard(v.text)
	case KindInteger, KindQuantity:
		return c.number(v.decimal(), int32(column.Places))
	case KindMoney:
		return c.number(v.number, max(money.Digits(v.text), int32(column.Places)))
	case KindPercent:
		return c.number(v.number, int32(column.Places)) + "%"
	case KindDate:
		return v.day().String()
	case KindDateTime:
		return time.UnixMilli(v.integer).In(c.locale.Location()).Format(time.DateTime)
	case KindBool:
		return texts.T(c.locale.Language, boolKey(v))
	case kindEmpty:
	}
	return ""
}

// number writes all decimals that d has, at least places.
func (c *CSV) number(d decimal.Decimal, places int32) string {
	s := d.StringFixed(max(places, decimals(d)))
	if c.comma {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

// guard puts an apostrophe before text that a spreadsheet could take for a formula.
func guard(s string) string {
	s = scrub(s)
	if looksLikeFormula(s) {
		return "'" + s
	}
	return s
}

// Close writes what is buffered. A second Close does nothing.
func (c *CSV) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.out.Flush()
	return fault.Wrap(c.out.Error(), fault.Unavailable, "the CSV file cannot be written")
}
