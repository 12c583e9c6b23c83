package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/routing"
)

// RoutingPlan is who gets which leads.
type RoutingPlan struct {
	Rules    []RoutingRule  `json:"rules" doc:"They are asked in their order."`
	Fallback *RoutingTarget `json:"fallback,omitempty" doc:"Gets what no rule decides; left out, such leads have no owner."`
}

// RoutingRule gives some leads to somebody.
type RoutingRule struct {
	Key   string        `json:"key,omitempty" doc:"Names the rule for as long as it lives; a new rule has none."`
	Name  string        `json:"name"`
	Off   bool          `json:"off,omitempty" doc:"Leaves it out."`
	When  string        `json:"when,omitempty" doc:"A condition about the lead; every lead where it is left out."`
	Areas []RoutingArea `json:"areas,omitempty" doc:"The territory; the whole world where it is left out."`
	To    RoutingTarget `json:"to"`
}

// RoutingArea is a country, or a range of its postal codes.
type RoutingArea struct {
	Country string `json:"country" example:"HU"`
	From    string `json:"from,omitempty" doc:"The first postal code, or its beginning."`
	To      string `json:"to,omitempty" doc:"The last one."`
}

// RoutingTarget is who gets a lead.
type RoutingTarget struct {
	Method  string          `json:"method" enum:"user,team,turn,load,known" doc:"turn: the member who got one longest ago; load: the one with the fewest open leads; known: whoever looks after the person or company already."`
	User    string          `json:"user,omitempty"`
	Team    string          `json:"team,omitempty"`
	Members []RoutingMember `json:"members,omitempty" doc:"Of turn and load."`
}

// RoutingMember is one of those who share leads.
type RoutingMember struct {
	User string `json:"user"`
	Cap  int    `json:"cap,omitempty" doc:"How many leads he gets in a calendar month; any number where it is left out."`
}

func (t RoutingTarget) target() routing.Target {
	return routing.Target{
		Method: routing.Method(t.Method), User: t.User, Team: t.Team,
		Members: each(t.Members, func(m RoutingMember) routing.Member { return routing.Member(m) }),
	}
}

func routingTargetOf(t routing.Target) RoutingTarget {
	return RoutingTarget{string(t.Method), t.User, t.Team, each(t.Members, func(m routing.Member) RoutingMember { return RoutingMember(m) })}
}

func (r RoutingRule) rule() routing.Rule {
	return routing.Rule{
		Key: r.Key, Name: r.Name, Off: r.Off, When: r.When, To: r.To.target(),
		Areas: each(r.Areas, func(a RoutingArea) routing.Area { return routing.Area(a) }),
	}
}

func routingRuleOf(r routing.Rule) RoutingRule {
	return RoutingRule{r.Key, r.Name, r.Off, r.When, each(r.Areas, func(a routing.Area) RoutingArea { return RoutingArea(a) }), routingTargetOf(r.To)}
}

func (p RoutingPlan) plan() (routing.Plan, error) {
	out := routing.Plan{Rules: each(p.Rules, RoutingRule.rule)}
	if p.Fallback != nil {
		out.Fallback = p.Fallback.target()
	}
	return out, nil
}

func routingPlanOf(p routing.Plan) RoutingPlan {
	out := RoutingPlan{Rules: each(p.Rules, routingRuleOf)}
	if p.Fallback.Method != "" {
		fallback := routingTargetOf(p.Fallback)
		out.Fallback = &fallback
	}
	return out
}

var routingPolicy = policyNoun[RoutingPlan, routing.Plan]{
	name: "routing", of: "who gets which leads", reads: rights(actor.LeadRead), wire: routingPlanOf, plan: RoutingPlan.plan,
	keeper: func(m *crm.Module) policy.Keeper[routing.Plan] { return m.Routing.Keeper }, drafts: true,
}

// RoutingTrial is what a plan would have done with the leads that came in last.
type RoutingTrial struct {
	Leads     int            `json:"leads" doc:"How many were looked at."`
	Rules     []RoutingTally `json:"rules" doc:"How many each rule would have given away, in their order; the fallback last, without a name."`
	People    []RoutingTally `json:"people" doc:"How many each user or team would have got; nobody has no name."`
	Elsewhere int            `json:"elsewhere" doc:"How many would have gone to somebody else than who has them now."`
	Rows      []RoutedLead   `json:"rows" doc:"The latest ones."`
}

// RoutingTally is a count with its name.
type RoutingTally struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// RoutingMatch is which of the leads that came in last a rule fits.
type RoutingMatch struct {
	Leads int          `json:"leads" doc:"How many were looked at."`
	Fit   int          `json:"fit"`
	Rows  []RoutedLead `json:"rows" doc:"The latest that it fits."`
}

// RoutedLead is a lead that a plan was tried on.
type RoutedLead struct {
	LeadID    ID              `json:"lead_id"`
	Name      string          `json:"name"`
	ArrivedAt time.Time       `json:"arrived_at"`
	OwnerUser string          `json:"owner_user" doc:"Who has it now."`
	Decision  RoutingDecision `json:"decision,omitzero" doc:"What would have been decided."`
}

// RoutingDecision is who got a lead, and why.
type RoutingDecision struct {
	ID          ID            `json:"id,omitempty"`
	LeadID      ID            `json:"lead_id"`
	At          time.Time     `json:"at"`
	RuleKey     string        `json:"rule_key,omitempty" doc:"Of the rule that decided; left out for the fallback."`
	RuleName    string        `json:"rule_name,omitempty" doc:"As it was called then."`
	Method      string        `json:"method,omitempty" enum:"user,team,turn,load,known"`
	PlanVersion int64         `json:"plan_version"`
	User        string        `json:"user,omitempty"`
	Team        string        `json:"team,omitempty"`
	Why         []RoutingStep `json:"why" doc:"What was considered, in its order."`
	By          string        `json:"by,omitempty" doc:"Who had it decided, or how the lead came in."`
	ReturnedAt  time.Time     `json:"returned_at,omitzero" doc:"When the lead went to somebody else before anybody answered it."`
}

// RoutingStep is one rule, or one person, on the way to a decision.
type RoutingStep struct {
	Rule    string `json:"rule,omitempty" doc:"Left out for the fallback."`
	Outcome string `json:"outcome" enum:"chosen,unmet,outside,broken,stopped,away,full,nobody" doc:"unmet: the condition is not true; outside: in none of the areas; broken: the condition names what is gone; stopped: the condition looked at too much of the lead; full: he has had his leads of the month; nobody: the rule fits, but has nobody to give the lead to."`
	User    string `json:"user,omitempty"`
	Team    string `json:"team,omitempty"`
	Load    int    `json:"load,omitempty" doc:"The open leads of who was chosen by load."`
	Turn    int64  `json:"turn,omitempty" doc:"The number of the turn of who was chosen in turn."`
}

func decisionOf(d routing.Decision) RoutingDecision {
	return RoutingDecision{
		idOf(d.ID), idOf(d.LeadID), d.At, d.RuleKey, d.RuleName, string(d.Method), d.PlanVersion, d.User, d.Team,
		each(d.Why, func(s routing.Step) RoutingStep {
			return RoutingStep{s.Rule, string(s.Outcome), s.User, s.Team, s.Load, s.Turn}
		}), d.By, d.ReturnedAt,
	}
}

func routedOf(t routing.Tried) RoutedLead {
	out := RoutedLead{LeadID: idOf(t.Lead), Name: t.Name, ArrivedAt: t.ArrivedAt, OwnerUser: t.Owner}
	if t.Decision.Why != nil {
		out.Decision = decisionOf(t.Decision)
	}
	return out
}

func tallyOf(t routing.Tally) RoutingTally { return RoutingTally{t.Name, t.N} }

func (a *server) tryRouting() {
	const nothing = "Writes nothing."
	r := post("try-routing-policy", "/policies/routing/try", policyTag, "Decide about the last 2000 leads as a plan would")
	r.Rights, r.Doc = rights(actor.Settings), nothing
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body RoutingPlan }) (*Out[RoutingTrial], error) {
		plan, err := in.Body.plan()
		if err != nil {
			return nil, err
		}
		t, err := m.Routing.Try(ctx, plan)
		return &Out[RoutingTrial]{RoutingTrial{t.Leads, each(t.Rules, tallyOf), each(t.People, tallyOf), t.Elsewhere, each(t.Rows, routedOf)}}, err
	})
	r = post("match-routing-rule", "/policies/routing/match", policyTag, "Look which of the last 2000 leads one rule fits, whomever it gives them to")
	r.Rights, r.Doc = rights(actor.Settings), nothing
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body RoutingRule }) (*Out[RoutingMatch], error) {
		found, err := m.Routing.Match(ctx, in.Body.rule())
		return &Out[RoutingMatch]{RoutingMatch{found.Leads, found.Fit, each(found.Rows, routedOf)}}, err
	})
}

// Absence is when a user does not work.
type Absence struct {
	ID ID `json:"id"`
	AbsenceDraft
}

// AbsenceDraft says when a user does not work.
type AbsenceDraft struct {
	User   string `json:"user" maxLength:"64"`
	From   Date   `json:"from" doc:"The first day."`
	Until  Date   `json:"until" doc:"The last day."`
	Deputy string `json:"deputy,omitempty" maxLength:"64" doc:"Gets what rules give to the user by name."`
}

func absenceOf(x routing.Absence) Absence {
	return Absence{idOf(x.ID), AbsenceDraft{x.User, dateOf(x.From), dateOf(x.Until), x.Deputy}}
}

func (a *server) routing() {
	const tag = "Leads"
	read, write := rights(actor.LeadRead), rights(actor.LeadWrite)
	type list = Listed[RoutingDecision]
	decisions := func(ctx context.Context, m *crm.Module, f routing.Filter) (*list, error) {
		found, err := m.Routing.Decisions(ctx, f)
		return listed(callOf(ctx), each(found.Rows, decisionOf), found.Next), err
	}
	r := get("list-lead-decisions", "/leads/{id}/routing", tag, "List to whom a lead was given and why, the newest first")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		ByID
		Fields
		Paging
	}) (*list, error) {
		return decisions(ctx, m, routing.Filter{Lead: leadID(in.ID), Page: in.page()})
	})
	r = get("list-routing-decisions", "/routing-decisions", tag, "List who got which leads and why, the newest first")
	r.Rights = rights(actor.LeadAssign)
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		User string `query:"user" maxLength:"64"`
	}) (*list, error) {
		return decisions(ctx, m, routing.Filter{User: in.User, Page: in.page()})
	})
	r = post("route-lead", "/leads/{id}/routing", tag, "Give a lead to whom the rules choose now")
	r.Rights = rights(actor.LeadAssign)
	add(a, r, func(ctx context.Context, m *crm.Module, in *ByID) (*Out[RoutingDecision], error) {
		d, err := m.Routing.Assign(ctx, leadID(in.ID))
		return &Out[RoutingDecision]{decisionOf(d)}, err
	})
	r = get("list-absences", "/absences", tag, "List who is away today or later, the next ones first")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Listed[Absence], error) {
		all, err := m.Routing.Absences(ctx)
		return listed(callOf(ctx), each(all, absenceOf), ""), err
	})
	r = post("add-absence", "/absences", tag, "Note when somebody is away")
	r.Rights, r.Status, r.Doc = write, http.StatusCreated, "Others' absences take lead.assign besides."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body AbsenceDraft }) (*Out[Absence], error) {
		b := in.Body
		x, err := m.Routing.AddAbsence(ctx, routing.Absence{User: b.User, From: day(b.From), Until: day(b.Until), Deputy: b.Deputy})
		return &Out[Absence]{absenceOf(x)}, err
	})
	add(a, route{ID: "remove-absence", Method: http.MethodDelete, Path: "/absences/{id}", Tag: tag, Rights: write, Summary: "Take an absence back"},
		func(ctx context.Context, m *crm.Module, in *ByID) (*Empty, error) {
			return nil, m.Routing.RemoveAbsence(ctx, keyOf[routing.AbsenceTag](in.ID))
		})
}
