package pdf

import (
	"bytes"
	"io"
	"time"

	"github.com/jung-kurt/gofpdf"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// The size of a [Paper] in mm: A4, lying.
const (
	PaperWidth  = 297.0
	PaperHeight = 210.0
)

// Paper is a document of lying A4 pages that is drawn by another package, in the fonts of quotes and with their care
// for every script: texts are cleaned, ordered, and set smaller or cut where they do not fit. All places are in mm
// from the upper corner at the start of the line, the right one in Hebrew; nothing is written before [Paper.Write].
type Paper struct {
	s    *sheet
	lang locale.Language
}

// Face is how a text of a [Paper] looks.
type Face struct {
	// Size is in points.
	Size float64
	Bold bool
	Ink  Color
}

func (f Face) style() style {
	st := style{size: f.Size, ink: f.Ink}
	if f.Bold {
		st.face = bold
	}
	return st
}

// NewPaper begins a document. The same calls give the same bytes.
func NewPaper(title string, l locale.Language, made time.Time) (*Paper, error) {
	table, err := advances()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the page cannot be drawn")
	}
	mirror := l.RightToLeft()
	f := gofpdf.New("L", "mm", "A4", "")
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	f.SetCatalogSort(true)
	if err := load(f); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the page cannot be drawn")
	}
	f.SetTitle(cleanLine(title), true)
	f.SetProducer("CRM+", true)
	f.SetCreationDate(made)
	f.SetModificationDate(made)
	set := &setter{advances: table, rightToLeft: mirror}
	return &Paper{&sheet{f: f, mirror: mirror, wide: PaperWidth, set: set, begin: func() {}}, l}, nil
}

// Next begins a page.
func (p *Paper) Next() { p.s.nextPage() }

// Text draws one line from x to at most x2 on the base line y.
func (p *Paper) Text(x, x2, y float64, text Text) {
	l, st := p.fit(x2-x, text)
	p.s.text(x, y, l, st)
}

// TextEnd draws one line that ends at x2.
func (p *Paper) TextEnd(x, x2, y float64, text Text) {
	l, st := p.fit(x2-x, text)
	p.s.textEnd(x2, y, l, st)
}

// Number draws a number that ends at the right side of its room in every language, so that ones stand below ones.
func (p *Paper) Number(x, x2, y float64, text Text) {
	l, st := p.s.set.shrink(cleanLine(text.Text), text.Face.style(), x2-x, pageWise)
	p.s.figure(x, x2, y, l, st)
}

// Middle draws one line around x.
func (p *Paper) Middle(x, y float64, text Text) {
	l := p.s.set.one(cleanLine(text.Text), text.Face.style(), pageWise)
	p.s.text(x-l.width/2, y, l, text.Face.style())
}

// Text is a text with its face. Named ones are names that people or files gave, which are read in their own direction;
// others are read in that of the page.
type Text struct {
	Text  string
	Face  Face
	Named bool
}

func (p *Paper) fit(room float64, t Text) (line, style) {
	d := pageWise
	if t.Named {
		d = auto
	}
	return p.s.set.fit(cleanLine(t.Text), t.Face.style(), room, d)
}

// Width measures a text in mm.
func (p *Paper) Width(t Text) float64 { return p.s.set.width(cleanLine(t.Text), t.Face.style()) }

// Fill draws a filled rectangle from one corner to the other.
func (p *Paper) Fill(x, y, x2, y2 float64, c Color) { p.s.fill(x, y, x2, y2, c) }

// Frame draws a rectangle with rounded corners.
func (p *Paper) Frame(x, y, x2, y2 float64, c Color) { p.s.frame(x, y, x2, y2, c) }

// Rule draws a horizontal line.
func (p *Paper) Rule(x, x2, y, thickness float64, c Color) { p.s.rule(x, x2, y, thickness, c) }

// Point is a place on a page.
type Point struct{ X, Y float64 }

// Line draws a line through points, with a dot at each.
func (p *Paper) Line(points []Point, c Color) {
	s := p.s
	s.f.SetDrawColor(int(c.R), int(c.G), int(c.B))
	s.f.SetFillColor(int(c.R), int(c.G), int(c.B))
	s.f.SetLineWidth(0.5)
	at := func(q Point) (float64, float64) {
		if s.mirror {
			return s.wide - q.X, q.Y
		}
		return q.X, q.Y
	}
	for i, q := range points {
		x, y := at(q)
		if i > 0 {
			x0, y0 := at(points[i-1])
			s.f.Line(x0, y0, x, y)
		}
		s.f.Circle(x, y, 0.7, "F")
	}
}

// Write completes the document.
func (p *Paper) Write(w io.Writer) error {
	var b bytes.Buffer
	if err := p.s.f.Output(&b); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the page cannot be drawn")
	}
	file, err := finish(b.Bytes(), p.lang)
	if err != nil {
		return err
	}
	_, err = w.Write(file)
	return err
}
