package tablehost

import (
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// entry is one kind of row that the mapping inserts, or changes.
type entry struct {
	path string
	// what it is in a sentence: "a new customer".
	what  string
	table *table
	key   *key
	// cells are the columns that are written, in the order in which the mapping names them.
	cells []cell
	// insert: the row is new; otherwise it is changed.
	insert bool
	// before are the tables that are certainly written before it in the same conversion.
	before []*catalog.Table
	// later are those that only follow.
	later []*catalog.Table
}

// cell is a column that is written, by a field, a setting, or otherwise.
type cell struct {
	path    string
	column  *column
	field   *field
	setting *setting
	// where: the condition of an entity, which new rows meet.
	where *condition
	// yields: the cell gives way to another of the same column.
	yields bool
}

// put notes a column.
func (r *entry) put(c cell) {
	if c.column != nil {
		r.cells = append(r.cells, c)
	}
}

// of finds the cells of a column.
func (r *entry) of(name string) []cell {
	var list []cell
	for _, c := range r.cells {
		if c.column.Name == name {
			list = append(list, c)
		}
	}
	return list
}

func (r *entry) fields(e *entity) {
	for _, f := range e.list {
		if f.column != nil && !f.readOnly {
			r.put(cell{path: f.path, column: f.column, field: f})
		}
	}
	for _, c := range e.where {
		if c.op == "=" {
			r.put(cell{path: c.path, column: c.column, where: c, yields: true})
		}
	}
}

func (r *entry) settings(lists ...[]*setting) {
	for _, list := range lists {
		for _, s := range list {
			r.put(cell{path: s.path, column: s.column, setting: s})
		}
	}
}

// plainly notes a column that CRM+ fills by itself.
func (r *entry) plainly(path string, c *column) {
	if c != nil {
		r.put(cell{path: path, column: c, yields: true})
	}
}

// newEntry begins a row of a table that is inserted.
func newEntry(path, what string, t *table, key *key) *entry {
	r := &entry{path: path, what: what, table: t, key: key, insert: true}
	if t.company != nil {
		r.plainly(path+".company", t.company)
	}
	if key != nil && key.way != keyIdentity && key.way != keyGiven {
		r.plainly(key.path, key.column)
	}
	return r
}

// change is a row whose settings are written later.
func change(path, what string, t *table, lists ...[]*setting) *entry {
	r := &entry{path: path, what: what, table: t}
	r.settings(lists...)
	return r
}

// collect lists the rows that the mapping writes.
func (k *checker) collect() []*entry {
	var list []*entry
	if p := k.h.customers; p != nil {
		r := newEntry("customers", "a new customer", p.table, p.key)
		r.fields(p.entity)
		r.settings(p.set, p.keep)
		r.plainly("customers.token", p.token)
		list = append(list, r.around(p.before, p.after)...)
		list = append(list, change("customers.changed", "a changed customer", p.table, p.changed))
	}
	if p := k.h.contacts; p != nil {
		r := newEntry("contacts", "a new contact", p.table, p.key)
		r.fields(p.entity)
		r.settings(p.set)
		r.plainly("contacts.token", p.token)
		r.insert = !p.def.InCustomer
		list = append(list, r.around(p.before, p.after)...)
		list = append(list, change("contacts.remove_set", "a removed contact", p.table, p.gone))
	}
	for _, kind := range k.h.kinds() {
		if p := k.h.papers[kind]; !p.spec.ReadOnly {
			list = append(list, p.written()...)
		}
	}
	for _, name := range sorted(k.h.mapping.Counters) {
		if r := k.counterRow(name); r != nil {
			list = append(list, r)
		}
	}
	return slices.DeleteFunc(list, func(r *entry) bool { return r == nil || r.table == nil || r.table.Table == nil })
}

// written are the rows of a document.
func (p *paper) written() []*entry {
	var list []*entry
	if p.of != nil {
		r := change(p.path, "a "+string(p.kind), p.head.table, p.set)
		list = append(r.around(p.before, p.after), change(p.path+".unset", "a cancelled "+string(p.kind), p.head.table, p.unset))
	} else {
		r := newEntry(p.path, "a new "+string(p.kind), p.head.table, p.head.key)
		r.settings(p.set)
		r.fields(p.head)
		r.plainly(p.path+".token", p.token)
		if p.source != nil && !p.source.spec.OnLines {
			r.plainly(p.path+".source.kind", p.source.kind)
			r.plainly(p.path+".source.key", p.source.key)
		}
		list = r.around(p.before, nil)
		list = append(list, p.parts()...)
		list = append(list, stepRows(p.after)...)
	}
	list = append(list, change(p.path+".changed", "a changed "+string(p.kind), p.head.table, p.changed))
	for i, way := range p.cancel {
		list = append(list, change(p.path+".cancel["+strconv.Itoa(i)+"]", "a cancelled "+string(p.kind), p.head.table, way.set))
		list = append(list, stepRows(way.steps)...)
	}
	return list
}

// parts are the lines and taxes of a document, which come after its header.
func (p *paper) parts() []*entry {
	var list []*entry
	if l := p.lines; l != nil {
		r := newEntry(l.path, "a line of a new "+string(p.kind), l.table, l.key)
		r.settings(l.set)
		r.fields(l.entity)
		r.plainly(l.path+".parent", l.parent)
		r.plainly(l.path+".row", l.row)
		if p.source != nil {
			r.plainly(p.path+".source.line", p.source.line)
			if p.source.spec.OnLines {
				r.plainly(p.path+".source.kind", p.source.kind)
				r.plainly(p.path+".source.key", p.source.key)
			}
		}
		list = append(list, r)
		list = append(list, stepRows(l.after)...)
	}
	if t := p.taxes; t != nil {
		r := newEntry(p.path+".taxes", "a VAT sum of a new "+string(p.kind), t.table, t.key)
		r.settings(t.set)
		r.fields(t.entity)
		r.plainly(p.path+".taxes.parent", t.parent)
		list = append(list, r)
	}
	return list
}

// around gives the row with its steps before and after, each with what is written on its other side.
func (r *entry) around(before, after []*step) []*entry {
	first, last := stepRows(before), stepRows(after)
	for _, s := range first {
		if s.insert {
			s.later = append(s.later, r.table.Table)
			r.before = append(r.before, s.table.Table)
		}
	}
	for _, s := range last {
		if s.insert {
			r.later = append(r.later, s.table.Table)
		}
	}
	return append(append(first, r), last...)
}

func stepRows(steps []*step) []*entry {
	var list []*entry
	for _, s := range steps {
		if s.table == nil {
			continue
		}
		switch s.verb {
		case insertVerb, ensureVerb:
			r := newEntry(s.path, "the row of this step", s.table, s.key)
			r.settings(s.set)
			if s.verb == ensureVerb {
				for _, c := range s.where {
					if c.op == "=" {
						r.put(cell{path: c.path, column: c.column, where: c, yields: true})
					}
				}
			}
			list = append(list, r)
		case updateVerb:
			list = append(list, change(s.path, "the row of this step", s.table, s.set, s.add), change(s.path, "the row of this step", s.table, s.undo))
		}
	}
	return list
}

// counterRow is what a counter inserts for a series without a row, or changes.
func (k *checker) counterRow(name string) *entry {
	found := k.compiler.counters[name]
	if found == nil || found.table == nil || found.last == nil {
		return nil
	}
	if !found.create {
		r := change(found.path, "a counter", found.table, found.where)
		r.plainly(found.path+".column", found.last)
		return r
	}
	r := newEntry(found.path, "a new series", found.table, nil)
	r.settings(found.where, found.set)
	r.plainly(found.path+".column", found.last)
	return r
}
