package quote

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// VATRow is one row of the VAT summary: all lines that count with one code and rate.
type VATRow struct {
	Code string `json:"code"`
	// Rate is in percent.
	Rate  money.Percent `json:"rate"`
	Net   money.Amount  `json:"net"`
	VAT   money.Amount  `json:"vat"`
	Gross money.Amount  `json:"gross"`
}

// Totals are the sums of a quote.
type Totals struct {
	// Net, VAT and Gross are the sums of ByRate.
	Net   money.Amount `json:"net"`
	VAT   money.Amount `json:"vat"`
	Gross money.Amount `json:"gross"`
	// Optional is the net sum of optional lines that do not count, of each group of them the first.
	Optional money.Amount `json:"optional"`
	// ByRate is sorted by rate, highest first, then by code.
	ByRate []VATRow `json:"by_rate"`
}

// LineNet is quantity times price less discount in percent, rounded to the currency. The error says
// that the result is too large to be kept.
func LineNet(l Line, currency string) (money.Amount, error) {
	gross := money.Times(l.UnitPrice, l.Quantity)
	net := money.Round(gross.Sub(money.PercentOf(l.Discount, gross)), currency)
	_, err := net.Scaled()
	return net, err
}

// Total sums lines whose nets are computed. Of each alternative group the first line counts, of
// optional lines none. VAT is computed from the net sum of each code and rate and rounded to the
// currency (Directive 2006/112/EC leaves the level of rounding open; a sum per rate is what invoices
// state by article 226). The errors are faults with the paths of the lines or sums that are too large.
func Total(lines []Line, currency string) (Totals, error) {
	counting, optional := counted(lines, nil)
	t := total(counting, currency)
	for _, l := range optional {
		t.Optional = t.Optional.Add(l.Net)
	}
	return t, t.check()
}

// total sums all of the lines.
func total(lines []Line, currency string) Totals {
	var t Totals
	for _, l := range lines {
		i, known := slices.BinarySearchFunc(t.ByRate, VATRow{Code: l.VATCode, Rate: l.VATRate}, byRate)
		if !known {
			t.ByRate = slices.Insert(t.ByRate, i, VATRow{Code: l.VATCode, Rate: l.VATRate})
		}
		t.ByRate[i].Net = t.ByRate[i].Net.Add(l.Net)
	}
	for i := range t.ByRate {
		r := &t.ByRate[i]
		r.VAT = money.Round(money.PercentOf(r.Rate, r.Net), currency)
		r.Gross = r.Net.Add(r.VAT)
		t.Net, t.VAT, t.Gross = t.Net.Add(r.Net), t.VAT.Add(r.VAT), t.Gross.Add(r.Gross)
	}
	return t
}

func byRate(a, b VATRow) int {
	return cmp.Or(b.Rate.Cmp(a.Rate), strings.Compare(a.Code, b.Code))
}

// check finds sums that cannot be kept. Rows need no check of their own: nets are not negative, so
// the sums are the largest.
func (t Totals) check() error {
	var faults fault.List
	for _, sum := range []struct {
		path string
		money.Amount
	}{{"gross", t.Gross}, {"optional_net", t.Optional}} {
		if _, err := sum.Scaled(); err != nil {
			faults.Add(sum.path, "range", "%v; split the quote", err)
		}
	}
	return faults.Err("the quote is too large")
}

// counted parts the priced lines: those that count, and the optional ones that do not. take holds the
// indexes of lines that are taken beside, or instead of, what counts by itself.
func counted(lines []Line, take map[int]bool) (counting, optional []Line) {
	chosen := map[string]int{} // alternative group -> index of the line that stands for it
	for i, l := range lines {
		if !l.Kind.Priced() || l.AlternativeGroup == "" {
			continue
		}
		if _, has := chosen[l.AlternativeGroup]; !has || take[i] {
			chosen[l.AlternativeGroup] = i
		}
	}
	for i, l := range lines {
		if !l.Kind.Priced() {
			continue
		}
		if at, grouped := chosen[l.AlternativeGroup]; grouped && at != i {
			continue
		}
		if l.Kind == Item || take[i] {
			counting = append(counting, l)
		} else {
			optional = append(optional, l)
		}
	}
	return counting, optional
}

// Chosen gives the lines that count, with their totals. Without options they are all lines of kind
// item, of each alternative group the first. Options are the positions of lines that the reader takes:
// an optional line counts then, an alternative stands for its group. Of an alternative group of
// optional lines, none counts until one is taken. Taking what counts anyway changes nothing; unknown
// positions, lines without a price, and two lines of one group are faults.
func (c Card) Chosen(options []int) ([]Line, Totals, error) {
	var faults fault.List
	take := map[int]bool{}
	taken := map[string]int{}
	for i, position := range options {
		path := "options[" + strconv.Itoa(i) + "]"
		at := slices.IndexFunc(c.Lines, func(l Line) bool { return l.Position == position })
		if at < 0 || !c.Lines[at].Kind.Priced() {
			faults.Add(path, "unknown", "the quote has no line with a price at position %d", position)
			continue
		}
		take[at] = true
		group := c.Lines[at].AlternativeGroup
		if group == "" {
			continue
		}
		if other, twice := taken[group]; twice && other != position {
			faults.Add(path, "alternative", "positions %d and %d are alternatives (%s); take one of them", other, position, group)
		}
		taken[group] = position
	}
	if err := faults.Err("the options cannot be taken"); err != nil {
		return nil, Totals{}, err
	}
	lines, optional := counted(c.Lines, take)
	t := total(lines, c.Quote.Currency)
	for _, l := range optional {
		t.Optional = t.Optional.Add(l.Net)
	}
	return lines, t, t.check()
}

// Numbers gives what is printed before each line: lines with a price count from 1, texts and headings
// have "".
func Numbers(lines []Line) []string {
	numbers := make([]string, len(lines))
	n := 0
	for i, l := range lines {
		if l.Kind.Priced() {
			n++
			numbers[i] = strconv.Itoa(n)
		}
	}
	return numbers
}
