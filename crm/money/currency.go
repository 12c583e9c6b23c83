package money

import (
	"fmt"
	"sort"

	"github.com/shopspring/decimal"
)

// digits are the decimals that totals of a currency are rounded to. ISO 4217 gives 2 unless listed;
// HUF is listed with 0 because Hungarian documents carry whole forints although ISO says 2.
var digits = map[string]int32{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "HUF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
	"RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

// Digits is the number of decimals of totals in the currency.
func Digits(currency string) int32 {
	if d, ok := digits[currency]; ok {
		return d
	}
	return 2
}

// ValidCurrency reports whether the code has the form of ISO 4217: three capital letters.
func ValidCurrency(code string) bool {
	if len(code) != 3 {
		return false
	}
	for _, c := range code {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// Round rounds half away from zero to the currency's decimals.
func Round(a Amount, currency string) Amount {
	return Amount{a.Round(Digits(currency))}
}

// RoundCash rounds a total that is paid in cash: HUF to 5 (Act III of 2008), CHF to 0.05, others as [Round].
func RoundCash(a Amount, currency string) Amount {
	switch currency {
	case "HUF":
		return Amount{a.Div(decimal.NewFromInt(5)).Round(0).Mul(decimal.NewFromInt(5))}
	case "CHF":
		return Amount{a.Mul(decimal.NewFromInt(20)).Round(0).Div(decimal.NewFromInt(20))}
	}
	return Round(a, currency)
}

// PercentOf gives p percent of a, not rounded: PercentOf(27, 100) is 27.
func PercentOf(p Percent, a Amount) Amount { return Amount{a.Mul(p.Decimal).Shift(-2)} }

// Times gives price times quantity, not rounded.
func Times(price Amount, q Quantity) Amount { return Amount{price.Mul(q.Decimal)} }

// Convert gives a in another currency, a times rate, not rounded.
func Convert(a Amount, rate Rate) Amount { return Amount{a.Mul(rate.Decimal)} }

// Ratio gives a divided by b with 8 places; division by zero is an error.
func Ratio(a, b Amount) (Rate, error) {
	if b.IsZero() {
		return Rate{}, fmt.Errorf("money: %s cannot be divided by zero", a)
	}
	return Rate{a.DivRound(b.Decimal, 8)}, nil
}

// Split divides a total by weights so that the parts, rounded to the currency's decimals, add up to
// the rounded total exactly (largest remainder; of equal remainders the earlier part wins). Weights
// must not be negative and their sum not zero.
func Split(total Amount, currency string, weights []Percent) ([]Amount, error) {
	var sum decimal.Decimal
	for i, w := range weights {
		if w.IsNegative() {
			return nil, fmt.Errorf("money: weight %d is negative", i)
		}
		sum = sum.Add(w.Decimal)
	}
	if sum.IsZero() {
		return nil, fmt.Errorf("money: nothing to split by: the weights add up to zero")
	}
	places := Digits(currency)
	unit := decimal.New(1, -places)
	total = Round(total, currency)
	negative := total.IsNegative()
	abs := total.Abs()

	parts := make([]Amount, len(weights))
	type rest struct {
		i int
		r decimal.Decimal
	}
	rests := make([]rest, len(weights))
	left := abs
	for i, w := range weights {
		exact, remainder := abs.Mul(w.Decimal).QuoRem(sum, places)
		parts[i] = Amount{exact}
		rests[i] = rest{i, remainder}
		left = left.Sub(exact)
	}
	sort.SliceStable(rests, func(x, y int) bool { return rests[x].r.GreaterThan(rests[y].r) })
	for k := 0; left.IsPositive(); k++ {
		parts[rests[k%len(rests)].i].Decimal = parts[rests[k%len(rests)].i].Decimal.Add(unit)
		left = left.Sub(unit)
	}
	if negative {
		for i := range parts {
			parts[i].Decimal = parts[i].Neg()
		}
	}
	return parts, nil
}
