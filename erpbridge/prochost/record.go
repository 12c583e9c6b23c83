package prochost

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// records reads the rows that a read gives, as records of our fields; none where a return code says that
// what was asked for is not there.
func (w *work) records(ctx context.Context, r *read, over rowsOf) ([]*record, error) {
	list, _, err := w.recordsBeside(ctx, r, over)
	return list, err
}

// recordsBeside gives the whole answer of the call as well; nil for a select.
func (w *work) recordsBeside(ctx context.Context, r *read, over rowsOf) ([]*record, *answer, error) {
	if r.table != nil {
		rows, err := w.selected(ctx, r)
		if err != nil {
			return nil, nil, err
		}
		list, err := recordsOf(ctx, r, rows)
		return list, nil, err
	}
	a, err := w.call(ctx, r.call, over)
	if err != nil || a.missing {
		return nil, a, err
	}
	if r.out {
		list, err := recordsOf(ctx, r, []map[string]any{a.out})
		return list, a, err
	}
	if r.set >= len(a.sets) {
		return nil, a, fmt.Errorf("prochost: %s: %s gave %d result sets, and set %d is asked for", r.path, r.procedure.Name, len(a.sets), r.set)
	}
	list, err := recordsOf(ctx, r, a.sets[r.set])
	return list, a, err
}

// one reads one record; nil where there is none.
func (w *work) one(ctx context.Context, r *read) (*record, error) {
	list, err := w.records(ctx, r, rowsOf{})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// selected reads the rows of a table. A value that a column cannot hold is found nowhere.
func (w *work) selected(ctx context.Context, r *read) ([]map[string]any, error) {
	var text strings.Builder
	b := &batch{seen: map[any]string{}}
	text.WriteString("SELECT ")
	if limit, ok := w.vars["limit"].(int64); ok && limit > 0 {
		fmt.Fprintf(&text, "TOP (%d) ", limit)
	}
	for i, c := range r.selected {
		text.WriteString(after(i, ", ") + c.Select("") + " AS " + c.Quoted())
	}
	text.WriteString(" FROM " + r.table.Quoted())
	words := " WHERE "
	for _, c := range r.where {
		v, err := evaluate(ctx, c.value, w.vars)
		if err != nil {
			return nil, fmt.Errorf("prochost: %s: %w", r.path, err)
		}
		if v == nil {
			continue
		}
		text.WriteString(words + c.column.Quoted() + " = " + b.bound(c.column, v, ""))
		words = " AND "
	}
	if words == " WHERE " {
		return nil, fmt.Errorf("prochost: %s: no condition of the select has a value", r.path)
	}
	for i, o := range r.order {
		text.WriteString(map[bool]string{true: " ORDER BY ", false: ", "}[i == 0] + o.column.Quoted() + map[bool]string{true: " DESC"}[o.down])
	}
	if len(b.faults) > 0 {
		return nil, nil
	}
	sets, err := w.query(ctx, Statement{r.path, text.String(), b.args})
	if err != nil {
		return nil, fmt.Errorf("prochost: %s: %w", r.path, err)
	}
	if len(sets) != 1 {
		return nil, fmt.Errorf("prochost: %s: the select gave %d result sets", r.path, len(sets))
	}
	for _, row := range sets[0] {
		for _, c := range r.selected {
			if row[c.Name], err = c.Value(catalog.MSSQL, row[c.Name], catalog.Storage{}); err != nil {
				return nil, err
			}
		}
	}
	return sets[0], nil
}

// record is one row as our fields. A value of the wrong kind is kept in err, and the field is empty.
type record struct {
	path   string
	values map[string]any
	err    error
}

// recordsOf makes records of rows.
func recordsOf(ctx context.Context, r *read, rows []map[string]any) ([]*record, error) {
	list := make([]*record, 0, len(rows))
	for _, row := range rows {
		rec := &record{path: r.path, values: make(map[string]any, len(r.fields))}
		for name, f := range r.fields {
			v, err := f.value(ctx, row)
			if err != nil {
				return nil, fmt.Errorf("prochost: %s.fields.%s: %w", r.path, name, err)
			}
			rec.values[name] = v
		}
		list = append(list, rec)
	}
	return list, nil
}

// value reads a field from a row.
func (f *fieldRead) value(ctx context.Context, row map[string]any) (v any, err error) {
	if f.column != "" {
		var known bool
		if v, known = columnOf(row, f.column); !known {
			return nil, fmt.Errorf("the rows have no column %s%s", f.column, catalog.Nearest(f.column, namesOf(row)))
		}
	}
	if f.read != nil {
		if v, err = evaluate(ctx, f.read, map[string]any{"row": row, "value": v}); err != nil {
			return nil, err
		}
	}
	if f.ours != nil {
		if ours, ok := f.ours[asText(v)]; ok {
			v = ours
		}
	}
	return v, nil
}

// columnOf finds a column whatever the case of its name.
func columnOf(row map[string]any, name string) (any, bool) {
	if v, ok := row[name]; ok {
		return v, true
	}
	for n, v := range row {
		if strings.EqualFold(n, name) {
			return v, true
		}
	}
	return nil, false
}

func namesOf(row map[string]any) (names []string) {
	for n := range row {
		names = append(names, n)
	}
	return names
}

// asText is a value as a text: numbers without needless zeros, days as 2026-07-13.
func asText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	case decimal.Decimal:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	case civil.Date:
		return x.String()
	case civil.DateTime:
		return x.String()
	}
	return ""
}

func (r *record) wrong(name, kind string) {
	if r.err == nil {
		r.err = fmt.Errorf("prochost: %s.fields.%s: %v (%T) is no %s; turn it into one by read", r.path, name, r.values[name], r.values[name], kind)
	}
}

func (r *record) text(name string) string { return asText(r.values[name]) }

func (r *record) number(name string) decimal.Decimal {
	switch x := r.values[name].(type) {
	case nil:
	case decimal.Decimal:
		return x
	case int64:
		return decimal.NewFromInt(x)
	case string:
		d, err := decimal.NewFromString(strings.TrimSpace(x))
		if err != nil {
			r.wrong(name, "number")
		}
		return d
	default:
		r.wrong(name, "number")
	}
	return decimal.Decimal{}
}

func (r *record) amount(name string) money.Amount     { return money.NewAmount(r.number(name)) }
func (r *record) quantity(name string) money.Quantity { return money.NewQuantity(r.number(name)) }
func (r *record) percent(name string) money.Percent   { return money.NewPercent(r.number(name)) }

func (r *record) whole(name string) int {
	d := r.number(name)
	if !d.IsInteger() {
		r.wrong(name, "whole number")
	}
	return int(d.IntPart())
}

func (r *record) flag(name string) bool {
	switch x := r.values[name].(type) {
	case nil:
	case bool:
		return x
	case int64:
		return x != 0
	case string:
		switch x {
		case "true", "1":
			return true
		case "false", "0", "":
		default:
			r.wrong(name, "yes or no")
		}
	default:
		r.wrong(name, "yes or no")
	}
	return false
}

func (r *record) date(name string) civil.Date {
	switch x := r.values[name].(type) {
	case nil:
	case civil.Date:
		return x
	case civil.DateTime:
		return x.Date
	case string:
		d, err := civil.Parse(x)
		if err != nil {
			r.wrong(name, "date")
		}
		return d
	default:
		r.wrong(name, "date")
	}
	return civil.Date{}
}

// language reads a language; one that CRM+ does not speak is none.
func (r *record) language(name string) locale.Language {
	l, _ := locale.ParseLanguage(r.text(name))
	return l
}

// zone reads a time zone.
func (r *record) zone(name string) *time.Location {
	z, err := time.LoadLocation(r.text(name))
	if err != nil {
		r.wrong(name, "time zone")
		return time.UTC
	}
	return z
}
