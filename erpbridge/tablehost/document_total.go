package tablehost

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// roundLine is the value of VAT.Round by which the VAT of each line is rounded.
const roundLine = "line"

// counting says how the amounts of a document follow from its lines.
type counting struct {
	currency string
	// perLine: the VAT of each line is rounded and added up; otherwise that of each code's sum is.
	perLine bool
}

// taxSum is the sum of one VAT code on a document.
type taxSum struct {
	Code string
	Rate money.Percent
	Net  money.Amount
	VAT  money.Amount
}

// Gross is net and VAT.
func (t taxSum) Gross() money.Amount { return t.Net.Add(t.VAT) }

// netOf is a line's net, rounded to the currency's decimals.
func netOf(l erpbridge.DocumentLine, currency string) money.Amount {
	full := fullPrice(l)
	return money.Round(full.Sub(money.PercentOf(l.Discount, full)), currency)
}

// vatOf is a line's own VAT, rounded to the currency's decimals.
func vatOf(l erpbridge.DocumentLine, currency string) money.Amount {
	return money.Round(money.PercentOf(l.VATRate, l.Net), currency)
}

// taxes adds the lines up by VAT code, in the order in which the codes come up first. The lines have
// their nets.
func (c counting) taxes(lines []erpbridge.DocumentLine) []taxSum {
	var list []taxSum
	for _, l := range lines {
		i := slices.IndexFunc(list, func(t taxSum) bool { return t.Code == l.VATCode && t.Rate.Equal(l.VATRate) })
		if i < 0 {
			i = len(list)
			list = append(list, taxSum{Code: l.VATCode, Rate: l.VATRate})
		}
		list[i].Net = list[i].Net.Add(l.Net)
		if c.perLine {
			list[i].VAT = list[i].VAT.Add(vatOf(l, c.currency))
		}
	}
	if !c.perLine {
		for i, t := range list {
			list[i].VAT = money.Round(money.PercentOf(t.Rate, t.Net), c.currency)
		}
	}
	return list
}

// sum sets the totals of a document from the nets of its lines.
func (c counting) sum(d *erpbridge.Document) {
	d.Net, d.VAT = money.Amount{}, money.Amount{}
	for _, t := range c.taxes(d.Lines) {
		d.Net, d.VAT = d.Net.Add(t.Net), d.VAT.Add(t.VAT)
	}
	d.Gross = d.Net.Add(d.VAT)
}

// count sets the nets of the lines, and the totals.
func (c counting) count(d *erpbridge.Document) {
	for i, l := range d.Lines {
		d.Lines[i].Net = netOf(l, c.currency)
	}
	c.sum(d)
}

// pricePlaces are those of money.Amount, in which unit prices are kept.
const pricePlaces = 4

// grossPrice gives the unit price with VAT, with as many places as the host keeps; netPrice the one without.
func grossPrice(net money.Amount, rate money.Percent, places int32) money.Amount {
	return money.NewAmount(net.Mul(factorOf(rate)).Round(places))
}

func netPrice(gross money.Amount, rate money.Percent) money.Amount {
	factor := factorOf(rate)
	if factor.IsZero() { // a rate of -100 % is no rate
		return gross
	}
	return money.NewAmount(gross.DivRound(factor, pricePlaces))
}

func factorOf(rate money.Percent) decimal.Decimal { return one.Add(rate.Shift(-2)) }

// reversed gives the amounts and quantities of a document with the other sign: a credit note for an
// invoice, or what a host keeps below zero.
func reversed(d erpbridge.Document) erpbridge.Document {
	d.Net, d.VAT, d.Gross = negative(d.Net), negative(d.VAT), negative(d.Gross)
	d.Lines = slices.Clone(d.Lines)
	for i, l := range d.Lines {
		d.Lines[i].Quantity = money.NewQuantity(l.Quantity.Neg())
		d.Lines[i].Net = negative(l.Net)
	}
	return d
}

func negative(a money.Amount) money.Amount { return money.NewAmount(a.Neg()) }
