package erp

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

type prices struct{ e *ERP }

// Price implements erpbridge.Prices. The customer's own list answers before the standard one; in a
// list the row with the largest minimum quantity that is reached, and of those the youngest.
func (p prices) Price(ctx context.Context, s erpbridge.Session, q erpbridge.PriceQuestion) (erpbridge.Price, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Price{}, err
	}
	list := ""
	if q.Customer != "" {
		c, err := w.customer(ctx, q.Customer)
		if err != nil {
			return erpbridge.Price{}, err
		}
		list = c.PriceList
	}
	day := orDay(q.Date, w.Today)
	var found erpbridge.Price
	ok, err := w.row(ctx, []any{price(&found.Unit), percent(&found.Discount), &found.List}, `SELECT p.price, p.discount, l.name
		FROM erp_price AS p JOIN erp_price_list AS l ON l.company = p.company AND l.code = p.list
		WHERE p.company = ? AND p.product = ? AND p.currency = ? AND p.min_quantity <= ? AND p.valid_from <= ? AND p.valid_to >= ?
			AND (p.list = ? OR l.standard = 1)
		ORDER BY CASE WHEN p.list = ? THEN 0 ELSE 1 END, p.min_quantity DESC, p.valid_from DESC`+w.limit(1),
		w.Company, q.Product, q.Currency, q.Quantity, day, day, list, list)
	if err != nil {
		return erpbridge.Price{}, err
	}
	if !ok {
		return erpbridge.Price{}, fault.New(fault.NotFound, "product %q has no price in %s on %s", q.Product, q.Currency, day)
	}
	return found, nil
}

// PriceList is a list of prices. One list of a company is the standard one, which holds for everybody.
type PriceList struct {
	Code, Name string
	Standard   bool
}

// AddPriceList writes a new price list.
func (e *ERP) AddPriceList(ctx context.Context, s erpbridge.Session, l PriceList) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO erp_price_list (company, code, name, standard) VALUES (?, ?, ?, ?)", w.Company, l.Code, l.Name, l.Standard)
}

// PriceRow is one price: net for one unit, from a quantity on, between two days (zero: without a
// bound).
type PriceRow struct {
	List, Product, Currency string
	MinQuantity             money.Quantity
	From, To                civil.Date
	Unit                    money.Amount
	Discount                money.Percent
}

// AddPrice writes a new price.
func (e *ERP) AddPrice(ctx context.Context, s erpbridge.Session, p PriceRow) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	for _, ref := range []struct{ table, code string }{{"erp_price_list", p.List}, {"erp_product", p.Product}} {
		known, err := w.exists(ctx, ref.table, ref.code)
		if err != nil {
			return err
		}
		if !known {
			return fmt.Errorf("erp: a price for %s in list %s: %s has no row %q", p.Product, p.List, ref.table, ref.code)
		}
	}
	return w.exec(ctx, `INSERT INTO erp_price (company, list, product, currency, min_quantity, valid_from, valid_to, price, discount)
		VALUES (`+marks(9)+`)`, w.Company, p.List, p.Product, p.Currency, p.MinQuantity, orDay(p.From, always), orDay(p.To, forEver), p.Unit, p.Discount)
}
