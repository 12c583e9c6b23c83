package tablehost

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/erpbridge"
)

// Explain writes in plain words what a mapping reads and writes, table by table and column by column, in the
// order in which it happens. It needs no database.
func Explain(w io.Writer, m Mapping) error {
	e := &explanation{m: m}
	e.head()
	e.reading()
	e.customers()
	e.contacts()
	for _, kind := range documentKinds {
		if d := m.Documents[kind]; d != nil {
			e.document(kind, d)
		}
	}
	_, err := io.WriteString(w, e.b.String())
	return err
}

// explanation is a text being written.
type explanation struct {
	m Mapping
	b strings.Builder
}

// saidOf is a column and what it gets.
type saidOf struct{ column, what string }

func (e *explanation) say(indent int, format string, args ...any) {
	e.b.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(&e.b, format, args...)
	e.b.WriteByte('\n')
}

// columns writes lines with their columns under each other.
func (e *explanation) columns(indent int, list []saidOf) {
	width := 0
	for _, s := range list {
		width = max(width, len([]rune(s.column)))
	}
	for _, s := range list {
		e.say(indent, "%s%s  %s", s.column, strings.Repeat(" ", width-len([]rune(s.column))), s.what)
	}
}

func (e *explanation) head() {
	e.say(0, "%s", e.m.Name)
	c := e.m.Company
	switch {
	case c.Column != "":
		e.say(1, "Companies are kept apart by the column %s of every table: only rows of the session's company are read, and it is written into each new row.", c.Column)
	case len(c.Schemas) > 0:
		e.say(1, "Each company has a schema of its own: %s.", pairs(c.Schemas, "%s in %s"))
	case len(c.Databases) > 0:
		e.say(1, "Each company has a database of its own: %s.", pairs(c.Databases, "%s in %s"))
	default:
		e.say(1, "There is one company; no column tells rows of several apart.")
	}
	if e.m.FiscalYear != "" {
		e.say(1, "The fiscal year of a document is %s.", e.m.FiscalYear)
	}
	for _, name := range sorted(e.m.Counters) {
		e.counter(name, e.m.Counters[name])
	}
}

func (e *explanation) counter(name string, c Counter) {
	what := "the last number given"
	if c.Next {
		what = "the next number"
	}
	missing := "a missing row is refused"
	if c.Create {
		missing = "a missing row is inserted"
	}
	e.say(1, "The counter %q is %s.%s, %s, in the row where %s; it is locked until the transaction ends, so that no number is lost; %s.",
		name, c.Table, c.Column, what, valuesIn(c.Where), missing)
}

// reading lists what is only read.
func (e *explanation) reading() {
	var list []saidOf
	add := func(what string, d *Entity) {
		switch {
		case d == nil:
			list = append(list, saidOf{what, "- the host has none"})
		case d.Table == "":
			list = append(list, saidOf{what, "given in the mapping itself"})
		default:
			tables := []string{d.Table}
			for _, j := range d.Join {
				tables = append(tables, j.Table)
			}
			list = append(list, saidOf{what, strings.Join(tables, ", ")})
		}
	}
	m := e.m
	add("companies", m.Companies)
	add("users", m.Users)
	add("groups", m.Groups)
	add("products", m.Products)
	if m.Prices != nil {
		add("prices", &m.Prices.Entity)
	}
	switch {
	case m.VAT != nil && m.VAT.Table == "":
		list = append(list, saidOf{"VAT", "fixed rates: " + pairs(m.VAT.Rates, "%s is %s %%")})
	case m.VAT != nil:
		add("VAT", &m.VAT.Entity)
	}
	add("open items", m.OpenItems)
	add("payments", m.Payments)
	e.say(0, "\nREAD ONLY")
	e.columns(1, list)
}

func (e *explanation) customers() {
	c := e.m.Customers
	if c == nil {
		return
	}
	e.say(0, "\nA NEW CUSTOMER")
	n := e.steps(1, c.Before)
	e.say(1, "%d. insert into %s", n, c.Table)
	list := e.entity(&c.Entity)
	list = append(list, e.token(c.Token)...)
	list = append(list, settingsIn(c.Set)...)
	for _, s := range settingsIn(c.Keep) {
		list = append(list, saidOf{s.column, s.what + ", and again when that changes"})
	}
	e.columns(3, list)
	e.notWritten(3, &c.Entity)
	e.stepsFrom(n+1, 1, c.After)
	if len(c.Changed) > 0 {
		e.say(1, "Every later change also writes %s.", strings.Join(sorted(c.Changed), ", "))
	}
	for _, by := range sorted(c.Match) {
		how := "read and compared in memory"
		if c.Match[by].Normalised {
			how = "looked up in the column, which holds normalised values"
		}
		e.say(1, "A known customer is found by %s: %s, %s.", by, c.Match[by].Column, how)
	}
	if len(c.Required) > 0 {
		e.say(1, "Refused without %s.", strings.Join(c.Required, ", "))
	}
	if len(c.ToInvoice) > 0 {
		e.say(1, "Gets no invoice without %s.", strings.Join(c.ToInvoice, ", "))
	}
	switch c.Remove {
	case "delete":
		e.say(1, "Undoing the conversion deletes the row, as long as the customer has no documents.")
	case "block":
		e.say(1, "Undoing the conversion blocks the customer.")
	default:
		e.say(1, "Undoing the conversion leaves the row as it is.")
	}
}

func (e *explanation) contacts() {
	c := e.m.Contacts
	if c == nil {
		return
	}
	e.say(0, "\nA CONTACT PERSON")
	if c.InCustomer {
		e.say(1, "is written into the customer's own row, where its name is still empty:")
		e.columns(3, e.entity(&c.Entity))
		return
	}
	n := e.steps(1, c.Before)
	e.say(1, "%d. insert into %s", n, c.Table)
	list := append(e.entity(&c.Entity), e.token(c.Token)...)
	e.columns(3, append(list, settingsIn(c.Set)...))
	e.stepsFrom(n+1, 1, c.After)
}

// titles are what the kinds of documents are called.
var titles = map[erpbridge.Kind]string{
	erpbridge.Quotation: "A QUOTE", erpbridge.Order: "AN ORDER", erpbridge.DeliveryNote: "A DELIVERY NOTE", erpbridge.Invoice: "AN INVOICE",
	erpbridge.CreditNote: "A CREDIT NOTE", erpbridge.PaymentRequest: "A PAYMENT REQUEST", erpbridge.AdvanceInvoice: "AN ADVANCE INVOICE",
	erpbridge.CompletionAct: "A COMPLETION ACT",
}

func (e *explanation) document(kind erpbridge.Kind, d *Document) {
	e.say(0, "\n%s", titles[kind])
	switch {
	case d.ReadOnly:
		e.say(1, "is only read, from %s.", d.Table)
		return
	case d.Of != "":
		e.say(1, "is no row of its own but a change of its %s's row, which happened when %s:", d.Of, d.Done)
		e.columns(3, settingsIn(d.Set))
		if len(d.Unset) > 0 {
			e.say(1, "Taken back, the row gets")
			e.columns(3, settingsIn(d.Unset))
		}
		return
	}
	if d.Source != nil {
		e.say(1, "may follow %s; the key of that is kept in %s.", strings.Join(asTexts(d.Source.From), ", "), d.Source.Key)
	}
	n := e.steps(1, d.Before)
	e.say(1, "%d. insert into %s", n, d.Table)
	e.columns(3, e.header(d))
	e.notWritten(3, &d.Entity)
	if d.Lines != nil {
		n++
		e.say(1, "%d. for each line, insert into %s%s", n, d.Lines.Table, duplicates(d.Lines))
		e.columns(3, e.line(d))
		e.notWritten(3, &d.Lines.Entity)
		e.stepsOf(n, d.Lines.After)
	}
	if d.Taxes != nil {
		n++
		e.say(1, "%d. for each VAT code, insert into %s", n, d.Taxes.Table)
		list := []saidOf{{d.Taxes.Parent, "the key of the document"}}
		e.columns(3, append(append(list, e.entity(&d.Taxes.Entity)...), settingsIn(d.Taxes.Set)...))
	}
	e.stepsFrom(n+1, 1, d.After)
	if d.Totals == "host" {
		e.say(1, "The host counts the totals itself; they are read back and compared with ours.")
	}
	e.cancel(d)
}

// header lists the columns of a document's header.
func (e *explanation) header(d *Document) []saidOf {
	list := e.entity(&d.Entity)
	if d.Number != nil && !d.Key.Number {
		list = append(list, saidOf{columnOf(d.Fields["number"]), "the number, " + numberingWords(d.Number)})
	}
	if d.Key.Number && d.Number != nil && len(list) > 0 {
		list[0].what = "the key and number, " + numberingWords(d.Number)
	}
	if d.Source != nil && !d.Source.OnLines {
		list = append(list, sourceColumnsOf(d.Source)...)
	}
	list = append(list, e.token(d.Token)...)
	return append(list, settingsIn(d.Set)...)
}

func sourceColumnsOf(s *DocumentSource) []saidOf {
	list := []saidOf{{s.Key, "the key of the document that is followed"}}
	if s.Kind != "" {
		list = append(list, saidOf{s.Kind, "its kind" + writtenAs(s.Values)})
	}
	return list
}

// line lists the columns of a line.
func (e *explanation) line(d *Document) []saidOf {
	l := d.Lines
	list := []saidOf{{l.Parent, "the key of the document"}}
	if l.Row != "" {
		list = append(list, saidOf{l.Row, fmt.Sprintf("the row number: %d, %d, ...", max(l.RowStart, 1), max(l.RowStart, 1)+max(l.RowStep, 1))})
	}
	for _, s := range e.entity(&l.Entity) {
		if s.column != l.Row && s.column != l.Parent {
			list = append(list, s)
		}
	}
	if d.Source != nil && d.Source.Line != "" {
		list = append(list, saidOf{d.Source.Line, "the key of the line that is followed"})
	}
	if d.Source != nil && d.Source.OnLines {
		list = append(list, sourceColumnsOf(d.Source)...)
	}
	return append(list, settingsIn(l.Set)...)
}

func duplicates(l *Lines) string {
	switch l.Duplicates {
	case "merge":
		return "; lines with one product become one line"
	case "refuse":
		return "; two lines with one product are refused"
	}
	return ""
}

func (e *explanation) cancel(d *Document) {
	if len(d.Cancel) == 0 {
		e.say(1, "It cannot be taken back.")
	}
	for _, way := range d.Cancel {
		when := "Taken back"
		if len(way.From) > 0 {
			when = "Taken back while " + strings.Join(asTexts(way.From), " or ")
		}
		switch {
		case way.Refuse != "":
			e.say(1, "%s: refused, because %s.", when, way.Refuse)
			continue
		case way.Delete:
			e.say(1, "%s: its rows are deleted.", when)
		case way.Credit != "":
			e.say(1, "%s: a document of the kind %s is written that reverses its lines.", when, way.Credit)
		default:
			e.say(1, "%s: the row is changed.", when)
		}
		e.columns(3, settingsIn(way.Set))
		e.stepsFrom(1, 2, way.Steps)
	}
}

// entity lists the columns of a new row: its key, its conditions, its fields.
func (e *explanation) entity(d *Entity) []saidOf {
	var list []saidOf
	if d.Key.Column != "" {
		list = append(list, saidOf{d.Key.Column, "the key, " + keyWords(d.Key)})
	}
	if c := e.m.Company.Column; c != "" && d.Company == "" && c != d.Key.Column {
		list = append(list, saidOf{c, "the company"})
	}
	for _, name := range sorted(d.Where) {
		if c := d.Where[name]; c.Op == "" || c.Op == "=" {
			list = append(list, saidOf{name, "= " + c.Value + ", which tells these rows from others"})
		}
	}
	for _, name := range sorted(d.Fields) {
		f := d.Fields[name]
		switch {
		case f.Column == "" || onlyRead(f):
		case f.Column == d.Key.Column:
			if keyWords(d.Key) == givenWords {
				list[0].what = fieldWords(name, f)
			}
		default:
			list = append(list, saidOf{f.Column, fieldWords(name, f)})
		}
	}
	return list
}

// onlyRead reports whether a field is read from a column and never written.
func onlyRead(f Field) bool { return f.ReadOnly || strings.Contains(f.Column, ".") }

// notWritten says which fields a new row does not get.
func (e *explanation) notWritten(indent int, d *Entity) {
	var list []string
	for _, name := range sorted(d.Fields) {
		if f := d.Fields[name]; f.Column != "" && onlyRead(f) {
			list = append(list, fmt.Sprintf("%s (%s)", name, f.Column))
		}
	}
	if len(list) > 0 {
		e.say(indent, "Only read, never written: %s.", strings.Join(list, ", "))
	}
}

func columnOf(f Field) string {
	if f.Column == "" {
		return "(no column)"
	}
	return f.Column
}

func fieldWords(name string, f Field) string {
	words := name
	if f.Write != "" {
		words += ", written as " + f.Write
	}
	if f.Lookup != "" {
		words += ", found by the lookup " + f.Lookup
	}
	words += writtenAs(f.Values)
	if f.As != "" {
		words += ", as a " + f.As
	}
	if f.Default != "" {
		words += "; where it is empty, " + f.Default
	}
	return words
}

func writtenAs(values map[string]string) string {
	if len(values) == 0 {
		return ""
	}
	list := sorted(values)
	shown := make([]string, 0, 8)
	for _, ours := range list[:min(len(list), 8)] {
		shown = append(shown, fmt.Sprintf("%s for %s", values[ours], ours))
	}
	if len(list) > 8 {
		shown = append(shown, "...")
	}
	return ", written as " + strings.Join(shown, ", ")
}

func keyWords(k Key) string {
	switch {
	case k.Identity:
		return "which the database counts (identity)"
	case k.Sequence != "":
		return "taken from the sequence " + k.Sequence
	case k.Counter != nil && !k.Highest:
		return numberingWords(k.Counter)
	case k.Template != "":
		return "made by " + k.Template + ", with try = 1, 2, ... while the code is taken"
	case k.GUID:
		return "a random GUID"
	case k.Number:
		return "which is the document's number"
	case k.Highest:
		return "the highest there is, plus one"
	}
	return givenWords
}

// givenWords says that a key comes with what is written.
const givenWords = "given"

func numberingWords(n *Numbering) string {
	words := "counted by " + n.Counter
	if n.Series != "" {
		words += " in the series " + n.Series
	}
	if n.Format != "" {
		words += ", written as " + n.Format
	}
	return words
}

func (e *explanation) token(column string) []saidOf {
	if column == "" {
		return nil
	}
	return []saidOf{{column, "the token of the conversion, by which it is found again"}}
}

// settingsIn lists the columns of a set.
func settingsIn(set map[string]Value) []saidOf {
	list := make([]saidOf, 0, len(set))
	for _, name := range sorted(set) {
		v := set[name]
		what := "= " + v.Formula
		if v.Lookup != "" {
			what = fmt.Sprintf("= the lookup %s of %s", v.Lookup, strings.Join(v.With, ", "))
			if v.Formula != "" {
				what = fmt.Sprintf("= %s, where value is the lookup %s of %s", v.Formula, v.Lookup, strings.Join(v.With, ", "))
			}
		}
		list = append(list, saidOf{name, what})
	}
	return list
}

// steps writes steps that come first and gives the number of the next.
func (e *explanation) steps(from int, steps []Step) int {
	e.stepsFrom(from, 1, steps)
	return from + len(steps)
}

func (e *explanation) stepsFrom(from, indent int, steps []Step) {
	for i, s := range steps {
		e.step(fmt.Sprintf("%d.", from+i), indent, s)
	}
}

// stepsOf writes the steps of each line below the number of the lines.
func (e *explanation) stepsOf(n int, steps []Step) {
	for i, s := range steps {
		e.step(fmt.Sprintf("%d.%d.", n, i+1), 2, s)
	}
}

func (e *explanation) step(number string, indent int, s Step) {
	words := ""
	where := conditionsIn(s.Where)
	switch {
	case s.Insert != "":
		words = "insert into " + s.Insert
	case s.Update != "":
		words = "update " + s.Update + " where " + where
		if s.Optional {
			words += ", if there is such a row"
		}
	case s.Ensure != "":
		words = "insert into " + s.Ensure + ", unless there is a row where " + where
	case s.Guard != "":
		words = "refuse, unless " + s.Guard + " has a row where " + where
	case s.Refuse != "":
		words = "refuse, if " + s.Refuse + " has a row where " + where
	case s.UnsafeSQL != "":
		words = "run a statement of the mapping's own: " + strings.Join(strings.Fields(s.UnsafeSQL), " ")
	}
	if s.Each != "" {
		words = "for each " + s.Each + ", " + words
	}
	if s.When != "" {
		words += "; only when " + s.When
	}
	if s.Message != "" {
		words += fmt.Sprintf(" (%q)", s.Message)
	}
	e.say(indent, "%s %s", number, words)
	var list []saidOf
	if s.Key != nil && s.Key.Column != "" {
		list = append(list, saidOf{s.Key.Column, "the key, " + keyWords(*s.Key)})
	}
	list = append(list, settingsIn(s.Set)...)
	for _, added := range settingsIn(s.Add) {
		list = append(list, saidOf{added.column, "goes up by " + strings.TrimPrefix(added.what, "= ") + ", and down again when it is taken back"})
	}
	e.columns(indent+2, list)
}

func conditionsIn(where map[string]Condition) string {
	list := make([]string, 0, len(where))
	for _, name := range sorted(where) {
		c := where[name]
		op := c.Op
		if op == "" {
			op = "="
		}
		switch op {
		case "null", "not null":
			list = append(list, name+" is "+op)
		default:
			list = append(list, name+" "+op+" "+c.Value)
		}
	}
	return strings.Join(list, " and ")
}

func valuesIn(set map[string]Value) string {
	list := make([]string, 0, len(set))
	for _, s := range settingsIn(set) {
		list = append(list, s.column+" "+s.what)
	}
	return strings.Join(list, " and ")
}

func pairs(m map[string]string, form string) string {
	list := make([]string, 0, len(m))
	for _, name := range sorted(m) {
		list = append(list, fmt.Sprintf(form, name, m[name]))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
