package formula

import (
	"regexp"

	"github.com/expr-lang/expr/ast"
)

// maxPattern is the most characters of a regular expression.
const maxPattern = 200

func (c *checker) unary(n *ast.UnaryNode) (ast.Node, typ) {
	switch n.Operator {
	case "!", "not":
		return c.copyAt(n, &ast.UnaryNode{Operator: "not", Node: c.condition(n.Node)}), certain
	case "+", "-":
		x, t := c.visit(n.Node)
		if !fits(t.kind, Number) {
			return c.refuse(n, "%s stands before a number, and this is a %s%s", n.Operator, t.kind, remedy(t.kind, Number))
		}
		if t.kind != Whole && t.kind != Number {
			t = unknown
		}
		if n.Operator == "+" {
			return x, typ{kind: t.kind}
		}
		return c.call("negate", n, negate, x), typ{kind: t.kind}
	}
	return c.refuse(n, "the operator %s cannot be used in a formula", n.Operator)
}

func (c *checker) copyAt(at, node ast.Node) ast.Node {
	node.SetLocation(at.Location())
	return node
}

func (c *checker) binary(n *ast.BinaryNode) (ast.Node, typ) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		node := &ast.BinaryNode{Operator: n.Operator, Left: c.condition(n.Left), Right: c.condition(n.Right)}
		return c.copyAt(n, node), certain
	case "in":
		return c.in(n)
	case "matches":
		return c.matches(n)
	case "??":
		return c.either(n)
	}
	left, lt := c.visit(n.Left)
	right, rt := c.visit(n.Right)
	switch n.Operator {
	case "+", "-", "*", "/", "%":
		return c.arithmetic(n, [2]ast.Node{left, right}, lt, rt)
	case "==", "!=", "<", "<=", ">", ">=":
		return c.comparison(n, [2]ast.Node{left, right}, lt, rt)
	case "contains", "startsWith", "endsWith":
		if !fits(lt.kind, Text) || !fits(rt.kind, Text) {
			return c.refuse(n, "%s looks for a text in a text, and these are a %s and a %s%s", n.Operator, lt.kind, rt.kind, remedyOfEither(lt, rt, Text))
		}
		return c.call(n.Operator, n, textSearch(n.Operator), left, right), certain
	case "..":
		return c.refuse(n, "ranges cannot be used in a formula; write x >= a and x <= b")
	}
	return c.refuse(n, "the operator %s cannot be used in a formula", n.Operator)
}

func remedyOfEither(a, b typ, want Kind) string {
	if a.kind != want {
		return remedy(a.kind, want)
	}
	return remedy(b.kind, want)
}

func (c *checker) arithmetic(n *ast.BinaryNode, sides [2]ast.Node, l, r typ) (ast.Node, typ) {
	if n.Operator == "+" && (l.kind == Text || r.kind == Text) {
		if !joins(l.kind) || !joins(r.kind) {
			return c.refuse(n, "+ joins two texts or adds two numbers, and these are a %s and a %s%s", l.kind, r.kind, remedyOfEither(l, r, Text))
		}
		return c.call("join texts", n, joinTexts, sides[0], sides[1]), aText
	}
	for _, t := range [2]typ{l, r} {
		if t.kind == Date {
			return c.refuse(n, "dates are moved by addDays(date, 30) and subtracted by daysBetween(from, to)")
		}
	}
	if !fits(l.kind, Number) || !fits(r.kind, Number) {
		return c.refuse(n, "%s takes two numbers, and these are a %s and a %s%s", n.Operator, l.kind, r.kind, remedyOfEither2(l, r))
	}
	result := unknown
	switch {
	case l.kind == none || r.kind == none:
		return c.refuse(n, "nil has no number; write x ?? 0")
	case l.kind == Whole && r.kind == Whole && n.Operator != "/":
		result = aWhole
	case l.kind != Any && r.kind != Any || n.Operator == "/":
		result = aNumber
	}
	return c.call(n.Operator, n, arithmetic[n.Operator], sides[0], sides[1]), result
}

// joins reports whether + can hang the kind on a text: a whole number has one spelling only.
func joins(k Kind) bool { return fits(k, Text) || k == Whole }

func remedyOfEither2(l, r typ) string {
	if !fits(l.kind, Number) {
		return remedy(l.kind, Number)
	}
	return remedy(r.kind, Number)
}

func (c *checker) comparison(n *ast.BinaryNode, sides [2]ast.Node, l, r typ) (ast.Node, typ) {
	comparable := l.kind == r.kind || fits(l.kind, r.kind) || fits(r.kind, l.kind)
	order := n.Operator != "==" && n.Operator != "!="
	for _, t := range [2]typ{l, r} {
		if t.kind == List {
			return c.refuse(n, "lists cannot be compared; compare len(list)")
		}
		if t.kind == Record && (order || l.kind != none && r.kind != none) {
			return c.refuse(n, "records are compared with nil only; compare their fields")
		}
		if order && (t.kind == Bool || t.kind == none) {
			return c.refuse(n, "%s compares numbers, texts and dates, not a %s", n.Operator, t.kind)
		}
	}
	if !comparable {
		return c.refuse(n, "a %s cannot be compared with a %s%s", l.kind, r.kind, remedyForComparison(l, r))
	}
	return c.call(n.Operator, n, comparison[n.Operator], sides[0], sides[1]), certain
}

func remedyForComparison(l, r typ) string {
	if s := remedy(l.kind, r.kind); s != "" && r.kind != Bool && r.kind != Text {
		return s
	}
	if r.kind != Bool && l.kind != Bool {
		return remedy(r.kind, l.kind)
	}
	return ""
}

// in compares with the elements of a literal list, or of a list of plain values.
func (c *checker) in(n *ast.BinaryNode) (ast.Node, typ) {
	left, lt := c.visit(n.Left)
	array, literal := n.Right.(*ast.ArrayNode)
	if !literal {
		right, rt := c.visit(n.Right)
		if rt.kind != List || element(rt).kind == Record {
			return c.refuse(n, "behind in stands a list: x in [1, 2]")
		}
		return c.call("in list", n, inList, left, right), certain
	}
	if len(array.Nodes) == 0 {
		return c.refuse(n, "the list behind in is empty")
	}
	args := []ast.Node{left}
	for _, item := range array.Nodes {
		node, t := c.visit(item)
		if t.kind == Record || t.kind == List || !fits(lt.kind, t.kind) && !fits(t.kind, lt.kind) {
			return c.refuse(item, "a %s cannot be compared with a %s%s", lt.kind, t.kind, remedyForComparison(lt, t))
		}
		args = append(args, node)
	}
	return c.call("in", n, in, args...), certain
}

func (c *checker) matches(n *ast.BinaryNode) (ast.Node, typ) {
	left, lt := c.visit(n.Left)
	if !fits(lt.kind, Text) {
		return c.refuse(n, "matches looks at a text, and this is a %s%s", lt.kind, remedy(lt.kind, Text))
	}
	pattern, ok := n.Right.(*ast.StringNode)
	if !ok || len(pattern.Value) > maxPattern {
		return c.refuse(n, `behind matches stands one constant pattern of at most %d characters: x matches "^[A-Z]"`, maxPattern)
	}
	re, err := regexp.Compile(pattern.Value)
	if err != nil {
		return c.refuse(n.Right, "%s", err)
	}
	return c.call("matches "+pattern.Value, n, func(r *run, args []any) (any, error) {
		s, err := textOf(args[0])
		if err != nil {
			return nil, err
		}
		if err := r.spend(len(s)); err != nil { // RE2 walks the text once
			return nil, err
		}
		return re.MatchString(s), nil
	}, left), certain
}

// either is a ?? b: an empty text has no value, like nil.
func (c *checker) either(n *ast.BinaryNode) (ast.Node, typ) {
	left, lt := c.visit(n.Left)
	right, rt := c.visit(n.Right)
	t, ok := common(lt, rt)
	if !ok {
		return c.refuse(n, "this gives either a %s or a %s; both sides must be of one kind", lt.kind, rt.kind)
	}
	t.sure, t.load = rt.sure, nil
	return c.copyAt(n, &ast.BinaryNode{Operator: "??", Left: c.call("blank", n, blank, left), Right: right}), t
}

// blank gives nil for an empty text.
func blank(_ *run, args []any) (any, error) {
	if args[0] == "" {
		return nil, nil
	}
	return args[0], nil
}
