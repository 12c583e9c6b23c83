package kpi

import (
	"context"
	"errors"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// FieldKinds are the kinds of records by whose custom fields figures are narrowed.
var FieldKinds = []Kind{OpportunityKind, LeadKind, ActivityKind}

// fieldKeys are the keys of the records behind figures, as the statements of figures write them.
var fieldKeys = map[Kind]string{OpportunityKind: "o.id", LeadKind: "l.id", ActivityKind: "a.id"}

// owned turns filters by custom fields into a condition on what stands behind the figure. It is a fault where that has no
// such field, or one of another type.
func (d Definition) owned(ctx context.Context, s *store.Session, filters []store.CustomFilter) (store.Predicate, error) {
	if len(filters) == 0 || !d.Goes(Custom) {
		return store.Predicate{}, nil
	}
	return s.CustomHas(ctx, string(d.Of), fieldKeys[d.Of], filters)
}

// own adds the conditions by custom fields.
func (c *clause) own(r *reading) {
	c.where += r.own.SQL
	c.narrowed = append(c.narrowed, r.own.Args...)
}

// narrowed is owned, which reads the fields of each kind of record once.
func (c *counting) narrowed(ctx context.Context, d Definition, of Filter) (store.Predicate, error) {
	if known, ok := c.owned[d.Of]; ok {
		return known, nil
	}
	out, err := d.owned(ctx, c.s, of.Custom)
	if err == nil {
		c.owned[d.Of] = out
	}
	return out, err
}

// knows reports whether what stands behind the figure has the custom fields of the filter. One that no kind of record has
// is a fault: then somebody has mistaken a name, or a type.
func (c *counting) knows(ctx context.Context, d Definition, of Filter) (bool, error) {
	_, refused := c.narrowed(ctx, d, of)
	if refused == nil {
		return true, nil
	}
	if !errors.Is(refused, fault.Invalid) {
		return false, refused
	}
	for _, one := range of.Custom {
		somewhere := false
		for _, kind := range FieldKinds {
			_, err := c.s.CustomHas(ctx, string(kind), fieldKeys[kind], []store.CustomFilter{one})
			if err != nil && !errors.Is(err, fault.Invalid) {
				return false, err
			}
			somewhere = somewhere || err == nil
		}
		if !somewhere {
			return false, refused
		}
	}
	return false, nil
}
