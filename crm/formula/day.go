package formula

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
)

// The years that dates can have: those that SQL Server's date and SQLite's text forms share.
const (
	firstYear = 1
	lastYear  = 9999
)

// clockOf gives a date or moment as a wall time in UTC, to be read and printed.
func clockOf(v any) (time.Time, error) {
	switch x := v.(type) {
	case civil.Date:
		return x.Time(nil), nil
	case time.Time:
		return x, nil
	case civil.DateTime:
		return x.In(time.UTC), nil
	case nil:
		return time.Time{}, errors.New("there is no date; write x ?? today, or ask x != nil first")
	}
	return time.Time{}, fmt.Errorf("%s is a %s, and a date is asked for%s", shown(v), kindOf(v), remedy(kindOf(v), Date))
}

// ofDate makes year, month, day, hour and minute; of no date they have no value.
func ofDate(f func(time.Time) int) func(*run, []any) (any, error) {
	return func(_ *run, args []any) (any, error) {
		if missing(args[0]) {
			return nil, nil
		}
		t, err := clockOf(args[0])
		if err != nil {
			return nil, err
		}
		return int64(f(t)), nil
	}
}

func addDays(_ *run, args []any) (any, error) {
	if missing(args[0]) {
		return nil, nil
	}
	n, err := wholeOf(args[1])
	if err != nil {
		return nil, err
	}
	const most = 366 * lastYear
	if n < -most || n > most {
		return nil, errors.New("the date gets out of the calendar")
	}
	switch x := args[0].(type) {
	case civil.Date:
		d := x.AddDays(int(n))
		return d, inCalendar(d.Year)
	case time.Time:
		t := x.AddDate(0, 0, int(n))
		return t, inCalendar(t.Year())
	case civil.DateTime:
		x.Date = x.Date.AddDays(int(n))
		return x, inCalendar(x.Year)
	}
	_, err = clockOf(args[0])
	return nil, err
}

func inCalendar(year int) error {
	if year < firstYear || year > lastYear {
		return errors.New("the date gets out of the calendar")
	}
	return nil
}

func daysBetween(_ *run, args []any) (any, error) {
	if missing(args[0]) || missing(args[1]) {
		return nil, nil
	}
	from, err := clockOf(args[0])
	if err != nil {
		return nil, err
	}
	to, err := clockOf(args[1])
	if err != nil {
		return nil, err
	}
	return int64(civil.Of(from).DaysUntil(civil.Of(to))), nil
}

// toDate reads 2026-07-13, also at the beginning of a longer text, 20260713, or cuts the time off.
func toDate(_ *run, args []any) (any, error) {
	s, isText := args[0].(string)
	if !isText {
		if args[0] == nil {
			return nil, nil
		}
		t, err := clockOf(args[0])
		if err != nil {
			return nil, err
		}
		return civil.Of(t), nil
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	if len(s) == 8 {
		if t, err := time.Parse("20060102", s); err == nil {
			return civil.Of(t), nil
		}
	}
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	d, err := civil.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("%s is not a date; write it as 2026-07-13", shown(s))
	}
	return d, inCalendar(d.Year)
}

// format prints a date in the way the layout shows for the second of January 2006, 15:04:05.
func format(r *run, args []any) (any, error) {
	if missing(args[0]) {
		return nil, nil
	}
	t, err := clockOf(args[0])
	if err != nil {
		return nil, err
	}
	layout, err := textOf(args[1])
	if err != nil {
		return nil, err
	}
	if len(layout) > 100 {
		return nil, errors.New("the layout is longer than 100 characters")
	}
	return r.text(t.Format(layout))
}
