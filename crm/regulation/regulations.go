package regulation

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
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

// Regulations keeps the regulations of all companies. It is safe for many goroutines.
type Regulations struct {
	db     *store.DB
	config Config
}

// New makes a Regulations on a database.
func New(db *store.DB, c Config) *Regulations { return &Regulations{db: db, config: c} }

// In gives a view that works inside an open session.
func (r *Regulations) In(s *store.Session) *Regulations {
	return &Regulations{db: s.Inside(), config: r.config}
}

const kind = "regulation"

// Document is a company's plan with its version.
type Document struct {
	// Version is 0 where nobody has decided yet; [Regulations.Save] wants the one that was read.
	Version int64     `json:"version"`
	Plan    Plan      `json:"plan"`
	SavedAt time.Time `json:"saved_at,omitzero"`
	SavedBy string    `json:"saved_by,omitempty"`
}

func document(d policy.Document[Plan]) Document {
	return Document{Version: d.Version, Plan: d.Body, SavedAt: d.PublishedAt, SavedBy: d.PublishedBy}
}

// Plan reads the company's regulations; whoever acts may.
func (r *Regulations) Plan(ctx context.Context) (Document, error) {
	var out Document
	err := r.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		d, err := policy.Read[Plan](ctx, s, kind)
		out = document(d)
		return err
	})
	return out, err
}

// Save makes a plan hold from now on: what begins later goes by it, and a regulation whose steps are others than before
// begins anew. Passages that are open keep their limit, unless their regulation is gone; those are dropped. version is
// the one that was read; another one is fault.Conflict. It needs actor.Settings.
func (r *Regulations) Save(ctx context.Context, version int64, p Plan) (Document, error) {
	return store.Write(ctx, r.db, actor.Settings, func(ctx context.Context, s *store.Session) (Document, error) {
		stages, err := stagesOf(ctx, s)
		if err != nil {
			return Document{}, err
		}
		p.Regulations = slices.Clone(p.Regulations)
		if err := p.check(stages).Err("the regulations cannot be saved"); err != nil {
			return Document{}, err
		}
		was, err := policy.Read[Plan](ctx, s, kind)
		if err != nil {
			return Document{}, err
		}
		if was.Version != version && (was.Version == 0 || version == 0) {
			return Document{}, fault.New(fault.Conflict, "the regulations are not the ones you read; look at them again")
		}
		earlier, err := policy.States[Plan](ctx, s, kind)
		if err != nil {
			return Document{}, err
		}
		for i := range p.Regulations {
			p.Regulations[i].begin(s, earlier)
		}
		for _, old := range was.Body.Regulations {
			if slices.ContainsFunc(p.Regulations, func(o Regulation) bool { return o.ID == old.ID }) {
				continue
			}
			if _, err := s.Exec(ctx, store.From[clock.Clock]("crm_clock"), "UPDATE crm_clock SET state = ?, stopped_at = ?, next_at = NULL, version = version + 1 WHERE {scope} AND part_id = ? AND state = ?", clock.Dropped, s.Now, old.ID, clock.Running); err != nil {
				return Document{}, err
			}
		}
		was.Version = version
		d, err := policy.Publish(ctx, s, was, p)
		return document(d), err
	})
}

// begin gives a regulation its id and the time from which on it counts: those it had in an earlier version, if it counted
// the same then.
func (r *Regulation) begin(s *store.Session, earlier []policy.State[Plan]) {
	for _, state := range earlier {
		for _, old := range state.Body.Regulations {
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

// Versions gives the plans that held before, the newest first, at most the last hundred. It needs actor.Settings.
func (r *Regulations) Versions(ctx context.Context) ([]policy.State[Plan], error) {
	return store.Read(ctx, r.db, actor.Settings, func(ctx context.Context, s *store.Session) ([]policy.State[Plan], error) {
		return policy.States[Plan](ctx, s, kind)
	})
}
