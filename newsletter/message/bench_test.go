package message_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/crmplus/crmplus/newsletter/merge"
	"github.com/crmplus/crmplus/newsletter/message"
)

// issue is a newsletter of 15 KB of HTML with five counted links and ten fields.
func issue(t testing.TB) (message.Draft, message.Recipient) {
	d := draft(t)
	var html strings.Builder
	html.WriteString("<!doctype html><html lang=\"hu\"><head><meta charset=\"utf-8\"></head><body><h1>Kedves {{name}}!</h1>")
	for i := range 5 {
		fmt.Fprintf(&html, "<p style=\"margin:0 0 16px\">{{name}}, {{city}}: <a href=\"https://shop.example.hu/termek/%d?forras=hirlevel\">Megnézem</a></p>", i)
		for html.Len() < 15_000*(i+1)/5-100 {
			html.WriteString("<p style=\"margin:0 0 16px;color:#1f2430\">Az őszi ajánlatok között most minden második termék olcsóbb, és a szállítás is ingyenes.</p>\n")
		}
	}
	html.WriteString("</body></html>\n")
	d.HTML = parse(t, merge.Markup, html.String())
	return d, reader()
}

func BenchmarkCompose(b *testing.B) {
	d, r := issue(b)
	for _, c := range []struct {
		name string
		keys []message.Key
	}{{"unsigned", nil}, {"Ed25519", keys(b)[1:]}, {"RSA-2048", keys(b)[:1]}, {"both", keys(b)}} {
		d.Keys = c.keys
		template := compile(b, d)
		b.Run(c.name, func(b *testing.B) {
			var buffer []byte
			for b.Loop() {
				e, err := template.Compose(buffer[:0], r)
				if err != nil {
					b.Fatal(err)
				}
				buffer = e.Data
			}
			b.SetBytes(int64(len(buffer)))
			b.ReportAllocs()
		})
	}
}

// BenchmarkSigning is the bare limit: the key alone, and the library that verifies in our tests.
func BenchmarkSigning(b *testing.B) {
	d, r := issue(b)
	raw := write(b, compile(b, d), r)
	sum := sha256.Sum256(raw)
	for _, k := range keys(b) {
		options := crypto.SignerOpts(crypto.SHA256)
		if k.Selector == "e1" {
			options = crypto.Hash(0)
		}
		b.Run(k.Selector+"/key alone", func(b *testing.B) {
			for b.Loop() {
				if _, err := k.Signer.Sign(rand.Reader, sum[:], options); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(k.Selector+"/go-msgauth", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				err := dkim.Sign(io.Discard, bytes.NewReader(raw), &dkim.SignOptions{Domain: k.Domain, Selector: k.Selector, Signer: k.Signer, HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("hash alone", func(b *testing.B) {
		for b.Loop() {
			sum = sha256.Sum256(raw)
		}
	})
}
