package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/quota"
)

// Plan is the business plan of a year: the company and its product groups, beside the quotas of the sellers.
type Plan struct {
	Year     int       `json:"year"`
	Measure  string    `json:"measure" enum:"revenue,margin,count"`
	Currency string    `json:"currency,omitempty" doc:"Of revenue and margin."`
	Periods  []Period  `json:"periods" doc:"The columns."`
	Rows     []PlanRow `json:"rows" doc:"The company first, then the product groups by their keys."`
	Sellers  []Decimal `json:"sellers" doc:"Of each period the sum of the sellers' quotas that the key sees."`
}

// PlanRow is the company, or a product group.
type PlanRow struct {
	Kind     string     `json:"kind" enum:"company,group"`
	Subject  string     `json:"subject,omitempty" doc:"The host's product group; none for the company."`
	Cells    []PlanCell `json:"cells" doc:"By period, in order."`
	Target   Decimal    `json:"target" doc:"Of the year."`
	Attained Decimal    `json:"attained" doc:"Of the year, up to today."`
	Now      PlanCell   `json:"now" doc:"The days of the year that are over; without a target where a period up to today has no plan."`
}

// PlanCell is a plan and how far it has come.
type PlanCell struct {
	QuotaID   ID      `json:"quota_id,omitempty" doc:"None where nothing is planned."`
	Target    Decimal `json:"target"`
	Attained  Decimal `json:"attained"`
	Share     Decimal `json:"share" doc:"What was attained of the target, in percent."`
	Gap       Decimal `json:"gap" doc:"What is missing to the target."`
	Landing   Decimal `json:"landing" doc:"Where it ends if it goes on like this."`
	Basis     string  `json:"basis,omitempty" enum:"won,sold" doc:"What was counted: opportunities won, or the host's orders."`
	CountedOn Date    `json:"counted_on,omitempty" doc:"The day of the count of what was sold."`
}

func planCellOf(r quota.Row) PlanCell {
	return PlanCell{idOf(r.ID), decimalOf(r.Target), decimalOf(r.Attained), decimalOf(r.Share), decimalOf(r.Gap), decimalOf(r.Landing), string(r.Basis), dateOf(r.CountedOn)}
}

// PlanQuestion says which plan is meant.
type PlanQuestion struct {
	Year    int    `query:"year" required:"true" minimum:"2000" maximum:"2200"`
	Measure string `query:"measure" enum:"revenue,margin,count" default:"revenue"`
	Step    string `query:"step" enum:"month,quarter,year" default:"quarter"`
}

// query names all product groups of the host, so that those without a plan are shown, too.
func (q PlanQuestion) query(ctx context.Context, m *crm.Module) (quota.PlanQuery, error) {
	out := quota.PlanQuery{Year: q.Year, Measure: quota.Measure(q.Measure), Months: map[string]int{"month": 1, "quarter": 3, "year": 12}[q.Step]}
	groups, err := m.ProductGroups(ctx)
	for _, g := range groups {
		out.Groups = append(out.Groups, g.Key)
	}
	return out, err
}

// QuotaList is several quotas.
type QuotaList struct {
	Quotas []QuotaDraft `json:"quotas" minItems:"1" maxItems:"1000"`
}

func (a *server) plans() {
	r := get("get-plan", "/plan", figureTag, "Read the business plan of a year with what was attained of it")
	r.Rights = rights(actor.ReportRead)
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		PlanQuestion
	}) (*Out[Plan], error) {
		q, err := in.query(ctx, m)
		if err != nil {
			return nil, err
		}
		p, err := m.Quotas.Plan(ctx, q)
		return &Out[Plan]{Plan{p.Year, string(p.Measure), p.Currency, each(p.Periods, periodOf), each(p.Rows, func(r quota.PlanRow) PlanRow {
			return PlanRow{string(r.Kind), r.Subject, each(r.Cells, planCellOf), decimalOf(r.Target), decimalOf(r.Attained), planCellOf(r.Now)}
		}), each(p.Sellers, func(a money.Amount) Decimal { return decimalOf(a) })}}, err
	})
	add(a, route{ID: "set-quotas", Method: http.MethodPut, Path: "/quotas/bulk", Tag: figureTag, Rights: rights(actor.LeadAssign), Summary: "Set many quotas, all of them or none", Doc: "Those of the same subject, measure and period get the new target."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body QuotaList }) (*Empty, error) {
			drafts, err := quotaDraftsOf(in.Body.Quotas)
			if err != nil {
				return nil, err
			}
			return nil, renamed(m.Quotas.SetAll(ctx, drafts), "drafts[", "quotas[")
		})
}

// renamed gives the faults of a verb the paths that they have in a body.
func renamed(err error, verbs, body string) error {
	var e *fault.Error
	if errors.As(err, &e) {
		for i := range e.Faults {
			if rest, found := strings.CutPrefix(e.Faults[i].Path, verbs); found {
				e.Faults[i].Path = body + rest
			}
		}
	}
	return err
}

// ExchangeRate is the rate of one day against the company's currency.
type ExchangeRate struct {
	Currency string  `json:"currency" minLength:"3" maxLength:"3" doc:"ISO 4217." example:"EUR"`
	Day      Date    `json:"day" doc:"From the beginning of that day in the company's zone until the next rate." example:"2026-07-13"`
	Rate     Decimal `json:"rate" doc:"What one unit is worth in the company's currency." example:"402.15"`
}

// ExchangeRates are several.
type ExchangeRates struct {
	Rates []ExchangeRate `json:"rates" minItems:"1" maxItems:"400"`
}

func (a *server) exchangeRates() {
	r := get("list-exchange-rates", "/exchange-rates", figureTag, "List the exchange rates of some days by which figures are turned into the company's currency")
	r.Rights, r.Doc = rights(actor.ReportRead), "By currency and day; at most 366 days at once."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Currency string `query:"currency" maxLength:"3" doc:"One currency, all where it is left out."`
		First    Date   `query:"first" required:"true" doc:"The first day, in the company's zone."`
		Last     Date   `query:"last" required:"true" doc:"The last day."`
	}) (*Listed[ExchangeRate], error) {
		all, err := m.Rates.Noted(ctx, in.Currency, day(in.First), day(in.Last))
		return listed(callOf(ctx), each(all, func(q exchange.Quote) ExchangeRate {
			return ExchangeRate{q.Currency, dateOf(q.Day), decimalOf(q.Rate)}
		}), ""), err
	})
	add(a, route{ID: "note-exchange-rates", Method: http.MethodPut, Path: "/exchange-rates", Tag: figureTag, Rights: rights(actor.Settings), Summary: "Note exchange rates, all of them or none",
		Doc: "For hosts that give none by a port. A day that has one already gets the new one; figures of the past follow."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body ExchangeRates }) (*Empty, error) {
			var n numbers
			quotes := make([]exchange.Quote, len(in.Body.Rates))
			for i, r := range in.Body.Rates {
				quotes[i] = exchange.Quote{Currency: r.Currency, Day: day(r.Day), Rate: number(&n, fmt.Sprintf("rates[%d].rate", i), r.Rate, money.ParseRate)}
			}
			if err := n.err(); err != nil {
				return nil, err
			}
			return nil, m.Rates.Note(ctx, quotes...)
		})
}

// CustomerSales is what a customer ordered in this year and the two before, as the host keeps it now.
type CustomerSales struct {
	Currency string             `json:"currency" doc:"That of most orders."`
	Others   []string           `json:"others,omitempty" doc:"Further currencies: their orders are counted, and their sums left out."`
	Years    []int              `json:"years" doc:"The three, the latest last; sums stand in their order."`
	Totals   []Decimal          `json:"totals" doc:"Without VAT."`
	Groups   []CustomerSalesRow `json:"groups" doc:"By product group."`
	Months   [][]Decimal        `json:"months" doc:"The twelve months of each year."`
	Orders   int                `json:"orders"`
	First    Date               `json:"first,omitempty" doc:"The day of the first of them."`
	Last     Date               `json:"last,omitempty" doc:"The day of the latest."`
	More     bool               `json:"more" doc:"There are more orders than were read; the latest are missing."`
}

// CustomerSalesRow is a product group; an empty key is what has none.
type CustomerSalesRow struct {
	Key  string    `json:"key"`
	Name string    `json:"name"`
	Sums []Decimal `json:"sums" doc:"By year."`
}

func (a *server) customerSales() {
	amount := func(x money.Amount) Decimal { return decimalOf(x) }
	r := get("get-customer-sales", "/customer-sales", valueTag, "Read what a customer of the host ordered in this year and the two before, by product group and month")
	r.Rights, r.Doc = rights(actor.Convert), "The host is asked at once; 404 where it does not tell."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Customer string `query:"customer" required:"true" maxLength:"80" doc:"The host's key."`
	}) (*Out[CustomerSales], error) {
		s, err := m.CustomerSales(ctx, in.Customer)
		return &Out[CustomerSales]{CustomerSales{
			s.Currency, s.Others, s.Years, each(s.Totals, amount), each(s.Groups, func(g crm.GroupSales) CustomerSalesRow {
				return CustomerSalesRow{g.Key, g.Name, each(g.Sums, amount)}
			}), each(s.Months, func(of [12]money.Amount) []Decimal { return each(of[:], amount) }), s.Orders, dateOf(s.First), dateOf(s.Last), s.More,
		}}, err
	})
}
