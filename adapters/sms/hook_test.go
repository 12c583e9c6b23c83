package sms_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	adapter "github.com/crmplus/crmplus/adapters/sms"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// inbox keeps what it is told.
type inbox struct {
	reports  []sms.Report
	messages []sms.Inbound
	company  string
	full     bool
}

func (i *inbox) Reported(ctx context.Context, reports []sms.Report) error {
	if i.full {
		return errors.New("full")
	}
	a, err := actor.From(ctx)
	i.company, i.reports = a.Company, append(i.reports, reports...)
	return err
}

func (i *inbox) Received(ctx context.Context, messages []sms.Inbound) error {
	if i.full {
		return errors.New("full")
	}
	a, err := actor.From(ctx)
	i.company, i.messages = a.Company, append(i.messages, messages...)
	return err
}

const secret = "0123456789abcdef0123"

const jsonHook = `{"format": "json", "list": "results", "check": {"by": "hmac", "name": "X-Signature", "prefix": "sha256=", "encoding": "hex"}, "answer": "OK",
	"report": {"id": "ref", "gateway_id": "id", "status": "status.name", "at": "done", "reason": "error.text", "states": {"DELIVRD": "delivered", "UNKNOWN_SUBSCRIBER": "no_such_number"}},
	"message": {"gateway_id": "id", "from": "sender", "to": "receiver", "text": "text", "at": "received"}}`

const formHook = `{"format": "form", "check": {"by": "query", "name": "key"}, "times": "2006-01-02 15:04:05",
	"report": {"gateway_id": "id", "status": "st", "at": "at", "states": {"1": "delivered", "2": "undelivered"}}}`

func handler(t testing.TB, hook string, box *inbox) *adapter.Handler {
	t.Helper()
	h, err := adapter.ParseHook([]byte(hook))
	if err != nil {
		t.Fatal(err)
	}
	out, err := adapter.NewHandler(h, adapter.HandlerConfig{Company: "HU01", Secret: secret, Receiver: box})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func signed(body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestReportsAndMessagesComeIn(t *testing.T) {
	box := &inbox{}
	body := `{"results": [
		{"ref": "0190a3c2", "id": "G1", "status": {"name": "DELIVRD"}, "done": "2026-07-13T10:30:00.123456+02:00"},
		{"id": "G2", "status": {"name": "UNKNOWN_SUBSCRIBER"}, "error": {"text": "no such\nnumber"}, "done": 1783931400},
		{"id": 17, "status": {"name": "BUFFERED"}, "done": "yesterday"},
		{"id": "M1", "sender": "36301234567", "receiver": "1750", "text": "Leiratkozás!", "received": 1783931400123}]}`
	r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(body))
	r.Header.Set("X-Signature", signed(body))
	w := httptest.NewRecorder()
	handler(t, jsonHook, box).ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Body.String() != "OK" || box.company != "HU01" {
		t.Fatalf("%d %s, company %s", w.Code, w.Body, box.company)
	}
	want := []sms.Report{
		{ID: "0190a3c2", GatewayID: "G1", State: sms.Delivered, At: time.Date(2026, 7, 13, 8, 30, 0, 123_000_000, time.UTC), Reason: "DELIVRD"},
		{GatewayID: "G2", State: sms.NoSuchNumber, At: time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC), Reason: "no such number"},
		{GatewayID: "17", State: sms.Carried, Reason: "BUFFERED"},
	}
	if d := cmp.Diff(want, box.reports); d != "" {
		t.Errorf("reports: %s", d)
	}
	messages := []sms.Inbound{{GatewayID: "M1", From: "+36301234567", To: "1750", Text: "Leiratkozás!", At: time.Date(2026, 7, 13, 8, 30, 0, 123_000_000, time.UTC)}}
	if d := cmp.Diff(messages, box.messages); d != "" || box.messages[0].Answer() != sms.Stop {
		t.Errorf("messages: %s", d)
	}
}

func TestForms(t *testing.T) {
	box := &inbox{}
	h := handler(t, formHook, box)
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodGet, "/sms?key="+secret+"&id=G1&st=1&at=2026-07-13+08:30:00", nil),
		httptest.NewRequest(http.MethodPost, "/sms?key="+secret, strings.NewReader("id=G2&st=2")),
	} {
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	want := []sms.Report{{GatewayID: "G1", State: sms.Delivered, At: time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC), Reason: "1"}, {GatewayID: "G2", State: sms.Undelivered, Reason: "2"}}
	if d := cmp.Diff(want, box.reports); d != "" {
		t.Error(d)
	}
}

func TestCallsAreRefused(t *testing.T) {
	good := `{"results": [{"id": "G1", "status": {"name": "DELIVRD"}}]}`
	for _, row := range []struct {
		name, method, body, signature string
		full                          bool
		want                          int
	}{
		{"without a signature", "POST", good, "", false, 401},
		{"with that of another body", "POST", good, signed(good + " "), false, 401},
		{"with one that is no hex", "POST", good, "sha256=zz", false, 401},
		{"without its prefix", "POST", good, signed(good)[7:], false, 401},
		{"with GET", "GET", "", signed(""), false, 405},
		{"too large", "POST", strings.Repeat("x", 300<<10), "", false, 413},
		{"no JSON", "POST", "x", signed("x"), false, 400},
		{"no list", "POST", `{"results": 1}`, signed(`{"results": 1}`), false, 400},
		{"neither report nor message", "POST", `{"results": [{}]}`, signed(`{"results": [{}]}`), false, 400},
		{"too many", "POST", `{"results": [` + strings.Repeat("1,", 1000) + `1]}`, "sign", false, 400},
		{"when it cannot be kept", "POST", good, signed(good), true, 503},
		{"or taken", "POST", good, signed(good), false, 200},
	} {
		box := &inbox{full: row.full}
		r := httptest.NewRequest(row.method, "/sms", strings.NewReader(row.body))
		if row.signature == "sign" {
			row.signature = signed(row.body)
		}
		r.Header.Set("X-Signature", row.signature)
		w := httptest.NewRecorder()
		handler(t, jsonHook, box).ServeHTTP(w, r)
		if w.Code != row.want || (len(box.reports) == 1) != (row.want == 200) {
			t.Errorf("%s: %d %s, want %d", row.name, w.Code, w.Body, row.want)
		}
	}
}

func TestSecretsOfCalls(t *testing.T) {
	for _, row := range []struct {
		name, check string
		show        func(r *http.Request, value string)
	}{
		{"header", `{"by": "header", "name": "Authorization", "prefix": "Bearer "}`, func(r *http.Request, v string) { r.Header.Set("Authorization", "Bearer "+v) }},
		{"basic", `{"by": "basic"}`, func(r *http.Request, v string) { r.SetBasicAuth("gateway", v) }},
	} {
		for value, want := range map[string]int{secret: 200, secret + "x": 401, "": 401} {
			box := &inbox{}
			h := handler(t, strings.Replace(formHook, `{"by": "query", "name": "key"}`, row.check, 1), box)
			r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader("id=G2&st=2"))
			row.show(r, value)
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != want {
				t.Errorf("%s %q: %d, want %d", row.name, value, w.Code, want)
			}
		}
	}
}

func TestHooksAreChecked(t *testing.T) {
	h, err := adapter.ParseHook([]byte(`{"format": "yaml", "report": {"status": "", "states": {"x": "gone"}}, "message": {"from": "", "text": ""}, "check": {"by": "hmac"}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = adapter.NewHandler(h, adapter.HandlerConfig{Secret: "short"})
	for _, path := range []string{"format", "report.status", "report.id", "report.states.x", "message.from", "message.text", "check.name", "check.encoding", "secret", "company", "receiver"} {
		found := false
		for _, f := range fault.Of(err) {
			found = found || f.Path == path
		}
		if !found {
			t.Errorf("%v names no %s", err, path)
		}
	}
}

func FuzzHook(f *testing.F) {
	f.Add(`{"results": [{"ref": "0190a3c2", "id": "G1", "status": {"name": "DELIVRD"}, "done": "2026-07-13T10:30:00+02:00"}]}`, "id=1")
	f.Add(`{"results": [{"id": "M1", "sender": "36301234567", "text": "STOP\u0000\ud800", "received": 1783931400123}]}`, "id=G1&st=1&at=2026-07-13+08:30:00")
	f.Add(`{"results": [[],{},1,null,"x"]}`, "st=%zz")
	f.Add(`{"results": [{"id": 1e400, "status": {"name": true}, "done": -1}]}`, "id=\xff&st=\xff")
	f.Fuzz(func(t *testing.T, body, form string) {
		box := &inbox{}
		r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(body))
		r.Header.Set("X-Signature", signed(body))
		handler(t, jsonHook, box).ServeHTTP(httptest.NewRecorder(), r)
		r = httptest.NewRequest(http.MethodPost, "/sms?key="+secret, strings.NewReader(form))
		handler(t, formHook, box).ServeHTTP(httptest.NewRecorder(), r)
		for _, m := range box.messages {
			if !utf8.ValidString(m.Text) || !utf8.ValidString(m.From) || strings.Contains(m.Text, "\x00") || m.From == "" {
				t.Fatalf("%+v", m)
			}
		}
		for _, m := range box.reports {
			if m.State == "" || m.ID == "" && m.GatewayID == "" || !utf8.ValidString(m.Reason) || !m.At.IsZero() && (m.At.Year() < 2000 || m.At.Year() > 2200) {
				t.Fatalf("%+v", m)
			}
		}
	})
}

func FuzzDescription(f *testing.F) {
	for _, s := range styles {
		f.Add(strings.ReplaceAll(s.description, "{server}", "https://example.com"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := adapter.ParseDescription([]byte(text))
		if err != nil {
			return
		}
		if g, err := adapter.New(d, secrets, adapter.Options{}); err == nil {
			g.Close()
		}
	})
}
