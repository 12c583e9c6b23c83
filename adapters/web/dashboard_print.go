package web

import (
	"context"
	"io"
	"strings"

	"github.com/crmplus/crmplus/reports/paper"
)

// printDashboard gives the dashboard as a PDF file.
func (s *screens) printDashboard(v *visit) error {
	d, err := v.dashboard()
	if err != nil {
		return err
	}
	words, err := v.figureBook(d.Filter)
	if err != nil {
		return err
	}
	company, err := v.module().Company(v.ctx())
	if err != nil {
		return err
	}
	now := s.now()
	b := paper.Board{
		Language: v.Locale.Language, Company: company.Name, Title: v.t("menu.dashboard"), Period: d.Period, Filter: words.Filter,
		Made: v.t("dashboard.made", v.Locale.DateTime(now)), At: now,
	}
	if d.Unfit != "" {
		b.Note = v.t("figures.unfit", d.Unfit)
	}
	for _, t := range d.Tiles[:min(len(d.Tiles), paper.MaxTiles)] {
		b.Tiles = append(b.Tiles, printedTile(t))
	}
	return v.download("dashboard.pdf", "application/pdf", func(_ context.Context, w io.Writer) error { return paper.Render(w, b) })
}

// isolates are marks that order text on a screen; paper knows the older ones.
var isolates = strings.NewReplacer("\u2066", "\u200e", "\u2069", "\u200e")

// printedTile is a tile as it is drawn on paper.
func printedTile(t tile) paper.Tile {
	moods := map[string]int{"good": 1, "bad": -1}
	out := paper.Tile{
		Name: t.Name, Value: t.Value, By: t.ByName, Trend: t.Trend,
		Change: paper.Change{Text: isolates.Replace(t.LastYear.By), Mood: moods[t.LastYear.Kind]},
	}
	for _, row := range t.Rows {
		out.Rows = append(out.Rows, paper.Row{Label: row.Label, Value: row.Value})
	}
	if !t.Trend {
		for _, bar := range t.Bars.Rows {
			out.Parts = append(out.Parts, paper.Part{Label: bar.Label, Value: bar.Value, Size: float64(bar.Width) / barRoom})
		}
		return out
	}
	for _, g := range t.Lines.Grid {
		out.Grid = append(out.Grid, g.Text)
	}
	for i, at := range t.Lines.Series[0].Dots {
		out.Parts = append(out.Parts, paper.Part{Label: t.Lines.Ticks[i].Text, Size: float64(lineTop+lineHeight-at.Y) / lineHeight})
	}
	return out
}
