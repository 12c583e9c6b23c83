package content

import (
	"fmt"
	"html"
	"strings"
)

// renderer writes the HTML of a design, with its merge fields still in it.
type renderer struct {
	out         strings.Builder
	design      *Design
	light, dark palette
	// dir is ltr or rtl, start and end are left and right by it.
	dir, start, end string
	font            string
}

const (
	sans  = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans','Noto Sans Hebrew',sans-serif"
	serif = "Georgia,Cambria,'Times New Roman','Noto Serif','Noto Serif Hebrew',serif"
	// table opens one that is only there for the layout.
	table = `<table role="presentation" border="0" cellpadding="0" cellspacing="0" width="100%"`
)

// render gives the HTML of a design that was checked.
func (d *Design) render() string {
	r := &renderer{design: d, light: d.Theme.light(), dark: d.Theme.dark(), dir: "ltr", start: "left", end: "right", font: sans}
	if d.Language.RightToLeft() {
		r.dir, r.start, r.end = "rtl", "right", "left"
	}
	if d.Theme.Serif {
		r.font = serif
	}
	r.head()
	blocks := d.Blocks
	var footer *Footer
	if n := len(blocks) - 1; n >= 0 && blocks[n].Footer != nil {
		blocks, footer = blocks[:n], blocks[n].Footer
	}
	r.printf(`<body class="nl-page" dir="%s" bgcolor="%s" style="margin:0;padding:0;width:100%%;background-color:%s;-webkit-text-size-adjust:100%%">`, r.dir, r.light.page, r.light.page)
	r.preheader()
	r.printf(`%s bgcolor="%s" class="nl-page" dir="%s" style="background-color:%s"><tr><td align="center" class="nl-around" style="padding:24px 12px">`, table, r.light.page, r.dir, r.light.page)
	r.printf(`<!--[if mso]><table role="presentation" border="0" cellpadding="0" cellspacing="0" width="%d" align="center"><tr><td><![endif]-->`, pageWidth)
	r.printf(`%s bgcolor="%s" class="nl-sheet" dir="%s" style="max-width:%dpx;margin:0 auto;background-color:%s;border-radius:8px"><tr><td height="12" style="height:12px;font-size:0;line-height:0">&nbsp;</td></tr>`,
		table, r.light.sheet, r.dir, pageWidth, r.light.sheet)
	for i := range blocks {
		r.block(&blocks[i], pageWidth-2*padding, padding)
	}
	r.put(`<tr><td height="20" style="height:20px;font-size:0;line-height:0">&nbsp;</td></tr></table>`)
	if footer != nil {
		r.footer(footer)
	}
	r.put("<!--[if mso]></td></tr></table><![endif]--></td></tr></table></body></html>\n")
	return r.out.String()
}

func (r *renderer) put(text string) { r.out.WriteString(text) }

func (r *renderer) printf(format string, args ...any) { fmt.Fprintf(&r.out, format, args...) }

// head writes what stands before the body. Dark screens: the two meta elements tell Apple Mail and others
// that there are colours for them, so that they do not invent their own; the style block has the colours,
// and again for Outlook on the web, which marks what it has darkened by data-ogsc and data-ogsb.
func (r *renderer) head() {
	d := r.design
	r.printf(`<!doctype html><html lang="%s" dir="%s" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8">`+
		`<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="x-apple-disable-message-reformatting">`+
		`<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">`+
		`<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>%s</title>`,
		html.EscapeString(string(d.Language)), r.dir, html.EscapeString(d.Subject))
	r.put(`<!--[if mso]><xml><o:OfficeDocumentSettings><o:AllowPNG/><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>` +
		`<style>table{border-collapse:collapse}td,h1,h2,h3,p,a,li{font-family:Arial,sans-serif!important}</style><![endif]-->`)
	r.put("<style>\n:root{color-scheme:light dark;supported-color-schemes:light dark}\nimg{border:0;line-height:100%}\n")
	r.printf("@media (max-width:%dpx){.nl-around{padding:0 0 24px!important}.nl-sheet{border-radius:0!important}}\n", pageWidth+2*padding)
	r.printf("@media (max-width:%dpx){.nl-col{max-width:100%%!important}}\n@media (max-width:480px){.nl-picture img{max-width:100%%!important}}\n", pageWidth-1)
	dark := []string{
		".nl-page{background-color:" + r.dark.page + "!important}",
		".nl-sheet{background-color:" + r.dark.sheet + "!important}",
		".nl-ink,.nl-ink p,.nl-ink li{color:" + r.dark.ink + "!important}",
		".nl-muted,.nl-muted a{color:" + r.dark.muted + "!important}",
		".nl-link{color:" + r.dark.link + "!important}",
		".nl-line{border-color:" + r.dark.line + "!important}",
		".nl-button{background-color:" + r.dark.button + "!important}",
		".nl-label{color:" + r.dark.label + "!important}",
		".nl-plate{background-color:#ffffff!important;padding:8px!important}",
		".nl-plate img{color:#1f2430!important}", // the words of a picture that is not shown
	}
	r.put("@media (prefers-color-scheme:dark){" + strings.Join(dark, "") + "}\n</style><style>\n") // a block of its own: Gmail drops blocks with selectors it does not know
	for _, rule := range dark {
		mark := "[data-ogsc] "
		if strings.Contains(rule, "background") {
			mark = "[data-ogsb] "
		}
		selectors, body, _ := strings.Cut(rule, "{")
		r.put(mark + strings.ReplaceAll(selectors, ",", ","+mark) + "{" + body + "\n")
	}
	r.put("</style></head>")
}

// preheader is hidden text that lists of mails show behind the subject; what fills it up keeps them from
// showing the first words of the letter too.
func (r *renderer) preheader() {
	if r.design.Preheader == "" {
		return
	}
	r.printf(`<div aria-hidden="true" style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all;font-size:1px;line-height:1px;color:%s">%s%s</div>`,
		r.light.page, html.EscapeString(r.design.Preheader), strings.Repeat("&#847;&zwnj;&nbsp;", 60))
}

// block writes one as a row of the table it stands in, which is so many pixels wide between its paddings.
func (r *renderer) block(b *Block, width, side int) {
	if b.If != "" {
		r.put("{{#if " + b.If + "}}")
	}
	if b.Unless != "" {
		r.put("{{#unless " + b.Unless + "}}")
	}
	switch {
	case b.Heading != nil:
		r.headingBlock(b.Heading, side)
	case b.Text != nil:
		r.printf(`<tr><td class="nl-ink" dir="%s" align="%s" style="padding:8px %dpx 0;font-family:%s;font-size:16px;line-height:1.6;color:%s;text-align:%s;word-break:break-word;overflow-wrap:anywhere">%s</td></tr>`,
			r.dir, r.side(b.Text.Align), side, r.font, r.light.ink, r.side(b.Text.Align), r.rich(b.Text.HTML))
	case b.Image != nil:
		r.imageBlock(b.Image, width, side)
	case b.Button != nil:
		r.printf(`<tr><td align="%s" style="padding:8px %dpx 20px">`, r.side(b.Button.Align), side)
		r.button(b.Button.Label, b.Button.URL, r.side(b.Button.Align))
		r.put("</td></tr>")
	case b.Columns != nil:
		r.columns(b.Columns, width)
	case b.Product != nil:
		r.product(b.Product, width, side)
	case b.Divider != nil:
		r.printf(`<tr><td style="padding:12px %dpx"><div role="separator" class="nl-line" style="border-top:1px solid %s;font-size:0;line-height:0">&nbsp;</div></td></tr>`, side, r.light.line)
	case b.HTML != nil:
		r.printf(`<tr><td class="nl-ink" dir="%s" align="%s" style="padding:8px %dpx;font-family:%s;font-size:16px;line-height:1.6;color:%s">%s</td></tr>`,
			r.dir, r.start, side, r.font, r.light.ink, sanitize(b.HTML.HTML, markupPolicy))
	}
	if b.Unless != "" {
		r.put("{{/unless}}")
	}
	if b.If != "" {
		r.put("{{/if}}")
	}
}

// side is left, right or center.
func (r *renderer) side(a Align) string {
	switch a {
	case Center:
		return "center"
	case End:
		return r.end
	}
	return r.start
}
