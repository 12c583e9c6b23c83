package tablehost

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// The statements that write; see sql.go.

// insertRows writes rows that bring their keys, in as few statements as the database takes. All have
// the same columns.
func (w work) insertRows(ctx context.Context, t *table, rows [][]assignment) error {
	// SQL Server takes 2100 parameters and 1000 rows.
	for len(rows) > 0 {
		n := min(len(rows), 500, max(2000/max(len(rows[0])+1, 1), 1))
		s := w.inserting(t, rows[0])
		for i, row := range rows[:n] {
			s.add(between(i, " VALUES ", ", "))
			w.valuesOf(s, t, row)
		}
		if err := w.exec(ctx, s); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// inserting writes INSERT INTO with the columns.
func (w work) inserting(t *table, row []assignment) *script {
	s := w.script(t.path).add("INSERT INTO ", t.name, " (")
	for i, a := range w.complete(t, row) {
		s.add(between(i, "", ", "), a.column.name)
	}
	return s.add(")")
}

// complete adds the company's column.
func (w work) complete(t *table, row []assignment) []assignment {
	if t.company == nil || slices.ContainsFunc(row, func(a assignment) bool { return a.column == t.company }) {
		return row
	}
	return append([]assignment{{column: t.company, value: w.Company}}, row...)
}

func (w work) valuesOf(s *script, t *table, row []assignment) {
	s.add("(")
	for i, a := range w.complete(t, row) {
		if i > 0 {
			s.add(", ")
		}
		s.assigned(a)
	}
	s.add(")")
}

// update changes the rows that where finds, and tells whether there were any.
func (w work) update(ctx context.Context, t *table, set []assignment, where []cond) (found bool, err error) {
	if set, err = w.added(ctx, t, set, where); err != nil {
		return false, err
	}
	s := w.script(t.path).add("UPDATE ", t.name, " SET ")
	for i, a := range set {
		s.add(between(i, "", ", "), a.column.name, " = ")
		if a.add {
			s.add("COALESCE(", a.column.name, ", 0) + ")
		}
		s.assigned(a)
	}
	if !w.where(s, t, where, false) {
		return false, nil
	}
	return w.changed(ctx, s)
}

// added replaces what is to be added to numbers that the database cannot add to: those kept as text. The
// rows have to be one.
func (w work) added(ctx context.Context, t *table, set []assignment, where []cond) ([]assignment, error) {
	text := func(a assignment) bool { return a.add && a.column.storage.Text && w.h.dialect == catalog.SQLite }
	if !slices.ContainsFunc(set, text) {
		return set, nil
	}
	set = slices.Clone(set)
	for i, a := range set {
		if !text(a) {
			continue
		}
		list, err := w.cells(ctx, t, []*column{a.column}, where)
		if err != nil {
			return nil, err
		}
		if len(list) > 1 {
			return nil, fault.New(fault.Invalid, "%s: %d rows of %s are meant, and %s keeps numbers as text, to which only single rows can be added; make where more exact", t.path, len(list), t.Table, a.column.Name)
		}
		sum := numberOf(a.value)
		for _, row := range list {
			sum = sum.Add(numberOf(row[0]))
		}
		set[i] = assignment{column: a.column, value: sum, place: a.place}
	}
	return set, nil
}

// numberOf is a value as a decimal, zero for nothing.
func numberOf(v any) decimal.Decimal {
	switch x := plain(v).(type) {
	case decimal.Decimal:
		return x
	case int64:
		return decimal.NewFromInt(x)
	case string:
		d, err := decimal.NewFromString(x)
		if err == nil {
			return d
		}
	}
	return decimal.Decimal{}
}

// remove deletes the rows that where finds, and tells whether there were any.
func (w work) remove(ctx context.Context, t *table, where []cond) (found bool, err error) {
	s := w.script(t.path).add("DELETE FROM ", t.name)
	if !w.where(s, t, where, false) {
		return false, nil
	}
	return w.changed(ctx, s)
}

// changed sends an UPDATE or DELETE and tells in the same batch whether it found rows: what drivers say of
// rows affected is wrong under NOCOUNT and with triggers.
func (w work) changed(ctx context.Context, s *script) (found bool, err error) {
	if s.dialect == catalog.SQLite {
		s.add(" RETURNING 1 AS ", made)
	} else {
		s.add("; SELECT CASE WHEN @@ROWCOUNT > 0 THEN 1 ELSE 0 END AS ", made)
	}
	err = w.query(ctx, s, shape{1, made}, func(raw []any) error {
		n, _ := raw[0].(int64)
		found = found || n > 0
		return nil
	})
	return found, err
}
