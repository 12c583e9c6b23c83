package api

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/regulation"
)

const regulationTag = "Regulations"

// RegulationPlan says how long one step may take to follow another.
type RegulationPlan struct {
	Regulations []Regulation `json:"regulations" maxItems:"50"`
}

// Regulation is one limit between two steps.
type Regulation struct {
	ID         ID               `json:"id,omitempty" doc:"Left out of a new one. One whose steps or pipeline are others than before gets a new id."`
	Name       string           `json:"name" maxLength:"120"`
	From       RegulationMoment `json:"from"`
	To         RegulationMoment `json:"to"`
	Days       int              `json:"days,omitempty" minimum:"0" maximum:"366" doc:"The limit is when work ends on that working day after the first step. Where it is 0, minutes is meant."`
	Minutes    int              `json:"minutes,omitempty" minimum:"0" doc:"Of working time."`
	Remind     int              `json:"remind,omitempty" minimum:"0" doc:"How many minutes of working time before the limit the owner is told."`
	PipelineID ID               `json:"pipeline_id,omitempty" doc:"Only opportunities of this pipeline."`
	Since      time.Time        `json:"since,omitzero" readOnly:"true" doc:"From when on steps begin it."`
}

// RegulationMoment is a step that can begin or end one.
type RegulationMoment struct {
	Step    string `json:"step" enum:"captured,answered,spoken,opened,entered,quoted,sent,accepted,won,ordered,delivered,invoiced"`
	StageID ID     `json:"stage_id,omitempty" doc:"Of entered: the stage."`
}

func (m RegulationMoment) moment() regulation.Moment {
	return regulation.Moment{Step: regulation.Step(m.Step), Stage: keyOf[opportunity.StageTag](m.StageID)}
}

func momentOf(m regulation.Moment) RegulationMoment {
	return RegulationMoment{string(m.Step), idOf(m.Stage)}
}

func (p RegulationPlan) plan() (regulation.Plan, error) {
	return regulation.Plan{Regulations: each(p.Regulations, func(r Regulation) regulation.Regulation {
		return regulation.Regulation{
			ID: keyOf[regulation.Tag](r.ID), Name: r.Name, From: r.From.moment(), To: r.To.moment(), Days: r.Days, Minutes: r.Minutes, Remind: r.Remind,
			Pipeline: keyOf[opportunity.PipelineTag](r.PipelineID),
		}
	})}, nil
}

func regulationPlanOf(p regulation.Plan) RegulationPlan {
	return RegulationPlan{each(p.Regulations, func(r regulation.Regulation) Regulation {
		return Regulation{idOf(r.ID), r.Name, momentOf(r.From), momentOf(r.To), r.Days, r.Minutes, r.Remind, idOf(r.Pipeline), r.Since}
	})}
}

var regulationPolicy = policyNoun[RegulationPlan, regulation.Plan]{
	name: "regulations", of: "how long one step may take to follow another", reads: readers, wire: regulationPlanOf, plan: RegulationPlan.plan,
	keeper: func(m *crm.Module) policy.Keeper[regulation.Plan] { return m.Regulations.Keeper },
}

// Passage is one way from the first step of a regulation to the second.
type Passage struct {
	ID           ID        `json:"id"`
	RegulationID ID        `json:"regulation_id"`
	Regulation   string    `json:"regulation" doc:"As it was called when the passage began."`
	Standing     string    `json:"standing" enum:"kept,broken,late,open,void" doc:"late: over the limit, and the second step has not come; void: the deal was lost, or the first step was undone."`
	Noun         string    `json:"noun" enum:"lead,opportunity,quote,party" doc:"What record_id is."`
	RecordID     ID        `json:"record_id"`
	PartyID      ID        `json:"party_id"`
	Name         string    `json:"name" doc:"Of what it is about."`
	OwnerUser    string    `json:"owner_user"`
	OwnerTeam    string    `json:"owner_team"`
	StartedAt    time.Time `json:"started_at"`
	DueAt        time.Time `json:"due_at,omitzero"`
	StoppedAt    time.Time `json:"stopped_at,omitzero"`
	LimitSeconds int64     `json:"limit_seconds" doc:"Of working time."`
	SpentSeconds int64     `json:"spent_seconds" doc:"As of the end."`
}

func passageAt(now time.Time) func(regulation.Row) Passage {
	return func(r regulation.Row) Passage {
		return Passage{
			idOf(r.ID), idOf(r.PartID), r.RuleName, string(r.Standing(now)), r.Noun, idOf(r.RecordID), idOf(r.PartyID), r.Name, r.OwnerUser, r.OwnerTeam,
			r.StartedAt, r.DueAt, r.StoppedAt, r.Limit, r.Spent,
		}
	}
}

// RegulationResult counts the passages of one regulation and owner whose limit was in one month.
type RegulationResult struct {
	RegulationID ID        `json:"regulation_id"`
	Regulation   string    `json:"regulation"`
	OwnerUser    string    `json:"owner_user"`
	Month        time.Time `json:"month" doc:"Its first instant in the company's zone."`
	Kept         int64     `json:"kept"`
	Broken       int64     `json:"broken"`
	Ended        int64     `json:"ended" doc:"Those whose second step came, in time or not."`
	Seconds      int64     `json:"seconds" doc:"The working time that those took together."`
}

// PassageFilter picks passages by when their limit is.
type PassageFilter struct {
	Regulation ID     `query:"regulation"`
	Owner      string `query:"owner" maxLength:"64"`
}

func (f PassageFilter) filter(from, until time.Time) regulation.Filter {
	return regulation.Filter{From: from, Until: until, Regulation: keyOf[regulation.Tag](f.Regulation), Owner: f.Owner}
}

func (a *server) regulations() {
	reads := rights(actor.OpportunityRead)
	r := get("list-regulation-results", "/regulations/results", regulationTag, "Count who kept the limits between two steps, month by month")
	r.Rights, r.Doc = reads, "What is still open is not in it."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		PassageFilter
		From  time.Time `query:"from" required:"true" doc:"The limit is then or later."`
		Until time.Time `query:"until" required:"true" doc:"The limit is earlier; at most three years after from."`
	}) (*Listed[RegulationResult], error) {
		all, err := m.Regulations.Results(ctx, in.filter(in.From, in.Until))
		return listed(callOf(ctx), each(all, func(r regulation.Result) RegulationResult {
			return RegulationResult{idOf(r.Regulation), r.Name, r.Owner, r.Month, r.Kept, r.Broken, r.Ended, r.Seconds}
		}), ""), err
	})
	r = get("list-passages", "/regulations/passages", regulationTag, "List the passages from one step to the other, the latest limit first")
	r.Rights, r.Doc = reads, "Those that are open or late come with the earliest limit first."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		PassageFilter
		Standing string    `query:"standing" enum:"kept,broken,late,open,void"`
		From     time.Time `query:"from"`
		Until    time.Time `query:"until"`
	}) (*Listed[Passage], error) {
		f := in.filter(in.From, in.Until)
		f.Standing, f.Page = regulation.Standing(in.Standing), in.page()
		list, err := m.Regulations.List(ctx, f)
		return listed(callOf(ctx), each(list.Rows, passageAt(m.DB().Now())), list.Next), err
	})
}
