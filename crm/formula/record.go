package formula

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"unicode"
)

// getter reads one declared field of a record. It remembers where the field lies in the Go type that it
// saw last.
type getter struct {
	name, path string
	kind       Kind
	// open: the field is not declared, a column in whatever letters the database has it.
	open bool
	seen atomic.Pointer[place]
}

type place struct {
	of    reflect.Type
	index []int
}

// anyCase finds a value whose name differs in nothing but upper and lower case.
func anyCase(m map[string]any, name string) any {
	for k, v := range m {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

func (g *getter) field(record any) (any, error) {
	if m, ok := record.(map[string]any); ok {
		v, exact := m[g.name]
		if !exact && g.open {
			v = anyCase(m, g.name)
		}
		return loaded(v, g.path, g.kind)
	}
	if record == nil {
		return nil, nil
	}
	v := reflect.ValueOf(record)
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s: a record is asked for, and %s came", g.path, shown(record))
	}
	at := g.seen.Load()
	if at == nil || at.of != v.Type() {
		index := fieldIndex(v.Type(), g.name)
		if index == nil {
			return nil, fmt.Errorf("%s: the Go type %s has no such field", g.path, v.Type())
		}
		at = &place{of: v.Type(), index: index}
		g.seen.Store(at)
	}
	f, err := v.FieldByIndexErr(at.index)
	if err != nil { // an embedded pointer that is nil
		return nil, nil //nolint:nilerr // no record has no value
	}
	switch {
	case f.Kind() == reflect.String:
		return loaded(f.String(), g.path, g.kind)
	case f.Kind() == reflect.Pointer && f.IsNil():
		return nil, nil
	}
	return loaded(f.Interface(), g.path, g.kind)
}

// fieldIndex finds the exported field whose name in snake case is the given one.
func fieldIndex(t reflect.Type, name string) []int {
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() && !f.Anonymous && snake(f.Name) == name {
			return f.Index
		}
	}
	return nil
}

// snake writes a Go name as formulas do: TaxID is tax_id, EUVatID is eu_vat_id, Line1 is line1.
func snake(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			afterSmall := !unicode.IsUpper(runes[i-1])
			beforeSmall := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterSmall || beforeSmall {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
