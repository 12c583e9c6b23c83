package smtp_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// mailer is one to a server of the options.
func mailer(t testing.TB, s *mailtest.Server, change func(*smtp.Config)) *smtp.Mailer {
	t.Helper()
	c := smtp.Config{Host: s.Host, Port: s.Port, TLS: smtp.None, RootCAs: s.Roots, Timeout: 2 * time.Second, HELO: "crm.example.com"}
	if change != nil {
		change(&c)
	}
	m, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func TestConformance(t *testing.T) {
	mailtest.Run(t, func(t *testing.T, m mailtest.Manner) mailtest.Service {
		misbehave := map[mailtest.Manner]func(s mailtest.Step, address string) mailtest.Reply{
			mailtest.Later: at(mailtest.AfterData, mailtest.Reply{Code: 451, Text: "try later"}),
			mailtest.Never: at(mailtest.AtData, mailtest.Reply{Code: 554, Text: "looks like spam"}),
			mailtest.Mute:  at(mailtest.AfterData, mailtest.Reply{Drop: true}), mailtest.Asleep: at(mailtest.AtMail, mailtest.Reply{Hang: true}),
			mailtest.NotToAll: func(s mailtest.Step, address string) mailtest.Reply {
				if s == mailtest.AtRecipient && strings.HasPrefix(address, "refused@") {
					return mailtest.Reply{Code: 550, Text: "no such mailbox"}
				}
				return mailtest.Reply{}
			},
		}[m]
		s := mailtest.Start(t, mailtest.Options{Misbehave: misbehave})
		if m == mailtest.Gone {
			s = &mailtest.Server{Host: "127.0.0.1", Port: 1}
		}
		return mailtest.Service{Mailer: mailer(t, s, nil), Taken: func() [][]string {
			var all [][]string
			for _, d := range s.Deliveries() {
				all = append(all, d.To)
			}
			return all
		}}
	})
}

func at(step mailtest.Step, r mailtest.Reply) func(mailtest.Step, string) mailtest.Reply {
	return func(s mailtest.Step, _ string) mailtest.Reply {
		if s == step {
			return r
		}
		return mailtest.Reply{}
	}
}

func TestEachStepThatBreaks(t *testing.T) {
	for _, c := range []struct {
		name  string
		step  mailtest.Step
		reply mailtest.Reply
		want  mail.Outcome
		down  bool
		taken int
	}{
		{"dropped at the greeting", mailtest.AtConnect, mailtest.Reply{Drop: true}, mail.Temporary, true, 0},
		{"dropped at the sender", mailtest.AtMail, mailtest.Reply{Drop: true}, mail.Temporary, true, 0},
		{"dropped at a recipient", mailtest.AtRecipient, mailtest.Reply{Drop: true}, mail.Temporary, true, 0},
		{"dropped after the last line", mailtest.AfterData, mailtest.Reply{Drop: true}, mail.Unknown, false, 1},
		{"silent at the sender", mailtest.AtMail, mailtest.Reply{Hang: true}, mail.Temporary, true, 0},
		{"silent after the last line", mailtest.AfterData, mailtest.Reply{Hang: true}, mail.Unknown, false, 0},
		{"too many connections", mailtest.AtMail, mailtest.Reply{Code: 421, Text: "too busy"}, mail.Temporary, true, 0},
		{"sender refused", mailtest.AtMail, mailtest.Reply{Code: 550, Text: "not your address"}, mail.Permanent, false, 0},
		{"greylisted", mailtest.AtRecipient, mailtest.Reply{Code: 450, Text: "greylisted"}, mail.Temporary, false, 0},
		{"content refused", mailtest.AfterData, mailtest.Reply{Code: 552, Text: "too large"}, mail.Permanent, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Options{Misbehave: at(c.step, c.reply)})
			m := mailer(t, s, func(c *smtp.Config) { c.Timeout = 200 * time.Millisecond })
			err := m.Send(t.Context(), mailtest.Letter("eva@example.com"))
			var f *mail.Failure
			if !errors.As(err, &f) || f.Outcome != c.want || f.Down != c.down {
				t.Fatalf("%+v, want %s, down %v", err, c.want, c.down)
			}
			if c.reply.Text != "" && !strings.Contains(f.Reason, c.reply.Text) {
				t.Errorf("the reason %q does not quote the server", f.Reason)
			}
			if n := len(s.Deliveries()); n != c.taken {
				t.Errorf("the server has %d messages, want %d", n, c.taken)
			}
		})
	}
}

func TestProtectionAndLogin(t *testing.T) {
	const secret = "nagyon-titkos-jelszó"
	for _, c := range []struct {
		name    string
		options mailtest.Options
		change  func(*smtp.Config)
		reason  string // "" where it is sent
	}{
		{"STARTTLS with login", mailtest.Options{TLS: true, User: "crm", Password: secret}, func(c *smtp.Config) { c.TLS = smtp.StartTLS; c.Username, c.Password = "crm", secret }, ""},
		{"TLS from the first byte", mailtest.Options{Implicit: true, User: "crm", Password: secret}, func(c *smtp.Config) { c.TLS = smtp.Implicit; c.Username, c.Password = "crm", secret }, ""},
		{"plain to this machine", mailtest.Options{User: "crm", Password: secret}, func(c *smtp.Config) { c.Auth, c.Username, c.Password = smtp.AuthPlain, "crm", secret }, ""},
		{"wrong password", mailtest.Options{TLS: true, User: "crm", Password: "other"}, func(c *smtp.Config) { c.TLS = smtp.StartTLS; c.Username, c.Password = "crm", secret }, "login"},
		{"no login given", mailtest.Options{TLS: true, User: "crm", Password: secret}, func(c *smtp.Config) { c.TLS = smtp.StartTLS }, "authenticate"},
		{"STARTTLS not offered", mailtest.Options{}, func(c *smtp.Config) { c.TLS = smtp.StartTLS }, "STARTTLS"},
		{"strange certificate", mailtest.Options{TLS: true}, func(c *smtp.Config) { c.TLS = smtp.StartTLS; c.RootCAs = x509.NewCertPool() }, "STARTTLS"},
		{"certificate of somebody else", mailtest.Options{Implicit: true}, func(c *smtp.Config) { c.TLS, c.RootCAs = smtp.Implicit, x509.NewCertPool() }, "certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mailtest.Start(t, c.options)
			m := mailer(t, s, c.change)
			err := m.Send(t.Context(), mailtest.Letter("eva@example.com"))
			if c.reason == "" {
				if err != nil || len(s.Deliveries()) != 1 || s.Deliveries()[0].Login != c.options.User {
					t.Fatalf("%v, %+v", err, s.Deliveries())
				}
				return
			}
			var f *mail.Failure
			if !errors.As(err, &f) || f.Outcome != mail.Temporary || !f.Down || !strings.Contains(f.Error(), c.reason) {
				t.Fatalf("%v, want one that waits and says %q", err, c.reason)
			}
			for _, hidden := range []string{secret, base64.StdEncoding.EncodeToString([]byte("\x00crm\x00" + secret))} {
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, f, f.Cause), hidden) {
					t.Error("the error tells the password")
				}
			}
		})
	}
}

func TestConfigurationFaultsAllAtOnce(t *testing.T) {
	_, err := smtp.New(smtp.Config{Host: "mail example", Port: 70000, TLS: "ssl", Auth: "magic", Password: "titok\n", Timeout: -1, Idle: -1, HELO: "a b", DKIM: &smtp.DKIM{Domain: "x y", PEM: []byte("no key")}})
	var got []string
	for _, f := range fault.Of(err) {
		got = append(got, f.Path)
	}
	want := "host port tls auth username password timeout idle helo dkim.domain dkim.selector dkim.key"
	if strings.Join(got, " ") != want || strings.Contains(err.Error(), "titok") {
		t.Errorf("faults %v, want %s\n%v", got, want, err)
	}
	if _, err := smtp.New(smtp.Config{Host: "mail.example.com", TLS: smtp.None}); !errors.Is(err, fault.Invalid) {
		t.Errorf("clear text to another machine: %v", err)
	}
	c := smtp.Config{Host: "mail.example.com", Username: "crm", Password: "titok"}
	if text := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(text, "titok") {
		t.Errorf("a printed configuration says %s", text)
	}
}

func TestWhatArrives(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	m := mailer(t, s, nil)
	letter := mailtest.Letter("eva@example.com")
	letter.Cc = []mail.Address{{Name: "Παπαδόπουλος, Γιώργος", Email: "g@xn--hxajbheg2az3al.example"}}
	letter.Bcc = []mail.Address{{Email: "archive@example.com"}}
	if err := m.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	d := s.Deliveries()[0]
	if strings.Join(d.To, " ") != "eva@example.com g@xn--hxajbheg2az3al.example archive@example.com" || d.UTF8 {
		t.Errorf("envelope %v, UTF8 %v", d.To, d.UTF8)
	}
	for _, b := range d.Data {
		if b > 0x7e {
			t.Fatal("the message is not ASCII")
		}
	}
	for _, line := range bytes.Split(d.Data, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	msg, err := netmail.ReadMessage(bytes.NewReader(d.Data))
	if err != nil {
		t.Fatal(err)
	}
	words := new(mime.WordDecoder)
	if subject, err := words.DecodeHeader(msg.Header.Get("Subject")); err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	for name, want := range map[string]string{"From": "Kovács Anna", "To": "Олег Иванов", "Cc": "Παπαδόπουλος, Γιώργος"} {
		list, err := msg.Header.AddressList(name)
		if err != nil || len(list) != 1 || list[0].Name != want {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
	if msg.Header.Get("Bcc") != "" || strings.Contains(string(d.Data), "archive@") {
		t.Error("the blind copy can be seen")
	}
	if msg.Header.Get("Message-Id") != "<"+letter.MessageID+">" {
		t.Errorf("Message-ID %s", msg.Header.Get("Message-Id"))
	}
	texts, files := parts(t, msg.Header.Get("Content-Type"), msg.Body)
	if got := strings.ReplaceAll(texts["text/plain"], "\r\n", "\n"); got != letter.Text {
		t.Errorf("text %q", got)
	}
	if !strings.Contains(texts["text/html"], "Szabó Éva") || files["Ajánlat – הצעה.pdf"] != string(letter.Attachments[0].Content) {
		t.Errorf("texts %v, files %d", texts, len(files))
	}
}

// parts reads a multipart body.
func parts(t *testing.T, contentType string, body io.Reader) (texts, files map[string]string) {
	t.Helper()
	texts, files = map[string]string{}, map[string]string{}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return texts, files
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if strings.HasPrefix(kind, "multipart/") {
			inner, more := parts(t, p.Header.Get("Content-Type"), p)
			for k, v := range inner {
				texts[k] = v
			}
			for k, v := range more {
				files[k] = v
			}
			continue
		}
		content, _ := io.ReadAll(p) // quoted-printable is decoded by the reader
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			content, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(string(content), "\r\n", ""))
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition")); err == nil && params["filename"] != "" {
			name, err := new(mime.WordDecoder).DecodeHeader(params["filename"])
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(content)
			continue
		}
		texts[kind] = string(content)
	}
}

func TestAddressesInOtherScripts(t *testing.T) {
	for _, c := range []struct {
		name   string
		noUTF8 bool
		want   mail.Outcome
	}{{"offered", false, ""}, {"not offered", true, mail.Permanent}} {
		t.Run(c.name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Options{NoUTF8: c.noUTF8})
			err := mailer(t, s, nil).Send(t.Context(), mailtest.Letter("олег@example.com"))
			if got := mailtest.OutcomeOf(err); got != c.want {
				t.Fatalf("%q, want %q (%v)", got, c.want, err)
			}
			if c.want == "" && !s.Deliveries()[0].UTF8 {
				t.Error("SMTPUTF8 was not asked for")
			}
		})
	}
}

func TestTooLargeIsRefusedBeforeItIsSent(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{MaxSize: 4096})
	err := mailer(t, s, nil).Send(t.Context(), mailtest.Letter("eva@example.com"))
	if mailtest.OutcomeOf(err) != mail.Permanent || !strings.Contains(err.Error(), "takes at most") {
		t.Error(err)
	}
}

func TestConnectionsAreKept(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	m := mailer(t, s, nil)
	for range 10 {
		if err := m.Send(t.Context(), mailtest.Letter("eva@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections for 10 messages", n)
	}
	if err := m.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSignatures(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, _ := ed25519.GenerateKey(rand.Reader)
	rsaDER, _ := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	for _, c := range []struct {
		name, record string
		key          smtp.DKIM
	}{
		{"RSA", "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaDER), smtp.DKIM{Domain: "example.com", Selector: "crm", Key: rsaKey}},
		{"Ed25519", "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edPublic), smtp.DKIM{Domain: "example.com", Selector: "crm", Key: edKey}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Options{})
			m := mailer(t, s, func(config *smtp.Config) { config.DKIM = &c.key })
			done := make(chan error)
			for i := range 8 { // at once: a shared signer would race
				go func() { done <- m.Send(t.Context(), mailtest.Letter(fmt.Sprintf("r%d@example.com", i))) }()
			}
			for range 8 {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			lookup := &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
				if domain != "crm._domainkey.example.com" {
					return nil, fmt.Errorf("no record at %s", domain)
				}
				return []string{c.record}, nil
			}}
			for _, d := range s.Deliveries() {
				got, err := dkim.VerifyWithOptions(bytes.NewReader(d.Data), lookup)
				if err != nil || len(got) != 1 || got[0].Err != nil {
					t.Fatalf("%v, %v\n%s", err, got[0].Err, d.Data)
				}
				for _, name := range []string{"from", "to", "reply-to", "subject", "date", "message-id"} {
					if !strings.Contains(strings.ToLower(strings.Join(got[0].HeaderKeys, " ")), name) {
						t.Errorf("%s is not signed, only %v", name, got[0].HeaderKeys)
					}
				}
			}
		})
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mails")
	letter := mailtest.Letter("eva@example.com")
	for range 2 {
		if err := (smtp.Folder{Path: dir}).Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || !strings.HasSuffix(files[0].Name(), ".eml") {
		t.Errorf("%v, %v", files, err)
	}
}
