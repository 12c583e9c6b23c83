package segment

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// MaxMembers is how many parties one call puts in or takes out.
const MaxMembers = 5000

// Add puts parties into a static segment and says how many were new. Those that the actor does not see are a
// fault.
func (g *Segments) Add(ctx context.Context, id ID, parties []party.ID) (int, error) {
	return store.Write(ctx, g.db, Write, func(ctx context.Context, s *store.Session) (int, error) {
		if err := locked(ctx, s, id, len(parties)); err != nil {
			return 0, err
		}
		seen, err := visible(ctx, s, parties)
		if err != nil {
			return 0, err
		}
		if len(seen) < len(unique(parties)) {
			return 0, fault.List{{Path: "parties", Code: "unknown", Message: "hold somebody who does not exist, or whom you may not see; reload the list"}}.Err("nobody was put in")
		}
		return put(ctx, s, id, raw(seen))
	})
}

// Remove takes parties out of a static segment and says how many were in.
func (g *Segments) Remove(ctx context.Context, id ID, parties []party.ID) (int, error) {
	return store.Write(ctx, g.db, Write, func(ctx context.Context, s *store.Session) (int, error) {
		if err := locked(ctx, s, id, len(parties)); err != nil {
			return 0, err
		}
		removed := 0
		for part := range slices.Chunk(parties, 500) {
			args := []any{id}
			for i := range part {
				args = append(args, part[i][:])
			}
			n, err := s.Exec(ctx, store.From[Member](""), "DELETE FROM crm_segment_member WHERE {scope} AND segment_id = ? AND party_id IN ("+store.In(len(part))+")", args...)
			if err != nil {
				return 0, err
			}
			removed += int(n)
		}
		return removed, s.Audit(ctx, store.Entry{Action: "remove members", Kind: "segment", Record: id.Bytes()})
	})
}

// Fill puts everybody of a selection into a static segment, and says how many were new. It works in pieces of
// their own transactions, so that others come through; called again it goes on.
func (g *Segments) Fill(ctx context.Context, id ID, from Selection) (int, error) {
	if from.Segment == id {
		return 0, fault.List{{Path: "segment", Code: "circle", Message: "is the one to be filled"}}.Err("the segment cannot be filled")
	}
	total := 0
	err := g.each(ctx, from, func(ctx context.Context, s *store.Session, p piece) (int, error) {
		if err := locked(ctx, s, id, 0); err != nil {
			return 0, err
		}
		return put(ctx, s, id, p.picked)
	}, &total)
	return total, err
}

// Evaluate keeps the members that a dynamic segment has now, for an audience that SQL alone cannot give, and
// says how many they are. It works in pieces of their own transactions.
func (g *Segments) Evaluate(ctx context.Context, id ID) (int, error) {
	total := 0
	err := g.each(ctx, Selection{Segment: id}, func(ctx context.Context, s *store.Session, p piece) (int, error) {
		var row Segment
		if err := s.Lock(ctx, &row, id); err != nil {
			return 0, err
		}
		if row.Kind == Static {
			return 0, fault.New(fault.Invalid, "the segment %q is static; its members are kept already", row.Name)
		}
		bound, args := "party_id > ?", []any{id, p.after[:]}
		if !p.last {
			bound, args = "party_id > ? AND party_id <= ?", append(args, p.to[:])
		}
		if _, err := s.Exec(ctx, store.From[Member](""), "DELETE FROM crm_segment_member WHERE {scope} AND segment_id = ? AND "+bound, args...); err != nil {
			return 0, err
		}
		if err := insertMembers(ctx, s, id, p.picked); err != nil || !p.last {
			return len(p.picked), err
		}
		_, err := s.Exec(ctx, store.From[Segment](""), "UPDATE crm_segment SET evaluated_at = ? WHERE {scope} AND id = ?", s.Now, id)
		return len(p.picked), err
	}, &total)
	return total, err
}

// piece is a part of a selection: those picked among the parties after one key up to another.
type piece struct {
	picked    [][16]byte
	after, to party.ID
	last      bool
}

// each goes through a selection in pieces, each in a transaction of its own; do gives how many it counts.
func (g *Segments) each(ctx context.Context, sel Selection, do func(context.Context, *store.Session, piece) (int, error), total *int) error {
	p := piece{}
	for !p.last {
		n, err := store.Write(ctx, g.db, Write, func(ctx context.Context, s *store.Session) (int, error) {
			plan, err := g.plan(ctx, s, sel)
			if err != nil {
				return 0, err
			}
			found, err := plan.candidates(ctx, s, p.after, chunk)
			if err != nil {
				return 0, err
			}
			if p.last = len(found) < chunk; !p.last {
				p.to = found[len(found)-1]
			}
			p.picked = raw(found)
			if !plan.where(s).Exact {
				if p.picked, err = plan.pick(ctx, s, p.picked); err != nil {
					return 0, err
				}
			}
			return do(ctx, s, p)
		})
		if err != nil {
			return err
		}
		*total += n
		p.after = p.to
	}
	return nil
}

// locked holds a static segment, so that two who change its members do it one after the other.
func locked(ctx context.Context, s *store.Session, id ID, parties int) error {
	var row Segment
	if err := s.Lock(ctx, &row, id); err != nil {
		return err
	}
	var faults fault.List
	if row.Kind != Static {
		faults.Add("segment", "dynamic", "finds its members by its condition; take a static one")
	}
	if parties > MaxMembers {
		faults.Add("parties", "limit", "are %d; at most %d are taken at once", parties, MaxMembers)
	}
	return faults.Err("the members cannot be changed")
}

func unique(parties []party.ID) []party.ID {
	sorted := slices.SortedFunc(slices.Values(parties), func(a, b party.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(sorted)
}

func visible(ctx context.Context, s *store.Session, parties []party.ID) ([]party.ID, error) {
	var seen []party.ID
	for part := range slices.Chunk(unique(parties), 500) {
		args := make([]any, len(part))
		for i := range part {
			args[i] = part[i][:]
		}
		var found []party.ID
		err := s.Query(ctx, &found, subject.Source, "SELECT party.id FROM crm_party AS party WHERE {scope} AND party.id IN ("+store.In(len(part))+") AND "+stands, args...)
		if err != nil {
			return nil, err
		}
		seen = append(seen, found...)
	}
	return seen, nil
}

// put inserts those who are not in yet.
func put(ctx context.Context, s *store.Session, id ID, keys [][16]byte) (int, error) {
	known := make(map[[16]byte]bool, len(keys))
	for part := range slices.Chunk(keys, 500) {
		args := []any{id}
		for i := range part {
			args = append(args, part[i][:])
		}
		var found []party.ID
		err := s.Query(ctx, &found, store.From[Member]("member"),
			"SELECT member.party_id FROM crm_segment_member AS member WHERE {scope} AND member.segment_id = ? AND member.party_id IN ("+store.In(len(part))+")", args...)
		if err != nil {
			return 0, err
		}
		for _, key := range found {
			known[key] = true
		}
	}
	fresh := slices.DeleteFunc(slices.Clone(keys), func(key [16]byte) bool { return known[key] })
	if len(fresh) == 0 {
		return 0, nil
	}
	if err := insertMembers(ctx, s, id, fresh); err != nil {
		return 0, err
	}
	return len(fresh), s.Audit(ctx, store.Entry{Action: "add members", Kind: "segment", Record: id.Bytes()})
}

func insertMembers(ctx context.Context, s *store.Session, id ID, keys [][16]byte) error {
	rows := make([]Member, len(keys))
	for i, key := range keys {
		rows[i] = Member{SegmentID: id, PartyID: key, AddedAt: s.Now, AddedBy: s.Actor.UserID}
	}
	return s.InsertMany(ctx, &rows)
}
