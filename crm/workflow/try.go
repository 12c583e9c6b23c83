package workflow

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

const (
	// MaxTried is how many records [Workflows.Try] looks at.
	MaxTried = 2000
	// shownTried is how many of them it shows.
	shownTried = 50
)

// Trial is what a rule would have matched.
type Trial struct {
	// Looked is how many records were looked at, Matched for how many of them the rule would act.
	Looked  int `json:"looked"`
	Matched int `json:"matched"`
	// Rows are the latest of those.
	Rows []Record `json:"rows"`
}

// Try asks, for the latest records of the noun that the actor sees, at most [MaxTried], whether the rule would act: the
// event happened to it, the date is reached today, nothing was done, and the condition holds for it as it is now. It
// writes nothing. It needs actor.Settings.
func (w *Workflows) Try(ctx context.Context, noun leadrule.Noun, p Plan) (Trial, error) {
	return rule.Within(ctx, func(ctx context.Context) (Trial, error) { return w.tried(ctx, noun, p) })
}

func (w *Workflows) tried(ctx context.Context, noun leadrule.Noun, p Plan) (Trial, error) {
	return store.Read(ctx, w.db, Write, func(ctx context.Context, s *store.Session) (Trial, error) {
		judged := draft{name: "-", noun: noun, plan: p}
		faults, err := w.check(ctx, s, &judged)
		if err == nil {
			// what the rule does is not asked here: it may still be written
			faults = slices.DeleteFunc(faults, func(f fault.Fault) bool { return strings.HasPrefix(f.Path, "actions") })
			err = faults.Err("the rule cannot be tried")
		}
		if err != nil {
			return Trial{}, err
		}
		t := tables[noun]
		var ids []RecordID
		err = s.Query(ctx, &ids, t.from, "SELECT r.id FROM "+t.text+" WHERE {scope} AND r.company = ? AND "+t.stands+" ORDER BY "+t.newest+" DESC, r.id DESC"+s.Limit(MaxTried), s.Actor.Company)
		if err != nil {
			return Trial{}, err
		}
		one := &ready{Rule: Rule{Noun: noun}, plan: judged.plan, env: judged.env}
		if judged.plan.When != "" {
			if one.when, err = judged.env.Parse(judged.plan.When); err != nil {
				return Trial{}, err
			}
		}
		return w.try(ctx, s, one, ids)
	})
}

func (w *Workflows) try(ctx context.Context, s *store.Session, one *ready, ids []RecordID) (Trial, error) {
	out := Trial{Looked: len(ids)}
	at := w.config.Terms.At(s)
	if one.plan.Trigger.Daily() {
		c, err := one.daily(civil.In(s.Now, w.config.Locales(s.Actor.Company).Location()), at)
		if err != nil {
			return out, err
		}
		one.when = c
	}
	var shown []RecordID
	for part := range slices.Chunk(ids, rule.Chunk) {
		part, err := one.happened(ctx, s, part)
		if err == nil && len(part) > 0 {
			part, err = w.pick(ctx, s, one, part)
		}
		if err != nil {
			return out, err
		}
		out.Matched += len(part)
		shown = append(shown, part[:min(len(part), shownTried-len(shown))]...)
	}
	found, err := records(ctx, s, one.Noun, shown)
	for _, id := range shown {
		if r, there := found[id]; there {
			out.Rows = append(out.Rows, r)
		}
	}
	return out, err
}

// happened are those of the records to which one of the rule's events happened, as far as events are kept. Events of
// other nouns are not asked for: only their payloads say whom they concern.
func (r *ready) happened(ctx context.Context, s *store.Session, ids []RecordID) ([]RecordID, error) {
	t := r.plan.Trigger
	var kinds []any
	for _, k := range t.Events {
		if family, _, _ := strings.Cut(k, "."); family != string(r.Noun) || k == "lead.imported" || k == "opportunity.commented" {
			return ids, nil
		}
		kinds = append(kinds, k)
	}
	if len(kinds) == 0 {
		return ids, nil
	}
	args := make([]any, 0, len(ids)+len(kinds))
	for _, id := range ids {
		args = append(args, id)
	}
	var found []RecordID
	err := s.Query(ctx, &found, store.From[event.Event]("e"), "SELECT DISTINCT e.record_id FROM crm_event AS e WHERE {scope} AND e.record_id IN ("+store.In(len(ids))+") AND e.kind IN ("+store.In(len(kinds))+")", append(args, kinds...)...)
	return slices.DeleteFunc(slices.Clone(ids), func(id RecordID) bool { return !slices.Contains(found, id) }), err
}
