package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

func TestExampleConfigurationLoads(t *testing.T) {
	c, err := load("config.example.yaml", environment(map[string]string{"CRMPLUS_DB": "sqlserver://crm:p%40ss: word@sql?database=erp", "CRMPLUS_SIGN_ON": secret,
		"CRMPLUS_SMTP_PASSWORD": "s3cret", "CRMPLUS_LINK_KEY": secret}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Mail.SMTP.Server != "mail.example.com" || len(c.linkKey()) < 32 || c.linkURL() != "https://crm.example.com/q/" || !slices.Contains(c.secrets(), "s3cret") {
		t.Errorf("mails are read as %+v", c.Mail)
	}
	if c.SignOn.Idle != 30*time.Minute || c.Worker.Poll != 2*time.Second || c.SignOn.Secrets[0] != secret || !c.secure() || c.framed() || !c.API.Enabled {
		t.Errorf("read as %+v", c)
	}
}

// TestDeployedConfigurationLoads: all that the folder lacks is the ERP's own mapping.
func TestDeployedConfigurationLoads(t *testing.T) {
	_, err := load("deploy/crm.yaml", environment(map[string]string{"CRMPLUS_DB": "sqlserver://sa:x@sql?database=erp", "CRMPLUS_SIGN_ON": secret}))
	if faults := fault.Of(err); len(faults) != 1 || faults[0].Path != "host.mapping" || faults[0].Code != "file" {
		t.Errorf("got %v", err)
	}
}

// TestExampleConfigurationShowsEveryKey holds the example against the program.
func TestExampleConfigurationShowsEveryKey(t *testing.T) {
	text, err := os.ReadFile("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var source []byte
	for _, name := range []string{"config.go", "config_public.go", "config_newsletter.go"} {
		one, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, one...)
	}
	for _, part := range strings.Split(string(source), "yaml:\"")[1:] {
		if key, _, _ := strings.Cut(part, `"`); !strings.Contains(string(text), key+":") {
			t.Errorf("config.example.yaml does not show %s", key)
		}
	}
}

func TestEveryFaultOfAConfigurationIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "crm.yaml")
	text := `
listen: 8480
public_url: http://crm.example.com
trusted_proxies: [10.0.0.0/33, proxy]
stop_within: soon
log: {level: loud}
databse: {dsn: x}
database:
  dsn: ${NOT_SET}
  connections: many
host:
  mapping: nothing.yaml
  procedures: nothing.yaml
  companies: []
sign_on:
  secrets: [short]
  idle: 1s
  longest: 1ms
  frame_ancestors: ["https://*.example.com; script-src *"]
  return: javascript:alert(1)
worker: [1]
webhooks: {allow: [x]}
mail:
  folder: mails
  smtp: {server: "a b", port: 99999, tls: perhaps, password: x, dkim: {key_file: none.pem}}
  from: {name: Minta, email: minta}
link_key: short
link_url: http://offers.example.com
forms:
  - {key: "A B", company: XX, language: xx, origins: [x], redirect_url: "javascript:alert(1)", consent: {version: "1"}}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := load(file, environment(nil))
	got := map[string]string{}
	for _, f := range fault.Of(err) {
		got[f.Path] = f.Message
	}
	for _, path := range []string{
		"listen", "public_url", "trusted_proxies[0]", "trusted_proxies[1]", "stop_within", "log.level", "databse", "database.dsn", "database.connections",
		"host", "host.mapping", "host.procedures", "host.companies", "sign_on.secrets[0]", "sign_on.idle", "sign_on.frame_ancestors[0]", "sign_on.return",
		"worker", "webhooks.allow[0]", "mail", "mail.smtp.dkim.key_file", "mail.from.email", "link_key", "link_url", "forms[0].key", "forms[0].company",
		"forms[0].language", "forms[0].origins[0]", "forms[0].redirect_url", "forms[0].consent.text",
	} {
		if _, named := got[path]; !named {
			t.Errorf("%s is not named", path)
		}
	}
	if !errors.Is(err, fault.Invalid) || !strings.Contains(got["databse"], "line 7") || !strings.Contains(got["database.dsn"], "NOT_SET") {
		t.Errorf("got %v", err)
	}
}

func TestFaultsOfTheMailServerAreNamedAsInTheFile(t *testing.T) {
	c := defaults()
	c.Mail.SMTP = smtpConfig{Server: "a b", Port: 99999, TLS: "perhaps", Password: "x"}
	var list fault.List
	c.checkMail(&list)
	got := map[string]bool{}
	for _, f := range list {
		got[f.Path] = true
	}
	for _, path := range []string{"mail.smtp.server", "mail.smtp.port", "mail.smtp.tls", "mail.smtp.username"} {
		if !got[path] {
			t.Errorf("%s is not named: %v", path, list)
		}
	}
}

func TestFilesThatAreNoConfiguration(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "a list": "[1, 2]", "broken": "a: [", "a comment": "# nothing\n", "a key twice": "listen: a\nlisten: b", "an anchor": "a: &x 1\nlog: *x"} {
		file := filepath.Join(t.TempDir(), "crm.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := load(file, environment(nil)); len(fault.Of(err)) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := load(filepath.Join(t.TempDir(), "none.yaml"), environment(nil)); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestVariablesCannotChangeTheMeaningOfTheFile(t *testing.T) {
	c, faults := decode([]byte("database: {dsn: '${DB}'}\nscreens: {name: 'costs $${x}'}"), environment(map[string]string{"DB": "x}\nlisten: evil"}))
	if len(faults) != 0 || c.Database.DSN != "x}\nlisten: evil" || c.Listen != defaults().Listen || c.Screens.Name != "costs ${x}" {
		t.Errorf("%+v, %v", c, faults)
	}
}

func FuzzConfig(f *testing.F) {
	example, err := os.ReadFile("config.example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("log: {level: !!binary x}\n? a\n: b"))
	f.Fuzz(func(t *testing.T, text []byte) { decode(text, environment(nil)) })
}

func TestSessions(t *testing.T) {
	now := time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC)
	c := defaults()
	c.SignOn.Secrets, c.PublicURL, c.SignOn.FrameAncestors = []string{secret}, "https://crm.example.com", []string{"https://erp.example.com"}
	s, err := newSessions(c, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	who := actor.User{Company: "HU01", ID: "kovacs", Name: "Kovács Anna", Rights: actor.Seller, See: actor.Team, Teams: []string{"észak"}}.Actor()
	out := httptest.NewRecorder()
	if err := s.begin(out, who, locale.Hungarian); err != nil {
		t.Fatal(err)
	}
	cookie := out.Result().Cookies()[0]
	if !cookie.Secure || !cookie.HttpOnly || !cookie.Partitioned || cookie.SameSite != http.SameSiteNoneMode || cookie.Name != "__Host-crmplus" || cookie.Path != "/" {
		t.Errorf("the cookie is %+v", cookie)
	}
	read := func(value string) error {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: value})
		one, err := s.read(r)
		if err == nil && (one.actor().UserID != "kovacs" || one.actor().Team() != "észak" || !one.actor().May(actor.QuoteIssue) || one.Language != locale.Hungarian) {
			t.Errorf("read as %+v", one)
		}
		return err
	}
	if err := read(cookie.Value); err != nil {
		t.Error(err)
	}
	for name, value := range map[string]string{
		"changed": "A" + cookie.Value[1:], "cut": cookie.Value[:len(cookie.Value)-2], "no signature": strings.Split(cookie.Value, ".")[0], "nothing": "", "huge": strings.Repeat("a", 5000),
	} {
		if read(value) == nil {
			t.Errorf("%s: it was believed", name)
		}
	}
	begun := now
	now = begun.Add(30*time.Minute + time.Second)
	if read(cookie.Value) == nil {
		t.Error("an idle session goes on")
	}
	// who clicks goes on, until the longest time is over
	value := cookie.Value
	for now = begun; now.Before(begun.Add(13 * time.Hour)); now = now.Add(20 * time.Minute) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: value})
		s.keep(http.NotFoundHandler()).ServeHTTP(w, r)
		if set := w.Result().Cookies(); len(set) > 0 {
			value = set[0].Value
		}
		if over := now.Sub(begun) > 12*time.Hour; over != (read(value) != nil) {
			t.Errorf("after %s: over %v", now.Sub(begun), read(value) != nil)
		}
	}
	who.Teams = []string{strings.Repeat("x", 4000)}
	if err := s.begin(httptest.NewRecorder(), who, ""); !errors.Is(err, fault.Invalid) {
		t.Errorf("a session that no cookie holds: %v", err)
	}
}

func TestClientAddressBehindProxies(t *testing.T) {
	s := &service{}
	s.trusted, _ = prefixes("", []string{"10.0.0.0/8", "127.0.0.1"})
	for _, row := range []struct{ name, remote, forwarded, id, want string }{
		{"direct", "203.0.113.9:5", "198.51.100.1", "abcdefgh", "203.0.113.9:5"},
		{"one proxy", "10.0.0.1:5", "198.51.100.1", "abcdefgh", "198.51.100.1:0"},
		{"two proxies", "10.0.0.1:5", "198.51.100.1, 10.0.0.2", "abcdefgh", "198.51.100.1:0"},
		{"an invention before it", "10.0.0.1:5", "1.2.3.4, 198.51.100.1", "abcdefgh", "198.51.100.1:0"},
		{"nonsense", "10.0.0.1:5", "unknown", "abcdefgh", "10.0.0.1:5"},
		{"IPv6", "127.0.0.1:5", "2001:db8::7", "abcdefgh", "[2001:db8::7]:0"},
		{"with a port", "127.0.0.1:5", "198.51.100.1:4711", "abcdefgh", "198.51.100.1:0"},
	} {
		var address string
		h := s.identify(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { address = r.RemoteAddr }))
		r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		r.RemoteAddr = row.remote
		r.Header.Set("X-Forwarded-For", row.forwarded)
		r.Header.Set("X-Request-ID", row.id)
		h.ServeHTTP(w, r)
		if trusted := row.name != "direct"; address != row.want || (w.Header().Get("X-Request-ID") == row.id) != trusted {
			t.Errorf("%s: %s with id %s", row.name, address, w.Header().Get("X-Request-ID"))
		}
	}
}

func TestLogHoldsNoSecret(t *testing.T) {
	c := defaults()
	c.SignOn.Secrets, c.Database.DSN = []string{secret}, "sqlserver://crm:p%40ss@sql?database=erp"
	var out bytes.Buffer
	log := logger(c, &out)
	var faults fault.List
	faults.Add("email", "email.form", "%q is no address", "agnes@example.hu")
	log.Error("broken", "error", errors.New("login failed for "+secret), "dsn", c.Database.DSN, "other", slog.StringValue("p@ss"))
	log.Warn("refused", "error", faults.Err("the lead cannot be saved"))
	for _, never := range []string{secret, "p@ss", "p%40ss", "agnes"} {
		if strings.Contains(out.String(), never) {
			t.Errorf("the log holds %q: %s", never, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
}

func TestPanicsBecomeAnswers(t *testing.T) {
	var out bytes.Buffer
	s := &service{log: slog.New(slog.NewJSONHandler(&out, nil))}
	w := httptest.NewRecorder()
	s.recover(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") })).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "broken") || !strings.Contains(out.String(), "broken") {
		t.Errorf("%d %s; %s", w.Code, w.Body, out.String())
	}
}

func TestTextsAreComplete(t *testing.T) {
	if missing := texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
}
