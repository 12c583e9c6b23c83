package tablehost

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// trade writes the documents: each kind that has a table of its own, or orders where all share one.
func (w *scaffolding) trade() {
	kinds := []struct {
		kind  erpbridge.Kind
		thing string
	}{
		{erpbridge.Quotation, "quote"}, {erpbridge.Order, "order"}, {erpbridge.DeliveryNote, "delivery"}, {erpbridge.Invoice, "invoice"}, {erpbridge.CreditNote, "credit"},
	}
	began := false
	for _, k := range kinds {
		header, lines := w.documents(k.thing, w.customers)
		if header == nil || slices.Contains(w.papers, header) || !header.means.has(k.thing) && k.kind != erpbridge.Order {
			continue
		}
		customer := header.to(w.customers, "customer")
		if customer == nil {
			continue // the column has another place already
		}
		header.used[customer.Name] = true
		if !began {
			w.say(0, "documents:")
			began = true
		}
		w.papers = append(w.papers, header, lines)
		w.document(k.kind, header, paperRows{customer, lines})
	}
	if !began {
		w.decide(0, "documents", "the tables of documents and their lines; none was found that refers to %s", w.customers.Table)
	}
}

// paperRows are a header's reference to the customer, and its lines.
type paperRows struct {
	customer *catalog.Column
	lines    *sketch
}

// document writes one kind.
func (w *scaffolding) document(kind erpbridge.Kind, s *sketch, of paperRows) {
	lines := of.lines
	path := "documents." + string(kind)
	w.say(1, "%s:", kind)
	w.say(2, "table: %s", w.tableName(s))
	w.shared(2, s)
	w.sharedTable(path, s)
	numbered := w.documentKey(path, s)
	w.token(2, path, s)
	done := s.find(wish{"", "done", "", ofDay})
	found := s.take(headerWishes)
	w.say(2, "fields:")
	w.say(3, "customer: %s", scalar(of.customer.Name))
	if numbered != nil {
		w.say(3, "number: %s", scalar(numbered.Name))
	}
	if found["date"] == nil {
		w.decide(3, path+".fields.date", "the column of the document's date")
	}
	for _, x := range headerWishes {
		switch c := found[x.field]; {
		case c == nil:
		case x.field == "state":
			w.state(path, c)
		default:
			w.say(3, "%s: %s", x.field, w.field(3, path+".fields."+x.field, x, c))
		}
	}
	if found["state"] == nil && done != nil {
		w.say(3, "state: {columns: [%s], read: %s}", scalar(done.Name), strconv.Quote("row["+strconv.Quote(done.Name)+"] == nil ? 'open' : 'completed'"))
		s.used[done.Name] = true
	}
	w.countedBy(path, s, lines, found)
	w.remainder(path, s, 2, map[string]string{
		"delivery name": "customer.name", "delivery street": "customer.line1", "delivery city": "customer.city", "delivery postal": "customer.postal_code",
		"delivery region": "customer.region", "delivery country": cmp.Or(w.foreign, "customer.country"), "customer name": "customer.name",
		"year": "document.year", "series": "document.series", "serial": "document.serial", "fulfil": "document.date", "due": "document.date", "course": "1",
	})
	w.line(path, s, lines)
	w.taxTable(path, s)
	if found["state"] == nil && done != nil && kind == erpbridge.Order {
		w.say(2, "cancel:")
		w.say(3, `- {from: [completed], refuse: "it is shipped; the goods have to come back first"}`)
		w.decide(3, path+".cancel", "may an order that is not shipped be deleted (delete: true)? Otherwise say how the host cancels one")
		w.say(1, "delivery:")
		w.decide(2, "documents.delivery", "is an order delivered when %s has a date? Otherwise take this out", done.Name)
		w.say(2, "of: order")
		w.say(2, "columns: [%s]", scalar(done.Name))
		w.say(2, "done: %s", strconv.Quote("row["+strconv.Quote(done.Name)+"] != nil"))
		w.say(2, "set: {%s: today}", scalar(done.Name))
		w.say(2, "unset: {%s: nil}", scalar(done.Name))
		return
	}
	w.decide(2, path+".cancel", "how does the host take a document back: a state (cancel: [{set: {...}}]), a credit note (credit: credit), or not at all (refuse: \"...\")?")
}

// sharedTable restricts a table of all kinds of documents to one.
func (w *scaffolding) sharedTable(path string, s *sketch) {
	c := s.find(wish{"", "document kind | order kind | kind", "number", ofText})
	unknown := func(m []string) bool { return len(m) == 0 }
	if c == nil || s.refs[c.Name] != nil || c.Nullable || slices.ContainsFunc(understand(c.Name), unknown) {
		return
	}
	s.used[c.Name] = true
	values := w.listed(c)
	if len(values) == 0 {
		values = []string{"ORDER"}
	}
	w.decide(2, path+".where", "%s keeps several kinds of documents: which value of %s is an order (%s)? The other kinds are written likewise, each with its value", s.Table, c.Name, strings.Join(values, ", "))
	w.say(2, "where: {%s: %s}", scalar(c.Name), strconv.Quote("'"+values[0]+"'"))
}

// documentKey writes key and number; it gives the column of the number where that is not the key.
func (w *scaffolding) documentKey(path string, s *sketch) *catalog.Column {
	key := s.key()
	if key == nil {
		w.key(2, path, s, "ORDER")
		return nil
	}
	s.used[key.Name] = true
	if !key.Identity && key.Type.Family == catalog.Text && w.counter != nil {
		w.counterUsed = true
		w.decide(2, path+".number", "%s: which series counts it, and what does it look like?", key)
		w.say(2, "key: {column: %s, number: true}", scalar(key.Name))
		w.say(2, `number: {counter: numbers, series: "'O'", format: "'O' + text(year) + '/' + pad(n, 5)"}`)
		return nil
	}
	delete(s.used, key.Name)
	w.key(2, path, s, "ORDER")
	number := s.find(wish{"", "order code | invoice code | document code | quote code | delivery code | code", "customer kind refer year last user product token bank postal", ofText})
	if number == nil || s.refs[number.Name] != nil || number.Identity {
		return nil
	}
	s.used[number.Name] = true
	if w.counter != nil {
		w.counterUsed = true
		w.decide(2, path+".number", "%s: which series counts it, and what does it look like?", number)
		w.say(2, `number: {counter: numbers, series: "'O'", format: "'O' + text(year) + '-' + pad(n, 5)"}`)
	} else {
		w.decide(2, path+".number", "who gives %s: the database, or a counter (number: {counter: ...})?", number)
	}
	return number
}

// state writes the states, as far as a CHECK lists them.
func (w *scaffolding) state(path string, c *catalog.Column) {
	values := w.listed(c)
	if len(values) == 0 {
		w.decide(3, path+".fields.state", "what does %s hold for open, partial, completed, posted, paid, cancelled and credited?", c)
		w.say(3, `state: {column: %s, values: {open: "0"}}`, scalar(c.Name))
		return
	}
	w.decide(3, path+".fields.state", "which of %s means open, partial, completed, posted, paid, cancelled and credited in %s?", strings.Join(values, ", "), c.Name)
	w.say(3, "state: {column: %s, values: {open: %s}}", scalar(c.Name), strconv.Quote(values[0]))
}

// countedBy says who counts the totals.
func (w *scaffolding) countedBy(path string, s, lines *sketch, found map[string]*catalog.Column) {
	for _, tr := range lines.Triggers {
		if tr.Insert && !tr.Disabled && changes(tr.Body, s.Name) && (found["net"] != nil || found["gross"] != nil) {
			w.say(2, "totals: host # the trigger %s of %s counts them", tr.Name, lines.Table)
			return
		}
	}
}

// line writes the lines.
func (w *scaffolding) line(path string, header, s *sketch) {
	path += ".lines"
	parent := s.to(header, "order")
	if parent == nil {
		parent = s.to(header, "document")
	}
	w.say(2, "lines:")
	w.say(3, "table: %s", w.tableName(s))
	w.shared(3, s)
	if parent == nil {
		w.decide(3, path+".parent", "the column of %s that holds the key of %s", s.Table, header.Table)
		w.say(3, "parent: %s", scalar(s.Columns[0].Name))
	} else {
		s.used[parent.Name] = true
		w.say(3, "parent: %s", scalar(parent.Name))
	}
	product := s.to(w.products, "product")
	if product != nil {
		s.used[product.Name] = true
	}
	row := w.rowNumber(s, parent)
	own := slices.DeleteFunc(slices.Clone(s.PrimaryKey), func(name string) bool {
		return strings.EqualFold(name, w.company) || parent != nil && name == parent.Name
	})
	if len(own) == 1 {
		c, err := s.Column(catalog.Quote(catalog.SQLite, own[0]))
		if err == nil && c.Identity {
			w.say(3, "key: {column: %s, identity: true}", scalar(own[0]))
		} else {
			w.say(3, "key: %s", scalar(own[0]))
		}
		s.used[own[0]] = true
	} else {
		w.decide(3, path+".key", "the column of %s that tells a line apart within its document", s.Table)
	}
	if row != nil {
		w.say(3, "row: %s", scalar(row.Name))
	}
	if product != nil && len(own) == 1 && own[0] == product.Name {
		w.decide(3, path+".duplicates", "the key allows each product once in a document: are two lines of one product merged, or refused?")
		w.say(3, "duplicates: merge")
	}
	if product != nil && !product.Nullable {
		w.decide(3, path+".text", "a line without a product cannot be written: refuse it, or write it with a product for texts (text: product, text_product)?")
		w.say(3, "text: refuse")
	}
	vat := s.to(w.vat, "vat")
	if vat != nil {
		s.used[vat.Name] = true
	}
	found := s.take(lineWishes)
	if vat != nil {
		found["vat_code"] = vat
	}
	w.say(3, "fields:")
	if product != nil {
		w.say(4, "product: %s", scalar(product.Name))
	}
	w.fieldsOf(4, path+".fields", found, lineWishes)
	if found["unit_price"] == nil {
		w.decide(4, path+".fields.unit_price", "the column of the unit price")
	}
	w.remainder(path, s, 3, nil)
}

// rowNumber finds the column that counts the lines of a document.
func (w *scaffolding) rowNumber(s *sketch, parent *catalog.Column) *catalog.Column {
	c := s.find(wish{"", "line code | line", "quantity price total", ofWhole})
	if c == nil || c.Identity || parent != nil && c.Name == parent.Name || !slices.Contains(s.PrimaryKey, c.Name) && c.Nullable {
		return nil
	}
	s.used[c.Name] = true
	return c
}

// taxTable writes a table of VAT sums that refers to the header.
func (w *scaffolding) taxTable(path string, header *sketch) {
	for _, s := range w.tables {
		if s == header || s == w.vat || s.View || !s.means.has("vat") || slices.Contains(w.papers, s) {
			continue
		}
		parent := s.to(header, "order")
		code := s.to(w.vat, "vat")
		if parent == nil || code == nil || s.refs[parent.Name] != header {
			continue
		}
		w.papers = append(w.papers, s)
		s.used[parent.Name], s.used[code.Name] = true, true
		wishes := []wish{{"rate", "vatrate | rate", "", ofPercent}, {"net", "net", "", ofMoney}, {"vat", "vat total | vat", "code rate", ofMoney}, {"gross", "gross | total", "", ofMoney}}
		found := s.take(wishes)
		w.say(2, "taxes:")
		w.say(3, "table: %s", w.tableName(s))
		w.shared(3, s)
		w.say(3, "parent: %s", scalar(parent.Name))
		w.say(3, "fields:")
		w.say(4, "code: %s", scalar(code.Name))
		w.fieldsOf(4, path+".taxes.fields", found, wishes)
		w.remainder(path+".taxes", s, 3, nil)
		return
	}
}
