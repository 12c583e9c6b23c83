package tablehost

import (
	"slices"
	"strings"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// wish is what a field's column is called: one of the sets, all its meanings, none of not.
type wish struct {
	field string
	sets  string
	not   string
	holds holds
}

// wishes of the parts, in the order in which columns are given away. Sets are separated by |.
var (
	addressWishes = []wish{
		{"line2", "street second", "email web contact", ofText}, {"line1", "street", "second email web contact", ofText}, {"postal_code", "postal", "contact", ofText},
		{"city", "city", "contact", ofText}, {"country", "country", "contact", ofText}, {"region", "region", "contact", ofText},
	}
	companyWishes = append([]wish{
		{"name", "company name | name", "contact street given family", ofText}, {"eu_vat_id", "euvat", "", ofText}, {"tax_id", "taxid", "", ofText},
		{"phone", "phone", "fax", ofText}, {"email", "email", "", ofText}, {"website", "web", "", ofText}, {"iban", "iban", "", ofText}, {"bank_account", "bank", "iban name", ofText},
		{"language", "language", "", ofText}, {"zone", "zone", "", ofText}, {"currency", "currency", "name", ofText},
	}, addressWishes...)
	customerWishes = append([]wish{
		{"given", "given", "contact", ofText}, {"family", "family", "contact", ofText},
		{"name", "customer name | company name | name", "contact given family search street user code group bank list rate", ofText},
		{"eu_vat_id", "euvat", "", ofText}, {"tax_id", "taxid | vat code", "rate search", ofText}, {"email", "email", "contact", ofText},
		{"phone", "phone", "fax contact mobile", ofText}, {"website", "web", "", ofText}, {"currency", "currency", "name rate", ofText}, {"price_list", "pricelist | price list | list", "", ofText},
		{"payment_days", "payment days | days", "", ofWhole}, {"language", "language", "", ofText}, {"blocked", "blocked", "", ofFlag}, {"person", "person", "contact", ofFlag},
	}, addressWishes...)
	contactWishes = []wish{
		{"given", "given", "", ofText}, {"family", "family", "", ofText}, {"name", "contact name | name", "given family customer company search", ofText}, {"job_title", "job", "", ofText},
		{"email", "email", "", ofText}, {"mobile", "mobile", "", ofText}, {"phone", "phone", "fax mobile", ofText}, {"language", "language", "", ofText},
	}
	userWishes = []wish{
		{"name", "user name | name", "given family login", ofText}, {"email", "email", "", ofText}, {"job_title", "job", "", ofText},
		{"phone", "phone", "fax", ofText}, {"teams", "team", "", ofText}, {"manager", "manager", "", ofText}, {"absent", "away", "", ofFlag},
	}
	productWishes = []wish{
		{"name", "product name | name", "group supplier user search", ofText}, {"description", "describe", "", ofText}, {"unit", "unit", "price stock order store quantity code2", ofText},
		{"vat_code", "vat code | vat", "rate", ofText}, {"vat_rate", "vat rate | vatrate", "code", ofPercent}, {"cost", "cost", "", ofMoney}, {"price", "unitary | unit price | price", "cost list", ofMoney},
		{"stock", "stock", "order", ofQuantity}, {"discontinued", "ended | blocked", "", ofFlag},
	}
	vatWishes   = []wish{{"rate", "vatrate | rate", "code", ofPercent}, {"name", "vat name | name", "", ofText}, {"from", "from", "", ofDay}, {"to", "until", "", ofDay}}
	priceWishes = []wish{
		{"list", "pricelist | price list code | price list | list", "name", ofText}, {"currency", "currency", "", ofText}, {"min_quantity", "least | quantity", "", ofQuantity}, {"from", "from", "", ofDay},
		{"to", "until", "", ofDay}, {"unit", "unitary | unit price | price", "list cost", ofMoney}, {"discount", "discount", "", ofPercent},
	}
	headerWishes = []wish{
		{"due", "due", "", ofDay}, {"date", "order date | invoice date | document date | date", "due done created changed delivery payment from until cancel", ofDay},
		{"currency", "currency", "rate name", ofText}, {"net", "net", "vat gross", ofMoney}, {"gross", "gross | total", "net vat paid", ofMoney}, {"vat", "vat total | vat", "code rate", ofMoney},
		{"paid", "paid", "", ofMoney}, {"state", "state", "date code2", ofText}, {"note", "note", "", ofText}, {"reference", "refer", "", ofText},
	}
	lineWishes = []wish{
		{"quantity", "quantity", "unit given2 billed done", ofQuantity}, {"unit_price", "unitary | unit price | price", "list cost net gross total", ofMoney}, {"discount", "discount", "", ofPercent},
		{"vat_rate", "vatrate | vat rate | rate", "code", ofPercent}, {"vat_code", "vat code | vat", "rate total", ofText}, {"unit", "unit code | unit", "price quantity", ofText},
		{"net", "net | total", "vat gross", ofMoney}, {"delivered", "given2 | done", "", ofQuantity}, {"invoiced", "billed", "", ofQuantity},
		{"name", "product name | name | describe", "search", ofText}, {"note", "note", "", ofText},
	}
)

// fitting reports whether a column can hold what a field is.
func fitting(c *catalog.Column, h holds) bool {
	f := c.Type.Family
	switch h {
	case ofMoney, ofQuantity, ofPercent:
		return f == catalog.Decimal || f == catalog.Float || f == catalog.Integer || textual(c)
	case ofWhole:
		return f == catalog.Integer || f == catalog.Decimal
	case ofFlag:
		return f == catalog.Bool || f == catalog.Integer || f == catalog.Text && c.Type.Length == 1
	case ofDay:
		return f == catalog.Date || f == catalog.DateTime || textual(c)
	case ofText:
		return f == catalog.Text || f == catalog.GUID || f == catalog.Integer || f == catalog.Decimal
	}
	return false
}

// textual reports whether SQLite keeps whatever it is given as text: decimals and days too.
func textual(c *catalog.Column) bool {
	return c.Type.Family == catalog.Text && c.Type.Affinity == "TEXT" && c.Type.Length < 0
}

// sketch is a table with what is known of it.
type sketch struct {
	*catalog.Table
	means understood
	// used are the columns that have a place in the mapping.
	used map[string]bool
	// company is the column that keeps companies apart, "" where none does.
	company string
	// refs give the table that a single column is a foreign key to, but for the company's column.
	refs map[string]*sketch
}

// column finds a column by what it means.
func (s *sketch) find(w wish) *catalog.Column {
	not := strings.Fields(w.not)
	for _, set := range strings.Split(w.sets, "|") {
		wanted := strings.Fields(set)
		var best *catalog.Column
		score := 0
		for i := range s.Columns {
			c := &s.Columns[i]
			means := understand(c.Name)
			if s.used[c.Name] || !fitting(c, w.holds) || !means.all(wanted) || means.any(not) {
				continue
			}
			// Of several the one that says least beside, and that is written.
			n := 100 - 10*len(means)
			if !c.Writable() {
				n -= 15
			}
			if w.holds == ofText && c.Type.Family != catalog.Text {
				n -= 30
			}
			if best == nil || n > score {
				best, score = c, n
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// take finds the columns of all wishes, each column once.
func (s *sketch) take(wishes []wish) map[string]*catalog.Column {
	found := map[string]*catalog.Column{}
	for _, w := range wishes {
		if c := s.find(w); c != nil {
			s.used[c.Name] = true
			found[w.field] = c
		}
	}
	return found
}

// key is the column that tells rows apart: the primary key without the company.
func (s *sketch) key() *catalog.Column {
	var names []string
	for _, name := range s.PrimaryKey {
		if !strings.EqualFold(name, s.company) {
			names = append(names, name)
		}
	}
	if len(names) != 1 {
		return nil
	}
	c, err := s.Column(catalog.Quote(catalog.SQLite, names[0]))
	if err != nil {
		return nil
	}
	return c
}

// likelyKey is a column that may tell rows apart where the primary key is not one column: that of a unique
// index, or the last one of the primary key, or the first of the table.
func (s *sketch) likelyKey() *catalog.Column {
	name := s.Columns[0].Name
	for _, n := range s.PrimaryKey {
		if !strings.EqualFold(n, s.company) {
			name = n
		}
	}
	for _, u := range s.Unique {
		own := slices.DeleteFunc(slices.Clone(u.Columns), func(n string) bool { return strings.EqualFold(n, s.company) })
		if len(own) == 1 && u.Filter == "" {
			name = own[0]
		}
	}
	c, err := s.Column(catalog.Quote(catalog.SQLite, name))
	if err != nil {
		return &s.Columns[0]
	}
	return c
}

// to gives the column that refers to a table, by a foreign key or by its name.
func (s *sketch) to(target *sketch, meaning string) *catalog.Column {
	if target == nil {
		return nil
	}
	for i := range s.Columns {
		if c := &s.Columns[i]; s.refs[c.Name] == target && !s.used[c.Name] && (s != target || understand(c.Name).has(meaning)) {
			return c
		}
	}
	// Without foreign keys the names have to do: the target's key, or its thing and a code.
	for i := range s.Columns {
		c := &s.Columns[i]
		if s.used[c.Name] || s.refs[c.Name] != nil {
			continue
		}
		if key := target.key(); key != nil && strings.EqualFold(key.Name, c.Name) && len(key.Name) > 3 {
			return c
		}
		if means := understand(c.Name); means.has(meaning) && (means.has("code") || len(means) == 1) && !means.has("name") {
			return c
		}
	}
	return nil
}

// usedFor reports whether a column that means it has its place already.
func (s *sketch) usedFor(meaning string) bool {
	return slices.ContainsFunc(s.Columns, func(c catalog.Column) bool { return s.used[c.Name] && understand(c.Name).has(meaning) })
}

// atlas is the whole catalogue, understood.
type atlas struct {
	*catalog.Catalog
	tables  []*sketch
	company string
}

func survey(cat *catalog.Catalog) *atlas {
	a := &atlas{Catalog: cat}
	for i := range cat.Tables {
		t := &cat.Tables[i]
		if strings.HasPrefix(strings.ToLower(t.Name), "crm_") {
			continue // our own
		}
		a.tables = append(a.tables, &sketch{Table: t, means: understand(t.Name), used: map[string]bool{}, refs: map[string]*sketch{}})
	}
	a.company = a.companyColumn()
	for _, s := range a.tables {
		s.company = a.company
		for _, f := range s.ForeignKeys {
			var own []string
			for _, name := range f.Columns {
				if !strings.EqualFold(name, a.company) {
					own = append(own, name)
				}
			}
			target, err := cat.Table(quotedName(cat.Dialect, f))
			if err == nil && len(own) == 1 {
				s.refs[own[0]] = a.of(target)
			}
		}
		if a.company != "" {
			if c, err := s.Column(a.company); err == nil {
				s.used[c.Name] = true
			}
		}
	}
	return a
}

func (a *atlas) of(t *catalog.Table) *sketch {
	i := slices.IndexFunc(a.tables, func(s *sketch) bool { return s.Table == t })
	if i < 0 {
		return nil
	}
	return a.tables[i]
}

// companyColumn is a column that means a company and stands in most tables, and in the keys of some.
func (a *atlas) companyColumn() string {
	count, names := map[string]int{}, map[string]string{}
	total := 0
	for _, s := range a.tables {
		if s.View {
			continue
		}
		total++
		for _, c := range s.Columns {
			if understand(c.Name).has("company") && slices.Contains(s.PrimaryKey, c.Name) {
				count[strings.ToUpper(c.Name)]++
				names[strings.ToUpper(c.Name)] = c.Name
			}
		}
	}
	for _, name := range sorted(count) {
		if count[name]*2 > total && total > 1 {
			return names[name]
		}
	}
	return ""
}

// pick is the table that means the thing best; may says which can be it at all.
func (a *atlas) pick(thing string, not []string, may func(*sketch) bool) *sketch {
	var best *sketch
	score := 0
	for _, s := range a.tables {
		if s.View || !s.means.has(thing) || s.means.any(not) || !may(s) {
			continue
		}
		n := 100 - 10*len(s.means) + min(len(s.Columns), 20)
		for _, other := range a.tables {
			for _, ref := range other.refs {
				if ref == s && other != s {
					n += 3
				}
			}
		}
		if best == nil || n > score {
			best, score = s, n
		}
	}
	return best
}

// hasName reports whether a table has a name column.
func hasName(s *sketch) bool {
	return s.find(wish{"name", "name | describe | family", "", ofText}) != nil
}

// hasMeaning reports whether a table has a column of the meaning.
func hasMeaning(meaning string, h holds) func(*sketch) bool {
	return func(s *sketch) bool { return s.find(wish{"", meaning, "", h}) != nil }
}

// header is the table of the headers of a kind of documents, and lines that of their lines.
func (a *atlas) documents(kind string, customers *sketch) (header, lines *sketch) {
	for _, thing := range []string{kind, "document"} {
		header = a.pick(thing, []string{"line", "history", "vat", "payment", "counter", "supplier"}, func(s *sketch) bool {
			return s != customers && s.to(customers, "customer") != nil && a.linesOf(s) != nil
		})
		if header != nil {
			return header, a.linesOf(header)
		}
	}
	return nil, nil
}

// linesOf is the table that refers to a header and has quantities.
func (a *atlas) linesOf(header *sketch) *sketch {
	quantity := hasMeaning("quantity", ofQuantity)
	for _, s := range a.tables {
		if s == header || s.View || !quantity(s) {
			continue
		}
		for _, ref := range s.refs {
			if ref == header {
				return s
			}
		}
	}
	// Without foreign keys: the header's key under the same name, in a table of the same thing's lines.
	key := header.key()
	if key == nil {
		return nil
	}
	for _, s := range a.tables {
		same := !slices.ContainsFunc(header.means, func(m []string) bool { return len(m) > 0 && !s.means.any(m) && !slices.Contains(m, "header") })
		if s == header || s.View || !s.means.has("line") || !same || !quantity(s) {
			continue
		}
		if _, err := s.Column(catalog.Quote(catalog.SQLite, key.Name)); err == nil {
			return s
		}
	}
	return nil
}
