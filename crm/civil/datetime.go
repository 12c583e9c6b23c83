package civil

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// DateTime is what a calendar and a clock on the wall show, without a zone: the hour at which an order
// was taken at a host whose columns hold local time. The zero DateTime means "no date"; it is stored as
// NULL and printed as "".
type DateTime struct {
	Date
	Hour, Minute, Second, Nanosecond int
}

// Wall gives what a clock in t's own zone shows at t.
func Wall(t time.Time) DateTime {
	return DateTime{Date: Of(t), Hour: t.Hour(), Minute: t.Minute(), Second: t.Second(), Nanosecond: t.Nanosecond()}
}

// WallIn gives what a clock in loc shows at the instant t; a nil loc means UTC.
func WallIn(t time.Time, loc *time.Location) DateTime {
	if loc == nil {
		loc = time.UTC
	}
	return Wall(t.In(loc))
}

// Midnight is the first moment of d; the zero Date gives the zero DateTime.
func (d Date) Midnight() DateTime { return DateTime{Date: d} }

// The forms that ParseDateTime reads; a fraction of a second may follow the last two.
var dateTimeForms = []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", time.DateTime}

// ParseDateTime reads the ISO 8601 forms 2026-07-13T10:00:00.000, with fewer or more digits or none after
// the second, without seconds, and without a time of day (midnight); a blank may stand for the T. "" gives
// the zero DateTime. A zone is refused: what it should mean here is for the caller to say.
func ParseDateTime(s string) (DateTime, error) {
	if s == "" {
		return DateTime{}, nil
	}
	for _, form := range dateTimeForms {
		// time.Parse also takes a comma before the fraction, and 24:00; ISO 8601 does, we do not print it.
		if t, err := time.Parse(form, s); err == nil && !strings.Contains(s, ",") {
			return Wall(t), nil
		}
	}
	return DateTime{}, fmt.Errorf("%q is not a date and time; write it as 2026-07-13T10:00:00", s)
}

// IsZero reports whether t is "no date".
func (t DateTime) IsZero() bool { return t == DateTime{} }

// String gives the ISO 8601 form 2026-07-13T10:00:00, with as many digits after the second as are needed
// and at most nine, or "".
func (t DateTime) String() string {
	if t.IsZero() {
		return ""
	}
	s := fmt.Sprintf("%sT%02d:%02d:%02d", t.Date, t.Hour, t.Minute, t.Second)
	if t.Nanosecond == 0 {
		return s
	}
	return s + strings.TrimRight(fmt.Sprintf(".%09d", t.Nanosecond), "0")
}

// In is the instant at which a clock in loc shows t; a nil loc means UTC. Where the clock is put back
// and shows t twice, it is the first of the two; where it is put forward and never shows t, it is off
// by the jump, as with [time.Date].
func (t DateTime) In(loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	return time.Date(t.Year, t.Month, t.Day, t.Hour, t.Minute, t.Second, t.Nanosecond, loc)
}

// Compare gives -1, 0 or 1.
func (t DateTime) Compare(o DateTime) int { return t.In(nil).Compare(o.In(nil)) }

// Before reports whether t is earlier than o.
func (t DateTime) Before(o DateTime) bool { return t.Compare(o) < 0 }

// After reports whether t is later than o.
func (t DateTime) After(o DateTime) bool { return t.Compare(o) > 0 }

// Value stores the ISO form, or NULL.
func (t DateTime) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.String(), nil
}

// Scan reads DATETIME, DATETIME2 and text columns; of a time.Time it takes what its own clock shows.
func (t *DateTime) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case nil:
		*t = DateTime{}
		return nil
	case time.Time:
		*t = Wall(v)
		return nil
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return fmt.Errorf("civil: cannot read a date and time from %T", src)
	}
	return t.UnmarshalText([]byte(text))
}

// MarshalText gives the ISO form.
func (t DateTime) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the forms of [ParseDateTime].
func (t *DateTime) UnmarshalText(b []byte) error {
	p, err := ParseDateTime(string(b))
	if err == nil {
		*t = p
	}
	return err
}
