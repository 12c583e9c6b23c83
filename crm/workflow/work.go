package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// The kinds of events; the record is the run, the payload a [Notice].
const (
	EventFailed  = "workflow.failed"
	EventStopped = "workflow.stopped"
)

// Notice is the payload of the events of this package.
type Notice struct {
	Rule ID     `json:"rule"`
	Name string `json:"name"`
	// Owner is who published the rule.
	Owner      string        `json:"owner"`
	RecordKind leadrule.Noun `json:"record_kind"`
	Record     RecordID      `json:"record"`
	Reason     string        `json:"reason"`
}

const (
	batch = 64
	lease = 3 * time.Minute
)

// queue are the runs. Those for one record wait for the ones that were due before them.
var queue = store.Queue{
	Table: "crm_workflow_run", Key: "id", Order: "id",
	Ready: "NOT EXISTS (SELECT 1 FROM crm_workflow_run AS earlier WHERE earlier.record_id = crm_workflow_run.record_id AND earlier.state IN ('new', 'claimed')" +
		" AND (earlier.planned_at < crm_workflow_run.planned_at OR (earlier.planned_at = crm_workflow_run.planned_at AND earlier.id < crm_workflow_run.id)))",
	Lane: "record_id",
}

// Work looks at dates that are due for the actor's company, and carries out what rules of any company have due, until
// nothing is. It reports how many runs it dealt with. It is background work: only the system may, and never inside a
// transaction. Several processes may do it at once.
func (w *Workflows) Work(ctx context.Context) (int, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	if a.Kind != actor.KindSystem {
		return 0, fault.New(fault.Forbidden, "only the background carries rules out; use Retry to have one done again")
	}
	if w.db.Bound() {
		return 0, fault.New(fault.Invalid, "rules are carried out outside of transactions")
	}
	failed := w.sweepAll(ctx)
	total := 0
	for ctx.Err() == nil {
		claimed, err := w.db.Claim(ctx, queue, batch, lease)
		if err != nil || len(claimed) == 0 {
			return total, errors.Join(failed, err)
		}
		n, err := store.SideBySide(claimed, func(c store.Claimed) error { return w.carryOut(ctx, c) })
		if total += n; err != nil {
			return total, errors.Join(failed, err)
		}
	}
	return total, errors.Join(failed, ctx.Err())
}

// Tidy removes runs that have been in the log for long.
func (w *Workflows) Tidy(ctx context.Context) error {
	for {
		n, err := w.db.Purge(ctx, queue, w.db.Now().Add(-Keep), 1000)
		if err != nil || n == 0 {
			return err
		}
	}
}

// carryOut does one claimed run. What the rule's own people have to mend is kept with the run; only what went wrong
// with the database itself is an error.
func (w *Workflows) carryOut(ctx context.Context, c store.Claimed) error {
	ctx = actor.With(ctx, actor.System(c.Company, "workflow"))
	slow := false
	err := w.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		limited, cancel := context.WithTimeout(ctx, w.config.Limit)
		defer cancel()
		err := guarded(func() error { return w.do(limited, s, c) })
		slow = err != nil && errors.Is(limited.Err(), context.DeadlineExceeded) && ctx.Err() == nil
		return err
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil: // the process ends; the lease gives the run back
		return ctx.Err()
	case slow:
		err = fault.New(fault.Limit, "the run took longer than %s and was stopped; nothing of it was done", w.config.Limit)
	}
	return w.refuse(ctx, c, err)
}

// guarded turns a panic of a step into an error, so that one bad action does not stop the rest.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the action broke: %v", p)
		}
	}()
	return f()
}

// doing is a run under way.
type doing struct {
	w     *Workflows
	s     *store.Session
	claim store.Claimed
	run   Run
	one   *ready
	about Record
}

// do carries a run out, in the transaction that ends it.
func (w *Workflows) do(ctx context.Context, s *store.Session, c store.Claimed) error {
	d := doing{w: w, s: s, claim: c}
	if err := s.Get(ctx, &d.run, c.Key); err != nil {
		return err
	}
	var err error
	if d.one, err = w.of(ctx, s, d.run.WorkflowID); err != nil {
		return err
	}
	if d.one == nil {
		return d.end(ctx, Cancelled, "")
	}
	if d.one.Live != d.run.Number {
		if d.one, err = w.ready(ctx, s, d.one.Rule, d.run.Number); err != nil {
			return err
		}
	}
	found, err := records(ctx, s, d.run.Noun, []RecordID{d.run.RecordID})
	if err != nil {
		return err
	}
	var there bool
	if d.about, there = found[d.run.RecordID]; !there {
		return d.end(ctx, Cancelled, "")
	}
	if why, err := d.tooMuch(ctx); err != nil || why != "" {
		if err == nil {
			err = d.end(ctx, Stopped, why)
		}
		return err
	}
	if followed, err := d.followed(ctx); err != nil || followed {
		if err == nil {
			err = d.end(ctx, Followed, "")
		}
		return err
	}
	holds, err := d.holds(ctx)
	if err != nil {
		return err
	}
	if !holds {
		return d.end(ctx, Unmet, "")
	}
	if err := d.act(ctx); err != nil {
		return err
	}
	return d.end(ctx, Acted, "")
}

// of is a live rule, nil where it was switched off.
func (w *Workflows) of(ctx context.Context, s *store.Session, id ID) (*ready, error) {
	all, err := w.live(ctx, s)
	if i := slices.IndexFunc(all, func(r *ready) bool { return r.ID == id }); i >= 0 {
		return all[i], err
	}
	return nil, err
}

// tooMuch says why a run must not be, "" where it may.
func (d *doing) tooMuch(ctx context.Context) (string, error) {
	if d.run.Depth >= MaxDepth {
		d.run.Why.Stopped, d.run.Why.Count = Circle, d.run.Depth
		return fmt.Sprintf("%d rules caused one another; this one was stopped because rules go round in a circle. Change a condition so that the second round is not needed", d.run.Depth), nil
	}
	var n int
	err := d.s.Query(ctx, &n, store.From[Run]("r"), "SELECT COUNT(*) FROM crm_workflow_run AS r WHERE {scope} AND r.record_id = ? AND r.planned_at > ? AND r.workflow_id = ? AND r.outcome = 'acted'",
		d.run.RecordID, d.s.Now.Add(-time.Hour), d.run.WorkflowID)
	if n >= MaxPerHour {
		d.run.Why.Stopped, d.run.Why.Count = Often, n
		return fmt.Sprintf("the rule acted %d times within an hour on this record and was stopped; see whether it sets itself off", n), err
	}
	return "", err
}

// followed reports whether somebody did what the rule waited for.
func (d *doing) followed(ctx context.Context) (bool, error) {
	t := d.one.plan.Trigger
	if t.Kind != After || t.Unless == Nothing {
		return false, nil
	}
	where, args := "a.party_id = ?", []any{d.about.PartyID}
	if d.run.Noun == leadrule.Opportunity {
		where, args = "a.company = ? AND a.opportunity_id = ?", []any{d.s.Actor.Company, d.run.RecordID}
	}
	if t.Unless == Contact {
		where += " AND a.is_open = 0 AND a.state = 'done' AND a.kind IN ('call', 'meeting', 'mail', 'letter') AND a.at >= ?"
	} else {
		where += " AND a.state <> 'cancelled' AND a.created_at >= ?"
	}
	var found []int64
	err := d.s.Query(ctx, &found, store.From[activity.Activity]("a"), "SELECT 1 AS one FROM crm_activity AS a WHERE {scope} AND "+where+" ORDER BY a.at, a.id"+d.s.Limit(1), append(args, d.run.Since)...)
	if err != nil || len(found) > 0 || d.run.Noun != leadrule.Lead {
		return len(found) > 0, err
	}
	err = d.s.Query(ctx, &found, store.From[lead.Lead]("l"), "SELECT 1 AS one FROM crm_lead AS l WHERE {scope} AND l.id = ? AND l.first_response_at >= ?", d.run.RecordID, d.run.Since)
	return len(found) > 0, err
}

// unasked says that the condition cannot be asked any more.
func (r *ready) unasked() error {
	return fault.Wrap(r.broken, fault.Invalid, "the condition cannot be asked any more; change the rule")
}

// holds asks the condition, and notes what came of it and what it looked at.
func (d *doing) holds(ctx context.Context) (bool, error) {
	if d.one.broken != nil {
		return false, d.one.unasked()
	}
	c, at := d.one.when, d.w.config.Terms.At(d.s)
	if c == nil {
		return true, nil
	}
	found, err := c.Load(ctx, d.s, at, [][16]byte{d.run.RecordID})
	if err != nil {
		return false, err
	}
	values := found[d.run.RecordID]
	reasons, err := c.Explain(at, values)
	if err != nil {
		return false, &fault.Error{Code: fault.Invalid, Message: "the condition cannot be asked: " + err.Error(), Cause: err} // another time it is the same
	}
	d.run.Why.Reasons, d.run.Why.Values = nil, nil
	words := map[rule.Truth]string{rule.True: "yes", rule.False: "no", rule.Unknown: "unknown"}
	for _, r := range reasons {
		d.run.Why.Reasons = append(d.run.Why.Reasons, Reason{Text: cut(r.Text, 400), Held: words[r.Truth]})
	}
	l := d.w.config.Locales(d.s.Actor.Company)
	fields, lists := c.Reads()
	for _, name := range append(fields, lists...) {
		d.run.Why.Values = append(d.run.Why.Values, Value{Field: name, Value: cut(shown(values[name], l), 200)})
	}
	return c.Holds(at, values)
}

// act does the actions in their order.
func (d *doing) act(ctx context.Context) error {
	values, err := d.w.read(ctx, d.s, d.run, d.one, d.about, d.one.plan.places())
	if err != nil {
		return err
	}
	ctx = event.Caused(ctx, d.run.Depth+1)
	d.s.Actor.Name = d.one.Name
	task := d.w.task(d.s, d.run, d.one, d.about)
	d.run.Why.Deeds = nil
	for i, a := range d.one.plan.Actions {
		step, known := d.w.config.Steps.Step(a.Step)
		if !known {
			return fault.New(fault.Invalid, "the action %s is not offered here any more; change the rule", a.Step)
		}
		task.Key, task.Given = fmt.Sprintf("rule:%s:%d", d.run.ID, i), d.given(step, a, values)
		result, err := step.Do(ctx, d.s, task)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Step, err)
		}
		d.run.Why.Deeds = append(d.run.Why.Deeds, Deed{Step: a.Step, Result: cut(result, 400)})
	}
	return nil
}

// end notes what became of a run, in the transaction of what it did.
func (d *doing) end(ctx context.Context, outcome Outcome, reason string) error {
	why, err := json.Marshal(d.run.Why)
	if err != nil {
		return err
	}
	ours, err := d.s.Release(ctx, queue, d.claim, store.StateDone, store.Predicate{
		SQL:  "outcome = ?, why = ?, failure = ?, finished_at = ?, owner_user = ?, owner_team = ?",
		Args: []any{string(outcome), string(why), reason, d.s.Now, d.about.OwnerUser, d.about.OwnerTeam},
	})
	if err == nil && !ours {
		return fault.New(fault.Retryable, "another process took the run over")
	}
	if err == nil && outcome == Stopped {
		err = report(ctx, d.s, EventStopped, d.run.ID.Bytes(), d.run, d.one.Rule, reason)
	}
	return err
}

// report tells of a run that went wrong; about is its id, or that of the rule where it did not come to one. The version is the time, because a run can fail, be tried by hand and fail
// again.
func report(ctx context.Context, s *store.Session, kind string, about []byte, run Run, r Rule, reason string) error {
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: about, Version: s.Now.UnixMilli(), Payload: Notice{
		Rule: r.ID, Name: r.Name, Owner: r.LiveBy, RecordKind: run.Noun, Record: run.RecordID, Reason: reason,
	}})
}

// refuse notes why a run failed; it is tried again later, or given up.
func (w *Workflows) refuse(ctx context.Context, c store.Claimed, failed error) error {
	final := c.Attempts >= MaxAttempts
	switch fault.CodeOf(failed) {
	case fault.Invalid, fault.Forbidden, fault.NotFound:
		final = true
	}
	text := cut(reasonOf(failed), 1000)
	return w.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if !final {
			_, err := s.Release(ctx, queue, c, store.StateNew, store.Predicate{SQL: "failure = ?, due_at = ?", Args: []any{text, s.Now.Add(pause(c.Attempts))}})
			return err
		}
		var run Run
		if err := s.Get(ctx, &run, c.Key); err != nil {
			return err
		}
		var r Rule
		if err := s.Get(ctx, &r, run.WorkflowID); err != nil {
			return err
		}
		ours, err := s.Release(ctx, queue, c, store.StateDead, store.Predicate{SQL: "outcome = ?, failure = ?, finished_at = ?", Args: []any{string(Failed), text, s.Now}})
		if err != nil || !ours {
			return err
		}
		return report(ctx, s, EventFailed, run.ID.Bytes(), run, r, text)
	})
}

// reasonOf is an error with its faults, for people.
func reasonOf(err error) string {
	text := err.Error()
	for _, f := range fault.Of(err) {
		if line := strings.TrimSpace(f.Path + " " + f.Message); !strings.Contains(text, f.Message) {
			text += "; " + line
		}
	}
	return text
}

// pause is how long after the given number of attempts a run is tried again: 10 s doubled each time up to half an hour.
func pause(attempts int) time.Duration {
	return min(10*time.Second<<min(max(attempts-1, 0), 10), 30*time.Minute)
}

func cut(text string, n int) string {
	r := []rune(strings.ReplaceAll(text, "\x00", ""))
	if len(r) > n {
		r = append(r[:n-1], '…')
	}
	return string(r)
}
