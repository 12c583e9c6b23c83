package bounce_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/bounce"
)

const hookSecret = "egy-hosszú-titok-1433"

func TestHook(t *testing.T) {
	const bounced = `{"event":"hard_bounce","email":"anna.kovacs@pelda.hu","reason":"550 5.1.1 unknown","message-id":"<2n9c.lfls@news.minta.hu>"}`
	for _, test := range []struct {
		name   string
		method string
		path   string
		change func(*http.Request)
		body   string
		fails  error
		status int
		taken  int
	}{
		{name: "the secret in the path", path: hookSecret, body: bounced, status: 200, taken: 1},
		{name: "as the password", path: "brevo", body: bounced, change: func(r *http.Request) { r.SetBasicAuth("brevo", hookSecret) }, status: 200, taken: 1},
		{name: "as a token", path: "brevo", body: bounced, change: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+hookSecret) }, status: 200, taken: 1},
		{name: "no secret", path: "brevo", body: bounced, status: 401},
		{name: "half the secret", path: hookSecret[:8], body: bounced, status: 401},
		{name: "asked and not told", method: http.MethodGet, path: hookSecret, status: 405},
		{name: "too large", path: hookSecret, body: strings.Repeat(" ", 5000) + bounced, status: 413},
		{name: "no JSON", path: hookSecret, body: "<html>", status: 400},
		{name: "nothing for us", path: hookSecret, body: `{"event":"opened","email":"a@pelda.hu"}`, status: 200},
		{name: "the database is gone", path: hookSecret, body: bounced, fails: fault.New(fault.Unavailable, "gone"), status: 503, taken: 1},
		{name: "what is reported cannot be", path: hookSecret, body: bounced, fails: fault.New(fault.Invalid, "no"), status: 422, taken: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			taken := 0
			h, err := bounce.NewHook(bounce.HookConfig{Provider: "brevo", Secret: hookSecret, Largest: 4096, Log: slog.New(slog.DiscardHandler),
				Take: func(_ context.Context, reports []bounce.Report) error { taken += len(reports); return test.fails }})
			if err != nil {
				t.Fatal(err)
			}
			method := test.method
			if method == "" {
				method = http.MethodPost
			}
			r := httptest.NewRequest(method, "/n/b/x", strings.NewReader(test.body))
			r.URL.Path = "/n/b/" + test.path
			if test.change != nil {
				test.change(r)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != test.status || taken != test.taken {
				t.Errorf("%d with %d taken, want %d with %d", w.Code, taken, test.status, test.taken)
			}
			if (w.Code == 503) != (w.Header().Get("Retry-After") != "") || (w.Code == 405) != (w.Header().Get("Allow") != "") {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestHookNamesEverythingThatIsWrong(t *testing.T) {
	for name, test := range map[string]struct {
		config bounce.HookConfig
		want   string
	}{
		"nothing":          {bounce.HookConfig{}, "provider secret take"},
		"a short secret":   {bounce.HookConfig{Provider: "ses", Secret: "rövid", Take: func(context.Context, []bounce.Report) error { return nil }}, "secret"},
		"one of one's own": {bounce.HookConfig{Webhook: &bounce.Webhook{Name: "own"}, Secret: hookSecret, Take: func(context.Context, []bounce.Report) error { return nil }}, ""},
	} {
		_, err := bounce.NewHook(test.config)
		var paths []string
		for _, f := range fault.Of(err) {
			paths = append(paths, f.Path)
		}
		if got := strings.Join(paths, " "); got != test.want {
			t.Errorf("%s: faults at %q, want %q", name, got, test.want)
		}
	}
}

func TestSignatures(t *testing.T) {
	now := time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	key := []byte("kulcs")
	sign := func(text string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	at := strconv.FormatInt(now.Unix(), 10)
	mailgun := func(at string) string {
		return fmt.Sprintf(`{"signature":{"timestamp":%q,"token":"abc","signature":%q}}`, at, hex.EncodeToString(sign(at+"abc")))
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(at + "[]"))
	signature, err := ecdsa.SignASN1(rand.Reader, private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	twilio, err := bounce.SendGridSigned(base64.StdEncoding.EncodeToString(der), clock)
	if err != nil {
		t.Fatal(err)
	}
	grid := http.Header{"X-Twilio-Email-Event-Webhook-Timestamp": {at}, "X-Twilio-Email-Event-Webhook-Signature": {base64.StdEncoding.EncodeToString(signature)}}
	for _, test := range []struct {
		name   string
		check  func(http.Header, []byte) error
		header http.Header
		body   string
		right  bool
	}{
		{"hexadecimal", bounce.Signed("X-Sign", key), http.Header{"X-Sign": {"sha256=" + hex.EncodeToString(sign("[]"))}}, "[]", true},
		{"base64", bounce.Signed("X-Sign", key), http.Header{"X-Sign": {base64.StdEncoding.EncodeToString(sign("[]"))}}, "[]", true},
		{"another body", bounce.Signed("X-Sign", key), http.Header{"X-Sign": {hex.EncodeToString(sign("[]"))}}, "[1]", false},
		{"none", bounce.Signed("X-Sign", key), http.Header{}, "[]", false},
		{"Mailgun", bounce.MailgunSigned(key, clock), nil, mailgun(at), true},
		{"Mailgun, a day old", bounce.MailgunSigned(key, clock), nil, mailgun(strconv.FormatInt(now.AddDate(0, 0, -1).Unix(), 10)), false},
		{"Mailgun, unsigned", bounce.MailgunSigned(key, clock), nil, `{}`, false},
		{"SendGrid", twilio, grid, "[]", true},
		{"SendGrid, another body", twilio, grid, "[1]", false},
		{"SendGrid, unsigned", twilio, http.Header{}, "[]", false},
	} {
		if err := test.check(test.header, []byte(test.body)); (err == nil) != test.right {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if _, err := bounce.SendGridSigned("bm8=", nil); err == nil {
		t.Error("no key is taken for one")
	}
}
