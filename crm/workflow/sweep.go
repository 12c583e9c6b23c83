package workflow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// mostBehind is how many days a rule catches up when nothing ran for a while.
const mostBehind = 7

// schedule has a rule look at its dates from today on, or no more.
func (w *Workflows) schedule(ctx context.Context, s *store.Session, id ID, t Trigger) error {
	if _, err := s.Exec(ctx, store.From[sweep](""), "DELETE FROM crm_workflow_sweep WHERE {scope} AND workflow_id = ?", id); err != nil || !t.Daily() {
		return err
	}
	zone := w.config.Locales(s.Actor.Company).Location()
	today := civil.In(s.Now, zone)
	s.Wake()
	return s.InsertQuiet(ctx, &sweep{WorkflowID: id, Day: today, DueAt: hourOf(today, t.Hour, zone)})
}

func hourOf(d civil.Date, hour int, zone *time.Location) time.Time {
	y, m, day := d.Time(time.UTC).Date()
	return store.UTC(time.Date(y, m, day, hour, 0, 0, 0, zone))
}

// sweepAll looks at the dates that are due in the actor's company. What goes wrong with one rule does not hold up the others.
func (w *Workflows) sweepAll(ctx context.Context) error {
	var due []sweep
	err := w.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		due = nil
		return s.Query(ctx, &due, store.From[sweep]("d"), "SELECT d.* FROM crm_workflow_sweep AS d WHERE {scope} AND d.due_at <= ? ORDER BY d.due_at, d.workflow_id", s.Now)
	})
	for _, one := range due {
		var failed error
		for more := true; more && failed == nil && ctx.Err() == nil; {
			more, failed = w.look(ctx, &one)
		}
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("rule %s: %w", one.WorkflowID, failed))
		}
	}
	return err
}

// look takes one step of a sweep: it finds the next records, and writes their runs together with how far it has come.
// Of two processes that do so at once one writes, because the step says from where it went on. A rule that cannot be asked
// any more is reported, and looked at again tomorrow.
func (w *Workflows) look(ctx context.Context, at *sweep) (more bool, err error) {
	var one *ready
	var found []RecordID
	var broken error
	next := *at
	err = w.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		var err error
		if one, err = w.of(ctx, s, at.WorkflowID); one == nil || err != nil {
			return err
		}
		found, next.AfterKey, err = w.find(ctx, s, one, *at)
		if errors.Is(err, fault.Invalid) {
			broken, err = err, nil
		}
		return err
	})
	if err != nil || one == nil { // switched off a moment ago
		return false, err
	}
	zone := w.config.Locales(one.Company).Location()
	if next.AfterKey.IsZero() {
		today := civil.In(w.db.Now(), zone)
		next.Day = at.Day.AddDays(1)
		if first := today.AddDays(-mostBehind); next.Day.Before(first) {
			next.Day = first
		}
		if broken != nil {
			next.Day = today.AddDays(1)
		}
		next.DueAt = hourOf(next.Day, one.plan.Trigger.Hour, zone)
	}
	moved := false
	err = w.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		moved = false
		query, args := "UPDATE crm_workflow_sweep SET day = ?, due_at = ?, after_key = ? WHERE {scope} AND workflow_id = ? AND day = ? AND after_key ", []any{next.Day, next.DueAt, next.AfterKey, at.WorkflowID, at.Day}
		if at.AfterKey.IsZero() {
			query += "IS NULL"
		} else {
			query, args = query+"= ?", append(args, at.AfterKey)
		}
		n, err := s.Exec(ctx, store.From[sweep](""), query, args...)
		if err != nil || n == 0 {
			return err
		}
		moved = true
		if broken != nil {
			return report(ctx, s, EventFailed, one.ID.Bytes(), Run{Noun: one.Noun}, one.Rule, cut(reasonOf(broken), 1000))
		}
		runs := make([]Run, len(found))
		for i, id := range found {
			runs[i] = one.run(s, id, Run{Occasion: occasion([]byte(at.Day.String()), id[:]), Since: s.Now, PlannedAt: s.Now, Why: Why{Day: at.Day.String()}})
		}
		return add(ctx, s, runs)
	})
	more = moved && err == nil && !next.DueAt.After(w.db.Now())
	*at = next
	return more, err
}

// chunk is how many records one step of a sweep finds.
const chunk = 200

// find gives the next records behind the sweep's key for which the rule's date and condition hold; the key is zero
// where there are no more.
func (w *Workflows) find(ctx context.Context, s *store.Session, one *ready, from sweep) ([]RecordID, RecordID, error) {
	if one.broken != nil {
		return nil, RecordID{}, one.unasked()
	}
	c, err := one.daily(from.Day, w.config.Terms.At(s))
	if err != nil {
		return nil, RecordID{}, err
	}
	at, subject, t := w.config.Terms.At(s), one.env.Subject(), tables[one.Noun]
	where := c.SQL(rule.ScopeOf(s, at))
	alias := string(one.Noun) + "."
	query := "SELECT " + subject.Key + " AS id FROM " + subject.From + " WHERE {scope} AND " + subject.Key + " > ? AND " + strings.ReplaceAll(t.stands, "r.", alias) + " AND (" + where.SQL + ")"
	after := from.AfterKey.Bytes()
	if from.AfterKey.IsZero() {
		after = []byte{0}
	}
	args := append([]any{after}, where.Args...)
	if one.plan.Trigger.Kind == Idle {
		query += " AND NOT EXISTS (SELECT 1 FROM crm_workflow_run AS told WHERE told.record_id = " + subject.Key + " AND told.workflow_id = ? AND told.planned_at > ?)"
		args = append(args, one.ID, s.Now.Add(-time.Duration(one.plan.Trigger.Count)*24*time.Hour+12*time.Hour))
	}
	var ids []RecordID
	if err := s.Query(ctx, &ids, subject.Source, query+" ORDER BY "+subject.Key+s.Limit(chunk), args...); err != nil {
		return nil, RecordID{}, err
	}
	var last RecordID
	if len(ids) == chunk {
		last = ids[chunk-1]
	}
	if where.Exact || len(ids) == 0 {
		return ids, last, nil
	}
	found, err := w.pick(ctx, s, &ready{when: c}, ids)
	return found, last, err
}

// daily is the condition for a day: that the date is reached or nothing was done, and what the rule asks beside.
func (r *ready) daily(day civil.Date, at rule.At) (*rule.Condition, error) {
	source := r.idle()
	if r.plan.Trigger.Kind == OnDate {
		var err error
		if source, err = r.reached(day, at); err != nil {
			return nil, err
		}
	}
	c, err := r.env.Parse(source)
	if err != nil || r.when == nil {
		return c, err
	}
	return r.env.All(c, r.when), nil
}

// reached says in the one language that the field's day has come.
func (r *ready) reached(day civil.Date, at rule.At) (string, error) {
	t := r.plan.Trigger
	f, known := r.env.Field(t.Field)
	if !known {
		return "", fault.New(fault.Invalid, "the field %s is gone; change the rule", t.Field)
	}
	if day = day.AddDays(t.Count); t.Behind {
		day = day.AddDays(-2 * t.Count)
	}
	switch {
	case t.Yearly:
		days := fmt.Sprintf("day(%s) == %d", t.Field, day.Time(time.UTC).Day())
		if next := day.AddDays(1); day.Time(time.UTC).Month() == time.February && next.Time(time.UTC).Month() == time.March && day.Time(time.UTC).Day() == 28 {
			days = fmt.Sprintf("day(%s) in [28, 29]", t.Field) // who was born on 29 February has a day each year
		}
		return fmt.Sprintf("month(%s) == %d and %s", t.Field, int(day.Time(time.UTC).Month()), days), nil
	case f.Kind == rule.Moment:
		zone := at.Zone
		if zone == nil {
			zone = time.UTC
		}
		moment := func(d civil.Date) string { return d.Time(zone).UTC().Format(time.RFC3339) }
		return fmt.Sprintf("%[1]s >= moment(%[2]q) and %[1]s < moment(%[3]q)", t.Field, moment(day), moment(day.AddDays(1))), nil
	}
	return fmt.Sprintf("%s == date(%q)", t.Field, day.String()), nil
}

// idle says in the one language that nothing was done for a while, and nothing is planned; what was called off is neither.
func (r *ready) idle() string {
	hours := r.plan.Trigger.Count * 24
	open := map[leadrule.Noun]string{
		leadrule.Lead:        `lead.status in ["new", "working", "qualified"] and lead.arrived_at`,
		leadrule.Opportunity: `opportunity.state == "open" and opportunity.stage_since`,
		leadrule.Quote:       `quote.state == "issued" and quote.issued_at`,
	}[r.Noun]
	return fmt.Sprintf("%s < hours_ago(%d) and none(activities, .state != \"cancelled\" and .at > hours_ago(%[2]d))", open, hours)
}
