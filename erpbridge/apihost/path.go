package apihost

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// step is one part of a path: a name, an index, or a search among the records of a list.
type step struct {
	name         string
	index        int
	field, value string
	list, search bool
}

// path is a place in a JSON answer: "lines[0].id", "address.city", "rows[kind=Comment].text",
// "@odata\.nextLink" (a dot of a name is written \.).
type path struct {
	source string
	// root is the name of another answer that the path begins in: "$company.value[0].code".
	root string
	// ways are tried in order; the first that is there wins.
	ways [][]step
}

// parsePath reads a path; alternatives are separated by |.
func parsePath(source string) (path, error) {
	p := path{source: source}
	if rest, ok := strings.CutPrefix(source, "$"); ok {
		p.root, source, _ = strings.Cut(rest, ".")
	}
	for way := range strings.SplitSeq(source, "|") {
		steps, err := parseSteps(strings.TrimSpace(way))
		if err != nil {
			return path{}, err
		}
		p.ways = append(p.ways, steps)
	}
	return p, nil
}

func parseSteps(source string) ([]step, error) {
	if source == "" {
		return nil, nil
	}
	var steps []step
	rest := source
	for rest != "" {
		name, after := cutName(rest)
		if name == "" && !strings.HasPrefix(after, "[") {
			return nil, fmt.Errorf("the path %q has an empty name; write it like lines[0].id", source)
		}
		if name != "" {
			steps = append(steps, step{name: name})
		}
		for strings.HasPrefix(after, "[") {
			inner, tail, ok := strings.Cut(after[1:], "]")
			if !ok {
				return nil, fmt.Errorf("the path %q has a [ without ]", source)
			}
			s, err := parseIndex(inner)
			if err != nil {
				return nil, fmt.Errorf("the path %q: %w", source, err)
			}
			steps, after = append(steps, s), tail
		}
		switch {
		case after == "":
			return steps, nil
		case !strings.HasPrefix(after, ".") || after == ".":
			return nil, fmt.Errorf("the path %q ends badly at %q", source, after)
		}
		rest = after[1:]
	}
	return steps, nil
}

// cutName takes a name up to an unescaped dot or a bracket.
func cutName(s string) (name, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '.' || c == '[':
			return b.String(), s[i:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

func parseIndex(s string) (step, error) {
	if field, value, ok := strings.Cut(s, "="); ok && field != "" {
		return step{search: true, field: field, value: value}, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1_000_000 {
		return step{}, fmt.Errorf("[%s] is neither an index from 0 nor [field=value]", s)
	}
	return step{list: true, index: n}, nil
}

// get gives what stands at the path, nil where there is nothing.
func (p path) get(answer any) any {
	for _, way := range p.ways {
		if v := walk(answer, way); v != nil {
			return v
		}
	}
	return nil
}

func walk(v any, steps []step) any {
	for _, s := range steps {
		switch x := v.(type) {
		case map[string]any:
			if s.list || s.search {
				return nil
			}
			v = x[s.name]
		case []any:
			switch {
			case s.list && s.index < len(x):
				v = x[s.index]
			case s.search:
				v = search(x, s)
			default:
				return nil
			}
		default:
			return nil
		}
	}
	return v
}

func search(list []any, s step) any {
	for _, item := range list {
		if m, ok := item.(map[string]any); ok && plain(m[s.field]) == s.value {
			return m
		}
	}
	return nil
}

// list gives the records at the path; a single record counts as a list of one.
func (p path) list(answer any) []any {
	switch x := p.get(answer).(type) {
	case []any:
		return x
	case map[string]any:
		return []any{x}
	}
	return nil
}

// set puts a value at a path of names, making records on the way.
func (p path) set(body map[string]any, value any) {
	if len(p.ways) == 0 {
		return
	}
	for i, s := range p.ways[0] {
		if i == len(p.ways[0])-1 {
			body[s.name] = value
			return
		}
		next, ok := body[s.name].(map[string]any)
		if !ok {
			next = map[string]any{}
			body[s.name] = next
		}
		body = next
	}
}

// plain writes a JSON value as text: numbers without an exponent, records and lists as nothing.
func plain(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case decimal.Decimal:
		return x.String()
	case int64:
		return strconv.FormatInt(x, 10)
	}
	return ""
}

// tree makes formula values of what encoding/json gave with UseNumber. Numbers are bounded, so that
// arithmetic on them is too.
func tree(v any) (any, error) {
	switch x := v.(type) {
	case json.Number:
		return number(string(x))
	case map[string]any:
		for k, inner := range x {
			t, err := tree(inner)
			if err != nil {
				return nil, err
			}
			x[k] = t
		}
		return x, nil
	case []any:
		for i, inner := range x {
			t, err := tree(inner)
			if err != nil {
				return nil, err
			}
			x[i] = t
		}
		return x, nil
	}
	return v, nil
}

func number(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if e, err := strconv.Atoi(exponent); len(mantissa) > 40 || exponent != "" && (err != nil || e > 30 || e < -30) {
		return nil, fmt.Errorf("the number %.40s is out of range", text)
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return nil, fmt.Errorf("%.40q is no number", text)
	}
	return d, nil
}
