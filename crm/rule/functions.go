package rule

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/party"
)

// At is when a condition is asked: days are those of the zone.
type At struct {
	Now time.Time
	// Zone is nil for UTC.
	Zone *time.Location
}

func (a At) zone() *time.Location {
	if a.Zone == nil {
		return time.UTC
	}
	return a.Zone
}

func (a At) today() civil.Date { return civil.In(a.Now, a.zone()) }

// midnight is when a day begins in the zone.
func (a At) midnight(d civil.Date) time.Time { return d.Time(a.zone()).UTC() }

// Function is a function of the language.
type Function struct {
	Name      string `json:"name"`
	Signature string `json:"signature"`
	Kind      Kind   `json:"kind"`
	Doc       string `json:"doc"`
	// Takes are the kinds of its one argument; none for a function without.
	Takes []Kind `json:"takes,omitempty"`
	// Constant says that the argument is a constant, and so the result, but for the instant.
	Constant bool `json:"constant,omitempty"`

	// make turns the constant argument into the value; false for one that is none.
	make func(arg any) (func(At) any, bool)
	// of computes the value of a field's value, which is there.
	of func(v any) any
	// part names the part of a date in SQL.
	part string
	// ofAt is of where the result depends on the instant or the zone.
	ofAt func(a At, v any) any
}

// Functions gives the functions in the order of the guide.
func Functions() []Function { return slices.Clone(functions) }

// mostDays bounds days_ago and hours_ago: 200 years.
const mostDays = 73_000

func days(n int) func(arg any) (func(At) any, bool) {
	return func(arg any) (func(At) any, bool) {
		count, ok := whole(arg, mostDays)
		return func(a At) any { return a.today().AddDays(n * count) }, ok
	}
}

func whole(arg any, most int64) (int, bool) {
	d, ok := arg.(decimal.Decimal)
	if !ok || !d.IsInteger() || d.IsNegative() || d.GreaterThan(decimal.NewFromInt(most)) {
		return 0, false
	}
	return int(d.IntPart()), true
}

var functions = []Function{
	{Name: "today", Signature: "today()", Kind: Date, Doc: "the day, in the company's zone", Constant: true,
		make: func(any) (func(At) any, bool) { return func(a At) any { return a.today() }, true }},
	{Name: "days_ago", Signature: "days_ago(30)", Kind: Date, Doc: "the day that many days before today", Takes: []Kind{Number}, Constant: true, make: days(-1)},
	{Name: "days_ahead", Signature: "days_ahead(30)", Kind: Date, Doc: "the day that many days after today", Takes: []Kind{Number}, Constant: true, make: days(1)},
	{Name: "hours_ago", Signature: "hours_ago(24)", Kind: Moment, Doc: "the moment that many hours ago", Takes: []Kind{Number}, Constant: true,
		make: func(arg any) (func(At) any, bool) {
			n, ok := whole(arg, 24*mostDays)
			return func(a At) any { return a.Now.Add(-time.Duration(n) * time.Hour).Truncate(time.Millisecond) }, ok
		}},
	{Name: "date", Signature: `date("2026-07-13")`, Kind: Date, Doc: "a day", Takes: []Kind{Text}, Constant: true,
		make: func(arg any) (func(At) any, bool) {
			text, _ := arg.(string)
			d, err := civil.Parse(text)
			return func(At) any { return d }, err == nil && d.String() == text
		}},
	{Name: "moment", Signature: `moment("2026-07-13T08:30:00Z")`, Kind: Moment, Doc: "a moment, as RFC 3339 writes it", Takes: []Kind{Text}, Constant: true,
		make: func(arg any) (func(At) any, bool) {
			text, _ := arg.(string)
			t, err := time.Parse(time.RFC3339, text)
			t = t.UTC().Truncate(time.Millisecond)
			return func(At) any { return t }, err == nil && t.Year() > 0 && t.Year() < 10000
		}},
	{Name: "lower", Signature: "lower(party.email)", Kind: Text, Doc: "the text in small letters", Takes: []Kind{Text},
		of: func(v any) any { return strings.ToLower(v.(string)) }},
	{Name: "fold", Signature: "fold(party.city)", Kind: Text, Doc: "the text in small letters without accents and punctuation: győr is gyor", Takes: []Kind{Text},
		of: func(v any) any { return party.Fold(v.(string)) }},
	{Name: "length", Signature: "length(party.postal_code)", Kind: Number, Doc: "how many characters the text has", Takes: []Kind{Text},
		of: func(v any) any { return decimal.NewFromInt(int64(utf8.RuneCountInString(v.(string)))) }},
	{Name: "year", Signature: "year(party.birth_date)", Kind: Number, Doc: "the year", Takes: []Kind{Date, Moment}, part: "YEAR",
		ofAt: func(a At, v any) any { return decimal.NewFromInt(int64(a.day(v).Year())) }},
	{Name: "month", Signature: "month(party.birth_date)", Kind: Number, Doc: "the month, 1 to 12", Takes: []Kind{Date, Moment}, part: "MONTH",
		ofAt: func(a At, v any) any { return decimal.NewFromInt(int64(a.day(v).Month())) }},
	{Name: "day", Signature: "day(party.birth_date)", Kind: Number, Doc: "the day of the month, 1 to 31", Takes: []Kind{Date, Moment}, part: "DAY",
		ofAt: func(a At, v any) any { return decimal.NewFromInt(int64(a.day(v).Day())) }},
	{Name: "age", Signature: "age(party.birth_date)", Kind: Number, Doc: "the whole years since that day", Takes: []Kind{Date},
		ofAt: func(a At, v any) any { return decimal.NewFromInt(int64(years(v.(civil.Date), a.today()))) }},
}

// day gives the civil day of a date or moment.
func (a At) day(v any) time.Time {
	if t, ok := v.(time.Time); ok {
		return t.In(a.zone())
	}
	return v.(civil.Date).Time(time.UTC)
}

// years counts the birthdays from one day to another; one on 29 February is kept on 1 March.
func years(from, to civil.Date) int {
	f, t := from.Time(time.UTC), to.Time(time.UTC)
	n := t.Year() - f.Year()
	if t.Month() < f.Month() || t.Month() == f.Month() && t.Day() < f.Day() {
		n--
	}
	return n
}

func (c *checker) function(o *Operand, depth int) *term {
	i := slices.IndexFunc(functions, func(f Function) bool { return f.Name == o.Call })
	if i < 0 {
		all := []string{"count", "sum", "min", "max", "any", "all", "none"}
		for _, f := range functions {
			all = append(all, f.Name)
		}
		c.refuse(o.at, "rule.unknown", "there is no function %.40q%s", o.Call, suggest(all, o.Call))
		return &term{}
	}
	f := &functions[i]
	if len(o.Args) != min(len(f.Takes), 1) || o.List != "" {
		c.refuse(o.at, "rule.function", "write %s", f.Signature)
		return &term{}
	}
	out := &term{kind: f.Kind}
	var arg *term
	if len(o.Args) == 1 {
		c.below("args[0]", func() { arg = c.term(&o.Args[0], depth+1) })
		if arg.kind == "" {
			return &term{}
		}
		if !slices.Contains(f.Takes, arg.kind) || f.Constant && arg.constant == nil || !f.Constant && arg.isConstant() {
			c.refuse(o.at, "rule.function", "write %s", f.Signature)
			return &term{}
		}
	}
	if !f.Constant {
		out.call, out.args = f, []*term{arg}
		return out
	}
	var given any
	if arg != nil {
		given = arg.constant
	}
	value, ok := f.make(given)
	if !ok {
		c.refuse(o.at, "rule.function", "this is not understood; write %s", f.Signature)
		return &term{}
	}
	if f.Name == "date" || f.Name == "moment" {
		out.constant = value(At{})
	} else {
		out.since = value
	}
	return out
}
