package api

import (
	"context"
	"io"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/retention"
)

// OrdersTold is what is known of the ERP's orders.
type OrdersTold struct {
	Why       string   `json:"why,omitempty" enum:"untold,uncounted" doc:"Why nothing is: the ERP does not tell its orders, or they are not counted yet, which is done once a day."`
	Currency  string   `json:"currency" doc:"The company's own; every sum is in it, without VAT, at the rate of the order's day."`
	KnownFrom Date     `json:"known_from,omitempty" doc:"The first day from which on orders are known."`
	CountedOn Date     `json:"counted_on,omitempty"`
	Missing   []string `json:"missing,omitempty" doc:"Currencies without a rate: who ordered in them counts, for nothing."`
}

func ordersTold(t kpi.Told) OrdersTold {
	return OrdersTold{string(t.Why), t.Currency, dateOf(t.KnownFrom), dateOf(t.CountedOn), t.Missing}
}

// Retention is which of the ERP's customers ordered again, period by period.
type Retention struct {
	OrdersTold
	Periods []RetentionPeriod `json:"periods" doc:"The latest last."`
}

// RetentionPeriod is one period, held against the one before.
type RetentionPeriod struct {
	Period
	Running   bool    `json:"running" doc:"It is not over: who has not ordered yet may still."`
	Known     bool    `json:"known" doc:"False where orders of the period before are not known; then there are no values."`
	AtRisk    int64   `json:"at_risk" doc:"Customers who ordered in the period before."`
	Again     int64   `json:"again" doc:"Those of them who ordered in this one, too."`
	Gone      int64   `json:"gone" doc:"Those who did not."`
	Fresh     int64   `json:"fresh" doc:"Customers who ordered in this period and not in the one before."`
	Was       Decimal `json:"was" doc:"What those at risk ordered in the period before."`
	Lost      Decimal `json:"lost" doc:"Of it, that of those who stayed away."`
	Less      Decimal `json:"less" doc:"By how much others ordered less than before."`
	More      Decimal `json:"more" doc:"By how much others ordered more."`
	FreshNet  Decimal `json:"fresh_net" doc:"What those ordered who were not at risk."`
	Net       Decimal `json:"net" doc:"All that was ordered in the period: was - lost - less + more + fresh_net."`
	Retention Decimal `json:"order_retention,omitempty" doc:"The figure order_retention, in percent."`
	Churn     Decimal `json:"order_churn,omitempty"`
	Revenue   Decimal `json:"order_revenue_churn,omitempty"`
	NetKept   Decimal `json:"net_revenue_retention,omitempty"`
}

func retentionPeriodOf(p kpi.RetentionPeriod) RetentionPeriod {
	s := p.Sums
	return RetentionPeriod{
		periodOf(p.Period), p.Running, p.Known, s.AtRisk, s.Again, s.Gone(), s.Fresh, decimalOf(s.Was), decimalOf(s.Lost), decimalOf(s.Less), decimalOf(s.More), decimalOf(s.FreshNet), decimalOf(s.Net()),
		valueOf(p.Values[0]), valueOf(p.Values[1]), valueOf(p.Values[2]), valueOf(p.Values[3]),
	}
}

// RetainedCustomer is a customer of the ERP, by whether he ordered again.
type RetainedCustomer struct {
	Customer  string  `json:"customer" doc:"The ERP's key; of several customers who are one the least."`
	PartyID   ID      `json:"party_id,omitempty"`
	Name      string  `json:"name" doc:"Of the party; empty where CRM+ does not know the customer."`
	OwnerUser string  `json:"owner_user"`
	Was       Decimal `json:"was" doc:"What he ordered in the period before."`
	Net       Decimal `json:"net" doc:"What he ordered in this one."`
	Again     bool    `json:"again" doc:"Whether he ordered in this period."`
	LastMonth Date    `json:"last_month" doc:"The first day of the last month of both periods in which he ordered."`
	Class     string  `json:"class,omitempty" doc:"What he is worth today: A, B, C."`
}

// Cohorts are customers by the period of their first order.
type Cohorts struct {
	OrdersTold
	Step    int      `json:"step" doc:"Months of a period."`
	Cohorts []Cohort `json:"cohorts" doc:"The earliest first."`
}

// Cohort is those whose first order that is known fell into one period.
type Cohort struct {
	First   Date         `json:"first" doc:"The first day of their period."`
	Earlier bool         `json:"earlier,omitempty" doc:"Orders are known from this period on: customers of before are among them."`
	Turns   []CohortTurn `json:"turns" doc:"Their own period and each later one, the last running."`
}

// CohortTurn is what a cohort ordered in one period.
type CohortTurn struct {
	Customers int64   `json:"customers" doc:"How many of them ordered in it."`
	Net       Decimal `json:"net"`
}

// RetentionQuestion asks who ordered again.
type RetentionQuestion struct {
	Step    string `query:"step" enum:"month,quarter,half,year" default:"quarter"`
	Columns int    `query:"columns" minimum:"1" maximum:"40" doc:"How many periods, the last one running; what fits a page where it is left out."`
	Seller  string `query:"seller" maxLength:"64" doc:"Who looks after the customer."`
	Team    string `query:"team" maxLength:"64"`
}

func (q RetentionQuestion) query() kpi.RetentionQuery {
	months := map[string]int{"month": 1, "quarter": 3, "half": 6, "year": 12}
	return kpi.RetentionQuery{Step: months[q.Step], Columns: q.Columns, Of: kpi.Filter{Seller: q.Seller, Team: q.Team}}
}

func (a *server) retention() {
	const doc = "By all orders of the ERP, not by opportunities. Orders know no source, pipeline, campaign or product group, so that nothing can be narrowed by those. In whole months."
	r := get("read-retention", "/retention", figureTag, "Read which of the ERP's customers ordered again, period by period")
	r.Rights, r.Doc = rights(actor.ReportRead), doc
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		RetentionQuestion
	}) (*Out[Retention], error) {
		t, err := m.KPIs.Retention(ctx, in.query())
		return &Out[Retention]{Retention{ordersTold(t.Told), each(t.Periods, retentionPeriodOf)}}, err
	})
	r = get("read-cohorts", "/retention/cohorts", figureTag, "Read how many of the customers who first ordered in a period ordered in each later one")
	r.Rights, r.Doc = rights(actor.ReportRead), doc
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		RetentionQuestion
	}) (*Out[Cohorts], error) {
		t, err := m.KPIs.Cohorts(ctx, in.query())
		return &Out[Cohorts]{Cohorts{ordersTold(t.Told), t.Step, each(t.Cohorts, func(c retention.Cohort) Cohort {
			return Cohort{dateOf(c.First), c.Earlier, each(c.Turns, func(t retention.CohortTurn) CohortTurn { return CohortTurn{t.Customers, decimalOf(t.Net)} })}
		})}}, err
	})
	r = get("list-retained-customers", "/retention/customers", figureTag, "List customers by whether they ordered in a period and in the one before, who ordered most before first")
	r.Rights, r.Doc = rights(actor.ReportRead), doc
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		First  Date   `query:"first" required:"true" doc:"The first day of a month."`
		Last   Date   `query:"last" required:"true" doc:"The last day of a month."`
		Kind   string `query:"kind" enum:"at_risk,gone,again,less,more,fresh" default:"gone" doc:"at_risk ordered in the period before, gone of them not in this one, again in both, less and more by what they ordered; fresh in this one alone."`
		Seller string `query:"seller" maxLength:"64"`
		Team   string `query:"team" maxLength:"64"`
	}) (*Listed[RetainedCustomer], error) {
		list, err := m.KPIs.Customers(ctx, kpi.CustomersQuery{
			Period: kpi.Period{First: day(in.First), Last: day(in.Last)}, Of: kpi.Filter{Seller: in.Seller, Team: in.Team}, Kind: retention.Kind(in.Kind), Page: in.page(),
		})
		return listed(callOf(ctx), each(list.Rows, func(c retention.Customer) RetainedCustomer {
			out := RetainedCustomer{Customer: c.Key, Name: c.Name, OwnerUser: c.Owner, Was: decimalOf(c.Was), Net: decimalOf(c.Net), Again: c.Again, LastMonth: dateOf(c.Last), Class: c.Class}
			if !c.PartyID.IsZero() {
				out.PartyID = idOf(c.PartyID)
			}
			return out
		}), list.Next), err
	})
	add(a, bookRoute("report-retention", "/reports/retention.xlsx", "Which of the ERP's customers ordered again, with each of them and the cohorts, as a workbook"), func(ctx context.Context, m *crm.Module, in *RetentionQuestion) (*report, error) {
		return booked(ctx, m, "retention.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.Retention(ctx, w, m.KPIs, in.query(), reports.CustomerBook{FigureBook: b, Names: m.CustomerNames})
		})
	})
}
