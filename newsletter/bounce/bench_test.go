package bounce_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/newsletter/bounce"
)

// BenchmarkParse reads a report of Postfix, one of qmail, and mails made to take long.
func BenchmarkParse(b *testing.B) {
	long := func(line string) []byte {
		return []byte("From: MAILER-DAEMON@pelda.hu\r\nSubject: failure notice\r\n\r\n" + strings.Repeat(line, 1<<20/len(line)))
	}
	for _, mail := range []struct {
		name string
		raw  []byte
	}{
		{"postfix", sample(b, "postfix_unknown")},
		{"qmail", sample(b, "qmail")},
		{"addresses", long("<a@b.hu>: 550 5.1.1 x\r\n")},
		{"header", bytes.Repeat([]byte("Content-Type: multipart/report; boundary=a\r\n b\r\n"), 20000)},
		{"parts", append([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n"), bytes.Repeat([]byte("--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"), 20000)...)},
	} {
		b.Run(mail.name, func(b *testing.B) {
			b.SetBytes(int64(len(mail.raw)))
			for b.Loop() {
				bounce.Parse(mail.raw)
			}
		})
	}
}
