package tablehost

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// decoder turns a tree of YAML into the structs of the language. It goes on after a fault, so that all are
// named at once.
type decoder struct {
	faults  fault.List
	lines   map[string]int
	anchors map[string]ast.Node
	nodes   int
}

// scalars are the structs that a plain text can stand for, with the key that it means.
var scalars = map[reflect.Type]string{
	reflect.TypeFor[Field]():     "column",
	reflect.TypeFor[Key]():       "column",
	reflect.TypeFor[Match]():     "column",
	reflect.TypeFor[Value]():     "formula",
	reflect.TypeFor[Condition](): "value",
}

// collect remembers what the anchors name.
func (d *decoder) collect(n ast.Node, depth int) {
	if n == nil || depth > 4*maxDepth {
		return
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		d.anchors[n.Name.GetToken().Value] = n.Value
		d.collect(n.Value, depth+1)
	case *ast.TagNode:
		d.collect(n.Value, depth+1)
	case *ast.MappingNode:
		for _, v := range n.Values {
			d.collect(v, depth+1)
		}
	case *ast.MappingValueNode:
		d.collect(n.Value, depth+1)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			d.collect(v, depth+1)
		}
	}
}

// spotted is a node at a path of the mapping.
type spotted struct {
	node  ast.Node
	path  string
	depth int
}

func (d *decoder) mapping(root ast.Node, m *Mapping) {
	d.value(spotted{node: root}, reflect.ValueOf(m).Elem())
}

// refuse notes a fault at a node.
func (d *decoder) refuse(at spotted, code, format string, args ...any) {
	d.faults.Add(at.path, code, "%s%s", d.at(yamlLine(at.node)), fmt.Sprintf(format, args...))
}

func (d *decoder) at(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("line %d: ", line)
}

func yamlLine(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 0
	}
	return n.GetToken().Position.Line
}

// resolve follows aliases and drops anchors and tags; nil where that goes on for ever.
func (d *decoder) resolve(at spotted) ast.Node {
	n := at.node
	for range maxDepth {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.TagNode:
			n = x.Value
		case *ast.AliasNode:
			name := x.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				d.refuse(at, "yaml.alias", "nothing is called &%s here", name)
				return nil
			}
			n = target
		default:
			return n
		}
	}
	d.refuse(at, "yaml.alias", "the alias leads to itself")
	return nil
}

// spend counts what is read; false where it is too much.
func (d *decoder) spend(at spotted) bool {
	if d.nodes++; d.nodes == maxNodes {
		d.refuse(at, "yaml.size", "the mapping has more than %d keys and values", maxNodes)
	}
	if at.depth == maxDepth {
		d.refuse(at, "yaml.depth", "the mapping is nested deeper than %d levels", maxDepth)
	}
	return d.nodes < maxNodes && at.depth < maxDepth
}

// value reads a node into a Go value.
func (d *decoder) value(at spotted, to reflect.Value) {
	if _, known := d.lines[at.path]; !known {
		d.lines[at.path] = yamlLine(at.node)
	}
	if !d.spend(at) {
		return
	}
	n := d.resolve(at)
	if n == nil {
		return
	}
	at.node = n
	switch to.Kind() {
	case reflect.Pointer:
		if n.Type() == ast.NullType {
			return
		}
		to.Set(reflect.New(to.Type().Elem()))
		d.value(at, to.Elem())
	case reflect.Struct:
		d.structure(at, to)
	case reflect.Map:
		d.dictionary(at, to)
	case reflect.Slice:
		d.sequence(at, to)
	default:
		d.scalar(at, to)
	}
}

// yamlText is the plain text of a scalar.
func yamlText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.NullNode:
		return "", true
	}
	return "", false
}

func (d *decoder) scalar(at spotted, to reflect.Value) {
	s, ok := yamlText(at.node)
	if !ok {
		d.refuse(at, "yaml.kind", "one value is expected here, not a list or further keys")
		return
	}
	switch to.Kind() {
	case reflect.String:
		to.SetString(s)
	case reflect.Bool:
		b, ok := at.node.(*ast.BoolNode)
		if !ok {
			d.refuse(at, "yaml.kind", "write true or false, not %q", s)
			return
		}
		to.SetBool(b.Value)
	case reflect.Int:
		n, err := strconv.Atoi(s)
		if err != nil {
			d.refuse(at, "yaml.kind", "write a whole number, not %q", s)
			return
		}
		to.SetInt(int64(n))
	}
}

func (d *decoder) sequence(at spotted, to reflect.Value) {
	list, ok := at.node.(*ast.SequenceNode)
	if !ok {
		if s, isText := yamlText(at.node); isText && to.Type().Elem().Kind() == reflect.String && s != "" {
			d.refuse(at, "yaml.kind", "a list is expected here: write [%s]", s)
			return
		}
		if at.node.Type() != ast.NullType {
			d.refuse(at, "yaml.kind", "a list is expected here: [a, b], or a line beginning with - for each")
		}
		return
	}
	out := reflect.MakeSlice(to.Type(), len(list.Values), len(list.Values))
	for i, v := range list.Values {
		d.value(spotted{v, at.path + "[" + strconv.Itoa(i) + "]", at.depth + 1}, out.Index(i))
	}
	to.Set(out)
}

// yamlEntry is one key of a mapping with its value.
type yamlEntry struct {
	name  string
	key   ast.Node
	value ast.Node
}

// entries lists the keys of a node in their order, merged ones (<<) after its own.
func (d *decoder) entries(at spotted) ([]yamlEntry, bool) {
	var values []*ast.MappingValueNode
	switch n := at.node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return nil, true
	default:
		return nil, false
	}
	var list []yamlEntry
	own := map[string]bool{}
	for _, v := range values {
		if v.Key.IsMergeKey() {
			continue
		}
		name, ok := yamlText(d.resolve(spotted{node: yamlKey(v), path: at.path}))
		if !ok {
			d.refuse(spotted{node: v, path: at.path}, "yaml.key", "a key is one word or a text in quotes")
			continue
		}
		if own[name] {
			d.refuse(spotted{node: v.Key, path: joined(at.path, name)}, "yaml.twice", "%q is given twice", name)
			continue
		}
		own[name] = true
		list = append(list, yamlEntry{name, v.Key, v.Value})
	}
	for _, v := range values {
		if !v.Key.IsMergeKey() {
			continue
		}
		for _, e := range d.merged(spotted{v.Value, at.path, at.depth + 1}) {
			if !own[e.name] {
				own[e.name] = true
				list = append(list, e)
			}
		}
	}
	return list, true
}

// yamlKey is the node of a key, without the question mark of a long one.
func yamlKey(v *ast.MappingValueNode) ast.Node {
	if k, ok := v.Key.(*ast.MappingKeyNode); ok {
		return k.Value
	}
	return v.Key
}

// merged gives what << brings: the keys of one mapping, or of a list of them.
func (d *decoder) merged(at spotted) []yamlEntry {
	if !d.spend(at) {
		return nil
	}
	n := d.resolve(at)
	if n == nil {
		return nil
	}
	at.node = n
	if list, ok := n.(*ast.SequenceNode); ok {
		var all []yamlEntry
		for _, v := range list.Values {
			all = append(all, d.merged(spotted{v, at.path, at.depth + 1})...)
		}
		return all
	}
	list, ok := d.entries(at)
	if !ok {
		d.refuse(at, "yaml.merge", "<< takes over the keys of something else: <<: *name")
	}
	return list
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (d *decoder) dictionary(at spotted, to reflect.Value) {
	list, ok := d.entries(at)
	if !ok {
		d.refuse(at, "yaml.kind", "names with values are expected here: {name: value}")
		return
	}
	if list == nil {
		return
	}
	to.Set(reflect.MakeMapWithSize(to.Type(), len(list)))
	for _, e := range list {
		v := reflect.New(to.Type().Elem()).Elem()
		d.entry(at, e, v)
		to.SetMapIndex(reflect.ValueOf(e.name).Convert(to.Type().Key()), v)
	}
}

// entry reads the value of a key.
func (d *decoder) entry(at spotted, e yamlEntry, to reflect.Value) {
	path := joined(at.path, e.name)
	if _, known := d.lines[path]; !known {
		d.lines[path] = yamlLine(e.key)
	}
	d.value(spotted{e.value, path, at.depth + 1}, to)
}

func (d *decoder) structure(at spotted, to reflect.Value) {
	if name, ok := scalars[to.Type()]; ok {
		if s, isText := yamlText(at.node); isText {
			if to.Type() == reflect.TypeFor[Value]() && at.node.Type() == ast.NullType {
				s = "nil" // a column that is written as NULL
			}
			to.FieldByIndex(keysOf(to.Type())[name].index).SetString(s)
			return
		}
	}
	list, ok := d.entries(at)
	if !ok {
		d.refuse(at, "yaml.kind", "further keys are expected here; there are %s", strings.Join(sorted(keysOf(to.Type())), ", "))
		return
	}
	keys := keysOf(to.Type())
	for _, e := range list {
		path := joined(at.path, e.name)
		k, ok := keys[e.name]
		if !ok {
			d.refuse(spotted{e.key, path, at.depth}, "key.unknown", "%q is not known here%s", e.name, catalog.Nearest(e.name, sorted(keys)))
			continue
		}
		d.entry(at, e, to.FieldByIndex(k.index))
	}
}

// structKey is a key of a struct of the language.
type structKey struct {
	index []int
	of    reflect.Type
	// in is the struct that declares it, field its Go name there: the doc comment stands there.
	in    reflect.Type
	field string
}

// keysOf lists the keys of a struct by their names in YAML, those of inlined structs among them.
func keysOf(t reflect.Type) map[string]structKey {
	keys := map[string]structKey{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if options == "inline" {
			for inner, k := range keysOf(f.Type) {
				if _, own := keys[inner]; !own {
					k.index = append([]int{i}, k.index...)
					keys[inner] = k
				}
			}
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		keys[name] = structKey{index: f.Index, of: f.Type, in: t, field: f.Name}
	}
	return keys
}

// line gives the line of a path, or of the nearest thing around it.
func (d *decoder) line(path string) int {
	for path != "" {
		if line := d.lines[path]; line > 0 {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0
}

// located adds the lines to faults.
func (d *decoder) located(faults []fault.Fault) fault.List {
	faults = slices.Clone(faults)
	for i, f := range faults {
		faults[i].Message = d.at(d.line(f.Path)) + f.Message
	}
	return faults
}
