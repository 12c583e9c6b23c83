package tablehost

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// sheet is a document on its way into the host's tables, or back out of them, with what formulas see.
type sheet struct {
	erpbridge.Document
	of *paper
	// from are the draft's lines that each line is made of first, for the paths of faults.
	from  []int
	taxes []taxSum
	trail []trail
	// with are the variables of the header, doc the document among them; lines and sums are those that each
	// line and tax has beside them, fields the lines among those.
	with        vars
	doc         map[string]any
	lines, sums []vars
	fields      []map[string]any
	// row and rows are the header and the lines as they were written.
	row  *freshRow
	rows [][]assignment
}

// parties are the rows that a sheet's formulas see.
type parties struct {
	customer record
	source   *file
	goods    map[string]record
	reason   string
}

// fill puts what formulas see on the sheet.
func (k *desk) fill(ctx context.Context, s *sheet, p parties) error {
	year, err := k.fiscal(ctx, s.Date)
	if err != nil {
		return err
	}
	s.taxes = counting{s.Currency, s.of.perLine}.taxes(s.Lines)
	s.doc = headFields(s.Document)
	s.doc["year"] = year
	s.with = k.vars(vars{
		"document": s.doc, "customer": nil, "source": nil, "date": s.Date, "kind": string(s.Kind), "year": year, "reason": p.reason, "credit": nil,
		"steps": map[string]any{},
	})
	if p.customer.of != nil {
		s.with["customer"] = p.customer.fields()
	}
	if p.source != nil {
		s.with["source"] = p.source.seen()
	}
	s.lines, s.sums, s.fields = nil, nil, nil
	for i, l := range s.Lines {
		line := lineFields(l, s.Currency)
		line["row"] = s.of.lines.number(i)
		own := vars{"line": line, "product": nil, "sourceline": nil}
		if r, known := p.goods[l.Product]; known {
			own["product"] = r.fields()
		}
		if p.source != nil {
			if from := p.source.lineFor(l); from != nil {
				followed := p.source.seenLine(from.Key)
				own["sourceline"], line["extra"] = followed, followed["extra"]
			}
		}
		s.lines, s.fields = append(s.lines, own), append(s.fields, line)
	}
	for _, t := range s.taxes {
		s.sums = append(s.sums, vars{"tax": taxFields(t)})
	}
	return nil
}

// number is the row number of a line.
func (l *linesPart) number(i int) int64 {
	return int64(cmp.Or(l.spec.RowStart, 1) + i*cmp.Or(l.spec.RowStep, 1))
}

// headFields gives a document's fields by their names in mappings.
func headFields(d erpbridge.Document) map[string]any {
	m := map[string]any{
		"key": d.Key, "number": d.Number, "kind": string(d.Kind), "customer": d.Customer, "date": plain(d.Date), "due": plain(d.Due), "currency": d.Currency,
		"reference": d.Reference, "note": d.Note, "net": d.Net.Decimal, "vat": d.VAT.Decimal, "gross": d.Gross.Decimal, "state": string(d.State),
		"paid": d.Paid.Decimal, "cancelled_by": "",
	}
	if d.CancelledBy != nil {
		m["cancelled_by"] = d.CancelledBy.Key
	}
	return m
}

// lineFields gives a line's fields by their names in mappings.
func lineFields(l erpbridge.DocumentLine, currency string) map[string]any {
	vat := vatOf(l, currency)
	return map[string]any{
		"key": l.Key, "product": l.Product, "name": l.Name, "quantity": l.Quantity.Decimal, "unit": l.Unit, "unit_price": l.UnitPrice.Decimal,
		"discount": l.Discount.Decimal, "vat_code": l.VATCode, "vat_rate": l.VATRate.Decimal, "net": l.Net.Decimal, "vat": vat.Decimal,
		"gross": l.Net.Add(vat).Decimal, "delivered": l.Delivered.Decimal, "invoiced": l.Invoiced.Decimal, "note": "",
	}
}

func taxFields(t taxSum) map[string]any {
	return map[string]any{"key": t.Code, "code": t.Code, "rate": t.Rate.Decimal, "net": t.Net.Decimal, "vat": t.VAT.Decimal, "gross": t.Gross().Decimal}
}

// seen gives a stored document as formulas see it: our fields, and the mapping's extra columns.
func (f *file) seen() map[string]any {
	m := f.head.fields()
	maps.Copy(m, headFields(f.Document))
	return m
}

// seenLine gives a stored line as formulas see it.
func (f *file) seenLine(key string) map[string]any {
	i := slices.IndexFunc(f.Lines, func(l erpbridge.DocumentLine) bool { return l.Key == key })
	if i < 0 {
		return map[string]any{"extra": map[string]any{}}
	}
	m := f.rows[i].fields()
	maps.Copy(m, lineFields(f.Lines[i], f.Currency))
	return m
}

// rounds gives the variables for each time that a step runs.
func (s *sheet) rounds(each string) []vars {
	var list []vars
	switch each {
	case "line":
		list = s.lines
	case "tax":
		list = s.sums
	default:
		return []vars{s.with}
	}
	out := make([]vars, len(list))
	for i, own := range list {
		out[i] = s.lined(own)
	}
	return out
}

// lined adds the variables of a line or a tax to those of the header. The keys of steps are shared.
func (s *sheet) lined(own vars) vars {
	with := maps.Clone(s.with)
	maps.Copy(with, own)
	return with
}

// perform runs steps in their order, or takes them back in reverse.
func (k *desk) perform(ctx context.Context, list []*step, s *sheet, dir direction) error {
	if dir == back {
		return k.reversed(ctx, list, s.with, s.rounds)
	}
	return k.steps(ctx, list, s.with, s.rounds)
}

// hostLine gives a line's fields as the host keeps them: signs, gross prices, discounts as amounts.
func (d *paper) hostLine(l erpbridge.DocumentLine, currency string) map[string]any {
	m := lineFields(l, currency)
	if f := d.lines.fields["unit_price"]; f != nil && d.spec.Prices == pricesGross {
		l.UnitPrice = grossPrice(l.UnitPrice, l.VATRate, f.places()) // and the discount of it
		m["unit_price"] = l.UnitPrice.Decimal
	}
	if f := d.lines.fields["discount"]; f != nil && f.as == asAmount {
		m["discount"] = discountWritten(asAmount, l, f.places())
	}
	if d.flips() {
		flip(m, "quantity", "net", "vat", "gross")
	}
	return m
}

// places is how many decimals of an amount the field's column keeps, at most those of money.Amount.
func (f *field) places() int32 {
	switch {
	case f.column == nil:
	case f.column.storage.Scale > 0:
		return min(f.column.storage.Scale, pricePlaces)
	case f.column.Type.Family == catalog.Decimal:
		return min(int32(f.column.Type.Scale), pricePlaces)
	}
	return pricePlaces
}

// hostHeader gives a header's fields as the host keeps them. Totals that the host counts begin at zero where
// their column needs a value.
func (d *paper) hostHeader(doc erpbridge.Document) map[string]any {
	m := headFields(doc)
	if d.flips() {
		flip(m, "net", "vat", "gross", "paid")
	}
	if d.spec.Totals == totalsHost {
		for _, name := range []string{"net", "vat", "gross"} {
			delete(m, name)
			if f := d.head.fields[name]; f != nil && f.column != nil && !f.column.Nullable && !f.column.HasDefault {
				m[name] = money.Amount{}.Decimal
			}
		}
	}
	return m
}

// totalsHost is the value of Document.Totals by which the host counts.
const totalsHost = "host"

func flip(m map[string]any, names ...string) {
	for _, name := range names {
		m[name] = numberOf(m[name]).Neg()
	}
}

// hostTax gives the sum of a VAT code as the host keeps it.
func (d *paper) hostTax(t taxSum) map[string]any {
	m := taxFields(t)
	if d.flips() {
		flip(m, "net", "vat", "gross")
	}
	return m
}
