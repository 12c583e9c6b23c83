package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/process"
)

const processTag = "Processes"

// ProcessPlan are the templates that processes are started from.
type ProcessPlan struct {
	Templates []ProcessTemplate `json:"templates"`
}

// ProcessTemplate is what a process is made of.
type ProcessTemplate struct {
	ID    ID                `json:"id,omitempty" doc:"Left out of a new one; keep it where a template is changed."`
	Name  string            `json:"name"`
	On    []string          `json:"on,omitempty" enum:"lead,opportunity,party" doc:"What it can be started on; all where it is left out."`
	Steps []ProcessStepPlan `json:"steps"`
}

// ProcessStepPlan is one step of a template.
type ProcessStepPlan struct {
	Name      string `json:"name"`
	Who       string `json:"who" doc:"owner, or user: or team: with a key behind." example:"team:setup"`
	Days      int    `json:"days" doc:"Working days until it is due, from when it opens."`
	FromStart bool   `json:"from_start,omitempty" doc:"From when the process began instead."`
	Along     bool   `json:"along,omitempty" doc:"Opens together with the step before."`
	Skippable bool   `json:"skippable,omitempty" doc:"People may leave it out."`
}

func (p ProcessPlan) plan() (process.Plan, error) {
	return process.Plan{Templates: each(p.Templates, func(t ProcessTemplate) process.Template {
		return process.Template{ID: keyOf[process.TemplateTag](t.ID), Name: t.Name, On: words[process.Noun](t.On), Steps: each(t.Steps, func(s ProcessStepPlan) process.StepPlan {
			return process.StepPlan{Name: s.Name, Who: process.Who(s.Who), Days: s.Days, FromStart: s.FromStart, Along: s.Along, Skippable: s.Skippable}
		})}
	})}, nil
}

func processPlanOf(p process.Plan) ProcessPlan {
	return ProcessPlan{each(p.Templates, func(t process.Template) ProcessTemplate {
		return ProcessTemplate{idOf(t.ID), t.Name, each(t.On, func(n process.Noun) string { return string(n) }), each(t.Steps, func(s process.StepPlan) ProcessStepPlan {
			return ProcessStepPlan{s.Name, string(s.Who), s.Days, s.FromStart, s.Along, s.Skippable}
		})}
	})}
}

var processPolicy = policyNoun[ProcessPlan, process.Plan]{
	name: "processes", of: "what processes are made of", reads: readers, wire: processPlanOf, plan: ProcessPlan.plan,
	keeper: func(m *crm.Module) policy.Keeper[process.Plan] { return m.Processes.Keeper },
}

// Process is one run through a template.
type Process struct {
	ID            ID        `json:"id"`
	Version       int64     `json:"version"`
	TemplateID    ID        `json:"template_id"`
	Name          string    `json:"name" doc:"The template's, when it was started."`
	RecordKind    string    `json:"record_kind" enum:"lead,opportunity,party"`
	RecordID      ID        `json:"record_id"`
	PartyID       ID        `json:"party_id"`
	OpportunityID ID        `json:"opportunity_id,omitempty"`
	About         string    `json:"about,omitempty" doc:"The name of what it is on."`
	State         string    `json:"state" enum:"running,done,cancelled"`
	StartedAt     time.Time `json:"started_at"`
	EndedAt       time.Time `json:"ended_at,omitzero"`
	DueAt         time.Time `json:"due_at,omitzero" doc:"When the first of its open steps is due."`
	Steps         int       `json:"steps" doc:"How many there are."`
	StepsOver     int       `json:"steps_over" doc:"How many are over."`
	At            string    `json:"at,omitempty" doc:"The step it stands at."`
	AtUser        string    `json:"at_user,omitempty" doc:"Who does that."`
	Reason        string    `json:"reason,omitempty" doc:"Why it was cancelled."`
	OwnerUser     string    `json:"owner_user"`
	OwnerTeam     string    `json:"owner_team,omitempty"`
}

// ProcessCard is a process with its steps.
type ProcessCard struct {
	Process
	Line []ProcessStep `json:"line" doc:"The steps in their order."`
}

// ProcessStep is one step of a process; an open one is a task.
type ProcessStep struct {
	ID         ID        `json:"id"`
	Name       string    `json:"name"`
	Who        string    `json:"who"`
	User       string    `json:"user,omitempty" doc:"Who does it."`
	Part       int       `json:"part" doc:"Steps of one part open together."`
	State      string    `json:"state" enum:"waiting,open,done,skipped,cancelled"`
	Skippable  bool      `json:"skippable"`
	ActivityID ID        `json:"activity_id,omitempty" doc:"Its task."`
	OpenedAt   time.Time `json:"opened_at,omitzero"`
	DueAt      time.Time `json:"due_at,omitzero"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	EndedBy    string    `json:"ended_by,omitempty"`
	Reason     string    `json:"reason,omitempty"`
}

func processOf(p process.Process, about string) Process {
	out := Process{
		ID: idOf(p.ID), Version: p.Version, TemplateID: idOf(p.TemplateID), Name: p.Name, RecordKind: string(p.Noun), RecordID: idOf(p.RecordID), PartyID: idOf(p.PartyID), About: about, State: string(p.State),
		StartedAt: p.StartedAt, EndedAt: p.EndedAt, DueAt: p.DueAt, Steps: p.Steps, StepsOver: p.Over, At: p.At, AtUser: p.AtUser, Reason: p.Reason, OwnerUser: p.OwnerUser, OwnerTeam: p.OwnerTeam,
	}
	if !p.OpportunityID.IsZero() {
		out.OpportunityID = idOf(p.OpportunityID)
	}
	return out
}

func processStepOf(s process.Step) ProcessStep {
	out := ProcessStep{
		ID: idOf(s.ID), Name: s.Name, Who: string(s.Who), User: s.WhoUser, Part: s.Part, State: string(s.State), Skippable: s.Skippable, OpenedAt: s.OpenedAt, DueAt: s.DueAt, EndedAt: s.EndedAt, EndedBy: s.EndedBy,
		Reason: s.Reason,
	}
	if !s.ActivityID.IsZero() {
		out.ActivityID = idOf(s.ActivityID)
	}
	return out
}

func processCardOf(c process.Card) ProcessCard {
	return ProcessCard{processOf(c.Process, c.About), each(c.Line, processStepOf)}
}

var processNoun = noun[process.Card, ProcessCard]{processCardOf, func(c process.Card) (string, int64) { return c.ID.String(), c.Version }}

// ProcessStart begins a template on a record.
type ProcessStart struct {
	TemplateID ID     `json:"template_id"`
	RecordKind string `json:"record_kind" enum:"lead,opportunity,party"`
	RecordID   ID     `json:"record_id"`
}

// ProcessResult says what came of a step.
type ProcessResult struct {
	Outcome string `json:"outcome,omitempty" maxLength:"1000"`
}

// ProcessHandOver names who does a step from now on.
type ProcessHandOver struct {
	User string `json:"user" maxLength:"64"`
}

func (a *server) processes() {
	read, write := rights(actor.ActivityRead), rights(actor.ActivityWrite)
	card := func(ctx context.Context, m *crm.Module, p process.Process, err error) (process.Card, error) {
		if err != nil {
			return process.Card{}, err
		}
		return m.Processes.Get(ctx, p.ID)
	}
	r := get("list-processes", "/processes", processTag, "List processes, those that began last in front")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		State      string `query:"state" enum:"running,done,cancelled"`
		Template   ID     `query:"template"`
		Owner      string `query:"owner" doc:"Whose the record is, or who has an open step."`
		Overdue    bool   `query:"overdue" doc:"Those with a step that is late."`
		RecordKind string `query:"record_kind" enum:"lead,opportunity,party" doc:"Of record."`
		Record     ID     `query:"record"`
		Party      ID     `query:"party" doc:"Whatever of his they are on."`
	}) (*Listed[Process], error) {
		if in.Record != "" && in.RecordKind == "" {
			return nil, invalid("record_kind", "required", "is missing; say what the record is")
		}
		list, err := m.Processes.List(ctx, process.Filter{
			State: process.State(in.State), Template: keyOf[process.TemplateTag](in.Template), Owner: in.Owner, Overdue: in.Overdue, Noun: process.Noun(in.RecordKind), Record: keyOf[process.RecordTag](in.Record),
			Party: partyID(in.Party), Page: in.page(),
		})
		return listed(callOf(ctx), each(list.Rows, func(r process.Row) Process { return processOf(r.Process, r.About) }), list.Next), err
	})
	r = post("start-process", "/processes", processTag, "Start a process on a record: its first steps open at once")
	r.Rights, r.Status = write, http.StatusCreated
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body ProcessStart }) (*Made[ProcessCard], error) {
		p, err := m.Processes.Start(ctx, keyOf[process.TemplateTag](in.Body.TemplateID), process.Noun(in.Body.RecordKind), keyOf[process.RecordTag](in.Body.RecordID))
		made, err := card(ctx, m, p, err)
		return processNoun.made(ctx, made, err)
	})
	r = get("get-process", "/processes/{id}", processTag, "Read a process with its steps")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *one) (*Tagged[ProcessCard], error) {
		return processNoun.tagged(m.Processes.Get(ctx, keyOf[process.Tag](in.ID)))
	})
	add(a, route{ID: "cancel-process", Method: http.MethodPost, Path: "/processes/{id}/cancel", Tag: processTag, Rights: write, Summary: "End a running process and say why", Doc: "Its open tasks are cancelled with it."},
		func(ctx context.Context, m *crm.Module, in *changing[Reason]) (*Tagged[ProcessCard], error) {
			var now process.Process
			if err := locked(ctx, m, &now, keyOf[process.Tag](in.ID), in.version); err != nil {
				return nil, err
			}
			p, err := m.Processes.Cancel(ctx, now.ID, in.Body.Reason)
			return processNoun.tagged(card(ctx, m, p, err))
		})
	onStep(a, "complete", "Complete an open step with what came of it", func(ctx context.Context, p *process.Processes, id process.StepID, b ProcessResult) (process.Process, error) {
		return p.Complete(ctx, id, b.Outcome)
	})
	onStep(a, "skip", "Leave an open step out and say why", func(ctx context.Context, p *process.Processes, id process.StepID, b Reason) (process.Process, error) {
		return p.Skip(ctx, id, b.Reason)
	})
	onStep(a, "hand-over", "Give an open step to another user", func(ctx context.Context, p *process.Processes, id process.StepID, b ProcessHandOver) (process.Process, error) {
		return p.HandOver(ctx, id, b.User)
	})
	r = post("reopen-process-step", "/process-steps/{id}/reopen", processTag, "Put a step that was done or left out back to work")
	r.Rights, r.Doc = write, "Steps after it that are open already stay so."
	add(a, r, func(ctx context.Context, m *crm.Module, in *ByID) (*Tagged[ProcessCard], error) {
		p, err := m.Processes.Reopen(ctx, keyOf[process.StepTag](in.ID))
		return processNoun.tagged(card(ctx, m, p, err))
	})
}

// onStep adds a route that does something with an open step; the state of the step says whether it still can.
func onStep[B any](a *server, name, summary string, do func(ctx context.Context, p *process.Processes, id process.StepID, body B) (process.Process, error)) {
	r := post(name+"-process-step", "/process-steps/{id}/"+name, processTag, summary)
	r.Rights, r.Doc = rights(actor.ActivityWrite), "Gives the process as it is then."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		ByID
		Body B
	}) (*Tagged[ProcessCard], error) {
		p, err := do(ctx, m.Processes, keyOf[process.StepTag](in.ID), in.Body)
		if err != nil {
			return nil, err
		}
		return processNoun.tagged(m.Processes.Get(ctx, p.ID))
	})
}
