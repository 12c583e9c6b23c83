package tabular

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// Kind says what a table was read from.
type Kind string

// The kinds.
const (
	Text     Kind = "text"
	Workbook Kind = "xlsx"
)

// Limits bound what one file may cost. A zero field takes its default. A row beyond a limit is
// reported and skipped; only MaxFile and MaxUnzipped refuse the whole file.
type Limits struct {
	// MaxField is the longest cell in bytes of the file; 64 KB.
	MaxField int
	// MaxRow is the longest row in bytes of the file; 1 MB. It is also how far the end of an open
	// quote is looked for.
	MaxRow int
	// MaxColumns is the highest number of columns; 2,000.
	MaxColumns int
	// MaxFile is the largest workbook in bytes as it lies on disk; 64 MB. Text has no such limit.
	MaxFile int64
	// MaxUnzipped is the largest workbook in bytes when unpacked; 2 GB. Parts other than sheets and
	// texts are kept in memory and may take a sixteenth of it.
	MaxUnzipped int64
}

func (l Limits) withDefaults() Limits {
	if l.MaxField <= 0 {
		l.MaxField = 64 << 10
	}
	if l.MaxRow <= 0 {
		l.MaxRow = 1 << 20
	}
	if l.MaxColumns <= 0 {
		l.MaxColumns = 2000
	}
	if l.MaxFile <= 0 {
		l.MaxFile = 64 << 20
	}
	if l.MaxUnzipped <= 0 {
		l.MaxUnzipped = 2 << 30
	}
	return l
}

// Options override what Open would guess. The zero value guesses everything.
type Options struct {
	// Encoding of a text file; "" guesses.
	Encoding Encoding
	// Delimiter of a text file: one ASCII character; 0 guesses among ; tab , and |.
	Delimiter rune
	// Language is what the texts are expected to be in; it tips the balance where two code pages
	// are about as likely. "" expects nothing.
	Language locale.Language
	// Sheet names the sheet of a workbook; "" takes the first visible one that has rows.
	Sheet  string
	Limits Limits
}

func (o Options) validate() error {
	var faults fault.List
	if o.Encoding != "" && !o.Encoding.known() {
		faults.Add("encoding", "encoding.unknown", "encoding %q is not known; use one of %v", string(o.Encoding), Encodings)
	}
	if o.Delimiter < 0 || o.Delimiter >= 0x80 || o.Delimiter == '"' || o.Delimiter == '\n' || o.Delimiter == '\r' {
		faults.Add("delimiter", "delimiter.form", "%q cannot separate cells; use ; , | or a tab", o.Delimiter)
	}
	return faults.Err("the file cannot be opened with these options")
}

// Row is one row of a table.
type Row struct {
	// Line is the line of the file (text) or the row number of the sheet, from 1, on which the row
	// begins.
	Line int
	// Cells are as many as the header has, in valid UTF-8; a row with an Err may have more or fewer.
	// The slice belongs to the caller.
	Cells []string
	// Err is set where the row cannot be trusted; Cells then hold what could be read of it.
	Err *RowError
}

// Table is an open file. It serves one goroutine.
type Table struct {
	Kind Kind
	// Header has the names of the columns, unique and never empty: a second "Phone" is "Phone (2)",
	// a column without a name is "column 3".
	Header []string
	// HeaderLine is the line the header stands on; 0 where the file has none and Header is made up.
	HeaderLine int
	// Encoding is that of a text file. Pure ASCII counts as UTF8; where the first other letter comes
	// after 64 KB, the encoding is decided there and this field changes.
	Encoding Encoding
	// Delimiter is that of a text file.
	Delimiter rune
	// Sheet is the sheet that is read and Sheets are all of the workbook.
	Sheet  string
	Sheets []string

	source source
	limits Limits
	queue  []Row
	// ours are the positions of the columns a Rejects writer put in, nil in any other file.
	ours []int
}

// source gives raw rows until io.EOF.
type source interface {
	next() (Row, error)
	close() error
}

const sampleSize = 64 << 10

// Open reads the beginning of r and makes a table of it. Errors are fault.Invalid where the file is
// no table this package reads, fault.Limit where it is too large, and otherwise what r failed with.
// Close the table when done; r stays the caller's to close.
func Open(r io.Reader, o Options) (*Table, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	o.Limits = o.Limits.withDefaults()
	in := bufio.NewReaderSize(r, sampleSize)
	sample, err := in.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fault.Wrap(err, fault.Unavailable, "the file cannot be read")
	}
	t := &Table{limits: o.Limits}
	switch {
	case len(bytes.TrimSpace(sample)) == 0:
		return nil, fault.New(fault.Invalid, "the file is empty; choose a file with a header and rows")
	case bytes.HasPrefix(sample, []byte("PK\x03\x04")):
		err = t.openWorkbook(in, o)
	case bytes.HasPrefix(sample, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, fault.New(fault.Invalid, "the file is an old Excel file (.xls) or has a password; save it as .xlsx without a password, or as CSV")
	default:
		err = t.openText(in, sample, o)
	}
	if err == nil {
		err = t.readHeader()
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// openText decides encoding and delimiter and sets up the splitter.
func (t *Table) openText(in *bufio.Reader, sample []byte, o Options) error {
	t.Kind = Text
	enc, bom := o.Encoding, bomOf(sample)
	if enc == "" {
		enc = detect(sample, o.Language)
	}
	var r io.Reader = in
	if bom.encoding == enc || (enc == UTF8 && bom.encoding == UTF8) {
		if _, err := in.Discard(bom.size); err != nil {
			return fault.Wrap(err, fault.Unavailable, "the file cannot be read")
		}
		sample = sample[bom.size:]
	}
	t.Encoding = enc
	if enc == UTF16LE || enc == UTF16BE {
		r = enc.decoder().Reader(in)
		// The splitter works on ASCII supersets, so it sees the text as UTF-8.
		enc = UTF8
	} else if bytes.IndexByte(sample, 0) >= 0 {
		return fault.New(fault.Invalid, "the file is no table (it holds binary data); choose an Excel file (.xlsx) or a CSV file")
	}
	s := newSplitter(r, t.limits)
	s.encoding, s.language = enc, o.Language
	s.lazy = o.Encoding == "" && enc == UTF8 && bom.size == 0 && isASCII(sample)
	head, err := s.peek(sampleSize)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the file cannot be read")
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		s.newline = '\r'
	}
	declared, skip := declaredDelimiter(head, s.newline)
	switch {
	case o.Delimiter != 0:
		s.delimiter = byte(o.Delimiter)
	case declared != 0:
		s.delimiter = declared
	default:
		s.delimiter = detectDelimiter(head, s.newline)
	}
	if skip > 0 {
		s.start += skip
		s.line++
	}
	t.Delimiter = rune(s.delimiter)
	t.source = s
	return nil
}

// Next gives the next row and io.EOF after the last one. Blank rows are passed over. Any other
// error ends the table: the file itself failed, or a workbook is damaged from there on.
func (t *Table) Next() (Row, error) {
	if len(t.queue) > 0 {
		row := t.queue[0]
		t.queue[0] = Row{}
		t.queue = t.queue[1:]
		return row, nil
	}
	row, err := t.read()
	if err != nil {
		return Row{}, err
	}
	return t.fit(row), nil
}

// Peek gives up to n of the next rows and leaves them to Next.
func (t *Table) Peek(n int) ([]Row, error) {
	for len(t.queue) < n {
		row, err := t.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		t.queue = append(t.queue, t.fit(row))
	}
	return append([]Row(nil), t.queue[:min(n, len(t.queue))]...), nil
}

// Close removes temporary files.
func (t *Table) Close() error {
	if t.source == nil {
		return nil
	}
	source := t.source
	t.source = nil
	if err := source.close(); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the temporary files of the workbook cannot be removed")
	}
	return nil
}

// read gives the next row of the source that is not blank.
func (t *Table) read() (Row, error) {
	for t.source != nil {
		row, err := t.source.next()
		if s, ok := t.source.(*splitter); ok && s.decided {
			t.Encoding, s.decided = s.encoding, false
		}
		if err != nil {
			return Row{}, err
		}
		if row.Err != nil || !blank(row.Cells) {
			return row, nil //nolint:nilerr // a bad row is reported in the row, and reading goes on
		}
	}
	return Row{}, io.EOF
}

// fit makes a row as wide as the header, or says why it cannot be.
func (t *Table) fit(row Row) Row {
	if t.ours != nil {
		row.Cells = withoutOurs(row.Cells, t.ours)
	}
	width := len(t.Header)
	if row.Err != nil {
		if c := row.Err.Column; c > 0 {
			row.Err.Column, row.Err.ColumnName = t.place(c)
		}
		return row
	}
	if t.Kind == Text && width >= 3 && len(row.Cells) == 1 {
		row.Err = rowError(row.Line, 1, "row.single", 1, width)
		row.Err.ColumnName = t.Header[0]
	}
	for i := width; i < len(row.Cells); i++ {
		if row.Cells[i] != "" {
			row.Err = rowError(row.Line, i+1, "row.wide", len(row.Cells), width)
			return row
		}
	}
	for len(row.Cells) < width {
		row.Cells = append(row.Cells, "")
	}
	row.Cells = row.Cells[:width]
	return row
}

// place translates a column of the file into one of the header, for files with columns of ours.
func (t *Table) place(column int) (int, string) {
	before := 0
	for _, o := range t.ours {
		if o < column-1 {
			before++
		}
	}
	column -= before
	if column <= len(t.Header) {
		return column, t.Header[column-1]
	}
	return column, ""
}

func blank(cells []string) bool {
	for _, c := range cells {
		for i := range len(c) {
			if c[i] > ' ' {
				return false
			}
		}
	}
	return true
}

// columnName is the made-up name of a column, from 1.
func columnName(column int) string { return fmt.Sprintf("column %d", column) }
