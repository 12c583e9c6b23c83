// Package reports reads what happened and writes it down for people who count: typed, read-only
// queries, each figure defined once, as rows for screens and as workbooks and CSV files.
//
// A report runs in one read-only unit of work, so that all its figures are of one moment, and reads in
// chunks by key, so that memory does not grow with the rows. Every reader sees only the rows of his
// companies and his visibility, in reports as everywhere.
package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/workbook"
)

// Reports answers questions about one database.
type Reports struct {
	db      *store.DB
	locales func(company string) locale.Locale
	// untold says that the host does not tell its orders.
	untold bool
}

// New makes a Reports on a database.
func New(db *store.DB, locales func(company string) locale.Locale) *Reports {
	return &Reports{db: db, locales: locales}
}

// In gives a view that works inside an open session.
func (r *Reports) In(s *store.Session) *Reports {
	return &Reports{db: s.Inside(), locales: r.locales, untold: r.untold}
}

// Untold gives a view for a host that does not tell its orders; see kpi.KPIs.Untold.
func (r *Reports) Untold() *Reports { return &Reports{db: r.db, locales: r.locales, untold: true} }

// figures are the key figures as the reports see them.
func (r *Reports) figures() *kpi.KPIs {
	k := kpi.New(r.db, r.locales)
	if r.untold {
		return k.Untold()
	}
	return k
}

// Period is a span of time: From is in it, To is not. A zero end is open.
type Period struct{ From, To time.Time }

func (p Period) check() error {
	if !p.From.IsZero() && !p.To.IsZero() && !p.From.Before(p.To) {
		var faults fault.List
		faults.Add("period", "order", "ends (%s) before it begins (%s)", p.To.Format(time.DateOnly), p.From.Format(time.DateOnly))
		return faults.Err("the report cannot be made")
	}
	return nil
}

// where is the condition on a column that is never NULL for the rows in question.
func (p Period) where(column string) store.Predicate {
	var out store.Predicate
	if !p.From.IsZero() {
		out.SQL += " AND " + column + " >= ?"
		out.Args = append(out.Args, p.From)
	}
	if !p.To.IsZero() {
		out.SQL += " AND " + column + " < ?"
		out.Args = append(out.Args, p.To)
	}
	return out
}

// Query says what a report is about and for whom.
type Query struct {
	Period Period
	// Language is the reader's; the company's own where it is empty.
	Language locale.Language
	// Label names owners, sources and reasons of losing for people; nil leaves their keys.
	Label Labels
}

// Labels names a key of a dimension for people; label is what is known of it already.
type Labels func(by kpi.Dimension, key, label string) string

// of is the name of a key that stands by itself in a row.
func (f Labels) of(by kpi.Dimension, key string) workbook.Value {
	if f != nil && key != "" {
		key = f(by, key, key)
	}
	return workbook.Text(key)
}

// localeOf is the company's way of seeing things in the reader's language.
func (r *Reports) localeOf(a actor.Actor, language locale.Language) locale.Locale {
	l := r.locales(a.Company)
	if language != "" {
		l.Language = language
	}
	return l
}

// table is one list of a report: its columns, and the rows one after the other.
type table struct {
	name    string
	columns []workbook.Column
	charts  []workbook.Chart
	// own are custom fields behind the columns; nil for none.
	own *own
	// aside says that its rows are none of the report: a cover, or sums of the rows of another sheet.
	aside bool
	rows  func(ctx context.Context, s *store.Session, each func(...workbook.Value) error) error
}

// Sales writes the sales workbook: the pipeline by stage with its chart, the open opportunities, the
// deals that were closed and the leads that arrived in the period. It streams to w and needs the right
// actor.ReportRead.
func (r *Reports) Sales(ctx context.Context, w io.Writer, q Query) error {
	return r.write(ctx, w, q, export{title: "sales", kind: "report", report: "sales", asked: q}, func(l locale.Locale) []table {
		return []table{r.periodCover(l, q.Period), pipeline(l), openDeals(l, q.Label, kpi.Filter{}), closedDeals(l, q.Period, q.Label), leads(l, q.Period, q.Label)}
	})
}

// Leads writes the leads that arrived in the period as a workbook.
func (r *Reports) Leads(ctx context.Context, w io.Writer, q Query) error {
	return r.write(ctx, w, q, leadExport(q), func(l locale.Locale) []table {
		return []table{r.periodCover(l, q.Period), leads(l, q.Period, q.Label)}
	})
}

// periodCover is the cover of a report that is narrowed by a period alone.
func (r *Reports) periodCover(l locale.Locale, p Period) table {
	return coverOf(l, [][2]string{{"period", p.in(l)}, {"made", moment(l, r.db.Now())}})
}

// in says a period in days; an open one is "".
func (p Period) in(l locale.Locale) string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return l.Language.Date(civil.In(t, l.Location()))
	}
	if p.From.IsZero() && p.To.IsZero() {
		return ""
	}
	last := p.To
	if !last.IsZero() {
		last = last.Add(-time.Nanosecond) // the first instant after the period is in no day of it
	}
	return strings.TrimSpace(day(p.From) + " – " + day(last))
}

// leadExport is what the leads of a period are in the log of changes.
func leadExport(q Query) export { return export{title: "leads", kind: "lead", asked: q} }

// LeadsCSV writes the leads that arrived in the period as a CSV file, which is made whole before any of it is sent.
func (r *Reports) LeadsCSV(ctx context.Context, w io.Writer, q Query) error {
	file, err := os.CreateTemp("", "crmplus-report-*")
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "there is no room for the file")
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	rows := 0
	if err := r.leadsCSV(ctx, file, q, &rows); err != nil {
		return err
	}
	if err := r.noteExport(ctx, leadExport(q), rows); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(w, file)
	return err
}

func (r *Reports) leadsCSV(ctx context.Context, file *os.File, q Query, rows *int) error {
	return r.read(ctx, q, func(ctx context.Context, s *store.Session, l locale.Locale) error {
		*rows = 0 // and what an earlier try of the unit of work wrote is gone
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := file.Truncate(0); err != nil {
			return err
		}
		t := leads(l, q.Period, q.Label)
		columns, err := t.own.columns(ctx, s, t.columns)
		if err != nil {
			return err
		}
		out, err := workbook.NewCSV(file, workbook.CSVSpec{Locale: l, Columns: columns})
		if err != nil {
			return err
		}
		err = t.rows(ctx, s, func(cells ...workbook.Value) error {
			*rows++
			return out.Append(cells...)
		})
		if err != nil {
			return err
		}
		return out.Close()
	})
}

func (r *Reports) read(ctx context.Context, q Query, do func(ctx context.Context, s *store.Session, l locale.Locale) error) error {
	if err := q.Period.check(); err != nil {
		return err
	}
	return r.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ReportRead); err != nil {
			return err
		}
		return do(ctx, s, r.localeOf(s.Actor, q.Language))
	})
}

// write writes a book, and notes who had it made.
func (r *Reports) write(ctx context.Context, w io.Writer, q Query, of export, tables func(l locale.Locale) []table) error {
	book, err := r.compose(ctx, q, of, tables)
	if err != nil {
		return err
	}
	return r.hand(ctx, w, of, book)
}

// compose reads the tables of a book in one unit of work. Nothing is sent inside of it: who takes a book slowly holds no
// snapshot of the database.
func (r *Reports) compose(ctx context.Context, q Query, of export, tables func(l locale.Locale) []table) (*filled, error) {
	var book *filled
	err := r.read(ctx, q, func(ctx context.Context, s *store.Session, l locale.Locale) (err error) {
		if book != nil { // the unit of work is repeated
			err = book.Close()
		}
		if err == nil {
			book, err = r.fill(ctx, s, bookOptions(s.Actor, l, of, s.Now), tables(l))
		}
		return err
	})
	if err != nil && book != nil {
		book, err = nil, errors.Join(err, book.Close())
	}
	return book, err
}

func bookOptions(a actor.Actor, l locale.Locale, of export, now time.Time) workbook.Options {
	return workbook.Options{Locale: l, Title: texts.T(l.Language, "report."+of.title), Author: a.Name, CreatedAt: now}
}

// filled is a book with how many rows it has.
type filled struct {
	*workbook.Book
	rows int
}

// fill makes a book of tables, which the caller closes; s is nil for tables that are not read from the database.
func (r *Reports) fill(ctx context.Context, s *store.Session, o workbook.Options, tables []table) (*filled, error) {
	made, err := workbook.New(o)
	if err != nil {
		return nil, err
	}
	book := &filled{Book: made}
	for _, t := range tables {
		if err := t.write(ctx, s, book); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, errors.Join(err, book.Close()))
		}
	}
	return book, nil
}

func (t table) write(ctx context.Context, s *store.Session, book *filled) error {
	columns, err := t.own.columns(ctx, s, t.columns)
	if err != nil {
		return err
	}
	sheet, err := book.Sheet(workbook.SheetSpec{Name: t.name, Columns: columns, Charts: t.charts})
	if err != nil {
		return err
	}
	err = t.rows(ctx, s, func(cells ...workbook.Value) error {
		if !t.aside {
			book.rows++
		}
		return sheet.Append(cells...)
	})
	if err != nil {
		return err
	}
	return sheet.Close()
}

// chunk is how many rows are read at a time.
const chunk = 500

// paging says which rows are read, and how one page follows the other.
type paging[Row any] struct {
	from  store.Source
	query string
	args  []any
	order store.Order
	after func(Row) string
	own   *own
}

// keyed is a row of a record with an id.
type keyed interface{ key() [16]byte }

// pages reads rows in the order of o, a page at a time, with the values of their custom fields, and hands each to each.
// after gives what the next page starts after.
func pages[Row keyed](ctx context.Context, s *store.Session, q paging[Row], each func(Row) error) error {
	return through(ctx, s, walk[Row]{q.own, Row.key, func(ctx context.Context, s *store.Session, page store.Page) ([]Row, string, error) {
		tail, err := s.PagedSQL(q.order, page)
		if err != nil {
			return nil, "", err
		}
		var rows []Row
		if err := s.Query(ctx, &rows, q.from, q.query+tail.SQL, append(append([]any(nil), q.args...), tail.Args...)...); err != nil || len(rows) < page.Size() {
			return rows, "", err
		}
		return rows, q.after(rows[len(rows)-1]), nil
	}}, each)
}
