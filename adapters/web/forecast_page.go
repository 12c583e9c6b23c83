package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
)

// forecastPage shows what open opportunities may bring, how that moved, and how good earlier forecasts were.
type forecastPage struct {
	Tabs     figureTabs
	Filter   figureFilter
	Steps    []option
	By       []option
	ByName   string
	Measures []option
	Shown    string
	Columns  []string
	Rows     []forecastRow
	Total    forecastRow
	Cards    []linkedCard
	Chart    lines
	Chances  []chanceRow
	Tests    []testRow
	Fall     waterfallView
	// Targets are in which of the table's periods the waterfall's sales are expected, Carried what it keeps of the filter above.
	Targets []option
	Carried url.Values
	Missing []string
	Excel   string
}

type forecastRow struct {
	Label string
	Cells []forecastCell
	Sum   forecastCell
	// Rest are what is in no sum: without a date or overdue, and later.
	Rest []forecastCell
}

// forecastCell is a number that leads to the opportunities it is made of.
type forecastCell struct{ Text, Title, Path string }

// forecastCard is one of the sums above the table.
type forecastCard struct{ Name, Value string }

// linkedCard leads to what its sum is made of.
type linkedCard struct {
	forecastCard

	Path string
}

type chanceRow struct {
	Stage, Set, Learnt, Between string
	Won, Deals                  int64
	Known                       bool
	Off                         string
	Ages                        []string
}

type testRow struct {
	Month, Off string
	// Said are commit, weighted and best.
	Said []forecastCell
	Came forecastCell
}

// measures are what the cells of a forecast can show.
var measures = words(forecast.Measures)

func words[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = string(one)
	}
	return out
}

func (s *screens) showForecast(v *visit) error {
	filter, err := v.figureFilterOf(kpi.OpportunityKind)
	if err != nil {
		return err
	}
	f := filter.Form
	q := forecast.Query{Of: filter.Query.Of, By: kpi.Dimension(f.text("by"))}
	if f.text("step") == string(forecast.ByQuarter) {
		q.Step = forecast.ByQuarter
	} else {
		q.Step = forecast.ByMonth
	}
	d := forecastPage{Tabs: figureTabs{"forecast"}, Filter: filter, Shown: "weighted", Steps: v.options("forecast.step.", string(q.Step), string(forecast.ByMonth), string(forecast.ByQuarter))}
	known := q.By == kpi.Whole
	for _, by := range forecast.Dimensions {
		known = known || by == q.By
	}
	if q.By == kpi.Whole || !known {
		q.By = kpi.Seller
	}
	for _, by := range forecast.Dimensions {
		d.By = append(d.By, option{Value: string(by), Label: by.In(v.Locale.Language), On: by == q.By})
	}
	for _, m := range measures {
		if f.text("show") == m {
			d.Shown = m
		}
	}
	d.Measures = v.options("forecast.show.", d.Shown, measures...)
	d.ByName = q.By.In(v.Locale.Language)
	table, err := v.module().Forecasts.Table(v.ctx(), q)
	if err != nil {
		return err
	}
	if err := v.forecastTable(&d, q, table); err != nil {
		return err
	}
	d.Carried = url.Values{"step": {string(q.Step)}, "by": {string(q.By)}, "show": {d.Shown}}
	for name, values := range filter.Asked {
		d.Carried[name] = values
	}
	if err := v.forecastPast(&d, q, table.Periods); err != nil {
		return err
	}
	d.Excel = v.link("/reports/forecast.xlsx") + "?" + filter.with("step", string(q.Step), "by", string(q.By))
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "forecast", "rows", d)
	}
	return v.show(http.StatusOK, "forecast", head{Title: v.t("menu.forecast"), Section: "dashboard", Wide: true}, d)
}

// column names a month or a quarter.
func (v *visit) column(p kpi.Period, step forecast.Step) string {
	if step == forecast.ByQuarter {
		return v.t("forecast.quarter", p.First.Year, (int(p.First.Month)+2)/3)
	}
	return monthNumber(v.Locale.Language, p.First)
}

// monthNumber writes a month as 11/2026.
// monthNumber is a month as the reader's country writes it in a table: "2026. 11.", "11/2026".
func monthNumber(lang locale.Language, d civil.Date) string {
	switch lang {
	case locale.Hungarian:
		return fmt.Sprintf("%d.\u00a0%02d.", d.Year, d.Month)
	case locale.Russian:
		return fmt.Sprintf("%02d.%d", d.Month, d.Year)
	}
	return fmt.Sprintf("%02d/%d", d.Month, d.Year)
}

// whole writes a percentage without places: what was learnt from some dozens of sales is no finer.
func whole(lang locale.Language, p money.Percent) string {
	return lang.Percent(money.NewPercent(p.Round(0)))
}

func (v *visit) forecastTable(d *forecastPage, q forecast.Query, t forecast.Table) error {
	label, err := v.partLabels(q.By)
	if err != nil {
		return err
	}
	d.Missing = t.Missing
	lang := v.Locale.Language
	var labels []string
	for _, p := range t.Periods {
		d.Columns = append(d.Columns, v.column(p, q.Step))
		labels = append(labels, p.First.String()[5:7])
	}
	links := d.links(v, q, t)
	row := func(r forecast.Row, name string, by kpi.Dimension) forecastRow {
		cell := func(c forecast.Cell, column string) forecastCell {
			return forecastCell{
				Text:  lang.Money(c.Of(forecast.Measure(d.Shown)), t.Currency),
				Title: v.t("forecast.cell", countText(lang, c.Count), lang.Money(c.Won, t.Currency), lang.Money(c.Open, t.Currency)), Path: links.cell(by, r.Key, column, d.Shown),
			}
		}
		out := forecastRow{Label: name, Sum: cell(r.Sum, forecast.SumColumn), Rest: []forecastCell{cell(r.Undated, forecast.UndatedColumn), cell(r.Later, forecast.LaterColumn)}}
		for i, c := range r.Cells {
			out.Cells = append(out.Cells, cell(c, t.Periods[i].First.String()))
		}
		return out
	}
	for _, r := range t.Rows {
		d.Rows = append(d.Rows, row(r, label(kpi.Row{Key: r.Key, Label: r.Label}), q.By))
	}
	d.Total = row(t.Total, v.t("forecast.total"), kpi.Whole)
	for _, m := range []forecast.Measure{forecast.WonSum, forecast.CommitSum, forecast.WeightedSum, forecast.LearntSum, forecast.BestSum} {
		d.Cards = append(d.Cards, linkedCard{forecastCard{v.t("forecast.show." + string(m)), shortMoney(lang, t.Total.Sum.Of(m), t.Currency)}, links.cell(kpi.Whole, "", forecast.SumColumn, string(m))})
	}
	var data []lineData
	for _, m := range []forecast.Measure{forecast.BestSum, forecast.WeightedSum, forecast.CommitSum} {
		one := lineData{Name: v.t("forecast.show." + string(m))}
		for i, c := range t.Total.Cells {
			one.Values = append(one.Values, c.Of(m).Decimal)
			one.Texts = append(one.Texts, lang.Money(c.Of(m), t.Currency))
			one.Paths = append(one.Paths, links.cell(kpi.Whole, "", t.Periods[i].First.String(), string(m)))
		}
		data = append(data, one)
	}
	d.Chart = newLines(v.t("menu.forecast"), "", labels, data, kpi.AxisMoney(lang, t.Currency))
	for _, c := range t.Chances {
		one := chanceRow{Stage: c.StageName, Set: lang.Percent(c.Set), Learnt: whole(lang, c.Learnt), Won: c.Won, Deals: c.Deals, Known: c.Known(), Between: v.t("forecast.between", whole(lang, c.Low), whole(lang, c.High))}
		if c.Known() && (c.Set.Cmp(c.Low) < 0 || c.Set.Cmp(c.High) > 0) {
			one.Off = v.t("forecast.off")
		}
		for _, a := range c.Ages[1:] {
			if a.Known() {
				one.Ages = append(one.Ages, v.t("forecast.age", a.Days, whole(lang, a.Learnt)))
			}
		}
		d.Chances = append(d.Chances, one)
	}
	return nil
}

// links makes the addresses of what the numbers of a table are made of, from the same day on.
func (d *forecastPage) links(v *visit, q forecast.Query, t forecast.Table) forecastLinks {
	asked := url.Values{"step": {string(q.Step)}, "columns": {strconv.Itoa(len(t.Periods))}, "from": {t.Periods[0].First.String()}}
	for name, values := range d.Filter.Asked {
		asked[name] = values
	}
	return forecastLinks{v, asked}
}

// forecastPast fills the waterfall and the test of earlier forecasts. The waterfall's sales may be narrowed to those
// expected in one of some periods.
func (v *visit) forecastPast(d *forecastPage, q forecast.Query, periods []kpi.Period) error {
	lang := v.Locale.Language
	of := kpi.Filter{Seller: q.Of.Seller, Team: q.Of.Team, Pipeline: q.Of.Pipeline, Custom: q.Of.Custom}
	tests, err := v.module().Forecasts.BackTest(v.ctx(), 12, of)
	if err != nil {
		return err
	}
	links := forecastLinks{v, d.Filter.Asked}
	for _, t := range tests {
		if !t.Known {
			continue
		}
		cell := func(m forecast.Measure, sum money.Amount) forecastCell {
			return forecastCell{Text: lang.Money(sum, v.Locale.Currency), Path: links.to("/forecast/tested", "month", t.Period.First.String(), "measure", string(m))}
		}
		row := testRow{Month: monthNumber(lang, t.Period.First), Said: []forecastCell{cell(forecast.CommitSum, t.Commit), cell(forecast.WeightedSum, t.Weighted), cell(forecast.BestSum, t.Best)}, Came: cell(forecast.WonSum, t.Came)}
		if t.Off.Known {
			row.Off = kpi.Signed(whole(lang, money.NewPercent(t.Off.Abs())), t.Off.Decimal)
		}
		d.Tests = append(d.Tests, row)
	}
	f := d.Filter.Form
	w, err := v.waterfallDays(f)
	if err != nil {
		return err
	}
	w.Of = of
	f.Values.Set("since", w.From.String())
	f.Values.Set("until", w.To.String())
	d.Targets = []option{{Label: v.t("forecast.target.all"), On: true}}
	for _, p := range periods {
		one := option{Value: p.First.String(), Label: v.t("forecast.target.in", v.column(p, q.Step))}
		if one.On = f.text("target") == one.Value; one.On {
			w.Target, d.Targets[0].On = p, false
		}
		d.Targets = append(d.Targets, one)
	}
	fall, err := v.module().Forecasts.Waterfall(v.ctx(), w)
	if err != nil {
		return err
	}
	d.Fall = v.waterfall(fall, w, func(reason string) string {
		pairs := []string{"reason", reason, "since", w.From.String(), "until", w.To.String()}
		if w.Weighted {
			pairs = append(pairs, "weighted", "on")
		}
		if !w.Target.First.IsZero() {
			pairs = append(pairs, "first_close", w.Target.First.String(), "last_close", w.Target.Last.String())
		}
		return links.to("/forecast/moves", pairs...)
	})
	return nil
}

// waterfallDays are the two days between which a forecast moved: those of the address, else the last thirty.
func (v *visit) waterfallDays(f *input) (forecast.WaterfallQuery, error) {
	w := forecast.WaterfallQuery{From: f.day("since"), To: f.day("until"), Weighted: f.on("weighted")}
	today, err := v.module().KPIs.Today(v.ctx())
	if w.To.IsZero() || w.To.After(today) {
		w.To = today
	}
	if w.From.IsZero() || !w.From.Before(w.To) {
		w.From = w.To.AddDays(-30)
	}
	return w, err
}

// waterfallView is the way from one forecast to another as upright bars that hang on each other.
type waterfallView struct {
	Title string
	Bars  []fallBar
	Moves []fallMove
	Width int
	More  int
}

type fallBar struct {
	Name, Value, Class, Path string
	Count                    int
	X, Y, Height             int
	// TextY is where the value stands, Middle the middle of both texts; Line is the height at which the next bar begins,
	// LineEnd how far it is drawn there.
	TextY, Middle, Line, LineEnd int
}

type fallMove struct{ Name, Owner, Reason, Before, After, Path string }

const (
	fallStep, fallBarWidth, fallTop, fallHeight = 84, 52, 22, 170
	mostMoves                                   = 40
)

func (v *visit) waterfall(w forecast.Waterfall, q forecast.WaterfallQuery, path func(reason string) string) waterfallView {
	lang := v.Locale.Language
	from, to := q.From, q.To
	out := waterfallView{Title: v.t("forecast.fall.is", lang.Date(from), lang.Date(to))}
	type step struct {
		name, class string
		reason      string
		count       int
		from, to    money.Amount
		shown       money.Amount
	}
	steps := []step{{name: lang.Date(from), class: "c1", reason: fallStart, to: w.Start, shown: w.Start}}
	at, top := w.Start, decimal.Max(w.Start.Decimal, w.End.Decimal)
	for _, b := range w.Bars {
		class := "c2"
		if b.Sum.IsNegative() {
			class = "c4"
		}
		next := at.Add(b.Sum)
		steps = append(steps, step{name: v.t("forecast.reason." + string(b.Reason)), class: class, reason: string(b.Reason), count: b.Count, from: at, to: next, shown: b.Sum})
		at = next
		top = decimal.Max(top, at.Decimal)
	}
	steps = append(steps, step{name: lang.Date(to), class: "c1", reason: fallEnd, to: w.End, shown: w.End})
	if !top.IsPositive() {
		top = decimal.NewFromInt(1)
	}
	y := func(a money.Amount) int {
		return fallTop + fallHeight - int(a.Mul(decimal.NewFromInt(fallHeight)).Div(top).IntPart())
	}
	for i, s := range steps {
		a, b := y(s.from), y(s.to)
		bar := fallBar{Name: s.name, Value: shortMoney(lang, s.shown, w.Currency), Class: s.class, Count: s.count, Path: path(s.reason), X: 10 + i*fallStep, Y: min(a, b), Height: max(2, max(a, b)-min(a, b)), Line: b}
		bar.Middle, bar.TextY, bar.LineEnd = bar.X+fallBarWidth/2, bar.Y-6, bar.X+fallBarWidth
		if i+1 < len(steps) {
			bar.LineEnd += fallStep
		}
		if below := bar.Y + bar.Height + 15; s.class == "c4" && below < fallTop+fallHeight {
			bar.TextY = below // what falls is told where it ends, clear of the bar beside it
		}
		out.Bars = append(out.Bars, bar)
	}
	out.Width = 10 + len(steps)*fallStep
	names, err := v.names()
	if err != nil {
		names = nil // the ids stand for themselves
	}
	for i, m := range w.Moves {
		if i == mostMoves {
			out.More = len(w.Moves) - i
			break
		}
		row := v.reachable(forecastDeal{Name: m.Name}, m.Name, m.ID)
		out.Moves = append(out.Moves, fallMove{Name: row.Name, Owner: nameIn(names, m.Owner), Reason: v.t("forecast.reason." + string(m.Reason)), Before: lang.Money(m.Before, w.Currency), After: lang.Money(m.After, w.Currency), Path: row.Path})
	}
	return out
}
