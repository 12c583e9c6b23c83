package tablehost

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// filledFields are those of a customer that FillEmpty may fill, filledContactFields those of a contact.
var (
	filledFields        = []string{"given", "family", "tax_id", "eu_vat_id", "email", "phone", "website", "line1", "line2", "postal_code", "city", "region", "country", "price_list"}
	filledContactFields = []string{"given", "family", "job_title", "email", "phone", "mobile"}
)

// fillable narrows fields down to those that can be written.
func (e *entity) fillable(names []string) []string {
	var list []string
	for _, name := range names {
		if f := e.fields[name]; f != nil && f.column != nil && !f.readOnly {
			list = append(list, name)
		}
	}
	return list
}

// fill copies the texts that are empty in to and given in from, and tells which.
func fill(names []string, to, from map[string]any) []erpbridge.FilledField {
	var filled []erpbridge.FilledField
	for _, name := range names {
		if isEmpty(to[name]) && !isEmpty(from[name]) {
			filled = append(filled, erpbridge.FilledField{Field: placeOf(name), From: textOf(to[name]), To: textOf(from[name])})
			to[name] = from[name]
		}
	}
	return filled
}

// restore puts back what was filled, unless somebody changed it since; it gives the names of the fields.
func restore(names []string, to map[string]any, filled []erpbridge.FilledField) []string {
	var restored []string
	for _, was := range filled {
		for _, name := range names {
			if placeOf(name) == was.Field && textOf(to[name]) == was.To {
				to[name] = was.From
				restored = append(restored, name)
			}
		}
	}
	return restored
}

// FillEmpty implements erpbridge.Customers. Asked again it finds nothing empty and fills nothing.
func (p customerPort) FillEmpty(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Customer) ([]erpbridge.FilledField, error) {
	w, now, err := p.locked(ctx, s, key)
	if err != nil {
		return nil, err
	}
	names := w.h.customers.fillable(filledFields)
	filled := fill(names, now, customerDraft(draft))
	if len(filled) == 0 {
		return nil, nil
	}
	faults, err := w.checkCustomer(ctx, customerFrom(now))
	if err != nil {
		return nil, err
	}
	if err := aboutFilled(faults, filled).Err("the customer %s cannot be completed", key); err != nil {
		return nil, err
	}
	return filled, w.changeCustomer(ctx, now, placesIn(names, filled))
}

// placesIn gives the names of the fields that were filled.
func placesIn(names []string, filled []erpbridge.FilledField) []string {
	var list []string
	for _, name := range names {
		for _, f := range filled {
			if f.Field == placeOf(name) {
				list = append(list, name)
			}
		}
	}
	return list
}

// locked locks a customer and reads it, as formulas see it.
func (p customerPort) locked(ctx context.Context, s erpbridge.Session, key string) (work, map[string]any, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return w, nil, err
	}
	c := w.h.customers
	if err := w.lock(ctx, c.table, []cond{c.key.is(key)}); err != nil {
		return w, nil, err
	}
	r, err := w.customerRow(ctx, key)
	if err != nil {
		return w, nil, err
	}
	return w, r.fields(), nil
}

// aboutFilled keeps the faults of fields that were filled: what was wrong before is not the draft's fault.
func aboutFilled(faults fault.List, filled []erpbridge.FilledField) fault.List {
	var kept fault.List
	for _, f := range faults {
		for _, field := range filled {
			if f.Path == field.Field {
				kept = append(kept, f)
				break
			}
		}
	}
	return kept
}

// changeCustomer writes some fields of a customer, and what follows from them.
func (w work) changeCustomer(ctx context.Context, now map[string]any, names []string) error {
	p := w.h.customers
	return w.change(ctx, changing{p.entity, "the customer", names, [][]*setting{p.keep, p.changed}}, now, vars{"customer": now})
}

// changing is a row of which some fields are written, with further settings.
type changing struct {
	*entity
	what     string
	names    []string
	settings [][]*setting
}

func (w work) change(ctx context.Context, c changing, now map[string]any, more vars) error {
	if len(c.names) == 0 {
		return nil
	}
	with := w.vars(more)
	draft := make(map[string]any, len(c.names))
	for _, name := range c.names {
		draft[name] = now[name]
	}
	var faults fault.List
	set, err := w.filled(ctx, c.entity, draft, with, &faults)
	if err != nil {
		return err
	}
	key := textOf(now["key"])
	if err := faults.Err("%s %s cannot be changed", c.what, key); err != nil {
		return err
	}
	for _, list := range c.settings {
		more, err := w.settings(ctx, list, with)
		if err != nil {
			return err
		}
		set = append(set, more...)
	}
	found, err := w.update(ctx, c.table, set, []cond{c.key.is(key)})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "%s %q is gone", c.what, key)
	}
	return err
}

// filled is assign for an UPDATE: what a field loses is written as the host's nothing, never left out.
func (w work) filled(ctx context.Context, e *entity, draft map[string]any, with vars, faults *fault.List) ([]assignment, error) {
	var out []assignment
	for _, f := range e.list {
		v, given := draft[f.name]
		if !given {
			continue
		}
		host, err := w.hostValue(ctx, drafted{f, v, with})
		if err != nil {
			if !collect(faults, f.place, err) {
				return nil, err
			}
			continue
		}
		a := assignment{column: f.column, value: host, place: f.place}
		w.check(&a, faults)
		out = append(out, a)
	}
	return out, nil
}

// Restore implements erpbridge.CustomerRemoval. A field that somebody changed since keeps what it has.
func (p removableCustomers) Restore(ctx context.Context, s erpbridge.Session, key string, filled []erpbridge.FilledField) error {
	w, now, err := p.locked(ctx, s, key)
	if err != nil {
		return err
	}
	return w.changeCustomer(ctx, now, restore(w.h.customers.fillable(filledFields), now, filled))
}

// Remove implements erpbridge.CustomerRemoval: it deletes a customer that has no documents, with its
// contacts, or blocks one whose documents are all cancelled.
func (p removableCustomers) Remove(ctx context.Context, s erpbridge.Session, key string) error {
	w, now, err := p.locked(ctx, s, key)
	if err != nil {
		return err
	}
	c := w.h.customers
	faults, err := w.documentsOf(ctx, key, c.def.Remove == removeBlock)
	if err != nil {
		return err
	}
	if err := faults.Err("the customer %s cannot be removed", key); err != nil {
		return err
	}
	if c.def.Remove == removeBlock {
		now["blocked"] = true
		return w.changeCustomer(ctx, now, []string{"blocked"})
	}
	with := w.vars(vars{"customer": now})
	if k := w.h.contacts; k != nil && !k.def.InCustomer {
		if _, err := w.remove(ctx, k.table, []cond{k.is("customer", key)}); err != nil {
			return err
		}
	}
	if err := w.reversed(ctx, c.after, with, nil); err != nil {
		return err
	}
	if _, err := w.remove(ctx, c.table, []cond{c.key.is(key)}); err != nil {
		return err
	}
	return w.reversed(ctx, c.before, with, nil)
}

// documentsOf names the kinds of documents that a customer has; standing leaves cancelled ones out.
func (w work) documentsOf(ctx context.Context, key string, standing bool) (fault.List, error) {
	var faults fault.List
	for _, kind := range sorted(w.h.papers) {
		p := w.h.papers[kind]
		if p.of != nil || !p.head.has("customer") {
			continue
		}
		rows, err := w.read(ctx, question{of: p.head, where: []cond{p.head.is("customer", key)}})
		if err != nil {
			return nil, err
		}
		n := 0
		for _, r := range rows {
			state := erpbridge.State(r.text("state"))
			if !standing || state != erpbridge.Cancelled && state != erpbridge.Credited {
				n++
			}
		}
		if n > 0 {
			faults.Add("", "customer.documents", "it has %d documents of the kind %s; cancel them first, or block the customer at the host", n, kind)
		}
	}
	return faults, nil
}
