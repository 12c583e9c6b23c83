package formula

import (
	"github.com/expr-lang/expr/ast"
)

// function checks a call of one of our functions.
func (c *checker) function(n *ast.CallNode) (ast.Node, typ) {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return c.refuse(n, "only the functions of the language can be called; fields are no functions")
	}
	if id.Value == "coalesce" {
		return c.coalesce(n)
	}
	f := c.env.function(id.Value)
	if f == nil {
		return c.refuse(n, "there is no function %q%s", id.Value, suggest(c.env.functionNames(), id.Value))
	}
	if len(n.Arguments) < f.least || len(n.Arguments) > len(f.params) && !f.variadic {
		return c.refuse(n, "write %s", f.signature)
	}
	args, kinds, refused := make([]ast.Node, len(n.Arguments)), make([]typ, len(n.Arguments)), false
	for i, a := range n.Arguments {
		args[i], kinds[i] = c.visit(a)
		want := f.params[min(i, len(f.params)-1)]
		if !want.takes(kinds[i].kind) {
			c.refuse(a, "%s takes a %s here, and this is a %s%s", f.name, want, kinds[i].kind, remedy(kinds[i].kind, want[0]))
			refused = true
		}
	}
	if refused {
		return &ast.NilNode{}, unknown
	}
	return c.call("call "+f.name, n, f.run, args...), typ{kind: f.result(kinds)}
}

// coalesce is ?? for any number of values.
func (c *checker) coalesce(n *ast.CallNode) (ast.Node, typ) {
	if len(n.Arguments) < 2 {
		return c.refuse(n, "write coalesce(a, b, ...)")
	}
	last := n.Arguments[len(n.Arguments)-1]
	for i := len(n.Arguments) - 2; i >= 0; i-- {
		last = c.copyAt(n.Arguments[i], &ast.BinaryNode{Operator: "??", Left: n.Arguments[i], Right: last})
	}
	return c.visit(last)
}

// walk checks the functions that go through a list: sum(lines, .net).
func (c *checker) walk(n *ast.BuiltinNode) (ast.Node, typ) {
	switch n.Name {
	case "all", "any", "none", "count", "sum", "map", "filter":
	default:
		return c.refuse(n, "there is no function %q; lists have sum, count, any, all, none, map and filter", n.Name)
	}
	if c.element != nil {
		return c.refuse(n, "a list cannot be walked inside another walk over a list")
	}
	list, t := c.visit(n.Arguments[0])
	if t.kind != List {
		return c.refuse(n.Arguments[0], "%s goes through a list, and this is a %s", n.Name, t.kind)
	}
	e := element(t)
	list = c.call("list", n, theList, list)
	if len(n.Arguments) < 2 {
		return c.walkAll(n, list, e)
	}
	predicate, ok := n.Arguments[1].(*ast.PredicateNode)
	if !ok {
		return c.refuse(n, "write %s(list, #.field)", n.Name)
	}
	c.element = &e
	var body ast.Node
	var result typ
	if n.Name == "sum" || n.Name == "map" {
		body, result = c.visit(predicate.Node)
	} else {
		body = c.condition(predicate.Node)
	}
	c.element = nil
	loop := func(name string) ast.Node {
		return c.copyAt(n, &ast.BuiltinNode{Name: name, Arguments: []ast.Node{list, c.copyAt(predicate, &ast.PredicateNode{Node: body})}})
	}
	switch n.Name {
	case "sum":
		if !fits(result.kind, Number) {
			return c.refuse(predicate, "sum adds numbers, and this is a %s%s", result.kind, remedy(result.kind, Number))
		}
		return c.call("sum", n, sum, loop("map")), aNumber
	case "map":
		if result.kind == Record || result.kind == List {
			return c.refuse(predicate, "map gives a list of plain values; take a field: map(list, #.field)")
		}
		return loop("map"), typ{kind: List, field: &Field{Kind: List, Elem: result.kind}, path: t.path}
	case "filter":
		return loop("filter"), t
	case "count":
		return c.call("whole count", n, func(_ *run, args []any) (any, error) { return canonical(args[0]) }, loop("count")), aWhole
	}
	return loop(n.Name), certain
}

// walkAll is sum(list) and count(list) over plain values.
func (c *checker) walkAll(n *ast.BuiltinNode, list ast.Node, e typ) (ast.Node, typ) {
	if n.Name == "sum" && fits(e.kind, Number) {
		return c.call("sum", n, sum, list), aNumber
	}
	return c.refuse(n, "write %s(list, #.field), or len(list) for the number of elements", n.Name)
}
