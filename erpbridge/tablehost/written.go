package tablehost

import (
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// A row that was just written is read again where triggers, defaults or types may make something else of it.
// Where the catalogue knows of none that can, it is told from what was written, which saves a conversion
// every fifth statement.

// plainly reports whether a row of the entity is what was written into it: a table of its own, which no
// trigger looks at, and which every new row belongs to.
func (e *entity) plainly() bool {
	return !e.constant && !e.View && len(e.joins) == 0 && len(e.where) == 0 && e.key != nil && !e.triggered()
}

// triggered reports whether something else may happen when rows are written.
func (t *table) triggered() bool {
	return slices.ContainsFunc(t.Triggers, func(tr catalog.Trigger) bool { return !tr.Disabled })
}

// kept gives a row that was just written as reading it would; certain is false where only reading tells.
func (w work) kept(e *entity, row *freshRow) (r record, certain bool) {
	if !e.plainly() {
		return r, false
	}
	raw := make([]any, len(e.selected))
	for i, c := range e.selected {
		a, given := row.assigned(c)
		switch {
		case c == row.company && !given:
			a.value = w.Company
		case c == row.key.column && !given:
			a.value = c.fit(row.made)
		case !given && (c.HasDefault || !c.Writable() || !c.Nullable):
			return r, false
		}
		if raw[i], certain = w.back(a); !certain {
			return r, false
		}
	}
	return record{of: e, key: row.made, raw: raw}, true
}

// assigned is what was written into a column.
func (r *freshRow) assigned(c *column) (a assignment, given bool) {
	for i := range r.values {
		if r.values[i].column == c {
			return r.values[i], true
		}
	}
	return assignment{column: c}, false
}

// back gives a written value as the catalogue reads it again; certain is false for columns that may give
// another one: binary fractions, clocks that round, code pages.
func (w work) back(a assignment) (out any, certain bool) {
	c := a.column
	if a.bound == nil {
		w.check(&a, &fault.List{})
	}
	if a.bound == nil {
		return nil, false
	}
	arg := a.bound.arg
	if arg == nil {
		return nil, true
	}
	mssql := w.h.dialect == catalog.MSSQL
	switch c.Type.Family {
	case catalog.Text:
		s, _ := arg.(string)
		certain = s == strings.TrimRight(s, " ") && (!mssql || c.Type.Name == "nvarchar" || c.Type.Name == "nchar")
	case catalog.Decimal:
		certain = !mssql || c.Type.Name == "decimal" || c.Type.Name == "numeric"
	case catalog.Integer, catalog.Bool, catalog.Date:
		certain = true
	case catalog.DateTime:
		certain = !mssql
	}
	if !certain {
		return nil, false
	}
	out, err := c.Value(w.h.dialect, arg, c.storage)
	if err != nil {
		return nil, false
	}
	if d, ok := out.(decimal.Decimal); ok && mssql && c.Type.Family == catalog.Decimal {
		out, err = decimal.NewFromString(d.StringFixed(int32(c.Type.Scale))) // all the declared digits are read
	}
	return out, err == nil
}

// unread gives a document that was just written as opening it would, nil where only reading tells.
func (k *desk) unread(ctx context.Context, s *sheet) (*file, error) {
	d, l := s.of, s.of.lines
	switch {
	case d.of != nil, d.kind == erpbridge.CreditNote, d.spec.Totals == totalsHost, len(s.trail)+len(d.after)+len(l.after) > 0:
		return nil, nil
	case d.taxes != nil && d.taxes.triggered(), l.row == nil, l.row.Type.Family != catalog.Integer, l.spec.RowStep < 0:
		return nil, nil // the order of the lines is that of the row numbers
	}
	r, certain := k.kept(d.head, s.row)
	if !certain {
		return nil, nil
	}
	rows := make([]record, len(s.rows))
	for i, values := range s.rows {
		if rows[i], certain = k.kept(l.entity, &freshRow{table: l.table, key: l.key, values: values, made: s.Lines[i].Key}); !certain {
			return nil, nil
		}
	}
	if err := k.interpret(ctx, &r); err != nil {
		return nil, err
	}
	f := d.headerOf(r)
	for i := range rows {
		if err := k.interpret(ctx, &rows[i]); err != nil {
			return nil, err
		}
		if err := f.addLine(d, rows[i]); err != nil {
			return nil, err
		}
	}
	list := []*file{f}
	if err := k.completeLines(ctx, d, list); err != nil {
		return nil, err
	}
	return f, k.complete(ctx, d, list)
}
