package tablehost

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge"
)

// paper is a compiled [Document]: one kind of the host's documents.
type paper struct {
	rules
	spec *Document
	path string
	head *entity
	// of is the kind whose row this one is a change of, nil for a row of its own; done tells that the change
	// happened.
	of    *paper
	done  *formula.Program
	unset []*setting

	token *column
	// unique: only one row may have a token.
	unique       bool
	number       *numbering
	source       *sourceColumns
	set, changed []*setting
	due          *formula.Program
	lines        *linesPart
	taxes        *taxesPart

	before, after []*step
	cancel        []wayBack
	// credits: documents of this kind are only written when another is cancelled.
	credits bool
}

// sourceColumns are where the followed document stands; kind, key and line may be nil. Their places are
// those in the selected columns of header or lines, -1 where they are not there.
type sourceColumns struct {
	spec          *DocumentSource
	kind, key     *column
	line          *column
	kindAt, keyAt int
	lineAt        int
	// ours gives our kind for the host's.
	ours map[string]string
}

// linesPart is a compiled [Lines].
type linesPart struct {
	*entity
	spec     *Lines
	path     string
	parent   *column
	parentAt int
	row      *column
	rowAt    int
	set      []*setting
	after    []*step
	text     *formula.Program
}

// taxesPart is a compiled [Taxes].
type taxesPart struct {
	*entity
	parent *column
	set    []*setting
}

// wayBack is a compiled [Cancel].
type wayBack struct {
	spec  Cancel
	set   []*setting
	steps []*step
}

// papers compiles the kinds of documents: those that are rows first, then those that are changes of them.
func (c *compiler) papers() map[erpbridge.Kind]*paper {
	list := make(map[erpbridge.Kind]*paper, len(c.mapping.Documents))
	for _, changes := range []bool{false, true} {
		for _, kind := range sorted(c.mapping.Documents) {
			spec := c.mapping.Documents[kind]
			if spec == nil || (spec.Of != "") != changes {
				continue
			}
			if !slices.Contains(trade, kind) {
				c.problem("documents."+string(kind), "document.kind", "there are no documents of the kind %q; there are %s", kind, kindList(trade))
				continue
			}
			if p := c.paper(kind, spec, list); p != nil {
				list[kind] = p
			}
		}
	}
	for _, kind := range sorted(list) {
		p := list[kind]
		for i, way := range p.cancel {
			if way.spec.Credit == "" {
				continue
			}
			credit := list[way.spec.Credit]
			if credit == nil {
				c.problem(p.path+".cancel["+strconv.Itoa(i)+"].credit", "cancel.credit", "there are no documents of the kind %q in this mapping; describe them, or cancel otherwise", way.spec.Credit)
				continue
			}
			credit.credits = true
		}
	}
	return list
}

func (c *compiler) paper(kind erpbridge.Kind, spec *Document, known map[erpbridge.Kind]*paper) *paper {
	p := &paper{rules: rulesOf(kind, spec), spec: spec, path: "documents." + string(kind)}
	p.perLine = c.mapping.VAT != nil && c.mapping.VAT.Round == roundLine
	p.taxed = c.mapping.VAT != nil
	env := c.environments()
	def := &spec.Entity
	if spec.Of != "" {
		if p.of = known[spec.Of]; p.of == nil {
			c.problem(p.path+".of", "document.of", "there are no documents of the kind %q with rows of their own in this mapping", spec.Of)
			return nil
		}
		def = changeOf(p.of.spec, spec)
	}
	p.head = c.entity(entityAt{p.path, documentPart, env.read, env.header}, def)
	if p.head == nil {
		return nil
	}
	if p.head.key == nil {
		c.problem(p.path+".key", "required", "nothing tells documents apart; name the column")
		return nil
	}
	c.words(p.path, []word{
		{"totals", spec.Totals, []string{"", "ours", totalsHost}}, {"prices", spec.Prices, []string{"", "net", pricesGross}},
		{"initial", string(spec.Initial), []string{"", "open", "partial", "completed", "posted", "paid"}},
	})
	at := spot{p.path, env.header}
	if kind == erpbridge.CreditNote {
		at.env = env.cancel // the reason stands on it
	}
	if spec.Token != "" {
		p.token = c.column(p.head.table, p.path+".token", spec.Token)
		p.unique = p.head.uniquely(p.token)
	}
	p.number = c.numbering(at.at("number"), spec.Number)
	p.set = c.settings(p.head.table, at.at("set"), spec.Set)
	p.changed = c.settings(p.head.table, at.at("changed"), spec.Changed)
	p.unset = c.settings(p.head.table, at.at("unset"), spec.Unset)
	p.due = c.formula(spot{p.path + ".due_days", env.due}, spec.DueDays, formula.Number)
	p.done = c.formula(spot{p.path + ".done", env.read}, spec.Done, formula.Bool)
	for i, name := range spec.Columns {
		if col := c.column(p.head.table, p.path+".columns["+strconv.Itoa(i)+"]", name); col != nil {
			p.head.pick(col)
			if p.of != nil { // whose rows are asked whether it happened
				p.of.head.pick(p.of.head.columns[col.Name])
			}
		}
	}
	if p.of != nil {
		if p.done == nil {
			c.problem(p.path+".done", "document.done", "nothing tells whether the change of %q happened; give a formula over row", spec.Of)
		}
		p.lines = p.of.lines
	} else {
		p.lines = c.linesOf(p, spec.Lines)
		p.source = c.sourceOf(p, spec.Source)
	}
	if p.lines == nil && spec.Lines != nil {
		return nil // which is said
	}
	p.taxes = c.taxesOf(p, spec.Taxes)
	p.before = c.steps(at.at("before"), spec.Before)
	p.after = c.steps(at.at("after"), spec.After)
	for i, way := range spec.Cancel {
		in := spot{p.path + ".cancel[" + strconv.Itoa(i) + "]", env.cancel}
		p.cancel = append(p.cancel, wayBack{way, c.settings(p.head.table, in.at("set"), way.Set), c.steps(in.at("steps"), way.Steps)})
	}
	return p
}

// changeOf is the entity of a document that is a change of another one's row: its fields, and what of the
// other's it does not say itself. The state is the other's own.
func changeOf(of, spec *Document) *Entity {
	e := of.Entity
	e.Fields = maps.Clone(of.Fields)
	for _, own := range []string{"state", "paid", "cancelled_by", "number"} {
		delete(e.Fields, own)
	}
	maps.Copy(e.Fields, spec.Fields)
	if len(spec.Extra) > 0 {
		e.Extra = spec.Extra
	}
	return &e
}

func (c *compiler) sourceOf(p *paper, spec *DocumentSource) *sourceColumns {
	if spec == nil {
		return nil
	}
	path := p.path + ".source"
	s := &sourceColumns{spec: spec, kindAt: -1, keyAt: -1, lineAt: -1, ours: map[string]string{}}
	for _, ours := range sorted(spec.Values) {
		s.ours[spec.Values[ours]] = ours
	}
	at := p.head
	if spec.OnLines {
		if p.lines == nil {
			c.problem(path+".on_lines", "source.lines", "there are no lines for the source to stand on")
			return nil
		}
		at = p.lines.entity
	}
	find := func(e *entity, name, column string) (*column, int) {
		if column == "" {
			return nil, -1
		}
		col := c.column(e.table, path+"."+name, column)
		if col == nil {
			return nil, -1
		}
		return col, e.pick(col)
	}
	s.kind, s.kindAt = find(at, "kind", spec.Kind)
	s.key, s.keyAt = find(at, "key", spec.Key)
	if p.lines != nil {
		s.line, s.lineAt = find(p.lines.entity, "line", spec.Line)
	}
	if spec.Kind == "" && len(spec.From) > 1 {
		c.problem(path+".kind", "source.kind", "%d kinds can be followed, and no column tells which; name one, or leave one kind", len(spec.From))
	}
	return s
}

func (c *compiler) linesOf(p *paper, spec *Lines) *linesPart {
	if spec == nil {
		return nil
	}
	env := c.environments()
	l := &linesPart{spec: spec, path: p.path + ".lines", parentAt: -1}
	l.entity = c.entity(entityAt{l.path, linePart, env.read, env.line}, &spec.Entity)
	if l.entity == nil {
		return nil
	}
	at := spot{l.path, env.line}
	if l.parent = c.column(l.table, l.path+".parent", spec.Parent); l.parent != nil {
		l.parentAt = l.pick(l.parent)
	}
	if spec.Row != "" {
		if l.row = c.column(l.table, l.path+".row", spec.Row); l.row != nil {
			l.rowAt = l.pick(l.row)
		}
	}
	l.set = c.settings(l.table, at.at("set"), spec.Set)
	l.after = c.steps(at.at("after"), spec.After)
	l.text = c.formula(spot{l.path + ".text_product", env.header}, spec.TextProduct, formula.Any)
	c.words(l.path, []word{
		{"duplicates", spec.Duplicates, []string{"", "keep", duplicatesMerge, duplicatesRefuse}}, {"text", spec.Text, []string{"", "keep", textRefuse, textProduct}},
		{"counts", spec.Counts, []string{"", countsOurs, countsHost, countsSum}},
	})
	switch {
	case l.parent == nil:
		return nil
	case l.keyColumn() == nil:
		c.problem(l.path+".key", "required", "nothing tells the lines of a document apart; name the key's column, or that of the row number")
		return nil
	case spec.Text == textProduct && l.text == nil:
		c.problem(l.path+".text_product", "required", "is missing; lines of text are written with a product, say which")
	}
	for _, field := range []string{"product", "quantity"} {
		if l.fields[field] == nil {
			c.problem(l.path+".fields."+field, "required", "lines have a %s; say where it stands", field)
		}
	}
	return l
}

func (c *compiler) taxesOf(p *paper, spec *Taxes) *taxesPart {
	if spec == nil {
		return nil
	}
	env := c.environments()
	path := p.path + ".taxes"
	t := &taxesPart{entity: c.entity(entityAt{path, taxPart, env.read, env.tax}, &spec.Entity)}
	if t.entity == nil {
		return nil
	}
	if t.parent = c.column(t.table, path+".parent", spec.Parent); t.parent == nil {
		return nil
	}
	t.set = c.settings(t.table, spot{path + ".set", env.tax}, spec.Set)
	return t
}

// word is a part of the mapping that is one of a few words.
type word struct {
	name, given string
	allowed     []string
}

func (c *compiler) words(path string, list []word) {
	for _, w := range list {
		if !slices.Contains(w.allowed, w.given) {
			c.problem(path+"."+w.name, "word", "%q is not known here; there are %s", w.given, strings.Join(w.allowed[1:], ", "))
		}
	}
}

// The values of Lines.Counts.
const (
	countsOurs = "ours"
	countsHost = "host"
	countsSum  = "sum"
)

// counts says who keeps how much of a line was delivered or invoiced.
func (l *linesPart) counts(field string) string {
	f := l.fields[field]
	switch {
	case l.spec.Counts != "":
		return l.spec.Counts
	case f == nil:
		return countsSum
	case f.column == nil || f.readOnly:
		return countsHost
	}
	return countsOurs
}
