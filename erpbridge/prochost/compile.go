package prochost

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// compiler turns a description into calls, and collects everything that does not fit.
type compiler struct {
	catalog *catalog.Catalog
	faults  fault.List
}

func (c *compiler) refuse(path, code, format string, args ...any) {
	c.faults.Add(path, code, format, args...)
}

// add notes what another package found, at a path of the description.
func (c *compiler) add(path string, err error) {
	if err == nil {
		return
	}
	if found := fault.Of(err); len(found) > 0 {
		for _, f := range found {
			c.refuse(path, f.Code, "%s", f.Message)
		}
		return
	}
	c.refuse(path, "description", "%s", err)
}

// call is a compiled [Call].
type call struct {
	path      string
	procedure *catalog.Procedure
	params    []*param
	codes     map[int]Code
	refusals  []refusal
}

// param is one parameter that is given or comes out.
type param struct {
	*catalog.Parameter
	value  *formula.Program
	values map[string]string
	out    string
	// rows are the columns of a parameter that holds rows, each with a formula; as says in what form.
	rows []*rowColumn
	as   string
	kind *catalog.TableType
}

// rowColumn is one column of rows. Column is nil in JSON and XML.
type rowColumn struct {
	name   string
	column *catalog.Column
	value  *formula.Program
}

type refusal struct {
	from, to int64
	Refusal
}

// formula compiles a formula; nil where it is empty or wrong.
func (c *compiler) formula(path, source string, env *formula.Env) *formula.Program {
	if source == "" {
		return nil
	}
	p, err := env.Compile(source, formula.Any)
	if err != nil {
		c.refuse(path, "formula", "%s", err)
		return nil
	}
	return p
}

// call compiles a call; nil where there is none.
func (c *compiler) call(path string, def *Call, env *formula.Env) *call {
	if def == nil {
		return nil
	}
	out := &call{path: path, codes: def.Codes, refusals: c.refusals(path, def.Refusals)}
	for number, code := range def.Codes {
		if code.Done != "" && code.Done != "done" {
			c.refuse(fmt.Sprintf("%s.codes.%d", path, number), "code", "%q is no meaning of a return code; write done, or path, code and message of a refusal", code.Done)
		}
	}
	if def.Procedure == "" {
		c.refuse(path+".procedure", "required", "is missing; name the stored procedure")
		return out
	}
	p, err := c.catalog.Procedure(def.Procedure)
	if err != nil {
		c.refuse(path+".procedure", "procedure.unknown", "%s", err)
		return out
	}
	out.procedure = p
	if !p.CanExecute {
		c.refuse(path+".procedure", "procedure.permission", "the login may not execute %s; GRANT EXECUTE ON %s", p, p.Quoted())
	}
	for _, name := range slices.Sorted(maps.Keys(def.Parameters)) {
		c.param(path+".parameters."+name, out, name, def.Parameters[name], env)
	}
	for i := range p.Parameters {
		given := slices.ContainsFunc(out.params, func(x *param) bool { return x.Parameter == &p.Parameters[i] })
		if q := &p.Parameters[i]; !given && !q.HasDefault && q.TableType == "" {
			c.refuse(path+".parameters", "parameter.missing", "@%s %s of %s is not given and has no default", q.Name, q.Type, p)
		}
	}
	return out
}

func (c *compiler) refusals(path string, defs map[string]Refusal) (list []refusal) {
	for _, key := range slices.Sorted(maps.Keys(defs)) {
		first, last, isRange := strings.Cut(key, "-")
		r := refusal{Refusal: defs[key]}
		var err, err2 error
		r.from, err = strconv.ParseInt(strings.TrimSpace(first), 10, 32)
		if r.to = r.from; isRange {
			r.to, err2 = strconv.ParseInt(strings.TrimSpace(last), 10, 32)
		}
		if err != nil || err2 != nil || r.to < r.from {
			c.refuse(path+".refusals."+key, "refusal.number", "%q is no number of an error; write 51020, or 51000-51099", key)
		}
		list = append(list, r)
	}
	// Narrow ranges answer before wide ones.
	slices.SortStableFunc(list, func(a, b refusal) int { return int((a.to - a.from) - (b.to - b.from)) })
	return list
}

func (c *compiler) param(path string, to *call, name string, def Parameter, env *formula.Env) {
	q, err := to.procedure.Parameter(name)
	if err != nil {
		c.refuse(path, "parameter.unknown", "%s", err)
		return
	}
	if slices.ContainsFunc(to.params, func(x *param) bool { return x.Parameter == q }) {
		c.refuse(path, "parameter.twice", "@%s is given twice", q.Name)
	}
	p := &param{Parameter: q, value: c.formula(path, def.Value, env), values: def.Values, out: def.Out, as: def.As}
	to.params = append(to.params, p)
	switch {
	case def.Out != "" && !q.Output:
		c.refuse(path, "parameter.out", "@%s of %s gives nothing out; declare it OUTPUT, or leave out away", q.Name, to.procedure)
	case def.Value == "" && def.Out == "" && len(def.Rows) == 0:
		c.refuse(path, "required", "needs a value, out or rows")
	case len(def.Rows) > 0:
		c.rows(path, p, def, env)
	case q.TableType != "":
		c.refuse(path, "parameter.rows", "@%s is a table (%s); give rows", q.Name, q.TableType)
	}
	// What never changes is checked now.
	if p.value != nil && p.value.Constant() && q.TableType == "" {
		if v, err := p.value.Run(background, nil); err == nil {
			_, _, err = q.Bind(catalog.MSSQL, p.hosts(v), catalog.Storage{Text: true})
			c.add(path, err)
		}
	}
}

var xmlName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// rows compiles the columns of a parameter that holds rows.
func (c *compiler) rows(path string, p *param, def Parameter, env *formula.Env) {
	switch p.as {
	case "", "table":
		p.as = "table"
		if p.TableType == "" {
			c.refuse(path, "parameter.rows", "@%s is no table but %s; give as: json or as: xml", p.Name, p.Type)
			return
		}
		kind, err := c.catalog.TableType(p.Schema + "." + p.TableType)
		if err != nil {
			c.refuse(path, "type.unknown", "%s", err)
			return
		}
		p.kind = kind
	case "json", "xml":
		if p.TableType != "" || p.Type.Family != catalog.Text && p.Type.Name != "xml" {
			c.refuse(path, "parameter.rows", "@%s is %s and takes no text", p.Name, p.Type)
		}
	default:
		c.refuse(path, "parameter.as", "%q is no form of rows; there are table, json and xml", p.as)
	}
	for _, name := range slices.Sorted(maps.Keys(def.Rows)) {
		r := &rowColumn{name: name, value: c.formula(path+".rows."+name, def.Rows[name], env)}
		if p.as == "xml" && !xmlName.MatchString(name) {
			c.refuse(path+".rows."+name, "column.name", "%q is no name of an XML attribute", name)
		}
		if p.kind != nil {
			column, err := p.kind.Column(name)
			if err != nil {
				c.refuse(path+".rows."+name, "column.unknown", "%s", err)
				continue
			}
			r.name, r.column = column.Name, column
			if !column.Writable() {
				c.refuse(path+".rows."+name, "column.computed", "%s is not written; leave it out", column)
			}
		}
		p.rows = append(p.rows, r)
	}
	if p.kind == nil {
		return
	}
	for i := range p.kind.Columns {
		col := &p.kind.Columns[i]
		given := slices.ContainsFunc(p.rows, func(r *rowColumn) bool { return r.column == col })
		if !given && !col.Nullable && !col.HasDefault && col.Writable() {
			c.refuse(path+".rows", "column.missing", "%s is not given and has no default", col)
		}
	}
}

// read is a compiled [Read].
type read struct {
	path string
	*call
	table  *catalog.Table
	where  []whereColumn
	order  []orderColumn
	set    int
	out    bool
	fields map[string]*fieldRead
	// selected are the columns of table that the fields need.
	selected []*catalog.Column
}

type whereColumn struct {
	column *catalog.Column
	value  *formula.Program
}

type orderColumn struct {
	column *catalog.Column
	down   bool
}

// fieldRead is a compiled [Field].
type fieldRead struct {
	column string
	read   *formula.Program
	// ours gives our value for each of the host's.
	ours map[string]string
}

// reading says what a read is about.
type reading struct {
	path string
	env  *formula.Env
	part part
	// fields stand in for those that the read does not have itself.
	fields map[string]Field
}

func (c *compiler) read(at reading, def *Read) *read {
	if def == nil {
		return nil
	}
	r := &read{path: at.path, set: def.Set, out: def.Out}
	fields := def.Fields
	if len(fields) == 0 {
		fields = at.fields
	}
	switch {
	case def.Select != nil && def.Procedure != "":
		c.refuse(at.path, "read.both", "has both a procedure and a select; choose one")
	case def.Select != nil:
		c.selecting(at, r, def.Select)
	default:
		r.call = c.call(at.path, &def.Call, at.env)
	}
	r.fields = c.fields(at, r, fields)
	return r
}

func (c *compiler) selecting(at reading, r *read, def *Select) {
	t, err := c.catalog.Table(def.Table)
	if err != nil {
		c.refuse(at.path+".select.table", "table.unknown", "%s", err)
		return
	}
	r.table = t
	if !t.CanSelect {
		c.refuse(at.path+".select.table", "table.permission", "the login may not read %s; GRANT SELECT ON %s", t, t.Quoted())
	}
	for _, name := range slices.Sorted(maps.Keys(def.Where)) {
		column, err := t.Column(name)
		if err != nil {
			c.refuse(at.path+".select.where."+name, "column.unknown", "%s", err)
			continue
		}
		r.where = append(r.where, whereColumn{column, c.formula(at.path+".select.where."+name, def.Where[name], at.env)})
	}
	if len(r.where) == 0 {
		c.refuse(at.path+".select.where", "required", "is missing; compare at least the company's column with company")
	}
	for _, name := range def.Order {
		bare, down := strings.CutPrefix(name, "-")
		column, err := t.Column(bare)
		if err != nil {
			c.refuse(at.path+".select.order", "column.unknown", "%s", err)
			continue
		}
		r.order = append(r.order, orderColumn{column, down})
	}
}

func (c *compiler) fields(at reading, r *read, defs map[string]Field) map[string]*fieldRead {
	out := map[string]*fieldRead{}
	if len(defs) == 0 {
		c.refuse(at.path+".fields", "required", "are missing")
	}
	for _, name := range slices.Sorted(maps.Keys(defs)) {
		def, path := defs[name], at.path+".fields."+name
		if _, known := at.part[name]; !known {
			c.refuse(path, "field.unknown", "there is no such field%s", catalog.Nearest(name, slices.Sorted(maps.Keys(at.part))))
			continue
		}
		if def.Column == "" && def.Read == "" {
			c.refuse(path, "required", "needs a column or a formula in read")
		}
		f := &fieldRead{column: def.Column, read: c.formula(path+".read", def.Read, rows)}
		if len(def.Values) > 0 {
			f.ours = map[string]string{}
			for _, ours := range slices.Sorted(maps.Keys(def.Values)) {
				f.ours[def.Values[ours]] = ours
			}
		}
		out[name] = f
		if r.table != nil {
			c.select1(path, r, f)
		}
	}
	return out
}

// select1 adds the columns that a field needs to a SELECT.
func (c *compiler) select1(path string, r *read, f *fieldRead) {
	names := []string{}
	if f.column != "" {
		names = append(names, f.column)
	}
	if f.read != nil {
		for _, n := range f.read.Names() {
			if column, ok := strings.CutPrefix(n, "row."); ok {
				names = append(names, column)
			}
		}
	}
	for _, name := range names {
		column, err := r.table.Column(name)
		if err != nil {
			c.refuse(path, "column.unknown", "%s", err)
			continue
		}
		if !slices.Contains(r.selected, column) {
			r.selected = append(r.selected, column)
		}
	}
}

// need refuses a read that lacks fields nobody can do without.
func (c *compiler) need(r *read, names ...string) {
	if r == nil {
		return
	}
	for _, name := range names {
		if r.fields[name] == nil {
			c.refuse(r.path+".fields."+name, "required", "is missing")
		}
	}
}

// write is a compiled [Write].
type write struct {
	*call
	eachLine, finish *call
	key              *formula.Program
}

func (c *compiler) write(path string, def *Write, env *formula.Env) *write {
	if def == nil {
		return nil
	}
	return &write{
		call: c.call(path, &def.Call, env), eachLine: c.call(path+".each_line", def.EachLine, env), finish: c.call(path+".finish", def.Finish, env),
		key: c.formula(path+".key", def.Key, env),
	}
}

// required refuses a part of the description that must be there.
func (c *compiler) required(path string, there bool) {
	if !there {
		c.refuse(path, "required", "is missing")
	}
}
