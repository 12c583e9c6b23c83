package tablehost

import (
	"slices"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// ways is the list of them for a sentence.
const allWays = "identity, sequence, counter, template, guid, number or highest"

// keyed judges how a new row gets its key.
func (k *checker) keyed(r *entry) {
	key := r.key
	if key == nil {
		return
	}
	c := key.column
	identity := c.Identity && k.cat.Dialect == catalog.MSSQL
	switch {
	case key.way == keyIdentity:
		if !c.Identity {
			k.add(Error, key.path, "key.identity", "%s does not count by itself; say how a new row gets it: %s", c.Column, allWays)
		}
	case key.way == keyGiven:
		if given := len(r.of(c.Name)) > 0; !given && c.Identity {
			k.add(Error, key.path, "key.missing", "%s counts by itself; say so with identity: true", c.Column)
		} else if !given {
			k.add(Error, key.path, "key.missing", "nothing says how a new row gets %s; say %s", c.Column, allWays)
		} else if identity {
			k.add(Error, key.path, "key.written", "%s is an identity, which SQL Server lets nobody write; say identity: true and take it out of fields and set", c.Column)
		}
		return
	case identity:
		k.add(Error, key.path, "key.written", "%s is an identity, which SQL Server lets nobody write; say identity: true", c.Column)
		return
	case !c.Writable():
		k.add(Error, key.path, "key.written", "%s is filled by the database and cannot be written; name another column as the key", c.Column)
		return
	}
	k.made(r)
	if key.way != keyIdentity && !uniqueIn(r.table, []string{c.Name}, r.fixed()) {
		k.add(Warning, key.path, "key.unique", "no unique index or primary key of %s covers %s; two rows may get one key at the same moment, so add one", r.table.Table, c.Column)
	}
}

// made judges the value that the way gives.
func (k *checker) made(r *entry) {
	key, c := r.key, r.key.column
	switch key.way {
	case keySequence:
		if k.cat.Dialect == catalog.MSSQL {
			_, err := k.cat.Sequence(key.sequence)
			if err != nil {
				k.add(Error, key.path+".sequence", "key.sequence", "%v", err)
			}
		}
		k.counts(c, key.path)
	case keyGUID:
		if c.Type.Family != catalog.GUID && (c.Type.Family != catalog.Text || c.Type.Length > 0 && c.Type.Length < 36) {
			k.add(Error, key.path, "key.type", "%s cannot hold a GUID; it takes uniqueidentifier or 36 characters", c.Column)
		}
	case keyCounter:
		k.formatted(c, key.counter)
	case keyTemplate:
		k.template(r)
	case keyHighest:
		if key.counter != nil && key.counter.format != nil {
			k.formatted(c, key.counter)
		}
	}
}

// counts refuses a whole number in a column that takes none.
func (k *checker) counts(c *column, path string) {
	if _, _, err := c.Bind(k.cat.Dialect, c.fit(int64(99999)), c.storage); err != nil {
		k.refused(Error, path, err)
	}
}

// formatted tries the number 99999 in a format.
func (k *checker) formatted(c *column, n *numbering) {
	if n == nil {
		return
	}
	if n.format == nil {
		k.counts(c, n.path)
		return
	}
	if !rehearsable(n.format) {
		return
	}
	v, err := n.format.Run(k.ctx, k.rehearsed())
	if err != nil {
		return
	}
	if _, _, err := c.Bind(k.cat.Dialect, c.fit(v), c.storage); err != nil {
		k.refused(Error, n.path+".format", err)
	}
}

func (k *checker) template(r *entry) {
	key := r.key
	if key.template == nil {
		return
	}
	if !slices.Contains(key.template.Names(), "try") {
		k.add(Warning, key.path+".template", "key.template", "the template does not depend on try, so that the second row of one name is refused; add it where it is above zero: (try == 0 ? '' : text(try))")
	}
	for _, try := range []int{0, 12} {
		with := k.rehearsed()
		with["try"] = try
		if !rehearsable(key.template) {
			return
		}
		v, err := key.template.Run(k.ctx, with)
		if err != nil {
			continue
		}
		if _, _, err := key.column.Bind(k.cat.Dialect, key.column.fit(v), key.column.storage); err != nil {
			k.refused(Error, key.path+".template", err)
			return
		}
	}
}

// fixed are the columns that have the same value in all rows that are looked at together: the company's, and
// those of constants in where.
func (r *entry) fixed() []string {
	var list []string
	if r.table.company != nil {
		list = append(list, r.table.company.Name)
	}
	for _, c := range r.cells {
		if c.where != nil {
			list = append(list, c.column.Name)
		}
	}
	return list
}

// uniqueIn reports whether a unique index or the primary key consists of the columns, but for those that
// are fixed anyway.
func uniqueIn(t *table, columns, fixed []string) bool {
	covers := func(index []string) bool {
		if len(index) == 0 {
			return false
		}
		for _, name := range index {
			if !slices.Contains(columns, name) && !slices.Contains(fixed, name) {
				return false
			}
		}
		return true
	}
	return covers(t.PrimaryKey) || slices.ContainsFunc(t.Unique, func(i catalog.Index) bool { return covers(i.Columns) })
}

// counters judges the number tables.
func (k *checker) counters() {
	for _, name := range sorted(k.compiler.counters) {
		n := k.compiler.counters[name]
		if n == nil || n.table == nil {
			continue
		}
		var columns []string
		for _, w := range n.where {
			columns = append(columns, w.column.Name)
		}
		var fixed []string
		if n.company != nil {
			fixed = append(fixed, n.company.Name)
		}
		if !uniqueIn(n.table, columns, fixed) {
			k.add(Error, n.path+".where", "counter.unique", "no unique index or primary key of %s says that where finds one row; name all its columns in where, or add the index", n.table.Table)
		}
	}
}

// lookups judges them.
func (k *checker) lookups() {
	for _, name := range sorted(k.compiler.lookups) {
		l := k.compiler.lookups[name]
		if l == nil || l.table == nil || l.table.Table == nil {
			continue
		}
		path := "lookups." + name
		if !l.CanSelect {
			k.once(Error, path, "permission.select", "the login may not read %s; GRANT SELECT ON %s", l.table.Table, l.table.Table)
		}
		var columns []string
		for _, w := range l.where {
			if w.op == "=" && w.column != nil {
				columns = append(columns, w.column.Name)
			}
		}
		var fixed []string
		if l.company != nil {
			fixed = append(fixed, l.company.Name)
		}
		if !uniqueIn(l.table, columns, fixed) {
			k.add(Warning, path+".where", "lookup.unique", "no unique index or primary key of %s says that where finds one row; of several any one answers", l.table.Table)
		}
		for _, w := range l.where {
			if w.value != nil && w.value.Constant() {
				v, err := w.value.Run(k.ctx, k.rehearsed())
				if err == nil {
					k.binds(w.column, v, w.path)
				}
			}
		}
	}
}

// binds tries a constant in a column that it is compared with.
func (k *checker) binds(c *column, v any, path string) {
	if isNone(v) {
		return
	}
	if _, _, err := c.Bind(k.cat.Dialect, c.fit(v), c.storage); err != nil {
		k.refused(Error, path, err)
	}
}

// token judges a column that keeps tokens.
func (k *checker) token(path string, e *entity, c *column, fixed []string) {
	if c == nil {
		return
	}
	if c.Type.Family != catalog.Text {
		k.add(Error, path, "token.type", "%s cannot keep a token; it is text of up to %d characters", c.Column, len(sampleToken))
		return
	}
	if c.Type.Length > 0 && c.Type.Length < len(sampleToken) {
		k.add(Error, path, "token.length", "%s is too short for a token; make it %d characters long", c.Column, len(sampleToken))
	}
	if !uniqueIn(e.table, []string{c.Name}, fixed) {
		k.add(Warning, path, "token.unique", "no unique index covers %s; one that does lets the database itself refuse what comes twice", c.Column)
	}
}

// constantOf is a value that is always the same, for a column, ready for a statement.
type constantOf struct {
	column *column
	mark   string
	arg    any
	path   string
}

// resolves looks a constant up where a foreign key says that it has to be.
func (k *checker) resolves(r *entry, v constantOf) {
	for _, f := range r.table.ForeignKeys {
		at := slices.Index(f.Columns, v.column.Name)
		if at < 0 || at >= len(f.Target) || f.Disabled && k.cat.Dialect == catalog.MSSQL {
			continue
		}
		target, err := k.cat.Table(quotedName(k.cat.Dialect, f))
		if err != nil || !target.CanSelect || target == r.table.Table {
			continue
		}
		query := "SELECT COUNT(*) FROM " + target.Quoted() + " WHERE " + catalog.Quote(k.cat.Dialect, f.Target[at]) + " = " + v.mark
		args := []any{v.arg}
		if r.table.company != nil && k.mapping.Company.Key != "" {
			if i := slices.Index(f.Columns, r.table.company.Name); i >= 0 && i < len(f.Target) {
				mark, arg, err := r.table.company.Bind(k.cat.Dialect, k.mapping.Company.Key, catalog.Storage{})
				if err == nil {
					query += " AND " + catalog.Quote(k.cat.Dialect, f.Target[i]) + " = " + mark
					args = append(args, arg)
				}
			}
		}
		n := int64(-1)
		_ = k.ask(catalog.Numbered(k.cat.Dialect, query), func(raw any) { n, _ = raw.(int64) }, args...)
		if n == 0 {
			k.add(Error, v.path, "foreign_key.constant", "%s: there is no %v in %s.%s, which %s refers to; write a value that is there, or add the row", v.column.Column, v.arg, dotted(f), f.Target[at], f.Name)
		}
	}
}

func quotedName(d catalog.Dialect, f catalog.ForeignKey) string {
	if f.Schema == "" {
		return catalog.Quote(d, f.Table)
	}
	return catalog.Quote(d, f.Schema) + "." + catalog.Quote(d, f.Table)
}

// number judges what makes the number of a document.
func (k *checker) number(p *paper) {
	if p.number == nil {
		if p.head.key != nil && p.head.key.way == keyNumber {
			k.add(Error, p.path+".key", "key.number", "the key is the document's number, and nothing makes one; give number a counter")
		}
		return
	}
	column := (*column)(nil)
	if f := p.head.fields["number"]; f != nil {
		column = f.column
	}
	if column == nil && p.head.key != nil {
		if p.head.key.way != keyNumber {
			k.add(Warning, p.path+".number", "number.column", "the number is taken and written nowhere; map the field number, or say number: true of the key")
			return
		}
		column = p.head.key.column
	}
	if column != nil {
		k.formatted(column, p.number)
	}
}

// sampleOf runs a formula that a sample can answer.
func (k *checker) sampleOf(p *formula.Program) (any, bool) {
	if p == nil || !rehearsable(p) {
		return nil, false
	}
	v, err := p.Run(k.ctx, k.rehearsed())
	return v, err == nil && !isNone(v)
}
