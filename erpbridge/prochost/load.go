package prochost

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/crmplus/crmplus/crm/fault"
)

// The limits of a description file: far above any ERP's, and small enough to read a hostile one at once.
const (
	// MaxFile is the most bytes of a description.
	MaxFile = 1 << 20
	// maxDepth is how deep brackets and indentation may be nested.
	maxDepth = 60
	// maxNodes is the most keys and values, aliases (*name) counted with all they stand for.
	maxNodes = 20_000
)

// Parse reads a description from YAML 1.2. Anchors and merges (&name, *name, <<) may be used. A key that
// the language does not know is refused with its line.
func Parse(data []byte) (d Description, err error) {
	defer func() { // the file is foreign, and no mistake of the YAML parser may end the process
		if r := recover(); r != nil {
			err = fault.New(fault.Invalid, "the description is no YAML that can be read (%v)", r)
		}
	}()
	switch {
	case len(data) > MaxFile:
		return d, fault.New(fault.Limit, "the description is longer than %d bytes", MaxFile)
	case nested(string(data)) > maxDepth:
		return d, fault.New(fault.Limit, "the description is nested deeper than %d levels", maxDepth)
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return d, syntax(err)
	}
	sizes := map[string]int{}
	for _, doc := range file.Docs {
		if size(doc.Body, sizes) > maxNodes {
			return d, fault.New(fault.Limit, "the description has more than %d keys and values, counting what aliases stand for", maxNodes)
		}
	}
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		return Description{}, syntax(err)
	}
	return d, nil
}

// nested bounds the recursion of the YAML parser: the brackets that are open at once, and the blanks
// before a line.
func nested(text string) int {
	open, most := 0, 0
	for line := range strings.Lines(text) {
		most = max(most, (len(line)-len(strings.TrimLeft(line, " \t-?:")))/2)
		for _, c := range line {
			switch c {
			case '[', '{':
				open++
				most = max(most, open)
			case ']', '}':
				open = max(open-1, 0)
			}
		}
	}
	return most
}

// size counts the nodes below n; an alias counts as what its anchor, which stands before it, was found to be.
func size(n ast.Node, anchors map[string]int) int {
	count := 1
	add := func(n ast.Node) {
		if n != nil && count <= maxNodes {
			count += size(n, anchors)
		}
	}
	switch x := n.(type) {
	case *ast.AnchorNode:
		add(x.Value)
		anchors[x.Name.GetToken().Value] = count
	case *ast.AliasNode:
		count += anchors[x.Value.GetToken().Value]
	case *ast.TagNode:
		add(x.Value)
	case *ast.MappingNode:
		for _, v := range x.Values {
			add(v)
		}
	case *ast.MappingValueNode:
		add(x.Key)
		add(x.Value)
	case *ast.SequenceNode:
		for _, v := range x.Values {
			add(v)
		}
	}
	return count
}

// syntax makes one sentence of an error of the YAML parser.
func syntax(err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil && y.GetToken().Position != nil {
		p := y.GetToken().Position
		return fault.New(fault.Invalid, "the description, line %d, column %d: %s", p.Line, p.Column, y.GetMessage())
	}
	return fault.New(fault.Invalid, "the description: %s", strings.SplitN(err.Error(), "\n", 2)[0])
}

// UnmarshalYAML takes a plain text as the formula; numbers, true and false stand for themselves.
func (p *Parameter) UnmarshalYAML(data []byte) error {
	type plain Parameter
	return scalarOr(data, func(text string) { *p = Parameter{Value: text} }, (*plain)(p))
}

// UnmarshalYAML takes a plain text as the column.
func (f *Field) UnmarshalYAML(data []byte) error {
	type plain Field
	return scalarOr(data, func(text string) { *f = Field{Column: text} }, (*plain)(f))
}

// UnmarshalYAML takes the plain text done.
func (c *Code) UnmarshalYAML(data []byte) error {
	type plain Code
	return scalarOr(data, func(text string) { *c = Code{Done: text} }, (*plain)(c))
}

// scalarOr reads a plain text with take, anything else into the struct.
func scalarOr(data []byte, take func(text string), into any) error {
	var node any
	if err := yaml.Unmarshal(data, &node); err != nil {
		return err
	}
	if _, isMap := node.(map[string]any); isMap {
		return yaml.UnmarshalWithOptions(data, into, yaml.Strict())
	}
	var text string
	if err := yaml.Unmarshal(data, &text); err != nil {
		return err
	}
	take(text)
	return nil
}
