package scoring

import (
	"context"
	"sync"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Scores keeps the scores of all companies, by a model that each keeps: reading it needs actor.LeadRead, and once one is
// published the background counts all leads again. It is safe for many goroutines.
//
// What the company decides is read and changed by Plan, SaveDraft, Discard, Publish and Versions of [policy.Keeper].
type Scores struct {
	policy.Keeper[Model]

	db    *store.DB
	terms *leadrule.Terms
	swept *sweeps
}

// New makes a Scores on a database.
func New(db *store.DB, terms *leadrule.Terms) *Scores {
	return (&Scores{terms: terms, swept: &sweeps{at: map[string]sweep{}}}).On(db)
}

// On gives the same scores on another view of the database.
func (c *Scores) On(db *store.DB) *Scores {
	out := &Scores{db: db, terms: c.terms, swept: c.swept}
	out.Keeper = policy.Keep(db, models, policy.Terms[Model]{Check: out.faults})
	return out
}

// In gives a view that works inside an open session.
func (c *Scores) In(s *store.Session) *Scores { return c.On(s.Inside()) }

// sweeps remember how far this process has looked for leads that were never counted, by company.
type sweeps struct {
	sync.Mutex

	at map[string]sweep
}

type sweep struct {
	after string
	done  bool
}

// Document is a company's model with its draft.
type Document = policy.Document[Model]

var models = policy.Kind[Model]{Name: "scoring", Noun: "the model", Reads: actor.LeadRead}

// Environment gives what conditions of rules can speak of, for forms.
func (c *Scores) Environment(ctx context.Context) (*rule.Environment, error) {
	return store.Read(ctx, c.db, actor.LeadRead, c.terms.Environment)
}

func (c *Scores) faults(ctx context.Context, s *store.Session, m *Model) (fault.List, error) {
	env, err := c.terms.Environment(ctx, s)
	if err != nil {
		return nil, err
	}
	return m.check(env, s.Actor), nil
}

// Card is a lead's score as people see it.
type Card struct {
	Score Score `json:"score"`
	// Action is what the band says to do next.
	Action string `json:"action"`
	// History are the last changes, the newest first, at most [store.DefaultLimit].
	History []Change `json:"history"`
}

// Of gives the score of a lead that the actor sees, with how it came to be; fault.NotFound where there is none yet.
func (c *Scores) Of(ctx context.Context, id lead.ID) (Card, error) {
	return store.Read(ctx, c.db, actor.LeadRead, func(ctx context.Context, s *store.Session) (Card, error) {
		var out Card
		var l lead.Lead
		if err := s.Get(ctx, &l, id); err != nil {
			return out, err
		}
		var rows []Score
		if err := s.Select(&rows).Where("score.lead_id = ?", id).Scan(ctx); err != nil {
			return out, err
		}
		if len(rows) == 0 || rows[0].ModelVersion == 0 {
			return out, fault.New(fault.NotFound, "the lead has no score yet")
		}
		out.Score = rows[0]
		d, err := models.Read(ctx, s)
		if err != nil {
			return out, err
		}
		out.Action = d.Plan.Band(out.Score.Score).Action
		err = s.Select(&out.History).Where("score_history.lead_id = ?", id).OrderExpr("score_history.at DESC, score_history.id DESC").Limit(store.DefaultLimit).Scan(ctx)
		return out, err
	})
}
