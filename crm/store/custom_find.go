package store

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// CustomFilter narrows a list by one custom field; all that is set must hold.
type CustomFilter struct {
	// Field is the field's name.
	Field string
	// Is is the value, in the type that [FieldType] names. Of texts it is their beginning, whatever the case.
	Is any
	// From and Until bound numbers, money, dates and times, both included.
	From, Until any
}

// CustomSearch is filters by custom fields as SQL.
type CustomSearch struct {
	Predicate
	// First joins [CustomFirst] to the record where few records pass: a list is then read from there and sorted. It
	// is "" where so many pass that a list in its own order soon finds a page of them.
	First Predicate
}

// CustomFirst is the table of [CustomSearch.First].
const CustomFirst = "crm_custom_value AS first_value"

// fewValues is up to how many records a list is read from the index of values, and sorted.
const fewValues = 2000

// CustomWhere turns filters into conditions on records whose key is the column key; the zero CustomSearch for none.
// It costs a statement for the fields and one for each filter, which counts no further than it must.
func (s *Session) CustomWhere(ctx context.Context, recordKind, key string, filters []CustomFilter) (CustomSearch, error) {
	var out CustomSearch
	parts, err := s.customParts(ctx, recordKind, filters)
	if err != nil {
		return out, err
	}
	for _, p := range parts {
		var n int
		text := "SELECT COUNT(*) FROM (SELECT v.record_id FROM crm_custom_value AS v WHERE {scope} AND " + under("v", p.SQL) + " ORDER BY v." + p.column + ", v.record_id" + s.Limit(fewValues+1) + ") AS few"
		if out.First.SQL == "" {
			if err := s.Query(ctx, &n, From[customValue]("v"), text, p.Args...); err != nil {
				return out, wrapSQL(err, "counting custom values")
			}
			if n <= fewValues {
				out.First = Predicate{SQL: under("first_value", p.SQL) + " AND " + key + " = first_value.record_id", Args: p.Args}
				continue
			}
		}
		out.has(p, key)
	}
	return out, nil
}

// CustomHas turns filters into conditions behind others, on records whose key is the column key, without looking how
// many pass: for sums, which read all records of a period anyhow.
func (s *Session) CustomHas(ctx context.Context, recordKind, key string, filters []CustomFilter) (Predicate, error) {
	var out Predicate
	parts, err := s.customParts(ctx, recordKind, filters)
	for _, p := range parts {
		out.has(p, key)
	}
	return out, err
}

// has adds that a record has a value which passes.
func (p *Predicate) has(part customPart, key string) {
	p.SQL += " AND EXISTS (SELECT 1 FROM crm_custom_value AS own_value WHERE own_value.record_id = " + key + " AND " + under("own_value", part.SQL) + ")"
	p.Args = append(p.Args, part.Args...)
}

// customParts holds filters against the fields of a kind of record.
func (s *Session) customParts(ctx context.Context, recordKind string, filters []CustomFilter) ([]customPart, error) {
	if len(filters) == 0 {
		return nil, nil
	}
	fields, err := s.Fields(ctx, recordKind)
	if err != nil {
		return nil, err
	}
	var faults fault.List
	var parts []customPart
	for _, filter := range filters {
		f, err := FieldNamed(fields, filter.Field)
		if err != nil {
			faults.Add("custom."+filter.Field, "unknown", "%s", err)
			continue
		}
		p := f.where(&faults, filter)
		parts = append(parts, customPart{f.searched(), Predicate{SQL: "@.company = ? AND @.field_id = ?" + p.SQL, Args: append([]any{s.Actor.Company, f.ID}, p.Args...)}})
	}
	return parts, faults.Err("the list cannot be narrowed")
}

// customPart is one filter: the indexed column that it looks at, and its condition with @ for the alias.
type customPart struct {
	column string
	Predicate
}

func under(alias, text string) string { return strings.ReplaceAll(text, "@.", alias+".") }

// searched is the column with an index by which a field's values are found.
func (f CustomField) searched() string {
	if column := f.Column(); column != "text_value" {
		return column
	}
	return "text_key"
}

// where is a filter as a condition behind others.
func (f CustomField) where(faults *fault.List, filter CustomFilter) Predicate {
	var p Predicate
	column := "@." + f.searched()
	for _, bound := range []struct {
		op    string
		value any
	}{{"=", filter.Is}, {">=", filter.From}, {"<=", filter.Until}} {
		value, fits := f.settled(bound.value)
		switch {
		case !fits:
			faults.Add("custom."+f.Name, "type", "is a field of the type %s and takes a %s, not %T", f.Type, f.goType(), bound.value)
			continue
		case value == nil:
			continue
		}
		var row customValue
		row.set(value)
		switch column {
		case "@.number_value":
			p.SQL += " AND " + column + " " + bound.op + " ?"
			p.Args = append(p.Args, row.Number)
		case "@.time_value":
			p.SQL += " AND " + column + " " + bound.op + " ?"
			p.Args = append(p.Args, row.Time)
		default:
			if f.Type == ChoiceField {
				p.SQL += " AND " + column + " = ?"
				p.Args = append(p.Args, row.TextKey)
				continue
			}
			p.SQL += " AND " + column + " >= ? AND " + column + " < ?"
			p.Args = append(p.Args, row.TextKey, row.TextKey+"\U0010FFFF")
		}
	}
	return p
}
