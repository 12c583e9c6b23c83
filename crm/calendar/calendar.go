package calendar

import (
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
)

// Span is a part of a day in which work is done, in minutes from midnight by the clock on the wall: From is
// the first minute of it, To the first one after it, at most 1440.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Week has the intervals of each day by its time.Weekday; none on a day off.
type Week [7][]Span

// Calendar is working time. It never changes, and is safe for many goroutines.
type Calendar struct {
	zone *time.Location
	week Week
	days map[civil.Date][]Span
	// works says that the week has working time at all.
	works bool
}

// Zone is where the calendar's days begin.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Of gives the intervals of a date, in order; none where nobody works.
func (c *Calendar) Of(d civil.Date) []Span { return slices.Clone(c.spans(d)) }

func (c *Calendar) spans(d civil.Date) []Span {
	if own, ok := c.days[d]; ok {
		return own
	}
	return c.week[d.Time(nil).Weekday()]
}

// horizon is how far [Calendar.Add] and [Calendar.Next] look: beyond it a date is a mistake.
const horizon = 20 * 366 * 24 * time.Hour

// Day is how long a usual working day is: the week's working time, shared among the days that have some. It is 0 where
// the week has none.
func (c *Calendar) Day() time.Duration {
	minutes, days := 0, 0
	for _, spans := range c.week {
		for _, s := range spans {
			minutes += s.To - s.From
		}
		if len(spans) > 0 {
			days++
		}
	}
	if days == 0 {
		return 0
	}
	return time.Duration(minutes) * time.Minute / time.Duration(days)
}

// Open reports whether t is working time.
func (c *Calendar) Open(t time.Time) bool {
	next, ok := c.Next(t)
	return ok && next.Equal(t)
}

// Next is the first instant from t on, t included, that is working time; false where there is none within
// twenty years.
func (c *Calendar) Next(t time.Time) (time.Time, bool) {
	var found time.Time
	ok := false
	c.walk(t, t.Add(horizon), func(from, _ time.Time) bool {
		found, ok = from, true
		return false
	})
	return found, ok
}

// Add gives the earliest instant by which d of working time has passed since t; t itself where d is not
// positive. It is false where there is not that much within twenty years.
func (c *Calendar) Add(t time.Time, d time.Duration) (time.Time, bool) {
	if d <= 0 {
		return t, true
	}
	var found time.Time
	ok := false
	c.walk(t, t.Add(horizon), func(from, to time.Time) bool {
		if part := to.Sub(from); part < d {
			d -= part
			return true
		}
		found, ok = from.Add(d), true
		return false
	})
	return found, ok
}

// Between is the working time from a to b, negative where b is before a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	c.walk(a, b, func(from, to time.Time) bool {
		sum += to.Sub(from)
		return true
	})
	return sum
}

// walk gives the pieces of working time from a until b in their order, until yield says to stop. A piece may
// end where the next begins.
func (c *Calendar) walk(a, b time.Time, yield func(from, to time.Time) bool) {
	if !c.works && len(c.days) == 0 {
		return
	}
	for segment := a; segment.Before(b); {
		// Within a segment the clock on the wall runs evenly.
		local := segment.In(c.zone)
		_, offset := local.Zone()
		_, end := local.ZoneBounds()
		if end.IsZero() || end.After(b) {
			end = b
		}
		// wall shows the company's clock as if it were UTC's.
		shift := time.Duration(offset) * time.Second
		wall := segment.UTC().Add(shift)
		midnight := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
		for ; midnight.Add(-shift).Before(end); midnight = midnight.AddDate(0, 0, 1) {
			for _, span := range c.spans(civil.Of(midnight)) {
				from, to := midnight.Add(time.Duration(span.From)*time.Minute-shift), midnight.Add(time.Duration(span.To)*time.Minute-shift)
				if from.Before(segment) {
					from = segment
				}
				if to.After(end) {
					to = end
				}
				if from.Before(to) && !yield(from, to) {
					return
				}
			}
		}
		segment = end
	}
}

// EndOf is when work ends on the nth working day after a date; n of 0 is the date itself where it is one, else the next.
// Where there is none within twenty years it is the end of those.
func (c *Calendar) EndOf(d civil.Date, n int) time.Time {
	last := d.AddDays(20 * 366)
	for day := d; day.Before(last); day = day.AddDays(1) {
		if n > 0 && day == d {
			continue
		}
		spans := c.spans(day)
		if len(spans) == 0 {
			continue
		}
		if n--; n <= 0 {
			y, m, number := day.Time(time.UTC).Date()
			return time.Date(y, m, number, 0, spans[len(spans)-1].To, 0, 0, c.zone)
		}
	}
	return last.Time(c.zone)
}
