package erp

import (
	"context"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

//go:generate go run ./sample/generate sample
//go:embed sample/*.csv
var sampleFiles embed.FS

// Sample says how much of the example is loaded: three companies (HU01 in forints, GR01 in euros, IL01
// in shekels) with users, 62 products in six groups, price lists, 150 customers and three years of
// orders, delivery notes and invoices. The zero value loads everything.
type Sample struct {
	// Prefix stands before the keys of the companies, for several examples in one database.
	Prefix string
	// Companies are the ones to load, by the keys above; none means all.
	Companies []string
	// SkipHistory leaves the documents out.
	SkipHistory bool
}

// Seed loads the example, each company in a transaction of its own. A company that is there already
// is left as it is. Documents are written by the ERP's own functions, so that stock, quantities and
// states agree.
func (e *ERP) Seed(ctx context.Context, sample Sample) error {
	rows, err := readTable("companies")
	if err != nil {
		return err
	}
	for _, c := range rows {
		if len(sample.Companies) > 0 && !slices.Contains(sample.Companies, c["code"]) {
			continue
		}
		l := &loader{company: c["code"], skipHistory: sample.SkipHistory}
		err := e.Work(ctx, Clerk{Company: sample.Prefix + l.company, User: "admin-" + strings.ToLower(c["country"])}, func(ctx context.Context, s erpbridge.Session) error {
			_, err := companies{e}.Company(ctx, s)
			if fault.CodeOf(err) != fault.NotFound {
				return err
			}
			view := *e
			if e.dialect == SQLite { // where compiling a statement is most of its cost
				view.prepared = statements{}
			}
			l.e = &view
			return l.load(ctx, s, c)
		})
		if err != nil {
			return fmt.Errorf("erp: loading the example company %s: %w", l.company, err)
		}
	}
	return nil
}

// record is one line of an example file, by its headings.
type record map[string]string

// readTable reads an example file.
func readTable(name string) ([]record, error) {
	f, err := sampleFiles.Open("sample/" + name + ".csv")
	if err != nil {
		return nil, fmt.Errorf("erp: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("erp: sample/%s.csv: %w", name, err)
	}
	var list []record
	for {
		values, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("erp: sample/%s.csv: %w", name, err)
		}
		row := record{}
		for i, h := range head {
			row[h] = values[i]
		}
		list = append(list, row)
	}
}

// loader loads one company. Conversions collect their first error in err, so that a file is read
// without a check behind every column.
type loader struct {
	e           *ERP
	company     string
	skipHistory bool
	err         error
}

func (l *loader) keep(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *loader) amount(s string) money.Amount { v, err := money.ParseAmount(s); l.keep(err); return v }
func (l *loader) quantity(s string) money.Quantity {
	v, err := money.ParseQuantity(s)
	l.keep(err)
	return v
}
func (l *loader) percent(s string) money.Percent {
	v, err := money.ParsePercent(s)
	l.keep(err)
	return v
}
func (l *loader) date(s string) civil.Date { v, err := civil.Parse(s); l.keep(err); return v }
func (l *loader) flag(s string) bool       { v, err := strconv.ParseBool(s); l.keep(err); return v }
func (l *loader) int(s string) int         { v, err := strconv.Atoi(s); l.keep(err); return v }

// each calls add for the rows of a file that belong to the company.
func (l *loader) each(name string, add func(record) error) {
	if l.err != nil {
		return
	}
	rows, err := readTable(name)
	l.keep(err)
	for i, r := range rows {
		if r["company"] != l.company {
			continue
		}
		err := add(r)
		if l.keep(err); l.err != nil {
			l.err = fmt.Errorf("sample/%s.csv, line %d: %w", name, i+2, l.err)
			return
		}
	}
}

func (l *loader) load(ctx context.Context, s erpbridge.Session, c record) error {
	e := l.e
	language, _ := locale.ParseLanguage(c["language"])
	zone, err := time.LoadLocation(c["zone"])
	if err != nil {
		return err
	}
	logo, err := logo(l.company)
	if err != nil {
		return err
	}
	l.keep(e.AddCompany(ctx, s, Company{PaymentDays: l.int(c["payment_days"]), Company: erpbridge.Company{
		Name: c["name"], TaxID: c["tax_id"], EUVatID: c["eu_vat_id"], Phone: c["phone"], Email: c["email"], Website: c["website"],
		Address:     erpbridge.Address{Line1: c["line1"], Line2: c["line2"], PostalCode: c["postal_code"], City: c["city"], Region: c["region"], Country: c["country"]},
		BankAccount: c["bank_account"], IBAN: c["iban"], Logo: logo, Locale: locale.Locale{Language: language, Zone: zone, Currency: c["currency"]},
	}}))
	l.each("users", func(r record) error {
		language, _ := locale.ParseLanguage(r["language"])
		return e.AddUser(ctx, s, User{Role: Role(r["role"]), Language: language, User: erpbridge.User{
			ID: r["id"], Name: r["name"], Email: r["email"], Phone: r["phone"], JobTitle: r["job_title"], Teams: strings.Fields(r["teams"]), Manager: r["manager"],
		}})
	})
	l.each("vat", func(r record) error {
		return e.AddVAT(ctx, s, VAT{Code: r["code"], Name: r["name"], Rate: l.percent(r["rate"]), From: l.date(r["from"]), To: l.date(r["to"])})
	})
	l.goods(ctx, s)
	l.people(ctx, s)
	if !l.skipHistory {
		l.history(ctx, s)
	}
	return l.err
}

func (l *loader) goods(ctx context.Context, s erpbridge.Session) {
	e := l.e
	l.each("groups", func(r record) error {
		return e.AddGroup(ctx, s, erpbridge.ProductGroup{Key: r["code"], Name: r["name"]})
	})
	l.each("products", func(r record) error {
		cost := l.amount(r["cost"])
		p := erpbridge.Product{
			Code: r["code"], Name: r["name"], Description: r["description"], Group: r["group"], Unit: r["unit"], VATCode: r["vat_code"],
			Cost: &cost, Discontinued: l.flag(r["discontinued"]),
		}
		if r["stock"] != "" {
			stock := l.quantity(r["stock"])
			p.Stock = &stock
		}
		return e.AddProduct(ctx, s, p)
	})
	l.each("price_lists", func(r record) error {
		return e.AddPriceList(ctx, s, PriceList{Code: r["code"], Name: r["name"], Standard: l.flag(r["standard"])})
	})
	var prices []PriceRow
	l.each("prices", func(r record) error {
		prices = append(prices, PriceRow{
			List: r["list"], Product: r["product"], Currency: r["currency"], MinQuantity: l.quantity(r["min_quantity"]), From: l.date(r["from"]), To: l.date(r["to"]),
			Unit: l.amount(r["price"]), Discount: l.percent(r["discount"]),
		})
		return nil
	})
	if l.err == nil {
		l.keep(e.AddPrices(ctx, s, prices...))
	}
}

func (l *loader) people(ctx context.Context, s erpbridge.Session) {
	host := l.e.Host()
	l.each("customers", func(r record) error {
		language, _ := locale.ParseLanguage(r["language"])
		s.Token = "sample " + r["code"]
		c, err := host.Customers.Create(ctx, s, erpbridge.Customer{
			Person: l.flag(r["person"]), Name: r["name"], Given: r["given"], Family: r["family"], TaxID: r["tax_id"], EUVatID: r["eu_vat_id"],
			Email: r["email"], Phone: r["phone"], Website: r["website"],
			Address:  erpbridge.Address{Line1: r["line1"], PostalCode: r["postal_code"], City: r["city"], Region: r["region"], Country: r["country"]},
			Currency: r["currency"], PriceList: r["price_list"], PaymentDays: l.int(r["payment_days"]), Language: language,
		})
		if err == nil && c.Code != r["code"] {
			err = fmt.Errorf("the customer got the code %s, the file says %s", c.Code, r["code"])
		}
		if err == nil && l.flag(r["blocked"]) {
			err = l.e.BlockCustomer(ctx, s, c.Key)
		}
		return err
	})
	l.each("contacts", func(r record) error {
		language, _ := locale.ParseLanguage(r["language"])
		s.Token = "sample " + r["customer"]
		_, err := host.Contacts.CreateContact(ctx, s, erpbridge.Contact{
			Customer: r["customer"], Name: r["name"], Given: r["given"], Family: r["family"], JobTitle: r["job_title"], Email: r["email"], Phone: r["phone"], Language: language,
		})
		return err
	})
}

// history writes the documents as they came about: each order on its day, what followed some days
// later.
func (l *loader) history(ctx context.Context, s erpbridge.Session) {
	lines := map[string][]erpbridge.DocumentLine{}
	l.each("order_lines", func(r record) error {
		lines[r["order"]] = append(lines[r["order"]], erpbridge.DocumentLine{
			Product: r["product"], Quantity: l.quantity(r["quantity"]), UnitPrice: l.amount(r["unit_price"]), Discount: l.percent(r["discount"]),
		})
		return nil
	})
	l.each("orders", func(r record) error {
		s.Token, s.Today = "sample "+r["order"], l.date(r["date"])
		s.Now = s.Today.Time(nil).Add(10 * time.Hour)
		order, err := l.e.Host().Documents.Create(ctx, s, erpbridge.Document{
			Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: r["customer"], Date: s.Today, Due: s.Today.AddDays(7), Currency: r["currency"], Reference: r["reference"], Lines: lines[r["order"]],
		})
		if err != nil {
			return err
		}
		if order.Number != r["order"] {
			return fmt.Errorf("the order got the number %s, the file says %s", order.Number, r["order"])
		}
		return l.progress(ctx, s, order, r["progress"])
	})
}

// progress carries an order as far as the file says: open, cancelled, partial, delivered, invoiced,
// posted, paid, or credited.
func (l *loader) progress(ctx context.Context, s erpbridge.Session, order erpbridge.Document, how string) error {
	host := l.e.Host().Documents
	switch how {
	case "open":
		return nil
	case "cancelled":
		_, err := host.Cancel(ctx, s, order.Ref, "the customer changed his mind")
		return err
	}
	following := func(kind erpbridge.Kind, source erpbridge.Document) erpbridge.Document {
		d := erpbridge.Document{Ref: erpbridge.Ref{Kind: kind}, Date: s.Today, Reference: order.Reference, Source: &source.Ref}
		for _, line := range source.Lines {
			d.Lines = append(d.Lines, erpbridge.DocumentLine{SourceLine: line.Key, Quantity: line.Quantity})
		}
		return d
	}
	s.Today = s.Today.AddDays(3)
	draft := following(erpbridge.DeliveryNote, order)
	if how == "partial" {
		draft.Lines = draft.Lines[:1]
		draft.Lines[0].Quantity = money.MustQuantity("1")
	}
	note, err := host.Create(ctx, s, draft)
	if err != nil || how == "partial" || how == "delivered" {
		return err
	}
	s.Today = s.Today.AddDays(1)
	invoice, err := host.Create(ctx, s, following(erpbridge.Invoice, note))
	if err != nil || how == "invoiced" {
		return err
	}
	if _, err = l.e.PostInvoice(ctx, s, invoice.Number); err != nil || how == "posted" {
		return err
	}
	if how == "credited" {
		s.Today = s.Today.AddDays(5)
		_, err = host.Cancel(ctx, s, invoice.Ref, "invoiced to the wrong address")
		return err
	}
	_, err = l.e.PayInvoice(ctx, s, invoice.Number, s.Today.AddDays(6))
	return err
}
