package formula

import (
	"fmt"
	"slices"
	"strings"
)

// Field is a variable of an environment, or a field of a record.
type Field struct {
	// Name is how formulas write it: lower case with underscores for our own, as the database spells it
	// for a column.
	Name string
	Kind Kind
	// Doc says in one sentence what it holds, with its unit or form.
	Doc string
	// Fields are those of a record, or of each record of a list. A Go struct shows the field TaxID as
	// tax_id.
	Fields []Field
	// Elem is the kind of a list's elements where they are no records.
	Elem Kind
	// Open lets a record have fields that are not declared, each of the kind Any: the columns of a row
	// before the table is known. Upper and lower case differ only where two names differ in nothing else.
	Open bool
}

// Func is a function that an environment has beside those of the language.
type Func struct {
	Name, Doc string
	// Params name the parameters and their kinds: all have to be given, Text without a value comes as "",
	// others as nil.
	Params []Field
	Result Kind
	// Call gets the Go types that the kinds name. It must come to an end soon, and may be called from
	// several goroutines.
	Call func(args []any) (any, error)
}

func (f Func) signature() string {
	return f.Name + "(" + strings.Join(names(f.Params), ", ") + ")"
}

// Env says which variables exist at one place. It is a value: [Env.Var] gives a new one and leaves the
// old as it is, so that one environment can extend another, and it is safe for concurrent use.
type Env struct {
	vars  []Field
	funcs []Func
}

// NewEnv gives an environment without variables.
func NewEnv() *Env { return &Env{} }

// Var gives the environment with one more variable; the fields are those of a record or of each record
// of a list. A variable that is there already is replaced.
func (e *Env) Var(name string, kind Kind, doc string, fields ...Field) *Env {
	return e.With(Field{Name: name, Kind: kind, Doc: doc, Fields: fields})
}

// With gives the environment with more variables, in order.
func (e *Env) With(vars ...Field) *Env {
	next := &Env{vars: make([]Field, 0, len(e.vars)+len(vars)), funcs: e.funcs}
	for _, v := range e.vars {
		if find(vars, v.Name) == nil {
			next.vars = append(next.vars, v)
		}
	}
	next.vars = append(next.vars, vars...)
	return next
}

// Func gives the environment with more functions. One with the name of a function of the language hides
// that.
func (e *Env) Func(funcs ...Func) *Env {
	return &Env{vars: e.vars, funcs: append(slices.Clone(e.funcs), funcs...)}
}

// function finds a function of the environment or of the language; nil where there is none.
func (e *Env) function(name string) *function {
	for i := range e.funcs {
		if e.funcs[i].Name == name {
			return added(e.funcs[i])
		}
	}
	return functions[name]
}

// functionNames lists what can be called.
func (e *Env) functionNames() []string {
	all := slices.Clone(functionNames)
	for _, f := range e.funcs {
		all = append(all, f.Name)
	}
	return all
}

// added makes a function of the language's form.
func added(f Func) *function {
	out := &function{name: f.Name, signature: f.signature(), least: len(f.Params), result: always(f.Result)}
	for _, p := range f.Params {
		out.params = append(out.params, takes{p.Kind})
	}
	out.run = func(r *run, args []any) (any, error) {
		given := make([]any, len(args))
		for i, v := range args {
			v, err := convert(v, f.Params[i].Kind)
			if err != nil {
				return nil, err
			}
			if v == nil && f.Params[i].Kind == Text {
				v = ""
			}
			if s, ok := v.(string); ok {
				if err := r.spend(len(s)); err != nil {
					return nil, err
				}
			}
			given[i] = v
		}
		v, err := f.Call(given)
		if err != nil {
			return nil, err
		}
		if s, ok := v.(string); ok {
			return r.text(s)
		}
		return canonical(v)
	}
	return out
}

// Vars gives the variables in the order of their declaration.
func (e *Env) Vars() []Field { return append([]Field(nil), e.vars...) }

func find(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

// Document lists the variables with their kinds and meanings as a Markdown table, fields of records
// below their record, and the functions that are added.
func (e *Env) Document() string {
	var b strings.Builder
	b.WriteString("| Name | Kind | Meaning |\n|---|---|---|\n")
	documentFields(&b, "", e.vars)
	if len(e.funcs) > 0 {
		b.WriteString("\n| Function | Gives |\n|---|---|\n")
		for _, f := range e.funcs {
			fmt.Fprintf(&b, "| `%s` | %s |\n", f.signature(), f.Doc)
		}
	}
	return b.String()
}

func documentFields(b *strings.Builder, prefix string, fields []Field) {
	for _, f := range fields {
		name := prefix + f.Name
		kind := string(f.Kind)
		if f.Kind == List && f.Elem != "" {
			kind = "list of " + string(f.Elem)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, kind, strings.ReplaceAll(f.Doc, "|", `\|`))
		inner := name + "."
		if f.Kind == List {
			inner = name + "[]."
		}
		documentFields(b, inner, f.Fields)
	}
}

// Language describes operators and functions as Markdown tables, for the guides.
func Language() string {
	var b strings.Builder
	b.WriteString("| Operator | What it does |\n|---|---|\n")
	for _, o := range operators {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(o.sign, "|", `\|`), o.doc)
	}
	b.WriteString("\n| Function | Gives | Example |\n|---|---|---|\n")
	for _, f := range functionList {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` is `%s` |\n", f.signature, f.doc, f.example, f.gives)
	}
	for _, w := range walks {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` is `%s` |\n", w.signature, w.doc, w.example, w.gives)
	}
	return b.String()
}

// operators are listed for [Language]; check.go knows them.
var operators = []struct{ sign, doc string }{
	{"+ - * / %", "exact arithmetic; `+` also joins texts, and whole numbers to texts; `/` gives 16 places; `%` is the rest, with the sign of its left side"},
	{"== != < <= > >=", "compare two values of one kind; no value equals the empty text"},
	{"and or not (&& || !)", "join conditions; the right side is looked at only where it matters"},
	{"c ? a : b", "a where the condition holds, else b"},
	{"a ?? b", "a, or b where a has no value"},
	{"x in [a, b]", "whether x is one of them; also `not in`"},
	{"contains startsWith endsWith", "look for a text in a text, capitals matter"},
	{`x matches "^[A-Z]"`, "whether the text matches a constant regular expression (RE2)"},
	{`row.name, row["name"]`, "a field of a record"},
	{"lines[0]", "an element of a list, counted from 0; no value where there is none"},
	{"let x = a; b", "names a value for use in b"},
}
