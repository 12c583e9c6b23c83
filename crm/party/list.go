package party

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// ListFilter says which parties a list holds; zero fields do not narrow it.
type ListFilter struct {
	// Kind is Person for a list of contacts, Company for one of companies.
	Kind Kind
	// Name is the beginning of the name as lists are sorted: the family name, then the given one.
	Name string
	// Employer: the people of one company.
	Employer ID
	// Custom narrows by custom fields.
	Custom []store.CustomFilter
	// Show are the names of custom fields whose values the rows carry.
	Show []string
	Page store.Page
}

// ListRow is one line of a list.
type ListRow struct {
	Party
	// Employer is the name of the company a person works for, "" where there is none.
	Employer string `bun:"employer_name" json:"employer"`
	// Role and HostKey say what the party is at the host; empty where it is not known there.
	Role    Role   `bun:"-" json:"role"`
	HostKey string `bun:"-" json:"host_key"`
	// Custom are the values that ListFilter.Show asked for.
	Custom map[string]any `bun:"-" json:"-"`
}

func (r *ListRow) custom() ([16]byte, *map[string]any) { return r.ID, &r.Custom }

// Listing is one page.
type Listing struct {
	Rows []ListRow `json:"rows"`
	// Next is the store.Page.After of the next page, "" after the last one.
	Next string `json:"next"`
}

// List gives one page of the people and companies that the actor sees, in the order of names. Merged and
// erased ones are left out. Each page starts with a seek; what a user sees (his own, his teams', those shared
// with him) is read by as many seeks and put together.
func (p *Parties) List(ctx context.Context, f ListFilter) (Listing, error) {
	var out Listing
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		if f.Kind != "" && f.Kind != Person && f.Kind != Company {
			return fault.List{{Path: "kind", Code: "choice", Message: "is none; choose person or company"}}.Err("the list cannot be shown")
		}
		order := store.Order{Column: "party.sort_key", ID: "party.id"}
		tail, err := s.PagedSQL(order, f.Page)
		if err != nil {
			return err
		}
		found, err := s.CustomWhere(ctx, customKind, "party.id", f.Custom)
		if err != nil {
			return err
		}
		ways := waysIn(s.Actor)
		if found.First.SQL != "" { // few have the value: they are read, whoever sees them
			ways = []way{{first: store.CustomFirst + " CROSS JOIN ", Predicate: store.Predicate{SQL: " AND " + found.First.SQL, Args: found.First.Args}}}
		}
		var rows []ListRow
		for _, way := range ways {
			way.SQL, way.Args = way.SQL+found.SQL, slices.Concat(way.Args, found.Args)
			query, args := f.statement(way, tail, NameRangeOf(f.Name, p.LocaleOf(s).Language))
			var some []ListRow
			if err := s.Query(ctx, &some, store.From[Party]("party"), query, args...); err != nil {
				return fmt.Errorf("listing parties: %w", err)
			}
			rows = append(rows, some...)
		}
		slices.SortFunc(rows, func(a, b ListRow) int {
			return cmp.Or(bytes.Compare(a.SortKey, b.SortKey), bytes.Compare(a.ID[:], b.ID[:]))
		})
		rows = slices.CompactFunc(rows, func(a, b ListRow) bool { return a.ID == b.ID })
		out = Listing{Rows: rows[:min(len(rows), f.Page.Size())]}
		if len(rows) >= f.Page.Size() {
			last := out.Rows[len(out.Rows)-1]
			out.Next = store.Cursor(last.SortKey, last.ID)
		}
		if err := withRoles(ctx, s, out.Rows); err != nil {
			return err
		}
		return store.ShowCustom(ctx, s, store.CustomShow{Kind: customKind, Names: f.Show}, out.Rows, (*ListRow).custom)
	})
	return out, err
}

// way is one set of parties that an actor sees; first is the table that is read before them.
type way struct {
	store.Predicate
	first string
}

// waysIn says the same as the guard, which every statement carries besides, as sets with an index each.
func waysIn(a actor.Actor) []way {
	if a.See == actor.All {
		return []way{{}}
	}
	ways := []way{
		{Predicate: store.Predicate{SQL: " AND party.owner_user = ?", Args: []any{a.UserID}}},
		{first: "crm_party_share AS mine CROSS JOIN ", Predicate: store.Predicate{
			SQL: " AND mine.company = ? AND mine.user_id = ? AND party.id = mine.party_id", Args: []any{a.Company, a.UserID},
		}},
	}
	if a.See != actor.Team {
		return ways
	}
	for _, team := range append([]string{""}, a.Teams...) {
		w := way{Predicate: store.Predicate{SQL: " AND party.owner_team = ?", Args: []any{team}}}
		if team == "" {
			w.SQL += " AND party.owner_user = ''"
		}
		ways = append(ways, w)
	}
	return ways
}

func (f ListFilter) statement(w way, tail store.Predicate, names [2][]byte) (string, []any) {
	query := "SELECT party.*, COALESCE(firm.name, '') AS employer_name FROM " + w.first +
		"crm_party AS party LEFT JOIN crm_party AS firm ON firm.id = party.employer_id WHERE {scope} AND party.merged_into IS NULL AND party.erased_at IS NULL" + w.SQL
	args := slices.Clone(w.Args)
	if f.Kind != "" {
		query += " AND party.kind = ?"
		args = append(args, string(f.Kind))
	}
	if !f.Employer.IsZero() {
		query += " AND party.employer_id = ?"
		args = append(args, f.Employer)
	}
	if names[0] != nil {
		query += " AND party.sort_key >= ? AND party.sort_key < ?"
		args = append(args, names[0], names[1])
	}
	return query + tail.SQL, append(args, tail.Args...)
}

// withRoles adds what the parties are at the host.
func withRoles(ctx context.Context, s *store.Session, rows []ListRow) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	var roles []roleRow
	err := s.Select(&roles).Where("role_row.party_id IN (?)", bun.List(ids)).OrderExpr("role_row.role DESC, role_row.host_key").Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading roles: %w", err)
	}
	for i := range rows {
		for _, r := range roles {
			if r.PartyID == rows[i].ID { // a customer before a contact
				rows[i].Role, rows[i].HostKey = r.Role, r.HostKey
				if r.Role == Customer {
					break
				}
			}
		}
	}
	return nil
}

// CustomerRow is one customer of the host that CRM+ knows.
type CustomerRow struct {
	bun.BaseModel `bun:"table:crm_role,alias:r" json:"-"`

	HostKey string `bun:"host_key" json:"host_key"`
	// Number is what people know the customer by at the host, "" where it is not known here.
	Number  string `bun:"-" json:"number"`
	PartyID ID     `bun:"party_id" json:"party_id"`
	Name    string `bun:"name" json:"name"`
	Email   string `bun:"email" json:"email"`
	Phone   string `bun:"phone" json:"phone"`
	City    string `bun:"city" json:"city"`
	TaxID   string `bun:"tax_id" json:"tax_id"`
	Owner   string `bun:"owner_user" json:"owner"`
	SortKey []byte `bun:"sort_key" json:"-"`
}

// CustomerFilter says which customers a list holds.
type CustomerFilter struct {
	// Name is the beginning of the name, HostKey that of the host's key. A list with a name comes in the order
	// of names, others in that of the host's keys.
	Name, HostKey string
	Page          store.Page
}

// CustomerList is one page of customers.
type CustomerList struct {
	Rows []CustomerRow `json:"rows"`
	Next string        `json:"next"`
}

// linkRow reads the numbers that the host gave to what conversions made.
type linkRow struct {
	bun.BaseModel `bun:"table:crm_link,alias:k"`

	Company    string `bun:"company"`
	HostKey    string `bun:"host_key"`
	HostNumber string `bun:"host_number"`
}

const customerColumns = "r.host_key, p.id AS party_id, p.name, p.email, p.phone, p.city, p.tax_id, p.owner_user, p.sort_key"

// ListCustomers gives one page of the host's customers whose party the actor sees.
func (p *Parties) ListCustomers(ctx context.Context, f CustomerFilter) (CustomerList, error) {
	var out CustomerList
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		out = CustomerList{}
		query, args, err := f.statement(s, NameRangeOf(f.Name, p.LocaleOf(s).Language))
		if err != nil {
			return err
		}
		if err := s.Query(ctx, &out.Rows, store.From[Party]("p"), query, args...); err != nil {
			return fmt.Errorf("listing customers: %w", err)
		}
		if len(out.Rows) == f.Page.Size() {
			last := out.Rows[len(out.Rows)-1]
			out.Next = store.Cursor(last.HostKey, last.PartyID)
			if f.Name != "" {
				out.Next = store.Cursor(last.SortKey, last.PartyID)
			}
		}
		return withNumbers(ctx, s, out.Rows)
	})
	return out, err
}

// statement reads by name from the parties, else from the roles, whose key is in the order of the host's.
func (f CustomerFilter) statement(s *store.Session, names [2][]byte) (string, []any, error) {
	if names[0] != nil {
		tail, err := s.PagedSQL(store.Order{Column: "p.sort_key", ID: "p.id"}, f.Page)
		return "SELECT " + customerColumns + " FROM crm_party AS p CROSS JOIN crm_role AS r WHERE {scope} AND r.party_id = p.id AND r.role = 'customer' AND r.company = p.company" +
			" AND p.sort_key >= ? AND p.sort_key < ?" + tail.SQL, append([]any{names[0], names[1]}, tail.Args...), err
	}
	tail, err := s.PagedSQL(store.Order{Column: "r.host_key", ID: "p.id"}, f.Page)
	query := "SELECT " + customerColumns + " FROM crm_role AS r CROSS JOIN crm_party AS p WHERE r.company = ? AND r.role = 'customer' AND p.id = r.party_id AND {scope}"
	args := []any{s.Actor.Company}
	if key := Clean(f.HostKey, 80); key != "" {
		query += " AND r.host_key >= ? AND r.host_key < ?"
		args = append(args, key, key+lastRune[s.Dialect()])
	}
	return query + tail.SQL, append(args, tail.Args...), err
}

// lastRune stands behind every letter in the order of each database: SQLite compares the bytes of UTF-8, SQL
// Server the units of UTF-16.
var lastRune = map[store.Dialect]string{store.SQLite: "\U0010ffff", store.MSSQL: "\uffff"}

func withNumbers(ctx context.Context, s *store.Session, rows []CustomerRow) error {
	if len(rows) == 0 {
		return nil
	}
	keys := make([]any, len(rows))
	for i, r := range rows {
		keys[i] = r.HostKey
	}
	var links []linkRow
	err := s.Query(ctx, &links, store.From[linkRow]("k"), "SELECT k.host_key, k.host_number FROM crm_link AS k WHERE {scope} AND k.host_kind = 'customer' AND k.host_key IN ("+
		store.In(len(keys))+") AND k.host_number <> ''", keys...)
	if err != nil {
		return fmt.Errorf("reading customer numbers: %w", err)
	}
	for i := range rows {
		for _, k := range links {
			if k.HostKey == rows[i].HostKey {
				rows[i].Number = k.HostNumber
			}
		}
	}
	return nil
}
