package rule

import (
	"fmt"
	"maps"
	"slices"
)

// Reads names what the condition looks at: fields as "lead.value", lists by their names. Fields that are defined by
// others are named with them.
func (c *Condition) Reads() (fields, lists []string) {
	return fieldNames(c.uses.fields), slices.Sorted(maps.Keys(c.uses.lists))
}

// Subject is the record in question, in SQL.
func (e *Environment) Subject() Subject { return e.subject }

// Field finds a field by its path: "lead.value".
func (e *Environment) Field(path string) (Field, bool) {
	f := e.fields[path]
	if f == nil {
		return Field{}, false
	}
	return f.Field, true
}

// Reading gives a condition that holds everywhere and has [Condition.Load] read the fields, which have columns: for
// what is filled into texts.
func (e *Environment) Reading(paths ...string) (*Condition, error) {
	c := e.All()
	for _, path := range paths {
		f := e.fields[path]
		if f == nil || f.Column == "" {
			return nil, fmt.Errorf("rule: %s cannot be read; it is no field, or one that is computed", path)
		}
		c.uses.fields[path] = f
	}
	return c, nil
}

// Reason is a part of a condition with what came of it.
type Reason struct {
	Text  string
	Truth Truth
}

// Explain says of each of the parts that all have to hold what came of it, for the values of a record.
func (c *Condition) Explain(a At, v Values) ([]Reason, error) {
	if c.root.op != And || len(c.root.parts) != len(c.node.Nodes) {
		t, err := c.Truth(a, v)
		return []Reason{{Text: c.node.String(), Truth: t}}, err
	}
	out := make([]Reason, 0, len(c.root.parts))
	for i, part := range c.root.parts {
		t, err := (&Condition{env: c.env, root: part}).Truth(a, v)
		if err != nil {
			return nil, err
		}
		out = append(out, Reason{Text: c.node.Nodes[i].String(), Truth: t})
	}
	return out, nil
}
