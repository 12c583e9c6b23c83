package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/testutil"
)

func TestFormPost(t *testing.T) {
	tests := []struct {
		name   string
		key    string
		change func(url.Values)
		status int
		body   []string
		leads  int
	}{
		{name: "complete", status: 303, leads: 1},
		{name: "only what is required", change: func(v url.Values) { v.Del("company"); v.Del("phone") }, status: 303, leads: 1},
		{name: "honeypot filled", change: func(v url.Values) { v.Set("contact_link", "http://spam.example") }, status: 303},
		{name: "nothing typed", change: func(v url.Values) {
			for _, name := range []string{"name", "email", "message", "consent"} {
				v.Del(name)
			}
		}, status: 422, body: []string{"Adja meg a nevét.", "Adja meg az e-mail-címét.", "Írja meg, miben segíthetünk.", "A küldéshez fogadja el ezt a nyilatkozatot.", `value="Erdei Bútor Kft."`}},
		{name: "bad e-mail and phone", change: func(v url.Values) { v.Set("email", "anna@"); v.Set("phone", "hívjon") },
			status: 422, body: []string{"Ellenőrizze az e-mail-címet", "Ellenőrizze a telefonszámot", `value="hívjon"`, `value="Kovács Anna"`, "40 lámpatest a raktárba,\nszeptemberig.", ` checked`, "autofocus"}},
		{name: "blank is not given", change: func(v url.Values) { v.Set("name", " \u00a0\u200b\t") }, status: 422, body: []string{"Adja meg a nevét."}},
		{name: "message too long", change: func(v url.Values) { v.Set("message", strings.Repeat("ű", 5001)) }, status: 422, body: []string{"Legfeljebb 5000 karakter lehet, most 5001."}},
		{name: "message at the limit", change: func(v url.Values) { v.Set("message", strings.Repeat("ű", 5000)) }, status: 303, leads: 1},
		{name: "consent of another version", change: func(v url.Values) { v.Set("consent", "2025-01") }, status: 422, body: []string{"időközben megváltozott"}},
		{name: "no token", change: func(v url.Values) { v.Del("form_token") }, status: 422, body: []string{"Már csak egy lépés", `value="Kovács Anna"`}},
		{name: "forged token", change: func(v url.Values) { v.Set("form_token", strings.Repeat("A", 54)) }, status: 422, body: []string{"Már csak egy lépés"}},
		{name: "token of another form", key: "en", status: 422, body: []string{"One more step"}},
		{name: "HTML is shown as text", change: func(v url.Values) {
			v.Set("name", `"><script>alert(1)</script>`)
			v.Set("message", "</textarea><script>x</script>")
			v.Del("email")
		},
			status: 422, body: []string{"&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;/textarea&gt;"}},
		{name: "HTML is kept as text", change: func(v url.Values) { v.Set("message", "<b>lámpa</b>") }, status: 303, leads: 1},
		{name: "broken UTF-8 and control characters", change: func(v url.Values) { v.Set("message", "lámpa\xff\x00\x1b[31m") }, status: 303, leads: 1},
		{name: "posted redirect is ignored", change: func(v url.Values) { v.Set("redirect", "https://evil.example"); v.Set("RedirectURL", "//evil.example") }, status: 303, leads: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
				w := newWorld(t, env, nil)
				values := anna(w.token("hu"))
				if test.change != nil {
					test.change(values)
				}
				key := "hu"
				if test.key != "" {
					key = test.key
				}
				answer := w.do(post(key, values))
				if answer.Code != test.status {
					t.Fatalf("status %d, want %d: %s", answer.Code, test.status, answer.Body)
				}
				if location := answer.Header().Get("Location"); test.status == 303 && location != "hu?sent=1" {
					t.Errorf("leads to %q", location)
				}
				for _, text := range test.body {
					if !strings.Contains(answer.Body.String(), text) {
						t.Errorf("the page lacks %q: %s", text, answer.Body)
					}
				}
				if strings.Contains(answer.Body.String(), "<script") {
					t.Error("a script came into the page")
				}
				if got := len(w.rows().leads); got != test.leads {
					t.Errorf("%d leads, want %d", got, test.leads)
				}
				for _, personal := range []string{"Anna", "Kovács", "erdei", "1234567", "lámpa"} {
					if strings.Contains(w.log.String(), personal) {
						t.Errorf("the log holds %q: %s", personal, w.log)
					}
				}
			})
		})
	}
}

func TestFormKeepsWhatWasSent(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		values := anna(w.token("hu"))
		for name, value := range map[string]string{
			"utm_source": "Google", "utm_medium": "CPC", "utm_campaign": "Nyári akció", "utm_term": "ipari lámpa", "utm_content": "b", "gclid": "Cj0KCQ",
			"referrer": "https://www.google.com/", "page": "https://www.minta.hu/lampak",
		} {
			values.Set(name, value)
		}
		if answer := w.do(post("hu", values)); answer.Code != http.StatusSeeOther {
			t.Fatal(answer.Code, answer.Body)
		}
		got := w.rows()
		if len(got.leads) != 1 || len(got.touches) != 1 || len(got.parties) != 2 {
			t.Fatalf("%d leads, %d touches, %d parties", len(got.leads), len(got.touches), len(got.parties))
		}
		person, firm := got.parties[0], got.parties[1]
		diff := cmp.Diff(map[string]string{
			"company": env.Company, "by": "public", "interest": "40 lámpatest a raktárba,\nszeptemberig.", "organization": "Erdei Bútor Kft.", "source": "google", "owner": "",
			"name": "Kovács Anna", "family": "Kovács", "given": "Anna", "email": "anna@erdei.hu", "phone": "+36301234567", "language": "hu", "firm": "Erdei Bútor Kft.",
		}, map[string]string{
			"company": got.leads[0].Company, "by": got.leads[0].CreatedBy, "interest": got.leads[0].Interest, "organization": got.leads[0].Organization, "source": got.leads[0].Source, "owner": got.leads[0].OwnerUser,
			"name": person.DisplayName, "family": person.Family, "given": person.Given, "email": person.Email, "phone": person.Phone, "language": string(person.Language), "firm": firm.DisplayName,
		})
		if diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		want := lead.Origin{
			Channel: lead.ByForm, Source: "google", Medium: "cpc", Campaign: "Nyári akció", Term: "ipari lámpa", Content: "b", ClickID: "Cj0KCQ",
			Referrer: "https://www.google.com/", Page: "https://www.minta.hu/lampak",
		}
		if diff := cmp.Diff(want, got.touches[0].Origin); diff != "" {
			t.Errorf("origin (-want +got):\n%s", diff)
		}
		if consent := got.touches[0].Consent; !strings.HasPrefix(consent, "Hozzájárulok,") || !strings.HasSuffix(consent, "[2026-07]") {
			t.Errorf("consent %q", consent)
		}
	})
}

func TestFormOriginDefaults(t *testing.T) {
	tests := []struct {
		name                           string
		values                         map[string]string
		source, medium, campaign, page string
	}{
		{"nothing said", nil, "website", "", "spring", home + "/crm/f/hu"},
		{"click of an advertisement", map[string]string{"gclid": "x"}, "google", "cpc", "spring", home + "/crm/f/hu"},
		{"click in a network", map[string]string{"fbclid": "x", "page": partner}, "facebook", "social", "spring", partner},
		{"link says it", map[string]string{"utm_source": "Hírlevél", "utm_campaign": "july", "fbclid": "x"}, "hírlevél", "", "july", home + "/crm/f/hu"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			values := anna(w.token("hu"))
			for name, value := range test.values {
				values.Set(name, value)
			}
			r := post("hu", values)
			r.Header.Set("Referer", home+"/crm/f/hu")
			if answer := w.do(r); answer.Code != http.StatusSeeOther {
				t.Fatal(answer.Code, answer.Body)
			}
			got := w.rows().touches[0]
			if got.Source != test.source || got.Medium != test.medium || got.Campaign != test.campaign || got.Page != test.page {
				t.Errorf("got %+v", got.Origin)
			}
		})
	}
}

func TestFormInEachLanguage(t *testing.T) {
	people := map[string]struct{ name, company, phone, e164 string }{
		"hu": {"Nagy Ödön", "Ödön és Társa Bt.", "(06-1) 234-5678", "+3612345678"},
		"en": {"Zoë O'Brien", "O'Brien & Sons", "020 7946 0958", "+442079460958"},
		"he": {"דוד כהן", "כהן אלקטרוניקה בע״מ", "050-123-4567", "+972501234567"},
		"ru": {"Пётр Сергеевич Иванов", "ООО «Ромашка»", "8 912 345-67-89", "+79123456789"},
		"el": {"Δημήτρης Παπαδόπουλος", "Αφοί Παπαδόπουλοι ΟΕ", "210 123 4567", "+302101234567"},
	}
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		for key, p := range people {
			values := anna(w.token(key))
			values.Set("name", p.name)
			values.Set("company", p.company)
			values.Set("phone", p.phone)
			values.Set("email", key+"@example.com")
			if answer := w.do(post(key, values)); answer.Code != http.StatusSeeOther {
				t.Fatalf("%s: %d %s", key, answer.Code, answer.Body)
			}
		}
		for _, got := range w.rows().parties {
			p := people[string(got.Language)]
			if got.Email != "" && (got.DisplayName != p.name || got.Phone != p.e164) {
				t.Errorf("%s: %q %q", got.Language, got.DisplayName, got.Phone)
			}
		}
		if n := len(w.rows().leads); n != len(people) {
			t.Errorf("%d leads", n)
		}
	})
}

func TestFormReach(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), func(c *web.FormsConfig) {
		c.Forms = []web.Form{{Key: "short", Company: c.Forms[0].Company, Language: locale.Russian, Fields: []web.FormField{{Name: web.FieldPhone}, {Name: web.FieldEmail}}}}
	})
	answer := w.do(post("short", url.Values{"form_token": {w.token("short")}}))
	if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), `href="#field-email">Укажите эл. почту или телефон`) {
		t.Error(answer.Code, answer.Body)
	}
	answer = w.do(post("short", url.Values{"form_token": {w.token("short")}, "phone": {"8 912 345-67-89"}, "name": {"не спрашивали"}}))
	if got := w.rows(); answer.Code != http.StatusSeeOther || len(got.leads) != 1 || got.parties[0].DisplayName != "" {
		t.Error(answer.Code, answer.Body, got)
	}
}

func TestFormPressedTwice(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		const presses = 50
		w := newWorld(t, env, func(c *web.FormsConfig) { c.ClientRate = web.FormRate{Burst: presses + 2, Every: time.Second} })
		values := anna(w.token("hu"))
		codes := make([]int, presses)
		var wait sync.WaitGroup
		for i := range presses {
			wait.Go(func() {
				recorder := httptest.NewRecorder()
				w.forms.ServeHTTP(recorder, post("hu", values))
				codes[i] = recorder.Code
			})
		}
		wait.Wait()
		for i, code := range codes {
			if code != http.StatusSeeOther {
				t.Errorf("press %d: status %d", i, code)
			}
		}
		if got := w.rows(); len(got.leads) != 1 || len(got.touches) != 1 {
			t.Errorf("%d leads, %d touches", len(got.leads), len(got.touches))
		}

		values.Set("message", "60 lámpatest lett belőle.")
		if answer := w.do(post("hu", values)); answer.Code != http.StatusSeeOther {
			t.Fatal(answer.Code)
		}
		got := w.rows()
		if len(got.leads) != 1 || len(got.touches) != 2 || !strings.Contains(got.leads[0].Interest, "60 lámpatest") {
			t.Errorf("a correction is lost: %d leads, %d touches", len(got.leads), len(got.touches))
		}
	})
}

func TestFormToken(t *testing.T) {
	tests := []struct {
		name  string
		after time.Duration
		text  string
	}{
		{"sooner than a person types", time.Second, "Ez nagyon gyors volt."},
		{"at the least time", 2 * time.Second, ""},
		{"after hours", 23 * time.Hour, ""},
		{"after a day", 24*time.Hour + time.Second, "Az oldal sokáig volt nyitva."},
		{"the clock jumped back", -time.Hour, "Az oldal sokáig volt nyitva."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			page := w.do(httptest.NewRequest(http.MethodGet, home+"/crm/f/hu", nil))
			w.Clock.Advance(test.after)
			values := anna(w.tokenOf(page))
			answer := w.do(post("hu", values))
			if test.text == "" {
				if answer.Code != http.StatusSeeOther || len(w.rows().leads) != 1 {
					t.Fatal(answer.Code, answer.Body)
				}
				return
			}
			for _, text := range []string{test.text, `value="Kovács Anna"`, "40 lámpatest", " checked"} {
				if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), text) {
					t.Errorf("status %d, the page lacks %q: %s", answer.Code, text, answer.Body)
				}
			}
			if len(w.rows().leads) != 0 {
				t.Error("there is a lead already")
			}
			// One more press of the page that came back.
			w.Clock.Advance(time.Second)
			values.Set("form_token", w.tokenOf(answer))
			if answer := w.do(post("hu", values)); answer.Code != http.StatusSeeOther || len(w.rows().leads) != 1 {
				t.Error(answer.Code, answer.Body)
			}
		})
	}
}

func TestFormRedirect(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), func(c *web.FormsConfig) {
		c.RedirectOrigins = []string{partner}
		c.Forms[0].RedirectURL = partner + "/koszonjuk?a=b"
	})
	answer := w.do(post("hu", anna(w.token("hu"))))
	if location := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || location != partner+"/koszonjuk?a=b" {
		t.Errorf("%d to %q", answer.Code, location)
	}
	page := w.do(httptest.NewRequest(http.MethodGet, home+"/crm/f/hu", nil))
	if policy := page.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' "+partner+";") {
		t.Error(policy)
	}
}

// brokenLeads fails as databases and rules do; its texts hold personal data, which logs must not.
type brokenLeads struct{ err error }

func (b brokenLeads) Capture(context.Context, lead.Draft) (lead.Result, error) {
	return lead.Result{}, b.err
}

func TestFormFailure(t *testing.T) {
	for _, kind := range []string{urlType, "application/json"} {
		t.Run(kind, func(t *testing.T) {
			env := testutil.SQLite(t)
			w := newWorld(t, env, nil)
			w.forms = newForms(t, env, brokenLeads{fmt.Errorf("writing Kovács Anna: %w", errors.New("disk full"))}, nil)
			r := post("hu", anna(w.token("hu")))
			if kind != urlType {
				body := map[string]string{}
				for name, value := range anna(w.token("hu")) {
					body[name] = value[0]
				}
				text, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				r = postJSON("hu", string(text))
			}
			answer := w.do(r)
			if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" || !strings.Contains(answer.Body.String(), "Átmeneti hiba történt.") {
				t.Error(answer.Code, answer.Body)
			}
			if kind == urlType && !strings.Contains(answer.Body.String(), `value="Kovács Anna"`) {
				t.Error("what was typed is lost")
			}
			if strings.Contains(w.log.String(), "Anna") {
				t.Error(w.log)
			}
		})
	}
}
