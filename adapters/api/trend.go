package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/reports"
)

// Sum is a number of opportunities and what they are worth in one currency.
type Sum struct {
	Currency string  `json:"currency"`
	Count    int     `json:"count"`
	Revenue  Decimal `json:"revenue" doc:"The expected revenue."`
	Weighted Decimal `json:"weighted" doc:"The same times the chance."`
}

func sumOf(s reports.Sum) Sum {
	return Sum{s.Currency, s.Count, decimalOf(s.Revenue), decimalOf(s.Weighted)}
}

// Month is what happened in one month of the company's calendar.
type Month struct {
	First   Date  `json:"first" doc:"The month's first day."`
	Created []Sum `json:"created" doc:"By the day of creation."`
	Won     []Sum `json:"won" doc:"By the day of the end."`
	Lost    []Sum `json:"lost" doc:"By the day of the end."`
}

// FunnelStage is one stage of a pipeline in a funnel.
type FunnelStage struct {
	PipelineID ID     `json:"pipeline_id"`
	Pipeline   string `json:"pipeline"`
	StageID    ID     `json:"stage_id"`
	Stage      string `json:"stage"`
	Kind       string `json:"kind" enum:"open,won,lost"`
	Open       []Sum  `json:"open" doc:"What stands in the stage now, by currency."`
	Count      int    `json:"count" doc:"Of all currencies."`
	Entered    int    `json:"entered" doc:"How many different opportunities came into the stage in the period."`
}

// Narrowed says whose opportunities a figure is about.
type Narrowed struct {
	Pipeline ID     `query:"pipeline"`
	Owner    string `query:"owner" maxLength:"64"`
}

func (n Narrowed) of() reports.Of {
	return reports.Of{Pipeline: keyOf[opportunity.PipelineTag](n.Pipeline), Owner: n.Owner}
}

func (a *server) figures() {
	const tag = "Reports"
	may := rights(actor.ReportRead)
	add(a, route{ID: "get-trend", Method: http.MethodGet, Path: "/reports/trend", Tag: tag, Rights: may, Summary: "Read month by month what was created, won and lost, the earliest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Narrowed
			Last   Date `query:"last" doc:"Any day of the last month; today where it is left out."`
			Months int  `query:"months" minimum:"1" maximum:"36" default:"12"`
		}) (*Listed[Month], error) {
			all, err := m.Reports.Trend(ctx, reports.TrendQuery{Last: day(in.Last), Months: in.Months, Of: in.of()})
			return listed(callOf(ctx), each(all, func(x reports.Month) Month {
				return Month{dateOf(x.First), each(x.Created, sumOf), each(x.Won, sumOf), each(x.Lost, sumOf)}
			}), ""), err
		})
	add(a, route{ID: "get-funnel", Method: http.MethodGet, Path: "/reports/funnel", Tag: tag, Rights: may, Summary: "Read what stands in each stage of the pipelines, and what came into it"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Narrowed
			From  time.Time `query:"from" doc:"The beginning of the period of entered."`
			Until time.Time `query:"until" doc:"The instant after its end."`
		}) (*Listed[FunnelStage], error) {
			all, err := m.Reports.Funnel(ctx, reports.FunnelQuery{Period: reports.Period{From: in.From, To: in.Until}, Of: in.of()})
			return listed(callOf(ctx), each(all, func(f reports.FunnelStage) FunnelStage {
				return FunnelStage{idOf(f.PipelineID), f.Pipeline, idOf(f.StageID), f.Stage, string(f.Kind), each(f.Open, sumOf), f.Count, f.Entered}
			}), ""), err
		})
}
