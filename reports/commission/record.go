package commission

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/quota"
)

// Tag is the noun of a row's id.
type Tag struct{}

// ID identifies a row of a settled statement.
type ID = store.Key[Tag]

// Kind says what a row of a statement is.
type Kind string

// The kinds.
const (
	// Share is what a seller earned by a line of an opportunity.
	Share Kind = "share"
	// Changed is the difference that a later change of an opportunity made; Back takes back all of one that does not
	// count any more.
	Changed Kind = "changed"
	Back    Kind = "back"
)

// Row is one line of a statement.
type Row struct {
	bun.BaseModel `bun:"table:crm_commission,alias:commission"`

	// ID is zero while the month is open.
	ID      ID     `bun:"id,pk" json:"id,omitzero"`
	Company string `bun:"company,type:nvarchar(40)" json:"-"`
	// Month is the first day of the month in which it is paid.
	Month civil.Date `bun:"month" json:"month"`
	// Seller is who gets it, Team his team.
	Seller        string         `bun:"owner_user,type:nvarchar(64)" json:"seller"`
	Team          string         `bun:"owner_team,type:nvarchar(64)" json:"team"`
	OpportunityID opportunity.ID `bun:"opportunity_id" json:"opportunity_id"`
	// Line is the position of the line in the opportunity; 0 for one without lines, and for corrections.
	Line  int    `bun:"line" json:"line"`
	Group string `bun:"product_group,type:nvarchar(80)" json:"product_group"`
	Kind  Kind   `bun:"kind,type:nvarchar(12)" json:"kind"`
	Rule  string `bun:"rule_name,type:nvarchar(120)" json:"rule"`
	Of    Base   `bun:"base_kind,type:nvarchar(8)" json:"of"`
	// Base is the line's revenue or margin, Part the seller's by his Share in percent; Amount is Rate percent of Part,
	// less what a cap cut off. All are in the company's currency.
	Base  money.Amount  `bun:"base" json:"base"`
	Share money.Percent `bun:"share" json:"share"`
	Part  money.Amount  `bun:"part" json:"part"`
	// Attained is how much of his quota the seller had reached, in percent; 0 without a quota.
	Attained money.Percent `bun:"attained" json:"attained"`
	Rate     money.Percent `bun:"rate" json:"rate"`
	Amount   money.Amount  `bun:"amount" json:"amount"`
	// EarnedOn is the day on which it was won, invoiced or paid; of a correction the day of its first booking.
	EarnedOn    civil.Date `bun:"earned_on" json:"earned_on"`
	PlanVersion int64      `bun:"plan_version" json:"plan_version"`
	BookedAt    time.Time  `bun:"booked_at" json:"booked_at,omitzero"`
}

// Guard shows a seller his own rows, and those of others whom the actor sees to who may know what they earn: that one sells
// with a colleague, or leads his opportunities, does not tell what he is paid.
func (Row) Guard(a actor.Actor, alias string) store.Predicate {
	if a.Kind == actor.KindUser && !a.May(actor.CommissionRead) {
		a.See = actor.Own
	}
	return store.OwnedBy(a, alias)
}

// sees is the same for rows that are not in the database yet.
func sees(a actor.Actor, r Row) bool {
	if a.Kind == actor.KindSystem || r.Seller == a.UserID {
		return true
	}
	return a.May(actor.CommissionRead) && (a.See == actor.All || a.See == actor.Team && slices.Contains(a.Teams, r.Team))
}

// settled is a month that is closed.
type settled struct {
	bun.BaseModel `bun:"table:crm_commission_month,alias:commission_month"`

	Company     string       `bun:"company,pk,type:nvarchar(40)"`
	Month       civil.Date   `bun:"month,pk"`
	ClosedAt    time.Time    `bun:"closed_at"`
	ClosedBy    string       `bun:"closed_by,type:nvarchar(64)"`
	PlanVersion int64        `bun:"plan_version"`
	Total       money.Amount `bun:"total"`
}

// reached is when all of an opportunity was invoiced or paid.
type reached struct {
	bun.BaseModel `bun:"table:crm_deal_reached,alias:deal_reached"`

	OpportunityID opportunity.ID `bun:"opportunity_id,pk"`
	What          Earned         `bun:"what,pk,type:nvarchar(10)"`
	Company       string         `bun:"company,type:nvarchar(40)"`
	At            time.Time      `bun:"reached_at"`
}

// Config is what the package is told by its surroundings.
type Config struct {
	Locales func(company string) locale.Locale
	Terms   *leadrule.Terms
	Quotas  *quota.Quotas
	// Team gives a seller's team; nil, and "", take the opportunity's.
	Team func(ctx context.Context, s *store.Session, seller string) (string, error)
}

// Commissions keeps the commissions of all companies, by a plan that each keeps and that holds for all months that are
// not settled. Reading it needs actor.Settings; sellers see by their statements which rule gave what.
//
// What the company decides is read and changed by Plan, SaveDraft, Discard, Publish and Versions of [policy.Keeper].
type Commissions struct {
	policy.Keeper[Plan]

	db     *store.DB
	config Config
}

// New makes Commissions on a database.
func New(db *store.DB, c Config) *Commissions {
	out := &Commissions{db: db, config: c}
	check := func(ctx context.Context, s *store.Session, p *Plan) (fault.List, error) {
		return out.faults(ctx, s, s.Actor, p)
	}
	out.Keeper = policy.Keep(db, plans, policy.Terms[Plan]{Check: check, Publishing: publishing})
	return out
}

// In gives a view that works inside an open session.
func (c *Commissions) In(s *store.Session) *Commissions {
	in := c.config
	in.Quotas = in.Quotas.In(s)
	return New(s.Inside(), in)
}

// Register has the host's progress with opportunities noted.
func (c *Commissions) Register(r *event.Registry) {
	r.On(event.Handler{Name: "commission.reached", Kinds: []string{opportunity.EventProgressed}, Do: c.follow})
}

// follow notes when an opportunity came to be wholly invoiced or paid, and forgets it where that was undone.
func (c *Commissions) follow(ctx context.Context, s *store.Session, e event.Event) error {
	var p opportunity.Progressed
	if err := e.Decode(&p); err != nil {
		return err
	}
	for _, one := range []struct {
		what    Earned
		is, any bool
	}{
		{Invoiced, p.Is == opportunity.Invoiced || p.Is == opportunity.Paid, p.Is == opportunity.Paying},
		{Paid, p.Is == opportunity.Paid, false},
	} {
		if one.any { // paid in part says nothing about invoices
			continue
		}
		var rows []reached
		if err := s.Select(&rows).Where("deal_reached.opportunity_id = ? AND deal_reached.what = ?", p.ID, one.what).Scan(ctx); err != nil {
			return err
		}
		switch {
		case one.is && len(rows) == 0:
			if err := s.InsertQuiet(ctx, &reached{OpportunityID: p.ID, What: one.what, At: e.At}); err != nil {
				return err
			}
		case !one.is && len(rows) > 0:
			if _, err := s.Exec(ctx, store.From[reached](""), "DELETE FROM crm_deal_reached WHERE {scope} AND opportunity_id = ? AND what = ?", p.ID, one.what); err != nil {
				return err
			}
		}
	}
	return nil
}

// seesAll reports whether the actor sees what all sellers earn.
func seesAll(a actor.Actor) bool {
	return a.Kind == actor.KindSystem || a.See == actor.All && a.May(actor.CommissionRead)
}

// requireAll is what it takes to see and settle what all sellers earn.
func requireAll(who actor.Actor) error {
	if err := who.Require(actor.Settings); err != nil {
		return err
	}
	return who.Require(actor.CommissionRead)
}
