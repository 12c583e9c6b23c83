package content

import (
	"html"
	"strings"
)

func (r *renderer) headingBlock(h *Heading, side int) {
	level := h.Level
	if level == 0 {
		level = 2
	}
	size := map[int]int{1: 30, 2: 22, 3: 18}[level]
	r.printf(`<tr><td align="%s" style="padding:16px %dpx 4px"><h%d class="nl-ink" dir="%s" style="margin:0;font-family:%s;font-size:%dpx;line-height:1.25;font-weight:700;color:%s;text-align:%s;overflow-wrap:anywhere">%s</h%d></td></tr>`,
		r.side(h.Align), side, level, r.dir, r.font, size, r.light.ink, r.side(h.Align), html.EscapeString(h.Text), level)
}

func (r *renderer) imageBlock(i *Image, width, side int) {
	w, class := width, ` class="nl-picture"`
	if i.Width > 0 {
		w, class = min(width, i.Width), ""
	}
	r.printf(`<tr><td align="%s"%s style="padding:12px %dpx">`, r.side(i.Align), class, side)
	if i.Plate {
		r.printf(`<table role="presentation" border="0" cellpadding="0" cellspacing="0" align="%s"><tr><td class="nl-plate" style="border-radius:6px">`, r.side(i.Align))
		w = min(w, width-16)
	}
	r.image(i.URL, i.Alt, i.Link, w)
	if i.Plate {
		r.put("</td></tr></table>")
	}
	r.put("</td></tr>")
}

// image writes a picture, in a link where there is one. The alternative text looks like text, for the many
// who see it first. A picture without one says nothing that the words beside it do not say.
func (r *renderer) image(url, alt, link string, width int) {
	if link != "" {
		silent := ""
		if alt == "" {
			silent = ` aria-hidden="true" tabindex="-1"`
		}
		r.printf(`<a href="%s"%s class="nl-link" style="color:%s;text-decoration:none">`, html.EscapeString(link), silent, r.light.link)
	}
	r.printf(`<img src="%s" alt="%s" width="%d" class="nl-ink" style="display:block;width:100%%;max-width:%dpx;height:auto;border:0;border-radius:4px;font-family:%s;font-size:14px;color:%s">`,
		html.EscapeString(url), html.EscapeString(alt), width, width, r.font, r.light.ink)
	if link != "" {
		r.put("</a>")
	}
}

// button writes a cell with a ground: it is one without images too, and the whole of it can be pressed.
func (r *renderer) button(label, url, align string) {
	r.printf(`<table role="presentation" border="0" cellpadding="0" cellspacing="0" align="%s"><tr><td class="nl-button" bgcolor="%s" align="center" style="background-color:%s;border-radius:6px;mso-padding-alt:12px 24px">`+
		`<a href="%s" class="nl-label" style="display:inline-block;padding:12px 24px;font-family:%s;font-size:16px;line-height:1.3;font-weight:600;color:%s;text-decoration:none;border-radius:6px">%s</a></td></tr></table>`,
		align, r.light.button, r.light.button, html.EscapeString(url), r.font, r.light.label, html.EscapeString(label))
}

// columns stand beside each other because they are inline blocks: where they do not fit, on a phone, each
// comes below the last, also in programs that drop the style block. Outlook gets a table.
func (r *renderer) columns(c *Columns, width int) {
	const gutter = 12
	widths := make([]int, len(c.Columns))
	for i := range widths {
		widths[i] = (width + 2*gutter) / len(c.Columns)
	}
	r.beside(widths, func(n int) {
		for i := range c.Columns[n].Blocks {
			r.block(&c.Columns[n].Blocks[i], widths[n]-2*gutter, gutter)
		}
	})
}

// beside writes cells of these widths beside each other.
func (r *renderer) beside(widths []int, cell func(n int)) {
	r.printf(`<tr><td dir="%s" align="%s" valign="top" style="padding:0 12px;font-size:0;line-height:0;text-align:%s"><!--[if mso]>%s><tr><![endif]-->`, r.dir, r.start, r.start, table)
	for n, width := range widths {
		r.printf(`<!--[if mso]><td width="%d" valign="top"><![endif]--><div class="nl-col" dir="%s" style="display:inline-block;width:100%%;max-width:%dpx;vertical-align:top">%s dir="%s">`, width, r.dir, width, table, r.dir)
		cell(n)
		r.put(`</table></div><!--[if mso]></td><![endif]-->`)
	}
	r.put(`<!--[if mso]></tr></table><![endif]--></td></tr>`)
}

// product shows the picture beside the words where there is room, above them where there is none.
func (r *renderer) product(p *Product, width, side int) {
	const pictured = 224
	if side == padding && p.Image != "" {
		r.beside([]int{pictured, width + padding - pictured}, func(n int) {
			if n == 1 {
				r.productWords(p, 12)
				return
			}
			r.put(`<tr><td class="nl-picture" style="padding:12px">`)
			r.image(p.Image, "", p.URL, pictured-24)
			r.put("</td></tr>")
		})
		return
	}
	if p.Image != "" {
		r.printf(`<tr><td class="nl-picture" style="padding:12px %dpx 0">`, side)
		r.image(p.Image, "", p.URL, width)
		r.put("</td></tr>")
	}
	r.productWords(p, side)
}

func (r *renderer) productWords(p *Product, side int) {
	cell := func(top, size, weight int, text string) {
		r.printf(`<tr><td class="nl-ink" dir="%s" align="%s" style="padding:%dpx %dpx 0;font-family:%s;font-size:%dpx;line-height:1.4;font-weight:%d;color:%s;text-align:%s;overflow-wrap:anywhere">%s</td></tr>`,
			r.dir, r.start, top, side, r.font, size, weight, r.light.ink, r.start, html.EscapeString(text))
	}
	cell(12, 18, 600, p.Name)
	if p.Description != "" {
		cell(4, 15, 400, p.Description)
	}
	if p.Price != "" {
		cell(8, 20, 700, p.Price)
	}
	if p.URL != "" {
		r.printf(`<tr><td align="%s" style="padding:12px %dpx 16px">`, r.start, side)
		r.button(or(p.Button, Texts.T(r.design.Language, "details")), p.URL, r.start)
		r.put("</td></tr>")
	}
}

// footer stands below the sheet, on the page.
func (r *renderer) footer(f *Footer) {
	lang := r.design.Language
	r.printf(`%s dir="%s" style="max-width:%dpx;margin:0 auto"><tr><td class="nl-muted" dir="%s" align="center" style="padding:20px %dpx 8px;font-family:%s;font-size:13px;line-height:1.6;color:%s;text-align:center;overflow-wrap:anywhere">`,
		table, r.dir, pageWidth, r.dir, padding, r.font, r.light.muted)
	if f.Reason != "" {
		r.printf(`<p style="margin:0 0 8px">%s</p>`, html.EscapeString(f.Reason))
	}
	var links []string
	for _, l := range []struct{ field, text string }{{UnsubscribeURL, "unsubscribe"}, {PreferenceURL, "preferences"}, {ViewURL, "view"}} {
		link := `<a href="{{` + l.field + `}}" style="color:` + r.light.muted + `;text-decoration:underline;white-space:nowrap">` + html.EscapeString(Texts.T(lang, l.text)) + `</a>`
		links = append(links, link)
	}
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(f.Address, "\r\n", "\n")), "\n")
	r.printf(`<p style="margin:0 0 8px"><strong>%s</strong><br>%s</p>`, html.EscapeString(f.Company), strings.ReplaceAll(html.EscapeString(strings.Join(lines, "\n")), "\n", "<br>"))
	// a reader without settings or a page does not see the words for them
	r.printf(`<p style="margin:0">%s{{#if %s}} &nbsp; %s{{/if}}{{#if %s}} &nbsp; %s{{/if}}</p>`, links[0], PreferenceURL, links[1], ViewURL, links[2])
	r.put(`</td></tr></table>`)
}
