package api

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/policy"
)

const clockTag = "Clocks"

// ClockPlan says how long things may take.
type ClockPlan struct {
	Responses []ClockResponse `json:"responses" doc:"They are asked in their order; the first one that fits a lead says its limit."`
	Otherwise ClockResponse   `json:"otherwise" doc:"For leads that none of them fits."`
	Manager   string          `json:"manager,omitempty" doc:"Is told where nobody knows the owner's manager."`
	Stages    ClockStages     `json:"stages"`
}

// ClockResponse is how soon some leads are to be answered.
type ClockResponse struct {
	Name    string `json:"name,omitempty"`
	When    string `json:"when,omitempty" doc:"A condition about the lead; every lead where it is left out."`
	Minutes int    `json:"minutes" doc:"Of working time from the assignment to the first answer; 0 for no limit."`
	Remind  int    `json:"remind,omitempty" doc:"How many minutes of working time before that the owner is reminded."`
}

// ClockStages says what holds for the time limits of stages, which stand with the stages themselves.
type ClockStages struct {
	ManagerAfter int      `json:"manager_after" doc:"How many minutes of working time after the owner his manager is told."`
	Planned      bool     `json:"planned" doc:"Telling is put off until what is planned next for the opportunity is due."`
	Reset        []string `json:"reset,omitempty" enum:"contact,activity" doc:"What starts the clock anew."`
}

func (p ClockPlan) plan() (clock.Plan, error) {
	return clock.Plan{
		Responses: each(p.Responses, func(r ClockResponse) clock.Response { return clock.Response(r) }), Otherwise: clock.Response(p.Otherwise), Manager: p.Manager,
		Stages: clock.Stages{ManagerAfter: p.Stages.ManagerAfter, Planned: p.Stages.Planned, Reset: words[clock.Reset](p.Stages.Reset)},
	}, nil
}

func clockPlanOf(p clock.Plan) ClockPlan {
	return ClockPlan{
		each(p.Responses, func(r clock.Response) ClockResponse { return ClockResponse(r) }), ClockResponse(p.Otherwise), p.Manager,
		ClockStages{p.Stages.ManagerAfter, p.Stages.Planned, each(p.Stages.Reset, func(r clock.Reset) string { return string(r) })},
	}
}

var clockPolicy = policyNoun[ClockPlan, clock.Plan]{
	name: "clocks", of: "how long things may take", reads: readers, wire: clockPlanOf, plan: ClockPlan.plan,
	keeper: func(m *crm.Module) policy.Keeper[clock.Plan] { return m.Clocks.Keeper },
}

// Clock is one limit on one record.
type Clock struct {
	ID           ID        `json:"id"`
	Kind         string    `json:"kind" enum:"answer,stage,regulation" doc:"answer: a lead waits for its first answer; stage: an opportunity is in a stage; regulation: one step is to follow another."`
	RecordID     ID        `json:"record_id" doc:"The lead or the opportunity; of a regulation also a quote or a party."`
	StageID      ID        `json:"stage_id,omitempty"`
	RegulationID ID        `json:"regulation_id,omitempty"`
	PartyID      ID        `json:"party_id"`
	Rule         string    `json:"rule" doc:"What gave the limit, as it was called then."`
	State        string    `json:"state" enum:"running,paused,held,kept,missed,dropped" doc:"paused: the lead is nurtured; held: somebody has stopped it; dropped: what it watched went away."`
	Late         bool      `json:"late" doc:"The limit is passed."`
	StartedAt    time.Time `json:"started_at"`
	PausedAt     time.Time `json:"paused_at,omitzero"`
	StoppedAt    time.Time `json:"stopped_at,omitzero"`
	LimitSeconds int64     `json:"limit_seconds" doc:"Of working time."`
	SpentSeconds int64     `json:"spent_seconds" doc:"As of the pause or the end."`
	DueAt        time.Time `json:"due_at,omitzero" doc:"Left out while it is paused."`
	OwnerUser    string    `json:"owner_user" doc:"Who is to act."`
	OwnerTeam    string    `json:"owner_team"`
	ToldOwner    string    `json:"told_owner,omitempty" doc:"Who was told that the limit is near or passed."`
	ToldManager  string    `json:"told_manager,omitempty"`
}

func clockAt(now time.Time) func(clock.Clock) Clock {
	return func(c clock.Clock) Clock {
		var stage, limit ID
		switch c.Kind {
		case clock.Stage:
			stage = idOf(c.PartID)
		case clock.Regulation:
			limit = idOf(c.PartID)
		}
		return Clock{
			idOf(c.ID), string(c.Kind), idOf(c.RecordID), stage, limit, idOf(c.PartyID), c.RuleName, string(c.State), c.Late(now), c.StartedAt, c.PausedAt, c.StoppedAt,
			c.Limit, c.Spent, c.DueAt, c.OwnerUser, c.OwnerTeam, c.ToldOwner, c.ToldManager,
		}
	}
}

// ClockResult is how somebody kept his times.
type ClockResult struct {
	OwnerUser string `json:"owner_user"`
	Kept      int64  `json:"kept" doc:"Clocks that ended in the period."`
	Missed    int64  `json:"missed"`
	Seconds   int64  `json:"seconds" doc:"The working time used by all of them together."`
	Late      int64  `json:"late" doc:"Those that run now and are over their limit."`
}

func (a *server) clocks() {
	reads := rights(actor.LeadRead, actor.OpportunityRead)
	r := get("list-clocks", "/clocks", clockTag, "List the clocks that run, those that are due first in front")
	r.Rights = reads
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		Kind  string `query:"kind" enum:"answer,stage" required:"true"`
		Owner string `query:"owner" maxLength:"64"`
		Late  bool   `query:"late" doc:"Only those that are over their limit."`
	}) (*Listed[Clock], error) {
		list, err := m.Clocks.Running(ctx, clock.Filter{Kind: clock.Kind(in.Kind), Owner: in.Owner, Late: in.Late, Page: in.page()})
		return listed(callOf(ctx), each(list.Rows, clockAt(m.DB().Now())), list.Next), err
	})
	for _, of := range []struct {
		noun, tag string
		right     actor.Right
		seen      func(ctx context.Context, m *crm.Module, id ID) error
	}{
		{"lead", "Leads", actor.LeadRead, func(ctx context.Context, m *crm.Module, id ID) error {
			return visible(ctx, m, &lead.Lead{}, leadID(id))
		}},
		{"opportunity", "Opportunities", actor.OpportunityRead, func(ctx context.Context, m *crm.Module, id ID) error {
			return visible(ctx, m, &opportunity.Opportunity{}, keyOf[opportunity.Tag](id))
		}},
	} {
		path := map[string]string{"lead": "/leads", "opportunity": "/opportunities"}[of.noun]
		r := get("list-"+of.noun+"-clocks", path+"/{id}/clocks", of.tag, "List all clocks that ran on a record, the latest first")
		r.Rights = rights(of.right)
		add(a, r, func(ctx context.Context, m *crm.Module, in *one) (*Listed[Clock], error) {
			if err := of.seen(ctx, m, in.ID); err != nil {
				return nil, err
			}
			all, err := m.Clocks.History(ctx, keyOf[clock.RecordTag](in.ID))
			return listed(callOf(ctx), each(all, clockAt(m.DB().Now())), ""), err
		})
	}
	type turn = func(context.Context, clock.ID) (clock.Clock, error)
	for _, step := range []struct {
		name, summary string
		do            func(*clock.Clocks) turn
	}{
		{"hold", "Stop a clock for a while: somebody waits for the customer", func(c *clock.Clocks) turn { return c.Hold }},
		{"resume", "Let a clock that was stopped run on with what was left of its limit", func(c *clock.Clocks) turn { return c.Resume }},
	} {
		r := post(step.name+"-clock", "/clocks/{id}/"+step.name, clockTag, step.summary)
		r.Rights, r.Doc = rights(actor.LeadWrite), "Done twice it changes nothing."
		add(a, r, func(ctx context.Context, m *crm.Module, in *ByID) (*Out[Clock], error) {
			c, err := step.do(m.Clocks)(ctx, keyOf[clock.Tag](in.ID))
			return &Out[Clock]{clockAt(m.DB().Now())(c)}, err
		})
	}
	r = get("list-clock-results", "/clocks/results", clockTag, "Read who kept his times in a period, and who is late now")
	r.Rights = rights(actor.LeadRead)
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Kind  string    `query:"kind" enum:"answer,stage" required:"true"`
		From  time.Time `query:"from" required:"true"`
		Until time.Time `query:"until" required:"true" doc:"The instant after the period's end."`
	}) (*Listed[ClockResult], error) {
		all, err := m.Clocks.Results(ctx, clock.Period{Kind: clock.Kind(in.Kind), From: in.From, Until: in.Until})
		return listed(callOf(ctx), each(all, func(r clock.Result) ClockResult { return ClockResult{r.Owner, r.Kept, r.Missed, r.Seconds, r.Late} }), ""), err
	})
}
