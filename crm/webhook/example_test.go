package webhook_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/webhook"
)

// A receiver takes what is signed with the secret of its webhook, and remembers the ids that it has dealt with.
func ExampleVerify() {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // shown once, by Webhooks.Create
	seen := map[string]bool{}
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body) // the bytes as they came
		if err == nil {
			err = webhook.Verify(r.Header, body, []string{secret}, time.Now())
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		if id := r.Header.Get(webhook.HeaderID); !seen[id] {
			seen[id] = true
			fmt.Println("handled:", string(body))
		}
		w.WriteHeader(http.StatusNoContent) // anything but 2xx is sent again
	})

	for _, forged := range []bool{false, false, true} {
		body := `{"type":"lead.captured"}`
		m := webhook.Message{ID: "0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f", At: time.Now(), Body: []byte(body)}
		signature, err := webhook.Sign(m, secret)
		if err != nil {
			fmt.Println(err)
			return
		}
		if forged {
			body = `{"type":"lead.removed"}`
		}
		r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
		r.Header.Set(webhook.HeaderID, m.ID)
		r.Header.Set(webhook.HeaderTimestamp, fmt.Sprint(m.At.Unix()))
		r.Header.Set(webhook.HeaderSignature, signature)
		w := httptest.NewRecorder()
		receiver.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// handled: {"type":"lead.captured"}
	// 204
	// 204
	// 403
}
