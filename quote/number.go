package quote

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Series is a series of numbers without gaps.
type Series struct {
	// Name tells it from the company's other series, at most 40 characters.
	Name string
	// Format is how a number is written: {n} is the number, {n:05} with at least five digits, {year}
	// the year of issue, {yy} its last two digits. A format with a year starts at 1 each year.
	Format string
}

// DefaultSeries writes Q-2026-00001.
var DefaultSeries = Series{Name: "quote", Format: "Q-{year}-{n:05}"}

// maxNumber is the longest number without the revision behind it.
const maxNumber = 34

// Check finds what is wrong with the series.
func (r Series) Check() error {
	_, err := r.write(2026, 1)
	return err
}

// yearly reports whether the format has a year.
func (r Series) yearly() bool {
	return strings.Contains(r.Format, "{year}") || strings.Contains(r.Format, "{yy}")
}

// write gives number n of a year.
func (r Series) write(year int, n int64) (string, error) {
	var faults fault.List
	faults.Required("series.name", r.Name)
	checkText(&faults, "series.name", r.Name, 40)
	var b strings.Builder
	counted := false
	for rest := r.Format; rest != ""; {
		text, mark, ok := strings.Cut(rest, "{")
		b.WriteString(text)
		if !ok {
			break
		}
		mark, rest, ok = strings.Cut(mark, "}")
		width, isNumber := digits(mark)
		switch {
		case ok && mark == "year":
			fmt.Fprintf(&b, "%04d", year)
		case ok && mark == "yy":
			fmt.Fprintf(&b, "%02d", year%100)
		case ok && isNumber:
			counted = true
			fmt.Fprintf(&b, "%0*d", width, n)
		default:
			faults.Add("series.format", "series.form", "%.60q has a mark that is not {n}, {n:05}, {year} or {yy}", r.Format)
		}
	}
	if !counted {
		faults.Add("series.format", "series.form", "%.60q has no {n}; every quote would get the same number", r.Format)
	}
	number := b.String()
	checkText(&faults, "series.format", number, maxNumber)
	return number, faults.Err("the series of numbers is not set up right")
}

// digits reads "n" and "n:05".
func digits(mark string) (width int, ok bool) {
	if mark == "n" {
		return 1, true
	}
	text, ok := strings.CutPrefix(mark, "n:0")
	if !ok || len(text) != 1 {
		return 0, false
	}
	width, err := strconv.Atoi(text)
	return width, err == nil && width > 0
}

// number gives the number of a quote that is being issued: the next of the series, or for a later
// version that of the first one with the revision behind it. The series stays locked until the
// transaction ends.
func (q *Quotes) number(ctx context.Context, s *store.Session, row Quote, first sealed) (string, error) {
	if row.Revision > 1 {
		return first.Number + "/" + strconv.Itoa(row.Revision), nil
	}
	series := q.config.Series(row.Company)
	if err := series.Check(); err != nil {
		return "", err
	}
	year := 0
	if series.yearly() {
		year = row.IssuedOn.Year
	}
	n, err := s.NextNumber(ctx, series.Name, year)
	if s.Duplicate(err) {
		return "", fault.Wrap(err, fault.Retryable, "somebody else took the first number of the series; repeat the transaction")
	}
	if err != nil {
		return "", err
	}
	return series.write(row.IssuedOn.Year, n)
}
