package message_test

import (
	"bytes"
	"errors"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/merge"
	"github.com/crmplus/crmplus/newsletter/message"
)

var headerNames = []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "Dkim-Signature", "Feedback-Id", "From", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
	"Message-Id", "Mime-Version", "Precedence", "Reply-To", "Subject", "To"}

// inOrder fails where a message is not what it has to be, whatever went into it.
func inOrder(t *testing.T, raw []byte, parts int) {
	t.Helper()
	for _, line := range bytes.SplitAfter(raw, []byte("\n")) {
		if len(line) > 1000 || len(line) > 0 && !bytes.HasSuffix(line, []byte("\r\n")) || bytes.IndexByte(line, '\r') >= 0 && bytes.IndexByte(line, '\r') < len(line)-2 {
			t.Fatalf("line %q", line)
		}
	}
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	for name, values := range msg.Header {
		if len(values) != 1 || !slices.Contains(headerNames, name) {
			t.Fatalf("header %s: %q", name, values)
		}
	}
	for _, name := range []string{"From", "To"} {
		if list, err := msg.Header.AddressList(name); err != nil || len(list) != 1 {
			t.Fatalf("%s: %q, %v", name, msg.Header.Get(name), err)
		}
	}
	if got := open(t, msg.Header.Get("Content-Type"), "", msg.Body); len(got.Parts) != parts {
		t.Fatalf("%d parts", len(got.Parts))
	}
	if err := holds(raw, 1); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
}

func FuzzReader(f *testing.F) {
	f.Add("Szabó Éva", "eva@example.hu", "c1.1@example.hu", "https://example.hu/u/1", "https://example.hu/o/1")
	f.Add("Eva\r\nBcc: x@example.hu", "eva@example.hu>\r\nRCPT TO:<x@example.hu>", "1@example.hu>\r\nX: <", "https://x/>\r\n\r\nbody", "\"><script>")
	f.Add("=?utf-8?q?x?=\x00\x7f", "олег@почта.рф", "a@b", "http://x/\t", "https://x/\r\n.\r\n")
	f.Add(strings.Repeat("\u202e\"\\(),<>@", 900), "\"a b\"@example.hu", "@", "", "")
	f.Add("--=_b58039bc081296ee64_a--\r\n", "a@b.example", "..@..", "https://", strings.Repeat("https://x/", 300))
	d := draft(f)
	d.Keys = []message.Key{{Domain: "example.hu", Selector: "e1", Signer: edKey}}
	template := compile(f, d)
	f.Fuzz(func(t *testing.T, name, address, id, page, pixel string) {
		r := message.Recipient{Name: name, Address: address, Subject: []string{name}, Text: []string{name, page}, HTML: []string{name, pixel}, MessageID: id, Unsubscribe: page, Pixel: pixel,
			Link: func(dst []byte, _ int) []byte { return append(dst, page...) }}
		e, err := template.Compose(nil, r)
		if err != nil {
			var failure *mail.Failure
			if !errors.As(err, &failure) || failure.Outcome != mail.Permanent {
				t.Fatal(err)
			}
			return
		}
		if strings.ContainsAny(e.To, "\r\n<> ") {
			t.Fatalf("envelope to %q", e.To)
		}
		inOrder(t, e.Data, 2)
	})
}

func FuzzDraft(f *testing.F) {
	f.Add("Kovács", "Tárgy {{name}}", plainText, markupText, "kép.png")
	f.Add("x\r\nX: y", "{{name}}\r\nBcc: x", "\r\n.\r\n", "</BODY></body>", "a\"\r\nb")
	f.Add("", "  =?utf-8?b?x", "\t \t\n\n \n", "İ</body>", strings.Repeat("é", 199))
	f.Fuzz(func(t *testing.T, from, subject, text, html, file string) {
		d := draft(t)
		d.From.Name, d.ReplyTo.Name, d.List.Name = from, from, from
		d.Keys = []message.Key{{Domain: "example.hu", Selector: "e1", Signer: edKey}}
		d.Attachments = []mail.Attachment{{Name: file, Type: "image/png", Content: []byte(html + "x")}}
		for _, p := range []struct {
			to   **merge.Program
			as   merge.Format
			text string
		}{{&d.Subject, merge.Line, subject}, {&d.Text, merge.Text, text}, {&d.HTML, merge.Markup, html}} {
			program, err := merge.Parse(merge.Source{Text: p.text, As: p.as})
			if err != nil {
				return
			}
			*p.to = program
		}
		template, err := message.Compile(d)
		if err != nil {
			return
		}
		e, err := template.Compose(nil, reader())
		if err != nil {
			return
		}
		inOrder(t, e.Data, 2)
	})
}
