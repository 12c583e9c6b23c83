package calendar

import (
	"context"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/store"
)

// Calendars keeps the working calendars of all companies. What runs already keeps the due times it has until it is paused,
// moved or given to somebody else. It is safe for many goroutines.
//
// What the company decides is read and changed by Plan, SaveDraft, Discard, Publish and Versions of [policy.Keeper].
type Calendars struct {
	policy.Keeper[Plan]

	kind    policy.Kind[Plan]
	db      *store.DB
	locales func(company string) locale.Locale
}

// New makes a Calendars on a database; locales gives each company's language and zone.
func New(db *store.DB, locales func(company string) locale.Locale) *Calendars {
	kind := policy.Kind[Plan]{Name: "calendar", Noun: "the calendar", Default: func(company string) Plan { return Default(locales(company)) }}
	return &Calendars{Keeper: policy.Keep(db, kind, policy.Terms[Plan]{Check: check}), kind: kind, db: db, locales: locales}
}

// On gives the same calendars on another view of the database.
func (c *Calendars) On(db *store.DB) *Calendars { return New(db, c.locales) }

// In gives a view that works inside an open session.
func (c *Calendars) In(s *store.Session) *Calendars { return c.On(s.Inside()) }

// Document is a company's calendar with its draft.
type Document = policy.Document[Plan]

func check(_ context.Context, _ *store.Session, p *Plan) (fault.List, error) { return p.Check(), nil }

// Of gives the calendar of the session's company, ready to compute.
func (c *Calendars) Of(ctx context.Context, s *store.Session) (*Calendar, error) {
	d, err := c.kind.Read(ctx, s)
	if err != nil {
		return nil, err
	}
	return d.Plan.Calendar()
}

// Working reports whether the session's company works on a day.
func (c *Calendars) Working(ctx context.Context, s *store.Session, day civil.Date) (bool, error) {
	own, err := c.Of(ctx, s)
	if err != nil {
		return false, err
	}
	return len(own.spans(day)) > 0, nil
}

// Current gives the calendar of the actor's company, ready to compute.
func (c *Calendars) Current(ctx context.Context) (*Calendar, error) {
	d, err := c.Plan(ctx)
	if err != nil {
		return nil, err
	}
	return d.Plan.Calendar()
}
