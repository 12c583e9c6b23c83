package pdf

import "github.com/crmplus/crmplus/crm/money"

// Heights of the table in mm.
const (
	headHeight    = 7.4
	carriedHeight = 6.6
	rowPadding    = 1.6
	// keptWhole is the height up to which a row moves to the next page rather than being split.
	keptWhole = 75.0
	// orphans are the lines that at least stand on each side of a split.
	orphans = 3
)

// textLine is one line of the description column.
type textLine struct {
	line
	style style
	// gap is extra space above.
	gap float64
}

// row is one line of the quote, measured.
type row struct {
	line  *Line
	cells *cells
	text  []textLine
}

func (r *row) height() float64 {
	h := 2 * rowPadding
	for _, l := range r.text {
		h += l.gap + l.style.leading
	}
	return h
}

// ledger is the table while it is drawn.
type ledger struct {
	*draft
	grid *grid
	// sum is the net of counted lines so far; counted tells whether there is one.
	sum     money.Amount
	counted bool
}

// table draws the lines of the quote over as many pages as they take.
func (d *draft) table() {
	if len(d.doc.Lines) == 0 {
		return
	}
	t := &ledger{draft: d, grid: d.measure()}
	ahead := t.row(0)
	d.y += 5
	if d.y+headHeight+min(ahead.height(), 30)+carriedHeight > foot {
		d.nextPage()
	}
	t.header()
	for i := range d.doc.Lines {
		r := ahead
		keep := 0.0 // what must stay on the page of this row
		if i+1 < len(d.doc.Lines) {
			ahead = t.row(i + 1)
			keep = carriedHeight
			if r.line.Comment { // a heading does not part from what it heads
				keep += min(ahead.height(), 30)
			}
		} else if whole := d.totalsHeight(); r.height()+whole < foot-head-headHeight-carriedHeight && i > 0 {
			keep = whole // totals do not stand alone on a page
		}
		t.place(r, keep)
	}
}

// row measures line i.
func (t *ledger) row(i int) *row {
	l := &t.doc.Lines[i]
	r := &row{line: l, cells: &t.grid.rows[i]}
	width := t.grid.end[colItem] - t.grid.start[colItem]
	if l.Comment {
		width = endEdge - t.grid.start[colItem]
	}
	add := func(text string, st style, gap float64) {
		if text == "" {
			return
		}
		for i, wrapped := range t.set.wrap(text, st, width, auto) {
			if i > 0 {
				gap = 0
			}
			r.text = append(r.text, textLine{wrapped, st, gap})
		}
	}
	add(l.Name, t.looks.name, 0)
	if !l.Comment {
		add(l.Code, t.looks.code, 0)
	}
	add(l.Description, t.looks.detail, 0.3)
	tag := ""
	if l.Optional && !l.Comment {
		tag = t.t("optional")
	}
	if l.Alternative != "" && !l.Comment {
		if tag != "" {
			tag += " · "
		}
		tag += t.t("alternative", l.Alternative)
	}
	add(tag, t.looks.tag, 0.4)
	if len(r.text) == 0 {
		r.text = append(r.text, textLine{style: t.looks.name})
	}
	return r
}

// place draws a row, on a new page where it does not fit, in parts where no page holds it.
func (t *ledger) place(r *row, keep float64) {
	height := r.height()
	if t.y+height+keep <= foot {
		t.part(r, 0, len(r.text), false)
		return
	}
	if height <= keptWhole || keep > carriedHeight && t.y+height+carriedHeight <= foot {
		t.turn()
		t.part(r, 0, len(r.text), false)
		return
	}
	for from := 0; from < len(r.text); {
		n := t.fitting(r, from)
		rest := len(r.text) - from
		if n < rest && n < orphans {
			t.turn()
			continue
		}
		if n < rest && rest-n < orphans {
			n = rest - orphans
		}
		t.part(r, from, from+n, n < rest)
		from += n
		if from < len(r.text) {
			t.turn()
		}
	}
}

// fitting counts the lines of a row that still fit on the page.
func (t *ledger) fitting(r *row, from int) int {
	room := foot - carriedHeight - t.y - 2*rowPadding
	n := 0
	for _, l := range r.text[from:] {
		if room -= l.gap + l.style.leading; room < 0 {
			break
		}
		n++
	}
	return n
}

// turn closes the page with the sum so far and opens the next one with it.
func (t *ledger) turn() {
	if t.counted {
		t.carried("carried")
	}
	t.nextPage()
	t.header()
	if t.counted {
		t.carried("brought")
		t.rule(startEdge, endEdge, t.y, 0.15, t.looks.hair)
	}
}

// header draws the names of the columns.
func (t *ledger) header() {
	t.fill(startEdge-2, t.y, endEdge+2, t.y+headHeight, t.looks.tint)
	t.rule(startEdge-2, endEdge+2, t.y+headHeight, 0.35, t.looks.accent)
	g := t.grid
	y := t.y + 4.7
	for c := range columnCount {
		switch {
		case !g.shown[c]:
		case c == colPosition || c == colItem || c == colUnit:
			t.text(g.start[c], y, g.head[c], g.headStyle)
		default:
			t.figure(g.start[c], g.end[c], y, g.head[c], g.headStyle)
		}
	}
	t.y += headHeight
}

// carried draws the sum of the net amounts so far.
func (t *ledger) carried(key string) {
	st := t.grid.number
	st.face = bold
	label := t.looks.running
	y := t.y + 4.4
	amount, st := t.set.shrink(t.amount(t.sum), st, 60, leftToRight)
	t.figure(min(t.grid.start[colNet], endEdge-amount.width), endEdge, y, amount, st)
	l, label := t.set.fit(t.t(key), label, 60, pageWise)
	t.textEnd(min(t.grid.start[colNet], endEdge-amount.width)-columnGap, y, l, label)
	t.y += carriedHeight
}

// part draws the lines from..to of a row, and its numbers with the first of them. A row that goes on
// on the next page has no rule below.
func (t *ledger) part(r *row, from, to int, goesOn bool) {
	top := t.y
	t.y += rowPadding
	for i, l := range r.text[from:to] {
		t.y += l.gap + l.style.leading
		if i == 0 && from == 0 {
			t.numbers(r, t.y-1.1)
		}
		t.text(t.grid.start[colItem], t.y-1.1, l.line, l.style)
	}
	t.y += rowPadding
	if t.y < top+2*rowPadding+t.looks.name.leading {
		t.y = top + 2*rowPadding + t.looks.name.leading
	}
	if !goesOn {
		t.rule(startEdge, endEdge, t.y, 0.15, t.looks.hair)
	}
}

// numbers draws the cells of a row on the base line y and counts its net.
func (t *ledger) numbers(r *row, y float64) {
	g := t.grid
	for c := range columnCount {
		l := r.cells.text[c]
		if l.text == "" {
			continue
		}
		st := g.number
		if r.cells.size[c] > 0 {
			st.size = r.cells.size[c]
		}
		if c == colPosition || r.line.Optional {
			st.ink = t.looks.muted
		}
		switch c {
		case colPosition, colUnit:
			t.text(g.start[c], y, l, st)
		case colQuantity, colPrice:
			shift := 0.0
			if r.cells.fraction[c] >= 0 { // separators below separators
				shift = g.fraction[c] - r.cells.fraction[c]
			}
			if t.mirror {
				t.figure(g.start[c]+shift, g.end[c], y, l, st)
			} else {
				t.figure(g.start[c], g.end[c]-shift, y, l, st)
			}
		default:
			t.figure(g.start[c], g.end[c], y, l, st)
		}
	}
	if !r.line.Optional && !r.line.Comment {
		t.sum = t.sum.Add(r.line.Net)
		t.counted = true
	}
}
