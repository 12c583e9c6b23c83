package process

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Register adds the handler by which steps follow their tasks.
func (p *Processes) Register(r *event.Registry) {
	r.On(event.Handler{Name: "process.task", Do: p.follow, Wanted: func(ctx context.Context, s *store.Session, e event.Event) (bool, error) {
		steps, err := ofTask(ctx, s, e.RecordID)
		return len(steps) > 0, err
	}, Kinds: []string{activity.EventDone, activity.EventPlanned, activity.EventCancelled, activity.EventDelegated}})
}

func ofTask(ctx context.Context, s *store.Session, id []byte) ([]Step, error) {
	var steps []Step
	err := s.Select(&steps).Where("step.activity_id = ?", id).OrderExpr("step.id").Limit(2).Scan(ctx)
	return steps, err
}

func (p *Processes) follow(ctx context.Context, s *store.Session, e event.Event) error {
	steps, err := ofTask(ctx, s, e.RecordID)
	if err != nil || len(steps) == 0 {
		return err
	}
	_, err = p.change(ctx, s, steps[0].ID, func(ctx context.Context, s *store.Session, row Process, one *Step) error {
		var task activity.Activity
		if err := s.Get(ctx, &task, one.ActivityID); err != nil {
			return ignoreMissing(err)
		}
		return p.take(ctx, s, row, one, task)
	})
	return err
}

// take brings a step to where its task is. The task of a step that must not be left out is made anew where it was
// cancelled.
func (p *Processes) take(ctx context.Context, s *store.Session, row Process, one *Step, task activity.Activity) error {
	one.WhoUser = task.OwnerUser
	switch {
	case task.State == activity.Done && one.State == Open:
		one.State, one.EndedAt, one.EndedBy, one.Reason = Done, task.DoneAt, task.UpdatedBy, cut(task.Outcome)
	case task.State.Open() && one.State.over() && one.State != Cancelled:
		one.State, one.EndedAt, one.EndedBy, one.Reason = Open, time.Time{}, "", ""
	case task.State == activity.Cancelled && one.State == Open && one.Skippable:
		one.State, one.EndedAt, one.EndedBy, one.Reason = Skipped, s.Now, task.UpdatedBy, cut(task.Outcome)
	case task.State == activity.Cancelled && one.State == Open && row.State == Running:
		again, err := p.plan(ctx, s, row, *one, task.OwnerTeam)
		if err != nil {
			return err
		}
		one.ActivityID = again.ID
	}
	return nil
}

func cut(text string) string {
	if r := []rune(text); len(r) > maxReason {
		return string(r[:maxReason])
	}
	return text
}

// change holds a process, changes one of its steps, and opens what comes next.
func (p *Processes) change(ctx context.Context, s *store.Session, id StepID, how func(ctx context.Context, s *store.Session, row Process, one *Step) error) (Process, error) {
	var found Step
	if err := s.Get(ctx, &found, id); err != nil {
		return Process{}, err
	}
	var row Process
	if err := s.Lock(ctx, &row, found.ProcessID); err != nil {
		return row, err
	}
	steps, err := stepsOf(ctx, s, row.ID)
	if err != nil {
		return row, err
	}
	for i := range steps {
		if steps[i].ID != id {
			continue
		}
		was := steps[i]
		if err := how(ctx, s, row, &steps[i]); err != nil {
			return row, err
		}
		if err := s.Save(ctx, &was, &steps[i]); err != nil {
			return row, err
		}
	}
	return p.advance(ctx, s, row, steps)
}

// verb is a change of a step that a person asks for.
func (p *Processes) verb(ctx context.Context, id StepID, from State, how func(ctx context.Context, s *store.Session, row Process, one *Step) error) (Process, error) {
	return store.Write(ctx, p.db, actor.ActivityWrite, func(ctx context.Context, s *store.Session) (Process, error) {
		return p.change(ctx, s, id, func(ctx context.Context, s *store.Session, row Process, one *Step) error {
			if row.State == Cancelled || one.State != from && (from != Done || one.State != Skipped) {
				return fault.New(fault.Invalid, "the step is %s; reload the process to see how it stands", one.State)
			}
			return how(ctx, s, row, one)
		})
	})
}

// Complete completes the task of an open step, with what came of it, and opens what comes next. It needs
// actor.ActivityWrite, as the other verbs do.
func (p *Processes) Complete(ctx context.Context, id StepID, outcome string) (Process, error) {
	return p.verb(ctx, id, Open, func(ctx context.Context, s *store.Session, row Process, one *Step) error {
		done, err := p.config.Activities.In(s).Complete(ctx, one.ActivityID, activity.Completion{Outcome: outcome})
		if err != nil {
			return err
		}
		return p.take(ctx, s, row, one, done.Activity)
	})
}

// Skip leaves an open step out, and says why.
func (p *Processes) Skip(ctx context.Context, id StepID, reason string) (Process, error) {
	return p.verb(ctx, id, Open, func(ctx context.Context, s *store.Session, row Process, one *Step) error {
		if !one.Skippable {
			return fault.New(fault.Invalid, "the step %s must not be left out", one.Name)
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		task, err := p.config.Activities.In(s).Cancel(ctx, one.ActivityID, reason)
		if err != nil {
			return err
		}
		return p.take(ctx, s, row, one, task)
	})
}

// Reopen puts a step that was done or skipped back to work. Steps after it that are open already stay so.
func (p *Processes) Reopen(ctx context.Context, id StepID) (Process, error) {
	return p.verb(ctx, id, Done, func(ctx context.Context, s *store.Session, row Process, one *Step) error {
		task, err := p.config.Activities.In(s).Reopen(ctx, one.ActivityID)
		if err != nil {
			return err
		}
		return p.take(ctx, s, row, one, task)
	})
}

// HandOver gives an open step to another user.
func (p *Processes) HandOver(ctx context.Context, id StepID, user string) (Process, error) {
	return p.verb(ctx, id, Open, func(ctx context.Context, s *store.Session, row Process, one *Step) error {
		task, err := p.config.Activities.In(s).Delegate(ctx, one.ActivityID, activity.Delegation{To: user})
		if err != nil {
			return err
		}
		return p.take(ctx, s, row, one, task)
	})
}

// Cancel ends a running process, and says why; its open tasks are cancelled with it.
func (p *Processes) Cancel(ctx context.Context, id ID, reason string) (Process, error) {
	return store.Write(ctx, p.db, actor.ActivityWrite, func(ctx context.Context, s *store.Session) (Process, error) {
		if err := checkReason(reason); err != nil {
			return Process{}, err
		}
		var was Process
		if err := s.Lock(ctx, &was, id); err != nil {
			return was, err
		}
		if was.State != Running {
			return was, fault.New(fault.Invalid, "the process is %s; only one that runs is cancelled", was.State)
		}
		steps, err := stepsOf(ctx, s, id)
		if err != nil {
			return was, err
		}
		for i := range steps {
			one := steps[i]
			if one.State.over() {
				continue
			}
			one.State, one.EndedAt, one.EndedBy = Cancelled, s.Now, s.Actor.UserID
			if err := s.Save(ctx, &steps[i], &one); err != nil {
				return was, err
			}
			if steps[i].State == Open {
				if _, err := p.config.Activities.In(s).Cancel(ctx, one.ActivityID, reason); err != nil && fault.CodeOf(err) != fault.Invalid {
					return was, err
				}
			}
		}
		next := was
		next.State, next.EndedAt, next.Reason, next.At, next.AtUser, next.DueAt = Cancelled, s.Now, strings.TrimSpace(reason), "", "", time.Time{}
		if err := s.Save(ctx, &was, &next); err != nil {
			return was, err
		}
		return next, next.tell(ctx, s, EventEnded)
	})
}

func checkReason(reason string) error {
	var faults fault.List
	reason = strings.TrimSpace(reason)
	faults.Required("reason", reason)
	if n := utf8.RuneCountInString(reason); n > maxReason {
		faults.Add("reason", "text.length", "is %d characters long, at most %d fit; shorten it", n, maxReason)
	}
	return faults.Err("say why")
}

// StepStart is the step by which rules start processes.
const StepStart = "process.start"

// once and each say how often a rule starts a process on one record.
const (
	once = "once"
	each = "each"
)

// Offer lets rules start processes.
func (p *Processes) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepStart, Nouns: []string{string(Lead), string(Opportunity), string(Party)}, Right: actor.ActivityWrite,
		Parameters: []event.Parameter{{Name: "template", Kind: event.Line, Required: true, Most: maxName}, {Name: "again", Kind: event.Choice, Choices: []string{once, each}}},
		Check: func(ctx context.Context, s *store.Session, t event.Task) (fault.List, error) {
			var faults fault.List
			one, err := named(ctx, s, t.Given["template"])
			if err == nil && (one == nil || !one.For(Noun(t.Noun))) {
				faults.Add("template", "choice", "there is no process %.60q for this; take a name from the settings of processes", t.Given["template"])
			}
			return faults, err
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			one, err := named(ctx, s, t.Given["template"])
			if err != nil {
				return "", err
			}
			if one == nil {
				return "", fault.New(fault.Invalid, "there is no process %.60q any more", t.Given["template"])
			}
			if t.Given["again"] != each {
				var n int
				err := s.Query(ctx, &n, store.From[Process]("p"), "SELECT COUNT(*) FROM crm_process AS p WHERE {scope} AND p.record_id = ? AND p.noun = ? AND p.template_id = ?", RecordID(t.Record), t.Noun, one.ID)
				if err != nil || n > 0 {
					return event.NobodyThere, err
				}
			}
			row, err := p.In(s).Start(ctx, one.ID, Noun(t.Noun), RecordID(t.Record))
			return row.ID.String(), err
		},
	})
}

// named is the template of a name, nil where there is none.
func named(ctx context.Context, s *store.Session, name string) (*Template, error) {
	d, err := plans.Read(ctx, s)
	for _, t := range d.Plan.Templates {
		if strings.EqualFold(t.Name, strings.TrimSpace(name)) {
			return &t, err
		}
	}
	return nil, err
}
