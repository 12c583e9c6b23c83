package workbook

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/fault"
)

// ChartKind is the form of a chart.
type ChartKind uint8

// The forms.
const (
	// ColumnChart has upright bars, for a course in time.
	ColumnChart ChartKind = iota + 1
	// BarChart has lying bars, for a ranking; the first row is on top.
	BarChart
	// FunnelChart has centred lying bars, for the stages of a pipeline; it has one series.
	FunnelChart
)

// Chart is a native chart over rows of its sheet, which a reader can change in Excel.
type Chart struct {
	Kind  ChartKind
	Title string
	// Category is the key of the column that names the bars.
	Category string
	// Values are the keys of the columns that are drawn: numbers of one unit, so no column of several currencies.
	Values []string
}

// The size of a chart in pixels, and the rows of 20 pixels that it covers with a gap.
const (
	chartWidth, chartHeight = 760, 360
	chartRows               = 20
)

// seriesColors are told apart by colour-blind readers too, and in grey print.
var seriesColors = []string{"1F3A5F", "D98C21", "4E9A9A", "9C4F96", "8A9BAE", "B9433E"}

const funnelColor = "9CB7D8"

func validateCharts(spec SheetSpec) fault.List {
	var faults fault.List
	for n, chart := range spec.Charts {
		path := fmt.Sprintf("charts[%d]", n)
		if chart.Kind < ColumnChart || chart.Kind > FunnelChart {
			faults.Add(path+".kind", "kind", "%d is no chart; give ColumnChart, BarChart or FunnelChart", chart.Kind)
		}
		if indexOf(spec.Columns, chart.Category) < 0 {
			faults.Add(path+".category", "column", "%q is not the key of a column", chart.Category)
		}
		if len(chart.Values) == 0 || chart.Kind == FunnelChart && len(chart.Values) != 1 {
			faults.Add(path+".values", "count", "there are %d series; a funnel has one, other charts one or more", len(chart.Values))
		}
		for i, key := range chart.Values {
			at := indexOf(spec.Columns, key)
			if at < 0 || !slices.Contains([]Kind{KindInteger, KindQuantity, KindMoney, KindPercent}, spec.Columns[at].Kind) {
				faults.Add(fmt.Sprintf("%s.values[%d]", path, i), "column", "%q is not the key of a column of numbers", key)
			} else if spec.Columns[at].CurrencyColumn != "" {
				faults.Add(fmt.Sprintf("%s.values[%d]", path, i), "currency", "%q holds several currencies, which cannot be drawn on one axis", key)
			}
		}
	}
	return faults
}

func indexOf(columns []Column, key string) int {
	return slices.IndexFunc(columns, func(c Column) bool { return c.Key == key })
}

// funnels lists the charts that need a helper column.
func (s *Sheet) funnels() []Chart {
	var funnels []Chart
	for _, c := range s.spec.Charts {
		if c.Kind == FunnelChart {
			funnels = append(funnels, c)
		}
	}
	return funnels
}

// helperLetter is the column of the n-th helper: right of the data, with one column between.
func (s *Sheet) helperLetter(n int) (string, error) {
	return excelize.ColumnNumberToName(len(s.fields) + 2 + n)
}

// chartHelpers gives the cells to append to each sampled row. A funnel is a stacked bar chart
// whose first series is an invisible spacer, half of what the bar lacks to the longest: Excel's own
// funnel is a later extension of the format that other programs do not draw.
func (s *Sheet) chartHelpers() ([][]any, error) {
	funnels := s.funnels()
	if len(funnels) == 0 {
		return nil, nil
	}
	id, err := s.book.style(look{role: hiddenRole, format: ";;;"})
	if err != nil {
		return nil, err
	}
	helpers := make([][]any, len(s.sample))
	last := s.chartLast()
	for _, c := range funnels {
		at := indexOf(s.spec.Columns, c.Values[0])
		var longest decimal.Decimal
		for _, row := range s.sample {
			longest = decimal.Max(longest, row[at].decimal())
		}
		letter := s.fields[at].letter
		for i, row := range s.sample {
			if len(helpers[i]) == 0 {
				helpers[i] = append(helpers[i], nil)
			}
			spacer, _, _ := double(longest.Sub(row[at].decimal()).Div(decimal.NewFromInt(2)))
			helpers[i] = append(helpers[i], excelize.Cell{
				StyleID: id, Value: spacer,
				Formula: fmt.Sprintf("(MAX(%s$2:%s$%d,0)-%s%d)/2", letter, letter, last, letter, i+2),
			})
		}
	}
	return helpers, nil
}

// chartLast is the last row that charts draw.
func (s *Sheet) chartLast() int {
	if s.sample != nil {
		return min(len(s.sample), s.book.rowLimit) + 1
	}
	return min(s.rows, sampleRows) + 1
}

// drawCharts adds the charts below everything else; it must come before the stream is flushed.
func (s *Sheet) drawCharts() error {
	if s.rows == 0 {
		return nil
	}
	row, helper := s.depth+3, 0
	for _, c := range s.spec.Charts {
		chart := s.draw(c)
		if c.Kind == FunnelChart {
			letter, err := s.helperLetter(helper)
			if err != nil {
				return err
			}
			helper++
			spacer := excelize.ChartSeries{
				Name: chart.Series[0].Name, Categories: chart.Series[0].Categories, Values: s.span(letter),
				Fill: excelize.Fill{Type: "pattern"}, // no fill
			}
			chart.Series = append([]excelize.ChartSeries{spacer}, chart.Series...)
		}
		if err := s.book.file.AddChart(s.name, fmt.Sprintf("A%d", row), chart); err != nil {
			return err
		}
		row += chartRows
	}
	return nil
}

// span is the range of a column that charts draw.
func (s *Sheet) span(letter string) string {
	return fmt.Sprintf("'%s'!$%s$2:$%s$%d", s.name, letter, letter, s.chartLast())
}

func (s *Sheet) draw(c Chart) *excelize.Chart {
	gap, language := uint(60), s.book.options.Locale.Language
	chart := &excelize.Chart{
		Dimension: excelize.ChartDimension{Width: chartWidth, Height: chartHeight},
		Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{
			Text: clean(c.Title), Font: &excelize.Font{Bold: true, Size: 13, Color: headColor},
		}}},
		Legend:   excelize.ChartLegend{Position: "none"},
		PlotArea: excelize.ChartPlotArea{ShowVal: true},
		GapWidth: &gap,
		XAxis:    excelize.ChartAxis{Font: excelize.Font{Size: 10, Color: "333333"}},
		YAxis:    excelize.ChartAxis{MajorGridLines: true, Font: excelize.Font{Size: 9, Color: noteColor}},
		Border:   excelize.LineOptions{Type: excelize.LineNone},
	}
	switch c.Kind {
	case ColumnChart:
		chart.Type = excelize.Col
	case BarChart:
		chart.Type, chart.XAxis.ReverseOrder = excelize.Bar, true
	case FunnelChart:
		chart.Type, chart.XAxis.ReverseOrder = excelize.BarStacked, true
		*chart.GapWidth = 15
	}
	if c.Kind != ColumnChart && len(c.Values) == 1 { // each bar carries its figure
		chart.YAxis = excelize.ChartAxis{None: true}
	}
	if len(c.Values) > 1 {
		chart.Legend.Position = "bottom"
		chart.PlotArea.ShowVal = false
	}
	category := s.fields[indexOf(s.spec.Columns, c.Category)].letter
	for i, key := range c.Values {
		color := seriesColors[i%len(seriesColors)]
		if c.Kind == FunnelChart {
			color = funnelColor // light, for the figure stands on it or beyond
		}
		f := s.fields[indexOf(s.spec.Columns, key)]
		chart.Series = append(chart.Series, excelize.ChartSeries{
			Name: fmt.Sprintf("'%s'!$%s$1", s.name, f.letter), Categories: s.span(category), Values: s.span(f.letter),
			Fill: solid(color),
		})
		if i == 0 {
			format := excelize.ChartNumFmt{CustomNumFmt: f.format(language, numberLook{currency: f.Currency, places: f.places})}
			chart.PlotArea.NumFmt, chart.YAxis.NumFmt = format, format
			if c.Kind == FunnelChart { // the figures of the spacer take its cells' format, which shows nothing
				chart.PlotArea.NumFmt.SourceLinked = true
			}
		}
	}
	return chart
}
