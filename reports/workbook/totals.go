package workbook

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/fault"
)

// tally adds up one column exactly.
type tally struct {
	total   Total
	count   int64
	sum     decimal.Decimal
	inexact bool // a number of more than 15 digits stands in the column as text
	// byCurrency has a tally for each currency of a column of several; nil in other columns.
	byCurrency map[string]*tally
}

func newTallies(columns []Column) []tally {
	tallies := make([]tally, len(columns))
	for i, c := range columns {
		tallies[i].total = c.Total
		if c.CurrencyColumn != "" && c.Total == Sum {
			tallies[i].byCurrency = map[string]*tally{}
		}
	}
	return tallies
}

func (t *tally) add(v Value) {
	if t.total == None || v.kind == kindEmpty {
		return
	}
	t.count++
	switch {
	case t.total != Sum:
	case t.byCurrency != nil:
		t.of(v.text).sum = t.of(v.text).sum.Add(v.number)
	default:
		t.sum = t.sum.Add(v.decimal())
	}
}

func (t *tally) of(currency string) *tally {
	if t.byCurrency[currency] == nil {
		t.byCurrency[currency] = &tally{total: t.total}
	}
	return t.byCurrency[currency]
}

// fixed reports whether no formula over the cells can give the sum.
func (t *tally) fixed() bool { return t.inexact && t.total == Sum }

func (t *tally) merge(o tally) {
	t.count += o.count
	t.sum = t.sum.Add(o.sum)
	t.inexact = t.inexact || o.inexact
	for currency, c := range o.byCurrency {
		t.of(currency).sum = t.of(currency).sum.Add(c.sum)
	}
}

// countCurrencies refuses a row that brings more currencies than the room for totals takes.
func (s *Sheet) countCurrencies(row []Value) error {
	for i, at := range s.check.currency {
		if at < 0 || row[i].IsEmpty() || s.currencies[row[i].text] {
			continue
		}
		if len(s.currencies) == currencyLimit {
			return fault.New(fault.Limit, "row %d brings more than %d currencies to the sheet %q; split it by currency", s.count+1, currencyLimit, s.name)
		}
		s.currencies[row[i].text] = true
	}
	return nil
}

// finished is a part whose totals stand.
type finished struct {
	name string
	refs map[totalKey]string // cells of its totals that are formulas
}

// totalKey names a total: the column, and the currency where it has several.
type totalKey struct {
	column   int
	currency string
}

// currenciesOf lists the total rows: "" for the row of plain totals, and each currency of the
// columns of several.
func currenciesOf(tallies []tally) []string {
	found := map[string]bool{}
	for _, t := range tallies {
		if t.byCurrency == nil && t.total != None {
			found[""] = true
		}
		for currency := range t.byCurrency {
			found[currency] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// finish writes what stands below the rows of a part, and ends it. follower is the part that the
// rows go on in, or "".
func (s *Sheet) finish(follower string) error {
	part := finished{name: s.name, refs: map[totalKey]string{}}
	language := s.book.options.Locale.Language
	if s.rows == 0 {
		if err := s.note(texts.T(language, "none")); err != nil {
			return err
		}
	} else if err := s.partTotals(part); err != nil {
		return err
	}
	inexact := false
	for i := range s.totals {
		inexact = inexact || s.totals[i].inexact
		s.grand[i].merge(s.totals[i])
	}
	s.parts = append(s.parts, part)
	if follower == "" && len(s.parts) > 1 {
		if err := s.grandTotals(); err != nil {
			return err
		}
	}
	if inexact {
		if err := s.note(texts.T(language, "digits")); err != nil {
			return err
		}
	}
	if follower != "" {
		if err := s.note(texts.T(language, "continued", follower)); err != nil {
			return err
		}
	}
	if len(s.parts) == 1 {
		if err := s.drawCharts(); err != nil {
			return err
		}
	}
	if err := s.setPrinting(); err != nil {
		return err
	}
	s.totals = newTallies(s.spec.Columns)
	return s.stream.Flush()
}

// partTotals writes the totals of this part as formulas over its rows. Plain totals follow the
// filter (SUBTOTAL); those by currency cannot and say so.
func (s *Sheet) partTotals(part finished) error {
	language := s.book.options.Locale.Language
	currencies := currenciesOf(s.totals)
	if len(currencies) == 0 {
		return nil
	}
	if err := s.gap(); err != nil {
		return err
	}
	last := s.rows + 1
	for n, currency := range currencies {
		line := totalRole
		if n > 0 {
			line = nextTotalRole
		}
		label := texts.T(language, "total")
		if currency != "" {
			label = texts.T(language, "unfiltered")
		}
		err := s.totalRow(totalLine{role: line, label: label, currency: currency, tallies: s.totals}, func(i int) string {
			letter := s.fields[i].letter
			part.refs[totalKey{i, currency}] = letter + strconv.Itoa(s.depth+2)
			switch {
			case s.totals[i].total == Count: // 103: COUNTA of the rows that are shown
				return fmt.Sprintf("SUBTOTAL(103,%s2:%s%d)", letter, letter, last)
			case currency == "": // 109: SUM of the rows that are shown
				return fmt.Sprintf("SUBTOTAL(109,%s2:%s%d)", letter, letter, last)
			}
			by := s.fields[s.check.currency[i]].letter
			return fmt.Sprintf("SUMIF($%s$2:$%s$%d,%s,%s$2:%s$%d)", by, by, last, quoteFormula(currency), letter, letter, last)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// grandTotals adds up the totals of all parts.
func (s *Sheet) grandTotals() error {
	currencies := currenciesOf(s.grand)
	if len(currencies) == 0 {
		return nil
	}
	if err := s.gap(); err != nil {
		return err
	}
	label := texts.T(s.book.options.Locale.Language, "grand", len(s.parts))
	for _, currency := range currencies {
		err := s.totalRow(totalLine{role: grandRole, label: label, currency: currency, tallies: s.grand}, func(i int) string {
			var terms []string
			for _, p := range s.parts {
				if ref := p.refs[totalKey{i, currency}]; ref != "" {
					terms = append(terms, "'"+p.name+"'!"+ref)
				}
			}
			return strings.Join(terms, "+")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// totalLine is one row of totals.
type totalLine struct {
	role     role
	label    string
	currency string // "" for the row of plain totals
	tallies  []tally
}

// totalOf gives the figure that the line has in a column.
func (l totalLine) totalOf(i int) (Value, bool) {
	t := &l.tallies[i]
	switch {
	case t.byCurrency != nil:
		if c, ok := t.byCurrency[l.currency]; ok {
			return Value{kind: KindMoney, number: c.sum, text: l.currency}, true
		}
	case l.currency != "" || t.total == None:
	case t.total == Count:
		return Integer(t.count), true
	default:
		return Value{kind: KindQuantity, number: t.sum}, true
	}
	return Value{}, false
}

// totalRow writes one row of totals; formula gives that of a column.
func (s *Sheet) totalRow(l totalLine, formula func(i int) string) error {
	labelled := false
	plain := look{role: l.role}
	if s.book.options.Locale.Language.RightToLeft() {
		plain.align = "right"
	}
	for i, f := range s.fields {
		cell := &s.cells[i]
		total, ok := l.totalOf(i)
		var err error
		switch {
		case ok:
			if total.kind == KindQuantity && f.Kind == KindMoney {
				total = Value{kind: KindMoney, number: total.number, text: f.Currency}
			}
			err = s.putTotal(cell, i, l, total)
			if err == nil && !l.tallies[i].fixed() {
				cell.Formula = formula(i)
			}
		case l.currency != "" && slices.Contains(s.check.currency, i):
			*cell = excelize.Cell{Value: l.currency}
			cell.StyleID, err = s.book.style(plain)
		default:
			*cell = excelize.Cell{}
			if !labelled {
				cell.Value, labelled = l.label, true
			}
			cell.StyleID, err = s.book.style(plain)
		}
		if err != nil {
			return err
		}
	}
	return s.below(0)
}

// putTotal makes the cell of a total with its exact figure.
func (s *Sheet) putTotal(cell *excelize.Cell, i int, l totalLine, total Value) (err error) {
	f := s.fields[i]
	n := numberLook{places: f.places}
	var format string
	switch total.kind {
	case KindInteger:
		format = numberFormat(0)
	case KindMoney:
		n.currency = total.text
		format = f.format(s.book.options.Locale.Language, n)
	default:
		n.places = max(n.places, min(decimals(total.number), maxPlaces))
		format = f.format(s.book.options.Locale.Language, n)
	}
	value, _, exact := double(total.decimal())
	*cell = excelize.Cell{Value: value}
	wanted := look{role: l.role, format: format, align: "right", indent: 1}
	if !exact && l.tallies[i].fixed() { // no formula comes near it: all digits, as text
		cell.Value = total.shown(s.book.options.Locale, f.places)
		wanted = look{role: l.role, align: "right", indent: 1, quoted: true}
	}
	cell.StyleID, err = s.book.style(wanted)
	return err
}

// gap is a low empty row, which also keeps the filter from taking the totals for data.
func (s *Sheet) gap() error {
	clear(s.cells)
	return s.below(6)
}

// note writes a line of text below everything else.
func (s *Sheet) note(text string) error {
	clear(s.cells)
	id, err := s.book.style(look{role: noteRole})
	if err != nil {
		return err
	}
	s.cells[0] = excelize.Cell{StyleID: id, Value: text}
	return s.below(0)
}

// below writes the prepared cells under the last row; height 0 is the usual one.
func (s *Sheet) below(height float64) error {
	s.depth++
	return s.stream.SetRow("A"+strconv.Itoa(s.depth+1), s.values, excelize.RowOpts{Height: height})
}
