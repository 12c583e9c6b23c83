package main

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/reports"
)

func (s *server) showReports(v *visit) error {
	return v.show(http.StatusOK, "reports.html", "menu.reports", map[string]any{"Form": v.blank("from", "", "to", "")})
}

// downloadReport writes a report in the reader's language. It is drawn up before it is sent, so that a
// report that fails half-way does not look like a whole one.
func (s *server) downloadReport(v *visit) error {
	const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	known := map[string]struct {
		mime  string
		write func(ctx context.Context, w io.Writer, q reports.Query) error
	}{
		"sales.xlsx": {workbook, s.module.Reports.Sales},
		"leads.xlsx": {workbook, s.module.Reports.Leads},
		"leads.csv":  {"text/csv; charset=utf-8", s.module.Reports.LeadsCSV},
	}
	report, ok := known[v.r.PathValue("name")]
	if !ok {
		return fault.New(fault.NotFound, "there is no such report")
	}
	f := &form{Values: v.r.URL.Query(), Faults: map[string][]string{}, language: v.locale.Language}
	query := reports.Query{Language: v.locale.Language}
	zone := v.locale.Location()
	if from := f.day("from"); !from.IsZero() {
		query.Period.From = from.Time(zone)
	}
	if to := f.day("to"); !to.IsZero() {
		query.Period.To = to.AddDays(1).Time(zone)
	}
	if f.wrong() {
		return v.show(http.StatusUnprocessableEntity, "reports.html", "menu.reports", map[string]any{"Form": f})
	}
	var out bytes.Buffer
	if err := report.write(v.ctx(), &out, query); err != nil {
		return err
	}
	return v.send(v.r.PathValue("name"), report.mime, "attachment", out.Bytes())
}
