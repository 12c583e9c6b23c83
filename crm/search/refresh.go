package search

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// refs are records whose entries may be behind.
type refs struct {
	leads, opportunities, quotes []key
	parties                      []party.ID
}

// widest is how many records one change is carried on to; what hangs on more is left to the daily check.
const widest = 5000

// idRow reads ids alone, whoever owns the records.
type idRow struct {
	bun.BaseModel `bun:"alias:x"`

	Company string `bun:"company"`
	ID      key    `bun:"id"`
}

// spread adds the records whose words come from those that changed: the people of leads, and the leads,
// opportunities, quotes and contacts of people and companies.
func (r refs) spread(ctx context.Context, s *store.Session) (refs, error) {
	rows, err := query[leadRow](ctx, s, "l", "SELECT l.id, l.party_id, l.organization_id, l.merged_into"+byKeys("crm_lead", "l"), r.leads)
	if err != nil {
		return r, err
	}
	var firms []party.ID
	for _, l := range rows {
		r.parties, firms = append(r.parties, l.PartyID), append(firms, l.OrganizationID)
		if !l.MergedInto.IsZero() {
			r.leads = append(r.leads, l.MergedInto)
		}
	}
	r.parties = distinct(r.parties)
	found, err := people(ctx, s, r.parties)
	if err != nil {
		return r, err
	}
	for _, one := range found {
		r.parties = append(r.parties, one.ids...)
	}
	r.parties = distinct(r.parties)
	hanging := []struct {
		into          *[]key
		table, column string
	}{
		{&r.leads, "crm_lead", "party_id"}, {&r.opportunities, "crm_opportunity", "party_id"}, {&r.quotes, "crm_quote", "party_id"},
	}
	for _, h := range hanging {
		ids, err := query[idRow](ctx, s, "x", "SELECT x.id FROM "+h.table+" AS k CROSS JOIN "+h.table+" AS x WHERE {scope} AND x.id = k.id AND k."+h.column, r.parties)
		if err != nil {
			return r, err
		}
		for _, row := range ids[:min(len(ids), widest)] {
			*h.into = append(*h.into, row.ID)
		}
		*h.into = distinct(*h.into)
	}
	staff, err := query[idRow](ctx, s, "x", "SELECT x.id FROM crm_party AS k CROSS JOIN crm_party AS x WHERE {scope} AND x.id = k.id AND k.employer_id", r.parties)
	for _, row := range staff[:min(len(staff), widest)] {
		r.parties = append(r.parties, party.ID(row.ID))
	}
	r.parties = distinct(append(r.parties, firms...))
	return r, err
}

// refresh makes the entries of records say what the records say now. It may be repeated and changes only what
// differs.
func (x *Searches) refresh(ctx context.Context, s *store.Session, r refs) error {
	if _, err := lockState(ctx, s); err != nil { // one at a time, so that nobody writes what he read before another's change
		return err
	}
	defer widen(s)()
	e, err := x.pick(ctx, s)
	if err != nil {
		return err
	}
	parties := make([]key, len(r.parties))
	for i, id := range r.parties {
		parties[i] = key(id)
	}
	for _, part := range []struct {
		kind Kind
		ids  []key
	}{{Lead, r.leads}, {Contact, parties}, {Customer, parties}, {Opportunity, r.opportunities}, {Quote, r.quotes}} {
		for ids := range slices.Chunk(distinct(part.ids), askMany) {
			if err := refreshKind(ctx, s, e, part.kind, ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// widen lets the session see all records of its own company, until the function it gives is called.
func widen(s *store.Session) func() {
	see, companies := s.Actor.See, s.Actor.Group
	s.Actor.See, s.Actor.Group = actor.All, nil
	return func() { s.Actor.See, s.Actor.Group = see, companies }
}

func refreshKind(ctx context.Context, s *store.Session, e engine, kind Kind, ids []key) error {
	docs, err := load(ctx, s, kind, ids)
	if err != nil {
		return err
	}
	have, err := entriesOf(ctx, s, kind, ids)
	if err != nil {
		return err
	}
	want := make(map[key]entry, len(docs))
	for i := range docs {
		want[docs[i].id] = entry{Kind: kind, Record: docs[i].id, Party: docs[i].party, Words: docs[i].words()}
	}
	var gone []key
	var changed, added []entry
	for _, h := range have {
		w, ok := want[h.Record]
		delete(want, h.Record)
		switch {
		case !ok:
			gone = append(gone, h.Record)
		case w.Words != h.Words || w.Party != h.Party:
			changed = append(changed, w)
		}
	}
	for i := range docs { // in the order in which they were read
		if w, ok := want[docs[i].id]; ok {
			added = append(added, w)
		}
	}
	return writeEntries(ctx, s, e, kind, changes{gone, changed, added})
}

// changes are what differs between the index and the records.
type changes struct {
	gone           []key
	changed, added []entry
}

func writeEntries(ctx context.Context, s *store.Session, e engine, kind Kind, c changes) error {
	old := slices.Clone(c.gone)
	var fresh []key
	for _, w := range c.changed {
		old, fresh = append(old, w.Record), append(fresh, w.Record)
	}
	for _, w := range c.added {
		fresh = append(fresh, w.Record)
	}
	if len(old) > 0 {
		if err := e.drop(ctx, s, kind, old); err != nil {
			return err
		}
	}
	if len(c.gone) > 0 {
		args := []any{kind}
		for _, id := range c.gone {
			args = append(args, id.Bytes())
		}
		if _, err := s.Exec(ctx, store.From[entry](""), "DELETE FROM crm_search WHERE {scope} AND kind = ? AND record_id IN ("+store.In(len(c.gone))+")", args...); err != nil {
			return fmt.Errorf("removing from the index: %w", err)
		}
	}
	for _, w := range c.changed {
		_, err := s.Exec(ctx, store.From[entry](""), "UPDATE crm_search SET words = ?, party_id = ? WHERE {scope} AND kind = ? AND record_id = ?", w.Words, w.Party, kind, w.Record)
		if err != nil {
			return fmt.Errorf("changing the index: %w", err)
		}
	}
	if err := s.InsertMany(ctx, &c.added); err != nil {
		return err
	}
	if len(fresh) == 0 {
		return nil
	}
	return e.put(ctx, s, kind, fresh)
}
