package tablehost

import (
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// row judges one kind of row that is written.
func (k *checker) row(r *entry) {
	k.permitted(r)
	if r.insert {
		k.unmapped(r)
		k.keyed(r)
		k.triggers(r)
	}
	k.twice(r)
	for _, c := range r.cells {
		k.cell(r, c)
	}
	k.references(r)
}

// unmapped names the columns that need a value and get none.
func (k *checker) unmapped(r *entry) {
	for i := range r.table.Columns {
		c := &r.table.Columns[i]
		if c.Nullable || c.HasDefault || c.Identity || c.Computed || c.Generated || c.RowVersion || len(r.of(c.Name)) > 0 {
			continue
		}
		if r.key != nil && r.key.column.Name == c.Name {
			continue // keyed says what is wrong with it
		}
		k.add(Error, r.path, "column.unmapped", "%s is not mapped and has no default; give it a value in fields or set", c)
	}
}

// twice names columns that get two values.
func (k *checker) twice(r *entry) {
	for i, c := range r.cells {
		for _, other := range r.cells[:i] {
			if other.column.Name != c.column.Name || c.yields || other.yields {
				continue
			}
			k.add(Error, c.path, "column.twice", "%s is written by %s already; leave one of the two", c.column.Column, other.path)
		}
	}
	if r.table.company == nil {
		return
	}
	for _, c := range r.of(r.table.company.Name) {
		if !c.yields {
			k.add(Warning, c.path, "column.company", "%s keeps companies apart and is filled by CRM+ with the session's company; leave it out", c.column.Column)
		}
	}
}

// cell judges what is written into one column, by samples of what can come.
func (k *checker) cell(r *entry, c cell) {
	switch {
	case c.field != nil:
		k.field(r, c)
	case c.setting != nil && c.setting.lookup == nil:
		k.formula(r, c, c.setting.formula)
	case c.where != nil:
		k.formula(r, c, c.where.value)
	}
}

// field judges a field of a row that is written.
func (k *checker) field(r *entry, c cell) {
	f := c.field
	if f.lookup != nil {
		return
	}
	for _, ours := range sorted(f.host) {
		k.constant(r, c, f.column.fit(f.host[ours]), c.path+".values."+ours)
	}
	k.ambiguous(f)
	for _, v := range k.samples(f) {
		if _, listed := f.host[textOf(v)]; listed {
			continue
		}
		host, err := k.work.hostValue(k.ctx, drafted{f, v, k.rehearsed()})
		if err != nil {
			continue // it depends on what a sample cannot have
		}
		k.sample(r, c, host)
	}
	k.letters(f)
	k.required(r, f)
}

// sample binds a sample, and judges it by the CHECK constraints.
func (k *checker) sample(r *entry, c cell, v any) {
	_, arg, err := c.column.Bind(k.cat.Dialect, v, c.column.storage)
	if err != nil {
		severity := Error
		switch fault.Of(err)[0].Code {
		case "column.precision":
			severity = Warning
		case "column.length":
			// Longer names than the column takes are refused one by one; a code that does not fit never does.
			if c.field != nil && c.field.holds == ofText && !slices.Contains(codes, c.field.name) {
				severity = Warning
			}
		}
		k.refused(severity, c.path, err)
		return
	}
	k.checks(r, c, arg, c.path)
}

// constant binds a value that is always the same.
func (k *checker) constant(r *entry, c cell, v any, path string) {
	mark, arg, err := c.column.Bind(k.cat.Dialect, v, c.column.storage)
	if err != nil {
		k.refused(Error, path, err)
		return
	}
	k.checks(r, c, arg, path)
	if arg != nil {
		k.resolves(r, constantOf{c.column, mark, arg, path})
	}
}

// checks judges a value by the CHECK constraints of the table.
func (k *checker) checks(r *entry, c cell, arg any, path string) {
	for i := range r.table.Checks {
		check := &r.table.Checks[i]
		if permitted, known := check.Permits(c.column.Name, arg); known && !permitted {
			k.add(Error, path, "check", "%s: the %s refuses %v: %s; map the values, or say how the host keeps them", c.column.Column, strings.TrimSpace("constraint "+check.Name), arg, short(check.Expression))
		}
	}
}

// short cuts an expression to a length that fits a sentence.
func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return text
}

// formula judges a formula by its value where that is always the same, and by samples where it can be.
func (k *checker) formula(r *entry, c cell, p *formula.Program) {
	if p == nil {
		return
	}
	if p.Constant() {
		v, err := p.Run(k.ctx, k.rehearsed())
		if err == nil {
			k.constant(r, c, c.column.fit(v), c.path)
		}
		return
	}
	if !rehearsable(p) {
		return
	}
	v, err := p.Run(k.ctx, k.rehearsed())
	if err == nil && !isNone(v) {
		k.sample(r, c, c.column.fit(v))
	}
}

// ambiguous names host values that stand for two of ours, so that what is read is not what was written.
func (k *checker) ambiguous(f *field) {
	for _, ours := range sorted(f.host) {
		if back := f.ours[f.host[ours]]; back != ours {
			k.add(Warning, f.path+".values", "values.twice", "%s: %q stands for %s and for %s, and is read as %s; give them different values", f.column.Column, f.host[ours], back, ours, back)
		}
	}
}

// codes are the texts that have a length of their own.
var codes = []string{"country", "currency", "language", "state", "kind"}

// personal are the fields that hold what people write in their own letters.
var personal = []string{"name", "given", "family", "line1", "line2", "city", "region", "job_title", "note"}

// letters warns of a code page.
func (k *checker) letters(f *field) {
	t := f.column.Type
	if k.cat.Dialect == catalog.MSSQL && t.CodePage != 0 && t.CodePage != 65001 && f.write == nil && slices.Contains(personal, f.name) {
		k.add(Warning, f.path, "column.codepage", "%s keeps only the letters of code page %d (%s); names in other letters are refused; nvarchar keeps all", f.column.Column, t.CodePage, f.column.Collation)
	}
}

// required warns of columns that take no NULL and get an empty text that a foreign key will refuse.
func (k *checker) required(r *entry, f *field) {
	if f.column.Nullable || f.column.HasDefault || f.preset != nil || f.write != nil || f.empty != nil || f.holds != ofText {
		return
	}
	needed := []string{"name", "customer", "product", "state", "number", "date", "unit", "vat_code", "code", "language"}
	if p := k.h.customers; p != nil && strings.HasPrefix(f.path, "customers.") {
		needed = append(needed, p.def.Required...)
	}
	if slices.Contains(needed, f.name) || f.name == "currency" && !strings.HasPrefix(f.path, "customers.") {
		return
	}
	for _, fk := range r.table.ForeignKeys {
		if slices.Contains(fk.Columns, f.column.Name) {
			k.add(Warning, f.path, "column.empty", "%s is part of a key of %s, and an empty %s is refused there; give it a default, or make it required", f.column.Column, dotted(fk), f.name)
		}
	}
}

func dotted(f catalog.ForeignKey) string {
	if f.Schema == "" {
		return f.Table
	}
	return f.Schema + "." + f.Table
}
