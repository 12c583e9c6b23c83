package content_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/testutil"
)

func imported(t testing.TB, source string) content.Imported {
	t.Helper()
	in, err := content.Import([]byte(source), content.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func codes(faults []fault.Fault) string {
	var out []string
	for _, f := range faults {
		out = append(out, strings.TrimSpace(f.Path+" "+f.Code))
	}
	return strings.Join(out, ", ")
}

func TestOutsideTemplate(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "outside.in.html"))
	if err != nil {
		t.Fatal(err)
	}
	in := imported(t, string(source))
	testutil.Golden(t, "outside.html", []byte(in.HTML))
	if diff := cmp.Diff([]content.Link{
		{URL: "{{view_url}}", Words: "Online ansehen"},
		{URL: "https://shop.example/", Words: "Shop", Counted: true},
		{URL: "https://shop.example/sale?a=1&b=2", Words: "Zum Angebot", Counted: true},
		{URL: "https://shop.example/?c={{city}}", Words: "In deiner Stadt"},
		{URL: "mailto:info@shop.example", Words: "Schreib uns"},
		{URL: "{{unsubscribe_url}}", Words: "Abmelden"},
	}, in.Links); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]content.Asset{{URL: "https://img.example/logo.png", Alt: "Shop", Width: "120"}, {URL: "http://img.example/old.gif", Width: "10"}}, in.Images); diff != "" {
		t.Error(diff)
	}
	if got, want := codes(in.Faults)+" | "+codes(in.Warnings), " | html html.removed, images[1] image.insecure, html image.silent"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if in.Title != "Angebote für {{first_name|dich}}" {
		t.Errorf("the title is %q", in.Title)
	}
	o := content.Outside{Language: locale.English, Subject: "For {{first_name|you}}", HTML: in.HTML}
	p, err := o.Compile(content.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	testutil.Golden(t, "outside.txt", []byte(p.Preview(reader(locale.English)).Text))
	if diff := cmp.Diff([]string{"https://shop.example/", "https://shop.example/sale?a=1&b=2", "https://shop.example/sale?a=1&b=2"}, p.Links); diff != "" {
		t.Error(diff)
	}
	again := imported(t, in.HTML)
	if again.HTML != in.HTML {
		t.Error("cleaning twice is not cleaning once:\n" + cmp.Diff(in.HTML, again.HTML))
	}
}

func TestWhatTemplatesMustNotHave(t *testing.T) {
	const off = `<a href="{{unsubscribe_url}}">off</a>`
	for _, r := range []struct {
		name, source, gone string
		want               string
	}{
		{"a script", off + "<script>alert(1)</script>", "alert", "html html.removed"},
		{"a script in a comment for Outlook that ends early", off + "<!--[if mso]>--><script>alert(1)</script><![endif]-->", "alert", "html html.removed"},
		{"a script in a style", off + "<style>a{}</style><script>alert(1)</script>", "alert", "html html.removed"},
		{"an event", `<a onclick="alert(1)" href="{{unsubscribe_url}}">off</a>`, "alert", ""},
		{"a form", off + `<form action="https://x.example/"><input name=a></form>`, "x.example", "html html.removed"},
		{"a frame", off + `<iframe src="https://x.example/"></iframe>`, "x.example", "html html.removed"},
		{"a style sheet from elsewhere", off + `<link rel="stylesheet" href="https://x.example/a.css">`, "x.example", "html html.removed"},
		{"an import in a style", off + `<style>@import url(https://x.example/a.css);p{color:red}</style>`, "x.example", ""},
		{"a base", off + `<base href="https://x.example/">`, "x.example", "html html.removed"},
		{"a refresh", off + `<meta http-equiv="refresh" content="0;url=https://x.example/">`, "refresh", ""},
		{"script as a link", off + `<a href="java&#9;script:alert(1)">x</a>`, "script:", ""},
		{"script as an image", off + `<img src="javascript:alert(1)" alt="x">`, "alert", "images[0] image.none"},
		{"a comment", off + `<!-- inside joke -->`, "joke", ""},
		{"an object", off + `<object data="https://x.example/"><embed src="https://x.example/"></object>`, "x.example", "html html.removed"},
		{"SVG", off + `<svg onload="alert(1)"><script>alert(1)</script></svg>`, "alert", "html html.removed"},
		{"an escape in a style", off + `<p style="background:\75rl(javascript:alert(1))">x</p>`, "alert", ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			in := imported(t, r.source)
			if strings.Contains(in.HTML, r.gone) {
				t.Errorf("%q is still in %s", r.gone, in.HTML)
			}
			if got := codes(in.Faults) + codes(in.Warnings); got != r.want {
				t.Errorf("got %s, want %s", got, r.want)
			}
			if !strings.Contains(in.HTML, `href="{{unsubscribe_url}}"`) {
				t.Errorf("the rest is lost in %s", in.HTML)
			}
		})
	}
}

func TestWhatTemplatesShouldHave(t *testing.T) {
	for _, r := range []struct{ name, source, want string }{
		{"no way out", "<p>Hello</p>", "html unsubscribe.missing"},
		{"fields of another program", `<p>*|FNAME|* <a href="{{unsubscribe_url}}">[unsubscribe]</a></p>`, "html field.foreign"},
		{"an image that is built in", `<p>x<img alt="x" src="data:image/png;base64,AAAA"><a href="{{unsubscribe_url}}">off</a></p>`, "images[0] image.inside"},
		{"more than Gmail shows", `<p>` + strings.Repeat("words ", 18000) + `<a href="{{unsubscribe_url}}">off</a></p>`, "html size.clipped"},
		{"no words", `<img src="https://img.example/a.png">`, "html html.empty, html unsubscribe.missing, html image.silent"},
		{"an unknown field", "<p>{{fist_name}}</p><a href='{{unsubscribe_url}}'>off</a>", "html[1:66] field.unknown"},
		{"a link without a server", "<a href='{{unsubscribe_url}}'>off</a><a href='https://'>x</a>", "html[1:108] link.form"},
	} {
		t.Run(r.name, func(t *testing.T) {
			in := imported(t, r.source)
			all := append(append([]fault.Fault{}, in.Faults...), in.Warnings...)
			if got := codes(all); got != r.want {
				t.Errorf("got %s, want %s\n%s", got, r.want, in.HTML)
			}
		})
	}
}

func TestEncodingsAreRead(t *testing.T) {
	const text = `<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1250"></head><body><p>Őszi árvíztűrő</p></body></html>`
	central, err := charmap.Windows1250.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"UTF-8": text, "UTF-8 with a mark": "\xef\xbb\xbf" + text, "windows-1250": central, "UTF-16": wide} {
		t.Run(name, func(t *testing.T) {
			in := imported(t, file)
			if !strings.Contains(in.HTML, "<p>Őszi árvíztűrő</p>") || strings.Contains(in.HTML, "1250") || !strings.Contains(in.HTML, `<meta charset="utf-8">`) {
				t.Errorf("got %s", in.HTML)
			}
		})
	}
	if _, err := content.Import(make([]byte, content.MaxTemplate+1), content.Catalogue()); fault.CodeOf(err) != fault.Limit {
		t.Errorf("too large: %v", err)
	}
	if _, err := content.Import([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\xff"), content.Catalogue()); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a picture: %v", err)
	}
}

func TestOutsideIsChecked(t *testing.T) {
	o := content.Outside{Language: "xx", Subject: "", HTML: `<p {{city}}>x {{#if city}}</p>`, Text: "{{zzz}}"}
	got := codes(o.Check(content.Catalogue()))
	// an attribute that is a field is no attribute to the cleaner
	if want := "language choice, subject required, html[1:68] if.open, text[1:1] field.unknown"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
