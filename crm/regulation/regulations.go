package regulation

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/store"
)

// Config is what the package is told by its surroundings; all of it is needed.
type Config struct {
	Calendars *calendar.Calendars
	Parties   *party.Parties
}

// Regulations keeps the regulations of all companies, by a plan that each keeps. Once one is published, what begins later
// goes by it, and a regulation whose steps are others than before begins anew. Passages that are open keep their limit,
// unless their regulation is gone; those are dropped. It is safe for many goroutines.
//
// What the company decides is read and changed by Plan, SaveDraft, Discard, Publish and Versions of [policy.Keeper].
type Regulations struct {
	policy.Keeper[Plan]

	db     *store.DB
	config Config
}

// New makes a Regulations on a database.
func New(db *store.DB, c Config) *Regulations {
	return &Regulations{Keeper: policy.Keep(db, plans, policy.Terms[Plan]{Check: check, Publishing: publishing}), db: db, config: c}
}

// In gives a view that works inside an open session.
func (r *Regulations) In(s *store.Session) *Regulations {
	return New(s.Inside(), r.config)
}

// Document is a company's plan with its draft.
type Document = policy.Document[Plan]

var plans = policy.Kind[Plan]{Name: "regulation", Noun: "the regulations"}

func check(ctx context.Context, s *store.Session, p *Plan) (fault.List, error) {
	stages, err := stagesOf(ctx, s)
	if err != nil {
		return nil, err
	}
	p.Regulations = slices.Clone(p.Regulations)
	return p.check(stages), nil
}

// publishing gives new regulations their beginning, and drops the open passages of those that are gone.
func publishing(ctx context.Context, s *store.Session, was Document, p *Plan) error {
	earlier, err := plans.States(ctx, s)
	if err != nil {
		return err
	}
	for i := range p.Regulations {
		p.Regulations[i].begin(s, earlier)
	}
	for _, old := range was.Plan.Regulations {
		if slices.ContainsFunc(p.Regulations, func(o Regulation) bool { return o.ID == old.ID }) {
			continue
		}
		if _, err := s.Exec(ctx, store.From[clock.Clock]("crm_clock"), "UPDATE crm_clock SET state = ?, stopped_at = ?, next_at = NULL, version = version + 1 WHERE {scope} AND part_id = ? AND state = ?", clock.Dropped, s.Now, old.ID, clock.Running); err != nil {
			return err
		}
	}
	return nil
}

// begin gives a regulation its id and the time from which on it counts: those it had in an earlier version, if it counted
// the same then.
func (r *Regulation) begin(s *store.Session, earlier []policy.State[Plan]) {
	for _, state := range earlier {
		for _, old := range state.Plan.Regulations {
			if old.ID == r.ID && old.same(*r) {
				r.Since = old.Since
				return
			}
		}
	}
	r.ID, r.Since = store.NewKey[Tag](s), s.Now
}

func stagesOf(ctx context.Context, s *store.Session) (map[opportunity.StageID]bool, error) {
	var ids []opportunity.StageID
	err := s.Query(ctx, &ids, store.From[opportunity.Pipeline]("p"), "SELECT st.id FROM crm_pipeline AS p JOIN crm_stage AS st ON st.pipeline_id = p.id WHERE {scope}")
	out := make(map[opportunity.StageID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}
