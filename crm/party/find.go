package party

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/store"
)

// Candidate is a party that may be the one that was looked for. Of the party at least its kind, name and
// owner are there, and what it was compared by; whoever needs all of it reads it by its id.
type Candidate struct {
	Party Party
	Match Match
}

// The bounds of a search for duplicates.
const (
	// maxPerKey is how many parties one key may bring: a name that thousands share says nothing.
	maxPerKey     = 40
	maxCandidates = 20
)

// candidateRow reads any party of the company, seen or not: a duplicate that belongs to somebody else
// must be found too; what may be shown of it is the caller's to decide.
type candidateRow struct {
	bun.BaseModel `bun:"table:crm_party_key,alias:k"`

	Company string `bun:"company,pk"`
	Kind    string `bun:"kind,pk"`
	Value   string `bun:"value,pk"`
	PartyID ID     `bun:"party_id,pk"`
}

// Find looks for parties that may be the same person or company as the prepared one, best match
// first, with an explained score of at least [Possible]. A merged party is reported as the one it
// stands for. Owners are not considered: a duplicate has to be found whoever looks after it.
func (p *Parties) Find(ctx context.Context, out Prepared, employer string) ([]Candidate, error) {
	var found []Candidate
	err := p.inner(p.db.Read)(ctx, func(ctx context.Context, s *store.Session) error {
		ids := map[ID]bool{} // true for those that share more than a part of the name
		for keys := range chunks(out.keys, keysAtOnce) {
			rows, err := sharing(ctx, s, keys)
			if err != nil {
				return fmt.Errorf("looking for duplicates: %w", err)
			}
			for _, row := range rows {
				ids[row.PartyID] = ids[row.PartyID] || row.Kind != keyName
			}
		}
		delete(ids, out.Party.ID)
		var err error
		found, err = p.judge(ctx, s, ids, out.Identity(employer))
		return err
	})
	return found, err
}

// keysAtOnce is how many keys one statement looks up; hardly anybody has more.
const keysAtOnce = 8

// sharing reads who has one of the keys, at most maxPerKey for each.
func sharing(ctx context.Context, s *store.Session, keys []partyKey) ([]candidateRow, error) {
	var text strings.Builder
	args := make([]any, 0, 2*len(keys))
	for i, k := range keys {
		if i > 0 {
			text.WriteString(" UNION ALL ")
		}
		text.WriteString("SELECT found.kind, found.party_id FROM (SELECT k.kind, k.party_id FROM crm_party_key AS k WHERE {scope} AND k.kind = ? AND k.value = ? ORDER BY k.party_id" +
			s.Limit(maxPerKey) + ") AS found")
		args = append(args, k.Kind, k.Value)
	}
	var rows []candidateRow
	err := s.Query(ctx, &rows, store.From[candidateRow]("k"), text.String(), args...)
	return rows, err
}

// judge reads the candidates and scores them.
func (p *Parties) judge(ctx context.Context, s *store.Session, ids map[ID]bool, want Identity) ([]Candidate, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all := make([]ID, 0, len(ids))
	for id := range ids {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b ID) int { return slices.Compare(a[:], b[:]) }) // the same statement every time
	best := map[ID]Candidate{}
	compare := comparer(want)
	// Most that share a part of the name have quite another one; what lies around those is not read.
	differs := func(row Party) bool { return !ids[row.ID] && compare(row.identity(nil, "")).Score == 0 }
	for part := range chunks(all, 100) {
		rows, err := likely(ctx, s, part, want, differs)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			continue
		}
		points, employers, err := p.around(ctx, s, rows)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			m := compare(row.identity(points[row.ID], employers[row.EmployerID].DisplayName))
			if m.Score < Possible {
				continue
			}
			if row, err = p.standIn(ctx, s, row); err != nil {
				return nil, err
			}
			if m.Score > best[row.ID].Match.Score {
				best[row.ID] = Candidate{Party: row, Match: m}
			}
		}
	}
	found := make([]Candidate, 0, len(best))
	for _, c := range best {
		found = append(found, c)
	}
	slices.SortFunc(found, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Match.Score, a.Match.Score), slices.Compare(a.Party.ID[:], b.Party.ID[:]))
	})
	return found[:min(len(found), maxCandidates)], nil
}

// likely reads what candidates are judged by, but for those who differ.
func likely(ctx context.Context, s *store.Session, ids []ID, want Identity, differs func(Party) bool) ([]Party, error) {
	if want.City == "" && want.PostalCode == "" && want.Birth.IsZero() { // those who differ are not read whole: nothing else can speak for them
		names, err := unguarded(ctx, s, ids, "id", "kind", "name")
		if err != nil {
			return nil, err
		}
		if ids = remaining(names, differs); len(ids) == 0 {
			return nil, nil
		}
	}
	rows, err := unguarded(ctx, s, ids, judged...)
	return slices.DeleteFunc(rows, differs), err
}

// remaining are the ids of the rows that need not go.
func remaining(rows []Party, gone func(Party) bool) []ID {
	var ids []ID
	for _, row := range rows {
		if !gone(row) {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// plainParty is a Party without its guard.
type plainParty Party

// judged are the columns that candidates are compared by.
var judged = []string{"id", "kind", "name", "email", "phone", "mobile", "tax_id", "city", "postal_code", "birth_date", "employer_id", "merged_into", "owner_user", "owner_team"}

// unguarded reads parties of the company whoever owns them; only some columns where they are named.
func unguarded(ctx context.Context, s *store.Session, ids []ID, columns ...string) ([]Party, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if len(columns) == 0 {
		columns = []string{"*"}
	}
	var rows []plainParty
	list, args := inOf(ids)
	err := s.Query(ctx, &rows, store.From[plainParty]("party"),
		"SELECT party."+strings.Join(columns, ", party.")+" FROM crm_party AS party WHERE {scope} AND party.id IN "+list+" ORDER BY party.id", args...)
	if err != nil {
		return nil, fmt.Errorf("reading parties: %w", err)
	}
	out := make([]Party, len(rows))
	for i, row := range rows {
		out[i] = Party(row)
	}
	return out, nil
}

// inOf is a list of parameters for IN, of at least one id. It is filled up with the last id to one of few lengths, so that
// there are few statements, which the database keeps compiled.
func inOf(ids []ID) (string, []any) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	args := make([]any, n)
	for i := range args {
		args[i] = ids[min(i, len(ids)-1)]
	}
	return "(" + store.In(n) + ")", args
}

// around reads the points and employers of parties.
func (p *Parties) around(ctx context.Context, s *store.Session, rows []Party) (map[ID][]Point, map[ID]Party, error) {
	if len(rows) == 0 {
		return nil, nil, nil
	}
	ids := make([]ID, len(rows))
	var employerIDs []ID
	for i, row := range rows {
		ids[i] = row.ID
		if !row.EmployerID.IsZero() {
			employerIDs = append(employerIDs, row.EmployerID)
		}
	}
	var pointRows []pointRow
	list, args := inOf(ids)
	if err := s.Query(ctx, &pointRows, store.From[pointRow]("point"),
		"SELECT point.* FROM crm_party_point AS point WHERE {scope} AND point.party_id IN "+list+" ORDER BY point.id", args...); err != nil {
		return nil, nil, fmt.Errorf("reading contact points: %w", err)
	}
	points := map[ID][]Point{}
	for _, row := range pointRows {
		points[row.PartyID] = append(points[row.PartyID], Point{row.Kind, row.Value, row.Label})
	}
	employers := map[ID]Party{}
	if len(employerIDs) > 0 {
		found, err := unguarded(ctx, s, employerIDs, "id", "name")
		if err != nil {
			return nil, nil, err
		}
		for _, e := range found {
			employers[e.ID] = e
		}
	}
	return points, employers, nil
}
