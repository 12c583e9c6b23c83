package pdf

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// The columns of the table in their order from the start edge.
type column int

const (
	colPosition column = iota
	colItem
	colQuantity
	colUnit
	colPrice
	colDiscount
	colVAT
	colNet
	columnCount
)

// columnGap is the white space between two columns in mm.
const columnGap = 3.6

// leastItem is the width in mm that the description keeps, whatever the numbers need.
const leastItem = 46.0

// cells are the printed numbers of a line.
type cells struct {
	text [columnCount]line
	// size is that of a text that had to be set smaller than the others, otherwise 0.
	size [columnCount]float64
	// fraction is the width of a quantity or price from its decimal separator on, for aligning
	// separators; -1 where they cannot be aligned.
	fraction [columnCount]float64
}

// grid is the measured table: where columns begin and end, and how their numbers look.
type grid struct {
	start, end [columnCount]float64
	shown      [columnCount]bool
	head       [columnCount]line
	headStyle  style
	number     style
	rows       []cells
	// fraction is the widest part of a column's numbers from the decimal separator on.
	fraction [columnCount]float64
}

// measure sets all numbers and shares the width of the page among the columns. Numbers that leave
// too little for the description are set smaller.
func (d *draft) measure() *grid {
	g := &grid{headStyle: d.looks.label, number: d.looks.number}
	g.shown = [columnCount]bool{colItem: true, colQuantity: true, colPrice: true, colVAT: true, colNet: true}
	for i := range d.doc.Lines {
		l := &d.doc.Lines[i]
		g.shown[colPosition] = g.shown[colPosition] || l.Position != ""
		g.shown[colUnit] = g.shown[colUnit] || l.Unit != "" && !l.Comment
		g.shown[colDiscount] = g.shown[colDiscount] || !l.DiscountPercent.IsZero() && !l.Comment
	}
	keys := [columnCount]string{"position", "item", "quantity", "unit", "unit_price", "discount", "vat", "net"}
	for c, key := range keys {
		text := d.t(key)
		if column(c) == colNet {
			text += " (" + locale.CurrencySign(d.doc.Currency) + ")"
		}
		g.head[c] = d.label(text, g.headStyle)
	}
	texts := d.cellTexts()
	widths := d.setCells(g, texts)
	for widths[colItem] < leastItem && g.number.size > 5.2 {
		g.number.size -= 0.4
		widths = d.setCells(g, texts)
	}
	if widths[colItem] < leastItem { // even small numbers are too wide: every column gives its share
		share := (endEdge - startEdge - leastItem) / (endEdge - startEdge - widths[colItem])
		for c := range widths {
			widths[c] *= share
		}
		widths[colItem] = leastItem
	}
	x := startEdge
	for c, w := range widths {
		g.start[c] = x
		if g.shown[c] {
			x += w
			g.end[c] = x - columnGap
		} else {
			g.end[c] = x
		}
	}
	g.end[colQuantity] = g.start[colQuantity] + widths[colQuantity] - columnGap/2
	g.end[colNet] = endEdge
	d.squeeze(g, texts)
	return g
}

// cellTexts formats the numbers of all lines. A price has the currency's decimals, and as many more
// as it needs.
func (d *draft) cellTexts() [][columnCount]string {
	digits := money.Digits(d.doc.Currency)
	rows := make([][columnCount]string, len(d.doc.Lines))
	for i := range d.doc.Lines {
		l, row := &d.doc.Lines[i], &rows[i]
		row[colPosition] = l.Position
		if l.Comment {
			continue
		}
		row[colQuantity] = d.lang.Quantity(l.Quantity.Decimal)
		row[colUnit] = l.Unit
		row[colPrice] = locale.Minus(d.lang.Number(l.UnitPrice.Decimal, pricePlaces(l.UnitPrice.Decimal, digits)))
		if !l.DiscountPercent.IsZero() {
			row[colDiscount] = d.lang.Percent(l.DiscountPercent)
		}
		row[colVAT] = l.VATLabel
		if l.VATLabel == "" {
			row[colVAT] = d.lang.Percent(l.VATRate)
		}
		row[colNet] = locale.Minus(d.lang.Number(l.Net.Decimal, digits))
	}
	return rows
}

// pricePlaces counts the decimals a price is printed with, digits to 4; one alone is not usual.
func pricePlaces(price decimal.Decimal, digits int32) int32 {
	for n := digits; n < 4; n++ {
		if n != 1 && price.Round(n).Equal(price) {
			return n
		}
	}
	return 4
}

// setCells measures each cell and gives the width of each column, gap included; the description has
// what is left.
func (d *draft) setCells(g *grid, texts [][columnCount]string) [columnCount]float64 {
	var widths [columnCount]float64
	for c := range widths {
		if g.shown[c] {
			widths[c] = g.head[c].width
		}
	}
	g.rows = make([]cells, len(texts))
	g.fraction = [columnCount]float64{}
	var whole [columnCount]float64
	separator := decimalSeparator(d.lang)
	for i := range texts {
		row := &g.rows[i]
		for c, text := range texts[i] {
			if text == "" {
				continue
			}
			limit := endEdge
			switch column(c) {
			case colPosition:
				limit = 15
			case colUnit, colVAT:
				limit = 18
			}
			row.text[c] = d.set.one(text, g.number, cellDirection(column(c)))
			widths[c] = max(widths[c], min(row.text[c].width, limit))
		}
		for _, c := range [...]column{colQuantity, colPrice} {
			before, _, _ := strings.Cut(texts[i][c], separator)
			w := d.set.width(before, g.number)
			row.fraction[c] = row.text[c].width - w
			whole[c] = max(whole[c], w)
			g.fraction[c] = max(g.fraction[c], row.fraction[c])
		}
	}
	for _, c := range [...]column{colQuantity, colPrice} {
		widths[c] = max(widths[c], whole[c]+g.fraction[c])
	}
	left := endEdge - startEdge
	for c := range widths {
		if !g.shown[c] || column(c) == colItem {
			continue
		}
		switch column(c) {
		case colUnit, colItem:
			widths[c] += columnGap
		case colQuantity:
			widths[c] += columnGap * 0.5 // a quantity and its unit belong together
			if !g.shown[colUnit] {
				widths[c] += columnGap * 0.5
			}
		case colNet:
		default:
			widths[c] += columnGap
		}
		left -= widths[c]
	}
	widths[colItem] = left
	return widths
}

// squeeze sets each text that is wider than its column small enough for it.
func (d *draft) squeeze(g *grid, texts [][columnCount]string) {
	for i := range texts {
		row := &g.rows[i]
		for c, text := range texts[i] {
			width := g.end[c] - g.start[c]
			if row.text[c].width <= width+0.01 {
				continue
			}
			set := d.set.shrink
			switch column(c) {
			case colPosition, colUnit, colVAT:
				set = d.set.fit
			}
			var st style
			row.text[c], st = set(text, g.number, width, cellDirection(column(c)))
			row.size[c] = st.size
			row.fraction[c] = -1
		}
	}
}

// cellDirection is how the texts of a column are read.
func cellDirection(c column) direction {
	if c == colUnit || c == colVAT {
		return auto
	}
	return leftToRight
}

// decimalSeparator is what stands before decimals in the language.
func decimalSeparator(l locale.Language) string {
	return strings.Trim(l.Number(decimal.New(15, -1), 1), "15")
}
