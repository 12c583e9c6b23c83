package tabular

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/fault"
)

// workbook reads the rows of one sheet through excelize's iterator.
//
// Two things are done around it. The number formats are replaced after opening: dates become ISO
// dates, and every other number comes as it is stored, not as it is shown, so nothing is rounded.
// And because the iterator takes damage in a sheet for its end, the number of the last row is read
// from the zip as well and compared.
type workbook struct {
	file   *excelize.File
	rows   *excelize.Rows
	part   *zip.File
	limits Limits
	line   int
}

const damaged = "the workbook is damaged; open it in Excel and save it again, or save it as CSV"

// openWorkbook reads the zip and chooses the sheet.
func (t *Table) openWorkbook(in *bufio.Reader, o Options) (err error) {
	t.Kind = Workbook
	content, err := io.ReadAll(io.LimitReader(in, o.Limits.MaxFile+1))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the file cannot be read")
	}
	if int64(len(content)) > o.Limits.MaxFile {
		return fault.New(fault.Limit, "the workbook is larger than %d MB; save the sheet as CSV", o.Limits.MaxFile>>20)
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s", damaged)
	}
	if err := checkParts(archive, o.Limits); err != nil {
		return err
	}
	w := &workbook{limits: o.Limits}
	t.source = w
	// excelize is not proof against every malformed file.
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fmt.Errorf("excelize: %v", p), fault.Invalid, "%s", damaged)
		}
	}()
	w.file, err = excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		UnzipSizeLimit: o.Limits.MaxUnzipped, UnzipXMLSizeLimit: min(16<<20, o.Limits.MaxUnzipped),
	})
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s", damaged)
	}
	if err := w.plainFormats(); err != nil {
		return fault.Wrap(err, fault.Invalid, "%s", damaged)
	}
	t.Sheets = w.file.GetSheetList()
	return w.choose(t, archive, o.Sheet)
}

// checkParts refuses what is no workbook and what would unpack to too much. archive/zip never
// unpacks more of a part than the size declared here.
func checkParts(archive *zip.Reader, limits Limits) error {
	var sheets, others uint64
	found := false
	for _, part := range archive.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		found = found || name == "xl/workbook.xml"
		if strings.HasPrefix(name, "xl/worksheets/sheet") || name == "xl/sharedstrings.xml" {
			sheets += part.UncompressedSize64
		} else {
			others += part.UncompressedSize64
		}
		if sheets > uint64(limits.MaxUnzipped) || others > uint64(limits.MaxUnzipped)/16 {
			return fault.New(fault.Limit, "the workbook unpacks to more than %d MB; save the sheet as CSV", limits.MaxUnzipped>>20)
		}
	}
	if !found {
		return fault.New(fault.Invalid, "the file is a zip but no Excel workbook; choose the .xlsx or CSV file itself")
	}
	return nil
}

// choose opens the named sheet, or the first visible one that has a row.
func (w *workbook) choose(t *Table, archive *zip.Reader, name string) error {
	names := t.Sheets
	if name != "" {
		if !slices.Contains(names, name) {
			return fault.New(fault.Invalid, "the workbook has no sheet %q; choose one of %q", name, names)
		}
		names = []string{name}
	}
	for _, n := range names {
		visible, err := w.file.GetSheetVisible(n)
		if err != nil || (!visible && name == "") {
			continue
		}
		rows, err := w.file.Rows(n)
		if err != nil {
			continue // a chart sheet
		}
		w.rows, w.line, t.Sheet = rows, 0, n
		if rows.Next() {
			// Begin again: the row just found is read by next.
			if err := rows.Close(); err != nil {
				return fault.Wrap(err, fault.Unavailable, "the temporary files of the workbook cannot be removed")
			}
			if w.rows, err = w.file.Rows(n); err != nil {
				return fault.Wrap(err, fault.Invalid, "%s", damaged)
			}
			w.part = sheetPart(w.file, archive, n)
			return nil
		}
		if err := rows.Close(); err != nil {
			return fault.Wrap(err, fault.Invalid, "%s", damaged)
		}
	}
	w.rows = nil
	return fault.New(fault.Invalid, "the workbook has no rows; choose a file or a sheet with a header and rows")
}

// plainFormats replaces the number formats of the workbook.
func (w *workbook) plainFormats() error {
	styles := w.file.Styles
	if styles == nil || styles.CellXfs == nil {
		return nil
	}
	custom := map[int]string{}
	if styles.NumFmts != nil {
		for _, f := range styles.NumFmts.NumFmt {
			if f != nil {
				custom[f.NumFmtID] = f.FormatCode
			}
		}
	}
	meanings := make([]moment, len(styles.CellXfs.Xf))
	for i, xf := range styles.CellXfs.Xf {
		if xf.NumFmtID != nil {
			meanings[i] = formatMoment(*xf.NumFmtID, custom)
		}
	}
	plain := 1 << 20 // no format has this number, so the value comes as it is
	formats := map[moment]*int{noMoment: &plain}
	for m, code := range map[moment]string{date: "yyyy-mm-dd", clock: "hh:mm:ss", date | clock: "yyyy-mm-dd hh:mm:ss"} {
		style, err := w.file.NewStyle(&excelize.Style{CustomNumFmt: &code})
		if err != nil {
			return err
		}
		number := *styles.CellXfs.Xf[style].NumFmtID
		formats[m] = &number
	}
	for i := range meanings {
		styles.CellXfs.Xf[i].NumFmtID = formats[meanings[i]]
	}
	return nil
}

// moment says what of a point in time a number format shows.
type moment int

const (
	noMoment moment = 0
	date     moment = 1
	clock    moment = 2
)

// formatMoment reads a number format: the built-in ones of ECMA-376 part 1, 18.8.30, or the code.
func formatMoment(id int, custom map[int]string) moment {
	code, ok := custom[id]
	if !ok {
		switch {
		case id == 22:
			return date | clock
		case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 58:
			return date
		case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47:
			return clock
		}
		return noMoment
	}
	return codeMoment(code)
}

// codeMoment looks for the letters of dates and times outside of literals.
func codeMoment(code string) moment {
	found, month := noMoment, false
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; {
		case code[i] == ';': // formats of negative numbers and of text
			i = len(code)
		case code[i] == '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			i++
		case code[i] == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return found
			}
			// [h]:mm is a duration, which stays a number; colours and locales say nothing.
			if inside := strings.ToLower(code[i+1 : i+end]); strings.Trim(inside, "hms") == "" {
				return noMoment
			}
			i += end
		case strings.HasPrefix(strings.ToLower(code[i:]), "general"):
			i += len("general") - 1
		case c == 'y' || c == 'd':
			found |= date
		case c == 'm':
			month = true
		case c == 'h' || c == 's':
			found |= clock
		}
	}
	if found == noMoment && month {
		return date
	}
	return found
}

// next reads one row of the sheet; rows without cells come as blank ones.
func (w *workbook) next() (row Row, err error) {
	defer func() {
		if p := recover(); p != nil {
			row, err = Row{}, fault.Wrap(fmt.Errorf("excelize: %v", p), fault.Invalid, "from row %d on %s", w.line+1, damaged)
		}
	}()
	if w.rows == nil {
		return Row{}, io.EOF
	}
	if !w.rows.Next() {
		return Row{}, w.finish()
	}
	w.line++
	cells, err := w.rows.Columns()
	if err != nil {
		return Row{}, fault.Wrap(err, fault.Invalid, "from row %d on %s", w.line, damaged)
	}
	row = Row{Line: w.line, Cells: cells}
	if len(cells) > w.limits.MaxColumns {
		row.Cells = cells[:w.limits.MaxColumns]
		row.Err = rowError(w.line, 0, "row.columns", w.limits.MaxColumns)
	}
	size := 0
	for i, c := range row.Cells {
		size += len(c)
		if len(c) > w.limits.MaxField && row.Err == nil {
			row.Err = rowError(w.line, i+1, "field.long", len(c), w.limits.MaxField)
		}
		row.Cells[i] = plainCell(c)
	}
	if size > w.limits.MaxRow && row.Err == nil {
		row.Err = rowError(w.line, 0, "row.long", w.limits.MaxRow)
	}
	return row, nil
}

// plainCell takes midnight off a date, empties the error values of formulas (a look-up that found
// nothing has no value) and makes the text valid UTF-8.
func plainCell(c string) string {
	if strings.HasSuffix(c, " 00:00:00") && len(c) == len("2026-07-13 00:00:00") {
		return strings.TrimSuffix(c, " 00:00:00")
	}
	switch c {
	case "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!":
		return ""
	}
	if !utf8.ValidString(c) {
		return strings.ToValidUTF8(c, "\uFFFD")
	}
	return c
}

// finish tells the end of the sheet from damage.
func (w *workbook) finish() error {
	if err := w.rows.Error(); err != nil {
		return fault.Wrap(err, fault.Invalid, "from row %d on %s", w.line+1, damaged)
	}
	if w.part == nil {
		return io.EOF
	}
	last, err := lastRow(w.part)
	if err != nil || last > w.line {
		return fault.Wrap(errors.Join(errors.New("rows are missing"), err), fault.Invalid, "from row %d on %s", w.line+1, damaged)
	}
	return io.EOF
}

func (w *workbook) close() error {
	var rows, file error
	if w.rows != nil {
		rows = w.rows.Close()
	}
	if w.file != nil {
		file = w.file.Close()
	}
	return errors.Join(rows, file)
}

// sheetPart finds the part of the zip a sheet lies in, nil where the workbook does not say so.
func sheetPart(file *excelize.File, archive *zip.Reader, sheet string) *zip.File {
	if file.WorkBook == nil {
		return nil
	}
	id := ""
	for _, s := range file.WorkBook.Sheets.Sheet {
		if s.Name == sheet {
			id = s.ID
		}
	}
	content, ok := file.Pkg.Load("xl/_rels/workbook.xml.rels")
	relations, isBytes := content.([]byte)
	if !ok || !isBytes {
		return nil
	}
	var rels struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		}
	}
	if xml.Unmarshal(relations, &rels) != nil {
		return nil
	}
	for _, r := range rels.Relationship {
		if r.ID != id {
			continue
		}
		name := path.Join("xl", r.Target)
		if strings.HasPrefix(r.Target, "/") {
			name = r.Target[1:]
		}
		for _, part := range archive.File {
			if strings.EqualFold(strings.ReplaceAll(part.Name, `\`, "/"), name) {
				return part
			}
		}
	}
	return nil
}

// lastRow reads the highest row number of a sheet without parsing it. In XML a "<" always begins a
// tag, so looking for "<row" is exact enough; reading to the end also checks the zip's checksum.
func lastRow(part *zip.File) (last int, err error) {
	content, err := part.Open()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	in := bufio.NewReaderSize(content, 64<<10)
	current := 0
	for {
		if err := skipTo(in, '<'); err != nil {
			if errors.Is(err, io.EOF) {
				return last, nil
			}
			return last, err
		}
		tag, err := in.Peek(96)
		if err != nil && !errors.Is(err, io.EOF) {
			return last, err
		}
		if end := bytes.IndexByte(tag, '>'); end >= 0 {
			tag = tag[:end]
		}
		name, attributes, _ := bytes.Cut(tag, []byte(" "))
		if _, local, ok := bytes.Cut(name, []byte(":")); ok {
			name = local
		}
		if string(bytes.TrimSuffix(name, []byte("/"))) != "row" {
			continue
		}
		current++
		if n := rowNumber(attributes); n > 0 {
			current = n
		}
		last = max(last, current)
	}
}

func skipTo(in *bufio.Reader, b byte) error {
	for {
		_, err := in.ReadSlice(b)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// rowNumber reads the attribute r="12".
func rowNumber(attributes []byte) int {
	for field := range bytes.FieldsSeq(attributes) {
		value, ok := bytes.CutPrefix(field, []byte("r="))
		if !ok {
			continue
		}
		n, err := strconv.Atoi(string(bytes.Trim(value, `"'/`)))
		if err == nil {
			return n
		}
	}
	return 0
}
