package tablehost

import (
	"context"
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// How our values become those of the host's columns, and back.

// drafted is the value of one field of a draft.
type drafted struct {
	field *field
	value any
	vars  vars
}

// hostValue gives what the host keeps for a value of ours.
func (w work) hostValue(ctx context.Context, d drafted) (any, error) {
	f, v := d.field, plain(d.value)
	var err error
	switch {
	case f.lookup != nil && !isEmpty(v):
		return w.look(ctx, f.place, f.lookup, []any{v})
	case f.write != nil:
		had, was := d.vars["value"]
		d.vars["value"] = v
		v, err = w.run(ctx, f.path+".write", f.write, d.vars)
		if delete(d.vars, "value"); was {
			d.vars["value"] = had
		}
		if err != nil {
			return nil, err
		}
	}
	if f.host != nil {
		if host, listed := f.host[textOf(v)]; listed {
			v = host
		}
	}
	if v = f.kept(v); isNone(v) || v == "" {
		if f.empty != nil {
			return f.empty, nil
		}
	}
	if f.column == nil {
		return v, nil
	}
	return f.column.fit(v), nil
}

// kept brings a percentage to the form in which the host keeps it. A discount that is an amount is for
// those who know its line, and comes as one.
func (f *field) kept(v any) any {
	if d, ok := v.(decimal.Decimal); ok && f.as != asAmount {
		return discountWritten(f.as, erpbridge.DocumentLine{Discount: money.NewPercent(d)}, 0)
	}
	return v
}

// meant is the inverse of kept.
func (f *field) meant(v any) (any, error) {
	if f.as == "" || f.as == asPercent || f.as == asAmount {
		return v, nil
	}
	p, err := discountRead(f.as, v, erpbridge.DocumentLine{})
	return p.Decimal, err
}

// preset puts the mapping's defaults into what a draft leaves open.
func (w work) preset(ctx context.Context, e *entity, draft map[string]any, with vars) error {
	for _, f := range e.list {
		if f.preset == nil || !isEmpty(draft[f.name]) {
			continue
		}
		v, err := w.run(ctx, f.path+".default", f.preset, with)
		if err != nil {
			return err
		}
		draft[f.name] = v
	}
	return nil
}

// assign gives the columns for a draft's fields. What does not fit its column is a fault at the field's
// place.
func (w work) assign(ctx context.Context, e *entity, draft map[string]any, with vars, faults *fault.List) ([]assignment, error) {
	out := make([]assignment, 0, len(e.list)+8)
	for _, f := range e.list {
		v, given := draft[f.name]
		if !given || f.column == nil || f.readOnly {
			continue
		}
		host, err := w.hostValue(ctx, drafted{f, v, with})
		if err != nil {
			if !collect(faults, f.place, err) {
				return nil, err
			}
			continue
		}
		if host == nil && f.column.HasDefault {
			continue // the host's own default rules
		}
		a := assignment{column: f.column, value: host, place: f.place}
		w.check(&a, faults)
		out = append(out, a)
	}
	return out, nil
}

// check notes a value that does not fit its column, before anything is written.
func (w work) check(a *assignment, faults *fault.List) bool {
	text, arg, err := a.column.Bind(w.h.dialect, a.value, a.column.storage)
	if err != nil {
		return collect(faults, a.place, err)
	}
	a.bound = &parameter{text, arg}
	return true
}

// collect notes the faults of an error at a place, where it has any.
func collect(faults *fault.List, place string, err error) bool {
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.Invalid || len(e.Faults) == 0 {
		return false
	}
	for _, f := range e.Faults {
		switch {
		case f.Path == "":
			f.Path = place
		case f.Code == "formula":
			f.Path, f.Message = place, f.Path+": "+f.Message
		}
		*faults = append(*faults, f)
	}
	return true
}

// interpret turns a row of the host's into our values.
func (w work) interpret(ctx context.Context, r *record) error {
	e := r.of
	if e.key != nil {
		r.key = textOf(r.raw[e.keyAt])
	}
	r.values = make([]any, len(e.list))
	var with vars
	for _, f := range e.list {
		var v any
		if f.column != nil {
			var err error
			if v, err = f.ofHost(r.raw[f.at]); err != nil {
				return at(f.path, err)
			}
		}
		if p := f.formula(); p != nil {
			if with == nil {
				with = w.vars(vars{"row": r.row(), "key": r.key})
			}
			with["value"] = v
			var err error
			if v, err = w.run(ctx, f.path, p, with); err != nil {
				return err
			}
		}
		r.values[f.index] = f.holds.of(v)
	}
	return nil
}

// formula is the one that makes our value, nil where the column does.
func (f *field) formula() *formula.Program {
	if f.read != nil {
		return f.read
	}
	return f.value
}

// ofHost gives our value for what a column holds, before it is brought to its kind.
func (f *field) ofHost(v any) (any, error) {
	if f.empty != nil && same(v, f.empty) {
		return nil, nil
	}
	if f.ours != nil {
		if ours, listed := f.ours[textOf(v)]; listed {
			return ours, nil
		}
	}
	if v == nil {
		return nil, nil
	}
	return f.meant(v)
}

// same compares a value with a constant of the mapping.
func same(a, b any) bool {
	if x, ok := a.(decimal.Decimal); ok {
		return x.Equal(numberOf(b))
	}
	return strings.TrimSuffix(textOf(a), "T00:00:00") == textOf(b)
}

// of brings a value to what the field holds; nil stays nil but for numbers of days and truth values.
func (h holds) of(v any) any {
	v = plain(v)
	switch h {
	case ofText:
		return textOf(v)
	case ofMoney, ofQuantity, ofPercent:
		if v == nil || v == "" {
			return nil
		}
		return numberOf(v)
	case ofWhole:
		return numberOf(v).IntPart()
	case ofFlag:
		return truth(v)
	case ofDay:
		return dayOf(v)
	case ofBytes:
		if s, ok := v.(string); ok {
			return []byte(s)
		}
	}
	return v
}

func truth(v any) bool {
	switch x := v.(type) {
	case bool:
		return x
	case int64:
		return x != 0
	case decimal.Decimal:
		return !x.IsZero()
	case string:
		switch strings.ToLower(strings.TrimSpace(x)) {
		case "", "0", "n", "no", "f", "false":
			return false
		}
		return true
	}
	return false
}

func dayOf(v any) any {
	switch x := v.(type) {
	case civil.Date:
		return x
	case civil.DateTime:
		return x.Date
	case string:
		if t, err := civil.ParseDateTime(x); err == nil && !t.IsZero() {
			return t.Date
		}
	}
	return nil
}
