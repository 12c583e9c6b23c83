package workbook

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// doubleDigits are the significant digits that an IEEE 754 double keeps of any decimal (DBL_DIG).
const doubleDigits = 15

// pow10 are the powers of ten that a double holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
	1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// double gives the double nearest to d, and the decimals d has. The last result is whether the
// double stands for d: whether d has at most 15 significant digits, so that the shortest text of
// the double is d again.
func double(d decimal.Decimal) (f float64, places int32, exact bool) {
	coefficient, exponent, fits := significant(d)
	if !fits {
		f, _ = strconv.ParseFloat(d.String(), 64) // the text of a decimal always parses
		return f, decimals(d), false
	}
	// Both operands are exact, so the one rounding of the division or product is the right one.
	f = float64(coefficient)
	switch {
	case exponent < 0 && -exponent < int32(len(pow10)):
		f /= pow10[-exponent]
	case exponent > 0 && exponent < int32(len(pow10)):
		f *= pow10[exponent]
	case exponent != 0:
		f, _ = strconv.ParseFloat(d.String(), 64)
	}
	return f, max(0, -exponent), true
}

// significant gives d as coefficient times ten to the exponent without trailing zeros; false where
// it has more than 15 digits.
func significant(d decimal.Decimal) (int64, int32, bool) {
	exponent := d.Exponent()
	if d.NumDigits() > 18 {
		digits := d.Coefficient().String()
		short := strings.TrimRight(digits, "0")
		coefficient, err := strconv.ParseInt(short, 10, 64)
		if err != nil || len(strings.TrimPrefix(short, "-")) > doubleDigits {
			return 0, 0, false
		}
		return coefficient, exponent + int32(len(digits)-len(short)), true
	}
	coefficient := d.CoefficientInt64()
	if coefficient == 0 {
		return 0, 0, true
	}
	for coefficient%10 == 0 {
		coefficient /= 10
		exponent++
	}
	const limit = 1_000_000_000_000_000 // ten to the 15
	return coefficient, exponent, coefficient < limit && coefficient > -limit
}

// decimals counts the decimals of d without trailing zeros.
func decimals(d decimal.Decimal) int32 {
	if _, exponent, fits := significant(d); fits {
		return max(0, -exponent)
	}
	_, fraction, _ := strings.Cut(d.String(), ".")
	return int32(len(strings.TrimRight(fraction, "0")))
}
