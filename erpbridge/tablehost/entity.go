package tablehost

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// How the compiled mapping is used. New compiles each Entity once (compile.go); a call begins with
// host.work, which checks the session, and ends with rows:
//
//	w, err := p.h.work(s)
//	list, err := w.read(ctx, question{of: e, where: []cond{e.key.is(key)}})
//	list[0].text("name"), list[0].amount("net"), list[0].day("date")      // our values
//	vars := w.vars(vars{"customer": list[0].fields()})                    // for formulas
//	set, err := w.assign(ctx, e, draft, vars, &faults)                    // a draft's fields as the columns take them
//	more, err := w.settings(ctx, e.set, vars)                             // Set, Keep, Changed
//	key, err := w.insert(ctx, e.table, e.key, append(set, more...), vars) // with its key
//	found, err := w.update(ctx, e.table, set, []cond{e.key.is(key)})      // assignment.add adds to a column
//	err := w.steps(ctx, d.before, vars, rounds)                           // and w.reversed to take them back
//
// A key is text on our side whatever the column's type. read and write keep companies apart by
// themselves. The columns of a table are in table.columns by the catalogue's name; only those go into
// statements (sql.go).
//
// Documents (document*.go) compile in compiler.documents with compiler.entity, settings, conditions, steps,
// numbering and formula. A call that writes begins with host.begin,
// which reads the company too (formulas, w.now, w.today). What a token made is asked with w.remembered,
// claimed with w.claim before anything is made that only one can make, and noted with w.note unless the key
// was known already (token.go).

// table is a table of the host as one company sees it.
type table struct {
	*catalog.Table
	// path is where the mapping names it: "documents.order".
	path string
	// name is quoted, with the company's own schema or database.
	name string
	// company is the column that keeps companies apart, nil where none does.
	company *column
	columns map[string]*column
	// locked is a column that a no-op UPDATE may set to itself; nil where a trigger would see it.
	locked *column
}

// column is a column in statements.
type column struct {
	*catalog.Column
	storage catalog.Storage
	// alias is that of its table in a SELECT; there the column is called qualified, elsewhere name.
	alias, name, qualified string
	// label is how mappings and formulas call it: "CITY", "address.CITY".
	label string
	// padded: the database fills its values up with blanks.
	padded bool
}

// entity is a compiled [Entity].
type entity struct {
	*table
	// key tells rows apart; nil for what is never looked for by a key. keyAt is its place in selected.
	key   *key
	keyAt int
	// fields by our name, and in a fixed order.
	fields map[string]*field
	list   []*field
	// selected are the columns that are read.
	selected []*column
	// selects is their text.
	selects string
	// from is everything behind FROM, but the conditions.
	joins []*join
	where []*condition
	extra []extra
	// constant: there is no table, only formulas.
	constant bool
	// settled: what is read depends on the company, which therefore has to be read first.
	settled bool
}

type join struct {
	*table
	alias    string
	on       [][2]*column
	where    []*condition
	required bool
}

// extra is a column that only formulas see.
type extra struct {
	name string
	at   int
}

// holds is what a field of ours holds.
type holds int

const (
	ofText holds = iota
	ofMoney
	ofQuantity
	ofPercent
	ofWhole
	ofFlag
	ofDay
	ofBytes
)

// field is a compiled [Field].
type field struct {
	name string
	// path is that of the mapping, place that of faults: "address.city".
	path, place string
	holds       holds
	// column is nil for a field that is a formula.
	column *column
	// at is the place of column in the entity's selected columns, index that of the field in its list.
	at, index int

	value, read, write, preset *formula.Program
	// host gives the host's value for ours, ours the other way round.
	host, ours map[string]string
	as         string
	// empty is the column's value that means nothing; nil where there is none.
	empty    any
	lookup   *lookup
	readOnly bool
}

// record is a row that was read.
type record struct {
	of  *entity
	key string
	// raw are the values of of.selected, values those of of.list, already ours.
	raw, values []any
}

// vars are the variables of formulas.
type vars = map[string]any

// value gives a field's value: string, decimal.Decimal, int64, bool, civil.Date, []byte, or nil for
// nothing and for fields that the mapping lacks.
func (r record) value(name string) any {
	f := r.of.fields[name]
	if f == nil {
		return nil
	}
	return r.values[f.index]
}

func (r record) text(name string) string {
	s, _ := r.value(name).(string)
	return s
}

func (r record) number(name string) decimal.Decimal {
	switch v := r.value(name).(type) {
	case decimal.Decimal:
		return v
	case int64:
		return decimal.NewFromInt(v)
	}
	return decimal.Decimal{}
}

func (r record) amount(name string) money.Amount { return money.NewAmount(r.number(name)) }

func (r record) flag(name string) bool {
	b, _ := r.value(name).(bool)
	return b
}

func (r record) day(name string) civil.Date {
	d, _ := r.value(name).(civil.Date)
	return d
}

// fields gives the record as formulas see it: our fields, key, and extra.
func (r record) fields() map[string]any {
	m := make(map[string]any, len(r.values)+2)
	for _, f := range r.of.list {
		m[f.name] = r.values[f.index]
	}
	m["key"] = r.key
	more := make(map[string]any, len(r.of.extra))
	for _, x := range r.of.extra {
		more[x.name] = r.raw[x.at]
	}
	m["extra"] = more
	return m
}

// row gives what was read by column, for formulas over row.
func (r record) row() map[string]any { return rowOf(r.of.selected, r.raw) }

func rowOf(columns []*column, raw []any) map[string]any {
	m := make(map[string]any, len(raw))
	for i, c := range columns {
		m[c.label] = raw[i]
	}
	return m
}

// cond compares a column, or joins conditions: any of or, or all of and.
type cond struct {
	column *column
	// op is =, <>, <, <=, >, >=, null, not null, in or like; "" is =.
	op    string
	value any
	// values are those of in.
	values  []any
	or, and []cond
}

// is compares a key of ours. A key that the column cannot hold finds nothing.
func (k *key) is(text string) cond { return cond{column: k.column, value: text} }

// is compares a field with a value of the host's.
func (e *entity) is(name string, value any) cond {
	return cond{column: e.fields[name].column, value: value}
}

// has reports whether the mapping gives a field a column.
func (e *entity) has(name string) bool {
	return e != nil && e.fields[name] != nil && e.fields[name].column != nil
}

// assignment is a value for a column, or with add an amount to add to it.
type assignment struct {
	column *column
	value  any
	add    bool
	// place is where a fault about the value belongs: a field of the draft, or a path of the mapping.
	place string
	// bound is what goes to the driver, where that was made out already.
	bound *parameter
}

// parameter is a value in the cast of its column.
type parameter struct {
	text string
	arg  any
}

// order is a column that rows are sorted by.
type order struct {
	column *column
	down   bool
}

// question is what rows are asked for.
type question struct {
	of    *entity
	where []cond
	order []order
	// limit is the most rows; 0 is all.
	limit int
}

// sorted gives the names of a map in their order, so that statements do not change from run to run.
func sorted[K ~string, V any](m map[K]V) []K {
	names := make([]K, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
