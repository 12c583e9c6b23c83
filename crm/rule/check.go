package rule

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
)

// Condition is a checked condition. It is safe for many goroutines.
type Condition struct {
	env  *Environment
	node Node
	root *cond
	uses uses
}

// cond is a checked [Node].
type cond struct {
	op          Op
	parts       []*cond
	list        *list
	where       *cond
	left, right *term
	values      []*term
	pattern     *regexp.Regexp
	// outer says that a row's condition looks at the subject.
	outer bool
}

// term is a checked [Operand]: one of field, constant, call and aggregate.
type term struct {
	kind  Kind
	field *field
	// constant is the value of what stands in the condition itself; since is one that depends on the instant.
	constant any
	since    func(At) any
	call     *Function
	args     []*term
	// aggregate is count, sum, min or max of the rows of list for which where holds.
	aggregate string
	list      *list
	where     *cond
	of        *field
	outer     bool
}

func (t *term) isConstant() bool { return t.constant != nil || t.since != nil }

// at gives the constant's value at an instant.
func (t *term) at(a At) any {
	if t.since != nil {
		return t.since(a)
	}
	return t.constant
}

// canBeEmpty reports whether a term may have no value.
func (t *term) canBeEmpty() bool {
	switch {
	case t.field != nil:
		return t.field.Optional || t.kind == Text
	case t.call != nil:
		return t.args[0].canBeEmpty()
	case t.kind == "":
		return true // refused already
	}
	return t.aggregate == "min" || t.aggregate == "max"
}

// uses are what of the environment a condition reads.
type uses struct {
	fields map[string]*field
	lists  map[string]map[string]*field
}

func newUses() uses { return uses{map[string]*field{}, map[string]map[string]*field{}} }

func (u uses) list(name string) map[string]*field {
	if u.lists[name] == nil {
		u.lists[name] = map[string]*field{}
	}
	return u.lists[name]
}

// Parse checks an expression.
func (e *Environment) Parse(source string) (*Condition, error) {
	p := &parser{source: source}
	n := p.condition()
	if err := p.faults.Err("the condition is not understood"); err != nil {
		return nil, err
	}
	return e.check(n)
}

// Build checks a tree.
func (e *Environment) Build(n Node) (*Condition, error) { return e.check(n.normal(0)) }

func (e *Environment) check(n Node) (*Condition, error) {
	n = n.clone(0)
	c := &checker{env: e, uses: newUses()}
	root := c.condition(&n, 0)
	if c.nodes > 2*MaxNodes {
		c.faults = nil
		c.refuse(place{}, "rule.limit", "the condition has more than %d operators, names and constants", MaxNodes)
	}
	if err := c.faults.Err("the condition cannot be used"); err != nil {
		return nil, err
	}
	return &Condition{env: e, node: n, root: root, uses: c.uses}, nil
}

// Node gives the condition as a tree.
func (c *Condition) Node() Node { return c.node.clone(0) }

// String gives the condition as an expression.
func (c *Condition) String() string { return c.node.String() }

// clone copies what the checker writes into: numbers in their one form.
func (n Node) clone(depth int) Node {
	if depth > maxDepth {
		return n
	}
	n.Nodes, n.Values = slices.Clone(n.Nodes), slices.Clone(n.Values)
	for i := range n.Nodes {
		n.Nodes[i] = n.Nodes[i].clone(depth + 1)
	}
	for i := range n.Values {
		n.Values[i] = *n.Values[i].clone(depth + 1)
	}
	n.Left, n.Right = n.Left.clone(depth+1), n.Right.clone(depth+1)
	if n.Where != nil {
		w := n.Where.clone(depth + 1)
		n.Where = &w
	}
	return n
}

func (o *Operand) clone(depth int) *Operand {
	if o == nil || depth > maxDepth {
		return o
	}
	c := *o
	c.Args = slices.Clone(o.Args)
	for i := range c.Args {
		c.Args[i] = *c.Args[i].clone(depth + 1)
	}
	if o.Where != nil {
		w := o.Where.clone(depth + 1)
		c.Where = &w
	}
	return &c
}

// checker gives a tree its meaning in an environment.
type checker struct {
	env    *Environment
	faults fault.List
	uses   uses
	nodes  int
	// row is the list whose row is spoken of, nil for the subject.
	row *list
	// outer notes that the condition of a row looked at the subject.
	outer bool
	// path is where the tree is, for faults of trees that come from forms.
	path string
}

func (c *checker) refuse(at place, code, format string, args ...any) {
	if at.character == 0 && at.path == "" {
		at.path = c.path
	}
	addFault(&c.faults, at, code, format, args...)
}

// below works on a part of the tree.
func (c *checker) below(part string, do func()) {
	was := c.path
	if c.path != "" {
		part = "." + part
	}
	c.path += part
	do()
	c.path = was
}

func (c *checker) condition(n *Node, depth int) *cond {
	out := &cond{op: n.Op}
	if c.nodes++; depth > maxDepth || c.nodes > 2*MaxNodes {
		c.refuse(n.at, "rule.limit", "the condition is nested too deep or too long; make it shorter")
		return out
	}
	switch n.Op {
	case And, Or, Not:
		if n.Op == Not && len(n.Nodes) != 1 {
			c.refuse(n.at, "rule.shape", "not takes exactly one condition")
		}
		for i := range n.Nodes {
			c.below(fmt.Sprintf("nodes[%d]", i), func() { out.parts = append(out.parts, c.condition(&n.Nodes[i], depth+1)) })
		}
	case Any, All, None:
		out.list, out.where, out.outer = c.rows(n.List, n.Where, n.at, depth)
	case Yes:
		return c.yes(n, out, depth)
	case Empty:
		out.left = c.side(n.Left, "left", n.at, depth)
		if !out.left.canBeEmpty() {
			c.refuse(n.at, "rule.kind", "this always has a value; do not compare it with nil")
		}
	case In:
		c.in(n, out, depth)
	case Equal, Unequal, Less, AtMost, More, AtLeast, Contains, StartsWith, EndsWith, MatchesText:
		out.left, out.right = c.side(n.Left, "left", n.at, depth), c.side(n.Right, "right", n.at, depth)
		c.compare(n, out)
	default:
		c.refuse(n.at, "choice", "%.40q is nothing that a condition can ask", string(n.Op))
	}
	return out
}

// yes resolves a yes/no; a defined one stands for its condition.
func (c *checker) yes(n *Node, out *cond, depth int) *cond {
	out.left = c.side(n.Left, "left", n.at, depth)
	switch {
	case out.left.kind == "":
	case out.left.kind != YesNo:
		c.refuse(n.at, "rule.kind", "a condition is asked for here, and this is a %s; compare it with something", out.left.kind)
	case out.left.field != nil && out.left.field.is != nil:
		return out.left.field.is.cond
	}
	return out
}

// rows resolves a list and the condition on its rows.
func (c *checker) rows(name string, where *Node, at place, depth int) (*list, *cond, bool) {
	l := c.env.byList[name]
	switch {
	case c.row != nil:
		c.refuse(at, "rule.list", "inside a list only the fields of its rows can be asked, not another list")
		return nil, &cond{op: And}, false
	case l == nil:
		c.refuse(at, "rule.unknown", "there is no list %.40q%s", name, suggest(listNames(c.env), name))
		return nil, &cond{op: And}, false
	}
	c.uses.list(name)
	out := &cond{op: And}
	if where != nil {
		c.row, c.outer = l, false
		c.below("where", func() { out = c.condition(where, depth+1) })
		c.row = nil
	}
	outer := c.outer
	c.outer = false
	return l, out, outer
}

func (c *checker) side(o *Operand, name string, at place, depth int) *term {
	out := &term{}
	if o == nil {
		c.refuse(at, "required", "the %s side is missing", name)
		return out
	}
	c.below(name, func() { out = c.term(o, depth+1) })
	return out
}

// in checks x in [a, b].
func (c *checker) in(n *Node, out *cond, depth int) {
	out.left = c.side(n.Left, "left", n.at, depth)
	if len(n.Values) == 0 || len(n.Values) > MaxValues {
		c.refuse(n.at, "rule.limit", "in takes from 1 to %d values", MaxValues)
	}
	for i := range n.Values {
		c.below(fmt.Sprintf("values[%d]", i), func() {
			v := c.term(&n.Values[i], depth+1)
			out.values = append(out.values, v)
			switch {
			case v.kind == "" || out.left.kind == "":
			case v.constant == nil:
				c.refuse(n.Values[i].at, "rule.kind", "only constants can stand in a list")
			case v.kind != out.left.kind || v.kind == Moment || v.kind == YesNo:
				c.refuse(n.Values[i].at, "rule.kind", "a %s cannot be one of a list with a %s%s", out.left.kind, v.kind, remedy(v.kind, out.left.kind))
			default:
				c.choice(out.left, v, n.Values[i].at)
			}
		})
	}
}

// turned are the ops with their sides changed.
var turned = map[Op]Op{Equal: Equal, Unequal: Unequal, Less: More, AtMost: AtLeast, More: Less, AtLeast: AtMost}

// compare checks the kinds of both sides, and brings a constant to the right.
func (c *checker) compare(n *Node, out *cond) {
	if out.left.kind == "" || out.right.kind == "" {
		return // refused already
	}
	if back, ok := turned[out.op]; ok && out.left.isConstant() && !out.right.isConstant() {
		out.left, out.right, out.op = out.right, out.left, back
	}
	l, r := out.left, out.right
	switch out.op {
	case Contains, StartsWith, EndsWith, MatchesText:
		if l.kind != Text || r.kind != Text || r.constant == nil || r.constant == "" {
			c.refuse(n.at, "rule.kind", "%s takes a text on its left and a constant text, not empty, on its right", n.Op)
		} else if out.op == MatchesText {
			var err error
			if out.pattern, err = regexp.Compile(r.constant.(string)); err != nil {
				c.refuse(n.at, "rule.pattern", "this is no regular expression: %s", err)
			}
		}
		return
	}
	byDay := l.kind == Moment && r.kind == Date || l.kind == Date && r.kind == Moment && !r.isConstant()
	switch {
	case l.isConstant():
		c.refuse(n.at, "rule.constant", "both sides are constants; compare a field")
	case l.kind == YesNo || r.kind == YesNo:
		c.refuse(n.at, "rule.kind", "a yes/no is not compared; write it alone, or behind not")
	case l.kind != r.kind && !byDay:
		c.refuse(n.at, "rule.kind", "a %s cannot be compared with a %s%s", l.kind, r.kind, remedy(r.kind, l.kind))
	case l.kind == Text && out.op != Equal && out.op != Unequal:
		c.refuse(n.at, "rule.kind", "texts have no order that all databases share; use ==, !=, in, startsWith or contains")
	default:
		c.choice(l, r, n.at)
	}
}

// remedy says how to write a constant of another kind.
func remedy(have, want Kind) string {
	switch {
	case have == Text && want == Number:
		return "; write the number without quotation marks"
	case have == Text && (want == Date || want == Moment):
		return `; write date("2026-07-13"), days_ago(30) or today()`
	case have == Number && want == Text:
		return "; put it into quotation marks"
	case have == Moment && want == Date:
		return "; take today(), days_ago(n) or date(...)"
	}
	return ""
}

// choice holds a text against the choices of its field.
func (c *checker) choice(l, r *term, at place) {
	text, ok := r.constant.(string)
	if ok && l.field != nil && len(l.field.Choices) > 0 && text != "" && !slices.Contains(l.field.Choices, text) {
		c.refuse(at, "choice", "%s is never %.40q%s", l.field.path, text, suggest(l.field.Choices, text))
	}
}

// use notes what a definition reads.
func (d *definition) use(u uses) {
	if d.term != nil {
		d.term.use(u)
	}
	if d.cond != nil {
		d.cond.use(u)
	}
}

func (t *term) use(u uses) {
	if t == nil {
		return
	}
	switch {
	case t.field != nil && t.field.list != nil:
		u.list(t.field.list.Name)[t.field.Name] = t.field
	case t.field != nil:
		u.fields[t.field.path] = t.field
	case t.list != nil:
		u.list(t.list.Name)
		if t.of != nil {
			u.list(t.list.Name)[t.of.Name] = t.of
		}
		t.where.use(u)
	}
	for _, a := range t.args {
		a.use(u)
	}
}

func (c *cond) use(u uses) {
	if c == nil {
		return
	}
	if c.list != nil {
		u.list(c.list.Name)
	}
	c.where.use(u)
	c.left.use(u)
	c.right.use(u)
	for _, p := range c.parts {
		p.use(u)
	}
}

func listNames(e *Environment) []string {
	all := make([]string, len(e.lists))
	for i, l := range e.lists {
		all[i] = l.Name
	}
	return all
}

func fieldNames(fields map[string]*field) []string {
	all := make([]string, 0, len(fields))
	for name := range fields {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
