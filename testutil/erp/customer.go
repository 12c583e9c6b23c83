package erp

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

type customers struct{ e *ERP }

const customerColumns = `code, person, name, given, family, tax_id, eu_vat_id, email, phone, website, line1, line2, postal_code, city, region, country,
	currency, price_list, payment_days, language, blocked`

// scanCustomer reads customerColumns, after what stands before them.
func scanCustomer(r *sql.Rows, before ...any) (erpbridge.Customer, error) {
	var c erpbridge.Customer
	a := &c.Address
	err := r.Scan(append(before, &c.Code, &c.Person, &c.Name, &c.Given, &c.Family, &c.TaxID, &c.EUVatID, &c.Email, &c.Phone, &c.Website,
		&a.Line1, &a.Line2, &a.PostalCode, &a.City, &a.Region, &a.Country, &c.Currency, &c.PriceList, &c.PaymentDays, &c.Language, &c.Blocked)...)
	c.Key = c.Code
	return c, err
}

// customers reads the company's customers; tail follows WHERE company = ?.
func (w work) customers(ctx context.Context, tail string, args ...any) ([]erpbridge.Customer, error) {
	var list []erpbridge.Customer
	err := w.rows(ctx, func(r *sql.Rows) error {
		c, err := scanCustomer(r)
		list = append(list, c)
		return err
	}, "SELECT "+customerColumns+" FROM erp_customer WHERE company = ? "+tail, append([]any{w.Company}, args...)...)
	return list, err
}

func (w work) customer(ctx context.Context, key string) (erpbridge.Customer, error) {
	list, err := w.customers(ctx, "AND code = ?", key)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "there is no customer %q", key)
	}
	if err != nil {
		return erpbridge.Customer{}, err
	}
	return list[0], nil
}

// Customer implements erpbridge.Customers.
func (p customers) Customer(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Customer, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	return w.customer(ctx, key)
}

var customerSeries = series{name: "customer"}

// Create implements erpbridge.Customers. A name is enough to open a customer's account, as long as
// nothing that is given is wrong; what invoices need besides is asked for when one is written.
func (p customers) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	if err := w.lock(ctx, customerSeries); err != nil {
		return erpbridge.Customer{}, err
	}
	if w.Token != "" {
		list, err := w.customers(ctx, "AND token = ?", w.Token)
		if err != nil {
			return erpbridge.Customer{}, err
		}
		if len(list) > 0 {
			return list[0], nil
		}
	}
	if err := w.completeCustomer(ctx, &draft); err != nil {
		return erpbridge.Customer{}, err
	}
	faults, err := w.checkCustomer(ctx, draft)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	if err := faults.Err("the customer cannot be created"); err != nil {
		return erpbridge.Customer{}, err
	}
	n, err := w.take(ctx, customerSeries)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	draft.Code = fmt.Sprintf("C%06d", n)
	draft.Key = draft.Code
	return draft, w.insertCustomer(ctx, draft)
}

func (w work) insertCustomer(ctx context.Context, c erpbridge.Customer) error {
	k, a := keysOf(c), c.Address
	return w.exec(ctx, `INSERT INTO erp_customer (company, token, email_key, phone_key, tax_key, name_key, sort_key, created_by, created_at, `+customerColumns+`)
		VALUES (`+marks(30)+`)`, w.Company, w.tokenOr(c.Code), k.email, k.phone, k.tax, k.name, k.sort, w.UserID, w.localNow(),
		c.Code, c.Person, c.Name, c.Given, c.Family, c.TaxID, c.EUVatID, c.Email, c.Phone, c.Website,
		a.Line1, a.Line2, a.PostalCode, a.City, a.Region, a.Country, c.Currency, c.PriceList, c.PaymentDays, string(c.Language), c.Blocked)
}

// completeCustomer puts the company's defaults into what the draft leaves open.
func (w work) completeCustomer(ctx context.Context, c *erpbridge.Customer) error {
	var currency, language string
	var days int
	found, err := w.row(ctx, []any{&currency, &language, &days}, "SELECT currency, language, payment_days FROM erp_company WHERE code = ?", w.Company)
	if err != nil {
		return err
	}
	if !found {
		return fault.New(fault.NotFound, "there is no company %q", w.Company)
	}
	if c.Currency == "" {
		c.Currency = currency
	}
	if c.Language == "" {
		c.Language = locale.Language(language)
	}
	if c.PaymentDays == 0 {
		c.PaymentDays = days
	}
	return nil
}

// keys are the forms by which a customer is found again; an empty one finds nothing.
type keys struct {
	email, phone, tax, name string
	sort                    []byte
}

func keysOf(c erpbridge.Customer) keys {
	k := keys{name: party.NameKey(c.Name), sort: c.Language.SortKey(c.Name)}
	k.email, _ = party.NormalizeEmail(c.Email)
	k.phone, _ = party.NormalizePhone(c.Phone, c.Address.Country)
	for _, text := range []string{c.TaxID, c.EUVatID} {
		if id, err := party.NormalizeTaxID(text, c.Address.Country); err == nil {
			k.tax = id.Key
			break
		}
	}
	return k
}

// Check implements erpbridge.CustomerCheck.
func (p customers) Check(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) ([]fault.Fault, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	if err := w.completeCustomer(ctx, &draft); err != nil {
		return nil, err
	}
	faults, err := w.checkCustomer(ctx, draft)
	if err != nil {
		return nil, err
	}
	faults.Merge("", missingForInvoice(draft))
	return faults, nil
}

// missingForInvoice names what an invoice has to say about its addressee (Directive 2006/112/EC,
// article 226) and the customer lacks. The name is asked for by every check.
func missingForInvoice(c erpbridge.Customer) fault.List {
	var faults fault.List
	faults.Required("address.country", c.Address.Country)
	faults.Required("address.postal_code", c.Address.PostalCode)
	faults.Required("address.city", c.Address.City)
	faults.Required("address.line1", c.Address.Line1)
	if !c.Person && c.TaxID == "" && c.EUVatID == "" {
		faults.Add("tax_id", "required", "is missing; an invoice to a company needs it")
	}
	return faults
}

// checkCustomer names everything that is wrong in a draft.
func (w work) checkCustomer(ctx context.Context, c erpbridge.Customer) (fault.List, error) {
	var faults fault.List
	faults.Required("name", c.Name)
	texts(&faults, map[string]bounded{
		"name": {c.Name, 200}, "given": {c.Given, 80}, "family": {c.Family, 120}, "tax_id": {c.TaxID, 40}, "eu_vat_id": {c.EUVatID, 40},
		"phone": {c.Phone, 40}, "website": {c.Website, 200}, "address.line1": {c.Address.Line1, 120}, "address.line2": {c.Address.Line2, 120},
		"address.postal_code": {c.Address.PostalCode, 20}, "address.city": {c.Address.City, 80}, "address.region": {c.Address.Region, 80},
	})
	checkKeys(&faults, c)
	if c.Address.Country != "" && party.CountryOf(c.Address.Country) != c.Address.Country {
		faults.Add("address.country", "country.code", "%q is not a country; write its code of two letters, as HU", c.Address.Country)
	}
	checkCurrency(&faults, c.Currency)
	if c.PaymentDays < 0 || c.PaymentDays > 365 {
		faults.Add("payment_days", "range", "%d days is no term of payment; it can be 0 to 365", c.PaymentDays)
	}
	if l, ok := locale.ParseLanguage(string(c.Language)); !ok || l != c.Language {
		faults.Add("language", "language.unknown", "%q is not a language of this ERP; it has %v", c.Language, locale.Languages)
	}
	if c.PriceList != "" {
		known, err := w.exists(ctx, "erp_price_list", c.PriceList)
		if err != nil {
			return nil, err
		}
		if !known {
			faults.Add("price_list", "price_list.unknown", "there is no price list %q", c.PriceList)
		}
	}
	return faults, nil
}

// checkKeys verifies what can be verified: e-mail and tax ids. Phones are kept as they came.
func checkKeys(faults *fault.List, c erpbridge.Customer) {
	if c.Email != "" {
		if _, err := party.NormalizeEmail(c.Email); err != nil {
			faults.Merge("", fault.Of(err))
		}
	}
	if c.TaxID != "" {
		if _, err := party.NormalizeTaxID(c.TaxID, c.Address.Country); err != nil {
			faults.Merge("", fault.Of(err))
		}
	}
	if c.EUVatID != "" {
		_, err := party.NormalizeTaxID(c.EUVatID, c.Address.Country)
		var e *fault.Error
		if errors.As(err, &e) {
			for _, f := range e.Faults {
				faults.Add("eu_vat_id", f.Code, "%s", f.Message)
			}
		}
	}
}

// exists reports whether a table of the company has a row of that code.
func (w work) exists(ctx context.Context, table, code string) (bool, error) {
	var got string
	return w.row(ctx, []any{&got}, "SELECT code FROM "+table+" WHERE company = ? AND code = ?", w.Company, code)
}
