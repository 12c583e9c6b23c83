package activity

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// CalendarFilter says which activities a calendar shows.
type CalendarFilter struct {
	// From is the first instant and Until the one after the last; at most [MaxCalendarDays] lie between them.
	// An activity stands where it happened or is due, however long it takes.
	From, Until time.Time
	// Owner is a user, "" for the actor, [Everyone] for all whom the actor sees.
	Owner string
	// Team narrows it to one team's activities; with Owner "" it is that team's, whoever of it owns them.
	Team string
	// Kinds: any of them, all where there is none.
	Kinds []Kind
	// Show defaults to ShowAll.
	Show Show
}

// Show says whether a calendar holds what is to be done, what happened, or both.
type Show string

// What a calendar shows.
const (
	ShowAll     Show = ""
	ShowPlanned Show = "planned"
	ShowDone    Show = "done"
)

// The bounds of a calendar.
const (
	// MaxCalendarDays is the longest time between From and Until: a month with the weeks around it.
	MaxCalendarDays = 45
	// MaxCalendar is how many activities it holds.
	MaxCalendar = 1000
)

// Calendar is what lies in a range of time, the earliest first.
type Calendar struct {
	Items []Item `json:"items"`
	// More is set where there were more than [MaxCalendar]; the latest are missing then.
	More bool `json:"more"`
}

// Calendar gives the activities of a day, a week or a month, with their files. It needs actor.ActivityRead.
func (a *Activities) Calendar(ctx context.Context, f CalendarFilter) (Calendar, error) {
	return store.Read(ctx, a.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) (Calendar, error) {
		if err := f.check(); err != nil {
			return Calendar{}, err
		}
		if f.Owner == "" && f.Team == "" {
			f.Owner = s.Actor.UserID
		}
		var items []Item
		for _, q := range f.statements(s) {
			var rows []Item
			if err := s.Query(ctx, &rows, ownSource(s, f.Owner), q.SQL, q.Args...); err != nil {
				return Calendar{}, err
			}
			items = append(items, rows...)
		}
		slices.SortFunc(items, func(x, y Item) int {
			if c := x.At.Compare(y.At); c != 0 {
				return c
			}
			return bytes.Compare(x.ID[:], y.ID[:])
		})
		out := Calendar{Items: items, More: len(items) > MaxCalendar}
		out.Items = items[:min(len(items), MaxCalendar)]
		err := withFiles(ctx, s, out.Items)
		return out, err
	})
}

func (f CalendarFilter) check() error {
	var faults fault.List
	switch {
	case f.From.IsZero() || f.Until.IsZero():
		faults.Add("from", "required", "and until are needed; say which days to show")
	case !f.Until.After(f.From):
		faults.Add("until", "range", "is not after from; give the instant after the last day")
	case f.Until.Sub(f.From) > MaxCalendarDays*24*time.Hour+time.Hour: // a day may have 25 hours
		faults.Add("until", "range", "is more than %d days after from; show a shorter time", MaxCalendarDays)
	}
	if f.Show != ShowAll && f.Show != ShowPlanned && f.Show != ShowDone {
		faults.Add("show", "choice", "%.20q is no choice; leave it empty, or choose planned or done", string(f.Show))
	}
	if err := checkKinds(f.Kinds); err != nil {
		faults.Merge("", fault.Of(err))
	}
	return faults.Err("the calendar cannot be shown")
}

// statements are the seeks that give the calendar: the indexes of an owner's and of a team's activities hold
// open and finished ones apart.
func (f CalendarFilter) statements(s *store.Session) []store.Predicate {
	open := map[Show][]int{ShowAll: {0, 1}, ShowPlanned: {1}, ShowDone: {0}}[f.Show]
	owned := f.Owner != Everyone && f.Owner != ""
	if !owned && f.Team == "" && f.Show == ShowAll {
		return []store.Predicate{f.statement(s, "")}
	}
	var out []store.Predicate
	for _, o := range open {
		if owned {
			out = append(out, f.statement(s, " AND a.owner_user = ? AND a.is_open = ?", f.Owner, o))
		} else {
			out = append(out, f.statement(s, " AND a.is_open = ?", o))
		}
	}
	return out
}

func (f CalendarFilter) statement(s *store.Session, where string, args ...any) store.Predicate {
	from := "crm_activity AS a"
	if f.Team != "" && f.Owner == "" && s.Dialect() == store.SQLite {
		from += " INDEXED BY ix_activity_company_owner_team_is_open_at_id" // without statistics it takes all teams' for as few
	}
	p := store.Predicate{SQL: "SELECT " + columns + " FROM " + from + partyJoin + " WHERE {scope}" + where, Args: args}
	if f.Team != "" {
		p.SQL += " AND a.owner_team = ?"
		p.Args = append(p.Args, f.Team)
	}
	p.SQL += " AND a.at >= ? AND a.at < ?"
	p.Args = append(p.Args, f.From, f.Until)
	if len(f.Kinds) > 0 {
		p.SQL += " AND a.kind IN (" + store.In(len(f.Kinds)) + ")"
		for _, k := range f.Kinds {
			p.Args = append(p.Args, string(k))
		}
	}
	p.SQL += " ORDER BY a.at, a.id" + s.Limit(MaxCalendar+1)
	return p
}
