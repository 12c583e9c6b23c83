package rule

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	exprparser "github.com/expr-lang/expr/parser"

	"github.com/crmplus/crmplus/crm/fault"
)

// The limits of every condition.
const (
	// MaxSource is the most characters of an expression.
	MaxSource = 4000
	// MaxNodes is the most operators, names and constants.
	MaxNodes = 400
	// MaxValues is the most values of one in.
	MaxValues = 200
	// maxDepth is how deep a tree goes.
	maxDepth = 40
)

// parser makes a tree of an expression.
type parser struct {
	source string
	faults fault.List
}

// language is expr-lang without its functions, except those that walk lists.
func language() *conf.Config {
	config := conf.CreateNew()
	config.Optimize = false
	config.MaxNodes = MaxNodes
	for _, f := range builtin.Builtins {
		config.Disabled[f.Name] = true
		delete(config.Builtins, f.Name)
	}
	return config
}

func (p *parser) tree() (node ast.Node) {
	defer func() { // expressions are foreign text, and no mistake of a parser may end the process
		if r := recover(); r != nil {
			node = nil
			p.refuse(nil, "rule.syntax", "this cannot be understood (%v)", r)
		}
	}()
	switch n := utf8.RuneCountInString(p.source); {
	case strings.TrimSpace(p.source) == "":
		p.refuse(nil, "required", "the condition is empty; write true for everybody")
	case n > MaxSource:
		p.refuse(nil, "rule.limit", "the condition has %d characters; at most %d are taken", n, MaxSource)
	case !utf8.ValidString(p.source) || strings.ContainsRune(p.source, 0):
		p.refuse(nil, "text.form", "the condition is no proper UTF-8 text")
	default:
		tree, err := exprparser.ParseWithConfig(p.source, language())
		if err == nil {
			return tree.Node
		}
		p.syntax(err)
	}
	return nil
}

// syntax puts what the parser says into words that need no knowledge of parsers.
func (p *parser) syntax(err error) {
	var placed *file.Error
	if !errors.As(err, &placed) {
		p.refuse(nil, "rule.syntax", "%s", err)
		return
	}
	at := placed.From + 1
	switch token, unexpected := strings.CutPrefix(placed.Message, "unexpected token "); {
	case strings.Contains(placed.Message, "maximum allowed nodes"):
		p.refuse(nil, "rule.limit", "the condition has more than %d operators, names and constants", MaxNodes)
	case strings.Contains(placed.Message, "literal"):
		p.add(at, "number.form", "this is no number with at most %d digits before and 8 after the point", maxDigits)
	case unexpected && strings.HasPrefix(token, "EOF"):
		p.add(at, "rule.syntax", "the condition ends too early; something is missing after the last operator, or a parenthesis is not closed")
	case unexpected:
		p.add(at, "rule.syntax", "this is not expected here: %s; an operator is missing before it, or a parenthesis or quotation mark is not closed", strings.TrimSpace(token))
	default:
		p.add(at, "rule.syntax", "%s", placed.Message)
	}
}

func (p *parser) refuse(n ast.Node, code, format string, args ...any) {
	at := 0
	if n != nil {
		at = n.Location().From + 1
	}
	p.add(at, code, format, args...)
}

func (p *parser) add(at int, code, format string, args ...any) {
	addFault(&p.faults, place{character: at}, code, format, args...)
}

func addFault(faults *fault.List, at place, code, format string, args ...any) {
	message, path := fmt.Sprintf(format, args...), "condition"
	switch {
	case at.character > 0:
		path = fmt.Sprintf("condition:%d", at.character)
		message = fmt.Sprintf("at character %d: %s", at.character, message)
	case at.path != "":
		path += "." + at.path
	}
	for _, f := range *faults {
		if f.Path == path && f.Message == message {
			return
		}
	}
	*faults = append(*faults, fault.Fault{Path: path, Code: code, Message: message})
}

func at(n ast.Node) place { return place{character: n.Location().From + 1} }

// condition parses the whole text.
func (p *parser) condition() Node {
	if tree := p.tree(); tree != nil {
		return p.node(tree).normal(0)
	}
	return Node{Op: And}
}

// operand parses the whole text as a value.
func (p *parser) operand() Operand {
	if tree := p.tree(); tree != nil {
		return p.value(tree)
	}
	return Operand{}
}

func (p *parser) node(tree ast.Node) Node {
	switch n := tree.(type) {
	case *ast.BoolNode:
		if n.Value {
			return Node{Op: And, at: at(n)}
		}
		return Node{Op: Or, at: at(n)}
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return Node{Op: Not, Nodes: []Node{p.node(n.Node)}, at: at(n)}
		}
	case *ast.BinaryNode:
		return p.binary(n)
	case *ast.BuiltinNode:
		switch Op(n.Name) {
		case Any, All, None:
			list, where := p.rows(n)
			return Node{Op: Op(n.Name), List: list, Where: where, at: at(n)}
		}
	case *ast.IdentifierNode, *ast.MemberNode, *ast.CallNode:
		left := p.value(tree)
		return Node{Op: Yes, Left: &left, at: at(tree)}
	}
	p.refuse(tree, "rule.kind", "a condition is asked for here, as in party.city == \"Pécs\"")
	return Node{Op: And, at: at(tree)}
}

func (p *parser) binary(n *ast.BinaryNode) Node {
	op := Op(n.Operator)
	switch n.Operator {
	case "and", "&&":
		return Node{Op: And, Nodes: []Node{p.node(n.Left), p.node(n.Right)}, at: at(n)}
	case "or", "||":
		return Node{Op: Or, Nodes: []Node{p.node(n.Left), p.node(n.Right)}, at: at(n)}
	case "in":
		left := p.value(n.Left)
		values, ok := n.Right.(*ast.ArrayNode)
		if !ok {
			p.refuse(n.Right, "rule.kind", `behind in stands a list of values, as in party.country in ["HU", "AT"]`)
			return Node{Op: And, at: at(n)}
		}
		out := Node{Op: In, Left: &left, at: at(n)}
		for _, v := range values.Nodes {
			out.Values = append(out.Values, p.value(v))
		}
		return out
	case "==", "!=":
		if out, ok := p.special(n); ok {
			if n.Operator == "!=" {
				return Node{Op: Not, Nodes: []Node{out}, at: at(n)}
			}
			return out
		}
	case "<", "<=", ">", ">=", "contains", "startsWith", "endsWith", "matches":
	default:
		p.refuse(n, "rule.operator", "%q is no operator of conditions; there are and, or, not, ==, !=, <, <=, >, >=, in, contains, startsWith, endsWith and matches", n.Operator)
		return Node{Op: And, at: at(n)}
	}
	left, right := p.value(n.Left), p.value(n.Right)
	return Node{Op: op, Left: &left, Right: &right, at: at(n)}
}

// special takes comparisons with nil, true and false apart.
func (p *parser) special(n *ast.BinaryNode) (Node, bool) {
	for _, side := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		switch v := side[1].(type) {
		case *ast.NilNode:
			left := p.value(side[0])
			return Node{Op: Empty, Left: &left, at: at(n)}, true
		case *ast.BoolNode:
			inner := p.node(side[0])
			if v.Value {
				return inner, true
			}
			return Node{Op: Not, Nodes: []Node{inner}, at: at(n)}, true
		}
	}
	return Node{}, false
}

// rows reads what a walk goes over: the list, and the condition on its rows.
func (p *parser) rows(n *ast.BuiltinNode) (list string, where *Node) {
	list, where = p.source1(n.Arguments[0])
	if len(n.Arguments) > 1 {
		if predicate, ok := n.Arguments[1].(*ast.PredicateNode); ok {
			inner := p.node(predicate.Node)
			if where != nil {
				inner = Node{Op: And, Nodes: []Node{*where, inner}, at: inner.at}
			}
			where = &inner
		}
	}
	return list, where
}

// source1 reads leads, or filter(leads, ...).
func (p *parser) source1(n ast.Node) (list string, where *Node) {
	switch l := n.(type) {
	case *ast.IdentifierNode:
		return l.Value, nil
	case *ast.BuiltinNode:
		if l.Name == "filter" {
			return p.rows(l)
		}
	}
	p.refuse(n, "rule.list", "a list is asked for here: its name, or filter(name, condition)")
	return "", nil
}

func (p *parser) value(tree ast.Node) Operand {
	o := Operand{at: at(tree)}
	switch n := tree.(type) {
	case *ast.StringNode:
		o.Text = &n.Value
	case *ast.IntegerNode:
		o.Number = fmt.Sprint(n.Value)
	case *ast.FloatNode: // the parser made a float of it; the text is exact
		if runes := []rune(p.source); n.Location().From >= 0 && n.Location().To <= len(runes) && n.Location().From < n.Location().To {
			o.Number = strings.ReplaceAll(string(runes[n.Location().From:n.Location().To]), "_", "")
		}
	case *ast.UnaryNode:
		o = p.value(n.Node)
		if o.Number == "" || n.Operator != "-" || strings.HasPrefix(o.Number, "-") {
			p.refuse(n, "rule.operator", "nothing is computed in a condition; write the number itself")
			return Operand{at: at(n)}
		}
		o.Number, o.at = "-"+o.Number, at(n)
	case *ast.IdentifierNode, *ast.MemberNode:
		o.Field = p.path(n)
	case *ast.CallNode:
		p.call(n, &o)
	case *ast.BuiltinNode:
		p.aggregate(n, &o)
	case *ast.NilNode:
		p.refuse(n, "rule.kind", "nil stands only behind == and !=")
	case *ast.BinaryNode:
		p.refuse(n, "rule.operator", "a value is asked for here; conditions are joined by and, or and not, and nothing is computed in them")
	default:
		p.refuse(tree, "rule.kind", "a value is asked for here: a field, a text, a number, or a function such as days_ago(30)")
	}
	return o
}

// path reads party.city, .status and .custom.size.
func (p *parser) path(tree ast.Node) string {
	switch n := tree.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.PointerNode:
		if n.Name == "" {
			return ""
		}
	case *ast.ChainNode:
		return p.path(n.Node)
	case *ast.MemberNode:
		if name, ok := n.Property.(*ast.StringNode); ok && !n.Method {
			return p.path(n.Node) + "." + name.Value
		}
	}
	p.refuse(tree, "rule.name", "this is no field; fields are written as party.city, or .status inside a list")
	return "?"
}

func (p *parser) call(n *ast.CallNode, o *Operand) {
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		p.refuse(n, "rule.function", "fields have no functions of their own")
		return
	}
	if name.Value == "min" || name.Value == "max" {
		if len(n.Arguments) == 1 {
			if m, ok := n.Arguments[0].(*ast.BuiltinNode); ok && m.Name == "map" {
				p.aggregated(name.Value, m, o)
				return
			}
		}
		p.refuse(n, "rule.function", "write %[1]s(map(leads, .score)), or %[1]s(map(filter(leads, condition), .score))", name.Value)
		return
	}
	o.Call = name.Value
	for _, a := range n.Arguments {
		o.Args = append(o.Args, p.value(a))
	}
}

func (p *parser) aggregate(n *ast.BuiltinNode, o *Operand) {
	switch n.Name {
	case "count":
		o.Call = n.Name
		o.List, o.Where = p.rows(n)
	case "sum":
		p.aggregated(n.Name, n, o)
	default:
		p.refuse(n, "rule.function", "%s gives no value; there are count, sum, min and max", n.Name)
	}
}

// aggregated reads the list and the field of sum(list, .field) and map(list, .field).
func (p *parser) aggregated(call string, n *ast.BuiltinNode, o *Operand) {
	o.Call = call
	o.List, o.Where = p.source1(n.Arguments[0])
	if len(n.Arguments) > 1 {
		if predicate, ok := n.Arguments[1].(*ast.PredicateNode); ok {
			o.Of = p.path(predicate.Node)
			return
		}
	}
	p.refuse(n, "rule.function", "say which field: %s(..., .score)", n.Name)
}
