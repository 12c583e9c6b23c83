package activity

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Item is an activity as lists show it.
type Item struct {
	bun.BaseModel `bun:"table:crm_activity,alias:a" json:"-"`
	Activity
	// PartyName says whom it is about: in a company's timeline, which of its people.
	PartyName string       `bun:"party_name" json:"party_name"`
	Files     []Attachment `bun:"-" json:"files"`
	// Sheet are the company's custom fields of activities with this one's values; lists leave it out.
	Sheet store.CustomSheet `bun:"-" json:"-"`
}

// List is one page of a list.
type List struct {
	Items []Item `json:"items"`
	// Next is the store.Page.After of the next page, "" where this is the last one.
	Next string `json:"next"`
}

// columns are the columns of an [Item]; SUBSTRING is known to both databases.
var columns = "a.id, a.company, a.version, a.created_at, a.created_by, a.updated_at, a.updated_by, a.party_id, a.opportunity_id, a.kind, a.state," +
	" a.direction, a.subject, SUBSTRING(a.body, 1, " + fmt.Sprint(ExcerptLength) + ") AS body, a.outcome, a.at, a.due_at, a.is_open, a.remind_at, a.reminded_at," +
	" a.done_at, a.minutes, a.delegated_by, a.accepted_at, a.decline_reason, a.follows_id, a.ref_kind, a.ref_id, a.ref_text, a.owner_user, a.owner_team," +
	" COALESCE(p.name, '') AS party_name"

const partyJoin = " LEFT JOIN crm_party AS p ON p.id = a.party_id"

// listing is a list that one index gives in order.
type listing struct {
	// where is the condition that the index is entered by.
	where store.Predicate
	// open lists what is to be done, soonest first; otherwise what happened, newest first.
	open  bool
	kinds []Kind
	page  store.Page
}

// order is the list's order under a table alias.
func (l listing) order(alias string) store.Order {
	return store.Order{Column: alias + ".at", ID: alias + ".id", Desc: !l.open}
}

// condition is the rest of the WHERE clause, order and limit, under a table alias.
func (l listing) condition(s *store.Session, alias string) (store.Predicate, error) {
	p := store.Predicate{SQL: " AND " + alias + ".is_open = 0"}
	if l.open {
		p.SQL = " AND " + alias + ".is_open = 1"
	}
	if len(l.kinds) > 0 {
		p.SQL += " AND " + alias + ".kind IN (" + store.In(len(l.kinds)) + ")"
		for _, k := range l.kinds {
			p.Args = append(p.Args, string(k))
		}
	}
	tail, err := s.PagedSQL(l.order(alias), l.page)
	return store.Predicate{SQL: p.SQL + tail.SQL, Args: append(p.Args, tail.Args...)}, err
}

// rows reads one page by one seek.
func (l listing) rows(ctx context.Context, s *store.Session, from store.Source) ([]Item, error) {
	query, args, err := l.sql(s)
	if err != nil {
		return nil, err
	}
	var items []Item
	err = s.Query(ctx, &items, from, query, args...)
	return items, err
}

func (l listing) sql(s *store.Session) (string, []any, error) {
	rest, err := l.condition(s, "a")
	query := "SELECT " + columns + " FROM crm_activity AS a" + partyJoin + " WHERE {scope} AND " + l.where.SQL + rest.SQL
	return query, append(slices.Clone(l.where.Args), rest.Args...), err
}

// familySize is how many parties one statement reads: with the most kinds and a cursor the parameters
// stay below the 2100 that SQL Server takes.
const familySize = 100

// familyRows reads one page of several parties by one seek per party: each gives at most a page of
// keys, which are merged by the database; only the rows of the page itself are fetched, and held
// against the company there, so that the seeks are by party alone. More than [familySize] parties take
// one statement per hundred.
func (l listing) familyRows(ctx context.Context, s *store.Session, family []party.ID) ([]Item, error) {
	var items []Item
	for part := range slices.Chunk(family, familySize) {
		query, args, err := l.familySQL(s, part)
		if err != nil {
			return nil, err
		}
		var rows []Item
		if err := s.Query(ctx, &rows, store.From[companyRow]("a"), query, args...); err != nil {
			return nil, err
		}
		items = append(items, rows...)
	}
	if len(family) > familySize {
		slices.SortFunc(items, l.compare)
		items = items[:min(len(items), l.page.Size())]
	}
	return items, nil
}

// familySQL joins by CROSS JOIN and a condition, which SQLite takes as the order to work in: it must
// find the page's keys first, however many it expects.
func (l listing) familySQL(s *store.Session, family []party.ID) (string, []any, error) {
	rest, err := l.condition(s, "b")
	if err != nil {
		return "", nil, err
	}
	direction := ""
	if !l.open {
		direction = " DESC"
	}
	var b strings.Builder
	var args []any
	fmt.Fprintf(&b, "SELECT %s FROM (SELECT u.id, u.moment FROM (", columns)
	for i, id := range family {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&b, "SELECT s%d.id, s%d.moment FROM (SELECT b.id, b.at AS moment FROM crm_activity AS b WHERE b.party_id = ?%s) AS s%d", i, i, rest.SQL, i)
		args = append(append(args, id), rest.Args...)
	}
	fmt.Fprintf(&b, ") AS u ORDER BY u.moment%s, u.id%s%s) AS k CROSS JOIN crm_activity AS a%s WHERE {scope} AND a.id = k.id ORDER BY k.moment%s, k.id%s",
		direction, direction, s.Limit(l.page.Size()), partyJoin, direction, direction)
	return b.String(), args, nil
}

func (l listing) compare(x, y Item) int {
	c := x.At.Compare(y.At)
	if c == 0 {
		c = bytes.Compare(x.ID[:], y.ID[:])
	}
	if l.open {
		return c
	}
	return -c
}

// list finishes a page: its cursor and the files of its entries.
func (l listing) list(ctx context.Context, s *store.Session, items []Item) (List, error) {
	out := List{Items: items}
	if len(items) == 0 {
		return out, nil
	}
	if len(items) == l.page.Size() {
		last := items[len(items)-1]
		out.Next = store.Cursor(last.At, last.ID)
	}
	if err := withFiles(ctx, s, items); err != nil {
		return List{}, fmt.Errorf("reading attachments: %w", err)
	}
	return out, nil
}

// checkKinds refuses kinds that do not exist and bounds the statement.
func checkKinds(kinds []Kind) error {
	var faults fault.List
	for i, k := range kinds {
		if !slices.Contains(Kinds, k) {
			faults.Add(fmt.Sprintf("kinds[%d]", i), "choice", "%.20q is no kind of activity", string(k))
		}
	}
	if len(kinds) > len(Kinds) {
		faults.Add("kinds", "duplicate", "name kinds more than once")
	}
	return faults.Err("the timeline cannot be filtered")
}

// Get reads one activity whole, with its files.
func (a *Activities) Get(ctx context.Context, id ID) (Item, error) {
	var out Item
	err := a.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ActivityRead); err != nil {
			return err
		}
		var act Activity
		if err := s.Get(ctx, &act, id); err != nil {
			return err
		}
		var rows []Item
		one := listing{where: store.Predicate{SQL: "a.id = ?", Args: []any{id}}, open: act.State.Open()}
		rows, err := one.rows(ctx, s, store.From[companyRow]("a"))
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, "there is no activity %s, or you may not see it", id)
		}
		if _, err := one.list(ctx, s, rows); err != nil {
			return err
		}
		out = rows[0]
		out.Activity = act
		out.Sheet, err = s.CustomSheet(ctx, customKind, id.Bytes())
		return err
	})
	return out, err
}
