package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/workflow"
)

const workflowTag = "Workflow"

// WorkflowRule is one rule of a company: what sets it off, when, and what is done then.
type WorkflowRule struct {
	ID      ID        `json:"id"`
	Version int64     `json:"version"`
	State   string    `json:"state" enum:"draft,live,off" doc:"draft: it was never published; off: nothing of it happens."`
	Live    int64     `json:"live" doc:"The number of the version that holds, or held last; 0 before the first."`
	LiveAt  time.Time `json:"live_at,omitzero"`
	LiveBy  string    `json:"live_by,omitempty"`
	WorkflowDraft
}

// WorkflowDraft is what is being written; it holds once it is published.
type WorkflowDraft struct {
	Name string `json:"name" maxLength:"120"`
	WorkflowTrialDraft
}

// WorkflowTrialDraft is what a rule says.
type WorkflowTrialDraft struct {
	Noun    string           `json:"noun" enum:"lead,opportunity,quote,party" doc:"What it is about; it never changes."`
	Trigger WorkflowTrigger  `json:"trigger"`
	When    string           `json:"when,omitempty" doc:"A condition about the record; always where it is left out."`
	Actions []WorkflowAction `json:"actions" doc:"Done in their order, all of them or none."`
}

// WorkflowTrigger is what sets a rule off.
type WorkflowTrigger struct {
	Kind   string   `json:"kind" enum:"event,change,after,date,idle" doc:"change: a field changes; after: some time has passed since an event; date: a date is reached; idle: nothing was done for some days."`
	Events []string `json:"events,omitempty" doc:"Of event and after; GET /workflow-terms lists them."`
	Field  string   `json:"field,omitempty" doc:"Of change: a field such as expected_close or custom.size. Of date: a date such as party.birth_date."`
	From   string   `json:"from,omitempty"`
	To     string   `json:"to,omitempty"`
	Count  int      `json:"count,omitempty" doc:"Of after: so many units; of date and idle: so many days."`
	Unit   string   `json:"unit,omitempty" enum:"hours,days,working_hours,working_days"`
	Unless string   `json:"unless,omitempty" enum:"contact,planned" doc:"What takes the reason away while the rule waits."`
	Behind bool     `json:"behind,omitempty" doc:"Of date: so many days after it instead of before."`
	Yearly bool     `json:"yearly,omitempty" doc:"Of date: each year."`
	Hour   int      `json:"hour,omitempty" minimum:"0" maximum:"23" doc:"Of date and idle: the hour of the company's day."`
}

// WorkflowAction is one thing that a rule does.
type WorkflowAction struct {
	Step  string            `json:"step" doc:"GET /workflow-terms lists them." example:"task.plan"`
	Given map[string]string `json:"given,omitempty" doc:"Its parameters; texts may hold places such as {party.name}."`
}

func (d WorkflowTrialDraft) plan() workflow.Plan {
	t := d.Trigger
	return workflow.Plan{
		Trigger: workflow.Trigger{
			Kind: workflow.TriggerKind(t.Kind), Events: t.Events, Field: t.Field, From: t.From, To: t.To, Count: t.Count, Unit: workflow.Unit(t.Unit), Unless: workflow.Unless(t.Unless),
			Behind: t.Behind, Yearly: t.Yearly, Hour: t.Hour,
		},
		When: d.When, Actions: each(d.Actions, func(a WorkflowAction) workflow.Action { return workflow.Action(a) }),
	}
}

func workflowPlanOf(noun leadrule.Noun, p workflow.Plan) WorkflowTrialDraft {
	t := p.Trigger
	return WorkflowTrialDraft{
		string(noun), WorkflowTrigger{string(t.Kind), t.Events, t.Field, t.From, t.To, t.Count, string(t.Unit), string(t.Unless), t.Behind, t.Yearly, t.Hour},
		p.When, each(p.Actions, func(a workflow.Action) WorkflowAction { return WorkflowAction(a) }),
	}
}

func workflowOf(r workflow.Rule) WorkflowRule {
	return WorkflowRule{idOf(r.ID), r.Version, string(r.State), r.Live, r.LiveAt, r.LiveBy, WorkflowDraft{r.Name, workflowPlanOf(r.Noun, r.Plan)}}
}

// CountedWorkflow is a rule in the list.
type CountedWorkflow struct {
	WorkflowRule
	Counts map[string]int64 `json:"counts" doc:"What became of its runs in the log, by outcome; those that wait under waiting."`
}

// WorkflowVersion is what a rule said from its publication on.
type WorkflowVersion struct {
	Number  int64     `json:"number"`
	SavedAt time.Time `json:"saved_at"`
	SavedBy string    `json:"saved_by"`
	WorkflowTrialDraft
}

// WorkflowTrial is for which of the latest records a rule would act.
type WorkflowTrial struct {
	Looked  int              `json:"looked" doc:"How many were looked at."`
	Matched int              `json:"matched"`
	Rows    []WorkflowRecord `json:"rows" doc:"The latest that it would act on."`
}

// WorkflowRecord is a record that a rule is about.
type WorkflowRecord struct {
	ID   ID     `json:"id"`
	Noun string `json:"noun" enum:"lead,opportunity,quote,party"`
	Name string `json:"name,omitempty" doc:"Left out where it is gone."`
}

// WorkflowRun is one time that a rule was set off for a record.
type WorkflowRun struct {
	ID         ID               `json:"id"`
	RuleID     ID               `json:"rule_id"`
	Rule       string           `json:"rule" doc:"Its name."`
	Number     int64            `json:"number" doc:"The version of the rule whose actions it does."`
	Record     WorkflowRecord   `json:"record"`
	Since      time.Time        `json:"since" doc:"When it was set off."`
	PlannedAt  time.Time        `json:"planned_at" doc:"When it was to be."`
	FinishedAt time.Time        `json:"finished_at,omitzero"`
	Outcome    string           `json:"outcome" enum:"waiting,acted,unmet,followed,cancelled,stopped,failed" doc:"unmet: the condition did not hold any more; followed: somebody did meanwhile what the rule waited for; stopped: rules caused each other in a circle."`
	Attempts   int              `json:"attempts"`
	Failure    string           `json:"failure,omitempty" doc:"Why the last attempt failed."`
	Event      string           `json:"event,omitempty" doc:"What set it off."`
	By         string           `json:"by,omitempty" doc:"Who did that."`
	Day        string           `json:"day,omitempty" doc:"The date that was reached."`
	Reasons    []WorkflowReason `json:"reasons" doc:"The parts of the condition with what came of them."`
	Values     []WorkflowValue  `json:"values" doc:"What the condition looked at."`
	Deeds      []WorkflowDeed   `json:"deeds" doc:"The actions that were done."`
}

// WorkflowReason is a part of a condition.
type WorkflowReason struct {
	Text string `json:"text"`
	Held string `json:"held" enum:"yes,no,unknown"`
}

// WorkflowValue is a field that a condition looked at; a list says how many rows it has.
type WorkflowValue struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// WorkflowDeed is one action with what came of it.
type WorkflowDeed struct {
	Step   string `json:"step"`
	Result string `json:"result,omitempty"`
}

const waiting = "waiting"

func outcomeOf(o workflow.Outcome) string {
	if o == workflow.Waiting {
		return waiting
	}
	return string(o)
}

func runOf(r workflow.RunRow) WorkflowRun {
	return WorkflowRun{
		idOf(r.ID), idOf(r.WorkflowID), r.Rule, r.Number, WorkflowRecord{idOf(r.RecordID), string(r.Noun), r.Record.Name}, r.Since, r.PlannedAt, r.FinishedAt, outcomeOf(r.Outcome),
		r.Attempts, r.Failure, r.Why.Event, r.Why.By, r.Why.Day,
		each(r.Why.Reasons, func(x workflow.Reason) WorkflowReason { return WorkflowReason(x) }), each(r.Why.Values, func(x workflow.Value) WorkflowValue { return WorkflowValue(x) }),
		each(r.Why.Deeds, func(x workflow.Deed) WorkflowDeed { return WorkflowDeed(x) }),
	}
}

// WorkflowTerms are what rules about a noun can wait for, ask and do.
type WorkflowTerms struct {
	Events      []string       `json:"events"`
	Steps       []WorkflowStep `json:"steps"`
	Environment Object         `json:"environment" doc:"What conditions can speak of: fields, lists and functions with their types."`
}

// WorkflowStep is something that rules can have done.
type WorkflowStep struct {
	Name       string              `json:"name" example:"task.plan"`
	Right      string              `json:"right,omitempty" doc:"What the author of a rule needs for it."`
	Parameters []WorkflowParameter `json:"parameters"`
}

// WorkflowParameter is what the author of a rule says about a step.
type WorkflowParameter struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind" enum:"line,long,value,whole,choice,colleague,addressee,field,stage,sequence,template" doc:"value: goes into a field, and is written as 1250.5, 2026-07-13 or true; template: the purpose of a letter, of GET /mail-templates."`
	Required bool     `json:"required"`
	Choices  []string `json:"choices,omitempty"`
	Most     int      `json:"most,omitempty" doc:"The longest text, or the largest number."`
}

func stepOf(s event.Step) WorkflowStep {
	return WorkflowStep{s.Name, string(s.Right), each(s.Parameters, func(p event.Parameter) WorkflowParameter {
		return WorkflowParameter{p.Name, string(p.Kind), p.Required, p.Choices, p.Most}
	})}
}

func workflowID(id ID) workflow.ID { return keyOf[workflow.Tag](id) }

var workflowNoun = noun[workflow.Rule, WorkflowRule]{workflowOf, func(r workflow.Rule) (string, int64) { return r.ID.String(), r.Version }}

func (a *server) workflows() {
	read, write := rights(workflow.Read), rights(workflow.Write)
	r := get("list-workflow-rules", "/workflow-rules", workflowTag, "List the company's rules by their names")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Listed[CountedWorkflow], error) {
		all, err := m.Workflows.List(ctx)
		return listed(callOf(ctx), each(all, func(r workflow.Row) CountedWorkflow {
			out := CountedWorkflow{workflowOf(r.Rule), map[string]int64{}}
			for o, n := range r.Counts {
				out.Counts[outcomeOf(o)] = n
			}
			return out
		}), ""), err
	})
	r = post("create-workflow-rule", "/workflow-rules", workflowTag, "Draft a rule")
	r.Rights, r.Status = write, http.StatusCreated
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body WorkflowDraft }) (*Made[WorkflowRule], error) {
		made, err := m.Workflows.Save(ctx, workflow.Drafting{Name: in.Body.Name, Noun: leadrule.Noun(in.Body.Noun), Plan: in.Body.plan()})
		return workflowNoun.made(ctx, made, err)
	})
	r = get("get-workflow-rule", "/workflow-rules/{id}", workflowTag, "Read a rule as it is being written")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *one) (*Tagged[WorkflowRule], error) {
		return workflowNoun.tagged(m.Workflows.Get(ctx, workflowID(in.ID)))
	})
	add(a, route{ID: "edit-workflow-rule", Method: http.MethodPut, Path: "/workflow-rules/{id}", Tag: workflowTag, Rights: write, Summary: "Write a rule anew", Doc: "What was published holds on until the rule is published again."},
		onWorkflow(func(ctx context.Context, m *crm.Module, now workflow.Rule, in *changing[WorkflowDraft]) (workflow.Rule, error) {
			if in.Body.Noun != string(now.Noun) {
				return now, invalid("noun", "choice", "is %s for good; make another rule for a %s", now.Noun, in.Body.Noun)
			}
			return m.Workflows.Save(ctx, workflow.Drafting{ID: now.ID, Version: now.Version, Name: in.Body.Name, Noun: now.Noun, Plan: in.Body.plan()})
		}))
	type turn = func(context.Context, workflow.ID, int64) (workflow.Rule, error)
	for _, step := range []struct {
		name, summary string
		do            func(*workflow.Workflows) turn
	}{
		{"publish", "Have a rule hold from now on as it is written", func(w *workflow.Workflows) turn { return w.Publish }},
		{"stop", "Switch a rule off: runs that wait are cancelled", func(w *workflow.Workflows) turn { return w.Stop }},
	} {
		r := post(step.name+"-workflow-rule", "/workflow-rules/{id}/"+step.name, workflowTag, step.summary)
		r.Rights = write
		add(a, r, func(ctx context.Context, m *crm.Module, in *matched) (*Tagged[WorkflowRule], error) {
			var now workflow.Rule
			if err := locked(ctx, m, &now, workflowID(in.ID), in.version); err != nil {
				return nil, err
			}
			return workflowNoun.tagged(step.do(m.Workflows)(ctx, now.ID, now.Version))
		})
	}
	add(a, route{ID: "remove-workflow-rule", Method: http.MethodDelete, Path: "/workflow-rules/{id}", Tag: workflowTag, Rights: write, Summary: "Take a rule away that never held"},
		func(ctx context.Context, m *crm.Module, in *matched) (*Empty, error) {
			var now workflow.Rule
			if err := locked(ctx, m, &now, workflowID(in.ID), in.version); err != nil {
				return nil, err
			}
			return nil, m.Workflows.Remove(ctx, now.ID, now.Version)
		})
	r = get("list-workflow-rule-versions", "/workflow-rules/{id}/versions", workflowTag, "List what a rule said, the newest first")
	r.Rights, r.Doc = read, "At most the last hundred."
	add(a, r, func(ctx context.Context, m *crm.Module, in *one) (*Listed[WorkflowVersion], error) {
		now, err := m.Workflows.Get(ctx, workflowID(in.ID))
		if err != nil {
			return nil, err
		}
		all, err := m.Workflows.Versions(ctx, now.ID)
		return listed(callOf(ctx), each(all, func(v workflow.Version) WorkflowVersion {
			return WorkflowVersion{v.Number, v.SavedAt, v.SavedBy, workflowPlanOf(now.Noun, v.Plan)}
		}), ""), err
	})
	r = post("try-workflow-rule", "/workflow-rules/try", workflowTag, "Ask for the latest 2000 records whether a rule would act")
	r.Rights, r.Doc = write, "Writes nothing. What the rule does is not asked yet."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body WorkflowTrialDraft }) (*Out[WorkflowTrial], error) {
		t, err := m.Workflows.Try(ctx, leadrule.Noun(in.Body.Noun), in.Body.plan())
		return &Out[WorkflowTrial]{WorkflowTrial{t.Looked, t.Matched, each(t.Rows, func(r workflow.Record) WorkflowRecord {
			return WorkflowRecord{idOf(r.ID), in.Body.Noun, r.Name}
		})}}, err
	})
	a.workflowRuns()
}

// onWorkflow makes a verb of a function that changes a rule under the version that was read.
func onWorkflow[B any](do func(ctx context.Context, m *crm.Module, now workflow.Rule, in *changing[B]) (workflow.Rule, error)) verb[changing[B], Tagged[WorkflowRule]] {
	return func(ctx context.Context, m *crm.Module, in *changing[B]) (*Tagged[WorkflowRule], error) {
		var now workflow.Rule
		if err := locked(ctx, m, &now, workflowID(in.ID), in.version); err != nil {
			return nil, err
		}
		return workflowNoun.tagged(do(ctx, m, now, in))
	}
}

func (a *server) workflowRuns() {
	read := rights(workflow.Read)
	r := get("list-workflow-runs", "/workflow-runs", workflowTag, "List what rules did and why, the latest first")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		Rule    ID     `query:"rule"`
		Record  ID     `query:"record"`
		Outcome string `query:"outcome" enum:"waiting,acted,unmet,followed,cancelled,stopped,failed"`
	}) (*Listed[WorkflowRun], error) {
		f := workflow.Filter{Rule: workflowID(in.Rule), Record: keyOf[workflow.RecordTag](in.Record), Page: in.page()}
		if f.Open = in.Outcome == waiting; !f.Open {
			f.Outcome = workflow.Outcome(in.Outcome)
		}
		list, err := m.Workflows.Runs(ctx, f)
		return listed(callOf(ctx), each(list.Rows, runOf), list.Next), err
	})
	r = post("retry-workflow-run", "/workflow-runs/{id}/retry", workflowTag, "Have a run that failed tried again")
	r.Rights = rights(workflow.Write)
	add(a, r, func(ctx context.Context, m *crm.Module, in *ByID) (*Empty, error) {
		_, err := m.Workflows.Retry(ctx, keyOf[workflow.RunTag](in.ID))
		return nil, err
	})
	r = get("get-workflow-terms", "/workflow-terms", workflowTag, "Tell what rules about a noun can wait for, ask and do")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Noun string `query:"noun" required:"true" enum:"lead,opportunity,quote,party"`
	}) (*Out[WorkflowTerms], error) {
		about := leadrule.Noun(in.Noun)
		env, err := m.Workflows.Environment(ctx, about)
		if err != nil {
			return nil, err
		}
		steps, err := m.Workflows.Steps(ctx, about)
		if err != nil {
			return nil, err
		}
		text, err := env.MarshalJSON()
		return &Out[WorkflowTerms]{WorkflowTerms{some(workflow.Events(about)), each(steps, stepOf), text}}, err
	})
}
