package sms

import "time"

// Window is a time of quiet that begins on a day of the week.
type Window struct {
	Day time.Weekday
	// From and To are minutes from midnight, at most 1440; a To that is not after From is on the next day.
	From, To int
}

// Quiet are the hours in which nobody is written to, on the reader's clock.
type Quiet []Window

// Next gives the first moment from at on that is not quiet in the zone; nil is UTC.
func (q Quiet) Next(at time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	const mostWindows = 64 // one ends in the next; a whole week is refused when they are read
	for range mostWindows {
		end, quiet := q.until(at.In(zone))
		if !quiet {
			break
		}
		at = end
	}
	return at
}

// until reports whether a moment is quiet, and the latest end of the windows that make it so.
func (q Quiet) until(local time.Time) (end time.Time, quiet bool) {
	for _, w := range q {
		for back := range 2 { // a window that began yesterday may still last
			y, m, d := local.Date()
			d -= back
			from := time.Date(y, m, d, 0, w.From, 0, 0, local.Location())
			if time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Weekday() != w.Day {
				continue
			}
			if w.To <= w.From {
				d++
			}
			to := time.Date(y, m, d, 0, w.To, 0, 0, local.Location())
			if !local.Before(from) && local.Before(to) && to.After(end) {
				end, quiet = to, true
			}
		}
	}
	return end, quiet
}

// leavesTime reports whether the week has a quarter of an hour that is not quiet.
func (q Quiet) leavesTime() bool {
	monday := time.Date(2026, 7, 13, 0, 0, 0, 0, time.UTC)
	for quarter := range 7 * 24 * 4 {
		if _, quiet := q.until(monday.Add(time.Duration(quarter) * 15 * time.Minute)); !quiet {
			return true
		}
	}
	return false
}
