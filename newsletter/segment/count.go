package segment

import (
	"bytes"
	"context"
	"math/rand/v2"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// chunk is how many candidates are looked at in one go.
const chunk = 2000

// SampleSize is how many parties a sample has.
const SampleSize = 20

// Count says how many parties the actor sees in the selection. Where a part of the condition is beyond SQL,
// all that the rest finds are looked at.
func (g *Segments) Count(ctx context.Context, sel Selection) (int, error) {
	return rule.Within(ctx, func(ctx context.Context) (int, error) { return g.count(ctx, sel) })
}

func (g *Segments) count(ctx context.Context, sel Selection) (int, error) {
	return store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) (int, error) {
		p, err := g.plan(ctx, s, sel)
		if err != nil {
			return 0, err
		}
		n := 0
		if where := p.where(s); where.Exact {
			err := s.Query(ctx, &n, subject.Source, "SELECT COUNT(*) FROM crm_party AS party WHERE {scope} AND "+stands+" AND "+where.SQL, where.Args...)
			return n, err
		}
		var after party.ID
		for {
			found, err := p.candidates(ctx, s, after, chunk)
			if err != nil {
				return 0, err
			}
			picked, err := p.pick(ctx, s, raw(found))
			if err != nil {
				return 0, err
			}
			n += len(picked)
			if len(found) < chunk {
				return n, nil
			}
			after = found[len(found)-1]
		}
	})
}

// Row is a party of a sample.
type Row struct {
	ID       party.ID `bun:"id" json:"id"`
	Name     string   `bun:"name" json:"name"`
	Email    string   `bun:"email" json:"email"`
	Mobile   string   `bun:"mobile" json:"mobile"`
	Country  string   `bun:"country" json:"country"`
	City     string   `bun:"city" json:"city"`
	Language string   `bun:"language" json:"language"`
}

// Sample gives up to [SampleSize] parties of the selection: those that follow a random one, in the order in
// which they came to be known. It costs no more than the count.
func (g *Segments) Sample(ctx context.Context, sel Selection) ([]Row, error) {
	return store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) ([]Row, error) {
		p, err := g.plan(ctx, s, sel)
		if err != nil {
			return nil, err
		}
		from, err := somewhere(ctx, s)
		if err != nil {
			return nil, err
		}
		rows, err := p.sample(ctx, s, span{from: from}, SampleSize)
		if err != nil || len(rows) == SampleSize {
			return rows, err
		}
		before, err := p.sample(ctx, s, span{to: from}, SampleSize-len(rows))
		return append(rows, before...), err
	})
}

// span is a range of keys: from the first one, which counts, or to the last one, which does not.
type span struct{ from, to party.ID }

// somewhere is a key between the first and the last of the actor's parties. Keys begin with the time. The bounds,
// which all keys are within, lead to the index of keys.
func somewhere(ctx context.Context, s *store.Session) (party.ID, error) {
	var ends [2]party.ID
	for i, way := range []struct {
		text  string
		bound []byte
	}{
		{"party.id > ? ORDER BY party.id", make([]byte, len(party.ID{}))},
		{"party.id < ? ORDER BY party.id DESC", bytes.Repeat([]byte{0xFF}, len(party.ID{}))},
	} {
		var found []party.ID
		err := s.Query(ctx, &found, subject.Source, "SELECT party.id FROM crm_party AS party WHERE {scope} AND "+way.text+s.Limit(1), way.bound)
		if err != nil || len(found) == 0 {
			return party.ID{}, err
		}
		ends[i] = found[0]
	}
	first, last := millis(ends[0]), millis(ends[1])
	at := first
	if last > first {
		at += rand.Uint64N(last - first)
	}
	var key party.ID
	for i := range 6 {
		key[i] = byte(at >> (40 - 8*i))
	}
	return key, nil
}

func millis(id party.ID) (n uint64) {
	for _, b := range id[:6] {
		n = n<<8 | uint64(b)
	}
	return n
}

func (p *plan) sample(ctx context.Context, s *store.Session, in span, size int) ([]Row, error) {
	where := p.where(s)
	var rows []Row
	for len(rows) < size {
		limit, bound, args := size-len(rows), "party.id >= ?", []any{in.from[:]}
		if !in.to.IsZero() {
			bound, args = "party.id >= ? AND party.id < ?", append(args, in.to[:])
		}
		if !where.Exact {
			limit = chunk
		}
		var found []Row
		err := s.Query(ctx, &found, subject.Source, "SELECT party.id, party.name, party.email, party.mobile, party.country, party.city, party.language"+
			" FROM crm_party AS party WHERE {scope} AND "+bound+" AND "+stands+" AND "+where.SQL+" ORDER BY party.id"+s.Limit(limit), append(args, where.Args...)...)
		if err != nil {
			return nil, err
		}
		picked, err := p.picked(ctx, s, found, where.Exact)
		if err != nil {
			return nil, err
		}
		rows = append(rows, picked[:min(len(picked), size-len(rows))]...)
		if len(found) < limit {
			break
		}
		in.from = next(found[len(found)-1].ID)
	}
	return rows, nil
}

func (p *plan) picked(ctx context.Context, s *store.Session, found []Row, exact bool) ([]Row, error) {
	if exact {
		return found, nil
	}
	keys := make([][16]byte, len(found))
	for i, r := range found {
		keys[i] = r.ID
	}
	picked, err := p.pick(ctx, s, keys)
	if err != nil {
		return nil, err
	}
	in := make(map[party.ID]bool, len(picked))
	for _, key := range picked {
		in[key] = true
	}
	var rows []Row
	for _, r := range found {
		if in[r.ID] {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// next is the key after one.
func next(id party.ID) party.ID {
	for i := len(id) - 1; i >= 0; i-- {
		id[i]++
		if id[i] != 0 {
			break
		}
	}
	return id
}
