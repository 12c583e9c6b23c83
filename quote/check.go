package quote

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// The longest texts: one of several paragraphs in UTF-16 code units, and all descriptions of a quote
// together in bytes. They keep the document printable.
const (
	maxParagraphs   = 20_000
	maxDescriptions = 1 << 20
)

// oneLine gives a text of one line: all white space becomes single blanks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// paragraphs gives a text whose line breaks are kept, in one form.
func paragraphs(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
}

// checkText refuses what is longer than the column, in UTF-16 code units, and what is no text.
func checkText(faults *fault.List, path, text string, most int) {
	switch {
	case strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text):
		faults.Add(path, "text.form", "holds bytes that are not text; remove them")
	case len(text) > most:
		if n := len(utf16.Encode([]rune(text))); n > most {
			faults.Add(path, "text.length", "is %d characters long, at most %d fit; shorten it", n, most)
		}
	}
}

func checkDate(faults *fault.List, path string, d civil.Date) {
	if d.Year < 1900 || d.Year > 2999 || civil.Of(d.Time(nil)) != d {
		faults.Add(path, "date.range", "%s is not a date; write it as 2026-07-31", d)
	}
}

// check finds what is wrong with a line. It is asked again when the quote is issued.
func (l *Line) check(faults *fault.List) {
	switch l.Kind {
	case Item, Optional, Text, Heading:
	default:
		faults.Add("kind", "choice", "%.20q is no kind of line; choose item, optional, text or heading", l.Kind)
		return
	}
	checkText(faults, "name", l.Name, 240)
	checkText(faults, "description", l.Description, maxParagraphs)
	switch {
	case l.Kind == Text && l.Name == "" && l.Description == "":
		faults.Add("description", "required", "is missing; write the comment, or remove the line")
	case l.Kind != Text && l.Name == "":
		faults.Add("name", "required", "is missing; write what the line is")
	}
	if !l.Kind.Priced() {
		return
	}
	checkText(faults, "alternative_group", l.AlternativeGroup, 20)
	checkText(faults, "product", l.ProductKey, 80)
	checkText(faults, "code", l.Code, 40)
	checkText(faults, "unit", l.Unit, 20)
	checkText(faults, "vat_code", l.VATCode, 20)
	if checkNumber(faults, "quantity", l.Quantity, 6) && !l.Quantity.IsPositive() {
		faults.Add("quantity", "range", "is %s; give more than 0", l.Quantity)
	}
	if checkNumber(faults, "unit_price", l.UnitPrice, 4) && l.UnitPrice.IsNegative() {
		faults.Add("unit_price", "range", "is %s; give 0 or more", l.UnitPrice)
	}
	checkNumber(faults, "list_price", l.ListPrice, 4)
	checkNumber(faults, "list_discount", l.ListDiscount, 4)
	checkPercent(faults, "discount", l.Discount)
	checkPercent(faults, "vat_rate", l.VATRate)
}

// number is any of the fixed decimals.
type number interface {
	Scaled() (int64, error)
	Exponent() int32
	NumDigits() int
	Round(places int32) decimal.Decimal
}

// The bounds of numbers that people or hosts give: beyond them arithmetic could cost memory, and
// nothing that is sold is there.
const (
	maxDigits   = 40
	maxExponent = 20
)

// sane reports whether a number can be counted with at all.
func sane(n number) bool {
	return n.Exponent() >= -maxExponent && n.Exponent() <= maxExponent && n.NumDigits() <= maxDigits
}

// checkNumber refuses numbers that the database could not keep as they are, and reports whether n is
// none of them.
func checkNumber(faults *fault.List, path string, n number, places int32) bool {
	if !sane(n) {
		faults.Add(path, "range", "has too many digits; round it")
		return false
	}
	if _, err := n.Scaled(); err != nil {
		faults.Add(path, "range", "%v", err)
		return false
	}
	if exact := n.Round(maxExponent); !exact.Equal(n.Round(places)) {
		faults.Add(path, "decimals", "%s has more than %d decimals; round it", exact, places)
		return false
	}
	return true
}

var hundred = decimal.NewFromInt(100)

func checkPercent(faults *fault.List, path string, p money.Percent) {
	if checkNumber(faults, path, p, 4) && (p.IsNegative() || p.GreaterThan(hundred)) {
		faults.Add(path, "range", "is %s; give a percentage from 0 to 100", p)
	}
}

// checkGroups finds alternative groups whose lines are of different kinds: whether the first of a
// group counts must not depend on which one is first.
func checkGroups(faults *fault.List, lines []Line) {
	first := map[string]int{}
	size := map[string]int{}
	for i, l := range lines {
		if l.AlternativeGroup == "" || !l.Kind.Priced() {
			continue
		}
		size[l.AlternativeGroup]++
		at, has := first[l.AlternativeGroup]
		if !has {
			first[l.AlternativeGroup] = i
			continue
		}
		if lines[at].Kind != l.Kind {
			faults.Add("lines["+strconv.Itoa(i)+"].kind", "alternative", "is %s, but the group %s began with %s; make all alternatives of a group alike",
				l.Kind, l.AlternativeGroup, lines[at].Kind)
		}
	}
	for i, l := range lines {
		if at, has := first[l.AlternativeGroup]; has && at == i && size[l.AlternativeGroup] == 1 {
			faults.Add("lines["+strconv.Itoa(i)+"].alternative_group", "alternative", "the group %s has one line; add another alternative or leave the group empty",
				l.AlternativeGroup)
		}
	}
}
