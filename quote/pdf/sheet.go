package pdf

import (
	"bytes"

	"github.com/jung-kurt/gofpdf"
)

// The page in mm. Horizontal places count from the start edge: the left one, in Hebrew the right.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	startEdge  = 25.0  // DIN 5008: 25 mm on the binding side
	endEdge    = 190.0 // and 20 mm on the other
	foot       = 266.0 // where the content of a page ends
	head       = 25.0  // where it begins on the second and later pages
)

// sheet draws on the pages of one document and knows the place reached.
type sheet struct {
	f      *gofpdf.Fpdf
	set    *setter
	looks  looks
	mirror bool
	// wide is the width of the page.
	wide float64
	// y is the lower end of what is drawn on the current page.
	y    float64
	page int
	// begin draws what stands on each new page before its content.
	begin func()

	font   style // as selected in gofpdf
	chosen bool
	ink    Color
	inked  bool
	// trace takes every mark that is drawn where it is not nil: for golden files and benchmarks.
	trace *[]mark
}

// mark is one thing drawn, in mm from the upper left corner.
type mark struct {
	page         int
	kind         markKind
	x, y, x2, y2 float64
	style        style
	text         string
	color        Color
	lineWidth    float64
}

type markKind uint8

const (
	markText markKind = iota
	markRule
	markFill
	markFrame
	markLink
	markImage
)

// looks are the styles of a document.
type looks struct {
	accent, tint, ink, soft, muted, hair Color

	heading, subject, body, strong, label, small, smallStrong, tag, name, detail, code, number, total, grand, running style
}

func newLooks(accent Color) looks {
	if accent == (Color{}) {
		accent = Color{30, 73, 118}
	}
	accent = legible(accent)
	l := looks{
		accent: accent, tint: mix(accent, Color{255, 255, 255}, 0.07),
		ink: Color{29, 33, 38}, soft: Color{73, 80, 87}, muted: Color{104, 111, 118}, hair: Color{216, 220, 225},
	}
	l.heading = style{bold, 17, 7.5, l.ink}
	l.subject = style{bold, 10.5, 5.2, accent}
	l.body = style{regular, 9, 4.7, l.ink}
	l.strong = style{bold, 9, 4.7, l.ink}
	l.label = style{bold, 7.2, 3.6, accent}
	l.small = style{regular, 7, 3.5, l.muted}
	l.smallStrong = style{bold, 7, 3.5, l.soft}
	l.tag = style{bold, 6.6, 3.6, accent}
	l.name = style{bold, 8.6, 4.1, l.ink}
	l.detail = style{regular, 7.9, 3.9, l.soft}
	l.code = style{regular, 7.2, 3.7, l.muted}
	l.number = style{regular, 8.4, 4.1, l.ink}
	l.total = style{regular, 9, 5.4, l.ink}
	l.grand = style{bold, 11, 5.4, Color{255, 255, 255}}
	l.running = style{regular, 7.5, 3.6, l.muted}
	return l
}

// text draws a line whose start is at x on the base line y.
func (s *sheet) text(x, y float64, l line, st style) {
	if s.mirror {
		x = s.wide - x - l.width
	}
	s.print(x, y, l, st)
}

// textEnd draws a line whose end is at x.
func (s *sheet) textEnd(x, y float64, l line, st style) { s.text(x-l.width, y, l, st) }

// figure draws a number at the right side of the cell from x to x2, in every language: ones stand
// below ones.
func (s *sheet) figure(x, x2, y float64, l line, st style) {
	right := x2
	if s.mirror {
		right = s.wide - x
	}
	s.print(right-l.width, y, l, st)
}

func (s *sheet) print(x, y float64, l line, st style) {
	if l.text == "" {
		return
	}
	if !s.chosen || s.font.face != st.face || s.font.size != st.size {
		_, fontStyle := st.face.ttf()
		s.f.SetFont(family, fontStyle, st.size)
		s.font, s.chosen = st, true
	}
	if !s.inked || s.ink != st.ink {
		s.f.SetTextColor(int(st.ink.R), int(st.ink.G), int(st.ink.B))
		s.ink, s.inked = st.ink, true
	}
	s.f.Text(x, y, l.text)
	s.record(mark{kind: markText, x: x, y: y, x2: l.width, style: st, text: l.text})
}

// rule draws a horizontal line of the given thickness.
func (s *sheet) rule(x, x2, y, thickness float64, c Color) {
	if s.mirror {
		x, x2 = s.wide-x2, s.wide-x
	}
	s.f.SetDrawColor(int(c.R), int(c.G), int(c.B))
	s.f.SetLineWidth(thickness)
	s.f.Line(x, y, x2, y)
	s.record(mark{kind: markRule, x: x, y: y, x2: x2, y2: y, color: c, lineWidth: thickness})
}

// fill draws a filled rectangle.
func (s *sheet) fill(x, y, x2, y2 float64, c Color) {
	if s.mirror {
		x, x2 = s.wide-x2, s.wide-x
	}
	s.f.SetFillColor(int(c.R), int(c.G), int(c.B))
	s.f.Rect(x, y, x2-x, y2-y, "F")
	s.record(mark{kind: markFill, x: x, y: y, x2: x2, y2: y2, color: c})
}

// frame draws a rectangle with rounded corners.
func (s *sheet) frame(x, y, x2, y2 float64, c Color) {
	if s.mirror {
		x, x2 = s.wide-x2, s.wide-x
	}
	s.f.SetDrawColor(int(c.R), int(c.G), int(c.B))
	s.f.SetLineWidth(0.35)
	s.f.RoundedRect(x, y, x2-x, y2-y, 1.2, "1234", "D")
	s.record(mark{kind: markFrame, x: x, y: y, x2: x2, y2: y2, color: c, lineWidth: 0.35})
}

// link makes a rectangle open an address.
func (s *sheet) link(x, y, x2, y2 float64, target string) {
	if s.mirror {
		x, x2 = s.wide-x2, s.wide-x
	}
	s.f.LinkString(x, y, x2-x, y2-y, target)
	s.record(mark{kind: markLink, x: x, y: y, x2: x2, y2: y2, text: target})
}

// image draws a picture into a box, at its upper start corner, as large as fits, and gives its height.
func (s *sheet) image(p *picture, x, y, width, height float64) float64 {
	w, h := width, width*float64(p.height)/float64(p.width)
	if h > height {
		w, h = height*float64(p.width)/float64(p.height), height
	}
	options := gofpdf.ImageOptions{ImageType: p.kind}
	s.f.RegisterImageOptionsReader("logo", options, bytes.NewReader(p.data))
	if s.mirror {
		x = s.wide - x - w
	}
	s.f.ImageOptions("logo", x, y, w, h, false, options, 0, "")
	s.record(mark{kind: markImage, x: x, y: y, x2: x + w, y2: y + h})
	return h
}

func (s *sheet) record(m mark) {
	if s.trace != nil {
		m.page = s.page
		*s.trace = append(*s.trace, m)
	}
}

// nextPage begins a page and draws its beginning.
func (s *sheet) nextPage() {
	s.f.AddPage()
	s.page++
	s.chosen, s.inked = false, false
	s.y = head
	s.begin()
}

// turnTo goes back to a page that is complete, to draw its footer.
func (s *sheet) turnTo(page int) {
	s.f.SetPage(page)
	s.page = page
	s.chosen, s.inked = false, false
}

// need begins a new page where less than the given height is left, and reports whether it did.
func (s *sheet) need(height float64) bool {
	if s.y+height <= foot {
		return false
	}
	s.nextPage()
	return true
}

// paragraphs draws wrapped lines from x, over as many pages as they take. Two lines at least stay
// together at the foot of a page.
func (s *sheet) paragraphs(x float64, lines []line, st style) {
	for i, l := range lines {
		if i == 0 {
			s.need(min(2, float64(len(lines))) * st.leading)
		} else {
			s.need(st.leading)
		}
		s.y += st.leading
		s.text(x, s.y-0.28*st.leading, l, st)
	}
}

// label sets a text of the catalogue.
func (s *sheet) label(text string, st style) line { return s.set.one(text, st, pageWise) }

// legible darkens a colour until it can be read on white and white can be read on it.
func legible(c Color) Color {
	for contrast(c) < 4.5 {
		c = mix(c, Color{}, 0.95)
	}
	return c
}

// mix gives share of a and the rest of b.
func mix(a, b Color, share float64) Color {
	channel := func(x, y uint8) uint8 { return uint8(float64(x)*share + float64(y)*(1-share)) }
	return Color{channel(a.R, b.R), channel(a.G, b.G), channel(a.B, b.B)}
}
