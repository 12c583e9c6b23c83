package tablehost

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// contacts are compiled [Contacts].
type contacts struct {
	*entity
	def           *Contacts
	token         *column
	set, gone     []*setting
	early, late   []*setting
	before, after []*step
}

func (c *compiler) contacts(def *Contacts, of *customers) *contacts {
	if def == nil {
		return nil
	}
	env := c.environments()
	at := spot{"contacts", env.contact}
	rows := def.Entity
	if def.InCustomer {
		if c.mapping.Customers == nil {
			c.problem("contacts.in_customer", "contacts.customer", "there are no customers to hold the contacts")
			return nil
		}
		own := c.mapping.Customers.Entity
		rows.Table, rows.Company, rows.Key, rows.Where, rows.Join = own.Table, own.Company, Key{Column: own.Key.Column}, own.Where, own.Join
	}
	e := c.entity(entityAt{"contacts", contactPart, env.read, env.contact}, &rows)
	if e == nil {
		return nil
	}
	p := &contacts{entity: e, def: def}
	if p.key == nil {
		c.problem("contacts.key", "required", "nothing tells contacts apart; name the key")
	}
	if !def.InCustomer && !p.has("customer") {
		c.problem("contacts.fields.customer", "required", "the field customer has no column; a contact belongs to a customer")
	}
	if def.Token != "" {
		p.token = c.column(p.table, "contacts.token", def.Token)
	}
	p.set = c.settings(p.table, at.at("set"), def.Set)
	p.early, p.late = apart(p.set)
	p.gone = c.settings(p.table, at.at("remove_set"), def.RemoveSet)
	p.before, p.after = c.steps(at.at("before"), def.Before), c.steps(at.at("after"), def.After)
	return p
}

type contactPort struct{ h *host }

func contactOf(r record) erpbridge.Contact {
	return erpbridge.Contact{
		Key: r.key, Customer: r.text("customer"), Name: r.text("name"), Given: r.text("given"), Family: r.text("family"), JobTitle: r.text("job_title"),
		Email: r.text("email"), Phone: r.text("phone"), Mobile: r.text("mobile"), Language: languageOf(r.text("language")),
	}
}

func contactDraft(c erpbridge.Contact) map[string]any {
	return map[string]any{
		"key": c.Key, "customer": c.Customer, "name": c.Name, "given": c.Given, "family": c.Family, "job_title": c.JobTitle, "email": c.Email,
		"phone": c.Phone, "mobile": c.Mobile, "language": string(c.Language),
	}
}

// ContactsOf implements erpbridge.Contacts, in the order of their keys.
func (p contactPort) ContactsOf(ctx context.Context, s erpbridge.Session, customer string) ([]erpbridge.Contact, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	if _, err := w.customer(ctx, customer); err != nil {
		return nil, err
	}
	return w.contactsOf(ctx, customer)
}

func (w work) contactsOf(ctx context.Context, customer string) ([]erpbridge.Contact, error) {
	k := w.h.contacts
	if k.def.InCustomer {
		r, found, err := w.one(ctx, question{of: k.entity, where: []cond{k.key.is(customer)}})
		if err != nil || !found || isEmpty(r.value("name")) {
			return nil, err
		}
		return []erpbridge.Contact{k.inCustomer(r)}, nil
	}
	rows, err := w.read(ctx, question{of: k.entity, where: []cond{k.is("customer", customer)}, order: []order{{column: k.key.column}}})
	list := make([]erpbridge.Contact, len(rows))
	for i, r := range rows {
		list[i] = contactOf(r)
	}
	return list, err
}

// inCustomer makes the contact that stands in a customer's own row; their keys are the same.
func (k *contacts) inCustomer(r record) erpbridge.Contact {
	c := contactOf(r)
	c.Customer = r.key
	return c
}

// claim tells apart the several contacts that one conversion writes under its token.
func (k *contacts) claim(token string, c erpbridge.Contact) claim {
	if token == "" {
		return claim{}
	}
	sum := sha256.Sum256([]byte(c.Customer + "\x00" + c.Name + "\x00" + c.Email))
	return claim{kind: "contact", token: token + "/" + hex.EncodeToString(sum[:8])}
}

// CreateContact implements erpbridge.Contacts. One conversion may write several contacts under its one
// token: they are told apart by name and e-mail.
func (p contactPort) CreateContact(ctx context.Context, s erpbridge.Session, draft erpbridge.Contact) (erpbridge.Contact, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Contact{}, err
	}
	k := w.h.contacts
	if k.def.InCustomer {
		return w.putContact(ctx, draft)
	}
	c := k.claim(w.Token, draft)
	had, stale, err := w.madeContact(ctx, c, draft)
	if err != nil || had.Key != "" {
		return had, err
	}
	row, err := w.draftContact(ctx, draft)
	if err != nil {
		return erpbridge.Contact{}, err
	}
	if err := row.faults.Err("the contact cannot be created"); err != nil {
		return erpbridge.Contact{}, err
	}
	r, err := w.insertDrafted(ctx, row, drafting{k.entity, k.token, k.late, k.before, k.after, claiming{c, stale}})
	if err != nil {
		return erpbridge.Contact{}, err
	}
	if r.of == nil {
		return w.contact(ctx, r.key)
	}
	return contactOf(r), nil
}

// madeContact looks for what the token made; stale is the remembered key of a row that is gone.
func (w work) madeContact(ctx context.Context, c claim, draft erpbridge.Contact) (made erpbridge.Contact, stale string, err error) {
	k := w.h.contacts
	if c.token == "" {
		return made, "", nil
	}
	if k.token != nil {
		// In no order: SQLite would walk through all contacts in that of their keys.
		rows, err := w.read(ctx, question{of: k.entity, where: []cond{k.is("customer", draft.Customer), {column: k.token, value: w.Token}}})
		if err != nil {
			return made, "", err
		}
		for _, r := range rows {
			if r.text("name") == draft.Name && r.text("email") == draft.Email {
				return contactOf(r), "", nil
			}
		}
	}
	key, err := w.remembered(ctx, c)
	if err != nil || key == "" {
		return made, "", err
	}
	made, err = w.contact(ctx, key)
	if fault.CodeOf(err) == fault.NotFound {
		return erpbridge.Contact{}, key, nil
	}
	return made, key, err
}

func (w work) contact(ctx context.Context, key string) (erpbridge.Contact, error) {
	k := w.h.contacts
	r, found, err := w.one(ctx, question{of: k.entity, where: []cond{k.key.is(key)}})
	if err == nil && (!found || k.def.InCustomer && isEmpty(r.value("name"))) {
		err = fault.New(fault.NotFound, "there is no contact %q", key)
	}
	switch {
	case err != nil:
		return erpbridge.Contact{}, err
	case k.def.InCustomer:
		return k.inCustomer(r), nil
	}
	return contactOf(r), nil
}

// draftContact completes a draft, judges it, and prepares its columns.
func (w work) draftContact(ctx context.Context, c erpbridge.Contact) (row draftedRow, err error) {
	k := w.h.contacts
	customer, err := w.customerAs(ctx, w.h.owner, c.Customer)
	row.faults = checkContact(c)
	row.draft = contactDraft(c)
	more := vars{"contact": row.draft}
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		row.faults.Add("customer", "customer.unknown", "there is no customer %q", c.Customer)
		return row, nil
	case err != nil:
		return row, err
	default:
		more["customer"] = customer.fields()
	}
	row.with = w.vars(more)
	if err := w.preset(ctx, k.entity, row.draft, row.with); err != nil {
		return row, err
	}
	if row.values, err = w.assign(ctx, k.entity, row.draft, row.with, &row.faults); err != nil || len(row.faults) > 0 {
		return row, err
	}
	return row, w.early(ctx, &row, k.early)
}

func checkContact(c erpbridge.Contact) fault.List {
	var faults fault.List
	faults.Required("name", c.Name)
	if c.Email != "" {
		_, err := party.NormalizeEmail(c.Email)
		faults.Merge("", fault.Of(err))
	}
	return faults
}

// putContact writes the one contact into its customer's row, unless there is one already: then that one
// is given, because the host has room for no other.
func (w work) putContact(ctx context.Context, draft erpbridge.Contact) (erpbridge.Contact, error) {
	k := w.h.contacts
	if err := w.lock(ctx, k.table, []cond{k.key.is(draft.Customer)}); err != nil {
		return erpbridge.Contact{}, err
	}
	row, err := w.draftContact(ctx, draft)
	if err != nil {
		return erpbridge.Contact{}, err
	}
	if err := row.faults.Err("the contact cannot be created"); err != nil {
		return erpbridge.Contact{}, err
	}
	had, err := w.contactsOf(ctx, draft.Customer)
	if err != nil || len(had) > 0 {
		if len(had) > 0 {
			return had[0], nil
		}
		return erpbridge.Contact{}, err
	}
	row.draft["key"] = draft.Customer
	names := slices.DeleteFunc(k.fillable(sorted(contactPart)), func(name string) bool { return name == "customer" })
	if err := w.change(ctx, changing{k.entity, "the customer", names, [][]*setting{k.set}}, row.draft, row.with); err != nil {
		return erpbridge.Contact{}, err
	}
	return w.contact(ctx, draft.Customer)
}

// lockedContact locks a contact and reads it, as formulas see it.
func (p contactPort) lockedContact(ctx context.Context, s erpbridge.Session, key string) (work, map[string]any, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return w, nil, err
	}
	k := w.h.contacts
	if err := w.lock(ctx, k.table, []cond{k.key.is(key)}); err != nil {
		return w, nil, err
	}
	c, err := w.contact(ctx, key)
	if err != nil {
		return w, nil, err
	}
	return w, contactDraft(c), nil
}

// FillEmptyContact implements erpbridge.Contacts.
func (p contactPort) FillEmptyContact(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Contact) ([]erpbridge.FilledField, error) {
	w, now, err := p.lockedContact(ctx, s, key)
	if err != nil {
		return nil, err
	}
	k := w.h.contacts
	names := k.fillable(filledContactFields)
	filled := fill(names, now, contactDraft(draft))
	if len(filled) == 0 {
		return nil, nil
	}
	if err := aboutFilled(checkContact(contactFrom(now)), filled).Err("the contact %s cannot be completed", key); err != nil {
		return nil, err
	}
	return filled, w.change(ctx, changing{k.entity, "the contact", placesIn(names, filled), nil}, now, vars{"contact": now})
}

func contactFrom(m map[string]any) erpbridge.Contact {
	return erpbridge.Contact{Key: textOf(m["key"]), Customer: textOf(m["customer"]), Name: textOf(m["name"]), Email: textOf(m["email"])}
}

// RemoveContact implements erpbridge.Contacts.
func (p contactPort) RemoveContact(ctx context.Context, s erpbridge.Session, key string) error {
	w, now, err := p.lockedContact(ctx, s, key)
	if err != nil {
		return err
	}
	k := w.h.contacts
	with := w.vars(vars{"contact": now})
	switch {
	case len(k.gone) > 0:
		set, err := w.settings(ctx, k.gone, with)
		if err != nil {
			return err
		}
		_, err = w.update(ctx, k.table, set, []cond{k.key.is(key)})
		return err
	case k.def.InCustomer:
		names := slices.DeleteFunc(k.fillable(sorted(contactPart)), func(name string) bool { return name == "customer" })
		for _, name := range names {
			now[name] = nil
		}
		return w.change(ctx, changing{k.entity, "the contact", names, nil}, now, vars{"contact": now})
	}
	if err := w.reversed(ctx, k.after, with, nil); err != nil {
		return err
	}
	if _, err := w.remove(ctx, k.table, []cond{k.key.is(key)}); err != nil {
		return err
	}
	return w.reversed(ctx, k.before, with, nil)
}
