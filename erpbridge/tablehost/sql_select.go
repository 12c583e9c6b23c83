package tablehost

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// The statements that read; see sql.go.

// read gives the rows that answer a question, of the session's company.
func (w work) read(ctx context.Context, q question) ([]record, error) {
	var list []record
	err := w.each(ctx, q, func(raw []any) error {
		list = append(list, record{of: q.of, raw: slices.Clone(raw)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := w.interpret(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// one gives the first row that answers.
func (w work) one(ctx context.Context, q question) (r record, found bool, err error) {
	q.limit = 1
	list, err := w.read(ctx, q)
	if err != nil || len(list) == 0 {
		return record{}, false, err
	}
	return list[0], true, nil
}

// each streams the selected columns of the rows that answer, as the catalogue reads them. take must not
// keep raw, nor send a statement.
func (w work) each(ctx context.Context, q question, take func(raw []any) error) error {
	if q.of.settled {
		if err := w.settle(ctx); err != nil {
			return err
		}
	}
	if q.of.constant {
		return take(nil)
	}
	s := w.script(q.of.path)
	ok, err := w.selecting(ctx, s, q)
	if err != nil || !ok {
		return err
	}
	return w.query(ctx, s, shape{n: max(len(q.of.selected), 1)}, func(raw []any) error {
		if err := w.values(q.of.selected, raw); err != nil {
			return about(q.of.path, err)
		}
		return take(raw)
	})
}

// values turns what the driver gave into values of the columns, in place.
func (w work) values(columns []*column, raw []any) error {
	for i, c := range columns {
		v, err := c.Value(w.h.dialect, raw[i], c.storage)
		if err != nil {
			return err
		}
		raw[i] = v
	}
	return nil
}

// selecting writes a SELECT; ok is false where no row can answer.
func (w work) selecting(ctx context.Context, s *script, q question) (ok bool, err error) {
	s.add("SELECT ")
	if q.limit > 0 && s.dialect == catalog.MSSQL {
		s.add("TOP (", strconv.Itoa(q.limit), ") ")
	}
	s.add(cmp.Or(q.of.selects, "1"))
	if ok, err = w.fromWhere(ctx, s, q); !ok {
		return false, err
	}
	s.ends(q)
	return true, nil
}

// ends writes ORDER BY and, on SQLite, the limit; SQL Server's TOP stands at the beginning.
func (s *script) ends(q question) *script {
	for i, o := range q.order {
		s.add(between(i, " ORDER BY ", ", "), o.column.qualified)
		if o.down {
			s.add(" DESC")
		}
	}
	if q.limit > 0 && s.dialect == catalog.SQLite {
		s.add(" LIMIT ", strconv.Itoa(q.limit))
	}
	return s
}

// take adds another script with its parameters.
func (s *script) take(other *script) {
	s.add(other.String())
	s.args, s.columns = append(s.args, other.args...), append(s.columns, other.columns...)
	s.err = errors.Join(s.err, other.err)
}

// between is what stands before the element i of a list.
func between(i int, first, later string) string {
	if i == 0 {
		return first
	}
	return later
}

var joinWords = map[bool]string{true: " JOIN ", false: " LEFT JOIN "}

// fromWhere writes FROM, the joins and the conditions: those of the question, of the entity, and the
// company.
func (w work) fromWhere(ctx context.Context, s *script, q question) (ok bool, err error) {
	s.add(" FROM ", q.of.name, " AS t")
	for _, j := range q.of.joins {
		conds, err := w.conds(ctx, j.where, nil)
		if err != nil {
			return false, err
		}
		s.add(joinWords[j.required], j.name, " AS ", j.alias, " ON ")
		for i, on := range j.on {
			s.add(between(i, "", " AND "), on[0].qualified, " = ", on[1].qualified)
		}
		if j.company != nil {
			s.add(" AND ", j.company.qualified, " = ").bind(j.company, w.Company)
		}
		for _, c := range conds {
			s.add(" AND ")
			if !c.write(s, true) {
				s.add("1 = 0")
			}
		}
	}
	conds, err := w.conds(ctx, q.of.where, nil)
	if err != nil {
		return false, err
	}
	return w.where(s, q.of.table, append(conds, q.where...), true), nil
}

// where writes the conditions with that of the company; ok is false where no row can meet them.
func (w work) where(s *script, t *table, conds []cond, aliased bool) (ok bool) {
	if !w.ours() {
		return false
	}
	if t.company != nil {
		conds = append([]cond{{column: t.company, value: w.Company}}, conds...)
	}
	for i, c := range conds {
		s.add(between(i, " WHERE ", " AND "))
		if !c.write(s, aliased) {
			return false
		}
	}
	return true
}

// write writes a condition; ok is false where nothing meets it, because the column cannot hold the value.
func (c cond) write(s *script, aliased bool) (ok bool) {
	if c.or != nil || c.and != nil {
		return c.join(s, aliased)
	}
	name := c.column.name
	if aliased {
		name = c.column.qualified
	}
	op := c.op
	if op == "" {
		op = "="
	}
	if isNone(c.value) {
		switch op {
		case "=":
			op = "null"
		case "<>":
			op = "not null"
		}
	}
	switch op {
	case "null":
		s.add(name, " IS NULL")
		return true
	case "not null":
		s.add(name, " IS NOT NULL")
		return true
	case "in":
		return c.in(s, name)
	case "like":
		if c.column.Type.Family != catalog.Text {
			name = "CAST(" + name + " AS " + map[catalog.Dialect]string{catalog.MSSQL: "nvarchar(60)", catalog.SQLite: "TEXT"}[s.dialect] + ")"
		}
		s.add(name, " LIKE ").param("?", c.value, c.column).add(" ESCAPE '~'")
		return true
	}
	value := c.fitting(c.value)
	empty := value == nil // an empty text for a column that takes NULL
	if empty {
		value = ""
	}
	text, arg, err := c.column.Bind(s.dialect, value, c.column.storage)
	switch {
	case err != nil && empty && op == "=":
		s.add(name, " IS NULL") // no text can stand there
		return true
	case err != nil:
		return false
	case empty && op == "=":
		s.add("(", name, " IS NULL OR ", name, " = ").param(text, arg, c.column).add(")")
		return true
	}
	s.add(name, " ", op, " ").param(text, arg, c.column)
	return true
}

// fitting brings a value to the column's kind where that is possible.
func (c cond) fitting(v any) any { return c.column.fit(v) }

// in writes an IN of the values that the column can hold.
func (c cond) in(s *script, name string) (ok bool) {
	for _, v := range c.values {
		text, arg, err := c.column.Bind(s.dialect, c.fitting(v), c.column.storage)
		if err != nil {
			continue
		}
		if !ok {
			s.add(name, " IN (")
		} else {
			s.add(", ")
		}
		ok = true
		s.param(text, arg, c.column)
	}
	if ok {
		s.add(")")
	}
	return ok
}

// join writes alternatives, or conditions that all have to be met.
func (c cond) join(s *script, aliased bool) (ok bool) {
	parts, word := c.or, " OR "
	if c.and != nil {
		parts, word = c.and, " AND "
	}
	s.add("(")
	for _, p := range parts {
		inner := &script{dialect: s.dialect}
		if !p.write(inner, aliased) {
			if c.and != nil {
				return false
			}
			continue
		}
		if ok {
			s.add(word)
		}
		ok = true
		s.take(inner)
	}
	s.add(")")
	return ok
}

// ours reports whether the session's company is one of this host's.
func (w work) ours() bool {
	key := w.h.mapping.Company.Key
	return key == "" || key == w.Company
}

// count counts the rows of a table.
func (w work) count(ctx context.Context, t *table, where []cond) (n int64, err error) {
	s := w.script(t.path).add("SELECT COUNT(*) FROM ", t.name)
	if !w.where(s, t, where, false) {
		return 0, nil
	}
	err = w.query(ctx, s, shape{n: 1}, func(raw []any) error {
		n, _ = raw[0].(int64)
		return nil
	})
	return n, err
}

// cells are columns of one table.
type cells struct {
	*table
	columns []*column
	where   []cond
}

// cells reads columns of one table.
func (w work) cells(ctx context.Context, t *table, columns []*column, where []cond) (list [][]any, err error) {
	err = w.cellsEach(ctx, cells{t, columns, where}, func(raw []any) { list = append(list, slices.Clone(raw)) })
	return list, err
}

// cellsEach streams columns of one table; take must not keep raw, nor send a statement.
func (w work) cellsEach(ctx context.Context, c cells, take func(raw []any)) error {
	s := w.script(c.path).add("SELECT ")
	for i, col := range c.columns {
		s.add(between(i, "", ", "), col.Select("t"))
	}
	s.add(" FROM ", c.name, " AS t")
	if !w.where(s, c.table, c.where, true) {
		return nil
	}
	return w.query(ctx, s, shape{n: len(c.columns)}, func(raw []any) error {
		if err := w.values(c.columns, raw); err != nil {
			return about(c.path, err)
		}
		take(raw)
		return nil
	})
}
