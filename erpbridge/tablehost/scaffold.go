package tablehost

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// Decision is something in a first mapping that a person has to decide.
type Decision struct {
	// Path is the place in the mapping.
	Path string `json:"path"`
	// Question is one sentence.
	Question string `json:"question"`
}

// Sketch is a first mapping.
type Sketch struct {
	// YAML is the mapping, with comments: what could not be mapped, and each decision as "# DECIDE: ...".
	YAML string
	// Decisions are those that the comments mark, in their order.
	Decisions []Decision
}

// Scaffold reads a database's catalogue and writes a first mapping with everything it could match: by the
// names of tables and columns in English, Hungarian, German and Polish, with the usual abbreviations, by
// their types, and by primary and foreign keys. It reads no rows. The mapping loads as it is; whether it
// means what the ERP means is for somebody who knows the ERP, beginning with the decisions that are marked.
func Scaffold(ctx context.Context, q catalog.Queryer) (Sketch, error) {
	dialect, err := catalog.Detect(ctx, q)
	if err != nil {
		return Sketch{}, err
	}
	cat, err := catalog.Read(ctx, q, dialect)
	if err != nil {
		return Sketch{}, fmt.Errorf("tablehost: reading the catalogue: %w", err)
	}
	return ScaffoldCatalog(cat)
}

// ScaffoldCatalog is [Scaffold] for a catalogue that was read before. fault.NotFound where no table of
// customers is found, because everything hangs on that.
func ScaffoldCatalog(cat *catalog.Catalog) (Sketch, error) {
	a := survey(cat)
	w := &scaffolding{atlas: a}
	w.customers = a.pick("customer", []string{"contact", "line", "price", "history", "payment", "group", "order", "invoice", "list"}, hasName)
	if w.customers == nil {
		return Sketch{}, fault.New(fault.NotFound, "no table of %s looks like customers (customer, vevő, Kunde, klient ... with a name); write the mapping by hand, beginning with customers", cat.Database)
	}
	w.firms = a.pick("company", []string{"customer", "contact", "line"}, func(s *sketch) bool { return s != w.customers && hasName(s) && len(s.PrimaryKey) == 1 })
	w.users = a.pick("user", []string{"customer", "history"}, hasName)
	w.products = a.pick("product", []string{"group", "price", "stock", "order", "line", "history", "customer", "supplier"}, hasName)
	if w.products != nil {
		for _, name := range sorted(w.products.refs) {
			if ref := w.products.refs[name]; ref.means.has("group") && w.groups == nil {
				w.groups = ref
			}
		}
		if w.groups == nil {
			w.groups = a.pick("group", []string{"customer"}, func(s *sketch) bool { return s.means.has("product") && hasName(s) })
		}
	}
	w.vat = a.pick("vat", []string{"order", "invoice", "document", "line"}, hasMeaning("vatrate | rate", ofPercent))
	w.prices = a.pick("price", []string{"history"}, func(s *sketch) bool {
		return w.products != nil && s.to(w.products, "product") != nil && s != w.products
	})
	if w.prices != nil {
		w.lists = a.pick("price", []string{"line", "history"}, func(s *sketch) bool { return s != w.prices && hasName(s) })
	}
	w.counter = a.pick("counter", nil, hasMeaning("last | code", ofWhole))
	w.lastNumber()
	w.contacts = a.pick("contact", nil, func(s *sketch) bool { return s != w.customers && hasName(s) && s.to(w.customers, "customer") != nil })
	w.write()
	return Sketch{YAML: w.b.String(), Decisions: w.decisions}, nil
}

// scaffolding is a mapping being written.
type scaffolding struct {
	*atlas
	customers, contacts, firms, users, products, groups, vat, prices, lists, counter *sketch

	// last is the counter's column.
	last *catalog.Column
	// person are the columns of a contact in the customer's own row, papers the tables of documents.
	person map[string]*catalog.Column
	papers []*sketch
	// terms are those of payment; carried are columns of customers that documents repeat.
	terms   *termsOf
	carried map[string]*sketch

	b         strings.Builder
	decisions []Decision
	// texts: amounts are texts on SQLite; floats: they are binary fractions there.
	texts, floats bool
	// foreign is what formulas call the column of a customer's country that is no ISO code, where documents repeat it.
	foreign string
	// counterUsed: something takes numbers from the counter.
	counterUsed bool
}

// say writes one line: a name with a line end in it must not leave its comment.
func (w *scaffolding) say(indent int, format string, args ...any) {
	w.b.WriteString(strings.Repeat("  ", indent))
	w.b.WriteString(oneLine(fmt.Sprintf(format, args...)))
	w.b.WriteByte('\n')
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
}

// decide marks a decision.
func (w *scaffolding) decide(indent int, path, format string, args ...any) {
	question := oneLine(fmt.Sprintf(format, args...))
	w.decisions = append(w.decisions, Decision{path, question})
	w.say(indent, "# DECIDE: %s", question)
}

var (
	plainScalar = regexp.MustCompile(`^[\pL_][\pL\pN_]*$`)
	// spoken are words that YAML may take for something else.
	spoken = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}
)

// scalar writes a text for YAML, plain where it can be.
func scalar(s string) string {
	if plainScalar.MatchString(s) && !slices.Contains(spoken, strings.ToLower(s)) {
		return s
	}
	return strconv.Quote(s)
}

var plainFormula = regexp.MustCompile(`^[\pL_][\pL\pN_.]*(\([\pL\pN_.]+\))?$`)

// formulaScalar writes a formula for YAML.
func formulaScalar(s string) string {
	if plainFormula.MatchString(s) || s == "1" {
		return s
	}
	return strconv.Quote(s)
}

// tableName is how the mapping names a table.
func (w *scaffolding) tableName(s *sketch) string {
	if s.Schema == "" || strings.EqualFold(s.Schema, w.Schema) {
		return scalar(quotedBare(s.Name))
	}
	return scalar(s.Schema + "." + quotedBare(s.Name))
}

// quotedBare quotes a table's name for a mapping, where that is needed.
func quotedBare(name string) string {
	if strings.ContainsAny(name, `.[]"`) {
		return catalog.Quote(catalog.MSSQL, name)
	}
	return name
}

func (w *scaffolding) write() {
	name := w.Database
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if name == "" {
		name = "My ERP"
	}
	w.say(0, "# A first mapping of %s, made from the names, types and keys of its tables. Lines with DECIDE are for", name)
	w.say(0, "# somebody who knows the ERP; then let check say what is wrong.")
	w.say(0, "version: 1")
	w.say(0, "name: %s", scalar(name))
	w.decide(0, "locale", "the language, time zone and currency of the company")
	w.say(0, "locale: {language: en, zone: UTC, currency: EUR}")
	if w.company != "" {
		w.say(0, "company: {column: %s}", scalar(w.company))
	}
	w.storage()
	mark := w.b.Len()
	w.entities()
	w.customer()
	w.contact()
	w.trade()
	if w.counterUsed || w.terms != nil {
		rest := w.b.String()[mark:]
		head := w.b.String()[:mark]
		w.b.Reset()
		w.b.WriteString(head)
		if w.counterUsed {
			w.counters()
		}
		if w.terms != nil {
			w.decide(0, "lookups.terms", "what happens to a term of payment that %s does not have: refuse it, or take another (missing: \"'...'\")?", w.terms.table.Table)
			w.say(0, "lookups:")
			w.say(1, "terms: {table: %s, parameters: [days], where: {%s: days}, column: %s}", w.tableName(w.terms.table), scalar(w.terms.days.Name), scalar(w.terms.key.Name))
		}
		w.b.WriteString(rest)
	}
	w.unmapped()
}

// storage says how numbers are kept on SQLite.
func (w *scaffolding) storage() {
	if w.Dialect != catalog.SQLite {
		return
	}
	for _, s := range w.tables {
		if c := s.find(wish{"", "unitary | unit price | price", "list name code", ofMoney}); c != nil {
			w.texts = w.texts || textual(c)
			w.floats = w.floats || c.Type.Family == catalog.Float || c.Type.Family == catalog.Decimal && c.Type.Precision == 0
		}
	}
	if w.texts {
		w.decide(0, "storage", "SQLite has no decimals: are amounts kept as text (12.50)? A number instead of text is the number of places of whole numbers")
		w.say(0, "storage: {money: text}")
		return
	}
	if w.floats {
		w.decide(0, "storage", "SQLite has no decimals, and prices are declared without places: are amounts binary fractions (12.5), as it keeps them there, or whole numbers scaled by ten to the power of a number of places (12.50 as 1250: money: \"2\")?")
		w.say(0, `storage: {money: float, quantity: float, percent: float}`)
		return
	}
	w.decide(0, "storage", "SQLite has no decimals: are amounts whole numbers scaled by ten to the power of the declared places (12.50 as 1250 with 2), text, or float?")
	w.say(0, `storage: {money: "2", quantity: "3", percent: "2"}`)
}

// lastNumber finds the column of the counter; a table that is something else already is none.
func (w *scaffolding) lastNumber() {
	if w.counter == nil || slices.Contains([]*sketch{w.customers, w.firms, w.users, w.products, w.groups, w.vat, w.prices, w.lists}, w.counter) {
		w.counter = nil
		return
	}
	if w.last = w.counter.find(wish{"", "last", "", ofWhole}); w.last == nil {
		w.last = w.counter.find(wish{"", "code", "series year", ofWhole})
	}
	if w.last == nil {
		w.counter = nil
		return
	}
	w.counter.used[w.last.Name] = true
}

// counters writes the number table.
func (w *scaffolding) counters() {
	s := w.counter
	w.say(0, "counters:")
	w.decide(1, "counters.numbers", "%s looks like a number table: does %s hold the last number given (or the next one: next: true), and what finds the row?", s.Table, w.last.Name)
	where := []string{}
	for i := range s.Columns {
		c := &s.Columns[i]
		means := understand(c.Name)
		switch {
		case s.used[c.Name] || !slices.Contains(s.PrimaryKey, c.Name):
			continue
		case means.has("year"):
			where = append(where, scalar(c.Name)+": year")
		case means.has("kind"):
			where = append(where, scalar(c.Name)+": kind")
		default:
			where = append(where, scalar(c.Name)+": series")
		}
		s.used[c.Name] = true
	}
	w.say(1, "numbers: {table: %s, where: {%s}, column: %s, create: true}", w.tableName(s), strings.Join(where, ", "), scalar(w.last.Name))
}

// fieldsOf writes fields in the order of the wishes.
func (w *scaffolding) fieldsOf(indent int, path string, found map[string]*catalog.Column, wishes []wish) {
	for _, x := range wishes {
		c := found[x.field]
		if c == nil {
			continue
		}
		w.say(indent, "%s: %s", x.field, w.field(indent, path+"."+x.field, x, c))
	}
}

// field writes one field.
func (w *scaffolding) field(indent int, path string, x wish, c *catalog.Column) string {
	var more []string
	if values := w.flags(indent, path, x, c); values != "" {
		more = append(more, values)
	}
	if x.field == "discount" {
		if c.Type.Family == catalog.Float {
			w.decide(indent, path, "%s is %s: is a discount of 10 %% kept as 0.1 (as: fraction), or as 10 (as: percent)?", c.Name, c.Type)
			more = append(more, "as: fraction")
		} else {
			w.decide(indent, path, "%s: is a discount of 10 %% kept as 10 (as: percent), 0.1 (fraction), 0.9 (factor), or as an amount?", c.Name)
		}
	}
	if !c.Writable() {
		more = append(more, "read_only: true")
	}
	if st := w.stored(x, c); st != "" {
		more = append(more, "storage: "+st)
	}
	if len(more) == 0 {
		return scalar(c.Name)
	}
	return "{column: " + scalar(c.Name) + ", " + strings.Join(more, ", ") + "}"
}

// stored is the storage of a column on SQLite, where that of the mapping is not right for it.
func (w *scaffolding) stored(x wish, c *catalog.Column) string {
	usual, number := map[holds]int{ofMoney: 2, ofQuantity: 3, ofPercent: 2}[x.holds]
	if w.Dialect != catalog.SQLite || !number {
		return ""
	}
	places := -1
	switch {
	case c.Type.Family == catalog.Decimal && c.Type.Precision > 0 && !w.floats && (w.texts || c.Type.Scale != usual):
		places = c.Type.Scale
	case c.Type.Family == catalog.Integer && !w.texts && !w.floats && c.Type.Name != "integer" && c.Type.Name != "bigint":
		places = 0 // a smallint holds no scaled amounts
	case textual(c) && !w.texts, textual(c) && x.holds != ofMoney:
		return "text"
	}
	if places < 0 {
		return ""
	}
	return strconv.Quote(strconv.Itoa(places))
}

// yesNo are pairs that ERPs write for true and false.
var yesNo = [][2]string{{"Y", "N"}, {"I", "N"}, {"J", "N"}, {"T", "N"}, {"1", "0"}, {"T", "F"}}

// flags writes the values of a flag that is a letter.
func (w *scaffolding) flags(indent int, path string, x wish, c *catalog.Column) string {
	if x.holds != ofFlag || c.Type.Family != catalog.Text {
		return ""
	}
	for _, pair := range yesNo {
		if w.permits(c, pair[0]) == yes && w.permits(c, pair[1]) == yes {
			return fmt.Sprintf(`values: {"true": %s, "false": %s}`, strconv.Quote(pair[0]), strconv.Quote(pair[1]))
		}
	}
	w.decide(indent, path, "what does %s hold for true and for false?", c.Name)
	return `values: {"true": "Y", "false": "N"}`
}

// answer is whether a CHECK permits a value.
type answer int

const (
	unsaid answer = iota
	yes
	no
)

// permits asks the CHECK constraints of a column's table about a value.
func (w *scaffolding) permits(c *catalog.Column, value string) answer {
	said := unsaid
	for _, s := range w.tables {
		if s.String() != c.Table {
			continue
		}
		for i := range s.Checks {
			if permitted, known := s.Checks[i].Permits(c.Name, value); known {
				if !permitted {
					return no
				}
				said = yes
			}
		}
	}
	return said
}

// listed are the values that a CHECK lists for a column, as far as they can be read from it.
func (w *scaffolding) listed(c *catalog.Column) []string {
	var list []string
	for _, s := range w.tables {
		if s.String() != c.Table {
			continue
		}
		for _, check := range s.Checks {
			for _, m := range literals.FindAllStringSubmatch(check.Expression, -1) {
				if w.permits(c, m[1]) == yes && !slices.Contains(list, m[1]) {
					list = append(list, m[1])
				}
			}
		}
	}
	return list
}

var literals = regexp.MustCompile(`'([^']*)'`)
