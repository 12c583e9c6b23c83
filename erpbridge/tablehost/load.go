package tablehost

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/crmplus/crmplus/crm/fault"
)

// The limits of a mapping file: far above any ERP's, and small enough to read a hostile one at once.
const (
	// MaxFile is the most bytes of a mapping file.
	MaxFile = 1 << 20
	// maxNodes is the most keys and values, aliases (*name) counted with all they stand for.
	maxNodes = 100_000
	// maxDepth is how deep a mapping can be nested.
	maxDepth = 40
)

// Load reads a mapping from YAML 1.2 and validates it as far as that needs no database (see
// [Mapping.Validate]). Anchors and merges (&name, *name, <<) may be used. Everything that is wrong comes
// in one fault.Invalid, each fault with its path in the mapping, its line, and the nearest key that is
// known.
func Load(r io.Reader) (Mapping, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return Mapping{}, fmt.Errorf("tablehost: reading the mapping: %w", err)
	}
	return Parse(data)
}

// Parse is [Load] for a file that was read already.
func Parse(data []byte) (Mapping, error) {
	d, m, err := decode(data)
	if err != nil {
		return Mapping{}, err
	}
	faults := d.faults
	if len(faults) == 0 {
		faults = d.located(fault.Of(m.Validate()))
	}
	if err := faults.Err("the mapping cannot be used"); err != nil {
		return Mapping{}, err
	}
	return m, nil
}

// Decode reads a mapping without validating it, for those who have [Check] find everything at once: only
// what is no YAML, or no key of the language, is an error.
func Decode(data []byte) (Mapping, error) {
	d, m, err := decode(data)
	if err == nil {
		err = d.faults.Err("the mapping cannot be read")
	}
	if err != nil {
		return Mapping{}, err
	}
	return m, nil
}

// Line tells in which line of a mapping file the thing with a path stands ("documents.order.set.TERMS"),
// or the nearest thing around it; 0 where there is none.
func Line(data []byte, path string) int {
	d, _, err := decode(data)
	if err != nil {
		return 0
	}
	return d.line(path)
}

// decode reads YAML into a mapping and remembers where everything stands. An error means that it is no
// YAML; what does not fit the language is among the decoder's faults.
func decode(data []byte) (d *decoder, m Mapping, err error) {
	defer func() { // the file is foreign, and no mistake of the YAML parser may end the process
		if r := recover(); r != nil {
			err = fault.New(fault.Invalid, "the mapping is no YAML that can be read (%v)", r)
		}
	}()
	d = &decoder{lines: map[string]int{}, anchors: map[string]ast.Node{}}
	switch {
	case len(data) > MaxFile:
		return d, m, fault.New(fault.Limit, "the mapping is longer than %d bytes", MaxFile)
	case nested(data) > maxDepth:
		return d, m, fault.New(fault.Limit, "the mapping is nested deeper than %d levels", maxDepth)
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return d, m, syntax(err)
	}
	var root ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if root != nil {
			return d, m, fault.New(fault.Invalid, "the file holds several YAML documents; a mapping is one")
		}
		root = doc.Body
	}
	if root == nil {
		return d, m, fault.New(fault.Invalid, "the mapping is empty; begin with version: 1 and name:")
	}
	d.collect(root, 0)
	d.mapping(root, &m)
	return d, m, nil
}

// nested bounds the recursion of the YAML parser: the brackets that are open at once, strings and
// comments counted as well, and the blanks before a line.
func nested(data []byte) int {
	open, most := 0, 0
	for _, line := range strings.Split(string(data), "\n") {
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

// syntax makes one sentence of an error of the YAML parser.
func syntax(err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil && y.GetToken().Position != nil {
		p := y.GetToken().Position
		return fault.New(fault.Invalid, "line %d, column %d: this is no YAML: %s", p.Line, p.Column, y.GetMessage())
	}
	return fault.New(fault.Invalid, "this is no YAML: %s", strings.SplitN(err.Error(), "\n", 2)[0])
}
