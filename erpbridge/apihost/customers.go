package apihost

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// customers is the port of every description; what not every host has is joined to it in customerPort.
type customers struct{ *host }

type (
	customerLookup  struct{ customers }
	customerList    struct{ customers }
	customerRemoval struct{ customers }
)

// customerPort gives the port with the optional interfaces that the description has, and no others.
func (h *host) customerPort() erpbridge.Customers {
	c := customers{h}
	lookup, list, removal := customerLookup{c}, customerList{c}, customerRemoval{c}
	p := h.customers
	switch find, search, remove := p.find != nil, len(p.search) > 0, len(p.remove) > 0; {
	case find && search && remove:
		return struct {
			customers
			customerLookup
			customerList
			customerRemoval
		}{c, lookup, list, removal}
	case find && search:
		return struct {
			customers
			customerLookup
			customerList
		}{c, lookup, list}
	case find && remove:
		return struct {
			customers
			customerLookup
			customerRemoval
		}{c, lookup, removal}
	case search && remove:
		return struct {
			customers
			customerList
			customerRemoval
		}{c, list, removal}
	case find:
		return struct {
			customers
			customerLookup
		}{c, lookup}
	case search:
		return struct {
			customers
			customerList
		}{c, list}
	case remove:
		return struct {
			customers
			customerRemoval
		}{c, removal}
	}
	return c
}

// raw reads the host's record of a customer.
func (c customers) raw(ctx context.Context, s erpbridge.Session, key string) (any, error) {
	a, err := c.client.send(ctx, s, c.program.customers.get, c.scope(s).with("customer", values(customerColumns, customer{Key: key})))
	return a.body, err
}

func (c customers) read(ctx context.Context, s erpbridge.Session, raw any) (customer, error) {
	out, err := read(ctx, c.program.customers.read, customerColumns, c.scope(s).with("answer", raw))
	if err == nil && out.Key == "" {
		err = &failure{means: admin, message: "the host's answer does not fit the description: the customer has no key"}
	}
	return out, err
}

// Customer reads one.
func (c customers) Customer(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Customer, error) {
	raw, err := c.raw(ctx, s, key)
	if err != nil {
		return customer{}, say(err, "reading customer %s", key)
	}
	out, err := c.read(ctx, s, raw)
	return out, say(err, "reading customer %s", key)
}

// Customers reads several: some by one request where the description can do that, else one request each.
func (c customers) Customers(ctx context.Context, s erpbridge.Session, keys []string) ([]erpbridge.Customer, error) {
	p := c.program.customers.among
	if p == nil {
		return c.each(ctx, s, keys)
	}
	out := make([]customer, 0, len(keys))
	for chunk := range slices.Chunk(keys, p.atOnce) {
		list, err := c.several(ctx, s, chunk)
		if refusedOrMissing(err) { // one of the keys spoils it for all
			list, err = c.each(ctx, s, chunk)
		}
		if err != nil {
			return nil, say(err, "reading customers")
		}
		out = append(out, list...)
	}
	return out, nil
}

// several reads some by one request: those that were asked for, each once.
func (c customers) several(ctx context.Context, s erpbridge.Session, keys []string) (out []customer, err error) {
	left := map[string]bool{}
	for _, key := range keys {
		left[key] = true
	}
	err = c.by(ctx, s, c.program.customers.among, c.scope(s), keys, func(items []any) error {
		for _, item := range items {
			one, err := c.read(ctx, s, item)
			if err != nil {
				return err
			}
			if left[one.Key] {
				out = append(out, one)
				delete(left, one.Key)
			}
		}
		return nil
	})
	return out, err
}

// each reads several, one request each.
func (c customers) each(ctx context.Context, s erpbridge.Session, keys []string) ([]customer, error) {
	out := make([]customer, 0, len(keys))
	for _, key := range keys {
		one, err := c.Customer(ctx, s, key)
		if fault.CodeOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// Check gives what the description's rules find wrong with a draft; nothing is sent.
func (c customers) Check(_ context.Context, _ erpbridge.Session, draft erpbridge.Customer) ([]fault.Fault, error) {
	f := c.spec.Customers.Fields
	return fieldFaults(customerColumns, f.Required, f.Lengths, &draft), nil
}

// find gives the host's record that was made under the session's token, nil for none.
func (h *host) find(ctx context.Context, s erpbridge.Session, q *call) (any, error) {
	if q == nil || s.Token == "" {
		return nil, nil
	}
	items, err := h.client.list(ctx, s, q, h.scope(s), 2)
	if means(err) == missing {
		return nil, nil
	}
	if err != nil || len(items) == 0 {
		return nil, err
	}
	return items[0], nil
}

// Create makes a customer, or gives the one that the token made before.
func (c customers) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	defer c.hold(s, "customer")()
	const doing = "making a customer"
	p := c.program.customers
	found, err := c.find(ctx, s, p.find)
	if err != nil {
		return customer{}, say(err, doing)
	}
	if found != nil {
		out, err := c.read(ctx, s, found)
		if err != nil {
			return customer{}, say(err, doing)
		}
		return c.Customer(ctx, s, out.Key)
	}
	if err := c.mayResend(s, p.find, p.create); err != nil {
		return customer{}, err
	}
	if faults, _ := c.Check(ctx, s, draft); len(faults) > 0 {
		return customer{}, fault.List(faults).Err("the customer cannot be made at %s", c.spec.Name)
	}
	return c.make(ctx, s, draft)
}

// mayResend refuses to send again what may have been done, where neither a search nor the API itself can
// tell.
func (h *host) mayResend(s erpbridge.Session, find *call, calls []*call) error {
	if s.Attempt == 0 || find != nil || repeatable(calls) {
		return nil
	}
	return fault.New(fault.Unknown, "%s was asked before and can neither be searched for the token nor told to answer it once; look there by hand", h.spec.Name)
}

func (c customers) make(ctx context.Context, s erpbridge.Session, draft customer) (customer, error) {
	const doing = "making a customer"
	p := c.program.customers
	r := &run{host: c.host, s: s, vars: c.scope(s).with("customer", values(customerColumns, draft))}
	err := r.all(ctx, p.create)
	if err != nil && means(err) != exists {
		return customer{}, say(r.settled(err), doing)
	}
	raw := r.vars["made"]
	if raw == nil || err != nil {
		if raw, err = c.find(ctx, s, p.find); err == nil && raw == nil {
			err = &failure{means: unknown, message: "the host took it and does not find it under its token"}
		}
	}
	var out customer
	if err == nil {
		out, err = c.read(ctx, s, raw)
	}
	if err == nil {
		if raw, err = c.raw(ctx, s, out.Key); err == nil {
			out, err = c.read(ctx, s, raw)
		}
	}
	return out, say(r.settled(err), doing)
}

// FillEmpty writes those fields of the draft that are empty at the host and that the description can write.
func (c customers) FillEmpty(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Customer) ([]erpbridge.FilledField, error) {
	p := c.program.customers
	if p.update == nil {
		return nil, nil
	}
	draft.Key = key
	out, err := c.fill(ctx, s, func() (any, map[string]any, error) {
		raw, err := c.raw(ctx, s, key)
		if err != nil {
			return nil, nil, err
		}
		has, err := c.read(ctx, s, raw)
		return raw, values(customerColumns, has), err
	}, filling{what: "customer", update: p.update, write: p.write, draft: values(customerColumns, draft)})
	return out, say(err, "filling customer %s", key)
}

// filling is a set of fields to be written where the host has none.
type filling struct {
	what   string
	update *call
	write  []writeField
	draft  map[string]any
}

// fill reads the record, writes what is empty, and starts again where somebody was faster.
func (h *host) fill(ctx context.Context, s erpbridge.Session, current func() (any, map[string]any, error), f filling) ([]erpbridge.FilledField, error) {
	var err error
	for range 3 {
		var raw any
		var has map[string]any
		if raw, has, err = current(); err != nil {
			return nil, err
		}
		vars := h.scope(s).with(f.what, f.draft).with("found", raw)
		changes := map[string]any{}
		var filled []erpbridge.FilledField
		for _, w := range f.write {
			if text(has[w.name]) != "" || text(f.draft[w.name]) == "" {
				continue
			}
			value := f.draft[w.name]
			if w.value != nil {
				if value, err = w.value.Run(ctx, vars); err != nil {
					return nil, &failure{means: refused, message: h.client.say(err.Error())}
				}
			}
			w.path.set(changes, value)
			filled = append(filled, erpbridge.FilledField{Field: w.name, From: "", To: text(f.draft[w.name])})
		}
		if len(filled) == 0 {
			return nil, nil
		}
		if _, err = h.client.send(ctx, s, f.update, vars.with("changes", changes)); err == nil {
			return filled, nil
		}
		if means(err) != changed {
			return nil, err
		}
	}
	return nil, err
}

// FindCustomer gives the customer that was made under the token.
func (c customerLookup) FindCustomer(ctx context.Context, s erpbridge.Session, token string) (erpbridge.Customer, error) {
	s.Token = token
	raw, err := c.find(ctx, s, c.program.customers.find)
	if err == nil && raw == nil {
		return customer{}, fault.New(fault.NotFound, "%s has no customer under the token %s", c.spec.Name, token)
	}
	if err != nil {
		return customer{}, say(err, "looking for a customer")
	}
	out, err := c.read(ctx, s, raw)
	return out, say(err, "looking for a customer")
}

// searched is how many records of a list a search looks through.
const searched = 1000

// Search joins what the lists of the description give, in the order of names. It looks through the first
// thousand of each list.
func (c customerList) Search(ctx context.Context, s erpbridge.Session, text, after string, limit int) ([]erpbridge.Customer, error) {
	vars := c.scope(s).with("text", text).with("limit", int64(limit))
	seen := map[string]bool{}
	var all []customer
	for _, q := range c.program.customers.search {
		if skip, err := (&run{host: c.host, s: s, vars: vars}).skip(ctx, q, vars); err != nil || skip {
			if err != nil {
				return nil, say(err, "searching customers")
			}
			continue
		}
		items, err := c.client.list(ctx, s, q, vars, searched)
		if err != nil {
			return nil, say(err, "searching customers")
		}
		page, err := many(ctx, c.program.customers.read, customerColumns, c.scope(s), items)
		if err != nil {
			return nil, say(err, "searching customers")
		}
		for _, one := range page {
			if !seen[one.Key] {
				seen[one.Key] = true
				all = append(all, one)
			}
		}
	}
	slices.SortFunc(all, func(a, b customer) int {
		if n := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); n != 0 {
			return n
		}
		return strings.Compare(a.Key, b.Key)
	})
	if i := slices.IndexFunc(all, func(x customer) bool { return x.Key == after }); after != "" && i >= 0 {
		all = all[i+1:]
	}
	return all[:min(max(limit, 0), len(all))], nil
}

// Remove deletes or blocks a customer.
func (c customerRemoval) Remove(ctx context.Context, s erpbridge.Session, key string) error {
	raw, err := c.raw(ctx, s, key)
	if err != nil {
		return say(err, "removing customer %s", key)
	}
	r := &run{host: c.host, s: s, vars: c.scope(s).with("customer", values(customerColumns, customer{Key: key})).with("found", raw)}
	return say(r.settled(r.all(ctx, c.program.customers.remove)), "removing customer %s", key)
}

// Restore puts back what FillEmpty filled.
func (c customerRemoval) Restore(ctx context.Context, s erpbridge.Session, key string, fields []erpbridge.FilledField) error {
	p := c.program.customers
	if p.update == nil || len(fields) == 0 {
		return nil
	}
	raw, err := c.raw(ctx, s, key)
	if err != nil {
		return say(err, "restoring customer %s", key)
	}
	changes := map[string]any{}
	for _, f := range fields {
		for _, w := range p.write {
			if w.name == f.Field {
				w.path.set(changes, f.From)
			}
		}
	}
	vars := c.scope(s).with("customer", values(customerColumns, customer{Key: key})).with("found", raw).with("changes", changes)
	_, err = c.client.send(ctx, s, p.update, vars)
	return say(err, "restoring customer %s", key)
}
