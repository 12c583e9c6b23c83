package pdf

import (
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// Measures of the totals in mm.
const (
	boxStart   = 119.0 // where the box of totals begins
	vatEnd     = 113.5 // where the VAT summary beside it ends
	vatRow     = 5.0
	totalRow   = 5.6
	grandRow   = 10.0
	totalsGap  = 6.0
	besideRows = 12 // a longer VAT summary stands above the box, over as many pages as it takes
)

// totalsHeight is what the totals need when they begin on a page that has other content.
func (d *draft) totalsHeight() float64 {
	rows := len(d.doc.VATSummary)
	if rows > besideRows {
		rows = 0 // flows by itself
	}
	return totalsGap + max(d.boxHeight(), d.summaryHeight(rows))
}

func (d *draft) boxHeight() float64 {
	h := 2*totalRow + 2.4 + grandRow
	if !d.doc.OptionalTotal.IsZero() {
		h += 5.4
	}
	return h
}

func (d *draft) summaryHeight(rows int) float64 {
	if rows == 0 {
		return 0
	}
	return 6 + float64(rows)*vatRow
}

// totals draws the VAT summary and the box of totals.
func (d *draft) totals() {
	rows := d.doc.VATSummary
	d.y += totalsGap
	beside := len(rows) <= besideRows
	if beside {
		d.need(d.totalsHeight() - totalsGap)
	}
	top, page := d.y, d.page
	if len(rows) > 0 {
		d.summary(rows)
	}
	end := d.y
	if beside && page == d.page {
		d.y = top
	} else {
		d.y += totalsGap
		d.need(d.boxHeight())
	}
	d.box()
	d.y = max(d.y, end)
}

// summary draws net, VAT and gross by rate. All its figures have one size, which is small enough for
// the widest.
func (d *draft) summary(rows []VATRow) {
	const gap, width = 3.4, vatEnd - startEdge
	head, st := d.looks.label, d.looks.number
	st.size = 7.9
	title := d.label(d.t("vat_rate"), head)
	heads := [3]line{d.label(d.t("net"), head), d.label(d.t("vat"), head), d.label(d.t("gross"), head)}
	figures := make([][3]line, len(rows))
	var widest [3]float64
	measure := func() (sum float64) {
		for c := range widest {
			widest[c] = heads[c].width
		}
		for i := range rows {
			for c, a := range [3]money.Amount{rows[i].Net, rows[i].VAT, rows[i].Gross} {
				figures[i][c] = d.set.one(d.amount(a), st, leftToRight)
				widest[c] = max(widest[c], figures[i][c].width)
			}
		}
		return title.width + widest[0] + widest[1] + widest[2] + 3*gap
	}
	for sum := measure(); sum > width && st.size > 3; sum = measure() {
		st.size -= 0.3
	}
	var starts, ends [3]float64
	x := vatEnd
	for c := 2; c >= 0; c-- {
		starts[c], ends[c] = x-widest[c], x
		x -= widest[c] + gap
	}
	d.need(6 + vatRow)
	d.text(startEdge, d.y+3.6, title, head)
	for c := range heads {
		d.figure(starts[c], ends[c], d.y+3.6, heads[c], head)
	}
	d.y += 5.4
	d.rule(startEdge, vatEnd, d.y, 0.25, d.looks.accent)
	d.y += 0.6
	for i := range rows {
		d.need(vatRow)
		label := rows[i].Label
		if label == "" {
			label = d.lang.Percent(rows[i].Rate)
		}
		l, lst := d.set.fit(label, st, x-startEdge, auto)
		d.text(startEdge, d.y+3.5, l, lst)
		for c := range figures[i] {
			d.figure(starts[c], ends[c], d.y+3.5, figures[i][c], st)
		}
		d.y += vatRow
		d.rule(startEdge, vatEnd, d.y, 0.15, d.looks.hair)
	}
}

// box draws net, VAT and what is to be paid.
func (d *draft) box() {
	const inner, start, end = 4.0, boxStart, endEdge + 2
	row := func(label, value string, y float64, st style) {
		name, amount := d.set.one(label, st, pageWise), d.set.one(value, st, pageWise)
		if share := (end - start - 2*inner - 2) / (name.width + amount.width); share < 1 {
			st.size *= share
			name, amount = d.set.one(label, st, pageWise), d.set.one(value, st, pageWise)
		}
		d.text(start+inner, y, name, st)
		d.textEnd(end-inner, y, amount, st)
	}
	height := 2*totalRow + 2.4
	d.fill(start, d.y, end, d.y+height, d.looks.tint)
	row(d.t("net_total"), d.money(d.doc.Net), d.y+4.9, d.looks.total)
	row(d.t("vat_total"), d.money(d.doc.VAT), d.y+4.9+totalRow, d.looks.total)
	d.y += height
	d.fill(start, d.y, end, d.y+grandRow, d.looks.accent)
	row(d.t("payable"), d.money(d.doc.Gross), d.y+6.4, d.looks.grand)
	d.y += grandRow
	if d.doc.OptionalTotal.IsZero() {
		return
	}
	l, st := d.set.shrink(d.t("optional_total", d.money(d.doc.OptionalTotal)), d.looks.running, endEdge-startEdge, pageWise)
	d.textEnd(endEdge, d.y+4.6, l, st)
	d.y += 5.4
}

// amount writes an amount without its currency.
func (d *draft) amount(a money.Amount) string {
	return locale.Minus(d.lang.Number(a.Decimal, money.Digits(d.doc.Currency)))
}

// money writes an amount with its currency. In Hebrew the mark keeps a minus before the number.
func (d *draft) money(a money.Amount) string {
	s := d.lang.Money(a, d.doc.Currency)
	if d.mirror {
		return string(leftToRightMark) + s
	}
	return s
}
