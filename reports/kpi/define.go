package kpi

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
)

// Code names a key figure for good: in addresses, settings and workbooks.
type Code string

// The key figures.
const (
	Meetings          Code = "meetings"
	Calls             Code = "calls"
	Leads             Code = "leads"
	LeadConversion    Code = "lead_conversion"
	ResponseTime      Code = "response_time"
	DealsCreated      Code = "deals_created"
	DealsWon          Code = "deals_won"
	DealsLost         Code = "deals_lost"
	WinRate           Code = "win_rate"
	WinRateValue      Code = "win_rate_value"
	Revenue           Code = "revenue"
	Margin            Code = "margin"
	AverageDeal       Code = "average_deal"
	AverageDiscount   Code = "average_discount"
	WorkTime          Code = "work_time"
	SalesCycle        Code = "sales_cycle"
	StageTime         Code = "stage_time"
	Funnel            Code = "funnel"
	LostReasons       Code = "lost_reasons"
	CompetitorWinRate Code = "competitor_win_rate"
	CampaignRevenue   Code = "campaign_revenue"
	CampaignReturn    Code = "campaign_return"
	RegulationsKept   Code = "regulations_kept"
	// CustomerRetention, CustomerChurn and RevenueChurn are of the customers who bought in the period before: which share of
	// them bought again in this one, which did not, and which share of what all of them brought those brought who did not
	// (P. Farris and others, Marketing Metrics: customers retained over customers at risk).
	CustomerRetention Code = "customer_retention"
	CustomerChurn     Code = "customer_churn"
	RevenueChurn      Code = "revenue_churn"
	// OrderRetention, OrderChurn and OrderRevenueChurn are the same of the host's customers, by all that they ordered and not
	// by opportunities; NetRevenueRetention is what those who ordered in the period before ordered in this one, over what
	// they ordered before. They are of whole months.
	OrderRetention      Code = "order_retention"
	OrderChurn          Code = "order_churn"
	OrderRevenueChurn   Code = "order_revenue_churn"
	NetRevenueRetention Code = "net_revenue_retention"
)

// Unit is what a figure is counted in.
type Unit string

// The units.
const (
	Count Unit = "count"
	// Money is in the company's currency.
	Money Unit = "money"
	// Percent is 27 for 27 %.
	Percent Unit = "percent"
	Minutes Unit = "minutes"
	Seconds Unit = "seconds"
)

// Dimension is what figures are filtered by and broken down to.
type Dimension string

// The dimensions.
const (
	Whole        Dimension = ""
	Seller       Dimension = "seller"
	Team         Dimension = "team"
	Source       Dimension = "source"
	Pipeline     Dimension = "pipeline"
	ProductGroup Dimension = "product_group"
	// Region is the one of the customer's address, his country where that names none.
	Region     Dimension = "region"
	Month      Dimension = "month"
	Stage      Dimension = "stage"
	LostReason Dimension = "lost_reason"
	Competitor Dimension = "competitor"
	Campaign   Dimension = "campaign"
	// Custom are the company's own fields of what stands behind a figure; figures are narrowed by them, and not broken
	// down.
	Custom     Dimension = "custom"
	Regulation Dimension = "regulation"
)

// Kind is what stands behind a figure.
type Kind string

// The kinds of records.
const (
	OpportunityKind Kind = "opportunity"
	LeadKind        Kind = "lead"
	ActivityKind    Kind = "activity"
	// PassageKind are passages between two steps, of package regulation; they are shown by what they are about.
	PassageKind Kind = "passage"
	// CustomerKind are customers of the host, by its keys.
	CustomerKind Kind = "customer"
)

// Definition is one key figure.
type Definition struct {
	Code Code `json:"code"`
	Unit Unit `json:"unit"`
	// Rising is 1 where more is better, -1 where less is, 0 where neither.
	Rising int `json:"rising"`
	// Right is needed to see it.
	Right actor.Right `json:"right"`
	// Filters are the dimensions it can be narrowed by.
	Filters []Dimension `json:"filters"`
	// By are the dimensions it can be broken down to, the usual one first.
	By []Dimension `json:"by"`
	// Of is what stands behind it.
	Of Kind `json:"of"`

	measure func(ctx context.Context, r *reading) (cells, error)
	// narrow is the condition on the records behind the figure.
	narrow string
}

// Name is what the figure is called.
func (d Definition) Name(l locale.Language) string { return texts.T(l, "kpi."+string(d.Code)) }

// Formula says how it is computed.
func (d Definition) Formula(l locale.Language) string {
	return texts.T(l, "kpi."+string(d.Code)+".formula")
}

// Meaning says what it is good for.
func (d Definition) Meaning(l locale.Language) string {
	return texts.T(l, "kpi."+string(d.Code)+".meaning")
}

// Goes reports whether the figure can be narrowed by a dimension.
func (d Definition) Goes(by Dimension) bool { return slices.Contains(d.Filters, by) }

// Breaks reports whether the figure can be broken down to a dimension.
func (d Definition) Breaks(by Dimension) bool { return by == Whole || slices.Contains(d.By, by) }

// In names a dimension.
func (d Dimension) In(l locale.Language) string { return texts.T(l, "dimension."+string(d)) }

var (
	dealFilters     = []Dimension{Seller, Team, Source, Pipeline, ProductGroup, Custom}
	dealBy          = []Dimension{Seller, Team, Source, Pipeline, ProductGroup, Region, Month, Campaign}
	leadFilters     = []Dimension{Seller, Team, Source, Custom}
	leadBy          = []Dimension{Source, Seller, Team, Campaign, Month}
	activityFilters = []Dimension{Seller, Team, Pipeline, Source, ProductGroup, Custom}
	activityBy      = []Dimension{Seller, Team, Month}
	customerFilters = []Dimension{Seller, Team}
	customerBy      = []Dimension{Month, Seller, Team, Region}
)

// first gives the dimensions with one of them, which the list may have, in front.
func first(d Dimension, all []Dimension) []Dimension {
	return append([]Dimension{d}, slices.DeleteFunc(slices.Clone(all), func(o Dimension) bool { return o == d })...)
}

var definitions = []Definition{
	{Code: Revenue, Unit: Money, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: first(Month, dealBy), measure: revenue, narrow: "o.state = 'won'"},
	{Code: Margin, Unit: Money, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: first(ProductGroup, dealBy), measure: margin, narrow: "o.state = 'won'"},
	{Code: DealsWon, Unit: Count, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: number("won"), narrow: "o.state = 'won'"},
	{Code: DealsLost, Unit: Count, Rising: -1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: number("lost"), narrow: "o.state = 'lost'"},
	{Code: DealsCreated, Unit: Count, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: created},
	{Code: WinRate, Unit: Percent, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: winRate},
	{Code: WinRateValue, Unit: Percent, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: winRateValue},
	{Code: AverageDeal, Unit: Money, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: averageDeal, narrow: "o.state = 'won'"},
	{Code: AverageDiscount, Unit: Percent, Rising: -1, Of: OpportunityKind, Filters: dealFilters, By: first(ProductGroup, dealBy), measure: discount,
		narrow: "o.state = 'won' AND EXISTS (SELECT 1 FROM crm_opportunity_line AS listed WHERE listed.opportunity_id = o.id)"},
	{Code: SalesCycle, Unit: Seconds, Rising: -1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: cycle, narrow: "o.state = 'won'"},
	{Code: WorkTime, Unit: Minutes, Rising: -1, Of: OpportunityKind, Filters: dealFilters, By: without(dealBy, ProductGroup), measure: workTime, narrow: "o.state = 'won'"},
	{Code: LostReasons, Unit: Count, Rising: -1, Of: OpportunityKind, Filters: dealFilters, By: first(LostReason, dealBy), measure: number("lost"), narrow: "o.state = 'lost'"},
	{Code: CompetitorWinRate, Unit: Percent, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: first(Competitor, dealBy), measure: againstCompetitors,
		narrow: "EXISTS (SELECT 1 FROM crm_competitor AS rival WHERE rival.opportunity_id = o.id)"},
	{Code: Funnel, Unit: Count, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: []Dimension{Stage, Seller, Team, Source, Pipeline, Month}, measure: funnel},
	{Code: StageTime, Unit: Seconds, Rising: -1, Of: OpportunityKind, Filters: dealFilters, By: []Dimension{Stage, Seller, Team, Source, Pipeline, Month}, measure: stageTime},
	{Code: CampaignRevenue, Unit: Money, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: first(Campaign, dealBy), measure: campaignRevenue, narrow: "o.state = 'won' AND o.campaign <> ''"},
	{Code: CampaignReturn, Unit: Percent, Rising: 1, Of: OpportunityKind, Filters: nil, By: []Dimension{Campaign, Month}, measure: campaignReturn, narrow: "o.state = 'won' AND o.campaign <> ''"},
	{Code: CustomerRetention, Unit: Percent, Rising: 1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: returned, narrow: "o.state = 'won'"},
	{Code: CustomerChurn, Unit: Percent, Rising: -1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: churn, narrow: "o.state = 'won'"},
	{Code: RevenueChurn, Unit: Percent, Rising: -1, Of: OpportunityKind, Filters: dealFilters, By: dealBy, measure: revenueChurn, narrow: "o.state = 'won'"},
	{Code: OrderRetention, Unit: Percent, Rising: 1, Of: CustomerKind, Filters: customerFilters, By: customerBy, measure: ordersOf(OrderRetention)},
	{Code: OrderChurn, Unit: Percent, Rising: -1, Of: CustomerKind, Filters: customerFilters, By: customerBy, measure: ordersOf(OrderChurn)},
	{Code: OrderRevenueChurn, Unit: Percent, Rising: -1, Of: CustomerKind, Filters: customerFilters, By: customerBy, measure: ordersOf(OrderRevenueChurn)},
	{Code: NetRevenueRetention, Unit: Percent, Rising: 1, Of: CustomerKind, Filters: customerFilters, By: customerBy, measure: ordersOf(NetRevenueRetention)},
	{Code: Leads, Unit: Count, Rising: 1, Of: LeadKind, Filters: leadFilters, By: leadBy, measure: leads},
	{Code: LeadConversion, Unit: Percent, Rising: 1, Of: LeadKind, Filters: leadFilters, By: leadBy, measure: leadConversion},
	{Code: ResponseTime, Unit: Seconds, Rising: -1, Of: LeadKind, Filters: leadFilters, By: first(Seller, leadBy), measure: responseTime, narrow: "l.first_response_at > l.arrived_at"},
	{Code: Meetings, Unit: Count, Rising: 1, Of: ActivityKind, Filters: activityFilters, By: activityBy, measure: activities("meeting"), narrow: "a.kind = 'meeting'"},
	{Code: Calls, Unit: Count, Rising: 1, Of: ActivityKind, Filters: activityFilters, By: activityBy, measure: activities("call"), narrow: "a.kind = 'call'"},
	{Code: RegulationsKept, Unit: Percent, Rising: 1, Of: PassageKind, Filters: []Dimension{Seller, Team, Pipeline}, By: []Dimension{Regulation, Seller, Team, Month}, measure: regulationsKept},
}

func without(all []Dimension, d Dimension) []Dimension {
	return slices.DeleteFunc(slices.Clone(all), func(o Dimension) bool { return o == d })
}

var rights = map[Kind]actor.Right{OpportunityKind: actor.OpportunityRead, LeadKind: actor.LeadRead, ActivityKind: actor.ActivityRead, PassageKind: actor.OpportunityRead, CustomerKind: actor.ReportRead}

// Definitions are all key figures, in the order in which they are shown.
func Definitions() []Definition {
	out := slices.Clone(definitions)
	for i := range out {
		out[i].Right = rights[out[i].Of]
	}
	return out
}

// Defined gives the definition of a code.
func Defined(c Code) (Definition, bool) {
	all := Definitions()
	i := slices.IndexFunc(all, func(d Definition) bool { return d.Code == c })
	if i < 0 {
		return Definition{}, false
	}
	return all[i], true
}
