package tablehost

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// documents judges what documents need beside their columns.
func (k *checker) documents() {
	for _, kind := range k.h.kinds() {
		p := k.h.papers[kind]
		if p.head == nil || p.head.table == nil {
			continue
		}
		k.complete(p)
		k.sources(p)
		if p.spec.ReadOnly {
			continue
		}
		k.token(p.path+".token", p.head, p.token, k.fixedOf(p.head))
		k.number(p)
		k.lines(p)
		k.totals(p)
		for i, way := range p.cancel {
			k.wayBack(p, way, p.path+".cancel["+strconv.Itoa(i)+"]")
		}
	}
}

// fixedOf are the columns that an entity's rows have in common.
func (k *checker) fixedOf(e *entity) []string {
	var list []string
	if e.table.company != nil {
		list = append(list, e.table.company.Name)
	}
	for _, w := range e.where {
		if w.op == "=" {
			list = append(list, w.column.Name)
		}
	}
	return list
}

// complete names the fields without which a document is none.
func (k *checker) complete(p *paper) {
	need := func(path string, e *entity, names ...string) {
		for _, name := range names {
			if f := e.fields[name]; f == nil {
				k.add(Error, path+".fields."+name, "required", "is missing; a document of the kind %s has to tell its %s", p.kind, name)
			}
		}
	}
	if p.head.key == nil {
		k.add(Error, p.path+".key", "required", "is missing; nothing tells one %s from another", p.kind)
	}
	need(p.path, p.head, "customer")
	if p.of == nil {
		need(p.path, p.head, "date")
	}
	switch {
	case p.lines == nil:
		if !p.spec.ReadOnly {
			k.add(Error, p.path+".lines", "required", "is missing; a document without lines cannot be written")
		}
	case p.of == nil:
		need(p.path+".lines", p.lines.entity, "quantity", "unit_price")
		if p.lines.fields["product"] == nil && p.lines.fields["name"] == nil {
			k.add(Error, p.path+".lines.fields.product", "required", "is missing; a line names a product, or has a name")
		}
	}
}

// sources judges what a document follows.
func (k *checker) sources(p *paper) {
	if p.source == nil {
		return
	}
	for _, from := range p.source.spec.From {
		if k.h.papers[from] == nil && slices.Contains(documentKinds, from) {
			k.add(Error, p.path+".source.from", "source.unknown", "this mapping has no documents of the kind %q that could be followed; describe them, or take the kind out", from)
		}
		if host, listed := p.source.spec.Values[string(from)]; p.source.kind != nil && listed {
			k.binds(p.source.kind, host, p.path+".source.values."+string(from))
		} else if p.source.kind != nil && len(p.source.spec.Values) > 0 {
			k.add(Error, p.path+".source.values", "source.values", "says nothing of the kind %q, which may be followed; give the value of %s for it", from, p.source.kind.Column)
		}
	}
}

// lines judges products that come twice, text without a product, and quantities below zero.
func (k *checker) lines(p *paper) {
	l := p.lines
	if l == nil || p.of != nil {
		return
	}
	product := l.fields["product"]
	if product != nil && product.column != nil {
		c := product.column
		once := uniqueIn(l.table, []string{c.Name}, append(k.fixedOf(l.entity), names(l.parent)...))
		if once && (l.spec.Duplicates == "" || l.spec.Duplicates == "keep") {
			k.add(Error, l.path+".duplicates", "lines.duplicates", "%s takes one product once in a document (%s), and a quote may hold it twice; say duplicates: merge or refuse", l.table.Table, c.Column)
		}
		refers := slices.ContainsFunc(l.ForeignKeys, func(f catalog.ForeignKey) bool { return slices.Contains(f.Columns, c.Name) })
		if !c.Nullable && (refers || numeric(c)) && product.preset == nil && product.empty == nil && (l.spec.Text == "" || l.spec.Text == "keep") {
			k.add(Error, l.path+".text", "lines.text", "%s needs a product, and a line of a quote may have none; say text: refuse, or text: product with the product to write", c.Column)
		}
	}
	if l.row == nil && l.parent != nil && uniqueIn(l.table, names(l.parent), k.fixedOf(l.entity)) {
		k.add(Error, l.path+".row", "lines.row", "%s takes one line for each document; name the column of the row number", l.table.Table)
	}
	if p.spec.Negative {
		k.negative(l)
	}
}

func names(columns ...*column) []string {
	var list []string
	for _, c := range columns {
		if c != nil {
			list = append(list, c.Name)
		}
	}
	return list
}

// negative tries a quantity below zero.
func (k *checker) negative(l *linesPart) {
	f := l.fields["quantity"]
	if f == nil || f.column == nil || f.readOnly {
		return
	}
	_, arg, err := f.column.Bind(k.cat.Dialect, f.column.fit(decimal.NewFromInt(-2)), f.column.storage)
	if err != nil {
		k.refused(Error, f.path, err)
		return
	}
	for i := range l.Checks {
		if permitted, known := l.Checks[i].Permits(f.column.Name, arg); known && !permitted {
			k.add(Error, f.path, "check", "%s: quantities of this kind are below zero (negative: true), and the constraint %s refuses them: %s", f.column.Column, l.Checks[i].Name, short(l.Checks[i].Expression))
		}
	}
}

// totals judges who counts.
func (k *checker) totals(p *paper) {
	if p.of != nil || p.lines == nil {
		return
	}
	counts := ""
	for _, tr := range p.lines.Triggers {
		if tr.Insert && !tr.Disabled && changes(tr.Body, p.head.Name) {
			counts = tr.Name
		}
	}
	for _, name := range []string{"net", "vat", "gross"} {
		f := p.head.fields[name]
		if f == nil || f.column == nil {
			continue
		}
		filled := !f.column.Writable()
		switch {
		case p.spec.Totals == totalsHost && counts == "" && !filled && !k.hidden(p):
			k.add(Error, f.path, "totals", "%s: nothing counts it: it is not computed, and no trigger of %s writes %s; leave totals out, so that CRM+ writes it", f.column.Column, p.lines.table.Table, p.head.table.Table)
		case p.spec.Totals != totalsHost && counts != "" && !filled && !f.readOnly:
			k.add(Warning, f.path, "totals", "%s: the trigger %s of %s changes %s after CRM+ wrote it; say totals: host, if it counts", f.column.Column, counts, p.lines.table.Table, p.head.table.Table)
		}
	}
}

// hidden reports whether a trigger that could count cannot be read.
func (k *checker) hidden(p *paper) bool {
	unread := func(t catalog.Trigger) bool { return !t.Disabled && t.Body == "" }
	return slices.ContainsFunc(p.lines.Triggers, unread) || slices.ContainsFunc(p.head.Triggers, func(t catalog.Trigger) bool { return !t.Disabled })
}

// changes reports whether a body has an UPDATE, and names the table.
func changes(body, table string) bool {
	upper := strings.ToUpper(body)
	at := strings.Index(upper, "UPDATE")
	return at >= 0 && strings.Contains(upper, strings.ToUpper(table))
}

// wayBack judges one way of taking a document back.
func (k *checker) wayBack(p *paper, way wayBack, path string) {
	if !way.spec.Delete {
		return
	}
	if p.number != nil {
		k.add(Error, path+".delete", "cancel.delete", "a document whose number came from a counter leaves a hole when it is deleted; set its state instead, or write a credit note")
	}
	k.deletable(path, p.head.table)
	if p.lines != nil {
		k.deletable(path, p.lines.table)
	}
	if p.taxes != nil {
		k.deletable(path, p.taxes.table)
	}
}

// contacts judges customers and contacts.
func (k *checker) contacts() {
	if p := k.h.customers; p != nil {
		k.token("customers.token", p.entity, p.token, k.fixedOf(p.entity))
		if p.def.Remove == removeDelete {
			k.deletable("customers.remove", p.table)
		}
	}
	if p := k.h.contacts; p != nil && !p.def.InCustomer && p.token != nil && p.token.Type.Family == catalog.Text && p.token.Type.Length > 0 && p.token.Type.Length < len(sampleToken) {
		k.add(Error, "contacts.token", "token.length", "%s is too short for a token; make it %d characters long", p.token.Column, len(sampleToken))
	}
	for i, s := range k.unsafe() {
		k.add(Warning, s.path, "unsafe_sql", "the statement is the host's own, and nothing is checked in it; it runs only where the program sets Options.AllowUnsafeSQL (statement %d)", i+1)
	}
	if _, err := k.cat.Table("crm_host_token"); err != nil && (k.h.customers != nil || len(k.h.papers) > 0) {
		k.add(Warning, "", "token.table", "the tables of CRM+ are not in this database (crm_host_token is missing); run migrate up, or make synonyms for them, before the first conversion")
	}
}

// unsafe are the steps with statements of the host's own.
func (k *checker) unsafe() []*step {
	var list []*step
	add := func(lists ...[]*step) {
		for _, l := range lists {
			for _, s := range l {
				if s.verb == unsafeVerb {
					list = append(list, s)
				}
			}
		}
	}
	if p := k.h.customers; p != nil {
		add(p.before, p.after)
	}
	if p := k.h.contacts; p != nil {
		add(p.before, p.after)
	}
	for _, kind := range k.h.kinds() {
		p := k.h.papers[kind]
		add(p.before, p.after)
		if p.lines != nil {
			add(p.lines.after)
		}
		for _, way := range p.cancel {
			add(way.steps)
		}
	}
	return list
}
