package party

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/store"
)

// Remove deletes parties that an undone import had made, with their further e-mails and phones and
// what they were found by. The caller has made sure that nothing hangs on them and that nobody changed
// them since: a party that was ever anything to anybody is merged or erased, never removed.
func (p *Parties) Remove(ctx context.Context, ids []ID) error {
	return p.inner(p.db.Write)(ctx, func(ctx context.Context, s *store.Session) error {
		for part := range chunks(ids, 100) {
			if err := p.remove(ctx, s, part); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *Parties) remove(ctx context.Context, s *store.Session, ids []ID) error {
	rows, err := unguarded(ctx, s, ids)
	if err != nil {
		return err
	}
	points, _, err := p.around(ctx, s, rows)
	if err != nil {
		return err
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	for _, row := range rows {
		out := Prepared{Party: row, Points: points[row.ID]}
		for _, k := range out.lookupKeys() {
			_, err := s.Exec(ctx, store.From[partyKey](""), "DELETE FROM crm_party_key WHERE {scope} AND kind = ? AND value = ? AND party_id = ?", k.Kind, k.Value, row.ID)
			if err != nil {
				return fmt.Errorf("removing lookup keys: %w", err)
			}
		}
	}
	if _, err := s.Exec(ctx, store.From[pointRow](""), "DELETE FROM crm_party_point WHERE {scope} AND party_id IN ("+store.In(len(args))+")", args...); err != nil {
		return fmt.Errorf("removing contact points: %w", err)
	}
	if _, err := s.Exec(ctx, store.From[Party](""), "DELETE FROM crm_party WHERE {scope} AND id IN ("+store.In(len(args))+")", args...); err != nil {
		return fmt.Errorf("removing parties: %w", err)
	}
	return nil
}
