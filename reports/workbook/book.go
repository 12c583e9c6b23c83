package workbook

import (
	"archive/zip"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// Options are the same for all sheets of a book.
type Options struct {
	// Locale is the reader's: language of the words this package writes, direction of the sheets,
	// form of dates and money, and the zone in which instants are shown.
	Locale locale.Locale
	// Title is printed above each page and kept in the document's properties.
	Title string
	// Author is kept in the document's properties.
	Author string
	// CreatedAt is kept in the document's properties and printed above each page.
	CreatedAt time.Time
	// TempDir takes the sheets while they grow; "" is the system's.
	TempDir string
}

// Book is a workbook that is being written. It and its sheets belong to one goroutine.
type Book struct {
	options Options
	file    *excelize.File
	styles  map[look]int
	names   sheetNames
	sheets  []*Sheet
	tables  int
	closed  bool

	rowLimit  int   // data rows a sheet
	byteLimit int64 // of XML a sheet, estimated
}

const (
	// rowLimit leaves room for the header, totals and notes among Excel's 1,048,576 rows.
	rowLimit = 1_048_576 - 1 - reservedRows
	// reservedRows stand below the data: a total for each currency, again for the whole, and notes.
	reservedRows = 600
	// currencyLimit bounds the totals of a sheet; ISO 4217 has about 180 currencies.
	currencyLimit = 290
	// byteLimit keeps each part of the zip below 4 GB, where Excel wants ZIP64 headers that
	// archive/zip cannot write into a stream.
	byteLimit = 3 << 30
)

// New begins a workbook. Close it, whether or not it is written.
func New(o Options) (*Book, error) {
	language, _ := locale.ParseLanguage(string(o.Locale.Language))
	o.Locale.Language = language
	b := &Book{
		options: o, styles: map[look]int{}, names: sheetNames{},
		file:     excelize.NewFile(excelize.Options{TmpDir: o.TempDir}),
		rowLimit: rowLimit, byteLimit: byteLimit,
	}
	properties := &excelize.DocProperties{Title: clean(o.Title), Creator: clean(o.Author), Language: string(language)}
	if !o.CreatedAt.IsZero() {
		stamp := o.CreatedAt.UTC().Format(time.RFC3339)
		properties.Created, properties.Modified = stamp, stamp
	}
	if err := b.file.SetDocProps(properties); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the workbook cannot be begun")
	}
	if err := b.file.SetAppProps(&excelize.AppProperties{Application: "CRM+"}); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the workbook cannot be begun")
	}
	return b, nil
}

// Sheet begins a sheet; sheets stand in the order in which they begin. An Invalid error names all
// that is wrong with the columns and charts.
func (b *Book) Sheet(spec SheetSpec) (*Sheet, error) {
	if b.closed {
		return nil, fault.New(fault.Invalid, "the workbook is closed; begin a new one")
	}
	faults := validate(spec.Columns)
	faults.Merge("", validateCharts(spec))
	if err := faults.Err("the sheet %q cannot be written", spec.Name); err != nil {
		return nil, err
	}
	s := newSheet(b, spec)
	if err := b.addTab(s.name); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the sheet %q cannot be begun", s.name)
	}
	b.sheets = append(b.sheets, s)
	return s, nil
}

// addTab adds an empty sheet; the first takes the place of the one that excelize begins with.
func (b *Book) addTab(name string) error {
	if len(b.sheets) == 0 && b.file.SheetCount == 1 && len(b.names) == 1 {
		return b.file.SetSheetName(b.file.GetSheetName(0), name)
	}
	_, err := b.file.NewSheet(name)
	return err
}

// WriteTo zips the workbook straight into w and gives the bytes written. All sheets must be
// closed. It does not close w or the book.
func (b *Book) WriteTo(w io.Writer) (int64, error) {
	if b.closed {
		return 0, fault.New(fault.Invalid, "the workbook is closed; begin a new one")
	}
	var faults fault.List
	if len(b.sheets) == 0 {
		faults.Add("sheets", "required", "there is no sheet; a workbook has at least one")
	}
	for _, s := range b.sheets {
		if s.err != nil {
			return 0, s.err
		}
		if !s.closed {
			faults.Add("sheets."+s.spec.Name, "open", "is still open; close it first")
		}
	}
	if err := faults.Err("the workbook cannot be written"); err != nil {
		return 0, err
	}
	// excelize zips into a buffer of its own; handing it a zip writer over w leaves that buffer empty.
	out := &counter{w: w}
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(out) })
	if err := b.file.Write(io.Discard); err != nil {
		return out.n, fault.Wrap(err, fault.Unavailable, "the workbook cannot be written")
	}
	return out.n, nil
}

// Close drops the temporary files. A second Close does nothing.
func (b *Book) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	if err := b.file.Close(); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the temporary files of the workbook cannot be removed")
	}
	return nil
}

// counter counts what passes.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
