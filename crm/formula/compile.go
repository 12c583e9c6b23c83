package formula

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/crmplus/crmplus/crm/fault"
)

// Program is a formula that was checked. It is safe for concurrent use.
type Program struct {
	source string
	want   Kind
	kind   Kind
	code   *vm.Program
	names  []string
	// constant holds the value of a formula that depends on nothing.
	constant *constant
}

type constant struct{ value any }

// Source is the formula as it was written.
func (p *Program) Source() string { return p.source }

// Kind is the kind of what the formula gives, as far as it is known before it runs.
func (p *Program) Kind() Kind { return p.kind }

// Names lists what the formula reads, sorted: variables, and fields as "customer.tax_id"; the elements
// of a list are "lines[].net".
func (p *Program) Names() []string { return append([]string(nil), p.names...) }

// Constant reports whether the formula reads nothing, and so gives the same each time.
func (p *Program) Constant() bool { return p.constant != nil }

// Compile checks a formula against the environment and the kind of value that is wanted there; [Any]
// takes whatever it gives. Everything that is wrong comes in one [*Error], with places and remedies.
func (e *Env) Compile(source string, want Kind) (p *Program, err error) {
	defer func() { // formulas are foreign text, and no mistake of a parser may end the process
		if r := recover(); r != nil {
			p, err = nil, refuse(source, 0, fmt.Sprintf("this cannot be understood (%v)", r))
		}
	}()
	if strings.TrimSpace(source) == "" {
		return nil, refuse(source, 0, "the formula is empty")
	}
	if n := utf8.RuneCountInString(source); n > MaxSource {
		return nil, &Error{Source: source, Code: fault.Limit, Problems: []Problem{{Message: fmt.Sprintf("the formula has %d characters; at most %d are taken", n, MaxSource)}}}
	}
	if !utf8.ValidString(source) || strings.ContainsRune(source, 0) {
		return nil, refuse(source, 0, "the formula is no proper UTF-8 text")
	}
	config := language()
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, parseProblem(source, err)
	}
	c := &checker{env: e, source: source, config: config, names: map[string]bool{}}
	root, t := c.visit(tree.Node)
	if len(c.problems) == 0 && !fits(t.kind, want) {
		c.refuse(nil, "it gives a %s, and a %s is asked for%s", t.kind, want, remedy(t.kind, want))
	}
	if len(c.problems) > 0 {
		return nil, &Error{Source: source, Code: fault.Invalid, Problems: c.problems}
	}
	tree.Node = root
	code, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, refuse(source, 0, "this cannot be compiled")
	}
	p = &Program{source: source, want: want, kind: t.kind, code: code}
	for name := range c.names {
		p.names = append(p.names, name)
	}
	sort.Strings(p.names)
	if len(p.names) == 0 {
		return p, p.fold()
	}
	return p, nil
}

// fold evaluates a formula that reads nothing, so that what is wrong with it is known at once.
func (p *Program) fold() error {
	value, err := p.Run(context.Background(), nil)
	if err != nil {
		return err
	}
	p.constant = &constant{value: value}
	return nil
}

// language is expr-lang without its built-in functions, except those that walk lists; ours are calls
// that the checker resolves.
func language() *conf.Config {
	config := conf.CreateNew()
	config.Optimize = false // its rewrites know nothing of decimals
	config.MaxNodes = MaxNodes
	for _, f := range builtin.Builtins {
		config.Disabled[f.Name] = true
		delete(config.Builtins, f.Name)
	}
	return config
}

func parseProblem(source string, err error) error {
	var placed *file.Error
	if !errors.As(err, &placed) {
		return refuse(source, 0, err.Error())
	}
	if strings.Contains(placed.Message, "maximum allowed nodes") {
		return &Error{Source: source, Code: fault.Limit, Problems: []Problem{{Message: fmt.Sprintf("the formula has more than %d operators, names and constants", MaxNodes)}}}
	}
	return refuse(source, placed.From+1, sentence(placed.Message))
}

// sentence puts what the parser says into words that need no knowledge of parsers.
func sentence(message string) string {
	if token, ok := strings.CutPrefix(message, "unexpected token "); ok {
		if strings.HasPrefix(token, "EOF") {
			return "the formula ends too early; something is missing after the last operator, or a parenthesis is not closed"
		}
		return "this is not expected here: " + strings.TrimSpace(token) + "; an operator is missing before it, or a parenthesis or quotation mark is not closed"
	}
	return message
}

func refuse(source string, at int, message string) error {
	return &Error{Source: source, Code: fault.Invalid, Problems: []Problem{{At: at, Message: message}}}
}

// call makes the node that calls one of our functions with the run as first argument.
func (c *checker) call(name string, at ast.Node, fn func(*run, []any) (any, error), args ...ast.Node) ast.Node {
	if _, known := c.config.Functions[name]; !known {
		c.config.Functions[name] = &builtin.Function{Name: name, Func: func(args ...any) (any, error) {
			r := args[0].(*run) //nolint:forcetypeassert // every call is made below
			if err := r.spend(1); err != nil {
				return nil, err
			}
			return fn(r, args[1:])
		}}
	}
	all := make([]ast.Node, 0, len(args)+1)
	all = append(all, &ast.IdentifierNode{Value: "$env"})
	node := &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: append(all, args...)}
	node.SetLocation(at.Location())
	return node
}
