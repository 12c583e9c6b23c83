package content_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/testutil"
)

func compiled(t testing.TB, d content.Design) content.Programs {
	t.Helper()
	p, err := d.Compile(content.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNewslettersOfFiveLanguages(t *testing.T) {
	for _, lang := range locale.Languages {
		t.Run(string(lang), func(t *testing.T) {
			p := compiled(t, sample(lang))
			v := p.Preview(reader(lang))
			if v.Missing != nil {
				t.Errorf("%v are missing", v.Missing)
			}
			testutil.Golden(t, string(lang)+".html", []byte(v.HTML))
			testutil.Golden(t, string(lang)+".txt", []byte("Subject: "+v.Subject+"\n\n"+v.Text))
		})
	}
}

func TestJSONIsKept(t *testing.T) {
	d := sample(locale.Hungarian)
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back content.Design
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, back); diff != "" {
		t.Error(diff)
	}
}

func TestLinksAreCountedAlikeInBothParts(t *testing.T) {
	p := compiled(t, sample(locale.English))
	want := []string{"https://shop.example/workshop", "https://shop.example/autumn", "https://shop.example/p/254", "https://shop.example/p/254", "https://shop.example/p/18v", "https://shop.example/p/18v"}
	if diff := cmp.Diff(want, p.Links); diff != "" {
		t.Fatal(diff)
	}
	count := func(dst []byte, n int) []byte { return fmt.Appendf(dst, "https://t.example/%d", n) }
	r := reader(locale.English)
	html := string(p.HTML.Append(nil, r.Append(nil, p.HTML.Fields), count))
	text := string(p.Text.Append(nil, r.Append(nil, p.Text.Fields), count))
	for n := range p.Links {
		address := fmt.Sprintf("https://t.example/%d", n)
		if !strings.Contains(html, `href="`+address+`"`) {
			t.Errorf("link %d is not in the HTML", n)
		}
	}
	for _, n := range []int{0, 1, 2, 4} { // those of pictures beside words are not said twice
		if address := fmt.Sprintf("<https://t.example/%d>", n); strings.Count(text, address) != 1 {
			t.Errorf("link %d is not once in the text", n)
		}
	}
	for _, own := range []string{"https://news.example/u/abc", "https://news.example/p/abc", "https://news.example/v/abc"} {
		if !strings.Contains(html, own) || !strings.Contains(text, own) {
			t.Errorf("%s is not in both parts", own)
		}
	}
	if strings.Contains(html, "https://shop.example/p/") || strings.Contains(text, "https://shop.example/p/") {
		t.Error("a link is not counted")
	}
	if !strings.Contains(html, "https://shop.example/blog?id=7&amp;city=Leeds") {
		t.Error("the link with a field in it is lost")
	}
}

func TestWhatIsWrongIsToldAtOnce(t *testing.T) {
	d := content.Design{Language: "xx", Subject: "{{fist_name}}", Preheader: strings.Repeat("a", 500), Theme: content.Theme{Accent: "red", Ink: "#fff"}, Blocks: []content.Block{
		{},
		{Heading: &content.Heading{Level: 7, Align: "middle"}},
		{Text: &content.Text{HTML: "<p>\n{{nothing}}</p>"}},
		{Text: &content.Text{HTML: "{{#if city}}"}},
		{Button: &content.Button{Label: "x", URL: "www.example.com"}},
		{Button: &content.Button{Label: "x", URL: "https://{{city}}/"}},
		{Image: &content.Image{URL: "javascript:x", Link: "https://a.example/", Width: 9000}},
		{Columns: &content.Columns{Columns: []content.Column{{Blocks: []content.Block{{Footer: &content.Footer{Company: "x", Address: "y"}}}}}}},
		{Columns: &content.Columns{Columns: []content.Column{{}, {Blocks: []content.Block{{Columns: &content.Columns{}}}}}}},
		{Product: &content.Product{URL: "/p"}, Divider: &content.Divider{}},
		{HTML: &content.HTML{HTML: "<p {{city}}>"}, If: "rich"},
		{HTML: &content.HTML{HTML: "<object>{{#if city}}</object>x{{/if}}"}},
		{Footer: &content.Footer{}, If: "city"},
		{Divider: &content.Divider{}},
	}}
	var got []string
	for _, f := range d.Check(content.Catalogue()) {
		got = append(got, f.Path+" "+f.Code)
	}
	want := []string{
		"language choice", "subject[1:1] field.unknown", "preheader text.length", "theme.accent color.form", "theme.ink color.form",
		"blocks[0] block.kind",
		"blocks[1].heading.text required", "blocks[1].heading.align choice", "blocks[1].heading.level range",
		"blocks[2].text.html[2:1] field.unknown",
		"blocks[3].text.html[1:1] if.open",
		"blocks[4].button.url link.relative",
		"blocks[5].button.url field.address",
		"blocks[6].image.url image.scheme", "blocks[6].image.width range", "blocks[6].image.alt required",
		"blocks[7].columns.columns count", "blocks[7].columns.columns[0].blocks[0].footer footer.place",
		"blocks[8].columns.columns[0].blocks required", "blocks[8].columns.columns[1].blocks[0].columns columns.nested",
		"blocks[9].product.name required", "blocks[9].product.url link.relative", "blocks[9] block.kind",
		"blocks[10].if field.unknown", "blocks[10].html.html[1:4] field.place",
		"blocks[11].html.html if.close",
		"blocks[12].footer.company required", "blocks[12].footer.address required",
		"blocks[12].footer footer.place", "blocks[12].footer footer.condition",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := d.Compile(content.Catalogue()); fault.CodeOf(err) != fault.Invalid || len(fault.Of(err)) != len(want) {
		t.Errorf("Compile gives %v", err)
	}
}

func TestWarnings(t *testing.T) {
	d := sample(locale.English)
	d.Blocks[0].Image.URL = "http://img.example/logo.png"
	d.Blocks = append([]content.Block{{Columns: &content.Columns{Columns: []content.Column{
		{Blocks: []content.Block{{Text: &content.Text{HTML: "<p>x</p><table><tr><td>y</td></tr></table>"}}}},
		{Blocks: []content.Block{{HTML: &content.HTML{HTML: "<p>" + strings.Repeat("many words ", 10000) + "</p>"}}}},
	}}}}, d.Blocks...)
	p := compiled(t, d)
	want := "html size.clipped, html link.uncounted, blocks[0].columns.columns[0].blocks[0].text.html html.removed, blocks[1].image.url image.insecure, blocks[13].html.html html.removed"
	if got := codes(p.Warnings); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFooterAndSizeAreAsked(t *testing.T) {
	d := sample(locale.English)
	d.Blocks = d.Blocks[:len(d.Blocks)-1]
	if f := d.Check(content.Catalogue()); len(f) != 1 || f[0].Code != "footer.missing" {
		t.Errorf("without a footer: %v", f)
	}
	many := content.Design{Language: locale.English, Subject: "x"}
	for range content.MaxBlocks + 1 {
		many.Blocks = append(many.Blocks, content.Block{Divider: &content.Divider{}})
	}
	if f := many.Check(content.Catalogue()); len(f) != 2 || f[0].Code != "count" {
		t.Errorf("with too many blocks: %v", f)
	}
}

func TestContrastIsAsked(t *testing.T) {
	for _, r := range []struct {
		name  string
		theme content.Theme
		want  string
	}{
		{"grey on white", content.Theme{Ink: "#999999"}, "theme.sheet color.contrast, theme.page color.contrast"},
		{"a page that swallows the footer", content.Theme{Page: "#1f2430"}, "theme.page color.contrast"},
		{"a dark letter", content.Theme{Page: "#000000", Sheet: "#101010", Ink: "#ffffff"}, ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := sample(locale.English)
			d.Theme = r.theme
			var got []string
			for _, f := range d.Check(content.Catalogue()) {
				got = append(got, f.Path+" "+f.Code)
			}
			if s := strings.Join(got, ", "); s != r.want {
				t.Errorf("got %s, want %s", s, r.want)
			}
		})
	}
}

func TestGreetings(t *testing.T) {
	name := party.ParseName
	for _, r := range []struct {
		name             string
		who              content.Reader
		formal, familiar string
	}{
		{"Hungarian, a man", content.Reader{Language: locale.Hungarian, Name: name("Kovács Péter", locale.Hungarian), Gender: party.Male}, "Tisztelt Kovács Úr!", "Kedves Péter!"},
		{"Hungarian, a woman", content.Reader{Language: locale.Hungarian, Name: name("Szabó Anna", locale.Hungarian), Gender: party.Female}, "Tisztelt Szabó Anna!", "Kedves Anna!"},
		{"Hungarian, nobody", content.Reader{Language: locale.Hungarian}, "Tisztelt Partnerünk!", "Kedves Partnerünk!"},
		{"English, a title", content.Reader{Language: locale.English, Name: name("Dr. John Berg", locale.English)}, "Dear Dr Berg,", "Dear John,"},
		{"English, nobody", content.Reader{Language: locale.English}, "Dear Sir or Madam,", "Dear Sir or Madam,"},
		{"Russian, a man by his patronymic", content.Reader{Language: locale.Russian, Name: name("Иван Петрович Иванов", locale.Russian)}, "Уважаемый Иван Петрович!", "Здравствуйте, Иван!"},
		{"Greek, a man", content.Reader{Language: locale.Greek, Name: name("Νίκος Παπαδόπουλος", locale.Greek), Gender: party.Male}, "Αγαπητέ κύριε Παπαδόπουλε,", "Γεια σας Νίκο,"},
		{"Hebrew, a woman", content.Reader{Language: locale.Hebrew, Name: name("דנה לוי", locale.Hebrew), Gender: party.Female}, "שלום דנה לוי,", "שלום דנה,"},
		{"Hebrew, a man without a name", content.Reader{Language: locale.Hebrew}, "שלום רב,", "שלום רב,"},
		{"a firm", content.Reader{Language: locale.Hungarian, Name: party.Name{Full: "Minta Kft."}, Organization: true}, "Tisztelt Partnerünk!", "Kedves Partnerünk!"},
		{"an advertisement for a name", content.Reader{Language: locale.English, Name: name("Win at http://evil.example now", locale.English), Gender: party.Male}, "Dear Sir or Madam,", "Dear Sir or Madam,"},
		{"a domain for a name", content.Reader{Language: locale.English, Name: party.Name{Given: "free-bitcoin.com"}}, "Dear Sir or Madam,", "Dear Sir or Madam,"},
		{"a path for a name", content.Reader{Language: locale.English, Name: party.Name{Given: "evil.museum/win"}}, "Dear Sir or Madam,", "Dear Sir or Madam,"},
		{"titles without blanks are a name", content.Reader{Language: locale.Hungarian, Name: party.Name{Title: "Prof.dr.", Given: "Éva", Family: "Szabó"}, Gender: party.Female}, "Tisztelt Prof.dr. Szabó Éva!", "Kedves Éva!"},
		{"initials are a name", content.Reader{Language: locale.English, Name: name("J.R. Smith", locale.English), Gender: party.Male}, "Dear Mr Smith,", "Dear J.R.,"},
		{"lines in a name", content.Reader{Language: locale.English, Name: party.Name{Given: "Ann\r\nBcc: x", Family: "Berg"}, Gender: party.Female}, "Dear Ms Berg,", "Dear Ann Bcc: x,"},
	} {
		t.Run(r.name, func(t *testing.T) {
			got := r.who.Append(nil, []string{"salutation", "salutation_familiar"})
			if diff := cmp.Diff([]string{r.formal, r.familiar}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAddressees(t *testing.T) {
	for _, r := range []struct {
		name string
		who  content.Reader
		want string
	}{
		{"a person", content.Reader{Language: locale.Hungarian, Name: party.Name{Given: "Péter", Family: "Kovács", Title: "dr."}}, "dr. Kovács Péter"},
		{"a person of a firm", content.Reader{Language: locale.English, Name: party.Name{Given: "John", Family: "Berg"}, Company: "Acme Ltd"}, "John Berg"},
		{"a firm", content.Reader{Name: party.Name{Full: "Minta Kft."}, Organization: true}, "Minta Kft."},
		{"an advertisement for a name", content.Reader{Name: party.Name{Full: "http://evil.example"}, Company: "Acme Ltd"}, "Acme Ltd"},
		{"nobody", content.Reader{}, ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			if got := r.who.Addressee(); got != r.want {
				t.Errorf("got %q, want %q", got, r.want)
			}
		})
	}
}

func TestHostileValuesStayWords(t *testing.T) {
	p := compiled(t, sample(locale.English))
	r := reader(locale.English)
	r.Name = party.Name{Given: "<b>Anna</b>\r\nBcc: all@evil.example\u202e" + strings.Repeat("W", 10000), Family: "\"><script>x</script>"}
	r.City, r.CustomerNumber = "Leeds&admin=1#\r\n", "{{unsubscribe_url}} https://evil.example/"
	v := p.Preview(r)
	for _, part := range []struct{ name, text, want string }{
		{"the customer number is not read again", v.HTML, "Your customer number: {{unsubscribe_url}} https: //evil.example/"},
		{"an address keeps its other parameters", v.HTML, "city=Leeds%26admin%3D1%23"},
	} {
		if !strings.Contains(part.text, part.want) {
			t.Errorf("%s: %q is missing", part.name, part.want)
		}
	}
	for name, text := range map[string]string{"HTML": v.HTML, "text": v.Text, "subject": v.Subject} {
		if strings.ContainsAny(text, "\r\x00\u202e") || strings.Contains(text, strings.Repeat("W", 200)) {
			t.Errorf("a hostile name came through in the %s", name)
		}
	}
	if strings.Contains(v.HTML, "<script>") || strings.Contains(v.HTML, "<b>Anna") {
		t.Error("a name brought markup")
	}
	if strings.ContainsAny(v.Subject, "\n") || len(v.Subject) > 300 {
		t.Errorf("the subject is %q", v.Subject)
	}
}

func TestValues(t *testing.T) {
	r := reader(locale.Hungarian)
	r.Company, r.JobTitle, r.Country, r.Owner = "Minta Kft.", "igazgató", "HU", content.Owner{Name: "Szabó Éva", Email: "eva@example.hu", Phone: "+36 1 234 5678"}
	r.More = map[string]string{"customer.balance": "12 000 Ft"}
	got := map[string]string{}
	fields := content.Catalogue(content.Field{Name: "customer.balance"})
	for _, f := range fields {
		got[f.Name] = r.Append(nil, []string{f.Name})[0]
	}
	want := map[string]string{
		"salutation": "Tisztelt dr. Kovács Úr!", "salutation_familiar": "Kedves Péter!", "first_name": "Péter", "last_name": "Kovács", "full_name": "dr. Kovács Péter",
		"email": "reader@example.com", "company": "Minta Kft.", "job_title": "igazgató", "city": "Győr", "country": "Magyarország", "customer_number": "U-1042",
		"owner_name": "Szabó Éva", "owner_email": "eva@example.hu", "owner_phone": "+36 1 234 5678", "today": "2026.\u00a011.\u00a022.",
		"unsubscribe_url": "https://news.example/u/abc", "preference_url": "https://news.example/p/abc", "view_url": "https://news.example/v/abc", "customer.balance": "12 000 Ft",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTextsAreComplete(t *testing.T) {
	if missing := content.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	for _, f := range content.Catalogue() {
		for _, lang := range locale.Languages {
			if f.Label[lang] == "" {
				t.Errorf("%s has no name in %s", f.Name, lang)
			}
		}
	}
}

func TestGapsAreFound(t *testing.T) {
	d := sample(locale.English)
	d.Blocks = append([]content.Block{{Text: &content.Text{HTML: "{{company}} {{first_name|you}} {{#if city}}{{job_title}}{{/if}}"}}}, d.Blocks...)
	p := compiled(t, d)
	var gaps content.Gaps
	for i := range 12 {
		r := reader(locale.English)
		r.CustomerNumber, r.Name = "", party.Name{}
		if i > 0 {
			r.Company = "Acme Ltd"
		}
		if i > 10 {
			r.JobTitle = "buyer"
		}
		gaps.Add(fmt.Sprintf("reader%d@example.com", i), p.Missing(r))
	}
	list := gaps.List()
	if gaps.Readers != 12 || gaps.Affected != 11 || len(list) != 2 || list[0].Field != "job_title" || list[0].Readers != 11 || len(list[0].Examples) != 10 ||
		list[1].Field != "company" || list[1].Readers != 1 || list[1].Examples[0] != "reader0@example.com" {
		t.Errorf("got %+v", gaps)
	}
}

// shop is a host's price list.
type shop map[string]string

func (s shop) Price(_ context.Context, product string, lang locale.Language) (string, error) {
	price, ok := s[product]
	switch {
	case product == "broken":
		return "", fault.New(fault.Unavailable, "the price list does not answer")
	case !ok:
		return "", fault.New(fault.NotFound, "no such product")
	}
	return price + " " + string(lang), nil
}

func TestPrices(t *testing.T) {
	d := sample(locale.Hungarian)
	inColumns := content.Block{Columns: &content.Columns{Columns: []content.Column{
		{Blocks: []content.Block{{Product: &content.Product{Key: "18v", Name: "x", Price: "old"}}}}, {Blocks: []content.Block{{Divider: &content.Divider{}}}}}}}
	d.Blocks = append([]content.Block{inColumns}, d.Blocks...)
	priced, err := d.Priced(t.Context(), shop{"254": "99", "18v": "12"})
	if err != nil {
		t.Fatal(err)
	}
	if got := priced.Blocks[9].Product.Price; got != "99 hu" {
		t.Errorf("the price is %s", got)
	}
	if got := priced.Blocks[0].Columns.Columns[0].Blocks[0].Product.Price; got != "12 hu" {
		t.Errorf("the price in a column is %s", got)
	}
	if priced.Blocks[10].Product.Price != "42 500 Ft" {
		t.Error("a price that was typed has changed")
	}
	if d.Blocks[9].Product.Price != "129 990 Ft" || d.Blocks[0].Columns.Columns[0].Blocks[0].Product.Price != "old" {
		t.Error("the design itself has changed")
	}
	_, err = d.Priced(t.Context(), shop{})
	var paths []string
	for _, f := range fault.Of(err) {
		paths = append(paths, f.Path)
	}
	if diff := cmp.Diff([]string{"blocks[0].columns.columns[0].blocks[0].product.key", "blocks[9].product.key"}, paths); diff != "" {
		t.Error(diff)
	}
	d.Blocks[9].Product.Key = "broken"
	if _, err = d.Priced(t.Context(), shop{"18v": "1"}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a price list that fails gives %v", err)
	}
}
