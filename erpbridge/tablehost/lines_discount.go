package tablehost

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// The forms in which hosts keep a discount; see Field.As.
const (
	asPercent  = "percent"
	asFraction = "fraction"
	asFactor   = "factor"
	asAmount   = "amount"
	asCascade  = "cascade"
)

var (
	one     = decimal.NewFromInt(1)
	hundred = decimal.NewFromInt(100)
)

// discountPlaces are those of money.Percent: what a host's own form gives beyond them is rounded away.
const discountPlaces = 4

// fullPrice is what a line costs before its discount, not rounded.
func fullPrice(l erpbridge.DocumentLine) money.Amount { return money.Times(l.UnitPrice, l.Quantity) }

// discountWritten gives a line's discount in the host's form. An amount is that of the whole line, with as
// many places as the host keeps, so that it reads as the same percentage again.
func discountWritten(form string, l erpbridge.DocumentLine, places int32) any {
	switch form {
	case asFraction:
		return l.Discount.Shift(-2)
	case asFactor:
		return one.Sub(l.Discount.Shift(-2))
	case asAmount:
		return money.PercentOf(l.Discount, fullPrice(l)).Round(places)
	case asCascade:
		if l.Discount.IsZero() {
			return ""
		}
		return l.Discount.Decimal.String()
	}
	return l.Discount.Decimal
}

// discountRead makes percent of what the host keeps; the line has its quantity and its price already.
func discountRead(form string, value any, l erpbridge.DocumentLine) (money.Percent, error) {
	if form == asCascade {
		text, _ := value.(string)
		return cascade(text)
	}
	d, err := number(value)
	if err != nil || value == nil || value == "" {
		return money.Percent{}, err
	}
	switch form {
	case asFraction:
		d = d.Shift(2)
	case asFactor:
		d = one.Sub(d).Shift(2)
	case asAmount:
		full := fullPrice(l)
		if full.IsZero() {
			return money.Percent{}, nil
		}
		d = d.Mul(hundred).DivRound(full.Decimal, discountPlaces)
	}
	return money.NewPercent(d.Round(discountPlaces)), nil
}

// cascade reads discounts that apply one after the other: "10+5" leaves 0.9 * 0.95, which is 14.5 % off.
func cascade(text string) (money.Percent, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return money.Percent{}, nil
	}
	parts := strings.Split(text, "+")
	if len(parts) > maxCascade {
		return money.Percent{}, fmt.Errorf("%.40q has %d discounts; at most %d are read", text, len(parts), maxCascade)
	}
	left := one
	for _, part := range parts {
		part = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(part), "%"))
		p, err := money.ParsePercent(strings.Replace(part, ",", ".", 1))
		if err != nil {
			return money.Percent{}, fmt.Errorf("%.40q is no cascade of discounts; it is written as 10+5", text)
		}
		if p.IsNegative() || p.GreaterThan(hundred) {
			return money.Percent{}, fmt.Errorf("%s %% in the cascade %.40q is no discount; it can be 0 to 100", p, text)
		}
		left = left.Mul(one.Sub(p.Shift(-2)))
	}
	return money.NewPercent(one.Sub(left).Shift(2).Round(discountPlaces)), nil
}

// maxCascade bounds how many discounts one line has.
const maxCascade = 8

// number gives a column's value as a decimal; no value is zero.
func number(value any) (decimal.Decimal, error) {
	switch v := value.(type) {
	case nil:
		return decimal.Decimal{}, nil
	case decimal.Decimal:
		return v, nil
	case int64:
		return decimal.NewFromInt(v), nil
	case string:
		if strings.TrimSpace(v) == "" {
			return decimal.Decimal{}, nil
		}
		a, err := money.ParseAmount(v)
		return a.Decimal, err
	}
	return decimal.Decimal{}, fmt.Errorf("a number cannot be read from %T", value)
}
