package party

import (
	"context"
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/store"
)

// FindMany looks, for many prepared parties of an import at once, for the party that each of them is,
// by e-mail, phone and tax id alone; similar names are not looked for. The best match with a score of
// at least [Possible] is given, with a zero Party.ID where there is none. employers[i] is the name of
// the company that batch[i] works for. It costs a fixed number of queries, whatever the batch, as long
// as few rows match.
func (p *Parties) FindMany(ctx context.Context, batch []*Prepared, employers []string) ([]Candidate, error) {
	best := make([]Candidate, len(batch))
	err := p.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		found := make([][]ID, len(batch))
		for _, kind := range []string{keyTax, keyEmail, keyPhone} {
			if err := p.ownersOf(ctx, s, kind, batch, found); err != nil {
				return err
			}
		}
		return p.judgeMany(ctx, s, found, func(i int, known Party, m Match) {
			if known.Kind == batch[i].Party.Kind && m.Score >= Possible && m.Score > best[i].Match.Score {
				best[i] = Candidate{Party: known, Match: m}
			}
		}, func(i int) Identity { return batch[i].Identity(employers[i]) })
	})
	return best, err
}

// FindCompanies says for each prepared company which party it is: the one with its tax id, or one
// with an equal name (as in [NameKey]) and no other tax id. The zero ID means that it is new.
func (p *Parties) FindCompanies(ctx context.Context, batch []*Prepared) ([]ID, error) {
	owners := make([]ID, len(batch))
	err := p.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		found := make([][]ID, len(batch))
		for _, kind := range []string{keyTax, keyFirm} {
			if err := p.ownersOf(ctx, s, kind, batch, found); err != nil {
				return err
			}
		}
		return p.judgeMany(ctx, s, found, func(i int, known Party, _ Match) {
			want := batch[i].Party
			sameID := want.TaxID != "" && want.TaxID == known.TaxID
			open := want.TaxID == "" || known.TaxID == ""
			named := NameKey(want.DisplayName) == NameKey(known.DisplayName)
			if known.Kind == Company && (sameID || open && named && owners[i].IsZero()) {
				owners[i] = known.ID
			}
		}, func(i int) Identity { return batch[i].Identity("") })
	})
	return owners, err
}

// keysPerQuery pads the lists of values, so that every batch is the same statement.
const keysPerQuery = 200

// ownersOf collects the parties that have a key of the batch, at most maxPerKey for each.
func (p *Parties) ownersOf(ctx context.Context, s *store.Session, kind string, batch []*Prepared, found [][]ID) error {
	wanted := map[string][]int{}
	var values []string
	for i, out := range batch {
		for _, k := range out.keys {
			if k.Kind != kind {
				continue
			}
			if wanted[k.Value] == nil {
				values = append(values, k.Value)
			}
			wanted[k.Value] = append(wanted[k.Value], i)
		}
	}
	slices.Sort(values)
	for part := range chunks(values, keysPerQuery) {
		args := make([]any, 0, keysPerQuery+1)
		args = append(args, kind)
		for i := range keysPerQuery {
			args = append(args, part[min(i, len(part)-1)])
		}
		var rows []candidateRow
		err := s.Query(ctx, &rows, store.From[candidateRow]("k"),
			"SELECT k.value, k.party_id FROM crm_party_key AS k WHERE {scope} AND k.kind = ? AND k.value IN ("+store.In(keysPerQuery)+") ORDER BY k.value, k.party_id"+s.Limit(maxPerKey*keysPerQuery), args...)
		if err != nil {
			return fmt.Errorf("looking for duplicates: %w", err)
		}
		for _, row := range rows {
			for _, i := range wanted[row.Value] {
				if len(found[i]) < maxPerKey && !slices.Contains(found[i], row.PartyID) {
					found[i] = append(found[i], row.PartyID)
				}
			}
		}
	}
	return nil
}

// judgeMany reads the parties that were found, once each, and compares them with those that asked.
// Merged ones are judged by what they were and reported as what they stand for.
func (p *Parties) judgeMany(ctx context.Context, s *store.Session, found [][]ID, each func(i int, known Party, m Match), want func(i int) Identity) error {
	seen := map[ID]bool{}
	var all []ID
	for _, ids := range found {
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				all = append(all, id)
			}
		}
	}
	known, identities := map[ID]Party{}, map[ID]Identity{}
	for part := range chunks(all, 100) {
		rows, err := unguarded(ctx, s, part)
		if err != nil {
			return err
		}
		points, employers, err := p.around(ctx, s, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			identities[row.ID] = row.identity(points[row.ID], employers[row.EmployerID].DisplayName)
			if known[row.ID], err = p.standIn(ctx, s, row); err != nil {
				return err
			}
		}
	}
	for i, ids := range found {
		for _, id := range ids {
			if party, ok := known[id]; ok {
				each(i, party, Compare(want(i), identities[id]))
			}
		}
	}
	return nil
}

// standIn follows merges.
func (p *Parties) standIn(ctx context.Context, s *store.Session, row Party) (Party, error) {
	for range maxAliases {
		if row.MergedInto.IsZero() {
			break
		}
		next, err := unguarded(ctx, s, []ID{row.MergedInto})
		if err != nil || len(next) == 0 {
			return row, err
		}
		row = next[0]
	}
	return row, nil
}
