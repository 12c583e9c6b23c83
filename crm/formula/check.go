package formula

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
)

// typ is what the checker knows of a part of a formula.
type typ struct {
	kind Kind
	// field describes a record, or the records of a list.
	field *Field
	// path is the name under which [Program.Names] lists it, "" for what is computed.
	path string
	// sure says that a yes/no always has a value.
	sure bool
	// load reads a variable, or a field of one, without the machine; nil for what is computed.
	load func(*run) (any, error)
}

var (
	unknown = typ{kind: Any}
	certain = typ{kind: Bool, sure: true}
	aText   = typ{kind: Text}
	aWhole  = typ{kind: Whole}
	aNumber = typ{kind: Number}
)

// checker goes through a parsed formula once, refuses what the language does not have, and rewrites the
// rest into calls of our functions. It never changes a node of the parser, because the parser uses some
// of them twice.
type checker struct {
	env      *Env
	source   string
	config   *conf.Config
	problems []Problem
	names    map[string]bool
	scopes   []scope
	// element is what # means inside a walk over a list; nil outside.
	element *typ
	visited int
}

// scope is a name that let gave.
type scope struct {
	name string
	typ  typ
}

// refuse notes a problem; a nil node means the whole formula.
func (c *checker) refuse(at ast.Node, format string, args ...any) (ast.Node, typ) {
	p := Problem{Message: fmt.Sprintf(format, args...)}
	if at != nil {
		p.At = at.Location().From + 1
	}
	for _, known := range c.problems {
		if known == p {
			return &ast.NilNode{}, unknown
		}
	}
	c.problems = append(c.problems, p)
	return &ast.NilNode{}, unknown
}

func (c *checker) visit(node ast.Node) (ast.Node, typ) {
	if c.visited++; c.visited > 4*MaxNodes {
		return c.refuse(nil, "the formula is too deep; make it shorter")
	}
	switch n := node.(type) {
	case *ast.NilNode:
		return &ast.NilNode{}, typ{kind: none}
	case *ast.BoolNode:
		return &ast.BoolNode{Value: n.Value}, certain
	case *ast.StringNode:
		return &ast.StringNode{Value: n.Value}, aText
	case *ast.IntegerNode:
		return &ast.ConstantNode{Value: int64(n.Value)}, aWhole
	case *ast.FloatNode:
		return c.float(n)
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.PointerNode:
		return c.pointer(n)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.ChainNode: // a record without a value gives no value anyway
		return c.visit(n.Node)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.VariableDeclaratorNode:
		return c.let(n)
	case *ast.CallNode:
		return c.function(n)
	case *ast.BuiltinNode:
		return c.walk(n)
	case *ast.ArrayNode:
		return c.refuse(n, "a list stands only behind in, as in x in [1, 2]")
	case *ast.SliceNode:
		return c.refuse(n, "parts of a text are left(x, 3), right(x, 3) and mid(x, 2, 3)")
	case *ast.MapNode:
		return c.refuse(n, "{...} cannot be used in a formula")
	case *ast.BytesNode:
		return c.refuse(n, `write a text as "..."`)
	case *ast.SequenceNode:
		return c.refuse(n, "a formula gives one value; take out the ;")
	}
	return c.refuse(node, "this cannot be used in a formula")
}

// float reads the literal again from the source, because the parser made a float of it.
func (c *checker) float(n *ast.FloatNode) (ast.Node, typ) {
	runes, at := []rune(c.source), n.Location()
	if at.From < 0 || at.To > len(runes) || at.From >= at.To {
		return c.refuse(n, "this is not a number; write it as 1234.56")
	}
	d, err := parseNumber(strings.ReplaceAll(string(runes[at.From:at.To]), "_", ""))
	if err != nil {
		return c.refuse(n, "%s", err)
	}
	return &ast.ConstantNode{Value: d}, aNumber
}

func (c *checker) identifier(n *ast.IdentifierNode) (ast.Node, typ) {
	for i := len(c.scopes) - 1; i >= 0; i-- {
		if c.scopes[i].name == n.Value {
			id := &ast.IdentifierNode{Value: n.Value}
			id.SetLocation(n.Location())
			return id, c.scopes[i].typ
		}
	}
	f := find(c.env.vars, n.Value)
	if f == nil {
		if fn := c.env.function(n.Value); fn != nil {
			return c.refuse(n, "%s is a function; write %s", n.Value, fn.signature)
		}
		return c.refuse(n, "there is no %q here%s", n.Value, c.known(n.Value))
	}
	c.names[f.Name] = true
	name, kind := f.Name, f.Kind
	return c.read(n, typ{kind: kind, field: f, path: name, load: func(r *run) (any, error) {
		return loaded(r.vars[name], name, kind)
	}})
}

// read makes the call that loads a variable or a field of one.
func (c *checker) read(n ast.Node, t typ) (ast.Node, typ) {
	load := t.load
	return c.call("load "+t.path, n, func(r *run, _ []any) (any, error) { return load(r) }), t
}

// known suggests the nearest name, or lists the names there are.
func (c *checker) known(name string) string {
	all := make([]string, 0, len(c.env.vars)+len(c.scopes))
	for _, s := range c.scopes {
		all = append(all, s.name)
	}
	for _, v := range c.env.vars {
		all = append(all, v.Name)
		if v.Kind == Record && find(v.Fields, name) != nil {
			return fmt.Sprintf("; did you mean %s.%s?", v.Name, name)
		}
	}
	return suggest(all, name)
}

func (c *checker) pointer(n *ast.PointerNode) (ast.Node, typ) {
	switch {
	case c.element == nil:
		return c.refuse(n, "# stands only inside sum, count, any, all, none, filter and map")
	case n.Name == "index":
		p := &ast.PointerNode{Name: "index"}
		return c.call("index", n, func(_ *run, args []any) (any, error) { return canonical(args[0]) }, p), aWhole
	case n.Name != "":
		return c.refuse(n, "there is # for the element and #index for its place, not #%s", n.Name)
	}
	p := &ast.PointerNode{}
	if c.element.kind == Record {
		return p, *c.element
	}
	kind := c.element.kind
	return c.call("element "+string(kind), n, func(_ *run, args []any) (any, error) {
		return loaded(args[0], "#", kind)
	}, p), *c.element
}

// loaded brings a value from outside to its declared kind.
func loaded(v any, name string, kind Kind) (any, error) {
	if kind == Record || kind == List {
		return v, nil
	}
	v, err := canonical(v)
	if err == nil {
		v, err = convert(v, kind)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

func (c *checker) member(n *ast.MemberNode) (ast.Node, typ) {
	if n.Method {
		return c.refuse(n, "records have fields only, no functions of their own")
	}
	if id, ok := n.Node.(*ast.IdentifierNode); ok && id.Value == "$env" {
		return c.refuse(n, "there is no %q here%s", "$env", c.known("$env"))
	}
	base, t := c.visit(n.Node)
	if t.kind == List {
		return c.at(n, base, t)
	}
	name, ok := n.Property.(*ast.StringNode)
	if !ok {
		return c.refuse(n, `[...] takes the place in a list, or the name of a field: row["Name"]`)
	}
	if t.kind == Any && t.field == nil {
		if len(c.problems) == 0 {
			return c.refuse(n, "this has no fields that are known before the formula runs")
		}
		return &ast.NilNode{}, unknown
	}
	if t.kind != Record {
		return c.refuse(n, "a %s has no fields", t.kind)
	}
	f := find(t.field.Fields, name.Value)
	declared := f != nil
	switch {
	case f == nil && t.field.Open:
		f = &Field{Name: name.Value, Kind: Any}
	case f == nil:
		return c.refuse(n, "%s has no field %q%s", t.path, name.Value, suggest(names(t.field.Fields), name.Value))
	}
	path := t.path + "." + f.Name
	c.names[path] = true
	get := &getter{name: f.Name, path: path, kind: f.Kind, open: !declared}
	of := typ{kind: f.Kind, field: f, path: path}
	if parent := t.load; parent != nil {
		of.load = func(r *run) (any, error) {
			v, err := parent(r)
			if err != nil {
				return nil, err
			}
			return get.field(v)
		}
		return c.read(n, of)
	}
	return c.call("field "+path, n, func(_ *run, args []any) (any, error) { return get.field(args[0]) }, base), of
}

// at takes an element of a list by its place.
func (c *checker) at(n *ast.MemberNode, list ast.Node, t typ) (ast.Node, typ) {
	place, p := c.visit(n.Property)
	if !fits(p.kind, Whole) {
		return c.refuse(n, "the place in a list is a whole number from 0")
	}
	e := element(t)
	return c.call("at "+e.path+" "+string(e.kind), n, func(_ *run, args []any) (any, error) {
		v, err := elementAt(args[0], args[1])
		if err != nil || e.kind == Record {
			return v, err
		}
		return loaded(v, t.path, e.kind)
	}, list, place), e
}

// element is the type of a list's elements.
func element(t typ) typ {
	if t.field == nil {
		return unknown
	}
	e := typ{kind: t.field.Elem, field: t.field, path: t.path + "[]"}
	switch {
	case len(t.field.Fields) > 0 || t.field.Open:
		e.kind = Record
	case e.kind == "":
		e.kind, e.field = Any, nil
	}
	return e
}

func (c *checker) conditional(n *ast.ConditionalNode) (ast.Node, typ) {
	if n.Cond == n.Exp1 {
		return c.refuse(n, "write a ?? b, or condition ? a : b")
	}
	cond := c.condition(n.Cond)
	a, at := c.visit(n.Exp1)
	b, bt := c.visit(n.Exp2)
	t, ok := common(at, bt)
	if !ok {
		return c.refuse(n.Exp2, "the condition gives either a %s or a %s; both sides must be of one kind", at.kind, bt.kind)
	}
	t.load = nil // which side it is, only the machine knows
	return &ast.ConditionalNode{Cond: cond, Exp1: a, Exp2: b}, t
}

// common is the type of a value that comes from either side.
func common(a, b typ) (typ, bool) {
	switch {
	case a.kind == b.kind && a.kind != Record && a.kind != List:
		return typ{kind: a.kind, sure: a.sure && b.sure}, true
	case a.kind == b.kind && a.field == b.field:
		return a, true
	case a.kind == none:
		b.sure = false
		return b, true
	case b.kind == none:
		a.sure = false
		return a, true
	case isNumber(a.kind) && isNumber(b.kind):
		return aNumber, true
	case a.kind == Any || b.kind == Any:
		return unknown, true
	}
	return unknown, false
}

func isNumber(k Kind) bool { return k == Whole || k == Number }

// condition visits what has to be yes or no.
func (c *checker) condition(node ast.Node) ast.Node {
	out, t := c.visit(node)
	if !fits(t.kind, Bool) {
		out, _ = c.refuse(node, "a yes/no is asked for here, and this is a %s%s", t.kind, remedy(t.kind, Bool))
		return out
	}
	if t.sure {
		return out
	}
	return c.call("truth", node, truth, out)
}

// truth refuses a condition without a value.
func truth(_ *run, args []any) (any, error) {
	switch v := args[0].(type) {
	case bool:
		return v, nil
	case nil:
		return nil, fmt.Errorf("the condition has no value; write x ?? false")
	default:
		return nil, fmt.Errorf("a yes/no is asked for here, and %s is a %s%s", shown(v), kindOf(v), remedy(kindOf(v), Bool))
	}
}

func (c *checker) let(n *ast.VariableDeclaratorNode) (ast.Node, typ) {
	if find(c.env.vars, n.Name) != nil || c.env.function(n.Name) != nil || strings.HasPrefix(n.Name, "$") {
		return c.refuse(n, "%q is taken; give the value another name", n.Name)
	}
	value, t := c.visit(n.Value)
	c.scopes = append(c.scopes, scope{name: n.Name, typ: t})
	body, result := c.visit(n.Expr)
	c.scopes = c.scopes[:len(c.scopes)-1]
	return &ast.VariableDeclaratorNode{Name: n.Name, Value: value, Expr: body}, result
}

func names(fields []Field) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.Name
	}
	return all
}
