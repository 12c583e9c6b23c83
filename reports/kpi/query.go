package kpi

import (
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// Period is days of the company's calendar, First and Last both in it.
type Period struct {
	First civil.Date `json:"first"`
	Last  civil.Date `json:"last"`
}

// MaxDays is how long a period may be: ten years.
const MaxDays = 3660

func (p Period) check(faults *fault.List) {
	faults.Required("first", date(p.First))
	faults.Required("last", date(p.Last))
	switch {
	case p.First.IsZero() || p.Last.IsZero():
	case p.Last.Before(p.First):
		faults.Add("last", "order", "is %s, before the first day %s; put them the other way round", p.Last, p.First)
	case p.First.DaysUntil(p.Last) >= MaxDays:
		faults.Add("last", "range", "makes a period of more than ten years; ask for a shorter one")
	}
}

func date(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// span is the instants of a period: from is in it, to is not.
func (p Period) span(zone *time.Location) (from, to time.Time) {
	return p.First.Time(zone), p.Last.AddDays(1).Time(zone)
}

// months is how many whole months a period has, 0 where it does not consist of them.
func (p Period) months() int {
	next := p.Last.AddDays(1)
	if p.First.Day != 1 || next.Day != 1 {
		return 0
	}
	return (next.Year-p.First.Year)*12 + int(next.Month) - int(p.First.Month)
}

// Before is the period before this one: as many whole months where it has those, otherwise as many days.
func (p Period) Before() Period {
	if n := p.months(); n > 0 {
		return Period{First: addMonths(p.First, -n), Last: p.First.AddDays(-1)}
	}
	days := p.First.DaysUntil(p.Last) + 1
	return Period{First: p.First.AddDays(-days), Last: p.First.AddDays(-1)}
}

// LastYear is the same period a year earlier; what ends with February ends with February.
func (p Period) LastYear() Period {
	if n := p.months(); n > 0 {
		first := addMonths(p.First, -12)
		return Period{First: first, Last: addMonths(first, n).AddDays(-1)}
	}
	return Period{First: addMonths(p.First, -12), Last: addMonths(p.Last, -12)}
}

// until gives as much of a period that began earlier as has passed of p by a day: as many days from its first one.
// Where p is over, or has not begun, it is the whole.
func (p Period) until(today civil.Date, earlier Period) Period {
	if p.First.After(today) || !p.Last.After(today) {
		return earlier
	}
	if last := earlier.First.AddDays(p.First.DaysUntil(today)); last.Before(earlier.Last) {
		earlier.Last = last
	}
	return earlier
}

// Months gives n periods of so many whole months each, the first of them with the month of a day.
func Months(from civil.Date, months, n int) []Period {
	first := civil.Date{Year: from.Year, Month: from.Month, Day: 1}
	out := make([]Period, n)
	for i := range out {
		out[i] = Period{First: addMonths(first, i*months), Last: addMonths(first, (i+1)*months).AddDays(-1)}
	}
	return out
}

// addMonths keeps the day where the month has it, and otherwise takes the month's last one.
func addMonths(d civil.Date, n int) civil.Date {
	begin := civil.Of(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	end := civil.Of(time.Date(begin.Year, begin.Month+1, 1, 0, 0, 0, 0, time.UTC)).AddDays(-1)
	begin.Day = min(d.Day, end.Day)
	return begin
}

// split cuts a period into its calendar months.
func (p Period) split() []Period {
	var out []Period
	for at := p.First; !at.After(p.Last); {
		next := addMonths(civil.Date{Year: at.Year, Month: at.Month, Day: 1}, 1)
		part := Period{First: at, Last: next.AddDays(-1)}
		if part.Last.After(p.Last) {
			part.Last = p.Last
		}
		out = append(out, part)
		at = next
	}
	return out
}

// Filter narrows figures; zero fields do not.
type Filter struct {
	// Seller is a user of the host: the owner of a lead or an activity, the one who answers for an opportunity;
	// revenue is narrowed to his part by the team's split.
	Seller   string                 `json:"seller,omitempty"`
	Team     string                 `json:"team,omitempty"`
	Source   string                 `json:"source,omitempty"`
	Pipeline opportunity.PipelineID `json:"pipeline"`
	// ProductGroup is the host's key; an opportunity with lines of the group counts, with what those lines are
	// worth.
	ProductGroup string `json:"product_group,omitempty"`
	// Custom narrows by custom fields of what stands behind a figure: of opportunities, leads or activities. A field of
	// one name that several of them have narrows each by its own values; a figure of what has no such field does not go
	// by the filter.
	Custom []store.CustomFilter `json:"custom,omitempty"`
}

// Used are the dimensions that the filter narrows.
func (f Filter) Used() []Dimension {
	var out []Dimension
	for _, one := range []struct {
		by Dimension
		on bool
	}{{Seller, f.Seller != ""}, {Team, f.Team != ""}, {Source, f.Source != ""}, {Pipeline, !f.Pipeline.IsZero()}, {ProductGroup, f.ProductGroup != ""}, {Custom, len(f.Custom) > 0}} {
		if one.on {
			out = append(out, one.by)
		}
	}
	return out
}

// Query asks for a figure.
type Query struct {
	Period Period `json:"period"`
	Of     Filter `json:"of"`
	// By breaks the figure down; [Whole] does not.
	By Dimension `json:"by,omitempty"`

	// since is the first day of the period before where that is not [Period.Before], of a period that was cut short.
	since civil.Date
}

func (q Query) check(d Definition) error {
	var faults fault.List
	q.Period.check(&faults)
	if !d.Breaks(q.By) {
		faults.Add("by", "choice", "%q cannot be broken down to %.20q; choose one of %q", string(d.Code), string(q.By), d.By)
	}
	if !d.covers(q.Period) && !q.Period.First.IsZero() {
		faults.Add("last", "months", "cuts a month in two, and what customers ordered is kept by month; ask %q for whole months", string(d.Code))
	}
	for _, used := range q.Of.Used() {
		if !d.Goes(used) {
			faults.Add(string(used), "filter", "narrows nothing that %q is made of; leave it empty", string(d.Code))
		}
	}
	return faults.Err("the figure cannot be computed")
}

// covers reports whether a figure can be computed of a period.
func (d Definition) covers(p Period) bool { return d.Of != CustomerKind || p.months() > 0 }

// Fits reports whether a figure goes by everything that a filter narrows.
func (d Definition) Fits(f Filter) bool {
	return !slices.ContainsFunc(f.Used(), func(by Dimension) bool { return !d.Goes(by) })
}
