package locale

import (
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
)

// ParseMoment reads a date as ParseDate does, and the time of day behind it where there is one ("2026. 07. 13.
// 10:30"), in the locale's zone; midnight where there is none.
func (l Locale) ParseMoment(text string) (time.Time, error) {
	day, err := l.Language.ParseDate(text)
	if err != nil {
		return time.Time{}, err
	}
	return moment(day, text, l.Location()), nil
}

// moment is the instant of a day with, where the cell has one, its time of day.
func moment(day civil.Date, text string, zone *time.Location) time.Time {
	if day.IsZero() {
		return time.Time{}
	}
	at := day.Time(zone)
	i := strings.LastIndexAny(text, " T")
	if i < 0 {
		return at
	}
	clock := strings.TrimSuffix(text[i+1:], "Z")
	for _, form := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(form, clock); err == nil {
			return time.Date(day.Year, day.Month, day.Day, t.Hour(), t.Minute(), t.Second(), 0, zone)
		}
	}
	return at
}
