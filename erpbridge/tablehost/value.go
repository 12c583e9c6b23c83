package tablehost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// plain brings a value to one of string, int64, decimal.Decimal, bool, civil.Date, civil.DateTime, []byte
// and nil; zero dates are nil.
func plain(v any) any {
	switch x := v.(type) {
	case int:
		return int64(x)
	case int32:
		return int64(x)
	case money.Amount:
		return x.Decimal
	case *money.Amount:
		if x == nil {
			return nil
		}
		return x.Decimal
	case money.Quantity:
		return x.Decimal
	case *money.Quantity:
		if x == nil {
			return nil
		}
		return x.Decimal
	case money.Percent:
		return x.Decimal
	case locale.Language:
		return string(x)
	case erpbridge.Kind:
		return string(x)
	case erpbridge.State:
		return string(x)
	case civil.Date:
		if x.IsZero() {
			return nil
		}
	case civil.DateTime:
		if x.IsZero() {
			return nil
		}
	case []byte:
		if x == nil {
			return nil
		}
	}
	return v
}

// isNone reports whether there is no value: NULL, or no date. An empty text is one.
func isNone(v any) bool { return plain(v) == nil }

// isEmpty reports whether a draft leaves a field open; numbers do where they are zero.
func isEmpty(v any) bool {
	switch x := plain(v).(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(x) == ""
	case int64:
		return x == 0
	case decimal.Decimal:
		return x.IsZero()
	case []byte:
		return len(x) == 0
	}
	return false
}

// fit brings a value to the kind of the column, where that loses nothing; Bind refuses what is left.
func (c *column) fit(v any) any {
	v = fit(c.Column, v)
	if n, ok := v.(int64); ok && c.storage.Scale > 0 && !c.storage.Text {
		return decimal.NewFromInt(n)
	}
	return v
}

func fit(c *catalog.Column, v any) any {
	switch x := plain(v).(type) {
	case nil:
		if c.Type.Family == catalog.Text && !c.Nullable {
			return ""
		}
		return nil
	case string:
		return fitText(c, x)
	case int64:
		if c.Type.Family == catalog.Bool {
			return x != 0
		}
		return x
	case decimal.Decimal:
		if c.Type.Family == catalog.Text && x.IsInteger() {
			return x.String()
		}
		return x
	case bool:
		return fitBool(c, x)
	case civil.Date:
		if c.Type.Family == catalog.Text {
			return x.String()
		}
		return x
	case civil.DateTime:
		switch c.Type.Family {
		case catalog.Text:
			return x.String()
		case catalog.Date:
			return x.Date
		}
		return x
	default:
		return x
	}
}

func fitText(c *catalog.Column, s string) any {
	if s == "" {
		if c.Nullable || c.Type.Family != catalog.Text {
			return nil
		}
		return s
	}
	if c.Type.Family == catalog.Binary {
		return []byte(s)
	}
	return s
}

func fitBool(c *catalog.Column, b bool) any {
	switch c.Type.Family {
	case catalog.Integer, catalog.Decimal, catalog.Float:
		if b {
			return int64(1)
		}
		return int64(0)
	case catalog.Text:
		if b {
			return "1"
		}
		return "0"
	}
	return b
}

// textOf is a value as text: how Values and keys call it.
func textOf(v any) string {
	switch x := plain(v).(type) {
	case nil:
		return ""
	case string:
		return x
	case []byte:
		return string(x)
	default:
		return fmt.Sprint(x)
	}
}

// run evaluates a formula at a path of the mapping.
func (w work) run(ctx context.Context, path string, p *formula.Program, v vars) (any, error) {
	out, err := p.Run(ctx, v)
	if err != nil {
		return nil, at(path, err)
	}
	return out, nil
}

// at says where in the mapping a formula failed.
func at(path string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var l fault.List
	l.Add(path, "formula", "%s", err)
	return l.Err("the mapping cannot be followed")
}

// evaluate gives the value of a compiled [Value].
func (w work) evaluate(ctx context.Context, path string, v value, with vars) (any, error) {
	switch {
	case v.lookup != nil:
		parameters := make([]any, len(v.with))
		for i, p := range v.with {
			var err error
			if parameters[i], err = w.run(ctx, path, p, with); err != nil {
				return nil, err
			}
		}
		found, err := w.look(ctx, path, v.lookup, parameters)
		if err != nil || v.formula == nil {
			return found, err
		}
		of := maps.Clone(with)
		of["value"] = found
		return w.run(ctx, path+".formula", v.formula, of)
	case v.formula != nil:
		return w.run(ctx, path, v.formula, with)
	}
	return nil, nil
}

// settings gives the assignments of a list of settings.
func (w work) settings(ctx context.Context, list []*setting, with vars) ([]assignment, error) {
	out := make([]assignment, 0, len(list))
	for _, s := range list {
		v, err := w.evaluate(ctx, s.path, s.value, with)
		if err != nil {
			return nil, err
		}
		out = append(out, assignment{column: s.column, value: s.column.fit(v), place: s.path})
	}
	return out, nil
}

// conds gives what compiled conditions compare with.
func (w work) conds(ctx context.Context, list []*condition, with vars) ([]cond, error) {
	out := make([]cond, 0, len(list)+4)
	for _, c := range list {
		one := cond{column: c.column, op: c.op}
		if c.value != nil {
			if with == nil {
				with = w.vars()
			}
			v, err := w.run(ctx, c.path, c.value, with)
			if err != nil {
				return nil, err
			}
			one.value = v
		}
		out = append(out, one)
	}
	return out, nil
}

// equal gives the assignments that make a new row meet conditions that test for equality.
func equal(conds []cond) []assignment {
	var list []assignment
	for _, c := range conds {
		if c.op == "=" && c.column.alias == "t" {
			list = append(list, assignment{column: c.column, value: c.column.fit(c.value)})
		}
	}
	return list
}

// look asks a lookup. What it answered is remembered until the end of the call.
func (w work) look(ctx context.Context, path string, l *lookup, parameters []any) (any, error) {
	id := l.name + "\x00" + fmt.Sprint(parameters...)
	if v, known := w.memo.looked[id]; known {
		return v, nil
	}
	with := make(vars, len(parameters))
	for i, name := range l.parameters {
		if i < len(parameters) {
			with[name] = parameters[i]
		}
	}
	where, err := w.conds(ctx, l.where, with)
	if err != nil {
		return nil, err
	}
	list, err := w.cells(ctx, l.table, []*column{l.column}, where)
	if err != nil {
		return nil, err
	}
	v, err := any(nil), error(nil)
	switch {
	case len(list) > 0:
		v = list[0][0]
	case l.preset != nil:
		v, err = w.run(ctx, l.path+".missing", l.preset, with)
	case l.missing != "empty":
		err = l.refusal(path, parameters)
	}
	if err == nil {
		w.memo.looked[id] = v
	}
	return v, err
}

// refusal says that a lookup found nothing.
func (l *lookup) refusal(path string, parameters []any) error {
	var faults fault.List
	message := l.message
	if message == "" {
		message = fmt.Sprintf("%s has no row for %s; add it there, or say in the mapping what is written without it (lookups.%s.missing)",
			l.Table, strings.TrimSpace(fmt.Sprintln(parameters...)), l.name)
	}
	faults.Add(path, "lookup.missing", "%s", message)
	return faults.Err("the host lacks something that the document needs")
}
