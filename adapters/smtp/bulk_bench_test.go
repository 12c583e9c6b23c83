package smtp_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/merge"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// newsletter is one of 15 KB of HTML with five counted links.
func newsletter(b *testing.B, keys []message.Key) *message.Template {
	b.Helper()
	parse := func(as merge.Format, text string) *merge.Program {
		p, err := merge.Parse(merge.Source{Text: text, As: as})
		if err != nil {
			b.Fatal(err)
		}
		return p
	}
	html := "<html><body><h1>Kedves {{name}}!</h1>"
	for i := range 5 {
		html += fmt.Sprintf("<p>{{name}}: <a href=\"https://shop.example.hu/%d\">Megnézem</a></p>", i) + strings.Repeat("<p style=\"margin:0 0 16px\">Az őszi ajánlatok között most minden második termék olcsóbb.</p>\n", 33)
	}
	t, err := message.Compile(message.Draft{From: mail.Address{Name: "Hírek", Email: "hirek@example.hu"}, Date: time.Date(2026, 9, 7, 8, 30, 0, 0, time.UTC),
		Subject: parse(merge.Line, "{{name}}: ajánlatok"), Text: parse(merge.Text, "Kedves {{name}}!\nhttps://shop.example.hu/0\n"), HTML: parse(merge.Markup, html+"</body></html>"), Keys: keys})
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// BenchmarkBulk composes and sends, each connection with a goroutine of its own, the server on the same
// machine.
func BenchmarkBulk(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	signed := []message.Key{{Domain: "example.hu", Selector: "s", Signer: key}}
	for _, c := range []struct {
		name        string
		connections int
		step        bool
		delay       time.Duration
		keys        []message.Key
	}{
		{"10 connections, PIPELINING", 10, false, 0, nil}, {"10 connections, step by step", 10, true, 0, nil},
		{"50 connections of 20 ms, PIPELINING", 50, false, 20 * time.Millisecond, nil}, {"50 connections of 20 ms, step by step", 50, true, 20 * time.Millisecond, nil},
		{"10 connections, RSA-2048", 10, false, 0, signed},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := mailtest.StartSink(b, mailtest.SinkOptions{Delay: c.delay})
			run(b, bulk(b, s.Host, s.Port, func(o *smtp.BulkConfig) { o.StepByStep = c.step }), newsletter(b, c.keys), c.connections)
			if n := s.Messages.Load(); n != int64(b.N) || s.Empty.Load() > 0 {
				b.Errorf("%d of %d messages arrived", n, b.N)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

func run(b *testing.B, transport message.Transport, template *message.Template, connections int) {
	b.ReportAllocs()
	var conns []message.Conn
	for range connections {
		conn, err := transport.Dial(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		conns = append(conns, conn)
	}
	b.ResetTimer()
	var wg sync.WaitGroup
	for i, conn := range conns {
		wg.Go(func() {
			free := make(chan []byte, 3) // what is composed, waits and is under way
			for range cap(free) {
				free <- make([]byte, 0, 32<<10)
			}
			for n := i; n < b.N; n += connections {
				to := fmt.Sprintf("reader%d@example.com", n)
				e, err := template.Compose((<-free)[:0], message.Recipient{Name: "Szabó Éva", Address: to, Subject: []string{"Éva"}, Text: []string{"Éva"}, HTML: []string{"Éva"}, MessageID: to,
					Unsubscribe: "https://hirek.example.hu/u/abc", Link: func(dst []byte, _ int) []byte { return append(dst, "https://hirek.example.hu/l/abcdefghijklmnop"...) }})
				if err != nil {
					b.Error(err)
					return
				}
				e.From = "b-1-1@bounce.example.hu"
				err = conn.Send(b.Context(), e, func(err error) {
					if err != nil {
						b.Error(err)
					}
					free <- e.Data
				})
				if err != nil {
					return
				}
			}
			if err := conn.Close(b.Context()); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
}

// BenchmarkBulkBare is the limit below BenchmarkBulk: finished messages, handed to the same sink.
func BenchmarkBulkBare(b *testing.B) {
	s := mailtest.StartSink(b, mailtest.SinkOptions{})
	conn, err := bulk(b, s.Host, s.Port, nil).Dial(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	e := mailtest.Issue("eva@example.com")
	e.Data = bytes.Repeat([]byte("a line of the message that is not to be looked at at all, of some length\r\n"), 250)
	b.ResetTimer()
	for range b.N {
		if err := conn.Send(b.Context(), e, func(error) {}); err != nil {
			b.Fatal(err)
		}
	}
	if err := conn.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}
