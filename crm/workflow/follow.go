package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/store"
)

// Register adds the handler that sets rules off.
func (w *Workflows) Register(r *event.Registry) {
	r.On(event.Handler{Name: "workflow", Kinds: []string{"lead.", "opportunity.", "quote.", "activity.", "clock.", "mail.", "document.", "customer.", "party."}, Wanted: w.wanted, Do: w.follow})
}

// wanted tells whether an event sets anything off, so that most events cost one small question.
func (w *Workflows) wanted(ctx context.Context, s *store.Session, e event.Event) (bool, error) {
	runs, err := w.setOff(ctx, s, e)
	return len(runs) > 0, err
}

// follow writes the runs that an event sets off.
func (w *Workflows) follow(ctx context.Context, s *store.Session, e event.Event) error {
	runs, err := w.setOff(ctx, s, e)
	if err != nil || len(runs) == 0 {
		return err
	}
	return add(ctx, s, runs)
}

// add writes the runs that are not there yet. Rows are looked for first, because on SQL Server the violation of a key
// can end the transaction; who is faster in between makes this one be tried again.
func add(ctx context.Context, s *store.Session, runs []Run) error {
	for part := range slices.Chunk(runs, 200) {
		args := make([]any, len(part))
		for i, r := range part {
			args[i] = r.Occasion
		}
		var there []Run
		err := s.Query(ctx, &there, store.From[Run]("r"), "SELECT r.workflow_id, r.occasion FROM crm_workflow_run AS r WHERE {scope} AND r.occasion IN ("+store.In(len(args))+") AND r.workflow_id IN ("+store.In(len(args))+")",
			slices.Concat(args, keysOf(part))...)
		if err != nil {
			return err
		}
		part = slices.DeleteFunc(slices.Clone(part), func(r Run) bool {
			return slices.ContainsFunc(there, func(t Run) bool { return t.WorkflowID == r.WorkflowID && string(t.Occasion) == string(r.Occasion) })
		})
		if len(part) > 0 {
			if err := s.InsertQuiet(ctx, &part); err != nil {
				return err
			}
		}
	}
	s.Wake()
	return nil
}

func keysOf(runs []Run) []any {
	out := make([]any, len(runs))
	for i, r := range runs {
		out[i] = r.WorkflowID
	}
	return out
}

// setOff are the runs that an event sets off now, in the order of the rules.
func (w *Workflows) setOff(ctx context.Context, s *store.Session, e event.Event) ([]Run, error) {
	all, err := w.live(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []Run
	var cal *calendar.Calendar
	for _, one := range all {
		concerned, err := one.concerns(ctx, s, e)
		if err != nil {
			return nil, err
		}
		t := one.plan.Trigger
		if t.Kind != After && len(concerned) > 0 { // one that waits asks when its time has come
			if concerned, err = w.pick(ctx, s, one, concerned); err != nil {
				return nil, err
			}
		}
		if len(concerned) == 0 {
			continue
		}
		planned := e.At
		if t.Kind == After {
			if cal == nil {
				if cal, err = w.config.Calendars.In(s).Of(ctx, s); err != nil {
					return nil, err
				}
			}
			planned = due(cal, e.At, t.Count, t.Unit)
		}
		for _, id := range concerned {
			key := occasion(e.ID.Bytes(), id[:])
			if t.Kind == OnChange { // several events can tell of one change
				key = occasion(e.RecordID, []byte{byte(e.RecordVersion >> 24), byte(e.RecordVersion >> 16), byte(e.RecordVersion >> 8), byte(e.RecordVersion)}, id[:])
			}
			out = append(out, one.run(s, id, Run{Occasion: key, Depth: e.Depth, Since: e.At, PlannedAt: planned, Why: Why{Event: e.Kind, By: e.ByUser}}))
		}
	}
	return out, nil
}

func (r *ready) run(s *store.Session, id RecordID, run Run) Run {
	run.ID, run.WorkflowID, run.Number, run.Noun, run.RecordID = store.NewKey[RunTag](s), r.ID, r.Live, r.Noun, id
	run.State, run.DueAt, run.PlannedAt = store.StateNew, store.UTC(run.PlannedAt), store.UTC(run.PlannedAt)
	return run
}

// pick are those of the records for which the rule's condition holds now. A condition that cannot be asked any more, or
// that looks at too much of a record (rule.MaxSteps), lets them through: the run says what is wrong.
func (w *Workflows) pick(ctx context.Context, s *store.Session, one *ready, ids []RecordID) ([]RecordID, error) {
	if one.when == nil {
		return ids, nil
	}
	keys := make([][16]byte, len(ids))
	for i, id := range ids {
		keys[i] = id
	}
	found, err := one.when.PickWithin(ctx, s, w.config.Terms.At(s), keys, true)
	out := make([]RecordID, len(found))
	for i, key := range found {
		out[i] = key
	}
	return out, err
}

// occasion is the key of what sets a rule off.
func occasion(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte{byte(len(p))})
		h.Write(p)
	}
	return h.Sum(nil)[:16]
}

// due is when the time of a wait that began at an instant has come. Days keep the time of the day; a working day ends
// when its work does.
func due(cal *calendar.Calendar, from time.Time, count int, unit Unit) time.Time {
	switch unit {
	case WorkingHours:
		at, _ := cal.Add(from, time.Duration(count)*time.Hour)
		return at
	case WorkingDays:
		return cal.EndOf(civil.In(from, cal.Zone()), count)
	case Days:
		local := from.In(cal.Zone())
		return local.AddDate(0, 0, count)
	case Hours:
	}
	return from.Add(time.Duration(count) * time.Hour)
}

// fact is what payloads of events say about which records they concern.
type fact struct {
	ID            store.Key[any] `json:"id"`
	Party         store.Key[any] `json:"party"`
	PartyID       store.Key[any] `json:"party_id"`
	Opportunity   store.Key[any] `json:"opportunity"`
	OpportunityID store.Key[any] `json:"opportunity_id"`
	RecordKind    string         `json:"record_kind"`
	Record        store.Key[any] `json:"record"`
	RecordID      store.Key[any] `json:"record_id"`
	// Leads are those of one chunk of an import.
	Leads []store.Key[any] `json:"leads"`
}

// concerns are the records of the rule's noun that an event sets it off for, its condition apart.
func (r *ready) concerns(ctx context.Context, s *store.Session, e event.Event) ([]RecordID, error) {
	t := r.plan.Trigger
	family, _, _ := strings.Cut(e.Kind, ".")
	switch t.Kind {
	case OnEvent, After:
		if !slices.Contains(t.Events, e.Kind) {
			return nil, nil
		}
	case OnChange:
		if family != string(r.Noun) || e.Kind == "opportunity.commented" {
			return nil, nil
		}
		if changed, err := t.changed(ctx, s, e); err != nil || !changed {
			return nil, err
		}
	default:
		return nil, nil
	}
	var f fact
	if err := json.Unmarshal([]byte(e.Payload), &f); err != nil {
		return nil, nil //nolint:nilerr // an event of the host's own form
	}
	return recordsOf(ctx, s, r.Noun, e, f)
}

// recordsOf are the records of a noun that an event is about.
func recordsOf(ctx context.Context, s *store.Session, noun leadrule.Noun, e event.Event, f fact) ([]RecordID, error) {
	one := func(id [16]byte) []RecordID {
		if id == [16]byte{} {
			return nil
		}
		return []RecordID{id}
	}
	family, _, _ := strings.Cut(e.Kind, ".")
	who := f.Party
	if who.IsZero() {
		who = f.PartyID
	}
	switch {
	case e.Kind == lead.EventImported:
		out := make([]RecordID, len(f.Leads))
		for i, id := range f.Leads {
			out[i] = RecordID(id)
		}
		return out, nil
	case family == string(noun) && e.Kind != "lead.converted":
		if !f.ID.IsZero() && family != string(leadrule.Lead) {
			return one(f.ID), nil
		}
		var id RecordID
		err := id.Scan(e.RecordID)
		return one(id), err
	case f.RecordKind == string(noun):
		if !f.Record.IsZero() {
			return one(f.Record), nil
		}
		return one(f.RecordID), nil
	case noun == leadrule.Party:
		return one(who), nil
	case noun == leadrule.Opportunity:
		if !f.Opportunity.IsZero() {
			return one(f.Opportunity), nil
		}
		return one(f.OpportunityID), nil
	case noun == leadrule.Lead && !who.IsZero():
		var open []RecordID
		err := s.Query(ctx, &open, store.From[lead.Lead]("l"), "SELECT l.id FROM crm_lead AS l WHERE {scope} AND l.party_id = ? AND l.status NOT IN ('disqualified', 'converted') ORDER BY l.id", who)
		return open, err
	}
	return nil, nil
}

// changed looks into the audit log whether an event tells of the change that the rule waits for.
func (t Trigger) changed(ctx context.Context, s *store.Session, e event.Event) (bool, error) {
	var rows []store.AuditEntry
	err := s.Select(&rows).Column("changes").Where("audit.record_id = ?", e.RecordID).Where("audit.record_version = ?", e.RecordVersion).OrderExpr("audit.id").Limit(20).Scan(ctx)
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		var changes []store.Change
		if row.Changes == "" || json.Unmarshal([]byte(row.Changes), &changes) != nil {
			continue
		}
		for _, c := range changes {
			if c.Field == t.Field && (t.From == "" || t.From == c.From) && (t.To == "" || t.To == c.To) {
				return true, nil
			}
		}
	}
	return false, nil
}
