package commission

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Period is whole months: the days From and To lie in the first and the last of them.
type Period struct {
	From civil.Date `json:"from"`
	To   civil.Date `json:"to"`
}

// MaxTrial is the most months that a plan is tried on.
const MaxTrial = 24

// Trial is what a plan would have paid.
type Trial struct {
	Currency string `json:"currency"`
	// Sellers are those who would have got something, or get it by the plan that holds.
	Sellers []TriedSeller `json:"sellers"`
	Rules   []TriedRule   `json:"rules"`
	// Deals are the opportunities that were earned in the period, Total what all would have got, Now by the plan that
	// holds.
	Deals int          `json:"deals"`
	Total money.Amount `json:"total"`
	Now   money.Amount `json:"now"`
	// Held says that a plan holds.
	Held     bool     `json:"held"`
	Missing  []string `json:"missing,omitempty"`
	Uncosted int      `json:"uncosted"`
	Unruled  int      `json:"unruled"`
}

// TriedSeller is one seller's part.
type TriedSeller struct {
	Seller string       `json:"seller"`
	Amount money.Amount `json:"amount"`
	Now    money.Amount `json:"now"`
}

// TriedRule is what one rule would have paid, and of how many lines.
type TriedRule struct {
	Rule   string       `json:"rule"`
	Lines  int          `json:"lines"`
	Amount money.Amount `json:"amount"`
}

func (p Period) check() error {
	first, last := firstOf(p.From), firstOf(p.To)
	var faults fault.List
	if p.From.IsZero() || p.To.IsZero() || last.Before(first) || (last.Year-first.Year)*12+int(last.Month)-int(first.Month) >= MaxTrial {
		faults.Add("to", "range", "makes no period of 1 to %d months", MaxTrial)
	}
	return faults.Err("the plan cannot be tried")
}

// Try says what a plan would have paid in past months, beside the one that holds; nothing is written. It needs
// actor.Settings and, since it tells what each seller would have got, actor.CommissionRead.
func (c *Commissions) Try(ctx context.Context, p Plan, in Period) (Trial, error) {
	return rule.Within(ctx, func(ctx context.Context) (Trial, error) { return c.try(ctx, p, in) })
}

func (c *Commissions) try(ctx context.Context, p Plan, in Period) (Trial, error) {
	var out Trial
	who, err := actor.From(ctx)
	if err == nil {
		err = requireAll(who)
	}
	if err != nil {
		return out, err
	}
	if err := in.check(); err != nil {
		return out, err
	}
	err = c.db.Read(actor.With(ctx, actor.System(who.Company, "commissions")), func(ctx context.Context, s *store.Session) error {
		c := c.In(s)
		bad, err := c.faults(ctx, s, who, &p)
		if err != nil {
			return err
		}
		if err := bad.Err("the plan cannot be tried"); err != nil {
			return err
		}
		out = Trial{Currency: c.config.Locales(s.Actor.Company).Currency}
		doc, err := plans.Read(ctx, s)
		if err != nil {
			return err
		}
		sellers, rules := map[string]*TriedSeller{}, map[string]*TriedRule{}
		for _, r := range p.Rules {
			if rules[r.Name] == nil {
				rules[r.Name] = &TriedRule{Rule: r.Name}
			}
		}
		seller := func(id string) *TriedSeller {
			if sellers[id] == nil {
				sellers[id] = &TriedSeller{Seller: id}
			}
			return sellers[id]
		}
		tried, err := c.between(ctx, s, p, in)
		if err != nil {
			return err
		}
		out.Deals, out.Missing, out.Uncosted, out.Unruled = tried.deals, tried.said.Missing, tried.said.Uncosted, tried.said.Unruled
		for _, r := range tried.rows {
			one := rules[r.Rule]
			one.Lines, one.Amount = one.Lines+1, one.Amount.Add(r.Amount)
			to := seller(r.Seller)
			to.Amount, out.Total = to.Amount.Add(r.Amount), out.Total.Add(r.Amount)
		}
		if out.Held = doc.Published; out.Held {
			now, err := c.between(ctx, s, doc.Plan, in)
			if err != nil {
				return err
			}
			for _, r := range now.rows {
				to := seller(r.Seller)
				to.Now, out.Now = to.Now.Add(r.Amount), out.Now.Add(r.Amount)
			}
		}
		out.list(sellers, p.Rules, rules)
		return nil
	})
	return out, err
}

// list puts sellers by what they would get, and rules into the order of the plan.
func (t *Trial) list(sellers map[string]*TriedSeller, order []Rule, rules map[string]*TriedRule) {
	for _, one := range sellers {
		t.Sellers = append(t.Sellers, *one)
	}
	slices.SortFunc(t.Sellers, func(a, b TriedSeller) int { return cmp.Or(b.Amount.Cmp(a.Amount), strings.Compare(a.Seller, b.Seller)) })
	for _, r := range order {
		if one := rules[r.Name]; one != nil {
			t.Rules = append(t.Rules, *one)
			delete(rules, r.Name)
		}
	}
}

// between gives what a plan pays for all that was earned from one month to another, whether it was paid or not.
func (c *Commissions) between(ctx context.Context, s *store.Session, plan Plan, in Period) (paidBetween, error) {
	out := paidBetween{}
	p, err := c.payer(ctx, s, plan, 0)
	if err != nil {
		return out, err
	}
	zone := c.config.Locales(s.Actor.Company).Location()
	at := p.earnedAt()
	deals, err := p.deals(ctx, " AND "+at+" >= ? AND "+at+" < ?", firstOf(in.From).Time(zone), next(in.To).Time(zone))
	if err != nil {
		return out, err
	}
	paid, err := p.pay(ctx, deals)
	for _, d := range deals {
		out.rows = append(out.rows, paid[d.ID]...)
	}
	out.said, out.deals = p.out, len(deals)
	return out, err
}

// paidBetween are the rows of a period, what was said of it, and of how many opportunities it is.
type paidBetween struct {
	rows  []Row
	said  *Statement
	deals int
}
