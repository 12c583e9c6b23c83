package reports

import (
	"context"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/paper"
)

// BoardQuery asks for a dashboard on paper.
type BoardQuery struct {
	FigureBook
	// Company is the name above the title.
	Company string
	// Codes are its figures in their order, [UsualTiles] where there is none; those that the reader may not see are left out,
	// those that do not go by the filter are named below.
	Codes []kpi.Code
	// Query says of which period; each figure is broken down as [TileBy] says.
	Query kpi.Query
}

// UsualTiles are the figures of a dashboard that nobody arranged: a seller's own work, a manager's outcome.
func UsualTiles(a actor.Actor) []kpi.Code {
	if a.See != actor.All && !a.May(actor.ReportRead) {
		return []kpi.Code{kpi.Revenue, kpi.DealsWon, kpi.WinRate, kpi.Meetings, kpi.Calls, kpi.ResponseTime, kpi.DealsCreated, kpi.SalesCycle}
	}
	return []kpi.Code{kpi.Revenue, kpi.WinRateValue, kpi.AverageDeal, kpi.Funnel, kpi.SalesCycle, kpi.LostReasons, kpi.Leads, kpi.ResponseTime}
}

// TileBy is what a figure of a dashboard is broken down by: one month is no series.
func TileBy(d kpi.Definition, p kpi.Period) kpi.Dimension {
	if d.By[0] == kpi.Month && p.First.Month == p.Last.Month && p.First.Year == p.Last.Year && len(d.By) > 1 {
		return d.By[1]
	}
	return d.By[0]
}

// BoardOf narrows the dashboard of who sees only his own to what he sells: what he sells in with others is his by his part.
func BoardOf(a actor.Actor, of kpi.Filter) kpi.Filter {
	if a.See == actor.Own && of.Seller == "" {
		of.Seller = a.UserID
	}
	return of
}

// isolates are marks that order text on a screen; paper knows the older ones.
var isolates = strings.NewReplacer("\u2066", "\u200e", "\u2069", "\u200e")

// mostParts is how many bars a tile has.
const mostParts = 6

// Dashboard writes a dashboard as a PDF file. It needs the rights of its figures.
func (r *Reports) Dashboard(ctx context.Context, w io.Writer, q BoardQuery) error {
	a, err := actor.From(ctx)
	if err != nil {
		return err
	}
	if err := kpi.Known(q.Codes...); err != nil {
		return err
	}
	l, now := r.localeOf(a, q.Language), r.db.Now()
	lang := l.Language
	if len(q.Codes) == 0 {
		q.Codes = UsualTiles(a)
	}
	q.Query.Of = BoardOf(a, q.Query.Of)
	b := paper.Board{
		Language: lang, Company: q.Company, Title: texts.T(lang, "report.dashboard"), Filter: q.Filter, At: now,
		Period: lang.Date(q.Query.Period.First) + " – " + lang.Date(q.Query.Period.Last), Made: texts.T(lang, "cover.made") + ": " + l.DateTime(now),
	}
	figures := r.figures()
	var found []kpi.Compared
	for _, code := range q.Codes {
		d, _ := kpi.Defined(code)
		one := q.Query
		one.By = TileBy(d, one.Period)
		some, err := figures.Compare(ctx, []kpi.Code{code}, one)
		if err != nil {
			return err
		}
		found = append(found, some...)
		for _, c := range some {
			if len(b.Tiles) < paper.MaxTiles {
				b.Tiles = append(b.Tiles, q.tile(l, c, one.By))
			}
		}
	}
	if left := Unfit(a, lang, q.Codes, found); len(left) > 0 {
		b.Note = texts.T(lang, "cover.unfit") + ": " + strings.Join(left, ", ")
	}
	if why := reasons(lang, found); why != "" {
		b.Note = strings.TrimPrefix(b.Note+" · "+why, " · ")
	}
	if len(b.Tiles) == 0 && b.Note == "" { // of what he asked for he may see none
		b.Note = texts.T(lang, "board.none")
	}
	if err := r.noteExport(ctx, about("dashboard", "dashboard", b.Period, q.Filter), rowsOf(b)); err != nil {
		return err
	}
	return paper.Render(w, b)
}

// rowsOf is how many rows the tables behind the tiles have.
func rowsOf(b paper.Board) int {
	rows := 0
	for _, tile := range b.Tiles {
		rows += len(tile.Rows)
	}
	return rows
}

// tile is a figure as it is drawn.
func (q BoardQuery) tile(l locale.Locale, one kpi.Compared, by kpi.Dimension) paper.Tile {
	d, _ := kpi.Defined(one.Code)
	moved := d.Moved(l.Language, one.Value, one.LastYear)
	t := paper.Tile{
		Name: d.Name(l.Language), Value: one.Value.Text(d.Unit, l), By: by.In(l.Language), Trend: by == kpi.Month && len(one.Rows) > 1,
		Change: paper.Change{Text: isolates.Replace(moved.By), Mood: moved.Mood},
	}
	most := decimal.Zero
	for _, row := range one.Rows {
		t.Rows = append(t.Rows, paper.Row{Label: q.label(by, row.Key, row.Label), Value: row.Value.Text(d.Unit, l)})
		most = decimal.Max(most, row.Value.Decimal)
	}
	share := func(v, of decimal.Decimal) float64 {
		if !v.IsPositive() || !of.IsPositive() {
			return 0
		}
		return v.Div(of).InexactFloat64()
	}
	if !t.Trend {
		for i, row := range one.Rows[:min(len(one.Rows), mostParts)] {
			t.Parts = append(t.Parts, paper.Part{Label: t.Rows[i].Label, Value: row.Value.Short(d.Unit, l), Size: share(row.Value.Decimal, most)})
		}
		return t
	}
	top := paper.Top(decimal.Max(most, decimal.NewFromInt(1)))
	axis := kpi.Axis(d.Unit, l)
	for i := range int64(5) {
		t.Grid = append(t.Grid, axis(top.Mul(decimal.NewFromInt(i)).Div(decimal.NewFromInt(4)), top))
	}
	for _, row := range one.Rows {
		t.Parts = append(t.Parts, paper.Part{Label: row.Key[5:], Size: share(row.Value.Decimal, top)})
	}
	return t
}
