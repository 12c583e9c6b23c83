package calendar

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/store"
)

// Calendars keeps the working calendars of all companies. It is safe for many goroutines.
type Calendars struct {
	db      *store.DB
	locales func(company string) locale.Locale
}

// New makes a Calendars on a database; locales gives each company's language and zone.
func New(db *store.DB, locales func(company string) locale.Locale) *Calendars {
	return &Calendars{db: db, locales: locales}
}

// On gives the same calendars on another view of the database.
func (c *Calendars) On(db *store.DB) *Calendars { return &Calendars{db: db, locales: c.locales} }

// In gives a view that works inside an open session.
func (c *Calendars) In(s *store.Session) *Calendars { return c.On(s.Inside()) }

// kind is the calendar's among the company's policies.
const kind = "calendar"

// Document is a company's calendar with its version.
type Document struct {
	// Version is 0 where the company has the default one; [Calendars.Save] wants the one that was read.
	Version int64     `json:"version"`
	Plan    Plan      `json:"plan"`
	SavedAt time.Time `json:"saved_at,omitzero"`
	SavedBy string    `json:"saved_by,omitempty"`
}

// Get reads the company's calendar; whoever acts may.
func (c *Calendars) Get(ctx context.Context) (Document, error) {
	var out Document
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		_, out, err = c.read(ctx, s)
		return err
	})
	return out, err
}

func (c *Calendars) read(ctx context.Context, s *store.Session) (policy.Document[Plan], Document, error) {
	d, err := policy.Read[Plan](ctx, s, kind)
	if err != nil {
		return d, Document{}, err
	}
	if !d.Published {
		d.Body = Default(c.locales(s.Actor.Company))
	}
	return d, Document{Version: d.Version, Plan: d.Body, SavedAt: d.PublishedAt, SavedBy: d.PublishedBy}, nil
}

// Of gives the calendar of the session's company, ready to compute.
func (c *Calendars) Of(ctx context.Context, s *store.Session) (*Calendar, error) {
	_, d, err := c.read(ctx, s)
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
	d, err := c.Get(ctx)
	if err != nil {
		return nil, err
	}
	return d.Plan.Calendar()
}

// Save makes a plan hold. version is the one that was read; another one is fault.Conflict. What runs already
// keeps the due times it has until it is paused, moved or given to somebody else. It needs actor.Settings.
func (c *Calendars) Save(ctx context.Context, version int64, p Plan) (Document, error) {
	return store.Write(ctx, c.db, actor.Settings, func(ctx context.Context, s *store.Session) (Document, error) {
		if err := fault.List(p.Check()).Err("the calendar cannot be saved"); err != nil {
			return Document{}, err
		}
		was, _, err := c.read(ctx, s)
		if err != nil {
			return Document{}, err
		}
		if was.Version == 0 && version != 0 {
			return Document{}, fault.New(fault.Conflict, "the calendar is not the one you read; look at it again")
		}
		if was.Version != 0 {
			was.Version = version
		}
		d, err := policy.Publish(ctx, s, was, p)
		return Document{Version: d.Version, Plan: d.Body, SavedAt: d.PublishedAt, SavedBy: d.PublishedBy}, err
	})
}

// Versions gives the calendars that held before, the newest first, at most the last hundred. It needs
// actor.Settings.
func (c *Calendars) Versions(ctx context.Context) ([]policy.State[Plan], error) {
	return store.Read(ctx, c.db, actor.Settings, func(ctx context.Context, s *store.Session) ([]policy.State[Plan], error) {
		return policy.States[Plan](ctx, s, kind)
	})
}
