package message_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/merge"
	"github.com/crmplus/crmplus/newsletter/message"
)

func quoted(r io.Reader) io.Reader { return quotedprintable.NewReader(r) }

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(nil, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

var edKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

func keys(testing.TB) []message.Key {
	return []message.Key{{Domain: "Example.hu", Selector: "r1", Signer: rsaKey()}, {Domain: "example.hu", Selector: "e1", Signer: edKey}}
}

// verify asks somebody else's verifier which signatures hold.
func verify(raw []byte) ([]*dkim.Verification, error) {
	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		return nil, err
	}
	records := map[string]string{
		"r1._domainkey.example.hu": "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der),
		"e1._domainkey.example.hu": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edKey.Public().(ed25519.PublicKey)),
	}
	return dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
		if records[domain] == "" {
			return nil, errors.New("no record at " + domain)
		}
		return []string{records[domain]}, nil
	}})
}

func holds(raw []byte, n int) error {
	got, err := verify(raw)
	if err != nil {
		return err
	}
	if len(got) != n {
		return fmt.Errorf("%d signatures", len(got))
	}
	for _, v := range got {
		if v.Err != nil {
			return fmt.Errorf("%s: %w", v.Domain, v.Err)
		}
	}
	return nil
}

func TestSignaturesHold(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*message.Draft)
	}{
		{"text and HTML with runs of blanks", func(*message.Draft) {}},
		{"text that ends with empty lines", func(d *message.Draft) { d.HTML, d.Text = nil, parse(t, merge.Text, "  a \t b\n\n \n\n\n") }},
		{"with files", func(d *message.Draft) {
			d.Attachments = []mail.Attachment{{Name: "a  b – ג.pdf", Type: "application/pdf", Content: bytes.Repeat([]byte("x\n"), 500)}}
			d.Images = []message.Image{{ID: "logo@example.hu", Name: "l  o.png", Type: "image/png", Content: []byte("x")}}
		}},
		{"with the fewest headers", func(d *message.Draft) {
			*d = message.Draft{From: mail.Address{Email: "a@news.example.hu"}, Date: d.Date, Subject: parse(t, merge.Line, "x"), Text: parse(t, merge.Text, "x")}
		}},
		{"sender in another script", func(d *message.Draft) { d.From.Email = "hír@example.hu" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft(t)
			c.change(&d)
			d.Keys = keys(t)
			template := compile(t, d)
			for _, r := range []message.Recipient{reader(), {Address: "a@example.com", MessageID: "1@example.hu"}, {Name: "ג  \t ד", Address: "олег@example.com", MessageID: "1@example.hu", Text: []string{"  a \t  b ", "."}, HTML: []string{" \t", "a  b"}}} {
				raw := write(t, template, r)
				read(t, raw)
				if err := holds(raw, 2); err != nil {
					t.Errorf("%v\n%s", err, raw)
				}
				if err := holds(append([]byte("Received: from x by y; z\r\n"), raw...), 2); err != nil {
					t.Errorf("after a hop: %v", err)
				}
			}
		})
	}
}

func TestChangesBreakTheSignatures(t *testing.T) {
	d := draft(t)
	d.Keys = keys(t)
	raw := string(write(t, compile(t, d), reader()))
	for _, c := range []struct{ name, old, new string }{
		{"another From", "From: ", "From: boss@example.hu\r\nFrom: "},
		{"another Subject", "Subject: ", "Subject: x\r\nSubject: "},
		{"a Cc", "Subject: ", "Cc: x@example.hu\r\nSubject: "},
		{"another Reply-To", "Reply-To: ", "Reply-To: x@example.hu\r\nReply-To: "},
		{"another page to unsubscribe", "hirek.example.hu/u/abc123", "evil.example/u/abc123"},
		{"a second page", "List-Unsubscribe: ", "List-Unsubscribe: <https://evil.example>\r\nList-Unsubscribe: "},
		{"no promise to unsubscribe at once", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", ""},
		{"another list", "tanacsok.hirek.example.hu", "masik.hirek.example.hu"},
		{"another group of complaints", "c12:tanacsok", "c13:tanacsok"},
		{"another type", "multipart/alternative", "multipart/mixed"},
		{"other words", "Kedves", "Kedvos"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(raw, c.old, c.new, 1)
			got, err := verify([]byte(changed))
			if changed == raw || err != nil || len(got) != 2 {
				t.Fatalf("%v, %v", got, err)
			}
			for _, v := range got {
				if v.Err == nil {
					t.Errorf("the signature of %s still holds", v.Domain)
				}
			}
		})
	}
}

func TestKeysAreReadAndChecked(t *testing.T) {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(edKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, kind string
		der        []byte
	}{{"RSA", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey())}, {"Ed25519", "PRIVATE KEY", pkcs8}} {
		key, err := message.ParseKey(pem.EncodeToMemory(&pem.Block{Type: c.kind, Bytes: c.der}))
		if err != nil || key.Public() == nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, text := range []string{"", "titok", "-----BEGIN PRIVATE KEY-----\ndGl0b2s=\n-----END PRIVATE KEY-----\n"} {
		if _, err := message.ParseKey([]byte(text)); !errors.Is(err, fault.Invalid) || strings.Contains(err.Error(), "titok") {
			t.Errorf("%q: %v", text, err)
		}
	}
	d := draft(t)
	d.Keys = []message.Key{{Domain: "other.example", Selector: "s", Signer: edKey}}
	if _, err := message.Compile(d); len(fault.Of(err)) != 1 || fault.Of(err)[0].Code != "dkim.domain" {
		t.Errorf("a signature of somebody else: %v", err)
	}
}
