package main

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/crmplus/crmplus/crm/fault"
)

// decoder turns YAML into the configuration. It is strict (a key that is not known is a fault) and goes on
// after a fault, so that all are named at once, each with its line.
type decoder struct {
	faults fault.List
	env    func(name string) (string, bool)
}

// decode reads the text; env gives the values of ${NAME}.
func decode(text []byte, env func(name string) (string, bool)) (config, []fault.Fault) {
	c := defaults()
	d := &decoder{env: env}
	file, err := parser.ParseBytes(text, 0)
	switch {
	case err != nil:
		first, _, _ := strings.Cut(err.Error(), "\n")
		d.faults.Add("", "yaml", "the file is no YAML: %s", first)
	case len(file.Docs) != 1 || file.Docs[0].Body == nil:
		d.faults.Add("", "yaml", "the file is empty; begin with a copy of config.example.yaml")
	default:
		d.value("", file.Docs[0].Body, reflect.ValueOf(&c).Elem())
	}
	return c, d.faults
}

func (d *decoder) refuse(path string, n ast.Node, format string, args ...any) {
	line := 0
	if n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
		line = n.GetToken().Position.Line
	}
	d.faults.Add(path, "form", "line %d: %s", line, fmt.Sprintf(format, args...))
}

var durationType = reflect.TypeFor[time.Duration]()

func (d *decoder) value(path string, n ast.Node, into reflect.Value) {
	if _, none := n.(*ast.NullNode); none || n == nil { // a key without a value keeps what is usual
		return
	}
	switch {
	case into.Type() == durationType:
		text, ok := d.text(path, n)
		if !ok {
			return
		}
		if v, err := time.ParseDuration(text); err != nil {
			d.refuse(path, n, "%q is no time; write it as 30s, 5m or 12h", text)
		} else {
			into.SetInt(int64(v))
		}
	case into.Kind() == reflect.Struct:
		d.structure(path, n, into)
	case into.Kind() == reflect.Slice:
		d.list(path, n, into)
	case into.Kind() == reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		d.each(path, n, func(key string, value ast.Node) {
			if text, ok := d.text(path+"."+key, value); ok {
				into.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(text))
			}
		})
	default:
		d.scalar(path, n, into)
	}
}

func (d *decoder) scalar(path string, n ast.Node, into reflect.Value) {
	text, ok := d.text(path, n)
	if !ok {
		return
	}
	switch into.Kind() {
	case reflect.Bool:
		if v, err := strconv.ParseBool(text); err != nil {
			d.refuse(path, n, "%q is neither true nor false", text)
		} else {
			into.SetBool(v)
		}
	case reflect.Int:
		if v, err := strconv.Atoi(text); err != nil {
			d.refuse(path, n, "%q is no whole number", text)
		} else {
			into.SetInt(int64(v))
		}
	default:
		into.SetString(text)
	}
}

func (d *decoder) list(path string, n ast.Node, into reflect.Value) {
	items, ok := n.(*ast.SequenceNode)
	if !ok {
		d.refuse(path, n, "must be a list: [one, two]")
		return
	}
	for i, item := range items.Values {
		v := reflect.New(into.Type().Elem()).Elem()
		d.value(fmt.Sprintf("%s[%d]", path, i), item, v)
		into.Set(reflect.Append(into, v))
	}
}

func (d *decoder) structure(path string, n ast.Node, into reflect.Value) {
	fields := map[string]int{}
	var names []string
	for i := range into.NumField() {
		name := into.Type().Field(i).Tag.Get("yaml")
		fields[name] = i
		names = append(names, name)
	}
	d.each(path, n, func(key string, value ast.Node) {
		at := strings.TrimPrefix(path+"."+key, ".")
		i, known := fields[key]
		if !known {
			d.refuse(at, value, "is not known here; there are: %s", strings.Join(names, ", "))
			return
		}
		d.value(at, value, into.Field(i))
	})
}

func (d *decoder) each(path string, n ast.Node, do func(key string, value ast.Node)) {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		d.refuse(path, n, "must be a group of keys with values")
		return
	}
	for _, v := range values { // the parser refuses a key that stands there twice
		do(v.Key.GetToken().Value, v.Value)
	}
}

// variable is ${NAME} in a value; $${ is a plain ${.
var variable = regexp.MustCompile(`\$?\$\{([^}]*)\}`)

// text is a plain value, its variables replaced. They are replaced in values, after the file was read as YAML,
// so that nothing in the environment can change what the file means.
func (d *decoder) text(path string, n ast.Node) (string, bool) {
	scalar, ok := n.(ast.ScalarNode)
	if !ok {
		d.refuse(path, n, "must be one plain value")
		return "", false
	}
	text := scalar.GetToken().Value
	if block, isBlock := n.(*ast.LiteralNode); isBlock {
		text = strings.TrimSpace(block.Value.Value)
	}
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasPrefix(found, "$${") {
			return found[1:]
		}
		name := found[2 : len(found)-1]
		value, set := d.env(name)
		if !set || value == "" {
			d.refuse(path, n, "the environment has no variable %s, or an empty one; set it for the service", name)
		}
		return value
	}), true
}
