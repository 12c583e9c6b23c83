package party

import (
	"context"

	"github.com/crmplus/crmplus/crm/store"
)

// customKind is the noun that custom fields of contacts and customers are kept under.
const customKind = "party"

// Sheet reads the company's custom fields of a party with its values; a merged party is followed.
func (p *Parties) Sheet(ctx context.Context, id ID) (store.CustomSheet, error) {
	var out store.CustomSheet
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		found, err := p.In(s).Get(ctx, id)
		if err != nil {
			return err
		}
		out, err = s.CustomSheet(ctx, customKind, found.ID.Bytes())
		return err
	})
	return out, err
}

// SetCustom sets custom fields of a party by name, nil to clear; see store.Session.SetCustom. The version is the one
// that was read, 0 for whichever there is; an older one is fault.Conflict.
func (p *Parties) SetCustom(ctx context.Context, id ID, version int64, values map[string]any) (Party, error) {
	var next Party
	err := p.write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.ChangeSheet(ctx, &next, id, store.SheetChange{Kind: customKind, Version: version, Values: values}); err != nil {
			return err
		}
		return next.tell(ctx, s, 0)
	})
	return next, err
}
