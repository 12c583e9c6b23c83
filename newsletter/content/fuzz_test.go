package content_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter/content"
)

var runs = regexp.MustCompile(`(?i)^[\s\x00-\x20]*(j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t|vbscript|data:text)`)

// harmless finds what a mail must not have.
func harmless(t *testing.T, text string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := z.Token()
		switch token.Data {
		case "script", "iframe", "object", "embed", "form", "input", "button", "link", "base", "svg", "math", "frame", "frameset", "applet", "template", "noscript", "xmp", "plaintext":
			t.Errorf("<%s> came through", token.Data)
		}
		for _, a := range token.Attr {
			if strings.HasPrefix(a.Key, "on") || (a.Key == "href" || a.Key == "src" || a.Key == "background") && runs.MatchString(a.Val) {
				t.Errorf("%s=%q came through in <%s>", a.Key, a.Val, token.Data)
			}
		}
	}
}

// FuzzImport reads whatever somebody calls a template.
func FuzzImport(f *testing.F) {
	for _, s := range []string{
		"<p>{{first_name}}</p>", "<!--[if mso]>--><script>x</script><![endif]-->", "<style></style><script>x</script></style>", "<svg><style><img src=x onerror=x></style></svg>",
		"<title></title><img onerror=x>", "<a href='java\nscript:x'>x</a>", "\xff\xfe<\x00p\x00>\x00", "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=x&gt;\">",
		"<noscript><p title='</noscript><img src=x onerror=x>'>", "<!--[if x]><!--><script><!--<![endif]-->", "{{#if city}}<b>{{else}}</b>{{/if}}", "\ue0000\ue001<!--[if x]>a<![endif]-->",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		in, err := content.Import(file, content.Catalogue())
		if err != nil {
			return
		}
		harmless(t, in.HTML)
		p, err := content.Outside{Language: locale.Hebrew, Subject: "x", HTML: in.HTML}.Compile(content.Catalogue())
		if err != nil {
			return
		}
		r := reader(locale.Hebrew)
		r.Name, r.City = party.Name{Given: "\"><script>x</script>"}, "javascript:x'\r\n"
		v := p.Preview(r)
		harmless(t, v.HTML)
		if !utf8.ValidString(v.HTML + v.Text + v.Subject) {
			t.Error("what came out is no text")
		}
	})
}

// FuzzDesign puts whatever somebody types into blocks, and whatever a name says into fields.
func FuzzDesign(f *testing.F) {
	f.Add("Kedves {{first_name}}", "<p>{{salutation}}</p>", "https://a.example/?q={{city}}", "Anna\r\nBcc: x")
	f.Add("{{#if city}}", "<b onclick=x>{{city}}</b><script>x</script>", "javascript:x", "<script>")
	f.Add("<b>", "a\n\nb {{city|\"<i>}}", "{{unsubscribe_url}}", strings.Repeat("W", 10000))
	f.Add("x", "<table><td>x", "https://[", "\u202e\u2066gnp.exe")
	f.Fuzz(func(t *testing.T, line, words, address, value string) {
		d := content.Design{Language: locale.English, Subject: line, Preheader: line, Blocks: []content.Block{
			{Heading: &content.Heading{Text: line}},
			{Text: &content.Text{HTML: words}},
			{HTML: &content.HTML{HTML: words}},
			{Button: &content.Button{Label: line, URL: address}},
			{Image: &content.Image{URL: address, Alt: line}},
			{Product: &content.Product{Name: line, URL: address, Price: line}},
			{Footer: &content.Footer{Company: line, Address: words}},
		}}
		p, err := d.Compile(content.Catalogue())
		if err != nil {
			return
		}
		r := reader(locale.English)
		r.Name, r.City = party.Name{Given: value, Family: value}, value
		v := p.Preview(r)
		harmless(t, v.HTML)
		if strings.ContainsAny(v.Subject, "\r\n\x00") {
			t.Errorf("the subject has lines: %q", v.Subject)
		}
		if !utf8.ValidString(v.HTML + v.Text + v.Subject) {
			t.Error("what came out is no text")
		}
		if !strings.Contains(v.HTML, "https://news.example/u/abc") || !strings.Contains(v.Text, "https://news.example/u/abc") {
			t.Error("the link to unsubscribe is lost")
		}
	})
}
