package tablehost

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// drawing is one entity being compiled.
type drawing struct {
	*compiler
	*entity
	def  *Entity
	part part
	// read is what formulas see when a row is read, write when one is written.
	read, write spot
}

// entityAt says where an entity stands in the mapping, and what formulas see there when rows are read and
// written.
type entityAt struct {
	path        string
	part        part
	read, write *formula.Env
}

func (c *compiler) entity(at entityAt, def *Entity) *entity {
	if def == nil {
		return nil
	}
	d := drawing{
		compiler: c, def: def, part: at.part, read: spot{at.path, at.read}, write: spot{at.path, at.write},
		entity: &entity{fields: map[string]*field{}, constant: def.Table == ""},
	}
	if d.constant {
		d.entity.table = &table{Table: &catalog.Table{}, path: at.path}
	} else if d.entity.table = c.table(tableNamed{at.path, def.Table, def.Company, "t"}); d.entity.table == nil {
		return nil
	}
	d.drawJoins()
	if !d.constant {
		d.entity.where = c.conditions(d.write.at("where"), def.Where, d.column)
		for _, w := range d.entity.where {
			d.entity.settled = d.entity.settled || settles(w.value)
		}
	}
	if def.Key.Column != "" {
		d.entity.key = c.key(d.write.at("key"), d.entity.table, def.Key)
		if d.entity.key != nil {
			d.entity.keyAt = d.pick(d.entity.key.column)
		}
	}
	for _, name := range sorted(def.Fields) {
		d.drawField(name, def.Fields[name])
	}
	for _, name := range sorted(def.Extra) {
		if col := d.column(at.path+".extra."+name, def.Extra[name]); col != nil {
			d.extra = append(d.extra, extra{name, d.pick(col)})
		}
	}
	return d.entity
}

// pick has a column read, and gives its place among those that are.
func (e *entity) pick(col *column) int {
	i := slices.Index(e.selected, col)
	if i < 0 {
		i = len(e.selected)
		e.selected = append(e.selected, col)
		e.selects += between(i, "", ", ") + col.Select(col.alias)
	}
	return i
}

// column finds "COLUMN" of the entity's own table or "join.COLUMN".
func (d drawing) column(path, name string) *column {
	if d.constant {
		d.problem(path, "column.table", "there is no table to have a column %q; name a table, or write a value", name)
		return nil
	}
	for i, j := range d.joins {
		if rest, ok := strings.CutPrefix(name, d.def.Join[i].Name+"."); ok {
			return d.compiler.column(j.table, path, rest)
		}
	}
	return d.compiler.column(d.entity.table, path, name)
}

func (d drawing) drawJoins() {
	for i, def := range d.def.Join {
		at := d.read.at("join[" + strconv.Itoa(i) + "]")
		j := &join{alias: "j" + strconv.Itoa(i), required: def.Required}
		// A join that failed stays in its place, so that the names of the others fit.
		j.table = d.compiler.table(tableNamed{at.path, def.Table, def.Company, j.alias})
		if j.table != nil {
			for _, c := range j.columns {
				c.label = def.Name + "." + c.Name
			}
		}
		for _, name := range sorted(def.On) {
			on := at.at("on." + name)
			own, other := d.compiler.column(j.table, on.path, name), d.column(on.path, def.On[name])
			if own != nil && other != nil {
				j.on = append(j.on, [2]*column{own, other})
			}
		}
		if len(def.On) == 0 {
			d.problem(at.path+".on", "join.on", "the joined table is tied to nothing; say which columns are equal")
		}
		j.where = d.conditions(at.at("where"), def.Where, d.of(j.table))
		d.entity.joins = append(d.entity.joins, j)
	}
}

func (d drawing) drawField(name string, def Field) {
	read, write := d.read.at("fields."+name), d.write.at("fields."+name)
	h, known := d.part[name]
	if !known {
		d.problem(read.path, "field.unknown", "there is no field %q here; there are %s", name, strings.Join(sorted(d.part), ", "))
		return
	}
	f := &field{name: name, path: read.path, place: placeOf(name), holds: h, at: -1, as: def.As, readOnly: def.ReadOnly}
	if def.Column != "" {
		f.column = d.column(read.path, def.Column)
		if f.column == nil {
			return
		}
		f.at = d.pick(f.column)
		f.readOnly = f.readOnly || f.column.alias != "t" || !f.column.Writable()
	}
	for i, other := range def.Columns {
		if col := d.column(read.path+".columns["+strconv.Itoa(i)+"]", other); col != nil {
			d.pick(col)
		}
	}
	if def.Column == "" && def.Value == "" && def.Read == "" {
		d.problem(read.path, "field.empty", "the field has neither a column nor a value")
	}
	f.value = d.formula(read, def.Value, formula.Any)
	f.read = d.formula(read.at("read"), def.Read, formula.Any)
	f.write = d.formula(write.at("write"), def.Write, formula.Any)
	f.preset = d.formula(write.at("default"), def.Default, formula.Any)
	if def.Lookup != "" {
		f.lookup = d.compiler.lookup(write.at("lookup"), def.Lookup)
	}
	if len(def.Values) > 0 {
		f.host, f.ours = def.Values, make(map[string]string, len(def.Values))
		for _, ours := range sorted(def.Values) {
			if _, twice := f.ours[def.Values[ours]]; !twice {
				f.ours[def.Values[ours]] = ours
			}
		}
	}
	d.entity.settled = d.entity.settled || settles(f.formula())
	if def.Empty != "" && f.column != nil {
		f.empty = fit(f.column.Column, def.Empty)
	}
	if !slices.Contains(ways[h == ofPercent], def.As) {
		d.problem(read.path+".as", "field.as", "%q is not known here; there are %s", def.As, strings.Join(ways[h == ofPercent], " "))
	}
	f.index = len(d.list)
	d.entity.list = append(d.entity.list, f)
	d.fields[name] = f
}

// settles reports whether a formula reads what depends on the company.
func settles(p *formula.Program) bool {
	return p != nil && slices.ContainsFunc(p.Names(), func(name string) bool {
		return name == "now" || name == "today" || strings.HasPrefix(name, "company") || strings.HasPrefix(name, "user.")
	})
}

// ways are how an amount can be kept, for percentages and for everything else.
var ways = map[bool][]string{true: {"", asPercent, asFraction, asFactor, asAmount, asCascade}, false: {""}}

// stored notes how the numbers of all fields are kept on SQLite, before tables are compiled: a column that
// a step writes is kept as the field that reads it says.
func (c *compiler) stored() {
	c.storages = map[storedAt]catalog.Storage{}
	if c.catalog.Dialect != catalog.SQLite {
		return
	}
	for _, e := range c.mapping.entities() {
		for name, f := range e.def.Fields {
			text := f.Storage
			if text == "" {
				text = c.mapping.Storage.of(e.part[name])
			}
			if text == "" || f.Column == "" {
				continue
			}
			st, ok := storageOf(text)
			if !ok {
				c.problem(e.path+".fields."+name, "storage", "%q is no way to keep numbers; write text, float, or the number of places", text)
				continue
			}
			table, col := e.def.Table, f.Column
			for _, j := range e.def.Join {
				if rest, joined := strings.CutPrefix(f.Column, j.Name+"."); joined {
					table, col = j.Table, rest
				}
			}
			// What is not found is named when the entity is compiled.
			if t, err := c.catalog.Table(table); err == nil {
				if found, err := t.Column(col); err == nil {
					c.storages[storedAt{t.Schema, t.Name, found.Name}] = st
				}
			}
		}
	}
}

// of is how one kind of numbers is kept.
func (s Storage) of(k holds) string {
	switch k {
	case ofMoney:
		return s.Money
	case ofQuantity:
		return s.Quantity
	case ofPercent:
		return s.Percent
	}
	return ""
}

// storageOf reads "text", "float" or a number of places.
func storageOf(text string) (catalog.Storage, bool) {
	switch text {
	case "text":
		return catalog.Storage{Text: true}, true
	case "float":
		return catalog.Storage{Float: true}, true
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return catalog.Storage{Scale: int32(n)}, err == nil && n >= 0 && n <= 12
}

// placed is an entity with its place in the mapping.
type placed struct {
	path string
	part part
	def  *Entity
}

// entities lists all entities of the mapping, in a fixed order.
func (m *Mapping) entities() []placed {
	var list []placed
	add := func(path string, p part, e *Entity) {
		if e != nil {
			list = append(list, placed{path, p, e})
		}
	}
	add("companies", companyPart, m.Companies)
	add("users", userPart, m.Users)
	add("groups", groupPart, m.Groups)
	add("products", productPart, m.Products)
	if m.Prices != nil {
		add("prices", pricePart, &m.Prices.Entity)
		add("prices.lists", priceListPart, m.Prices.Lists)
	}
	if m.VAT != nil {
		add("vat", vatPart, &m.VAT.Entity)
	}
	if m.Customers != nil {
		add("customers", customerPart, &m.Customers.Entity)
	}
	if m.Contacts != nil {
		add("contacts", contactPart, &m.Contacts.Entity)
	}
	for _, kind := range sorted(m.Documents) {
		doc, path := m.Documents[kind], "documents."+string(kind)
		if doc == nil {
			continue
		}
		add(path, documentPart, &doc.Entity)
		if doc.Lines != nil {
			add(path+".lines", linePart, &doc.Lines.Entity)
		}
		if doc.Taxes != nil {
			add(path+".taxes", taxPart, &doc.Taxes.Entity)
		}
	}
	add("open_items", openItemPart, m.OpenItems)
	add("payments", paymentPart, m.Payments)
	return list
}
