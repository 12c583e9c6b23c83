package lead

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Sort is the order of a list.
type Sort string

// The orders.
const (
	// ByArrival: the newest first.
	ByArrival Sort = "arrival"
	// ByScore: the highest first.
	ByScore Sort = "score"
	// ByName: in the order of the language, family names first.
	ByName Sort = "name"
	// ByWaiting: the oldest first, as those who wait for an answer are served.
	ByWaiting Sort = "waiting"
)

// Filter says which leads a list holds; zero fields do not filter. Merged leads are never listed.
type Filter struct {
	// Statuses: any of them.
	Statuses []Status
	// OwnerUser and OwnerTeam: the owner's keys at the host; Unowned: leads that nobody owns.
	OwnerUser, OwnerTeam string
	Unowned              bool
	Source, Campaign     string
	// Name is the beginning of the name as lists are sorted: the family name, then the given one; of
	// a company its name. Such a list comes in the order of names, whatever the order asked for.
	Name string
	// From is the first and Until the instant after the last arrival.
	From, Until time.Time
	Import      ImportID
	// Organization: leads of one company.
	Organization party.ID
	// Party: leads of one person or company itself.
	Party party.ID
	// Waiting: new leads that nobody has answered yet; see [Lead.Waited].
	Waiting bool
	// Among: leads among these, at most [store.MaxLimit]; nil for any.
	Among []ID
	// Custom narrows by custom fields.
	Custom []store.CustomFilter
	// Show are the names of custom fields whose values the rows of a list carry.
	Show []string
}

// Row is one line of a list.
type Row struct {
	Lead
	// Kind, Name, Email, Phone, Mobile and City are those of the party.
	Kind   party.Kind `bun:"party_kind" json:"kind"`
	Name   string     `bun:"party_name" json:"name"`
	Email  string     `bun:"party_email" json:"email"`
	Phone  string     `bun:"party_phone" json:"phone"`
	Mobile string     `bun:"party_mobile" json:"mobile"`
	City   string     `bun:"party_city" json:"city"`

	SortKey []byte `bun:"party_sort_key" json:"-"`
	// Custom are the values that Filter.Show asked for.
	Custom map[string]any `bun:"-" json:"-"`
}

func (r *Row) custom() ([16]byte, *map[string]any) { return r.ID, &r.Custom }

// List is one page.
type List struct {
	Rows []Row
	// Next is the store.Page.After of the next page, "" after the last one.
	Next string
}

// List gives one page of the leads that the actor sees. It costs a few milliseconds among a million
// leads: each page starts with a seek, and what a user sees (his own leads, his teams', those shared
// with him) is read by as many seeks and put together in order. In the order of names a page holds all
// leads of its last person and may be that much longer.
func (l *Leads) List(ctx context.Context, f Filter, order Sort, page store.Page) (List, error) {
	var out List
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadRead); err != nil {
			return err
		}
		q, err := l.query(ctx, s, f, order)
		if err != nil {
			return err
		}
		if out, err = q.page(ctx, s, page); err != nil {
			return err
		}
		return store.ShowCustom(ctx, s, store.CustomShow{Kind: customKind, Names: f.Show}, out.Rows, (*Row).custom)
	})
	return out, err
}

// CountLimit is how far [Leads.Count] counts.
const CountLimit = 1000

// Count gives how many leads a filter lets through, counted up to [CountLimit] + 1, which means "more".
func (l *Leads) Count(ctx context.Context, f Filter) (int, error) {
	var n int
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadRead); err != nil {
			return err
		}
		q, err := l.query(ctx, s, f, ByArrival)
		if err != nil {
			return err
		}
		n, err = q.count(ctx, s)
		return err
	})
	return n, err
}

// query is a list before it is cut to a page.
type query struct {
	order Sort
	// where holds for each way in; ways are the disjoint or overlapping sets of leads the actor sees.
	where store.Predicate
	ways  []way
	// ranged says that where holds a range of names.
	ranged bool
}

// way is one set of leads that an actor sees.
type way struct {
	store.Predicate
	// first is the table that is read before the leads, "" for none.
	first string
}

func (l *Leads) query(ctx context.Context, s *store.Session, f Filter, order Sort) (query, error) {
	q := query{order: cmp.Or(order, ByArrival), where: store.Predicate{SQL: "lead.merged_into IS NULL"}}
	var faults fault.List
	if !slices.Contains([]Sort{ByArrival, ByScore, ByName, ByWaiting}, q.order) {
		faults.Add("order", "choice", "%q is no order; choose arrival, score, name or waiting", string(order))
	}
	for _, status := range f.Statuses {
		if !slices.Contains(Statuses, status) {
			faults.Add("statuses", "choice", "%q is no status; choose among %v", string(status), Statuses)
		}
	}
	if err := faults.Err("the leads cannot be listed"); err != nil {
		return q, err
	}
	if n := len(f.Statuses); n > 0 {
		args := make([]any, n)
		for i, status := range f.Statuses {
			args[i] = status
		}
		q.and("lead.status IN ("+store.In(n)+")", args...)
	}
	for _, equal := range []struct{ column, value string }{
		{"owner_user", f.OwnerUser}, {"owner_team", f.OwnerTeam}, {"source", strings.ToLower(f.Source)}, {"campaign", f.Campaign},
	} {
		if equal.value != "" {
			q.and("lead."+equal.column+" = ?", equal.value)
		}
	}
	if f.Unowned {
		q.and("lead.owner_user = '' AND lead.owner_team = ''")
	}
	if !f.From.IsZero() {
		q.and("lead.arrived_at >= ?", f.From)
	}
	if !f.Until.IsZero() {
		q.and("lead.arrived_at < ?", f.Until)
	}
	if !f.Import.IsZero() {
		q.and("lead.import_id = ?", f.Import)
	}
	if !f.Organization.IsZero() {
		q.and("lead.organization_id = ?", f.Organization)
	}
	if name := party.Clean(f.Name, 100); name != "" {
		q.order, q.ranged = ByName, true
		from, to := party.NameRange(name, l.parties.LocaleOf(s).Language)
		q.and("p.sort_key >= ? AND p.sort_key < ?", from, to)
	}
	if !f.Party.IsZero() {
		q.and("lead.party_id = ?", f.Party)
	}
	q.among(f.Among)
	if f.Waiting {
		q.and("lead.status = '" + string(StatusNew) + "' AND lead.first_response_at IS NULL") // as the index of those says it
	}
	q.ways = waysIn(s.Actor)
	found, err := s.CustomWhere(ctx, customKind, "lead.id", f.Custom)
	if err != nil {
		return q, err
	}
	q.where.SQL, q.where.Args = q.where.SQL+found.SQL, append(q.where.Args, found.Args...)
	if found.First.SQL != "" { // few: they are read, whoever sees them
		q.ways = []way{{first: store.CustomFirst, Predicate: found.First}}
	}
	return q, nil
}

// among leaves those of some leads. They are looked up one by one, whatever order is asked for: of the order's own index
// the database would read all.
func (q *query) among(ids []ID) {
	if ids == nil {
		return
	}
	if len(ids) == 0 {
		q.and("1 = 0")
		return
	}
	args := make([]any, min(len(ids), store.MaxLimit))
	for i := range args {
		args[i] = ids[i]
	}
	q.and("lead.id IN ("+store.In(len(args))+")", args...)
}

func (q *query) and(text string, args ...any) {
	q.where.SQL += " AND " + text
	q.where.Args = append(q.where.Args, args...)
}

// everywhere is the way in that leaves everything to the guard.
var everywhere = []way{{Predicate: store.Predicate{SQL: "1 = 1"}}}

// waysIn gives the sets of leads that the actor sees, each with an index that holds it together. They
// say the same as the guard, which every statement carries besides; it alone, one condition with ORs
// in it, would have the database read through the leads of the whole company.
func waysIn(a actor.Actor) []way {
	if a.See == actor.All {
		return everywhere
	}
	ways := []way{
		{Predicate: store.Predicate{SQL: "lead.owner_user = ?", Args: []any{a.UserID}}},
		{first: "crm_party_share AS mine", Predicate: store.Predicate{
			SQL: "mine.company = ? AND mine.user_id = ? AND lead.party_id = mine.party_id", Args: []any{a.Company, a.UserID},
		}},
	}
	if a.See != actor.Team {
		return ways
	}
	for _, team := range a.Teams {
		ways = append(ways, way{Predicate: store.Predicate{SQL: "lead.owner_team = ?", Args: []any{team}}})
	}
	return append(ways, way{Predicate: store.Predicate{SQL: "lead.owner_user = '' AND lead.owner_team = ''"}})
}

// keyset is the order with its tie-break.
func (q query) keyset() store.Order {
	switch q.order {
	case ByName:
		return store.Order{Column: "p.sort_key", ID: "p.id"}
	case ByScore:
		return store.Order{Column: "lead.score", ID: "lead.id", Desc: true}
	case ByWaiting:
		return store.Order{Column: "lead.arrived_at", ID: "lead.id"}
	case ByArrival:
	}
	return store.Order{Column: "lead.arrived_at", ID: "lead.id", Desc: true}
}

// rowColumns are the columns of a [Row].
func rowColumns(s *store.Session) string { return s.Columns(store.From[Lead]("lead")) + partyColumns }

const partyColumns = ", p.kind AS party_kind, p.name AS party_name, p.email AS party_email, p.phone AS party_phone, p.mobile AS party_mobile, p.city AS party_city, p.sort_key AS party_sort_key"

// from names the tables in the order in which they are to be read: by name from the parties, else
// from the leads. SQLite keeps the order of a CROSS JOIN, SQL Server chooses for itself. Where the way
// in is narrow the leads are read first and sorted.
func (q query) from(way way) string {
	if way.first != "" {
		return way.first + " CROSS JOIN crm_lead AS lead CROSS JOIN crm_party AS p"
	}
	if q.order == ByName && len(q.ways) == 1 {
		return "crm_party AS p CROSS JOIN crm_lead AS lead"
	}
	return "crm_lead AS lead CROSS JOIN crm_party AS p"
}

func (q query) statement(columns string, way way, rest store.Predicate) (string, []any) {
	join := "lead.party_id = p.id"
	if q.order == ByName {
		join += " AND p.company = lead.company"
	}
	text := "SELECT " + columns + " FROM " + q.from(way) + " WHERE {scope} AND " + join + " AND " + way.SQL + " AND " + q.where.SQL + rest.SQL
	return text, slices.Concat(way.Args, q.where.Args, rest.Args)
}

func (q query) page(ctx context.Context, s *store.Session, page store.Page) (List, error) {
	parts, err := q.parts(s, page)
	if err != nil {
		return List{}, err
	}
	all, err := q.rows(ctx, s, parts, page)
	if err != nil {
		return List{}, err
	}
	q.sort(&all)
	out := List{Rows: all[:min(len(all), page.Size())]}
	if len(all) < page.Size() {
		return out, nil
	}
	last := out.Rows[len(out.Rows)-1]
	switch q.order {
	case ByName:
		out.Next = store.Cursor(last.SortKey, last.PartyID)
		out.Rows, err = q.wholePerson(ctx, s, out.Rows)
	case ByScore:
		out.Next = store.Cursor(last.Score, last.ID)
	case ByArrival, ByWaiting:
		out.Next = store.Cursor(last.ArrivedAt, last.ID)
	}
	return out, err
}

func (q query) rows(ctx context.Context, s *store.Session, parts []store.Predicate, page store.Page) ([]Row, error) {
	if len(q.ways) == 1 {
		return read[Row](ctx, s, q, rowColumns(s), parts, page.Size())
	}
	if wide, err := q.wide(ctx, s); err != nil {
		return nil, err
	} else if wide {
		if all, err := q.alongNames(ctx, s, parts, page); err != nil || len(all) >= page.Size() {
			return all, err
		}
	}
	return q.rowsOf(ctx, s, parts, page.Size())
}

// read reads from each way in what belongs to a page, up to n rows.
func read[T any](ctx context.Context, s *store.Session, q query, columns string, parts []store.Predicate, n int) ([]T, error) {
	var all []T
	for _, way := range q.ways {
		have := 0
		for _, part := range parts {
			if have >= n {
				break
			}
			var rows []T
			text, args := q.statement(columns, way, part)
			if err := s.Query(ctx, &rows, store.From[Lead]("lead"), text, args...); err != nil {
				return nil, fmt.Errorf("listing leads: %w", err)
			}
			have += len(rows)
			all = append(all, rows...)
		}
	}
	return all, nil
}

// place is where a lead stands in a list.
type place struct {
	ID        ID        `bun:"id"`
	PartyID   party.ID  `bun:"party_id"`
	ArrivedAt time.Time `bun:"arrived_at"`
	Score     int       `bun:"score"`
	SortKey   []byte    `bun:"party_sort_key"`
}

// rowsOf reads the page of several ways in: first where their leads stand, which is little and is sorted fast, then
// those that are on the page.
func (q query) rowsOf(ctx context.Context, s *store.Session, parts []store.Predicate, n int) ([]Row, error) {
	columns := "lead.id, lead.party_id, lead.arrived_at, lead.score"
	if q.order == ByName {
		columns += ", p.sort_key AS party_sort_key"
	}
	places, err := read[place](ctx, s, q, columns, parts, n)
	if err != nil || len(places) == 0 {
		return nil, err
	}
	ids := make([]any, 0, n)
	for _, p := range inOrder(places, q.order, func(p place) place { return p }) {
		if len(ids) < n {
			ids = append(ids, p.ID)
		}
	}
	q.order, q.ways, q.where = ByArrival, everywhere, store.Predicate{SQL: "lead.id IN (" + store.In(len(ids)) + ")", Args: ids}
	return read[Row](ctx, s, q, rowColumns(s), []store.Predicate{{}}, n)
}

// Two ways lead to a page in the order of names: reading and sorting what each way in has, and going along the names of
// the company until the page is full. Which is faster depends on how many leads the ways have and how many of them the
// filter lets through; the first is counted, the second found out by trying for a while. Variables for the tests.
var (
	// wideFrom is how many leads are sorted in the time in which a page of them is found among a million names.
	wideFrom = 7000
	// namesTried is along how many names a page is looked for before all is sorted after all.
	namesTried = 15_000
)

// wide says whether the ways in have so many leads that going along the names is tried.
func (q query) wide(ctx context.Context, s *store.Session) (bool, error) {
	if q.order != ByName || q.ranged {
		return false, nil
	}
	sum := 0
	for _, way := range q.ways {
		if way.first != "" {
			continue // what is shared is little
		}
		var n int
		text := "SELECT COUNT(*) FROM (SELECT lead.id FROM crm_lead AS lead WHERE {scope} AND " + way.SQL + " ORDER BY lead.arrived_at DESC, lead.id DESC" + s.Limit(wideFrom) + ") AS found"
		if err := s.Query(ctx, &n, store.From[openLead]("lead"), text, way.Args...); err != nil {
			return false, fmt.Errorf("listing leads: %w", err)
		}
		if sum += n; sum >= wideFrom {
			return true, nil
		}
	}
	return false, nil
}

// anyParty are parties without the guard: where names end is no secret.
type anyParty struct{ party.Party }

// Guard is none.
func (anyParty) Guard(actor.Actor, string) store.Predicate { return store.Predicate{SQL: "1 = 1"} }

// alongNames reads a page along the next names of the company; fewer rows than a page where these hold no more.
func (q query) alongNames(ctx context.Context, s *store.Session, parts []store.Predicate, page store.Page) ([]Row, error) {
	behind, args := "", []any(nil)
	if page.After != "" {
		behind, args = " AND p.sort_key >= ?", parts[0].Args[:1]
	}
	var last [][]byte
	text := "SELECT names.sort_key FROM (SELECT p.sort_key, p.id FROM crm_party AS p WHERE {scope}" + behind + " ORDER BY p.sort_key, p.id" + s.Limit(namesTried) + ") AS names ORDER BY names.sort_key DESC, names.id DESC" + s.Limit(1)
	if err := s.Query(ctx, &last, store.From[anyParty]("p"), text, args...); err != nil || len(last) == 0 {
		return nil, err
	}
	q.ways = everywhere
	q.and("p.sort_key <= ?", last[0])
	return read[Row](ctx, s, q, rowColumns(s), parts, page.Size())
}

// parts cuts the list to one page. After a cursor there are two: the rest of the rows that share its
// value, and the rows behind them. Each is one seek, also where a hundred thousand rows share a value,
// as scores do before anything is scored.
func (q query) parts(s *store.Session, page store.Page) ([]store.Predicate, error) {
	order := q.keyset()
	paged, err := s.PagedSQL(order, page)
	if err != nil || page.After == "" {
		return []store.Predicate{paged}, err
	}
	op, tail := ">", " ORDER BY "+order.Column+", "+order.ID
	if order.Desc {
		op, tail = "<", " ORDER BY "+order.Column+" DESC, "+order.ID+" DESC"
	}
	tail += s.Limit(page.Size())
	value, id := paged.Args[0], paged.Args[2]
	return []store.Predicate{
		{SQL: " AND " + order.Column + " = ? AND " + order.ID + " " + op + " ?" + tail, Args: []any{value, id}},
		{SQL: " AND " + order.Column + " " + op + " ?" + tail, Args: []any{value}},
	}, nil
}

// sort puts the rows of all ways in order, each once.
func (q query) sort(rows *[]Row) {
	*rows = inOrder(*rows, q.order, func(r Row) place { return place{r.ID, r.PartyID, r.ArrivedAt, r.Score, r.SortKey} })
}

// inOrder sorts rows by where they stand, and leaves each once.
func inOrder[T any](rows []T, order Sort, at func(T) place) []T {
	slices.SortFunc(rows, func(x, y T) int {
		a, b := at(x), at(y)
		switch order {
		case ByName:
			return cmp.Or(bytes.Compare(a.SortKey, b.SortKey), bytes.Compare(a.PartyID[:], b.PartyID[:]), bytes.Compare(a.ID[:], b.ID[:]))
		case ByScore:
			return cmp.Or(cmp.Compare(b.Score, a.Score), bytes.Compare(b.ID[:], a.ID[:]))
		case ByWaiting:
			return cmp.Or(a.ArrivedAt.Compare(b.ArrivedAt), bytes.Compare(a.ID[:], b.ID[:]))
		case ByArrival:
		}
		return cmp.Or(b.ArrivedAt.Compare(a.ArrivedAt), bytes.Compare(b.ID[:], a.ID[:]))
	})
	return slices.CompactFunc(rows, func(x, y T) bool { return at(x).ID == at(y).ID })
}

// wholePerson completes a page by the leads of its last person, which the cursor passes over.
func (q query) wholePerson(ctx context.Context, s *store.Session, rows []Row) ([]Row, error) {
	last := rows[len(rows)-1].PartyID
	q.and("lead.party_id = ?", last)
	more, err := read[Row](ctx, s, q, rowColumns(s), []store.Predicate{{}}, len(rows)+1)
	if err != nil {
		return nil, err
	}
	rows = append(rows, more...)
	q.sort(&rows)
	return rows, nil
}

// Waited is how long the lead has waited for its first answer at an instant, or did wait for it.
func (l Lead) Waited(now time.Time) time.Duration {
	if !l.FirstResponseAt.IsZero() {
		now = l.FirstResponseAt
	}
	return max(0, now.Sub(l.ArrivedAt))
}

// count adds up the ways in, each without what the others have.
func (q query) count(ctx context.Context, s *store.Session) (int, error) {
	sum := 0
	for i, way := range q.ways {
		where := way.Predicate
		for j, other := range q.ways {
			if other.first == "" && (way.first != "" || j < i) { // what is shared is looked through last, and is little
				where.SQL += " AND NOT (" + other.SQL + ")"
				where.Args = slices.Concat(where.Args, other.Args)
			}
		}
		var n int
		text := "SELECT COUNT(*) FROM (SELECT lead.id FROM " + q.counted(way, where.SQL) + s.Limit(CountLimit+1) + ") AS found"
		if err := s.Query(ctx, &n, store.From[Lead]("lead"), text, slices.Concat(where.Args, q.where.Args)...); err != nil {
			return 0, fmt.Errorf("counting leads: %w", err)
		}
		if sum += n; sum > CountLimit {
			return CountLimit + 1, nil
		}
	}
	return sum, nil
}

// counted is a way in an order that needs no sorting; the parties are read only where one of their columns
// is asked for.
func (q query) counted(way way, where string) string {
	from, order := "crm_lead AS lead", "lead.arrived_at DESC, lead.id DESC"
	if way.first != "" {
		from = way.first + " CROSS JOIN " + from
	}
	if q.order == ByName {
		from, where = q.from(way), "lead.party_id = p.id AND p.company = lead.company AND "+where
		if len(q.ways) == 1 {
			order = "p.sort_key, p.id"
		}
	}
	return from + " WHERE {scope} AND " + where + " AND " + q.where.SQL + " ORDER BY " + order
}
