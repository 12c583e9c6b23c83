package search

import (
	"cmp"
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// Find gives the newest records of each kind that answer the question and that the actor may open. Kinds that
// he has no right to read are left out; who may read none is refused. A text without a letter or digit finds
// nothing. It never fails because of what was typed, and never because of the host.
func (x *Searches) Find(ctx context.Context, q Query) (Result, error) {
	var out Result
	if err := q.check(); err != nil {
		return out, err
	}
	a, err := actor.From(ctx)
	if err != nil {
		return out, err
	}
	kinds, err := q.kindsFor(a)
	if err != nil {
		return out, err
	}
	p := parse(q.Text)
	if len(p) == 0 || len(kinds) == 0 {
		out.Customers = HostNotNeeded
		return out, nil
	}
	host := x.askHost(ctx, a, kinds, q, p)
	err = x.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if _, err := q.kindsFor(s.Actor); err != nil {
			return err
		}
		out, err = x.find(ctx, s, kinds, p, q.size())
		return err
	})
	if err != nil {
		return Result{}, err
	}
	customers, answer := host.wait(x.config.HostWait)
	out.Customers = answer
	out.mix(customers, q.size())
	return out, nil
}

// All gives all records of kinds that answer the question and that the actor may open, for files and for what is done with many:
// of each kind at most [MaxAll], the group says whether there are more. Its limit is not looked at, and the host is not asked.
// Otherwise it is as [Searches.Find].
func (x *Searches) All(ctx context.Context, q Query) (Result, error) {
	out := Result{Customers: HostNotNeeded}
	if err := q.check(); err != nil {
		return out, err
	}
	a, err := actor.From(ctx)
	if err != nil {
		return out, err
	}
	kinds, err := q.kindsFor(a)
	if err != nil {
		return out, err
	}
	p := parse(q.Text)
	if len(p) == 0 {
		return out, nil
	}
	err = x.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		found, err := x.find(ctx, s, kinds, p, MaxAll)
		found.Customers, out = out.Customers, found
		return err
	})
	return out, err
}

func (x *Searches) find(ctx context.Context, s *store.Session, kinds []Kind, p phrase, size int) (Result, error) {
	var out Result
	var state []stateRow
	if err := s.Query(ctx, &state, store.From[stateRow]("state"), "SELECT state.scheme, state.phase FROM crm_search_state AS state WHERE {scope} AND state.company = ?", s.Actor.Company); err != nil {
		return out, err
	}
	out.Building = len(state) == 0 || state[0].Scheme < scheme
	e, err := x.pick(ctx, s)
	if err != nil {
		return out, err
	}
	for _, kind := range kinds {
		g, err := findKind(ctx, s, e, wanted{kind: kind, phrase: p, size: size + 1})
		if err != nil {
			return out, err
		}
		if len(g.Hits) > 0 {
			out.Groups = append(out.Groups, g)
		}
	}
	return out, nil
}

// findKind finds the records of one kind.
func findKind(ctx context.Context, s *store.Session, e engine, w wanted) (Group, error) {
	g := Group{Kind: w.kind}
	w.marks, w.everybodys = marksFor(s.Actor, w.kind), s.Actor.See == actor.All
	var own source = new(listed)
	var err error
	if len(w.marks) > 0 {
		if own, err = e.open(ctx, s, w); err != nil {
			return g, err
		}
	}
	found, err := w.collect(ctx, s, own)
	if err != nil {
		return g, err
	}
	if s.Actor.See != actor.All {
		shared, left, err := sharedWith(ctx, s, w)
		if err != nil {
			return g, err
		}
		g.More = left
		more, err := w.collect(ctx, s, shared)
		if err != nil {
			return g, err
		}
		found = append(found, more...)
		slices.SortStableFunc(found, func(a, b seen) int { return cmp.Compare(b.no, a.no) })
		found = slices.CompactFunc(found, func(a, b seen) bool { return a.no == b.no })
	}
	g.More = g.More || len(found) >= w.size
	for _, one := range found[:min(len(found), w.size-1)] {
		g.Hits = append(g.Hits, one.doc.hit(w.phrase))
	}
	return g, nil
}

// marksFor says whose records of a kind the actor sees, as the guards of the records do; what is opened to
// him besides is not among them.
func marksFor(a actor.Actor, kind Kind) []string {
	var marks []string
	for _, company := range append([]string{a.Company}, a.Group...) {
		if a.See == actor.All {
			marks = append(marks, mark(company, kind, toCompany, ""))
			continue
		}
		if a.UserID != "" {
			marks = append(marks, mark(company, kind, toUser, a.UserID))
		}
		if a.See != actor.Team {
			continue
		}
		marks = append(marks, mark(company, kind, toNobody, ""))
		for _, t := range a.Teams {
			if t != "" {
				marks = append(marks, mark(company, kind, toTeam, t))
			}
		}
	}
	return marks
}

// seen is a record that the actor may open.
type seen struct {
	no  int64
	doc doc
}

// collect reads the records of entries through their own guard, until there are enough that answer as they
// are now.
func (w wanted) collect(ctx context.Context, s *store.Session, from source) ([]seen, error) {
	var found []seen
	for len(found) < w.size {
		rows, err := from.next(ctx, s)
		if err != nil || len(rows) == 0 {
			return found, err
		}
		rows = slices.CompactFunc(rows, func(a, b entry) bool { return a.No == b.No })
		for part := range slices.Chunk(rows, max(w.page(), 20)) {
			ids := make([]key, len(part))
			for i, e := range part {
				ids[i] = e.Record
			}
			docs, err := load(ctx, s, w.kind, ids)
			if err != nil {
				return nil, err
			}
			byID := make(map[key]doc, len(docs))
			for _, d := range docs {
				byID[d.id] = d
			}
			for _, e := range part {
				if d, ok := byID[e.Record]; ok && w.phrase.answers(d.words()) {
					found = append(found, seen{e.No, d})
				}
			}
			if len(found) >= w.size {
				break
			}
		}
	}
	return found[:min(len(found), w.size)], nil
}
