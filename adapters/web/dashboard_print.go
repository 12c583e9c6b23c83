package web

import (
	"context"
	"io"

	"github.com/crmplus/crmplus/reports"
)

// printDashboard gives the dashboard as a PDF file.
func (s *screens) printDashboard(v *visit) error {
	filter, err := v.boardFilter()
	if err != nil {
		return err
	}
	book, err := v.figureBook(filter)
	if err != nil {
		return err
	}
	company, err := v.module().Company(v.ctx())
	if err != nil {
		return err
	}
	q := reports.BoardQuery{FigureBook: book, Company: company.Name, Codes: v.tiles(), Query: filter.Query}
	return v.download("dashboard.pdf", "application/pdf", func(ctx context.Context, w io.Writer) error { return s.module.Reports.Dashboard(ctx, w, q) })
}
