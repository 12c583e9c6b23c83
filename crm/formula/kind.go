package formula

import (
	"fmt"
	"reflect"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
)

// Kind is what a value of a formula is.
type Kind string

// The kinds, and the Go types that [Program.Run] gives for them. No value is nil in every kind.
const (
	// Text is a string.
	Text Kind = "text"
	// Whole is an int64.
	Whole Kind = "whole number"
	// Number is a decimal.Decimal.
	Number Kind = "number"
	// Bool is a bool.
	Bool Kind = "yes/no"
	// Date is a civil.Date.
	Date Kind = "date"
	// Moment is a time.Time, or a civil.DateTime for a wall time without a zone: what was given comes
	// back.
	Moment Kind = "date and time"
	// Record is a struct, or a map[string]any by field name.
	Record Kind = "record"
	// List is a slice.
	List Kind = "list"
	// Any is a value whose kind is known only when the formula runs.
	Any Kind = "any"
)

// none is the kind of the literal nil, which goes with every other.
const none Kind = "nil"

// canonical brings a value of the program around the formula to the one Go type of its kind; what
// means "no value" becomes nil.
func canonical(v any) (any, error) {
	switch x := v.(type) {
	case nil, string, int64, bool:
		return v, nil
	case decimal.Decimal:
		return checked(x)
	case money.Amount:
		return checked(x.Decimal)
	case money.Quantity:
		return checked(x.Decimal)
	case money.Percent:
		return checked(x.Decimal)
	case money.Rate:
		return checked(x.Decimal)
	case civil.Date:
		if x.IsZero() {
			return nil, nil
		}
		return x, nil
	case time.Time:
		if x.IsZero() {
			return nil, nil
		}
		return x, nil
	case civil.DateTime:
		if x.IsZero() {
			return nil, nil
		}
		return x, nil
	case int:
		return int64(x), nil
	case []byte:
		if x == nil {
			return nil, nil
		}
		return x, nil
	}
	return canonicalReflected(reflect.ValueOf(v))
}

// canonicalReflected handles the types that are not named in [canonical].
func canonicalReflected(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		return canonical(v.Elem().Interface())
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(v.Uint()), nil
	case reflect.Uint64:
		return checked(decimal.NewFromUint64(v.Uint()))
	case reflect.Float32, reflect.Float64:
		return fromFloat(v.Float())
	case reflect.Slice, reflect.Map:
		if v.IsNil() {
			return nil, nil
		}
		return v.Interface(), nil
	case reflect.Struct, reflect.Array:
		return v.Interface(), nil
	}
	return nil, fmt.Errorf("a value of the Go type %s cannot be used in a formula", v.Type())
}

// kindOf tells the kind of a canonical value.
func kindOf(v any) Kind {
	switch v.(type) {
	case nil:
		return none
	case string:
		return Text
	case int64:
		return Whole
	case decimal.Decimal:
		return Number
	case bool:
		return Bool
	case civil.Date:
		return Date
	case time.Time, civil.DateTime:
		return Moment
	}
	switch reflect.TypeOf(v).Kind() {
	case reflect.Slice, reflect.Array:
		return List
	}
	return Record
}

// fits reports whether a value of the kind have can stand where want is asked for, as far as the kinds
// tell: Any is judged when the formula runs, and a whole number is a number.
func fits(have, want Kind) bool {
	return have == want || want == Any || have == Any || have == none || have == Whole && want == Number
}

// convert gives the value as the wanted kind, or says why it is none.
func convert(v any, want Kind) (any, error) {
	if v == nil || want == Any {
		return v, nil
	}
	have := kindOf(v)
	if have == want {
		return v, nil
	}
	if n, ok := v.(int64); ok && want == Number {
		return decimal.NewFromInt(n), nil
	}
	return nil, fmt.Errorf("the value %s is a %s, and a %s is asked for%s", shown(v), have, want, remedy(have, want))
}

// remedy names the function that makes the wanted kind.
func remedy(have, want Kind) string {
	switch {
	case want == Text && (have == Whole || have == Number || have == Date || have == Moment || have == Bool):
		return "; write text(...) around it"
	case want == Number && have == Text:
		return "; write number(...) around it"
	case want == Whole && (have == Number || have == Text):
		return "; write whole(...) around it"
	case want == Date && (have == Text || have == Moment):
		return "; write date(...) around it"
	case want == Bool:
		return "; compare it with something, as in x == 1"
	}
	return ""
}

// shown prints a value for a message, cut short.
func shown(v any) string {
	switch x := v.(type) {
	case nil:
		return "nil"
	case string:
		if r := []rune(x); len(r) > 40 {
			x = string(r[:40]) + "…"
		}
		return fmt.Sprintf("%q", x)
	case int64, decimal.Decimal, bool, civil.Date, civil.DateTime:
		return fmt.Sprint(x)
	case time.Time:
		return x.Format(momentLayout)
	}
	return "of a " + string(kindOf(v))
}
