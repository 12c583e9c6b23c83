package web

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
)

func (s *screens) figureBookRoutes() []route {
	return []route{
		{Pattern: "GET /reports/figures.xlsx", Right: actor.ReportRead, Do: s.downloadFigures},
		{Pattern: "GET /reports/forecast.xlsx", Right: actor.ReportRead, Do: s.downloadForecast},
		{Pattern: "GET /reports/plan.xlsx", Right: actor.ReportRead, Do: s.downloadPlan},
		{Pattern: "GET /reports/quotas.xlsx", Right: actor.ReportRead, Do: s.downloadQuotas},
	}
}

// figureBook says how a workbook speaks to the reader.
func (v *visit) figureBook(f figureFilter) (reports.FigureBook, error) {
	b := reports.FigureBook{Language: v.Locale.Language}
	var words []string
	for _, list := range [][]option{f.Sellers, f.Teams, f.Sources, f.Pipelines, f.Groups} {
		for _, o := range list {
			if o.On && o.Value != "" {
				words = append(words, o.Label)
			}
		}
	}
	for _, own := range f.Own {
		for _, o := range own.Options {
			if o.On && o.Value != "" {
				words = append(words, own.Label+": "+o.Label)
			}
		}
	}
	for _, typed := range f.Typed {
		words = append(words, typed.Label)
	}
	b.Filter = strings.Join(words, ", ")
	labels := map[kpi.Dimension]func(kpi.Row) string{}
	for _, by := range []kpi.Dimension{kpi.Seller, kpi.ProductGroup, kpi.Source, kpi.LostReason, kpi.Whole} {
		label, err := v.partLabels(by)
		if err != nil {
			return b, err
		}
		labels[by] = label
	}
	b.Label = func(by kpi.Dimension, key, label string) string {
		named := labels[by]
		if named == nil {
			named = labels[kpi.Whole]
		}
		return named(kpi.Row{Key: key, Label: label})
	}
	return b, nil
}

func (s *screens) downloadFigures(v *visit) error {
	filter, err := v.figureFilter()
	if err != nil {
		return err
	}
	book, err := v.figureBook(filter)
	if err != nil {
		return err
	}
	chosen := codes()
	if code := kpi.Code(filter.Form.text("code")); slices.Contains(chosen, code) {
		chosen = []kpi.Code{code}
	}
	q := filter.Query
	q.By = kpi.Dimension(filter.Form.text("by"))
	return v.download("figures.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error { return s.module.Reports.KPIs(ctx, w, chosen, q, book) })
}

func (s *screens) downloadForecast(v *visit) error {
	filter, err := v.figureFilterOf(kpi.OpportunityKind)
	if err != nil {
		return err
	}
	book, err := v.figureBook(filter)
	if err != nil {
		return err
	}
	q := forecast.Query{Of: filter.Query.Of, By: kpi.Dimension(filter.Form.text("by")), Step: forecast.Step(filter.Form.text("step"))}
	return v.download("forecast.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Forecast(ctx, w, s.module.Forecasts, q, book)
	})
}

func (s *screens) downloadPlan(v *visit) error {
	q, err := v.planQuery()
	if err != nil {
		return err
	}
	book, err := v.figureBook(figureFilter{})
	if err != nil {
		return err
	}
	return v.download("plan.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Plan(ctx, w, s.module.Quotas, q, book)
	})
}

func (s *screens) downloadQuotas(v *visit) error {
	f := v.asked()
	on := f.day("on")
	book, err := v.figureBook(figureFilter{})
	if err != nil {
		return err
	}
	return v.download("quotas.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Quotas(ctx, w, s.module.Quotas, on, book)
	})
}
