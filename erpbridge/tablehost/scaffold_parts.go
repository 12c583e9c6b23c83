package tablehost

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// shared says that a table has no company's column although others do.
func (w *scaffolding) shared(indent int, s *sketch) {
	if w.company == "" {
		return
	}
	if _, err := s.Column(w.company); err != nil {
		w.say(indent, `company: "-"`)
	}
}

// read writes an entity that is only read.
func (w *scaffolding) read(name string, s *sketch, wishes []wish, more map[string]*catalog.Column) {
	w.say(0, "%s:", name)
	w.say(1, "table: %s", w.tableName(s))
	w.shared(1, s)
	if key := s.key(); key != nil {
		s.used[key.Name] = true
		w.say(1, "key: %s", scalar(key.Name))
	} else if s == w.firms {
		// The company's column is its own key there.
		w.say(1, "key: %s", scalar(s.PrimaryKey[0]))
	} else if s == w.vat || s == w.users || s == w.products || s == w.groups {
		c := s.likelyKey()
		s.used[c.Name] = true
		w.decide(1, name+".key", "the key of %s: is it %s that tells rows apart?", s.Table, c.Name)
		w.say(1, "key: %s", scalar(c.Name))
	}
	for _, c := range more {
		if c != nil {
			s.used[c.Name] = true
		}
	}
	found := s.take(slices.DeleteFunc(slices.Clone(wishes), func(x wish) bool { return more[x.field] != nil }))
	w.say(1, "fields:")
	for _, field := range sorted(more) {
		if c := more[field]; c != nil {
			w.say(2, "%s: %s", field, scalar(c.Name))
		}
	}
	if name == "users" && found["name"] == nil {
		w.fullName(s)
	}
	w.fieldsOf(2, name+".fields", found, wishes)
}

// fullName makes a name of two columns.
func (w *scaffolding) fullName(s *sketch) {
	family, given := s.find(wish{"", "family", "", ofText}), s.find(wish{"", "given", "", ofText})
	if family == nil {
		return
	}
	s.used[family.Name] = true
	if given == nil {
		w.say(2, "name: %s", scalar(family.Name))
		return
	}
	s.used[given.Name] = true
	w.say(2, `name: {column: %s, columns: [%s], read: %s}`, scalar(family.Name), scalar(given.Name), strconv.Quote("row["+strconv.Quote(given.Name)+"] + ' ' + value"))
}

// entities writes what is only read.
func (w *scaffolding) entities() {
	if w.firms != nil && w.company != "" {
		w.read("companies", w.firms, companyWishes, nil)
	} else {
		w.decide(0, "companies", "the company's own data, as it stands on documents, in quotes; no table was found")
		w.say(0, `companies: {fields: {name: {value: "'My company'"}, country: {value: "'HU'"}}}`)
	}
	if w.users != nil {
		w.read("users", w.users, userWishes, map[string]*catalog.Column{"manager": w.users.to(w.users, "manager")})
	}
	if w.groups != nil {
		w.read("groups", w.groups, []wish{{"name", "name | describe", "", ofText}}, nil)
	}
	if w.products != nil {
		w.read("products", w.products, productWishes, map[string]*catalog.Column{"group": w.products.to(w.groups, "group"), "vat_code": w.products.to(w.vat, "vat")})
		if w.vat == nil && w.products.find(wish{"", "vat", "rate", ofText}) == nil && !w.products.usedFor("vat") {
			w.say(2, `vat_code: {value: "'0'"}`)
		}
	}
	if w.prices != nil {
		w.read("prices", w.prices, priceWishes, map[string]*catalog.Column{"product": w.prices.to(w.products, "product"), "list": w.prices.to(w.lists, "list")})
		w.priceLists()
	}
	if w.vat != nil {
		w.read("vat", w.vat, vatWishes, nil)
	} else {
		w.decide(0, "vat", "the rates of VAT by code; no table was found")
		w.say(0, `vat: {rates: {"0": "0"}}`)
	}
}

func (w *scaffolding) priceLists() {
	s := w.lists
	if s == nil {
		w.decide(1, "prices.standard", "the price list that holds for everybody")
		return
	}
	key, name := s.likelyKey(), s.find(wish{"", "name", "", ofText})
	if name == nil {
		return
	}
	s.used[key.Name], s.used[name.Name] = true, true
	w.say(1, "lists:")
	w.say(2, "table: %s", w.tableName(s))
	w.shared(2, s)
	w.say(2, "key: %s", scalar(key.Name))
	w.say(2, "fields:")
	w.say(3, "name: %s", scalar(name.Name))
	for i := range s.Columns {
		if c := &s.Columns[i]; !s.used[c.Name] && fitting(c, ofFlag) {
			s.used[c.Name] = true
			w.say(3, "standard: %s", w.field(3, "prices.lists.fields.standard", wish{"standard", "", "", ofFlag}, c))
			return
		}
	}
	w.decide(2, "prices.standard", "the key of the price list that holds for everybody (standard: \"'...'\" beside lists)")
}

// key writes how a new row gets its key.
func (w *scaffolding) key(indent int, path string, s *sketch, series string) {
	c := s.key()
	if c == nil {
		c = s.likelyKey()
		w.decide(indent, path+".key", "the key of %s: the primary key has %d columns, and the mapping needs one that tells rows apart; is it %s?", s.Table, len(s.PrimaryKey), c.Name)
	}
	s.used[c.Name] = true
	name := scalar(c.Name)
	switch {
	case c.Identity:
		w.say(indent, "key: {column: %s, identity: true}", name)
	case c.Type.Family == catalog.GUID:
		w.say(indent, "key: {column: %s, guid: true}", name)
	case w.counter != nil:
		w.counterUsed = true
		w.decide(indent, path+".key", "%s: which series counts it, and what does it look like?", c)
		if c.Type.Family == catalog.Text {
			digits := max(min(c.Type.Length-1, 6), 1)
			w.say(indent, `key: {column: %s, counter: {counter: numbers, series: "'%s'", format: "'%s' + pad(n, %d)"}}`, name, series, series[:1], digits)
		} else {
			w.say(indent, `key: {column: %s, counter: {counter: numbers, series: "'%s'"}}`, name, series)
		}
	case c.Type.Family == catalog.Text && strings.HasPrefix(path, "customers"):
		n := c.Type.Length
		if n <= 0 || n > 8 {
			n = 8
		}
		w.decide(indent, path+".key", "%s: how is the code of a new customer made? Here from the letters of the name, with a digit or two while it is taken", c)
		w.say(indent, `key: {column: %s, template: "upper(left(letters(ascii(customer.name)) + '%s', try == 0 ? %d : try < 10 ? %d : %d)) + (try == 0 ? '' : text(try))"}`,
			name, strings.Repeat("X", n), n, n-1, n-2)
	default:
		w.decide(indent, path+".key", "%s: how does a new row get it? Here the highest one plus one", c)
		w.say(indent, "key: {column: %s, highest: true}", name)
	}
}

// remainder writes what has to be set beside the fields: columns that take no NULL and have no default, and
// those that say by whom and when.
func (w *scaffolding) remainder(path string, s *sketch, indent int, guesses map[string]string) {
	var lines [][2]string
	for i := range s.Columns {
		c := &s.Columns[i]
		if s.used[c.Name] || !c.Writable() || c.Identity {
			continue
		}
		value, sure := w.guess(s, c, guesses)
		if value == "" {
			if c.Nullable || c.HasDefault {
				continue
			}
			value = placeholder(c)
		}
		s.used[c.Name] = true
		if sure {
			lines = append(lines, [2]string{scalar(c.Name) + ": " + value, ""})
			continue
		}
		question := "what is written into " + c.String() + "?"
		if values := w.listed(c); len(values) > 0 {
			value = strconv.Quote("'" + values[0] + "'")
			question = "what is written into " + c.String() + ", which is one of " + strings.Join(values, ", ") + "?"
		} else if ref := s.refs[c.Name]; ref != nil {
			question = "which row of " + ref.Table.String() + " does " + c.String() + " name?"
		}
		lines = append(lines, [2]string{scalar(c.Name) + ": " + value, question})
	}
	if len(lines) == 0 {
		return
	}
	w.say(indent, "set:")
	for _, l := range lines {
		if l[1] != "" {
			name, _, _ := strings.Cut(l[0], ":")
			w.decide(indent+1, path+".set."+strings.Trim(name, `"`), "%s", l[1])
		}
		w.say(indent+1, "%s", l[0])
	}
}

// guess says what a column gets, where its name or its foreign key tell it.
func (w *scaffolding) guess(s *sketch, c *catalog.Column, guesses map[string]string) (value string, sure bool) {
	means := understand(c.Name)
	day := fitting(c, ofDay)
	for _, g := range []struct {
		meaning, value string
		fits           bool
	}{
		{"creator", "user.id", c.Type.Family == catalog.Text || c.Type.Family == catalog.Integer}, {"created", "now", day},
		{"changer", "", true}, {"changed", "", true},
	} {
		if means.has(g.meaning) {
			if !g.fits || g.value == "" {
				return "", false
			}
			return g.value, true
		}
	}
	ref := s.refs[c.Name]
	switch {
	case ref == nil:
	case ref == w.users:
		return "user.id", true
	case s == w.customers && w.terms != nil && c == w.terms.own:
		return "{lookup: terms, with: [customer.payment_days]}", true
	case s != w.customers && !c.Nullable:
		for _, name := range sorted(w.carried) {
			if w.carried[name] == ref {
				return "customer.extra." + extraName(name), true
			}
		}
	}
	for _, meanings := range sorted(guesses) {
		value := guesses[meanings]
		sorts := strings.HasPrefix(value, "sort_key") && c.Type.Family == catalog.Binary
		if means.all(strings.Fields(meanings)) && (sorts || fitting(c, guessHolds(value))) {
			return formulaScalar(value), !strings.Contains(value, "_key(")
		}
	}
	return "", false
}

// guessHolds is what a guessed formula gives.
func guessHolds(value string) holds {
	switch {
	case strings.HasSuffix(value, "date") || value == "today":
		return ofDay
	case strings.HasSuffix(value, "year") || strings.HasSuffix(value, "serial"):
		return ofWhole
	case value == "1":
		return ofMoney
	}
	return ofText
}

// placeholder is a value that the column takes, for somebody to replace.
func placeholder(c *catalog.Column) string {
	switch c.Type.Family {
	case catalog.Text, catalog.GUID:
		return `"''"`
	case catalog.Date:
		return "today"
	case catalog.DateTime:
		return "now"
	case catalog.Bool:
		return "false"
	case catalog.Binary:
		return "nil"
	case catalog.Time:
		return `"'00:00'"`
	}
	return "0"
}

// token writes a column that could keep the token.
func (w *scaffolding) token(indent int, path string, s *sketch) {
	c := s.find(wish{"", "token", "", ofText})
	if c == nil || c.Type.Family != catalog.Text || c.Type.Length > 0 && c.Type.Length < len(sampleToken) {
		return
	}
	s.used[c.Name] = true
	w.decide(indent, path+".token", "may CRM+ keep its token in %s? It finds again what a conversion made", c.Name)
	w.say(indent, "token: %s", scalar(c.Name))
}

// customer writes the customers.
func (w *scaffolding) customer() {
	s := w.customers
	w.say(0, "customers:")
	w.say(1, "table: %s", w.tableName(s))
	w.shared(1, s)
	w.key(1, "customers", s, "CUSTOMER")
	w.token(1, "customers", s)
	w.carry()
	if w.terms != nil {
		w.say(1, "join:")
		w.say(2, "- {name: terms, table: %s, on: {%s: %s}}", w.tableName(w.terms.table), scalar(w.terms.key.Name), scalar(w.terms.own.Name))
	}
	if extra := w.extras(); len(extra) > 0 {
		w.say(1, "extra: {%s}", strings.Join(extra, ", "))
	}
	list := s.to(w.lists, "list")
	if list != nil {
		s.used[list.Name] = true
	}
	found := s.take(customerWishes)
	if list != nil {
		found["price_list"] = list
	}
	w.say(1, "fields:")
	if w.terms != nil {
		w.say(2, "payment_days: {column: %s, default: \"8\"}", strconv.Quote("terms."+w.terms.days.Name))
		delete(found, "payment_days")
	}
	for _, x := range customerWishes {
		c := found[x.field]
		if c == nil {
			continue
		}
		text := w.field(2, "customers.fields."+x.field, x, c)
		switch {
		case x.field == "country" && spelledOut(c) && !strings.HasPrefix(text, "{"):
			w.decide(2, "customers.fields.country", "%s holds more than ISO codes of two letters: what does the host write for each country? A country that is not listed is written as its code", c.Name)
			text = "{column: " + text + ", values: {}}"
		case x.field == "currency" && !c.Nullable && !strings.HasPrefix(text, "{"):
			text = "{column: " + text + ", default: company.currency}"
		case x.field == "language" && !c.Nullable && !strings.HasPrefix(text, "{"):
			text = "{column: " + text + ", default: company.language}"
		}
		w.say(2, "%s: %s", x.field, text)
	}
	if len(found) == 0 || found["name"] == nil {
		w.fullName(s)
	}
	w.inCustomer(s)
	w.remainder("customers", s, 1, map[string]string{
		"email code": "email_key(customer.email)", "phone code": "phone_key(customer.phone, customer.country)", "vat code": "tax_key(customer.tax_id, customer.country)",
		"taxid code": "tax_key(customer.tax_id, customer.country)", "name code": "name_key(customer.name)", "sort code": "sort_key(customer.name, customer.language)",
		"sort": "sort_key(customer.name, customer.language)",
	})
	var match, search []string
	for _, by := range matches {
		if c := found[by]; c != nil {
			match = append(match, by+": "+scalar(c.Name))
			search = append(search, scalar(c.Name))
		}
	}
	if len(match) > 0 {
		w.say(1, "match: {%s}", strings.Join(match, ", "))
		if key := s.key(); key != nil && key.Type.Family == catalog.Text {
			search = append([]string{scalar(key.Name)}, search...)
		}
		w.say(1, "search: [%s]", strings.Join(search, ", "))
	}
	w.say(1, "required: [name]")
	w.decide(1, "customers.remove", "may CRM+ delete a customer that a conversion made and that has no documents (remove: delete), or block it (remove: block)?")
}

// spelledOut reports whether a column has room for a country's name, and not for its code only.
func spelledOut(c *catalog.Column) bool {
	return c.Type.Family == catalog.Text && (c.Type.Length > 2 || c.Type.Length < 0)
}

// extras are the columns of a customer that documents repeat: codes, and the country as the host writes it.
func (w *scaffolding) extras() []string {
	var list []string
	for _, name := range sorted(w.carried) {
		list = append(list, extraName(name)+": "+scalar(name))
	}
	header, _ := w.documents("order", w.customers)
	country := w.customers.find(customerWishes[slices.IndexFunc(customerWishes, func(x wish) bool { return x.field == "country" })])
	if header == nil || country == nil || !spelledOut(country) || header.find(wish{"", "delivery country", "", ofText}) == nil {
		return list
	}
	if name := extraName(country.Name); name != "" && w.carried[country.Name] == nil {
		w.foreign = "customer.extra." + name
		list = append(list, name+": "+scalar(country.Name))
	}
	return list
}

// termsOf are the terms of payment in a table of their own, with their days.
type termsOf struct {
	table          *sketch
	own, key, days *catalog.Column
}

// carry finds what customers bring to their documents: codes of tables to which both refer. The terms of
// payment are looked up by their days.
func (w *scaffolding) carry() {
	s := w.customers
	header, _ := w.documents("order", s)
	w.carried = map[string]*sketch{}
	for i := range s.Columns {
		c := &s.Columns[i]
		ref := s.refs[c.Name]
		if ref == nil || ref == s || ref == w.users || s.used[c.Name] || understand(c.Name).has("currency") {
			continue
		}
		key, days := ref.key(), ref.find(wish{"", "days", "", ofWhole})
		if w.terms == nil && key != nil && days != nil && c.Writable() {
			w.terms = &termsOf{ref, c, key, days}
			ref.used[key.Name], ref.used[days.Name] = true, true
		}
		if header == nil {
			continue
		}
		for _, other := range header.refs {
			if other == ref && extraName(c.Name) != "" && !w.carries(ref, extraName(c.Name)) {
				w.carried[c.Name] = ref
			}
		}
	}
}

// carries reports whether a column of the table, or one of the name, is carried already.
func (w *scaffolding) carries(table *sketch, name string) bool {
	for other, ref := range w.carried {
		if ref == table || extraName(other) == name {
			return true
		}
	}
	return false
}

var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// extraName is how formulas call a column; "" where it has no name that they could say.
func extraName(column string) string {
	name := strings.ToLower(plainLetters(column))
	if !identifier.MatchString(name) {
		return ""
	}
	return name
}

// inCustomer keeps the columns of a contact person in the customer's own row.
func (w *scaffolding) inCustomer(s *sketch) {
	if w.contacts != nil {
		return
	}
	name := s.find(wish{"", "contact name", "given family", ofText})
	if name == nil {
		name = s.find(wish{"", "contact", "job email phone", ofText})
	}
	if name != nil {
		s.used[name.Name] = true
		w.person = map[string]*catalog.Column{"name": name}
		for _, x := range []wish{{"job_title", "job", "", ofText}, {"email", "contact email", "", ofText}, {"phone", "contact phone", "", ofText}} {
			if c := s.find(x); c != nil {
				s.used[c.Name], w.person[x.field] = true, c
			}
		}
	}
}

// contact writes the contacts.
func (w *scaffolding) contact() {
	s := w.contacts
	if s == nil {
		if w.person == nil {
			return
		}
		w.say(0, "contacts:")
		w.say(1, "in_customer: true")
		w.say(1, "fields:")
		for _, field := range sorted(w.person) {
			w.say(2, "%s: %s", field, scalar(w.person[field].Name))
		}
		return
	}
	customer := s.to(w.customers, "customer")
	if customer == nil {
		return // the column has another place already
	}
	s.used[customer.Name] = true
	w.say(0, "contacts:")
	w.say(1, "table: %s", w.tableName(s))
	w.shared(1, s)
	w.key(1, "contacts", s, "CONTACT")
	w.token(1, "contacts", s)
	w.say(1, "fields:")
	w.say(2, "customer: %s", scalar(customer.Name))
	w.fieldsOf(2, "contacts.fields", s.take(contactWishes), contactWishes)
	w.remainder("contacts", s, 1, nil)
}

// unmapped lists the columns of the tables in use that have no place, and the tables that nothing uses.
func (w *scaffolding) unmapped() {
	var tables []string
	w.say(0, "# Not mapped:")
	for _, s := range w.tables {
		if len(s.used) == 0 || len(s.used) == 1 && w.company != "" {
			tables = append(tables, s.Table.String())
			continue
		}
		var columns []string
		for i := range s.Columns {
			if c := &s.Columns[i]; !s.used[c.Name] {
				columns = append(columns, c.Name+" "+c.Type.String())
			}
		}
		if len(columns) > 0 && w.inUse(s) {
			w.say(0, "#   %s: %s", s.Table, strings.Join(columns, ", "))
		}
	}
	if len(tables) > 0 {
		w.say(0, "#   tables: %s", strings.Join(tables, ", "))
	}
}

func (w *scaffolding) inUse(s *sketch) bool {
	return slices.Contains([]*sketch{w.customers, w.contacts, w.firms, w.users, w.products, w.groups, w.vat, w.prices, w.lists, w.counter}, s) || slices.Contains(w.papers, s)
}
