package campaign

import (
	"context"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// cost is what a campaign of mails costs for so many messages, in its currency.
func (c Campaign) cost(messages int64) money.Amount {
	return money.NewAmount(c.CostEach.Mul(decimal.NewFromInt(messages)).Add(c.CostFixed.Decimal))
}

// SetBudget changes what a campaign may cost, 0 for no bound, also while it is paused. It needs [Send].
func (c *Campaigns) SetBudget(ctx context.Context, id ID, version int64, budget money.Amount) (Campaign, error) {
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		var row Campaign
		if err := s.LockVersion(ctx, &row, id, version); err != nil {
			return row, err
		}
		if row.State == Done || row.State == Cancelled {
			return row, wrongState(row, "given a budget", "it has ended")
		}
		if budget.Cmp(money.Amount{}) < 0 {
			var faults fault.List
			faults.Add("budget", "negative", "is %s; it cannot be less than nothing", budget)
			return row, faults.Err("the budget stays as it is")
		}
		next := row
		next.Budget = budget
		return next, s.Save(ctx, &row, &next)
	})
}
