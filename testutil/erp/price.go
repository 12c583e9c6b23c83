package erp

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
		ORDER BY CASE WHEN p.list = ? THEN 0 ELSE 1 END, p.min_quantity DESC, p.valid_from DESC, l.code`+w.limit(1),
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
	return e.AddPrices(ctx, s, p)
}

// pricesPerInsert keeps an INSERT below the 2100 parameters that SQL Server takes.
const pricesPerInsert = 200

// AddPrices writes new prices, many in a statement.
func (e *ERP) AddPrices(ctx context.Context, s erpbridge.Session, prices ...PriceRow) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	type reference struct{ table, code string }
	known := map[reference]bool{}
	for _, p := range prices {
		for _, ref := range []reference{{"erp_price_list", p.List}, {"erp_product", p.Product}} {
			if known[ref] {
				continue
			}
			if known[ref], err = w.exists(ctx, ref.table, ref.code); err != nil {
				return err
			}
			if !known[ref] {
				return fmt.Errorf("erp: a price for %s in list %s: %s has no row %q", p.Product, p.List, ref.table, ref.code)
			}
		}
	}
	for part := range slices.Chunk(prices, pricesPerInsert) {
		var args []any
		for _, p := range part {
			args = append(args, w.Company, p.List, p.Product, p.Currency, p.MinQuantity, orDay(p.From, always), orDay(p.To, forEver), p.Unit, p.Discount)
		}
		err := w.exec(ctx, "INSERT INTO erp_price (company, list, product, currency, min_quantity, valid_from, valid_to, price, discount) VALUES "+
			strings.TrimSuffix(strings.Repeat("("+marks(9)+"), ", len(part)), ", "), args...)
		if err != nil {
			return err
		}
	}
	return nil
}
