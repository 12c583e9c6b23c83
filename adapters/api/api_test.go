package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/adapters/api"
)

const person = `{"name": "Szabó Éva", "emails": ["eva@example.hu"], "expected_value": "1200000.50", "currency": "HUF"}`

type leadAnswer struct {
	ID      string `json:"id"`
	LeadID  string `json:"lead_id"`
	PartyID string `json:"party_id"`
	Version int64  `json:"version"`
	Status  string `json:"status"`
	Name    string `json:"name"`
}

type problem struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Faults []struct{ Path, Code, Message string }
}

func (a answer) problem(t testing.TB) problem {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%d came as %q", a.status, got)
	}
	var p problem
	a.decode(t, &p)
	return p
}

// capture makes a lead and gives its id.
func (w *world) capture(key, body string) leadAnswer {
	w.t.Helper()
	var l leadAnswer
	w.must(http.StatusCreated, key, "POST", "/leads", body).decode(w.t, &l)
	return l
}

func TestLeadFromCaptureToMerge(t *testing.T) {
	w := newWorld(t)
	l := w.capture(w.seller, person)
	path := "/leads/" + l.LeadID
	got := w.must(200, w.seller, "GET", path, "")
	if !strings.Contains(string(got.body), `"expected_value":"1200000.5"`) || got.header.Get("ETag") != `"1"` {
		t.Errorf("%v %s", got.header, got.body)
	}
	w.must(304, w.seller, "GET", path, "", "If-None-Match", `"1"`)
	w.must(200, w.seller, "PATCH", path, `{"interest": "40 lámpatest"}`, "If-Match", `"1"`)
	w.must(200, w.seller, "GET", path, "", "If-None-Match", `"1"`)
	if p := w.must(428, w.seller, "PATCH", path, `{"interest": "50"}`).problem(t); p.Code != "precondition.required" {
		t.Errorf("%+v", p)
	}
	late := w.must(412, w.seller, "PATCH", path, `{"interest": "50"}`, "If-Match", `"1"`).problem(t)
	if late.Code != "precondition.failed" || !strings.Contains(late.Detail, "kovacs") || len(late.Faults) == 0 || late.Faults[0].Path != "interest" {
		t.Errorf("the conflict does not say who changed what: %+v", late)
	}
	w.must(400, w.seller, "PATCH", path, `{"interest": "50"}`, "If-Match", `W/"2"`)
	w.must(200, w.seller, "POST", path+"/status", `{"status": "working"}`, "If-Match", "*")
	if p := w.must(422, w.seller, "POST", path+"/status", `{"status": "new"}`, "If-Match", "*").problem(t); p.Faults[0].Code != "transition" {
		t.Errorf("%+v", p)
	}
	w.must(200, w.seller, "POST", path+"/response", "")
	w.must(200, w.seller, "GET", path+"/card", "")
	w.must(200, w.seller, "GET", path+"/touches", "")
	w.must(200, w.seller, "GET", path+"/duplicates", "")
	w.must(200, w.seller, "GET", "/search?q=szabo+eva", "")
	w.must(200, w.seller, "GET", "/parties/"+l.PartyID, "")
	second := w.capture(w.seller, `{"name": "Szabo Eva", "phones": ["+36 30 123 4567"]}`)
	var merged struct {
		MergeID string `json:"merge_id"`
	}
	w.must(200, w.seller, "POST", path+"/merge", fmt.Sprintf(`{"loser": %q}`, second.LeadID), "If-Match", "*").decode(t, &merged)
	if got := w.must(200, w.seller, "GET", "/leads/"+second.LeadID, ""); !strings.Contains(string(got.body), l.LeadID) {
		t.Errorf("the merged lead is not followed: %s", got.body)
	}
	w.must(204, w.seller, "DELETE", "/merges/"+merged.MergeID, "")
	w.must(200, w.admin, "POST", path+"/owner", `{"user": "nagy"}`, "If-Match", "*")
	if w.ask(w.seller, "GET", path, "").status != 404 {
		t.Error("a seller sees a colleague's lead")
	}
	audit := w.must(200, w.admin, "GET", "/audit?record="+l.LeadID, "")
	if !strings.Contains(string(audit.body), "Kovács Anna (test)") {
		t.Errorf("the audit does not name who acted: %s", audit.body)
	}
}

func TestFaultsComeAtOnceInTheReadersLanguage(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct{ language, title, message string }{
		{"hu-HU,en;q=0.5", "A kérésben valami hibás", "Nem megfelelő alakú"},
		{"fr, he", "משהו בבקשה שגוי", "צורה שגויה"},
		{"ru", "В запросе есть ошибка", "Неверный формат"},
		{"el", "Κάτι στο αίτημα είναι λάθος", "Λάθος μορφή"},
		{"", "Something in the request is wrong", "is not of the right form; expected string to be a decimal number such as -1234.50"},
	} {
		a := w.must(422, w.seller, "POST", "/leads", `{"name": 3, "expected_value": "1e1000000000", "colour": "red"}`, "Accept-Language", test.language)
		p := a.problem(t)
		codes := map[string]string{}
		for _, f := range p.Faults {
			codes[f.Path] = f.Code
			if f.Path == "expected_value" && f.Message != test.message {
				t.Errorf("%s: %q", test.language, f.Message)
			}
		}
		if p.Title != test.title || codes["name"] != "type" || codes["expected_value"] != "form" || codes["colour"] != "unknown" {
			t.Errorf("%s: %s", test.language, a.body)
		}
	}
	p := w.must(422, w.seller, "POST", "/leads", `{"name": "X", "emails": ["nobody@"], "currency": "EURO"}`).problem(t)
	if len(p.Faults) == 0 {
		t.Errorf("%+v", p)
	}
}

func TestPaging(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.capture(w.seller, fmt.Sprintf(`{"name": "Vevő %d", "emails": ["v%d@example.hu"], "origin": {"source": "vásár"}}`, i, i))
	}
	seen := map[string]bool{}
	path := "/leads?limit=2&source=v%C3%A1s%C3%A1r&fields=id,name"
	for pages := 0; path != ""; pages++ {
		var page struct {
			Items []map[string]any `json:"items"`
			Next  string           `json:"next"`
		}
		a := w.must(200, w.seller, "GET", path, "")
		a.decode(t, &page)
		for _, item := range page.Items {
			if len(item) != 2 {
				t.Errorf("an item has %v", item)
			}
			seen[item["id"].(string)] = true
		}
		if (page.Next == "") != (a.header.Get("Link") == "") || pages > 5 {
			t.Fatalf("%d pages, next %q, Link %q", pages, page.Next, a.header.Get("Link"))
		}
		path = strings.TrimPrefix(page.Next, base)
	}
	if len(seen) != 5 {
		t.Errorf("%d leads were seen", len(seen))
	}
	for _, bad := range []string{"/leads?limit=0", "/leads?limit=501", "/leads?after=%00", "/leads?after=abc", "/leads?fields=secret", "/leads?colour=red", "/leads?status=fine", "/leads?from=yesterday"} {
		if a := w.ask(w.seller, "GET", bad, ""); a.status != 422 {
			t.Errorf("%s gives %d: %s", bad, a.status, a.body)
		}
	}
}

func TestRepetition(t *testing.T) {
	w := newWorld(t)
	first := w.must(201, w.seller, "POST", "/leads", person, "Idempotency-Key", "order-1")
	again := w.must(201, w.seller, "POST", "/leads", person, "Idempotency-Key", "order-1")
	if string(first.body) != string(again.body) || first.header.Get("Location") != again.header.Get("Location") || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("ETag") != again.header.Get("ETag") {
		t.Errorf("%s\n%s\n%v", first.body, again.body, again.header)
	}
	if p := w.must(422, w.seller, "POST", "/leads", strings.Replace(person, "Éva", "Ada", 1), "Idempotency-Key", "order-1").problem(t); p.Code != "token.reused" {
		t.Errorf("%+v", p)
	}
	if a := w.must(201, w.admin, "POST", "/leads", person, "Idempotency-Key", "order-1"); !strings.Contains(string(a.body), `"again"`) {
		t.Errorf("the token of another key: %s", a.body)
	}
	// What fails is not kept: corrected, the same token works.
	w.must(422, w.seller, "POST", "/leads", `{"emails": ["nobody@"]}`, "Idempotency-Key", "order-2")
	w.must(201, w.seller, "POST", "/leads", `{"name": "Ki Tudja", "emails": ["kt@example.hu"]}`, "Idempotency-Key", "order-2")
	w.must(422, w.admin, "POST", "/keys", `{"name": "x", "rights": ["lead.read"]}`, "Idempotency-Key", "k")
	id := w.capture(w.seller, `{"name": "Nagy Ida", "emails": ["ida@example.hu"]}`).LeadID
	for range 2 { // the second one would be of an old version
		w.must(200, w.seller, "PATCH", "/leads/"+id, `{"interest": "x"}`, "If-Match", `"1"`, "Idempotency-Key", "edit-1")
	}
}

func TestLimits(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Rate, c.Burst = 0.001, 3 })
	for i, want := range []int{200, 200, 200, 429, 429} {
		a := w.ask(w.seller, "GET", "/me", "")
		if a.status != want || a.header.Get("Ratelimit") == "" || (want == 429) != (a.header.Get("Retry-After") != "") {
			t.Errorf("request %d: %d %v", i, a.status, a.header)
		}
	}
	w.must(200, w.admin, "GET", "/me", "") // another key has its own
}

func TestCORS(t *testing.T) {
	const page = "https://shop.example"
	w := newWorld(t, func(c *api.Config) { c.Origins = []string{page} })
	preflight := func(origin string) answer {
		return w.ask("", "OPTIONS", "/leads", "", "Origin", origin, "Access-Control-Request-Method", "POST")
	}
	if a := preflight(page); a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != page || !strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("%d %v", a.status, a.header)
	}
	for _, stranger := range []string{"https://evil.example", "https://shop.example.evil.example", "null", "http://shop.example"} {
		if a := preflight(stranger); a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is let in", stranger)
		}
	}
	off := newWorld(t)
	if a := off.ask(off.seller, "GET", "/me", "", "Origin", page); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("CORS is on by default")
	}
}

func TestMethodsAndPaths(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"OPTIONS", "/leads", 204, "GET, HEAD, POST, OPTIONS"},
		{"PUT", "/leads", 405, "GET, HEAD, POST, OPTIONS"},
		{"GET", "/nothing", 404, ""},
		{"HEAD", "/me", 200, ""},
		{"GET", "/leads/not-an-id", 422, ""},
		{"GET", "/leads/%00", 422, ""},
		{"GET", "/leads/0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f", 404, ""},
	} {
		a := w.ask(w.admin, test.method, test.path, "")
		if a.status != test.status || a.header.Get("Allow") != test.allow {
			t.Errorf("%s %s gives %d, Allow %q", test.method, test.path, a.status, a.header.Get("Allow"))
		}
		if a.status >= 400 && a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s comes as %q", test.method, test.path, a.header.Get("Content-Type"))
		}
	}
	if a := w.ask(w.admin, "GET", "/me", "", "X-Request-ID", "mine-1"); a.header.Get("X-Request-ID") != "mine-1" {
		t.Error("the caller's id is not kept")
	}
	if a := w.ask(w.admin, "GET", "/me", "", "X-Request-ID", "a b"); a.header.Get("X-Request-ID") == "a b" {
		t.Error("an id that cannot be logged is kept")
	}
}

func TestKeysByAPI(t *testing.T) {
	w := newWorld(t)
	var made struct {
		Key    struct{ ID, State string }
		Secret string
	}
	w.must(201, w.admin, "POST", "/keys", `{"name": "Áruház", "rights": ["lead.read"], "see": "all"}`).decode(t, &made)
	w.must(200, made.Secret, "GET", "/leads", "")
	w.must(403, made.Secret, "POST", "/leads", person)
	w.must(403, made.Secret, "GET", "/keys", "")
	if list := w.must(200, w.admin, "GET", "/keys", ""); strings.Contains(string(list.body), made.Secret) || strings.Contains(string(list.body), "hash") {
		t.Errorf("the list tells the secret: %s", list.body)
	}
	w.must(200, w.admin, "GET", "/keys/"+made.Key.ID, "")
	w.must(204, w.admin, "DELETE", "/keys/"+made.Key.ID, "")
	w.must(401, made.Secret, "GET", "/leads", "")
	if strings.Contains(w.log.String(), "crmp_") {
		t.Error("a secret stands in the log")
	}
}
