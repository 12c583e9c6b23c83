package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/signon"
	"github.com/crmplus/crmplus/testutil/erp"
)

// childArgs makes the test binary the program itself, with these arguments.
const childArgs = "CRMPLUS_SIDECAR_ARGS"

func TestMain(m *testing.M) {
	if args := os.Getenv(childArgs); args != "" {
		os.Args = append(os.Args[:1], strings.Split(args, "\x1f")...)
		main()
	}
	os.Exit(m.Run())
}

const mapping = "../../erpbridge/tablehost/mappings/example.yaml"

var secret = base64.StdEncoding.EncodeToString([]byte("a secret of thirty-two bytes, or more"))

// world is the example ERP on SQLite with a configuration of the sidecar.
type world struct {
	dir, db, config string
}

func newWorld(t *testing.T, changes ...string) world {
	t.Helper()
	w := world{dir: t.TempDir()}
	w.db, w.config = filepath.Join(w.dir, "erp.db"), filepath.Join(w.dir, "crm.yaml")
	db, err := sqlite.Open(w.db)
	if err != nil {
		t.Fatal(err)
	}
	books := erp.New(db.SQL(), "sqlite")
	if err := books.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := books.Seed(t.Context(), erp.Sample{SkipHistory: true}); err != nil {
		t.Fatal(err)
	}
	if err := db.SQL().Close(); err != nil {
		t.Fatal(err)
	}
	at, err := filepath.Abs(mapping)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`
listen: 127.0.0.1:0
admin: 127.0.0.1:0
public_url: http://localhost:8480
database: {dsn: "sqlite:%s"}
host:
  mapping: %s
  companies: [HU01, IL01]
sign_on:
  secrets: ["${SIGN_ON}"]
  return: https://erp.example.com/open
worker: {poll: 100ms}
`, w.db, at)
	text = strings.NewReplacer(changes...).Replace(text)
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := w.sidecar(t, "migrate"); code != well {
		t.Fatal(out)
	}
	return w
}

func (w world) command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	all := append([]string{name, "-config", w.config}, args...)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childArgs+"="+strings.Join(all, "\x1f"), "SIGN_ON="+secret)
	return cmd
}

// sidecar runs a command to its end.
func (w world) sidecar(t *testing.T, name string, args ...string) (string, int) {
	t.Helper()
	cmd := w.command(t, name, args...)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// running is the program at work.
type running struct {
	cmd           *exec.Cmd
	public, admin string

	mu    sync.Mutex
	lines []map[string]any
	raw   strings.Builder
	ended chan struct{}
}

func (w world) run(t *testing.T) *running {
	t.Helper()
	r := &running{cmd: w.command(t, "run"), ended: make(chan struct{})}
	pipe, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	serving := make(chan struct{})
	go func() {
		defer close(r.ended)
		for scanner := bufio.NewScanner(pipe); scanner.Scan(); {
			var line map[string]any
			err := json.Unmarshal(scanner.Bytes(), &line)
			r.mu.Lock()
			r.raw.WriteString(scanner.Text() + "\n")
			r.lines = append(r.lines, line)
			if err == nil && line["msg"] == "serving" {
				r.public, r.admin = "http://"+line["listen"].(string), "http://"+line["admin"].(string)
				close(serving)
			}
			r.mu.Unlock()
		}
	}()
	select {
	case <-serving:
	case <-r.ended:
		t.Fatalf("the program ended: %s", r.log())
	case <-time.After(time.Minute):
		t.Fatal("the program does not serve")
	}
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
		_ = r.cmd.Wait()
	})
	return r
}

func (r *running) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.raw.String()
}

// stop sends SIGTERM and gives the exit code.
func (r *running) stop(t *testing.T) int {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return r.wait(t)
}

func (r *running) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(time.Minute):
		t.Fatal("the program does not end")
	}
	_ = r.cmd.Wait()
	return r.cmd.ProcessState.ExitCode()
}

// browser keeps cookies and follows no redirect.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// got is an answer.
type got struct {
	status int
	body   string
	header http.Header
}

func get(t *testing.T, c *http.Client, address string) got {
	t.Helper()
	r, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got{r.StatusCode, string(body), r.Header}
}

// tokens make sign-on tokens as the ERP does.
func (w world) tokens(t *testing.T) *signon.Tokens {
	t.Helper()
	db, err := sqlite.Open(w.db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.SQL().Close() })
	door, err := signon.New(db, signon.Config{Secrets: []string{secret}, Issuer: "erp", Audience: "crmplus"})
	if err != nil {
		t.Fatal(err)
	}
	return door
}

func claims(id string) signon.Claims {
	now := time.Now().Unix()
	return signon.Claims{User: "kovacs", Company: "HU01", Name: "Kovács Anna", Role: "seller", See: "team", Language: "hu", IssuedAt: now, Expires: now + 60, ID: "0123456789abcdef" + id}
}

func (w world) query(t *testing.T, do func(ctx context.Context, db *sql.DB) error) {
	t.Helper()
	db, err := sqlite.Open(w.db)
	if err != nil {
		t.Fatal(err)
	}
	defer db.SQL().Close()
	if err := do(t.Context(), db.SQL()); err != nil {
		t.Fatal(err)
	}
}
