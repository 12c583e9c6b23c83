package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/reports"
)

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (a *server) reports() {
	for _, r := range []struct {
		id, path, summary, media, name string
		write                          func(m *crm.Module) func(context.Context, io.Writer, reports.Query) error
	}{
		{"report-leads", "/reports/leads.xlsx", "The leads that arrived in a period, as a workbook", workbookType, "leads.xlsx",
			func(m *crm.Module) func(context.Context, io.Writer, reports.Query) error { return m.Reports.Leads }},
		{"report-leads-csv", "/reports/leads.csv", "The leads that arrived in a period, as CSV", "text/csv; charset=utf-8", "leads.csv",
			func(m *crm.Module) func(context.Context, io.Writer, reports.Query) error { return m.Reports.LeadsCSV }},
		{"report-sales", "/reports/sales.xlsx", "Pipeline, open and closed opportunities and leads of a period, as a workbook", workbookType, "sales.xlsx",
			func(m *crm.Module) func(context.Context, io.Writer, reports.Query) error { return m.Reports.Sales }},
	} {
		add(a, route{ID: r.id, Method: http.MethodGet, Path: r.path, Tag: "Reports", Rights: rights(actor.ReportRead), Gives: r.media, Summary: r.summary, Doc: bookDoc},
			func(ctx context.Context, m *crm.Module, in *struct {
				From  time.Time `query:"from" doc:"The beginning of the period."`
				Until time.Time `query:"until" doc:"The instant after its end."`
			}) (*report, error) {
				named, err := labels(ctx, m)
				if err != nil {
					return nil, err
				}
				return spooled(r.media, r.name, func(w io.Writer) error {
					return r.write(m)(ctx, w, reports.Query{Period: reports.Period{From: in.From, To: in.Until}, Language: callOf(ctx).language(), Label: named})
				})
			})
	}
}

// disposition has a file saved, never shown in the place of a page.
func disposition(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
