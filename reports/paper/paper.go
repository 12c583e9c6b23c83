// Package paper draws a dashboard on paper: a lying A4 page of tiles, each with its figure, how it moved and its
// chart, and behind it pages with the tables of which the charts are made.
//
// It is a pure renderer like package quote/pdf, whose fonts and care for right-to-left text it shares: a [Board] holds
// words that are written for its reader already, and sizes from 0 to 1 for what is drawn. In Hebrew the page is
// mirrored, the lines of time with it: the first month stands at the right.
package paper

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/quote/pdf"
)

// MaxTiles is how many tiles a board has at most.
const MaxTiles = 48

// maxRows is how many rows of a table are printed; the others are counted.
const maxRows = 100

// Board is one dashboard.
type Board struct {
	Language locale.Language
	// Company stands small above the title, Period and Filter below it.
	Company, Title, Period, Filter string
	// Note stands below the tiles of the first page, in two lines at most; a board without tiles has it alone.
	Note string
	// Made stands at the foot of each page; At is the same instant for the file.
	Made  string
	At    time.Time
	Tiles []Tile
}

// Tile is one figure.
type Tile struct {
	Name, Value string
	Change      Change
	// By names what the parts are of.
	By    string
	Parts []Part
	// Trend draws the parts as a line, else as bars.
	Trend bool
	// Grid are the values at the side of a line, from the lowest.
	Grid []string
	// Rows are what the table behind the chart has.
	Rows []Row
}

// Change is how a figure moved.
type Change struct {
	Text string
	// Mood is positive for what is good, negative for what is bad.
	Mood int
}

// Part is a bar or a point of a chart.
type Part struct {
	Label, Value string
	// Size is its share of the largest one, or of the top of the grid.
	Size float64
}

// Row is a row of a table.
type Row struct{ Label, Value string }

// The page in mm.
const (
	edge   = 12.0
	right  = pdf.PaperWidth - edge
	top    = 33.0
	bottom = 196.0
	gap    = 5.0
)

var (
	ink    = pdf.Color{R: 29, G: 33, B: 38}
	soft   = pdf.Color{R: 73, G: 80, B: 87}
	muted  = pdf.Color{R: 104, G: 111, B: 118}
	hair   = pdf.Color{R: 216, G: 220, B: 225}
	accent = pdf.Color{R: 29, G: 78, B: 216}
	good   = pdf.Color{R: 20, G: 108, B: 67}
	bad    = pdf.Color{R: 176, G: 42, B: 55}
)

// Render writes the board as a PDF file; nothing is written when something is wrong.
func Render(w io.Writer, b Board) error {
	var faults fault.List
	if _, known := locale.ParseLanguage(string(b.Language)); !known {
		faults.Add("language", "choice", "%.20q is not a language that is printed; choose one of %v", b.Language, locale.Languages)
	}
	if len(b.Tiles) == 0 && b.Note == "" || len(b.Tiles) > MaxTiles {
		faults.Add("tiles", "list.length", "are %d; give 1 to %d", len(b.Tiles), MaxTiles)
	}
	if err := faults.Err("the dashboard cannot be printed"); err != nil {
		return err
	}
	p, err := pdf.NewPaper(b.Title+" – "+b.Period, b.Language, b.At)
	if err != nil {
		return err
	}
	d := &drawing{p, b, 0}
	if len(b.Tiles) == 0 {
		d.page()
	}
	columns, rows := grid(len(b.Tiles))
	wide, high := (right-edge-gap*float64(columns-1))/float64(columns), (bottom-top-gap*float64(rows-1))/float64(rows)
	for i, t := range b.Tiles {
		at := i % (columns * rows)
		if at == 0 {
			d.page()
		}
		x, y := edge+float64(at%columns)*(wide+gap), top+float64(at/columns)*(high+gap)
		d.tile(t, box{x, y, x + wide, y + high})
	}
	d.tables()
	return p.Write(w)
}

// grid is how many tiles stand beside and below each other on one page.
func grid(tiles int) (columns, rows int) {
	for _, g := range [][2]int{{1, 1}, {2, 1}, {2, 2}, {3, 2}, {4, 2}, {3, 3}} {
		if tiles <= g[0]*g[1] {
			return g[0], g[1]
		}
	}
	return 4, 3
}

// drawing is one board on its way to paper.
type drawing struct {
	*pdf.Paper
	b      Board
	number int
}

// box is a piece of a page.
type box struct{ x, y, x2, y2 float64 }

func text(s string, size float64, c pdf.Color) pdf.Text {
	return pdf.Text{Text: s, Face: pdf.Face{Size: size, Ink: c}}
}

func strong(s string, size float64, c pdf.Color) pdf.Text {
	return pdf.Text{Text: s, Face: pdf.Face{Size: size, Ink: c, Bold: true}}
}

func named(t pdf.Text) pdf.Text {
	t.Named = true
	return t
}

// page begins a page with its head and foot.
func (d *drawing) page() {
	d.Next()
	d.number++
	d.Text(edge, right-60, edge+4, named(text(d.b.Company, 8, muted)))
	d.Text(edge, right-90, edge+12, strong(d.b.Title, 16, ink))
	d.TextEnd(right-90, right, edge+6, strong(d.b.Period, 10, ink))
	d.TextEnd(right-140, right, edge+12, text(d.b.Filter, 8, soft))
	d.Rule(edge, right, edge+16, 0.3, hair)
	if d.number == 1 {
		d.note()
	}
	d.Text(edge, right-30, pdf.PaperHeight-7, text(d.b.Made, 7.5, muted))
	d.TextEnd(right-30, right, pdf.PaperHeight-7, text(fmt.Sprint(d.number), 7.5, muted))
}

// note draws the note of the board; what does not fit into the second line is cut there.
func (d *drawing) note() {
	words := strings.Fields(d.b.Note)
	line := func(y float64, words []string) { d.Text(edge, right, y, text(strings.Join(words, " "), 6.5, soft)) }
	n := len(words)
	for n > 1 && d.Width(text(strings.Join(words[:n], " "), 6.5, soft)) > right-edge {
		n--
	}
	line(bottom+2.9, words[:n])
	if n < len(words) {
		line(bottom+5.6, words[n:])
	}
}

func (d *drawing) tile(t Tile, at box) {
	d.Frame(at.x, at.y, at.x2, at.y2, hair)
	in := box{at.x + 4, at.y + 4, at.x2 - 4, at.y2 - 4}
	d.Text(in.x, in.x2, in.y+3, strong(t.Name, 9, soft))
	value := strong(t.Value, 16, ink)
	wide := min(d.Width(value), in.x2-in.x)
	d.Text(in.x, in.x2, in.y+11.5, value)
	if t.Change.Text != "" {
		c := muted
		switch {
		case t.Change.Mood > 0:
			c = good
		case t.Change.Mood < 0:
			c = bad
		}
		moved, x, y := text(t.Change.Text, 8, c), in.x+wide+3, in.y+11.5
		if x+d.Width(moved) > in.x2 {
			x, y = in.x, y+4.5
		}
		d.Text(x, in.x2, y, moved)
	}
	if len(t.Parts) == 0 {
		return
	}
	chart := box{in.x, in.y + 20, in.x2, in.y2}
	if t.Trend {
		d.line(t, chart)
		return
	}
	d.bars(t, chart)
}

// bars draws as many bars as have room.
func (d *drawing) bars(t Tile, at box) {
	step := max(6.4, min(9, (at.y2-at.y)/float64(len(t.Parts))))
	label := (at.x2 - at.x) * 0.4
	for i, part := range t.Parts {
		y := at.y + float64(i)*step
		if y+step > at.y2+1 {
			return
		}
		d.TextEnd(at.x, at.x+label, y+3.7, named(text(part.Label, 7.5, soft)))
		from := at.x + label + 2
		room := at.x2 - from
		value := strong(part.Value, 7.5, ink)
		length := max(0.4, part.Size*(room-18))
		d.Fill(from, y+0.6, from+length, y+4.8, accent)
		d.Text(from+length+1.5, at.x2+1, y+3.7, value)
	}
}

// line draws parts over time. Months stand below it as far as they do not touch.
func (d *drawing) line(t Tile, at box) {
	left, low := at.x+16, at.y2-6
	high := low - at.y
	for i, value := range t.Grid {
		y := low - high*float64(i)/float64(max(1, len(t.Grid)-1))
		d.Rule(left, at.x2, y, 0.15, hair)
		d.TextEnd(at.x-2, left-1.5, y+1, text(value, 6.5, muted))
	}
	points := make([]pdf.Point, len(t.Parts))
	for i, part := range t.Parts {
		points[i] = pdf.Point{X: left + 3 + (at.x2-left-6)*float64(i)/float64(max(1, len(t.Parts)-1)), Y: low - high*part.Size}
	}
	d.Line(points, accent)
	taken := 0.0
	for i, part := range t.Parts {
		month := text(part.Label, 6.5, muted)
		half := d.Width(month) / 2
		if x := points[i].X; x-half > taken {
			d.Middle(x, at.y2-1, month)
			taken = x + half + 1
		}
	}
}

// tables draws the rows behind the charts in columns, one table below the other.
func (d *drawing) tables() {
	const columns, step = 4, 4.6
	wide := (right - edge - gap*(columns-1)) / columns
	column, y := columns, bottom
	need := func(height float64) {
		if y+height <= bottom {
			return
		}
		if column++; column >= columns {
			d.page()
			column = 0
		}
		y = top
	}
	for _, t := range d.b.Tiles {
		if len(t.Rows) == 0 {
			continue
		}
		head := func(x float64) {
			d.Text(x, x+wide, y+3.4, strong(t.Name, 8.5, ink))
			d.Text(x, x+wide, y+7.4, text(t.By, 7, muted))
			d.Rule(x, x+wide, y+8.6, 0.3, soft)
			y += 9
		}
		place := func() float64 { return edge + float64(column)*(wide+gap) }
		need(9 + 2*step)
		head(place())
		for i, row := range t.Rows {
			if y+step > bottom {
				need(9 + step)
				head(place())
			}
			x := place()
			if i == maxRows {
				d.Text(x, x+wide, y+3.3, text(fmt.Sprintf("… + %d", len(t.Rows)-i), 7.5, muted))
				y += step
				break
			}
			d.Text(x, x+wide*0.6, y+3.3, named(text(row.Label, 7.5, soft)))
			d.Number(x+wide*0.6+1, x+wide, y+3.3, text(row.Value, 7.5, ink))
			d.Rule(x, x+wide, y+step-0.1, 0.1, hair)
			y += step
		}
		y += gap
	}
}
