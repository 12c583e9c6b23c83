package rule

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/store"
)

// Scope is for whom a condition becomes SQL, and when.
type Scope struct {
	At
	Dialect store.Dialect
	// Companies are those whose rows of lists count, at least one. Those of the subject are held by {scope}.
	Companies []string
}

// ScopeOf is the scope of a session; at gives its zone.
func ScopeOf(s *store.Session, at At) Scope {
	return Scope{At: at, Dialect: s.Dialect(), Companies: append([]string{s.Actor.Company}, s.Actor.Group...)}
}

// Where is a condition in SQL.
type Where struct {
	store.Predicate
	// Exact says that the predicate is true for just the records for which the condition is. Else it is true
	// for more of them, and [Condition.Pick] has to look at each.
	Exact bool
}

// SQL translates the condition to a predicate on the subject's row, in parentheses where it needs them. Values
// travel as parameters. It is made for statements that look for what is true: elsewhere (behind NOT) a
// predicate may be false where the condition is unknown.
func (c *Condition) SQL(sc Scope) Where {
	w := &writer{scope: sc, subject: c.env.subject}
	return w.cond(c.root, false)
}

// writer translates. Negations are carried down to the comparisons, where they change the operator (not a < b
// is a >= b, and both are unknown together). So no predicate stands behind NOT but those that are never
// unknown, and each needs to be true only where it should.
type writer struct {
	scope   Scope
	subject Subject
}

var (
	always = Where{store.Predicate{SQL: "1 = 1"}, true}
	never  = Where{store.Predicate{SQL: "1 = 0"}, true}
	// beyond stands for what SQL cannot tell: it is true, so that too much is found.
	beyond = Where{store.Predicate{SQL: "1 = 1"}, false}
)

func sql(text string, args ...any) Where { return Where{store.Predicate{SQL: text, Args: args}, true} }

func (w *writer) cond(c *cond, negated bool) Where {
	switch c.op {
	case And, Or:
		return w.join(c, (c.op == And) != negated, negated)
	case Not:
		return w.cond(c.parts[0], !negated)
	case Any:
		return w.quantified(c, negated)
	case None:
		return w.quantified(c, !negated)
	case All:
		return w.all(c, negated)
	case Yes:
		return w.yes(c, negated)
	case Empty:
		return w.empty(c.left, negated)
	case In:
		return w.in(c, negated)
	case Contains, StartsWith, EndsWith:
		return w.text(c, negated)
	case MatchesText:
		return beyond
	}
	op := c.op
	if negated {
		op = opposite[op]
	}
	return w.compare(c.left, op, c.right)
}

var opposite = map[Op]Op{Equal: Unequal, Unequal: Equal, Less: AtLeast, AtLeast: Less, More: AtMost, AtMost: More}

func (w *writer) join(c *cond, and, negated bool) Where {
	parts := make([]Where, len(c.parts))
	for i, p := range c.parts {
		parts[i] = w.cond(p, negated)
	}
	if and {
		return joined(" AND ", parts, always)
	}
	return joined(" OR ", parts, never)
}

func joined(by string, parts []Where, none Where) Where {
	parts = slices.DeleteFunc(parts, func(p Where) bool { return p.Exact && p.SQL == none.SQL })
	switch len(parts) {
	case 0:
		return none
	case 1:
		return parts[0]
	}
	out := Where{Exact: true}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = p.SQL
		out.Args = append(out.Args, p.Args...)
		out.Exact = out.Exact && p.Exact
	}
	out.SQL = "(" + strings.Join(texts, by) + ")"
	return out
}

// rows is the sub-select of the rows of a list for which inner holds, giving selected. Tied to the subject's
// row it is read for each; alone it is read once, from whichever index inner has.
func (w *writer) rows(l *list, selected string, inner store.Predicate, tied bool) store.Predicate {
	var out store.Predicate
	var b strings.Builder
	b.WriteString("SELECT " + selected + " FROM " + l.From + " WHERE ")
	link := ""
	if l.Company != "" {
		b.WriteString(l.Company)
		if len(w.scope.Companies) == 1 {
			b.WriteString(" = ?")
		} else {
			b.WriteString(" IN (" + store.In(len(w.scope.Companies)) + ")")
		}
		for _, c := range w.scope.Companies {
			out.Args = append(out.Args, c)
		}
		link = " AND "
	}
	if tied {
		b.WriteString(link + l.Key + " = " + w.subject.Key)
		link = " AND "
	}
	if l.Where != "" {
		b.WriteString(link + l.Where)
		out.Args = append(out.Args, l.Args...)
		link = " AND "
	}
	if inner.SQL != always.SQL || link == "" {
		b.WriteString(link + inner.SQL)
		out.Args = append(out.Args, inner.Args...)
	}
	out.SQL = b.String()
	return out
}

// exists asks whether rows are there. A sub-select that does not look at the subject is written with IN: it is
// read once, by its own index, and leads to the subjects; EXISTS would be asked of each of them.
func (w *writer) exists(l *list, inner store.Predicate, outer, negated bool) Where {
	not := ""
	if negated {
		not = "NOT "
	}
	if outer {
		p := w.rows(l, "1", inner, true)
		return sql(not+"EXISTS ("+p.SQL+")", p.Args...)
	}
	p := w.rows(l, l.Key, inner, false)
	return sql(w.subject.Key+" "+not+"IN ("+p.SQL+")", p.Args...)
}

func (w *writer) quantified(c *cond, negated bool) Where {
	if c.list.Load != nil || c.outer && c.list.Own != "" {
		return beyond
	}
	inner := w.cond(c.where, false)
	if !inner.Exact && negated {
		return beyond
	}
	out := w.exists(c.list, inner.Predicate, c.outer, negated)
	out.Exact = inner.Exact
	return out
}

// all asks that no row is there for which the condition is not true, be it false or unknown.
func (w *writer) all(c *cond, negated bool) Where {
	if c.list.Load != nil || c.outer && c.list.Own != "" {
		return beyond
	}
	inner := w.cond(c.where, false)
	if !inner.Exact && negated {
		return beyond
	}
	inner.SQL = "CASE WHEN " + inner.SQL + " THEN 1 ELSE 0 END = 0"
	out := w.exists(c.list, inner.Predicate, c.outer, !negated)
	out.Exact = inner.Exact
	return out
}

func (w *writer) yes(c *cond, negated bool) Where {
	t, ok := w.term(c.left)
	switch {
	case !ok:
		return beyond
	case negated:
		return sql(t.SQL+" = 0", t.Args...)
	}
	return sql(t.SQL+" = 1", t.Args...)
}

func (w *writer) empty(t *term, negated bool) Where {
	if t.aggregate != "" && !t.outer { // min and max of no row with a value
		inner, ok := w.inner(t)
		if !ok {
			return beyond
		}
		filled := joined(" AND ", []Where{inner, sql(t.of.Column+" IS NOT NULL", t.of.Args...)}, always)
		return w.exists(t.list, filled.Predicate, false, !negated)
	}
	p, ok := w.term(t)
	if !ok {
		return beyond
	}
	twice := append(append([]any(nil), p.Args...), p.Args...)
	switch {
	case t.kind == Text && negated:
		return sql("("+p.SQL+" IS NOT NULL AND "+p.SQL+" <> '')", twice...)
	case t.kind == Text:
		return sql("("+p.SQL+" IS NULL OR "+p.SQL+" = '')", twice...)
	case negated:
		return sql(p.SQL+" IS NOT NULL", p.Args...)
	}
	return sql(p.SQL+" IS NULL", p.Args...)
}

func (w *writer) in(c *cond, negated bool) Where {
	p, ok := w.term(c.left)
	if !ok {
		return beyond
	}
	args := append([]any(nil), p.Args...)
	n := 0
	for _, v := range c.values {
		arg := v.constant
		if d, number := arg.(decimal.Decimal); number {
			scaled := d.Shift(c.left.places())
			if !scaled.IsInteger() {
				continue // no value of the column is that
			}
			arg = scaled.IntPart()
		}
		args = append(args, arg)
		n++
	}
	switch {
	case n > 0 && negated:
		return sql(p.SQL+" NOT IN ("+store.In(n)+")", args...)
	case n > 0:
		return sql(p.SQL+" IN ("+store.In(n)+")", args...)
	case negated:
		return sql(p.SQL+" IS NOT NULL", args...)
	}
	return never
}

// text asks for a part of a text. SQL Server has LIKE, which sees a blank at the end; SQLite's LIKE ignores
// case, so there it is a range of the index, or a function.
func (w *writer) text(c *cond, negated bool) Where {
	p, ok := w.term(c.left)
	if !ok {
		return beyond
	}
	part := c.right.constant.(string)
	var out Where
	switch {
	case w.scope.Dialect == store.MSSQL:
		pattern := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `[`, `\[`).Replace(part)
		if c.op != StartsWith {
			pattern = "%" + pattern
		}
		if c.op != EndsWith {
			pattern += "%"
		}
		out = sql(p.SQL+` LIKE ? ESCAPE '\'`, append(p.Args, pattern)...)
	case c.op == Contains:
		out = sql("instr("+p.SQL+", ?) > 0", append(p.Args, part)...)
	case c.op == EndsWith:
		out = sql("substr("+p.SQL+", -length(?)) = ?", append(p.Args, part, part)...)
	default:
		out = startsWith(p, part)
	}
	if negated {
		out.SQL = "NOT (" + out.SQL + ")"
	}
	return out
}

// startsWith is the range of texts from the part to the next text that does not begin with it.
func startsWith(p store.Predicate, part string) Where {
	runes := []rune(part)
	last := len(runes) - 1
	if r := runes[last] + 1; r < 0xD800 || r > 0xE000 && r < 0x10FFFF {
		next := string(runes[:last]) + string(r)
		return sql("("+p.SQL+" >= ? AND "+p.SQL+" < ?)", append(append(append([]any(nil), p.Args...), part), append(p.Args, next)...)...)
	}
	return sql("substr("+p.SQL+", 1, length(?)) = ?", append(p.Args, part, part)...)
}
