package sms_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	adapter "github.com/crmplus/crmplus/adapters/sms"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/testutil/smstest"
)

var secrets = adapter.Secrets{User: "acme", Password: `p"<&%`, Token: "tok&en"}

// style is one way in which gateways are spoken to.
type style struct {
	name, description string
	// read takes a message out of a request, and whether it showed the secret.
	read func(r *http.Request) (sms.Message, bool)
	// answer writes what came of it.
	answer func(w http.ResponseWriter, m smstest.Manner, id string)
}

var styles = []style{
	{
		name: "json",
		description: `{"name": "Jay", "url": "{server}/v1/messages", "auth": "bearer", "content_type": "application/json; charset=utf-8", "headers": {"X-Reference": "{id}"},
			"body": "{\"messages\": [{\"to\": \"{to}\", \"from\": \"{from}\", \"text\": \"{text}\", \"ref\": \"{id}\", \"unicode\": \"{encoding}\", \"parts\": {parts}}]}",
			"answer": {"id": "messages.0.id", "status": "messages.0.status", "reason": "messages.0.error"},
			"meanings": {"queued": "taken", "busy": "temporary", "bad_number": "permanent", "no_credit": "down"}, "per_second": 1000}`,
		read: func(r *http.Request) (sms.Message, bool) {
			var in struct {
				Messages []struct{ To, From, Text, Ref, Unicode string }
			}
			if json.NewDecoder(r.Body).Decode(&in) != nil || len(in.Messages) != 1 {
				return sms.Message{}, false
			}
			m := in.Messages[0]
			return sms.Message{ID: m.Ref, To: m.To, From: m.From, Text: m.Text}, r.Header.Get("Authorization") == "Bearer "+secrets.Token && r.Header.Get("X-Reference") == m.Ref && m.Unicode == string(sms.EncodingOf(m.Text))
		},
		answer: func(w http.ResponseWriter, m smstest.Manner, id string) {
			status := map[smstest.Manner]string{smstest.Takes: "queued", smstest.Later: "busy", smstest.Never: "bad_number", smstest.Closed: "no_credit"}[m]
			fmt.Fprintf(w, `{"messages": [{"id": %q, "status": %q, "error": "it is %s"}]}`, id, status, m)
		},
	},
	{
		name: "form",
		description: `{"name": "Eff", "url": "{server}/send.php?account={user}", "auth": "basic", "content_type": "application/x-www-form-urlencoded", "numbers": "digits",
			"body": "to={to}&from={from}&msg={text}&id={id}", "answer": {"id": "sid"}, "codes": {"409": "permanent"}, "per_second": 1000}`,
		read: func(r *http.Request) (sms.Message, bool) {
			user, password, _ := r.BasicAuth()
			ok := user == secrets.User && password == secrets.Password && r.URL.Query().Get("account") == user
			return sms.Message{ID: r.PostFormValue("id"), To: "+" + r.PostFormValue("to"), Text: r.PostFormValue("msg")}, ok
		},
		answer: func(w http.ResponseWriter, m smstest.Manner, id string) {
			w.WriteHeader(map[smstest.Manner]int{smstest.Takes: 201, smstest.Later: 429, smstest.Never: 409, smstest.Closed: 402}[m])
			fmt.Fprintf(w, `{"sid": %q}`, id)
		},
	},
	{
		name: "xml",
		description: `{"name": "Ex", "url": "{server}/xml", "content_type": "text/xml",
			"body": "<request user=\"{user}\" password='{password}'><to>{to}</to><text>{text}</text></request>",
			"answer": {"text": true, "id": "<id>([^<]*)</id>", "status": "<code>([^<]*)</code>", "reason": "<say>([^<]*)</say>"},
			"meanings": {"0": "taken", "1": "temporary", "2": "permanent", "3": "down"}, "per_second": 1000}`,
		read: func(r *http.Request) (sms.Message, bool) {
			var in struct {
				User     string `xml:"user,attr"`
				Password string `xml:"password,attr"`
				To       string `xml:"to"`
				Text     string `xml:"text"`
			}
			err := xml.NewDecoder(r.Body).Decode(&in)
			return sms.Message{To: in.To, Text: in.Text}, err == nil && in.User == secrets.User && in.Password == secrets.Password
		},
		answer: func(w http.ResponseWriter, m smstest.Manner, id string) {
			code := map[smstest.Manner]int{smstest.Takes: 0, smstest.Later: 1, smstest.Never: 2, smstest.Closed: 3}[m]
			fmt.Fprintf(w, "<answer><code>%d</code><say>it is %s</say><id>%s</id></answer>", code, m, id)
		},
	},
	{
		name:        "get",
		description: `{"name": "Gee", "url": "{server}/http/{token}/send?to={to}&text={text}&ref={id}", "method": "GET", "answer": {"text": true, "id": "OK:(.*)"}, "per_second": 1000}`,
		read: func(r *http.Request) (sms.Message, bool) {
			q := r.URL.Query()
			return sms.Message{ID: q.Get("ref"), To: q.Get("to"), Text: q.Get("text")}, r.URL.Path == "/http/"+secrets.Token+"/send"
		},
		answer: func(w http.ResponseWriter, m smstest.Manner, id string) {
			if code := map[smstest.Manner]int{smstest.Later: 503, smstest.Never: 422, smstest.Closed: 401}[m]; code != 0 {
				http.Error(w, "no", code)
				return
			}
			fmt.Fprintf(w, "OK:%s", id)
		},
	},
}

// start runs a gateway of a style and manner, and our adapter for it.
func start(t *testing.T, s style, m smstest.Manner) smstest.Service {
	t.Helper()
	var mu sync.Mutex
	var taken []sms.Message
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		message, ok := s.read(r)
		if !ok {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		if m == smstest.Asleep {
			close(arrived)
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return
		}
		mu.Lock()
		if m == smstest.Takes || m == smstest.Mute {
			taken = append(taken, message)
		}
		id := fmt.Sprintf("G%d", len(taken))
		mu.Unlock()
		if m == smstest.Mute {
			panic(http.ErrAbortHandler)
		}
		s.answer(w, m, id)
	}))
	t.Cleanup(server.Close)
	address := server.URL
	if m == smstest.Gone { // an address where nobody listens
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address = "http://" + l.Addr().String()
		_ = l.Close()
	}
	d, err := adapter.ParseDescription([]byte(strings.ReplaceAll(s.description, "{server}", address)))
	if err != nil {
		t.Fatal(err)
	}
	g, err := adapter.New(d, secrets, adapter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return smstest.Service{Gateway: g, Arrived: arrived, Taken: func() []sms.Message {
		mu.Lock()
		defer mu.Unlock()
		return append([]sms.Message(nil), taken...)
	}}
}

func TestConformance(t *testing.T) {
	for _, s := range styles {
		t.Run(s.name, func(t *testing.T) {
			smstest.Run(t, func(t *testing.T, m smstest.Manner) smstest.Service { return start(t, s, m) })
		})
	}
}

func TestAnswers(t *testing.T) {
	for _, row := range []struct {
		name, answer string
		code         int
		want         mail.Outcome
		down         bool
	}{
		{"without its key", `{"messages": [{"status": "queued"}]}`, 200, mail.Unknown, false},
		{"that is no JSON", `<html>`, 200, mail.Unknown, false},
		{"nothing", ``, 204, mail.Unknown, false},
		{"a status that nobody named", `{"messages": [{"id": "1", "status": "perhaps"}]}`, 200, mail.Unknown, false},
		{"that it broke", `{"error": "boom"}`, 500, mail.Unknown, false},
		{"of a gateway before it that waited", ``, 504, mail.Unknown, false},
		{"a redirect is not followed", ``, 302, mail.Temporary, true},
		{"that it is not there", ``, 404, mail.Temporary, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if row.code == http.StatusFound {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(row.code)
				_, _ = io.WriteString(w, row.answer)
			}))
			defer server.Close()
			d, err := adapter.ParseDescription([]byte(strings.ReplaceAll(styles[0].description, "{server}", server.URL)))
			if err != nil {
				t.Fatal(err)
			}
			g, err := adapter.New(d, secrets, adapter.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			_, err = g.Send(t.Context(), smstest.Letter(1, "Szia!"))
			var f *mail.Failure
			if !errors.As(err, &f) || f.Outcome != row.want || f.Down != row.down {
				t.Errorf("%v, want %q", err, row.want)
			}
		})
	}
}

func TestReasonsHoldNoSecrets(t *testing.T) {
	for _, code := range []int{200, 401, 422} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"messages": [{"status": "bad_number", "error": "you sent %s\nand more"}]}`, r.Header.Get("Authorization"))
		}))
		d, err := adapter.ParseDescription([]byte(strings.ReplaceAll(styles[0].description, "{server}", server.URL)))
		if err != nil {
			t.Fatal(err)
		}
		g, err := adapter.New(d, secrets, adapter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = g.Send(t.Context(), smstest.Letter(1, "Szia!")); err == nil || strings.Contains(err.Error(), secrets.Token) || !strings.Contains(err.Error(), "*** and more") {
			t.Errorf("%d: %v", code, err)
		}
		g.Close()
		server.Close()
	}
	// The address of this one holds a secret, and an error of the client holds the address.
	s := start(t, styles[3], smstest.Gone)
	if _, err := s.Gateway.Send(t.Context(), smstest.Letter(1, "Szia!")); err == nil || strings.Contains(err.Error(), "tok") {
		t.Errorf("an address: %v", err)
	}
}

func TestMessagesWaitTheirTurn(t *testing.T) {
	s := start(t, style{read: styles[0].read, answer: styles[0].answer, description: strings.Replace(styles[0].description, `"per_second": 1000`, `"per_second": 0.001`, 1)}, smstest.Takes)
	if _, err := s.Gateway.Send(t.Context(), smstest.Letter(1, "Szia!")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Gateway.Send(ctx, smstest.Letter(2, "Szia!"))
	var f *mail.Failure
	if !errors.As(err, &f) || f.Outcome != mail.Temporary || len(s.Taken()) != 1 {
		t.Errorf("%v, and %d came", err, len(s.Taken()))
	}
}

func TestDescriptionsAreChecked(t *testing.T) {
	for _, row := range []struct {
		name, description string
		paths             []string
	}{
		{"nothing", `{}`, []string{"name", "url", "body"}},
		{"in the open", `{"name": "x", "url": "http://example.com/{to}/{text}"}`, []string{"url"}},
		{"a host of the message's", `{"name": "x", "url": "https://{from}.example.com/{to}/{text}"}`, []string{"url"}},
		{"a password in the address", `{"name": "x", "url": "https://a:b@example.com/{to}/{text}"}`, []string{"url"}},
		{"JSON without quotation marks", `{"name": "x", "url": "https://example.com/", "content_type": "application/json", "body": "{\"to\": {to}, \"text\": {text}}"}`, []string{"body"}},
		{"XML that is none", `{"name": "x", "url": "https://example.com/", "content_type": "text/xml", "body": "<a b={to}>{text}</a>"}`, []string{"body"}},
		{"a body without a type", `{"name": "x", "url": "https://example.com/", "body": "{to}{text}"}`, []string{"content_type"}},
		{"an unknown value", `{"name": "x", "url": "https://example.com/?to={to}&t={text}&x={sender}"}`, []string{"url"}},
		{"a header that holds the text", `{"name": "x", "url": "https://example.com/?to={to}&t={text}", "headers": {"X": "{text}"}}`, []string{"headers.X"}},
		{"choices", `{"name": "x", "url": "https://example.com/?to={to}&t={text}", "method": "PATCH", "auth": "digest", "numbers": "roman", "codes": {"200": "maybe"}, "meanings": {"ok": "fine"}, "timeout_seconds": -1}`,
			[]string{"method", "auth", "numbers", "codes.200", "meanings.ok", "answer.status", "per_second"}},
		{"a pattern without a group", `{"name": "x", "url": "https://example.com/?to={to}&t={text}", "answer": {"text": true, "id": "OK:.*"}}`, []string{"answer.id"}},
		{"a body for GET", `{"name": "x", "method": "GET", "url": "https://example.com/", "content_type": "application/json", "body": "[\"{to}\",\"{text}\"]"}`, []string{"body"}},
	} {
		d, err := adapter.ParseDescription([]byte(row.description))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		_, err = adapter.New(d, secrets, adapter.Options{})
		for _, path := range row.paths {
			found := false
			for _, f := range fault.Of(err) {
				found = found || f.Path == path
			}
			if !found {
				t.Errorf("%s: %v names no %s", row.name, err, path)
			}
		}
	}
	for _, bad := range []string{``, `{"name": 1}`, `{"nam": "x"}`, `{} {}`} {
		if _, err := adapter.ParseDescription([]byte(bad)); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
