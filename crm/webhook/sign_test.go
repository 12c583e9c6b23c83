package webhook_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/webhook"
)

// The example of the libraries of the Standard Webhooks specification.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	vectorTime      = 1614265330
)

func vector() http.Header {
	h := http.Header{}
	h.Set(webhook.HeaderID, vectorID)
	h.Set(webhook.HeaderTimestamp, "1614265330")
	h.Set(webhook.HeaderSignature, vectorSignature)
	return h
}

func TestSignIsThatOfTheSpecification(t *testing.T) {
	got, err := webhook.Sign(webhook.Message{ID: vectorID, At: time.Unix(vectorTime, 0), Body: []byte(vectorBody)}, vectorSecret)
	if err != nil || got != vectorSignature {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestVerify(t *testing.T) {
	other := webhook.SecretPrefix + base64.StdEncoding.EncodeToString([]byte("other secret of thirty-two bytes"))
	for _, row := range []struct {
		name    string
		change  func(h http.Header)
		body    string
		secrets []string
		after   time.Duration
		code    fault.Code
	}{
		{name: "as it was sent"},
		{name: "a little late", after: 5 * time.Minute},
		{name: "the receiver's clock is behind", after: -5 * time.Minute},
		{name: "by the second secret", secrets: []string{other, vectorSecret}},
		{name: "without the prefix", secrets: []string{strings.TrimPrefix(vectorSecret, "whsec_")}},
		{name: "several signatures", change: func(h http.Header) {
			h.Set(webhook.HeaderSignature, "v1a,AAAA v1,%% v1,AAAA "+vectorSignature)
		}},
		{name: "played again later", after: 5*time.Minute + time.Second, code: fault.Forbidden},
		{name: "from the future", after: -5*time.Minute - time.Second, code: fault.Forbidden},
		{name: "another body", body: `{"test": 2432232315}`, code: fault.Forbidden},
		{name: "a longer body", body: vectorBody + " ", code: fault.Forbidden},
		{name: "another id", change: func(h http.Header) { h.Set(webhook.HeaderID, vectorID+"x") }, code: fault.Forbidden},
		{name: "a moved point", change: func(h http.Header) { h.Set(webhook.HeaderID, vectorID+".1614265330") }, code: fault.Forbidden},
		{name: "another time", change: func(h http.Header) { h.Set(webhook.HeaderTimestamp, "1614265331") }, code: fault.Forbidden},
		{name: "time spelt otherwise", change: func(h http.Header) { h.Set(webhook.HeaderTimestamp, "+1614265330") }, code: fault.Forbidden},
		{name: "no time", change: func(h http.Header) { h.Del(webhook.HeaderTimestamp) }, code: fault.Forbidden},
		{name: "no id", change: func(h http.Header) { h.Del(webhook.HeaderID) }, code: fault.Forbidden},
		{name: "no signature", change: func(h http.Header) { h.Del(webhook.HeaderSignature) }, code: fault.Forbidden},
		{name: "another scheme", change: func(h http.Header) {
			h.Set(webhook.HeaderSignature, "v2,"+strings.TrimPrefix(vectorSignature, "v1,"))
		}, code: fault.Forbidden},
		{name: "cut off", change: func(h http.Header) { h.Set(webhook.HeaderSignature, "v1,g0hM") }, code: fault.Forbidden},
		{name: "another secret", secrets: []string{other}, code: fault.Forbidden},
		{name: "no secret", secrets: []string{}, code: fault.Forbidden},
		{name: "an empty secret", secrets: []string{"whsec_"}, code: fault.Invalid},
		{name: "no base64", secrets: []string{"whsec_!"}, code: fault.Invalid},
		{name: "thousands of signatures", change: func(h http.Header) {
			h.Set(webhook.HeaderSignature, strings.Repeat("v1,AAAA ", 5000)+vectorSignature)
		}, code: fault.Forbidden},
	} {
		t.Run(row.name, func(t *testing.T) {
			h, body, secrets := vector(), vectorBody, []string{vectorSecret}
			if row.change != nil {
				row.change(h)
			}
			if row.body != "" {
				body = row.body
			}
			if row.secrets != nil {
				secrets = row.secrets
			}
			err := webhook.Verify(h, []byte(body), secrets, time.Unix(vectorTime, 0).Add(row.after))
			if row.code == "" && err != nil || row.code != "" && !errors.Is(err, row.code) {
				t.Errorf("got %v, want %q", err, row.code)
			}
		})
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(vectorID, "1614265330", vectorSignature, []byte(vectorBody), vectorSecret)
	f.Add("", "", "", []byte(nil), "")
	f.Add(vectorID, "-1", "v1, v1,= ,", []byte("x"), "whsec_AAAA")
	f.Add(vectorID, "99999999999999999999", " "+vectorSignature+" ", []byte(vectorBody), vectorSecret)
	f.Fuzz(func(t *testing.T, id, at, signature string, body []byte, secret string) {
		h := http.Header{}
		h.Set(webhook.HeaderID, id)
		h.Set(webhook.HeaderTimestamp, at)
		h.Set(webhook.HeaderSignature, signature)
		now := time.Unix(vectorTime, 0)
		if webhook.Verify(h, body, []string{secret}, now) != nil {
			return
		}
		// What is believed was signed by that secret, in exactly this form.
		var seconds int64
		for _, digit := range at {
			seconds = seconds*10 + int64(digit-'0')
		}
		right, err := webhook.Sign(webhook.Message{ID: id, At: time.Unix(seconds, 0), Body: body}, secret)
		if err != nil || !strings.Contains(signature, strings.TrimRight(strings.TrimPrefix(right, "v1,"), "=")[:42]) {
			t.Errorf("believed %q, the right one is %q, %v", signature, right, err)
		}
	})
}
