package scoring

import (
	"context"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Scores keeps the scores of all companies. It is safe for many goroutines.
type Scores struct {
	db    *store.DB
	terms *leadrule.Terms
	swept *sweeps
}

// New makes a Scores on a database.
func New(db *store.DB, terms *leadrule.Terms) *Scores {
	return &Scores{db: db, terms: terms, swept: &sweeps{at: map[string]sweep{}}}
}

// On gives the same scores on another view of the database.
func (c *Scores) On(db *store.DB) *Scores { return &Scores{db: db, terms: c.terms, swept: c.swept} }

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

const kind = "scoring"

// Document is a company's model with its version, and its draft.
type Document struct {
	// Version is 0 where there is neither; changes want the one that was read.
	Version int64 `json:"version"`
	// Published says that Model holds.
	Published bool      `json:"published"`
	Model     Model     `json:"model"`
	Draft     *Model    `json:"draft,omitempty"`
	SavedAt   time.Time `json:"saved_at,omitzero"`
	SavedBy   string    `json:"saved_by,omitempty"`
}

func document(d policy.Document[Model]) Document {
	return Document{Version: d.Version, Published: d.Published, Model: d.Body, Draft: d.Draft, SavedAt: d.PublishedAt, SavedBy: d.PublishedBy}
}

// Model reads the company's model. It needs actor.LeadRead.
func (c *Scores) Model(ctx context.Context) (Document, error) {
	return store.Read(ctx, c.db, actor.LeadRead, func(ctx context.Context, s *store.Session) (Document, error) {
		d, err := policy.Read[Model](ctx, s, kind)
		return document(d), err
	})
}

// Environment gives what conditions of rules can speak of, for forms.
func (c *Scores) Environment(ctx context.Context) (*rule.Environment, error) {
	return store.Read(ctx, c.db, actor.LeadRead, c.terms.Environment)
}

// SaveDraft keeps a model beside the one that holds. Conditions that name what is gone may stay in it until it is
// published, so that one rule after the other can be mended. It needs actor.Settings.
func (c *Scores) SaveDraft(ctx context.Context, version int64, m Model) (Document, error) {
	return c.write(ctx, version, func(ctx context.Context, s *store.Session, was policy.Document[Model]) (policy.Document[Model], error) {
		faults, err := c.faults(ctx, s, &m)
		if err != nil {
			return was, err
		}
		if !leadrule.Keeps(faults) {
			return was, faults.Err("the model cannot be kept")
		}
		return policy.Draft(ctx, s, was, m)
	})
}

// Discard takes the draft away. It needs actor.Settings.
func (c *Scores) Discard(ctx context.Context, version int64) (Document, error) {
	return c.write(ctx, version, policy.Discard[Model])
}

// Publish makes a model hold; the background then counts all leads again. It needs actor.Settings.
func (c *Scores) Publish(ctx context.Context, version int64, m Model) (Document, error) {
	return c.write(ctx, version, func(ctx context.Context, s *store.Session, was policy.Document[Model]) (policy.Document[Model], error) {
		faults, err := c.faults(ctx, s, &m)
		if err != nil {
			return was, err
		}
		if err := faults.Err("the model cannot be used"); err != nil {
			return was, err
		}
		s.Wake()
		return policy.Publish(ctx, s, was, m)
	})
}

func (c *Scores) faults(ctx context.Context, s *store.Session, m *Model) (fault.List, error) {
	env, err := c.terms.Environment(ctx, s)
	if err != nil {
		return nil, err
	}
	return m.check(env, s.Actor), nil
}

func (c *Scores) write(ctx context.Context, version int64, how func(context.Context, *store.Session, policy.Document[Model]) (policy.Document[Model], error)) (Document, error) {
	return store.Write(ctx, c.db, actor.Settings, func(ctx context.Context, s *store.Session) (Document, error) {
		was, err := policy.Read[Model](ctx, s, kind)
		if err != nil {
			return Document{}, err
		}
		if was.Version != version && (was.Version == 0 || version == 0) {
			return Document{}, fault.New(fault.Conflict, "the model is not the one you read; look at it again")
		}
		was.Version = version
		d, err := how(ctx, s, was)
		return document(d), err
	})
}

// Versions gives the models that held before, the newest first, at most the last hundred. It needs actor.Settings.
func (c *Scores) Versions(ctx context.Context) ([]policy.State[Model], error) {
	return store.Read(ctx, c.db, actor.Settings, func(ctx context.Context, s *store.Session) ([]policy.State[Model], error) {
		return policy.States[Model](ctx, s, kind)
	})
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
		d, err := policy.Read[Model](ctx, s, kind)
		if err != nil {
			return out, err
		}
		out.Action = d.Body.Band(out.Score.Score).Action
		err = s.Select(&out.History).Where("score_history.lead_id = ?", id).OrderExpr("score_history.at DESC, score_history.id DESC").Limit(store.DefaultLimit).Scan(ctx)
		return out, err
	})
}
