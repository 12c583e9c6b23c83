package commission

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
)

// deal is an opportunity with what a commission is made of.
type deal struct {
	opportunity.Opportunity
	// At is when it was earned; zero where it is not.
	At time.Time `bun:"earned_at"`
	// Credited of Whole is what the host's credit notes took back.
	Credited money.Amount `bun:"credited"`
	Whole    money.Amount `bun:"whole"`
	lines    []line
	sellers  []opportunity.Seller
}

// line is a line with what a unit cost.
type line struct {
	opportunity.Line
	CostKnown bool         `bun:"cost_known"`
	UnitCost  money.Amount `bun:"unit_cost"`
}

// payer computes commissions by one plan.
type payer struct {
	c       *Commissions
	s       *store.Session
	plan    Plan
	version int64
	rules   []ready
	// all reads what any rule looks at.
	all  *rule.Condition
	at   rule.At
	book *exchange.Book
	// attained is what a seller had reached by the end of a month; known is what was asked already.
	attained func(ctx context.Context, seller string, month civil.Date) (money.Percent, error)
	teams    map[string]string
	out      *Statement
}

type ready struct {
	Rule
	when, where *rule.Condition
	// broken says that a condition names what is gone: the rule fits nothing until somebody mends it.
	broken bool
}

// payer makes a plan ready for a session of the system.
func (c *Commissions) payer(ctx context.Context, s *store.Session, p Plan, version int64) (*payer, error) {
	env, err := c.config.Terms.About(ctx, s, leadrule.Opportunity)
	if err != nil {
		return nil, err
	}
	out := &payer{c: c, s: s, plan: p, version: version, at: c.config.Terms.At(s), teams: map[string]string{}, out: &Statement{}}
	base, err := env.Parse(`opportunity.state != ""`)
	if err != nil {
		return nil, err
	}
	used := []*rule.Condition{base}
	for _, r := range p.Rules {
		one := ready{Rule: r}
		for _, part := range []struct {
			source string
			into   **rule.Condition
		}{{r.When, &one.when}, {lineOr(r.Where), &one.where}} {
			if part.source == "" {
				continue
			}
			parsed, err := env.Parse(part.source)
			if err != nil {
				one.broken = true
				continue
			}
			*part.into = parsed
			used = append(used, parsed)
		}
		out.rules = append(out.rules, one)
	}
	out.all = env.All(used...)
	if out.book, err = exchange.Open(ctx, s, c.config.Locales(s.Actor.Company).Currency); err != nil {
		return nil, err
	}
	known := map[string]money.Percent{}
	out.attained = func(ctx context.Context, seller string, month civil.Date) (money.Percent, error) {
		key := seller + " " + month.String()
		if share, ok := known[key]; ok {
			return share, nil
		}
		share, _, err := c.config.Quotas.In(s).ReachedBy(ctx, seller, lastOf(month))
		known[key] = share
		return share, err
	}
	return out, nil
}

func lineOr(where string) string {
	if where == "" {
		return ""
	}
	return ofLine(where)
}

// firstOf and lastOf are the first and the last day of a day's month.
func firstOf(d civil.Date) civil.Date { return civil.Date{Year: d.Year, Month: d.Month, Day: 1} }

func lastOf(d civil.Date) civil.Date { return next(d).AddDays(-1) }

// next is the month after.
func next(d civil.Date) civil.Date {
	return civil.Of(time.Date(d.Year, d.Month+1, 1, 0, 0, 0, 0, time.UTC))
}

// deals reads opportunities with their lines, costs and teams; where narrows the opportunities "o". earned_at is when
// they were earned by the plan's rule.
func (p *payer) deals(ctx context.Context, where string, args ...any) ([]*deal, error) {
	at, join := "o.closed_at", ""
	if p.plan.Earned != Won {
		at, join = "dr.reached_at", " JOIN crm_deal_reached AS dr ON dr.opportunity_id = o.id AND dr.what = '"+string(p.plan.Earned)+"'"
	}
	source := store.From[opportunity.Opportunity]("o")
	var rows []*deal
	// The columns are those of the record; what it was earned at is read beside them.
	err := p.s.Query(ctx, &rows, source, "SELECT "+p.s.Columns(source)+", "+at+" AS earned_at, COALESCE(dc.credited, 0) AS credited, COALESCE(dc.whole, 0) AS whole FROM crm_opportunity AS o LEFT JOIN crm_deal_credit AS dc ON dc.opportunity_id = o.id"+join+" WHERE {scope} AND o.state = 'won' AND o.progress <> 'void'"+where+" ORDER BY earned_at, o.id", args...)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(rows, rule.Chunk) {
		if err := p.parts(ctx, part); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// parts reads the lines and sellers of some deals, the sellers in the order of their card: who gets what is left over of a
// split is the same everywhere.
func (p *payer) parts(ctx context.Context, deals []*deal) error {
	byID, args := map[opportunity.ID]*deal{}, make([]any, len(deals))
	for i, d := range deals {
		byID[d.ID], args[i] = d, d.ID
	}
	var lines []line
	err := p.s.Query(ctx, &lines, store.From[opportunity.Line]("li"), "SELECT "+p.s.Columns(store.From[opportunity.Line]("li"))+", COALESCE(lc.known, 0) AS cost_known, COALESCE(lc.unit_cost, 0) AS unit_cost"+
		" FROM crm_opportunity_line AS li LEFT JOIN crm_line_cost AS lc ON lc.line_id = li.id WHERE {scope} AND li.opportunity_id IN ("+store.In(len(args))+") ORDER BY li.opportunity_id, li.position", args...)
	if err != nil {
		return err
	}
	for _, l := range lines {
		d := byID[l.OpportunityID]
		d.lines = append(d.lines, l)
	}
	var sellers []opportunity.Seller
	err = p.s.Query(ctx, &sellers, store.From[opportunity.Seller]("sp"), "SELECT sp.* FROM crm_opportunity_seller AS sp WHERE {scope} AND sp.opportunity_id IN ("+store.In(len(args))+") ORDER BY sp.opportunity_id, sp.share DESC, sp.user_id", args...)
	for _, one := range sellers {
		d := byID[one.OpportunityID]
		d.sellers = append(d.sellers, one)
	}
	return err
}

// pay gives the rows of deals that were earned, as of the month in which they were.
func (p *payer) pay(ctx context.Context, deals []*deal) (map[opportunity.ID][]Row, error) {
	out := map[opportunity.ID][]Row{}
	for part := range slices.Chunk(deals, rule.Chunk) {
		keys := make([][16]byte, len(part))
		for i, d := range part {
			keys[i] = d.ID
		}
		values, err := p.all.Load(ctx, p.s, p.at, keys)
		if err != nil {
			return nil, err
		}
		for _, d := range part {
			rows, err := p.of(ctx, d, values[d.ID])
			if err != nil {
				return nil, err
			}
			out[d.ID] = rows
		}
	}
	return out, nil
}

// of gives the rows of one deal.
func (p *payer) of(ctx context.Context, d *deal, v rule.Values) ([]Row, error) {
	lines, err := d.parts()
	if err != nil || len(d.sellers) == 0 {
		return nil, err
	}
	zone := p.c.config.Locales(p.s.Actor.Company).Location()
	on := civil.In(d.At, zone)
	rate, rated := p.book.Rate(d.Currency, d.ClosedAt)
	if !rated {
		p.out.miss(d.Currency)
		return nil, nil
	}
	sofar := map[paidTo]money.Amount{}
	var rows []Row
	for _, l := range lines {
		r, err := p.fitting(l, v)
		if err != nil {
			return nil, err
		}
		if r == nil {
			p.out.Unruled++
			continue
		}
		exact := l.Amount.Mul(rate)
		if r.Base == Margin {
			if !l.CostKnown {
				p.out.Uncosted++
				continue
			}
			exact = exact.Sub(money.Times(l.UnitCost, l.Quantity).Decimal)
		}
		base := p.book.Round(decimal.Max(decimal.Zero, d.kept(exact)))
		parts, err := opportunity.Divide(base, p.book.Own, d.sellers)
		if err != nil {
			return nil, err
		}
		for i, seller := range d.sellers {
			if seller.Share.IsZero() || parts[i].IsZero() {
				continue
			}
			row := Row{
				Month: firstOf(on), Seller: seller.User, OpportunityID: d.ID, Line: l.Position, Group: l.ProductGroup, Kind: Share, Rule: r.Name, Of: r.Base, Base: base, Share: seller.Share, Part: parts[i],
				EarnedOn: on, PlanVersion: p.version,
			}
			if err := p.price(ctx, &row, r, sofar); err != nil {
				return nil, err
			}
			if row.Team, err = p.team(ctx, seller.User, d.OwnerTeam); err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// kept is what is left of an amount after credit notes.
func (d *deal) kept(exact decimal.Decimal) decimal.Decimal {
	if !d.Whole.IsPositive() {
		return exact
	}
	return exact.Mul(d.Whole.Sub(d.Credited).Decimal).Div(d.Whole.Decimal)
}

// paidTo is what a cap holds for: one rule and seller in one deal.
type paidTo struct{ rule, seller string }

// price gives a row its rate, by what its seller attained, and its amount, up to the cap of the rule.
func (p *payer) price(ctx context.Context, row *Row, r *ready, sofar map[paidTo]money.Amount) (err error) {
	if row.Attained, err = p.attained(ctx, row.Seller, row.Month); err != nil {
		return err
	}
	row.Rate = r.at(row.Attained)
	row.Amount = money.Round(money.PercentOf(row.Rate, row.Part), p.book.Own)
	if to := (paidTo{r.Name, row.Seller}); r.Cap.IsPositive() {
		if left := r.Cap.Sub(sofar[to]); row.Amount.Cmp(left) > 0 {
			row.Amount = left
		}
		sofar[to] = sofar[to].Add(row.Amount)
	}
	return nil
}

// parts are the deal's lines with what each is worth of what was agreed, which may differ from their sum; a deal without
// lines is one line.
func (d *deal) parts() ([]line, error) {
	var sum money.Amount
	for _, l := range d.lines {
		sum = sum.Add(l.Amount)
	}
	if !sum.IsPositive() {
		whole := line{}
		whole.Amount, whole.Quantity = d.ExpectedRevenue, money.MustQuantity("1")
		return []line{whole}, nil
	}
	out := slices.Clone(d.lines)
	if sum.Equal(d.ExpectedRevenue) {
		return out, nil
	}
	weights := make([]money.Percent, len(out))
	for i, l := range out {
		weights[i] = money.NewPercent(l.Amount.Decimal)
	}
	parts, err := money.Split(d.ExpectedRevenue, d.Currency, weights)
	for i := range parts {
		out[i].Amount = parts[i]
	}
	return out, err
}

// fitting is the first rule that fits a line, nil for none.
func (p *payer) fitting(l line, v rule.Values) (*ready, error) {
	one := make(rule.Values, len(v)+1)
	for key, value := range v {
		one[key] = value
	}
	row := []rule.Values{{"group": l.ProductGroup, "product": l.ProductKey, "quantity": l.Quantity, "discount": l.Discount, "net": l.Amount}}
	for i := range p.rules {
		r := &p.rules[i]
		if r.broken {
			continue
		}
		fits := true
		for _, c := range []struct {
			cond *rule.Condition
			rows any
		}{{r.when, v[leadrule.Lines]}, {r.where, row}} {
			if c.cond == nil || !fits {
				continue
			}
			one[leadrule.Lines] = c.rows
			var err error
			if fits, err = c.cond.Holds(p.at, one); err != nil {
				return nil, err
			}
		}
		if fits {
			return r, nil
		}
	}
	return nil, nil
}

func (p *payer) team(ctx context.Context, seller, otherwise string) (string, error) {
	if p.c.config.Team == nil {
		return otherwise, nil
	}
	team, asked := p.teams[seller]
	if !asked {
		var err error
		if team, err = p.c.config.Team(ctx, p.s, seller); err != nil {
			return "", err
		}
		p.teams[seller] = team
	}
	if team == "" {
		return otherwise, nil
	}
	return team, nil
}
