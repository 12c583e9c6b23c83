package regulation

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

var documents = []string{"document.", "conversion."}

// tells are the events, or the families of them, that tell of a step being made or undone.
var tells = map[Step][]string{
	Captured:  {lead.EventCaptured, lead.EventMerged, lead.EventStatus, lead.EventAssigned, opportunity.EventCreated},
	Answered:  {lead.EventResponded},
	Spoken:    {activity.EventDone, activity.EventPlanned},
	Opened:    {opportunity.EventCreated},
	Entered:   {opportunity.EventCreated, opportunity.EventMoved, opportunity.EventWon, opportunity.EventReopened},
	Quoted:    {quote.EventIssued, quote.EventWithdrawn},
	Sent:      {quote.EventSent},
	Accepted:  {quote.EventAccepted},
	Ordered:   documents,
	Delivered: documents,
	Invoiced:  documents,
	Won:       {opportunity.EventWon, opportunity.EventReopened},
}

// Register adds the handler by which passages follow what happens.
func (r *Regulations) Register(reg *event.Registry) {
	reg.On(event.Handler{Name: "regulation", Kinds: []string{"lead.", "opportunity.", "activity.", "quote.", "document.", "conversion."}, Wanted: wanted, Do: r.follow})
}

// wanted tells whether an event is of a step that the company's regulations speak of, or ends what they began.
func wanted(ctx context.Context, s *store.Session, e event.Event) (bool, error) {
	d, err := plans.Read(ctx, s)
	if err != nil || len(d.Plan.Regulations) == 0 {
		return false, err
	}
	switch e.Kind {
	case opportunity.EventLost, opportunity.EventReopened:
		return true, nil
	case opportunity.EventChanged:
		var p opportunity.Changed
		err := e.Decode(&p)
		return slices.Contains(p.Fields, "owner_user"), err
	}
	tell := func(m Moment) bool {
		return slices.ContainsFunc(tells[m.Step], func(k string) bool { return k == e.Kind || strings.HasSuffix(k, ".") && strings.HasPrefix(e.Kind, k) })
	}
	return slices.ContainsFunc(d.Plan.Regulations, func(r Regulation) bool { return tell(r.From) || tell(r.To) }), nil
}

// follow brings the clocks of whom an event is about to where his moments are.
func (r *Regulations) follow(ctx context.Context, s *store.Session, e event.Event) error {
	d, err := plans.Read(ctx, s)
	if err != nil || len(d.Plan.Regulations) == 0 {
		return err
	}
	id, err := partyOf(ctx, s, e)
	if err != nil || id.IsZero() {
		return err
	}
	c, err := r.customerOf(ctx, s, id)
	if err != nil {
		return ignoreMissing(err)
	}
	cal, err := r.config.Calendars.In(s).Of(ctx, s)
	if err != nil {
		return err
	}
	there, err := c.clocks(ctx, s)
	if err != nil {
		return err
	}
	for _, one := range d.Plan.Regulations {
		if err := c.bring(ctx, s, cal, one, there[one.ID]); err != nil {
			if fault.CodeOf(err) == fault.Conflict || s.Duplicate(err) {
				return fault.Wrap(err, fault.Retryable, "another process looked at the customer meanwhile; repeat the transaction")
			}
			return err
		}
	}
	return nil
}

// partyOf is whom an event is about, zero for nobody.
func partyOf(ctx context.Context, s *store.Session, e event.Event) (party.ID, error) {
	var f struct {
		Party   party.ID `json:"party"`
		PartyID party.ID `json:"party_id"`
	}
	if err := json.Unmarshal([]byte(e.Payload), &f); err != nil {
		return party.ID{}, nil //nolint:nilerr // an event of the host's own form
	}
	switch {
	case !f.Party.IsZero():
		return f.Party, nil
	case !f.PartyID.IsZero() || e.Kind != lead.EventMerged:
		return f.PartyID, nil
	}
	var l lead.Lead
	err := ignoreMissing(s.Get(ctx, &l, e.RecordID))
	return l.PartyID, err
}

// window is how far back moments are looked at where no passage that is open, or ended since, began earlier.
const window = 400 * 24 * time.Hour

// clocks reads the passages of the customer that are open or ended lately, and sets how far back moments are read: a
// passage is only found again with all that was before its end.
func (c *customer) clocks(ctx context.Context, s *store.Session) (map[ID]map[clock.RecordID]clock.Clock, error) {
	c.since = s.Now.Add(-window)
	var rows []clock.Clock
	err := s.Query(ctx, &rows, store.From[clock.Clock]("c"), "SELECT c.* FROM crm_clock AS c WHERE {scope} AND c.party_id IN "+c.in+" AND c.kind = ? AND (c.stopped_at IS NULL OR c.stopped_at >= ?)", append(append([]any(nil), c.family...), clock.Regulation, c.since)...)
	out := map[ID]map[clock.RecordID]clock.Clock{}
	for _, row := range rows {
		if row.StartedAt.Before(c.since) {
			c.since = row.StartedAt
		}
		id := ID(row.PartID)
		if out[id] == nil {
			out[id] = map[clock.RecordID]clock.Clock{}
		}
		out[id][row.Occasion] = row
	}
	return out, err
}

// bring makes the clocks of a regulation what the moments say.
func (c *customer) bring(ctx context.Context, s *store.Session, cal *calendar.Calendar, r Regulation, there map[clock.RecordID]clock.Clock) error {
	from, err := c.moments(ctx, s, r.From)
	if err != nil {
		return err
	}
	from = slices.DeleteFunc(from, func(m moment) bool {
		return m.At.Before(r.Since) || !r.Pipeline.IsZero() && c.deals[m.Opportunity].Pipeline != r.Pipeline
	})
	var to []moment
	if len(from) > 0 {
		if to, err = c.moments(ctx, s, r.To); err != nil {
			return err
		}
	}
	seen := map[clock.RecordID]bool{}
	for _, p := range pair(from, to, c.lost) {
		seen[p.ID] = true
		was, known := there[p.ID]
		next := was
		if !known {
			next = clock.Clock{ID: store.NewKey[clock.Tag](s), Kind: clock.Regulation, PartID: clock.RecordID(r.ID), Occasion: p.ID, RuleName: r.Name}
		}
		p.bring(cal, r, &next, s.Now)
		if known {
			err = s.Save(ctx, &was, &next)
		} else {
			err = s.Insert(ctx, &next)
		}
		if err != nil {
			return err
		}
	}
	for id, was := range there {
		if next := was; !seen[id] && was.State != clock.Dropped { // the step that began it was undone
			next = next.Drop(cal, s.Now)
			if err := s.Save(ctx, &was, &next); err != nil {
				return err
			}
		}
	}
	return nil
}

// stale is how long after a limit nobody is told of it any more: it was passed before anybody looked.
const stale = 24 * time.Hour

// bring makes a clock what a passage says.
func (p passage) bring(cal *calendar.Calendar, r Regulation, c *clock.Clock, now time.Time) {
	if !c.StartedAt.Equal(p.At) {
		r.start(cal, c, p.At)
		if now.Sub(c.DueAt) > stale {
			c.NextAt = time.Time{}
		}
	}
	c.PartyID, c.Noun, c.RecordID = p.Party, p.Noun, p.Record
	if !c.State.Over() {
		c.OwnerUser, c.OwnerTeam = p.Owner.User, p.Owner.Team
	}
	switch {
	case !p.EndedAt.IsZero():
		*c = c.Stop(cal, p.EndedAt)
	case !p.VoidAt.IsZero():
		*c = c.Drop(cal, p.VoidAt)
	case c.State.Over(): // what ended it was undone
		c.State, c.Spent, c.StoppedAt = clock.Running, 0, time.Time{}
		if c.ToldManager == "" && now.Sub(c.DueAt) <= stale {
			c.NextAt = c.DueAt
		}
	}
}

// start begins a clock at an instant.
func (r Regulation) start(cal *calendar.Calendar, c *clock.Clock, at time.Time) {
	c.State, c.StartedAt, c.StoppedAt, c.Spent = clock.Running, at, time.Time{}, 0
	if r.Days > 0 {
		c.DueAt = cal.EndOf(civil.In(at, cal.Zone()), r.Days).UTC()
	} else {
		c.DueAt, _ = cal.Add(at, time.Duration(r.Minutes)*time.Minute)
	}
	c.Limit = int64(cal.Between(at, c.DueAt) / time.Second)
	c.NextAt = c.DueAt
	if r.Remind > 0 {
		c.NextAt, _ = cal.Add(at, time.Duration(c.Limit)*time.Second-time.Duration(r.Remind)*time.Minute)
	}
}

func ignoreMissing(err error) error {
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
