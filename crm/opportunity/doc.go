// Package opportunity holds possible sales: what may be sold to whom, for how much, how likely, until
// when, by which sellers, against which competitors, and how far it has come.
//
// A company has pipelines, each a row of stages that are open, won or lost. An opportunity is created
// in an open stage, moves from stage to stage, and is closed as won or lost; it can be reopened. Each
// step is kept with who, from where, to where, when, and how long the stage before took.
//
//	opps := opportunity.New(db, opportunity.Config{Locale: localeOfCompany})
//	o, err := opps.Create(ctx, opportunity.Draft{PartyID: minta.ID, Name: "40 lámpatest", Lines: lines})
//	o, err = opps.Move(ctx, o.ID, opportunity.Step{Stage: proposal})   // the stage's chance applies
//	o, err = opps.CloseWon(ctx, o.ID, opportunity.Win{})
//
// Money flows one way: lines give amounts, amounts give the expected revenue (unless it was set by
// hand), revenue times chance gives the weighted revenue. All three are columns, so that lists, the
// board and the totals read what the card shows.
//
// A user sees the opportunities of his visibility and those he is a seller of. What belongs to an
// opportunity (lines, team, competitors, comments, moves) is reached through it only.
package opportunity

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Config is what the package is told by its surroundings. The zero Config works.
type Config struct {
	// Locale gives the language and currency of a company, in which its first pipeline is made. nil
	// means English and EUR.
	Locale func(company string) locale.Locale
	// Users gives those of the ids that are users of the session's company; owners, sellers and
	// mentions are held against it. nil takes every id as it comes.
	Users func(ctx context.Context, s *store.Session, ids []string) ([]string, error)
	// DoneActivities counts the finished activities of an opportunity by their kind ("call",
	// "meeting"). Where it is nil, stages cannot require activities.
	DoneActivities func(ctx context.Context, s *store.Session, id ID) (map[string]int, error)
}

// Opportunities is the package's door. It is safe for many goroutines.
type Opportunities struct {
	db     *store.DB
	config Config
}

// New makes Opportunities on a database.
func New(db *store.DB, config Config) *Opportunities {
	return &Opportunities{db: db, config: config}
}

// In gives a view that works inside an open session, as part of its unit of work.
func (o *Opportunities) In(s *store.Session) *Opportunities {
	view := *o
	view.db = s.Inside()
	return &view
}

// change locks an opportunity and runs a verb on it. A version other than 0 is the one the caller has
// seen: where the record is newer, saving fails with fault.Conflict and names who changed what.
func (o *Opportunities) change(ctx context.Context, id ID, version int64, verb func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error)) (Opportunity, error) {
	return store.Write(ctx, o.db, actor.OpportunityWrite, func(ctx context.Context, s *store.Session) (Opportunity, error) {
		var row Opportunity
		if err := s.Lock(ctx, &row, id); err != nil {
			return row, err
		}
		if version != 0 {
			row.Version = version
		}
		return verb(ctx, s, row)
	})
}

// keep saves a record; where only its parts changed it raises the version, so that two people who
// edit the parts at once collide as they should.
func keep(ctx context.Context, s *store.Session, before, after *Opportunity) error {
	if err := s.Save(ctx, before, after); err != nil {
		return err
	}
	if after.Version == before.Version {
		return s.Touch(ctx, after)
	}
	return nil
}

func (o *Opportunities) locale(company string) locale.Locale {
	l := locale.Locale{Language: locale.English}
	if o.config.Locale != nil {
		l = o.config.Locale(company)
	}
	if l.Currency == "" {
		l.Currency = "EUR"
	}
	return l
}

// unknownUsers gives those of the ids that are no users of the company, in their order.
func (o *Opportunities) unknownUsers(ctx context.Context, s *store.Session, ids []string) ([]string, error) {
	if o.config.Users == nil || len(ids) == 0 {
		return nil, nil
	}
	known, err := o.config.Users(ctx, s, ids)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the host's users cannot be read")
	}
	is := make(map[string]bool, len(known))
	for _, id := range known {
		is[id] = true
	}
	var unknown []string
	for _, id := range ids {
		if !is[id] {
			unknown = append(unknown, id)
		}
	}
	return unknown, nil
}
