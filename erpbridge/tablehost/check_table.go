package tablehost

import (
	"slices"
	"strings"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// permitted judges what the login may do, and whether it can be done with a view at all.
func (k *checker) permitted(r *entry) {
	t := r.table.Table
	instead := slices.ContainsFunc(t.Triggers, func(tr catalog.Trigger) bool { return tr.InsteadOf && !tr.Disabled && (tr.Insert || !r.insert) })
	if t.View && !instead && len(r.cells) > 0 {
		if k.cat.Dialect == catalog.SQLite {
			k.once(Error, r.path, "table.view", "%s is a view without an INSTEAD OF trigger, and takes no writes; name the table behind it", t)
			return
		}
		k.once(Warning, r.path, "table.view", "%s is a view; SQL Server takes writes only where it is of one table and without sums; name the table behind it", t)
	}
	switch {
	case k.cat.Options.ReadOnly: // that is said of the session
	case r.insert && !t.CanInsert:
		k.once(Error, r.path, "permission.insert", "the login may not insert into %s; GRANT INSERT ON %s", t, t)
	case !r.insert && len(r.cells) > 0 && !t.CanUpdate:
		k.once(Error, r.path, "permission.update", "the login may not update %s; GRANT UPDATE ON %s", t, t)
	}
}

// deletable judges the right to delete.
func (k *checker) deletable(path string, t *table) {
	if t != nil && t.Table != nil && !t.CanDelete && !k.cat.Options.ReadOnly {
		k.once(Error, path, "permission.delete", "the login may not delete from %s; GRANT DELETE ON %s", t.Table, t.Table)
	}
}

// triggers judges those that run on new rows.
func (k *checker) triggers(r *entry) {
	for i := range r.table.Triggers {
		tr := &r.table.Triggers[i]
		switch {
		case !tr.Insert || tr.Disabled:
		case tr.InsteadOf && r.key != nil && r.key.way == keyIdentity:
			k.once(Error, r.key.path, "trigger.instead", "the INSTEAD OF trigger %s of %s writes the row itself, so that its identity is not told; take a key of another way", tr.Name, r.table.Table)
		case tr.InsteadOf:
			k.once(Warning, r.path, "trigger.instead", "the INSTEAD OF trigger %s of %s replaces the insert; see that it writes every column of the mapping", tr.Name, r.table.Table)
		case tr.Body == "":
			k.once(Warning, r.path, "trigger.hidden", "the text of the trigger %s of %s cannot be read; it may refuse rows or change them", tr.Name, r.table.Table)
		case tr.RollsBack():
			k.once(Warning, r.path, "trigger.rollback", "the trigger %s of %s can refuse a row (ROLLBACK, THROW or RAISERROR), and with it the whole conversion; put its condition into a guard before", tr.Name, r.table.Table)
		}
	}
}

// references judges the order of inserts by the foreign keys.
func (k *checker) references(r *entry) {
	if !r.insert {
		return
	}
	for _, f := range r.table.ForeignKeys {
		if f.Disabled && k.cat.Dialect == catalog.MSSQL {
			continue
		}
		target, err := k.cat.Table(quotedName(k.cat.Dialect, f))
		if err != nil || target == r.table.Table || !slices.Contains(r.later, target) || slices.Contains(r.before, target) {
			continue
		}
		written := !slices.ContainsFunc(f.Columns, func(name string) bool { return len(r.of(name)) == 0 })
		if written {
			k.add(Error, r.path, "foreign_key.order", "%s refers to %s (%s), which is written only afterwards; put that step before, or this one after", r.table.Table, target, f.Name)
		}
	}
}

// entities judges everything that is read.
func (k *checker) entities() {
	for _, e := range k.h.entitiesRead() {
		if !e.CanSelect {
			k.once(Error, e.path, "permission.select", "the login may not read %s; GRANT SELECT ON %s", e.table.Table, e.table.Table)
		}
		k.joined(e)
		for _, f := range e.list {
			if f.column != nil {
				k.readable(f)
			}
		}
		for _, w := range e.where {
			if w.value != nil && w.value.Constant() && w.op != "=" {
				if v, ok := k.sampleOf(w.value); ok {
					k.binds(w.column, v, w.path)
				}
			}
		}
	}
	k.filled()
	k.keysOf()
}

// joined judges the columns that joins compare.
func (k *checker) joined(e *entity) {
	for i, j := range e.joins {
		if j.table == nil {
			continue
		}
		path := e.path + ".join." + k.joinName(e, i)
		if !j.CanSelect {
			k.once(Error, path, "permission.select", "the login may not read %s; GRANT SELECT ON %s", j.table.Table, j.table.Table)
		}
		for _, on := range j.on {
			a, b := on[0], on[1]
			switch {
			case a.Type.Family != b.Type.Family && (!numeric(a) || !numeric(b)):
				k.add(Warning, path, "join.type", "%s is compared with %s, which is of another type; the index cannot be used, and nothing may be found", a.Column, b.Column)
			case k.cat.Dialect == catalog.MSSQL && a.Type.Family == catalog.Text && !strings.EqualFold(a.Collation, b.Collation):
				k.add(Error, path, "join.collation", "%s has the collation %s and %s has %s, and SQL Server does not compare them; join through other columns, or give both one collation", a.Column, a.Collation, b.Column, b.Collation)
			}
		}
	}
}

func numeric(c *column) bool {
	return slices.Contains([]catalog.Family{catalog.Integer, catalog.Decimal, catalog.Float, catalog.Bool}, c.Type.Family)
}

// joinName is the name of a join in the mapping.
func (k *checker) joinName(e *entity, i int) string {
	for _, p := range k.mapping.entities() {
		if p.path == e.path && i < len(p.def.Join) {
			return p.def.Join[i].Name
		}
	}
	return ""
}

// readable judges whether a field can be read from its column.
func (k *checker) readable(f *field) {
	if f.read != nil {
		return
	}
	t := f.column.Type
	fits := true
	switch f.holds {
	case ofDay:
		fits = t.Family == catalog.Date || t.Family == catalog.DateTime || t.Family == catalog.Text || t.Family == catalog.Other
	case ofMoney, ofQuantity, ofPercent, ofWhole:
		fits = t.Family != catalog.Date && t.Family != catalog.DateTime && t.Family != catalog.Time && t.Family != catalog.Binary && t.Family != catalog.GUID && t.Family != catalog.RowVersion
	case ofText:
		fits = t.Family != catalog.Binary && t.Family != catalog.RowVersion
	}
	if !fits {
		k.add(Error, f.path, "column.kind", "%s does not hold what the field %s is; name another column, or a formula in read that makes it", f.column.Column, f.name)
	}
}

// filled names fields that a draft fills and the database does not take.
func (k *checker) filled() {
	compiled := map[string]*entity{}
	for _, e := range k.h.entitiesRead() {
		compiled[e.path] = e
	}
	for _, p := range k.mapping.entities() {
		e := compiled[p.path]
		if e == nil || !k.written(p.path) {
			continue
		}
		for _, f := range e.list {
			if def := p.def.Fields[f.name]; f.column != nil && f.column.alias == "t" && !def.ReadOnly && !f.column.Writable() {
				k.add(Warning, f.path, "field.filled", "%s is filled by the database, so that it is read and never written; say read_only: true, or name the column that is written", f.column.Column)
			}
		}
	}
}

// written reports whether rows of an entity are written.
func (k *checker) written(path string) bool {
	return slices.ContainsFunc(k.rows, func(r *entry) bool { return r.insert && r.path == path })
}

// keysOf compares columns that hold keys with the keys themselves.
func (k *checker) keysOf() {
	keys := map[string]*key{}
	for name, e := range map[string]*entity{"group": k.h.groups, "product": k.h.products, "manager": k.h.users} {
		if e != nil {
			keys[name] = e.key
		}
	}
	if k.h.customers != nil {
		keys["customer"] = k.h.customers.key
	}
	if k.h.prices != nil && k.h.prices.lists != nil {
		keys["price_list"], keys["list"] = k.h.prices.lists.key, k.h.prices.lists.key
	}
	if k.h.vat != nil && k.h.vat.entity != nil {
		keys["vat_code"] = k.h.vat.key
	}
	for _, e := range k.h.entitiesRead() {
		for _, f := range e.list {
			if key := keys[f.name]; key != nil && f.column != nil && f.read == nil && f.write == nil && f.host == nil && f.lookup == nil {
				k.refers(f.path, f.column, key)
			}
		}
	}
	for _, kind := range k.h.kinds() {
		k.keysWithin(k.h.papers[kind])
	}
}

// keysWithin compares the references of a document's rows: to what it follows, and to its header.
func (k *checker) keysWithin(p *paper) {
	if p.source != nil && p.source.key != nil {
		for _, from := range p.source.spec.From {
			if of := k.h.papers[from]; of != nil && of.head.key != nil {
				k.refers(p.path+".source.key", p.source.key, of.head.key)
			}
		}
	}
	if p.head.key == nil || p.of != nil {
		return
	}
	for _, part := range []struct {
		path string
		c    *column
	}{{p.path + ".lines.parent", parentOf(p)}, {p.path + ".taxes.parent", taxParentOf(p)}} {
		if part.c != nil {
			k.refers(part.path, part.c, p.head.key)
		}
	}
}

func parentOf(p *paper) *column {
	if p.lines == nil {
		return nil
	}
	return p.lines.parent
}

func taxParentOf(p *paper) *column {
	if p.taxes == nil {
		return nil
	}
	return p.taxes.parent
}

// refers compares one column with the key that it holds.
func (k *checker) refers(path string, c *column, to *key) {
	of := to.column
	switch {
	case numeric(c) != numeric(of):
		k.add(Error, path, "key.reference", "%s cannot hold the keys of %s, which are of another type; name the column that does", c.Column, of.Column)
	case c.Type.Family == catalog.Text && c.Type.Length > 0 && (of.Type.Length > c.Type.Length || of.Type.Length < 0):
		k.add(Warning, path, "key.reference", "%s is shorter than %s, whose keys it holds; longer ones are refused", c.Column, of.Column)
	}
}
