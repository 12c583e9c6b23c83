package tablehost

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// compiler turns a mapping into what calls use. It goes on after a problem, so that all are named at
// once; what could not be compiled is nil, and never used because New then refuses the mapping.
type compiler struct {
	mapping *Mapping
	catalog *catalog.Catalog
	options Options
	// company is the one whose schema or database is meant, "" where all are in the same tables.
	company string
	faults  fault.List

	storages map[storedAt]catalog.Storage
	lookups  map[string]*lookup
	counters map[string]*counter
	// readsUser: a formula asks for more of the user than his key.
	readsUser bool
	// names is what the formulas of the mapping read.
	names map[string]bool
}

// storedAt is a column of the catalogue.
type storedAt struct{ schema, table, column string }

// problem notes what is wrong at a path of the mapping.
func (c *compiler) problem(path, code, format string, args ...any) {
	c.faults.Add(path, code, format, args...)
}

// refuse notes an error at a path, and reports whether there was one.
func (c *compiler) refuse(path, code string, err error) bool {
	if err == nil {
		return false
	}
	var e *fault.Error
	if errors.As(err, &e) && len(e.Faults) > 0 {
		c.faults.Merge(path, e.Faults)
		return true
	}
	c.problem(path, code, "%s", err)
	return true
}

// tableNamed is how a part of the mapping names a table: with the column that keeps companies apart, and
// the alias it has in SELECTs.
type tableNamed struct{ path, table, company, alias string }

func (c *compiler) table(n tableNamed) *table {
	found, err := c.catalog.Table(n.table)
	if c.refuse(n.path+".table", "table.unknown", err) {
		return nil
	}
	t := &table{Table: found, path: n.path, name: c.qualified(found), columns: make(map[string]*column, len(found.Columns))}
	for i := range found.Columns {
		col := &found.Columns[i]
		t.columns[col.Name] = &column{
			Column: col, alias: n.alias, name: col.Quoted(), qualified: n.alias + "." + col.Quoted(), label: col.Name, storage: c.storages[storedAt{found.Schema, found.Name, col.Name}],
			padded: col.Type.Name == "char" || col.Type.Name == "nchar",
		}
	}
	switch name := n.company; {
	case name == "-":
	case name != "":
		t.company = c.column(t, n.path+".company", name)
	case c.mapping.Company.Column != "":
		t.company = c.column(t, "company.column", c.mapping.Company.Column)
	}
	t.locked = lockable(found, t.columns)
	return t
}

// qualified is a table's name in statements, in the schema or database of the company.
func (c *compiler) qualified(t *catalog.Table) string {
	scope := c.mapping.Company
	if schema := scope.Schemas[c.company]; schema != "" {
		return catalog.Quote(c.catalog.Dialect, schema) + "." + catalog.Quote(c.catalog.Dialect, t.Name)
	}
	if database := scope.Databases[c.company]; database != "" {
		return catalog.Quote(c.catalog.Dialect, database) + "." + t.Quoted()
	}
	return t.Quoted()
}

// lockable finds a column that can be set to itself without anybody noticing: none where a trigger runs on
// updates, and never one that the database fills or that keys hang on, if there is another.
func lockable(t *catalog.Table, columns map[string]*column) *column {
	for _, tr := range t.Triggers {
		if tr.Update && !tr.Disabled {
			return nil
		}
	}
	keyed := slices.Clone(t.PrimaryKey)
	for _, k := range t.ForeignKeys {
		keyed = append(keyed, k.Columns...)
	}
	for _, u := range t.Unique {
		keyed = append(keyed, u.Columns...)
	}
	var second *column
	for i := range t.Columns {
		c := &t.Columns[i]
		switch {
		case !c.Writable() || c.Type.Length < 0 || c.Type.Family == catalog.Other:
		case !slices.Contains(keyed, c.Name):
			return columns[c.Name]
		case second == nil:
			second = columns[c.Name]
		}
	}
	return second
}

// column finds a column of a table.
func (c *compiler) column(t *table, path, name string) *column {
	if t == nil {
		return nil
	}
	found, err := t.Table.Column(name)
	if c.refuse(path, "column.unknown", err) {
		return nil
	}
	return t.columns[found.Name]
}

// formula compiles a formula; "" gives nil.
func (c *compiler) formula(at spot, source string, want formula.Kind) *formula.Program {
	if strings.TrimSpace(source) == "" {
		return nil
	}
	p, err := at.env.Compile(source, want)
	if c.refuse(at.path, "formula", err) {
		return nil
	}
	if c.names == nil {
		c.names = map[string]bool{}
	}
	for _, name := range p.Names() {
		c.names[name] = true
		c.readsUser = c.readsUser || strings.HasPrefix(name, "user.") && name != "user.id" && name != "user.key"
	}
	return p
}

// spot is a place of the mapping with what formulas see there.
type spot struct {
	path string
	env  *formula.Env
}

func (s spot) at(name string) spot { return spot{s.path + "." + name, s.env} }

// setting is a compiled [Value] for a column.
type setting struct {
	column *column
	path   string
	value
}

// late reports whether the value depends on a key that is made on the way.
func (s *setting) late() bool {
	return slices.ContainsFunc(append([]*formula.Program{s.formula}, s.with...), func(p *formula.Program) bool {
		return p != nil && slices.ContainsFunc(p.Names(), func(name string) bool {
			return strings.HasPrefix(name, "steps") || strings.HasSuffix(name, ".key")
		})
	})
}

// apart divides settings into those whose values are known before anything is written, and the others.
func apart(list []*setting) (early, late []*setting) {
	for _, s := range list {
		if s.late() {
			late = append(late, s)
		} else {
			early = append(early, s)
		}
	}
	return early, late
}

// value is a compiled [Value].
type value struct {
	formula *formula.Program
	lookup  *lookup
	with    []*formula.Program
}

func (c *compiler) value(at spot, v Value) value {
	if v.Lookup == "" {
		return value{formula: c.formula(at, v.Formula, formula.Any)}
	}
	out := value{lookup: c.lookup(at, v.Lookup)}
	for i, w := range v.With {
		out.with = append(out.with, c.formula(spot{at.path + ".with[" + strconv.Itoa(i) + "]", at.env}, w, formula.Any))
	}
	if out.lookup != nil && len(v.With) != len(out.lookup.parameters) {
		c.problem(at.path, "lookup.parameters", "the lookup %q takes %d parameters (%s), and %d are given", v.Lookup, len(out.lookup.parameters),
			strings.Join(out.lookup.parameters, ", "), len(v.With))
	}
	if v.Formula != "" {
		out.formula = c.formula(at.at("formula"), v.Formula, formula.Any)
	}
	return out
}

// settings compiles the values that are written into columns of a table.
func (c *compiler) settings(t *table, at spot, set map[string]Value) []*setting {
	var list []*setting
	for _, name := range sorted(set) {
		place := at.at(name)
		col := c.column(t, place.path, name)
		v := c.value(place, set[name])
		if col == nil {
			continue
		}
		if !col.Writable() {
			c.problem(place.path, "column.written", "%s.%s is filled by the database and cannot be written; take it out", col.Table, col.Name)
			continue
		}
		list = append(list, &setting{column: col, path: place.path, value: v})
	}
	return list
}

// condition is a compiled [Condition].
type condition struct {
	column *column
	op     string
	path   string
	value  *formula.Program
}

var operators = []string{"=", "<>", "<", "<=", ">", ">=", "null", "not null"}

// conditions compiles a Where; find gives the column for a name.
func (c *compiler) conditions(at spot, where map[string]Condition, find func(path, name string) *column) []*condition {
	var list []*condition
	for _, name := range sorted(where) {
		def, place := where[name], at.at(name)
		cond := &condition{column: find(place.path, name), op: def.Op, path: place.path}
		if cond.op == "" {
			cond.op = "="
		}
		switch {
		case !slices.Contains(operators, cond.op):
			c.problem(place.path, "condition.op", "%q is no comparison; there are %s", def.Op, strings.Join(operators, ", "))
		case cond.op == "null" || cond.op == "not null":
		case def.Value == "":
			c.problem(place.path, "condition.value", "nothing is given to compare with; write '' in quotes for an empty text, or the comparison null")
		default:
			cond.value = c.formula(place, def.Value, formula.Any)
		}
		if cond.column != nil {
			list = append(list, cond)
		}
	}
	return list
}

// of looks columns up in one table.
func (c *compiler) of(t *table) func(path, name string) *column {
	return func(path, name string) *column { return c.column(t, path, name) }
}
