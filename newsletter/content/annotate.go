package content

import (
	"bytes"
	"html"
	"math"
	"strconv"
	"strings"

	nethtml "golang.org/x/net/html"
)

// Note is what stands beside a link of a letter that is looked at after it was sent: how many pressed it.
type Note struct {
	// Text is a few words, "" for nothing.
	Text string
	// Heat is from 0, the link that the fewest pressed, to 1, the one that the most did.
	Heat float64
}

// annotated is where a counted link leads while notes are put beside links.
const annotated = "https://link.invalid/"

// Annotated is the HTML of the newsletter as a reader gets it, with a note behind each counted link; an address
// that stands in it several times has the same number, and the same note, each time. It belongs into a frame that
// runs no scripts, as [Programs.Preview] does.
func (p *Programs) Annotated(r Reader, note func(link int) Note) string {
	v := p.Values(&r)
	source := p.HTML.Append(nil, v.HTML, func(dst []byte, n int) []byte { return strconv.AppendInt(append(dst, annotated...), int64(n), 10) })
	var b strings.Builder
	z := nethtml.NewTokenizer(bytes.NewReader(source))
	open := -1
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			return b.String()
		}
		raw := string(z.Raw())
		switch kind {
		case nethtml.StartTagToken:
			if t := z.Token(); t.Data == "a" {
				if n, ok := annotatedLink(&t, p.Links); ok {
					open, raw = n, t.String()
				}
			}
		case nethtml.EndTagToken:
			if name, _ := z.TagName(); string(name) == "a" && open >= 0 {
				raw += noteMarkup(note(open))
				open = -1
			}
		}
		b.WriteString(raw)
	}
}

// annotatedLink finds the number of a link and writes its address back.
func annotatedLink(t *nethtml.Token, links []string) (int, bool) {
	for i, a := range t.Attr {
		text, ok := strings.CutPrefix(a.Val, annotated)
		if a.Key != "href" || !ok {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= len(links) {
			return 0, false
		}
		t.Attr[i].Val = links[n]
		return n, true
	}
	return 0, false
}

func noteMarkup(n Note) string {
	if n.Text == "" {
		return ""
	}
	ground := mix("#fff4cc", "#f59e0b", math.Min(1, math.Max(0, n.Heat)))
	return `<span style="display:inline-block;margin:2px 4px;padding:1px 8px;border-radius:10px;border:1px solid #b45309;background-color:` + ground +
		`;color:#1f2430;font:600 12px/18px Arial,sans-serif;text-decoration:none;white-space:nowrap;vertical-align:middle">` + html.EscapeString(n.Text) + `</span>`
}
