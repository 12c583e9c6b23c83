package routing

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// MaxTried is how many leads [Routes.Try] looks at.
const MaxTried = 2000

// shownTried is how many of them it shows one by one.
const shownTried = 100

// Trial is what a plan would have done with the leads that came in last.
type Trial struct {
	// Leads is how many were looked at.
	Leads int `json:"leads"`
	// Rules tell, in the order of the plan with the fallback last, how many each would have given away.
	Rules []Tally `json:"rules"`
	// People tell how many each user or team would have got, those who get most first; the one without a name is nobody.
	People []Tally `json:"people"`
	// Elsewhere is how many would have gone to somebody else than who has them now.
	Elsewhere int `json:"elsewhere"`
	// Rows are those of the latest ones that the actor sees, the newest first.
	Rows []Tried `json:"rows"`
}

// Tally is a count with its name.
type Tally struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

// Tried is one lead with what would have been decided.
type Tried struct {
	Lead      lead.ID   `json:"lead" bun:"id"`
	Name      string    `json:"name" bun:"name"`
	ArrivedAt time.Time `json:"arrived_at" bun:"arrived_at"`
	// Owner is who has it now.
	Owner    string   `json:"owner" bun:"owner_user"`
	Decision Decision `json:"decision" bun:"-"`
}

// Try decides about the last leads of the company, at most [MaxTried], as the plan would, and writes nothing: as if
// they came in now one after the other, to people who have none. It needs actor.Settings.
func (r *Routes) Try(ctx context.Context, p Plan) (Trial, error) {
	return rule.Within(ctx, func(ctx context.Context) (Trial, error) { return r.try(ctx, p) })
}

func (r *Routes) try(ctx context.Context, p Plan) (Trial, error) {
	return store.Read(ctx, r.db, actor.Settings, func(ctx context.Context, s *store.Session) (Trial, error) {
		var out Trial
		err := r.prepare(ctx, s, &p)
		if err == nil {
			err = r.tryAll(ctx, s, p, &out)
		}
		if err == nil {
			out.Rows, err = seen(ctx, s, out.Rows)
		}
		return out, err
	})
}

// tryAll tries a plan on the leads of everybody.
func (r *Routes) tryAll(ctx context.Context, s *store.Session, p Plan, out *Trial) error {
	defer widen(s)()
	j, err := r.judge(ctx, s, p, 0)
	if err != nil {
		return err
	}
	j.bench.pretend = true
	rows, err := past(ctx, s)
	if err != nil {
		return err
	}
	slices.Reverse(rows)
	for part := range slices.Chunk(rows, rule.Chunk) {
		if err := j.try(ctx, s, part); err != nil {
			return err
		}
	}
	out.sum(p, rows)
	return nil
}

// seen leaves of leads those that the actor sees: what is counted is the company's, names are not everybody's.
func seen(ctx context.Context, s *store.Session, rows []Tried) ([]Tried, error) {
	if len(rows) == 0 || !s.Actor.May(actor.LeadRead) {
		return nil, nil
	}
	args := make([]any, len(rows))
	for i, row := range rows {
		args[i] = row.Lead
	}
	var ids []lead.ID
	err := s.Query(ctx, &ids, store.From[lead.Lead]("lead"), "SELECT lead.id FROM crm_lead AS lead WHERE {scope} AND lead.id IN ("+store.In(len(args))+")", args...)
	return slices.DeleteFunc(rows, func(row Tried) bool { return !slices.Contains(ids, row.Lead) }), err
}

// past are the leads that came in last, the newest first.
func past(ctx context.Context, s *store.Session) ([]Tried, error) {
	var rows []Tried
	err := s.Query(ctx, &rows, store.From[lead.Lead]("lead"), "SELECT lead.id, party.name, lead.arrived_at, lead.owner_user FROM crm_lead AS lead JOIN crm_party AS party ON party.id = lead.party_id"+
		" WHERE {scope} AND lead.company = ? AND lead.merged_into IS NULL ORDER BY lead.arrived_at DESC, lead.id DESC"+s.Limit(MaxTried), s.Actor.Company)
	return rows, err
}

// Match is which of the leads that came in last a rule fits.
type Match struct {
	// Leads is how many were looked at, Fit how many of them the rule fits.
	Leads int `json:"leads"`
	Fit   int `json:"fit"`
	// Rows are those of the latest that it fits that the actor sees, the newest first, without a decision.
	Rows []Tried `json:"rows"`
}

// shownMatched is how many leads that fit are shown.
const shownMatched = 20

// Match looks which of the last leads of the company, at most [MaxTried], are in the areas of a rule and fulfil its
// condition, whatever its target. It writes nothing and needs actor.Settings.
func (r *Routes) Match(ctx context.Context, one Rule) (Match, error) {
	return rule.Within(ctx, func(ctx context.Context) (Match, error) { return r.match(ctx, one) })
}

func (r *Routes) match(ctx context.Context, one Rule) (Match, error) {
	return store.Read(ctx, r.db, actor.Settings, func(ctx context.Context, s *store.Session) (Match, error) {
		var out Match
		one.Name, one.Off, one.To = "match", false, Target{Method: ToKnown}
		p := Plan{Rules: []Rule{one}}
		err := r.prepare(ctx, s, &p)
		if err == nil {
			err = r.matchAll(ctx, s, p, &out)
		}
		if err == nil {
			out.Rows, err = seen(ctx, s, out.Rows)
		}
		return out, err
	})
}

// matchAll holds the first rule of a plan against the leads of everybody.
func (r *Routes) matchAll(ctx context.Context, s *store.Session, p Plan, out *Match) error {
	defer widen(s)()
	j, err := r.judge(ctx, s, p, 0)
	if err != nil {
		return err
	}
	rows, err := past(ctx, s)
	if err != nil {
		return err
	}
	out.Leads = len(rows)
	for part := range slices.Chunk(rows, rule.Chunk) {
		values, err := j.values(ctx, s, part)
		if err != nil {
			return err
		}
		for _, row := range part {
			outcome, err := j.fits(0, values[row.Lead])
			if err != nil {
				return err
			}
			if outcome != Chosen {
				continue
			}
			if out.Fit++; len(out.Rows) < shownMatched {
				out.Rows = append(out.Rows, row)
			}
		}
	}
	return nil
}

// values are what the rules look at of each lead.
func (j *judge) values(ctx context.Context, s *store.Session, rows []Tried) (map[[16]byte]rule.Values, error) {
	keys := make([][16]byte, len(rows))
	for i, row := range rows {
		keys[i] = row.Lead
	}
	return j.all.Load(ctx, s, j.at, keys)
}

func (j *judge) try(ctx context.Context, s *store.Session, rows []Tried) error {
	values, err := j.values(ctx, s, rows)
	if err != nil {
		return err
	}
	for i := range rows {
		if rows[i].Decision, err = j.decide(ctx, s, rows[i].Lead, values[rows[i].Lead]); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trial) sum(p Plan, rows []Tried) {
	rules, people := map[string]int{}, map[string]int{}
	t.Leads = len(rows)
	for _, row := range rows {
		d := row.Decision
		if who := cmp.Or(d.User, d.Team); who != "" {
			rules[d.RuleKey]++
			people[who]++
		} else {
			people[""]++
		}
		if d.User != row.Owner {
			t.Elsewhere++
		}
	}
	for _, one := range p.Rules {
		t.Rules = append(t.Rules, Tally{one.Name, rules[one.Key]})
	}
	t.Rules = append(t.Rules, Tally{"", rules[""]})
	for who, n := range people {
		t.People = append(t.People, Tally{who, n})
	}
	slices.SortFunc(t.People, func(a, b Tally) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name)) })
	t.Rows = slices.Clone(rows[max(0, len(rows)-shownTried):])
	slices.Reverse(t.Rows)
}
