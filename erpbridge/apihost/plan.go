package apihost

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
)

// call is a compiled request.
type call struct {
	spec    *Request
	at      string
	method  string
	path    template
	query   []parameter
	headers []parameter
	body    node
	when    *formula.Program
	done    *formula.Program
	there   *thereCheck
}

type parameter struct {
	name  string
	value template
}

type thereCheck struct {
	list   path
	field  path
	equals *formula.Program
}

// writes reports whether the request may change something.
func (c *call) writes() bool { return c.method != "GET" && !c.spec.Reads }

// makes reports whether the request may make or change something that matters.
func (c *call) makes() bool { return c.writes() && !c.spec.Prepares }

// repeatable reports whether the API itself answers a repeated token.
func (c *call) repeatable() bool { return c.spec.Idempotency != "" }

// reader is a compiled [Reading].
type reader struct {
	fields    []readField
	translate Translation
}

type readField struct {
	name    string
	path    path
	program *formula.Program
}

// compiler turns a description into what is executed and collects everything that is wrong with it.
type compiler struct {
	faults fault.List
	odata  bool
	// tokenless says that the API keeps no tokens.
	tokenless bool
	// base are the variables that every formula sees.
	base *formula.Env
	// settings are the names that texts may refer to.
	settings map[string]string
}

func (c *compiler) add(at, code, format string, args ...any) { c.faults.Add(at, code, format, args...) }

// formula compiles one formula; a broken one is a fault and gives nil.
func (c *compiler) formula(at, source string, want formula.Kind, env *formula.Env) *formula.Program {
	p, err := env.Compile(source, want)
	if err != nil {
		c.add(at, "formula", "%v", err)
		return nil
	}
	return p
}

// condition compiles a formula that may be missing, with or without = before it.
func (c *compiler) condition(at, source string, env *formula.Env) *formula.Program {
	if source == "" {
		return nil
	}
	return c.formula(at, strings.TrimSpace(strings.TrimPrefix(source, "=")), formula.Bool, env)
}

func (c *compiler) template(at, text string, place place, env *formula.Env) template {
	t, err := parseTemplate(text, place, c.odata, func(source string) (*formula.Program, error) {
		return env.Compile(source, formula.Any)
	})
	if err != nil {
		c.add(at, "template", "%v", err)
	}
	return t
}

func (c *compiler) path(at, source string) path {
	p, err := parsePath(source)
	if err != nil {
		c.add(at, "path", "%v", err)
	}
	return p
}

var methods = []string{"GET", "POST", "PATCH", "PUT", "DELETE"}

// call compiles one request.
func (c *compiler) call(at string, r *Request, env *formula.Env) *call {
	out := &call{spec: r, at: at, method: r.Method}
	if out.method == "" {
		out.method = "GET"
	}
	if !slices.Contains(methods, out.method) {
		c.add(at+".method", "method", "%q is none of %s", r.Method, strings.Join(methods, ", "))
	}
	if !strings.HasPrefix(r.Path, "/") || strings.HasPrefix(r.Path, "//") {
		c.add(at+".path", "path", "%q does not begin with one /; it is a path below base", r.Path)
	}
	if strings.ContainsAny(r.Path, "?#") {
		c.add(at+".path", "path", "%q has a ? or #; parameters stand in query", r.Path)
	}
	inner := env
	if r.Each != "" {
		if r.Each != "line" && r.Each != "source_line" {
			c.add(at+".each", "each", "%q is neither line nor source_line", r.Each)
		}
		inner = perLine(env)
	}
	out.path = c.template(at+".path", r.Path, inPath, inner)
	for _, name := range sortedKeys(r.Query) {
		out.query = append(out.query, parameter{name, c.template(at+".query."+name, r.Query[name], inQuery, inner)})
	}
	for _, name := range sortedKeys(r.Headers) {
		out.headers = append(out.headers, parameter{name, c.template(at+".headers."+name, r.Headers[name], inHeader, inner)})
	}
	if r.Body != nil {
		body, err := parseBody(r.Body, func(source string, want formula.Kind, each bool) *formula.Program {
			if each {
				return c.formula(at+".body", source, want, perLine(inner))
			}
			return c.formula(at+".body", source, want, inner)
		}, false)
		if err != nil {
			c.add(at+".body", "body", "%v", err)
		}
		out.body = body
	}
	out.when = c.condition(at+".if", r.If, inner)
	out.done = c.condition(at+".done", r.Done, inner)
	if r.There != nil {
		out.there = &thereCheck{list: c.path(at+".there.list", r.There.List), field: c.path(at+".there.field", r.There.Field), equals: c.formula(at+".there.equals", strings.TrimPrefix(r.There.Equals, "="), formula.Any, inner)}
	}
	if out.method == "GET" && r.Body != nil {
		c.add(at+".body", "body", "a GET has no body")
	}
	return out
}

// calls compiles requests in order; later ones see the answers of earlier ones by their names.
func (c *compiler) calls(at string, list []Request, env *formula.Env) ([]*call, *formula.Env) {
	out := make([]*call, 0, len(list))
	for i := range list {
		out = append(out, c.call(fmt.Sprintf("%s[%d]", at, i), &list[i], env))
		if name := list[i].Name; name != "" {
			env = env.With(formula.Field{Name: name, Kind: formula.Record, Open: true, Doc: "the answer to " + list[i].Path})
		}
		if m := list[i].IfMatch; m != "" && m != "*" && !slices.ContainsFunc(env.Vars(), func(f formula.Field) bool { return f.Name == m }) {
			c.add(fmt.Sprintf("%s[%d].if_match", at, i), "if_match", "no earlier answer is named %q", m)
		}
	}
	return out, env
}

func perLine(env *formula.Env) *formula.Env {
	return env.With(
		formula.Field{Name: "line", Kind: formula.Record, Doc: "the line", Fields: fieldsOf(lineColumns)},
		formula.Field{Name: "index", Kind: formula.Whole, Doc: "the line's place, from 0"},
	)
}

// reading compiles where fields stand; the columns are those that may be named.
func reading[T any](c *compiler, at string, r Reading, tr Translation, columns []column[T], env *formula.Env) reader {
	out := reader{translate: tr}
	known := make([]string, len(columns))
	for i, col := range columns {
		known[i] = col.name
	}
	for _, name := range sortedKeys(r) {
		if !slices.Contains(known, name) {
			c.add(at+"."+name, "field", "there is no field %q; the fields are %s", name, strings.Join(known, ", "))
			continue
		}
		f := readField{name: name}
		if source, ok := formulaOf(r[name]); ok {
			f.program = c.formula(at+"."+name, source, formula.Any, env)
		} else {
			f.path = c.path(at+"."+name, r[name])
			if root := f.path.root; root != "" && !slices.ContainsFunc(env.Vars(), func(v formula.Field) bool { return v.Name == root }) {
				c.add(at+"."+name, "path", "no answer is named %q", root)
			}
		}
		out.fields = append(out.fields, f)
	}
	return out
}

// translation checks that only fields are translated that there are.
func (c *compiler) translation(at string, tr Translation, known ...string) {
	for _, name := range sortedKeys(tr) {
		if !slices.Contains(known, name) {
			c.add(at+".translate."+name, "field", "there is no field %q; the fields are %s", name, strings.Join(known, ", "))
		}
	}
}

func namesOf[T any](columns []column[T]) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// need records that a reading lacks fields without which a record cannot be used.
func (c *compiler) need(at string, r Reading, fields ...string) {
	for _, f := range fields {
		if r[f] == "" {
			c.add(at+"."+f, "required", "is missing; without it the record cannot be used")
		}
	}
}

// list checks the rules of a draft's fields.
func (c *compiler) fields(at string, f Fields, known, lineKnown []string) {
	each := func(at string, names, known []string) {
		for _, n := range names {
			if !slices.Contains(known, n) {
				c.add(at, "field", "there is no field %q; the fields are %s", n, strings.Join(known, ", "))
			}
		}
	}
	each(at+".required", f.Required, known)
	each(at+".lengths", sortedKeys(f.Lengths), known)
	each(at+".line_required", f.LineRequired, lineKnown)
	each(at+".line_lengths", sortedKeys(f.LineLengths), lineKnown)
}

var reference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// references checks that a text names only settings that the description declares.
func (c *compiler) references(at, text string) {
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		if _, ok := c.settings[m[1]]; !ok {
			c.add(at, "setting", "${%s} is not among settings; declare it there with what it means", m[1])
		}
	}
	if left := reference.ReplaceAllString(text, ""); strings.Contains(left, "${") {
		c.add(at, "setting", "a ${ is not closed, or the name in it has other signs than letters, digits and _")
	}
}
