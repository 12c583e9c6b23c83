package formula

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
)

// comparison are the operators that compare.
var comparison = map[string]func(*run, []any) (any, error){
	"==": func(_ *run, args []any) (any, error) { return equal(args[0], args[1]) },
	"!=": func(_ *run, args []any) (any, error) {
		same, err := equal(args[0], args[1])
		return !same, err
	},
	"<":  ordered(func(c int) bool { return c < 0 }),
	"<=": ordered(func(c int) bool { return c <= 0 }),
	">":  ordered(func(c int) bool { return c > 0 }),
	">=": ordered(func(c int) bool { return c >= 0 }),
}

func ordered(holds func(int) bool) func(*run, []any) (any, error) {
	return func(_ *run, args []any) (any, error) {
		c, err := compare(args[0], args[1])
		return err == nil && holds(c), err
	}
}

// missing reports whether the value counts as none.
func missing(v any) bool {
	if v == nil || v == "" {
		return true
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return r.IsNil()
	}
	return false
}

func equal(a, b any) (bool, error) {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return x == y, nil
		}
	}
	if x, y := missing(a), missing(b); x || y {
		return x && y, nil
	}
	if x, ok := a.(bool); ok {
		if y, ok := b.(bool); ok {
			return x == y, nil
		}
	}
	c, err := compare(a, b)
	return c == 0, err
}

// compare orders two values of one kind: numbers by size, texts by their characters, dates by time.
func compare(a, b any) (int, error) {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y), nil
		}
		if y, ok := b.(decimal.Decimal); ok {
			return decimal.NewFromInt(x).Cmp(y), nil
		}
	case decimal.Decimal:
		if y, ok := b.(decimal.Decimal); ok {
			return x.Cmp(y), nil
		}
		if y, ok := b.(int64); ok {
			return x.Cmp(decimal.NewFromInt(y)), nil
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	case civil.Date:
		if y, ok := b.(civil.Date); ok {
			return x.Compare(y), nil
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y), nil
		}
	case civil.DateTime:
		if y, ok := b.(civil.DateTime); ok {
			return x.Compare(y), nil
		}
	}
	if a == nil || b == nil {
		return 0, fmt.Errorf("there is no value to compare; write x ?? 0, or ask x != nil first")
	}
	return 0, fmt.Errorf("%s, a %s, cannot be compared with %s, a %s", shown(a), kindOf(a), shown(b), kindOf(b))
}

func in(r *run, args []any) (any, error) {
	for _, v := range args[1:] {
		same, err := equal(args[0], v)
		if err != nil || same {
			return same, err
		}
	}
	return false, r.spend(len(args))
}

func inList(r *run, args []any) (any, error) {
	found := false
	err := each(args[1], func(v any) error {
		v, err := canonical(v)
		if err != nil || found {
			return err
		}
		if found, err = equal(args[0], v); err != nil {
			return err
		}
		return r.spend(1)
	})
	return found, err
}

// extreme makes min and max; values that are missing are left out, as in SQL.
func extreme(sign int) func(*run, []any) (any, error) {
	return func(_ *run, args []any) (any, error) {
		var best any
		for _, v := range args {
			if missing(v) {
				continue
			}
			if best == nil {
				best = v
				continue
			}
			c, err := compare(v, best)
			if err != nil {
				return nil, err
			}
			if c*sign > 0 {
				best = v
			}
		}
		return best, nil
	}
}
