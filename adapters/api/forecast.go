package api

import (
	"context"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
)

// Forecast is what open opportunities may bring.
type Forecast struct {
	Currency string        `json:"currency" doc:"The company's own; every sum is in it."`
	Periods  []Period      `json:"periods" doc:"The columns."`
	Rows     []ForecastRow `json:"rows" doc:"The parts by the dimension that was asked for."`
	Total    ForecastRow   `json:"total"`
	Chances  []StageChance `json:"chances" doc:"What the open opportunities of each stage became."`
	Missing  []string      `json:"missing,omitempty" doc:"Currencies without a rate: what is in them is in no sum."`
}

// ForecastRow is a seller's, team's, pipeline's or group's part.
type ForecastRow struct {
	Key     string         `json:"key"`
	Label   string         `json:"label"`
	Cells   []ForecastCell `json:"cells" doc:"One for each period."`
	Sum     ForecastCell   `json:"sum" doc:"Of all cells."`
	Undated ForecastCell   `json:"undated" doc:"Open without a date, or with one that is past; in no sum."`
	Later   ForecastCell   `json:"later" doc:"Expected behind the last column; in no sum."`
}

// ForecastCell is one month or quarter of one row.
type ForecastCell struct {
	Won      Decimal `json:"won" doc:"Closed as won in the period already."`
	Commit   Decimal `json:"commit" doc:"Won, and what is as good as sure."`
	Best     Decimal `json:"best" doc:"Commit, and what may come."`
	Weighted Decimal `json:"weighted" doc:"Won, and what is open times the chances set."`
	Learnt   Decimal `json:"learnt" doc:"Won, and what is open times the chances learnt."`
	Open     Decimal `json:"open" doc:"All that is open."`
	Count    int64   `json:"count" doc:"The opportunities it is of."`
}

// StageChance is what one stage's opportunities became.
type StageChance struct {
	PipelineID ID     `json:"pipeline_id"`
	Pipeline   string `json:"pipeline"`
	StageID    ID     `json:"stage_id"`
	Stage      string `json:"stage"`
	Odds
	Set  Decimal   `json:"set" doc:"The chance that people gave the stage, in percent."`
	Ages []AgeOdds `json:"ages" doc:"Of those that stood in the stage for at least so long."`
}

// Odds is a share with the interval in which the true one lies with 95 % certainty.
type Odds struct {
	Deals  int64   `json:"deals" doc:"Closed opportunities that it is learnt from."`
	Won    int64   `json:"won"`
	Learnt Decimal `json:"learnt" doc:"In percent."`
	Low    Decimal `json:"low"`
	High   Decimal `json:"high"`
	Known  bool    `json:"known" doc:"Whether enough was closed to go by; else the chance that was set counts."`
}

// AgeOdds is the chance of what has stood in a stage for so many days.
type AgeOdds struct {
	Days int `json:"days"`
	Odds
}

func cellOf(c forecast.Cell) ForecastCell {
	return ForecastCell{decimalOf(c.Won), decimalOf(c.Commit), decimalOf(c.Best), decimalOf(c.Weighted), decimalOf(c.Learnt), decimalOf(c.Open), c.Count}
}

func forecastRowOf(r forecast.Row) ForecastRow {
	return ForecastRow{r.Key, r.Label, each(r.Cells, cellOf), cellOf(r.Sum), cellOf(r.Undated), cellOf(r.Later)}
}

func oddsOf(o forecast.Odds) Odds {
	return Odds{o.Deals, o.Won, decimalOf(o.Learnt), decimalOf(o.Low), decimalOf(o.High), o.Known()}
}

func chanceOf(c forecast.Chance) StageChance {
	return StageChance{
		idOf(c.Pipeline), c.PipelineName, idOf(c.Stage), c.StageName, oddsOf(c.Odds), decimalOf(c.Set),
		each(c.Ages, func(a forecast.Age) AgeOdds { return AgeOdds{a.Days, oddsOf(a.Odds)} }),
	}
}

// Waterfall is the way from one forecast to another: start and the sums of the bars are end exactly.
type Waterfall struct {
	Currency string          `json:"currency"`
	Start    Decimal         `json:"start"`
	Bars     []WaterfallBar  `json:"bars"`
	End      Decimal         `json:"end"`
	Moves    []WaterfallMove `json:"moves" doc:"The opportunities behind the bars, the largest first."`
	Missing  []string        `json:"missing,omitempty"`
}

// WaterfallBar is what one reason adds to the forecast, or takes from it.
type WaterfallBar struct {
	Reason string  `json:"reason" enum:"new,reopened,moved_in,changed,moved_out,won,lost,removed"`
	Sum    Decimal `json:"sum"`
	Count  int     `json:"count"`
}

// WaterfallMove is one opportunity's part.
type WaterfallMove struct {
	OpportunityID ID      `json:"opportunity_id"`
	Name          string  `json:"name"`
	OwnerUser     string  `json:"owner_user"`
	Reason        string  `json:"reason" enum:"new,reopened,moved_in,changed,moved_out,won,lost,removed"`
	Before        Decimal `json:"before"`
	After         Decimal `json:"after"`
}

// ForecastTest is what the forecast of a month said on its first day, and what came.
type ForecastTest struct {
	Period
	Known    bool    `json:"known" doc:"Whether there is a snapshot of that day."`
	Commit   Decimal `json:"commit"`
	Weighted Decimal `json:"weighted"`
	Best     Decimal `json:"best"`
	Came     Decimal `json:"came"`
	Off      Decimal `json:"off,omitempty" doc:"How far weighted lay from what came, in percent of that: 20 where a fifth too much was promised."`
}

// ForecastDeals are a page of the opportunities that a number of a forecast is made of.
type ForecastDeals struct {
	Currency string         `json:"currency" doc:"The company's own."`
	Sum      Decimal        `json:"sum" doc:"The number: the parts on all pages make it up exactly."`
	Count    int            `json:"count"`
	Items    []ForecastDeal `json:"items" doc:"The largest part first."`
	After    string         `json:"after,omitempty" doc:"Asks for the page behind this one; left out on the last."`
	Missing  []string       `json:"missing,omitempty" doc:"Currencies without a rate: what is in them is neither in the number nor here."`
}

// ForecastDeal is one opportunity's part of a number. Of a day that is past it is as it was.
type ForecastDeal struct {
	OpportunityID ID      `json:"opportunity_id"`
	Name          string  `json:"name" doc:"Empty where the key does not see the opportunity any longer."`
	Party         string  `json:"party"`
	OwnerUser     string  `json:"owner_user"`
	State         string  `json:"state" enum:"open,won,lost"`
	Stage         string  `json:"stage,omitempty"`
	Close         Date    `json:"close,omitempty" doc:"When it is expected to close, or was closed."`
	Currency      string  `json:"currency"`
	Value         Decimal `json:"value" doc:"In its own currency."`
	Chance        Decimal `json:"chance" doc:"In percent."`
	Part          Decimal `json:"part" doc:"What of the number it is, in the company's currency."`
}

func forecastDealsOf(d forecast.Deals) *Out[ForecastDeals] {
	return &Out[ForecastDeals]{ForecastDeals{d.Currency, decimalOf(d.Sum), d.Count, each(d.Rows, func(r forecast.Deal) ForecastDeal {
		return ForecastDeal{idOf(r.ID), r.Name, r.Party, r.Owner, string(r.State), r.Stage, dateOf(r.Close), r.Currency, decimalOf(r.Value), decimalOf(r.Chance), decimalOf(r.Part)}
	}), d.Next, d.Missing}}
}

// forecastDeals adds what numbers of forecasts are made of.
func (a *server) forecastDeals() {
	may := rights(actor.OpportunityRead)
	r := get("list-forecast-deals", "/forecast/deals", figureTag, "List the opportunities that a number of the forecast is made of, the largest part first")
	r.Rights = may
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		ForecastQuestion
		Row     string `query:"row" maxLength:"200" doc:"With by: the key of a row; without, the total is meant."`
		Column  string `query:"column" maxLength:"10" default:"sum" doc:"The first day of a month or quarter, or sum, undated, later." example:"2026-07-01"`
		Measure string `query:"measure" enum:"won,commit,best,weighted,learnt,open" default:"weighted"`
	}) (*Out[ForecastDeals], error) {
		q, err := in.query(ctx, m)
		if err != nil {
			return nil, err
		}
		found, err := m.Forecasts.Deals(ctx, forecast.DealQuery{Query: q, Row: in.Row, Column: in.Column, Measure: forecast.Measure(in.Measure)}, in.page())
		return forecastDealsOf(found), err
	})
	r = get("list-forecast-standing", "/forecast/standing", figureTag, "List what was open on a day that is past: what an end of the waterfall is made of")
	r.Rights, r.Doc = may, "Snapshots know seller, team and pipeline; custom fields count as they are now. A day without a snapshot is as the last one before it. What stands behind the waterfall's bars are its moves."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		FigureFilter
		On          Date `query:"on" required:"true"`
		TargetFirst Date `query:"target_first" doc:"Narrows to what was expected to close from that day on."`
		TargetLast  Date `query:"target_last"`
		Weighted    bool `query:"weighted" doc:"Counts revenue times chance instead of revenue."`
		OwnFilter
	}) (*Out[ForecastDeals], error) {
		of, err := in.ofOwn(ctx, m, in.OwnFilter)
		if err != nil {
			return nil, err
		}
		found, err := m.Forecasts.Stood(ctx, forecast.StoodQuery{On: day(in.On), Target: kpi.Period{First: day(in.TargetFirst), Last: day(in.TargetLast)}, Weighted: in.Weighted, Of: of}, in.page())
		return forecastDealsOf(found), err
	})
	r = get("list-forecast-test-deals", "/forecast/back-test/deals", figureTag, "List what a forecast of a month was made of on its first day, or what came")
	r.Rights = may
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		FigureFilter
		Month   Date   `query:"month" required:"true" doc:"Any day of it."`
		Measure string `query:"measure" enum:"commit,weighted,best,won" default:"weighted" doc:"won is what came."`
		OwnFilter
	}) (*Out[ForecastDeals], error) {
		of, err := in.ofOwn(ctx, m, in.OwnFilter)
		if err != nil {
			return nil, err
		}
		found, err := m.Forecasts.Tested(ctx, forecast.TestedQuery{Month: day(in.Month), Measure: forecast.Measure(in.Measure), Of: of}, in.page())
		return forecastDealsOf(found), err
	})
}

func (a *server) forecasts() {
	may := rights(actor.OpportunityRead)
	r := get("get-forecast", "/forecast", figureTag, "Read what open opportunities may bring, by month or quarter")
	r.Rights = may
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		ForecastQuestion
	}) (*Out[Forecast], error) {
		q, err := in.query(ctx, m)
		if err != nil {
			return nil, err
		}
		t, err := m.Forecasts.Table(ctx, q)
		return &Out[Forecast]{Forecast{t.Currency, each(t.Periods, periodOf), each(t.Rows, forecastRowOf), forecastRowOf(t.Total), each(t.Chances, chanceOf), t.Missing}}, err
	})
	r = get("get-forecast-waterfall", "/forecast/waterfall", figureTag, "Read what became of a forecast between two days")
	r.Rights, r.Doc = may, "Snapshots know seller, team and pipeline; custom fields count as they are now. A day without a snapshot is as the last one before it."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		FigureFilter
		From        Date `query:"from" required:"true"`
		To          Date `query:"to" required:"true"`
		TargetFirst Date `query:"target_first" doc:"Narrows to what is expected to close from that day on."`
		TargetLast  Date `query:"target_last"`
		Weighted    bool `query:"weighted" doc:"Counts revenue times chance instead of revenue."`
		OwnFilter
	}) (*Out[Waterfall], error) {
		if (in.TargetFirst == "") != (in.TargetLast == "") {
			return nil, invalid("target_last", "required", "a target has a first and a last day; give both, or none")
		}
		of, err := in.ofOwn(ctx, m, in.OwnFilter)
		if err != nil {
			return nil, err
		}
		w, err := m.Forecasts.Waterfall(ctx, forecast.WaterfallQuery{
			From: day(in.From), To: day(in.To), Target: kpi.Period{First: day(in.TargetFirst), Last: day(in.TargetLast)}, Weighted: in.Weighted, Of: of,
		})
		return &Out[Waterfall]{Waterfall{
			w.Currency, decimalOf(w.Start), each(w.Bars, func(b forecast.Bar) WaterfallBar { return WaterfallBar{string(b.Reason), decimalOf(b.Sum), b.Count} }), decimalOf(w.End),
			each(w.Moves, func(x forecast.Move) WaterfallMove {
				return WaterfallMove{idOf(x.ID), x.Name, x.Owner, string(x.Reason), decimalOf(x.Before), decimalOf(x.After)}
			}), w.Missing,
		}}, err
	})
	r = get("list-forecast-tests", "/forecast/back-test", figureTag, "Read month by month what forecasts said and what came, the earliest first")
	r.Rights = may
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		FigureFilter
		Months int `query:"months" minimum:"1" maximum:"36" default:"12"`
		OwnFilter
	}) (*Listed[ForecastTest], error) {
		of, err := in.ofOwn(ctx, m, in.OwnFilter)
		if err != nil {
			return nil, err
		}
		all, err := m.Forecasts.BackTest(ctx, in.Months, of)
		return listed(callOf(ctx), each(all, func(t forecast.Test) ForecastTest {
			return ForecastTest{periodOf(t.Period), t.Known, decimalOf(t.Commit), decimalOf(t.Weighted), decimalOf(t.Best), decimalOf(t.Came), valueOf(t.Off)}
		}), ""), err
	})
}
