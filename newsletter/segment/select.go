package segment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Selection is what is asked about: a saved segment, or one that is being written.
type Selection struct {
	// Segment is a saved one; the other fields are empty then.
	Segment ID `json:"segment"`
	// Condition is an expression, or Tree the same as a form builds it.
	Condition string     `json:"condition"`
	Tree      *rule.Node `json:"tree"`
	// Exclude are saved segments whose members are left out.
	Exclude []ID `json:"exclude"`
}

// The bounds of exclusions.
const (
	// MaxExcluded is how many segments one leaves out.
	MaxExcluded = 20
	// maxNesting is how deep those that are left out leave out others.
	maxNesting = 4
	// maxParameters is how many parameters a statement carries beside ours: SQL Server takes 2100.
	maxParameters = 1900
)

// plan is a selection made ready: SQL that finds its parties, or too many of them where it is not exact.
type plan struct {
	at      rule.At
	aliases int
	// condition is nil for a static segment, whose members are kept.
	condition *rule.Condition
	members   ID
	excluded  []*plan
}

// plan reads what a selection refers to, and checks it.
func (g *Segments) plan(ctx context.Context, s *store.Session, sel Selection) (*plan, error) {
	r, err := g.resolver(ctx, s)
	if err != nil {
		return nil, err
	}
	p, err := r.selection(sel)
	if err != nil {
		return nil, err
	}
	if where := p.where(s); len(where.Args) > maxParameters {
		return nil, fault.New(fault.Limit, "the condition and those of the segments it leaves out have %d constants together; at most %d are taken", len(where.Args), maxParameters)
	}
	return p, nil
}

type resolver struct {
	ctx  context.Context //nolint:containedctx // lives as long as the call that carries it
	s    *store.Session
	env  *rule.Environment
	at   rule.At
	path []ID
	// aliases is as in [aliasDepth].
	aliases int
}

func (g *Segments) resolver(ctx context.Context, s *store.Session) (*resolver, error) {
	env, err := g.environment(ctx, s)
	if err != nil {
		return nil, err
	}
	depth, err := aliasDepth(ctx, s)
	return &resolver{ctx: ctx, s: s, env: env, at: g.at(s), aliases: depth}, err
}

func (r *resolver) selection(sel Selection) (*plan, error) {
	if !sel.Segment.IsZero() {
		if sel.Condition != "" || sel.Tree != nil || len(sel.Exclude) > 0 {
			return nil, fault.List{{Path: "segment", Code: "both", Message: "is given together with a condition; give one of them"}}.Err("nothing can be selected")
		}
		return r.saved(sel.Segment)
	}
	p := &plan{at: r.at, aliases: r.aliases}
	var err error
	switch {
	case sel.Tree != nil && sel.Condition != "":
		return nil, fault.List{{Path: "condition", Code: "both", Message: "is given twice, as expression and tree; give one of them"}}.Err("nothing can be selected")
	case sel.Tree != nil:
		p.condition, err = r.env.Build(*sel.Tree)
	default:
		p.condition, err = r.env.Parse(sel.Condition)
	}
	if err == nil {
		err = leadrule.Sight(r.s.Actor, p.condition)
	}
	if err != nil {
		return nil, err
	}
	p.excluded, err = r.exclusions(sel.Exclude)
	return p, err
}

func (r *resolver) saved(id ID) (*plan, error) {
	if slices.Contains(r.path, id) {
		return nil, fault.List{{Path: "exclude", Code: "circle", Message: "leads back to the segment itself; a segment cannot leave out its own members"}}.Err("the segment cannot be used")
	}
	if len(r.path) > maxNesting {
		return nil, fault.List{{Path: "exclude", Code: "depth", Message: fmt.Sprintf("leads through more than %d segments; leave them out directly", maxNesting)}}.Err("the segment cannot be used")
	}
	var row Segment
	if err := r.s.Get(r.ctx, &row, id); err != nil {
		return nil, err
	}
	p := &plan{at: r.at, aliases: r.aliases}
	if row.Kind == Static {
		p.members = id
	} else {
		var err error
		if p.condition, err = r.env.Parse(row.Condition); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "the segment %q", row.Name)
		}
	}
	r.path = append(r.path, id)
	var err error
	p.excluded, err = r.exclusions(row.Exclusions())
	r.path = r.path[:len(r.path)-1]
	return p, err
}

func (r *resolver) exclusions(ids []ID) ([]*plan, error) {
	if len(ids) > MaxExcluded {
		return nil, fault.List{{Path: "exclude", Code: "limit", Message: fmt.Sprintf("names %d segments; at most %d are left out", len(ids), MaxExcluded)}}.Err("the segment cannot be used")
	}
	var out []*plan
	for _, id := range ids {
		p, err := r.saved(id)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// where is the predicate on a party's row.
func (p *plan) where(s *store.Session) rule.Where {
	var out rule.Where
	if p.condition == nil {
		join, key := survivor("member.party_id", p.aliases)
		out = rule.Where{Exact: true, Predicate: store.Predicate{
			SQL:  "party.id IN (SELECT " + key + " FROM crm_segment_member AS member" + join + " WHERE member.segment_id = ?)",
			Args: []any{p.members},
		}}
	} else {
		out = p.condition.SQL(rule.ScopeOf(s, p.at))
		out.Args = slices.Clone(out.Args)
	}
	parts := []string{out.SQL}
	for _, x := range p.excluded {
		w := x.where(s)
		if !w.Exact { // it would leave out too many
			out.Exact = false
			continue
		}
		if x.condition == nil && len(x.excluded) == 0 {
			parts = append(parts, strings.Replace(w.SQL, " IN (", " NOT IN (", 1))
		} else { // what is unknown is not left out
			parts = append(parts, "CASE WHEN "+w.SQL+" THEN 1 ELSE 0 END = 0")
		}
		out.Args = append(out.Args, w.Args...)
	}
	if len(parts) > 1 {
		out.SQL = "(" + strings.Join(parts, " AND ") + ")"
	}
	return out
}

// pick leaves of the parties those that belong to the selection.
func (p *plan) pick(ctx context.Context, s *store.Session, keys [][16]byte) ([][16]byte, error) {
	var err error
	if p.condition == nil {
		keys, err = p.kept(ctx, s, keys)
	} else {
		keys, err = p.condition.Pick(ctx, s, p.at, keys)
	}
	for _, x := range p.excluded {
		if err != nil {
			return nil, err
		}
		var out [][16]byte
		out, err = x.pick(ctx, s, keys)
		left := make(map[[16]byte]bool, len(out))
		for _, key := range out {
			left[key] = true
		}
		keys = slices.DeleteFunc(slices.Clone(keys), func(key [16]byte) bool { return left[key] })
	}
	return keys, err
}

// kept gives those of the parties that are members, themselves or as somebody they were merged with.
func (p *plan) kept(ctx context.Context, s *store.Session, keys [][16]byte) ([][16]byte, error) {
	where := p.where(s)
	members := map[party.ID]bool{}
	for part := range slices.Chunk(keys, rule.Chunk) {
		var args []any
		for i := range part {
			args = append(args, part[i][:])
		}
		var found []party.ID
		err := s.Query(ctx, &found, subject.Source, "SELECT party.id FROM crm_party AS party WHERE {scope} AND party.id IN ("+store.In(len(part))+") AND "+where.SQL, append(args, where.Args...)...)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			members[m] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key [16]byte) bool { return !members[key] }), nil
}

// candidates reads keys of parties that the SQL finds, in their order, after one.
func (p *plan) candidates(ctx context.Context, s *store.Session, after party.ID, limit int) ([]party.ID, error) {
	where := p.where(s)
	var found []party.ID
	err := s.Query(ctx, &found, subject.Source,
		"SELECT party.id FROM crm_party AS party WHERE {scope} AND party.id > ? AND "+stands+" AND "+where.SQL+" ORDER BY party.id"+s.Limit(limit),
		append([]any{after[:]}, where.Args...)...)
	return found, err
}

func raw(ids []party.ID) [][16]byte {
	out := make([][16]byte, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}
