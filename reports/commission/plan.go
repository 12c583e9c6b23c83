package commission

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Earned is when a commission is earned.
type Earned string

// The times.
const (
	// Won: when the opportunity is closed as won.
	Won Earned = "won"
	// Invoiced and Paid: when all of it is, by the host's documents.
	Invoiced Earned = "invoiced"
	Paid     Earned = "paid"
)

// Earnings are all times.
var Earnings = []Earned{Won, Invoiced, Paid}

// Base is what a rate is of.
type Base string

// The bases.
const (
	// Revenue is net.
	Revenue Base = "revenue"
	// Margin is what is left of it above the cost of the product; a line whose cost the host does not tell gives none.
	Margin Base = "margin"
)

// Bases are all bases.
var Bases = []Base{Revenue, Margin}

// Plan is how a company pays for sales.
type Plan struct {
	// Starts is the first day of the first month that is paid by it.
	Starts civil.Date `json:"starts"`
	Earned Earned     `json:"earned"`
	// Rules are asked in their order; the first one that fits a line holds.
	Rules []Rule `json:"rules"`
}

// Rule gives a rate.
type Rule struct {
	Name string `json:"name"`
	// When is a condition about the opportunity and its customer in the terms of package leadrule, "" for every one.
	When string `json:"when,omitempty"`
	// Where is a condition about the line, with its fields written as .group or .discount, "" for every line.
	Where string `json:"where,omitempty"`
	Base  Base   `json:"base"`
	// Rate is in percent of the base.
	Rate money.Percent `json:"rate"`
	// Steps are rates instead of Rate from an attainment on, in rising order.
	Steps []Step `json:"steps,omitempty"`
	// Cap is the most that one seller gets by the rule of one opportunity, in the company's currency; 0 for no limit.
	Cap money.Amount `json:"cap,omitzero"`
}

// Step is the rate from an attainment of the seller's quota on, both in percent.
type Step struct {
	From money.Percent `json:"from"`
	Rate money.Percent `json:"rate"`
}

// at is the rate at an attainment.
func (r Rule) at(attained money.Percent) money.Percent {
	rate := r.Rate
	for _, s := range r.Steps {
		if attained.Cmp(s.From) >= 0 {
			rate = s.Rate
		}
	}
	return rate
}

// The bounds of a plan.
const (
	MaxRules = 50
	MaxSteps = 8
	maxName  = 120
)

var hundred = money.MustPercent("100")

func (p *Plan) check(env *rule.Environment, author actor.Actor) fault.List {
	var faults fault.List
	if p.Starts.IsZero() || p.Starts.Day != 1 {
		faults.Add("starts", "range", "must be the first day of a month")
	}
	if !slices.Contains(Earnings, p.Earned) {
		faults.Add("earned", "choice", "%.20q is none; choose one of %q", string(p.Earned), Earnings)
	}
	if len(p.Rules) > MaxRules {
		faults.Add("rules", "list.length", "are %d, at most %d are kept", len(p.Rules), MaxRules)
		return faults
	}
	for i := range p.Rules {
		p.Rules[i].check(&faults, fmt.Sprintf("rules[%d]", i), judged{env, author})
	}
	return faults
}

// judged is with what and for whom conditions are read.
type judged struct {
	env    *rule.Environment
	author actor.Actor
}

func (r *Rule) check(faults *fault.List, at string, by judged) {
	r.Name, r.When, r.Where = strings.TrimSpace(r.Name), strings.TrimSpace(r.When), strings.TrimSpace(r.Where)
	faults.Required(at+".name", r.Name)
	if n := utf8.RuneCountInString(r.Name); n > maxName {
		faults.Add(at+".name", "text.length", "is %d characters long, at most %d fit; shorten it", n, maxName)
	}
	if r.When != "" {
		_, err := leadrule.Parse(by.env, by.author, r.When)
		faults.Merge("", leadrule.Refused(at+".when", err))
	}
	if r.Where != "" {
		_, err := leadrule.Parse(by.env, by.author, ofLine(r.Where))
		faults.Merge("", leadrule.Refused(at+".where", err))
	}
	if !slices.Contains(Bases, r.Base) {
		faults.Add(at+".base", "choice", "%.20q is none; choose one of %q", string(r.Base), Bases)
	}
	rate := func(path string, p money.Percent) {
		if p.IsNegative() || p.Cmp(hundred) > 0 {
			faults.Add(path, "range", "is %s; give 0 to 100 percent", p)
		}
	}
	rate(at+".rate", r.Rate)
	if r.Cap.IsNegative() {
		faults.Add(at+".cap", "range", "is %s; give the most that is paid, or 0 for no limit", r.Cap)
	}
	if len(r.Steps) > MaxSteps {
		faults.Add(at+".steps", "list.length", "are %d, at most %d are kept", len(r.Steps), MaxSteps)
		return
	}
	for i, s := range r.Steps {
		path := fmt.Sprintf("%s.steps[%d]", at, i)
		rate(path+".rate", s.Rate)
		if !s.From.IsPositive() || s.From.Cmp(money.MustPercent("1000")) > 0 || i > 0 && s.From.Cmp(r.Steps[i-1].From) <= 0 {
			faults.Add(path+".from", "range", "is %s; give more than the step before, at most 1000 percent", s.From)
		}
	}
}

// ofLine is the condition that an opportunity has a line of a kind.
func ofLine(where string) string { return "any(" + leadrule.Lines + ", " + where + ")" }

// Document is a company's plan with its draft.
type Document = policy.Document[Plan]

var plans = policy.Kind[Plan]{Name: "commission", Noun: "the plan", Reads: actor.Settings}

// Environment gives what conditions of rules can speak of, for forms.
func (c *Commissions) Environment(ctx context.Context) (*rule.Environment, error) {
	return store.Read(ctx, c.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (*rule.Environment, error) {
		return c.config.Terms.About(ctx, s, leadrule.Opportunity)
	})
}

// publishing refuses a plan by which nobody would be paid.
func publishing(_ context.Context, _ *store.Session, _ Document, p *Plan) error {
	var faults fault.List
	if len(p.Rules) == 0 {
		faults.Add("rules", "required", "are missing; nobody would be paid")
	}
	return faults.Err("the plan cannot be used")
}

func (c *Commissions) faults(ctx context.Context, s *store.Session, author actor.Actor, p *Plan) (fault.List, error) {
	env, err := c.config.Terms.About(ctx, s, leadrule.Opportunity)
	if err != nil {
		return nil, err
	}
	return p.check(env, author), nil
}
