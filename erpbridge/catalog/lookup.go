package catalog

import (
	"slices"
	"strings"

	"github.com/adrg/strutil"
	"github.com/adrg/strutil/metrics"

	"github.com/crmplus/crmplus/crm/fault"
)

// Table finds a table or view by the name that people write, see [ParseName]. Without a schema it is looked
// for in the login's own schema, then in dbo, then in all others. SQLite has no schemas: there a leading dbo
// or main is passed over, so that one mapping serves both databases. Upper and lower case differ only where
// two names differ in nothing else. fault.NotFound names the nearest names that there are.
func (c *Catalog) Table(name string) (*Table, error) {
	i, err := find(c, name, "table or view", len(c.Tables), func(i int) (string, string) { return c.Tables[i].Schema, c.Tables[i].Name })
	if err != nil {
		return nil, err
	}
	return &c.Tables[i], nil
}

// Procedure finds a stored procedure by the name that people write, as [Catalog.Table] finds a table.
func (c *Catalog) Procedure(name string) (*Procedure, error) {
	i, err := find(c, name, "procedure", len(c.Procedures), func(i int) (string, string) {
		return c.Procedures[i].Schema, c.Procedures[i].Name
	})
	if err != nil {
		return nil, err
	}
	return &c.Procedures[i], nil
}

// TableType finds a type for table-valued parameters by the name that people write, as [Catalog.Table]
// finds a table.
func (c *Catalog) TableType(name string) (*TableType, error) {
	i, err := find(c, name, "table type", len(c.Types), func(i int) (string, string) { return c.Types[i].Schema, c.Types[i].Name })
	if err != nil {
		return nil, err
	}
	return &c.Types[i], nil
}

// Sequence finds a sequence by the name that people write, as [Catalog.Table] finds a table.
func (c *Catalog) Sequence(name string) (*Sequence, error) {
	i, err := find(c, name, "sequence", len(c.Sequences), func(i int) (string, string) { return c.Sequences[i].Schema, c.Sequences[i].Name })
	if err != nil {
		return nil, err
	}
	return &c.Sequences[i], nil
}

// find gives the index of the one that the name means.
func find(c *Catalog, name, kind string, n int, at func(int) (schema, name string)) (int, error) {
	parts, err := ParseName(name)
	if err != nil {
		return 0, err
	}
	schema, bare := "", parts[len(parts)-1]
	if len(parts) == 2 {
		schema = parts[0]
	}
	if c.Dialect == SQLite && (strings.EqualFold(schema, "dbo") || strings.EqualFold(schema, "main")) {
		schema = ""
	}
	best, rank, tied := -1, 0, false
	for i := range n {
		s, own := at(i)
		if !strings.EqualFold(own, bare) || schema != "" && !strings.EqualFold(s, schema) {
			continue
		}
		r := 1
		switch {
		case schema != "" && s == schema:
			r += 2
		case schema == "" && strings.EqualFold(s, c.Schema):
			r += 4
		case schema == "" && strings.EqualFold(s, "dbo"):
			r += 2
		}
		if own == bare {
			r += 8
		}
		if r > rank {
			best, rank, tied = i, r, false
		} else if r == rank {
			tied = true
		}
	}
	if best < 0 {
		return 0, notFound(c, name, kind, n, at)
	}
	if tied {
		return 0, fault.New(fault.Invalid, "there is more than one %s %s; write it with its schema, and its letters as the database has them", kind, shown(name))
	}
	return best, nil
}

func notFound(c *Catalog, name, kind string, n int, at func(int) (string, string)) error {
	names := make([]string, n)
	for i := range n {
		schema, own := at(i)
		names[i] = own
		if schema != "" {
			names[i] = schema + "." + own
		}
	}
	permission := ""
	if c.Dialect == MSSQL {
		permission = ", or the login may not see it"
	}
	return fault.New(fault.NotFound, "there is no %s %s in the database %s%s%s", kind, shown(name), c.Database, permission, Nearest(name, names))
}

// Nearest is the end of a sentence that offers the names most like the one that was not found: "; did you
// mean dbo.Orders?", or "" where none is.
func Nearest(name string, names []string) string {
	type scored struct {
		name  string
		score float64
	}
	bare := func(s string) string {
		s = strings.ToLower(strings.NewReplacer("[", "", "]", "", `"`, "").Replace(s))
		return s[strings.LastIndexByte(s, '.')+1:]
	}
	wanted, likeness := bare(name), metrics.NewJaroWinkler()
	var near []scored
	for _, n := range names {
		if s := strutil.Similarity(wanted, bare(n), likeness); s >= 0.8 {
			near = append(near, scored{n, s})
		}
	}
	if len(near) == 0 {
		return ""
	}
	slices.SortStableFunc(near, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	offered := make([]string, 0, 3)
	for _, n := range near[:min(len(near), 3)] {
		offered = append(offered, n.name)
	}
	return "; did you mean " + strings.Join(offered, " or ") + "?"
}

// Column finds a column by the name that people write, bare or quoted. fault.NotFound names the nearest.
func (t *Table) Column(name string) (*Column, error) {
	return column(t.Columns, t.String(), name)
}

// Column finds a column of the type.
func (t *TableType) Column(name string) (*Column, error) {
	return column(t.Columns, t.String(), name)
}

// Parameter finds a parameter by its name, with or without the @.
func (p *Procedure) Parameter(name string) (*Parameter, error) {
	bare := strings.TrimPrefix(strings.TrimSpace(name), "@")
	names := make([]string, len(p.Parameters))
	for i := range p.Parameters {
		if names[i] = p.Parameters[i].Name; strings.EqualFold(names[i], bare) {
			return &p.Parameters[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "the procedure %s has no parameter %s%s", p, shown(name), Nearest(bare, names))
}

func column(columns []Column, table, name string) (*Column, error) {
	bare, err := parseColumn(name)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s is not the name of a column: %v", shown(name), err)
	}
	found := -1
	for i := range columns {
		if columns[i].Name == bare {
			return &columns[i], nil
		}
		if strings.EqualFold(columns[i].Name, bare) {
			if found >= 0 {
				return nil, fault.New(fault.Invalid, "%s has more than one column %s; write its letters as the database has them", table, shown(name))
			}
			found = i
		}
	}
	if found >= 0 {
		return &columns[found], nil
	}
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return nil, fault.New(fault.NotFound, "%s has no column %s%s", table, shown(name), Nearest(bare, names))
}

// String is how messages name the table: dbo.ORDLIN.
func (t *Table) String() string { return dotted(t.Schema, t.Name) }

// Quoted is the table's name for a statement: [dbo].[Order Details].
func (t *Table) Quoted() string { return quoted(t.dialect, t.Schema, t.Name) }

// String is how messages name the procedure.
func (p *Procedure) String() string { return dotted(p.Schema, p.Name) }

// Quoted is the procedure's name for a statement.
func (p *Procedure) Quoted() string { return quoted(MSSQL, p.Schema, p.Name) }

// String is how messages name the type.
func (t *TableType) String() string { return dotted(t.Schema, t.Name) }

// Quoted is the type's name for a statement.
func (t *TableType) Quoted() string { return quoted(MSSQL, t.Schema, t.Name) }

func dotted(schema, name string) string {
	if schema == "" {
		return name
	}
	return schema + "." + name
}

func quoted(d Dialect, schema, name string) string {
	if schema == "" {
		return Quote(d, name)
	}
	return Quote(d, schema) + "." + Quote(d, name)
}

// String is how messages name the column, with its type: dbo.ORDLIN.VATCODE char(4) NOT NULL.
func (c *Column) String() string {
	s := dotted(c.Table, c.Name) + " " + c.Type.String()
	if !c.Nullable {
		s += " NOT NULL"
	}
	return s
}

// Quoted is the column's name for a statement: [Order Details].
func (c *Column) Quoted() string { return Quote(c.dialect, c.Name) }

// Writable reports whether an INSERT or UPDATE may name the column: it is not computed, generated or a row
// version, nor on SQL Server an identity. SQLite's INTEGER PRIMARY KEY takes values of its own.
func (c *Column) Writable() bool {
	return !c.Computed && !c.Generated && !c.RowVersion && (!c.Identity || c.dialect == SQLite)
}

// Select is the expression to read the column by, for [Column.Value] to understand: the column itself, or
// a CAST where drivers differ in what they make of the bytes. The alias is that of the table in the
// statement, "" for none.
func (c *Column) Select(alias string) string {
	name := c.Quoted()
	if alias != "" {
		name = Quote(c.dialect, alias) + "." + name
	}
	if c.dialect != MSSQL {
		return name
	}
	switch c.Type.Family {
	case GUID:
		// The driver hands out the bytes in the order of the wire or of the text, as the host's connection
		// string says.
		return "CAST(" + name + " AS char(36))"
	case RowVersion:
		return "CAST(" + name + " AS binary(8))"
	}
	return name
}
