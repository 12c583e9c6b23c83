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
	seen       atomic.Pointer[place]
}

type place struct {
	of    reflect.Type
	index []int
}

func newGetter(f Field, path string) *getter { return &getter{name: f.Name, path: path, kind: f.Kind} }

func (g *getter) field(_ *run, args []any) (any, error) {
	if m, ok := args[0].(map[string]any); ok {
		return loaded(m[g.name], g.path, g.kind)
	}
	if args[0] == nil {
		return nil, nil
	}
	v := reflect.ValueOf(args[0])
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s: a record is asked for, and %s came", g.path, shown(args[0]))
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
