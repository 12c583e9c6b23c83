package mail

import (
	"html"
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
)

// Link is an address that a text may be followed to.
type Link struct {
	URL string
	// Label is what the button says where the address stands alone on a line.
	Label string
}

// Look is how the markup of a letter looks.
type Look struct {
	Language locale.Language
	// Accent and OnAccent are the colours of buttons and of the words on them, as #rrggbb.
	Accent, OnAccent string
	// Links are the only ones that become links: nothing that somebody typed does.
	Links []Link
}

const letterFont = "font:400 15px/1.55 -apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif"

// HTML gives the markup of a plain text, which says the same: paragraphs, line breaks, and buttons for
// links that stand alone on a line. Styles are inline, because mail programs drop all others; nothing is
// loaded from anywhere.
func HTML(text string, look Look) string {
	dir := "ltr"
	if look.Language.RightToLeft() {
		dir = "rtl"
	}
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="` + html.EscapeString(string(look.Language)) + `" dir="` + dir + `"><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width,initial-scale=1"></head>` +
		`<body style="margin:0;padding:24px 16px;background:#ffffff"><div dir="` + dir + `" style="max-width:600px;margin:0 auto;color:#1f2430;` + letterFont + `">`)
	for _, p := range strings.Split(paragraphs(text), "\n\n") {
		b.WriteString(`<p style="margin:0 0 16px">`)
		for i, line := range strings.Split(strings.TrimSpace(p), "\n") {
			if i > 0 {
				b.WriteString("<br>")
			}
			look.line(&b, line)
		}
		b.WriteString("</p>")
	}
	b.WriteString("</div></body></html>\n")
	return b.String()
}

func (look Look) line(b *strings.Builder, line string) {
	for _, l := range look.Links {
		if l.URL == "" {
			continue
		}
		if strings.TrimSpace(line) == l.URL && l.Label != "" {
			b.WriteString(`<a href="` + html.EscapeString(l.URL) + `" style="display:inline-block;margin:4px 0;padding:11px 20px;border-radius:6px;background:` +
				html.EscapeString(look.Accent) + `;color:` + html.EscapeString(look.OnAccent) + `;font-weight:600;text-decoration:none">` + html.EscapeString(l.Label) + `</a>`)
			return
		}
		if before, after, ok := strings.Cut(line, l.URL); ok {
			look.line(b, before)
			b.WriteString(`<a href="` + html.EscapeString(l.URL) + `" dir="ltr">` + html.EscapeString(l.URL) + `</a>`)
			look.line(b, after)
			return
		}
	}
	b.WriteString(html.EscapeString(line))
}
