package paper

import "github.com/shopspring/decimal"

// Top is where the grid of a line ends whose largest value is v: 1, 2, 2.5 or 5 times a power of ten, at least v.
func Top(v decimal.Decimal) decimal.Decimal {
	power := decimal.NewFromInt(1)
	for power.Mul(decimal.NewFromInt(10)).LessThanOrEqual(v) {
		power = power.Mul(decimal.NewFromInt(10))
	}
	for _, step := range []string{"1", "2", "2.5", "5", "10"} {
		if top := power.Mul(decimal.RequireFromString(step)); top.GreaterThanOrEqual(v) {
			return top
		}
	}
	return v
}
