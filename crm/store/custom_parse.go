package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// ParseCustom reads what [Session.SetCustom] takes from a text, and holds it against the field's rules: numbers and sums
// with a point, true or false, days as 2026-07-13, instants as RFC 3339, nil for an empty one.
func (s *Session) ParseCustom(ctx context.Context, recordKind, name, text string) (any, error) {
	value, err := s.parseCustom(ctx, recordKind, name, text)
	if err != nil {
		return nil, err
	}
	faults, err := s.CustomFaults(ctx, recordKind, map[string]any{name: value})
	if err == nil {
		err = fault.List(faults).Err("the custom field cannot be set")
	}
	return value, err
}

func (s *Session) parseCustom(ctx context.Context, recordKind, name, text string) (any, error) {
	fields, err := s.Fields(ctx, recordKind)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(fields, func(f CustomField) bool { return f.Name == name })
	refused := func(code, message string) error {
		return fault.List{{Path: "custom." + name, Code: code, Message: message}}.Err("the custom field cannot be set")
	}
	switch text = strings.TrimSpace(text); {
	case i < 0:
		return nil, refused("unknown", "there is no such field")
	case text == "":
		return nil, nil
	case fields[i].Column() == "text_value":
		return text, nil
	}
	switch fields[i].Type {
	case NumberField:
		if n, err := money.ParseQuantity(text); err == nil {
			return n, nil
		}
		return nil, refused("number.form", "is no number; write it as 1250.5")
	case MoneyField:
		if n, err := money.ParseAmount(text); err == nil {
			return n, nil
		}
		return nil, refused("number.form", "is no sum; write it as 1250.5")
	case YesNoField:
		if yes := text == "true"; yes || text == "false" {
			return yes, nil
		}
		return nil, refused("choice", "is neither true nor false")
	case DateField:
		if day, err := civil.Parse(text); err == nil {
			return day, nil
		}
		return nil, refused("date.form", "is no day; write it as 2026-07-13")
	default:
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at, nil
		}
		return nil, refused("date.form", "is no time; write it as 2026-07-13T09:00:00Z")
	}
}
