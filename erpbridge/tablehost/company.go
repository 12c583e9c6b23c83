package tablehost

import (
	"context"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
)

type companies struct{ h *host }

// Company implements erpbridge.Companies.
func (p companies) Company(ctx context.Context, s erpbridge.Session) (erpbridge.Company, error) {
	w, err := p.h.work(s)
	if err != nil {
		return erpbridge.Company{}, err
	}
	c, _, err := w.companyRow(ctx, w.h.company)
	return c, err
}

// companyRow reads the session's company. The row is of nothing where the mapping has no companies.
func (w work) companyRow(ctx context.Context, e *entity) (erpbridge.Company, record, error) {
	none := fault.New(fault.NotFound, "there is no company %q", w.Company)
	if e == nil || !w.ours() {
		return erpbridge.Company{}, record{}, none
	}
	q := question{of: e}
	if e.key != nil {
		q.where = []cond{e.key.is(w.Company)}
	}
	r, found, err := w.one(ctx, q)
	if err != nil {
		return erpbridge.Company{}, record{}, err
	}
	if !found {
		return erpbridge.Company{}, record{}, none
	}
	c := erpbridge.Company{
		Key: w.Company, Name: r.text("name"), TaxID: r.text("tax_id"), EUVatID: r.text("eu_vat_id"), Address: addressOf(r), Phone: r.text("phone"),
		Email: r.text("email"), Website: r.text("website"), BankAccount: r.text("bank_account"), IBAN: r.text("iban"), Locale: w.h.locale,
	}
	if c.Name == "" {
		c.Name = w.h.mapping.Name
	}
	c.Logo, _ = r.value("logo").([]byte)
	if text := r.text("language"); text != "" {
		c.Locale.Language, _ = locale.ParseLanguage(text)
	}
	if text := r.text("currency"); text != "" {
		c.Locale.Currency = text
	}
	if text := r.text("zone"); text != "" {
		if c.Locale.Zone, err = w.h.zone(text); err != nil {
			return erpbridge.Company{}, record{}, fault.Wrap(err, fault.Invalid, "companies.fields.zone: %q of company %s is no time zone; write it as Europe/Budapest", text, w.Company)
		}
	}
	return c, r, nil
}

// zone gives a time zone by its name, which is read from a file only once.
func (h *host) zone(name string) (*time.Location, error) {
	if zone, known := h.zones.Load(name); known {
		return zone.(*time.Location), nil //nolint:forcetypeassert // nothing else is kept there
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		h.zones.Store(name, zone)
	}
	return zone, err
}

func addressOf(r record) erpbridge.Address {
	return erpbridge.Address{
		Line1: r.text("line1"), Line2: r.text("line2"), PostalCode: r.text("postal_code"), City: r.text("city"), Region: r.text("region"), Country: r.text("country"),
	}
}

type users struct{ h *host }

// User implements erpbridge.Users.
func (p users) User(ctx context.Context, s erpbridge.Session, id string) (erpbridge.User, error) {
	w, err := p.h.work(s)
	if err != nil {
		return erpbridge.User{}, err
	}
	r, found, err := w.one(ctx, question{of: w.h.users, where: []cond{w.h.users.key.is(id)}})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "company %s has no user %q", w.Company, id)
	}
	if err != nil {
		return erpbridge.User{}, err
	}
	return userOf(r), nil
}

// ListUsers implements erpbridge.Users, in the order of their keys.
func (p users) ListUsers(ctx context.Context, s erpbridge.Session) ([]erpbridge.User, error) {
	w, err := p.h.work(s)
	if err != nil {
		return nil, err
	}
	rows, err := w.read(ctx, question{of: w.h.users, order: []order{{column: w.h.users.key.column}}})
	list := make([]erpbridge.User, len(rows))
	for i, r := range rows {
		list[i] = userOf(r)
	}
	return list, err
}

func userOf(r record) erpbridge.User {
	return erpbridge.User{
		ID: r.key, Name: r.text("name"), Email: r.text("email"), Phone: r.text("phone"), JobTitle: r.text("job_title"),
		Teams: strings.Fields(r.text("teams")), Manager: r.text("manager"), Absent: r.flag("absent"),
	}
}
