package workbook

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// Kind is what a column holds. The zero Kind is that of an empty value and fits every column.
type Kind uint8

// The kinds.
const (
	kindEmpty Kind = iota
	// KindText is text of one or more lines.
	KindText
	// KindInteger is a whole number, shown grouped.
	KindInteger
	// KindQuantity is a number with up to 6 decimals.
	KindQuantity
	// KindMoney is an amount in a currency, with the currency's decimals and sign.
	KindMoney
	// KindPercent is a percentage; the cell holds 0.27 for 27 %.
	KindPercent
	// KindDate is a day.
	KindDate
	// KindDateTime is an instant, shown as wall clock of the reader's zone to the minute.
	KindDateTime
	// KindBool is "Yes" or "No" in the reader's language.
	KindBool
	// KindLink is text that opens an address.
	KindLink
)

var kindNames = [...]string{"empty", "text", "integer", "quantity", "money", "percent", "date", "date and time", "yes or no", "link"}

// String names the kind in English, for messages.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Value is one cell. The zero Value is an empty cell.
type Value struct {
	kind    Kind
	text    string          // text, label of a link, currency of money
	address string          // of a link
	number  decimal.Decimal // quantity, money, percent
	integer int64           // integer; 0 or 1; days since 1970-01-01; ms since then
	formula string          // that gives the number, "" for none
}

// Text is a text value; "" is an empty cell.
func Text(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{kind: KindText, text: s}
}

// Integer is a whole number.
func Integer(n int64) Value { return Value{kind: KindInteger, integer: n} }

// Quantity is a number of units.
func Quantity(q money.Quantity) Value { return Value{kind: KindQuantity, number: q.Decimal} }

// Money is an amount in a currency, an ISO 4217 code.
func Money(a money.Amount, currency string) Value {
	return Value{kind: KindMoney, number: a.Decimal, text: currency}
}

// Percent is a percentage, 27 for 27 %.
func Percent(p money.Percent) Value { return Value{kind: KindPercent, number: p.Decimal} }

// Computed is a number that a formula gives again from other cells: "SUMIFS(...)", with the names of functions in English
// and commas between arguments, as files have them. The number itself stands beside the formula, for programs that do not
// recalculate. Text that people wrote belongs into cells that the formula refers to, not into the formula.
func Computed(v Value, formula string) Value {
	v.formula = formula
	return v
}

// Date is a day; the zero date is an empty cell.
func Date(d civil.Date) Value {
	if d.IsZero() {
		return Value{}
	}
	return Value{kind: KindDate, integer: d.Time(nil).Unix() / secondsPerDay}
}

// DateTime is an instant; the zero time is an empty cell.
func DateTime(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{kind: KindDateTime, integer: t.UnixMilli()}
}

// Bool is "Yes" or "No".
func Bool(yes bool) Value {
	v := Value{kind: KindBool}
	if yes {
		v.integer = 1
	}
	return v
}

// Link is a label that opens an address: http, https, mailto or tel. Any other address, and one
// longer than the 255 characters that Excel opens, leaves the label as plain text. An empty label
// shows the address.
func Link(label, address string) Value {
	if label == "" {
		label = address
	}
	if label == "" {
		return Value{}
	}
	return Value{kind: KindLink, text: label, address: address}
}

// Empty is the value of a cell without content.
func Empty() Value { return Value{} }

// IsEmpty reports whether the cell has no content.
func (v Value) IsEmpty() bool { return v.kind == kindEmpty }

const (
	secondsPerDay = 86_400
	msPerDay      = 1000 * secondsPerDay
	// Excel counts days from 1899-12-30; before 1900-03-01 it is off by one, because it believes
	// that 1900 was a leap year, and after 9999 it has none.
	serialOfEpoch = 25_569
	firstSerial   = 61
	lastSerial    = 2_958_465
)

// day gives the date of a date value.
func (v Value) day() civil.Date {
	return civil.Of(time.Unix(v.integer*secondsPerDay, 0).UTC())
}

// wallClock gives the ms since 1970-01-01 that a clock in the zone shows.
func (v Value) wallClock(zone *time.Location) int64 {
	_, offset := time.UnixMilli(v.integer).In(zone).Zone()
	return v.integer + int64(offset)*1000
}

// Text is the text of a text or the label of a link.
func (v Value) Text() string { return v.text }

// Number is the number of an integer, quantity, money or percent value, and whether a cell holds it as one: a number of more
// than 15 digits stands there as text.
func (v Value) Number() (n decimal.Decimal, exact bool) {
	n = v.decimal()
	_, _, exact = double(n)
	return n, exact
}

// decimal gives the number of an integer, quantity, money or percent value.
func (v Value) decimal() decimal.Decimal {
	if v.kind == KindInteger {
		return decimal.NewFromInt(v.integer)
	}
	return v.number
}

// shown is the value about as the reader sees it; column widths come from it, and the text that
// stands in for what a spreadsheet cannot hold.
func (v Value) shown(l locale.Locale, places int32) string {
	switch v.kind {
	case KindText, KindLink:
		return v.text
	case KindInteger, KindQuantity:
		return l.Language.Number(v.decimal(), max(places, decimals(v.decimal())))
	case KindMoney:
		places = max(places, decimals(v.number), money.Digits(v.text))
		return l.Language.Number(v.number, places) + "\u00a0" + locale.CurrencySign(v.text)
	case KindPercent:
		return l.Language.Number(v.number, max(places, decimals(v.number))) + "\u00a0%"
	case KindDate:
		return l.Language.Date(v.day())
	case KindDateTime:
		return l.DateTime(time.UnixMilli(v.integer))
	case KindBool:
		return texts.T(l.Language, boolKey(v))
	case kindEmpty:
	}
	return ""
}

func boolKey(v Value) string {
	if v.integer != 0 {
		return "yes"
	}
	return "no"
}
