package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/reports/paper"
)

// Charts are SVG, drawn here and readable without colour: each bar and line carries its words and a pattern
// of its own, and a table with the same figures stands behind it.

// bars are horizontal bars, one above the other, in the order of their rows.
type bars struct {
	// Title and Description are read out.
	Title, Description string
	Rows               []barRow
	Height             int
}

type barRow struct {
	Label, Value, Note, Path string
	// Y is where the row begins, Width of the bar out of barRoom, TextX where its value stands.
	Y, Width, TextX int
}

// Short is the label as far as it fits into its room.
func (r barRow) Short() string {
	if runes := []rune(r.Label); len(runes) > barLetters {
		return strings.TrimSpace(string(runes[:barLetters-1])) + "…"
	}
	return r.Label
}

const (
	barLetters = 16
	barLabel   = 128 // the room of labels
	barRoom    = 240 // the room of the longest bar
	barStep    = 34
)

// newBars scales the rows to the largest of sizes.
func newBars(title, description string, rows []barRow, sizes []decimal.Decimal) bars {
	most := decimal.Zero
	for _, s := range sizes {
		if s.GreaterThan(most) {
			most = s
		}
	}
	for i := range rows {
		rows[i].Y = i * barStep
		if most.IsPositive() && sizes[i].IsPositive() {
			rows[i].Width = max(2, int(sizes[i].Mul(decimal.NewFromInt(barRoom)).Div(most).IntPart()))
		}
		rows[i].TextX = barLabel + rows[i].Width + 8
	}
	return bars{Title: title, Description: description, Rows: rows, Height: len(rows)*barStep + 4}
}

// lines are several series over the same points in time.
type lines struct {
	Title, Description string
	Series             []series
	// Ticks are below the points, Years below those; Grid are the values at the side.
	Ticks, Years []tick
	Grid         []tick
	// Linked says that points lead to what stands behind them.
	Linked bool
}

type series struct {
	Name, Class string
	Points      string
	Dots        []dot
	// EndX and EndY are where the name stands, at the last point.
	EndX, EndY int
}

type dot struct {
	X, Y       int
	Text, Path string
}

type tick struct {
	X, Y int
	Text string
}

const (
	lineLeft, lineTop, lineWidth, lineHeight = 66, 12, 332, 170
)

// lineData is one series before it is drawn: a value and its words for each point.
type lineData struct {
	Name   string
	Values []decimal.Decimal
	Texts  []string
	// Paths are what stands behind the points, where they lead anywhere.
	Paths []string
}

// newLines draws series from zero to a round number above the largest value. A label may have a year behind a
// blank; axis writes a mark at the side, the highest of which is top, in one form with the others.
func newLines(title, description string, labels []string, data []lineData, axis func(mark, top decimal.Decimal) string) lines {
	most := decimal.NewFromInt(1)
	for _, d := range data {
		for _, value := range d.Values {
			if value.GreaterThan(most) {
				most = value
			}
		}
	}
	top := paper.Top(most)
	out := lines{Title: title, Description: description}
	x := func(i int) int { return lineLeft + i*lineWidth/max(1, len(labels)-1) }
	y := func(v decimal.Decimal) int {
		return lineTop + lineHeight - int(v.Mul(decimal.NewFromInt(lineHeight)).Div(top).IntPart())
	}
	for i := range 5 {
		value := top.Mul(decimal.NewFromInt(int64(i))).Div(decimal.NewFromInt(4))
		out.Grid = append(out.Grid, tick{X: lineLeft - 8, Y: y(value), Text: axis(value, top)})
	}
	for i, label := range labels {
		label, year, _ := strings.Cut(label, " ")
		out.Ticks = append(out.Ticks, tick{X: x(i), Y: lineTop + lineHeight + 18, Text: label})
		if year != "" && (i > 0 || len(labels) < 2 || !strings.Contains(labels[1], " ")) { // two years side by side have no room
			out.Years = append(out.Years, tick{X: x(i), Y: lineTop + lineHeight + 34, Text: year})
		}
	}
	ends := make([]int, len(data))
	for n, d := range data {
		one := series{Name: d.Name, Class: fmt.Sprintf("s%d", n+1)}
		points := make([]string, len(d.Values))
		for i, value := range d.Values {
			points[i] = fmt.Sprintf("%d,%d", x(i), y(value))
			point := dot{X: x(i), Y: y(value), Text: d.Name + ", " + labels[i] + ": " + d.Texts[i]}
			if d.Paths != nil {
				point.Path, out.Linked = d.Paths[i], true
			}
			one.Dots = append(one.Dots, point)
		}
		one.Points = strings.Join(points, " ")
		if last := len(d.Values) - 1; last >= 0 {
			one.EndX, ends[n] = x(last)+8, y(d.Values[last])+4
		}
		out.Series = append(out.Series, one)
	}
	for n, end := range spread(ends, nameRoom, lineTop+4, lineTop+lineHeight+4) {
		out.Series[n].EndY = end
	}
	return out
}

// nameRoom is how far apart the names at the ends of lines stand.
const nameRoom = 15

// spread moves the names at the ends of lines so far apart that none stands on another, in the order of their
// lines and between low and high.
func spread(ends []int, room, low, high int) []int {
	order := make([]int, len(ends))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return ends[a] - ends[b] })
	out := slices.Clone(ends)
	floor := low
	for _, i := range order {
		out[i] = max(out[i], floor)
		floor = out[i] + room
	}
	ceiling := high
	for _, i := range slices.Backward(order) {
		out[i] = min(out[i], ceiling)
		ceiling = out[i] - room
	}
	return out
}

// clip is the beginning of a text that has no more room.
func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
