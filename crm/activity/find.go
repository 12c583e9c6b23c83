package activity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// ListFilter says which activities a list holds: what is to be done, by when it is due, or what lies in a range of time.
type ListFilter struct {
	// Owner is a user, "" for the actor, [Everyone] for all whom the actor sees. Team narrows it to one team's
	// activities; with Owner "" it is that team's, whoever of it owns them.
	Owner, Team string
	// Window: what is to be done, in one of [Windows].
	Window Window
	// Delegated: what the actor gave to others and is not done, whoever owns it. Waiting: what waits to be accepted.
	Delegated, Waiting bool
	// From is the first instant and Until the one after the last; a zero end is open. A window has its own.
	From, Until time.Time
	// Kinds: any of them, all where there is none.
	Kinds []Kind
	// Show defaults to ShowAll; windows, Delegated and Waiting hold only what is to be done.
	Show Show
	Page store.Page
}

// List gives one page of a list, the earliest first, with the files of its entries. It needs actor.ActivityRead.
func (a *Activities) List(ctx context.Context, f ListFilter) (List, error) {
	return store.Read(ctx, a.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) (List, error) {
		if err := f.settle(s, daysAt(s.Now, a.parties.LocaleOf(s).Location())); err != nil {
			return List{}, err
		}
		statements, err := f.statements(s)
		if err != nil {
			return List{}, err
		}
		var items []Item
		for _, q := range statements {
			var rows []Item
			if err := s.Query(ctx, &rows, f.source(s), q.SQL, q.Args...); err != nil {
				return List{}, fmt.Errorf("listing activities: %w", err)
			}
			items = append(items, rows...)
		}
		l := listing{open: true, page: f.Page} // the order is that of what is to be done
		slices.SortFunc(items, l.compare)
		return l.list(ctx, s, items[:min(len(items), f.Page.Size())])
	})
}

// settle fills in what the filter leaves to the actor and to the day.
func (f *ListFilter) settle(s *store.Session, d days) error {
	var faults fault.List
	if f.Window != "" || f.Delegated || f.Waiting {
		from, to, ok := d.window(f.Window)
		if !ok {
			faults.Add("window", "choice", "%.20q is no window; choose overdue, today, week or all", string(f.Window))
		}
		f.From, f.Until, f.Show = from, to, ShowPlanned
	}
	if f.From.IsZero() {
		f.From = beginning
	}
	if !f.Until.IsZero() && !f.Until.After(f.From) {
		faults.Add("until", "range", "is not after from; give the instant after the last day")
	}
	if f.Show != ShowAll && f.Show != ShowPlanned && f.Show != ShowDone {
		faults.Add("show", "choice", "%.20q is no choice; leave it empty, or choose planned or done", string(f.Show))
	}
	if err := checkKinds(f.Kinds); err != nil {
		faults.Merge("", fault.Of(err))
	}
	if f.Owner == "" && f.Team == "" {
		f.Owner = s.Actor.UserID
	}
	return faults.Err("the activities cannot be listed")
}

// source leaves the guard out where it would let everything through: an actor sees what he owns and what he delegated.
func (f ListFilter) source(s *store.Session) store.Source {
	if f.Delegated {
		return store.From[companyRow]("a")
	}
	return ownSource(s, f.Owner)
}

// statements are the seeks that give the list: the indexes hold open and finished ones apart.
func (f ListFilter) statements(s *store.Session) ([]store.Predicate, error) {
	tail, err := s.PagedSQL(store.Order{Column: "a.at", ID: "a.id"}, f.Page)
	if err != nil {
		return nil, err
	}
	owned := f.Owner != Everyone && f.Owner != ""
	if f.Show == ShowAll && !owned && f.Team == "" {
		return []store.Predicate{f.statement(s, store.Predicate{}, tail)}, nil
	}
	var out []store.Predicate
	for _, open := range map[Show][]int{ShowAll: {0, 1}, ShowPlanned: {1}, ShowDone: {0}}[f.Show] {
		where := store.Predicate{SQL: " AND a.is_open = ?", Args: []any{open}}
		switch {
		case f.Delegated:
			where = store.Predicate{SQL: " AND a.delegated_by = ? AND a.is_open = ?", Args: []any{s.Actor.UserID, open}}
		case owned:
			where = store.Predicate{SQL: " AND a.owner_user = ? AND a.is_open = ?", Args: []any{f.Owner, open}}
		}
		out = append(out, f.statement(s, where, tail))
	}
	return out, nil
}

func (f ListFilter) statement(s *store.Session, where, tail store.Predicate) store.Predicate {
	p := store.Predicate{SQL: "SELECT " + columns + " FROM " + f.table(s) + partyJoin + " WHERE {scope}" + where.SQL, Args: slices.Clone(where.Args)}
	and := func(text string, args ...any) { p.SQL, p.Args = p.SQL+" AND "+text, append(p.Args, args...) }
	if f.Team != "" && !f.Delegated {
		and("a.owner_team = ?", f.Team)
	}
	if f.Waiting {
		and("a.state = ?", string(Waiting))
	}
	and("a.at >= ?", f.From)
	if !f.Until.IsZero() {
		and("a.at < ?", f.Until)
	}
	if len(f.Kinds) > 0 {
		and("a.kind IN ("+store.In(len(f.Kinds))+")", kindArgs(f.Kinds)...)
	}
	p.SQL, p.Args = p.SQL+tail.SQL, append(p.Args, tail.Args...)
	return p
}

// table names the index of a team's activities: without statistics SQLite takes all teams' for as few.
func (f ListFilter) table(s *store.Session) string {
	if f.Team != "" && f.Owner == "" && !f.Delegated && s.Dialect() == store.SQLite {
		return "crm_activity AS a INDEXED BY ix_activity_company_owner_team_is_open_at_id"
	}
	return "crm_activity AS a"
}

func kindArgs(kinds []Kind) []any {
	out := make([]any, len(kinds))
	for i, k := range kinds {
		out[i] = string(k)
	}
	return out
}
