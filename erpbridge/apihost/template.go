package apihost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/formula"
)

// scope is what formulas see.
type scope map[string]any

func (s scope) with(name string, value any) scope {
	out := make(scope, len(s)+1)
	for k, v := range s {
		out[k] = v
	}
	out[name] = value
	return out
}

// place says how a value is written into a text.
type place int

const (
	inHeader place = iota
	inPath
	inQuery
	// inCondition is a condition of Match, which becomes a part of a query later.
	inCondition
)

// piece is fixed text, or a formula whose value stands there.
type piece struct {
	text    string
	program *formula.Program
	// quoted says that the value stands between ' of OData; raw that it is a condition made before.
	quoted, raw bool
}

// template is a text with {formula} places.
type template struct {
	pieces []piece
	place  place
	odata  bool
}

// errUnwritable says that a value cannot stand in a URL: no record can have it as its key.
var errUnwritable = errors.New("it cannot be written into an address")

// parseTemplate splits a text at its braces; {{ and }} are braces that stand for themselves.
func parseTemplate(text string, place place, odata bool, compile func(string) (*formula.Program, error)) (template, error) {
	t := template{place: place, odata: odata}
	var literal strings.Builder
	quotes := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			literal.WriteByte(c)
			i++
		case c == '}':
			return t, fmt.Errorf("%q has a } without {", text)
		case c == '{':
			end := closing(text, i)
			if end < 0 {
				return t, fmt.Errorf("%q has a { without }", text)
			}
			t.pieces = append(t.pieces, piece{text: literal.String()})
			literal.Reset()
			source := strings.TrimSpace(text[i+1 : end])
			i = end
			if source == "filter" && place == inQuery {
				t.pieces = append(t.pieces, piece{raw: true, text: "filter"})
				continue
			}
			program, err := compile(source)
			if err != nil {
				return t, err
			}
			t.pieces = append(t.pieces, piece{program: program, quoted: odata && quotes%2 == 1})
		default:
			if c == '\'' {
				quotes++
			}
			literal.WriteByte(c)
		}
	}
	t.pieces = append(t.pieces, piece{text: literal.String()})
	return t, nil
}

// closing finds the brace that ends the place which begins at i, leaving out texts of the formula.
func closing(text string, i int) int {
	var quote byte
	for j := i + 1; j < len(text); j++ {
		switch c := text[j]; {
		case quote != 0 && c == '\\':
			j++
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '`':
			quote = c
		case c == '}':
			return j
		}
	}
	return -1
}

// fill gives the text with its values.
func (t template) fill(ctx context.Context, vars scope) (string, error) {
	var b strings.Builder
	for _, p := range t.pieces {
		switch {
		case p.raw:
			b.WriteString(plain(vars[p.text]))
		case p.program == nil:
			b.WriteString(p.text)
		default:
			v, err := p.program.Run(ctx, vars)
			if err != nil {
				return "", err
			}
			text, err := t.write(text(v), p.quoted)
			if err != nil {
				return "", fmt.Errorf("%s: %w", p.program.Source(), err)
			}
			b.WriteString(text)
		}
	}
	if t.place == inQuery {
		return strings.ReplaceAll(url.QueryEscape(b.String()), "+", "%20"), nil // not every server takes + for a blank
	}
	return b.String(), nil
}

// write escapes one value for its place.
func (t template) write(value string, quoted bool) (string, error) {
	for _, r := range value {
		if r == 0 || t.place == inHeader && (r < ' ' || r > '~') {
			return "", errUnwritable
		}
	}
	switch {
	case t.place == inPath && (value == "" || value == "." || value == ".."):
		return "", errUnwritable // no record has such a key, and the address would be another one
	case quoted:
		value = strings.ReplaceAll(value, "'", "''")
	case t.odata && t.place != inHeader:
		if value == "" || strings.ContainsFunc(value, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("._:-", r)
		}) {
			return "", errUnwritable
		}
	}
	if t.place == inPath {
		return url.PathEscape(value), nil
	}
	return value, nil
}

// text writes a formula's value as text: dates as 2026-03-01, numbers without grouping.
func text(v any) string {
	switch x := v.(type) {
	case civil.Date:
		if x.IsZero() {
			return ""
		}
		return x.String()
	case time.Time:
		return x.UTC().Format(time.RFC3339)
	}
	return plain(v)
}

// node is a part of a body.
type node interface {
	// build gives nil for what is left out.
	build(ctx context.Context, vars scope) (any, error)
}

type (
	constant struct{ value any }
	computed struct{ program *formula.Program }
	sequence []node
	record   struct {
		keys  []string
		nodes map[string]node
		// each makes a list with one record for each line; where leaves records out.
		each  bool
		where *formula.Program
	}
)

func (c constant) build(context.Context, scope) (any, error) { return c.value, nil }

func (c computed) build(ctx context.Context, vars scope) (any, error) {
	v, err := c.program.Run(ctx, vars)
	return encodable(v), err
}

func (s sequence) build(ctx context.Context, vars scope) (any, error) {
	out := []any{}
	for _, n := range s {
		v, err := n.build(ctx, vars)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out = append(out, v)
		}
	}
	return out, nil
}

func (r record) build(ctx context.Context, vars scope) (any, error) {
	if !r.each {
		return r.one(ctx, vars)
	}
	out := []any{}
	lines, _ := vars["lines"].([]any)
	for i, l := range lines {
		v, err := r.one(ctx, vars.with("line", l).with("index", int64(i)))
		if err != nil {
			return nil, err
		}
		if v != nil {
			out = append(out, v)
		}
	}
	return out, nil
}

func (r record) one(ctx context.Context, vars scope) (any, error) {
	if r.where != nil {
		if holds, err := r.where.Run(ctx, vars); err != nil || holds != true {
			return nil, err
		}
	}
	out := make(map[string]any, len(r.keys))
	for _, k := range r.keys {
		v, err := r.nodes[k].build(ctx, vars)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out[k] = v
		}
	}
	return out, nil
}

// encodable makes what encoding/json writes right out of a formula's value.
func encodable(v any) any {
	switch x := v.(type) {
	case decimal.Decimal:
		return json.Number(x.String())
	case civil.Date, time.Time:
		if s := text(x); s != "" {
			return s
		}
		return nil
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, inner := range x {
			out[k] = encodable(inner)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, inner := range x {
			out[i] = encodable(inner)
		}
		return out
	}
	return v
}

// formulaOf tells whether a text of a body or a reading is a formula, and which.
func formulaOf(s string) (string, bool) {
	if strings.HasPrefix(s, "=") {
		return strings.TrimSpace(s[1:]), true
	}
	return "", false
}

// parseBody compiles a body tree; compile sees whether the formula stands within $each.
func parseBody(v any, compile func(source string, want formula.Kind, each bool) *formula.Program, each bool) (node, error) {
	switch x := v.(type) {
	case string:
		if source, ok := formulaOf(x); ok {
			return computed{compile(source, formula.Any, each)}, nil
		}
		return constant{strings.TrimPrefix(x, `\`)}, nil
	case []any:
		out := make(sequence, len(x))
		for i, inner := range x {
			n, err := parseBody(inner, compile, each)
			if err != nil {
				return nil, err
			}
			out[i] = n
		}
		return out, nil
	case map[string]any:
		return parseRecord(x, compile, each)
	case nil, bool, int, int64, uint64, float64, json.Number:
		return constant{x}, nil
	}
	return nil, fmt.Errorf("a body cannot hold a %T", v)
}

func parseRecord(x map[string]any, compile func(string, formula.Kind, bool) *formula.Program, each bool) (node, error) {
	r := record{nodes: map[string]node{}}
	if of, ok := x["$each"]; ok {
		if of != "line" {
			return nil, fmt.Errorf("$each is %v; it can only be line", of)
		}
		r.each, each = true, true
	}
	if where, ok := x["$if"]; ok {
		source, _ := where.(string)
		r.where = compile(strings.TrimSpace(strings.TrimPrefix(source, "=")), formula.Bool, each)
	}
	for k, inner := range x {
		if k == "$each" || k == "$if" {
			continue
		}
		if strings.HasPrefix(k, "$") {
			return nil, fmt.Errorf("%s is neither $each nor $if", k)
		}
		n, err := parseBody(inner, compile, each)
		if err != nil {
			return nil, err
		}
		r.keys, r.nodes[k] = append(r.keys, k), n
	}
	sort.Strings(r.keys)
	return r, nil
}
