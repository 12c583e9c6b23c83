package retention

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// month is what a customer bought in one month, in the counts from From on and before Until.
type month struct {
	bun.BaseModel `bun:"table:crm_bought_month,alias:b"`

	Company  string       `bun:"company,pk,type:nvarchar(40)"`
	Month    civil.Date   `bun:"month,pk"`
	Customer string       `bun:"customer,pk,type:nvarchar(80)"`
	From     int64        `bun:"from_count,pk"`
	Until    int64        `bun:"until_count"`
	Net      money.Amount `bun:"net"`
	Orders   int64        `bun:"orders"`
}

// always is the Until of rows that no count has ended.
const always = 1 << 62

// Count is the count that readers see.
type Count struct {
	bun.BaseModel `bun:"table:crm_bought_count,alias:bought"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	// Number is 0 where nothing was counted yet.
	Number int64 `bun:"number"`
	// KnownFrom is the first day from which on all orders are known, the first of a month.
	KnownFrom civil.Date `bun:"known_from"`
	CountedOn civil.Date `bun:"counted_on"`
	// Currency is the company's as it was counted in.
	Currency string `bun:"currency,type:nvarchar(3)"`
	// Missing are the currencies that had no rate, by comma: what was ordered in them is counted, and worth nothing.
	Missing string `bun:"missing,type:nvarchar(400)"`
}

// Unrated are the currencies that had no rate.
func (c Count) Unrated() []string {
	if c.Missing == "" {
		return nil
	}
	return strings.Split(c.Missing, ",")
}

// Counted gives the count that readers of the actor's company see.
func Counted(ctx context.Context, s *store.Session) (Count, error) {
	var rows []Count
	err := s.Query(ctx, &rows, store.From[Count]("bought"), "SELECT bought.* FROM crm_bought_count AS bought WHERE {scope} AND bought.company = ?", s.Actor.Company)
	if err != nil || len(rows) == 0 {
		return Count{}, err
	}
	return rows[0], nil
}

// firstOf is the first day of a day's month.
func firstOf(d civil.Date) civil.Date { return civil.Date{Year: d.Year, Month: d.Month, Day: 1} }

// Months moves the first day of a month.
func Months(first civil.Date, n int) civil.Date {
	return civil.Of(time.Date(first.Year, first.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}
