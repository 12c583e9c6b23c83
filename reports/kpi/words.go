package kpi

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// Text is a value as its reader writes it; money is in the company's currency, that of l.
func (v Value) Text(u Unit, l locale.Locale) string {
	if !v.Known {
		return "–"
	}
	switch u {
	case Money:
		return l.Language.Money(money.NewAmount(v.Decimal), l.Currency)
	case Percent:
		return l.Language.Percent(money.NewPercent(v.Decimal.Round(1)))
	case Seconds:
		return durationText(l.Language, time.Duration(v.IntPart())*time.Second)
	case Minutes:
		return durationText(l.Language, time.Duration(v.IntPart())*time.Minute)
	case Count:
	}
	return locale.Minus(l.Language.Quantity(v.Decimal))
}

// Short is Text with money in thousands or millions, for charts.
func (v Value) Short(u Unit, l locale.Locale) string {
	if u == Money && v.Known {
		return ShortMoney(l.Language, money.NewAmount(v.Decimal), l.Currency)
	}
	return v.Text(u, l)
}

// Axis writes the marks of an axis, which stand at the quarters of its end, top: all of them in one form. Money is in the
// company's currency, that of l.
func Axis(u Unit, l locale.Locale) func(mark, top decimal.Decimal) string {
	if u == Money {
		return AxisMoney(l.Language, l.Currency)
	}
	return func(mark, _ decimal.Decimal) string { return Value{Decimal: mark, Known: true}.Text(u, l) }
}

// AxisMoney is [Axis] for amounts of a currency: in the largest unit in which each quarter of the end needs no more than one
// decimal place, with as many places on each mark.
func AxisMoney(lang locale.Language, currency string) func(mark, top decimal.Decimal) string {
	return func(mark, top decimal.Decimal) string {
		if mark.IsZero() {
			return lang.WholeMoney(money.Amount{}, currency)
		}
		quarter := top.Div(decimal.NewFromInt(4))
		for _, unit := range moneyUnits {
			size := decimal.NewFromInt(unit.size)
			part := quarter.Div(size)
			if top.IntPart() < unit.after || !part.Equal(part.Round(1)) {
				continue
			}
			places := int32(0)
			if !part.IsInteger() {
				places = 1
			}
			return texts.T(lang, unit.key, locale.Minus(lang.Number(mark.Div(size), places))) + "\u00a0" + locale.CurrencySign(currency)
		}
		if quarter.IsInteger() {
			return lang.WholeMoney(money.NewAmount(mark), currency)
		}
		return lang.Money(money.NewAmount(mark), currency)
	}
}

// moneyUnits are what large amounts are written in, and from which amount on: 999 500 is rounded to a million, not to 1000 thousand.
var moneyUnits = []struct {
	key         string
	size, after int64
}{{"unit.billion", 1_000_000_000, 999_500_000}, {"unit.million", 1_000_000, 999_500}, {"unit.thousand", 1_000, 100_000}}

// ShortMoney writes an amount in thousands, millions or billions where it is large.
func ShortMoney(lang locale.Language, a money.Amount, currency string) string {
	whole := a.Decimal.Abs()
	for _, unit := range moneyUnits {
		if whole.IntPart() < unit.after {
			continue
		}
		part := a.Decimal.Div(decimal.NewFromInt(unit.size))
		places := int32(1)
		if part.Abs().IntPart() >= 100 || part.Round(1).Equal(part.Round(0)) {
			places = 0
		}
		return texts.T(lang, unit.key, locale.Minus(lang.Number(part, places))) + "\u00a0" + locale.CurrencySign(currency)
	}
	if whole.IntPart() >= 10_000 || whole.IsZero() {
		return lang.WholeMoney(a, currency)
	}
	return lang.Money(a, currency)
}

// durationText has two units at most: days and hours, or hours and minutes.
func durationText(l locale.Language, d time.Duration) string {
	days, hours, minutes := int(d/(24*time.Hour)), int(d%(24*time.Hour)/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case days >= 10:
		return texts.T(l, "value.days", days)
	case days == 1:
		return texts.T(l, "value.day.hours", hours)
	case days > 0:
		return texts.T(l, "value.days.hours", days, hours)
	case hours > 0:
		return texts.T(l, "value.hours.minutes", hours, minutes)
	}
	return texts.T(l, "value.minutes", minutes)
}

// Move says in words how a figure moved from an earlier value: figures in percent by points, others by percent; "" where there
// is nothing to be said. Mood is positive where that is good, negative where it is bad, Falls whether the value went down.
type Move struct {
	By    string
	Mood  int
	Falls bool
}

// Moved is how a value of the figure moved.
func (d Definition) Moved(l locale.Language, is, was Value) Move {
	if !is.Known || !was.Known {
		return Move{}
	}
	diff := is.Sub(was.Decimal)
	var by string
	switch {
	case diff.IsZero():
		return Move{}
	case d.Unit == Percent:
		by = texts.T(l, "value.points", Signed(l.Number(diff.Abs(), 1), diff))
	case was.IsZero():
		return Move{}
	default:
		part := diff.Mul(decimal.NewFromInt(100)).DivRound(was.Abs(), 0)
		if part.IsZero() { // less than half of a percent is no news
			return Move{}
		}
		by = Signed(l.Percent(money.NewPercent(part.Abs())), diff)
	}
	return Move{by, d.Rising * diff.Sign(), diff.IsNegative()}
}

// Signed puts the sign before a number, also where the words around it are read from the right.
func Signed(text string, d decimal.Decimal) string {
	sign := "+"
	if d.IsNegative() {
		sign = "−"
	}
	return "\u2066" + sign + text + "\u2069"
}
