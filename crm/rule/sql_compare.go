package rule

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/store"
)

// compare compares a term with another, or with a constant.
func (w *writer) compare(l *term, op Op, r *term) Where {
	if r.isConstant() {
		value := r.at(w.scope.At)
		if l.aggregate != "" && !l.outer {
			return w.aggregated(l, op, value)
		}
		p, ok := w.term(l)
		if !ok {
			return beyond
		}
		return w.constant(p, op, w.byDay(l, value), l.places())
	}
	lp, lok := w.term(l)
	rp, rok := w.term(r)
	if !lok || !rok || l.kind != r.kind || l.places() != r.places() {
		return beyond
	}
	return sql(lp.SQL+" "+sign(op)+" "+rp.SQL, append(lp.Args, rp.Args...)...)
}

func sign(op Op) string {
	switch op {
	case Equal:
		return "="
	case Unequal:
		return "<>"
	}
	return string(op)
}

// constant compares what stands in SQL with a value; places is the scale of a number there.
func (w *writer) constant(p store.Predicate, op Op, value any, places int32) Where {
	one := func(op Op, value any) Where {
		return sql(p.SQL+" "+sign(op)+" ?", append(p.Args[:len(p.Args):len(p.Args)], value)...)
	}
	switch v := value.(type) {
	case decimal.Decimal:
		return number(p, op, v.Shift(places))
	case day:
		begins, ends := w.scope.midnight(v.Date), w.scope.midnight(v.AddDays(1))
		switch op {
		case Less:
			return one(Less, begins)
		case AtLeast:
			return one(AtLeast, begins)
		case AtMost:
			return one(Less, ends)
		case More:
			return one(AtLeast, ends)
		case Equal:
			return joined(" AND ", []Where{one(AtLeast, begins), one(Less, ends)}, always)
		}
		return joined(" OR ", []Where{one(Less, begins), one(AtLeast, ends)}, never)
	}
	return one(op, value)
}

// number compares a whole column with a number that may have a fraction.
func number(p store.Predicate, op Op, v decimal.Decimal) Where {
	bound := v.Floor()
	if !v.IsInteger() {
		switch op {
		case Equal:
			return never
		case Unequal:
			return sql(p.SQL+" IS NOT NULL", p.Args...)
		case Less: // x < 1.5 is x <= 1
			op = AtMost
		case AtLeast: // x >= 1.5 is x > 1
			op = More
		}
	}
	return sql(p.SQL+" "+sign(op)+" ?", append(p.Args[:len(p.Args):len(p.Args)], bound.IntPart())...)
}

// inner is the condition on the rows that an aggregate goes over.
func (w *writer) inner(t *term) (Where, bool) {
	if t.list.Load != nil {
		return beyond, false
	}
	inner := w.cond(t.where, false)
	return inner, inner.Exact
}

// aggregated compares an aggregate with a value by the groups of its list, so that the list is read once. A
// subject without rows is in no group: where it belongs in, those that do not are left out instead.
func (w *writer) aggregated(t *term, op Op, value any) Where {
	inner, ok := w.inner(t)
	if !ok {
		return beyond
	}
	negated := false
	if n, isNumber := value.(decimal.Decimal); isNumber && (t.aggregate == "count" || t.aggregate == "sum") {
		if compare(w.scope.At, op, decimal.Zero, n) == True {
			op, negated = opposite[op], true
		}
		if t.aggregate == "count" && (op == More && n.IsZero() || op == AtLeast && n.Equal(decimal.NewFromInt(1)) || op == Unequal && n.IsZero()) {
			return w.exists(t.list, inner.Predicate, false, negated)
		}
	}
	having := w.constant(aggregate(t), op, w.byDay(t, value), t.places())
	p := w.rows(t.list, t.list.Key, inner.Predicate, false)
	not := ""
	if negated {
		not = "NOT "
	}
	return sql(w.subject.Key+" "+not+"IN ("+p.SQL+" GROUP BY "+t.list.Key+" HAVING "+having.SQL+")", append(p.Args, having.Args...)...)
}

// day marks a date that moments are compared with.
type day struct{ civil.Date }

func (w *writer) byDay(t *term, value any) any {
	if d, ok := value.(civil.Date); ok && t.kind == Moment {
		return day{d}
	}
	return value
}

func aggregate(t *term) store.Predicate {
	switch t.aggregate {
	case "count":
		return store.Predicate{SQL: "COUNT(*)"}
	case "sum":
		return store.Predicate{SQL: "COALESCE(SUM(" + t.of.Column + "), 0)", Args: t.of.Args}
	}
	return store.Predicate{SQL: strings.ToUpper(t.aggregate) + "(" + t.of.Column + ")", Args: t.of.Args}
}

// term is a value in SQL; false for one that SQL cannot give.
func (w *writer) term(t *term) (store.Predicate, bool) {
	switch {
	case t.aggregate != "":
		inner, ok := w.inner(t)
		if !ok || t.list.Own != "" { // its rows are not found by an index from the subject
			return store.Predicate{}, false
		}
		a := aggregate(t)
		p := w.rows(t.list, a.SQL, inner.Predicate, true)
		return store.Predicate{SQL: "(" + p.SQL + ")", Args: append(a.Args[:len(a.Args):len(a.Args)], p.Args...)}, true
	case t.field != nil && t.field.Column == "":
		return store.Predicate{}, false
	case t.field != nil:
		p := store.Predicate{SQL: t.field.Column, Args: t.field.Args[:len(t.field.Args):len(t.field.Args)]}
		if t.field.Shown && w.scope.Dialect == store.MSSQL {
			p.SQL += " COLLATE Latin1_General_100_BIN2"
		}
		return p, true
	case t.call != nil && t.call.part != "" && t.args[0].kind == Date:
		return w.part(t)
	}
	return store.Predicate{}, false
}

// part takes year, month or day of a date, which SQLite keeps as text.
func (w *writer) part(t *term) (store.Predicate, bool) {
	p, ok := w.term(t.args[0])
	if !ok {
		return p, false
	}
	if w.scope.Dialect == store.MSSQL {
		p.SQL = t.call.part + "(" + p.SQL + ")"
		return p, true
	}
	from := map[string]string{"YEAR": "1, 4", "MONTH": "6, 2", "DAY": "9, 2"}[t.call.part]
	p.SQL = "CAST(substr(" + p.SQL + ", " + from + ") AS INTEGER)"
	return p, true
}

// places is the scale of a number's column.
func (t *term) places() int32 {
	switch {
	case t.field != nil:
		return t.field.Places
	case t.of != nil:
		return t.of.Places
	}
	return 0
}
