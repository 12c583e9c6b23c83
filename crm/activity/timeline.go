package activity

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Timeline gives what happened with a party, newest first: with the party itself, with what was merged
// into it, and with a company's people. No kinds means all. It needs actor.ActivityRead, and the party
// must be visible; whoever sees the party sees its whole timeline.
func (a *Activities) Timeline(ctx context.Context, id party.ID, kinds []Kind, page store.Page) (List, error) {
	return a.family(ctx, id, listing{kinds: kinds, page: page})
}

// Upcoming gives what is planned with a party and its family, soonest first; the overdue come first.
func (a *Activities) Upcoming(ctx context.Context, id party.ID, page store.Page) (List, error) {
	return a.family(ctx, id, listing{open: true, page: page})
}

func (a *Activities) family(ctx context.Context, id party.ID, l listing) (List, error) {
	return a.read(ctx, l, func(ctx context.Context, s *store.Session) ([]Item, error) {
		family, err := a.parties.In(s).Family(ctx, id)
		if err != nil {
			return nil, err
		}
		return l.familyRows(ctx, s, family)
	})
}

// OpportunityTimeline gives what happened for an opportunity, newest first. No kinds means all. It
// shows the entries the actor may see; inside a session of the package that knows who may see the
// opportunity ([Activities.In]), all.
func (a *Activities) OpportunityTimeline(ctx context.Context, id OpportunityID, kinds []Kind, page store.Page) (List, error) {
	return a.opportunity(ctx, id, listing{kinds: kinds, page: page})
}

// OpportunityUpcoming gives what is planned for an opportunity, soonest first, as far as
// [Activities.OpportunityTimeline] shows it.
func (a *Activities) OpportunityUpcoming(ctx context.Context, id OpportunityID, page store.Page) (List, error) {
	return a.opportunity(ctx, id, listing{open: true, page: page})
}

func (a *Activities) opportunity(ctx context.Context, id OpportunityID, l listing) (List, error) {
	l.where = store.Predicate{SQL: "a.opportunity_id = ?", Args: []any{id}}
	return a.read(ctx, l, func(ctx context.Context, s *store.Session) ([]Item, error) {
		return l.rows(ctx, s, a.source("a"))
	})
}

// read reads one page in a session.
func (a *Activities) read(ctx context.Context, l listing, rows func(ctx context.Context, s *store.Session) ([]Item, error)) (List, error) {
	var out List
	err := a.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ActivityRead); err != nil {
			return err
		}
		if err := checkKinds(l.kinds); err != nil {
			return err
		}
		items, err := rows(ctx, s)
		if err != nil {
			return fmt.Errorf("reading activities: %w", err)
		}
		out, err = l.list(ctx, s, items)
		return err
	})
	return out, err
}

// CountDone counts an opportunity's done activities by kind, for stages that require some. Of these it
// counts what [Activities.OpportunityTimeline] shows.
func (a *Activities) CountDone(ctx context.Context, id OpportunityID) (map[Kind]int, error) {
	counts := map[Kind]int{}
	err := a.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if !a.trusted {
			if err := s.Actor.Require(actor.ActivityRead); err != nil {
				return err
			}
		}
		var rows []struct {
			Kind Kind `bun:"kind"`
			N    int  `bun:"n"`
		}
		if err := s.Query(ctx, &rows, a.source("a"), countDone, id); err != nil {
			return fmt.Errorf("counting activities: %w", err)
		}
		for _, r := range rows {
			counts[r.Kind] = r.N
		}
		return nil
	})
	return counts, err
}

const countDone = "SELECT a.kind, COUNT(*) AS n FROM crm_activity AS a WHERE {scope} AND a.opportunity_id = ? AND a.is_open = 0 AND a.state = 'done' GROUP BY a.kind"

// Window is a stretch of due times.
type Window string

// The windows, by the days of the company's zone.
const (
	// Overdue: due before now.
	Overdue Window = "overdue"
	// Today: due today, whether the hour has passed or not.
	Today Window = "today"
	// Week: due today or in the six days after.
	Week Window = "week"
	// AllOpen: everything that is open.
	AllOpen Window = "all"
)

// Windows are all windows.
var Windows = []Window{Overdue, Today, Week, AllOpen}

// days are the bounds of the windows at an instant.
type days struct{ now, today, tomorrow, week time.Time }

func daysAt(now time.Time, zone *time.Location) days {
	y, m, d := now.In(zone).Date()
	day := func(n int) time.Time { return store.UTC(time.Date(y, m, d+n, 0, 0, 0, 0, zone)) }
	return days{now: now, today: day(0), tomorrow: day(1), week: day(7)}
}

// window gives the bounds: from is included, to is not; a zero to means none.
func (d days) window(w Window) (from, to time.Time, ok bool) {
	switch w {
	case Overdue:
		return beginning, d.now, true
	case Today:
		return d.today, d.tomorrow, true
	case Week:
		return d.today, d.week, true
	case AllOpen, "":
		return beginning, time.Time{}, true
	}
	return from, to, false
}
