package activity

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Everyone stands for all owners in [Activities.Tasks].
const Everyone = "*"

// Tasks gives what an owner has to do (calls, meetings and tasks, accepted or not), soonest first. An
// empty owner is the actor, [Everyone] all owners the actor sees; an empty window is [AllOpen].
func (a *Activities) Tasks(ctx context.Context, owner string, w Window, page store.Page) (List, error) {
	l := listing{open: true, page: page}
	return a.read(ctx, l, func(ctx context.Context, s *store.Session) ([]Item, error) {
		from, to, ok := daysAt(s.Now, a.parties.LocaleOf(s).Location()).window(w)
		if !ok {
			return nil, fault.List{{Path: "window", Code: "choice", Message: fmt.Sprintf("%.20q is no window; choose overdue, today, week or all", string(w))}}.Err("the tasks cannot be listed")
		}
		if owner == "" {
			owner = s.Actor.UserID
		}
		l.where = due(owner, from, to)
		return l.rows(ctx, s, ownSource(s, owner))
	})
}

// due is the condition that an owner, or Everyone, has something due from one instant until before
// another; a zero end is none.
func due(owner string, from, to time.Time) store.Predicate {
	p := store.Predicate{SQL: "a.at >= ?", Args: []any{from}}
	if !to.IsZero() {
		p.SQL += " AND a.at < ?"
		p.Args = append(p.Args, to)
	}
	if owner != Everyone {
		p.SQL = "a.owner_user = ? AND " + p.SQL
		p.Args = append([]any{owner}, p.Args...)
	}
	return p
}

// ownSource leaves the guard out where it would let everything through: an owner sees what he owns.
func ownSource(s *store.Session, owner string) store.Source {
	if owner == s.Actor.UserID {
		return store.From[companyRow]("a")
	}
	return store.From[Activity]("a")
}

// Delegated gives the open activities that the actor delegated to others, soonest first, whether they
// were accepted or still wait.
func (a *Activities) Delegated(ctx context.Context, page store.Page) (List, error) {
	l := listing{open: true, page: page}
	return a.read(ctx, l, func(ctx context.Context, s *store.Session) ([]Item, error) {
		l.where = store.Predicate{SQL: "a.delegated_by = ?", Args: []any{s.Actor.UserID}}
		return l.rows(ctx, s, store.From[companyRow]("a"))
	})
}

// Summary counts what the actor has to do.
type Summary struct {
	Overdue int `bun:"overdue" json:"overdue"`
	Today   int `bun:"today" json:"today"`
	Week    int `bun:"week" json:"week"`
	Open    int `bun:"open_count" json:"open"`
	// ToAccept waits for the actor to accept or decline it.
	ToAccept int `bun:"to_accept" json:"to_accept"`
	// Delegated is what the actor gave to others and is not done.
	Delegated int `bun:"-" json:"delegated"`
}

// Today counts what the actor has to do, by the windows of [Activities.Tasks].
func (a *Activities) Today(ctx context.Context) (Summary, error) {
	var sum Summary
	err := a.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ActivityRead); err != nil {
			return err
		}
		d := daysAt(s.Now, a.parties.LocaleOf(s).Location())
		sum = Summary{}
		err := s.Query(ctx, &sum, store.From[companyRow]("a"), todaySums, d.now, d.today, d.tomorrow, d.today, d.week, s.Actor.UserID)
		if err != nil {
			return fmt.Errorf("counting tasks: %w", err)
		}
		if err := s.Query(ctx, &sum.Delegated, store.From[companyRow]("a"), delegatedCount, s.Actor.UserID); err != nil {
			return fmt.Errorf("counting delegated tasks: %w", err)
		}
		return nil
	})
	return sum, err
}

const todaySums = "SELECT COALESCE(SUM(CASE WHEN a.at < ? THEN 1 ELSE 0 END), 0) AS overdue," +
	" COALESCE(SUM(CASE WHEN a.at >= ? AND a.at < ? THEN 1 ELSE 0 END), 0) AS today," +
	" COALESCE(SUM(CASE WHEN a.at >= ? AND a.at < ? THEN 1 ELSE 0 END), 0) AS week," +
	" COUNT(*) AS open_count," +
	" COALESCE(SUM(CASE WHEN a.state = 'waiting' THEN 1 ELSE 0 END), 0) AS to_accept" +
	" FROM crm_activity AS a WHERE {scope} AND a.owner_user = ? AND a.is_open = 1"

const delegatedCount = "SELECT COUNT(*) FROM crm_activity AS a WHERE {scope} AND a.delegated_by = ? AND a.is_open = 1"
