package apihost

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// longestWord is what a name is looked for by: hosts know nothing of our name keys.
func longestWord(name string) string {
	var out string
	for w := range strings.FieldsSeq(name) {
		if utf8.RuneCountInString(w) > utf8.RuneCountInString(out) {
			out = w
		}
	}
	return out
}

// Match finds customers by the lists of the description and compares here what they gave.
func (c customers) Match(ctx context.Context, s erpbridge.Session, keys []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	p := c.program.customers
	if p.list == nil {
		return nil, nil
	}
	var out []erpbridge.CustomerMatch
	type hit struct {
		key      int
		customer string
	}
	seen := map[hit]bool{}
	for _, by := range sortedKeys(p.by) {
		asked := map[string][]int{} // what is looked for: the keys that ask it
		for i, k := range keys {
			if v := matchValue(by, k); v != "" {
				asked[v] = append(asked[v], i)
			}
		}
		got, err := c.matching(ctx, s, by, sortedKeys(asked))
		if err != nil {
			return nil, say(err, "finding customers by %s", by)
		}
		for _, one := range got {
			for _, v := range answers(by, one) {
				for _, i := range asked[v] {
					if matches(by, keys[i], one) && !seen[hit{i, one.Key}] {
						seen[hit{i, one.Key}] = true
						out = append(out, erpbridge.CustomerMatch{Key: i, Customer: one})
					}
				}
			}
		}
	}
	return out, nil
}

func matchValue(by string, k erpbridge.MatchKey) string {
	switch by {
	case "email":
		return k.Email
	case "phone":
		return k.Phone
	case "tax_id":
		return k.TaxID
	}
	return longestWord(k.Name)
}

// answers gives the values that a customer may have been asked by.
func answers(by string, c customer) []string {
	switch by {
	case "email":
		return []string{strings.ToLower(c.Email)}
	case "phone":
		if p, err := party.NormalizePhone(c.Phone, c.Address.Country); err == nil && p != c.Phone {
			return []string{c.Phone, p}
		}
		return []string{c.Phone}
	case "tax_id":
		var out []string
		for _, number := range []string{c.TaxID, c.EUVatID} {
			if id, err := party.NormalizeTaxID(number, c.Address.Country); err == nil {
				out = append(out, id.Key)
			}
		}
		return slices.Compact(out)
	}
	return []string{longestWord(party.NameKey(c.Name))}
}

func matches(by string, k erpbridge.MatchKey, c customer) bool {
	return by != "name" || party.NameKey(c.Name) == k.Name
}

// matching asks for the values, many in one request.
func (c customers) matching(ctx context.Context, s erpbridge.Session, by string, asked []string) ([]customer, error) {
	m := c.spec.Customers.Match
	or := m.Or
	if or == "" {
		or = " or "
	}
	var out []customer
	for chunk := range slices.Chunk(asked, orElse(m.AtOnce, 20)) {
		var conditions []string
		for _, v := range chunk {
			one, err := c.program.customers.by[by].fill(ctx, c.scope(s).with("value", v).with("national", strings.TrimLeft(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")))
			if err != nil {
				continue // what cannot be written there cannot be found there
			}
			conditions = append(conditions, one)
		}
		if len(conditions) == 0 {
			continue
		}
		items, err := c.client.list(ctx, s, c.program.customers.list, c.scope(s).with("filter", strings.Join(conditions, or)), 0)
		if err != nil {
			return nil, err
		}
		page, err := many(ctx, c.program.customers.read, customerColumns, c.scope(s), items)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
	}
	return out, nil
}
