package message_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/merge"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/testutil"
)

func parse(t testing.TB, as merge.Format, text string) *merge.Program {
	t.Helper()
	p, err := merge.Parse(merge.Source{Text: text, As: as})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const (
	subjectText = "{{name|Kedves Olvasónk}}: őszi ajánlatok"
	plainText   = "Kedves {{name|Olvasó}}!\n\n.Ez a sor ponttal kezdődik. \nFrom here on: שלום – Здравствуйте – Χαίρετε\n\n{{#if city}}Üdvözlet ide: {{city}}{{else}}Üdvözlet!{{/if}}\nhttps://shop.example.hu/akcio?a=1&b=2\n"
	markupText  = "<!doctype html>\n<html lang=\"hu\"><body>\n\t<p>Kedves  {{name|Olvasó}}!</p>\n{{#if city}}<p title=\"{{city}}\">{{city}}</p>{{/if}}" +
		"<a href=\"https://shop.example.hu/akcio?a=1&amp;b=2\">Akció = jó</a><img src=\"cid:logo@example.hu\" alt=\"\">\n</body></html>\n"
)

func draft(t testing.TB) message.Draft {
	return message.Draft{
		From: mail.Address{Name: "Kovács és Társa Kft.", Email: "hirek@example.hu"}, ReplyTo: mail.Address{Name: "Kovács Anna", Email: "anna@example.hu"},
		Date: time.Date(2026, 9, 7, 8, 30, 0, 0, time.FixedZone("", 7200)), Language: locale.Hungarian,
		Subject: parse(t, merge.Line, subjectText), Text: parse(t, merge.Text, plainText), HTML: parse(t, merge.Markup, markupText),
		List: message.List{ID: "tanacsok.hirek.example.hu", Name: "Tanácsok"}, UnsubscribeMail: "leiratkozas+ok@example.hu", FeedbackID: "c12:tanacsok:marka:crmplus",
	}
}

func reader() message.Recipient {
	return message.Recipient{
		Name: "Szabó Éva", Address: "eva@example.hu", Subject: []string{"Szabó Éva"}, Text: []string{"Szabó Éva", "Győr"}, HTML: []string{"Szabó Éva", "Győr & <vidéke>"},
		MessageID: "c12.7@example.hu", Unsubscribe: "https://hirek.example.hu/u/abc123",
		Link:  func(dst []byte, n int) []byte { return fmt.Appendf(dst, "https://hirek.example.hu/l/token%d", n) },
		Pixel: "https://hirek.example.hu/o/token",
	}
}

func compile(t testing.TB, d message.Draft) *message.Template {
	t.Helper()
	template, err := message.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func write(t testing.TB, template *message.Template, r message.Recipient) []byte {
	t.Helper()
	out, err := template.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// part is what a mail program shows of a message.
type part struct {
	Type, Name, ID, Content string
	Parts                   []part
}

// read takes a message apart, and fails where it is not in order.
func read(t testing.TB, raw []byte) (netmail.Header, part) {
	t.Helper()
	for i, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > 78 && !strings.Contains(line, "https://") {
			t.Errorf("line %d has %d bytes: %q", i, len(line), line)
		}
		if strings.ContainsAny(line, "\r\n") || strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") {
			t.Errorf("line %d: %q", i, line)
		}
	}
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Error("the last line does not end")
	}
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return msg.Header, open(t, msg.Header.Get("Content-Type"), "", msg.Body)
}

func open(t testing.TB, contentType, encoding string, body io.Reader) part {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	out := part{Type: kind}
	if strings.HasPrefix(kind, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return out
			}
			if err != nil {
				t.Fatal(err)
			}
			inner := open(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			inner.ID = p.Header.Get("Content-ID")
			if _, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition")); err == nil {
				inner.Name = params["filename"]
			}
			out.Parts = append(out.Parts, inner)
		}
	}
	content, err := io.ReadAll(decoder(encoding, body))
	if err != nil {
		t.Fatal(err)
	}
	out.Content = string(content)
	return out
}

func TestGolden(t *testing.T) {
	raw := write(t, compile(t, draft(t)), reader())
	testutil.Golden(t, "newsletter.eml", bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")))
}

func TestWhatTheReaderGets(t *testing.T) {
	text := part{Type: "text/plain", Content: "Kedves Szabó Éva!\r\n\r\n.Ez a sor ponttal kezdődik. \r\nFrom here on: שלום – Здравствуйте – Χαίρετε\r\n\r\nÜdvözlet ide: Győr\r\nhttps://hirek.example.hu/l/token0\r\n"}
	html := part{Type: "text/html", Content: "<!doctype html>\r\n<html lang=\"hu\"><body>\r\n\t<p>Kedves  Szabó Éva!</p>\r\n<p title=\"Győr &amp; &lt;vidéke&gt;\">Győr &amp; &lt;vidéke&gt;</p>" +
		"<a href=\"https://hirek.example.hu/l/token0\">Akció = jó</a><img src=\"cid:logo@example.hu\" alt=\"\">\r\n" +
		"<img src=\"https://hirek.example.hu/o/token\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;border:0;width:1px;height:1px\"></body></html>\r\n"}
	alternative := part{Type: "multipart/alternative", Parts: []part{text, html}}
	content := strings.Repeat("%PDF-1.7\n\x00\xff", 50)
	long := strings.Repeat("Nagyon hosszú név ", 10) + "הצעה.pdf"
	files := []mail.Attachment{{Name: "Ajánlat – הצעה.pdf", Type: "application/pdf", Content: []byte(content)}, {Name: `a "b" 1.txt`, Type: "text/plain; charset=utf-8", Content: []byte("x")}, {Name: long, Type: "application/pdf", Content: []byte("y")}}
	attached := []part{{Type: "application/pdf", Name: "Ajánlat – הצעה.pdf", Content: content}, {Type: "text/plain", Name: `a "b" 1.txt`, Content: "x"}, {Type: "application/pdf", Name: long, Content: "y"}}
	image := message.Image{ID: "logo@example.hu", Name: "logo.png", Type: "image/png", Content: []byte("\x89PNG")}
	related := part{Type: "multipart/related", Parts: []part{html, {Type: "image/png", Name: "logo.png", ID: "<logo@example.hu>", Content: "\x89PNG"}}}
	for _, c := range []struct {
		name   string
		change func(*message.Draft)
		want   part
	}{
		{"text and HTML", func(*message.Draft) {}, alternative},
		{"text alone", func(d *message.Draft) { d.HTML = nil }, part{Type: "multipart/mixed", Parts: []part{text}}},
		{"with an image", func(d *message.Draft) { d.Images = []message.Image{image} }, part{Type: "multipart/alternative", Parts: []part{text, related}}},
		{"with files", func(d *message.Draft) { d.Attachments = files }, part{Type: "multipart/mixed", Parts: append([]part{alternative}, attached...)}},
		{"text with files", func(d *message.Draft) { d.HTML, d.Attachments = nil, files }, part{Type: "multipart/mixed", Parts: append([]part{text}, attached...)}},
		{"all of it", func(d *message.Draft) { d.Images, d.Attachments = []message.Image{image}, files },
			part{Type: "multipart/mixed", Parts: append([]part{{Type: "multipart/alternative", Parts: []part{text, related}}}, attached...)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft(t)
			c.change(&d)
			_, got := read(t, write(t, compile(t, d), reader()))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReaderWithoutValues(t *testing.T) {
	r := message.Recipient{Address: "eva@example.hu", MessageID: "1@example.hu"}
	header, got := read(t, write(t, compile(t, draft(t)), r))
	text, html := got.Parts[0].Content, got.Parts[1].Content
	if !strings.Contains(text, "Kedves Olvasó!") || !strings.Contains(text, "Üdvözlet!\r\nhttps://shop.example.hu/akcio?a=1&b=2") {
		t.Error(text)
	}
	if !strings.Contains(html, `<a href="https://shop.example.hu/akcio?a=1&amp;b=2">`) || strings.Contains(html, "width=\"1\"") || strings.Contains(html, "title") {
		t.Error(html)
	}
	if header.Get("To") != "<eva@example.hu>" || header.Get("List-Unsubscribe") != "<mailto:leiratkozas+ok@example.hu>" || header.Get("List-Unsubscribe-Post") != "" {
		t.Errorf("%v", header)
	}
	if s, _ := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); s != "Kedves Olvasónk: őszi ajánlatok" {
		t.Error(s)
	}
}

func TestNamesStayExact(t *testing.T) {
	template := compile(t, draft(t))
	long := strings.Repeat("Παπαδόπουλος Γιώργος ", 5) + "Χ."
	for _, c := range []struct{ name, give, address, want, at string }{
		{"Hungarian", "Dr. Őry-Szűcs Ödön", "o@example.hu", "Dr. Őry-Szűcs Ödön", "o@example.hu"},
		{"English", "Anne O'Neil, Jr. \"Nan\" <x@y>", "anne@example.com", "Anne O'Neil, Jr. \"Nan\" <x@y>", "anne@example.com"},
		{"Hebrew", "ישראל ישראלי", "i@דוגמה.example", "ישראל ישראלי", "i@xn--6dbbec0c.example"},
		{"Russian", "Иванов Олег Петрович", "o@почта.рф", "Иванов Олег Петрович", "o@xn--80a1acny.xn--p1ai"},
		{"Greek, long", long, "g@example.gr", long, "g@example.gr"},
		{"looks encoded", "=?utf-8?q?Bob?=", "b@example.com", "=?utf-8?q?Bob?=", "b@example.com"},
		{"address in another script", "Олег", "олег@example.com", "Олег", "олег@example.com"},
		{"blanks", "  Anna   Kovács ", "a@example.hu", "Anna   Kovács", "a@example.hu"},
		{"none", "", "a@example.hu", "", "a@example.hu"},
		{"breaks", "Eva\r\nBcc: all@example.com", "a@example.hu", "Eva Bcc: all@example.com", "a@example.hu"},
		{"turned around", "moc.knab\u202e@ \u2066x", "a@example.hu", "moc.knab@ x", "a@example.hu"},
		{"10,000 characters", strings.Repeat("ű", 10000), "a@example.hu", strings.Repeat("ű", 119) + "…", "a@example.hu"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := reader()
			r.Name, r.Address = c.give, c.address
			e, err := template.Compose(nil, r)
			if err != nil {
				t.Fatal(err)
			}
			header, _ := read(t, e.Data)
			list, err := header.AddressList("To")
			if err != nil || len(list) != 1 || list[0].Name != c.want || list[0].Address != c.at || e.To != c.at {
				t.Errorf("%q: %+v, %v, want %q", header.Get("To"), list, err, c.want)
			}
			if wide := strings.ContainsFunc(c.at, func(r rune) bool { return r > '~' }); e.UTF8 != wide || !wide && strings.ContainsFunc(string(e.Data), func(r rune) bool { return r > '~' }) {
				t.Errorf("UTF8 %v", e.UTF8)
			}
			if got := header["Bcc"]; got != nil {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestSenderInAnotherScriptNeedsSMTPUTF8(t *testing.T) {
	d := draft(t)
	d.From.Email = "hír@példa.example"
	e, err := compile(t, d).Compose(nil, reader())
	if err != nil || !e.UTF8 || e.To != "eva@example.hu" || !bytes.Contains(e.Data, []byte(" <hír@xn--plda-bpa.example>\r\n")) {
		t.Errorf("%v, %v\n%s", err, e.UTF8, e.Data)
	}
}

func TestHeaders(t *testing.T) {
	d := draft(t)
	d.Automatic = true
	long := strings.Repeat("An offer for everybody who reads long subjects ", 4) + "=?x"
	d.Subject = parse(t, merge.Line, long)
	header, _ := read(t, write(t, compile(t, d), reader()))
	want := map[string][]string{
		"From": {"=?utf-8?q?Kov=C3=A1cs_=C3=A9s_T=C3=A1rsa_Kft=2E?= <hirek@example.hu>"}, "Reply-To": {"=?utf-8?q?Kov=C3=A1cs_Anna?= <anna@example.hu>"},
		"Date": {"Mon, 07 Sep 2026 08:30:00 +0200"}, "List-Id": {"=?utf-8?q?Tan=C3=A1csok?= <tanacsok.hirek.example.hu>"}, "Feedback-Id": {"c12:tanacsok:marka:crmplus"},
		"Precedence": {"bulk"}, "Auto-Submitted": {"auto-generated"}, "Content-Language": {"hu"}, "Mime-Version": {"1.0"}, "To": {"=?utf-8?q?Szab=C3=B3_=C3=89va?= <eva@example.hu>"},
		"Message-Id": {"<c12.7@example.hu>"}, "List-Unsubscribe": {"<https://hirek.example.hu/u/abc123>, <mailto:leiratkozas+ok@example.hu>"}, "List-Unsubscribe-Post": {"List-Unsubscribe=One-Click"},
		"Content-Type": header["Content-Type"], "Subject": header["Subject"],
	}
	if diff := cmp.Diff(want, map[string][]string(header)); diff != "" {
		t.Error(diff)
	}
	if s, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); err != nil || s != long {
		t.Errorf("%q, %v", s, err)
	}
}

func TestLongSubjectInPlainWordsIsOnlyFolded(t *testing.T) {
	d := draft(t)
	long := "Double  blanks stay and " + strings.Repeat("an offer for everybody ", 8) + "ends"
	d.Subject = parse(t, merge.Line, long)
	raw := write(t, compile(t, d), reader())
	header, _ := read(t, raw)
	if header.Get("Subject") != long || !bytes.Contains(raw, []byte("\r\nSubject: Double  blanks stay")) {
		t.Errorf("%q", header.Get("Subject"))
	}
}

func TestReadersWhoAreRefused(t *testing.T) {
	d := draft(t)
	d.Subject = parse(t, merge.Line, "{{name}}")
	template := compile(t, d)
	for _, c := range []struct {
		name   string
		change func(*message.Recipient)
		reason string
	}{
		{"no address", func(r *message.Recipient) { r.Address = "" }, "address"},
		{"header in the address", func(r *message.Recipient) { r.Address = "a@example.hu>\r\nBcc: <b@example.hu" }, "address"},
		{"two addresses", func(r *message.Recipient) { r.Address = "a@example.hu,b@example.hu" }, "address"},
		{"no subject", func(r *message.Recipient) { r.Subject = []string{" \u202e\r\n"} }, "subject"},
		{"no message id", func(r *message.Recipient) { r.MessageID = "" }, "message id"},
		{"header in the message id", func(r *message.Recipient) { r.MessageID = "1@example.hu>\r\nX: <" }, "message id"},
		{"header in the page", func(r *message.Recipient) { r.Unsubscribe = "https://example.hu/\r\nX: y" }, "unsubscribing"},
		{"two pages", func(r *message.Recipient) { r.Unsubscribe = "https://example.hu/>,<https://evil.example" }, "unsubscribing"},
		{"no page", func(r *message.Recipient) { r.Unsubscribe = "javascript:alert(1)" }, "unsubscribing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := reader()
			c.change(&r)
			got, err := template.Append([]byte("before"), r)
			var f *mail.Failure
			if !errors.As(err, &f) || f.Outcome != mail.Permanent || !strings.Contains(f.Reason, c.reason) || string(got) != "before" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestPageWithoutTLSIsNotOneClick(t *testing.T) {
	r := reader()
	r.Unsubscribe = "http://hirek.example.hu/u/abc"
	header, _ := read(t, write(t, compile(t, draft(t)), r))
	if header.Get("List-Unsubscribe-Post") != "" || !strings.HasPrefix(header.Get("List-Unsubscribe"), "<http://hirek.example.hu/u/abc>") {
		t.Errorf("%v", header)
	}
}

func TestDraftFaultsAllAtOnce(t *testing.T) {
	_, err := message.Compile(message.Draft{
		From: mail.Address{Name: "A\r\nB", Email: "a@"}, ReplyTo: mail.Address{Email: "b"}, Language: "hu\r\nX: y", HTML: &merge.Program{Ops: []merge.Op{{Kind: merge.Field, Field: 3}}},
		Attachments: []mail.Attachment{{Name: "a\nb", Type: "pdf"}}, Images: []message.Image{{ID: "<x>", Name: "x", Type: "image/png", Content: []byte("x")}},
		List: message.List{ID: "no list"}, UnsubscribeMail: "x", FeedbackID: "a b", Keys: []message.Key{{Domain: "a b"}},
	})
	var got []string
	for _, f := range fault.Of(err) {
		if !slices.Contains(got, f.Path) {
			got = append(got, f.Path)
		}
	}
	want := "from from.name reply_to date language subject text html list.id unsubscribe_mail feedback_id attachments[0].name attachments[0].type attachments[0].content images[0].id keys[0].domain keys[0].selector keys[0].key"
	if strings.Join(got, " ") != want {
		t.Errorf("faults\n%v, want\n%s\n%v", got, want, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	d := draft(t)
	d.Keys = keys(t)
	template := compile(t, d)
	want := write(t, template, reader())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var buffer []byte
			for range 5 {
				e, err := template.Compose(buffer[:0], reader())
				if buffer = e.Data; err != nil || !bytes.Equal(e.Data, want) {
					t.Errorf("%v", err)
				}
			}
		})
	}
	wg.Wait()
}

// decoder reads what a part is encoded in.
func decoder(encoding string, r io.Reader) io.Reader {
	if encoding == "base64" {
		return base64.NewDecoder(base64.StdEncoding, r)
	}
	return quoted(r)
}
