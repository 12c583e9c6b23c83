package content

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// plainText makes the plain text of a newsletter from its HTML: words, lists and headings in lines, links as
// "label <address>", nothing that is hidden. Merge fields and conditions stay in it, so that it is a text for
// package merge again. HTML of any kind is taken.
func plainText(source string) string {
	w := textWriter{}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			w.closeLink()
			return dangling.ReplaceAllString(strings.TrimSpace(w.out.String())+"\n", "$1\n")
		case html.TextToken:
			if w.skip == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z.Token())
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(string(name))
		}
	}
}

// dangling is a blank before conditions that end a line.
var dangling = regexp.MustCompile(` +((?:\{\{(?:[#/][^{}]*|\s*else\s*)\}\})+)\n`)

// hidden are the elements whose content nobody reads.
var hidden = map[string]bool{"head": true, "style": true, "script": true, "title": true, "noscript": true, "template": true, "object": true, "iframe": true, "svg": true}

// apart are the elements that stand on lines of their own, by the number of line ends round them.
var apart = map[string]int{
	"p": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2, "ul": 2, "ol": 2, "dl": 2, "blockquote": 2, "table": 2, "pre": 2, "hr": 2,
	"div": 1, "tr": 1, "td": 1, "th": 1, "li": 1, "dt": 1, "dd": 1, "section": 1, "article": 1, "header": 1, "footer": 1, "address": 1, "center": 1, "figure": 1, "caption": 1, "body": 1,
}

// never closed.
var void = map[string]bool{"br": true, "img": true, "hr": true, "meta": true, "link": true, "input": true, "col": true, "area": true, "base": true, "wbr": true}

// invisible are characters that HTML is filled up with.
var invisible = strings.NewReplacer("\u00a0", " ", "\u200b", "", "\u034f", "", "\u00ad", "", "\ufeff", "")

// maxIndent is how deep lists are shown to stand in each other.
const maxIndent = 6

// textWriter puts words into lines. What separates them is written with the next word, so that nothing
// dangles.
type textWriter struct {
	out strings.Builder
	// breaks are the line ends, blank a blank, that come before the next word.
	breaks int
	blank  bool
	// skip is how deep the position is in something hidden; hiding names what began it.
	skip   int
	hiding string
	link   string
	// linked is where the words of the link begin.
	linked int
	lists  []int
	// held are the separators that were waiting where each open condition began.
	held []int
	pre  int
}

func (w *textWriter) start(t html.Token) {
	if w.skip > 0 {
		if t.Data == w.hiding && t.Type == html.StartTagToken {
			w.skip++
		}
		return
	}
	attr := map[string]string{}
	for _, a := range t.Attr {
		attr[a.Key] = a.Val
	}
	if style := strings.ReplaceAll(strings.ToLower(attr["style"]), " ", ""); (hidden[t.Data] || strings.Contains(style, "display:none") || attr["aria-hidden"] == "true") && !void[t.Data] {
		if t.Type == html.StartTagToken {
			w.skip, w.hiding = 1, t.Data
		}
		return
	}
	w.apart(t.Data)
	switch t.Data {
	case "br":
		w.breaks = min(w.breaks+1, 2)
	case "hr":
		w.rule()
	case "div":
		if attr["role"] == "separator" {
			w.rule()
			w.skip, w.hiding = 1, "div"
		}
	case "ul":
		w.lists = append(w.lists, -1)
	case "ol":
		w.lists = append(w.lists, 0)
	case "li":
		w.item()
	case "pre":
		w.pre++
	case "img":
		w.text(attr["alt"])
	case "a":
		w.closeLink()
		w.link = strings.TrimSpace(attr["href"])
		w.linked = -1
	}
}

func (w *textWriter) end(name string) {
	if w.skip > 0 {
		if name == w.hiding {
			w.skip--
		}
		return
	}
	switch name {
	case "a":
		w.closeLink()
	case "ul", "ol":
		if n := len(w.lists); n > 0 {
			w.lists = w.lists[:n-1]
		}
	case "pre":
		w.pre = max(0, w.pre-1)
	}
	w.apart(name)
}

func (w *textWriter) apart(name string) {
	if n := apart[name]; n > 0 {
		if (name == "ul" || name == "ol") && len(w.lists) > 0 {
			n = 1
		}
		w.breaks = max(w.breaks, n)
	}
}

func (w *textWriter) rule() {
	w.breaks = 2
	w.word("----")
	w.breaks = 2
}

func (w *textWriter) item() {
	n := len(w.lists)
	mark := "- "
	if n > 0 && w.lists[n-1] >= 0 {
		w.lists[n-1]++
		mark = strconv.Itoa(w.lists[n-1]) + ". "
	}
	w.word(strings.Repeat("  ", min(max(0, n-1), maxIndent)) + mark)
	w.blank = false
}

// closeLink writes where the link leads behind its words, unless they say it.
func (w *textWriter) closeLink() {
	address := w.link
	w.link = ""
	scheme, rest, _ := strings.Cut(address, ":")
	if address == "" || strings.HasPrefix(address, "#") {
		return
	}
	words := ""
	if w.linked >= 0 {
		words = strings.TrimSpace(w.out.String()[w.linked:])
	}
	switch strings.ToLower(scheme) {
	case "mailto", "tel", "sms":
		if rest, _, _ = strings.Cut(rest, "?"); !strings.Contains(words, rest) {
			w.blank = words != ""
			w.word("<" + rest + ">")
		}
	default:
		switch {
		case words == "":
			w.word(address)
		case strings.TrimRight(words, "/") != strings.TrimRight(address, "/"):
			w.blank = true
			w.word("<" + address + ">")
		}
	}
}

// text writes words, with the conditions between them.
func (w *textWriter) text(text string) {
	for text != "" {
		from := strings.Index(text, "{{")
		to := -1
		if from >= 0 {
			to = strings.Index(text[from:], "}}")
		}
		if to < 0 {
			w.words(text)
			return
		}
		to += from + 2
		w.words(text[:from])
		tag := strings.TrimSpace(text[from+2 : to-2])
		switch {
		case strings.HasPrefix(tag, "#"), strings.HasPrefix(tag, "/"), tag == "else":
			w.condition(tag, text[from:to])
		default:
			w.word(text[from:to])
		}
		text = text[to:]
	}
}

// condition writes a mark of a condition. Line ends that wait before its beginning go inside, where the
// words they are for are, and come once more behind it for those who do not get these words.
func (w *textWriter) condition(tag, raw string) {
	if tag[0] == '#' {
		w.held = append(w.held, w.breaks)
		if w.breaks == 0 {
			w.gap()
		}
	} else if n := len(w.held); n > 0 {
		w.breaks = max(w.breaks, w.held[n-1])
		if tag[0] == '/' {
			w.held = w.held[:n-1]
		} else {
			w.breaks = w.held[n-1]
		}
	}
	if tag[0] != '#' && w.breaks == 0 && w.blank {
		w.gap()
	}
	w.out.WriteString(raw)
}

// words writes text between tags, its blanks collapsed.
func (w *textWriter) words(text string) {
	if w.pre > 0 {
		for i, line := range strings.Split(text, "\n") {
			if i > 0 {
				w.breaks++
			}
			if line = strings.TrimRight(line, " \t\r"); line != "" {
				w.word(line)
			}
		}
		return
	}
	text = strings.ReplaceAll(text, "\u00a0", " ")
	for i := 0; i < len(text); {
		end := strings.IndexAny(text[i:], " \t\r\n\f")
		if end < 0 {
			end = len(text) - i
		}
		if end > 0 {
			w.word(text[i : i+end])
			i += end
			continue
		}
		w.blank = true
		i++
	}
}

// word writes one, with what separates it from the last.
func (w *textWriter) word(word string) {
	word = invisible.Replace(word)
	if strings.TrimSpace(word) == "" && !strings.HasPrefix(word, "  ") {
		w.blank = true
		return
	}
	w.gap()
	if w.link != "" && w.linked < 0 {
		w.linked = w.out.Len()
	}
	w.out.WriteString(word)
}

func (w *textWriter) gap() {
	switch {
	case w.out.Len() == 0:
	case w.breaks > 0:
		w.out.WriteString("\n\n"[:min(w.breaks, 2)])
	case w.blank:
		w.out.WriteString(" ")
	}
	w.breaks, w.blank = 0, false
}
