package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// Plan is a company's working calendar as people edit it.
type Plan struct {
	// Zone is the IANA name of where its days begin: "Europe/Budapest".
	Zone string `json:"zone"`
	// Week has the intervals of each day by its time.Weekday, Sunday first.
	Week Week `json:"week"`
	// Days are dates that differ from the week, in order.
	Days []Day `json:"days"`
}

// Day is a date that differs from the week: a holiday, a moved working day, a short one.
type Day struct {
	Date civil.Date `json:"date"`
	Name string     `json:"name"`
	// Spans are the intervals of that day; none on a holiday.
	Spans []Span `json:"spans,omitempty"`
	// Country is the ISO 3166-1 code of the country whose holidays it was loaded with, "" where it was typed
	// in. Loading them again replaces these days only.
	Country string `json:"country,omitempty"`
}

// Holiday reports whether nobody works on the day.
func (d Day) Holiday() bool { return len(d.Spans) == 0 }

// The bounds of a plan.
const (
	// MaxSpans is how many intervals a day has.
	MaxSpans = 6
	// MaxDays is how many dates differ from the week: twenty years of thirty.
	MaxDays = 600
	// MaxName is in characters.
	MaxName = 80
	dayEnd  = 24 * 60
)

// nine is the usual day where nothing else is known.
var nine = []Span{{9 * 60, 17 * 60}}

// Default is the plan of a company that has decided nothing: nine to five, Sunday to Thursday where Hebrew is
// the company's language, else Monday to Friday, without holidays.
func Default(l locale.Locale) Plan {
	p := Plan{Zone: l.Location().String()}
	first := time.Monday
	if l.Language == locale.Hebrew {
		first = time.Sunday
	}
	for d := first; d < first+5; d++ {
		p.Week[d] = slices.Clone(nine)
	}
	return p
}

// Check names everything that is wrong with the plan and brings it into its one form: intervals and days in
// order, names trimmed.
func (p *Plan) Check() []fault.Fault {
	var faults fault.List
	p.Zone = strings.TrimSpace(p.Zone)
	if p.Zone == "" || p.Zone == "Local" {
		faults.Add("zone", "required", "is missing; give the name of a time zone, as Europe/Budapest")
	} else if _, err := time.LoadLocation(p.Zone); err != nil {
		faults.Add("zone", "calendar.zone", "%.60q is no time zone; give one of the IANA database, as Europe/Budapest", p.Zone)
	}
	works := false
	for day := range p.Week {
		checkSpans(&faults, fmt.Sprintf("week[%d]", day), p.Week[day])
		works = works || len(p.Week[day]) > 0
	}
	if !works {
		faults.Add("week", "calendar.empty", "has no working time; give at least one interval, or no clock ever runs out")
	}
	if len(p.Days) > MaxDays {
		faults.Add("days", "list.length", "are %d, at most %d are kept; take old years out", len(p.Days), MaxDays)
		return faults
	}
	p.Days = slices.Clone(p.Days)
	seen := map[civil.Date]bool{}
	for i := range p.Days {
		p.Days[i].check(&faults, fmt.Sprintf("days[%d]", i), seen)
	}
	slices.SortFunc(p.Days, func(a, b Day) int { return a.Date.Compare(b.Date) })
	return faults
}

func (d *Day) check(faults *fault.List, at string, seen map[civil.Date]bool) {
	d.Name = strings.TrimSpace(d.Name)
	switch {
	case d.Date.IsZero() || d.Date.Year < 1970 || d.Date.Year > 2200:
		faults.Add(at+".date", "required", "is missing or far away; give a day between 1970 and 2200")
	case seen[d.Date]:
		faults.Add(at+".date", "duplicate", "%s comes twice; leave one out", d.Date)
	}
	seen[d.Date] = true
	faults.Required(at+".name", d.Name)
	if n := utf8.RuneCountInString(d.Name); n > MaxName {
		faults.Add(at+".name", "text.length", "is %d characters long, at most %d fit; shorten it", n, MaxName)
	}
	checkSpans(faults, at+".spans", d.Spans)
}

func checkSpans(faults *fault.List, at string, spans []Span) {
	if len(spans) > MaxSpans {
		faults.Add(at, "list.length", "has %d intervals, at most %d are kept", len(spans), MaxSpans)
		return
	}
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(a.From-b.From, a.To-b.To) })
	for i, s := range spans {
		switch {
		case s.From < 0 || s.To > dayEnd || s.From >= s.To:
			faults.Add(at, "calendar.span", "%s is no part of a day; write it as 09:00-17:00, until 24:00 at most", s)
		case i > 0 && s.From < spans[i-1].To:
			faults.Add(at, "calendar.overlap", "%s and %s overlap; make one of them", spans[i-1], s)
		}
	}
}

// Calendar gives the plan as what computes. The error names everything that is wrong with it.
func (p Plan) Calendar() (*Calendar, error) {
	if err := fault.List(p.Check()).Err("the calendar cannot be used"); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return nil, err
	}
	c := &Calendar{zone: zone, days: make(map[civil.Date][]Span, len(p.Days))}
	for day := range p.Week {
		c.week[day] = slices.Clone(p.Week[day])
		c.works = c.works || len(p.Week[day]) > 0
	}
	for _, d := range p.Days {
		c.days[d.Date] = slices.Clone(d.Spans)
	}
	return c, nil
}

// Year gives the days of a year that differ from the week.
func (p Plan) Year(year int) []Day {
	var out []Day
	for _, d := range p.Days {
		if d.Date.Year == year {
			out = append(out, d)
		}
	}
	return out
}

// Load gives the plan with the holidays of a country in a year. Days that were loaded for that country and year
// before are replaced, those that were typed in stay. A working day that was moved without hours of its own
// takes those of the weekday it stands for.
func (p Plan) Load(country string, year int, l locale.Language) (Plan, error) {
	loaded, err := Holidays(country, year, l)
	if err != nil {
		return p, err
	}
	next := p
	next.Days = slices.DeleteFunc(slices.Clone(p.Days), func(d Day) bool { return d.Date.Year == year && d.Country == country })
	taken := map[civil.Date]bool{}
	for _, d := range next.Days {
		taken[d.Date] = true
	}
	for _, h := range loaded {
		if taken[h.Date] {
			continue
		}
		day := Day{Date: h.Date, Name: h.Name, Country: country}
		if h.Works {
			if day.Spans = slices.Clone(p.Week[h.Like]); len(day.Spans) == 0 {
				continue // that weekday is free in this company
			}
		}
		next.Days = append(next.Days, day)
	}
	slices.SortFunc(next.Days, func(a, b Day) int { return a.Date.Compare(b.Date) })
	return next, nil
}

// String writes the interval as 09:00-17:00.
func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
}

// FormatSpans writes intervals as people type them: 09:00-12:00, 13:00-17:00.
func FormatSpans(spans []Span) string {
	texts := make([]string, len(spans))
	for i, s := range spans {
		texts[i] = s.String()
	}
	return strings.Join(texts, ", ")
}

// ParseSpans reads intervals as people type them: "9-17", "8:30-12, 13:00–17:00"; "" is none. Whatever else is
// wrong with them is found by [Plan.Check].
func ParseSpans(text string) ([]Span, error) {
	var spans []Span
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		part = strings.Map(func(r rune) rune {
			switch r {
			case '–', '—', '‑', '−':
				return '-'
			case ' ', '\t', '\r', '\u00a0', '\u200e', '\u200f':
				return -1
			}
			return r
		}, part)
		if part == "" {
			continue
		}
		from, to, ok := strings.Cut(part, "-")
		a, okA := minutes(from)
		b, okB := minutes(to)
		if !ok || !okA || !okB || len(spans) >= 100 {
			return nil, fault.New(fault.Invalid, "%.40q is no part of a day; write it as 09:00-17:00, several with commas between them", part)
		}
		spans = append(spans, Span{a, b})
	}
	return spans, nil
}

// minutes reads "9", "9:30" or "9.30".
func minutes(text string) (int, bool) {
	hour, minute, has := strings.Cut(strings.ReplaceAll(text, ".", ":"), ":")
	if !has {
		minute = "0"
	}
	h, err := strconv.ParseUint(hour, 10, 8)
	m, err2 := strconv.ParseUint(minute, 10, 8)
	if err != nil || err2 != nil || h > 24 || m > 59 {
		return 0, false
	}
	return int(h*60 + m), true
}
