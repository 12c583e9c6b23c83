// Package cost notes what the products on won opportunities cost the company, so that margins can be counted.
//
// The host's catalogue says what a product costs today (erpbridge.Product.Cost). [Costs.Work] asks it once for each line
// of an opportunity that was won, soon after that, and keeps the answer: a margin of the past stays what it was when
// costs change later. What the host has no cost of is noted as such and is in no margin.
package cost

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Line is what one unit of an opportunity's line cost, in the company's currency.
type Line struct {
	bun.BaseModel `bun:"table:crm_line_cost,alias:line_cost"`

	LineID  opportunity.LineID `bun:"line_id,pk"`
	Company string             `bun:"company,type:nvarchar(40)"`
	// Known is false where the host has no cost of the product.
	Known    bool         `bun:"known"`
	UnitCost money.Amount `bun:"unit_cost"`
	NotedAt  time.Time    `bun:"noted_at"`
}

// Costs notes the costs of all companies.
type Costs struct {
	db      *store.DB
	host    erpbridge.Host
	locales func(company string) locale.Locale
}

// New makes Costs on a database.
func New(db *store.DB, host erpbridge.Host, locales func(company string) locale.Locale) *Costs {
	return &Costs{db: db, host: host, locales: locales}
}

// In gives a view that works inside an open session.
func (c *Costs) In(s *store.Session) *Costs { return New(s.Inside(), c.host, c.locales) }

const (
	// chunk is how many lines are looked at in one transaction.
	chunk = 200
	// reach is how long ago an opportunity may have been won for its costs to be asked.
	reach = 3 * 366 * 24 * time.Hour
)

type asked struct {
	ID      opportunity.LineID `bun:"id"`
	Product string             `bun:"product_key"`
}

// Work notes the costs of the lines that have none yet, and reports of how many. It is background work; a host that is
// elsewhere is asked outside of any transaction.
func (c *Costs) Work(ctx context.Context) (int, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	if a.Kind != actor.KindSystem {
		return 0, fault.New(fault.Forbidden, "only background work notes costs")
	}
	if c.host.Catalogue == nil {
		return 0, nil
	}
	total, known := 0, map[string]*money.Amount{}
	for {
		n, err := c.some(ctx, known)
		total += n
		if err != nil || n < chunk || ctx.Err() != nil {
			return total, err
		}
	}
}

func (c *Costs) some(ctx context.Context, known map[string]*money.Amount) (int, error) {
	var lines []asked
	var hs erpbridge.Session
	elsewhere := c.host.Place == erpbridge.Elsewhere
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		lines = nil
		hs = erpbridge.Session{Company: s.Actor.Company, Now: s.Now, Today: civil.In(s.Now, c.locales(s.Actor.Company).Location())}
		err := s.Query(ctx, &lines, store.From[opportunity.Opportunity]("o"), "SELECT li.id, li.product_key FROM crm_opportunity AS o JOIN crm_opportunity_line AS li ON li.opportunity_id = o.id"+
			" WHERE {scope} AND o.closed_at >= ? AND o.state = 'won' AND li.product_key <> '' AND NOT EXISTS (SELECT 1 FROM crm_line_cost AS lc WHERE lc.line_id = li.id) ORDER BY o.closed_at, li.id"+s.Limit(chunk), s.Now.Add(-reach))
		if err != nil || elsewhere {
			return err
		}
		hs.Tx = s.Tx()
		return c.ask(ctx, hs, lines, known)
	})
	if err == nil && elsewhere {
		err = c.ask(ctx, hs, lines, known)
	}
	if err != nil || len(lines) == 0 {
		return 0, err
	}
	err = c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		have, err := noted(ctx, s, lines) // another process may have been faster
		if err != nil {
			return err
		}
		var rows []Line
		for _, l := range lines {
			if have[l.ID] {
				continue
			}
			row := Line{LineID: l.ID, NotedAt: s.Now}
			if unit := known[l.Product]; unit != nil {
				row.Known, row.UnitCost = true, *unit
			}
			rows = append(rows, row)
		}
		if len(rows) == 0 {
			return nil
		}
		return s.InsertMany(ctx, &rows)
	})
	return len(lines), err
}

func (c *Costs) ask(ctx context.Context, hs erpbridge.Session, lines []asked, known map[string]*money.Amount) error {
	for _, l := range lines {
		if _, ok := known[l.Product]; ok {
			continue
		}
		p, err := c.host.Catalogue.Product(ctx, hs, l.Product)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		known[l.Product] = p.Cost
	}
	return nil
}

func noted(ctx context.Context, s *store.Session, lines []asked) (map[opportunity.LineID]bool, error) {
	args := make([]any, len(lines))
	for i, l := range lines {
		args[i] = l.ID
	}
	var rows []Line
	err := s.Query(ctx, &rows, store.From[Line]("lc"), "SELECT lc.line_id FROM crm_line_cost AS lc WHERE {scope} AND lc.line_id IN ("+store.In(len(args))+")", args...)
	out := map[opportunity.LineID]bool{}
	for _, r := range rows {
		out[r.LineID] = true
	}
	return out, err
}
