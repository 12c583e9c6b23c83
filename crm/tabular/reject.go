package tabular

import (
	"bufio"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// The columns that Rejects puts before those of the file. Open recognises the three together, leaves
// them out of Header and Cells, and takes the guards off the cells.
const (
	LineColumn   = "CRM+ line"
	ColumnColumn = "CRM+ column"
	ReasonColumn = "CRM+ reason"
)

var ourColumns = []string{LineColumn, ColumnColumn, ReasonColumn}

// Rejects writes rows that were not imported as a CSV file (UTF-8 with mark, so that Excel shows it
// right) in which they can be corrected and which Open reads again. Line, column and reason come
// first, so that they are in sight in a file of three hundred columns and a row that is too wide
// does not push them away.
//
// No cell can become a formula when the file is opened in Excel: a value that begins with = + - @,
// a tab or a line break gets an apostrophe in front, and so does one that begins with apostrophes
// followed by such a character. Open takes exactly one away again, so "+36 30 123 4567" comes back as
// it was, and so does a value typed without the apostrophe.
type Rejects struct {
	w         *bufio.Writer
	delimiter string
	language  locale.Language
	rows      int
	err       error
}

// RejectsOptions shape the file.
type RejectsOptions struct {
	// Delimiter defaults to the semicolon.
	Delimiter rune
	// Language of the reasons; "" is English.
	Language locale.Language
}

// NewRejects begins a file for the rows of a table with this header. It writes through a buffer:
// call Flush at the end. Errors of w come from Flush, and are fault.Unavailable.
func NewRejects(w io.Writer, header []string, o RejectsOptions) *Rejects {
	if o.Delimiter == 0 {
		o.Delimiter = ';'
	}
	r := &Rejects{w: bufio.NewWriter(w), delimiter: string(o.Delimiter), language: o.Language}
	r.put("\uFEFF")
	r.line(append(slices.Clone(ourColumns), header...))
	return r
}

// Write adds a row with what is wrong with it: row.Err, and the errors the importer found. A row
// without any error is written with an empty reason.
func (r *Rejects) Write(row Row, found ...RowError) {
	if row.Err != nil {
		found = append([]RowError{*row.Err}, found...)
	}
	var columns, reasons []string
	for i := range found {
		e := &found[i]
		reason := e.In(r.language)
		if e.ColumnName != "" {
			columns = append(columns, e.ColumnName)
			if len(found) > 1 {
				reason = e.ColumnName + ": " + reason
			}
		} else if e.Column > 0 {
			columns = append(columns, strconv.Itoa(e.Column))
		}
		reasons = append(reasons, reason)
	}
	slices.Sort(columns)
	columns = slices.Compact(columns)
	cells := []string{strconv.Itoa(row.Line), strings.Join(columns, ", "), strings.Join(reasons, "; ")}
	r.line(append(cells, row.Cells...))
	r.rows++
}

// Rows is how many rows were written.
func (r *Rejects) Rows() int { return r.rows }

// Flush writes what is still in the buffer and gives the first error of the writer.
func (r *Rejects) Flush() error {
	if err := r.w.Flush(); r.err == nil {
		r.err = err
	}
	if r.err != nil {
		return fault.Wrap(r.err, fault.Unavailable, "the file of rejected rows cannot be written")
	}
	return nil
}

func (r *Rejects) put(s string) {
	if _, err := r.w.WriteString(s); err != nil && r.err == nil {
		r.err = err
	}
}

func (r *Rejects) line(cells []string) {
	for i, c := range cells {
		if i > 0 {
			r.put(r.delimiter)
		}
		c = Guard(c)
		if strings.ContainsAny(c, "\"\r\n") || strings.Contains(c, r.delimiter) || strings.HasPrefix(c, " ") {
			c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		r.put(c)
	}
	r.put("\r\n")
}

// Guard puts an apostrophe before a CSV cell that a spreadsheet would take as a formula. See Rejects
// for the rule; Unguard is its inverse.
func Guard(cell string) string {
	if startsFormula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// Unguard takes away what Guard put there.
func Unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && startsFormula(strings.TrimLeft(cell, "'")) {
		return cell[1:]
	}
	return cell
}

// startsFormula knows the characters that OWASP names for CSV injection, with their full-width
// forms, which Excel in East Asian settings takes alike.
func startsFormula(s string) bool {
	for _, p := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// findOurs gives the positions of the three columns, nil unless all are there.
func findOurs(names []string) []int {
	var at []int
	for _, ours := range ourColumns {
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(cleanName(n), ours) })
		if i < 0 {
			return nil
		}
		at = append(at, i)
	}
	slices.Sort(at)
	return at
}

// withoutOurs takes our columns out of a row of a rejects file and the guards off the others.
func withoutOurs(cells []string, ours []int) []string {
	kept := make([]string, 0, len(cells))
	for i, c := range cells {
		if !slices.Contains(ours, i) {
			kept = append(kept, Unguard(c))
		}
	}
	return kept
}
