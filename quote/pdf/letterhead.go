package pdf

import (
	"strconv"
	"strings"
)

// beginPage draws the watermark of drafts and, from the second page on, the running head.
func (d *draft) beginPage() {
	if d.doc.Draft {
		d.watermark()
	}
	if d.page == 1 {
		return
	}
	st := d.looks.running
	who, _ := d.set.fit(d.doc.Addressee.Name, st, 75, auto)
	what := d.headline()
	if date := d.lang.Date(d.doc.IssueDate); date != "" {
		what += " · " + date
	}
	l, whatStyle := d.set.fit(what, st, 85, pageWise)
	d.text(startEdge, 14.5, l, whatStyle)
	d.textEnd(endEdge, 14.5, who, st)
	d.rule(startEdge, endEdge, 17.2, 0.15, d.looks.hair)
}

// watermark is drawn first, below everything else.
func (d *draft) watermark() {
	st := style{bold, 92, 0, Color{240, 241, 243}}
	l, st := d.set.fit(d.t("draft"), st, 220, pageWise)
	d.f.TransformBegin()
	d.f.TransformRotate(52, pageWidth/2, pageHeight/2)
	d.print((pageWidth-l.width)/2, pageHeight/2+st.size*point*0.36, l, st)
	d.f.TransformEnd()
	d.chosen, d.inked = false, false
}

// letterhead draws the first page down to the table: mark, address, facts, heading, cover text.
func (d *draft) letterhead() {
	d.wordmark()
	end := max(d.address(), d.facts())
	d.y = max(end+8, 101)
	d.heading()
	if d.doc.CoverText != "" {
		d.y += 2.5
		d.paragraphs(startEdge, d.set.wrap(d.doc.CoverText, d.looks.body, endEdge-startEdge, auto), d.looks.body)
	}
}

// wordmark draws the logo, or the seller's name where there is none.
func (d *draft) wordmark() {
	if len(d.doc.Seller.Logo) > 0 {
		if p, err := prepare(d.doc.Seller.Logo); err == nil { // checked before
			d.image(p, startEdge, 15, 60, 20)
			return
		}
	}
	st := style{bold, 16, 7, d.looks.accent}
	l, st := d.set.fit(d.doc.Seller.Name, st, endEdge-startEdge, auto)
	d.text(startEdge, 25, l, st)
}

// address fills the window of DIN 5008 form B, 85 mm wide from 20 mm and 45 mm high from 45 mm: the
// sender in one small line, then the addressee. It gives its lower end.
func (d *draft) address() float64 {
	const width = 80.0
	s, a := &d.doc.Seller, &d.doc.Addressee
	sender := strings.Join(append([]string{s.Name}, filled(s.AddressLines)...), " · ")
	small := d.looks.small
	small.size = 6.3
	l, small := d.set.fit(sender, small, width, auto)
	d.text(startEdge, 53.2, l, small)
	d.rule(startEdge, startEdge+width, 54.9, 0.15, d.looks.hair)
	d.text(startEdge, 60.2, d.label(d.t("addressee"), d.looks.label), d.looks.label)

	st, strong := d.looks.body, d.looks.strong
	st.size, strong.size = 9.6, 9.6
	y := 60.8
	block := func(lines []line, st style) {
		for _, l := range lines {
			y += 4.9
			d.text(startEdge, y, l, st)
		}
	}
	block(d.set.atMost(3, a.Name, strong, width), strong)
	if a.Attention != "" {
		block(d.set.atMost(2, d.t("attention", a.Attention), st, width), st)
	}
	for _, text := range filled(a.AddressLines) {
		block(d.set.atMost(2, text, st, width), st)
	}
	if a.TaxID != "" {
		small := d.looks.code
		y += 0.8
		l, small := d.set.fit(d.t("tax_id")+": "+d.embed(a.TaxID), small, width, pageWise)
		block([]line{l}, small)
	}
	return y
}

// facts is the block beside the address: number, dates, contact. It gives its lower end.
func (d *draft) facts() float64 {
	const start = 122.0
	y := 60.2
	row := func(key, value string, st style, dir direction) {
		if value == "" {
			return
		}
		label := d.looks.running
		name := d.label(d.t(key), label)
		d.text(start, y, name, label)
		l, st := d.set.fit(value, st, endEdge-start-name.width-3, dir)
		d.textEnd(endEdge, y, l, st)
		y += 5.1
	}
	st := d.looks.body
	st.size = 8.4
	strong := st
	strong.face = bold
	row("number", d.doc.Number, strong, leftToRight)
	if d.doc.Version > 1 {
		row("version", strconv.Itoa(d.doc.Version), st, leftToRight)
	}
	row("issued", d.lang.Date(d.doc.IssueDate), st, leftToRight)
	row("valid", d.lang.Date(d.doc.ValidUntil), strong, leftToRight)
	row("reference", d.doc.Reference, st, auto)
	g := &d.doc.Signatory
	if g.Name != "" || g.Phone != "" || g.Email != "" {
		y += 1.2
		d.rule(start, endEdge, y-4.4, 0.15, d.looks.hair)
		row("contact", g.Name, st, auto)
		row("phone", g.Phone, st, leftToRight)
		row("email", g.Email, st, leftToRight)
	}
	return y - 5.1
}

// heading is the kind and number of the document, then its subject.
func (d *draft) heading() {
	st := d.looks.heading
	l, st := d.set.fit(strings.TrimSpace(d.t("quote")+" "+d.embed(d.doc.Number)), st, endEdge-startEdge, pageWise)
	d.y += st.leading
	d.text(startEdge, d.y-2, l, st)
	if d.doc.Title == "" {
		return
	}
	d.y += 0.6
	d.paragraphs(startEdge, d.set.atMost(4, d.doc.Title, d.looks.subject, endEdge-startEdge), d.looks.subject)
}

// embed keeps what is read from left to right together in Hebrew text: a number after a mark of that
// direction counts as a part of it (UAX #9, W7).
func (d *draft) embed(s string) string {
	if d.mirror && plain(s) {
		return string(leftToRightMark) + s + string(leftToRightMark)
	}
	return s
}

// filled leaves out empty texts.
func filled(lines []string) []string {
	var out []string
	for _, l := range lines {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}
