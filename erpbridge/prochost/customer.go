package prochost

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

type customerPort struct{ h *host }

func (r *record) customer() (erpbridge.Customer, error) {
	c := erpbridge.Customer{
		Key: r.text("key"), Code: r.text("code"), Person: r.flag("person"), Name: r.text("name"), Given: r.text("given"), Family: r.text("family"), TaxID: r.text("tax_id"),
		EUVatID: r.text("eu_vat_id"), Email: r.text("email"), Phone: r.text("phone"), Website: r.text("website"), Address: r.address(), Currency: r.text("currency"),
		PriceList: r.text("price_list"), PaymentDays: r.whole("payment_days"), Language: r.language("language"), Blocked: r.flag("blocked"),
	}
	if c.Code == "" {
		c.Code = c.Key
	}
	return c, r.err
}

// Customer implements erpbridge.Customers.
func (p customerPort) Customer(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Customer, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	return w.customer(ctx, key)
}

func (w *work) customer(ctx context.Context, key string) (erpbridge.Customer, error) {
	r, err := w.with(map[string]any{"key": key}).one(ctx, w.customers.read)
	if err = unlessMisfit(err); err == nil && r == nil {
		err = fault.New(fault.NotFound, "there is no customer %q", key)
	}
	if err != nil {
		return erpbridge.Customer{}, err
	}
	c, err := r.customer()
	if err == nil && c.Key != key { // a collation that ignores case or blanks found another spelling
		err = fault.New(fault.NotFound, "there is no customer %q", key)
	}
	return c, err
}

// FindCustomer implements erpbridge.CustomerLookup.
func (p customerPort) FindCustomer(ctx context.Context, s erpbridge.Session, token string) (erpbridge.Customer, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	c, found, err := w.with(map[string]any{"token": token}).customerMade(ctx)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "no customer was made under the token %q", token)
	}
	return c, err
}

// customerMade gives the customer that was made under the token.
func (w *work) customerMade(ctx context.Context) (c erpbridge.Customer, found bool, err error) {
	if textOf(w.vars["token"]) == "" {
		return c, false, nil
	}
	r, err := w.one(ctx, w.customers.find)
	if err != nil || r == nil {
		return c, false, unlessMisfit(err)
	}
	c, err = r.customer()
	return c, err == nil, err
}

// Customers implements erpbridge.CustomerStates.
func (p customerPort) Customers(ctx context.Context, s erpbridge.Session, keys []string) (list []erpbridge.Customer, err error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		c, err := w.customer(ctx, key)
		switch {
		case err == nil:
			list = append(list, c)
		case fault.CodeOf(err) != fault.NotFound:
			return nil, err
		}
	}
	return list, nil
}

// matchChunk is how many keys go into one call.
const matchChunk = 300

// Match implements erpbridge.Customers.
func (p customerPort) Match(ctx context.Context, s erpbridge.Session, asked []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	var keys []map[string]any
	for i, k := range asked {
		if k != (erpbridge.MatchKey{}) {
			keys = append(keys, map[string]any{"index": int64(i), "email": k.Email, "phone": k.Phone, "tax_id": k.TaxID, "name": k.Name})
		}
	}
	m := w.customers.match
	size := 1
	if m.takesRows() {
		size = matchChunk
	}
	var hits []erpbridge.CustomerMatch
	for chunk := range slices.Chunk(keys, size) {
		// A value that is too long for its column is found nowhere.
		records, err := w.with(map[string]any{"match": chunk[0]}).records(ctx, m, rowsOf{name: "match", each: chunk, lenient: true})
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			c, err := r.customer()
			if err != nil {
				return nil, err
			}
			index := int(chunk[0]["index"].(int64))
			if r.values["match"] != nil {
				index = r.whole("match")
			}
			if index < 0 || index >= len(asked) || r.err != nil {
				return nil, fault.New(fault.Unavailable, "%s answers a key that was not asked for (%v); the field match has to give match.index back", m.path, r.values["match"])
			}
			hits = append(hits, erpbridge.CustomerMatch{Key: index, Customer: c})
		}
	}
	slices.SortStableFunc(hits, func(a, b erpbridge.CustomerMatch) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), strings.Compare(a.Customer.Key, b.Customer.Key))
	})
	return slices.CompactFunc(hits, func(a, b erpbridge.CustomerMatch) bool {
		return a.Key == b.Key && a.Customer.Key == b.Customer.Key
	}), nil
}

// customerPath is where a field of a customer stands in the draft.
func customerPath(field string, _ int) string {
	switch field {
	case "line1", "line2", "postal_code", "city", "region", "country":
		return "address." + field
	}
	return field
}

// Check implements erpbridge.CustomerCheck.
func (p customerPort) Check(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) ([]fault.Fault, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	return w.with(map[string]any{"customer": customerVars(draft), "for_invoice": true}).checkCustomer(ctx, draft)
}

func (w *work) checkCustomer(ctx context.Context, draft erpbridge.Customer) (fault.List, error) {
	var faults fault.List
	faults.Required("name", draft.Name)
	b, err := w.batch(ctx, w.customers.create.call, rowsOf{path: customerPath})
	if err != nil {
		return nil, err
	}
	faults = append(faults, b.faults...)
	err = w.found(ctx, w.customers.check, &faults)
	return distinct(faults), err
}

// found adds the faults that the host's own procedure finds in a customer or a contact; values that do not
// fit its parameters are left out there.
func (w *work) found(ctx context.Context, check *read, faults *fault.List) error {
	if check == nil {
		return nil
	}
	records, err := w.records(ctx, check, rowsOf{lenient: true})
	for _, r := range records {
		faults.Add(customerPath(r.text("field"), -1), codeOf(r), "%s", r.text("message"))
	}
	return err
}

func codeOf(r *record) string { return cmp.Or(r.text("code"), "host.refused") }

// distinct keeps the first fault of each place.
func distinct(list fault.List) (out fault.List) {
	for _, f := range list {
		if !slices.ContainsFunc(out, func(o fault.Fault) bool { return o.Path == f.Path }) {
			out = append(out, f)
		}
	}
	return out
}

// Create implements erpbridge.Customers.
func (p customerPort) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	w = w.with(map[string]any{"customer": customerVars(draft), "for_invoice": false})
	if c, found, err := w.customerMade(ctx); err != nil || found {
		return c, err
	}
	faults, err := w.checkCustomer(ctx, draft)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	if err := faults.Err("the customer cannot be created"); err != nil {
		return erpbridge.Customer{}, err
	}
	key, err := w.make(ctx, p.h.customers.create, rowsOf{path: customerPath})
	if err != nil {
		return erpbridge.Customer{}, err
	}
	if key != "" {
		return w.customer(ctx, key)
	}
	c, found, err := w.customerMade(ctx)
	if err == nil && !found {
		err = notResolved(p.h.customers.create, p.h.customers.find)
	}
	return c, err
}

// notResolved says that a procedure gave no key and its token leads nowhere.
func notResolved(c *write, find *read) error {
	return fault.New(fault.Unavailable, "%s gave no key, and %s does not find the token: does the procedure keep it?", c.procedure, find.path)
}

// make calls what a write describes and gives the key of what was made, "" where it has to be looked up.
func (w *work) make(ctx context.Context, c *write, over rowsOf) (string, error) {
	a, err := w.call(ctx, c.call, over)
	if err != nil {
		return "", err
	}
	after := w.with(map[string]any{"out": a.out})
	// A code other than 0 that means success says that it was there before, with its lines.
	if a.code == 0 && c.eachLine != nil {
		for i, line := range over.each {
			path := func(field string, _ int) string { return over.path(field, i) }
			if _, err := after.with(map[string]any{over.name: line}).call(ctx, c.eachLine, rowsOf{path: path}); err != nil {
				return "", err
			}
		}
	}
	if a.code == 0 && c.finish != nil {
		if _, err := after.call(ctx, c.finish, rowsOf{path: over.path}); err != nil {
			return "", err
		}
	}
	key, err := evaluate(ctx, c.key, after.vars)
	return asText(key), err
}

// FillEmpty implements erpbridge.Customers.
func (p customerPort) FillEmpty(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Customer) ([]erpbridge.FilledField, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	c, err := w.customer(ctx, key)
	if err != nil {
		return nil, err
	}
	vars, filled := fill(customerVars(c), customerVars(draft), p.h.customers.fillable)
	if len(filled) == 0 {
		return nil, nil
	}
	merged := customerVars(c)
	for name, v := range vars {
		merged[name] = v
	}
	_, err = w.with(map[string]any{"key": key, "customer": merged, "fill": vars}).call(ctx, p.h.customers.fill, rowsOf{path: customerPath})
	for i := range filled {
		filled[i].Field = customerPath(filled[i].Field, -1)
	}
	return filled, err
}

// fill gives the fields that are empty in have and given in more.
func fill(have, more map[string]any, fillable []string) (vars map[string]any, filled []erpbridge.FilledField) {
	vars = map[string]any{}
	for _, name := range fillable {
		old, isText := have[name].(string)
		v := textOf(more[name])
		if isText && strings.TrimSpace(old) == "" && strings.TrimSpace(v) != "" {
			vars[name] = v
			filled = append(filled, erpbridge.FilledField{Field: name, From: old, To: v})
		}
	}
	return vars, filled
}

type customerRemoval struct{ h *host }

// Remove implements erpbridge.CustomerRemoval.
func (p customerRemoval) Remove(ctx context.Context, s erpbridge.Session, key string) error {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return err
	}
	if _, err := w.customer(ctx, key); err != nil {
		return err
	}
	_, err = w.with(map[string]any{"key": key}).call(ctx, p.h.customers.remove, rowsOf{})
	return err
}

// Restore implements erpbridge.CustomerRemoval. What keeps a field that somebody changed since is the
// procedure's work.
func (p customerRemoval) Restore(ctx context.Context, s erpbridge.Session, key string, fields []erpbridge.FilledField) error {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return err
	}
	for _, f := range fields {
		name := strings.TrimPrefix(f.Field, "address.")
		_, err := w.with(map[string]any{"key": key, "field": name, "from": f.From, "to": f.To}).call(ctx, p.h.customers.restore, rowsOf{})
		if err != nil {
			return err
		}
	}
	return nil
}

type customerList struct{ h *host }

// Search implements erpbridge.CustomerList. The order and the search are the procedure's.
func (p customerList) Search(ctx context.Context, s erpbridge.Session, text, after string, limit int) (list []erpbridge.Customer, err error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	limit = max(limit, 1)
	records, err := w.with(map[string]any{"text": strings.TrimSpace(text), "after": after, "limit": int64(limit)}).records(ctx, p.h.customers.search, rowsOf{})
	if err != nil {
		return nil, unlessMisfit(err)
	}
	for _, r := range records[:min(limit, len(records))] {
		c, err := r.customer()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
