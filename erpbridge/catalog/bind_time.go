package catalog

import (
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
)

func (c *Column) bindTime(d Dialect, value any) (any, error) {
	if c.Type.Family == Time {
		return c.bindTimeOfDay(value)
	}
	var at civil.DateTime
	switch v := value.(type) {
	case civil.Date:
		at = v.Midnight()
	case civil.DateTime:
		at = v
	case string:
		var err error
		if at, err = civil.ParseDateTime(v); err != nil || v == "" {
			return nil, c.refused("column.kind", shown(v), "is not a date; write it as 2026-07-13, or 2026-07-13T10:00:00")
		}
	default:
		return nil, c.refused("column.kind", display(value), "is not a date, and a column of the type %s takes only those", c.Type)
	}
	if err := c.calendar(d, at); err != nil {
		return nil, err
	}
	if c.Type.Family == Date {
		if at != at.Date.Midnight() {
			return nil, c.refused("column.precision", at.String(), "has a time of day, and the column keeps none; write today, or the date alone")
		}
		return at.Date.String(), nil
	}
	if c.Type.Name == "datetimeoffset" {
		return nil, c.refused("column.kind", at.String(), "has no zone, and the column keeps one; leave the column to its default")
	}
	return c.cut(d, at), nil
}

// calendar checks that the day exists, and that the type reaches it.
func (c *Column) calendar(d Dialect, at civil.DateTime) error {
	if civil.Wall(at.In(nil)) != at || at.Year < 1 || at.Year > 9999 {
		return c.refused("column.range", at.String(), "is no day of the calendar")
	}
	if d != MSSQL {
		return nil
	}
	var first, last civil.Date
	switch c.Type.Name {
	case "datetime":
		first, last = civil.Date{Year: 1753, Month: 1, Day: 1}, civil.Date{Year: 9999, Month: 12, Day: 31}
	case "smalldatetime":
		first, last = civil.Date{Year: 1900, Month: 1, Day: 1}, civil.Date{Year: 2079, Month: 6, Day: 6}
	default:
		return nil
	}
	if at.Date.Before(first) || at.Date.After(last) {
		return c.refused("column.range", at.String(), "is out of the range of %s, which is %s to %s", c.Type, first, last)
	}
	return nil
}

// cut writes the wall time with what the type keeps behind the second, the rest cut off. The T makes the
// text one that every language and DATEFORMAT reads alike.
func (c *Column) cut(d Dialect, at civil.DateTime) string {
	second := func() string {
		return fmt.Sprintf("%sT%02d:%02d:%02d", at.Date, at.Hour, at.Minute, at.Second)
	}
	switch {
	case c.Type.Name == "smalldatetime":
		at.Second = 0
		return second()
	case c.Type.Name == "datetime" && d == MSSQL:
		// It counts 1/300 of a second, and gives them back as .000, .003 and .007.
		ms := at.Nanosecond / int(time.Millisecond)
		switch last := ms % 10; {
		case last < 3:
			ms -= last
		case last < 7:
			ms += 3 - last
		default:
			ms += 7 - last
		}
		return fmt.Sprintf("%s.%03d", second(), ms)
	case c.Type.Scale == 0:
		return second()
	}
	return second() + "." + fmt.Sprintf("%09d", at.Nanosecond)[:min(c.Type.Scale, 9)]
}

// bindTimeOfDay takes a text as 10:00, 10:00:00 or 10:00:00.000, or the time of day of a moment.
func (c *Column) bindTimeOfDay(value any) (any, error) {
	var at civil.DateTime
	switch v := value.(type) {
	case civil.DateTime:
		at = v
	case string:
		t, err := clock(v)
		if err != nil {
			return nil, c.refused("column.kind", shown(v), "is not a time of day; write it as 10:00:00")
		}
		at = civil.Wall(t)
	default:
		return nil, c.refused("column.kind", display(value), "is not a time of day")
	}
	s := fmt.Sprintf("%02d:%02d:%02d", at.Hour, at.Minute, at.Second)
	if c.Type.Scale > 0 {
		s += "." + fmt.Sprintf("%09d", at.Nanosecond)[:min(c.Type.Scale, 9)]
	}
	return s, nil
}

// clock reads a time of day.
func clock(s string) (time.Time, error) {
	if t, err := time.Parse("15:04", s); err == nil {
		return t, nil
	}
	if strings.Contains(s, ",") {
		return time.Time{}, fmt.Errorf("%q is not a time of day", s)
	}
	return time.Parse(time.TimeOnly, s)
}
