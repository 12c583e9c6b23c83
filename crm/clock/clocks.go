package clock

import (
	"context"
	"errors"
	"sort"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Config is what the package is told by its surroundings.
type Config struct {
	// Calendars and Terms are needed, and so is Locales.
	Calendars *calendar.Calendars
	Terms     *leadrule.Terms
	Locales   func(company string) locale.Locale
	// Staff tells a user's manager and where mails go, inside a transaction; nil where the host does not tell.
	Staff func(ctx context.Context, s *store.Session, id string) (erpbridge.User, error)
	// Mails sends; Sender is the mailbox of a company's own mails to its users. Without them there are notices only.
	Mails  *mail.Mails
	Sender func(ctx context.Context, s *store.Session) (mail.Address, error)
	// Link is the address of a record's card by its noun (lead, opportunity), "" or nil for none.
	Link func(company, noun string, id RecordID) string
	// Told is the address of the page on which users see all that they were told, "" or nil for none.
	Told func(company string) string
}

// Clocks keeps the clocks of all companies, by a plan that each keeps: it holds for clocks that start after it was
// published. It is safe for many goroutines.
//
// What the company decides is read and changed by Plan, SaveDraft, Discard, Publish and Versions of [policy.Keeper].
type Clocks struct {
	policy.Keeper[Plan]

	db     *store.DB
	config Config
}

// New makes a Clocks on a database.
func New(db *store.DB, c Config) *Clocks {
	out := &Clocks{db: db, config: c}
	out.Keeper = policy.Keep(db, plans, policy.Terms[Plan]{Check: out.faults})
	return out
}

// In gives a view that works inside an open session.
func (c *Clocks) In(s *store.Session) *Clocks {
	config := c.config
	config.Calendars = config.Calendars.In(s)
	return New(s.Inside(), config)
}

// Document is a company's plan with its draft.
type Document = policy.Document[Plan]

var plans = policy.Kind[Plan]{Name: "clock", Noun: "the times", Default: func(string) Plan { return Default() }}

func (c *Clocks) faults(ctx context.Context, s *store.Session, p *Plan) (fault.List, error) {
	env, err := c.config.Terms.Environment(ctx, s)
	if err != nil {
		return nil, err
	}
	return p.check(env, s.Actor), nil
}

// Environment gives what conditions of responses can speak of, for forms.
func (c *Clocks) Environment(ctx context.Context) (*rule.Environment, error) {
	return store.Read(ctx, c.db, actor.LeadRead, c.config.Terms.Environment)
}

// Of gives the latest clock of each of the records, at most [store.MaxLimit] of them; those without one are left out.
func (c *Clocks) Of(ctx context.Context, kind Kind, ids ...RecordID) (map[RecordID]Clock, error) {
	if len(ids) > store.MaxLimit {
		return nil, fault.New(fault.Limit, "%d records are too many at once; ask for at most %d", len(ids), store.MaxLimit)
	}
	out := map[RecordID]Clock{}
	if len(ids) == 0 {
		return out, nil
	}
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		args := make([]any, 0, len(ids)+1)
		for _, id := range ids {
			args = append(args, id)
		}
		var rows []Clock
		err := s.Query(ctx, &rows, store.From[Clock]("c"), "SELECT c.* FROM crm_clock AS c WHERE {scope} AND c.record_id IN ("+store.In(len(ids))+") AND c.kind = ? ORDER BY c.started_at, c.id", append(args, kind)...)
		for _, row := range rows {
			out[row.RecordID] = row
		}
		return err
	})
	return out, err
}

// History gives all clocks of a record, the latest first.
func (c *Clocks) History(ctx context.Context, id RecordID) ([]Clock, error) {
	var rows []Clock
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		return s.Select(&rows).Where("clock.record_id = ?", id).OrderExpr("clock.started_at DESC, clock.id DESC").Limit(store.MaxLimit).Scan(ctx)
	})
	return rows, err
}

// Hold stops a clock for a while: somebody waits for the customer. It needs actor.LeadWrite and that the actor sees the
// clock; held again it changes nothing.
func (c *Clocks) Hold(ctx context.Context, id ID) (Clock, error) {
	return c.turn(ctx, id, func(cal *calendar.Calendar, was Clock, now time.Time) (Clock, bool) {
		if was.State != Running && was.State != Paused {
			return was, was.State == Held
		}
		next := pause(cal, was, now)
		next.State = Held
		return next, true
	})
}

// Resume lets a held clock run again with what was left of its limit, by the same right.
func (c *Clocks) Resume(ctx context.Context, id ID) (Clock, error) {
	return c.turn(ctx, id, func(cal *calendar.Calendar, was Clock, now time.Time) (Clock, bool) {
		if was.State != Held {
			return was, was.State == Running
		}
		return resume(cal, was, now), true
	})
}

func (c *Clocks) turn(ctx context.Context, id ID, how func(*calendar.Calendar, Clock, time.Time) (Clock, bool)) (Clock, error) {
	return store.Write(ctx, c.db, actor.LeadWrite, func(ctx context.Context, s *store.Session) (Clock, error) {
		var was Clock
		if err := s.Lock(ctx, &was, id); err != nil {
			return was, err
		}
		cal, err := c.config.Calendars.In(s).Of(ctx, s)
		if err != nil {
			return was, err
		}
		next, ok := how(cal, was, s.Now)
		if !ok {
			return was, fault.New(fault.Invalid, "the clock is %s; only one that runs is held, and only one that is held goes on", was.State)
		}
		return next, s.Save(ctx, &was, &next)
	})
}

// Left is the working time until the limit at an instant, negative after it.
func (c Clock) Left(cal *calendar.Calendar, at time.Time) time.Duration {
	if c.DueAt.IsZero() {
		return time.Duration(c.Limit-c.Spent) * time.Second
	}
	return cal.Between(at, c.DueAt)
}

// pause lets a clock stand still. What is left until the next one is told is kept beside what is left of the limit: while
// it stands, NextAt is that much working time after PausedAt, counted without nights and holidays, so that a calendar that
// changes meanwhile moves neither.
func pause(cal *calendar.Calendar, c Clock, at time.Time) Clock {
	if c.State == Running {
		c.Spent = c.Limit - int64(c.Left(cal, at)/time.Second)
		if !c.NextAt.IsZero() {
			c.NextAt = at.Add(max(cal.Between(at, c.NextAt), 0))
		}
		c.PausedAt, c.DueAt = at, time.Time{}
	}
	return c
}

// resume lets it go on with what was left: nobody is told twice, and nobody who was to be told is forgotten.
func resume(cal *calendar.Calendar, c Clock, at time.Time) Clock {
	left := time.Duration(c.Limit-c.Spent) * time.Second
	toNext := left
	if !c.NextAt.IsZero() {
		toNext = c.NextAt.Sub(c.PausedAt)
	}
	c.State, c.PausedAt, c.DueAt = Running, time.Time{}, before(cal, at, -left)
	if left >= 0 {
		c.DueAt, _ = cal.Add(at, left)
	}
	if c.Level < managerTold {
		c.NextAt, _ = cal.Add(at, toNext)
	}
	return c
}

// before is the latest instant from which d of working time has passed until at; at itself where d is not positive. A
// clock that was late when it was held is late by as much when it goes on.
func before(cal *calendar.Calendar, at time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return at
	}
	reach := d
	for reach < longest && cal.Between(at.Add(-reach), at) < d {
		reach *= 2
	}
	seconds := sort.Search(int(reach/time.Second), func(n int) bool { return cal.Between(at.Add(-time.Duration(n)*time.Second), at) >= d })
	return at.Add(-time.Duration(seconds) * time.Second)
}

// longest is how far [before] looks.
const longest = 20 * 366 * 24 * time.Hour

// Stop ends a clock at an instant: kept, or missed. Nothing is written.
func (c Clock) Stop(cal *calendar.Calendar, at time.Time) Clock {
	if at.Before(c.StartedAt) {
		at = c.StartedAt
	}
	left := c.Left(cal, at)
	c.Spent, c.StoppedAt, c.NextAt, c.PausedAt = c.Limit-int64(left/time.Second), at, time.Time{}, time.Time{}
	if c.State = Kept; left < 0 {
		c.State = Missed
	}
	return c
}

// Drop ends a clock without a verdict. Nothing is written.
func (c Clock) Drop(cal *calendar.Calendar, at time.Time) Clock {
	c = c.Stop(cal, at)
	c.State = Dropped
	return c
}

// Due is by when a lead that is given to somebody now is to be answered; zero where there is no limit.
func (c *Clocks) Due(ctx context.Context, s *store.Session, l lead.Lead) (time.Time, error) {
	d, err := plans.Read(ctx, s)
	if err != nil {
		return time.Time{}, err
	}
	r, err := c.response(ctx, s, d.Plan, l.ID)
	if err != nil || r.Minutes == 0 {
		return time.Time{}, err
	}
	cal, err := c.config.Calendars.In(s).Of(ctx, s)
	if err != nil {
		return time.Time{}, err
	}
	from := l.AssignedAt
	if from.IsZero() {
		from = s.Now
	}
	due, _ := cal.Add(from, time.Duration(r.Minutes)*time.Minute)
	return due, nil
}

// response finds what holds for a lead. A condition that names what is gone, or looks at too much, fits nothing, so that the
// next response holds.
func (c *Clocks) response(ctx context.Context, s *store.Session, p Plan, id lead.ID) (Response, error) {
	if len(p.Responses) == 0 {
		return p.Otherwise, nil
	}
	env, err := c.config.Terms.Environment(ctx, s)
	if err != nil {
		return Response{}, err
	}
	at := c.config.Terms.At(s)
	for _, r := range p.Responses {
		if r.When == "" {
			return r, nil
		}
		cond, err := env.Parse(r.When)
		if err != nil {
			continue
		}
		picked, err := cond.PickWithin(ctx, s, at, [][16]byte{id}, false)
		if err != nil {
			return Response{}, err
		}
		if len(picked) > 0 {
			return r, nil
		}
	}
	return p.Otherwise, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
