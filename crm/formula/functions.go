package formula

import (
	"sort"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"
)

// function is one function of the language.
type function struct {
	name, signature, doc, example, gives string

	params []takes
	// least is how many arguments there must be; variadic functions repeat the last parameter.
	least    int
	variadic bool
	result   func([]typ) Kind
	run      func(*run, []any) (any, error)
}

// takes are the kinds that a parameter takes; the first is named in messages.
type takes []Kind

func (t takes) takes(k Kind) bool {
	for _, want := range t {
		if fits(k, want) {
			return true
		}
	}
	return false
}

func (t takes) String() string {
	all := make([]string, len(t))
	for i, k := range t {
		all[i] = string(k)
	}
	return strings.Join(all, " or a ")
}

var (
	takesText   = takes{Text}
	takesNumber = takes{Number}
	takesWhole  = takes{Whole}
	takesDate   = takes{Date, Moment}
	takesPlain  = takes{Text, Number, Date, Moment, Bool}
)

func always(k Kind) func([]typ) Kind { return func([]typ) Kind { return k } }

// like gives the kind of the arguments, numbers where they differ.
func like(args []typ) Kind {
	k := args[0].kind
	for _, a := range args[1:] {
		if t, ok := common(typ{kind: k}, a); ok {
			k = t.kind
		} else {
			return Any
		}
	}
	if k == none {
		return Any
	}
	return k
}

// functionList is the language's library in the order of the guide.
var functionList = []function{
	{name: "text", signature: "text(x)", doc: "any value as text", example: `text(12.50)`, gives: "12.5",
		params: []takes{takesPlain}, least: 1, result: always(Text), run: toText},
	{name: "fixed", signature: "fixed(x, places)", doc: "a number as text with exactly so many places", example: `fixed(12.5, 2)`, gives: "12.50",
		params: []takes{takesNumber, takesWhole}, least: 2, result: always(Text), run: fixed},
	{name: "upper", signature: "upper(text)", doc: "capital letters", example: `upper("ház")`, gives: "HÁZ",
		params: []takes{takesText}, least: 1, result: always(Text), run: onText(strings.ToUpper)},
	{name: "lower", signature: "lower(text)", doc: "small letters", example: `lower("HÁZ")`, gives: "ház",
		params: []takes{takesText}, least: 1, result: always(Text), run: onText(strings.ToLower)},
	{name: "trim", signature: "trim(text)", doc: "without blanks at both ends", example: `trim(" a b ")`, gives: "a b",
		params: []takes{takesText}, least: 1, result: always(Text), run: onText(strings.TrimSpace)},
	{name: "left", signature: "left(text, n)", doc: "the first n characters", example: `left("Kovács", 4)`, gives: "Ková",
		params: []takes{takesText, takesWhole}, least: 2, result: always(Text), run: left},
	{name: "right", signature: "right(text, n)", doc: "the last n characters", example: `right("Kovács", 2)`, gives: "cs",
		params: []takes{takesText, takesWhole}, least: 2, result: always(Text), run: right},
	{name: "mid", signature: "mid(text, from, n)", doc: "n characters from a place, counted from 1; without n the rest", example: `mid("Kovács", 2, 3)`, gives: "ová",
		params: []takes{takesText, takesWhole, takesWhole}, least: 2, result: always(Text), run: middle},
	{name: "pad", signature: `pad(x, n, fill)`, doc: "zeros, or the fill character, before a number or text until it has n characters", example: `"C" + pad(42, 6)`, gives: "C000042",
		params: []takes{{Text, Number}, takesWhole, takesText}, least: 2, result: always(Text), run: pad},
	{name: "replace", signature: "replace(text, old, new)", doc: "each old changed to new", example: `replace("12-34", "-", "")`, gives: "1234",
		params: []takes{takesText, takesText, takesText}, least: 3, result: always(Text), run: replace},
	{name: "letters", signature: "letters(text)", doc: "the letters only", example: `letters("Bt. 12")`, gives: "Bt",
		params: []takes{takesText}, least: 1, result: always(Text), run: onText(keep(unicode.IsLetter))},
	{name: "digits", signature: "digits(text)", doc: "the digits 0-9 only", example: `digits("+36 1 234")`, gives: "361234",
		params: []takes{takesText}, least: 1, result: always(Text), run: onText(keep(isDigit))},
	{name: "ascii", signature: "ascii(text)", doc: "accents off; Cyrillic, Greek and Hebrew in Latin letters", example: `ascii("Őrség Жук Αθήνα")`, gives: "Orseg Zhuk Athina",
		params: []takes{takesText}, least: 1, result: always(Text), run: onText(ascii)},
	{name: "len", signature: "len(x)", doc: "the number of characters, or of elements", example: `len("ház")`, gives: "3",
		params: []takes{{Text, List}}, least: 1, result: always(Whole), run: length},
	{name: "number", signature: "number(x)", doc: "the number that a text holds", example: `number("12.50") * 2`, gives: "25",
		params: []takes{{Text, Number}}, least: 1, result: always(Number), run: toNumber},
	{name: "whole", signature: "whole(x)", doc: "the whole number that a text or number holds; an error where it has places", example: `whole("42")`, gives: "42",
		params: []takes{{Text, Number}}, least: 1, result: always(Whole), run: toWhole},
	{name: "round", signature: "round(x, places)", doc: "rounded half away from zero; without places to a whole amount", example: `round(2.345, 2)`, gives: "2.35",
		params: []takes{takesNumber, takesWhole}, least: 1, result: always(Number), run: roundTo},
	{name: "floor", signature: "floor(x)", doc: "the next number without places below", example: `floor(-1.5)`, gives: "-2",
		params: []takes{takesNumber}, least: 1, result: always(Number), run: stepwise(decimal.Decimal.Floor)},
	{name: "ceil", signature: "ceil(x)", doc: "the next number without places above", example: `ceil(1.2)`, gives: "2",
		params: []takes{takesNumber}, least: 1, result: always(Number), run: stepwise(decimal.Decimal.Ceil)},
	{name: "abs", signature: "abs(x)", doc: "without its sign", example: `abs(-3)`, gives: "3",
		params: []takes{takesNumber}, least: 1, result: like, run: absolute},
	{name: "min", signature: "min(a, b, ...)", doc: "the least of the values that there are", example: `min(3, 2.5)`, gives: "2.5",
		params: []takes{{Number, Text, Date, Moment}}, least: 2, variadic: true, result: like, run: extreme(-1)},
	{name: "max", signature: "max(a, b, ...)", doc: "the greatest of the values that there are", example: `max(3, 2.5)`, gives: "3",
		params: []takes{{Number, Text, Date, Moment}}, least: 2, variadic: true, result: like, run: extreme(1)},
	{name: "date", signature: "date(x)", doc: "the date in a text (2026-07-13 or 20260713) or of a moment", example: `date("20260713")`, gives: "2026-07-13",
		params: []takes{{Text, Date, Moment}}, least: 1, result: always(Date), run: toDate},
	{name: "year", signature: "year(date)", doc: "the year", example: `year(date("2026-07-13"))`, gives: "2026",
		params: []takes{takesDate}, least: 1, result: always(Whole), run: ofDate(time.Time.Year)},
	{name: "month", signature: "month(date)", doc: "the month, 1 to 12", example: `month(date("2026-07-13"))`, gives: "7",
		params: []takes{takesDate}, least: 1, result: always(Whole), run: ofDate(func(t time.Time) int { return int(t.Month()) })},
	{name: "day", signature: "day(date)", doc: "the day of the month", example: `day(date("2026-07-13"))`, gives: "13",
		params: []takes{takesDate}, least: 1, result: always(Whole), run: ofDate(time.Time.Day)},
	{name: "addDays", signature: "addDays(date, n)", doc: "n days later, or earlier where n is negative", example: `addDays(date("2026-02-27"), 2)`, gives: "2026-03-01",
		params: []takes{takesDate, takesWhole}, least: 2, result: func(args []typ) Kind { return like(args[:1]) }, run: addDays},
	{name: "daysBetween", signature: "daysBetween(from, to)", doc: "how many days later the second date is", example: `daysBetween(date("2026-01-31"), date("2026-03-01"))`, gives: "29",
		params: []takes{takesDate, takesDate}, least: 2, result: always(Whole), run: daysBetween},
	{name: "format", signature: `format(date, "2006-01-02")`, doc: "the date in the way you write 2 January 2006, 15:04:05", example: `format(date("2026-07-13"), "02.01.2006")`, gives: "13.07.2026",
		params: []takes{takesDate, takesText}, least: 2, result: always(Text), run: format},
	{name: "coalesce", signature: "coalesce(a, b, ...)", doc: "the first that has a value; an empty text has none", example: `coalesce("", nil, "c")`, gives: "c",
		params: []takes{{Any}}, least: 2, variadic: true, result: like},
	{name: "join", signature: `join(list, ", ")`, doc: "the elements as one text, the missing ones left out", example: `join(map(lines, #.name), ", ")`, gives: "Chai, Chang",
		params: []takes{{List}, takesText}, least: 2, result: always(Text), run: joinList},
}

// walks are listed for [Language]; they go through a list, # being its element.
var walks = []struct{ signature, doc, example, gives string }{
	{"sum(list, number)", "the sum of a number of each element; those without a value count nothing", "sum(lines, #.quantity * #.price)", "46.5"},
	{"count(list, condition)", "how many elements meet the condition", "count(lines, #.price > 10)", "1"},
	{"any(list, condition)", "whether at least one meets it", `any(lines, #.name == "Chai")`, "true"},
	{"all(list, condition)", "whether each meets it", "all(lines, #.price > 10)", "false"},
	{"none(list, condition)", "whether none meets it", "none(lines, #.price < 0)", "true"},
	{"filter(list, condition)", "those that meet it", "len(filter(lines, #.price > 10))", "1"},
	{"map(list, value)", "a value of each element, #index being its place from 0", "map(lines, #index)[1]", "1"},
}

// functions are those that stand as plain calls.
var functions, functionNames = func() (map[string]*function, []string) {
	byName, names := make(map[string]*function, len(functionList)), make([]string, 0, len(functionList))
	for i := range functionList {
		byName[functionList[i].name] = &functionList[i]
		names = append(names, functionList[i].name)
	}
	sort.Strings(names)
	return byName, names
}()
