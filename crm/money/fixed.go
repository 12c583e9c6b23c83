// Package money holds exact amounts, quantities, rates and percentages.
//
// In Go they are decimals (shopspring/decimal); in the database scaled BIGINTs, so that SUM and
// comparison are exact on SQL Server and on SQLite alike: an [Amount] of 12.5 is stored as 125000.
// Nothing is a float on the way. Overflow and division by zero are errors.
package money

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strings"

	"github.com/shopspring/decimal"
)

// kind tells the scaled columns apart at compile time.
type kind interface{ places() int32 }

type (
	amountKind   struct{}
	quantityKind struct{}
	rateKind     struct{}
	percentKind  struct{}
)

func (amountKind) places() int32   { return 4 }
func (quantityKind) places() int32 { return 6 }
func (rateKind) places() int32     { return 8 }
func (percentKind) places() int32  { return 4 }

// Fixed is a decimal with a fixed number of places in the database. Storing rounds half away from
// zero to that many places (commercial rounding) and fails where the result leaves 64 bits.
type Fixed[K kind] struct{ decimal.Decimal }

type (
	// Amount is a sum of money without its currency: 4 places, up to ±922,337,203,685,477.5807.
	Amount = Fixed[amountKind]
	// Quantity is a number of units: 6 places.
	Quantity = Fixed[quantityKind]
	// Rate is an exchange rate or factor: 8 places.
	Rate = Fixed[rateKind]
	// Percent is a percentage, 27 for 27 %: 4 places.
	Percent = Fixed[percentKind]
)

// NewAmount wraps a decimal.
func NewAmount(d decimal.Decimal) Amount { return Amount{d} }

// NewQuantity wraps a decimal.
func NewQuantity(d decimal.Decimal) Quantity { return Quantity{d} }

// NewRate wraps a decimal.
func NewRate(d decimal.Decimal) Rate { return Rate{d} }

// NewPercent wraps a decimal.
func NewPercent(d decimal.Decimal) Percent { return Percent{d} }

// ParseAmount reads "1234.56": a point, no grouping. Text that people typed goes through
// locale.ParseNumber first.
func ParseAmount(s string) (Amount, error) { return parse[amountKind](s) }

// ParseQuantity reads "1234.56".
func ParseQuantity(s string) (Quantity, error) { return parse[quantityKind](s) }

// ParsePercent reads "12.5".
func ParsePercent(s string) (Percent, error) { return parse[percentKind](s) }

// ParseRate reads "402.15".
func ParseRate(s string) (Rate, error) { return parse[rateKind](s) }

// MustAmount is ParseAmount for constants; it panics on bad text.
func MustAmount(s string) Amount { return must[amountKind](s) }

// MustQuantity is ParseQuantity for constants; it panics on bad text.
func MustQuantity(s string) Quantity { return must[quantityKind](s) }

// MustPercent is ParsePercent for constants; it panics on bad text.
func MustPercent(s string) Percent { return must[percentKind](s) }

// MustRate reads a constant rate; it panics on bad text.
func MustRate(s string) Rate { return must[rateKind](s) }

// maxText bounds what is parsed: longer text is no amount and must not cost time.
const maxText = 64

func parse[K kind](s string) (Fixed[K], error) {
	var zero Fixed[K]
	t := strings.TrimSpace(s)
	if len(t) > maxText || strings.ContainsAny(t, "eE") {
		return zero, fmt.Errorf("%.70q is not a number; write it as 1234.56", s)
	}
	d, err := decimal.NewFromString(t)
	if err != nil {
		return zero, fmt.Errorf("%q is not a number; write it as 1234.56", s)
	}
	f := Fixed[K]{d}
	if _, err := f.Scaled(); err != nil {
		return zero, err
	}
	return f, nil
}

func must[K kind](s string) Fixed[K] {
	f, err := parse[K](s)
	if err != nil {
		panic(err)
	}
	return f
}

// Scaled gives the integer that is stored; an error where it leaves 64 bits.
func (f Fixed[K]) Scaled() (int64, error) {
	var k K
	scaled := f.Round(k.places()).Shift(k.places())
	if scaled.Abs().GreaterThan(maxScaled) {
		return 0, fmt.Errorf("%s is too large; at most %s fits", f.Decimal, maxScaled.Shift(-k.places()))
	}
	return scaled.IntPart(), nil
}

var maxScaled = decimal.NewFromInt(math.MaxInt64)

// FromScaled is the inverse of [Fixed.Scaled].
func FromScaled[K kind](n int64) Fixed[K] {
	var k K
	return Fixed[K]{decimal.New(n, -k.places())}
}

// AmountFromScaled turns a stored BIGINT, or an exact SUM of them, into an amount.
func AmountFromScaled(n int64) Amount { return FromScaled[amountKind](n) }

// QuantityFromScaled turns a stored BIGINT into a quantity.
func QuantityFromScaled(n int64) Quantity { return FromScaled[quantityKind](n) }

// Value stores the scaled integer.
func (f Fixed[K]) Value() (driver.Value, error) {
	n, err := f.Scaled()
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Scan reads the scaled integer; NULL is zero.
func (f *Fixed[K]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*f = Fixed[K]{}
	case int64:
		*f = FromScaled[K](v)
	default:
		return fmt.Errorf("money: cannot read a scaled number from %T", src)
	}
	return nil
}

// Cmp compares two numbers of one kind.
func (f Fixed[K]) Cmp(o Fixed[K]) int { return f.Decimal.Cmp(o.Decimal) }

// Equal reports whether both are the same number.
func (f Fixed[K]) Equal(o Fixed[K]) bool { return f.Decimal.Equal(o.Decimal) }

// Add gives the sum.
func (f Fixed[K]) Add(o Fixed[K]) Fixed[K] { return Fixed[K]{f.Decimal.Add(o.Decimal)} }

// Sub gives the difference.
func (f Fixed[K]) Sub(o Fixed[K]) Fixed[K] { return Fixed[K]{f.Decimal.Sub(o.Decimal)} }
