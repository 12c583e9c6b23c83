package search

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// partyRow reads a party without its guard: whoever sees a record sees whose it is.
type partyRow struct {
	bun.BaseModel `bun:"table:crm_party,alias:p"`

	ID         party.ID   `bun:"id,pk"`
	Company    string     `bun:"company"`
	Kind       party.Kind `bun:"kind"`
	Name       string     `bun:"name"`
	Email      string     `bun:"email"`
	Phone      string     `bun:"phone"`
	Mobile     string     `bun:"mobile"`
	JobTitle   string     `bun:"job_title"`
	TaxID      string     `bun:"tax_id"`
	City       string     `bun:"city"`
	EmployerID party.ID   `bun:"employer_id"`
	MergedInto party.ID   `bun:"merged_into"`
	OwnerUser  string     `bun:"owner_user"`
	OwnerTeam  string     `bun:"owner_team"`
}

const partyColumns = "p.id, p.company, p.kind, p.name, p.email, p.phone, p.mobile, p.job_title, p.tax_id, p.city, p.employer_id, p.merged_into, p.owner_user, p.owner_team"

type pointRow struct {
	bun.BaseModel `bun:"table:crm_party_point,alias:point"`

	Company string   `bun:"company"`
	PartyID party.ID `bun:"party_id"`
	Kind    string   `bun:"kind"`
	Value   string   `bun:"value"`
}

type roleRow struct {
	bun.BaseModel `bun:"table:crm_role,alias:r"`

	Company string     `bun:"company"`
	Role    party.Role `bun:"role"`
	HostKey string     `bun:"host_key"`
	PartyID party.ID   `bun:"party_id"`
}

// someone is a party with the parties merged into it.
type someone struct {
	partyRow
	// ids are those of all of them.
	ids            []party.ID
	earlier        []string
	emails, phones []string
	customer       []string
	contact        bool
}

// maxAliases bounds a chain of merges.
const maxAliases = 20

// askMany is how many keys one statement asks for.
const askMany = 500

// query reads rows whose column is one of the keys; the text ends before the list of them.
func query[Row any, Noun any](ctx context.Context, s *store.Session, alias, text string, ids []store.Key[Noun]) ([]Row, error) {
	var all []Row
	for len(ids) > 0 {
		n := min(len(ids), askMany)
		args := make([]any, n)
		for i, id := range ids[:n] {
			args[i] = id.Bytes()
		}
		var rows []Row
		if err := s.Query(ctx, &rows, store.From[Row](alias), text+" IN ("+store.In(n)+")", args...); err != nil {
			return nil, fmt.Errorf("reading what is searched for: %w", err)
		}
		all = append(all, rows...)
		ids = ids[n:]
	}
	return all, nil
}

// byKeys reads the rows of a table by their ids. The table is read twice: first by the ids, then, by the id of
// the row, within the company. Given both at once SQLite, where it does not know how many rows there are,
// may read a whole company.
func byKeys(table, alias string) string {
	return " FROM " + table + " AS k CROSS JOIN " + table + " AS " + alias + " WHERE {scope} AND " + alias + ".id = k.id AND k.id"
}

// mergedInto reads the rows of a table that were merged into others, in the same way.
func mergedInto(table, alias string) string {
	return " FROM " + table + " AS k CROSS JOIN " + table + " AS m CROSS JOIN " + table + " AS " + alias + " WHERE {scope} AND " + alias + ".id = m.id AND m.merged_into = k.id AND k.id"
}

// rootsOf reads parties and follows the merged ones to those they stand for.
func rootsOf(ctx context.Context, s *store.Session, ids []party.ID) (map[party.ID]*someone, error) {
	ids = distinct(ids)
	known := map[party.ID]partyRow{}
	for ask := ids; len(ask) > 0 && len(known) < len(ids)+maxAliases*askMany; {
		rows, err := query[partyRow](ctx, s, "p", "SELECT "+partyColumns+byKeys("crm_party", "p"), ask)
		if err != nil {
			return nil, err
		}
		ask = nil
		for _, row := range rows {
			known[row.ID] = row
		}
		for _, row := range rows {
			if _, read := known[row.MergedInto]; !read && !row.MergedInto.IsZero() {
				ask = append(ask, row.MergedInto)
			}
		}
		ask = distinct(ask)
	}
	byRoot, found := map[party.ID]*someone{}, map[party.ID]*someone{}
	for _, id := range ids {
		row, ok := known[id]
		for range maxAliases {
			next, merged := known[row.MergedInto]
			if !merged || row.MergedInto.IsZero() {
				break
			}
			row = next
		}
		if !ok {
			continue
		}
		if byRoot[row.ID] == nil {
			byRoot[row.ID] = &someone{partyRow: row, ids: []party.ID{row.ID}}
		}
		found[id] = byRoot[row.ID]
	}
	return found, nil
}

// people reads parties with everything they are found by, by the ids that were asked for.
func people(ctx context.Context, s *store.Session, ids []party.ID) (map[party.ID]*someone, error) {
	found, err := rootsOf(ctx, s, ids)
	if err != nil || len(found) == 0 {
		return found, err
	}
	owner := map[party.ID]*someone{}
	var all []party.ID
	for _, one := range found {
		if owner[one.ID] == nil {
			owner[one.ID], all = one, append(all, one.ID)
			one.reach(one.partyRow)
		}
	}
	for ask := all; len(ask) > 0; {
		rows, err := query[partyRow](ctx, s, "p", "SELECT "+partyColumns+mergedInto("crm_party", "p"), ask)
		if err != nil {
			return nil, err
		}
		ask = nil
		for _, row := range rows {
			if owner[row.ID] != nil {
				continue
			}
			one := owner[row.MergedInto]
			owner[row.ID], all, ask = one, append(all, row.ID), append(ask, row.ID)
			one.ids, one.earlier = append(one.ids, row.ID), append(one.earlier, row.Name)
			one.reach(row)
		}
	}
	points, err := query[pointRow](ctx, s, "point", "SELECT point.party_id, point.kind, point.value FROM crm_party_point AS point WHERE {scope} AND point.party_id", all)
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		if one := owner[p.PartyID]; p.Kind == "email" {
			one.emails = append(one.emails, p.Value)
		} else {
			one.phones = append(one.phones, p.Value)
		}
	}
	roles, err := query[roleRow](ctx, s, "r",
		"SELECT r.role, r.host_key, r.party_id FROM crm_role AS k CROSS JOIN crm_role AS r WHERE {scope} AND r.company = k.company AND r.role = k.role AND r.host_key = k.host_key AND k.party_id", all)
	for _, r := range roles {
		one := owner[r.PartyID]
		if r.Role == party.Customer {
			one.customer = append(one.customer, r.HostKey)
		}
		one.contact = one.contact || r.Role == party.Contact
	}
	return found, err
}

func (o *someone) reach(row partyRow) {
	o.emails = append(o.emails, row.Email)
	o.phones = append(o.phones, row.Mobile, row.Phone)
}

// describe adds to a record what its person or company is found by.
func (o *someone) describe(d *doc, name Field) {
	d.add(name, o.Name)
	d.add(InEarlier, o.earlier...)
	d.add(InEmail, o.emails...)
	d.add(InPhone, o.phones...)
	d.add(InTaxID, o.TaxID)
	d.add(InCity, o.City)
}

// reachable are the first e-mail and phone, for people to read.
func (o *someone) reachable() (email, phone string) {
	email = o.Email
	if phone = o.Mobile; phone == "" {
		phone = o.Phone
	}
	return email, party.FormatPhone(phone)
}

func distinct[T comparable](all []T) []T {
	seen := make(map[T]bool, len(all))
	var out []T
	var zero T
	for _, v := range all {
		if v != zero && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
