package api

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/reports/commission"
)

const commissionTag = "Commissions"

// CommissionPlan is how a company pays for sales.
type CommissionPlan struct {
	Starts Date             `json:"starts" doc:"The first day of the first month that is paid by it." example:"2026-07-01"`
	Earned string           `json:"earned" doc:"When a commission is earned: won, invoiced or paid; empty while nobody has decided."`
	Rules  []CommissionRule `json:"rules" doc:"Asked in their order; the first one that fits a line holds."`
}

// CommissionRule gives a rate.
type CommissionRule struct {
	Name  string           `json:"name"`
	When  string           `json:"when,omitempty" doc:"A condition about the opportunity and its customer; every one where it is left out."`
	Where string           `json:"where,omitempty" doc:"A condition about the line, with its fields written as .group; every line where it is left out."`
	Base  string           `json:"base" enum:"revenue,margin"`
	Rate  Decimal          `json:"rate" doc:"In percent of the base."`
	Steps []CommissionStep `json:"steps,omitempty" doc:"Rates instead of that from an attainment on, in rising order."`
	Cap   Decimal          `json:"cap,omitempty" doc:"The most that one seller gets by the rule of one opportunity; no limit where it is left out."`
}

// CommissionStep is the rate from an attainment of the seller's quota on, both in percent.
type CommissionStep struct {
	From Decimal `json:"from"`
	Rate Decimal `json:"rate"`
}

func (p CommissionPlan) plan() (commission.Plan, error) {
	var n numbers
	out := commission.Plan{Starts: day(p.Starts), Earned: commission.Earned(p.Earned)}
	for i, r := range p.Rules {
		at := fmt.Sprintf("rules[%d].", i)
		rule := commission.Rule{
			Name: r.Name, When: r.When, Where: r.Where, Base: commission.Base(r.Base), Rate: number(&n, at+"rate", r.Rate, money.ParsePercent), Cap: number(&n, at+"cap", r.Cap, money.ParseAmount),
		}
		for k, s := range r.Steps {
			at := fmt.Sprintf("%ssteps[%d].", at, k)
			rule.Steps = append(rule.Steps, commission.Step{From: number(&n, at+"from", s.From, money.ParsePercent), Rate: number(&n, at+"rate", s.Rate, money.ParsePercent)})
		}
		out.Rules = append(out.Rules, rule)
	}
	return out, n.err()
}

func commissionPlanOf(p commission.Plan) CommissionPlan {
	return CommissionPlan{dateOf(p.Starts), string(p.Earned), each(p.Rules, func(r commission.Rule) CommissionRule {
		out := CommissionRule{Name: r.Name, When: r.When, Where: r.Where, Base: string(r.Base), Rate: decimalOf(r.Rate), Steps: each(r.Steps, func(s commission.Step) CommissionStep {
			return CommissionStep{decimalOf(s.From), decimalOf(s.Rate)}
		})}
		if !r.Cap.IsZero() {
			out.Cap = decimalOf(r.Cap)
		}
		return out
	})}
}

var commissionPolicy = policyNoun[CommissionPlan, commission.Plan]{
	name: "commissions", of: "how sellers are paid for sales", reads: rights(actor.Settings), wire: commissionPlanOf, plan: CommissionPlan.plan,
	keeper: func(m *crm.Module) policy.Keeper[commission.Plan] { return m.Commissions.Keeper }, drafts: true,
}

// Commissions are what was earned in a month.
type Commissions struct {
	Month    Date               `json:"month" doc:"Its first day."`
	State    string             `json:"state" enum:"none,open,due,closed" doc:"none: no plan held; due: it is over and the next one to be closed; closed: it is settled."`
	Currency string             `json:"currency" doc:"The company's own; every sum is in it."`
	Earned   string             `json:"earned,omitempty" enum:"won,invoiced,paid"`
	Sellers  []CommissionSeller `json:"sellers" doc:"The largest first."`
	Rows     []CommissionRow    `json:"rows" doc:"By seller, opportunity and line."`
	Total    Decimal            `json:"total"`
	ClosedAt time.Time          `json:"closed_at,omitzero"`
	ClosedBy string             `json:"closed_by,omitempty"`
	Missing  []string           `json:"missing,omitempty" doc:"Currencies without a rate, whose opportunities are in no row."`
	Uncosted int                `json:"uncosted,omitempty" doc:"Lines that gave nothing because their margin is not known; of a month that is not closed."`
	Unruled  int                `json:"unruled,omitempty" doc:"Lines that gave nothing because no rule fits them; likewise."`
}

// CommissionSeller is what one seller gets.
type CommissionSeller struct {
	User          string  `json:"user"`
	Opportunities int     `json:"opportunities"`
	Amount        Decimal `json:"amount"`
	Corrections   Decimal `json:"corrections" doc:"The part of it that corrects earlier months."`
}

// CommissionRow is one line of a statement.
type CommissionRow struct {
	User          string  `json:"user"`
	Team          string  `json:"team,omitempty"`
	OpportunityID ID      `json:"opportunity_id"`
	Name          string  `json:"name"`
	Customer      string  `json:"customer"`
	Line          int     `json:"line,omitempty" doc:"The position of the line; left out of corrections and of opportunities without lines."`
	ProductGroup  string  `json:"product_group,omitempty"`
	Kind          string  `json:"kind" enum:"share,changed,back" doc:"changed: the difference that a later change made; back: all of what does not count any more is taken back."`
	Rule          string  `json:"rule,omitempty"`
	Of            string  `json:"of,omitempty" enum:"revenue,margin"`
	Base          Decimal `json:"base" doc:"The line's revenue or margin."`
	Share         Decimal `json:"share" doc:"The seller's, in percent."`
	Part          Decimal `json:"part" doc:"The seller's part of the base."`
	Attained      Decimal `json:"attained" doc:"How much of his quota he had reached, in percent; 0 without a quota."`
	Rate          Decimal `json:"rate" doc:"In percent of the part."`
	Amount        Decimal `json:"amount"`
	EarnedOn      Date    `json:"earned_on"`
	PlanVersion   int64   `json:"plan_version"`
}

func commissionsOf(s commission.Statement) Commissions {
	return Commissions{
		Month: dateOf(s.Month), State: string(s.State), Currency: s.Currency, Earned: string(s.Earned), Total: decimalOf(s.Total), ClosedAt: s.ClosedAt, ClosedBy: s.ClosedBy, Missing: s.Missing, Uncosted: s.Uncosted, Unruled: s.Unruled,
		Sellers: each(s.Sellers, func(x commission.Sum) CommissionSeller {
			return CommissionSeller{x.Seller, x.Deals, decimalOf(x.Amount), decimalOf(x.Corrections)}
		}),
		Rows: each(s.Rows, func(l commission.Line) CommissionRow {
			return CommissionRow{
				l.Seller, l.Team, idOf(l.OpportunityID), l.Name, l.Customer, l.Row.Line, l.Group, string(l.Kind), l.Rule, string(l.Of), decimalOf(l.Base), decimalOf(l.Share), decimalOf(l.Part), decimalOf(l.Attained),
				decimalOf(l.Rate), decimalOf(l.Amount), dateOf(l.EarnedOn), l.PlanVersion,
			}
		}),
	}
}

// CommissionTrialDraft is a plan and the months it is tried on.
type CommissionTrialDraft struct {
	From Date           `json:"from" doc:"Any day of the first month."`
	To   Date           `json:"to" doc:"Any day of the last one; at most 24 months."`
	Plan CommissionPlan `json:"plan"`
}

// CommissionTrial is what a plan would have paid, beside the one that holds.
type CommissionTrial struct {
	Currency      string                  `json:"currency"`
	Opportunities int                     `json:"opportunities" doc:"Those that were earned in the months."`
	Total         Decimal                 `json:"total"`
	Now           Decimal                 `json:"now" doc:"What the plan that holds gives."`
	Held          bool                    `json:"held" doc:"Whether one holds."`
	Sellers       []CommissionTrialSeller `json:"sellers"`
	Rules         []CommissionTrialRule   `json:"rules"`
	Missing       []string                `json:"missing,omitempty"`
	Uncosted      int                     `json:"uncosted,omitempty"`
	Unruled       int                     `json:"unruled,omitempty"`
}

// CommissionTrialSeller is one seller's part.
type CommissionTrialSeller struct {
	User   string  `json:"user"`
	Amount Decimal `json:"amount"`
	Now    Decimal `json:"now"`
}

// CommissionTrialRule is what one rule would have paid.
type CommissionTrialRule struct {
	Rule   string  `json:"rule"`
	Lines  int     `json:"lines"`
	Amount Decimal `json:"amount"`
}

// CommissionMonth names a month.
type CommissionMonth struct {
	Month Date `json:"month" doc:"Any day of it."`
}

func (a *server) commissions() {
	r := get("get-commissions", "/commissions", commissionTag, "Read what was earned in a month")
	r.Rights, r.Doc = rights(actor.OpportunityRead), "The user's own rows; with the right commission.read those of his team, or all, by what the key sees."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Month  Date   `query:"month" doc:"Any day of it; today's where it is left out."`
		Seller string `query:"seller" doc:"One user; all where it is left out."`
	}) (*Out[Commissions], error) {
		s, err := m.Commissions.Statement(ctx, commission.Query{Month: day(in.Month), Seller: in.Seller})
		return &Out[Commissions]{commissionsOf(s)}, err
	})
	r = post("close-commissions", "/commissions/close", commissionTag, "Settle a month: its rows never change any more")
	r.Rights, r.Doc = rights(actor.Settings), "Months are closed in their order, after their last day; what changes later is corrected in the next one."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body CommissionMonth }) (*Out[Commissions], error) {
		s, err := m.Commissions.Close(ctx, day(in.Body.Month))
		return &Out[Commissions]{commissionsOf(s)}, err
	})
	r = post("try-commissions-policy", "/policies/commissions/try", policyTag, "Ask what a plan would have paid in past months, beside the one that holds")
	r.Rights, r.Doc = rights(actor.Settings), "Writes nothing."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body CommissionTrialDraft }) (*Out[CommissionTrial], error) {
		plan, err := in.Body.Plan.plan()
		if err != nil {
			return nil, err
		}
		t, err := m.Commissions.Try(ctx, plan, commission.Period{From: day(in.Body.From), To: day(in.Body.To)})
		return &Out[CommissionTrial]{CommissionTrial{
			t.Currency, t.Deals, decimalOf(t.Total), decimalOf(t.Now), t.Held,
			each(t.Sellers, func(s commission.TriedSeller) CommissionTrialSeller {
				return CommissionTrialSeller{s.Seller, decimalOf(s.Amount), decimalOf(s.Now)}
			}),
			each(t.Rules, func(r commission.TriedRule) CommissionTrialRule {
				return CommissionTrialRule{r.Rule, r.Lines, decimalOf(r.Amount)}
			}), t.Missing, t.Uncosted, t.Unruled,
		}}, err
	})
}
