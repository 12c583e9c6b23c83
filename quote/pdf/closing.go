package pdf

// Heights in mm of what follows the terms.
const (
	acceptHeight    = 16.0
	signatureHeight = 33.0
	closingKept     = 130.0
)

// closing draws what follows the totals: terms, closing words, the way to accept, who answers. The
// last three stay together, so that nobody signs an empty page.
func (d *draft) closing() {
	d.terms()
	var lines []line
	if d.doc.ClosingText != "" {
		lines = d.set.wrap(d.doc.ClosingText, d.looks.body, endEdge-startEdge, auto)
	}
	height := 6 + float64(len(lines))*d.looks.body.leading
	if d.doc.AcceptLink != "" {
		height += acceptHeight
	}
	if d.doc.Signatory.Name != "" {
		height += signatureHeight
	}
	if height <= closingKept {
		d.need(height)
	}
	if len(lines) > 0 {
		d.y += 6
		d.paragraphs(startEdge, lines, d.looks.body)
	}
	d.accept()
	d.signature()
}

// terms are a list: labels in one column, texts beside them.
func (d *draft) terms() {
	if len(d.doc.Terms) == 0 {
		return
	}
	const textStart = startEdge + 36
	head, name, st := d.looks.label, d.looks.name, d.looks.detail
	name.size, name.leading, st.size, st.leading = 8, 4.2, 8, 4.2
	d.y += 8
	d.need(6 + 3*st.leading)
	d.text(startEdge, d.y+2.6, d.label(d.t("terms"), head), head)
	d.y += 4.4
	d.rule(startEdge, endEdge, d.y, 0.25, d.looks.accent)
	d.y += 1
	for _, term := range d.doc.Terms {
		labels := d.set.atMost(4, term.Label, name, textStart-startEdge-columnGap)
		lines := d.set.wrap(term.Text, st, endEdge-textStart, auto)
		d.y += 0.8
		d.need(max(float64(len(labels))*name.leading, min(2, float64(len(lines)))*st.leading))
		top, page := d.y, d.page
		for i, l := range labels {
			d.text(startEdge, top+float64(i+1)*name.leading-1.2, l, name)
		}
		d.paragraphs(textStart, lines, st)
		if page == d.page {
			d.y = max(d.y, top+float64(len(labels))*name.leading)
		}
	}
}

// accept draws a button that opens the page of the quote, and its address for those who hold paper.
func (d *draft) accept() {
	if d.doc.AcceptLink == "" {
		return
	}
	target, err := linkTarget(d.doc.AcceptLink)
	if err != nil { // checked before
		return
	}
	const height, inner = acceptHeight - 7, 6.0
	d.y += 7
	d.need(height)
	st := d.looks.strong
	st.ink = d.looks.accent
	l, st := d.set.fit(d.t("accept"), st, 70, pageWise)
	width := l.width + 2*inner
	d.frame(startEdge, d.y, startEdge+width, d.y+height, d.looks.accent)
	d.text(startEdge+inner, d.y+5.7, l, st)
	d.link(startEdge, d.y, startEdge+width, d.y+height, target)
	address, small := d.set.fit(target, d.looks.running, endEdge-startEdge-width-5, leftToRight)
	d.text(startEdge+width+5, d.y+5.6, address, small)
	d.link(startEdge+width+5, d.y+2, startEdge+width+5+address.width, d.y+height-2, target)
	d.y += height
}

// signature draws the line to sign on, and who signs.
func (d *draft) signature() {
	g := &d.doc.Signatory
	if g.Name == "" {
		return
	}
	const width = 66.0
	d.y += 6
	d.need(signatureHeight - 6)
	d.y += 12
	d.rule(startEdge, startEdge+width, d.y, 0.2, d.looks.muted)
	d.y += 0.6
	row := func(text string, st style, dir direction) {
		if text == "" {
			return
		}
		d.y += 4.3
		l, st := d.set.fit(text, st, width, dir)
		d.text(startEdge, d.y-0.3, l, st)
	}
	row(g.Name, d.looks.strong, auto)
	row(g.Title, d.looks.detail, auto)
	row(d.doc.Seller.Name, d.looks.detail, auto)
}
