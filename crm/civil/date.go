// Package civil holds dates without a time of day and without a zone: the due date of a quote or
// the date of an invoice is the same day for everybody who reads it.
package civil

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar. The zero Date means "no date"; it is stored as NULL and
// printed as "".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Of gives the date of t in t's own zone.
func Of(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// In gives the date of the instant t in the zone loc; a nil loc means UTC.
func In(t time.Time, loc *time.Location) Date {
	if loc == nil {
		loc = time.UTC
	}
	return Of(t.In(loc))
}

// Parse reads the ISO 8601 form 2026-07-13; "" gives the zero Date.
func Parse(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date; write it as 2026-07-13", s)
	}
	return Of(t), nil
}

// IsZero reports whether d is "no date".
func (d Date) IsZero() bool { return d == Date{} }

// String gives the ISO 8601 form 2026-07-13, or "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// Time is midnight of d in loc; a nil loc means UTC.
func (d Date) Time(loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// AddDays moves d by n days, which may be negative.
func (d Date) AddDays(n int) Date { return Of(d.Time(nil).AddDate(0, 0, n)) }

// Before reports whether d is earlier than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After reports whether d is later than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// Compare gives -1, 0 or 1.
func (d Date) Compare(o Date) int {
	return d.Time(nil).Compare(o.Time(nil))
}

// DaysUntil counts the days from d to o.
func (d Date) DaysUntil(o Date) int {
	return int(o.Time(nil).Sub(d.Time(nil)).Hours() / 24)
}

// Value stores the ISO form, or NULL.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads DATE and text columns.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case time.Time:
		*d = Of(v)
		return nil
	case []byte:
		return d.scan(string(v))
	case string:
		return d.scan(v)
	}
	return fmt.Errorf("civil: cannot read a date from %T", src)
}

func (d *Date) scan(s string) error {
	if len(s) > 10 {
		s = s[:10]
	}
	p, err := Parse(s)
	if err == nil {
		*d = p
	}
	return err
}

// MarshalText gives the ISO form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO form.
func (d *Date) UnmarshalText(b []byte) error {
	p, err := Parse(string(b))
	if err == nil {
		*d = p
	}
	return err
}
