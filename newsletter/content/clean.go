package content

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

var (
	// target is where a link may lead: merge fields are judged by package merge, which knows which of them
	// are addresses.
	target  = regexp.MustCompile(`(?i)^\s*(https?://|mailto:|tel:|sms:|#|\{\{)`)
	picture = regexp.MustCompile(`(?i)^\s*(https?://|cid:|data:image/(png|jpe?g|gif|webp);base64,|\{\{)`)
	// calmStyle is a style without escapes, which could hide anything, and without what could end it.
	calmStyle = regexp.MustCompile(`^[^\\@<>{}]*$`)
	number    = regexp.MustCompile(`^[0-9]{1,4}(px|%)?$`)
	colored   = regexp.MustCompile(`^(#[0-9a-fA-F]{3,6}|[a-zA-Z]{3,20})$`)
	plainWord = regexp.MustCompile(`^[\pL\pN _.,:;/()'%+-]*$`)
	direction = regexp.MustCompile(`^(?i)(ltr|rtl|auto)$`)
)

// inlinePolicy is for running text.
var inlinePolicy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "b", "strong", "i", "em", "u", "s", "sup", "sub", "ul", "ol", "li", "blockquote", "span")
	p.AllowAttrs("href").Matching(target).OnElements("a")
	p.AllowAttrs("title").OnElements("a")
	p.AllowAttrs("dir").Matching(direction).OnElements("p", "span", "li", "ul", "ol", "blockquote")
	p.AllowNoAttrs().OnElements("span")
	return p
}()

// markupPolicy is for pieces of HTML: all that mails show, and nothing that runs, asks or loads but images.
var markupPolicy = newMarkupPolicy()

func newMarkupPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "b", "strong", "i", "em", "u", "s", "strike", "del", "ins", "sup", "sub", "small", "big", "mark", "code", "pre", "q", "cite",
		"ul", "ol", "li", "dl", "dt", "dd", "blockquote", "div", "span", "center", "font", "h1", "h2", "h3", "h4", "h5", "h6", "address", "abbr", "bdi", "bdo",
		"section", "article", "header", "footer", "main", "nav", "figure", "figcaption",
		"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th", "a", "img")
	p.AllowNoAttrs().OnElements("span", "font", "a", "img", "bdo")
	p.AllowAttrs("style").Matching(calmStyle).Globally()
	p.AllowAttrs("dir").Matching(direction).Globally()
	p.AllowAttrs("class", "id", "lang", "title", "role", "aria-hidden", "aria-label").Globally()
	p.AllowAttrs("align", "valign").Matching(plainWord).Globally()
	p.AllowAttrs("href").Matching(target).OnElements("a")
	p.AllowAttrs("name", "target", "rel").Matching(plainWord).OnElements("a")
	p.AllowAttrs("src", "background").Matching(picture).OnElements("img", "table", "td", "th", "body")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height", "border", "cellpadding", "cellspacing", "hspace", "vspace", "colspan", "rowspan", "size", "start").Matching(number).Globally()
	p.AllowAttrs("bgcolor", "color", "bordercolor").Matching(colored).Globally()
	p.AllowAttrs("face", "type", "summary", "scope", "abbr", "nowrap").Matching(plainWord).Globally()
	return p
}

// documentPolicy is for whole documents, with their head.
var documentPolicy = func() *bluemonday.Policy {
	p := newMarkupPolicy()
	p.AllowUnsafe(true) // lets the content of <style> through as it is; there is no script in the policy
	p.AllowElements("html", "head", "body", "title", "style", "meta")
	p.AllowElementsContent("style", "title")
	p.AllowNoAttrs().OnElements("style", "title")
	p.AllowAttrs("xmlns", "xmlns:v", "xmlns:o", "xmlns:w").Matching(regexp.MustCompile(`^[a-zA-Z0-9:/.-]+$`)).OnElements("html")
	p.AllowAttrs("type", "media").Matching(regexp.MustCompile(`^[a-zA-Z0-9 /,():-]*$`)).OnElements("style")
	p.AllowAttrs("name", "charset").Matching(plainWord).OnElements("meta")
	p.AllowAttrs("content").Matching(regexp.MustCompile(`^[\pL\pN _.,:;/()=-]*$`)).OnElements("meta")
	p.AllowAttrs("http-equiv").Matching(regexp.MustCompile(`(?i)^(content-type|content-language|x-ua-compatible)$`)).OnElements("meta")
	p.AllowAttrs("topmargin", "leftmargin", "marginwidth", "marginheight").Matching(number).OnElements("body")
	return p
}()

// conditional are the comments that Outlook reads.
func conditional(comment string) bool {
	return strings.HasPrefix(comment, "<!--[if ") || comment == "<!--<![endif]-->" || comment == "<!-- <![endif]-->"
}

// The marks between which the number of a kept comment stands while the rest is cleaned.
const (
	markOpen  = "\ue000"
	markClose = "\ue001"
)

var marked = regexp.MustCompile(markOpen + `[0-9]+` + markClose)

// sanitize cleans HTML by a policy; comments that Outlook reads are kept where comments says so.
func sanitize(source string, policy *bluemonday.Policy) string {
	source = strings.NewReplacer(markOpen, "", markClose, "").Replace(source)
	var kept []string
	if policy == documentPolicy {
		source, kept = lift(source)
	}
	clean := policy.Sanitize(source)
	if len(kept) == 0 {
		return clean
	}
	return marked.ReplaceAllStringFunc(clean, func(mark string) string {
		n, err := strconv.Atoi(strings.Trim(mark, markOpen+markClose))
		if err != nil || n >= len(kept) {
			return ""
		}
		return kept[n]
	})
}

// lift takes the comments that Outlook reads out of a document and puts marks in their place.
func lift(source string) (string, []string) {
	var b strings.Builder
	var kept []string
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return b.String(), kept
		}
		raw := string(z.Raw())
		switch {
		case kind == html.CommentToken && conditional(raw):
			fmt.Fprintf(&b, "%s%d%s", markOpen, len(kept), markClose)
			kept = append(kept, raw)
		case kind == html.CommentToken:
		default:
			b.WriteString(raw)
		}
	}
}

// removed names the elements of a source that cleaning takes away, each once, with the line of the first:
// "<script> (line 3)".
func removed(source, clean string) []string {
	count := func(s string) (names []string, counts, lines map[string]int) {
		counts, lines = map[string]int{}, map[string]int{}
		line := 1
		z := html.NewTokenizer(strings.NewReader(s))
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				return names, counts, lines
			}
			at := line
			line += strings.Count(string(z.Raw()), "\n")
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			name, _ := z.TagName()
			key := string(name)
			if counts[key]++; counts[key] == 1 {
				names = append(names, key)
				lines[key] = at
			}
		}
	}
	names, before, lines := count(source)
	_, after, _ := count(clean)
	var out []string
	for _, name := range names {
		if before[name] > after[name] && len(out) < 20 {
			out = append(out, fmt.Sprintf("<%.20s> (line %d)", name, lines[name]))
		}
	}
	slices.Sort(out)
	return out
}
