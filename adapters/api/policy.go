package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/value"
)

const policyTag = "Policies"

// Policy is one way in which a company has decided to work.
type Policy[P any] struct {
	Version   int64     `json:"version" doc:"What ETag says; 0 where nobody has decided yet."`
	Published bool      `json:"published" doc:"Whether the company itself decided what holds."`
	Plan      P         `json:"plan" doc:"What holds."`
	Draft     *P        `json:"draft,omitempty" doc:"What is being tried beside it."`
	SavedAt   time.Time `json:"saved_at,omitzero" doc:"Since when it holds."`
	SavedBy   string    `json:"saved_by,omitempty"`
}

// PolicyVersion is a state that held.
type PolicyVersion[P any] struct {
	Number  int64     `json:"number"`
	SavedAt time.Time `json:"saved_at"`
	SavedBy string    `json:"saved_by"`
	Plan    P         `json:"plan"`
}

// policyNoun is what the routes of a policy differ in; W is its plan as it is written here, P as its package has it.
type policyNoun[W, P any] struct {
	// name stands in paths, of in sentences.
	name, of string
	reads    []actor.Right
	wire     func(P) W
	plan     func(W) (P, error)
	keeper   func(m *crm.Module) policy.Keeper[P]
	// drafts says that plans are tried before they hold.
	drafts bool
}

type policyChange[W any] struct {
	Match
	Body W
}

func (n policyNoun[W, P]) tagged(p policy.Document[P], err error) (*Tagged[Policy[W]], error) {
	if err != nil {
		return nil, err
	}
	out := Policy[W]{Version: p.Version, Published: p.Published, Plan: n.wire(p.Plan), SavedAt: p.SavedAt, SavedBy: p.SavedBy}
	if p.Draft != nil {
		draft := n.wire(*p.Draft)
		out.Draft = &draft
	}
	return &Tagged[Policy[W]]{etag(p.Version), out}, nil
}

// held reads the policy where it still is the one that the caller read.
func (n policyNoun[W, P]) held(ctx context.Context, m *crm.Module, match *Match) (policy.Document[P], error) {
	now, err := n.keeper(m).Plan(ctx)
	if err == nil {
		err = match.holds(now.Version)
	}
	return now, err
}

// writes makes a verb that puts a plan somewhere.
func (n policyNoun[W, P]) writes(where func(policy.Keeper[P], context.Context, int64, P) (policy.Document[P], error)) verb[policyChange[W], Tagged[Policy[W]]] {
	return func(ctx context.Context, m *crm.Module, in *policyChange[W]) (*Tagged[Policy[W]], error) {
		plan, err := n.plan(in.Body)
		if err != nil {
			return nil, err
		}
		now, err := n.held(ctx, m, &in.Match)
		if err != nil {
			return nil, err
		}
		return n.tagged(where(n.keeper(m), ctx, now.Version, plan))
	}
}

// addPolicy adds the routes of a policy; those for drafts where it has them.
func addPolicy[W, P any](a *server, n policyNoun[W, P]) {
	path, write := "/policies/"+n.name, rights(actor.Settings)
	r := get("get-"+n.name+"-policy", path, policyTag, "Read "+n.of)
	r.Rights = n.reads
	add(a, r, func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Tagged[Policy[W]], error) {
		return n.tagged(n.keeper(m).Plan(ctx))
	})
	add(a, route{ID: "set-" + n.name + "-policy", Method: http.MethodPut, Path: path, Tag: policyTag, Rights: write, Summary: "Have a plan hold from now on: " + n.of, Doc: "A draft is gone then."},
		n.writes(policy.Keeper[P].Publish))
	r = get("list-"+n.name+"-policy-versions", path+"/versions", policyTag, "List the plans that held, the newest first: "+n.of)
	r.Rights, r.Doc = write, "At most the last hundred."
	add(a, r, func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Listed[PolicyVersion[W]], error) {
		all, err := n.keeper(m).Versions(ctx)
		return listed(callOf(ctx), each(all, func(s policy.State[P]) PolicyVersion[W] {
			return PolicyVersion[W]{s.Number, s.SavedAt, s.SavedBy, n.wire(s.Plan)}
		}), ""), err
	})
	if !n.drafts {
		return
	}
	add(a, route{ID: "draft-" + n.name + "-policy", Method: http.MethodPut, Path: path + "/draft", Tag: policyTag, Rights: write, Summary: "Keep a draft beside what holds: " + n.of, Doc: "Conditions that name what is gone may stay in it until it is published."},
		n.writes(policy.Keeper[P].SaveDraft))
	add(a, route{ID: "discard-" + n.name + "-policy", Method: http.MethodDelete, Path: path + "/draft", Tag: policyTag, Rights: write, Summary: "Take the draft away: " + n.of},
		func(ctx context.Context, m *crm.Module, in *struct{ Match }) (*Tagged[Policy[W]], error) {
			now, err := n.held(ctx, m, &in.Match)
			if err != nil {
				return nil, err
			}
			return n.tagged(n.keeper(m).Discard(ctx, now.Version))
		})
	r = post("publish-"+n.name+"-policy", path+"/publish", policyTag, "Have the draft hold from now on: "+n.of)
	r.Rights = write
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Match }) (*Tagged[Policy[W]], error) {
		now, err := n.held(ctx, m, &in.Match)
		if err != nil {
			return nil, err
		}
		if now.Draft == nil {
			return nil, invalid("draft", "required", "is missing; save one, or put the plan itself")
		}
		return n.tagged(n.keeper(m).Publish(ctx, now.Version, *now.Draft))
	})
}

// policies adds the routes of all policies.
func (a *server) policies() {
	addPolicy(a, scoringPolicy)
	addPolicy(a, routingPolicy)
	addPolicy(a, clockPolicy)
	addPolicy(a, regulationPolicy)
	addPolicy(a, workingTimePolicy)
	addPolicy(a, processPolicy)
	addPolicy(a, commissionPolicy)
	addPolicy(a, valuePolicy)
	a.tryScoring()
	a.tryRouting()
}

// ValuePlan says how customers are judged, and how often they are spoken to.
type ValuePlan struct {
	Months     int     `json:"months" doc:"The window of revenue and frequency, back from today."`
	A          Decimal `json:"a" doc:"A customers are those before whom less than this percentage of all revenue lies."`
	B          Decimal `json:"b" doc:"B customers likewise; all others are C."`
	Late       Decimal `json:"late" doc:"After how many percent of his rhythm a customer is quiet, or a product lapsed."`
	Support    int     `json:"support" doc:"How many customers must buy two products for one to be suggested with the other."`
	Confidence Decimal `json:"confidence" doc:"How many percent of those who buy the one must buy the other."`
	Lift       Decimal `json:"lift" doc:"How many percent of what chance would bring that must be."`
	ContactA   int     `json:"contact_a" doc:"After how many days an A customer is to be spoken to again; 0 for never."`
	ContactB   int     `json:"contact_b"`
	ContactC   int     `json:"contact_c"`
	PerDay     int     `json:"per_day" doc:"The most contacts that are planned for one user in a day."`
}

func (p ValuePlan) plan() (value.Plan, error) {
	var n numbers
	out := value.Plan{
		Terms: buying.Terms{
			Months: p.Months, A: number(&n, "a", p.A, money.ParsePercent), B: number(&n, "b", p.B, money.ParsePercent), Late: number(&n, "late", p.Late, money.ParsePercent), Support: p.Support,
			Confidence: number(&n, "confidence", p.Confidence, money.ParsePercent), Lift: number(&n, "lift", p.Lift, money.ParsePercent),
		},
		ContactA: p.ContactA, ContactB: p.ContactB, ContactC: p.ContactC, PerDay: p.PerDay,
	}
	return out, n.err()
}

func valuePlanOf(p value.Plan) ValuePlan {
	return ValuePlan{
		p.Months, decimalOf(p.A), decimalOf(p.B), decimalOf(p.Late), p.Support, decimalOf(p.Confidence), decimalOf(p.Lift), p.ContactA, p.ContactB, p.ContactC, p.PerDay,
	}
}

var valuePolicy = policyNoun[ValuePlan, value.Plan]{
	name: "values", of: "how customers are judged and how often they are spoken to", reads: readers, wire: valuePlanOf, plan: ValuePlan.plan,
	keeper: func(m *crm.Module) policy.Keeper[value.Plan] { return m.Values.Keeper },
}
