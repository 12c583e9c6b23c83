package reports

import (
	"context"
	"io"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/workbook"
)

// list is a list of records as its screen reads it, put into a workbook: narrowed by the same filter, seen by the same
// rights, and with the company's custom fields as the last columns.
type list[Row any] struct {
	// name is that of the sheet and of the report, kind what the records are in the log of changes.
	name, kind string
	// right is that of the list's screen.
	right   actor.Right
	columns []column[Row]
	// read gives a page. With outside the rows are the host's and s is nil: nobody waits for a network inside a transaction.
	read    func(ctx context.Context, s *store.Session, page store.Page) (rows []Row, next string, err error)
	outside bool
	// id is the key by which the records have custom fields; nil where they have none.
	id func(Row) [16]byte
	// sums adds the rows up on a sheet of its own; nil for none.
	sums *summary
}

// column is a column of a list with what stands in it.
type column[Row any] struct {
	workbook.Column
	cell func(Row) workbook.Value
}

// writeList writes a list as a workbook: a cover, the rows, and their sums.
func writeList[Row any](ctx context.Context, r *Reports, w io.Writer, b FigureBook, of func(l locale.Locale) list[Row]) error {
	a, err := actor.From(ctx)
	if err != nil {
		return err
	}
	l := r.localeOf(a, b.Language)
	t := of(l)
	tables := func(l locale.Locale) []table {
		out := []table{coverOf(l, [][2]string{{"filter", b.Filter}, {"made", moment(l, r.db.Now())}}), t.table(l)}
		if t.sums != nil {
			out = append(out, t.sums.table(l, out[1]))
		}
		return out
	}
	for _, right := range []actor.Right{actor.ReportRead, t.right} {
		if err := a.Require(right); err != nil {
			return err
		}
	}
	what := export{title: t.name, kind: t.kind, filter: b.Filter}
	if !t.outside {
		return r.write(ctx, w, Query{Language: b.Language}, what, tables)
	}
	made, err := r.fill(ctx, nil, bookOptions(a, l, what, r.db.Now()), tables(l))
	if err != nil {
		return err
	}
	return r.hand(ctx, w, what, made)
}

// table is the sheet of the rows.
func (t list[Row]) table(l locale.Locale) table {
	var fields *own
	if t.id != nil {
		fields = &own{kind: t.kind, locale: l}
	}
	plain := make([]workbook.Column, len(t.columns))
	for i, c := range t.columns {
		plain[i] = c.Column
	}
	t.sums.begin(plain)
	return table{own: fields, name: texts.T(l.Language, "sheet."+t.name), columns: plain, rows: func(ctx context.Context, s *store.Session, each func(...workbook.Value) error) error {
		cells := make([]workbook.Value, len(plain))
		return through(ctx, s, walk[Row]{fields, t.id, t.read}, func(row Row) error {
			for i, c := range t.columns {
				cells[i] = c.cell(row)
			}
			t.sums.add(cells)
			if fields == nil {
				return each(cells...)
			}
			return each(fields.behind(t.id(row), cells...)...)
		})
	}}
}

// walk says how a list is read page by page.
type walk[Row any] struct {
	own  *own
	id   func(Row) [16]byte
	read func(ctx context.Context, s *store.Session, page store.Page) (rows []Row, next string, err error)
}

// through reads a list a page at a time, with the values of its custom fields, and hands each row to each.
func through[Row any](ctx context.Context, s *store.Session, w walk[Row], each func(Row) error) error {
	page := store.Page{Limit: chunk}
	for {
		rows, next, err := w.read(ctx, s, page)
		if err != nil {
			return err
		}
		if w.own != nil {
			ids := make([][16]byte, len(rows))
			for i, row := range rows {
				ids[i] = w.id(row)
			}
			if err := w.own.load(ctx, s, ids); err != nil {
				return err
			}
		}
		for _, row := range rows {
			if err := each(row); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		if next == page.After {
			return fault.New(fault.Unavailable, "the list does not go on behind %.80q", next)
		}
		page.After = next
	}
}
