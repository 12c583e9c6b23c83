package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// lineEditor is a table of lines that is typed into: products of the ERP, or free text.
type lineEditor struct {
	Form     *form
	Rows     []int
	Nets     []string
	Currency string
	Action   string
	Products []product
	Open     bool
	// Kinds is set for quotes, whose lines also are optional, comments and headings.
	Kinds []option
}

// product is one of the ERP's products as the editor offers it.
type product struct {
	erpbridge.Product
	Price money.Amount
}

// spare is how many empty rows an editor has at its end.
const spare = 4

func (e *lineEditor) set(row int, name, value string) {
	e.Form.Values.Set(name+strconv.Itoa(row), value)
}

// grow gives the editor its rows: those that are filled, and some more.
func (e *lineEditor) grow(filled int) {
	for _, name := range []string{"product", "name", "quantity"} {
		for e.Form.Values.Get(name+strconv.Itoa(filled)) != "" {
			filled++
		}
	}
	if e.Open {
		filled += spare
	}
	for i := range filled {
		e.Rows = append(e.Rows, i)
	}
}

// Row gives what stands in a field of a row.
func (e lineEditor) Row(name string, row int) string {
	return e.Form.Values.Get(name + strconv.Itoa(row))
}

// Net is the sum of a row as it was saved last.
func (e lineEditor) Net(row int) string {
	if row < len(e.Nets) {
		return e.Nets[row]
	}
	return ""
}

// Bad are the faults of a field of a row.
func (e lineEditor) Bad(name string, row int) []string {
	return e.Form.Faults[name+strconv.Itoa(row)]
}

// typedLine is a row as it was typed.
type typedLine struct {
	row                 int
	kind, product, name string
	quantity            money.Quantity
	price               *money.Amount
	discount            *money.Percent
	vat                 *money.Percent
}

// lines reads the rows that have something in them.
func (f *form) lines() []typedLine {
	var out []typedLine
	for row := 0; row < 200; row++ {
		at := func(name string) string { return name + strconv.Itoa(row) }
		if _, sent := f.Values[at("product")]; !sent {
			break
		}
		l := typedLine{row: row, kind: f.text(at("kind")), product: f.text(at("product")), name: f.text(at("name")), quantity: f.quantity(at("quantity"))}
		if l.product == "" && l.name == "" {
			continue
		}
		l.price, l.discount, l.vat = f.amount(at("price")), f.percent(at("discount")), f.percent(at("vat"))
		out = append(out, l)
	}
	return out
}

// place moves faults of lines ("lines[2].quantity", counted without empty rows) to their rows.
func place(faults []fault.Fault, typed []typedLine) []fault.Fault {
	names := map[string]string{"unit_price": "price", "vat_rate": "vat", "vat_code": "vat"}
	for i, one := range faults {
		var n int
		var name string
		if _, err := fmt.Sscanf(one.Path, "lines[%d].%s", &n, &name); err != nil || n >= len(typed) {
			continue
		}
		if known, ok := names[name]; ok {
			name = known
		}
		faults[i].Path = name + strconv.Itoa(typed[n].row)
	}
	return faults
}

// products are what the company sells today, with the standard price in a currency.
func (v *visit) products(currency string) ([]product, error) {
	var out []product
	err := v.host(func(ctx context.Context, hs erpbridge.Session) error {
		host := v.s.books.Host()
		all, err := host.Catalogue.Products(ctx, hs, "", 500)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.Discontinued {
				continue
			}
			price, err := priceToday(ctx, host, hs, erpbridge.PriceQuestion{Product: p.Key, Quantity: money.MustQuantity("1"), Currency: currency})
			if err != nil {
				return err
			}
			out = append(out, product{p, price.Unit})
		}
		return nil
	})
	return out, err
}

// priceToday asks the price list; a product without a price in the currency costs nothing.
func priceToday(ctx context.Context, host erpbridge.Host, hs erpbridge.Session, q erpbridge.PriceQuestion) (erpbridge.Price, error) {
	q.Date = hs.Today
	price, err := host.Prices.Price(ctx, hs, q)
	if fault.CodeOf(err) == fault.NotFound {
		return erpbridge.Price{}, nil
	}
	return price, err
}

// listPrice is what the standard list asks today for a quantity of a product.
func (v *visit) listPrice(key string, quantity money.Quantity, currency string) (erpbridge.Price, error) {
	var price erpbridge.Price
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		price, err = priceToday(ctx, v.s.books.Host(), hs, erpbridge.PriceQuestion{Product: key, Quantity: quantity, Currency: currency})
		return err
	})
	return price, err
}

func str(v any) string { return fmt.Sprint(v) }

// digits is how many decimals a currency is typed with.
func digits(currency string) int32 { return money.Digits(currency) }

// placed moves the faults of an error to the rows of the editor.
func placed(err error, typed []typedLine) error {
	var told *fault.Error
	if !errors.As(err, &told) {
		return err
	}
	again := *told
	again.Faults = place(slices.Clone(told.Faults), typed)
	return &again
}
