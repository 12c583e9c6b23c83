package tablehost

import (
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// checkLines judges the lines one by one, with the faults of each below its place in the draft.
func (e *examination) checkLines() {
	if e.whole && e.source != nil {
		e.checkWhole()
	}
	if len(e.draft.Lines) == 0 {
		e.faults.Add("lines", "required", "are missing; a document has at least one")
	}
	for i := range e.draft.Lines {
		l := &e.draft.Lines[i]
		var faults fault.List
		e.checkFollowing(&faults, l)
		e.checkProduct(&faults, l)
		e.checkVAT(&faults, l)
		checkNumbers(&faults, *l)
		faults.Required("name", l.Name)
		checkText(&faults, "name", l.Name)
		checkText(&faults, "unit", l.Unit)
		l.Delivered, l.Invoiced = money.Quantity{}, money.Quantity{}
		e.faults.Merge(fmt.Sprintf("lines[%d]", i), faults)
	}
}

// checkWhole completes a draft that takes the followed document as it is, and refuses one that does not
// take all of it.
func (e *examination) checkWhole() {
	if len(e.draft.Lines) == 0 {
		for _, l := range e.source.Lines {
			e.draft.Lines = append(e.draft.Lines, erpbridge.DocumentLine{SourceLine: l.Key, Quantity: l.Quantity})
		}
		return
	}
	taken := map[string]money.Quantity{}
	last := map[string]int{}
	for i, l := range e.draft.Lines {
		taken[l.SourceLine], last[l.SourceLine] = taken[l.SourceLine].Add(l.Quantity), i
	}
	for _, l := range e.source.Lines {
		got, there := taken[l.Key]
		switch {
		case !there:
			e.faults.Add("lines", "document.whole", "leave out %s of %s; this ERP takes a document of the kind %q for the whole %s only",
				l.Quantity, l.Name, e.kind, e.source.Kind)
		case got.Cmp(l.Quantity) < 0:
			e.faults.Add(fmt.Sprintf("lines[%d].quantity", last[l.Key]), "document.whole",
				"is %s of %s; this ERP takes a document of the kind %q for the whole %s only", got, l.Quantity, e.kind, e.source.Kind)
		}
	}
}

// checkFollowing completes a line from the source line it follows, and counts down what is left.
func (e *examination) checkFollowing(faults *fault.List, l *erpbridge.DocumentLine) {
	if l.SourceLine == "" {
		if !e.direct {
			faults.Add("source_line", "required", "is missing; each line of a document of the kind %q follows one", e.kind)
		}
		return
	}
	if e.source == nil { // which is said at source
		if e.draft.Source == nil {
			faults.Add("source_line", "source_line.unknown", "is %q, but the document follows none; name its source", l.SourceLine)
		}
		return
	}
	i := slices.IndexFunc(e.source.Lines, func(s erpbridge.DocumentLine) bool { return s.Key == l.SourceLine })
	if i < 0 {
		faults.Add("source_line", "source_line.unknown", "the source document has no line %q", l.SourceLine)
		return
	}
	from := e.source.Lines[i]
	e.takeOver(faults, l, from)
	if e.source.Kind == erpbridge.Quotation { // what is ordered need not be what was offered
		return
	}
	ledgers := []leftKey{{e.source.Kind, from.Key}}
	if e.order != nil && from.SourceLine != "" {
		ledgers = append(ledgers, leftKey{e.order.Kind, from.SourceLine})
	}
	remains := e.left[ledgers[0]]
	for _, k := range ledgers[1:] {
		if e.left[k].Cmp(remains) < 0 {
			remains = e.left[k]
		}
	}
	if l.Quantity.Cmp(remains) > 0 {
		faults.Add("quantity", "quantity.remaining", "%s of %s remain on %s %s, line %s; %s are too many",
			remains, from.Name, e.source.Kind, e.source.Number, from.Key, l.Quantity)
	}
	for _, k := range ledgers {
		e.left[k] = e.left[k].Sub(l.Quantity)
	}
}

// takeOver gives a line what the line it follows says. Where both say something it has to be the same.
func (e *examination) takeOver(faults *fault.List, l *erpbridge.DocumentLine, from erpbridge.DocumentLine) {
	differs := func(path string, got, want any) {
		faults.Add(path, "source_line.differs", "is %v, but the line it follows says %v; leave it empty or change the %s first", got, want, e.source.Kind)
	}
	if l.Product != "" && l.Product != from.Product {
		differs("product", l.Product, from.Product)
	}
	if l.VATCode != "" && l.VATCode != from.VATCode {
		differs("vat_code", l.VATCode, from.VATCode)
	}
	if !l.UnitPrice.IsZero() && !l.UnitPrice.Equal(from.UnitPrice) {
		differs("unit_price", l.UnitPrice, from.UnitPrice)
	}
	if !l.Discount.IsZero() && !l.Discount.Equal(from.Discount) {
		differs("discount", l.Discount, from.Discount)
	}
	l.Product, l.VATCode, l.UnitPrice, l.Discount, l.Unit = from.Product, from.VATCode, from.UnitPrice, from.Discount, from.Unit
	if l.Name == "" {
		l.Name = from.Name
	}
}

// checkProduct completes a line from its product. A line without one is free text.
func (e *examination) checkProduct(faults *fault.List, l *erpbridge.DocumentLine) {
	if l.Product == "" {
		switch e.text {
		case textRefuse:
			faults.Add("product", "required", "is missing; this ERP takes no lines of free text, choose a product for it")
			return
		case textProduct:
			l.Product = e.textProduct
		default:
			return
		}
	}
	p, known := e.products[l.Product]
	if !known {
		faults.Add("product", "product.unknown", "there is no product %q", l.Product)
		return
	}
	if p.Discontinued && e.sold {
		faults.Add("product", "product.discontinued", "%s (%s) is not sold any more", p.Name, p.Code)
	}
	if l.Name == "" {
		l.Name = p.Name
	}
	if l.Unit == "" {
		l.Unit = p.Unit
	}
	if l.VATCode == "" {
		l.VATCode = p.VATCode
	}
	if l.VATRate.IsZero() && len(e.vat) == 0 {
		l.VATRate = p.VATRate
	}
}

func (e *examination) checkVAT(faults *fault.List, l *erpbridge.DocumentLine) {
	if !e.taxed {
		return
	}
	if l.VATCode == "" {
		if l.Product == "" || e.has(l.Product) { // else the product is unknown, and that is said
			faults.Required("vat_code", "")
		}
		return
	}
	v, known := e.vat[l.VATCode]
	switch {
	case !known:
		faults.Add("vat_code", "vat_code.unknown", "there is no VAT code %q", l.VATCode)
		return
	case !v.inForce(e.draft.Date):
		faults.Add("vat_code", "vat_code.date", "%s is not in force on %s; it was %s", l.VATCode, e.draft.Date, v.period())
	case !l.VATRate.IsZero() && !l.VATRate.Equal(v.Rate):
		faults.Add("vat_rate", "vat_rate.differs", "%s %% is not the rate of %s, which is %s %%", l.VATRate, l.VATCode, v.Rate)
	}
	l.VATRate = v.Rate
}

func (e *examination) has(product string) bool {
	_, known := e.products[product]
	return known
}

func (v vatRate) period() string {
	switch {
	case v.From.IsZero():
		return "until " + v.To.String()
	case v.To.IsZero():
		return "from " + v.From.String() + " on"
	}
	return "from " + v.From.String() + " to " + v.To.String()
}

// checkNumbers finds what no host takes; what this host's columns cannot hold is found when the values are
// bound to them.
func checkNumbers(faults *fault.List, l erpbridge.DocumentLine) {
	if !l.Quantity.IsPositive() {
		faults.Add("quantity", "range", "%s is not a quantity; it has to be above zero", l.Quantity)
	}
	if l.UnitPrice.IsNegative() {
		faults.Add("unit_price", "range", "%s is negative; write a credit note instead", l.UnitPrice)
	}
	if l.Discount.IsNegative() || l.Discount.GreaterThan(hundred) {
		faults.Add("discount", "range", "%s %% is no discount; it can be 0 to 100", l.Discount)
	}
}
