package prochost

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

type contactPort struct{ h *host }

func (r *record) contact() (erpbridge.Contact, error) {
	return erpbridge.Contact{
		Key: r.text("key"), Customer: r.text("customer"), Name: r.text("name"), Given: r.text("given"), Family: r.text("family"), JobTitle: r.text("job_title"),
		Email: r.text("email"), Phone: r.text("phone"), Mobile: r.text("mobile"), Language: r.language("language"),
	}, r.err
}

// contactsIn reads contacts; what does not fit a parameter is found nowhere.
func (w *work) contactsIn(ctx context.Context, r *read) (list []erpbridge.Contact, err error) {
	records, err := w.records(ctx, r, rowsOf{})
	if err != nil {
		return nil, unlessMisfit(err)
	}
	for _, r := range records {
		c, err := r.contact()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// ContactsOf implements erpbridge.Contacts.
func (p contactPort) ContactsOf(ctx context.Context, s erpbridge.Session, customer string) ([]erpbridge.Contact, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	return w.with(map[string]any{"key": customer}).contactsIn(ctx, p.h.contacts.list)
}

func (w *work) contact(ctx context.Context, key string) (erpbridge.Contact, error) {
	list, err := w.with(map[string]any{"key": key}).contactsIn(ctx, w.contacts.read)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "there is no contact person %q", key)
	}
	if err != nil {
		return erpbridge.Contact{}, err
	}
	return list[0], nil
}

// contactMade gives the contact that was made under the token. One conversion may make several; name and
// e-mail tell them apart.
func (w *work) contactMade(ctx context.Context, draft erpbridge.Contact) (c erpbridge.Contact, found bool, err error) {
	if w.Token == "" {
		return c, false, nil
	}
	list, err := w.contactsIn(ctx, w.contacts.find)
	for _, c := range list {
		if c.Customer == draft.Customer && c.Name == draft.Name && c.Email == draft.Email {
			return c, true, nil
		}
	}
	return c, false, err
}

func contactPath(field string, _ int) string { return field }

// CreateContact implements erpbridge.Contacts.
func (p contactPort) CreateContact(ctx context.Context, s erpbridge.Session, draft erpbridge.Contact) (erpbridge.Contact, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Contact{}, err
	}
	w = w.with(map[string]any{"contact": contactVars(draft)})
	if c, found, err := w.contactMade(ctx, draft); err != nil || found {
		return c, err
	}
	var faults fault.List
	faults.Required("name", draft.Name)
	faults.Required("customer", draft.Customer)
	b, err := w.batch(ctx, p.h.contacts.create.call, rowsOf{path: contactPath})
	if err != nil {
		return erpbridge.Contact{}, err
	}
	faults = append(faults, b.faults...)
	if err := w.found(ctx, p.h.contacts.check, &faults); err != nil {
		return erpbridge.Contact{}, err
	}
	if err := distinct(faults).Err("the contact person cannot be created"); err != nil {
		return erpbridge.Contact{}, err
	}
	key, err := w.make(ctx, p.h.contacts.create, rowsOf{path: contactPath})
	if err != nil {
		return erpbridge.Contact{}, err
	}
	if key != "" {
		return w.contact(ctx, key)
	}
	c, found, err := w.contactMade(ctx, draft)
	if err == nil && !found {
		err = notResolved(p.h.contacts.create, p.h.contacts.find)
	}
	return c, err
}

// FillEmptyContact implements erpbridge.Contacts.
func (p contactPort) FillEmptyContact(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Contact) ([]erpbridge.FilledField, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	c, err := w.contact(ctx, key)
	if err != nil {
		return nil, err
	}
	vars, filled := fill(contactVars(c), contactVars(draft), p.h.contacts.fillable)
	if len(filled) == 0 {
		return nil, nil
	}
	merged := contactVars(c)
	for name, v := range vars {
		merged[name] = v
	}
	_, err = w.with(map[string]any{"key": key, "contact": merged, "fill": vars}).call(ctx, p.h.contacts.fill, rowsOf{path: contactPath})
	return filled, err
}

// RemoveContact implements erpbridge.Contacts.
func (p contactPort) RemoveContact(ctx context.Context, s erpbridge.Session, key string) error {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return err
	}
	if _, err := w.contact(ctx, key); err != nil {
		return err
	}
	_, err = w.with(map[string]any{"key": key}).call(ctx, p.h.contacts.remove, rowsOf{})
	return err
}
