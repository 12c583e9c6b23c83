package api

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// ID is a UUID as text; "" is none.
type ID string

// Schema describes an id.
func (ID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Format: "uuid", Pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
		PatternDescription: "a UUID", Examples: []any{"0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f"},
	}
}

// idOf writes a key.
func idOf[T any](k store.Key[T]) ID { return ID(k.String()) }

// keyOf reads an id, whose form the schema has checked.
func keyOf[T any](id ID) store.Key[T] {
	k, _ := store.ParseKey[T](string(id))
	return k
}

func keysOf[T any](ids []ID) []store.Key[T] {
	keys := make([]store.Key[T], len(ids))
	for i, id := range ids {
		keys[i] = keyOf[T](id)
	}
	return keys
}

func idsOf[T any](keys []store.Key[T]) []ID {
	ids := make([]ID, len(keys))
	for i, k := range keys {
		ids[i] = idOf(k)
	}
	return ids
}

// Decimal is an exact number as text: an amount, a quantity, a percentage.
type Decimal string

const decimalPattern = `^-?[0-9]{1,19}(\.[0-9]{1,10})?$`

var decimalForm = regexp.MustCompile(decimalPattern)

// Schema describes a decimal. It bounds the digits: a number like 1e1000000000 is refused before anybody
// computes with it.
func (Decimal) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Format: "decimal", Pattern: decimalPattern,
		PatternDescription: "a decimal number such as -1234.50", Examples: []any{"1234.50"},
	}
}

// decimalOf writes a number, "" for zero where that means unknown.
func decimalOf[N interface {
	String() string
	IsZero() bool
}](n N) Decimal {
	if n.IsZero() {
		return "0"
	}
	return Decimal(n.String())
}

// known is decimalOf for numbers of which 0 means that nobody knows.
func known[N interface {
	String() string
	IsZero() bool
}](n N) Decimal {
	if n.IsZero() {
		return ""
	}
	return Decimal(n.String())
}

// numbers reads the decimals of a request and collects those that are too large to be kept.
type numbers struct{ faults fault.List }

func number[N interface{ Scaled() (int64, error) }](n *numbers, path string, d Decimal, parse func(string) (N, error)) N {
	var zero N
	if d == "" {
		return zero
	}
	v, err := parse(string(d))
	if err == nil {
		_, err = v.Scaled()
	}
	if err != nil {
		n.faults.Add(path, "number.large", "%s cannot be kept; give a smaller number with fewer decimals", d)
		return zero
	}
	return v
}

func optional[N interface{ Scaled() (int64, error) }](n *numbers, path string, d *Decimal, parse func(string) (N, error)) *N {
	if d == nil {
		return nil
	}
	v := number(n, path, *d, parse)
	return &v
}

func (n *numbers) err() error { return n.faults.Err("some numbers cannot be kept") }

func (n *numbers) amount(path string, d Decimal) money.Amount {
	return number(n, path, d, money.ParseAmount)
}

// Date is a day without a zone, 2026-07-13; "" is none.
type Date string

// Schema describes a day.
func (Date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2026-07-13"}}
}

func dateOf(d civil.Date) Date { return Date(d.String()) }

// day reads a date, whose form the schema has checked.
func day(d Date) civil.Date {
	v, _ := civil.Parse(string(d))
	return v
}

func days(d *Date) *civil.Date {
	if d == nil {
		return nil
	}
	v := day(*d)
	return &v
}

// timesOf copies an instant that may be left out of a request.
func timesOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// words reads a list in one parameter: "new,working".
func words[T ~string](text []string) []T {
	out := make([]T, len(text))
	for i, t := range text {
		out[i] = T(strings.TrimSpace(t))
	}
	return out
}

// each makes the wire form of every element; never nil, so that JSON has [] and not null.
func each[A, B any](all []A, wire func(A) B) []B {
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = wire(a)
	}
	return out
}

// some is a list that JSON writes as [] where it is empty.
func some[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return slices.Clip(all)
}

// at is the path of an element of a list.
func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
