package merge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/merge"
)

var known = merge.Known{
	"first_name": merge.Words, "last_name": merge.Words, "city": merge.Words, "company": merge.Words, "salutation": merge.Words,
	"unsubscribe_url": merge.Locator, "view_url": merge.Locator,
}

// reader are the values of one reader by name.
type reader map[string]string

func (r reader) values(p *merge.Program) []string {
	var out []string
	for _, f := range p.Fields {
		out = append(out, r[f])
	}
	return out
}

func numbered(dst []byte, n int) []byte { return fmt.Appendf(dst, "https://t.example/%d?a=1&b=2", n) }

func TestWrittenForAReader(t *testing.T) {
	anna := reader{"first_name": "Anna", "city": "Győr", "unsubscribe_url": "https://news.example/u/abc?x=1&y=2"}
	rows := []struct {
		name string
		as   merge.Format
		text string
		who  reader
		want string
	}{
		{"a field", merge.Text, "Kedves {{first_name}}!", anna, "Kedves Anna!"},
		{"blanks inside the braces", merge.Text, "Kedves {{ first_name }}!", anna, "Kedves Anna!"},
		{"a default that is not needed", merge.Text, "Kedves {{first_name|Olvasónk}}!", anna, "Kedves Anna!"},
		{"a default", merge.Text, "Kedves {{first_name|Olvasónk}}!", reader{"first_name": " \t"}, "Kedves Olvasónk!"},
		{"no value and no default", merge.Text, "Kedves {{first_name}}!", nil, "Kedves !"},
		{"a default is escaped too", merge.Markup, "<b>{{first_name|A & B}}</b>", nil, "<b>A &amp; B</b>"},
		{"a default as editors write it", merge.Markup, "<b>{{first_name|&quot;you&quot;&nbsp;}}</b>", nil, "<b>&#34;you&#34;</b>"},
		{"a condition that holds", merge.Text, "a{{#if city}} in {{city}}{{/if}} z", anna, "a in Győr z"},
		{"a condition that does not", merge.Text, "a{{#if city}} in {{city}}{{/if}} z", nil, "a z"},
		{"either", merge.Text, "{{#if city}}{{city}}{{else}}nowhere{{/if}}.", anna, "Győr."},
		{"or", merge.Text, "{{#if city}}{{city}}{{else}}nowhere{{/if}}.", nil, "nowhere."},
		{"unless", merge.Text, "{{#unless city}}nowhere{{else}}{{city}}{{/unless}}.", anna, "Győr."},
		{"unless, without", merge.Text, "{{#unless city}}nowhere{{else}}{{city}}{{/unless}}.", nil, "nowhere."},
		{"conditions in conditions", merge.Text, "{{#if city}}{{#if company}}both{{else}}city{{/if}}{{else}}none{{/if}}", anna, "city"},
		{"braces", merge.Text, `\{{first_name}} {{first_name}}`, anna, "{{first_name}} Anna"},
		{"a value is not read again", merge.Text, "{{first_name}}", reader{"first_name": "{{city}} {{#if"}, "{{city}} {{#if"},
		{"tags in a value", merge.Markup, "<p>{{first_name}}</p>", reader{"first_name": `<script>alert("1")</script>`}, "<p>&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;</p>"},
		{"quotes in a value", merge.Markup, `<img src="https://a.example/i.png" alt="{{first_name}}">`, reader{"first_name": `" onload='x`}, `<img src="https://a.example/i.png" alt="&#34; onload=&#39;x">`},
		{"a header stays one line", merge.Line, "Hello {{first_name}}", reader{"first_name": "A\r\nBcc: all@example.com"}, "Hello A Bcc: all@example.com"},
		{"a header of several lines", merge.Line, "Hello\n{{first_name}}", anna, "Hello Anna"},
		{"overrides of direction", merge.Text, "{{first_name}}", reader{"first_name": "a\u202egnp.exe\u2066b\u2069\u202c"}, "agnp.exeb"},
		{"direction marks and joiners stay", merge.Text, "{{first_name}}", reader{"first_name": "דנה\u200f 👩\u200d🔬"}, "דנה\u200f 👩\u200d🔬"},
		{"bytes that are no text", merge.Text, "{{first_name}}", reader{"first_name": "A\xff\x00\x1b[31mB\u0085C\ufeff"}, "A[31mB C"},
		{"no link by a value", merge.Text, "{{first_name}}", reader{"first_name": "https://evil.example/"}, "https: //evil.example/"},
		{"no link by a value in HTML", merge.Markup, "{{first_name}}", reader{"first_name": "https://evil.example/"}, "https: //evil.example/"},
		{"a value in a query", merge.Markup, `<a href="https://a.example/?q={{city}}&amp;n={{first_name}}">x</a>`, reader{"city": "Győr & co", "first_name": `"><b>`}, `<a href="https://a.example/?q=Gy%C5%91r%20%26%20co&amp;n=%22%3E%3Cb%3E">x</a>`},
		{"a value in a path", merge.Markup, `<img src='https://a.example/{{city}}.png' alt=''>`, reader{"city": "../../x?y"}, `<img src='https://a.example/..%2F..%2Fx%3Fy.png' alt=''>`},
		{"a value in a query of text", merge.Text, "https://a.example/?q={{city}}&z=1 {{city}}", reader{"city": "a b"}, "https://a.example/?q=a%20b&z=1 a b"},
		{"a mailbox and a telephone", merge.Markup, `<a href="mailto:{{city}}">m</a><a href="tel:{{first_name}}">t</a>`, reader{"city": "a@b.example?bcc=x", "first_name": "+36 1 \">"}, `<a href="mailto:a@b.example%3Fbcc%3Dx">m</a><a href="tel:+36 1 &#34;&gt;">t</a>`},
		{"a whole address", merge.Markup, `<a href="{{unsubscribe_url}}">off</a>`, anna, `<a href="https://news.example/u/abc?x=1&amp;y=2">off</a>`},
		{"a whole address in text", merge.Text, "off: {{unsubscribe_url}}", anna, "off: https://news.example/u/abc?x=1&y=2"},
		{"what is no address is not written", merge.Markup, `<a href="{{unsubscribe_url}}">off</a>`, reader{"unsubscribe_url": "javascript:alert(1)"}, `<a href="">off</a>`},
		{"an address with a password is not written", merge.Text, `{{unsubscribe_url}}`, reader{"unsubscribe_url": "https://bank.example@evil.example/"}, ``},
		{"links are counted", merge.Markup, `<a href="https://a.example/">1</a><a href='http://b.example/x?y&amp;z'>2</a>`, nil, `<a href="https://t.example/0?a=1&amp;b=2">1</a><a href='https://t.example/1?a=1&amp;b=2'>2</a>`},
		{"a link without quotes gets them", merge.Markup, `<a href=https://a.example/x>1</a>`, nil, `<a href="https://t.example/0?a=1&amp;b=2">1</a>`},
		{"links are counted in text", merge.Text, "See (https://a.example/x), or https://b.example.", nil, "See (https://t.example/0?a=1&b=2), or https://t.example/1?a=1&b=2."},
		{"a link before the end of a condition", merge.Text, "{{#if city}}https://a.example/{{/if}}", anna, "https://t.example/0?a=1&b=2"},
		{"a link before a condition", merge.Text, "https://a.example/{{#if city}} in {{city}}{{/if}}{{#if city}}, https://b.example/x{{/if}}.", anna, "https://t.example/0?a=1&b=2 in Győr, https://t.example/1?a=1&b=2."},
		{"other links stay", merge.Markup, `<a href="mailto:a@b.example">m</a><a href="tel:+36123">t</a><a href="#top">a</a>`, nil, `<a href="mailto:a@b.example">m</a><a href="tel:+36123">t</a><a href="#top">a</a>`},
		{"a lone < is text", merge.Markup, `1 <{{first_name}}`, reader{"first_name": "script"}, `1 &lt;script`},
		{"what is for Outlook is HTML too", merge.Markup, `<!--[if mso]><v:roundrect href="https://a.example/"><center>{{first_name}}</center></v:roundrect><![endif]--><!--[if !mso]><!--><b>{{city}}</b><!--<![endif]-->`,
			anna, `<!--[if mso]><v:roundrect href="https://t.example/0?a=1&amp;b=2"><center>Anna</center></v:roundrect><![endif]--><!--[if !mso]><!--><b>Győr</b><!--<![endif]-->`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			p, err := merge.Parse(merge.Source{Text: r.text, As: r.as, Known: known})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(p.Append([]byte("> "), r.who.values(p), numbered)); got != "> "+r.want {
				t.Errorf("got  %q\nwant %q", got, "> "+r.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	rows := []struct {
		name string
		as   merge.Format
		text string
		want string // path and code of each fault
	}{
		{"an unknown field", merge.Text, "Kedves\n {{fist_name}}!", "[2:2] field.unknown"},
		{"all at once", merge.Text, "{{fist_name}} {{Name}} {{#if city}}", "[1:1] field.unknown, [1:15] tag.form, [1:24] if.open"},
		{"columns are characters", merge.Text, "Őszi {{x}}", "[1:6] field.unknown"},
		{"braces that stay open", merge.Text, "a {{first_name b", "[1:3] tag.open"},
		{"braces in braces", merge.Text, "{{a {{first_name}}", "[1:1] tag.open"},
		{"an end without a beginning", merge.Text, "a{{/if}}", "[1:2] if.close"},
		{"the wrong end", merge.Text, "{{#unless city}}a{{/if}}", "[1:18] if.close"},
		{"else outside", merge.Text, "{{else}}", "[1:1] if.close"},
		{"two elses", merge.Text, "{{#if city}}{{else}}{{else}}{{/if}}", "[1:21] if.else"},
		{"no such condition", merge.Text, "{{#each city}}{{/if}}", "[1:1] tag.form"},
		{"no such end", merge.Text, "{{/each}}", "[1:1] tag.form"},
		{"a script", merge.Markup, "<script>var a='{{city}}'</script>", "[1:16] field.place"},
		{"a style", merge.Markup, "<style>a{color:{{city}}}</style>", "[1:16] field.place"},
		{"an inline style", merge.Markup, `<p style="color:{{city}}">`, "[1:17] field.place"},
		{"an event", merge.Markup, `<p onclick="{{city}}">`, "[1:13] field.place"},
		{"a comment", merge.Markup, "<!-- {{city}} -->", "[1:6] field.place"},
		{"the name of a tag", merge.Markup, "<h{{city}}>", "[1:3] field.place"},
		{"an attribute", merge.Markup, "<p {{city}}>", "[1:4] field.place"},
		{"a value without quotes", merge.Markup, "<img alt={{city}}>", "[1:10] field.quotes"},
		{"the end of a value without quotes", merge.Markup, "<img alt=a{{city}}>", "[1:11] field.quotes"},
		{"a whole address from a stranger", merge.Markup, `<a href="{{city}}">`, "[1:10] field.address"},
		{"a server from a stranger", merge.Markup, `<a href="https://{{city}}/">`, "[1:18] field.address"},
		{"the end of a server", merge.Markup, `<a href="https://a.example{{city}}/">`, "[1:27] field.address"},
		{"the end of a server behind an address", merge.Markup, `<a href="{{view_url}}{{city}}">`, "[1:22] field.address"},
		{"a user before the server", merge.Markup, `<a href="https://{{city}}@a.example/">`, "[1:18] field.address"},
		{"a server from a stranger in text", merge.Text, `https://{{city}}/`, "[1:9] field.address"},
		{"a condition in an address of text", merge.Text, `https://a.example/{{#if city}}?c={{city}}{{/if}}`, "[1:1] link.condition"},
		{"a field of a condition in an address of text", merge.Text, `x https://a.example/{{#if city}}{{city}}{{/if}}`, "[1:3] link.condition"},
		{"a condition in a tag", merge.Markup, `<p {{#if city}}title="x"{{/if}}>`, "[1:4] if.place, [1:25] if.place"},
		{"a condition across a tag", merge.Markup, `{{#if city}}<p {{/if}}>`, "[1:16] if.place"},
		{"script as a link", merge.Markup, `<a href="java&#10;script:x()">`, "[1:9] link.scheme"},
		{"data as a link", merge.Markup, `<a href=" data:text/html,x">`, "[1:9] link.scheme"},
		{"a link without a server", merge.Markup, `<a href="/shop">`, "[1:9] link.relative"},
		{"a link that is none", merge.Markup, `<a href="https://">`, "[1:9] link.form"},
		{"a link with a password", merge.Markup, `<a href="https://bank.example@evil.example/">`, "[1:9] link.form"},
		{"an image without a server", merge.Markup, `<img src="logo.png">`, "[1:10] image.relative"},
		{"an image of another kind", merge.Markup, `<img src="file:///c:/logo.png">`, "[1:10] image.scheme"},
		{"a tag that stays open", merge.Markup, `<p title="x`, "[1:12] html.open"},
		{"a style that stays open", merge.Markup, `<style>a{}`, "[1:11] html.open"},
		{"bytes that are no text", merge.Text, "ab\xffc", "[1:3] text.form"},
		{"conditions nine deep", merge.Text, strings.Repeat("{{#if city}}", 9) + strings.Repeat("{{/if}}", 9), "[1:97] if.depth"},
		{"too long", merge.Text, strings.Repeat("a", merge.MaxSource+1), " size"},
		{"too many tags", merge.Text, strings.Repeat("{{city}}", merge.MaxTags+2), "[1:16001] tag.count"},
		{"too many links", merge.Text, strings.Repeat("https://a.example/\n", 1) + many(merge.MaxLinks), "[1001:1] link.count"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var got []string
			for _, f := range merge.Check(merge.Source{Text: r.text, As: r.as, Known: known}) {
				got = append(got, f.Path+" "+f.Code)
			}
			if s := strings.Join(got, ", "); s != r.want {
				t.Errorf("got  %s\nwant %s", s, r.want)
			}
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "https://a.example/%d\n", i)
	}
	return b.String()
}

func TestMessagesSayWhatToDo(t *testing.T) {
	_, err := merge.Parse(merge.Source{Text: "Hi {{first_nam}} {{zzz}}", Known: known})
	want := "the text cannot be used: [1:4]: names {{first_nam}}, which does not exist; {{first_name}} may be meant (line 1, column 4); " +
		"[1:18]: names {{zzz}}, which does not exist; there are city, company, first_name, last_name, salutation, unsubscribe_url, view_url (line 1, column 18)"
	if err == nil || err.Error() != want || fault.CodeOf(err) != fault.Invalid {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestPartsShareLinks(t *testing.T) {
	html, err := merge.Parse(merge.Source{As: merge.Markup, Text: `<a href="https://a.example/">1</a><a href="https://b.example/">2</a><a href="https://a.example/">3</a>`})
	if err != nil {
		t.Fatal(err)
	}
	text, err := merge.Parse(merge.Source{Text: "https://a.example/ https://a.example/ https://a.example/ https://c.example/", Links: html.Links})
	if err != nil {
		t.Fatal(err)
	}
	got := string(text.Append(nil, nil, func(dst []byte, n int) []byte { return fmt.Append(dst, n) }))
	if got != "0 2 2 3" {
		t.Errorf("numbers are %s", got)
	}
	want := []string{"https://a.example/", "https://b.example/", "https://a.example/", "https://c.example/"}
	if diff := cmp.Diff(want, text.Links); diff != "" {
		t.Error(diff)
	}
}

func TestMissing(t *testing.T) {
	p, err := merge.Parse(merge.Source{Text: "{{first_name|x}} {{last_name}} {{#if city}}{{city}} {{company}}{{/if}}{{last_name}}"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		name string
		who  reader
		want []string
	}{
		{"nothing is known", nil, []string{"last_name"}},
		{"the condition holds", reader{"city": "Pécs", "last_name": "Nagy"}, []string{"company"}},
		{"all is there", reader{"city": "Pécs", "last_name": "Nagy", "company": "Minta Kft."}, nil},
	} {
		t.Run(r.name, func(t *testing.T) {
			if diff := cmp.Diff(r.want, p.Missing(r.who.values(p))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLongValuesAreCut(t *testing.T) {
	long := strings.Repeat("ж", 10000)
	for _, r := range []struct {
		name   string
		escape merge.Escape
		runes  int
	}{{"text", merge.Plain, merge.MaxValue}, {"HTML", merge.HTML, merge.MaxValue}, {"a header", merge.Header, merge.MaxHeaderValue}} {
		t.Run(r.name, func(t *testing.T) {
			got := []rune(string(r.escape.Append(nil, long)))
			if len(got) != r.runes || got[len(got)-1] != '…' {
				t.Errorf("%d runes are left, want %d and …", len(got), r.runes)
			}
		})
	}
	if got := string(merge.Header.Append(nil, strings.Repeat("ж", merge.MaxHeaderValue))); strings.Contains(got, "…") {
		t.Error("a value that is not too long was cut")
	}
}
