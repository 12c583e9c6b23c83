package pdf

import "strings"

// footers draws the seller's details and "page x of y" on every page, when y is known.
func (d *draft) footers() {
	s := &d.doc.Seller
	pages := d.page
	named := func(key, value string) string {
		if value == "" {
			return ""
		}
		return d.t(key) + ": " + d.embed(value)
	}
	columns := [3][]string{
		append([]string{s.Name}, short(filled(s.AddressLines), 3)...),
		filled([]string{named("tax_id", s.TaxID), named("eu_vat_id", s.EUVatID), named("account", s.BankAccount), named("iban", s.IBAN)}),
		filled([]string{d.embed(s.Phone), d.embed(s.Email), d.embed(s.Web)}),
	}
	starts := [4]float64{startEdge, startEdge + 52, startEdge + 118, endEdge}
	type placed struct {
		x, y float64
		line line
		st   style
	}
	var all []placed
	for i, column := range columns {
		for k, text := range column {
			st := d.looks.small
			if i == 0 && k == 0 {
				st = d.looks.smallStrong
			}
			dir := pageWise
			if i == 0 {
				dir = auto
			}
			l, st := d.set.fit(text, st, starts[i+1]-starts[i]-3, dir)
			all = append(all, placed{starts[i], 275.6 + float64(k)*st.leading, l, st})
		}
	}
	for page := 1; page <= pages; page++ {
		d.turnTo(page)
		d.rule(startEdge, endEdge, 271, 0.15, d.looks.hair)
		for _, p := range all {
			d.text(p.x, p.y, p.line, p.st)
		}
		l := d.label(d.t("page", page, pages), d.looks.smallStrong)
		d.textEnd(endEdge, 275.6+3*d.looks.small.leading, l, d.looks.smallStrong)
	}
}

// short joins the last of more than n lines, so that they take n.
func short(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	return append(lines[:n-1:n-1], strings.Join(lines[n-1:], ", "))
}
