package formula

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"github.com/shopspring/decimal"
)

const (
	// maxDigits is the most digits of a number before its point, and the most after it.
	maxDigits = 30
	// divisionPlaces are the places of a quotient that does not come out even.
	divisionPlaces = 16
)

var errOverflow = errors.New("the number gets too large; at most 30 digits before the point are kept")

// checked bounds a number, so that no formula computes with millions of digits. Places behind the
// thirtieth are rounded off.
func checked(d decimal.Decimal) (any, error) {
	places := int(-d.Exponent())
	if places < -4*maxDigits || d.NumDigits()-places > maxDigits && !d.IsZero() {
		return nil, errOverflow
	}
	if places > maxDigits {
		if places > 1000 {
			return nil, errors.New("the number has too many places")
		}
		d = d.Round(maxDigits)
	}
	return d, nil
}

// parseNumber reads 1234.56 or 1.5e3.
func parseNumber(s string) (decimal.Decimal, error) {
	if len(s) <= 80 {
		if d, err := decimal.NewFromString(s); err == nil {
			v, err := checked(d)
			if err != nil {
				return decimal.Decimal{}, err
			}
			return v.(decimal.Decimal), nil //nolint:forcetypeassert // checked gives a decimal or an error
		}
	}
	return decimal.Decimal{}, fmt.Errorf("%s is not a number; write it as 1234.56", shown(s))
}

// fromFloat takes the shortest decimal that reads as the float: what a database shows for it.
func fromFloat(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) >= 1e30 {
		return nil, errOverflow
	}
	return checked(decimal.NewFromFloat(f))
}

// smallWholes are the decimals of the numbers that formulas count with most.
var smallWholes = func() (list [128]decimal.Decimal) {
	for i := range list {
		list[i] = decimal.NewFromInt(int64(i))
	}
	return list
}()

func numberOf(v any) (decimal.Decimal, error) {
	switch x := v.(type) {
	case decimal.Decimal:
		return x, nil
	case int64:
		if x >= 0 && x < int64(len(smallWholes)) {
			return smallWholes[x], nil
		}
		return decimal.NewFromInt(x), nil
	case nil:
		return decimal.Decimal{}, errors.New("there is no value to count with; write x ?? 0")
	}
	return decimal.Decimal{}, fmt.Errorf("%s is a %s, and a number is asked for%s", shown(v), kindOf(v), remedy(kindOf(v), Number))
}

func wholeOf(v any) (int64, error) {
	switch x := v.(type) {
	case int64:
		return x, nil
	case decimal.Decimal:
		if x.IsInteger() && x.NumDigits()+int(max(x.Exponent(), 0)) <= 18 {
			return x.IntPart(), nil
		}
		return 0, fmt.Errorf("%s is not a whole number; write round(x, 0)", x)
	case nil:
		return 0, errors.New("there is no value to count with; write x ?? 0")
	}
	return 0, fmt.Errorf("%s is a %s, and a whole number is asked for%s", shown(v), kindOf(v), remedy(kindOf(v), Whole))
}

// arithmetic are the operators on numbers; + also joins texts that were not known as such before.
var arithmetic = map[string]func(*run, []any) (any, error){
	"+": func(r *run, args []any) (any, error) {
		_, left := args[0].(string)
		if _, right := args[1].(string); left || right {
			return joinTexts(r, args)
		}
		return calculate(args, addWhole, decimal.Decimal.Add)
	},
	"-": func(_ *run, args []any) (any, error) { return calculate(args, subWhole, decimal.Decimal.Sub) },
	"*": func(_ *run, args []any) (any, error) { return calculate(args, mulWhole, decimal.Decimal.Mul) },
	"/": divide,
	"%": rest,
}

func calculate(args []any, whole func(a, b int64) (int64, bool), exact func(a, b decimal.Decimal) decimal.Decimal) (any, error) {
	a, isWhole := args[0].(int64)
	if b, too := args[1].(int64); isWhole && too {
		n, ok := whole(a, b)
		if !ok {
			return nil, errors.New("the whole number gets too large; write 1.0 * x to count with decimals")
		}
		return n, nil
	}
	x, err := numberOf(args[0])
	if err != nil {
		return nil, err
	}
	y, err := numberOf(args[1])
	if err != nil {
		return nil, err
	}
	return checked(exact(x, y))
}

func addWhole(a, b int64) (int64, bool) { s := a + b; return s, (s > a) == (b > 0) }
func subWhole(a, b int64) (int64, bool) { s := a - b; return s, (s < a) == (b > 0) }

func mulWhole(a, b int64) (int64, bool) {
	if a == math.MinInt64 || b == math.MinInt64 {
		return a * b, b == 1 || a == 1 || a == 0 || b == 0
	}
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	return a * b, high == 0 && low <= math.MaxInt64
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

func divisor(args []any) (x, y decimal.Decimal, err error) {
	if x, err = numberOf(args[0]); err != nil {
		return x, y, err
	}
	if y, err = numberOf(args[1]); err != nil {
		return x, y, err
	}
	if y.IsZero() {
		err = errors.New("this divides by zero; write x == 0 ? ... : y / x")
	}
	return x, y, err
}

// tens are divided by exactly, by moving the point: what percentages need.
var tens = map[int64]int32{10: 1, 100: 2, 1000: 3, 10_000: 4, 1_000_000: 6}

func divide(_ *run, args []any) (any, error) {
	if n, ok := args[1].(int64); ok {
		if places, ok := tens[n]; ok {
			x, err := numberOf(args[0])
			if err != nil {
				return nil, err
			}
			return checked(x.Shift(-places))
		}
	}
	x, y, err := divisor(args)
	if err != nil {
		return nil, err
	}
	return checked(x.DivRound(y, divisionPlaces))
}

func rest(_ *run, args []any) (any, error) {
	x, y, err := divisor(args)
	if err != nil {
		return nil, err
	}
	m := x.Mod(y)
	_, a := args[0].(int64)
	if _, b := args[1].(int64); a && b {
		return m.IntPart(), nil
	}
	return checked(m)
}

func negate(_ *run, args []any) (any, error) {
	if n, ok := args[0].(int64); ok && n != math.MinInt64 {
		return -n, nil
	}
	x, err := numberOf(args[0])
	if err != nil {
		return nil, err
	}
	return checked(x.Neg())
}

// sum adds the elements of a list; those without a value count as nothing, as in SQL.
func sum(r *run, args []any) (any, error) {
	total := decimal.Decimal{}
	err := each(args[0], func(v any) error {
		v, err := canonical(v)
		if err != nil || v == nil {
			return err
		}
		d, err := numberOf(v)
		if err != nil {
			return err
		}
		total = total.Add(d)
		return r.spend(1)
	})
	if err != nil {
		return nil, err
	}
	return checked(total)
}

// roundTo rounds half away from zero, as invoices do.
func roundTo(_ *run, args []any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	x, err := numberOf(args[0])
	if err != nil {
		return nil, err
	}
	places := int64(0)
	if len(args) > 1 {
		if places, err = wholeOf(args[1]); err != nil {
			return nil, err
		}
	}
	if places < -maxDigits || places > maxDigits {
		return nil, fmt.Errorf("a number is rounded to between -%d and %d places", maxDigits, maxDigits)
	}
	return checked(x.Round(int32(places)))
}

// fixed prints a number with exactly so many places.
func fixed(r *run, args []any) (any, error) {
	d, err := roundTo(r, args)
	if err != nil || d == nil {
		return d, err
	}
	places, err := wholeOf(args[1])
	if err != nil {
		return nil, err
	}
	return r.text(d.(decimal.Decimal).StringFixed(int32(max(places, 0)))) //nolint:forcetypeassert // roundTo gives it
}

// stepwise makes floor and ceil.
func stepwise(f func(decimal.Decimal) decimal.Decimal) func(*run, []any) (any, error) {
	return func(_ *run, args []any) (any, error) {
		if args[0] == nil {
			return nil, nil
		}
		x, err := numberOf(args[0])
		if err != nil {
			return nil, err
		}
		return checked(f(x))
	}
}

func absolute(r *run, args []any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	x, err := numberOf(args[0])
	if err != nil {
		return nil, err
	}
	if x.IsNegative() {
		return negate(r, args)
	}
	return args[0], nil
}

// toWhole makes a whole number of a number without places, or of a text that is one.
func toWhole(r *run, args []any) (any, error) {
	v, err := toNumber(r, args)
	if err != nil || v == nil {
		return v, err
	}
	return wholeOf(v)
}

// toNumber reads a number from a text; no value stays none.
func toNumber(_ *run, args []any) (any, error) {
	s, isText := args[0].(string)
	switch {
	case args[0] == nil, isText && strings.TrimSpace(s) == "":
		return nil, nil
	case isText:
		return parseNumber(strings.TrimSpace(s))
	}
	return numberOf(args[0])
}
