package catalog

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

const (
	// mostDigits is how many digits a number may have on either side of the point; SQL Server's decimals
	// have 38 in all.
	mostDigits = 60
	// floatDigits is how many significant digits a binary fraction of 64 bits keeps whatever they are.
	floatDigits = 15
)

// sane reports whether a decimal has a size that can be worked with: 1e1000000000 is a short text too.
func sane(d decimal.Decimal) bool {
	return d.Exponent() >= -2*mostDigits && d.Exponent() <= 2*mostDigits && d.Coefficient().BitLen() <= 1024
}

// number reads a number; ok is false for anything else.
func number(value any) (d decimal.Decimal, ok bool) {
	switch v := value.(type) {
	case int64:
		return decimal.NewFromInt(v), true
	case bool:
		return decimal.NewFromInt(bit(v)), true
	case decimal.Decimal:
		return v, true
	case string:
		return literal(v)
	}
	return decimal.Decimal{}, false
}

// literal reads a number written as 12, -3 or 0.50: no exponent, no grouping, no leading zero or plus, so that
// a code such as 007 never passes for one.
func literal(s string) (decimal.Decimal, bool) {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(t string) bool {
		return t != "" && len(t) <= mostDigits && !strings.ContainsFunc(t, func(r rune) bool { return r < '0' || r > '9' })
	}
	if !digits(whole) || len(whole) > 1 && whole[0] == '0' || point && !digits(fraction) {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(s)
	return d, err == nil
}

// numeric reads a number, or says why not.
func (c *Column) numeric(value any) (decimal.Decimal, error) {
	d, ok := number(value)
	if !ok {
		return d, c.refused("column.kind", display(value), "is not a number, and a column of the type %s takes only those", c.Type)
	}
	if !sane(d) {
		return d, c.refused("column.range", display(d), "does not fit the column")
	}
	return d, nil
}

// ranges are the limits of whole numbers by type; others have 64 bits.
var ranges = map[string][2]int64{
	"tinyint": {0, math.MaxUint8}, "smallint": {math.MinInt16, math.MaxInt16}, "int2": {math.MinInt16, math.MaxInt16},
	"mediumint": {-1 << 23, 1<<23 - 1}, "int": {math.MinInt32, math.MaxInt32}, "int4": {math.MinInt32, math.MaxInt32},
}

func (c *Column) bindInteger(d Dialect, value any, st Storage) (any, error) {
	n, err := c.numeric(value)
	if err != nil {
		return nil, err
	}
	if d == SQLite && st.Text {
		return nil, c.refused("column.storage", display(n), "is to be kept as text, and the column keeps whole numbers; correct the mapping's storage")
	}
	if d == SQLite && st.Scale > 0 {
		return c.scaled(n, st.Scale)
	}
	if !n.IsInteger() {
		return nil, c.refused("column.precision", display(n), "has a fraction, and the column keeps whole numbers; round it first: round(x, 0)")
	}
	return c.whole(n)
}

// scaled is the whole number by which a decimal is kept.
func (c *Column) scaled(n decimal.Decimal, scale int32) (any, error) {
	if c.Type.Affinity == "TEXT" || c.Type.Affinity == "REAL" {
		return nil, c.refused("column.storage", display(n), "cannot be kept as a scaled whole number in a column with the affinity %s; declare the column INTEGER", c.Type.Affinity)
	}
	shifted := n.Shift(scale)
	if scale > mostDigits || !sane(shifted) {
		return nil, c.refused("column.range", display(n), "does not fit 64 bits with the scale %d", scale)
	}
	if !shifted.IsInteger() {
		return nil, c.refused("column.precision", display(n), "has more than the %d digits behind the point that the mapping declares; round it first: round(x, %d)", scale, scale)
	}
	return c.whole(shifted)
}

func (c *Column) whole(n decimal.Decimal) (any, error) {
	limits, ok := ranges[c.Type.Name]
	if !ok {
		limits = [2]int64{math.MinInt64, math.MaxInt64}
	}
	if b := n.BigInt(); b.Cmp(big.NewInt(limits[0])) < 0 || b.Cmp(big.NewInt(limits[1])) > 0 {
		return nil, c.refused("column.range", display(n), "is out of the range of %s, which is %d to %d", c.Type, limits[0], limits[1])
	}
	return n.IntPart(), nil
}

func (c *Column) bindDecimal(d Dialect, value any, st Storage) (any, error) {
	n, err := c.numeric(value)
	if err != nil {
		return nil, err
	}
	if err := c.fits(n); err != nil {
		return nil, err
	}
	if d == MSSQL {
		// As text: a float64 on the way would round, and a driver's own decimal guesses its scale.
		return n.String(), nil
	}
	switch {
	case st.Text && (c.Type.Affinity == "TEXT" || c.Type.Affinity == "BLOB"):
		return c.decimalText(n, st)
	case st.Text:
		return nil, c.refused("column.storage", display(n),
			"cannot be kept as text: the column's affinity %s turns it into a binary fraction; declare the column TEXT, keep scaled whole numbers, or say storage: float", c.Type.Affinity)
	case st.Scale > 0:
		return c.scaled(n, st.Scale)
	case n.IsInteger() && n.BigInt().IsInt64():
		return n.IntPart(), nil
	case st.Float:
		return c.fraction(n, 64)
	}
	return nil, c.refused("column.storage", display(n),
		"would be kept as a binary fraction, because SQLite has no decimals; say in the mapping how the host keeps it (storage: text, float, or the number of places of a scaled integer)")
}

// fits checks a decimal against declared digits; none are declared with a precision of 0.
func (c *Column) fits(n decimal.Decimal) error {
	precision, scale := c.Type.Precision, c.Type.Scale
	if precision == 0 {
		return nil
	}
	if !n.Equal(n.Truncate(int32(scale))) {
		return c.refused("column.precision", display(n), "has more than %d digits behind the point, and would be rounded without a word; round it first: round(x, %d)", scale, scale)
	}
	limit := decimal.New(1, int32(precision-scale))
	if c.Type.Name == "money" || c.Type.Name == "smallmoney" {
		// They are whole numbers of 64 and 32 bits, scaled by 10000.
		limit = decimal.New(math.MaxInt64, -4)
		if c.Type.Name == "smallmoney" {
			limit = decimal.New(math.MaxInt32, -4)
		}
		if n.Abs().GreaterThan(limit) {
			return c.refused("column.range", display(n), "is out of the range of %s, which is ±%s", c.Type, limit)
		}
		return nil
	}
	if !n.Abs().LessThan(limit) {
		return c.refused("column.range", display(n), "has more than the %d digits before the point that the column takes", precision-scale)
	}
	return nil
}

func (c *Column) bindFloat(d Dialect, value any) (any, error) {
	n, err := c.numeric(value)
	if err != nil {
		return nil, err
	}
	bits := 64
	if d == MSSQL && c.Type.Name == "real" {
		bits = 32
	}
	return c.fraction(n, bits)
}

// fraction is the binary fraction nearest to a decimal, where it comes back as the same decimal.
func (c *Column) fraction(n decimal.Decimal, bits int) (any, error) {
	f, err := strconv.ParseFloat(n.String(), bits)
	if err != nil || math.IsInf(f, 0) {
		return nil, c.refused("column.range", display(n), "is out of the range of %s", c.Type)
	}
	back, err := fromFloat(f, bits)
	if err != nil || !back.Equal(n) {
		return nil, c.refused("column.precision", display(n), "has more digits than the column's binary fraction keeps; round it first: round(x, 4)")
	}
	return f, nil
}

// fromFloat reads a binary fraction as the decimal that was meant: 0.05, not 0.0500000000000000027.
func fromFloat(f float64, bits int) (decimal.Decimal, error) {
	digits := floatDigits - 1
	if bits == 32 {
		// The shortest text that leads to the same fraction.
		digits = -1
	}
	return decimal.NewFromString(strconv.FormatFloat(f, 'e', digits, bits))
}
