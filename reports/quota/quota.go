// Package quota sets what sellers, teams, product groups and the company are to reach in a month, a quarter or a
// year, and says how far they have come.
//
// A [Quota] is set by [Quotas.Set] and held against what happened by [Quotas.Table]: what was attained, its share
// of the target, the pace against the days gone by, the gap. Revenue, margin and numbers of opportunities are credited to
// sellers by the split of the team that sold; the figures are those of package kpi. Whoever may see a quota is
// told what was attained of it in full, also where he does not see each sale.
//
// The quotas of the company and of its product groups are its business plan ([Quotas.Plan]). They are held against what
// the host sold in all (package sold), with or without an opportunity, as of that day's count; where the host does not
// tell, against the opportunities that were won.
package quota

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
)

// Kind is whose quota it is.
type Kind string

// The kinds.
const (
	Seller       Kind = "seller"
	Team         Kind = "team"
	ProductGroup Kind = "group"
	Company      Kind = "company"
)

// Kinds are all kinds.
var Kinds = []Kind{Seller, Team, ProductGroup, Company}

// Measure is what is counted.
type Measure string

// The measures.
const (
	// Revenue is of opportunities won, in the company's currency.
	Revenue Measure = "revenue"
	// Margin is what of it is above the cost of the products.
	Margin Measure = "margin"
	// Deals is the number of opportunities won; a seller has his share of each.
	Deals Measure = "count"
	// Activities are calls and meetings.
	Activities Measure = "activities"
)

// Measures are all measures.
var Measures = []Measure{Revenue, Margin, Deals, Activities}

// Money reports whether the measure is a sum in the company's currency.
func (m Measure) Money() bool { return m == Revenue || m == Margin }

// Basis says what was counted.
type Basis string

// The bases.
const (
	// Won: opportunities that were won, and activities.
	Won Basis = "won"
	// Sold: the orders of the host.
	Sold Basis = "sold"
)

// Tag is the noun of a quota's id.
type Tag struct{}

// ID identifies a quota.
type ID = store.Key[Tag]

// Quota is what one is to reach in one period.
type Quota struct {
	bun.BaseModel `bun:"table:crm_quota,alias:quota"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	Kind Kind `bun:"kind,type:nvarchar(10)" json:"kind"`
	// Subject is the user, the team or the host's product group; "" for the company.
	Subject string  `bun:"subject,type:nvarchar(80)" json:"subject"`
	Measure Measure `bun:"measure,type:nvarchar(12)" json:"measure"`
	// StartsOn is the first day of the period, that of a month; Months is 1, 3 or 12.
	StartsOn civil.Date `bun:"starts_on" json:"starts_on"`
	Months   int        `bun:"months" json:"months"`
	// Currency is that of Target where Measure is of money.
	Currency string       `bun:"currency,type:nvarchar(3)" json:"currency,omitempty"`
	Target   money.Amount `bun:"target" json:"target"`
	// OwnerUser and OwnerTeam say who sees it: the seller and his team.
	OwnerUser string `bun:"owner_user,type:nvarchar(64)" json:"-"`
	OwnerTeam string `bun:"owner_team,type:nvarchar(64)" json:"owner_team,omitempty"`
}

// Guard shows a seller's quota to him and his team's to those who see their team.
func (Quota) Guard(a actor.Actor, alias string) store.Predicate {
	p := store.OwnedBy(a, alias)
	if len(a.Teams) == 0 {
		return p
	}
	args := make([]any, len(a.Teams))
	for i, t := range a.Teams {
		args[i] = t
	}
	return store.Or(p, store.Predicate{SQL: "(" + alias + ".kind = 'team' AND " + alias + ".subject IN (" + store.In(len(args)) + "))", Args: args})
}

// Period is the quota's days.
func (q Quota) Period() kpi.Period {
	next := civil.Of(time.Date(q.StartsOn.Year, q.StartsOn.Month+time.Month(q.Months), 1, 0, 0, 0, 0, time.UTC))
	return kpi.Period{First: q.StartsOn, Last: next.AddDays(-1)}
}

// Draft describes a quota; the fields are those of [Quota].
type Draft struct {
	Kind     Kind         `json:"kind"`
	Subject  string       `json:"subject"`
	Team     string       `json:"team"`
	Measure  Measure      `json:"measure"`
	StartsOn civil.Date   `json:"starts_on"`
	Months   int          `json:"months"`
	Target   money.Amount `json:"target"`
}

func (d Draft) check() fault.List {
	var faults fault.List
	if !slices.Contains(Kinds, d.Kind) {
		faults.Add("kind", "choice", "%.20q is none; choose one of %q", string(d.Kind), Kinds)
	}
	if d.Kind == Company && d.Subject != "" {
		faults.Add("subject", "choice", "is %.20q; a quota of the company has none", d.Subject)
	} else if d.Kind != Company {
		faults.Required("subject", d.Subject)
	}
	if !slices.Contains(Measures, d.Measure) {
		faults.Add("measure", "choice", "%.20q is none; choose one of %q", string(d.Measure), Measures)
	}
	if d.Kind == ProductGroup && d.Measure == Activities {
		faults.Add("measure", "choice", "activities are not counted by product group; choose another measure")
	}
	if d.StartsOn.IsZero() || d.StartsOn.Day != 1 {
		faults.Add("starts_on", "range", "must be the first day of a month")
	}
	if !slices.Contains([]int{1, 3, 12}, d.Months) {
		faults.Add("months", "choice", "is %d; choose 1, 3 or 12", d.Months)
	}
	if !d.Target.IsPositive() {
		faults.Add("target", "range", "is %s; give what is to be reached", d.Target)
	}
	return faults
}

// Quotas keeps the quotas of one database.
type Quotas struct {
	db      *store.DB
	locales func(company string) locale.Locale
	kpis    *kpi.KPIs
}

// New makes Quotas on a database.
func New(db *store.DB, locales func(company string) locale.Locale) *Quotas {
	return &Quotas{db: db, locales: locales, kpis: kpi.New(db, locales)}
}

// In gives a view that works inside an open session.
func (q *Quotas) In(s *store.Session) *Quotas { return New(s.Inside(), q.locales) }

// Set sets a quota; one of the same subject, measure and period gets the new target. It needs actor.ReportRead
// and LeadAssign, which managers have: whoever spreads the work sets its goals.
func (q *Quotas) Set(ctx context.Context, d Draft) (Quota, error) {
	return store.Write(ctx, q.db, actor.LeadAssign, func(ctx context.Context, s *store.Session) (Quota, error) {
		d := d
		d.Subject, d.Team = strings.TrimSpace(d.Subject), strings.TrimSpace(d.Team)
		if err := d.check().Err("the quota cannot be set"); err != nil {
			return Quota{}, err
		}
		return q.set(ctx, s, d)
	})
}

// SetAll sets several quotas at once, or none of them; faults name them by their index, as in drafts[2].target.
func (q *Quotas) SetAll(ctx context.Context, drafts []Draft) error {
	return q.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadAssign); err != nil {
			return err
		}
		var faults fault.List
		for i, d := range drafts {
			faults.Merge(fmt.Sprintf("drafts[%d]", i), d.check())
		}
		if err := faults.Err("the quotas cannot be set"); err != nil {
			return err
		}
		for _, d := range drafts {
			if _, err := q.set(ctx, s, d); err != nil {
				return err
			}
		}
		return nil
	})
}

func (q *Quotas) set(ctx context.Context, s *store.Session, d Draft) (Quota, error) {
	var rows []Quota
	err := s.Select(&rows).Where("quota.company = ? AND quota.starts_on = ? AND quota.kind = ? AND quota.subject = ? AND quota.measure = ? AND quota.months = ?",
		s.Actor.Company, d.StartsOn, d.Kind, d.Subject, d.Measure, d.Months).Scan(ctx)
	if err != nil {
		return Quota{}, err
	}
	next := Quota{Kind: d.Kind, Subject: d.Subject, Measure: d.Measure, StartsOn: d.StartsOn, Months: d.Months, Target: d.Target, OwnerTeam: d.Team}
	switch d.Kind {
	case Seller:
		next.OwnerUser = d.Subject
	case Team:
		next.OwnerTeam = d.Subject
	case ProductGroup, Company:
	}
	if d.Measure.Money() {
		next.Currency = q.locales(s.Actor.Company).Currency
	}
	if len(rows) == 0 {
		next.ID = store.NewKey[Tag](s)
		return next, s.Insert(ctx, &next)
	}
	before := rows[0]
	next.ID, next.Record = before.ID, before.Record
	return next, s.Save(ctx, &before, &next)
}

// Remove takes a quota away.
func (q *Quotas) Remove(ctx context.Context, id ID) error {
	return q.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadAssign); err != nil {
			return err
		}
		var row Quota
		if err := s.Lock(ctx, &row, id); err != nil {
			return err
		}
		return s.Delete(ctx, &row)
	})
}

// Row is a quota and how far it has come.
type Row struct {
	Quota
	Attained decimal.Decimal `json:"attained"`
	// Share is what was attained of the target, in percent.
	Share money.Percent `json:"share"`
	// Pace is what was attained of what the days gone by would ask for, in percent; 0 before the first day.
	Pace money.Percent `json:"pace"`
	// Gap is what is missing to the target, 0 where it is reached.
	Gap decimal.Decimal `json:"gap"`
	// Landing is where it ends if it goes on like this.
	Landing decimal.Decimal `json:"landing"`
	// Elapsed is how much of the period is over, today included, in percent.
	Elapsed money.Percent `json:"elapsed"`
	// Basis says what Attained was counted of; CountedOn is the day of the count of what was sold, zero otherwise.
	Basis     Basis      `json:"basis"`
	CountedOn civil.Date `json:"counted_on,omitzero"`
}

// Table gives the quotas whose period holds a day (today where it is zero) that the actor may see. It needs
// actor.OpportunityRead.
func (q *Quotas) Table(ctx context.Context, on civil.Date) ([]Row, error) {
	var rows []Row
	var today civil.Date
	var company string
	err := q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		rows = nil
		if err := s.Actor.Require(actor.OpportunityRead); err != nil {
			return err
		}
		company, today = s.Actor.Company, civil.In(s.Now, q.locales(s.Actor.Company).Location())
		day := on
		if day.IsZero() {
			day = today
		}
		var quotas []Quota
		err := s.Select(&quotas).Where("quota.starts_on <= ? AND quota.starts_on > ?", day, civil.Of(time.Date(day.Year-1, day.Month, day.Day, 0, 0, 0, 0, time.UTC))).
			OrderExpr("quota.kind DESC, quota.subject, quota.measure, quota.months, quota.starts_on").Scan(ctx)
		for _, one := range quotas {
			if !one.Period().Last.Before(day) {
				rows = append(rows, Row{Quota: one})
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	// Who may see a quota is told all that counts for it; see the package's comment.
	whole := actor.With(ctx, actor.System(company, "quotas"))
	for i := range rows {
		if err := q.measure(whole, &rows[i]); err != nil {
			return nil, err
		}
		rows[i].judge(today)
	}
	return rows, nil
}

// measure finds what was attained.
func (q *Quotas) measure(ctx context.Context, r *Row) (err error) {
	r.Basis = Won
	if r.Kind == Company || r.Kind == ProductGroup {
		months, known, err := q.sold(ctx, r.Quota, r.Period())
		if err != nil {
			return err
		}
		if known {
			r.Basis, r.Attained = Sold, decimal.Zero
			for _, m := range months {
				r.Attained = r.Attained.Add(m.Value)
				r.CountedOn = m.CountedOn
			}
			return nil
		}
	}
	r.Attained, err = q.attained(ctx, r.Quota)
	return err
}

// judge computes what follows from what was attained.
func (r *Row) judge(today civil.Date) {
	hundred := decimal.NewFromInt(100)
	p := r.Period()
	days, gone := decimal.NewFromInt(int64(p.First.DaysUntil(p.Last)+1)), decimal.NewFromInt(int64(p.First.DaysUntil(today)+1))
	gone = decimal.Max(decimal.Zero, decimal.Min(gone, days))
	r.Share = money.NewPercent(r.Attained.Mul(hundred).DivRound(r.Target.Decimal, 1))
	r.Elapsed = money.NewPercent(gone.Mul(hundred).DivRound(days, 1))
	r.Gap = decimal.Max(decimal.Zero, r.Target.Sub(money.NewAmount(r.Attained)).Decimal)
	if gone.IsPositive() {
		r.Pace = money.NewPercent(r.Attained.Mul(hundred).Mul(days).DivRound(r.Target.Mul(gone), 1))
		r.Landing = r.Attained.Mul(days).DivRound(gone, 0)
	}
}

// ReachedBy is how much of his revenue quota a seller had attained at the end of a day, in percent: of the shortest one
// that holds on that day. known is false where he has none. It is for package commission, and is asked by the system or, in
// a transaction of his own, by who sees everything.
func (q *Quotas) ReachedBy(ctx context.Context, seller string, day civil.Date) (share money.Percent, known bool, err error) {
	var held []Quota
	err = q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if s.Actor.Kind != actor.KindSystem && s.Actor.See != actor.All {
			return fault.New(fault.Forbidden, "what a seller has attained by a day is asked by who sees everything")
		}
		held = nil
		return s.Select(&held).Where("quota.company = ? AND quota.starts_on <= ? AND quota.starts_on > ? AND quota.kind = ? AND quota.subject = ? AND quota.measure = ?",
			s.Actor.Company, day, civil.Of(time.Date(day.Year-1, day.Month, day.Day, 0, 0, 0, 0, time.UTC)), Seller, seller, Revenue).OrderExpr("quota.months").Scan(ctx)
	})
	if err != nil {
		return share, false, err
	}
	for _, one := range held {
		p := one.Period()
		if p.Last.Before(day) {
			continue
		}
		f, err := q.kpis.Figure(ctx, kpi.Revenue, kpi.Query{Period: kpi.Period{First: p.First, Last: day}, Of: kpi.Filter{Seller: seller}})
		return money.NewPercent(f.Value.Mul(decimal.NewFromInt(100)).DivRound(one.Target.Decimal, 1)), true, err
	}
	return share, false, nil
}

func (q *Quotas) attained(ctx context.Context, one Quota) (decimal.Decimal, error) {
	of := kpi.Filter{}
	switch one.Kind {
	case Seller:
		of.Seller = one.Subject
	case Team:
		of.Team = one.Subject
	case ProductGroup:
		of.ProductGroup = one.Subject
	case Company:
	}
	var codes []kpi.Code
	switch one.Measure {
	case Revenue:
		codes = []kpi.Code{kpi.Revenue}
	case Margin:
		codes = []kpi.Code{kpi.Margin}
	case Activities:
		codes = []kpi.Code{kpi.Calls, kpi.Meetings}
	case Deals:
		if one.Kind == Seller {
			return q.shares(ctx, one)
		}
		codes = []kpi.Code{kpi.DealsWon}
	}
	var sum decimal.Decimal
	for _, code := range codes {
		f, err := q.kpis.Figure(ctx, code, kpi.Query{Period: one.Period(), Of: of})
		if err != nil {
			return sum, err
		}
		sum = sum.Add(f.Value.Decimal)
	}
	return sum, nil
}

// shares is a seller's part of the opportunities that were won, as a number.
func (q *Quotas) shares(ctx context.Context, one Quota) (decimal.Decimal, error) {
	var sum money.Percent
	err := q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		zone := q.locales(s.Actor.Company).Location()
		var rows []struct {
			Sum money.Percent `bun:"part"`
		}
		err := s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), "SELECT SUM(sp.share) AS part FROM crm_opportunity AS o JOIN crm_opportunity_seller AS sp ON sp.opportunity_id = o.id WHERE {scope} AND sp.user_id = ? AND o.state = 'won' AND o.closed_at >= ? AND o.closed_at < ?",
			one.Subject, one.Period().First.Time(zone), one.Period().Last.AddDays(1).Time(zone))
		if err == nil && len(rows) > 0 {
			sum = rows[0].Sum
		}
		return err
	})
	return sum.Div(decimal.NewFromInt(100)), err
}
