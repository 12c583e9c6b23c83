package erp

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// check is the examination of one draft. Faults are collected to the end; what the draft leaves open
// is completed on the way, from the source document, the product and the company.
type check struct {
	work
	draft  erpbridge.Document
	faults fault.List
	source erpbridge.Document
	// left is what may still follow, by line of the source and by line of the order behind it.
	left map[leftKey]money.Quantity
	vat  map[string]VAT
}

type leftKey struct {
	kind erpbridge.Kind
	line string
}

// CheckDocument implements erpbridge.DocumentCheck.
func (p documents) CheckDocument(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) ([]fault.Fault, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	c, err := w.check(ctx, draft)
	if err != nil {
		return nil, err
	}
	return c.faults, nil
}

func (w work) check(ctx context.Context, draft erpbridge.Document) (*check, error) {
	c := &check{work: w, draft: draft, left: map[leftKey]money.Quantity{}, vat: map[string]VAT{}}
	c.draft.Lines = slices.Clone(draft.Lines)
	c.draft.Date = orDay(draft.Date, w.Today)
	switch draft.Kind {
	case erpbridge.Order, erpbridge.DeliveryNote, erpbridge.Invoice, erpbridge.PaymentRequest, erpbridge.AdvanceInvoice, erpbridge.CompletionAct,
		erpbridge.CreditNote:
	default:
		c.faults.Add("kind", "document.kind", "documents of the kind %q are not written this way; write an order, a delivery note or an invoice", draft.Kind)
		return c, nil
	}
	if c.draft.Date.IsZero() {
		c.faults.Required("date", "")
	}
	codes, err := w.vatCodes(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range codes {
		c.vat[v.Code] = v
	}
	for _, step := range []func(context.Context) error{c.checkSource, c.checkAddressee, c.checkLines} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	checkCurrency(&c.faults, c.draft.Currency)
	texts(&c.faults, map[string]bounded{"reference": {draft.Reference, 60}, "note": {draft.Note, 4000}})
	c.sum()
	return c, nil
}

// follows says which documents a kind can follow.
var follows = map[erpbridge.Kind][]erpbridge.Kind{
	erpbridge.DeliveryNote: {erpbridge.Order},
	erpbridge.Invoice:      {erpbridge.Order, erpbridge.DeliveryNote},

	erpbridge.PaymentRequest: {erpbridge.Order},
	erpbridge.AdvanceInvoice: {erpbridge.Order, erpbridge.PaymentRequest},
	erpbridge.CompletionAct:  {erpbridge.Order, erpbridge.DeliveryNote},
	erpbridge.CreditNote:     {erpbridge.Invoice},
}

// checkSource reads the document that the draft follows, and what is left of it.
func (c *check) checkSource(ctx context.Context) error {
	d := &c.draft
	if d.Source == nil {
		switch d.Kind {
		case erpbridge.DeliveryNote:
			c.faults.Add("source", "required", "is missing; a delivery note follows an order")
		case erpbridge.CreditNote:
			c.faults.Add("source", "required", "is missing; a credit note follows an invoice")
		}
		return nil
	}
	if !slices.Contains(follows[d.Kind], d.Source.Kind) {
		c.faults.Add("source", "source.kind", "a document of the kind %q cannot follow one of the kind %q", d.Kind, d.Source.Kind)
		return nil
	}
	source, err := c.document(ctx, *d.Source)
	if fault.CodeOf(err) == fault.NotFound {
		c.faults.Add("source", "source.unknown", "there is no %s %q", d.Source.Kind, d.Source.Key)
		return nil
	}
	if err != nil {
		return err
	}
	if source.State == erpbridge.Cancelled {
		c.faults.Add("source", "source.cancelled", "%s %s is cancelled; nothing can follow it", source.Kind, source.Number)
	}
	if d.Kind == erpbridge.CreditNote && source.State != erpbridge.Posted && source.State != erpbridge.Paid {
		c.faults.Add("source", "source.state", "invoice %s is %s; a credit note follows one that is posted", source.Number, source.State)
	}
	if d.Customer == "" {
		d.Customer = source.Customer
	} else if d.Customer != source.Customer {
		c.faults.Add("customer", "source.customer", "is %s, but %s %s is for %s", d.Customer, source.Kind, source.Number, source.Customer)
	}
	if d.Currency == "" {
		d.Currency = source.Currency
	} else if d.Currency != source.Currency {
		c.faults.Add("currency", "source.currency", "is %s, but %s %s is in %s", d.Currency, source.Kind, source.Number, source.Currency)
	}
	d.Source = &source.Ref
	c.source = source
	credited, err := c.credited(ctx, source.Ref)
	if err != nil {
		return err
	}
	for _, l := range source.Lines {
		var followed money.Quantity // papers count nothing: one may be asked for again
		switch d.Kind {
		case erpbridge.DeliveryNote:
			followed = l.Delivered
		case erpbridge.Invoice:
			followed = l.Invoiced
		case erpbridge.CreditNote:
			followed = credited[l.Key]
		}
		c.left[leftKey{source.Kind, l.Key}] = l.Quantity.Sub(followed)
	}
	if source.Kind != erpbridge.DeliveryNote || d.Kind != erpbridge.Invoice {
		return nil
	}
	// What was invoiced from the order directly cannot be invoiced again from its delivery note.
	order, err := c.document(ctx, *source.Source)
	if err != nil {
		return err
	}
	for _, l := range order.Lines {
		c.left[leftKey{erpbridge.Order, l.Key}] = l.Quantity.Sub(l.Invoiced)
	}
	return nil
}

// checkAddressee reads the customer.
func (c *check) checkAddressee(ctx context.Context) error {
	d := &c.draft
	if d.Customer == "" {
		c.faults.Required("customer", "")
		return nil
	}
	customer, err := c.customer(ctx, d.Customer)
	if fault.CodeOf(err) == fault.NotFound {
		c.faults.Add("customer", "customer.unknown", "there is no customer %q", d.Customer)
		return nil
	}
	if err != nil {
		return err
	}
	if customer.Blocked {
		c.faults.Add("customer", "customer.blocked", "%s (%s) is blocked; have the account opened first", customer.Name, customer.Code)
	}
	if d.Currency == "" {
		d.Currency = customer.Currency
	}
	if d.Kind == erpbridge.Invoice {
		c.faults.Merge("customer", missingForInvoice(customer))
	}
	if d.Due.IsZero() {
		d.Due = d.Date
		if d.Kind == erpbridge.Invoice {
			d.Due = d.Date.AddDays(customer.PaymentDays)
		}
	}
	if d.Due.Before(d.Date) {
		c.faults.Add("due", "due.before", "%s is before the document's date %s", d.Due, d.Date)
	}
	return nil
}

func (c *check) checkLines(ctx context.Context) error {
	if len(c.draft.Lines) == 0 {
		c.faults.Add("lines", "required", "are missing; a document has at least one")
	}
	for i := range c.draft.Lines {
		l := &c.draft.Lines[i]
		var faults fault.List
		c.checkFollowing(&faults, l)
		if err := c.checkProduct(ctx, &faults, l); err != nil {
			return err
		}
		c.checkVAT(&faults, l)
		checkNumbers(&faults, *l)
		faults.Required("name", l.Name)
		texts(&faults, map[string]bounded{"name": {l.Name, 400}, "unit": {l.Unit, 20}})
		l.Key = fmt.Sprint(i + 1)
		l.Delivered, l.Invoiced = money.Quantity{}, money.Quantity{}
		c.faults.Merge(fmt.Sprintf("lines[%d]", i), faults)
	}
	return nil
}

// checkFollowing completes a line from the source line it follows, and counts down what is left.
func (c *check) checkFollowing(faults *fault.List, l *erpbridge.DocumentLine) {
	if l.SourceLine == "" {
		if c.draft.Kind == erpbridge.DeliveryNote || c.draft.Kind == erpbridge.CreditNote {
			faults.Add("source_line", "required", "is missing; a line of this document follows one of its source")
		}
		return
	}
	i := slices.IndexFunc(c.source.Lines, func(s erpbridge.DocumentLine) bool { return s.Key == l.SourceLine })
	if i < 0 {
		faults.Add("source_line", "source_line.unknown", "the source document has no line %q", l.SourceLine)
		return
	}
	from := c.source.Lines[i]
	same := func(path, got, want string) {
		if got != "" && got != want {
			faults.Add(path, "source_line.differs", "is %s, but the line it follows says %s; leave it empty or change the %s first", got, want, c.source.Kind)
		}
	}
	same("product", l.Product, from.Product)
	same("vat_code", l.VATCode, from.VATCode)
	if !l.UnitPrice.IsZero() {
		same("unit_price", l.UnitPrice.String(), from.UnitPrice.String())
	}
	if !l.Discount.IsZero() {
		same("discount", l.Discount.String(), from.Discount.String())
	}
	l.Product, l.VATCode, l.UnitPrice, l.Discount, l.Unit = from.Product, from.VATCode, from.UnitPrice, from.Discount, from.Unit
	if l.Name == "" {
		l.Name = from.Name
	}
	ledgers := []leftKey{{c.source.Kind, from.Key}}
	if c.source.Kind == erpbridge.DeliveryNote && c.draft.Kind == erpbridge.Invoice {
		ledgers = append(ledgers, leftKey{erpbridge.Order, from.SourceLine})
	}
	remains := c.left[ledgers[0]]
	for _, k := range ledgers[1:] {
		if c.left[k].Cmp(remains) < 0 {
			remains = c.left[k]
		}
	}
	if l.Quantity.Cmp(remains) > 0 {
		faults.Add("quantity", "quantity.remaining", "%s of %s remain on %s %s, line %s; %s are too many",
			remains, from.Name, c.source.Kind, c.source.Number, from.Key, l.Quantity)
	}
	for _, k := range ledgers {
		c.left[k] = c.left[k].Sub(l.Quantity)
	}
}

// checkProduct completes a line from its product. A line without one is free text.
func (c *check) checkProduct(ctx context.Context, faults *fault.List, l *erpbridge.DocumentLine) error {
	if l.Product == "" {
		return nil
	}
	p, err := c.product(ctx, l.Product)
	if fault.CodeOf(err) == fault.NotFound {
		faults.Add("product", "product.unknown", "there is no product %q", l.Product)
		return nil
	}
	if err != nil {
		return err
	}
	if p.Discontinued && c.draft.Kind == erpbridge.Order {
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
	return nil
}

func (c *check) checkVAT(faults *fault.List, l *erpbridge.DocumentLine) {
	if l.VATCode == "" {
		if l.Product == "" { // else the product is unknown, and that is said
			faults.Required("vat_code", "")
		}
		return
	}
	v, known := c.vat[l.VATCode]
	switch {
	case !known:
		faults.Add("vat_code", "vat_code.unknown", "there is no VAT code %q", l.VATCode)
		return
	case c.draft.Date.Before(v.From) || c.draft.Date.After(v.To):
		faults.Add("vat_code", "vat_code.date", "%s is not in force on %s; it was from %s to %s", v.Code, c.draft.Date, v.From, v.To)
	case !l.VATRate.IsZero() && !l.VATRate.Equal(v.Rate):
		faults.Add("vat_rate", "vat_rate.differs", "%s %% is not the rate of %s, which is %s %%", l.VATRate, v.Code, v.Rate)
	}
	l.VATRate = v.Rate
}

// The columns' bounds, in whole units.
var (
	hundred     = decimal.NewFromInt(100)
	maxQuantity = decimal.New(1, 11)
	maxAmount   = decimal.New(1, 13)
)

func checkNumbers(faults *fault.List, l erpbridge.DocumentLine) {
	switch {
	case !l.Quantity.IsPositive():
		faults.Add("quantity", "range", "%s is not a quantity; it has to be above zero", l.Quantity)
	case l.Quantity.GreaterThan(maxQuantity):
		faults.Add("quantity", "range", "%s is too large", l.Quantity)
	case !l.Quantity.Round(6).Equal(l.Quantity.Decimal):
		faults.Add("quantity", "digits", "%s has more than the six decimals this ERP keeps", l.Quantity)
	}
	switch {
	case l.UnitPrice.IsNegative():
		faults.Add("unit_price", "range", "%s is negative; write a credit note instead", l.UnitPrice)
	case l.UnitPrice.GreaterThan(maxAmount):
		faults.Add("unit_price", "range", "%s is too large", l.UnitPrice)
	case !l.UnitPrice.Round(4).Equal(l.UnitPrice.Decimal):
		faults.Add("unit_price", "digits", "%s has more than the four decimals this ERP keeps", l.UnitPrice)
	}
	if l.Discount.IsNegative() || l.Discount.GreaterThan(hundred) {
		faults.Add("discount", "range", "%s %% is no discount; it can be 0 to 100", l.Discount)
	}
}

// sum computes the nets and totals.
func (c *check) sum() {
	d := &c.draft
	for i := range d.Lines {
		d.Lines[i].Net = lineNet(d.Lines[i], d.Currency)
	}
	d.Net, d.VAT = money.Amount{}, money.Amount{}
	for _, v := range vatSummary(d.Lines, d.Currency) {
		d.Net, d.VAT = d.Net.Add(v.Net), d.VAT.Add(v.VAT)
	}
	d.Gross = d.Net.Add(d.VAT)
	if d.Gross.GreaterThan(maxAmount) {
		c.faults.Add("gross", "range", "%s is too large", d.Gross)
	}
}

func lineNet(l erpbridge.DocumentLine, currency string) money.Amount {
	full := money.Times(l.UnitPrice, l.Quantity)
	return money.Round(full.Sub(money.PercentOf(l.Discount, full)), currency)
}

// VATTotal is the sum of one VAT code on a document.
type VATTotal struct {
	Code string
	Rate money.Percent
	Net  money.Amount
	VAT  money.Amount
}

// vatSummary adds up the lines by VAT code, in the order in which the codes come up first.
func vatSummary(lines []erpbridge.DocumentLine, currency string) []VATTotal {
	var list []VATTotal
	for _, l := range lines {
		i := slices.IndexFunc(list, func(v VATTotal) bool { return v.Code == l.VATCode })
		if i < 0 {
			i = len(list)
			list = append(list, VATTotal{Code: l.VATCode, Rate: l.VATRate})
		}
		list[i].Net = list[i].Net.Add(l.Net)
	}
	for i, v := range list {
		list[i].VAT = money.Round(money.PercentOf(v.Rate, v.Net), currency)
	}
	return list
}
