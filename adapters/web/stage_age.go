package web

import (
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// stageAge is how long an opportunity has been in its stage.
type stageAge struct {
	Days int
	// Share is how much of the stage's working time is used up, 0 to 100; where the stage has no limit, of 60 days.
	Share int
	// Kind is "", "watch" from three quarters on, "bad" where the limit has passed.
	Kind string
	// Left is the working time that is left, in words, in a stage with a limit that has not passed; Held says that its
	// clock stands still.
	Left string
	Held bool
	// Due is when the limit passes, or passed.
	Due time.Time
}

const usualStage = 60 * 24 * time.Hour

// ageing knows how long opportunities may stay in their stages: by the clocks that watch them, which something may have
// started anew or held, and where there is none yet by the stage's limit, in the company's working time.
type ageing struct {
	v      *visit
	cal    *calendar.Calendar
	clocks map[clock.RecordID]clock.Clock
	limits map[opportunity.StageID]int
}

// ageing reads what it takes for the rows: the calendar and their clocks, nothing where no stage has a limit.
func (v *visit) ageing(rows []opportunity.Row, limits map[opportunity.StageID]int) (ageing, error) {
	a := ageing{v: v, limits: limits, clocks: map[clock.RecordID]clock.Clock{}}
	var ids []clock.RecordID
	for _, row := range rows {
		if row.State == opportunity.Open && limits[row.StageID] > 0 {
			ids = append(ids, clock.RecordID(row.ID))
		}
	}
	if len(ids) == 0 {
		return a, nil
	}
	for part := range slices.Chunk(ids, store.MaxLimit) {
		found, err := v.module().Clocks.Of(v.ctx(), clock.Stage, part...)
		if err != nil {
			return a, err
		}
		for id, c := range found {
			a.clocks[id] = c
		}
	}
	var err error
	a.cal, err = v.module().Calendars.Current(v.ctx())
	return a, err
}

func (a ageing) of(row opportunity.Row, now time.Time) stageAge {
	passed := max(now.Sub(row.StageSince), 0)
	out := stageAge{Days: int(passed / (24 * time.Hour))}
	limit := time.Duration(a.limits[row.StageID]) * time.Hour
	if limit == 0 || a.cal == nil {
		out.Share = int(min(100, 100*passed/usualStage))
		return out
	}
	c, has := a.clocks[clock.RecordID(row.ID)]
	if !has || c.State.Over() || c.PartID != clock.RecordID(row.StageID) {
		c = clock.Clock{State: clock.Running, Limit: int64(limit / time.Second)}
		c.DueAt, _ = a.cal.Add(row.StageSince, limit)
	}
	limit = time.Duration(c.Limit) * time.Second
	out.Due, out.Held = c.DueAt, c.State == clock.Held
	if c.Late(now) {
		out.Share, out.Kind = 100, "bad"
		return out
	}
	left := c.Left(a.cal, now)
	out.Left = a.v.workText(int64(left / time.Second))
	if limit > 0 {
		out.Share = int(min(100, max(0, 100*(limit-left)/limit)))
	}
	if out.Share >= 75 {
		out.Kind = "watch"
	}
	return out
}
