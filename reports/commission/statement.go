package commission

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/store"
)

// State is how far a month is.
type State string

// The states.
const (
	// None: no plan held in the month.
	None State = "none"
	// Open: it may change, with each opportunity. Due: it is over, and the next one to be closed.
	Open State = "open"
	Due  State = "due"
	// Closed: it is settled.
	Closed State = "closed"
)

// Query asks for statements.
type Query struct {
	// Month is any day of it, today's where it is zero.
	Month civil.Date `json:"month"`
	// Seller is one user, "" for all that the actor sees.
	Seller string `json:"seller,omitempty"`
}

// Statement is what was earned in a month.
type Statement struct {
	Month    civil.Date `json:"month"`
	State    State      `json:"state"`
	Currency string     `json:"currency"`
	// Rows are in the order of sellers, opportunities and lines; Sellers their sums, the largest first.
	Rows    []Line       `json:"rows"`
	Sellers []Sum        `json:"sellers"`
	Total   money.Amount `json:"total"`
	// Earned is the plan's, "" while there is none.
	Earned   Earned    `json:"earned"`
	ClosedAt time.Time `json:"closed_at,omitzero"`
	ClosedBy string    `json:"closed_by,omitempty"`
	// Missing are currencies without a rate, whose opportunities are in no row. Uncosted and Unruled count the lines
	// that gave nothing because their margin is not known or no rule fits them; of an open month only, and for those who see
	// what all sellers earn.
	Missing  []string `json:"missing,omitempty"`
	Uncosted int      `json:"uncosted,omitempty"`
	Unruled  int      `json:"unruled,omitempty"`
}

func (t *Statement) miss(currency string) {
	if !slices.Contains(t.Missing, currency) {
		t.Missing = append(t.Missing, currency)
		slices.Sort(t.Missing)
	}
}

// Line is a row with the names that people know it by; they are today's.
type Line struct {
	Row
	Name     string `json:"name"`
	Customer string `json:"customer"`
}

// Sum is what one seller gets.
type Sum struct {
	Seller string       `json:"seller"`
	Deals  int          `json:"deals"`
	Amount money.Amount `json:"amount"`
	// Corrections is the part of Amount that corrects earlier months.
	Corrections money.Amount `json:"corrections"`
}

// Statement gives the statements of a month: the actor's own, and with actor.CommissionRead those of his team, or all, by
// what he sees. It needs actor.OpportunityRead.
func (c *Commissions) Statement(ctx context.Context, q Query) (Statement, error) {
	var out Statement
	var rows []Row
	var who actor.Actor
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.OpportunityRead); err != nil {
			return err
		}
		who, rows = s.Actor, nil
		home := c.config.Locales(s.Actor.Company)
		month := q.Month
		if month.IsZero() {
			month = civil.In(s.Now, home.Location())
		}
		out = Statement{Month: firstOf(month), Currency: home.Currency, State: Open}
		closed, err := months(ctx, s)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(closed, func(m settled) bool { return m.Month == out.Month })
		if i < 0 {
			return nil
		}
		out.State, out.ClosedAt, out.ClosedBy = Closed, closed[i].ClosedAt, closed[i].ClosedBy
		return s.Select(&rows).Where("commission.company = ? AND commission.month = ?", s.Actor.Company, out.Month).OrderExpr("commission.id").Scan(ctx)
	})
	if err != nil {
		return out, err
	}
	system := actor.With(ctx, actor.System(who.Company, "commissions"))
	err = c.db.Read(system, func(ctx context.Context, s *store.Session) error {
		if out.State != Closed {
			computed, err := c.In(s).compute(ctx, s, out.Month)
			if err != nil {
				return err
			}
			out, rows = computed.Statement, computed.rows
		}
		if !seesAll(who) { // they are counted over the lines of all sellers
			out.Uncosted, out.Unruled = 0, 0
		}
		mine := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !sees(who, r) || q.Seller != "" && r.Seller != q.Seller })
		return out.show(ctx, s, mine)
	})
	return out, err
}

// months are the settled ones, the latest first.
func months(ctx context.Context, s *store.Session) ([]settled, error) {
	var rows []settled
	err := s.Query(ctx, &rows, store.From[settled]("m"), "SELECT m.* FROM crm_commission_month AS m WHERE {scope} AND m.company = ? ORDER BY m.month DESC", s.Actor.Company)
	return rows, err
}

// computed is an open month.
type computed struct {
	Statement
	rows    []Row
	version int64
}

// compute finds what is earned in an open month, as the system.
func (c *Commissions) compute(ctx context.Context, s *store.Session, month civil.Date) (computed, error) {
	home := c.config.Locales(s.Actor.Company)
	out := computed{Statement: Statement{Month: month, Currency: home.Currency, State: None}}
	states, err := plans.States(ctx, s)
	if err != nil {
		return out, err
	}
	closed, err := months(ctx, s)
	if err != nil {
		return out, err
	}
	if len(states) == 0 || month.Before(states[0].Plan.Starts) || len(closed) > 0 && !month.After(closed[0].Month) {
		return out, nil
	}
	plan := states[0].Plan
	out.State, out.version, out.Earned = Open, states[0].Number, plan.Earned
	turn := plan.Starts
	if len(closed) > 0 && !next(closed[0].Month).Before(turn) {
		turn = next(closed[0].Month)
	}
	if month == turn && lastOf(month).Before(civil.In(s.Now, home.Location())) {
		out.State = Due
	}
	p, err := c.payer(ctx, s, plan, out.version)
	if err != nil {
		return out, err
	}
	p.out = &out.Statement
	zone := home.Location()
	at := p.earnedAt()
	deals, err := p.deals(ctx, " AND "+at+" >= ? AND "+at+" < ? AND "+unbooked, month.Time(zone), next(month).Time(zone))
	if err != nil {
		return out, err
	}
	if month == turn && len(closed) > 0 {
		// What came to be earned in a month that was closed already, and what changed of what was paid.
		since := closed[0].ClosedAt.Add(-overlap)
		late, err := p.deals(ctx, " AND "+changed+" AND "+at+" >= ? AND "+at+" < ? AND "+unbooked, append(changedArgs(s, since), plan.Starts.Time(zone), month.Time(zone))...)
		if err != nil {
			return out, err
		}
		deals = append(deals, late...)
		if out.rows, err = c.corrections(ctx, s, p, correcting{since, states}); err != nil {
			return out, err
		}
	}
	paid, err := p.pay(ctx, deals)
	if err != nil {
		return out, err
	}
	for _, d := range deals {
		out.rows = append(out.rows, paid[d.ID]...)
	}
	for i := range out.rows {
		out.rows[i].Month = month
	}
	slices.SortStableFunc(out.rows, func(a, b Row) int {
		return cmp.Or(strings.Compare(a.Seller, b.Seller), strings.Compare(a.EarnedOn.String(), b.EarnedOn.String()), strings.Compare(a.OpportunityID.String(), b.OpportunityID.String()), cmp.Compare(a.Line, b.Line))
	})
	return out, nil
}

// overlap is how far before the last closing changes are looked at once more: one that was under way then is not missed,
// and one that was seen makes no difference.
const overlap = time.Hour

// unbooked are opportunities of which nothing was ever paid.
const unbooked = "NOT EXISTS (SELECT 1 FROM crm_commission AS had WHERE had.opportunity_id = o.id)"

// changed are opportunities that changed since an instant, themselves or by what their lines cost or what was credited of
// them; its parameters are those of changedArgs.
const changed = "(o.updated_at >= ? OR o.id IN (SELECT li.opportunity_id FROM crm_line_cost AS lc JOIN crm_opportunity_line AS li ON li.id = lc.line_id WHERE lc.company = ? AND lc.noted_at >= ?)" +
	" OR o.id IN (SELECT credit.opportunity_id FROM crm_deal_credit AS credit WHERE credit.company = ? AND credit.noted_at >= ?))"

func changedArgs(s *store.Session, since time.Time) []any {
	return []any{since, s.Actor.Company, since, s.Actor.Company, since}
}

// earnedAt is the column of the instant.
func (p *payer) earnedAt() string {
	if p.plan.Earned == Won {
		return "o.closed_at"
	}
	return "dr.reached_at"
}

// corrections are the differences between what was paid for opportunities that changed since and what should have been.
func (c *Commissions) corrections(ctx context.Context, s *store.Session, current *payer, in correcting) ([]Row, error) {
	var ids []opportunity.ID
	err := s.Query(ctx, &ids, store.From[opportunity.Opportunity]("o"), "SELECT o.id FROM crm_opportunity AS o WHERE {scope} AND "+changed+
		" AND EXISTS (SELECT 1 FROM crm_commission AS had WHERE had.opportunity_id = o.id) ORDER BY o.id", changedArgs(s, in.since)...)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	states, err := c.payers(ctx, s, current, in.states)
	if err != nil {
		return nil, err
	}
	var out []Row
	for part := range slices.Chunk(ids, 200) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		var had []Row
		if err := s.Query(ctx, &had, store.From[Row]("had"), "SELECT had.* FROM crm_commission AS had WHERE {scope} AND had.opportunity_id IN ("+store.In(len(args))+") ORDER BY had.id", args...); err != nil {
			return nil, err
		}
		// Each opportunity is judged by the plan under which it was paid first.
		byPlan := map[int64][]any{}
		of := map[opportunity.ID][]Row{}
		for _, r := range had {
			if len(of[r.OpportunityID]) == 0 {
				byPlan[r.PlanVersion] = append(byPlan[r.PlanVersion], r.OpportunityID)
			}
			of[r.OpportunityID] = append(of[r.OpportunityID], r)
		}
		due := map[opportunity.ID][]Row{}
		for version, args := range byPlan {
			p := states[version]
			if p == nil {
				p = current
			}
			paid, err := p.again(ctx, had, args)
			if err != nil {
				return nil, err
			}
			maps.Copy(due, paid)
		}
		for _, id := range part {
			out = append(out, differences(of[id], due[id])...)
		}
	}
	return out, nil
}

// again gives what opportunities earn as they are now, by what their sellers had attained when they were paid.
func (p *payer) again(ctx context.Context, had []Row, ids []any) (map[opportunity.ID][]Row, error) {
	frozen := *p
	frozen.out = &Statement{}
	frozen.attained = func(ctx context.Context, seller string, month civil.Date) (money.Percent, error) {
		for _, r := range had {
			if r.Seller == seller && r.Kind == Share && firstOf(r.EarnedOn) == month {
				return r.Attained, nil
			}
		}
		return p.attained(ctx, seller, month)
	}
	deals, err := frozen.deals(ctx, " AND o.id IN ("+store.In(len(ids))+")", ids...)
	if err != nil {
		return nil, err
	}
	return frozen.pay(ctx, deals)
}

// correcting says since when changes are looked for, and which plans held.
type correcting struct {
	since  time.Time
	states []policy.State[Plan]
}

// payers are the plans that held, by version.
func (c *Commissions) payers(ctx context.Context, s *store.Session, current *payer, states []policy.State[Plan]) (map[int64]*payer, error) {
	out := map[int64]*payer{current.version: current}
	for _, state := range states[1:] {
		p, err := c.payer(ctx, s, state.Plan, state.Number)
		if err != nil {
			return nil, err
		}
		out[state.Number] = p
	}
	return out, nil
}

// differences are what each seller of an opportunity should have beyond what he had.
func differences(had, due []Row) []Row {
	type share struct{ had, due money.Amount }
	sums, team := map[string]*share{}, map[string]string{}
	at := func(r Row) *share {
		if sums[r.Seller] == nil {
			sums[r.Seller] = &share{}
		}
		team[r.Seller] = r.Team
		return sums[r.Seller]
	}
	for _, r := range had {
		s := at(r)
		s.had = s.had.Add(r.Amount)
	}
	for _, r := range due {
		s := at(r)
		s.due = s.due.Add(r.Amount)
	}
	var out []Row
	for seller, s := range sums {
		if s.had.Equal(s.due) {
			continue
		}
		row := Row{Seller: seller, Team: team[seller], OpportunityID: had[0].OpportunityID, Kind: Changed, Of: had[0].Of, Amount: s.due.Sub(s.had), EarnedOn: had[0].EarnedOn, PlanVersion: had[0].PlanVersion}
		if len(due) == 0 {
			row.Kind = Back
		}
		out = append(out, row)
	}
	return out
}

// show adds names and sums.
func (t *Statement) show(ctx context.Context, s *store.Session, rows []Row) error {
	names := map[opportunity.ID]dealName{}
	var ids []any
	for _, r := range rows {
		if _, asked := names[r.OpportunityID]; !asked {
			names[r.OpportunityID] = dealName{}
			ids = append(ids, r.OpportunityID)
		}
	}
	for part := range slices.Chunk(ids, 200) {
		var found []dealName
		err := s.Query(ctx, &found, store.From[opportunity.Opportunity]("o"), "SELECT o.id, o.name, p.name AS customer FROM crm_opportunity AS o JOIN crm_party AS p ON p.id = o.party_id WHERE {scope} AND o.id IN ("+store.In(len(part))+")", part...)
		if err != nil {
			return err
		}
		for _, n := range found {
			names[n.ID] = n
		}
	}
	sums, deals := map[string]*Sum{}, map[string]bool{}
	for _, r := range rows {
		n := names[r.OpportunityID]
		t.Rows = append(t.Rows, Line{Row: r, Name: n.Name, Customer: n.Customer})
		t.Total = t.Total.Add(r.Amount)
		sum := sums[r.Seller]
		if sum == nil {
			sum = &Sum{Seller: r.Seller}
			sums[r.Seller] = sum
		}
		sum.Amount = sum.Amount.Add(r.Amount)
		if r.Kind != Share {
			sum.Corrections = sum.Corrections.Add(r.Amount)
		} else if key := r.Seller + r.OpportunityID.String(); !deals[key] {
			deals[key] = true
			sum.Deals++
		}
	}
	for _, sum := range sums {
		t.Sellers = append(t.Sellers, *sum)
	}
	slices.SortFunc(t.Sellers, func(a, b Sum) int { return cmp.Or(b.Amount.Cmp(a.Amount), strings.Compare(a.Seller, b.Seller)) })
	return nil
}

type dealName struct {
	ID       opportunity.ID `bun:"id"`
	Name     string         `bun:"name"`
	Customer string         `bun:"customer"`
}

// Close settles a month: its rows are written and never change. Months are closed in their order, after their last day.
// It needs actor.Settings, actor.CommissionRead and sight of the whole company; of two at once one succeeds.
func (c *Commissions) Close(ctx context.Context, month civil.Date) (Statement, error) {
	var out Statement
	who, err := actor.From(ctx)
	if err == nil {
		err = requireAll(who)
	}
	if err == nil && who.Kind != actor.KindSystem && who.See != actor.All {
		err = fault.New(fault.Forbidden, "%s does not see the whole company; a month is closed for all sellers at once", who.UserID)
	}
	if err != nil {
		return out, err
	}
	system := actor.System(who.Company, "commissions")
	system.OnBehalfOf = who.HostUser()
	err = c.db.Write(actor.With(ctx, system), func(ctx context.Context, s *store.Session) error {
		found, err := c.In(s).compute(ctx, s, firstOf(month))
		if err != nil {
			return err
		}
		if found.State != Due {
			var faults fault.List
			faults.Add("month", "commission.turn", "%s cannot be closed; months are closed one after the other, when they are over", firstOf(month).String()[:7])
			return faults.Err("the month cannot be closed")
		}
		out = found.Statement
		out.State, out.ClosedAt, out.ClosedBy = Closed, s.Now, who.UserID
		if err := out.show(ctx, s, found.rows); err != nil {
			return err
		}
		row := settled{Month: out.Month, ClosedAt: s.Now, ClosedBy: who.UserID, PlanVersion: found.version, Total: out.Total}
		if err := s.InsertQuiet(ctx, &row); err != nil {
			if s.Duplicate(err) {
				return fault.Wrap(err, fault.Conflict, "somebody else has just closed the month")
			}
			return err
		}
		for i := range found.rows {
			found.rows[i].ID, found.rows[i].BookedAt = store.NewKey[Tag](s), s.Now
		}
		if len(found.rows) == 0 {
			return nil
		}
		return s.InsertMany(ctx, &found.rows)
	})
	return out, err
}
