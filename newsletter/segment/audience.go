package segment

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// By says which address of a party a letter goes to.
type By string

// The addresses.
const (
	ByEmail  By = "email"
	ByMobile By = "mobile"
)

// Audience is a segment as SQL, for a campaign that freezes its readers inside the database. What is meant by
// today and now was settled when it was made.
type Audience struct {
	plan *plan
	by   By
}

// Audience gives the audience of a saved segment. Where a part of its condition is beyond SQL, the members are
// evaluated and kept first ([Segments.Evaluate]).
func (g *Segments) Audience(ctx context.Context, id ID, by By) (*Audience, error) {
	if by != ByEmail && by != ByMobile {
		return nil, fault.List{{Path: "by", Code: "choice", Message: "is none; choose email or mobile"}}.Err("there is no audience")
	}
	type ready struct {
		plan  *plan
		exact bool
	}
	r, err := store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) (ready, error) {
		p, err := g.plan(ctx, s, Selection{Segment: id})
		if err != nil {
			return ready{}, err
		}
		return ready{p, p.where(s).Exact}, nil
	})
	if err != nil {
		return nil, err
	}
	if !r.exact {
		if _, err := g.Evaluate(ctx, id); err != nil {
			return nil, err
		}
		r.plan = &plan{at: r.plan.at, aliases: r.plan.aliases, members: id}
	}
	return &Audience{plan: r.plan, by: by}, nil
}

// Selector is an audience of another package: the subscribers of a topic (newsletter/subscription).
type Selector interface {
	Select(s *store.Session) (sql string, args []any, err error)
}

// Of narrows another audience to the readers who are in the segment, at the addresses that it gives. Letters that
// need a consent go to the segment of those who gave one, never to a segment alone.
func (a *Audience) Of(base Selector) Selector { return narrowed{a, base} }

type narrowed struct {
	segment *Audience
	base    Selector
}

// Select gives the SELECT of the base, less those who are not in the segment.
func (n narrowed) Select(s *store.Session) (string, []any, error) {
	base, args, err := n.base.Select(s)
	if err != nil {
		return "", nil, err
	}
	in := n.segment.members(s)
	joins, key := survivor("reader.party_id", n.segment.plan.aliases)
	text := "SELECT reader.party_id AS party_id, reader.address AS address, reader.language AS language, reader.name AS name" +
		" FROM (" + base + ") AS reader" + joins + " WHERE " + key + " IN (SELECT party.id FROM crm_party AS party WHERE " + in.SQL + ")"
	return text, append(slices.Clone(args), in.Args...), nil
}

// members is the predicate on the row of a party of the segment that the session's actor sees.
func (a *Audience) members(s *store.Session) store.Predicate {
	scope, where := sees(s.Actor), a.plan.where(s)
	return store.Predicate{SQL: scope.SQL + " AND " + stands + " AND " + where.SQL, Args: append(scope.Args, where.Args...)}
}

// Select gives the SELECT of party_id, address, language and name, without an order, so that it can stand in
// FROM; it is read in the order of party_id by party_id > ?, which both databases carry into it. It shows the
// parties that the session's actor sees and that have the address, each once.
func (a *Audience) Select(s *store.Session) (string, []any, error) {
	in := a.members(s)
	address, has := "party.email", "party.email <> ''"
	if a.by == ByMobile {
		address, has = "party.mobile", "party.mobile LIKE '+%'" // what could not be read as a number is kept as it came
	}
	text := "SELECT party.id AS party_id, " + address + " AS address, party.language AS language, party.name AS name" +
		" FROM crm_party AS party WHERE " + in.SQL + " AND " + has
	return text, in.Args, nil
}
