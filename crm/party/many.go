package party

import (
	"context"
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/store"
)

// Known is a party that a row of an import is, with its further e-mails and phones.
type Known struct {
	Candidate
	Points []Point
}

// Adds reports whether a prepared draft knows anything that the party does not, so that
// [Parties.Fill] would write.
func (k Known) Adds(out *Prepared) bool {
	have, offered := k.Party, fillable(&out.Party)
	for name, field := range fillable(&have) {
		if *field == "" && *offered[name] != "" {
			return true
		}
	}
	if have.DisplayName == "" && out.Party.DisplayName != "" || have.BirthDate.IsZero() && !out.Party.BirthDate.IsZero() ||
		have.Address().IsZero() && !out.Party.Address().IsZero() {
		return true
	}
	return len(newPoints(&have, k.Points, out)) > 0
}

// FindMany looks, for many prepared parties of an import at once, for the party that each of them is,
// by e-mail, phone and tax id alone; similar names are not looked for. The best match with a score of
// at least [Possible] is given, with a zero Party.ID where there is none. employers[i] is the name of
// the company that batch[i] works for. It costs a fixed number of queries, whatever the batch, as long
// as few rows match.
func (p *Parties) FindMany(ctx context.Context, batch []*Prepared, employers []string) ([]Known, error) {
	best := make([]Known, len(batch))
	err := p.inner(p.db.Read)(ctx, func(ctx context.Context, s *store.Session) error {
		found := make([][]ID, len(batch))
		for _, kind := range []string{keyTax, keyEmail, keyPhone} {
			if err := p.ownersOf(ctx, s, kind, batch, found); err != nil {
				return err
			}
		}
		return p.judgeMany(ctx, s, found, func(i int, known Known) {
			if known.Party.Kind == batch[i].Party.Kind && known.Match.Score >= Possible && known.Match.Score > best[i].Match.Score {
				best[i] = known
			}
		}, func(i int) Identity { return batch[i].Identity(employers[i]) })
	})
	return best, err
}

// FindCompanies says for each prepared company which party it is: the one with its tax id, or one
// with an equal name (as in [NameKey]) and no other tax id. The zero ID means that it is new.
func (p *Parties) FindCompanies(ctx context.Context, batch []*Prepared) ([]ID, error) {
	owners := make([]ID, len(batch))
	err := p.inner(p.db.Read)(ctx, func(ctx context.Context, s *store.Session) error {
		found := make([][]ID, len(batch))
		for _, kind := range []string{keyTax, keyFirm} {
			if err := p.ownersOf(ctx, s, kind, batch, found); err != nil {
				return err
			}
		}
		return p.judgeMany(ctx, s, found, func(i int, k Known) {
			want, known := batch[i].Party, k.Party
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
func (p *Parties) judgeMany(ctx context.Context, s *store.Session, found [][]ID, each func(i int, known Known), want func(i int) Identity) error {
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
	known, identities := map[ID]Known{}, map[ID]Identity{}
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
			root, err := p.standIn(ctx, s, row)
			if err != nil {
				return err
			}
			known[row.ID] = Known{Candidate{Party: root}, points[row.ID]}
		}
	}
	for i, ids := range found {
		for _, id := range ids {
			if k, ok := known[id]; ok {
				k.Match = Compare(want(i), identities[id])
				each(i, k)
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
