package tablehost

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// asked are the values that are looked for in one way, with the keys that ask for each.
type asked map[string][]int

// by gives what a key asks for in one way.
func by(k erpbridge.MatchKey, way string) string {
	switch way {
	case "email":
		return k.Email
	case "phone":
		return k.Phone
	case "tax_id":
		return k.TaxID
	}
	return k.Name
}

// Match implements erpbridge.Customers: by seeks in columns that hold what is compared, and by one pass
// over the company's customers for all other columns together.
func (p customerPort) Match(ctx context.Context, s erpbridge.Session, keys []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	found := hits{}
	var scanned []scan
	for _, m := range w.h.customers.match {
		values := asked{}
		for i, k := range keys {
			if v := by(k, m.by); v != "" {
				values[v] = append(values[v], i)
			}
		}
		switch {
		case len(values) == 0:
		case m.normalised:
			err = w.seek(ctx, m, values, found)
		default:
			scanned = append(scanned, scan{m, values, prefilter(m.by, values)})
		}
		if err != nil {
			return nil, err
		}
	}
	if len(scanned) > 0 {
		if err := w.scan(ctx, scanned, found); err != nil {
			return nil, err
		}
	}
	return w.matched(ctx, found)
}

// hits are the keys that each customer answers.
type hits map[string][]int

// matched reads the customers that were found.
func (w work) matched(ctx context.Context, found hits) ([]erpbridge.CustomerMatch, error) {
	list, err := w.customersAmong(ctx, sorted(found))
	if err != nil {
		return nil, err
	}
	var out []erpbridge.CustomerMatch
	for _, c := range list {
		for _, i := range found[c.Key] {
			out = append(out, erpbridge.CustomerMatch{Key: i, Customer: c})
		}
	}
	slices.SortFunc(out, func(a, b erpbridge.CustomerMatch) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), strings.Compare(a.Customer.Key, b.Customer.Key))
	})
	return slices.CompactFunc(out, func(a, b erpbridge.CustomerMatch) bool {
		return a.Key == b.Key && a.Customer.Key == b.Customer.Key
	}), nil
}

// seek finds values in a column that holds what is compared.
func (w work) seek(ctx context.Context, m match, values asked, found hits) error {
	p := w.h.customers
	for part := range slices.Chunk(sorted(values), chunk) {
		in := cond{column: m.column, op: "in", values: make([]any, len(part))}
		for i, v := range part {
			in.values[i] = v
		}
		conds, err := w.conds(ctx, p.where, w.vars())
		if err != nil {
			return err
		}
		rows, err := w.cells(ctx, p.table, []*column{p.key.column, m.column}, append(conds, in))
		if err != nil {
			return err
		}
		for _, r := range rows {
			key := textOf(r[0])
			found[key] = append(found[key], values[textOf(r[1])]...)
		}
	}
	return nil
}

// scan is a column whose values are brought to the form that is compared while it is read.
type scan struct {
	match
	values asked
	may    func(text string) bool
}

// scan reads the columns of all customers once and compares them in memory.
func (w work) scan(ctx context.Context, scans []scan, found hits) error {
	if err := w.settle(ctx); err != nil {
		return err
	}
	p := w.h.customers
	columns := []*column{p.key.column}
	for _, sc := range scans {
		columns = append(columns, sc.column)
	}
	country, countryAt := p.fields["country"], -1
	if p.has("country") && country.formula() == nil && country.column.alias == "t" {
		countryAt = len(columns)
		columns = append(columns, country.column)
	}
	conds, err := w.conds(ctx, p.where, w.vars())
	if err != nil {
		return err
	}
	home := w.memo.locale.Language.Country()
	if c, ok := w.memo.company["country"].(string); ok && c != "" {
		home = c
	}
	return w.cellsEach(ctx, cells{p.table, columns, conds}, func(raw []any) {
		at := home
		if countryAt >= 0 {
			if v, err := country.ofHost(raw[countryAt]); err == nil && !isEmpty(v) {
				at = textOf(v)
			}
		}
		for i, sc := range scans {
			text, _ := raw[i+1].(string)
			if text == "" || !sc.may(text) {
				continue
			}
			if hit := sc.values[normalised(sc.by, text, at)]; hit != nil {
				key := textOf(raw[0])
				found[key] = append(found[key], hit...)
			}
		}
	})
}

// normalised brings a text of the host's to the form that is compared; "" finds nothing.
func normalised(by, text, country string) string {
	switch by {
	case "email":
		v, err := party.NormalizeEmail(text)
		if err == nil {
			return v
		}
	case "phone":
		v, err := party.NormalizePhone(text, country)
		if err == nil {
			return v
		}
	case "tax_id":
		v, err := party.NormalizeTaxID(text, country)
		if err == nil {
			return v.Key
		}
	default:
		return party.NameKey(text)
	}
	return ""
}

// prefilter makes a quick test that no text fails which would be found: the last digits of a phone number
// stay the same however it is written.
func prefilter(by string, values asked) func(string) bool {
	if by != "phone" {
		return func(string) bool { return true }
	}
	tails := map[[4]byte]bool{}
	for v := range values {
		if tail, ok := lastDigits(v); ok {
			tails[tail] = true
		}
	}
	return func(text string) bool {
		tail, ok := lastDigits(text)
		return !ok || tails[tail]
	}
}

// lastDigits gives the last four digits of a text.
func lastDigits(text string) (tail [4]byte, ok bool) {
	n := 4
	for i := len(text) - 1; i >= 0 && n > 0; i-- {
		if text[i] >= '0' && text[i] <= '9' {
			n--
			tail[n] = text[i]
		}
	}
	return tail, n == 0
}

// Search implements erpbridge.CustomerList. An empty text lists everybody.
func (p customerPort) Search(ctx context.Context, s erpbridge.Session, text, after string, limit int) ([]erpbridge.Customer, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	c := w.h.customers
	q := question{of: c.entity, limit: max(limit, 1), order: []order{{column: c.sort}, {column: c.key.column}}}
	if text = strings.TrimSpace(text); text != "" {
		q.where = []cond{c.searched(text)}
	}
	if after != "" {
		rows, err := w.cells(ctx, c.table, []*column{c.sort}, []cond{c.key.is(after)})
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			q.where = append(q.where, c.behind(rows[0][0], after))
		}
	}
	rows, err := w.read(ctx, q)
	list := make([]erpbridge.Customer, len(rows))
	for i, r := range rows {
		list[i] = customerOf(r)
	}
	return list, err
}

// behind finds what comes after a row in the order of sort and key; rows without a sort value come first.
func (c *customers) behind(sort any, key string) cond {
	later := cond{column: c.sort, op: ">", value: sort}
	if sort == nil {
		later = cond{column: c.sort, op: "not null"}
	}
	return cond{or: []cond{later, {and: []cond{{column: c.sort, value: sort}, {column: c.key.column, op: ">", value: key}}}}}
}

// searched finds a text in what people know a customer by. Columns that hold normalised values are
// searched for the text in their form.
func (c *customers) searched(text string) cond {
	var any cond
	for _, col := range c.search {
		way := ""
		for _, m := range c.match {
			if m.column == col && m.normalised {
				way = m.by
			}
		}
		form := text
		switch way {
		case "":
			any.or = append(any.or, anywhere(text, []*column{col}).or...)
			continue
		case "email":
			form = strings.ToLower(text)
		case "phone":
			form = strings.Map(digitsOnly, text)
		case "name":
			form = party.NameKey(text)
		}
		if form != "" { // nothing but signs would find everybody
			any.or = append(any.or, cond{column: col, op: "like", value: contains(form)})
		}
	}
	return any
}

// digitsOnly leaves out what stands between the digits of phone numbers.
func digitsOnly(r rune) rune {
	if strings.ContainsRune(" -/().", r) {
		return -1
	}
	return r
}
