package main

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSignOnFromTheHost(t *testing.T) {
	w := newWorld(t)
	door := w.tokens(t)
	r := w.run(t)
	make := func(id string) string {
		token, err := door.Make(claims(id))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}

	b := browser(t)
	if a := get(t, b, r.public+"/crm/today"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/login?next=") {
		t.Errorf("a stranger gets %d to %s", a.status, a.header.Get("Location"))
	}
	if a := get(t, b, r.public+"/login?next=/crm/leads"); a.header.Get("Location") != "https://erp.example.com/open?next=%2Fcrm%2Fleads" {
		t.Errorf("a stranger is sent to %s", a.header.Get("Location"))
	}
	token := make("first")
	a := get(t, b, r.public+"/login?token="+token+"&next=/crm/leads")
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/crm/leads" {
		t.Fatalf("signing on gives %d to %s: %s", a.status, a.header.Get("Location"), a.body)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"crmplus=", "Path=/", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie lacks %s: %s", want, cookie)
		}
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the token may leak: %v", a.header)
	}
	follow := &http.Client{Jar: b.Jar}
	if a := get(t, follow, r.public+"/"); a.status != http.StatusOK || !strings.Contains(a.body, `<html lang="hu"`) {
		t.Errorf("signed in, the first page gives %d: %.300s", a.status, a.body)
	}
	if a := get(t, browser(t), r.public+"/login?token="+token); a.status != http.StatusForbidden || a.header.Get("Set-Cookie") != "" {
		t.Errorf("a token that was used gives %d", a.status)
	}

	old := claims("old")
	old.IssuedAt, old.Expires = old.IssuedAt-300, old.IssuedAt-200
	expired, err := door.Make(old)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(make("forged"), ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for name, bad := range map[string]string{
		"expired": expired, "forged": parts[0] + "." + parts[1] + "." + strings.Repeat("A", 43), "alg none": none + "." + parts[1] + ".",
		"no signature": parts[0] + "." + parts[1] + ".", "nonsense": "x",
	} {
		if a := get(t, browser(t), r.public+"/login?token="+url.QueryEscape(bad)); a.status != http.StatusForbidden || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d with %s", name, a.status, a.header.Get("Set-Cookie"))
		}
	}
	for i, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/%09/evil.example", "/login?token=x", "", "///evil.example", "/..//evil.example"} {
		a := get(t, browser(t), r.public+"/login?token="+make("next"+strconv.Itoa(i))+"&next="+url.QueryEscape(next))
		to, err := url.Parse(a.header.Get("Location"))
		if a.status != http.StatusSeeOther || err != nil || to.Host != "" || !strings.HasPrefix(to.Path, "/") || strings.HasPrefix(a.header.Get("Location"), "//") || to.Path == "/login" {
			t.Errorf("next=%s leads to %q (%d)", next, a.header.Get("Location"), a.status)
		}
	}

	copied := browser(t)
	at, _ := url.Parse(r.public)
	copied.Jar.SetCookies(at, b.Jar.Cookies(at))
	foreign, _ := http.NewRequest(http.MethodPost, r.public+"/logout", nil)
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if out, err := b.Do(foreign); err != nil || out.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign page signs out: %v, %v", out.StatusCode, err)
	}
	if out, err := b.Post(r.public+"/logout", "", nil); err != nil || out.StatusCode != http.StatusOK {
		t.Errorf("signing out: %v, %v", out, err)
	}
	for name, who := range map[string]*http.Client{"who signed out": b, "who copied the cookie": copied} {
		if a := get(t, who, r.public+"/crm/today"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/login?next=") {
			t.Errorf("%s gets %d to %s", name, a.status, a.header.Get("Location"))
		}
	}

	if code := r.stop(t); code != well {
		t.Errorf("ended with %d", code)
	}
	log := r.log()
	for _, never := range []string{token, expired, "Kovács", "kovacs", secret} {
		if strings.Contains(log, never) {
			t.Errorf("the log holds %q", never)
		}
	}
	for _, line := range r.lines {
		if line == nil || line["msg"] == "request" && (line["request"] == "" || line["route"] == nil) {
			t.Errorf("a line of the log is %v", line)
		}
	}
}

func TestTokenCommandLetsIn(t *testing.T) {
	w := newWorld(t)
	r := w.run(t)
	out, code := w.sidecar(t, "token", "-user", "papp", "-role", "manager", "-next", "/crm/")
	if code != well || !strings.HasPrefix(out, "http://localhost:8480/login?") {
		t.Fatalf("%d: %s", code, out)
	}
	_, query, _ := strings.Cut(strings.TrimSpace(out), "?")
	response, err := browser(t).Post(r.public+"/login", "application/x-www-form-urlencoded", strings.NewReader(query))
	if err != nil || response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/crm/" {
		t.Errorf("%+v, %v", response, err)
	}
	if out, code := w.sidecar(t, "token", "-user", "", "-role", "boss"); code != problems || !strings.Contains(out, "sub: is missing") || !strings.Contains(out, "role: ") {
		t.Errorf("%d: %s", code, out)
	}
}

// TestPagesForThePublic: what is configured can be reached without a sign-on, and nothing else.
func TestPagesForThePublic(t *testing.T) {
	w := newWorld(t, "worker: {poll: 100ms}", "worker: {poll: 100ms}\nmail: {folder: mails}\nlink_key: "+secret+"\nforms: [{key: contact, company: HU01, language: hu}]")
	r := w.run(t)
	for path, want := range map[string]int{"/f/contact": http.StatusOK, "/f/other": http.StatusNotFound, "/q/none": http.StatusNotFound} {
		a := get(t, browser(t), r.public+path)
		if a.status != want || !strings.Contains(a.header.Get("Content-Type"), "text/") {
			t.Errorf("%s gives %d as %s", path, a.status, a.header.Get("Content-Type"))
		}
	}
	if a := get(t, browser(t), r.public+"/q/none"); !strings.Contains(a.body, "<html") {
		t.Errorf("the page of a quote is %s", a.body)
	}
}

func TestReadyUntilTheDatabaseGoes(t *testing.T) {
	w := newWorld(t)
	r := w.run(t)
	client := &http.Client{}
	wait := func(status int) got {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; {
			a := get(t, client, r.public+"/readyz")
			if a.status == status || time.Now().After(deadline) {
				return a
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	if a := wait(http.StatusOK); !strings.Contains(a.body, `"ready":true`) || !strings.Contains(a.body, `"worker":"ok"`) {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	if err := os.Rename(w.db, w.db+".away"); err != nil {
		t.Fatal(err)
	}
	a := wait(http.StatusServiceUnavailable)
	var said struct {
		Ready  bool
		Checks map[string]string
	}
	if err := json.Unmarshal([]byte(a.body), &said); err != nil || said.Ready || said.Checks["database"] != "failed" {
		t.Errorf("%d: %s", a.status, a.body)
	}
	if full := get(t, client, r.admin+"/readyz"); full.status != http.StatusServiceUnavailable || !strings.Contains(full.body, "moved or replaced") {
		t.Errorf("those who watch are told %s", full.body)
	}
	if a := get(t, client, r.public+"/healthz"); a.status != http.StatusOK {
		t.Errorf("the process is not healthy: %d", a.status)
	}
	if err := os.Rename(w.db+".away", w.db); err != nil {
		t.Fatal(err)
	}
	if a := wait(http.StatusOK); a.status != http.StatusOK {
		t.Errorf("it does not recover: %s", a.body)
	}
}

func TestRequestUnderWayIsFinishedWhenTheServiceStops(t *testing.T) {
	w := newWorld(t)
	door := w.tokens(t)
	r := w.run(t)
	token, err := door.Make(claims("slow"))
	if err != nil {
		t.Fatal(err)
	}
	body := "token=" + token + "&next=/crm/leads"
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.public, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:20])
	for deadline := time.Now().Add(time.Minute); !strings.Contains(get(t, http.DefaultClient, r.admin+"/metrics").body, "crmplus_http_requests_running 1"); {
		if time.Now().After(deadline) {
			t.Fatal("the request is not under way")
		}
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(r.log(), `"msg":"stopping"`); {
		if time.Now().After(deadline) {
			t.Fatal("the program does not stop")
		}
	}
	for refused := false; !refused; { // nobody new is let in
		c, err := net.Dial("tcp", strings.TrimPrefix(r.public, "http://"))
		if refused = errors.Is(err, syscall.ECONNREFUSED); err == nil {
			c.Close()
		}
	}
	if _, err := conn.Write([]byte(body[20:])); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 303") {
		t.Errorf("the request under way got %q, %v", answer[:n], err)
	}
	if code := r.wait(t); code != well {
		t.Errorf("ended with %d: %s", code, r.log())
	}
}

func TestMetricsCanBeRead(t *testing.T) {
	w := newWorld(t)
	r := w.run(t)
	get(t, browser(t), r.public+"/login?token=x")
	get(t, browser(t), r.public+"/no/such/page")
	text := get(t, http.DefaultClient, r.admin+"/metrics").body
	sample := regexp.MustCompile(`^[a-z_:][a-z0-9_:]*(\{[a-z0-9_]+="[^"]*"(,[a-z0-9_]+="[^"]*")*\})? ([0-9.e+-]+|\+Inf|NaN)$`)
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "#") && !sample.MatchString(line) {
			t.Errorf("no sample: %s", line)
		}
	}
	wanted := []string{
		`crmplus_http_requests_total{code="403",method="GET",route="/login"} 1`, `crmplus_http_request_duration_seconds_count{method="GET",route="none"} 1`,
		`crmplus_queue_waiting{queue="events"} 0`, `crmplus_queue_waiting{queue="webhooks"} 0`, `crmplus_queue_failed{queue="host_calls"} 0`,
		`crmplus_queue_waiting{queue="mails"} 0`, `crmplus_worker_alive{work="own"} 1`, `crmplus_worker_failures_total{work="webhooks"} 0`,
		`crmplus_queue_readable 1`, `go_sql_open_connections{db_name="crmplus"}`, `process_open_fds`,
	}
	lacks := func(want string) bool { return !strings.Contains(text, want) }
	for end := time.Now().Add(10 * time.Second); slices.ContainsFunc(wanted, lacks) && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		text = get(t, http.DefaultClient, r.admin+"/metrics").body // each piece of background work is there when it has begun
	}
	if missing := slices.DeleteFunc(wanted, func(want string) bool { return !lacks(want) }); len(missing) > 0 {
		t.Errorf("the metrics lack %s in\n%s\nafter\n%s", missing, text, r.log())
	}
	if a := get(t, http.DefaultClient, r.public+"/metrics"); a.status != http.StatusNotFound {
		t.Errorf("the metrics are public: %d", a.status)
	}
}

func TestRequestsOfTheERPAreAnswered(t *testing.T) {
	w := newWorld(t)
	w.run(t)
	w.query(t, func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, `INSERT INTO crm_request (request_key, company, kind, payload, requested_by)
			VALUES ('erp-1', 'HU01', 'lead.convert', '{"lead":"0190a3c28f4e7cc398c4dc0c0c07398f"}', 'kovacs')`)
		return err
	})
	w.query(t, func(ctx context.Context, db *sql.DB) error {
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			var state, failure string
			err := db.QueryRowContext(ctx, "SELECT state, failure FROM crm_result WHERE request_key = 'erp-1'").Scan(&state, &failure)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil || state != "failed" || !strings.Contains(failure, "not_found") {
				return fmt.Errorf("answered %s: %s, %w", state, failure, err)
			}
			return nil
		}
		return errors.New("no answer")
	})
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	if out, code := w.sidecar(t, "check"); code != well || !strings.Contains(out, "fit together") {
		t.Errorf("%d: %s", code, out)
	}
	w.query(t, func(ctx context.Context, db *sql.DB) error {
		if _, err := db.ExecContext(ctx, "ALTER TABLE erp_customer RENAME COLUMN city TO town"); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, "DELETE FROM crm_migration WHERE number > 3")
		return err
	})
	out, code := w.sidecar(t, "check")
	if code != problems || !strings.Contains(out, "city") || !strings.Contains(out, "sidecar migrate") {
		t.Errorf("%d: %s", code, out)
	}
	if out, code := w.sidecar(t, "run"); code != problems {
		t.Errorf("it runs on tables of another version: %d: %s", code, out)
	}
	if out, code := w.sidecar(t, "dance"); code != misused || !strings.Contains(out, "check, migrate, run") {
		t.Errorf("%d: %s", code, out)
	}
}
