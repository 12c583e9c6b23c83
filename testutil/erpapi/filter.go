package erpapi

import (
	"encoding/json"
	"fmt"
	"strings"
)

// filter is an OData $filter: comparisons, and, or, not, parentheses, contains, startswith, endswith.
type filter interface {
	holds(r row) bool
	// fields are the names that are compared.
	fields() []string
}

type (
	both    struct{ a, b filter }
	either  struct{ a, b filter }
	negated struct{ f filter }
	test    struct {
		field, op string
		value     any
	}
)

func (f both) holds(r row) bool    { return f.a.holds(r) && f.b.holds(r) }
func (f either) holds(r row) bool  { return f.a.holds(r) || f.b.holds(r) }
func (f negated) holds(r row) bool { return !f.f.holds(r) }
func (f both) fields() []string    { return append(f.a.fields(), f.b.fields()...) }
func (f either) fields() []string  { return append(f.a.fields(), f.b.fields()...) }
func (f negated) fields() []string { return f.f.fields() }
func (t test) fields() []string    { return []string{t.field} }

func (t test) holds(r row) bool {
	text, want := strings.ToLower(r.text(t.field)), strings.ToLower(row{"v": t.value}.text("v"))
	switch t.op {
	case "contains":
		return strings.Contains(text, want)
	case "startswith":
		return strings.HasPrefix(text, want)
	case "endswith":
		return strings.HasSuffix(text, want)
	case "eq":
		return text == want || isNumber(r[t.field]) && compare(r[t.field], t.value) == 0
	case "ne":
		return text != want
	}
	n := compare(r[t.field], t.value)
	switch t.op {
	case "gt":
		return n > 0
	case "ge":
		return n >= 0
	case "lt":
		return n < 0
	}
	return n <= 0
}

func isNumber(v any) bool { _, ok := v.(json.Number); return ok }

// mixes reports whether an or joins different fields, which Business Central refuses.
func mixes(f filter) bool {
	switch x := f.(type) {
	case either:
		fields := x.fields()
		for _, name := range fields {
			if name != fields[0] {
				return true
			}
		}
		return mixes(x.a) || mixes(x.b)
	case both:
		return mixes(x.a) || mixes(x.b)
	case negated:
		return mixes(x.f)
	}
	return false
}

// parser reads a filter word by word.
type parser struct {
	words []string
	at    int
}

func parseFilter(text string) (f filter, err error) {
	words, err := words(text)
	if err != nil {
		return nil, err
	}
	p := &parser{words: words}
	if f, err = p.or(); err == nil && p.at < len(p.words) {
		err = fmt.Errorf("syntax error at %q", p.words[p.at])
	}
	return f, err
}

// words splits at blanks, commas and parentheses; texts keep their first quote.
func words(text string) ([]string, error) {
	var out []string
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case ' ':
			i++
		case '(', ')', ',':
			out = append(out, string(c))
			i++
		case '\'':
			var b strings.Builder
			i++
			for {
				if i >= len(text) {
					return nil, fmt.Errorf("unterminated string literal")
				}
				if text[i] == '\'' {
					if i+1 < len(text) && text[i+1] == '\'' {
						b.WriteByte('\'')
						i += 2
						continue
					}
					i++
					break
				}
				b.WriteByte(text[i])
				i++
			}
			out = append(out, "'"+b.String())
		default:
			j := i
			for j < len(text) && !strings.ContainsRune(" (),'", rune(text[j])) {
				j++
			}
			out = append(out, text[i:j])
			i = j
		}
	}
	return out, nil
}

func (p *parser) peek() string {
	if p.at < len(p.words) {
		return p.words[p.at]
	}
	return ""
}

func (p *parser) take() string {
	w := p.peek()
	p.at++
	return w
}

func (p *parser) or() (filter, error) {
	f, err := p.and()
	for err == nil && p.peek() == "or" {
		p.at++
		var g filter
		if g, err = p.and(); err == nil {
			f = either{f, g}
		}
	}
	return f, err
}

func (p *parser) and() (filter, error) {
	f, err := p.one()
	for err == nil && p.peek() == "and" {
		p.at++
		var g filter
		if g, err = p.one(); err == nil {
			f = both{f, g}
		}
	}
	return f, err
}

func (p *parser) one() (filter, error) {
	switch w := p.take(); w {
	case "not":
		f, err := p.one()
		return negated{f}, err
	case "(":
		f, err := p.or()
		if err == nil && p.take() != ")" {
			err = fmt.Errorf("a ) is missing")
		}
		return f, err
	case "contains", "startswith", "endswith":
		if p.take() != "(" {
			return nil, fmt.Errorf("a ( is missing after %s", w)
		}
		t := test{op: w, field: p.take()}
		if p.take() != "," {
			return nil, fmt.Errorf("a , is missing in %s", w)
		}
		v, err := literal(p.take())
		t.value = v
		if err == nil && p.take() != ")" {
			err = fmt.Errorf("a ) is missing after %s", w)
		}
		return t, err
	case "":
		return nil, fmt.Errorf("the expression ends too early")
	default:
		t := test{field: w, op: p.take()}
		if !strings.Contains("|eq|ne|gt|ge|lt|le|", "|"+t.op+"|") {
			return nil, fmt.Errorf("syntax error at %q", t.op)
		}
		v, err := literal(p.take())
		t.value = v
		return t, err
	}
}

func literal(w string) (any, error) {
	switch {
	case w == "":
		return nil, fmt.Errorf("a value is missing")
	case w[0] == '\'':
		return w[1:], nil
	case w == "true" || w == "false" || w == "null":
		return w, nil
	case w[0] >= '0' && w[0] <= '9' && !strings.Contains(w, "-"), w[0] == '-':
		return json.Number(w), nil
	}
	return w, nil
}
