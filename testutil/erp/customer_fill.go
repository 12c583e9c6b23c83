package erp

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// field is one text of a record that FillEmpty may fill, under the name that faults use.
type field struct {
	name string
	to   *string
}

func customerFields(c *erpbridge.Customer) []field {
	return []field{
		{"given", &c.Given},
		{"family", &c.Family},
		{"tax_id", &c.TaxID},
		{"eu_vat_id", &c.EUVatID},
		{"email", &c.Email},
		{"phone", &c.Phone},
		{"website", &c.Website},
		{"address.line1", &c.Address.Line1},
		{"address.line2", &c.Address.Line2},
		{"address.postal_code", &c.Address.PostalCode},
		{"address.city", &c.Address.City},
		{"address.region", &c.Address.Region},
		{"address.country", &c.Address.Country},
		{"price_list", &c.PriceList},
	}
}

// fill copies the fields that are empty in to and given in from.
func fill(to, from []field) []erpbridge.FilledField {
	var filled []erpbridge.FilledField
	for i, f := range to {
		if v := *from[i].to; strings.TrimSpace(*f.to) == "" && strings.TrimSpace(v) != "" {
			filled = append(filled, erpbridge.FilledField{Field: f.name, From: *f.to, To: v})
			*f.to = v
		}
	}
	return filled
}

// FillEmpty implements erpbridge.Customers. Asked again it finds nothing empty and fills nothing.
func (p customers) FillEmpty(ctx context.Context, s erpbridge.Session, key string, draft erpbridge.Customer) ([]erpbridge.FilledField, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	c, err := w.lockCustomer(ctx, key)
	if err != nil {
		return nil, err
	}
	filled := fill(customerFields(&c), customerFields(&draft))
	if len(filled) == 0 {
		return nil, nil
	}
	faults, err := w.checkCustomer(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := about(faults, filled).Err("the customer %s cannot be completed", key); err != nil {
		return nil, err
	}
	return filled, w.updateCustomer(ctx, c)
}

// about keeps the faults of fields that were filled: what was wrong before is not the draft's fault.
func about(faults fault.List, filled []erpbridge.FilledField) fault.List {
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

func (w work) lockCustomer(ctx context.Context, key string) (erpbridge.Customer, error) {
	if err := w.exec(ctx, "UPDATE erp_customer SET code = code WHERE company = ? AND code = ?", w.Company, key); err != nil {
		return erpbridge.Customer{}, err
	}
	return w.customer(ctx, key)
}

func (w work) updateCustomer(ctx context.Context, c erpbridge.Customer) error {
	k, a := keysOf(c), c.Address
	return w.exec(ctx, `UPDATE erp_customer SET given = ?, family = ?, tax_id = ?, eu_vat_id = ?, email = ?, phone = ?, website = ?,
		line1 = ?, line2 = ?, postal_code = ?, city = ?, region = ?, country = ?, price_list = ?, blocked = ?,
		email_key = ?, phone_key = ?, tax_key = ? WHERE company = ? AND code = ?`,
		c.Given, c.Family, c.TaxID, c.EUVatID, c.Email, c.Phone, c.Website, a.Line1, a.Line2, a.PostalCode, a.City, a.Region, a.Country, c.PriceList, c.Blocked,
		k.email, k.phone, k.tax, w.Company, c.Code)
}

// Restore implements erpbridge.CustomerRemoval. A field that somebody changed since keeps what it has.
func (p customers) Restore(ctx context.Context, s erpbridge.Session, key string, filled []erpbridge.FilledField) error {
	w, err := p.e.work(s)
	if err != nil {
		return err
	}
	c, err := w.lockCustomer(ctx, key)
	if err != nil {
		return err
	}
	restore(customerFields(&c), filled)
	return w.updateCustomer(ctx, c)
}

func restore(fields []field, filled []erpbridge.FilledField) {
	for _, was := range filled {
		for _, f := range fields {
			if f.name == was.Field && *f.to == was.To {
				*f.to = was.From
			}
		}
	}
}

// Remove implements erpbridge.CustomerRemoval: it deletes a customer that has no documents, with its
// contacts.
func (p customers) Remove(ctx context.Context, s erpbridge.Session, key string) error {
	w, err := p.e.work(s)
	if err != nil {
		return err
	}
	if _, err := w.lockCustomer(ctx, key); err != nil {
		return err
	}
	var faults fault.List
	for _, f := range families {
		var n int
		if _, err := w.row(ctx, []any{&n}, "SELECT COUNT(*) FROM "+f.table+" WHERE company = ?"+f.where+" AND customer = ?", w.Company, key); err != nil {
			return err
		}
		if n > 0 {
			faults.Add("", "customer.documents", "it has %d documents of the kind %s; cancelled ones count too", n, f.kind)
		}
	}
	if err := faults.Err("the customer %s cannot be removed; block it instead", key); err != nil {
		return err
	}
	if err := w.exec(ctx, "DELETE FROM erp_contact WHERE company = ? AND customer = ?", w.Company, key); err != nil {
		return err
	}
	return w.exec(ctx, "DELETE FROM erp_customer WHERE company = ? AND code = ?", w.Company, key)
}

// BlockCustomer stops a customer from getting new documents; UnblockCustomer opens the account again.
func (e *ERP) BlockCustomer(ctx context.Context, s erpbridge.Session, key string) error {
	return e.setBlocked(ctx, s, key, func(c *erpbridge.Customer) { c.Blocked = true })
}

// UnblockCustomer takes a block back.
func (e *ERP) UnblockCustomer(ctx context.Context, s erpbridge.Session, key string) error {
	return e.setBlocked(ctx, s, key, func(c *erpbridge.Customer) { c.Blocked = false })
}

func (e *ERP) setBlocked(ctx context.Context, s erpbridge.Session, key string, set func(*erpbridge.Customer)) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	c, err := w.lockCustomer(ctx, key)
	if err != nil {
		return err
	}
	set(&c)
	return w.updateCustomer(ctx, c)
}
