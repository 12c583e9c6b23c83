package merge_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/crmplus/crmplus/newsletter/merge"
)

// shape is what a browser sees of a text but its words: tags, names of attributes, where links lead.
func shape(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			token := z.Token()
			line := token.Type.String() + " " + token.Data
			for _, a := range token.Attr {
				line += " " + a.Key
				if a.Key != "href" && a.Key != "src" && a.Key != "background" {
					continue
				}
				if u, err := url.Parse(strings.TrimSpace(a.Val)); err == nil {
					line += "=" + u.Scheme + "//" + u.Host
				}
			}
			out = append(out, line)
		case html.CommentToken, html.DoctypeToken: // what stands in a condition for Outlook may differ
			out = append(out, z.Token().Type.String())
		}
	}
}

// FuzzMarkup holds that whatever a template says and whatever a value says, the value changes neither tags,
// nor attributes, nor where a link leads.
func FuzzMarkup(f *testing.F) {
	for _, text := range []string{
		`<p title="{{a}}">{{a|x}}</p><a href="https://x.example/?q={{a}}&b={{b}}">{{b}}</a>`,
		`{{#if a}}<b>{{a}}</b>{{else}}<i>{{b}}</i>{{/if}}`,
		`<!--[if mso]><v:rect href="https://x.example/"><![endif]-->{{a}}<!--{{b}}-->`,
		`<style>a{}</style><title>{{a}}</title><img alt='{{b}}' src=cid:x><a href=mailto:{{a}}>`,
		`<{{a}} </{{b}}> <a href="{{a}}/{{b}}"> <textarea>{{a}}</textarea>`,
		"<!--[if mso]><v>rect href=\"https://x.example/\"><![endif]-'>{{a}}<\f--{}}{b-->",
		`<a href='{{u}}?x={{a}}' alt="{{b}}" {{a}}>\{{ {{`,
	} {
		for _, value := range []string{`"><script>`, "' onload=x", "javascript:x", "-->", "</title><b>", "a\r\nb\x00\u202e", "&#34;", "\xff<", "{{b}}"} {
			f.Add(text, value)
		}
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		p, err := merge.Parse(merge.Source{Text: text, As: merge.Markup, Known: merge.Known{"a": merge.Words, "b": merge.Words, "u": merge.Locator}})
		if err != nil {
			return
		}
		of := func(words string) string {
			var values []string
			for _, name := range p.Fields {
				if name == "u" {
					values = append(values, "https://u.example/x")
				} else {
					values = append(values, words)
				}
			}
			return string(p.Append(nil, values, nil))
		}
		if merge.Empty(value) {
			return // conditions differ
		}
		harmless, hostile := of("Anna"), of(value)
		if len(merge.HTML.Append(nil, value)) == 0 {
			return
		}
		if want, got := shape(t, harmless), shape(t, hostile); !slices.Equal(want, got) {
			t.Errorf("%q with %q\nhas  %q\nnot  %q", text, value, got, want)
		}
		if strings.ContainsAny(of("\u202e"+value), "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") && !strings.ContainsAny(text, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") && !strings.Contains(text, "&") {
			t.Error("an override of direction came through")
		}
	})
}

// FuzzWords holds for plain text and headers: no new lines, no new links, no control characters.
func FuzzWords(f *testing.F) {
	f.Add("Kedves {{a|x}}!\n{{#if b}}https://a.example/?{{a}}{{/if}}", "A\r\nBcc: x\x00")
	f.Add("{{a}}{{b}}", "http://evil.example/\u2028\u202e")
	f.Add(`\{{a}} {{u}}`, "\xff\xfe")
	f.Fuzz(func(t *testing.T, text, value string) {
		for _, as := range []merge.Format{merge.Text, merge.Line} {
			p, err := merge.Parse(merge.Source{Text: text, As: as, Known: merge.Known{"a": merge.Words, "b": merge.Words}})
			if err != nil {
				continue
			}
			out := string(p.Append(nil, []string{value, value}, nil))
			if !utf8.ValidString(out) {
				t.Errorf("%q is no text", out)
			}
			if as == merge.Line && strings.ContainsAny(out, "\r\n\x00") {
				t.Errorf("%q has more than one line", out)
			}
			if strings.Count(out, "\n") > strings.Count(text, "\n") || strings.Count(out, "\r") > strings.Count(text, "\r") {
				t.Errorf("%q got a line from %q", out, value)
			}
		}
		for _, e := range []merge.Escape{merge.Plain, merge.HTML, merge.Header} {
			out := string(e.Append(nil, value))
			if strings.Contains(out, "://") || strings.ContainsAny(out, "\r\n\u202e\u2066") {
				t.Errorf("%q came through", out)
			}
		}
		if out := string(merge.Address.Append(nil, value)); out != "" && !strings.HasPrefix(strings.ToLower(out), "http") {
			t.Errorf("%q is no address", out)
		}
	})
}
