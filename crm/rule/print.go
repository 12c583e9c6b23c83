package rule

import (
	"strconv"
	"strings"
)

// String writes the tree as an expression.
func (n Node) String() string {
	var b strings.Builder
	n.print(&b, false)
	return b.String()
}

// print writes the node, in parentheses where it is a part that needs them.
func (n Node) print(b *strings.Builder, part bool) {
	switch n.Op {
	case And, Or:
		if len(n.Nodes) == 0 {
			b.WriteString(strconv.FormatBool(n.Op == And))
			return
		}
		if part && len(n.Nodes) > 1 {
			b.WriteByte('(')
			defer b.WriteByte(')')
		}
		for i, p := range n.Nodes {
			if i > 0 {
				b.WriteString(" " + string(n.Op) + " ")
			}
			p.print(b, true)
		}
	case Not:
		n.printNot(b)
	case Any, All, None:
		b.WriteString(string(n.Op) + "(" + n.List + ", ")
		if n.Where == nil {
			b.WriteString("true")
		} else {
			n.Where.print(b, false)
		}
		b.WriteByte(')')
	case Yes:
		n.Left.print(b)
	case Empty:
		n.Left.print(b)
		b.WriteString(" == nil")
	case In:
		n.Left.print(b)
		b.WriteString(" in ")
		printValues(b, n.Values)
	default:
		n.Left.print(b)
		b.WriteString(" " + string(n.Op) + " ")
		n.Right.print(b)
	}
}

func (n Node) printNot(b *strings.Builder) {
	if len(n.Nodes) != 1 {
		b.WriteString("not true")
		return
	}
	switch inner := n.Nodes[0]; inner.Op {
	case Empty:
		inner.Left.print(b)
		b.WriteString(" != nil")
	case In:
		inner.Left.print(b)
		b.WriteString(" not in ")
		printValues(b, inner.Values)
	case Any, All, None, Yes, And, Or:
		b.WriteString("not ")
		inner.print(b, true)
	default:
		b.WriteString("not (")
		inner.print(b, false)
		b.WriteByte(')')
	}
}

func printValues(b *strings.Builder, values []Operand) {
	b.WriteByte('[')
	for i := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		values[i].print(b)
	}
	b.WriteByte(']')
}

func (o *Operand) print(b *strings.Builder) {
	switch {
	case o == nil:
		b.WriteString("nil")
	case o.Text != nil:
		printText(b, *o.Text)
	case o.Number != "":
		b.WriteString(o.Number)
	case o.Call == "":
		b.WriteString(o.Field)
	case o.List == "":
		b.WriteString(o.Call + "(")
		for i := range o.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			o.Args[i].print(b)
		}
		b.WriteByte(')')
	default:
		o.printAggregate(b)
	}
}

func (o *Operand) printAggregate(b *strings.Builder) {
	walk := o.Call
	if walk == "min" || walk == "max" {
		b.WriteString(walk + "(")
		defer b.WriteByte(')')
		walk = "map"
	}
	b.WriteString(walk + "(")
	switch {
	case walk == "count" && o.Where != nil:
		b.WriteString(o.List + ", ")
		o.Where.print(b, false)
	case walk == "count":
		b.WriteString(o.List)
	case o.Where != nil:
		b.WriteString("filter(" + o.List + ", ")
		o.Where.print(b, false)
		b.WriteString("), " + o.Of)
	default:
		b.WriteString(o.List + ", " + o.Of)
	}
	b.WriteByte(')')
}

// printText writes a text as a literal of the language.
func printText(b *strings.Builder, text string) {
	b.WriteByte('"')
	for _, r := range text {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
