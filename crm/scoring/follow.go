package scoring

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Register adds the handlers by which scores follow what happens.
func (c *Scores) Register(r *event.Registry) {
	r.On(event.Handler{Name: "scoring.lead", Wanted: modelled, Do: c.followLead, Kinds: []string{
		lead.EventCaptured, lead.EventReturned, lead.EventChanged, lead.EventStatus, lead.EventAssigned, lead.EventResponded, lead.EventMerged,
	}})
	r.On(event.Handler{Name: "scoring.import", Wanted: modelled, Do: c.followImport, Kinds: []string{lead.EventImported}})
	r.On(event.Handler{Name: "scoring.party", Wanted: modelled, Do: c.followParty, Kinds: []string{
		activity.EventDone, activity.EventPlanned, activity.EventCancelled, opportunity.EventCreated, opportunity.EventWon, opportunity.EventLost, "quote.",
	}})
}

// modelled spares companies without a model the handlers' transactions.
func modelled(ctx context.Context, s *store.Session, _ event.Event) (bool, error) {
	d, err := models.Read(ctx, s)
	return d.Published, err
}

func (c *Scores) followLead(ctx context.Context, s *store.Session, e event.Event) error {
	id, err := leadID(e.RecordID)
	if err != nil {
		return err
	}
	return c.recount(ctx, s, []lead.ID{id})
}

func leadID(b []byte) (lead.ID, error) {
	var id lead.ID
	return id, id.Scan(b)
}

// followImport notes leads to be counted by the background, which takes them a few at a time.
func (c *Scores) followImport(ctx context.Context, s *store.Session, e event.Event) error {
	var f lead.ImportedFact
	if err := e.Decode(&f); err != nil {
		return err
	}
	if err := c.due(ctx, s, f.Returned); err != nil || len(f.Leads) == 0 {
		return err
	}
	known, err := scored(ctx, s, f.Leads)
	if err != nil {
		return err
	}
	var fresh []Score
	for _, id := range f.Leads {
		if _, there := known[id]; !there {
			fresh = append(fresh, Score{LeadID: id, ScoredAt: s.Now, NextAt: s.Now})
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	s.Wake()
	return s.InsertMany(ctx, &fresh)
}

// due has leads counted again by the background.
func (c *Scores) due(ctx context.Context, s *store.Session, ids []lead.ID) error {
	for part := range slices.Chunk(ids, rule.Chunk) {
		args := []any{s.Now}
		for _, id := range part {
			args = append(args, id)
		}
		if _, err := s.Exec(ctx, store.From[Score](""), "UPDATE crm_score SET next_at = ? WHERE {scope} AND lead_id IN ("+store.In(len(part))+")", args...); err != nil {
			return err
		}
	}
	return nil
}

// partyOf is where payloads of events that are about a person or company name it.
type partyOf struct {
	Party   party.ID `json:"party"`
	PartyID party.ID `json:"party_id"`
}

// mostLeads is how many leads of one person are counted at once; a list that was imported ten times has more.
const mostLeads = 50

func (c *Scores) followParty(ctx context.Context, s *store.Session, e event.Event) error {
	var p partyOf
	if err := e.Decode(&p); err != nil {
		return err
	}
	id := p.Party
	if id.IsZero() {
		id = p.PartyID
	}
	if id.IsZero() {
		return nil
	}
	var leads []lead.ID
	err := s.Query(ctx, &leads, store.From[lead.Lead]("l"), "SELECT l.id FROM crm_lead AS l WHERE {scope} AND l.party_id = ? AND l.status NOT IN (?, ?) AND l.merged_into IS NULL ORDER BY l.id"+s.Limit(mostLeads), id, lead.StatusConverted, lead.StatusDisqualified)
	if err != nil || len(leads) == 0 {
		return err
	}
	return c.recount(ctx, s, leads)
}

func scored(ctx context.Context, s *store.Session, ids []lead.ID) (map[lead.ID]Score, error) {
	out := make(map[lead.ID]Score, len(ids))
	for part := range slices.Chunk(ids, rule.Chunk) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		var rows []Score
		if err := s.Query(ctx, &rows, store.From[Score]("sc"), "SELECT sc.* FROM crm_score AS sc WHERE {scope} AND sc.lead_id IN ("+store.In(len(part))+")", args...); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.LeadID] = r
		}
	}
	return out, nil
}

// subjectOf is what a count needs to know of a lead beside its values.
type subjectOf struct {
	ID          lead.ID     `bun:"id"`
	Score       int         `bun:"score"`
	Status      lead.Status `bun:"status"`
	UpdatedAt   time.Time   `bun:"updated_at"`
	ConvertedAt time.Time   `bun:"converted_at"`
}

// until is the instant a lead is counted at: now, or for one that is closed when it was.
func (l subjectOf) until(now time.Time) time.Time {
	switch {
	case l.Status.Open():
		return now
	case !l.ConvertedAt.IsZero():
		return l.ConvertedAt
	}
	return l.UpdatedAt
}

// recount counts leads, at most [rule.Chunk], and writes what differs. It holds their rows first, so that what it
// reads cannot be older than what another count has written.
func (c *Scores) recount(ctx context.Context, s *store.Session, ids []lead.ID) error {
	d, err := models.Read(ctx, s)
	if err != nil || !d.Published {
		return err
	}
	counter, err := c.counter(ctx, s, d.Plan)
	if err != nil {
		return err
	}
	return c.recountWith(ctx, s, ids, published{d.Version, counter})
}

func (c *Scores) counter(ctx context.Context, s *store.Session, m Model) (*counter, error) {
	env, err := c.terms.Environment(ctx, s)
	if err != nil {
		return nil, err
	}
	return ready(m, env)
}

type published struct {
	version int64
	counter *counter
}

func (c *Scores) recountWith(ctx context.Context, s *store.Session, ids []lead.ID, by published) error {
	args := make([]any, len(ids))
	keys := make([][16]byte, len(ids))
	for i, id := range ids {
		args[i], keys[i] = id, id
	}
	if _, err := s.Exec(ctx, store.From[Score](""), "UPDATE crm_score SET revision = revision + 1 WHERE {scope} AND lead_id IN ("+store.In(len(args))+")", args...); err != nil {
		return err
	}
	known, err := scored(ctx, s, ids)
	if err != nil {
		return err
	}
	var leads []subjectOf
	err = s.Query(ctx, &leads, store.From[lead.Lead]("l"), "SELECT l.id, l.score, l.status, l.updated_at, l.converted_at FROM crm_lead AS l WHERE {scope} AND l.id IN ("+store.In(len(args))+") AND l.merged_into IS NULL", args...)
	if err != nil {
		return err
	}
	values, err := by.counter.all.Load(ctx, s, c.terms.At(s), keys)
	if err != nil {
		return err
	}
	var w writing
	for _, l := range leads {
		v, seen := values[l.ID]
		if !seen {
			continue
		}
		at := c.terms.At(s)
		at.Now = l.until(s.Now)
		got, err := by.counter.count(at, v)
		if err != nil {
			return fmt.Errorf("scoring lead %s: %w", l.ID, err)
		}
		if !l.Status.Open() {
			got.next = time.Time{}
		}
		next := Score{
			LeadID: l.ID, Score: got.score, Band: by.counter.model.Band(got.score).Name, Detail: got.detail, ModelVersion: by.version, ScoredAt: at.Now, NextAt: got.next,
		}
		was, there := known[l.ID]
		if err := w.note(ctx, s, change{l, was, next, there}); err != nil {
			return err
		}
	}
	return w.flush(ctx, s)
}

// writing gathers new rows.
type writing struct {
	scores  []Score
	changes []Change
}

type change struct {
	lead      subjectOf
	was, next Score
	known     bool
}

func (w *writing) note(ctx context.Context, s *store.Session, c change) error {
	if c.known {
		_, err := s.Exec(ctx, store.From[Score](""), "UPDATE crm_score SET score = ?, band = ?, detail = ?, model_version = ?, scored_at = ?, next_at = ? WHERE {scope} AND lead_id = ?",
			c.next.Score, c.next.Band, mustText(c.next.Detail), c.next.ModelVersion, c.next.ScoredAt, c.next.NextAt, c.next.LeadID)
		if err != nil {
			return err
		}
	} else {
		w.scores = append(w.scores, c.next)
	}
	if c.was.Score != c.next.Score || !c.known || c.was.ModelVersion == 0 {
		w.changes = append(w.changes, Change{
			ID: store.NewKey[HistoryTag](s), LeadID: c.next.LeadID, At: s.Now, Old: c.was.Score, New: c.next.Score, ModelVersion: c.next.ModelVersion, Detail: c.next.Detail,
		})
	}
	if c.lead.Score == c.next.Score {
		return nil
	}
	// The lead's version stays: nobody changed it, and nobody's form grows stale by it.
	_, err := s.Exec(ctx, store.From[lead.Lead](""), "UPDATE crm_lead SET score = ? WHERE {scope} AND id = ?", c.next.Score, c.next.LeadID)
	return err
}

func mustText(d Detail) string {
	v, _ := d.Value() // numbers and texts
	return fmt.Sprint(v)
}

func (w *writing) flush(ctx context.Context, s *store.Session) error {
	if len(w.scores) > 0 {
		err := s.InsertMany(ctx, &w.scores)
		if err != nil && s.Duplicate(err) {
			return fault.Wrap(err, fault.Retryable, "the lead is just being counted for the first time")
		}
		if err != nil {
			return err
		}
	}
	if len(w.changes) == 0 {
		return nil
	}
	return s.InsertMany(ctx, &w.changes)
}

// Count counts one lead in the session of who has just written it, for rules that go by its points at once. The session
// must see all of its company. Where no model is published it does nothing.
func (c *Scores) Count(ctx context.Context, s *store.Session, id lead.ID) error {
	return c.recount(ctx, s, []lead.ID{id})
}

// Recount counts one lead now. It needs actor.LeadRead and that the actor sees the lead.
func (c *Scores) Recount(ctx context.Context, id lead.ID) (Card, error) {
	_, err := store.Write(ctx, c.db, actor.LeadRead, func(ctx context.Context, s *store.Session) (none struct{}, err error) {
		var l lead.Lead
		if err := s.Get(ctx, &l, id); err != nil {
			return none, err
		}
		was := s.Actor
		s.Actor.See, s.Actor.Group = actor.All, nil
		defer func() { s.Actor = was }()
		return none, c.recount(ctx, s, []lead.ID{id})
	})
	if err != nil {
		return Card{}, err
	}
	return c.Of(ctx, id)
}

const (
	// chunk is how many leads one transaction counts: fewer than a clerk would wait for.
	chunk = 50
	// look is how many leads one look for work finds and one call does.
	look = 500
)

// Work counts what time, an import or a new model has changed among the leads of the actor's company, some hundreds at
// a time, and reports how many: while there are any, there may be more. It is background work; several processes may do it
// at once.
func (c *Scores) Work(ctx context.Context) (done int, err error) {
	var by published
	var now time.Time
	var company string
	err = c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if s.Actor.Kind != actor.KindSystem {
			return fault.New(fault.Forbidden, "only background work counts all leads")
		}
		d, err := models.Read(ctx, s)
		if err != nil || !d.Published {
			return err
		}
		by.version, now, company = d.Version, s.Now, s.Actor.Company
		by.counter, err = c.counter(ctx, s, d.Plan)
		return err
	})
	if err != nil || by.counter == nil {
		return 0, err
	}
	ids, err := c.waiting(ctx, company, by.version, now)
	if err != nil {
		return 0, err
	}
	for part := range slices.Chunk(ids, chunk) {
		err := c.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error { return c.recountWith(ctx, s, part, by) })
		if err != nil {
			return done, err
		}
		done += len(part)
	}
	return done, nil
}

// waiting finds leads to be counted: those whose time has come, those of an older model, those that were never counted.
func (c *Scores) waiting(ctx context.Context, company string, version int64, now time.Time) ([]lead.ID, error) {
	var ids []lead.ID
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		from := store.From[Score]("sc")
		err := s.Query(ctx, &ids, from, "SELECT sc.lead_id FROM crm_score AS sc WHERE {scope} AND sc.company = ? AND sc.next_at <= ? ORDER BY sc.next_at, sc.lead_id"+s.Limit(look), company, now)
		if err != nil || len(ids) > 0 {
			return err
		}
		err = s.Query(ctx, &ids, from, "SELECT sc.lead_id FROM crm_score AS sc WHERE {scope} AND sc.company = ? AND sc.model_version < ? ORDER BY sc.model_version, sc.lead_id"+s.Limit(look), company, version)
		if err != nil || len(ids) > 0 {
			return err
		}
		ids, err = c.never(ctx, s)
		return err
	})
	return ids, err
}

// never looks on for leads that were never counted. Those that come now are counted by their events, so each process
// looks through all of them once.
func (c *Scores) never(ctx context.Context, s *store.Session) ([]lead.ID, error) {
	c.swept.Lock()
	at := c.swept.at[s.Actor.Company]
	c.swept.Unlock()
	var ids []lead.ID
	for !at.done && len(ids) == 0 {
		var rows []struct {
			ID    lead.ID   `bun:"id"`
			At    time.Time `bun:"arrived_at"`
			Count int64     `bun:"counted"`
		}
		next, err := s.PagedSQL(store.Order{Column: "l.arrived_at", ID: "l.id", Desc: true}, store.Page{After: at.after, Limit: look})
		if err != nil {
			return nil, err
		}
		err = s.Query(ctx, &rows, store.From[lead.Lead]("l"), "SELECT l.id, l.arrived_at, (SELECT COUNT(*) FROM crm_score AS sc WHERE sc.lead_id = l.id) AS counted FROM crm_lead AS l WHERE {scope} AND l.company = ? AND l.merged_into IS NULL"+strings.TrimRight(next.SQL, " "), append([]any{s.Actor.Company}, next.Args...)...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Count == 0 {
				ids = append(ids, r.ID)
			}
		}
		if at.done = len(rows) < look; !at.done {
			at.after = store.Cursor(rows[len(rows)-1].At, rows[len(rows)-1].ID)
		}
	}
	c.swept.Lock()
	c.swept.at[s.Actor.Company] = at
	c.swept.Unlock()
	return ids, nil
}
