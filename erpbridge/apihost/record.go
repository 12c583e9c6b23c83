package apihost

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// column is one field of a record T: how descriptions call it, where faults stand, what it holds.
type column[T any] struct {
	name string
	// path is that of faults: "address.line1".
	path string
	kind formula.Kind
	doc  string
	// at gives the place of the field: *string, *bool, *int, *civil.Date, *money.Amount, *money.Quantity,
	// *money.Percent, *locale.Language, or a pointer to one of the latter.
	at func(*T) any
}

func col[T any](name string, kind formula.Kind, doc string, at func(*T) any) column[T] {
	return column[T]{name: name, path: name, kind: kind, doc: doc, at: at}
}

func (c column[T]) in(prefix string) column[T] {
	c.path = prefix + "." + c.path
	return c
}

type (
	customer = erpbridge.Customer
	contact  = erpbridge.Contact
	product  = erpbridge.Product
	document = erpbridge.Document
	line     = erpbridge.DocumentLine
)

var customerColumns = []column[customer]{
	col("key", formula.Text, "the host's key", func(c *customer) any { return &c.Key }),
	col("code", formula.Text, "what people call the customer by", func(c *customer) any { return &c.Code }),
	col("person", formula.Bool, "whether a natural person", func(c *customer) any { return &c.Person }),
	col("name", formula.Text, "the whole name", func(c *customer) any { return &c.Name }),
	col("given", formula.Text, "given name of a person", func(c *customer) any { return &c.Given }),
	col("family", formula.Text, "family name of a person", func(c *customer) any { return &c.Family }),
	col("tax_id", formula.Text, "national tax number", func(c *customer) any { return &c.TaxID }),
	col("eu_vat_id", formula.Text, "VAT number in the EU", func(c *customer) any { return &c.EUVatID }),
	col("email", formula.Text, "e-mail address", func(c *customer) any { return &c.Email }),
	col("phone", formula.Text, "phone number, E.164", func(c *customer) any { return &c.Phone }),
	col("website", formula.Text, "website", func(c *customer) any { return &c.Website }),
	col("line1", formula.Text, "street and number", func(c *customer) any { return &c.Address.Line1 }).in("address"),
	col("line2", formula.Text, "second line of the address", func(c *customer) any { return &c.Address.Line2 }).in("address"),
	col("postal_code", formula.Text, "postal code", func(c *customer) any { return &c.Address.PostalCode }).in("address"),
	col("city", formula.Text, "city", func(c *customer) any { return &c.Address.City }).in("address"),
	col("region", formula.Text, "region or state", func(c *customer) any { return &c.Address.Region }).in("address"),
	col("country", formula.Text, "country, ISO 3166-1 alpha-2", func(c *customer) any { return &c.Address.Country }).in("address"),
	col("currency", formula.Text, "currency, ISO 4217", func(c *customer) any { return &c.Currency }),
	col("price_list", formula.Text, "key of the price list", func(c *customer) any { return &c.PriceList }),
	col("payment_days", formula.Whole, "usual term of payment in days", func(c *customer) any { return &c.PaymentDays }),
	col("language", formula.Text, "hu, en, he, ru or el", func(c *customer) any { return &c.Language }),
	col("blocked", formula.Bool, "whether no document may be made", func(c *customer) any { return &c.Blocked }),
}

var contactColumns = []column[contact]{
	col("key", formula.Text, "the host's key", func(c *contact) any { return &c.Key }),
	col("customer", formula.Text, "key of the customer", func(c *contact) any { return &c.Customer }),
	col("name", formula.Text, "the whole name", func(c *contact) any { return &c.Name }),
	col("given", formula.Text, "given name", func(c *contact) any { return &c.Given }),
	col("family", formula.Text, "family name", func(c *contact) any { return &c.Family }),
	col("job_title", formula.Text, "job title", func(c *contact) any { return &c.JobTitle }),
	col("email", formula.Text, "e-mail address", func(c *contact) any { return &c.Email }),
	col("phone", formula.Text, "phone number, E.164", func(c *contact) any { return &c.Phone }),
	col("mobile", formula.Text, "mobile number, E.164", func(c *contact) any { return &c.Mobile }),
	col("language", formula.Text, "hu, en, he, ru or el", func(c *contact) any { return &c.Language }),
}

var productColumns = []column[product]{
	col("key", formula.Text, "the host's key", func(p *product) any { return &p.Key }),
	col("code", formula.Text, "what people call the product by", func(p *product) any { return &p.Code }),
	col("name", formula.Text, "name", func(p *product) any { return &p.Name }),
	col("description", formula.Text, "description", func(p *product) any { return &p.Description }),
	col("group", formula.Text, "key of the group", func(p *product) any { return &p.Group }),
	col("unit", formula.Text, "unit of measure", func(p *product) any { return &p.Unit }),
	col("vat_code", formula.Text, "VAT code", func(p *product) any { return &p.VATCode }),
	col("vat_rate", formula.Number, "VAT in percent", func(p *product) any { return &p.VATRate }),
	col("stock", formula.Number, "what is on hand", func(p *product) any { return &p.Stock }),
	col("cost", formula.Number, "cost of one unit", func(p *product) any { return &p.Cost }),
	col("discontinued", formula.Bool, "whether no longer sold", func(p *product) any { return &p.Discontinued }),
}

var groupColumns = []column[erpbridge.ProductGroup]{
	col("key", formula.Text, "key", func(g *erpbridge.ProductGroup) any { return &g.Key }),
	col("name", formula.Text, "name", func(g *erpbridge.ProductGroup) any { return &g.Name }),
}

// vatCode is a VAT code of the host.
type vatCode struct {
	code string
	rate money.Percent
}

var vatColumns = []column[vatCode]{
	col("code", formula.Text, "VAT code", func(v *vatCode) any { return &v.code }),
	col("rate", formula.Number, "VAT in percent", func(v *vatCode) any { return &v.rate }),
}

// listPrice is a price as the host answers it.
type listPrice struct {
	erpbridge.Price
	currency string
}

var priceColumns = []column[listPrice]{
	col("unit", formula.Number, "net price of one unit", func(p *listPrice) any { return &p.Unit }),
	col("discount", formula.Number, "discount in percent", func(p *listPrice) any { return &p.Discount }),
	col("list", formula.Text, "name of the price list", func(p *listPrice) any { return &p.List }),
	col("currency", formula.Text, "currency, ISO 4217", func(p *listPrice) any { return &p.currency }),
}

var userColumns = []column[erpbridge.User]{
	col("id", formula.Text, "key", func(u *erpbridge.User) any { return &u.ID }),
	col("name", formula.Text, "name", func(u *erpbridge.User) any { return &u.Name }),
	col("email", formula.Text, "e-mail address", func(u *erpbridge.User) any { return &u.Email }),
	col("phone", formula.Text, "phone number", func(u *erpbridge.User) any { return &u.Phone }),
	col("job_title", formula.Text, "job title", func(u *erpbridge.User) any { return &u.JobTitle }),
	col("manager", formula.Text, "key of the superior", func(u *erpbridge.User) any { return &u.Manager }),
	col("absent", formula.Bool, "whether away", func(u *erpbridge.User) any { return &u.Absent }),
}

// companyRecord is a company with its locale in texts.
type companyRecord struct {
	erpbridge.Company
	zone, currency string
	language       locale.Language
}

var companyColumns = []column[companyRecord]{
	col("key", formula.Text, "the host's key", func(c *companyRecord) any { return &c.Key }),
	col("name", formula.Text, "name", func(c *companyRecord) any { return &c.Name }),
	col("tax_id", formula.Text, "national tax number", func(c *companyRecord) any { return &c.TaxID }),
	col("eu_vat_id", formula.Text, "VAT number in the EU", func(c *companyRecord) any { return &c.EUVatID }),
	col("line1", formula.Text, "street and number", func(c *companyRecord) any { return &c.Address.Line1 }),
	col("line2", formula.Text, "second line of the address", func(c *companyRecord) any { return &c.Address.Line2 }),
	col("postal_code", formula.Text, "postal code", func(c *companyRecord) any { return &c.Address.PostalCode }),
	col("city", formula.Text, "city", func(c *companyRecord) any { return &c.Address.City }),
	col("region", formula.Text, "region or state", func(c *companyRecord) any { return &c.Address.Region }),
	col("country", formula.Text, "country, ISO 3166-1 alpha-2", func(c *companyRecord) any { return &c.Address.Country }),
	col("phone", formula.Text, "phone number", func(c *companyRecord) any { return &c.Phone }),
	col("email", formula.Text, "e-mail address", func(c *companyRecord) any { return &c.Email }),
	col("website", formula.Text, "website", func(c *companyRecord) any { return &c.Website }),
	col("bank_account", formula.Text, "bank account", func(c *companyRecord) any { return &c.BankAccount }),
	col("iban", formula.Text, "IBAN", func(c *companyRecord) any { return &c.IBAN }),
	col("language", formula.Text, "hu, en, he, ru or el", func(c *companyRecord) any { return &c.language }),
	col("zone", formula.Text, "time zone", func(c *companyRecord) any { return &c.zone }),
	col("currency", formula.Text, "currency, ISO 4217", func(c *companyRecord) any { return &c.currency }),
}

// documentRecord is a document with its references in texts.
type documentRecord struct {
	document
	sourceKind, sourceKey       string
	cancelledKind, cancelledKey string
	state                       string
}

var documentColumns = []column[documentRecord]{
	col("key", formula.Text, "the host's key", func(d *documentRecord) any { return &d.Key }),
	col("number", formula.Text, "the host's number", func(d *documentRecord) any { return &d.Number }),
	col("customer", formula.Text, "key of the customer", func(d *documentRecord) any { return &d.Customer }),
	col("date", formula.Date, "date of the document", func(d *documentRecord) any { return &d.Date }),
	col("due", formula.Date, "date of payment or delivery", func(d *documentRecord) any { return &d.Due }),
	col("currency", formula.Text, "currency, ISO 4217", func(d *documentRecord) any { return &d.Currency }),
	col("reference", formula.Text, "our number of the quote", func(d *documentRecord) any { return &d.Reference }),
	col("note", formula.Text, "note", func(d *documentRecord) any { return &d.Note }),
	col("source_kind", formula.Text, "kind of the document it follows", func(d *documentRecord) any { return &d.sourceKind }),
	col("source_key", formula.Text, "key of the document it follows", func(d *documentRecord) any { return &d.sourceKey }),
	col("net", formula.Number, "net total", func(d *documentRecord) any { return &d.Net }),
	col("vat", formula.Number, "VAT total", func(d *documentRecord) any { return &d.VAT }),
	col("gross", formula.Number, "gross total", func(d *documentRecord) any { return &d.Gross }),
	col("state", formula.Text, "open, partial, completed, posted, paid, cancelled or credited", func(d *documentRecord) any { return &d.state }),
	col("paid", formula.Number, "how much came in", func(d *documentRecord) any { return &d.Paid }),
	col("cancelled_by_kind", formula.Text, "kind of the document that took it back", func(d *documentRecord) any { return &d.cancelledKind }),
	col("cancelled_by_key", formula.Text, "key of the document that took it back", func(d *documentRecord) any { return &d.cancelledKey }),
}

var lineColumns = []column[line]{
	col("key", formula.Text, "the host's key", func(l *line) any { return &l.Key }),
	col("source_line", formula.Text, "key of the line it follows", func(l *line) any { return &l.SourceLine }),
	col("product", formula.Text, "key of the product", func(l *line) any { return &l.Product }),
	col("name", formula.Text, "text of the line", func(l *line) any { return &l.Name }),
	col("quantity", formula.Number, "quantity", func(l *line) any { return &l.Quantity }),
	col("unit", formula.Text, "unit of measure", func(l *line) any { return &l.Unit }),
	col("unit_price", formula.Number, "net price of one unit", func(l *line) any { return &l.UnitPrice }),
	col("discount", formula.Number, "discount in percent", func(l *line) any { return &l.Discount }),
	col("vat_code", formula.Text, "VAT code", func(l *line) any { return &l.VATCode }),
	col("vat_rate", formula.Number, "VAT in percent", func(l *line) any { return &l.VATRate }),
	col("net", formula.Number, "net total of the line", func(l *line) any { return &l.Net }),
	col("delivered", formula.Number, "how much was delivered", func(l *line) any { return &l.Delivered }),
	col("invoiced", formula.Number, "how much was invoiced", func(l *line) any { return &l.Invoiced }),
}

// owed is an open item with who owes it.
type owed = erpbridge.Receivable

var openColumns = []column[owed]{
	col("customer", formula.Text, "key of the customer", func(o *owed) any { return &o.Customer }),
	col("key", formula.Text, "key of the document", func(o *owed) any { return &o.Document.Key }),
	col("number", formula.Text, "number of the document", func(o *owed) any { return &o.Document.Number }),
	col("date", formula.Date, "date", func(o *owed) any { return &o.Date }),
	col("due", formula.Date, "due date", func(o *owed) any { return &o.Due }),
	col("currency", formula.Text, "currency, ISO 4217", func(o *owed) any { return &o.Currency }),
	col("amount", formula.Number, "what was owed at first", func(o *owed) any { return &o.Amount }),
	col("open", formula.Number, "what is left", func(o *owed) any { return &o.Open }),
}

var settledColumns = []column[erpbridge.Settled]{
	col("customer", formula.Text, "key of the customer", func(s *erpbridge.Settled) any { return &s.Customer }),
	col("key", formula.Text, "key of the invoice", func(s *erpbridge.Settled) any { return &s.Document.Key }),
	col("number", formula.Text, "number of the invoice", func(s *erpbridge.Settled) any { return &s.Document.Number }),
	col("due", formula.Date, "due date", func(s *erpbridge.Settled) any { return &s.Due }),
	col("paid", formula.Date, "when the last of it came in", func(s *erpbridge.Settled) any { return &s.Paid }),
}

// values gives a record as formulas see it.
func values[T any](columns []column[T], record T) map[string]any {
	out := make(map[string]any, len(columns))
	for _, c := range columns {
		switch x := c.at(&record).(type) {
		case *string:
			out[c.name] = *x
		case *locale.Language:
			out[c.name] = string(*x)
		case *bool:
			out[c.name] = *x
		case *int:
			out[c.name] = int64(*x)
		case *civil.Date:
			out[c.name] = *x
		case *money.Amount:
			out[c.name] = x.Decimal
		case *money.Quantity:
			out[c.name] = x.Decimal
		case *money.Percent:
			out[c.name] = x.Decimal
		}
	}
	return out
}

// fieldsOf declares the columns to formulas.
func fieldsOf[T any](columns []column[T]) []formula.Field {
	out := make([]formula.Field, len(columns))
	for i, c := range columns {
		out[i] = formula.Field{Name: c.name, Kind: c.kind, Doc: c.doc}
	}
	return out
}

// put writes what stood in an answer into a field.
func put(at, v any) error {
	if v == nil {
		return nil
	}
	switch x := at.(type) {
	case *string:
		*x = plain(v)
		return nil
	case *locale.Language:
		if l, ok := locale.ParseLanguage(plain(v)); ok {
			*x = l
		}
		return nil
	case *bool:
		return putBool(x, v)
	case *civil.Date:
		return putDate(x, v)
	case *int:
		d, err := decimalOf(v)
		if err != nil || !d.IsInteger() || d.Abs().GreaterThan(decimal.NewFromInt(1_000_000)) {
			return fmt.Errorf("%.40q is no whole number", plain(v))
		}
		*x = int(d.IntPart())
		return nil
	}
	d, err := decimalOf(v)
	if err != nil {
		return err
	}
	switch x := at.(type) {
	case *money.Amount:
		*x = money.NewAmount(d)
	case *money.Quantity:
		*x = money.NewQuantity(d)
	case *money.Percent:
		*x = money.NewPercent(d)
	case **money.Quantity:
		q := money.NewQuantity(d)
		*x = &q
	case **money.Amount:
		a := money.NewAmount(d)
		*x = &a
	}
	return nil
}

func decimalOf(v any) (decimal.Decimal, error) {
	switch x := v.(type) {
	case int64:
		return decimal.NewFromInt(x), nil
	case decimal.Decimal:
		return x, nil
	case string:
		n, err := number(strings.TrimSpace(x))
		if err != nil {
			return decimal.Decimal{}, err
		}
		return decimalOf(n)
	}
	return decimal.Decimal{}, fmt.Errorf("the host gives no number here")
}

func putBool(at *bool, v any) error {
	if b, ok := v.(bool); ok {
		*at = b
		return nil
	}
	switch strings.ToLower(plain(v)) {
	case "true", "1", "yes", "y", "tyes":
		*at = true
	case "false", "0", "no", "n", "tno", "":
		*at = false
	default:
		return fmt.Errorf("%.40q is neither yes nor no", plain(v))
	}
	return nil
}

// putDate takes the date of "2026-03-01", "2026-03-01T00:00:00Z" and the like; year 1 means none.
func putDate(at *civil.Date, v any) error {
	if d, ok := v.(civil.Date); ok {
		*at = d
		return nil
	}
	text, _, _ := strings.Cut(plain(v), "T")
	if text == "" || strings.HasPrefix(text, "0001-") {
		*at = civil.Date{}
		return nil
	}
	d, err := civil.Parse(text)
	if err != nil {
		return fmt.Errorf("%.40q is no date", plain(v))
	}
	*at = d
	return nil
}
