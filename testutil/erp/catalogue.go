package erp

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

type catalogue struct{ e *ERP }

// products reads the company's products with VAT rate and stock; tail follows WHERE p.company = ?.
func (w work) products(ctx context.Context, tail string, args ...any) ([]erpbridge.Product, error) {
	var list []erpbridge.Product
	err := w.rows(ctx, func(r *sql.Rows) error {
		var p erpbridge.Product
		var cost, stock optional
		err := r.Scan(&p.Code, &p.Name, &p.Description, &p.Group, &p.Unit, &p.VATCode, percent(&p.VATRate), cost.of(4), stock.of(6), &p.Discontinued)
		p.Key = p.Code
		if cost.given {
			p.Cost = &money.Amount{Decimal: cost.number}
		}
		if stock.given {
			p.Stock = &money.Quantity{Decimal: stock.number}
		}
		list = append(list, p)
		return err
	}, `SELECT p.code, p.name, p.description, p.group_code, p.unit, p.vat_code, v.rate, p.cost, s.on_hand, p.discontinued
		FROM erp_product AS p
		JOIN erp_vat AS v ON v.company = p.company AND v.code = p.vat_code
		LEFT JOIN erp_stock AS s ON s.company = p.company AND s.product = p.code
		WHERE p.company = ? `+tail, append([]any{w.Company}, args...)...)
	return list, err
}

// optional reads a number that may be NULL.
type optional struct {
	number decimal.Decimal
	given  bool
	places int32
}

func (o *optional) of(places int32) *optional {
	o.places = places
	return o
}

// Scan implements sql.Scanner.
func (o *optional) Scan(src any) error {
	o.given = src != nil
	return exact{&o.number, o.places}.Scan(src)
}

func (w work) product(ctx context.Context, key string) (erpbridge.Product, error) {
	list, err := w.products(ctx, "AND p.code = ?", key)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "there is no product %q", key)
	}
	if err != nil {
		return erpbridge.Product{}, err
	}
	return list[0], nil
}

// Product implements erpbridge.Catalogue.
func (c catalogue) Product(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Product, error) {
	w, err := c.e.work(s)
	if err != nil {
		return erpbridge.Product{}, err
	}
	return w.product(ctx, key)
}

// Products implements erpbridge.Catalogue.
func (c catalogue) Products(ctx context.Context, s erpbridge.Session, text string, limit int) ([]erpbridge.Product, error) {
	w, err := c.e.work(s)
	if err != nil {
		return nil, err
	}
	tail, args := "", []any(nil)
	if folded := party.Fold(text); folded != "" {
		tail, args = "AND p.search_key LIKE ? ESCAPE '~'", []any{contains(folded)}
	} else if strings.TrimSpace(text) != "" {
		return nil, nil // nothing but signs: no product is called so
	}
	return w.products(ctx, tail+" ORDER BY p.code"+w.limit(max(limit, 1)), args...)
}

// Groups implements erpbridge.Catalogue, in the order of their codes.
func (c catalogue) Groups(ctx context.Context, s erpbridge.Session) ([]erpbridge.ProductGroup, error) {
	w, err := c.e.work(s)
	if err != nil {
		return nil, err
	}
	var list []erpbridge.ProductGroup
	err = w.rows(ctx, func(r *sql.Rows) error {
		var g erpbridge.ProductGroup
		err := r.Scan(&g.Key, &g.Name)
		list = append(list, g)
		return err
	}, "SELECT code, name FROM erp_product_group WHERE company = ? ORDER BY code", w.Company)
	return list, err
}

// AddGroup writes a new group of products.
func (e *ERP) AddGroup(ctx context.Context, s erpbridge.Session, g erpbridge.ProductGroup) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO erp_product_group (company, code, name) VALUES (?, ?, ?)", w.Company, g.Key, g.Name)
}

// AddProduct writes a new product under its code. A product with Stock is counted, one without (a
// service) is not. VAT code and group must exist.
func (e *ERP) AddProduct(ctx context.Context, s erpbridge.Session, p erpbridge.Product) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	faults, err := w.checkProduct(ctx, p)
	if err != nil {
		return err
	}
	if err := faults.Err("the product cannot be created"); err != nil {
		return err
	}
	var cost any
	if p.Cost != nil {
		cost = *p.Cost
	}
	err = w.exec(ctx, `INSERT INTO erp_product (company, code, name, description, group_code, unit, vat_code, cost, discontinued, search_key)
		VALUES (`+marks(10)+`)`, w.Company, p.Code, p.Name, p.Description, p.Group, p.Unit, p.VATCode, cost, p.Discontinued, party.Fold(p.Code+" "+p.Name))
	if err != nil || p.Stock == nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO erp_stock (company, product, on_hand) VALUES (?, ?, ?)", w.Company, p.Code, *p.Stock)
}

func (w work) checkProduct(ctx context.Context, p erpbridge.Product) (fault.List, error) {
	var faults fault.List
	faults.Required("code", p.Code)
	faults.Required("name", p.Name)
	faults.Required("unit", p.Unit)
	texts(&faults, map[string]bounded{"code": {p.Code, 40}, "name": {p.Name, 200}, "unit": {p.Unit, 20}, "description": {p.Description, 4000}})
	for _, ref := range []struct{ path, table, code string }{{"vat_code", "erp_vat", p.VATCode}, {"group", "erp_product_group", p.Group}} {
		known, err := w.exists(ctx, ref.table, ref.code)
		if err != nil {
			return nil, err
		}
		if !known {
			faults.Add(ref.path, ref.path+".unknown", "there is no %q", ref.code)
		}
	}
	known, err := w.exists(ctx, "erp_product", p.Code)
	if err != nil {
		return nil, err
	}
	if known {
		faults.Add("code", "product.exists", "there is a product %q already", p.Code)
	}
	return faults, nil
}

// VAT is a VAT code with its rate in percent. From and To are its first and last day; zero means
// without a bound.
type VAT struct {
	Code, Name string
	Rate       money.Percent
	From, To   civil.Date
}

// The days that stand in the tables for "always" and "for ever".
var (
	always  = civil.Date{Year: 1900, Month: 1, Day: 1}
	forEver = civil.Date{Year: 9999, Month: 12, Day: 31}
)

func orDay(d, open civil.Date) civil.Date {
	if d.IsZero() {
		return open
	}
	return d
}

// AddVAT writes a new VAT code.
func (e *ERP) AddVAT(ctx context.Context, s erpbridge.Session, v VAT) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO erp_vat (company, code, name, rate, valid_from, valid_to) VALUES (?, ?, ?, ?, ?, ?)",
		w.Company, v.Code, v.Name, v.Rate, orDay(v.From, always), orDay(v.To, forEver))
}

// ListVAT gives the company's VAT codes, in the order of their codes.
func (e *ERP) ListVAT(ctx context.Context, s erpbridge.Session) ([]VAT, error) {
	w, err := e.work(s)
	if err != nil {
		return nil, err
	}
	return w.vatCodes(ctx)
}

// VATCodes implements erpbridge.VATCodes: what holds today, what is taxed most before what is not.
func (c catalogue) VATCodes(ctx context.Context, s erpbridge.Session) ([]erpbridge.VATCode, error) {
	all, err := c.e.ListVAT(ctx, s)
	var out []erpbridge.VATCode
	for _, v := range all {
		if !s.Today.Before(v.From) && !v.To.Before(s.Today) {
			out = append(out, erpbridge.VATCode{Code: v.Code, Name: v.Name, Rate: v.Rate})
		}
	}
	slices.SortStableFunc(out, func(a, b erpbridge.VATCode) int { return b.Rate.Cmp(a.Rate) })
	return out, err
}

func (w work) vatCodes(ctx context.Context) ([]VAT, error) {
	var list []VAT
	err := w.rows(ctx, func(r *sql.Rows) error {
		var v VAT
		err := r.Scan(&v.Code, &v.Name, percent(&v.Rate), &v.From, &v.To)
		list = append(list, v)
		return err
	}, "SELECT code, name, rate, valid_from, valid_to FROM erp_vat WHERE company = ? ORDER BY code", w.Company)
	return list, err
}
