package apihost

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

type contacts struct{ *host }

// key joins what tells a contact apart: hosts number contacts within their customer.
func contactKey(customer, key string) string { return customer + "|" + key }

func contactAt(key string) contact {
	owner, own, _ := strings.Cut(key, "|")
	return contact{Customer: owner, Key: own}
}

// ContactsOf lists the contacts of a customer.
func (c contacts) ContactsOf(ctx context.Context, s erpbridge.Session, customerKey string) ([]erpbridge.Contact, error) {
	raw, err := c.raw(ctx, s, customerKey)
	if err != nil {
		return nil, say(err, "reading the contacts of customer %s", customerKey)
	}
	out, err := many(ctx, c.program.contacts.read, contactColumns, c.scope(s), raw)
	for i := range out {
		out[i].Customer, out[i].Key = customerKey, contactKey(customerKey, out[i].Key)
	}
	return out, say(err, "reading the contacts of customer %s", customerKey)
}

// raw gives the host's records.
func (c contacts) raw(ctx context.Context, s erpbridge.Session, customerKey string) ([]any, error) {
	p := c.program.contacts
	a, err := c.client.send(ctx, s, p.list, c.scope(s).with("customer", values(customerColumns, customer{Key: customerKey})))
	return p.items.list(a.body), err
}

// CreateContact makes a contact, or gives the one that the token and the draft made before: one token
// makes several contacts.
func (c contacts) CreateContact(ctx context.Context, s erpbridge.Session, draft erpbridge.Contact) (erpbridge.Contact, error) {
	const doing = "making a contact"
	sum := sha256.Sum256([]byte(strings.Join([]string{s.Token, draft.Customer, draft.Name, draft.Email, draft.Phone, draft.Mobile}, "\x00")))
	s.Token = base32.HexEncoding.EncodeToString(sum[:15])
	defer c.hold(s, "contact")()
	f := c.spec.Contacts.Fields
	if faults := fieldFaults(contactColumns, f.Required, f.Lengths, &draft); len(faults) > 0 {
		return contact{}, fault.List(faults).Err("the contact cannot be made at %s", c.spec.Name)
	}
	made, err := c.made(ctx, s, draft.Customer)
	if err != nil || made.Key != "" {
		return made, say(err, doing)
	}
	if s.Attempt > 0 && c.spec.Contacts.Token == "" && !repeatable(c.program.contacts.create) {
		return contact{}, fault.New(fault.Unknown, "%s was asked before and keeps no token of contacts; look there by hand", c.spec.Name)
	}
	r := &run{host: c.host, s: s, vars: c.scope(s).with("contact", values(contactColumns, draft))}
	err = r.all(ctx, c.program.contacts.create)
	if err == nil {
		if made, err = c.made(ctx, s, draft.Customer); err == nil && made.Key == "" {
			err = &failure{means: unknown, message: c.spec.Name + " took the contact and does not list it"}
		}
	}
	return made, say(r.settled(err), doing)
}

// made finds the contact of the token among those of its customer.
func (c contacts) made(ctx context.Context, s erpbridge.Session, customerKey string) (contact, error) {
	list, err := c.raw(ctx, s, customerKey)
	if err != nil {
		return contact{}, err
	}
	for _, item := range list {
		if c.spec.Contacts.Token != "" && plain(c.program.contacts.token.get(item)) == c.token(s.Token) {
			out, err := read(ctx, c.program.contacts.read, contactColumns, c.scope(s).with("answer", item))
			out.Customer, out.Key = customerKey, contactKey(customerKey, out.Key)
			return out, err
		}
	}
	return contact{}, nil
}

// FillEmptyContact writes the fields of the draft that are empty at the host.
func (c contacts) FillEmptyContact(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Contact) ([]erpbridge.FilledField, error) {
	p := c.program.contacts
	if p.update == nil {
		return nil, nil
	}
	place := contactAt(key)
	draft.Customer, draft.Key = place.Customer, place.Key
	out, err := c.fill(ctx, s, func() (any, map[string]any, error) {
		list, err := c.raw(ctx, s, place.Customer)
		if err != nil {
			return nil, nil, err
		}
		for _, item := range list {
			has, err := read(ctx, p.read, contactColumns, c.scope(s).with("answer", item))
			if err != nil || has.Key == place.Key {
				return item, values(contactColumns, has), err
			}
		}
		return nil, nil, &failure{means: missing, message: "contact " + key}
	}, filling{what: "contact", update: p.update, write: p.write, draft: values(contactColumns, draft)})
	return out, say(err, "filling contact %s", key)
}

// RemoveContact takes a contact back.
func (c contacts) RemoveContact(ctx context.Context, s erpbridge.Session, key string) error {
	p := c.program.contacts
	if len(p.remove) == 0 {
		return fault.New(fault.Invalid, "%s removes no contacts by its API", c.spec.Name)
	}
	r := &run{host: c.host, s: s, vars: c.scope(s).with("contact", values(contactColumns, contactAt(key)))}
	return say(r.settled(r.all(ctx, p.remove)), "removing contact %s", key)
}
