package party

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/store"
)

// numbered is how many parties CustomersOf reads at once.
const numbered = 500

// ofCustomer is a role of a party, or of one that was merged into it.
type ofCustomer struct {
	bun.BaseModel `bun:"table:crm_role,alias:r"`

	Company string `bun:"company"`
	PartyID ID     `bun:"party_id"`
	HostKey string `bun:"host_key"`
}

// CustomersOf says which customers of the host parties are, as far as the actor sees them: themselves or a party that
// was merged into them, else the firm that they work for. Of several it is the one with the lowest key. Of a row only
// HostKey, Number and PartyID (the one who has the role) are set.
func CustomersOf(ctx context.Context, s *store.Session, ids []ID) (map[ID]CustomerRow, error) {
	out := map[ID]CustomerRow{}
	for part := range slices.Chunk(ids, numbered) {
		var known []Party
		if err := s.Select(&known).Column("id", "employer_id").Where("party.id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, err
		}
		own, err := customersOf(ctx, s, known, func(p Party) ID { return p.ID })
		if err != nil {
			return nil, err
		}
		known = slices.DeleteFunc(known, func(p Party) bool {
			row, ok := own[p.ID]
			if ok {
				out[p.ID] = row
			}
			return ok || p.EmployerID.IsZero()
		})
		firms, err := customersOf(ctx, s, known, func(p Party) ID { return p.EmployerID })
		if err != nil {
			return nil, err
		}
		for _, p := range known {
			if row, ok := firms[p.EmployerID]; ok {
				out[p.ID] = row
			}
		}
	}
	return out, nil
}

// customersOf gives the customers that some parties are, by what key says of them.
func customersOf(ctx context.Context, s *store.Session, parties []Party, key func(Party) ID) (map[ID]CustomerRow, error) {
	if len(parties) == 0 {
		return nil, nil
	}
	ids := make([]any, 0, len(parties))
	for _, p := range parties {
		ids = append(ids, key(p))
	}
	in := store.In(len(ids))
	var roles []ofCustomer
	err := s.Query(ctx, &roles, store.From[ofCustomer]("r"),
		"SELECT k.id AS party_id, r.host_key FROM (SELECT o.id, o.id AS part FROM crm_party AS o WHERE o.id IN ("+in+")"+
			" UNION ALL SELECT m.merged_into, m.id FROM crm_party AS m WHERE m.merged_into IN ("+in+")) AS k"+
			" CROSS JOIN crm_role AS r WHERE {scope} AND r.party_id = k.part AND r.role = 'customer'", slices.Concat(ids, ids)...)
	if err != nil {
		return nil, err
	}
	found := map[ID]CustomerRow{}
	for _, r := range roles {
		if had, ok := found[r.PartyID]; !ok || r.HostKey < had.HostKey {
			found[r.PartyID] = CustomerRow{HostKey: r.HostKey, PartyID: r.PartyID}
		}
	}
	rows := make([]CustomerRow, 0, len(found))
	for _, row := range found {
		rows = append(rows, row)
	}
	if err := withNumbers(ctx, s, rows); err != nil {
		return nil, err
	}
	for _, row := range rows {
		found[row.PartyID] = row
	}
	return found, nil
}
