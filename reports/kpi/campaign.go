package kpi

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
)

// letters are the campaigns that the reader may see.
type letters struct {
	bun.BaseModel `bun:"table:crm_campaign,alias:campaign"`

	Company string `bun:"company"`
}

// Guard is that of campaigns.
func (letters) Guard(a actor.Actor, alias string) store.Predicate { return store.OwnedBy(a, alias) }

// cost is what one campaign that began in the period has cost so far.
type cost struct {
	Name     string       `bun:"name"`
	Currency string       `bun:"currency"`
	Since    time.Time    `bun:"since"`
	Each     money.Amount `bun:"cost_each"`
	Fixed    money.Amount `bun:"cost_fixed"`
	Sent     int64        `bun:"sent"`
}

// campaignReturn is what campaigns brought beyond their cost, over that cost: the revenue of opportunities that
// carry the campaign's name, less what the letters of campaigns of that name cost that began in the period.
func campaignReturn(ctx context.Context, r *reading) (cells, error) {
	found, err := campaignRevenue(ctx, r)
	if err != nil {
		return nil, err
	}
	out := cells{}
	for key, c := range found {
		out[key] = &cell{over: c.over, n: c.n}
	}
	var costs []cost
	err = r.s.Query(ctx, &costs, store.From[letters]("c"), "SELECT c.name, c.currency, "+exchange.Since("c", "c.started_at")+` AS since, c.cost_each, c.cost_fixed,
	(SELECT SUM(n.sent) FROM crm_campaign_count AS n WHERE n.campaign_id = c.id) AS sent FROM crm_campaign AS c WHERE {scope} AND c.started_at >= ? AND c.started_at < ? AND c.currency <> ''`, r.book.Own, r.from, r.to)
	if err != nil {
		return nil, err
	}
	for _, c := range costs {
		key := ""
		if r.by == Campaign {
			key = c.Name
		}
		total := money.NewAmount(c.Each.Mul(decimal.NewFromInt(c.Sent)).Add(c.Fixed.Decimal))
		value := r.amount(total, c.Currency, c.Since)
		at := out.at(key)
		at.over, at.under = at.over.Sub(value), at.under.Add(value)
	}
	return out, nil
}
