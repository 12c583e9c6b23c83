package web

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil/erp"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// wildcards says what stands for each wildcard of an address: a noun of [stock], of which this company has one
// record and another company another, or after "=" a word. A new address is named here, or the walk fails.
var wildcards = map[string]string{
	"/activities/{id}":                          "activity",
	"/activities/{id}/{verb}":                   "=edit",
	"/attachments/{id}":                         "file",
	"/audit/{record}":                           "lead",
	"/calls/{id}":                               "call",
	"/campaigns/{id}":                           "campaign",
	"/campaigns/{id}/do/{verb}":                 "=unschedule",
	"/contacts/{id}":                            "person",
	"/contacts/{id}/group/{name}":               "=contact",
	"/conversions/{id}":                         "conversion",
	"/conversions/{id}/make/{kind}":             "=delivery",
	"/customers/{key}":                          "customer",
	"/figures/{code}":                           "=win_rate",
	"/quotas/{id}":                              "quota",
	"/reports/open/{id}":                        "schedule",
	"/schedules/{id}":                           "schedule",
	"/files/{id}":                               "file",
	"/imports/{id}":                             "import",
	"/leads/{id}":                               "lead",
	"/leads/{id}/cell/{name}":                   "=value",
	"/leads/{id}/clock/{verb}":                  "=hold",
	"/leads/{id}/group/{name}":                  "=contact",
	"/leads/{id}/merge/{other}":                 "other",
	"/merges/{merge}":                           "merge",
	"/notices/{id}":                             "notice",
	"/opportunities/{id}":                       "opportunity",
	"/opportunities/{id}/make/{kind}":           "=order",
	"/parties/{id}":                             "person",
	"/quotes/{id}":                              "quote",
	"/quotes/{id}/make/{kind}":                  "=order",
	"/quotes/{id}/sendings/{sending}":           "sending",
	"/quotes/{id}/sendings/{sending}/{what}":    "=revoke",
	"/readers/{id}":                             "reader",
	"/rules/{id}":                               "workflow",
	"/rules/{id}/do/{verb}":                     "=publish",
	"/rules/runs/{run}":                         "run",
	"/segments/{id}":                            "segment",
	"/sequences/{id}":                           "sequence",
	"/sequences/{id}/do/{verb}":                 "=pause",
	"/sequences/{id}/readers/{party}":           "reader",
	"/sequences/{id}/readers/{party}/do/{verb}": "=rest",
	"/sequences/{id}/steps/{step}":              "=1",
	"/sequences/{id}/steps/{step}/do/{verb}":    "=down",
	"/reports/{name}":                           "=sales.xlsx",
	"/settings/absences/{id}":                   "absence",
	"/settings/calendar/days/{date}":            "=2026-08-20",
	"/settings/calls/{id}":                      "call",
	"/settings/fields/{id}":                     "field",
	"/settings/keys/{id}":                       "key",
	"/settings/lists/{name}":                    "=job_title",
	"/settings/mails/{id}":                      "mail",
	"/settings/mails/{id}/{verb}":               "=resend",
	"/settings/pipelines/{id}":                  "pipeline",
	"/settings/routing/rules/{key}":             "rule",
	"/settings/scoring/rules/{index}":           "=0",
	"/settings/commission/rules/{index}":        "=0",
	"/settings/clocks/answers/{index}":          "=0",
	"/settings/regulations/{index}":             "=0",
	"/settings/processes/{index}":               "=0",
	"/processes/{id}":                           "process",
	"/processes/{id}/steps/{step}":              "process_step",
	"/settings/stages/{id}":                     "stage",
	"/settings/users/{id}":                      "user",
	"/settings/webhooks/{id}":                   "webhook",
	"/settings/webhooks/{id}/{verb}":            "=pause",
	"/suggestions/{id}":                         "suggestion",
	"/topics/{id}":                              "topic",
	"/uploads/{token}":                          "upload",
	"/views/{id}":                               "view",
}

// instead are addresses that need a record in another state than the noun's usual one.
var instead = map[string]map[string]string{
	"GET /leads/{id}/convert":                     {"id": "fresh"},
	"GET /quotes/{id}/accept":                     {"id": "issued"},
	"GET /quotes/{id}/decline":                    {"id": "issued"},
	"GET /quotes/{id}/send":                       {"id": "issued"},
	"GET /quotes/{id}/withdraw":                   {"id": "issued"},
	"GET /quotes/{id}/make/{kind}":                {"id": "accepted"},
	"GET /activities/{id}/{verb}":                 {"id": "planned"},
	"GET /campaigns/{id}/sms/price":               {"id": "texts"},
	"POST /campaigns/{id}/sms/count":              {"id": "texts"},
	"POST /quotes/{id}/sendings/{sending}/{what}": {"id": "issued"},
}

// everybodys are the addresses that need no right: a person's own things.
var everybodys = []string{
	"GET /today", "GET /search", "GET /live", "GET /notices", "GET /notices/unread", "GET /notices/{id}", "POST /notices/read", "POST /prefer", "GET /settings", "POST /settings",
	"GET /views/new", "GET /views/{id}", "POST /views", "POST /views/{id}", "POST /views/{id}/delete",
}

// walk is two companies on one database, one of each kind of record in both, and somebody who goes everywhere.
type walk struct {
	*screensWorld
	own, foreign map[string]string
	// watch sees whether anybody wrote.
	watch *sql.Conn
	// exports is how many entries about files the log of changes had at the last one.
	exports int
}

// papers are the addresses of files that are records themselves, not data taken out of them: who opened their card is known.
var papers = []string{"/attachments/", "/files/", "/quotes/"}

func newWalk(t *testing.T) *walk {
	t.Helper()
	w := &walk{screensWorld: newScreensWorld(t)}
	ctx := context.Background()
	prefix := strings.TrimSuffix(w.Company, "HU01")
	w.must(w.books.Seed(ctx, erp.Sample{Prefix: prefix, Companies: []string{"GR01"}, SkipHistory: true}))
	host := w.books.Host()
	locales, err := erpbridge.Locales(ctx, w.DB.SQL(), host, prefix+"HU01", prefix+"GR01")
	w.must(err)
	w.module, err = crm.New(w.DB, crm.Config{
		Host: host, Locale: locales, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Mailer: &mailtest.Box{}, LinkKey: bytes.Repeat([]byte("l"), 32),
		Figures: crm.FigureConfig{ScreensURL: func(string) string { return "https://erp.example.com/crm" }, Sender: func(string) mail.Address { return mail.Address{Email: "erp@example.com"} }},
		Quotes:  crm.QuoteConfig{PublicURL: func(string) string { return "https://erp.example.com/q/" }}, Newsletter: withTexts(lettersOf(&letterbox{sent: map[string]string{}})),
	})
	w.must(err)
	w.screens, err = newScreens(w.module, Config{Visitor: w.visitor, SignIn: "/login", Key: bytes.Repeat([]byte("k"), 32), Log: slog.New(slog.NewTextHandler(w.log, nil))})
	w.must(err)
	w.handler = w.screens.handler()
	w.own = w.stock("session")
	other, env := *w.screensWorld, *w.Env
	env.Company, other.Env = prefix+"GR01", &env
	w.foreign = (&walk{screensWorld: &other}).stock("foreign stock")
	w.foreign["customer"] = "C999999" // the ERP numbers the customers of each company from one
	w.watch, err = w.DB.SQL().Conn(ctx)
	w.must(err)
	t.Cleanup(func() { _ = w.watch.Close() })
	return w
}

// visitor is whoever the cookie names: "all" has every right, "-" and a right every other one, "none" none.
// What follows the colon is the language.
func (w *walk) visitor(r *http.Request) (Visitor, error) {
	cookie, err := r.Cookie("clerk")
	if err != nil {
		return Visitor{}, nil //nolint:nilerr // nobody
	}
	who, language, _ := strings.Cut(cookie.Value, ":")
	u := actor.User{Company: w.Company, ID: "admin-hu", Name: "Szabó Katalin", Teams: []string{"iroda"}, See: actor.All}
	for _, right := range actor.Admin {
		if who != "none" && who != "-"+string(right) {
			u.Rights = append(u.Rights, right)
		}
	}
	l := w.module.Parties.Locale(w.Company)
	l.Language = locale.Hungarian
	if language != "" {
		l.Language = locale.Language(language)
	}
	return Visitor{Actor: u.Actor(), Locale: l, Session: "session"}, nil
}

// step is one request of the walk, and what must come of it.
type step struct {
	method, path, who string
	// form is the body of a POST; with the session's token unless withoutToken is set.
	form         url.Values
	withoutToken bool
	header       map[string]string
	body         io.Reader
}

// take makes the request and checks what holds for every answer.
func (w *walk) take(s step) *shown {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, s.method, "https://erp.example.com"+w.screens.path+s.path, nil)
	if s.method == http.MethodPost {
		if s.form == nil {
			s.form = url.Values{}
		}
		if !s.withoutToken {
			s.form.Set("csrf", w.screens.tokens.masked("csrf", "session"))
		}
		if s.body == nil {
			s.body = strings.NewReader(s.form.Encode())
		}
		r = httptest.NewRequestWithContext(ctx, s.method, "https://erp.example.com"+w.screens.path+s.path, s.body)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if s.who != "" {
		r.AddCookie(&http.Cookie{Name: "clerk", Value: s.who})
	}
	for name, value := range s.header {
		r.Header.Set(name, value)
	}
	recorder := &leaving{httptest.NewRecorder(), cancel}
	w.handler.ServeHTTP(recorder, r)
	answer := recorder.Result()
	page := &shown{b: &plainBrowser{w: w.screensWorld}, Status: answer.StatusCode, Path: s.path, Header: answer.Header, Body: recorder.Body.String()}
	w.checkAnswer(s, page)
	return page
}

// leaving is a reader who goes when the first bytes of a stream have come.
type leaving struct {
	*httptest.ResponseRecorder
	leave func()
}

// Flush is called by streams only.
func (l *leaving) Flush() { l.ResponseRecorder.Flush(); l.leave() }

// checkAnswer is what holds for every answer: it is not ours that failed, keeps foreign things out, and leads to
// nobody else's pages.
func (w *walk) checkAnswer(s step, page *shown) {
	w.t.Helper()
	name := s.method + " " + cut(s.path) + " for " + s.who
	if page.Status >= 500 {
		w.t.Errorf("%s answers %d: %s", name, page.Status, w.log)
		w.log.Reset()
	}
	for header, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
		if got := page.Header.Get(header); !strings.HasPrefix(got, want) {
			w.t.Errorf("%s has the %s %q", name, header, got)
		}
	}
	for _, header := range []string{"Location", "Hx-Redirect", "Hx-Location", "Hx-Push-Url", "Hx-Replace-Url"} {
		if to := page.Header.Get(header); to != "" && to != "false" && !strings.HasPrefix(to, w.screens.path+"/") && !strings.HasPrefix(to, "/login") {
			w.t.Errorf("%s leads by %s to %q", name, header, to)
		}
	}
	if page.Status == http.StatusOK && strings.HasPrefix(page.Header.Get("Content-Disposition"), "attachment") && !slices.ContainsFunc(papers, func(paper string) bool { return strings.HasPrefix(s.path, paper) }) {
		n := 0
		w.must(w.DB.SQL().QueryRow("SELECT COUNT(*) FROM crm_audit WHERE company = ? AND action = 'export'", w.Company).Scan(&n))
		if n != w.exports+1 {
			w.t.Errorf("%s gives the file %s and leaves %d entries about it in the log of changes", name, page.Header.Get("Content-Disposition"), n-w.exports)
		}
		w.exports = n
	}
	if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") || page.Header.Get("Content-Security-Policy") == previewPolicy {
		return // a letter has styles of its own, and its frame lets nothing else work
	}
	root, err := html.Parse(strings.NewReader(page.Body))
	w.must(err)
	page.root = root
	page.checkTexts()
	page.walk(func(n *html.Node) {
		if n.Type != html.ElementNode {
			return
		}
		if _, from := attribute(n, "src"); n.Data == "script" && !from {
			w.t.Errorf("%s has a script in the page: %s", name, cut(n.FirstChild.Data))
		}
		for _, a := range n.Attr {
			target := slices.Contains([]string{"href", "action", "src", "hx-get", "hx-post", "formaction"}, a.Key)
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || target && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") || target && strings.Contains(a.Val, "evil.example/") {
				w.t.Errorf("%s has <%s %s=%q>", name, n.Data, a.Key, a.Val)
			}
		}
	})
}

func cut(text string) string {
	if len(text) > 120 {
		return text[:120] + "…"
	}
	return text
}

// written gives a number that changes when anybody writes into the database.
func (w *walk) written() int64 {
	w.t.Helper()
	var n int64
	w.must(w.watch.QueryRowContext(context.Background(), "PRAGMA data_version").Scan(&n))
	return n
}

var wildcard = regexp.MustCompile(`\{(\w+)\}`)

// address fills an address with records; those in the company, but for one wildcard whose value is given.
func (w *walk) address(pattern, only, value string) string {
	w.t.Helper()
	_, path, _ := strings.Cut(pattern, " ")
	out, at := "", 0
	for _, m := range wildcard.FindAllStringSubmatchIndex(path, -1) {
		name, place := path[m[2]:m[3]], path[:m[1]]
		stands, known := wildcards[place]
		if other := instead[pattern][name]; other != "" {
			stands = other
		}
		if !known {
			w.t.Fatalf("%s is new: name in wildcards what stands for %s", pattern, place)
		}
		filled := w.own[stands]
		if word, ok := strings.CutPrefix(stands, "="); ok {
			filled = word
		}
		if filled == "" {
			w.t.Fatalf("%s needs a record %q in stock", pattern, stands)
		}
		if name == only {
			filled = value
			if value == foreignRecord {
				filled = w.foreign[stands]
			}
		}
		out += path[at:m[0]] + filled
		at = m[1]
	}
	return out + path[at:]
}

// foreignRecord stands for the other company's record of the same noun.
const foreignRecord = "\x00"

// each runs a piece of the walk for every address.
func (w *walk) each(t *testing.T, do func(r route, method string)) {
	t.Helper()
	w.t = t
	for _, r := range w.screens.routes() {
		method, _, _ := strings.Cut(r.Pattern, " ")
		do(r, method)
	}
}

func TestRouteWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("walks through every page for half a minute")
	}
	w := newWalk(t)
	t.Run("strangers are sent to the sign-in", func(t *testing.T) {
		w.each(t, func(r route, method string) {
			if got := w.take(step{method: method, path: w.address(r.Pattern, "", "")}); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login?next=") {
				t.Errorf("%s answers a stranger %d", r.Pattern, got.Status)
			}
			if got := w.take(step{method: method, path: w.address(r.Pattern, "", ""), header: map[string]string{"Hx-Request": "true"}}); got.Status != http.StatusUnauthorized {
				t.Errorf("%s answers a stranger's htmx %d", r.Pattern, got.Status)
			}
		})
	})
	t.Run("who lacks the right is refused", func(t *testing.T) {
		w.each(t, func(r route, method string) {
			if r.Right == "" {
				if !slices.Contains(everybodys, r.Pattern) {
					t.Errorf("%s needs no right: name it in everybodys, or give it one", r.Pattern)
				}
				return
			}
			before := w.written()
			for _, who := range []string{"none", "-" + string(r.Right)} {
				if got := w.take(step{method: method, path: w.address(r.Pattern, "", ""), who: who}); got.Status != http.StatusForbidden {
					t.Errorf("%s answers somebody without %s %d", r.Pattern, r.Right, got.Status)
				}
			}
			if w.written() != before {
				t.Errorf("%s wrote for somebody without %s", r.Pattern, r.Right)
			}
		})
	})
	t.Run("forms that are not ours are refused", w.refuseForgeries)
	t.Run("other companies' records are not there", w.hideForeigners)
	t.Run("nonsense in addresses finds nothing", w.findNothing)
	t.Run("what is too large is refused", func(t *testing.T) {
		w.each(t, func(r route, method string) {
			if method != http.MethodPost {
				return
			}
			limit := r.Body
			if limit == 0 {
				limit = usualBody
			}
			for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=b"} {
				start := "csrf="
				if strings.HasPrefix(kind, "multipart") {
					start = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
				}
				body := io.MultiReader(strings.NewReader(start), io.LimitReader(endless{}, limit+1))
				got := w.take(step{method: method, path: w.address(r.Pattern, "", ""), who: "all", body: body, header: map[string]string{"Content-Type": kind}})
				if got.Status != http.StatusRequestEntityTooLarge && got.Status != http.StatusUnprocessableEntity {
					t.Errorf("%s answers %d to %d bytes of %s", r.Pattern, got.Status, limit+1, kind)
				}
			}
		})
	})
	t.Run("pages in all languages", w.readAll)
	t.Run("nothing leads away", func(t *testing.T) {
		w.each(t, func(r route, method string) {
			for _, next := range []string{"https://evil.example/", "/crm/../..//evil.example/", "/crm/\r\nX: y"} {
				form := url.Values{"next": {next}}
				if method == http.MethodGet {
					w.take(step{method: method, path: w.address(r.Pattern, "", "") + "?next=" + url.QueryEscape(next), who: "all"})
				} else {
					w.take(step{method: method, path: w.address(r.Pattern, "", ""), who: "all", form: form})
				}
			}
		})
	})
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// refuseForgeries posts without the token, with that of another session, and from another site.
func (w *walk) refuseForgeries(t *testing.T) {
	w.each(t, func(r route, method string) {
		if method != http.MethodPost {
			return
		}
		before := w.written()
		for name, s := range map[string]step{
			"without a token":                 {withoutToken: true},
			"with a guessed token":            {withoutToken: true, form: url.Values{"csrf": {"guessed"}}},
			"with the token of another":       {withoutToken: true, form: url.Values{"csrf": {w.screens.tokens.masked("csrf", "another session")}}},
			"with the token in the address":   {withoutToken: true, path: "?csrf=" + w.screens.tokens.masked("csrf", "session")},
			"from another site":               {header: map[string]string{"Sec-Fetch-Site": "cross-site"}},
			"from a sister site":              {header: map[string]string{"Sec-Fetch-Site": "same-site"}},
			"from an old browser's elsewhere": {header: map[string]string{"Sec-Fetch-Site": "", "Origin": "https://evil.example"}},
		} {
			s.method, s.who, s.path = method, "all", w.address(r.Pattern, "", "")+s.path
			if got := w.take(s); got.Status != http.StatusForbidden {
				t.Errorf("%s %s answers %d", r.Pattern, name, got.Status)
			}
		}
		if w.written() != before {
			t.Errorf("%s wrote for a forgery", r.Pattern)
		}
	})
}

// hideForeigners asks for the other company's record in the place of each own one.
func (w *walk) hideForeigners(t *testing.T) {
	w.each(t, func(r route, method string) {
		for _, m := range wildcard.FindAllStringSubmatch(r.Pattern, -1) {
			path := w.address(r.Pattern, m[1], foreignRecord)
			if strings.Contains(path+"/", "//") {
				continue // a word, of which each company has the same
			}
			before := w.written()
			for _, header := range []map[string]string{nil, {"Hx-Request": "true"}} {
				if got := w.take(step{method: method, path: path, who: "all", header: header}); got.Status != http.StatusNotFound && !slices.Contains(silent[r.Pattern], got.Status) {
					t.Errorf("%s with another company's {%s} answers %d: %s", r.Pattern, m[1], got.Status, cut(got.text()))
				}
			}
			if w.written() != before {
				t.Errorf("%s wrote for another company's {%s}", r.Pattern, m[1])
			}
		}
	})
}

// findNothing puts what people try into each wildcard.
func (w *walk) findNothing(t *testing.T) {
	nonsense := []string{"..%2f..%2f..%2fetc%2fpasswd", "%00", strings.Repeat("a", 10<<10), "%3Cscript%3E", "%ff%27%20OR%201=1--", "00000000-0000-0000-0000-000000000000"}
	w.each(t, func(r route, method string) {
		for _, m := range wildcard.FindAllStringSubmatch(r.Pattern, -1) {
			for _, value := range nonsense {
				before := w.written()
				if got := w.take(step{method: method, path: w.address(r.Pattern, m[1], value), who: "all"}); got.Status != http.StatusNotFound && !slices.Contains(silent[r.Pattern], got.Status) {
					t.Errorf("%s with {%s} = %s answers %d: %s", r.Pattern, m[1], cut(value), got.Status, cut(got.text()))
				}
				if w.written() != before {
					t.Errorf("%s wrote for {%s} = %s", r.Pattern, m[1], cut(value))
				}
			}
		}
	})
	for _, path := range []string{"/static/..%2f..%2fgo.mod", "/static/../frame.go", "/static/%00", "/static/", "/nothing", "/leads/..%2fsettings"} {
		if got := w.take(step{method: http.MethodGet, path: path, who: "all"}); got.Status != http.StatusNotFound && got.Status != http.StatusMovedPermanently && got.Status != http.StatusTemporaryRedirect {
			t.Errorf("%s answers %d", path, got.Status)
		}
	}
}

// silent are addresses that answer the same whether there is such a record or not, and how.
var silent = map[string][]int{
	// Parts of cards lead to the card where a part was not asked for; that one is not there.
	"GET /leads/{id}/cell/{name}": {http.StatusSeeOther}, "GET /opportunities/{id}/facts": {http.StatusSeeOther}, "GET /opportunities/{id}/team": {http.StatusSeeOther},
	"GET /opportunities/{id}/competitors": {http.StatusSeeOther}, "GET /opportunities/{id}/feed": {http.StatusSeeOther},
	"GET /opportunities/{id}/settlement": {http.StatusSeeOther}, "GET /quotes/{id}/settlement": {http.StatusSeeOther},
	// A file that is gone is asked for anew.
	"GET /uploads/{token}": {http.StatusUnprocessableEntity}, "POST /uploads/{token}": {http.StatusUnprocessableEntity},
	// A notice that was cleared away leads to the list of notices.
	"GET /notices/{id}": {http.StatusSeeOther, http.StatusNoContent},
	// The log keeps what was deleted: of an unknown record it shows nothing.
	"GET /audit/{record}": {http.StatusOK},
	// An empty form; nobody's call or pipeline is touched by what it sends.
	"GET /calls/{id}/resolve": {http.StatusOK},
}

// asked is what pages need to be told in their addresses, nouns in braces.
var asked = map[string]string{"GET /views/new": "?page=leads&query=owner%3Dme", "GET /sequences/enter": "?lead={lead}"}

// alike are what else stands in the place of a noun or word: pages that look other than those of the usual one, or
// are not there.
var alike = map[string][]string{"campaign": {"texts"}, "=1": {"=2", "=3", "=4", "=5", "=6", "=new?kind=mail", "=new?kind=sms", "=new?kind=condition"}}

// elsewhere are pages that answer something else than themselves.
var elsewhere = map[string]int{
	"GET /reports/open/{id}": http.StatusSeeOther,
	"GET /notices/{id}":      http.StatusSeeOther, "GET /parties/{id}": http.StatusSeeOther,
	"GET /quotes/{id}/settlement": http.StatusSeeOther, "GET /opportunities/{id}/settlement": http.StatusSeeOther,
	"GET /leads/{id}/cell/{name}": http.StatusSeeOther, "GET /opportunities/{id}/facts": http.StatusSeeOther, "GET /opportunities/{id}/team": http.StatusSeeOther,
	"GET /opportunities/{id}/competitors": http.StatusSeeOther, "GET /opportunities/{id}/feed": http.StatusSeeOther, "GET /timeline": http.StatusSeeOther,
	"GET /campaigns/{id}/progress":       http.StatusSeeOther,
	"GET /leads/{id}/group/{name}/shown": http.StatusSeeOther, "GET /contacts/{id}/group/{name}/shown": http.StatusSeeOther,
}

// filled puts records in the place of their nouns.
func (w *walk) filled(text string) string {
	return wildcard.ReplaceAllStringFunc(text, func(noun string) string { return w.own[strings.Trim(noun, "{}")] })
}

// others are an address with what is [alike].
func (w *walk) others(pattern string) (out []string) {
	_, path, _ := strings.Cut(pattern, " ")
	for _, m := range wildcard.FindAllStringSubmatchIndex(path, -1) {
		for _, noun := range alike[wildcards[path[:m[1]]]] {
			value, isWord := strings.CutPrefix(noun, "=")
			if !isWord {
				value = w.own[noun]
			}
			out = append(out, w.address(pattern, path[m[2]:m[3]], value))
		}
	}
	return out
}

// readAll opens every page in five languages, as a page and as htmx asks for it. What was typed as a script
// into every name came out as text, or checkAnswer has told.
func (w *walk) readAll(t *testing.T) {
	for _, language := range languages() {
		w.each(t, func(r route, method string) {
			if method != http.MethodGet {
				return
			}
			want := http.StatusOK
			if other := elsewhere[r.Pattern]; other != 0 {
				want = other
			}
			path := w.address(r.Pattern, "", "") + w.filled(asked[r.Pattern])
			got := w.take(step{method: method, path: path, who: "all:" + string(language)})
			if got.Status != want {
				t.Errorf("%s answers %d in %s: %s", r.Pattern, got.Status, language, cut(got.text()))
			}
			if got.root != nil && strings.Contains(got.Body, "<!doctype") && !strings.Contains(got.Body, `<html lang="`+string(language)+`"`) {
				t.Errorf("%s is not in %s", r.Pattern, language)
			}
			for _, target := range []string{"list", "crm-dialog-body"} {
				w.take(step{method: method, path: path, who: "all:" + string(language), header: map[string]string{"Hx-Request": "true", "Hx-Target": target}})
			}
			for _, other := range w.others(r.Pattern) {
				w.take(step{method: method, path: other, who: "all:" + string(language)})
			}
			if language != locale.Hungarian || asked[r.Pattern] != "" {
				return
			}
			for _, query := range []string{"?q=%3Cscript%3Ealert(1)%3C/script%3E", "?status=%00&sort=%27&after=zzz&page=-1&view=x&date=9999-99-99&kind=%22&to=%3Cb%3E", "?find=" + strings.Repeat("%C5%91", 3000)} {
				w.take(step{method: method, path: path + query, who: "all:" + string(language)})
			}
		})
	}
}

func TestWalkNamesOnlyWhatIsThere(t *testing.T) {
	w, _ := newLettersWorld(t)
	patterns := map[string]bool{}
	places := map[string]bool{}
	for _, r := range w.screens.routes() {
		patterns[r.Pattern] = true
		_, path, _ := strings.Cut(r.Pattern, " ")
		for _, m := range wildcard.FindAllStringIndex(path, -1) {
			places[path[:m[1]]] = true
		}
	}
	for place := range wildcards {
		if !places[place] {
			t.Errorf("wildcards names %s, which no address has", place)
		}
	}
	for _, p := range everybodys {
		if !patterns[p] {
			t.Errorf("everybodys names %s, which is no address", p)
		}
	}
	for p := range instead {
		if !patterns[p] {
			t.Errorf("instead names %s, which is no address", p)
		}
	}
	for p := range elsewhere {
		if !patterns[p] {
			t.Errorf("elsewhere names %s, which is no address", p)
		}
	}
	for p := range silent {
		if !patterns[p] {
			t.Errorf("silent names %s, which is no address", p)
		}
	}
}

// TestOnlyOurAddressesAreGoneTo is what forms may name as the page to go to afterwards.
func TestOnlyOurAddressesAreGoneTo(t *testing.T) {
	v := &visit{s: &screens{path: "/crm"}}
	for next, ours := range map[string]bool{
		"/crm/leads": true, "/crm/leads?status=new&find=%C5%91": true, "/crm/leads/1#timeline": true,
		"": false, "/": false, "/crm": false, "/crmx/leads": false, "https://evil.example/": false, "//evil.example/crm/": false, "///evil.example/crm/": false,
		`/\evil.example/`: false, `/crm/\evil.example`: false, "/crm/../logout": false, "/crm/..%2flogout": false, "/crm/../..//evil.example/": false, "/crm//evil.example": false,
		"javascript:alert(1)": false, "/crm/\r\nX: y": false, "/crm/\x00": false, "crm/leads": false, "http:/crm/leads": false, "http:crm/leads": false,
	} {
		got := v.ours(next, "/crm/today")
		if (got == next) != ours {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}
