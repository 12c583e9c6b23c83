package rule

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// Truth is what a condition gives for a record.
type Truth int8

// The truths, as SQL has them.
const (
	False   Truth = -1
	Unknown Truth = 0
	True    Truth = 1
)

func truth(b bool) Truth {
	if b {
		return True
	}
	return False
}

// MaxSteps is how much a condition may look at in one record: each operator and value that is asked is a step, in each row of a
// list anew, a value of an in one, too, and a text one more for each 64 bytes. It takes well under a second.
const MaxSteps = 2_000_000

// Truth evaluates the condition over the values of a record. A value that is missing there is none; one of
// another kind than declared is an error.
//
// It always comes to an end, and soon: the language has no loops, no list is asked inside another, patterns take time in
// proportion to the text, a condition has at most [MaxNodes] parts, and after [MaxSteps] it is stopped with a fault.Limit. That
// holds wherever conditions are run: when a lead is captured and routed, when it is scored, in workflows and in trials, which
// stop besides when many records together take long ([Patience]).
func (c *Condition) Truth(a At, v Values) (t Truth, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case kindError:
			t, err = Unknown, r
		case stopped:
			t, err = Unknown, fault.New(fault.Limit, "the condition has looked at %d values of one record and was stopped; have it ask for less", MaxSteps)
		default:
			panic(r)
		}
	}()
	steps := 0
	return (&evaluation{at: a, subject: v, steps: &steps}).cond(c.root), nil
}

// stopped ends an evaluation that has done too much.
type stopped struct{}

// spend counts work.
func (e *evaluation) spend(n int) {
	if *e.steps += n; *e.steps > MaxSteps {
		panic(stopped{})
	}
}

// Holds reports whether the condition is true for a record.
func (c *Condition) Holds(a At, v Values) (bool, error) {
	t, err := c.Truth(a, v)
	return t == True, err
}

// kindError is a value of a kind that was not declared.
type kindError struct {
	path string
	want Kind
	got  any
}

func (e kindError) Error() string {
	return fmt.Sprintf("rule: %s is a %s, and %T came", e.path, e.want, e.got)
}

// evaluation walks a condition over one record; row is the row of a list inside.
type evaluation struct {
	at      At
	subject Values
	row     Values
	steps   *int
}

func (e *evaluation) cond(c *cond) Truth {
	e.spend(1)
	switch c.op {
	case And, Or:
		out, stop := True, False
		if c.op == Or {
			out, stop = False, True
		}
		for _, p := range c.parts {
			switch e.cond(p) {
			case stop:
				return stop
			case Unknown:
				out = Unknown
			}
		}
		return out
	case Not:
		return -e.cond(c.parts[0])
	case Any, All, None:
		return e.quantified(c)
	case Yes:
		if v := e.term(c.left); v != nil {
			return truth(v.(bool))
		}
		return Unknown
	case Empty:
		v := e.term(c.left)
		return truth(v == nil || v == "")
	case In:
		return e.in(c)
	case Contains, StartsWith, EndsWith, MatchesText:
		return e.text(c)
	}
	return compare(e.at, c.op, e.term(c.left), e.term(c.right))
}

func (e *evaluation) rows(l *list) []Values {
	rows, ok := e.subject[l.Name].([]Values)
	if !ok && e.subject[l.Name] != nil {
		panic(kindError{path: l.Name, want: "list", got: e.subject[l.Name]})
	}
	return rows
}

func (e *evaluation) quantified(c *cond) Truth {
	inner := evaluation{at: e.at, subject: e.subject, steps: e.steps}
	for _, row := range e.rows(c.list) {
		inner.row = row
		if holds := inner.cond(c.where) == True; holds == (c.op != All) {
			return truth(c.op == Any)
		}
	}
	return truth(c.op != Any)
}

func (e *evaluation) in(c *cond) Truth {
	v := e.term(c.left)
	if v == nil {
		return Unknown
	}
	e.spend(len(c.values))
	return truth(slices.ContainsFunc(c.values, func(t *term) bool { return compare(e.at, Equal, v, t.constant) == True }))
}

func (e *evaluation) text(c *cond) Truth {
	text, ok := e.term(c.left).(string)
	if !ok {
		return Unknown
	}
	e.spend(len(text) / 64)
	part := c.right.constant.(string)
	switch c.op {
	case Contains:
		return truth(strings.Contains(text, part))
	case StartsWith:
		return truth(strings.HasPrefix(text, part))
	case EndsWith:
		return truth(strings.HasSuffix(text, part))
	}
	return truth(c.pattern.MatchString(text))
}

func (e *evaluation) term(t *term) any {
	e.spend(1)
	switch {
	case t.isConstant():
		return t.at(e.at)
	case t.field != nil && t.field.list != nil:
		return canonical(e.row[t.field.Name], t.field)
	case t.field != nil:
		return canonical(e.subject[t.field.path], t.field)
	case t.call != nil:
		v := e.term(t.args[0])
		switch {
		case v == nil:
			return nil
		case t.call.of != nil:
			return t.call.of(v)
		}
		return t.call.ofAt(e.at, v)
	}
	return e.aggregate(t)
}

func (e *evaluation) aggregate(t *term) any {
	inner := evaluation{at: e.at, subject: e.subject, steps: e.steps}
	n, sum := int64(0), decimal.Zero
	var best any
	for _, row := range e.rows(t.list) {
		inner.row = row
		if inner.cond(t.where) != True {
			continue
		}
		n++
		if t.of == nil {
			continue
		}
		v := canonical(row[t.of.Name], t.of)
		switch {
		case v == nil:
		case t.aggregate == "sum":
			sum = sum.Add(v.(decimal.Decimal))
		case best == nil, t.aggregate == "max" && compare(e.at, More, v, best) == True, t.aggregate == "min" && compare(e.at, Less, v, best) == True:
			best = v
		}
	}
	switch t.aggregate {
	case "count":
		return decimal.NewFromInt(n)
	case "sum":
		return sum
	}
	return best
}

// compare compares two values of one kind; a moment with a day by its day.
func compare(a At, op Op, l, r any) Truth {
	if l == nil || r == nil {
		return Unknown
	}
	var order int
	switch x := l.(type) {
	case string:
		order = strings.Compare(x, r.(string))
	case decimal.Decimal:
		order = x.Cmp(r.(decimal.Decimal))
	case civil.Date:
		order = x.Compare(a.date(r))
	case time.Time:
		if d, ok := r.(civil.Date); ok {
			order = a.date(x).Compare(d)
		} else {
			order = x.Compare(r.(time.Time))
		}
	}
	switch op {
	case Equal:
		return truth(order == 0)
	case Unequal:
		return truth(order != 0)
	case Less:
		return truth(order < 0)
	case AtMost:
		return truth(order <= 0)
	case More:
		return truth(order > 0)
	}
	return truth(order >= 0)
}

func (a At) date(v any) civil.Date {
	if t, ok := v.(time.Time); ok {
		return civil.In(t, a.zone())
	}
	return v.(civil.Date)
}

// canonical brings a value from outside to the one Go type of its kind; what means "none" becomes nil.
func canonical(v any, f *field) any {
	switch x := v.(type) {
	case nil:
		return nil
	case string:
		if f.Kind == Text {
			return x
		}
	case bool:
		if f.Kind == YesNo {
			return x
		}
	case decimal.Decimal:
		if f.Kind == Number {
			return x
		}
	case civil.Date:
		switch {
		case x.IsZero():
			return nil
		case f.Kind == Date:
			return x
		}
	case time.Time:
		switch {
		case x.IsZero():
			return nil
		case f.Kind == Moment:
			return x.UTC().Truncate(time.Millisecond)
		}
	default:
		if n, ok := numeric(v); ok && f.Kind == Number {
			return n
		}
		if r := reflect.ValueOf(v); r.Kind() == reflect.String && f.Kind == Text {
			return r.String()
		}
	}
	panic(kindError{path: f.path, want: f.Kind, got: v})
}

func numeric(v any) (decimal.Decimal, bool) {
	switch x := v.(type) {
	case int64:
		return decimal.NewFromInt(x), true
	case int:
		return decimal.NewFromInt(int64(x)), true
	case money.Amount:
		return x.Decimal, true
	case money.Quantity:
		return x.Decimal, true
	case money.Percent:
		return x.Decimal, true
	case money.Rate:
		return x.Decimal, true
	}
	if r := reflect.ValueOf(v); r.CanInt() {
		return decimal.NewFromInt(r.Int()), true
	}
	return decimal.Zero, false
}
