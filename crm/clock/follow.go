package clock

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// Register adds the handlers by which clocks follow their records.
func (c *Clocks) Register(r *event.Registry) {
	r.On(event.Handler{Name: "clock.lead", Do: c.followLead, Kinds: []string{
		lead.EventCaptured, lead.EventAssigned, lead.EventStatus, lead.EventResponded, lead.EventMerged,
	}})
	r.On(event.Handler{Name: "clock.import", Do: c.followImport, Kinds: []string{lead.EventImported}})
	r.On(event.Handler{Name: "clock.stage", Do: c.followOpportunity, Kinds: []string{
		opportunity.EventCreated, opportunity.EventMoved, opportunity.EventChanged, opportunity.EventWon, opportunity.EventLost, opportunity.EventReopened,
	}})
	r.On(event.Handler{Name: "clock.reset", Do: c.reset, Kinds: []string{activity.EventDone}, Wanted: func(_ context.Context, _ *store.Session, e event.Event) (bool, error) {
		var n activity.Notice
		err := e.Decode(&n)
		return !n.Opportunity.IsZero(), err
	}})
}

func (c *Clocks) followLead(ctx context.Context, s *store.Session, e event.Event) error {
	var l lead.Lead
	if err := s.Get(ctx, &l, e.RecordID); err != nil {
		return ignoreMissing(err)
	}
	return c.answer(ctx, s, l, e.At)
}

func (c *Clocks) followImport(ctx context.Context, s *store.Session, e event.Event) error {
	var f lead.ImportedFact
	if err := e.Decode(&f); err != nil {
		return err
	}
	for part := range slices.Chunk(f.Leads, 200) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		var rows []lead.Lead
		err := s.Query(ctx, &rows, store.From[lead.Lead]("l"), "SELECT l.* FROM crm_lead AS l WHERE {scope} AND l.id IN ("+store.In(len(args))+") AND l.owner_user <> ''", args...)
		if err != nil {
			return err
		}
		for _, l := range rows {
			if err := c.answer(ctx, s, l, e.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// current is the clock of a record that has not ended, nil where there is none.
func current(ctx context.Context, s *store.Session, k Kind, id []byte) (*Clock, error) {
	var rows []Clock
	err := s.Select(&rows).Where("clock.record_id = ?", id).Where("clock.kind = ?", k).
		OrderExpr("clock.started_at DESC, clock.id DESC").Limit(5).Scan(ctx)
	for i := range rows {
		if !rows[i].State.Over() {
			return &rows[i], err
		}
	}
	return nil, err
}

// answer brings the clock of a lead to where the lead is; at is when the event happened.
func (c *Clocks) answer(ctx context.Context, s *store.Session, l lead.Lead, at time.Time) error {
	was, err := current(ctx, s, Answer, l.ID.Bytes())
	if err != nil {
		return err
	}
	waits := l.OwnerUser != "" && l.FirstResponseAt.IsZero() && l.Status.Open() && l.MergedInto.IsZero()
	if was == nil && !waits {
		return nil
	}
	cal, err := c.config.Calendars.In(s).Of(ctx, s)
	if err != nil {
		return err
	}
	if was != nil {
		next := *was
		switch {
		case !l.FirstResponseAt.IsZero():
			next = next.Stop(cal, l.FirstResponseAt)
		case !waits:
			next = next.Drop(cal, at)
		case l.OwnerUser != was.OwnerUser:
			next = next.Drop(cal, l.AssignedAt)
		case l.Status == lead.StatusNurturing && was.State == Running:
			next = pause(cal, next, at)
			next.State = Paused
		case l.Status != lead.StatusNurturing && was.State == Paused:
			next = resume(cal, next, at)
		}
		next.OwnerTeam = l.OwnerTeam
		if err := s.Save(ctx, was, &next); err != nil {
			return err
		}
		if !waits || !next.State.Over() {
			return nil
		}
	}
	return c.startAnswer(ctx, s, cal, l)
}

func (c *Clocks) startAnswer(ctx context.Context, s *store.Session, cal *calendar.Calendar, l lead.Lead) error {
	d, err := plans.Read(ctx, s)
	if err != nil {
		return err
	}
	r, err := c.response(ctx, s, d.Plan, l.ID)
	if err != nil || r.Minutes == 0 {
		return err
	}
	start := l.AssignedAt
	if start.IsZero() {
		start = l.ArrivedAt
	}
	next := Clock{
		ID: store.NewKey[Tag](s), Kind: Answer, Noun: nouns[Answer], RecordID: RecordID(l.ID), PartyID: l.PartyID, RuleName: r.Name, State: Running,
		StartedAt: start, Limit: int64(r.Minutes) * 60, OwnerUser: l.OwnerUser, OwnerTeam: l.OwnerTeam,
	}
	next.DueAt, _ = cal.Add(start, time.Duration(r.Minutes)*time.Minute)
	if next.NextAt, next.Level = next.DueAt, ownerTold; r.Remind > 0 {
		next.Level = nobodyTold
		next.NextAt, _ = cal.Add(start, time.Duration(r.Minutes-r.Remind)*time.Minute)
	}
	next.Occasion = RecordID(next.ID)
	if l.Status == lead.StatusNurturing {
		next = pause(cal, next, start)
		next.State = Paused
	}
	return s.Insert(ctx, &next)
}

func (c *Clocks) followOpportunity(ctx context.Context, s *store.Session, e event.Event) error {
	var o opportunity.Opportunity
	if err := s.Get(ctx, &o, e.RecordID); err != nil {
		return ignoreMissing(err)
	}
	was, err := current(ctx, s, Stage, o.ID.Bytes())
	if err != nil {
		return err
	}
	cal, err := c.config.Calendars.In(s).Of(ctx, s)
	if err != nil {
		return err
	}
	here := was != nil && was.PartID == RecordID(o.StageID) && !was.StartedAt.Before(o.StageSince)
	if was != nil {
		next := *was
		if !here {
			next = next.Stop(cal, o.StageSince)
		}
		next.OwnerUser, next.OwnerTeam = o.OwnerUser, o.OwnerTeam
		if err := s.Save(ctx, was, &next); err != nil {
			return err
		}
	}
	if here || o.State != opportunity.Open {
		return nil
	}
	return startStage(ctx, s, cal, o, o.StageSince)
}

func startStage(ctx context.Context, s *store.Session, cal *calendar.Calendar, o opportunity.Opportunity, start time.Time) error {
	var st opportunity.Stage
	if err := s.Get(ctx, &st, o.StageID); err != nil || st.LimitHours == 0 {
		return ignoreMissing(err)
	}
	next := Clock{
		ID: store.NewKey[Tag](s), Kind: Stage, Noun: nouns[Stage], RecordID: RecordID(o.ID), PartID: RecordID(o.StageID), PartyID: o.PartyID, RuleName: st.Name, State: Running,
		StartedAt: start, Limit: int64(st.LimitHours) * 3600, OwnerUser: o.OwnerUser, OwnerTeam: o.OwnerTeam,
	}
	next.DueAt, _ = cal.Add(start, time.Duration(st.LimitHours)*time.Hour)
	next.NextAt, next.Occasion = next.DueAt, RecordID(next.ID)
	return s.Insert(ctx, &next)
}

// reset starts the clock of a stage anew where the plan says that what was done does so.
func (c *Clocks) reset(ctx context.Context, s *store.Session, e event.Event) error {
	var n activity.Notice
	if err := e.Decode(&n); err != nil {
		return err
	}
	d, err := plans.Read(ctx, s)
	if err != nil {
		return err
	}
	if !slices.Contains(d.Plan.Stages.Reset, OnActivity) && (!n.Contact || !slices.Contains(d.Plan.Stages.Reset, OnContact)) {
		return nil
	}
	was, err := current(ctx, s, Stage, n.Opportunity.Bytes())
	if err != nil || was == nil || !n.At.After(was.StartedAt) {
		return err
	}
	cal, err := c.config.Calendars.In(s).Of(ctx, s)
	if err != nil {
		return err
	}
	next := *was
	next.StartedAt, next.Level, next.ToldOwner, next.ToldManager = n.At, nobodyTold, "", ""
	next.Spent = 0
	next.DueAt, _ = cal.Add(n.At, time.Duration(next.Limit)*time.Second)
	next.NextAt = next.DueAt
	if was.State != Running { // it stands still, with all of its limit left
		next.DueAt, next.NextAt = time.Time{}, next.PausedAt.Add(time.Duration(next.Limit)*time.Second)
	}
	return s.Save(ctx, was, &next)
}
