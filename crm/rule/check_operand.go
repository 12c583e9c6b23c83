package rule

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

func (c *checker) term(o *Operand, depth int) *term {
	if c.nodes++; depth > maxDepth+2 || c.nodes > 2*MaxNodes {
		c.refuse(o.at, "rule.limit", "the condition is nested too deep or too long; make it shorter")
		return &term{}
	}
	given := 0
	for _, has := range []bool{o.Field != "", o.Text != nil, o.Number != "", o.Call != ""} {
		if has {
			given++
		}
	}
	switch {
	case given != 1:
		if len(c.faults) == 0 { // else the parser has said why
			c.refuse(o.at, "rule.shape", "a value is exactly one of field, text, number and call")
		}
		return &term{}
	case o.Text != nil:
		return c.text(o)
	case o.Number != "":
		return c.number(o)
	case o.Field != "":
		return c.field(o)
	case o.Call == "count" || o.Call == "sum" || o.Call == "min" || o.Call == "max":
		return c.aggregate(o, depth)
	}
	return c.function(o, depth)
}

func (c *checker) text(o *Operand) *term {
	text := *o.Text
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' || r == utf8.RuneError
	}):
		c.refuse(o.at, "text.form", "the text holds characters that are none; remove them")
	case utf8.RuneCountInString(text) > 400:
		c.refuse(o.at, "rule.limit", "the text has more than 400 characters")
	}
	return &term{kind: Text, constant: text}
}

// maxDigits bounds numbers, so that they fit any column when scaled.
const maxDigits = 12

func (c *checker) number(o *Operand) *term {
	d, err := decimal.NewFromString(o.Number)
	if err == nil && (len(o.Number) > 40 || d.Exponent() < -8 || d.Exponent() > maxDigits || d.Abs().GreaterThanOrEqual(decimal.New(1, maxDigits))) {
		err = fmt.Errorf("out of bounds")
	}
	if err != nil {
		c.refuse(o.at, "number.form", "%.40q is no number with at most %d digits before and 8 after the point", o.Number, maxDigits)
		return &term{}
	}
	o.Number = d.String()
	return &term{kind: Number, constant: d}
}

func (c *checker) field(o *Operand) *term {
	name, inRow := strings.CutPrefix(o.Field, ".")
	if inRow {
		switch {
		case c.row == nil:
			c.refuse(o.at, "rule.name", "%s stands only inside any, all, none, count, sum, min and max of a list", o.Field)
			return &term{}
		case c.row.fields[name] == nil:
			c.refuse(o.at, "rule.unknown", "%s have no field %.60q%s", c.row.Name, name, suggest(fieldNames(c.row.fields), name))
			return &term{}
		}
		f := c.row.fields[name]
		c.uses.list(c.row.Name)[name] = f
		return &term{kind: f.Kind, field: f}
	}
	f := c.env.fields[o.Field]
	if f == nil {
		c.unknown(o)
		return &term{}
	}
	if c.row != nil {
		c.outer = true
	}
	if f.is == nil {
		c.uses.fields[o.Field] = f
		return &term{kind: f.Kind, field: f}
	}
	if c.row != nil {
		c.refuse(o.at, "rule.list", "%s is itself found in a list, and cannot be asked inside another", o.Field)
		return &term{}
	}
	f.is.use(c.uses)
	if f.is.term != nil {
		return f.is.term
	}
	return &term{kind: YesNo, field: f}
}

func (c *checker) unknown(o *Operand) {
	if l := c.env.byList[strings.Split(o.Field, ".")[0]]; l != nil {
		c.refuse(o.at, "rule.unknown", "%s are many; ask any(%s, .%s ...)", l.Name, l.Name, strings.TrimPrefix(strings.TrimPrefix(o.Field, l.Name), "."))
		return
	}
	if c.row != nil && c.row.fields[o.Field] != nil {
		c.refuse(o.at, "rule.unknown", "there is no %q; did you mean .%s?", o.Field, o.Field)
		return
	}
	all := fieldNames(c.env.fields)
	for _, path := range all {
		if strings.HasSuffix(path, "."+o.Field) {
			c.refuse(o.at, "rule.unknown", "there is no %q; did you mean %s?", o.Field, path)
			return
		}
	}
	c.refuse(o.at, "rule.unknown", "there is no %.60q%s", o.Field, suggest(all, o.Field))
}

func (c *checker) aggregate(o *Operand, depth int) *term {
	out := &term{kind: Number, aggregate: o.Call}
	out.list, out.where, out.outer = c.rows(o.List, o.Where, o.at, depth)
	if o.Call == "count" {
		if o.Of != "" {
			c.refuse(o.at, "rule.shape", "count counts rows, not a field")
		}
		return out
	}
	if out.list == nil {
		return out
	}
	name := strings.TrimPrefix(o.Of, ".")
	f := out.list.fields[name]
	switch {
	case f == nil || !strings.HasPrefix(o.Of, "."):
		c.refuse(o.at, "rule.unknown", "%s of a field of %s is asked for%s", o.Call, out.list.Name, suggest(fieldNames(out.list.fields), name))
	case f.Kind == Text || f.Kind == YesNo || o.Call == "sum" && f.Kind != Number:
		c.refuse(o.at, "rule.kind", "there is no %s of a %s", o.Call, f.Kind)
	default:
		c.uses.list(out.list.Name)[name] = f
		out.of, out.kind = f, f.Kind
	}
	return out
}
