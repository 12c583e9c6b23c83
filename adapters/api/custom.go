package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// convertCustom turns the values of custom fields, as JSON has them, into those of their types: text as
// it is, numbers from decimals as text, times from RFC 3339, null for none.
func convertCustom(ctx context.Context, m *crm.Module, kind string, values map[string]any) error {
	if len(values) == 0 {
		return nil
	}
	return m.DB().Read(ctx, func(ctx context.Context, s *store.Session) error {
		fields, err := s.Fields(ctx, kind)
		if err != nil {
			return err
		}
		types := make(map[string]store.FieldType, len(fields))
		for _, f := range fields {
			types[f.Name] = f.Type
		}
		var faults fault.List
		for _, name := range slices.Sorted(maps.Keys(values)) {
			text, ok := values[name].(string)
			switch kind := types[name]; {
			case values[name] == nil || kind == "": // an unknown name is refused by whoever keeps it
				continue
			case !ok:
				if _, converted := values[name].(interface{ IsZero() bool }); !converted {
					faults.Add("custom."+name, "type", "takes text; write numbers and times as text, too")
				}
			case kind == store.NumberField:
				values[name] = customNumber(&faults, name, text)
			case kind == store.TimeField:
				at, err := time.Parse(time.RFC3339, text)
				if err != nil {
					faults.Add("custom."+name, "time.form", "is no time; write it like 2026-07-13T10:00:00Z")
				}
				values[name] = at
			}
		}
		return faults.Err("the custom fields cannot be saved")
	})
}

func customNumber(faults *fault.List, name, text string) money.Quantity {
	if !decimalForm.MatchString(text) {
		faults.Add("custom."+name, "form", "is no number; write it like -1234.50")
		return money.Quantity{}
	}
	var n numbers
	q := number(&n, "custom."+name, Decimal(text), money.ParseQuantity)
	*faults = append(*faults, n.faults...)
	return q
}

// customOf writes the values of custom fields.
func customOf(values map[string]any) map[string]any {
	out := make(map[string]any, len(values))
	for name, v := range values {
		switch x := v.(type) {
		case money.Quantity:
			out[name] = decimalOf(x)
		default:
			out[name] = x
		}
	}
	return out
}
