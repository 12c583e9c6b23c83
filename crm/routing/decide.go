package routing

import (
	"context"
	"errors"
	"fmt"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// judge holds the rules of one plan ready to decide.
type judge struct {
	plan    Plan
	version int64
	at      rule.At
	// conditions are those of the rules, nil where there is none; broken ones are noted beside.
	conditions []*rule.Condition
	broken     []bool
	// all reads what any of them looks at.
	all   *rule.Condition
	bench *bench
}

// always are the fields that areas and [ToKnown] look at.
const always = "party.country != nil or party.postal_code != nil or party.owner != nil"

// judge makes the rules ready; a condition that does not hold water any more, because a custom field is gone, fails
// its rule and nothing else.
func (r *Routes) judge(ctx context.Context, s *store.Session, plan Plan, version int64) (*judge, error) {
	env, err := r.config.Terms.Environment(ctx, s)
	if err != nil {
		return nil, err
	}
	base, err := env.Parse(always)
	if err != nil {
		return nil, err
	}
	j := &judge{plan: plan, version: version, at: r.config.Terms.At(s), conditions: make([]*rule.Condition, len(plan.Rules)), broken: make([]bool, len(plan.Rules))}
	used := []*rule.Condition{base}
	for i, one := range plan.Rules {
		if one.Off || one.When == "" {
			continue
		}
		c, err := env.Parse(one.When)
		if err != nil {
			j.broken[i] = true
			continue
		}
		j.conditions[i] = c
		used = append(used, c)
	}
	j.all = env.All(used...)
	j.bench, err = r.bench(ctx, s)
	return j, err
}

// decide finds who gets the lead with the values v.
func (j *judge) decide(ctx context.Context, s *store.Session, id lead.ID, v rule.Values) (Decision, error) {
	d := Decision{LeadID: id, At: s.Now, PlanVersion: j.version, By: s.Actor.UserID}
	for i, one := range j.plan.Rules {
		if one.Off {
			continue
		}
		outcome, err := j.fits(i, v)
		if err != nil {
			return d, err
		}
		if outcome != Chosen {
			d.Why = append(d.Why, Step{Rule: one.Name, Outcome: outcome})
			continue
		}
		found, err := j.give(ctx, s, &d, offer{one.Key, one.Name, one.To}, v)
		if err != nil || found {
			return d, err
		}
	}
	if j.plan.Fallback.Method == "" {
		d.Why = append(d.Why, Step{Outcome: Nobody})
		return d, nil
	}
	_, err := j.give(ctx, s, &d, offer{fallbackKey, "", j.plan.Fallback}, v)
	return d, err
}

func (j *judge) fits(i int, v rule.Values) (Outcome, error) {
	one := j.plan.Rules[i]
	if j.broken[i] {
		return Broken, nil
	}
	if len(one.Areas) > 0 {
		country, _ := v["party.country"].(string)
		code, _ := v["party.postal_code"].(string)
		inside := false
		for _, a := range one.Areas {
			inside = inside || a.covers(country, code)
		}
		if !inside {
			return Outside, nil
		}
	}
	if c := j.conditions[i]; c != nil {
		holds, err := c.Holds(j.at, v)
		if errors.Is(err, fault.Limit) { // the lead goes on to the next rule
			return Stopped, nil
		}
		if err != nil {
			return Broken, fmt.Errorf("the rule %q: %w", one.Name, err)
		}
		if !holds {
			return Unmet, nil
		}
	}
	return Chosen, nil
}

// offer is a rule that fits, or the fallback.
type offer struct {
	key, name string
	to        Target
}

// give finds somebody for an offer; it reports false where there is nobody.
func (j *judge) give(ctx context.Context, s *store.Session, d *Decision, o offer, v rule.Values) (bool, error) {
	note := func(step Step) { step.Rule = o.name; d.Why = append(d.Why, step) }
	chosen := Step{Outcome: Chosen}
	switch o.to.Method {
	case ToTeam:
		chosen.Team = o.to.Team
	case ToUser, ToKnown:
		user := o.to.User
		if o.to.Method == ToKnown {
			user, _ = v["party.owner"].(string)
		}
		var err error
		if chosen.User, err = j.bench.present(ctx, s, user, note); err != nil {
			return false, err
		}
	case InTurn, ByLoad:
		got, err := j.bench.share(ctx, s, o, note)
		if err != nil {
			return false, err
		}
		chosen = got
		d.Pool = o.key
	}
	if chosen.User == "" && chosen.Team == "" {
		d.Pool = ""
		note(Step{Outcome: Nobody})
		return false, nil
	}
	if chosen.User != "" {
		team, err := j.bench.teamOf(ctx, s, chosen.User, o.to.Team)
		if err != nil {
			return false, err
		}
		chosen.Team = team
	}
	note(chosen)
	if d.RuleKey, d.RuleName = o.key, o.name; o.key == fallbackKey {
		d.RuleKey = ""
	}
	d.Method, d.User, d.Team = o.to.Method, chosen.User, chosen.Team
	return true, nil
}
