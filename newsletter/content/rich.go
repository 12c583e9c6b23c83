package content

import (
	"html"
	"strings"

	nethtml "golang.org/x/net/html"
)

// tagged reports whether a text has markup, rather than being as it is typed.
func tagged(text string) bool {
	for i := range len(text) - 1 {
		if c := text[i+1]; text[i] == '<' && (c == '/' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return true
		}
	}
	return false
}

// paragraphs makes markup of a text as it is typed.
func paragraphs(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
	var b strings.Builder
	for _, p := range strings.Split(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(p), "\n", "<br>") + "</p>")
		}
	}
	return b.String()
}

// rich is running text, cleaned and with its styles in the elements, where mail programs leave them.
func (r *renderer) rich(text string) string {
	if !tagged(text) {
		text = paragraphs(text)
	}
	clean := sanitize(text, inlinePolicy)
	if !strings.Contains(clean, "<p") && !strings.Contains(clean, "<ul") && !strings.Contains(clean, "<ol") && !strings.Contains(clean, "<blockquote") {
		clean = "<p>" + clean + "</p>"
	}
	styles := map[string]string{
		"p":          "margin:0 0 16px",
		"ul":         "margin:0 0 16px;padding-" + r.start + ":24px",
		"ol":         "margin:0 0 16px;padding-" + r.start + ":24px",
		"li":         "margin:0 0 6px",
		"blockquote": "margin:0 0 16px;padding:2px 16px;border-" + r.start + ":3px solid " + r.light.line,
		"a":          "color:" + r.light.link + ";text-decoration:underline",
	}
	classes := map[string]string{"a": "nl-link", "blockquote": "nl-line"}
	var b strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(clean))
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			return b.String()
		}
		raw := string(z.Raw())
		if kind == nethtml.StartTagToken {
			t := z.Token()
			if style := styles[t.Data]; style != "" {
				if class := classes[t.Data]; class != "" {
					t.Attr = append(t.Attr, nethtml.Attribute{Key: "class", Val: class})
				}
				t.Attr = append(t.Attr, nethtml.Attribute{Key: "style", Val: style})
				raw = t.String()
			}
		}
		b.WriteString(raw)
	}
}
