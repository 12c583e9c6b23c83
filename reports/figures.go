package reports

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/workbook"
)

// FigureBook asks for a workbook of figures, a forecast or quotas.
type FigureBook struct {
	// Language is the reader's; the company's own where it is empty.
	Language locale.Language
	// Filter says in the reader's words what the figures are narrowed by; it stands on the cover.
	Filter string
	// Label names a key of a dimension, a user or a product group, for people; nil leaves the keys.
	Label Labels
}

func (b FigureBook) label(by kpi.Dimension, key, label string) string {
	if b.Label == nil {
		return label
	}
	return b.Label(by, key, label)
}

// KPIs writes key figures as a workbook: a cover, the figures beside those of the period before and of the year
// before, each broken down, and the opportunities that were closed in the period. codes may be one figure or
// several; figures that the reader may not see are left out, and so are those that do not go by the filter, which the cover
// names. It needs actor.ReportRead.
func (r *Reports) KPIs(ctx context.Context, w io.Writer, codes []kpi.Code, q kpi.Query, b FigureBook) error {
	a, err := actor.From(ctx)
	if err != nil {
		return err
	}
	of := about("figures", "kpis", days(r.localeOf(a, b.Language), q.Period), b.Filter)
	var book *filled
	err = r.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		if book != nil { // the unit of work is repeated
			err, book = book.Close(), nil
		}
		if err == nil {
			book, err = r.In(s).figuresBook(ctx, of, figuresAsked{codes, q, b})
		}
		return err
	})
	if err != nil {
		if book != nil {
			err = errors.Join(err, book.Close())
		}
		return err
	}
	return r.hand(ctx, w, of, book)
}

// figuresAsked is what a workbook of figures is asked for with.
type figuresAsked struct {
	codes []kpi.Code
	query kpi.Query
	book  FigureBook
}

// figuresBook reads the figures and the rows that they are counted from inside one unit of work: formulas over the rows give
// what stands in their cells.
func (r *Reports) figuresBook(ctx context.Context, of export, asked figuresAsked) (*filled, error) {
	codes, q, b := asked.codes, asked.query, asked.book
	figures := r.figures()
	var found []kpi.Compared
	if err := kpi.Known(codes...); err != nil {
		return nil, err
	}
	for _, code := range codes {
		d, _ := kpi.Defined(code)
		one := q
		if one.By == kpi.Whole || !d.Breaks(one.By) {
			one.By = d.By[0]
		}
		rows, err := figures.Compare(ctx, []kpi.Code{code}, one)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			for n, row := range rows[i].Rows {
				rows[i].Rows[n].Label = b.label(one.By, row.Key, row.Label)
			}
		}
		found = append(found, rows...)
	}
	a, err := actor.From(ctx)
	if err != nil {
		return nil, err
	}
	period := Period{}
	return r.compose(ctx, Query{Language: b.Language}, of, func(l locale.Locale) []table {
		period.From, period.To = q.Period.First.Time(l.Location()), q.Period.Last.AddDays(1).Time(l.Location())
		lines := append([][2]string{{"period", days(l, q.Period)}}, earlier(l, found)...)
		lines = append(lines, [][2]string{{"filter", b.Filter}, {"currency", l.Currency}, {"missing", missing(found)}, {"note", reasons(l.Language, found)}, {"unfit", strings.Join(Unfit(a, l.Language, codes, found), ", ")}, {"made", moment(l, r.db.Now())}}...)
		closed := closedDeals(l, period, b.Label)
		figures := figureSheet(l, found, closedFigures(l, found, closed.behind(), q))
		out := []table{coverOf(l, lines), figures}
		for _, one := range found {
			if len(one.Rows) > 0 && len(found) <= 3 {
				out = append(out, partSheet(l, one))
			}
		}
		out = append(out, partsSheet(l, found))
		if narrowed(q.Of) { // its rows know no filter
			return out
		}
		return append(out, closed)
	})
}

// Unfit names the figures that were left out because they do not go by the filter; not those that the actor may not see
// anyhow.
func Unfit(a actor.Actor, l locale.Language, asked []kpi.Code, found []kpi.Compared) []string {
	var out []string
	for _, code := range asked {
		d, known := kpi.Defined(code)
		if known && a.May(d.Right) && !slices.ContainsFunc(found, func(one kpi.Compared) bool { return one.Code == code }) {
			out = append(out, d.Name(l))
		}
	}
	return out
}

func days(l locale.Locale, p kpi.Period) string {
	return l.Language.Date(p.First) + " – " + l.Language.Date(p.Last)
}

// earlier are the lines of a cover that say what the figures are held against.
func earlier(l locale.Locale, found []kpi.Compared) [][2]string {
	if len(found) == 0 {
		return nil
	}
	return [][2]string{{"before", days(l, found[0].BeforePeriod)}, {"year", days(l, found[0].LastYearPeriod)}}
}

// reasons say of which figures the host's orders tell nothing, and why.
func reasons(l locale.Language, found []kpi.Compared) string {
	names := map[kpi.Why][]string{}
	var order []kpi.Why
	for _, one := range found {
		if one.Why == "" {
			continue
		}
		if names[one.Why] == nil {
			order = append(order, one.Why)
		}
		d, _ := kpi.Defined(one.Code)
		names[one.Why] = append(names[one.Why], d.Name(l))
	}
	out := make([]string, len(order))
	for i, why := range order {
		out[i] = strings.Join(names[why], ", ") + ": " + why.In(l)
	}
	return strings.Join(out, " · ")
}

func missing(found []kpi.Compared) string {
	var out []string
	for _, one := range found {
		for _, m := range one.Missing {
			if !strings.Contains(strings.Join(out, " "), m) {
				out = append(out, m)
			}
		}
	}
	return strings.Join(out, ", ")
}

// valueColumns are one column for each unit, so that each cell is a number that can be counted with.
func valueColumns(l locale.Locale, suffix string) []workbook.Column {
	c := columns{l.Language}
	amount := c.of("amount", workbook.KindMoney)
	amount.Currency = l.Currency
	out := []workbook.Column{c.of("number", workbook.KindQuantity), amount, c.of("share", workbook.KindPercent), c.of("hours", workbook.KindQuantity)}
	for i := range out {
		out[i].Key += suffix
	}
	return out
}

func valueCells(l locale.Locale, u kpi.Unit, v kpi.Value) []workbook.Value {
	out := make([]workbook.Value, 4)
	if !v.Known {
		return out
	}
	switch u {
	case kpi.Count:
		out[0] = workbook.Quantity(money.NewQuantity(v.Decimal))
	case kpi.Money:
		out[1] = workbook.Money(money.NewAmount(v.Decimal), l.Currency)
	case kpi.Percent:
		out[2] = workbook.Percent(money.NewPercent(v.Round(2)))
	case kpi.Minutes:
		out[3] = workbook.Quantity(money.NewQuantity(v.DivRound(decimal.NewFromInt(60), 2)))
	case kpi.Seconds:
		out[3] = workbook.Quantity(money.NewQuantity(v.DivRound(decimal.NewFromInt(3600), 2)))
	}
	return out
}

// narrowed reports whether a filter leaves anything out.
func narrowed(of kpi.Filter) bool { return len(of.Used()) > 0 }

// closedFigures are the formulas of figures of the period that can be counted from the rows of opportunities that were
// closed in it. Those rows know no filter, so that there are formulas only where nothing was narrowed.
func closedFigures(l locale.Locale, found []kpi.Compared, closed behind, q kpi.Query) map[kpi.Code]string {
	var rows, counted int64
	for _, one := range found {
		switch one.Code {
		case kpi.WinRate: // of all that were closed
			rows = max(rows, one.Count)
		case kpi.DealsWon, kpi.DealsLost:
			counted += one.Count
		default:
		}
	}
	if narrowed(q.Of) || max(rows, counted) > mostBehind {
		return nil
	}
	count := func(state string) string {
		return "COUNTIFS(" + closed.column("state") + `,"` + texts.T(l.Language, "state."+state) + `")`
	}
	return map[kpi.Code]string{
		kpi.DealsWon: count("won"), kpi.DealsLost: count("lost"),
		kpi.WinRate: "ROUND(" + count("won") + "/(" + count("won") + "+" + count("lost") + "),4)",
	}
}

// figureSheet has a row for each figure and time, ready for a pivot table; some of this period are formulas.
func figureSheet(l locale.Locale, found []kpi.Compared, formulas map[kpi.Code]string) table {
	c := columns{l.Language}
	cols := append([]workbook.Column{c.text("figure"), c.text("time")}, valueColumns(l, "")...)
	formula := c.text("formula")
	formula.Width, formula.Wrap = 60, true
	cols = append(cols, c.count("records"), formula)
	for i := range cols {
		cols[i].Total = workbook.None // figures of different kinds have no sum
	}
	var rows [][]workbook.Value
	for _, one := range found {
		d, _ := kpi.Defined(one.Code)
		for _, at := range []struct {
			name  string
			value kpi.Value
		}{{"now", one.Value}, {"before", one.Before}, {"year", one.LastYear}} {
			row := append([]workbook.Value{workbook.Text(d.Name(l.Language)), workbook.Text(texts.T(l.Language, "time."+at.name))}, valueCells(l, one.Unit, at.value)...)
			records := workbook.Empty()
			if at.name == "now" {
				records = workbook.Integer(one.Count)
				for i := 2; i < len(row) && formulas[one.Code] != ""; i++ {
					if !row[i].IsEmpty() {
						row[i] = workbook.Computed(row[i], formulas[one.Code])
					}
				}
			}
			rows = append(rows, append(row, records, workbook.Text(d.Formula(l.Language))))
		}
	}
	return sheetOf(l, "figures", cols, rows)
}

// partsSheet has all breakdowns under each other.
func partsSheet(l locale.Locale, found []kpi.Compared) table {
	c := columns{l.Language}
	cols := append([]workbook.Column{c.text("figure"), c.text("part")}, valueColumns(l, "")...)
	cols = append(cols, c.count("records"))
	cols[len(cols)-1].Total = workbook.None
	var rows [][]workbook.Value
	for _, one := range found {
		d, _ := kpi.Defined(one.Code)
		for _, r := range one.Rows {
			row := append([]workbook.Value{workbook.Text(d.Name(l.Language)), workbook.Text(r.Label)}, valueCells(l, one.Unit, r.Value)...)
			rows = append(rows, append(row, workbook.Integer(r.Count)))
		}
	}
	return sheetOf(l, "parts", cols, rows)
}

// partSheet is one figure's breakdown with its chart; where the parts make up the figure a sum stands below, which Excel
// computes. An opportunity with lines of two groups is in both of them, and parts are rounded each for itself: a sum that is
// another number than the figure says less than none.
func partSheet(l locale.Locale, one kpi.Compared) table {
	d, _ := kpi.Defined(one.Code)
	c := columns{l.Language}
	all := valueColumns(l, "")
	value := all[map[kpi.Unit]int{kpi.Count: 0, kpi.Money: 1, kpi.Percent: 2, kpi.Minutes: 3, kpi.Seconds: 3}[one.Unit]]
	value.Heading = d.Name(l.Language)
	value.Total = workbook.None
	if makesUp(one.Figure) {
		value.Total = workbook.Sum
	}
	records := c.count("records")
	records.Total = workbook.None
	var rows [][]workbook.Value
	for _, r := range one.Rows {
		cell := workbook.Empty()
		for _, v := range valueCells(l, one.Unit, r.Value) {
			if !v.IsEmpty() {
				cell = v
			}
		}
		rows = append(rows, []workbook.Value{workbook.Text(r.Label), cell, workbook.Integer(r.Count)})
	}
	t := sheetOf(l, "part", []workbook.Column{c.text("part"), value, records}, rows)
	t.name = d.Name(l.Language)
	kind := workbook.BarChart
	if len(one.Rows) > 0 && len(one.Rows[0].Key) == 7 && one.Rows[0].Key[4] == '-' {
		kind = workbook.ColumnChart
	}
	t.charts = []workbook.Chart{{Kind: kind, Title: d.Name(l.Language), Category: "part", Values: []string{value.Key}}}
	return t
}

// makesUp reports whether the parts of a figure add up to it.
func makesUp(f kpi.Figure) bool {
	if f.Unit != kpi.Count && f.Unit != kpi.Money || f.Code == kpi.AverageDeal {
		return false
	}
	var sum decimal.Decimal
	for _, r := range f.Rows {
		sum = sum.Add(r.Value.Decimal)
	}
	return sum.Equal(f.Value.Decimal)
}

// Forecast writes a forecast as a workbook: a cover, the table with its chart and sums, how it moved in the last thirty days,
// what earlier ones came to, the chances, and the open opportunities that it is made of. It needs actor.ReportRead.
func (r *Reports) Forecast(ctx context.Context, w io.Writer, f *forecast.Forecasts, q forecast.Query, b FigureBook) error {
	t, err := f.Table(ctx, q)
	if err != nil {
		return err
	}
	past, err := r.forecastPast(ctx, f, q.Of)
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, about("forecast", "forecast", b.Filter), func(l locale.Locale) []table {
		lines := [][2]string{{"filter", b.Filter}, {"currency", t.Currency}, {"missing", strings.Join(t.Missing, ", ")}, {"made", moment(l, r.db.Now())}}
		parts := forecastRows(l, t, q, b)
		out := []table{coverOf(l, lines), forecastMonths(l, t, parts.behind())}
		if len(t.Rows) > 0 {
			out = append(out, parts)
		}
		out = append(out, past.tables(l, b)...)
		return append(out, forecastChances(l, t), openDeals(l, b.Label, q.Of))
	})
}

// amountColumn is money in the company's currency with a sum below.
func amountColumn(l locale.Locale, key string) workbook.Column {
	c := columns{l.Language}.of(key, workbook.KindMoney)
	c.Currency, c.Total = l.Currency, workbook.Sum
	return c
}

var forecastSums = []string{"won", "commit", "weighted", "learnt_sum", "best", "open_sum"}

func forecastCells(l locale.Locale, c forecast.Cell) []workbook.Value {
	var out []workbook.Value
	for _, a := range forecastAmounts(c) {
		out = append(out, workbook.Money(a, l.Currency))
	}
	return out
}

// forecastAmounts are what a cell has, in the order of forecastSums.
func forecastAmounts(c forecast.Cell) []money.Amount {
	return []money.Amount{c.Won, c.Commit, c.Weighted, c.Learnt, c.Best, c.Open}
}

// forecastMonths has a row for each month or quarter. What the parts add up to exactly is a formula over them.
func forecastMonths(l locale.Locale, t forecast.Table, parts behind) table {
	cols := []workbook.Column{columns{l.Language}.text("time")}
	for _, key := range forecastSums {
		cols = append(cols, amountColumn(l, key))
	}
	var rows [][]workbook.Value
	for i, p := range t.Periods {
		cells := forecastCells(l, t.Total.Cells[i])
		for n, whole := range forecastAmounts(t.Total.Cells[i]) {
			var sum money.Amount
			for _, r := range t.Rows {
				sum = sum.Add(forecastAmounts(r.Cells[i])[n])
			}
			if len(t.Rows) > 0 && sum.Equal(whole) {
				cells[n] = parts.sum(cells[n], forecastSums[n], when{"time", "=", cellAt(0, i)})
			}
		}
		rows = append(rows, append([]workbook.Value{workbook.Text(p.First.String()[:7])}, cells...))
	}
	out := sheetOf(l, "forecast", cols, rows)
	out.charts = []workbook.Chart{{Kind: workbook.ColumnChart, Title: texts.T(l.Language, "report.forecast"), Category: "time", Values: []string{"commit", "weighted", "best"}}}
	return out
}

func forecastRows(l locale.Locale, t forecast.Table, q forecast.Query, b FigureBook) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("part"), c.text("time")}
	for _, key := range forecastSums {
		cols = append(cols, amountColumn(l, key))
	}
	var rows [][]workbook.Value
	for _, r := range t.Rows {
		for i, p := range t.Periods {
			rows = append(rows, append([]workbook.Value{workbook.Text(b.label(q.By, r.Key, r.Label)), workbook.Text(p.First.String()[:7])}, forecastCells(l, r.Cells[i])...))
		}
	}
	return sheetOf(l, "parts", cols, rows)
}

func forecastChances(l locale.Locale, t forecast.Table) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("pipeline"), c.text("stage"), c.percent("set"), c.percent("learnt"), c.percent("low"), c.percent("high"), c.count("won_count"), c.count("closed_count")}
	for i := range cols {
		cols[i].Total = workbook.None
	}
	var rows [][]workbook.Value
	for _, one := range t.Chances {
		row := []workbook.Value{workbook.Text(one.PipelineName), workbook.Text(one.StageName), workbook.Percent(one.Set), workbook.Empty(), workbook.Empty(), workbook.Empty(), workbook.Integer(one.Won), workbook.Integer(one.Deals)}
		if one.Known() {
			row[3], row[4], row[5] = workbook.Percent(one.Learnt), workbook.Percent(one.Low), workbook.Percent(one.High)
		}
		rows = append(rows, row)
	}
	return sheetOf(l, "chances", cols, rows)
}

// Quotas writes the quotas of a day as a workbook. It needs actor.ReportRead.
func (r *Reports) Quotas(ctx context.Context, w io.Writer, quotas *quota.Quotas, on civil.Date, b FigureBook) error {
	found, err := quotas.Table(ctx, on)
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, about("quotas", "quotas", b.Filter), func(l locale.Locale) []table {
		c := columns{l.Language}
		cols := []workbook.Column{c.text("part"), c.text("measure"), c.date("first"), c.date("last"), c.of("target", workbook.KindQuantity), c.of("attained", workbook.KindQuantity), c.percent("share"), c.percent("pace"), c.of("gap", workbook.KindQuantity), c.of("landing", workbook.KindQuantity)}
		var rows [][]workbook.Value
		for _, q := range found {
			number := func(d decimal.Decimal) workbook.Value { return workbook.Quantity(money.NewQuantity(d)) }
			by := map[quota.Kind]kpi.Dimension{quota.Seller: kpi.Seller, quota.Team: kpi.Team, quota.ProductGroup: kpi.ProductGroup}[q.Kind]
			rows = append(rows, []workbook.Value{workbook.Text(b.label(by, q.Subject, q.Subject)), workbook.Text(texts.T(l.Language, "measure."+string(q.Measure))), workbook.Date(q.Period().First), workbook.Date(q.Period().Last),
				number(q.Target.Decimal), number(q.Attained), workbook.Percent(q.Share), workbook.Percent(q.Pace), number(q.Gap), number(q.Landing)})
		}
		sheet := sheetOf(l, "quotas", cols, rows)
		sheet.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: texts.T(l.Language, "report.quotas"), Category: "part", Values: []string{"share"}}}
		return []table{coverOf(l, [][2]string{{"filter", b.Filter}, {"currency", l.Currency}, {"made", moment(l, r.db.Now())}}), sheet}
	})
}
