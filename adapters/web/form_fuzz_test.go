package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/testutil"
)

// preparing captures as far as Prepare: what a form takes, a lead can be made of.
type preparing struct{ t *testing.T }

func (p preparing) Capture(ctx context.Context, d lead.Draft) (lead.Result, error) {
	if a, err := actor.From(ctx); err != nil || a.Kind != actor.KindPublic {
		p.t.Errorf("acts as %v: %v", a, err)
	}
	if _, faults := lead.Prepare(d, locale.Locale{Language: locale.English, Currency: "EUR"}, time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC)); len(faults) > 0 {
		p.t.Errorf("a checked entry has faults: %v", faults)
	}
	return lead.Result{}, nil
}

func FuzzFormPost(f *testing.F) {
	json := `{"name":"Δημήτρης","email":"d@example.gr","message":"α","consent":"2026-07","form_token":"TOKEN","phone":null}`
	part := "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nКовач\r\n--b--\r\n"
	f.Add(urlType, anna("TOKEN").Encode(), home)
	f.Add(urlType, "name=%D7%93%D7%95%D7%93&email=david%40example.co.il&phone=050-123-4567&message=x&consent=2026-07&form_token=TOKEN", home)
	f.Add(urlType, "name=&=&&%zz", home)
	f.Add("application/json", json, partner)
	f.Add("application/json; charset=x", strings.Repeat(`{"a":`, 300), partner)
	f.Add("multipart/form-data; boundary=b", part, home)
	f.Add("multipart/form-data; boundary=b", part[:60], home)
	f.Add("multipart/form-data; boundary=\"", part, "null")
	f.Add("text/plain", "x", "https://evil.example:99999")
	f.Fuzz(func(t *testing.T, kind, body, origin string) {
		clock := testutil.NewClock(time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC))
		w := &world{Env: &testutil.Env{Company: "HU01", Clock: clock}, t: t}
		w.forms = newForms(t, w.Env, preparing{t}, nil)
		for _, key := range []string{"hu", "he"} {
			r := httptest.NewRequest(http.MethodPost, home+"/crm/f/"+key, strings.NewReader(strings.ReplaceAll(body, "TOKEN", w.token(key))))
			r.Header["Content-Type"], r.Header["Origin"] = []string{kind}, []string{origin}
			answer := w.do(r)
			if answer.Code >= 500 {
				t.Errorf("status %d: %s", answer.Code, answer.Body)
			}
			if strings.ContainsAny(answer.Header().Get("Location")+answer.Header().Get("Access-Control-Allow-Origin"), "\r\n") {
				t.Errorf("a header is split: %v", answer.Header())
			}
		}
	})
}
