package erp

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

type contacts struct{ e *ERP }

const contactColumns = "code, customer, name, given, family, job_title, email, phone, mobile, language"

func (w work) contacts(ctx context.Context, tail string, args ...any) ([]erpbridge.Contact, error) {
	var list []erpbridge.Contact
	err := w.rows(ctx, func(r *sql.Rows) error {
		var c erpbridge.Contact
		err := r.Scan(&c.Key, &c.Customer, &c.Name, &c.Given, &c.Family, &c.JobTitle, &c.Email, &c.Phone, &c.Mobile, &c.Language)
		list = append(list, c)
		return err
	}, "SELECT "+contactColumns+" FROM erp_contact WHERE company = ? "+tail+" ORDER BY code", append([]any{w.Company}, args...)...)
	return list, err
}

// ContactsOf implements erpbridge.Contacts, in the order in which they were written.
func (p contacts) ContactsOf(ctx context.Context, s erpbridge.Session, customer string) ([]erpbridge.Contact, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	if _, err := w.customer(ctx, customer); err != nil {
		return nil, err
	}
	return w.contacts(ctx, "AND customer = ?", customer)
}

var contactSeries = series{name: "contact"}

// CreateContact implements erpbridge.Contacts. One conversion may write several contacts under its
// one token: they are told apart by name and e-mail.
func (p contacts) CreateContact(ctx context.Context, s erpbridge.Session, draft erpbridge.Contact) (erpbridge.Contact, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Contact{}, err
	}
	if err := w.lock(ctx, contactSeries); err != nil {
		return erpbridge.Contact{}, err
	}
	if w.Token != "" {
		had, err := w.contacts(ctx, "AND customer = ? AND token = ?", draft.Customer, w.Token)
		if err != nil {
			return erpbridge.Contact{}, err
		}
		for _, c := range had {
			if c.Name == draft.Name && c.Email == draft.Email {
				return c, nil
			}
		}
	}
	faults := checkContact(draft)
	customer, err := w.customer(ctx, draft.Customer)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		faults.Add("customer", "customer.unknown", "there is no customer %q", draft.Customer)
	case err != nil:
		return erpbridge.Contact{}, err
	}
	if err := faults.Err("the contact cannot be created"); err != nil {
		return erpbridge.Contact{}, err
	}
	if draft.Language == "" {
		draft.Language = customer.Language
	}
	n, err := w.take(ctx, contactSeries)
	if err != nil {
		return erpbridge.Contact{}, err
	}
	draft.Key = fmt.Sprintf("K%06d", n)
	return draft, w.exec(ctx, "INSERT INTO erp_contact (company, token, created_by, created_at, "+contactColumns+") VALUES ("+marks(14)+")",
		w.Company, w.Token, w.UserID, w.localNow(), draft.Key, draft.Customer, draft.Name, draft.Given, draft.Family, draft.JobTitle,
		draft.Email, draft.Phone, draft.Mobile, string(draft.Language))
}

func checkContact(c erpbridge.Contact) fault.List {
	var faults fault.List
	faults.Required("name", c.Name)
	texts(&faults, map[string]bounded{
		"name": {c.Name, 200}, "given": {c.Given, 80}, "family": {c.Family, 120}, "job_title": {c.JobTitle, 120}, "phone": {c.Phone, 40}, "mobile": {c.Mobile, 40},
	})
	if c.Email != "" {
		if _, err := party.NormalizeEmail(c.Email); err != nil {
			faults.Merge("", fault.Of(err))
		}
	}
	return faults
}

func contactFields(c *erpbridge.Contact) []field {
	return []field{
		{"given", &c.Given},
		{"family", &c.Family},
		{"job_title", &c.JobTitle},
		{"email", &c.Email},
		{"phone", &c.Phone},
		{"mobile", &c.Mobile},
	}
}

// FillEmptyContact implements erpbridge.Contacts.
func (p contacts) FillEmptyContact(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Contact) ([]erpbridge.FilledField, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	c, err := w.lockContact(ctx, key)
	if err != nil {
		return nil, err
	}
	filled := fill(contactFields(&c), contactFields(&draft))
	if len(filled) == 0 {
		return nil, nil
	}
	if err := about(checkContact(c), filled).Err("the contact %s cannot be completed", key); err != nil {
		return nil, err
	}
	return filled, w.updateContact(ctx, c)
}

func (w work) updateContact(ctx context.Context, c erpbridge.Contact) error {
	return w.exec(ctx, "UPDATE erp_contact SET given = ?, family = ?, job_title = ?, email = ?, phone = ?, mobile = ? WHERE company = ? AND code = ?",
		c.Given, c.Family, c.JobTitle, c.Email, c.Phone, c.Mobile, w.Company, c.Key)
}

func (w work) lockContact(ctx context.Context, key string) (erpbridge.Contact, error) {
	if err := w.exec(ctx, "UPDATE erp_contact SET code = code WHERE company = ? AND code = ?", w.Company, key); err != nil {
		return erpbridge.Contact{}, err
	}
	list, err := w.contacts(ctx, "AND code = ?", key)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "there is no contact %q", key)
	}
	if err != nil {
		return erpbridge.Contact{}, err
	}
	return list[0], nil
}

// RemoveContact implements erpbridge.Contacts.
func (p contacts) RemoveContact(ctx context.Context, s erpbridge.Session, key string) error {
	w, err := p.e.work(s)
	if err != nil {
		return err
	}
	if _, err := w.lockContact(ctx, key); err != nil {
		return err
	}
	return w.exec(ctx, "DELETE FROM erp_contact WHERE company = ? AND code = ?", w.Company, key)
}
