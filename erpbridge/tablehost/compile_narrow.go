package tablehost

import (
	"maps"
	"slices"
	"strings"
)

// narrowed compiles an entity again with no more than the fields that calls need, and those that formulas
// read of the record called name: a call that asks whether a customer is there, or what a product is
// called, has no use for the rest. All formulas of the mapping have to be compiled before.
func (c *compiler) narrowed(at entityAt, def *Entity, name string, needed ...string) *entity {
	if def == nil || len(c.faults) > 0 {
		return nil
	}
	few := *def
	few.Fields, few.Extra = maps.Clone(def.Fields), maps.Clone(def.Extra)
	maps.DeleteFunc(few.Fields, func(field string, _ Field) bool { return !slices.Contains(needed, field) && !c.names[name+"."+field] })
	maps.DeleteFunc(few.Extra, func(field, _ string) bool { return !c.names[name+".extra."+field] })
	few.Join = nil
	for i, j := range slices.Backward(def.Join) {
		if j.Required || few.joins(j.Name, def.Join[i+1:]) {
			few.Join = append([]Join{j}, few.Join...)
		}
	}
	return c.entity(at, &few)
}

// joins reports whether a joined table is needed for a column or condition, or for one of the joins after it.
func (e *Entity) joins(name string, later []Join) bool {
	of := func(column string) bool { return strings.HasPrefix(column, name+".") }
	for _, f := range e.Fields {
		if of(f.Column) || slices.ContainsFunc(f.Columns, of) {
			return true
		}
	}
	for _, j := range later {
		for _, column := range j.On {
			if of(column) {
				return true
			}
		}
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(e.Extra)), of) || slices.ContainsFunc(slices.Collect(maps.Keys(e.Where)), of)
}
