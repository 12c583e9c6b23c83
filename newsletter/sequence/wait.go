package sequence

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/store"
)

// mostIdle is how many days in a row may be free: a calendar without any working day stops nothing for ever.
const mostIdle = 60

// until is when a wait that begins now ends.
func (q *Sequences) until(ctx context.Context, s *store.Session, p Pause) (time.Time, error) {
	if p.Unit == Hours {
		return s.Now.Add(time.Duration(p.Count) * time.Hour), nil
	}
	zone := q.config.Locales(s.Actor.Company).Location()
	local := s.Now.In(zone)
	minute, _ := p.minute()
	if minute < 0 {
		minute = local.Hour()*60 + local.Minute()
	}
	day := civil.In(s.Now, zone)
	if p.Unit == Days {
		day = day.AddDays(p.Count)
	} else {
		var err error
		if day, err = q.workingDay(ctx, s, day, p.Count); err != nil {
			return time.Time{}, err
		}
	}
	at := clockOn(day, minute, zone)
	if p.Count == 0 && at.Before(s.Now) { // today's time has passed
		at = clockOn(day.AddDays(1), minute, zone)
	}
	return store.UTC(at), nil
}

func clockOn(day civil.Date, minute int, zone *time.Location) time.Time {
	y, m, d := day.Time(time.UTC).Date()
	return time.Date(y, m, d, minute/60, minute%60, 0, 0, zone)
}

// workingDay is the nth working day behind a day.
func (q *Sequences) workingDay(ctx context.Context, s *store.Session, day civil.Date, n int) (civil.Date, error) {
	for idle := 0; n > 0 && idle < mostIdle; {
		day = day.AddDays(1)
		works, err := q.works(ctx, s, day)
		if err != nil {
			return day, err
		}
		idle++
		if works {
			n, idle = n-1, 0
		}
	}
	return day, nil
}

func (q *Sequences) works(ctx context.Context, s *store.Session, day civil.Date) (bool, error) {
	if q.config.Calendar != nil {
		return q.config.Calendar.Working(ctx, s, day)
	}
	weekday := day.Time(time.UTC).Weekday()
	return weekday != time.Saturday && weekday != time.Sunday, nil
}
