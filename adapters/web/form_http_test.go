package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/testutil"
)

func TestFormSender(t *testing.T) {
	tests := []struct {
		name            string
		origin, referer string
		header          map[string]string
		remote          string
		own             bool
		status          int
	}{
		{name: "own page", origin: home, status: 303},
		{name: "listed page", origin: partner, status: 303},
		{name: "listed page by Referer", referer: partner + "/kapcsolat?x=1", status: 303},
		{name: "strange page", origin: "https://evil.example", status: 403},
		{name: "strange page with an own Referer", origin: "https://evil.example", referer: home + "/crm/f/hu", status: 403},
		{name: "listed host, other scheme", origin: "http://www.minta.hu", status: 403},
		{name: "listed host, other port", origin: partner + ":8443", status: 403},
		{name: "listed host as a prefix", origin: partner + ".evil.example", status: 403},
		{name: "sandboxed frame", origin: "null", status: 403},
		{name: "no browser", status: 403},
		{name: "broken Origin", origin: "https://erp.example.com/\x7f", status: 403},
		{name: "host named by a trusted proxy", origin: "https://forms.minta.hu", header: map[string]string{"X-Forwarded-Host": "forms.minta.hu"}, remote: "10.1.2.3:99", status: 303},
		{name: "host named by a stranger", origin: "https://evil.example", header: map[string]string{"X-Forwarded-Host": "evil.example"}, status: 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			r := post("hu", anna(w.token("hu")))
			r.Header.Del("Origin")
			for name, value := range map[string]string{"Origin": test.origin, "Referer": test.referer} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			if test.remote != "" {
				r.RemoteAddr = test.remote
			}
			answer := w.do(r)
			leads := len(w.rows().leads)
			if answer.Code != test.status || (leads == 1) != (test.status == 303) {
				t.Errorf("status %d, %d leads: %s", answer.Code, leads, answer.Body)
			}
			if answer.Code == 403 && (strings.Contains(answer.Body.String(), "Kovács") || answer.Header().Get("Access-Control-Allow-Origin") != "") {
				t.Error("a strange page gets an answer it can use")
			}
		})
	}
}

func TestFormBody(t *testing.T) {
	files := func(name string) (string, string) {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		for field, value := range anna("TOKEN") {
			if err := m.WriteField(field, value[0]); err != nil {
				t.Fatal(err)
			}
		}
		if name != "-" {
			part, err := m.CreateFormFile("upload", name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(part, "MZ")
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		return m.FormDataContentType(), body.String()
	}
	plainType, plain := files("-")
	fileType, file := files("virus.exe")
	many := url.Values{}
	for i := range 100 {
		many.Set(fmt.Sprint("f", i), "x")
	}
	good := anna("TOKEN").Encode()
	tests := []struct {
		name, kind, body string
		status           int
	}{
		{"urlencoded with a charset", urlType + "; charset=UTF-8", good, 303},
		{"multipart", plainType, plain, 303},
		{"multipart with a file", fileType, file, 400},
		{"multipart without a boundary", "multipart/form-data", plain, 400},
		{"multipart cut off", plainType, plain[:len(plain)/2], 400},
		{"too large", urlType, good + "&x=" + strings.Repeat("x", 65<<10), 413},
		{"too many fields", urlType, many.Encode(), 400},
		{"too many ampersands", urlType, strings.Repeat("&", 60000), 400},
		{"long field name", urlType, strings.Repeat("n", 1000) + "=1", 400},
		{"broken escapes", urlType, "name=%zz", 400},
		{"empty", urlType, "", 422},
		{"no content type", "", good, 415},
		{"XML", "application/xml", "<a/>", 415},
		{"text", "text/plain", good, 415},
		{"JSON list", "application/json", "[1]", 400},
		{"JSON nested", "application/json", `{"name":{"a":1}}`, 400},
		{"JSON with a number", "application/json", `{"name":1}`, 400},
		{"JSON with a tail", "application/json", `{}{}`, 400},
		{"JSON cut off", "application/json", `{"name":`, 400},
		{"JSON null", "application/json", `null`, 422},
		{"JSON too large", "application/json", `{"message":"` + strings.Repeat("x", 65<<10) + `"}`, 413},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			r := httptest.NewRequest(http.MethodPost, home+"/crm/f/hu", strings.NewReader(strings.ReplaceAll(test.body, "TOKEN", w.token("hu"))))
			r.Header.Set("Origin", home)
			if test.kind != "" {
				r.Header.Set("Content-Type", test.kind)
			}
			answer := w.do(r)
			if answer.Code != test.status {
				t.Errorf("status %d, want %d: %s", answer.Code, test.status, answer.Body)
			}
			if leads := len(w.rows().leads); (leads == 1) != (test.status == 303) {
				t.Errorf("%d leads", leads)
			}
		})
	}
}

func TestFormJSON(t *testing.T) {
	body := func(token, email string) string {
		return fmt.Sprintf(`{"name":"Δημήτρης Παπαδόπουλος","email":%q,"message":"Θέλω προσφορά","consent":"2026-07","form_token":%q,"contact_link":"","page":"https://www.minta.hu/gr"}`, email, token)
	}
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		token := w.token("el")

		answer := w.do(postJSON("el", body(token, "wrong")))
		var problem struct {
			Status      int
			Code, Title string
			Faults      []struct{ Path, Code, Message string }
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &problem); err != nil {
			t.Fatal(err)
		}
		if answer.Code != 422 || answer.Header().Get("Content-Type") != "application/problem+json" || problem.Status != 422 || problem.Code != "faults" ||
			len(problem.Faults) != 1 || problem.Faults[0].Path != "email" || problem.Faults[0].Code != "email.form" || !strings.HasPrefix(problem.Faults[0].Message, "Ελέγξτε το e-mail") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}

		w.Clock.Advance(48 * time.Hour)
		answer = w.do(postJSON("el", body(token, "dimitris@example.gr")))
		var stale struct{ Code, Token string }
		if err := json.Unmarshal(answer.Body.Bytes(), &stale); err != nil || stale.Code != "stale" || stale.Token == "" || stale.Token == token {
			t.Fatalf("%d %s %v", answer.Code, answer.Body, err)
		}
		answer = w.do(postJSON("el", body(stale.Token, "dimitris@example.gr")))
		if answer.Code != 200 || !strings.Contains(answer.Body.String(), "Ευχαριστούμε, το λάβαμε") || answer.Header().Get("Access-Control-Allow-Origin") != partner || answer.Header().Get("Vary") != "Origin" {
			t.Errorf("%d %s %v", answer.Code, answer.Body, answer.Header())
		}
		again := w.do(postJSON("el", body(stale.Token, "dimitris@example.gr")))
		if again.Code != 200 || again.Body.String() != answer.Body.String() {
			t.Errorf("the second answer differs: %d %s", again.Code, again.Body)
		}
		if got := w.rows(); len(got.leads) != 1 || got.touches[0].Page != "https://www.minta.hu/gr" {
			t.Errorf("%+v", got)
		}
	})
}

func TestFormPreflight(t *testing.T) {
	tests := []struct {
		name, origin, allowed string
		status                int
	}{
		{"listed", partner, partner, 204},
		{"own", home, home, 204},
		{"strange", "https://evil.example", "", 403},
		{"null", "null", "", 403},
		{"no CORS", "", "", 204},
	}
	w := newWorld(t, testutil.SQLite(t), nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodOptions, home+"/crm/f/hu", nil)
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
				r.Header.Set("Access-Control-Request-Method", "POST")
			}
			h := w.do(r)
			if h.Code != test.status || h.Header().Get("Access-Control-Allow-Origin") != test.allowed || h.Header().Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%d %v", h.Code, h.Header())
			}
		})
	}
}

func TestFormRates(t *testing.T) {
	tests := []struct {
		name  string
		rates func(*web.FormsConfig)
		send  func(r *http.Request, i int)
		taken int
	}{
		{"one client", func(c *web.FormsConfig) { c.ClientRate = web.FormRate{Burst: 3, Every: time.Minute} }, func(*http.Request, int) {}, 3},
		{"one form, many clients", func(c *web.FormsConfig) { c.FormRate = web.FormRate{Burst: 4, Every: time.Minute} },
			func(r *http.Request, i int) { r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", i) }, 4},
		{"many addresses of one IPv6 network", func(c *web.FormsConfig) { c.ClientRate = web.FormRate{Burst: 3, Every: time.Minute} },
			func(r *http.Request, i int) { r.RemoteAddr = fmt.Sprintf("[2001:db8::%d]:1", i+1) }, 3},
		{"clients behind a trusted proxy", func(c *web.FormsConfig) { c.ClientRate = web.FormRate{Burst: 1, Every: time.Minute} },
			func(r *http.Request, i int) {
				r.RemoteAddr = "10.0.0.1:1"
				r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.9, 198.51.100.%d, 10.0.0.7", i))
			}, 6},
		{"a client that forges X-Forwarded-For", func(c *web.FormsConfig) { c.ClientRate = web.FormRate{Burst: 2, Every: time.Minute} },
			func(r *http.Request, i int) { r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i)) }, 2},
		{"a client that forges it through the proxy", func(c *web.FormsConfig) { c.ClientRate = web.FormRate{Burst: 2, Every: time.Minute} },
			func(r *http.Request, i int) {
				r.RemoteAddr = "10.0.0.1:1"
				r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d, 203.0.113.9", i))
			}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), test.rates)
			values := anna(w.token("hu"))
			taken := 0
			for i := range 6 {
				r := post("hu", values)
				test.send(r, i)
				answer := w.do(r)
				switch answer.Code {
				case http.StatusSeeOther:
					taken++
				case http.StatusTooManyRequests:
					if answer.Header().Get("Retry-After") == "" || !strings.Contains(answer.Body.String(), `value="Kovács Anna"`) {
						t.Error("what was typed is lost", answer.Body)
					}
				default:
					t.Fatal(answer.Code, answer.Body)
				}
			}
			if taken != test.taken {
				t.Errorf("%d posts were taken, want %d", taken, test.taken)
			}
			w.Clock.Advance(time.Minute)
			r := post("hu", values)
			test.send(r, 0)
			if answer := w.do(r); answer.Code != http.StatusSeeOther {
				t.Error("after a minute", answer.Code)
			}
		})
	}
}

// What stands where a form was sent is the company's own text, where it has one.
func TestFormThanksInTheWordsOfTheCompany(t *testing.T) {
	env := testutil.SQLite(t)
	settings := setting.New(env.DB, setting.Config{})
	w := newWorld(t, env, func(c *web.FormsConfig) { c.Texts = settings })
	if _, err := settings.SetText(env.System(), setting.CompanyText{Name: setting.FormThanks, Language: locale.Hungarian, Body: "Köszönjük, holnap hívjuk."}); err != nil {
		t.Fatal(err)
	}
	if page := w.do(httptest.NewRequest(http.MethodGet, home+"/crm/f/hu?sent=1", nil)); !strings.Contains(page.Body.String(), "holnap hívjuk") {
		t.Errorf("it says %s", page.Body)
	}
	if page := w.do(httptest.NewRequest(http.MethodGet, home+"/crm/f/he?sent=1", nil)); page.Code != 200 || strings.Contains(page.Body.String(), "holnap") || !strings.Contains(page.Body.String(), setting.Texts.T(locale.Hebrew, string(setting.FormThanks))) {
		t.Errorf("in another language it says %s", page.Body)
	}
}

func TestFormRoutes(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
		text         string
	}{
		{"GET", "/crm/f/he", 200, `<html lang="he" dir="rtl">`},
		{"HEAD", "/crm/f/he", 200, ""},
		{"GET", "/crm/f/he?sent=1", 200, "תודה, פנייתכם התקבלה"},
		{"GET", "/crm/f/he.js", 200, `"direction":"rtl"`},
		{"GET", "/crm/f/hu?utm_source=h%C3%ADr&gclid=%3Cb%3E", 200, `name="gclid" value="&lt;b&gt;"`},
		{"GET", "/crm/f/nobody", 404, ""},
		{"GET", "/crm/f/", 404, ""},
		{"GET", "/crm/g/hu", 404, ""},
		{"GET", "/crm/f/hu/", 404, ""},
		{"GET", "/crm/f/HU", 404, ""},
		{"POST", "/crm/f/he.js", 405, ""},
		{"DELETE", "/crm/f/he", 405, ""},
		{"PUT", "/crm/f/he", 405, ""},
	}
	w := newWorld(t, testutil.SQLite(t), nil)
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			answer := w.do(httptest.NewRequest(test.method, home+test.path, nil))
			if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.text) {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
			for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
				if got := answer.Header().Get(name); got != want {
					t.Errorf("%s is %q", name, got)
				}
			}
			if policy := answer.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Error(policy)
			}
		})
	}
}

var styleOfPage = regexp.MustCompile(`(?s)<style>(.*)</style>`)

// A page of every language stays small, and its policy lets exactly its own style through.
func TestFormPage(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), func(c *web.FormsConfig) {
		logo := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{1}, 13000)...)
		for i := range c.Forms {
			c.Forms[i].Brand.Logo = logo
			c.Forms[i].FrameAncestors = []string{partner}
			c.Forms[i].Consent.Text = strings.Repeat("ű ", 450)
		}
	})
	for _, language := range locale.Languages {
		answer := w.do(httptest.NewRequest(http.MethodGet, home+"/crm/f/"+string(language), nil))
		if n := answer.Body.Len(); n > 30<<10 {
			t.Errorf("%s: %d bytes", language, n)
		}
		style := styleOfPage.FindStringSubmatch(answer.Body.String())
		if style == nil {
			t.Fatal("no style")
		}
		sum := sha256.Sum256([]byte(style[1]))
		policy := answer.Header().Get("Content-Security-Policy")
		for _, part := range []string{"style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", "frame-ancestors " + partner} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %q: %s", language, part, policy)
			}
		}
	}
}

func TestSnippet(t *testing.T) {
	form := web.Form{Key: "lamps", Language: locale.Hebrew, Title: `<צור> "קשר"`}
	want := `<div data-crm-form="lamps"><a href="https://erp.example.com/crm/f/lamps">&lt;צור&gt; &#34;קשר&#34;</a></div>
<script src="https://erp.example.com/crm/f/lamps.js" async></script>
`
	for _, base := range []string{home + "/crm", home + "/crm/"} {
		if got := web.Snippet(form, base); got != want {
			t.Errorf("got %s", got)
		}
	}
}

func TestFormScript(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), func(c *web.FormsConfig) { c.Forms[0].Title = "</script>\u2028<!--" })
	answer := w.do(httptest.NewRequest(http.MethodGet, home+"/crm/f/hu.js", nil))
	script := answer.Body.String()
	if strings.Contains(script, "</script>") || strings.Contains(script, "\u2028") || answer.Header().Get("Content-Type") != "text/javascript; charset=utf-8" ||
		answer.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" || len(script) > 20<<10 {
		t.Errorf("%v %d bytes", answer.Header(), len(script))
	}
	_, definition, ok := strings.Cut(script, "})(")
	definition, tail := strings.CutSuffix(definition, ");\n")
	var form struct {
		Key, Token string
		Wait       int
		Fields     []struct{ Name string }
		Carried    []string
	}
	if err := json.Unmarshal([]byte(definition), &form); err != nil || !ok || !tail {
		t.Fatal(err, script)
	}
	if form.Key != "hu" || form.Wait != 2000 || len(form.Fields) != 5 || len(form.Carried) != 8 {
		t.Errorf("%+v", form)
	}
	w.Clock.Advance(2 * time.Second)
	if answer := w.do(post("hu", anna(form.Token))); answer.Code != http.StatusSeeOther {
		t.Error("the script's token is not good", answer.Code)
	}
}
