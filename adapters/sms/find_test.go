package sms_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	adapter "github.com/crmplus/crmplus/adapters/sms"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/testutil/smstest"
)

// askable describes a gateway that knows keys again, and can be asked.
func askable(url string) adapter.Description {
	return adapter.Description{
		Name: "Acme", URL: url + "/messages", ContentType: "application/json", Auth: "bearer", Once: true,
		Body:   `{"to": "{to}", "text": "{text}", "reference": "{id}"}`,
		Answer: adapter.Answer{ID: "id", Status: "status", Reason: "why"}, Meanings: map[string]adapter.Meaning{"queued": adapter.Taken, "no_subscriber": adapter.NoNumber},
		Lookup: &adapter.Lookup{
			URL: url + "/messages/{id}?full=1", Answer: adapter.Answer{ID: "found.0.id", Status: "found.0.state", Reason: "found.0.why"},
			States: map[string]sms.State{"DELIVRD": sms.Delivered, "REJECTD": sms.Undelivered}, EmptyIsMissing: true,
		},
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		want       sms.Report
		code       fault.Code
	}{
		{"delivered", `{"found": [{"id": "g7", "state": "DELIVRD"}]}`, 200, sms.Report{ID: "k1", GatewayID: "g7", State: sms.Delivered, Reason: "DELIVRD"}, ""},
		{"on its way", `{"found": [{"id": "g7", "state": "WAITING"}]}`, 200, sms.Report{ID: "k1", GatewayID: "g7", State: sms.Carried, Reason: "WAITING"}, ""},
		{"rejected, with a reason that repeats the secret", `{"found": [{"state": "REJECTD", "why": "token s3cret is old"}]}`, 200, sms.Report{ID: "k1", State: sms.Undelivered, Reason: "token *** is old"}, ""},
		{"never heard of", `{}`, 404, sms.Report{}, fault.NotFound},
		{"an empty list", `{"found": []}`, 200, sms.Report{}, fault.NotFound},
		{"broken", `{`, 200, sms.Report{}, fault.Unavailable},
		{"out of order", `{}`, 500, sms.Report{}, fault.Unavailable},
		{"not allowed", `{}`, 401, sms.Report{}, fault.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/messages/k1" || r.URL.RawQuery != "full=1" || r.Header.Get("Authorization") != "Bearer s3cret" || r.Method != http.MethodGet {
					t.Errorf("asked %s %s %v", r.Method, r.URL, r.Header)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer server.Close()
			g, err := adapter.NewFinder(askable(server.URL), adapter.Secrets{Token: "s3cret"}, adapter.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			got, err := g.Find(t.Context(), "k1")
			if got != c.want || c.code == "" && err != nil || c.code != "" && !errors.Is(err, c.code) {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

// TestGatewayThatCannotBeAsked: one that is gone says nothing, and a description says how one is asked.
func TestGatewayThatCannotBeAsked(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	g, err := adapter.NewFinder(askable(server.URL), adapter.Secrets{}, adapter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Find(t.Context(), "k1"); !errors.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	var carried sms.Gateway = g
	if once, ok := carried.(sms.Repeater); !ok || !once.Repeats() {
		t.Error("the gateway does not say that it carries a key once")
	}
	d := askable("https://api.acme.example")
	d.Lookup.URL, d.Lookup.Answer.Status, d.Lookup.States = "https://api.acme.example/messages", "", map[string]sms.State{"X": "gone"}
	d.Body = `{"to": "{to}", "text": "{text}"}`
	if n := len(fault.Of(d.Check())); n != 4 {
		t.Errorf("%d faults: %v", n, d.Check())
	}
	d.Lookup = nil
	if _, err := adapter.NewFinder(d, adapter.Secrets{}, adapter.Options{}); !errors.Is(err, fault.Invalid) {
		t.Errorf("without a lookup: %v", err)
	}
}

// TestNumbersThatDoNotExist are told apart from other refusals, whatever the code is.
func TestNumbersThatDoNotExist(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		number bool
	}{{200, `{"status": "no_subscriber"}`, true}, {400, `{"status": "no_subscriber"}`, true}, {400, `{"status": "bad_sender"}`, false}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		g, err := adapter.New(askable(server.URL), adapter.Secrets{}, adapter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Send(t.Context(), smstest.Letter(1, "Szia"))
		var f *mail.Failure
		if !errors.As(err, &f) || f.Outcome != mail.Permanent || errors.Is(err, sms.ErrNoNumber) != c.number {
			t.Errorf("%d %s: %v", c.status, c.body, err)
		}
		g.Close()
		server.Close()
	}
}
