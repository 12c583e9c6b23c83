package erp

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// matchChunk is how many values one statement looks for.
const matchChunk = 500

// Match implements erpbridge.Customers: four seeks for each chunk of keys, whatever their number.
func (p customers) Match(ctx context.Context, s erpbridge.Session, asked []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	var hits []erpbridge.CustomerMatch
	for _, column := range []struct {
		name  string
		value func(erpbridge.MatchKey) string
	}{
		{"email_key", func(k erpbridge.MatchKey) string { return k.Email }},
		{"phone_key", func(k erpbridge.MatchKey) string { return k.Phone }},
		{"tax_key", func(k erpbridge.MatchKey) string { return k.TaxID }},
		{"name_key", func(k erpbridge.MatchKey) string { return k.Name }},
	} {
		byValue := map[string][]int{}
		var values []any
		for i, k := range asked {
			v := column.value(k)
			if v == "" {
				continue
			}
			if byValue[v] == nil {
				values = append(values, v)
			}
			byValue[v] = append(byValue[v], i)
		}
		for chunk := range slices.Chunk(values, matchChunk) {
			found, err := w.matching(ctx, column.name, chunk)
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				for _, i := range byValue[f.value] {
					hits = append(hits, erpbridge.CustomerMatch{Key: i, Customer: f.customer})
				}
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b erpbridge.CustomerMatch) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), strings.Compare(a.Customer.Code, b.Customer.Code))
	})
	return slices.CompactFunc(hits, func(a, b erpbridge.CustomerMatch) bool {
		return a.Key == b.Key && a.Customer.Key == b.Customer.Key
	}), nil
}

type foundBy struct {
	value    string
	customer erpbridge.Customer
}

func (w work) matching(ctx context.Context, column string, values []any) ([]foundBy, error) {
	var list []foundBy
	query := "SELECT " + column + ", " + customerColumns + " FROM erp_customer WHERE company = ? AND " + column + " IN (" + marks(len(values)) + ")"
	err := w.rows(ctx, func(r *sql.Rows) error {
		var f foundBy
		var err error
		f.customer, err = scanCustomer(r, &f.value)
		list = append(list, f)
		return err
	}, query, append([]any{w.Company}, values...)...)
	return list, err
}

// Search implements erpbridge.CustomerList. An empty text lists everybody.
func (p customers) Search(ctx context.Context, s erpbridge.Session, text, after string, limit int) ([]erpbridge.Customer, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	var where []string
	var args []any
	if text = strings.TrimSpace(text); text != "" {
		clause, values := searchClause(text)
		where, args = append(where, clause), values
	}
	if after != "" {
		var sortKey []byte
		found, err := w.row(ctx, []any{&sortKey}, "SELECT sort_key FROM erp_customer WHERE company = ? AND code = ?", w.Company, after)
		if err != nil {
			return nil, err
		}
		if found {
			where = append(where, "(sort_key > ? OR sort_key = ? AND code > ?)")
			args = append(args, sortKey, sortKey, after)
		}
	}
	tail := ""
	if len(where) > 0 {
		tail = "AND " + strings.Join(where, " AND ")
	}
	return w.customers(ctx, tail+" ORDER BY sort_key, code"+w.limit(max(limit, 1)), args...)
}

// searchClause finds a text in what people know a customer by. Names are compared as they are
// written and as name keys, phones without what stands between their digits.
func searchClause(text string) (string, []any) {
	lower := strings.ToLower(text)
	phone := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -/().", r) {
			return -1
		}
		return r
	}, text)
	patterns := []struct{ column, text string }{
		{"name_key", party.NameKey(text)}, {"LOWER(name)", lower}, {"code", strings.ToUpper(text)}, {"email_key", lower},
		{"phone_key", phone}, {"tax_key", text}, {"tax_id", text},
	}
	var clauses []string
	var args []any
	for _, p := range patterns {
		if p.text == "" { // nothing but signs: it would find everybody
			continue
		}
		clauses = append(clauses, p.column+" LIKE ? ESCAPE '~'")
		args = append(args, contains(p.text))
	}
	return "(" + strings.Join(clauses, " OR ") + ")", args
}
