package segment

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Matched says what became of addresses that were put into a static segment.
type Matched struct {
	// Added is how many parties came in, Known how many had been in before.
	Added int `json:"added"`
	Known int `json:"known"`
	// Unknown are addresses behind which the actor sees nobody, Bad those that are none, as they were given.
	Unknown []string `json:"unknown,omitempty"`
	Bad     []string `json:"bad,omitempty"`
}

// keyRow is what a party is found by.
type keyRow struct {
	bun.BaseModel `bun:"table:crm_party_key,alias:k"`

	Company string   `bun:"company,type:nvarchar(40)"`
	Value   string   `bun:"value,type:nvarchar(254)"`
	PartyID party.ID `bun:"party_id"`
}

// keysPerQuery is how many addresses one statement looks for.
const keysPerQuery = 200

// AddAddresses puts the parties with these e-mail addresses into a static segment, at most [MaxMembers] at once.
// Of somebody who was merged into another one that other one comes in. Who is behind no address that is known is
// left out and named: a segment holds people, not addresses.
func (g *Segments) AddAddresses(ctx context.Context, id ID, addresses []string) (Matched, error) {
	return store.Write(ctx, g.db, Write, func(ctx context.Context, s *store.Session) (Matched, error) {
		var out Matched
		if err := locked(ctx, s, id, len(addresses)); err != nil {
			return out, err
		}
		typed := map[string]string{}
		for _, text := range addresses {
			address, err := party.NormalizeEmail(text)
			if err != nil {
				out.Bad = append(out.Bad, text)
			} else if _, twice := typed[address]; !twice {
				typed[address] = text
			}
		}
		behind, err := ownersOf(ctx, s, typed)
		if err != nil {
			return out, err
		}
		var all []party.ID
		for _, owners := range behind {
			all = append(all, owners...)
		}
		seen, err := visible(ctx, s, all)
		if err != nil {
			return out, err
		}
		for address, text := range typed {
			if !slices.ContainsFunc(behind[address], func(one party.ID) bool { return slices.Contains(seen, one) }) {
				out.Unknown = append(out.Unknown, text)
			}
		}
		slices.Sort(out.Unknown)
		out.Added, err = put(ctx, s, id, raw(seen))
		out.Known = len(seen) - out.Added
		return out, err
	})
}

// ownersOf finds the parties behind addresses; those that were merged are the ones they were merged into.
func ownersOf(ctx context.Context, s *store.Session, addresses map[string]string) (map[string][]party.ID, error) {
	depth, err := aliasDepth(ctx, s)
	if err != nil {
		return nil, err
	}
	joins, key := survivor("k.party_id", depth)
	wanted := make([]string, 0, len(addresses))
	for address := range addresses {
		wanted = append(wanted, address)
	}
	slices.Sort(wanted)
	out := map[string][]party.ID{}
	for part := range slices.Chunk(wanted, keysPerQuery) {
		args := make([]any, len(part))
		for i := range part {
			args[i] = part[i]
		}
		var rows []keyRow
		err := s.Query(ctx, &rows, store.From[keyRow]("k"),
			"SELECT k.value, "+key+" AS party_id FROM crm_party_key AS k"+joins+" WHERE {scope} AND k.kind = 'email' AND k.value IN ("+store.In(len(part))+")", args...)
		if err != nil {
			return nil, fmt.Errorf("looking for addresses: %w", err)
		}
		for _, r := range rows {
			out[r.Value] = append(out[r.Value], r.PartyID)
		}
	}
	return out, nil
}

// MemberPage is a page of the members of a static segment.
type MemberPage struct {
	Rows []Row `json:"rows"`
	// Next is what after is for the next page; zero after the last one.
	Next party.ID `json:"next,omitzero"`
}

// MembersShown is how many members a page has.
const MembersShown = 50

// Members reads a page of the members of a static segment whom the actor sees, those who became known first in
// front; after is zero for the first page.
func (g *Segments) Members(ctx context.Context, id ID, after party.ID) (MemberPage, error) {
	return store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) (MemberPage, error) {
		var out MemberPage
		var row Segment
		if err := s.Get(ctx, &row, id); err != nil {
			return out, err
		}
		if row.Kind != Static {
			return out, fault.New(fault.Invalid, "the segment %q finds its members by its condition; take a sample of them", row.Name)
		}
		p, err := g.plan(ctx, s, Selection{Segment: id})
		if err != nil {
			return out, err
		}
		p.excluded = nil // they are members all the same, and can be taken out
		if out.Rows, err = p.sample(ctx, s, span{from: next(after)}, MembersShown); err != nil {
			return out, err
		}
		if n := len(out.Rows); n == MembersShown {
			out.Next = out.Rows[n-1].ID
		}
		return out, nil
	})
}

// LeftOutBy lists the segments that leave out the members of one, at most a hundred.
func (g *Segments) LeftOutBy(ctx context.Context, id ID) ([]Segment, error) {
	return store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) (out []Segment, err error) {
		err = s.Paged(s.Select(&out).Where("segment.excluded LIKE ?", "%"+id.String()+"%"), store.Order{Column: "segment.name_key", ID: "segment.id"}, store.Page{Limit: 100}).Scan(ctx)
		return out, err
	})
}
