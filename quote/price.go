package quote

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// MaxLines is the most lines that one quote has.
const MaxLines = 1000

// priceList answers what a product is and costs, for one buyer, currency and day.
type priceList struct {
	host     erpbridge.Host
	session  erpbridge.Session
	customer string
	currency string
	date     civil.Date
	products map[string]erpbridge.Product
}

// priceList finds the price list for a buyer; it fills the quote's currency where that is empty.
func (q *Quotes) priceList(ctx context.Context, s *store.Session, row *Quote, buyer party.Party) (*priceList, error) {
	list := &priceList{host: q.config.Host, session: q.session(s), date: row.PriceDate, products: map[string]erpbridge.Product{}}
	var err error
	if list.customer, err = q.customerOf(ctx, s, buyer); err != nil {
		return nil, err
	}
	if row.Currency == "" && list.customer != "" && list.host.Customers != nil {
		c, err := list.host.Customers.Customer(ctx, list.session, list.customer)
		if err != nil {
			return nil, fmt.Errorf("reading customer %s: %w", list.customer, err)
		}
		row.Currency = c.Currency
	}
	if row.Currency == "" {
		row.Currency = q.locale(s).Currency
	}
	list.currency = row.Currency
	return list, nil
}

// customerOf gives the host's key of the customer behind a party: its own, or that of the company it
// works for; "" for a lead.
func (q *Quotes) customerOf(ctx context.Context, s *store.Session, buyer party.Party) (string, error) {
	for _, id := range []party.ID{buyer.ID, buyer.EmployerID} {
		if id.IsZero() {
			continue
		}
		links, err := q.config.Parties.In(s).Links(ctx, id)
		if err != nil {
			return "", err
		}
		for _, l := range links {
			if l.Role == party.Customer {
				return l.HostKey, nil
			}
		}
	}
	return "", nil
}

// compute makes lines with prices and nets, and their totals. What is wrong with them is collected
// under lines[i]; totals are only meaningful where nothing is.
func (p *priceList) compute(ctx context.Context, faults *fault.List, drafts []DraftLine) ([]Line, Totals, error) {
	if len(drafts) > MaxLines {
		faults.Add("lines", "count", "there are %d lines, at most %d fit; split the quote", len(drafts), MaxLines)
		return nil, Totals{}, nil
	}
	lines := make([]Line, len(drafts))
	for i, d := range drafts {
		var own fault.List
		l, err := p.line(ctx, &own, d)
		if err != nil {
			return nil, Totals{}, err
		}
		l.Position = i + 1
		lines[i] = l
		faults.Merge("lines["+strconv.Itoa(i)+"]", own)
	}
	totals, err := settle(lines, p.currency, faults)
	return lines, totals, err
}

// settle checks all lines, computes the nets of those that are right, and totals.
func settle(lines []Line, currency string, faults *fault.List) (Totals, error) {
	before := len(*faults)
	bytes := 0
	for i := range lines {
		l := &lines[i]
		var own fault.List
		l.check(&own)
		if len(own) == 0 && l.Kind.Priced() {
			var err error
			if l.Net, err = LineNet(*l, currency); err != nil {
				own.Add("net", "range", "%v; split the line", err)
			}
		}
		bytes += len(l.Description)
		faults.Merge("lines["+strconv.Itoa(i)+"]", own)
	}
	if bytes > maxDescriptions {
		faults.Add("lines", "length", "the descriptions have %d bytes together, at most %d fit; attach a brochure instead", bytes, maxDescriptions)
	}
	checkGroups(faults, lines)
	if len(*faults) > before {
		return Totals{}, nil
	}
	t, err := Total(lines, currency)
	if errors.Is(err, fault.Invalid) {
		faults.Merge("", fault.Of(err))
		err = nil
	}
	return t, err
}

// line fills one line from the product and the price list.
func (p *priceList) line(ctx context.Context, faults *fault.List, d DraftLine) (Line, error) {
	l := Line{
		Kind: d.Kind, AlternativeGroup: oneLine(d.AlternativeGroup), ProductKey: d.Product, Code: oneLine(d.Code), Name: oneLine(d.Name),
		Description: paragraphs(d.Description), Unit: oneLine(d.Unit),
	}
	if l.Kind == "" {
		l.Kind = Item
	}
	if !l.Kind.Priced() {
		if d.Product != "" || d.AlternativeGroup != "" || d.UnitPrice != nil || d.Discount != nil || d.VATRate != nil || !d.Quantity.IsZero() {
			faults.Add("kind", "kind.price", "a %s has no product, group, quantity or price; leave them empty or make it an item", l.Kind)
		}
		return l, nil
	}
	l.Quantity, l.VATCode = d.Quantity, d.VATCode
	if d.Product == "" {
		l.freeText(faults, d)
		return l, nil
	}
	known, err := p.product(ctx, faults, &l, d)
	if err != nil || !known {
		return l, err
	}
	return l, p.price(ctx, faults, &l, d)
}

// freeText takes from the draft what a product would have given.
func (l *Line) freeText(faults *fault.List, d DraftLine) {
	l.PriceManual = true
	if d.UnitPrice == nil {
		faults.Add("unit_price", "required", "is missing; a line without a product needs its price")
	} else {
		l.UnitPrice = *d.UnitPrice
	}
	if d.VATRate == nil {
		faults.Add("vat_rate", "required", "is missing; a line without a product needs its VAT rate")
	} else {
		l.VATRate = *d.VATRate
	}
	if d.Discount != nil {
		l.Discount = *d.Discount
	}
}

// product fills the line from the host's product; it reports whether there is one.
func (p *priceList) product(ctx context.Context, faults *fault.List, l *Line, d DraftLine) (bool, error) {
	if p.host.Catalogue == nil {
		faults.Add("product", "unavailable", "the host has no products; leave it empty and write a name and a price")
		return false, nil
	}
	product, read := p.products[d.Product]
	if !read {
		var err error
		product, err = p.host.Catalogue.Product(ctx, p.session, d.Product)
		if errors.Is(err, fault.NotFound) {
			faults.Add("product", "unknown", "the host has no product %.80q; choose one from the list", d.Product)
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("reading product %s: %w", d.Product, err)
		}
		p.products[d.Product] = product
	}
	if product.Discontinued {
		faults.Add("product", "discontinued", "%s is not sold any more; choose another product", product.Code)
	}
	l.ProductGroup = product.Group
	for _, f := range []struct {
		has  *string
		from string
	}{{&l.Code, product.Code}, {&l.Name, product.Name}, {&l.Unit, product.Unit}} {
		if *f.has == "" {
			*f.has = oneLine(f.from)
		}
	}
	if l.Description == "" {
		l.Description = paragraphs(product.Description)
	}
	switch {
	case d.VATRate != nil:
		l.VATRate = *d.VATRate
	case l.VATCode == "" || l.VATCode == product.VATCode:
		l.VATRate = product.VATRate
	default:
		faults.Add("vat_rate", "required", "is missing; %.20q is not the VAT code of the product, give its rate", l.VATCode)
	}
	if l.VATCode == "" {
		l.VATCode = product.VATCode
	}
	return true, nil
}

// price asks the price list, and takes what a person set before it.
func (p *priceList) price(ctx context.Context, faults *fault.List, l *Line, d DraftLine) error {
	if !l.Quantity.IsPositive() || !sane(l.Quantity) {
		return nil // the check of the line says so
	}
	listed := false
	if p.host.Prices != nil {
		price, err := p.host.Prices.Price(ctx, p.session, erpbridge.PriceQuestion{
			Product: d.Product, Customer: p.customer, Quantity: l.Quantity, Currency: p.currency, Date: p.date,
		})
		switch {
		case err == nil:
			listed = true
			l.ListPrice, l.ListDiscount = price.Unit, price.Discount
		case !errors.Is(err, fault.NotFound):
			return fmt.Errorf("reading the price of %s: %w", d.Product, err)
		}
	}
	switch {
	case d.UnitPrice != nil:
		l.UnitPrice, l.PriceManual = *d.UnitPrice, true
	case listed:
		l.UnitPrice = l.ListPrice
	default:
		faults.Add("unit_price", "price.none", "the host has no price of %s in %s on %s; give one", l.Code, p.currency, p.date)
	}
	// a discount of the list goes with its price, not with one that a person set
	if l.Discount = (money.Percent{}); d.Discount != nil {
		l.Discount = *d.Discount
	} else if !l.PriceManual {
		l.Discount = l.ListDiscount
	}
	return nil
}

// again describes a line for another question to the price list: what a person set stays set, what
// came from the list is asked for anew.
func (l Line) again() DraftLine {
	d := DraftLine{
		Kind: l.Kind, AlternativeGroup: l.AlternativeGroup, Product: l.ProductKey, Code: l.Code, Name: l.Name, Description: l.Description,
		Quantity: l.Quantity, Unit: l.Unit,
	}
	if !l.Kind.Priced() {
		return d
	}
	d.VATCode = l.VATCode
	if l.ProductKey == "" {
		d.VATRate = &l.VATRate
	}
	if l.PriceManual {
		d.UnitPrice = &l.UnitPrice
	}
	if l.PriceManual || !l.Discount.Equal(l.ListDiscount) {
		d.Discount = &l.Discount
	}
	return d
}
