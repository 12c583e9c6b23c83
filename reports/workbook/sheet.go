package workbook

import (
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/fault"
)

// sampleRows are held back to choose widths and decimals, and feed the charts.
const sampleRows = 200

// Sheet takes the rows of one sheet. What does not fit on it goes on in "Name (2)".
type Sheet struct {
	book  *Book
	spec  SheetSpec
	check checker
	stem  string // the cleaned name that parts are numbered from
	name  string // of the part being written

	fields []*field
	stream *excelize.StreamWriter // nil while the sample is gathered
	sample [][]Value
	cells  []excelize.Cell // of one row, used again for each
	values []any           // points to cells
	rows   int             // data rows of this part
	count  int             // data rows of all parts
	bytes  int64           // of this part, estimated
	depth  int             // rows below the header of this part, with totals and notes

	totals []tally // of this part
	grand  []tally // of all parts
	parts  []finished
	// currencies are those met in columns of several.
	currencies map[string]bool

	closed bool
	err    error // the failure of the disk that ended it
}

func newSheet(b *Book, spec SheetSpec) *Sheet {
	spec.Columns = slices.Clone(spec.Columns)
	n := len(spec.Columns)
	stem := sheetName(spec.Name)
	if stem == "" {
		stem = texts.T(b.options.Locale.Language, "sheet")
	}
	s := &Sheet{
		book: b, spec: spec,
		check: checker{columns: spec.Columns, currency: currencyIndexes(spec.Columns)},
		stem:  stem, name: b.names.numbered(stem, 1),
		cells: make([]excelize.Cell, n), values: make([]any, n),
		totals: newTallies(spec.Columns), grand: newTallies(spec.Columns),
		currencies: map[string]bool{},
	}
	for i := range s.cells {
		s.values[i] = &s.cells[i]
	}
	return s
}

// Name is what the tab is called; that of the last part where the rows filled several.
func (s *Sheet) Name() string { return s.name }

// Append writes one row, a value for each column. An Invalid error names all that is wrong with
// the row, which is then not written; the sheet goes on. An Unavailable one (the disk is full)
// ends the workbook.
func (s *Sheet) Append(row ...Value) error {
	if s.err != nil {
		return s.err
	}
	if s.closed || s.book.closed {
		return fault.New(fault.Invalid, "the sheet %q is closed; begin another one", s.name)
	}
	if err := s.check.check(s.count+1, row); err != nil {
		return err
	}
	if err := s.countCurrencies(row); err != nil {
		return err
	}
	s.count++
	if s.stream != nil {
		return s.fail(s.write(row))
	}
	s.sample = append(s.sample, slices.Clone(row))
	if len(s.sample) < sampleRows {
		return nil
	}
	return s.fail(s.begin())
}

// fail keeps the first failure of the disk.
func (s *Sheet) fail(err error) error {
	if err != nil && s.err == nil {
		s.err = fault.Wrap(err, fault.Unavailable, "the sheet %q cannot be written", s.name)
	}
	return s.err
}

// begin decides on widths and formats by the sample and writes it.
func (s *Sheet) begin() error {
	fields, err := s.prepare()
	if err != nil {
		return err
	}
	s.fields = fields
	if err := s.open(); err != nil {
		return err
	}
	helpers, err := s.chartHelpers()
	if err != nil {
		return err
	}
	for i, row := range s.sample {
		if helpers != nil {
			err = s.write(row, helpers[i]...)
		} else {
			err = s.write(row)
		}
		if err != nil {
			return err
		}
	}
	s.sample = nil
	return nil
}

// open begins a part: view, widths, header row.
func (s *Sheet) open() error {
	file := s.book.file
	on, rtl := true, s.book.options.Locale.Language.RightToLeft()
	if err := file.SetSheetDimension(s.name, ""); err != nil { // "A1" would stop readers that believe it
		return err
	}
	if err := file.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &on}); err != nil {
		return err
	}
	if err := file.SetSheetView(s.name, 0, &excelize.ViewOptions{RightToLeft: &rtl}); err != nil {
		return err
	}
	stream, err := file.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	s.stream = stream
	err = stream.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
	})
	if err != nil {
		return err
	}
	for n := range s.funnels() { // narrow, for they show nothing
		if err := stream.SetColWidth(len(s.fields)+2+n, len(s.fields)+2+n, 2); err != nil {
			return err
		}
	}
	lines := 1
	for i, f := range s.fields {
		if err := stream.SetColWidth(i+1, i+1, f.width); err != nil {
			return err
		}
		lines = max(lines, f.headingLines())
		s.cells[i] = excelize.Cell{StyleID: f.headStyle, Value: clean(f.Heading)}
	}
	s.rows, s.bytes, s.depth = 0, 0, 0
	return stream.SetRow("A1", s.values, excelize.RowOpts{Height: float64(15*lines + 7)})
}

// write puts one data row on the sheet, or on the next where this one is full.
func (s *Sheet) write(row []Value, helpers ...any) error {
	if s.rows >= s.book.rowLimit || s.bytes > s.book.byteLimit {
		if err := s.next(); err != nil {
			return err
		}
	}
	lines := 1
	for i, v := range row {
		if err := s.put(&s.cells[i], i, v); err != nil {
			return err
		}
		s.totals[i].add(v)
		if f := s.fields[i]; f.Wrap && v.kind == KindText {
			lines = max(lines, f.lines(v.text))
		}
	}
	s.rows++
	s.depth++
	values := s.values
	if len(helpers) > 0 {
		values = append(slices.Clone(values), helpers...)
	}
	if lines > 1 { // not every program measures wrapped text when it opens a file
		return s.stream.SetRow("A"+strconv.Itoa(s.rows+1), values, excelize.RowOpts{Height: float64(15 * lines)})
	}
	return s.stream.SetRow("A"+strconv.Itoa(s.rows+1), values)
}

// put makes a cell of a value.
func (s *Sheet) put(cell *excelize.Cell, i int, v Value) (err error) {
	f := s.fields[i]
	*cell = excelize.Cell{StyleID: f.style}
	s.bytes += int64(48 + 2*len(v.formula))
	switch v.kind {
	case kindEmpty:
		cell.Value = nil
	case KindText, KindLink:
		text := clean(v.text)
		s.bytes += int64(2 * len(text))
		cell.Value = text
		if v.kind == KindLink && linkable(v.address) && len(text) <= formulaTextLimit {
			cell.Formula = "HYPERLINK(" + quoteFormula(v.address) + "," + quoteFormula(text) + ")"
			cell.StyleID = f.linkStyle
			s.bytes += int64(4 * (len(v.address) + len(text)))
		} else if looksLikeFormula(text) {
			cell.StyleID = f.quotedStyle
		}
	case KindInteger:
		cell.Value = v.integer
		if v.integer >= 1e15 || v.integer <= -1e15 {
			return s.putExactText(cell, i, v)
		}
		cell.Formula = v.formula
	case KindQuantity, KindMoney, KindPercent:
		return s.putNumber(cell, i, v)
	case KindDate:
		return s.putSerial(cell, i, v, v.integer*msPerDay)
	case KindDateTime:
		return s.putSerial(cell, i, v, v.wallClock(s.book.options.Locale.Location()))
	case KindBool:
		cell.Value = f.words[v.integer]
	}
	return nil
}

func (s *Sheet) putNumber(cell *excelize.Cell, i int, v Value) (err error) {
	number := v.number
	if v.kind == KindPercent {
		number = number.Shift(-2)
	}
	value, places, exact := double(number)
	if !exact {
		return s.putExactText(cell, i, v)
	}
	if v.kind == KindPercent {
		places -= 2
	}
	cell.Value, cell.Formula = value, v.formula
	cell.StyleID, err = s.fields[i].numberStyle(s.book, v, places)
	return err
}

// putExactText keeps all digits of a number that a double cannot hold.
func (s *Sheet) putExactText(cell *excelize.Cell, i int, v Value) (err error) {
	f := s.fields[i]
	s.totals[i].inexact = true
	cell.Value = v.shown(s.book.options.Locale, f.places)
	cell.StyleID, err = s.book.style(look{align: "right", indent: 1, quoted: true})
	return err
}

// putSerial writes days since 1899-12-30, or text where Excel has no date.
func (s *Sheet) putSerial(cell *excelize.Cell, i int, v Value, ms int64) (err error) {
	day := ms / msPerDay
	if ms%msPerDay < 0 {
		day--
	}
	switch serial := day + serialOfEpoch; {
	case serial < firstSerial || serial > lastSerial:
		cell.Value = v.shown(s.book.options.Locale, 0)
		cell.StyleID, err = s.book.style(look{align: s.fields[i].align, quoted: true})
	case v.kind == KindDate:
		cell.Value = serial
	default:
		cell.Value = float64(ms)/msPerDay + serialOfEpoch
	}
	return err
}

// next ends a full part and begins the following.
func (s *Sheet) next() error {
	follower := s.book.names.numbered(s.stem, len(s.parts)+2)
	if err := s.finish(follower); err != nil {
		return err
	}
	if err := s.book.addTab(follower); err != nil {
		return err
	}
	s.name = follower
	return s.open()
}

// Close writes the totals and charts. A second Close does nothing.
func (s *Sheet) Close() error {
	if s.closed || s.err != nil {
		return s.err
	}
	s.closed = true
	if s.stream == nil {
		if err := s.fail(s.begin()); err != nil {
			return err
		}
	}
	return s.fail(s.finish(""))
}
