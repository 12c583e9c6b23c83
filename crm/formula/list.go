package formula

import (
	"fmt"
	"reflect"

	"github.com/crmplus/crmplus/crm/fault"
)

// theList hands a list to a walk, after it looked at its length.
func theList(r *run, args []any) (any, error) {
	if args[0] == nil {
		return []any{}, nil
	}
	v := reflect.ValueOf(args[0])
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Slice {
		return nil, fmt.Errorf("a list is asked for, and %s came", shown(args[0]))
	}
	if v.Len() > MaxList {
		return nil, &fault.Error{Code: fault.Limit, Message: fmt.Sprintf("the list has %d elements; at most %d are walked", v.Len(), MaxList)}
	}
	return v.Interface(), r.spend(v.Len())
}

// each calls f for every element of a list.
func each(list any, f func(any) error) error {
	if items, ok := list.([]any); ok {
		for _, v := range items {
			if err := f(v); err != nil {
				return err
			}
		}
		return nil
	}
	if list == nil {
		return nil
	}
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice {
		return fmt.Errorf("a list is asked for, and %s came", shown(list))
	}
	for i := range v.Len() {
		if err := f(v.Index(i).Interface()); err != nil {
			return err
		}
	}
	return nil
}

func elementAt(list, place any) (any, error) {
	n, err := wholeOf(place)
	if err != nil || list == nil {
		return nil, err
	}
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice {
		return nil, fmt.Errorf("a list is asked for, and %s came", shown(list))
	}
	if n < 0 || n >= int64(v.Len()) {
		return nil, nil
	}
	return v.Index(int(n)).Interface(), nil
}
