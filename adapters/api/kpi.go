package api

import (
	"context"
	"io"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quantity"
)

const figureTag = "Figures"

// Figure is one key figure.
type Figure struct {
	Code    string   `json:"code" example:"win_rate"`
	Name    string   `json:"name" doc:"In the reader's language."`
	Formula string   `json:"formula" doc:"How it is computed."`
	Meaning string   `json:"meaning" doc:"What it is good for."`
	Unit    string   `json:"unit" enum:"count,money,percent,minutes,seconds" doc:"money is in the company's currency; percent is 27 for 27 %."`
	Rising  int      `json:"rising" enum:"1,0,-1" doc:"1 where more is better, -1 where less is."`
	Right   string   `json:"right" doc:"Needed to see it."`
	Filters []string `json:"filters" doc:"What it can be narrowed by."`
	By      []string `json:"by" doc:"What it can be broken down to, the usual one first."`
	Of      string   `json:"of" doc:"What stands behind it: opportunity, lead, activity, passage, customer." example:"opportunity"`
}

func dimension(d kpi.Dimension) string { return string(d) }

func figureOf(lang locale.Language) func(kpi.Definition) Figure {
	return func(d kpi.Definition) Figure {
		return Figure{
			string(d.Code), d.Name(lang), d.Formula(lang), d.Meaning(lang), string(d.Unit), d.Rising, string(d.Right), each(d.Filters, dimension), each(d.By, dimension), string(d.Of),
		}
	}
}

// FigureValue is a key figure of a period, beside the one before and the year before.
type FigureValue struct {
	Code     string       `json:"code"`
	Name     string       `json:"name" doc:"In the reader's language."`
	Unit     string       `json:"unit" enum:"count,money,percent,minutes,seconds"`
	Currency string       `json:"currency,omitempty" doc:"The company's own, for money."`
	Value    Decimal      `json:"value,omitempty" doc:"Left out where nothing happened that it could be computed of."`
	Count    int64        `json:"count" doc:"How many records stand behind it."`
	Before   Decimal      `json:"before,omitempty" doc:"Of the period before: as many whole months, otherwise as many days."`
	LastYear Decimal      `json:"last_year,omitempty"`
	Rows     []FigurePart `json:"rows" doc:"Its parts by the dimension that was asked for; months in their order, else the largest first."`
	Missing  []string     `json:"missing,omitempty" doc:"Currencies without a rate: what is in them is neither in the value nor in what it is held against."`
	Why      string       `json:"why,omitempty" enum:"untold,uncounted,unknown" doc:"Why the value of a figure of the ERP's orders is left out: the ERP does not tell them, they are not counted yet, or those of the period before are not known."`
}

// FigurePart is a figure of one seller, stage, month.
type FigurePart struct {
	Key   string  `json:"key" doc:"A user, a source, the id of a pipeline or stage, a month as 2026-07."`
	Label string  `json:"label" doc:"The name of a pipeline or stage, otherwise the key."`
	Value Decimal `json:"value,omitempty"`
	Count int64   `json:"count"`
}

func valueOf(v kpi.Value) Decimal {
	if !v.Known {
		return ""
	}
	return decimalOf(v.Decimal)
}

func figureValueOf(lang locale.Language) func(kpi.Compared) FigureValue {
	return func(c kpi.Compared) FigureValue {
		d, _ := kpi.Defined(c.Code)
		return FigureValue{
			string(c.Code), d.Name(lang), string(c.Unit), c.Currency, valueOf(c.Value), c.Count, valueOf(c.Before), valueOf(c.LastYear),
			each(c.Rows, func(r kpi.Row) FigurePart { return FigurePart{r.Key, r.Label, valueOf(r.Value), r.Count} }), c.Missing, string(c.Why),
		}
	}
}

// FigureRecord is one of the records behind a figure.
type FigureRecord struct {
	Kind      string    `json:"kind" doc:"opportunity, lead, activity, passage, customer" example:"opportunity"`
	ID        ID        `json:"id,omitempty" doc:"Of a customer that of his party; left out where there is none."`
	Name      string    `json:"name"`
	Party     string    `json:"party" doc:"The name of who it is with."`
	OwnerUser string    `json:"owner_user"`
	At        time.Time `json:"at" doc:"When it counted."`
	State     string    `json:"state"`
	Value     Decimal   `json:"value,omitempty"`
	Currency  string    `json:"currency,omitempty"`
	Customer  string    `json:"customer,omitempty" doc:"The ERP's key of a customer."`
}

// FigureFilter narrows figures.
type FigureFilter struct {
	Seller       string `query:"seller" maxLength:"64" doc:"A user; of revenue his part by the team's split."`
	Team         string `query:"team" maxLength:"64"`
	Source       string `query:"source" maxLength:"60"`
	Pipeline     ID     `query:"pipeline"`
	ProductGroup string `query:"product_group" maxLength:"80" doc:"The host's key; counts what lines of the group are worth."`
}

func (f FigureFilter) of() kpi.Filter {
	return kpi.Filter{Seller: f.Seller, Team: f.Team, Source: f.Source, Pipeline: keyOf[opportunity.PipelineTag](f.Pipeline), ProductGroup: f.ProductGroup}
}

// ofOwn is the filter with custom fields of opportunities.
func (f FigureFilter) ofOwn(ctx context.Context, m *crm.Module, own OwnFilter) (kpi.Filter, error) {
	out := f.of()
	var err error
	out.Custom, err = own.own(ctx, m, "opportunity")
	return out, err
}

// FigureQuestion asks for figures of a period.
type FigureQuestion struct {
	FigureFilter
	First Date   `query:"first" required:"true" doc:"The first day, in the company's zone."`
	Last  Date   `query:"last" required:"true" doc:"The last day."`
	By    string `query:"by" maxLength:"20" doc:"Breaks figures down that go by it, as each one says; month makes a series." example:"seller"`
	OwnFilter
}

func (q FigureQuestion) query(ctx context.Context, m *crm.Module) (kpi.Query, error) {
	of := q.of()
	var err error
	of.Custom, err = q.own(ctx, m, each(kpi.FieldKinds, func(k kpi.Kind) string { return string(k) })...)
	return kpi.Query{Period: kpi.Period{First: day(q.First), Last: day(q.Last)}, Of: of, By: kpi.Dimension(q.By)}, err
}

// codesOf are all figures where none was named.
func codesOf(named []string) []kpi.Code {
	if len(named) > 0 {
		return words[kpi.Code](named)
	}
	return each(kpi.Definitions(), func(d kpi.Definition) kpi.Code { return d.Code })
}

// figuring are the rights of which one is needed; each figure asks for its own besides.
var figuring = rights(actor.OpportunityRead, actor.LeadRead, actor.ActivityRead)

func (a *server) keyFigures() {
	r := get("list-figures", "/figures", figureTag, "List the key figures with their formulas")
	r.Rights, r.Doc = figuring, "In the language of Accept-Language."
	add(a, r, func(ctx context.Context, _ *crm.Module, _ *struct{ Fields }) (*Listed[Figure], error) {
		return listed(callOf(ctx), each(kpi.Definitions(), figureOf(callOf(ctx).language())), ""), nil
	})
	r = get("read-figures", "/figures/values", figureTag, "Read key figures of a period beside the period before and the year before, of one moment")
	r.Rights, r.Doc = figuring, "Figures that the key may not see, or that do not go by the filter, are left out; so are those of the ERP's orders where the period is not of whole months."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		FigureQuestion
		Codes []string `query:"codes" doc:"Which ones, by comma; all where it is empty."`
	}) (*Listed[FigureValue], error) {
		q, err := in.query(ctx, m)
		if err != nil {
			return nil, err
		}
		found, err := m.KPIs.Compare(ctx, codesOf(in.Codes), q)
		return listed(callOf(ctx), each(found, figureValueOf(callOf(ctx).language())), ""), err
	})
	r = get("list-figure-records", "/figures/{code}/records", figureTag, "List the records that a figure counts, the latest first")
	r.Rights = figuring
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		FigureQuestion
		Code string `path:"code" maxLength:"40"`
		Key  string `query:"key" maxLength:"200" doc:"With by: those of one row of the figure."`
	}) (*Listed[FigureRecord], error) {
		q, err := in.query(ctx, m)
		if err != nil {
			return nil, err
		}
		list, err := m.KPIs.Behind(ctx, kpi.Code(in.Code), q, in.Key, in.page())
		return listed(callOf(ctx), each(list.Rows, func(r kpi.Record) FigureRecord {
			out := FigureRecord{Kind: string(r.Kind), ID: idOf(r.ID), Name: r.Name, Party: r.Party, OwnerUser: r.Owner, At: r.At, State: r.State, Value: known(r.Value), Customer: r.Customer}
			if r.ID.IsZero() {
				out.ID = ""
			}
			if out.Value != "" {
				out.Currency = r.Currency
			}
			return out
		}), list.Next), err
	})
}

// figureBooks adds the workbooks of figures.
func (a *server) figureBooks() {
	add(a, bookRoute("report-figures", "/reports/figures.xlsx", "Key figures of a period with what is behind them, as a workbook"), func(ctx context.Context, m *crm.Module, in *struct {
		FigureQuestion
		Codes []string `query:"codes" doc:"Which ones, by comma; all where it is empty."`
	}) (*report, error) {
		q, err := in.query(ctx, m)
		if err != nil {
			return nil, err
		}
		return booked(ctx, m, "figures.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.KPIs(ctx, w, codesOf(in.Codes), q, b)
		})
	})
	add(a, bookRoute("report-forecast", "/reports/forecast.xlsx", "The forecast with its waterfall and its back-test, as a workbook"), func(ctx context.Context, m *crm.Module, in *ForecastQuestion) (*report, error) {
		q, err := in.query(ctx, m)
		if err != nil {
			return nil, err
		}
		return booked(ctx, m, "forecast.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.Forecast(ctx, w, m.Forecasts, q, b)
		})
	})
	add(a, bookRoute("report-quantities", "/reports/quantities.xlsx", "Which products will be needed by month, as a workbook"), func(ctx context.Context, m *crm.Module, in *QuantityQuestion) (*report, error) {
		return booked(ctx, m, "quantities.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.Quantities(ctx, w, m.Quantities, quantity.Query{Months: in.Months, Group: in.ProductGroup}, b)
		})
	})
	add(a, bookRoute("report-receipts", "/reports/receipts.xlsx", "What money will come in, down to each document and opportunity, as a workbook"), func(ctx context.Context, m *crm.Module, in *ReceiptQuestion) (*report, error) {
		return booked(ctx, m, "receipts.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.Receipts(ctx, w, m.Receipts, in.query(), b)
		})
	})
	add(a, bookRoute("report-commissions", "/reports/commissions.xlsx", "What was earned in a month, as a workbook"), func(ctx context.Context, m *crm.Module, in *struct {
		Month Date `query:"month" doc:"Any day of it; today's where it is left out."`
	}) (*report, error) {
		return booked(ctx, m, "commissions.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.Commissions(ctx, w, m.Commissions, commission.Query{Month: day(in.Month)}, b)
		})
	})
	add(a, bookRoute("report-quotas", "/reports/quotas.xlsx", "Quotas with what was attained of them, as a workbook"), func(ctx context.Context, m *crm.Module, in *QuotaDay) (*report, error) {
		return booked(ctx, m, "quotas.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.Quotas(ctx, w, m.Quotas, day(in.On), b)
		})
	})
	add(a, bookRoute("report-regulations", "/reports/regulations.xlsx", "Who kept the limits between two steps, down to each passage, as a workbook"), func(ctx context.Context, m *crm.Module, in *struct {
		PassageFilter
		From  time.Time `query:"from" required:"true" doc:"The limit is then or later."`
		Until time.Time `query:"until" required:"true" doc:"The limit is earlier; at most three years after from."`
	}) (*report, error) {
		return booked(ctx, m, "regulations.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.Regulations(ctx, w, m.Regulations, in.filter(in.From, in.Until), b)
		})
	})
	add(a, bookRoute("report-plan", "/reports/plan.xlsx", "The plan of a year with what was attained of it, as a workbook"), func(ctx context.Context, m *crm.Module, in *struct {
		PlanQuestion
	}) (*report, error) {
		q, err := in.query(ctx, m)
		if err != nil {
			return nil, err
		}
		return booked(ctx, m, "plan.xlsx", func(w io.Writer, b reports.FigureBook) error {
			return m.Reports.Plan(ctx, w, m.Quotas, q, b)
		})
	})
	a.listBooks()
	r := get("report-dashboard", "/reports/dashboard.pdf", "Reports", "Key figures with their charts on one lying page, their tables behind, as a PDF file")
	r.Rights, r.Gives, r.Doc = figuring, "application/pdf", "In the language of Accept-Language. Figures that the key may not see are left out; those that do not go by the filter are named below. That it was made is noted in the audit log."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		FigureFilter
		First Date     `query:"first" required:"true" doc:"The first day, in the company's zone."`
		Last  Date     `query:"last" required:"true" doc:"The last day."`
		Codes []string `query:"codes" maxItems:"48" doc:"Which ones, by comma, in their order; the usual eight where it is empty."`
		OwnFilter
	}) (*report, error) {
		q, err := FigureQuestion{FigureFilter: in.FigureFilter, First: in.First, Last: in.Last, OwnFilter: in.OwnFilter}.query(ctx, m)
		if err != nil {
			return nil, err
		}
		company, err := m.Company(ctx)
		if err != nil {
			return nil, err
		}
		b, err := bookOf(ctx, m)
		if err != nil {
			return nil, err
		}
		return spooled("application/pdf", "dashboard.pdf", func(w io.Writer) error {
			return m.Reports.Dashboard(ctx, w, reports.BoardQuery{FigureBook: b, Company: company.Name, Codes: words[kpi.Code](in.Codes), Query: q})
		})
	})
}

// Period is days of the company's calendar, both in it.
type Period struct {
	First Date `json:"first"`
	Last  Date `json:"last"`
}

func periodOf(p kpi.Period) Period { return Period{dateOf(p.First), dateOf(p.Last)} }

// ForecastQuestion asks for a forecast.
type ForecastQuestion struct {
	FigureFilter
	From    Date   `query:"from" doc:"Any day of the first month or quarter; today's where it is left out."`
	Step    string `query:"step" enum:"month,quarter" default:"month"`
	Columns int    `query:"columns" minimum:"1" maximum:"24" doc:"How many; 6 months or 4 quarters where it is left out."`
	By      string `query:"by" enum:"seller,team,pipeline,product_group,region"`
	OwnFilter
}

func (q ForecastQuestion) query(ctx context.Context, m *crm.Module) (forecast.Query, error) {
	of, err := q.ofOwn(ctx, m, q.OwnFilter)
	return forecast.Query{From: day(q.From), Step: forecast.Step(q.Step), Columns: q.Columns, By: kpi.Dimension(q.By), Of: of}, err
}
